"""Least squares: the normal equations, Newton's method in one step, and the hat matrix."""

from symderiv import Delta, Derivation, Sum, inverse, trace

derivation = d = Derivation(
    "Least squares", source="Hastie, Tibshirani and Friedman 2009, section 3.2; Boyd and Vandenberghe 2004, section 9.5"
)

m, n = d.sizes("m n")
i = d.index("i", m)
j, k = d.indices("j k", n)
X, y, w = d.input("X", i, j), d.input("y", i), d.input("w", j)

r = d.let("r", X @ w - y)
J = d.objective("J", Sum(r[i] ** 2, i) / 2)
A = d.let("A", X.T @ X)
solution = d.let("b", inverse(A) @ (X.T @ y))
H = d.let("H", X @ inverse(A) @ X.T)

d.claim("residual", J.wrt(r), r)
d.claim("gradient", J.wrt(w), X.T @ J.wrt(r), X.T @ r)
d.claim("written out", J.wrt(w), X.T @ (X @ w - y), A @ w - X.T @ y)
d.claim("Hessian", d.total(J.wrt(w[j]), w[k]), Sum(X[i, j] * X[i, k], i), A[j, k])
d.claim("normal equations", A @ solution, X.T @ y)
d.claim("the gradient there", X.T @ (X @ solution - y), 0 * w)
d.claim("Newton's step from anywhere", w - inverse(A) @ J.wrt(w), w - inverse(A) @ (A @ w - X.T @ y), solution)
d.claim(
    "nothing is lower",
    Sum(r[i] ** 2, i) / 2,
    Sum((X @ solution - y)[i] ** 2, i) / 2 + Sum((X @ (w - solution))[i] ** 2, i) / 2,
)
d.claim("fitted values", X @ solution, H @ y)
d.claim("a projection", H @ H, H)
d.claim("symmetric", H, H.T)
d.claim("onto the columns", H @ X, X)
d.claim("degrees of freedom", trace(H), Sum(Delta(j, j), j), n)

d.kernel("gradient")
