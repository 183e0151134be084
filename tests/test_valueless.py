"""What has a value at no point: not to be proved, though both sides are written alike, and refuted where the other side has one.

What coincides in a range does not count where a guard leaves it out, nor where the range may be empty.
"""

from __future__ import annotations

import pytest
from sympy import Abs, And, Eq, Ge, Gt, Le, Max, Ne, Rational, exp, log, sqrt, sympify, tanh

from symderiv import Delta, Derivation, Product, Sum, Where, relu
from symderiv.judging.verify import NOTHING_COMPARED, judge_step
from symderiv.language.claim import Step
from symderiv.language.verdict import Proved, Refuted, Unknown
from symderiv.proof.valueless import has_no_value

page = Derivation("what has no value")
n, m = page.sizes("n m")
i, j, k, l = page.indices("i j k l", n)
o = page.index("o", n, lower=2)
q = page.index("q", 3)
r = page.index("r", 3, lower=2)
a, b = page.inputs("a b")
x, y = page.inputs("x y", i)
A = page.input("A", i, j)
z = page.input("z", q)
t = page.label("t", of=i)
D = page.let("D", i, j, y[i] - y[j])
R = page.let("R", i, j, 1 / D[i, j])
S = page.let("S", i, Sum(R[i, j], j))
c = page.let("c", a)
d = page.let("d", a)
mu = page.let(r"\mu", Sum(x[i], i) / n)
PROGRAM = page.program

NOWHERE = [
    # about                                         term
    ("a sum over all j, one of which is l",         Sum(1 / (y[j] - y[l]), j)),
    ("over both",                                   Sum(1 / (y[j] - y[l]), j, l)),
    ("beside what has a value",                     a * exp(Sum(1 / (y[j] - y[l]), j)) + b),
    ("in a sum over the other",                     Sum(Sum(1 / (x[i] - x[j]), i) ** 2, j)),
    ("a second factor only",                        Sum(1 / (x[i] - x[j]) / (y[i] - y[l]), i)),
    ("a delta",                                     Sum(a / (1 - Delta(j, l)), j)),
    ("positions",                                   Sum(1 / (j - l), j)),
    ("a log",                                       Sum(log(y[j] - y[l]), j)),
    ("a log of a square",                           Sum(log((y[j] - y[l]) ** 2), j)),
    ("a root below",                                Sum((y[j] - y[l]) ** Rational(-1, 2), j)),
    ("a root of a root below",                      Sum(1 / sqrt(Abs(y[j] - y[l])), j)),
    ("a root of what is negative there",            Sum(sqrt(y[j] - y[l] - 1), j)),
    ("a product of differences below",              1 / Product(y[j] - y[l], j)),
    ("its log",                                     log(a**2 * Product(y[j] - y[l], j))),
    ("a product of quotients",                      Sum(x[l] * Product((a - y[k]) / (y[l] - y[k]), k), l)),
    ("a distance below",                            Sum(1 / Sum((A[j, k] - A[l, k]) ** 2, k), j)),
    ("a function of the difference",                Sum(1 / tanh(y[j] - y[l]), j)),
    ("a difference of functions",                   Sum(log(1 - exp(-((y[j] - y[l]) ** 2))), j)),
    ("the larger of two differences",               Sum(1 / Max(y[j] - y[l], y[l] - y[j]), j)),
    ("a matrix less its transpose",                 Sum(1 / (A[j, k] - A[k, j]), j, k)),
    ("at a label",                                  Sum(1 / (y[j] - y[t]), j)),
    ("at a number",                                 Sum(1 / (z[q] - z[2]), q)),
    ("at the first position",                       Sum(1 / (y[j] - y[1]), j)),
    ("at the last",                                 Sum(log(n - j), j)),
    ("by a definition",                             Sum(R[l, j], j)),
    ("of a definition",                             Sum(1 / D[l, j], j)),
    ("by two",                                      S[l]),
    ("at one position",                             S[1]),
    ("on the diagonal of a definition",             R[l, l]),
    ("one thing under two names",                   b / (c - d)),
    ("in a sum too",                                Sum(1 / (y[j] * c - y[l] * d), j)),
    ("a guard that leaves in what coincides",       Sum(1 / (y[j] - y[l]), j, Le(j, l))),
    ("a guard that rules out another",              Sum(1 / (y[j] - y[l]), j, Ne(j, l)) + Sum(1 / (y[j] - y[k]), j)),
    ("a guard that always holds",                   Sum(Where(Ge(j, 1), 1 / (y[j] - y[l]), 0), j)),
    ("a guard that holds where it is 0",            Sum(Where(Ge(y[j], y[l]), 1 / (y[j] - y[l]), 0), j)),
    ("both cases",                                  Sum(Where(Gt(a, 0), 1 / (y[j] - y[l]), 2 / (y[j] - y[l])), j)),
    ("both cases, otherwise",                       Where(Gt(a, 0), S[l], log(-1 - a**2))),
    ("what is compared",                            Where(Gt(S[l], 0), 1, 2)),
    ("a guard below",                               Sum(1 / Where(Ne(j, l), y[j], 0), j)),
    ("what a derivative is of",                     page.total(S[l], y[k])),
    ("0 by a law: a sum of deviations",             1 / Sum(x[i] - mu, i)),
    ("0 by a law: a square written out",            1 / ((a + b) ** 2 - a**2 - 2 * a * b - b**2)),
    ("0 by a law where it coincides",               Sum(1 / ((y[j] + y[l]) ** 2 - 4 * y[j] * y[l]), j)),
    ("0 by a law: relu of what is not positive",    1 / relu(-Abs(a))),
]  # fmt: skip

SOMEWHERE = [
    # about                                         term
    ("the coinciding one left out",                 Sum(1 / (y[j] - y[l]), j, Ne(j, l))),
    ("of both",                                     Sum(1 / (y[j] - y[l]), j, l, Ne(j, l))),
    ("all that come before",                        Sum(1 / (y[j] - y[l]), j, Gt(j, l))),
    ("two left out",                                Sum(1 / (y[j] - y[l]) / (y[j] - y[k]), j, And(Ne(j, l), Ne(j, k)))),
    ("one left out, and the other may be that",     Sum(1 / (y[j] - y[l]) / (y[j] - y[k]), j, Ne(j, l))),
    ("by a definition",                             Sum(R[l, j], j, Ne(j, l))),
    ("of a definition",                             Sum(log(Abs(D[l, j])), j, Ne(j, l))),
    ("in a derivative",                             page.total(Sum(log(Abs(y[j] - y[l])), j, Ne(j, l)), y[k])),
    ("by what is compared",                         Sum(Where(Gt(y[j], y[l]), log(y[j] - y[l]), 0), j)),
    ("in a product",                                1 / Product(y[j] - y[l], j, Ne(j, l))),
    ("a product of quotients",                      Sum(x[l] * Product((a - y[k]) / (y[l] - y[k]), k, Ne(k, l)), l)),
    ("one case of two",                             Where(Gt(a, 0), Sum(1 / (y[j] - y[l]), j), 3)),
    ("one case of two at a position",               Sum(Where(Gt(y[j], 0), 1 / (y[j] - y[l]), 3), j)),
    ("no sum, so that j is not always l",           1 / (y[j] - y[l])),
    ("by a definition",                             R[j, l]),
    ("two arrays",                                  Sum(1 / (x[j] - y[l]), j)),
    ("two entries that do not coincide",            Sum(1 / (A[j, l] - A[l, k]), j)),
    ("a root of what is 0 there",                   Sum(sqrt(y[j] - y[l]), j)),
    ("a sum of what is 0 in one place",             1 / Sum((y[j] - y[l]) ** 2, j)),
    ("a range that may be empty",                   Sum(1 / (o - 2), o)),
    ("a range without it",                          Sum(1 / (z[r] - z[1]), r)),
    ("a range that may be without it",              Sum(1 / (y[o] - y[l]), o)),
    ("a position that may be out of the range",     Sum(1 / (j + l - 2 * k), j)),
    ("a search that finds no value",                log(a - 10**6)),
]  # fmt: skip

ONE_SIDE = [
    # about                                         left                                          right
    ("0, which has a value",                        Sum(1 / (y[j] - y[l]), j),                    0),
    ("a delta",                                     Sum(a / (1 - Delta(j, l)), j),                a),
    ("a log",                                       n,                                            Sum(log(y[j] - y[l]), j)),
    ("by a definition",                             S[l],                                         a),
    ("on the diagonal of a definition",             1 / D[l, l],                                  1),
    ("a product",                                   0,                                            1 / Product(y[j] - y[l], j)),
    ("at one position",                             Where(Eq(l, l), S[1], 0) + a,                 a),
]  # fmt: skip


def judged(left, right):
    return judge_step(Step(sympify(left), sympify(right)), PROGRAM).graph


def ids(rows):
    return [row[0] for row in rows]


@pytest.mark.parametrize(("about", "term"), NOWHERE, ids=ids(NOWHERE))
def test_what_has_no_value_is_not_proved_to_be_itself(about, term):
    assert judged(term, term) == Unknown(NOTHING_COMPARED)


@pytest.mark.parametrize(("about", "term"), SOMEWHERE, ids=ids(SOMEWHERE))
def test_what_may_have_a_value_is_itself(about, term):
    assert not has_no_value(term, PROGRAM)
    assert isinstance(judged(term, term), Proved)


@pytest.mark.parametrize(("about", "left", "right"), ONE_SIDE, ids=ids(ONE_SIDE))
def test_what_has_no_value_is_not_what_has_one(about, left, right):
    found = judged(left, right)
    assert isinstance(found, Refuted)
    assert "no value" in (found.counterexample.left, found.counterexample.right)


def test_what_is_assumed_counts():
    """Of a size, of an entry, of a sum."""
    two = Derivation("two and three")
    rows, b = two.size("a"), two.input("b")
    row = two.index("i", rows)
    w = two.input("w", row)
    two.assume(rows, 2)
    two.assume(b, 3)
    shares = Derivation("shares")
    k = shares.index("k", shares.size("K"))
    v, u = shares.inputs("v u", k)
    shares.assume(Sum(v[k], k), 1)
    nowhere = ((two, 1 / (rows - 2)), (two, 1 / (b - 3)), (two, Sum(1 / (w[row] * b - 3 * w[1]), row)), (shares, 1 / (Sum(v[k], k) - 1)))
    somewhere = ((two, 1 / (rows - 1)), (two, 1 / (b - 2)), (shares, 1 / (Sum(u[k], k) - 1)))
    for at, term in nowhere:
        assert judge_step(Step(term, term), at.program).graph == Unknown(NOTHING_COMPARED)
    for at, term in somewhere:
        assert isinstance(judge_step(Step(term, term), at.program).graph, Proved)


def test_what_is_assumed_of_a_size_tells_of_ranges():
    other = Derivation("two sizes that are one")
    rows, columns = other.sizes("a b")
    other.assume(columns, rows)
    row, column = other.index("i", rows), other.index("j", columns)
    v = other.input("v", row)
    assert has_no_value(Sum(1 / (column - row), column), other.program)
    assert not has_no_value(Sum(1 / (v[row] - 1), row), other.program)
