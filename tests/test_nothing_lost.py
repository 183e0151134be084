"""No formula of a document vanishes: each is judged, takes its place as a definition or a remark, or is an error with its place."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import pytest
from documents_read import read

from symderiv.documents.marking.pages import judge, load

P, R, M, U = "proved", "refuted", "misfit", "unknown"
DECLARED = "index i, j = 1..n\ninput x_i, z_i, a, b"
FALSE = "a = 2a"  # a wrong claim, wherever it stands, is judged or an error
LAST = "b + 1 = 1 + b"  # and costs no other formula


def judged(tmp_path, declared, text, suffix=".md"):
    """The verdicts of a document's steps, the errors with their lines, and the kinds of its formulas."""
    draft, found = read(tmp_path, declared, text, suffix)
    return found, [(p.line, p.message) for p in draft.problems], [f.kind for f in draft.formulas]


# Each holds the false claim, in LaTeX that people write; `#` is where it stands.
AROUND = [
    "$$#$$", "$#$", "so $#,$ then", r"\(#\)", r"\[#\]", r"$$# \tag{3}$$", r"$$\tag*{3b} #$$", r"$$\label{eq:x} #$$", r"$$# \label{eq:x}$$",
    r"$$# \text{ by definition}$$", r"$$\text{so } #$$", r"$$\text{Loss: } #$$", r"$$\text{Loss}: #$$", r"$$\text{(i)}\; #$$", r"$$# \;$$", "$$# % why\n$$",
    r"$$#\footnote{x}$$", r"$$#\,.$$", r"$$#,\ \ldots$$", r"$$\color{red} #$$", r"$$\textcolor{red}{#}$$", r"$${\color{red} #}$$", r"$$\cancel{b} + #$$",
    r"$$\boxed{#}$$", r"$$\fbox{$#$}$$", r"$$\underbrace{#}_{x}$$", r"$$\underline{#}$$", r"$$\text{so $#$ holds}$$", r"$$\left. # \right.$$",
    r"$$\left\{ # \right.$$", r"$$\{#\}$$", r"$$(#)$$", r"$$[#]$$", r"$$\left( # \right)$$", r"$${#$$", r"$$#}$$", r"$$\left(#$$", r"$$\begin{align} #$$",
    "\\begin{align}\n#\n", r"$$\begin{aligned} # \end{align}$$", r"\begin{align} # \end{aligned}", "\\begin{align}\nb &= b \\\\\n\\intertext{and then}\n#\n\\end{align}",
    "\\begin{align}\nb &= b \\\\ \\text{where } #\n\\end{align}", "\\begin{align}\nb &= b \\\\ # \\notag \\\\\n\\end{align}", r"\begin{align} \begin{split} # \end{split} \end{align}",
    r"\begin{equation}\begin{aligned} # \end{aligned}\end{equation}", r"\begin{gather} b = b \\ # \end{gather}", r"\begin{flalign} # && \end{flalign}", r"\begin{dmath} # \end{dmath}",
    r"\begin{alignat}{2} b &= b \\ # \end{alignat}", r"\begin{empheq}{align} # \end{empheq}", r"\begin{equation*} # \end{equation*}", r"$$\begin{cases} # \\ b = b \end{cases}$$",
    r"$$\left\{\begin{aligned} # \\ b &= b \end{aligned}\right.$$", r"$$\begin{matrix} # \end{matrix}$$", r"$$\begin{array}{l} # \\ b = b \end{array}$$",
    r"$$b = b, #$$", r"$$b = b; #$$", r"$$b = b \quad #$$", r"$$b = b \text{ and } #$$", r"$$b = b \text{ so that } #$$", r"$$b = b \Rightarrow #$$", r"$$b = b \iff #$$",
    r"$$b \le #$$", r"$$# \approx 3$$", r"$$# \to 3$$", r"$$# \in \mathbb{R}$$", r"$$b \mid #$$", r"$$# \quad (1)$$", r"$$1. \quad #$$", r"$$# \blacksquare$$", r"$$\therefore #$$",
    r"$$\implies #$$", r"$$# + O(b)$$", r"$$# + \dots$$", r"$$# + \mathrm{const}$$", r"$$\unknown{b} + #$$", r"$$\newcommand{\foo}{#} \foo$$", r"$$# \quad \text{for small } b$$",
    "> $$#$$", "- $#$", "| x |\n|---|\n| $#$ |", "**$#$**", "# $#$", "$$\n#\n$$", "$$#$$ (1)", "$#", "$$#$", r"\begin{equation} #",
]  # fmt: skip


@pytest.mark.parametrize("around", AROUND)
def test_a_wrong_claim_is_judged_or_an_error_and_costs_no_other(tmp_path, around):
    text = around.replace("#", FALSE) if around[0] != "#" else "# $" + FALSE + "$"
    verdicts, errors, _ = judged(tmp_path, DECLARED, f"{text}\n\nThus we see.\n\n$${LAST}$$")
    assert R in verdicts or M in verdicts or U in verdicts or errors
    assert verdicts[-1] == P


ROWS = {
    # what is wrong                      text                                                              verdicts   errors
    "a sign out of place":               ("\\begin{align}\na &= a \\\\\na &= 3a \\\\\nb &= a .* b\n\\end{align}",     [P, R],    [(10, "something is missing before *")]),
    "in the first row":                  ("\\begin{align}\nb &= a .* b \\\\\na &= 3a\n\\end{align}",                 [R],       [(8, "something is missing before *")]),
    "a brace too few, in the middle":    ("\\begin{align}\na &= \\frac{a}{1 \\\\\na &= 3a \\\\\nb &= b\n\\end{align}", [R, P],    [(8, "{ is not closed: write what closes it, or leave it out")]),
    "a bracket begins the next row":     ("\\begin{align}\na &= 3(a \\\\\n[a > 0] b &= b [a > 0]\n\\end{align}",     [P],       [(8, "( is not closed: write what closes it, or leave it out")]),
    "a brace too many":                  ("\\begin{align}\na &= a} \\\\\na &= 3a\n\\end{align}",                     [R],       [(8, "} closes nothing here: nothing is open")]),
    "an unknown command":                ("$$\n\\begin{aligned} a &= \\foo \\\\ a &= 3a \\end{aligned}\n$$",        [R],       [(8, "the command \\foo is not known: define it with \\newcommand, or write what it stands for")]),
    "cases in a row that is fine":       ("\\begin{align}\na &= \\begin{cases} a & a > 0 \\\\ a & a \\leq 0 \\end{cases} \\\\\nb &= a .* b\n\\end{align}", [P], [(9, "something is missing before *")]),
    "what goes on from a bad row":       ("\\begin{align}\na &= b .* b \\\\\n&= 2a \\\\ b &= b\n\\end{align}",       [P],       [(8, "something is missing before *"), (9, "a row that begins with = follows nothing that was read")]),
    "gather":                            ("\\begin{gather}\na = 3a \\\\\nb = \\left( b\n\\end{gather}",              [R],       [(9, "( is not closed: write what closes it, or leave it out")]),
    "nothing after =":                   ("$$a =$$\n\nThen a new sentence.\n\n$$a$$",                             [],        [(7, "the formula breaks off here: something is missing after =")]),
    "nothing after the last =":          ("$$a =$$",                                                              [],        [(7, "the formula breaks off here: something is missing after =")]),
    "what goes on in the next display":  ("$$a =$$\n\n$$2a$$",                                                    [R],       []),
    "an inline formula":                 ("So $b = 3(b$ and $b = b$.",                                           [P],       [(7, "( is not closed: write what closes it, or leave it out")]),
    "an inline formula never closed":    ("So $b = 3b and so on.",                                                [],        [(7, "`$` is never closed")]),
    "an environment never closed":       ("\\begin{align} b &= 3b\n\n$$b = 2b$$",                                 [R],       [(7, "`\\begin{align}` is never closed")]),
    "a name that is none":               ("$$J_{softmax-CE}(a) = a$$\n\n$$a = 2a$$",                              [R],       [(7, "this can be no part of a name")]),
    "a brace below with an equation":    ("$$\\underbrace{a}_{= 2a} = a$$",                                       [P, R],    []),
    "a brace below with a definition":   ("$$\\underbrace{a}_{q = 2a} = a$$",                                     [],        [(7, "an equation below a brace: write it as a formula of its own")]),
    "equations in a table":              ("$$\\begin{matrix} a = 2a \\end{matrix}$$",                             [],        [(7, "equations in a table: write them as rows of aligned")]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_one_bad_row_costs_only_that_row(tmp_path, name):
    text, verdicts, errors = ROWS[name]
    found = judged(tmp_path, DECLARED, text)
    assert found[:2] == (verdicts, [(line - 1, message) for line, message in errors])


def test_formulas_that_are_not_read_are_counted_inline_too(tmp_path):
    _, _, kinds = judged(tmp_path, DECLARED, "The $q^{($ of $b = 3(b$, and $b$.\n\n$$a .* b = 1 \\\\ a = a \\\\ b .* b = 1$$")
    assert kinds == ["unread", "unread", "unread", "claim", "unread"]


OPEN = "its definition in line 7 was not read"
HELD = {
    # what is not read       what rests on it                                                           verdicts      errors
    "an entry":              ("w = 1 .* 1", r"y = w^2 \\ y = w w",                                         [P],          []),
    "of a node":             ("y_i = x_i .* x_i", r"L = \sum_i y_i \\ \frac{\partial L}{\partial y_i} = 1", [P],          []),
    "of what it may use":    ("y_i = x_i .* x_i", r"L = \sum_i y_i \\ \frac{\partial L}{\partial x_i} = 0", [],           [f"y may depend on what is varied here: {OPEN}"]),
    "through another":       ("y_i = u_i .* 1", r"L = \sum_i y_i \\ \frac{\partial L}{\partial x_i} = 0",   [],           [f"y may depend on what is varied here: {OPEN}"]),
    "of what it cannot use": ("y_i = x_i .* 1", r"L = a \sum_i y_i \\ \frac{\partial L}{\partial a} = \sum_i y_i", [P],   []),
    "a wrong step":          ("y_i = x_i .* x_i", r"2 y_i = x_i",                                          [U],          []),
    "by a name unknown":     ("y_i = q x_i", r"y_i = y_i \\ y_i + 1 = x_i",                                [P, U],       []),
    "an array of no shape":  (r"v = A .* x", r"v = v",                                                     [],           ["v is not declared; its definition in line 7 was not understood"]),
}  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_what_rests_on_an_unread_definition_is_judged_with_it_as_given(tmp_path, name):
    unread, formulas, verdicts, errors = HELD[name]
    rows = "\n\n".join(f"$${f}$$" for f in formulas.split(r"\\"))
    file = tmp_path / "page.md"
    file.write_text(f"```symderiv\n{DECLARED}\nu_i = 2 x_i\ninput A: n \\times n\n```\n$${unread}$$\n\n{rows}\n")
    page = load(str(file))
    steps = [judge(page, k) for k in range(len(page.draft.steps))]
    told = [p.message for p in page.draft.problems][1:]  # the first is of the definition
    assert ([s.slip or s.verdict for s in steps], told) == (verdicts, errors)
    if verdicts and verdicts[-1] == U:
        assert steps[-1].reason == "it rests on y, whose definition in line 7 was not read; as it stands here y can have any value"


NAMES = {
    # what could be a derivative          text                                                                         verdicts  errors
    "a prime of a function of one number": (r"y = b^2 \\ y' = 3b",                                                       [R],      []),
    "the same, right":                     (r"y = b^2 \\ y' = 2b",                                                       [P],      []),
    "two primes":                          (r"y = b^3 \\ y'' = 6b",                                                      [P],      []),
    "a prime of a function of two":        (r"y = a b \\ y' = a",                                                        [],       [r"y': a derivative, or a new name? Write \frac{\partial v}{\partial u}, or define it with :="]),
    "a prime of what has an accent":       (r"\bar{s} = a - a \\ \bar{s}' = 1 - 1",                                           [],       [r"\bar{s}': a derivative, or a new name? Write \frac{\partial v}{\partial u}, or define it with :="]),
    "a prime that defines":                (r"y = a b \\ y' := a \\ y' = b",                                             [R],      []),
    "a prime of an input":                 (r"a' = 2a \\ a' = a + a",                                                    [P],      []),
    "a dot":                               (r"y = a b \\ \dot{y} = a",                                                   [],       [r"\dot{y}: a derivative, or a new name? Write \frac{\partial v}{\partial u}, or define it with :="]),
    "bars as adjoints":                    (r"y = a b \\ L = \frac12 y^2 \\ \overline{y} = y \\ \overline{a} = \overline{y} a", [], [r"\bar{y}: a derivative, or a new name? Write \frac{\partial v}{\partial u}, or define it with :=", r"\bar{a}: a derivative, or a new name? Write \frac{\partial v}{\partial u}, or define it with :="]),
    "a bar that is a mean":                (r"L = \sum_i x_i^2 \\ \bar{x} = \frac1n \sum_i x_i \\ n \bar{x} = \sum_i x_i", [P],     []),
    "a bar before there is a loss":        (r"\mu = \frac1n \sum_i x_i \\ \bar{x}_i = x_i - \mu \\ \sum_i \bar{x}_i = 0", [P],      []),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_derivative_is_never_taken_for_a_definition(tmp_path, name):
    formulas, verdicts, errors = NAMES[name]
    found, told, _ = judged(tmp_path, DECLARED, "\n\n".join(f"$${f}$$" for f in formulas.split(r"\\")))
    assert (found, [message for _, message in told]) == (verdicts, errors)


SIZES = "size m, n\ninput x: m, v: n, z"
LETTERS = {
    # what stands before                  text                                                           verdicts  errors
    "a letter of another range":          (r"y_i = z x_i \\ \sum_i v_i = \sum_k v_k",                      [P],      []),
    "one in a row that is not read":      (r"x_r = h(z) \\ \sum_r v_r = \sum_k v_k",                       [P],      ["h is not declared; declare it in a block: input h"]),
    "a size in a row that is not read":   (r"z = \sum_{j=1}^{q} h(j) \\ q z = z q",                        [],       ["h is not declared; declare it in a block: input h", "q is not declared; declare it in a block: input q"]),
    "a letter that goes on":              (r"y_i = z x_i \\ y_i = x_i z",                                  [P],      []),
    "a letter of two ranges in one":      (r"x_i = v_i",                                                  [M],      []),
    "the letter of a sum, then another":  (r"\sum_i x_i = \sum_i x_i \\ v_i z = z v_i",                    [P, P],   []),
    "a definition that fails":            (r"u_i = x_i + h(i) \\ u_i z = z u_i \\ u_i + v_i = v_i + u_i", [P, U], ["h is not declared; declare it in a block: input h"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LETTERS)
def test_what_is_not_read_leaves_the_letters_as_they_were(tmp_path, name):
    formulas, verdicts, errors = LETTERS[name]
    found, told, _ = judged(tmp_path, SIZES, "\n\n".join(f"$${f}$$" for f in formulas.split(r"\\")))
    assert (found, [message for _, message in told]) == (verdicts, errors)


def test_an_error_without_a_place_is_at_its_member(tmp_path):
    """It was told at the beginning of the environment, a line before the formula."""
    draft, _ = read(tmp_path, "input z", "\\begin{equation}\n2 z = z + z\n= \\frac{z}{z - z}\n= z\n\\end{equation}")
    assert [(p.line, p.column) for p in draft.problems] == [(7, 3)]


def test_an_unreadable_condition_of_the_prose_is_told(tmp_path):
    told = "( is not closed: write what closes it, or leave it out"
    assert judged(tmp_path, "input z", "If $z = 3(z$, then $2z = z + z$.") == ([P], [(5, told)], ["unread", "claim"])


def test_an_objective_of_what_has_no_name_costs_only_its_line(tmp_path):
    found = judged(tmp_path, "input v: d\nobjective L(a^{<t>})", "$$v = 2v$$")
    message = r"a^{\langle t \rangle} is not defined in this document; the objective L is of what a formula defines, or an input"
    assert found == ([R], [(3, message)], ["claim"])


def test_a_document_that_only_defines_is_read(tmp_path):
    assert judged(tmp_path, DECLARED, "$$y_i = 2x_i, \\quad i = 1, 2, \\dots, n$$") == ([], [], ["definition", "remark"])


def test_a_power_of_a_row_is_told_of(tmp_path):
    found = judged(tmp_path, "input x: n, a", "$$(x^\\top)^a = a$$")
    assert found[:2] == ([], [(5, "a power of a row: write the product that is meant")])
