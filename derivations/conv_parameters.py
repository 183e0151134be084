"""How many parameters three convolutional layers have, counted from their tensors, as in exercise 2."""

from sympy import Add, Mul, UnevaluatedExpr

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

# Kept apart, as the exercise writes them: SymPy would multiply the numbers out.
area = UnevaluatedExpr(Mul(3, 3, evaluate=False))
first = Mul(100, Add(Mul(3, 3, 3, evaluate=False), 1, evaluate=False), evaluate=False)
second = Mul(200, Add(Mul(3, 3, 100, evaluate=False), 1, evaluate=False), evaluate=False)
third = Mul(400, Add(Mul(3, 3, 200, evaluate=False), 1, evaluate=False), evaluate=False)

d.claim("2, one layer", Sum(1, o, c, u, v) + Sum(1, o), N_O[i] * (area * N_I[i] + 1))
d.claim(
    "2",
    d.count(W, b),
    Sum(N_O[i] * (area * N_I[i] + 1), i),
    N_O[1] * (area * N_I[1] + 1) + N_O[2] * (area * N_I[2] + 1) + N_O[3] * (area * N_I[3] + 1),
    Add(first, second, third, evaluate=False),
    Add(2800, 180200, 720400, evaluate=False),
    903400,
)
