"""Conditions as terms: comparisons, indicators and functions by cases."""

from __future__ import annotations

from itertools import pairwise

from sympy import And, Expr, false
from sympy.logic.boolalg import Boolean

from symderiv.documents.meaning.operations import COMPARED, NEVER, covered
from symderiv.documents.meaning.scope import Scope
from symderiv.documents.meaning.value import number
from symderiv.documents.syntax.tree import Cases, Chain, Listed, Text, Tree
from symderiv.errors import FormulaError
from symderiv.language.kept import kept
from symderiv.language.terms import Where

INDICATORS = ("\\mathbb{1}", "\\mathbf{1}", "\\mathbb{I}", "\\mathbf{I}", "\\mathbbm{1}", "\\mathds{1}", "\\boldsymbol{1}", "I", "1")


def _comparison(relation: str, left: Tree, right: Tree, scope: Scope) -> Boolean:
    return kept(COMPARED[relation], number(left, scope), number(right, scope))


def condition_of(tree: Tree, scope: Scope) -> Boolean:
    """Comparisons as one condition. Fails on anything else."""
    if isinstance(tree, Listed):
        return And(*(condition_of(item, scope) for item in tree.items if not isinstance(item, Text)))
    if isinstance(tree, Chain):
        members = [(relation, m) for relation, m in tree.members if m is not None]
        pairs = [(relation, left, right) for (_, left), (relation, right) in pairwise(members)]
        unknown = next((relation for relation, _, _ in pairs if relation not in COMPARED), None)
        if unknown is not None or not pairs:
            raise FormulaError(f"{unknown or 'this'} is no comparison of numbers or positions", tree.span)
        return And(*(_comparison(relation, left, right, scope) for relation, left, right in pairs))
    raise FormulaError("a condition that is no comparison", tree.span)


def indicator(condition: Tree, scope: Scope) -> Expr:
    """1 where a condition holds, else 0."""
    case = condition_of(condition, scope)
    return NEVER if case == false else Where(case, 1, 0)


def by_cases(tree: Cases, scope: Scope) -> Expr:
    """A function by cases. Fails where these leave something out."""
    *rows, (entry, condition) = tree.rows
    result = number(entry, scope)
    above = [condition_of(c, scope) for _, c in rows if c is not None]
    if condition is not None and not covered([*above, condition_of(condition, scope)]):
        raise FormulaError("do the cases leave something out? Write the last one with \\text{otherwise}", tree.span)
    for (entry, _), holds in zip(reversed(rows), reversed(above), strict=True):
        result = Where(holds, number(entry, scope), result)
    return result
