"""Weight normalization: the length and the direction of each weight vector learn apart."""

from sympy import sqrt

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation("Weight normalization", source="Salimans and Kingma 2016, section 2.1")

Q, P = d.sizes("Q P")
q = d.index("q", Q)
p, r, s = d.indices("p r s", P)
v, g = d.input("v", q, p), d.input("g", q)

norm = d.let("n", q, sqrt(Sum(v[q, r] ** 2, r)))
w = d.let("w", q, p, g[q] * v[q, p] / norm[q])
f = d.objective("f", w)

d.claim("its length is g", Sum(w[q, p] ** 2, p), g[q] ** 2)
d.claim("norm", d.total(norm[q], v[q, p]), v[q, p] / norm[q])
d.claim("length", f.wrt(g[q]), Sum(f.wrt(w[q, p]) * d.partial(w[q, p], g[q]), p), Sum(f.wrt(w[q, p]) * v[q, p], p) / norm[q])
d.claim("norm, its adjoint", f.wrt(norm[q]), -g[q] / norm[q] ** 2 * Sum(f.wrt(w[q, p]) * v[q, p], p), -g[q] / norm[q] * f.wrt(g[q]))
d.claim(
    "direction",
    f.wrt(v[q, p]),
    f.wrt(w[q, p]) * g[q] / norm[q] + f.wrt(norm[q]) * d.total(norm[q], v[q, p]),
    g[q] / norm[q] * f.wrt(w[q, p]) - g[q] * f.wrt(g[q]) / norm[q] ** 2 * v[q, p],
)
d.claim(
    "direction, a projection", f.wrt(v[q, p]), g[q] / norm[q] * Sum((Delta(p, r) - v[q, p] * v[q, r] / norm[q] ** 2) * f.wrt(w[q, r]), r)
)
d.claim(
    "direction, with the weights",
    f.wrt(v[q, p]),
    g[q] / norm[q] * Sum((Delta(p, r) - w[q, p] * w[q, r] / Sum(w[q, s] ** 2, s)) * f.wrt(w[q, r]), r),
)
d.claim("it is orthogonal to v", Sum(v[q, p] * f.wrt(v[q, p]), p), 0)

d.kernel("direction", "length")
