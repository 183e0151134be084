"""Softmax with cross-entropy: the gradient for any target weights, and for weights that sum to one."""

from sympy import exp, log

from symderiv import Derivation, Sum

weights = d = Derivation("Softmax with cross-entropy", source="Bishop 2006, section 4.3.4, equation 4.109")

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

probabilities = d = Derivation(
    "Softmax with cross-entropy, targets that sum to one", source="Bishop 2006, section 4.3.4, equations 4.108 and 4.109"
)

m, n = d.sizes("m n")
i = d.index("i", m)
j, k = d.indices("j k", n)
z, t = d.inputs("z t", i, j)
d.assume(Sum(t[i, k], k), 1)

lse = d.let("L", i, log(Sum(exp(z[i, k]), k)))
p = d.let("p", i, j, exp(z[i, j] - lse[i]))
J = d.objective("J", -Sum(t[i, j] * log(p[i, j]), i, j) / m)

d.claim("mean loss", -Sum(t[i, j] * log(p[i, j]), i, j) / m, Sum(lse[i] - Sum(t[i, j] * z[i, j], j), i) / m)
d.claim("logits", J.wrt(z[i, j]), (d.total(lse[i], z[i, j]) * Sum(t[i, k], k) - t[i, j]) / m, (p[i, j] - t[i, j]) / m)
