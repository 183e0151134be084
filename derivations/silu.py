"""SiLU and SwiGLU."""

from symderiv import Derivation, sigmoid

derivation = d = Derivation("SiLU and SwiGLU", source="Elfwing, Uchibe and Doya 2017; Shazeer 2020")

n = d.size("n")
i = d.index("i", n)
a, b = d.inputs("a b", i)

s = d.let("s", i, a[i] * sigmoid(a[i]))
y = d.let("y", i, s[i] * b[i])
f = d.objective("f", y)

d.claim("SiLU", d.partial(s[i], a[i]), sigmoid(a[i]) * (1 + a[i] * (1 - sigmoid(a[i]))), s[i] + sigmoid(a[i]) * (1 - s[i]))
d.claim("gate", f.wrt(b[i]), f.wrt(y[i]) * s[i])
d.claim("input", f.wrt(a[i]), f.wrt(s[i]) * d.partial(s[i], a[i]), f.wrt(y[i]) * b[i] * (s[i] + sigmoid(a[i]) * (1 - s[i])))

d.kernel("input", "gate")
