"""The log-likelihood of a Gaussian with a full covariance matrix: its gradients, and where that of the mean is zero."""

from sympy import log, pi

from symderiv import Derivation, Sum, determinant, inverse

derivation = d = Derivation(
    "Multivariate Gaussian likelihood", source="Bishop 2006, section 2.3.4; Petersen and Pedersen 2012, section 8.1"
)

m, n = d.sizes("m n")
s = d.index("s", m)
i, j, k, l = d.indices("i j k l", n)
x = d.input("x", s, i)
mu = d.input(r"\mu", i)
C = d.input(r"\Sigma", i, j)
P = inverse(C)
d.assume(C[i, j], C[j, i])

r = d.let("r", s, i, x[s, i] - mu[i])
q = d.let("q", s, Sum(r[s, i] * P[i, j] * r[s, j], i, j))
L = d.objective("L", -m * n * log(2 * pi) / 2 - m * log(determinant(C)) / 2 - Sum(q[s], s) / 2)

d.claim("residual", L.wrt(r[s, i]), -Sum(P[i, j] * r[s, j], j))
d.claim("mean", L.wrt(mu[i]), -Sum(L.wrt(r[s, i]), s), Sum(P[i, j] * r[s, j], s, j))
d.claim("normal equation", Sum(C[i, j] * L.wrt(mu[j]), j), Sum(r[s, i], s))
d.claim("log-determinant", d.total(log(determinant(C)), C[k, l]), P[k, l])
d.claim("quadratic form", d.total(q[s], C[k, l]), -Sum(P[k, i] * r[s, i], i) * Sum(P[l, j] * r[s, j], j))
d.claim("covariance", L.wrt(C[k, l]), -m * P[k, l] / 2 + Sum(L.wrt(r[s, k]) * L.wrt(r[s, l]), s) / 2)

d.kernel("mean", "covariance")
