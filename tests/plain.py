"""The meaning of terms once more, in plain Python and mpmath: a third opinion that shares no code with either judge.

Derivatives are differences of values at 60 digits, so nothing here knows a rule of differentiation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import sympy
from mpmath import mp, mpf

from symderiv import Apply, Delta, Element, Index, Partial, Product, Sum, Total, Where, relu, sigmoid, softplus, stop_gradient
from symderiv.language.claim import Step
from symderiv.language.program import Program
from symderiv.language.terms import Determinant, Inverse, Label, free_indices, names
from symderiv.language.verdict import Counterexample

DIGITS = 60
CLOSE = mpf(10) ** -9  # as many digits as a counterexample shows
APART = mpf(10) ** -25  # more than a difference quotient errs

STILL = ("nothing varied",)

Place = tuple[Any, ...]
Look = Callable[[Place], Any]
At = dict[Index, int]


class NoValue(Exception):
    """A division by zero, a root or a log of what is not positive, a comparison at its kink."""


def value(term: Any, program: Program, fixed: dict[Place, Any], at: At | None = None) -> Any:
    """The value of a term; `fixed` gives sizes, inputs and cotangents theirs, nodes follow from their definitions."""
    with mp.workdps(DIGITS):
        return evaluate(term, at or {}, looked_up(program, fixed), program, fixed)


def looked_up(program: Program, fixed: dict[Place, Any]) -> Look:
    """Values as the program has them, `fixed` first."""

    def look(place: Place) -> Any:
        if place in fixed:
            return fixed[place]
        equation = program.equation(place[0])
        if equation is None:
            raise KeyError(place)
        positions = dict(zip(equation.variable.indices, place[1:], strict=True))
        return evaluate(equation.body, positions, look, program, fixed)

    return look


def evaluate(term: Any, at: At, look: Look, program: Program, fixed: dict[Place, Any]) -> Any:
    def inner(part: Any, here: At = at) -> Any:
        return evaluate(part, here, look, program, fixed)

    match term:
        case Index():
            return mpf(at[term])
        case sympy.Rational():
            return mpf(int(term.p)) / int(term.q)
        case _ if term is sympy.pi:
            return +mp.pi
        case _ if term is sympy.E:
            return +mp.e
        case sympy.Symbol():
            return look((term,))
        case Element():
            return look(_place(term, inner))
        case sympy.Add():
            return sum(map(inner, term.args), start=mpf(0))
        case sympy.Mul():
            return prod(map(inner, term.args), start=mpf(1))
        case sympy.Pow():
            return _power(*map(inner, term.args))
        case Sum():
            positions = range(int(inner(term.index.lower)), int(inner(term.index.upper)) + 1)
            return sum((inner(term.body, {**at, term.index: n}) for n in positions), start=mpf(0))
        case Product():
            positions = range(int(inner(term.index.lower)), int(inner(term.index.upper)) + 1)
            return prod((inner(term.body, {**at, term.index: n}) for n in positions), start=mpf(1))
        case Apply():
            z, order = inner(term.args[1]), int(term.args[2])
            powers = {k: mp.ff(k, order) * z ** (k - order) for k in range(order, 8)}
            return sum((look((term.args[0], k)) * power for k, power in powers.items()), start=mpf(0))
        case Inverse() | Determinant():
            row = program.variable(term.args[0]).indices[0]
            places = range(int(inner(row.lower)), int(inner(row.upper)) + 1)
            matrix = mp.matrix([[look((term.args[0], r, c)) for c in places] for r in places])
            if mp.det(matrix) == 0:
                raise NoValue
            if isinstance(term, Determinant):
                return mp.det(matrix)
            return (matrix**-1)[int(inner(term.args[1])) - places[0], int(inner(term.args[2])) - places[0]]
        case stop_gradient():
            still = fixed.get(STILL, fixed)
            return evaluate(term.args[0], at, looked_up(program, still), program, still)
        case Delta():
            return mpf(inner(term.args[0]) == inner(term.args[1]))
        case Where():
            return inner(term.args[1] if _holds(term.args[0], inner) else term.args[2])
        case Total() | Partial():
            return _derivative(term, inner, at, look, program, fixed)
        case sympy.UnevaluatedExpr():
            return inner(term.args[0])
        case sympy.Max() | sympy.Min():
            return {sympy.Max: max, sympy.Min: min}[type(term)](map(inner, term.args))
    return FUNCTIONS[type(term)](inner(term.args[0]))


def _place(node: Any, inner: Any) -> Place:
    return (node.head, *(int(inner(p)) for p in node.at)) if isinstance(node, Element) else (node,)


def _power(base: Any, exponent: Any) -> Any:
    whole = mp.isint(exponent)
    if (base == 0 and exponent < 0) or (base < 0 and not whole):
        raise NoValue
    return base ** int(exponent) if whole else mp.power(base, exponent)


def _log(z: Any) -> Any:
    if z <= 0:
        raise NoValue
    return mp.log(z)


def _holds(condition: Any, inner: Any) -> bool:
    a, b = inner(condition.lhs), inner(condition.rhs)
    name = type(condition).__name__
    return {
        "Equality": a == b,
        "Unequality": a != b,
        "GreaterThan": a >= b,
        "LessThan": a <= b,
        "StrictGreaterThan": a > b,
        "StrictLessThan": a < b,
    }[name]


def _derivative(term: Any, inner: Any, at: At, look: Look, program: Program, fixed: dict[Place, Any]) -> Any:
    """(g(v + h) - g(v - h)) / 2h. Total: all that depends on v follows. Partial: v in the node's own definition only."""
    of, wrt = term.args
    place = _place(wrt, inner)
    before, step = look(place), mpf(10) ** (-DIGITS // 4)

    def total(moved: Any) -> Any:
        varied = {**fixed, place: moved, STILL: fixed.get(STILL, fixed)}
        return evaluate(of, at, looked_up(program, varied), program, varied)

    def partial(moved: Any) -> Any:
        equation = program.equation(of.head if isinstance(of, Element) else of)
        positions = dict(zip(equation.variable.indices, _place(of, inner)[1:], strict=True))
        return evaluate(equation.body, positions, lambda p: moved if p == place else look(p), program, fixed)

    moves = total if isinstance(term, Total) else partial
    return (moves(before + step) - moves(before - step)) / (2 * step)


FUNCTIONS: dict[Any, Callable[[Any], Any]] = {
    sympy.exp:  mp.exp,
    sympy.log:  _log,
    sympy.Abs:  abs,
    sympy.sign: mp.sign,
    sympy.tanh: mp.tanh,
    sympy.erf:  mp.erf,
    sympy.sin:  mp.sin,
    sympy.cos:  mp.cos,
    relu:       lambda z: max(z, mpf(0)),
    sigmoid:    lambda z: 1 / (1 + mp.exp(-z)),
    softplus:   lambda z: mp.log(1 + mp.exp(z)),
}  # fmt: skip


def number(text: str) -> Any:
    """A value as a counterexample writes it: `-3/7`, a decimal, or a zero that is known to many digits."""
    with mp.workdps(DIGITS):
        text = text.removesuffix(" to 50 digits")
        above, _, below = text.partition("/")
        return mpf(above) / mpf(below or 1)


def values_of(found: Counterexample) -> dict[Place, Any]:
    """What a counterexample gives sizes, inputs and cotangents."""
    fixed: dict[Place, Any] = {(size,): mpf(n) for size, n in found.sizes}
    for what, text in found.values:
        fixed[(what.head, *map(int, what.at)) if isinstance(what, Element) else (what,)] = number(text)
    return fixed


def sides(step: Step, program: Program, found: Counterexample) -> tuple[Any, Any]:
    """Both members of a step at a counterexample; None for one that has no value there."""
    fixed, at = values_of(found), dict(found.positions)
    return _value_if_any(step.left, program, fixed, at), _value_if_any(step.right, program, fixed, at)


def _value_if_any(term: Any, program: Program, fixed: dict[Place, Any], at: At) -> Any:
    try:
        return value(term, program, fixed, at)
    except NoValue:
        return None


def confirms(step: Step, program: Program, found: Counterexample) -> bool:
    """Whether the sides differ at a counterexample, and are what it says that they are."""
    is_ = sides(step, program, found)
    said = [None if text == "no value" else number(text) for text in (found.left, found.right)]
    if None in is_ or None in said:
        return [v is None for v in is_] == [v is None for v in said] and is_ != (None, None)
    return abs(is_[0] - is_[1]) > APART and all(abs(a - b) <= CLOSE * (1 + abs(b)) for a, b in zip(is_, said, strict=True))


def keeps_to(program: Program, found: Counterexample) -> bool:
    """Whether a counterexample keeps to what the page declares and assumes, as far as the values that it names tell."""
    fixed = values_of(found)
    stated = [
        (what, is_)
        for what, is_ in (*program.assumptions, *((c.what, c.value) for c in program.constraints))
        if all((size,) in fixed for size in names(what) & set(program.sizes))
    ]
    return all(_fits(head, number, fixed) for (head, *_), number in fixed.items()) and all(_agree(a, b, program, fixed) for a, b in stated)


def _fits(head: Any, number: Any, fixed: dict[Place, Any]) -> bool:
    """Whether a number is of the sign, and in the range, that its name was declared with."""
    signs = {"is_positive": number > 0, "is_nonnegative": number >= 0, "is_nonzero": number != 0, "is_integer": mp.isint(number)}
    declared = all(holds for sign, holds in signs.items() if getattr(head, sign))
    return declared and (not isinstance(head, Label) or _bound(head.lower, fixed) <= number <= _bound(head.upper, fixed))


def _bound(end: Any, fixed: dict[Place, Any]) -> Any:
    return evaluate(end, {}, lambda place: fixed[place], Program(), fixed)


def _agree(what: Any, is_: Any, program: Program, fixed: dict[Place, Any]) -> bool:
    for at in positions(what, program, fixed):
        try:
            apart = value(what, program, fixed, at) - value(is_, program, fixed, at)
        except KeyError:
            continue
        if abs(apart) > CLOSE:
            return False
    return True


def positions(term: Any, program: Program, fixed: dict[Place, Any]) -> Iterator[At]:
    """Every assignment of the free indices of a term."""
    found: list[At] = [{}]
    for index in sorted(free_indices(term), key=lambda i: (len(free_indices(i)), i.name)):
        found = [
            {**at, index: n}
            for at in found
            for n in range(int(value(index.lower, program, fixed, at)), int(value(index.upper, program, fixed, at)) + 1)
        ]
    return iter(found)
