"""Hinge losses: the support vector machine with its regularizer, and several classes with any of them right."""

from sympy import Max, Ne

from symderiv import Derivation, Sum, Where

binary = d = Derivation("Support vector machine", source="Shalev-Shwartz and Ben-David 2014, sections 15.2 and 15.5")

m, n = d.sizes("m n")
i = d.index("i", m)
j = d.index("j", n)
X = d.input("X", i, j)
y = d.input("y", i)
w = d.input("w", j)
b = d.input("b")
decay = d.input("lambda")

s = d.let("s", i, Sum(X[i, j] * w[j], j) + b)
J = d.objective("J", decay * Sum(w[j] ** 2, j) / 2 + Sum(Max(0, 1 - y[i] * s[i]), i) / m)

d.claim("score", J.wrt(s[i]), Where(y[i] * s[i] < 1, -y[i], 0) / m)
d.claim(
    "weights",
    J.wrt(w[j]),
    decay * w[j] + Sum(J.wrt(s[i]) * X[i, j], i),
    decay * w[j] - Sum(Where(y[i] * s[i] < 1, y[i] * X[i, j], 0), i) / m,
)
d.claim("bias", J.wrt(b), Sum(J.wrt(s[i]), i), -Sum(Where(y[i] * s[i] < 1, y[i], 0), i) / m)

d.kernel("weights", "bias")

several = d = Derivation(
    "Hinge loss of several classes", source="Weston and Watkins 1999; Stanford CS231n, notes on optimization, 'Computing the gradient'"
)

m, K, n = d.sizes("m K n")
i = d.index("i", m)
k, l, t = d.indices("k l t", K)
j = d.index("j", n)
x = d.input("x", i, j)
W = d.input("W", k, j)

s = d.let("s", i, k, Sum(W[k, j] * x[i, j], j))
L = d.let("L", i, t, Sum(Max(0, s[i, k] - s[i, t] + 1), k, Ne(k, t)))

close = Where(s[i, k] - s[i, t] + 1 > 0, 1, 0)

d.claim("scores", d.partial(L[i, t], s[i, k]), Where(Ne(k, t), close, -Sum(close, k, Ne(k, t))))
d.claim("right class", d.total(L[i, t], W[t, j]), -Sum(close, k, Ne(k, t)) * x[i, j])
d.claim("any class", d.total(L[i, t], W[k, j]), Where(Ne(k, t), close, -Sum(close, k, Ne(k, t))) * x[i, j])
