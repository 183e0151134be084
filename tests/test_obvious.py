"""What anybody sees at a glance is proved, with its side conditions; its false neighbours are not.

Each row was once unknown, proved without the condition that it needs, or is what a wrong law would prove.
"""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from flint import fmpq
from sympy import Abs, And, Eq, Integer, Max, Min, Ne, Rational, exp, log, sign, sin, sqrt, sympify

from symderiv import Delta, Derivation, Product, Sum, Where, determinant, inverse, relu, sigmoid, trace
from symderiv.errors import ShapeError, TermError
from symderiv.judging.verify import judge_step
from symderiv.language.claim import Step
from symderiv.language.program import check_member
from symderiv.language.verdict import Proved, name_of
from symderiv.proof.algebra import new_context
from symderiv.proof.alike import is_same, is_same_unfolded
from symderiv.proof.decide import replay
from symderiv.proof.normal import normal
from symderiv.proof.poly import Poly
from symderiv.refutation.interpret import World

page = Derivation("the obvious")
n = page.size("n")
i, j, k = page.indices("i j k", n)
o = page.index("o", n, 2)
r = page.index("r", i)
a, b, c = page.inputs("a b c")
p = page.input("p", positive=True)
x = page.input("x", i)
y = page.input("y", 2 * n + 1)
t = page.label("t", i, of=k)
v = page.let("v", 2 * a)
w = page.let("w", -a * b)
s = page.let("s", sign(a))
none = page.let("none", 0)
u = page.let("u", Where(a > 0, 1, 2))
jump = page.let("jump", Where(s > 0, a, -a))
lifted = page.let("lifted", Max(u, a))
named = page.let("named", i, Where(x[i] > a + b, sin(x[i]) / (x[i] - a - b), 0))
PROGRAM = page.program
d = page.total


def judged(left: Any, right: Any, program: Any = PROGRAM) -> tuple[str, set[str]]:
    """The verdict, and the side conditions of a proof."""
    verdict = judge_step(Step(sympify(left), sympify(right)), program).graph
    if not isinstance(verdict, Proved):
        return name_of(verdict), set()
    return "proved", {f"{c.term} {c.relation} 0" for c in verdict.certificate.conditions}


KINKS = [
    # about                                    left                                             right                            verdict    where
    ("a case behind a sign",                   d(Where(sign(a) > 0, 1, 0), a),                  0,                               "proved",  {"a != 0"}),
    ("an absolute value behind a sign",        d(Where(sign(a) > 0, a, -a), a),                 Where(sign(a) > 0, 1, -1),       "proved",  {"a != 0"}),
    ("a hinge behind a sign",                  d(Where(sign(1 - a) > 0, 1 - a, 0), a),          -Where(sign(1 - a) > 0, 1, 0),   "proved",  {"1 - a != 0"}),
    ("a sign of a sum",                        d(Where(sign(a + b) > 0, a, -a), a),             Where(sign(a + b) > 0, 1, -1),   "proved",  {"a + b != 0"}),
    ("a sign squared",                         d(sign(a) ** 2, a),                              0,                               "proved",  {"a != 0"}),
    ("a sign's absolute value",                d(Abs(sign(a)), a),                              0,                               "proved",  {"a != 0"}),
    ("a sign in a maximum",                    d(Max(sign(a), 0), a),                           0,                               "proved",  {"a != 0"}),
    ("one that is always less",                d(Max(sign(a), 1), a),                           0,                               "proved",  {"a != 0"}),
    ("a maximum that jumps where it is less",  d(Max(sign(a), Rational(1, 2)), a),              0,                               "proved",  {"a != 0"}),
    ("two signs compared",                     d(Where(sign(a) > sign(b), a, b), a),            Where(sign(a) > sign(b), 1, 0),  "proved",  {"a != 0"}),
    ("two signs that are equal",               d(Where(Eq(sign(a), sign(b)), a, b), a),         Where(Eq(sign(a), sign(b)), 1, 0), "proved", {"a != 0"}),
    ("their comparison is no other",           d(Where(sign(a) > sign(b), a, b), a),            Where(a > b, 1, 0),              "refuted", set()),
    ("a sign in a sum",                        d(Sum(sign(x[i]) * x[i], i), x[j]),              sign(x[j]),                      "proved",  {"x[j] != 0"}),
    ("a sign beside a label",                  d(sign(a) * x[t[i]], a),                         0,                               "proved",  {"a != 0"}),
    ("a case by a case",                       d(Where(Where(a > 0, 1, 2) > 1, a, -a), a),      Where(a > 0, -1, 1),             "proved",  {"a != 0"}),
    ("a delta of a sign",                      d(Delta(sign(a), 1) * a, a),                     Where(a > 0, 1, 0),              "proved",  {"a != 0"}),
    ("relu of a sign",                         d(relu(sign(a) - 1), a),                         0,                               "proved",  {"a != 0"}),
    ("a case of equality",                     d(Where(Eq(a, 0), 1, a**2), a),                  2 * a,                           "proved",  {"a != 0"}),
    ("a case of inequality",                   d(Where(Ne(a, 0), a, 0), a),                     1,                               "proved",  {"a != 0"}),
    ("the other branch of it",                 d(Where(Eq(a, 0), a, 3 * a), a),                 1,                               "refuted", set()),
    ("a sign by its name",                     d(jump, a),                                      Where(s > 0, 1, -1),             "proved",  {"a != 0", "s != 0"}),
    ("a jump by its name",                     d(lifted, a),                                    Where(a > u, 1, 0),              "proved",  {"a != 0", "a - u != 0"}),
    ("a case by positions",                    d(Where(i > j, a, 2 * a), a),                    Where(i > j, 1, 2),              "proved",  set()),
    ("a sign's derivative is not the sign",    d(sign(a) * a, a),                               1,                               "refuted", set()),
    ("a value, no derivative",                 Where(sign(a) > 0, 1, 0),                        Where(a > 0, 1, 0),              "proved",  set()),
    ("a delta's value",                        Delta(sign(a), 0),                               Where(Eq(a, 0), 1, 0),           "proved",  set()),
]  # fmt: skip


SUMS = [
    # about                                    left                                             right                                           verdict
    ("the first term apart",                   Sum(i * x[i], i),                                x[1] + Sum(o * x[o], o),                        "proved"),
    ("with a square",                          Sum(i**2 * x[i], i),                             x[1] + Sum(o**2 * x[o], o),                     "proved"),
    ("with a denominator",                     Sum(x[i] / i, i),                                x[1] + Sum(x[o] / o, o),                        "proved"),
    ("with the wrong factor",                  Sum(i * x[i], i),                                x[1] + Sum((o - 1) * x[o], o),                  "refuted"),
    ("a stride",                               Sum(y[2 * j], j),                                y[2] + Sum(y[2 * o], o),                        "proved"),
    ("a stride of odd places",                 Sum(y[2 * j - 1], j),                            y[1] + Sum(y[2 * o - 1], o),                    "proved"),
    ("odd places from later on",               Sum(y[2 * j + 1], j),                            Sum(y[2 * j - 1], j) + y[2 * n + 1] - y[1],     "proved"),
    ("another stride",                         Sum(y[2 * j], j),                                y[2] + Sum(y[2 * o - 1], o),                    "refuted"),
    ("reversed",                               Sum(i * x[i], i),                                Sum((n + 1 - i) * x[n + 1 - i], i),             "proved"),
    ("reversed by half",                       Sum(i * x[i], i),                                Sum(i * x[n + 1 - i], i),                       "refuted"),
    ("ragged",                                 Sum(Sum(x[r], r), i),                            Sum((n + 1 - k) * x[k], k),                     "proved"),
    ("ragged, off by one",                     Sum(Sum(x[r], r), i),                            Sum((n - k) * x[k], k),                         "refuted"),
    ("ragged, by cases",                       Sum(Sum(x[r], r), i),                            Sum(Where(k <= i, x[k], 0), i, k),              "proved"),
    ("ragged and weighted",                    Sum(Sum(i * x[r], r), i),                        Sum(Where(k <= i, i * x[k], 0), i, k),          "proved"),
    ("pairs",                                  Sum(Where(i < j, x[i] * x[j], 0), i, j),         Sum(Where(j < i, x[i] * x[j], 0), i, j),        "proved"),
    ("pairs that are not symmetric",           Sum(Where(i < j, x[i] * x[j]**2, 0), i, j),      Sum(Where(j < i, x[i] * x[j]**2, 0), i, j),     "refuted"),
    ("half of the square",                     Sum(Where(i < j, x[i] * x[j], 0), i, j),         (Sum(x[i], i)**2 - Sum(x[i]**2, i)) / 2,        "proved"),
    ("with the diagonal",                      Sum(Where(i <= j, x[i] * x[j], 0), i, j),        (Sum(x[i], i)**2 + Sum(x[i]**2, i)) / 2,        "proved"),
    ("the diagonal with the wrong sign",       Sum(Where(i <= j, x[i] * x[j], 0), i, j),        (Sum(x[i], i)**2 - Sum(x[i]**2, i)) / 2,        "refuted"),
    ("a distance",                             Sum(Where(i > j, x[j] / (i - j), 0), j),         Sum(Where(j < i, x[j] / (i - j), 0), j),        "proved"),
    ("a distance that is turned",              Sum(Where(i > j, x[j] / (i - j), 0), j),         Sum(Where(j < i, x[j] / (j - i), 0), j),        "refuted"),
]  # fmt: skip


POWERS = [
    # about                                    left                                             right                                           verdict
    ("a product of a node",                    Product(v, i),                                   Product(2 * a, i),                              "proved"),
    ("of a negative one",                      Product(w, i),                                   (-1)**n * a**n * b**n,                          "proved"),
    ("its sign lost",                          Product(w, i),                                   a**n * b**n,                                    "refuted"),
    ("the number to no power",                 Product(v, i),                                   2 * a**n,                                       "refuted"),
    ("a quotient to a power",                  (a / b)**n,                                      a**n / b**n,                                    "proved"),
    ("all but one",                            Product(v, o),                                   v**(n - 1),                                     "proved"),
    ("the log of a square",                    log(a**2),                                       2 * log(Abs(a)),                                "proved"),
    ("the log of squares",                     log(a**4 * b**2),                                4 * log(Abs(a)) + 2 * log(Abs(b)),              "proved"),
    ("where the other side asks for a > 0",    log(a**2),                                       2 * log(a),                                     "proved"),
    ("the log of a square times a number",     log(a**2 * b),                                   2 * log(Abs(a)) + log(b),                       "proved"),
    ("the log of the square of a sum",         log((a + b)**2),                                 2 * log(Abs(a + b)),                            "proved"),
    ("the log of a sum of squares",            log(a**2 + b**2),                                2 * log(Abs(a)) + 2 * log(Abs(b)),              "refuted"),
    ("the log of an absolute product",         log(Abs(a * b)),                                 log(Abs(a)) + log(Abs(b)),                      "proved"),
    ("the root of a square of several terms",  sqrt(a**2 - 2 * a * b + b**2),                   Abs(a - b),                                     "proved"),
    ("of more",                                sqrt(a**2 + 4 * b**2 + c**2 - 4 * a * b + 2 * a * c - 4 * b * c), Abs(a - 2 * b + c),         "proved"),
    ("which is no sum",                        sqrt(a**2 - 2 * a * b + b**2),                   a - b,                                          "refuted"),
    ("no square",                              sqrt(a**2 + a * b + b**2),                       Abs(a + b),                                     "refuted"),
    ("a derivative",                           d(log(a**2), a),                                 2 / a,                                          "proved"),
    ("not of the absolute value",              d(log(a**2), a),                                 2 / Abs(a),                                     "refuted"),
]  # fmt: skip


recurrences = Derivation("recurrences")
T = recurrences.size("T")
q = recurrences.index("q", T)
at = recurrences.index("at", 6, lower=0)
few = recurrences.index("few", 4)
f, g = recurrences.inputs("f g")
z = recurrences.input("z", q)
S = recurrences.let("S", at, lambda S: Where(at > 0, f * S[at - 1] + g, 1))
squared = recurrences.let("squared", at, lambda squared: Where(at > 0, squared[at - 1] ** 2, f))
fibonacci = recurrences.let("fibonacci", few, lambda F: Where(few > 2, F[few - 1] + F[few - 2], few))
h = recurrences.let("h", q, lambda h: Where(q > 1, f * h[q - 1], 0) + z[q])
back = recurrences.let("back", q, lambda back: Where(q < T, f * back[q + 1], 0) + z[q])

UNFOLDED = [
    # about                                    left                                             right                                           verdict
    ("at a number",                            S[2],                                            f**2 + f * g + g,                               "proved"),
    ("at a later one",                         S[3],                                            f**3 + f**2 * g + f * g + g,                    "proved"),
    ("a term more",                            S[3],                                            f**3 + f**2 * g + f * g + 2 * g,                "refuted"),
    ("its derivative",                         recurrences.total(S[3], f),                      3 * f**2 + 2 * f * g + g,                       "proved"),
    ("half of it",                             recurrences.total(S[3], f),                      3 * f**2 + f * g + g,                           "refuted"),
    ("by an earlier entry",                    recurrences.total(S[3], S[1]),                   f**2,                                           "proved"),
    ("of two steps",                           fibonacci[4],                                    5,                                              "proved"),
    ("their sum",                              Sum(fibonacci[few], few),                        11,                                             "proved"),
    ("one that grows",                         squared[6],                                      squared[5]**2,                                  "proved"),
    ("two steps",                              Where(q > 2, h[q], 0),                           Where(q > 2, z[q] + f * z[q - 1] + f**2 * h[q - 2], 0), "proved"),
    ("two steps, a factor lost",               Where(q > 2, h[q], 0),                           Where(q > 2, z[q] + f * z[q - 1] + f * h[q - 2], 0), "refuted"),
    ("two steps where there is one",           Where(q > 1, h[q], 0),                           Where(q > 1, z[q] + f * z[q - 1], 0),           "refuted"),
    ("three steps",                            Where(q > 3, h[q], 0),                           Where(q > 3, z[q] + f * z[q - 1] + f**2 * z[q - 2] + f**3 * h[q - 3], 0), "proved"),
    ("backwards",                              Where(q + 1 < T, back[q], 0),                    Where(q + 1 < T, z[q] + f * z[q + 1] + f**2 * back[q + 2], 0), "proved"),
]  # fmt: skip


matrices = Derivation("small matrices")
row, column = matrices.indices("row column", 2)
third = matrices.index("third", 3)
A = matrices.input("A", row, column)
B = matrices.input("B", 1, 1)
C = matrices.input("C", 3, 3)
M = matrices.let("M", row, column, Delta(row, column) + A[row, column])

SMALL = [
    # about                                    left                                             right                                           verdict
    ("two by two",                             determinant(A),                                  A[1, 1] * A[2, 2] - A[1, 2] * A[2, 1],          "proved"),
    ("with the wrong sign",                    determinant(A),                                  A[1, 1] * A[2, 2] + A[1, 2] * A[2, 1],          "refuted"),
    ("the identity and more",                  determinant(M),                                  1 + trace(A) + determinant(A),                  "proved"),
    ("without the trace",                      determinant(M),                                  1 + determinant(A),                             "refuted"),
    ("one by one",                             determinant(B),                                  B[1, 1],                                        "proved"),
    ("its inverse",                            inverse(B)[1, 1],                                1 / B[1, 1],                                    "proved"),
    ("an entry of an inverse",                 inverse(A)[1, 2],                                -A[1, 2] / determinant(A),                      "proved"),
    ("the transposed one",                     inverse(A)[1, 2],                                -A[2, 1] / determinant(A),                      "refuted"),
    ("at any position",                        inverse(A)[row, row] * determinant(A),           trace(A) - A[row, row],                         "proved"),
    ("a derivative",                           matrices.total(determinant(A), A[1, 1]),         A[2, 2],                                        "proved"),
    ("three by three",                         determinant(C),                                  Sum(C[1, third] * inverse(C)[third, 1], third) * determinant(C), "proved"),
]  # fmt: skip


@pytest.mark.parametrize(("about", "left", "right", "verdict", "where"), KINKS, ids=[row[0] for row in KINKS])
def test_kinks_behind_what_only_jumps(about, left, right, verdict, where):
    found, conditions = judged(left, right)
    assert (found, where if verdict == "proved" else set()) == (verdict, conditions)


@pytest.mark.parametrize(("about", "left", "right", "verdict"), SUMS + POWERS, ids=[row[0] for row in SUMS + POWERS])
def test_sums_and_powers(about, left, right, verdict):
    assert judged(left, right)[0] == verdict


@pytest.mark.parametrize(("about", "left", "right", "verdict"), UNFOLDED, ids=[row[0] for row in UNFOLDED])
def test_recurrences(about, left, right, verdict):
    assert judged(left, right, recurrences.program)[0] == verdict


@pytest.mark.parametrize(("about", "left", "right", "verdict"), SMALL, ids=[row[0] for row in SMALL])
def test_small_matrices(about, left, right, verdict):
    assert judged(left, right, matrices.program)[0] == verdict


@pytest.mark.parametrize(
    ("left", "right", "program"),
    [
        (Sum(Where(i > j, x[j] / (i - j), 0), j), Sum(Where(k < i, x[k] / (i - k), 0), k), PROGRAM),
        (Sum(named[i], i), Sum(Where(x[j] > a + b, sin(x[j]) / (x[j] - a - b), 0), j), PROGRAM),
        (determinant(A), A[1, 1] * A[2, 2] - A[1, 2] * A[2, 1], matrices.program),
        (S[3], f**3 + f**2 * g + f * g + g, recurrences.program),
    ],
    ids=["one formula", "by a name", "a small matrix", "a recurrence"],
)
def test_such_a_proof_can_be_replayed(left, right, program):
    certificate = judge_step(Step(left, right), program).graph.certificate
    assert replay(certificate, left, right, program)
    assert not replay(certificate, left, right + 1, program)


def test_a_position_is_made_of_positions():
    """A sign as a position once made the engine fail; what a real number chooses is a case."""
    with pytest.raises(
        ShapeError, match=r"x\[sign\(a\) \+ 2\]: the position sign\(a\) \+ 2 depends on a, a real number; .* Write the choice with Where"
    ):
        check_member(PROGRAM, Where(And(sign(a) + 2 >= 1, sign(a) + 2 <= n), x[sign(a) + 2], 0))
    with pytest.raises(TermError, match=r"the index l over 1..sign\(a\) \+ 2: a range does not depend on a, a real number"):
        page.index("l", sign(a) + 2)


ALIKE = [
    # left                                                  right                                              one formula
    (Where(a > 0, log(a), 0),                               Where(a <= 0, 0, log(a)),                          True),
    (Where(Ne(a, 0), 1 / a, 0),                             Where(Eq(0, a), 0, 1 / a),                         True),
    (Sum(Where(i >= j + 1, x[j] / (i - j), 0), j),          Sum(Where(i <= k, 0, x[k] / (i - k)), k),          True),
    (Delta(i, j) * x[i],                                    Delta(j, i) * x[i],                                True),
    (Where(a > 0, log(a), 0),                               Where(a >= 0, log(a), 0),                          False),
    (Where(i > j, 1, 0),                                    Where(j > i, 1, 0),                                False),
    (Sum(x[i] * x[j], i),                                   Sum(x[i] * x[j], j),                               False),
    (Sum(x[i], i),                                          Sum(x[o], o),                                      False),
    (exp(v),                                                exp(2 * a),                                        False),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "same"), ALIKE)
def test_one_formula(left, right, same):
    assert is_same(left, right) == same


def test_one_formula_by_names():
    assert is_same_unfolded(exp(v) * w, -a * b * exp(2 * a), PROGRAM)
    assert not is_same_unfolded(Max(1 / none, 1), 0, PROGRAM)  # SymPy compares no infinity
    assert not is_same_unfolded(exp(v) * w, a * b * exp(2 * a), PROGRAM)
    assert not is_same_unfolded(d(exp(v), v), d(exp(2 * a), v), PROGRAM)  # along every path is not along none


def test_a_formula_whose_values_are_too_large_is_still_itself():
    tower = exp(exp(exp(exp(exp(exp(a**2 + 9))))))
    assert judged(tower, tower)[0] == "proved"


def test_a_formula_without_a_value_is_not_proved():
    assert judged(log(-(a**2) - 1), log(-(a**2) - 1))[0] == "unknown"


def nested(depth: int, step: Any) -> Any:
    """A formula in itself so many times over."""
    letters = (a, b, c, p)
    term = letters[0]
    for level in range(1, depth):
        term = step(term, letters[level % 4])
    return term


DEEP = [
    # about                            a formula in itself
    ("relu",                           lambda z, y: relu(z - y)),
    ("a difference of relus",          lambda z, y: relu(z) - relu(y)),
    ("a maximum",                      lambda z, y: Max(2 * z, y)),
    ("an absolute value",              lambda z, y: Abs(z - y)),
    ("a case",                         lambda z, y: Where(z > y, z, 2 * y)),
    ("a sigmoid of a case",            lambda z, y: sigmoid(Where(z >= y, z, -y))),
]  # fmt: skip


@pytest.mark.parametrize(("about", "step"), DEEP, ids=[row[0] for row in DEEP])
def test_cases_deep_in_each_other(about, step):
    """Keys doubled with each level and cases were split once too often: eight levels took minutes."""
    term = nested(8, step)
    assert judged(term * (a + b), term * a + b * term)[0] == "proved"
    assert judged(d(3 * term, a), 3 * d(term, a))[0] in ("proved", "unknown")  # unknown where no point is off all kinks
    assert judged(term * (a + b), term * a + b * term + 1)[0] == "refuted"


def closed_value(poly: Poly, at: dict[str, Any]) -> Any:
    """What a form means in which cases are closed, read off its definition."""
    result = fmpq(0)
    for monomial, coefficient in poly.terms.items():
        for g, e in monomial:
            inside = [closed_value(q, at) for q in g.args]
            holds = g.kind == "case" and (inside[0] == 0 if g.head == "=" else inside[0] > 0)
            value = at[g.head] if g.kind == "scalar" else max(inside[0], fmpq(0)) if g.kind == "relu" else inside[1] if holds else fmpq(0)
            coefficient *= value ** int(e)
        result += coefficient
    return result


@pytest.mark.parametrize("terms", [100, pytest.param(400, marks=pytest.mark.slow)])
def test_a_closed_case_means_what_the_term_means(terms):
    """Random terms, cases in cases, at small whole numbers, where they meet their kinks."""
    random, compared = Random(3), 0

    def term(depth: int) -> Any:
        if not depth:
            return random.choice([a, b, c, Integer(1), Integer(-2), Integer(0)])
        one, two, three = (term(depth - 1) for _ in range(3))
        z = random.choice([one - two, two, 2 * one])
        case = random.choice([z > 0, z >= 0, z < three, z <= three, Eq(z, three), Ne(z, 0)])
        return random.choice(
            [relu(z), relu(-z), Abs(z), Max(one, two), Min(one, two), Where(case, one, three), Where(case, z, 0), one * two, one - three]
        )

    for _ in range(terms):
        try:
            sampled = sympify(term(3))
        except ValueError:
            continue  # SymPy compares no relu(3)
        poly = normal(sampled, new_context(closed=True))
        for _ in range(6):
            at = {name: fmpq(random.randint(-2, 2)) for name in "abc"}
            world = World(PROGRAM, {}, lambda head, _, at=at: at[head.name], formal=False)
            assert world.evaluate(sampled, {}) == closed_value(poly, at), (sampled, poly, at)
            compared += 1
    assert compared > 2 * terms
