"""Instance normalization: each channel of each image has its own mean and variance; the backward pass."""

from sympy import Rational, sqrt

from symderiv import Derivation, Sum

derivation = d = Derivation("Instance normalization", source="Ulyanov, Vedaldi and Lempitsky 2016, section 2")

N, C, H, W = d.sizes("N C H W")
n, c = d.index("n", N), d.index("c", C)
i, p = d.indices("i p", H)
j, q = d.indices("j q", W)
x = d.input("x", n, c, i, j)
gamma, beta = d.inputs("gamma beta", c)
eps = d.input("varepsilon", positive=True)

mu = d.let(r"\mu", n, c, Sum(x[n, c, i, j], i, j) / (H * W))
var = d.let(r"\sigma^2", n, c, Sum((x[n, c, i, j] - mu[n, c]) ** 2, i, j) / (H * W))
xhat = d.let(r"\hat{x}", n, c, i, j, (x[n, c, i, j] - mu[n, c]) / sqrt(var[n, c] + eps))
y = d.let("y", n, c, i, j, gamma[c] * xhat[n, c, i, j] + beta[c])
f = d.objective("f", y)

std = sqrt(var[n, c] + eps)
on_y, on_xhat = f.wrt(y[n, c, i, j]), f.wrt(xhat[n, c, i, j])

d.claim("gain", f.wrt(gamma[c]), Sum(on_y * xhat[n, c, i, j], n, i, j))
d.claim("bias", f.wrt(beta[c]), Sum(on_y, n, i, j))
d.claim("normalized", on_xhat, gamma[c] * on_y)
d.claim("they have mean zero", Sum(xhat[n, c, i, j], i, j) / (H * W), 0)
d.claim("and nearly unit variance", Sum(xhat[n, c, i, j] ** 2, i, j) / (H * W), var[n, c] / (var[n, c] + eps), 1 - eps / std**2)
d.claim("variance", f.wrt(var[n, c]), -Rational(1, 2) * Sum(on_xhat * (x[n, c, i, j] - mu[n, c]), i, j) / std**3)
d.claim("mean", f.wrt(mu[n, c]), -Sum(on_xhat, i, j) / std)
d.claim(
    "input",
    f.wrt(x[n, c, i, j]),
    on_xhat / std + f.wrt(mu[n, c]) / (H * W) + 2 * f.wrt(var[n, c]) * (x[n, c, i, j] - mu[n, c]) / (H * W),
    (
        on_xhat
        - Sum(f.wrt(xhat[n, c, p, q]), p, q) / (H * W)
        - xhat[n, c, i, j] * Sum(f.wrt(xhat[n, c, p, q]) * xhat[n, c, p, q], p, q) / (H * W)
    )
    / std,
    gamma[c]
    / std
    * (on_y - Sum(f.wrt(y[n, c, p, q]), p, q) / (H * W) - xhat[n, c, i, j] * Sum(f.wrt(y[n, c, p, q]) * xhat[n, c, p, q], p, q) / (H * W)),
)

d.kernel("input", "gain", "bias")
