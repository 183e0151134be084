"""Names by what belongs to them: which letters below a name are positions, and which are a part of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from symderiv.documents.inferring.occurrences import Occurrence, Seen
from symderiv.documents.meaning.scope import MARKS
from symderiv.documents.meaning.spelling import name_of, spelled_or_none
from symderiv.documents.syntax.tree import Fenced, Name, Number, Scripted, Tree

CUSTOMARY = frozenset("ijk")  # letters that are positions wherever they stand below a name


@dataclass(frozen=True)
class Use:
    """A name where it stands, with its positions; what else is around it belongs to the name."""

    at: Occurrence
    positions: tuple[Tree, ...]

    @property
    def is_definition(self) -> bool:
        """Whether an equation may define the name here: alone on the left side, with no number for a position."""
        return (
            self.at.defines and not self.at.primes and not self.at.differentiated and not any(isinstance(p, Number) for p in self.positions)
        )


@dataclass(frozen=True)
class Slot:
    """A place below a name: the n-th of so many."""

    word: str
    below: int
    n: int


def uses_in(seen: Seen) -> dict[str, list[Use]]:
    """The uses of each name, in order."""
    slots = _letters_of_slots(seen)
    arrays = {o.word for o in seen.occurrences if o.letters and _all_positions(o, slots)}
    uses: dict[str, list[Use]] = defaultdict(list)
    for o in seen.occurrences:
        key, positions = _parted(o, slots, arrays)
        if key is not None:
            uses[key].append(Use(o, positions))
    return {
        _squared(key, found): [_without_square(use) if _squared(key, found) != key else use for use in found] for key, found in uses.items()
    }


def index_letters(seen: Seen) -> frozenset[str]:
    """The letters that are positions for sure, of sums and of ranges, and those that are by custom."""
    return _letters_of_ranges(seen) | CUSTOMARY


def _letters_of_ranges(seen: Seen) -> frozenset[str]:
    moved = {letter for o in seen.occurrences for n, (letter, *_) in o.letters.items() if not isinstance(o.positions[n], Name)}  # t - 1
    return frozenset({limits.letter[0] for limits in seen.limits} | set(seen.said) | moved)


def _letters_of_slots(seen: Seen) -> dict[Slot, frozenset[str]]:
    """The letters that are positions, by where they stand: all of a place in which one is so for sure.

    Where none is, those that are so by custom are, unless others stand there too: `W_f, W_i, W_o` are three names.
    """
    sure = _letters_of_ranges(seen)
    letters: dict[Slot, set[str]] = defaultdict(set)
    for o in seen.occurrences:
        for n, (letter, *_) in o.letters.items():
            letters[Slot(o.word, len(o.positions), n)].add(letter)
    return {slot: frozenset(found if found & sure or found <= CUSTOMARY else ()) for slot, found in letters.items()}


def _all_positions(o: Occurrence, slots: Mapping[Slot, frozenset[str]]) -> bool:
    return all(
        isinstance(p, Number) or (n in o.letters and o.letters[n][0] in slots[Slot(o.word, len(o.positions), n)])
        for n, p in enumerate(o.positions)
    )


def _parted(o: Occurrence, slots: Mapping[Slot, frozenset[str]], arrays: set[str]) -> tuple[str | None, tuple[Tree, ...]]:
    """A name with what belongs to it, and its positions; None where that cannot be told."""
    part_of_it = o.above is not None and (isinstance(o.above, Fenced) or spelled_or_none(o.above) in MARKS)
    above = spelled_or_none(o.above) if part_of_it else ""
    if above is None:
        return None, ()
    if not o.positions or (_all_positions(o, slots) and (o.letters or o.word in arrays)):
        return name_of(o.word, "", above), o.positions
    below = spelled_or_none(o.tree.sub) if isinstance(o.tree, Scripted) else None
    return (None if below is None else name_of(o.word, below, above)), ()


def _squared(key: str, uses: list[Use]) -> str:
    """`\\sigma^2` as a name of its own where it is never without its square, and something is made of it as it stands."""
    always = all(use.at.above == Number("2") for use in uses)
    return f"{key}^2" if always and any(use.at.defines or use.at.by for use in uses) else key


def _without_square(use: Use) -> Use:
    return replace(use, at=replace(use.at, above=None))
