"""Two members of a chain as one step, each side an array of the shape of the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sympy import Integer

from symderiv.documents.meaning.listed import listed
from symderiv.documents.meaning.names import is_row
from symderiv.documents.meaning.operations import entries_of
from symderiv.documents.meaning.scope import Scope, attempt, found
from symderiv.documents.meaning.spelling import parts
from symderiv.documents.meaning.unsized import Entries, Meaning, Row, Shaped, fitted
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import Big, Differential, Fenced, Fraction, Name, Scripted, Tree
from symderiv.documents.syntax.written import written
from symderiv.errors import FormulaError, Misfit, Misplaced, Outside, ShapeError
from symderiv.language.arrays import Array
from symderiv.language.claim import Erratum, Step, entries
from symderiv.language.program import check_member


def step_of(left: Tree, right: Tree, scope: Scope) -> Step:
    """The step that two members are. Fails where one of them has no meaning, or they do not fit; then the scope is as it was."""
    try:
        with attempt(scope):
            return _step_of(left, right, scope)
    except Misfit as error:
        rows = [part for part in parts((left, right)) if isinstance(part, Scripted) and (seen := found(part, scope)) and is_row(seen)]
        if rows:  # many write a row where its column is meant
            raise FormulaError(f"{written(rows[0])} is a row: write ^\\top where its column is meant", rows[0].span) from error
        raise


def _step_of(left: Tree, right: Tree, scope: Scope) -> Step:
    scope.defining, scope.both = outside((left, right, *scope.formula)), ()
    try:
        a = _side(left, scope)
        of_left: tuple[str, ...] = scope.both
        scope.both = ()
        b = _side(right, scope)
        scope.both = tuple(letter for letter in dict.fromkeys(of_left) if letter in scope.both)
        a = listed(left, scope, (), b.shape) or a if isinstance(b, Array) and not isinstance(a, Shaped) else a
        b = listed(right, scope, (), a.shape) or b if isinstance(a, Array) and not isinstance(b, Shaped) else b
    finally:
        scope.defining = None
    a, b = fitted(_zeros(a, b), b), fitted(_zeros(b, a), a)
    if {type(a), type(b)} == {Row, Array} and not any(map(_is_derivative, (left, right))):
        raise Misfit("one side is a row, the other a column", right.span)
    a, b = entries_of(a), entries_of(b)
    if isinstance(a, Array) != isinstance(b, Array) or (isinstance(a, Array) and a.shape != b.shape):
        raise Misfit(f"the left side is {_shape(a)}, the right side {_shape(b)}", (left.span[0], right.span[1]))
    terms = [side.term for side in entries("", [Erratum(side, "") for side in (a, b)])]
    for term, tree in zip(terms, (left, right), strict=True):
        try:
            check_member(scope.derivation.program, term)
        except Outside as error:  # it may be meant for larger sizes, or some positions only
            raise FormulaError(f"{str(error).rstrip('.')}: say for which positions it is meant, or declare the size", tree.span) from error
        except ShapeError as error:
            raise Misplaced(str(error), tree.span) from error
    left_term, right_term = terms
    return Step(left_term, right_term)


def _side(tree: Tree, scope: Scope) -> Meaning:
    """What a member stands for; with letters below brackets, the array that has such entries."""
    below = isinstance(tree, Scripted) and tree.sub is not None and isinstance(tree.base, Fenced)
    return (listed(tree, scope) if below else None) or value(tree, scope)


def outside(trees: Iterable[Tree]) -> frozenset[str]:
    """The letters that occur outside of the sums with these below: no such sum is over one of them."""
    return frozenset().union(*map(_free_letters, trees))


def _free_letters(tree: object) -> set[str]:
    if isinstance(tree, Name):
        return {tree.text}
    inner: list[object] = list(vars(tree).values()) if isinstance(tree, Tree) else list(tree) if isinstance(tree, tuple) else []
    letters = set().union(*map(_free_letters, inner))
    return letters - _free_letters(tree.sub) if isinstance(tree, Big) and tree.sub is not None else letters


def _is_derivative(tree: Tree) -> bool:
    """Whether a side is a derivative: one with respect to a vector is a column to some, and to others a row."""
    return isinstance(tree, Differential) or (isinstance(tree, Fraction) and isinstance(tree.above, Differential))


def _zeros(side: Meaning, other: Meaning) -> Meaning:
    """The side; beside an array, 0 is the array of zeros."""
    if isinstance(side, Shaped) or side != 0:
        return side
    if isinstance(other, Row):
        return Row(replace(other.vector, body=Integer(0)))
    return replace(other, body=Integer(0)) if isinstance(other, Array) else side


def _shape(side: Entries) -> str:
    return " × ".join(map(str, side.shape)) + (" (a vector)" if len(side.shape) == 1 else "") if isinstance(side, Array) else "one number"
