"""Powers with a symbolic exponent, and products over a range."""

from __future__ import annotations

from flint import fmpq

from symderiv.errors import TooLarge
from symderiv.proof.context import Context
from symderiv.proof.flags import MOST_SHIFT, delta
from symderiv.proof.functions import exp_of, log_of
from symderiv.proof.monomials import exponent_of, number_of, sign_of
from symderiv.proof.poly import ONE, Exponent, Gen, Poly, number, single
from symderiv.proof.powers import content_of, power
from symderiv.proof.products import mul, product_of
from symderiv.proof.ranges import never_negative
from symderiv.proof.replacing import named, rebuild
from symderiv.proof.summing import length_of, sigma


def whole_power(a: Context, base: Poly, e: Poly) -> Poly:
    """base^e for a symbolic whole e, by factors: through exp and log for a positive one, else as `_whole_power` says."""
    if sign_of(base) == "+":
        return exp_of(a, mul(a, e, log_of(a, base)))
    if (c := e.constant) is not None:
        return power(a, base, exponent_of(c))
    if base.is_zero and not never_negative(a, e):
        raise TooLarge("a power of 0 with an exponent that may be negative")
    if base.is_zero:
        return delta(a, e)
    content, rest = (base, number(1)) if base.single else content_of(a, base, only_positive=False)
    factors = _factors(content) if content.single else []
    if rest.constant != 1 and factors:
        factors.append((rest, 1))
    if len(factors) < 2:
        return _whole_power(a, base, e)
    a.record.used.add("power")
    return product_of(a, (power(a, whole_power(a, factor, e), k) for factor, k in factors))


def _whole_power(a: Context, base: Poly, e: Poly) -> Poly:
    """base^k base^(e - k), where e - k is as small as it can be and never negative: a^n is a a^(n-1), so that a division is only
    where one is asked for.
    """
    c = e.terms.get(ONE, fmpq(0))
    rest = e - number(c)
    if rest.is_zero:
        return power(a, base, exponent_of(c)) if c else number(1)
    turn = -1 if rest.lead[1] < 0 else 1
    rest = rest.scaled(turn)
    least = next((k for k in range(MOST_SHIFT, -MOST_SHIFT, -1) if never_negative(a, rest - number(k))), 0)
    known = exponent_of(c + turn * least)
    gen = single(Gen("power", "", (base, rest - number(least))))
    return mul(a, power(a, base, known) if known else number(1), power(a, gen, -1) if turn < 0 else gen)


def _factors(poly: Poly) -> list[tuple[Poly, int]]:
    """The factors of a single term that are to whole powers, the number by its size and its sign; the others together."""
    m, c = poly.single or (ONE, fmpq(0))
    whole = [(g, e) for g, e in m if isinstance(e, int)]
    others = tuple(f for f in m if f not in whole)
    numbers = [number(x) for x in ((abs(c), fmpq(-1)) if c < 0 else (c,)) if x != 1]
    parts = [*((x, 1) for x in numbers), *((g.args[0] if g.kind == "base" else single(g), e) for g, e in whole)]
    return [*parts, (Poly({others: fmpq(1)}), 1)] if others else parts


def product_over(a: Context, v: Gen, poly: Poly) -> Poly:
    """The product of a polynomial over the range of an open index."""
    a.record.used.add("product")
    length = length_of(a, v)
    if poly.is_zero:
        raise TooLarge("a product of zeros, which is 1 over an empty range")
    content, base = (poly, number(1)) if poly.single else content_of(a, poly, only_positive=False)
    monomial, c = content.single or (ONE, fmpq(1))
    factors = [exp_of(a, sigma(a, (v,), g.args[0].scaled(number_of(e)))) for g, e in monomial if g.kind == "exp"]
    factors += [_product_of_one(a, v, single(g), e, length) for g, e in monomial if g.kind != "exp"]
    return product_of(a, [*factors, _product_of_one(a, v, number(c), 1, length), _product_of_one(a, v, base, 1, length)])


def _product_of_one(a: Context, v: Gen, factor: Poly, e: Exponent, length: Poly) -> Poly:
    """The product over v of a number, a generator or a base to a power."""
    if factor.constant == 1:
        return factor
    if not isinstance(e, int) and sign_of(factor) != "+":
        raise TooLarge("a product of roots")
    if v.key not in factor.free:
        return power(a, whole_power(a, factor, length), e)
    (index,) = named(a, (v,), 1 + factor.level)
    body = rebuild(a, factor, {v.key: single(index)})
    return power(a, single(Gen("product", "", (body,), sign="+" if sign_of(body) == "+" else "", vars=(index,))), e)
