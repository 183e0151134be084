"""Softmax with cross-entropy: the gradient for any target weights, and for weights that sum to one."""

from sympy import exp, log

from symderiv import Derivation, Sum

derivation = d = Derivation("Softmax with cross-entropy", source="Bishop 2006, section 4.3.4, equation 4.109")

n = d.size("n")
i, j, k = d.indices("i j k", n)
z, t = d.inputs("z t", i)

lse = d.let("L", log(Sum(exp(z[k]), k)))
p = d.let("p", i, exp(z[i] - lse))
J = d.objective("J", -Sum(t[i] * log(p[i]), i))

d.claim("log-sum-exp", d.total(lse, z[i]), exp(z[i]) / Sum(exp(z[k]), k), p[i])
d.claim("log-softmax", log(p[i]), z[i] - lse)
d.claim("loss", -Sum(t[i] * log(p[i]), i), lse * Sum(t[i], i) - Sum(t[i] * z[i], i))
d.claim(
    "gradient",
    J.wrt(z[i]),
    d.total(lse, z[i]) * Sum(t[j], j) - t[i],
    p[i] * Sum(t[j], j) - t[i],
)

d.kernel("gradient")
