"""Convolution over one axis with every channel, as networks compute it: gradients of input, weights and bias."""

from symderiv import Delta, Derivation, Sum

derivation = d = Derivation("Convolution in one dimension", source="Goodfellow, Bengio and Courville 2016, sections 9.1 and 9.5")

B, C, O, P, U = d.sizes("B C O P U")
b, c, o = d.index("b", B), d.index("c", C), d.index("o", O)
p, u = d.index("p", P), d.index("u", U)
r = d.index("r", P + U - 1)
x = d.input("x", b, c, r)
W = d.input("W", o, c, u)
beta = d.input("beta", o)

y = d.let("y", b, o, p, Sum(W[o, c, u] * x[b, c, p + u - 1], c, u) + beta[o])
f = d.objective("f", y)

upstream = f.wrt(y[b, o, p])

d.claim("bias", f.wrt(beta[o]), Sum(upstream, b, p))
d.claim(
    "weights",
    f.wrt(W[o, c, u]),
    Sum(upstream * d.partial(y[b, o, p], W[o, c, u]), b, p),
    Sum(upstream * x[b, c, p + u - 1], b, p),
)
d.claim("taps", d.partial(y[b, o, p], x[b, c, r]), Sum(W[o, c, u] * Delta(p + u - 1, r), u))
d.claim(
    "input",
    f.wrt(x[b, c, r]),
    Sum(upstream * d.partial(y[b, o, p], x[b, c, r]), o, p),
    Sum(upstream * W[o, c, u] * Delta(p + u - 1, r), o, p, u),
)
d.claim(
    "input, as a full correlation",
    f.wrt(x[b, c, r]),
    Sum(upstream * W[o, c, r - p + 1], o, p, p <= r, r <= p + U - 1),
)

d.kernel("input", "weights", "bias")
