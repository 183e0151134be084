"""Rotary position embedding: pairs turned by an angle that grows with the position, so that scores see only the distance."""

from sympy import cos, sin

from symderiv import Derivation, Sum

derivation = d = Derivation("Rotary position embedding", source="Su et al. 2021, RoFormer, sections 3.2 and 3.4")

T, D = d.sizes("T D")
t, s = d.indices("t s", T)
a = d.index("a", D)
x, y, u, v = d.input("x", t, a), d.input("y", t, a), d.input("u", t, a), d.input("v", t, a)
theta = d.input("theta", a)

c, e = d.let("c", t, a, cos(t * theta[a])), d.let("e", t, a, sin(t * theta[a]))
q1 = d.let("q", t, a, x[t, a] * c[t, a] - y[t, a] * e[t, a])
q2 = d.let(r"q'", t, a, x[t, a] * e[t, a] + y[t, a] * c[t, a])
k1 = d.let("k", t, a, u[t, a] * c[t, a] - v[t, a] * e[t, a])
k2 = d.let(r"k'", t, a, u[t, a] * e[t, a] + v[t, a] * c[t, a])
S = d.let("S", t, s, Sum(q1[t, a] * k1[s, a], a) + Sum(q2[t, a] * k2[s, a], a))
f = d.objective("f", S)

dq1, dq2, dk1, dk2 = f.wrt(q1[t, a]), f.wrt(q2[t, a]), f.wrt(k1[t, a]), f.wrt(k2[t, a])
along = x[t, a] * u[s, a] + y[t, a] * v[s, a]
across = x[t, a] * v[s, a] - y[t, a] * u[s, a]

d.claim("lengths stay", q1[t, a] ** 2 + q2[t, a] ** 2, x[t, a] ** 2 + y[t, a] ** 2)
d.claim("cosine of a difference", c[t, a] * c[s, a] + e[t, a] * e[s, a], cos((t - s) * theta[a]))
d.claim("sine of a difference", e[t, a] * c[s, a] - c[t, a] * e[s, a], sin((t - s) * theta[a]))
d.claim(
    "a score depends on the distance",
    S[t, s],
    Sum((c[t, a] * c[s, a] + e[t, a] * e[s, a]) * along + (e[t, a] * c[s, a] - c[t, a] * e[s, a]) * across, a),
    Sum(cos((t - s) * theta[a]) * along + sin((t - s) * theta[a]) * across, a),
)
d.claim("turned query", dq1, Sum(f.wrt(S[t, s]) * k1[s, a], s))
d.claim("turned query, second", dq2, Sum(f.wrt(S[t, s]) * k2[s, a], s))
d.claim("turned key", dk1, Sum(f.wrt(S[s, t]) * q1[s, a], s))
d.claim("turned key, second", dk2, Sum(f.wrt(S[s, t]) * q2[s, a], s))
d.claim("query", f.wrt(x[t, a]), dq1 * d.partial(q1[t, a], x[t, a]) + dq2 * d.partial(q2[t, a], x[t, a]), dq1 * c[t, a] + dq2 * e[t, a])
d.claim(
    "query, second", f.wrt(y[t, a]), dq1 * d.partial(q1[t, a], y[t, a]) + dq2 * d.partial(q2[t, a], y[t, a]), dq2 * c[t, a] - dq1 * e[t, a]
)
d.claim("key", f.wrt(u[t, a]), dk1 * d.partial(k1[t, a], u[t, a]) + dk2 * d.partial(k2[t, a], u[t, a]), dk1 * c[t, a] + dk2 * e[t, a])
d.claim(
    "key, second", f.wrt(v[t, a]), dk1 * d.partial(k1[t, a], v[t, a]) + dk2 * d.partial(k2[t, a], v[t, a]), dk2 * c[t, a] - dk1 * e[t, a]
)
d.claim("turned back, so lengths stay", f.wrt(x[t, a]) ** 2 + f.wrt(y[t, a]) ** 2, dq1**2 + dq2**2)

d.kernel("query", "query, second", "key", "key, second")
