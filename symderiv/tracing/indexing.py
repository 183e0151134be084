"""Parts of arrays read: positions, slices, new axes, arrays of positions, masks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import EllipsisType
from typing import TypeAlias, TypeGuard

from sympy import Expr, Integer, S

from symderiv.errors import TraceError
from symderiv.language.terms import Index, Where
from symderiv.tracing.along import Slice, found_at, single, sliced, steps
from symderiv.tracing.sizes import decided, same, surely_at_most
from symderiv.tracing.traced import (
    BOOL,
    INT,
    Group,
    Traced,
    aligned,
    at,
    length,
    lettered,
    settled,
    shape_text,
    swapped,
)

Item: TypeAlias = Slice | Traced | Expr | None  # what a key says of one axis; None for a new one
Key: TypeAlias = Item | EllipsisType | tuple[Item | EllipsisType, ...]


@dataclass
class Reading:
    """A key on its way through the axes of an array: the groups of the result, and the positions at which its entries are read."""

    groups: list[Group] = field(default_factory=list)
    there: list[Expr | None] = field(default_factory=list)  # None where an array of positions points
    arrays: list[tuple[Traced, Group]] = field(default_factory=list)  # positions, and the axis along which they point
    first_array: int | None = None  # where in the result the axes of arrays go
    apart: bool = False
    mixed: bool = False  # whether there are arrays of positions: then single positions go with them


@dataclass(frozen=True)
class Pointed:
    """Arrays of positions that go together: the axes of what they take, indices for their own, and where in the array they point."""

    groups: list[Group]
    marks: tuple[Index, ...]
    rows: list[tuple[Index, Expr]]


def whole_key(key: Key, rank: int) -> list[Item]:
    """A key with one item for each axis, and None for new ones."""
    items = list(key) if isinstance(key, tuple) else [key]
    used = sum(_uses(item) for item in items)
    if used > rank:
        raise TraceError(f"{used} positions for an array with {rank} axes")
    rest: list[Item] = [Slice()] * (rank - used)
    n = next((k for k, item in enumerate(items) if item is Ellipsis), None)
    if n is None:
        return [*items, *rest]
    if not rest and has_arrays(items):
        raise TraceError("... that stands for no axis beside arrays of positions: leave it out")
    return [*items[:n], *rest, *items[n + 1 :]]


def _uses(item: Item | EllipsisType) -> int:
    if item is None or item is Ellipsis:
        return 0
    return len(item.axes) if is_mask(item) else 1


def read(array: Traced, key: Key) -> Traced:
    """The part of an array that a key names."""
    items = whole_key(key, len(array.axes))
    if any(map(is_mask, items)):
        return _masked(array, items)
    reading, axes = Reading(mixed=has_arrays(items)), iter(array.axes)
    for item in items:
        if item is None:
            reading.groups.append(())
        else:
            read_axis(reading, item, next(axes))
    if not reading.arrays:
        return settled(lettered(reading.groups, at(array, reading.there), array.kind))
    return _gathered(array, reading)


def read_axis(reading: Reading, item: Slice | Traced | Expr, group: Group) -> None:
    if isinstance(item, Slice):
        kept, there = sliced(group, item, f"s{len(reading.there)}")
        reading.groups.append(kept)
        reading.there += there
    elif isinstance(item, Traced) and item.axes:
        _meet(reading)
        reading.arrays.append((item, group))
        reading.there += [None] * len(group)
    else:
        if reading.mixed:
            _meet(reading)
        reading.there += single(group, item)


def _meet(reading: Reading) -> None:
    """Note where the axes of arrays of positions go: in the place of the first, or in front where something stands between them."""
    if reading.first_array is None:
        reading.first_array = len(reading.groups)
    elif reading.first_array != len(reading.groups):
        reading.apart = True


def has_arrays(items: Iterable[Item | EllipsisType]) -> bool:
    return any(isinstance(item, Traced) and item.axes and not is_mask(item) for item in items)


def is_mask(item: Item | EllipsisType) -> TypeGuard[Traced]:
    return isinstance(item, Traced) and item.kind == BOOL


def pointed(reading: Reading) -> Pointed:
    """Where the arrays of positions in a key point, with what the rest of it leaves."""
    axes, bodies = aligned([pick for pick, _ in reading.arrays])
    marks = {i: Index(f"at{n}", 1, i.upper) for n, i in enumerate(i for g in axes for i in g)}
    rows: list[tuple[Index, Expr]] = []
    for (_, group), body in zip(reading.arrays, bodies, strict=True):
        rows += zip(group, found_at(group, swapped(body, marks)), strict=True)
    n = 0 if reading.apart else reading.first_array or 0
    groups = [*reading.groups[:n], *(tuple(marks[i] for i in g) for g in axes), *reading.groups[n:]]
    return Pointed(groups, tuple(marks.values()), rows)


def _gathered(array: Traced, reading: Reading) -> Traced:
    """The entries at arrays of positions, which go together."""
    found = pointed(reading)
    positions = iter(p for _, p in found.rows)
    there = [next(positions) if p is None else p for p in reading.there]
    if array.kind == BOOL and any(isinstance(p, Where) for p in there):
        raise TraceError("conditions at positions that depend on cases: use np.where")
    return settled(lettered(found.groups, _at_cases(array, there), array.kind))


def _at_cases(array: Traced, there: Sequence[Expr]) -> Expr:
    """The entry at positions that can depend on cases: each case with its own."""
    for n, position in enumerate(there):
        if isinstance(position, Where):
            case, then, otherwise = position.args
            ways = [_at_cases(array, [*there[:n], p, *there[n + 1 :]]) for p in (then, otherwise)]
            return Where(case, *ways)
    return at(array, there)


def _masked(array: Traced, items: Sequence[Item]) -> Traced:
    """The entries that a mask takes along its axes, where these are all or none whatever the values are."""
    mask = next(filter(is_mask, items))
    known, n = decided(mask.body), items.index(mask)
    if known is None or any(i != Slice() for i in (*items[:n], *items[n + 1 :])):
        raise TraceError("a mask takes out as many entries as the values say; use np.where(mask, x, 0)")
    behind = n + len(mask.axes)
    check_mask(mask, array.axes[n:behind], array)
    taken = tuple(i for group in array.axes[n:behind] for i in group) if known else (Index("none", 1, 0),)
    body = array.body if known else S.false if array.kind == BOOL else Integer(0)
    return lettered([*array.axes[:n], taken, *array.axes[behind:]], body, array.kind)


def check_mask(mask: Traced, axes: Sequence[Group], array: Traced) -> None:
    """Fails where a mask has not the shape of the axes that it is for."""
    if len(mask.axes) != len(axes) or not all(map(same, mask.lengths, map(length, axes))):
        raise TraceError(f"a mask of shape {shape_text(mask)} for an array of shape {shape_text(array)}")


def arange(start: Expr, stop: Expr, step: Expr) -> Traced:
    """Whole numbers from start to stop, as positions."""
    if not surely_at_most(start, stop):
        raise TraceError(f"arange({start}, {stop}): for some sizes it is empty; give the size a length that is sure to be enough")
    count = steps((stop - start).expand(), step)
    if count == 1:
        return Traced(((),), start, INT)
    index = Index("i", 1, count)
    return Traced(((index,),), (start + step * (index - 1)).expand(), INT)
