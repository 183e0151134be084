"""One step of a gated recurrent unit: its gates, its candidate, and the gradients of state, input and every weight."""

from sympy import tanh

from symderiv import Derivation, Sum, sigmoid

derivation = d = Derivation("GRU cell", source="Cho et al. 2014, section 2.3")

N, P, Q = d.sizes("N P Q")
n = d.index("n", N)
p = d.index("p", P)
q, s = d.indices("q s", Q)
x, h_prev = d.input("x", n, p), d.input("h_{prev}", n, q)
W_r, W_z, W_c = d.inputs("W_r W_z W_c", q, p)
U_r, U_z, U_c = d.inputs("U_r U_z U_c", q, s)
b_r, b_z, b_c = d.inputs("b_r b_z b_c", q)

a_r = d.let("a_r", x @ W_r.T + h_prev @ U_r.T + b_r)
a_z = d.let("a_z", x @ W_z.T + h_prev @ U_z.T + b_z)
r, z = d.let("r", sigmoid(a_r)), d.let("z", sigmoid(a_z))
v = d.let("v", r * h_prev)
a_c = d.let("a_c", x @ W_c.T + v @ U_c.T + b_c)
c = d.let("c", n, q, tanh(a_c[n, q]))
h = d.let("h", z * h_prev + (1 - z) * c)
f = d.objective("f", h)

dh, dv, da_r, da_z, da_c = f.wrt(h[n, q]), f.wrt(v[n, q]), f.wrt(a_r[n, q]), f.wrt(a_z[n, q]), f.wrt(a_c[n, q])

d.claim("slope of a gate", d.partial(z[n, q], a_z[n, q]), z[n, q] * (1 - z[n, q]))
d.claim("slope of the candidate", d.partial(c[n, q], a_c[n, q]), 1 - c[n, q] ** 2)
d.claim("update gate", da_z, f.wrt(z[n, q]) * d.partial(z[n, q], a_z[n, q]), dh * (h_prev[n, q] - c[n, q]) * z[n, q] * (1 - z[n, q]))
d.claim("candidate", da_c, f.wrt(c[n, q]) * d.partial(c[n, q], a_c[n, q]), dh * (1 - z[n, q]) * (1 - c[n, q] ** 2))
d.claim("state after the reset", f.wrt(v[n, s]), Sum(da_c * U_c[q, s], q))
d.claim("reset gate", da_r, f.wrt(r[n, q]) * d.partial(r[n, q], a_r[n, q]), dv * h_prev[n, q] * r[n, q] * (1 - r[n, q]))
d.claim(
    "previous state",
    f.wrt(h_prev[n, s]),
    f.wrt(h[n, s]) * z[n, s] + f.wrt(v[n, s]) * r[n, s] + Sum(da_r * U_r[q, s], q) + Sum(da_z * U_z[q, s], q),
)
d.claim("input", f.wrt(x[n, p]), Sum(da_r * W_r[q, p], q) + Sum(da_z * W_z[q, p], q) + Sum(da_c * W_c[q, p], q))
d.claim("W_r", f.wrt(W_r[q, p]), Sum(da_r * x[n, p], n))
d.claim("W_z", f.wrt(W_z[q, p]), Sum(da_z * x[n, p], n))
d.claim("W_c", f.wrt(W_c[q, p]), Sum(da_c * x[n, p], n))
d.claim("U_r", f.wrt(U_r[q, s]), Sum(da_r * h_prev[n, s], n))
d.claim("U_z", f.wrt(U_z[q, s]), Sum(da_z * h_prev[n, s], n))
d.claim("U_c", f.wrt(U_c[q, s]), Sum(da_c * v[n, s], n), Sum(da_c * r[n, s] * h_prev[n, s], n))
d.claim("b_r", f.wrt(b_r[q]), Sum(da_r, n))
d.claim("b_z", f.wrt(b_z[q]), Sum(da_z, n))
d.claim("b_c", f.wrt(b_c[q]), Sum(da_c, n))

d.kernel("input", "previous state", "W_r", "W_z", "W_c", "U_r", "U_z", "U_c", "b_r", "b_z", "b_c")
