"""Batch normalization: the backward pass, line by line, as exercise 3 should read."""

from sympy import Rational, UnevaluatedExpr, sqrt

from symderiv import Derivation, Sum

derivation = d = Derivation(
    "Batch normalization, backward pass",
    source="Ioffe and Szegedy 2015, algorithm 1; DL basics, exercise 1, question 3",
)

m = d.size("m")
i, k, n = d.indices("i k n", m)
x = d.input("x", i)
gamma, beta = d.inputs("gamma beta")
eps = d.input("varepsilon", positive=True)

mu = d.let(r"\mu", Sum(x[i], i) / m)
var = d.let(r"\sigma^2", Sum((x[i] - mu) ** 2, i) / m)
xhat = d.let(r"\hat{x}", i, (x[i] - mu) / sqrt(var + eps))
y = d.let("y", i, gamma * xhat[i] + beta)
f = d.objective("f", y)

std = sqrt(var + eps)

d.claim(
    "3a",
    f.wrt(gamma),
    Sum(f.wrt(y[i]) * d.partial(y[i], gamma), i),
    Sum(f.wrt(y[i]) * xhat[i], i),
)
d.claim(
    "3b",
    f.wrt(beta),
    Sum(f.wrt(y[i]) * d.partial(y[i], beta), i),
    Sum(f.wrt(y[i]), i),
)
d.claim(
    "3c",
    f.wrt(xhat[i]),
    f.wrt(y[i]) * d.partial(y[i], xhat[i]),
    f.wrt(y[i]) * gamma,
)
d.claim(
    "3d",
    f.wrt(var),
    Sum(f.wrt(xhat[i]) * d.partial(xhat[i], var), i),
    -Rational(1, 2) * Sum(f.wrt(xhat[i]) * (x[i] - mu) / (var + eps) ** Rational(3, 2), i),
    -Rational(1, 2) * Sum(f.wrt(y[i]) * gamma * (x[i] - mu) / (var + eps) ** Rational(3, 2), i),
)
d.claim(
    "3e",
    f.wrt(mu),
    Sum(f.wrt(xhat[i]) * d.partial(xhat[i], mu), i) + f.wrt(var) * d.partial(var, mu),
    -Sum(f.wrt(xhat[i]) / std, i) + f.wrt(var) * d.partial(var, mu),
)
d.claim(
    "3e, the variance",
    d.partial(var, mu),
    -2 / m * Sum(x[i] - mu, i),
    -2 / m * (Sum(x[i], i) - m * mu),
    -2 * (UnevaluatedExpr(mu) - mu),
    0,
)
d.claim(
    "3e, boxed",
    f.wrt(mu),
    Sum(f.wrt(xhat[i]) * d.partial(xhat[i], mu), i),
    Sum(f.wrt(xhat[i]) * (-1 / std), i),
)
d.claim("3f, parts: the input", d.partial(xhat[i], x[i]), 1 / std)
d.claim("3f, parts: the mean", d.partial(mu, x[i]), 1 / m)
d.claim("3f, parts: the variance", d.partial(var, x[i]), 2 * (x[i] - mu) / m)
d.claim(
    "3f",
    f.wrt(x[i]),
    f.wrt(xhat[i]) * d.partial(xhat[i], x[i]) + f.wrt(mu) * d.partial(mu, x[i]) + f.wrt(var) * d.partial(var, x[i]),
    f.wrt(xhat[i]) / std
    + Sum(f.wrt(xhat[k]) * (-1 / std), k) / m
    - Rational(1, 2) * Sum(f.wrt(xhat[n]) * (x[n] - mu) / (var + eps) ** Rational(3, 2) * (2 * (x[i] - mu) / m), n),
    f.wrt(xhat[i]) / std
    - Sum(f.wrt(xhat[k]), k) / (m * std)
    - (x[i] - mu) / (m * std) * Sum(f.wrt(xhat[n]) * (x[n] - mu) / (var + eps), n),
    (m * f.wrt(xhat[i]) - Sum(f.wrt(xhat[k]), k) - (x[i] - mu) / std * Sum(f.wrt(xhat[n]) * ((x[n] - mu) / std), n)) / (m * std),
    (m * f.wrt(xhat[i]) - Sum(f.wrt(xhat[k]), k) - xhat[i] * Sum(f.wrt(xhat[n]) * xhat[n], n)) / (m * std),
    (m * gamma * f.wrt(y[i]) - Sum(gamma * f.wrt(y[k]), k) - xhat[i] * Sum(gamma * f.wrt(y[n]) * xhat[n], n)) / (m * std),
)
d.claim("3f, underbraces", (x[i] - mu) / std, xhat[i])

d.kernel("3f", "3a", "3b", features=True)
