"""A network with one hidden layer and ReLU: its shapes as in exercise 1, and its backward pass for every batch size."""

from symderiv import Derivation, Sum, Where, relu

# Sizes as in the exercise, in matrix notation.

numbers = d = Derivation(
    "A ReLU network with 10 inputs, 50 hidden units and 3 outputs",
    source="DL basics, exercise 1, question 1",
)

m = d.size("m")
X = d.input("X", m, 10)
W_h, b_h = d.input("W_h", 10, 50), d.input("b_h", 1, 50)
W_o, b_o = d.input("W_o", 50, 3), d.input("b_o", 1, 3)

Z = d.let("Z", X @ W_h + b_h)
H = d.let("H", relu(Z))
A = d.let("A", H @ W_o + b_o)
Y = d.let("Y", relu(A))
f = d.objective("f", Y)

d.claim("1a", d.shape(X), (m, 10))
d.claim("1b, weights", d.shape(W_h), (10, 50))
d.claim("1b, bias", d.shape(b_h), (1, 50))
d.claim("1c, weights", d.shape(W_o), (50, 3))
d.claim("1c, bias", d.shape(b_o), (1, 3))
d.claim("1d", d.shape(relu(relu(X @ W_h + b_h) @ W_o + b_o)), d.shape(Y), (m, 3))

i, p, q, r = d.index("i", m), d.index("p", 10), d.index("q", 50), d.index("r", 3)

d.claim("1e", Y[i, r], relu(relu(X @ W_h + b_h) @ W_o + b_o)[i, r])
d.claim("output", f.wrt(A[i, r]), f.wrt(Y[i, r]) * d.partial(Y[i, r], A[i, r]), f.wrt(Y[i, r]) * Where(A[i, r] > 0, 1, 0))
d.claim("output weights", f.wrt(W_o[q, r]), Sum(H[i, q] * f.wrt(A[i, r]), i))
d.claim("output bias", f.wrt(b_o[1, r]), Sum(f.wrt(A[i, r]), i))
d.claim("hidden units", f.wrt(H[i, q]), Sum(f.wrt(A[i, r]) * W_o[q, r], r))
d.claim("hidden", f.wrt(Z[i, q]), f.wrt(H[i, q]) * Where(Z[i, q] > 0, 1, 0))
d.claim("hidden weights", f.wrt(W_h[p, q]), Sum(X[i, p] * f.wrt(Z[i, q]), i))
d.claim("hidden bias", f.wrt(b_h[1, q]), Sum(f.wrt(Z[i, q]), i))
d.claim("inputs", f.wrt(X[i, p]), Sum(f.wrt(Z[i, q]) * W_h[p, q], q))

d.kernel("hidden weights", "hidden bias", "output weights", "output bias", "inputs")

# Every size a symbol, in index notation, down to the inputs.

symbols = d = Derivation(
    "A ReLU network of any size",
    source="Beyond the exercise: the same network with symbols for sizes",
)

m, n_i, n_h, n_o = d.sizes("m n_i n_h n_o")
i, p, q, r = d.index("i", m), d.index("p", n_i), d.index("q", n_h), d.index("r", n_o)
s, t = d.index("s", n_o), d.index("t", n_h)
X = d.input("X", i, p)
W_h, b_h = d.input("W_h", p, q), d.input("b_h", q)
W_o, b_o = d.input("W_o", q, r), d.input("b_o", r)

Z = d.let("Z", i, q, Sum(X[i, p] * W_h[p, q], p) + b_h[q])
H = d.let("H", i, q, relu(Z[i, q]))
A = d.let("A", i, r, Sum(H[i, q] * W_o[q, r], q) + b_o[r])
Y = d.let("Y", i, r, relu(A[i, r]))
f = d.objective("f", Y)

on_A = f.wrt(Y[i, r]) * Where(A[i, r] > 0, 1, 0)
on_Z = Sum(on_A * W_o[q, r], r) * Where(Z[i, q] > 0, 1, 0)

d.claim("shape of Y", d.shape(Y), (m, n_o))
d.claim("output, any size", f.wrt(A[i, r]), on_A)
d.claim("output weights, any size", f.wrt(W_o[q, r]), Sum(H[i, q] * f.wrt(A[i, r]), i), Sum(H[i, q] * on_A, i))
d.claim("output bias, any size", f.wrt(b_o[r]), Sum(f.wrt(A[i, r]), i), Sum(on_A, i))
d.claim("hidden units, any size", f.wrt(H[i, q]), Sum(f.wrt(A[i, r]) * W_o[q, r], r), Sum(on_A * W_o[q, r], r))
d.claim("hidden, any size", f.wrt(Z[i, q]), f.wrt(H[i, q]) * Where(Z[i, q] > 0, 1, 0), on_Z)
d.claim("hidden weights, any size", f.wrt(W_h[p, q]), Sum(X[i, p] * f.wrt(Z[i, q]), i), Sum(X[i, p] * on_Z, i))
d.claim("hidden bias, any size", f.wrt(b_h[q]), Sum(f.wrt(Z[i, q]), i), Sum(on_Z, i))
d.claim("inputs, any size", f.wrt(X[i, p]), Sum(f.wrt(Z[i, q]) * W_h[p, q], q), Sum(on_Z * W_h[p, q], q))
