"""Parts of arrays written: the array as it is afterwards, entry by entry; and values added at positions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from sympy import Add, And, Eq, Ge, Integer, Le, Ne, Not, Or, S

from symderiv.errors import MergedAxis, TraceError
from symderiv.language.positions import facts_of, follows
from symderiv.language.terms import Delta, Index, Sum, Where
from symderiv.tracing.indexing import Reading, Slice, found_at, has_arrays, read_axis, single, whole_key
from symderiv.tracing.layouts import joint_kind
from symderiv.tracing.sizes import quotient, same, surely_at_most
from symderiv.tracing.traced import (
    BOOL,
    FLOAT,
    INT,
    Group,
    Traced,
    aligned,
    as_number,
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


def written(array: Traced, key: Any, value: Traced) -> Traced:
    """The array with the part that a key names set to a value."""
    if array.kind != FLOAT and value.kind == FLOAT:
        raise TraceError("floats written into an array of whole numbers or conditions are rounded; make it with dtype=float")
    items = whole_key(key, len(array.axes))
    if any(isinstance(i, Traced) and i.kind == BOOL for i in items):
        return _written_by_mask(array, items, value)
    array = _in_columns(array, items) if array.body.has(S.NaN) and len(items) == len(array.axes) else array
    reading, axes = Reading(mixed=has_arrays(items)), iter(array.axes)
    conditions: list[Any] = []
    solved: dict[Any, Any] = {}
    stepped: dict[Index, tuple[Index, Any]] = {}
    for item in items:
        if item is None:
            reading.groups.append(())
            continue
        group = next(axes)
        read_axis(reading, item, group)
        if isinstance(item, Slice):
            _where_sliced(group, reading.groups[-1], reading.there[len(reading.there) - len(group) :], conditions, solved, stepped)
        elif not (isinstance(item, Traced) and item.axes):
            conditions += [Eq(i, p) for i, p in zip(group, reading.there[len(reading.there) - len(group) :], strict=True)]
    if reading.arrays:
        reading.groups = _where_gathered(reading, conditions, solved)
    new = _value_at(value, reading.groups, solved)
    if stepped:
        return _written_by_steps(array, value, new, conditions, stepped)
    if array.kind == BOOL:
        there = And(*conditions)
        new = _value_at(entry_as_condition(value), reading.groups, solved)
        return Traced(array.axes, Or(And(there, Ne(new, 0)), And(Not(there), array.body)), BOOL)
    body = new if not conditions else _once_written(Where(And(*conditions), new, array.body), array.indices)
    return settled(Traced(array.axes, body, joint_kind((array, value)) if array.kind == FLOAT else array.kind))


def entry_as_condition(value: Traced) -> Traced:
    return Traced(value.axes, value.number, INT)


def _in_columns(array: Traced, items: Sequence[Any]) -> Traced:
    """What np.empty made with its axes split in as many columns as a slice has steps: column by column all of it is written."""
    axes, swap = list(array.axes), {}
    for n, (group, item) in enumerate(zip(axes, items, strict=True)):
        step = item.step if isinstance(item, Slice) else None
        rows = quotient(length(group), step) if step is not None and step.is_Integer and step > 1 and len(group) == 1 else None
        if rows is not None:
            axes[n] = (Index(f"row{n}", 1, rows), Index(f"column{n}", 1, step))
            swap[group[0]] = flat(axes[n])
    return lettered(axes, swapped(array.body, swap), array.kind) if swap else array


def _once_written(body: Any, indices: Sequence[Index]) -> Any:
    """The entry without what np.empty left, where all of it was written since."""
    for i in indices if body.has(S.NaN) else ():
        if is_short(i):
            body = by_cases(i, [swapped(body, {i: Integer(k)}) for k in range(1, int(i.upper) + 1)])
    return _without_gaps(body, ()) if body.has(S.NaN) else body


def _without_gaps(body: Any, given: tuple[Any, ...]) -> Any:
    if not isinstance(body, Where):
        return body
    case, *ways = body.args
    facts = [(*given, *facts_of(c)) for c in (case, case.negated)]
    for n in (0, 1):
        if ways[n] is S.NaN and _is_impossible(facts[n]):
            return _without_gaps(ways[1 - n], facts[1 - n])
    return Where(case, *(_without_gaps(way, there) for way, there in zip(ways, facts, strict=True)))


def _is_impossible(facts: Sequence[Any]) -> bool:
    """Whether up to three of what is >= 0 contradict each other. False is 'not shown'."""
    return any(follows(-Add(*some) - 1, ()) for n in (1, 2, 3) for some in combinations(facts, n))


def _written_by_steps(array: Traced, value: Traced, new: Any, conditions: list[Any], stepped: dict[Index, tuple[Index, Any]]) -> Traced:
    """What was there, and at each step of some axes what is new there less what was."""
    if array.kind == BOOL or value.kind == BOOL or any(p.body.has(S.NaN, S.Infinity, S.NegativeInfinity) for p in (array, value)):
        raise TraceError("writing to a slice with a step: make the array with np.zeros, of numbers")
    old = swapped(array.body, dict(stepped.values()))
    change: Any = new - old
    for i, p in stepped.values():
        change *= Delta(i, p)
    body = Sum(change, *stepped)
    body = array.body + (Where(And(*conditions), body, 0) if conditions else body)
    return settled(Traced(array.axes, body, joint_kind((array, value)) if array.kind == FLOAT else array.kind))


def _where_sliced(
    group: Group, kept: Group, there: list[Any], conditions: list[Any], solved: dict[Any, Any], stepped: dict[Index, tuple[Index, Any]]
) -> None:
    """Where in an axis a slice lies, and which of its entries is there; with a step, the index and the position along the slice."""
    if not group and kept:
        conditions.append(S.false)  # no entry of an axis of length 1
    for i, p in zip(group, there, strict=True):
        inside = [k for k in kept if p.has(k)]
        if not inside:
            conditions.append(Eq(i, p))
            continue
        (k,) = inside
        if p == k:
            solved[k] = i
            conditions += [Le(i, k.upper)] * (not surely_at_most(i, k.upper))
            continue
        back = (i - (p - k)) if (p - k).expand().has(k) is False else None
        if back is None and (p + k).expand().has(k) is False:
            solved[k] = ((p + k) - i).expand()
            continue
        if back is None:
            stepped[k] = (i, p)
            continue
        back = back.expand()
        solved[k] = back
        conditions += [Ge(back, 1)] * (not surely_at_most(1, back)) + [Le(back, k.upper)] * (not surely_at_most(back, k.upper))


def _where_gathered(reading: Reading, conditions: list[Any], solved: dict[Any, Any]) -> list[Group]:
    """Where arrays of positions point: one index of theirs is found from each array that runs through an axis in order."""
    axes, bodies = aligned([pick for _, pick, _ in reading.arrays])
    marks = {i: Index(f"at{n}", 1, i.upper) for n, i in enumerate(i for g in axes for i in g)}
    groups = [tuple(marks[i] for i in g) for g in axes]
    rows: list[tuple[Index, Any]] = []
    for (_, _, group), body in zip(reading.arrays, bodies, strict=True):
        rows += zip(group, found_at(group, swapped(body, marks)), strict=True)
    for i, position in rows:
        loose = [m for m in marks.values() if position.has(m) and m not in solved]
        shift = (position - loose[0]).expand() if len(loose) == 1 else None
        if shift is not None and not any(shift.has(m) for m in marks.values()):
            back = (i - shift).expand()
            solved[loose[0]] = back
            upper = loose[0].upper
            conditions += [Ge(back, 1)] * (not surely_at_most(1, back)) + [Le(back, upper)] * (not surely_at_most(back, upper))
    if any(m not in solved for m in marks.values()):
        raise TraceError("writing at positions that may repeat: use np.add.at(x, positions, values) to add, or a one-hot matrix")
    for i, position in rows:
        there = swapped(position, solved)
        if there != i:
            conditions.append(Eq(i, there))
    n = 0 if reading.apart else reading.first_array or 0
    return [*reading.groups[:n], *groups, *reading.groups[n:]]


def _value_at(value: Traced, groups: Sequence[Group], solved: dict[Any, Any]) -> Any:
    """The value's entry for each position that is written."""
    own = list(value.axes)
    while len(own) > len(groups) and not own[0]:
        own.pop(0)
    if len(own) > len(groups):
        raise TraceError(f"a value of shape {shape_text(value)} does not fit where it is written")
    target = list(groups)[len(groups) - len(own) :]
    swap: dict[Any, Any] = {}
    for mine, given in zip(own, target, strict=True):
        joint = met(mine, given, (value,))
        if length(joint) != length(given):
            raise TraceError(f"a value of shape {shape_text(value)} does not fit where it is written")
        if len(joint) != len(given):
            raise MergedAxis("a value with merged axes written to one that is not: reshape it first")
        swap |= positions(mine, tuple(given))
    entry = swapped(value.body, swap)
    return swapped(as_number(entry) if value.kind == BOOL else entry, solved)


def _written_by_mask(array: Traced, items: Sequence[Any], value: Traced) -> Traced:
    mask, *rest = items
    if not isinstance(mask, Traced) or any(r != Slice() for r in rest) or value.axes:
        raise TraceError("writing through a mask takes one number: x[mask] = 0; use np.where(mask, new, x)")
    if not all(map(same, mask.lengths, array.lengths)):
        raise TraceError(f"a mask of shape {shape_text(mask)} for an array of shape {shape_text(array)}")
    groups = [*mask.axes, *([()] * (len(array.axes) - len(mask.axes)))]
    axes, (condition, old) = aligned((Traced(tuple(groups), mask.body, BOOL), array))
    new = value.number
    return settled(Traced(axes, Where(condition, new, old), array.kind))


def added_at(array: Traced, key: Any, value: Traced) -> Traced:
    """The array with values added at positions, as often as these occur."""
    if array.kind != FLOAT and value.kind == FLOAT:
        raise TraceError("floats added to an array of whole numbers or conditions are rounded; make it with dtype=float")
    items = whole_key(key, len(array.axes))
    reading, axes = Reading(mixed=has_arrays(items)), iter(array.axes)
    for item in items:
        if not (isinstance(item, (Slice, Traced)) or hasattr(item, "is_Integer")):
            raise TraceError("np.add.at takes arrays of positions and whole slices")
        read_axis(reading, item, next(axes))
    picks, bodies = aligned([pick for _, pick, _ in reading.arrays])
    marks = {i: Index(f"at{n}", 1, i.upper) for n, i in enumerate(i for g in picks for i in g)}
    groups = [tuple(marks[i] for i in g) for g in picks]
    n = 0 if reading.apart else reading.first_array or 0
    solved: dict[Any, Any] = {}
    factor: Any = Integer(1)
    rows: list[tuple[Index, Any]] = []
    own = iter(array.axes)
    bodies_in_order = iter(bodies)
    for item in items:
        group = next(own)
        if isinstance(item, Traced) and item.axes:
            position = swapped(next(bodies_in_order), marks)
            rows += zip(group, found_at(group, position), strict=True)
        elif isinstance(item, Slice):
            if item != Slice():
                raise TraceError("np.add.at takes arrays of positions and whole slices")
            solved |= {i: i for i in group}
        else:
            factor *= _deltas(group, item)
    entry = factor * _value_at(value, [*reading.groups[:n], *groups, *reading.groups[n:]], solved)
    return settled(Traced(array.axes, array.number + _scattered(entry, rows, list(marks.values())), array.kind))


def _scattered(entry: Any, rows: Sequence[tuple[Index, Any]], marks: Sequence[Index]) -> Any:
    """The sum of entries that go to positions; position by position where these are listed."""
    listed = next((m for m in marks if is_short(m) and any(p.has(Where) and p.has(m) for _, p in rows)), None)
    if listed is not None:
        rest = [m for m in marks if m != listed]
        places = [{listed: Integer(k)} for k in range(1, int(listed.upper) + 1)]
        return Add(*(_scattered(swapped(entry, at), [(i, swapped(p, at)) for i, p in rows], rest) for at in places))
    for i, p in rows:
        entry = Delta(i, p) * entry
    return Sum(entry, *marks) if marks else entry


def _deltas(group: Group, item: Any) -> Any:
    factor: Any = Integer(1)
    for i, p in zip(group, single(group, item.number if isinstance(item, Traced) else item), strict=True):
        factor *= Delta(i, p)
    return factor
