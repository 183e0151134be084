"""Softmax with cross-entropy for class labels, the mean over a batch: p - one-hot; and with label smoothing."""

from sympy import exp, log

from symderiv import Delta, Derivation, Sum

labels = d = Derivation(
    "Cross-entropy of class labels", source="Bishop 2006, section 4.3.4, equation 4.109; Goodfellow et al. 2016, section 6.2.2.3"
)

m, n = d.sizes("m n")
i = d.index("i", m)
j, k = d.indices("j k", n)
z = d.input("z", i, j)
t = d.label("t", i, of=j)

lse = d.let(r"\ell", i, log(Sum(exp(z[i, k]), k)))
p = d.let("p", i, j, exp(z[i, j] - lse[i]))
J = d.objective("J", -Sum(log(p[i, t[i]]), i) / m)

d.claim("loss", -Sum(log(p[i, t[i]]), i) / m, Sum(lse[i] - z[i, t[i]], i) / m)
d.claim("log-sum-exp", d.total(lse[i], z[i, j]), exp(z[i, j]) / Sum(exp(z[i, k]), k), p[i, j])
d.claim("log-softmax", d.total(log(p[i, j]), z[i, k]), Delta(j, k) - p[i, k])
d.claim("logits", J.wrt(z[i, j]), (d.total(lse[i], z[i, j]) - Delta(j, t[i])) / m, (p[i, j] - Delta(j, t[i])) / m)
d.claim("probabilities", Sum(p[i, j], j), 1)

smoothing = d = Derivation(
    "Cross-entropy with label smoothing", source="Szegedy et al. 2016, section 7; Müller, Kornblith and Hinton 2019, section 1.1"
)

m, n = d.sizes("m n")
i = d.index("i", m)
j, k = d.indices("j k", n)
z = d.input("z", i, j)
t = d.label("t", i, of=j)
alpha = d.input("alpha")

lse = d.let(r"\ell", i, log(Sum(exp(z[i, k]), k)))
p = d.let("p", i, j, exp(z[i, j] - lse[i]))
q = d.let("q", i, j, (1 - alpha) * Delta(j, t[i]) + alpha / n)
J = d.objective("J", -Sum(q[i, j] * log(p[i, j]), i, j) / m)

d.claim("target", Sum(q[i, j], j), 1)
d.claim(
    "smoothed loss",
    -Sum(q[i, j] * log(p[i, j]), i, j) / m,
    Sum(-(1 - alpha) * log(p[i, t[i]]) - alpha * Sum(log(p[i, j]), j) / n, i) / m,
    Sum(lse[i] - (1 - alpha) * z[i, t[i]] - alpha * Sum(z[i, j], j) / n, i) / m,
)
d.claim(
    "smoothed logits",
    J.wrt(z[i, j]),
    (p[i, j] * Sum(q[i, k], k) - q[i, j]) / m,
    (p[i, j] - q[i, j]) / m,
    (p[i, j] - (1 - alpha) * Delta(j, t[i]) - alpha / n) / m,
)

d.kernel("smoothed logits")
