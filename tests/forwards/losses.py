"""Forward passes of the pages on losses."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np

from forwards import Forward


def softplus(z: Any) -> Any:
    return np.logaddexp(0.0, z)


def focal_loss(x: Any, y: Any, alpha: Any, gamma: Any) -> Any:
    log_p = -softplus(-y * x)
    return -np.sum(alpha * (1 - np.exp(log_p)) ** gamma * log_p)


def huber(X: Any, t: Any, w: Any, delta: Any) -> Any:
    r = np.abs(X @ w - t)
    return np.mean(np.where(r <= delta, r**2 / 2, delta * (r - delta / 2)))


def hinge(X: Any, y: Any, w: Any, b: Any, lambda_: Any) -> Any:
    return lambda_ / 2 * np.dot(w, w) + np.mean(np.maximum(0, 1 - y * (X @ w + b)))


def word2vec(v: Any, u: Any, w: Any) -> Any:
    return np.sum(softplus(-np.sum(u * v, axis=1))) + np.sum(softplus(np.einsum("ika,ia->ik", w, v)))


def info_nce(q: Any, k: Any, tau: Any) -> Any:
    s = q @ k.T / tau
    s = s - np.max(s, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(s), axis=1)) - np.diag(s))


def tsne(r: Any, y: Any) -> Any:
    others = 1 - np.eye(len(y))
    p = (r + r.T) / (2 * np.sum(r * others))
    w = 1 / (1 + np.sum((y[:, None, :] - y[None, :, :]) ** 2, axis=2))
    q = w / np.sum(w * others)
    return np.sum(others * p * np.log(p / q))


FORWARDS = {
    "focal_loss": Forward(
        focal_loss,
        {"x": "m", "y": "m", "alpha": "m", "gamma": ""},
        ({"m": 1}, {"m": 2}, {"m": 7}),
    ),
    "huber": Forward(
        huber,
        {"X": "m n", "t": "m", "w": "n", "delta": ""},
        ({"m": 1, "n": 1}, {"m": 5, "n": 3}, {"m": 1, "n": 4}, {"m": 9, "n": 1}),
        positive=("delta",),
    ),
    "hinge": Forward(
        hinge,
        {"X": "m n", "y": "m", "w": "n", "b": "", "lambda_": ""},
        ({"m": 1, "n": 1}, {"m": 5, "n": 3}, {"m": 1, "n": 4}, {"m": 9, "n": 1}),
    ),
    "word2vec": Forward(
        word2vec,
        {"v": "m D", "u": "m D", "w": "m K D"},
        ({"m": 1, "K": 1, "D": 1}, {"m": 4, "K": 5, "D": 3}, {"m": 2, "K": 1, "D": 6}),
    ),
    "info_nce": Forward(
        info_nce,
        {"q": "N D", "k": "N D", "tau": ""},
        ({"N": 1, "D": 1}, {"N": 5, "D": 3}, {"N": 2, "D": 1}),
        positive=("tau",),
    ),
    # With one point there is no pair, and the sums of the page are zero.
    "tsne": Forward(
        tsne,
        {"r": "n n", "y": "n A"},
        ({"n": 2, "A": 1}, {"n": 5, "A": 2}, {"n": 3, "A": 4}),
        positive=("r",),
    ),
}
