"""Code that says the same in other words: it was unknown, or refused."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import numpy as np
import pytest

from symderiv.prove import prove_equivalent, prove_gradient


def centred(x):
    return x - x.mean(-1, keepdims=True)


def spread(x):
    return (centred(x) ** 2).mean(-1, keepdims=True)


EQUAL = {
    # what it was                           one, another, shapes
    "a variance under a root in a sum":     (lambda x, d: (d / np.sqrt(x.var(-1) + 1)).sum(), lambda x, d: (d / np.sqrt(spread(x)[:, 0] + 1)).sum(), {"x": "N, D", "d": "N"}),
    "by the mean of squares":               (lambda x: (1 / np.sqrt(x.var(-1) + 1)).sum(), lambda x: (1 / np.sqrt((x * x).mean(-1) - x.mean(-1) ** 2 + 1)).sum(), {"x": "N, D"}),
    "beside what it divides":               (lambda x: (x / np.sqrt(x.var(-1, keepdims=True) + 1)).sum(0), lambda x: (x / np.sqrt(spread(x) + 1)).sum(0), {"x": "N, D"}),
    "to another power":                     (lambda x: ((x.var(-1) + 1) ** 1.5).sum(), lambda x: ((spread(x)[:, 0] + 1) ** 1.5).sum(), {"x": "N, D"}),
    "the root of a mean of squares":        (lambda x: (x / np.sqrt((x**2).mean(-1, keepdims=True) + 1)).sum(0), lambda x: (x * np.sqrt(x.shape[1]) / np.sqrt((x**2).sum(-1, keepdims=True) + x.shape[1])).sum(0), {"x": "N, D"}),
    "a sum of quotients":                   (lambda x, y: (1 / (1 + (x * x).mean(-1))).sum(), lambda x, y: (x.shape[1] / (x.shape[1] + (x * x).sum(-1))).sum(), {"x": "N, D", "y": "N"}),
}  # fmt: skip


@pytest.mark.parametrize("name", EQUAL)
def test_two_forms_are_proved_equal(name):
    one, other, shapes = EQUAL[name]
    assert [r.verdict for r in prove_equivalent(one, other, shapes)] == ["proved"]


def test_two_forms_that_differ_are_told_apart():
    (result,) = prove_equivalent(
        lambda x: (1 / np.sqrt(x.var(-1) + 1)).sum(), lambda x: (1 / np.sqrt(x.var(-1, ddof=0) + 2)).sum(), {"x": "N, D"}
    )
    assert result.verdict == "refuted"


def normed(x, gain, eps=1e-6):
    var = x.var(axis=-1, keepdims=True)
    return gain * centred(x) / np.sqrt(var + eps)


def gain_by_squares(d_out, x, gain, eps=1e-6):
    return {"gain": (d_out * (centred(x) / np.sqrt(spread(x) + eps))).sum((0, 1))}


def gain_not_centred(d_out, x, gain, eps=1e-6):
    return {"gain": (d_out * (centred(x) / np.sqrt((x**2).mean(-1, keepdims=True) + eps))).sum((0, 1))}


def test_a_gain_with_the_variance_written_otherwise():
    shapes = {"x": "B, T, D", "gain": "D"}
    assert [r.verdict for r in prove_gradient(normed, gain_by_squares, shapes)] == ["proved"]
    assert [r.verdict for r in prove_gradient(normed, gain_not_centred, shapes)] == ["refuted"]
