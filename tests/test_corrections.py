"""Repairs written into documents: the smallest edits of the author's own LaTeX, and all proved once they are made."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import pytest

from symderiv.documents.corrections import mended
from tests.test_documents import BATCHNORM, read

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
]  # fmt: skip


@pytest.mark.parametrize(("declared", "formula", "repaired"), EDITS)
def test_the_first_repair_as_the_author_would_write_it(tmp_path, declared, formula, repaired):
    page, steps = read(tmp_path, declared, formula)
    text = (tmp_path / "page.md").read_text()
    assert mended(text, page.with_steps(dict(enumerate(steps)))) == text.replace(formula, repaired)
    _, again = read(tmp_path, declared, repaired)
    assert all(step.as_expected for step in again)
