"""Proximal policy optimization: the clipped surrogate objective, and where its gradient vanishes."""

from sympy import Max, Min, exp, log

from symderiv import Delta, Derivation, Sum, Where, clamp

derivation = d = Derivation("Clipped surrogate objective of PPO", source="Schulman et al. 2017, section 3, equations 6 and 7")

m, n = d.sizes("m n")
i = d.index("i", m)
a, b = d.indices("a b", n)
z = d.input("z", i, a)
l, A = d.inputs(r"\ell A", i)
epsilon = d.input("epsilon", positive=True)
t = d.label("t", i, of=a)

policy = d.let(r"\pi", i, a, exp(z[i, a]) / Sum(exp(z[i, b]), b))
p = d.let("p", i, log(policy[i, t[i]]))
r = d.let("r", i, exp(p[i] - l[i]))
s = d.let("s", i, Where(A[i] > 0, Min(r[i], 1 + epsilon), Max(r[i], 1 - epsilon)) * A[i])
J = d.objective("J", Sum(s[i], i) / m)

kept = Where(A[i] > 0, Where(r[i] < 1 + epsilon, 1, 0), Where(r[i] > 1 - epsilon, 1, 0))

d.claim("ratio", r[i], policy[i, t[i]] / exp(l[i]))
d.claim("clipped objective", Sum(s[i], i) / m, Sum(Min(r[i] * A[i], clamp(r[i], 1 - epsilon, 1 + epsilon) * A[i]), i) / m)
d.claim("score", d.total(p[i], z[i, a]), Delta(a, t[i]) - policy[i, a])
d.claim("slope of the ratio", d.total(r[i], z[i, a]), r[i] * d.total(p[i], z[i, a]), r[i] * (Delta(a, t[i]) - policy[i, a]))
d.claim("ratios", J.wrt(r[i]), A[i] * kept / m)
d.claim(
    "logits",
    J.wrt(z[i, a]),
    J.wrt(r[i]) * d.total(r[i], z[i, a]),
    J.wrt(r[i]) * r[i] * (Delta(a, t[i]) - policy[i, a]),
    A[i] * kept * r[i] * (Delta(a, t[i]) - policy[i, a]) / m,
)

d.kernel("logits")
