"""`symderiv prove`: what it says, its exit status, and each of its errors."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = '''
import numpy as np


def square(x):
    """x: (N,)"""
    return x * x


def square_back(dout, x):
    return 2 * x * dout


def of_either_back(dout, s):
    return 2 * s * dout


def wrong_back(dout, x):
    return x * dout


def loss(x):
    """x: (N,)"""
    return (x**2).sum(), 2 * x


def shapeless(x, scale=1):
    return scale * x.sum(axis=0)


def shapeless_back(dout, x, scale=1):
    return scale * dout * np.ones(x.shape)


def loops(x):
    """x: (N,)"""
    for i in range(len(x)):
        x = x + x[i]
    return x
'''


TAKEN = "taken as  dout: gradient of the output; x: argument; returns dx"


@pytest.fixture
def prove(tmp_path):
    (tmp_path / "layers.py").write_text(CODE)
    (tmp_path / "broken.py").write_text("import numpy as np\n\n1 / 0\n")

    def prove(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run([sys.executable, "-m", "symderiv", "prove", *arguments], cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    return prove


def test_proved(prove):
    status, out, err = prove("layers.py:square", "layers.py:square_back")
    assert (status, err) == (0, "")
    assert out.splitlines() == ["dx  ✓ proved: the gradient with respect to x, for every N >= 1", TAKEN]


def test_a_question_and_its_answer(prove):
    status, out, _ = prove("layers.py:square", "layers.py:of_either_back")
    assert (status, out.splitlines()[0]) == (
        3,
        "dx  ? unknown whether the gradient with respect to x: it is not said what s is: refuted with s: output; proved with s: argument x; "
        "say which: roles={'s': 'argument x'}, on the command line --roles 's: argument x'",
    )
    status, out, _ = prove("layers.py:square", "layers.py:of_either_back", "--roles", "s: argument x")
    assert (status, out.splitlines()[-1]) == (0, "taken as  dout: gradient of the output; s: argument x; returns dx")


def test_refuted(prove):
    status, out, err = prove("layers.py:square", "layers.py:wrong_back")
    assert (status, err) == (1, "")
    assert out.splitlines() == [
        "dx  ✗ refuted: not the gradient with respect to x",
        "      at x = [1.], dout = [1.]:",
        "      dx[0] is 1, and should be 2 (a run gives 1 and 2)",
        TAKEN,
    ]


def test_a_loss_with_its_gradient(prove):
    assert prove("layers.py:loss")[0] == 0


def test_shapes_and_arguments_from_the_command_line(prove):
    status, out, _ = prove("layers.py:shapeless", "layers.py:shapeless_back", "--shapes", "x: N, 3", "--given", "scale=2", "--wrt", "x")
    assert (status, out.splitlines()) == (
        0,
        [
            "dx  ✓ proved: the gradient with respect to x, for every N >= 1, with x.shape[1] = 3",
            "      assuming scale = 2",
            "taken as  dout: gradient of the output; x: argument; scale: given; returns dx",
        ],
    )


def test_two_forms(prove):
    status, out, _ = prove("layers.py:square", "layers.py:square_back", "--equivalent", "--shapes", "dout: N")
    assert (status, out.splitlines()[0]) == (1, "the result  ✗ refuted: not what square returns")


ERRORS = [
    # arguments                                        the whole text
    (("layers.py:sqare", "layers.py:square_back"),     "error: layers.py: there is no function sqare; did you mean square?\n"),
    (("layer.py:square", "layers.py:square_back"),     "error: layer.py:square: a function is named FILE.py:NAME; there is no file layer.py\n"),
    (("square", "square_back"),                        "error: square: a function is named FILE.py:NAME\n"),
    (("layers.py:square",),                            "error: one function is given, which must return a loss and its gradients; else name the backward pass too\n"),
    (("layers.py:square", "layers.py:square_back", "--given", "x"), "error: --given x: write NAME=VALUE, the value as Python writes it\n"),
    (("layers.py:square", "layers.py:square_back", "--shapes", "x: N; x.W: D"), "error: the shapes 'x.W: D': x is an array, for which a shape is told, and no dict\n"),
    (("layers.py:square", "layers.py:square_back", "--shapes", "N, D"), 'error: the shapes \'N, D\': write "x: N, D; gamma, beta: D; y: N in C"\n'),
    (("layers.py:square", "layers.py:square_back", "--roles", "x y"), 'error: the roles \'x y\': write "g: gradient of y; s: output"\n'),
    (("broken.py:square",),                            "error: broken.py:3: ZeroDivisionError: division by zero\n"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "error"), ERRORS)
def test_an_error_is_one_line_with_the_way_out(prove, arguments, error):
    assert prove(*arguments) == (2, "", error)


def test_what_cannot_be_traced_names_the_line(prove):
    status, out, err = prove("layers.py:loops", "layers.py:square_back")
    assert (status, out) == (2, "")
    assert "layers.py:37: `for i in range(len(x)):`: a loop over the symbolic length N;" in err
