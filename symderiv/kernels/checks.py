"""What every generated kernel does to its arguments first. Each module has its own copy of what it uses, so that it stands alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def _arrays(deciding: dict[str, ArrayLike], converted: dict[str, ArrayLike]) -> list[NDArray[Any]]:
    """All arrays in the floating type that the deciding ones have together; whole numbers count as float64."""
    given = {name: np.asarray(value) for name, value in (deciding | converted).items()}
    for name, array in given.items():
        if array.dtype.kind not in "biuf":
            raise TypeError(f"{name} has the type {array.dtype}; it must hold real numbers.")
    dtype = np.result_type(*(given[name] for name in deciding))
    dtype = dtype if dtype.kind == "f" else np.dtype(np.float64)
    return [array.astype(dtype, copy=False) for array in given.values()]


def _check_axes(name: str, array: NDArray[Any], least: tuple[int, ...], more: bool, shape: str) -> None:
    """Refuse an array with too few axes, with too many unless more may follow, or with one that is too short."""
    if array.ndim < len(least) or (array.ndim > len(least) and not more) or any(n < k for n, k in zip(array.shape, least, strict=False)):
        raise ValueError(f"{name} has shape {array.shape}; it must be {shape}, its axes at least {least} long.")


def _check_shape(name: str, array: NDArray[Any], wanted: tuple[int, ...], shape: str, other: str, known: tuple[int, ...]) -> None:
    """Refuse an array that has not the shape that another's asks for; a number will do where the shape says so."""
    if array.shape != wanted and not (array.shape == () and shape.endswith("a number")):
        but = "" if other == name else f", but {other} has shape {known}"
        raise ValueError(f"{name} has shape {array.shape}{but}; {name} must be {shape}, here {wanted}.")


def _check_positive(name: str, array: NDArray[Any]) -> None:
    """Refuse an array with an entry that is not positive."""
    if not (array > 0).all():
        raise ValueError(f"{name} must be positive; its least entry is {array.min()}.")


def _check_nonzero(name: str, array: NDArray[Any]) -> None:
    """Refuse an array with a zero."""
    if not (array != 0).all():
        raise ValueError(f"{name} must not be zero anywhere.")


def _check_nonnegative(name: str, array: NDArray[Any]) -> None:
    """Refuse an array with a negative entry."""
    if not (array >= 0).all():
        raise ValueError(f"{name} must not be negative; its least entry is {array.min()}.")


def _check_size(name: str, size: int) -> None:
    """Refuse a size that is no whole number from 1 on."""
    if not isinstance(size, (int, np.integer)) or size < 1:
        raise ValueError(f"{name} is {size}; it must be a whole number from 1 on.")


def _whole(name: str, labels: ArrayLike) -> NDArray[Any]:
    """Labels as an array of positions. Refuses what are not whole numbers."""
    array = np.asarray(labels)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} has the type {array.dtype}; it must hold whole numbers.")
    return array.astype(np.intp, copy=False)


def _check_labels(name: str, labels: NDArray[Any], size: int) -> None:
    """Refuse labels that are not in 0..size-1."""
    outside = labels[(labels < 0) | (labels >= size)]
    if outside.size:
        raise ValueError(f"{name} holds {outside.flat[0]}; its entries must be in 0..{size - 1}.")


CHECKS = (
    _arrays,
    _whole,
    _check_axes,
    _check_shape,
    _check_size,
    _check_labels,
    _check_positive,
    _check_nonzero,
    _check_nonnegative,
)
