"""What one trial of a fuzzer found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

FAILURES = ("wrong proved", "condition lost", "wrong refuted", "formula lost", "changed", "crash")
KINDS = ("agrees", "unknown", "refused", "slow", "vacuous", "untold", "unsaid", "no value", *FAILURES)


class OutOfTime(BaseException):
    """A trial took too long. Not an Exception: what is judged must not catch it."""


@dataclass(frozen=True)
class Outcome:
    """`kind` is one of KINDS, `verdict` what the engine said, and `detail` what a person needs to see it again.

    `refused` is input that got a clear error in place of a verdict. `slow`, `vacuous` (a proof of what has values nowhere), `untold`
    (one of what the decimals tell nothing of), `unsaid` (a proof where it seems that a side has no value, and no condition says so)
    and `no value` (a counterexample at which a side has none) are told, and are no failures. `condition lost` is a proof that holds
    where a side has no value, and does not say so; `formula lost` is a formula of a document that is neither judged nor told of, and
    `changed` a verdict that is another one beside a row that cannot be read. `smaller` works out a smaller reproduction than `detail`.
    """

    kind: str
    detail: str = ""
    verdict: str = ""
    smaller: Callable[[], str] | None = field(default=None, compare=False)

    @property
    def failed(self) -> bool:
        return self.kind in FAILURES
