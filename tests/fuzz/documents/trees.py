"""Formulas as trees, and what they come to at a point: plain fractions and floats, derivatives by dual numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from functools import reduce
from itertools import product
from typing import Any

NEAR = 1e-9  # a float as close to zero as this may be zero


class NoValue(Exception):
    """A division by zero, a root or a logarithm of what is not positive, a derivative at a kink."""


class TooClose(NoValue):
    """A number so close to zero that it may be zero."""


@dataclass(frozen=True)
class Num:
    value: Fraction


@dataclass(frozen=True)
class Size:
    name: str


@dataclass(frozen=True)
class Place:
    """A letter, or a fixed position, as a number."""

    at: str | int


@dataclass(frozen=True)
class Ref:
    """A name, or one of its entries."""

    name: str
    at: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Plus:
    terms: tuple[Any, ...]


@dataclass(frozen=True)
class Times:
    factors: tuple[Any, ...]


@dataclass(frozen=True)
class Over:
    above: Any
    below: Any


@dataclass(frozen=True)
class Power:
    base: Any
    exponent: int


@dataclass(frozen=True)
class Call:
    function: str
    of: tuple[Any, ...]


@dataclass(frozen=True)
class Big:
    """A sum or a product over `letter` from `low` to `high`, without the positions `but`."""

    kind: str
    letter: str
    high: str
    body: Any
    low: int = 1
    but: str = ""


@dataclass(frozen=True)
class Compare:
    sign: str
    left: Any
    right: Any


@dataclass(frozen=True)
class Bracket:
    """1 where the comparison holds, else 0."""

    given: Compare


@dataclass(frozen=True)
class Cases:
    given: Compare
    yes: Any
    no: Any


@dataclass(frozen=True)
class Slope:
    """A derivative: `partial` of the definition alone, `total` along every path; of an objective always along every path.

    `prime` is one along every path by the only number that there is, and `bar` that of an objective; each is written in this way.
    """

    kind: str
    of: Ref
    by: Ref


ZERO, ONE = Num(Fraction(0)), Num(Fraction(1))


def parts(tree: Any) -> tuple[Any, ...]:
    """The trees right below a tree."""
    found: list[Any] = []
    for f in fields(tree):
        piece = getattr(tree, f.name)
        found += [p for p in (piece if isinstance(piece, tuple) else (piece,)) if hasattr(p, "__dataclass_fields__")]
    return tuple(found)


def with_parts(tree: Any, new: tuple[Any, ...]) -> Any:
    """The tree with others right below it."""
    rest, changed = iter(new), {}
    for f in fields(tree):
        piece = getattr(tree, f.name)
        if isinstance(piece, tuple):
            changed[f.name] = tuple(next(rest) if hasattr(p, "__dataclass_fields__") else p for p in piece)
        elif hasattr(piece, "__dataclass_fields__"):
            changed[f.name] = next(rest)
    return replace(tree, **changed)


def subtrees(tree: Any) -> Iterator[Any]:
    yield tree
    for part in parts(tree):
        yield from subtrees(part)


def free(tree: Any) -> frozenset[str]:
    """The letters that are free in a tree."""
    if isinstance(tree, Place):
        return frozenset({tree.at}) if isinstance(tree.at, str) else frozenset()
    below = frozenset().union(*map(free, parts(tree)))
    return (below - {tree.letter}) | ({tree.but} - {""} if isinstance(tree.but, str) else set()) if isinstance(tree, Big) else below


def settled(tree: Any) -> frozenset[str]:
    """The letters that are free in a tree and stand outside of the sums that leave them out."""
    if not isinstance(tree, Big):
        return frozenset().union(free(tree) if isinstance(tree, Place) else (), *map(settled, parts(tree)))
    return settled(tree.body) - {tree.letter, tree.but}


def bound(tree: Any) -> frozenset[str]:
    return frozenset(t.letter for t in subtrees(tree) if isinstance(t, Big))


def moved(tree: Any, swap: Mapping[str, str | int]) -> Any:
    """The tree with letters in place of its free ones. None of the new ones may be bound in it."""
    if isinstance(tree, Place):
        return Place(swap.get(tree.at, tree.at)) if isinstance(tree.at, str) else tree
    if isinstance(tree, Big):
        inner = {k: v for k, v in swap.items() if k != tree.letter}
        return replace(tree, body=moved(tree.body, inner), but=swap.get(tree.but, tree.but))
    return with_parts(tree, tuple(moved(p, swap) for p in parts(tree)))


def renamed(tree: Any, names: Mapping[str, str]) -> Any:
    """The tree with other letters everywhere, in place of those that are bound too."""
    if isinstance(tree, Place):
        return Place(names.get(tree.at, tree.at)) if isinstance(tree.at, str) else tree
    tree = with_parts(tree, tuple(renamed(p, names) for p in parts(tree)))
    return replace(tree, letter=names[tree.letter], but=names.get(tree.but, "")) if isinstance(tree, Big) else tree


@dataclass(frozen=True)
class Dual:
    """A number that varies: `tag` says with what."""

    value: Any
    slope: Any
    tag: int

    def __add__(self, other: Any) -> Any:
        return _both(self, other, lambda a, b: a + b, lambda a, b, p, q: p + q)

    def __mul__(self, other: Any) -> Any:
        return _both(self, other, lambda a, b: a * b, lambda a, b, p, q: p * b + a * q)

    __radd__, __rmul__ = __add__, __mul__


def _both(one: Any, other: Any, value: Callable[..., Any], slope: Callable[..., Any]) -> Any:
    tag = max(x.tag for x in (one, other) if isinstance(x, Dual))
    (a, p), (b, q) = ((x.value, x.slope) if isinstance(x, Dual) and x.tag == tag else (x, 0) for x in (one, other))
    return Dual(value(a, b), slope(a, b, p, q), tag)


def plain(x: Any) -> Any:
    """A number without what varies in it."""
    while isinstance(x, Dual):
        x = x.value
    return x


def varies(x: Any) -> bool:
    return isinstance(x, Dual) and (varies(x.value) or varies(x.slope) or plain(x.slope) != 0)


def sign_of(x: Any) -> int:
    x = plain(x)
    if isinstance(x, float) and (abs(x) < NEAR or not math.isfinite(x)):
        if x == 0:
            return 0
        raise TooClose
    return (x > 0) - (x < 0)


def through(x: Any, value: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Any:
    """A function of a number that may vary."""
    if isinstance(x, Dual):
        return Dual(through(x.value, value, slope), slope(x.value) * x.slope, x.tag)
    return value(x)


def inverse(x: Any) -> Any:
    if sign_of(x) == 0:
        raise NoValue
    return through(x, lambda v: Fraction(1) / v if isinstance(v, (int, Fraction)) else 1 / v, lambda v: -1 * inverse(v) * inverse(v))


def power(x: Any, n: int) -> Any:
    return inverse(power(x, -n)) if n < 0 else reduce(lambda a, b: a * b, [x] * n, 1)


def _exp(x: Any) -> Any:
    if plain(x) == 0 and not isinstance(x, Dual):
        return 1
    if abs(plain(x)) > 40:
        raise TooClose
    return through(x, math.exp, _exp)


def _log(x: Any) -> Any:
    if sign_of(x) <= 0:
        raise NoValue
    return through(x, lambda v: 0 if v == 1 else math.log(v), inverse)


def _exact_root(v: Any) -> Any:
    if isinstance(v, (int, Fraction)):
        v = Fraction(v)
        a, b = math.isqrt(v.numerator), math.isqrt(v.denominator)
        if a * a == v.numerator and b * b == v.denominator:
            return Fraction(a, b)
    return math.sqrt(v)


def _sqrt(x: Any) -> Any:
    sign = sign_of(x)
    if sign < 0 or (sign == 0 and varies(x)):
        raise NoValue
    return through(x, _exact_root, lambda v: inverse(2 * _sqrt(v))) if sign else 0


def _abs(x: Any) -> Any:
    sign = sign_of(x)
    if sign == 0 and varies(x):
        raise NoValue
    return sign * x


def _max(a: Any, b: Any) -> Any:
    sign = sign_of(a + -1 * b)
    if sign == 0 and varies(a + -1 * b):
        raise NoValue
    return a if sign >= 0 else b


def _tanh(x: Any) -> Any:
    if plain(x) == 0 and not isinstance(x, Dual):
        return 0
    return through(x, math.tanh, lambda v: 1 + -1 * _tanh(v) * _tanh(v))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "abs": _abs,
    "max": _max,
    "min": lambda a, b: -1 * _max(-1 * a, -1 * b),
    "relu": lambda a: _max(a, 0),
    "tanh": _tanh,
}


@dataclass(frozen=True)
class Definition:
    letters: tuple[str, ...]
    body: Any


@dataclass
class Page:
    """What a document declares and defines. `letters` has the size of each index, `objectives` the nodes of each, none if it is defined."""

    letters: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    signs: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    objectives: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)  # of inputs in matrix notation, as they are declared
    loose: bool = False  # whether no letter is declared: it has the range that each row gives it

    def dimensions(self, name: str) -> tuple[str, ...]:
        return self.inputs[name] if name in self.inputs else tuple(self.letters[x] for x in self.definitions[name].letters)

    @property
    def sizes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.letters.values()))

    def under(self, names: Mapping[str, str]) -> Page:
        """The page with other letters."""
        definitions = {n: Definition(tuple(names[x] for x in d.letters), renamed(d.body, names)) for n, d in self.definitions.items()}
        return replace(self, letters={names[x]: size for x, size in self.letters.items()}, definitions=definitions)

    def over(self, size: str) -> list[str]:
        return [x for x, s in self.letters.items() if s == size]


@dataclass
class Point:
    """Sizes, the entries of inputs, and the derivative of each objective by each entry of its nodes."""

    sizes: dict[str, int]
    values: dict[tuple[str, tuple[int, ...]], Any]
    upstream: dict[tuple[str, str, tuple[int, ...]], Any] = field(default_factory=dict)

    def places(self, dimensions: tuple[str, ...]) -> Iterator[tuple[int, ...]]:
        return product(*(range(1, self.sizes[d] + 1) for d in dimensions))


Look = Callable[[str, tuple[int, ...]], Any]


@dataclass
class Meaning:
    """Values at a point. With `along`, each partial derivative is one along every path."""

    page: Page
    point: Point
    along: bool = False
    level: int = 0
    known: dict[tuple[str, tuple[int, ...]], Any] = field(default_factory=dict)

    def look(self, name: str, at: tuple[int, ...]) -> Any:
        key = name, at
        if key not in self.known:
            self.known[key] = self.point.values[key] if key in self.point.values else self.defined(name, at)
        return self.known[key]

    def defined(self, name: str, at: tuple[int, ...]) -> Any:
        definition = self.page.definitions[name]
        return self.value(definition.body, dict(zip(definition.letters, at, strict=True)))

    def value(self, tree: Any, at: Mapping[str, int] | None = None) -> Any:
        return VALUES[type(tree)](tree, at or {}, self)

    def holds(self, given: Compare, at: Mapping[str, int]) -> bool:
        difference = self.value(given.left, at) + -1 * self.value(given.right, at)
        sign = sign_of(difference)
        if sign == 0 and varies(difference):
            raise NoValue
        return {"=": sign == 0, "≠": sign != 0, "<": sign < 0, ">": sign > 0, "≤": sign <= 0, "≥": sign >= 0}[given.sign]


@dataclass
class Varied(Meaning):
    """Values while one entry varies: all that depends on it follows, or, if `held`, nothing but it."""

    below: Meaning | None = None
    entry: tuple[str, tuple[int, ...]] = ("", ())
    held: bool = False

    def look(self, name: str, at: tuple[int, ...]) -> Any:
        assert self.below is not None
        if (name, at) == self.entry:
            return Dual(self.below.look(name, at), 1, self.level)
        if self.held or (name, at) in self.point.values:
            return self.below.look(name, at)
        if (name, at) not in self.known:
            self.known[name, at] = self.defined(name, at)
        return self.known[name, at]


def varied(m: Meaning, entry: tuple[str, tuple[int, ...]], held: bool) -> Varied:
    return Varied(m.page, m.point, m.along, m.level + 1, below=m, entry=entry, held=held)


def slope_in(x: Any, tag: int) -> Any:
    return x.slope if isinstance(x, Dual) and x.tag == tag else 0


def _positions(at: tuple[Place, ...], letters: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(letters[p.at] if isinstance(p.at, str) else p.at for p in at)


def _ref(t: Ref, at: Mapping[str, int], m: Meaning) -> Any:
    return m.look(t.name, _positions(t.at, at))


def _big(t: Big, at: Mapping[str, int], m: Meaning) -> Any:
    places = [k for k in range(t.low, m.point.sizes[t.high] + 1) if not t.but or k != (at[t.but] if isinstance(t.but, str) else t.but)]
    values = (m.value(t.body, {**at, t.letter: k}) for k in places)
    return reduce(lambda a, b: a * b, values, 1) if t.kind == "prod" else reduce(lambda a, b: a + b, values, 0)


def _times(t: Times, at: Mapping[str, int], m: Meaning) -> Any:
    """A product. A bracket that is 0 makes it 0, whatever the others are: `[c ≠ 0] / c` is 0 where c is."""
    if _is_zero(t, at, m):
        return 0
    return reduce(lambda a, b: a * b, (m.value(x, at) for x in t.factors), 1)


def _is_zero(t: Any, at: Mapping[str, int], m: Meaning) -> bool:
    """Whether a bracket makes something 0, whatever its other factors are; a sum, if one does so in each of its terms."""
    if isinstance(t, Times):
        return any(_is_zero(x, at, m) for x in t.factors)
    if isinstance(t, Plus):
        return all(_is_zero(x, at, m) for x in t.terms)
    try:
        return isinstance(t, Bracket) and m.value(t, at) == 0
    except NoValue:
        return False


def _over(t: Over, at: Mapping[str, int], m: Meaning) -> Any:
    """A quotient. A bracket above that is 0 makes it 0."""
    if _is_zero(t.above, at, m):
        return 0
    return m.value(t.above, at) * inverse(m.value(t.below, at))


def _cases(t: Cases, at: Mapping[str, int], m: Meaning) -> Any:
    return m.value(t.yes if m.holds(t.given, at) else t.no, at)


def mentions(page: Page, t: Slope) -> bool:
    """Whether the definition that is differentiated mentions by what; where it does not, only the path can be meant."""
    names = {part.name for part in subtrees(page.definitions[t.of.name].body) if isinstance(part, Ref)}
    return t.by.name in names


def is_last(page: Page, name: str) -> bool:
    """Whether a definition is a number on which no other rests: that counts as an objective, whose derivative is along every path."""
    others = (d.body for other, d in page.definitions.items() if other != name)
    return not page.dimensions(name) and not any(isinstance(part, Ref) and part.name == name for body in others for part in subtrees(body))


def _slope(t: Slope, at: Mapping[str, int], m: Meaning) -> Any:
    entry = t.by.name, _positions(t.by.at, at)
    of = t.of.name, _positions(t.of.at, at)
    nodes = m.page.objectives.get(t.of.name)
    alone = t.kind == "partial" and nodes is None and not m.along and mentions(m.page, t) and not is_last(m.page, t.of.name)
    if nodes:
        moving = varied(m, entry, held=False)
        terms = (
            m.point.upstream[t.of.name, y, k] * slope_in(moving.look(y, k), moving.level)
            for y in nodes
            for k in m.point.places(m.page.dimensions(y))
        )
        return reduce(lambda a, b: a + b, terms, 0)
    moving = varied(m, entry, held=alone)
    return slope_in(moving.look(*of) if of == entry else moving.defined(*of), moving.level)


VALUES: dict[type, Callable[[Any, Mapping[str, int], Meaning], Any]] = {
    Num: lambda t, at, m: t.value,
    Size: lambda t, at, m: Fraction(m.point.sizes[t.name]),
    Place: lambda t, at, m: Fraction(at[t.at] if isinstance(t.at, str) else t.at),
    Ref: _ref,
    Plus: lambda t, at, m: reduce(lambda a, b: a + b, [m.value(x, at) for x in t.terms]),
    Times: _times,
    Over: _over,
    Power: lambda t, at, m: power(m.value(t.base, at), t.exponent),
    Call: lambda t, at, m: FUNCTIONS[t.function](*(m.value(x, at) for x in t.of)),
    Big: _big,
    Bracket: lambda t, at, m: int(m.holds(t.given, at)),
    Cases: _cases,
    Slope: _slope,
}


def differ(a: Any, b: Any) -> bool:
    """Whether two values are certainly not the same. Fails where floats are too close to tell, or too large."""
    a, b = plain(a), plain(b)
    if isinstance(a, (int, Fraction)) and isinstance(b, (int, Fraction)):
        return a != b
    a, b = float(a), float(b)
    gap, scale = abs(a - b), 1 + abs(a) + abs(b)
    if not math.isfinite(scale) or 1e-9 * scale < gap < 1e-6 * scale:
        raise TooClose
    return gap > 1e-6 * scale
