"""Functions in NumPy judged: a backward pass against its forward pass, or two forms of one function, for every shape."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from sympy import Add, Integer, Rational, Symbol

from symderiv.claim import Derivation, Step
from symderiv.decide import Known
from symderiv.errors import MergedAxis, SymderivError, TraceError
from symderiv.program import Program
from symderiv.terms import Total, Where, subterms
from symderiv.tracing.collecting import Collected, in_words
from symderiv.tracing.dialects import dialect_of
from symderiv.tracing.examples import Example, Runs, disagreement, example, fits
from symderiv.tracing.functions import data
from symderiv.tracing.rebuilding import Copies
from symderiv.tracing.running import Argument, Bound, Inputs, Returned, arguments_for, bind, flattened, gradients, run
from symderiv.tracing.shapes import ShapeOf
from symderiv.tracing.sizes import same
from symderiv.tracing.traced import BOOL, FLOAT, Traced, aligned, as_number, is_short, length, shape_text, swapped, total
from symderiv.verdict import Judgement, Proved, Refuted, Unknown
from symderiv.verify import all_together, judge_step

LEAST = -10_000  # what is less is there to leave out


@dataclass(frozen=True)
class Result:
    """One returned array judged: its name, what it should be, the judgement, and where it is wrong if it is.

    `misfit` says that its shape is not what it should be; `fixed` names the lengths that were numbers, for which alone a proof holds;
    `aside` outputs without an upstream gradient, through which nothing was differentiated; `unnamed` what has a name of ours only.
    """

    name: str
    meaning: str
    judgement: Judgement | None
    program: Program
    example: Example | None = None
    misfit: str = ""
    fixed: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    unnamed: frozenset[Symbol] = frozenset()

    @property
    def verdict(self) -> str:
        """`proved`, `refuted` or `unknown`."""
        if self.judgement is None:
            return "refuted"
        return {Proved: "proved", Refuted: "refuted", Unknown: "unknown"}[type(self.judgement.graph)]


@dataclass
class Traces:
    """Functions traced into one derivation."""

    title: str
    derivation: Derivation = field(init=False)
    inputs: Inputs = field(init=False)
    collected: Collected = field(init=False)
    copies: Copies = field(default_factory=Copies)

    def __post_init__(self) -> None:
        self.derivation = Derivation(self.title)
        self.inputs, self.collected = Inputs(self.derivation), Collected(self.derivation)

    @classmethod
    def of(cls, function: Callable[..., Any], axes: str) -> Traces:
        """For functions of the library that a function is written for."""
        made, dialect = cls(getattr(function, "__name__", "function")), dialect_of(function)
        made.inputs.axes, made.inputs.table, made.inputs.convert = axes, dialect.table, dialect.convert
        return made


@dataclass(frozen=True)
class Pending:
    """A returned array and the claims that it is what it should be, before these are judged.

    Where axes have few positions there is a claim for each; `places` says which.
    """

    name: str
    meaning: str
    steps: tuple[Step, ...] = ()
    places: tuple[Mapping[Any, int], ...] = ()
    misfit: str = ""
    argument: Argument | None = None


def prove_gradient(
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    given: Mapping[str, Any] | None = None,
    wrt: Sequence[str] = (),
) -> list[Result]:
    """Judge each gradient that a backward pass returns, for every size in `shapes`.

    Without a backward pass, the forward pass is one that returns a loss and its gradients. `given` has arguments that are no
    arrays, `wrt` the arguments that the returned gradients are of, where their names do not tell. Fails with a TraceError that
    names the line of the code if it cannot be traced.
    """

    def attempt(axes: str) -> list[Result]:
        return _prove_gradient(Traces.of(forward, axes), forward, backward, shapes or {}, given or {}, wrt)

    return _with_axes(attempt)


def _with_axes(attempt: Callable[[str], list[Result]]) -> list[Result]:
    """Prove with axes that are products split as declared, which tells most; where code takes them apart otherwise, turned or whole."""
    first: MergedAxis | None = None
    for axes in ("split", "turned", "whole"):
        try:
            return attempt(axes)
        except MergedAxis as error:
            first = first or error
    assert first is not None
    raise first


def _prove_gradient(
    traces: Traces,
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None,
    shapes: Mapping[str, Any],
    given: Mapping[str, Any],
    wrt: Sequence[str],
) -> list[Result]:
    arguments = arguments_for(forward, shapes, given, traces.inputs)
    first = run(forward, traces.copies, arguments)
    bound = bind(backward, arguments, first, given) if backward is not None else None
    objective, returned, upstream = _objective(traces, first, bound)
    own = {name: a for name, a in traces.inputs.arguments.items() if name not in upstream}
    if backward is not None and bound is not None:
        values = bound.arguments | {p: traces.inputs.arguments[p].tensor(traces.inputs.table) for p in upstream}
        returned = run(backward, traces.copies, values)
    parameters = {*inspect.signature(backward).parameters} if backward is not None else set()
    if unknown := [n for n in traces.inputs.unknown if n not in parameters]:
        raise TraceError(f"{unknown[0]} is no parameter: these are {', '.join(sorted(traces.inputs.named | parameters))}")
    pending = [_gradient(traces, objective, *row) for row in gradients(returned, own, wrt)]
    runs = Runs(forward, backward, arguments, given, traces.inputs, wrt)
    left_out = [name for name, _, parameter in (bound.outputs[1:] if bound is not None else ()) if not parameter]
    return [replace(r, aside=tuple(left_out)) for r in _judged(traces, pending, runs)]


def prove_equivalent(
    one: Callable[..., Any],
    other: Callable[..., Any],
    shapes: Mapping[str, Any] | None = None,
    given: Mapping[str, Any] | None = None,
) -> list[Result]:
    """Judge whether two functions of the same arguments return the same arrays, for every size in `shapes`."""

    def attempt(axes: str) -> list[Result]:
        return _prove_equivalent(Traces.of(one, axes), one, other, shapes or {}, given or {})

    return _with_axes(attempt)


def _prove_equivalent(
    traces: Traces, one: Callable[..., Any], other: Callable[..., Any], shapes: Mapping[str, Any], given: Mapping[str, Any]
) -> list[Result]:
    arguments = arguments_for(one, shapes, given, traces.inputs)
    others = arguments_for(other, {**_told(traces.inputs, arguments), **shapes}, given, traces.inputs)
    runs = [run(f, traces.copies, values) for f, values in ((one, arguments), (other, others))]
    lists = [flattened(r) for r in runs]
    keys = [[name for name, _ in rows] for rows in lists]
    if not lists[0] or (any(r.keyed for r in runs) and keys[0] != keys[1]):
        raise TraceError(
            f"{one.__name__} returns {', '.join(keys[0]) or 'nothing'}; {other.__name__} returns {', '.join(keys[1]) or 'nothing'}"
        )
    if len(lists[0]) != len(lists[1]):
        raise TraceError(f"{one.__name__} returns {len(lists[0])} arrays, {other.__name__} returns {len(lists[1])}")
    if traces.inputs.unknown:
        raise TraceError(f"{traces.inputs.unknown[0]} is no parameter: these are {', '.join(sorted(traces.inputs.named))}")
    pending = []
    for n, ((name, wanted), (_, found)) in enumerate(zip(*lists, strict=True), start=1):
        label = name or (f"result {n}" if len(lists[0]) > 1 else "the result")
        like = data(wanted)
        step = _steps(traces, like, None, found, label, f"what {one.__name__} returns")
        pending.append(replace(step, meaning=f"what {one.__name__} returns"))
    return _judged(traces, pending, Runs(one, other, arguments, given, traces.inputs, (), equivalent=True))


def _told(inputs: Inputs, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are declared already, so that the same names stand for the same arrays."""
    return {name: "" for name in arguments if name in inputs.arguments}


def _objective(traces: Traces, first: Returned, bound: Bound | None) -> tuple[Symbol, Returned, tuple[str, ...]]:
    """What is differentiated, what is returned beside it, and the parameters for upstream gradients.

    It is the loss that a function returns first, or the sum of the outputs times their upstream gradients.
    """
    if bound is None:
        if len(first.pieces) < 2:
            raise TraceError("one function is given, which must return a loss and its gradients; else name the backward pass too")
        (_, loss), *rest = first.pieces
        body = data(loss)
        if body.indices:
            raise TraceError(f"the loss, which is returned first, has shape {shape_text(body)}; one number is wanted")
        return _named(traces, traces.collected.term(body.number)), Returned(tuple(rest), True), ()
    if not bound.outputs:
        raise TraceError("the forward pass returns no array of floats that is an output")
    parts = [_output(traces, *row, n == 0) for n, row in enumerate(bound.outputs)]
    return _named(traces, Add(*parts)), first, tuple(parameter for _, _, parameter in bound.outputs if parameter)


def _output(traces: Traces, name: str, value: Any, parameter: str, first: bool) -> Any:
    """An output times its upstream gradient, summed; one that has none is only differentiated if it is the first, and a number."""
    out = data(value)
    entry = traces.collected.term(out.number)
    if parameter:
        like = ShapeOf(tuple(tuple(i.upper for i in group) for group in out.axes))
        argument = traces.inputs.declare(parameter, like)
        axes, (weight, entry) = aligned((Traced(argument.axes, argument.entry, FLOAT), Traced(out.axes, entry, FLOAT)))
        return total(weight * entry, [i for group in axes for i in group])
    if out.indices and first:
        raise TraceError(
            f"{name} is an output with shape {shape_text(out)}, and no parameter of the backward pass is its upstream gradient: "
            f"call that {'dout' if name == 'out' else f'dout or d{name}'}"
        )
    if not first:
        return Integer(0)  # running statistics and the like, which nothing is differentiated through
    return total(entry, out.indices)


def _named(traces: Traces, body: Any) -> Symbol:
    try:
        traces.derivation.let(traces.collected.free_name("J"), body)
    except SymderivError as error:
        raise TraceError(f"what is differentiated: {in_words(str(error))}") from error
    head: Symbol = traces.derivation.program.equations[-1].head
    return head


def _gradient(traces: Traces, objective: Symbol, name: str, target: str, value: Any) -> Pending:
    argument = traces.inputs.arguments[target]
    if not argument.is_real:
        raise TraceError(f"{name} would be the gradient with respect to {target}, which holds labels")
    like = Traced(argument.axes, argument.entry, FLOAT)
    pending = _steps(traces, like, lambda entry: Total(objective, entry), value, name, target)
    return replace(pending, meaning=f"the gradient with respect to {target}", argument=argument)


def _steps(traces: Traces, like: Traced, wanted: Any, value: Any, name: str, other: str) -> Pending:
    """The claims that an array is what is wanted of each entry, or this itself; or that its shape is not that of the other."""
    try:
        found = data(value)
    except TraceError as error:
        raise type(error)(f"{name}, which is returned: {error}") from error
    if len(found.axes) != len(like.axes) or not all(map(same, found.lengths, like.lengths)):
        return Pending(name, "", misfit=f"{name} has shape {shape_text(found)}; {other} has {shape_text(like)}")
    axes, (entry, body) = aligned((Traced(like.axes, like.number), found))
    body = as_number(body) if found.kind == BOOL else body
    short = [i for group in axes for i in group if is_short(i) and (entry.has(Where) or body.has(Where))]
    places = [dict(zip(short, at, strict=True)) for at in product(*(range(1, int(i.upper) + 1) for i in short))]
    steps = []
    for place in places:
        swap = {i: Integer(k) for i, k in place.items()}
        entry_there = swapped(entry, swap)
        left = wanted(entry_there) if wanted is not None else traces.collected.term(entry_there)
        steps.append(Step(left, traces.collected.term(swapped(body, swap))))
    return Pending(name, "", tuple(steps), tuple(places))


def _judged(traces: Traces, pending: Sequence[Pending], runs: Runs) -> list[Result]:
    known, program, fixed = Known(opened=True), traces.derivation.program, _fixed(runs)
    results = []
    for n, p in enumerate(pending):
        if p.misfit and fits(n, p.argument, runs):
            bug = Unknown(f"{p.misfit}, as it was traced; in a run it fits, which is a bug of the trace")
            results.append(Result(p.name, p.meaning, Judgement(bug, bug), program, fixed=fixed))
            continue
        if p.misfit:
            results.append(Result(p.name, p.meaning, None, program, misfit=p.misfit, fixed=fixed))
            continue
        judgement, k = _judgement(p.steps, program, known)
        found = None
        if isinstance(judgement.graph, Refuted):
            found = example(judgement.graph.counterexample, n, p.argument, p.places[k], runs)
            if found.unseen:
                judgement, found = Judgement(Unknown(_unseen(found)), Unknown("")), None
        elif isinstance(judgement.graph, Proved) and (told := disagreement(n, p.argument, runs)):
            judgement = Judgement(Unknown(told), Unknown(told))
        if isinstance(judgement.graph, Unknown) and (constant := _standing_for_infinity(program, p.steps)) is not None:
            hint = f"{judgement.graph.reason}; if {constant} is there to leave entries out, write np.where(mask, x, -np.inf)"
            judgement = replace(judgement, graph=replace(judgement.graph, reason=hint))
        unnamed = frozenset(traces.collected.unnamed)
        results.append(Result(p.name, p.meaning, judgement, program, found, fixed=fixed, unnamed=unnamed))
    return results


def _standing_for_infinity(program: Program, steps: Sequence[Step]) -> Any:
    """The least number in the code, if it is so low that what it stands for is left out."""
    terms = [*(e.body for e in program.equations), *(side for step in steps for side in (step.left, step.right))]
    numbers = [part for term in terms for part in subterms(term) if isinstance(part, Rational) and part <= LEAST]
    return min(numbers, default=None)


def _unseen(found: Example) -> str:
    """Why a counterexample over the real numbers is none in floats."""
    runs = f"{found.run_returned:.6g} and {found.run_right:.6g}"
    return (
        f"over the real numbers it is {found.returned} where it should be {found.right}, but a run in floats gives {runs}, "
        "which is no difference: are constants rounded, or as large as to stand for -np.inf?"
    )


def _fixed(runs: Runs) -> tuple[str, ...]:
    """The lengths that were given as numbers."""
    found = []
    for name in dict.fromkeys(runs.inputs.names.values()):
        a = runs.inputs.arguments[name]
        numbers = [(n, length(axis)) for n, axis in enumerate(a.axes) if axis and length(axis).is_Integer]
        found += [f"{name}.shape[{n}] = {value}" for n, value in numbers]
    return tuple(found)


def _judgement(steps: Sequence[Step], program: Program, known: Known) -> tuple[Judgement, int]:
    """The judgement of all steps together, and which step it is of: the first that is refuted, else one that is unknown."""
    found: list[Judgement] = []
    for n, step in enumerate(steps):
        found.append(judge_step(step, program, known, formally=False))
        if isinstance(found[-1].graph, Refuted):
            return found[-1], n
    unknown = next((n for n, j in enumerate(found) if not isinstance(j.graph, Proved)), None)
    return (all_together(found), 0) if unknown is None else (found[unknown], unknown)
