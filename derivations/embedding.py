"""Embedding: rows of a table looked up by label, alone, and with the same table as the output layer."""

from symderiv import Delta, Derivation, Sum

lookup = d = Derivation("Embedding lookup", source="Bengio, Ducharme, Vincent and Jauvin 2003, section 2")

B, T, N, D = d.sizes("B T N D")
b, t = d.index("b", B), d.index("t", T)
v, n = d.indices("v n", N)
a, c = d.indices("a c", D)
E = d.input("E", v, a)
w = d.label("w", b, t, of=v)

y = d.let("y", b, t, a, E[w[b, t], a])
f = d.objective("f", y)

upstream = f.wrt(y[b, t, a])

d.claim("one-hot product", y[b, t, a], Sum(Delta(v, w[b, t]) * E[v, a], v))
d.claim("one entry", d.partial(y[b, t, a], E[v, c]), Delta(v, w[b, t]) * Delta(a, c))
d.claim("table", f.wrt(E[v, a]), Sum(upstream * d.partial(y[b, t, a], E[v, a]), b, t), Sum(upstream * Delta(v, w[b, t]), b, t))
d.claim("all rows", Sum(f.wrt(E[v, a]), v), Sum(upstream, b, t))

d.kernel("table")

tied = d = Derivation("Embedding table shared with the output layer", source="Press and Wolf 2017; Inan, Khosravi and Socher 2017")

B, N, D = d.sizes("B N D")
b = d.index("b", B)
v, n = d.indices("v n", N)
a, c = d.indices("a c", D)
E = d.input("E", v, a)
W = d.input("W", a, c)
w = d.label("w", b, of=v)

x = d.let("x", b, a, E[w[b], a])
h = d.let("h", b, a, Sum(W[a, c] * x[b, c], c))
z = d.let("z", b, n, Sum(E[n, a] * h[b, a], a))
f = d.objective("f", z)

d.claim("output", f.wrt(h[b, a]), Sum(f.wrt(z[b, n]) * E[n, a], n))
d.claim("input", f.wrt(x[b, c]), Sum(W[a, c] * f.wrt(h[b, a]), a))
d.claim("weights", f.wrt(W[a, c]), Sum(f.wrt(h[b, a]) * x[b, c], b))
d.claim("shared table", f.wrt(E[v, a]), Sum(f.wrt(z[b, v]) * h[b, a], b) + Sum(f.wrt(x[b, a]) * Delta(v, w[b]), b))
