"""Entropy of a softmax, as a bonus for exploration has it, and its divergence to other probabilities: gradients in the logits."""

from sympy import exp, log

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation("Entropy of a softmax", source="Cover and Thomas 2006, sections 2.1 and 2.3; Mnih et al. 2016, section 4")

B, n = d.sizes("B n")
b = d.index("b", B)
i, j, k = d.indices("i j k", n)
z = d.input("z", b, i)
q = d.input("q", b, i, positive=True)

p = d.let("p", b, i, exp(z[b, i]) / Sum(exp(z[b, k]), k))
H = d.let("H", b, -Sum(p[b, i] * log(p[b, i]), i))
D = d.let("D", b, Sum(p[b, i] * log(p[b, i] / q[b, i]), i))
f = d.objective("f", H, D)

d.claim("softmax", d.total(p[b, i], z[b, j]), p[b, i] * (Delta(i, j) - p[b, j]))
d.claim("entropy", H[b], log(Sum(exp(z[b, k]), k)) - Sum(p[b, i] * z[b, i], i))
d.claim("divergence", D[b], -H[b] - Sum(p[b, i] * log(q[b, i]), i))
d.claim("entropy, probabilities", d.partial(H[b], p[b, i]), -log(p[b, i]) - 1)
d.claim(
    "entropy, logits",
    d.total(H[b], z[b, j]),
    Sum(d.partial(H[b], p[b, i]) * d.total(p[b, i], z[b, j]), i),
    -Sum((log(p[b, i]) + 1) * p[b, i] * (Delta(i, j) - p[b, j]), i),
    -p[b, j] * (log(p[b, j]) - Sum(p[b, i] * log(p[b, i]), i)),
    -p[b, j] * (log(p[b, j]) + H[b]),
)
d.claim("divergence, probabilities", d.partial(D[b], p[b, i]), log(p[b, i] / q[b, i]) + 1)
d.claim(
    "divergence, logits",
    d.total(D[b], z[b, j]),
    Sum(d.partial(D[b], p[b, i]) * d.total(p[b, i], z[b, j]), i),
    p[b, j] * (log(p[b, j] / q[b, j]) - D[b]),
)
d.claim(
    "logits",
    f.wrt(z[b, j]),
    f.wrt(H[b]) * d.total(H[b], z[b, j]) + f.wrt(D[b]) * d.total(D[b], z[b, j]),
    p[b, j] * (f.wrt(D[b]) * (log(p[b, j] / q[b, j]) - D[b]) - f.wrt(H[b]) * (log(p[b, j]) + H[b])),
)

d.kernel("logits")
