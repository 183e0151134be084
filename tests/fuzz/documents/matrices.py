"""Random claims in matrix notation. What a matrix is, entry by entry, is a formula of `trees`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random
from typing import Any

from fuzz.documents.trees import Big, Definition, Num, Page, Place, Plus, Power, Ref, Slope, Times

ONE = "1"  # the size of what a vector has beside its length
SHAPES = ((ONE, ONE), ("n", ONE), ("d", ONE), ("n", "d"), ("d", "n"), ("n", "n"), ("d", "d"))
NAMES = {0: ("a", "c", r"\lambda"), 1: ("x", "y", "w", "b", "u", "v"), 2: ("A", "B", "X", "W", "C", "M")}


@dataclass(frozen=True)
class Named:
    name: str
    shape: tuple[str, str]


@dataclass(frozen=True)
class Turned:
    of: Any


@dataclass(frozen=True)
class Product:
    left: Any
    right: Any


@dataclass(frozen=True)
class Sum:
    terms: tuple[Any, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True)
class Scaled:
    by: int | str  # a whole number, or the name of a number
    of: Any


@dataclass(frozen=True)
class ByEntry:
    left: Any
    right: Any


@dataclass(frozen=True)
class Inner:
    """The sum of the products of the entries of two matrices, `A : B`."""

    left: Any
    right: Any


@dataclass(frozen=True)
class Trace:
    of: Any


@dataclass(frozen=True)
class Square:
    """The sum of the squares of all entries."""

    of: Any


@dataclass(frozen=True)
class Gradient:
    of: str
    by: Named


def shape(t: Any) -> tuple[str, str]:
    match t:
        case Named():
            return t.shape
        case Gradient(_, by):
            return by.shape
        case Turned(of):
            return shape(of)[::-1]
        case Product(left, right):
            return shape(left)[0], shape(right)[1]
        case Sum(terms, _):
            return shape(terms[0])
        case Scaled(_, of):
            return shape(of)
        case ByEntry(left, _):
            return shape(left)
    return ONE, ONE


FRESH = itertools.count()


def entry(t: Any, i: str, j: str) -> Any:
    """The entry of a matrix in a row and a column."""
    match t:
        case Named(name, dimensions):
            return Ref(name, tuple(Place(p) for p, size in zip((i, j), dimensions, strict=True) if size != ONE))
        case Gradient(of, by):
            return Slope("partial", Ref(of), entry(by, i, j))
        case Turned(of):
            return entry(of, j, i)
        case Product(left, right):
            size, k = shape(left)[1], f"k{next(FRESH)}"
            body = Times((entry(left, i, k), entry(right, k, j)))
            return body if size == ONE else Big("sum", k, size, body)
        case Sum(terms, signs):
            return Plus(tuple(Times((Num(Fraction(s)), entry(x, i, j))) for s, x in zip(signs, terms, strict=True)))
        case Scaled(by, of):
            return Times((Num(Fraction(by)) if isinstance(by, int) else Ref(by), entry(of, i, j)))
        case ByEntry(left, right):
            return Times((entry(left, i, j), entry(right, i, j)))
        case Inner(left, right):
            k, l = f"k{next(FRESH)}", f"k{next(FRESH)}"
            rows, columns = shape(left)
            return Big("sum", k, rows, Big("sum", l, columns, Times((entry(left, k, l), entry(right, k, l)))))
        case Trace(of):
            k = f"k{next(FRESH)}"
            return Big("sum", k, shape(of)[0], entry(of, k, k))
        case Square(of):
            body = None
            k, l = f"k{next(FRESH)}", f"k{next(FRESH)}"
            body = Power(entry(of, k, l), 2)
            for letter, size in zip((l, k), shape(of)[::-1], strict=True):
                body = body if size == ONE else Big("sum", letter, size, body)
            return body
    raise TypeError(t)


class Hand:
    """Matrices as one person writes them."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.top = random.choice((r"^T", r"^\top", r"^{\top}", r"^{T}", r"^\mathsf{T}", r"^\intercal"))

    def factor(self, t: Any) -> str:
        text = self.text(t)
        return f"({text})" if isinstance(t, (Sum, Scaled, ByEntry)) else text

    def member(self, t: Any) -> str:
        return self.text(t)[1:-1] if isinstance(t, Inner) and self.random.random() < 0.7 else self.text(t)

    def base(self, t: Any) -> str:
        text = self.text(t)
        return text if isinstance(t, Named) else rf"\left({text}\right)" if self.random.random() < 0.3 else f"({text})"

    def text(self, t: Any) -> str:
        match t:
            case Named(name, _):
                return name
            case Gradient(of, by):
                return self.random.choice((rf"\frac{{\partial {of}}}{{\partial {by.name}}}",) * 3 + (rf"\nabla_{{{by.name}}} {of}",))
            case Turned(of):
                if isinstance(of, Gradient):
                    return rf"\left(\frac{{\partial {of.of}}}{{\partial {of.by.name}}}\right){self.top}"
                return self.base(of) + self.top
            case Product(left, right):
                dot = r" \cdot " if self.random.random() < 0.05 else " "
                return self.factor(left) + dot + self.factor(right)
            case Sum(terms, signs):
                text = ""
                for k, (sign, term) in enumerate(zip(signs, terms, strict=True)):
                    inner = f"({self.text(term)})" if isinstance(term, Sum) else self.text(term)
                    text += (" - " if k else "-") + inner if sign < 0 else (" + " if k else "") + inner
                return text
            case Scaled(by, of):
                return f"{by} {self.factor(of)}"
            case ByEntry(left, right):
                return rf"{self.factor(left)} \odot {self.factor(right)}"
            case Inner(left, right):
                return f"({self.factor(left)} : {self.factor(right)})"
            case Trace(of):
                return self.random.choice((r"\operatorname{{tr}}({})", r"\text{{tr}}({})", r"\mathrm{{tr}}\left({}\right)")).format(
                    self.text(of)
                )
            case Square(of):
                below = "_F" if ONE not in shape(of) else self.random.choice(("", "_2"))
                return self.random.choice((r"\|{}\|", r"\left\|{}\right\|", r"\lVert {} \rVert")).format(self.text(of)) + below + "^2"
        raise TypeError(t)


@dataclass
class Stock:
    """The names that a document has, by their shapes."""

    random: Random
    named: dict[str, tuple[str, str]] = field(default_factory=dict)

    def of(self, wanted: tuple[str, str]) -> Named:
        """A name of a shape, new or old."""
        known = [n for n, s in self.named.items() if s == wanted]
        rank = sum(s != ONE for s in wanted)
        free = [n for n in NAMES[rank] if n not in self.named]
        if free and (not known or self.random.random() < 0.4):
            known = [self.random.choice(free)]
        name = self.random.choice(known) if known else NAMES[rank][0]
        self.named.setdefault(name, wanted)
        return Named(name, self.named[name]) if self.named[name] == wanted else Named(known[0] if known else name, wanted)

    def matrix(self, wanted: tuple[str, str], depth: int) -> Any:
        roll = self.random.random()
        if wanted == (ONE, ONE):
            return self.number(depth)
        if depth <= 0 or roll < 0.25:
            return Turned(self.of(wanted[::-1])) if wanted[0] == ONE or (wanted[1] != ONE and roll < 0.1) else self.of(wanted)
        if roll < 0.55:
            inner = self.random.choice(("n", "d") if ONE not in wanted or self.random.random() < 0.8 else (ONE,))
            inner = ONE if ONE not in wanted and self.random.random() < 0.25 else inner
            if ONE in wanted and inner == ONE:
                inner = "n"
            return Product(self.matrix((wanted[0], inner), depth - 1), self.matrix((inner, wanted[1]), depth - 1))
        if roll < 0.75:
            return Sum((self.matrix(wanted, depth - 1), self.matrix(wanted, depth - 1)), (1, self.random.choice((1, -1))))
        if roll < 0.83:
            return Scaled(self.random.choice((2, 3)), self.matrix(wanted, depth - 1))
        if roll < 0.9:
            return ByEntry(self.matrix(wanted, 0), self.matrix(wanted, 0))
        return Turned(self.matrix(wanted[::-1], depth - 1))

    def number(self, depth: int) -> Any:
        size, other = self.random.choice((("n", "d"), ("d", "n"), ("n", "n")))
        roll = self.random.random()
        if roll < 0.3:
            return Product(Turned(self.matrix((size, ONE), min(depth - 1, 1))), self.matrix((size, ONE), min(depth - 1, 1)))
        if roll < 0.5:
            return Product(Turned(self.of((size, ONE))), Product(self.matrix((size, other), depth - 1), self.of((other, ONE))))
        if roll < 0.6:
            return Inner(self.matrix((size, other), min(depth - 1, 1)), self.matrix((size, other), min(depth - 1, 1)))
        if roll < 0.8:
            return Trace(Product(self.matrix((size, other), depth - 1), self.matrix((other, size), depth - 1)))
        return Square(self.matrix(self.random.choice(((size, ONE), (size, other))), min(depth, 1)))


# Laws: another way to write the same matrix, or None.


def _turn(t: Any, random: Random) -> Any:
    match t:
        case Turned(Turned(of)):
            return of
        case Turned(Product(left, right)):
            return Product(Turned(right), Turned(left))
        case Turned(Sum(terms, signs)):
            return Sum(tuple(map(Turned, terms)), signs)
        case Turned(Scaled(by, of)):
            return Scaled(by, Turned(of))
        case Turned(ByEntry(left, right)):
            return ByEntry(Turned(left), Turned(right))
        case Product(Turned(left), Turned(right)):
            return Turned(Product(right, left))
    return Turned(t) if shape(t) == (ONE, ONE) and isinstance(t, Product) else None


def _spread(t: Any, random: Random) -> Any:
    match t:
        case Product(Sum(terms, signs), right):
            return Sum(tuple(Product(x, right) for x in terms), signs)
        case Product(left, Sum(terms, signs)):
            return Sum(tuple(Product(left, x) for x in terms), signs)
        case Product(Scaled(by, of), right):
            return Scaled(by, Product(of, right))
        case Product(left, Scaled(by, of)):
            return Scaled(by, Product(left, of))
        case Scaled(by, Sum(terms, signs)):
            return Sum(tuple(Scaled(by, x) for x in terms), signs)
        case Product(Product(a, b), c):
            return Product(a, Product(b, c))
        case Sum((a, b), (1, 1)):
            return Sum((b, a), (1, 1))
        case ByEntry(a, b):
            return ByEntry(b, a)
    return None


def _traced(t: Any, random: Random) -> Any:
    match t:
        case Trace(Product(a, b)) if random.random() < 0.5:
            return Trace(Product(b, a)) if ONE not in (*shape(a), *shape(b)) else None
        case Trace(Product(a, b)) if shape(a)[1] == ONE:
            return Product(b, a)
        case Trace(Product(Turned(a), b)) if ONE not in (*shape(a), *shape(b)) and random.random() < 0.5:
            return Inner(a, b)
        case Inner(a, b):
            return Inner(b, a) if random.random() < 0.5 else Trace(Product(Turned(a), b))
        case Trace(of):
            return Trace(Turned(of))
        case Square(of) if shape(of)[1] == ONE:
            return Product(Turned(of), of)
        case Square(of) if ONE not in shape(of):
            return Trace(Product(Turned(of), of) if random.random() < 0.5 else Product(of, Turned(of)))
    return None


LAWS: tuple[Callable[[Any, Random], Any], ...] = (_turn, _turn, _spread, _traced)


def inner(t: Any) -> list[tuple[str, Any]]:
    match t:
        case Turned(of) | Trace(of) | Square(of):
            return [("of", of)]
        case Scaled(_, of):
            return [("of", of)]
        case Product(a, b) | ByEntry(a, b) | Inner(a, b):
            return [("left", a), ("right", b)]
    return []


def somewhere(t: Any, change: Callable[[Any], Any], random: Random) -> Any:
    places: list[Any] = [None, *inner(t), *((k, x) for k, x in enumerate(t.terms))] if isinstance(t, Sum) else [None, *inner(t)]
    random.shuffle(places)
    for place in places:
        if place is None:
            new = change(t)
            if new is not None and new != t:
                return new
            continue
        name, part = place
        new = somewhere(part, change, random)
        if new is not None:
            return replace(t, terms=(*t.terms[:name], new, *t.terms[name + 1 :])) if isinstance(name, int) else replace(t, **{name: new})
    return None


def rewritten(t: Any, random: Random, count: int) -> Any:
    for _ in range(count):
        law = random.choice(LAWS)
        t = somewhere(t, lambda x, law=law: law(x, random), random) or t
    return t


def _slip(t: Any, random: Random) -> Any:
    match t:
        case Turned(of) if shape(of)[0] == shape(of)[1]:
            return of
        case Product(a, b) if shape(a) == shape(b):
            return Product(b, a)
        case Product(a, b) if random.random() < 0.3:
            return Scaled(2, t)
        case Sum(terms, signs):
            return Sum(terms, (signs[0], -signs[1])) if random.random() < 0.6 else terms[0]
        case Scaled(_, of):
            return of
        case Named(_, (a, b)) if a == b != ONE:
            return Turned(t)
        case Trace(of) if random.random() < 0.3:
            return Scaled(2, t)
        case ByEntry(a, b):
            return a
    return None


def slipped(t: Any, random: Random) -> Any:
    return somewhere(t, lambda x: _slip(x, random), random) or t


# Derivatives: what is differentiated, and the gradient by a name.


def _gradients(s: Stock) -> tuple[Any, Named, Any]:
    n, d = s.random.choice((("n", "d"), ("d", "n")))
    A, B, X = s.of((n, d)), s.of((d, n)), s.of((n, d))
    Q, x, y, w = s.of((n, n)), s.of((n, ONE)), s.of((n, ONE)), s.of((d, ONE))
    residual = Sum((Product(X, w), y), (1, -1))
    rows: list[tuple[Any, Named, Any]] = [
        (Trace(Product(Turned(A), X)), X, A if A != X else Scaled(2, X)),
        (Trace(Product(B, X)), X, Turned(B)),
        (Inner(A, X), X, A if A != X else Scaled(2, X)),
        (Inner(Product(Q, X), A), Q, Product(A, Turned(X))) if A != X else (Inner(X, X), X, Scaled(2, X)),
        (Product(Turned(x), Product(Q, x)), x, Product(Sum((Q, Turned(Q)), (1, 1)), x)),
        (Product(Turned(x), Product(X, w)), w, Product(Turned(X), x)),
        (Product(Turned(x), Product(X, w)), X, Product(x, Turned(w))),
        (Square(residual), w, Scaled(2, Product(Turned(X), residual))),
        (Square(residual), X, Scaled(2, Product(residual, Turned(w)))),
        (Square(residual), y, Scaled(2, Sum((y, Product(X, w)), (1, -1)))) if y != w else (Square(x), x, Scaled(2, x)),
        (Square(X), X, Scaled(2, X)),
        (Trace(Product(Product(Turned(X), Q), X)), X, Product(Sum((Q, Turned(Q)), (1, 1)), X)),
        (Product(Turned(x), y), x, y if x != y else Scaled(2, x)),
        (Trace(Product(Product(X, B), Q)), X, Product(Turned(Q), Turned(B))),
    ]
    return s.random.choice(rows)


def _layers(s: Stock) -> tuple[str, Any, list[tuple[Named, Any]]]:
    """A layer, and the gradient of an objective of what it gives by each of its inputs."""
    X, W = s.of(("n", "d")), s.of(("d", "n"))
    M, x, b, y = s.of(("n", "d")), s.of(("d", ONE)), s.of(("n", ONE)), Named("Z", ("n", "n"))
    one = Gradient("L", y)
    z = Named("z", ("n", ONE))
    two = Gradient("L", z)
    P = Named("P", ("n", "d"))
    other = s.of(("n", "d"))
    three = Gradient("L", P)
    options: list[tuple[str, Any, list[tuple[Named, Any]]]] = [
        ("Z", Product(X, W), [(X, Product(one, Turned(W))), (W, Product(Turned(X), one))]),
        ("z", Sum((Product(M, x), b), (1, 1)), [(M, Product(two, Turned(x))), (x, Product(Turned(M), two)), (b, two)]),
        (
            "Z",
            Product(X, Turned(other)),
            [(X, Product(one, other)), (other, Product(Turned(one), X))]
            if other != X
            else [(X, Sum((Product(one, X), Product(Turned(one), X)), (1, 1)))],
        ),
        (
            "P",
            ByEntry(X, other),
            [(X, ByEntry(three, other)), (other, ByEntry(three, X))] if other != X else [(X, Scaled(2, ByEntry(three, X)))],
        ),
    ]
    return s.random.choice(options)


@dataclass(frozen=True)
class Claimed:
    """Members as formulas of entries and as they are written; conditions there are none."""

    members: tuple[Any, ...]
    texts: tuple[str, ...]
    true: bool
    defines: str = ""


def drawn(random: Random) -> tuple[Page, dict[str, str], list[Claimed]]:
    """A page, how its inputs are declared, and its formulas."""
    stock, hand = Stock(random), Hand(random)
    claims: list[Claimed] = []
    definitions: dict[str, Definition] = {}
    objectives: dict[str, tuple[str, ...]] = {}
    roll = random.random()

    def told(*members: Any, true: bool, defines: str = "") -> None:
        rows, columns = shape(members[0])
        i, j = ("i" if rows == "n" else "p"), ("j" if columns == "n" else "q")
        claims.append(Claimed(tuple(entry(m, i, j) for m in members), tuple(map(hand.member, members)), true, defines))

    def defined(name: str, body: Any) -> Named:
        dimensions = shape(body)
        letters = tuple(
            x
            for x, size in zip(("i" if dimensions[0] == "n" else "p", "j" if dimensions[1] == "n" else "q"), dimensions, strict=True)
            if size != ONE
        )
        definitions[name] = Definition(letters, entry(body, *("i" if dimensions[0] == "n" else "p", "j" if dimensions[1] == "n" else "q")))
        told(Named(name, dimensions), body, true=True, defines=name)
        return Named(name, dimensions)

    def chain(left: Any, right: Any) -> None:
        members, true = [left, right], True
        if random.random() < 0.3:
            members.append(rewritten(right, random, 2))
        if random.random() < 0.5:
            k = random.randrange(1, len(members))
            whole = isinstance(members[k], (Named, Turned)) and ONE not in shape(members[k]) and random.random() < 0.3
            members[k], true = Inner(members[k], members[k]) if whole else slipped(members[k], random), False
        told(*members, true=true)

    if roll < 0.5:
        for _ in range(random.choice((1, 2))):
            left = stock.matrix(random.choice(SHAPES), random.choice((1, 2, 3)))
            chain(left, rewritten(left, random, random.choice((1, 2, 4))))
    elif roll < 0.75:
        body, by, right = _gradients(stock)
        f = defined("f", body)
        objectives["f"] = ()
        chain(Gradient(f.name, by), rewritten(right, random, random.choice((0, 1, 2))))
    else:
        name, body, rows = _layers(stock)
        defined(name, body)
        objectives["L"] = (name,)
        for by, right in random.sample(rows, random.choice((1, len(rows)))):
            chain(Gradient("L", by), rewritten(right, random, random.choice((0, 0, 1))))
    letters = {"i": "n", "j": "n", "p": "d", "q": "d"}
    inputs = {n: tuple(x for x in s if x != ONE) for n, s in stock.named.items()}
    shapes = {n: r" \times ".join(s) for n, s in inputs.items()}
    return Page(letters=letters, inputs=inputs, definitions=definitions, objectives=objectives), shapes, claims
