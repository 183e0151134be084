"""Forward passes of the pages on softmax, losses of linear models, attention, activation functions and dropout."""

from __future__ import annotations

import math
from typing import Any

import autograd.numpy as np
from autograd.extend import defvjp, primitive

from forwards import Forward

erf = primitive(np.vectorize(math.erf, otypes=[float]))
defvjp(erf, lambda answer, x: lambda g: g * 2 / np.sqrt(np.pi) * np.exp(-(x**2)))


def logsumexp(z: Any, axis: int = 0, keepdims: bool = False) -> Any:
    top = np.max(z)
    return top + np.log(np.sum(np.exp(z - top), axis=axis, keepdims=keepdims))


def softmax(z: Any) -> Any:
    return np.exp(z - logsumexp(z))


def cross_entropy(z: Any, t: Any) -> Any:
    return -np.sum(t * (z - logsumexp(z)))


def log_sum_exp(x: Any) -> Any:
    return logsumexp(x)


def logistic_regression(X: Any, y: Any, w: Any, b: Any) -> Any:
    z = X @ w + b
    return np.mean(np.logaddexp(0, z) - y * z)


def ridge_regression(X: Any, w: Any, y: Any, lambda_: Any) -> Any:
    return np.sum((X @ w - y) ** 2) + lambda_ * np.sum(w**2)


def least_squares(X: Any, y: Any, w: Any) -> Any:
    return np.sum((X @ w - y) ** 2) / 2


def attention(Q: Any, K: Any, V: Any) -> Any:
    S = Q @ K.T / np.sqrt(Q.shape[1])
    return np.exp(S - logsumexp(S, axis=1, keepdims=True)) @ V


def gelu(x: Any) -> Any:
    return x * (1 + erf(x / np.sqrt(2))) / 2


def silu(a: Any, b: Any) -> Any:
    return a / (1 + np.exp(-a)) * b


def dropout(x: Any, u: Any, p: Any) -> Any:
    return np.where(u > p, x, 0) / (1 - p)


def mlp(X: Any, W_h: Any, b_h: Any, W_o: Any, b_o: Any) -> Any:
    return np.maximum(np.maximum(X @ W_h + b_h, 0) @ W_o + b_o, 0)


VECTOR = ({"n": 1}, {"n": 2}, {"n": 7})

FORWARDS = {
    "softmax": Forward(softmax, {"z": "n"}, VECTOR),
    "cross_entropy": Forward(cross_entropy, {"z": "n", "t": "n"}, VECTOR),
    "log_sum_exp": Forward(log_sum_exp, {"x": "n"}, VECTOR),
    "logistic_regression": Forward(
        logistic_regression, {"X": "m n", "y": "m", "w": "n", "b": ""}, ({"m": 1, "n": 1}, {"m": 5, "n": 3}, {"m": 2, "n": 4})
    ),
    "ridge_regression": Forward(
        ridge_regression, {"X": "m n", "w": "n", "y": "m", "lambda_": ""}, ({"m": 1, "n": 1}, {"m": 5, "n": 3}, {"m": 2, "n": 4})
    ),
    "least_squares": Forward(least_squares, {"X": "m n", "y": "m", "w": "n"}, ({"m": 1, "n": 1}, {"m": 5, "n": 3}, {"m": 2, "n": 4})),
    "attention": Forward(
        attention,
        {"Q": "N D", "K": "M D", "V": "M E"},
        ({"N": 1, "M": 1, "D": 1, "E": 1}, {"N": 3, "M": 5, "D": 4, "E": 2}, {"N": 2, "M": 1, "D": 3, "E": 6}),
    ),
    "gelu": Forward(gelu, {"x": "n"}, VECTOR),
    "dropout": Forward(
        dropout,
        {"x": "m n", "u": "m n", "p": ""},
        ({"m": 1, "n": 1}, {"m": 5, "n": 3}, {"m": 2, "n": 9}),
        prepared={"p": lambda a: a**2 / (1 + a**2)},
    ),
    "mlp": Forward(mlp, {"X": "m 10", "W_h": "10 50", "b_h": "1 50", "W_o": "50 3", "b_o": "1 3"}, ({"m": 1}, {"m": 4})),
    "silu": Forward(silu, {"a": "n", "b": "n"}, VECTOR),
}
