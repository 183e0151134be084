"""Documents without declarations: what is taken from the text itself, and what is judged under it."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import pytest
from click.testing import CliRunner

from symderiv.cli import cli
from symderiv.documents.marking.pages import declarations, judge, load
from symderiv.faces.marks import mark_of
from symderiv.faces.report import html, tex

P, R, M, U = "proved", "refuted", "misread", "unknown"

NORM = [
    r"\mu = \frac{1}{m} \sum_{i=1}^m x_i",
    r"v = \frac{1}{m} \sum_{i=1}^m (x_i - \mu)^2",
    r"h_i = \frac{x_i - \mu}{\sqrt{v + \epsilon}}",
    r"y_i = \gamma h_i + \beta",
]
NETWORK = [
    r"z_i = \sum_{j=1}^d w_j x_{ij} + b",
    r"p_i = \frac{1}{1 + e^{-z_i}}",
    r"L = -\sum_{i=1}^n (t_i \log p_i + (1 - t_i) \log(1 - p_i))",
]


def loaded(tmp_path, formulas, words=""):
    file = tmp_path / "page.md"
    file.write_text(words + "\n\n" + "\n\n".join(f"$$\n{f}\n$$" for f in formulas))
    return load(str(file))


def judged(page):
    return [mark_of(judge(page, k)).name for k in range(len(page.draft.steps))]


TAKEN = {
    # what is told by                     formulas                                                                          the block
    "the ends of sums":                   ([*NORM, r"\frac{\partial L}{\partial \beta} = \sum_i \frac{\partial L}{\partial y_i}"],
                                           ["size m", "index i = 1..m", "objective L(y)", "input x: m", r"input \epsilon, \gamma, \beta"]),
    "an end in one place":                ([r"s = \sum_{i=1}^n a_i", r"s = \sum_k a_k"], ["size n", "index i, k = 1..n", "input a: n"]),
    "entries of two dimensions":          (NETWORK, ["size d, n", "index i = 1..n", "index j = 1..d", "input w: d", "input x: n \\times d", "input b", "input t: n"]),
    "a range beside a formula":           ([r"y_i = a x_i, \quad i = 1, \dots, n"], ["size n", "index i = 1..n", "input a", "input x: n"]),
    "a mean":                             ([r"\mu = \frac{1}{m} \sum_i x_i"], ["size m", "index i = 1..m", "input x: m"]),
    "nothing: a size of its own":         ([r"s = \sum_i x_i y_i"], ["size n", "index i = 1..n", "input x, y: n"]),
    "a membership":                       ([r"W \in \mathbb{R}^{m \times n}", r"y = W x"], ["size m, n", r"input W: m \times n", "input x: n"]),
    "a sum, before what is said of each": ([r"x \in \mathbb{R}^d", r"\mu = \frac{1}{m} \sum_{i=1}^m x_i"], ["size m", "index i = 1..m", "input x: m"]),
    "matrices by custom":                 ([r"h = W_{xh} x + b_h", r"y = \hat{v}^\top h"], ["size m, n", r"input W_{xh}: m \times n", "input x: n", r"input b_h, \hat{v}: m"]),
    "what fits beside it":                ([r"A \in \mathbb{R}^{n \times n}", r"f = x^\top A x"], ["size n", r"input A: n \times n", "input x: n"]),
    "a part of the name":                 ([r"y = W_h x_{in} + b_{out}"], [r"input W_h, x_{in}, b_{out}"]),
    "rows of a matrix":                   ([r"z_i = x_i^\top w", r"Z = X w", r"X \in \mathbb{R}^{n \times d}"], ["size d, n", "index i = 1..n", r"input X: n \times d", "write x for X", "input w: d"]),
    "entries of a matrix":                ([r"t = \operatorname{tr}(A B)", r"t = \sum_{i=1}^n \sum_{j=1}^m a_{ij} b_{ji}"], ["size m, n", "index i = 1..n", "index j = 1..m", r"input A: n \times m", r"input B: m \times n", "write a for A", "write b for B"]),
    "a list of entries":                  ([r"x = (x_1, \dots, x_n)", r"s = \sum_i x_i^2"], ["size n", "index i = 1..n", "input x: n", r"aside x = (x_1, \dots, x_n)"]),
    "a sum with a capital sigma":         ([r"\mu = \frac{1}{m} \Sigma_{i=1}^m x_i"], ["size m", "index i = 1..m", "input x: m"]),
    "names with letters that are no positions": ([r"i = \sigma(W_i x + b_i)", r"f = \sigma(W_f x + b_f)"], ["input W_i, x, b_i, W_f, b_f"]),
    "a number that is given a value":     ([r"y = \lambda x", r"\lambda = 0"], [r"input \lambda, x"]),
    "what is solved for":                 ([r"J = \sum_{i=1}^n (w - x_i)^2", r"\frac{\partial J}{\partial w} = 0", r"w = \frac{1}{n} \sum_{i=1}^n x_i"], ["size n", "index i = 1..n", "input w", "input x: n"]),
    "a function":                         ([r"y = f(u)", r"\frac{\partial y}{\partial u} = f'(u)"], ["function f", "input u"]),
    "a square that is a name":            ([r"y = \frac{a}{\sigma^2}", r"\frac{\partial y}{\partial \sigma^2} = -\frac{a}{(\sigma^2)^2}"], [r"input a, \sigma^2"]),
}  # fmt: skip


@pytest.mark.parametrize("told", TAKEN)
def test_what_is_taken_from_the_text(tmp_path, told):
    formulas, block = TAKEN[told]
    assert sorted(loaded(tmp_path, formulas).draft.taken) == sorted(block)


JUDGED = {
    # about                               formulas                                                                                      verdicts
    "a gradient":                         ([*NORM, r"\frac{\partial L}{\partial \gamma} = \sum_i \frac{\partial L}{\partial y_i} h_i"],  [P]),
    "its Σ lost":                         ([*NORM, r"\frac{\partial L}{\partial \gamma} = \frac{\partial L}{\partial y_i} h_i"],         [U]),
    "along all paths":                    ([*NORM, r"\frac{\partial L}{\partial x_i} = \frac{\gamma}{m \sqrt{v + \epsilon}} (m \frac{\partial L}{\partial y_i} - \sum_j \frac{\partial L}{\partial y_j} - h_i \sum_j \frac{\partial L}{\partial y_j} h_j)"], [P]),
    "a path lost":                        ([*NORM, r"\frac{\partial L}{\partial x_i} = \frac{\gamma}{m \sqrt{v + \epsilon}} (m \frac{\partial L}{\partial y_i} - \sum_j \frac{\partial L}{\partial y_j})"], [R]),
    "a network":                          ([*NETWORK, r"\frac{\partial L}{\partial w_j} = \sum_i (p_i - t_i) x_{ij}"],                   [P]),
    "a network, a sign":                  ([*NETWORK, r"\frac{\partial L}{\partial w_j} = \sum_i (t_i - p_i) x_{ij}"],                   [R]),
    "a network, the wrong letter":        ([*NETWORK, r"\frac{\partial L}{\partial w_j} = \sum_i (p_i - t_i) x_{ii}"],                   [M]),
    "least squares":                      ([r"J = \|X w - y\|^2", r"\nabla_w J = 2 X^\top (X w - y)"],                                   [P]),
    "least squares, turned":              ([r"J = \|X w - y\|^2", r"\nabla_w J = 2 X (X w - y)"],                                        [U]),
    "least squares, a factor":            ([r"J = \|X w - y\|^2", r"\nabla_w J = X^\top (X w - y)"],                                     [R]),
    "rows and their matrix":              ([r"X \in \mathbb{R}^{n \times d}", r"z_i = x_i^\top w", r"L = \sum_{i=1}^n z_i^2", r"\nabla_w L = 2 X^\top X w"], [P]),
    "rows and their matrix, turned":      ([r"X \in \mathbb{R}^{n \times d}", r"z_i = x_i^\top w", r"L = \sum_{i=1}^n z_i^2", r"\nabla_w L = 2 X X^\top w"], [U]),
    "what is solved for":                 ([r"J = \sum_{i=1}^n (w - x_i)^2", r"\frac{\partial J}{\partial w} = \sum_i 2 (w - x_i) = 0", r"w = \frac{1}{n} \sum_{i=1}^n x_i"], [P, U, P]),
    "a function that all texts know":     ([r"a = \sigma(z)", r"\sigma'(z) = \sigma(z) (1 - \sigma(z))", r"\frac{\partial a}{\partial z} = \sigma'(z)"], [P, P]),
    "a whole array, and its entries":     ([r"y = a x + b", r"y_i = a x_i + b", r"\frac{\partial y_i}{\partial x_i} = a"],               [P]),
}  # fmt: skip


@pytest.mark.parametrize("about", JUDGED)
def test_what_is_judged_under_it(tmp_path, about):
    formulas, verdicts = JUDGED[about]
    page = loaded(tmp_path, formulas)
    assert (judged(page), [p.message for p in page.draft.problems]) == (verdicts, [])


@pytest.mark.parametrize("about", JUDGED)
@pytest.mark.parametrize("suffix", [".md", ".tex"])
def test_the_block_that_is_written_out_says_the_same(tmp_path, about, suffix):
    formulas, verdicts = JUDGED[about]
    text = "\n\n".join(f"$$\n{f}\n$$" for f in formulas)
    file = tmp_path / f"page{suffix}"
    file.write_text(text)
    file.write_text(f"{declarations(str(file))}\n{text}")
    page = load(str(file))
    assert page.draft.taken == ()
    found = judged(page)
    assert [f for f, v in zip(found, verdicts, strict=True) if v != U] == [v for v in verdicts if v != U]


def test_a_block_with_inputs_is_all_there_is(tmp_path):
    """Who declares inputs declares all of them: a name that is missing is a slip of the pen, and no input more."""
    page = loaded(tmp_path, [r"y = a + q"], "```symderiv\ninput a\n```")
    assert page.draft.taken == ()
    assert [p.message for p in page.draft.problems] == ["q is not declared; declare it in a block: input q"]


def test_a_block_without_inputs_overrules(tmp_path):
    page = loaded(tmp_path, [r"s = \sum_i x_i"], "```symderiv\nindex i = 1..7\n```")
    assert page.draft.taken == ("input x: 7",)


def test_what_is_missing_in_a_block_is_written_out(tmp_path):
    file = tmp_path / "page.md"
    file.write_text("```symderiv\ninput a\n```\n\n$$y_i = a x_i, \\quad i = 1, \\dots, n$$\n")
    assert declarations(str(file)) == "```symderiv\nsize n\nindex i = 1..n\ninput x: n\n```\n"


def test_what_is_differentiated_and_never_defined_is_no_input(tmp_path):
    """As an input its derivative would be 0; what it is of cannot be told."""
    page = loaded(tmp_path, [r"\frac{\partial y_i}{\partial x_j} = 0"])
    assert (judged(page), len(page.draft.problems)) == ([], 1)


@pytest.mark.parametrize(("words", "verdicts"), [("For symmetric", [P]), ("For a general", [R]), ("Let $S$ be symmetric. For any", [R])])
def test_what_the_prose_calls_symmetric(tmp_path, words, verdicts):
    formulas = [r"f = x^\top A x", r"\nabla_x f = 2 A x"]
    assert judged(loaded(tmp_path, formulas, f"{words} $A$ we have the following.")) == verdicts


def test_a_slope_that_is_let_be_zero_is_an_equation_to_be_solved(tmp_path):
    """With declarations too, "let $\\partial f/\\partial w = 0$, then ..." was marked wrong, and what follows from it."""
    file = tmp_path / "page.md"
    lines = [
        r"$$f = \sum_i (w - x_i)^2$$",
        r"Let $\frac{\partial f}{\partial w} = 0$, then",
        r"$$\sum_i (w - x_i) = 0$$",
        r"$$w = \sum_i x_i$$",
    ]
    file.write_text("```symderiv\nindex i = 1..n\ninput w, x_i\n```\n\n" + "\n\n".join(lines))
    assert judged(load(str(file))) == [P, R]


def test_what_follows_from_a_slope_that_was_not_read_is_not_wrong(tmp_path):
    formulas = [r"f = \sum_i (w - x_i)^2", r"\frac{\partial g(w)}{\partial w} = 0", r"\sum_i (w - x_i) = 0"]
    page = loaded(tmp_path, formulas, "```symderiv\nindex i = 1..n\ninput w, x_i\n```")
    assert judged(page) == [U]


def test_it_is_shown(tmp_path):
    page = loaded(tmp_path, [r"s = \sum_{i=1}^n x_i", r"\frac{\partial s}{\partial x_i} = 1"])
    for shown in (html(page.draft, None), tex(page.draft, None)):
        assert "Taken from the text" in shown
        assert "input x: n" in shown


def test_the_command_writes_the_block(tmp_path):
    file = tmp_path / "page.md"
    file.write_text("$$s = \\sum_{i=1}^n x_i$$\n")
    told = CliRunner().invoke(cli, ["declare", str(file)])
    assert (told.exit_code, told.output) == (0, "```symderiv\nsize n\nindex i = 1..n\ninput x: n\n```\n")


@pytest.mark.parametrize(("name", "text", "said"), [
    ("page.md", "```symderiv\ninput a\n```\n\n$$b = a$$\n", "there is nothing to declare"),
    ("page.py", "", "is no Markdown or LaTeX document"),
    ("nowhere.md", None, "no such file"),
])  # fmt: skip
def test_what_the_command_cannot_do_is_told(tmp_path, name, text, said):
    file = tmp_path / name
    if text is not None:
        file.write_text(text)
    told = CliRunner().invoke(cli, ["declare", str(file)])
    assert told.exit_code != 0
    assert said in str(told.exception)
