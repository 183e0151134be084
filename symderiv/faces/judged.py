"""A page judged, as plain data: all that the faces (terminal, JSON, reports) draw. No SymPy below this line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from symderiv.language.words import Expected, VerdictName

Slip = Literal["misread", "misfit", "hidden", ""]


@dataclass(frozen=True)
class Formula:
    """One formula, for a terminal and for a typesetter."""

    text: str
    latex: str


@dataclass(frozen=True)
class JudgedCounterexample:
    """Where two sides differ: what has which value, sizes first, and the value of each side as text.

    `formal` tells whether the nodes were taken as independent, or computed from the definitions.
    """

    values: tuple[tuple[Formula, str], ...]
    left: str
    right: str
    formal: bool = False


@dataclass(frozen=True)
class Edit:
    """New text in place of what a document has between two places, lines and columns counted from 1, the end being left out."""

    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True)
class JudgedRepair:
    """A change that makes a step provable: in words, the member as it should read, and which (`right` or `left`) that is.

    `was` is the part that was there, `now` the part in its place; either is none where something is lost or too many. In a
    document `edits` write the repair into it; the LaTeX of the member is then the author's, and `marked` is that with what is
    new in boxes.
    """

    kind: str
    change: Formula
    member: Formula
    side: str = "right"
    was: Formula | None = None
    now: Formula | None = None
    formal: VerdictName = "proved"
    edits: tuple[Edit, ...] = ()
    marked: str = ""

    @property
    def shown(self) -> Formula:
        """The member, repaired, with what is new marked where that is known."""
        return Formula(self.member.text, self.marked or self.member.latex)


@dataclass(frozen=True)
class Damages:
    """What became of a step's damages: how many were refuted, which were proved equivalent, which are neither."""

    refuted: int = 0
    equivalent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def __add__(self, other: Damages) -> Damages:
        return Damages(self.refuted + other.refuted, self.equivalent + other.equivalent, self.unknown + other.unknown)

    def __len__(self) -> int:
        return self.refuted + len(self.equivalent) + len(self.unknown)


@dataclass(frozen=True)
class JudgedStep:
    """One `=`, with its verdict (`proved`, `refuted`, `unknown`) on the graph and formally."""

    left: Formula
    right: Formula
    expected: Expected = "proved"
    note: str = ""
    verdict: VerdictName = "unknown"
    formal: VerdictName = "unknown"
    trivial: bool = False
    side_conditions: tuple[Formula, ...] = ()
    assumptions: tuple[Formula, ...] = ()
    holds_if: tuple[Formula, ...] = ()
    unfolded: tuple[Formula, ...] = ()
    laws: tuple[str, ...] = ()
    counterexample: JudgedCounterexample | None = None
    reason: str = "not judged"
    evidence: str = ""
    damages: Damages | None = None
    repairs: tuple[JudgedRepair, ...] = ()
    follows: str = ""  # the label of an earlier step: this one is wrong because that one is
    again: str = ""  # the label of an earlier step: that one is wrong, and this one right by the member before it
    value: Formula | None = None  # what the left side is, where no repair is small
    hidden: bool = False  # whether a slip is hidden by a zero: true on the graph, wrong formally, and right by a small edit
    misfit: str = ""  # why the step has no meaning as it is written: shapes, or numbers of indices, that do not fit
    misprint: str = ""  # how it must be read to have one
    line: int = 0  # where its right member stands, in a document
    column: int = 0
    given: tuple[Formula, ...] = ()  # the conditions under which a document claims it

    @property
    def slip(self) -> Slip:
        """What is wrong with a step that has no meaning as it is written, or whose slip does not show; empty for any other."""
        return "misread" if self.misprint else "misfit" if self.misfit else "hidden" if self.hidden else ""

    @property
    def as_expected(self) -> bool:
        """Whether the judges said what the page expects."""
        if self.expected == "proved":
            return self.verdict == "proved" and not self.slip
        return self.outcome == "refuted"

    @property
    def outcome(self) -> VerdictName:
        """The verdict that the page's expectation is about."""
        return self.formal if self.expected == "refuted formally" else self.verdict


@dataclass(frozen=True)
class JudgedClaim:
    label: str
    line: int
    steps: tuple[JudgedStep, ...]


@dataclass(frozen=True)
class JudgedDerivation:
    """Sizes and inputs in words, definitions in order, claims."""

    title: str
    source: str
    declarations: tuple[tuple[Formula, str], ...]  # (what, "a size" / "an input, positive" / ...)
    definitions: tuple[Formula, ...]
    claims: tuple[JudgedClaim, ...]


@dataclass(frozen=True)
class Problem:
    """A part of a document that could not be read: where, why, and as written."""

    line: int
    column: int
    message: str
    written: str


@dataclass(frozen=True)
class WrittenFormula:
    """A formula of a document, in order: a `definition`, a `claim`, a `remark`, or `unread`; and the steps of the page that are in it."""

    kind: str
    latex: str
    line: int
    column: int
    steps: tuple[int, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class JudgedPage:
    """A file judged: `error` is set, and the rest empty, if it could not be read; `problems` are the parts of it that could not.

    `remarks` are equations that were read and are not judged, and why; `taken` are the declarations that nobody wrote and that
    were taken from the text, as lines of a block.
    """

    name: str
    file: str
    derivations: tuple[JudgedDerivation, ...] = field(default=())
    error: str | None = None
    problems: tuple[Problem, ...] = ()
    formulas: tuple[WrittenFormula, ...] = ()
    remarks: tuple[Problem, ...] = ()
    taken: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[JudgedStep, ...]:
        return tuple(s for d in self.derivations for c in d.claims for s in c.steps)

    @property
    def verdict(self) -> VerdictName | Literal["error"]:
        """`refuted` if a step is not as expected and not merely unknown; `error` if a part could not be read; `unknown`; else `proved`."""
        if self.error is not None:
            return "error"
        off = [s for s in self.steps if not s.as_expected]
        if any(s.slip or s.outcome != "unknown" for s in off):
            return "refuted"
        if self.problems:
            return "error"
        return "unknown" if off else "proved"

    def with_steps(self, judged: dict[int, JudgedStep]) -> JudgedPage:
        """The page with some of its steps, counted through the whole page, replaced."""
        count = iter(range(len(self.steps)))
        derivations = tuple(
            replace(d, claims=tuple(replace(c, steps=tuple(judged.get(next(count), s) for s in c.steps)) for c in d.claims))
            for d in self.derivations
        )
        return replace(self, derivations=derivations)
