"""Arrays laid out anew: axes exchanged, merged, split, added, taken away, joined. No entry is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import accumulate, product

from sympy import And, Expr, Integer, Le
from sympy.logic.boolalg import Boolean

from symderiv.errors import MergedAxis, TraceError
from symderiv.language.terms import Index, Term, Where
from symderiv.tracing.sizes import quotient, same
from symderiv.tracing.traced import (
    BOOL,
    FLOAT,
    KINDS,
    MOST_APART,
    Group,
    Traced,
    aligned,
    as_number,
    at,
    by_cases,
    flat,
    formal,
    is_short,
    length,
    lettered,
    met,
    named,
    positions,
    shape_text,
    swapped,
    weight,
)
from symderiv.tracing.values import Axes, SomeAxes

LIGHT = 12  # parts of a term: what is joined with others keeps to it


def axis_of(axis: object, rank: int) -> int:
    if not isinstance(axis, int):
        raise TraceError(f"an axis is a whole number, not {axis}")
    if not -rank <= axis < rank:
        raise TraceError(f"axis {axis} of an array with {rank} axes")
    return axis % rank


def several(axes: object) -> Sequence[object]:
    return axes if isinstance(axes, (tuple, list)) else (axes,)


def axes_of(axis: Axes, rank: int) -> tuple[int, ...]:
    """The axes meant: one, several, or all for None; in order."""
    if axis is None:
        return tuple(range(rank))
    found = [axis_of(a, rank) for a in several(axis)]
    if len(set(found)) < len(found):
        raise TraceError(f"axis {axis}: an axis is named twice")
    return tuple(sorted(found))


def order_of(axes: Sequence[object], rank: int) -> list[int]:
    """An order of all axes."""
    order = [axis_of(a, rank) for a in axes]
    if sorted(order) != list(range(rank)):
        raise TraceError(f"axes {tuple(order)} for an array with {rank} axes")
    return order


def order_moved(rank: int, source: SomeAxes, target: SomeAxes) -> list[int]:
    sources = [axis_of(a, rank) for a in several(source)]
    targets = [axis_of(a, rank) for a in several(target)]
    order = [n for n in range(rank) if n not in sources]
    for to, come in sorted(zip(targets, sources, strict=True)):
        order.insert(to, come)
    return order_of(order, rank)


def order_exchanged(rank: int, one: int, other: int) -> list[int]:
    order = list(range(rank))
    a, b = axis_of(one, rank), axis_of(other, rank)
    order[a], order[b] = order[b], order[a]
    return order


def transposed(array: Traced, order: Sequence[int]) -> Traced:
    return lettered([array.axes[a] for a in order], array.body, array.kind)


def expanded(array: Traced, axis: SomeAxes) -> Traced:
    rank = len(array.axes) + len(several(axis))
    places = {axis_of(a, rank) for a in several(axis)}
    rest = iter(array.axes)
    return Traced(tuple(() if n in places else next(rest) for n in range(rank)), array.body, array.kind)


def squeezed(array: Traced, axis: Axes = None) -> Traced:
    if axis is None and any(group and not all(i.upper.is_Integer for i in group) for group in array.axes):
        raise TraceError(f"squeeze of shape {shape_text(array)}: which axes are 1 long depends on the sizes; write squeeze(axis=...)")
    dropped = [n for n, g in enumerate(array.axes) if not g] if axis is None else axes_of(axis, len(array.axes))
    if any(array.axes[n] for n in dropped):
        raise TraceError(f"squeeze(axis={axis}): that axis is not 1 long in {shape_text(array)}")
    return Traced(tuple(g for n, g in enumerate(array.axes) if n not in dropped), array.body, array.kind)


def reshaped(array: Traced, shape: Sequence[Expr]) -> Traced:
    """Axes merged or split, in the order of the entries. Fails where a new axis is no product of old ones, or parts of them."""
    whole = length(array.indices)
    wanted = _without_unknown(shape, whole, array)
    body, old, groups = array.body, list(array.indices), []
    for want in wanted:
        group: list[Index] = []
        while not same(length(tuple(group)), want):
            if not old:
                raise _unfit(array, shape)
            index = old.pop(0)
            left = quotient(want, length((*group, index)))
            if left is None:
                part = quotient(want, length(tuple(group)))
                rest = None if part is None else quotient(index.upper, part)
                if part is None or rest is None:
                    raise _unfit(array, shape)
                index, second = (Index(f"{index.name}{k}", 1, upper) for k, upper in enumerate((part, rest)))
                body = swapped(body, {array_index(array, old): flat((index, second))})
                old.insert(0, second)
            group.append(index)
        groups.append(tuple(group))
    if old:
        raise _unfit(array, shape)
    return lettered(groups, body, array.kind)


def array_index(array: Traced, rest: Sequence[Index]) -> Index:
    """The index of an array that stands before the rest of its indices."""
    own = [i for i in rest if i in array.indices]
    return array.indices[len(array.indices) - len(own) - 1]


def _without_unknown(shape: Sequence[Expr], whole: Expr, array: Traced) -> list[Expr]:
    known = [s for s in shape if s != -1]
    if len(shape) - len(known) > 1:
        raise TraceError(f"reshape{tuple(shape)}: only one length can be left open")
    rest = quotient(whole, length(tuple(Index("i", 1, s) for s in known)))
    if len(shape) > len(known) and rest is None:
        raise _unfit(array, shape)
    return [rest if s == -1 else s for s in shape]


def _unfit(array: Traced, shape: Sequence[Expr]) -> MergedAxis:
    wanted = ", ".join(map(str, shape))
    return MergedAxis(
        f"reshape of {shape_text(array)} to ({wanted}): it is not known for every size how entries fall; "
        "declare the length of the axis as the product that the code splits it into, in that order, such as C*H*W or H*2"
    )


def broadcast_to(array: Traced, shape: Sequence[Expr]) -> Traced:
    """The array repeated along axes that are 1 long or missing."""
    target = Traced(_groups(shape), Integer(0))
    if len(shape) < len(array.axes):
        raise TraceError(f"{shape_text(array)} has more axes than {tuple(map(str, shape))}")
    axes, (body, _) = aligned((array, target))
    if not all(same(length(g), s) for g, s in zip(axes, shape, strict=True)):
        raise TraceError(f"{shape_text(array)} cannot be repeated to {tuple(map(str, shape))}")
    return Traced(axes, body, array.kind)


def constant(value: Term, shape: Sequence[Expr], kind: str = FLOAT) -> Traced:
    """An array with one value everywhere."""
    return Traced(_groups(shape), value, kind)


def _groups(shape: Sequence[Expr]) -> tuple[Group, ...]:
    groups = [_factors(s) for s in shape]
    letters = iter(formal(f for g in groups for f in g))
    return tuple(tuple(next(letters) for _ in g) for g in groups)


def _factors(size: Expr) -> list[Expr]:
    return [] if size == 1 else [size]


def repeated(array: Traced, times: Expr, axis: int, outside: bool) -> Traced:
    """Each axis again and again (`outside`), or each entry."""
    n = axis_of(axis, len(array.axes))
    if times == 1:
        return array
    copy = Index("copies", 1, times)
    group = (copy, *array.axes[n]) if outside else (*array.axes[n], copy)
    return lettered([*array.axes[:n], group, *array.axes[n + 1 :]], array.body, array.kind)


def stacked(parts: Sequence[Traced], axis: int = 0) -> Traced:
    """Arrays of one shape along a new axis."""
    _same_shape(parts)
    parts = _light(parts)
    axes, bodies = aligned(parts)
    kind = joint_kind(parts)
    n = axis_of(axis, len(axes) + 1)
    if len(parts) == 1:
        return Traced((*axes[:n], (), *axes[n:]), bodies[0], kind)
    which = Index("which", 1, len(parts))
    return lettered([*axes[:n], (which,), *axes[n:]], _cases(which, bodies, parts, kind), kind)


def _light(parts: Sequence[Traced]) -> list[Traced]:
    """Arrays by names where their entries are long."""
    return [named(p, "part") if p.kind != BOOL and weight(p.body) > LIGHT else p for p in parts]


def _cases(which: Index, bodies: Sequence[Term], parts: Sequence[Traced], kind: str) -> Expr:
    """The body of one part for each value of an index."""
    bodies = [as_number(b) if p.kind == BOOL else b for b, p in zip(bodies, parts, strict=True)]
    if kind == BOOL:
        raise TraceError("conditions side by side in one array: join them with & or |")
    return by_cases(which, bodies)


def _same_shape(parts: Sequence[Traced]) -> None:
    if not parts:
        raise TraceError("no arrays to join")
    first, *others = parts
    for other in others:
        if len(other.axes) != len(first.axes) or not all(map(same, first.lengths, other.lengths)):
            raise TraceError(f"arrays of shapes {shape_text(first)} and {shape_text(other)} cannot be stacked")


def joined(parts: Sequence[Traced], axis: int = 0) -> Traced:
    """Arrays one after the other along an axis that they have."""
    if not parts:
        raise TraceError("no arrays to join")
    n = axis_of(axis, len(parts[0].axes))
    if any(len(p.axes) != len(parts[0].axes) for p in parts):
        raise TraceError("arrays with different numbers of axes cannot be concatenated: " + " and ".join(map(shape_text, parts)))
    if len(parts) == 1:
        return parts[0]
    parts = _blocks(parts, n) or parts
    if len({tuple(i.upper for i in p.axes[n]) for p in parts}) == 1:
        apart = stacked(parts, n)
        group = (*apart.axes[n], *apart.axes[n + 1])
        return lettered([*apart.axes[:n], group, *apart.axes[n + 2 :]], apart.body, apart.kind)
    return _one_after_another(parts, n)


def _blocks(parts: Sequence[Traced], n: int) -> list[Traced]:
    """Arrays whose axis is a number of blocks of one length, block by block: 2*H and H are three times H. None if they are not."""
    tail = [i.upper for i in min((p.axes[n] for p in parts), key=len)]
    found: list[Traced] = []
    for p in parts:
        lead, rest = p.axes[n][: len(p.axes[n]) - len(tail)], p.axes[n][len(p.axes[n]) - len(tail) :]
        if not tail or [i.upper for i in rest] != tail or not all(is_short(i) for i in lead):
            return []
        for place in product(*(range(1, int(i.upper) + 1) for i in lead)):
            body = swapped(p.body, dict(zip(lead, map(Integer, place), strict=True)))
            found.append(lettered([*p.axes[:n], rest, *p.axes[n + 1 :]], body, p.kind))
    return found if len(found) > len(parts) else []


def _unmerged(array: Traced, n: int) -> Traced:
    """An axis that was merged from others, of few positions, as one that was not: by cases which entry is meant."""
    group, size = array.axes[n], length(array.axes[n])
    if len(group) < 2 or not size.is_Integer or size > MOST_APART:
        return array
    along = Index("along", 1, size)
    places = product(*(range(1, int(i.upper) + 1) for i in group))
    ways = [swapped(array.body, dict(zip(group, map(Integer, place), strict=True))) for place in places]
    return lettered([*array.axes[:n], (along,), *array.axes[n + 1 :]], by_cases(along, ways), array.kind)


def _one_after_another(parts: Sequence[Traced], n: int) -> Traced:
    parts = [_unmerged(p, n) for p in parts]
    if any(len(p.axes[n]) > 1 for p in parts):
        raise MergedAxis("an axis that was merged from others cannot be concatenated with one of another length")
    kind, parts = joint_kind(parts), _light(parts)
    lengths = [p.lengths[n] for p in parts]
    ends = [end.expand() for end in accumulate(lengths[:-1])]
    along = Index("along", 1, sum(lengths))
    groups = [(along,) if k == n else _joint([p.axes[k] for p in parts], parts) for k in range(len(parts[0].axes))]
    *entries, body = (_entry_at(p, groups, {along: along - start}) for p, start in zip(parts, (0, *ends), strict=True))
    for entry, end in reversed(list(zip(entries, ends, strict=True))):
        body = Where(Le(along, end), entry, body)
    return lettered(groups, body, kind)


def _joint(axes: Sequence[Group], parts: Sequence[Traced]) -> Group:
    """The group in which an axis of each of some parts can be written."""
    return reduce(lambda group, own: met(group, own, parts), axes, ())


def _entry_at(part: Traced, groups: Sequence[Group], shift: Mapping[Index, Expr]) -> Expr:
    """The entry of a part at the indices of groups, some of them shifted."""
    swap: dict[Index, Expr] = {}
    for own, given in zip(part.axes, groups, strict=True):
        swap |= {i: shift.get(p, p) for i, p in positions(own, given).items()}
    entry = swapped(part.body, swap)
    return as_number(entry) if part.kind == BOOL else entry


def joint_kind(parts: Sequence[Traced]) -> str:
    return max((p.kind for p in parts), key=KINDS.index)


def padded(array: Traced, widths: Sequence[Sequence[Expr]], value: Expr) -> Traced:
    """The array with a border of one value."""
    groups: list[Group] = []
    conditions: list[Boolean] = []
    there: list[Expr] = []
    for n, (group, (before, after)) in enumerate(zip(array.axes, widths, strict=True)):
        if before == 0 and after == 0:
            groups.append(group)
            there += group
            continue
        if len(group) > 1:
            raise MergedAxis("pad along an axis that was merged from others")
        size = length(group)
        index = Index(f"pad{n}", 1, (before + size + after).expand())
        groups.append((index,))
        if before != 0:
            conditions.append(Le(before + 1, index))
        if after != 0:
            conditions.append(Le(index, before + size))
        there += [index - before] if group else []
    if not conditions:
        return array
    body = Where(And(*conditions), array.number if not there else as_number_at(array, there), value)
    return lettered(groups, body, array.kind)


def as_number_at(array: Traced, there: Sequence[Expr]) -> Expr:
    entry = at(array, there)
    return as_number(entry) if array.kind == BOOL else entry
