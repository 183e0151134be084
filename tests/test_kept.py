"""What a formula asks for stays with it: SymPy cancels, and what it leaves no longer says where it holds."""

from __future__ import annotations

from operator import add, mul, sub

import numpy as np
import pytest
from sympy import Integer, Max, Rational, Symbol, exp, log, sqrt

from symderiv import Derivation
from symderiv.code.outcome import lines
from symderiv.code.prove import prove_equivalent, prove_gradient
from symderiv.judging.verify import judge_step
from symderiv.language.kept import Held, kept, needs, quotient, replaced
from symderiv.language.terms import Where
from symderiv.notation.notation import text

a, b, c = (Symbol(name, real=True) for name in "abc")
u = Symbol("u", positive=True)
h = Symbol("h", real=True, nonzero=True)
g = Symbol("g", nonnegative=True)

MADE = [
    # what is written            as it is made                                      as it stands      what it asks for
    ("a/a",                      quotient(a, a),                                    "a/a",            {"a !="}),
    ("(a b)/b",                  quotient(a * b, b),                                "a·b/b",          {"b !="}),
    ("(a/b) b",                  kept(mul, quotient(a, b), b),                      "a·b/b",          {"b !="}),
    ("a/b · b/a",                kept(mul, quotient(a, b), quotient(b, a)),         "a·b/a/b",        {"a !=", "b !="}),
    ("√(−√(a²+1))²",             kept(pow, kept(pow, -sqrt(a**2 + 1), Rational(1, 2)), Integer(2)), "(√(−√(a² + 1)))²", {"-1 >="}),
    ("1/(1/a)",                  quotient(Integer(1), 1 / a),                       "1/(1/a)",        {"a !="}),
    ("1/a - 1/a",                kept(sub, 1 / a, 1 / a),                           "1/a − 1/a",      {"a !="}),
    ("a³/a",                     quotient(a**3, a),                                 "a³/a",           {"a !="}),
    ("b/(c a/a)",                quotient(b, c * quotient(a, a)),                   "b·a/(a·c)",      {"a !=", "c !="}),
    ("a/(c a/a) of a ≥ 0",       quotient(g, c * quotient(g, g)),                   "g/(c·g/g)",              {"g !=", "c !="}),
    ("0/a",                      quotient(Integer(0), a),                           "0·1/a",          {"a !="}),
    ("a(a - b)/(a - b)",         quotient(a * (a - b), a - b),                      "a·(a − b)/(a − b)", {"a - b !="}),
    ("√a²",                      kept(pow, sqrt(a), Integer(2)),                    "(√a)²",          {"a >="}),
    ("√a √a",                    kept(mul, sqrt(a), sqrt(a)),                       "√a·√a",          {"a >="}),
    ("√(a²): nothing is asked",  kept(pow, a**2, Rational(1, 2)),                   "|a|",            set()),
    ("√a/a",                     quotient(sqrt(a), a),                              "1/√a",           {"a >"}),
    ("exp(log a)",               kept(exp, log(a)),                                 "exp(log(a))",    {"a >"}),
    ("exp(-log a)",              kept(exp, -log(a)),                                "exp(−log(a))",   {"a >"}),
    ("log(exp a)",               kept(log, exp(a)),                                 "a",              set()),
    ("log a - log a",            kept(sub, log(a), log(a)),                         "log(a) − log(a)", {"a >"}),
    ("b + 0 log a",              kept(add, b, kept(mul, Integer(0), log(a))),       "b + 0·log(a)",   {"a >"}),
    ("(log a)⁰",                 kept(pow, log(a), Integer(0)),                     "1 + 0·log(a)",   {"a >"}),
    ("u/u of a positive",        quotient(u, u),                                    "1",              set()),
    ("h/h of what is not zero",  quotient(h, h),                                    "1",              set()),
    ("exp(a)/exp(a)",            quotient(exp(a), exp(a)),                          "1",              set()),
    ("(a² + 1)/(a² + 1)",        quotient(a**2 + 1, a**2 + 1),                      "1",              set()),
    ("a/(2 b): nothing is lost", quotient(a, 2 * b),                                "a/(2·b)",        {"b !="}),
    ("what a case asks for is asked there only", quotient(a * Where(b > 0, log(a), 0), a), "a·{log(a) if b > 0, else 0}/a",
                                                                                                      {"a >", "a !="}),
    ("a/c at c = a",             replaced(quotient(a, c), {c: a}),                  "a·1/a",           {"a !="}),
    ("√c² at c = a b",           replaced(kept(pow, sqrt(c), Integer(2)), {c: a * b}), "(√(a·b))²",   {"a*b >="}),
]  # fmt: skip


@pytest.mark.parametrize(("written", "made", "shown", "wanted"), MADE, ids=[row[0] for row in MADE])
def test_what_is_written_keeps_what_it_asks_for(written, made, shown, wanted):
    assert {f"{term} {relation}" for term, relation, _ in needs(made)} == wanted
    assert text(made, frozenset()) == shown


HELD = [
    quotient(a, a) + b,
    kept(add, b, kept(mul, Integer(0), log(a))),
    kept(mul, sqrt(a), sqrt(a)) - 1,
    Held(Integer(1)) ** 2,
    Held(Integer(0)),
]


@pytest.mark.parametrize("term", HELD, ids=map(str, HELD))
def test_what_is_held_back_can_be_compared(term):
    """It did not commute, so that a sum with it was no real number, or was a number that could not be worked out: a maximum crashed."""
    assert not isinstance(term > 0, bool)
    assert Max(term, b).has(term)


def test_a_division_by_zero_is_left_to_sympy_which_has_no_number_for_it():
    assert not quotient(a, Integer(0)).is_finite


PAGE = Derivation("Arrays")
n = PAGE.size("n")
i, j = PAGE.indices("i j", n)
X, Y = PAGE.inputs("x y", i)
OF_ARRAYS = [
    # what is written     its entry                       what holds    under what
    ("x / x",             (X / X)[i],                     Integer(1),   ["x[i]!="]),
    ("x ** 1/2 ** 2",     ((X ** Rational(1, 2)) ** 2)[i], X[i],        ["x[i]>="]),
    ("log, then exp",     X.map(log).map(exp)[i],         X[i],         ["x[i]>"]),
    ("x times y / y",     (X * Y / Y)[i],                 X[i],         ["y[i]!="]),
    ("x / y at y = x",    (X / Y)[i].subs(Y[i], X[i]),    Integer(1),   []),  # what SymPy itself puts in is its own affair
]  # fmt: skip


@pytest.mark.parametrize(("written", "entry", "value", "under"), OF_ARRAYS, ids=[row[0] for row in OF_ARRAYS])
def test_operations_on_arrays_of_a_page_keep_their_conditions(written, entry, value, under):
    page = Derivation(written)
    page.program = PAGE.program
    page.claim("1", entry, value)
    judgement = judge_step(page.claims[0].steps[0], page.program)
    assert [f"{c.term}{c.relation}" for c in judgement.graph.certificate.conditions] == under


def root_and_square(x):
    return np.sqrt(x) * np.sqrt(x)


def log_and_exp(x):
    return np.exp(np.log(x))


def zero_times_log(x):
    return x + 0 * np.log(x)


def over_its_sum(x):
    return x * x.sum() / x.sum()


def inverse_twice(x):
    return 1 / (1 / x)


def minus_itself(x):
    return x + np.log(x) - np.log(x)


def rooted_by_letters(x):
    return np.einsum("i,i->i", np.sqrt(x), np.sqrt(x))


def centred_twice(x):
    d = x - x.mean()
    return x * d / d


def compared_anyway(x):
    return np.where(np.exp(np.log(x)) != 0, x, 0)


def one_by_two_ways(x):
    return np.where(np.log(x) > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x))) * 0 + x


def centred_at_once(x):
    return x * (x - x.mean()) / (x - x.mean())


def same(dout):
    return dout


CODE = [
    # code            for which numbers it has a value
    (root_and_square, "where xᵢ > 0"),  # its slope has none at 0
    (log_and_exp,     "where xⱼ > 0"),
    (zero_times_log,  "where xⱼ > 0"),
    (over_its_sum,    "where Σᵢ xᵢ ≠ 0"),
    (inverse_twice,   "where xⱼ ≠ 0"),
    (minus_itself,    "where xⱼ > 0"),
    (rooted_by_letters, "where xⱼ > 0"),
    (compared_anyway, "where xⱼ > 0"),
    (one_by_two_ways, "where xⱼ > 0"),
    (centred_twice,   "where xⱼ − (1/N)·Σᵢ xᵢ ≠ 0"),
    (centred_at_once, "where xⱼ − (1/N)·Σᵢ xᵢ ≠ 0"),
]  # fmt: skip


@pytest.mark.parametrize(("forward", "under"), CODE, ids=[row[0].__name__ for row in CODE])
def test_code_is_proved_only_where_it_has_a_value(forward, under):
    (said, _), *below = lines(prove_gradient(forward, same, {"x": "N"}))
    assert "✓ proved" in said
    assert under in " ".join(line for line, _ in below)


def roots(x):
    return np.sqrt(x).sum()


def powers(x):
    return np.sum(x**0.5)


def root_of_what_is_negative(x):
    return np.sqrt(0 - np.sqrt(x**2 + 1)) ** 2


def slope_where_there_is_none(dout, x):
    return -dout * x / np.sqrt(x**2 + 1)


def test_code_that_never_has_a_value_is_not_proved():
    (result,) = prove_gradient(root_of_what_is_negative, slope_where_there_is_none, {"x": "N"})
    assert result.verdict == "unknown"
    assert "at no point" in result.judgement.graph.reason


def test_two_forms_that_are_one_formula_have_a_value_where_it_has_one():
    assert [line.strip() for line, _ in lines(prove_equivalent(roots, powers, {"x": "N"}))][1:] == ["where xᵢ ≥ 0"]
