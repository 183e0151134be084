"""Piecewise polynomials: one is zero if it is for every sign that the quantities in its case distinctions can have together.

So are sums over all whole numbers, together with what is in front of them: zero if they count one summand as often as not in
every region that their flags cut out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import combinations, product

from flint import fmpq

from symderiv.errors import TooLarge, Undefined
from symderiv.language.functions import Sign
from symderiv.proof.context import Context, NeverZero, Positive
from symderiv.proof.flags import zero
from symderiv.proof.laws import CELLS, REGIONS
from symderiv.proof.monomials import all_gens, indices_in, pattern, sign_of
from symderiv.proof.poly import FLAGS, Gen, Kind, Monomial, Poly, number, single, term, total, without
from symderiv.proof.powers import mul, power, product_of
from symderiv.proof.ranges import never_negative
from symderiv.proof.replacing import put, rebuild

REAL_FLAGS = (Kind.STEP, Kind.ZERO)
QUANTIFIED = (*REAL_FLAGS, Kind.OVER)  # what a cell has a value for
CLOSED = (Kind.OVER, Kind.CLOSED_INVERSE, Kind.CLOSED_LOG)  # made in a case, where what they are of may be 0
MOST_QUANTITIES = 5
MOST_HALVES = 8

Signs = tuple[tuple[Poly, int], ...]
Counted = list[tuple[frozenset[Poly], fmpq]]  # how often something counts, each where all of these are >= 0


def vanishes(a: Context, poly: Poly) -> bool:
    """Whether a polynomial is zero in every cell; a sum is, if what is summed is. False is 'not shown'."""
    if _is_zero(a, poly):
        return True
    quantities = sorted({g.args[0] for g in poly.gens if g.kind in QUANTIFIED}, key=lambda z: z.key)
    if not quantities:
        rest = _without_vanishing_sums(a, poly)
        return rest is not poly and _is_zero(a, rest)
    if len(quantities) > MOST_QUANTITIES:
        return False
    cells = product((1, 0, -1), repeat=len(quantities))
    vanished = all(_vanishes_in(a, poly, tuple(zip(quantities, signs, strict=True))) for signs in cells)
    if vanished:
        a.record.used.add(CELLS)
    return vanished


def _vanishes_in(a: Context, poly: Poly, cell: Signs) -> bool:
    if _is_empty(cell):
        return True
    there = _in_cell(a, poly, dict(cell))
    for z, sign in cell:
        if sign == 0 and not there.is_zero:
            there = mul(a, _with_solved(a, there, z), zero(a, z))
    if there.is_zero or _is_zero(a, there) or _without_vanishing_sums(a, there).is_zero:
        return True
    opened = _opened(a, there, cell)
    return opened is not None and (_is_zero(a, opened) or _without_vanishing_sums(a, opened).is_zero)


def _opened(a: Context, poly: Poly, cell: Signs) -> Poly | None:
    """A polynomial with what is closed in it opened, however deep, where a cell says that it may be; None if nothing is closed."""
    if not any(sign for _, sign in cell) or not any(g.kind in CLOSED for g in all_gens(poly)):
        return None
    never_zero = (*a.never_zero, *(NeverZero(z, number(1)) for z, sign in cell if sign))
    positive = (*a.positive, *(_positive(z.scaled(sign)) for z, sign in cell if sign))
    try:
        return rebuild(replace(a, never_zero=never_zero, positive=positive), poly, {}, None, 1)
    except (TooLarge, Undefined):
        return None


def _positive(z: Poly) -> Positive:
    """That this is positive, under the letters that it has."""
    kept = frozenset(v.head for v in indices_in(z))
    return Positive(pattern(z, kept), kept)


def _with_solved(a: Context, poly: Poly, z: Poly) -> Poly:
    """A polynomial where z = 0: if that can be solved for a quantity, with what it is in its place, however deep."""
    for m, c in sorted(z.terms.items(), key=lambda term: [g.key for g, _ in term[0]], reverse=True):
        g, e = m[0] if len(m) == 1 else (None, 0)
        rest = z - Poly({m: c})
        if g is None or e != 1 or g.kind not in (Kind.SCALAR, Kind.ELEMENT) or g.bounds or g.head in rest.heads:
            continue
        value = rest.scaled(-1 / c)
        try:
            return rebuild(a, poly, {}, {g.head: partial(_at, g.args, value)})
        except (TooLarge, Undefined):
            continue
    return poly


def _at(positions: tuple[Poly, ...], value: Poly, a: Context, at: list[Poly]) -> Poly | None:
    return value if tuple(at) == positions else None


def _in_cell(a: Context, poly: Poly, signs: dict[Poly, int]) -> Poly:
    """The polynomial with its flags as numbers, and divided by what is not zero there."""
    parts = []
    for m, c in poly.terms.items():
        held = [(g, e, signs[g.args[0]]) for g, e in m if g.kind in QUANTIFIED]
        if all((sign == 1, sign == 0, sign != 0)[QUANTIFIED.index(g.kind)] for g, _, sign in held):
            rest = Poly({tuple(f for f in m if f[0].kind not in QUANTIFIED): c})
            parts.append(product_of(a, [rest, *(power(a, g.args[0], -e) for g, e, _ in held if g.kind is Kind.OVER)]))
    return total(parts)


def _is_empty(cell: Signs) -> bool:
    """Whether two of the signs contradict each other."""
    return any(_contradict(*pair) for pair in combinations(cell, 2))


def _contradict(one: tuple[Poly, int], other: tuple[Poly, int]) -> bool:
    (y, s), (z, t) = one, other
    (m, c), (n, d) = y.lead, z.lead
    y, z = (y.scaled(1 / abs(c)), z.scaled(1 / abs(d))) if m == n else (y, z)
    for k, j in product((s,) if s else (1, -1), (t,) if t else (1, -1)):
        together = sign_of((y.scaled(k) + z.scaled(j)).scaled(-1))
        if together is Sign.POSITIVE or (together and (s or t)):
            return True
    return False


def _without_vanishing_sums(a: Context, poly: Poly) -> Poly:
    """The polynomial less those sums over one range whose bodies together vanish."""
    groups: dict[object, list[tuple[Monomial, fmpq]]] = {}
    for m, c in poly.terms.items():
        sums = [(g, e) for g, e in m if g.kind is Kind.SUM and _has_flags(g.args[0])]
        key = (tuple(f for f in m if f not in sums), sums[0][0].vars) if len(sums) == 1 and sums[0][1] == 1 else None
        groups.setdefault(key, []).append((m, c))
    gone = [found for key, found in groups.items() if key is not None and vanishes(a, _together(found))]
    return poly - Poly({m: c for found in gone for m, c in found}) if gone else poly


def _together(found: list[tuple[Monomial, fmpq]]) -> Poly:
    return total(next(g for g, _ in m if g.kind is Kind.SUM and _has_flags(g.args[0])).args[0].scaled(c) for m, c in found)


def _has_flags(poly: Poly) -> bool:
    return any(g.kind in QUANTIFIED for g in poly.gens)


def without_uncounted(a: Context, poly: Poly) -> Poly:
    """The polynomial less those terms that are one summand under flags which add up to nothing wherever they can hold."""
    poly = total(_at_size(a, m).scaled(c) for m, c in poly.terms.items())
    groups: dict[object, list[tuple[Monomial, fmpq]]] = {}
    for m, c in poly.terms.items():
        groups.setdefault(_counting(m)[0], []).append((m, c))
    gone = [found for found in groups.values() if _is_uncounted(a, [(_counting(m)[1], c) for m, c in found])]
    if gone:
        a.record.used.add(REGIONS)
    return poly - Poly({m: c for found in gone for m, c in found})


def _at_size(a: Context, monomial: Monomial) -> Poly:
    """A term that only counts where a size is one number or other, with that in its place."""
    for g, _ in monomial:
        for size in sorted(g.args[0].gens, key=lambda h: h.key) if g.kind is Kind.DELTA else ():
            sign = g.args[0].terms.get(((size, 1),), 0)
            value = (single(size).scaled(sign) - g.args[0]).scaled(sign)
            rest = term(without(monomial, g))
            if size.kind is Kind.SCALAR and abs(sign) == 1 and size.head not in value.heads and size.head in rest.heads:
                there = total(_at_size(a, m).scaled(c) for m, c in put(a, rest, {size.head: value}).terms.items())
                return mul(a, single(g), there)
    return term(monomial)


def _counting(monomial: Monomial) -> tuple[object, frozenset[Poly]]:
    """What a term counts, and what must be >= 0 there: in front, and in a sum over all whole numbers."""
    sums = [g for g, e in monomial if g.kind is Kind.EVERYWHERE and e == 1]
    inside = sums[0].args[0].lead[0] if len(sums) == 1 else ()
    rest = tuple(f for f in monomial if f[0].kind is not Kind.ATLEAST and (len(sums) != 1 or f[0] != sums[0]))
    summand = tuple(f for f in inside if f[0].kind is not Kind.ATLEAST)
    what = (rest, sums[0].head, summand) if len(sums) == 1 else rest
    return what, frozenset(g.args[0] for g, _ in (*monomial, *inside) if g.kind is Kind.ATLEAST)


def _is_uncounted(a: Context, rows: Counted) -> bool:
    halves = sorted(frozenset().union(*(flags for flags, _ in rows)), key=lambda p: p.key)
    return len(halves) <= MOST_HALVES and _is_nothing(a, rows, halves, [])


def _is_nothing(a: Context, rows: Counted, halves: list[Poly], known: list[Poly]) -> bool:
    """Whether rows add up to zero wherever all that is known to be >= 0 can be; `halves` are still open."""
    if _is_impossible(a, known):
        return True
    if not halves:
        return not sum(c for flags, c in rows if flags <= set(known))
    p, *rest = halves
    return _is_nothing(a, rows, rest, [*known, p]) and _is_nothing(a, rows, rest, [*known, (p + number(1)).scaled(-1)])


def _is_impossible(a: Context, known: list[Poly]) -> bool:
    """Whether the last of what is >= 0 contradicts up to two others. False is 'not shown'."""
    chosen = ((*others, known[-1]) for n in range(min(3, len(known))) for others in combinations(known[:-1], n))
    return any(never_negative(a, (total(together) + number(1)).scaled(-1)) for together in chosen)


def _is_zero(a: Context, poly: Poly) -> bool:
    """Whether the polynomial is zero once every denominator of several terms is cleared, for each factor beside these alone."""
    return all(_is_cleared(a, part) for part in _apart(poly))


def _is_cleared(a: Context, poly: Poly) -> bool:
    while not poly.is_zero and (least := _least_exponents(poly)):
        flags = term(tuple(f for f in next(iter(poly.terms)) if f[0].kind in FLAGS))
        if flags.constant is None and any(mul(a, flags, g.args[0]).is_zero for g in least):
            return False  # where the flags are 1 it is zero, so that clearing it would hide the rest
        poly = total(_cleared(a, m, c, least) for m, c in poly.terms.items())
    return poly.is_zero


def _cleared(a: Context, monomial: Monomial, c: fmpq, least: Mapping[Gen, int]) -> Poly:
    exponents = dict(monomial)
    rest = tuple((g, e) for g, e in monomial if g not in least)
    return product_of(a, [Poly({rest: c}), *(power(a, g.args[0], exponents.get(g, 0) - e) for g, e in least.items())])


def _least_exponents(poly: Poly) -> dict[Gen, int]:
    bases = {g for g in poly.gens if g.kind is Kind.BASE}
    return {g: min(int(dict(m).get(g, 0)) for m in poly.terms) for g in bases}


def _apart(poly: Poly) -> Iterator[Poly]:
    """The terms by their flags and by what else is no denominator or root nor in one: if each group is zero, all is.

    Clearing a denominator multiplies by it, and beside a flag that would hide what is claimed where the denominator is zero.
    """
    within = frozenset().union(*(p.gens for g in poly.gens if g.related and g.kind not in FLAGS for p in g.args))
    groups: dict[Monomial, dict[Monomial, fmpq]] = {}
    for m, c in poly.terms.items():
        beside = tuple(f for f in m if f[0].kind in FLAGS or not (f[0].related or f[0] in within))
        groups.setdefault(beside, {})[m] = c
    return (Poly(terms) for terms in groups.values())
