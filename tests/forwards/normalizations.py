"""Forward passes of the pages on normalization."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np

from forwards import Forward


def layer_norm(x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    centred = x - np.mean(x, axis=1, keepdims=True)
    return gamma * centred / np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + eps) + beta


def rms_norm(x: Any, w: Any, eps: Any) -> Any:
    return w * x / np.sqrt(np.mean(x**2) + eps)


def batchnorm(x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    centred = x - np.mean(x, axis=0)
    return gamma * centred / np.sqrt(np.mean(centred**2, axis=0) + eps) + beta


FORWARDS = {
    "layer_norm": Forward(
        layer_norm,
        {"x": "B D", "gamma": "D", "beta": "D", "eps": ""},
        ({"B": 1, "D": 1}, {"B": 4, "D": 3}, {"B": 2, "D": 5}),
        positive=("eps",),
    ),
    "rms_norm": Forward(rms_norm, {"x": "n", "w": "n", "eps": ""}, ({"n": 1}, {"n": 2}, {"n": 7}), positive=("eps",)),
    "batchnorm": Forward(
        batchnorm,
        {"x": "m c", "gamma": "c", "beta": "c", "eps": "c"},
        ({"m": 1, "c": 1}, {"m": 5, "c": 3}, {"m": 4, "c": 1}),
        positive=("eps",),
    ),
}
