"""Whether an array depends on another entry by entry: each entry on that at the same position only."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from sympy import Basic, Expr, Integer

from symderiv.language.terms import Element, Index, Label, Over, free_indices
from symderiv.tracing.traced import Choice, Entry, Node, Traced, is_short, swapped


def is_pointwise(out: Traced, other: Traced) -> bool:
    """Whether the arrays have the same axes, and an entry of `out` has no other entry of `other` in it. Fails to see some that do."""
    if out.axes != other.axes:
        return False
    short = [i for i in out.indices if is_short(i)]
    heads = {_head(entry) for entry, _ in _read(other.number, frozenset())}
    for place in product(*(range(1, int(i.upper) + 1) for i in short)):
        swap = dict(zip(short, map(Integer, place), strict=True))
        own = {entry for entry, _ in _read(swapped(other.number, swap), frozenset())}
        for entry, bound in _read(swapped(out.number, swap), frozenset()):
            if isinstance(entry, Choice) or (_head(entry) in heads and (entry not in own or free_indices(entry) & bound)):
                return False
    return True


def _read(term: Entry, bound: frozenset[Index]) -> Iterator[tuple[Expr, frozenset[Index]]]:
    """The entries and numbers that a term reads, those in the definitions of intermediate arrays too; the indices that are bound there."""
    if isinstance(term, Over):
        bound |= {term.index}
    head = _head(term)
    if isinstance(head, Node):
        at = getattr(term, "at", ())
        yield from _read(swapped(head.body, dict(zip(head.indices, at, strict=True))), bound)
    elif isinstance(term, Element) or (term.is_Symbol and not isinstance(term, Index)):
        yield term, bound
    for argument in () if isinstance(term, (Index, Label)) else getattr(term, "at", term.args):
        yield from _read(argument, bound)


def _head(term: Entry) -> Basic:
    return getattr(term, "head", term)
