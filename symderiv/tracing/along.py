"""Where along one axis of an array positions and slices lie, counted from 1 in the indices that it is made of."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Expr, Integer, Max, Min

from symderiv.errors import MergedAxis, TraceError
from symderiv.language.positions import Facts, facts_of, surely_within
from symderiv.language.terms import Index, Where, free_indices
from symderiv.tracing.sizes import quotient, ranging, surely_at_most
from symderiv.tracing.traced import Group, Traced, at_each, by_cases, is_short, length


@dataclass(frozen=True)
class Slice:
    """`start:stop:step` with sizes for its ends; None where it is left out."""

    start: Expr | None = None
    stop: Expr | None = None
    step: Expr | None = None


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
    count = steps((stop - start).expand(), step)
    if not (surely_at_most(0, start) and surely_at_most(start, stop) and surely_at_most(_past(start, step, count), size)):
        raise TraceError(
            f"slice {start}:{stop} of an axis of length {size}: it depends on the sizes whether it lies inside; "
            "give the axis a length that is sure to hold it"
        )
    return start, step, count


def _past(start: Expr, step: Expr, count: Expr) -> Expr:
    """The position after the last that a slice takes; a longer one may go on without taking more."""
    return (start + step * (count - 1) + 1).expand()


def steps(span: Expr, step: Expr) -> Expr:
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
    short = _short_in(position) if position.has(Min, Max) else None
    return position if short is None else by_cases(short, at_each(short, position))


def _short_in(position: Expr) -> Index | None:
    """A short axis along which a position goes."""
    return next((i for i in sorted(free_indices(position), key=str) if is_short(i)), None)


def _is_surely_inside(position: Expr, dimension: Index) -> bool:
    """Whether a position lies in a dimension, position by position of a short axis that it goes through by cases."""
    short = _short_in(position) if position.has(Where) else None
    if short is None:
        return _is_inside(position, dimension)
    return all(_is_surely_inside(p, dimension) for p in at_each(short, position))


def _is_inside(position: Expr, dimension: Index, given: Facts = ()) -> bool:
    """Whether a position is sure to lie in a dimension, by what the cases say that it stands in."""
    if isinstance(position, Where):
        case, then, otherwise = position.args
        holds, fails = ((*given, *facts_of(c)) for c in (case, case.negated))
        return _is_inside(then, dimension, holds) and _is_inside(otherwise, dimension, fails)
    return surely_within(position, dimension.lower, dimension.upper, given)
