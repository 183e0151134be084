"""Sums that are written without Σ: over an index that occurs twice in a product, and not at all in another member of the chain."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Mul, Pow

from symderiv.language.terms import DERIVATIVES, Delta, Index, Over, Sum, free_indices, subterms


def repeated(members: Sequence[Expr]) -> tuple[Index, ...]:
    """The indices that occur twice in each product of every member that has them, and that some member lacks."""
    free = [free_indices(m) for m in members]
    found = frozenset().union(*free) - frozenset.intersection(*free)
    plain = (i for i in found if not i.level and free_indices(i) == {i})
    return tuple(sorted((i for i in plain if all(summed(m, i) is not None for m in members)), key=str))


def contracted(term: Expr, over: Sequence[Index]) -> Expr:
    """A term summed over the indices that occur twice in its products."""
    for index in over:
        new = summed(term, index)
        term = term if new is None else new
    return term


def summed(term: Expr, index: Index) -> Expr | None:
    """A term with each product that has an index twice summed over it; none if it occurs otherwise."""
    if index not in free_indices(term):
        return term
    if isinstance(term, Add):
        parts = [summed(a, index) for a in term.args]
        return None if None in parts else Add(*parts)
    if _times(term, index) == 2:
        return Sum(term, index)
    if isinstance(term, Mul):  # a product inside a factor, beside factors without the index
        having = [f for f in term.args if index in free_indices(f)]
        inner = summed(having[0], index) if len(having) == 1 and isinstance(having[0], Add) else None
        return None if inner is None else Mul(inner, *(f for f in term.args if f is not having[0]))
    return None


def _times(term: Expr, index: Index) -> int | None:
    """How often an index occurs in each product of a term; none if not equally often, in a power or below a fraction."""
    if isinstance(term, Index):
        return int(term == index)
    if index not in free_indices(term):
        return 0
    if isinstance(term, Pow):
        return None  # x_i^2 is an entry's square, as people write it
    if isinstance(term, DERIVATIVES) and all(index in free_indices(a) for a in term.args):
        return None  # and the derivative of y_i w.r.t. x_i is one of them
    if isinstance(term, Over) and index in free_indices(term.index):
        return None
    counts = [_times(a, index) for a in term.args]
    if None in counts:
        return None
    if isinstance(term, Add):
        return counts[0] if len(set(counts)) == 1 else None
    return sum(c for c in counts if c is not None)


def joins_deltas(members: Sequence[Expr], over: Sequence[Index]) -> bool:
    """Whether each of the indices occurs in a Kronecker delta: nobody means such a product without its sum."""
    deltas = [p for m in members for p in subterms(m) if isinstance(p, Delta)]
    return all(any(i in free_indices(d) for d in deltas) for i in over)
