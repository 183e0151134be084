"""Inputs that are one of two numbers, or between two; and recurrences that are defined by each other."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from math import tanh as plain_tanh
from typing import Any

import pytest
from flint import fmpq
from sympy import Abs, Rational, Symbol, exp, log, sqrt, sympify, tanh

from symderiv import Derivation, Sum, Where, relu, sigmoid
from symderiv.errors import TermError
from symderiv.judging.verify import judge_step
from symderiv.language.claim import Step
from symderiv.language.verdict import Proved, name_of
from symderiv.refutation.interpret import World


def judged(left: Any, right: Any, page: Derivation) -> tuple[str, set[str], set[str]]:
    """The verdict, and the side conditions and assumptions of a proof."""
    verdict = judge_step(Step(sympify(left), sympify(right)), page.program).graph
    if not isinstance(verdict, Proved):
        return name_of(verdict), set(), set()
    certificate = verdict.certificate
    return "proved", {f"{c.term} {c.relation} 0" for c in certificate.conditions}, {f"{a} = {b}" for a, b in certificate.assumptions}


page = Derivation("labels and shares")
m, D = page.sizes("m D")
i, l = page.indices("i l", m)
j, k = page.indices("j k", D)
theta = page.input("theta", j)
x = page.input("x", i, j)
y, t = page.input("y", i), page.input("t", i)
g = page.input("g")
page.assume(y[i] ** 2, 1)
page.assume(t[i] ** 2, t[i])
page.assume(g**2, g + 2)
p = page.input("p", i, between=(0, 1))
q = page.input("q", between=(-1, 1))
z = page.let("z", i, Sum(theta[j] * x[i, j], j))
void = page.let("w", i, y[i] ** 2 - 1)
J = page.objective("J", Sum(log(1 + exp(-y[i] * z[i])), i) / m)
SQUARE, ZERO_ONE, ROOT = "y[i]**2 = 1", "t[i]**2 = t[i]", "g**2 = g + 2"

JUDGED = [
    # about                                 left                                                  right                                                                       verdict    assumed
    ("the Hessian of a loss of labels ±1",  page.total(J.wrt(theta[j]), theta[k]),                Sum(x[i, j] * x[i, k] * sigmoid(z[i]) * (1 - sigmoid(z[i])), i) / m,        "proved",  SQUARE),
    ("the same with a label left",          page.total(J.wrt(theta[j]), theta[k]),                Sum(y[i] * x[i, j] * x[i, k] * sigmoid(z[i]) * (1 - sigmoid(z[i])), i) / m, "refuted", ""),
    ("its absolute value",                  Abs(y[i]),                                            1,                                                                          "proved",  SQUARE),
    ("its inverse",                         1 / y[i],                                             y[i],                                                                       "proved",  SQUARE),
    ("it is not always 1",                  y[i],                                                 1,                                                                          "refuted", ""),
    ("nor always -1",                       y[i],                                                 -1,                                                                         "refuted", ""),
    ("two of them are not one",             y[i] * y[l],                                          1,                                                                          "refuted", ""),
    ("but their squares are",               y[i] ** 2 * y[l] ** 2,                                1,                                                                          "proved",  SQUARE),
    ("a quotient that never has a value",   exp(q),                                               exp(q * (y[i] ** 2 - 1) / void[i]),                                         "unknown", ""),
    ("0 or 1",                              t[i] ** 3,                                            t[i],                                                                       "proved",  ZERO_ONE),
    ("0 or 1 in a log",                     t[i] * log(sigmoid(z[i])) + (1 - t[i]) * log(1 - sigmoid(z[i])), -log(1 + exp((1 - 2 * t[i]) * z[i])),                            "proved",  ZERO_ONE),
    ("not always 0",                        t[i],                                                 0,                                                                          "refuted", ""),
    ("-1 or 2",                             g**3,                                                 3 * g + 2,                                                                  "proved",  ROOT),
    ("not -1",                              g,                                                    -1,                                                                         "refuted", ""),
    ("not 2",                               g,                                                    2,                                                                          "refuted", ""),
    ("a share and its complement",          Abs(p[i]) + Abs(1 - p[i]),                            1,                                                                          "proved",  ""),
    ("logs of both",                        log(p[i] * (1 - p[i])),                               log(p[i]) + log(1 - p[i]),                                                  "proved",  ""),
    ("entropy",                             page.total(p[i] * log(p[i]) + (1 - p[i]) * log(1 - p[i]), p[i]), log(p[i] / (1 - p[i])),                                          "proved",  ""),
    ("never beyond its range",              relu(p[i] - 1),                                       0,                                                                          "proved",  ""),
    ("beyond the middle of its range",      relu(2 * p[i] - 1),                                   0,                                                                          "refuted", ""),
    ("below the middle of its range",       relu(2 * p[i] - 1),                                   2 * p[i] - 1,                                                               "refuted", ""),
    ("a range around 0",                    page.total(log((1 + q) / (1 - q)) / 2, q),            1 / (1 - q**2),                                                             "proved",  ""),
    ("its root",                            sqrt((q - 1) ** 2),                                   1 - q,                                                                      "proved",  ""),
    ("its sign is open",                    Abs(q),                                               q,                                                                          "refuted", ""),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "verdict", "assumed"), [row[1:] for row in JUDGED], ids=[row[0] for row in JUDGED])
def test_what_an_input_can_be(left, right, verdict, assumed):
    found, needed, under = judged(left, right, page)
    assert (found, under) == (verdict, {assumed} if assumed else set())
    assert needed <= {"y[i] != 0"}  # a range settles its conditions; what rests on an assumption is listed


def test_a_counterexample_keeps_to_the_range():
    """1 is plainer than what lies between 0 and 1, and shows nothing."""
    found = judge_step(Step(relu(2 * p[i] - 1), sympify(0)), page.program).graph
    assert [0 < Rational(value) < 1 for _, value in found.counterexample.values] == [True]


def test_several_inputs_lie_in_one_range():
    d = Derivation("several")
    d.inputs("a b", between=(0, 2))
    assert [(v.head.lower, v.head.upper) for v in d.program.inputs] == [(0, 2), (0, 2)]


REFUSED = [
    ("the square is no square of a number", lambda d: d.assume(d.input("a") ** 2, 2),                          "no known form"),
    ("no real number",                      lambda d: d.assume(d.input("a") ** 2, -1),                         "no known form"),
    ("one number only",                     lambda d: d.assume(d.input("a") ** 2, 0),                          "no known form"),
    ("a cube",                              lambda d: d.assume(d.input("a") ** 3, 1),                          "no known form"),
    ("a positive number that is -1",        lambda d: d.assume(d.input("a", positive=True) ** 2, 1),           "no known form"),
    ("a node",                              lambda d: d.assume(d.let("v", d.input("a") + 1) ** 2, 1),          "is defined on this page"),
    ("another input in the value",          lambda d: d.assume(d.input("a") ** 2, d.input("b")),               "no known form"),
    ("a range that runs backwards",         lambda d: d.input("a", between=(1, 0)),                            "smaller one first"),
    ("a range of one number",               lambda d: d.input("a", between=(1, 1)),                            "smaller one first"),
    ("a range to a name",                   lambda d: d.input("a", between=(0, Symbol("b"))),                  "two numbers"),
    ("a range and a sign",                  lambda d: d.input("a", between=(0, 1), positive=True),             "no sign beside it"),
    ("a value out of range",                lambda d: d.assume(d.input("a", between=(0, 1)), Rational(3, 2)),  "between 0 and 1"),
]  # fmt: skip


@pytest.mark.parametrize(("declare", "said"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_no_input_can_be(declare, said):
    with pytest.raises(TermError, match=said):
        declare(Derivation("refused"))


# recurrences that are defined by each other

lstm = Derivation("a cell and its output")
T, n = lstm.sizes("T n")
s, r = lstm.indices("s r", T)
a, b = lstm.indices("a b", n)
u = lstm.input("u", s, a)
V = lstm.input("V", a, b)
cell, out = lstm.lets(
    "c h",
    s,
    a,
    lambda c, h: (Where(s > 1, c[s - 1, a] * sigmoid(Sum(V[a, b] * h[s - 1, b], b)), 0) + u[s, a], tanh(c[s, a]) * u[s, a]),
)
loss = lstm.objective("L", Sum(out[s, a] ** 2, s, a) / 2)

net = Derivation("layers")
w, depth = net.sizes("w M")
e = net.index("e", depth)
o, oo = net.indices("o q", w)
W, bias = net.input("W", e, o, oo), net.input("b", e, o)
start, aim = net.inputs("v_1 t", o)
sigma = net.function("sigma")
pre, act = net.lets("r v", e, o, lambda r, v: (Sum(W[e, o, oo] * Where(e > 1, v[e - 1, oo], start[oo]), oo) + bias[e, o], sigma(r[e, o])))
error = net.objective("L", Sum((act[depth, o] - aim[o]) ** 2, o) / 2)

TOGETHER = [
    # about                                    page  left                            right                                                                                           verdict
    ("where they begin",                       lstm, out[1, a],                      tanh(u[1, a]) * u[1, a],                                                                        "proved"),
    ("the last adjoint",                       lstm, loss.wrt(cell[T, a]),           out[T, a] * (1 - tanh(cell[T, a]) ** 2) * u[T, a],                                              "proved"),
    ("a lost factor",                          lstm, loss.wrt(cell[T, a]),           out[T, a] * (1 - tanh(cell[T, a])) * u[T, a],                                                   "refuted"),
    ("through the other one",                  lstm, loss.wrt(cell[s, a]),           loss.wrt(out[s, a]) * (1 - tanh(cell[s, a]) ** 2) * u[s, a] + Where(s < T, loss.wrt(cell[s + 1, a]) * sigmoid(Sum(V[a, b] * out[s, b], b)), 0), "proved"),
    ("without the way to the next one",        lstm, loss.wrt(cell[s, a]),           loss.wrt(out[s, a]) * (1 - tanh(cell[s, a]) ** 2) * u[s, a],                                    "refuted"),
    ("nothing depends on what is later",       lstm, lstm.total(cell[1, a], out[T, b]), 0,                                                                                           "proved"),
    ("what is later depends on it",            lstm, lstm.total(out[T, a], cell[1, b]), 0,                                                                                           "refuted"),
    ("the error of a layer",                   net,  error.wrt(pre[e, o]),           error.wrt(act[e, o]) * sigma.derivative(pre[e, o]),                                             "proved"),
    ("from layer to layer",                    net,  error.wrt(act[e, o]),           Where(e < depth, Sum(W[e + 1, oo, o] * error.wrt(pre[e + 1, oo]), oo), act[depth, o] - aim[o]), "proved"),
    ("a weight",                               net,  error.wrt(W[e, o, oo]),         error.wrt(pre[e, o]) * Where(e > 1, act[e - 1, oo], start[oo]),                                 "proved"),
    ("one layer off",                          net,  error.wrt(pre[e, o]),           Where(e > 1, error.wrt(act[e - 1, o]), 0) * sigma.derivative(pre[e, o]),                        "refuted"),
]  # fmt: skip


@pytest.mark.parametrize(("where", "left", "right", "verdict"), [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER])
def test_recurrences_that_use_each_other(where, left, right, verdict):
    assert judged(left, right, where)[0] == verdict


def test_their_values_are_those_of_a_loop():
    """The meaning by brute force beside floats of a loop as one would write it."""

    def drawn(head: Any, at: tuple[int, ...]) -> Any:
        return fmpq(at[0] + 2 * at[1], 3) if head.name == "u" else fmpq(1, 1 + sum(at))

    world = World(lstm.program, {T: 3, n: 2}, drawn, formal=False)
    c, h = [0.0, 0.0], [0.0, 0.0]
    for step in (1, 2, 3):
        gate = [1 / (1 + 2.718281828459045 ** -sum(h[j - 1] / (1 + i + j) for j in (1, 2))) for i in (1, 2)]
        c = [(c[i - 1] * gate[i - 1] if step > 1 else 0.0) + (step + 2 * i) / 3 for i in (1, 2)]
        h = [plain_tanh(c[i - 1]) * (step + 2 * i) / 3 for i in (1, 2)]
    assert [float(world.value((out[s, a].head, (3, i)))) for i in (1, 2)] == pytest.approx(h)


CIRCLES = [
    ("each at the same position",  lambda d, t: d.lets("c h", t, lambda c, h: (h[t] + 1, c[t])),                                          "c rests on h"),
    ("one earlier, one later",     lambda d, t: d.lets("c h", t, lambda c, h: (Where(t > 1, h[t - 1], 0), Where(t < 3, c[t + 1], 0))),    "rests on"),
    ("a later one of itself",      lambda d, t: d.lets("c h", t, lambda c, h: (Where(t > 1, h[t - 1], 0), Where(t < 3, h[t + 1], c[t]))), "rests on"),
    ("too few",                    lambda d, t: d.lets("c h", t, lambda c, h: (Where(t > 1, h[t - 1], 0),)),                              "as many definitions as names"),
    ("one name twice",             lambda d, t: d.lets("c c", t, lambda c, h: (Where(t > 1, h[t - 1], 0), c[t])),                         "already declared"),
    ("no function",                lambda d, t: d.lets("c h", t, 1),                                                                      "as many definitions as names"),
]  # fmt: skip


@pytest.mark.parametrize(("define", "said"), [row[1:] for row in CIRCLES], ids=[row[0] for row in CIRCLES])
def test_circles_that_begin_nowhere(define, said):
    d = Derivation("circles")
    with pytest.raises(TermError, match=said):
        define(d, d.index("t", 3))


def test_a_quotient_by_what_is_assumed_to_be_zero_is_not_one():
    """SymPy cancels it where one side is compared with the other, whatever the letters of its sums are."""
    d = Derivation("shares that sum to 0")
    n = d.size("n")
    whole, one, other = d.index("i", n), d.index("o", n, 2), d.index("p", n, 2)
    x = d.input("x", whole)
    d.assume(Sum(x[whole], whole), 0)
    assert judged((x[1] + Sum(x[one], one)) / (x[1] + Sum(x[other], other)), 1, d)[0] == "unknown"
