"""Functions in NumPy judged: a backward pass against its forward pass, or two forms of one function, for every shape."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from math import prod
from typing import Any

from sympy import Add, Integer, Rational, Symbol

from symderiv.claim import Derivation, Step
from symderiv.decide import Known
from symderiv.errors import MergedAxis, SymderivError, TraceError
from symderiv.program import Program
from symderiv.terms import Index, Total, Where, names, subterms
from symderiv.tracing.binding import applied, bindings, flattened, other_orders, targets, unpacked
from symderiv.tracing.collecting import Collected, in_words
from symderiv.tracing.dialects import dialect_of
from symderiv.tracing.drawing import Argument
from symderiv.tracing.examples import Example, Runs, example
from symderiv.tracing.functions import data
from symderiv.tracing.pointwise import is_pointwise
from symderiv.tracing.rebuilding import Copies
from symderiv.tracing.roles import Binding, Target, difference
from symderiv.tracing.running import Inputs, Returned, arguments_for, assumed, run
from symderiv.tracing.shapes import ShapeOf
from symderiv.tracing.sizes import same
from symderiv.tracing.traced import BOOL, FLOAT, MOST_APART, Traced, aligned, as_number, is_short, length, shape_text, swapped, total
from symderiv.tracing.trials import Found, fits, found_by_trials
from symderiv.verdict import Judgement, Proved, Refuted, Unknown
from symderiv.verify import all_together, judge_step

LEAST = -10_000  # what is less is there to leave out


@dataclass(frozen=True)
class Result:
    """One returned array judged: its name, what it should be, the judgement, and where it is wrong if it is.

    `misfit` says that its shape is not what it should be; `fixed` names the lengths that were numbers, for which alone a proof holds;
    `aside` outputs without an upstream gradient, through which nothing was differentiated; `unnamed` what has a name of ours only;
    `of` what it is the gradient of; `assumptions` what was declared of the arrays that it rests on, and the numbers that were kept;
    `binding` what each parameter and each returned value was taken for.
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
    remark: str = ""  # what runs in floats tell about a proof
    of: str = ""
    assumptions: tuple[str, ...] = ()
    binding: Binding | None = None

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
        made.inputs.sizes = {} if dialect.is_numpy else None
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


@dataclass(frozen=True)
class Passes:
    """What is to be proved of a forward and a backward pass; without the latter the former returns a loss and its gradients."""

    forward: Callable[..., Any]
    backward: Callable[..., Any] | None
    shapes: Mapping[str, Any]
    given: Mapping[str, Any]
    wrt: Sequence[str]
    roles: Mapping[str, str]


def prove_gradient(
    forward: Callable[..., Any],
    backward: Callable[..., Any] | None = None,
    shapes: Mapping[str, Any] | None = None,
    given: Mapping[str, Any] | None = None,
    wrt: Sequence[str] = (),
    roles: Mapping[str, str] | None = None,
) -> list[Result]:
    """Judge each gradient that a backward pass returns, for every size in `shapes`.

    Without a backward pass, the forward pass is one that returns a loss and its gradients. `given` has arguments that are no
    arrays, `wrt` the arguments that the returned gradients are of, where their names do not tell, `roles` what parameters of the
    backward pass stand for: {"g": "gradient of y", "s": "output", "z": "argument x"}. Where a pass can be bound in several ways that
    are judged differently, the answer is unknown, with how to say which is meant. Fails with a TraceError that names the line of the
    code if it cannot be traced.
    """
    passes = Passes(forward, backward, shapes or {}, given or {}, wrt, roles or {})
    return _with_axes(lambda axes: settled(readings(passes, axes)))


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


@dataclass(frozen=True)
class Reading:
    """What was found under one way to bind a pair: results, or why there are none."""

    binding: Binding
    results: tuple[Result, ...] = ()
    error: TraceError | None = None

    @property
    def verdicts(self) -> dict[str, str]:
        return {r.of: r.verdict for r in self.results}


def readings(passes: Passes, axes: str) -> Iterator[tuple[Binding, Callable[[], Reading]]]:
    """The ways to bind a pair, one after the other, and what judges it under each, on arrays of its own."""
    number, n = 1, 0
    while n < number:
        start = Start.of(passes, axes)
        number = len(start.ways)
        yield start.ways[n], partial(_reading, start.ways[n], start)
        n += 1


def _reading(binding: Binding, start: Start) -> Reading:
    try:
        return judged_under(traced_under(binding, start))
    except TraceError as error:
        return Reading(binding, error=error)


@dataclass(frozen=True)
class Start:
    """A forward pass that was traced, and the ways to bind its backward pass."""

    passes: Passes
    traces: Traces
    arguments: Mapping[str, Any]
    first: Returned
    ways: tuple[Binding, ...]

    @classmethod
    def of(cls, passes: Passes, axes: str) -> Start:
        traces = Traces.of(passes.forward, axes)
        arguments = arguments_for(passes.forward, passes.shapes, passes.given, traces.inputs)
        first = run(passes.forward, traces.copies, arguments, traces.inputs)
        if passes.backward is None:
            return cls(passes, traces, arguments, first, (_alone(first),))
        ways = bindings(passes.forward, passes.backward, arguments, first, passes.given, passes.roles)
        return cls(passes, traces, arguments, first, tuple(ways))


def settled(found: Iterator[tuple[Binding, Callable[[], Reading]]]) -> list[Result]:
    """What all likely readings say; a question where they differ, or where one that is unlikely is right and they are not.

    The unlikely ones are looked at only if the likely ones refute something, or cannot be traced.
    """
    likely: list[Reading] = []
    rest: list[Reading] = []
    for binding, read in found:
        if not binding.is_likely and not rest and _are_fine(likely):
            break
        (likely if binding.is_likely else rest).append(read())
    working = [r for r in (*likely, *rest) if r.error is None]
    if not working:
        errors = [r.error for r in (*likely, *rest) if r.error is not None]
        raise next((e for e in errors if isinstance(e, MergedAxis)), errors[0])
    return [_asked(result, working[0], likely, rest) for result in working[0].results]


def _are_fine(readings: Sequence[Reading]) -> bool:
    return any(r.error is None for r in readings) and not any("refuted" in r.verdicts.values() for r in readings)


def _asked(result: Result, reading: Reading, likely: Sequence[Reading], rest: Sequence[Reading]) -> Result:
    """A result, or if under another reading it is otherwise, the question which is meant."""
    for other in (*likely, *(rest if result.verdict == "refuted" else ())):
        verdict = "not traced" if other.error is not None else other.verdicts.get(result.of, "not returned")
        if verdict != result.verdict and (other.error is None or result.verdict == "refuted" or not reading.binding.is_likely):
            one, two = difference(reading.binding, other.binding)
            said = f"{result.verdict} with {_rows(one)}; {verdict} with {_rows(two)}"
            reason = f"it is not said what {' and '.join(one)} {'are' if len(one) > 1 else 'is'}: {said}"
            return _question(result, reason, _how_to_say(two if verdict == "proved" else one))
    return result


def _rows(roles: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {text}" for name, text in roles.items())


def _how_to_say(roles: Mapping[str, str]) -> str:
    shown = "; ".join(f"{name}: {text}" for name, text in roles.items())
    return f"say which: roles={dict(roles)!r}, on the command line --roles '{shown}'"


def _question(result: Result, reason: str, way_out: str) -> Result:
    asked = Unknown(f"{reason}; {way_out}")
    return replace(result, judgement=Judgement(asked, asked), example=None, misfit="")


def _alone(first: Returned) -> Binding:
    """The binding of a function that returns a loss and its gradients."""
    if len(first.pieces) < 2:
        raise TraceError("one function is given, which must return a loss and its gradients; else name the backward pass too")
    body = data(first.pieces[0][1])
    if body.indices:
        raise TraceError(f"the loss, which is returned first, has shape {shape_text(body)}; one number is wanted")
    return Binding((), tuple(name for name, _ in first.pieces), (0,))


@dataclass(frozen=True)
class Both:
    """Both passes traced under one binding: what is differentiated, what is returned, and what is needed to run them."""

    traces: Traces
    objective: Symbol
    rows: Sequence[tuple[str, Any]]
    binding: Binding
    runs: Runs

    def pending(self, returns: Sequence[Target]) -> list[Pending]:
        return [_gradient(self.traces, self.objective, t, self.rows[t.place][1], self.binding) for t in returns]


def traced_under(binding: Binding, start: Start) -> Both:
    """The backward pass run too, with its parameters bound."""
    passes, traces, first = start.passes, start.traces, unpacked(start.first, binding)
    own = dict(traces.inputs.arguments)
    upstream = {name: _upstream(traces, name, first.pieces[k][1]) for k, name in binding.upstream.items()}
    objective = _objective(traces, first, binding, upstream, own)
    parameters = {*inspect.signature(passes.backward).parameters} if passes.backward is not None else set()
    if unknown := [n for n in traces.inputs.unknown if n not in parameters]:
        raise TraceError(f"{unknown[0]} is no parameter: these are {', '.join(sorted(traces.inputs.named | parameters))}")
    returned = replace(first, pieces=first.pieces[1:])
    if passes.backward is not None:
        values = applied(binding, start.arguments, first, upstream, passes.given)
        returned = run(passes.backward, traces.copies, values, traces.inputs)
    binding = replace(binding, returns=targets(returned, own, passes.wrt))
    runs = Runs(passes.forward, passes.backward, start.arguments, passes.given, traces.inputs, binding, upstream)
    return Both(traces, objective, flattened(returned), binding, runs)


def judged_under(both: Both) -> Reading:
    """Each returned value judged. Where only the order says what is returned, and another order is right, that is a question."""
    binding = both.binding
    results = _judged(both.traces, both.pending(binding.returns), both.runs)
    if any(r.verdict == "refuted" for r in results) and (order := _proved_order(both)):
        results = [r if r.verdict != "refuted" else _question(r, *_in_order(binding, order)) for r in results]
    aside = tuple(binding.called(k) for k in binding.aside)
    results = [replace(r, of=t.of, aside=aside, binding=binding) for r, t in zip(results, binding.returns, strict=True)]
    return Reading(binding, tuple(results))


def _proved_order(both: Both) -> tuple[Target, ...]:
    """Another order in which all that is returned is right; none if there is none, or if names tell."""
    known, program = Known(opened=True), both.traces.derivation.program
    for order in other_orders(both.binding.returns):
        pending = both.pending(order)
        if not any(p.misfit for p in pending) and all(isinstance(_judgement(p.steps, program, known)[0].graph, Proved) for p in pending):
            return order
    return ()


def _in_order(binding: Binding, order: Sequence[Target]) -> tuple[str, str]:
    taken, other = ([t.of for t in targets] for targets in (binding.returns, order))
    said = f"as the gradients of {', '.join(taken)}, in this order, it is refuted; as those of {', '.join(other)} it is proved"
    return (
        f"it is not said what is returned: {said}",
        f"name them d{other[0]} and so on, or say wrt={tuple(other)!r}, on the command line --wrt {','.join(other)}",
    )


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
    runs = [run(f, traces.copies, values, traces.inputs) for f, values in ((one, arguments), (other, others))]
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
    return _judged(traces, pending, Runs(one, other, arguments, given, traces.inputs))


def _told(inputs: Inputs, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are declared already, so that the same names stand for the same arrays."""
    return {name: "" for name in arguments if name in inputs.arguments}


def _upstream(traces: Traces, name: str, value: Any) -> Any:
    """A symbolic array for the upstream gradient of an output; as many as that has arrays."""
    if isinstance(value, (tuple, list)):
        return tuple(_upstream(traces, f"{name}.{n}", inner) for n, inner in enumerate(value))
    name = f"{name}_upstream" if name in traces.inputs.arguments else name
    traces.inputs.upstream.add(name)
    like = ShapeOf(tuple(tuple(i.upper for i in group) for group in data(value).axes))
    traces.inputs.declare(name, like)
    return traces.inputs.handed_out(name)


def _objective(traces: Traces, first: Returned, binding: Binding, upstream: Mapping[str, Any], own: Mapping[str, Argument]) -> Symbol:
    """What is differentiated: the outputs times their upstream gradients, summed; without these a number, or what works entry by entry."""
    if not binding.differentiated:
        raise TraceError("the forward pass returns no array of floats that is an output")
    if binding.pointwise:
        _check_pointwise(binding, data(first.pieces[binding.differentiated[0]][1]), own)
    parts = [_weighted(traces, first.pieces[k][1], upstream.get(binding.upstream.get(k, ""))) for k in binding.differentiated]
    return _named(traces, Add(*parts))


def _check_pointwise(binding: Binding, out: Traced, own: Mapping[str, Argument]) -> None:
    """Refuse a backward pass without an upstream gradient, but for functions of single entries, whose derivatives it returns."""
    if not all(is_pointwise(out, a.traced) for a in own.values() if a.is_real):
        name = binding.called(binding.differentiated[0])
        raise TraceError(
            f"{name} is an output with shape {shape_text(out)}, and no parameter of the backward pass is its upstream gradient: "
            f"call that {'dout' if name == 'out' else f'dout or d{name}'}"
        )


def _weighted(traces: Traces, output: Any, upstream: Any) -> Any:
    """An output times its upstream gradient, summed; just summed if there is none."""
    if isinstance(output, (tuple, list)):
        return Add(*(_weighted(traces, *pair) for pair in zip(output, upstream, strict=True)))
    out = data(output)
    entry = traces.collected.term(out.number)
    if upstream is None:
        return total(entry, out.indices)
    weights = upstream.data
    axes, (weight, entry) = aligned((Traced(weights.axes, weights.number, FLOAT), Traced(out.axes, entry, FLOAT)))
    return total(weight * entry, [i for group in axes for i in group])


def _named(traces: Traces, body: Any) -> Symbol:
    try:
        traces.derivation.let(traces.collected.free_name("J"), body)
    except SymderivError as error:
        raise TraceError(f"what is differentiated: {in_words(str(error))}") from error
    head: Symbol = traces.derivation.program.equations[-1].head
    return head


def _gradient(traces: Traces, objective: Symbol, target: Target, value: Any, binding: Binding) -> Pending:
    argument = traces.inputs.arguments[target.of]
    if not argument.is_real:
        raise TraceError(f"{target.label} would be the gradient with respect to {target.of}, which holds labels")
    like = Traced(argument.axes, argument.entry, FLOAT)
    pending = _steps(traces, like, lambda entry: Total(objective, entry), value, target.label, target.of)
    what = f"derivative of {binding.called(binding.differentiated[0])}, entry by entry," if binding.pointwise else "gradient"
    return replace(pending, meaning=f"the {what} with respect to {target.of}", argument=argument)


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
    short = _apart([i for group in axes for i in group]) if entry.has(Where) or body.has(Where) else []
    places = [dict(zip(short, at, strict=True)) for at in product(*(range(1, int(i.upper) + 1) for i in short))]
    steps = []
    for place in places:
        swap = {i: Integer(k) for i, k in place.items()}
        entry_there = swapped(entry, swap)
        left = wanted(entry_there) if wanted is not None else traces.collected.term(entry_there)
        steps.append(Step(left, traces.collected.term(swapped(body, swap))))
    return Pending(name, "", tuple(steps), tuple(places))


def _apart(indices: Sequence[Index]) -> list[Index]:
    """The axes each position of which is a claim of its own: short ones, and others while there are few positions in all."""
    found = [i for i in indices if is_short(i)]
    for i in indices:
        if i not in found and i.upper.is_Integer and prod(int(j.upper) for j in (*found, i)) <= MOST_APART:
            found.append(i)
    return found


def _judged(traces: Traces, pending: Sequence[Pending], runs: Runs) -> list[Result]:
    known = Known(opened=True)
    return [_result(traces, n, p, known, runs) for n, p in enumerate(pending)]


def _result(traces: Traces, n: int, p: Pending, known: Known, runs: Runs) -> Result:
    program = traces.derivation.program
    result = Result(p.name, p.meaning, None, program, misfit=p.misfit, fixed=_fixed(runs), unnamed=frozenset(traces.collected.unnamed))
    result = replace(result, assumptions=assumed(traces.inputs, runs.arguments, _rests_on(p.steps, program)))
    if p.misfit and fits(n, p.argument, runs):
        bug = Unknown(f"{p.misfit}, as it was traced; in a run it fits, which is a bug of the trace")
        return replace(result, judgement=Judgement(bug, bug), misfit="")
    if p.misfit:
        return result
    judgement, k = _judgement(p.steps, program, known)
    found = None
    if isinstance(judgement.graph, Refuted):
        found = example(judgement.graph.counterexample, n, p.argument, p.places[k], runs)
        if found.unseen:
            judgement, found = Judgement(Unknown(_unseen(found)), Unknown("")), None
    trials = found_by_trials(n, p.argument, runs) if isinstance(judgement.graph, Proved) else Found()
    if trials.against:
        judgement = Judgement(Unknown(trials.against), Unknown(trials.against))
    if isinstance(judgement.graph, Unknown) and (constant := _standing_for_infinity(program, p.steps)) is not None:
        hint = f"{judgement.graph.reason}; if {constant} is there to leave entries out, write np.where(mask, x, -np.inf)"
        judgement = replace(judgement, graph=replace(judgement.graph, reason=hint))
    return replace(result, judgement=judgement, example=found, remark=trials.remark)


def _rests_on(steps: Sequence[Step], program: Program) -> frozenset[Symbol]:
    """The names that claims mention, and those in the definitions of these."""
    bodies = {e.head: e.body for e in program.equations}
    found: set[Symbol] = set()
    new = {name for step in steps for side in (step.left, step.right) for name in names(side)}
    while new:
        found |= new
        new = {name for head in new if head in bodies for name in names(bodies[head])} - found
    return frozenset(found)


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
    for name in (n for n in dict.fromkeys(runs.inputs.names.values()) if n not in runs.inputs.upstream):
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
