"""Average pooling over windows that do not overlap: of any size, and two by two within the rows and columns of an image."""

from symderiv import Delta, Derivation, Sum

windows = d = Derivation(
    "Average pooling over windows of any size",
    source="Goodfellow, Bengio and Courville 2016, section 9.3; the image as rows of windows, x[n, c, p, u, q, v] for pixel (U(p-1)+u, V(q-1)+v)",
)

N, C, P, Q, U, V = d.sizes("N C P Q U V")
n, c, p, q = d.index("n", N), d.index("c", C), d.index("p", P), d.index("q", Q)
u, v = d.index("u", U), d.index("v", V)
x = d.input("x", n, c, p, u, q, v)

y = d.let("y", n, c, p, q, Sum(x[n, c, p, u, q, v], u, v) / (U * V))
f = d.objective("f", y)

d.claim("one window", d.partial(y[n, c, p, q], x[n, c, p, u, q, v]), 1 / (U * V))
d.claim(
    "input",
    f.wrt(x[n, c, p, u, q, v]),
    f.wrt(y[n, c, p, q]) * d.partial(y[n, c, p, q], x[n, c, p, u, q, v]),
    f.wrt(y[n, c, p, q]) / (U * V),
)

d.kernel("input")

squares = d = Derivation("Average pooling with stride two", source="LeCun, Bottou, Bengio and Haffner 1998, section II.B, layer S2")

N, C, P, Q = d.sizes("N C P Q")
n, c, p, q = d.index("n", N), d.index("c", C), d.index("p", P), d.index("q", Q)
u, v = d.indices("u v", 2)
r, s = d.index("r", 2 * P), d.index("s", 2 * Q)
x = d.input("x", n, c, r, s)

y = d.let("y", n, c, p, q, Sum(x[n, c, 2 * (p - 1) + u, 2 * (q - 1) + v], u, v) / 4)
f = d.objective("f", y)

upstream = f.wrt(y[n, c, p, q])
inside = Delta(2 * (p - 1) + u, r) * Delta(2 * (q - 1) + v, s)

d.claim("one square", d.partial(y[n, c, p, q], x[n, c, r, s]), Sum(inside, u, v) / 4)
d.claim(
    "pixels", f.wrt(x[n, c, r, s]), Sum(upstream * d.partial(y[n, c, p, q], x[n, c, r, s]), p, q), Sum(upstream * inside, p, q, u, v) / 4
)
