"""InfoNCE: each query against its own key among all keys of a batch; gradients of queries, keys and temperature."""

from sympy import exp, log

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation("InfoNCE", source="van den Oord, Li and Vinyals 2018, section 2.3; Chen et al. 2020, section 2.1")

N, D = d.sizes("N D")
i, j, k = d.indices("i j k", N)
a = d.index("a", D)
q, v = d.inputs("q k", i, a)
tau = d.input("tau", positive=True)

s = d.let("s", i, j, Sum(q[i, a] * v[j, a], a) / tau)
p = d.let("p", i, j, exp(s[i, j]) / Sum(exp(s[i, k]), k))
J = d.objective("J", -Sum(log(p[i, i]), i) / N)

d.claim("loss", -Sum(log(p[i, i]), i) / N, Sum(log(Sum(exp(s[i, k]), k)) - s[i, i], i) / N)
d.claim("scores", J.wrt(s[i, j]), (p[i, j] - Delta(i, j)) / N)
d.claim("queries", J.wrt(q[i, a]), Sum(J.wrt(s[i, j]) * v[j, a], j) / tau, (Sum(p[i, j] * v[j, a], j) - v[i, a]) / (N * tau))
d.claim("keys", J.wrt(v[j, a]), Sum(J.wrt(s[i, j]) * q[i, a], i) / tau, (Sum(p[i, j] * q[i, a], i) - q[j, a]) / (N * tau))
d.claim(
    "temperature",
    J.wrt(tau),
    -Sum(J.wrt(s[i, j]) * s[i, j], i, j) / tau,
    -Sum(Sum(p[i, j] * s[i, j], j) - s[i, i], i) / (N * tau),
)

d.kernel("queries", "keys", "temperature")
