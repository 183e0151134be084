"""GELU, in its exact form and in the tanh approximation."""

from sympy import Rational, erf, exp, pi, sqrt, tanh

from symderiv import Derivation

derivation = d = Derivation("GELU", source="Hendrycks and Gimpel 2016, section 2")

n = d.size("n")
i = d.index("i", n)
x = d.input("x", i)

Phi = d.let(r"\Phi", i, (1 + erf(x[i] / sqrt(2))) / 2)
y = d.let("y", i, x[i] * Phi[i])
f = d.objective("f", y)

c = Rational("0.044715")
u = d.let("u", i, sqrt(2 / pi) * (x[i] + c * x[i] ** 3))
h = d.let("h", i, x[i] * (1 + tanh(u[i])) / 2)
g = d.objective("g", h)

d.claim("density", d.partial(Phi[i], x[i]), exp(-(x[i] ** 2) / 2) / sqrt(2 * pi))
d.claim(
    "exact",
    f.wrt(x[i]),
    f.wrt(y[i]) * (Phi[i] + x[i] * d.partial(Phi[i], x[i])),
    f.wrt(y[i]) * (Phi[i] + x[i] * exp(-(x[i] ** 2) / 2) / sqrt(2 * pi)),
)
d.claim("inner", d.partial(u[i], x[i]), sqrt(2 / pi) * (1 + 3 * c * x[i] ** 2))
d.claim(
    "approximate",
    g.wrt(x[i]),
    g.wrt(h[i]) * ((1 + tanh(u[i])) / 2 + x[i] * (1 - tanh(u[i]) ** 2) / 2 * d.partial(u[i], x[i])),
    g.wrt(h[i]) * ((1 + tanh(u[i])) / 2 + x[i] * (1 - tanh(u[i]) ** 2) / 2 * sqrt(2 / pi) * (1 + 3 * c * x[i] ** 2)),
)

d.kernel("exact")
