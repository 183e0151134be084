"""What formulas mean: syntax trees as terms, with the names that a document declares. Shapes are checked on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from sympy import Abs, And, Dummy, Integer, Rational, Symbol, exp, pi

from symderiv.documents.meaning.operations import (
    COMPARED,
    FUNCTIONS,
    OF_ARRAYS,
    SEVERAL,
    Mixed,
    added,
    covered,
    derived,
    entries_of,
    frobenius,
    grouped,
    hessian,
    mapped,
    multiplied,
    of_several,
    primed,
    times,
)
from symderiv.documents.meaning.ranges import range_by_use, ranges_in
from symderiv.documents.meaning.scope import (
    Found,
    Misindexed,
    Scope,
    Undeclared,
    announced,
    attempt,
    found,
    matched,
    name_of,
    parts,
    positions_in,
    spelled,
    spelled_or_none,
)
from symderiv.documents.meaning.unsized import Row, Unsized, bare, sized, transposed, unsized
from symderiv.documents.syntax.tree import (
    Added,
    Applied,
    Big,
    Cases,
    Chain,
    Differential,
    Dots,
    Fenced,
    Fraction,
    Listed,
    Multiplied,
    Name,
    Noted,
    Number,
    Root,
    Scripted,
    Text,
    Tree,
)
from symderiv.documents.syntax.written import written
from symderiv.errors import FormulaError, Misfit, ShapeError, SymderivError
from symderiv.language.arrays import Array, beside, determinant, distinct, inverse, norm, part_of
from symderiv.language.claim import Objective, Smooth
from symderiv.language.kept import kept, replaced
from symderiv.language.program import foundations, head_of
from symderiv.language.terms import Delta, Element, Index, Product, Sum, Where, free_indices, names

TRANSPOSED = ("T", "\\top", "\\intercal", "\\mathsf{T}", "t")
INDICATORS = ("\\mathbb{1}", "\\mathbf{1}", "\\mathbb{I}", "\\mathbf{I}", "\\mathbbm{1}", "\\mathds{1}", "\\boldsymbol{1}", "I", "1")
MOST_POWER = 64
MOST_BITS = 6000


def value(tree: Tree, scope: Scope) -> Any:
    """What a tree stands for: a term, an array, or a vector turned on its side.

    Fails with the place of what has no meaning, and then the scope is as it was.
    """
    try:
        with attempt(scope):
            return MEANINGS[type(tree)](tree, scope)
    except FormulaError:
        raise
    except KeyError:
        raise FormulaError("this has no meaning here", tree.span) from None
    except ShapeError as error:
        raise Misfit(str(error), tree.span) from error
    except SymderivError as error:
        raise FormulaError(str(error), tree.span) from error


def number(tree: Tree, scope: Scope) -> Any:
    """What a tree stands for, if that is one number; an array needs indices."""
    result = value(tree, scope)
    if isinstance(result, (Array, Row, Unsized)):
        text = result.name if isinstance(result, Unsized) else bare(result).text
        raise Misfit(f"{text} is an array; one number is wanted here: which entry is meant?", tree.span)
    return result


def _number(tree: Number, scope: Scope) -> Any:
    return Rational(tree.text)


def _name(tree: Tree, scope: Scope) -> Any:
    seen = found(tree, scope)
    if seen is not None:
        if isinstance(seen.power, Fenced) and seen.power.fence == "(" and isinstance(seen.power.body, (Name, Number)):
            says = f"{seen.name} with ({spelled(seen.power.body)}) above: a name, an index or a power?"
            raise FormulaError(f"{says} Declare the name, or the index; write a power without parentheses", seen.power.span)
        if _is_array_power(seen):
            return _entry(replace(seen, what=_turned_over(seen, tree, scope), power=None), tree, scope)
        return _with_power(_entry(seen, tree, scope), seen.power, tree, scope)
    base, sub, sup, primes = (tree.base, tree.sub, tree.sup, tree.primes) if isinstance(tree, Scripted) else (tree, None, None, 0)
    word = spelled_or_none(base) or ""
    if any(word in rows for rows in scope.bound) and sub is None and not primes:
        return _with_power(scope.index(word), sup, tree, scope)
    if word in ("\\delta", *INDICATORS) and sub is not None and sup is None:
        if isinstance(sub, Chain) and word != "\\delta":
            return _indicator(sub, scope)
        pair = [number(p, scope) for p in positions_in(sub, 2)]
        if len(pair) == 2 and word not in ("\\delta", "I", "\\mathbf{I}", "\\mathbb{I}"):
            raise FormulaError(f"{word} with two indices: the identity, or ones everywhere? Write \\delta_{{ij}}, or 1", tree.span)
        if len(pair) == 2:
            return Delta(*pair)
    if word == "\\pi" and not primes and sub is None:
        return _with_power(pi, sup, tree, scope)
    if word == "e" and sup is not None and sub is None:
        return kept(exp, number(sup, scope))
    seen = found(base, scope) if primes and sub is None else None
    if seen is not None and seen.name in scope.applied:
        return _with_power(_primed(seen, primes, seen.what, tree, scope), sup, tree, scope)
    if seen is not None and (only := _only_input(seen.what, scope)) is not None:
        of = seen.what
        for _ in range(primes):
            of = derived(of, only, False, scope, tree)
        return _with_power(of, sup, tree, scope)
    plain = unsized(word) if not primes else None
    if plain is not None and sub is None:
        return _with_power(plain, sup, tree, scope)
    if plain is not None and isinstance(sub, (Name, Scripted)) and found(sub, scope) is not None:
        return _with_power(sized(plain, [Index("i", 1, number(sub, scope))] * len(plain.array.indices)), sup, tree, scope)
    index = scope.index(name_of(word, primes=primes)) if sub is None else None
    if index is not None:
        return _with_power(index, sup, tree, scope)
    if isinstance(tree, Scripted) and not isinstance(base, (Name, Text)):
        return _with_power(_part(tree, scope), sup, tree, scope)
    named = replace(tree, sup=None) if isinstance(tree, Scripted) and spelled_or_none(sup) in TRANSPOSED else tree
    raise Undeclared(spelled_or_none(named) or word, tree.span, scope)


def _is_array_power(seen: Found) -> bool:
    """Whether a power above an entry can be one of the whole matrix: `A^\\top_{ij}`, `A^{-1}_{ij}`."""
    if not isinstance(seen.what, Array) or seen.positions is None:
        return False
    matrix = len(seen.what.indices) == 2 == len(positions_in(seen.positions, 2))
    return matrix and (spelled_or_none(seen.power) in TRANSPOSED or _is_minus_one(seen.power))


def _is_minus_one(power: Tree | None) -> bool:
    return isinstance(power, Added) and power.terms == ((-1, Number("1")),)


def _turned_over(seen: Found, tree: Tree, scope: Scope) -> Array:
    """A matrix transposed, of which an entry is taken. Fails on an inverse, which could be that of the entry."""
    if _is_minus_one(seen.power):
        raise FormulaError(
            f"one over the entry, or an entry of the inverse? Write \\frac{{1}}{{...}}, or ({seen.name}^{{-1}})_{{...}}", tree.span
        )
    whole: Array = seen.what.T
    return whole


def _part(tree: Scripted, scope: Scope) -> Any:
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
        return _entry(Found(entries_of(base), entries_of(base).text, tree.sub, None), tree, scope)
    raise FormulaError("only names and arrays have subscripts", tree.span)


def _entry(seen: Found, tree: Tree, scope: Scope) -> Any:
    what = seen.what
    if isinstance(what, Objective):
        what = what.head
    if isinstance(what, Smooth):
        raise FormulaError(f"{seen.name} is a function: of what? Write {seen.name}(z)", tree.span)
    if isinstance(what, Array) and seen.positions is not None:
        at = positions_in(seen.positions, len(what.indices))
        if len(at) > len(what.indices):
            raise Misindexed(seen.name, len(what.indices), len(at), tree.span)
        places = [_position(p, i, scope) for p, i in zip(at, what.indices, strict=False)]
        if len(places) < len(what.indices):
            return part_of(what, (*places, *[slice(None)] * (len(what.indices) - len(places))))
        return what[tuple(places)]
    if seen.positions is not None:
        raise Misindexed(seen.name, 0, len(positions_in(seen.positions, 2)), tree.span)
    return what


def _position(tree: Tree, dimension: Index, scope: Scope) -> Any:
    """A position; a letter of which nothing is known yet runs over the dimension that it is used for."""
    letter = tree.text if isinstance(tree, Name) else None
    if letter is not None and not scope.settles(letter) and letter not in scope.names:
        scope.infer(letter, scope.ahead.get(letter) or Index(letter, dimension.lower, dimension.upper))
    return number(tree, scope)


def _with_power(base: Any, power: Tree | None, tree: Tree, scope: Scope) -> Any:
    if power is None:
        return base
    above = spelled_or_none(power)
    if above in TRANSPOSED and isinstance(base, Unsized):
        return transposed(base)
    if above in TRANSPOSED and (isinstance(base, (Array, Row)) or above in ("\\top", "\\intercal")):
        if isinstance(base, Array):
            return Row(base) if len(base.indices) == 1 else base.T
        if isinstance(base, Row):
            return base.vector
        return base
    if isinstance(base, Unsized):
        raise FormulaError(f"a power of {base.name}: write what it is", power.span)
    if isinstance(base, Row):
        raise FormulaError("a power of a row: write the product that is meant", power.span)
    if isinstance(power, Fenced):
        raise FormulaError("in parentheses or brackets above: a name, an index or a power? A power is written without", power.span)
    exponent = number(power, scope)
    if isinstance(base, Array) and exponent == -1 and len(base.indices) == 2:
        return inverse(_named(base, tree, scope))
    if isinstance(base, Array) and len(base.indices) == 2 and base.shape[0] == base.shape[1]:
        raise FormulaError("a power of a square matrix: of its entries, or its product with itself? Write one or the other", power.span)
    if exponent.is_Rational and abs(exponent) > MOST_POWER:
        raise FormulaError(f"an exponent beyond {MOST_POWER}", power.span)
    if getattr(base, "is_Rational", False) and exponent.is_Rational and max(abs(base.p), base.q).bit_length() * abs(exponent) > MOST_BITS:
        raise FormulaError("a number with more than 2000 digits", power.span)
    return base**exponent if isinstance(base, Array) else kept(pow, base, exponent)


def _multiplied(tree: Multiplied, scope: Scope) -> Any:
    _check_numbers(tree)
    factors = [(mark, f() if callable(f) else value(f, scope)) for mark, f in _applications(tree.factors, scope)]
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
        beside = isinstance(other, (Name, Scripted)) or (isinstance(one, Name) and isinstance(other, Fenced))
        if before == "/" and mark == "" and isinstance(one, (Number, Name, Scripted)) and beside and _is_close(one, other):
            raise FormulaError("what is below the slash? Write \\frac{...}{...}, or parentheses", (one.span[0], other.span[1]))


def _is_close(one: Tree, other: Tree) -> bool:
    """Whether nothing stands between two factors, or no more than the blank that ends a command."""
    command = isinstance(one, Name) and one.text[:1] == "\\"
    return one.span[1] == other.span[0] or (command and other.span[0] - one.span[1] == 1)


def _is_numeric(tree: Tree) -> bool:
    return isinstance(tree, Fraction) and isinstance(tree.above, Number) and isinstance(tree.below, Number)


def _fits(factors: list[tuple[str, Any]], entrywise_first: bool, tree: Tree) -> Any:
    """A product with one kind of multiplication before the other; None where the shapes do not fit."""
    try:
        return multiplied(grouped(factors, entrywise_first, tree.span), tree.span)
    except (ShapeError, FormulaError):
        return None


def _named(matrix: Array, tree: Tree, scope: Scope) -> Array:
    """A matrix that is computed, under a name that shows how, so that it can have an inverse."""
    plain = isinstance(matrix.body, Element) and matrix.body.at == matrix.indices
    if plain or beside(matrix) or matrix.shape[0] != matrix.shape[1]:
        return matrix
    key = (matrix.indices, matrix.body)
    if key not in scope.matrices:
        base = tree.base if isinstance(tree, Scripted) else tree
        scope.matrices[key] = scope.derivation.let(written(base), matrix)
    return scope.matrices[key]


def _applications(factors: Sequence[tuple[str, Tree]], scope: Scope) -> Iterator[tuple[str, Any]]:
    """Factors, a function with its argument in fences being one, and a derivative with all that it is taken of."""
    left = list(factors)
    while left:
        mark, factor = left.pop(0)
        if left and left[0][0] == "/" and isinstance(factor, Differential) and isinstance(left[0][1], Differential):
            factor = _slashed(factor, left)
        if left and _takes_a_derivative(factor):
            yield mark, _derivative_of_what_follows(factor, left, scope)
            return
        fence = _fence(left[0][1]) if left and left[0][0] == "" and isinstance(factor, (Name, Scripted, Number)) else None
        _check_point(factor, left)
        fence = None if fence is not None and _is_turned(left[0][1]) and not _is_function(factor, scope) else fence
        applied = _applied_to(factor, fence, scope) if fence is not None else None
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


def _fence(tree: Tree) -> Fenced | None:
    """The fences that a factor is, or that stand below its subscript and power."""
    base = tree.base if isinstance(tree, Scripted) else tree
    return base if isinstance(base, Fenced) else None


def _check_point(factor: Tree, left: list[tuple[str, Tree]]) -> None:
    """Refuse a derivative before one number or name in parentheses: it could be the derivative there."""
    derivative = isinstance(factor, Differential) or (isinstance(factor, Fraction) and isinstance(factor.above, Differential))
    after = left[0][1] if left and left[0][0] == "" else None
    if derivative and isinstance(after, Fenced) and after.fence == "(" and isinstance(after.body, (Name, Number)):
        raise FormulaError("the derivative at this point, or times it? Write \\cdot between them", (factor.span[0], after.span[1]))


def _is_turned(tree: Tree) -> bool:
    return isinstance(tree, Scripted) and spelled_or_none(tree.sup) in TRANSPOSED


def _is_function(tree: Tree, scope: Scope) -> bool:
    """Whether a name is one of a function; what is turned after any other is a factor."""
    seen, word = found(tree, scope), spelled_or_none(tree) or ""
    return (seen is not None and (seen.name in scope.applied or isinstance(seen.what, Smooth))) or word in FUNCTIONS | scope.functions


def _decorated(applied: Callable[[], Any], tree: Tree, scope: Scope) -> Callable[[], Any]:
    """A function's value with the subscript and the power that stand after its argument."""
    if not isinstance(tree, Scripted):
        return applied
    if tree.primes:
        raise FormulaError("primes after an argument: write them after the function's name", tree.span)

    def decorated() -> Any:
        result = applied()
        if tree.sub is not None and isinstance(result, Array):
            result = _entry(Found(result, result.text, tree.sub, None), tree, scope)
        elif tree.sub is not None:
            raise FormulaError("one number has no subscript", tree.span)
        return _with_power(result, tree.sup, tree, scope)

    return decorated


def _takes_a_derivative(tree: Tree) -> bool:
    return isinstance(tree, Fraction) and isinstance(tree.above, Differential) and tree.above.of is None and tree.above.sign != "∇"


def _derivative_of_what_follows(operator: Any, left: list[tuple[str, Tree]], scope: Scope) -> Callable[[], Any]:
    """A derivative of the product that follows; of a parenthesis, only where nothing follows that."""
    if len(left) > 1 and isinstance(left[0][1], Fenced):
        raise FormulaError(
            "a derivative of the parenthesis, or of the whole product? Write \\frac{\\partial v}{\\partial u}", operator.span
        )
    what = left[0][1] if len(left) == 1 else Multiplied(tuple(left), span=(left[0][1].span[0], left[-1][1].span[1]))
    return lambda: _fraction(replace(operator, above=replace(operator.above, of=what)), scope)


def _applied_to(head: Tree, fence: Fenced, scope: Scope) -> Callable[[], Any] | None:
    seen = found(head, scope)
    word = spelled_or_none(head) or ""
    if seen is not None and seen.name in scope.applied:
        return partial(_as_defined, seen, head, fence, scope)
    if seen is None and word in INDICATORS and isinstance(fence.body, (Chain, Listed)):
        return lambda: _indicator(fence.body, scope)
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
            return partial(_primed, seen, primes, _as_defined(seen, plain, fence, scope), head, scope)
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
        return _name(head, scope)
    return _entry(replace(seen, positions=Listed(tuple(given[letter] for letter in letters), span=fence.span)), head, scope)


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


def _primed(seen: Found, primes: int, what: Any, tree: Tree, scope: Scope) -> Any:
    """The derivative, by primes, of what was defined as a function of one number."""
    wrt = entries_of(value(scope.arguments[seen.name], scope)) if isinstance(scope.arguments[seen.name], (Name, Scripted)) else None
    if wrt is None or isinstance(wrt, Array) or isinstance(what, Array):
        raise FormulaError("primes: the derivative with respect to what? Write \\frac{d v}{d u}", tree.span)
    for _ in range(primes):
        what = derived(what, wrt, False, scope, tree)
    return what


def _is_argument(what: Symbol | Array, body: Tree, scope: Scope) -> bool:
    """Whether what is in parentheses after a name is several things, or one name on which its definition rests."""
    if isinstance(body, Listed) or (isinstance(what, Array) and len(what.indices) == 1 and isinstance(body, Number)):
        return True
    seen = found(body, scope) if isinstance(body, (Name, Scripted)) else None
    head = what if isinstance(what, Symbol) else head_of(what.body)
    return seen is not None and rests_on(head, _head(seen.what), scope)


def _only_input(what: Any, scope: Scope) -> Symbol | None:
    """The one number that a number is computed from, with respect to which its primes are derivatives; None if there are several."""
    program = scope.derivation.program
    if not isinstance(what, Symbol) or program.equation(what) is None or what in program.opaque:
        return None
    found_ = [v for v in program.inputs if rests_on(what, v.head, scope)]
    return found_[0].head if len(found_) == 1 and not found_[0].indices and not found_[0].head.is_integer else None


def rests_on(head: Any, other: Any, scope: Scope) -> bool:
    """Whether a name is defined by another, directly or through others."""
    equation = scope.derivation.program.equation(head)
    return equation is not None and other in foundations(names(equation.body), scope.derivation.program)


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


def _fraction(tree: Fraction, scope: Scope) -> Any:
    derivative = _derivative(tree.above, tree.below, scope, tree)
    if derivative is not None:
        return derivative
    return times(value(tree.above, scope), number(tree.below, scope), "/", tree.span)


def _derivative(above: Tree, below: Tree, scope: Scope, tree: Tree) -> Any:
    """The derivative that a fraction of differentials is; None for any other fraction."""
    top = above if isinstance(above, Differential) else None
    factors = [f for _, f in below.factors] if isinstance(below, Multiplied) else [below]
    wrt = [f for f in factors if isinstance(f, Differential) and f.of is not None]
    if top is None or len(wrt) != len(factors) or top.sign == "∇":
        return None
    if top.of is None:
        raise FormulaError(
            "a derivative of what? Write it as \\frac{\\partial v}{\\partial u}, or with what follows in parentheses", tree.span
        )
    variables = [f for d in wrt for f in _repeated(d, top.order if len(wrt) == 1 else 0)]
    if len(variables) != top.order:
        raise FormulaError(f"a derivative of order {top.order} with respect to {len(variables)} variables", tree.span)
    try:
        result = value(top.of, scope)
    except Undeclared as error:
        hint = f"define it, or declare what it is any smooth function of: objective {error.name}(y)"
        raise Undeclared(error.name, top.of.span, scope, hint) from error
    for variable in reversed(variables):
        assert variable.of is not None
        result = derived(result, _variable(variable.of, scope), top.sign == "∂", scope, tree)
    return result


def _repeated(d: Differential, wanted: int) -> list[Differential]:
    """A differential as often as it is meant: `\\partial w_j^2` below a second derivative is one of w_j twice."""
    of = d.of
    if isinstance(of, Scripted) and isinstance(of.sup, Number) and of.sup.text == str(wanted) and d.order == 1 < wanted:
        bare = replace(of, sup=None) if of.sub is not None or of.primes else of.base
        return [replace(d, of=bare)] * wanted
    return [d] * d.order


def _variable(tree: Tree, scope: Scope) -> Any:
    """What a derivative is taken with respect to: a name, maybe one that is written as a power."""
    return value(tree, scope)


def _differential(tree: Differential, scope: Scope) -> Any:
    below = tree.sub if tree.sub is not None or tree.sign != "∇" else _argument(tree.of, scope)
    if tree.sign == "∇" and tree.of is not None and below is not None:
        of, wrt = value(tree.of, scope), _variable(below, scope)
        return derived(of, wrt, False, scope, tree) if tree.order == 1 else hessian(entries_of(of), entries_of(wrt), tree.order, tree)
    if tree.sign == "d" and tree.of is not None and tree.order == 1:
        return _adjoint(tree.of, scope, tree)
    raise FormulaError(ALONE, tree.span)


def _argument(tree: Tree | None, scope: Scope) -> Tree | None:
    """The one argument of what was defined with it: ∇J is the gradient with respect to that."""
    head = tree.factors[0][1] if isinstance(tree, Multiplied) and len(tree.factors) == 2 else tree
    seen = found(head, scope) if isinstance(head, (Name, Scripted)) else None
    argument = scope.arguments.get(seen.name) if seen is not None and seen.name in scope.applied else None
    return argument if isinstance(argument, (Name, Scripted)) else None


ALONE = "a differential alone; write a derivative, \\frac{\\partial v}{\\partial u}"


def _adjoint(of: Tree, scope: Scope, tree: Differential) -> Any:
    """`dX`, as backward passes are written: the derivative of the page's one objective with respect to X. Without one, d times X."""
    heads = [what.head for what in scope.names.values() if isinstance(what, Objective)]
    heads += [scope.names[name] for name in scope.final if name in scope.names]
    heads += [made.head for made in (announced(name, scope) for name in [*scope.objectives]) if made is not None]
    d, wrt = scope.names.get("d"), value(of, scope)
    if d is not None and not heads:
        return times(d, wrt, "", tree.span)
    if len(heads) != 1 or (not isinstance(wrt, Array) and wrt == heads[0]) or (d is not None and d not in scope.derivation.program.sizes):
        raise FormulaError(ALONE, tree.span)
    return derived(heads[0], wrt, False, scope, tree)


def _root(tree: Root, scope: Scope) -> Any:
    degree = number(tree.degree, scope) if tree.degree is not None else Integer(2)
    return kept(pow, number(tree.of, scope), 1 / degree)


def _fenced(tree: Fenced, scope: Scope) -> Any:
    if tree.fence in ("|", "‖"):
        inside = entries_of(value(tree.body, scope))
        if isinstance(inside, Array) and len(inside.indices) > 1:
            if tree.fence == "|" and inside.shape[0] == inside.shape[1]:
                return determinant(_named(inside, tree.body, scope))
            raise FormulaError("bars around a matrix can mean several norms; write \\|...\\|_F, or \\det", tree.span)
        return norm(inside) if isinstance(inside, Array) else kept(Abs, inside)
    if tree.fence in ("[", "{") and isinstance(tree.body, Chain):
        return _indicator(tree.body, scope)
    if tree.fence in ("(", "[", "{"):
        return value(tree.body, scope)
    raise FormulaError(f"{tree.fence} has no meaning here; write a function of one number", tree.span)


def _applied(tree: Applied, scope: Scope) -> Any:
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
        result = OF_ARRAYS[head](_named(of, tree.of, scope) if head in ("det", "logdet") and len(of.indices) == 2 else of)
    elif known:
        result = mapped(_function(head, tree.primes, tree), entries_of(value(tree.of, scope)), tree)
    else:
        seen = scope.names.get(head)
        applied = _applied_to(Name(head, span=tree.span), tree.of, scope) if isinstance(tree.of, Fenced) else None
        if applied is not None and not isinstance(seen, Smooth):
            return _with_power(applied(), tree.sup, tree, scope)
        if seen is None:
            raise Undeclared(head, tree.span, scope, f"declare it: function {head}")
        if not isinstance(seen, Smooth):
            raise FormulaError(f"{head} is no function: write \\cdot before the parentheses", tree.span)
        result = seen.derivative(entries_of(value(tree.of, scope)), tree.primes)
    return _with_power(result, tree.sup, tree, scope)


def _ends_in_parentheses(tree: Multiplied, scope: Scope) -> bool:
    """Whether the last factor of an argument without parentheses is in parentheses, and not the argument of a function before it."""
    for (_, before), (mark, last) in pairwise(tree.factors):
        fence = _fence(last)
        if mark == "" and fence is not None and fence.fence != "‖" and _applied_to(before, fence, scope) is None:
            return True
    return False


def _spelled_number(tree: Tree) -> int:
    """The sign of a power that is written as a number; 1 for any other."""
    return -1 if isinstance(tree, Added) and len(tree.terms) == 1 and tree.terms[0][0] < 0 else 1


def _inside(tree: Tree) -> tuple[Tree, ...]:
    body = tree.body if isinstance(tree, Fenced) else tree
    return body.items if isinstance(body, Listed) else (body,)


def _big(tree: Big, scope: Scope) -> Any:
    if tree.kind not in ("sum", "prod"):
        raise FormulaError(f"\\{tree.kind} over a range has no meaning here", tree.span)
    if tree.sub is None:
        raise FormulaError("a sum over what? Write the index below: \\sum_i", tree.span)
    letters, condition = _letters(tree.sub, scope)
    if tree.kind == "prod" and (both := _big_beside(tree, letters, scope)) is not None:
        one, other = (value(part, scope) for part in both)
        return times(one, other, "", tree.span)
    rows: dict[str, Index] = {}
    scope.bound.append(rows)
    try:
        for letter, lower in letters:
            rows[letter] = _range(letter, lower, tree, scope)
        body = entries_of(value(tree.body, scope))
        holds = condition() if condition is not None else None
        over = Sum if tree.kind == "sum" else Product
        indices = tuple(rows.values())
        conditions = () if holds is None else (holds,)
        if isinstance(body, Array):
            formal = distinct(body.indices, {i.name for i in indices} | beside(body))
            return Array(formal, over(body.entry(formal), *indices, *conditions), f"Σ {body.text}")
        return over(body, *indices, *conditions)
    finally:
        scope.bound.pop()


def _big_beside(tree: Big, letters: list[tuple[str, Tree | None]], scope: Scope) -> tuple[Tree, Tree] | None:
    """A product and the one that stands beside it, `\\prod_i x_i \\prod_j y_j`, which is not inside: it does not mention i.

    Fails on a sum there, which could be either.
    """
    last = tree.body.factors[-1][1] if isinstance(tree.body, Multiplied) else None
    if not isinstance(last, Big) or any(_mentions(last, letter, scope) for letter, _ in letters):
        return None
    if last.kind != "prod":
        raise FormulaError("does the product go over this sum too? Write parentheses", last.span)
    assert isinstance(tree.body, Multiplied)
    (mark, _), *_ = tree.body.factors[-1:]
    if mark == "/":
        raise FormulaError("what is divided here? Write \\frac{...}{...}, or parentheses", last.span)
    factors = tree.body.factors[:-1]
    inner = factors[0][1] if len(factors) == 1 else replace(tree.body, factors=factors)
    return replace(tree, body=inner), last


def _mentions(tree: Any, letter: str, scope: Scope) -> bool:
    """Whether a letter occurs in a tree, but for sums and products that have a letter of that name for themselves."""
    if isinstance(tree, Name):
        return tree.text == letter
    if isinstance(tree, Big) and tree.sub is not None and letter in dict(_letters(tree.sub, scope)[0]):
        return False
    inner = vars(tree).values() if isinstance(tree, Tree) else tree if isinstance(tree, tuple) else ()
    return any(_mentions(part, letter, scope) for part in inner)


def _letters(sub: Tree, scope: Scope) -> tuple[list[tuple[str, Tree | None]], Callable[[], Any] | None]:
    """The letters that a sum is over, with their lower ends if these are written, and its condition if there is one."""
    letters: dict[str, Tree | None] = {}
    conditions: list[Tree] = []
    for item in _below(sub):
        if not isinstance(item, Chain):
            letters.setdefault(spelled(item), None)
            continue
        (_, left), (relation, right), *more = item.members
        if left is None or right is None or more:
            raise FormulaError("a chain below a sum; write its comparisons with commas between", item.span)
        if relation == "=":
            letters[spelled(left)] = right
        elif relation == "∈":
            raise FormulaError("a sum over a set: write the range, or only the letter if its range is declared", right.span)
        elif relation in COMPARED:
            conditions.append(item)
        else:
            raise FormulaError("below a sum stand its letters, where they begin, and comparisons", item.span)
    if not letters:
        for condition in conditions:
            letters |= dict.fromkeys(_summed(condition, scope))
    begun: list[tuple[str, Tree | None]] = []
    for letter, lower in reversed(letters.items()):
        begun.insert(0, (letter, lower if lower is not None or not begun else begun[0][1]))
    return begun, (lambda: And(*(_condition(c, scope) for c in conditions))) if conditions else None


def _below(sub: Tree) -> tuple[Tree, ...]:
    """What stands below a sum, one by one: `k, l : k ≠ l` and `k, l, k ≠ l` are three things."""
    if isinstance(sub, Chain) and len(sub.members) == 2 and sub.members[1][0] in (":", "|"):
        return tuple(item for _, member in sub.members if member is not None for item in _below(member))
    if isinstance(sub, Chain):
        return (sub,)
    return tuple(item for part in positions_in(sub, 2) for item in ((part,) if part is sub else _below(part)))


def _summed(condition: Any, scope: Scope) -> list[str]:
    """The letters that a sum with nothing but a comparison below is over: the left one, and the right one where it is new."""
    (_, left), (relation, right) = condition.members
    other = spelled_or_none(right)
    letter = isinstance(right, Name) and found(right, scope) is None
    loose = letter and scope.defining is not None and other not in scope.defining and not any(other in rows for rows in scope.bound)
    new = other is not None and (loose or (relation != "≠" and scope.index(other) is None))
    if loose and other is not None:
        scope.both = (*scope.both, other)
    return [spelled(left), *([other] if new and other is not None else [])]


def _range(letter: str, lower: Tree | None, tree: Big, scope: Scope) -> Index:
    low = number(lower, scope) if lower is not None else Integer(1)
    if tree.sup is not None:
        return Index(letter, low, _upper(tree.sup, scope))
    known = _range_without_limits(letter, tree, scope)
    if known is not None:
        return known if lower is None else Index(letter, low, known.upper)
    if lower is not None:
        raise FormulaError(f"the last {letter} is not known; write it above the sum", tree.span)
    raise FormulaError(f"the range of {letter} is not known; declare it: index {letter} = 1..m", tree.span)


def _range_without_limits(letter: str, tree: Big, scope: Scope) -> Index | None:
    """The range of a sum's letter: as declared, by its use below the sum, elsewhere in the formula, or in formulas before."""
    if letter in scope.letters and letter not in scope.used:
        return scope.letters[letter]
    return range_by_use(letter, tree.body, scope) or _range_in_formula(letter, tree, scope)


def _range_in_formula(letter: str, tree: Big, scope: Scope) -> Index | None:
    """The one range that the formula gives to a letter, whether before or after; without any, the one of formulas before.

    Sums over a part of a range say no more than where it ends: `\\sum_{p=2}^m`, `\\sum_{p=1}^{m-1}`.
    """
    limits = list(dict.fromkeys(_limits(letter, scope)))
    whole = [i for i in limits if i.lower == 0 or (i.lower == 1 and i.upper.is_Atom and not free_indices(i.upper))]
    known = set(whole) | set(ranges_in(letter, scope))
    known = known or {index for index in (scope.before(letter),) if index is not None}
    if not limits and not known:
        return None
    if len(known) == 1 and all((i.upper - next(iter(known)).upper).is_Number for i in limits):
        return next(iter(known))
    said = " or ".join(sorted({f"{i.lower}..{i.upper}" for i in (*known, *limits)}))
    raise FormulaError(f"which range has {letter} here? Elsewhere it is {said}: write it below and above the sum", tree.span)


def _limits(letter: str, scope: Scope) -> Iterator[Index]:
    """The limits that sums of the formula over a letter are written with; a letter in them is an index of an unknown range."""
    sums = [part for part in parts(scope.formula) if isinstance(part, Big) and part.sub is not None]
    over = {part.text for big in sums for part in parts(big.sub) if isinstance(part, Name)}
    for big in sums:
        try:
            with attempt(scope, keep=False):
                begun = dict(_letters(big.sub, scope)[0]) if big.sub is not None else {}
            if letter not in begun or big.sup is None:
                continue
            with attempt(scope):
                scope.bound.append({name: Index(name, 1, Symbol("n")) for name in over})
                index = Index(letter, number(begun[letter] or Number("1"), scope), _upper(big.sup, scope))
                scope.bound.pop()
        except SymderivError:
            continue
        yield index


def _upper(tree: Tree, scope: Scope) -> Any:
    """The upper end of a range; a name that nobody declared is a size."""
    if tree == Name("\\infty"):
        raise FormulaError("a sum without end: series are not judged", tree.span)
    if isinstance(tree, (Name, Scripted)) and found(tree, scope) is None and scope.index(spelled(tree)) is None:
        name = spelled(tree)
        scope.names[name] = scope.derivation.size(name)
    return number(tree, scope)


def _comparison(relation: str, left: Tree, right: Tree, scope: Scope) -> Any:
    return kept(COMPARED[relation], number(left, scope), number(right, scope))


def _cases(tree: Cases, scope: Scope) -> Any:
    *rows, (entry, condition) = tree.rows
    result = number(entry, scope)
    above = [_condition(c, scope) for _, c in rows if c is not None]
    if condition is not None and not covered([*above, _condition(condition, scope)]):
        raise FormulaError("do the cases leave something out? Write the last one with \\text{otherwise}", tree.span)
    for (entry, _), holds in zip(reversed(rows), reversed(above), strict=True):
        result = Where(holds, number(entry, scope), result)
    return result


def _condition(tree: Tree, scope: Scope) -> Any:
    if isinstance(tree, Listed):
        return And(*(_condition(item, scope) for item in tree.items if not isinstance(item, Text)))
    if isinstance(tree, Chain):
        members = [(relation, m) for relation, m in tree.members if m is not None]
        pairs = [(relation, left, right) for (_, left), (relation, right) in pairwise(members)]
        unknown = next((relation for relation, _, _ in pairs if relation not in COMPARED), None)
        if unknown is not None or not pairs:
            raise FormulaError(f"{unknown or 'this'} is no comparison of numbers or positions", tree.span)
        return And(*(_comparison(relation, left, right, scope) for relation, left, right in pairs))
    raise FormulaError("a condition that is no comparison", tree.span)


def _colon(tree: Chain, scope: Scope) -> Any:
    """`A : B` in parentheses, the sum of the products of the entries of two matrices."""
    if [relation for relation, _ in tree.members] != ["", ":"] or any(member is None for _, member in tree.members):
        raise FormulaError("this has no meaning here", tree.span)
    return frobenius(*(entries_of(value(member, scope)) for _, member in tree.members if member is not None))


def _indicator(condition: Tree, scope: Scope) -> Any:
    return Where(_condition(condition, scope), 1, 0)


MEANINGS: dict[type[Tree], Callable[[Any, Scope], Any]] = {
    Number: _number,
    Name: _name,
    Scripted: _name,
    Added: lambda tree, scope: added([(sign, value(term, scope)) for sign, term in tree.terms], tree.span),
    Multiplied: _multiplied,
    Fraction: _fraction,
    Differential: _differential,
    Root: _root,
    Fenced: _fenced,
    Applied: _applied,
    Big: _big,
    Cases: _cases,
    Chain: _colon,
    Noted: lambda tree, scope: value(tree.body, scope),
}
