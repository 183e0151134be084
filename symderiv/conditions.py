"""Where a term has a value: the side conditions that its divisions, roots, logs and comparisons need."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from sympy import Abs, Add, Mul, Pow, Rational, Symbol, UnevaluatedExpr, exp, log, pi, sign as sgn
from sympy.core.relational import Relational

from symderiv.program import Program, head_of
from symderiv.terms import Delta, Element, Index, Sum, Where, free_indices, names, relu, replace, sigmoid, softplus, subterms, surely_within
from symderiv.verdict import Condition

MARKS = re.compile("['\"~]")
STRENGTH = {"!=": 1, ">=": 1, ">": 2}


def conditions(terms: Iterable[Any], program: Program, unfold: Callable[[Symbol], bool]) -> tuple[Condition, ...]:
    """The side conditions of terms and of the definitions that they rest on, less those that hold anyway.

    `unfold` tells which nodes stand for their definitions here; the others are taken as any number.
    """
    needed: dict[Any, Condition] = {}
    for term in _with_definitions(terms, program, unfold):
        for condition in _of_term(term):
            if not _settled(condition, program, unfold):
                shape = _whatever_the_letters(condition.term)
                before = needed.get(shape)
                if before is None or STRENGTH[condition.relation] > STRENGTH[before.relation]:
                    needed[shape] = Condition(tidied(condition.term), condition.relation)
    return tuple(needed.values())


def tidied(term: Any) -> Any:
    """The term with its free indices under plain names: what it says holds for every position anyway."""
    swap: dict[Index, Index] = {}
    for index in sorted(free_indices(term), key=lambda i: (len(free_indices(i)), i.level, i.name)):
        plain = MARKS.split(index.name)[0]
        while any(plain == other.name for other in swap.values()):
            plain += "'"
        swap[index] = replace(index, swap) if (index.name, index.level) == (plain, 0) else _renamed(index, plain, swap)
    return replace(term, swap)


def _whatever_the_letters(term: Any) -> Any:
    """The term with its free indices numbered as they occur: the same for conditions that differ in letters only."""
    swap: dict[Index, Index] = {}
    for part in subterms(term):
        if isinstance(part, Index) and part in free_indices(term) and part not in swap:
            swap[part] = _renamed(part, f"i{len(swap)}", swap)
    return replace(term, swap)


def _renamed(index: Index, name: str, swap: dict[Index, Index]) -> Index:
    return Index(name, replace(index.lower, swap), replace(index.upper, swap))


def _with_definitions(terms: Iterable[Any], program: Program, unfold: Callable[[Symbol], bool]) -> list[Any]:
    out = list(terms)
    wanted = frozenset().union(*(names(t) for t in out))
    for equation in reversed(program.equations):
        if equation.head in wanted and unfold(equation.head):
            out.append(equation.body)
            wanted |= names(equation.body)
    return out


def _of_term(term: Any) -> Iterable[Condition]:
    for part in subterms(term):
        if isinstance(part, Pow):
            base, exponent = part.args
            if exponent.is_Rational and exponent.is_integer:
                if exponent < 0:
                    yield Condition(base, "!=")
            else:
                yield Condition(base, ">=" if exponent.is_Rational and exponent > 0 else ">")
        elif isinstance(part, sgn):
            yield Condition(part.args[0], "!=")
        elif isinstance(part, log):
            yield Condition(part.args[0], ">")
        elif isinstance(part, Relational) and not (part.lhs.is_integer and part.rhs.is_integer):
            yield Condition(part.lhs - part.rhs, "!=")


def has_no_value(term: Any, program: Program) -> bool:
    """Whether a term asks for a root or a log of what is never positive: then it has no value anywhere."""

    def never(condition: Condition) -> bool:
        below = sign(-condition.term, program, lambda head: True)
        return (below == "+" and condition.relation != "!=") or (below == "0+" and condition.relation == ">")

    return any(never(condition) for condition in _of_term(term))


def _settled(condition: Condition, program: Program, unfold: Callable[[Symbol], bool]) -> bool:
    found = sign(condition.term, program, unfold)
    if found == "+" or (found == "0+" and condition.relation == ">="):
        return True
    return condition.relation == "!=" and _never_zero(condition.term, program, unfold)


def _never_zero(term: Any, program: Program, unfold: Callable[[Symbol], bool]) -> bool:
    if isinstance(term, (Mul, Pow)):
        bases = term.args if isinstance(term, Mul) else term.args[:1]
        return all(_never_zero(b, program, unfold) for b in bases)
    head = head_of(term) if isinstance(term, (Symbol, Element)) else None
    return bool(head is not None and head.is_nonzero) or sign(-term, program, unfold) == "+" or sign(term, program, unfold) == "+"


def sign(term: Any, program: Program, unfold: Callable[[Symbol], bool]) -> str:
    """ "+" if a term is positive wherever it has a value, "0+" if it is never negative, "" if neither is shown."""
    for kind, row in SIGNS.items():
        if isinstance(term, kind):
            return row(term, lambda t: sign(t, program, unfold), program, unfold)
    return ""


Judge = Callable[[Any], str]


def _of_name(term: Any, of: Judge, program: Program, unfold: Callable[[Symbol], bool]) -> str:
    head = head_of(term)
    if head.is_positive:
        return "+"
    if head.is_nonnegative:
        return "0+"
    equation = program.equation(head)
    return of(equation.body) if equation is not None and unfold(head) and head not in program.opaque else ""


def _least(signs: Iterable[str]) -> str:
    found = list(signs)
    return "" if "" in found else "0+" if "0+" in found else "+"


def _of_sum(term: Any, of: Judge, *_: Any) -> str:
    found = of(term.body)
    return found if surely_within(term.index.lower, term.index.lower, term.index.upper) else found and "0+"


def _of_power(term: Any, of: Judge, *_: Any) -> str:
    base, exponent = term.args
    found = of(base)
    if found == "+":
        return "+"
    return "0+" if exponent.is_Rational and (not exponent.is_integer or exponent.p % 2 == 0 or found) else ""


def _of_addition(term: Any, of: Judge, *_: Any) -> str:
    signs = [of(a) for a in term.args]
    return "" if "" in signs else "+" if "+" in signs else "0+"


SIGNS: dict[Any, Callable[..., str]] = {
    Rational:             lambda t, of, *_: "+" if t > 0 else "0+" if t == 0 else "",
    (Symbol, Element):    _of_name,
    Index:                lambda t, of, *_: "+" if surely_within(t.lower, 1, t.lower) else "",
    Add:                  _of_addition,
    Mul:                  lambda t, of, *_: _least(of(a) for a in t.args),
    Pow:                  _of_power,
    Sum:                  _of_sum,
    Where:                lambda t, of, *_: _least(of(a) for a in t.args[1:]),
    UnevaluatedExpr:      lambda t, of, *_: of(t.args[0]),
    (exp, sigmoid, softplus, type(pi)): lambda t, of, *_: "+",
    (relu, Abs, Delta):   lambda t, of, *_: "0+",
}  # fmt: skip
