"""Axes: how entries, products and sums of a term lie along the axes of arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Basic, Expr, Mul, Symbol
from sympy.core.relational import Relational

from symderiv.codegen.expressions import ATOM, bracketed
from symderiv.errors import TermError
from symderiv.language.positions import facts_of, follows, surely_within
from symderiv.language.program import Program, Variable
from symderiv.language.terms import Element, Index, Over, Where, free_indices, replace, subterms

Axes = tuple[Index, ...]


class Turn(Symbol):
    """The position that a loop has come to, counted from 0: it stands for an index that is no axis inside the loop."""

    def __new__(cls, name: str) -> Turn:
        turn: Turn = super().__new__(cls, name, integer=True, nonnegative=True)
        return turn


def unlowerable(term: Basic | str, why: str) -> TermError:
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


@dataclass(frozen=True)
class Reading:
    """How an entry is read from its array, and which axes come of it.

    By basic subscripts (slices, numbers); of a sliding view with windows of these lengths on these axes; by positions for the
    axes `gathered`.
    """

    subscripts: tuple[Expr | slice, ...]
    axes: Axes
    gathered: Axes = ()
    windows: tuple[tuple[int, Expr], ...] = ()


def reading(element: Element, program: Program, axes: Axes, sliding: bool) -> Reading:
    """An entry by slices and numbers where every position is one of these, else in windows, else by arrays of positions.

    An axis that is read whole stays a slice; positions on both sides of a slice put the gathered axes first, as NumPy does.
    """
    dimensions = variable_of(element, program).indices
    plain = _slices(element, dimensions) or (_windows(element, dimensions) if sliding else None)
    if plain is not None:
        return plain
    whole = [_is_alone(n, element, d) for n, d in enumerate(dimensions)]
    gathering = [n for n, is_whole in enumerate(whole) if not is_whole]
    spread = frozenset().union(*(free_indices(element.at[n]) for n in gathering))
    gathered = tuple(i for i in axes if i in spread)
    if len(gathered) != len(spread):
        raise unlowerable(element, f"the axes are {', '.join(map(str, axes)) or 'none'}")
    subscripts = tuple(slice(None) if w else element.at[n] - dimensions[n].lower for n, w in enumerate(whole))
    before = [element.at[n] for n in range(gathering[0]) if whole[n]] if gathering == list(range(gathering[0], gathering[-1] + 1)) else []
    behind = [at for n, at in enumerate(element.at) if whole[n] and at not in before]
    return Reading(subscripts, (*before, *gathered, *behind), gathered)


def _is_alone(place: int, element: Element, dimension: Index) -> bool:
    """Whether an axis is read whole, by an index that no other position has."""
    at = element.at[place]
    others = frozenset().union(*(free_indices(a) for n, a in enumerate(element.at) if n != place))
    return isinstance(at, Index) and (at.lower, at.upper) == (dimension.lower, dimension.upper) and at not in others


def _slices(element: Element, dimensions: Axes) -> Reading | None:
    """An entry by slices and numbers alone; None where a position is neither, or an index is in two."""
    subscripts: list[Expr | slice] = []
    own: list[Index] = []
    for at, dimension in zip(element.at, dimensions, strict=True):
        free = free_indices(at)
        if not is_inside(at, dimension) or any(isinstance(p, Element) for p in subterms(at)) or free & {*own}:
            return None
        if not free:
            subscripts.append(at - dimension.lower)
            continue
        index, step = _index_and_step(at)
        if index is None:
            return None
        own.append(index)
        subscripts.append(_strided(at, index, step, dimension.lower, dimension.upper))
    return Reading(tuple(subscripts), tuple(own))


def _index_and_step(at: Expr) -> tuple[Index | None, Expr | int]:
    """i and a of a position a*i + b, a > 0; no index where it is not of that kind."""
    index = next(iter(free_indices(at)))
    step = at.expand().coeff(index)
    is_linear = step.is_positive and not free_indices(step) and not free_indices((at - step * index).expand())
    return (index, step) if is_linear else (None, 0)


def _strided(at: Expr, index: Index, step: Expr | int, lower: Expr, upper: Expr) -> slice:
    """The slice over an index of the places lower..upper of an axis, of which a position takes every `step`-th."""
    start, last = ((replace(at, {index: end}) - lower).expand() for end in (index.lower, index.upper))
    end = (upper - lower).expand()
    is_last = last == end if step == 1 else follows((last + step - end - 1).expand(), ())
    return slice(None if start == 0 else start, None if is_last else (last + 1).expand(), None if step == 1 else step)


def _windows(element: Element, dimensions: Axes) -> Reading | None:
    """An entry of a sliding view: x[2p + u] is the entry u of every second window; None where a position is not of that kind."""
    subscripts: list[Expr | slice] = []
    bases: list[Index] = []
    inner: list[Index] = []
    lengths: list[tuple[int, Expr]] = []
    for axis, (at, dimension) in enumerate(zip(element.at, dimensions, strict=True)):
        free = sorted(free_indices(at), key=str)
        if not is_inside(at, dimension) or any(isinstance(p, Element) for p in subterms(at)) or set(free) & {*bases, *inner}:
            return None
        if not free:
            subscripts.append(at - dimension.lower)
            continue
        if len(free) == 1:
            index, step = _index_and_step(at)
            if index is None:
                return None
            subscripts.append(_strided(at, index, step, dimension.lower, dimension.upper))
            bases.append(index)
            continue
        split = _base_and_window(at, free)
        if split is None:
            return None
        base, window = split
        first = replace(at, {window: window.lower}).expand()
        last = dimension.upper - (window.upper - window.lower)
        lengths.append((axis, window.upper - window.lower + 1))
        subscripts.append(_strided(first, base, first.coeff(base), dimension.lower, last))
        bases.append(base)
        inner.append(window)
    return Reading(tuple(subscripts), (*bases, *inner), windows=tuple(lengths)) if lengths else None


def _base_and_window(at: Expr, free: list[Index]) -> tuple[Index, Index] | None:
    """The indices p and u of a position a*p + u + b, a > 0."""
    window = next((i for i in reversed(free) if at.expand().coeff(i) == 1), None)
    if window is None or len(free) != 2:
        return None
    base, _ = _index_and_step((at - window).expand())
    return None if base is None else (base, window)


def is_inside(at: Expr, dimension: Index) -> bool:
    """Whether a position is sure to lie in its dimension, or is read only then; one that is not stands in a case that sees to it."""
    return (bool(at.atoms(Turn)) and not free_indices(at)) or surely_within(at, dimension.lower, dimension.upper)


def flattened(term: Expr) -> tuple[Expr, list[Index]]:
    """The body below directly nested sums, or other such of one kind, and their indices from the outside in."""
    kind, over = type(term), []
    while isinstance(term, Over) and type(term) is kind:
        over.append(term.index)
        term = term.body
    return term, over


def order_of(factors: Iterable[Expr], wanted: Axes = ()) -> Axes:
    """The axes for a product: those of its entry with the most first, in that order, or as wanted if fewer entries are turned then."""
    factors = list(factors)
    entries = sorted((p for f in factors for p in subterms(f) if isinstance(p, Element)), key=lambda e: -len(free_indices(e)))
    free = frozenset().union(*map(free_indices, factors))
    seen = [i for e in entries for i in _natural_order(e)]
    rest = sorted(free, key=str)
    candidates = [tuple(i for i in dict.fromkeys([*first, *seen, *rest]) if i in free) for first in (wanted, ())]
    return min(candidates, key=lambda axes: sum(_is_turned(e, axes) for e in entries))


def _natural_order(element: Element) -> list[Index]:
    """The indices of an entry by position; those of windows, which a sliding view has at its end, behind all others."""
    inner = [max(free, key=str) for at in element.at if len(free := free_indices(at)) > 1 and all(at.coeff(i).is_positive for i in free)]
    return [i for at in element.at for i in sorted(free_indices(at), key=str) if i not in inner] + inner


def _is_turned(element: Element, axes: Axes) -> bool:
    places = [axes.index(i) for i in _natural_order(element) if i in axes]
    return places != sorted(places)


def in_cases(term: Expr) -> tuple[list[Relational], Expr]:
    """The conditions of nested cases that are zero elsewhere, and what is inside; else no condition and the term."""
    conditions = []
    while type(term).__name__ == "Where" and term.args[2] == 0:
        conditions.append(term.args[0])
        term = term.args[1]
    return conditions, term


def padded(term: Expr, program: Program, axes: Axes) -> tuple[Expr, list[tuple[int, Expr, Axes]], Axes] | None:
    """An entry under just the conditions that keep it in its array, its other axes being whole; None for anything else.

    With each axis that is read by positions: its place, the positions counted from 0, their axes; and the axes of the whole.
    """
    conditions, node = in_cases(term)
    element = node.args[1] if type(node).__name__ == "Total" else node
    if not conditions or not isinstance(element, Element):
        return None
    places, own, ends = [], [], set()
    for n, (at, dimension) in enumerate(zip(element.at, variable_of(element, program).indices, strict=True)):
        if _is_alone(n, element, dimension):
            own.append(at)
            continue
        gathered = tuple(i for i in axes if i in free_indices(at))
        if is_inside(at, dimension) or not gathered:
            return None
        places.append((n, at - dimension.lower, gathered))
        own += gathered
        ends |= {(at - dimension.lower).expand(), (dimension.upper - at).expand()}
    told = [facts_of(condition) for condition in conditions]
    facts = {fact.expand() for row in told for fact in row}
    missing = {end for end in ends - facts if not follows(end, ())}
    fits = places and all(told) and facts <= ends and not missing and len(set(own)) == len(own)
    return (node, places, tuple(own)) if fits else None


def loosened(factor: Expr, program: Program) -> list[Expr]:
    """A case as several factors: what has a value everywhere need not stand inside it, so that products stay products."""
    conditions, inside = in_cases(factor)
    factors = list(Mul.make_args(inside))
    if not conditions or len(factors) < 2:
        return [factor]
    safe = [f for f in factors if _has_a_value(f, program)]
    kept = [f for f in factors if f not in safe]
    if not kept:
        about = frozenset().union(*map(free_indices, conditions))
        kept = [min(safe, key=lambda f: (len(free_indices(f) | about), -len(free_indices(f)), str(f)))]
    for condition in reversed(conditions):
        kept = [_where(factor, condition, Mul(*kept))]
    return [*kept, *(f for f in safe if f not in inside_of(kept[0]))]


def _where(factor: Where, condition: Relational, inside: Expr) -> Expr:
    return factor.func(condition, inside, 0)


def inside_of(case: Expr) -> tuple[Expr, ...]:
    """The factors inside nested cases."""
    return tuple(Mul.make_args(in_cases(case)[1]))


def _has_a_value(factor: Expr, program: Program) -> bool:
    """Whether a factor is a number or an entry that is sure to be in its array."""
    node = factor.args[1] if type(factor).__name__ == "Total" else factor
    if not isinstance(node, Element):
        return bool(node.is_Symbol or node.is_Rational)
    return all(is_inside(at, d) for at, d in zip(node.at, variable_of(node, program).indices, strict=True))
