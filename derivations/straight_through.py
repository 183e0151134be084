"""Straight-through estimators: forward the quantised value, backward as if it were not quantised."""

from sympy import sign

from symderiv import Delta, Derivation, Sum, Where, clamp, stop_gradient

binary = d = Derivation("Binary units, straight through", source="Bengio, Léonard and Courville 2013; Hubara et al. 2016, section 1.3")

B, P, Q = d.sizes("B P Q")
b = d.index("b", B)
p = d.index("p", P)
q = d.index("q", Q)
x, W = d.input("x", b, p), d.input("W", q, p)

V = d.let("V", q, p, clamp(W[q, p], -1, 1) + stop_gradient(sign(W[q, p]) - clamp(W[q, p], -1, 1)))
y = d.let("y", b, q, Sum(V[q, p] * x[b, p], p))
f = d.objective("f", y)

inside = Where(W[q, p] > -1, Where(W[q, p] < 1, 1, 0), 0)

d.claim("binary weights", V[q, p], sign(W[q, p]))
d.claim("layer", y[b, q], Sum(sign(W[q, p]) * x[b, p], p))
d.claim("slope", d.partial(V[q, p], W[q, p]), inside)
d.claim("binary", f.wrt(V[q, p]), Sum(f.wrt(y[b, q]) * x[b, p], b))
d.claim("weights", f.wrt(W[q, p]), f.wrt(V[q, p]) * d.partial(V[q, p], W[q, p]), f.wrt(V[q, p]) * inside)
d.claim("input", f.wrt(x[b, p]), Sum(f.wrt(y[b, q]) * V[q, p], q))

nearest = d = Derivation(
    "Nearest entry of a codebook, straight through", source="van den Oord, Vinyals and Kavukcuoglu 2017, sections 3.1 and 3.2, equation 3"
)

N, K, D = d.sizes("N K D")
n = d.index("n", N)
k = d.index("k", K)
c = d.index("c", D)
z, e = d.input("z", n, c), d.input("e", k, c)
t = d.label("t", n, of=k)
beta = d.input("beta")

y = d.let("y", n, c, z[n, c] + stop_gradient(e[t[n], c] - z[n, c]))
C = d.let("C", n, Sum((stop_gradient(z[n, c]) - e[t[n], c]) ** 2 + beta * (z[n, c] - stop_gradient(e[t[n], c])) ** 2, c))
f = d.objective("f", y, C)

hit = Delta(k, t[n])

d.claim("code", y[n, c], e[t[n], c])
d.claim("commitment", C[n], (1 + beta) * Sum((z[n, c] - e[t[n], c]) ** 2, c))
d.claim("encoder", f.wrt(z[n, c]), f.wrt(y[n, c]) + 2 * beta * f.wrt(C[n]) * (z[n, c] - y[n, c]))
d.claim(
    "codebook",
    f.wrt(e[k, c]),
    Sum(f.wrt(C[n]) * d.partial(C[n], e[k, c]), n),
    2 * Sum(f.wrt(C[n]) * hit * (e[k, c] - z[n, c]), n),
    2 * (e[k, c] * Sum(f.wrt(C[n]) * hit, n) - Sum(f.wrt(C[n]) * hit * z[n, c], n)),
)

d.kernel("encoder", "codebook")
