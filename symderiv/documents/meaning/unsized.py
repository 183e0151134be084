"""Vectors turned on their side, and I and vectors of ones, whose sizes what stands beside them tells, or a subscript."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from sympy import Expr, Integer, Symbol

from symderiv.errors import Misfit, TermError
from symderiv.language.arrays import Array, beside, distinct, outer
from symderiv.language.terms import Delta, Index

IDENTITIES = ("I", "\\mathbf{I}", "\\boldsymbol{I}", "\\mathbb{I}")
ONES = ("\\mathbf{1}", "\\vec{1}", "\\boldsymbol{1}", "\\mathbb{1}", "\\mathbbm{1}", "\\mathds{1}")
OPEN = Symbol("?", integer=True, positive=True)  # the size of a dimension of which nothing is known yet


@dataclass(frozen=True)
class Row:
    """A vector turned on its side."""

    vector: Array


@dataclass(frozen=True)
class Unsized:
    """An array with dimensions that are as long as what stands beside them asks for; those of a square one are alike."""

    array: Array
    square: bool = False
    turned: bool = False

    @property
    def name(self) -> str:
        return self.array.text

    def map(self, function: Callable[[Expr], Expr]) -> Unsized:
        return replace(self, array=Array(self.array.indices, function(self.array.body), self.name))

    def __neg__(self) -> Unsized:
        return self.map(lambda entry: -entry)


Entries: TypeAlias = Expr | Array  # one number, or the entries of an array
Shaped: TypeAlias = Array | Row | Unsized
Meaning: TypeAlias = Expr | Shaped  # what a tree can stand for


def unsized(word: str) -> Unsized | None:
    """What a word stands for where nobody declared it."""
    i, j = Index("i", 1, OPEN), Index("j", 1, OPEN)
    if word in IDENTITIES:
        return Unsized(Array((i, j), Delta(i, j), "I"), square=True)
    return Unsized(Array((i,), Integer(1), "1")) if word in ONES else None


def transposed(what: Unsized) -> Unsized:
    return replace(what, turned=not what.turned) if len(what.array.indices) == 1 else replace(what, array=what.array.T)


def sized(what: Unsized, ranges: Sequence[Index]) -> Shaped:
    """The array with these ranges for its open dimensions, which may be open themselves."""
    fixed = [own if own.upper != OPEN else given for own, given in zip(what.array.indices, ranges, strict=True)]
    indices = distinct(tuple(fixed), beside(what.array))
    array = Array(indices, what.array.entry(indices), what.name)
    return closed(array, what.square, what.turned)


def closed(array: Array, square: bool = False, turned: bool = False) -> Shaped:
    """An array as what it is: unsized if it has an open dimension. Fails on one that should be square and is not."""
    known = next((i for i in array.indices if i.upper != OPEN), None)
    if known is None or (not square and any(i.upper == OPEN for i in array.indices)):
        return Unsized(array, square, turned)
    if any(i.upper == OPEN for i in array.indices):
        return sized(Unsized(array), (known, known))
    if square and array.shape[0] != array.shape[1]:
        raise Misfit(f"{array.text} is a square matrix and stands beside one that is {' × '.join(map(str, array.shape))}")
    return Row(array) if turned else array


def fitted(what: Meaning, other: Meaning) -> Meaning:
    """What stands in a sum with an array, or on the other side of an equation, as an array of its shape. Fails where it has none."""
    if not isinstance(what, Unsized):
        return what
    if isinstance(other, Unsized):
        raise TermError(f"{what.name} of which size? Write it below, as in I_n and \\mathbf{{1}}_n")
    array = bare(other)
    if not isinstance(array, Array) or len(array.indices) != len(what.array.indices) or isinstance(other, Row) != what.turned:
        kind = "a matrix" if len(what.array.indices) == 2 else "a row" if what.turned else "a column"
        which = f"which is {' × '.join(map(str, array.shape))}" if isinstance(array, Array) else "which is one number"
        raise Misfit(f"{what.name} is {kind}, and stands beside {getattr(array, 'text', array)}, {which}")
    return sized(what, array.indices)


def sum_of(left: Unsized, right: Unsized) -> Shaped:
    """The sum of two arrays of which each may tell the other's size. Fails where they cannot be of one shape."""
    if len(left.array.indices) != len(right.array.indices) or left.turned != right.turned:
        raise Misfit(f"{left.name} and {right.name} are of different shapes")
    square = left.square or right.square
    a = _raw(sized(left, right.array.indices))
    b = _raw(sized(right, a.indices))
    return closed(a + b, square, left.turned)


def bare(what: Meaning) -> Entries | Unsized:
    """A row as the vector that it is."""
    return what.vector if isinstance(what, Row) else what


def _raw(what: Shaped) -> Array:
    return what.array if isinstance(what, Unsized) else what.vector if isinstance(what, Row) else what


def product_of(left: Shaped, right: Shaped) -> Meaning:
    """The product of matrices and vectors, of which each may tell the other's size. Fails where nothing tells it."""
    on_side = [what.turned if isinstance(what, Unsized) else isinstance(what, Row) for what in (left, right)]
    if on_side[1] and not on_side[0]:
        return closed(outer(_raw(left), _raw(right)))
    inner, other = _raw(left).indices[-1], _raw(right).indices[0]
    if inner.upper == OPEN == other.upper:
        raise TermError(f"{_raw(left).text} of which size? Write it below, as in I_n and \\mathbf{{1}}_n")
    if inner.upper == OPEN and isinstance(left, Unsized):
        left = sized(left, [other] * len(_raw(left).indices)) if left.square else _with_inner(left, other, -1)
    if other.upper == OPEN and isinstance(right, Unsized):
        right = sized(right, [inner] * len(_raw(right).indices)) if right.square else _with_inner(right, inner, 0)
    result = _raw(left) @ _raw(right)
    return closed(result, turned=on_side[0] and len(result.indices) == 1) if isinstance(result, Array) else result


def _with_inner(what: Unsized, inner: Index, place: int) -> Shaped:
    ranges = list(what.array.indices)
    ranges[place] = inner
    return sized(what, ranges)
