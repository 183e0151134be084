"""Cases beside divisions: what a case rules out may be zero under any name, and a true line is proved by cases."""

# ruff: noqa: E501 (tables are read across)

import pytest
from sympy import Abs, Eq, Max, Ne, Pow, Rational, cos, exp, log, sign, sin, sqrt

from symderiv import Delta, Derivation, Sum, Where, inverse, relu
from symderiv.errors import TooLarge
from symderiv.judging.verify import judge_step
from symderiv.language.claim import Step
from symderiv.language.terms import as_term
from symderiv.language.verdict import Condition, Proved, name_of
from symderiv.proof.algebra import new_context
from symderiv.proof.normal import normal
from symderiv.refutation.refute import strained

page = d = Derivation("guards")
n, m = d.sizes("n m")
i, k, l = d.indices("i k l", n)
j = d.index("j", m)
e = d.index("e", n + 2)
o = d.index("o", n, 2)
x, w = d.inputs("x w", i)
v, M = d.input("v", e), d.input("M", i, j)
a, b, z = d.inputs("a b z")
A, t = d.input("A", i, k), d.label("t", i, of=k)
B = d.let("B", i, k, A[i, k])
c = d.let("c", Sum(w[i], i))
minus = d.let("g", -Sum(w[i], i))
below = d.let("q", i, Sum(w[k], k, k <= i))
same = d.let("h", z)
copy = d.let("r", e, v[e])
count = d.let("s", j, Sum(M[i, j], i))
mean = d.let("u", j, Where(Ne(count[j], 0), Sum(M[i, j] * x[i], i) / Sum(M[i, j], i), 0))
f = d.objective("f", mean)
total, weighted = Sum(w[i], i), Sum(w[i] * x[i], i)

GUARDED = [
    # what guards, and what is divided by                  left                                                           right                                  verdict
    ("a name for a sum, and the sum",                      c * Where(Ne(c, 0), weighted / total, 0),                      weighted,                              "refuted"),
    ("what it is",                                         c * Where(Ne(c, 0), weighted / total, 0),                      Where(Ne(c, 0), weighted, 0),          "proved"),
    ("the sum, its first term apart",                      c * Where(Ne(w[1] + Sum(w[o], o), 0), weighted / c, 0),        weighted,                              "refuted"),
    ("a mask, column by column",                           count[j] * mean[j],                                            Sum(M[i, j] * x[i], i),                "refuted"),
    ("its derivative",                                     page.total(mean[j], x[k]) * count[j],                          M[k, j],                               "refuted"),
    ("its gradient, where no column is empty",             f.wrt(x[k]),                                                   Sum(f.wrt(mean[j]) * M[k, j] / count[j], j), "proved"),
    ("an inequality",                                      c * Where(c > 0, a / total, 0),                                Where(c >= 0, a, 0),                   "refuted"),
    ("what it is",                                         c * Where(c > 0, a / total, 0),                                Where(c > 0, a, 0),                    "proved"),
    ("the other sign, by a name",                          -c * Where(minus > 0, a / minus, 0),                           Where(minus >= 0, a, 0),               "refuted"),
    ("what it is",                                         -c * Where(minus > 0, a / minus, 0),                           Where(minus > 0, a, 0),                "proved"),
    ("the other sign, by the sum",                         minus * Where(c < 0, a / total, 0),                            -Where(c <= 0, a, 0),                  "refuted"),
    ("a size",                                             (n - 1) * Where(Ne(n, 1), a / (n - 1), 0),                     a,                                     "refuted"),
    ("what it is",                                         (n - 1) * Where(Ne(n, 1), a / (n - 1), 0),                     Where(Ne(n, 1), a, 0),                 "proved"),
    ("positions, and entries at them",                     (v[e] - v[i + 2]) * Where(Ne(e, i + 2), 1 / (copy[e] - v[i + 2]), 0), 1,                               "refuted"),
    ("what it is",                                         (v[e] - v[i + 2]) * Where(Ne(e, i + 2), 1 / (copy[e] - v[i + 2]), 0), Where(Ne(e, i + 2), 1, 0),       "proved"),
    ("a removable singularity",                            Where(Eq(c, 2), 1, (c - 2) / (total - 2)),                     1 + Where(Eq(c, 2), 1, 0),             "refuted"),
    ("what it is",                                         Where(Eq(c, 2), 1, (c - 2) / (total - 2)),                     1,                                     "proved"),
    ("the value at it",                                    Where(Ne(a, b), (a**2 - b**2) / (a - b), 2 * a),               a + b,                                 "proved"),
    ("another value at it",                                Where(Ne(a, b), (a**2 - b**2) / (a - b), a),                   a + b,                                 "refuted"),
    ("entries that coincide",                              Where(Ne(x[i], x[k]), (x[i] ** 3 - x[k] ** 3) / (x[i] - x[k]), 3 * x[i] ** 2), x[i] ** 2 + x[i] * x[k] + x[k] ** 2, "proved"),
    ("another value there",                                Where(Ne(x[i], x[k]), (x[i] ** 3 - x[k] ** 3) / (x[i] - x[k]), x[i] ** 2), x[i] ** 2 + x[i] * x[k] + x[k] ** 2, "refuted"),
    ("cases within cases",                                 a * b * Where(Ne(a, 0), Where(Ne(b, 0), 1 / (a * b), 0), 0),   Where(Ne(a * b, 0), 1, 0),             "proved"),
    ("one of them only",                                   a * b * Where(Ne(a, 0), Where(Ne(b, 0), 1 / (a * b), 0), 0),   Where(Ne(a, 0), 1, 0),                 "refuted"),
    ("inside a sum",                                       Sum(Where(Ne(w[i], 0), w[i] * (x[i] + 1) / (2 * w[i] + w[i] ** 2 - w[i] - w[i] ** 2), 0), i), Sum(Where(Ne(w[i], 0), x[i] + 1, 0), i), "proved"),
    ("inside a sum, over all",                             Sum(w[i] * Where(Ne(w[i], 0), x[i] / w[i], 0), i),             Sum(x[i], i),                          "refuted"),
    ("a sum in a sum over itself",                         Sum(x[i] * w[k] * Where(Ne(below[i], 0), 1 / below[i], 0), i, k, k <= i), Sum(Where(Ne(below[i], 0), x[i], 0), i), "proved"),
    ("a sum in a sum over itself, for all",                Sum(x[i] * w[k] * Where(Ne(below[i], 0), 1 / below[i], 0), i, k, k <= i), Sum(x[i], i),               "refuted"),
    ("its square",                                         Sum(x[i] * w[k] * Where(Ne(below[i], 0), below[i] ** -2, 0), i, k, k <= i), Sum(x[i] * Where(Ne(below[i], 0), 1 / below[i], 0), i), "proved"),
    ("rows over their sums",                               Sum(x[i] * Where(Ne(Sum(A[i, k], k), 0), A[i, k] / Sum(A[i, l], l), 0), i, k), Sum(Where(Ne(Sum(A[i, k], k), 0), x[i], 0), i), "proved"),
    ("rows over their sums, for all",                      Sum(x[i] * Where(Ne(Sum(A[i, k], k), 0), A[i, k] / Sum(A[i, l], l), 0), i, k), Sum(x[i], i),          "refuted"),
    ("a sum and a number, over both",                      Sum(x[i] * A[i, k] ** 2 * Where(b > 0, 1 / (b + Sum(A[i, l] ** 2, l)), 0), i, k), Sum(x[i] * Where(b > 0, 1 - b / (b + Sum(A[i, l] ** 2, l)), 0), i), "proved"),
    ("rows of a softmax up to a place",                    Sum(x[i] * Where(k <= i, exp(A[i, k]) / Sum(exp(A[i, l]), l, l <= i), 0), i, k), Sum(x[i], i),  "proved"),
    ("rows of a softmax from a place on",                  Sum(x[i] * Where(k >= i, exp(A[i, k]) / Sum(exp(A[i, l]), l, l >= i), 0), i, k), Sum(x[i], i),  "proved"),
    ("rows over the others' sums",                         Sum(x[i] * Where(k <= i, exp(A[i, k]) / Sum(exp(A[i, l]), l, l >= i), 0), i, k), Sum(x[i], i),  "refuted"),
    ("a function of one name over the other",              Where(Ne(z, 0), sin(z) / z * same, 0),                         Where(Ne(same, 0), sin(same), 0),      "proved"),
    ("where that is not 0 at 0",                           Where(Ne(z, 0), cos(z) / z * same, 0),                         cos(z),                                "refuted"),
    ("a quotient that is made safe",                       a / Where(Eq(a, 0), 1, a),                                     Where(Eq(a, 0), 0, 1),                 "proved"),
    ("made safe under two names",                          c / Where(Eq(c, 0), 1, total),                                 1,                                     "refuted"),
    ("what it is",                                         c / Where(Eq(c, 0), 1, total),                                 Where(Eq(c, 0), 0, 1),                 "proved"),
    ("taken for 1",                                        a / Where(Eq(a, 0), 1, a),                                     1,                                     "refuted"),
    ("a divisor of two cases",                             (1 + a) * Where(a > 0, 1 / (1 + a), 1 / (1 - a)),              Where(a > 0, 1, (1 + a) / (1 - a)),    "proved"),
    ("what the case says is put in, however deep",         Where(Eq(a, b), Sum(exp(a * x[i]), i) / (1 + a**2), 0),        Where(Eq(a, b), Sum(exp(b * x[i]), i) / (1 + b**2), 0), "proved"),
    ("and no more",                                        Where(Eq(a, b), exp(a), 0),                                    Where(Eq(a, b), exp(2 * b), 0),        "refuted"),
    ("a log",                                              Where(a > 0, a * log(a), 0),                                   a * log(a),                            "proved"),
    ("a root",                                             Where(a > 0, a / sqrt(a), 0),                                  Where(a > 0, sqrt(a), 0),              "proved"),
    ("a root of what is zero",                             same * Where(Ne(z, 0), 1 / sqrt(z**2), 0),                     sign(z),                               "proved"),
    ("its sign at 0",                                      same * Where(Ne(z, 0), 1 / sqrt(z**2), 0),                     Where(z >= 0, 1, -1),                  "refuted"),
    ("a negative power",                                   same**3 * Where(Ne(z, 0), Pow(z, -3), 0),                      1,                                     "refuted"),
    ("in an exponent",                                     Where(Ne(z, 0), exp(-log(z**2)) * same**2, 0),                 Where(Ne(z, 0), 1, 0),                 "proved"),
    ("in an exponent, for all",                            Where(Ne(z, 0), exp(-log(z**2)) * same**2, 0),                 1,                                     "refuted"),
    ("a gradient that is clipped",                         Max(1, Abs(a)) * Where(Abs(a) > 1, a / Abs(a), a),             Where(Abs(a) > 1, a, a),               "proved"),
    ("relu in both",                                       relu(a) * Where(a > 0, 1 / relu(same + a - z), 0),             Where(a > 0, 1, 0),                    "proved"),
    ("the entries of an inverse",                          Sum(A[i, k] * Where(Ne(B[i, k], 0), inverse(A)[k, l], 0), k),  Delta(i, l),                           "refuted"),
    ("a symbolic exponent",                                same**n * Where(Ne(z, 0), z ** (-n), 0),                       Where(Ne(z, 0), 1, 0),                 "proved"),
    ("what it is not",                                     same**n * Where(Ne(z, 0), z ** (-n), 0),                       1,                                     "refuted"),
    ("a power that is 1 at size 1",                        Where(Ne(a, 0), a**n / a, 0),                                  a ** (n - 1),                          "refuted"),
    ("what it is",                                         Where(Ne(a, 0), a**n / a, 0),                                  Where(Ne(a, 0), a ** (n - 1), 0),      "proved"),
    ("that power at 0",                                    Where(Eq(a, 0), a ** (n - 1), 0),                              0,                                     "refuted"),
    ("a log that is 0 at 1",                               log(same) * Where(Ne(log(z), 0), 1 / log(z), 0),               1,                                     "refuted"),
    ("entries at a label",                                 (x[t[i]] - x[k]) * Where(Ne(t[i], k), 1 / (x[t[i]] - x[k]), 0), 1,                                    "refuted"),
    ("what it is",                                         (x[t[i]] - x[k]) * Where(Ne(t[i], k), 1 / (x[t[i]] - x[k]), 0), Where(Ne(t[i], k), 1, 0),             "proved"),
    ("a threshold that is far out",                        Where(x[i] > 999, 0, x[i]),                                    x[i],                                  "refuted"),
    ("a sum that is one number",                           Where(Eq(Sum(x[i], i) * a, Rational(3, 1000)), 0, a),          a,                                     "refuted"),
    ("a log in an exponent, none in the case",             exp(Where(Ne(z, 0), log(Abs(same)), 0)),                       Abs(z),                                "refuted"),
    ("what it is",                                         exp(Where(Ne(z, 0), log(Abs(same)), 0)),                       Where(Ne(z, 0), Abs(z), 1),            "proved"),
    ("a log where it has one, under two names",            Where(z > 0, exp(log(same) - 2 * log(z)), 0),                  Where(z > 0, 1 / z, 0),                "proved"),
    ("a log where it has none",                            Where(z >= 0, exp(Where(Ne(z, 0), log(same), 0)), 0),          Where(z >= 0, same, 0),                "refuted"),
    ("a range that may be empty",                          Sum(w[o], o) * Where(n > 1, Rational(1, 2) / Sum(w[o], o), Rational(1, 2)), Rational(1, 2),           "refuted"),
]  # fmt: skip


@pytest.mark.parametrize(("about", "left", "right", "verdict"), GUARDED, ids=[row[0] for row in GUARDED])
def test_guards_beside_divisions(about, left, right, verdict):
    judgement = judge_step(Step(as_term(left), as_term(right)), page.program, formally=False)
    assert name_of(judgement.graph) == verdict, judgement.graph


CONDITIONS = [
    # what is divided by is not zero               left                                              right                       the conditions
    ("as the case says itself",                    Where(Ne(a, 0), a / (a**2), 0),                   Where(Ne(a, 0), 1 / a, 0),  []),
    ("as an inequality says",                      a * Where(a < 0, 1 / a, 0),                       Where(a < 0, 1, 0),         []),
    ("under another name, so that it is asked",    c * Where(Ne(c, 0), 1 / total, 0),                Where(Ne(c, 0), 1, 0),      ["Sum(w[i], i) != 0"]),
    ("in a sum under a guard, where it is a name", Sum(x[i] * Where(k <= i, w[k] / below[i], 0), i, k), Sum(x[i], i),          ["q[i] != 0"]),
    ("without a case",                             c / total,                                        1 + 0 * a,                  ["Sum(w[i], i) != 0"]),
]  # fmt: skip


@pytest.mark.parametrize(("about", "left", "right", "listed"), CONDITIONS, ids=[row[0] for row in CONDITIONS])
def test_conditions_that_a_case_says_are_not_listed(about, left, right, listed):
    verdict = judge_step(Step(as_term(left), as_term(right)), page.program, formally=False).graph
    assert isinstance(verdict, Proved)
    found = [f"{condition.term} {condition.relation} 0".replace("i_1", "i") for condition in verdict.certificate.conditions]
    assert found == listed


def test_an_attempt_does_no_more_work_than_it_may_and_then_the_rest_may_go_on():
    algebra = new_context()
    term = as_term((a * relu(b) + z * Abs(a)) ** 4)
    with pytest.raises(TooLarge, match="more work than a step may take"), algebra.attempt(20) as limited:
        normal(term, limited)
    assert normal(term, algebra) == normal(term, new_context())


STRAINED = [
    # where it is false                              left, which is nearly always 0
    ("at size 1",                                    Where(Eq(n, 1), 1 + a**2, 0)),
    ("at entries that coincide",                     Sum(Where(Eq(x[i], x[k]), 1, 0), i, k, Ne(i, k))),
    ("at a large number",                            Where(a > 150, 1, 0)),
    ("at a small number",                            Where(Abs(a) < Rational(1, 300), Where(Ne(a, 0), 1, 0), 0)),
    ("at the second place of three",                 Sum(Where(Eq(t[i], 2), Where(n > 2, 1, 0), 0), i)),
    ("where a sum is a number",                      Where(Eq(c, Rational(3, 1000)), 1, 0)),
    ("where what is divided by in a case is 0",      Where(Ne(b, 0), Where(Eq(a - b, 0), 1, 0) + 0 * (a / (a - b)), 0)),
]  # fmt: skip


@pytest.mark.parametrize(("about", "left"), STRAINED, ids=[row[0] for row in STRAINED])
def test_after_a_proof_it_is_looked_where_proofs_go_wrong(about, left):
    assert strained(as_term(left), as_term(0), page.program) is not None
    assert strained(as_term(left), as_term(left), page.program) is None
    never = Condition(as_term(a - a), "!=")
    assert strained(as_term(left), as_term(0), page.program, (never,)) is None  # the conditions hold nowhere
