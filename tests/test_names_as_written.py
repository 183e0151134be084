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
ROWS = {
    "steps in angles":            (STEPS, r"s^{<t>} + s^{<t>} = 2 W a^{\langle t \rangle}", [P]),
    "steps in angles, 2 lost":    (STEPS, r"s^{<t>} + s^{<t>} = W a^{\langle t \rangle}", [R]),
    "steps in angles, one later": ("index t = 1..n\n" + r"input a^{<t>}", r"a^{<t-1>} = a^{<t-1>}", [E]),
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
