"""Side conditions: each is recorded where a term needs one, none where it holds anyway."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import pytest
from sympy import Abs, Eq, Max, Ne, Rational, UnevaluatedExpr, exp, log, pi, sign, sqrt, sympify

from symderiv import Delta, Derivation, Product, Sum, Where, relu, sigmoid, softplus
from symderiv.judging.verify import judge_step
from symderiv.language.claim import Step
from symderiv.language.verdict import Proved
from symderiv.proof.conditions import conditions
from symderiv.proof.signs import signs

page = Derivation("conditions")
m, n = page.sizes("m n")
i, j, k = page.indices("i j k", n)
s = page.index("s", n - 1)
a, b = page.inputs("a b")
u = page.input("u", positive=True)
g = page.input("g", nonnegative=True)
h = page.input("h", nonzero=True)
N = page.input("N", integer=True, positive=True)
x = page.input("x", i)
z = page.input("z", i, positive=True)
mu = page.let(r"\mu", Sum(x[i], i) / n)
var = page.let(r"\sigma^2", Sum((x[i] - mu) ** 2, i) / n)
std = page.let(r"\sigma", sqrt(var + u))
Z, t = page.input("Z", i, j), page.label("t", i, of=k)
row = page.let("r", i, sqrt(Sum(Z[i, j] ** 2, j)))
rooted = page.let("q", i, sqrt(x[i]))
twice = page.let("q_2", i, rooted[i])
inverted = page.let("v", 1 / b)
flat = page.let("w", page.partial(inverted, a))
smooth = page.objective("f", page.let("y", i, x[i] / a))
no_slope = page.let("w_2", smooth.wrt(b))
chain = page.let("c", i, lambda c: Where(i > 1, c[i - 1], 0) + sqrt(x[i]))
PROGRAM = page.program
X = UnevaluatedExpr


def everything(head):
    return True


def nothing(head):
    return False


NEEDED = [
    # about                                        term                                     what it needs, nodes unfolded
    ("nothing",                                    a * b + exp(a) + relu(a),                set()),
    ("a divisor",                                  1 / a,                                   {"a != 0"}),
    ("a divisor of several terms",                 b / (a - b),                             {"a - b != 0"}),
    ("a divisor at every position",                1 / x[i],                                {"x[i] != 0"}),
    ("the same at a bound one",                    Sum(1 / x[i], i),                        {"x[i] != 0"}),
    ("a product as a divisor",                     1 / Product(x[i], i),                    {"x[i] != 0"}),
    ("a log of squares multiplied",                log(Product(x[i] ** 2, i) * exp(a)),     {"x[i] != 0"}),
    ("a log of one that may be negative",          log(X(a) ** 2 * X(b)),                   {"a**2*b > 0"}),
    ("a root of squares multiplied",               sqrt(Product(x[i] ** 2, i)),             set()),
    ("a sum as a divisor",                         1 / Sum(x[i], i),                        {"Sum(x[i_1], i_1) != 0"}),
    ("a divisor that is a size",                   a / n,                                   set()),
    ("a divisor that may be 0 at size 1",          a / (n - 1),                             {"n - 1 != 0"}),
    ("a divisor that is known not to be 0",        a / h,                                   set()),
    ("a divisor that is a number",                 a / log(2),                              set()),
    ("one over one over",                          1 / X(1 / a),                            {"a != 0"}),
    ("a product of those",                         a / (h * u * n),                         set()),
    ("one of them not known",                      a / (h * b),                             {"b != 0"}),
    ("a positive sum of exps",                     1 / Sum(exp(x[i]), i),                   set()),
    ("a positive sum that may be empty",           1 / Sum(exp(x[s]), s),                   {"Sum(exp(x[s_1]), s_1) != 0"}),
    ("one and a square",                           1 / (1 + a**2),                          set()),
    ("a square alone",                             1 / a**2,                                {"a != 0"}),
    ("a sum of squares",                           1 / (a**2 + b**2),                       {"a**2 + b**2 != 0"}),
    ("a root",                                     sqrt(a),                                 {"a >= 0"}),
    ("the root of a square",                       (a**2) ** Rational(1, 3),                set()),
    ("the root of what is not negative",           sqrt(g),                                 set()),
    ("one over it",                                1 / sqrt(g),                             {"g > 0"}),
    ("the root of a variance",                     sqrt(var),                               set()),
    ("one over it: σ² > 0",                        1 / sqrt(var),                           {r"\sigma^2 > 0"}),
    ("the root of a variance and a positive",      1 / sqrt(var + u),                       set()),
    ("by the name of another node",                a / std,                                 set()),
    ("a log",                                      log(a),                                  {"a > 0"}),
    ("a log of a positive",                        log(Sum(exp(x[i]), i) * u),              set()),
    ("a log of a probability",                     log(sigmoid(a)) + log(softplus(a)),      set()),
    ("a log of what a sigmoid leaves",             log(1 - sigmoid(a)),                     set()),
    ("of what a part leaves",                      log(1 - exp(a) / (1 + exp(a))),          set()),
    ("of what two sigmoids may use up",            log(1 - 2 * sigmoid(a)),                 {"1 - 2*sigmoid(a) > 0"}),
    ("of what the whole leaves",                   log(1 - exp(a) / (exp(a) + b)),          {"1 - exp(a)/(b + exp(a)) > 0", "b + exp(a) != 0"}),
    ("a log of what is not negative",              log(g),                                  {"g > 0"}),
    ("a variable exponent",                        X(a) ** b,                               {"a > 0"}),
    ("a variable exponent of a positive",          X(u) ** b,                               set()),
    ("a comparison of real numbers",               Where(a > b, 1, 0),                      set()),
    ("a comparison of positions",                  Where(i > j, 1, 0),                      set()),
    ("a comparison of whole numbers",              Where(N > 2, 1, 0),                      set()),
    ("a sign",                                     sign(a),                                 set()),
    ("both a root and a divisor",                  sqrt(a) + 1 / X(a),                      {"a > 0"}),
    ("a root, a log: the stronger",                sqrt(a) + log(a),                        {"a > 0"}),
    ("a division by 1 or 0",                       a / Delta(i, j),                         {"Delta(i, j) != 0"}),
    ("a division by relu",                         1 / relu(a),                             {"relu(a) != 0"}),
    ("a division by |z|",                          b / Abs(a),                              {"a != 0"}),
    ("π",                                          1 / sqrt(pi),                            set()),
    ("e",                                          log(exp(1)) / exp(1),                    set()),
    ("e beside what has a sign",                   log(u + exp(1)),                         set()),
]  # fmt: skip


def shown(found):
    return {f"{c.term!s} {c.relation}".replace("UnevaluatedExpr", "").strip() + " 0" for c in found}


@pytest.mark.parametrize(("about", "term", "needed"), NEEDED, ids=[row[0] for row in NEEDED])
def test_what_a_term_needs(about, term, needed):
    assert shown(conditions((term,), PROGRAM, everything)) == needed


FORMALLY = [
    # about                                        term                                     nodes taken as any number
    ("a variance may be anything",                 sqrt(var),                               {r"\sigma^2 >= 0"}),
    ("and so may its root",                        1 / std,                                 {r"\sigma != 0"}),
    ("a variance and a positive",                  1 / sqrt(var + u),                       {r"\sigma^2 + u > 0"}),
    ("inputs keep their signs",                    1 / sqrt(u),                             set()),
]  # fmt: skip


@pytest.mark.parametrize(("about", "term", "needed"), FORMALLY, ids=[row[0] for row in FORMALLY])
def test_what_a_term_needs_formally(about, term, needed):
    assert {c.replace("varepsilon", "u") for c in map(_ordered, conditions((term,), PROGRAM, nothing))} == needed


def _ordered(condition):
    return f"{condition.term} {condition.relation} 0".replace("u + \\sigma^2", "\\sigma^2 + u")


CARRIED = [
    # about                                        left                                     right                            conditions of the proof
    ("a quotient that cancels",                    (a**2 - b**2) / (a - b),                 a + b,                           {"a - b != 0"}),
    ("a kink",                                     page.total(relu(a), a),                  Where(a > 0, 1, 0),              {"a != 0"}),
    ("a kink at the position that is varied",      page.total(Sum(Abs(x[i]), i), x[k]),     Where(x[k] > 0, 1, -1),          {"x[k] != 0"}),
    ("of a definition behind it",                  std**2,                                  var + u,                         set()),
    ("of a derivative",                            page.total(log(a), a),                   1 / a,                           {"a > 0"}),
    ("of a root's derivative",                     page.total(sqrt(a), a),                  1 / (2 * sqrt(a)),               {"a > 0"}),
    ("settled: σ² + u > 0",                        page.total(std, var),                    1 / (2 * std),                   set()),
    ("of a kink below a derivative that is 0",     page.total(page.total(Abs(a), a), b),    0,                               {"a != 0"}),
    ("of a kink in what does not vary",            page.total(relu(Sum(x[i], i) - Sum(x[j], j) - a), x[k]), 0,      {"-a + Sum(x[i_1], i_1) - Sum(x[j_1], j_1) != 0"}),
    ("of a root of what does not vary",            page.total(sqrt(Sum(x[i], i) - Sum(x[j], j) + a**2), x[k]), 0,   {"a**2 + Sum(x[i_1], i_1) - Sum(x[j_1], j_1) > 0"}),
    ("of a jump below it",                         page.total(page.total(sign(x[n]), x[i]), b), 0,                           {"x[n] != 0"}),
    ("of a kink behind two signs",                 page.total(sign(Sum(sign(Max(a, b)), i)), a), 0,                          {"a - b != 0", "Max(a, b) != 0"}),
    ("of a jump where two slopes are equal",       page.total(Where(Ne(a, 1), a, 0) - Where(Eq(a, 1), 0, a), a), 0, {"a - 1 != 0"}),
    ("of a jump that both miss",                   page.total(page.total(Where(a > 1, 0, 0), b), a), 0,                      {"a - 1 != 0"}),
    ("of a root below it that is varied later",    page.total(page.total(sqrt(a), b), a),   0,                               {"a > 0"}),
    ("of one that is not",                         page.total(page.total(sqrt(a), b), x[i]), 0,                              {"a >= 0"}),
    ("of a root at one position, varied later",    page.total(page.total(Sum(sqrt(x[i]), i), b), x[k]), 0,                   {"x[i] >= 0", "x[k] > 0"}),
    ("of a definition with a derivative that is 0", flat,                                   0,                               {"b != 0"}),
    ("of an adjoint that is 0",                    no_slope,                                0,                               {"a != 0"}),
    ("of two in each other, both 0",               page.total(page.total(page.total(Abs(a), a), b), x[i]), 0,                {"a != 0"}),
    ("of what is the same by its name",            inverted,                                inverted,                        {"b != 0"}),
    ("of the row that is read",                    page.total(row[i], Z[i, j]),             Z[i, j] / row[i],                {"r[i] != 0", "Sum(Z[i, j_1]**2, j_1) > 0"}),
    ("of the row that is read in a term",          page.total(Z[i, j] / row[i], Z[k, j]),   Delta(i, k) * (1 / row[i] - Z[i, j]**2 / row[i]**3), {"r[i] != 0", "Sum(Z[i, j_1]**2, j_1) > 0"}),
    ("of an entry at one end",                     rooted[n] ** 2,                          x[n],                            {"x[n] >= 0"}),
    ("of all entries",                             Sum(rooted[i] ** 2, i),                  Sum(x[i], i),                    {"x[i] >= 0"}),
    ("of all, since two in each other read all",   Sum(twice[i] ** 2, i),                   Sum(x[i], i),                    {"x[i] >= 0"}),
    ("of an entry that may be outside",            Where(i > 1, rooted[i - 1], 0) ** 2,     Where(i > 1, x[i - 1], 0),       {"x[j] >= 0"}),
    ("of a label's entry",                         rooted[t[i]] ** 2,                       x[t[i]],                         {"x[t[i]] >= 0"}),
    ("of a recurrence",                            chain[n],                                chain[n] + 0 * a,                {"x[i] >= 0"}),
]  # fmt: skip


@pytest.mark.parametrize("name", ["i0", "i1", "k", "m"])
@pytest.mark.parametrize("turn", [1, -1])
def test_a_condition_for_every_position_stays_beside_one_at_a_single_position(name, turn):
    """Conditions are compared with numbered letters; those were i0, i1, ..., and an index called so hid what is needed for every other."""
    letter = page.index(name, n)
    (found,) = conditions([Sum(1 / x[k], k), 1 / x[letter]][::turn], PROGRAM, everything)
    assert [index.upper for index in found.every] == [n]
    letter = page.index(name, n - 1)  # as positions at which a definition is read, too
    (found,) = conditions([Sum(rooted[s], s), rooted[letter]][::turn], PROGRAM, everything)
    assert [index.upper for index in found.every] == [n - 1]


@pytest.mark.parametrize(("about", "left", "right", "carried"), CARRIED, ids=[row[0] for row in CARRIED])
def test_a_proof_carries_its_conditions(about, left, right, carried):
    judgement = judge_step(Step(sympify(left), sympify(right)), PROGRAM)
    assert isinstance(judgement.graph, Proved), judgement.graph
    assert shown(judgement.graph.certificate.conditions) == carried


SIGNS = [
    # term                          its sign
    (sympify(1),                    "+"),
    (sympify(0),                    "0+"),
    (sympify(-1),                   ""),
    (u,                             "+"),
    (g,                             "0+"),
    (a,                             ""),
    (h,                             ""),
    (n,                             "+"),
    (i,                             "+"),
    (z[i],                          "+"),
    (x[i],                          ""),
    (a**2,                          "0+"),
    (a**3,                          ""),
    (u**-3,                         "+"),
    (X(g) ** 3,                     "0+"),
    (sqrt(X(a)),                    "0+"),
    (a**2 + u,                      "+"),
    (a**2 + b**2,                   "0+"),
    (a**2 - u,                      ""),
    (u * z[i],                      "+"),
    (u * g,                         "0+"),
    (-u * a,                        ""),
    (Sum(z[i], i),                  "+"),
    (Sum(z[s], s),                  "0+"),
    (Sum(x[i], i),                  ""),
    (var,                           "0+"),
    (var + u,                       "+"),
    (std,                           "+"),
    (mu,                            ""),
    (Product(z[i], i),              "+"),
    (Product(x[i] ** 2, i),         "0+"),
    (Product(x[i], i),              ""),
    (exp(a),                        "+"),
    (sigmoid(a) * softplus(b),      "+"),
    (relu(a) + Abs(b),              "0+"),
    (Where(a > 0, u, g),            "0+"),
    (Where(a > 0, u, n),            "+"),
    (Where(a > 0, u, a),            ""),
    (log(u),                        ""),
]  # fmt: skip


@pytest.mark.parametrize(("term", "sign"), SIGNS, ids=[str(row[0]) for row in SIGNS])
def test_signs(term, sign):
    assert signs(PROGRAM, everything)(term) == sign
