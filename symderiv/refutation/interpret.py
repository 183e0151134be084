"""The meaning of terms by brute force: numbers at one point, derivatives by dual numbers, no algebra.

Nothing here knows the normal form, the reverse sweep or the table of partial derivatives: `refute` is built on this
alone, so that each judge can check the other. Values are exact rationals, or balls that enclose the true value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import prod
from typing import Any, TypeAlias, final

from flint import arb, fmpq, fmpz
from sympy import Abs, Add, Basic, Expr, Max, Min, Mul, Pow, Rational, S, Symbol, UnevaluatedExpr, cos, erf, exp, log, pi, sign, sin, tanh
from sympy.core.relational import Relational

from symderiv.errors import TermError, TooLarge, Undefined
from symderiv.language.effort import Effort
from symderiv.language.functions import relu, sigmoid, softplus, stop_gradient
from symderiv.language.program import Program
from symderiv.language.terms import (
    Apply,
    Beyond,
    Delta,
    Determinant,
    Element,
    Index,
    Inverse,
    Over,
    Partial,
    Product,
    Sum,
    Total,
    Where,
    free_indices,
    names,
)

LONGEST_SUM = 100_000
DEGREE = 7  # of the polynomial that stands for an unknown function

LONGEST_EXACT = 2_000  # bits of a node's value; a longer one is enclosed in a ball
BUDGET = 1_000_000  # terms evaluated at one point


@final
@dataclass(frozen=True)
class Dual:
    """primal + tangent·ε; nested ones differ in `tag`, the inner perturbation having the greater."""

    primal: Number
    tangent: Number
    tag: int


Real: TypeAlias = fmpq | arb  # exact, or a ball around the true value
Number: TypeAlias = Real | Dual
Place = tuple[Symbol, tuple[int, ...]]
Draw = Callable[[Symbol, tuple[int, ...]], Real]
At: TypeAlias = dict[Index, int]  # where the free indices of a term are


def _tag(number: Number) -> int:
    return number.tag if isinstance(number, Dual) else 0


def _parts(number: Number, tag: int) -> tuple[Number, Number]:
    return (number.primal, number.tangent) if _tag(number) == tag else (number, fmpq(0))


def add(a: Number, b: Number) -> Number:
    if type(a) is not Dual and type(b) is not Dual:
        return a + b
    s, t = _tag(a), _tag(b)
    if s == t:
        return Dual(add(a.primal, b.primal), add(a.tangent, b.tangent), s)
    return Dual(add(a.primal, b), a.tangent, s) if s > t else Dual(add(a, b.primal), b.tangent, t)


def mul(a: Number, b: Number) -> Number:
    if type(a) is not Dual and type(b) is not Dual:
        return a * b
    tag = max(_tag(a), _tag(b))
    (p, dp), (q, dq) = _parts(a, tag), _parts(b, tag)
    if _tag(b) < tag and p.__class__ is fmpq:
        return Dual(mul(p, q), mul(dp, q), tag)
    if _tag(a) < tag and q.__class__ is fmpq:
        return Dual(mul(p, q), mul(p, dq), tag)
    return Dual(mul(p, q), add(mul(p, dq), mul(dp, q)), tag)


def power(a: Number, e: Fraction | int) -> Number:
    """a^e for a rational e: the real power, of a base that is not negative unless e is whole."""
    if isinstance(a, Dual):
        slope = mul(fmpq(e.numerator, e.denominator), power(a.primal, e - 1)) if e != 0 else fmpq(0)
        return Dual(power(a.primal, e), mul(a.tangent, slope), a.tag)
    if e < 0 and (a.contains(0) if isinstance(a, arb) else a == 0):
        raise Undefined("a division by zero")
    if e.denominator == 1:
        return a ** int(e) if isinstance(a, arb) else fmpq(a) ** int(e)
    if certainly_positive(a):
        return _exact_root(a, e) or arb(a) ** arb(fmpq(e.numerator, e.denominator))
    if a == 0 and not isinstance(a, arb):
        return fmpq(0)
    raise Undefined("the root of a number that is not positive")


def _exact_root(a: Real, e: Fraction | int) -> fmpq | None:
    if isinstance(a, arb) or max(a.p, a.q) > 10**12:
        return None
    p, q = (fmpz(round(float(x) ** (1 / e.denominator))) for x in (a.p, a.q))
    return fmpq(p, q) ** e.numerator if (p**e.denominator, q**e.denominator) == (a.p, a.q) else None


def certainly_positive(a: Number) -> bool:
    """Whether a number is > 0. A ball that touches 0 raises: neither answer would be known."""
    if isinstance(a, Dual):
        return certainly_positive(a.primal)
    if isinstance(a, arb) and (a.contains(0) or not a.is_finite()):
        raise Undefined("a comparison with a number that may be zero")
    return bool(a > 0)


@dataclass(frozen=True)
class Curve:
    """A function of one number and its derivative, for numbers and duals alike."""

    value: Callable[[arb], arb]
    slope: Callable[[Number], Number]


def apply(name: type | str, a: Number) -> Number:
    """A function of the table at a number."""
    if isinstance(a, Dual):
        return Dual(apply(name, a.primal), mul(a.tangent, CURVES[name].slope(a.primal)), a.tag)
    if name is log and not certainly_positive(a):
        raise Undefined("the log of a number that is not positive")
    if a == 0 and not isinstance(a, arb) and name in AT_ZERO:
        return fmpq(AT_ZERO[name])
    if a == 1 and not isinstance(a, arb) and name is log:
        return fmpq(0)
    return CURVES[name].value(arb(a))


AT_ZERO = {exp: 1, tanh: 0, sin: 0, cos: 1, erf: 0}

CURVES = {
    exp:  Curve(lambda z: z.exp(),  lambda z: apply(exp, z)),
    log:  Curve(lambda z: z.log(),  lambda z: power(z, Fraction(-1))),
    tanh: Curve(lambda z: z.tanh(), lambda z: power(apply("cosh", z), Fraction(-2))),
    "cosh": Curve(lambda z: z.cosh(), lambda z: apply("sinh", z)),
    "sinh": Curve(lambda z: z.sinh(), lambda z: apply("cosh", z)),
    sin:  Curve(lambda z: z.sin(),  lambda z: apply(cos, z)),
    cos:  Curve(lambda z: z.cos(),  lambda z: mul(fmpq(-1), apply(sin, z))),
    erf:  Curve(lambda z: z.erf(),  lambda z: mul(2 / arb.pi().sqrt(), apply(exp, mul(fmpq(-1), mul(z, z))))),
}  # fmt: skip


class World:
    """A program at one point: `draw(head, positions)` gives inputs their values, and nodes too if they are independent."""

    def __init__(self, program: Program, sizes: dict[Symbol, int], draw: Draw, formal: bool, effort: Effort | None = None) -> None:
        self.program, self.sizes, self.draw, self.formal = program, sizes, draw, formal
        self.known: dict[Place, Number] = {}
        self.parent: World | None = None
        self.effort = effort or Effort(most=BUDGET)
        self._free: dict[Basic, frozenset[Index]] = {}
        self._perturbed: dict[tuple[Place, bool], World] = {}
        self.moving: frozenset[Symbol] = frozenset()
        self.tag = 0

    def perturbed(self, place: Place, direct: bool) -> World:
        """The world in which one entry is varied; what depends on it follows, unless only direct uses count."""
        if (place, direct) in self._perturbed:
            return self._perturbed[place, direct]
        world = World(self.program, self.sizes, self.draw, self.formal, self.effort)
        world.parent, world.tag, world._free = self, self.tag + 1, self._free
        world.moving = frozenset() if direct else _downstream(self.program, place[0])
        world.known = {place: Dual(self.value(place), fmpq(1), world.tag)}
        self._perturbed[place, direct] = world
        return world

    def value(self, place: Place) -> Number:
        """The value of a scalar (no positions) or of an entry."""
        value = self.known.get(place)
        if value is None:
            value = self._computed(place)
            value = arb(value) if isinstance(value, fmpq) and value.p.bit_length() > LONGEST_EXACT else value
            self.known[place] = value
        return value

    def _computed(self, place: Place) -> Number:
        head, positions = place
        if head in self.sizes:
            return fmpq(self.sizes[head])
        if self.parent is not None:
            before = self.parent.value(place)
            if head not in self.moving:
                return before
            tangent = _parts(self._defined(place), self.tag)[1]
            still = isinstance(tangent, fmpq) and tangent == 0 and not _is_exactly_zero(before)
            return before if still else Dual(before, tangent, self.tag)
        if self.formal or self.program.equation(head) is None:
            return fmpq(0) if head in self.program.opaque else self.draw(head, positions)
        return self._defined(place)

    def _defined(self, place: Place) -> Number:
        equation = self.program.equation(place[0])
        assert equation is not None
        return self.evaluate(equation.body, dict(zip(equation.variable.indices, place[1], strict=True)))

    def free(self, term: Basic) -> frozenset[Index]:
        """The free indices of a term, looked up once."""
        found = self._free.get(term)
        if found is None:
            found = self._free[term] = free_indices(term)
        return found

    def spend(self) -> None:
        """Count one step of work; fails when the budget of the point is spent."""
        effort = self.effort
        effort.done += 1
        if effort.done > effort.most:
            raise TooLarge("more work than one point may take")

    def evaluate(self, term: Basic, at: At) -> Number:
        """The value of a term, with its free indices at given positions."""
        self.spend()
        return meaning_of(term.__class__)(self, term, at)

    def real(self, term: Basic, at: At) -> Real:
        """The value of a term where nothing is varied."""
        value = self.evaluate(term, at)
        assert not isinstance(value, Dual), "a number that moves"
        return value

    def position(self, term: Expr, at: At) -> int:
        """A whole number: an index, a bound of a range."""
        if term.__class__ is Index:
            return at[term]
        value = self.evaluate(term, at)
        if not isinstance(value, fmpq) or value.q != 1:
            raise Undefined(f"the position {term} is not a whole number here")
        return int(value.p)

    def place(self, node: Expr, at: At) -> Place:
        if not isinstance(node, Element):
            return (node, ())
        head, *positions = node.args
        return (head, tuple([at[p] if p.__class__ is Index else self.position(p, at) for p in positions]))


@cache
def meaning_of(kind: type) -> Meaning:
    """The row for a kind of term. Fails when there is none."""
    if kind in CURVES:
        return lambda w, t, at: apply(kind, w.evaluate(t.args[0], at))
    row = next((MEANING[k] for k in kind.__mro__ if k in MEANING), None)
    if row is None:
        raise TermError(f"{kind.__name__} has no meaning by brute force")
    return row


def _downstream(program: Program, head: Symbol) -> frozenset[Symbol]:
    """The nodes that follow when an entry of a name is varied; other entries of the same name only in a recurrence."""
    found: set[Symbol] = set()
    before = -1
    while before != len(found):  # once is not enough where nodes are defined by each other
        before = len(found)
        found |= {e.head for e in program.equations if names(e.body) & {head, *found}}
    return frozenset(found)


def _range(world: World, term: Over, at: At) -> range:
    lower, upper = world.position(term.index.lower, at), world.position(term.index.upper, at)
    if upper - lower > LONGEST_SUM:
        raise TooLarge(f"{upper - lower + 1} terms")
    return range(lower, upper + 1)


def _sum(world: World, term: Sum, at: At) -> Number:
    body, index = term.args
    if index not in world.free(body):
        length = world.position(index.upper, at) - world.position(index.lower, at) + 1
        return mul(fmpq(max(0, length)), world.evaluate(body, at))
    result: Number = fmpq(0)
    within = dict(at)
    for position in _range(world, term, at):
        within[index] = position
        result = add(result, world.evaluate(body, within))
    return result


def _product_over(world: World, term: Product, at: At) -> Number:
    result: Number = fmpq(1)
    for position in _range(world, term, at):
        result = mul(result, world.evaluate(term.body, {**at, term.index: position}))
    return result


def _apply(world: World, term: Apply, at: At) -> Number:
    """An unknown function is a polynomial whose coefficients are drawn; of it, the derivative of the order asked for."""
    if term.order >= DEGREE:
        raise Undefined("a high derivative of an unknown function")
    z, result = world.evaluate(term.args[1], at), fmpq(0)
    for k in range(DEGREE, term.order - 1, -1):
        falling = prod(range(k - term.order + 1, k + 1))
        result = add(mul(result, z), mul(fmpq(falling), world.value((term.head, (k,)))))
    return result


def _eliminated(world: World, head: Symbol, column: int | None) -> tuple[Number, dict[int, Number]]:
    """The determinant of a matrix, and one column of its inverse if that is asked for; by elimination."""
    variable = world.program.variable(head)
    if variable is None:
        raise Undefined(f"{head} has no definition here")
    row = variable.indices[0]
    places = range(world.position(row.lower, {}), world.position(row.upper, {}) + 1)
    rows = [[world.value((head, (r, c))) for c in places] + [fmpq(r == column)] for r in places]
    determinant: Number = fmpq(1)
    for n in range(len(rows)):
        pivot = next((r for r in range(n, len(rows)) if _is_certainly_not_zero(rows[r][n])), None)
        if pivot is None:
            raise Undefined("a matrix that may have no inverse")
        rows[n], rows[pivot] = rows[pivot], rows[n]
        determinant = mul(determinant, mul(rows[n][n], fmpq(1 if pivot == n else -1)))
        scale = power(rows[n][n], Fraction(-1))
        rows[n] = [mul(x, scale) for x in rows[n]]
        for r in range(len(rows)):
            if r != n:
                factor = mul(fmpq(-1), rows[r][n])
                rows[r] = [add(x, mul(factor, y)) for x, y in zip(rows[r], rows[n], strict=True)]
        world.spend()
    return determinant, {place: r[-1] for place, r in zip(places, rows, strict=True)}


def _is_certainly_not_zero(number: Number) -> bool:
    while isinstance(number, Dual):
        number = number.primal
    return not number.contains(0) if isinstance(number, arb) else bool(number != 0)


def _inverse(world: World, term: Inverse, at: At) -> Number:
    row, column = (world.position(p, at) for p in term.at)
    return _eliminated(world, term.head, column)[1][row]


def _determinant(world: World, term: Determinant, at: At) -> Number:
    return _eliminated(world, term.head, None)[0]


def _held(world: World, term: stop_gradient, at: At) -> Number:
    """The value where nothing is varied."""
    while world.parent is not None:
        world = world.parent
    return world.evaluate(term.args[0], at)


def _product(world: World, term: Mul, at: At) -> Number:
    first, *others = term.args
    result = world.evaluate(first, at)
    result = mul(fmpq(1), result) if result.__class__ is Dual else result
    for factor in others:
        result = mul(result, world.evaluate(factor, at))
    return result


def _addition(world: World, term: Add, at: At) -> Number:
    first, *others = term.args
    result = world.evaluate(first, at)
    for part in others:
        result = add(result, world.evaluate(part, at))
    return result


def _power(world: World, term: Pow, at: At) -> Number:
    base, exponent = term.args
    if exponent.is_Rational:
        return power(world.evaluate(base, at), exponent.p if exponent.q == 1 else Fraction(int(exponent.p), int(exponent.q)))
    value = world.evaluate(exponent, at)
    if exponent.is_integer and isinstance(value, fmpq) and abs(value.p) < 1000:
        return power(world.evaluate(base, at), Fraction(int(value.p)))
    return apply(exp, mul(value, apply(log, world.evaluate(base, at))))


def holds(world: World, condition: Relational, at: At) -> bool:
    """Whether a comparison is true at a point. Fails when a ball cannot tell, or for a derivative at equality."""
    difference = add(world.evaluate(condition.lhs, at), mul(fmpq(-1), world.evaluate(condition.rhs, at)))
    name = type(condition).__name__
    if _is_exactly_zero(difference):
        _at_kink(difference)
        return name in ("Equality", "GreaterThan", "LessThan")
    positive = certainly_positive(difference)
    return {"Equality": False, "Unequality": True}.get(name, positive == ("Greater" in name))


def _derivative(world: World, term: Total | Partial, at: At) -> Number:
    of, wrt = term.args
    place = world.place(wrt, at)
    if place[0].is_nonnegative and _is_exactly_zero(world.value(place)):
        raise Undefined("a derivative where the quantity cannot move to both sides")
    if isinstance(term, Total):
        inner = world.perturbed(place, direct=False)
        return _parts(inner.evaluate(of, at), inner.tag)[1]
    inner = world.perturbed(place, direct=True)
    head, positions = world.place(of, at)
    return _parts(inner._defined((head, positions)), inner.tag)[1]


def _kinked(world: World, term: Abs | relu | sign, at: At) -> Number:
    """|z|, relu z and sign z: linear on each side of 0; at 0 itself a value, but no derivative."""
    value = world.evaluate(term.args[0], at)
    if _is_exactly_zero(value):
        return _at_kink(value)
    positive = certainly_positive(value)
    if isinstance(term, sign):
        return fmpq(1 if positive else -1)  # which does not move
    return mul(fmpq(1 if positive else -1 if isinstance(term, Abs) else 0), value)


def _beyond(world: World, term: Beyond, at: At) -> Number:
    """1 for z > 0, 0 for z < 0."""
    value = world.evaluate(term.args[0], at)
    if _is_exactly_zero(value):
        raise Undefined("a slope at a kink")
    return fmpq(int(certainly_positive(value)))


def _is_exactly_zero(value: Number) -> bool:
    while isinstance(value, Dual):
        value = value.primal
    return not isinstance(value, arb) and bool(value == 0)


def _at_kink(value: Number) -> Number:
    """A function has its value at a kink, and no derivative unless nothing moves."""
    if isinstance(value, Dual):
        raise Undefined("a derivative at a kink")
    return value


def _extremum(world: World, term: Max | Min, at: At) -> Number:
    best, *rest = (world.evaluate(a, at) for a in term.args)
    for other in rest:
        difference = add(other, mul(fmpq(-1), best))
        if _is_exactly_zero(difference):
            _at_kink(difference)
            continue
        best = other if certainly_positive(difference) == isinstance(term, Max) else best
    return best


def _logistic(world: World, term: sigmoid | softplus, at: At) -> Number:
    z = world.evaluate(term.args[0], at)
    if isinstance(term, softplus):
        return apply(log, add(fmpq(1), apply(exp, z)))
    return power(add(fmpq(1), apply(exp, mul(fmpq(-1), z))), Fraction(-1))


def _where(world: World, term: Where, at: At) -> Number:
    return world.evaluate(term.args[1] if holds(world, term.args[0], at) else term.args[2], at)


Meaning = Callable[[World, Any, At], Number]  # each row has a kind of terms of its own

MEANING: dict[type, Meaning] = {
    Rational:        lambda w, t, at: fmpq(int(t.p), int(t.q)),
    type(pi):        lambda w, t, at: arb.pi(),
    type(S.Exp1):    lambda w, t, at: arb(1).exp(),
    Symbol:          lambda w, t, at: w.value((t, ())),
    Index:           lambda w, t, at: fmpq(at[t]),
    Element:         lambda w, t, at: w.value(w.place(t, at)),
    Add:             _addition,
    Mul:             _product,
    Pow:             _power,
    Sum:             _sum,
    Product:         _product_over,
    Apply:           _apply,
    Inverse:         _inverse,
    Determinant:     _determinant,
    stop_gradient:   _held,
    Delta:           lambda w, t, at: fmpq(int(w.position(t.args[0], at) == w.position(t.args[1], at))),
    Where:           _where,
    UnevaluatedExpr: lambda w, t, at: w.evaluate(t.args[0], at),
    Total:           _derivative,
    Partial:         _derivative,
    relu:            _kinked,
    Abs:             _kinked,
    sign:            _kinked,
    Beyond:          _beyond,
    Max:             _extremum,
    Min:             _extremum,
    sigmoid:         _logistic,
    softplus:        _logistic,
}  # fmt: skip
