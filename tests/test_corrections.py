"""Repairs written into documents: the smallest edits of the author's own LaTeX, and all proved once they are made."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import json
from pathlib import Path

import pytest

from symderiv.documents.marking.corrections import mended
from symderiv.documents.marking.pages import judge, load
from symderiv.faces.formats import sarif
from symderiv.faces.judged import JudgedPage
from tests.test_documents import BATCHNORM, read
from tests.test_grammar import EXERCISE

LINEAR = r"""
size N, D, K
index n = 1..N
index d = 1..D
index k = 1..K
input X: N \times D
input W: D \times K
Z = X W
objective f(Z)
"""

RANGES = "size m, n\ninput x: m, a: n, z"  # in which a letter runs over m in one formula, and over n in the next

EDITS = [
    # declared   as written                                                                                repaired
    (BATCHNORM, r"\frac{\partial f}{\partial \hat{x}_i} = \frac{\partial f}{\partial y_i} \cdot y_i",      r"\frac{\partial f}{\partial \hat{x}_i} = \frac{\partial f}{\partial y_i} \cdot \gamma"),
    (BATCHNORM, r"\frac{\partial f}{\partial \hat x_i}=\frac{\partial f}{\partial\gamma_i}\gamma",         r"\frac{\partial f}{\partial \hat x_i}=\frac{\partial f}{\partial y_i}\gamma"),
    (BATCHNORM, r"\frac{\partial f}{\partial y} = \sum_i \frac{\partial f}{\partial y_i} \hat{x}_i",       r"\frac{\partial f}{\partial \gamma} = \sum_i \frac{\partial f}{\partial y_i} \hat{x}_i"),
    (BATCHNORM, r"\frac{\partial f}{\partial \beta} = \frac{\partial f}{\partial y_i}",                    r"\frac{\partial f}{\partial \beta} = \sum_{i} \frac{\partial f}{\partial y_i}"),
    (BATCHNORM, r"\frac{\partial \sigma^2}{\partial \mu} = \frac{2}{m} \sum_{i=1}^m (x_i - \mu)",          r"\frac{\partial \sigma^2}{\partial \mu} = -\frac{2}{m} \sum_{i=1}^m (x_i - \mu)"),
    (BATCHNORM, r"\frac{d\mu}{dx_i} = \frac{1}{m^2}",                                                      r"\frac{d\mu}{dx_i} = m \frac{1}{m^2}"),
    (LINEAR,    r"\frac{\partial f}{\partial W} = X \frac{\partial f}{\partial Z}",                        r"\frac{\partial f}{\partial W} = X^{\top} \frac{\partial f}{\partial Z}"),
    (LINEAR,    r"\nabla_W f = \frac{\partial f}{\partial Z} X",                                           r"\nabla_W f = X^{\top} \frac{\partial f}{\partial Z}"),
    (LINEAR,    r"\frac{\partial f}{\partial W_{dk}} = \sum_n X_{nd} \frac{\partial f}{\partial Z_n}",     r"\frac{\partial f}{\partial W_{dk}} = \sum_n X_{nd} \frac{\partial f}{\partial Z_{n k}}"),
    (LINEAR,    r"\frac{\partial f}{\partial W_{dk}} = \sum_n X_{dn} \frac{\partial f}{\partial Z_{nk}}",  r"\frac{\partial f}{\partial W_{dk}} = \sum_n X_{nd} \frac{\partial f}{\partial Z_{nk}}"),
    (LINEAR,    r"\frac{\partial f}{\partial W_{dk}} = \sum_n 2 X_{nd} \frac{\partial f}{\partial Z_{nk}}", r"\frac{\partial f}{\partial W_{dk}} = \sum_n X_{nd} \frac{\partial f}{\partial Z_{nk}}"),
    (LINEAR,    r"\frac{\partial f}{\partial W_{dk}} = \sum_n \frac{\partial f}{\partial Z_{nk}}",         r"\frac{\partial f}{\partial W_{dk}} = \sum_n X_{nd} \frac{\partial f}{\partial Z_{nk}}"),
    (RANGES,    "z x_i = 2 x_i z\n$$\n\n$$\nz a_i = 2 a_i z",                                               "z x_i = x_i z\n$$\n\n$$\nz a_i = a_i z"),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "formula", "repaired"), EDITS)
def test_the_first_repair_as_the_author_would_write_it(tmp_path, declared, formula, repaired):
    page, steps = read(tmp_path, declared, formula)
    text = (tmp_path / "page.md").read_text()
    assert mended(text, page.with_steps(dict(enumerate(steps)))) == text.replace(formula, repaired)
    _, again = read(tmp_path, declared, repaired)
    assert all(step.as_expected for step in again)


FORWARD = rf"""{BATCHNORM.strip()}
input X: m \times 10
input W_h: 10 \times 50
input b_h: 1 \times 50
input W_o: 50 \times 3
input b_o: 1 \times 3
index j = 1..3
input N_j^O, N_j^I
assume N_1^I = 3
assume N_1^O = 100
assume N_2^I = 100
assume N_2^O = 200
assume N_3^I = 200
assume N_3^O = 400"""

SLIPS = [
    # what is wrong, the first repair
    ("misread", "y read as γ"),  # one slip of 3a, in both of its steps
    ("misread", "y read as γ"),
    ("refuted", "γ for yᵢ"),
    ("refuted", "γ for yᵢ"),
    ("refuted", ""),  # what stands below the brace follows from 3c
    ("refuted", "Σ over i lost"),
    ("hidden", "− for +"),
    ("misread", "x̂ᵢ for γ·∂f/∂yᵢ"),
    ("misread", "γ read as y"),
]


def test_the_exercise_as_printed_and_with_its_repairs(tmp_path):
    """With the first repair of each slip everything is proved."""
    formulas = [formula for formula, _ in EXERCISE if formula != r"\uparrow"]
    text = f"```symderiv\n{FORWARD}\n```\n\n" + "\n\n".join(f"$${formula}$$" for formula in formulas)
    file = tmp_path / "exercise.md"
    for n in range(2):
        file.write_text(text)
        page = judged(file)
        assert not page.problems
        wrong = [step for step in page.steps if not step.as_expected]
        found = [(step.slip or step.verdict, step.repairs[0].change.text if step.repairs else "") for step in wrong]
        if n == 0:
            assert found == SLIPS
        text = mended(text, page)
    assert not wrong


def judged(file: Path) -> JudgedPage:
    page = load(str(file))
    return page.draft.with_steps({k: judge(page, k) for k in range(len(page.steps))})


def test_sarif_has_the_repairs_as_fixes(tmp_path):
    formula = r"\frac{\partial f}{\partial \hat{x}_i} = \frac{\partial f}{\partial y_i} \cdot y_i"
    page, steps = read(tmp_path, BATCHNORM, formula)
    log = json.loads(sarif([page.with_steps(dict(enumerate(steps)))], str(tmp_path)))
    (result,) = log["runs"][0]["results"]
    ((change,),) = [fix["artifactChanges"] for fix in result["fixes"]]
    (replacement,) = change["replacements"]
    region, line = (
        replacement["deletedRegion"],
        (tmp_path / "page.md").read_text().splitlines()[replacement["deletedRegion"]["startLine"] - 1],
    )
    assert change["artifactLocation"] == {"uri": "page.md"}
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "y_i"
    assert replacement["insertedContent"] == {"text": r"\gamma"}
