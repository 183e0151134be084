"""What was understood of a document so far, and how what was not is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from symderiv.documents.inferring.taken import Taken
from symderiv.documents.marking.readings import AsWritten, Member
from symderiv.documents.marking.stated import Stated
from symderiv.documents.meaning.scope import Scope
from symderiv.documents.syntax.grammar import read
from symderiv.documents.syntax.tokens import Macro
from symderiv.documents.syntax.tree import (
    Chain,
    Span,
)
from symderiv.documents.text.source import Snippet
from symderiv.errors import FormulaError, SymderivError
from symderiv.faces.judged import Problem, WrittenFormula


@dataclass
class Making:
    """A document on its way: what was understood so far."""

    scope: Scope
    macros: dict[str, Macro]
    folder: Path
    problems: list[Problem] = field(default_factory=list)
    said: list[AsWritten] = field(default_factory=list)
    before: Member | None = None  # what a row that begins with = goes on from
    waits: bool = False  # whether the last row ended in =
    formulas: list[WrittenFormula] = field(default_factory=list)
    label: str = ""
    used: set[str] = field(default_factory=set)
    announced: dict[str, tuple[int, str]] = field(default_factory=dict)  # where objectives were declared
    waiting: list[tuple[Member, Member, Problem]] = field(default_factory=list)  # definitions that use what is defined only later
    writes_sums: bool = False  # whether the text has a Σ
    stated: list[Stated] = field(default_factory=list)  # equations that the text takes for granted
    zero_unread: bool = False  # whether a derivative is set to zero that was not read
    remarks: list[Problem] = field(default_factory=list)  # what there is to say of what is passed over
    taken: list[Taken] = field(default_factory=list)  # what the text says of its own names
    took: list[str] = field(default_factory=list)  # as much of it as was taken in
    lost: frozenset[tuple[int, int]] = frozenset()  # where definitions stand that wait for what is never defined
    sentence: tuple[Chain, ...] | FormulaError = ()  # the conditions that the prose has said so far, or why they are not understood
    spent: bool = False  # whether a formula stood under them
    listed: tuple[Chain, ...] | FormulaError = ()  # those that the items of a list stand under
    assumed: tuple[Chain, ...] = ()  # what the prose assumes from there on, up to the next heading
    headed: tuple[
        tuple[int, tuple[Chain, ...], str], ...
    ] = ()  # the conditions that headings say, how deep these are, or why it is not clear
    heading: str | None = None  # the words of the heading so far
    depth: int = 0  # how deep the heading is
    assuming: bool = False  # whether it did so just now
    letting: bool = False  # whether the formula that comes next is an equation which it assumes too
    doubts: tuple[tuple[tuple[Chain, ...], str], ...] = ()  # what it assumes in a way that is not understood, and how
    words: str = ""  # the sentence so far
    led: bool = False  # whether it begins with a condition, so that something must hold under that
    untold: Problem | None = None  # a condition that is not understood, and of which no formula has told so far
    open: tuple[Snippet, int] | None = None  # the row that ended in =, if nothing went on from it yet
    known: dict[str, tuple[Chain, ...]] = field(default_factory=dict)  # formulas that were looked at before they are taken in

    def chains_of(self, snippet: Snippet) -> tuple[Chain, ...]:
        """What a formula states; nothing if it cannot be read, which is told where it is taken in."""
        if snippet.latex not in self.known:
            try:
                self.known[snippet.latex] = read(snippet.latex, self.macros).chains
            except FormulaError:
                self.known[snippet.latex] = ()
        return self.known[snippet.latex]


def problem(error: SymderivError, snippet: Snippet, within: Span = (0, 0)) -> Problem:
    """What is to be said of an error, with its place; that of what it stands within, if it has none itself."""
    at = getattr(error, "at", (0, 0))
    at = within if at == (0, 0) else at
    line, column = snippet.place(at[0])
    return Problem(line, column, str(error), snippet.latex[slice(*at)] or snippet.latex)
