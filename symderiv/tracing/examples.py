"""Counterexamples as arrays, and what the functions make of them when they are run on these numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from itertools import product
from typing import Any

import numpy as np
from sympy import Integer, Symbol

from symderiv.program import head_of
from symderiv.terms import Label
from symderiv.tracing.binding import applied, flattened
from symderiv.tracing.roles import Binding
from symderiv.tracing.running import Argument, Inputs, returned
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import length, swapped
from symderiv.verdict import Counterexample

STEP = 1e-5  # of a central difference
APART = 1e-4  # relative: what a run in floats can tell apart
DRAWS = 12


@dataclass(frozen=True)
class Example:
    """Arrays at which a returned array is wrong, the position, and what a run of the functions on these arrays says.

    `returned` and `right` are the exact values, as text; `run_returned` is what the code returns there, `run_right` a central
    difference of the forward pass (or what the other function returns). Without them the run failed.
    """

    arrays: Mapping[str, Any]
    at: tuple[int, ...]
    returned: str
    right: str
    run_returned: float | None = None
    run_right: float | None = None

    @property
    def confirmed(self) -> bool:
        """Whether the run shows the difference too."""
        return self._apart is True

    @property
    def unseen(self) -> bool:
        """Whether the run works and shows no difference."""
        return self._apart is False

    @property
    def _apart(self) -> bool | None:
        """Whether the numbers of the run differ; None without them."""
        if self.run_returned is None or self.run_right is None or not np.isfinite([self.run_returned, self.run_right]).all():
            return None
        return abs(self.run_returned - self.run_right) > APART * (1 + abs(self.run_returned) + abs(self.run_right))


@dataclass(frozen=True)
class Runs:
    """What is needed to run the functions again, on arrays of numbers."""

    forward: Callable[..., Any]
    backward: Any  # none where the forward pass returns a loss and its gradients
    arguments: Mapping[str, Any]
    given: Mapping[str, Any]
    inputs: Inputs
    binding: Binding | None = None  # none where two forms of a function are compared
    upstream: Mapping[str, Any] = field(default_factory=dict)  # the symbolic arrays for upstream gradients

    @property
    def equivalent(self) -> bool:
        return self.binding is None


def example(found: Counterexample, n: int, argument: Argument | None, place: Mapping[Any, int], runs: Runs) -> Example:
    """A counterexample to what is said of the n-th returned array, as arrays: its own, or others that a run in floats tells apart."""
    sizes = dict(found.sizes)
    values = {what: _fraction(text) for what, text in found.values}
    arrays = {name: _array(a, sizes, values) for name, a in runs.inputs.arguments.items()}
    places = {i.name: k for i, k in (*found.positions, *place.items())}
    at = _place(argument, sizes, places)
    first = _run(Example(arrays, at, found.right, found.left), n, argument, runs)
    if first.confirmed:
        return first
    for seed in range(DRAWS):
        drawn = {name: _drawn(a, sizes, np.random.default_rng(seed)) for name, a in runs.inputs.arguments.items()}
        other = _run(Example(drawn, at, "", ""), n, argument, runs)
        if other.confirmed:
            return replace(other, returned=f"{other.run_returned:.6g}", right=f"{other.run_right:.6g}")
    return first


def disagreement(n: int, argument: Argument | None, runs: Runs) -> str:
    """What a run in floats, on arrays drawn at will, says against a proof; empty if nothing.

    A proof is of what was traced: that this is what runs is looked at here. Where a difference quotient tells nothing, as near a
    kink, it is left out.
    """
    failures, compared = [], 0
    for seed, numbers in enumerate(TRIED):
        rng = np.random.default_rng(seed)
        try:
            arrays = _arrays(numbers, runs, rng)
            with np.errstate(all="ignore"), redirect_stdout(StringIO()):
                told, seen = _against(arrays, n, argument, runs, rng)
        except Exception as error:
            failures.append(f"{type(error).__name__}: {error}")
            continue
        compared += seen
        if told:
            return f"{told}; but what was traced is proved: the code was traced otherwise than it runs, which is a bug"
    return f"the code fails when it is run: {failures[0]}" if len(failures) == len(TRIED) else ""


def _arrays(numbers: Sequence[int], runs: Runs, rng: np.random.Generator) -> dict[str, Any]:
    """Arrays drawn at will, with these numbers as sizes in turn."""
    sizes = {s: numbers[k % len(numbers)] for k, s in enumerate(runs.inputs.derivation.program.sizes)}
    return {name: _drawn(a, sizes, rng) for name, a in runs.inputs.arguments.items()}


def fits(n: int, argument: Argument | None, runs: Runs) -> bool:
    """Whether the n-th returned array has the shape that it should have in each run that works."""
    found = []
    for seed, numbers in enumerate(TRIED):
        try:
            arrays = _arrays(numbers, runs, np.random.default_rng(seed))
            with np.errstate(all="ignore"), redirect_stdout(StringIO()):
                if runs.equivalent:
                    one, other = (np.shape(flattened(returned(f, _call(f, arrays, runs)))[n][1]) for f in (runs.forward, runs.backward))
                else:
                    one, other = np.shape(_gradient(arrays, n, runs)), arrays[argument.name if argument else ""].shape
        except Exception:
            continue
        found.append(one == other)
    return bool(found) and all(found)


TRIED = ((2, 3, 4), (3, 2, 2), (1, 2, 1))
POSITIONS = 6  # of an array that are looked at


def _against(arrays: Mapping[str, Any], n: int, argument: Argument | None, runs: Runs, rng: np.random.Generator) -> tuple[str, int]:
    """The first entry at which a run says otherwise than a proof, in words; and how many were compared."""
    if runs.equivalent:
        found = _compared(Example(arrays, (), "", ""), n, runs)
        return (_differ(found.at, found.run_returned, found.run_right) if found.confirmed else "", 1)
    name = argument.name if argument is not None else ""
    mine, compared = np.asarray(_gradient(arrays, n, runs)), 0
    if mine.shape != arrays[name].shape:
        return f"a run returns the shape {mine.shape}, for one of {arrays[name].shape}", 1
    places = list(np.ndindex(mine.shape))
    for at in [places[k] for k in rng.permutation(len(places))[:POSITIONS]]:
        near, far = (_slope(arrays, name, at, runs, step) for step in (STEP, 8 * STEP))
        if not np.isfinite([near, far, float(mine[at])]).all() or abs(near - far) > APART * (1 + abs(near)):
            continue
        compared += 1
        if Example(arrays, at, "", "", float(mine[at]), near).confirmed:
            return _differ(at, float(mine[at]), near), compared
    return "", compared


def _differ(at: tuple[int, ...], one: float | None, other: float | None) -> str:
    return f"a run gives {one:.6g} at {list(at)}, and should give {other:.6g}"


def _fraction(text: str) -> float:
    top, _, bottom = text.partition("/")
    return float(top) / float(bottom or 1)


def _at_sizes(size: Any, sizes: Mapping[Symbol, int]) -> int:
    """A size in numbers; 1 for those of which a counterexample says nothing."""
    return int(size.subs({s: sizes.get(s, 1) for s in size.free_symbols}))


def _shape(argument: Argument, sizes: Mapping[Symbol, int]) -> tuple[int, ...]:
    return tuple(_at_sizes(length(g), sizes) for g in argument.axes)


def _array(argument: Argument, sizes: Mapping[Symbol, int], values: Mapping[Any, float]) -> Any:
    """An input as an array of numbers; where the counterexample says nothing, any will do."""
    lengths = [_at_sizes(i.upper, sizes) for i in argument.traced.indices]
    filled = []
    for at in product(*(range(1, n + 1) for n in lengths)):
        entry = swapped(argument.entry, dict(zip(argument.traced.indices, map(Integer, at), strict=True)))
        head = head_of(entry)
        any_value = 1.0 if isinstance(head, Label) or head.is_positive or head.is_nonzero else 0.0
        filled.append(values.get(entry, any_value) - isinstance(head, Label))
    return np.array(filled, dtype=np.float64 if argument.is_real else np.intp).reshape(_shape(argument, sizes))


def _drawn(argument: Argument, sizes: Mapping[Symbol, int], rng: np.random.Generator) -> Any:
    shape, head = _shape(argument, sizes), argument.variables[0].head
    if isinstance(head, Label):
        return rng.integers(0, _at_sizes(head.upper, sizes), size=shape)
    drawn = rng.normal(size=shape)
    return np.asarray(np.abs(drawn) + 0.1 if head.is_positive or head.is_nonnegative else drawn)


def _place(argument: Argument | None, sizes: Mapping[Symbol, int], places: Mapping[str, int]) -> tuple[int, ...]:
    """A position in an array, counted from 0."""
    found = []
    for group in argument.axes if argument is not None else ():
        position = 0
        for i in group:
            position = position * _at_sizes(i.upper, sizes) + places.get(i.name, 1) - 1
        found.append(position)
    return tuple(found)


def _run(found: Example, n: int, argument: Argument | None, runs: Runs) -> Example:
    """The example with what the functions return on its arrays; without, if they fail."""
    try:
        with np.errstate(all="ignore"), redirect_stdout(StringIO()):
            if runs.equivalent:
                return _compared(found, n, runs)
            mine = np.asarray(_gradient(found.arrays, n, runs))[found.at]
            slope = _slope(found.arrays, argument.name if argument is not None else "", found.at, runs)
            return replace(found, run_returned=float(mine), run_right=slope)
    except Exception:
        return found


def _compared(found: Example, n: int, runs: Runs) -> Example:
    """The first position at which the two functions return different numbers."""
    one, other = (np.asarray(flattened(returned(f, _call(f, found.arrays, runs)))[n][1]) for f in (runs.forward, runs.backward))
    apart = np.abs(one - other) > APART * (1 + np.abs(one) + np.abs(other))
    at = tuple(int(k) for k in np.argwhere(apart)[0]) if apart.any() else (0,) * one.ndim
    return replace(found, at=at, run_returned=float(other[at]), run_right=float(one[at]))


def _call(function: Any, arrays: Mapping[str, Any], runs: Runs) -> Any:
    return function(**_filled(runs.arguments, arrays, runs.inputs))


def _filled(structure: Any, arrays: Mapping[str, Any], inputs: Inputs) -> Any:
    """Arguments with arrays of numbers in place of symbolic ones; each a copy, for functions that write to theirs."""
    if isinstance(structure, Tensor):
        array = arrays[inputs.names[id(structure)]]
        return inputs.convert(array.copy() if array.ndim else array[()])
    if isinstance(structure, Mapping):
        return {key: _filled(value, arrays, inputs) for key, value in structure.items()}
    return type(structure)(_filled(v, arrays, inputs) for v in structure) if type(structure) in (tuple, list) else structure


def _gradient(arrays: Mapping[str, Any], n: int, runs: Runs) -> Any:
    """The n-th gradient that the code returns."""
    binding, (arguments, first, upstream) = _bound(runs), _ran(arrays, runs)
    if runs.backward is None:
        return flattened(replace(first, pieces=first.pieces[1:]))[binding.returns[n].place][1]
    second = returned(runs.backward, runs.backward(**applied(binding, arguments, first, upstream, runs.given)))
    return flattened(second)[binding.returns[n].place][1]


def _bound(runs: Runs) -> Binding:
    assert runs.binding is not None
    return runs.binding


def _ran(arrays: Mapping[str, Any], runs: Runs) -> tuple[Any, Any, Any]:
    """The arguments of the forward pass as numbers, what it returns for them, and the upstream gradients."""
    arguments = _filled(runs.arguments, arrays, runs.inputs)
    return arguments, returned(runs.forward, runs.forward(**arguments)), _filled(runs.upstream, arrays, runs.inputs)


def _slope(arrays: Mapping[str, Any], name: str, at: tuple[int, ...], runs: Runs, step: float = STEP) -> float:
    """A central difference of what is differentiated."""
    ends = []
    for way in (step, -step):
        moved = arrays[name].copy()
        moved[at] += way
        ends.append(_objective({**arrays, name: moved}, runs))
    return float((ends[0] - ends[1]) / (2 * step))


def _objective(arrays: Mapping[str, Any], runs: Runs) -> float:
    binding, (_, first, upstream) = _bound(runs), _ran(arrays, runs)
    return sum(_weighted(first.pieces[k][1], upstream.get(binding.upstream.get(k, ""), 1.0)) for k in binding.differentiated)


def _weighted(output: Any, upstream: Any) -> float:
    """An output times its upstream gradient, summed; over all arrays where it has several."""
    if isinstance(output, (tuple, list)):
        return sum(map(_weighted, output, upstream))
    return float(np.sum(np.asarray(upstream) * np.asarray(output)))
