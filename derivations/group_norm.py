"""Group normalization: mean and variance over the channels of a group and all positions; the backward pass."""

from sympy import Rational, sqrt

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation("Group normalization", source="Wu and He 2018, section 3.1")

N, G, C, S = d.sizes("N G C S")
n, g = d.index("n", N), d.index("g", G)
c, k = d.indices("c k", C)
s, t = d.indices("s t", S)
x = d.input("x", n, g, c, s)
gamma, beta = d.inputs("gamma beta", g, c)
eps = d.input("varepsilon", positive=True)

m = C * S
mu = d.let(r"\mu", n, g, Sum(x[n, g, c, s], c, s) / m)
var = d.let(r"\sigma^2", n, g, Sum((x[n, g, c, s] - mu[n, g]) ** 2, c, s) / m)
xhat = d.let(r"\hat{x}", n, g, c, s, (x[n, g, c, s] - mu[n, g]) / sqrt(var[n, g] + eps))
y = d.let("y", n, g, c, s, gamma[g, c] * xhat[n, g, c, s] + beta[g, c])
f = d.objective("f", y)

std = sqrt(var[n, g] + eps)
on_y, on_xhat = f.wrt(y[n, g, c, s]), f.wrt(xhat[n, g, c, s])

d.claim("gain", f.wrt(gamma[g, c]), Sum(on_y * d.partial(y[n, g, c, s], gamma[g, c]), n, s), Sum(on_y * xhat[n, g, c, s], n, s))
d.claim("bias", f.wrt(beta[g, c]), Sum(on_y, n, s))
d.claim("normalized", on_xhat, gamma[g, c] * on_y)
d.claim(
    "variance",
    f.wrt(var[n, g]),
    Sum(on_xhat * d.partial(xhat[n, g, c, s], var[n, g]), c, s),
    -Rational(1, 2) * Sum(on_xhat * (x[n, g, c, s] - mu[n, g]), c, s) / std**3,
    -Sum(on_xhat * xhat[n, g, c, s], c, s) / (2 * std**2),
)
d.claim(
    "mean",
    f.wrt(mu[n, g]),
    Sum(on_xhat * d.partial(xhat[n, g, c, s], mu[n, g]), c, s) + f.wrt(var[n, g]) * d.partial(var[n, g], mu[n, g]),
    -Sum(on_xhat, c, s) / std - 2 * f.wrt(var[n, g]) * Sum(x[n, g, c, s] - mu[n, g], c, s) / m,
)
d.claim("the deviations sum to zero", Sum(x[n, g, c, s] - mu[n, g], c, s), Sum(x[n, g, c, s], c, s) - m * mu[n, g], 0)
d.claim("mean, so", f.wrt(mu[n, g]), -Sum(on_xhat, c, s) / std)
d.claim(
    "input",
    f.wrt(x[n, g, c, s]),
    on_xhat / std + f.wrt(mu[n, g]) / m + 2 * f.wrt(var[n, g]) * (x[n, g, c, s] - mu[n, g]) / m,
    (m * on_xhat - Sum(f.wrt(xhat[n, g, k, t]), k, t) - xhat[n, g, c, s] * Sum(f.wrt(xhat[n, g, k, t]) * xhat[n, g, k, t], k, t))
    / (m * std),
)
d.claim(
    "Jacobian",
    d.total(xhat[n, g, c, s], x[n, g, k, t]),
    (Delta(c, k) * Delta(s, t) - 1 / m - xhat[n, g, c, s] * xhat[n, g, k, t] / m) / std,
)

d.kernel("input", "gain", "bias")
