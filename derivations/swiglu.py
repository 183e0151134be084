"""SwiGLU: a gated feed-forward layer, from the input to the output projection."""

from symderiv import Derivation, Sum, sigmoid

derivation = d = Derivation("SwiGLU", source="Shazeer 2020, section 2")

B, D, F = d.sizes("B D F")
b = d.index("b", B)
i, o = d.indices("i o", D)
h = d.index("h", F)
x = d.input("x", b, i)
W, V, U = d.input("W", i, h), d.input("V", i, h), d.input("U", h, o)

a, v = d.let("a", x @ W), d.let("v", x @ V)
s = d.let("s", a * sigmoid(a))
z = d.let("z", s * v)
y = d.let("y", z @ U)
f = d.objective("f", y)

slope = s[b, h] + sigmoid(a[b, h]) * (1 - s[b, h])

d.claim("SiLU", d.partial(s[b, h], a[b, h]), sigmoid(a[b, h]) + a[b, h] * sigmoid(a[b, h]) * (1 - sigmoid(a[b, h])), slope)
d.claim("output projection", f.wrt(U[h, o]), Sum(z[b, h] * f.wrt(y[b, o]), b))
d.claim("hidden", f.wrt(z[b, h]), Sum(f.wrt(y[b, o]) * U[h, o], o))
d.claim("gate", f.wrt(s[b, h]), f.wrt(z[b, h]) * v[b, h])
d.claim("value", f.wrt(v[b, h]), f.wrt(z[b, h]) * s[b, h])
d.claim("gate, before SiLU", f.wrt(a[b, h]), f.wrt(s[b, h]) * d.partial(s[b, h], a[b, h]), f.wrt(z[b, h]) * v[b, h] * slope)
d.claim("gate weights", f.wrt(W[i, h]), Sum(x[b, i] * f.wrt(a[b, h]), b))
d.claim("value weights", f.wrt(V[i, h]), Sum(x[b, i] * f.wrt(v[b, h]), b))
d.claim("input", f.wrt(x[b, i]), Sum(f.wrt(a[b, h]) * W[i, h], h) + Sum(f.wrt(v[b, h]) * V[i, h], h))

d.kernel("input", "gate weights", "value weights", "output projection")
