"""What runs in floats, on arrays drawn at will, say against a proof: that what was traced is what runs is looked at here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sympy import Symbol

from symderiv.language.terms import Label
from symderiv.tracing.beside import quietly
from symderiv.tracing.drawing import Argument, drawn
from symderiv.tracing.examples import APART, STEP, Example, Runs, compared_at, gradient, repeated, results, slope
from symderiv.tracing.values import Numbers

POSITIONS = 6  # of an array that are looked at
CALLS = 4  # with the same arrays, that return the same
AGAIN = 4  # draws that can confirm what one shows
WITHOUT_VALUE = (ArithmeticError, np.linalg.LinAlgError)  # what says that there is no value at these numbers
MOST_ENTRIES = 5000  # of all arrays of a trial together


@dataclass(frozen=True)
class Trial:
    """The sizes, in turn; how large the numbers are; and the least that is taken for how many labels there are."""

    sizes: tuple[int, ...]
    scale: float = 1.0
    labels: int = 1


TRIALS = (
    Trial((2, 3, 4, 5, 6, 7)),
    Trial((3, 5, 2, 7, 4, 6), scale=10.0),
    Trial((1, 1, 1, 1, 1, 1)),
    Trial((7, 2, 5, 3, 6, 4), scale=1000.0),
    Trial((5, 1, 3, 2, 1, 4), labels=17),
    Trial((1, 4, 1, 6, 1, 7), scale=10.0),
)


REMEMBERS = "called again with the same arrays the code returns others: what a call leaves behind is no argument of the next"


@dataclass(frozen=True)
class Found:
    """What the trials say: what speaks against a proof, or else what a reader of it should know."""

    against: str = ""
    remark: str = ""


def found_by_trials(n: int, argument: Argument | None, runs: Runs) -> Found:
    """What trials say against a proof of the n-th returned array. What they cannot tell, as near a kink, is left out."""
    failures, compared = [], 0
    for seed, trial in enumerate(TRIALS):
        sizes, arrays = _drawn(trial, runs, np.random.default_rng(seed))
        try:
            told, seen = _tried(arrays, n, argument, runs, trial, seed)
            if told and trial.scale > 1:  # with large numbers a float may be all but 0, or infinite: then others show nothing
                others = [_drawn(trial, runs, np.random.default_rng((seed, more)))[1] for more in range(AGAIN)]
                told = told if any(_tried(other, n, argument, runs, trial, seed)[0] for other in others) else ""
        except Exception as error:
            text = f"{_said(sizes)}: {type(error).__name__}: {error}"
            if trial.scale == 1.0 and not isinstance(error, WITHOUT_VALUE):
                return Found(f"a run of the code fails{text}")
            failures.append(text)
            continue
        compared += seen
        if trial is TRIALS[0] and _leaves_something_behind(arrays, n, runs):
            return Found(REMEMBERS)
        if told:
            return Found(f"{told}; but what was traced is proved: the code was traced otherwise than it runs, which is a bug")
    if failures:
        return Found(remark=f"a run of the code fails{failures[0]}")
    return Found() if compared else Found(remark="no run of the code told anything: what it returned was not finite, or too near a kink")


def _tried(arrays: Mapping[str, Numbers], n: int, argument: Argument | None, runs: Runs, trial: Trial, seed: int) -> tuple[str, int]:
    with quietly():
        return _against(arrays, n, argument, runs, trial, np.random.default_rng(seed))


def remembers(n: int, runs: Runs) -> bool:
    """Whether what the code returns depends on the calls before, so that no run shows that it is wrong. False is 'not shown'."""
    try:
        return _leaves_something_behind(_drawn(TRIALS[0], runs, np.random.default_rng(0))[1], n, runs)
    except Exception:
        return False


def _leaves_something_behind(arrays: Mapping[str, Numbers], n: int, runs: Runs) -> bool:
    """Whether what is returned depends on the calls before."""
    with quietly():
        first, *others = repeated(arrays, n, runs, CALLS)
    return any(not np.array_equal(a, b, equal_nan=True) for other in others for a, b in zip(first, other, strict=True))


def _said(sizes: Mapping[Symbol, int]) -> str:
    return " at " + ", ".join(f"{s} = {n}" for s, n in sizes.items()) if sizes else ""


def _drawn(trial: Trial, runs: Runs, rng: np.random.Generator) -> tuple[dict[Symbol, int], dict[str, Numbers]]:
    """Sizes, as large as a trial says or less where there would be too many entries, and arrays of these."""
    arguments = runs.inputs.arguments
    labels = {s for a in arguments.values() for v in a.variables if isinstance(v.head, Label) for s in v.head.upper.free_symbols}
    most = max(trial.sizes)
    while True:
        chosen = {s: min(trial.sizes[k % len(trial.sizes)], most) for k, s in enumerate(runs.inputs.derivation.program.sizes)}
        sizes = {s: max(k, trial.labels) if s in labels else k for s, k in chosen.items()}
        arrays = {name: drawn(a, sizes, rng, trial.scale) for name, a in arguments.items()}
        if most <= 2 or sum(a.size for a in arrays.values()) <= MOST_ENTRIES:
            return sizes, arrays
        most -= 1


def fits(n: int, argument: Argument | None, runs: Runs) -> bool:
    """Whether the n-th returned array has the shape that it should have in each run that works."""
    found = []
    for seed, trial in enumerate(TRIALS):
        _, arrays = _drawn(trial, runs, np.random.default_rng(seed))
        try:
            with quietly():
                if runs.equivalent:
                    one, other = (found.shape for found in results(arrays, n, runs))
                else:
                    one, other = gradient(arrays, n, runs).shape, arrays[argument.name if argument else ""].shape
        except Exception:
            continue
        found.append(one == other)
    return bool(found) and all(found)


def _against(
    arrays: Mapping[str, Numbers], n: int, argument: Argument | None, runs: Runs, trial: Trial, rng: np.random.Generator
) -> tuple[str, int]:
    """The first entry at which a run says otherwise than a proof, in words; and how many were compared."""
    if runs.equivalent:
        one, other = results(arrays, n, runs)
        if one.shape != other.shape:
            return f"a run returns the shape {other.shape}, for one of {one.shape}", 1
        found = compared_at(Example(arrays, (), "", ""), n, runs)
        return _differ(found.at, found.run_returned, found.run_right) if found.confirmed else "", int(np.isfinite(one).sum())
    name, compared = argument.name if argument is not None else "", 0
    mine = gradient(arrays, n, runs)
    if mine.shape != arrays[name].shape:
        return f"a run returns the shape {mine.shape}, for one of {arrays[name].shape}", 1
    places = list(np.ndindex(mine.shape))
    for at in [places[k] for k in rng.permutation(len(places))[:POSITIONS]]:
        value, step = float(mine[at]), STEP * trial.scale
        (near, rounded), (far, _) = (slope(arrays, name, at, runs, s) for s in (step, 8 * step))
        if not np.isfinite([near, far, value]).all() or abs(near - far) > APART * (1 + abs(near)) + rounded:
            continue
        compared += 1
        if abs(value - near) > APART * (1 + abs(value) + abs(near)) + rounded:
            wide, _ = slope(arrays, name, at, runs, 64 * step)  # rounding, as of float32, can make two agree by chance
            if abs(near - wide) <= APART * (1 + abs(near)) + rounded:
                return _differ(at, value, near), compared
    return "", compared


def _differ(at: tuple[int, ...], one: float | None, other: float | None) -> str:
    return f"a run gives {one:.6g} at {list(at)}, and should give {other:.6g}"
