"""Functions: exp, log, sine and cosine, odd and unknown ones; symbolic exponents, products over a range, what divides in a case."""

from __future__ import annotations

from math import floor

from flint import fmpq

from symderiv.errors import TooLarge, Undefined
from symderiv.language.functions import Sign
from symderiv.proof.context import Context
from symderiv.proof.flags import MOST_SHIFT, delta, is_never_zero, is_positive
from symderiv.proof.laws import CASES, EXP, GUARDED, LOG, POWER, PRODUCT, SINE
from symderiv.proof.monomials import POSITIVE, exponent_of, is_odd, number_of, pattern, sign_of
from symderiv.proof.poly import FLAGS, NONE, ONE, UNIT, Exponent, Gen, Kind, Poly, number, plain, single, term, total
from symderiv.proof.powers import (
    MOST_CASES,
    absolute,
    base_gen,
    by_cases,
    content_of,
    gen_power,
    mul,
    power,
    primes_of,
    product_of,
    root_of_square,
)
from symderiv.proof.ranges import never_negative
from symderiv.proof.replacing import named, opened, rebuild
from symderiv.proof.summing import length_of, sigma

MOST_ANGLES = 4


def exp_of(a: Context, poly: Poly) -> Poly:
    a.record.used.add(EXP)
    factors = []
    for m, c in poly.terms.items():
        flags = tuple(f for f in m if f[0].kind in FLAGS)
        if flags and len(poly.terms) <= MOST_CASES and not a.closed:
            a.record.used.add(CASES)
            case = term(flags)
            inside = exp_of(a, Poly({tuple(f for f in m if f not in flags): c}))
            factors.append(number(1) - case + mul(a, case, inside))
        elif len(m) == 1 and m[0][0].kind is Kind.LOG and m[0][1] == 1:
            factors.append(power(a, m[0][0].args[0], exponent_of(c)))
        else:
            factors.append(single(Gen(Kind.EXP, "", (term(m),)), plain(exponent_of(c))))
    return product_of(a, factors)


def log_of(a: Context, poly: Poly) -> Poly:
    return by_cases(a, poly, _log_of)


def _log_of(a: Context, poly: Poly) -> Poly:
    if poly.is_zero:
        raise Undefined("the log of zero")
    a.record.used.add(LOG)
    content, base = content_of(a, poly, only_positive=True) if not poly.single else (poly, number(1))
    if base.single and base.constant is None:
        return log_of(a, content) + log_of(a, base)
    m, c = content.single or (ONE, UNIT)
    known = tuple((g, e) for g, e in m if is_positive(a, g) or g.kind is Kind.ROOT or not isinstance(e, int))
    squares = tuple((g, e) for g, e in m if (g, e) not in known and not is_odd(e))
    rest = tuple(f for f in m if f not in known and f not in squares)
    parts = [_log_of_gen(a, g).scaled(number_of(e)) for g, e in known]
    parts += [log_of_absolute(a, single(g)).scaled(number_of(e)) for g, e in squares]
    if c > 0:
        parts += [single(Gen(Kind.LOG, "", (number(p),))).scaled(k) for p, k in primes_of(c)]
    if c > 0 and len(rest) == 1 and is_odd(rest[0][1]):
        parts.append(_log_of_gen(a, rest[0][0]).scaled(number_of(rest[0][1])))
    elif rest or c < 0:
        parts.append(_log_gen(a, term(rest, UNIT if c > 0 else c)))
    if (q := root_of_square(a, base)) is not None:
        parts.append(log_of_absolute(a, q).scaled(2))
    elif base.constant != 1:
        parts.append(_log_gen(a, base))
    return total(parts)


def _log_gen(a: Context, poly: Poly) -> Poly:
    """The log of what no law takes apart; in a case, where that may be no positive number, closed: exp does not undo it."""
    known = sign_of(poly) is Sign.POSITIVE or any(pattern(poly, known.kept) == known.shape for known in a.positive)
    return single(Gen(Kind.CLOSED_LOG if a.within_case and not known else Kind.LOG, "", (poly,)))


def log_of_absolute(a: Context, poly: Poly) -> Poly:
    """log |poly|, factor by factor; of a product over a range, the sum over it."""
    if poly.single is None or (len(poly.single[0]) == 1 and poly.single[0][0][0].kind is not Kind.PRODUCT):
        return log_of(a, absolute(a, poly))
    a.record.used.add(LOG)
    m, c = poly.single
    if len(m) == 1 and m[0][1] == c == 1:
        a.record.used.add(PRODUCT)
        indices, body = opened(a, m[0][0])
        return sigma(a, indices, log_of_absolute(a, body))
    parts = (log_of_absolute(a, single(g)).scaled(number_of(e)) for g, e in m)
    return total([log_of(a, number(abs(c))), *parts])


def _log_of_gen(a: Context, g: Gen) -> Poly:
    if g.kind is Kind.EXP:
        return g.args[0]
    if g.kind is Kind.PRIME:
        return single(Gen(Kind.LOG, "", (number(int(g.head)),)))
    if g.kind is Kind.PRODUCT and is_positive(a, g):
        a.record.used.add(PRODUCT)
        indices, body = opened(a, g)
        return sigma(a, indices, log_of(a, body))
    return log_of(a, g.args[0]) if g.kind in (Kind.BASE, Kind.ROOT) and not g.args[0].single else _log_gen(a, single(g))


def sine_of(a: Context, poly: Poly) -> Poly:
    return by_cases(a, poly, lambda a, case: _of_angle(a, case)[0])


def cosine_of(a: Context, poly: Poly) -> Poly:
    return by_cases(a, poly, lambda a, case: _of_angle(a, case)[1])


def _of_angle(a: Context, poly: Poly) -> tuple[Poly, Poly]:
    """The sine and the cosine of a sum of few angles, each a small multiple, by those of the angles."""
    if sum(abs(int(c.p)) for c in poly.terms.values()) > MOST_ANGLES:
        return _odd(Kind.SIN, poly, -1), _odd(Kind.COS, poly, 1)
    a.record.used.add(SINE)
    sine, cosine = number(0), number(1)
    for m, c in poly.terms.items():
        angle, turn = Poly({m: fmpq(1, c.q)}), fmpq(1 if c > 0 else -1)
        s, k = single(Gen(Kind.SIN, "", (angle,))).scaled(turn), single(Gen(Kind.COS, "", (angle,)))
        for _ in range(abs(int(c.p))):
            sine, cosine = mul(a, sine, k) + mul(a, cosine, s), mul(a, cosine, k) - mul(a, sine, s)
    return sine, cosine


def odd(a: Context, kind: Kind, poly: Poly, parity: int, name: str = "") -> Poly:
    """A function of a polynomial, the sign of its argument made canonical if it is odd (parity -1) or even (parity 1)."""
    return by_cases(a, poly, lambda _, case: _odd(kind, case, parity, name))


def _odd(kind: Kind, poly: Poly, parity: int, name: str = "") -> Poly:
    if poly.is_zero and parity < 0:
        return number(0)
    flip = parity != 0 and not poly.is_zero and poly.lead[1] < 0
    gen = single(Gen(kind, name, (poly.scaled(-1) if flip else poly,)))
    return gen.scaled(parity) if flip else gen


def unknown(a: Context, head: str, poly: Poly) -> Poly:
    """An unknown function of a polynomial."""
    return by_cases(a, poly, lambda _, case: single(Gen(Kind.APPLY, head, (case,))))


def whole_power(a: Context, base: Poly, e: Poly) -> Poly:
    """base^e for a symbolic whole e, by factors: through exp and log for a positive one, else as `_whole_power` says."""
    if sign_of(base) is Sign.POSITIVE:
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
    a.record.used.add(POWER)
    return product_of(a, (power(a, whole_power(a, factor, e), k) for factor, k in factors))


def _whole_power(a: Context, base: Poly, e: Poly) -> Poly:
    """base^k base^(e - k), where e - k is as small as it can be and never negative: a^n is a a^(n-1), so that a division is only
    where one is asked for.
    """
    c = e.coefficient(ONE)
    rest = e - number(c)
    if rest.is_zero:
        return power(a, base, exponent_of(c)) if c else number(1)
    turn = -1 if rest.lead[1] < 0 else 1
    rest = rest.scaled(turn)
    least = next((k for k in range(MOST_SHIFT, -MOST_SHIFT, -1) if never_negative(a, rest - number(k))), 0)
    known = exponent_of(c + turn * least)
    gen = single(Gen(Kind.POWER, "", (base, rest - number(least))))
    return mul(a, power(a, base, known) if known else number(1), power(a, gen, -1) if turn < 0 else gen)


def _factors(poly: Poly) -> list[tuple[Poly, int]]:
    """The factors of a single term that are to whole powers, the number by its size and its sign; the others together."""
    m, c = poly.single or (ONE, NONE)
    whole = [(g, e) for g, e in m if isinstance(e, int)]
    others = tuple(f for f in m if f not in whole)
    numbers = [number(x) for x in ((abs(c), fmpq(-1)) if c < 0 else (c,)) if x != 1]
    parts = [*((x, 1) for x in numbers), *((g.args[0] if g.kind is Kind.BASE else single(g), e) for g, e in whole)]
    return [*parts, (term(others), 1)] if others else parts


def product_over(a: Context, v: Gen, poly: Poly) -> Poly:
    """The product of a polynomial over the range of an open index."""
    a.record.used.add(PRODUCT)
    length = length_of(a, v)
    if poly.is_zero:
        raise TooLarge("a product of zeros, which is 1 over an empty range")
    content, base = (poly, number(1)) if poly.single else content_of(a, poly, only_positive=False)
    monomial, c = content.single or (ONE, UNIT)
    factors = [exp_of(a, sigma(a, (v,), g.args[0].scaled(number_of(e)))) for g, e in monomial if g.kind is Kind.EXP]
    factors += [_product_of_one(a, v, single(g), e, length) for g, e in monomial if g.kind is not Kind.EXP]
    return product_of(a, [*factors, _product_of_one(a, v, number(c), 1, length), _product_of_one(a, v, base, 1, length)])


def _product_of_one(a: Context, v: Gen, factor: Poly, e: Exponent, length: Poly) -> Poly:
    """The product over v of a number, a generator or a base to a power."""
    if factor.constant == 1:
        return factor
    if not isinstance(e, int) and sign_of(factor) is not Sign.POSITIVE:
        raise TooLarge("a product of roots")
    if v not in factor.free:
        return power(a, whole_power(a, factor, length), e)
    (index,) = named(a, (v,), 1 + factor.level)
    body = rebuild(a, factor, {v: single(index)})
    sign = Sign.POSITIVE if sign_of(body) is Sign.POSITIVE else Sign.UNKNOWN
    return power(a, single(Gen(Kind.PRODUCT, "", (body,), sign=sign, vars=(index,))), e)


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
    monomial, c = content.single or (ONE, UNIT)
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
        return single(base_gen(base), -1)
    return single(Gen(Kind.OVER, "", (base,), sign=sign))


def inverse(a: Context, head: str, *at: Poly) -> Poly:
    """An entry of an inverse; in a case, where the matrix may have none, closed to the laws of inverses."""
    plain = Gen(Kind.INVERSE, head, at)
    determinant = single(Gen(Kind.DETERMINANT, head))
    return single(Gen(Kind.CLOSED_INVERSE, head, at) if a.within_case and not is_never_zero(a, determinant) else plain)
