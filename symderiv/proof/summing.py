"""Sums over open indices, by the laws of sums; what is left is a product of connected sums."""

from __future__ import annotations

from flint import fmpq

from symderiv.language.functions import Sign
from symderiv.proof.context import Context
from symderiv.proof.flags import atleast
from symderiv.proof.laws import SUM_OF_A_PRODUCT
from symderiv.proof.monomials import components, orders, sign_of_monomial
from symderiv.proof.poly import PLACE_NAMES, Gen, Kind, Monomial, Poly, number, single, term, total
from symderiv.proof.powers import mul, product_of
from symderiv.proof.ranges import never_negative
from symderiv.proof.replacing import named, rebuild


def sigma(a: Context, indices: tuple[Gen, ...], poly: Poly) -> Poly:
    """The sum of a polynomial over the ranges of open indices."""
    return total(_sum_of(a, indices, m).scaled(c) for m, c in poly.terms.items())


def _sum_of(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly:
    """Try each law of sums in turn; when none applies any more, what is left is a product of connected sums."""
    if not indices:
        return term(monomial)
    for law in a.laws.sums:
        if (result := law(a, indices, monomial)) is not None:
            return result
    a.record.used.add(SUM_OF_A_PRODUCT)
    keys = frozenset(indices)
    outside = tuple((g, e) for g, e in monomial if not g.free & keys)
    inside = tuple((g, e) for g, e in monomial if g.free & keys)
    return product_of(a, [term(outside), *(_connected(a, v, m) for v, m in components(indices, inside))])


def _connected(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly:
    """One connected sum, its indices renamed to the order that gives the least key."""
    level = 1 + max(g.level for g, _ in monomial)
    found: dict[Gen, fmpq] = {}
    for order in orders(indices, monomial):
        indices = named(a, order, level)
        swap = {v: single(n) for v, n in zip(order, indices, strict=True)}
        renamed = rebuild(a, term(monomial), swap)
        if renamed.single is None:
            continue  # under these names a flag is turned round, or the leading term of a base changes
        body, c = renamed.single
        gen = Gen(Kind.SUM, "", (term(body),), sign=_sign_of_sum(a, indices, body), vars=indices)
        if found.setdefault(gen, c) != c:
            return number(0)  # the same sum with both signs
    if not found:
        return sigma(a, indices, renamed)  # so under any: laws apply anew
    gen = min(found, key=lambda g: g.key)
    return single(gen).scaled(found[gen])


def _sign_of_sum(a: Context, indices: tuple[Gen, ...], body: Monomial) -> Sign:
    sign = sign_of_monomial(body)
    never_empty = all(atleast(a, v.args[1] - v.args[0]).constant == 1 for v in indices)
    return sign if never_empty or not sign else Sign.NOT_NEGATIVE


def everywhere(a: Context, count: str, summand: Poly) -> Poly:
    """The sum over all whole numbers at so many places, term by term, what is free of the places in front."""
    parts = []
    for m, c in summand.terms.items():
        inside = tuple((g, e) for g, e in m if not g.heads.isdisjoint(PLACE_NAMES))
        outside = Poly({tuple(f for f in m if f not in inside): c})
        parts.append(mul(a, outside, single(Gen(Kind.EVERYWHERE, count, (term(inside),)))))
    return total(parts)


def length_of(a: Context, v: Gen) -> Poly:
    """How many positions an index has; none where its range runs backwards, as out of a guard it may."""
    length = v.args[1] - v.args[0] + number(1)
    return length if never_negative(a, length) else mul(a, length, atleast(a, length))
