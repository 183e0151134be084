"""Average pooling over windows that do not overlap: with each window as axes of its own, and with stride, pixel by pixel."""

from sympy import And

from symderiv import Delta, Derivation, Sum, Where

windows = d = Derivation(
    "Average pooling, window by window",
    source="Goodfellow, Bengio and Courville 2016, section 9.3; entry (p, u, q, v) of x is pixel (U(p-1)+u, V(q-1)+v) of the image",
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

pixels = d = Derivation(
    "Average pooling, pixel by pixel", source="LeCun, Bottou, Bengio and Haffner 1998, section II.B, layer S2, for any window"
)

N, C, P, Q, U, V = d.sizes("N C P Q U V")
n, c, p, q = d.index("n", N), d.index("c", C), d.index("p", P), d.index("q", Q)
u, v = d.index("u", U), d.index("v", V)
r, s = d.index("r", U * P), d.index("s", V * Q)
x = d.input("x", n, c, r, s)

y = d.let("y", n, c, p, q, Sum(x[n, c, U * (p - 1) + u, V * (q - 1) + v], u, v) / (U * V))
f = d.objective("f", y)

upstream = f.wrt(y[n, c, p, q])
hits = Delta(U * (p - 1) + u, r) * Delta(V * (q - 1) + v, s)
inside = And(U * (p - 1) < r, r <= U * p, V * (q - 1) < s, s <= V * q)

d.claim("one pixel", d.partial(y[n, c, p, q], x[n, c, r, s]), Sum(hits, u, v) / (U * V), Where(inside, 1, 0) / (U * V))
d.claim(
    "every pixel",
    f.wrt(x[n, c, r, s]),
    Sum(upstream * d.partial(y[n, c, p, q], x[n, c, r, s]), p, q),
    Sum(Where(inside, upstream, 0), p, q) / (U * V),
)
