"""The judge that refutes: a search for a point at which both sides are known to differ, then for the plainest such point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice, product
from types import MappingProxyType
from typing import TypeAlias

from flint import arb, ctx, fmpq
from sympy import Abs, Basic, Expr, Integer, Max, Min, Pow, Rational, Symbol, sign

from symderiv.errors import TooLarge, Undefined
from symderiv.language.constraints import EXTREMES, KINDS, Constraint
from symderiv.language.effort import Effort, Worlds
from symderiv.language.functions import relu
from symderiv.language.program import Program, foundations
from symderiv.language.terms import Element, Index, Label, Ranged, Where, free_indices, names, replace as substitute, subterms
from symderiv.language.verdict import Condition, Counterexample, Refuted, Unknown
from symderiv.proof.valueless import has_no_value
from symderiv.refutation.interpret import BUDGET, At, Place, Real, World, certainly_positive, holds

PRECISION = 200
ALLOWANCE = 3_000_000  # terms evaluated in one search
SURVEY_BUDGET = 40_000
STRAINED_BUDGET = 8_000  # terms evaluated at one of the points where proofs go wrong
MOST_POSITIONS = 12
MOST_SHRUNK = 8
MOST_STEERING = 4  # entries that are tried for it
MOST_STEERED = 9  # points that are steered to where something is 0
MOST_ZEROS = 4  # points at which both sides are zero before they count as zero
MOST_STRAINED = 2  # positions compared at a point where proofs go wrong
MOST_WORLDS = 80
MOST_CONSTRAINED = 100  # positions at which a constraint is looked at
SHRINKING = 25_000  # terms evaluated in one look for a plainer counterexample

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113)
POOLS: dict[str, tuple[fmpq, ...]] = {
    "plain":     tuple(fmpq(n) for n in (1, 2, 3, 5, 4, 7, 6)),
    "signed":    tuple(fmpq(n) for n in (1, -2, 3, -1, 2, 5, -3)),
    "primes":    tuple(fmpq(p * (-1) ** (n // 2 + 1)) for n, p in enumerate(PRIMES)),
    "fractions": tuple(fmpq(p * (-1) ** (n % 3), q) for n, (p, q) in enumerate(zip(PRIMES, PRIMES[4:], strict=False))),
    "ties":      tuple(fmpq(n) for n in (0, 0, 1, 1, 0, -1, 2, 2)),
    "large":     tuple(fmpq(p * (-1) ** (n // 2) * 10 ** (2 + n % 3)) for n, p in enumerate(PRIMES[:12])),
    "tiny":      tuple(fmpq(p * (-1) ** (n // 2), 10 ** (3 + n % 3)) for n, p in enumerate(PRIMES[:12])),
    "small":     tuple(fmpq((-1) ** (n % 2) * p, 2 * PRIMES[n + 5]) for n, p in enumerate(PRIMES[:24])),
}  # fmt: skip

SEARCHED = ("signed", "primes", "fractions", "small", "ties")

SIZES = ((2, 3, 2, 3, 2, 2), (3, 2, 4, 1, 3, 2), (5, 2, 3, 2, 2, 2), (1, 2, 1, 3, 2, 1), (2, 1, 3, 1, 1, 2), (1,) * 6, (5, 4, 3, 2, 2, 3))
STEERED_SIZES = (SIZES[0], (1,), SIZES[1])
STRAINS = (("ties", (2, 3, 2, 3, 2, 2), 0), ("signed", (1,), 0))  # pool, sizes, offset
SCALES = (("large", (2, 2, 3), 0), ("tiny", (3, 2, 2), 0))  # for what has cases
CASES = (Where, Abs, Max, Min, relu, sign)
LABELLED = tuple(("signed", (2, 3, 4), offset) for offset in (1, 2, 3))
SMALLEST = tuple(sorted(product((1, 2, 3), repeat=3), key=lambda t: (sum(t), max(t))))


Drawn: TypeAlias = tuple[tuple[Place, Real], ...]
Shown: TypeAlias = Real | str | None  # a value, a word in its place, or nothing that differs


@dataclass(frozen=True)
class Point:
    """Where to look: sizes, the pool from which values are drawn, and values that are set."""

    sizes: tuple[tuple[Symbol, int], ...]
    pool: str
    formal: bool
    offset: int = 0
    fixed: Drawn = ()


@dataclass(frozen=True)
class Look:
    """What was seen at a point: the first position at which the sides differ, if any, and what was drawn to see it."""

    differs: bool
    positions: tuple[tuple[Index, int], ...]
    left: Shown
    right: Shown
    drawn: Drawn
    zero: bool
    compared: int


@dataclass(frozen=True)
class Survey:
    """Points at which both sides had a value and agreed, whether they were zero there, and whether time ran out first."""

    points: int
    zero: bool
    spent: bool


def refute(
    left: Expr,
    right: Expr,
    program: Program,
    formal: bool = False,
    plainest: bool = True,
    allowance: int = ALLOWANCE,
    worlds: Worlds | None = None,
) -> Refuted | Unknown:
    """Look for a counterexample to `left = right`, with nodes computed from their definitions or (formally) independent.

    Every assumption of the program and every assumed sign is respected. Unknown says how far both sides agreed.
    Unless `plainest`, the first counterexample found will do. The `allowance` is of terms evaluated; calls for one
    program that are given the same `worlds` share what they computed at a point.
    """
    with ctx.workprec(PRECISION):
        if not formal and has_no_value(left, program) != has_no_value(right, program):
            return _one_sided(left, right, program)
        seen = 0
        for point in chain(_points(left, right, program, formal), _steered(left, right, program, formal, (0, 1, -1))):
            draws = _at(point, program, worlds, BUDGET)
            look = _look_with(draws, left, right, MOST_POSITIONS)
            allowance -= BUDGET - _left(draws)
            if look and look.differs:
                found = _shrunk(left, right, program, point, look) if plainest else (point, look)
                return Refuted(_counterexample(left, right, program, *found))
            seen += bool(look and look.compared)
            if allowance < 0:
                break
        return Unknown(
            "no counterexample was found", f"both sides agree at {seen} points, sizes up to {max(max(s) for s in SIZES)}" if seen else ""
        )


def _one_sided(left: Expr, right: Expr, program: Program) -> Refuted | Unknown:
    """A point at which the side that has values has one; the other has none there or anywhere."""
    sided = has_no_value(left, program)
    other, none = (right, left) if sided else (left, right)
    for point in _points(left, right, program, formal=False):
        look = _look(other, other + 1, program, point)
        nothing = _look(none, none, program, point)
        if look and look.differs and not (nothing and nothing.compared):
            shown_sides = ("no value", look.left) if sided else (look.left, "no value")
            return Refuted(_counterexample(left, right, program, point, replace(look, left=shown_sides[0], right=shown_sides[1])))
    return Unknown("one side has no value anywhere, and none was found for the other")


def survey(
    left: Expr,
    right: Expr,
    program: Program,
    conditions: tuple[Condition, ...] = (),
    worlds: Worlds | None = None,
    pools: tuple[str, ...] = ("fractions", "small", "primes"),
) -> Refuted | Survey:
    """Compare both sides at one point at which the conditions hold: a proof must have one, and none where it is wrong.

    Where both are zero it goes on, since at some sizes anything may vanish. Calls for one program that are given the same `worlds`
    share what they computed at a point.
    """
    with ctx.workprec(PRECISION):
        spent, points = False, 0
        for point in _points(left, right, program, formal=False, pools=pools):
            draws = _at(point, program, worlds, SURVEY_BUDGET)
            look = _look_with(draws, left, right, MOST_POSITIONS, conditions, enough=2)
            if look and look.differs:
                return Refuted(_counterexample(left, right, program, point, look))
            points += bool(look and look.compared)
            if look and look.compared and (not look.zero or points >= MOST_ZEROS):
                return Survey(points, look.zero, False)
            if spent := _left(draws) < 0:
                break
        return Survey(points, points > 0, spent)


def strained(
    left: Expr, right: Expr, program: Program, conditions: tuple[Condition, ...] = (), worlds: Worlds | None = None
) -> Refuted | None:
    """Look where proofs go wrong: at entries that coincide, at size 1, at large and small scales, at labels of all kinds, and where
    what a case compares or a division divides by is 0. Only points at which the conditions hold count.
    """
    with ctx.workprec(PRECISION):
        for point in chain(_far_out(left, right, program), _steered(left, right, program, False, most=MOST_STEERED // 3)):
            look = _look_with(_at(point, program, worlds, STRAINED_BUDGET), left, right, MOST_POSITIONS, conditions, enough=MOST_STRAINED)
            if look and look.differs:
                return Refuted(_counterexample(left, right, program, point, look))
        return None


def _far_out(left: Expr, right: Expr, program: Program) -> Iterator[Point]:
    """One point of each kind that is rarely drawn: the first of its pool at which all sizes are numbers that the page allows."""
    used = _sizes_used(left, right, program)
    labels = any(isinstance(head, Label) for head in _rested_on(left, right, program))
    cases = any(isinstance(part, CASES) for term in _rests(left, right, program) for part in subterms(term))
    for pool, sizes, offset in (*STRAINS, *(SCALES if cases else ()), *(LABELLED if labels else ())):
        assigned = _assumed_sizes(tuple((s, sizes[n % len(sizes)]) for n, s in enumerate(used)), program)
        if all(n > 0 for _, n in assigned):
            yield Point(assigned, pool, False, offset)


def _steered(
    left: Expr, right: Expr, program: Program, formal: bool, targets: tuple[int, ...] = (0,), most: int = MOST_STEERED
) -> Iterator[Point]:
    """Points at which one entry is set so that what a case compares, or divides by, is exactly 0, or another of the targets."""
    quantities = dict.fromkeys(_compared(left, right, program))
    used = _sizes_used(left, right, program) if quantities else []
    chosen = (tuple((s, sizes[n % len(sizes)]) for n, s in enumerate(used)) for sizes in STEERED_SIZES)
    assigned = dict.fromkeys(_assumed_sizes(sizes, program) for sizes in chosen)
    found = 0
    for target, sizes, quantity in product(targets, assigned, quantities):
        point = Point(sizes, "signed", formal)
        fixed = _steering(quantity - target, program, point) if all(n > 0 for _, n in sizes) else None
        if fixed is not None:
            yield replace(point, fixed=fixed)
            found += 1
        if found >= most * len(targets):
            return


def _compared(left: Expr, right: Expr, program: Program) -> Iterator[Expr]:
    """What the cases of a step and its definitions compare, and what is divided by in them."""
    for term in _rests(left, right, program):
        for case in (part for part in subterms(term) if isinstance(part, Where)):
            condition = case.args[0]
            if not (condition.lhs.is_integer and condition.rhs.is_integer):
                yield condition.lhs - condition.rhs
            for part in chain.from_iterable(subterms(branch) for branch in case.args[1:]):
                if isinstance(part, Pow) and part.args[1].is_negative and not part.args[0].is_number:
                    yield part.args[0]


def _rests(left: Expr, right: Expr, program: Program) -> tuple[Expr, ...]:
    """The sides of a step, and the definitions that they rest on."""
    wanted = _rested_on(left, right, program)
    return (left, right, *(e.body for e in program.equations if e.head in wanted))


def _steering(quantity: Expr, program: Program, point: Point) -> Drawn | None:
    """Values of entries at which a quantity is exactly 0, one found by a step of the secant rule: for what is linear in that entry."""

    def value(fixed: Drawn) -> tuple[Real, _Draws]:
        draws = _Draws(program, replace(point, fixed=fixed), Effort(most=STRAINED_BUDGET))
        at = next(iter(_positions(free_indices(quantity), draws.world, 1)))
        return draws.world.real(quantity, at), draws

    try:
        before, draws = value(())
        for place, start in islice(reversed(draws.drawn.items()), MOST_STEERING):
            if isinstance(before, arb) or isinstance(start, arb) or place[0].is_integer:
                continue
            after, _ = value(((place, start + 1),))
            if isinstance(after, arb) or after == before:
                continue
            reached, there = value(((place, start - before / (after - before)),))
            if reached == 0 and not isinstance(reached, arb):
                return tuple(there.drawn.items())
    except (Undefined, TooLarge, ZeroDivisionError, OverflowError, RecursionError, StopIteration):
        return None
    return None


def _at(point: Point, program: Program, worlds: Worlds | None, budget: int) -> _Draws:
    """The draws of a point, those of an earlier call if it was the same, with a budget of their own."""
    worlds = worlds or Worlds()
    worlds.effort.most = worlds.effort.done + budget
    draws = worlds.at.get(point)
    if not isinstance(draws, _Draws):
        draws = _Draws(program, point, worlds.effort)
        if len(worlds.at) < MOST_WORLDS:
            worlds.at[point] = draws
    return draws


def _left(draws: _Draws) -> int:
    """The terms that may still be evaluated in this look; below 0 where it was given up."""
    return draws.world.effort.most - draws.world.effort.done


def _holds(condition: Condition, world: World, own: At) -> bool:
    """Whether a side condition is known to hold at the step's own position, and at every position of its other indices."""
    try:
        places = list(_positions(condition.every, world, MOST_POSITIONS**2, own))
        values = [world.real(condition.term, at) for at in places if all(holds(world, c, at) for c in condition.where)]
        if condition.relation == "!=":
            return all(not _is_zero(v) for v in values)
        return all(certainly_positive(v) or (v == 0 and condition.relation == ">=") for v in values)
    except (Undefined, TooLarge, OverflowError, RecursionError):
        return False


def _points(left: Expr, right: Expr, program: Program, formal: bool, pools: tuple[str, ...] = SEARCHED) -> Iterator[Point]:
    used = _sizes_used(left, right, program)
    for pool in pools:
        for offset, sizes in enumerate(SIZES):
            assigned = tuple((s, sizes[n % len(sizes)]) for n, s in enumerate(used))
            assigned = _assumed_sizes(assigned, program)
            if all(n > 0 for _, n in assigned) and (pool == pools[0] or sizes is not SIZES[-1]):
                yield Point(assigned, pool, formal, offset)


def _sizes_used(left: Expr, right: Expr, program: Program) -> list[Symbol]:
    if any(what in program.sizes or names(value) & set(program.sizes) for what, value in program.assumptions):
        return list(program.sizes)  # what is assumed of one size may bind another
    wanted = _rested_on(left, right, program)
    return [s for s in program.sizes if s in wanted]


def _rested_on(left: Expr, right: Expr, program: Program) -> frozenset[Symbol]:
    """The names that a step mentions, and those that these rest on."""
    wanted = foundations(names(left) | names(right), program)
    wanted |= frozenset().union(*(names(i) for e in program.equations if e.head in wanted for i in e.variable.indices))
    for what, value in program.assumptions:
        wanted |= names(value) if names(what) & wanted else frozenset()
    for constraint in program.constraints:
        wanted |= names(constraint.what) | names(constraint.value) if constraint.heads & wanted else frozenset()
    for variable in (*program.inputs, *program.cotangents):
        if variable.head in wanted:
            wanted |= names(variable.head).union(*(names(i) for i in variable.indices))
    return wanted


def _assumed_sizes(sizes: tuple[tuple[Symbol, int], ...], program: Program) -> tuple[tuple[Symbol, int], ...]:
    """The sizes with what the page assumes of them put in; an assumed size may rest on others."""
    assumed = dict(program.assumptions)
    chosen: dict[Basic, Expr] = {s: Integer(n) for s, n in sizes if s not in assumed}
    for _ in assumed:
        values = {s: substitute(assumed[s], chosen) for s, _ in sizes if s in assumed}
        chosen |= {s: v for s, v in values.items() if v.is_Integer}
    return tuple((s, int(chosen.get(s, 0 if s in assumed else n))) for s, n in sizes)  # 0 is no size: such a point is left out


class _Draws:
    """Values for a point, each drawn once from the pool when it is first asked for."""

    def __init__(self, program: Program, point: Point, effort: Effort) -> None:
        self.point, self.program = point, program
        self.fixed: dict[Place, Real] = dict(point.fixed)
        self.drawn: dict[Place, Real] = {}
        self.world = World(program, dict(point.sizes), self, point.formal, effort)
        assumed = () if point.formal else program.assumptions
        self.assumed = {self.world.place(what, {}): value for what, value in assumed}
        self.constrained = {head: c for c in (() if point.formal else program.constraints) for head in c.heads}
        self.raw: dict[Symbol, dict[tuple[int, ...], fmpq]] = {}

    def __call__(self, head: Symbol, positions: tuple[int, ...]) -> Real:
        place = (head, positions)
        if place not in self.drawn:
            pool = POOLS[self.point.pool]
            value = self._fitting(pool[(len(self.drawn) + self.point.offset) % len(pool)], head)
            if place not in self.fixed and head in self.constrained:
                value = self._constrained(self.constrained[head], head, positions)
            given = self.world.real(self.assumed[place], {}) if place in self.assumed else self.fixed.get(place, value)
            if not _has_sign(given, head) or (isinstance(head, Label) and not self._range(head)[0] <= given <= self._range(head)[1]):
                raise Undefined("an assumed value that breaks a declared sign")
            self.drawn[place] = given
        return self.drawn[place]

    def _constrained(self, constraint: Constraint, head: Symbol, positions: tuple[int, ...]) -> Real:
        """An entry of an input at which what is assumed of it holds, made of numbers drawn at will."""
        indices = self.program.variable(head).indices  # type: ignore[union-attr]
        pool = POOLS[self.point.pool]

        def raw(place: tuple[int, ...]) -> fmpq:
            if place not in self.raw.setdefault(head, {}):
                self.raw[head][place] = self._fitting(pool[(sum(map(len, self.raw.values())) + self.point.offset) % len(pool)], head)
            return self.raw[head][place]

        at = dict(zip(_free_in_order(constraint), positions, strict=False))
        if constraint.kind == "distinct":
            return self._unused(head, positions)
        if constraint.kind in EXTREMES:
            return self._extreme(constraint, at)
        along = range(0)
        if indices:
            axis = indices[constraint.axis]
            along = range(self.world.position(axis.lower, at), self.world.position(axis.upper, at) + 1)
        return KINDS[constraint.kind].entry(constraint, positions, along, raw, lambda: self.world.real(constraint.value, at))

    def keeps_to_constraints(self) -> bool:
        """Whether each constraint holds, at every position: at some sizes nothing satisfies one."""
        for c in dict.fromkeys(c for c in self.constrained.values() if c.kind not in EXTREMES):
            for at in list(_positions(free_indices(c.what), self.world, MOST_CONSTRAINED)):
                if self.world.evaluate(c.what, at) != self.world.evaluate(c.value, at):
                    return False
        return True

    def _extreme(self, constraint: Constraint, at: At) -> fmpq:
        """The position at which an array is largest, or smallest. Fails where two entries may be equal."""
        along = next(iter(free_indices(constraint.value) - free_indices(constraint.what)))
        lower, upper = self._range(constraint.head)
        best, top = lower, self.world.real(constraint.value, at | {along: lower})
        for k in range(lower + 1, upper + 1):
            value = self.world.real(constraint.value, at | {along: k})
            if _is_zero(value - top):
                raise Undefined("two entries that may be equal where the largest is wanted")
            if certainly_positive(EXTREMES[constraint.kind] * (value - top)):
                best, top = k, value
        return fmpq(best)

    def _unused(self, head: Label, positions: tuple[int, ...]) -> fmpq:
        """A position that no label has that must differ from this one."""
        lower, upper = self._range(head)
        rivals = [c.heads - {head} or {head} for c in self.program.constraints if c.kind == "distinct" and head in c.heads]
        used = {v for (h, _), v in self.drawn.items() if any(h in r for r in rivals)}
        start = self.point.offset + (0 if self.point.pool == "ties" else sum(positions))
        shifted = (fmpq(lower + (start + k) % (upper - lower + 1)) for k in range(upper - lower + 1))
        found = next((value for value in shifted if value not in used), None)
        if found is None:
            raise Undefined("more distinct labels than positions")
        return found

    def _fitting(self, value: fmpq, head: Symbol) -> fmpq:
        """The value made to fit what its name was declared to be."""
        if not isinstance(head, Label):
            return _with_sign(value, head)
        lower, upper = self._range(head)
        return fmpq(lower + int(abs(value.p)) % max(1, upper - lower + 1))

    def _range(self, head: Label) -> tuple[int, int]:
        return self.world.position(head.lower, {}), self.world.position(head.upper, {})


def _free_in_order(constraint: Constraint) -> list[Index]:
    """The indices of the constrained entry, in the order of its dimensions."""
    entry = next(part for part in subterms(constraint.what) if isinstance(part, (Element, Symbol)))
    return list(getattr(entry, "at", ()))


def _has_sign(value: Real, head: Symbol) -> bool:
    """Whether a value is what its name was declared to be."""
    if isinstance(head, Ranged):
        return bool(_exact(head.lower) < value < _exact(head.upper))
    return not ((head.is_positive and not value > 0) or (head.is_nonnegative and value < 0) or (head.is_nonzero and value == 0))


def _exact(end: Rational) -> fmpq:
    return fmpq(int(end.p), int(end.q))


def _with_sign(value: fmpq, head: Symbol) -> fmpq:
    if isinstance(head, Ranged):
        lower, upper = _exact(head.lower), _exact(head.upper)
        return (lower + upper) / 2 + (upper - lower) / 2 * value / (1 + abs(value))
    if head.is_integer:
        drawn = int(abs(value.p))
        value = fmpq(1 + drawn % 4 if head.is_positive else drawn and (drawn % 7 - 3 or 1))
    if value == 0 and (head.is_positive or head.is_nonzero):
        return fmpq(1)
    return abs(value) if head.is_positive or head.is_nonnegative else value


def _look(left: Expr, right: Expr, program: Program, point: Point, most: int = MOST_POSITIONS, budget: int = BUDGET) -> Look | None:
    """Compare both sides at every position of the free indices (or the first and last few); None if there is no value."""
    return _look_with(_Draws(program, point, Effort(most=budget)), left, right, most)


def _look_with(
    draws: _Draws, left: Expr, right: Expr, most: int, conditions: tuple[Condition, ...] = (), enough: int = MOST_POSITIONS
) -> Look | None:
    """The same with draws that may be there already, where the conditions hold, until `enough` positions were compared."""
    compared, zero, found = 0, True, None
    try:
        for place in draws.assumed:
            draws.world.value(place)
        for at in _positions(free_indices(left) | free_indices(right), draws.world, most):
            try:
                a, b = draws.world.real(left, at), draws.world.real(right, at)
            except (Undefined, ZeroDivisionError):
                continue
            if not all(_holds(condition, draws.world, at) for condition in conditions):
                continue
            compared += 1
            zero = zero and _is_zero(a) and _is_zero(b)
            if _certainly_differ(a, b):
                found = (tuple(sorted(at.items(), key=lambda f: f[0].name)), a, b)
            if found or compared >= enough:
                break
        needed = {head for head, _ in draws.drawn}
        if not draws.keeps_to_constraints():
            return None
        needed |= frozenset().union(*(names(c.value) for c in draws.program.constraints if c.heads & needed))
        drawn = tuple(item for item in draws.drawn.items() if item[0][0] in needed)
    except (TooLarge, RecursionError):
        draws.world.effort.most = draws.world.effort.done - 1
        return None
    except (Undefined, OverflowError):
        return None
    positions, a, b = found or ((), None, None)
    return Look(found is not None, positions, a, b, drawn, zero, compared)


def _positions(free: Iterable[Index], world: World, most: int, own: Mapping[Index, int] = MappingProxyType({})) -> Iterator[At]:
    """Assignments of the free indices, an index after those in its bounds, together with those that are given."""
    order = sorted(free, key=lambda i: (len(free_indices(i)), i.name))
    partial: list[At] = [dict(own)]
    for index in order:
        partial = [{**at, index: n} for at in partial for n in _some(world.position(index.lower, at), world.position(index.upper, at))]
    spread = max(1, len(partial) // most)
    return islice(iter(partial[::spread]), most)


def _some(lower: int, upper: int) -> Iterable[int]:
    return range(lower, upper + 1) if upper - lower < 6 else (lower, lower + 1, lower + 2, upper - 1, upper)


def _is_zero(a: Real) -> bool:
    return bool(a == 0) if not isinstance(a, arb) else bool(a.contains(0))


def _certainly_differ(a: Real, b: Real) -> bool:
    difference = a - b
    if isinstance(difference, arb):
        return bool(difference.is_finite() and not difference.contains(0))
    return bool(difference != 0)


def _shrunk(left: Expr, right: Expr, program: Program, point: Point, look: Look) -> tuple[Point, Look]:
    """The smallest sizes and the plainest values, found by trying, at which the sides still differ.

    All entries of one name are made plain together if that works, else the first few one by one.
    """
    point, look = _smaller(left, right, program, point, look)
    point = replace(point, fixed=look.drawn)
    look = _look(left, right, program, point, budget=SHRINKING) or look  # with what this step draws alone
    for head in dict.fromkeys(head for (head, _), _ in look.drawn):
        places = [place for place, _ in look.drawn if place[0] == head]
        for chosen in (places, *([p] for p in places[:MOST_SHRUNK] if len(places) > 1 and not point.formal)):
            trial = _plainer(left, right, program, point, head, chosen)
            point, look = trial or (point, look)
            if trial and chosen is places:
                break
    return point, look


def _plainer(left: Expr, right: Expr, program: Program, point: Point, head: Symbol, places: list[Place]) -> tuple[Point, Look] | None:
    if any(head in c.heads | names(c.value) for c in program.constraints):
        return None
    chosen = frozenset(places)
    for plain in (fmpq(0), fmpq(1)):
        if plain == 0 and (head.is_nonzero or head.is_positive):
            continue
        trial = replace(point, fixed=tuple((p, plain if p in chosen else v) for p, v in point.fixed))
        if trial != point and (seen := _look(left, right, program, trial, budget=SHRINKING)) and seen.differs:
            return trial, seen
    return None


def _smaller(left: Expr, right: Expr, program: Program, point: Point, look: Look) -> tuple[Point, Look]:
    symbols = [s for s, _ in point.sizes]
    for sizes in SMALLEST:
        if any(n > 1 for n in sizes[len(symbols) :]):
            continue
        assigned = tuple((s, sizes[n % 3]) for n, s in enumerate(symbols))
        for pool in ("plain", "signed", point.pool):
            trial = Point(_assumed_sizes(assigned, program), pool, point.formal)
            if all(n > 0 for _, n in trial.sizes) and (seen := _look(left, right, program, trial, budget=SHRINKING)) and seen.differs:
                return trial, seen
    return point, look


def _counterexample(left: Expr, right: Expr, program: Program, point: Point, look: Look) -> Counterexample:
    wanted = _rested_on(left, right, program)
    drawn = sorted((row for row in look.drawn if row[0][0] in wanted), key=_by_declaration(program))
    values = tuple((Element(head, *map(Integer, at)) if at else head, str(v)) for (head, at), v in drawn)
    return Counterexample(point.sizes, look.positions, values, shown(look.left), shown(look.right))


def _by_declaration(program: Program) -> Callable[[tuple[Place, Real]], tuple[int, tuple[int, ...]]]:
    order = {
        v: n
        for n, v in enumerate(
            [*(v.head for v in program.inputs), *(e.head for e in program.equations), *(v.head for v in program.cotangents)]
        )
    }
    return lambda drawn: (order.get(drawn[0][0], len(order)), drawn[0][1])


def shown(value: Shown) -> str:
    """An exact value, or a decimal with the radius of the ball around it."""
    if isinstance(value, arb):
        return "0 to 50 digits" if value.contains(0) else value.str(12, radius=False)
    return str(value)
