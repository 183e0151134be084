"""Huber's loss of a linear model, sample by sample: quadratic near zero, linear beyond, smooth where the pieces meet."""

from symderiv import Derivation, Sum, Where

derivation = d = Derivation("Huber loss", source="Huber 1964; Hastie, Tibshirani and Friedman 2009, section 10.6, equation 10.23")

m, n = d.sizes("m n")
i = d.index("i", m)
j = d.index("j", n)
X = d.input("X", i, j)
t = d.input("t", i)
w = d.input("w", j)
delta = d.input("delta", positive=True)

r = d.let("r", i, Sum(X[i, j] * w[j], j) - t[i])
L = d.let("L", i, Where(r[i] > delta, delta * (r[i] - delta / 2), Where(r[i] < -delta, -delta * (r[i] + delta / 2), r[i] ** 2 / 2)))
J = d.objective("J", Sum(L[i], i) / m)

clipped = Where(r[i] > delta, delta, Where(r[i] < -delta, -delta, r[i]))

d.claim("the pieces touch at delta", r[i] ** 2 / 2 - delta * (r[i] - delta / 2), (r[i] - delta) ** 2 / 2)
d.claim("the pieces touch at -delta", r[i] ** 2 / 2 + delta * (r[i] + delta / 2), (r[i] + delta) ** 2 / 2)
d.claim("one sample", d.partial(L[i], r[i]), clipped)
d.claim("residual", J.wrt(r[i]), d.partial(L[i], r[i]) / m, clipped / m)
d.claim("weights", J.wrt(w[j]), Sum(J.wrt(r[i]) * X[i, j], i), Sum(clipped * X[i, j], i) / m)

d.kernel("weights")
