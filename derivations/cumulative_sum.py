"""Running sums: the gradient is the running sum from the end; then data fitted by sums of few jumps."""

from sympy import Abs, sign

from symderiv import Derivation, Sum, Where

derivation = d = Derivation("Running sums and total variation", source="Blelloch 1990, section 1; Harchaoui and Lévy-Leduc 2010")

n = d.size("n")
s, t = d.indices("s t", n)
r = d.index("r", n, lower=2)
x, z = d.inputs("x z", t)
lam = d.input("lambda")

y = d.let("y", t, Sum(x[s], s, s <= t))
f = d.objective("f", y)

d.claim("a recurrence", y[t], Where(t >= 2, y[t - 1], 0) + x[t])
d.claim("the last", y[n], Sum(x[s], s))
d.claim("on one input", d.partial(y[t], x[s]), Where(s <= t, 1, 0))
d.claim("from the end", f.wrt(x[s]), Sum(f.wrt(y[t]) * d.partial(y[t], x[s]), t), Sum(f.wrt(y[t]), t, t >= s))
d.claim("a recurrence from the end", f.wrt(x[s]), f.wrt(y[s]) + Where(s <= n - 1, f.wrt(x[s + 1]), 0))

V = d.let("V", Sum(Abs(x[t]), t, t >= 2))
J = d.objective("J", Sum((y[t] - z[t]) ** 2, t) / 2 + lam * V)

d.claim("telescoping", Sum(y[r] - y[r - 1], r), y[n] - y[1])
d.claim("a jump", y[r] - y[r - 1], x[r])
d.claim("its share of the total variation", Abs(y[r] - y[r - 1]), Abs(x[r]))
d.claim("total variation", d.total(V, x[s]), Where(s >= 2, sign(x[s]), 0))
d.claim("sums", J.wrt(y[t]), y[t] - z[t])
d.claim(
    "input",
    J.wrt(x[s]),
    Sum(J.wrt(y[t]), t, t >= s) + lam * d.total(V, x[s]),
    Sum(y[t] - z[t], t, t >= s) + lam * Where(s >= 2, sign(x[s]), 0),
)

d.kernel("input")
