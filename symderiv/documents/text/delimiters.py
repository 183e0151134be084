"""Where formulas and macro definitions begin and end in a text: dollars, brackets, environments, braces."""

from __future__ import annotations

import re
from dataclasses import dataclass

BODY = 10_000  # characters of a macro
NAME = r"\\(?:[a-zA-Z]+|[^a-zA-Z\s])"
DEFINE = r"(?P<define>\\(?:(?:re)?newcommand|providecommand|DeclareMathOperator|[gex]?def)(?![a-zA-Z]))"
DEFINITION = re.compile(
    rf"""\\(?:(?:(?:re)?newcommand|providecommand|(?P<operator>DeclareMathOperator))(?P<star>\*)?\s*+
    (?:\{{\s*+(?P<braced>{NAME})\s*+\}}|(?P<bare>{NAME}))\s*+(?:\[\s*+(?P<count>\d)\s*+\])?+\s*+(?P<default>\[[^\]\n]*+\])?+\s*+
    |[gex]?def\s*+(?P<defined>{NAME})(?P<pattern>[^{{}}\n]{{0,99}}+))(?=\{{)""",
    re.VERBOSE,
)
BRACES = re.compile(r"\\.|%[^\n]*|[{}]", re.DOTALL)


def group_end(text: str, at: int) -> int | None:
    """The end of the group that begins at a brace, or None if it is not closed in good time."""
    depth = 0
    for brace in BRACES.finditer(text, at, at + BODY):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0 and brace[0] == "}":
            return brace.end()
    return None


ENVIRONMENT = (
    r"(?:equation|align|gather|multline|eqnarray|alignat|flalign|displaymath|math|dmath|IEEEeqnarray|xalignat|dgroup|darray|empheq)\*?"
)
OPENER = re.compile(rf"\$\$?|\\\\?[\[(]|\\begin\s*+\{{{ENVIRONMENT}\}}")
CLOSERS = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]", "\\\\(": "\\\\)", "\\\\[": "\\\\]"}
WORDS = r"\\(?:text[a-z]*|mbox|hbox|intertext)\s*+\{(?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.)*+\})*+\}"
MARKDOWN = re.compile(rf"{WORDS}|\\(?:begin|end)\s*+\{{\w+\*?\}}|\\.|\$\$?", re.DOTALL)
LATEX = re.compile(rf"{MARKDOWN.pattern}|%[^\n]*", re.DOTALL)
MARKDOWN_COMMENTS = re.compile(rf"(?P<comment>(?<!\S)%[^\n]*)|{DEFINE}|\\.", re.DOTALL)
LATEX_COMMENTS = re.compile(rf"(?P<comment>%[^\n]*)|{DEFINE}|\\.", re.DOTALL)
BLANK = re.compile(r"\n(?:[ \t]*+\n)++")
NO_MATHS = re.compile(r"(?<!\\)\$|^(?:```|~~~|#)|(?<![\\A-Za-z{])[a-z]{4,}+(?![A-Z(_^{])", re.MULTILINE)
MATHS = re.compile(r"\\[^$]|[\^_=+&{}]")


@dataclass(frozen=True)
class Delimited:
    """Where a formula is: its opener, its text, and what comes after; with `closed` false, only an opener."""

    opened: int
    start: int
    end: int
    after: int
    display: bool
    closed: bool = True


def find(text: str, at: int, stops: re.Pattern[str]) -> Delimited | None:
    """The formula that begins at `at`, or None if none does. In Markdown a lone dollar or bracket may be one of prose."""
    opening = OPENER.match(text, at)
    if opening is None or (stops is LATEX and opening[0].startswith("\\\\")):
        return None
    opener = re.sub(r"\s", "", opening[0])
    whole = opener.startswith("\\begin")
    display = opener.endswith(("$$", "[", "}")) and opener != "\\begin{math}"
    start = opening.end()
    closing = _closing(text, start, opener, opener.replace("begin", "end") if whole else CLOSERS[opener], stops)
    prose = stops is MARKDOWN and (
        _prose(text, at, start, closing) if opener in ("$", "\\(", "\\\\(") else opener.endswith("[") and _bracket(text, at, start, closing)
    )
    if prose:
        return None
    if closing is None:
        return Delimited(at, start, start, start, display, closed=False)
    if stops is MARKDOWN and opener == "$" and re.fullmatch(r"`[^`]+`", text[start : closing[0]]):
        return Delimited(at, start + 1, closing[0] - 1, closing[1], display)
    return Delimited(at, at if whole else start, closing[1] if whole else closing[0], closing[1], display)


def _closing(text: str, at: int, opener: str, closer: str, stops: re.Pattern[str]) -> tuple[int, int] | None:
    """The span of what closes a formula. Prose between is taken to mean that nothing does."""
    if closer.startswith("\\\\"):
        again = text.find(opener, at)
        end = text.find(closer, at, again if again >= 0 else len(text))
        return None if end < 0 else (end, end + len(closer))
    for stop in stops.finditer(text, at):
        mark = re.sub(r"\s", "", stop[0]) if stop[0].startswith(("\\begin", "\\end")) else stop[0]
        if mark == closer or (closer == "$" and mark == "$$"):
            inside = text[at : stop.start()]
            chunks = BLANK.split(inside if closer == "$" else inside.strip())[1:]
            broken = chunks and (stops is LATEX or closer == "$" or not all(map(_maths, chunks)))
            return None if broken else (stop.start(), stop.start() + len(closer) if closer == "$" else stop.end())
        if mark == opener:
            return None
    return None


def _maths(chunk: str) -> bool:
    """Whether lines after a blank one can still be of the formula: they have no words, and no marks of other blocks."""
    return MATHS.search(chunk) is not None and not NO_MATHS.search(re.sub(WORDS, "", chunk, flags=re.DOTALL))


def _prose(text: str, at: int, start: int, closing: tuple[int, int] | None) -> bool:
    """Whether a dollar is money, or closes nothing: `$5 or $10`, `100$ and 200$`."""
    if closing is None:
        line = text[start:].partition("\n")[0]
        return text[at:start] != "$" or "$" in line or re.match(r"[A-Za-z\\{(|][^.?!]*=", line) is None
    if not text[start : closing[0]].strip():
        return True
    inside = text[start : closing[0]]
    after, before = text[closing[1] : closing[1] + 1], text[max(0, at - 1) : at]
    money = after.isdigit() or (inside[0].isdigit() and inside[-1].isspace()) or (before.isdigit() and inside[0].isspace())
    return money and not MATHS.search(inside)


def _bracket(text: str, at: int, start: int, closing: tuple[int, int] | None) -> bool:
    """Whether an escaped bracket is one of prose: `see \\[12\\]`."""
    begins = re.search(r"(?:^|\n)[ \t]*$", text[max(0, at - 40) : at]) is not None
    if closing is None:
        return not begins
    alone = begins and re.match(r"[ \t]*(?:\n|$)", text[closing[1] :]) is not None
    return MATHS.search(text[start : closing[0]]) is None and not alone
