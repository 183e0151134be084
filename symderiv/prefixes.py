"""Sums by the sums up to a position: Σ_{v=a..b} f(v) = F(b) - F(a - 1), whatever the range that f is summed over.

F(n) is f(1) + ... + f(n), and -(f(n+1) + ... + f(0)) for a negative n; f is taken at any whole number, so that nothing is
assumed of F where the sum has no terms. Two sums of one f over different ranges meet in F.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flint import fmpq

from symderiv.monomials import solved
from symderiv.poly import PLACE, Gen, Monomial, Poly, number, single, total

MOST_SUMS = 24


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
    for v in indices:
        others = tuple(w for w in indices if w is not v)
        guards = [g for g, _ in monomial if g.kind == "atleast" and v.key in g.free]
        uses = list(_uses(v, monomial))
        bounds = (*(g.args[0] for g in guards), *uses, *v.args)
        free_of_others = not any(w.key in p.free for w in others for p in bounds) and not any(v.key in w.free for w in others)
        if free_of_others and (guards or any(not u.is_zero for u in uses)):
            rest = tuple(f for f in monomial if f[0] not in guards)
            value = _between(a, v, guards, lambda at, v=v, rest=rest, uses=uses, others=others: _prefix(a, v, rest, uses, others, at))
            if value is not None:
                return value.scaled(c)
    return None


def _uses(v: Gen, monomial: Monomial) -> Iterator[Poly]:
    """What is added to an index where an entry is read there, however deep."""
    for g, _ in monomial:
        for p in g.args if g.kind == "element" else ():
            if solved(p, v) is not None and p.terms[((v, 1),)] == 1:
                yield p - single(v)
        for inner in (*g.args, *(end for w in g.vars for end in w.args)):
            for m in inner.terms:
                yield from _uses(v, m)


def _between(a: Any, v: Gen, guards: list[Gen], prefix: Any) -> Poly | None:
    """The sum over a range cut by guards from below and above, each by the greatest lower and the least upper end."""
    lower, upper = v.args
    ends: list[tuple[Poly, Poly, Poly]] = [(number(1), lower, upper)]  # where a flag is 1, the range is that
    for g in guards:
        at = solved(g.args[0], v)
        if at is None:
            return None
        from_at = g.args[0].terms[((v, 1),)] == 1
        cut: list[tuple[Poly, Poly, Poly]] = []
        for flag, low, high in ends:
            tighter = a.atleast(at - low) if from_at else a.atleast(high - at)
            cut.append((a.mul(flag, tighter), at if from_at else low, high if from_at else at))
            cut.append((a.mul(flag, number(1) - tighter), low, high))
        ends = [row for row in cut if not row[0].is_zero]
    parts = []
    for flag, low, high in ends:
        there = a.mul(flag, a.atleast(high - low + number(1)))
        if not there.is_zero:
            parts.append(a.mul(there, prefix(high) - prefix(low - number(1))))
    return total(parts)


def _prefix(a: Any, v: Gen, monomial: Monomial, uses: list[Poly], others: tuple[Gen, ...], at: Poly) -> Poly:
    """F at a position: of the shifts under which an entry is read at the position itself, the one with the least summand."""
    found = []
    for shift in uses or [number(0)]:
        summand = a.sigma(others, a.rebuild(Poly({monomial: fmpq(1)}), {v.key: PLACE - shift}))
        found.append((summand.key, summand, shift))
    _, summand, shift = min(found, key=lambda row: row[0])
    value: Poly = a.prefix(at + shift, summand)
    return value
