"""Documents: what is defined and claimed, how it can be read, and what a wrong line is told."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from pathlib import Path

import pytest

from symderiv.documents.marking.pages import judge, load
from symderiv.faces.judged import JudgedPage, JudgedStep

BATCHNORM = r"""
index i, k, n = 1..m
input x_i, \gamma, \beta
assume \varepsilon > 0
objective f(y)
\mu = \frac{1}{m} \sum_{i=1}^m x_i
\sigma^2 = \frac{1}{m} \sum_{i=1}^m (x_i - \mu)^2
\hat{x}_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}}
y_i = \gamma \hat{x}_i + \beta
"""

NETWORK = r"""
index i = 1..N
index j = 1..M
index k = 1..K
input x_{ik}, y_i, W_{jk}, b_j, \alpha_j
z_{ij} = \sum_k W_{jk} x_{ik} + b_j
u_{ij} = \exp(z_{ij})
\hat{y}_i = \sum_j \alpha_j u_{ij}
L = \sum_i (y_i - \hat{y}_i)^2
objective L
"""


def read(tmp_path: Path, declared: str, *formulas: str, suffix: str = ".md") -> tuple[JudgedPage, list[JudgedStep]]:
    """A document with a block and formulas on lines of their own, and its steps judged."""
    if suffix == ".md":
        text = f"```symderiv\n{declared.strip()}\n```\n\n" + "\n\n".join(f"$$\n{f}\n$$" for f in formulas)
    else:
        text = "".join(f"% {line}\n" for line in ["symderiv:", *declared.strip().splitlines()]) + "\n" + "\n\n".join(formulas)
    file = tmp_path / f"page{suffix}"
    file.write_text(text)
    page = load(str(file))
    return page.draft, [judge(page, k) for k in range(len(page.draft.steps))]


SLIPS = [
    # formula                                                                                    verdict     wrong as written  first repair         follows
    (r"\frac{\partial f}{\partial y} = \sum_{i=1}^m \frac{\partial f}{\partial y_i} \hat{x}_i",  "proved",   "misread",        "y read as γ",       ""),
    (r"\frac{\partial f}{\partial \hat{x}_i} = \frac{\partial f}{\partial y_i} \cdot y_i",       "refuted",  "",               "γ for yᵢ",          ""),
    (r"\frac{\partial f}{\partial \mu} = -\frac{\partial f}{\partial \hat{x}_i} \frac{1}{\sqrt{\sigma^2 + \varepsilon}}", "refuted", "", "Σ over i lost", ""),
    (r"\frac{\partial \sigma^2}{\partial \mu} = \frac{2}{m} \sum_{i=1}^m (x_i - \mu)",           "proved",   "hidden",         "− for +",           ""),
    (r"\frac{\partial f}{\partial \hat{x}_i} = \frac{\partial f}{\partial \gamma_i} \gamma",     "proved",   "misread",        "γ read as y",       ""),
    (r"\frac{\partial f}{\partial x_i} = \frac{1}{m\sqrt{\sigma^2 + \varepsilon}} \left( m \gamma \frac{\partial f}{\partial y_i}"
     r" - \sum_k \gamma \frac{\partial f}{\partial y_k} - \frac{\partial f}{\partial y_i} \gamma \sum_n \gamma \frac{\partial f}{\partial y_n} \hat{x}_n \right)",
                                                                                                 "refuted",  "",               "x̂ᵢ for γ·∂f/∂yᵢ",   ""),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "verdict", "wrong", "repair", "follows"), SLIPS)
def test_slips_of_batch_normalization(tmp_path, formula, verdict, wrong, repair, follows):
    page, (step,) = read(tmp_path, BATCHNORM, formula)
    assert not page.problems
    assert step.verdict == verdict
    assert ("misread" if step.misprint else "hidden" if step.hidden else "") == wrong
    assert (step.repairs[0].change.text if step.repairs else "") == repair
    assert not step.as_expected


TRUE = [
    # declared  formula
    (BATCHNORM, r"\frac{\partial f}{\partial \gamma} = \sum_{i=1}^m \frac{\partial f}{\partial y_i} \cdot \frac{\partial y_i}{\partial \gamma} = \sum_i \frac{\partial f}{\partial y_i} \hat{x}_i"),
    (BATCHNORM, r"\Rightarrow \boxed{\frac{\partial f}{\partial \beta} = \sum_{i=1}^m \frac{\partial f}{\partial y_i}}"),
    (BATCHNORM, r"\frac{d\mu}{dx_i} = \frac 1 m"),
    (BATCHNORM, r"\frac{d\hat{x}_i}{dx_k} = \frac{1}{\sqrt{\sigma^2+\varepsilon}} \left( \delta_{ik} - \frac{1}{m} - \frac{1}{m} \hat{x}_i \hat{x}_k \right)"),
    (BATCHNORM, r"\frac{\partial f}{\partial x_i} = \frac{1}{m\sqrt{\sigma^2 + \varepsilon}} \left( m \frac{\partial f}{\partial \hat{x}_i} - \sum_{k=1}^m \frac{\partial f}{\partial \hat{x}_k} - \underbrace{\frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}}}_{\hat{x}_i} \sum_{n=1}^m \frac{\partial f}{\partial \hat{x}_n} \hat{x}_n \right)"),
    (NETWORK,   r"\frac{\partial L}{\partial \hat{y}_i} = 2(\hat{y}_i - y_i)."),
    (NETWORK,   r"\frac{\partial \hat{y}_i}{\partial u_{ij}} = \alpha_j, \quad \frac{\partial \hat{y}_i}{\partial \alpha_j} = u_{ij}."),
    (NETWORK,   r"\begin{align*} \frac{\partial L}{\partial W_{jk}} &= \sum_i \frac{\partial L}{\partial z_{ij}}\frac{\partial z_{ij}}{\partial W_{jk}} \\ &= \sum_i \frac{\partial L}{\partial z_{ij}} x_{ik} \end{align*}"),
    (NETWORK,   r"\nabla_b L = \nabla_b L"),
    (NETWORK,   r"2{,}000 + 300 = 2300"),
    ("size n\nindex i = 1..n\ninput z_i", r"\frac{\partial}{\partial z_i} \log \sum_k e^{z_k} = \frac{e^{z_i}}{\sum_k e^{z_k}}"),
    ("input W: m \\times n\ninput x: n\ninput A: n \\times n", r"x^\top A x = \sum_{i=1}^n \sum_{j=1}^n x_i A_{ij} x_j"),
    ("input W: m \\times n\ninput x: n", r"\|W x\|^2 = x^T W^T W x"),
    ("index k = 1..K\ninput p_k > 0\nassume \\sum_k p_k = 1", r"\sum_k p_k^2 - 1 = \sum_k p_k^2 - \sum_k p_k"),
    ("index i = 1..n\ninput y_i, z_i\nassume y_i^2 = 1", r"|y_i| = 1, \quad \frac{\partial}{\partial z_i} \log(1 + e^{-y_i z_i}) = -\frac{y_i}{1 + e^{y_i z_i}}"),
    ("input b: n, y: n", r"(b^\top \odot y^\top)^\top = b \odot y = (b^\top)^\top \odot y"),
    ("input 0 < p < 1", r"\frac{d}{dp} (p \log p + (1 - p) \log(1 - p)) = \log \frac{p}{1 - p}"),
    ("input q\nassume -1 < q < \\frac{1}{2}", r"|q - \frac{1}{2}| + |1 + q| = \frac{3}{2}"),
    ("index i = 1..n\ninput x_i", r"\text{ReLU}(x_i) = \max(0, x_i) = \begin{cases} x_i & x_i > 0 \\ 0 & \text{otherwise} \end{cases}"),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "formula"), TRUE)
@pytest.mark.parametrize("suffix", [".md", ".tex"])
def test_true_formulas(tmp_path, declared, formula, suffix):
    wrapped = formula if suffix == ".md" or formula.startswith(r"\begin{align") else f"\\[ {formula} \\]"
    page, steps = read(tmp_path, declared, wrapped, suffix=suffix)
    assert not page.problems
    assert steps
    assert all(step.as_expected for step in steps), [(s.left.text, s.right.text, s.reason) for s in steps]


def test_rows_go_on(tmp_path):
    """A row that begins with =, and one after a row that ends in =; each = is a step with its own place."""
    page, steps = read(
        tmp_path,
        BATCHNORM,
        r"3. a. \frac{\partial f}{\partial \beta} =",
        r"= \sum_i \frac{\partial f}{\partial y_i}",
        r"= \sum_k \frac{\partial f}{\partial y_k}",
    )
    assert [(s.verdict, s.line) for s in steps] == [("proved", 17), ("proved", 21)]
    assert page.derivations[0].claims[0].label == "3a"


def test_what_is_no_equation_is_a_remark(tmp_path):
    page, steps = read(
        tmp_path, BATCHNORM, r"W \in \mathbb{R}^{m \times n}", r"\varepsilon > 0", r"\mathcal{L}", r"m \to \infty", r"\mu = \mu"
    )
    assert [f.kind for f in page.formulas] == ["remark"] * 4 + ["claim"]
    assert len(steps) == 1


def test_a_definition_in_the_text(tmp_path):
    page, steps = read(tmp_path, "index i = 1..n\ninput x_i", r"s = \sum_i x_i", r"t := s^2", r"\frac{dt}{dx_i} = 2s")
    assert [f.kind for f in page.formulas] == ["definition", "definition", "claim"]
    assert [s.verdict for s in steps] == ["proved"]


def test_partial_is_read_as_total_where_only_that_is_true(tmp_path):
    _, (step,) = read(
        tmp_path,
        BATCHNORM,
        r"\frac{\partial \hat{x}_i}{\partial x_k} = \frac{1}{\sqrt{\sigma^2+\varepsilon}} \left( \delta_{ik} - \frac{1}{m} - \frac{1}{m} \hat{x}_i \hat{x}_k \right)",
    )
    assert step.verdict == "proved"
    assert "along every path" in step.note


HELD = [
    # the derivative of σ² = Σ (x_i - c μ)²/m, where another node rests on σ     what is said
    (r"\frac{2}{m}(x_i - 2\mu)", "with μ held constant: false where μ varies too"),
    (r"\frac{2}{m}x_i", "∂ is read as the derivative along every path"),
]


@pytest.mark.parametrize(("value", "note"), HELD)
def test_what_a_partial_derivative_holds_constant_is_said_where_it_matters(tmp_path, value, note):
    defined = r"\mu = \frac{1}{m}\sum_i x_i", r"\sigma^2 = \frac{1}{m}\sum_i (x_i - 2\mu)^2", r"y_i = \sigma^2 x_i"
    _, (step,) = read(tmp_path, "index i = 1..m\ninput x_i", *defined, rf"\frac{{\partial \sigma^2}}{{\partial x_i}} = {value}")
    assert step.verdict == "proved"
    assert note in step.note


def test_a_wrong_line_is_blamed_once(tmp_path):
    _, steps = read(
        tmp_path,
        BATCHNORM,
        r"c. \frac{\partial f}{\partial \hat{x}_i} = \frac{\partial f}{\partial y_i} \cdot y_i",
        r"d. \frac{\partial f}{\partial \sigma^2} = \sum_i \frac{\partial f}{\partial \hat{x}_i} \frac{\partial \hat{x}_i}{\partial \sigma^2} = -\frac{1}{2} \sum_i \frac{\partial f}{\partial y_i} y_i \frac{x_i - \mu}{(\sigma^2 + \varepsilon)^{3/2}}",
    )
    assert [s.follows for s in steps] == ["", "", "c"]


PROBLEMS = [
    # formula                              column    what is said
    (r"\mu = q + 1",                       7,        "q is not declared"),
    (r"\mu = \frac{1}{m",                  15,       "{ is not closed"),
    (r"\mu = \foo{x}",                     7,        "\\foo is not known"),
    (r"\mu = \input{/etc/passwd}",         7,        "is never carried out"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "column", "said"), PROBLEMS)
def test_what_cannot_be_read_is_an_error_and_the_rest_is_judged(tmp_path, formula, column, said):
    page, steps = read(tmp_path, BATCHNORM, r"\mu = \frac{1}{m} \sum_i x_i", formula, r"\beta = \beta")
    (problem,) = page.problems
    assert said in problem.message
    assert (problem.line, problem.column) == (17, column)
    assert [s.verdict for s in steps] == ["proved", "proved"]


DECLARED_WRONG = [
    # line                          what is said
    ("input x_i >",                 "names between commas are wanted"),
    ("input 1 < x_i < 0",           "the smaller one first"),
    ("input 0 < x_i < y",           "names between commas are wanted"),
    ("index i",                     "a range is wanted"),
    ("use nothing_like_this",       "there is no page"),
    ("input x_i, x_i",              "already declared"),
    ("assume q = 1",                "q is not declared"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "said"), DECLARED_WRONG)
def test_a_declaration_that_cannot_be_understood(tmp_path, line, said):
    page, steps = read(tmp_path, f"index i = 1..n\n{line}\ninput a", r"a = a")
    assert [p.line for p in page.problems] == [3]
    assert said in page.problems[0].message
    assert [s.verdict for s in steps] == ["proved"]


def test_a_python_page_is_used(tmp_path):
    page, steps = read(tmp_path, "use batchnorm", r"\frac{\partial f}{\partial \gamma} = \sum_i \frac{\partial f}{\partial y_i} \hat{x}_i")
    assert not page.problems
    assert [s.verdict for s in steps] == ["proved"]


ARRAYS = "size m, n\nindex i, j, k = 1..n\ninput x_i, y_i, a, b, A_{ij}, B_{ij}\ninput W: m \\times n"

MISLEADING = [
    # formulas, the last of which a reader takes for wrong, or for nothing that can be judged
    r"\sum_{i \in S} x_i = \sum_i x_i",
    r"\mathbb{1}[i \in S] x_i = x_i",
    r"x^\top y = x y^\top",
    r"A x = A \odot x",
    r"W x = x W",
    r"a^T b = a b",
    r"x \times y = y \times x",
    r"\pi = 3",
    r"|A|^2 = \operatorname{tr}(A^\top A)",
    r"x^\top = x",
    r"A x = x^\top A^\top",
    r"e^a = 5a",
    r"a + b = b \Rightarrow b = 5",
]  # fmt: skip


@pytest.mark.parametrize("formula", MISLEADING)
def test_what_a_reader_would_not_accept_is_not_proved(tmp_path, formula):
    page, steps = read(tmp_path, ARRAYS, formula)
    assert page.problems or not all(step.as_expected for step in steps)


def test_a_row_goes_on_from_the_formula_above_it(tmp_path):
    """The formula alone in its row was passed over, and what follows compared with an earlier one."""
    _, steps = read(tmp_path, ARRAYS, r"\begin{aligned} a^2 - b^2 &= (a-b)(a+b) \\ a^2+2ab+b^2 \\ &= (a-b)(a+b) \end{aligned}")
    assert [s.verdict for s in steps] == ["proved", "refuted"]


def test_a_document_without_steps_is_told_what_is_wrong_with_it(tmp_path):
    page, steps = read(tmp_path, "input n", r"y = q")
    assert not steps
    assert page.verdict == "error"


def test_an_objective_with_its_argument_and_a_second_derivative(tmp_path):
    declared = "index i = 1..m\nindex j = 1..d\ninput x_{ij}, w_j, t_i, \\lambda"
    page, steps = read(
        tmp_path,
        declared,
        r"z_i = \sum_j w_j x_{ij}",
        r"J(w) = \frac{1}{2m} \sum_i (z_i - t_i)^2 + \frac{\lambda}{2} \sum_j w_j^2",
        r"\frac{\partial J(w)}{\partial w_j} = \frac{1}{m} \sum_i (z_i - t_i) x_{ij} + \lambda w_j",
        r"\frac{\partial^2 J}{\partial w_j^2} = \frac{1}{m} \sum_i x_{ij}^2 + \lambda",
        r"\frac{\partial J}{\partial w_j} = \lambda w_j",
    )
    assert not page.problems
    assert [s.verdict for s in steps] == ["proved", "proved", "refuted"]
