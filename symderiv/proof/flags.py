"""Flags, which are 0 or 1: deltas, steps, zeros, positions in a range; cases and what is known of signs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flint import fmpq

from symderiv.language.functions import Sign
from symderiv.proof.context import Context, NeverZero
from symderiv.proof.laws import CLOSED, DIGITS, STEP
from symderiv.proof.monomials import POSITIVE, pattern, rational_content, sign_of
from symderiv.proof.poly import FLAGS, ONE, PLACES, UNIT, Exponent, Gen, Kind, Poly, merge, number, single, total, without
from symderiv.proof.powers import by_cases, content_of, mul, product_of
from symderiv.proof.ranges import never_negative
from symderiv.proof.replacing import constants, rebuild
from symderiv.proof.rewriting import bound, value_of

MOST_SHIFT = 4


def delta(a: Context, poly: Poly) -> Poly:
    """[poly = 0] for a whole-numbered poly."""
    if poly.constant is not None:
        return number(0 if poly.constant else 1)
    poly = poly.scaled(1 / (rational_content(poly) * (-1 if poly.lead[1] < 0 else 1)))
    if never_negative(a, poly - number(1)) or never_negative(a, (poly + number(1)).scaled(-1)):
        return number(0)
    if (others := _complement(poly)) is not None:
        return number(1) - total(delta(a, p) for p in others)
    for size, high, low in _digits(poly):
        if never_negative(a, size - number(1) - low) and never_negative(a, size - number(1) + low):
            a.record.used.add(DIGITS)
            return mul(a, delta(a, high), delta(a, low))
    gen = Gen(Kind.DELTA, "", (poly,))
    known = value_of(a, None, ((gen, 1),)) if a.given.rules else None
    return single(gen) if known is None else known


def _complement(poly: Poly) -> list[Poly] | None:
    """For v - b with an index v over a few numbers a..b, the v - k for all others."""
    v = next((g for g in poly.gens if g.kind is Kind.INDEX), None)
    if v is None or len(poly.terms) > 2 or abs(poly.terms.get(((v, 1),), 0)) != 1 or poly.gens != {v}:
        return None
    lower, upper = (end.constant for end in v.args)
    if lower is None or upper is None or upper - lower >= MOST_SHIFT or (poly != single(v) - v.args[1] and poly != v.args[1] - single(v)):
        return None
    return [single(v) - number(k) for k in range(int(lower), int(upper))]


def _digits(poly: Poly) -> Iterator[tuple[Poly, Poly, Poly]]:
    """(size, high, low) with poly = size * high + low, for the sizes and numbers that are factors of a part of a whole-numbered poly."""
    for c in sorted({abs(c) for m, c in poly.terms.items() if m and abs(c) > 1}):
        high = Poly({m: k / c for m, k in poly.terms.items() if m and (k / c).q == 1})
        yield from _carried(number(c), high, poly - high.scaled(c))
    sizes = {g for m in poly.terms if len(m) > 1 for g, e in m if g.sign is Sign.COUNT and e == 1 and not g.bounds}
    for g in sorted(sizes, key=lambda g: g.key):
        terms = {m: k for m, k in poly.terms.items() if (g, 1) in m}
        yield from _carried(single(g), Poly({without(m, g): k for m, k in terms.items()}), poly - Poly(terms))


def _carried(size: Poly, high: Poly, low: Poly) -> Iterator[tuple[Poly, Poly, Poly]]:
    """The same with the size carried over to the low part a few times, or a part of its constant to the high one."""
    c, k = size.constant, low.coefficient(ONE)
    if c is not None and k:
        whole = fmpq((k / c).floor())
        high, low = high + number(whole), low - number(whole * c)
    for carry in (0, 1, -1):
        shifted = low + size.scaled(carry)
        if not shifted.is_zero and not high.is_zero:
            yield size, high - number(carry), shifted


def atleast(a: Context, poly: Poly) -> Poly:
    """[poly >= 0] for a whole-numbered poly, decided where its range decides it."""
    if never_negative(a, poly):
        return number(1)
    if never_negative(a, (poly + number(1)).scaled(-1)):
        return number(0)
    for k in range(MOST_SHIFT):
        if never_negative(a, number(k) - poly):
            return total(delta(a, poly - number(j)) for j in range(k + 1))
        if k and never_negative(a, poly + number(k)):
            return number(1) - total(delta(a, poly + number(j)) for j in range(1, k + 1))
    for size, high, low in _digits(poly):
        if never_negative(a, low) and never_negative(a, size - number(1) - low):
            a.record.used.add(DIGITS)
            return atleast(a, high)
    shift = poly.coefficient(ONE)
    if shift and shift.q == 1 and abs(shift) <= MOST_SHIFT:
        return _shifted(a, poly - number(shift), int(shift))
    if poly.lead[1] < 0:
        return number(1) - atleast(a, (poly + number(1)).scaled(-1))
    return single(Gen(Kind.ATLEAST, "", (poly,)))


def _shifted(a: Context, poly: Poly, shift: int) -> Poly:
    """[poly + shift >= 0] by [poly >= 0] and the positions between."""
    between = (poly + number(k) for k in (range(1, shift + 1) if shift > 0 else range(0, shift, -1)))
    deltas = total(delta(a, p) for p in between)
    return atleast(a, poly) + (deltas if shift > 0 else deltas.scaled(-1))


def step(a: Context, poly: Poly) -> Poly:
    """[poly > 0] for a real poly, by the signs of its factors: (sign² + sign)/2."""
    if poly.constant is not None:
        return number(1 if poly.constant > 0 else 0)
    sign = signum(a, poly)
    return (mul(a, sign, sign) + sign).scaled(fmpq(1, 2))


def signum(a: Context, poly: Poly) -> Poly:
    """-1, 0 or 1, as poly is negative, zero or positive."""
    return by_cases(a, poly, _signum)


def _signum(a: Context, poly: Poly) -> Poly:
    if poly.constant is not None:
        return number((poly.constant > 0) - (poly.constant < 0))
    a.record.used.add(STEP)
    c, factors = factors_of(a, poly)
    signs = (_sign_of_factor(a, z, e) for z, e in factors)
    return product_of(a, [number(1 if c > 0 else -1), *signs])


def _sign_of_factor(a: Context, z: Poly, e: Exponent) -> Poly:
    (g, _), *more = z.single[0] if z.single else ((None, 0),)
    if g is not None and not more and g.kind in FLAGS:
        return z
    if not isinstance(e, int) or e % 2 == 0 or sign_of(z) or any(pattern(z, known.kept) == known.shape for known in a.positive):
        return number(1) - _zero_of_factor(a, z, e)
    return single(Gen(Kind.STEP, "", (z,))).scaled(2) - number(1) + _zero_of_factor(a, z, e)


def zero(a: Context, poly: Poly) -> Poly:
    """[poly = 0] for a real poly: one of its factors is zero."""
    return by_cases(a, poly, _zero)


def _zero(a: Context, poly: Poly) -> Poly:
    if poly.constant is not None:
        return number(0 if poly.constant else 1)
    a.record.used.add(STEP)
    _, factors = factors_of(a, poly)
    return number(1) - product_of(a, (number(1) - _zero_of_factor(a, z, e) for z, e in factors))


def _zero_of_factor(a: Context, z: Poly, e: Exponent) -> Poly:
    if e < 0 or sign_of(z) is Sign.POSITIVE:
        return number(0)
    g = z.single[0][0][0] if z.single else None
    if g is not None and g.kind in FLAGS:
        return number(1) - z
    if g is not None and g.kind is Kind.ROOT:
        return zero(a, g.args[0])
    if g is not None and g.kind is Kind.POWER and never_negative(a, g.args[1]):
        return mul(a, zero(a, g.args[0]), number(1) - delta(a, g.args[1]))
    gen = single(Gen(Kind.ZERO, "", (z,)))
    for known in a.never_zero:
        gen = mul(a, gen, number(1) - _holds(a, known, z))
    return gen


def _holds(a: Context, known: NeverZero, z: Poly) -> Poly:
    """Where it is known that z is not zero, as a flag."""
    for found in (z, z.scaled(-1)):
        if (at := bound(known.letters, {}, known.poly, found)) is not None:
            places = constants({g.head: value for g, value in at.items() if g in PLACES})
            ends = (tuple(rebuild(a, end, at, places) for end in ends) for ends in known.ranges)
            return mul(a, rebuild(a, known.where, at, places), within(a, ends))
    return number(0)


def is_never_zero(a: Context, poly: Poly) -> bool:
    return any(_holds(a, known, poly).constant == 1 for known in a.never_zero)


def within(a: Context, ranges: Iterable[tuple[Poly, ...]]) -> Poly:
    """Where positions lie in their ranges, as a flag: of (position, first, last) each."""
    return product_of(a, (mul(a, atleast(a, at - low), atleast(a, high - at)) for at, low, high in ranges))


def factors_of(a: Context, poly: Poly) -> tuple[fmpq, list[tuple[Poly, Exponent]]]:
    """(c, factors with their exponents): generators, and what is left when they are taken out."""
    content, base = content_of(a, poly, only_positive=False) if not poly.single else (poly, number(1))
    m, c = content.single or (ONE, UNIT)
    if base.single:
        (more, d), base = base.single, number(1)
        m, c = merge(m, more), c * d
    factors = [(single(g), e) for g, e in m if not is_positive(a, g)]
    if base.constant is None and sign_of(base) is not Sign.POSITIVE:
        factors.append((base, 1))
    return c, factors


def is_positive(a: Context, g: Gen) -> bool:
    if g.kind is Kind.PRODUCT and g.sign is not Sign.POSITIVE:
        body = g.args[0].single
        return bool(a.positive and body and body[1] > 0 and all(is_positive(a, f) for f, _ in body[0]))
    return g.sign in POSITIVE or any(pattern(single(g), known.kept) == known.shape for known in a.positive)


def positive_part(a: Context, poly: Poly) -> Poly:
    """max(0, poly): by its sign, or as one thing, of which max(0, -z) = max(0, z) - z is known."""
    if poly.is_zero or not a.closed:
        return poly if poly.is_zero else mul(a, poly, step(a, poly))
    if sign_of(poly) or sign_of(poly.scaled(-1)):
        return poly if sign_of(poly) else Poly({})
    a.record.used.add(CLOSED)
    c = rational_content(poly) * (1 if poly.lead[1] > 0 else -1)
    part = single(Gen(Kind.RELU, "", (poly.scaled(1 / c),)))
    return part.scaled(c) if c > 0 else part.scaled(-c) + poly


def case_of(a: Context, relation: str, poly: Poly, then: Poly, otherwise: Poly) -> Poly:
    """One value where poly > 0, poly = 0, or poly > 0 and not 0 ("beyond"), else another: as one thing."""
    difference = then - otherwise
    if poly.constant is not None or difference.is_zero:
        holds = poly.constant is not None and (poly.is_zero if relation == "=" else poly.constant > 0)
        return then if holds else otherwise
    c, k = poly.lead[1], difference.coefficient(poly.lead[0])
    if relation != "=" and difference == poly.scaled(k / c):
        return otherwise + positive_part(a, poly).scaled(k / c)
    if c < 0 and relation == "beyond":
        return case_of(a, relation, poly.scaled(-1), otherwise, then)
    a.record.used.add(CLOSED)
    scale = rational_content(difference) * (1 if difference.lead[1] > 0 else -1)
    compared = poly.scaled(1 / (rational_content(poly) * (-1 if c < 0 and relation == "=" else 1)))
    value = difference.scaled(1 / scale)
    gen = Gen(Kind.CASE, relation, (compared, value), sign=Sign.NOT_NEGATIVE if sign_of(value) else Sign.UNKNOWN)
    return otherwise + single(gen).scaled(scale)
