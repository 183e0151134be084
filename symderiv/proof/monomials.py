"""What can be read off a monomial or a polynomial without any law: signs, contents, which indices go together."""

from __future__ import annotations

from collections.abc import Container, Iterable
from fractions import Fraction
from itertools import islice, permutations, product
from math import gcd, isqrt, lcm

from flint import fmpq

from symderiv.language.functions import Sign
from symderiv.proof.poly import Exponent, Gen, Kind, Monomial, Poly, merge, monomial_key, plain, written

POSITIVE = (Sign.POSITIVE, Sign.COUNT)
MOST_ORDERS = 120
MOST_SQUARE = 30  # terms of what may be a square


def solved(poly: Poly, v: Gen) -> Poly | None:
    """The value of an index that makes a whole-numbered poly zero, if v occurs in it once and with the factor 1 or -1."""
    c = poly.terms.get(((v, 1),))
    if c not in (1, -1) or sum(v in g.free for m in poly.terms for g, _ in m) > 1:
        return None
    return (Poly({((v, 1),): c}) - poly).scaled(c)


def apart(v: Gen, indices: tuple[Gen, ...]) -> tuple[Gen, ...]:
    """The indices but for one."""
    return tuple(w for w in indices if w is not v)


def is_read(v: Gen, indices: tuple[Gen, ...]) -> bool:
    """Whether the range of another of the indices depends on one."""
    return any(v in w.free for w in apart(v, indices))


def components(indices: tuple[Gen, ...], monomial: Monomial) -> list[tuple[tuple[Gen, ...], Monomial]]:
    """The indices and factors in groups that share no index."""
    groups: list[set[Gen]] = [{v} for v in indices]
    for linked in (*(g.free for g, _ in monomial), *(v.free for v in indices)):
        touched = [s for s in groups if s & linked]
        groups = [s for s in groups if not s & linked] + ([set().union(*touched)] if touched else [])
    return [(tuple(v for v in indices if v in s), tuple((g, e) for g, e in monomial if g.free & s)) for s in groups]


def orders(indices: tuple[Gen, ...], monomial: Monomial) -> Iterable[tuple[Gen, ...]]:
    """The orders of the indices that can give the least key: indices that look different are never exchanged."""
    every = frozenset(indices)
    looks: dict[tuple[int | str, ...], list[Gen]] = {}
    for v in indices:
        looks.setdefault((len(v.free & every), *_look(v, every, monomial)), []).append(v)
    groups = [looks[k] for k in sorted(looks)]
    orders = (sum(choice, ()) for choice in product(*(tuple(islice(permutations(g), MOST_ORDERS)) for g in groups)))
    return (order for order, _ in zip(orders, range(MOST_ORDERS), strict=False))


def _look(v: Gen, indices: frozenset[Gen], monomial: Monomial) -> tuple[str, ...]:
    """How an index occurs, whatever the names of the indices: sorted letters of the factors that it is in."""
    if len(indices) == 1:
        return ()
    names = dict.fromkeys(indices, "_") | {v: "*"}
    seen = [f"{''.join(sorted(written(g, names)))}{e}" for g, e in monomial if v in g.free]
    return (*(a.key for a in v.args if not a.free & indices), *sorted(seen))


def pattern(poly: Poly, kept: Container[str] = ()) -> str:
    """The key with indices numbered as they occur: the same for polynomials that differ in their letters only, but for those kept."""
    return _shape(poly, {}, kept)


def letters(poly: Poly, kept: Container[str] = ()) -> list[Gen]:
    """The free indices of a polynomial in the order in which its pattern numbers them."""
    numbered: dict[Gen, str] = {}
    _shape(poly, numbered, kept)
    return [g for g in numbered if g in poly.free and g.head not in kept]


def _shape(poly: Poly, numbered: dict[Gen, str], kept: Container[str]) -> str:
    terms = sorted((monomial_key(m), m, c) for m, c in poly.terms.items())
    return " + ".join(f"{c}·" + "·".join(f"{_shape_of(g, numbered, kept)}↑{e}" for g, e in m) for _, m, c in terms)


def _shape_of(g: Gen, numbered: dict[Gen, str], kept: Container[str]) -> str:
    over = "".join(_shape_of(v, numbered, kept) for v in g.vars)
    ends = ",".join(_shape(a, numbered, kept) for a in g.args)
    if g.kind is Kind.INDEX:
        name = repr(g.head) if g.head in kept else numbered.setdefault(g, f"i{len(numbered)}")
        return f"{name}∈({ends})"
    return f"{g.kind} {g.head!r} {over}({ends})"


def all_gens(poly: Poly) -> list[Gen]:
    """Every generator that occurs, however deep, once."""
    found: dict[Gen, None] = {}
    waiting = list(poly.gens)
    while waiting:
        g = waiting.pop()
        if g not in found:
            found[g] = None
            waiting += [inner for a in (*g.args, *(end for v in g.vars for end in v.args)) for inner in a.gens]
    return list(found)


def indices_in(poly: Poly) -> list[Gen]:
    """Every index that occurs, however deep."""
    return [g for g in all_gens(poly) if g.kind is Kind.INDEX]


def sign_of_monomial(monomial: Monomial) -> Sign:
    """Positive if every factor is, not negative if none can be negative."""
    if all(g.sign in POSITIVE for g, _ in monomial):
        return Sign.POSITIVE
    return Sign.NOT_NEGATIVE if all(g.sign or (isinstance(e, int) and e % 2 == 0) for g, e in monomial) else Sign.UNKNOWN


def sign_of(poly: Poly) -> Sign:
    """The sign of a sum of terms none of which can be negative."""
    signs = [sign_of_monomial(m) if c > 0 else Sign.UNKNOWN for m, c in poly.terms.items()]
    if not all(signs):
        return Sign.UNKNOWN
    return Sign.POSITIVE if Sign.POSITIVE in signs else Sign.NOT_NEGATIVE


def rational_content(poly: Poly) -> fmpq:
    """The positive rational c for which poly/c has whole coefficients without a common divisor."""
    numerators = [int(abs(c.p)) for c in poly.terms.values()]
    denominators = [int(c.q) for c in poly.terms.values()]
    return fmpq(gcd(*numerators), lcm(*denominators))


def square_root(poly: Poly) -> Poly | None:
    """What may be the root of a polynomial of several terms, taken term by term from the greatest; whose square it is, is to be seen."""
    if not 2 < len(poly.terms) <= MOST_SQUARE or any(not isinstance(e, int) for m in poly.terms for _, e in m):
        return None
    (m, c), root = poly.lead, exact_root(poly.lead[1])
    if root is None or any(e % 2 for _, e in m):
        return None
    lead = tuple((g, e // 2) for g, e in m)
    found, left = Poly({lead: root}), poly - Poly({m: c})
    while not left.is_zero and len(found.terms) ** 2 < len(poly.terms) * 2:
        (n, k) = left.lead
        term = merge(n, tuple((g, -e) for g, e in lead))
        if any(e < 0 for _, e in term):
            return None
        found = found + Poly({term: k / (2 * root)})
        left = poly - _squared(found)
    return found if left.is_zero else None


def _squared(poly: Poly) -> Poly:
    out: dict[Monomial, fmpq] = {}
    for (m, c), (n, k) in product(poly.terms.items(), repeat=2):
        out[merge(m, n)] = out.get(merge(m, n), 0) + c * k
    return Poly(out)


def exact_root(c: fmpq) -> fmpq | None:
    """The square root of a rational number, if it is one."""
    p, q = (isqrt(max(0, int(x))) for x in (c.p, c.q))
    return fmpq(p, q) if c > 0 and (p * p, q * q) == (int(c.p), int(c.q)) else None


def is_odd(e: Exponent) -> bool:
    return isinstance(e, int) and e % 2 == 1


def has_even_root(g: Gen, k: Exponent, e: Exponent) -> bool:
    """Whether (g^k)^e is a whole power of |g|, for a g of unknown sign."""
    return not g.sign and isinstance(k, int) and k % 2 == 0 and isinstance(plain(k * e), int)


def exponent_of(c: fmpq) -> Exponent:
    return plain(Fraction(int(c.p), int(c.q)))


def number_of(e: Exponent) -> fmpq:
    return fmpq(e.numerator, e.denominator)
