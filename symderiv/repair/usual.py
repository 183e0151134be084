"""Usual assumptions: a wrong step that holds under one of them was most likely meant under it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace as with_changes
from itertools import combinations

from sympy import Expr, Integer, nan, zoo

from symderiv.language.constraints import constraint_of
from symderiv.language.functions import stop_gradient
from symderiv.language.program import Equation, Program, Variable, foundations
from symderiv.language.terms import Delta, Element, Sum, Total, names, replace, subterms
from symderiv.language.verdict import Proved, Refuted
from symderiv.proof.decide import decide
from symderiv.proof.side import Known
from symderiv.refutation.refute import survey

WORK_FOR_ONE = 20_000  # for each computation on the way to a proof of one
MOST_NODES = 8  # of which two are held at a time


@dataclass(frozen=True)
class Variant:
    """A step and its program under one more assumption, or two: pairs (what, value)."""

    assumed: tuple[tuple[Expr, Expr], ...]
    left: Expr
    right: Expr
    program: Program


def usual_assumption(left: Expr, right: Expr, program: Program) -> tuple[tuple[Expr, Expr], ...]:
    """The first usual assumption under which both sides are proved to be equal, and are not both zero; nothing if there is none."""
    for row in ROWS:
        for variant in row(left, right, program):
            if any(t.has(nan, zoo) for t in (variant.left, variant.right, *(e.body for e in variant.program.equations))):
                continue  # what is left out stands below a fraction
            seen = survey(variant.left, variant.right, variant.program)
            if isinstance(seen, Refuted) or not seen.points or seen.zero:
                continue
            if isinstance(decide(variant.left, variant.right, variant.program, Known(most_work=WORK_FOR_ONE)).graph, Proved):
                return variant.assumed
    return ()


def _without_slack(left: Expr, right: Expr, program: Program) -> Iterator[Variant]:
    """A number that is never negative and only ever added, such as the ε under a root, left out."""
    needed = foundations(names(left) | names(right), program)
    for variable in program.inputs:
        if variable.head in needed and variable.head.is_nonnegative and not variable.indices and not variable.head.is_integer:
            out = {variable.head: Integer(0)}
            equations = tuple(Equation(e.variable, replace(e.body, out)) for e in program.equations)
            inputs = tuple(v for v in program.inputs if v is not variable)
            changed = with_changes(program, equations=equations, inputs=inputs)
            if all(_is_finite(term) for term in (replace(left, out), replace(right, out), *(e.body for e in equations))):
                yield Variant(((variable.head, Integer(0)),), replace(left, out), replace(right, out), changed)


def _is_finite(term: Expr) -> bool:
    return not any(part.is_finite is False for part in subterms(term) if part.is_number)


def _held(left: Expr, right: Expr, program: Program) -> Iterator[Variant]:
    """One node held constant, or two: what depends on it follows no more when something before it is varied."""
    needed = foundations(names(left) | names(right), program)
    if any(isinstance(part, Total) for side in (left, right) for part in subterms(side)):
        usable = [e for e in program.equations if e.head in needed - program.opaque and e.head not in names(e.body)]
        for chosen in (*combinations(usable, 1), *(combinations(usable, 2) if len(usable) <= MOST_NODES else ())):
            held = tuple(Equation(e.variable, stop_gradient(e.body)) if e in chosen else e for e in program.equations)
            assumed = tuple((e.variable.entry, stop_gradient(e.variable.entry)) for e in chosen)
            yield Variant(assumed, left, right, with_changes(program, equations=held))


def _of_inputs(left: Expr, right: Expr, program: Program) -> Iterator[Variant]:
    """What can be assumed of a whole input: its sum is 1, its norm is 1, it is symmetric, it is orthogonal."""
    needed = foundations(names(left) | names(right), program)
    taken = {head for c in program.constraints for head in c.heads}
    for variable in program.inputs:
        if variable.head in needed - taken and variable.indices and not variable.head.is_integer:
            for what, value in _forms(variable):
                constraint = constraint_of(what, value)
                if constraint is not None:
                    yield Variant(((what, value),), left, right, program.extended(constraints=(constraint,)))


def _forms(variable: Variable) -> Iterator[tuple[Expr, Expr]]:
    entry, *_, last = variable.entry, *variable.indices
    yield Sum(entry, last), Integer(1)
    yield Sum(entry**2, last), Integer(1)
    if len(variable.indices) == 2:
        i, j = variable.indices
        if (i.lower, i.upper) == (j.lower, j.upper):
            head = variable.head
            k = type(i)("k" if "k" not in (i.name, j.name) else "l", i.lower, i.upper)
            yield entry, Element(head, j, i)
            yield Sum(Element(head, k, i) * Element(head, k, j), k), Delta(i, j)


def _single(left: Expr, right: Expr, program: Program) -> Iterator[Variant]:
    """A size that is 1."""
    needed = foundations(names(left) | names(right), program)
    for size in program.sizes:
        if size in needed and size not in dict(program.assumptions):
            yield Variant(((size, Integer(1)),), left, right, program.extended(assumptions=((size, Integer(1)),)))


ROWS: tuple[Callable[[Expr, Expr, Program], Iterator[Variant]], ...] = (_held, _of_inputs, _without_slack, _single)
