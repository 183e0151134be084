"""Max pooling over windows that do not overlap: with the place of each maximum as a label, and with the maximum of pairs written out."""

from sympy import Max

from symderiv import Delta, Derivation, Sum, Where

windows = d = Derivation(
    "Max pooling, window by window",
    source="Zhou and Chellappa 1988; Boureau, Ponce and LeCun 2010; entry (p, u, q, v) of x is pixel (U(p-1)+u, V(q-1)+v) of "
    "the image, and the maximum of window (p, q) is at (r, s) in it",
)

N, C, P, Q, U, V = d.sizes("N C P Q U V")
n, c, p, q = d.index("n", N), d.index("c", C), d.index("p", P), d.index("q", Q)
u, v = d.index("u", U), d.index("v", V)
x = d.input("x", n, c, p, u, q, v)
r, s = d.label("r", n, c, p, q, of=u), d.label("s", n, c, p, q, of=v)

y = d.let("y", n, c, p, q, x[n, c, p, r[n, c, p, q], q, s[n, c, p, q]])
f = d.objective("f", y)

d.claim("one window", d.partial(y[n, c, p, q], x[n, c, p, u, q, v]), Delta(u, r[n, c, p, q]) * Delta(v, s[n, c, p, q]))
d.claim(
    "input",
    f.wrt(x[n, c, p, u, q, v]),
    f.wrt(y[n, c, p, q]) * d.partial(y[n, c, p, q], x[n, c, p, u, q, v]),
    f.wrt(y[n, c, p, q]) * Delta(u, r[n, c, p, q]) * Delta(v, s[n, c, p, q]),
)
d.claim("whole window", Sum(f.wrt(x[n, c, p, u, q, v]), u, v), f.wrt(y[n, c, p, q]))

d.kernel("input")

pixels = d = Derivation("Max pooling, pixel by pixel", source="Zeiler and Fergus 2014, section 2.1, unpooling with switches")

N, C, P, Q, U, V = d.sizes("N C P Q U V")
n, c, p, q = d.index("n", N), d.index("c", C), d.index("p", P), d.index("q", Q)
u, v = d.index("u", U), d.index("v", V)
i, j = d.index("i", U * P), d.index("j", V * Q)
x = d.input("x", n, c, i, j)
r, s = d.label("r", n, c, p, q, of=u), d.label("s", n, c, p, q, of=v)

row, column = U * (p - 1) + r[n, c, p, q], V * (q - 1) + s[n, c, p, q]
y = d.let("y", n, c, p, q, x[n, c, row, column])
f = d.objective("f", y)

upstream = f.wrt(y[n, c, p, q])

d.claim("one pixel", d.partial(y[n, c, p, q], x[n, c, i, j]), Delta(row, i) * Delta(column, j))
d.claim(
    "every pixel",
    f.wrt(x[n, c, i, j]),
    Sum(upstream * d.partial(y[n, c, p, q], x[n, c, i, j]), p, q),
    Sum(upstream * Delta(row, i) * Delta(column, j), p, q),
)

pairs = d = Derivation("Max pooling of pairs", source="Goodfellow, Bengio and Courville 2016, section 9.3, with windows of two")

P = d.size("P")
p = d.index("p", P)
k = d.index("k", 2 * P)
x = d.input("x", k)

y = d.let("y", p, Max(x[2 * p - 1], x[2 * p]))
f = d.objective("f", y)

d.claim("first of a pair", f.wrt(x[2 * p - 1]), f.wrt(y[p]) * Where(x[2 * p - 1] > x[2 * p], 1, 0))
d.claim("second of a pair", f.wrt(x[2 * p]), f.wrt(y[p]) * Where(x[2 * p] > x[2 * p - 1], 1, 0))
d.claim("both", f.wrt(x[2 * p - 1]) + f.wrt(x[2 * p]), f.wrt(y[p]))
