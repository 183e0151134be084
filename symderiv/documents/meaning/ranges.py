"""What a formula says of the ranges of its letters: the dimensions that they are used for, and what they are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from symderiv.documents.meaning.operations import COMPARED
from symderiv.documents.meaning.prefixed import joined
from symderiv.documents.meaning.scope import Scope, apart, attempt, found
from symderiv.documents.meaning.spelling import letter_of, names_in, parts, positions_in
from symderiv.documents.syntax.tree import Big, Chain, Name, Scripted, Tree
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array
from symderiv.language.terms import Index


@dataclass(frozen=True)
class Use:
    """A letter as the position of an array, with the range of the dimension; `free` if no sum around it is over that letter."""

    letter: str
    index: Index
    free: bool


def begin(trees: Iterable[Tree], scope: Scope) -> None:
    """Begin a formula: a letter may stand for another range than in the one before."""
    scope.begin()
    go_on(trees, scope)


def go_on(trees: Iterable[Tree], scope: Scope) -> None:
    """Take in what more trees of a formula say of its free letters, wherever in it they are used: the first use counts."""
    trees = tuple(_joined(tree, scope) for tree in trees)
    scope.formula = (*scope.formula, *trees)
    with attempt(scope, keep=False):
        free = [use for use in uses(trees, scope) if use.free]
    for use in free:
        if use.letter not in scope.names:
            scope.ahead.setdefault(use.letter, use.index)


def _joined(tree: Tree, scope: Scope) -> Tree:
    try:
        return joined(tree, scope)
    except FormulaError:  # is told where the formula is read
        return tree


@contextmanager
def among(trees: Iterable[Tree], scope: Scope) -> Iterator[None]:
    """What is read stands among these trees, whose letters have the ranges that they are used for; elsewhere nothing changes."""
    with apart(scope):
        begin(trees, scope)
        yield


def uses(tree: object, scope: Scope, bound: frozenset[str] = frozenset()) -> Iterator[Use]:
    """The letters that stand as positions in a tree, in order."""
    if isinstance(tree, Scripted):
        yield from (Use(letter, index, letter not in bound) for letter, index in _positions(tree, scope))
    bound = bound | names_in(tree.sub) if isinstance(tree, Big) else bound
    inner = (part for name, part in vars(tree).items() if name != "span") if isinstance(tree, Tree) else tree
    for part in inner if isinstance(inner, Iterable) else ():
        if isinstance(part, (Tree, tuple)):
            yield from uses(part, scope, bound)


def is_for_every(condition: Chain, trees: tuple[Tree | None, ...], scope: Scope) -> bool:
    """Whether a condition on entries is one on all of them: what stands under it is at no position of these."""
    names = names_in(condition)
    letters = {name for name in names if scope.index(name) is not None}
    return bool(letters) and names != letters and letters.isdisjoint(_free_names(trees))


def _free_names(tree: object, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names that stand in a tree where no sum around them is over that letter."""
    if isinstance(tree, Name) and tree.text not in bound:
        yield tree.text
    if isinstance(tree, Big):
        over = tree.sub.members[0][1] if isinstance(tree.sub, Chain) else tree.sub
        bound = bound | names_in(over)
    inner = (part for name, part in vars(tree).items() if name != "span") if isinstance(tree, Tree) else tree
    for part in inner if isinstance(inner, Iterable) else ():
        if isinstance(part, (Tree, tuple)):
            yield from _free_names(part, bound)


def _positions(tree: Scripted, scope: Scope) -> Iterator[tuple[str, Index]]:
    try:
        seen = found(tree, scope)
    except FormulaError:  # is told where the formula is read
        return
    if seen is None or not isinstance(seen.what, Array) or seen.positions is None:
        return
    for p, dimension in zip(positions_in(seen.positions, len(seen.what.indices)), seen.what.indices, strict=False):
        if (letter := letter_of(p)) is not None:
            yield letter, Index(letter, dimension.lower, dimension.upper)


def range_by_use(letter: str, tree: object, scope: Scope) -> Index | None:
    """The range of the dimension for which a letter is used first."""
    return next((use.index for use in uses(tree, scope) if use.letter == letter), None)


def ranges_in(letter: str, scope: Scope) -> Iterator[Index]:
    """The ranges that a letter has in the formula that is being read, by its uses, and by the letters that it is compared with."""
    yield from (use.index for use in uses(scope.formula, scope) if use.letter == letter)
    for other in _compared_with(letter, scope.formula):
        index = scope.index(other) if scope.settles(other) else range_by_use(other, scope.formula, scope)
        if index is not None:
            yield Index(letter, index.lower, index.upper)


def _compared_with(letter: str, trees: tuple[Tree, ...]) -> Iterator[str]:
    """The letters beside a letter in comparisons and Kronecker deltas."""
    for part in parts(trees):
        pairs: list[tuple[Tree | None, ...]] = []
        if isinstance(part, Chain):
            pairs = [(a, b) for (_, a), (relation, b) in pairwise(part.members) if relation in COMPARED]
        elif isinstance(part, Scripted) and part.base == Name("\\delta") and part.sub is not None:
            pairs = [positions_in(part.sub, 2)]
        for pair in pairs:
            names = [p.text for p in pair if isinstance(p, Name)]
            if len(names) == 2 and letter in names and names[0] != names[1]:
                yield names[names[0] == letter]
