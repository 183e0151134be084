"""What is sure of positions: that an index stays in its dimension, whatever the sizes; linear reasoning, no search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from sympy import Basic, Dummy, Expr, Symbol
from sympy.core.relational import Relational

from symderiv.errors import Outside, ShapeError
from symderiv.language.terms import Element, Index, Label, Where, free_indices, names, replace

Facts: TypeAlias = tuple[Expr, ...]  # whole-numbered terms that are known to be >= 0


def surely_within(position: Expr, lower: Expr, upper: Expr, given: Facts = ()) -> bool:
    """Whether lower <= position <= upper for every size >= 1 and every position of the indices in it. False is 'not shown'."""
    if isinstance(position, Index) and (position.lower, position.upper) == (lower, upper):
        return True
    return follows(position - lower, given) and follows(upper - position, given)


def surely(relation: Relational) -> bool:
    """Whether a comparison of positions holds for every size and position. False is 'not shown'."""
    rows = _rows(relation)
    return bool(rows) and all(map(_surely_nonnegative, rows))


def facts_of(relation: Relational) -> Facts:
    """What is known to be >= 0 where a comparison of positions holds; `!=` tells something at the end of a range."""
    if relation.rel_op != "!=":
        return _rows(relation)
    ends = (relation.lhs - relation.rhs, relation.rhs - relation.lhs)
    return tuple(end - 1 for end in ends if end.is_integer and _surely_nonnegative(end))


def _rows(relation: Relational) -> Facts:
    difference = relation.lhs - relation.rhs
    if not (relation.lhs.is_integer and relation.rhs.is_integer):
        return ()
    rows = {">=": (difference,), ">": (difference - 1,), "<=": (-difference,), "<": (-difference - 1,), "==": (difference, -difference)}
    return rows.get(relation.rel_op, ())


def guarded(term: Basic, given: Facts = ()) -> Iterator[tuple[Basic, Facts]]:
    """A term and all below it, each with what is known where it counts: a case tells of positions."""
    yield term, given
    if isinstance(term, Where):
        case, then, otherwise = term.args
        yield from guarded(case, given)
        yield from guarded(then, (*given, *facts_of(case)))
        yield from guarded(otherwise, (*given, *facts_of(case.negated)))
    else:
        for argument in (term.lower, term.upper) if isinstance(term, Index) else term.args:
            yield from guarded(argument, given)


def follows(term: Expr, given: Facts) -> bool:
    """Whether a term is >= 0 for sure, or as much as something that is given."""
    return any(_surely_nonnegative(term - fact) for fact in (0, *given))


def _surely_nonnegative(term: Expr) -> bool:
    """Linear reasoning: each size is 1 + something >= 0, each index and label is put at its worse end.

    False unless the term is linear in each index, an index inside the size `n[i]` apart: that is any whole number >= 1.
    """
    term = term.expand()
    while free := sorted(_ranging(term), key=lambda i: -len(free_indices(i))):
        index = free[0]
        lower, upper = _range(index)
        slope = term.coeff(index)
        rest = (term - slope * index).expand()
        if not slope or index in _ranging(rest) | _ranging(slope):
            return False
        rising = _surely_nonnegative(slope)
        if not rising and not _surely_nonnegative(-slope):
            return False
        term = (rest + slope * (lower if rising else upper)).expand()
    terms = _shifted(term).expand().as_coefficients_dict()
    return all(c.is_number and c >= 0 and (part.is_number or part.is_nonnegative) for part, c in terms.items())


def _ranging(term: Basic) -> set[Expr]:
    """The indices, and the entries of labels, on which a term depends other than through a size."""
    if isinstance(term, Index) or isinstance(getattr(term, "head", term), Label):
        return {term}
    if isinstance(term, Element) and term.is_integer and term.is_positive:
        return set()
    return set().union(*(_ranging(a) for a in term.args))


def _range(position: Expr) -> tuple[Expr, Expr]:
    bounds = position if isinstance(position, Index) else getattr(position, "head", position)
    return bounds.lower, bounds.upper


def _shifted(term: Expr) -> Expr:
    """The term with 1 + a new symbol >= 0 for each size in it."""
    outermost: dict[Expr, Expr] = {}
    stack = [term]
    while stack:
        part = stack.pop()
        if isinstance(part, (Symbol, Element)) and part.is_integer and part.is_positive:
            outermost.setdefault(part, 1 + Dummy(nonnegative=True))
        else:
            stack += part.args
    return replace(term, outermost)


def check_rank(name: str, at: tuple[Expr, ...], indices: tuple[Index, ...]) -> None:
    """Refuse an element with a wrong number of indices, or one that is not a whole number."""
    if len(at) != len(indices):
        shown = ", ".join(map(str, at))
        raise ShapeError(
            f"{name}[{shown}] has {len(at)} index(es); {name} has {len(indices)}: {name}[{', '.join(i.name for i in indices)}]."
        )
    for position in at:
        if not position.is_integer:
            raise ShapeError(f"{name}[{', '.join(map(str, at))}]: {position} is not a whole number for every position.")
        if real := sorted(s.name for s in names(position) if not s.is_integer):
            raise ShapeError(
                f"{name}[{', '.join(map(str, at))}]: the position {position} depends on {real[0]}, a real number; "
                "a position is made of indices, sizes, labels and whole numbers. Write the choice with Where."
            )


def check_position(name: str, at: tuple[Expr, ...], indices: tuple[Index, ...], given: Facts = ()) -> None:
    """Refuse an element that is not shown to lie in its dimensions, by what is given where it stands."""
    check_rank(name, at, indices)
    swap: dict[Expr, Expr] = {}
    for position, index in zip(at, indices, strict=True):
        lower, upper = replace(index.lower, swap), replace(index.upper, swap)
        if not surely_within(position, lower, upper, given):
            kind = ShapeError if isinstance(position, Index) else Outside
            raise kind(
                f"{name}[{', '.join(map(str, at))}]: {describe(position)} may leave the range {lower}..{upper} of that dimension of {name}."
            )
        swap[index] = position


def describe(position: Expr) -> str:
    """An index with its range, for error texts."""
    return f"{position} (in {position.lower}..{position.upper})" if isinstance(position, Index) else str(position)
