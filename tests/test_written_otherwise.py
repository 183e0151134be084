"""Code that says the same in other words: it was unknown, or refused."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import numpy as np
import pytest

from symderiv.code.prove import prove_equivalent, prove_gradient
from symderiv.errors import TraceError


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
    "a constant made a float of 32 bits":   (lambda x: np.float32(np.sqrt(2 / np.pi)) * x, lambda x: np.sqrt(2 / np.pi) * x, {"x": "N"}),
    "a mask made a number":                 (lambda x: x * np.int64(x > 0), lambda x: np.maximum(x, 0), {"x": "N"}),
    "a size made a float":                  (lambda x: x / np.float64(x.shape[0]), lambda x: x / len(x), {"x": "N"}),
    "a type that is asked for":             (lambda x: x if x.dtype == np.float64 else 2 * x, lambda x: np.asarray(x, dtype=np.float64), {"x": "N"}),
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


def test_floats_made_whole_are_refused():
    with pytest.raises(TraceError, match="floats made into whole numbers are rounded"):
        prove_equivalent(lambda x: np.int64(x) * 1.0, lambda x: x, {"x": "N"})


def flat(w):
    a, b = w[:4].reshape(2, 2), w[4:]
    return (a * a).sum() + (b**3).sum(), np.concatenate([(2 * a).ravel(), 3 * b * b])


def flat_turned(w):
    a, b = w[:4].reshape(2, 2), w[4:]
    return (a[0] * a).sum() + (b**3).sum(), np.concatenate([(2 * a).ravel(), 3 * b * b])


def flat_layer(params, x):
    w, b = params[:6].reshape(2, 3), params[6:]
    return np.sin(x @ w + b)


def flat_layer_back(dy, params, x):
    w, b = params[:6].reshape(2, 3), params[6:]
    dz = dy * np.cos(x @ w + b)
    return np.concatenate(((x.T @ dz).flatten(), dz.sum(0)))


def flat_layer_back_wrong(dy, params, x):
    w, b = params[:6].reshape(2, 3), params[6:]
    dz = dy * np.cos(x @ w + b)
    return np.concatenate(((dz.T @ x).flatten(), dz.sum(0)))


def test_parameters_in_one_array():
    assert [r.verdict for r in prove_gradient(flat, shapes={"w": 6})] == ["proved"]
    assert [r.verdict for r in prove_gradient(flat_turned, shapes={"w": 6})] == ["refuted"]
    shapes = {"params": "9", "x": "N, 2"}
    assert [r.verdict for r in prove_gradient(flat_layer, flat_layer_back, shapes, wrt=["params"])] == ["proved"]
    assert [r.verdict for r in prove_gradient(flat_layer, flat_layer_back_wrong, shapes, wrt=["params"])] == ["refuted"]


def loss_of_one(x):
    return (x * x).sum().reshape(1), 2 * x


def loss_kept(x):
    return (x**3).sum(keepdims=True), 2 * x**2


def test_a_loss_of_one_entry():
    assert [r.verdict for r in prove_gradient(loss_of_one, shapes={"x": "N"})] == ["proved"]
    assert [r.verdict for r in prove_gradient(loss_kept, shapes={"x": "N, D"})] == ["refuted"]


def view_then_write(x):
    h = np.zeros((2, x.shape[0]))
    h[0] = x
    p = h[0]
    h[1] = p * 2
    return (p * p).sum() + h[1].sum()


def test_a_view_of_what_is_written_elsewhere():
    assert [r.verdict for r in prove_gradient(view_then_write, lambda x: 2 * x + 2, {"x": "N"})] == ["proved"]
    assert [r.verdict for r in prove_gradient(view_then_write, lambda x: 2 * x, {"x": "N"})] == ["refuted"]
