"""Logistic regression: gradient and Hessian of the mean negative log-likelihood."""

from sympy import log

from symderiv import Derivation, Sum, sigmoid

derivation = d = Derivation("Logistic regression", source="Bishop 2006, section 4.3.2, equations 4.91 and 4.97")

m, n = d.sizes("m n")
i = d.index("i", m)
j, k, l = d.indices("j k l", n)
X = d.input("X", i, j)
y = d.input("y", i)
w = d.input("w", j)
b = d.input("b")

z = d.let("z", i, Sum(X[i, l] * w[l], l) + b)
a = d.let("a", i, sigmoid(z[i]))
J = d.objective("J", -Sum(y[i] * log(a[i]) + (1 - y[i]) * log(1 - a[i]), i) / m)

d.claim("sigmoid", d.partial(a[i], z[i]), sigmoid(z[i]) * (1 - sigmoid(z[i])), a[i] * (1 - a[i]))
d.claim("output", J.wrt(a[i]), (-y[i] / a[i] + (1 - y[i]) / (1 - a[i])) / m)
d.claim("logit", J.wrt(z[i]), J.wrt(a[i]) * a[i] * (1 - a[i]), (a[i] - y[i]) / m)
d.claim("weights", J.wrt(w[j]), Sum(J.wrt(z[i]) * X[i, j], i), Sum((a[i] - y[i]) * X[i, j], i) / m)
d.claim("bias", J.wrt(b), Sum(a[i] - y[i], i) / m)
d.claim("Hessian", d.total(J.wrt(w[j]), w[k]), Sum(X[i, j] * a[i] * (1 - a[i]) * X[i, k], i) / m)

d.kernel("weights", "bias")
