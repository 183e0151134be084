"""Functions in NumPy judged: a backward pass against its forward pass, or two forms of one function, for every shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, count

from symderiv.code.passes import Passes, Reading, Start, check_names, judged_under, traced_again, traced_under, ways_from
from symderiv.code.returns import Pending, Result, Traces, judged, question, steps_of
from symderiv.errors import MergedAxis, TraceError
from symderiv.tracing.examples import Runs
from symderiv.tracing.returned import Returned
from symderiv.tracing.roles import Way, difference
from symderiv.tracing.running import Inputs, arguments_for, run
from symderiv.tracing.shapes import Told
from symderiv.tracing.table import data
from symderiv.tracing.targets import flattened
from symderiv.tracing.values import Code


def prove_gradient(
    forward: Code,
    backward: Code | None = None,
    shapes: Mapping[str, Told] | None = None,
    given: Mapping[str, object] | None = None,
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
    return _with_axes(lambda axes: _prove_gradient(passes, axes))


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


def _prove_gradient(passes: Passes, axes: str) -> list[Result]:
    """The ways to bind a pair are worked out once. Each that is looked at has arrays of its own; those of the first are there already."""
    begin = partial(Start.of, passes, axes)
    start = begin()
    starts = chain([start], (begin() for _ in count()))
    return settled(ways_from(start), lambda way: _reading(way, next(starts), begin))


def _reading(way: Way, start: Start, begin: Callable[[str], Start]) -> Reading:
    try:
        both = traced_under(way, start)
        return judged_under(both, lambda undeclared: traced_again(both.binding, begin(undeclared)).claims)
    except TraceError as error:
        return Reading(way, error=error)


def settled(ways: Sequence[Way], read: Callable[[Way], Reading]) -> list[Result]:
    """What all likely readings say; a question where they differ, or where one that is unlikely is right and they are not.

    The unlikely ones are looked at only if the likely ones refute something, or cannot be traced.
    """
    likely = [read(way) for way in ways if way.is_likely]
    rest = [read(way) for way in ways if not way.is_likely] if not _are_fine(likely) else []
    if (failure := _failure(likely, rest)) is not None:
        raise failure
    first = next(r for r in (*likely, *rest) if r.error is None)
    return [_asked(result, first, likely, rest) for result in first.results]


def _failure(likely: Sequence[Reading], rest: Sequence[Reading]) -> TraceError | None:
    """Why nothing can be said: no reading can be traced, or no likely one for the way in which axes are taken apart."""
    errors, others = [r.error for r in likely], [r.error for r in rest]
    merged = next((e for e in errors if isinstance(e, MergedAxis)), None)
    if merged is not None and None not in errors:
        return merged  # with axes left whole it may be traced
    return None if None in (*errors, *others) else next(e for e in (*errors, *others))


def _are_fine(readings: Sequence[Reading]) -> bool:
    return any(r.error is None for r in readings) and not any("refuted" in r.verdicts.values() for r in readings)


def _asked(result: Result, reading: Reading, likely: Sequence[Reading], rest: Sequence[Reading]) -> Result:
    """A result, or if under another reading it is otherwise, the question which is meant."""
    for other in (*likely, *(rest if result.verdict == "refuted" else ())):
        verdict = "not traced" if other.error is not None else other.verdicts.get(result.of, "not returned")
        if verdict != result.verdict and (other.error is None or result.verdict == "refuted" or not reading.way.is_likely):
            one, two = difference(reading.way, other.way)
            said = f"{result.verdict} with {_rows(one)}; {verdict} with {_rows(two)}"
            reason = f"it is not said what {' and '.join(one)} {'are' if len(one) > 1 else 'is'}: {said}"
            return question(result, reason, _how_to_say(two if verdict == "proved" else one))
    return result


def _rows(roles: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {text}" for name, text in roles.items())


def _how_to_say(roles: Mapping[str, str]) -> str:
    shown = "; ".join(f"{name}: {text}" for name, text in roles.items())
    return f"say which: roles={dict(roles)!r}, on the command line --roles '{shown}'"


def prove_equivalent(
    one: Code,
    other: Code,
    shapes: Mapping[str, Told] | None = None,
    given: Mapping[str, object] | None = None,
) -> list[Result]:
    """Judge whether two functions of the same arguments return the same arrays, for every size in `shapes`."""

    def attempt(axes: str) -> list[Result]:
        def traced(undeclared: str) -> tuple[Traces, Sequence[Pending], Runs]:
            return _traced_both(Traces.of(one, axes, undeclared), one, other, shapes or {}, given or {})

        return judged(*traced(""), lambda undeclared: traced(undeclared)[:2])

    return _with_axes(attempt)


def _traced_both(
    traces: Traces, one: Code, other: Code, shapes: Mapping[str, Told], given: Mapping[str, object]
) -> tuple[Traces, Sequence[Pending], Runs]:
    arguments = arguments_for(one, shapes, given, traces.inputs)
    others = arguments_for(other, {**_told(traces.inputs, arguments), **shapes}, given, traces.inputs)
    runs = [run(f, traces.copies, values, traces.inputs) for f, values in ((one, arguments), (other, others))]
    _check_returned(one.__name__, other.__name__, *runs)
    check_names(traces.inputs, set())
    pairs = list(zip(*map(flattened, runs), strict=True))
    meaning, pending = f"what {one.__name__} returns", []
    for n, ((name, wanted), (_, found)) in enumerate(pairs, start=1):
        label = name or (f"result {n}" if len(pairs) > 1 else "the result")
        pending.append(replace(steps_of(traces, data(wanted), None, found, label, meaning), meaning=meaning))
    return traces, pending, Runs(one, other, arguments, given, traces.inputs)


def _check_returned(one: str, other: str, first: Returned, second: Returned) -> None:
    """Refuse what two functions return where it cannot be compared array by array."""
    names, others = ([name for name, _ in flattened(r)] for r in (first, second))
    if not names or ((first.keyed or second.keyed) and names != others):
        raise TraceError(f"{one} returns {', '.join(names) or 'nothing'}; {other} returns {', '.join(others) or 'nothing'}")
    if len(names) != len(others):
        raise TraceError(f"{one} returns {len(names)} arrays, {other} returns {len(others)}")


def _told(inputs: Inputs, arguments: Mapping[str, object]) -> dict[str, Told]:
    """The arguments that are declared already, so that the same names stand for the same arrays."""
    return {name: "" for name in arguments if name in inputs.arguments}
