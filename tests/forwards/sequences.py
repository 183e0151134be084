"""Forward passes of the pages on labels, sequences, likelihoods and estimators with a gradient of their own."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np
from autograd.tracer import getval

from forwards import Forward


def log_softmax(z: Any) -> Any:
    z = z - np.max(z, axis=-1, keepdims=True)
    return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))


def embedding(E: Any, w: Any) -> Any:
    return E[w]


def max_pooling(x: Any, r: Any, s: Any) -> Any:
    n, c, p, q = np.indices(r.shape)
    return x[n, c, p, r, q, s]


def cross_entropy_labels(z: Any, t: Any, alpha: Any) -> Any:
    log_p = log_softmax(z)
    return -np.mean((1 - alpha) * log_p[np.arange(len(t)), t] + alpha * np.mean(log_p, axis=1))


def rnn(x: Any, h_0: Any, U: Any, W: Any, V: Any, beta: Any, gamma: Any) -> Any:
    h, states = h_0, []
    for row in x:
        h = np.tanh(np.dot(U, row) + np.dot(W, h) + beta)
        states.append(h)
    return np.dot(np.stack(states), V.T) + gamma


def causal_attention(Q: Any, K: Any, V: Any) -> Any:
    n = Q.shape[2]
    scores = np.matmul(Q, np.swapaxes(K, 2, 3)) / np.sqrt(Q.shape[3])
    return np.matmul(np.exp(log_softmax(np.where(np.tri(n) > 0, scores, -1e9))), V)


def maximum_likelihood(x: Any, mu: Any, sigma: Any) -> Any:
    return np.sum(-((x - mu) ** 2) / (2 * sigma**2) - np.log(sigma) - np.log(2 * np.pi) / 2)


def ppo(z: Any, ell: Any, A: Any, eps: Any, t: Any) -> Any:
    r = np.exp(log_softmax(z)[np.arange(len(t)), t] - ell)
    return np.mean(np.minimum(r * A, np.clip(r, 1 - eps, 1 + eps) * A))


def straight_through(z: Any, e: Any, t: Any, beta: Any) -> tuple[Any, Any]:
    code = e[t]
    return z + getval(code - z), np.sum((getval(z) - code) ** 2 + beta * (z - getval(code)) ** 2, axis=1)


def rotary_embedding(x: Any, y: Any, u: Any, v: Any, theta: Any) -> Any:
    turn = np.exp(1j * np.arange(1, len(x) + 1)[:, None] * theta)
    return np.real(np.dot((x + 1j * y) * turn, np.conj((u + 1j * v) * turn).T))


def cumulative_sum(x: Any, z: Any, lambda_: Any) -> Any:
    y = np.cumsum(x)
    return np.sum((y - z) ** 2) / 2 + lambda_ * np.sum(np.abs(y[1:] - y[:-1]))


FORWARDS = {
    "embedding": Forward(
        embedding,
        {"E": "N D", "w": "B T"},
        ({"B": 1, "T": 1, "N": 1, "D": 1}, {"B": 2, "T": 5, "N": 3, "D": 4}, {"B": 3, "T": 1, "N": 7, "D": 2}),
        labels={"w": "N"},
    ),
    "max_pooling": Forward(
        max_pooling,
        {"x": "N C P U Q V", "r": "N C P Q", "s": "N C P Q"},
        (
            {"N": 1, "C": 1, "P": 1, "U": 1, "Q": 1, "V": 1},
            {"N": 2, "C": 3, "P": 2, "U": 3, "Q": 4, "V": 2},
            {"N": 3, "C": 1, "P": 5, "U": 1, "Q": 1, "V": 4},
        ),
        labels={"r": "U", "s": "V"},
    ),
    "cross_entropy_labels": Forward(
        cross_entropy_labels,
        {"z": "m n", "t": "m", "alpha": ""},
        ({"m": 1, "n": 1}, {"m": 5, "n": 3}, {"m": 1, "n": 6}, {"m": 4, "n": 2}),
        labels={"t": "n"},
    ),
    "rnn": Forward(
        rnn,
        {"x": "T D", "h_0": "H", "U": "H D", "W": "H H", "V": "Q H", "beta": "H", "gamma": "Q"},
        (
            {"T": 1, "D": 1, "H": 1, "Q": 1},
            {"T": 5, "D": 3, "H": 4, "Q": 2},
            {"T": 2, "D": 1, "H": 3, "Q": 5},
            {"T": 7, "D": 2, "H": 1, "Q": 1},
        ),
    ),
    "causal_attention": Forward(
        causal_attention,
        {"Q": "B H N D", "K": "B H N D", "V": "B H N E"},
        (
            {"B": 1, "H": 1, "N": 1, "D": 1, "E": 1},
            {"B": 2, "H": 3, "N": 5, "D": 4, "E": 2},
            {"B": 1, "H": 2, "N": 3, "D": 1, "E": 6},
        ),
    ),
    "rotary_embedding": Forward(
        rotary_embedding,
        {"x": "T D", "y": "T D", "u": "T D", "v": "T D", "theta": "D"},
        ({"T": 1, "D": 1}, {"T": 5, "D": 3}, {"T": 2, "D": 6}, {"T": 7, "D": 1}),
    ),
    "cumulative_sum": Forward(cumulative_sum, {"x": "n", "z": "n", "lambda_": ""}, ({"n": 1}, {"n": 2}, {"n": 9})),
    "maximum_likelihood": Forward(
        maximum_likelihood, {"x": "m", "mu": "", "sigma": ""}, ({"m": 1}, {"m": 2}, {"m": 9}), positive=("sigma",)
    ),
    "ppo": Forward(
        ppo,
        {"z": "m n", "ell": "m", "A": "m", "eps": "", "t": "m"},
        ({"m": 1, "n": 1}, {"m": 6, "n": 3}, {"m": 1, "n": 4}, {"m": 40, "n": 2}),
        positive=("eps",),
        labels={"t": "n"},
    ),
    "straight_through": Forward(
        straight_through,
        {"z": "N D", "e": "K D", "t": "N", "beta": ""},
        ({"N": 1, "K": 1, "D": 1}, {"N": 5, "K": 3, "D": 4}, {"N": 2, "K": 6, "D": 1}),
        labels={"t": "K"},
    ),
}
