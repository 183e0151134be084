"""The laws of sums, one function each: what a sum of a monomial over open indices becomes; None where a law does not apply.

Each takes the algebra that asks, the indices and the monomial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

from flint import fmpq

from symderiv.errors import TooLarge, Undefined
from symderiv.language.functions import OF_ALL_NUMBERS, Sign
from symderiv.proof.context import Context
from symderiv.proof.directions import direction
from symderiv.proof.flags import MOST_SHIFT, atleast, delta
from symderiv.proof.laws import HALF, NESTED_SUMS, RANGE, SUM_OF_A_DELTA, SUM_OF_ONES, SUM_OF_POWERS
from symderiv.proof.monomials import apart, is_odd, is_read, solved
from symderiv.proof.poly import FLAGS, ONE, Exponent, Gen, Kind, Monomial, Poly, number, single, term, total, without
from symderiv.proof.powers import mul, power, product_of
from symderiv.proof.ranges import never_negative
from symderiv.proof.replacing import fresh_index, opened, rebuild, renamed
from symderiv.proof.rewriting import value_of
from symderiv.proof.summing import length_of, sigma

MOST_SQUARED = 16  # powers of sums inside a sum
ENTIRE = frozenset((*OF_ALL_NUMBERS, Kind.APPLY, Kind.OVER))  # functions with a value at every number

POWER_SUMS = tuple(
    tuple(fmpq(*map(int, c.split("/"))) for c in row.split()) for row in ("0 1", "0 1/2 1/2", "0 1/6 1/2 1/3", "0 0 1/4 1/2 1/4")
)


def _sum_of_delta(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    deltas = [g for g, _ in monomial if g.kind is Kind.DELTA]
    found = [(g, v, x) for g in deltas for v in reversed(indices) if (x := solved(g.args[0], v)) is not None]
    if not found:
        return None
    a.record.used.add(SUM_OF_A_DELTA)
    inside = [mul(a, atleast(a, value - v.args[0]), atleast(a, v.args[1] - value)) for _, v, value in found]
    known = [n for n, always in enumerate(inside) if always.constant == 1]
    best = next(iter(known or [n for n, (_, v, _) in enumerate(found) if v.args[1].constant is None]), 0)
    g, v, value = found[best]
    others = tuple(renamed(a, w, {v: value}) for w in apart(v, indices))
    rest = rebuild(a, term(without(monomial, g)), {v: value})
    return sigma(a, others, mul(a, rest, inside[best]))


def _sum_of_ones(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    for v in indices:
        used = any(v in g.free for g, _ in monomial) or is_read(v, indices)
        if not used:
            a.record.used.add(SUM_OF_ONES)
            length = length_of(a, v)
            others = apart(v, indices)
            return sigma(a, others, mul(a, length, term(monomial)))
    return None


def _sum_of_powers(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    """1 + ... + n and sums of squares and cubes, also from a position on."""
    for v in indices:
        inside = tuple(f for f in monomial if v in f[0].free)
        flags = [g for g, _ in inside if g.kind is Kind.ATLEAST]
        e = next((e for g, e in inside if g == v), 0)
        if len(inside) != len(flags) + (e != 0) or len(flags) > 1 or not isinstance(e, int) or not 0 <= e < len(POWER_SUMS):
            continue
        ends = _ends(a, v, flags)
        if ends is not None and not is_read(v, indices):
            a.record.used.add(SUM_OF_POWERS)
            lower, upper = ends
            value = _power_sum(a, upper, e) - _power_sum(a, lower - number(1), e)
            rest = term(tuple(f for f in monomial if f not in inside))
            return sigma(a, apart(v, indices), mul(a, rest, value))
    return None


def _ends(a: Context, v: Gen, flags: list[Gen]) -> tuple[Poly, Poly] | None:
    """The first and last position of an index at which a guard holds, the last being the first less 1 where there is none."""
    lower, upper = v.args
    for g in flags:
        at = solved(g.args[0], v)
        from_at = g.args[0].terms.get(((v, 1),)) == 1
        least, most = (lower, upper + number(1)) if from_at else (lower - number(1), upper)
        if at is None or not (never_negative(a, at - least) and never_negative(a, most - at)):
            return None
        lower, upper = (at, upper) if from_at else (lower, at)
    return (lower, upper) if never_negative(a, upper - lower + number(1)) else None


def _sum_from_one(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    """Every sum begins at 1, and is none if it has one term."""
    for v in indices:
        lower, upper = v.args
        if lower == upper:
            return _put(a, indices, monomial, v, lower)
        if lower != number(1):
            new = fresh_index(a, number(1), upper - lower + number(1))
            return _put(a, indices, monomial, v, lower - number(1) + single(new), new)
    return None


def _put(a: Context, indices: tuple[Gen, ...], monomial: Monomial, v: Gen, at: Poly, *new: Gen) -> Poly:
    """The sum with a position in the place of an index, and another index to sum over in that."""
    a.record.used.add(RANGE)
    others = tuple(renamed(a, w, {v: at}) for w in apart(v, indices))
    return sigma(a, (*others, *new), rebuild(a, term(monomial), {v: at}))


def _turned_round(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    """A sum goes upwards."""
    for v in indices:
        if (way := direction(v, indices, monomial, partial(never_negative, a))) < 0:
            new = fresh_index(a, *v.args)
            return _put(a, indices, monomial, v, v.args[0] + v.args[1] - single(new), new)
        if way == 0 and (mean := _mean_of_both_ways(a, indices, monomial, v)) is not None:
            return mean
    return None


def _mean_of_both_ways(a: Context, indices: tuple[Gen, ...], monomial: Monomial, v: Gen) -> Poly | None:
    """An odd power of an index beside what is the same when it is turned round, as the mean of it and itself turned round."""
    e = next((e for g, e in monomial if g == v), 0)
    rest = term(without(monomial, v))
    if not is_odd(e) or e < 0 or v not in rest.free or is_read(v, indices):
        return None
    turned = v.args[0] + v.args[1] - single(v)
    if rebuild(a, rest, {v: turned}) != rest:
        return None
    a.record.used.add(RANGE)
    return sigma(a, indices, mul(a, rest, (single(v, e) + power(a, turned, e)).scaled(fmpq(1, 2))))


def _reranged(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    """A sum under guards over another range that these give, of a length that is no index's, where that leaves fewer guards over."""
    for v in indices:
        others = apart(v, indices)
        guards = {g: at for g, _ in monomial if (at := _end(g, v)) is not None and not any(w in at.free for w in others)}
        if not guards or is_read(v, indices):
            continue
        lowers = [v.args[0], *(at for g, at in guards.items() if g.args[0].terms[((v, 1),)] == 1)]
        uppers = [v.args[1], *(at for g, at in guards.items() if g.args[0].terms[((v, 1),)] == -1)]
        best = min(product(lowers, uppers), key=lambda ends: _cost(a, ends, lowers, uppers))
        if _cost(a, best, lowers, uppers)[:2] < (0, len(guards)):
            lower, upper = best
            a.record.used.add(RANGE)
            new = fresh_index(a, number(1), upper - lower + number(1))
            at = lower - number(1) + single(new)
            left = [atleast(a, p) for p in (*(at - x for x in lowers), *(x - at for x in uppers))]
            rest = rebuild(a, term(tuple(f for f in monomial if f[0] not in guards)), {v: at})
            return sigma(a, (*others, new), product_of(a, [rest, *left]))
    return None


def _cost(a: Context, ends: tuple[Poly, Poly], lowers: list[Poly], uppers: list[Poly]) -> tuple[int, int, int, str]:
    lower, upper = ends
    over = sum(not never_negative(a, lower - x) for x in lowers) + sum(not never_negative(a, x - upper) for x in uppers)
    length = upper - lower
    return len(length.free), over, len(length.key), length.key


def _to_a_size(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    """A sum to a number more or less than a size as the one to that size, and the terms at its end."""
    for v in indices:
        upper, extra = v.args[1], v.args[1].coefficient(ONE)
        size = upper - number(extra)
        if (
            extra
            and abs(extra) <= MOST_SHIFT
            and size.single
            and size == single(size.single[0][0][0])
            and size.single[0][0][0].sign is Sign.COUNT
        ):
            return _moved(a, indices, monomial, v, 0, size, int(extra))
    return None


def _at_its_last(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    """A sum over an index by which entries are read so many places later: the last of these places becomes the index itself."""
    for v in indices:
        uses = list(_uses(v, monomial))
        shift = max((use for use in uses if use is not None), default=0) if None not in uses else 0
        if shift and abs(shift) <= MOST_SHIFT and never_negative(a, v.args[1]) and _may_move(a, v, monomial, shift):
            return _moved(a, indices, monomial, v, shift, v.args[1], shift)
    return None


def _may_move(a: Context, v: Gen, monomial: Monomial, shift: int) -> bool:
    """Whether nothing is divided by zero at any position of the range before and after it is moved."""
    wide = single(fresh_index(a, number(1 - max(shift, 0)), v.args[1] + number(max(-shift, 0))))
    divisors = [g.args[0] if g.kind is Kind.BASE else single(g) for g, e in monomial if e < 0]
    below = [rebuild(a, p, {v: wide}) for p in divisors if v in p.gens]
    return all(never_negative(a, p - number(1)) or never_negative(a, (p + number(1)).scaled(-1)) for p in below)


def _moved(a: Context, indices: tuple[Gen, ...], monomial: Monomial, v: Gen, shift: int, upper: Poly, behind: int) -> Poly | None:
    """The sum over v = w - shift for w = 1..upper, with what it has more or less in front, and behind where w ends so much later."""
    new = fresh_index(a, number(1), upper)
    others = apart(v, indices)
    if is_read(v, indices):
        return None

    def body(position: Poly) -> Poly:
        return rebuild(a, term(monomial), {v: position - number(shift)})

    def at(position: Poly) -> Poly:
        return sigma(a, others, body(position))

    try:
        a.record.used.add(RANGE)
        first = 1 + shift
        front = total(at(number(k)) for k in range(first, 1)) - total(at(number(k)) for k in range(1, first))
        gone = (upper - number(k) for k in range(-behind))
        back = total(at(upper + number(k)) for k in range(1, behind + 1))
        back = back - total(mul(a, atleast(a, p - number(first)), at(p)) for p in gone)
        return front + sigma(a, (*others, new), body(single(new))) + back
    except Undefined:
        return None


def _counted(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    """An index that is only counted is summed over first: Σ_v Σ_{w=a(v)..b(v)} v f(w) = Σ_w f(w) Σ_v [w >= a(v)] [b(v) >= w] v."""
    for v, w in ((v, w) for w in indices for v in indices if v is not w and v in w.free):
        others = [u for u in indices if u is not v and u is not w]
        ends = None if any({v, w} & u.free for u in others) else _widest(a, w, v)
        if ends is not None:
            new = fresh_index(a, *ends)
            body = rebuild(a, term(monomial), {w: single(new)})
            if all(g == v or v not in g.free for g in body.gens):
                a.record.used.add(RANGE)
                inside = mul(a, atleast(a, single(new) - w.args[0]), atleast(a, w.args[1] - single(new)))
                return sigma(a, (new, v, *others), mul(a, body, inside))
    return None


def _widest(a: Context, w: Gen, v: Gen) -> tuple[Poly, Poly] | None:
    """The range of an index over all positions of one that it depends on; where each is taken on, so that no more is read than before."""
    if v.free != {v} or not never_negative(a, v.args[1] - v.args[0]):
        return None
    slopes = [end.coefficient(((v, 1),)) for end in w.args]
    uses = sum(v in g.free for end in w.args for m in end.terms for g, _ in m)
    length = w.args[1] - w.args[0] + number(0 in slopes)
    if uses > sum(slope != 0 for slope in slopes) or any(abs(slope) > 1 for slope in slopes) or not never_negative(a, length):
        return None
    lower, upper = (
        rebuild(a, end, {v: v.args[(slope > 0) == last]}) for end, slope, last in zip(w.args, slopes, (False, True), strict=True)
    )
    return lower, upper


def _halved(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    """Σ_{v,w} [v >= w] f(v,w) = (Σ_{v,w} f(v,w) + Σ_v f(v,v))/2 for f(v,w) = f(w,v)."""
    for g, _ in monomial:
        pair = [v for v in indices if v in g.free] if g.kind is Kind.ATLEAST else []
        if len(pair) != 2 or pair[0].args != pair[1].args or any(v.free != {v} for v in pair):
            continue
        v, w = pair
        if g.args[0] not in (single(v) - single(w), single(w) - single(v)) or any(
            u in x.free for u in pair for x in indices if x not in pair
        ):
            continue
        rest = term(without(monomial, g))
        if rebuild(a, rest, {v: single(w), w: single(v)}) == rest:
            a.record.used.add(HALF)
            diagonal = mul(a, delta(a, single(v) - single(w)), rest)
            return (sigma(a, indices, rest) + sigma(a, indices, diagonal)).scaled(fmpq(1, 2))
    return None


def _flattened(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    keys = frozenset(indices)
    inner = [(g, e) for g, e in monomial if g.kind is Kind.SUM and g.free & keys and isinstance(e, int) and e > 0]
    if not inner:
        return None
    a.record.used.add(NESTED_SUMS)
    if sum(e for _, e in inner) > MOST_SQUARED:
        raise TooLarge("a high power of a sum inside a sum")
    rest = tuple((g, e) for g, e in monomial if (g, e) not in inner)
    bodies = [opened(a, g) for g, e in inner for _ in range(e)]
    body = product_of(a, [term(rest), *(b for _, b in bodies)])
    return sigma(a, (*indices, *(v for vs, _ in bodies for v in vs)), body)


def _sum_given(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    """A sum over one of the indices whose value is assumed."""
    for v in indices if a.given.rules else ():
        inside = tuple((g, e) for g, e in monomial if v in g.free)
        alone = not is_read(v, indices)
        if alone and (value := value_of(a, v, inside)) is not None:
            outside = term(tuple(f for f in monomial if f not in inside))
            return sigma(a, apart(v, indices), mul(a, outside, value))
    return None


def _folded(a: Context, indices: tuple[Gen, ...], monomial: Monomial) -> Poly | None:
    """A sum over one index first, where it cancels a denominator that the others share."""
    below = [(g, d) for g, e in monomial if (d := _divisor(g, e)) is not None] if len(indices) > 1 else []
    for v in indices if below else ():
        inside = tuple(f for f in monomial if v in f[0].free)
        if not inside or is_read(v, indices) or all(v in g.free for g, _ in below):
            continue
        found = sigma(a, (v,), term(inside))
        gen = found.single[0][0][0] if found.single and found.single[0] else None
        if gen is None or gen.kind is not Kind.SUM or not any(gen in d.gens for _, d in below):
            continue
        folded = mul(a, term(tuple(f for f in monomial if f not in inside)), found)
        if all(dict(m).get(gen, 0) <= 0 for m in folded.terms):
            a.record.used.add(NESTED_SUMS)
            return sigma(a, apart(v, indices), folded)
    return None


def _divisor(g: Gen, e: Exponent) -> Poly | None:
    """What a factor divides by, which may be a sum or have one; a case closes it."""
    if g.kind is Kind.OVER:
        return g.args[0]
    return (single(g) if g.kind is Kind.SUM else g.args[0]) if g.kind in (Kind.SUM, Kind.BASE) and e < 0 else None


def _end(g: Gen, v: Gen) -> Poly | None:
    """The first or last position of an index at which a guard holds."""
    return solved(g.args[0], v) if g.kind is Kind.ATLEAST and v in g.args[0].gens else None


def _uses(v: Gen, monomial: Monomial) -> Iterator[int | None]:
    """How many places later than at the index itself entries are read; None where it is used in another way than as a number."""
    met: set[Gen] = set()
    for g, _ in monomial:
        if g.kind is Kind.BASE:
            yield from (use for inner in g.args[0].gens if inner != v for use in _uses_within(v, inner, met))
        elif g.kind not in FLAGS and g != v and v in g.free:
            yield from _uses_within(v, g, met)


def _uses_within(v: Gen, g: Gen, met: set[Gen]) -> Iterator[int | None]:
    """The same inside a generator; in one that was met before there is nothing new."""
    if g in met:
        return
    met.add(g)
    for a in (*g.args, *(end for w in g.vars for end in w.args)):
        if v in a.gens and (g.head if g.kind is Kind.FUNCTION else g.kind) not in ENTIRE:
            yield _later(a, v) if g.kind in (Kind.ELEMENT, Kind.INVERSE) else None
        for inner in a.gens:
            if inner != v and v in inner.free:
                yield from _uses_within(v, inner, met)


def _later(at: Poly, v: Gen) -> int | None:
    """The k for which a position c v + d reads last what c v reads at v + k; None for other positions."""
    c = at.coefficient(((v, 1),))
    rest = (at - single(v).scaled(c)).constant
    return None if rest is None or c < 1 or c.q != 1 else int((rest / c).ceil())


def _power_sum(a: Context, upper: Poly, e: int) -> Poly:
    """1^e + ... + upper^e as a polynomial in the upper end."""
    return total(power(a, upper, k).scaled(c) for k, c in enumerate(POWER_SUMS[e]) if c)


LAWS_OF_SUMS: tuple[Callable[[Context, tuple[Gen, ...], Monomial], Poly | None], ...] = (
    _sum_of_delta,
    _sum_of_ones,
    _sum_of_powers,
    _counted,
    _sum_from_one,
    _turned_round,
    _reranged,
    _flattened,
    _to_a_size,
    _at_its_last,
    _sum_given,
    _folded,
    _halved,
)
