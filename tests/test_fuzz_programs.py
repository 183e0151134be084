"""The fuzzer of programs is itself seen to say no, and to say yes: its numbers, its judgement of verdicts, its smaller pages."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from fuzz import programs, recipes
from fuzz.meaning import NoValue, Point, apart, decimal
from fuzz.programs import Found, Meant, judged, proof_checked, refutation_checked
from fuzz.tree import (
    MINUS,
    ONE,
    TWO,
    ZERO,
    Add,
    Cases,
    Definition,
    Diff,
    Entry,
    Input,
    Kron,
    Letter,
    Num,
    Over,
    Page,
    Pow,
    Size,
    Test as Comparison,
    add,
    call,
    minus,
    mul,
    num,
    over,
    source,
    total,
    written,
)
from sympy import Ne

from symderiv.language.verdict import Certificate, Condition, Counterexample, Proved

N = Size("n")
i, j = (Letter(name, ONE, N) for name in "ij")
a, b = Entry("a"), Entry("b")


def x(k: Any) -> Entry:
    return Entry("x", (k,))


def at(**values: Any) -> Point:
    """a, b and the entries of x, n = 2; y = a·x."""
    rows = {("a", ()): values.get("a", 0), ("b", ()): values.get("b", 0)}
    rows |= {("x", (k,)): v for k, v in enumerate(values.get("x", (1, 2)), 1)}
    return Point({"n": 2}, rows, {"y": ((i,), mul(a, x(i)))})


third = Num(Fraction(1, 3))
VALUES = [
    # formula, point, its value; none where it has none
    (over(a, b),                                                  at(a=1, b=2), Fraction(1, 2)),
    (over(a, b),                                                  at(a=1), None),
    (Cases(Comparison("Ne", b, ZERO), over(a, b), num(7)),        at(a=1), 7),
    (mul(b, Cases(Comparison("Ne", b, ZERO), over(a, b), ZERO)),  at(a=1), 0),
    (mul(ZERO, over(a, b)),                                       at(a=1), 0),  # so does SymPy
    (Add((Pow(b, MINUS), mul(MINUS, Pow(b, MINUS)))),             at(), None),
    (call("log", b),                                              at(), None),
    (call("log", b),                                              at(b=1), 0),
    (call("sqrt", b),                                             at(b=-1), None),
    (call("sqrt", b),                                             at(b=Fraction(4, 9)), Fraction(2, 3)),
    (Pow(b, third),                                               at(b=-8), None),
    (Pow(b, ZERO),                                                at(), 1),
    (total(x(i), i),                                              at(x=(3, -3)), 0),
    (Over("Product", x(i), i),                                    at(x=(3, -3)), -9),
    (total(mul(Kron(i, ONE), x(i)), i),                           at(x=(5, 7)), 5),
    (total(x(Letter("o", TWO, N)), Letter("o", TWO, N)),          at(x=(5, 7)), 7),
    (call("sign", b),                                             at(), 0),
    (call("relu", b),                                             at(b=-1), 0),
    (Diff("total", Pow(a, TWO), a),                               at(a=3), 6),
    (Diff("total", over(ONE, a), a),                              at(a=2), Fraction(-1, 4)),
    (Diff("total", call("Abs", a), a),                            at(a=-2), -1),
    (Diff("total", call("Abs", a), a),                            at(a=0), None),
    (Diff("total", Cases(Comparison("Gt", a, ZERO), a, ZERO), a), at(a=0), None),
    (Diff("total", Cases(Comparison("Gt", b, ZERO), a, ZERO), a), at(a=0, b=0), 0),
    (Diff("total", call("sign", a), a),                           at(a=2), 0),
    (Diff("total", Cases(Comparison("Gt", call("sign", a), ZERO), a, ZERO), a), at(a=0), None),
    (Diff("total", Cases(Comparison("Ge", call("sign", a), ONE), a, ZERO), a), at(a=3), 1),
    (Diff("total", Cases(Comparison("Eq", call("relu", a), ZERO), b, a), a), at(a=-3), 0),
    (Diff("total", call("sqrt", a), a),                           at(a=0), None),
    (Diff("total", Entry("y", (TWO,)), x(TWO)),                   at(a=5), 5),
    (Diff("total", Entry("y", (TWO,)), x(ONE)),                   at(a=5), 0),
    (Diff("total", Entry("y", (TWO,)), a),                        at(x=(1, 9)), 9),
    (Diff("total", mul(a, Entry("y", (TWO,))), Entry("y", (TWO,))), at(a=5), 5),
    (Diff("total", mul(a, Entry("y", (TWO,))), a),                at(a=5, x=(1, 3)), 30),
    (Diff("partial", Entry("y", (TWO,)), a),                      at(x=(1, 9)), 9),
    (Diff("total", Diff("total", Pow(a, num(3)), a), a),          at(a=2), 12),
    (Diff("total", Diff("total", mul(Pow(a, TWO), x(ONE)), a), x(ONE)), at(a=2), 4),
    (Diff("total", mul(a, call("stop_gradient", a)), a),          at(a=2), 2),
    (Diff("total", call("Max", a, b), a),                         at(a=1, b=1), None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "point", "expected"),
    VALUES,
    ids=lambda v: written(v) if hasattr(v, "__dataclass_fields__") and not isinstance(v, Point) else "",
)
def test_a_formula_means(formula: Any, point: Point, expected: Any) -> None:
    try:
        found = point.value(formula, {})
    except NoValue:
        found = None
    assert found == expected


SLOPES = ("exp", "sin", "cos", "tanh", "erf", "sigmoid", "softplus", "log", "sqrt", "Abs", "relu")


@pytest.mark.parametrize("name", SLOPES)
def test_a_derivative_is_a_limit(name: str) -> None:
    step = Fraction(1, 10**9)
    near = [at(a=2 + s).value(call(name, a), {}) for s in (step, -step)]
    slope = at(a=2).value(Diff("total", call(name, a), a), {})
    assert abs(decimal(slope) - decimal(near[0] - near[1]) / decimal(2 * step)) < 1e-15


w = Input("w", (i,))
WEIGHTS = total(Entry("w", (i,)), i)
FALSE = Page(
    ("n",),
    (w, Input("x", (i,))),
    (Definition("c", (), WEIGHTS),),
    (),
    mul(Entry("c"), Cases(Comparison("Ne", Entry("c"), ZERO), over(total(mul(Entry("w", (j,)), x(j)), j), WEIGHTS), ZERO)),
    total(mul(Entry("w", (i,)), x(i)), i),
)


def meant(page: Page) -> tuple[Meant, Any]:
    space: dict[str, Any] = {}
    exec(source(page), space)
    program, step = space["d"].program, space["d"].claims[0].steps[0]
    return Meant(page, program, step.left, step.right), program


def proof(*conditions: Condition) -> Proved:
    return Proved(Certificate("", "", (), (), conditions, ()))


def test_a_wrong_proof_is_seen() -> None:
    """The guard and the divisor are one quantity under two names; where it is 0 the sides differ."""
    said, program = meant(FALSE)
    found = proof_checked(said, proof())
    assert found.kind == "wrong proved"
    assert "0 is not" in found.why
    c = program.equations[0].head
    assert proof_checked(said, proof(Condition(c, "!="))).kind == "agrees"
    assert proof_checked(said, proof(Condition(c, "!=", (Ne(c, 0),)))).kind == "wrong proved"


def test_a_proof_of_what_has_no_value_is_told() -> None:
    nothing = minus(b, b)
    page = Page(("n",), (Input("a"), Input("b")), (Definition("z", (), nothing),), (), over(a, Entry("z")), over(b, Entry("z")))
    assert proof_checked(meant(page)[0], proof()).kind == "vacuous"


def test_a_condition_that_is_not_said_is_told() -> None:
    page = Page((), (Input("a"), Input("b")), (), (), over(a, b), over(a, b))
    said, program = meant(page)
    assert proof_checked(said, proof()).kind == "unsaid"
    assert proof_checked(said, proof(Condition(program.inputs[1].head, "!="))).kind == "agrees"


def counterexample(program: Any, left: str, right: str, *values: str) -> Counterexample:
    named = zip([v.entry for v in program.inputs], values, strict=True)
    return Counterexample((), (), tuple(named), left, right)


@pytest.mark.parametrize(
    ("left", "right", "values", "kind"),
    [
        (a, b, ("1", "2"), "agrees"),
        (a, b, ("2", "2"), "wrong refuted"),
        (a, over(a, b), ("1", "0"), "no value"),
        (Diff("total", call("Abs", a), a), ONE, ("0", "0"), "no value"),
        (ONE, call("exp", a), ("-72", "0"), "agrees"),  # which was taken for a number that 60 digits cannot tell
        (b, call("exp", call("exp", a)), ("4", "0"), "agrees"),
        (call("exp", add(a, b)), mul(call("exp", a), call("exp", b)), ("300", "-90"), "wrong refuted"),
    ],
)
def test_a_wrong_counterexample_is_seen(left: Any, right: Any, values: tuple[str, ...], kind: str) -> None:
    said, program = meant(Page((), (Input("a"), Input("b")), (), (), left, right))
    assert refutation_checked(said, counterexample(program, "1", "2", *values)).kind == kind


def test_a_counterexample_that_breaks_an_assumption_is_wrong() -> None:
    said, program = meant(Page((), (Input("a"), Input("b")), (), ((b, TWO),), a, b))
    assert refutation_checked(said, counterexample(program, "1", "3", "1", "3")).kind == "wrong refuted"
    assert refutation_checked(said, counterexample(program, "1", "2", "1", "2")).kind == "agrees"


def test_a_page_that_says_something_else_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page((), (Input("a"), Input("b")), (), (), add(a, b), add(b, a))
    assert judged(page) == Found("agrees", "proved")
    monkeypatch.setattr(programs, "read", lambda term, sizes: num(7))
    assert judged(page).kind == "crash"


def test_what_is_found_is_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever holds a division by a counts here as wrong: of a long page no more is left than that."""

    def wrong(page: Page) -> Found:
        return Found("wrong proved" if "/a" in source(page) or "a**(-1)" in source(page) else "agrees")

    monkeypatch.setattr(programs, "judged", wrong)
    inputs = (Input("a", (), "nonzero"), Input("b"), Input("x", (i,)))
    long = Page(("n",), inputs, (Definition("z", (), add(b, a)),), (), add(over(mul(b, total(x(i), i)), a), Entry("z")), mul(a, b))
    small, _ = programs.smaller(long, wrong(long))
    assert small == replace(long, inputs=(Input("a"),), definitions=(), left=Pow(a, MINUS), right=ZERO)


def test_a_seed_makes_one_page() -> None:
    for seed in range(30):
        assert source(recipes.page(Random(seed))) == source(recipes.page(Random(seed)))


def test_numbers_are_compared_exactly_where_they_are_exact() -> None:
    assert apart(Fraction(1, 10**40), 0)
    assert not apart(at(a=1).value(call("exp", a), {}), at(a=1).value(Pow(call("exp", mul(MINUS, a)), MINUS), {}))
