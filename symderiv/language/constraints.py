"""Constraints: what a page assumes of a whole input array. One row a kind: how it is written, and points at which it holds.

A constraint `what = value` holds for every position of its free indices. Inputs stay free in derivatives: these are
taken in the surrounding space, at points at which the constraint holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from flint import fmpq
from sympy import Basic, Expr, Mul, Pow, Rational, Symbol, sqrt

from symderiv.errors import Undefined
from symderiv.language.terms import Delta, Element, Index, Label, Ranged, Sum, free_indices, names

EXTREMES = {"largest": 1, "smallest": -1}  # a label is where an array is largest along the index that its position leaves free

Place = tuple[int, ...]
Raw = Callable[[Place], Any]  # a number drawn for a place, whatever is assumed


@dataclass(frozen=True)
class Constraint:
    """`what = value`, of a kind in `KINDS`, on an input; `axis` is the dimension that is summed over, if one is."""

    kind: str
    head: Symbol
    axis: int
    what: Expr
    value: Expr

    @property
    def heads(self) -> frozenset[Symbol]:
        """The inputs that are not free to take any values together."""
        return frozenset(n for n in names(self.what) if isinstance(n, Label)) if self.kind == "distinct" else frozenset({self.head})


@dataclass(frozen=True)
class Row:
    """A kind of constraint: its name in a sentence, how it is recognised, and an entry at a place from numbers drawn at will."""

    words: str
    form: str
    recognised: Callable[[Any, Any], tuple[Symbol, int] | None]
    entry: Callable[[Constraint, Place, range, Raw, Callable[[], Any]], Any]


def constraint_of(what: Expr, value: Expr) -> Constraint | None:
    """The constraint that an equation states; None if it is of no kind in the table."""
    for kind, row in KINDS.items():
        if found := row.recognised(what, value):
            return Constraint(kind, *found, what, value)
    return None


def _distinct_indices(element: Basic | None) -> TypeGuard[Element]:
    at = element.at if isinstance(element, Element) else ()
    return bool(at) and all(isinstance(i, Index) for i in at) and len(set(at)) == len(at)


def _summed(what: Expr) -> tuple[Expr | None, Expr | None]:
    """The body and index of a sum over one dimension of an array; nothing if it is none."""
    return (what.body, what.index) if isinstance(what, Sum) and not isinstance(what.body, Sum) else (None, None)


def _is_total(what: Expr, value: Expr) -> tuple[Symbol, int] | None:
    body, index = _summed(what)
    if not _distinct_indices(body) or index not in body.at or body.head in names(value) or body.head.is_integer:
        return None
    return body.head, body.at.index(index)


def _is_norm(what: Expr, value: Expr) -> tuple[Symbol, int] | None:
    body, index = _summed(what)
    entry = body.base if isinstance(body, Pow) and body.exp == 2 and value == 1 else None
    if not _distinct_indices(entry) or index not in entry.at or entry.head.is_nonnegative or entry.head.is_integer:
        return None
    return entry.head, entry.at.index(index)


def _is_orthogonal(what: Expr, value: Expr) -> tuple[Symbol, int] | None:
    body, index = _summed(what)
    if not (isinstance(body, Mul) and isinstance(value, Delta) and len(body.args) == 2):
        return None
    a, b = body.args
    fits = all(_distinct_indices(x) and len(x.at) == 2 and index in x.at for x in (a, b)) and a.head == b.head
    if not fits or a.at.index(index) != b.at.index(index):
        return None
    axis = a.at.index(index)
    return (a.head, axis) if not a.head.is_integer and {a.at[1 - axis], b.at[1 - axis]} == set(value.args) else None


def _is_turned(what: Expr, value: Expr, sign: int) -> tuple[Symbol, int] | None:
    turned = sign * value
    fits = _distinct_indices(what) and _distinct_indices(turned) and what.head == turned.head and len(what.at) == 2
    return (what.head, 0) if fits and what.at == turned.at[::-1] else None


def values(what: Expr, value: Expr) -> tuple[Rational, Rational] | None:
    """The two numbers that x can be where x**2 = a x + b; none where these are not two rational numbers of x's sign."""
    entry = what.base if isinstance(what, Pow) and what.exp == 2 else None
    if entry is None or not (_distinct_indices(entry) or (isinstance(entry, Symbol) and not isinstance(entry, Label))):
        return None
    slope, rest = value.coeff(entry, 1), value.coeff(entry, 0)
    if not (slope.is_Rational and rest.is_Rational) or value != slope * entry + rest:
        return None
    half, root = slope / 2, sqrt(slope**2 / 4 + rest)
    found = (half - root, half + root)
    if not (root.is_Rational and root > 0) or isinstance(getattr(entry, "head", entry), Ranged):
        return None
    broken = ((entry.is_nonnegative and x < 0) or (entry.is_nonzero and x == 0) or (entry.is_integer and x.q != 1) for x in found)
    return None if any(broken) else found


def _is_valued(what: Expr, value: Expr) -> tuple[Symbol, int] | None:
    return None if values(what, value) is None else (getattr(what.base, "head", what.base), 0)


def _one_of_two(c: Constraint, place: Place, along: range, raw: Raw, value: Callable[[], fmpq]) -> fmpq:
    lower, upper = values(c.what, c.value)  # type: ignore[misc]
    drawn = raw(place)
    chosen = lower if drawn <= 0 or (drawn.p + drawn.q) % 2 else upper  # plain numbers are of one sign
    return fmpq(int(chosen.p), int(chosen.q))


def _is_given(what: Expr, value: Expr) -> tuple[Symbol, int] | None:
    fits = _distinct_indices(what) and what.head not in names(value) and free_indices(value) <= set(what.at)
    return (what.head, 0) if fits else None


def _is_distinct(what: Expr, value: Expr) -> tuple[Symbol, int] | None:
    labels = [getattr(a, "head", a) for a in what.args] if isinstance(what, Delta) else []
    if not labels or not all(isinstance(x, Label) for x in labels):
        return None
    apart = labels[0] != labels[1] and value == 0
    positions = [a.at for a in what.args if isinstance(a, Element)]
    each = labels[0] == labels[1] and all(len(at) == 1 for at in positions) and value == Delta(positions[0][0], positions[1][0])
    return (labels[0], 0) if apart or each else None


def _others(place: Place, axis: int, along: range) -> list[Place]:
    return [(*place[:axis], k, *place[axis + 1 :]) for k in along]


def _share(c: Constraint, place: Place, along: range, raw: Raw, value: Callable[[], fmpq]) -> fmpq:
    """Numbers of one sign are scaled to the total; else the last entry makes it up."""
    drawn = {p: raw(p) for p in _others(place, c.axis, along)}
    if c.head.is_nonnegative:
        total = sum(drawn.values())
        if total == 0:
            raise Undefined("shares of nothing")
        return drawn[place] * value() / total
    return drawn[place] if place[c.axis] != along[-1] else value() - sum(v for p, v in drawn.items() if p != place)


def _on_sphere(c: Constraint, place: Place, along: range, raw: Raw, value: Callable[[], fmpq]) -> fmpq:
    """The point on the sphere that a line from its pole through a point of the plane meets."""
    *plane, last = _others(place, c.axis, along)
    drawn = {p: raw(p) for p in plane}
    square = sum((v * v for v in drawn.values()), start=fmpq(0))
    return (square - 1) / (square + 1) if place == last else 2 * drawn[place] / (square + 1)


def _reflection(c: Constraint, place: Place, along: range, raw: Raw, value: Callable[[], fmpq]) -> fmpq:
    """An entry of the product of two matrices I - 2 v v'/(v'v)."""
    row, column = place
    if row not in along or column not in along:
        raise Undefined("no such orthogonal matrix")
    one, other = ({k: raw((k, n)) for k in along} for n in (0, 1))

    def mirror(vector: dict[int, fmpq], i: int, j: int) -> fmpq:
        square = sum((v * v for v in vector.values()), start=fmpq(0))
        if square == 0:
            raise Undefined("a mirror needs a direction")
        return fmpq(i == j) - 2 * vector[i] * vector[j] / square

    return sum((mirror(one, row, k) * mirror(other, k, column) for k in along), start=fmpq(0))


def _mirrored(c: Constraint, place: Place, along: range, raw: Raw, value: Callable[[], fmpq]) -> fmpq:
    drawn = raw((max(place), min(place)))
    if c.kind == "symmetric" or place[0] > place[1]:
        return drawn
    return fmpq(0) if place[0] == place[1] else -drawn


KINDS: dict[str, Row] = {
    "total":         Row("sums to {value}", "Sum(t[k], k), 1", _is_total, _share),
    "norm":          Row("has norm 1", "Sum(w[k]**2, k), 1", _is_norm, _on_sphere),
    "orthogonal":    Row("is orthogonal", "Sum(Q[k, i]*Q[k, j], k), Delta(i, j)", _is_orthogonal, _reflection),
    "symmetric":     Row("is symmetric", "A[i, j], A[j, i]", lambda a, b: _is_turned(a, b, 1), _mirrored),
    "antisymmetric": Row("is antisymmetric", "A[i, j], -A[j, i]", lambda a, b: _is_turned(a, b, -1), _mirrored),
    "values":        Row("is one of two numbers", "y[i]**2, 1", _is_valued, _one_of_two),
    "given":         Row("is {value}", "x[i], 0", _is_given, lambda c, place, along, raw, value: value()),
    "distinct":      Row("are distinct", "Delta(t[i], t[j]), Delta(i, j)", _is_distinct, lambda c, place, along, raw, value: raw(())),
}  # fmt: skip
