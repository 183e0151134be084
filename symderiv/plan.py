"""What a kernel computes, and in which order: nodes from their definitions, gradients from proved claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from keyword import iskeyword
from typing import Any

from sympy import Expr, Symbol

from symderiv.axes import Axes
from symderiv.claim import Claim, Derivation
from symderiv.errors import PageError
from symderiv.judged import JudgedClaim, JudgedDerivation
from symderiv.names import Mark, Unreadable, parse
from symderiv.program import Program, Variable, head_of
from symderiv.terms import Element, Index, Total


@dataclass(frozen=True)
class Gradient:
    """The adjoint of `variable` at the positions `axes`, as a proved claim gives it in its last member."""

    claim: Claim
    judged: JudgedClaim
    variable: Variable
    axes: Axes

    @property
    def head(self) -> Symbol:
        return self.variable.head

    @property
    def formula(self) -> Expr:
        return self.claim.steps[-1].right

    @property
    def needs(self) -> tuple[Symbol, ...]:
        """The nodes whose adjoints the formula uses."""
        found = {head_of(t.args[1]): None for t in used(self.formula) if isinstance(t, Total)}
        return tuple(sorted(found, key=str))


@dataclass(frozen=True)
class Plan:
    """`outputs` forward, and backward `gradients`; `order` has these after the adjoints that they need; `cotangents` are given.

    With `features`, any number of axes may follow the declared ones.
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
    outputs, cotangents = _ends(derivation.program, objective)
    usable = {g.head: g for g in reversed(gradients) if not _obstacle(g) and _objective([g]) == objective}
    known = usable | {g.head: g for g in wanted}
    free = frozenset(v.head for v in cotangents)
    order: dict[Symbol, Gradient] = {}
    for gradient in wanted:
        _put_in_order(gradient, known, free, order, ())
    return Plan(derivation.program, judged, objective, outputs, cotangents, tuple(wanted), tuple(order.values()), features)


def _gradients(derivation: Derivation, judged: JudgedDerivation) -> Iterator[Gradient]:
    """The claims that begin with an adjoint, taken at every position of its array."""
    for claim, verdicts in zip(derivation.claims, judged.claims, strict=True):
        first = claim.steps[0].left
        variable = derivation.program.variable(head_of(first.args[1])) if isinstance(first, Total) else None
        axes = None if variable is None else _whole(first.args[1], variable)
        if variable is not None and axes is not None:
            yield Gradient(claim, verdicts, variable, axes)


def _whole(node: Any, variable: Variable) -> Axes | None:
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


def _ends(program: Program, objective: Symbol) -> tuple[tuple[Variable, ...], tuple[Variable, ...]]:
    """What forward returns: the nodes of an opaque objective, or else it; and those of the nodes that nothing else uses."""
    equation = program.equation(objective)
    if equation is None:
        raise PageError(f"kernel: {objective} is not defined on this page.")
    if objective not in program.opaque:
        return (equation.variable,), ()
    read = set(used(equation.body)) - set(program.sizes)
    nodes = tuple(v for head in heads(program) if head in read and (v := program.variable(head)))
    return nodes, tuple(v for v in nodes if program.consumers(v.head) == (equation,))


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
        if head in free or head in order:
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


def used(term: Any) -> Iterator[Any]:
    """What a term reads: symbols, and `Total`s as they are; sizes in the ranges of its indices included."""
    if isinstance(term, Total):
        yield term
        yield from (part for at in getattr(term.args[1], "at", ()) for part in used(at))
    elif isinstance(term, Symbol):
        yield term
    else:
        for argument in (term.lower, term.upper) if isinstance(term, Index) else term.args:
            yield from used(argument)


def heads(program: Program) -> tuple[Symbol, ...]:
    """Sizes, inputs and nodes in the order of the page."""
    return (*program.sizes, *(v.head for v in program.inputs), *(e.head for e in program.equations))


def sizes_in_shapes(sizes: Iterable[Symbol], arrays: Mapping[str, Variable]) -> dict[Symbol, str]:
    """Where the shapes of arrays tell the sizes: `x.shape[0]`. A size that none tells is left out."""
    shapes = [(i.upper - i.lower + 1, f"{name}.shape[{axis}]") for name, v in arrays.items() for axis, i in enumerate(v.indices)]
    return {size: source for size in sizes for length, source in reversed(shapes) if length == size}


USUAL = {"varepsilon": "eps", "epsilon": "eps"}
RESERVED = frozenset({"np", "math", "dtype", "features", "abs", "max", "min", "len"})


def python_name(name: str) -> str:
    r"""A name as a Python identifier: `\mu` is mu, `\sigma^2` sigma2, `\hat{x}` x_hat, `\varepsilon` eps."""
    try:
        text = "".join(map(_spelled, parse(name)))
    except Unreadable:
        text = name
    text = "".join(c if c.isascii() and c.isalnum() else "_" for c in text).strip("_")
    text = USUAL.get(text, text)
    text = text if text[:1].isalpha() else f"v{text}"
    return f"{text}_" if iskeyword(text) or text in RESERVED else text


def _spelled(mark: Mark) -> str:
    inner = "".join(map(_spelled, mark.parts))
    return {"_": f"_{inner}", "accent": f"{inner}_{mark.word}", "word": mark.word, "sign": mark.word}.get(mark.kind, inner)


def python_names(program: Program) -> dict[Symbol, str]:
    """The identifiers of sizes, inputs and nodes, no two alike."""
    found: dict[Symbol, str] = {}
    for head in heads(program):
        found[head] = _untaken(python_name(head.name), found.values())
    return found


def adjoint_names(called: Mapping[Symbol, str]) -> dict[Symbol, str]:
    """The identifiers of adjoints: `dx` for that of x."""
    found: dict[Symbol, str] = {}
    for head, name in called.items():
        found[head] = _untaken(f"d{name}", [*called.values(), *found.values()])
    return found


def _untaken(name: str, taken: Iterable[str]) -> str:
    """The name, or if it is taken the name with a number."""
    tried = (name if k == 1 else f"{name}_{k}" for k in count(1))
    return next(t for t in tried if t not in taken)
