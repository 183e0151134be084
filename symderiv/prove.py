"""Functions in NumPy judged: a backward pass against its forward pass, or two forms of one function, for every shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np
from sympy import Add, Integer, Symbol

from symderiv.claim import Derivation, Step
from symderiv.decide import Known
from symderiv.errors import SymderivError, TraceError
from symderiv.program import Program, head_of
from symderiv.terms import Label, Sum, Total, Where
from symderiv.tracing.collecting import Collected
from symderiv.tracing.functions import data
from symderiv.tracing.rebuilding import Copies
from symderiv.tracing.running import Argument, Inputs, Returned, arguments_for, bind, gradients, run
from symderiv.tracing.shapes import ShapeOf
from symderiv.tracing.sizes import same
from symderiv.tracing.traced import BOOL, Traced, aligned, as_number, is_short, length, shape_text, swapped
from symderiv.verdict import Counterexample, Judgement, Proved, Refuted, Unknown
from symderiv.verify import all_together, judge_step

STEP = 1e-5  # of a central difference
APART = 1e-4  # relative: what a run in floats can tell apart


@dataclass(frozen=True)
class Example:
    """Arrays at which a gradient is wrong: what the code returns at a position, what is right, and what a run says of both."""

    arrays: dict[str, Any]
    at: tuple[int, ...]
    returned: str
    right: str
    run_returned: float | None = None
    run_right: float | None = None

    @property
    def confirmed(self) -> bool:
        """Whether a run of the functions on these arrays shows the difference too."""
        if self.run_returned is None or self.run_right is None:
            return False
        return abs(self.run_returned - self.run_right) > APART * (1 + abs(self.run_returned) + abs(self.run_right))


@dataclass(frozen=True)
class Result:
    """One returned array judged: its name, what it should be, and why it is or is not."""

    name: str
    meaning: str
    judgement: Judgement | None
    program: Program
    step: Step | None = None
    example: Example | None = None
    misfit: str = ""
    fixed: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        if self.misfit or self.judgement is None:
            return "refuted"
        return {Proved: "proved", Refuted: "refuted", Unknown: "unknown"}[type(self.judgement.graph)]


@dataclass
class Traces:
    """Functions traced into one derivation, and the claims that come of it."""

    title: str
    derivation: Derivation = field(init=False)
    inputs: Inputs = field(init=False)
    collected: Collected = field(init=False)
    copies: Copies = field(default_factory=Copies)

    def __post_init__(self) -> None:
        self.derivation = Derivation(self.title)
        self.inputs, self.collected = Inputs(self.derivation), Collected(self.derivation)


@dataclass(frozen=True)
class Pending:
    """A returned array and what it should be, before it is judged."""

    name: str
    meaning: str
    steps: tuple[Step, ...]
    misfit: str = ""
    places: tuple[dict[Any, int], ...] = ()
    argument: Argument | None = None


def prove_gradient(
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    given: Mapping[str, Any] | None = None,
    wrt: Sequence[str] = (),
) -> list[Result]:
    """Judge each gradient that a backward pass returns, for every size in `shapes`.

    Without a backward pass, the forward pass is one that returns a loss and its gradients. Fails with a TraceError that names the
    line of the code if it cannot be traced.
    """
    shapes, given = shapes or {}, given or {}
    traces = Traces(getattr(forward, "__name__", "forward"))
    arguments = arguments_for(forward, shapes, given, traces.inputs)
    fixed = _fixed(traces)
    forward_run = run(forward, traces.copies, arguments)
    cotangents: list[Argument] = []
    if backward is None:
        objective, returned = _with_loss(forward_run, traces)
        bound = None
    else:
        bound = bind(backward, traces.inputs, arguments, forward_run, given)
        known = set(traces.inputs.arguments)
        objective, cotangents = _objective(bound.outputs, traces)
        upstream = {parameter: traces.inputs.arguments[parameter].tensor() for _, _, parameter in bound.outputs if parameter}
        returned = run(backward, traces.copies, {**bound.arguments, **upstream})
        for name in set(traces.inputs.arguments) - known:
            cotangents += [c for c in (traces.inputs.arguments.pop(name),) if c not in cotangents]
    pending = [_gradient(traces, objective, *row) for row in gradients(returned, traces.inputs, wrt)]
    every = {**traces.inputs.arguments, **{c.name: c for c in cotangents}}
    again = Again(forward, backward, arguments, given, every, [o[2] for o in bound.outputs] if bound else [], [p.name for p in pending])
    return _judged(traces, pending, again, fixed)


def _fixed(traces: Traces) -> tuple[str, ...]:
    """The lengths that were given as numbers: what is proved is proved for these."""
    found = []
    for name, a in traces.inputs.arguments.items():
        numbers = [(n, length(axis)) for n, axis in enumerate(a.axes) if axis and length(axis).is_Integer]
        found += [f"axis {n} of {name} = {value}" for n, value in numbers]
    return tuple(found)


def _with_loss(returned: Returned, traces: Traces) -> tuple[Symbol, Returned]:
    """The loss that a function returns first, as the objective, and the rest, which are gradients."""
    if len(returned.pieces) < 2:
        raise TraceError("one function is given, which must return a loss and its gradients; else name the backward pass too")
    (_, loss), *rest = returned.pieces
    body = data(loss)
    if body.indices:
        raise TraceError(f"the loss, which is returned first, has shape {shape_text(body)}; one number is wanted")
    return _named(traces, "J", body.number), Returned(tuple(rest), True)


def _objective(outputs: Sequence[tuple[str, Any, str]], traces: Traces) -> tuple[Symbol, list[Argument]]:
    """The sum of outputs times their upstream gradients: its gradient is what the backward pass is to return."""
    parts, cotangents = [], []
    if not outputs:
        raise TraceError("the forward pass returns no array of floats that is an output")
    for name, value, parameter in outputs:
        out = data(value)
        if not parameter and out.indices:
            raise TraceError(
                f"{name} is an output with shape {shape_text(out)}, and no parameter of the backward pass is its upstream gradient; "
                "call that dout or d" + name
            )
        entry = traces.collected.term(out.number)
        if parameter:
            traces.inputs.declare(parameter, _shape_like(out))
            cotangents.append(traces.inputs.arguments[parameter])
            entry = _at_own(cotangents[-1], out) * entry
        parts.append(Sum(entry, *out.indices) if out.indices else entry)
    return _named(traces, "J", Add(*parts), final=True), cotangents


def _shape_like(array: Traced) -> ShapeOf:
    return ShapeOf(tuple(tuple(i.upper for i in group) for group in array.axes))


def _at_own(argument: Argument, array: Traced) -> Any:
    return swapped(argument.entry, dict(zip(argument.traced.indices, array.indices, strict=True)))


def _named(traces: Traces, name: str, body: Any, final: bool = False) -> Symbol:
    body = body if final else traces.collected.term(body)
    name = traces.collected._free_name(name)
    try:
        traces.derivation.let(name, body)
    except SymderivError as error:
        raise TraceError(f"the objective: {error}") from error
    return traces.derivation.program.equations[-1].head


def _gradient(traces: Traces, objective: Symbol, name: str, target: str, value: Any) -> Pending:
    argument = traces.inputs.arguments[target]
    meaning = f"the gradient with respect to {target}"
    if not argument.is_real:
        raise TraceError(f"{name} would be the gradient with respect to {target}, which holds labels")
    return replace(_steps(traces, lambda entry: Total(objective, entry), argument, value, name), meaning=meaning)


def _steps(traces: Traces, wanted: Callable[[Any], Any], like: Argument, value: Any, name: str) -> Pending:
    """The claims that a returned array is what it should be, entry by entry; or that its shape is not."""
    found, own = data(value), like.traced
    if len(found.axes) != len(own.axes) or not all(map(same, found.lengths, own.lengths)):
        return Pending(name, "", (), f"{name} has shape {shape_text(found)}; {like.name} has {shape_text(own)}")
    axes, (entry, body) = aligned((own, found))
    if axes != own.axes:
        return Pending(name, "", (), f"{name} is laid out as {shape_text(found)} is, {like.name} as {shape_text(own)}; reshape it to that")
    body = as_number(body) if found.kind == BOOL else body
    short = [i for i in own.indices if is_short(i)] if entry.has(Where) else []
    places = [dict(zip(short, at, strict=True)) for at in product(*(range(1, int(i.upper) + 1) for i in short))]
    steps = []
    for place in places:
        swap = {i: Integer(k) for i, k in place.items()}
        steps.append(Step(wanted(swapped(entry, swap)), traces.collected.term(swapped(body, swap))))
    return Pending(name, "", tuple(steps), "", tuple(places), like)


@dataclass(frozen=True)
class Again:
    """What is needed to run the functions again, on arrays of numbers."""

    forward: Callable[..., Any]
    backward: Callable[..., Any] | None
    arguments: Mapping[str, Any]
    given: Mapping[str, Any]
    inputs: Mapping[str, Argument]
    upstream: Sequence[str]
    names: Sequence[str]


def _judged(traces: Traces, pending: Sequence[Pending], again: Again, fixed: tuple[str, ...]) -> list[Result]:
    known, program = Known(), traces.derivation.program
    results = []
    for p in pending:
        if p.misfit:
            results.append(Result(p.name, p.meaning, None, program, misfit=p.misfit, fixed=fixed))
            continue
        judgement, n = _judgement(p.steps, program, known)
        example = None
        if isinstance(judgement.graph, Refuted):
            example = _example(judgement.graph.counterexample, p, p.places[n], again)
        results.append(Result(p.name, p.meaning, judgement, program, p.steps[n], example, fixed=fixed))
    return results


def _judgement(steps: Sequence[Step], program: Program, known: Known) -> tuple[Judgement, int]:
    """The judgement of all steps together, and which step it is of: the first that is refuted, else one that is unknown."""
    found = []
    for n, step in enumerate(steps):
        found.append(judge_step(step, program, known))
        if isinstance(found[-1].graph, Refuted):
            return found[-1], n
    unknown = next((n for n, j in enumerate(found) if not isinstance(j.graph, Proved)), None)
    return (all_together(found), 0) if unknown is None else (found[unknown], unknown)


def _example(found: Counterexample, pending: Pending, place: Mapping[Any, int], again: Again) -> Example:
    """The counterexample as arrays."""
    sizes = {size: n for size, n in found.sizes}
    values = {what: _fraction(text) for what, text in found.values}
    arrays = {name: _array(argument, sizes, values) for name, argument in again.inputs.items()}
    places = {i.name: n for i, n in found.positions} | {i.name: n for i, n in place.items()}
    at = _place(pending.argument, sizes, places) if pending.argument is not None else ()
    return Example(arrays, at, found.right, found.left)


def _fraction(text: str) -> float:
    top, _, bottom = text.partition("/")
    return float(top) / float(bottom or 1)


def _array(argument: Argument, sizes: Mapping[Symbol, int], values: Mapping[Any, float]) -> Any:
    """An input as an array of numbers; where the counterexample says nothing, any will do."""
    lengths = [_at_sizes(i.upper, sizes) for i in argument.traced.indices]
    shape = [_at_sizes(length(g), sizes) for g in argument.axes]
    filled = []
    for at in product(*(range(1, n + 1) for n in lengths)):
        entry = swapped(argument.entry, dict(zip(argument.traced.indices, map(Integer, at), strict=True)))
        head = head_of(entry)
        any_value = 1.0 if isinstance(head, Label) or head.is_positive or head.is_nonzero else 0.0
        filled.append(values.get(entry, any_value) - isinstance(head, Label))
    return np.array(filled, dtype=np.float64 if argument.is_real else np.intp).reshape(shape)


def _at_sizes(size: Any, sizes: Mapping[Symbol, int]) -> int:
    """A size in numbers; 1 for those of which a counterexample says nothing."""
    return int(size.subs({s: sizes.get(s, 1) for s in size.free_symbols}))


def _place(argument: Argument, sizes: Mapping[Symbol, int], places: Mapping[str, int]) -> tuple[int, ...]:
    found = []
    for group in argument.axes:
        position = 0
        for i in group:
            position = position * _at_sizes(i.upper, sizes) + places.get(i.name, 1) - 1
        found.append(position)
    return tuple(found)
