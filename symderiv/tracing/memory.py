"""Pieces of memory that several arrays show."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing.beside import UNSURE

MOST_WORK = 100_000  # to find out whether two arrays share memory


@dataclass
class Memory:
    """What arrays that show one piece of memory have in common: how often it was changed, and by whom else it may have been."""

    changes: int = 0
    doubts: list[Memory] = field(default_factory=list)  # what may be the same piece, or not: that depends on the sizes
    stale: str = ""  # where one of these was changed, if it was

    def check(self) -> None:
        """Fails where it is not known what stands there."""
        if self.stale:
            raise TraceError(UNSURE.format(self.stale))


def share(one: object, other: object) -> bool:
    """Whether two arrays of numbers show the same memory."""
    if not isinstance(one, np.ndarray) or not isinstance(other, np.ndarray):
        return False
    try:
        return bool(np.shares_memory(one, other, max_work=MOST_WORK))  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return True


def is_empty(value: object) -> bool:
    return isinstance(value, np.ndarray) and not value.size
