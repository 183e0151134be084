"""Forward passes of the pages on linear and gated layers, and on recurrent cells."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np

from forwards import Forward


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def linear_layer(X: Any, W: Any, b: Any) -> Any:
    return np.dot(X, W.T) + b


def swiglu(x: Any, W: Any, V: Any, U: Any) -> Any:
    a = np.dot(x, W)
    return np.dot(a * sigmoid(a) * np.dot(x, V), U)


def lstm_cell(x: Any, h_prev: Any, c_prev: Any, **weights: Any) -> tuple[Any, Any]:
    a_i, a_f, a_o, a_g = (
        np.dot(x, weights[f"W_{gate}"].T) + np.dot(h_prev, weights[f"U_{gate}"].T) + weights[f"b_{gate}"] for gate in "ifog"
    )
    c = sigmoid(a_f) * c_prev + sigmoid(a_i) * np.tanh(a_g)
    return sigmoid(a_o) * np.tanh(c), c


def gru_cell(x: Any, h_prev: Any, W_r: Any, W_z: Any, W_c: Any, U_r: Any, U_z: Any, U_c: Any, b_r: Any, b_z: Any, b_c: Any) -> Any:
    r = sigmoid(np.dot(x, W_r.T) + np.dot(h_prev, U_r.T) + b_r)
    z = sigmoid(np.dot(x, W_z.T) + np.dot(h_prev, U_z.T) + b_z)
    c = np.tanh(np.dot(x, W_c.T) + np.dot(r * h_prev, U_c.T) + b_c)
    return z * h_prev + (1 - z) * c


CELL_SIZES = ({"N": 1, "P": 1, "Q": 1}, {"N": 2, "P": 3, "Q": 4}, {"N": 5, "P": 1, "Q": 2}, {"N": 1, "P": 4, "Q": 1})

FORWARDS = {
    "linear_layer": Forward(
        linear_layer,
        {"X": "B P", "W": "Q P", "b": "Q"},
        ({"B": 1, "P": 1, "Q": 1}, {"B": 2, "P": 3, "Q": 4}, {"B": 5, "P": 1, "Q": 2}, {"B": 1, "P": 4, "Q": 1}),
    ),
    "swiglu": Forward(
        swiglu,
        {"x": "B D", "W": "D F", "V": "D F", "U": "F D"},
        ({"B": 1, "D": 1, "F": 1}, {"B": 2, "D": 3, "F": 4}, {"B": 5, "D": 1, "F": 2}, {"B": 1, "D": 4, "F": 1}),
    ),
    "lstm_cell": Forward(
        lstm_cell,
        {"x": "N P", "h_prev": "N Q", "c_prev": "N Q"}
        | {f"W_{gate}": "Q P" for gate in "ifog"}
        | {f"U_{gate}": "Q Q" for gate in "ifog"}
        | {f"b_{gate}": "Q" for gate in "ifog"},
        CELL_SIZES,
    ),
    "gru_cell": Forward(
        gru_cell,
        {"x": "N P", "h_prev": "N Q"}
        | {f"W_{gate}": "Q P" for gate in "rzc"}
        | {f"U_{gate}": "Q Q" for gate in "rzc"}
        | {f"b_{gate}": "Q" for gate in "rzc"},
        CELL_SIZES,
    ),
}
