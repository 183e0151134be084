"""Arrays that are given by their entry: `W = [w_{ij}]`, `x = (x_i)_{i=1}^n`."""

from __future__ import annotations

from collections.abc import Collection

from sympy import Expr

from symderiv.documents.meaning.scope import Scope, attempt
from symderiv.documents.meaning.spelling import parts
from symderiv.documents.meaning.value import number
from symderiv.documents.syntax.tree import Chain, Fenced, Listed, Name, Scripted, Tree
from symderiv.documents.syntax.written import written
from symderiv.errors import FormulaError, SymderivError
from symderiv.language.arrays import Array
from symderiv.language.terms import free_indices


def listed(tree: Tree, scope: Scope, taken: Collection[str] = (), shape: tuple[Expr, ...] | None = None) -> Array | None:
    """The array of which a formula in brackets gives the entry, at letters of indices that are not taken; none for any other formula.

    The letters stand below the brackets in the order of the dimensions; else it is that in which the entry has them, or of the alphabet.
    Fails where these are two, and both fit the shape.
    """
    fenced = tree.base if isinstance(tree, Scripted) and tree.sub is not None else tree
    if not isinstance(fenced, Fenced) or fenced.fence not in ("(", "[", "{") or isinstance(fenced.body, (Chain, Listed)):
        return None
    try:
        with attempt(scope):
            term = number(fenced.body, scope)
    except SymderivError:
        return None
    free = {i.name: i for i in free_indices(term) if not i.level and i.name not in taken and scope.letters.get(i.name) == i}
    below = _letters(tree.sub if isinstance(tree, Scripted) else None, free)
    orders = [below] if below and set(below) == set(free) else _orders(_letters(fenced.body, free))
    arrays = [Array(tuple(free[letter] for letter in order), term, written(tree)) for order in orders]
    fits = [a for a in arrays if shape is None or a.shape == shape] or arrays
    if len(fits) > 1:
        raise FormulaError(f"which letter is that of the rows? Write it below the bracket: [...]_{{{', '.join(orders[-1])}}}", tree.span)
    return fits[0] if free and not any(free_indices(i) - {i} for i in free.values()) else None


def _orders(inside: list[str]) -> list[list[str]]:
    """The orders that the letters inside brackets can have: as they come, and that of the alphabet."""
    return [inside] if sorted(inside) == inside else [inside, sorted(inside)]


def _letters(tree: Tree | None, free: Collection[str]) -> list[str]:
    return list(dict.fromkeys(p.text for p in parts(tree) if isinstance(p, Name) and p.text in free))
