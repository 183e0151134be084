"""Scaled dot-product attention: gradients of queries, keys and values, and the identity that makes them cheap."""

from sympy import exp, sqrt

from symderiv import Derivation, Sum

derivation = d = Derivation("Scaled dot-product attention", source="Vaswani et al. 2017, section 3.2.1; Dao et al. 2022, appendix B.2")

N, M, D, E = d.sizes("N M D E")
i = d.index("i", N)
j, k = d.indices("j k", M)
a = d.index("a", D)
e = d.index("e", E)
Q, K, V = d.input("Q", i, a), d.input("K", j, a), d.input("V", j, e)

S = d.let("S", i, j, Sum(Q[i, a] * K[j, a], a) / sqrt(D))
P = d.let("P", i, j, exp(S[i, j]) / Sum(exp(S[i, k]), k))
O = d.let("O", i, e, Sum(P[i, j] * V[j, e], j))
f = d.objective("f", O)

rows = Sum(f.wrt(O[i, e]) * O[i, e], e)

d.claim("values", f.wrt(V[j, e]), Sum(P[i, j] * f.wrt(O[i, e]), i))
d.claim("probabilities", f.wrt(P[i, j]), Sum(f.wrt(O[i, e]) * V[j, e], e))
d.claim("row sums", Sum(P[i, j] * f.wrt(P[i, j]), j), rows)
d.claim("scores", f.wrt(S[i, j]), P[i, j] * (f.wrt(P[i, j]) - Sum(P[i, k] * f.wrt(P[i, k]), k)), P[i, j] * (f.wrt(P[i, j]) - rows))
d.claim("queries", f.wrt(Q[i, a]), Sum(f.wrt(S[i, j]) * K[j, a], j) / sqrt(D))
d.claim("keys", f.wrt(K[j, a]), Sum(f.wrt(S[i, j]) * Q[i, a], i) / sqrt(D))

d.kernel("queries", "keys", "values")
