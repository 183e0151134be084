"""Fractions, and the derivatives that fractions and differentials are."""

from __future__ import annotations

from dataclasses import replace

from sympy import Basic, Symbol

from symderiv.documents.meaning.differentials import differential_of
from symderiv.documents.meaning.entries import entry_of
from symderiv.documents.meaning.operations import derived, entries_of, hessian, times
from symderiv.documents.meaning.scope import Found, Scope, Undeclared, announced, found
from symderiv.documents.meaning.unsized import Entries, Meaning
from symderiv.documents.meaning.value import number, value
from symderiv.documents.syntax.tree import Added, Differential, Fraction, Multiplied, Name, Number, Scripted, Tree
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array
from symderiv.language.claim import Objective

DOUBTFUL = "a differential, or d times this? Write d \\cdot f for the product; differentials are not read yet"
ALONE = "a differential alone; write a derivative, \\frac{\\partial v}{\\partial u}"


def fraction(tree: Fraction, scope: Scope) -> Meaning:
    """A quotient, or a derivative."""
    signed = tree.above.terms[0] if isinstance(tree.above, Added) and len(tree.above.terms) == 1 else (1, tree.above)
    derivative = _derivative(signed[1], tree.below, scope, tree)
    if derivative is not None:
        return derivative if signed[0] > 0 else -derivative
    return times(value(tree.above, scope), number(tree.below, scope), "/", tree.span)


def _derivative(above: Tree, below: Tree, scope: Scope, tree: Tree) -> Entries | None:
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
        result = derived(result, value(variable.of, scope), top.sign == "∂", scope, tree)
    return result


def _repeated(d: Differential, wanted: int) -> list[Differential]:
    """A differential as often as it is meant: `\\partial w_j^2` below a second derivative is one of w_j twice."""
    of = d.of
    if isinstance(of, Scripted) and isinstance(of.sup, Number) and of.sup.text == str(wanted) and d.order == 1 < wanted:
        once = replace(of, sup=None) if of.sub is not None or of.primes else of.base
        return [replace(d, of=once)] * wanted
    return [d] * d.order


def differential(tree: Differential, scope: Scope) -> Meaning:
    """A gradient, or an adjoint as backward passes write it. Fails on a differential alone."""
    below = tree.sub if tree.sub is not None or tree.sign != "∇" else _argument(tree.of, scope)
    if tree.sign == "∇" and tree.of is not None and below is not None:
        of, wrt = value(tree.of, scope), value(below, scope)
        return derived(of, wrt, False, scope, tree) if tree.order == 1 else hessian(entries_of(of), entries_of(wrt), tree.order, tree)
    if tree.sign == "d" and tree.of is not None and tree.order == 1:
        if scope.differentials:
            return differential_of(tree.of, scope)
        return _adjoint(tree.of, scope, tree)
    raise FormulaError(ALONE, tree.span)


def _argument(tree: Tree | None, scope: Scope) -> Tree | None:
    """The one argument of what was defined with it: ∇J is the gradient with respect to that."""
    head = tree.factors[0][1] if isinstance(tree, Multiplied) and len(tree.factors) == 2 else tree
    seen = found(head, scope) if isinstance(head, (Name, Scripted)) else None
    argument = scope.arguments.get(seen.name) if seen is not None and seen.name in scope.applied else None
    return argument if isinstance(argument, (Name, Scripted)) else None


def is_in_doubt(tree: Tree, scope: Scope) -> bool:
    """Whether a member of an equation could be a differential, or d times something: `df` where the page declares d and no objective."""
    factor = isinstance(scope.names.get("d"), Symbol) and not _objectives(scope)
    return factor and isinstance(tree, Differential) and tree.sign == "d" and tree.of is not None


def _objectives(scope: Scope) -> list[Basic]:
    """The heads of the page's objectives."""
    heads = [what.head for what in scope.names.values() if isinstance(what, Objective)]
    heads += [scope.names[name] for name in scope.final if name in scope.names]
    return heads + [made.head for made in (announced(name, scope) for name in [*scope.objectives]) if made is not None]


def _adjoint(of: Tree, scope: Scope, tree: Differential) -> Meaning:
    """`dX`, as backward passes are written: the derivative of the page's one objective with respect to X. Without one, d times X."""
    heads = _objectives(scope)
    declared, wrt = scope.names.get("d"), value(of, scope)
    d = None if declared is None else entry_of(Found(declared, "d", None, None), tree, scope)
    if d is not None and not heads:
        return times(d, wrt, "", tree.span)
    factor = d is not None and (isinstance(d, Array) or d not in scope.derivation.program.sizes)
    if factor or len(heads) != 1 or (not isinstance(wrt, Array) and wrt == heads[0]):
        raise FormulaError(ALONE, tree.span)
    return derived(heads[0], wrt, False, scope, tree)
