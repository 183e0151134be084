"""Reports: a judged page as one HTML file that needs nothing else, and as LaTeX. Both depend on their arguments only."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from math_core import LatexError, LatexToMathML

from symderiv.errors import SymderivError
from symderiv.faces.judged import Formula, JudgedClaim, JudgedCounterexample, JudgedPage, JudgedStep, WrittenFormula
from symderiv.faces.marks import PROVED, SYMBOLS, Mark, counted, mark_of, sense_of, words
from symderiv.notation.commands import HARMLESS
from symderiv.notation.escapes import Tex, code, prose, tamed

OF_A_PAGE = {
    "proved": "All steps are as this page expects.",
    "refuted": "Some step is not as this page expects.",
    "unknown": "Some step could not be settled.",
    "error": "Some claim or definition could not be read.",
}
OF_A_DOCUMENT = {
    "proved": "All steps hold.",
    "refuted": "Some step is wrong.",
    "unknown": "Some step could not be settled.",
    "error": "Some formula could not be read.",
}
DEEPEST = 200
LONGEST_BESIDE = 100
LONGEST_PIECE = 300
MOST_VALUES = 40
SECONDS = 60


@dataclass(frozen=True)
class Row:
    """One step as a line of its claim.

    `left` is none where it repeats the member above, `wide` if it wants a line of its own; `notes` are the sentence of a slip and what
    the page says, `is_open` says that a verdict is unknown, and `beside` that the counterexample is beside the point: the step holds on
    the graph, and the page asks for no more.
    """

    left: Formula | None
    wide: bool
    step: JudgedStep
    mark: Mark
    words: str
    sense: str
    notes: tuple[str, ...]
    is_open: bool
    beside: bool


def html(page: JudgedPage, kernel_source: str | None) -> str:
    """The page as HTML: no script, no network, formulas as MathML."""
    template = _environment().get_template("report.html.j2")
    style = {"style": Markup(_css()), "style_hash": _hash(_css())}
    return template.render(page=page, kernel=kernel_source, math=mathml, **style)


def tex(page: JudgedPage, kernel_source: str | None) -> str:
    """The page as LaTeX for pdflatex, with the packages of a plain installation."""
    marks = {"block_start_string": "<%", "block_end_string": "%>", "variable_start_string": "<<", "variable_end_string": ">>"}
    environment = _environment(**marks, comment_start_string="<#", comment_end_string="#>", finalize=_tex_output)
    lines = None if kernel_source is None else [code(line) for line in kernel_source.rstrip("\n").split("\n")]
    return environment.get_template("report.tex.j2").render(page=page, kernel=lines, formula=_tex_formula, pieces=pieces)


def _environment(**options: Any) -> Environment:
    environment = Environment(
        loader=PackageLoader("symderiv.faces"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, **options
    )
    environment.globals |= {
        "rows": rows,
        "summary": summary,
        "outcome": outcome,
        "mark_of": mark_of,
        "words": words,
        "sides": sides,
        "point": point,
        "as_written": as_written,
    }
    environment.globals |= {"symbols": SYMBOLS, "most_values": MOST_VALUES}
    return environment


def rows(claim: JudgedClaim) -> tuple[Row, ...]:
    """The steps of a claim, each left side that repeats the right side above it left out."""
    above = [None, *(s.right for s in claim.steps)]
    return tuple(_row(s, s.left == last) for s, last in zip(claim.steps, above, strict=False))


def _row(step: JudgedStep, repeats: bool) -> Row:
    sense = sense_of(step) + "; trivial: both sides are zero whatever the inputs" * step.trivial
    beside = step.verdict == step.expected == "proved"
    left, wide = None if repeats else step.left, len(step.left.latex) > LONGEST_BESIDE
    return Row(left, wide, step, mark_of(step), words(step), sense, tuple(_notes(step)), "unknown" in (step.verdict, step.formal), beside)


def _notes(step: JudgedStep) -> Iterator[str]:
    if step.slip:
        said = mark_of(step).sentence(step)
        yield f"{said[0].upper()}{said[1:]}."
    if step.note:
        yield "Erratum: " * (step.expected != "proved") + step.note


def summary(page: JudgedPage) -> str:
    """How many steps have which mark, and how many formulas could not be read."""
    steps, unread = page.steps, len(page.problems)
    proved = [s for s in steps if mark_of(s) is PROVED]
    on_graph = sum(s.formal != "proved" for s in proved)
    parts = [f"{len(proved)} proved for every size" + (f" ({on_graph} on the graph only)" if on_graph else "")]
    parts += [f"{count} {mark.name}" for mark, count in counted(steps) if mark is not PROVED]
    left_out = f" {unread} formula{'s' * (unread != 1)} could not be read." * bool(unread)
    return f"{len(steps)} step{'s' * (len(steps) != 1)}: {', '.join(parts)}.{left_out}"


def outcome(page: JudgedPage) -> str:
    """The verdict of the page as a sentence."""
    sentences = OF_A_DOCUMENT if page.formulas else OF_A_PAGE
    return sentences.get(page.verdict, "The page could not be read.")


def as_written(formula: WrittenFormula, page: JudgedPage) -> Formula:
    """A formula of a document, to be typeset, with a cross over each equals sign that is wrong."""
    signs = _equals_signs(formula.latex)[formula.kind == "definition" :]
    wrong = [at for at, k in zip(signs, formula.steps, strict=False) if not page.steps[k].as_expected]
    latex = formula.latex
    for at in reversed(wrong):
        latex = f"{latex[:at]}\\overset{{\\times}}{{=}}{latex[at + 1 :]}"
    return Formula(formula.latex, latex)


def _equals_signs(latex: str) -> list[int]:
    """Where the equals signs of a chain stand: in no braces and no parentheses, with something after them."""
    found, depth = [], 0
    for token in re.finditer(r"\\.|[{}()\[\]]|=(?=.*\S)", latex, re.DOTALL):
        depth += (token[0] in "{([") - (token[0] in "})]")
        if token[0] == "=" and not depth:
            found.append(token.start())
    return found


def point(example: JudgedCounterexample) -> str:
    """What kind of point a counterexample is."""
    return "with every node taken as independent" if example.formal else "with the nodes computed from their definitions"


def sides(definition: Formula) -> tuple[Formula | None, Formula]:
    """A definition parted at its equals sign, to be aligned there."""
    (left, _, right), (text_left, _, text_right) = definition.latex.partition(" = "), definition.text.partition(" = ")
    return (Formula(text_left, left), Formula(text_right, right)) if right else (None, definition)


def mathml(formula: Formula, relation: str = "") -> Markup:
    """A formula as MathML in display style; as text if the converter refuses it or it is nested too deep."""
    if _nesting(formula.latex) > DEEPEST:
        return _as_text(formula, relation)
    try:
        drawn = _converter().convert_with_local_state(relation + formula.latex, displaystyle=True)
    except LatexError:
        return _as_text(formula, relation)
    return Markup(_plain_mathml(drawn))


def _as_text(formula: Formula, relation: str) -> Markup:
    return Markup('<span class="text">{}</span>').format(f"{relation.replace('{}', '')}{formula.text}".strip())


def _plain_mathml(drawn: str) -> str:
    """MathML Core without inline styles, which the page's security policy would drop."""
    boxed = re.sub(r"<menclose[^>]*>", '<mrow class="box">', drawn).replace("</menclose>", "</mrow>")
    return re.sub(r' style="[^"]*"', "", boxed).replace('<math display="block">', '<math displaystyle="true">')


@cache
def _converter() -> LatexToMathML:
    return LatexToMathML(fancy_error=False)


def _nesting(latex: str) -> int:
    depth = deepest = 0
    for part in re.findall(r"\\left|\\right|[{}]", latex):
        depth += 1 if part in ("{", r"\left") else -1
        deepest = max(deepest, depth)
    return deepest


@cache
def _css() -> str:
    return (Path(__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")


def _hash(style: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _tex_output(value: object) -> Markup:
    """What a LaTeX template prints: LaTeX as it is, what a macro made too, anything else escaped for TeX."""
    return value if isinstance(value, Markup) else Markup(value if isinstance(value, Tex) else prose(str(value)))


def _tex_formula(formula: Formula) -> Tex:
    return tamed(formula.latex, HARMLESS)


def pieces(formula: Formula) -> tuple[Tex, ...]:
    r"""A formula cut where a line may end: before + and - outside of brackets, and inside them where that leaves too long a piece."""
    cut = _cut(_tex_formula(formula), r"\\left|\\right|\\begin|\\end|[{}()]| [+-] ")
    finer = [[piece] if len(piece) <= LONGEST_PIECE else _cut(_loosened(piece), r"[{}]| [+-] ") for piece in cut]
    return tuple(Tex(piece) for part in finer for piece in part)


def _cut(latex: str, marks: str) -> list[str]:
    cuts, depth = [0], 0
    for found in re.finditer(marks, latex):
        if found[0] in (" + ", " - "):
            cuts += [found.start()] * (depth == 0)
        else:
            depth += 1 if found[0] in (r"\left", r"\begin", "{", "(") else -1
    return [latex[a:b].strip() for a, b in pairwise([*cuts, None])]


def _loosened(latex: str) -> str:
    r"""The brackets \left( \right) outside of braces in a fixed size, which lets a line end between them."""
    depths = accumulate((c == "{") - (c == "}") for c in latex)
    outside = [depth == 0 for depth in depths]
    return re.sub(
        r"\\(left|right)([()])",
        lambda m: (r"\biggl" if m[1] == "left" else r"\biggr") + m[2] if outside[m.start()] else m[0],
        latex,
    )


def compile_pdf(source: str) -> bytes:
    """The PDF of a LaTeX report.

    Runs pdflatex in an empty folder, without a shell, with no way to read or write outside it. Fails when pdflatex is
    missing, takes more than a minute or reports an error.
    """
    program = shutil.which("pdflatex")
    if program is None:
        raise SymderivError("pdflatex is not installed; on Debian: apt install texlive-latex-recommended lmodern.")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "report.tex").write_text(source, encoding="utf-8")
        _run(program, folder)
        return (Path(folder) / "report.pdf").read_bytes()


def _run(program: str, folder: str) -> None:
    command = [program, "-no-shell-escape", "-halt-on-error", "-interaction=nonstopmode", "report.tex"]
    fixed = {"openin_any": "p", "openout_any": "p", "HOME": folder, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
    env = {"PATH": os.environ.get("PATH", ""), **fixed}
    try:
        done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise SymderivError(f"pdflatex took more than {SECONDS} s on the report; the .tex file is fine to look at without it.") from error
    if done.returncode != 0:
        log = done.stdout.decode("utf-8", "replace")
        reason = next((line for line in log.splitlines() if line.startswith("!")), "no reason given")
        raise SymderivError(f"pdflatex could not compile the report: {reason.removeprefix('! ')}")
