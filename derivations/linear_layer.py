"""A linear layer: its gradients in matrix notation, and entry by entry."""

from symderiv import Array, Delta, Derivation, Sum

derivation = d = Derivation("Linear layer", source="Goodfellow, Bengio and Courville 2016, section 6.5.6")

B, P, Q = d.sizes("B P Q")
i, k = d.indices("i k", B)
p = d.index("p", P)
q, r = d.indices("q r", Q)
X, W, b = d.input("X", B, P), d.input("W", Q, P), d.input("b", Q)

Y = d.let("Y", X @ W.T + b)
f = d.objective("f", Y)

dY = Array((i, q), f.wrt(Y[i, q]), "dY")

d.claim("forward", Y[i, q], Sum(X[i, p] * W[q, p], p) + b[q])
d.claim("shapes", d.shape(dY @ W), d.shape(X))
d.claim("input, Jacobian", d.total(Y[k, q], X[i, p]), Delta(k, i) * W[q, p])
d.claim(
    "input",
    f.wrt(X[i, p]),
    Sum(f.wrt(Y[k, q]) * d.total(Y[k, q], X[i, p]), k, q),
    Sum(f.wrt(Y[k, q]) * Delta(k, i) * W[q, p], k, q),
    Sum(f.wrt(Y[i, q]) * W[q, p], q),
    (dY @ W)[i, p],
)
d.claim("weights, Jacobian", d.total(Y[i, r], W[q, p]), Delta(r, q) * X[i, p])
d.claim(
    "weights",
    f.wrt(W[q, p]),
    Sum(f.wrt(Y[i, r]) * d.total(Y[i, r], W[q, p]), i, r),
    Sum(f.wrt(Y[i, r]) * Delta(r, q) * X[i, p], i, r),
    Sum(f.wrt(Y[i, q]) * X[i, p], i),
    (dY.T @ X)[q, p],
)
d.claim(
    "bias",
    f.wrt(b[q]),
    Sum(f.wrt(Y[i, r]) * d.total(Y[i, r], b[q]), i, r),
    Sum(f.wrt(Y[i, r]) * Delta(r, q), i, r),
    Sum(f.wrt(Y[i, q]), i),
)

d.kernel("input", "weights", "bias")
