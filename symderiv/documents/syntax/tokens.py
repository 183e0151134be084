"""The tokens of a formula, and the macros of the author put in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from symderiv.documents.syntax.tree import Span
from symderiv.errors import FormulaError

LENGTH = 20_000  # characters of a formula, after expansion
NESTING = 30
DIGITS = 40
MACRO_DEPTH = 20

CONTROL = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
TAKES_ARGUMENT = re.compile(r"\\(?:[dt]?frac|[dt]?binom|sqrt|over(?:set|line)|underset|stackrel)\s*(?:\{[^{}]*\}\s*)?$")
ENDS_IN_COMMAND = re.compile(r"\\[A-Za-z]+$")


@dataclass(frozen=True)
class Macro:
    """What a command of the author stands for: its body, with `#1` to `#9` for as many parameters."""

    parameters: int
    body: str


@dataclass(slots=True)
class Token:
    """A token; `mate` closes what it opens, `place` counts tokens, and `type` is the terminal of the grammar that it is in the end."""

    kind: str
    text: str
    span: Span
    mate: Token | None = field(default=None, repr=False)
    place: int = 0
    type: str = ""


@dataclass(frozen=True)
class Expanded:
    """A formula without macros, and for each character its span in the formula as written."""

    text: str
    origins: list[Span] | None = None

    def span(self, start: int, end: int) -> Span:
        """Where characters of the expanded text stand in the formula as written."""
        if self.origins is None:
            return start, end
        if start >= len(self.origins):
            last = self.origins[-1][1] if self.origins else 0
            return last, last
        parts = self.origins[start : max(end, start + 1)]
        return min(a for a, _ in parts), max(b for _, b in parts)


def expand(latex: str, macros: Mapping[str, Macro]) -> Expanded:
    """The formula with its macros put in. Fails on one without its arguments, one in itself, and where the result is too long."""
    if len(latex) > LENGTH:
        raise FormulaError(f"a formula of {len(latex)} characters; at most {LENGTH} are read: break it into several", (0, len(latex)))
    if not any(name in latex for name in macros):
        return Expanded(latex)
    expansion = _Expansion(macros)
    expansion.take(latex, [(k, k + 1) for k in range(len(latex))], 0)
    return Expanded("".join(expansion.pieces), expansion.origins)


class _Expansion:
    """Pieces of expanded text, and where their characters come from."""

    def __init__(self, macros: Mapping[str, Macro]) -> None:
        self.macros = macros
        self.pieces: list[str] = []
        self.origins: list[Span] = []
        self.spent = 0

    def add(self, piece: str, origins: list[Span]) -> None:
        self.pieces.append(piece)
        self.origins += origins

    def take(self, text: str, origins: list[Span], depth: int) -> None:
        """Add a text, its macros expanded."""
        at = 0
        while (found := CONTROL.search(text, at)) is not None:
            start, end = found.span()
            self.add(text[at:start], origins[at:start])
            at = end
            macro = self.macros.get(found[0])
            if macro is not None:
                at = self.put(found[0], macro, text, origins, start, end, depth)
            else:
                self.add(found[0], origins[start:end])
        self.add(text[at:], origins[at:])

    def put(self, name: str, macro: Macro, text: str, origins: list[Span], start: int, end: int, depth: int) -> int:
        """Add what a macro stands for; where its last argument ends."""
        arguments = []
        for _ in range(macro.parameters):
            first, end = _argument(name, text, origins, start, end)
            arguments.append((first, end))
        use = (min(a for a, _ in origins[start:end]), max(b for _, b in origins[start:end]))
        if depth >= MACRO_DEPTH:
            raise FormulaError(f"{name} stands for itself, or for macros more than {MACRO_DEPTH} deep", use)
        body, places = "", []
        for piece in re.split(r"(#[1-9])", macro.body):
            if piece[:1] == "#" and len(piece) == 2 and int(piece[1]) <= len(arguments):
                first, last = arguments[int(piece[1]) - 1]
                inner = (first + 1, last - 1) if text[first : first + 1] == "{" else (first, last)
                gap = " " * bool(ENDS_IN_COMMAND.search(body) and text[slice(*inner)][:1].isalpha())
                body += gap + text[slice(*inner)]
                places += [use] * len(gap) + origins[slice(*inner)]
            else:
                body += piece
                places += [use] * len(piece)
        if ENDS_IN_COMMAND.search(body) and text[end : end + 1].isalpha():
            body += " "
            places.append(use)
        before = "".join(self.pieces[-8:])
        if TAKES_ARGUMENT.search(before) and len(body) > 1 and not body.startswith("{"):
            body, places = f"{{{body}}}", [use, *places, use]
        elif ENDS_IN_COMMAND.search(before) and body[:1].isalpha():
            body, places = f" {body}", [use, *places]
        self.spent += 1 + len(body)
        if self.spent > LENGTH:
            raise FormulaError(f"with its macros this formula has more than {LENGTH} characters: break it into several", use)
        self.take(body, places, depth + 1)
        return end


def _argument(name: str, text: str, origins: list[Span], start: int, at: int) -> Span:
    """Where the next argument of a macro stands, its braces included."""
    at += len(text[at:]) - len(text[at:].lstrip())
    if at >= len(text):
        raise FormulaError(f"{name} wants an argument: write {name}{{...}}", (origins[start][0], origins[-1][1]))
    if text[at] != "{":
        found = CONTROL.match(text, at)
        return at, found.end() if found else at + 1
    end = group_end(text, at)
    if end is None:
        raise FormulaError(f"the argument of {name} has no end: a }} is missing", (origins[start][0], origins[-1][1]))
    return at, end


BRACES = re.compile(r"\\.|[{}]", re.DOTALL)


def group_end(text: str, start: int) -> int | None:
    """One past the brace that closes the one at `start`; None if there is none."""
    depth = 0
    for found in BRACES.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return None
