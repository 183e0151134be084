"""Work that is counted, not timed: so what is found within a budget is the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass, field

PAIR = 3  # a pair of factors takes a proof as long as so many terms take brute force
MADE = 1_000  # and so does one more `Max` or `Min`, since SymPy compares what is inside


@dataclass(slots=True)
class Effort:
    """What was done by all that share this, counted in terms that brute force evaluates.

    Brute force goes no further than `most`, which each look sets anew.
    """

    done: int = 0
    most: int = 0


@dataclass
class Worlds:
    """What brute force worked out at points, for all that ask about one program: `at` maps a point to its values."""

    effort: Effort = field(default_factory=Effort)
    at: dict[object, object] = field(default_factory=dict)
