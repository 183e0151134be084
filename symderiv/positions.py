"""What is sure of positions: that an index stays in its dimension, whatever the sizes; linear reasoning, no search."""

from __future__ import annotations

from typing import Any

from sympy import Dummy, Symbol

from symderiv.errors import ShapeError
from symderiv.terms import Element, Index, free_indices, replace


def surely_within(position: Any, lower: Any, upper: Any) -> bool:
    """Whether lower <= position <= upper for every size >= 1 and every position of the indices in it. False is 'not shown'."""
    if isinstance(position, Index) and (position.lower, position.upper) == (lower, upper):
        return True
    return _surely_nonnegative(position - lower) and _surely_nonnegative(upper - position)


def surely(relation: Any) -> bool:
    """Whether a comparison of positions holds for every size and position. False is 'not shown'."""
    difference = relation.lhs - relation.rhs
    if not (relation.lhs.is_integer and relation.rhs.is_integer):
        return False
    rows = {">=": difference, ">": difference - 1, "<=": -difference, "<": -difference - 1}
    return relation.rel_op in rows and _surely_nonnegative(rows[relation.rel_op])


def _surely_nonnegative(term: Any) -> bool:
    """Linear reasoning: each size is 1 + something >= 0, each index is put at its worse end.

    False unless the term is linear in each index, an index inside the size `n[i]` apart: that is any whole number >= 1.
    """
    term = term.expand()
    while free := sorted(_indices_outside_sizes(term), key=lambda i: -len(free_indices(i))):
        index = free[0]
        slope = term.coeff(index)
        if not slope.is_number or not slope or index in _indices_outside_sizes((term - slope * index).expand()):
            return False
        term = (term - slope * index + slope * (index.lower if slope > 0 else index.upper)).expand()
    terms = _shifted(term).expand().as_coefficients_dict()
    return all(c.is_number and c >= 0 and (part.is_number or part.is_nonnegative) for part, c in terms.items())


def _indices_outside_sizes(term: Any) -> set[Index]:
    if isinstance(term, Index):
        return {term}
    if isinstance(term, Element) and term.is_integer and term.is_positive:
        return set()
    return set().union(*(_indices_outside_sizes(a) for a in term.args))


def _shifted(term: Any) -> Any:
    """The term with 1 + a new symbol >= 0 for each size in it."""
    outermost: dict[Any, Any] = {}
    stack = [term]
    while stack:
        part = stack.pop()
        if isinstance(part, (Symbol, Element)) and part.is_integer and part.is_positive:
            outermost.setdefault(part, 1 + Dummy(nonnegative=True))
        else:
            stack += part.args
    return replace(term, outermost)


def check_position(name: str, at: tuple[Any, ...], indices: tuple[Index, ...]) -> None:
    """Refuse an element with a wrong number of indices, or one that is not shown to lie in its dimension."""
    if len(at) != len(indices):
        shown = ", ".join(map(str, at))
        raise ShapeError(
            f"{name}[{shown}] has {len(at)} index(es); {name} has {len(indices)}: {name}[{', '.join(i.name for i in indices)}]."
        )
    swap: dict[Any, Any] = {}
    for given, index in zip(at, indices, strict=True):
        lower, upper = replace(index.lower, swap), replace(index.upper, swap)
        if not given.is_integer:
            raise ShapeError(f"{name}[{', '.join(map(str, at))}]: {given} is not a whole number for every position.")
        if not surely_within(given, lower, upper):
            raise ShapeError(
                f"{name}[{', '.join(map(str, at))}]: {describe(given)} may leave the range {lower}..{upper} of that dimension of {name}."
            )
        swap[index] = given


def describe(position: Any) -> str:
    """An index with its range, for error texts."""
    return f"{position} (in {position.lower}..{position.upper})" if isinstance(position, Index) else str(position)
