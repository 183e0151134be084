"""A network with one hidden layer, any smooth activation, and weight decay."""

from symderiv import Derivation, Sum

derivation = d = Derivation(
    "A network with any smooth activation", source="Goodfellow, Bengio and Courville 2016, sections 6.5.4 and 6.5.7, algorithm 6.4"
)

m, n, h, o = d.sizes("m n h o")
i, p, q, r = d.index("i", m), d.index("p", n), d.index("q", h), d.index("r", o)
X, Y = d.input("X", i, p), d.input("Y", i, r)
W, b = d.input("W", p, q), d.input("b", q)
V, c = d.input("V", q, r), d.input("c", r)
lambda_ = d.input("lambda")
phi = d.function("phi")

Z = d.let("Z", X @ W + b)
H = d.let("H", phi(Z))
A = d.let("A", H @ V + c)
data = d.let("E", Sum((A[i, r] - Y[i, r]) ** 2, i, r) / (2 * m))
decay = d.let("R", Sum(W[p, q] ** 2, p, q) + Sum(V[q, r] ** 2, q, r))
J = d.objective("J", data + lambda_ * decay / 2)

residual, on_Z = J.wrt(A[i, r]), J.wrt(Z[i, q])

d.claim("output", residual, (A[i, r] - Y[i, r]) / m)
d.claim("output weights", J.wrt(V[q, r]), Sum(H[i, q] * residual, i) + lambda_ * V[q, r], (H.T @ (A - Y))[q, r] / m + lambda_ * V[q, r])
d.claim("output bias", J.wrt(c[r]), Sum(residual, i), Sum(A[i, r] - Y[i, r], i) / m)
d.claim("hidden units", J.wrt(H[i, q]), Sum(residual * V[q, r], r), ((A - Y) @ V.T)[i, q] / m)
d.claim("hidden", on_Z, J.wrt(H[i, q]) * d.partial(H[i, q], Z[i, q]), J.wrt(H[i, q]) * phi.derivative(Z[i, q]))
d.claim(
    "hidden weights",
    J.wrt(W[p, q]),
    Sum(X[i, p] * on_Z, i) + lambda_ * W[p, q],
    Sum(X[i, p] * phi.derivative(Z[i, q]) * Sum((A[i, r] - Y[i, r]) * V[q, r], r), i) / m + lambda_ * W[p, q],
)
d.claim("hidden bias", J.wrt(b[q]), Sum(on_Z, i))
d.claim("inputs", J.wrt(X[i, p]), Sum(on_Z * W[p, q], q))
