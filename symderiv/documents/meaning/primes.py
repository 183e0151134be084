"""Primes: the derivative of what is a function of one number."""

from __future__ import annotations

from sympy import Expr, Symbol

from symderiv.documents.meaning.operations import derived, entries_of, rests_on
from symderiv.documents.meaning.scope import Found, Named, Scope
from symderiv.documents.meaning.unsized import Entries, Meaning
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import Name, Scripted, Tree
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array
from symderiv.language.claim import Objective, Smooth


def primed_as_defined(seen: Found, primes: int, what: Meaning | Named, tree: Tree, scope: Scope) -> Entries:
    """The derivative, by primes, of what was defined as a function of one number."""
    argument = scope.arguments[seen.name]
    wrt = entries_of(value(argument, scope)) if isinstance(argument, (Name, Scripted)) else None
    if wrt is None or isinstance(wrt, Array) or isinstance(what, (Array, Objective, Smooth)):
        raise FormulaError("primes: the derivative with respect to what? Write \\frac{d v}{d u}", tree.span)
    return primed_by(wrt, primes, what, tree, scope)


def primed_by(wrt: Expr, primes: int, what: Meaning, tree: Tree, scope: Scope) -> Entries:
    """What is differentiated as often as there are primes."""
    for _ in range(primes):
        what = derived(what, wrt, False, scope, tree)
    return what


def only_input(what: Symbol, scope: Scope) -> Symbol | None:
    """The one number that a number is computed from, with respect to which its primes are derivatives; None if there are several."""
    program = scope.derivation.program
    if program.equation(what) is None or what in program.opaque:
        return None
    below = [v for v in program.inputs if rests_on(what, v.head, scope)]
    return below[0].head if len(below) == 1 and not below[0].indices and not below[0].head.is_integer else None
