"""Sums by the sums up to a position: Σ_{v=a..b} f(v) = F(b) - F(a - 1), whatever the range that f is summed over.

F(n) is f(1) + ... + f(n), and -(f(n+1) + ... + f(0)) for a negative n; f is taken at any whole number, so that nothing is
assumed of F where the sum has no terms. Two sums of one f over different ranges meet in F; over several ranges, in an F of
as many positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product
from math import factorial, prod
from typing import Any

from symderiv.monomials import solved
from symderiv.poly import Gen, Monomial, Poly, number, place, single, total

MOST_SUMS = 24
MOST_WAYS = 64

Ends = tuple[Poly, Poly]


@dataclass(frozen=True)
class Anchor:
    """A position at which an entry is read: sign * v + offset for an index v."""

    sign: int
    offset: Poly

    def index_at(self, position: Poly) -> Poly:
        return (position - self.offset).scaled(self.sign)

    def positions(self, ends: Ends) -> Ends:
        """The first and last position, for the ends of the range of the index."""
        return tuple(end.scaled(self.sign) + self.offset for end in ends[:: self.sign])  # type: ignore[return-value]


PLAIN = Anchor(1, number(0))


@dataclass(frozen=True)
class Cut:
    """An index of a sum: the guards on its range, each with its end and whether it is the first, and where entries are read by it."""

    index: Gen
    guards: tuple[tuple[Gen, Poly, bool], ...]
    anchors: tuple[Anchor, ...]


def by_prefixes(a: Any, poly: Poly) -> Poly:
    """The polynomial with each sum over a range with guards, or of what is used at a shifted position, by its prefixes."""
    sums = {g for g in poly.gens if g.kind == "sum"}
    if len(sums) > MOST_SUMS:
        return poly  # too many to compare their ranges
    changed = {g: value for g in sorted(sums, key=lambda g: g.key) if (value := _opened(a, g)) != single(g)}
    parts = []
    for m, c in poly.terms.items():
        same = Poly({tuple(f for f in m if f[0] not in changed): c})
        parts.append(a.product([same, *(a.power(changed[g], e) for g, e in m if g in changed)]))
    return total(parts)


def _opened(a: Any, gen: Gen) -> Poly:
    indices, body = a.opened(gen)
    found = [(Poly({m: c}), _by_prefixes(a, indices, m, c)) for m, c in body.terms.items()]
    if all(value is None for _, value in found):
        return single(gen)
    return total(a.sigma(indices, term) if value is None else value for term, value in found)


def _by_prefixes(a: Any, indices: tuple[Gen, ...], monomial: Monomial, c: Any) -> Poly | None:
    cuts = [cut for v in indices if (cut := _cut(v, indices, monomial)) is not None]
    if not cuts or factorial(len(cuts)) * prod(len(cut.anchors) for cut in cuts) > MOST_WAYS:
        return None
    others = tuple(v for v in indices if v not in [cut.index for cut in cuts])
    guards = [g for cut in cuts for g, _, _ in cut.guards]
    rest = Poly({tuple(f for f in monomial if f[0] not in guards): c})
    anchored, summand = _anchored(a, cuts, others, rest)
    parts = []
    for ranges in product(*(_ranges(a, cut) for cut, _ in anchored)):
        flag = a.product(flag for flag, _ in ranges)
        if not flag.is_zero:
            box = [anchor.positions(ends) for (_, anchor), (_, ends) in zip(anchored, ranges, strict=True)]
            parts.append(a.mul(flag, _over_box(a, box, summand)))
    return total(parts)


def _over_box(a: Any, box: list[Ends], summand: Poly) -> Poly:
    """A sum over ranges of positions, by the sums up to their corners."""
    corners = product(*(((1, last), (-1, first - number(1))) for first, last in box))
    return total(a.prefix(*(at for _, at in corner), summand).scaled(prod(sign for sign, _ in corner)) for corner in corners)


def _cut(v: Gen, indices: tuple[Gen, ...], monomial: Monomial) -> Cut | None:
    """An index with guards or shifts that are free of the others; None for one without, or with others."""
    guards = {g: solved(g.args[0], v) for g, _ in monomial if g.kind == "atleast" and v.key in g.free}
    anchors = tuple(dict.fromkeys(read_at(v, monomial)))
    bounds = (*(g.args[0] for g in guards), *(anchor.offset for anchor in anchors), *v.args)
    others = [w for w in indices if w is not v]
    tangled = any(w.key in p.free for w in others for p in bounds) or any(v.key in w.free for w in others)
    if tangled or not (guards or set(anchors) - {PLAIN}):
        return None
    cuts = tuple((g, at, g.args[0].terms[((v, 1),)] == 1) for g, at in guards.items() if at is not None)
    return Cut(v, cuts, anchors or (PLAIN,)) if len(cuts) == len(guards) else None


def read_at(v: Gen, monomial: Monomial) -> Iterator[Anchor]:
    """Where entries are read by an index, however deep."""
    for g, _ in monomial:
        for p in g.args if g.kind == "element" else ():
            if solved(p, v) is not None:
                sign = p.terms[((v, 1),)]
                yield Anchor(int(sign), p - single(v).scaled(sign))
        for inner in (*g.args, *(end for w in g.vars for end in w.args)):
            for m in inner.terms:
                yield from read_at(v, m)


def _anchored(a: Any, cuts: list[Cut], others: tuple[Gen, ...], rest: Poly) -> tuple[tuple[tuple[Cut, Anchor], ...], Poly]:
    """The indices in an order, each with an anchor, and the summand by the positions there: of all, that with the least key."""
    ways = [way for order in permutations(cuts) for way in product(*(tuple((cut, anchor) for anchor in cut.anchors) for cut in order))]
    found = []
    for way in ways:
        at = {cut.index.key: anchor.index_at(place(n)) for n, (cut, anchor) in enumerate(way)}
        found.append((way, a.sigma(others, a.rebuild(rest, at))))
    return min(found, key=lambda row: row[1].key)


def _ranges(a: Any, cut: Cut) -> list[tuple[Poly, Ends]]:
    """The ranges that guards can leave of an index, each with the flag that is 1 where it is that one and has a position."""
    low, high = cut.index.args
    ranges = [(number(1), low, high)]
    for _, at, from_at in cut.guards:
        parts = []
        for flag, low, high in ranges:
            tighter = a.atleast(at - low) if from_at else a.atleast(high - at)
            parts.append((a.mul(flag, tighter), at if from_at else low, high if from_at else at))
            parts.append((a.mul(flag, number(1) - tighter), low, high))
        ranges = [row for row in parts if not row[0].is_zero]
    return [(a.mul(flag, a.atleast(high - low + number(1))), (low, high)) for flag, low, high in ranges]
