"""A recurrent network over any number of time steps: backpropagation through time."""

from sympy import Eq, tanh

from symderiv import Delta, Derivation, Sum, Where

derivation = d = Derivation(
    "Recurrent network, backpropagation through time", source="Werbos 1990; Goodfellow, Bengio and Courville 2016, section 10.2.2"
)

T, D, H, Q = d.sizes("T D H Q")
t, s = d.indices("t s", T)
i = d.index("i", D)
a, b = d.indices("a b", H)
q = d.index("q", Q)
x, h_0 = d.input("x", t, i), d.input("h_0", a)
U, W, V = d.input("U", a, i), d.input("W", a, b), d.input("V", q, a)
beta, gamma = d.input("beta", a), d.input("gamma", q)

h = d.let("h", t, a, lambda h: tanh(Sum(U[a, i] * x[t, i], i) + Sum(W[a, b] * Where(Eq(t, 1), h_0[b], h[t - 1, b]), b) + beta[a]))
y = d.let("y", t, q, Sum(V[q, a] * h[t, a], a) + gamma[q])
L = d.objective("L", y)

previous = Where(Eq(t, 1), h_0[b], h[t - 1, b])
slope = 1 - h[t, a] ** 2

d.claim("from the first state", d.partial(h[t, a], h_0[b]), slope * W[a, b] * Delta(t, 1))
d.claim("one step", d.partial(h[t, a], h[s, b]), slope * W[a, b] * Delta(s, t - 1))
d.claim("last state", L.wrt(h[T, a]), Sum(V[q, a] * L.wrt(y[T, q]), q))
d.claim(
    "states",
    L.wrt(h[t, a]),
    Sum(V[q, a] * L.wrt(y[t, q]), q) + Where(t < T, Sum(W[b, a] * (1 - h[t + 1, b] ** 2) * L.wrt(h[t + 1, b]), b), 0),
)
d.claim("output weights", L.wrt(V[q, a]), Sum(L.wrt(y[t, q]) * h[t, a], t))
d.claim("output bias", L.wrt(gamma[q]), Sum(L.wrt(y[t, q]), t))
d.claim("recurrent weights", L.wrt(W[a, b]), Sum(L.wrt(h[t, a]) * slope * previous, t))
d.claim("input weights", L.wrt(U[a, i]), Sum(L.wrt(h[t, a]) * slope * x[t, i], t))
d.claim("bias", L.wrt(beta[a]), Sum(L.wrt(h[t, a]) * slope, t))
d.claim("inputs", L.wrt(x[t, i]), Sum(L.wrt(h[t, a]) * slope * U[a, i], a))
d.claim("first state", L.wrt(h_0[b]), Sum(W[a, b] * (1 - h[1, a] ** 2) * L.wrt(h[1, a]), a))

d.kernel("inputs", "first state", "input weights", "recurrent weights", "bias", "output weights", "output bias")
