"""Inverted dropout: what is kept is scaled up while training, so that nothing is left to do when predicting."""

from symderiv import Derivation, Where

derivation = d = Derivation(
    "Dropout", source="Srivastava et al. 2014, sections 4 and 10; Goodfellow, Bengio and Courville 2016, section 7.12"
)

m, n = d.sizes("m n")
i, j = d.index("i", m), d.index("j", n)
x, u = d.input("x", i, j), d.input("u", i, j)
p = d.input("p")

r = d.let("r", i, j, Where(u[i, j] > p, 1, 0))
y = d.let("y", i, j, r[i, j] * x[i, j] / (1 - p))
f = d.objective("f", y)

d.claim("a mask is its own square", r[i, j] ** 2, r[i, j])
d.claim("what is kept and what is not", y[i, j], Where(u[i, j] > p, x[i, j] / (1 - p), 0))
d.claim("it acts on each entry alone", d.partial(y[i, j], x[i, j]), r[i, j] / (1 - p))
d.claim("input", f.wrt(x[i, j]), f.wrt(y[i, j]) * d.partial(y[i, j], x[i, j]), f.wrt(y[i, j]) * r[i, j] / (1 - p))
d.claim("only what was kept", f.wrt(x[i, j]), Where(u[i, j] > p, f.wrt(y[i, j]) / (1 - p), 0))

d.kernel("input")
