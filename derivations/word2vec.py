"""word2vec, skip-gram with negative sampling: gradients of the centre, context and negative vectors."""

from sympy import log

from symderiv import Derivation, Sum, sigmoid

derivation = d = Derivation("Skip-gram with negative sampling", source="Mikolov et al. 2013, equation 4; Rong 2014, section 3.2")

m, K, D = d.sizes("m K D")
i = d.index("i", m)
k = d.index("k", K)
a = d.index("a", D)
v, u = d.inputs("v u", i, a)
w = d.input("w", i, k, a)

s = d.let("s", i, Sum(u[i, a] * v[i, a], a))
r = d.let("r", i, k, Sum(w[i, k, a] * v[i, a], a))
J = d.objective("J", -Sum(log(sigmoid(s[i])), i) - Sum(log(sigmoid(-r[i, k])), i, k))

d.claim("positive score", J.wrt(s[i]), -sigmoid(-s[i]), sigmoid(s[i]) - 1)
d.claim("negative score", J.wrt(r[i, k]), 1 - sigmoid(-r[i, k]), sigmoid(r[i, k]))
d.claim("context", J.wrt(u[i, a]), J.wrt(s[i]) * v[i, a], (sigmoid(s[i]) - 1) * v[i, a])
d.claim("negatives", J.wrt(w[i, k, a]), J.wrt(r[i, k]) * v[i, a], sigmoid(r[i, k]) * v[i, a])
d.claim(
    "centre",
    J.wrt(v[i, a]),
    J.wrt(s[i]) * u[i, a] + Sum(J.wrt(r[i, k]) * w[i, k, a], k),
    (sigmoid(s[i]) - 1) * u[i, a] + Sum(sigmoid(r[i, k]) * w[i, k, a], k),
)

d.kernel("centre", "context", "negatives")
