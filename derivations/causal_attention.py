"""Causal attention: each position attends to itself and what came before; gradients of queries, keys and values."""

from sympy import exp, sqrt

from symderiv import Derivation, Sum, Where

derivation = d = Derivation("Causal self-attention", source="Vaswani et al. 2017, sections 3.2.1 and 3.2.3; Dao et al. 2022, appendix B.2")

B, H, N, D, E = d.sizes("B H N D E")
b, h = d.index("b", B), d.index("h", H)
i, j, k = d.indices("i j k", N)
a, e = d.index("a", D), d.index("e", E)
Q, K, V = d.input("Q", b, h, i, a), d.input("K", b, h, j, a), d.input("V", b, h, j, e)

S = d.let("S", b, h, i, j, Sum(Q[b, h, i, a] * K[b, h, j, a], a) / sqrt(D))
P = d.let("P", b, h, i, j, Where(j <= i, exp(S[b, h, i, j]) / Sum(exp(S[b, h, i, k]), k, k <= i), 0))
O = d.let("O", b, h, i, e, Sum(P[b, h, i, j] * V[b, h, j, e], j, j <= i))
f = d.objective("f", O)

dP, dS, dO = f.wrt(P[b, h, i, j]), f.wrt(S[b, h, i, j]), f.wrt(O[b, h, i, e])
rows = Sum(dO * O[b, h, i, e], e)

d.claim("each row", Sum(P[b, h, i, j], j, j <= i), 1)
d.claim("values", f.wrt(V[b, h, j, e]), Sum(P[b, h, i, j] * dO, i, j <= i))
d.claim("probabilities", dP, Where(j <= i, Sum(dO * V[b, h, j, e], e), 0))
d.claim("row sums", Sum(P[b, h, i, j] * dP, j, j <= i), rows)
d.claim("scores", dS, P[b, h, i, j] * (dP - Sum(P[b, h, i, k] * f.wrt(P[b, h, i, k]), k, k <= i)), P[b, h, i, j] * (dP - rows))
d.claim("queries", f.wrt(Q[b, h, i, a]), Sum(dS * K[b, h, j, a], j, j <= i) / sqrt(D))
d.claim("keys", f.wrt(K[b, h, j, a]), Sum(dS * Q[b, h, i, a], i, j <= i) / sqrt(D))

d.kernel("queries", "keys", "values")
