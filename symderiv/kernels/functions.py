"""Functions that NumPy lacks. A generated module has its own copy of what it uses, so that it stands alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def _erf(x: NDArray[Any]) -> NDArray[Any]:
    """The error function, entry by entry."""
    return np.vectorize(math.erf, otypes=[x.dtype])(x)


def _sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    """1 / (1 + exp(-x)), without overflow."""
    return np.exp(-np.logaddexp(0, -x))


def _log_sum_exp(x: NDArray[Any], axis: int | tuple[int, ...]) -> NDArray[Any]:
    """log Σ exp(x) over axes, without overflow; x may hold -inf for what is left out."""
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    with np.errstate(divide="ignore"):
        return np.log(np.sum(np.exp(x - top), axis=axis)) + np.squeeze(top, axis=axis)


def _softmax(x: NDArray[Any], axis: int | tuple[int, ...]) -> NDArray[Any]:
    """exp(x) / Σ exp(x) over axes, without overflow; x may hold -inf for what is left out."""
    powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def _taken(x: NDArray[Any], positions: NDArray[Any], axis: int) -> NDArray[Any]:
    """The entries of x at positions along an axis, 0 where these are outside of it."""
    inside = (positions >= 0) & (positions < x.shape[axis])
    taken = np.take(x, np.where(inside, positions, 0), axis)
    return np.where(inside.reshape(inside.shape + (1,) * (x.ndim - axis - 1)), taken, 0)


FUNCTIONS = (_erf, _sigmoid, _log_sum_exp, _softmax, _taken)
