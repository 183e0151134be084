"""Names as people write them in documents: with positions above, in brackets or without.

Each row that is read was once refused, or read as something else; beside it stands a twin that is wrong, and what can be read in two ways.
"""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import pytest
from documents_read import read

P, R, E = "proved", "refuted", "not read"

STEPS = (
    "size d\nindex t = 1..n\n"
    + r"input a^{\langle t \rangle}: d, W: d \times d"
    + "\n"
    + r"s^{\langle t \rangle} = W a^{\langle t \rangle}"
)
LAYER = "index l = 1..L\n" + r"input a^{[l]}, b_l" + "\n" + r"s^{[l]} = 2 a^{[l]} + b_l"
WEIGHTS = "index l = 1..L\nindex j, k = 1..m\n" + r"input W^{l}_{jk}, a^l_k" + "\n" + r"z^l_j = \sum_k W^{l}_{jk} a^l_k"
CHANGE = "input p, \\Delta p\nq = p + \\Delta p"
CHANGES = "index i, j = 1..n\n" + r"input e_i, x_j, \eta" + "\n" + r"\Delta W_{ij} = \eta e_i x_j"
OUTPUT = r"input d\mathbf{O}: n \times m, V: n \times m"
TABLE = r"input X: n \times m, w: m"
ROWS = {
    "steps in angles":            (STEPS, r"s^{<t>} + s^{<t>} = 2 W a^{\langle t \rangle}", [P]),
    "steps in angles, 2 lost":    (STEPS, r"s^{<t>} + s^{<t>} = W a^{\langle t \rangle}", [R]),
    "steps in angles, one later": ("index t = 1..n\n" + r"input a^{<t>}", r"a^{<t-1>} = a^{<t-1>}", [E]),
    "steps, transposed":          (STEPS, r"s^{<t>\top} a^{<t>} = a^{\langle t \rangle\top} W^\top a^{<t>}", [P]),
    "steps, transposed, wrong":   (STEPS + "\nobjective L(s)", r"\frac{\partial L}{\partial W} = \sum_t a^{<t>} \frac{\partial L}{\partial s^{<t>}}^\top", [R]),
    "by steps":                   (STEPS + "\nobjective L(s)", r"\frac{\partial L}{\partial W} = \sum_t \frac{\partial L}{\partial s^{<t>}} a^{<t>\top}", [P]),
    "layers in brackets":         (LAYER, r"s^{[l]} - a^{[l]} = a^{[l]} + b^{[l]}", [P]),
    "layers in brackets, other":  (LAYER, r"s^{[l]} - a^{[l]} = b^{[l]}", [R]),
    "a layer by its number":      ("index l = 1..3\n" + r"input a^{[l]}", r"\sum_l a^{[l]} = a^{[1]} + a^{[2]} + a^{[3]}", [P]),
    "a layer by its number, off": ("index l = 1..3\n" + r"input a^{[l]}", r"\sum_l a^{[l]} = a^{[1]} + a^{[2]} + a^{[2]}", [R]),
    "layers above, transposed":   ("size p\nindex l = 1..L\n" + r"input V^{[l]}: p \times p, u: p", r"u^\top V^{[l]} u = u^\top V^{[l]\top} u", [P]),
    "layers above, not alike":    ("size p\nindex l = 1..L\n" + r"input V^{[l]}: p \times p, u: p", r"V^{[l]} u = V^{[l]\top} u", [R]),
    "transposed with letters":    ("size p\nindex l = 1..L\nindex j, k = 1..p\n" + r"input V^{l}_{jk}", r"V^{l\top}_{jk} = V^l_{jk}", [E]),
    "a layer without brackets":   (WEIGHTS, r"z^l_j - \sum_k a^l_k W^l_{jk} = 0", [P]),
    "its letters turned round":   (WEIGHTS, r"z^l_j = \sum_k a^l_k W^l_{kj}", [R]),
    "of another layer":           (WEIGHTS, r"z^l_j = \sum_k a^1_k W^l_{jk}", [E]),
    "squares beside layers":      (WEIGHTS, r"(a^l_k)^2 = a^l_k a^l_k", [P]),
    "a layer or a square":        ("index l = 1..L\n" + r"input z^l", r"z^2 = z^2", [E]),
    "a name with a letter above": ("index j, k = 1..m\n" + r"input W^{l}_{jk}, a^l_k", r"\sum_k W^l_{jk} a^l_k = \sum_k a^l_k W^l_{jk}", [P]),
    "upper beside lower":         ("index i, j = 1..n\n" + r"input x^i_j", r"\sum_i x^i_j + x^i_j = 2 x^i_j", [R]),
    "upper beside lower, summed": ("index i, j = 1..n\n" + r"input x^i_j" + "\n" + r"s_j = \sum_i x^i_j", r"\sum_j s_j = \sum_i \sum_j x^i_j", [P]),
    "by its ranges":              ("index i = 1..m\nindex j = 1..n\n" + r"input x_{ij}" + "\n" + r"s_j = \sum_i x_{ij}", r"s_j = \sum_i x^i_j", [P]),
    "by its ranges, a square":    ("index i = 1..m\nindex j = 1..n\n" + r"input x_{ij}" + "\n" + r"s_j = \sum_i x_{ij}^2", r"s_j = \sum_i x^i_j", [R]),
    "a position or a power":      ("index i, j = 1..n\n" + r"input x_{ij}" + "\n" + r"s_j = \sum_i x_{ij}", r"s_j = \sum_i x^i_j", [E]),
    "an entry or a power":        ("index l = 1..n\n" + r"input z_l" + "\n" + r"s = \sum_l z_l", r"s = \sum_l z^l", [E]),
    "a power, of an entry":       ("index i, j = 1..n\n" + r"input x_j > 0", r"\sum_i x_j^i = x_j \sum_i x_j^{i-1}", [P]),
    "a power, of a number":       ("index i = 1..n\n" + r"input q > 0", r"\sum_i q^i = q \sum_i q^{i-1}", [P]),
    "errors of a layer":          ("size m\n" + r"input y: m, a: m" + "\n" + r"\delta^{(3)} = y - a", r"\delta^{(3)} - y = -a", [P]),
    "errors of a layer, sign":    ("size m\n" + r"input y: m, a: m" + "\n" + r"\delta^{(3)} = y - a", r"\delta^{(3)} - y = a", [R]),
    "a change":                   (CHANGE, r"q - \Delta p = p", [P]),
    "a change, sign":             (CHANGE, r"q + \Delta p = p", [R]),
    "a change, defined":          (CHANGES, r"\sum_i \Delta W_{ij} = \eta x_j \sum_i e_i", [P]),
    "a change, defined, factor":  (CHANGES, r"\sum_i \Delta W_{ij} = \eta x_j", [R]),
    "a change, used above":       ("input w, \\eta, g", r"v = w + \Delta w $$ $$ \Delta w = -\eta g $$ $$ v = w - \eta g", [P]),
    "a change, of a square":      (CHANGE, r"\Delta p^2 = \Delta p \Delta p", [E]),
    "the square of a change":     (CHANGE, r"(\Delta p)^2 = \Delta p \Delta p", [P]),
    "a change or a product":      ("input p, \\Delta, \\Delta p", r"\Delta p = p \Delta", [E]),
    "a product":                  ("input p, \\Delta", r"\Delta p = p \Delta", [P]),
    "a delta that is defined":    ("input x, y, t", r"L = \delta x $$ $$ \delta = y - t $$ $$ L = (y - t) x", [P]),
    "a variation":                ("index i = 1..n\n" + r"input y_i, \delta y_i", r"\sum_i (y_i + \delta y_i)^2 = \sum_i y_i^2 + 2\sum_i y_i \delta y_i + \sum_i (\delta y_i)^2", [P]),
    "a variation, 2 lost":        ("index i = 1..n\n" + r"input y_i, \delta y_i", r"\sum_i (y_i + \delta y_i)^2 = \sum_i y_i^2 + \sum_i y_i \delta y_i + \sum_i (\delta y_i)^2", [R]),
    "a variation of a vector":    ("size n\n" + r"input x: n, \delta x: n", r"(x + \delta x)^\top \delta x = x^\top \delta x + \delta x^\top \delta x", [P]),
    "a variation or a gradient":  ("input w, x\nobjective L(y)\ny = w x", r"\delta w = 3 x", [E]),
    "an adjoint in bold":         (OUTPUT, r"\operatorname{tr}(d\mathbf{O} V^\top) = \operatorname{tr}(V dO^\top)", [P]),
    "an adjoint in bold, wrong":  (OUTPUT, r"\operatorname{tr}(d\mathbf{O} V^\top) = 2 \operatorname{tr}(V dO^\top)", [R]),
    "an adjoint, defined":        (r"input X: n \times m, dZ: n \times p, u: p", r"dW = X^\top dZ $$ $$ dW u = X^\top dZ u", [P]),
    "an adjoint, defined, wrong": (r"input X: n \times m, dZ: n \times p, u: p", r"dW = X^\top dZ $$ $$ dW u = 2 X^\top dZ u", [R]),
    "an adjoint or a name":       (r"input X: n \times m, W: m \times p, dZ: n \times p" + "\nZ = X W", r"dW = 2 X^\top dZ", [E]),
    "a name, with :=":            (r"input X: n \times m, W: m \times p, dZ: n \times p" + "\nZ = X W", r"dW := X^\top dZ $$ $$ dW - X^\top dZ = 0", [P]),
    "an adjoint of an objective": (r"input X: n \times m, W: m \times p" + "\nobjective L(Z)\nZ = X W", r"dW = X^\top dZ", [P]),
    "and a wrong one":            (r"input X: n \times m, W: m \times p" + "\nobjective L(Z)\nZ = X W", r"dW = 2 X^\top dZ", [R]),
    "declared and of an objective": (r"input X: n \times m, W: m \times p, dZ: n \times p" + "\nobjective L(Z)\nZ = X W", r"dW = X^\top dZ", [E]),
    "steps":                      ("index i = 1..n\n" + r"input dx_i, dy_i, c", r"\sum_i (dx_i + c\, dy_i) = \sum_i dx_i + c \sum_i dy_i", [P]),
    "steps, in a fraction":       ("index i = 1..n\n" + r"input dx_i, c", r"\sum_i \frac{dx_i}{n} = \frac{1}{n} \sum_i dx_i", [P]),
    "a derivative or a quotient": ("input x, dx, dy\ny = x^2", r"\frac{dy}{dx} = 2x", [E]),
    "a derivative":               ("input x, dx\ny = x^2", r"\frac{dy}{dx} = 2x", [P]),
    "a derivative, wrong":        ("input x, dx\ny = x^2", r"\frac{dy}{dx} = 3x", [R]),
    "of two letters":             ("input HH, x", r"HH x + x = x (HH + 1)", [P]),
    "of two letters, one known":  ("input HH, H, x", r"HH x = H^2 x", [E]),
    "of two letters, a product":  ("input ab, a, b", r"ab = a b", [E]),
    "of two, with a dot":         ("input ab, a, b", r"a \cdot b = b \cdot a", [P]),
    "differentials":              ("input x\ny = x^2", r"dy = 2x dx", [P]),
    "differentials, one declared": ("input x, dx\ny = x^2", r"dy = 3x dx", [E]),
    "by a change":                ("input p, \\Delta p\nL = p \\Delta p", r"\frac{\partial L}{\partial \Delta p} = p", [P]),
    "by a change, wrong":         ("input p, \\Delta p\nL = p \\Delta p", r"\frac{\partial L}{\partial \Delta p} = \Delta p", [R]),
    "columns":                    (TABLE, r"\sum_j w_j X_{:,j} = X w", [P]),
    "columns without a comma":    (TABLE, r"\sum_j w_j X_{:j} = X w", [P]),
    "columns, wrong":             (TABLE, r"\sum_j w_j X_{:,j} = 2 X w", [R]),
    "one column":                 (TABLE, r"\|X_{:,1}\|^2 = \sum_i X_{i1}^2", [P]),
    "rows":                       (TABLE + "\nu = X w", r"u_i = X_{i:} w = X_{i,:} w", [P, P]),
    "rows, of another":           (TABLE + "\nu = X w", r"u_i = X_{1:} w", [E]),
    "the first row":              (TABLE + "\nu = X w", r"u_i = X_{1,:} w", [R]),
    "rows side by side":          (TABLE, r"X_{i:} X_{i:}^\top = \|X_{i:}\|^2", [P]),
    "the matrix of rows":         (TABLE, r"\sum_i X_{i:}^\top X_{i:} = X^\top X", [P]),
    "the matrix of rows, wrong":  (TABLE, r"\sum_i X_{i:}^\top X_{i:} = 2 X^\top X", [R]),
    "a row or a column":          (TABLE + "\nu = X w", r"u_i = X_{i:}^\top w", [E]),
    "a row beside a column":      (TABLE + "\nindex i = 1..n", r"X_{i:} + w = w + X_{i:}", [E]),
    "a dot below":                (TABLE, r"X_{i \cdot} w = X_{i \cdot} w", [E]),
    "primed":                     ("index i = 1..n\n" + r"input x_i", r"\sum_i \sum_{i'} x_i x_{i'} = (\sum_i x_i)^2", [P]),
    "primed, wrong":              ("index i = 1..n\n" + r"input x_i", r"\sum_i \sum_{i'} x_i x_{i'} = \sum_i x_i^2", [R]),
    "primed, free":               ("index i = 1..n\n" + r"input x_i", r"\frac{\partial \sum_i x_i^2}{\partial x_{i'}} = 2 x_{i'}", [P]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_names_as_people_write_them(tmp_path, name):
    declared, formula, wanted = ROWS[name]
    page, told = read(tmp_path, declared, f"$$\n{formula}\n$$")
    assert told + [E] * bool(page.problems) == wanted, page.problems


TOLD = [
    (
        "index i, j = 1..n\ninput x_{ij}",
        "x^i_j = 1",
        "i above x: a position, or a power? For a position write it below, or in parentheses, ^{(...)}; for a power, parentheses around the base",
    ),
    (
        "size p\nindex l = 1..L\nindex j, k = 1..p\ninput V^{l}_{jk}",
        r"V^{l\top}_{jk} = 1",
        "V transposed, with what is below it: write the entry with its indices turned round",
    ),
    (
        TABLE,
        r"X_{i \cdot} w = 1",
        r"\cdot below a name: a row, or the sum over it? Write : for a row or column, or \sum",
    ),
    (TABLE, "X_{i:} + w = w + X_{i:}", "X_{i:} is a row: write ^\\top where its column is meant"),
    ("index l = 1..L\ninput W^{l}_{jk}", "1 = 2 - 1", "j is no index, and stands beside one: declare it, index j = 1..m"),
    (
        "index l = 1..L\ninput a^{[1]}, c\na^{[l]} = c",
        "1 = 2 - 1",
        "a^{[1]} was defined on its own, and here all of a: write one of them otherwise",
    ),
]


@pytest.mark.parametrize(("declared", "formula", "message"), TOLD)
def test_what_is_asked(tmp_path, declared, formula, message):
    page, _ = read(tmp_path, declared, f"$$\n{formula}\n$$")
    assert message in [p.message for p in page.problems], page.problems
