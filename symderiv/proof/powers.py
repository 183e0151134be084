"""Products, what becomes of a monomial when exponents were added up, and powers: whole ones multiplied out, roots as generators."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from math import comb, floor

from flint import fmpq, fmpz

from symderiv.errors import TooLarge, Undefined
from symderiv.language.functions import Sign
from symderiv.proof.context import Context
from symderiv.proof.laws import CASES, POWER
from symderiv.proof.monomials import POSITIVE, has_even_root, is_odd, rational_content, sign_of, square_root
from symderiv.proof.poly import FLAGS, UNIT, Exponent, Gen, Kind, Monomial, Poly, merge, number, plain, single, term, without

Part = Poly | str | Gen | tuple[Gen, ...]  # of a generator: an argument, its name, an index or several

MOST_EXPONENT = 64
MOST_CASES = 5  # flags inside a function
LARGEST_BITS = 100_000
LARGEST_FACTORED = 120


def mul(a: Context, p: Poly, q: Poly) -> Poly:
    """The product, with every relation between generators applied."""
    if p.constant is not None:
        return q.scaled(p.constant)
    if q.constant is not None:
        return p.scaled(q.constant)
    out: dict[Monomial, fmpq] = {}
    for m1, c1 in p.terms.items():
        for m2, c2 in q.terms.items():
            _add_product(a, out, merge(m1, m2), c1 * c2)
        if len(out) > a.most_terms:
            raise TooLarge(f"more than {a.most_terms} terms in a product")
    return Poly(out)


def _add_product(a: Context, out: dict[Monomial, fmpq], monomial: Monomial, c: fmpq) -> None:
    if any(g.related for g, _ in monomial):
        for m, k in settled(a, monomial).terms.items():
            out[m] = out.get(m, 0) + c * k
    else:
        out[monomial] = out.get(monomial, 0) + c


def made(a: Context, kind: Kind, *args: Part) -> Poly:
    """A generator of a kind on these arguments, by the law that makes it: so a law is asked for that stands above."""
    return a.laws.makers[kind](a, *args)


def product_of(a: Context, polys: Iterable[Poly]) -> Poly:
    result: Poly | None = None
    for poly in polys:
        result = poly if result is None else mul(a, result, poly)
    return number(1) if result is None else result


def settled(a: Context, monomial: Monomial) -> Poly:
    """A monomial whose exponents were added up, with the relations of its generators applied."""
    a.spend(len(monomial) ** 2)
    if a.patience.left is not None:
        a.patience.spend(sum(1 + len(g.args[0].terms) for g, _ in monomial if g.kind in FLAGS))
    for g, e in monomial:
        if g.related and (found := a.laws.relations[g.kind](a, g, e, monomial)) is not None:
            return found
    return term(monomial)


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


def power(a: Context, poly: Poly, e: Exponent) -> Poly:
    """poly^e; a fractional power is the real root, of a base that is not negative."""
    e = plain(e)
    if e == 1:
        return poly
    if e == 0:
        return number(1)
    if e < 0 and a.within_case and sign_of(poly) is not Sign.POSITIVE:
        n = -floor(e)
        return mul(a, power(a, made(a, Kind.OVER, poly), n), power(a, poly, e + n))
    if poly.is_zero:
        if e < 0:
            raise Undefined("a division by zero")
        return poly
    if poly.single:
        return _power_of_one(a, *poly.single, e)
    if isinstance(e, int) and e > 0:
        return expanded(a, poly, e)
    if not any(g.kind in FLAGS for g in poly.gens):
        return _power_of_base(a, poly, e)
    content, base = content_of(a, poly, only_positive=not isinstance(e, int))  # before the cases, in each of which it may be zero
    return mul(a, power(a, content, e), by_cases(a, base, partial(_power_of_case, e)))


def _power_of_one(a: Context, monomial: Monomial, c: fmpq, e: Exponent) -> Poly:
    if isinstance(e, int):
        if max(int(c.p).bit_length(), int(c.q).bit_length()) * abs(e) > LARGEST_BITS:
            raise TooLarge(f"a number with more than {LARGEST_BITS} bits")
        return product_of(a, [number(c**e), *(gen_power(a, g, k * e) for g, k in monomial)])
    a.record.used.add(POWER)
    parts = [gen_power(a, g, k * e) for g, k in monomial if g.sign or not isinstance(k, int)]
    parts += [_even_root(a, g, plain(k * e)) for g, k in monomial if has_even_root(g, k, e)]
    rest = tuple((g, k) for g, k in monomial if not g.sign and isinstance(k, int) and not has_even_root(g, k, e))
    if len(rest) == 1 and is_odd(rest[0][1]) and c > 0:
        parts.append(gen_power(a, rest[0][0], rest[0][1] * e))
        rest = ()
    if not rest and c > 0:
        return product_of(a, [*parts, _root_of_number(a, c, e)])
    if c > 0:
        parts.append(_root_of_number(a, c, e))
    return product_of(a, [*parts, _root(a, term(rest, UNIT if c > 0 else c), e)])


def _even_root(a: Context, g: Gen, e: Exponent) -> Poly:
    """(g^k)^(e/k) for an even k and a whole e: |g|^e."""
    whole = gen_power(a, g, e)
    return whole if e % 2 == 0 else mul(a, whole, made(a, Kind.STEP, single(g)).scaled(2) - number(1))


def gen_power(a: Context, g: Gen, e: Exponent) -> Poly:
    e = plain(e)
    return settled(a, ((g, e),)) if g.related else single(g, e)


def _root_of_number(a: Context, c: fmpq, e: Exponent) -> Poly:
    """c^e for a rational c > 0, over the primes in it."""
    return product_of(a, (gen_power(a, Gen(Kind.PRIME, str(p)), k * e) for p, k in primes_of(c)))


def _power_of_case(e: Exponent, a: Context, poly: Poly) -> Poly:
    return power(a, poly, e) if poly.single or poly.is_zero else _power_of_base(a, poly, e)


def _power_of_base(a: Context, poly: Poly, e: Exponent) -> Poly:
    whole = isinstance(e, int)
    content, base = content_of(a, poly, only_positive=not whole)
    outside = power(a, content, e)
    if base.single:
        return mul(a, outside, power(a, base, e))
    if whole:
        return mul(a, outside, single(base_gen(base), e))
    return mul(a, outside, _root(a, base, e))


def base_gen(base: Poly) -> Gen:
    """What has several terms, to be raised to powers."""
    return Gen(Kind.BASE, "", (base,), sign=sign_of(base))


def absolute(a: Context, poly: Poly) -> Poly:
    """|poly| = 2 max(0, poly) - poly."""
    return made(a, Kind.RELU, poly).scaled(2) - poly


def root_of_square(a: Context, poly: Poly) -> Poly | None:
    """A polynomial of several terms whose square this is."""
    q = square_root(poly)
    return q if q is not None and power(a, q, 2) == poly else None


def _root(a: Context, base: Poly, e: Exponent) -> Poly:
    """base^e as a whole power times a root with an exponent between 0 and 1; of a square, a power of what is squared."""
    if isinstance(plain(2 * e), int) and (q := root_of_square(a, base)) is not None:
        return power(a, absolute(a, q), plain(2 * e))
    n = floor(e)
    root = single(Gen(Kind.ROOT, "", (base,)), plain(e - n))
    return mul(a, root, power(a, base, n)) if n else root


def content_of(a: Context, poly: Poly, only_positive: bool) -> tuple[Poly, Poly]:
    """(content, base) with poly = content * base: the number and the generators common to all terms come out.

    For roots and logs only what is known to be positive comes out.
    """
    a.record.used.add(POWER)
    c = rational_content(poly)
    if not only_positive and poly.lead[1] < 0:
        c = -c
    common: dict[Gen, Exponent] = {}
    for g in poly.gens:
        least = min(dict(m).get(g, 0) for m in poly.terms)
        if least and g.kind not in FLAGS and (g.sign in POSITIVE or not only_positive):
            common[g] = least
    inverse = tuple(sorted(((g, plain(-e)) for g, e in common.items()), key=lambda f: f[0].key))
    base = mul(a, poly.scaled(1 / c), term(inverse))
    return product_of(a, [number(c), *(gen_power(a, g, e) for g, e in common.items())]), base


def primes_of(c: fmpq) -> list[tuple[fmpz, int]]:
    """The primes in a positive rational, with their exponents."""
    if max(int(c.p).bit_length(), int(c.q).bit_length()) > LARGEST_FACTORED:
        raise TooLarge(f"the root or log of a number with more than {LARGEST_FACTORED} bits")
    return [*c.p.factor(), *((p, -k) for p, k in c.q.factor())]
