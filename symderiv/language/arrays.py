"""Arrays: index notation behind matrix notation, with shapes checked where operands meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import mul
from typing import overload

from sympy import Expr, Integer, Symbol, sqrt

from symderiv.errors import ShapeError, TermError
from symderiv.language.kept import kept, quotient, replaced
from symderiv.language.positions import check_position, check_rank
from symderiv.language.terms import Delta, Determinant, Element, Given, Index, Inverse, Sum, as_term, free_indices, free_letter, replace


@dataclass(frozen=True)
class Array:
    """Entries `body` at formal `indices`; `text` is how errors call it. `A[i, j]` is an entry, `A @ B`, `A.T`, `A * B` work."""

    indices: tuple[Index, ...]
    body: Expr
    text: str

    _op_priority = 20.0  # a SymPy term on the left leaves the operation to the array

    @overload
    def __getitem__(self, at: Given | tuple[Given, ...]) -> Expr: ...
    @overload
    def __getitem__(self, at: slice | tuple[Given | slice, ...]) -> Array: ...
    def __getitem__(self, at: Given | slice | tuple[Given | slice, ...]) -> Expr | Array:
        if any(isinstance(p, slice) for p in (at if isinstance(at, tuple) else (at,))):
            return part_of(self, at if isinstance(at, tuple) else (at,))
        positions = tuple(map(as_term, at if isinstance(at, tuple) else (at,)))
        if isinstance(self.body, Element):  # where it stands may tell more of its positions, so the program checks them
            check_rank(self.text, positions, self.indices)
        else:
            check_position(self.text, positions, self.indices)
        return self.entry(positions)

    def __iter__(self) -> Iterator[Expr]:
        letters = ", ".join(i.name for i in self.indices)
        raise TermError(f"{self.text} is an array; write its entry {self.text}[{letters}].")

    def _sympy_(self) -> Expr:
        return next(iter(self))

    def entry(self, positions: tuple[Given, ...]) -> Expr:
        """The entry at positions that are known to fit."""
        return replaced(self.body, dict(zip(self.indices, positions, strict=True)))

    @property
    def shape(self) -> tuple[Expr, ...]:
        return tuple(i.upper - i.lower + 1 for i in self.indices)

    @property
    def T(self) -> Array:
        return Array(self.indices[::-1], self.body, f"{self.text}.T")

    def map(self, function: Callable[[Expr], Expr]) -> Array:
        """A function of one number, on each entry."""
        name = getattr(function, "__name__", "f")
        return Array(self.indices, kept(function, self.body), f"({self.text})" if name == "<lambda>" else f"{name}({self.text})")

    def __matmul__(self, other: Array) -> Expr | Array:
        return matmul(self, other)

    def __add__(self, other: Given | Array) -> Array:
        return broadcast(self, other, "+", lambda a, b: a + b)

    def __sub__(self, other: Given | Array) -> Array:
        return broadcast(self, other, "-", lambda a, b: a - b)

    def __mul__(self, other: Given | Array) -> Array:
        return broadcast(self, other, "*", lambda a, b: a * b)

    def __truediv__(self, other: Given | Array) -> Array:
        return broadcast(self, other, "/", quotient)

    def __radd__(self, other: Given | Array) -> Array:
        return broadcast(self, other, "+", lambda a, b: b + a)

    def __rsub__(self, other: Given | Array) -> Array:
        return broadcast(self, other, "-", lambda a, b: b - a)

    def __rmul__(self, other: Given | Array) -> Array:
        return broadcast(self, other, "*", lambda a, b: b * a)

    def __pow__(self, other: Given | Array) -> Array:
        return broadcast(self, other, "**", lambda a, b: a**b)

    def __rtruediv__(self, other: Given | Array) -> Array:
        return broadcast(self, other, "/", lambda a, b: quotient(b, a))

    def __neg__(self) -> Array:
        return self.map(lambda a: -a)


def shown(array: Array) -> str:
    """An array with its shape, for error texts."""
    return f"{array.text} is {' × '.join(map(str, array.shape)) or 'a number'}"


def matmul(left: Array, right: Array) -> Expr | Array:
    """The matrix product, summed over the last index of the left and the first of the right; of two vectors a number.

    Fails when the operands have not one or two indices each, or the inner ranges differ.
    """
    if not isinstance(right, Array):
        raise TermError(f"{left.text} @ {type(right).__name__}: only arrays that the page declares can be multiplied.")
    if not (1 <= len(left.indices) <= 2 and 1 <= len(right.indices) <= 2):
        raise ShapeError(f"{left.text} @ {right.text}: {shown(left)}, {shown(right)}; @ takes vectors and matrices.")
    inner, other = left.indices[-1], right.indices[0]
    if (inner.lower, inner.upper) != (other.lower, other.upper):
        raise ShapeError(
            f"{left.text} @ {right.text}: {shown(left)}, {shown(right)}; the inner sizes {left.shape[-1]} and {right.shape[0]} differ."
        )
    *outer, summed = distinct((*left.indices[:-1], *right.indices[1:], inner), beside(left, right))
    rows, columns = outer[: len(left.indices) - 1], outer[len(left.indices) - 1 :]
    body = Sum(kept(mul, left.entry((*rows, summed)), right.entry((summed, *columns))), summed)
    return Array(tuple(outer), body, f"({left.text} @ {right.text})") if outer else body


def broadcast(left: Array, right: Given | Array, sign: str, combine: Callable[[Expr, Expr], Expr]) -> Array:
    """An operation entry by entry; a dimension of size 1, or one that is missing in front, is repeated.

    Fails when two sizes differ and neither is 1.
    """
    if not isinstance(right, Array):
        right = Array((), as_term(right), str(right))
    rank = max(len(left.indices), len(right.indices))
    pairs = zip(_padded(left, rank), _padded(right, rank), strict=True)
    indices = distinct(tuple(_joint(a, b, left, right, sign) for a, b in pairs), beside(left, right))
    body = kept(combine, left.entry(_positions(left, indices)), right.entry(_positions(right, indices)))
    return Array(indices, body, f"({left.text} {sign} {right.text})")


def part_of(array: Array, at: tuple[Given | slice, ...]) -> Array:
    """Rows and columns: `A[i, :]` is row i, `A[:, j]` column j. Fails on slices that are not whole."""
    if len(at) != len(array.indices) or any(isinstance(p, slice) and p != slice(None) for p in at):
        raise TermError(f"{array.text}[...]: write a position or : for each of the {len(array.indices)} dimensions; ranges are not sliced.")
    given = [as_term(p) for p in at if not isinstance(p, slice)]
    taken = beside(array) | {i.name for p in given for i in free_indices(p)}
    kept = distinct(tuple(i for p, i in zip(at, array.indices, strict=True) if isinstance(p, slice)), taken)
    whole, single = iter(kept), iter(given)
    positions = tuple(next(whole) if isinstance(p, slice) else next(single) for p in at)
    shown_at = ", ".join(":" if isinstance(p, slice) else str(p) for p in at)
    if not isinstance(array.body, Element):
        check_position(array.text, positions, array.indices)
    return Array(kept, array.entry(positions), f"{array.text}[{shown_at}]")


def trace(matrix: Array) -> Expr:
    """The sum of the diagonal. Fails unless the array is a square matrix."""
    if len(matrix.indices) != 2 or len({(i.lower, i.upper) for i in matrix.indices}) != 1:
        raise ShapeError(f"trace({matrix.text}): {shown(matrix)}; a trace is of a square matrix.")
    i = matrix.indices[0]
    return Sum(matrix.entry((i, i)), i)


def inverse(matrix: Array) -> Array:
    """The inverse of a named square matrix: where it is used, the matrix is taken to have one."""
    head = _named(matrix, "inverse")
    i, j = distinct(matrix.indices)
    return Array((i, j), Inverse(head, i, j), f"inverse({matrix.text})")


def determinant(matrix: Array) -> Expr:
    """The determinant of a named square matrix."""
    return Determinant(_named(matrix, "determinant"))


def _named(matrix: Array, what: str) -> Symbol:
    if not isinstance(matrix.body, Element) or matrix.body.at != matrix.indices or len(matrix.indices) != 2:
        raise TermError(f"{what}({matrix.text}): give the matrix a name with let first.")
    if len({(i.lower, i.upper) for i in matrix.indices}) != 1:
        raise ShapeError(f"{what}({matrix.text}): {shown(matrix)}; only a square matrix has one.")
    return matrix.body.head


def norm(array: Array) -> Expr:
    """The root of the sum of the squares of all entries."""
    return sqrt(Sum(kept(lambda entry: entry**2, array.body), *array.indices))


def outer(left: Array, right: Array) -> Array:
    """The entries of one vector times those of another. Fails on arrays with several indices."""
    if len(left.indices) != 1 or len(right.indices) != 1:
        raise ShapeError(f"outer({left.text}, {right.text}): {shown(left)}, {shown(right)}; both must be vectors.")
    i, j = distinct((*left.indices, *right.indices), beside(left, right))
    return Array((i, j), kept(mul, left.entry((i,)), right.entry((j,))), f"outer({left.text}, {right.text})")


def diagonal(vector: Array) -> Array:
    """The square matrix with a vector on its diagonal."""
    i, j = distinct((*vector.indices, *vector.indices), beside(vector))
    return Array((i, j), vector.entry((i,)) * Delta(i, j), f"diagonal({vector.text})")


def _padded(array: Array, rank: int) -> tuple[Index, ...]:
    one = Index("i", 1, 1)
    return (one,) * (rank - len(array.indices)) + array.indices


def _is_one(index: Index) -> bool:
    return (index.lower, index.upper) == (1, 1)


def _joint(a: Index, b: Index, left: Array, right: Array, sign: str) -> Index:
    if (a.lower, a.upper) == (b.lower, b.upper) or _is_one(b):
        return a
    if _is_one(a):
        return b
    raise ShapeError(f"{left.text} {sign} {right.text}: {shown(left)}, {shown(right)}; {a.upper} and {b.upper} differ and neither is 1.")


def _positions(array: Array, indices: tuple[Index, ...]) -> tuple[Given, ...]:
    own = indices[len(indices) - len(array.indices) :]
    return tuple(Integer(1) if _is_one(mine) else joint for mine, joint in zip(array.indices, own, strict=True))


def beside(*arrays: Array) -> frozenset[str]:
    """The names of the indices at which entries are taken, beside the formal ones: no formal index may be called like these."""
    return frozenset(i.name for a in arrays for i in free_indices(a.body) - {*a.indices})


def distinct(indices: tuple[Index, ...], beside: Iterable[str] = ()) -> tuple[Index, ...]:
    """The same ranges under names that differ from each other and from others; a range that depends on a renamed index follows it."""
    out: list[Index] = []
    for n, index in enumerate(indices):
        taken = {*beside, *(other.name for other in out)}
        name = index.name if index.name not in taken else free_letter(taken)
        swap = dict(zip(indices[:n], out, strict=True))
        out.append(Index(name, replace(index.lower, swap), replace(index.upper, swap)))
    return tuple(out)
