"""Each fuzzer for a short while, from a seed that is printed; `make fuzz MINUTES=n` runs them for long. Each is also seen to say no."""

from __future__ import annotations

import random

import pytest
from fuzz.campaign import FUZZERS, campaign, figures, tried
from fuzz.outcome import FAILURES, KINDS, Outcome

TRIALS = {"programs": 20, "documents": 4, "snippets": 20}  # a few seconds each


@pytest.mark.parametrize("name", FUZZERS)
def test_no_verdict_is_wrong(name: str) -> None:
    first = random.randrange(10**9)
    failed: list[str] = []

    def tell(seed: int, outcome: Outcome) -> None:
        if outcome.failed:
            failed.append(f"python -m fuzz {name} --only {seed}: {outcome.kind}\n{outcome.detail}")

    counts = campaign(FUZZERS[name], range(first, first + TRIALS[name]), tell)
    print(f"{name}, from seed {first}: {figures(counts)}")
    assert not failed, "\n\n".join(failed)
    assert {kind for kind, _ in counts} <= set(KINDS)


def test_a_crash_is_told_and_no_trial_takes_for_ever() -> None:
    def crashes(seed: int) -> Outcome:
        raise ValueError(f"seed {seed}")

    def hangs(seed: int) -> Outcome:
        while True:
            pass

    assert tried(crashes, 3).kind == "crash"
    assert "ValueError: seed 3" in tried(crashes, 3).detail
    assert tried(hangs, 3, seconds=0.01).kind == "slow"


@pytest.mark.parametrize("kind", FAILURES)
def test_what_is_wrong_is_counted_as_a_failure(kind: str) -> None:
    assert Outcome(kind).failed
    assert not Outcome("agrees").failed
