"""What is divided by in a case, where nothing but the case says that it has a value: 1/b and A⁻¹."""

from __future__ import annotations

from math import floor

from flint import fmpq

from symderiv.proof.context import Context
from symderiv.proof.flags import is_never_zero
from symderiv.proof.laws import GUARDED
from symderiv.proof.monomials import FLAGS, POSITIVE, sign_of
from symderiv.proof.poly import ONE, Exponent, Gen, Kind, Poly, Sign, number, single
from symderiv.proof.powers import content_of, gen_power, power
from symderiv.proof.products import by_cases, mul, product_of


def over(a: Context, poly: Poly) -> Poly:
    """1/poly, and 0 where poly is 0: what a division in a case is, where nothing but the case says that it has a value."""
    if poly.single or poly.is_zero:
        return _over(a, poly)
    content, base = content_of(a, poly, only_positive=False)
    return mul(a, _over(a, content), by_cases(a, base, _over))


def _over(a: Context, poly: Poly) -> Poly:
    if poly.is_zero:
        return poly
    a.record.used.add(GUARDED)
    content, base = content_of(a, poly, only_positive=False) if not poly.single else (poly, number(1))
    if base.single:
        content, base = mul(a, content, base), number(1)
    monomial, c = content.single or (ONE, fmpq(1))
    factors = [_over_gen(a, g, e) for g, e in monomial]
    return product_of(a, [number(1 / c), *factors, *([] if base.constant is not None else [_over_base(a, base)])])


def _over_gen(a: Context, g: Gen, e: Exponent) -> Poly:
    if g.sign in POSITIVE or g.kind is Kind.BASE or e < 0:
        return gen_power(a, g, -e)
    if g.kind in FLAGS:
        return single(g)
    if g.kind is Kind.OVER:
        return power(a, g.args[0], e)
    if is_never_zero(a, single(g)):
        return gen_power(a, g, -e)
    n = -floor(-e)
    once = over(a, g.args[0]) if g.kind is Kind.ROOT else single(Gen(Kind.OVER, "", (single(g),), sign=g.sign))
    return mul(a, power(a, once, n), gen_power(a, g, n - e))


def _over_base(a: Context, base: Poly) -> Poly:
    sign = sign_of(base)
    if sign is Sign.POSITIVE or is_never_zero(a, base):
        return single(Gen(Kind.BASE, "", (base,), sign=sign), -1)
    return single(Gen(Kind.OVER, "", (base,), sign=sign))


def inverse_of(a: Context, head: str, *at: Poly) -> Poly:
    """An entry of an inverse; in a case, where the matrix may have none, closed to the laws of inverses."""
    plain = Gen(Kind.INVERSE, head, at)
    determinant = single(Gen(Kind.DETERMINANT, head))
    return single(Gen(Kind.CLOSED_INVERSE, head, at) if a.within_case and not is_never_zero(a, determinant) else plain)


def closed_inverse(a: Context, head: str, *at: Poly) -> Poly:
    return inverse_of(a.case, head, *at)
