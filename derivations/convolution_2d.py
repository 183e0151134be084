"""Convolution over an image with every channel, as networks compute it: gradients of input, weights and bias."""

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation("Convolution in two dimensions", source="Goodfellow, Bengio and Courville 2016, sections 9.1 and 9.5")

N, C, O, P, Q, U, V = d.sizes("N C O P Q U V")
n, c, o = d.index("n", N), d.index("c", C), d.index("o", O)
p, q = d.index("p", P), d.index("q", Q)
u, v = d.index("u", U), d.index("v", V)
r, s = d.index("r", P + U - 1), d.index("s", Q + V - 1)
x = d.input("x", n, c, r, s)
W = d.input("W", o, c, u, v)
b = d.input("b", o)

y = d.let("y", n, o, p, q, Sum(W[o, c, u, v] * x[n, c, p + u - 1, q + v - 1], c, u, v) + b[o])
f = d.objective("f", y)

upstream = f.wrt(y[n, o, p, q])

d.claim("bias", f.wrt(b[o]), Sum(upstream, n, p, q))
d.claim(
    "weights",
    f.wrt(W[o, c, u, v]),
    Sum(upstream * d.partial(y[n, o, p, q], W[o, c, u, v]), n, p, q),
    Sum(upstream * x[n, c, p + u - 1, q + v - 1], n, p, q),
)
d.claim("taps", d.partial(y[n, o, p, q], x[n, c, r, s]), Sum(W[o, c, u, v] * Delta(p + u - 1, r) * Delta(q + v - 1, s), u, v))
d.claim(
    "input",
    f.wrt(x[n, c, r, s]),
    Sum(upstream * d.partial(y[n, o, p, q], x[n, c, r, s]), o, p, q),
    Sum(upstream * W[o, c, u, v] * Delta(p + u - 1, r) * Delta(q + v - 1, s), o, p, q, u, v),
)
d.claim(
    "input, as a full correlation",
    f.wrt(x[n, c, r, s]),
    Sum(upstream * W[o, c, r - p + 1, s - q + 1], o, p, q, p <= r, r <= p + U - 1, q <= s, s <= q + V - 1),
)

d.kernel("input", "weights", "bias")
