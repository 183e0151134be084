"""How many parameters three convolutional layers have, counted from their tensors, as in exercise 2."""

from sympy import Integer, UnevaluatedExpr

from symderiv import Derivation, Sum

derivation = d = Derivation(
    "Parameters of three convolutional layers with 3 × 3 kernels",
    source="DL basics, exercise 1, question 2",
)

i = d.index("i", 3)
N_O = d.input("N^O", i, integer=True, positive=True)
N_I = d.input("N^I", i, integer=True, positive=True)
o, c = d.index("o", N_O[i]), d.index("c", N_I[i])
u, v = d.indices("u v", 3)
W = d.input("W", i, o, c, u, v)
b = d.input("b", i, o)

d.assume(N_O[1], 100)
d.assume(N_O[2], 200)
d.assume(N_O[3], 400)
d.assume(N_I[1], 3)
d.assume(N_I[2], N_O[1])
d.assume(N_I[3], N_O[2])

first = 100 * UnevaluatedExpr(3 * 3 * 3 + 1)
second = 200 * UnevaluatedExpr(3 * 3 * 100 + 1)
third = 400 * UnevaluatedExpr(3 * 3 * 200 + 1)

d.claim("2, one layer", Sum(1, o, c, u, v) + Sum(1, o), N_O[i] * (3 * 3 * N_I[i] + 1))
d.claim(
    "2",
    d.count(W, b),
    Sum(N_O[i] * (3 * 3 * N_I[i] + 1), i),
    N_O[1] * (3 * 3 * N_I[1] + 1) + N_O[2] * (3 * 3 * N_I[2] + 1) + N_O[3] * (3 * 3 * N_I[3] + 1),
    first + second + third,
    UnevaluatedExpr(Integer(2800)) + 180200 + 720400,
    903400,
)
