"""Batch normalization of images: mean and variance of each channel over the batch and all positions."""

from sympy import Rational, sqrt

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation("Batch normalization over N, H and W", source="Ioffe and Szegedy 2015, section 3.2")

N, C, H, W = d.sizes("N C H W")
c = d.index("c", C)
n, k = d.indices("n k", N)
i, p = d.indices("i p", H)
j, q = d.indices("j q", W)
x = d.input("x", n, c, i, j)
gamma, beta = d.inputs("gamma beta", c)
eps = d.input("varepsilon", positive=True)

m = N * H * W
mu = d.let(r"\mu", c, Sum(x[n, c, i, j], n, i, j) / m)
var = d.let(r"\sigma^2", c, Sum((x[n, c, i, j] - mu[c]) ** 2, n, i, j) / m)
xhat = d.let(r"\hat{x}", n, c, i, j, (x[n, c, i, j] - mu[c]) / sqrt(var[c] + eps))
y = d.let("y", n, c, i, j, gamma[c] * xhat[n, c, i, j] + beta[c])
f = d.objective("f", y)

std = sqrt(var[c] + eps)
on_y, on_xhat = f.wrt(y[n, c, i, j]), f.wrt(xhat[n, c, i, j])

d.claim("gain", f.wrt(gamma[c]), Sum(on_y * d.partial(y[n, c, i, j], gamma[c]), n, i, j), Sum(on_y * xhat[n, c, i, j], n, i, j))
d.claim("bias", f.wrt(beta[c]), Sum(on_y, n, i, j))
d.claim("normalized", on_xhat, gamma[c] * on_y)
d.claim(
    "variance",
    f.wrt(var[c]),
    Sum(on_xhat * d.partial(xhat[n, c, i, j], var[c]), n, i, j),
    -Rational(1, 2) * Sum(on_xhat * (x[n, c, i, j] - mu[c]), n, i, j) / std**3,
)
d.claim(
    "mean",
    f.wrt(mu[c]),
    Sum(on_xhat * d.partial(xhat[n, c, i, j], mu[c]), n, i, j) + f.wrt(var[c]) * d.partial(var[c], mu[c]),
    -Sum(on_xhat, n, i, j) / std - 2 * f.wrt(var[c]) * Sum(x[n, c, i, j] - mu[c], n, i, j) / m,
)
d.claim("the deviations sum to zero", Sum(x[n, c, i, j] - mu[c], n, i, j), Sum(x[n, c, i, j], n, i, j) - m * mu[c], 0)
d.claim("mean, so", f.wrt(mu[c]), -Sum(on_xhat, n, i, j) / std)
d.claim(
    "input",
    f.wrt(x[n, c, i, j]),
    on_xhat / std + f.wrt(mu[c]) / m + 2 * f.wrt(var[c]) * (x[n, c, i, j] - mu[c]) / m,
    (m * on_xhat - Sum(f.wrt(xhat[k, c, p, q]), k, p, q) - xhat[n, c, i, j] * Sum(f.wrt(xhat[k, c, p, q]) * xhat[k, c, p, q], k, p, q))
    / (m * std),
    gamma[c] * (m * on_y - f.wrt(beta[c]) - xhat[n, c, i, j] * f.wrt(gamma[c])) / (m * std),
)
d.claim(
    "Jacobian",
    d.total(xhat[n, c, i, j], x[k, c, p, q]),
    (Delta(n, k) * Delta(i, p) * Delta(j, q) - 1 / m - xhat[n, c, i, j] * xhat[k, c, p, q] / m) / std,
)

d.kernel("input", "gain", "bias")
