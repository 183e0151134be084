"""Root-mean-square normalization: the backward pass."""

from sympy import sqrt

from symderiv import Derivation, Sum

derivation = d = Derivation("RMSNorm", source="Zhang and Sennrich 2019, section 4")

n = d.size("n")
i, j = d.indices("i j", n)
x, w = d.inputs("x w", i)
eps = d.input("varepsilon", positive=True)

r = d.let("r", sqrt(Sum(x[j] ** 2, j) / n + eps))
xhat = d.let(r"\hat{x}", i, x[i] / r)
y = d.let("y", i, w[i] * xhat[i])
f = d.objective("f", y)

d.claim("gain", f.wrt(w[i]), f.wrt(y[i]) * xhat[i])
d.claim("root mean square", d.total(r, x[i]), x[i] / (n * r))
d.claim("its adjoint", f.wrt(r), -Sum(f.wrt(xhat[j]) * x[j], j) / r**2, -Sum(f.wrt(y[j]) * w[j] * x[j], j) / r**2)
d.claim(
    "input",
    f.wrt(x[i]),
    f.wrt(xhat[i]) / r + f.wrt(r) * x[i] / (n * r),
    (w[i] * f.wrt(y[i]) - xhat[i] * Sum(w[j] * f.wrt(y[j]) * xhat[j], j) / n) / r,
)

d.kernel("input", "gain")
