"""Causal convolution, each channel on its own: what comes out at a time depends on that time and those before."""

from sympy import And

from symderiv import Derivation, Sum, Where

derivation = d = Derivation(
    "Causal depthwise convolution", source="van den Oord et al. 2016, WaveNet, section 2.1; Gu and Dao 2023, Mamba, section 3.4"
)

B, T, C, U = d.sizes("B T C U")
b, c = d.index("b", B), d.index("c", C)
t, p = d.indices("t p", T)
s = d.index("s", U)
x, w, beta = d.input("x", b, t, c), d.input("w", s, c), d.input("beta", c)

y = d.let("y", b, t, c, Sum(w[s, c] * Where(t - s + 1 >= 1, x[b, t - s + 1, c], 0), s) + beta[c])
f = d.objective("f", y)

upstream = f.wrt(y[b, t, c])

d.claim("padding leaves taps out", y[b, t, c], Sum(w[s, c] * x[b, t - s + 1, c], s, s <= t) + beta[c])
d.claim("bias", f.wrt(beta[c]), Sum(upstream, b, t))
d.claim("taps, on an input", d.partial(y[b, t, c], x[b, p, c]), Where(And(p <= t, t <= p + U - 1), w[t - p + 1, c], 0))
d.claim("the future does not count", d.partial(y[b, t, c], x[b, p, c]), Where(p <= t, d.partial(y[b, t, c], x[b, p, c]), 0))
d.claim("taps", d.partial(y[b, t, c], w[s, c]), Where(s <= t, x[b, t - s + 1, c], 0))
d.claim(
    "weights",
    f.wrt(w[s, c]),
    Sum(upstream * d.partial(y[b, t, c], w[s, c]), b, t),
    Sum(upstream * x[b, t - s + 1, c], b, t, t >= s),
)
d.claim(
    "input",
    f.wrt(x[b, p, c]),
    Sum(upstream * d.partial(y[b, t, c], x[b, p, c]), t),
    Sum(upstream * w[t - p + 1, c], t, p <= t, t <= p + U - 1),
    Sum(w[s, c] * Where(p + s - 1 <= T, f.wrt(y[b, p + s - 1, c]), 0), s),
)

d.kernel("input", "weights", "bias")
