"""The state of a scan: where it is, what it found, and what is open."""

from __future__ import annotations

import re
from dataclasses import dataclass

from symderiv.documents.syntax.tokens import NESTING, Expanded, Token, group_end
from symderiv.documents.syntax.tree import Span
from symderiv.errors import FormulaError

ENDS_OPERAND = frozenset(("NAME", "NUMBER", "RB", "CLOSE", "PRIMES", "TEXT", "DOTS", "ENDTABLE"))
BREAKS = frozenset(("SIGN", "REL", "SEP", "COMMA", "ROW", "AMP"))
NESTS = frozenset(("BIG", "FUNC", "LIMITED", "DIFF", "D", "LOOSE_D", "ACCENT", "SQRT", "UNDER"))
BLANK = re.compile(r"\s*")


@dataclass(slots=True)
class Frame:
    """What is open: its kind, how commas and breaks in it are read (row, list, cells or stack), and the token that opened it.

    `base` and `depth` count what is nested, up to the frame and in it; in a script, `script` is true.
    `cells` counts the & of a row, `columns` the most equations that stand side by side.
    """

    kind: str
    mode: str
    opened: Token
    script: bool = False
    base: int = 0
    depth: int = 0
    cells: int = 0  # in a row of an environment
    columns: int = 1


class Scan:
    """A formula on its way to tokens; what is being read stands from `start` to `at`."""

    def __init__(self, expanded: Expanded, start: int) -> None:
        self.expanded, self.text = expanded, expanded.text
        self.start = self.at = start
        self.tokens: list[Token] = []
        self.label = ""
        self.frames = [Frame("formula", "row", Token("START", "", (0, 0)))]

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    @property
    def last(self) -> str:
        """The kind of the last token."""
        return self.tokens[-1].kind if self.tokens else ""

    def span(self) -> Span:
        return self.expanded.span(self.start, self.at)

    def here(self) -> str:
        return self.text[self.start : self.at]

    def fail(self, message: str) -> FormulaError:
        return FormulaError(message, self.span())

    def add(self, kind: str, text: str) -> Token:
        token = Token(kind, text, self.span(), place=len(self.tokens))
        self.tokens.append(token)
        if kind in BREAKS:
            self.frame.depth = self.frame.base
        elif kind in NESTS:
            self.frame.depth += 1
            self.check_depth(self.frame.depth)
        return token

    def check_depth(self, depth: int) -> None:
        if depth > NESTING:
            raise self.fail(f"nested more than {NESTING} deep: name a part of the formula, and use the name")

    def open(self, kind: str, mode: str, opened: Token, script: bool = False) -> None:
        depth = self.frame.depth + 1
        self.check_depth(depth)
        self.frames.append(Frame(kind, mode, opened, script or self.frame.script, depth, depth))

    def close(self, *kinds: str) -> Token:
        """The token that opened what ends here. Fails when something else is open, or nothing."""
        self.settle()
        frame = self.frame
        if frame.kind not in kinds:
            what = "nothing is open" if frame.kind == "formula" else f"{frame.opened.text or '{'} is still open"
            raise self.fail(f"{self.here()} closes nothing here: {what}")
        self.frames.pop()
        return frame.opened

    def pair(self, opened: Token, kind: str, text: str) -> None:
        """Add the token that closes another."""
        opened.mate = self.add(kind, text)
        opened.mate.mate = opened

    def settle(self) -> None:
        """Bars that were not closed stand in the middle: p(x | y)."""
        while self.frame.kind == "maybe":
            self.frames.pop().opened.kind = "MID"

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Read on past a pattern, if it stands here."""
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def peek(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        return pattern.match(self.text, self.at)

    def content(self, command: str) -> str:
        """What stands in braces after a command. Fails when nothing does."""
        self.take(BLANK)
        end = group_end(self.text, self.at) if self.text[self.at : self.at + 1] == "{" else None
        if end is None:
            raise self.fail(f"{command} wants something in braces after it: {command}{{...}}")
        first, self.at = self.at + 1, end
        return self.text[first : end - 1]
