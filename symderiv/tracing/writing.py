"""Parts of arrays written: the array as it is afterwards, entry by entry; and values added at positions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from sympy import Add, And, Eq, Expr, Ge, Integer, Le, Mul, Ne, Not, Or, S
from sympy.logic.boolalg import Boolean

from symderiv.errors import MergedAxis, TraceError
from symderiv.language.positions import Facts, facts_of, follows
from symderiv.language.terms import Delta, Index, Sum, Where
from symderiv.tracing.along import Slice, single
from symderiv.tracing.entrywise import cast, chosen
from symderiv.tracing.indexing import Item, Key, Pointed, Reading, check_mask, has_arrays, is_mask, pointed, read_axis, whole_key
from symderiv.tracing.sizes import quotient, surely_at_most
from symderiv.tracing.traced import (
    BOOL,
    FLOAT,
    Group,
    Traced,
    as_number,
    at_each,
    by_cases,
    flat,
    is_short,
    length,
    lettered,
    met,
    positions,
    settled,
    shape_text,
    swapped,
)


@dataclass
class Place:
    """Where in an array a part lies that is written: its axes, and, in the array's indices, what holds there and which entry it is."""

    groups: list[Group] = field(default_factory=list)
    conditions: list[Boolean] = field(default_factory=list)
    solved: dict[Index, Expr] = field(default_factory=dict)  # the part's own positions
    stepped: dict[Index, tuple[Index, Expr]] = field(default_factory=dict)  # those that are not: an index of the array, and where it is

    def find(self, own: Index, back: Expr) -> None:
        """A position in the part is this one of the array's, where it lies in its range."""
        self.solved[own] = back
        self.conditions += [Ge(back, 1)] * (not surely_at_most(1, back)) + [Le(back, own.upper)] * (not surely_at_most(back, own.upper))


def written(array: Traced, key: Key, value: Traced) -> Traced:
    """The array with the part that a key names set to a value."""
    _check_rounding(array, value, "written into")
    items = whole_key(key, len(array.axes))
    if any(map(is_mask, items)):
        return _written_by_mask(array, items, value)
    array = _in_columns(array, items)
    place = _place_of(array.axes, items)
    new = _value_at(value, place)
    if place.stepped:
        return _written_by_steps(array, value, new, place)
    there = And(*place.conditions)
    if array.kind == BOOL:
        return Traced(array.axes, Or(And(there, Ne(new, 0)), And(Not(there), array.body)), BOOL)
    return settled(Traced(array.axes, _once_written(Where(there, new, array.body), array.indices), array.kind))


def _check_rounding(array: Traced, value: Traced, done: str) -> None:
    if array.kind != FLOAT and value.kind == FLOAT:
        raise TraceError(f"floats {done} an array of whole numbers or conditions are rounded; make it with dtype=float")


def _place_of(axes: Sequence[Group], items: Sequence[Item]) -> Place:
    """Where a key points to."""
    reading, place, rest = Reading(mixed=has_arrays(items)), Place(), iter(axes)
    for item in items:
        if item is None:
            reading.groups.append(())
        else:
            _enter_axis(place, reading, item, next(rest))
    found = pointed(reading)
    place.groups = found.groups
    _enter_arrays(place, found)
    return place


def _enter_axis(place: Place, reading: Reading, item: Slice | Traced | Expr, group: Group) -> None:
    """Where in an axis a part lies; where arrays of positions point is known when all of them are."""
    read_axis(reading, item, group)
    there = reading.there[len(reading.there) - len(group) :]
    if isinstance(item, Slice):
        _enter_slice(place, group, reading.groups[-1], there)
    elif None not in there:
        place.conditions += map(Eq, group, there)


def _in_columns(array: Traced, items: Sequence[Item]) -> Traced:
    """What np.empty made with its axes split in as many columns as a slice has steps: column by column all of it is written."""
    if not array.body.has(S.NaN) or len(items) != len(array.axes):
        return array
    axes = [_columns(n, group, item) for n, (group, item) in enumerate(zip(array.axes, items, strict=True))]
    swap = {whole[0]: flat(apart) for whole, apart in zip(array.axes, axes, strict=True) if whole != apart}
    return lettered(axes, swapped(array.body, swap), array.kind) if swap else array


def _columns(n: int, group: Group, item: Item) -> Group:
    """An axis in rows and columns, where a slice takes one of the columns."""
    step = item.step if isinstance(item, Slice) and len(group) == 1 else None
    rows = quotient(length(group), step) if step is not None and step.is_Integer and step > 1 else None
    return group if rows is None else (Index(f"row{n}", 1, rows), Index(f"column{n}", 1, step))


def _once_written(body: Expr, indices: Sequence[Index]) -> Expr:
    """The entry without what np.empty left, where all of it was written since."""
    for i in indices if body.has(S.NaN) else ():
        if is_short(i):
            body = by_cases(i, at_each(i, body))
    return _without_gaps(body, ()) if body.has(S.NaN) else body


def _without_gaps(body: Expr, given: Facts) -> Expr:
    if not isinstance(body, Where):
        return body
    case, *ways = body.args
    facts = [(*given, *facts_of(c)) for c in (case, case.negated)]
    for n in (0, 1):
        if ways[n] is S.NaN and _is_impossible(facts[n]):
            return _without_gaps(ways[1 - n], facts[1 - n])
    return Where(case, *(_without_gaps(way, there) for way, there in zip(ways, facts, strict=True)))


def _is_impossible(facts: Facts) -> bool:
    """Whether up to three of what is >= 0 contradict each other. False is 'not shown'."""
    return any(follows(-Add(*some) - 1, ()) for n in (1, 2, 3) for some in combinations(facts, n))


def _written_by_steps(array: Traced, value: Traced, new: Expr, place: Place) -> Traced:
    """What was there, and at each step of some axes what is new there less what was."""
    if array.kind == BOOL or value.kind == BOOL or any(p.body.has(S.NaN, S.Infinity, S.NegativeInfinity) for p in (array, value)):
        raise TraceError("writing to a slice with a step: make the array with np.zeros, of numbers")
    old = swapped(array.body, dict(place.stepped.values()))
    change = Sum((new - old) * _deltas(place.stepped.values()), *place.stepped)
    return settled(Traced(array.axes, array.body + Where(And(*place.conditions), change, 0), array.kind))


def _enter_slice(place: Place, group: Group, kept: Group, there: Sequence[Expr]) -> None:
    """Where in an axis a slice lies, and which of its entries is there."""
    if not group and kept:
        place.conditions.append(S.false)  # no entry of an axis of length 1
    for i, p in zip(group, there, strict=True):
        inside = [k for k in kept if p.has(k)]
        if inside:
            _enter_step(place, i, p, *inside)
        else:
            place.conditions.append(Eq(i, p))


def _enter_step(place: Place, i: Index, p: Expr, k: Index) -> None:
    """Which position along a slice is at an index of the array: it goes onwards one by one, backwards, or in longer steps."""
    onwards, backwards = (p - k).expand(), (p + k).expand()
    if not onwards.has(k):
        place.find(k, (i - onwards).expand())
    elif not backwards.has(k):
        place.solved[k] = (backwards - i).expand()  # over all of the axis
    else:
        place.stepped[k] = (i, p)


def _enter_arrays(place: Place, found: Pointed) -> None:
    """Where arrays of positions point: one index of theirs is found from each array that runs through an axis in order."""
    for i, position in found.rows:
        loose = [m for m in found.marks if position.has(m) and m not in place.solved]
        shift = (position - loose[0]).expand() if len(loose) == 1 else None
        if shift is not None and not shift.has(*found.marks):
            place.find(loose[0], (i - shift).expand())
    if not place.solved.keys() >= set(found.marks):
        raise TraceError("writing at positions that may repeat: use np.add.at(x, positions, values) to add, or a one-hot matrix")
    there = [(i, swapped(position, place.solved)) for i, position in found.rows]
    place.conditions += [Eq(i, p) for i, p in there if i != p]


def _value_at(value: Traced, place: Place) -> Expr:
    """The value's entry for each position that is written."""
    own, misfit = list(value.axes), f"a value of shape {shape_text(value)} does not fit where it is written"
    while len(own) > len(place.groups) and not own[0]:
        own.pop(0)
    if len(own) > len(place.groups):
        raise TraceError(misfit)
    target = place.groups[len(place.groups) - len(own) :]
    swap: dict[Index, Expr] = {}
    for mine, given in zip(own, target, strict=True):
        joint = met(mine, given, (value,))
        if length(joint) != length(given):
            raise TraceError(misfit)
        if len(joint) != len(given):
            raise MergedAxis("a value with merged axes written to one that is not: reshape it first")
        swap |= positions(mine, given)
    entry = swapped(value.body, swap)
    return swapped(as_number(entry) if value.kind == BOOL else entry, place.solved)


def _written_by_mask(array: Traced, items: Sequence[Item], value: Traced) -> Traced:
    mask, *rest = items
    if not is_mask(mask) or any(r != Slice() for r in rest) or value.axes:
        raise TraceError("writing through a mask takes one number: x[mask] = 0; use np.where(mask, new, x)")
    check_mask(mask, array.axes[: len(mask.axes)], array)
    there = Traced(mask.axes + ((),) * (len(array.axes) - len(mask.axes)), mask.body, BOOL)
    return chosen(there, cast(value, array.kind), array)


def added_at(array: Traced, key: Key, value: Traced) -> Traced:
    """The array with values added at positions, as often as these occur."""
    _check_rounding(array, value, "added to")
    items = whole_key(key, len(array.axes))
    reading, alone = Reading(mixed=has_arrays(items)), list[tuple[Index, Expr]]()
    for item, group in zip(_checked(items), array.axes, strict=True):
        read_axis(reading, item, group)
        if not isinstance(item, Slice) and not (isinstance(item, Traced) and item.axes):
            alone += zip(group, single(group, item), strict=True)
    found = pointed(reading)
    entry = _deltas(alone) * _value_at(value, Place(found.groups))
    return settled(Traced(array.axes, array.number + _scattered(entry, found.rows, found.marks), array.kind))


def _checked(items: Sequence[Item]) -> list[Slice | Traced | Expr]:
    """The items of a key that np.add.at can be given. Fails on others."""
    if any(map(is_mask, items)):
        raise TraceError("np.add.at through a mask: write x[mask] += values")
    known = [i for i in items if i is not None and (i == Slice() or not isinstance(i, Slice))]
    if len(known) != len(items):
        raise TraceError("np.add.at takes arrays of positions and whole slices")
    return known


def _scattered(entry: Expr, rows: Sequence[tuple[Index, Expr]], marks: Sequence[Index]) -> Expr:
    """The sum of entries that go to positions; position by position where these are listed."""
    listed = next((m for m in marks if is_short(m) and any(p.has(Where) and p.has(m) for _, p in rows)), None)
    if listed is not None:
        rest = [m for m in marks if m != listed]
        places = [{listed: Integer(k)} for k in range(1, int(listed.upper) + 1)]
        return Add(*(_scattered(swapped(entry, at), [(i, swapped(p, at)) for i, p in rows], rest) for at in places))
    for i, p in rows:
        entry = Delta(i, p) * entry
    return Sum(entry, *marks) if marks else entry


def _deltas(rows: Iterable[tuple[Index, Expr]]) -> Expr:
    """1 where each index is at its position, else 0."""
    return Mul(*(Delta(i, p) for i, p in rows))
