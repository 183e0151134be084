"""Gaussian process regression: the log marginal likelihood of the data, and its gradients in the data and the hyperparameters."""

from sympy import exp, log, pi

from symderiv import Delta, Derivation, Sum, determinant, inverse, trace

derivation = d = Derivation("Gaussian process regression", source="Rasmussen and Williams 2006, sections 2.3 and 5.4.1")

n = d.size("n")
i, j = d.indices("i j", n)
z, y = d.input("z", i), d.input("y", i)
v, ell, s = d.input("v", positive=True), d.input(r"\ell", positive=True), d.input("s", positive=True)

D = d.let("D", i, j, (z[i] - z[j]) ** 2)
E = d.let("E", i, j, exp(-D[i, j] / (2 * ell**2)))
K = d.let("K", i, j, v * E[i, j] + s * Delta(i, j))
P = inverse(K)
alpha = d.let("alpha", i, Sum(P[i, j] * y[j], j))
L = d.objective("L", -Sum(y[i] * alpha[i], i) / 2 - log(determinant(K)) / 2 - n * log(2 * pi) / 2)

weight = alpha[i] * alpha[j] - P[i, j]

d.claim("it solves a system", Sum(K[i, j] * alpha[j], j), y[i])
d.claim("log-determinant", d.total(log(determinant(K)), K[i, j]), P[j, i], P[i, j])
d.claim("covariance", L.wrt(K[i, j]), weight / 2)
d.claim("data", L.wrt(y[i]), -alpha[i])
d.claim("noise, slope of the covariance", d.total(K[i, j], s), Delta(i, j))
d.claim("noise", L.wrt(s), Sum(L.wrt(K[i, j]) * d.total(K[i, j], s), i, j), (Sum(alpha[i] ** 2, i) - trace(P)) / 2)
d.claim("variance", L.wrt(v), Sum(L.wrt(K[i, j]) * d.total(K[i, j], v), i, j), Sum(weight * E[i, j], i, j) / 2)
d.claim("length, slope of the covariance", d.total(K[i, j], ell), v * E[i, j] * D[i, j] / ell**3)
d.claim(
    "length",
    L.wrt(ell),
    Sum(L.wrt(K[i, j]) * d.total(K[i, j], ell), i, j),
    Sum(weight * d.total(K[j, i], ell), i, j) / 2,
    v * Sum(weight * E[i, j] * D[i, j], i, j) / (2 * ell**3),
)
d.claim("distances", L.wrt(D[i, j]), -L.wrt(K[i, j]) * v * E[i, j] / (2 * ell**2))
d.claim(
    "places",
    L.wrt(z[i]),
    2 * Sum((L.wrt(D[i, j]) + L.wrt(D[j, i])) * (z[i] - z[j]), j),
    4 * Sum(L.wrt(D[i, j]) * (z[i] - z[j]), j),
    -v * Sum(weight * E[i, j] * (z[i] - z[j]), j) / ell**2,
)

d.kernel("data", "noise", "variance", "length", "places")
