"""One reading of a step: derivatives along every path keep their indices, and what is said of a step is said of the accepted reading.

Each row was once wrong: a false line proved, or a right one marked wrong. The false neighbours of each must be refuted.
"""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import random

import pytest
from sympy import Integer

from symderiv import Derivation, Partial, Sum, Total
from symderiv.documents.marking.pages import judge, load
from symderiv.documents.marking.readings import as_total
from symderiv.errors import TermError
from symderiv.language.terms import Element, check_free, free_indices, replace, rewritten

P, R, U, M = "proved", "refuted", "unknown", "misfit"


def marks(tmp_path, text, suffix=".md"):
    """What is said of each step of a document: proved, refuted, unknown, or the slip; and the problems."""
    file = tmp_path / f"page{suffix}"
    file.write_text(text)
    page = load(str(file))
    steps = [judge(page, k) for k in range(len(page.draft.steps))]
    return [step.slip or step.verdict for step in steps], steps, page.draft


def document(declared, *formulas):
    return f"```symderiv\n{declared}\n```\n" + "\n".join(f"$$ {formula} $$" for formula in formulas)


CENTRED = ("index i, j, k, l = 1..N\ninput x_i\nobjective L(y)", r"\mu = \frac1N \sum_k x_k", r"y_i = x_i - \mu")
SOFTMAX = ("index i, j, k, l = 1..n\ninput z_i\nobjective L(p)", r"S = \sum_k e^{z_k}", r"p_i = \frac{e^{z_i}}{S}")
SCALED = ("index i, j, k = 1..n\ninput x_i", r"s = \sum_i x_i", r"y_i = s x_i")
TWO = ("index i, j, k, l = 1..n\ninput x_i\nobjective L(u)", r"s = \sum_i x_i^2", r"y_i = s x_i", r"t = \sum_i y_i", r"u_i = t y_i + x_i")
ROWS_OF = (
    "index i = 1..m\nindex a, b, c = 1..n\ninput z_{ia}\nobjective L(p)",
    r"S_i = \sum_a e^{z_{ia}}",
    r"p_{ia} = \frac{e^{z_{ia}}}{S_i}",
)

PATHS = {
    # what it is                         document   formula                                                                                    marks
    "a sum of derivatives":             (CENTRED, r"\sum_k \frac{\partial y_k}{\partial x_i} = 0",                                             [P]),
    "a sum of derivatives, false":      (CENTRED, r"\sum_k \frac{\partial y_k}{\partial x_i} = 2",                                             [R]),
    "weighted":                         (CENTRED, r"\sum_k k \frac{\partial y_k}{\partial x_i} = i - \frac{N+1}{2}",                           [P]),
    "weighted, false":                  (CENTRED, r"\sum_k k \frac{\partial y_k}{\partial x_i} = \frac{N+1}{2} - i",                           [R]),
    "over both":                        (CENTRED, r"\sum_k \sum_l k \frac{\partial y_k}{\partial x_l} = 0",                                    [P]),
    "over both, false":                 (CENTRED, r"\sum_k \sum_l k l \frac{\partial y_k}{\partial x_l} = 0",                                  [R]),
    "one letter bound twice":           (CENTRED, r"\sum_k x_k \sum_k \frac{\partial y_k}{\partial x_i} = 0",                                  [P]),
    "one letter bound twice, a product": (CENTRED, r"\left(\sum_k \frac{\partial y_k}{\partial x_i}\right)\left(\sum_k k \frac{\partial y_k}{\partial x_j}\right) = 0", [P]),
    "bound twice, false":               (CENTRED, r"\sum_k x_k \sum_k x_k \frac{\partial y_k}{\partial x_i} = \sum_k x_k^2 \sum_k \frac{\partial y_k}{\partial x_i}", [R]),
    "the chain rule":                   (CENTRED, r"\frac{\partial L}{\partial x_j} = \sum_i \frac{\partial L}{\partial y_i}\frac{\partial y_i}{\partial x_j}", [P]),
    "the chain rule, an index lost":    (CENTRED, r"\frac{\partial L}{\partial x_j} = \sum_i \frac{\partial L}{\partial y_j}\frac{\partial y_i}{\partial x_j}", [R]),
    "the chain rule, turned":           (CENTRED, r"\frac{\partial L}{\partial x_j} = \sum_i \frac{\partial L}{\partial y_i}\frac{\partial y_j}{\partial x_j}", [R]),
    "the chain rule, a factor missing": (CENTRED, r"\frac{\partial L}{\partial x_j} = \sum_i \frac{\partial y_i}{\partial x_j}",               [R]),
    "the chain rule, twice":            (CENTRED, r"\frac{\partial L}{\partial x_j} = 2\sum_i \frac{\partial L}{\partial y_i}\frac{\partial y_i}{\partial x_j}", [R]),
    "softmax":                          (SOFTMAX, r"\frac{\partial L}{\partial z_j} = \sum_i \frac{\partial L}{\partial p_i}\frac{\partial p_i}{\partial z_j} = p_j\left(\frac{\partial L}{\partial p_j} - \sum_i \frac{\partial L}{\partial p_i} p_i\right)", [P, P]),
    "softmax, the Σ lost":              (SOFTMAX, r"\frac{\partial L}{\partial z_j} = \sum_i \frac{\partial L}{\partial p_i}\frac{\partial p_i}{\partial z_j} = p_j\left(\frac{\partial L}{\partial p_j} - \frac{\partial L}{\partial p_j} p_j\right)", [P, R]),
    "softmax, shares stay one":         (SOFTMAX, r"\sum_k \frac{\partial p_k}{\partial z_i} = 0",                                             [P]),
    "softmax, of rows":                 (ROWS_OF, r"\frac{\partial L}{\partial z_{ib}} = \sum_a \frac{\partial L}{\partial p_{ia}}\frac{\partial p_{ia}}{\partial z_{ib}} = \sum_a \frac{\partial L}{\partial p_{ia}} p_{ia}(\delta_{ab} - p_{ib})", [P, P]),
    "softmax, of rows, turned":         (ROWS_OF, r"\frac{\partial L}{\partial z_{ib}} = \sum_a \frac{\partial L}{\partial p_{ia}}\frac{\partial p_{ib}}{\partial z_{ia}}", [P]),
    "softmax, of rows, an index lost":  (ROWS_OF, r"\frac{\partial L}{\partial z_{ib}} = \sum_a \frac{\partial L}{\partial p_{ia}}\frac{\partial p_{ia}}{\partial z_{ia}}", [R]),
    "an index escapes":                 (SCALED,  r"n \sum_i x_i \frac{\partial y_i}{\partial x_j} = s \sum_i \frac{\partial y_i}{\partial x_j}", [R]),
    "a position escapes":               (SCALED,  r"\sum_i i \frac{\partial y_i}{\partial x_j} = \frac{n+1}{2} \sum_i \frac{\partial y_i}{\partial x_j}", [R]),
    "a product of sums":                (SCALED,  r"\sum_i \sum_k \frac{\partial y_i}{\partial x_j} \frac{\partial y_k}{\partial x_j} = \left(\sum_i \frac{\partial y_i}{\partial x_j}\right)^2", [P]),
    "a product of sums, one letter":    (SCALED,  r"\sum_i x_i \frac{\partial y_i}{\partial x_j} = \sum_i x_i \sum_i \frac{\partial y_i}{\partial x_j}", [R]),
    "a delta between":                  (SCALED,  r"\sum_i \delta_{ij} \frac{\partial y_i}{\partial x_k} = s \delta_{jk} + x_j",              [P]),
    "a delta between, false":           (SCALED,  r"\sum_i \delta_{ij} \frac{\partial y_i}{\partial x_k} = s \delta_{jk} + x_k",              [R]),
    "two nodes":                        (TWO, r"\frac{\partial L}{\partial x_j} = \sum_i \frac{\partial L}{\partial u_i}\frac{\partial u_i}{\partial x_j}", [P]),
    "two nodes, written out":           (TWO, r"\sum_k \frac{\partial y_k}{\partial x_j} = s + 2 x_j \sum_k x_k",                              [P]),
    "two nodes, written out, false":    (TWO, r"\sum_k \frac{\partial y_k}{\partial x_j} = s + 2 \sum_k x_k x_k",                              [R]),
    "two nodes, one path lost":         (TWO, r"\frac{\partial u_i}{\partial x_j} = \frac{\partial u_i}{\partial t} \sum_k \frac{\partial y_k}{\partial x_j} + \delta_{ij}", [R]),
    "a second derivative":              (SOFTMAX, r"\sum_k \frac{\partial^2 p_k}{\partial z_i \partial z_j} = 0",                             [P]),
    "a second derivative, weighted":    (SOFTMAX, r"\sum_k k \frac{\partial^2 p_k}{\partial z_i \partial z_j} = 0",                           [R]),
    "a second derivative of a sum":     (SCALED,  r"\sum_k \frac{\partial^2 y_k}{\partial x_i \partial x_j} = 2",                              [P]),
    "a second derivative, false":       (SCALED,  r"\frac{\partial^2 y_k}{\partial x_i \partial x_j} = \delta_{ki} + \delta_{ij}",            [R]),
    "one sense for what is shared":     (SOFTMAX, r"\frac{\delta_{ij} e^{z_i}}{S} = \frac{\partial p_i}{\partial z_j} = p_i(\delta_{ij} - p_j)", [P, R]),
    "one sense for a product":          (CENTRED, r"\delta_{ij} x_k = x_k \frac{\partial y_i}{\partial x_j} = x_k \left(\delta_{ij} - \frac1N\right)", [P, R]),
}  # fmt: skip


@pytest.mark.parametrize("name", PATHS)
def test_derivatives_along_every_path(tmp_path, name):
    (declared, *definitions), formula, wanted = PATHS[name]
    found, _, page = marks(tmp_path, document(declared, *definitions, formula))
    assert (found, page.problems) == (wanted, ())


# a change of a term, and what it may not change

page = Derivation("terms")
n = page.size("n")
i, j, k = page.indices("i j k", n)
w, x = page.inputs("w x", i)
y = page.let("y", i, x[i] * Sum(x[k], k))


def test_a_key_with_the_index_of_a_sum_is_another_one():
    """The derivative below a sum was swapped for one with an index that the sum had given up."""
    below = Sum(i * Partial(y[i], x[j]), i)
    (partial,) = below.atoms(Partial)
    assert replace(below, {partial: Total(*partial.args)}) == below
    assert as_total(below) == Sum(i * Total(y[i], x[j]), i)
    assert as_total(Sum(Sum(Partial(y[i], x[k]) * Partial(y[k], x[j]), k), i)) == Sum(Sum(Total(y[i], x[k]) * Total(y[k], x[j]), k), i)


def test_a_change_lets_no_index_out():
    bound = Sum(x[i], i)
    assert rewritten(bound, lambda part: part.head if isinstance(part, Element) else None) == Sum(x[i].head, i)
    with pytest.raises(TermError, match=r"where j is bound by nothing; this is a bug"):
        rewritten(bound, lambda part: x[j] if isinstance(part, Element) else None)
    with pytest.raises(TermError, match=r"Sum\(x\[i_1\], i_1\) became x\[i_1\], where i_1 is bound by nothing"):
        check_free(bound, bound.body)
    check_free(x[i], Integer(0))


@pytest.mark.parametrize("seed", range(20))
def test_changes_keep_what_is_free(seed):
    """Random sums in sums, with letters used again: rewriting every entry keeps the free indices, and is undone by its inverse."""
    rng = random.Random(seed)
    term = _random_term(rng, 4)
    there = rewritten(term, lambda part: w[part.at] if isinstance(part, Element) and part.head == x.body.head else None)
    back = rewritten(there, lambda part: x[part.at] if isinstance(part, Element) and part.head == w.body.head else None)
    assert (back, free_indices(there)) == (term, free_indices(term))
    assert free_indices(as_total(term)) == free_indices(term)


def _random_term(rng, depth):
    letters = (i, j, k)
    if not depth or rng.random() < 0.15:
        return rng.choice([x[rng.choice(letters)], Partial(y[rng.choice(letters)], x[rng.choice(letters)])])
    row = rng.randrange(3)
    if row == 0:
        return Sum(_random_term(rng, depth - 1), rng.choice(letters))
    parts = [_random_term(rng, depth - 1) for _ in range(2)]
    return parts[0] * parts[1] if row == 1 else parts[0] + parts[1]


# steps that are right again


AGAIN = [
    # formula                                                                                                  marks      right again after
    (r"\sum_k x_k = N \mu = \mu = \sum_k x_k",                                                                 [P, R, P], ["", "", "1.2"]),
    (r"\sum_k x_k = \mu = 2\mu = \sum_k x_k",                                                                  [R, R, P], ["", "", "1.1"]),
    (r"\sum_k x_k = \mu = \mu + 0",                                                                            [R, P],    ["", ""]),
    (r"\sum_k x_k = \mu = 2\mu",                                                                               [R, R],    ["", ""]),
    (r"\frac{\partial L}{\partial x_j} = \frac{\partial L}{\partial y_j} = \sum_i \frac{\partial L}{\partial y_i}\frac{\partial y_i}{\partial x_j}", [R, P], ["", ""]),
    (r"\frac{\partial y_i}{\partial x_j} = \delta_{ij} - \frac1N = \delta_{ij} - \frac{1}{N^2} = \delta_{ij} - \frac1N", [P, R, P], ["", "", "1.2"]),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "wanted", "after"), AGAIN)
def test_what_is_right_again_after_a_slip(tmp_path, formula, wanted, after):
    """It was marked wrong, since the member before it is."""
    declared, *definitions = CENTRED
    found, steps, _ = marks(tmp_path, document(declared, *definitions, formula))
    assert (found, [step.again for step in steps]) == (wanted, after)


# names that stand for the same, and definitions that are stated again

MEANS = r"\mu_B = \frac1m \sum_i x_i, \quad y_i = x_i - \mu_B"
VARIANCE = (r"\mu = \frac1m \sum_i x_i", r"v = \frac1m \sum_i (x_i - \mu)^2")
INPUT = "index i, j = 1..m\ninput x_i"

NAMES = {
    # what it is                          document                                            formula                                                                      marks
    "under another name":                ((INPUT, MEANS, r"\mu = \frac1m \sum_i x_i, \quad y_i = x_i - \mu"), r"\frac{\partial y_i}{\partial \mu} = -1",                 [P, P]),
    "under another name, false":         ((INPUT, MEANS, r"\mu = \frac1m \sum_i x_i, \quad y_i = x_i - \mu"), r"\frac{\partial y_i}{\partial \mu} = 1",                  [P, R]),
    "defined alike only":                ((INPUT, r"\mu = \frac1m \sum_i x_i, \quad c = \frac2m \sum_i x_i, \quad y_i = x_i - \mu"), r"\frac{\partial y_i}{\partial c} = -1", [R]),
    "under the same name":               ((INPUT, MEANS, MEANS), r"\frac{\partial y_i}{\partial \mu_B} = -1",                                                          [P, P, P]),
    "stated again, and otherwise":       ((INPUT, MEANS), r"y_i = x_i + \mu_B",                                                                                        [R]),
    "two that are alike, each held":     (("input x", r"a = x^2, \quad b = x^2, \quad f = a b"), r"\frac{\partial f}{\partial a} = b",                                 [P]),
    "in another form":                   ((INPUT, *VARIANCE, r"v = \frac1m \sum_i x_i^2 - \mu^2"), r"\frac{\partial v}{\partial \mu} = -2\mu",                           [P, P]),
    "in another form, false":            ((INPUT, *VARIANCE, r"v = \frac1m \sum_i x_i^2 - \mu^2"), r"\frac{\partial v}{\partial \mu} = 2\mu",                            [P, R]),
    "in a form without the name":        (("index i, j = 1..m\ninput x_i", r"s = \sum_i x_i", r"y_i = s x_i", r"y_i = x_i \sum_j x_j"), r"\frac{\partial y_i}{\partial s} = 0", [P, R]),
    "not in another form":               ((INPUT, *VARIANCE), r"\frac{\partial v}{\partial \mu} = -2\mu",                                                             [R]),
    "in a wrong form":                   ((INPUT, *VARIANCE, r"v = \frac1m \sum_i x_i^2 + \mu^2"), r"\frac{\partial v}{\partial \mu} = 2\mu",                            [R, R]),
    "alike, and both used":              ((INPUT, r"\mu = \frac1m \sum_i x_i, \quad c = \frac1m \sum_i x_i, \quad y_i = x_i - \mu + c"), r"\frac{\partial y_i}{\partial c} = -1", [R]),
    "rows":                              (("index i = 1..n\ninput X: n \\times d, w: d\nobjective L(y)\nx_{ir} = X_{ir}", "y = X w"), r"\frac{\partial L}{\partial x_i} = \frac{\partial L}{\partial y_i} w", [P]),
    "rows, false":                       (("index i = 1..n\ninput X: n \\times d, w: d\nobjective L(y)\nx_{ir} = X_{ir}", "y = X w"), r"\frac{\partial L}{\partial x_i} = 2\frac{\partial L}{\partial y_i} w", [R]),
    "rows, one sense in a chain":        (("index i = 1..n\ninput X: n \\times d, w: d\nobjective L(y)\nx_{ir} = X_{ir}", "y = X w"), r"0 = \frac{\partial L}{\partial x_{ir}} = \frac{\partial L}{\partial y_i} w_r", [P, R]),
    "columns":                           (("index i = 1..n\ninput X: n \\times d, w: d\nobjective L(y)\nx_{ri} = X_{ir}", "y = X w"), r"\frac{\partial L}{\partial x_{ri}} = \frac{\partial L}{\partial y_i} w_r", [P]),
    "a layer that is the input":         (("index i, j = 1..n\ninput x_i, W_{ij}\nobjective L(z)", r"h_i = x_i", r"z_i = \sum_j W_{ij} h_j"), r"\frac{\partial L}{\partial x_j} = \sum_i \frac{\partial L}{\partial z_i} W_{ij}", [P]),
    "a way around a layer":              (("index i = 1..n\ninput x_i, a_i\nobjective L(z)", r"h_i = x_i", r"z_i = a_i h_i + x_i"), r"\frac{\partial L}{\partial h_i} = a_i \frac{\partial L}{\partial z_i}", [P]),
    "by its entry":                      (("index i, j = 1..n\ninput w_{ij}\nW_{ij} = w_{ij}",), r"W = [w_{ij}]",                                                        [P]),
    "by its entry, in parentheses":      (("index i, j = 1..n\ninput w_{ij}\nW_{ij} = w_{ij}",), r"W = (w_{ij})_{1 \le i, j \le n}",                                     [P]),
    "by its entry, false":               (("index i, j = 1..n\ninput w_{ij}\nW_{ij} = w_{ij}",), r"W = [2w_{ij}]",                                                       [R]),
    "by its entry, turned":              (("index i, j = 1..n\ninput w_{ij}\nW_{ij} = w_{ij}",), r"W = [w_{ij}]_{j, i}",                                                 [R]),
    "by its entry, defined":             (("index i, j = 1..n\ninput w_{ij}, x_i", r"W = [w_{ij} x_j]"), r"W_{ij} = x_j w_{ij}",                                        [P]),
    "by its entry, defined, false":      (("index i, j = 1..n\ninput w_{ij}, x_i", r"W = [w_{ij} x_j]"), r"W_{ij} = x_i w_{ij}",                                        [R]),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_names_stand_for(tmp_path, name):
    (declared, *definitions), formula, wanted = NAMES[name]
    found, _, page = marks(tmp_path, document(declared, *definitions, formula))
    assert (found, page.problems) == (wanted, ())


# sums without Σ

CONTRACTED = "index l, m, b, i, j, k = 1..n\ninput V_{lb}, s_b\nobjective L(q)\n"
BLOCK = CONTRACTED + r"q_l = \sum_b V_{lb} s_b"

SUMS = {
    # what it is                          document   formula                                                                                                      marks
    "joined by a delta":                 ((BLOCK,), r"\frac{\partial q_l}{\partial s_m} = V_{lb}\delta_{bm} = V_{lm}",                                          [P, P]),
    "joined by a delta, turned":         ((BLOCK,), r"\frac{\partial q_l}{\partial s_m} = V_{lb}\delta_{bm} = V_{ml}",                                          [P, R]),
    "a product of a matrix":             ((BLOCK,), r"q_l = V_{lb} s_b",                                                                                        [P]),
    "a product of a matrix, turned":     ((BLOCK,), r"q_l = V_{bl} s_b",                                                                                        [R]),
    "the chain rule":                    ((BLOCK,), r"\frac{\partial L}{\partial s_m} = \frac{\partial L}{\partial q_l}\frac{\partial q_l}{\partial s_m} = \frac{\partial L}{\partial q_l} V_{lm}", [P, P]),
    "the chain rule, false":             ((BLOCK,), r"\frac{\partial L}{\partial s_m} = \frac{\partial L}{\partial q_l} V_{ml}",                               [R]),
    "a derivative of an entry by its own": ((BLOCK, r"r_i = 2 s_i"), r"\frac{\partial r_i}{\partial s_i} = 3",                                              [R]),
    "what it is":                        ((BLOCK, r"r_i = 2 s_i"), r"\frac{\partial r_i}{\partial s_i} = 2",                                                   [P]),
    "a square is one entry's":           ((BLOCK, r"t = \sum_b s_b s_b"), r"t = s_b^2",                                                                         [R]),
    "an index once":                     ((BLOCK,), r"q_l = V_{lb}",                                                                                            [R]),
    "an index three times":              ((BLOCK,), r"q_l = V_{lb} s_b s_b",                                                                                    [R]),
    "below a fraction":                  ((BLOCK,), r"q_l = \frac{V_{lb}}{s_b}",                                                                                [R]),
    "in a document that writes Σ":       ((CONTRACTED, r"q_l = \sum_b V_{lb} s_b"), r"\frac{\partial L}{\partial s_m} = \frac{\partial L}{\partial q_l} V_{lm}",  [U]),
    "in such a document, false":         ((CONTRACTED, r"q_l = \sum_b V_{lb} s_b"), r"\frac{\partial L}{\partial s_m} = \frac{\partial L}{\partial q_l} V_{ml}",  [R]),
    "in such a document, a delta":       ((CONTRACTED, r"q_l = \sum_b V_{lb} s_b"), r"\frac{\partial q_l}{\partial s_m} = V_{lb}\delta_{bm}",                     [P]),
    "a Σ in the chain":                  ((BLOCK,), r"\frac{\partial L}{\partial s_m} = \sum_l \frac{\partial L}{\partial q_l} V_{lm} = \frac{\partial L}{\partial q_l} V_{lm}", [P, R]),
}  # fmt: skip


def test_a_letter_of_a_condition_is_any_one_position(tmp_path):
    """It was summed over, though the condition tells of each position: `true if b is summed over, without Σ`."""
    _, steps, _ = marks(tmp_path, document(BLOCK, r"\delta_{lb} s_b = 0, \quad l \neq b"))
    assert [(step.verdict, step.note) for step in steps] == [(P, "")]


RANGES = {
    # what it is                     formula                                                                                marks
    "two ranges in rows":           (r"\begin{aligned} z x_i &= x_i z \\ z a_i &= a_i z \end{aligned}",                     [P, P]),
    "two ranges in rows, false":    (r"\begin{aligned} z x_i &= x_i z \\ z a_i &= 2 a_i z \end{aligned}",                   [P, R]),
    "two ranges beside each other": (r"z x_i = x_i z, \quad z a_i = a_i z",                                                [P, P]),
    "a row that goes on":           (r"\begin{aligned} z x_i &= x_i z \\ &= a_i z \end{aligned}",                          [P, M]),
    "a row that follows =":         (r"\begin{aligned} z x_i &= \\ a_i z \end{aligned}",                                   ["misread"]),
    "a size of a misfit":           (r"\sum_i x_i = \sum_{v=1}^{q} x_v \\ q z + \omega = z q + \omega",                    ["misfit"]),
    "a delta before its letters":   (r"\delta_{ij} x_i = x_j \delta_{ij}",                                                   [P]),
    "one sum within, one without":  (r"x_i + \sum_i a_i = \sum_j a_j + x_i",                                                [P]),
}  # fmt: skip


@pytest.mark.parametrize("name", RANGES)
def test_a_letter_has_one_range_in_each_equation(tmp_path, name):
    formula, wanted = RANGES[name]
    assert marks(tmp_path, document("size m, n\ninput x: m, a: n, z", formula))[0] == wanted


BEFORE = "h_p = x_p - z"  # where p runs over m; below it has the range that its own formula gives it, n, in whichever order
OF_SUMS = {
    # what it is                            formula                                                                             marks
    "limits, in the next member":          (r"\sum_p z = \sum_{p=1}^n z",                                                       [P]),
    "limits, in the one before":           (r"\sum_{p=1}^n z = \sum_p z",                                                       [P]),
    "limits, in another":                  (r"n z = \sum_p z = \sum_{p=1}^n z",                                                 [P, P]),
    "limits, in another, false":           (r"m z = \sum_p z = \sum_{p=1}^n z",                                                 [R, P]),
    "limits, in a row below":              (r"\begin{aligned} \sum_p z &= n z \\ &= \sum_{p=1}^n z \end{aligned}",              [P, P]),
    "limits, in the row after =":          (r"\begin{aligned} \sum_p z = \\ \sum_{p=1}^n z \end{aligned}",                     [P]),
    "limits of a part, and of the whole":  (r"\sum_p z = z + \sum_{p=2}^n z = \sum_{p=1}^n z",                                  [P, P]),
    "limits of a product":                 (r"\prod_p z = \prod_{p=1}^n z",                                                     [P]),
    "limits of two letters":               (r"\sum_{p, q} z = \sum_{q=1}^n \sum_{p=1}^m z",                                     [P]),
    "limits from 0":                       (r"\sum_{t} z = \sum_{t=0}^n z = (n + 1) z",                                         [P, P]),
    "limits that begin here":              (r"\sum_{p=2} z = \sum_{p=1}^n z - z",                                               [P]),
    "an array's, in the next member":      (r"\sum_p z = \sum_p (z + a_p - a_p)",                                               [P]),
    "a free letter's":                     (r"a_p \sum_p z = n z a_p",                                                          [P]),
    "by a delta":                          (r"a_r \sum_p z \delta_{pr} = a_r z",                                                [P]),
    "by a comparison":                     (r"a_r \sum_{p \neq r} z = a_r z (n - 1)",                                           [P]),
    "by the letter of a sum":              (r"\sum_r a_r \sum_{p \neq r} z = \sum_r a_r z (n - 1)",                             [P]),
    "nothing but formulas before":         (r"\sum_p z = m z",                                                                  [P]),
    "two limits":                          (r"\sum_p z = \sum_{p=1}^n z + \sum_{p=1}^m z - m z",                                "1..m or 1..n"),
    "limits, and a free letter":           (r"x_p + \sum_p z = x_p + \sum_{p=1}^n z",                                           "1..m or 1..n"),
    "limits of a part":                    (r"\sum_{p=2}^n z = \sum_p z - z",                                                   "1..m or 2..n"),
    "limits of another part":              (r"\sum_p z = \sum_{p=1}^{n-1} z + z",                                               "1..m or 1..n - 1"),
    "limits that depend on a letter":      (r"\sum_{i=1}^n \sum_{p=1}^i z = \sum_i \sum_p z",                                    "1..i or 1..m"),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_SUMS)
def test_a_sum_without_limits_has_those_of_its_formula(tmp_path, name):
    formula, wanted = OF_SUMS[name]
    found, _, page = marks(tmp_path, document("size m, n\ninput x: m, a: n, z", BEFORE, formula))
    told = [f"which range has p here? Elsewhere it is {wanted}: write it below and above the sum"] if isinstance(wanted, str) else []
    assert (found, [p.message for p in page.problems]) == (wanted if isinstance(wanted, list) else [], told)


def test_a_sum_without_limits_has_no_range_of_two_formulas(tmp_path):
    text = document("size m, n\ninput x: m, a: n, z", BEFORE, "a_p z = z a_p", r"\sum_p z = m z", r"\sum_p z x_p = z \sum_p x_p")
    found, _, page = marks(tmp_path, text)
    assert (found, [p.message for p in page.problems]) == ([P, P], ["the range of p is not known; declare it: index p = 1..m"])


def test_what_is_not_read_gives_a_sum_no_range(tmp_path):
    found, _, page = marks(tmp_path, document("size m, n\ninput x: m, a: n, z", r"K = K + 0 a_i", r"\sum_i 0 = 0 z"))
    told = ["K is not declared; declare it in a block: input K", "the range of i is not known; declare it: index i = 1..m"]
    assert (found, [p.message for p in page.problems]) == ([], told)


@pytest.mark.parametrize("name", SUMS)
def test_sums_without_a_sign(tmp_path, name):
    (declared, *definitions), formula, wanted = SUMS[name]
    found, _, page = marks(tmp_path, document(declared, *definitions, formula))
    assert (found, page.problems) == (wanted, ())


def test_a_derivative_of_an_entry_is_not_shown_as_a_sum(tmp_path):
    _, _, page = marks(tmp_path, document(BLOCK, r"r_i = 2 s_i", r"\frac{\partial r_i}{\partial s_i} = 3"))
    assert [step.left.text for step in page.steps] == ["∂rᵢ/∂sᵢ"]


# what a text takes for granted

SQUARES = "input \\beta: p, X: n \\times p, Y: n\nf = (X\\beta-Y)^T(X\\beta-Y)"
RIDGE = "input \\beta: p, X: n \\times p, Y: n, \\lambda"
LINE = "index i = 1..n\ninput w, x_i, y_i\nf = \\sum_i (w x_i - y_i)^2"
COIN = "input k, n, p\nL = k \\log p + (n-k) \\log(1-p)"
SHARES = "index i, j = 1..n\ninput y_i, p_i\nsize m\n"

GRANTED = {
    # what it is                          declared   text                                                                                                                              marks, remarks
    "set to zero":                       (SQUARES, r"Setting to zero, $$\frac{\partial f}{\partial \beta} = 2X^T(X\beta-Y) = 0$$ $$X^TX\beta = X^TY$$",                              [P, P], 1),
    "set to zero, false before":         (SQUARES, r"Setting to zero, $$\frac{\partial f}{\partial \beta} = 3X^T(X\beta-Y) = 0$$",                                                  [R], 1),
    "set to zero, false after":          (SQUARES, r"Setting to zero, $$\frac{\partial f}{\partial \beta} = 2X^T(X\beta-Y) = 0$$ $$X^TX\beta = 2X^TY$$",                             [P, R], 1),
    "no number solves it everywhere":    (RIDGE, r"Setting the gradient to zero, $$0 = 2X^T(X\beta-Y) + 2\lambda\beta$$ $$(X^TX + \lambda I)\beta = X^TY$$ $$\beta = (X^TX + \lambda I)^{-1}X^TY$$", [P, P], 1),
    "and another is false under it":     (RIDGE, r"Setting the gradient to zero, $$0 = 2X^T(X\beta-Y) + 2\lambda\beta$$ $$(X^TX + 2\lambda I)\beta = X^TY$$ $$\lambda\beta = X^T(Y - X\beta)$$", [R, P], 1),
    "solved with an inverse":            (SQUARES, r"Set $\frac{\partial f}{\partial \beta} = 0$. Then $$\beta = (X^TX)^{-1}X^TY$$",                                                 [P], 1),
    "solved with an inverse, false":     (SQUARES, r"Set $\frac{\partial f}{\partial \beta} = 0$. Then $$\beta = 2(X^TX)^{-1}X^TY$$",                                                [R], 1),
    "a derivative after that":           (SQUARES, r"Set $\frac{\partial f}{\partial \beta} = 0$. Then $$\frac{\partial f}{\partial \beta} = 3X^T(X\beta-Y)$$",                      [R], 1),
    "at the minimum":                    (LINE, r"$$2\sum_i (w x_i - y_i) x_i = 0$$ at the minimum, so $$w = \frac{\sum_i x_i y_i}{\sum_i x_i^2}$$",                                 [P], 1),
    "at the minimum, false":             (LINE, r"$$2\sum_i (w x_i - y_i) x_i = 0$$ at the minimum, so $$w = \frac{\sum_i x_i y_i}{\sum_i y_i^2}$$",                                 [R], 1),
    "no word of it":                    (LINE, r"We get $$\frac{\partial f}{\partial w} = 2\sum_i (w x_i - y_i) x_i = 0$$ $$w \sum_i x_i^2 = \sum_i x_i y_i$$", [P, U, P], 0),
    "no word of it, in several rows":    (LINE, r"We get $$\begin{aligned} \frac{\partial f}{\partial w} &= 2\sum_i (w x_i - y_i) x_i \\ &= 0 \end{aligned}$$ $$w \sum_i x_i^2 = \sum_i x_i y_i$$", [P, U, P], 0),
    "no word of it, the mark above":     (LINE, r"We get $$\begin{aligned} \frac{\partial f}{\partial w} \\ &= 2\sum_i (w x_i - y_i) x_i \\ &= 0 \end{aligned}$$ $$w \sum_i x_i = \sum_i y_i$$", [P, U, R], 0),
    "no derivative, in several rows":    (LINE, r"We get $$\begin{aligned} w + y_j &= y_j + w \\ &= 0 \end{aligned}$$",                                            [P, R], 0),
    "no word of it, and a claim":        (LINE, r"We get $$\sum_i (w x_i - y_i) x_i = 0$$",                                                                        [R], 0),
    "words with a formula among them":   (LINE, r"The optimal $w$ satisfies $$2\sum_i (w x_i - y_i) x_i = 0.$$ $$w \sum_i x_i^2 = \sum_i x_i y_i$$",                [P], 1),
    "words in the formula":              (LINE, r"$$2\sum_i (w x_i - y_i) x_i = 0 \quad \text{at the minimum}$$ $$w \sum_i x_i^2 = \sum_i x_i y_i$$",                [P], 1),
    "a sign for it":                     (LINE, r"$$\frac{\partial f}{\partial w} = 2\sum_i (w x_i - y_i) x_i \overset{!}{=} 0$$ $$w \sum_i x_i^2 = \sum_i x_i y_i$$", [P, P], 0),
    "it follows":                        (LINE, r"$$\frac{\partial f}{\partial w} = 0 \Rightarrow w \sum_i x_i^2 = \sum_i x_i y_i$$",                              [P], 1),
    "it follows, false":                 (LINE, r"$$\frac{\partial f}{\partial w} = 0 \Rightarrow w \sum_i x_i^2 = 2\sum_i x_i y_i$$",                             [R], 1),
    "a gradient that is not written":    (SQUARES, r"Setting the gradient to zero yields $$X^TX\beta = X^TY$$",                                                                         [U], 0),
    "one that is written":               (SQUARES, r"$$\frac{\partial f}{\partial \beta} = 2X^T(X\beta-Y)$$ Setting the gradient to zero yields $$X^TX\beta = X^TY$$ $$X^TX\beta = 2X^TY$$", [P, P, R], 0),
    "rows of equivalences":              (SQUARES, r"$$\begin{aligned} \frac{\partial f}{\partial \beta} = 0 &\Leftrightarrow X^TX\beta = X^TY \\ &\iff 2X^TX\beta = 2X^TY \\ &\iff X^TX\beta = 2X^TY \end{aligned}$$", [P, P, R], 1),
    "words only":                        (LINE, r"Setting $\frac{\partial f}{\partial w}$ to zero gives $$w \sum_i x_i^2 = \sum_i x_i y_i$$",                      [P], 0),
    "words only, false":                 (LINE, r"Setting $\frac{\partial f}{\partial w}$ to zero gives $$w \sum_i x_i = \sum_i y_i$$",                            [R], 0),
    "solving":                           (COIN, r"Solving $$\frac{k}{p} - \frac{n-k}{1-p} = 0$$ gives $$p = \frac{k}{n}$$ and not $$p = \frac{n}{k}$$",                              [P, R], 1),
    "statements that hold nowhere":      (SHARES, r"We assume $\sum_i y_i = 1$, and we assume $\sum_i y_i = m + 2$. $$\sum_i y_i p_j = 3p_j$$",                        [U], 2),
    "an assumption of what comes next":  (SHARES, r"$$\sum_i p_i = 3$$ Assume $p_i = 0$. Then $$\sum_i p_i = 0$$",                                                [R, P], 1),
    "a derivative under an assumption":  (LINE, r"Assume $y_i = 0$. Then $$\frac{\partial f}{\partial w} = 2w\sum_i x_i^2$$ $$\frac{\partial f}{\partial w} = w\sum_i x_i^2$$", [P, R], 1),
    "where it can be solved":            ("input a, b, w", r"Setting $$a w - a b = 0$$ gives $$w = b$$ $$w = 2b$$",                                                           [P, R], 1),
    "what cannot be solved":             ("input x, y", r"At the minimum $$x e^x + y e^y = 0$$ and so $$x e^x = -y e^y$$ $$x = -y$$",                                                [P, U], 1),
    "zero anyway":                       (LINE, r"At the minimum $$\sum_i (x_i - x_i) = 0$$",                                                                                       [P], 0),
    "a reason":                          (SHARES, r"Since $\sum_i y_i = 1$ we have $$\sum_i y_i p_j = p_j$$",                                                                       [P], 1),
    "a reason, false after":             (SHARES, r"Since $\sum_i y_i = 1$ we have $$\sum_i y_i p_j = 2p_j$$",                                                                      [R], 1),
    "a reason after":                    (SHARES, r"$\sum_i y_i = 1$, as $y$ is one-hot. $$\sum_i y_i p_j = p_j$$",                                                                 [P], 1),
    "a reason that is an error":         ("input a, b", r"Since $(a+b)^2 = a^2 + b^2$ we are done.",                                                                               [R], 0),
    "a reason that is a derivative":     (LINE, r"Since $\frac{\partial f}{\partial w} = \sum_i w x_i$ we are done.",                                                               [R], 0),
    "a reason that holds":               (SHARES + r"s_i = \frac{e^{y_i}}{\sum_j e^{y_j}}", r"Since $\sum_i s_i = 1$ we are done.",                                                 [P], 0),
    "no reason":                         (SHARES, r"We see that $$\sum_i y_i = 1$$",                                                                                               [R], 0),
    "an assumption":                     (SHARES, r"We assume $p_i = y_i$. Then $$\sum_i p_i = \sum_i y_i$$",                                                                       [P], 1),
    "sizes":                             (SHARES, r"In this layer $m = n$, so $$m^2 = n^2$$",                                                                                      [P], 1),
    "sizes, false after":                (SHARES, r"In this layer $m = n$, so $$m^2 = 2n^2$$",                                                                                     [R], 1),
}  # fmt: skip


@pytest.mark.parametrize("name", GRANTED)
def test_what_a_text_takes_for_granted(tmp_path, name):
    declared, text, wanted, remarks = GRANTED[name]
    found, _, page = marks(tmp_path, f"```symderiv\n{declared}\n```\n{text}\n")
    assert (found, len(page.remarks), page.problems) == (wanted, remarks, ())


def test_an_equivalence_is_judged_one_way_and_that_is_said(tmp_path):
    """`a = 0` does not follow from `a b = 0`."""
    said, (step,), _ = marks(tmp_path, document("input a, b", r"a = 0 \iff a b = 0"))
    assert said == [P]
    assert step.note == "true if ⇔ is read as ⇒ and a = 0, as line 4 states"


def test_what_an_equation_is_solved_by_is_not_zero(tmp_path):
    """`w = b` follows from `a w = a b` where a is not 0."""
    _, (step, _), _ = marks(tmp_path, "```symderiv\ninput a, b, w\n```\nSetting $$a w - a b = 0$$ gives $$w = b$$ $$w = 2b$$\n")
    assert [c.text for c in step.side_conditions] == ["a ≠ 0"]
    assert step.note == "true if a w - a b = 0, as line 4 states"


CANCELS = ("index i, k = 1..n\ninput a \\neq 0, w_i\nobjective L(y)", r"s_i = w_i a", r"y_i = \frac{a s_i}{a}")


def test_a_definition_mentions_what_is_written_in_it_though_it_cancels(tmp_path):
    """So `∂y/∂a` can be meant with s held constant, and where another reading is taken that is said."""
    chain = r"\frac{\partial L}{\partial a} = \sum_k \frac{\partial L}{\partial y_k} \frac{\partial y_k}{\partial a}"
    said, steps, _ = marks(tmp_path, document(*CANCELS, chain, r"\frac{\partial y_k}{\partial a} = 0"))
    assert said == [P, P]
    assert "along every path" in steps[0].note
    assert "with s held constant" in steps[1].note


TRACE = "index i, j, k, l = 1..n\ninput X: n \\times n, A: n \\times n, v: n"
ENTRY_MEANT = {
    # what is beside an array                              the formula                                                                          marks
    r"\frac{\partial}{\partial X} \operatorname{tr}(XA) = A_{lk} = (A^T)_{kl} = A^T":                                                            [P, P, P],
    r"\frac{\partial}{\partial X} \operatorname{tr}(XA) = A_{kl}":                                                                             [R],
    r"\frac{\partial}{\partial X} \operatorname{tr}(XA) = \frac{\partial X_{ij}}{\partial X_{kl}} A_{ji} = \delta_{ik} \delta_{jl} A_{ji} = A_{lk}": [P, P, P],
    r"\frac{\partial}{\partial X} \operatorname{tr}(XA) = \delta_{ik} \delta_{jl} A_{ji} = A_{kl}":                                                  [P, R],
    r"A v = A_{kl} v_l":                                                                                                                     [P],
    r"A v = A_{lk} v_l":                                                                                                                     [R],
    r"v^\top A = v_k A_{kl}":                                                                                                                [P],
    r"2 v = v_k + v_k":                                                                                                                     [P],
    r"2 v = v_k + v_l":                                                                                                                     [M],
    r"A = v_k v_l":                                                                                                                         [R],
    r"A = v_k":                                                                                                                             [M],
    r"v = 1":                                                                                                                               [M],
}  # fmt: skip


@pytest.mark.parametrize("formula", ENTRY_MEANT)
def test_an_array_beside_its_entry_is_that_entry(tmp_path, formula):
    said, steps, _ = marks(tmp_path, document(TRACE, formula))
    assert said == ENTRY_MEANT[formula]
    assert said[0] == M or "is meant" in steps[0].note


PARTS = ("index i, k = 1..n\ninput p_i, y_i", r"J = \sum_i (p_i - y_i)^2", r"J_i = (p_i - y_i)^2")


def test_the_parts_of_a_number_may_have_its_name(tmp_path):
    """`J_i = ...` below `J = ...` is a definition; it was marked as a number with an index that it does not have."""
    claims = (
        r"J = \sum_i J_i",
        r"\frac{d J_i}{d p_i} = 2 (p_i - y_i)",
        r"\frac{d J_k}{d p_i} = 2 (p_i - y_i)",
        r"J_i = 2 (p_i - y_i)^2",
        "2 J = 3 J",
    )
    assert marks(tmp_path, document(*PARTS, *claims))[0] == [P, P, R, R, R]


def test_a_position_that_not_every_size_has_is_not_read(tmp_path):
    """`p_2` is an example, and means that there are two; that is no slip of the author's."""
    said, _, page = marks(
        tmp_path, document("index i = 1..n\ninput p_i", r"\frac{\partial p_1}{\partial p_2} = 0", "p_{i+1} = p_i", "p_1 = p_1")
    )
    assert said == [P]
    assert [p.message.partition(" of that")[0] for p in page.problems] == [
        "p[2]: 2 may leave the range 1..n",
        "p[i + 1]: i + 1 may leave the range 1..n",
    ]


def test_a_box_at_the_end_of_a_proof_is_no_label(tmp_path):
    _, _, page = marks(tmp_path, document("input a", r"a + a = 2 a \tag*{$\blacksquare$}", "a = a"))
    assert [claim.label for claim in page.derivations[0].claims] == ["1", "2"]
