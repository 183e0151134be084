"""Reports: what a judged page shows, that nothing from a page is taken for markup, and that LaTeX takes it."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from symderiv.errors import SymderivError
from symderiv.faces.judged import (
    Formula,
    JudgedClaim,
    JudgedCounterexample,
    JudgedDerivation,
    JudgedPage,
    JudgedStep,
    Problem,
    WrittenFormula,
)
from symderiv.faces.marks import words as words_of
from symderiv.faces.report import as_written, compile_pdf, html, mathml, outcome, pieces, rows, sides, summary, tex
from symderiv.notation.escapes import code, prose

needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")

A, B, C = Formula("∂f/∂σ²", r"\frac{\partial f}{\partial \sigma^2}"), Formula("Σᵢ xᵢ", r"\sum_{i=1}^{m} x_i"), Formula("μ", r"\mu")
NONZERO = Formula("σ² + ε ≠ 0", r"\sigma^2 + \varepsilon \ne 0")
EXAMPLE = JudgedCounterexample(((Formula("m", "m"), "1"), (Formula("x₁", "x_1"), "[0.50 +/- 1e-3]")), "2", "0")
EVIL = "<script>alert('x')</script> & \\input{/etc/passwd} 100% $x_1^2$ #~ “é” x̂ᵢ 中"

PROVED = JudgedStep(A, B, verdict="proved", formal="proved", reason="", side_conditions=(NONZERO,), laws=("sums add up",), unfolded=(C,))
ON_GRAPH = JudgedStep(
    B,
    C,
    expected="refuted formally",
    note="the sign",
    verdict="proved",
    formal="refuted",
    reason="",
    counterexample=replace(EXAMPLE, formal=True),
)
ERRATUM = JudgedStep(
    A,
    C,
    expected="refuted",
    note="y for gamma",
    verdict="refuted",
    formal="refuted",
    reason="",
    counterexample=EXAMPLE,
    assumptions=(NONZERO,),
)
UNKNOWN = JudgedStep(A, B, reason="it took more than 10 s", evidence="both sides agree at 40 points")
TRIVIAL = replace(PROVED, trivial=True)
WRONG = replace(ERRATUM, expected="proved", note="")
MISSED = replace(PROVED, expected="refuted", note="a note")
HIDDEN = replace(PROVED, expected="refuted formally")

ON_GRAPH_ONLY = replace(ON_GRAPH, expected="proved")

KERNEL = '"""∂f/∂x̂ᵢ = γ·∂f/∂yᵢ, m >= 1 {here} \\\\ 100%."""\n\n\ndef backward(dy):\n    return "<b>" + dy, `x`, \'é\'  # a -- b, 中\n'


def page(*steps: JudgedStep, **words: str) -> JudgedPage:
    derivation = JudgedDerivation(
        title=words.get("title", "A title"),
        source=words.get("source", "A source"),
        declarations=((Formula("m", "m"), words.get("declared", "a size")),),
        definitions=(Formula("μ = Σᵢ xᵢ", r"\mu = \sum_{i=1}^{m} x_i"),),
        claims=(JudgedClaim(words.get("label", "3a"), 7, steps),),
    )
    return JudgedPage("name", words.get("file", "derivations/name.py"), (derivation,))


EVERY = page(PROVED, ON_GRAPH, ERRATUM, UNKNOWN, TRIVIAL, WRONG, MISSED, HIDDEN)
BROKEN = JudgedPage("broken", "broken.py", error=EVIL)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (PROVED, "proved"),
        (ON_GRAPH, "formally refuted, as expected"),
        (ERRATUM, "refuted, as expected"),
        (UNKNOWN, "unknown"),
        (WRONG, "refuted"),
        (MISSED, "proved, refutation expected"),
        (HIDDEN, "formally proved, refutation expected"),
        (replace(UNKNOWN, expected="refuted"), "unknown, refutation expected"),
    ],
)
def test_the_verdict_in_words(step, words):
    assert words_of(step) == words


@pytest.mark.parametrize(
    ("steps", "words", "verdict"),
    [
        ((PROVED,), "1 step: 1 proved for every size.", "All steps are as this page expects."),
        ((PROVED, ON_GRAPH), "2 steps: 1 proved for every size, 1 refuted as expected.", "All steps are as this page expects."),
        ((PROVED, ON_GRAPH_ONLY), "2 steps: 2 proved for every size (1 on the graph only).", "All steps are as this page expects."),
        ((PROVED, ERRATUM), "2 steps: 1 proved for every size, 1 refuted as expected.", "All steps are as this page expects."),
        ((WRONG,), "1 step: 0 proved for every size, 1 refuted.", "Some step is not as this page expects."),
        ((PROVED, UNKNOWN), "2 steps: 1 proved for every size, 1 unknown.", "Some step could not be settled."),
    ],
)  # fmt: skip
def test_the_summary(steps, words, verdict):
    assert (summary(page(*steps)), outcome(page(*steps))) == (words, verdict)


def test_a_member_is_shown_once():
    chain = JudgedClaim("1", 1, (PROVED, ON_GRAPH, ERRATUM))
    assert [row.left for row in rows(chain)] == [A, None, A]


def test_a_formal_counterexample_of_a_step_that_holds_is_folded_away():
    aside = page(replace(ON_GRAPH, expected="proved"))
    assert "<summary>where it fails formally</summary>" in html(aside, None)
    assert "Counterexample" not in tex(aside, None)
    assert "where it fails formally" not in html(page(ON_GRAPH), None)


def test_latex_shows_the_first_values_of_a_long_counterexample():
    many = replace(EXAMPLE, values=tuple((C, str(value)) for value in range(100)))
    shown = tex(page(replace(WRONG, counterexample=many)), None)
    assert "= 39}" in shown
    assert "= 40}" not in shown
    assert "and 60 more" in shown


def test_a_definition_is_parted_at_its_equals_sign():
    assert sides(Formula("μ = a = b", r"\mu = a = b")) == (C, Formula("a = b", "a = b"))
    assert sides(C) == (None, C)


@pytest.mark.parametrize(
    "shown",
    [
        "A title", "A source", "a size", "3a", "derivations/name.py:7", "Holds formally",
        "Holds on the graph only, by the definitions of its nodes: formally it is refuted",
        "Fails on the graph and formally", "trivial: both sides are zero whatever the inputs", "Erratum: y for gamma", "Erratum: the sign",
        "with every node taken as independent", "with the nodes computed from their definitions", "[0.50 +/- 1e-3]",
        "it took more than 10 s", "both sides agree at 40 points", "sums add up", "refuted, as expected", "proved, refutation expected",
        "Kernel", "provided", "assuming",
    ],
)  # fmt: skip
def test_both_reports_show(shown):
    assert shown in re.sub(r"<[^>]*>", "", html(EVERY, KERNEL))
    assert str(prose(shown)) in tex(EVERY, KERNEL)


class Tags(HTMLParser):
    """All tags and attributes of a document, and whether its tags are balanced."""

    VOID = frozenset({"meta", "mspace", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.open += [tag] * (tag not in self.VOID)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def tags(document: str) -> Tags:
    parser = Tags()
    parser.feed(document)
    return parser


EVIL_PAGE = page(
    replace(ERRATUM, note=EVIL, counterexample=replace(EXAMPLE, values=((C, EVIL),), left=EVIL, right=EVIL)),
    replace(UNKNOWN, reason=EVIL, evidence=EVIL),
    replace(PROVED, laws=(EVIL,), note=EVIL),
    title=EVIL, source=EVIL, label=EVIL, file=EVIL, declared=EVIL,
)  # fmt: skip


@pytest.mark.parametrize("document", [EVERY, EVIL_PAGE, BROKEN, page()])
def test_html_is_balanced_and_inert(document):
    found = tags(html(document, EVIL))
    assert found.open == []
    assert not found.seen & {"script", "link", "img", "iframe", "object", "form", "menclose"}
    assert not found.attributes & {"style", "src", "onload", "onclick"}


def test_html_escapes_what_a_page_says():
    shown = html(EVIL_PAGE, EVIL)
    assert "<script>" not in shown
    assert shown.count("&lt;script&gt;") >= 12


def test_html_names_nothing_outside_itself():
    shown = html(EVERY, KERNEL)
    assert "default-src &#39;none&#39;" in shown or "default-src 'none'" in shown
    assert "unsafe-inline" not in shown
    assert not re.search(r"https?:|url\(|@import", shown.replace("http-equiv", ""))


def test_the_style_sheet_is_the_one_that_the_policy_allows():
    shown = html(EVERY, None)
    style = re.search(r"<style>(.*?)</style>", shown, re.S)
    allowed = re.search(r"style-src 'sha256-([^']+)'", shown)
    assert style
    assert allowed
    assert base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode() == allowed[1]


def test_formulas_are_mathml():
    assert "<mfrac><mrow><mi>∂</mi><mi>f</mi></mrow>" in mathml(A)
    assert mathml(Formula("", r"\boxed{a}")) == '<math displaystyle="true"><mrow class="box"><mi>a</mi></mrow></math>'


@pytest.mark.parametrize("latex", [r"\unknowncommand", "{" * 5000 + "}" * 5000, r"\frac{1}"])
def test_a_formula_that_has_no_mathml_is_shown_as_text(latex):
    assert mathml(Formula("<a> = b", latex), "{} = ") == '<span class="text">= &lt;a&gt; = b</span>'


@pytest.mark.parametrize("draw", [html, tex])
def test_a_report_is_a_function_of_its_arguments(draw):
    assert draw(EVERY, KERNEL) == draw(EVERY, KERNEL)
    assert draw(EVERY, None) != draw(EVERY, KERNEL)


def test_a_report_without_a_kernel_has_no_such_section():
    assert "Kernel" not in html(EVERY, None) + tex(EVERY, None)


@pytest.mark.parametrize(
    ("plain", "escaped"),
    [
        (r"\input{a}", r"\textbackslash{}input\{a\}"),
        ("100% & #1 $x_1^2$ ~", r"100\% \& \#1 \$x\_1\textasciicircum{}2\$ \textasciitilde{}"),
        ("é x̂ σ²", r"\'{e} \^{x} \ensuremath{\sigma}\ensuremath{^{2}}"),
        ("≠ − ᵢ", r"\ensuremath{\neq} \ensuremath{-} \ensuremath{_{i}}"),
        ("中\x1b", r"[U+4E2D] "),
    ],
)
def test_latex_escapes(plain, escaped):
    assert prose(plain) == escaped


TAMED = [
    # a formula with the author's words                    in a report
    (r"x = \text{for \input{/etc/passwd}}", r"x = \text{for \textbackslash{}input{/etc/passwd}}"),
    (r"\text{a{b{c{d\end{document}}}}} \frac{1}{2}", r"\text{a{b{c{d\textbackslash{}end{document}}}}} \frac{1}{2}"),
    (r"\text{a\} \write18{x}} b", r"\text{a\} \textbackslash{}write18{x}} b"),
    (r"\text{100% \& $i \ne j$ é 中 #} + 2", r"\text{100\% \& $i \ne j$ \'{e} [U+4E2D] \#} + 2"),
    (r"\alpha_{\text{in}} + \mathrm{a}", r"\alpha_{\text{in}} + \mathrm{a}"),
]


@pytest.mark.parametrize(("formula", "shown"), TAMED)
def test_the_words_in_a_formula_are_words_to_latex(formula, shown):
    """The author's words went into the LaTeX of a report as they were, commands and all."""
    assert "".join(pieces(Formula("", formula))) == shown.replace(" + ", "+ ")
    assert rf"\step{{{shown}}}" in tex(page(replace(PROVED, left=Formula("", formula))), None)


@pytest.mark.parametrize("words", ["a declaration", EVIL])
def test_what_could_not_be_read_is_in_both_reports(words):
    """A declaration or a claim that failed was counted, and told nowhere."""
    unread = replace(EVERY, problems=(Problem(7, 3, f"why {words}", words),))
    assert f"derivations/name.py:7:3</span> {escape(f'why {words}')} <code>{escape(words)}" in html(unread, None)
    assert rf"name.py:7:3}}\quad {prose(f'why {words}')} {{\ttfamily {prose(words)}}}" in tex(unread, None)
    assert outcome(replace(page(PROVED), problems=unread.problems)) == "Some claim or definition could not be read."


def test_code_keeps_spaces_quotes_and_hyphens():
    assert code("  a 'b' -- c") == r"~~a~\allowbreak{}\textquotesingle{}b\textquotesingle{}~\allowbreak{}-{}-{}~\allowbreak{}c"


def test_tex_takes_nothing_from_a_page_for_a_command():
    shown = tex(EVIL_PAGE, EVIL)
    assert r"\input{/etc" not in shown
    assert "100%" not in shown
    assert shown.count(r"\textbackslash{}input\{/etc/passwd\}") >= 12


def test_a_formula_is_cut_at_its_own_terms_only():
    assert pieces(Formula("", r"a + \frac{b - c}{d} - \left(e + f\right) - (g + h)")) == (
        "a",
        r"+ \frac{b - c}{d}",
        r"- \left(e + f\right)",
        "- (g + h)",
    )


def test_a_bracket_that_is_too_long_is_cut_inside():
    inside = " + ".join([r"\frac{a + b}{c}"] * 40)
    assert pieces(Formula("", rf"x \left({inside}\right)"))[:2] == (r"x \biggl(\frac{a + b}{c}", r"+ \frac{a + b}{c}")


@needs_latex
@pytest.mark.parametrize("document", [EVERY, EVIL_PAGE, BROKEN, page(), JudgedPage("empty", "empty.py")])
def test_pdflatex_takes_it(document):
    assert compile_pdf(tex(document, KERNEL)).startswith(b"%PDF-")


@needs_latex
def test_a_pdf_is_a_function_of_its_source():
    source = tex(EVERY, None)
    assert compile_pdf(source) == compile_pdf(source)


@needs_latex
def test_a_compilation_that_fails_says_why():
    with pytest.raises(SymderivError, match=r"^pdflatex could not compile the report: Undefined control sequence\.$"):
        compile_pdf(r"\documentclass{article}\begin{document}\nonsense\end{document}")


@needs_latex
def test_a_compilation_reads_and_writes_nothing_outside(tmp_path):
    (tmp_path / "secret.tex").write_text("secret", encoding="utf-8")
    reading, writing = rf"\input{{{tmp_path}/secret.tex}}", rf"\newwrite\w\immediate\openout\w={tmp_path}/made.txt"
    for reach in (reading, writing, r"\input{|id}"):
        with pytest.raises(SymderivError, match=r"^pdflatex could not compile the report: (LaTeX Error: File|I can't write on file)"):
            compile_pdf(rf"\documentclass{{article}}\begin{{document}}{reach} x\end{{document}}")
    assert [file.name for file in tmp_path.iterdir()] == ["secret.tex"]


def test_a_machine_without_latex_is_told_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SymderivError, match=r"^pdflatex is not installed; on Debian: apt install texlive-latex-recommended lmodern\."):
        compile_pdf("")


def test_a_cross_is_over_each_equals_sign_that_is_wrong():
    """The signs of a chain, in no braces; what a definition begins with claims nothing."""
    right, wrong = (
        JudgedStep(Formula("", ""), Formula("", ""), verdict="proved"),
        JudgedStep(Formula("", ""), Formula("", ""), verdict="refuted"),
    )
    steps = (right, wrong, right)
    claims = (JudgedClaim("1", 1, steps),)
    page = JudgedPage("p", "p.md", (JudgedDerivation("", "", (), (), claims),))
    chain = WrittenFormula("claim", r"a = \sum_{i = 1} b = c =", 1, 1, (0, 1))
    defined = WrittenFormula("definition", "= a = b", 1, 1, (1,))
    assert as_written(chain, page).latex == r"a = \sum_{i = 1} b \overset{\times}{=} c ="
    assert as_written(defined, page).latex == r"= a \overset{\times}{=} b"
