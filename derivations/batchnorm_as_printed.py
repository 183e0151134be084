"""Batch normalization, exercise 3 as printed: its slips are declared, and each must be refuted."""

from sympy import Rational, UnevaluatedExpr, sqrt

from symderiv import Derivation, Sum, erratum

derivation = d = Derivation(
    "Batch normalization, backward pass, as printed",
    source="DL basics, exercise 1, question 3, with its slips",
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

# The left side of 3a is printed as ∂f/∂y: γ was read as y.
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
    erratum(f.wrt(y[i]) * y[i], "γ was read as y: the factor is γ"),
)
d.claim(
    "3d",
    f.wrt(var),
    Sum(f.wrt(xhat[i]) * d.partial(xhat[i], var), i),
    -Rational(1, 2) * Sum(f.wrt(xhat[i]) * (x[i] - mu) / (var + eps) ** Rational(3, 2), i),
    erratum(
        -Rational(1, 2) * Sum(f.wrt(y[i]) * y[i] * (x[i] - mu) / (var + eps) ** Rational(3, 2), i),
        "follows from 3c, which is wrong: the factor is γ",
    ),
)
d.claim(
    "3e",
    f.wrt(mu),
    Sum(f.wrt(xhat[i]) * d.partial(xhat[i], mu), i) + f.wrt(var) * d.partial(var, mu),
    erratum(
        -f.wrt(xhat[i]) / std + f.wrt(var) * d.partial(var, mu),
        "the sum over i was lost: i is free on the right side only",
    ),
)
d.claim(
    "3e, the variance",
    d.partial(var, mu),
    erratum(2 / m * Sum(x[i] - mu, i), "the sign is wrong; both sides are 0 on the graph, which hides it", formally=True),
    2 / m * (Sum(x[i], i) - m * mu),
    2 * (UnevaluatedExpr(mu) - mu),
    0,
)
d.claim(
    "3e, boxed",
    f.wrt(mu),
    Sum(f.wrt(xhat[i]) * d.partial(xhat[i], mu), i),
    Sum(f.wrt(xhat[i]) * (-1 / std), i),
)
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
    erratum(
        (m * gamma * f.wrt(y[i]) - Sum(gamma * f.wrt(y[k]), k) - f.wrt(y[i]) * gamma * Sum(gamma * f.wrt(y[n]) * xhat[n], n)) / (m * std),
        "the third term lost its x-hat: its first factor is x-hat of i (γ with an index is read as y)",
    ),
)
