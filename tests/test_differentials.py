"""Equations of differentials: what is proved, what is refuted, and what is asked; held against finite differences by NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from documents_read import read

P, R = "proved", "refuted"
ARRAYS = r"input X: n \times n, Y: n \times n, A: n \times n, W: k \times n, x: n, c: k"
MADE = "\n\n".join(f"$${line}$$" for line in (r"f = \operatorname{tr}(A^\top X)", r"r = W x - c", r"L = r^\top r"))
WRITTEN = "\n\n$$d(X Y) = dX\\, Y + X\\, dY$$\n\n$$dr = dW\\, x$$"  # what else the document varies: X, Y and W, and none of A, x, c

TRACE, INVERSE, PRODUCT = lambda v: np.trace(v["A"].T @ v["X"]), lambda v: np.linalg.inv(v["X"]), lambda v: v["X"] @ v["Y"]
LOGDET, REST, LOSS = lambda v: np.log(np.linalg.det(v["X"])), lambda v: v["W"] @ v["x"] - v["c"], lambda v: np.sum(REST(v) ** 2)

# what the left side is of, and both sides as a document writes them; what NumPy makes of them at V (a dictionary) along D
IDENTITIES = {
    "a trace":                 (r"df = \operatorname{tr}(A^\top dX)", TRACE, lambda v, d: np.trace(v["A"].T @ d["X"])),
    "no transpose":            (r"df = \operatorname{tr}(A\, dX)", TRACE, lambda v, d: np.trace(v["A"] @ d["X"])),
    "upright":                 (r"\mathrm{d}f = A : \mathrm{d}X", TRACE, lambda v, d: np.sum(v["A"] * d["X"])),
    "a colon, turned":         (r"df = A^\top : dX", TRACE, lambda v, d: np.sum(v["A"].T * d["X"])),
    "angle brackets":          (r"df = \langle A, dX \rangle", TRACE, lambda v, d: np.sum(v["A"] * d["X"])),
    "angle brackets, twice":   (r"df = 2 \langle A, dX \rangle", TRACE, lambda v, d: 2 * np.sum(v["A"] * d["X"])),
    "an inverse":              (r"dX^{-1} = -X^{-1}\, dX\, X^{-1}", INVERSE, lambda v, d: -INVERSE(v) @ d["X"] @ INVERSE(v)),
    "in parentheses":          (r"d(X^{-1}) = -X^{-1}\, dX\, X^{-1}", INVERSE, lambda v, d: -INVERSE(v) @ d["X"] @ INVERSE(v)),
    "a missing sign":          (r"dX^{-1} = X^{-1}\, dX\, X^{-1}", INVERSE, lambda v, d: INVERSE(v) @ d["X"] @ INVERSE(v)),
    "a wrong order":           (r"dX^{-1} = -X^{-1}\, X^{-1}\, dX", INVERSE, lambda v, d: -INVERSE(v) @ INVERSE(v) @ d["X"]),
    "a product":               (r"\mathrm{d}(X Y) = \mathrm{d}X\, Y + X\, dY", PRODUCT, lambda v, d: d["X"] @ v["Y"] + v["X"] @ d["Y"]),
    "a product, wrong order":  (r"d(X Y) = Y\, dX + X\, dY", PRODUCT, lambda v, d: v["Y"] @ d["X"] + v["X"] @ d["Y"]),
    "a product, a term lost":  (r"d(X Y) = dX\, Y", PRODUCT, lambda v, d: d["X"] @ v["Y"]),
    "a determinant":           (r"d\log\det X = \operatorname{tr}(X^{-1} dX)", LOGDET, lambda v, d: np.trace(INVERSE(v) @ d["X"])),
    "a determinant, wrong":    (r"d\log\det X = \operatorname{tr}(X\, dX)", LOGDET, lambda v, d: np.trace(v["X"] @ d["X"])),
    "of a node":               (r"dL = 2 r^\top dr", LOSS, lambda v, d: 2 * REST(v) @ d["W"] @ v["x"]),
    "of a node, no 2":         (r"dL = r^\top dr", LOSS, lambda v, d: REST(v) @ d["W"] @ v["x"]),
    "below it":                (r"dL = \langle 2 r x^\top, dW \rangle", LOSS, lambda v, d: 2 * REST(v) @ d["W"] @ v["x"]),
}  # fmt: skip


def slope_is_right(of, slope):
    """Whether a formula is the derivative along a line, by central differences: nothing of it is symderiv's."""
    rng = np.random.default_rng(3)
    shapes = {"X": (3, 3), "Y": (3, 3), "A": (3, 3), "W": (2, 3), "x": (3,), "c": (2,)}
    at = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    at["X"] = at["X"] @ at["X"].T + np.eye(3) + 0.1 * at["Y"]  # not symmetric, and its determinant is positive
    along = {name: rng.normal(size=shape) if name in "XYW" else np.zeros(shape) for name, shape in shapes.items()}
    moved = [of({name: at[name] + step * along[name] for name in at}) for step in (1e-6, -1e-6)]
    return np.allclose((moved[0] - moved[1]) / 2e-6, slope(at, along), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_equation_of_differentials_is_judged_as_finite_differences_judge_it(tmp_path, name):
    formula, of, slope = IDENTITIES[name]
    page, verdicts = read(tmp_path, ARRAYS, f"{MADE}{WRITTEN}\n\n$${formula}$$")
    assert page.problems == ()
    assert verdicts == [P, P, P if slope_is_right(of, slope) else R]


def test_the_table_has_lines_of_both_kinds():
    assert {slope_is_right(of, slope) for _, of, slope in IDENTITIES.values()} == {True, False}


NUMBERS = "input a, b\ninput X: n \\times n, Z: n \\times n"
DEFINED = "$$u = a^2 b$$\n\n$$Y = X Z$$\n\n"
FREE, BACKWARD, MIXED = (
    "the differential of an input is free",
    "a differential, or an adjoint?",
    "each term of an equation of differentials has one",
)
ASKED = {
    "held constant":            (r"du = 2 a b\, da",                   [P], []),
    "and both":                 (r"du = 2 a b\, da + a^2 db",          [P], []),
    "a wrong factor":           (r"du = a b\, da",                     [R], []),
    "an input on the left":     (r"dX = dY Z^\top",                    [],  [FREE]),
    "what rests on the left":   (r"V = Y X$$ $$dY = dV X^\top",        [],  [BACKWARD]),
    "no declaration":           (r"dQ = dX",                           [],  ["Q is not declared"]),
    "forgotten, or constant":   (r"d(X Z) = dX\, Z",                   [],  ["is Z constant? Its dZ is written nowhere"]),
    "a number beside it":       (r"du = a + da",                       [],  [MIXED]),
    "two of them":              (r"du = da\, db",                      [],  [MIXED]),
    "an integral":              (r"b = \int a\, da",                   [],  ["\\int"]),
    "a derivative":             (r"\frac{du}{da} = 2 a b",             [P], []),
    "a derivative, by a slash": (r"du/da = 2 a b",                     [P], []),
    "of a node alone":          (r"d\operatorname{tr}(Y) = \operatorname{tr}(dY)", [P], []),
    "of a node alone, twice":   (r"d\operatorname{tr}(Y) = 2 \operatorname{tr}(dY)", [R], []),
    "in rows": (r"\begin{aligned} du &= 2 a b\, da + a^2 db \\ &= a (2b\,da + a\, db) \\ &= a (b\, da + db) \end{aligned}", [P, P, R], []),
}  # fmt: skip


@pytest.mark.parametrize("name", ASKED)
def test_what_could_be_something_else_is_asked(tmp_path, name):
    formula, verdicts, told = ASKED[name]
    page, found = read(tmp_path, NUMBERS, f"{DEFINED}$${formula}$$")
    assert found == verdicts
    if verdicts:
        assert page.problems == ()
    else:
        assert all(part in page.problems[0].message for part in told)


def test_what_is_held_constant_is_told(tmp_path):
    page, _ = read(tmp_path, NUMBERS, f"{DEFINED}$$du = 2 a b\\, da$$")
    assert [formula.text for formula in page.steps[0].assumptions] == ["db = 0"]


def test_with_an_objective_it_stays_an_adjoint(tmp_path):
    declared = "input X: n \\times n, W: n \\times n\nobjective L(Y)"
    _, found = read(tmp_path, declared, "$$Y = X W$$\n\n$$dW = X^\\top dY$$\n\n$$dX = W^\\top dY$$")
    assert found == [P, R]
