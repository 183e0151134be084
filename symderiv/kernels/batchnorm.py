"""Batch normalization, backward pass: a kernel in NumPy.

Written by `python -m symderiv kernel batchnorm`; change derivations/batchnorm.py, not this file.
Source: Ioffe and Szegedy 2015, algorithm 1; DL basics, exercise 1, question 3.

Given:
    m: a size
    xᵢ: an input
    γ: an input
    β: an input
    ε: an input, positive

Definitions:
    μ = (1/m)·Σᵢ xᵢ
    σ² = (1/m)·Σᵢ (xᵢ − μ)²
    x̂ᵢ = (xᵢ − μ)/√(σ² + ε)
    yᵢ = γ·x̂ᵢ + β
    f = f(y)

Gradients, each proved for every m >= 1, step by step:
    ∂f/∂xᵢ = (m·γ·∂f/∂yᵢ − Σₖ γ·∂f/∂yₖ − x̂ᵢ·Σₙ γ·∂f/∂yₙ·x̂ₙ)/(m·√(σ² + ε))
        claim 3f: proved after the definitions are put in
    ∂f/∂γ = Σᵢ ∂f/∂yᵢ·x̂ᵢ
        claim 3a: proved
    ∂f/∂β = Σᵢ ∂f/∂yᵢ
        claim 3b: proved
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def forward(x: ArrayLike, gamma: ArrayLike, beta: ArrayLike, eps: ArrayLike) -> NDArray[Any]:
    """The y of the definitions above.

    Shapes: x and y (m, features...); gamma, beta and eps (features...) or a number.
    Types: the results have the floating type of x; float32 stays float32, whole numbers count as float64.
    Fails with ValueError if shapes do not fit or eps is not positive, with TypeError if an argument does not hold real numbers.
    """
    x, gamma, beta, eps = _arrays({"x": x}, {"gamma": gamma, "beta": beta, "eps": eps})
    _check_axes("x", x, (1,), True, "(m, features...)")
    m, features = x.shape[0], x.shape[1:]
    _check_shape("gamma", gamma, features, "(features...) or a number", "x", x.shape)
    _check_shape("beta", beta, features, "(features...) or a number", "x", x.shape)
    _check_shape("eps", eps, features, "(features...) or a number", "x", x.shape)
    _check_positive("eps", eps)
    mu = np.sum(x, axis=0) / m
    sigma2 = np.sum((x - mu) ** 2, axis=0) / m
    x_hat = (x - mu) / np.sqrt(sigma2 + eps)
    return beta + gamma * x_hat


def backward(dy: ArrayLike, x: ArrayLike, gamma: ArrayLike, eps: ArrayLike) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The gradients dx, dgamma and dbeta of an objective, given its gradient dy.

    Shapes: dy, x and dx (m, features...); gamma and eps (features...) or a number; dgamma and dbeta (features...).
    Types: the results have the floating type of x and dy; float32 stays float32, whole numbers count as float64.
    Fails with ValueError if shapes do not fit or eps is not positive, with TypeError if an argument does not hold real numbers.
    """
    dy, x, gamma, eps = _arrays({"dy": dy, "x": x}, {"gamma": gamma, "eps": eps})
    _check_axes("x", x, (1,), True, "(m, features...)")
    m, features = x.shape[0], x.shape[1:]
    _check_shape("gamma", gamma, features, "(features...) or a number", "x", x.shape)
    _check_shape("eps", eps, features, "(features...) or a number", "x", x.shape)
    _check_shape("dy", dy, (m, *features), "(m, features...)", "x", x.shape)
    _check_positive("eps", eps)
    mu = np.sum(x, axis=0) / m
    sigma2 = np.sum((x - mu) ** 2, axis=0) / m
    x_hat = (x - mu) / np.sqrt(sigma2 + eps)
    dx = (m * gamma * dy - gamma * np.sum(x_hat * dy, axis=0) * x_hat - gamma * np.sum(dy, axis=0)) / (m * np.sqrt(sigma2 + eps))
    dgamma = np.sum(x_hat * dy, axis=0)
    dbeta = np.sum(dy, axis=0)
    return dx, dgamma, dbeta


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
