"""A document as it was written: its formulas with their places, its declaration blocks and its macros; nothing of what they mean."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from markdown_it.token import Token

from symderiv.documents.syntax.tokens import Macro
from symderiv.documents.text.delimiters import (
    DEFINE,
    DEFINITION,
    ENVIRONMENT,
    LATEX,
    LATEX_COMMENTS,
    MARKDOWN_COMMENTS,
    OPENER,
    Delimited,
    find,
    group_end,
)
from symderiv.documents.text.markdown import READER
from symderiv.errors import PageError
from symderiv.paths.kinds import is_latex

BYTES = 1 << 20
LINES = 50_000
FORMULAS = 10_000
MACROS = 2_000
PROBLEMS = 100
MOST_INLINE = 8  # formulas within a sentence


@dataclass(frozen=True)
class Snippet:
    """A formula as written, without the dollars around it; an environment is whole. Comments and macro definitions are left out.

    `before` and `after` are the words around it, up to the formulas beside it; `around` those up to the displayed ones.
    """

    latex: str
    display: bool
    line: int
    column: int
    runs: tuple[tuple[int, int, int], ...] = field(default=(), compare=False, repr=False)  # offset, line, column where slices begin
    before: str = field(default="", compare=False, repr=False)
    after: str = field(default="", compare=False, repr=False)
    around: tuple[str, str] = field(default=("", ""), compare=False, repr=False)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column in the file of a character of `latex`, or of its end."""
        start, line, column = self.runs[bisect_right(self.runs, offset, key=lambda run: run[0]) - 1]
        return line, column + offset - start

    def part(self, first: int, last: int) -> Snippet:
        """What stands between two places in it."""
        inside = [(offset - first, line, column) for offset, line, column in self.runs if first < offset < last]
        return replace(self, latex=self.latex[first:last], runs=((0, *self.place(first)), *inside))


@dataclass(frozen=True)
class Block:
    """A declaration block: numbered lines without comment marks."""

    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Source:
    """A document: formulas and declaration blocks in order, macros, and (line, text) of what could not be made out."""

    file: str
    title: str
    parts: tuple[Snippet | Block, ...]
    macros: Mapping[str, Macro]
    problems: tuple[tuple[int, str], ...] = ()


def read_source(path: str, text: str | None = None) -> Source:
    """The formulas, declarations and macros of a Markdown or LaTeX file, or of a text that one could have.

    Fails when it is not a text of at most 1 MiB in UTF-8.
    """
    page = _Page(path, _text(path) if text is None else _decoded(path, text.encode("utf-8", "surrogatepass")))
    if len(page.lines) > LINES:
        raise PageError(f"{path}: has more than {LINES} lines; split the document.")
    for mark, most, what in ((OPENER, 4 * FORMULAS, "marks of formulas"), (DEFINE, MACROS, "macro definitions")):
        if sum(1 for _ in re.finditer(mark, page.text)) > most:
            raise PageError(f"{path}: has more than {most} {what}; split the document.")
    title = (_read_latex if is_latex(path) else _read_markdown)(page)
    page.parts = list(_joined_by_equals(page))
    return Source(path, title or Path(path).stem, tuple(_with_words(page)), MappingProxyType(page.macros), tuple(page.problems))


def _with_words(page: _Page) -> Iterator[Snippet | Block]:
    """The parts of a document, each formula with the words around it."""
    spans = [_span(part, page) for part in page.parts]
    ends, begins = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(page.text)]
    between = list(_between(page.text[end:start] for end, start in zip(ends, begins, strict=True)))
    between[-1] += " ."
    for n, (part, before, after) in enumerate(zip(page.parts, between, between[1:], strict=False)):
        around = (_joined(page.parts[:n], between[: n + 1], -1), _joined(page.parts[n + 1 :], between[n + 1 :], 1))
        yield replace(part, before=before, after=after, around=around) if isinstance(part, Snippet) else part


def _between(texts: Iterable[str]) -> Iterator[str]:
    """What a reader sees between formulas; where a heading with a formula in it ends is marked, and how deep it is."""
    closing = ""
    for text in texts:
        head, end, rest = text.partition(closing) if closing else ("", "", text)
        if closing and not end:  # the heading goes on
            yield _words(head)
            continue
        opened = OPEN_HEADING.search(rest)
        words = _words(rest[: opened.start()] if opened else rest)
        below = f"{_words(head)} . {BELOW} " if end else ""
        closing = ("\n" if opened["marks"] else "}") if opened else ""
        heading = f" . {SECTION * _depth(opened)} {_words(opened['words'])}" if opened else ""
        yield f"{below}{words}{heading}".strip()


def _depth(heading: re.Match[str]) -> int:
    """How deep a heading is: the first is 1."""
    return (
        len(heading["marks"]) if heading["marks"] else len(re.findall("sub", heading["command"])) + 1 + 3 * ("para" in heading["command"])
    )


def _joined_by_equals(page: _Page) -> Iterator[Snippet | Block]:
    """The parts of a document; formulas with nothing but = between their dollars are one: `$a$ = $b$`."""
    last: Snippet | None = None
    for part in page.parts:
        joins = last is not None and isinstance(part, Snippet) and not last.display and not part.display
        if (
            joins
            and last is not None
            and isinstance(part, Snippet)
            and EQUALS.fullmatch(page.text[_span(last, page)[1] : _span(part, page)[0]])
        ):
            shift = len(last.latex) + len(" = ")
            runs = (
                *last.runs,
                (len(last.latex), *last.place(len(last.latex))),
                *((at + shift, line, column) for at, line, column in part.runs),
            )
            last = replace(last, latex=f"{last.latex} = {part.latex}", runs=runs)
            continue
        if last is not None:
            yield last
        last = part if isinstance(part, Snippet) else None
        if last is None:
            yield part
    if last is not None:
        yield last


EQUALS = re.compile(r"(?:\$|\\\)|\s)*=(?:\$|\\\(|\s)*")


def _joined(parts: Sequence[Snippet | Block], between: Sequence[str], way: int) -> str:
    """The words before a formula, or after it, without the formulas in the lines of text that stand among them."""
    words = list(between[::way][:1])
    for part, more in zip(parts[::way][:MOST_INLINE], between[::way][1:], strict=False):
        if not isinstance(part, Snippet) or part.display:
            break
        words.append(more)
    return " ".join(words[::way])


def _span(part: Snippet | Block, page: _Page) -> tuple[int, int]:
    """Where in the file a part begins and ends."""
    if isinstance(part, Block):
        lines = [line for line, _ in part.lines] or [1]
        return page.starts[lines[0] - 1], page.starts[lines[-1]]
    (line, column), (last, end) = part.place(0), part.place(len(part.latex))
    return page.starts[line - 1] + column - 1, page.starts[last - 1] + end - 1


def _words(text: str) -> str:
    """What a reader sees of a piece of text: no marks of formulas, no comments; headings, items and paragraphs end a sentence."""
    text = PARAGRAPH.sub(f" . {NEXT} ", ITEMS.sub(f" {ITEM} ", HEADING.sub(lambda heading: f" . {SECTION * _depth(heading)} ", text)))
    return " ".join(re.sub(r"(?m)^\s*%.*$|\\(?:begin|end)\s*\{[^}]*\}|\\[\[\]()]|\\[a-zA-Z]+|[$`{}&]", " ", text).split())


ITEM, SECTION, NEXT = "•", "§", "¶"  # what begins in a text: an item of a list, a section, a paragraph
BELOW = "‖"  # where a heading with a formula in it ends
OPEN_HEADING = re.compile(
    r"(?:(?:\A|\n) {0,3}(?P<marks>#{1,6})[ \t]|\\(?P<command>(?:sub)*(?:section|paragraph))\*?\s*\{)(?P<words>[^\n{}]*)\Z"
)
HEADING = re.compile(r"\\(?P<command>(?:sub)*(?:section|paragraph))\*?|^ {0,3}(?P<marks>#+) .*$", re.MULTILINE)
ITEMS = re.compile(r"\\item\b|\n[ \t]*(?:[-*+]|\d+[.)])(?=[ \t])")
PARAGRAPH = re.compile(r"(?<!:)\n\s*\n(?=[\s$]*[A-Z*])")


def _text(path: str) -> str:
    """The characters of a file, with line ends `\\n`."""
    if Path(path).is_dir():
        raise PageError(f"{path}: is a folder; name a Markdown or LaTeX file in it.")
    if not Path(path).is_file():
        raise PageError(f"{path}: there is no such file.")
    try:
        with Path(path).open("rb") as file:
            data = file.read(BYTES + 1)
    except OSError as error:
        raise PageError(f"{path}: cannot be read: {error.strerror}.") from error
    return _decoded(path, data)


def _decoded(path: str, data: bytes) -> str:
    """The characters in the bytes of a file. Fails when they are no text, or too many."""
    if len(data) > BYTES:
        raise PageError(f"{path}: is larger than 1 MiB; split the document.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise PageError(f"{path}:1: is UTF-16, not UTF-8; save it as UTF-8.")
    if b"\0" in data:
        raise PageError(f"{path}:{_line(data, data.index(0))}: has a NUL byte, so it is no text in UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        raise PageError(f"{path}:{_line(data, error.start)}: {byte}, perhaps Latin-1; save the file as UTF-8.") from error
    if not text.strip():
        raise PageError(f"{path}: is empty.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


@dataclass(frozen=True)
class _View:
    """Text cut from the file: `runs` says for some offsets in it, in order, where in the file the characters from there on stand."""

    text: str
    runs: list[tuple[int, int]]


class _Page:
    """What has been read of a document so far."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.parts: list[Snippet | Block] = []
        self.macros: dict[str, Macro] = {}
        self.problems: list[tuple[int, str]] = []

    def line(self, at: int) -> int:
        return bisect_right(self.starts, at)

    def problem(self, line: int, text: str) -> None:
        """Note what is wrong with a line. Fails when that happens too often."""
        self.problems.append((line, text))
        if len(self.problems) > PROBLEMS:
            raise PageError(f"{self.file}:{line}: {text}; and {PROBLEMS} such problems before it.")

    def formula(self, view: _View, found: Delimited, comments: re.Pattern[str]) -> None:
        """Take a formula, less the comments and definitions in it. Fails when there are too many."""
        if not found.closed:
            return self.problem(self.line(_origin(view, found.opened)), f"`{view.text[found.opened : found.start]}` is never closed")
        holes = list(self.holes(view, found.start, found.end, comments))
        cuts = zip([found.start, *(end for _, end in holes)], [*(start for start, _ in holes), found.end], strict=True)
        snippet = self.snippet(view, list(cuts), found.display)
        if snippet is not None:
            self.parts.append(snippet)
        if len(self.parts) > FORMULAS:
            raise PageError(f"{self.file}:{self.line(_origin(view, found.start))}: more than {FORMULAS} formulas; split the document.")
        return None

    def holes(self, view: _View, start: int, end: int, comments: re.Pattern[str]) -> Iterator[tuple[int, int]]:
        """The spans of the comments and definitions in a formula, whose macros are noted."""
        at = start
        while hole := comments.search(view.text, at, end):
            at = hole.end()
            if hole["define"]:
                at = min(end, self.define(view, hole.start()))
            if hole["define"] or hole["comment"]:
                yield hole.start(), at

    def snippet(self, view: _View, cuts: list[tuple[int, int]], display: bool) -> Snippet | None:
        """The slices of a view side by side, without blanks at the ends, or None if nothing is left."""
        pieces = [(a, b) for start, stop in cuts for a, b in _slices(view, start, stop)]
        latex = "".join(view.text[a:b] for a, b in pieces)
        first, last = len(latex) - len(latex.lstrip()), len(latex.rstrip())
        runs, offset = [], -first
        for a, b in pieces:
            if offset + b - a > 0 and offset < last - first:
                origin = _origin(view, a) - min(offset, 0)
                line = self.line(origin)
                runs.append((max(offset, 0), line, origin - self.starts[line - 1] + 1))
            offset += b - a
        return Snippet(latex[first:last], display, runs[0][1], runs[0][2], tuple(runs)) if runs else None

    def define(self, view: _View, at: int) -> int:
        """Note the macro that is defined at `at`; the end of its definition."""
        line = self.line(_origin(view, at))
        head = DEFINITION.match(view.text, at)
        end = group_end(view.text, head.end()) if head else None
        command = view.text[at : at + 40].split("\n")[0]
        if head is None or end is None or head["default"] or not re.fullmatch(r"(#\d)*", (head["pattern"] or "").strip()):
            self.problem(line, f"the definition `{command}` is not read: write \\newcommand{{\\name}}[number]{{...}}")
            return end or at + 2
        body = re.sub(r"(?<!\\)((?:\\\\)*)%[^\n]*\n?[ \t]*", r"\1", view.text[head.end() + 1 : end - 1])
        if head["operator"]:
            body = f"\\operatorname{head['star'] or ''}{{{body}}}"
        macro = Macro(int(head["count"] or len((head["pattern"] or "").strip()) // 2), body)
        name = head["braced"] or head["bare"] or head["defined"]
        if self.macros.get(name, macro) != macro:
            self.problem(line, f"`{name}` is defined again, as something else; the last definition counts everywhere")
        self.macros[name] = macro
        return end


def _origin(view: _View, at: int) -> int:
    """Where in the file a character of a view stands."""
    offset, origin = view.runs[max(0, bisect_right(view.runs, at, key=lambda run: run[0]) - 1)]
    return origin + at - offset


def _slices(view: _View, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """A span of a view, split where its text is not consecutive in the file, and at lines."""
    first = bisect_right(view.runs, start, key=lambda run: run[0])
    while start < stop:
        end = min(stop, view.runs[first][0]) if first < len(view.runs) else stop
        if start < end:
            yield start, end
        start, first = end, first + 1


def _read_latex(page: _Page) -> str:
    """Take the parts of a LaTeX document; its title. Nothing is run, and no other file is opened."""
    text = page.text
    view = _View(text, [(start, start) for start in page.starts])
    at = 0
    while (mark := TEX.search(text, at)) and not mark["stop"]:
        at = mark.end()
        if mark["declared"]:
            at = _declared(page, mark.start())
        elif mark["raw"]:
            end = text.find(f"\\end{{{mark['raw']}}}", at)
            if end < 0:
                page.problem(page.line(mark.start()), f"`{mark[0]}` is never closed")
            at = len(text) if end < 0 else end
        elif mark["define"]:
            at = page.define(view, mark.start())
        elif found := find(text, mark.start(), LATEX) if mark["open"] else _abbreviated(page, mark):
            page.formula(view, found, LATEX_COMMENTS)
            at = found.after
    for command in ("title", "section"):
        if head := re.search(rf"^[^%\n]*\\{command}\*?\s*+(?:\[[^\]\n]*+\])?+(?=\{{)", text, re.MULTILINE):
            return " ".join(text[head.end() + 1 : (group_end(text, head.end()) or 0) - 1].split())
    return ""


TEX = re.compile(
    rf"""(?P<declared>^[ \t]*+%[ \t]*+symderiv:)|%[^\n]*|\\(?:verb|lstinline)\*?(?P<bar>[^a-zA-Z\s*{{\[])[^\n]{{0,1000}}?(?P=bar)
    |\\begin\s*+\{{(?P<raw>(?:verbatim|Verbatim|lstlisting|minted|comment|filecontents)\*?)\}}|(?P<stop>\\end\s*+\{{document\}})
    |{DEFINE}|(?P<open>\$\$?|\\[\[(]|\\begin\s*+\{{{ENVIRONMENT}\}})|\\(?:[a-zA-Z]+|.)""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def _abbreviated(page: _Page, mark: re.Match[str]) -> Delimited | None:
    """The formula between macros that stand for the begin and the end of an environment: `\\be ... \\ee`."""
    begin = page.macros[mark[0]].body.strip() if mark[0] in page.macros else ""
    if not re.fullmatch(rf"\\begin\{{{ENVIRONMENT}\}}", begin):
        return None
    end = begin.replace("begin", "end", 1)
    names = [re.escape(name) + "(?![a-zA-Z])" for name, macro in page.macros.items() if macro.body.strip() == end]
    closing = re.compile("|".join([re.escape(end), *names])).search(mark.string, mark.end())
    after = closing.end() if closing else mark.end()
    return Delimited(mark.start(), mark.start() if closing else after, after, after, begin != "\\begin{math}", closed=closing is not None)


def _declared(page: _Page, at: int) -> int:
    """Take the comment lines from `at` on as a declaration block; where they end."""
    first = page.line(at) - 1
    last = next((k for k in range(first, len(page.lines)) if not page.lines[k].lstrip().startswith("%")), len(page.lines))
    texts = (re.sub(r"^\s*%[ \t]?(?:[ \t]*symderiv:[ \t]?)?", "", line).rstrip() for line in page.lines[first:last])
    page.parts.append(Block(tuple((first + 1 + k, text) for k, text in enumerate(texts) if text and not PROSE.match(text))))
    return min(page.starts[last], len(page.text))


PROSE = re.compile(r"[A-Z][A-Za-z]+:\s")  # a comment such as `% Source: ...` that stands right below a block


def _read_markdown(page: _Page) -> str:
    """Take the parts of a Markdown document; its title."""
    env: dict[str, Any] = {}
    titles: list[str] = []
    before, cell = "", 0
    for token in READER.parse(page.text, env):
        if token.type == "front_matter":
            titles += [title.strip("\"' ") for title in re.findall(r"^title:(.*)$", token.content, re.MULTILINE)]
        elif token.type == "fence":
            _fence(page, token)
        elif token.type == "html_block" and SCRIPT.search(token.content):
            _scripts(page, _lines(page, token, (token.map or (0, 0))[0]))
        elif token.type == "inline" or (token.type == "html_block" and not HIDDEN.match(token.content)):
            titles += [token.content] if before == "heading_open" else []
            in_cell = before in ("th_open", "td_open")
            view = _cell(page, token, cell) if in_cell else _lines(page, token, (token.map or (0, 0))[0])
            cell = view.runs[-1][1] + 1 if in_cell and view.runs else cell
            _inline(page, view, env)
        before = token.type
    return next(filter(None, titles), "")


HIDDEN = re.compile(r"\s*<(?:!|\?|script|style|pre|textarea|code)", re.IGNORECASE)


SCRIPT = re.compile(
    r"<script\s+type=[\"']math/tex(?P<display>;\s*mode=display)?[\"']\s*>(?P<formula>.*?)</script>", re.DOTALL | re.IGNORECASE
)


def _scripts(page: _Page, view: _View) -> None:
    """Take formulas that stand in scripts, as kramdown and MathJax 2 have them."""
    for found in SCRIPT.finditer(view.text):
        start, end = found.span("formula")
        page.formula(view, Delimited(found.start(), start, end, found.end(), display=found["display"] is not None), MARKDOWN_COMMENTS)


def _inline(page: _Page, view: _View, env: dict[str, Any]) -> None:
    """Take the formulas and definitions of a paragraph."""
    tokens: list[Token] = []
    READER.inline.parse(view.text, READER, env, tokens)
    for token in tokens:
        if token.type == "formula":
            page.formula(view, token.meta["found"], MARKDOWN_COMMENTS)
        elif token.type == "definition":
            page.define(view, token.meta["at"])


def _fence(page: _Page, token: Token) -> None:
    """Take a fenced block if it declares, and note it if it runs to the end of the document."""
    first, last = token.map or (0, 0)
    unended = not page.lines[last - 1].rstrip().endswith(token.markup) or last == first + 1
    if unended:
        page.problem(first + 1, f"the block `{token.markup}{token.info.strip()}` is never closed")
    if token.info.split()[:1] == ["symderiv"]:
        lines = token.content.removesuffix("\n").split("\n")
        lines = lines[: lines.index("")] if unended and "" in lines else lines
        page.parts.append(Block(tuple(enumerate(lines, first + 2))))
    elif token.info.split() == ["math"]:
        view = _lines(page, token, first + 1)
        page.formula(view, Delimited(0, 0, len(view.text), len(view.text), display=True), MARKDOWN_COMMENTS)


def _lines(page: _Page, token: Token, first: int) -> _View:
    """The lines of a block from the line number `first` on, less the marks of quotes, lists and headings before them."""
    lines = [line.strip() for line in token.content.split("\n")]
    runs, offset = [], 0
    for k, line in enumerate(lines, first):
        runs.append((offset, page.starts[k] + max(0, page.lines[k].rfind(line))))
        runs.append((offset + len(line), page.starts[k + 1] - 1))
        offset += len(line) + 1
    return _View("\n".join(lines), runs)


def _cell(page: _Page, token: Token, after: int) -> _View:
    """A cell of a table, in which `\\|` stands for a bar."""
    first = (token.map or (0, 0))[0]
    bars = [k for k, letter in enumerate(token.content) if letter == "|"]
    at = page.text.find(token.content.replace("|", "\\|"), max(after, page.starts[first]))
    runs = [(0, at), *((bar, at + bar + k) for k, bar in enumerate(bars, 1)), (len(token.content), at + len(token.content) + len(bars))]
    return _View(token.content, runs)
