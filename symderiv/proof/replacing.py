"""Polynomials put in the place of generators, and all that stands above them normalised again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from symderiv.proof.context import Context, Definitions
from symderiv.proof.monomials import apart
from symderiv.proof.poly import Gen, Kind, Poly, number, single, total
from symderiv.proof.powers import made, power, product_of

MADE_AGAIN = 8  # what it takes to make a generator again, in pairs of factors looked at


@dataclass(frozen=True)
class Change:
    """What one rebuild puts in the place of what, and what has become of generators so far: one may stand in many places."""

    swap: Mapping[Gen, Poly]
    define: Definitions | None
    up_to: int
    made: dict[Gen, Poly] = field(default_factory=dict)


def rebuild(a: Context, poly: Poly, swap: Mapping[Gen, Poly], define: Definitions | None = None, up_to: int = 0) -> Poly:
    """Put polynomials in place of indices, definitions in place of nodes, and write out sums of up to `up_to` terms.

    `define` maps a name to a function from positions to the definition there, or to None for "stays as it is".
    Everything above a change is normalised again.
    """
    return _changed(a, poly, Change(swap, define, up_to))


def _changed(a: Context, poly: Poly, change: Change) -> Poly:
    swap, define = change.swap, change.define
    if not change.up_to and poly.free.isdisjoint(swap) and not (define and not poly.heads.isdisjoint(define)):
        return poly
    changed: dict[Gen, Poly] = {}
    for g in poly.gens:
        if change.up_to or not g.free.isdisjoint(swap) or (define and not g.heads.isdisjoint(define)):
            if g not in change.made:
                change.made[g] = _rebuilt(a, g, change)
            changed[g] = change.made[g]
    if not changed:
        return poly
    parts = []
    for m, c in poly.terms.items():
        same = tuple([f for f in m if f[0] not in changed])
        powers = [power(a, changed[g], e) for g, e in m if g in changed] if len(same) < len(m) else ()
        parts.append(product_of(a, [Poly({same: c}), *powers]))
    return total(parts)


def put(a: Context, poly: Poly, values: Mapping[str, Poly]) -> Poly:
    """A polynomial with others in place of scalars."""
    return rebuild(a, poly, {}, constants(values))


def constants(values: Mapping[str, Poly]) -> Definitions:
    """Definitions of names that have no positions."""
    return {name: partial(_constantly, value) for name, value in values.items()}


def _constantly(value: Poly, a: Context, at: list[Poly]) -> Poly:
    return value


def _rebuilt(a: Context, g: Gen, change: Change) -> Poly:
    swap, define = change.swap, change.define
    a.spend(MADE_AGAIN)
    if g.kind is Kind.INDEX:
        return swap.get(g) or position(renamed(a, g, swap, define))
    if g.vars:
        return _rebuilt_over(a, g, swap, define, change.up_to)
    args = [_changed(a, p, change) for p in g.args]
    if define and g.kind in (Kind.SCALAR, Kind.ELEMENT) and g.head in define and (value := define[g.head](a, args)) is not None:
        return value
    return _remade(a, g, tuple(args))


def _remade(a: Context, g: Gen, args: tuple[Poly, ...]) -> Poly:
    """A generator of the same kind on other arguments."""
    if g.head in a.given.mirrored and g.kind in (Kind.ELEMENT, Kind.INVERSE) and args[0].key >= args[1].key:
        a.record.applied.add(g.head)
        if args[0] == args[1] and a.given.mirrored[g.head] < 0:
            return number(0)
        return single(Gen(g.kind, g.head, args[::-1], sign=g.sign, bounds=g.bounds)).scaled(a.given.mirrored[g.head])
    if g.kind in a.laws.makers:
        return made(a, g.kind, g.head, *args) if g.head else made(a, g.kind, *args)
    return single(Gen(g.kind, g.head, args, sign=g.sign, bounds=g.bounds))


def _rebuilt_over(a: Context, g: Gen, swap: Mapping[Gen, Poly], define: Definitions | None, up_to: int) -> Poly:
    fresh, body = opened(a, g)
    inside = dict(swap)
    indices = []
    for v in fresh:
        indices.append(renamed(a, v, inside, define))
        if indices[-1] is not v:
            inside[v] = single(indices[-1])
    body = rebuild(a, body, inside, define, up_to)
    return made(a, Kind.PRODUCT, indices[0], body) if g.kind is Kind.PRODUCT else _written_out(a, tuple(indices), body, up_to)


def _written_out(a: Context, indices: tuple[Gen, ...], body: Poly, up_to: int) -> Poly:
    for v in indices:
        lower, upper = (end.constant for end in v.args)
        if up_to and lower is not None and upper is not None and upper - lower < up_to:
            others = apart(v, indices)
            values = [{v: number(x)} for x in range(int(lower), int(upper) + 1)]
            return total(_written_out(a, tuple(renamed(a, w, at) for w in others), rebuild(a, body, at), up_to) for at in values)
    return made(a, Kind.SUM, indices, body)


def fresh_index(a: Context, lower: Poly, upper: Poly) -> Gen:
    """An open index with a name of its own."""
    return Gen(Kind.INDEX, f"?{next(a.record.names)}", (lower, upper))


def renamed(a: Context, index: Gen, swap: Mapping[Gen, Poly], define: Definitions | None = None) -> Gen:
    """The same index, its range rebuilt."""
    lower, upper = (rebuild(a, end, swap, define) for end in index.args)
    return index if (lower, upper) == index.args else Gen(Kind.INDEX, index.head, (lower, upper))


def named(a: Context, order: tuple[Gen, ...], level: int) -> tuple[Gen, ...]:
    """Indices under the names that they have in a sum of a level, in this order."""
    found: list[Gen] = []
    swap: dict[Gen, Poly] = {}
    for n, v in enumerate(order):
        found.append(Gen(Kind.INDEX, f"b{level}.{n}", renamed(a, v, swap).args))
        swap[v] = single(found[-1])
    return tuple(found)


def opened(a: Context, gen: Gen) -> tuple[tuple[Gen, ...], Poly]:
    """A sum's indices under fresh names, and its body with them."""
    swap: dict[Gen, Poly] = {}
    fresh: list[Gen] = []
    for v in gen.vars:
        fresh.append(fresh_index(a, *renamed(a, v, swap).args))
        swap[v] = single(fresh[-1])
    return tuple(fresh), rebuild(a, gen.args[0], swap)


def position(index: Gen) -> Poly:
    """An index as a position: a number if its range has one."""
    return index.args[0] if index.args[0] == index.args[1] else single(index)
