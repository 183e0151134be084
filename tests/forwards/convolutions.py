"""Forward passes of the pages on convolution and pooling."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np

from forwards import Forward


def convolution_1d(x: Any, W: Any, beta: Any) -> Any:
    taps = W.shape[2]
    length = x.shape[2] - taps + 1
    windows = np.stack([x[:, :, u : u + length] for u in range(taps)], axis=-1)
    return np.einsum("ocu,bcpu->bop", W, windows) + beta[:, None]


def convolution_2d(x: Any, W: Any, b: Any) -> Any:
    rows, columns = W.shape[2:]
    height, width = x.shape[2] - rows + 1, x.shape[3] - columns + 1
    y = b[None, :, None, None]
    for u in range(rows):
        for v in range(columns):
            y = y + np.einsum("oc,ncpq->nopq", W[:, :, u, v], x[:, :, u : u + height, v : v + width])
    return y


def causal_convolution(x: Any, w: Any, beta: Any) -> Any:
    taps, (batch, times, channels) = len(w), x.shape
    padded = np.concatenate([np.zeros((batch, taps - 1, channels)), x], axis=1)
    return beta + sum(w[s] * padded[:, taps - 1 - s : taps - 1 - s + times] for s in range(taps))


def average_pooling(x: Any) -> Any:
    return np.mean(x, axis=(3, 5))


FORWARDS = {
    "convolution_1d": Forward(
        convolution_1d,
        {"x": "B C L", "W": "O C U", "beta": "O"},
        (
            {"B": 1, "C": 1, "L": 1, "O": 1, "U": 1},
            {"B": 2, "C": 3, "L": 7, "O": 4, "U": 3},
            {"B": 3, "C": 2, "L": 5, "O": 1, "U": 5},
            {"B": 2, "C": 1, "L": 4, "O": 3, "U": 1},
        ),
    ),
    "convolution_2d": Forward(
        convolution_2d,
        {"x": "N C H L", "W": "O C U V", "b": "O"},
        (
            {"N": 1, "C": 1, "H": 1, "L": 1, "O": 1, "U": 1, "V": 1},
            {"N": 2, "C": 3, "H": 6, "L": 5, "O": 4, "U": 3, "V": 2},
            {"N": 3, "C": 2, "H": 4, "L": 5, "O": 2, "U": 4, "V": 1},
        ),
    ),
    "causal_convolution": Forward(
        causal_convolution,
        {"x": "B T C", "w": "U C", "beta": "C"},
        (
            {"B": 1, "T": 1, "C": 1, "U": 1},
            {"B": 2, "T": 7, "C": 3, "U": 4},
            {"B": 3, "T": 2, "C": 2, "U": 5},
            {"B": 1, "T": 5, "C": 4, "U": 1},
        ),
    ),
    "average_pooling": Forward(
        average_pooling,
        {"x": "N C P U Q V"},
        (
            {"N": 1, "C": 1, "P": 1, "U": 1, "Q": 1, "V": 1},
            {"N": 2, "C": 3, "P": 2, "U": 3, "Q": 4, "V": 2},
            {"N": 3, "C": 1, "P": 5, "U": 1, "Q": 1, "V": 4},
        ),
    ),
}
