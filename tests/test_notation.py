"""Notation: each kind of term as text and as LaTeX, the order for readers, and letters that never clash."""

from __future__ import annotations

import pytest
from math_core import LatexToMathML
from sympy import Add, Eq, Ge, Gt, Integer, Mul, Ne, Rational, Symbol, Tuple, UnevaluatedExpr, cos, erf, exp, log, pi, sin, sqrt, tanh, true
from sympy.functions import Abs, Max, Min, sign

from symderiv.errors import TermError
from symderiv.language.functions import relu, sigmoid, softplus
from symderiv.language.names import text_name
from symderiv.language.terms import Delta, Element, Index, Partial, Sum, Total, Where
from symderiv.language.vocabulary import KINDS
from symderiv.notation.names import latex_name
from symderiv.notation.notation import FORMS, latex, text

m, n = (Symbol(name, integer=True, positive=True) for name in "mn")
i, j, k, p = Index("i", 1, m), Index("j", 1, m), Index("k", 1, m), Index("p", 1, n)
f, z, mu, var, gamma, beta = (Symbol(name, real=True) for name in ("f", "z", r"\mu", r"\sigma^2", "gamma", "beta"))
eps = Symbol("varepsilon", positive=True)
X, XHAT, Y, W, COUNT, COTANGENT = (Symbol(name, real=True) for name in ("x", r"\hat{x}", "y", "W_h", "N^O", r"\partial f/\partial y"))
x = {at: Element(X, at) for at in (i, j, k, p, 1)}
xhat = {at: Element(XHAT, at) for at in (i, k)}
std = sqrt(var + eps)

TABLE = [
    # names
    (mu, "μ", r"\mu"),
    (var, "σ²", r"\sigma^2"),
    (var**2, "(σ²)²", r"(\sigma^2)^{2}"),
    (gamma, "γ", r"\gamma"),
    (xhat[i], "x̂ᵢ", r"\hat{x}_i"),
    (xhat[i] ** 2, "x̂ᵢ²", r"\hat{x}_i^{2}"),
    (Element(W, i, j), "W_h[i,j]", "W_{h,ij}"),
    (Element(COUNT, i), "N^O[i]", "N_i^O"),
    (Element(COUNT, i) ** 2, "(N^O[i])²", "(N_i^O)^{2}"),
    (Element(X, 1, 12), "x[1,12]", "x_{1,12}"),
    (Element(X, i + p), "xᵢ₊ₚ", "x_{i + p}"),
    (Element(COTANGENT, i), "∂f/∂yᵢ", r"\frac{\partial f}{\partial y_i}"),
    # numbers
    (Integer(-3), "−3", "-3"),
    (Rational(-2, 3), "−2/3", r"-\frac{2}{3}"),
    (Integer(903400), "903400", r"903\,400"),
    (pi * z, "π·z", r"\pi z"),
    (exp(1) * z, "exp(1)·z", r"e^{1} z"),
    # sums, what is added first
    (x[i] - mu, "xᵢ − μ", r"x_i - \mu"),
    (var + eps, "σ² + ε", r"\sigma^2 + \varepsilon"),
    (beta + gamma * xhat[i], "γ·x̂ᵢ + β", r"\gamma \hat{x}_i + \beta"),
    (9 * Element(X, i) + 1, "9·xᵢ + 1", "9 x_i + 1"),
    (1 + exp(-z), "1 + exp(−z)", "1 + e^{-z}"),
    (-z - mu, "−μ − z", r"-\mu - z"),
    (Add(2800, 180200, evaluate=False), "2800 + 180200", r"2800 + 180\,200"),
    (mu - Sum(x[i], i), "μ − Σᵢ xᵢ", r"\mu - \sum_{i=1}^{m} x_i"),
    # products and fractions
    (z * m * 2, "2·m·z", "2 m z"),
    (Mul(3, 3, evaluate=False), "3·3", r"3 \cdot 3"),
    (UnevaluatedExpr(3) * m + 1, "3·m + 1", "3 m + 1"),
    (z / m, "z/m", r"\frac{z}{m}"),
    (z / (m * std), "z/(m·√(σ² + ε))", r"\frac{z}{m \sqrt{\sigma^2 + \varepsilon}}"),
    ((var + eps) ** Rational(-3, 2), "1/(σ² + ε)^(3/2)", r"\frac{1}{(\sigma^2 + \varepsilon)^{3/2}}"),
    ((x[i] - mu) / m * 2, "2·(xᵢ − μ)/m", r"\frac{2 (x_i - \mu)}{m}"),
    (z**m, "z^m", "z^{m}"),
    (2 ** (-z), "1/2^z", r"\frac{1}{2^{z}}"),
    (sqrt(m), "√m", r"\sqrt{m}"),
    (Symbol("loss") * 2, "2·loss", r"2 \, \mathit{loss}"),
    (Element(X, j, k) * Element(W, i, j), "W_h[i,j]·xⱼₖ", "W_{h,ij} x_{jk}"),
    (Element(X, i, k) * Element(W, k, j) * z, "z·xᵢₖ·W_h[k,j]", "z x_{ik} W_{h,kj}"),
    (Element(X, i, k) * Element(X, k, i), "xᵢₖ·xₖᵢ", "x_{ik} x_{ki}"),
    # sums over indices
    (Sum(x[i], i) / m, "(1/m)·Σᵢ xᵢ", r"\frac{1}{m} \sum_{i=1}^{m} x_i"),
    (Sum(x[i] / m, i), "Σᵢ xᵢ/m", r"\sum_{i=1}^{m} \frac{x_i}{m}"),
    (Sum(x[i] - mu, i), "Σᵢ (xᵢ − μ)", r"\sum_{i=1}^{m} (x_i - \mu)"),
    (Sum(x[i], i) ** 2, "(Σᵢ xᵢ)²", r"\left(\sum_{i=1}^{m} x_i\right)^{2}"),
    (Sum(x[i] * x[k], i, k), "Σᵢₖ xᵢ·xₖ", r"\sum_{i,k=1}^{m} x_i x_k"),
    (Sum(Element(X, i, p), i, p), "Σᵢₚ xᵢₚ", r"\sum_{i=1}^{m} \sum_{p=1}^{n} x_{ip}"),
    (Sum(x[j], (q := Index("q", 1, j))) / m, "(1/m)·Σ_{q=1..j} xⱼ", r"\frac{1}{m} \sum_{q=1}^{j} x_j"),
    (Sum(Sum(Element(X, q, j), q), j), "Σⱼ Σ_{q=1..j} x[q,j]", r"\sum_{j=1}^{m} \sum_{q=1}^{j} x_{qj}"),
    (Sum(Element(X, (u := Index("u", 0, 2)) + 1), u), "Σ_{u=0..2} xᵤ₊₁", r"\sum_{u=0}^{2} x_{u + 1}"),
    (Sum(Element(X, (b := Index("b", 1, m))), b), "Σ_b x[b]", r"\sum_{b=1}^{m} x_b"),
    (Sum(x[k], k, Ne(k, i)), "Σ_{k: k ≠ i} xₖ", r"\sum_{k=1,\, k \ne i}^{m} x_k"),
    (exp(x[i]) / Sum(exp(x[k]), k), "exp(xᵢ)/(Σₖ exp(xₖ))", r"\frac{e^{x_i}}{\sum_{k=1}^{m} e^{x_k}}"),
    # derivatives
    (Total(f, x[i]), "∂f/∂xᵢ", r"\frac{\partial f}{\partial x_i}"),
    (Total(f, var), "∂f/∂σ²", r"\frac{\partial f}{\partial \sigma^2}"),
    (Total(var, x[i]), "dσ²/dxᵢ", r"\frac{d \sigma^2}{d x_i}"),
    (Partial(xhat[i], mu), "∂x̂ᵢ/∂μ", r"\frac{\partial \hat{x}_i}{\partial \mu}"),
    (Total(x[i] - mu, x[k]), "d/dxₖ (xᵢ − μ)", r"\frac{d}{d x_k} (x_i - \mu)"),
    (Total(Total(f, x[i]), x[k]), "∂/∂xₖ (∂f/∂xᵢ)", r"\frac{\partial}{\partial x_k} \frac{\partial f}{\partial x_i}"),
    (
        Sum(Element(COTANGENT, i) * Partial(Element(Y, i), gamma), i),
        "Σᵢ ∂f/∂yᵢ·∂yᵢ/∂γ",
        r"\sum_{i=1}^{m} \frac{\partial f}{\partial y_i} \cdot \frac{\partial y_i}{\partial \gamma}",
    ),
    (
        Total(f, xhat[i]) * (x[i] - mu) / std,
        "∂f/∂x̂ᵢ·(xᵢ − μ)/√(σ² + ε)",
        r"\frac{\partial f}{\partial \hat{x}_i} \cdot \frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}}",
    ),
    # functions, cases, deltas
    (log(1 + z), "log(z + 1)", r"\log(z + 1)"),
    (exp(z / m), "exp(z/m)", r"\exp\left(\frac{z}{m}\right)"),
    (Abs(z), "|z|", r"\left|z\right|"),
    (tanh(z) ** 2, "tanh(z)²", r"\tanh(z)^{2}"),
    (sin(z) + cos(mu), "cos(μ) + sin(z)", r"\cos(\mu) + \sin(z)"),
    (sign(z) * erf(z), "erf(z)·sign(z)", r"\operatorname{erf}(z) \operatorname{sign}(z)"),
    (Max(z, mu), "max(μ, z)", r"\max(\mu, z)"),
    (Min(z, mu), "min(μ, z)", r"\min(\mu, z)"),
    (relu(z), "ReLU(z)", r"\operatorname{ReLU}(z)"),
    (sigmoid(z), "sigmoid(z)", r"\operatorname{sigmoid}(z)"),
    (softplus(z), "softplus(z)", r"\operatorname{softplus}(z)"),
    (Delta(i, k) - mu, "δᵢₖ − μ", r"\delta_{ik} - \mu"),
    (Where(Gt(z, 0), 1, 0), "[z > 0]", r"\left[z > 0\right]"),
    (Where(Gt(z, 0), z, 0), "{z if z > 0, else 0}", r"\begin{cases} z & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}"),
    # what is not a term of its own
    (Ne(var + eps, 0), "σ² + ε ≠ 0", r"\sigma^2 + \varepsilon \ne 0"),
    (Ge(m, 1, evaluate=False), "m ≥ 1", r"m \ge 1"),
    (Eq(mu, z), "μ = z", r"\mu = z"),
    (Tuple(m, 10), "m × 10", r"m \times 10"),
    (Tuple(m + 1, 2 * n), "(m + 1) × 2·n", r"(m + 1) \times 2 n"),
    (Tuple(), "()", "()"),
    (true, "true", r"\text{true}"),
    (False, "false", r"\text{false}"),
    (Mul(2, Add(mu, -mu, evaluate=False), evaluate=False), "2·(μ − μ)", r"2 (\mu - \mu)"),
]

CLASHES = [
    (x[i] * Sum(x[i], i), "xᵢ·Σⱼ xⱼ", "a free index keeps its letter"),
    (Sum(x[i] * Sum(x[i], i), i), "Σᵢ xᵢ·Σⱼ xⱼ", "so does the outer of two bound ones"),
    (Sum(x[i], i) * Sum(x[i] ** 2, i), "(Σᵢ xᵢ²)·Σᵢ xᵢ", "side by side they do not meet"),
    (x[i] * Sum(x[i] * Sum(x[j], j), i), "xᵢ·Σₖ xₖ·Σⱼ xⱼ", "a fresh letter is not one that the author uses inside"),
    (m * Sum(Element(X, Index("m", 1, m)), Index("m", 1, m)), "m·Σᵢ xᵢ", "a size is in sight too"),
    (Element(X, i) * Element(Y, Index("i", 1, n)), "xᵢ·yⱼ", "two free ones with different ranges"),
]

NAMES = [
    (r"\mu", "μ", r"\mu"),
    ("varepsilon", "ε", r"\varepsilon"),
    ("σ^2", "σ²", r"\sigma^2"),
    (r"\hat x", "x̂", r"\hat{x}"),
    ("W_h", "W_h", "W_h"),
    ("W_{hh}", "W_hh", "W_{hh}"),
    ("W_gamma", "W_γ", r"W_{\gamma}"),
    ("N^O", "N^O", "N^O"),
    ("N_i^O", "N_i^O", "N_i^O"),
    (r"\hat{\mu}_B", "μ̂_B", r"\hat{\mu}_B"),
    ("x'", "x′", r"x^{\prime}"),
    ("loss", "loss", r"\mathit{loss}"),
    ("dW1", "dW1", r"\mathit{dW1}"),
    ("running_mean", "running_mean", r"\mathit{running}_{\mathrm{mean}}"),
    ("a_b_c", "a_b_c", "a_{b,c}"),
    (r"\mathrm{Var}", "Var", r"\mathrm{Var}"),
    (r"\partial f/\partial \hat{x}", "∂f/∂x̂", r"\frac{\partial f}{\partial \hat{x}}"),
    # outside the grammar: text, never a command
    (r"\input{a}", r"\input{a}", r"\mathrm{[5C]input[7B]a[7D]}"),
    ("x$", "x$", r"\mathrm{x[24]}"),
    ("x_{", "x_{", r"\mathrm{x\_[7B]}"),
    ("a}", "a}", r"\mathrm{a[7D]}"),
    ("x\x1b[0m", "x\ufffd[0m", r"\mathrm{x[1B][5B]0m}"),
]


@pytest.mark.parametrize(("term", "as_text", "as_latex"), TABLE, ids=[row[1] for row in TABLE])
def test_terms(term, as_text, as_latex):
    objectives = frozenset({f})
    assert (text(term, objectives), latex(term, objectives)) == (as_text, as_latex)


@pytest.mark.parametrize("shown", [row[2] for row in (*TABLE, *NAMES)])
def test_the_mathml_converter_reads_it(shown):
    LatexToMathML().convert_with_local_state(shown, displaystyle=True)


@pytest.mark.parametrize(("term", "shown", "why"), CLASHES, ids=[row[2] for row in CLASHES])
def test_letters_do_not_clash(term, shown, why):
    assert text(term) == shown, why


@pytest.mark.parametrize(("name", "as_text", "as_latex"), NAMES, ids=[repr(row[0]) for row in NAMES])
def test_names(name, as_text, as_latex):
    assert (text_name(name), latex_name(name)) == (as_text, as_latex)


def test_a_prime_when_the_letters_run_out():
    every = Add(*(Element(X, Index(letter, 1, m)) for letter in "ijklnpqrstuvw"))
    assert "Σ_{i'} x[i']" in text(every * Sum(x[i], i))


def test_the_last_line_of_batch_normalization():
    df = {at: Total(f, e) for at, e in xhat.items()}
    dx = (m * df[i] - Sum(df[k], k) - xhat[i] * Sum(df[k] * xhat[k], k)) / (m * std)
    assert text(dx, frozenset({f})) == "(m·∂f/∂x̂ᵢ − Σₖ ∂f/∂x̂ₖ − x̂ᵢ·Σₖ ∂f/∂x̂ₖ·x̂ₖ)/(m·√(σ² + ε))"
    assert latex(dx, frozenset({f})) == (
        r"\frac{1}{m \sqrt{\sigma^2 + \varepsilon}} \left(m \cdot \frac{\partial f}{\partial \hat{x}_i}"
        r" - \sum_{k=1}^{m} \frac{\partial f}{\partial \hat{x}_k}"
        r" - \hat{x}_i \sum_{k=1}^{m} \frac{\partial f}{\partial \hat{x}_k} \cdot \hat{x}_k\right)"
    )


def test_only_an_objective_has_round_derivatives():
    assert (text(Total(f, mu)), text(Total(f, mu), frozenset({f}))) == ("df/dμ", "∂f/∂μ")


def test_every_kind_has_a_form():
    assert [kind.__name__ for kind in KINDS if not any(base in FORMS for base in kind.__mro__)] == []


def test_what_is_outside_the_language_is_refused():
    with pytest.raises(TermError, match=r"^Float in 0\.5\d* has no notation; it is outside the language\.$"):
        text(0.5)
