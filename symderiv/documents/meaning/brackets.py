"""What stands in brackets: bars, conditions, and products with a colon."""

from __future__ import annotations

from sympy import Abs, Expr

from symderiv.documents.meaning.cases import indicator
from symderiv.documents.meaning.operations import entries_of, frobenius
from symderiv.documents.meaning.powers import named_matrix
from symderiv.documents.meaning.scope import Scope
from symderiv.documents.meaning.unsized import Entries, Meaning
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import Chain, Fenced, Listed
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array, determinant, norm
from symderiv.language.kept import kept
from symderiv.language.terms import Sum


def fenced(tree: Fenced, scope: Scope) -> Meaning:
    """What stands between fences: bars are a norm or a determinant, a condition in brackets is 1 where it holds."""
    if tree.fence in ("|", "‖"):
        inside = entries_of(value(tree.body, scope))
        if isinstance(inside, Array) and len(inside.indices) > 1:
            if tree.fence == "|" and inside.shape[0] == inside.shape[1]:
                return determinant(named_matrix(inside, tree.body, scope))
            raise FormulaError("bars around a matrix can mean several norms; write \\|...\\|_F, or \\det", tree.span)
        return norm(inside) if isinstance(inside, Array) else kept(Abs, inside)
    if tree.fence in ("[", "{") and isinstance(tree.body, Chain):
        return indicator(tree.body, scope)
    if tree.fence == "⟨" and isinstance(tree.body, Listed) and len(tree.body.items) == 2:
        left, right = (entries_of(value(item, scope)) for item in tree.body.items)
        return inner(left, right, tree)
    if tree.fence in ("(", "[", "{"):
        return value(tree.body, scope)
    raise FormulaError(f"{tree.fence} has no meaning here; write a function of one number", tree.span)


def inner(left: Entries, right: Entries, tree: Fenced) -> Expr:
    """`⟨a, b⟩`, the sum of the products of the entries of two arrays of one shape."""
    if not (isinstance(left, Array) and isinstance(right, Array) and left.shape == right.shape):
        raise FormulaError("angle brackets stand around two arrays of one shape, for the sum of the products of their entries", tree.span)
    both = left * right
    return Sum(both.body, *both.indices)


def colon(tree: Chain, scope: Scope) -> Expr:
    """`A : B` in parentheses, the sum of the products of the entries of two matrices."""
    if [relation for relation, _ in tree.members] != ["", ":"] or any(member is None for _, member in tree.members):
        raise FormulaError("this has no meaning here", tree.span)
    return frobenius(*(entries_of(value(member, scope)) for _, member in tree.members if member is not None))
