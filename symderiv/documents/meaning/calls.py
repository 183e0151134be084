"""Functions with what they are of: those that a text defines or declares, and those of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TypeAlias

from sympy import Dummy, Expr, Symbol

from symderiv.documents.meaning.cases import INDICATORS, indicator
from symderiv.documents.meaning.entries import entry_of
from symderiv.documents.meaning.names import named
from symderiv.documents.meaning.operations import FUNCTIONS, OF_ARRAYS, SEVERAL, entries_of, mapped, of_several, primed, rests_on
from symderiv.documents.meaning.powers import named_matrix, with_power
from symderiv.documents.meaning.primes import primed_as_defined
from symderiv.documents.meaning.scope import Found, Scope, Undeclared, found
from symderiv.documents.meaning.spelling import matched, spelled_or_none
from symderiv.documents.meaning.unsized import Meaning
from symderiv.documents.meaning.value import number, value
from symderiv.documents.syntax.tree import Added, Applied, Chain, Dots, Fenced, Listed, Multiplied, Name, Number, Scripted, Tree
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array
from symderiv.language.claim import Objective, Smooth
from symderiv.language.kept import replaced

Later: TypeAlias = Callable[[], Meaning]  # worked out when it is asked for


def applied_to(head: Tree, fence: Fenced, scope: Scope) -> Later | None:
    """What a name with parentheses after it is; None where they are a factor. Fails where they could be either."""
    seen = found(head, scope)
    primes, plain = (head.primes, head.base) if isinstance(head, Scripted) and head.sub is None and head.sup is None else (0, head)
    if seen is not None:
        return _of_declared(seen, primes, head, fence, scope)
    if spelled_or_none(head) in INDICATORS and isinstance(fence.body, (Chain, Listed)):
        return lambda: indicator(fence.body, scope)
    if primes and (seen := found(plain, scope)) is not None:
        return _of_primed(seen, primes, head, plain, fence, scope)
    if isinstance(head, Scripted) and (spelled_or_none(head.base) or "") in scope.functions:
        raise FormulaError("something at a function that the text defines: write what it is", head.span)
    word = spelled_or_none(plain) or ""
    if word in scope.functions and fence.fence == "(":
        return lambda: mapped(partial(_by_definition, word, scope), value(fence.body, scope), fence)
    if word in FUNCTIONS:
        return lambda: mapped(_function(word, primes, head), value(fence.body, scope), fence)
    return None


def _of_declared(seen: Found, primes: int, head: Tree, fence: Fenced, scope: Scope) -> Later | None:
    what = seen.what
    if seen.name in scope.applied:
        return lambda: _as_defined(seen, head, fence, scope)
    if isinstance(what, Smooth):
        return _of_smooth(what, seen, primes, head, fence, scope)
    if fence.fence != "(":
        return None
    if isinstance(what, Objective):
        return lambda: _objective_of(what, fence)
    if _is_argument(seen, fence.body, scope):
        says = f"{seen.name} with this in parentheses: a product, or a function of it?"
        raise FormulaError(f"{says} Write \\cdot between them, or define {seen.name}(...)", (head.span[0], fence.span[1]))
    return None


def _of_primed(seen: Found, primes: int, head: Tree, plain: Tree, fence: Fenced, scope: Scope) -> Later | None:
    """What a name with primes is, where the name without is `seen`."""
    if seen.name in scope.applied:
        what = _as_defined(seen, plain, fence, scope)
        return lambda: primed_as_defined(seen, primes, what, head, scope)
    return _of_smooth(seen.what, seen, primes, head, fence, scope) if isinstance(seen.what, Smooth) else None


def _of_smooth(function: Smooth, seen: Found, primes: int, head: Tree, fence: Fenced, scope: Scope) -> Later:
    if seen.power is not None or seen.positions is not None:
        raise FormulaError(f"something below or above {seen.name}: write a power after the argument", head.span)
    return lambda: function.derivative(entries_of(value(fence.body, scope)), primes)


def _as_defined(seen: Found, head: Tree, fence: Fenced, scope: Scope) -> Meaning:
    """What was defined with its arguments, with these. Fails with others."""
    letters = scope.parameters.get(seen.name, ())
    given = matched(scope.arguments[seen.name], fence.body, letters)
    if given is None:
        raise FormulaError(f"{seen.name} was defined with other arguments: write it with those, or what it is here", fence.span)
    if not letters:
        return named(head, scope)
    return entry_of(replace(seen, positions=Listed(tuple(given[letter] for letter in letters), span=fence.span)), head, scope)


def _by_definition(word: str, scope: Scope, of: Expr) -> Expr:
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


def _is_argument(called: Found, body: Tree, scope: Scope) -> bool:
    """Whether what is in parentheses after a name is several things, or one name on which its definition rests."""
    if isinstance(body, Listed) or (isinstance(called.what, Array) and len(called.what.indices) == 1 and isinstance(body, Number)):
        return True
    seen = found(body, scope) if isinstance(body, (Name, Scripted)) else None
    return seen is not None and rests_on(called.head, seen.head, scope)


def _objective_of(objective: Objective, fence: Fenced) -> Symbol:
    """An objective with what it is of, which must be names alone: it is a function of its nodes, not of anything else."""
    items = fence.body.items if isinstance(fence.body, Listed) else (fence.body,)
    if not all(isinstance(item, (Name, Scripted, Dots)) for item in items):
        raise FormulaError("an objective is of its nodes as they are, not of other values of them", fence.span)
    return objective.head


def _function(word: str, primes: int, tree: Tree) -> Callable[[Expr], Expr]:
    """A function of the vocabulary; with a prime, its derivative. Fails where that has no row in the table."""
    function = FUNCTIONS[word] if not primes else primed(FUNCTIONS[word])
    if function is None or primes > 1:
        raise FormulaError(f"the derivative of {word} by primes is not known; write it out", tree.span)
    return function


def is_function(tree: Tree, scope: Scope) -> bool:
    """Whether a name is one of a function; what is turned after any other is a factor."""
    seen, word = found(tree, scope), spelled_or_none(tree) or ""
    return (seen is not None and (seen.name in scope.applied or isinstance(seen.what, Smooth))) or word in FUNCTIONS | scope.functions


def applied(tree: Applied, scope: Scope) -> Meaning:
    """A function that is written as one, of what follows it."""
    _check_applied(tree, scope)
    if tree.head in SEVERAL:
        items = tree.of.items if isinstance(tree.of, Listed) else _inside(tree.of)
        result: Meaning = of_several(SEVERAL[tree.head], [entries_of(value(item, scope)) for item in items], tree)
    elif tree.head in OF_ARRAYS:
        result = _of_an_array(tree, scope)
    elif _is_known(tree.head, scope):
        result = mapped(_function(tree.head, tree.primes, tree), value(tree.of, scope), tree)
    else:
        result = _of_the_text(tree, scope)
    return with_power(result, tree.sup, tree, scope)


def _is_known(word: str, scope: Scope) -> bool:
    """Whether a word is a function of the vocabulary, and nothing else in this text."""
    return word in FUNCTIONS and word not in scope.functions and word not in scope.names


def _check_applied(tree: Applied, scope: Scope) -> None:
    """Fails where it is not sure which function is meant, or of what."""
    head = tree.head
    if tree.sub is not None:
        raise FormulaError(
            f"{head} with something below has no meaning here; to another base, write \\frac{{\\log x}}{{\\log b}}", tree.span
        )
    if isinstance(tree.of, Multiplied) and not isinstance(tree.of.factors[0][1], Fenced) and _ends_in_parentheses(tree.of, scope):
        raise FormulaError(f"where does what {head} is of end? Write parentheses around it", tree.of.span)
    if _is_known(head, scope) and tree.sup is not None and _spelled_number(tree.sup) < 0:
        raise FormulaError(f"{head} with a negative power: the inverse function, or one over it? Write what is meant", tree.span)


def _of_an_array(tree: Applied, scope: Scope) -> Meaning:
    of = entries_of(value(tree.of, scope))
    if not isinstance(of, Array):
        raise FormulaError(f"{tree.head} is of an array, and this is one number", tree.of.span)
    return OF_ARRAYS[tree.head](named_matrix(of, tree.of, scope) if tree.head in ("det", "logdet") and len(of.indices) == 2 else of)


def _of_the_text(tree: Applied, scope: Scope) -> Meaning:
    """A function that the text defines or declares, of what follows it."""
    seen = scope.names.get(tree.head)
    if isinstance(seen, Smooth):
        return seen.derivative(entries_of(value(tree.of, scope)), tree.primes)
    call = applied_to(Name(tree.head, span=tree.span), tree.of, scope) if isinstance(tree.of, Fenced) else None
    if call is not None:
        return call()
    if seen is None:
        raise Undeclared(tree.head, tree.span, scope, f"declare it: function {tree.head}")
    raise FormulaError(f"{tree.head} is no function: write \\cdot before the parentheses", tree.span)


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
