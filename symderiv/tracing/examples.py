"""Counterexamples as arrays, and what the functions make of them when they are run on these numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TypeAlias

import numpy as np
from sympy import Expr, Integer, Symbol

from symderiv.language.program import head_of
from symderiv.language.terms import Index, Label
from symderiv.language.verdict import Counterexample
from symderiv.tracing.beside import quietly
from symderiv.tracing.drawing import Argument, at_sizes, drawn, shape_at
from symderiv.tracing.rebuilding import Copies
from symderiv.tracing.returned import Returned, returned
from symderiv.tracing.roles import Binding, Values, applied
from symderiv.tracing.running import Inputs
from symderiv.tracing.targets import after_the_loss, flattened, unpacked
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import swapped
from symderiv.tracing.values import Code, Numbers

STEP = 1e-5  # of a central difference
APART = 1e-4  # relative: what a run in floats can tell apart
ROUNDED = 1e-14  # relative: what rounding can add up to in a run
DRAWS = 12
Floats: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]  # what a run returns


@dataclass(frozen=True)
class Example:
    """Arrays at which a returned array is wrong, the position, and what a run of the functions on these arrays says.

    `returned` and `right` are the exact values, as text; `run_returned` is what the code returns there, `run_right` a central
    difference of the forward pass (or what the other function returns). Without them the run failed.
    """

    arrays: Mapping[str, Numbers]
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

    forward: Code
    backward: Code | None  # none where the forward pass returns a loss and its gradients
    arguments: Mapping[str, object]
    given: Mapping[str, object]
    inputs: Inputs
    binding: Binding | None = None  # none where two forms of a function are compared
    upstream: Mapping[str, object] = field(default_factory=dict)  # the symbolic arrays for upstream gradients

    @property
    def equivalent(self) -> bool:
        return self.binding is None

    def afresh(self) -> Runs:
        """The same with functions that leave what is outside of them as it is, and begin with what they found there."""
        copies = Copies(symbolic=False)
        arguments = {name: copies.of(value) for name, value in self.arguments.items()}
        return replace(self, forward=copies.of(self.forward), backward=copies.of(self.backward), arguments=arguments)


def example(found: Counterexample, n: int, argument: Argument | None, place: Mapping[Index, int], runs: Runs) -> Example:
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
        others = {name: drawn(a, sizes, np.random.default_rng(seed)) for name, a in runs.inputs.arguments.items()}
        other = _run(Example(others, at, "", ""), n, argument, runs)
        if other.confirmed:
            return replace(other, returned=f"{other.run_returned:.6g}", right=f"{other.run_right:.6g}")
    return first


def _fraction(text: str) -> float:
    top, _, bottom = text.partition("/")
    return float(top) / float(bottom or 1)


def _array(argument: Argument, sizes: Mapping[Symbol, int], values: Mapping[Expr, float]) -> Numbers:
    """An input as an array of numbers; where the counterexample says nothing, any will do."""
    lengths = [at_sizes(i.upper, sizes) for i in argument.traced.indices]
    filled = []
    for at in product(*(range(1, n + 1) for n in lengths)):
        entry = swapped(argument.entry, dict(zip(argument.traced.indices, map(Integer, at), strict=True)))
        head = head_of(entry)
        any_value = 1.0 if isinstance(head, Label) or head.is_positive or head.is_nonzero else 0.0
        filled.append(values.get(entry, any_value) - isinstance(head, Label))
    return np.array(filled, dtype=np.float64 if argument.is_real else np.intp).reshape(shape_at(argument, sizes))


def _place(argument: Argument | None, sizes: Mapping[Symbol, int], places: Mapping[str, int]) -> tuple[int, ...]:
    """A position in an array, counted from 0."""
    found = []
    for group in argument.axes if argument is not None else ():
        position = 0
        for i in group:
            position = position * at_sizes(i.upper, sizes) + places.get(i.name, 1) - 1
        found.append(position)
    return tuple(found)


def _run(found: Example, n: int, argument: Argument | None, runs: Runs) -> Example:
    """The example with what the functions return on its arrays; without, if they fail."""
    try:
        with quietly():
            if runs.equivalent:
                return compared_at(found, n, runs)
            mine = gradient(found.arrays, n, runs)[found.at]
            right, _ = slope(found.arrays, argument.name if argument is not None else "", found.at, runs)
            return replace(found, run_returned=float(mine), run_right=right)
    except Exception:
        return found


def compared_at(found: Example, n: int, runs: Runs) -> Example:
    """The first position at which the two functions return different numbers."""
    one, other = results(found.arrays, n, runs)
    apart = np.abs(one - other) > APART * (1 + np.abs(one) + np.abs(other))
    at = tuple(int(k) for k in np.argwhere(apart)[0]) if apart.any() else (0,) * one.ndim
    return replace(found, at=at, run_returned=float(other[at]), run_right=float(one[at]))


def results(arrays: Mapping[str, Numbers], n: int, runs: Runs) -> tuple[Floats, Floats]:
    """The n-th array that each of two functions returns."""
    return _results(arrays, n, runs.afresh())


def _results(arrays: Mapping[str, Numbers], n: int, runs: Runs) -> tuple[Floats, Floats]:
    assert runs.backward is not None
    one, other = (returned(f, f(**_filled(runs.arguments, arrays, runs.inputs))) for f in (runs.forward, runs.backward))
    return np.asarray(flattened(one)[n][1]), np.asarray(flattened(other)[n][1])


def _filled(structure: Mapping[str, object], arrays: Mapping[str, Numbers], inputs: Inputs) -> dict[str, object]:
    """Arguments with arrays of numbers in place of symbolic ones; each a copy, for functions that write to theirs."""
    return {key: _in_numbers(value, arrays, inputs) for key, value in structure.items()}


def _in_numbers(value: object, arrays: Mapping[str, Numbers], inputs: Inputs) -> object:
    if isinstance(value, Tensor):
        array = arrays[inputs.names[id(value)]]
        return inputs.convert(array.copy() if array.ndim else array[()])
    if isinstance(value, Mapping):
        return _filled(value, arrays, inputs)
    if type(value) is tuple:
        return tuple(_in_numbers(v, arrays, inputs) for v in value)
    return [_in_numbers(v, arrays, inputs) for v in value] if type(value) is list else value


def gradient(arrays: Mapping[str, Numbers], n: int, runs: Runs) -> Floats:
    """The n-th gradient that the code returns."""
    return _gradient(arrays, n, runs.afresh())


def repeated(arrays: Mapping[str, Numbers], n: int, runs: Runs, times: int) -> Iterator[tuple[Floats | float, Floats]]:
    """What is compared of the functions, called with the same arrays again and again, each call after what the one before left behind."""
    runs = runs.afresh()
    for _ in range(times):
        yield _results(arrays, n, runs) if runs.equivalent else (_objective(arrays, runs), np.array(_gradient(arrays, n, runs)))


def _gradient(arrays: Mapping[str, Numbers], n: int, runs: Runs) -> Floats:
    binding, first, values = _ran(arrays, runs)
    second = returned(runs.backward, runs.backward(**applied(binding.way, values))) if runs.backward is not None else after_the_loss(first)
    return np.asarray(flattened(second)[binding.returns[n].place][1])


def _ran(arrays: Mapping[str, Numbers], runs: Runs) -> tuple[Binding, Returned, Values]:
    """How the backward pass is bound, what the forward pass returns for these arrays, and what there is then to give the other."""
    assert runs.binding is not None
    arguments = _filled(runs.arguments, arrays, runs.inputs)
    first = unpacked(returned(runs.forward, runs.forward(**arguments)), runs.binding.way)
    outputs = [value for _, value in first.pieces]
    return runs.binding, first, Values(arguments, outputs, _filled(runs.upstream, arrays, runs.inputs), runs.given)


def slope(arrays: Mapping[str, Numbers], name: str, at: tuple[int, ...], runs: Runs, step: float = STEP) -> tuple[float, float]:
    """A central difference of what is differentiated, and how far it may be off as floats are rounded."""
    ends = []
    for way in (step, -step):
        moved = arrays[name].copy()
        moved[at] += way
        ends.append(_objective({**arrays, name: moved}, runs.afresh()))
    return float((ends[0] - ends[1]) / (2 * step)), ROUNDED * max(map(abs, ends)) / step


def _objective(arrays: Mapping[str, Numbers], runs: Runs) -> float:
    binding, _, values = _ran(arrays, runs)
    way = binding.way
    return sum(_weighted(values.outputs[k], values.upstream.get(way.upstream.get(k, ""), 1.0)) for k in way.differentiated)


def _weighted(output: object, upstream: object) -> float:
    """An output times its upstream gradient, summed; over all arrays where it has several."""
    if isinstance(output, (tuple, list)):
        assert isinstance(upstream, (tuple, list))
        return sum(map(_weighted, output, upstream))
    return float(np.sum(np.asarray(upstream) * np.asarray(output)))
