"""How a step that does not fit can be meant: a name for another, a factor turned, an index added or put right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, pairwise, product, zip_longest
from typing import TypeAlias

from symderiv.documents.meaning.ranges import range_by_use
from symderiv.documents.meaning.scope import Scope, attempt, found
from symderiv.documents.meaning.spelling import count, names_in, parts, positions_in, remade
from symderiv.documents.meaning.unsized import Row
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import Applied, Chain, Differential, Fenced, Fraction, Listed, Multiplied, Name, Scripted, Tree
from symderiv.documents.syntax.written import written
from symderiv.errors import SymderivError
from symderiv.faces.judged import Formula
from symderiv.language.arrays import Array
from symderiv.language.names import text_name
from symderiv.language.terms import Index

MOST_TURNED = 200


# Letters that are taken for one another, by hand and by machine.
ALIKE = (
    "y \\gamma", "v \\nu", "w \\omega", "u \\mu", "p \\rho", "x \\chi", "k \\kappa", "n \\eta", "a \\alpha", "B \\beta",
    "\\epsilon \\varepsilon", "i j l", "m n", "\\phi \\varphi", "o \\sigma", "t \\tau",
)  # fmt: skip


Sides: TypeAlias = tuple[Tree, Tree]
Renaming: TypeAlias = tuple[str, int, str]  # a name with so many indices, and the name in its place


# a name for another


def read_as(wrong: str, name: str) -> Formula:
    return Formula(f"{text_name(wrong)} read as {text_name(name)}", rf"{wrong} \text{{ read as }} {name}")


Change: TypeAlias = tuple[Formula, Sides, bool, Renaming | None]  # what is said of it, the sides, whether it is likely, and a renaming


def misread(left: Tree, right: Tree, scope: Scope) -> Iterator[Change]:
    """Both sides with another name for one that does not fit; letters that look alike first, and others are a guess."""
    for wrong, many in _misused(left, right, scope) or _arrays(left, right, scope):
        for name, alike in _fitting(wrong, many, scope):
            a, b = (with_name(side, wrong, many, name, scope) for side in (left, right))
            if (a, b) != (left, right) and a != b:  # that something is itself was not meant
                yield read_as(wrong, name), (a, b), alike, (wrong, many, name)


def _misused(left: Tree, right: Tree, scope: Scope) -> list[tuple[str, int]]:
    """Names that are used with a number of indices that they do not have, with that number."""
    uses: dict[tuple[str, int], None] = {}
    for tree in (left, right):
        inside_scripted = {id(p.base) for p in parts(tree) if isinstance(p, Scripted)}
        for part in parts(tree):
            seen = found(part, scope) if isinstance(part, (Name, Scripted)) and id(part) not in inside_scripted else None
            if seen is None:
                continue
            many = 0 if seen.positions is None else count(seen.positions)
            wanted = len(seen.what.indices) if isinstance(seen.what, Array) else 0
            if many != wanted:
                uses[seen.name, many] = None
    return list(uses)


def _arrays(left: Tree, right: Tree, scope: Scope) -> list[tuple[str, int]]:
    """The arrays of which entries are taken, with the number of indices."""
    seen = [found(part, scope) for tree in (right, left) for part in parts(tree) if isinstance(part, Scripted)]
    return list(dict.fromkeys((s.name, len(s.what.indices)) for s in seen if s is not None and isinstance(s.what, Array)))


def _fitting(wrong: str, many: int, scope: Scope) -> list[tuple[str, bool]]:
    """The names that have so many indices, and whether they look like the wrong one; these first."""
    fits = [n for n, what in scope.names.items() if (len(what.indices) if isinstance(what, Array) else 0) == many and n != wrong]
    alike = [n for n in fits if any({wrong, n} <= set(row.split()) for row in ALIKE)]
    sizes = {size.name for size in scope.derivation.program.sizes}
    return [(n, True) for n in alike] + [(n, False) for n in fits if n not in alike and n not in sizes]


def with_name(tree: Tree, wrong: str, many: int, name: str, scope: Scope) -> Tree:
    """A tree with a name in place of another where that has so many indices."""

    def change(part: Tree) -> Tree | None:
        seen = found(part, scope) if isinstance(part, (Name, Scripted)) else None
        if seen is None:
            return None
        base = Name(name, span=part.span)
        if (seen.name, 0 if seen.positions is None else count(seen.positions)) == (wrong, many):
            around = isinstance(part, Scripted) and (seen.positions is not None or seen.power is not None)
            return Scripted(base, seen.positions, seen.power, span=part.span) if around else base
        if not isinstance(part, Scripted):
            return None
        sub, sup = (None if inner is None else remade(inner, change) for inner in (part.sub, part.sup))
        return replace(part, sub=sub, sup=sup)

    return remade(tree, change)


# a factor turned, an index put right


def turned(left: Tree, right: Tree, scope: Scope) -> Iterator[Change]:
    """Both sides with a small change of the right one: matrices transposed, neighbours exchanged, an index added or put right."""
    turns = [*_indexed(right, left, scope), *_turns(right, scope)]
    for old, new, _ in sorted(turns[:MOST_TURNED], key=lambda turn: turn[2]):
        a, b = written(new), written(old)
        yield Formula(f"{a} for {b}", rf"{a} \text{{ for }} {b}"), (left, _with_change(right, old, new)), False, None


def _with_change(tree: Tree, old: Tree, new: Tree) -> Tree:
    """A tree with one of its parts replaced, found by identity."""
    return remade(tree, lambda part: new if part is old else None)


Turn: TypeAlias = tuple[Tree, Tree, int]  # a part, what stands in its place, how much is changed


def _turns(tree: Tree, scope: Scope) -> Iterator[Turn]:
    """Each matrix with its transpose, and each product with neighbours exchanged and factors transposed, two changes in all."""
    yield tree, _transposed(tree), 2
    for part in _factors(tree):
        if isinstance(part, Multiplied):
            yield from ((part, new, cost) for new, cost in _arranged(part, [_rank(f, scope) for _, f in part.factors]))
        elif _rank(part, scope) == 2:
            yield part, _transposed(part), 1


def _arranged(tree: Multiplied, ranks: list[int]) -> Iterator[tuple[Multiplied, int]]:
    matrices = [n for n, rank in enumerate(ranks) if rank == 2]
    for n in (None, *(n for n, pair in enumerate(pairwise(ranks)) if all(pair))):
        for changed in (1, 2):
            for flipped in combinations(matrices, changed - (n is not None)):
                factors = [(mark, _transposed(f)) if k in flipped else (mark, f) for k, (mark, f) in enumerate(tree.factors)]
                if n is not None:
                    (mark, a), (_, b) = factors[n : n + 2]
                    factors[n : n + 2] = [(mark, b), ("", a)]
                yield replace(tree, factors=tuple(factors)), changed


def _indexed(tree: Tree, other: Tree, scope: Scope) -> Iterator[Turn]:
    """Each name that lacks indices with letters of the step that have the ranges; each that has one beyond a letter with that letter."""
    names = dict.fromkeys(p.text for side in (tree, other) for p in parts(side) if isinstance(p, Name) and p.text not in scope.names)
    ranges = {n: scope.letters.get(n) or range_by_use(n, other, scope) or range_by_use(n, tree, scope) for n in names}
    letters = {name: index for name, index in ranges.items() if index is not None}
    bases = {id(p.base) for p in parts(tree) if isinstance(p, Scripted)}
    for part in parts(tree):
        seen = found(part, scope) if isinstance(part, (Name, Scripted)) and id(part) not in bases else None
        if seen is None or not isinstance(seen.what, Array) or seen.power is not None:
            continue
        given = () if seen.positions is None else positions_in(seen.positions, len(seen.what.indices))
        choices = [_letters_for(at, dimension, letters) for at, dimension in zip_longest(given, seen.what.indices)]
        for at in product(*choices):
            if at != given:
                yield part, Scripted(Name(seen.name), _below(at), span=part.span), sum(a != b for a, b in zip_longest(at, given))


def _below(at: tuple[Tree, ...]) -> Tree:
    """Positions as they are written below a name: letters side by side, anything else with commas between."""
    letters = all(isinstance(p, Name) and len(p.text) == 1 for p in at)
    return at[0] if len(at) == 1 else Multiplied(tuple(("", p) for p in at)) if letters else Listed(at)


def _letters_for(given: Tree | None, dimension: Index | None, letters: Mapping[str, Index]) -> list[Tree]:
    """What can stand at a position: what does; a letter that runs over the dimension, where nothing does, or more than a letter."""
    if dimension is None:
        return []
    fits = [name for name, index in letters.items() if (index.lower, index.upper) == (dimension.lower, dimension.upper)]
    if given is None or (isinstance(given, Name) and given.text in letters):
        return [given] if isinstance(given, Name) and given.text in fits else [Name(i) for i in fits]
    inside = names_in(given)
    return [given, *(Name(i) for i in fits if i in inside and given != Name(i))]


def _factors(tree: object) -> Iterator[Tree]:
    """The products of a member and what they are of; nothing that stands inside a name, an index or a derivative."""
    if isinstance(tree, Tree):
        yield tree
        if not isinstance(tree, (Name, Scripted, Fraction, Differential, Applied, Chain)):
            for inner in vars(tree).values():
                yield from _factors(inner)
    elif isinstance(tree, tuple):
        for inner in tree:
            yield from _factors(inner)


def _rank(tree: Tree, scope: Scope) -> int:
    try:
        with attempt(scope, keep=False):
            what = value(tree, scope)
    except SymderivError:
        return 0
    return len(what.indices) if isinstance(what, Array) else 1 if isinstance(what, Row) else 0


def _transposed(tree: Tree) -> Tree:
    if isinstance(tree, Scripted) and tree.sub is None and tree.sup in (Name("\\top"), Name("T"), Name("\\intercal")):
        return tree.base
    base = (
        tree if isinstance(tree, (Name, Fenced)) or (isinstance(tree, Scripted) and tree.sup is None) else Fenced("(", tree, span=tree.span)
    )
    if isinstance(base, Scripted):
        return replace(base, sup=Name("\\top"))
    return Scripted(base, None, Name("\\top"), span=tree.span)
