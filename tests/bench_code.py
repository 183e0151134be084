"""How long a proof of code takes, beside a check of the same gradients by central differences at one shape."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from symderiv.code.passes import Both, Passes, Start, traced_under, ways_from
from symderiv.code.prove import prove_gradient
from symderiv.errors import MergedAxis
from symderiv.tracing.drawing import drawn
from symderiv.tracing.examples import _filled, gradient

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))
RIGHT = importlib.import_module("layers").RIGHT
LENGTHS = (64, 32, 4)  # of the first size, the second, and all others
SAMPLE = 10  # entries of each array at which the difference is timed; the rest takes as long


def code_rows(quick: bool) -> Iterator[tuple[str, ...]]:
    """Each example: the proof, the differences at every entry, their ratio."""
    for name in list(RIGHT)[:: 6 if quick else 1]:
        forward, backward, shapes = RIGHT[name]
        start = time.process_time()
        verdicts = {r.verdict for r in prove_gradient(forward, backward, shapes)}
        proof = time.process_time() - start
        seconds, entries = differences(forward, backward, shapes)
        shown = ", ".join(sorted(verdicts))
        yield name, shown, f"{proof:.2f} s", f"{seconds:.2f} s for {entries} entries", f"{proof / seconds:.2f}"


def differences(forward, backward, shapes):
    """CPU seconds of central differences of all inputs, in float64, and how many entries these have."""
    start, both = traced(Passes(forward, backward, shapes, {}, (), {}))
    runs = both.runs
    sizes = {s: LENGTHS[min(n, len(LENGTHS) - 1)] for n, s in enumerate(both.traces.derivation.program.sizes)}
    rng = np.random.default_rng(0)
    arrays = {name: drawn(a, sizes, rng) for name, a in runs.inputs.arguments.items()}
    objective = plain_objective(forward, start, both, arrays)
    values = _filled(runs.arguments, arrays, runs.inputs)
    seconds, entries = 0.0, 0
    with np.errstate(all="ignore"):
        start = time.process_time()
        gradient(arrays, 0, runs)
        seconds += time.process_time() - start
        for name in [n for n in values if isinstance(values[n], np.ndarray) and values[n].dtype.kind == "f"]:
            array = values[name]
            places = list(np.ndindex(array.shape))
            chosen = [places[k] for k in rng.permutation(len(places))[:SAMPLE]]
            start = time.process_time()
            for at in chosen:
                was = array[at]
                array[at] = was + 1e-5
                above = objective(**values)
                array[at] = was - 1e-5
                (above - objective(**values)) / 2e-5
                array[at] = was
            seconds += (time.process_time() - start) * len(places) / len(chosen)
            entries += len(places)
    return seconds, entries


def traced(passes, axes=("split", "turned", "whole")):
    """The functions run on symbolic arrays once, with axes that are products as these if the code allows."""
    try:
        start = Start.of(passes, axes[0])
        return start, traced_under(ways_from(start)[0], start)
    except MergedAxis:
        return traced(passes, axes[1:])


def plain_objective(forward, start: Start, both: Both, arrays):
    """What is differentiated, as one would write it for this function."""
    way = both.binding.way
    outputs = [(k, arrays.get(way.upstream.get(k, ""), 1.0)) for k in way.differentiated]
    if not start.first.several:
        return lambda **values: np.sum(outputs[0][1] * forward(**values))

    def objective(**values):
        result = forward(**values)
        return sum(np.sum(upstream * result[k]) for k, upstream in outputs)

    return objective
