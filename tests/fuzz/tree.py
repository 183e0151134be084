"""Formulas and pages as plain data, and as the text of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Num:
    value: int | Fraction


@dataclass(frozen=True)
class Size:
    name: str


@dataclass(frozen=True)
class Letter:
    """A position in `lower..upper`, free or bound."""

    name: str
    lower: Any
    upper: Any


@dataclass(frozen=True)
class Entry:
    """A scalar, or an entry of an array: of an input, a label or a definition."""

    name: str
    at: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Add:
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Mul:
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Pow:
    base: Any
    exponent: Any


@dataclass(frozen=True)
class Call:
    function: str
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Over:
    """A Sum or a Product, as `kind` says, over the whole range of a letter."""

    kind: str
    body: Any
    letter: Letter


@dataclass(frozen=True)
class Kron:
    left: Any
    right: Any


@dataclass(frozen=True)
class Test:
    """A comparison, `relation` being Eq, Ne, Gt, Ge, Lt or Le."""

    relation: str
    left: Any
    right: Any


@dataclass(frozen=True)
class Joined:
    """Comparisons under And or Or."""

    kind: str
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Cases:
    test: Test | Joined
    then: Any
    otherwise: Any


@dataclass(frozen=True)
class Diff:
    """The `total` or the `partial` derivative."""

    kind: str
    of: Any
    wrt: Entry


ZERO, ONE, TWO, MINUS = (Num(k) for k in (0, 1, 2, -1))


def num(value: Any) -> Num:
    return Num(value)


def add(*parts: Any) -> Any:
    kept = tuple(p for p in parts if p != ZERO)
    return kept[0] if len(kept) == 1 else Add(kept) if kept else ZERO


def mul(*parts: Any) -> Any:
    if ZERO in parts:
        return ZERO
    kept = tuple(p for p in parts if p != ONE)
    return kept[0] if len(kept) == 1 else Mul(kept) if kept else ONE


def minus(a: Any, b: Any) -> Any:
    return add(a, mul(MINUS, b))


def over(a: Any, b: Any) -> Any:
    return mul(a, Pow(b, MINUS))


def call(function: str, *parts: Any) -> Call:
    return Call(function, parts)


def total(body: Any, letter: Letter) -> Over:
    return Over("Sum", body, letter)


class Unfit(Exception):
    """A formula that cannot be put where it is wanted."""


# going through


def parts_of(node: Any) -> tuple[Any, ...]:
    """The formulas right below; a letter that is bound is none of them."""
    match node:
        case Add(parts) | Mul(parts) | Call(_, parts) | Joined(_, parts):
            return parts
        case Entry(_, at):
            return at
        case Num() | Size() | Letter():
            return ()
    return tuple(getattr(node, f) for f in _places_in(node))


def with_parts(node: Any, parts: tuple[Any, ...]) -> Any:
    match node:
        case Add() | Mul() | Call() | Joined():
            return replace(node, parts=parts)
        case Entry():
            return replace(node, at=parts)
        case Num() | Size() | Letter():
            return node
    return replace(node, **dict(zip(_places_in(node), parts, strict=True)))


def _places_in(node: Any) -> list[str]:
    return [f.name for f in fields(node) if f.name not in ("kind", "relation", "letter")]


def below(node: Any) -> Iterator[Any]:
    """The node and all below it."""
    yield node
    for part in parts_of(node):
        yield from below(part)


def places(node: Any) -> Iterator[tuple[Any, Callable[[Any], Any]]]:
    """Every formula in a formula, with the function that puts another in its place. Positions are left alone."""
    yield node, lambda new: new
    if isinstance(node, (Entry, Kron, Joined)) or (isinstance(node, Diff) and isinstance(node.of, Entry)):
        return
    parts = parts_of(node)
    for k, part in enumerate(parts):
        if isinstance(node, (Diff, Pow)) and k == 1:
            continue
        for inner, put in places(part):
            yield inner, lambda new, k=k, put=put: with_parts(node, (*parts[:k], put(new), *parts[k + 1 :]))


def free(node: Any) -> frozenset[Letter]:
    match node:
        case Letter(_, lower, upper):
            return frozenset({node}) | free(lower) | free(upper)
        case Over(_, body, letter):
            return (free(body) - {letter}) | free(letter.lower) | free(letter.upper)
    return frozenset().union(*map(free, parts_of(node)))


def letters(node: Any) -> frozenset[str]:
    """The names of all letters, free and bound."""
    mine = {node.name} if isinstance(node, Letter) else {node.letter.name} if isinstance(node, Over) else set()
    return frozenset(mine).union(*map(letters, parts_of(node)))


def names(node: Any) -> frozenset[str]:
    return frozenset(n.name for n in below(node) if isinstance(n, Entry))


def put(node: Any, swap: Mapping[Any, Any]) -> Any:
    """The formula with others in place of letters and entries; the caller sees to it that nothing is bound by that."""
    if node in swap:
        return swap[node]
    if isinstance(node, Over):
        swap = {k: v for k, v in swap.items() if k != node.letter}
        if isinstance(node.letter.upper, Letter) and node.letter.upper in swap:
            upper = swap[node.letter.upper]
            if not isinstance(upper, Letter):
                raise Unfit
            other = Letter(f"r{upper.name}", ONE, upper)
            return Over(node.kind, put(node.body, {**swap, node.letter: other}), other)
    return with_parts(node, tuple(put(p, swap) for p in parts_of(node)))


# pages


BETWEEN = {"share": (0, 1), "around 0": (-1, 1)}  # two numbers that an input lies between


@dataclass(frozen=True)
class Input:
    """`sign` is empty, `positive`, `nonzero`, `integer`, or a row of `BETWEEN`; of a label, `of` is the letter in whose range it lies."""

    name: str
    at: tuple[Letter, ...] = ()
    sign: str = ""
    of: Letter | None = None


@dataclass(frozen=True)
class Definition:
    name: str
    at: tuple[Letter, ...]
    body: Any


@dataclass(frozen=True)
class Objective:
    """Any smooth function of a definition."""

    name: str
    node: str


@dataclass(frozen=True)
class Page:
    """One claim, left = right, and what it rests on, in order. An assumption is a pair (entry, value)."""

    sizes: tuple[str, ...]
    inputs: tuple[Input, ...]
    definitions: tuple[Definition | Objective, ...]
    assumptions: tuple[tuple[Any, Any], ...]
    left: Any
    right: Any

    @property
    def formulas(self) -> Iterator[Any]:
        yield self.left
        yield self.right
        for d in self.definitions:
            if isinstance(d, Definition):
                yield d.body
        for pair in self.assumptions:
            yield from pair


def all_letters(page: Page) -> list[Letter]:
    found: dict[str, Letter] = {}
    declared = [
        *(l for i in page.inputs for l in (*i.at, *([i.of] if i.of else []))),
        *(l for d in page.definitions if isinstance(d, Definition) for l in d.at),
    ]
    bound = [n for f in page.formulas for n in below(f)]
    for letter in (*declared, *(n if isinstance(n, Letter) else n.letter for n in bound if isinstance(n, (Letter, Over)))):
        for inner in (*sorted(free(letter.lower) | free(letter.upper), key=lambda l: l.name), letter):
            found.setdefault(inner.name, inner)
    return list(found.values())


def source(page: Page) -> str:
    """The page as Python."""
    lines = ["from sympy import *", "from symderiv import *", 'd = Derivation("random")']
    lines += [f"{s} = d.size({s!r})" for s in page.sizes]
    for l in all_letters(page):
        lower = "" if l.lower == ONE else f", lower={written(l.lower)}"
        lines.append(f"{l.name} = d.index({l.name!r}, {written(l.upper)}{lower})")
    for i in page.inputs:
        at = "".join(f", {l.name}" for l in i.at)
        if i.of:
            lines.append(f"{i.name} = d.label({i.name!r}{at}, of={i.of.name})")
        else:
            sign = f", between={BETWEEN[i.sign]}" if i.sign in BETWEEN else f", {i.sign}=True" if i.sign else ""
            lines.append(f"{i.name} = d.input({i.name!r}{at}{sign})")
    assumed = [f"d.assume({written(what)}, {written(value)})" for what, value in page.assumptions]
    opaque = {d.name for d in page.definitions if isinstance(d, Objective)}
    lines += assumed
    for d in page.definitions:
        if isinstance(d, Objective):
            lines.append(f"{d.name} = d.objective({d.name!r}, {d.node})")
        else:
            at = "".join(f", {l.name}" for l in d.at)
            itself = f"lambda {d.name}: " if d.name in names(d.body) else ""
            lines.append(f"{d.name} = d.let({d.name!r}{at}, {itself}{written(d.body, opaque)})")
    lines.append(f'd.claim("1", {written(page.left, opaque)}, {written(page.right, opaque)})')
    return "\n".join(lines) + "\n"


def written(node: Any, opaque: Any = frozenset()) -> str:
    """A formula as a page writes it."""

    def of(part: Any) -> str:
        return written(part, opaque)

    match node:
        case Num(value):
            return str(value) if value.denominator == 1 else f"Rational({value.numerator}, {value.denominator})"
        case Size(name) | Letter(name) | Entry(name, ()):
            return name
        case Entry(name, at):
            return f"{name}[{', '.join(map(of, at))}]"
        case Add(parts):
            return " + ".join(map(of, parts)).replace("+ -", "- ")
        case Mul(parts):
            return _product(parts, of)
        case Pow(base, exponent):
            return f"{_base(base, of)}**{_factor(exponent, of)}"
        case Call(function, parts):
            return f"{function}({', '.join(map(of, parts))})"
        case Over(kind, body, letter):
            return f"{kind}({of(body)}, {letter.name})"
        case Kron(left, right):
            return f"Delta({of(left)}, {of(right)})"
        case Test(relation, left, right):
            return f"{relation}({of(left)}, {of(right)})"
        case Joined(kind, parts):
            return f"{kind}({', '.join(map(of, parts))})"
        case Cases(test, then, otherwise):
            return f"Where({of(test)}, {of(then)}, {of(otherwise)})"
        case Diff("total", Entry(name, ()), wrt) if name in opaque:
            return f"{name}.wrt({of(wrt)})"
        case Diff(kind, what, wrt):
            return f"d.{kind}({of(what)}, {of(wrt)})"
    raise TypeError(node)


def _factor(node: Any, of: Callable[[Any], str]) -> str:
    loose = isinstance(node, (Add, Mul)) or (isinstance(node, Num) and (node.value < 0))
    return f"({of(node)})" if loose else of(node)


def _base(node: Any, of: Callable[[Any], str]) -> str:
    if isinstance(node, Num):
        return f"Rational({node.value.numerator}, {node.value.denominator})"
    return f"({of(node)})" if isinstance(node, (Add, Mul, Pow)) else of(node)


def _product(parts: tuple[Any, ...], of: Callable[[Any], str]) -> str:
    first, *others = parts
    text = "-" if first == MINUS and others else f"({of(first)})" if isinstance(first, (Add, Num)) else of(first)
    for k, part in enumerate(others):
        if (
            isinstance(part, Pow)
            and part.exponent == MINUS
            and not (k == 0 and first == MINUS)
            and not all(isinstance(p, Num) for p in parts[: k + 1])
        ):
            text += "/" + _base(part.base, of)
        else:
            text += ("" if text == "-" else "*") + (f"({of(part)})" if isinstance(part, (Add, Mul, Num)) else of(part))
    return text
