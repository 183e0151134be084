"""Products: which factors are functions with their arguments, and what the rest multiply to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from symderiv.documents.meaning.calls import Later, applied_to, fence_of, is_function
from symderiv.documents.meaning.derivatives import fraction
from symderiv.documents.meaning.entries import entry_of
from symderiv.documents.meaning.operations import Factor, Mixed, grouped, multiplied
from symderiv.documents.meaning.powers import with_power
from symderiv.documents.meaning.scope import TRANSPOSED, Found, Scope
from symderiv.documents.meaning.spelling import spelled_or_none
from symderiv.documents.meaning.unsized import Meaning, Row
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import Differential, Fenced, Fraction, Multiplied, Name, Number, Scripted, Tree
from symderiv.errors import FormulaError, ShapeError
from symderiv.language.arrays import Array


def factored(tree: Multiplied, scope: Scope) -> Meaning:
    """A product, with the functions in it applied to what they are of. Fails where it could be several."""
    _check_numbers(tree)
    factors = [(mark, value(f, scope) if isinstance(f, Tree) else f()) for mark, f in _applications(tree.factors, scope)]
    by_entry = scope.by_entry and not any(isinstance(factor, Row) for _, factor in factors)
    factors = [("⊙" if by_entry and mark != "/" else mark, factor) for mark, factor in factors]
    try:
        return multiplied(factors, tree.span)
    except Mixed:
        whole, other = (_fits(factors, entrywise_first, tree) for entrywise_first in (False, True))
    if whole is not None and other is None:
        return whole
    if whole is None and other is None:  # it says nothing either way: products of matrices come first, as most read it
        return multiplied(grouped(factors, False, tree.span), tree.span)
    says = "a product entry by entry beside one of matrices"
    raise FormulaError(f"{says}: write parentheses around the one that comes first", tree.span)


def _check_numbers(tree: Multiplied) -> None:
    """Refuse numbers side by side, which are printed as one, and `a/2b`, where it is not sure what is below."""
    for (before, one), (mark, other) in pairwise(tree.factors):
        if mark == "" and isinstance(one, Number) and (isinstance(other, Number) or _is_numeric(other)):
            raise FormulaError("two numbers side by side: one number, a sum or a product? Write \\cdot or +", (one.span[0], other.span[1]))
        named = isinstance(other, (Name, Scripted)) or (isinstance(one, Name) and isinstance(other, Fenced))
        if before == "/" and mark == "" and isinstance(one, (Number, Name, Scripted)) and named and _is_close(one, other):
            raise FormulaError("what is below the slash? Write \\frac{...}{...}, or parentheses", (one.span[0], other.span[1]))


def _is_close(one: Tree, other: Tree) -> bool:
    """Whether nothing stands between two factors, or no more than the blank that ends a command."""
    command = isinstance(one, Name) and one.text[:1] == "\\"
    return one.span[1] == other.span[0] or (command and other.span[0] - one.span[1] == 1)


def _is_numeric(tree: Tree) -> bool:
    return isinstance(tree, Fraction) and isinstance(tree.above, Number) and isinstance(tree.below, Number)


def _fits(factors: list[Factor], entrywise_first: bool, tree: Tree) -> Meaning | None:
    """A product with one kind of multiplication before the other; None where the shapes do not fit."""
    try:
        return multiplied(grouped(factors, entrywise_first, tree.span), tree.span)
    except (ShapeError, FormulaError):
        return None


def _applications(factors: Sequence[tuple[str, Tree]], scope: Scope) -> Iterator[tuple[str, Tree | Later]]:
    """Factors, a function with its argument in fences being one, and a derivative with all that it is taken of."""
    left = list(factors)
    while left:
        mark, factor = left.pop(0)
        if left and left[0][0] == "/" and isinstance(factor, Differential) and isinstance(left[0][1], Differential):
            factor = _slashed(factor, left)
        if left and isinstance(factor, Fraction) and (above := _loose_differential(factor)) is not None:
            yield mark, _derivative_of_what_follows(factor, above, left, scope)
            return
        fence = fence_of(left[0][1]) if left and left[0][0] == "" and isinstance(factor, (Name, Scripted, Number)) else None
        _check_point(factor, left)
        fence = None if fence is not None and _is_turned(left[0][1]) and not is_function(factor, scope) else fence
        applied = applied_to(factor, fence, scope) if fence is not None else None
        if fence is None or applied is None:
            yield mark, factor
        else:
            yield mark, _decorated(applied, left.pop(0)[1], scope)


def _slashed(above: Differential, left: list[tuple[str, Tree]]) -> Fraction:
    """`\\partial^2 v/\\partial x \\partial y` as a fraction: below the slash stand all differentials up to the first other factor."""
    below = [("", left.pop(0)[1])]
    while left and left[0][0] == "" and isinstance(left[0][1], Differential) and left[0][1].sign == above.sign:
        below.append(left.pop(0))
    span = (above.span[0], below[-1][1].span[1])
    return Fraction(above, below[0][1] if len(below) == 1 else Multiplied(tuple(below)), span=span)


def _check_point(factor: Tree, left: list[tuple[str, Tree]]) -> None:
    """Refuse a derivative before one number or name in parentheses: it could be the derivative there."""
    derivative = isinstance(factor, Differential) or (isinstance(factor, Fraction) and isinstance(factor.above, Differential))
    after = left[0][1] if left and left[0][0] == "" else None
    if derivative and isinstance(after, Fenced) and after.fence == "(" and isinstance(after.body, (Name, Number)):
        raise FormulaError("the derivative at this point, or times it? Write \\cdot between them", (factor.span[0], after.span[1]))


def _is_turned(tree: Tree) -> bool:
    return isinstance(tree, Scripted) and spelled_or_none(tree.sup) in TRANSPOSED


def _decorated(applied: Later, tree: Tree, scope: Scope) -> Later:
    """A function's value with the subscript and the power that stand after its argument."""
    if not isinstance(tree, Scripted):
        return applied
    if tree.primes:
        raise FormulaError("primes after an argument: write them after the function's name", tree.span)

    def decorated() -> Meaning:
        result = applied()
        if tree.sub is not None and isinstance(result, Array):
            result = entry_of(Found(result, result.text, tree.sub, None), tree, scope)
        elif tree.sub is not None:
            raise FormulaError("one number has no subscript", tree.span)
        return with_power(result, tree.sup, tree, scope)

    return decorated


def _loose_differential(tree: Fraction) -> Differential | None:
    """What stands above in a fraction that takes the derivative of what follows it; None in any other."""
    return tree.above if isinstance(tree.above, Differential) and tree.above.of is None and tree.above.sign != "∇" else None


def _derivative_of_what_follows(operator: Fraction, above: Differential, left: list[tuple[str, Tree]], scope: Scope) -> Later:
    """A derivative of the product that follows; of a parenthesis, only where nothing follows that."""
    if len(left) > 1 and isinstance(left[0][1], Fenced):
        raise FormulaError(
            "a derivative of the parenthesis, or of the whole product? Write \\frac{\\partial v}{\\partial u}", operator.span
        )
    what = left[0][1] if len(left) == 1 else Multiplied(tuple(left), span=(left[0][1].span[0], left[-1][1].span[1]))
    return lambda: fraction(replace(operator, above=replace(above, of=what)), scope)
