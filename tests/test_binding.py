"""What parameters and returned values are taken for: by declaration, by name, by what is returned; questions where that is not sure."""

# ruff: noqa: E501, RET504, RUF059 (tables are read across; what is returned has a name on purpose)

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from symderiv.code import passes, prove
from symderiv.code.outcome import lines
from symderiv.code.prove import prove_gradient
from symderiv.errors import TraceError
from symderiv.testing import assert_equivalent, assert_gradient
from symderiv.tracing import binding
from symderiv.tracing.declared import documented
from symderiv.tracing.names import GRADIENTS, gradient_of, is_upstream
from symderiv.tracing.roles import in_words

# what is declared

DECLARED = [
    # what a docstring says of x                                              what is declared; prose is none
    ("x: inputs of shape (N,), positive or negative",                         "N"),
    ("x: shape (N,); nonpositive entries and positive ones",                  "N"),
    ("x: shape (N,), entries where x > 0 count",                              "N"),
    ("x: rows of shape (N, D), with N > 0",                                   "N, D"),
    ("x: (N,), > 0 for most",                                                 "N"),
    ("x: (N,), > 0.5",                                                        "N"),
    ("x: (N,), strictly positive",                                            "N"),
    ("x (np.ndarray): array of shape (N, D). Positive entries pass.",         "N, D"),
    ("x: (N,), > 0",                                                          "N > 0"),
    ("x: widths of shape (N, D), > 0.",                                       "N, D > 0"),
    ("x: widths of shape (N, D), x[i, j] >= 0",                               "N, D >= 0"),
    ("x: (N,), != 0; what is divided by",                                     "N != 0"),
    ("x: (N,), > 0\n        entries pass",                                    "N"),
    ("x: a number, > 0",                                                      " > 0"),
    ("x: a positive number",                                                  ""),
    ("x: number of rows",                                                     None),
    ("x: (float) a rate",                                                     None),
    ("x: array (float32) of shape (N,)",                                      "N"),
    ("x: classes of shape (N,), 0 <= x[i] < C",                               "N in C"),
    ("x: of shape (N,) where x[i] is the class of row i and\n        0 <= x[i] < C", "N in C"),
    ("x: of shape (N,); entries with 0 <= x[i] < C count",                    "N"),
    ("x: of shape (N,), labels in C",                                         "N in C"),
    ("x: of shape (N,), labels in training",                                  "N"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "declared"), DECLARED)
def test_prose_declares_nothing(said, declared):
    def function(x):
        return x

    function.__doc__ = f"A layer.\n\n    {said}\n    "
    assert documented(function).get("x") == declared


def test_an_annotation_of_another_kind_is_no_shape():
    def function(mode: 'Literal["train", "test"]', x: 'Float[Array, "N D"]', y: "(N, D)"):  # noqa: F722, F821, UP037
        return x

    assert documented(function) == {"x": "N D", "y": "N, D"}


def magnitude(x):
    """x: of shape (N,), positive or negative"""
    return np.abs(x)


def rectified(x):
    """x: of shape (N,); where x > 0 it passes"""
    return np.maximum(x, 0)


def logarithm(x):
    """x: of shape (N,), > 0"""
    return np.log(x)


def passed_on(dout):
    dx = dout * 1
    return dx


@pytest.mark.parametrize("function", [magnitude, rectified])
def test_a_word_is_no_assumption(function):
    """Both were proved, since `positive` and `> 0` were read as x > 0."""
    (result,) = prove_gradient(function, passed_on)
    assert (result.verdict, result.assumptions) == ("refuted", ())


def test_a_declaration_is_one_and_stands_with_the_proof():
    (result,) = assert_gradient(magnitude, passed_on, {"x": "N > 0"})
    assert result.assumptions == ("x > 0",)
    (result,) = assert_gradient(logarithm, lambda dout, x: dout / x)
    assert [line for line, _ in lines([result])][1:] == [
        "      assuming x > 0",
        "taken as  dout: gradient of the output; x: argument; returns dx",
    ]
    (result,) = assert_equivalent(lambda x, k=3: k * np.sqrt(x * x), lambda x, k=3: k * x, {"x": "N >= 0"})
    assert result.assumptions == ("x >= 0", "k = 3")
    results = assert_gradient(picked, picked_back, {"x": "N, C", "s": "N > 0"})
    assert [r.assumptions for r in results] == [("s > 0", "0 <= y < C"), ("s > 0", "0 <= y < C")]


def picked(x, s, y):
    """y: of shape (N,), 0 <= y[i] < C"""
    return np.sqrt(s) * x[np.arange(len(y)), y]


def picked_back(dout, x, s, y):
    dx = np.zeros_like(x)
    dx[np.arange(len(y)), y] = dout * np.sqrt(s)
    return dx, dout * x[np.arange(len(y)), y] / (2 * np.sqrt(s))


def branching(x, a):
    return x if a > 0 else 2 * x


LEANING = [
    # what uses a sign of which nothing is left                     shapes                               assumed
    (lambda x, a: x * np.sign(a),                                   {"x": "N", "a": "> 0"},              ("a > 0",)),
    (lambda x, a: x * np.sign(a / x) ** 2,                          {"x": "N", "a": "> 0"},              ("a > 0",)),
    (lambda x, a: x * np.sign(a) ** 2,                              {"x": "N", "a": "!= 0"},             ("a != 0",)),
    (lambda x, a: x + (np.abs(a) - a),                              {"x": "N", "a": ">= 0"},             ("a >= 0",)),
    (lambda x, a: x * np.sqrt(a**2) / a,                            {"x": "N", "a": "> 0"},              ("a > 0",)),
    (lambda x, a: x + (np.maximum(a, 0) - a),                       {"x": "N", "a": ">= 0"},             ("a >= 0",)),
    (lambda x, a: x * np.heaviside(a, 0.5),                         {"x": "N", "a": "> 0"},              ("a > 0",)),
    (lambda x, a: x * np.where(a > 0, 1, 2),                        {"x": "N", "a": "N > 0"},            ("a > 0",)),
    (lambda x, a: x * (a / a),                                      {"x": "N", "a": "!= 0"},             ("a != 0",)),
    (lambda x, a: x * np.exp(np.log(a)) / a,                        {"x": "N", "a": "> 0"},              ("a > 0",)),
    (lambda x, a: x * np.sign(a["b"]),                              {"x": "N", "a": {"b": "> 0"}},       ("a.b > 0",)),
    (branching,                                                     {"x": "N", "a": "> 0"},              ("a > 0",)),
    (lambda x, a: x * np.where(a >= 0, 1, 2),                       {"x": "N", "a": "N in C"},           ("0 <= a < C",)),
    (lambda x, a: x + (a - a),                                      {"x": "N", "a": "> 0"},              ()),
    (lambda x, a: x + 0 * np.tanh(a),                               {"x": "N", "a": "N in C"},           ()),
]  # fmt: skip


@pytest.mark.parametrize(("function", "shapes", "assumed"), LEANING)
def test_a_sign_that_is_used_up_is_an_assumption(function, shapes, assumed):
    """`sign(a)` of a positive a is 1 at once, so that no claim mentioned a: the proof did not say that it rests on a > 0."""
    (result,) = assert_equivalent(function, lambda x, a: x, shapes)
    assert set(result.assumptions) == set(assumed)


def test_a_sign_that_is_used_up_in_one_claim_is_no_assumption_of_another():
    results = assert_equivalent(lambda x, a: (x * np.sign(a), 2 * x), lambda x, a: (x, x + x), {"x": "N", "a": "> 0"})
    assert [r.assumptions for r in results] == [("a > 0",), ()]


def test_what_a_claim_does_not_rest_on_is_no_assumption():
    results = assert_equivalent(lambda x, s: (2 * x, np.sqrt(s)), lambda x, s: (x + x, s / np.sqrt(s)), {"x": "N", "s": "N > 0"})
    assert [r.assumptions for r in results] == [(), ("s > 0",)]


# names

NAMES = [
    # a name            what it is the gradient of, among x, w, W_h, gamma, params.b
    ("dx", "x"), ("d_x", "x"), ("Dx", "x"), ("gx", "x"), ("g_x", "x"), ("gradX", "x"), ("grad_x", "x"), ("gradx", "x"), ("x_grad", "x"), ("xGrad", "x"),
    ("x_bar", "x"), ("x_gradient", "x"), ("gradient_x", "x"), ("gradient_of_x", "x"), ("grad_wrt_x", "x"), ("delta_x", "x"), ("dLdx", "x"), ("dL_dx", "x"),
    ("dl_dx", "x"), ("dloss_dx", "x"), ("dLoss_dx", "x"), ("dJ_dx", "x"), ("dJdx", "x"), ("dE_dx", "x"), ("d_loss_d_x", "x"), ("loss_grad_x", "x"),
    ("dy_dx", "x"), ("x_cotangent", "x"), ("x_ct", "x"), ("ct_x", "x"), ("adj_x", "x"), ("x_adj", "x"), ("nabla_x", "x"), ("x_delta", "x"), ("x_d", "x"),
    ("dW_h", "W_h"), ("dWh", "W_h"), ("grad_W_h", "W_h"), ("dgamma", "gamma"), ("ggamma", "gamma"), ("db", "params.b"), ("grad_b", "params.b"), ("gW", "w"),
    ("data", None), ("gate", None), ("grads", None), ("x", None), ("dz", None), ("deltas", None), ("out", None), ("", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "of"), NAMES)
def test_what_a_name_is_the_gradient_of(name, of):
    assert gradient_of(name, ("x", "w", "W_h", "gamma", "params.b")) == of


def test_each_way_to_name_a_gradient_is_needed():
    """Each row of the table has a name above that only it tells."""
    for left_out in GRADIENTS:
        rest = [row for row in GRADIENTS if row is not left_out]
        assert any(
            left_out.fullmatch(name) and not any((m := row.fullmatch(name)) and m["of"].lower() == of.lower() for row in rest)
            for name, of in NAMES
            if of
        )


UPSTREAM = "dout dy dY d_out grad grad_out grad_output gradOutput gradient g gy g_y gout gO upstream upstream_grad d_upstream cotangent ct ct_y delta y_bar out_grad dL dLdy dL_dout dz dh dh_next dnext_h dZ gs output_gradient incoming dlogits top_diff"


@pytest.mark.parametrize("name", UPSTREAM.split())
def test_a_name_of_a_gradient_that_comes_in(name):
    assert is_upstream(name)


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "w",
        "data",
        "dim",
        "depth",
        "gamma",
        "gain",
        "gate",
        "diag",
        "dropout_mask",
        "dist",
        "denominator",
        "res",
        "cache",
        "s",
        "p",
        "y",
        "out",
        "mask",
    ],
)
def test_a_name_of_something_else(name):
    assert not is_upstream(name)


# pairs in the styles that people write


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_named(z):
    s = 1 / (1 + np.exp(-z))
    return s


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def through_softmax(p, g):
    return p * (g - (g * p).sum(-1, keepdims=True))


def of_output(s):
    return s * (1 - s)


def of_output_wrong(s):
    return s * (1 + s)


def tanh(v):
    return np.tanh(v)


def dense(x, W, b):
    return x @ W + b


def dense_gx(gy, x, W, b):
    gW = x.T @ gy
    gb = gy.sum(0)
    gx = gy @ W.T
    return gW, gb, gx


def dense_jumbled(upstream, inputs, W, b):
    b_bar = upstream.sum(0)
    x_bar = upstream @ W.T
    W_bar = inputs.T @ upstream
    return b_bar, x_bar, W_bar


def times(a, b):
    return a * b


def times_named(g, a, b):
    dLdb, dLda = g * a, g * b
    return dLdb, dLda


def times_swapped(g, a, b):
    dLdb, dLda = g * b, g * a
    return dLdb, dLda


def times_unnamed(g, a, b):
    u, v = g * a, g * b
    return u, v


def sine_fwd(x, y):
    return np.sin(x) * y, (np.cos(x), np.sin(x), y)


def sine_bwd(res, g):
    cos_x, sin_x, y = res
    return cos_x * g * y, sin_x * g


def sine_bwd_turned(g, residuals):
    cos_x, sin_x, y = residuals
    return cos_x * g * y, sin_x * g


def sine_bwd_wrong(res, g):
    cos_x, sin_x, y = res
    return cos_x * g, sin_x * g


def one_residual_fwd(x):
    return np.sin(x), np.cos(x)


def one_residual_bwd(cos_x, g):
    return (cos_x * g,)


def pair_fwd(x, y):
    return (x * y, x + y), (x, y)


def pair_bwd(res, cts):
    x, y = res
    g1, g2 = cts
    return g1 * y + g2, g1 * x + g2


def pair_bwd_wrong(res, cts):
    x, y = res
    g1, g2 = cts
    return g1 * y + g2, g1 * x - g2


def norm_fwd(x, gain):
    r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + 1)
    return gain * x * r, (x, r, gain)


def norm_bwd(ctx, grad_output):
    x, r, gain = ctx
    h = grad_output * gain * r
    grad_input = h - x * r**2 * (h * x).mean(-1, keepdims=True)
    grad_gain = (grad_output * x * r).sum(0)
    return grad_input, grad_gain


def with_gain(x, g):
    return x * g


def with_gain_bwd(res, g):
    x, gain = res
    return g * gain, g * x


def cell(x, h, W):
    h_next = np.tanh(x + h @ W)
    return h_next


def cell_back(dh_next, x, h, W):
    t = np.tanh(x + h @ W)
    da = dh_next * (1 - t * t)
    return {"dx": da, "dh": da @ W.T, "dW": h.T @ da}


def cell_back_of_next(h_next, dnext_h, h, W):
    da = dnext_h * (1 - h_next**2)
    return {"dx": da, "dh": da @ W.T, "dW": h.T @ da}


def loss_alone(z, y):
    return -np.log(np.exp(z)[np.arange(len(y)), y] / np.exp(z).sum(1)).sum()


def loss_back(z, y):
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    p[np.arange(len(y)), y] -= 1
    return p


def squares(pred, target):
    return ((pred - target) ** 2).sum()


def squares_back(pred, target, dout=1.0):
    return 2 * dout * (pred - target), 2 * dout * (target - pred)


def squares_unnamed(p, t):
    return 2 * (p - t), 2 * (t - p)


def spread(x):
    v = x - x.mean(0)
    return v


def spread_back(delta):
    return delta - delta.mean(0)


def hidden_local(x, w):
    p = np.exp(x)
    return p @ w


def hidden_local_back(dout, p, w):
    return (dout @ w.T) * p, p.T @ dout


def statistics(x):
    mu = x.mean(0)
    return (x - mu) ** 2, mu


def statistics_back(dout, x, mu):
    dx = 2 * (x - mu) * dout
    return dx - dx.mean(0)


def two_kept(x, w):
    return x * w, x, w


def two_kept_back(grad, saved_x, w_saved):
    return grad * w_saved, grad * saved_x


def two_kept_star(grad, cache):
    x, w = cache
    return grad * w, grad * x


class Function:
    @staticmethod
    def apply_fwd(x, w):
        return x @ w.T, {"x": x, "w": w}

    @staticmethod
    def apply_bwd(ctx, grad_output):
        grad_x = grad_output @ ctx["w"]
        grad_w = grad_output.T @ ctx["x"]
        return grad_x, grad_w


class Module:
    def forward(self, x, w):
        self.x, self.w = x, w
        return np.maximum(x @ w, 0)

    def backward(self, delta):
        d = delta * (self.x @ self.w > 0)
        return d @ self.w.T, self.x.T @ d


def module(x, w):
    return Module().forward(x, w)


def module_back(delta, x, w):
    made = Module()
    made.forward(x, w)
    return made.backward(delta)


def spread_out(b, gb):
    return gb @ (np.diag(b) - np.outer(b, b))


def projected(x, U, V):
    u, v = x @ U, x @ V
    return (u, v), (x, U, V)


def projected_back(d_u, d_v, cache):
    x, U, V = cache
    return d_u @ U.T + d_v @ V.T, (x.T @ d_u, x.T @ d_v)


def projected_back_named(d_v, d_u, cache):
    x, U, V = cache
    dx, dU, dV = d_u @ U.T + d_v @ V.T, x.T @ d_u, x.T @ d_v
    return dx, (dV, dU)


def layer(A, W, b):
    Z = W @ A + b
    return Z, (A, W, b)


def layer_back(dZ, cache):
    A_prev, W, b = cache
    dW = dZ @ A_prev.T
    db = np.sum(dZ, axis=1, keepdims=True)
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


def kept_alone(x):
    return x**2, (x,)


def kept_alone_back(x, g):
    return 2 * x * g


class Linear:
    @staticmethod
    def forward(ctx, input, weight, bias=None):
        ctx.save_for_backward(input, weight, bias)
        output = input @ weight.T
        return output if bias is None else output + bias

    @staticmethod
    def backward(ctx, grad_output):
        input, weight, bias = ctx.saved_tensors
        grad_input = grad_weight = grad_bias = None
        if ctx.needs_input_grad[0]:
            grad_input = grad_output @ weight
        if ctx.needs_input_grad[1]:
            grad_weight = grad_output.T @ input
        if bias is not None and ctx.needs_input_grad[2]:
            grad_bias = grad_output.sum(0)
        return grad_input, grad_weight, grad_bias


class Scaled:
    @staticmethod
    def forward(ctx, x):
        ctx.scale = 3.0
        return ctx.scale * x

    @staticmethod
    def backward(ctx, grad_output):
        return grad_output / ctx.scale


def times_in_another_order(dout, a, b):
    return 2 * a * b * dout, dout * b**2


def matmul(x, W):
    return x @ W


def matmul_back(W, x, w_):
    Dx = w_ @ W.T
    DW = x.T @ w_
    return DW, Dx


def matmul_back_in_another_order(g, x, W):
    return x.T @ g, g @ W.T


def doubling(x):
    squares = x**2
    x *= 2
    return squares


def doubling_a_part(params):
    squares = params["x"] ** 2 + params["w"]
    row = params["x"][1:]
    row *= 2
    return squares


def doubling_its_own(x):
    squares, x = x**2, x + 0
    x *= 2
    return squares


V, M, TWO = {"x": "N"}, {"x": "N, D"}, {"a": "N", "b": "N"}
XW, XWB = {"x": "N, D", "w": "D, M"}, {"x": "N, D", "W": "D, M", "b": "M"}
PAIRS = {
    # what it shows                        forward, backward, shapes, options                        verdicts, how it is taken
    "an output by what it is called":     (sigmoid_named, of_output, {"z": "N"}, {},                 "proved", "s: output; returns dz"),
    "a usual name of an output":          (softmax, lambda grad_out, probs: through_softmax(probs, grad_out), {"z": "N, C"}, {}, "proved", "grad_out: gradient of the output; probs: output; returns dz"),
    "in the other order":                 (softmax, lambda y, gy: through_softmax(y, gy), {"z": "N, C"}, {}, "proved", "y: output; gy: gradient of the output; returns dz"),
    "a usual name of an input":           (softmax, lambda scores, dout: through_softmax(softmax(scores), dout), {"z": "N, C"}, {}, "proved", "scores: argument z; dout: gradient of the output; returns dz"),
    "one that may be either":             (softmax, lambda s, dout: through_softmax(s, dout), {"z": "N, C"}, {}, "unknown", "s: output; dout: gradient of the output; returns dz"),
    "unless it is said":                  (softmax, lambda s, dout: through_softmax(s, dout), {"z": "N, C"}, {"roles": {"s": "output"}}, "proved", "s: output; dout: gradient of the output; returns dz"),
    "and then it is so":                  (softmax, lambda s, dout: through_softmax(s, dout), {"z": "N, C"}, {"roles": {"s": "argument z"}}, "refuted", "s: argument z; dout: gradient of the output; returns dz"),
    "wrong whatever it is":               (softmax, lambda s, dout: s * dout, {"z": "N, C"}, {}, "refuted", "s: output; dout: gradient of the output; returns dz"),
    "a derivative of an input":           (tanh, lambda v: 1 - np.tanh(v) ** 2, {"v": "N"}, {},      "proved", "v: argument; returns dv"),
    "of an output":                       (tanh, lambda y: 1 - y * y, {"v": "N, D"}, {},             "proved", "y: output; returns dv"),
    "of an input by a name of an output": (tanh, lambda y: 1 - np.tanh(y) ** 2, {"v": "N"}, {},      "unknown", "y: output; returns dv"),
    "of either":                          (sigmoid, of_output, V, {},                                "unknown", ""),
    "of either, wrong":                   (sigmoid, of_output_wrong, V, {},                          "refuted", ""),
    "with an upstream of 1":              (sigmoid_named, lambda s, dout=1.0: dout * s * (1 - s), {"z": "N"}, {}, "proved", "s: output; dout: gradient of s; returns dz"),
    "a derivative over a short axis":     (tanh, lambda v: 1 - np.tanh(v) ** 2, {"v": "3"}, {},      "proved", "v: argument; returns dv"),
    "gx, gW, gb":                         (dense, dense_gx, XWB, {},                                 "proved proved proved", "gy: gradient of the output; x: argument; W: argument; b: argument; returns gW for W, gb for b, gx for x"),
    "bars in any order":                  (dense, dense_jumbled, XWB, {},                            "proved proved proved", "upstream: gradient of the output; inputs: argument x; W: argument; b: argument; returns b_bar for b, x_bar for x, W_bar for W"),
    "names before the order":             (times, times_named, TWO, {},                              "proved proved", "g: gradient of the output; a: argument; b: argument; returns dLdb for b, dLda for a"),
    "and wrong by them":                  (times, times_swapped, TWO, {},                            "refuted refuted", "g: gradient of the output; a: argument; b: argument; returns dLdb for b, dLda for a"),
    "no names, in another order":         (times, times_unnamed, TWO, {},                            "unknown unknown", "g: gradient of the output; a: argument; b: argument; returns da, db by order"),
    "which is said":                      (times, times_unnamed, TWO, {"wrt": ["b", "a"]},           "proved proved", "g: gradient of the output; a: argument; b: argument; returns u for b, v for a"),
    "residuals first":                    (sine_fwd, sine_bwd, {"x": "N", "y": "N"}, {},             "proved proved", "res: output 2; g: gradient of output 1; returns dx, dy by order"),
    "residuals last":                     (sine_fwd, sine_bwd_turned, {"x": "N", "y": "N"}, {},      "proved proved", "g: gradient of output 1; residuals: output 2; returns dx, dy by order"),
    "residuals, wrong":                   (sine_fwd, sine_bwd_wrong, {"x": "N", "y": "N"}, {},       "refuted proved", "res: output 2; g: gradient of output 1; returns dx, dy by order"),
    "one residual by a name of its own":  (one_residual_fwd, one_residual_bwd, V, {},                "proved", "cos_x: output 2; g: gradient of output 1; returns dx"),
    "several outputs in a tuple":         (pair_fwd, pair_bwd, {"x": "N", "y": "N"}, {},             "proved proved", "res: output 2; cts: gradient of output 1; returns dx, dy by order"),
    "and one of them wrong":              (pair_fwd, pair_bwd_wrong, {"x": "N", "y": "N"}, {},       "proved refuted", "res: output 2; cts: gradient of output 1; returns dx, dy by order"),
    "several outputs one by one":         (projected, projected_back, {"x": "N, D", "U": "D, H", "V": "D, H"}, {}, "proved proved proved", "d_u: gradient of u; d_v: gradient of v; cache: output 3; returns dx, dU, dV by order"),
    "by their names":                     (projected, projected_back_named, {"x": "N, D", "U": "D, H", "V": "D, H"}, {}, "proved proved proved", "d_v: gradient of v; d_u: gradient of u; cache: output 3; returns dx, dV, dU"),
    "b beside gb":                        (softmax, spread_out, {"z": "N"}, {},                      "proved", "b: output; gb: gradient of the output; returns dz"),
    "the only one left":                  (layer, layer_back, {"A": "D, N", "W": "M, D", "b": "M, 1"}, {}, "proved proved proved", "dZ: gradient of Z; cache: output 2; returns dA_prev for A, dW, db"),
    "a tuple of one is no array":         (kept_alone, kept_alone_back, V, {},                       "proved", "x: argument; g: gradient of output 1; returns dx"),
    "nothing is kept":                    (lambda a: ((2 * a, a * a), None), lambda res, g: g[0], {"a": "N"}, {}, "refuted", "res: output 2; g: gradient of output 1; returns da"),
    "a constant is no output":            (lambda x: (x, 0.0), lambda res, ct: ct, V, {},            "proved", "res: output 2; ct: gradient of output 1; returns dx"),
    "ctx and grad_output":                (norm_fwd, norm_bwd, {"x": "N, D", "gain": "D"}, {},       "proved proved", "ctx: output 2; grad_output: gradient of output 1; returns grad_input for x, grad_gain for gain"),
    "g is an argument and upstream":      (with_gain, with_gain_bwd, {"x": "N", "g": "N"}, {},       "proved proved", "res: arguments x, g; g: gradient of the output; returns dx, dg by order"),
    "a step of a recurrence":             (cell, cell_back, {"x": "N, D", "h": "N, D", "W": "D, D"}, {}, "proved proved proved", "dh_next: gradient of h_next; x: argument; h: argument; W: argument; returns dW, dh, dx"),
    "the same by its output":             (cell, cell_back_of_next, {"x": "N, D", "h": "N, D", "W": "D, D"}, {}, "proved proved proved", "h_next: output; dnext_h: gradient of h_next; h: argument; W: argument; returns dW, dh, dx"),
    "a loss of scores and labels":        (loss_alone, loss_back, {"z": "N, C", "y": "N in C"}, {},  "proved", "z: argument; y: argument; returns dz"),
    "a loss with an upstream of 1":       (squares, squares_back, {"pred": "N", "target": "N"}, {},  "proved proved", "pred: argument; target: argument; dout: gradient of the output; returns dpred, dtarget by order"),
    "delta":                              (spread, spread_back, M, {},                               "proved", "delta: gradient of v; returns dx"),
    "statistics beside":                  (statistics, statistics_back, M, {},                       "proved", "dout: gradient of output 1; x: argument; mu: output mu; returns dx"),
    "what was saved, by its names":       (two_kept, two_kept_back, {"x": "N", "w": "N"}, {},        "proved proved", "grad: gradient of output 1; saved_x: argument x; w_saved: argument w; returns dx, dw by order"),
    "and together":                       (two_kept, two_kept_star, {"x": "N", "w": "N"}, {},        "proved proved", "grad: gradient of output 1; cache: outputs x, w; returns dx, dw by order"),
    "static methods with a dict":         (Function.apply_fwd, Function.apply_bwd, {"x": "N, D", "w": "M, D"}, {}, "proved proved", "ctx: output 2; grad_output: gradient of output 1; returns grad_x for x, grad_w for w"),
    "a function of PyTorch's autograd":   (Linear.forward, Linear.backward, {"input": "N, D", "weight": "M, D", "bias": "M"}, {}, "proved proved proved", "ctx: argument; grad_output: gradient of the output; returns grad_input for input, grad_weight for weight, grad_bias for bias"),
    "an attribute of its context":        (Scaled.forward, Scaled.backward, V, {},                   "refuted", "ctx: argument; grad_output: gradient of the output; returns dx"),
    "spelled like another's argument":    (matmul, matmul_back, {"x": "N, D", "W": "D, M"}, {},      "proved proved", "W: argument; x: argument; w_: gradient of the output; returns DW for W, Dx for x"),
    "no names at all, another order":     (lambda a, b: a * b**2, times_in_another_order, TWO, {},   "refuted refuted", "dout: gradient of the output; a: argument; b: argument; returns da, db by order"),
    "another order, of other shapes":     (matmul, matmul_back_in_another_order, {"x": "N, D", "W": "D, M"}, {}, "unknown unknown", "g: gradient of the output; x: argument; W: argument; returns dx, dW by order"),
    "of an output by the input's name":   (tanh, lambda v: 1 - v * v, {"v": "N"}, {},                "unknown", "v: argument; returns dv"),
    "an argument that was changed":       (doubling, lambda x, dout: dout * x, V, {},                "proved", "x: argument, as the forward pass leaves it; dout: gradient of squares; returns dx"),
    "taken as it was before":             (doubling, lambda x, dout: dout * 2 * x, V, {},            "refuted", "x: argument, as the forward pass leaves it; dout: gradient of squares; returns dx"),
    "a copy that was changed":            (doubling_its_own, lambda x, dout: dout * 2 * x, V, {},    "proved", "x: argument; dout: gradient of squares; returns dx"),
    "a part of one of several":           (doubling_a_part, lambda params, dout: {"w": dout}, {"params": {"x": "N+1", "w": "N+1"}}, {}, "proved", "params: argument, as the forward pass leaves it; dout: gradient of squares; returns w for params.w"),
    "a module that keeps its arrays":     (module, module_back, XW, {},                              "proved proved", "delta: gradient of the output; x: argument; w: argument; returns dx, dw by order"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_is_taken_as_it_is_meant(name):
    forward, backward, shapes, options, verdicts, taken = PAIRS[name]
    results = prove_gradient(forward, backward, shapes, **options)
    assert [r.verdict for r in results] == verdicts.split()
    assert taken in ("", in_words(results[0].binding))


def layernorm(x, gain, b):
    centred = x - x.mean(axis=1, keepdims=True)
    inverse = 1 / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-5)
    return gain * centred * inverse + b, (centred * inverse, inverse, gain)


def layernorm_back(dout, cache):
    xhat, inverse, gain = cache
    d = dout * gain
    dx = inverse * (d - d.mean(axis=1, keepdims=True) - xhat * (d * xhat).mean(axis=1, keepdims=True))
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


ONCE = {
    # what it shows                        forward, backward, shapes                                       ways, those that are looked at
    "one way":                            (layernorm, layernorm_back, {"x": "N, D", "gain": "D", "b": "D"}, 1, 1),
    "one function":                       (lambda x: ((x * x).sum(), 2 * x), None, V,                       1, 1),
    "an unlikely one is not looked at":   (sigmoid_named, lambda y: y * (1 - y), {"z": "N"},                2, 1),
    "but where the likely one is wrong":  (softmax, lambda s, dout: s * dout, {"z": "N, C"},                2, 2),
    "three ways":                         (sigmoid, of_output, V,                                           3, 3),
}  # fmt: skip


@pytest.mark.parametrize("name", ONCE)
def test_a_binding_is_made_once_for_each_reading(name, monkeypatch):
    """The ways were worked out again for each, with the forward pass traced, also for one that was not looked at then."""
    forward, backward, shapes, ways, looked_at = ONCE[name]
    calls = Counter()

    def counted(module, what):
        made = getattr(module, what)
        monkeypatch.setattr(module, what, lambda *args: calls.update([what]) or made(*args))

    for module, what in ((prove, "ways_from"), (binding, "Way"), (passes, "Way"), (passes, "Binding"), (passes, "arguments_for")):
        counted(module, what)
    results = prove_gradient(forward, backward, shapes)
    assert calls == {"ways_from": 1, "Way": ways, "Binding": looked_at, "arguments_for": looked_at}
    assert len({id(r.binding) for r in results}) == 1


UNCLEAR = [
    # forward, backward, options                                                                what is said
    (tanh, lambda dout, v: dout, {"roles": {"v": "input"}},                                     "roles: v: 'input': write gradient of y, output y, output 2, argument x"),
    (tanh, lambda dout, v: dout, {"roles": {"v": "argument z"}},                                "roles: v is said to be the argument z; there are v"),
    (tanh, lambda dout, v: dout, {"roles": {"v": "output 2"}},                                  "roles: v is said to go with the output 2; there are 1"),
    (tanh, lambda dout, v: dout, {"roles": {"q": "output"}},                                    "roles names q, which is no parameter of <lambda>: dout, v"),
    (hidden_local, hidden_local_back, {"shapes": {"x": "N, D", "w": "D, M"}},                   "hidden_local_back: p is a variable of hidden_local, which does not return it; return it too, or say what it stands for: roles={'p': 'output'}, or"),
    (softmax, lambda v: v * (1 - v), {"shapes": {"z": "N, C"}, "roles": {"v": "output"}},       "out is an output with shape (N, C), and no parameter of the backward pass is its upstream gradient: call that dout"),
    # nothing is left that it could be, which was an IndexError
    (tanh, lambda dout, v, y, q: dout * (1 - y * y), {},                                        "<lambda>: what q stands for is not known; name it like an argument of the forward pass"),
    (tanh, lambda a, b, c, d, e: a, {},                                                         "<lambda>: what a stands for is not known; name it like an argument of the forward pass, like what that returns, or like an upstream gradient (dout, dy)"),
]  # fmt: skip


@pytest.mark.parametrize(("forward", "backward", "options", "message"), UNCLEAR)
def test_what_is_not_said_is_refused_with_the_way_out(forward, backward, options, message):
    with pytest.raises(TraceError) as error:
        prove_gradient(forward, backward, **{"shapes": {"v": "N"}, **options})
    assert message in str(error.value)


def test_what_is_printed_can_be_said():
    """Each role, in the words in which it is told, is the same role when it is given."""
    for forward, backward, shapes, options, verdicts, taken in PAIRS.values():
        if verdicts == "proved" and taken and not options:
            told = prove_gradient(forward, backward, shapes)[0].binding.as_text
            said = {name: text for name, text in told.items() if "default" not in text}
            (result,) = prove_gradient(forward, backward, shapes, roles=said)
            assert (result.verdict, result.binding.as_text) == ("proved", told)


def test_a_wrong_order_without_names_is_wrong_and_the_right_one_is_said():
    said = [line.strip() for line, _ in lines(prove_gradient(lambda a, b: a * b**2, times_in_another_order, TWO))]
    assert said.count("as the gradients of a, b, in this order, it is refuted; as those of b, a it is proved") == 2
