"""Functions with what they are of: those that a text defines or declares, and those of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from sympy import Dummy, Symbol

from symderiv.documents.meaning.cases import INDICATORS, indicator
from symderiv.documents.meaning.entries import entry_of
from symderiv.documents.meaning.names import named
from symderiv.documents.meaning.operations import FUNCTIONS, OF_ARRAYS, SEVERAL, entries_of, mapped, of_several, primed, rests_on
from symderiv.documents.meaning.powers import named_matrix, with_power
from symderiv.documents.meaning.primes import primed_as_defined
from symderiv.documents.meaning.scope import Found, Scope, Undeclared, found, matched, spelled_or_none
from symderiv.documents.meaning.value import number, value
from symderiv.documents.syntax.tree import Added, Applied, Chain, Dots, Fenced, Listed, Multiplied, Name, Number, Scripted, Tree
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array
from symderiv.language.claim import Objective, Smooth
from symderiv.language.kept import replaced
from symderiv.language.program import head_of


def applied_to(head: Tree, fence: Fenced, scope: Scope) -> Callable[[], Any] | None:
    seen = found(head, scope)
    word = spelled_or_none(head) or ""
    if seen is not None and seen.name in scope.applied:
        return partial(_as_defined, seen, head, fence, scope)
    if seen is None and word in INDICATORS and isinstance(fence.body, (Chain, Listed)):
        return lambda: indicator(fence.body, scope)
    if seen is not None and isinstance(seen.what, (Symbol, Array)) and fence.fence == "(" and _is_argument(seen.what, fence.body, scope):
        says = f"{seen.name} with this in parentheses: a product, or a function of it?"
        raise FormulaError(f"{says} Write \\cdot between them, or define {seen.name}(...)", (head.span[0], fence.span[1]))
    if seen is not None and isinstance(seen.what, Objective) and fence.fence == "(":
        objective = seen.what
        return lambda: _objective_of(objective, fence)
    primes, plain = (head.primes, head.base) if isinstance(head, Scripted) and head.sub is None and head.sup is None else (0, head)
    if seen is None and primes:
        seen, word = found(plain, scope), spelled_or_none(plain) or ""
        if seen is not None and seen.name in scope.applied:
            return partial(primed_as_defined, seen, primes, _as_defined(seen, plain, fence, scope), head, scope)
    if seen is not None and isinstance(seen.what, Smooth):
        smooth = seen.what
        if seen.power is not None or seen.positions is not None:
            raise FormulaError(f"something below or above {seen.name}: write a power after the argument", head.span)
        return lambda: smooth.derivative(entries_of(value(fence.body, scope)), primes)
    if seen is None and isinstance(head, Scripted) and (spelled_or_none(head.base) or "") in scope.functions:
        raise FormulaError("something at a function that the text defines: write what it is", head.span)
    if seen is None and word in scope.functions and fence.fence == "(":
        return lambda: mapped(partial(_by_definition, word, scope), entries_of(value(fence.body, scope)), fence)
    if seen is None and word in FUNCTIONS:
        return lambda: mapped(_function(word, primes, head), entries_of(value(fence.body, scope)), fence)
    return None


def _as_defined(seen: Found, head: Tree, fence: Fenced, scope: Scope) -> Any:
    """What was defined with its arguments, with these. Fails with others."""
    letters = scope.parameters.get(seen.name, ())
    given = matched(scope.arguments[seen.name], fence.body, letters)
    if given is None:
        raise FormulaError(f"{seen.name} was defined with other arguments: write it with those, or what it is here", fence.span)
    if not letters:
        return named(head, scope)
    return entry_of(replace(seen, positions=Listed(tuple(given[letter] for letter in letters), span=fence.span)), head, scope)


def _by_definition(word: str, scope: Scope, of: Any) -> Any:
    """The value of a function that the text defines, `g(z) = ...`, for one number."""
    letter, body = scope.functions[word]
    before, argument = scope.names.get(letter), Dummy(letter, real=True)
    scope.names[letter] = argument
    try:
        return replaced(number(body, scope), {argument: of})
    finally:
        del scope.names[letter]
        if before is not None:
            scope.names[letter] = before


def _is_argument(what: Symbol | Array, body: Tree, scope: Scope) -> bool:
    """Whether what is in parentheses after a name is several things, or one name on which its definition rests."""
    if isinstance(body, Listed) or (isinstance(what, Array) and len(what.indices) == 1 and isinstance(body, Number)):
        return True
    seen = found(body, scope) if isinstance(body, (Name, Scripted)) else None
    head = what if isinstance(what, Symbol) else head_of(what.body)
    return seen is not None and rests_on(head, _head(seen.what), scope)


def _head(what: Any) -> Any:
    return head_of(what.body) if isinstance(what, Array) else what


def _objective_of(objective: Objective, fence: Fenced) -> Any:
    """An objective with what it is of, which must be names alone: it is a function of its nodes, not of anything else."""
    items = fence.body.items if isinstance(fence.body, Listed) else (fence.body,)
    if not all(isinstance(item, (Name, Scripted, Dots)) for item in items):
        raise FormulaError("an objective is of its nodes as they are, not of other values of them", fence.span)
    return objective.head


def _function(word: str, primes: int, tree: Tree) -> Callable[[Any], Any]:
    """A function of the vocabulary; with a prime, its derivative. Fails where that has no row in the table."""
    function = FUNCTIONS[word] if not primes else primed(FUNCTIONS[word])
    if function is None or primes > 1:
        raise FormulaError(f"the derivative of {word} by primes is not known; write it out", tree.span)
    return function


def is_function(tree: Tree, scope: Scope) -> bool:
    """Whether a name is one of a function; what is turned after any other is a factor."""
    seen, word = found(tree, scope), spelled_or_none(tree) or ""
    return (seen is not None and (seen.name in scope.applied or isinstance(seen.what, Smooth))) or word in FUNCTIONS | scope.functions


def applied(tree: Applied, scope: Scope) -> Any:
    head = tree.head
    if tree.sub is not None:
        raise FormulaError(
            f"{head} with something below has no meaning here; to another base, write \\frac{{\\log x}}{{\\log b}}", tree.span
        )
    if isinstance(tree.of, Multiplied) and not isinstance(tree.of.factors[0][1], Fenced) and _ends_in_parentheses(tree.of, scope):
        raise FormulaError(f"where does what {head} is of end? Write parentheses around it", tree.of.span)
    known = head in FUNCTIONS and head not in scope.functions and head not in scope.names
    if known and tree.sup is not None and _spelled_number(tree.sup) < 0:
        raise FormulaError(f"{head} with a negative power: the inverse function, or one over it? Write what is meant", tree.span)
    if head in SEVERAL:
        items = tree.of.items if isinstance(tree.of, Listed) else _inside(tree.of)
        result = of_several(SEVERAL[head], [entries_of(value(item, scope)) for item in items], tree)
    elif head in OF_ARRAYS:
        of = entries_of(value(tree.of, scope))
        if not isinstance(of, Array):
            raise FormulaError(f"{head} is of an array, and this is one number", tree.of.span)
        result = OF_ARRAYS[head](named_matrix(of, tree.of, scope) if head in ("det", "logdet") and len(of.indices) == 2 else of)
    elif known:
        result = mapped(_function(head, tree.primes, tree), entries_of(value(tree.of, scope)), tree)
    else:
        seen = scope.names.get(head)
        applied = applied_to(Name(head, span=tree.span), tree.of, scope) if isinstance(tree.of, Fenced) else None
        if applied is not None and not isinstance(seen, Smooth):
            return with_power(applied(), tree.sup, tree, scope)
        if seen is None:
            raise Undeclared(head, tree.span, scope, f"declare it: function {head}")
        if not isinstance(seen, Smooth):
            raise FormulaError(f"{head} is no function: write \\cdot before the parentheses", tree.span)
        result = seen.derivative(entries_of(value(tree.of, scope)), tree.primes)
    return with_power(result, tree.sup, tree, scope)


def _ends_in_parentheses(tree: Multiplied, scope: Scope) -> bool:
    """Whether the last factor of an argument without parentheses is in parentheses, and not the argument of a function before it."""
    for (_, before), (mark, last) in pairwise(tree.factors):
        fence = fence_of(last)
        if mark == "" and fence is not None and fence.fence != "‖" and applied_to(before, fence, scope) is None:
            return True
    return False


def fence_of(tree: Tree) -> Fenced | None:
    """The fences that a factor is, or that stand below its subscript and power."""
    base = tree.base if isinstance(tree, Scripted) else tree
    return base if isinstance(base, Fenced) else None


def _spelled_number(tree: Tree) -> int:
    """The sign of a power that is written as a number; 1 for any other."""
    return -1 if isinstance(tree, Added) and len(tree.terms) == 1 and tree.terms[0][0] < 0 else 1


def _inside(tree: Tree) -> tuple[Tree, ...]:
    body = tree.body if isinstance(tree, Fenced) else tree
    return body.items if isinstance(body, Listed) else (body,)
