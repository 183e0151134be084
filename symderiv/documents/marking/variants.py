"""What else the names of a step can stand for: one that was defined alike, or a definition as the text states it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from sympy import Basic, Expr, Symbol

from symderiv.documents.marking.readings import PATHS, as_total
from symderiv.errors import SymderivError
from symderiv.language.claim import Step
from symderiv.language.kept import kept
from symderiv.language.names import text_name
from symderiv.language.program import Equation, Program, Variable, check_equations, foundations, head_of
from symderiv.language.terms import DERIVATIVES, Element, Index, Partial, Total, names, replace as substitute, rewritten, subterms
from symderiv.language.verdict import Refuted
from symderiv.refutation.refute import survey


@dataclass(frozen=True)
class Variant:
    """Another way to take a document's names: what becomes of a term, the program in which it is judged, and what is to be said."""

    program: Program
    rewrite: Callable[[Expr], Expr] = lambda term: term
    note: str = ""
    restated: tuple[Symbol, ...] = ()

    def fits(self, step: Step) -> bool:
        """Whether each definition that is stated again has the name by which the step differentiates it."""
        parts = (p for side in (step.left, step.right) for p in subterms(side) if isinstance(p, DERIVATIVES))
        pairs = [(self.program.equation(head_of(p.args[0])), head_of(p.args[1])) for p in parts if isinstance(p.args[0], (Symbol, Element))]
        return all(e is None or e.head not in self.restated or wrt in names(e.body) for e, wrt in pairs)

    def of(self, step: Step) -> Step:
        return replace(step, left=self.rewrite(step.left), right=self.rewrite(step.right))


def variants(program: Program, proved: Iterable[Step]) -> Iterator[Variant]:
    """The program as it is; with each name as the one that it was defined as; with definitions as `proved` steps state them again."""
    yield Variant(program)
    meant = _same(program)
    if meant:
        said = ", ".join(f"{text_name(a.name)} is read as {text_name(head_of(e.body).name)}" for a, e in meant.items())
        change = partial(_by_first_name, meant, program)
        yield Variant(program, change, said)
        yield Variant(program, lambda term: as_total(change(term)), f"{said} and {PATHS}")
    restated = [s for s in proved if _is_node(s.left, program)]
    changed = program
    again: list[Symbol] = []
    for step in restated:
        candidate = _with_definition(changed, step)
        if candidate is not None:
            changed, again = candidate, [*again, head_of(step.left)]
    if again:
        said = ", ".join(dict.fromkeys(text_name(head.name) for head in again))
        yield Variant(changed, note=f"{said} is taken as it is stated again", restated=tuple(again))


def differentiates(step: Step) -> bool:
    """Whether a step holds a derivative: only of these it matters by which definition a name has its value."""
    return any(isinstance(part, DERIVATIVES) for side in (step.left, step.right) for part in subterms(side))


# names that were defined alike


def _same(program: Program) -> dict[Symbol, Equation]:
    """The nodes that are another one by definition, or were defined by the same formula, each as an equation with that other one."""
    found: dict[Symbol, Equation] = {}
    first: dict[tuple[object, ...], Variable] = {}
    for equation in program.equations:
        if equation.head in program.opaque:
            continue
        formula = _as_function(equation)
        known = _named(equation, program) or _entry_of(first.get(formula), equation.variable)
        first.setdefault(formula, equation.variable)
        if known is not None and not isinstance(survey(equation.variable.entry, known, program), Refuted):
            found[equation.head] = Equation(equation.variable, known)
    return found


def _as_function(equation: Equation) -> tuple[object, ...]:
    """A definition with its own indices numbered: the same for two that differ in letters only."""
    swap: dict[Index, Index] = {}
    for n, index in enumerate(equation.variable.indices):
        swap[index] = Index(f"i{n}", substitute(index.lower, swap), substitute(index.upper, swap))
    return tuple(swap.values()), substitute(equation.body, swap)


def _named(equation: Equation, program: Program) -> Expr | None:
    """The entry that a definition is, and no more: `x_{ir} = X_{ir}`."""
    body, own = equation.body, equation.variable.indices
    at = body.at if isinstance(body, Element) else ()
    whole = isinstance(body, (Symbol, Element)) and len(set(at)) == len(at) == len(own) and set(at) == set(own)
    return body if whole and program.variable(head_of(body)) is not None and body not in program.sizes else None


def _entry_of(variable: Variable | None, like: Variable) -> Expr | None:
    if variable is None:
        return None
    return Element(variable.head, *like.indices) if variable.indices else variable.head


def _by_first_name(meant: dict[Symbol, Equation], program: Program, term: Expr) -> Expr:
    """A term with derivatives by the first of the names that were defined alike, where what is differentiated does not use the other.

    As it stands, that is the derivative of a definition alone if this has the name.
    """

    def first(part: Basic) -> Basic | None:
        equation = meant.get(head_of(part.args[1])) if isinstance(part, DERIVATIVES) else None
        if equation is None or _uses(part.args[0], equation.head, program):
            return None
        of, wrt = part.args
        entry = equation.at(wrt.at if isinstance(wrt, Element) else ())
        defined = program.equation(head_of(of)) if isinstance(of, (Symbol, Element)) else None
        alone = defined is not None and head_of(entry) in names(defined.body) and not _is_last(defined, program)
        return first(made) or made if (made := (Partial if alone else Total)(of, entry)) != part else None

    return rewritten(term, first, kept)


def _is_last(equation: Equation, program: Program) -> bool:
    return equation.head in program.opaque or not (equation.variable.indices or program.consumers(equation.head))


def _uses(term: Expr, head: Symbol, program: Program) -> bool:
    """Whether a name is among those that a term is made of, directly or through others."""
    return head in foundations(names(term), program)


# definitions stated again


def _is_node(term: Expr, program: Program) -> bool:
    """Whether a term is a node, or its entry at every position."""
    head = head_of(term) if isinstance(term, (Symbol, Element)) else None
    equation = program.equation(head) if head is not None and head not in program.opaque else None
    if equation is None:
        return False
    at = term.at if isinstance(term, Element) else ()
    ranges = [(i.lower, i.upper) for i in at if isinstance(i, Index)]
    return len(set(at)) == len(at) and ranges == [(i.lower, i.upper) for i in equation.variable.indices]


def _with_definition(program: Program, step: Step) -> Program | None:
    """The program with another definition of a node, each definition after those that it uses; none if that goes round in a circle."""
    variable = program.variable(head_of(step.left))
    assert variable is not None
    at = step.left.at if isinstance(step.left, Element) else ()
    again = Equation(variable, substitute(step.right, dict(zip(at, variable.indices, strict=True))))
    waiting = [again if e.head == variable.head else e for e in program.equations]
    made = replace(program, equations=(), opaque=frozenset())
    while waiting:
        later = {e.head for e in waiting}
        ready = next((e for e in waiting if not names(e.body) & (later - {e.head})), None)
        if ready is None:
            return None
        try:
            check_equations(made, (ready,))
        except SymderivError:
            return None
        made = made.extended(equations=(ready,))
        waiting.remove(ready)
    return replace(made, opaque=program.opaque)
