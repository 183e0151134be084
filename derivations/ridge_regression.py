"""Ridge regression: gradient and Hessian, in matrix notation and in index notation."""

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation("Ridge regression", source="Hastie, Tibshirani and Friedman 2009, section 3.4.1")

m, n = d.sizes("m n")
i = d.index("i", m)
j, k = d.indices("j k", n)
X, w, y = d.input("X", m, n), d.input("w", n), d.input("y", m)
lam = d.input("lambda")

r = d.let("r", X @ w - y)
J = d.objective("J", Sum(r[i] ** 2, i) + lam * Sum(w[j] ** 2, j))

d.claim("residual", r[i], Sum(X[i, k] * w[k], k) - y[i])
d.claim("its adjoint", J.wrt(r[i]), 2 * r[i])
d.claim("gradient", J.wrt(w[j]), 2 * (X.T @ r)[j] + 2 * lam * w[j], 2 * (X.T @ (X @ w - y))[j] + 2 * lam * w[j])
d.claim("Hessian", d.total(J.wrt(w[j]), w[k]), 2 * (X.T @ X)[j, k] + 2 * lam * Delta(j, k))

d.kernel("gradient")
