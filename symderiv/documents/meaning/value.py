"""What trees mean: a term, an array, or a vector turned on its side. Each kind of tree has a reader in the table that a scope has."""

from __future__ import annotations

from sympy import Expr

from symderiv.documents.meaning.scope import Scope, attempt
from symderiv.documents.meaning.unsized import Meaning, Row, Unsized
from symderiv.documents.syntax.tree import Tree
from symderiv.errors import FormulaError, Misfit, ShapeError, SymderivError
from symderiv.language.arrays import Array


def value(tree: Tree, scope: Scope) -> Meaning:
    """What a tree stands for: a term, an array, or a vector turned on its side.

    Fails with the place of what has no meaning, and then the scope is as it was.
    """
    try:
        with attempt(scope):
            return scope.readers[type(tree)](tree, scope)
    except FormulaError:
        raise
    except KeyError:
        raise FormulaError("this has no meaning here", tree.span) from None
    except ShapeError as error:
        raise Misfit(str(error), tree.span) from error
    except SymderivError as error:
        raise FormulaError(str(error), tree.span) from error


def number(tree: Tree, scope: Scope) -> Expr:
    """What a tree stands for, if that is one number; an array needs indices."""
    result = value(tree, scope)
    if isinstance(result, (Array, Row, Unsized)):
        text = result.vector.text if isinstance(result, Row) else result.name if isinstance(result, Unsized) else result.text
        raise Misfit(f"{text} is an array; one number is wanted here: which entry is meant?", tree.span)
    return result
