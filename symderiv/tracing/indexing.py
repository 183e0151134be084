"""Parts of arrays read: positions, slices, new axes, arrays of positions, masks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import EllipsisType
from typing import TypeAlias, TypeGuard

from sympy import Add, Expr, Integer, Max, Min, S

from symderiv.errors import MergedAxis, TraceError
from symderiv.language.positions import Facts, facts_of, surely_within
from symderiv.language.terms import Index, Where, free_indices
from symderiv.tracing.sizes import decided, quotient, ranging, same, surely_at_most
from symderiv.tracing.traced import (
    BOOL,
    INT,
    Group,
    Traced,
    aligned,
    at,
    by_cases,
    is_short,
    length,
    lettered,
    settled,
    shape_text,
    swapped,
)


@dataclass(frozen=True)
class Slice:
    """`start:stop:step` with sizes for its ends; None where it is left out."""

    start: Expr | None = None
    stop: Expr | None = None
    step: Expr | None = None


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


def single(group: Group, item: Traced | Expr) -> list[Expr]:
    """Where a position, counted from 0, or from the end if negative, lies in a group."""
    size, position = length(group), item.number if isinstance(item, Traced) else item
    if getattr(position, "is_negative", None) or (position + 1).is_nonpositive:
        position = size + position
    if not group:
        _check(position, size)
        return []
    where = (position + 1).expand()
    if len(group) == 1:
        _check(position, size)
        return [where]
    return _apart(group, position, size)


def _apart(group: Group, position: Expr, size: Expr) -> list[Expr]:
    """A position along a merged axis as positions along those it was merged from."""
    found = _parts(group, position)
    _check(Integer(0), size)
    for i, p in zip(group, found, strict=True):
        _check(p - 1, i.upper)
    return found


def _parts(group: Group, position: Expr) -> list[Expr]:
    """The positions, from 1, along what an axis was merged from, for one from 0 that is a number, a multiple, or made of such positions."""
    found = []
    for n, _ in enumerate(group):
        below = length(group[n + 1 :])
        if position.is_Integer and below.is_Integer:
            whole = Integer(position // below)
        else:
            wholes = [quotient(part, below) for part in Add.make_args(position.expand())]
            near = sum((w for w in wholes if w is not None), start=Integer(0))
            whole = next(
                (w for w in (near, near - 1, near + 1) if surely_within((position - w * below).expand(), Integer(0), below - 1)), None
            )
            if whole is None:
                raise MergedAxis(f"position {position} along an axis that was merged from others: write it for the axes before")
        found.append(whole + 1)
        position = (position - whole * below).expand()
    return found


def _check(position: Expr, size: Expr) -> None:
    if not surely_within((position + 1).expand(), Integer(1), size):
        raise TraceError(f"position {position} may be outside of an axis of length {size}, counted from 0, for some sizes")


def sliced(group: Group, item: Slice, name: str) -> tuple[Group, list[Expr]]:
    """The group that a slice leaves, and the positions in the old one."""
    if item.step in (None, 1) and item.start in (None, 0) and item.stop is None:
        return group, list(group)
    if item.step == -1 and item.start is None and item.stop is None:
        return group, [i.upper + 1 - i for i in group]
    start, step, count = _taken(item, length(group))
    if len(group) > 1:
        return _slice_of_merged(group, start, _past(start, step, count), step, name)
    index = Index(name, 1, count)
    kept, there = ((), start + 1) if count == 1 else ((index,), (start + 1 + step * (index - 1)).expand())
    return kept, [there] if group else []


def _taken(item: Slice, size: Expr) -> tuple[Expr, Expr, Expr]:
    """Where a slice of an axis begins, its step, and how many entries it takes. Fails where it may not lie inside."""
    start, stop = (_end(item.start, Integer(0), size), _end(item.stop, size, size))
    step = item.step if item.step is not None else Integer(1)
    if step.is_positive is not True:
        raise TraceError(f"a slice with step {step}: only -1 over a whole axis, and positive steps")
    count = _steps((stop - start).expand(), step)
    if not (surely_at_most(0, start) and surely_at_most(start, stop) and surely_at_most(_past(start, step, count), size)):
        raise TraceError(
            f"slice {start}:{stop} of an axis of length {size}: it depends on the sizes whether it lies inside; "
            "give the axis a length that is sure to hold it"
        )
    return start, step, count


def _past(start: Expr, step: Expr, count: Expr) -> Expr:
    """The position after the last that a slice takes; a longer one may go on without taking more."""
    return (start + step * (count - 1) + 1).expand()


def _steps(span: Expr, step: Expr) -> Expr:
    if step == 1:
        return span
    if span.is_Integer and step.is_Integer:
        return Integer(-(-span // step))
    for more in range(int(step)) if step.is_Integer and step < 64 else (0,):
        if (found := quotient(span + more, step)) is not None:
            return found
    raise TraceError(f"a slice of {span} entries with step {step}: how many it takes depends on the sizes")


def _slice_of_merged(group: Group, start: Expr, stop: Expr, step: Expr, name: str) -> tuple[Group, list[Expr]]:
    """Whole rows of a merged axis, or one column of it."""
    first, *inner = group
    if len(inner) == 1 and step == inner[0].upper and surely_at_most(start + 1, step) and stop == length(group) - step + start + 1:
        return (first,), [first, start + 1]
    low, high = (quotient(end, length(tuple(inner))) for end in (start, stop))
    if low is None or high is None or step != 1:
        raise MergedAxis(f"slice {start}:{stop} of an axis of length {length(group)} that was merged from others: it cuts through rows")
    count = (high - low).expand()
    if count == 1:
        return tuple(inner), [low + 1, *inner]
    index = Index(name, 1, count)
    return (index, *inner), [low + index, *inner]


def _end(given: Expr | None, default: Expr, size: Expr) -> Expr:
    if given is None:
        return default
    if given.is_negative or (given + 1).is_nonpositive:
        counted = (size + given).expand()
        return max(counted, Integer(0)) if counted.is_Integer else counted
    if given.is_Integer and size.is_Integer:
        return min(given, size)
    return given


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


def found_at(group: Group, where: Expr) -> list[Expr]:
    if not group:
        return []
    if len(group) > 1:
        if where.has(Where):
            raise MergedAxis("positions by cases along an axis that was merged from others: take them before it is merged")
        return [found_at((i,), p - 1)[0] for i, p in zip(group, _parts(group, where), strict=True)]
    position = _raised(_listed(where))
    if not _is_surely_inside(position, group[0]):
        raise TraceError(
            f"position {ranging(where)} may be outside of an axis of length {group[0].upper}; declare labels with their range: y: N in C"
        )
    return [position]


def _raised(where: Expr) -> Expr:
    """A position counted from 1, case by case."""
    if isinstance(where, Where):
        case, then, otherwise = where.args
        return Where(case, _raised(then), _raised(otherwise))
    return (where + 1).expand()


def _listed(position: Expr) -> Expr:
    """A position that is cut off at the ends of an axis, one by one where it goes along a short one."""
    short = next((i for i in sorted(free_indices(position), key=str) if is_short(i)), None) if position.has(Min, Max) else None
    return position if short is None else by_cases(short, [swapped(position, {short: Integer(k)}) for k in range(1, int(short.upper) + 1)])


def _is_surely_inside(position: Expr, dimension: Index) -> bool:
    """Whether a position lies in a dimension, position by position of a short axis that it goes through by cases."""
    short = next((i for i in sorted(free_indices(position), key=str) if is_short(i)), None) if position.has(Where) else None
    if short is None:
        return _is_inside(position, dimension)
    return all(_is_surely_inside(swapped(position, {short: Integer(k)}), dimension) for k in range(1, int(short.upper) + 1))


def _is_inside(position: Expr, dimension: Index, given: Facts = ()) -> bool:
    """Whether a position is sure to lie in a dimension, by what the cases say that it stands in."""
    if isinstance(position, Where):
        case, then, otherwise = position.args
        holds, fails = ((*given, *facts_of(c)) for c in (case, case.negated))
        return _is_inside(then, dimension, holds) and _is_inside(otherwise, dimension, fails)
    return surely_within(position, dimension.lower, dimension.upper, given)


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
    count = _steps((stop - start).expand(), step)
    if count == 1:
        return Traced(((),), start, INT)
    index = Index("i", 1, count)
    return Traced(((index,),), (start + step * (index - 1)).expand(), INT)
