"""Arrays of symbolic size as data: an entry for each position, with axes that can be products of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace as with_changes
from functools import lru_cache
from math import prod
from typing import TypeAlias

from sympy import Add, Basic, Dummy, Expr, Integer, Mul, S, Symbol
from sympy.core.relational import Eq
from sympy.logic.boolalg import Boolean

from symderiv.errors import TraceError
from symderiv.language.kept import kept, replaced, wanted_by
from symderiv.language.terms import LETTERS, Delta, Element, Index, Label, Sum, Where

Group: TypeAlias = tuple[Index, ...]
Entry: TypeAlias = Expr | Boolean  # of an array: a number, or a condition

BOOL, INT, FLOAT = "bool", "int", "float"
KINDS = (BOOL, INT, FLOAT)
SHORTEST = 8  # sums over cases are written out up to here
MOST_APART = 32  # positions that are told apart one by one where there are cases
HEAVIEST = 60  # parts of a term; what is heavier gets a name of its own


@dataclass(frozen=True)
class Traced:
    """Entries `body` at formal indices. Each axis is a group of indices, the last of which runs fastest; none for a length of 1.

    `body` is a term, or a condition where the kind is `bool`. The formal indices are lettered by their order.
    """

    axes: tuple[Group, ...]
    body: Entry
    kind: str = FLOAT

    @property
    def indices(self) -> Group:
        return tuple(i for group in self.axes for i in group)

    @property
    def lengths(self) -> tuple[Expr, ...]:
        return tuple(map(length, self.axes))

    @property
    def number(self) -> Expr:
        """The entry as a number: 1 where a condition holds."""
        return as_number(self.body) if self.kind == BOOL else self.body


class Node(Dummy):
    """The name of an intermediate array, with its definition: `body` at `indices`."""

    __slots__ = ("body", "hint", "indices", "kind")
    indices: Group
    body: Expr
    kind: str
    hint: str  # what the code calls it, if it does

    @classmethod
    def of(cls, kind: str, indices: Group, body: Expr) -> Node:
        made: Node = cls(kind, real=True, **({"defined": True} if wanted_by(body) else {}))  # where it has a value, its body says
        made.kind, made.hint, made.indices, made.body = kind, "", indices, body
        return made


class Choice(Label):
    """The position, along `along`, of the largest (or smallest, by `sign`) entry of `body`, for each of `indices`."""

    __slots__ = ("along", "body", "indices", "sign")
    along: Index
    body: Expr
    indices: Group
    sign: int

    @classmethod
    def of(cls, indices: Group, along: Index, body: Expr, sign: int) -> Choice:
        made: Choice = cls(f"top{Dummy().dummy_index}", along.lower, along.upper)
        made.indices, made.along, made.body, made.sign = indices, along, body, sign
        return made


def length(group: Group) -> Expr:
    return Integer(1) if not group else prod((i.upper for i in group), start=Integer(1))


def formal(uppers: Iterable[Expr]) -> Group:
    """Indices over 1..upper, lettered by their order."""
    return tuple(Index(LETTERS[n] if n < len(LETTERS) else f"i{n}", 1, upper) for n, upper in enumerate(uppers))


def regrouped(indices: Group, groups: Iterable[Sequence[Index]]) -> tuple[Group, ...]:
    """The indices, in groups as long as those given."""
    rest = iter(indices)
    return tuple(tuple(next(rest) for _ in group) for group in groups)


def lettered(axes: Sequence[Group], body: Entry, kind: str) -> Traced:
    """Axes with indices of any names, lettered anew."""
    old = [i for group in axes for i in group]
    new = formal(i.upper for i in old)
    return Traced(regrouped(new, axes), swapped(body, dict(zip(old, new, strict=True))), kind)


def swapped(body: Entry, swap: Mapping[Index, Expr]) -> Entry:
    """Positions put in the place of indices."""
    changed = {old: new for old, new in swap.items() if old != new}
    return replaced(body, changed) if changed else body


def at(array: Traced, positions: Sequence[Expr]) -> Entry:
    """The entry at positions, one for each index."""
    return swapped(array.body, dict(zip(array.indices, positions, strict=True)))


def scalar(value: Entry, kind: str = FLOAT) -> Traced:
    return Traced((), value, kind)


def as_number(condition: Boolean) -> Expr:
    """1 where a condition holds, else 0."""
    if condition in (S.true, S.false):
        return Integer(int(bool(condition)))
    if isinstance(condition, Eq) and condition.lhs.is_integer and condition.rhs.is_integer:
        return Delta(condition.lhs, condition.rhs)
    return Where(condition, Integer(1), Integer(0))


def settled(array: Traced, kind: str = "part") -> Traced:
    """The array, by a name of its own if its entries are long formulas."""
    return named(array, kind) if array.kind != BOOL and weight(array.body) > HEAVIEST else array


def named(array: Traced, kind: str = "part") -> Traced:
    """The array by a name; what is a name already, a number, or could be infinite keeps as it is."""
    body = array.number
    if isinstance(body, (Element, Symbol, Index)) or not body.free_symbols or body.has(S.Infinity, S.NegativeInfinity):
        return array
    if not any(isinstance(part, (Element, Node)) for part in _parts(body)):
        return array
    used = tuple(i for i in array.indices if i in _indices_in(body))
    for i in used if body.has(Where) else ():
        if is_short(i):
            ways = [named(with_changes(array, body=there), kind).body for there in at_each(i, body)]
            return with_changes(array, body=by_cases(i, ways))
    letters = formal(i.upper for i in used)
    node = Node.of(kind, letters, swapped(body, dict(zip(used, letters, strict=True))))
    return with_changes(array, body=Element(node, *used) if used else node)


def is_short(index: Index) -> bool:
    """Whether an axis has so few positions that each can be looked at by itself."""
    return bool(index.upper.is_Integer and index.upper <= SHORTEST)


def at_each(index: Index, entry: Entry) -> list[Entry]:
    """What an entry is at each position of a short axis, in order."""
    return [swapped(entry, {index: Integer(k)}) for k in range(1, int(index.upper) + 1)]


def by_cases(index: Index, ways: Sequence[Expr]) -> Expr:
    """One term for each position of an index."""
    if all(way == ways[0] for way in ways):
        return ways[0]
    body: Expr = Integer(0)
    for n, way in reversed(list(enumerate(ways, start=1))):
        body = Where(Eq(index, n), way, body)  # the last too: where a label is the position, no case is left to conclude
    return body


@lru_cache(maxsize=100_000)
def weight(term: Basic) -> int:
    """How many parts a term has."""
    return 1 + sum(map(weight, term.args))


def _parts(term: Basic) -> Iterable[Basic]:
    yield term
    for a in term.args:
        yield from _parts(a)


def _indices_in(term: Basic) -> set[Index]:
    return {part for part in _parts(term) if isinstance(part, Index) and not part.level}


def aligned(parts: Sequence[Traced]) -> tuple[tuple[Group, ...], list[Entry]]:
    """Joint axes by the rules of broadcasting, and each part's entry at them.

    Fails where lengths differ and neither is 1 for every size.
    """
    rank = max((len(p.axes) for p in parts), default=0)
    padded = [((),) * (rank - len(p.axes)) + p.axes for p in parts]
    joint = []
    for n in range(rank):
        group: Group = ()
        for p, groups in zip(parts, padded, strict=True):
            group = met(group, groups[n], parts, p)
        joint.append(group)
    new = regrouped(formal(i.upper for group in joint for i in group), joint)
    bodies = []
    for p, groups in zip(parts, padded, strict=True):
        swap: dict[Index, Expr] = {}
        for own, given in zip(groups, new, strict=True):
            swap |= positions(own, given)
        bodies.append(swapped(p.body, swap))
    return new, bodies


def aligned_numbers(parts: Sequence[Traced]) -> tuple[tuple[Group, ...], list[Expr]]:
    """The same, with entries that are numbers: 1 where a condition holds."""
    axes, bodies = aligned(parts)
    return axes, [as_number(body) if p.kind == BOOL else body for p, body in zip(parts, bodies, strict=True)]


def met(one: Group, other: Group, parts: Sequence[Traced] = (), culprit: Traced | None = None) -> Group:
    """The group in which both can be written: the finer one. Fails if their lengths are not the same for every size."""
    if not one or not other:
        return one or other
    uppers = [i.upper for i in one], [i.upper for i in other]
    if uppers[0] == uppers[1]:
        return one
    if (length(one) - length(other)).expand() != 0:
        shapes = " and ".join(dict.fromkeys(shape_text(p) for p in parts)) or f"({length(one)},) and ({length(other)},)"
        raise TraceError(f"shapes {shapes} do not fit: {length(one)} and {length(other)} differ, and neither is 1 for every size")
    if min(len(one), len(other)) > 1:
        raise TraceError(f"an axis is split as {uppers[0]} in one place and as {uppers[1]} in another; write its length as one product")
    return one if len(one) > len(other) else other


def positions(own: Group, given: Group) -> dict[Index, Expr]:
    """What the indices of a group are in terms of those of the group that it was brought to."""
    if not own:
        return {}
    if len(own) == len(given):
        return dict(zip(own, given, strict=True))
    return {own[0]: flat(given)}


def flat(group: Sequence[Expr], uppers: Sequence[Expr] | None = None) -> Expr:
    """The position along an axis that a group's positions make, the last running fastest; from 1."""
    uppers = uppers if uppers is not None else [i.upper for i in group]
    position = Integer(0)
    for p, upper in zip(group, uppers, strict=True):
        position = position * upper + p - 1
    return position.expand() + 1


def shape_text(array: Traced) -> str:
    lengths = ", ".join(map(str, array.lengths))
    return f"({lengths},)" if len(array.axes) == 1 else f"({lengths})"


def mapped(function: Callable[..., Expr], kind: str, *parts: Traced) -> Traced:
    """A function of numbers, entry by entry."""
    axes, numbers = aligned_numbers(parts)
    return settled(Traced(axes, through_cases(function, numbers), kind))


def through_cases(function: Callable[..., Expr], numbers: Sequence[Expr]) -> Expr:
    """A function of numbers of which one may be infinite in some cases: each case by itself."""
    for n, number in enumerate(numbers):
        if isinstance(number, Where) and number.has(S.Infinity, S.NegativeInfinity):
            case, then, otherwise = number.args
            ways = [through_cases(function, [*numbers[:n], value, *numbers[n + 1 :]]) for value in (then, otherwise)]
            return Where(case, *ways)
    return kept(function, *numbers)


def total(body: Expr, indices: Sequence[Index]) -> Expr:
    """The sum of entries over some indices; over few positions, and where it is a case which entry is meant, written out."""
    short = [i for i in indices if is_short(i) and body.has(Where)]
    for i in short:
        body = Add(*at_each(i, body))
    rest = [i for i in indices if i not in short]
    return Sum(body, *rest) if rest else body


def by_its_cases(term: Expr, known: Mapping[Boolean, bool]) -> Expr:
    """A term where some comparisons are known to hold or to fail: cases inside that ask for the same are settled."""
    if not known or not term.has(Where):
        return term
    if isinstance(term, Where):
        case, then, otherwise = term.args
        if case in known:
            return by_its_cases(then if known[case] else otherwise, known)
        return Where(case, by_its_cases(then, known), by_its_cases(otherwise, known))
    return term.func(*(by_its_cases(a, known) for a in term.args)) if isinstance(term, (Add, Mul)) else term
