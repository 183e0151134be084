"""Log-sum-exp: its gradient is softmax, its Hessian the covariance of a one-hot vector."""

from sympy import exp, log

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation("Log-sum-exp", source="Boyd and Vandenberghe 2004, section 3.1.5")

n = d.size("n")
i, j, k = d.indices("i j k", n)
x, v = d.inputs("x v", i)

s = d.let("s", Sum(exp(x[k]), k))
f = d.objective("f", log(s))
g = d.let("g", i, f.wrt(x[i]))

d.claim("gradient", f.wrt(x[i]), exp(x[i]) / s)
d.claim("the gradient sums to one", Sum(f.wrt(x[i]), i), 1)
d.claim(
    "Hessian",
    d.total(f.wrt(x[i]), x[j]),
    exp(x[i]) * Delta(i, j) / s - exp(x[i]) * exp(x[j]) / s**2,
    g[i] * Delta(i, j) - g[i] * g[j],
)
d.claim(
    "its quadratic form is a variance",
    Sum(v[i] * (g[i] * Delta(i, j) - g[i] * g[j]) * v[j], i, j),
    Sum(g[i] * v[i] ** 2, i) - Sum(g[i] * v[i], i) ** 2,
    Sum(g[i] * (v[i] - Sum(g[k] * v[k], k)) ** 2, i),
)

d.kernel("gradient")
