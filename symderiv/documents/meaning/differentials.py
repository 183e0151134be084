"""Differentials along a curve: each input X has one, dX, that is free; that of anything else is the sum over all paths to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sympy import Expr, Integer, Symbol

from symderiv.documents.meaning.operations import entries_of, heads_in
from symderiv.documents.meaning.scope import TRANSPOSED, Found, Scope, found
from symderiv.documents.meaning.spelling import parts, remade, spelled_or_none
from symderiv.documents.meaning.unsized import Entries, Meaning, Row
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import (
    Added,
    Applied,
    Big,
    Chain,
    Differential,
    Fenced,
    Fraction,
    Listed,
    Multiplied,
    Name,
    Noted,
    Number,
    Scripted,
    Tree,
)
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array, distinct
from symderiv.language.claim import Objective
from symderiv.language.program import Program, Variable, foundations, head_of
from symderiv.language.terms import Element, Label, Sum, Total, free_indices, names

LINEAR = frozenset(("tr", "Tr", "trace", "diag"))
FREE = "the differential of an input is free; an adjoint, or a name? Write \\frac{\\partial L}{\\partial X} for an adjoint"
BACKWARD = (
    "a differential, or an adjoint? What stands on the right is computed from this; write \\frac{\\partial L}{\\partial X} for an adjoint"
)
MIXED = "each term of an equation of differentials has one of them; write a derivative, \\frac{\\partial v}{\\partial u}"


def differentials_in(tree: object) -> Iterator[Differential]:
    """The differentials of a formula that are no part of a derivative, or of another differential."""
    if isinstance(tree, Differential):
        yield from [tree] if tree.sign == "d" and tree.of is not None else []
    elif isinstance(tree, Fraction) and _is_derivative(tree):
        return
    elif isinstance(tree, Multiplied):
        for factor in _undivided(tree):
            yield from differentials_in(factor)
    elif isinstance(tree, Tree):
        for part in _below(tree):
            yield from differentials_in(part)


def _is_derivative(tree: Fraction) -> bool:
    return any(isinstance(part, Differential) for part in parts(tree.below))


def _undivided(tree: Multiplied) -> Iterator[Tree]:
    """The factors of a product without those of derivatives that are written with a slash: `dy/dx`."""
    left = list(tree.factors)
    while left:
        _, factor = left.pop(0)
        if not (isinstance(factor, Differential) and left and left[0][0] == "/" and isinstance(left[0][1], Differential)):
            yield factor
            continue
        left.pop(0)
        while left and left[0][0] == "" and isinstance(left[0][1], Differential):
            left.pop(0)


def whole(tree: Tree) -> Tree:
    """A formula in which a d before parentheses or a function is the differential of that: `d(XY)`, `d \\log\\det X`."""
    return remade(tree, _whole_parts)


def _whole_parts(tree: Tree) -> Tree | None:
    if not isinstance(tree, Multiplied):
        return None
    factors: list[tuple[str, Tree]] = []
    for mark, factor in tree.factors:
        if factors and mark == "" and _is_d(factors[-1][1]) and _is_whole(factor):
            before, d = factors.pop()
            factors.append((before, Differential("d", whole(factor), span=(d.span[0], factor.span[1]))))
        else:
            factors.append((mark, whole(factor)))
    return factors[0][1] if len(factors) == 1 else Multiplied(tuple(factors), span=tree.span)


def _is_d(tree: Tree) -> bool:
    return tree == Name("d") or (isinstance(tree, Differential) and tree.sign == "d" and tree.order == 1 and tree.of is None)


def _is_whole(tree: Tree) -> bool:
    bars = isinstance(tree, Scripted) and isinstance(tree.base, Fenced) and tree.base.fence in ("|", "‖")
    return bars or isinstance(tree, (Applied, Fenced))


def _below(tree: Tree) -> Iterator[Tree]:
    """The trees that a tree is made of."""
    left = [getattr(tree, name) for name in tree.__dataclass_fields__ if name != "span"]
    while left:
        item = left.pop(0)
        if isinstance(item, Tree):
            yield item
        elif isinstance(item, tuple):
            left[:0] = item


def degree(tree: Tree | None) -> int | None:
    """How many differentials each term of a formula has, none or one; None where that is not the same for all, or not sure."""
    match tree:
        case Differential(sign="d", of=Tree() as of, order=1):
            return 1 if degree(of) == 0 else None
        case Fraction() if _is_derivative(tree):
            return 0
        case Fraction(above=above, below=below):
            return degree(above) if degree(below) == 0 else None
        case Multiplied(factors=factors):
            rest = list(_undivided(tree))
            divided = any(mark == "/" and factor in rest and degree(factor) != 0 for mark, factor in factors)
            return None if divided else _together([degree(factor) for factor in rest])
        case Added(terms=terms):
            found = {degree(term) for _, term in terms}
            return found.pop() if len(found) == 1 else None
        case Chain(members=members) if [relation for relation, _ in members] == ["", ":"]:
            return _together([degree(member) for _, member in members])
        case Fenced(fence="⟨", body=Listed(items=(left, right))):
            return _together([degree(left), degree(right)])
        case Fenced(fence="(" | "[" | "{", body=body) | Noted(body=body) | Big(kind="sum", body=body):
            return degree(body)
        case Scripted(base=base, sup=sup) if degree(base) == 1:
            return 1 if sup is None or spelled_or_none(sup) in TRANSPOSED else None
        case Applied(head=head, of=of, sup=None) if head in LINEAR:
            return degree(of)
    return None if any(isinstance(part, Differential) for part in parts(tree)) else 0


def _together(degrees: Sequence[int | None]) -> int | None:
    total = sum(d for d in degrees if d is not None)
    return total if None not in degrees and total < 2 else None


def is_of_differentials(trees: Sequence[Tree], scope: Scope) -> bool:
    """Whether an equation is one of differentials. Where a document has an objective and does not write its dL, dX is an adjoint."""
    integral = any(isinstance(part, Big) and part.kind == "int" for tree in trees for part in parts(tree))
    if integral or "d" in scope.names or not any(True for tree in trees for _ in differentials_in(tree)):
        return False
    announced = {name for name, what in scope.names.items() if isinstance(what, Objective)} | {*scope.objectives} | scope.final
    return not announced or any(spelled_or_none(d.of) in announced for d in scope.written)


def begin_differentials(trees: Sequence[Tree], scope: Scope) -> None:
    """Give each input on which an equation of differentials rests its own. Fails where the equation could mean something else."""
    if any(degree(tree) != 1 and tree != Number("0") for tree in trees):
        raise FormulaError(MIXED, trees[0].span)
    program = scope.derivation.program
    _check_direction(trees, scope, program)
    varied = _varied(scope, program)
    below = foundations(heads_in(trees, scope), program)
    late = next((head for head in sorted(below & varied, key=str) if head in scope.constant), None)
    if late is not None:
        raise FormulaError(f"d{late} was held constant above: write it, or define what rests on it before", trees[0].span)
    _check_compound(trees, varied, scope, program)
    for variable in [v for v in program.inputs if v.head in below and v.head not in scope.tangents and not isinstance(v.head, Label)]:
        _give(variable, variable.head in varied, trees[0], scope)


def _check_direction(trees: Sequence[Tree], scope: Scope, program: Program) -> None:
    """Refuse what reads as an adjoint of a backward pass: dX of an input alone on the left, or of what others on the right rest on."""
    first = trees[0]
    whole = _alone(first, scope) if isinstance(first, Differential) else None
    if whole is None or len(trees) < 2:
        return
    others = heads_in([d for tree in trees[1:] for d in differentials_in(tree)], scope) - {whole.head}
    if program.equation(whole.head) is None and not isinstance(whole.what, Objective):
        raise FormulaError(FREE, first.span)
    if any(whole.head in foundations({head}, program) for head in others):
        raise FormulaError(BACKWARD, first.span)


def _alone(d: Differential, scope: Scope) -> Found | None:
    """The name that a differential is of, if that is all: that of X, X_ij or X^T, and none of X^{-1}."""
    seen = found(d.of, scope) if isinstance(d.of, (Name, Scripted)) else None
    return seen if seen is not None and (seen.power is None or spelled_or_none(seen.power) in TRANSPOSED) else None


def _varied(scope: Scope, program: Program) -> set[Symbol]:
    """The inputs that vary: those whose differential is written, and all below what is written and rests on none of these."""
    inputs = {v.head for v in program.inputs}
    rows = [(foundations(heads_in([d], scope), program) & inputs, d) for d in scope.written]
    varied = set().union(*(heads_in([d], scope) & inputs for _, d in rows if _alone(d, scope) is not None))
    varied |= {v.head for v in program.inputs if v.head.name in scope.held}
    return varied.union(*(below for below, _ in rows if not below & varied))


def _check_compound(trees: Sequence[Tree], varied: set[Symbol], scope: Scope, program: Program) -> None:
    """Refuse d(XY) where dY is written nowhere: it could be held constant, or forgotten."""
    inputs = {v.head for v in program.inputs}
    for d in (d for tree in trees for d in differentials_in(tree) if _alone(d, scope) is None):
        for head in sorted((heads_in([d], scope) & inputs) - varied, key=str):
            raise FormulaError(f"is {head} constant? Its d{head} is written nowhere; define what this is the differential of", d.span)


def _give(variable: Variable, varies: bool, tree: Tree, scope: Scope) -> None:
    """An input's differential, a free array of its shape; taken for zero where nothing is written of it. Fails if it is not free."""
    derivation, head = scope.derivation, variable.head
    tied = [c for c in derivation.program.constraints if head in c.heads]
    if varies and (tied or any(head_of(what) == head for what, _ in derivation.program.assumptions)):
        raise FormulaError(f"something is assumed of {head}, so that d{head} is not free; this is not read", tree.span)
    face = derivation.input(f"d{head}", *variable.indices)
    scope.tangents[head] = Variable(head_of(face.body if isinstance(face, Array) else face), variable.indices)
    if not varies:
        scope.constant.add(head)
        derivation.assume(scope.tangents[head].entry, 0)


def differential_of(tree: Tree, scope: Scope) -> Meaning:
    """The total differential of a number, or of each entry of an array."""
    of = value(tree, scope)
    result = _of_entries(entries_of(of), scope)
    return Row(result) if isinstance(of, Row) and isinstance(result, Array) else result


def _of_entries(of: Entries, scope: Scope) -> Entries:
    if isinstance(of, Array):
        return Array(of.indices, _of_number(of.body, scope), f"d{of.text}")
    return _of_number(of, scope)


def _of_number(of: Expr, scope: Scope) -> Expr:
    """The sum of the derivatives with respect to the entries of all inputs, each times that entry's differential."""
    if isinstance(of, (Symbol, Element)) and head_of(of) in scope.tangents:
        tangent = scope.tangents[head_of(of)].head
        return Element(tangent, *of.at) if isinstance(of, Element) else tangent
    program = scope.derivation.program
    below = foundations(names(of), program)
    taken = {index.name for index in free_indices(of)}
    total: Expr = Integer(0)
    for head, tangent in scope.tangents.items():
        if head not in below:
            continue
        formal = distinct(tangent.indices, taken)
        wrt, moved = (Element(head, *formal), Element(tangent.head, *formal)) if formal else (head, tangent.head)
        slope = Total(of, wrt) * moved
        total += Sum(slope, *formal) if formal else slope
    return total
