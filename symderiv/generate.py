"""Kernels: a NumPy module written from the definitions and the proved claims of a derivation."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Symbol

from symderiv.claim import Claim, Derivation
from symderiv.errors import PageError
from symderiv.judged import JudgedClaim, JudgedDerivation
from symderiv.lower import Axes, KernelPrinter, Scope, heads, python_names, size_sources, used
from symderiv.program import Program, Variable, head_of
from symderiv.terms import Element, Index, Total, free_indices, replace

WIDTH = 140

HEADER = """from __future__ import annotations

{math}from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
"""

ARRAYS = '''def _arrays(deciding: dict[str, ArrayLike], converted: dict[str, ArrayLike]) -> tuple[np.dtype[Any], list[NDArray[Any]]]:
    """All arrays in the floating type that the deciding ones have together; whole numbers count as float64."""
    given = {name: np.asarray(value) for name, value in (deciding | converted).items()}
    for name, array in given.items():
        if array.dtype.kind not in "biuf":
            raise TypeError(f"{name} has the type {array.dtype}; it must hold real numbers.")
    dtype = np.result_type(*(given[name] for name in deciding))
    dtype = dtype if dtype.kind == "f" else np.dtype(np.float64)
    return dtype, [array.astype(dtype, copy=False) for array in given.values()]
'''

CHECK_AXES = '''def _check_axes(name: str, array: NDArray[Any], least: tuple[int, ...], shape: str, more: bool) -> None:
    """Refuse an array with too few axes, or with too many unless more may follow, or with one that is too short."""
    fits = array.ndim >= len(least) if more else array.ndim == len(least)
    if not fits or any(length < n for length, n in zip(array.shape, least, strict=False)):
        raise ValueError(f"{name} has shape {array.shape}; it must be {shape}, with lengths of at least {least}.")
'''

CHECK_SHAPE = '''def _check_shape(name: str, array: NDArray[Any], wanted: tuple[int, ...], shape: str, other: str, known: tuple[int, ...]) -> None:
    """Refuse an array whose shape does not fit the known one of another; `()` fits where the shape says so."""
    if array.shape != wanted and not (array.shape == () and shape.endswith("a number")):
        raise ValueError(f"{name} has shape {array.shape}, but {other} has shape {known}; {name} must be {shape}, here {wanted}.")
'''

CHECK_SIGN = {
    "positive": '''def _check_positive(name: str, array: NDArray[Any]) -> None:
    """Refuse an array with an entry that is not positive."""
    if not (array > 0).all():
        raise ValueError(f"{name} must be positive; its least entry is {array.min()}.")
''',
    "nonzero": '''def _check_nonzero(name: str, array: NDArray[Any]) -> None:
    """Refuse an array with a zero."""
    if not (array != 0).all():
        raise ValueError(f"{name} must not be zero anywhere.")
''',
}


@dataclass(frozen=True)
class Gradient:
    """The adjoint of `variable` at the positions `axes`, as a proved claim gives it."""

    claim: Claim
    judged: JudgedClaim
    variable: Variable
    axes: Axes

    @property
    def formula(self) -> Expr:
        return self.claim.steps[-1].right


@dataclass(frozen=True)
class Plan:
    """What a kernel computes: `outputs` forward; backward `gradients`, after the adjoints that they need, all in `order`."""

    derivation: Derivation
    judged: JudgedDerivation
    objective: Symbol
    outputs: tuple[Variable, ...]
    cotangents: tuple[Variable, ...]
    gradients: tuple[Gradient, ...]
    order: tuple[Gradient, ...]
    features: bool

    @property
    def program(self) -> Program:
        return self.derivation.program


@dataclass(frozen=True)
class Names:
    """Identifiers: of sizes, inputs and nodes, and of the adjoints of nodes and inputs."""

    values: Mapping[Symbol, str]
    adjoints: Mapping[Symbol, str]


def module_source(derivation: Derivation, judged: JudgedDerivation, labels: tuple[str, ...], features: bool, name: str) -> str:
    """The text of a module with `forward` and `backward`, which returns the gradients that the claims with these labels begin with.

    With `features`, any number of axes may follow the declared ones. `name` is that of the page.
    Fails when a claim is not proved, does not begin with an adjoint, or needs an adjoint that no proved claim gives.
    """
    plan = plan_of(derivation, judged, labels, features)
    called = python_names(heads(plan.program))
    names = Names(called, python_adjoints(called))
    functions = (*forward(plan, names), "", "", *backward(plan, names))
    text = "\n".join(functions)
    helpers = [ARRAYS, CHECK_AXES, CHECK_SHAPE, *(CHECK_SIGN[s] for s in CHECK_SIGN)]
    used_ones = [h for h in helpers if f"{h[4 : h.index('(')]}(" in text]
    header = HEADER.format(math="import math\n" if "math." in text else "")
    return "\n\n".join(["\n".join(module_docstring(plan, name)) + "\n\n" + header, text + "\n", *used_ones])


def python_adjoints(called: Mapping[Symbol, str]) -> dict[Symbol, str]:
    """`dx` for the adjoint of x, or `x_adjoint` where dx is something else."""
    return {head: f"d{name}" if f"d{name}" not in called.values() else f"{name}_adjoint" for head, name in called.items()}


def plan_of(derivation: Derivation, judged: JudgedDerivation, labels: tuple[str, ...], features: bool) -> Plan:
    """The proved claims that a kernel is made of, in an order in which they can be computed."""
    pairs = list(zip(derivation.claims, judged.claims, strict=True))
    wanted = [_labelled(derivation, pairs, label) for label in labels]
    objective = wanted[0].claim.steps[0].left.args[0]
    outputs, cotangents = _outputs(derivation.program, objective)
    known = {g.variable.head: g for g in _gradients(derivation, pairs) if _is_proved(g) and g.claim.steps[0].left.args[0] == objective}
    known |= {g.variable.head: g for g in wanted}
    order: dict[Symbol, Gradient] = {}
    for gradient in wanted:
        _resolve(gradient, known, frozenset(v.head for v in cotangents), order, ())
    return Plan(derivation, judged, objective, outputs, cotangents, tuple(wanted), tuple(order.values()), features)


def _outputs(program: Program, objective: Symbol) -> tuple[tuple[Variable, ...], tuple[Variable, ...]]:
    """What `forward` returns, and those of it whose adjoint is free: the nodes that only an opaque objective uses."""
    equation = program.equation(objective)
    if equation is None or objective not in program.opaque:
        return ((equation.variable,) if equation else ()), ()
    nodes = tuple(v for head in heads(program) if head in set(used(equation.body)) and (v := program.variable(head)) and v.head not in program.sizes)
    return nodes, tuple(v for v in nodes if program.consumers(v.head) == (equation,))


def _gradients(derivation: Derivation, pairs: Iterable[tuple[Claim, JudgedClaim]]) -> Iterator[Gradient]:
    """The claims that begin with the adjoint of a node or input at general positions."""
    for claim, judged in pairs:
        first = claim.steps[0].left
        variable = derivation.program.variable(head_of(first.args[1])) if isinstance(first, Total) else None
        if variable is None:
            continue
        at = first.args[1].at if isinstance(first.args[1], Element) else ()
        ranges = [(i.lower, i.upper) for i in at if isinstance(i, Index)]
        if len(set(at)) == len(at) and ranges == [(i.lower, i.upper) for i in variable.indices]:
            yield Gradient(claim, judged, variable, at)


def _labelled(derivation: Derivation, pairs: list[tuple[Claim, JudgedClaim]], label: str) -> Gradient:
    found = [g for g in _gradients(derivation, pairs) if g.claim.label == label]
    if not found:
        raise PageError(f"kernel: no claim {label} begins with a gradient such as f.wrt(x[i]).")
    for step in found[0].judged.steps:
        if step.verdict != "proved" or step.expected != "proved":
            raise PageError(f"kernel: claim {label} is not proved, a kernel is made of proved claims only: {_equation(step)} is {step.verdict}.")
    return found[0]


def _is_proved(gradient: Gradient) -> bool:
    return all(s.verdict == "proved" and s.expected == "proved" for s in gradient.judged.steps)


def _resolve(
    gradient: Gradient, known: Mapping[Symbol, Gradient], free: frozenset[Symbol], order: dict[Symbol, Gradient], path: tuple[Gradient, ...]
) -> None:
    """Put a gradient into the order, after those that its formula needs."""
    if gradient in path:
        shown = ", ".join(g.claim.label for g in path)
        raise PageError(f"kernel: the claims {shown} give each gradient by another one of them; end one in terms of earlier gradients.")
    for total in sorted((t for t in used(gradient.formula) if isinstance(t, Total)), key=str):
        head = head_of(total.args[1])
        if head in free:
            continue
        if head not in known:
            raise PageError(f"kernel: claim {gradient.claim.label} ends in {total}, and no proved claim begins with the gradient w.r.t. {head}.")
        _resolve(known[head], known, free, order, (*path, gradient))
    order.setdefault(gradient.variable.head, gradient)


def forward(plan: Plan, names: Names) -> list[str]:
    """The lines of the function that computes the outputs."""
    outputs = [names.values[v.head] for v in plan.outputs]
    body = Body(plan, names, (), [v.head for v in plan.outputs], [])
    return body.function("forward", outputs, plan.outputs, f"The {_listed(outputs)} of the definitions above.")


def backward(plan: Plan, names: Names) -> list[str]:
    """The lines of the function that computes the gradients."""
    results = [names.adjoints[g.variable.head] for g in plan.gradients]
    body = Body(plan, names, plan.cotangents, [], list(plan.order))
    given = [names.adjoints[v.head] for v in plan.cotangents]
    upstream = f", given {_listed(given)} for {_listed([names.values[v.head] for v in plan.cotangents])}" if given else ""
    law = f"The gradients {_listed(results)} of an objective w.r.t. {_listed([names.values[g.variable.head] for g in plan.gradients])}{upstream}."
    return body.function("backward", results, tuple(g.variable for g in plan.gradients), law)


class Body:
    """One function under construction: which nodes, adjoints and arguments it needs, and its lines."""

    def __init__(self, plan: Plan, names: Names, cotangents: tuple[Variable, ...], roots: list[Symbol], gradients: list[Gradient]) -> None:
        self.plan, self.names, self.gradients = plan, names, gradients
        read = [part for g in gradients for part in used(g.formula)]
        self.read = _closure(plan.program, [*roots, *(p for p in read if isinstance(p, Symbol))])
        taken = {head_of(t.args[1]) for t in read if isinstance(t, Total)}
        self.inputs = {names.values[v.head]: v for v in plan.program.inputs if v.head in self.read}
        self.cotangents = {names.adjoints[v.head]: v for v in cotangents if v.head in taken}
        self.arguments = self.cotangents | self.inputs
        self.indexed = {n: v for n, v in (self.inputs | self.cotangents).items() if v.indices}
        if not self.indexed:
            raise PageError("kernel: no argument has an index; a kernel works on arrays.")
        self.sizes = size_sources([s for s in plan.program.sizes if s in self.read], self.indexed)
        called = {h: n for h, n in names.values.items() if h not in plan.program.sizes or h in self.sizes}
        self.printer = KernelPrinter(Scope(plan.program, called, names.adjoints, plan.objective, plan.features))

    def function(self, name: str, results: list[str], variables: tuple[Variable, ...], law: str) -> list[str]:
        of_one = "NDArray[Any]"
        returned = of_one if len(results) == 1 else f"tuple[{', '.join([of_one] * len(results))}]"
        lines = [*self.docstring(law, results, variables), *self.checks(), *self.statements(), f"return {', '.join(results)}"]
        return [*signature(name, list(self.arguments), returned), *(f"    {line}" if line else "" for line in lines)]

    def docstring(self, law: str, results: list[str], variables: tuple[Variable, ...]) -> Iterator[str]:
        shapes = [f"{name} {self.spelled(v, name not in self.cotangents)}" for name, v in self.arguments.items()]
        shapes += [f"{name} {self.spelled(v, False)}" for name, v in zip(results, variables, strict=True)]
        signs = [f"{name} is not {sign}" for name, sign in self.signs()]
        fails = f"Fails with ValueError when shapes do not fit{''.join(f' or {s}' for s in signs)}, with TypeError when numbers are not real."
        kept = f"The results have the floating type of {_listed(list(self.indexed))}: float32 stays float32, whole numbers count as float64."
        yield f'"""{law}'
        yield ""
        for paragraph in (f"Shapes: {'; '.join(shapes)}.", kept, fails):
            yield from textwrap.wrap(paragraph, WIDTH - 8, break_long_words=False, break_on_hyphens=False)
        yield '"""'

    def signs(self) -> list[tuple[str, str]]:
        """What the page takes for granted of an argument's sign."""
        kinds = {n: "positive" if v.head.is_positive else "nonzero" if v.head.is_nonzero else "" for n, v in self.inputs.items()}
        return [(name, kind) for name, kind in kinds.items() if kind]

    def spelled(self, variable: Variable, or_number: bool) -> str:
        """A shape in words: `(m, features...)`."""
        counts = [str(i.upper - i.lower + 1) for i in variable.indices]
        parts = [*counts, *(["features..."] if self.plan.features else [])]
        if not parts:
            return "a number"
        text = f"({', '.join(parts)}{',' if parts == counts and len(parts) == 1 else ''})"
        return f"{text} or a number" if or_number and not counts else text

    def shape(self, variable_or_axes: Axes) -> str:
        """A shape as code."""
        counts = [self.printer.within((), i.upper - i.lower + 1, whole=True) for i in variable_or_axes]
        if self.plan.features:
            return f"({', '.join([*counts, '*features'])})" if counts else "features"
        return f"({', '.join(counts)}{',' if len(counts) == 1 else ''})"

    def checks(self) -> Iterator[str]:
        """Conversion of the arguments, then sizes from shapes, then the shapes of the rest, then signs."""
        others = [name for name in self.arguments if name not in self.indexed]
        arranged = [*(n for n in self.arguments if n in self.indexed), *others]
        first, second = (f"{{{', '.join(f'"{n}": {n}' for n in part)}}}" for part in (arranged[: len(self.indexed)], others))
        yield f"dtype, ({', '.join(arranged)}{',' if len(arranged) == 1 else ''}) = _arrays({first}, {second})"
        reference = next(iter(self.indexed))
        sources = list(dict.fromkeys([reference, *(s.split(".")[0] for s in self.sizes.values())]))
        for name in sources:
            variable = self.indexed[name]
            least = [int(replace(i.upper - i.lower + 1, dict.fromkeys(self.plan.program.sizes, Integer(1)))) for i in variable.indices]
            axes = f"({', '.join(map(str, least))}{',' if len(least) == 1 else ''})"
            yield f'_check_axes("{name}", {name}, {axes}, "{self.spelled(variable, False)}", more={self.plan.features})'
        yield from self._readings(reference)
        for name, variable in (self.inputs | self.cotangents).items():
            if name == reference and set(self._own_sizes(variable)) <= {s for s, at in self.sizes.items() if at.startswith(f"{name}.")}:
                continue
            shape = self.spelled(variable, name not in self.cotangents)
            yield f'_check_shape("{name}", {name}, {self.shape(variable.indices)}, "{shape}", "{reference}", {reference}.shape)'
        yield from (f'_check_{sign}("{name}", {name})' for name, sign in self.signs())

    def _own_sizes(self, variable: Variable) -> list[Any]:
        return [i.upper - i.lower + 1 for i in variable.indices]

    def _readings(self, reference: str) -> Iterator[str]:
        targets = {self.names.values[size]: source for size, source in self.sizes.items()}
        if self.plan.features:
            targets["features"] = f"{reference}.shape[{len(self.indexed[reference].indices)} :]".replace("[1 :]", "[1:]")
        if targets:
            yield f"{', '.join(targets)} = {', '.join(targets.values())}"

    def statements(self) -> Iterator[str]:
        """Nodes, then adjoints, each computed once."""
        for equation in self.plan.program.equations:
            if equation.head in self.read and equation.head != self.plan.objective or equation.head in self._explicit():
                yield from self._assign(self.names.values[equation.head], equation.body, equation.variable.indices)
        for gradient in self.gradients:
            yield from self._assign(self.names.adjoints[gradient.variable.head], gradient.formula, gradient.axes)

    def _explicit(self) -> frozenset[Symbol]:
        return frozenset({self.plan.objective} & self.read) - self.plan.program.opaque

    def _assign(self, name: str, term: Any, axes: Axes) -> Iterator[str]:
        code = self.printer.within(axes, term)
        if not set(axes) <= free_indices(term) or (self.plan.features and not self._is_featured(term)):
            code = f"np.full({self.shape(axes)}, {code}, dtype)"
        yield from wrapped(f"{name} = ", code)

    def _is_featured(self, term: Any) -> bool:
        """Whether the value is sure to have the feature axes: it reads an array with an index, or a cotangent."""
        read = _closure(self.plan.program, [p for p in used(term) if isinstance(p, Symbol)])
        return any(isinstance(p, Total) for p in used(term)) or any(v.head in read for v in self.indexed.values())


def _closure(program: Program, roots: Iterable[Symbol]) -> frozenset[Symbol]:
    """The names that names are computed from, themselves and the sizes of their ranges included."""
    seen: set[Symbol] = set()
    waiting = list(roots)
    while waiting:
        head = waiting.pop()
        if head in seen:
            continue
        seen.add(head)
        variable, equation = program.variable(head), program.equation(head)
        waiting += [p for i in (variable.indices if variable else ()) for p in used(i)]
        waiting += [p for p in used(equation.body) if isinstance(p, Symbol)] if equation else []
    return frozenset(seen)
