"""NumPy's functions that are made of others, as NumPy code. In each, `np` is the functions by name."""

from __future__ import annotations

from collections.abc import Sequence

from symderiv.errors import TraceError
from symderiv.tracing.values import Array, Axes, Function, Names, Operand, Size, SomeAxes

Operands = Sequence[Operand]  # several arrays


def hstack(np: Names, arrays: Operands) -> Array:
    parts = [np.atleast_1d(a) for a in arrays]
    return np.concatenate(parts, axis=0 if parts[0].ndim == 1 else 1)


def vstack(np: Names, arrays: Operands) -> Array:
    return np.concatenate([np.atleast_2d(a) for a in arrays], axis=0)


def column_stack(np: Names, arrays: Operands) -> Array:
    parts = map(np.asarray, arrays)
    return np.concatenate([a[:, None] if a.ndim == 1 else a for a in parts], axis=1)


def dstack(np: Names, arrays: Operands) -> Array:
    parts = map(np.atleast_2d, arrays)
    return np.concatenate([a[:, :, None] if a.ndim == 2 else a for a in parts], axis=2)


def atleast_1d(np: Names, x: Operand) -> Array:
    array: Array = np.asarray(x)
    return array if array.ndim else np.reshape(array, 1)


def atleast_2d(np: Names, x: Operand) -> Array:
    array: Array = np.asarray(x)
    return array if array.ndim > 1 else np.atleast_1d(array)[None, :]


def chunk(np: Names, x: Operand, chunks: Size, axis: int = 0) -> list[Array]:
    return np.split(x, chunks, axis)


def one_hot(np: Names, labels: Operand, num_classes: Size, dtype: object = None, axis: int = -1) -> Array:
    return np.asarray(labels)[..., None] == np.arange(num_classes)


def tri(np: Names, n: Size, m: Size | None = None, k: Size = 0, dtype: object = None) -> Array:
    return np.tril(np.ones((n, n if m is None else m), dtype=dtype), k)


def meshgrid(np: Names, *arrays: Operand, indexing: str = "xy") -> list[Array]:
    parts = [np.asarray(a) for a in arrays]
    axes = list(range(len(parts)))
    if indexing == "xy" and len(axes) > 1:
        axes[:2] = [1, 0]
    shape = [parts[axes.index(n)].shape[0] for n in range(len(axes))]
    grown = [a[tuple(slice(None) if k == n else None for k in range(len(axes)))] for n, a in zip(axes, parts, strict=True)]
    return [np.copy(np.broadcast_to(a, shape)) for a in grown]


def broadcast_arrays(np: Names, *arrays: Operand) -> list[Array]:
    parts = [np.asarray(a) for a in arrays]
    shape = sum((np.zeros(a.shape) for a in parts), np.zeros(())).shape
    return [np.broadcast_to(a, shape) for a in parts]


def ix_(np: Names, *arrays: Operand) -> tuple[Array, ...]:
    return tuple(np.asarray(a)[(*[None] * n, slice(None), *[None] * (len(arrays) - n - 1))] for n, a in enumerate(arrays))


def take_along_axis(np: Names, x: Operand, indices: Operand, axis: int) -> Array:
    array, taken = np.asarray(x), np.asarray(indices)
    rows = np.ix_(*(np.arange(length) for length in array.shape))
    return array[tuple(taken if k == axis % array.ndim else rows[k] for k in range(array.ndim))]


def gather(np: Names, x: Operand, dim: int, index: Operand) -> Array:
    return np.take_along_axis(x, index, dim)


def _from(x: Array, axis: int, first: Size | None, last: Size | None) -> Array:
    """Part of an array along one axis."""
    return x[(*[slice(None)] * (axis % x.ndim), slice(first, last))]


def diff(np: Names, x: Operand, n: int = 1, axis: int = -1, prepend: Operand | None = None, append: Operand | None = None) -> Array:
    if prepend is not None or append is not None:
        raise TraceError("diff with prepend= or append=: use np.concatenate")
    array: Array = np.asarray(x)
    for _ in range(n):
        array = _from(array, axis, 1, None) - _from(array, axis, None, -1)
    return array


def roll(np: Names, x: Operand, shift: SomeAxes, axis: Axes = None) -> Array:
    array: Array = np.asarray(x)
    if axis is None:
        return np.reshape(roll(np, np.ravel(array), shift, 0), array.shape)
    shifts, axes = _each(shift), _each(axis)
    most = max(len(shifts), len(axes))
    for by, along in zip(shifts * (most // len(shifts)), axes * (most // len(axes)), strict=True):
        array = _rolled(np, array, by, along)
    return array


def _each(given: SomeAxes) -> tuple[int, ...]:
    return tuple(given) if isinstance(given, (tuple, list)) else (given,)


def _rolled(np: Names, array: Array, by: int, along: int) -> Array:
    """An array rolled along one axis."""
    if not isinstance(by, int):
        raise TraceError("roll by what is no number: join two slices with np.concatenate")
    length = array.shape[along]
    rest = by % length if isinstance(length, int) else by
    return np.concatenate([_from(array, along, -rest, None), _from(array, along, None, -rest)], axis=along) if rest else np.copy(array)


def flipud(np: Names, x: Operand) -> Array:
    return np.flip(x, 0)


def fliplr(np: Names, x: Operand) -> Array:
    return np.flip(x, 1)


def convolve(np: Names, a: Operand, v: Operand, mode: str = "full") -> Array:
    """One-dimensional, of which the longer one is windowed."""
    if mode not in ("full", "same", "valid"):
        raise TraceError(f"convolve with mode={mode!r}: full, same or valid")
    long, short = np.asarray(a), np.asarray(v)
    if mode != "full" and long.shape[0] < short.shape[0]:
        long, short = short, long
    length, taps = long.shape[0], short.shape[0]
    if mode == "valid":
        return np.sliding_window_view(long, taps) @ np.flip(short)
    full = np.sliding_window_view(np.pad(long, (taps - 1, taps - 1)), taps) @ np.flip(short)
    return full if mode == "full" else full[(taps - 1) // 2 : (taps - 1) // 2 + length]


def correlate(np: Names, a: Operand, v: Operand, mode: str = "valid") -> Array:
    """The same with the second turned round, which must be the shorter one but in full."""
    if mode != "full" and np.asarray(a).shape[0] < np.asarray(v).shape[0]:
        raise TraceError("correlate with the shorter array first: exchange the two and turn the result round")
    return convolve(np, a, np.flip(v), mode)


def trace(np: Names, x: Operand) -> Array:
    return np.sum(np.diag(x))


def linear(np: Names, x: Operand, weight: Operand, bias: Operand | None = None) -> Array:
    out = np.asarray(x) @ np.asarray(weight).T
    return out if bias is None else out + bias


def addmm(np: Names, c: Operand, a: Operand, b: Operand) -> Array:
    return np.asarray(a) @ b + c


def inner(np: Names, a: Operand, b: Operand) -> Array:
    return np.einsum("i,i->", a, b) if np.asarray(a).ndim == 1 == np.asarray(b).ndim else np.einsum("ik,jk->ij", a, b)


def vdot(np: Names, a: Operand, b: Operand) -> Array:
    return np.einsum("i,i->", np.ravel(a), np.ravel(b))


def vecdot(np: Names, a: Operand, b: Operand, axis: int = -1) -> Array:
    return np.sum(np.asarray(a) * b, axis=axis)


def kron(np: Names, a: Operand, b: Operand) -> Array:
    one, other = np.asarray(a), np.asarray(b)
    if one.ndim == other.ndim == 1:
        return np.ravel(np.outer(one, other))
    if one.ndim != 2 or other.ndim != 2:
        raise TraceError("kron of what are neither two vectors nor two matrices")
    shape = tuple(m * n for m, n in zip(one.shape, other.shape, strict=True))
    return np.reshape(np.einsum("ij,kl->ikjl", one, other), shape)


def select(np: Names, conditions: Operands, choices: Operands, default: Operand = 0) -> Operand:
    found = default
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        found = np.where(condition, choice, found)
    return found


def append(np: Names, x: Operand, values: Operand, axis: int | None = None) -> Array:
    parts = (x, values) if axis is not None else (np.ravel(x), np.ravel(values))
    return np.concatenate(parts, axis=axis or 0)


def average(np: Names, x: Operand, axis: Axes = None, weights: Operand | None = None) -> Array:
    if weights is None:
        return np.mean(x, axis=axis)
    array, weight = np.asarray(x), np.asarray(weights)
    if array.ndim != weight.ndim:
        raise TraceError("average with weights of another shape: write the sums")
    return np.sum(array * weight, axis=axis) / np.sum(np.broadcast_to(weight, array.shape), axis=axis)


def hypot(np: Names, a: Operand, b: Operand) -> Array:
    return np.sqrt(np.square(a) + np.square(b))


def ptp(np: Names, x: Operand, axis: Axes = None, keepdims: bool = False) -> Array:
    return np.max(x, axis=axis, keepdims=keepdims) - np.min(x, axis=axis, keepdims=keepdims)


def count_nonzero(np: Names, x: Operand, axis: Axes = None) -> Array:
    return np.sum(np.not_equal(x, 0), axis=axis)


def rsqrt(np: Names, x: Operand) -> Array:
    return 1 / np.sqrt(x)


def log_softmax(np: Names, x: Operand, axis: Axes = None, dtype: object = None) -> Array:
    return np.asarray(x) - np.logsumexp(x, axis, keepdims=True)


ROWS: tuple[Function, ...] = (
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
