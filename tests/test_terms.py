"""The vocabulary: what a term may be, substitution, ranges, and the texts of what is refused."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from functools import reduce

import pytest
from counted import calls
from sympy import (
    Eq,
    Float,
    Function,
    I,
    Integer,
    Integral,
    Max,
    Mul,
    Ne,
    Pow,
    Rational,
    Symbol,
    Tuple,
    Xor,
    cos,
    exp,
    oo,
    sqrt,
    sympify,
    tan,
)

from symderiv import Delta, Derivation, Element, Index, Sum, Total, Where, clamp, relu
from symderiv.errors import ShapeError, TermError
from symderiv.language.positions import check_position, surely_within
from symderiv.language.program import check_member
from symderiv.language.terms import as_term, depth, free_indices, names, replace, subterms
from symderiv.language.vocabulary import DEEPEST, KINDS, MOST_PARTS, check_term

page = Derivation("terms")
m, n = page.sizes("m n")
i, j, k = page.indices("i j k", n)
p = page.index("p", m)
r = page.index("r", i)
s = page.index("s", n - 1)
a, b = page.inputs("a b")
x, y = page.inputs("x y", i)
A = page.input("A", i, p)
L = page.input("L", i, r)
w = page.input("w", m + n - 1)
v = page.input("v", 3)

LANGUAGE = ", ".join(kind.__name__ for kind in KINDS)

REFUSED = [
    # about                             term                                    the whole text
    ("a float",                         a * 0.5,                                "0.5*a has the float 0.500000000000000; write an exact number, such as Rational(1, 3) or Rational('0.1')."),
    ("a float in an exponent",          a ** Float("0.25"),                     "a**0.25 has the float 0.250000000000000; write an exact number, such as Rational(1, 3) or Rational('0.1')."),
    ("a division by zero",              Mul(a, Pow(Integer(0), -1)),            "zoo*a divides by zero, or is infinite."),
    ("infinity",                        a + oo,                                 "oo divides by zero, or is infinite."),
    ("an undeclared symbol",            a + Symbol("q"),                        "q in a + q is not declared on this page; declare it with size, input or let, and use what that returns."),
    ("one of the same name",            Symbol("a") + b,                        "a in a + b is not declared on this page; declare it with size, input or let, and use what that returns."),
    ("an undeclared element",           Element(Symbol("q"), i),                "q in q[i] is not declared on this page; declare it with size, input or let, and use what that returns."),
    ("an undeclared size of a range",   Sum(a, Index("i", 1, Symbol("q", integer=True, positive=True))), "q in Sum(a, i_1) is not declared on this page; declare it with size, input or let, and use what that returns."),
    ("a function that is not there",    tan(a),                                 f"tan in tan(a) is outside the language; it has {LANGUAGE}."),
    ("an unknown function",             Function("F")(a),                       f"F in F(a) is outside the language; it has {LANGUAGE}."),
    ("the imaginary unit",              a + I,                                  f"ImaginaryUnit in a + I is outside the language; it has {LANGUAGE}."),
    ("the root of a negative number",   a * sqrt(Integer(-4)),                  f"ImaginaryUnit in 2*I*a is outside the language; it has {LANGUAGE}."),
    ("an integral",                     Integral(a, a),                         f"Integral in Integral(a, a) is outside the language; it has {LANGUAGE}."),
    ("a tuple",                         Tuple(a, b),                            "(a, b) is not a formula with a value; compare inside Where(condition, a, b)."),
    ("an exponent over the cap",        a**65,                                  "the exponent 65 is over 64; give the power a name with let."),
    ("an exponent under it",            a ** Rational(-129, 2),                 "the exponent -129/2 is over 64; give the power a name with let."),
    ("a number over the cap",           a + Integer(10) ** 2001,                "a number with more than 2000 digits is outside the language."),
    ("a derivative w.r.t. a sum",       Total(a, a + b),                        "a derivative w.r.t. a + b: only w.r.t. a declared symbol or an element."),
    ("a delta of real numbers",         Delta(a, b),                            "Delta(a, b): a delta compares positions, which are whole numbers."),
]  # fmt: skip


def known(symbol):
    return page.program.variable(symbol) is not None


@pytest.mark.parametrize(("about", "term", "text"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_refused(about, term, text):
    with pytest.raises(TermError) as raised:
        check_term(term, known)
    assert str(raised.value) == text


def test_what_is_nested_too_deep():
    term = a
    for _ in range(DEEPEST + 1):
        term = cos(term)
    with pytest.raises(TermError) as raised:
        check_term(term, known)
    assert str(raised.value) == f"the term is nested more than {DEEPEST} deep; give parts of it names with let."


def test_what_is_too_long_when_it_is_written_out():
    """A term that triples at each level is short as it is kept. Each copy was looked at for itself, so that 12 levels took minutes."""
    term = a
    for level in range(40):
        term = Where(term > 0, term, cos(term))
        if level < 7:
            check_term(term, known)
    with pytest.raises(TermError) as raised:
        check_term(term, known)
    assert str(raised.value) == f"the term has more than {MOST_PARTS:,} parts, written out; give parts of it names with let."


def test_the_caps_themselves_are_admitted():
    check_term(a**64 + a**-64 + Integer(10) ** 1700, known)


POSITIONS = [
    # about                                    element                    the whole text, or none if it fits
    ("its own index",                          lambda: x[i],              None),
    ("another of the range",                   lambda: x[k],              None),
    ("a number in the range",                  lambda: v[3],              None),
    ("the first, of any size",                 lambda: x[1],              None),
    ("the last",                               lambda: x[n],              None),
    ("one less than the range",                lambda: x[s + 1],          None),
    ("the other end of it",                    lambda: x[n - s],          None),
    ("turned around",                          lambda: x[n + 1 - i],      None),
    ("a sum of two",                           lambda: w[i + p - 1],      None),
    ("a difference of two",                    lambda: w[n - i + p],      None),
    ("ragged",                                 lambda: L[i, r],           None),
    ("the second of any size",                 lambda: x[2],              "x[2]: 2 may leave the range 1..n of that dimension of x."),
    ("the one after",                          lambda: x[i + 1],          "x[i + 1]: i + 1 may leave the range 1..n of that dimension of x."),
    ("the one before",                         lambda: x[i - 1],          "x[i - 1]: i - 1 may leave the range 1..n of that dimension of x."),
    ("an index of another range",              lambda: x[p],              "x[p]: p (in 1..m) may leave the range 1..n of that dimension of x."),
    ("an index as long as needed and more",    lambda: w[i + p],          "w[i + p]: i + p may leave the range 1..m + n - 1 of that dimension of w."),
    ("ragged, outside",                        lambda: L[i, j],           "L[i, j]: j (in 1..n) may leave the range 1..i of that dimension of L."),
    ("twice",                                  lambda: x[2 * i],          "x[2*i]: 2*i may leave the range 1..n of that dimension of x."),
    ("squared",                                lambda: x[i**2],           "x[i**2]: i**2 may leave the range 1..n of that dimension of x."),
    ("zero",                                   lambda: v[0],              "v[0]: 0 may leave the range 1..3 of that dimension of v."),
    ("four",                                   lambda: v[4],              "v[4]: 4 may leave the range 1..3 of that dimension of v."),
    ("bent, outside in the middle",            lambda: v[page.index("t", 3) ** 2 - 4 * page.index("t", 3) + 5], "v[t**2 - 4*t + 5]: t**2 - 4*t + 5 may leave the range 1..3 of that dimension of v."),
    ("bent, below in the middle",              lambda: v[(page.index("t", 3) - 2) ** 2], "v[(t - 2)**2]: (t - 2)**2 may leave the range 1..3 of that dimension of v."),
    ("half",                                   lambda: x[(i + 1) / 2],    "x[i/2 + 1/2]: i/2 + 1/2 is not a whole number for every position."),
    ("a real number",                          lambda: x[a],              "x[a]: a is not a whole number for every position."),
    ("one too many",                           lambda: x[i, j],           "x[i, j] has 2 index(es); x has 1: x[i]."),
    ("one too few",                            lambda: A[i],              "A[i] has 1 index(es); A has 2: A[i, p]."),
]  # fmt: skip


@pytest.mark.parametrize(("about", "element", "text"), POSITIONS, ids=[row[0] for row in POSITIONS])
def test_positions(about, element, text):
    if text is None:
        check_member(page.program, element())
        return
    with pytest.raises(ShapeError) as raised:
        check_member(page.program, element())
    assert str(raised.value) == text


def test_positions_are_checked_for_every_dimension():
    with pytest.raises(ShapeError, match="q may leave the range"):
        check_position("A", (i, Symbol("q", integer=True)), (i, p))


WITHIN = [
    # position          lower   upper        shown
    (i,                 1,      n,           True),
    (i,                 1,      n + m,       True),
    (i,                 0,      n,           True),
    (i,                 2,      n,           False),
    (i,                 1,      n - 1,       False),
    (r,                 1,      n,           True),
    (r,                 1,      i,           True),
    (n * m,             n,      n * m * m,   True),
    (n,                 1,      m,           False),
    (sympify(0),        1,      n,           False),
]  # fmt: skip


@pytest.mark.parametrize(("position", "lower", "upper", "within"), WITHIN, ids=[f"{row[1]} <= {row[0]} <= {row[2]}" for row in WITHIN])
def test_surely_within(position, lower, upper, within):
    assert surely_within(position, sympify(lower), sympify(upper)) is within


SUMS = [
    # about                        what is built                                the whole text
    ("no index",                   lambda: Sum(x[i]),                           "Sum needs an index: Sum(x[i], i)."),
    ("i != j",                     lambda: Sum(x[i], i, i != j),                "a condition of Sum became a plain True or False: write Ne(i, j) or Eq(i, j), not i != j."),
    ("a condition that is none",   lambda: Where(a, 1, 0),                      "Where needs one comparison such as x[i] > 0, not a."),
    ("two at once",                lambda: Where(Xor(a > 0, b > 0), 1, 0),      "Where needs one comparison such as x[i] > 0, not (a > 0) ^ (b > 0)."),
]  # fmt: skip


@pytest.mark.parametrize(("about", "build", "text"), SUMS, ids=[row[0] for row in SUMS])
def test_what_cannot_be_built(about, build, text):
    with pytest.raises(TermError) as raised:
        build()
    assert str(raised.value) == text


def test_a_ragged_sum_in_the_wrong_order_is_refused():
    """The range of r depends on i, so i must be summed outside: with `Sum(.., r, i)` r would stay free in a range that is gone."""
    with pytest.raises(TermError):
        page.claim("ragged", Sum(x[r] * x[i], r, i), 0)


SAME = [
    # a term                                 the same without what Sum, Delta and Where make of it
    (Delta(i, i),                            1),
    (Delta(2, 3),                            0),
    (Delta(n, n),                            1),
    (Where(Ne(i, i), a, b),                  b),
    (Where(Eq(i, i), a, b),                  a),
    (Sum(x[i], i, j),                        Sum(Sum(x[i], j), i)),
    (Sum(x[i], i, Ne(i, j)),                 Sum(Where(Ne(i, j), x[i], 0), i)),
]  # fmt: skip


@pytest.mark.parametrize(("term", "same"), SAME, ids=str)
def test_what_is_the_same(term, same):
    assert term == same


def test_indices_are_free_or_bound():
    assert free_indices(Sum(x[i] * y[k], i)) == {k}
    assert free_indices(Sum(x[i], i) * y[i]) == {i}
    assert free_indices(Sum(1, r)) == {i}
    assert free_indices(x[r]) == {r, i}
    assert free_indices(Sum(Sum(x[r], r), i)) == set()
    assert free_indices(Sum(x[i] * Sum(x[i], i), i)) == set()


def test_a_bound_index_is_deeper_than_those_inside():
    assert depth(x[i]) == 0
    assert depth(Sum(x[i] * Sum(x[i] * Sum(x[i], i), i), i)) == 3
    assert Sum(x[i], i) == Sum(x[i], i)
    assert Sum(x[i] * Sum(x[k], k), i) != Sum(x[i] * x[i], i)


SUBSTITUTED = [
    # about                                 term                               put in                   what it becomes
    ("a symbol",                            a + b,                             {a: b**2},               b**2 + b),
    ("an index",                            x[i] * y[i],                       {i: j},                  x[j] * y[j]),
    ("two at once",                         x[i] * y[j],                       {i: j, j: i},            x[j] * y[i]),
    ("an element",                          x[i] + x[j],                       {x[i]: a},               a + x[j]),
    ("nothing",                             Sum(x[i], i),                      {b: a},                  Sum(x[i], i)),
    ("not a bound index",                   Sum(x[i], i),                      {i: j},                  Sum(x[i], i)),
    ("under a sum",                         Sum(x[i] * a, i),                  {a: b},                  Sum(x[i] * b, i)),
    ("in a derivative",                     Total(a**2, x[i]),                 {i: k},                  Total(a**2, x[k])),
    ("in a comparison",                     Where(a > b, x[i], 0),             {a: x[k]},               Where(x[k] > b, x[i], 0)),
    ("into a range",                        Sum(1, r),                         {i: k},                  Sum(1, Index("r", 1, k))),
    ("a size",                              Sum(a, Index("i", 1, m)),          {m: n},                  Sum(a, i)),
]  # fmt: skip


@pytest.mark.parametrize(("about", "term", "swap", "becomes"), SUBSTITUTED, ids=[row[0] for row in SUBSTITUTED])
def test_substitution(about, term, swap, becomes):
    assert replace(term, swap) == becomes


def test_substitution_never_captures():
    inside = replace(Sum(x[i] * a, i), {a: y[i]})
    assert free_indices(inside) == {i}
    assert inside != Sum(x[i] * y[i], i)
    twice = replace(Sum(a * Sum(x[k] * a, k), i), {a: Sum(y[k] * x[i], k)})
    assert free_indices(twice) == {i}
    assert free_indices(replace(Sum(L[i, r], r), {i: k})) == {k}


def test_names_are_those_of_ranges_too():
    assert names(Sum(x[i], i)) == {x.body.head, n}
    assert names(Sum(1, r)) == {n}
    assert names(a + exp(b)) == {a, b}


def test_subterms_come_parents_first():
    term = Sum(x[i] * a, i)
    found = list(subterms(term))
    assert found[0] == term
    assert {n, a} <= set(found)


def test_functions_work_on_arrays_entry_by_entry():
    assert relu(x)[i] == relu(x[i])
    assert (relu(x) + a)[k] == relu(x[k]) + a


@pytest.mark.parametrize("text", ["x**2", "1", "print('run')", "__import__('os').getcwd()"])
def test_text_is_no_formula(text, capsys):
    """SymPy would evaluate it."""
    with pytest.raises(TermError, match="is not a formula; build one from declared names, numbers and functions"):
        as_term(text)
    assert not capsys.readouterr().out


@pytest.mark.parametrize("step", [lambda z, k: clamp(2 * z - k, -k - 1, k + 3), lambda z, k: Max(z - k * a, -z)], ids=["clamps", "maxima"])
def test_maxima_in_each_other_are_made_in_little_time(step):
    """Each took the difference of its arguments apart, and made those inside anew: eight took minutes."""

    def nested(depth):
        return reduce(step, range(depth), x[i])

    shallow, deep = calls(lambda: nested(3)), calls(lambda: nested(6))
    assert deep < 4 * shallow


def test_maxima_are_still_compared():
    assert Max(x[i], x[i] + 1) == x[i] + 1
    assert clamp(clamp(x[i], 0, 1), -1, 2) == clamp(x[i], 0, 1)
