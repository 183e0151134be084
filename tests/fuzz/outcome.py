"""What one trial of a fuzzer found."""

from __future__ import annotations

from dataclasses import dataclass

FAILURES = ("wrong proved", "wrong refuted", "crash")
KINDS = ("agrees", "unknown", "refused", "slow", *FAILURES)


@dataclass(frozen=True)
class Outcome:
    """`kind` is one of KINDS, `verdict` what the engine said, and `detail` what a person needs to see it again.

    `refused` is input that got a clear error in place of a verdict; `slow` is told, and is no failure.
    """

    kind: str
    detail: str = ""
    verdict: str = ""

    @property
    def failed(self) -> bool:
        return self.kind in FAILURES
