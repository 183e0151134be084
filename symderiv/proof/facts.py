"""What the side conditions of a step say, as facts that its normal form may use: what is not zero, what is positive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product

from sympy import Basic, Expr, Symbol, Tuple

from symderiv.language.program import Program
from symderiv.language.terms import Sum, free_indices
from symderiv.language.verdict import Condition
from symderiv.proof.adjoint import spelled
from symderiv.proof.assuming import assumption_definitions
from symderiv.proof.conditions import conditions
from symderiv.proof.context import Context, NeverZero, Positive
from symderiv.proof.flags import atleast, factors_of, zero
from symderiv.proof.monomials import all_gens, is_odd, pattern, solved
from symderiv.proof.normal import index_gen, indicator, normal
from symderiv.proof.poly import FLAGS, MOST_PLACES, PLACES, Gen, Kind, Poly, place, single
from symderiv.proof.powers import mul, product_of
from symderiv.proof.replacing import rebuild
from symderiv.proof.side import Side, definition_of, given_at
from symderiv.proof.windows import PLAIN, read_at


def rebuild_under_conditions(side: Side, needed: tuple[Condition, ...]) -> None:
    never_zero = tuple(dict.fromkeys(known for c in needed if c.relation in ("!=", ">") for known in _never_zero(c, side)))
    algebra = replace(side.algebra, never_zero=never_zero)
    algebra = replace(algebra, never_zero=tuple(dict.fromkeys((*never_zero, *_in_light_of_others(algebra)))))
    terms = [(normal(c.term, algebra), _kept(c)) for c in needed if c.relation == ">" and not c.where]
    positive = tuple(Positive(pattern(z, kept), kept) for t, kept in terms for z in _positive_factor(t, algebra))
    side.rebuilt(None, 1, replace(algebra, positive=positive))


def _positive_factor(term: Poly, algebra: Context) -> list[Poly]:
    """What of a positive polynomial is positive itself: its only factor of unknown sign."""
    c, factors = factors_of(algebra, term) if term.constant is None else (0, [])
    return [z for z, e in factors if len(factors) == 1 and c > 0 and is_odd(e)]


def _never_zero(c: Condition, side: Side) -> Iterator[NeverZero]:
    """What is not zero if the condition holds: its factors, and what its being zero comes down to; by each position that is read."""
    algebra = side.algebra
    plain = normal(c.term, algebra), product_of(algebra, (indicator(case, algebra) for case in c.where))
    for term, where in dict.fromkeys((plain, tuple(_put_in(side, poly) for poly in plain))):
        yield from _factors_never_zero(c, term, where, algebra)


def _in_light_of_others(algebra: Context) -> Iterator[NeverZero]:
    """What is known not to be zero that divides by something of which that is known too."""
    for known in algebra.never_zero:
        again = rebuild(algebra, known.poly, {}, None, 1) if any(g.kind is Kind.OVER for g in all_gens(known.poly)) else known.poly
        if again != known.poly and (factors := [z for z, _ in factors_of(algebra, again)[1]]):
            yield from (replace(known, poly=z) for z in factors)


def _put_in(side: Side, poly: Poly) -> Poly:
    """A polynomial with all that is unfolded by now, and assumed, put in."""
    for head in side.unfolded:
        equation = side.program.equation(head)
        if equation is not None and head not in side.program.recurrent:
            formal, body, _ = side.known.bodies.get(head) or definition_of(equation)
            poly = rebuild(side.algebra, poly, {}, {head.name: partial(given_at, formal, body)})
    if side.assumed:
        poly = rebuild(side.algebra, poly, {}, assumption_definitions(side.program, side.algebra))
    return poly


def _factors_never_zero(c: Condition, term: Poly, where: Poly, algebra: Context) -> Iterator[NeverZero]:
    if term.constant is None:
        comes_down = zero(algebra, term)
        zeros = [z for z, _ in factors_of(algebra, term)[1]]
        zeros += [g.args[0] for g in comes_down.gens if comes_down == single(g) and g.kind is Kind.ZERO]
        every = [index_gen(v, algebra) for v in c.every]
        for z in zeros:
            read, unread = ([v for v in every if (v in z.free) == wanted] for wanted in (True, False))
            for there in _somewhere(where, unread, algebra):
                yield NeverZero(z, there, frozenset(read), tuple((single(v), *v.args) for v in read))
                if len(read) <= MOST_PLACES:
                    yield from _by_positions(z, there, read, algebra)


def _somewhere(where: Poly, unread: list[Gen], algebra: Context) -> Iterator[Poly]:
    """A case with positions in the place of indices that what it guards does not read: at any of them the case is enough."""
    if not unread:
        yield where
        return
    v, *others = unread
    ends = (*v.args, *(at for g in where.gens if g.kind in FLAGS and (at := solved(g.args[0], v)) is not None))
    for at in dict.fromkeys(ends):
        if at.free.isdisjoint(unread):
            inside = mul(algebra, atleast(algebra, at - v.args[0]), atleast(algebra, v.args[1] - at))
            yield from _somewhere(mul(algebra, rebuild(algebra, where, {v: at}), inside), others, algebra)


def _by_positions(poly: Poly, where: Poly, every: list[Gen], algebra: Context) -> Iterator[NeverZero]:
    """What is known by any position at which an entry is read: that x[j + 1] is not 0 for j >= 1 is that x[k] is not for k >= 2."""
    anchors = [{PLAIN, *(x for x in read_at(v, poly) if x.offset.free.isdisjoint(every))} for v in every]
    for way in product(*anchors):
        swap = {v: anchor.index_at(place(n)) for n, (v, anchor) in enumerate(zip(every, way, strict=True))}
        ranges = tuple((swap[v], *(rebuild(algebra, end, swap) for end in v.args)) for v in every)
        yield NeverZero(rebuild(algebra, poly, swap), rebuild(algebra, where, swap), frozenset(PLACES), ranges)


def _kept(c: Condition) -> frozenset[str]:
    """The names of the step's own indices in a condition."""
    return frozenset(i.name for i in free_indices(Tuple(c.term, *c.where)) - {*c.every})


def conditions_needed(side: Side, formal: bool, settled: bool = False) -> tuple[Condition, ...]:
    values = () if formal else tuple(_at_every_position(value) for _, value in side.assumed)
    return conditions_of((*side.terms, *side.members, *values), side.program, side.meant, formal, settled)


def _at_every_position(value: Basic) -> Basic:
    """What is assumed of an entry must have a value at all positions."""
    free = sorted(free_indices(value), key=lambda i: (len(free_indices(i)), i.name))
    return Sum(value, *free) if free else value


def conditions_of(
    terms: tuple[Expr, ...], program: Program, meant: dict[Symbol, Expr], formal: bool, settled: bool = False
) -> tuple[Condition, ...]:
    found = conditions(terms, program, (lambda h: h in meant) if formal else (lambda h: True), settled, meant)
    spelled_out = (replace(c, term=spelled(c.term, program, meant)) for c in found)
    return tuple(dict.fromkeys(spelled_out))
