"""Backward passes in NumPy against their forward passes: examples proved, mistakes refuted by arrays, the errors, the forms."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import importlib
import math
import sys
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import numpy as np
import pytest

from symderiv.code.outcome import lines
from symderiv.code.prove import prove_equivalent, prove_gradient
from symderiv.errors import TraceError
from symderiv.testing import assert_equivalent, assert_gradient
from symderiv.tracing.compound import COMPOUND
from symderiv.tracing.constants import exact
from symderiv.tracing.dialects import TABLES
from symderiv.tracing.functions import TABLE
from symderiv.tracing.trials import Found

EXAMPLES = Path(__file__).parent.parent / "examples"
sys.path.insert(0, str(EXAMPLES))
layers = importlib.import_module("layers")
mistakes = importlib.import_module("mistakes")

SLOW = ("groupnorm", "rnn", "lstm", "gru", "conv2d", "causal", "heads", "contrastive", "images", "columns", "two conv")
REFUSED = {"embedding where the last one wins": "writing at positions that may repeat"}


def marked(table):
    return [pytest.param(name, marks=[pytest.mark.slow] if any(word in name for word in SLOW) else []) for name in table]


@pytest.mark.parametrize("name", marked(layers.RIGHT))
def test_an_example_is_proved(name):
    assert {r.verdict for r in prove_gradient(*layers.RIGHT[name])} == {"proved"}


@pytest.mark.parametrize("name", marked(mistakes.WRONG))
def test_a_mistake_is_refuted_by_arrays_that_a_run_confirms(name):
    forward, backward, wrong, _ = mistakes.WRONG[name]
    if name in REFUSED:
        with pytest.raises(TraceError, match=REFUSED[name]):
            prove_gradient(forward, backward)
        return
    for result in prove_gradient(forward, backward):
        assert result.verdict == ("refuted" if result.name in wrong.split() else "proved"), result.name
        assert result.verdict == "proved" or result.misfit or result.example.confirmed


# what code says


def clipped(x):
    """x: (N, D)"""
    return np.clip(x, -1, 1), x


def clipped_back(dout, x):
    return dout * ((x > -1) & (x < 1))


def with_dict(x, w):
    """
    x: (N, D)
    w: (D, M)
    """
    return {"out": x @ w, "cache": {"x": x, "w": w}}


def with_dict_back(dout, cache):
    return {"x": dout @ cache["w"].T, "w": cache["x"].T @ dout}


def in_place(x):
    """x: (N, D)"""
    y = x.copy()
    y -= y.mean(axis=0)
    y *= 2.0
    return y


def in_place_back(dy):
    dx = 2 * dy
    dx -= dx.mean(axis=0, keepdims=True)
    return dx


def two_outputs(x):
    """x: (N,)"""
    a = x**2
    b = np.sin(x)
    return a, b


def two_outputs_back(da, db, x):
    return 2 * x * da + np.cos(x) * db


def layered(x, params):
    return np.tanh(x @ params["W"]) @ params["V"]


def layered_back(dout, x, params):
    h = np.tanh(x @ params["W"])
    da = (dout @ params["V"].T) * (1 - h**2)
    return {"dx": da @ params["W"].T, "dW": x.T @ da, "dV": h.T @ dout}


def scaled(x, axis=0, *, keep=True):
    """x: (N, D)"""
    return x / np.sqrt((x**2).mean(axis=axis, keepdims=keep) + 1e-5)


def scaled_back(dout, x, axis=0):
    s = 1.0 / np.sqrt(np.mean(x * x, axis=axis, keepdims=True) + 1e-5)
    return s * dout - x * s**3 * np.mean(dout * x, axis=axis, keepdims=True)


def namespaced(x):
    """x: (N, D)"""
    xp = x.__array_namespace__()
    return xp.exp(x) / xp.sum(xp.exp(x), axis=1, keepdims=True), x


def namespaced_back(dout, x):
    xp = x.__array_namespace__()
    p = xp.exp(x) / xp.sum(xp.exp(x), axis=1, keepdims=True)
    return p * (dout - xp.sum(dout * p, axis=1, keepdims=True))


def halves_turned(x):
    """x: (N, 2*D)"""
    D = x.shape[1] // 2
    out = np.empty_like(x)
    out[:, :D], out[:, D:] = -x[:, D:], x[:, :D]
    return out


def halves_turned_back(dout):
    D = dout.shape[1] // 2
    dx = np.empty_like(dout)
    dx[:, D:] = -dout[:, :D]
    dx[:, :D] = dout[:, D:]
    return dx


def each_twice(x):
    """x: (N, D)"""
    return np.repeat(x, 2, axis=0)


def each_twice_back(dout):
    return dout[0::2] + dout[1::2]


def every_third(x):
    """x: (3*N + 1,)"""
    return x[1::3] * x[2 : 2 + 3 * (len(x) // 3) : 3]


def every_third_back(dout, x):
    dx = np.zeros_like(x)
    dx[1::3] = dout * x[2 : 2 + 3 * len(dout) : 3]
    dx[2 : 2 + 3 * len(dout) : 3] += dout * x[1::3]
    return dx


def elu_masked(x, a=2.0):
    """x: (N, D)"""
    y, below = x.copy(), x <= 0
    y[below] = a * (np.exp(x[below]) - 1)
    return y, (y, below, a)


def elu_masked_back(dout, cache):
    y, below, a = cache
    dx = dout.copy()
    dx[below] *= y[below] + a
    return dx


def sigmoid_masked(x):
    """x: (N,)"""
    out = np.zeros_like(x)
    out[x >= 0] = 1 / (1 + np.exp(-x[x >= 0]))
    grown = np.exp(x[x < 0])
    out[x < 0] = grown / (1 + grown)
    return out, out


def gate(x, w):
    """
    x: (N, D)
    w: (D, M)
    """
    z = x @ w
    s = np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
    return s, (x, w, s)


def gate_masked(x, w):
    """
    x: (N, D)
    w: (D, M)
    """
    z = x @ w
    s = np.zeros_like(z)
    s[z >= 0] = 1 / (1 + np.exp(-z[z >= 0]))
    s[z < 0] = np.exp(z[z < 0]) / (1 + np.exp(z[z < 0]))
    return s, (x, w, s)


def gate_back(dout, cache):
    x, w, s = cache
    dz = dout * s * (1 - s)
    return dz @ w.T, x.T @ dz


def turned_pairs(x):
    """x: (N, 2*D)"""
    out = np.empty_like(x)
    out[:, 0::2] = -x[:, 1::2]
    out[:, 1::2] = x[:, 0::2]
    return out


def turned_pairs_back(dout):
    return -turned_pairs(dout)


class Layer:
    def __init__(self):
        self.saved = None


class Dense(Layer):
    def __init__(self, W, b):
        super().__init__()
        self.W, self.b = W, b

    def forward(self, A):
        self.saved = A, np.ones((A.shape[0], 1))
        return A @ self.W.T + self.saved[1] @ self.b[None, :]

    def backward(self, dZ):
        A, ones = self.saved
        self.dW, self.db = dZ.T @ A, (dZ.T @ ones)[:, 0]
        return dZ @ self.W


def dense(A, W, b):
    """
    A: (N, D)
    W: (M, D)
    b: (M,)
    """
    return Dense(W, b).forward(A)


def dense_back(dZ, A, W, b):
    layer = Dense(W, b)
    layer.forward(A)
    dA = layer.backward(dZ)
    return dA, layer.dW, layer.db


def mean_of_some(x, y):
    """
    x: (N, D)
    y: (N, D)
    """
    some = y > 0
    loss = np.mean((x[some] - y[some]) ** 2)
    dx = np.zeros_like(x)
    dx[some] = 2 * (x[some] - y[some]) / np.sum(some)
    return loss, {"dx": dx}


def next_token_loss(logits, targets):
    """
    logits: (B, T, V)
    targets: (B, T), 0 <= targets[i, j] < V
    """
    B, T, V = logits.shape
    rows, t = logits.reshape(-1, V), targets.reshape(-1)
    p = np.exp(rows - rows.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(B * T), t]).mean()
    dlogits = p.copy()
    dlogits[np.arange(B * T), t] -= 1
    return loss, {"dlogits": dlogits.reshape(B, T, V) / (B * T)}


def mean_of_neighbours(x):
    """x: (3, D)"""
    return (x[np.clip(np.arange(3) - 1, 0, 2)] + x[np.clip(np.arange(3) + 1, 0, 2)]) / 2


def mean_of_neighbours_back(dout):
    return np.stack([dout[0] + dout[1], dout[0] + dout[2], dout[1] + dout[2]]) / 2


def two_masks(x):
    """x: (N,)"""
    y = x.copy()
    y[x > 0] = x[x < 0]
    return y


def stepped_empty(x):
    """x: (2*N + 1,)"""
    y = np.empty_like(x)
    y[::2] = x[::2]
    return y


def alternating(x):
    """x: (N,)"""
    out = np.empty(2 * x.shape[0])
    out[::2], out[1::2] = x, -x
    return out


def alternating_back(dout):
    return dout[::2] - dout[1::2]


class Kept:
    def __init__(self, x):
        self.x = x


def keeping(x):
    """x: (N,)"""
    return x**2, Kept(x)


def keeping_back(dout, cache):
    return 2 * cache.x * dout if isinstance(cache, Kept) else dout


FORMS = {
    # what it shows                    forward, backward, shapes, given
    "clip":                           (clipped, clipped_back, {}, {}),
    "dicts out and in":               (with_dict, with_dict_back, {}, {}),
    "operators in place":             (in_place, in_place_back, {}, {}),
    "two outputs":                    (two_outputs, two_outputs_back, {}, {}),
    "parameters in a dict":           (layered, layered_back, {"x": "N, D", "params": {"W": "D, H", "V": ("H", "K")}}, {}),
    "keywords and defaults":          (scaled, scaled_back, {}, {}),
    "an argument that is no array":   (scaled, scaled_back, {}, {"axis": 1}),
    "the array API":                  (namespaced, namespaced_back, {}, {}),
    "written in two halves":          (halves_turned, halves_turned_back, {}, {}),
    "rows repeated":                  (each_twice, each_twice_back, {}, {}),
    "labels along a merged axis":     (next_token_loss, None, {}, {}),
    "and one of three":               (next_token_loss, None, {"logits": "B, 3, V", "targets": "B, 3 in V"}, {}),
    "entries under a mask":           (elu_masked, elu_masked_back, {}, {}),
    "masks that part an array":       (sigmoid_masked, lambda dout, out: dout * out * (1 - out), {}, {}),
    "pairs turned":                   (turned_pairs, turned_pairs_back, {}, {}),
    "columns of what is empty":       (alternating, alternating_back, {}, {}),
    "positions cut off at the ends":  (mean_of_neighbours, mean_of_neighbours_back, {}, {}),
    "a cache of a class":             (keeping, keeping_back, {}, {}),
    "layers as classes":              (dense, dense_back, {}, {}),
    "a sigmoid without overflow":     (gate, gate_back, {}, {}),
    "and by masks":                   (gate_masked, gate_back, {}, {}),
    "the mean of what a mask takes":  (mean_of_some, None, {}, {}),
    "slices with steps":              (every_third, every_third_back, {}, {}),
    "sizes that are numbers":         (clipped, clipped_back, {"x": (4, 3)}, {}),
    "a size that is a sum":           (in_place, in_place_back, {"x": "N+1, 2*D"}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_functions_as_people_write_them(name):
    forward, backward, shapes, given = FORMS[name]
    results = prove_gradient(forward, backward, shapes, given)
    assert {r.name: r.verdict for r in results} == {r.name: "proved" for r in results}


def test_what_was_proved_for_numbers_only_says_so():
    (result,) = prove_gradient(clipped, clipped_back, {"x": (4, "D")})
    assert result.fixed == ("x.shape[0] = 4",)


def test_tracing_leaves_functions_as_they_are():
    before = (in_place.__code__, in_place.__globals__["np"], in_place.__defaults__)
    prove_gradient(in_place, in_place_back)
    assert (in_place.__code__, in_place.__globals__["np"], in_place.__defaults__) == before
    assert in_place(np.ones((2, 2))).dtype == np.float64


# what cannot be traced


def loops(x):
    """x: (N, D)"""
    total = 0
    for n in range(x.shape[0]):
        total = total + x[n]
    return total


def branches(x):
    """x: (N,)"""
    if x.sum() > 0:
        return x
    return -x


def branches_on_size(x):
    """x: (N,)"""
    return x if len(x) > 1 else 2 * x


def columns(x):
    """x: (N,)"""
    return np.c_[x, x]


def sorts(x):
    """x: (N,)"""
    return np.sort(x)


def draws(x):
    """x: (N,)"""
    return x * np.random.rand(len(x))


def misfits(x, y):
    """
    x: (N, D)
    y: (N,)
    """
    return x + y


def converts(x):
    """x: (N,)"""
    return math.floor(x.sum())


def fails(x):
    """x: (N,)"""
    return x.no_such_thing()


def masked(x):
    """x: (N,)"""
    return x[x > 0][0]


def never_written(x):
    """x: (N,)"""
    y = np.empty_like(x)
    return x + y


def rounds(x):
    """x: (N, 2*H)"""
    return x.astype(int) * 1.0


def unknown_shape(x):
    return x


FIX = "fix that size by a number in the shapes, or use an operation on whole arrays"
ERRORS = {
    # function              the line                                 the message
    loops:            ("for n in range(x.shape[0]):",          f"a loop over the symbolic length N; {FIX}"),
    branches:         ("if x.sum() > 0:",                      f"a branch on whether Sum(x[i_1], i_1) > 0, which depends on the values: use np.where, or {FIX}"),
    branches_on_size: ("return x if len(x) > 1 else 2 * x",    f"a branch on whether N > 1, which depends on the size: use np.where, or {FIX}; or write N as N+1, for what is at least 2"),
    columns:          ("return np.c_[x, x]",                   "np.c_ is not known here; write it with operations that are, or as a function of your own"),
    sorts:            ("return np.sort(x)",                    "np.sort is not known here; write it with operations that are, or as a function of your own"),
    draws:            ("return x * np.random.rand(len(x))",    "numpy.random.rand: what is drawn is another in each run; make it an argument"),
    misfits:          ("return x + y",                         "shapes (N, D) and (N,) do not fit: D and N differ, and neither is 1 for every size"),
    converts:         ("return math.floor(x.sum())",           "math.floor is not known here; write it with operations that are, or as a function of your own"),
    fails:            ("return x.no_such_thing()",             "AttributeError: 'numpy.ndarray' object has no attribute 'no_such_thing'"),
    masked:           ("return x[x > 0][0]",                   "a mask takes out as many entries as the values say; use np.where(mask, x, 0)"),
    rounds:           ("return x.astype(int) * 1.0",           "floats made into whole numbers are rounded, which has no derivative"),
}  # fmt: skip


def back(dout, x):
    return dout


@pytest.mark.parametrize("function", ERRORS, ids=lambda f: f.__name__)
def test_what_cannot_be_traced_is_said_with_its_line(function):
    line, message = ERRORS[function]
    with pytest.raises(TraceError) as error:
        prove_gradient(function, back)
    place, said = str(error.value).split(f": `{line}`: ")
    file, _, number = place.rpartition(":")
    assert said == message
    assert Path(file) == Path(__file__)
    assert line in Path(__file__).read_text().splitlines()[int(number) - 1]


REFUSALS = [
    # forward, backward, shapes                     the whole message
    (unknown_shape, back, {}, "unknown_shape: the shape of x is not known; give it as shapes={'x': ...}, on the command line as --shapes 'x: N, D', or say it in the docstring: x: ... of shape (N, D)"),
    (unknown_shape, back, {"x": "N, D; import"}, "the length 'D;' of an axis of x: names, whole numbers, +, - and *"),
    (unknown_shape, back, {"x": "N - 1"}, "the length 'N - 1' of an axis of x: at least 1 for every size"),
    (never_written, back, {}, "an entry was never written: np.empty has no values until they are set"),
    (two_masks, back, {}, "`y[x > 0] = x[x < 0]`: entries that one mask takes, put where another is: use np.where"),
    (stepped_empty, back, {}, "`y[::2] = x[::2]`: writing to a slice with a step: make the array with np.zeros, of numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("forward", "backward", "shapes", "message"), REFUSALS)
def test_what_is_missing_is_said(forward, backward, shapes, message):
    with pytest.raises(TraceError) as error:
        prove_gradient(forward, backward, shapes)
    assert message in str(error.value)


# wrong code that looks right: each of these was once proved, or could be


def shifted(x):
    """x: (L+1,)"""
    return x.sum()


def shifted_back(dout, x):
    dx = np.zeros_like(x)
    dx[:-1] = dout
    return dx


def integer_slots(x):
    """x: (N,)"""
    y = np.zeros(x.shape, dtype=int)
    y[:] = x
    return y


def test_a_slice_that_leaves_one_out_is_refuted():
    (result,) = prove_gradient(shifted, shifted_back)
    assert result.verdict == "refuted"
    assert result.example.confirmed


def test_floats_are_not_put_into_whole_numbers():
    with pytest.raises(TraceError, match="floats written into an array of whole numbers"):
        prove_gradient(integer_slots, back)


def test_a_gradient_of_another_shape_is_refuted():
    def sums(x, b):
        """
        x: (N, D)
        b: (D,)
        """
        return x + b

    def sums_back(dout):
        return dout, dout

    results = prove_gradient(sums, sums_back)
    assert [(r.verdict, r.misfit) for r in results] == [("proved", ""), ("refuted", "db has shape (N, D); b has (D,)")]


# two forms of one function


def softmax(x):
    """x: (N, C)"""
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_plain(x):
    return np.exp(x) / np.sum(np.exp(x), axis=1)[:, None]


def softmax_over_rows(x):
    return np.exp(x) / np.exp(x).sum(axis=0)


OF_PYTORCH = {
    "linear":      lambda x, w, b: x @ w.T + b,
    "addmm":       lambda c, a, b: c + a @ b,
    "rsqrt":       lambda x: x**-0.5,
    "chunk":       lambda x, n: np.split(x, n),
    "gather":      lambda x, dim, index: np.take_along_axis(x, index, dim),
    "log_softmax": lambda x, dim: x - np.log(np.exp(x).sum(axis=dim, keepdims=True)),
    "one_hot":     lambda y, n: (y[..., None] == np.arange(n)).astype(int),
    "vecdot":      lambda x, y: (x * y).sum(axis=-1),
}  # fmt: skip
torch = ModuleType("torch")
torch.__dict__.update(OF_PYTORCH)

MADE_OF_OTHERS = [
    # function                               written out                                             shapes
    (lambda x: np.diff(x),                   lambda x: x[1:] - x[:-1],                               {"x": "N+1"}),
    (lambda x: np.diff(x, axis=0),           lambda x: x[1:] - x[:-1],                               {"x": "N+1, M"}),
    (lambda x: np.diff(x, 2),                lambda x: x[2:] - 2 * x[1:-1] + x[:-2],                 {"x": "N+2"}),
    (lambda x: np.roll(x, 1),                lambda x: np.concatenate([x[-1:], x[:-1]]),             {"x": "N"}),
    (lambda x: np.roll(x, -2, axis=1),       lambda x: np.concatenate([x[:, 2:], x[:, :2]], axis=1), {"x": "N, M+2"}),
    (lambda x: np.roll(x, (1, 1), (0, 1)),   lambda x: np.roll(np.roll(x, 1, 0), 1, 1),              {"x": "N, M"}),
    (lambda x: np.roll(x, 1, (0, 1)),        lambda x: np.roll(x, (1, 1), (0, 1)),                   {"x": "N, M"}),  # was a TypeError
    (lambda x: np.roll(x, (1, 2), 0),        lambda x: np.roll(x, 3, 0),                             {"x": "N+3, M"}),
    (lambda x: np.roll(x, [1, 2], [1, 0]),   lambda x: np.roll(np.roll(x, 2, 0), 1, 1),              {"x": "N+1, M"}),
    (lambda x: np.fliplr(np.flipud(x)),      lambda x: x[::-1, ::-1],                                {"x": "N, M"}),
    (lambda x, w: np.convolve(x, w),         lambda x, w: sum(np.pad(w[k] * x, (k, 2 - k)) for k in range(3)), {"x": "N", "w": "3"}),
    (lambda x, w: np.convolve(x, w, "same"), lambda x, w: np.convolve(x, w)[1:-1],                   {"x": "N+2", "w": "3"}),
    (lambda x, w: np.convolve(x, w, "valid"), lambda x, w: w[0] * x[1:] + w[1] * x[:-1],             {"x": "N+1", "w": "2"}),
    (lambda x, w: np.convolve(x, w),         lambda x, w: np.convolve(w, x),                         {"x": "N", "w": "M"}),
    (lambda x, w: np.correlate(x, w),        lambda x, w: w[0] * x[:-1] + w[1] * x[1:],              {"x": "N+1", "w": "2"}),
    (lambda x, w: np.correlate(x, w, "full"), lambda x, w: np.convolve(x, w[::-1]),                  {"x": "N", "w": "M"}),
    (lambda x, y: np.meshgrid(x, y)[1],      lambda x, y: np.tile(y[:, None], (1, x.shape[0])),      {"x": "N", "y": "M"}),
    (lambda x, y: np.meshgrid(x, y, indexing="ij")[0], lambda x, y: np.tile(x[:, None], (1, y.shape[0])), {"x": "N", "y": "M"}),
    (lambda x, y: np.kron(x, y),             lambda x, y: np.einsum("ij,kl->ikjl", x, y).reshape(-1, 6), {"x": "2, 3", "y": "N, 2"}),
    (lambda x, y: np.hypot(x, y),            lambda x, y: (x * x + y * y) ** 0.5,                    {"x": "N", "y": "N"}),
    (lambda x: np.linalg.norm(x, 1),         lambda x: np.abs(x).sum(),                              {"x": "N"}),
    (lambda x: np.linalg.norm(x, np.inf, axis=1), lambda x: np.max(np.abs(x), axis=1),               {"x": "N, M"}),
    (lambda x: np.select([x > 1, x < 0], [x, -x], 2), lambda x: np.where(x > 1, x, np.where(x < 0, -x, 2)), {"x": "N"}),
    (lambda x, y: np.append(x, y),           lambda x, y: np.concatenate([x, y]),                    {"x": "N", "y": "M"}),
    (lambda x, w: np.average(x, weights=w),  lambda x, w: (w * x).sum() / w.sum(),                   {"x": "N", "w": "N"}),
    (lambda x: np.ptp(x, axis=1),            lambda x: np.max(x, 1) - np.min(x, 1),                  {"x": "N, M"}),
    (lambda x: np.dstack((x, x))[:, :, 1],   lambda x: x,                                            {"x": "N, M"}),
    (lambda x, y: np.hstack((x, y)),         lambda x, y: np.concatenate([x, y], axis=1),            {"x": "N, M", "y": "N, K"}),
    (lambda x, y: np.vstack((x, y)),         lambda x, y: np.concatenate([x, y[None]]),              {"x": "N, M", "y": "M"}),
    (lambda x, y: np.column_stack((x, y)),   lambda x, y: np.concatenate([x[:, None], y], axis=1),   {"x": "N", "y": "N, M"}),
    (lambda x: np.atleast_1d(x.sum()),       lambda x: x.sum(keepdims=True),                         {"x": "N"}),
    (lambda x: np.atleast_2d(x),             lambda x: x[None],                                      {"x": "N"}),
    (lambda x: np.tri(len(x)) @ x,           lambda x: np.cumsum(x),                                 {"x": "N"}),
    (lambda x, y: np.broadcast_arrays(x, y)[0], lambda x, y: np.tile(x, (len(y), 1)),                {"x": "M", "y": "N, M"}),
    (lambda x: x[np.ix_(np.arange(len(x)), [1, 0])], lambda x: np.stack([x[:, 1], x[:, 0]], axis=1), {"x": "N, 2"}),
    (lambda x: np.take_along_axis(x, np.arange(len(x))[:, None], 1)[:, 0], lambda x: np.diagonal(x), {"x": "N, N"}),
    (lambda x: np.trace(x),                  lambda x: np.sum(np.eye(len(x)) * x),                   {"x": "N, N"}),
    (lambda x, y: np.inner(x, y),            lambda x, y: x @ y.T,                                   {"x": "N, M", "y": "K, M"}),
    (lambda x, y: np.vdot(x, y),             lambda x, y: (x * y).sum(),                             {"x": "N, M", "y": "N, M"}),
    (lambda x: np.count_nonzero(x > 1, axis=0), lambda x: (x > 1).sum(axis=0),                       {"x": "N, M"}),
    (lambda x, w, b: torch.linear(x, w, b),  lambda x, w, b: x @ w.T + b,                            {"x": "N, D", "w": "M, D", "b": "M"}),
    (lambda c, a, b: torch.addmm(c, a, b),   lambda c, a, b: c + a @ b,                              {"c": "N, M", "a": "N, D", "b": "D, M"}),
    (lambda x: torch.rsqrt(x),               lambda x: 1 / np.sqrt(x),                               {"x": "N > 0"}),
    (lambda x: torch.chunk(x, 2)[1],         lambda x: x[len(x) // 2:],                              {"x": "2*N, M"}),
    (lambda x, y: torch.gather(x, 1, y[:, None])[:, 0], lambda x, y: x[np.arange(len(x)), y],        {"x": "N, M", "y": "N in M"}),
    (lambda x: torch.log_softmax(x, dim=0),  lambda x: x - np.log(np.exp(x).sum(axis=0)),            {"x": "N, M"}),
    (lambda x, y: torch.one_hot(y, x.shape[1]) * x, lambda x, y: np.eye(x.shape[1])[y] * x,          {"x": "N, M", "y": "N in M"}),
    (lambda x, y: torch.vecdot(x, y),        lambda x, y: np.einsum("ij,ij->i", x, y),               {"x": "N, M", "y": "N, M"}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "written_out", "shapes"), MADE_OF_OTHERS)
def test_functions_that_are_made_of_others(function, written_out, shapes):
    assert_equivalent(function, written_out, shapes=shapes)


def test_each_that_is_made_of_others_is_in_the_rows():
    assert {name for function, *_ in MADE_OF_OTHERS for name in function.__code__.co_names} >= set(COMPOUND)


TAKEN_AS_NUMPY_TAKES_THEM = [
    # function                                        written otherwise                                   shapes
    (lambda x, y: np.tensordot(x, y, 1),              lambda x, y: x @ y,                                 {"x": "N, D", "y": "D, M"}),  # the axes were taken for out=
    (lambda x, y: np.tensordot(x, y, ([0, 1], [1, 0])), lambda x, y: np.trace(x @ y),                     {"x": "N, D", "y": "D, N"}),
    (lambda x: np.prod(x, 0, float),                  lambda x: np.prod(x, axis=0),                       {"x": "N, D"}),  # the type was taken for keepdims=
    (lambda x: np.prod(x, 0, None, None, True),       lambda x: np.prod(x, axis=0)[None],                 {"x": "N, D"}),
    (lambda x: np.identity(len(x), float) @ x,        lambda x: x,                                        {"x": "N, D"}),  # the type was taken for a size
    (lambda x: x * np.ones(len(x), "f8"),             lambda x: x,                                        {"x": "N"}),  # said to be no real numbers
    (lambda x: x * np.ones(len(x), "i4"),             lambda x: x,                                        {"x": "N"}),
    (lambda x: np.transpose(x, axes=(1, 0)),          lambda x: x.T,                                      {"x": "N, D"}),  # by this name it was not taken
    (lambda x: np.transpose(x, axes=None),            lambda x: x.T,                                      {"x": "N, D"}),
    (lambda x: np.reshape(x, shape=(-1,)),            lambda x: np.ravel(x),                              {"x": "N, D"}),
    (lambda x: np.broadcast_to(x, shape=(2, len(x))), lambda x: np.stack([x, x]),                         {"x": "N"}),
    (lambda x: np.pad(x, ((1, 2),)),                  lambda x: np.pad(x, ((1, 2), (1, 2))),              {"x": "N, D"}),  # one pair was too few
    (lambda x: np.pad(x, ((1,), (2,))),               lambda x: np.pad(x, ((1, 1), (2, 2))),              {"x": "N, D"}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "otherwise", "shapes"), TAKEN_AS_NUMPY_TAKES_THEM)
def test_arguments_are_taken_as_numpy_takes_them(function, otherwise, shapes):
    assert_equivalent(function, otherwise, shapes=shapes)


def test_two_forms_of_one_function():
    assert_equivalent(softmax, softmax_plain)
    (result,) = prove_equivalent(softmax, softmax_over_rows)
    assert result.verdict == "refuted"
    assert result.example.confirmed


def squared(x):
    """x: (N,)"""
    return x**2


def test_what_a_failing_test_says():
    with pytest.raises(AssertionError) as error:
        assert_gradient(squared, lambda dout, x: dout * x)
    assert str(error.value).splitlines() == [
        "<lambda> is not proved:",
        "dx  ✗ refuted: not the gradient with respect to x",
        "      at x = [1.], dout = [1.]:",
        "      dx[0] is 1, and should be 2 (a run gives 1 and 2)",
        "taken as  dout: gradient of the output; x: argument; returns dx",
    ]


CONSTANTS = [
    # a float            what it is read as
    (0.1,                "1/10"),
    (1e-5,               "1/100000"),
    (1 / 3,              "1/3"),
    (math.sqrt(2),       "sqrt(2)"),
    (-math.sqrt(0.5),    "-sqrt(2)/2"),
    (math.sqrt(2 / math.pi), "sqrt(2)/sqrt(pi)"),
    (math.pi / 4,        "pi/4"),
    (0.044715,           "8943/200000"),
    (3.0,                "3"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), CONSTANTS)
def test_a_float_is_the_simplest_number_that_rounds_to_it(value, text):
    assert str(exact(value)) == text
    assert float(exact(value).evalf(30)) == value


def test_pytorchs_names_are_known():
    """A module that is called as PyTorch is, here a stand-in for it: its names for arguments, and its own ways."""
    module = type(sys)("torch")
    module.exp = np.exp
    module.sum = lambda x, dim, keepdim=False: np.sum(x, axis=dim, keepdims=keepdim)
    module.var = lambda x, dim: np.var(x, axis=dim, ddof=1)

    def forward(x):
        """x: (N, D)"""
        return module.exp(x) / module.sum(module.exp(x), dim=1, keepdim=True)

    def backward(dout, x):
        p = forward(x)
        return p * (dout - module.sum(dout * p, dim=1, keepdim=True))

    assert_gradient(forward, backward)
    (result,) = prove_equivalent(lambda x: module.var(x, dim=0), lambda x: np.var(x, axis=0), {"x": "N, D"})
    assert result.verdict != "proved"


def test_pytorch_splits_into_parts_of_one_length_or_of_those_listed():
    """A list of lengths was divided into the whole, which no list can be; and what PyTorch asks two axes for was done without."""
    table = TABLES["torch"]
    x = table["arange"](5)
    assert [part.shape for part in table["split"](x, [2, 3])] == [(2,), (3,)]
    assert [part.shape for part in table["split"](x[:4], 2)] == [(2,), (2,)]
    with pytest.raises(TraceError, match="parts that are 4 long together, and not 5"):
        table["split"](x, (2, 2))
    with pytest.raises(TypeError, match="transpose"):
        table["transpose"](x)


def test_what_pytorch_holds_constant_is_refused():
    """It was differentiated: what autograd returns was refuted, and what it does not was proved."""
    module = type(sys)("torch")
    module.no_grad = nullcontext

    def forward(x):
        with module.no_grad():
            scale = x.sum()
        return x * scale

    with pytest.raises(TraceError, match="under no_grad is held constant: hand it in as an argument"):
        prove_gradient(forward, lambda dout, x: dout * x.sum(), {"x": "N"})


def test_pytorch_has_its_own_order_of_arguments():
    """A border was put round every axis; the third argument of sums was taken for a type, that of positions for an array to write to."""
    table = TABLES["torch"]
    x = table["ones"](2, 3)
    assert table["pad"](x, (1, 2)).shape == (2, 6)
    assert table["pad"](x, (1, 2, 0, 1)).shape == (3, 6)
    for name in ("sum", "mean", "prod", "logsumexp"):
        assert table[name](x, 1, True).shape == (2, 1)
        assert table[name](x, dim=0).shape == (3,)
    assert table["argmax"](x, 1, True).shape == (2, 1)
    with pytest.raises(TraceError, match="logsumexp with b= is not known here"):
        TABLES["jax"]["logsumexp"](x, 1, 2.0)  # a weight, taken for keepdims=


# what was once proved, though a run shows the difference

DIFFERENT = {
    # what it was                         one, another, shapes
    "a mask below the largest":          (lambda x: np.where(np.arange(x.shape[0])[:, None] >= np.arange(x.shape[0]), x, -np.inf).max(axis=1), lambda x: x.max(axis=1), {"x": "N, N"}),
    "positions and a number mixed":      (lambda x, y: x[0, :, y], lambda x, y: x[0][:, y], {"x": "2, N, N", "y": "N in N"}),
    "conditions added":                  (lambda x: ((x > 0) + (x > -1)) * 1.0, lambda x: (x > 0) * 1.0 + (x > -1) * 1.0, {"x": "N"}),
    "the bits of a size":                (lambda x: x if x.shape[0] & 1 else 2 * x, lambda x: 2 * x, {"x": "N"}),
    "a slice of one entry":              (lambda x: x[:1][1:].sum(), lambda x: x[0], {"x": "N"}),
    "a view by einsum":                  (lambda x: _cleared(np.einsum("ij->ji", x), x), lambda x: x * 1, {"x": "N, N"}),
    "a copy that is no view":            (lambda x: _doubled(np.nan_to_num(x), x), lambda x: 2 * x, {"x": "N"}),
    "columns first":                     (lambda x: np.ravel(x, order="F"), lambda x: x.reshape(-1), {"x": "N, D"}),
    "a product that begins at two":      (lambda x: np.prod(x, initial=2.0), lambda x: np.prod(x), {"x": "N"}),
    "repeated by a list":                (lambda x: np.repeat(x, [1, 3]), lambda x: np.repeat(x, 1), {"x": "2"}),
    "a vector as the filling":           (lambda x, b: np.full_like(x, b), lambda x, b: np.zeros_like(x) + b[:, None], {"x": "N, N", "b": "N"}),
    "the type of a number":              (lambda x: x if type(x.shape[0]) is int else 2 * x, lambda x: 2 * x, {"x": "N"}),
    "a number by its size":              (lambda x: {1: 5}.get(x.shape[0], 1) * x, lambda x: x, {"x": "N"}),
    "an error that is swallowed":        (lambda x: _or_zero(x), lambda x: x * 0, {"x": "N"}),
    "positions beyond the first":        (lambda x: np.arange(2, x.shape[0]).sum() * x, lambda x: (np.arange(x.shape[0]).sum() - 1) * x, {"x": "N"}),
}  # fmt: skip


def _cleared(part, x):
    part[...] = 0
    return x * 1


def _doubled(y, x):
    y *= 2
    return x


def _or_zero(x):
    try:
        return np.fft.fft(x).real
    except Exception:
        return x * 0


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_differs_is_never_proved_equal(name):
    one, other, shapes = DIFFERENT[name]
    try:
        results = prove_equivalent(one, other, shapes)
    except TraceError:
        return
    assert all(r.verdict != "proved" for r in results)


def test_ties_where_positions_repeat_are_no_proof():
    def forward(x, y):
        return x[:, y].max(axis=1)

    def backward(dout, x, y):
        z = x[:, y]
        dz = dout[:, None] * (z == z.max(axis=1, keepdims=True))
        return dz @ (y[:, None] == np.arange(x.shape[1])).astype(float)

    (result,) = prove_gradient(forward, backward, {"x": "N, D", "y": "M in D"})
    assert result.verdict != "proved"


def test_a_cell_that_two_functions_share_is_one():
    scale = 1.0

    def forward(x):
        """x: (N,)"""
        nonlocal scale
        scale = 2.0
        return scale * x

    def backward(dout):
        return dout * scale

    (result,) = prove_gradient(forward, backward)
    assert result.verdict == "proved"


def test_a_proof_that_a_run_contradicts_is_none(monkeypatch):
    """If tracing were wrong, say with a square root that is traced as the identity, the run says so."""
    table = importlib.import_module("symderiv.tracing.functions").TABLE
    monkeypatch.setitem(table, "sqrt", lambda x: x)
    (result,) = prove_equivalent(lambda x: np.sqrt(x), lambda x: x, {"x": "N > 0"})
    assert result.verdict == "unknown"
    assert "a run gives" in result.judgement.graph.reason


def layer(x, w):
    """
    x: (N, D)
    w: (D, M)
    """
    return np.maximum(x @ w, 0), (x, w)


def layer_named(x, w):
    z = x @ w
    return np.maximum(z, 0), (x, w)


def layer_back(dout, cache):
    x, w = cache
    dz = dout * (x @ w > 0)
    return dz @ w.T, x.T @ dz


def test_a_condition_says_what_the_code_has_no_name_for():
    shapes = {"x": "N, D", "w": "D, M"}
    said = [line for line, _ in lines(prove_gradient(layer, layer_back, shapes))]
    assert said[1] == "      where Σₙ xₖₙ·wₙₗ ≠ 0"
    said = [line for line, _ in lines(prove_gradient(layer_named, layer_back, shapes))]
    assert said[1] == "      where zₖₗ ≠ 0"


CANCELLED = {
    # what has a node of its own        the code, which is 0 wherever it has a value
    "tanh":                             lambda x: np.tanh(np.sqrt(x)) * 0,
    "a sigmoid":                        lambda x: 1 / (1 + np.exp(-np.sqrt(x))) * np.zeros(x.shape),
    "taken from itself":                lambda x: (t := np.tanh(np.sqrt(x))) - t,
    "below another":                    lambda x: np.tanh(np.tanh(np.sqrt(x))) * 0,
    "beside an infinity":               lambda x: np.exp(np.where(np.arange(x.shape[0]) > 2, 0, -np.inf) - np.tanh(np.sqrt(x))) * 0,
    "beside nothing else":              lambda x: np.exp(np.full(x.shape, -np.inf) - np.tanh(np.sqrt(x))),
}  # fmt: skip


@pytest.mark.parametrize("name", CANCELLED)
def test_what_is_cancelled_keeps_its_condition_under_a_name_too(name):
    said = [line for line, _ in lines(prove_gradient(CANCELLED[name], lambda dout, x: dout * 0, {"x": "N"}))]
    assert "proved" in said[0]
    assert "> 0" in said[1]


def test_what_stands_beside_an_infinity_is_infinite():
    """`-np.inf - t` is one for every t that has a value, whatever t asks for."""

    def masked(x):
        scores = np.where(np.arange(x.shape[0]) > 2, x, -np.inf) - np.tanh(np.sqrt(x))
        return np.where(np.isfinite(scores), x, 0) + scores.max()

    def plain(x):
        return np.where(np.arange(x.shape[0]) > 2, x, 0) + np.where(np.arange(x.shape[0]) > 2, x - np.tanh(np.sqrt(x)), -np.inf).max()

    (result,) = prove_equivalent(masked, plain, {"x": "N"})
    assert result.verdict == "proved"


def test_an_output_that_is_not_differentiated_is_said():
    (result,) = prove_gradient(two_outputs, lambda da, x: 2 * x * da)
    assert (result.verdict, result.aside) == ("proved", ("b",))


def rebound(x):
    """x: (N,)"""
    x = 2 * x
    return x**2, x


def test_a_name_of_an_argument_and_of_an_output_is_a_question():
    (result,) = prove_gradient(rebound, lambda dy, x: 8 * x * dy)
    assert result.judgement.graph.reason.startswith(
        "it is not said what x is: proved with x: argument; refuted with x: output x; say which"
    )


def with_mode(x, train=True):
    """x: (N, D)"""
    return x - x.mean(0) if train else x


def with_mode_back(dy, train=False):
    return dy - dy.mean(0) if train else dy


def product(x, w):
    """
    x: (N, N)
    w: (N, N)
    """
    return x * w


def by_flag(dout, x, w, flip=True):
    dx, dw = dout * x, dout * w
    if flip:
        return dw, dx
    return dx, dw


MISTAKEN = [
    # forward, backward, options                                                        what is said
    (with_mode, with_mode_back, {}, "train is False by default, and True in the forward pass"),
    (squared, lambda dout, x: None, {}, "no gradient is returned"),
    (squared, lambda dout, x: 2 * x * dout, {"wrt": ["q"]}, "wrt names q, which is no array among the arguments: x"),
    (squared, lambda dout, x: 2 * x * dout, {"shapes": {"y": "N"}}, "y is no parameter: these are dout, x"),
    (squared, lambda dout, x: 2 * x * dout, {"given": {"T": 3}}, "T is no parameter: these are dout, x"),
]  # fmt: skip


@pytest.mark.parametrize(("forward", "backward", "options", "message"), MISTAKEN)
def test_what_would_be_proved_of_other_code_is_refused(forward, backward, options, message):
    with pytest.raises(TraceError, match=message.replace("?", "[?]")):
        prove_gradient(forward, backward, **options)


def test_gradients_are_told_by_what_all_returns_agree_on():
    results = prove_gradient(product, by_flag)
    assert [(r.name, r.verdict) for r in results] == [("dx", "proved"), ("dw", "proved")]
    by_name = prove_gradient(product, lambda dout, x, w: {"w": dout * w, "x": dout * x})
    assert {r.verdict for r in by_name} == {"refuted"}
    (result,) = prove_equivalent(lambda x: {"a": x}, lambda x: {"a": x * 1}, {"x": "N"})
    assert result.verdict == "proved"
    with pytest.raises(TraceError, match=r"returns a; .* returns b"):
        prove_equivalent(lambda x: {"a": x}, lambda x: {"b": x}, {"x": "N"})


def test_arrays_of_one_name_in_different_dicts_are_two():
    (result,) = prove_equivalent(lambda a, b: a["w"] - b["w"], lambda a, b: a["w"] * 0, {"a": {"w": "N"}, "b": {"w": "N"}})
    assert result.verdict == "refuted"


def test_a_cache_by_its_name():
    (result,) = prove_gradient(lambda x: (np.maximum(0, x), x), lambda dout, cache: dout * (cache > 0), {"x": "N"})
    assert result.verdict == "proved"


def test_what_a_function_writes_into_a_dict_stays_there():
    given = {"cfg": {"mode": "train"}}

    def forward(x, cfg):
        cfg["mean"] = x.mean()
        return 2 * x

    (result,) = prove_gradient(forward, lambda dout: 2 * dout, {"x": "N"}, given)
    assert result.verdict == "proved"
    assert given == {"cfg": {"mode": "train"}}


def scattered(v):
    """v: (2, 2)"""
    y = np.zeros((1, 3))
    np.add.at(y, (np.zeros((2, 2), int), np.array([[0, 1], [1, 2]])), v)
    return y


def test_positions_along_an_axis_of_length_one():
    """The positions for the next axis were left out, and right code was refuted."""
    right, wrong = (lambda dy, at=at: dy[np.zeros((2, 2), int), np.array(at)] for at in ([[0, 1], [1, 2]], [[0, 0], [1, 2]]))
    assert [r.verdict for r in prove_gradient(scattered, right)] == ["proved"]
    assert [r.verdict for r in prove_gradient(scattered, wrong)] == ["refuted"]


def left_out(s):
    """s: (T, T)"""
    p = softmax(np.where(np.tri(len(s)) == 1, s, -1e9))
    return p, p


def left_out_back(dout, p):
    return p * (dout - np.sum(dout * p, axis=1, keepdims=True))


SCALE, SLOPE = 1.0507009873554805, 1.6732632423543773


def test_a_product_of_constants_is_not_rounded():
    for back in (lambda dout: dout * (SCALE * SLOPE), lambda dout: dout * (1.0507009873554805 * SLOPE)):
        (result,) = prove_gradient(lambda x: SCALE * (SLOPE * x), back, {"x": "N"})
        assert result.verdict == "proved"


def test_what_a_run_does_not_show_is_not_refuted():
    """The product of two numbers is rounded before anything runs; -1e9 leaves out, but not for good."""
    (result,) = prove_gradient(lambda x: SCALE * (SLOPE * x), lambda dout: dout * (1.0507009873554805 * 1.6732632423543773), {"x": "N"})
    assert result.verdict == "unknown"
    assert result.judgement.graph.reason.endswith("which is no difference: are constants rounded, or as large as to stand for -np.inf?")
    (result,) = prove_gradient(left_out, left_out_back)
    assert result.verdict == "unknown"
    assert result.judgement.graph.reason.endswith("if -1000000000 is there to leave entries out, write np.where(mask, x, -np.inf)")
    (result,) = prove_gradient(lambda x: 1.0507 * (1.67326 * x), lambda dout: dout * (1.0507 * 1.67326), {"x": "N"})
    assert result.verdict == "proved"


# what was traced otherwise than it runs: found by an adversary


def in_place_under_another_name(x):
    m = x > 9
    y = x[m]
    z = y
    y += 1
    o = np.zeros_like(x)
    o[m] = z
    return o


def mask_changed_later(x):
    m = x > 9
    y = x[m]
    m[0] = False
    return y.sum()


def empty_slice(x, z):
    x = x.copy()
    x[:, 1:] += np.where(z > 9, 1, 0)[:, None]
    return x


def rolled_by_none(x):
    x = x * 1
    y = np.roll(x, 0, axis=0)
    y[0] = 7
    return x


class Settings:
    def __init__(self, slope):
        self.slope = slope


class Memo:
    found: ClassVar = []

    def __init_subclass__(cls, **options):
        Memo.found.append(cls)


class Half(Memo):
    slope = 0.5


DEFAULT = Settings(2.0)


def by_settings(x, settings=DEFAULT):
    k = settings.slope if isinstance(settings, Settings) else 1.0
    return np.where(x > 9, k * x, x)


def by_class(x):
    return x * Half.slope * len(Memo.found)


def written_through_a_mask(x, y, by):
    """A condition that was written to became a number in some cases, which nothing takes."""
    m = x > 9
    m[y > 9] = by
    return np.where(m, x, 0)


AS_IT_RUNS = {
    # what it is                     one                                        the other                                            shapes
    "an axis beside itself":         (lambda z: np.zeros((2 * len(z), len(z))) + np.where(z > 9, z, 0), lambda z: np.tile(np.where(z > 9, z, 0), 2)[:, None] + np.zeros(len(z)), {"z": "N"}, "refuted"),
    "a name for the same entries":   (in_place_under_another_name,              lambda x: np.where(x > 9, x + 1, 0),                 {"x": "N"}, "proved"),
    "a mask as it was":              (mask_changed_later,                       lambda x: np.where(x > 9, x, 0).sum(),               {"x": "N"}, "proved"),
    "an empty slice":                (empty_slice,                              lambda x, z: x,                                      {"x": "N, 1", "z": "N"}, "proved"),
    "a roll by none":                (rolled_by_none,                           lambda x: x,                                         {"x": "N"}, "proved"),
    "an instance from outside":      (by_settings,                              lambda x: np.where(x > 9, 2 * x, x),                 {"x": "N"}, "proved"),
    "a class that counts":           (by_class,                                 lambda x: x / 2,                                     {"x": "N"}, "proved"),
    "a condition made true":         (lambda x, y: written_through_a_mask(x, y, True), lambda x, y: np.where((x > 9) | (y > 9), x, 0), {"x": "N", "y": "N"}, "proved"),
    "a condition made false":        (lambda x, y: written_through_a_mask(x, y, 0), lambda x, y: np.where((x > 9) & ~(y > 9), x, 0), {"x": "N", "y": "N"}, "proved"),
    "a condition made another":      (lambda x, y: written_through_a_mask(x, y, y.sum() > 9), lambda x, y: np.where(np.where(y > 9, y.sum() > 9, x > 9), x, 0), {"x": "N", "y": "N"}, "proved"),
    "a condition not made false":    (lambda x, y: written_through_a_mask(x, y, False), lambda x, y: np.where((x > 9) & (y > 9), x, 0), {"x": "N", "y": "N"}, "refuted"),
    "all columns by a mask":         (lambda x: x[:, np.ones(x.shape[1], bool)], lambda x: x,                                    {"x": "N, D"}, "proved"),
    "all rows by a mask":            (lambda x: x[np.ones(len(x), bool)],       lambda x: x,                                         {"x": "N, D"}, "proved"),
    "no rows by a mask":             (lambda x: x[np.zeros(len(x), bool)].sum(axis=0), lambda x: x[0] * 0,                           {"x": "N, D"}, "proved"),
    "no columns by a mask":          (lambda x: x[:, np.zeros(x.shape[1], bool)].sum(axis=1), lambda x: x[:, 0] * 0,                 {"x": "N, D"}, "proved"),
    "all of it by one condition":    (lambda x: x[True],                        lambda x: x[None],                                   {"x": "N, D"}, "proved"),
    "kron of vectors":               (lambda a, b: np.kron(a, b),               lambda a, b: (a[:, None] * b).reshape(-1),           {"a": "N", "b": "M"}, "proved"),
}  # fmt: skip


@pytest.mark.parametrize("name", AS_IT_RUNS)
def test_what_is_traced_is_what_runs(name, monkeypatch):
    monkeypatch.setattr("symderiv.code.returns.found_by_trials", lambda *_: Found())  # the run that guards a proof
    one, other, shapes, verdict = AS_IT_RUNS[name]
    assert [r.verdict for r in prove_equivalent(one, other, shapes)] == [verdict]
    assert (DEFAULT.slope, len(Memo.found)) == (2.0, 1)


NOT_TAKEN = {
    "arrays of other ranks":  lambda x, z: (z[z > 9] * x[z > 9]).sum(),
    "a mask behind a slice":  lambda x, z: x[:, x[0] > 9].sum(),  # it was refused as an AttributeError
    "a mask beside a number": lambda x, z: x[0, x[0] > 9].sum(),
    "a mask of another length": lambda x, z: x[x.sum(axis=0, keepdims=True) > 0].sum(),
    "a sum into an array":    lambda x, z: np.sum(x[x > 9], out=z),
    "a function into one":    lambda x, z: np.exp(x[x > 9], out=z),
    "a list beside":          lambda x, z: (z[z > 0] * [1.0, 2.0]).sum(),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_what_a_mask_takes_goes_with_its_like_only(name):
    with pytest.raises(TraceError, match="a mask"):
        prove_equivalent(NOT_TAKEN[name], NOT_TAKEN[name], {"x": "N, M", "z": "N"})


def test_a_shape_that_no_run_shows_is_not_refuted(monkeypatch):
    monkeypatch.setitem(TABLE, "kron", lambda a, b: TABLE["outer"](a, b))  # as if it were traced wrong
    with pytest.raises(TraceError, match=r"np.kron was traced with the shape \(N, M\), and has \(6,\) for the sizes N = 3, M = 2"):
        prove_equivalent(lambda a, b: (a[:, None] * b).reshape(-1), lambda a, b: np.kron(a, b), {"a": "N", "b": "M"})
