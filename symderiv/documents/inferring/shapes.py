"""The shapes of arrays that are written without their indices, as matrices are: those under which most equations have a meaning."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import TypeAlias

from symderiv.documents.inferring.occurrences import TURNED
from symderiv.documents.meaning.spelling import parts, spelled_or_none
from symderiv.documents.meaning.unsized import unsized
from symderiv.documents.syntax.tree import (
    Added,
    Applied,
    Big,
    Chain,
    Differential,
    Fenced,
    Fraction,
    Multiplied,
    Name,
    Noted,
    Number,
    Root,
    Scripted,
    Tree,
)

NUMBERS = ("tr", "Tr", "trace", "det", "logdet", "rank")  # functions that make one number of a matrix
SPARED = ("diag", "vec")  # functions of which the shape is not looked at
ENTRYWISE = ("⊙", "*", "∘")
MINUS_ONE = Added(((-1, Number("1")),))
MOST_SWEEPS = 3


class Clash(Exception):
    """Parts of an equation that have no meaning beside each other."""


@dataclass(frozen=True)
class Shape:
    """The dimensions of an array, by nodes of their ranges; `row` for a vector turned on its side."""

    dims: tuple[Hashable, ...] = ()
    row: bool = False

    @property
    def turned(self) -> Shape:
        return Shape(self.dims[::-1], not self.row and len(self.dims) == 1)


ONE = Shape()
Unite: TypeAlias = Callable[[Hashable, Hashable], None]


@dataclass(frozen=True)
class Named:
    """The shape of a name where it stands, None where nothing is known of it; the names to which parentheses after them belong."""

    shape: Callable[[Tree], Shape | None]
    called: frozenset[Tree] = frozenset()


def speaks_in_matrices(trees: Iterable[Tree]) -> bool:
    """Whether something is turned on its side, or is of a matrix, in formulas."""
    for part in parts(tuple(trees)):
        if isinstance(part, Scripted) and part.sup is not None and spelled_or_none(part.sup) in TURNED:
            return True
        if (isinstance(part, Applied) and part.head in NUMBERS) or (isinstance(part, Fenced) and part.fence == "‖"):
            return True
    return False


def ranks(
    chains: Iterable[Chain],
    mentions: Mapping[str, set[int]],
    choices: Mapping[str, tuple[int, ...]],
    named: Callable[[Mapping[str, int]], Named],
) -> dict[str, int]:
    """How many indices each name has, so that as few equations as can be have no meaning; the first choice where that makes no difference.

    `mentions` has the equations of each name by their number, `choices` what each may have, the likeliest first.
    """
    chains = list(chains)
    chosen = {key: options[0] for key, options in choices.items()}

    shapes = named(chosen)  # which follows what is chosen

    def clashes(key: str) -> int:
        return sum(not fits(chains[n], shapes, _nothing) for n in mentions[key])

    for _ in range(MOST_SWEEPS):
        before = dict(chosen)
        for key, options in choices.items():
            costs = {}
            for option in dict.fromkeys((chosen[key], *options)):
                chosen[key] = option
                costs[option] = clashes(key)
            chosen[key] = min(costs, key=lambda option: costs[option])
        if chosen == before:
            break
    return chosen


def _nothing(a: Hashable, b: Hashable) -> None:
    """Unites nothing."""


def fits(chain: Chain, named: Named, unite: Unite) -> bool:
    """Whether the sides of an equation have a meaning and one shape; what has the same range is united."""
    try:
        shapes = [shape_of(tree, named, unite) for _, tree in chain.members if tree is not None]
        for a, b in pairwise(shapes):
            _same(a, b, unite)
    except Clash:
        return False
    return True


def shape_of(tree: Tree | None, named: Named, unite: Unite) -> Shape | None:
    """The shape of a formula; None where nothing is known of it. Fails where it has no meaning."""

    def of(inner: Tree | None) -> Shape | None:
        return shape_of(inner, named, unite)

    if isinstance(tree, Number):
        return ONE
    if isinstance(tree, Name):
        return named.shape(tree)
    if isinstance(tree, Scripted):
        return _with_power(named.shape(tree) if isinstance(tree.base, Name) else of(tree.base) if tree.sub is None else None, tree, unite)
    if isinstance(tree, Fenced):
        inner = of(tree.body)
        return inner if tree.fence in "([{" else ONE
    if isinstance(tree, Added):
        return reduce(lambda a, b: _same(a, b, unite), [of(term) for _, term in tree.terms])
    if isinstance(tree, Multiplied):
        return _product(tree, of, named.called, unite)
    if isinstance(tree, Fraction):
        return _fraction(tree, of)
    if isinstance(tree, (Root, Big, Noted)):
        return of(tree.of if isinstance(tree, Root) else tree.body)
    if isinstance(tree, Differential):
        return (of(tree.sub) if of(tree.of) == ONE else None) if tree.sign == "∇" and tree.order == 1 else of(tree.of) if tree.of else None
    if isinstance(tree, Applied):
        inner = of(tree.of)
        return ONE if tree.head in NUMBERS else None if tree.head in SPARED else inner
    return None


def _with_power(shape: Shape | None, tree: Scripted, unite: Unite) -> Shape | None:
    if shape is None or tree.sup is None:
        return shape
    if spelled_or_none(tree.sup) in TURNED:
        return shape.turned
    if len(shape.dims) == 2:
        unite(*shape.dims)
    if len(shape.dims) == 1 and tree.sup == MINUS_ONE:
        raise Clash
    return shape


def _same(a: Shape | None, b: Shape | None, unite: Unite) -> Shape | None:
    """Two shapes that have to be one."""
    if a is None or b is None:
        return a or b
    if len(a.dims) != len(b.dims) or a.row != b.row:
        raise Clash
    for one, other in zip(a.dims, b.dims, strict=True):
        unite(one, other)
    return a


def _product(tree: Multiplied, of: Callable[[Tree | None], Shape | None], called: frozenset[Tree], unite: Unite) -> Shape | None:
    result: Shape | None = ONE
    for n, (mark, factor) in enumerate(tree.factors):
        if n and mark == "" and isinstance(factor, Fenced) and tree.factors[n - 1][1] in called:
            continue
        shape = of(factor)
        if mark == "/":
            if shape is not None and shape != ONE:
                raise Clash
        elif mark in ENTRYWISE and result not in (None, ONE) and shape not in (None, ONE):
            result = _same(result, shape, unite)
        else:
            result = _times(result, shape, unite)
    return result


def _times(a: Shape | None, b: Shape | None, unite: Unite) -> Shape | None:
    """The product of matrices, columns and rows."""
    if a is None or b is None:
        return None
    if ONE in (a, b):
        return b if a == ONE else a
    column, row = len(a.dims) == 1 and not a.row, b.row
    if column and row:
        return Shape((*a.dims, *b.dims))
    if column or row or (a.row and b.row):
        raise Clash
    unite(a.dims[-1], b.dims[0])
    dims = (*a.dims[:-1], *b.dims[1:])
    return Shape(dims, a.row and len(dims) == 1)


def _fraction(tree: Fraction, of: Callable[[Tree | None], Shape | None]) -> Shape | None:
    below = tree.below
    if any(isinstance(part, Differential) for part in parts(below)):
        above = tree.above.of if isinstance(tree.above, Differential) and tree.above.order == 1 else None
        by = below.of if isinstance(below, Differential) else None
        return of(by) if above is not None and by is not None and of(above) == ONE else None
    shape = of(below)
    if shape is not None and shape != ONE:
        raise Clash
    return of(tree.above)


def is_known(word: str) -> bool:
    """Whether a word is an array whose size what stands beside it tells."""
    return unsized(word) is not None
