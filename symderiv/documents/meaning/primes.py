"""Primes: the derivative of what is a function of one number."""

from __future__ import annotations

from typing import Any

from sympy import Symbol

from symderiv.documents.meaning.operations import derived, entries_of, rests_on
from symderiv.documents.meaning.scope import Found, Scope
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import Name, Scripted, Tree
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array


def primed_as_defined(seen: Found, primes: int, what: Any, tree: Tree, scope: Scope) -> Any:
    """The derivative, by primes, of what was defined as a function of one number."""
    wrt = entries_of(value(scope.arguments[seen.name], scope)) if isinstance(scope.arguments[seen.name], (Name, Scripted)) else None
    if wrt is None or isinstance(wrt, Array) or isinstance(what, Array):
        raise FormulaError("primes: the derivative with respect to what? Write \\frac{d v}{d u}", tree.span)
    for _ in range(primes):
        what = derived(what, wrt, False, scope, tree)
    return what


def only_input(what: Any, scope: Scope) -> Symbol | None:
    """The one number that a number is computed from, with respect to which its primes are derivatives; None if there are several."""
    program = scope.derivation.program
    if not isinstance(what, Symbol) or program.equation(what) is None or what in program.opaque:
        return None
    found_ = [v for v in program.inputs if rests_on(what, v.head, scope)]
    return found_[0].head if len(found_) == 1 and not found_[0].indices and not found_[0].head.is_integer else None
