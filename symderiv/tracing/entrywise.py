"""NumPy's functions of single numbers as terms, one row each."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TypeAlias

from sympy import Add, And, Expr, Integer, Max, Min, Not, Or, Symbol, exp, log
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational
from sympy.logic.boolalg import Boolean

from symderiv.errors import SymderivError, TraceError
from symderiv.language.functions import BY_VALUE, ROWS, clamp, sigmoid, softplus
from symderiv.language.kept import kept, needs, quotient
from symderiv.language.terms import Element, Index, Where, free_indices, names, replace, subterms
from symderiv.proof.algebra import new_context
from symderiv.proof.normal import normal
from symderiv.tracing.sizes import floored, remainder
from symderiv.tracing.spans import span
from symderiv.tracing.traced import (
    BOOL,
    FLOAT,
    HEAVIEST,
    INT,
    KINDS,
    Choice,
    Node,
    Traced,
    aligned,
    aligned_numbers,
    as_number,
    at_each,
    by_cases,
    by_its_cases,
    mapped,
    named,
    settled,
    swapped,
    weight,
)


@dataclass(frozen=True)
class Function:
    """A function of numbers; whether its values are floats, or of the kind of its arguments."""

    of: Callable[..., Expr]
    takes: int
    kind: str = FLOAT  # or "joint"


JOINT = "joint"
MOST_LISTED = 16  # positions along an axis for which given numbers are worked out one by one


SLOPE_BY_VALUE = tuple(kind for kind in BY_VALUE if kind is not exp)  # whose values have names, in which code writes their slopes


def divided(a: Expr, b: Expr) -> Expr:
    if b == 0:
        raise TraceError("a division by zero")
    powers = [term for term in b.args if isinstance(term, exp)] if isinstance(b, Add) and len(b.args) == 2 else []
    if len(powers) == 1 and b - powers[0] == 1:  # 1/(1 + exp(-z)), under the name that its slope is known by
        return a * sigmoid(-powers[0].args[0])
    return quotient(a, b)


def powered(base: Expr, exponent: Expr) -> Expr:
    """A power. Fails where it divides by zero."""
    if exponent.is_Rational:
        if exponent.is_negative and base == 0:
            raise TraceError("a division by zero")
        return base**exponent
    return exp(exponent * log(base))  # where the base is positive, which the logarithm asks for


def stepped(z: Expr, at_zero: Expr) -> Expr:
    return Where(z > 0, 1, Where(Eq(z, 0), at_zero, 0))


FUNCTIONS: dict[str, Function] = {
    "add":          Function(lambda a, b: a + b, 2, JOINT),
    "subtract":     Function(lambda a, b: a - b, 2, JOINT),
    "multiply":     Function(lambda a, b: a * b, 2, JOINT),
    "divide":       Function(divided, 2),
    "power":        Function(powered, 2, JOINT),
    "negative":     Function(lambda a: -a, 1, JOINT),
    "positive":     Function(lambda a: a, 1, JOINT),
    "square":       Function(lambda a: a**2, 1, JOINT),
    "reciprocal":   Function(lambda a: divided(Integer(1), a), 1),
    "logaddexp":    Function(lambda a, b: softplus(b - a) + a, 2),
    "maximum":      Function(Max, 2, JOINT),
    "minimum":      Function(Min, 2, JOINT),
    "clip":         Function(clamp, 3, JOINT),
    "heaviside":    Function(stepped, 2),
    "floor_divide": Function(floored, 2, JOINT),
    "remainder":    Function(remainder, 2, JOINT),
    **{row.code[0]: Function(row.of, 1, JOINT if row.keeps_kind else FLOAT) for row in ROWS if row.code},
}  # fmt: skip

OF_CONDITIONS = {"add": "logical_or", "multiply": "logical_and", "maximum": "logical_or", "minimum": "logical_and"}

OTHER_NAMES = {
    "true_divide": "divide", "fmax": "maximum", "fmin": "minimum", "pow": "power", "float_power": "power", "mod": "remainder",
    "sub": "subtract", "mul": "multiply", "div": "divide", "neg": "negative", "clamp": "clip", "concat": "concatenate",
    **{other: row.code[0] for row in ROWS for other in row.code[1:]},
}  # fmt: skip

COMPARISONS: dict[str, type[Relational]] = {"equal": Eq, "not_equal": Ne, "less": Lt, "less_equal": Le, "greater": Gt, "greater_equal": Ge}
LOGIC: dict[str, Callable[..., Boolean]] = {
    "logical_and": And, "logical_or": Or, "logical_not": Not, "bitwise_and": And, "bitwise_or": Or, "invert": Not,
    "logical_xor": lambda a, b: Or(And(a, Not(b)), And(Not(a), b)), "bitwise_xor": lambda a, b: Or(And(a, Not(b)), And(Not(a), b)),
}  # fmt: skip


Bitwise: TypeAlias = Callable[[int, int], int]
Binary: TypeAlias = Callable[[Expr, Expr], Expr]
Partly: TypeAlias = Callable[[Expr, Expr], Expr | None]


@dataclass(frozen=True)
class Bits:
    """What is done to the bits of whole numbers, and the same by arithmetic where that is possible; else None."""

    of: Bitwise
    by_arithmetic: Partly


def _of_flags(function: Binary) -> Partly:
    """Of numbers that are 0 or 1."""
    return lambda a, b: function(a, b) if _is_flag(a) and _is_flag(b) else None


def _is_flag(number: Expr) -> bool:
    low, high = span(number)
    return low is not None and high is not None and low >= 0 and high <= 1


def _by_number(function: Binary) -> Partly:
    """By a given number of bits."""
    return lambda a, b: function(a, 2**b) if b.is_Integer and b >= 0 else None


BITS = {
    "bitwise_and": Bits(operators.and_,   _of_flags(lambda a, b: a * b)),
    "bitwise_or":  Bits(operators.or_,    _of_flags(lambda a, b: a + b - a * b)),
    "bitwise_xor": Bits(operators.xor,    _of_flags(lambda a, b: a + b - 2 * a * b)),
    "left_shift":  Bits(operators.lshift, _by_number(lambda a, times: a * times)),
    "right_shift": Bits(operators.rshift, _by_number(floored)),
}  # fmt: skip


ROUNDING: dict[str, Bitwise] = {"floor_divide": operators.floordiv, "remainder": operators.mod}  # of given whole numbers


def applied(name: str, *parts: Traced) -> Traced:
    """A function of the table, entry by entry."""
    row = FUNCTIONS[name]
    if name in OF_CONDITIONS and all(p.kind == BOOL for p in parts):
        return joined(OF_CONDITIONS[name], *parts)
    if name in ("subtract", "negative", "positive") and all(p.kind == BOOL for p in parts):
        raise TraceError(f"{name} of conditions, which NumPy refuses: cast them first, mask.astype(float)")
    if name == "reciprocal" and parts[0].kind != FLOAT:
        raise TraceError("the reciprocal of whole numbers is rounded: write 1 / x")
    if len(parts) != row.takes:
        raise TraceError(f"{name} of {len(parts)} arrays; it takes {row.takes}")
    if name in ROUNDING and all(p.kind != FLOAT for p in parts) and (given := _given(ROUNDING[name], *parts)) is not None:
        return given
    result = mapped(row.of, _kind(name, row, parts), *parts)
    return named(result, name) if isinstance(result.body, SLOPE_BY_VALUE) else result


def _kind(name: str, row: Function, parts: tuple[Traced, ...]) -> str:
    joint = max((p.kind for p in parts), key=KINDS.index)
    if row.kind != JOINT or (name == "power" and not (parts[1].body.is_integer and parts[1].body.is_nonnegative)):
        return FLOAT
    return INT if joint == BOOL else joint


def compared(name: str, left: Traced, right: Traced) -> Traced:
    """A comparison entry by entry."""
    axes, (a, b) = aligned_numbers((left, right))
    relation = COMPARISONS[name]
    largest = _at_largest(relation, a, b)
    return Traced(axes, kept(relation, a, b) if largest is None else largest, BOOL)


def _at_largest(relation: type[Relational], a: Expr, b: Expr) -> Boolean | None:
    """`x[k] == x[t]`, where t is the place of the largest x, as k == t: the largest is taken to be one alone."""
    for one, other, turned in ((a, _spelled(b), False), (b, _spelled(a), True)):
        if not _is_input(one):
            continue  # what is computed can be equal in several places
        chosen = [p for p in subterms(other) if isinstance(getattr(p, "head", p), Choice)]
        loose = sorted((i for i in free_indices(one) - free_indices(other)), key=str)
        for places in permutations(dict.fromkeys(chosen), len(loose)) if chosen and loose else ():
            if swapped(one, dict(zip(loose, places, strict=True))) == other:
                equal = And(*(Eq(i, p) for i, p in zip(loose, places, strict=True)))
                above = (getattr(places[0], "head", places[0]).sign > 0) != turned
                return {Eq: equal, Ne: Not(equal), (Ge if above else Le): equal, (Lt if above else Gt): Not(equal)}.get(relation)
    return None


def _is_input(entry: Expr) -> bool:
    """Whether an entry is one of an input at positions of its own, or several such by cases."""
    if isinstance(entry, Where):
        return all(_is_input(a) for a in entry.args[1:] if a != 0)
    plain = isinstance(entry, Element) and not isinstance(entry.head, (Node, Choice)) and len(set(entry.at)) == len(entry.at)
    return plain and all(isinstance(p, Index) and not p.level for p in entry.at)


def _spelled(entry: Expr) -> Expr:
    """What a name stands for where that is the largest of something."""
    head = getattr(entry, "head", entry)
    if not isinstance(head, Node) or not any(isinstance(getattr(p, "head", p), Choice) for p in subterms(head.body)):
        return entry
    return swapped(head.body, dict(zip(head.indices, getattr(entry, "at", ()), strict=True)))


def joined(name: str, *parts: Traced) -> Traced:
    """Conditions joined entry by entry."""
    if (name in BITS or name == "invert") and any(p.kind != BOOL for p in parts):
        return bits(name, *parts)
    axes, bodies = aligned(parts)
    conditions = [b if p.kind == BOOL else kept(Ne, b, Integer(0)) for b, p in zip(bodies, parts, strict=True)]
    return Traced(axes, LOGIC[name](*conditions), BOOL)


def bits(name: str, *parts: Traced) -> Traced:
    """An operation on the bits of whole numbers: of given ones, and what is arithmetic. Fails for others."""
    if any(p.kind == FLOAT for p in parts):
        raise TraceError(f"{name} of floats, which NumPy refuses")
    if name == "invert":
        return mapped(lambda a: -a - 1, INT, *parts)
    row = BITS[name]
    if (given := _given(row.of, *parts)) is not None:
        return given
    axes, numbers = aligned_numbers(parts)
    found = row.by_arithmetic(*numbers)
    if found is None:
        raise TraceError(f"{name} of whole numbers, whose bits are not known: use arithmetic or comparisons")
    return settled(Traced(axes, found, INT))


def _given(function: Bitwise, *parts: Traced) -> Traced | None:
    """A function of arrays of given whole numbers; None if they are not given."""
    axes, (a, b) = aligned_numbers(parts)
    listed = _listed(function, a, b, [i for group in axes for i in group])
    return None if listed is None else Traced(axes, listed, INT)


def _listed(function: Bitwise, a: Expr, b: Expr, indices: Sequence[Index]) -> Expr | None:
    """A function of given whole numbers, position by position; None if they are not given for each."""
    if a.is_Integer and b.is_Integer:
        return Integer(function(int(a), int(b))) if b != 0 or function not in ROUNDING.values() else None
    if not indices or not indices[0].upper.is_Integer or indices[0].upper > MOST_LISTED:
        return None
    first, *rest = indices
    ways = [_listed(function, *pair, rest) for pair in zip(at_each(first, a), at_each(first, b), strict=True)]
    return None if None in ways else by_cases(first, ways)


def chosen(condition: Traced, then: Traced, otherwise: Traced) -> Traced:
    """One array where a condition holds, else the other."""
    axes, (c, a, b) = aligned((condition, then, otherwise))
    c = c if condition.kind == BOOL else kept(Ne, c, Integer(0))
    kind = max((then.kind, otherwise.kind), key=KINDS.index)
    if kind == BOOL:
        return Traced(axes, Or(And(c, a), And(Not(c), b)), BOOL)
    a, b = (as_number(x) if p.kind == BOOL else x for x, p in ((a, then), (b, otherwise)))
    known = c.args if isinstance(c, And) else (c,)
    a = by_its_cases(a, dict.fromkeys(known, True) | {Not(k): False for k in known})
    b = by_its_cases(b, {c: False, Not(c): True}) if len(known) == 1 else b
    if not needs(c) and _are_one(_valued(a), _valued(b)):
        return Traced(axes, b if _valued(b) != b else a, kind)
    return settled(Traced(axes, Where(c, a, b), kind))


def _valued(entry: Expr) -> Expr:
    """What a name stands for whose slope is known by its value."""
    head = getattr(entry, "head", entry)
    if not isinstance(head, Node) or not isinstance(head.body, SLOPE_BY_VALUE):
        return entry
    return swapped(head.body, dict(zip(head.indices, getattr(entry, "at", ()), strict=True)))


def _are_one(a: Expr, b: Expr) -> bool:
    """Whether two ways to compute an entry, of which each is for some numbers, are one formula: 1/(1 + exp(-x)) and exp(x)/(1 + exp(x))."""
    if not (a.has(exp, *SLOPE_BY_VALUE) and b.has(exp, *SLOPE_BY_VALUE)) or max(weight(a), weight(b)) > HEAVIEST:
        return False
    heads = {h: Symbol(f"{h.name}{h.dummy_index}", real=True) for h in names(a) | names(b) if isinstance(h, Node)}
    try:
        return normal(replace(a, heads), new_context()) == normal(replace(b, heads), new_context())
    except SymderivError:
        return False


def cast(array: Traced, kind: str) -> Traced:
    """The array as floats, whole numbers or conditions. Fails where floats would be rounded."""
    if kind == array.kind:
        return array
    if kind == BOOL:
        return Traced(array.axes, kept(Ne, array.body, Integer(0)), BOOL)
    if kind == INT and array.kind == FLOAT:
        raise TraceError("floats made into whole numbers are rounded, which has no derivative")
    return Traced(array.axes, array.number, kind)
