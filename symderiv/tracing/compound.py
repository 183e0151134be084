"""NumPy's functions that are made of others, as NumPy code. In each, `np` is the functions by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symderiv.errors import TraceError


def hstack(np: Any, arrays: Any) -> Any:
    arrays = [np.atleast_1d(a) for a in arrays]
    return np.concatenate(arrays, axis=0 if arrays[0].ndim == 1 else 1)


def vstack(np: Any, arrays: Any) -> Any:
    return np.concatenate([np.atleast_2d(a) for a in arrays], axis=0)


def column_stack(np: Any, arrays: Any) -> Any:
    arrays = [np.asarray(a) for a in arrays]
    return np.concatenate([a[:, None] if a.ndim == 1 else a for a in arrays], axis=1)


def dstack(np: Any, arrays: Any) -> Any:
    arrays = [np.atleast_2d(a) for a in arrays]
    return np.concatenate([a[:, :, None] if a.ndim == 2 else a for a in arrays], axis=2)


def atleast_1d(np: Any, x: Any) -> Any:
    x = np.asarray(x)
    return x if x.ndim else np.reshape(x, 1)


def atleast_2d(np: Any, x: Any) -> Any:
    x = np.asarray(x)
    return x if x.ndim > 1 else np.atleast_1d(x)[None, :]


def chunk(np: Any, x: Any, chunks: Any, axis: int = 0) -> Any:
    return np.split(x, chunks, axis)


def one_hot(np: Any, labels: Any, num_classes: Any, dtype: Any = None, axis: int = -1) -> Any:
    return np.asarray(labels)[..., None] == np.arange(num_classes)


def tri(np: Any, n: Any, m: Any = None, k: Any = 0, dtype: Any = None) -> Any:
    return np.tril(np.ones((n, n if m is None else m), dtype=dtype), k)


def meshgrid(np: Any, *arrays: Any, indexing: str = "xy") -> Any:
    arrays_ = [np.asarray(a) for a in arrays]
    axes = list(range(len(arrays_)))
    if indexing == "xy" and len(axes) > 1:
        axes[:2] = [1, 0]
    shape = [arrays_[axes.index(n)].shape[0] for n in range(len(axes))]
    grown = [a[tuple(slice(None) if k == n else None for k in range(len(axes)))] for n, a in zip(axes, arrays_, strict=True)]
    return [np.copy(np.broadcast_to(a, shape)) for a in grown]


def broadcast_arrays(np: Any, *arrays: Any) -> Any:
    arrays_ = [np.asarray(a) for a in arrays]
    shape = sum((np.zeros(a.shape) for a in arrays_), np.zeros(())).shape
    return [np.broadcast_to(a, shape) for a in arrays_]


def ix_(np: Any, *arrays: Any) -> Any:
    return tuple(np.asarray(a)[(*[None] * n, slice(None), *[None] * (len(arrays) - n - 1))] for n, a in enumerate(arrays))


def take_along_axis(np: Any, x: Any, indices: Any, axis: int) -> Any:
    x, indices = np.asarray(x), np.asarray(indices)
    rows = np.ix_(*(np.arange(length) for length in x.shape))
    return x[tuple(indices if k == axis % x.ndim else rows[k] for k in range(x.ndim))]


def gather(np: Any, x: Any, dim: int, index: Any) -> Any:
    return np.take_along_axis(x, index, dim)


def _from(x: Any, axis: int, first: Any, last: Any) -> Any:
    """Part of an array along one axis."""
    return x[(*[slice(None)] * (axis % x.ndim), slice(first, last))]


def diff(np: Any, x: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    if prepend is not None or append is not None:
        raise TraceError("diff with prepend= or append=: use np.concatenate")
    x = np.asarray(x)
    for _ in range(n):
        x = _from(x, axis, 1, None) - _from(x, axis, None, -1)
    return x


def roll(np: Any, x: Any, shift: Any, axis: Any = None) -> Any:
    x = np.asarray(x)
    if axis is None:
        return np.reshape(roll(np, np.ravel(x), shift, 0), x.shape)
    for by, along in zip(shift, axis, strict=True) if isinstance(axis, tuple) else ((shift, axis),):
        if not isinstance(by, int):
            raise TraceError("roll by what is no number: join two slices with np.concatenate")
        length = x.shape[along]
        by = by % length if isinstance(length, int) else by
        x = np.concatenate([_from(x, along, -by, None), _from(x, along, None, -by)], axis=along) if by else np.copy(x)
    return x


def flipud(np: Any, x: Any) -> Any:
    return np.flip(x, 0)


def fliplr(np: Any, x: Any) -> Any:
    return np.flip(x, 1)


def convolve(np: Any, a: Any, v: Any, mode: str = "full") -> Any:
    """One-dimensional, of which the longer one is windowed."""
    if mode not in ("full", "same", "valid"):
        raise TraceError(f"convolve with mode={mode!r}: full, same or valid")
    a, v = np.asarray(a), np.asarray(v)
    taps, length = v.shape[0], a.shape[0]
    if mode != "full" and length < taps:
        a, v, taps, length = v, a, length, taps
    if mode == "valid":
        return np.sliding_window_view(a, taps) @ np.flip(v)
    full = np.sliding_window_view(np.pad(a, (taps - 1, taps - 1)), taps) @ np.flip(v)
    return full if mode == "full" else full[(taps - 1) // 2 : (taps - 1) // 2 + length]


def correlate(np: Any, a: Any, v: Any, mode: str = "valid") -> Any:
    """The same with the second turned round, which must be the shorter one but in full."""
    if mode != "full" and np.asarray(a).shape[0] < np.asarray(v).shape[0]:
        raise TraceError("correlate with the shorter array first: exchange the two and turn the result round")
    return convolve(np, a, np.flip(v), mode)


def trace(np: Any, x: Any) -> Any:
    return np.sum(np.diag(x))


def linear(np: Any, x: Any, weight: Any, bias: Any = None) -> Any:
    out = np.asarray(x) @ np.asarray(weight).T
    return out if bias is None else out + bias


def addmm(np: Any, c: Any, a: Any, b: Any) -> Any:
    return np.asarray(a) @ b + c


def inner(np: Any, a: Any, b: Any) -> Any:
    return np.einsum("i,i->", a, b) if np.asarray(a).ndim == 1 == np.asarray(b).ndim else np.einsum("ik,jk->ij", a, b)


def vdot(np: Any, a: Any, b: Any) -> Any:
    return np.einsum("i,i->", np.ravel(a), np.ravel(b))


def vecdot(np: Any, a: Any, b: Any, axis: int = -1) -> Any:
    return np.sum(np.asarray(a) * b, axis=axis)


def kron(np: Any, a: Any, b: Any) -> Any:
    a, b = np.asarray(a), np.asarray(b)
    if a.ndim == b.ndim == 1:
        return np.ravel(np.outer(a, b))
    if a.ndim != 2 or b.ndim != 2:
        raise TraceError("kron of what are neither two vectors nor two matrices")
    return np.reshape(np.einsum("ij,kl->ikjl", a, b), (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]))


def select(np: Any, conditions: Any, choices: Any, default: Any = 0) -> Any:
    found = default
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        found = np.where(condition, choice, found)
    return found


def append(np: Any, x: Any, values: Any, axis: Any = None) -> Any:
    parts = (x, values) if axis is not None else (np.ravel(x), np.ravel(values))
    return np.concatenate(parts, axis=axis or 0)


def average(np: Any, x: Any, axis: Any = None, weights: Any = None) -> Any:
    if weights is None:
        return np.mean(x, axis=axis)
    x, weights = np.asarray(x), np.asarray(weights)
    if x.ndim != weights.ndim:
        raise TraceError("average with weights of another shape: write the sums")
    return np.sum(x * weights, axis=axis) / np.sum(np.broadcast_to(weights, x.shape), axis=axis)


def hypot(np: Any, a: Any, b: Any) -> Any:
    return np.sqrt(np.square(a) + np.square(b))


def ptp(np: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.max(x, axis=axis, keepdims=keepdims) - np.min(x, axis=axis, keepdims=keepdims)


def count_nonzero(np: Any, x: Any, axis: Any = None) -> Any:
    return np.sum(np.not_equal(x, 0), axis=axis)


def rsqrt(np: Any, x: Any) -> Any:
    return 1 / np.sqrt(x)


def log_softmax(np: Any, x: Any, axis: Any = None, dtype: Any = None) -> Any:
    return np.asarray(x) - np.logsumexp(x, axis, True)


ROWS: tuple[Callable[..., Any], ...] = (
    hstack,
    vstack,
    column_stack,
    dstack,
    atleast_1d,
    atleast_2d,
    chunk,
    one_hot,
    tri,
    meshgrid,
    broadcast_arrays,
    ix_,
    take_along_axis,
    gather,
    diff,
    roll,
    flipud,
    fliplr,
    convolve,
    correlate,
    trace,
    linear,
    addmm,
    inner,
    vdot,
    vecdot,
    kron,
    select,
    append,
    average,
    hypot,
    ptp,
    count_nonzero,
    rsqrt,
    log_softmax,
)
COMPOUND = {function.__name__: function for function in ROWS}
