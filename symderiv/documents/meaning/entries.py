"""Entries of arrays, and what stands below a formula that is no name."""

from __future__ import annotations

from sympy import Expr

from symderiv.documents.meaning.operations import entries_of
from symderiv.documents.meaning.scope import Found, Misindexed, Scope
from symderiv.documents.meaning.spelling import WHOLE, letter_of, positions_in, spelled_or_none
from symderiv.documents.meaning.unsized import Entries, Meaning, Row
from symderiv.documents.meaning.value import number, value
from symderiv.documents.syntax.tree import Fenced, Name, Scripted, Tree
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array, norm, part_of
from symderiv.language.claim import Objective, Smooth
from symderiv.language.terms import Index


def entry_of(seen: Found, tree: Tree, scope: Scope) -> Entries:
    """What a name stands for, at the positions that are written below it; rows, where these are fewer than it has dimensions."""
    what = seen.what.head if isinstance(seen.what, Objective) else seen.what
    if isinstance(what, Smooth):
        raise FormulaError(f"{seen.name} is a function: of what? Write {seen.name}(z)", tree.span)
    if isinstance(what, Array) and seen.positions is not None:
        at = positions_in(seen.positions, len(what.indices))
        if len(at) > len(what.indices):
            raise Misindexed(seen.name, len(what.indices), len(at), tree.span)
        whole = (WHOLE,) * (len(what.indices) - len(at))
        places = [slice(None) if p == WHOLE else _position(p, i, scope) for p, i in zip((*at, *whole), what.indices, strict=True)]
        single = tuple(p for p in places if not isinstance(p, slice))
        return what[single] if len(single) == len(places) else part_of(what, tuple(places))
    if seen.positions is not None:
        raise Misindexed(seen.name, 0, len(positions_in(seen.positions, 2)), tree.span)
    return what


def _position(tree: Tree, dimension: Index, scope: Scope) -> Expr:
    """A position; a letter of which nothing is known yet runs over the dimension that it is used for."""
    letter = letter_of(tree)
    if letter is None and isinstance(tree, Name):
        raise FormulaError(f"{tree.text} below a name: a row, or the sum over it? Write : for a row or column, or \\sum", tree.span)
    if letter is not None and not scope.settles(letter) and letter not in scope.names:
        scope.infer(letter, scope.ahead.get(letter) or Index(letter, dimension.lower, dimension.upper))
    return number(tree, scope)


def computed(tree: Scripted, scope: Scope) -> Meaning:
    """What stands before a power where that is no name: a formula, an entry of an array that is computed, a norm with its name."""
    if tree.primes:
        raise FormulaError("only names and functions have primes", tree.span)
    if tree.sub is not None and isinstance(tree.base, Fenced) and tree.base.fence == "‖":
        inside, below = entries_of(value(tree.base.body, scope)), spelled_or_none(tree.sub)
        if isinstance(inside, Array) and (below == "F" or (below == "2" and len(inside.indices) == 1)):
            return norm(inside)
        raise FormulaError(f"the norm with {below or 'this'} below is not known: only that of Frobenius, F, and 2 of a vector", tree.span)
    base = value(tree.base, scope)
    if tree.sub is None:
        return base
    if isinstance(base, (Array, Row)):
        array = base.vector if isinstance(base, Row) else base
        return entry_of(Found(array, array.text, tree.sub, None), tree, scope)
    raise FormulaError("only names and arrays have subscripts", tree.span)
