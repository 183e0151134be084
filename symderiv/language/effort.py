"""Work that is counted, not timed: so what is found within a budget is the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Effort:
    """The terms that brute force evaluated and the pairs of factors that proofs looked at, for all that share this.

    Brute force goes no further than `most`, which each look sets anew.
    """

    done: int = 0
    most: int = 0


@dataclass
class Worlds:
    """What brute force worked out at points, for all that ask about one program: `at` maps a point to its values."""

    effort: Effort = field(default_factory=Effort)
    at: dict[object, object] = field(default_factory=dict)
