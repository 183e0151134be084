"""What tools get from `import symderiv`, as the author of one would use it."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest

import symderiv
from symderiv import Derivation, Sum, judge, judge_file, judge_text, prove_equivalent, prove_gradient

NOTES = r"""
```symderiv
index i = 1..n
input x_i
```
$$L = \sum_i x_i^2$$
$$\frac{\partial L}{\partial x_i} = x_i$$
"""


def test_a_derivation_is_judged_where_it_is_made():
    d = Derivation("a sum of squares")
    i = d.index("i", d.size("n"))
    x = d.input("x", i)
    J = d.objective("J", Sum(x[i] ** 2, i))
    d.claim("right", J.wrt(x[i]), 2 * x[i])
    d.claim("wrong", J.wrt(x[i]), x[i])
    found = judge(d)
    assert [(c.label, [s.verdict for s in c.steps]) for c in found.claims] == [("right", ["proved"]), ("wrong", ["refuted"])]
    (wrong,) = found.claims[1].steps
    assert (wrong.counterexample.left, wrong.counterexample.right) == ("2", "1")
    assert wrong.repairs[0].member.text == "2·xᵢ"
    with pytest.raises(FrozenInstanceError):
        wrong.verdict = "proved"


def test_a_text_is_judged_as_a_file_is(tmp_path):
    (tmp_path / "notes.md").write_text(NOTES)
    of_file, of_text = judge_file(tmp_path / "notes.md"), judge_text(NOTES)
    assert of_file.steps == of_text.steps
    assert of_text.verdict == "refuted"
    assert [(s.verdict, s.line) for s in of_text.steps] == [("refuted", 7)]
    latex = judge_text("\\documentclass{article}\\begin{document}\n% symderiv: input a\n$a + a = 2 a$\n\\end{document}", "latex")
    assert (latex.verdict, latex.file) == ("proved", "text.tex")


BAD = [
    # text               kind          what is said
    ("no formula",       "markdown",   "text.md: nothing to judge"),
    ("a\0b",             "markdown",   "text.md:1: has a NUL byte"),
    ("\ud800",           "markdown",   "is not UTF-8"),
    ("x" * 2**20 + "x",  "latex",      "text.tex: is larger than 1 MiB"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "said"), BAD, ids=[said for *_, said in BAD])
def test_a_bad_text_is_an_error_of_its_page(text, kind, said):
    page = judge_text(text, kind)
    assert page.verdict == "error"
    assert said in page.error


def test_a_kind_that_there_is_not():
    with pytest.raises(symderiv.SymderivError, match="there are markdown, latex"):
        judge_text("$a = a$", "word")


def test_a_file_that_is_not_there():
    assert "there is no such file" in judge_file("nowhere.md").error


def test_code_is_proved():
    (good,) = prove_gradient(lambda x: x**2, lambda dout, x: 2 * x * dout, {"x": "N"})
    (bad,) = prove_equivalent(lambda x: x + x, lambda x: 3 * x, {"x": "N"})
    assert (good.verdict, bad.verdict) == ("proved", "refuted")
    assert isinstance(good, symderiv.Result)


def test_nothing_is_imported_before_it_is_asked_for():
    heavy = "print('sympy' in sys.modules, 'numpy' in sys.modules)"
    code = f"import symderiv, sys; dir(symderiv); {heavy}; symderiv.judge; {heavy}"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False", "False", "True", "True"]


def test_every_name_is_there_and_says_what_it_is():
    for name in symderiv.__all__:
        assert (getattr(symderiv, name).__doc__ or "").strip(), name


LETTERS = r"""
```symderiv
index i, j = 1..n
index p, r = 1..m
input v_p, B_{ij}, c, b
objective L(s)
```
$$s = b - b$$

"""

LINES = [
    # about                                            lines                                                                                               verdicts
    ("a letter has the range of its formula",          r"$v_l |v_l| = |v_l| v_l$ $\sum_{l=1}^n c = \sum_l c$ $\sum_l c = m c$",                              ["proved"] * 3),
    ("a condition has a letter of no other range",     r"$p B_{ii} + \sum_r v_r = p B_{ii} + \sum_p (\sqrt{v_p})^2$",                                                   ["proved"]),
    ("a derivative is no definition of what has a bar", r"$$\bar{b} = \frac{\partial L}{\partial s} (1 - 1)$$",                             []),
    ("nor is it where all cancels that rests on it",   r"$$\bar{b} = (1 - 1) b$$",                                                        []),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "verdicts"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_letters_and_bars_of_a_text(lines, verdicts):
    page = judge_text(LETTERS + lines.replace("$ $", "$\n\n$"))
    assert [s.verdict for s in page.steps] == verdicts
    assert [c.text for s in page.steps for c in s.side_conditions] in ([], ["vₖ ≥ 0 for every k"])
    assert [p.message.split("? ")[0] for p in page.problems] == ([] if verdicts else ["\\bar{b}: a derivative, or a new name"])
