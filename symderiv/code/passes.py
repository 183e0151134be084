"""A forward and a backward pass traced, bound in one way, and each gradient that is returned judged."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Add, Expr, Symbol

from symderiv.code.returns import Again, Pending, Result, Traces, judged, judgement_of, named_objective, question, steps_of
from symderiv.errors import TraceError
from symderiv.language.terms import Total
from symderiv.language.verdict import Proved
from symderiv.proof.side import Known
from symderiv.tracing.binding import ways_to_bind
from symderiv.tracing.drawing import Argument
from symderiv.tracing.examples import Runs
from symderiv.tracing.pointwise import is_pointwise
from symderiv.tracing.returned import Returned
from symderiv.tracing.roles import ORDERED, Binding, Target, Values, Way, applied
from symderiv.tracing.running import Inputs, arguments_for, run
from symderiv.tracing.shapes import ShapeOf, Told
from symderiv.tracing.table import data
from symderiv.tracing.targets import after_the_loss, flattened, other_orders, targets, unpacked
from symderiv.tracing.traced import FLOAT, Traced, aligned, shape_text, total
from symderiv.tracing.values import Code


@dataclass(frozen=True)
class Passes:
    """What is to be proved of a forward and a backward pass; without the latter the former returns a loss and its gradients."""

    forward: Code
    backward: Code | None
    shapes: Mapping[str, Told]
    given: Mapping[str, object]
    wrt: Sequence[str]
    roles: Mapping[str, str]


@dataclass(frozen=True)
class Start:
    """A forward pass that was traced, on arrays of its own."""

    passes: Passes
    traces: Traces
    arguments: Mapping[str, object]
    first: Returned

    @classmethod
    def of(cls, passes: Passes, axes: str, undeclared: str = "") -> Start:
        traces = Traces.of(passes.forward, axes, undeclared)
        arguments = arguments_for(passes.forward, passes.shapes, passes.given, traces.inputs)
        return cls(passes, traces, arguments, run(passes.forward, traces.copies, arguments, traces.inputs))


def ways_from(start: Start) -> Sequence[Way]:
    """The ways to bind the backward pass, the likely ones first."""
    passes, changed = start.passes, start.traces.inputs.changed
    if passes.backward is None:
        return [_alone(start.first)]
    return ways_to_bind(passes.forward, passes.backward, start.arguments, start.first, passes.given, passes.roles, changed)


def _alone(first: Returned) -> Way:
    """The way to bind a function that returns a loss and its gradients."""
    if len(first.pieces) < 2:
        raise TraceError("one function is given, which must return a loss and its gradients; else name the backward pass too")
    body = data(first.pieces[0][1])
    if body.indices:
        raise TraceError(f"the loss, which is returned first, has shape {shape_text(body)}; one number is wanted")
    return Way((), tuple(name for name, _ in first.pieces), (0,))


@dataclass(frozen=True)
class Both:
    """Both passes traced, bound in one way: what is differentiated, what is returned, and the upstream gradients for which."""

    start: Start
    objective: Symbol
    rows: Sequence[tuple[str, object]]
    upstream: Mapping[str, object]
    binding: Binding

    @property
    def traces(self) -> Traces:
        return self.start.traces

    @property
    def runs(self) -> Runs:
        """What is needed to run them."""
        passes, start = self.start.passes, self.start
        return Runs(passes.forward, passes.backward, start.arguments, passes.given, self.traces.inputs, self.binding, self.upstream)

    def pending(self, returns: Sequence[Target]) -> list[Pending]:
        return [_gradient(self.traces, self.objective, t, self.rows[t.place][1], self.binding.way) for t in returns]

    @property
    def claims(self) -> tuple[Traces, Sequence[Pending]]:
        return self.traces, self.pending(self.binding.returns)


def traced_under(way: Way, start: Start) -> Both:
    """The backward pass run too, with its parameters bound: here, and nowhere else, it becomes known what it returns."""
    own = dict(start.traces.inputs.arguments)
    objective, rows, upstream = _traced(way, start)
    return Both(start, objective, rows, upstream, Binding(way, targets(rows, own, start.passes.wrt)))


def traced_again(binding: Binding, start: Start) -> Both:
    """The same run once more, on other arrays; what is returned is what it was. Fails where it is not as many."""
    objective, rows, upstream = _traced(binding.way, start)
    if any(target.place >= len(rows) for target in binding.returns):
        raise TraceError(f"{len(rows)} gradients are returned, of {len(binding.returns)}")
    return Both(start, objective, rows, upstream, binding)


def _traced(way: Way, start: Start) -> tuple[Symbol, list[tuple[str, object]], dict[str, object]]:
    """What is differentiated, what is returned, one by one, and the upstream gradients for which."""
    passes, traces, first = start.passes, start.traces, unpacked(start.first, way)
    own, outputs = dict(traces.inputs.arguments), [value for _, value in first.pieces]
    upstream = {name: _upstream(traces, name, outputs[k]) for k, name in way.upstream.items()}
    values = Values(start.arguments, outputs, upstream, passes.given)
    objective = _objective(traces, way, values, own)
    if passes.backward is None:
        check_names(traces.inputs, set())
        return objective, flattened(after_the_loss(first)), upstream
    check_names(traces.inputs, {*inspect.signature(passes.backward).parameters})
    return objective, flattened(run(passes.backward, traces.copies, applied(way, values), traces.inputs)), upstream


def check_names(inputs: Inputs, parameters: set[str]) -> None:
    """Refuse what is said of a name that is no parameter of either pass."""
    if unknown := [n for n in inputs.unknown if n not in parameters]:
        raise TraceError(f"{unknown[0]} is no parameter: these are {', '.join(sorted(inputs.named | parameters))}")


@dataclass(frozen=True)
class Reading:
    """What was found under one way to bind a pair: results, or why there are none."""

    way: Way
    results: tuple[Result, ...] = ()
    error: TraceError | None = None

    @property
    def verdicts(self) -> dict[str, str]:
        return {r.of: r.verdict for r in self.results}


def judged_under(both: Both, again: Again) -> Reading:
    """Each returned value judged; `again` traces both passes with nothing declared of one argument.

    Where only the order says what is returned, another order is right, and names that say nothing or shapes speak against this one,
    that is a question.
    """
    binding = both.binding
    results = judged(*both.claims, both.runs, again)
    if any(r.verdict == "refuted" for r in results) and (order := _proved_order(both)):
        said, way_out = _in_order(binding, order)
        is_asked = any(r.misfit for r in results) or any(both.rows[t.place][0] for t in binding.returns if t.how == ORDERED)
        results = [
            r
            if r.verdict != "refuted"
            else question(r, f"it is not said what is returned: {said}", way_out)
            if is_asked
            else replace(r, remark=said)
            for r in results
        ]
    return Reading(binding.way, tuple(results))


def _proved_order(both: Both) -> tuple[Target, ...]:
    """Another order in which all that is returned is right; none if there is none, or if names tell."""
    known = Known(opened=True)
    for order in other_orders(both.binding.returns):
        pending = both.pending(order)
        if not any(p.misfit for p in pending) and all(_is_proved(p, both.traces, known) for p in pending):
            return order
    return ()


def _is_proved(pending: Pending, traces: Traces, known: Known) -> bool:
    """Whether claims are proved, in the derivation as these have extended it."""
    return isinstance(judgement_of(pending.steps, traces.derivation.program, known)[0].graph, Proved)


def _in_order(binding: Binding, order: Sequence[Target]) -> tuple[str, str]:
    taken, other = ([t.of for t in targets] for targets in (binding.returns, order))
    said = f"as the gradients of {', '.join(taken)}, in this order, it is refuted; as those of {', '.join(other)} it is proved"
    return said, f"name them d{other[0]} and so on, or say wrt={tuple(other)!r}, on the command line --wrt {','.join(other)}"


def _upstream(traces: Traces, name: str, value: object) -> object:
    """A symbolic array for the upstream gradient of an output; as many as that has arrays."""
    if isinstance(value, (tuple, list)):
        return tuple(_upstream(traces, f"{name}.{n}", inner) for n, inner in enumerate(value))
    name = f"{name}_upstream" if name in traces.inputs.arguments else name
    traces.inputs.upstream.add(name)
    like = ShapeOf(tuple(tuple(i.upper for i in group) for group in data(value).axes))
    traces.inputs.declare(name, like)
    return traces.inputs.handed_out(name)


def _objective(traces: Traces, way: Way, values: Values, own: Mapping[str, Argument]) -> Symbol:
    """What is differentiated: the outputs times their upstream gradients, summed; without these a number, or what works entry by entry."""
    if not way.differentiated:
        raise TraceError("the forward pass returns no array of floats that is an output")
    if way.pointwise:
        _check_pointwise(way, data(values.outputs[way.differentiated[0]]), own)
    parts = [_weighted(traces, values.outputs[k], values.upstream.get(way.upstream.get(k, ""))) for k in way.differentiated]
    return named_objective(traces, Add(*parts))


def _check_pointwise(way: Way, out: Traced, own: Mapping[str, Argument]) -> None:
    """Refuse a backward pass without an upstream gradient, but for functions of single entries, whose derivatives it returns."""
    if not all(is_pointwise(out, a.traced) for a in own.values() if a.is_real):
        name = way.called(way.differentiated[0])
        raise TraceError(
            f"{name} is an output with shape {shape_text(out)}, and no parameter of the backward pass is its upstream gradient: "
            f"call that {'dout' if name == 'out' else f'dout or d{name}'}"
        )


def _weighted(traces: Traces, output: object, upstream: object) -> Expr:
    """An output times its upstream gradient, summed; just summed if there is none."""
    if isinstance(output, (tuple, list)):
        assert isinstance(upstream, tuple)
        return Add(*(_weighted(traces, *pair) for pair in zip(output, upstream, strict=True)))
    out = data(output)
    entry = traces.collected.term(out.number)
    if upstream is None:
        return total(entry, out.indices)
    weights = data(upstream)
    axes, (weight, entry) = aligned((Traced(weights.axes, weights.number, FLOAT), Traced(out.axes, entry, FLOAT)))
    return total(weight * entry, [i for group in axes for i in group])


def _gradient(traces: Traces, objective: Symbol, target: Target, value: object, way: Way) -> Pending:
    argument = traces.inputs.arguments[target.of]
    if not argument.is_real:
        raise TraceError(f"{target.label} would be the gradient with respect to {target.of}, which holds labels")
    like = Traced(argument.axes, argument.entry, FLOAT)
    pending = steps_of(traces, like, lambda entry: Total(objective, entry), value, target.label, target.of)
    what = f"derivative of {way.called(way.differentiated[0])}, entry by entry," if way.pointwise else "gradient"
    return replace(pending, meaning=f"the {what} with respect to {target.of}", argument=argument)
