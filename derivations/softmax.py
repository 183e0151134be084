"""Softmax: its Jacobian, and the product with an upstream gradient."""

from sympy import exp

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation("Softmax", source="Goodfellow, Bengio and Courville 2016, section 6.2.2.3")

n = d.size("n")
i, j, k = d.indices("i j k", n)
z = d.input("z", i)

Z = d.let("Z", Sum(exp(z[k]), k))
p = d.let("p", i, exp(z[i]) / Z)
f = d.objective("f", p)

d.claim("normalizer", d.total(Z, z[j]), exp(z[j]))
d.claim("it sums to one", Sum(p[i], i), 1)
d.claim(
    "Jacobian",
    d.total(p[i], z[j]),
    exp(z[i]) * Delta(i, j) / Z - exp(z[i]) * exp(z[j]) / Z**2,
    p[i] * (Delta(i, j) - p[j]),
)
d.claim(
    "backward",
    f.wrt(z[i]),
    Sum(f.wrt(p[j]) * d.total(p[j], z[i]), j),
    Sum(f.wrt(p[j]) * p[j] * (Delta(i, j) - p[i]), j),
    p[i] * (f.wrt(p[i]) - Sum(f.wrt(p[j]) * p[j], j)),
)

d.kernel("backward")
