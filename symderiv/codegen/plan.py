"""What a kernel computes, and in which order: nodes from their definitions, gradients from proved claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace as with_changes
from itertools import count

from sympy import Basic, Expr, Integer, Symbol

from symderiv.codegen.axes import Axes, order_of
from symderiv.codegen.identifiers import heads
from symderiv.codegen.ranges import drawn_out, masked, rectangular, rectangular_axes, unmasked
from symderiv.codegen.stable import LogSumExp, stable
from symderiv.errors import PageError
from symderiv.faces.judged import JudgedClaim, JudgedDerivation
from symderiv.language.claim import Claim, Derivation
from symderiv.language.program import Equation, Program, Variable, head_of
from symderiv.language.terms import DERIVATIVES, Element, Index, Label, Total, free_indices, names, replace, rewritten, subterms


@dataclass(frozen=True)
class Gradient:
    """The adjoint of `variable` at the positions `axes`, by the `formula` in which a proved claim ends."""

    claim: Claim
    judged: JudgedClaim
    variable: Variable
    axes: Axes
    formula: Expr

    @property
    def head(self) -> Symbol:
        return self.variable.head

    @property
    def needs(self) -> tuple[Symbol, ...]:
        """The nodes whose adjoints the formula uses."""
        objective = self.claim.steps[0].left.args[0]
        found = {head_of(t.args[1]): None for t in used(self.formula) if isinstance(t, Total) and t.args[0] == objective}
        return tuple(sorted(found, key=str))


@dataclass(frozen=True)
class Plan:
    """`outputs` forward, and backward `gradients`; `order` has these after the adjoints that they need; `cotangents` are given.

    Its definitions and formulas are fit for arrays. With `features`, any number of axes may follow the declared ones.
    """

    program: Program
    judged: JudgedDerivation
    objective: Symbol
    outputs: tuple[Variable, ...]
    cotangents: tuple[Variable, ...]
    gradients: tuple[Gradient, ...]
    order: tuple[Gradient, ...]
    features: bool


def plan_of(derivation: Derivation, judged: JudgedDerivation, labels: tuple[str, ...], features: bool) -> Plan:
    """The kernel that returns the gradients with which the claims of these labels begin.

    Fails when such a claim is not proved, or one needs an adjoint that no proved claim gives.
    """
    gradients = list(_gradients(derivation, judged))
    wanted = [_labelled(gradients, label) for label in labels]
    objective = _objective(wanted)
    heads_out, heads_in = _ends(derivation.program, objective)
    usable = {g.head: g for g in reversed(gradients) if not _obstacle(g) and _objective([g]) == objective}
    known = usable | {g.head: g for g in wanted}
    order: dict[Symbol, Gradient] = {}
    for gradient in wanted:
        _put_in_order(gradient, known, frozenset(heads_in), order, ())
    program = for_arrays(derivation.program)
    program, done = _shared(*_without_masks(derivation.program, program, [_for_arrays(g, program) for g in order.values()]), heads_out)
    ready = {g.head: g for g in done}
    outputs, cotangents = ([v for h in found if (v := program.variable(h))] for found in (heads_out, heads_in))
    asked = tuple(ready[g.head] for g in wanted)
    return Plan(program, judged, objective, tuple(outputs), tuple(cotangents), asked, tuple(ready.values()), features)


def for_arrays(program: Program) -> Program:
    """The program with whole ranges in place of ragged ones, and definitions that do not overflow."""
    inputs, cotangents = (tuple(map(_whole_variable, found)) for found in (program.inputs, program.cotangents))
    equations = tuple(_whole_equation(e, program) for e in program.equations)
    program = with_changes(program, inputs=inputs, cotangents=cotangents, equations=equations)
    ready = (e if e.head in program.opaque else Equation(e.variable, drawn_out(stable(e.body, program))) for e in program.equations)
    return with_changes(program, equations=tuple(ready))


def term_for_arrays(term: Expr, axes: Axes, program: Program) -> tuple[Expr, Axes]:
    """A term for every position of `axes` likewise, zero where ragged axes have no entry; and these axes made whole."""
    swap, masks = rectangular_axes(axes)
    whole = rectangular(masked(replace(term, swap), masks, 0))
    return drawn_out(stable(whole, program)), tuple(swap.values())


def _for_arrays(gradient: Gradient, program: Program) -> Gradient:
    formula, axes = term_for_arrays(gradient.formula, gradient.axes, program)
    variable = program.variable(gradient.head)
    assert variable is not None
    return with_changes(gradient, formula=formula, axes=axes, variable=variable)


def _without_masks(ragged: Program, program: Program, gradients: list[Gradient]) -> tuple[Program, list[Gradient]]:
    """The same, relying on it that computed arrays are 0 where a ragged one has no entry."""
    computed: list[tuple[type, Variable]] = [(Element, e.variable) for e in ragged.equations]
    computed += [(Total, v) for g in gradients if (v := ragged.variable(g.head))]
    found = {(kind, v.head): rectangular_axes(v.indices) for kind, v in computed}
    zeros = {key: (tuple(swap.values()), masks) for key, (swap, masks) in found.items() if masks}
    if not zeros:
        return program, gradients
    equations = (e if e.head in program.opaque else Equation(e.variable, unmasked(e.body, zeros)) for e in program.equations)
    cleared = [with_changes(g, formula=unmasked(g.formula, zeros)) for g in gradients]
    return with_changes(program, equations=tuple(equations)), cleared


def _shared(program: Program, gradients: list[Gradient], outputs: tuple[Symbol, ...]) -> tuple[Program, list[Gradient]]:
    """The same with a name for each logarithm of a sum of exponentials that a function would compute more than once."""
    formulas = [g.formula for g in gradients]
    read = [part for formula in formulas for part in used(formula) if isinstance(part, Symbol)]
    forward, backward = (closure(program, roots) for roots in (outputs, read))
    counts = [_logarithms([e.body for e in program.equations if e.head in heads]) for heads in (forward, backward)]
    counts[1].update(_logarithms(formulas))
    for part in dict.fromkeys(p for found in counts for p, times in found.items() if times > 1):
        name = next(n for k in count(1) if not program.is_taken(n := "lse" if k == 1 else f"lse_{k}"))
        variable = Variable(Symbol(name, real=True), order_of([part]))
        swap = {part: variable.entry}
        equations = [Equation(e.variable, replace(e.body, swap)) for e in program.equations]
        first = next((n for n, e in enumerate(program.equations) if e != equations[n]), len(equations))
        program = with_changes(program, equations=(*equations[:first], Equation(variable, part), *equations[first:]))
        gradients = [with_changes(g, formula=replace(g.formula, swap)) for g in gradients]
    return program, gradients


def _logarithms(terms: Iterable[Expr]) -> Counter[LogSumExp]:
    found = (part for term in terms for part in subterms(term) if isinstance(part, LogSumExp))
    return Counter(part for part in found if not any(i.level for i in free_indices(part)))


def _whole_variable(variable: Variable) -> Variable:
    return Variable(variable.head, tuple(rectangular_axes(variable.indices)[0].values()))


def _whole_equation(equation: Equation, program: Program) -> Equation:
    if equation.head in program.opaque:
        return equation
    swap, masks = rectangular_axes(equation.variable.indices)
    return Equation(_whole_variable(equation.variable), rectangular(masked(replace(equation.body, swap), masks, 0)))


def _gradients(derivation: Derivation, judged: JudgedDerivation) -> Iterator[Gradient]:
    """The claims that begin with an adjoint, taken at every position of its array."""
    for claim, verdicts in zip(derivation.claims, judged.claims, strict=True):
        first = claim.steps[0].left
        variable = derivation.program.variable(head_of(first.args[1])) if isinstance(first, Total) else None
        axes = None if variable is None else _whole(first.args[1], variable)
        if variable is not None and axes is not None:
            yield Gradient(claim, verdicts, variable, axes, _unfolded(claim.steps[-1].right, derivation.program))


def _unfolded(term: Expr, program: Program) -> Expr:
    """A term without the nodes whose definitions hold a derivative: the adjoints in these are computed after all nodes."""
    holding: set[Symbol] = set()
    for equation in program.equations:
        has_derivative = any(isinstance(part, DERIVATIVES) for part in subterms(equation.body))
        if equation.head not in program.opaque and (has_derivative or holding & names(equation.body)):
            holding.add(equation.head)

    def opened(part: Basic) -> Basic | None:
        if isinstance(part, DERIVATIVES):
            return part
        definition = program.equation(head_of(part)) if isinstance(part, (Symbol, Element)) and head_of(part) in holding else None
        return None if definition is None else rewritten(definition.at(part.at if isinstance(part, Element) else ()), opened)

    return rewritten(term, opened)


def _whole(node: Expr, variable: Variable) -> Axes | None:
    """The indices of an entry that stands for every one of its array; a dimension of length 1 may be a number."""
    at = node.at if isinstance(node, Element) else ()
    axes = tuple(d if position == d.lower == d.upper else position for position, d in zip(at, variable.indices, strict=True))
    ranges = [(i.lower, i.upper) for i in axes if isinstance(i, Index)]
    return axes if len(set(axes)) == len(axes) and ranges == [(d.lower, d.upper) for d in variable.indices] else None


def _labelled(gradients: list[Gradient], label: str) -> Gradient:
    found = [g for g in gradients if g.claim.label == label]
    if not found:
        raise PageError(f"kernel: no claim {label} begins with a gradient at every position, such as f.wrt(x[i]).")
    if obstacle := _obstacle(found[0]):
        raise PageError(f"kernel: a kernel is made of proved claims only, and in claim {label} {obstacle}.")
    return found[0]


def _obstacle(gradient: Gradient) -> str | None:
    """The first step that keeps a claim from being proved, in words."""
    for step in gradient.judged.steps:
        if step.verdict != "proved" or step.expected != "proved":
            what = step.verdict if step.expected == "proved" else "an erratum"
            return f"{step.left.text} = {step.right.text} is {what}"
    return None


def _objective(gradients: list[Gradient]) -> Symbol:
    found = {g.claim.steps[0].left.args[0] for g in gradients}
    if len(found) != 1:
        raise PageError(f"kernel: one objective, not {', '.join(sorted(map(str, found))) or 'none'}.")
    return found.pop()


def _ends(program: Program, objective: Symbol) -> tuple[tuple[Symbol, ...], tuple[Symbol, ...]]:
    """What forward returns: the nodes of an opaque objective, or else it; and those of the nodes that nothing else uses."""
    equation = program.equation(objective)
    if equation is None:
        raise PageError(f"kernel: {objective} is not defined on this page.")
    if objective not in program.opaque:
        return (objective,), ()
    read = set(used(equation.body)) - set(program.sizes)
    nodes = tuple(head for head in heads(program) if head in read)
    return nodes, tuple(head for head in nodes if program.consumers(head) == (equation,))


def _put_in_order(
    gradient: Gradient, known: Mapping[Symbol, Gradient], free: frozenset[Symbol], order: dict[Symbol, Gradient], path: tuple[str, ...]
) -> None:
    """Add a gradient, after those that its formula needs. Fails when one of these has no proved claim, or needs the gradient itself."""
    label = gradient.claim.label
    if label in path:
        raise PageError(
            f"kernel: the claims {', '.join(path)} end in one another's gradients; end one in gradients nearer to the objective."
        )
    for head in gradient.needs:
        if head in free or head in order or head == gradient.head:
            continue
        if head not in known:
            raise PageError(f"kernel: claim {label} ends in the gradient w.r.t. {head}; no proved claim begins with that one.")
        _put_in_order(known[head], known, free, order, (*path, label))
    order.setdefault(gradient.head, gradient)


def closure(program: Program, roots: Iterable[Symbol]) -> frozenset[Symbol]:
    """All names that names are computed from, themselves and the sizes of their arrays included."""
    seen: set[Symbol] = set()
    waiting = list(roots)
    while waiting:
        head = waiting.pop()
        if head in seen:
            continue
        seen.add(head)
        variable, equation = program.variable(head), program.equation(head)
        terms = [*(variable.indices if variable else ()), *([equation.body] if equation else [])]
        waiting += [part for term in terms for part in used(term) if isinstance(part, Symbol)]
    return frozenset(seen)


def used(term: Basic) -> Iterator[Symbol | Total]:
    """What a term reads: symbols, and `Total`s as they are; sizes in the ranges of its indices and labels included."""
    if isinstance(term, Total):
        yield term
        yield from (part for at in getattr(term.args[1], "at", ()) for part in used(at))
    elif isinstance(term, Symbol) and not isinstance(term, Label):
        yield term
    else:
        if isinstance(term, Label):
            yield term
        for argument in (term.lower, term.upper) if isinstance(term, (Index, Label)) else term.args:
            yield from used(argument)


@dataclass(frozen=True)
class Told:
    """Where a shape tells a size: it is (the length of an axis - rest) / slope."""

    name: str
    axis: int
    rest: Expr
    slope: int

    @property
    def length(self) -> str:
        return f"{self.name}.shape[{self.axis}]"

    @property
    def is_direct(self) -> bool:
        return self.rest == 0 and self.slope == 1


def sizes_in_shapes(sizes: Iterable[Symbol], arrays: Mapping[str, Variable]) -> dict[Symbol, Told]:
    """Where the shapes of arrays tell the sizes, each after those that it takes. A size that none tells is left out."""
    lengths = [((i.upper - i.lower + 1).expand(), name, axis) for name, v in arrays.items() for axis, i in enumerate(v.indices)]
    wanted = list(sizes)
    told = {s: Told(name, axis, Integer(0), 1) for s in wanted for length, name, axis in reversed(lengths) if length == s}
    while True:
        found = next(((s, t) for s in wanted if s not in told for row in lengths if (t := _solved(s, *row, known=told.keys()))), None)
        if found is None:
            return told
        told[found[0]] = found[1]


def _solved(size: Symbol, length: Expr, name: str, axis: int, known: Collection[Symbol]) -> Told | None:
    slope = length.coeff(size)
    rest = (length - slope * size).expand()
    if slope.is_Integer and slope > 0 and names(rest) <= set(known) and not any(isinstance(p, Element) for p in subterms(rest)):
        return Told(name, axis, rest, int(slope))
    return None
