"""Relations between generators, one row a kind: what becomes of a monomial when exponents were added up.

Each takes the algebra that asks, the generator, its exponent and the monomial, and answers None if nothing applies.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import floor

from flint import fmpq

from symderiv.errors import Undefined
from symderiv.language.functions import Sign
from symderiv.proof.context import Context
from symderiv.proof.flags import positive_part, zero
from symderiv.proof.laws import BASE, DELTA, GUARDED, PARTIAL_FRACTIONS, ROOT, SINE, STEP
from symderiv.proof.monomials import POSITIVE, all_gens, sign_of, solved
from symderiv.proof.poly import ONE, Exponent, Gen, Kind, Monomial, Poly, merge, number, plain, reciprocal, single, term, without
from symderiv.proof.powers import base_gen, mul, power, product_of, settled
from symderiv.proof.ranges import never_negative
from symderiv.proof.replacing import rebuild


def _settle_delta(a: Context, g: Gen, e: Exponent, monomial: Monomial) -> Poly | None:
    if e != 1:
        return _settle_flag(a, g, e, monomial)
    rest = without(monomial, g)
    if (known := _settle_by_range(a, g, rest)) is not None:
        return known
    label = next((h for h in g.args[0].gens if h.bounds and h.kind is not Kind.INDEX), None)
    if label is not None and len(g.args[0].terms) == 2:
        return _settle_label(a, g, label, rest)
    indices = sorted((v for v in g.args[0].gens if v.kind is Kind.INDEX), key=lambda v: v.key, reverse=True)
    v, value = next(((v, value) for v in indices if (value := solved(g.args[0], v)) is not None), (None, None))
    free = frozenset().union(*(h.free for h, _ in rest))
    if v is None or value is None or v not in free:
        return None
    if any(v in w.free for w in free if w != v):
        return None  # an open index whose range depends on v: its delta settles once that index is summed over
    a.record.used.add(DELTA)
    return mul(a, single(g), rebuild(a, term(rest), {v: value}))


def _settle_by_range(a: Context, g: Gen, rest: Monomial) -> Poly | None:
    """δ(t,2) for an index t in 1..n tells that n >= 2, which another flag may contradict or say again."""
    flags = [h for h, _ in rest if h.kind in (Kind.DELTA, Kind.ATLEAST) and not any(v.bounds for v in h.args[0].gens)]
    for v in g.args[0].gens if flags else ():
        value = solved(g.args[0], v) if v.kind is Kind.INDEX else None
        for known in () if value is None else (value - v.args[0], v.args[1] - value):
            for h in flags:
                p, beyond = h.args[0], (known + number(1)).scaled(-1)
                if h.kind is Kind.DELTA and (never_negative(a, beyond - p) or never_negative(a, beyond + p)):
                    return Poly({})
                if h.kind is Kind.ATLEAST and never_negative(a, beyond - p):
                    return Poly({})
                if h.kind is Kind.ATLEAST and never_negative(a, p - known):
                    return mul(a, single(g), term(without(rest, h)))
    return None


def _left(a: Context, monomial: Monomial, g: Gen) -> Poly:
    """What is left of a monomial without one generator, settled."""
    return settled(a, without(monomial, g))


def _settle_label(a: Context, g: Gen, label: Gen, rest: Monomial) -> Poly | None:
    """Where a label is what stands beside it in a delta, the label gives way: what is left may not depend on its positions."""
    other, before, positions = solved(g.args[0], label), term(rest), label.args
    if any(label in all_gens(single(w)) for w in before.free):
        return None  # an open index whose range depends on the label
    if other is None or not all(h.kind is Kind.INDEX for h in other.gens):
        return None
    for h in other.gens if a.given.rules else ():
        if other == single(h) and rebuild(a, before, {h: single(label)}).is_zero:
            return Poly({})  # what is assumed of the label rules it out
    if label.heads.isdisjoint(before.heads):
        return None
    after = rebuild(a, before, {}, {label.head: lambda _, at: other if tuple(at) == positions else None})
    if after == before:
        return None
    a.record.used.add(DELTA)
    return mul(a, single(g), after)


def _settle_flag(a: Context, g: Gen, e: Exponent, monomial: Monomial) -> Poly | None:
    if e == 1:
        return None
    if e < 0:
        raise Undefined("a division by something that is 0 or 1")
    a.record.used.add(STEP if g.kind is Kind.STEP else DELTA)
    return mul(a, single(g), term(without(monomial, g)))


def _settle_step(a: Context, g: Gen, e: Exponent, monomial: Monomial) -> Poly | None:
    """A step beside steps and zeros of what differs from it by something of known sign."""
    if e != 1:
        return _settle_flag(a, g, e, monomial)
    for h, _ in monomial:
        if (h.kind is Kind.STEP and h != g and h.key > g.key) or h.kind is Kind.ZERO:
            if (g, h) not in a.record.met:
                a.record.met[g, h] = _implied(g, h)
            never, implied = a.record.met[g, h]
            if never or implied is not None:
                a.record.used.add(STEP)
                return _left(a, monomial, implied) if implied is not None and not never else Poly({})
    return None


def _implied(g: Gen, h: Gen) -> tuple[bool, Gen | None]:
    """Whether a step and another flag are never both 1, and which of the two follows from the other."""
    apart, together = _compared(g.args[0], h.args[0])
    if h.kind is Kind.STEP:
        implied = h if _is_signed(apart) else g if _is_signed(apart.scaled(-1)) else None
        return implied is None and _is_signed(together.scaled(-1)), implied
    never = _is_signed(apart) or _is_signed(together.scaled(-1))
    return never, g if sign_of(apart.scaled(-1)) is Sign.POSITIVE or sign_of(together) is Sign.POSITIVE else None


def _compared(y: Poly, z: Poly) -> tuple[Poly, Poly]:
    """z - y and z + y, each scaled so that their leading terms cancel where they are alike."""
    (m, c), (n, d) = y.lead, z.lead
    y, z = (y.scaled(1 / abs(c)), z.scaled(1 / abs(d))) if m == n else (y, z)
    return z - y, z + y


def _is_signed(poly: Poly) -> bool:
    """Whether this is never negative, and not plainly zero."""
    return not poly.is_zero and sign_of(poly) is not Sign.UNKNOWN


def _solved_for(poly: Poly) -> tuple[Monomial, fmpq]:
    """The term by which poly = 0 is solved: the greatest in one lexicographic order for all, quantities of unknown sign before others."""
    return max(poly.terms.items(), key=lambda term: _rank(term[0]))


def _rank(monomial: Monomial) -> list[tuple[bool, str, Exponent]]:
    return sorted(((g.sign not in POSITIVE, g.key, e) for g, e in monomial), reverse=True)


def _settle_atleast(a: Context, g: Gen, e: Exponent, monomial: Monomial) -> Poly | None:
    """[p >= 0] beside [q >= 0], where one follows from the other or both cannot hold."""
    if e != 1:
        return _settle_flag(a, g, e, monomial)
    for h, _ in monomial:
        if h.kind is Kind.ATLEAST and h.key > g.key:
            p, q = g.args[0], h.args[0]
            if never_negative(a, (p + q + number(1)).scaled(-1)):
                return Poly({})
            implied = h if never_negative(a, q - p) else g if never_negative(a, p - q) else None
            if implied is not None:
                return _left(a, monomial, implied)
    others = [h for h, _ in monomial if h.kind is Kind.ATLEAST and h != g]
    if any(never_negative(a, g.args[0] - p.args[0] - q.args[0]) for p, q in combinations(others, 2)):
        return _left(a, monomial, g)
    return None


def _settle_zero(a: Context, g: Gen, e: Exponent, monomial: Monomial) -> Poly | None:
    """Where z = 0: z is not positive, and its leading term is minus the others."""
    if e != 1:
        return _settle_flag(a, g, e, monomial)
    rest = without(monomial, g)
    for h, _ in rest:
        if h.kind is Kind.STEP and h.args == g.args:
            return Poly({})
        if h.kind is Kind.ZERO and any(sign_of(s.scaled(k)) is Sign.POSITIVE for s in _compared(g.args[0], h.args[0]) for k in (1, -1)):
            return Poly({})
        if h.kind is Kind.ZERO and h.key > g.key and _solved_for(h.args[0])[0] == _solved_for(g.args[0])[0]:
            c, k = _solved_for(g.args[0])[1], _solved_for(h.args[0])[1]
            return mul(a, _left(a, monomial, h), zero(a, h.args[0].scaled(c) - g.args[0].scaled(k)))
    lead, c = _solved_for(g.args[0])
    exponents = dict(rest)
    if not all(exponents.get(h, 0) >= k for h, k in lead):
        return None
    a.record.used.add(STEP)
    left = mul(a, term(rest, 1 / c), reciprocal(lead))
    return product_of(a, [single(g), left, Poly({lead: c}) - g.args[0]])


def _settle_root(a: Context, g: Gen, e: Exponent, monomial: Monomial) -> Poly | None:
    if 0 < e < 1:
        return None
    a.record.used.add(ROOT)
    n, base = floor(e), number(int(g.head)) if g.kind is Kind.PRIME else g.args[0]
    return product_of(a, [term(without(monomial, g)), single(g, plain(e - n)), power(a, base, n)])


def _settle_case(a: Context, g: Gen, e: Exponent, monomial: Monomial) -> Poly | None:
    """A closed [z > 0]: its square is itself, and z times it is max(0, z)."""
    z, value = g.args
    (lead, c), rest = z.lead, without(monomial, g)
    if value.constant != 1 or g.head == "=" or c < 0 or not isinstance(e, int) or e < 1:
        return None
    if e > 1:
        return mul(a, single(g), term(rest))
    exponents, part = dict(rest), Gen(Kind.RELU, "", (z,))
    if part in exponents:
        return _left(a, monomial, g)
    if any(exponents.get(h, 0) < k for h, k in lead):
        return None
    beside = mul(a, term(rest, 1 / c), reciprocal(lead))
    return mul(a, beside, positive_part(a, z)) - product_of(a, [beside, z - Poly({lead: c}), single(g)])


def _settle_power(a: Context, g: Gen, e: Exponent, monomial: Monomial) -> Poly | None:
    """(-1)^n times itself is 1."""
    if g.args[0].constant != -1 or not isinstance(e, int) or e in (0, 1):
        return None
    return _left(a, monomial, g) if e % 2 == 0 else mul(a, single(g), term(without(monomial, g)))


def _settle_cos(a: Context, g: Gen, e: Exponent, monomial: Monomial) -> Poly | None:
    """cos² = 1 - sin²; but beside a division by cos it is sin² that goes, as sin²/cos² = 1/cos² - 1."""
    if not isinstance(e, int) or e in (0, 1):
        return None
    sine = Gen(Kind.SIN, "", g.args)
    k, rest = dict(monomial).get(sine, 0), term(without(without(monomial, g), sine))
    if e < 0 and (not isinstance(k, int) or k < 2):
        return None
    a.record.used.add(SINE)
    if e < 0:
        return product_of(a, [rest, single(sine, k - 2), single(g, e) - single(g, e + 2)])
    return product_of(a, [rest, single(g, e - 2), single(sine, k) - single(sine, plain(k + 2))])


def _settle_base(a: Context, g: Gen, e: Exponent, monomial: Monomial) -> Poly | None:
    rest = without(monomial, g)
    if not isinstance(e, int) or e > 0:
        a.record.used.add(BASE)
        return mul(a, term(rest), power(a, g.args[0], e))
    return _without_lead(a, g, e, rest) or _split_fraction(a, g, e, rest)


def _foremost(base: Poly) -> tuple[Monomial, Poly, Poly]:
    """(lead, c, rest) with base = c lead + rest, for the greatest term that depends on positions, if one does.

    A sum under a guard is greater than others: turned round, it becomes a whole sum, another under a guard, and what is on the diagonal.
    What does not depend on positions leaves the sums that it stands in, and is seen no more. So what is positive of that, such as a size,
    belongs to c, which is never 0; unless several terms have one lead, whose factors may together be 0.
    """
    bound = Poly({m: c for m, c in base.terms.items() if any(g.free for g, _ in m)})
    guarded = Poly({m: c for m, c in bound.terms.items() if any(_is_guarded(g) for g, _ in m)})
    bound = guarded if guarded.terms else bound
    positive = frozenset(g for g in bound.gens if g.sign in POSITIVE and not g.free)
    if positive:
        factors: dict[Monomial, dict[Monomial, fmpq]] = {}
        for m, k in bound.terms.items():
            factors.setdefault(tuple(f for f in m if f[0] not in positive), {})[tuple(f for f in m if f[0] in positive)] = k
        lead, _ = Poly(dict.fromkeys(factors, 1)).lead
        c = Poly(factors[lead])
        if c.single or sign_of(c) is Sign.POSITIVE:
            return lead, c, base - Poly({merge(lead, m): k for m, k in c.terms.items()})
    lead, k = (bound if bound.terms else base).lead
    return lead, number(k), base - Poly({lead: k})


def _is_guarded(g: Gen) -> bool:
    """Whether this is a sum under a guard on positions, which depends on others."""
    return g.kind is Kind.SUM and bool(g.free) and any(h.kind is Kind.ATLEAST for h in g.args[0].gens)


def _without_lead(a: Context, g: Gen, e: int, rest: Monomial) -> Poly | None:
    """lead · g^e by b · g^e, where the rest of b stays beside g^e: the b-adic expansion, unique for one base.

    b · g^e is g^(e + 1) where g is b itself, and over(b)^(e - 1) where it is over(b), or 1 - [b = 0].
    """
    base, exponents = g.args[0], dict(rest)
    lead, c, others = _foremost(base)
    if any(exponents.get(h, 0) < k for h, k in lead):
        return None
    a.record.used.add(BASE if g.kind is Kind.BASE else GUARDED)
    left = product_of(a, [term(rest), reciprocal(lead), power(a, c, -1)])
    whole = single(g, e + 1) if g.kind is Kind.BASE else single(g, e - 1) if e > 1 else number(1) - zero(a, base)
    return mul(a, left, whole) - product_of(a, [left, others, single(g, e)])


def _settle_over(a: Context, g: Gen, e: Exponent, monomial: Monomial) -> Poly | None:
    """b · over(b) is 1 where b is not 0; over(b) is 0 where it is. Beside a plain 1/b, which asks for b ≠ 0 anyway, it is 1/b."""
    base, rest = g.args[0], without(monomial, g)
    beside = dict(rest)
    if any(h.kind is Kind.ZERO and h.args == g.args for h in beside):
        return Poly({})
    divisor = base.lead[0][0][0] if base.single else base_gen(base)
    if e < 0 or beside.get(divisor, 0) < 0:
        a.record.used.add(GUARDED)
        return mul(a, term(rest), power(a, base, -e))
    return _without_lead(a, g, int(e), rest)


def _split_fraction(a: Context, g: Gen, e: int, monomial: Monomial) -> Poly | None:
    """1/(h (r + h q)) = (1/h - q/(r + h q))/r for a number r."""
    r, rest = g.args[0].terms.get(ONE), term(monomial)
    for h, k in monomial:
        if k <= -1 and r and all(dict(m).get(h, 0) >= 1 for m in g.args[0].terms if m != ONE):
            a.record.used.add(PARTIAL_FRACTIONS)
            q = mul(a, g.args[0] - number(r), single(h, -1))
            return (mul(a, rest, single(g, e + 1)) - product_of(a, [rest, single(h), q, single(g, e)])).scaled(1 / r)
    return None


RELATIONS: dict[Kind, Callable[[Context, Gen, Exponent, Monomial], Poly | None]] = {
    Kind.DELTA:           _settle_delta,
    Kind.STEP:            _settle_step,
    Kind.ZERO:            _settle_zero,
    Kind.ATLEAST:         _settle_atleast,
    Kind.ROOT:            _settle_root,
    Kind.CASE:            _settle_case,
    Kind.PRIME:           _settle_root,
    Kind.POWER:           _settle_power,
    Kind.COS:             _settle_cos,
    Kind.BASE:            _settle_base,
    Kind.OVER:            _settle_over,
}  # fmt: skip
