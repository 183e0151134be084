"""What a step is marked with: one row for each mark, from which all faces are drawn. The first row that fits a step is its mark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from symderiv.errors import shortened
from symderiv.faces.judged import JudgedStep
from symderiv.language.words import VerdictName

Look = Literal["good", "unsure", "bad"]
Level = Literal["error", "warning"]
Element = Literal["failure", "error"]

SYMBOLS: dict[VerdictName, str] = {"proved": "✓", "refuted": "✗", "unknown": "?"}
LOOKS: dict[VerdictName, Look] = {"proved": "good", "refuted": "bad", "unknown": "unsure"}
SENSES: dict[tuple[VerdictName, VerdictName], str] = {
    ("proved", "proved"):   "Holds formally",
    ("proved", "refuted"):  "Holds on the graph only, by the definitions of its nodes: formally it is refuted",
    ("proved", "unknown"):  "Holds on the graph; formally unknown",
    ("refuted", "refuted"): "Fails on the graph and formally",
    ("refuted", "unknown"): "Fails on the graph; formally unknown",
    ("unknown", "refuted"): "Unknown on the graph; formally it is refuted",
    ("unknown", "unknown"): "Unknown on the graph and formally",
}  # fmt: skip
WORST: dict[Look, VerdictName] = {"bad": "refuted", "unsure": "unknown", "good": "proved"}


@dataclass(frozen=True)
class Rule:
    """A kind of finding: its level on GitHub and in SARIF, its element in JUnit, what it means and what to do."""

    name: str
    level: Level
    element: Element
    short: str
    full: str
    help: str


@dataclass(frozen=True)
class Mark:
    """A row: its name where steps are counted, the word beside a step, the verdict in whose colour and with whose symbol it is drawn,
    how it looks where the page does not expect it, which steps it fits, what it is to machines, the sentence for people, and its sense,
    where that is not told by the two verdicts.

    What needs no mending has no rule and no sentence.
    """

    name: str
    word: str
    shade: VerdictName
    look: Look
    fits: Callable[[JudgedStep], bool]
    rule: Rule | None = None
    sentence: Callable[[JudgedStep], str] = lambda _: ""
    sense: str = ""

    @property
    def symbol(self) -> str:
        return SYMBOLS[self.shade]


def _meaningless(step: JudgedStep) -> str:
    said = f"as written it has no meaning: {shortened(step.misfit)}"
    return said + f"; with {step.misprint} it is {step.outcome}" * bool(step.misprint)


def _open(step: JudgedStep) -> str:
    return f"neither proved nor refuted: {shortened(step.reason)}" + (f" ({shortened(step.evidence)})" if step.evidence else "")


def _stale(step: JudgedStep) -> str:
    return f"expected to be {step.expected}, but it is {step.outcome}; take the erratum away, or state what the source prints: {step.note}"


PROVED = Mark("proved", "proved", "proved", "good", lambda s: s.expected == "proved" and s.as_expected)
MARKS = (
    PROVED,
    Mark("refuted as expected", "refuted", "refuted", "good", lambda s: s.expected != "proved" and s.as_expected and not s.slip),
    Mark(
        "misread",
        "misread",
        "refuted",
        "bad",
        lambda s: bool(s.misprint),
        Rule(
            "misread",
            "error",
            "failure",
            "A step has a meaning in another reading only.",
            "Shapes, or numbers of indices, do not fit as written; the message says in which reading they do, and what the step is then.",
            "Correct the name, the index or the product that the message names.",
        ),
        _meaningless,
    ),
    Mark(
        "misfit",
        "misfit",
        "refuted",
        "bad",
        lambda s: bool(s.misfit),
        Rule(
            "misfit",
            "error",
            "failure",
            "A step has no meaning as it is written.",
            "Shapes, or numbers of indices, do not fit, and no other reading was found in which they do.",
            "Correct the name, the index or the product that the message names.",
        ),
        _meaningless,
        "Neither holds nor fails",
    ),
    Mark(
        "hidden",
        "hidden",
        "refuted",
        "bad",
        lambda s: s.hidden,
        Rule(
            "hidden",
            "error",
            "failure",
            "A step has a slip that does not show.",
            "Both sides are 0 once the definitions are put in, and formally, as an identity in the names, they differ.",
            "Correct the step as the repair says.",
        ),
        lambda _: "a slip that does not show: both sides are 0 on the graph, and formally they differ",
    ),
    Mark(
        "refuted",
        "refuted",
        "refuted",
        "bad",
        lambda s: s.expected == "proved" and s.outcome == "refuted",
        Rule(
            "refuted",
            "error",
            "failure",
            "A step is refuted.",
            "The two sides of the step differ: the counterexample has sizes and values at which they do.",
            "Correct the step. If the source prints it so, mark it as an erratum.",
        ),
        lambda _: "refuted; the two sides differ",
    ),
    Mark(
        "proved against expectation",
        "proved",
        "proved",
        "bad",
        lambda s: s.outcome == "proved",
        Rule(
            "unexpectedly-proved",
            "error",
            "failure",
            "An erratum is proved.",
            "The page expects the step to be refuted, but it is proved for every size.",
            "Take the erratum away, or state what the source prints.",
        ),
        _stale,
    ),
    Mark(
        "unknown",
        "unknown",
        "unknown",
        "unsure",
        lambda s: s.outcome == "unknown",
        Rule(
            "unknown",
            "warning",
            "error",
            "A step is neither proved nor refuted.",
            "No proof and no counterexample was found; the reason says why. Agreement at many points is not a proof.",
            "State the steps between, or raise the limit that the reason names.",
        ),
        _open,
    ),
)
UNREADABLE = Rule(
    "unreadable",
    "error",
    "error",
    "A page, or a formula of it, could not be read.",
    "The page is missing or fails, or it is not understood there; what could not be read is not judged.",
    "Correct the line that the message names.",
)
RULES = (*(mark.rule for mark in MARKS if mark.rule is not None), UNREADABLE)


def mark_of(step: JudgedStep) -> Mark:
    """The first row that fits."""
    return next(mark for mark in MARKS if mark.fits(step))


def sense_of(step: JudgedStep) -> str:
    """In which senses a step holds."""
    return mark_of(step).sense or SENSES.get((step.verdict, step.formal), "")


def look(step: JudgedStep) -> Look:
    """Good when as expected, else as its mark."""
    return "good" if step.as_expected else mark_of(step).look


def rule_of(step: JudgedStep) -> Rule | None:
    """What kind of finding a step is; none when as expected."""
    return None if step.as_expected else mark_of(step).rule


def verdict_of(steps: Iterable[JudgedStep]) -> VerdictName:
    """`refuted` if a step is not as expected and not merely unknown; `unknown` if one is unknown; else `proved`."""
    return WORST[worst(steps)]


def worst(steps: Iterable[JudgedStep]) -> Look:
    looks = set(map(look, steps))
    return next((found for found in WORST if found in looks), "good")


def as_written(step: JudgedStep) -> VerdictName:
    """A step's verdict on the graph; what is misread or hidden is wrong as written, whatever it comes to."""
    return mark_of(step).shade if step.slip else step.verdict


def words(step: JudgedStep) -> str:
    """The word beside a step, with what the page expected of it."""
    mark = mark_of(step)
    if step.slip or step.expected == "proved":
        return mark.word
    formally = "formally " * (step.expected == "refuted formally")
    return f"{formally}{mark.word}, {'as expected' if step.as_expected else 'refutation expected'}"


def counted(steps: Iterable[JudgedStep]) -> Iterator[tuple[Mark, int]]:
    """How many steps have which mark, in the order of the rows."""
    counts = Counter(mark_of(s).name for s in steps)
    yield from ((mark, counts[mark.name]) for mark in MARKS if counts[mark.name])
