"""Layer normalization over the features of each sample: Jacobian and backward pass."""

from sympy import sqrt

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation("Layer normalization", source="Ba, Kiros and Hinton 2016, section 3")

B, D = d.sizes("B D")
b = d.index("b", B)
i, j, k = d.indices("i j k", D)
x = d.input("x", b, i)
gamma, beta = d.inputs("gamma beta", i)
eps = d.input("varepsilon", positive=True)

mu = d.let(r"\mu", b, Sum(x[b, k], k) / D)
var = d.let(r"\sigma^2", b, Sum((x[b, k] - mu[b]) ** 2, k) / D)
xhat = d.let(r"\hat{x}", b, i, (x[b, i] - mu[b]) / sqrt(var[b] + eps))
y = d.let("y", b, i, gamma[i] * xhat[b, i] + beta[i])
f = d.objective("f", y)

std = sqrt(var[b] + eps)

d.claim("gain", f.wrt(gamma[i]), Sum(f.wrt(y[b, i]) * xhat[b, i], b))
d.claim("bias", f.wrt(beta[i]), Sum(f.wrt(y[b, i]), b))
d.claim("normalized", f.wrt(xhat[b, i]), gamma[i] * f.wrt(y[b, i]))
d.claim("variance", d.total(var[b], x[b, j]), 2 * (x[b, j] - mu[b]) / D)
d.claim("Jacobian", d.total(xhat[b, i], x[b, j]), (Delta(i, j) - 1 / D - xhat[b, i] * xhat[b, j] / D) / std)
d.claim(
    "input",
    f.wrt(x[b, i]),
    (f.wrt(xhat[b, i]) - Sum(f.wrt(xhat[b, j]), j) / D - xhat[b, i] * Sum(f.wrt(xhat[b, j]) * xhat[b, j], j) / D) / std,
    (gamma[i] * f.wrt(y[b, i]) - Sum(gamma[j] * f.wrt(y[b, j]), j) / D - xhat[b, i] * Sum(gamma[j] * f.wrt(y[b, j]) * xhat[b, j], j) / D)
    / std,
)

d.kernel("input", "gain", "bias")
