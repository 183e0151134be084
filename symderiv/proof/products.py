"""Products and what a monomial becomes when exponents were added up; functions by cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import comb
from typing import Any

from flint import fmpq

from symderiv.errors import Spent, TooLarge, Undefined
from symderiv.proof.context import Context
from symderiv.proof.laws import CASES
from symderiv.proof.monomials import FLAGS
from symderiv.proof.poly import Kind, Monomial, Poly, merge, number, single, without

MOST_EXPONENT = 64
MOST_CASES = 5  # flags inside a function


def mul(a: Context, p: Poly, q: Poly) -> Poly:
    """The product, with every relation between generators applied."""
    if p.constant is not None:
        return q.scaled(p.constant)
    if q.constant is not None:
        return p.scaled(q.constant)
    out: dict[Monomial, Any] = {}
    for m1, c1 in p.terms.items():
        for m2, c2 in q.terms.items():
            _add_product(a, out, merge(m1, m2), c1 * c2)
        if len(out) > a.most_terms:
            raise TooLarge(f"more than {a.most_terms} terms in a product")
    return Poly(out)


def _add_product(a: Context, out: dict[Monomial, Any], monomial: Monomial, c: Any) -> None:
    if any(g.related for g, _ in monomial):
        for m, k in settled(a, monomial).terms.items():
            out[m] = out.get(m, 0) + c * k
    else:
        out[monomial] = out.get(monomial, 0) + c


def made(a: Context, kind: Kind, *args: Any) -> Poly:
    """A generator of a kind on these arguments, by the law that makes it: so a law is asked for that stands above."""
    return a.laws.makers[kind](a, *args)


def product_of(a: Context, polys: Iterable[Poly]) -> Poly:
    result: Poly | None = None
    for poly in polys:
        result = poly if result is None else mul(a, result, poly)
    return number(1) if result is None else result


def settled(a: Context, monomial: Monomial) -> Poly:
    """A monomial whose exponents were added up, with the relations of its generators applied."""
    a.record.work += len(monomial) ** 2
    if a.record.work > a.most_work:
        raise Spent("more work than a step may take; a name for a part of it, or a step between, may help")
    if a.patience.left is not None:
        a.patience.spend(sum(1 + len(g.args[0].terms) for g, _ in monomial if g.kind in FLAGS))
    for g, e in monomial:
        if g.related and (found := a.laws.relations[g.kind](a, g, e, monomial)) is not None:
            return found
    return Poly({monomial: fmpq(1)})


def by_cases(a: Context, poly: Poly, function: Callable[[Context, Poly], Poly]) -> Poly:
    """function(a + s b) for a flag s as function(a) or function(a + b); as it is where one of these has no value."""
    flags = sorted((g for g in poly.gens if g.kind in FLAGS), key=lambda g: g.key)
    if not flags or len(flags) > MOST_CASES or a.closed:
        return function(a, poly)
    flag = flags[0]
    off = Poly({m: c for m, c in poly.terms.items() if (flag, 1) not in m})
    on = off + Poly({without(m, flag): c for m, c in poly.terms.items() if (flag, 1) in m})
    try:
        one, other = (by_cases(a.case, case, function) for case in (on, off))
    except Undefined:
        return function(a, poly)
    a.record.used.add(CASES)
    return other + mul(a, single(flag), one - other)


def expanded(a: Context, poly: Poly, e: int) -> Poly:
    """A positive whole power, multiplied out."""
    if e > MOST_EXPONENT or comb(len(poly.terms) + e - 1, e) > a.most_terms:
        raise TooLarge(f"a power {e} of {len(poly.terms)} terms")
    half = expanded(a, poly, e // 2) if e > 1 else number(1)
    square = mul(a, half, half)
    return mul(a, square, poly) if e % 2 else square
