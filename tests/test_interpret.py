"""Meaning by brute force, against fractions and mpmath."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq
from mpmath import mp, mpf
from plain import NoValue, value
from sympy import Abs, Eq, Max, Min, Ne, Rational, UnevaluatedExpr, cos, erf, exp, log, pi, sign, sin, sqrt, sympify, tanh

from symderiv import Delta, Derivation, Sum, Where, relu, sigmoid, softplus
from symderiv.errors import TermError, TooLarge, Undefined
from symderiv.language.effort import Effort
from symderiv.language.terms import DERIVATIVES, Index
from symderiv.language.vocabulary import FUNCTIONS, KINDS
from symderiv.refutation.interpret import CURVES, MEANING, World, meaning_of

page = Derivation("meaning")
m, n = page.sizes("m n")
i, j, k = page.indices("i j k", n)
p = page.index("p", m)
r = page.index("r", i)
s = page.index("s", n - 1)
a, b, c = page.inputs("a b c")
d, e = page.inputs("d e", nonnegative=True)
x = page.input("x", i)
A = page.input("A", i, p)
v = page.input("v", 3)
mu = page.let(r"\mu", Sum(x[i], i) / n)
var = page.let(r"\sigma^2", Sum((x[i] - mu) ** 2, i) / n)
y = page.let("y", i, (x[i] - mu) / sqrt(var + 1))
kinked = page.let("z", i, relu(x[i]) * Abs(a))
PROGRAM = page.program
X = UnevaluatedExpr

VALUES = {
    (a.name,): Fraction(3), (b.name,): Fraction(-2), (c.name,): Fraction(1, 4),
    (d.name,): Fraction(0), (e.name,): Fraction(4),
    ("x", 1): Fraction(2), ("x", 2): Fraction(-3), ("x", 3): Fraction(5),
    ("v", 1): Fraction(2), ("v", 2): Fraction(-3), ("v", 3): Fraction(5),
    **{("A", r, c): Fraction(r - 2 * c, 1 + r) for r in (1, 2, 3) for c in (1, 2)},
}  # fmt: skip
SIZES = {n: 3, m: 2}
HERE = {i: 2, j: 3, k: 2, p: 1}


def world(formal=False, sizes=SIZES, values=VALUES, budget=100_000):
    def draw(head, positions):
        drawn = values[(head.name, *positions)]
        return fmpq(drawn.numerator, drawn.denominator)

    return World(PROGRAM, sizes, draw, formal, Effort(most=budget))


def brute(term, at=HERE, **kwargs):
    with ctx.workprec(200):
        return world(**kwargs).evaluate(sympify(term), at)


EXACT = [
    # term                                          value at x = (2, -3, 5), a = 3, b = -2, c = 1/4, n = 3, m = 2, i = 2, j = 3
    (Rational(-2, 3),                               Fraction(-2, 3)),
    (n + m,                                         Fraction(5)),
    (i * j,                                         Fraction(6)),
    (x[i],                                          Fraction(-3)),
    (v[1] - v[3] * a,                               Fraction(-13)),
    (A[i, p],                                       Fraction(0)),
    (a**3 / b**2,                                   Fraction(27, 4)),
    (a**-2,                                         Fraction(1, 9)),
    (sqrt(c),                                       Fraction(1, 2)),
    (c ** Rational(-3, 2),                          Fraction(8)),
    (sqrt(X(a) - 3),                                Fraction(0)),
    (Sum(x[i], i),                                  Fraction(4)),
    (Sum(i, i),                                     Fraction(6)),
    (Sum(2, i),                                     Fraction(6)),
    (Sum(1, s),                                     Fraction(2)),
    (Sum(x[s], s),                                  Fraction(-1)),
    (Sum(1, r),                                     Fraction(2)),
    (Sum(Sum(x[r], r), i),                          Fraction(5)),
    (Sum(x[i] * Sum(x[i], i), i),                   Fraction(16)),
    (Sum(x[i] * x[j], i, j, Ne(i, j)),              Fraction(16 - 38)),
    (Sum(x[j], j, j <= i),                          Fraction(-1)),
    (Delta(i, j) + Delta(i, k),                     Fraction(1)),
    (Delta(i + 1, j),                               Fraction(1)),
    (Where(i < j, a, b),                            Fraction(3)),
    (Where(Eq(i, j), a, b),                         Fraction(-2)),
    (Where(Ne(i, k), a, b),                         Fraction(-2)),
    (Where(a > b, 1, 0),                            Fraction(1)),
    (Where(a <= b, log(b), 7),                      Fraction(7)),
    (relu(b) + relu(a),                             Fraction(3)),
    (Abs(b),                                        Fraction(2)),
    (sign(b) + sign(a - 3),                         Fraction(-1)),
    (Max(a, b, c) - Min(a, b, c),                   Fraction(5)),
    (X(a) - X(a),                                   Fraction(0)),
    (mu,                                            Fraction(4, 3)),
    (var,                                           Fraction(98, 9)),
    (exp(X(a) - a) + cos(X(b) - b),                 Fraction(2)),
    (kinked[1],                                     Fraction(6)),
    (page.total(mu, x[i]),                          Fraction(1, 3)),
    (page.total(var, x[i]),                         Fraction(2, 3) * (-3 - Fraction(4, 3))),
    (page.partial(var, x[i]),                       Fraction(2, 3) * (-3 - Fraction(4, 3))),
    (page.total(var, mu),                           Fraction(0)),
    (page.total(a**3 * b, a),                       Fraction(-54)),
    (page.total(page.total(a**3 * b, a), a),        Fraction(-36)),
    (page.total(page.total(a**3 * b**2, a), b),     Fraction(-108)),
    (page.total(Sum(x[i] ** 2, i), x[k]),           Fraction(-6)),
    (page.total(Sum(x[s] ** 2, s), x[j]),           Fraction(0)),
    (page.total(x[i], x[j]),                        Fraction(0)),
    (page.total(kinked[1], a),                      Fraction(2)),
    (page.total(e**2 + d, e),                       Fraction(8)),
    (page.total(kinked[1], x[1]),                   Fraction(3)),
    (page.total(sign(a) * a, a),                    Fraction(1)),
    (page.total(Where(a > 0, a**2, b), a),          Fraction(6)),
    (page.total(sqrt(c), c),                        Fraction(1)),
    (Sum(page.total(Sum(x[j] ** 2, j), x[i]), i),   Fraction(8)),
]  # fmt: skip


@pytest.mark.parametrize(("term", "expected"), EXACT, ids=[str(row[0]) for row in EXACT])
def test_exact_values(term, expected):
    found = brute(term)
    assert not isinstance(found, arb)
    assert Fraction(int(found.p), int(found.q)) == expected


ENCLOSED = [
    exp(a), log(a), tanh(b), erf(c), sin(a), cos(b), sigmoid(b), softplus(b), softplus(a), sqrt(a), a ** Rational(2, 3), a**c, pi * a, exp(1) - 3 * a,
    X(c) ** (b / 3), y[i], Sum(exp(x[i] / 3), i), log(Sum(exp(x[i]), i)), sqrt(var + a), exp(-(a**2) / 2),
    Abs(sin(b)), relu(tanh(a)), Max(exp(a), exp(b)), Where(exp(a) > 2, sin(a), 0),
    page.total(tanh(a * b), a), page.total(sigmoid(a * c), c), page.total(erf(c), c), page.total(softplus(b), b), page.total(a**c, c),
    page.total(log(Sum(exp(x[k]), k)), x[i]), page.total(y[i], x[j]), page.partial(y[i], x[i]), page.partial(y[i], var), page.partial(y[i], mu),
    page.total(y[i], mu), page.total(page.total(sin(a * b), a), b), page.total(page.total(log(Sum(exp(x[k]), k)), x[i]), x[j]),
]  # fmt: skip


@pytest.mark.parametrize("term", ENCLOSED, ids=str)
def test_balls_enclose_what_mpmath_says(term):
    found = brute(term)
    fixed = {(s,): mpf(v) for s, v in SIZES.items()}
    for head in (a, b, c):
        fixed[(head,)] = mpf(VALUES[(head.name,)].numerator) / VALUES[(head.name,)].denominator
    for at in (1, 2, 3):
        fixed[(x.body.head, at)] = mpf(int(VALUES["x", at]))
    assert isinstance(found, arb)
    assert found.rad() < 1e-40
    with mp.workdps(60):
        expected = value(term, PROGRAM, fixed, HERE)
        assert abs(mpf(str(found.mid().str(50, radius=False))) - expected) < mpf(10) ** -12 * (1 + abs(expected))


UNDEFINED = [
    # about                              term                                     at
    ("a division by zero",               1 / (a - 3),                             HERE),
    ("a sum that is zero",               1 / (Sum(x[i], i) - 4),                  HERE),
    ("the root of a negative number",    sqrt(b),                                 HERE),
    ("the log of zero",                  log(a - 3),                              HERE),
    ("the log of a negative number",     log(b),                                  HERE),
    ("a kink's derivative",              page.total(relu(a - 3), a),              HERE),
    ("a root's derivative at zero",      page.total(sqrt(X(a) - 3), a),           HERE),
    ("a slope at the end of a range",    page.total(d**2, d),                     HERE),
    ("a position between two",           Delta((i + 1) / X(2), 1),                HERE),
]  # fmt: skip


@pytest.mark.parametrize(("about", "term", "at"), UNDEFINED, ids=[row[0] for row in UNDEFINED])
def test_what_has_no_value(about, term, at):
    with pytest.raises(Undefined):
        brute(term, at)


def test_a_ball_that_touches_zero_answers_nothing():
    touching = sin(a) ** 2 + cos(a) ** 2 - 1
    for term in (1 / touching, log(touching), sqrt(touching), Where(touching > 0, 1, 0), relu(touching)):
        with pytest.raises(Undefined):
            brute(term)


def test_formally_nodes_are_drawn():
    values = {**VALUES, (r"\mu",): Fraction(7), (r"\sigma^2",): Fraction(3), ("y", 2): Fraction(11)}
    assert brute(mu, formal=True, values=values) == 7
    assert brute(page.partial(var, mu), formal=True, values=values) == fmpq(-2, 3) * (4 - 21)
    assert brute(page.total(y[i], var), formal=True, values=values) == -(fmpq(-3) - 7) * fmpq(1, 16)


def test_the_budget_is_kept():
    with pytest.raises(TooLarge):
        brute(Sum(Sum(Sum(x[i] * x[j] * x[k], i), j), k), budget=50)


def test_a_range_that_is_empty():
    assert brute(Sum(x[s], s), at={}, sizes={n: 1, m: 1}) == 0


def test_every_kind_has_a_meaning():
    for kind in (*KINDS, *FUNCTIONS, *DERIVATIVES):
        assert meaning_of(kind) is not None
    with pytest.raises(TermError):
        meaning_of(type(None))
    assert Index in MEANING
    assert all(callable(curve.value) and callable(curve.slope) for curve in CURVES.values())


def test_the_third_opinion_can_say_no():
    with pytest.raises(NoValue):
        value(log(b), PROGRAM, {(b,): mpf(-1)})
