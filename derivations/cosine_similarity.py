"""Cosine similarity of every pair of rows: its gradients, which are orthogonal to the rows."""

from sympy import sqrt

from symderiv import Derivation, Sum

derivation = d = Derivation("Cosine similarity", source="Wang et al. 2017, NormFace, section 3")

M, N, D = d.sizes("M N D")
i, j = d.index("i", M), d.index("j", N)
k, p = d.indices("k p", D)
a, b = d.input("a", i, k), d.input("b", j, k)

na = d.let("r", i, sqrt(Sum(a[i, k] ** 2, k)))
nb = d.let("s", j, sqrt(Sum(b[j, k] ** 2, k)))
c = d.let("c", i, j, Sum(a[i, k] * b[j, k], k) / (na[i] * nb[j]))
f = d.objective("f", c)

d.claim("norm", d.total(na[i], a[i, k]), a[i, k] / na[i])
d.claim(
    "derivative",
    d.total(c[i, j], a[i, k]),
    b[j, k] / (na[i] * nb[j]) - Sum(a[i, p] * b[j, p], p) * a[i, k] / (na[i] ** 3 * nb[j]),
    b[j, k] / (na[i] * nb[j]) - c[i, j] * a[i, k] / na[i] ** 2,
    (b[j, k] / nb[j] - c[i, j] * a[i, k] / na[i]) / na[i],
)
d.claim("it is orthogonal to a", Sum(a[i, k] * d.total(c[i, j], a[i, k]), k), 0)
d.claim("norms, adjoint of the first", f.wrt(na[i]), -Sum(f.wrt(c[i, j]) * c[i, j], j) / na[i])
d.claim("norms, adjoint of the second", f.wrt(nb[j]), -Sum(f.wrt(c[i, j]) * c[i, j], i) / nb[j])
d.claim(
    "first",
    f.wrt(a[i, k]),
    Sum(f.wrt(c[i, j]) * b[j, k] / nb[j], j) / na[i] + f.wrt(na[i]) * a[i, k] / na[i],
    Sum(f.wrt(c[i, j]) * (b[j, k] / nb[j] - c[i, j] * a[i, k] / na[i]), j) / na[i],
    (Sum(f.wrt(c[i, j]) * b[j, k] / nb[j], j) - a[i, k] / na[i] * Sum(f.wrt(c[i, j]) * c[i, j], j)) / na[i],
)
d.claim(
    "second",
    f.wrt(b[j, k]),
    Sum(f.wrt(c[i, j]) * a[i, k] / na[i], i) / nb[j] + f.wrt(nb[j]) * b[j, k] / nb[j],
    Sum(f.wrt(c[i, j]) * (a[i, k] / na[i] - c[i, j] * b[j, k] / nb[j]), i) / nb[j],
    (Sum(f.wrt(c[i, j]) * a[i, k] / na[i], i) - b[j, k] / nb[j] * Sum(f.wrt(c[i, j]) * c[i, j], i)) / nb[j],
)
d.claim("length does not count", Sum(a[i, k] * f.wrt(a[i, k]), k), 0)

d.kernel("first", "second")
