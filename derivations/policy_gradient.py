"""Policy gradient: the score of a softmax policy over linear preferences, a baseline, and REINFORCE on a batch of returns."""

from sympy import exp, log

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation(
    "Policy gradient of a softmax policy", source="Sutton and Barto 2018, sections 13.1 to 13.4, equations 13.2 and 13.3; Williams 1992"
)

m, A, K = d.sizes("m A K")
i = d.index("i", m)
a, b = d.indices("a b", A)
k = d.index("k", K)
x = d.input("x", i, a, k)
theta = d.input("theta", k)
Q, B = d.input("Q", i, a), d.input("B", i)
G = d.input("G", i)
t = d.label("t", i, of=a)

h = d.let("h", i, a, Sum(theta[k] * x[i, a, k], k))
policy = d.let(r"\pi", i, a, exp(h[i, a]) / Sum(exp(h[i, b]), b))
v = d.let("v", i, Sum(policy[i, a] * Q[i, a], a))
J = d.objective("J", Sum(G[i] * log(policy[i, t[i]]), i) / m)

score = x[i, a, k] - Sum(policy[i, b] * x[i, b, k], b)

d.claim("softmax", d.total(policy[i, a], h[i, b]), policy[i, a] * (Delta(a, b) - policy[i, b]))
d.claim("score function", d.total(log(policy[i, a]), theta[k]), d.total(policy[i, a], theta[k]) / policy[i, a], score)
d.claim(
    "expected return",
    d.total(v[i], theta[k]),
    Sum(Q[i, a] * d.total(policy[i, a], theta[k]), a),
    Sum(policy[i, a] * Q[i, a] * score, a),
)
d.claim("baseline", d.total(v[i], theta[k]), Sum(policy[i, a] * (Q[i, a] - B[i]) * score, a))
d.claim(
    "batch",
    J.wrt(theta[k]),
    Sum(G[i] * d.total(log(policy[i, t[i]]), theta[k]), i) / m,
    Sum(G[i] * (x[i, t[i], k] - Sum(policy[i, b] * x[i, b, k], b)), i) / m,
)

d.kernel("batch")
