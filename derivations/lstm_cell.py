"""One step of an LSTM cell: its gates, its state, and the gradients of states, input and every weight."""

from sympy import tanh

from symderiv import Derivation, Sum, sigmoid

derivation = d = Derivation("LSTM cell", source="Gers, Schmidhuber and Cummins 2000, section 3; Greff et al. 2017, section II")

N, P, Q = d.sizes("N P Q")
n = d.index("n", N)
p = d.index("p", P)
q, r = d.indices("q r", Q)
x, h_prev, c_prev = d.input("x", n, p), d.input("h_{prev}", n, q), d.input("c_{prev}", n, q)
W_i, W_f, W_o, W_g = d.inputs("W_i W_f W_o W_g", q, p)
U_i, U_f, U_o, U_g = d.inputs("U_i U_f U_o U_g", q, r)
b_i, b_f, b_o, b_g = d.inputs("b_i b_f b_o b_g", q)

a_i = d.let("a_i", x @ W_i.T + h_prev @ U_i.T + b_i)
a_f = d.let("a_f", x @ W_f.T + h_prev @ U_f.T + b_f)
a_o = d.let("a_o", x @ W_o.T + h_prev @ U_o.T + b_o)
a_g = d.let("a_g", x @ W_g.T + h_prev @ U_g.T + b_g)
i, f, o = d.let("i", sigmoid(a_i)), d.let("f", sigmoid(a_f)), d.let("o", sigmoid(a_o))
g = d.let("g", n, q, tanh(a_g[n, q]))
c = d.let("c", f * c_prev + i * g)
h = d.let("h", n, q, o[n, q] * tanh(c[n, q]))
c_next = d.let("c_{next}", c)
L = d.objective("L", h, c_next)

dh, dc = L.wrt(h[n, q]), L.wrt(c[n, q])
da_i, da_f, da_o, da_g = L.wrt(a_i[n, q]), L.wrt(a_f[n, q]), L.wrt(a_o[n, q]), L.wrt(a_g[n, q])

d.claim("cell", dc, L.wrt(c_next[n, q]) + dh * d.partial(h[n, q], c[n, q]), L.wrt(c_next[n, q]) + dh * o[n, q] * (1 - tanh(c[n, q]) ** 2))
d.claim("slope of a gate", d.partial(i[n, q], a_i[n, q]), i[n, q] * (1 - i[n, q]))
d.claim("slope of the candidate", d.partial(g[n, q], a_g[n, q]), 1 - g[n, q] ** 2)
d.claim("input gate", da_i, dc * d.partial(c[n, q], i[n, q]) * d.partial(i[n, q], a_i[n, q]), dc * g[n, q] * i[n, q] * (1 - i[n, q]))
d.claim("forget gate", da_f, L.wrt(f[n, q]) * d.partial(f[n, q], a_f[n, q]), dc * c_prev[n, q] * f[n, q] * (1 - f[n, q]))
d.claim("output gate", da_o, L.wrt(o[n, q]) * d.partial(o[n, q], a_o[n, q]), dh * tanh(c[n, q]) * o[n, q] * (1 - o[n, q]))
d.claim("candidate", da_g, L.wrt(g[n, q]) * d.partial(g[n, q], a_g[n, q]), dc * i[n, q] * (1 - g[n, q] ** 2))
d.claim("previous cell", L.wrt(c_prev[n, q]), dc * f[n, q])
d.claim(
    "previous output",
    L.wrt(h_prev[n, r]),
    Sum(da_i * U_i[q, r], q) + Sum(da_f * U_f[q, r], q) + Sum(da_o * U_o[q, r], q) + Sum(da_g * U_g[q, r], q),
)
d.claim(
    "input",
    L.wrt(x[n, p]),
    Sum(da_i * W_i[q, p], q) + Sum(da_f * W_f[q, p], q) + Sum(da_o * W_o[q, p], q) + Sum(da_g * W_g[q, p], q),
)
d.claim("W_i", L.wrt(W_i[q, p]), Sum(da_i * x[n, p], n))
d.claim("W_f", L.wrt(W_f[q, p]), Sum(da_f * x[n, p], n))
d.claim("W_o", L.wrt(W_o[q, p]), Sum(da_o * x[n, p], n))
d.claim("W_g", L.wrt(W_g[q, p]), Sum(da_g * x[n, p], n))
d.claim("U_i", L.wrt(U_i[q, r]), Sum(da_i * h_prev[n, r], n))
d.claim("U_f", L.wrt(U_f[q, r]), Sum(da_f * h_prev[n, r], n))
d.claim("U_o", L.wrt(U_o[q, r]), Sum(da_o * h_prev[n, r], n))
d.claim("U_g", L.wrt(U_g[q, r]), Sum(da_g * h_prev[n, r], n))
d.claim("b_i", L.wrt(b_i[q]), Sum(da_i, n))
d.claim("b_f", L.wrt(b_f[q]), Sum(da_f, n))
d.claim("b_o", L.wrt(b_o[q]), Sum(da_o, n))
d.claim("b_g", L.wrt(b_g[q]), Sum(da_g, n))

weights = ("W_i", "W_f", "W_o", "W_g", "U_i", "U_f", "U_o", "U_g", "b_i", "b_f", "b_o", "b_g")
d.kernel("input", "previous output", "previous cell", *weights)
