"""Which way a sum over an index goes: Σ_{i=1..n} f(i) = Σ_{i=1..n} f(n + 1 - i), of which one is the normal form.

An index is used upwards where what it is used in rises with it, as x[i + 1], and downwards in x[n - i]. To turn a sum round turns
each use round, and leaves what they are uses of, so that this alone says which way to go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from flint import fmpq

from symderiv.proof.poly import FLAGS, Exponent, Gen, Kind, Monomial, Poly

POSITIONS = (Kind.ELEMENT, Kind.INVERSE, Kind.CLOSED_INVERSE, Kind.APPLY)  # whose arguments are kept as they are

Use = tuple[str, str, int, tuple[Poly, ...]]  # the kind and the name of what it is used in, at which place, beside what
NeverNegative = Callable[[Poly], bool]


def direction(v: Gen, indices: tuple[Gen, ...], monomial: Monomial, never_negative: NeverNegative) -> int:
    """Whether a summand uses an index more often upwards (1) or downwards (-1); if as often, the first use that says so; else 0.

    Under a guard, which would become two terms when it is turned round, it is only downwards if every use is.
    """
    met: set[Gen] = set()
    every = frozenset(indices)
    found = [use for g, e in monomial for use in _uses(v, g, e, every, never_negative, met)]
    if any(g.kind in FLAGS and v in g.free for g, _ in monomial):
        return -1 if found and all(way < 0 for _, way in found) else 1
    net: Counter[Use] = Counter()
    for use, way in found:
        net[use] += way
    ways = (net.total(), *(net[use] for use in sorted(net, key=_order)))
    return next((1 if way > 0 else -1 for way in ways if way), 0)


def _order(use: Use) -> tuple[str, str, int, list[str]]:
    kind, head, place, beside = use
    return kind, head, place, [a.key for a in beside]


def _uses(v: Gen, g: Gen, e: Exponent, every: frozenset[Gen], never_negative: NeverNegative, met: set[Gen]) -> Iterator[tuple[Use, int]]:
    """What an index is used in, and whether upwards (1) or downwards (-1)."""
    if g == v and e < 0:
        yield (Kind.BASE, "", 0, ()), 1  # 1/i, which is turned round to 1/(n + 1 - i)
    if g == v or g in met or v not in g.free:
        return
    met.add(g)
    beside = tuple(a for a in g.args if not a.free & every) if g.kind in POSITIONS else ()
    for place, a in enumerate(g.args):
        if v in a.gens and (way := _way(v, g, e, a, never_negative)):
            yield (g.kind, g.head, place, beside), way
        for inner, k in (factor for m in a.terms for factor in m):
            yield from _uses(v, inner, k, every, never_negative, met)


def _way(v: Gen, g: Gen, e: Exponent, a: Poly, never_negative: NeverNegative) -> int:
    """The sign of an index in an argument; 0 where it is in a flag, where it is no plain term, or which sign that has is not known.

    A denominator is as well negated: what counts is its sign where it is positive. A minus in an exponential is one outside of it.
    """
    slope: fmpq = a.terms.get(((v, 1),), 0)
    if g.kind in POSITIONS:
        return (slope > 0) - (slope < 0)
    if g.kind is Kind.EXP:
        slopes = [c for m, c in a.terms.items() if (v, 1) in m]
        return (1 if e > 0 else -1) if slopes else 0
    if g.kind in (Kind.BASE, Kind.ROOT, Kind.LOG, Kind.CLOSED_LOG) and slope:
        sign = 1 if never_negative(a) else -1 if never_negative(a.scaled(-1)) else 0
        return sign * ((slope > 0) - (slope < 0))
    return 0
