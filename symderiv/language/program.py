"""Statements: what a page declares and defines, as data, and the check that it makes sense."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace as with_changes
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from sympy import Basic, Expr, Symbol

from symderiv.errors import TermError
from symderiv.language.constraints import Constraint
from symderiv.language.positions import Facts, check_position, follows, guarded
from symderiv.language.terms import (
    DERIVATIVES,
    Apply,
    Determinant,
    Element,
    Given,
    Index,
    Inverse,
    Partial,
    free_indices,
    names,
    replace,
    subterms,
)
from symderiv.language.vocabulary import check_term


@dataclass(frozen=True)
class Variable:
    """A declared name: a size, a scalar (no indices) or a tensor, whose entries are `Element(head, *indices)`."""

    head: Symbol
    indices: tuple[Index, ...] = ()

    @property
    def entry(self) -> Expr:
        """The entry at the variable's own indices."""
        return Element(self.head, *self.indices) if self.indices else self.head


@dataclass(frozen=True)
class Equation:
    """One definition, `variable[indices] = body`, for every position of the indices."""

    variable: Variable
    body: Expr

    @property
    def head(self) -> Symbol:
        return self.variable.head

    def at(self, positions: tuple[Given, ...]) -> Expr:
        """The body at given positions."""
        return replace(self.body, dict(zip(self.variable.indices, positions, strict=True)))


@dataclass(frozen=True)
class Program:
    """Sizes, inputs and, in order, equations; each name once, used after it is defined.

    `opaque` names the objectives of which nothing is known but their derivatives; such an equation's body
    is the linear form `Σ cotangent · node`, which has every gradient that a smooth function can have.
    `assumptions` are pairs (element or symbol, value) that the page takes for granted, `constraints` what it takes for
    granted of whole inputs. Of `functions`, which take one number, nothing is known but that they are smooth.
    """

    sizes: tuple[Symbol, ...] = ()
    inputs: tuple[Variable, ...] = ()
    equations: tuple[Equation, ...] = ()
    opaque: frozenset[Symbol] = frozenset()
    cotangents: tuple[Variable, ...] = ()
    assumptions: tuple[tuple[Expr, Expr], ...] = ()
    functions: tuple[Symbol, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    _by_head: Mapping[Symbol, Variable] = field(init=False, repr=False, compare=False)
    _defined: Mapping[Symbol, Equation] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        all_variables = (
            *(Variable(s) for s in (*self.sizes, *self.functions)),
            *self.inputs,
            *self.cotangents,
            *(e.variable for e in self.equations),
        )
        object.__setattr__(self, "_by_head", {v.head: v for v in all_variables})
        object.__setattr__(self, "_defined", {e.head: e for e in self.equations})

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Everything that is declared or defined."""
        return tuple(self._by_head.values())

    @property
    def heads(self) -> tuple[Symbol, ...]:
        """Every declared name."""
        return tuple(self._by_head)

    def is_taken(self, name: str) -> bool:
        """Whether something is declared under a name, whatever is assumed of it."""
        return any(head.name == name for head in self._by_head)

    def variable(self, head: Symbol) -> Variable | None:
        """What a symbol was declared as, if it was."""
        return self._by_head.get(head)

    def equation(self, head: Symbol) -> Equation | None:
        """The definition of a node; none for an input."""
        return self._defined.get(head)

    @cached_property
    def _reached(self) -> Mapping[Symbol, set[Symbol]]:
        """The nodes that each node rests on, directly or through others."""
        uses = {e.head: names(e.body) for e in self.equations}
        reached = {head: set(used) & uses.keys() for head, used in uses.items()}
        for through, onwards in reached.items():
            for found in reached.values():
                if through in found:
                    found |= onwards
        return reached

    @cached_property
    def recurrent(self) -> frozenset[Symbol]:
        """The nodes that rest on themselves, directly or through others."""
        return frozenset(head for head, found in self._reached.items() if head in found)

    def circle(self, head: Symbol) -> frozenset[Symbol]:
        """The recurrent nodes that are defined by each other, this one among them; none if it is not recurrent."""
        return frozenset(h for h in self._reached.get(head, ()) if head in self._reached[h])

    def consumers(self, head: Symbol) -> tuple[Equation, ...]:
        """The equations that use a name directly."""
        return tuple(e for e in self.equations if head in names(e.body))

    def extended(self, **more: Iterable[object]) -> Program:
        """The program with more declarations or equations at its end."""
        return with_changes(self, **{name: getattr(self, name) + tuple(new) for name, new in more.items()})


def size_facts(program: Program) -> Facts:
    """What the page assumes of its sizes, as terms that are >= 0."""
    equal = [(what, value) for what, value in program.assumptions if what in program.sizes]
    return tuple(side for what, value in equal for side in (what - value, value - what))


def head_of(node: Expr) -> Symbol:
    """The symbol that names a scalar or an element."""
    return node.head if isinstance(node, Element) else node


def foundations(heads: Iterable[Symbol], program: Program, but: Container[Symbol] = ()) -> frozenset[Symbol]:
    """Names, and all that they rest on by the definitions, `but` those of some nodes."""
    found: set[Symbol] = set()
    new = set(heads)
    while new:
        found |= new
        new = set().union(*(names(e.body) for h in new if h not in but and (e := program.equation(h)) is not None)) - found
    return frozenset(found)


def check_equations(program: Program, equations: tuple[Equation, ...]) -> None:
    """Refuse equations that cannot stand at the program's end; they may use each other.

    Fails when: a name is taken, a body uses an undeclared name, an index of a body is not one of its own, or nothing says where they begin.
    """
    heads = frozenset(e.head for e in equations)
    circular = any(heads & names(e.body) for e in equations)
    inside = program.extended(inputs=tuple(e.variable for e in equations)) if circular else program
    for equation in equations:
        _check_equation(program, equation, inside)
    for equation in equations if circular else ():
        if founded(program.extended(equations=equations), equation) is None:
            others = ", ".join(sorted(h.name for h in names(equation.body) & heads))
            raise TermError(
                f"{equation.head} = {equation.body}: {equation.head} rests on {others if len(equations) > 1 else 'itself'}; "
                "in a recurrence one index must be surely less, or surely more."
            )


def _check_equation(program: Program, equation: Equation, inside: Program) -> None:
    head = equation.head
    if program.is_taken(head.name):
        raise TermError(f"{head} is already declared; each name is declared once.")
    repeated = [i.name for n, i in enumerate(equation.variable.indices) if i in equation.variable.indices[:n]]
    if repeated:
        raise TermError(f"{head}: the index {repeated[0]} occurs twice; give each dimension an index of its own.")
    check_member(inside, equation.body)
    loose = free_indices(equation.body) - frozenset().union(*(free_indices(i) for i in equation.variable.indices))
    if loose:
        shown = ", ".join(sorted(i.name for i in loose))
        raise TermError(
            f"{head} = {equation.body}: the index {shown} is unbound; "
            f"sum over it, or define {head} with it: let({head.name!r}, {shown}, ...)."
        )


def founded(program: Program, equation: Equation) -> tuple[int, int] | None:
    """The axis along which each use that a recurrence makes of itself is earlier (1), or each is later (-1).

    Of several that are defined by each other one may use another at the same position, as long as these uses go round in no circle.
    """
    circle = program.circle(equation.head)
    together = [e for head in circle if (e := program.equation(head)) is not None] or [equation]
    facts = size_facts(program)
    uses = [
        _Use(e, part, given)
        for e in together
        for part, given in guarded(e.body, facts)
        if isinstance(part, Element) and any(part.head == other.head for other in together)
    ]
    ways = ((axis, sign) for axis in range(len(equation.variable.indices)) for sign in (1, -1))
    return next((way for way in ways if _goes_one_way(uses, *way)), None)


@dataclass(frozen=True)
class _Use:
    """A use that one of several recurrences makes of another, or of itself, with what is sure of the positions there."""

    by: Equation
    of: Element
    given: Facts

    def steps(self, axis: int, sign: int, least: int) -> bool:
        """Whether it is at least so many positions earlier along an axis (for -1 later)."""
        mine = self.by.variable.indices
        return axis < min(len(mine), len(self.of.at)) and follows(sign * (mine[axis] - self.of.at[axis]) - least, self.given)


def _goes_one_way(uses: list[_Use], axis: int, sign: int) -> bool:
    at_once: dict[Symbol, set[Symbol]] = {}
    for use in uses:
        if not use.steps(axis, sign, 1):
            if not use.steps(axis, sign, 0):
                return False
            at_once.setdefault(use.by.head, set()).add(use.of.head)
    try:
        TopologicalSorter(at_once).prepare()
    except CycleError:
        return False
    return True


def check_member(program: Program, term: Basic) -> None:
    """Refuse a term that is outside the language or that does not fit the program's shapes."""
    check_term(term, lambda symbol: program.variable(symbol) is not None)
    check_second(program, term)
    heads = {part.head for part in subterms(term) if isinstance(part, (Element, Apply, Inverse, Determinant))}
    for part, given in guarded(term, size_facts(program)):
        if part in program.functions and part not in heads:
            raise TermError(f"{part} in {term} is a function; write {part}(z) for its value at z.")
        if isinstance(part, Apply) and part.head not in program.functions:
            raise TermError(f"{part.head} in {term} is no function of this page; declare it with function.")
        if isinstance(part, (Inverse, Determinant)):
            _check_matrix(program, part)
        variable = program.variable(head_of(part)) if isinstance(part, (Element, Symbol)) else None
        if variable is None:
            continue
        if isinstance(part, Element):
            check_position(part.head.name, part.at, variable.indices, given)
        elif variable.indices and part not in heads:
            raise TermError(f"{part} in {term} has no index; write {part}[{', '.join(i.name for i in variable.indices)}].")
        if part in program.opaque and not _only_differentiated(term, part):
            raise TermError(f"the objective {part} is opaque: only its derivatives have values, not {term}.")


def _check_matrix(program: Program, part: Element | Inverse | Determinant) -> None:
    """Refuse the inverse or determinant of what is no square matrix."""
    variable = program.variable(part.head)
    ranges = {(i.lower, i.upper) for i in variable.indices} if variable else set()
    if variable is None or len(variable.indices) != 2 or len(ranges) != 1 or any(free_indices(i) != {i} for i in variable.indices):
        raise TermError(f"{part.head} is no square matrix; only these have an inverse and a determinant.")
    if isinstance(part, Inverse):
        check_position(f"inverse({part.head})", part.at, variable.indices)


def check_second(program: Program, term: Basic) -> None:
    """Refuse the derivative of what holds a derivative of an opaque objective: of second derivatives nothing is known."""
    tainted: set[Symbol] = set()
    before = -1
    while before != len(tainted):  # a second time, since of some that are defined by each other the first may use the last
        before = len(tainted)
        tainted |= {e.head for e in program.equations if names(e.body) & tainted or _differentiates(program, e.body)}
    for part in subterms(term):
        defined = program.equation(head_of(part.args[0])) if isinstance(part, Partial) else None
        if defined is not None and any(isinstance(p, DERIVATIVES) for p in subterms(defined.body)):
            raise TermError(f"{part}: the definition of {defined.head} holds a derivative, and has no partial derivatives; use total.")
        if isinstance(part, DERIVATIVES) and (names(part.args[0]) & tainted or _differentiates(program, part.args[0])):
            raise TermError(
                f"{part} is a second derivative of an opaque objective, of which nothing is known; define the objective by a term."
            )


def _differentiates(program: Program, term: Basic) -> bool:
    return any(isinstance(part, DERIVATIVES) and program.opaque & names(part.args[0]) for part in subterms(term))


def _only_differentiated(term: Basic, objective: Symbol) -> bool:
    """Whether an opaque objective occurs only as what is differentiated, once."""
    from_here = [a for a in term.args if not (a == objective and type(term).__name__ in ("Total", "Partial"))]
    if type(term).__name__ in ("Total", "Partial") and term.args[0] != objective and objective in names(term):
        return False
    return term != objective and all(_only_differentiated(a, objective) for a in from_here)
