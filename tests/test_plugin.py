"""The pytest plugin: pages and documents as tests, off unless asked for, and costing nothing."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

PAGE = """
from symderiv import Derivation

derivation = d = Derivation("Squares")
x = d.input("x")
y = d.let("y", x**2)
d.claim("right", d.total(y, x), 2 * x)
d.claim("wrong", d.total(y, x), x)
"""
DOCUMENT = "```symderiv\ninput x\ny = x^2\n```\n\n$$\\frac{dy}{dx} = 2x$$\n"

HIDDEN = r"""```symderiv
index i = 1..m
input x_i
\mu = \frac{1}{m}\sum_i x_i
v = \frac{1}{m} \sum_i (x_i - \mu)^2
```

$$\frac{\partial v}{\partial \mu} = \frac{2}{m}\sum_i (x_i - \mu)$$
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "squares.py").write_text(PAGE)
    (tmp_path / "notes.md").write_text(DOCUMENT)
    (tmp_path / "other.md").write_text("# symderiv is named here, and nothing declared\n")
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments], cwd=tmp_path, capture_output=True, text=True
        )
        return done.returncode, done.stdout

    return run


def test_it_is_off_unless_asked_for(run):
    status, out = run()
    assert (status, out.splitlines()[-1].split(" in ")[0]) == (0, "1 passed")


def test_each_claim_is_a_test(run):
    status, out = run("-p", "symderiv.plugin", "--symderiv", "notes.md", "squares.py")
    assert status == 1
    assert "∂y/∂x = x: refuted" in out
    assert out.splitlines()[-1].split(" in ")[0] == "1 failed, 2 passed"


def test_a_slip_is_told_by_its_mark(run, tmp_path):
    """It was told that the step is proved."""
    (tmp_path / "hidden.md").write_text(HIDDEN)
    status, out = run("-p", "symderiv.plugin", "--symderiv", "hidden.md")
    assert status == 1
    assert re.search("^∂v/∂μ = .*: hidden$", out, re.MULTILINE)


def test_importing_it_does_not_import_sympy():
    code = "import sys, symderiv.plugin; sys.exit('sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
