"""Forward passes of the pages on normalization over channels, positions, weights and rows."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np

from forwards import Forward


def normalized(x: Any, axes: tuple[int, ...], eps: Any) -> Any:
    return (x - np.mean(x, axis=axes, keepdims=True)) / np.sqrt(np.var(x, axis=axes, keepdims=True) + eps)


def group_norm(x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    return gamma[:, :, None] * normalized(x, (2, 3), eps) + beta[:, :, None]


def instance_norm(x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    return gamma[:, None, None] * normalized(x, (2, 3), eps) + beta[:, None, None]


def batchnorm_2d(x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    return gamma[:, None, None] * normalized(x, (0, 2, 3), eps) + beta[:, None, None]


def weight_norm(v: Any, g: Any) -> Any:
    return g[:, None] * v / np.sqrt(np.sum(v * v, axis=1, keepdims=True))


def cosine_similarity(a: Any, b: Any) -> Any:
    lengths = np.outer(np.sqrt(np.sum(a * a, axis=1)), np.sqrt(np.sum(b * b, axis=1)))
    return np.dot(a, b.T) / lengths


FORWARDS = {
    "group_norm": Forward(
        group_norm,
        {"x": "N G C S", "gamma": "G C", "beta": "G C", "eps": ""},
        (
            {"N": 1, "G": 1, "C": 1, "S": 1},
            {"N": 2, "G": 3, "C": 2, "S": 4},
            {"N": 3, "G": 1, "C": 4, "S": 1},
            {"N": 1, "G": 4, "C": 1, "S": 5},
        ),
        positive=("eps",),
    ),
    "instance_norm": Forward(
        instance_norm,
        {"x": "N C H W", "gamma": "C", "beta": "C", "eps": ""},
        (
            {"N": 1, "C": 1, "H": 1, "W": 1},
            {"N": 2, "C": 3, "H": 4, "W": 5},
            {"N": 3, "C": 1, "H": 1, "W": 4},
        ),
        positive=("eps",),
    ),
    "batchnorm_2d": Forward(
        batchnorm_2d,
        {"x": "N C H W", "gamma": "C", "beta": "C", "eps": ""},
        (
            {"N": 1, "C": 1, "H": 1, "W": 1},
            {"N": 2, "C": 3, "H": 4, "W": 5},
            {"N": 5, "C": 2, "H": 1, "W": 1},
            {"N": 1, "C": 4, "H": 3, "W": 2},
        ),
        positive=("eps",),
    ),
    "weight_norm": Forward(
        weight_norm,
        {"v": "Q P", "g": "Q"},
        ({"Q": 1, "P": 1}, {"Q": 3, "P": 4}, {"Q": 5, "P": 1}, {"Q": 1, "P": 6}),
    ),
    "cosine_similarity": Forward(
        cosine_similarity,
        {"a": "M D", "b": "N D"},
        ({"M": 1, "N": 1, "D": 1}, {"M": 3, "N": 4, "D": 5}, {"M": 2, "N": 1, "D": 3}, {"M": 4, "N": 2, "D": 1}),
    ),
}
