"""Sums over windows: Σ_{v=a..b} f(v) is the sum over all whole numbers v of [v >= a] [b >= v] f(v), whatever index it is written with.

So two sums of one f meet where they count it alike at every place. The places are positions at which entries are read, those
that give the least summand. Outside of its range f is any number, the same in all sums. A sum over all whole numbers need not
have a value; but the flags of all that one sum becomes leave finitely many terms together, and at any sizes a range that has
all of them can be read for "all whole numbers".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from flint import fmpq

from symderiv.errors import TooLarge
from symderiv.proof.context import Context
from symderiv.proof.monomials import is_read
from symderiv.proof.poly import PLACE_NAMES, PLACES, Gen, Kind, Monomial, Poly, number, place, single, term, total, without
from symderiv.proof.powers import made, mul, power, product_of
from symderiv.proof.replacing import opened, put, rebuild
from symderiv.proof.summing import everywhere, sigma

MOST_SUMS = 48
MOST_TERMS = 700
MOST_WAYS = 64
WHOLE_FLAGS = (Kind.ATLEAST, Kind.DELTA)
OPEN = tuple(Gen(Kind.SCALAR, f"{name}\n") for name in PLACE_NAMES)  # places that are not settled yet

Swap = dict[str, Poly]
Factor = tuple[Kind | None, Poly]  # a kind of flag, or none, and what it is of


@dataclass(frozen=True)
class Anchor:
    """A position at which an entry is read: sign * v + offset for an index v."""

    sign: int
    offset: Poly

    def index_at(self, position: Poly) -> Poly:
        return (position - self.offset).scaled(self.sign)


PLAIN = Anchor(1, number(0))


def read_at(v: Gen, poly: Poly, bound: frozenset[Gen] = frozenset()) -> Iterator[Anchor]:
    """Where entries are read by an index, however deep, at positions that are free of what is bound there."""
    for g in sorted(poly.gens, key=lambda g: g.key):
        for p in g.args if g.kind is Kind.ELEMENT else ():
            sign = p.terms.get(((v, 1),), 0)
            offset = p - single(v).scaled(sign)
            if abs(sign) == 1 and not _has(offset, v) and offset.free.isdisjoint(bound):
                yield Anchor(int(sign), offset)
        for inner in (*g.args, *(end for w in g.vars for end in w.args)):
            yield from read_at(v, inner, bound | {*g.vars})


def _has(poly: Poly, v: Gen) -> bool:
    return v in poly.free or v.head in poly.heads


def windows(a: Context, poly: Poly) -> dict[Gen, Poly]:
    """The sums over a range with guards, or of what is read at a shifted position, each over all whole numbers."""
    sums = sorted((g for g in poly.gens if g.kind is Kind.SUM), key=lambda g: g.key)
    found: dict[Gen, Poly] = {}
    for g in sums if len(sums) <= MOST_SUMS else ():
        if (value := _opened(a, g)) != single(g):
            found[g] = value
        if sum(len(p.terms) for p in found.values()) > MOST_TERMS:
            raise TooLarge(f"more than {MOST_TERMS} terms of sums over windows")
    return found


def replaced(a: Context, poly: Poly, found: Mapping[Gen, Poly]) -> Poly:
    """A polynomial with others in place of generators."""
    parts = []
    for m, c in poly.terms.items():
        same = Poly({tuple(f for f in m if f[0] not in found): c})
        parts.append(product_of(a, [same, *(power(a, found[g], e) for g, e in m if g in found)]))
    return total(parts)


def _opened(a: Context, gen: Gen) -> Poly:
    indices, body = opened(a, gen)
    if not any(_is_moved(v, indices, body) for v in indices):
        return single(gen)
    return total(_over_window(a, indices, m).scaled(c) for m, c in body.terms.items())


def _is_moved(v: Gen, indices: tuple[Gen, ...], body: Poly) -> bool:
    """Whether a sum counts by an index otherwise than over its whole range and at itself."""
    ranges = v.free != {v} or is_read(v, indices)
    return ranges or any(_has(single(g), v) for g in body.gens if g.kind in WHOLE_FLAGS) or not set(read_at(v, body)) <= {PLAIN}


def _over_window(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly:
    """One sum, over all whole numbers in place of each index that is moved."""
    body = term(monomial)
    moved = [v for v in indices if _is_moved(v, indices, body)]
    if len(moved) > len(PLACES):
        return sigma(a, indices, body)
    swap = {v: single(o) for v, o in zip(moved, OPEN, strict=False)}
    flags = [g for g, _ in monomial if g.kind in WHOLE_FLAGS and any(v in g.free for v in moved)]
    factors = [(Kind.ATLEAST, p) for v in moved for p in (single(v) - v.args[0], v.args[1] - single(v))]
    factors += [(g.kind, g.args[0]) for g in flags]
    rest = term(tuple(f for f in monomial if f[0] not in flags))
    summand = sigma(a, tuple(v for v in indices if v not in moved), rebuild(a, rest, swap))
    return _over_all(a, OPEN[: len(moved)], [(kind, rebuild(a, p, swap)) for kind, p in factors], summand)


def _over_all(a: Context, left: tuple[Gen, ...], factors: list[Factor], summand: Poly) -> Poly:
    """The sum of a summand times factors over all whole numbers at the places that are left."""
    if not left:
        return product_of(a, [summand, *_flags(a, factors)])
    summand, swap = min(islice(_ways(a, left, summand, {}), MOST_WAYS), key=lambda way: way[0].key)
    flag = product_of(a, _flags(a, [(kind, put(a, p, swap)) for kind, p in factors]))
    met: dict[Gen | None, dict[Monomial, fmpq]] = {None: {}}
    for m, c in flag.terms.items():
        delta = next((g for g, _ in m if g.kind is Kind.DELTA and _fixes(g, len(left))), None)
        met.setdefault(delta, {})[without(m, delta) if delta else m] = c
    spread = everywhere(a, str(len(left)), mul(a, Poly(met[None]), summand))
    return total([spread, *(_at_delta(a, len(left), delta, Poly(terms), summand) for delta, terms in met.items() if delta)])


def _flags(a: Context, factors: list[Factor]) -> list[Poly]:
    return [p if kind is None else made(a, kind, p) for kind, p in factors]


def _ways(a: Context, left: tuple[Gen, ...], summand: Poly, swap: Swap) -> Iterator[tuple[Poly, Swap]]:
    """A summand by positions that are read, and what the open places are by these: in every order, by every reading."""
    if not left:
        yield summand, swap
    for o in left:
        for anchor in dict.fromkeys(read_at(o, summand)) or (PLAIN,):
            now = {o.head: anchor.index_at(place(len(swap)))}
            before = {name: put(a, p, now) for name, p in swap.items()}
            yield from _ways(a, tuple(other for other in left if other is not o), put(a, summand, now), before | now)


def _at_delta(a: Context, count: int, delta: Gen, flag: Poly, summand: Poly) -> Poly:
    """The sum where a delta fixes one of the places."""
    n, at = _fixes(delta, count) or (0, number(0))
    names = [name for k, name in enumerate(PLACE_NAMES[:count]) if k != n]
    others = {name: single(o) for name, o in zip(names, OPEN, strict=False)}
    swap = others | {PLACE_NAMES[n]: put(a, at, others)}
    return _over_all(a, OPEN[: len(names)], [(None, put(a, flag, swap))], put(a, summand, swap))


def _fixes(delta: Gen, count: int) -> tuple[int, Poly] | None:
    """The place that a delta fixes, and where."""
    for n in range(count):
        sign = delta.args[0].terms.get(place(n).lead[0], 0)
        value = (place(n).scaled(sign) - delta.args[0]).scaled(sign)
        if abs(sign) == 1 and PLACE_NAMES[n] not in value.heads:
            return n, value
    return None
