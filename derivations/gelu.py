"""GELU, in its exact form and in the tanh approximation."""

from sympy import Rational, erf, exp, pi, sqrt, tanh

from symderiv import Derivation

derivation = d = Derivation("GELU", source="Hendrycks and Gimpel 2016, section 2")

x = d.input("x")
Phi = d.let(r"\Phi", (1 + erf(x / sqrt(2))) / 2)
y = d.let("y", x * Phi)

c = Rational("0.044715")
u = d.let("u", sqrt(2 / pi) * (x + c * x**3))
h = d.let("h", x * (1 + tanh(u)) / 2)

d.claim("density", d.partial(Phi, x), exp(-(x**2) / 2) / sqrt(2 * pi))
d.claim("exact", d.total(y, x), Phi + x * d.partial(Phi, x), Phi + x * exp(-(x**2) / 2) / sqrt(2 * pi))
d.claim("inner", d.partial(u, x), sqrt(2 / pi) * (1 + 3 * c * x**2))
d.claim("approximate", d.total(h, x), (1 + tanh(u)) / 2 + x * (1 - tanh(u) ** 2) / 2 * d.partial(u, x))
