"""Names where they stand in the equations of a document, with the letters below them and how they are used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeAlias

from symderiv.documents.meaning.cases import INDICATORS
from symderiv.documents.meaning.spelling import parts, positions_in, spelled_or_none
from symderiv.documents.syntax.grammar import read
from symderiv.documents.syntax.tokens import Macro
from symderiv.documents.syntax.tree import (
    Added,
    Big,
    Chain,
    Differential,
    Dots,
    Fenced,
    Fraction,
    Listed,
    Matrix,
    Multiplied,
    Name,
    Number,
    Scripted,
    Tree,
)
from symderiv.documents.text.rows import rows_of
from symderiv.documents.text.source import Snippet
from symderiv.errors import FormulaError

Letter: TypeAlias = tuple[str, int, int]  # a letter, the equation that it stands in, and the sum there that it is the letter of, or 0
TURNED = ("\\top", "T", "\\intercal", "\\mathsf{T}", "\\mathrm{T}", "\\transp")
DELTAS = ("\\delta", *INDICATORS)
SYMMETRIC = re.compile(r"\bsymmetric( positive (semi-?)?definite)?( matrix| matrices)?\s*$", re.IGNORECASE)
IS_SYMMETRIC = re.compile(r"\s*(is|be|being|are|=)?( an?)? ?symmetric\b", re.IGNORECASE)
SPACES = ("\\mathbb{R}", "\\mathbf{R}", "\\Re")


@dataclass(frozen=True)
class Occurrence:
    """A name in an equation: `word` with positions below it, of which `letters` has those that are letters, alone or next to a number.

    `differentiated` tells that it is what a derivative is of, `by` that it is what a derivative is by; `argument` is what it is a
    function of, if it looks like one; `defines` that it is alone on the left side of its equation.
    """

    word: str
    tree: Tree
    part: int
    equation: int
    positions: tuple[Tree, ...]
    letters: Mapping[int, Letter]
    above: Tree | None = None
    primes: int = 0
    differentiated: bool = False
    by: bool = False
    argument: Tree | None = None
    defines: bool = False

    @property
    def numbers(self) -> bool:
        """Whether all that stands below it is numbers."""
        return bool(self.positions) and all(isinstance(p, Number) for p in self.positions)


@dataclass(frozen=True)
class Limits:
    """The letter of a sum with the end of its range, if that is said, and is the last position: not in one from 0 on."""

    letter: Letter
    upper: Tree | None
    part: int


@dataclass(frozen=True)
class Membership:
    """`W, V \\in \\mathbb{R}^{n \\times d}`: names and the sizes of what they stand for."""

    name: Tree
    sizes: tuple[Tree, ...]
    part: int


@dataclass
class Seen:
    """All that was seen in a document, in order; `zero` has the equations that end in 0."""

    occurrences: list[Occurrence] = field(default_factory=list)
    limits: list[Limits] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)  # the equations, of which the first has the number 0
    listings: list[Chain] = field(default_factory=list)  # x = (x_1, \\dots, x_n), which says how long x is
    symmetric: list[str] = field(default_factory=list)  # what the prose calls so, as it is written
    zero: list[int] = field(default_factory=list)
    means: list[tuple[Tree, Letter]] = field(default_factory=list)  # m and i in \\frac{1}{m} \\sum_i
    said: dict[str, Tree] = field(default_factory=dict)  # the end of the range of a letter, as in i = 1, \\dots, n
    alike: list[tuple[Letter, Letter]] = field(default_factory=list)  # letters that are compared


@dataclass(frozen=True)
class _Place:
    """Where a tree stands: its part, its equation, and the sums around it by their letters."""

    part: int
    equation: int
    first: int  # the equation that it goes on from, whose letters it shares, or itself
    around: Mapping[str, int] = field(default_factory=dict)
    differentiated: bool = False
    by: bool = False

    def letter(self, text: str) -> Letter:
        return text, self.first, self.around.get(text, 0)


def seen_in(pieces: Sequence[object], macros: Mapping[str, Macro]) -> Seen:
    """What stands in the formulas of a document; one that cannot be read tells nothing, or only by its rows."""
    seen = Seen()
    first = 0
    for part, snippet in enumerate(pieces):
        if isinstance(snippet, Snippet) and (SYMMETRIC.search(snippet.before) or IS_SYMMETRIC.match(snippet.after)):
            seen.symmetric.append(snippet.latex.strip())
        for chain in _chains(snippet, macros) if isinstance(snippet, Snippet) else ():
            goes_on = chain.members[0][0] == "=" and bool(seen.chains)
            first = first if goes_on else len(seen.chains)
            _look_at(chain, _Place(part, len(seen.chains), first), seen)
    return seen


def chains_in(latex: str, macros: Mapping[str, Macro]) -> tuple[Chain, ...]:
    """What a formula states; nothing if it cannot be read."""
    try:
        return read(latex, macros).chains
    except FormulaError:
        return ()


def _chains(snippet: Snippet, macros: Mapping[str, Macro]) -> Iterator[Chain]:
    found = chains_in(snippet.latex, macros)
    yield from found
    if not found:
        for row in rows if len(rows := rows_of(snippet)) > 1 else ():
            yield from _chains(row, macros)


def _look_at(chain: Chain, place: _Place, seen: Seen) -> None:
    members = [(relation, tree) for relation, tree in chain.members if tree is not None]
    if len(members) == 2 and members[1][0] in ("=", ":=") and (last := _last_listed(members[1][1])) is not None:
        seen.listings.append(chain)
        seen.memberships.append(Membership(members[0][1], (last,), place.part))
        return
    for (_, left), (relation, right) in pairwise(members):
        seen.memberships += [Membership(name, sizes, place.part) for name in _items(left) for sizes in _space(relation, right)]
        seen.said.update({name.text: upper for name, upper in _range(relation, left, right)})
    if not any(relation in ("=", ":=") for relation, _ in chain.members) or any(
        any(_range(r, a, b)) for (_, a), (r, b) in pairwise(members)
    ):
        return
    seen.chains.append(chain)
    if members and members[-1][1] == Number("0"):
        seen.zero.append(place.equation)
    for n, (_, tree) in enumerate(members):
        defines = n == 0 and members[0][0] == "" and len(members) > 1 and members[1][0] in ("=", ":=")
        _walk(tree, place, seen, defines)


def _last_listed(tree: Tree) -> Tree | None:
    """The position of the last of the entries that are listed with dots between: n in `(x_1, \\dots, x_n)^\\top` and `[x_1 \\dots x_n]`."""
    if isinstance(tree, Scripted) and spelled_or_none(tree.sup) in TURNED:
        tree = tree.base
    if isinstance(tree, Fenced):
        tree = tree.body
    items = list(tree.items) if isinstance(tree, Listed) else []
    if isinstance(tree, Matrix) and 1 in (len(tree.rows), len(tree.rows[0])):
        cells = [cell for row in tree.rows for cell in row]
        items = [item for cell in cells for item in ([f for _, f in cell.factors] if isinstance(cell, Multiplied) else [cell])]
    last = items[-1] if len(items) > 2 and any(isinstance(item, Dots) for item in items) else None
    return last.sub if isinstance(last, Scripted) and isinstance(last.sub, (Name, Number)) else None


def _items(tree: Tree) -> tuple[Tree, ...]:
    return tree.items if isinstance(tree, Listed) else (tree,)


def _space(relation: str, right: Tree) -> Iterator[tuple[Tree, ...]]:
    """The sizes in `\\mathbb{R}^{n \\times d}`; none of a number."""
    if relation != "∈" or (right.base if isinstance(right, Scripted) else right) not in [Name(space) for space in SPACES]:
        return
    above = right.sup if isinstance(right, Scripted) else None
    if above is None:
        yield ()
    elif (
        isinstance(above, Multiplied)
        and all(mark in ("", "×") for mark, _ in above.factors)
        and any(mark == "×" for mark, _ in above.factors)
    ):
        yield tuple(f for _, f in above.factors)
    else:
        yield (above,)


def _range(relation: str, left: Tree, right: Tree) -> Iterator[tuple[Name, Tree]]:
    """The letters and the end of `i, j = 1, \\dots, n` or `i \\in \\{1, \\dots, n\\}`."""
    if isinstance(right, Fenced) and right.fence == "{" and relation == "∈":
        right = right.body
    items = right.items if isinstance(right, Listed) else [f for _, f in right.factors] if isinstance(right, Multiplied) else []
    if relation in ("=", "∈") and len(items) >= 3 and items[0] == Number("1") and isinstance(items[-2], Dots):
        yield from ((name, items[-1]) for name in _items(left) if isinstance(name, Name))


def _walk(tree: object, place: _Place, seen: Seen, defines: bool = False) -> None:
    if isinstance(tree, (Name, Scripted)):
        _name(tree, place, seen, defines)
    elif isinstance(tree, Big):
        _big(tree, place, seen)
    elif isinstance(tree, Fraction) and any(isinstance(p, Differential) for p in parts(tree.below)):
        _walk(tree.above, _with(place, differentiated=True), seen)
        _walk(tree.below, _with(place, by=True), seen)
    elif isinstance(tree, Differential):
        _walk(tree.of, place if tree.sign != "∇" else _with(place, differentiated=True), seen)
        _walk(tree.sub, _with(place, by=True), seen)
    elif isinstance(tree, Multiplied):
        _factors(tree, place, seen, defines)
    elif isinstance(tree, (Tree, tuple)):
        for inner in vars(tree).values() if isinstance(tree, Tree) else tree:
            if isinstance(inner, (Tree, tuple)):
                _walk(inner, _plain(place) if isinstance(tree, Fenced) else place, seen)


def _with(place: _Place, differentiated: bool = False, by: bool = False) -> _Place:
    return replace(place, differentiated=differentiated, by=by)


def _plain(place: _Place) -> _Place:
    return _with(place)


def _factors(tree: Multiplied, place: _Place, seen: Seen, defines: bool) -> None:
    """Factors, of which a name before parentheses may be a function of what stands in them."""
    factors = tree.factors
    for n, (_, factor) in enumerate(factors):
        mark, after = factors[n + 1] if n + 1 < len(factors) else ("·", None)
        called = after if mark == "" and isinstance(after, Fenced) and after.fence == "(" else None
        if isinstance(factor, (Name, Scripted)):
            _name(factor, place, seen, defines and called is not None and len(factors) == 2, called.body if called is not None else None)
        else:
            _walk(factor, place, seen)
        if (
            isinstance(factor, Fraction)
            and factor.above == Number("1")
            and isinstance(after, Big)
            and after.sup is None
            and len(letters := list(_bound(after))) == 1
        ):
            seen.means.append((factor.below, (letters[0], place.first, after.span[0] + 1)))


def _name(tree: Name | Scripted, place: _Place, seen: Seen, defines: bool, argument: Tree | None = None) -> None:
    """A name with what is around it."""
    base, sub, sup, primes = (tree.base, tree.sub, tree.sup, tree.primes) if isinstance(tree, Scripted) else (tree, None, None, 0)
    if not isinstance(base, Name):
        _walk((base, sup), place, seen)
        return
    if base.text == "e" and sub is None and sup is not None:
        _walk(sup, place, seen)  # the exponential
        return
    below = () if sub is None else positions_in(sub, 2)
    if base.text in DELTAS and len(below) == 2 and sup is None:
        pair = [name.text for p in below if (name := _letter_in(p)) is not None]
        seen.alike += [(place.letter(pair[0]), place.letter(pair[1]))] if len(pair) == 2 else []
        return
    if base.text in SPACES or base.text in TURNED:
        return
    inside = sup.body if isinstance(sup, Fenced) and sup.fence == "(" else None
    if isinstance(inside, Name) and len(inside.text) == 1:  # x^{(i)}_j
        below, sup = (inside, *below), None
    letters = {n: place.letter(name.text) for n, p in enumerate(below) if (name := _letter_in(p)) is not None}
    seen.occurrences.append(
        Occurrence(
            base.text, tree, place.part, place.equation, below, letters, sup, primes, place.differentiated, place.by, argument, defines
        )
    )
    for position in below:
        if isinstance(position, Scripted):
            _walk(position, _plain(place), seen)
    if sup is not None and spelled_or_none(sup) not in TURNED and not isinstance(sup, Fenced):
        _walk(sup, _plain(place), seen)


def _letter_in(position: Tree) -> Name | None:
    """The letter in `t` and in `t - 1`."""
    if isinstance(position, Added) and len(position.terms) == 2 and isinstance(position.terms[1][1], Number):
        position = position.terms[0][1]
    return position if isinstance(position, Name) and len(position.text.lstrip("\\")) == 1 else None


def _bound(tree: Big) -> Iterator[str]:
    """The letters of a sum or product; what a minimum is over may be anything."""
    sub = tree.sub if tree.kind in ("sum", "prod") else None
    over = sub.members[0][1] if isinstance(sub, Chain) else sub
    for item in _items(over) if over is not None else ():
        names = [f for _, f in item.factors] if isinstance(item, Multiplied) else [item]
        yield from (name.text for name in names if isinstance(name, Name))


def _big(tree: Big, place: _Place, seen: Seen) -> None:
    number = tree.span[0] + 1
    letters = list(_bound(tree))
    inner = replace(_plain(place), around={**place.around, **dict.fromkeys(letters, number)})
    upper = None if isinstance(tree.sub, Chain) and Number("0") in [m for _, m in tree.sub.members] else tree.sup
    seen.limits += [Limits(inner.letter(letter), upper, place.part) for letter in letters]
    if isinstance(tree.sub, Chain):  # the letters of \\sum_{j \\neq i} have one range
        others = [m.text for _, m in tree.sub.members[1:] if isinstance(m, Name)]
        seen.alike += [(place.letter(other), inner.letter(letter)) for other in others for letter in letters]
    _walk(tree.body, inner, seen)
