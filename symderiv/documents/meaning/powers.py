"""What stands above: powers, what is transposed, inverses; and roots."""

from __future__ import annotations

from sympy import Expr, Integer

from symderiv.documents.meaning.scope import TRANSPOSED, Scope
from symderiv.documents.meaning.spelling import spelled_or_none
from symderiv.documents.meaning.unsized import Meaning, Row, Unsized, transposed
from symderiv.documents.meaning.value import number
from symderiv.documents.syntax.tree import Fenced, Root, Scripted, Tree
from symderiv.documents.syntax.written import written
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array, beside, inverse
from symderiv.language.kept import kept
from symderiv.language.terms import Element

MOST_POWER = 64
MOST_BITS = 6000


def with_power(base: Meaning, power: Tree | None, tree: Tree, scope: Scope) -> Meaning:
    """What stands below a power, with it: transposed, inverted, or each entry to an exponent. Fails where it could be several."""
    if power is None:
        return base
    turned = _turned(base, spelled_or_none(power))
    if turned is not None:
        return turned
    if isinstance(base, Unsized):
        raise FormulaError(f"a power of {base.name}: write what it is", power.span)
    if isinstance(base, Row):
        raise FormulaError("a power of a row: write the product that is meant", power.span)
    if isinstance(power, Fenced):
        raise FormulaError("in parentheses or brackets above: a name, an index or a power? A power is written without", power.span)
    exponent = number(power, scope)
    if not isinstance(base, Array):
        _check_exponent(exponent, base, power)
        return kept(pow, base, exponent)
    if exponent == -1 and len(base.indices) == 2:
        return inverse(named_matrix(base, tree, scope))
    if len(base.indices) == 2 and base.shape[0] == base.shape[1]:
        raise FormulaError("a power of a square matrix: of its entries, or its product with itself? Write one or the other", power.span)
    _check_exponent(exponent, base.body, power)
    return base**exponent


def _turned(base: Meaning, above: str | None) -> Meaning | None:
    """What is transposed; a number with the sign for that, which is no letter, stays as it is. None below any other power."""
    if above not in TRANSPOSED:
        return None
    if isinstance(base, Unsized):
        return transposed(base)
    if isinstance(base, Array):
        return Row(base) if len(base.indices) == 1 else base.T
    if isinstance(base, Row):
        return base.vector
    return base if above in ("\\top", "\\intercal") else None


def _check_exponent(exponent: Expr, base: Expr, power: Tree) -> None:
    """Fails on what is too much to be written out."""
    if exponent.is_Rational and abs(exponent) > MOST_POWER:
        raise FormulaError(f"an exponent beyond {MOST_POWER}", power.span)
    if base.is_Rational and exponent.is_Rational and max(abs(base.p), base.q).bit_length() * abs(exponent) > MOST_BITS:
        raise FormulaError("a number with more than 2000 digits", power.span)


def named_matrix(matrix: Array, tree: Tree, scope: Scope) -> Array:
    """A matrix that is computed, under a name that shows how, so that it can have an inverse."""
    plain = isinstance(matrix.body, Element) and matrix.body.at == matrix.indices
    if plain or beside(matrix) or matrix.shape[0] != matrix.shape[1]:
        return matrix
    key = (matrix.indices, matrix.body)
    if key not in scope.matrices:
        base = tree.base if isinstance(tree, Scripted) else tree
        scope.matrices[key] = scope.derivation.let(written(base), matrix)
    return scope.matrices[key]


def root(tree: Root, scope: Scope) -> Expr:
    degree = number(tree.degree, scope) if tree.degree is not None else Integer(2)
    return kept(pow, number(tree.of, scope), 1 / degree)
