"""Documents from the wild: what is read and how it is judged, and what is refused because it could mean two things.

Each row was once wrong: read as something else, refused, or proved though it is false.
"""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import json

import pytest

from symderiv.documents.marking.pages import judge, load
from symderiv.faces.listing import document

P, R, E = "proved", "refuted", "not read"

MATRIX = r"input A: n \times n"
VECTOR = "index i, j = 1..n\ninput x_i, z_i"
RANGES = "size m, n\ninput x: m, a: n, z"
SAMPLES = r"index i = 1..m" + "\n" + r"input x^{(i)}: n, \theta: n, y^{(i)}" + "\nobjective J"
LOGISTIC = r"g(z) = \frac{1}{1+e^{-z}}" + "\n" + r"h_\theta(x^{(i)}) = g(\theta^T x^{(i)})"
LOSS = r"J(\theta) = -\frac{1}{m}\sum_{i=1}^m [ y^{(i)} \log h_\theta(x^{(i)}) + (1-y^{(i)}) \log (1 - h_\theta(x^{(i)})) ]"
CLASSES = (
    "index i = 1..N\nindex c = 1..C\ninput z_{ic}\nlabel y_i = 1..C\nobjective L\n"
    + r"p_{ic} = \frac{e^{z_{ic}}}{\sum_k e^{z_{ik}}}"
    + "\n"
    + r"L_i = -\log p_{iy_i}"
    + "\n"
    + r"L = \frac1N\sum_i L_i"
)
LAYERS = r"input A^{[1]}: p \times q, W^{[2]}: r \times p, b: r" + "\nobjective L(z)\n" + r"z = W^{[2]} A^{[1]} + b"
NORMAL = (
    "index i = 1..n\n"
    + r"input x_i, \mu"
    + "\n"
    + r"input \sigma > 0"
    + "\n"
    + r"\ell = -\frac{n}{2}\log(2\pi\sigma^2) - \frac{1}{2\sigma^2}\sum_i (x_i-\mu)^2"
)
ATTENTION = (
    r"size d"
    + "\n"
    + r"input Q: n \times d, K: n \times d, V: n \times d"
    + "\nobjective L(O)\n"
    + r"S = \frac{1}{\sqrt d} Q K^\top"
    + "\n"
    + r"P = \mathrm{softmax}(S)"
    + "\nO = P V"
)

ROWS = {
    # what it was                     declared    formula                                                                       verdicts
    "a sample below, lost in the name": ("input x_n: D\nindex n = 1..N", r"\sum_{n=1}^N x_n = N x_n",                           [R]),
    "a letter declared too late":       ("input x_i\nindex i = 1..m", r"\sum_i x_i = m x_i",                                    [R]),
    "an index in a word":               ("input x_h\nsize m", r"\sum_{h=1}^m x_h = m x_h",                                      [E]),
    "samples above":                    (f"{SAMPLES}\n{LOGISTIC}\n{LOSS}", r"\frac{\partial J}{\partial \theta} = \frac{1}{m}\sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) x^{(i)}", [P]),
    "samples above, 1/m lost":          (f"{SAMPLES}\n{LOGISTIC}\n{LOSS}", r"\nabla_\theta J = \sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) x^{(i)}", [R]),
    "a function of the text":           (r"input w" + "\n" + r"g(z) = \frac{1}{1+e^{-z}}", "g(w) + g(-w) = 1",                  [P]),
    "L beside L_i":                     (CLASSES, r"\frac{\partial L}{\partial z_{ic}} = \frac{1}{N}(p_{ic} - \delta_{c y_i})", [P]),
    "the loss of one sample":           (CLASSES, r"\frac{\partial L_i}{\partial z_{ic}} = p_{ic} - \mathbb{1}[c = y_i]",       [P]),
    "layers above, transposed":         (LAYERS, r"\frac{\partial L}{\partial A^{[1]}} = W^{[2]T} \frac{\partial L}{\partial z} = W^{[2]\top} \frac{\partial L}{\partial z} = {W^{[2]}}^T \frac{\partial L}{\partial z}", [P, P, P]),
    "a column beside columns":          (LAYERS, r"\frac{\partial L}{\partial b} = \frac{\partial L}{\partial z} \mathbf{1}",   [P]),
    "vectors by their position":        ("index i = 1..N\n" + r"input x: N \times d, W: k \times d, b: k" + "\nobjective L(z)\nz_i = W x_i + b", r"\frac{\partial L}{\partial x_i} = W^\top \frac{\partial L}{\partial z_i}", [P]),
    "a variance as the variable":       (NORMAL, r"\frac{\partial \ell}{\partial \sigma^2} = -\frac{n}{2\sigma^2} + \frac{1}{2\sigma^4}\sum_i (x_i-\mu)^2", [P]),
    "the logarithm of a determinant":   (MATRIX, r"\log|A| = \log \det A",                                                      [P]),
    "d is a size and dQ a gradient":    (ATTENTION, r"dQ = \frac{1}{\sqrt d} dS\, K",                                           [P]),
    "a scale that was lost":            (ATTENTION, r"dK = dS^\top Q",                                                          [R]),
    "for positions that differ":        (VECTOR + "\n" + r"p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}", r"\frac{\partial p_i}{\partial z_j} = -p_i p_j \quad \text{for } i \neq j", [P]),
    "if positions are the same":        (VECTOR + "\n" + r"p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}", r"\frac{\partial p_i}{\partial z_j} = p_i (1 - p_i) \quad \text{if } i = j", [P]),
    "for, and two equations":           (VECTOR, r"\text{For } i \neq j: \quad \delta_{ij}x_i = 0, \quad \delta_{ij}z_i = 0",   [P, P]),
    "one condition or another":         (VECTOR, r"x_i = 2x_i \text{ if } i<j \text{ or } i>j",                                 [E]),
    "and, between two equations":       ("input a, b", r"a^2 = b^2 \text{ and } a = b",                                            [R, R]),
    "and, with another claim":          ("input a", r"a = a, \text{ and } a = 2a",                                                [P, R]),
    "positions one by one":             (VECTOR, r"x_i = x_1 \text{ for } i = 1, 2, \dots, n",                                    [R]),
    "from one to n in words":           (VECTOR, r"x_i = x_1 \text{ for } i = 1 \text{ to } n",                                   [E]),
    "two values for one thing":         ("input a", r"a^2 = 2a \text{ for } a = 0 \text{ and } a = 2",                             [E]),
    "a second case":                    ("input a", r"|a| = a \text{ if } a > 0 \text{ else } 0",                                 [E]),
    "a second case, after a comma":     ("input a, b", r"|a| = a \text{ for } a > 0 \text{ and } b \text{ for } a < 0",           [E]),
    "unless":                           (VECTOR, r"\delta_{ij} x_i = 0 \text{ unless } i = j",                                   [E]),
    "if and then":                      ("input a, b", r"\text{If } a = b \text{ then } a^2 = b^2",                               [P]),
    "a range that begins at two":       (VECTOR, r"\delta_{i1} x_i = 0 \text{ for } i = 2, \dots, n",                            [P]),
    "a function with a sum in it":      (VECTOR + "\n" + r"f(t) = \sum_i x_i t", r"f(x_i) = \sum_i x_i^2",                       [R]),
    "a function with a sum, true":      (VECTOR + "\n" + r"f(t) = \sum_i x_i t", r"\sum_i f(x_i) = (\sum_i x_i)^2",             [P]),
    "columns side by side that go on":  ("input a, b", r"\begin{aligned} a &= a, & b &= b \\ &= b & &= b\end{aligned}",          [E]),
    "columns side by side":             ("input a, b", r"\begin{aligned} a &= a & b &= b \end{aligned}",                         [P, P]),
    "the inverse of a function":        ("input a\n" + r"g(z) = \frac{1}{1+e^{-z}}" + "\n" + r"g^{-1}(y) = y", r"g^{-1}(a) = a", [E]),
    "an inner product entry by entry":  ("input x: n\nproducts entry by entry", r"x^\top x = x x",                               [R]),
    "a vector beside a square":         ("input W: n \\times n, X: n \\times n, b: n", r"W X + b = W X + b",                       [E]),
    "remarks beside rows":              (VECTOR, r"\begin{aligned} \sum_i (x_i + z_i) &= \sum_i x_i + \sum_i z_i && \text{(linearity)} \\ &= \sum_i z_i + \sum_i x_i && \text{(order)} \end{aligned}", [P, P]),
    "what is wanted is no claim":       (VECTOR, r"x_i = x_i \overset{!}{=} 0",                                                 [P]),
    "pairs that differ":                (VECTOR, r"\sum_{i \neq j} x_i x_j = \left(\sum_i x_i\right)^2 - \sum_i x_i^2",         [P]),
    "all but one":                      (VECTOR, r"\sum_{i \neq j} x_i = \sum_i x_i - x_j",                                     [P]),
    "what a delta is":                  (VECTOR, r"\delta_{ij} = 2",                                                            [R]),
    "an entry of a transpose":          (MATRIX, r"A^\top_{ij} = A_{ji}",                                                       [P]),
    "an entry of a transpose, wrong":   (MATRIX, r"A^\top_{ij} = A_{ij}",                                                       [R]),
    "an entry of an inverse":           (MATRIX, r"A^{-1}_{ij} = \frac{1}{A_{ij}}",                                             [E]),
    "a root of a matrix":               (MATRIX, r"(A^{1/2})_{ij} = \sqrt{A_{ij}}",                                             [E]),
    "a size as the power of a matrix":  (MATRIX, r"(A^n)_{ij} = A_{ij}^n",                                                      [E]),
    "two above a function":             ("function \\phi\ninput z", r"\phi^2(z) = \phi(z)",                                     [E]),
    "three below a function":           ("function \\phi\ninput z", r"\phi_3(z) = \phi(z)",                                     [E]),
    "a sum's letter that is a name":    ("input x\nsize n", r"\sum_{x=1}^n x = nx",                                             [R]),
    "a sum's letter, and a true sum":   ("input k", r"\sum_{k=1}^3 k = 6",                                                      [P]),
    "a sum over e":                     ("input a", r"\sum_{e=1}^{2} e^2 = 2e^2",                                               [R]),
    "a minus before a differential":    ("input a", r"b = a^2 \\ \frac{-\partial b}{\partial a} = -2a",                      [P]),
    "digits side by side":              ("input a", "2 3 = 6",                                                                  [E]),
    "a mixed number":                   ("input a", r"2\frac12 = 1",                                                            [E]),
    "a comma between arguments":        ("input a", r"\max(1,200) = 1200",                                                      [R]),
    "an n above, in Unicode":           ("input a\nsize n", "aⁿ = n a",                                                         [E]),
    "the largest of a vector":          ("input x: n", r"\max(x) = x",                                                          [E]),
    "a macro below a line":             ("input a, x", r"\newcommand{\ab}{ax} \frac{1}\ab = \frac{1}{a}x",                      [R]),
    "a macro after a command":          ("input x", r"\newcommand{\y}{x} \log\y = \log x",                                      [P]),
    "a row that goes on":               ("input a", r"\begin{align} 2a &= 3a \\ &- a = 2a\end{align}",                          [P, P]),
    "a row that goes on, wrong":        ("input a, x", r"\begin{align} a &= a \\ &- x = -x \end{align}",                        [R, R]),
    "the derivative at 2":              ("input x\ny = x^2", r"\frac{dy}{dx}(2) = 4x",                                          [E]),
    "a note over a name":               ("input x", r"\overset{2}{x} = x",                                                      [E]),
    "two in brackets above":            ("input x", r"x^{[2]} = x x",                                                           [E]),
    "two above a logarithm":            ("input x", r"\log^{(2)} x = (\log x)^2",                                               [E]),
    "where tanh ends":                  ("input a, b", r"\tanh a (1-b) b = \tanh(a(1-b)b)",                                     [E]),
    "what is below a slash":            ("input a, b", r"a/2b=\frac{ab}{2}",                                                    [E]),
    "an entry in parentheses":          ("input x: n", "x(2) = 2x",                                                             [E]),
    "a sum without end":                ("input a", r"\sum_{k=1}^{\infty} \frac{1}{k} = 1",                                     [E]),
    "powers of powers":                 ("input a", "(((((2^{64})^{64})^{64})^{64})^{64})^{64} = a",                            [E]),
    "fourteen derivatives":             ("input a, b", r"\frac{\partial^{14} (a+b)^{30}}{\partial a^{14}} = 1",                 [E]),
    "e to the first":                   ("input a",     r"(e^{-1})^{-1} a = a e^1",                                       [P]),
    "e to the first is no number of 3": ("input a",     r"a e^1 = 3 a",                                                  [R]),
    "a determinant under repair":       (MATRIX, r"\det 2A = 2\det A",                                                          [R]),
    "two ranges in definitions":        (f"{RANGES}\ny_i = z x_i\nb_i = z a_i", "b_i = a_i z",                                   [P]),
    "two ranges in definitions, wrong": (f"{RANGES}\ny_i = z x_i\nb_i = z a_i", "b_i = 2 a_i z",                                 [R]),
    "the derivative of an input":       ("index i = 1..n\ninput x_i, f", r"\frac{\partial f}{\partial x_i} = 0",                [E]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_what_was_once_wrong(tmp_path, name):
    declared, formula, wanted = ROWS[name]
    page = _page(tmp_path, declared, formula)
    steps = [judge(page, k) for k in range(len(page.draft.steps))]
    told = [P if step.as_expected else step.verdict for step in steps] + [E] * bool(page.draft.problems)
    assert told == wanted, page.draft.problems


def _page(tmp_path, declared, formula):
    file = tmp_path / "page.md"
    file.write_text(f"```symderiv\n{declared}\n```\n\n$$\n{formula}\n$$\n")
    return load(str(file))


TOLD = [
    # declared                      formula                                            the whole message
    ("inptus x", "a = a", "inptus is no statement; did you mean inputs?"),
    ("objective f(y)", "1 = 1", "y is not defined in this document; the objective f is of what a formula defines, or an input"),
    ("input a\nobjective L(L)", r"\frac{\partial L}{\partial a} = 0", "L is not defined in this document; the objective L is of what a formula defines, or an input"),  # was a crash
    ("input a\nobjective L(K)\nobjective K(L)", r"\frac{\partial L}{\partial a} = 0", "K is not defined in this document; the objective L is of what a formula defines, or an input"),
    ("index i = 1..n\ninput x_i", r"\frac{\partial f}{\partial x_i} = 0", "f is not declared; define it, or declare what it is any smooth function of: objective f(y)"),
    ("index i = 1..n\ninput x_i, f", r"\frac{\partial f}{\partial x_i} = 0", "f is an input and depends on nothing: define it, or declare it as an objective, objective f(y)"),
    ("input X: n \\times d, v: d", r"x_i^\top v = 0", "x_i is not declared; declare it in a block: input x_i; or, as the rows of X, with a line in the block: x_{ij} = X_{ij}"),
    ("input a\nb = c", "b = a", "c is not declared; declare it in a block: input c"),
    ("input x: m, A: m \\times n\nr = x^\\top A", "r = 1", "this is a row: define the column, and write ^\\top where the row is meant"),  # was "Row(vector=Array(... is not a formula"
    ("input q\nfunction d", "dq = 2 q", "d is a function: of what? Write d(z)"),  # was a crash
    ("input x: d\nf = x^T x", "df = x^T dx", r"a differential, or d times this? Write d \cdot f for the product; differentials are not read yet"),  # was d times f, proved
    ("input x: m, d: m\nobjective L(x)", "dx = 2 x", r"a differential alone; write a derivative, \frac{\partial v}{\partial u}"),  # was "d is an array"
    ("size m\nindex i = 1..m\ninput x_i\nK(x_i^2) = x_i", "K(x^2) = 1", "K was defined with other arguments: write it with those, or what it is here"),  # was a crash: no index in the place of one
]  # fmt: skip


@pytest.mark.parametrize(("declared", "formula", "message"), TOLD)
def test_what_is_wrong_and_the_way_out(tmp_path, declared, formula, message):
    problems = _page(tmp_path, declared, formula).draft.problems
    assert message in [p.message for p in problems], problems


def test_a_definition_that_failed_is_named_where_it_is_missing(tmp_path):
    page = _page(tmp_path, "input a: n\nb = c a", "2b = a")  # a vector: what b would be is not known
    assert [p.message for p in page.draft.problems] == [
        "c is not declared; declare it in a block: input c",
        "b is not declared; its definition in line 3 was not understood",
    ]


def test_a_missing_name_is_told_once(tmp_path):
    (problem,) = _page(tmp_path, "input a", "a = q\n$$\n\n$$\na = 2q\n$$\n\n$$\na = 3q").draft.problems
    assert problem.message == "q is not declared; declare it in a block: input q (it is used at 2 more places)"


def test_a_name_misread_through_a_chain_is_put_right_in_all_of_it(tmp_path):
    """∂f/∂y = Σ ∂f/∂yᵢ ∂yᵢ/∂y = Σ ∂f/∂yᵢ x̂ᵢ: the first step holds for the vector y as well, but γ is meant."""
    declared = "index i = 1..m\ninput x_i, \\gamma\ny_i = \\gamma x_i\nobjective f(y)"
    f, y = r"\frac{\partial f}{\partial y_i}", r"\frac{\partial y_i}{\partial y}"
    page = _page(tmp_path, declared, rf"\frac{{\partial f}}{{\partial y}} = \sum_i {f} {y} = \sum_i {f} x_i")
    steps = [judge(page, k) for k in range(2)]
    assert [(s.verdict, s.misprint) for s in steps] == [("proved", "y read as γ")] * 2
    assert [len(s.repairs[0].edits) for s in steps] == [2, 1]


def test_a_sign_that_is_hidden_by_a_zero_is_put_right_in_the_whole_chain(tmp_path):
    declared = "index i = 1..m\ninput x_i\n\\mu = \\frac{1}{m}\\sum_i x_i\n" + r"v = \frac{1}{m} \sum_i (x_i - \mu)^2"
    page = _page(
        tmp_path, declared, r"\frac{\partial v}{\partial \mu} = \frac{2}{m}\sum_i (x_i - \mu) = \frac{2}{m}(\sum_i x_i - m\mu) = 0"
    )
    first, *rest = (judge(page, k) for k in range(3))
    assert first.hidden
    assert [e.text for e in first.repairs[0].edits] == ["-", "-"]
    assert all(step.as_expected for step in rest)


def test_what_has_no_meaning_is_not_called_proved_for_machines(tmp_path):
    page = _page(
        tmp_path, "index i = 1..m\ninput x_i, \\gamma\ny_i = \\gamma x_i\nobjective f(y)", r"\frac{\partial f}{\partial \gamma_i} = 1"
    )
    judged = page.draft.with_steps({0: judge(page, 0)})
    (step,) = json.loads(document([judged]))["derivations"][0]["claims"][0]["steps"]
    assert (step["verdict"], step["status"]) == ("refuted", "misread")


def test_what_is_defined_below_can_be_used_above(tmp_path):
    """y = γ x̂ + β with x̂ and then μ defined after it: "where ...". A claim comes after all that it uses."""
    declared = "index i = 1..m\ninput x_i, \\gamma, \\beta\ninput \\varepsilon > 0\nobjective f(y)"
    file = tmp_path / "page.md"
    forward = [
        r"y_i = \gamma \hat{x}_i + \beta",
        r"\hat{x}_i = \frac{x_i - \mu}{\sqrt{v + \varepsilon}}",
        r"\mu = \frac{1}{m}\sum_i x_i",
        r"v = \frac{1}{m}\sum_i (x_i - \mu)^2",
        r"\frac{\partial f}{\partial \hat{x}_i} = \gamma \frac{\partial f}{\partial y_i}",
    ]
    file.write_text(f"```symderiv\n{declared}\n```\n\n" + "\n\n".join(f"$${f}$$" for f in forward) + "\n")
    page = load(str(file))
    assert page.draft.problems == ()
    assert [judge(page, k).verdict for k in range(len(page.draft.steps))] == [P]


def test_a_comment_below_a_block_is_none_of_it(tmp_path):
    file = tmp_path / "page.tex"
    file.write_text("% symderiv:\n% input a\n% Source: notes on something\n\n\\[ a + a = 2a \\]\n")
    page = load(str(file))
    assert page.draft.problems == ()
    assert judge(page, 0).verdict == P
