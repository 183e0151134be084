"""Where a term has a value: the side conditions that its divisions, roots, logs and comparisons need."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import replace as with_changes
from functools import lru_cache
from types import MappingProxyType

from sympy import Abs, Basic, Expr, Mul, Pow, Symbol, Tuple
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from symderiv.errors import Undefined
from symderiv.language.functions import Sign
from symderiv.language.kept import asked
from symderiv.language.positions import surely, surely_within
from symderiv.language.program import Equation, Program
from symderiv.language.terms import (
    Beyond,
    Element,
    Index,
    Product,
    Where,
    free_indices,
    free_letter,
    replace,
    subterms,
)
from symderiv.language.verdict import Condition
from symderiv.proof.signs import SignOf, never_zero, signs

MARKS = re.compile("['\"~]")
MOST_READ = 8  # positions of one definition that are told apart
NO_MEANING: Mapping[Symbol, Expr] = MappingProxyType({})
Unfold = Callable[[Symbol], bool]


def _both(one: str, other: str) -> str:
    """The relation to 0 that two relations come down to: != and >= are >."""
    return one if one == other else ">"


def conditions(
    terms: Iterable[Basic], program: Program, unfold: Unfold, settled: bool = False, meant: Mapping[Symbol, Expr] = NO_MEANING
) -> tuple[Condition, ...]:
    """The side conditions of terms and of the definitions that they rest on, less those that hold anyway (these too if `settled`).

    `unfold` tells which nodes stand for their definitions here; the others are taken as any number. `meant` tells of which derivatives
    some nodes stand: such a node needs what is differentiated to have a value, even where it is 0.
    Fails when a condition is on a number and does not hold.
    """
    terms = list(terms)
    own = frozenset().union(*map(free_indices, terms))
    needed: dict[Basic, Condition] = {}
    sign = signs(program, unfold)
    for term in (*terms, *_definitions_read(terms, program, unfold, meant)):
        for condition in (part for whole in _asked_within(term) for part in _factors(whole, sign)):
            always = _settled(condition, sign)
            if (always or _said_by_a_case(condition)) and (not settled or condition.term.is_Rational):
                continue
            condition = with_changes(condition, where=()) if always else condition
            if condition.term.is_Rational and not condition.where:
                raise Undefined(f"a side condition that never holds: {condition.term} {condition.relation} 0")
            whole = Tuple(condition.term, *condition.where)
            every = free_indices(whole) - own
            shape = _whatever_the_letters(whole, every)
            swap = _plain_letters(every, {i.name for i in own}, program)
            what, *where = replace(whole, swap)
            relation = condition.relation if shape not in needed else _both(needed[shape].relation, condition.relation)
            needed[shape] = Condition(what, relation, tuple(where), tuple(sorted(swap.values(), key=str)))
    return tuple(c for shape, c in needed.items() if not _follows(shape, c, needed))


def at_all_positions(found: Iterable[Condition]) -> tuple[Condition, ...]:
    """The conditions of what is claimed at all positions of its indices at once, each of them once whatever its letters are."""
    needed: dict[Basic, Condition] = {}
    for condition in found:
        whole = Tuple(condition.term, *condition.where)
        shape = _whatever_the_letters(whole, free_indices(whole))
        known = needed.setdefault(shape, condition)
        needed[shape] = with_changes(known, relation=_both(known.relation, condition.relation))
    return tuple(needed.values())


def _follows(shape: Basic, condition: Condition, needed: dict[Basic, Condition]) -> bool:
    """Whether the same is needed for every position anyway."""
    wider = _whatever_the_letters(shape, free_indices(shape))
    return wider != shape and wider in needed and needed[wider].relation in (condition.relation, ">")


def tidied(term: Basic) -> Basic:
    """The term with its free indices under plain names: what it says holds for every position anyway."""
    return replace(term, _plain_letters(free_indices(term), set()))


def _plain_letters(indices: Iterable[Index], taken: set[str], program: Program | None = None) -> dict[Index, Index]:
    """Plain names for indices, none of them taken, and none that the program has for other ranges."""
    swap: dict[Index, Index] = {}
    declared = [i for v in program.variables for i in v.indices] if program is not None else []
    for index in sorted(indices, key=lambda i: (len(free_indices(i)), i.level, i.name)):
        used = taken | {other.name for other in swap.values()}
        used |= {i.name for i in declared if (i.lower, i.upper) != (index.lower, index.upper)}
        plain = MARKS.split(index.name)[0]
        name = plain if plain not in used else free_letter(used)
        swap[index] = replace(index, swap) if (index.name, index.level) == (name, 0) else _renamed(index, name, swap)
    return swap


def _whatever_the_letters(term: Basic, every: Container[Index]) -> Basic:
    """The term with these indices numbered as they occur, as none is called: the same for conditions that differ in letters only."""
    swap: dict[Index, Index] = {}
    for part in subterms(term):
        if isinstance(part, Index) and part in every and part not in swap:
            swap[part] = _renamed(part, f"~{len(swap)}", swap)
    return replace(term, swap)


def _renamed(index: Index, name: str, swap: dict[Index, Index]) -> Index:
    return Index(name, replace(index.lower, swap), replace(index.upper, swap))


def _definitions_read(terms: Collection[Basic], program: Program, unfold: Unfold, meant: Mapping[Symbol, Expr]) -> Iterator[Basic]:
    """The definitions that terms rest on, directly or through others, each at the positions where it is read; the latest first."""
    own = frozenset().union(*map(free_indices, terms))
    equations = {e.head: e for e in reversed(program.equations) if unfold(e.head)}
    found: dict[Symbol, dict[Basic, tuple[Expr, ...]]] = {head: {} for head in equations}
    waiting: dict[Symbol, list[tuple[Expr, ...]]] = {}

    def note(term: Basic) -> None:
        for head, at in _reads(term):
            if head in equations and None not in found[head]:
                waiting.setdefault(head, []).append(at)

    for term in terms:
        note(term)
    while (head := next((h for h in equations if h in waiting), None)) is not None:
        equation, known = equations[head], found[head]
        for at in dict.fromkeys(waiting.pop(head)):
            anywhere = head in program.recurrent or len(known) == MOST_READ or _is_read_anywhere(at, equation, own)
            shape = None if anywhere else _whatever_the_letters(Tuple(*at), free_indices(Tuple(*at)) - own)
            if None in known or shape in known:
                continue
            if anywhere:
                at = _any_position(equation)
                known.clear()
            of = meant[head].args[:1] if head in meant else ()
            known[shape] = tuple(_at(part, equation.variable.indices, at) for part in (equation.body, *of))
            for part in known[shape]:
                note(part)
    for parts in found.values():
        for there in parts.values():
            yield from there


@lru_cache(maxsize=10_000)
def _at(term: Basic, indices: tuple[Index, ...], at: tuple[Expr, ...]) -> Basic:
    """A term with positions in the place of indices, worked out once: the steps of a page read much the same."""
    return replace(term, dict(zip(indices, at, strict=True)))


@lru_cache(maxsize=50_000)
def _reads(term: Basic) -> tuple[tuple[Symbol, tuple[Expr, ...]], ...]:
    """The names that a term reads, with the positions; none for a scalar and for what is read as a whole."""
    if isinstance(term, Symbol):
        return ((term, ()),)
    inside = (term.lower, term.upper) if isinstance(term, Index) else term.at if isinstance(term, Element) else term.args
    own = ((term.head, term.at),) if isinstance(term, Element) else ()
    return tuple(dict.fromkeys((*own, *(read for part in inside for read in _reads(part)))))


def _is_read_anywhere(at: tuple[Expr, ...], equation: Equation, own: Container[Index]) -> bool:
    """Whether positions are all that there are, or cannot be told to be fewer."""
    indices = equation.variable.indices
    if len(at) != len(indices):
        return True
    swap: dict[Basic, Basic] = {}
    for position, index in zip(at, indices, strict=True):
        lower, upper = replace(index.lower, swap), replace(index.upper, swap)
        if not surely_within(position, lower, upper):
            return True
        swap[index] = position
    return bool(at) and len(set(at)) == len(at) and all(isinstance(p, Index) and p not in own for p in at) and _same_ranges(at, indices)


def _same_ranges(at: tuple[Expr, ...], indices: tuple[Index, ...]) -> bool:
    swap = dict(zip(indices, at, strict=True))
    return all((p.lower, p.upper) == (replace(i.lower, swap), replace(i.upper, swap)) for i, p in swap.items())


def _any_position(equation: Equation) -> tuple[Index, ...]:
    """The indices of a definition under names that no term has."""
    swap: dict[Index, Index] = {}
    for index in equation.variable.indices:
        swap[index] = _renamed(index, f"{index.name}~", swap)
    return tuple(swap.values())


@lru_cache(maxsize=10_000)
def _asked_within(term: Basic) -> tuple[Condition, ...]:
    """The conditions of a term and all below it, found once: the steps of a page rest on the same definitions."""
    return tuple(_of_term(term, ()))


def _of_term(term: Basic, where: tuple[Boolean, ...]) -> Iterable[Condition]:
    """The conditions of a term and all below it; what is in a case is only needed where that case applies."""
    for condition in _of_part(term):
        yield with_changes(_plain(condition), where=where)
    if isinstance(term, Where) and not isinstance(term.args[0].lhs, Beyond):
        case, then, otherwise = term.args
        yield from _of_term(case, where)
        for applies, branch in ((case, then), (case.negated, otherwise)):
            if not surely(applies.negated):
                yield from _of_term(branch, where if surely(applies) else (*where, applies))
    else:
        for argument in term.args:
            yield from _of_term(argument, where)


def _of_part(part: Basic) -> Iterable[Condition]:
    return (Condition(term, relation) for term, relation in asked(part))


def _plain(condition: Condition) -> Condition:
    """The same asked of what a square or an absolute value is of: either is positive where that is not zero."""
    term = condition.term
    even = isinstance(term, Pow) and term.exp.is_Integer and term.exp.is_even
    if condition.relation != ">=" and (even or isinstance(term, Abs)):
        return _plain(Condition(term.args[0], "!="))
    return condition


def _factors(condition: Condition, sign: SignOf) -> Iterator[Condition]:
    """What a product over a range is asked for, asked of what it multiplies, at every position; so with factors beside it."""
    term, relation = condition.term, condition.relation
    if isinstance(term, Product) and (relation == "!=" or (relation == ">" and sign(term.body))):
        factors: tuple[Expr, ...] = (term.body,)
    elif isinstance(term, Mul) and term.has(Product) and (relation == "!=" or (relation == ">" and all(map(sign, term.args)))):
        factors = tuple(f for f in term.args if sign(f) is not Sign.POSITIVE) or term.args
    else:
        yield condition
        return
    for factor in factors:
        yield from _factors(with_changes(_plain(Condition(factor, relation)), where=condition.where), sign)


def _settled(condition: Condition, sign: SignOf) -> bool:
    found = sign(condition.term)
    if found is Sign.POSITIVE or (found is Sign.NOT_NEGATIVE and condition.relation == ">="):
        return True
    return condition.relation == "!=" and never_zero(condition.term, sign)


def _said_by_a_case(condition: Condition) -> bool:
    return any(_says(case, condition) for case in condition.where)


def _says(case: Relational, condition: Condition) -> bool:
    """Whether a case says just what a condition asks for: a != 0 where a != 0, where a > 0, or where 0 > a."""
    difference, name = case.lhs - case.rhs, type(case).__name__
    above = {"StrictGreaterThan": 1, "GreaterThan": 1, "StrictLessThan": -1, "LessThan": -1}.get(name, 0)
    if condition.relation == "!=" and name in ("Unequality", "StrictGreaterThan", "StrictLessThan"):
        return condition.term in (difference, -difference)
    strict = name.startswith("Strict") or condition.relation == ">="
    return bool(above and strict and condition.relation != "!=" and condition.term == above * difference)
