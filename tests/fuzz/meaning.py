"""What a formula means at a point: numbers by plain arithmetic, derivatives by numbers that carry how they vary.

Values are exact fractions, or decimals of 60 digits (more within `mp.workdps`) where a function leaves the fractions. Where a formula
has no value (a division by 0, a log or a root of what has none, the derivative at a kink), or where the decimals cannot tell, NoValue
is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from math import isqrt
from typing import Any

from mpmath import mp, mpf

from fuzz.tree import Add, Call, Cases, Diff, Entry, Joined, Kron, Letter, Mul, Num, Over, Pow, Size, Test, below, names, parts_of

mp.dps = 60
MANY = 3000  # digits for what 60 cannot tell
LARGE = 25 / 60  # of the number of digits: an exponential of more takes them all
NEAR = 25 / 60  # of the number of digits: a decimal with as many zeros behind the point may be 0


class NoValue(Exception):
    """The formula has no value here, or none that can be told."""


class Unclear(NoValue):
    """Whether the formula has a value cannot be told: too few digits, or something that is not given."""


@dataclass(frozen=True)
class Dual:
    """A number, and how fast it varies with the quantity that the tag stands for; both may vary with others."""

    tag: int
    re: Any
    du: Any


def primal(x: Any) -> Any:
    while isinstance(x, Dual):
        x = x.re
    return x


def _split(x: Any, tag: int) -> tuple[Any, Any]:
    return (x.re, x.du) if isinstance(x, Dual) and x.tag == tag else (x, 0)


def _tag(*xs: Any) -> int:
    return max((x.tag for x in xs if isinstance(x, Dual)), default=0)


def plus(x: Any, y: Any) -> Any:
    if isinstance(x, Dual) or isinstance(y, Dual):
        tag = _tag(x, y)
        (a, da), (b, db) = _split(x, tag), _split(y, tag)
        return Dual(tag, plus(a, b), plus(da, db))
    return x + y if is_exact(x) == is_exact(y) else decimal(x) + decimal(y)


def times(x: Any, y: Any) -> Any:
    if isinstance(x, Dual) or isinstance(y, Dual):
        tag = _tag(x, y)
        (a, da), (b, db) = _split(x, tag), _split(y, tag)
        return Dual(tag, times(a, b), plus(times(a, db), times(da, b)))
    if (is_exact(x) and not x) or (is_exact(y) and not y):
        return 0
    return x * y if is_exact(x) == is_exact(y) else decimal(x) * decimal(y)


def less(x: Any, y: Any) -> Any:
    return plus(x, times(-1, y))


def is_exact(x: Any) -> bool:
    return not isinstance(x, mpf)


def decimal(x: Any) -> Any:
    return mpf(x.numerator) / x.denominator if is_exact(x) else x


def sign_of(x: Any) -> int:
    """-1, 0 or 1. Where the number varies, 0 is a kink, and has no answer."""
    value = primal(x)
    if isinstance(value, mpf) and abs(value) < mpf(10) ** -int(NEAR * mp.dps):
        raise Unclear("too close to 0 to tell")
    if value == 0 and isinstance(x, Dual):
        raise NoValue("a kink")
    return (value > 0) - (value < 0)


def vanishes(x: Any) -> bool:
    """Whether a number is exactly 0, with all of its slopes: two numbers that meet with one slope make no kink."""
    return vanishes(x.re) and vanishes(x.du) if isinstance(x, Dual) else is_exact(x) and x == 0


def power(x: Any, e: Any, whole: bool) -> Any:
    """x to the power e; of a base that is not positive if e is whole, or the base 0 and e positive."""
    if not isinstance(e, (int, Fraction)):
        return apply("exp", times(e, apply("log", x)))
    if e == 0 and whole:
        return 1
    if isinstance(x, Dual):
        return Dual(x.tag, power(x.re, e, whole), times(times(e, power(x.re, e - 1, whole)), x.du))
    if whole and e > 0:
        return x ** int(e)
    sign = sign_of(x)
    if (sign == 0 and e < 0) or (sign < 0 and not whole) or (sign == 0 and not whole and e <= 0):
        raise NoValue("a division by 0, or a root of what is negative")
    if e.denominator == 1:
        return x ** int(e) if isinstance(x, mpf) or e >= 0 else Fraction(x) ** int(e)
    return _root(x, e) if sign else 0


def _root(x: Any, e: int | Fraction) -> Any:
    if is_exact(x) and e.denominator == 2:
        a, b = isqrt(x.numerator), isqrt(x.denominator)
        if (a * a, b * b) == (x.numerator, x.denominator):
            return Fraction(a, b) ** e.numerator
    return mp.power(decimal(x), decimal(e))


def apply(name: str, x: Any) -> Any:
    """A function of one number."""
    if name == "stop_gradient":
        return primal(x)
    if isinstance(x, Dual) and (name == "sign" or (name == "relu" and sign_of(x) < 0)):
        return VALUES[name](x)  # the same all around
    if isinstance(x, Dual):
        if name in BENT:
            sign_of(x)
        return Dual(x.tag, apply(name, x.re), times(SLOPES[name](x.re), x.du))
    return VALUES[name](x)


def _log(x: Any) -> Any:
    if sign_of(x) <= 0:
        raise NoValue("a log of what is not positive")
    return 0 if x == 1 else mp.log(decimal(x))


def _plain(function: Callable[[Any], Any], at_zero: int | None = None) -> Callable[[Any], Any]:
    return lambda x: at_zero if at_zero is not None and x == 0 else function(decimal(x))


def _exp(x: Any) -> Any:
    if abs(x) > LARGE * mp.dps:
        raise Unclear("too large or too small to tell what is taken from it")
    return mp.exp(x)


def _sigmoid(x: Any) -> Any:
    return Fraction(1, 2) if x == 0 else 1 / (1 + mp.exp(-decimal(x)))


def _one_less_square(x: Any) -> Any:
    return less(1, times(x, x))


BENT = ("Abs", "relu")  # at 0
VALUES: dict[str, Callable[[Any], Any]] = {
    "exp":      _plain(_exp, 1),
    "log":      _log,
    "sin":      _plain(mp.sin, 0),
    "cos":      _plain(mp.cos, 1),
    "tanh":     _plain(mp.tanh, 0),
    "erf":      _plain(mp.erf, 0),
    "sigmoid":  _sigmoid,
    "softplus": lambda x: mp.log(1 + mp.exp(decimal(x))),
    "Abs":      abs,
    "sign":     lambda x: sign_of(x),
    "relu":     lambda x: x if sign_of(x) > 0 else 0,
}  # fmt: skip
SLOPES: dict[str, Callable[[Any], Any]] = {
    "exp":      lambda x: apply("exp", x),
    "log":      lambda x: power(x, -1, True),
    "sin":      lambda x: apply("cos", x),
    "cos":      lambda x: times(-1, apply("sin", x)),
    "tanh":     lambda x: _one_less_square(apply("tanh", x)),
    "erf":      lambda x: times(2 / mp.sqrt(mp.pi), apply("exp", times(-1, times(x, x)))),
    "sigmoid":  lambda x: times(apply("sigmoid", x), less(1, apply("sigmoid", x))),
    "softplus": lambda x: apply("sigmoid", x),
    "Abs":      lambda x: sign_of(x),
    "relu":     lambda x: int(sign_of(x) > 0),
}  # fmt: skip
HOLDS: dict[str, Callable[[int], bool]] = {
    "Eq": lambda s: s == 0,
    "Ne": lambda s: s != 0,
    "Gt": lambda s: s > 0,
    "Ge": lambda s: s >= 0,
    "Lt": lambda s: s < 0,
    "Le": lambda s: s <= 0,
}


def plainest(x: Fraction) -> int | Fraction:
    """A whole number as an int, which is quicker."""
    return x.numerator if x.denominator == 1 else x


Place = tuple[str, tuple[Any, ...]]
Defined = Mapping[str, tuple[tuple[Letter, ...], Any]]  # a definition's letters and body


@dataclass
class Point:
    """Sizes and the entries of inputs; what is defined follows. `varied` entries stand for themselves, whatever defines them."""

    sizes: dict[str, int]
    inputs: dict[Place, Any]
    defined: Defined
    varied: Mapping[Place, Any] = field(default_factory=dict)
    held: Point | None = None  # where other entries have their values from, for the partial derivative
    known: dict[Place, Any] = field(default_factory=dict)
    tags: Any = field(default_factory=lambda: count(1))

    def entry(self, place: Place) -> Any:
        if place in self.varied:
            return self.varied[place]
        if self.held is not None:
            return self.held.entry(place)
        if place in self.inputs:
            return self.inputs[place]
        if place[0] not in self.defined:
            raise Unclear(f"no value is given for {place}")
        if place not in self.known:
            letters, body = self.defined[place[0]]
            self.known[place] = self.value(body, dict(zip(letters, place[1], strict=True)))
        return self.known[place]

    def value(self, node: Any, at: Mapping[Letter, int]) -> Any:
        match node:
            case Entry():
                return self.entry(self.place(node, at))
            case Letter():
                if node not in at:
                    raise Unclear(f"no position is given for {node.name}")
                return at[node]
            case Num(value):
                return value
            case Size(name):
                if name not in self.sizes:
                    raise Unclear(f"no value is given for {name}")
                return self.sizes[name]
            case Add(parts):
                found = 0
                for part in parts:
                    found = plus(found, self.value(part, at))
                return found
            case Mul(parts):
                found = 1
                for part in parts:
                    found = times(found, self.value(part, at))
                return found
            case Pow(base, exponent):
                return power(self.value(base, at), self.value(exponent, at), is_whole(exponent))
            case Over(kind, body, letter):
                found = int(kind == "Product")
                for k in self.range(letter, at):
                    found = (times if kind == "Product" else plus)(found, self.value(body, {**at, letter: k}))
                return found
            case Kron(left, right):
                return int(self.value(left, at) == self.value(right, at))
            case Cases(test, then, otherwise):
                return self.value(then if self.holds(test, at) else otherwise, at)
            case Diff():
                return self.derivative(node, at)
            case Call("sqrt", (x,)):
                return power(self.value(x, at), Fraction(1, 2), False)
            case Call("Max" | "Min" as name, parts):
                return self.extreme(name, [self.value(p, at) for p in parts])
            case Call("Beyond", (x,)):
                sign = sign_of(self.value(x, at))
                if not sign:
                    raise NoValue("a kink")
                return int(sign > 0)
            case Call("stop_gradient", (x,)) if self.varied or self.held:
                return Point(self.sizes, self.inputs, self.defined, tags=self.tags).value(x, at)
            case Call("Exp1", ()):
                return apply("exp", 1)
            case Call(name, (x,)):
                return apply(name, self.value(x, at))
        raise TypeError(node)

    def place(self, node: Entry, at: Mapping[Letter, int]) -> Place:
        return node.name, tuple(self.value(p, at) for p in node.at)

    def range(self, letter: Letter, at: Mapping[Letter, int]) -> range:
        return range(int(self.value(letter.lower, at)), int(self.value(letter.upper, at)) + 1)

    def holds(self, test: Test | Joined, at: Mapping[Letter, int]) -> bool:
        if isinstance(test, Joined):
            return {"And": all, "Or": any}[test.kind]([self.holds(t, at) for t in test.parts])
        return HOLDS[test.relation](self.compared(test, at))

    def compared(self, test: Test, at: Mapping[Letter, int]) -> int:
        """The sign of left - right. Where both only bend and do not meet, the test says the same all around: no slope is asked for."""
        try:
            return sign_of(less(self.value(test.left, at), self.value(test.right, at)))
        except NoValue:
            if not (self.varied or self.held) or self._may_jump((test.left, test.right)):
                raise
            plain = Point(self.sizes, self.inputs, self.defined, tags=self.tags)
            found = sign_of(less(plain.value(test.left, at), plain.value(test.right, at)))
            if not found:
                raise
            return found

    def _may_jump(self, formulas: tuple[Any, ...]) -> bool:
        """Whether formulas, or what defines their names, may be of no continuous function; derivatives count as such."""
        seen: set[str] = set()
        while formulas:
            if any(
                isinstance(p, (Cases, Diff, Kron)) or getattr(p, "function", "") in ("sign", "Beyond") for f in formulas for p in below(f)
            ):
                return True
            new = {n for f in formulas for n in names(f)} & self.defined.keys() - seen
            seen |= new
            formulas = tuple(self.defined[n][1] for n in new)
        return False

    def extreme(self, name: str, values: list[Any]) -> Any:
        best, *others = values
        for value in others:
            ahead = less(value, best)
            if not vanishes(ahead) and sign_of(ahead) == (1 if name == "Max" else -1):
                best = value
        return best

    def derivative(self, node: Diff, at: Mapping[Letter, int]) -> Any:
        place, tag = self.place(node.wrt, at), next(self.tags)
        varied = {place: Dual(tag, self.entry(place), 1)}
        if node.kind == "total":
            there = Point(self.sizes, self.inputs, self.defined, {**self.varied, **varied}, self.held, tags=self.tags)
            return _split(there.value(node.of, at), tag)[1]
        letters, body = self.defined[node.of.name]
        there = Point(self.sizes, self.inputs, self.defined, varied, self, tags=self.tags)
        return _split(there.value(body, dict(zip(letters, self.place(node.of, at)[1], strict=True))), tag)[1]


def is_whole(node: Any) -> bool:
    """Whether a formula is a whole number whatever the point."""
    match node:
        case Num(value):
            return value.denominator == 1
        case Size() | Letter() | Kron():
            return True
        case Add() | Mul():
            return all(map(is_whole, parts_of(node)))
    return False


def apart(x: Any, y: Any) -> bool:
    """Whether two values surely differ."""
    if is_exact(x) and is_exact(y):
        return x != y
    x, y = decimal(x), decimal(y)
    return abs(x - y) > mpf(10) ** -15 * (1 + abs(x) + abs(y))
