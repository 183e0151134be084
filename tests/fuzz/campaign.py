"""Trials one after the other, each under a limit of time: that of the processor, since the machine may be busy with something else."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from traceback import format_exc
from types import FrameType

from fuzz import programs, snippets
from fuzz.documents import trial as documents
from fuzz.outcome import Outcome, OutOfTime

Trial = Callable[[int], Outcome]

FUZZERS: dict[str, Trial] = {
    "programs": programs.trial,
    "documents": documents.trial,
    "snippets": snippets.trial,
}
LIMIT = 30.0  # seconds that a trial may take before it is called slow
SHRINKING = 60.0  # seconds more for a smaller reproduction of what it found


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise OutOfTime when the time is over. Works in the main thread only."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def tried(trial: Trial, seed: int, seconds: float = LIMIT) -> Outcome:
    """The outcome of one trial; an exception is a crash."""
    try:
        with limited(seconds):
            return trial(seed)
    except OutOfTime:
        return Outcome("slow", f"not judged within {seconds:g} s of processor time")
    except Exception:
        return Outcome("crash", format_exc())


def seeds_for(seconds: float, first: int) -> Iterator[int]:
    """Seeds in turn, until the time is over."""
    end = time.monotonic() + seconds
    seed = first
    while time.monotonic() < end:
        yield seed
        seed += 1


def campaign(trial: Trial, seeds: Iterable[int], tell: Callable[[int, Outcome], None]) -> Counter[tuple[str, str]]:
    """Counts by kind and verdict; `tell` hears of each outcome that has a detail."""
    counts: Counter[tuple[str, str]] = Counter()
    for seed in seeds:
        outcome = tried(trial, seed)
        counts[outcome.kind, outcome.verdict] += 1
        if outcome.detail:
            tell(seed, shrunk(outcome))
    return counts


def shrunk(outcome: Outcome) -> Outcome:
    """The outcome with a smaller reproduction, if there is one and time enough."""
    if outcome.smaller is None:
        return outcome
    try:
        with limited(SHRINKING):
            return replace(outcome, detail=outcome.smaller())
    except (OutOfTime, Exception):
        return outcome


def figures(counts: Counter[tuple[str, str]]) -> str:
    """One line: how many of each."""
    shown = (f"{n} {kind}{f' ({verdict})' if verdict else ''}" for (kind, verdict), n in sorted(counts.items()))
    return f"{counts.total()} trials: " + ", ".join(shown)
