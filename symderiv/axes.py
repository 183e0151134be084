"""Axes: how entries, products and sums of a term lie along the axes of arrays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Mul

from symderiv.errors import TermError
from symderiv.expressions import ATOM, bracketed
from symderiv.positions import surely_within
from symderiv.program import Program, Variable
from symderiv.terms import Delta, Element, Index, Sum, free_indices, replace, subterms

Axes = tuple[Index, ...]


def unlowerable(term: Any, why: str) -> TermError:
    """The refusal of a term, with the reason."""
    return TermError(f"{term} cannot be turned into NumPy: {why}.")


def align(code: str, own: Axes, axes: Axes, features: bool) -> str:
    """An array with the axes `own`, made to broadcast against `axes`: reordered, then axes of length 1 put in between and behind."""
    wanted = tuple(i for i in axes if i in own)
    if len(wanted) != len(own):
        raise unlowerable(", ".join(map(str, own)), f"the axes are {', '.join(map(str, axes)) or 'none'}")
    if wanted != own:
        code = bracketed(code, ATOM) + _reordering([own.index(i) for i in wanted], features)
    marks = [":" if i in own else "None" for i in axes]
    marks = marks[marks.index(":") :] if own else []
    return f"{bracketed(code, ATOM)}[{', '.join(marks)}]" if "None" in marks else code


def _reordering(order: list[int], features: bool) -> str:
    if not features:
        return ".T" if order == sorted(order, reverse=True) else f".transpose({', '.join(map(str, order))})"
    text, now = "", sorted(order)
    for place, axis in enumerate(order):
        other = now.index(axis)
        if other != place:
            now[place], now[other] = now[other], now[place]
            text += f".swapaxes({place}, {other})"
    return text


def variable_of(element: Element, program: Program) -> Variable:
    """The declaration of an element's head. Fails when it is ragged."""
    variable = program.variable(element.head)
    if variable is None or any(free_indices(i) != {i} for i in variable.indices):
        raise unlowerable(element, "the range of one of its indices depends on another index")
    return variable


def slices(element: Element, program: Program) -> tuple[list[Any], Axes] | None:
    """An entry as basic subscripts and the indices of the axes that they leave; None where it takes arrays of positions."""
    subscripts: list[Any] = []
    own: list[Index] = []
    for at, dimension in zip(element.at, variable_of(element, program).indices, strict=True):
        inside = [i for i in free_indices(at) if i not in own]
        shift = at - inside[0] if len(inside) == 1 else at
        if free_indices(shift):
            return None
        own += inside
        subscripts.append(_slice(inside[0], shift, dimension) if inside else at - dimension.lower)
    return subscripts, tuple(own)


def _slice(index: Index, shift: Any, dimension: Index) -> slice:
    start, stop, end = (e.expand() for e in (index.lower + shift, index.upper + shift + 1, dimension.upper + 1))
    return slice(None if start == dimension.lower else start - dimension.lower, None if stop == end else stop - dimension.lower)


def flattened(term: Any) -> tuple[Any, list[Index]]:
    """The body below directly nested sums, and their indices from the outside in."""
    over = []
    while isinstance(term, Sum):
        over.append(term.index)
        term = term.body
    return term, over


def without_delta(body: Any, over: list[Index]) -> Any:
    """Σ_i δ(i, p) e(i) = e(p), under what is left of the sums; None where no delta does that."""
    factors = Mul.make_args(body)
    for delta in (f for f in factors if isinstance(f, Delta)):
        for index, position in (delta.args, delta.args[::-1]):
            if index in over and index not in free_indices(position) and surely_within(position, index.lower, index.upper):
                rest = replace(Mul(*(f for f in factors if f is not delta)), {index: position})
                left = [i for i in over if i != index]
                return Sum(rest, *left) if left else rest
    return None


def order_of(factors: Iterable[Any]) -> Axes:
    """The axes for a product: first those of its entry with the most, in that order."""
    entries = sorted((p for f in factors for p in subterms(f) if isinstance(p, Element)), key=lambda e: -len(free_indices(e)))
    seen = [i for e in entries for at in e.at for i in sorted(free_indices(at), key=str)]
    free = frozenset().union(*map(free_indices, factors))
    return tuple(i for i in dict.fromkeys([*seen, *sorted(free, key=str)]) if i in free)
