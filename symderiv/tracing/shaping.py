"""NumPy's functions that lay arrays out anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from sympy import Expr

from symderiv.errors import TraceError
from symderiv.language.terms import Delta, Index
from symderiv.tracing import layouts, reductions
from symderiv.tracing.given import sizes_of
from symderiv.tracing.making import copied
from symderiv.tracing.sizes import same
from symderiv.tracing.table import as_tensor, data, made, plain
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import Group, Traced, lettered
from symderiv.tracing.values import Axes, Lengths, Operand, SomeAxes


def reshape(x: Operand, *lengths: Lengths, shape: Lengths | None = None, order: str = "C", newshape: Lengths | None = None) -> Tensor:
    if order != "C":
        raise TraceError(f"reshape with order={order!r}: only rows first")
    named = newshape if shape is None else shape
    sizes = sizes_of(_shape(lengths if named is None else (named,)))
    x = as_tensor(x)
    return x._reshaped(lambda there: layouts.reshaped(there, sizes))


def _shape(lengths: tuple[Lengths, ...]) -> Lengths | tuple[Lengths, ...]:
    """A shape that is given at once, or length by length."""
    return lengths[0] if len(lengths) == 1 else lengths


def ravel(x: Operand, order: str = "C") -> Tensor:
    return reshape(x, -1, order=order)


def flatten(x: Operand, start_dim: int | str = 0, end_dim: int = -1, order: str = "C") -> Tensor:
    x = as_tensor(x)
    if isinstance(start_dim, str) or order != "C":  # NumPy's first argument
        return copied(reshape(x, -1, order=start_dim if isinstance(start_dim, str) else order))
    first, last = start_dim % x.ndim, end_dim % x.ndim
    return made(reshape(x, (*x.shape[:first], -1, *x.shape[last + 1 :]))._current)


def transpose(x: Operand, *order: Axes, axes: Axes = None) -> Tensor:
    x, order = as_tensor(x), order or (axes,)
    if order == (None,):
        return x._turned(range(x.ndim)[::-1])
    return x._turned(layouts.order_of(layouts.several(order[0]) if len(order) == 1 else order, x.ndim))


def moveaxis(x: Operand, source: SomeAxes, destination: SomeAxes) -> Tensor:
    x = as_tensor(x)
    return x._turned(layouts.order_moved(x.ndim, source, destination))


def expand_dims(x: Operand, axis: SomeAxes = 0) -> Tensor:
    return as_tensor(x)._reshaped(lambda there: layouts.expanded(there, axis))


def squeeze(x: Operand, axis: Axes = None) -> Tensor:
    return as_tensor(x)._reshaped(lambda there: layouts.squeezed(there, axis))


def swapaxes(x: Operand, axis1: int, axis2: int) -> Tensor:
    x = as_tensor(x)
    return x._turned(layouts.order_exchanged(x.ndim, axis1, axis2))


def broadcast_to(x: Operand, *lengths: Lengths, shape: Lengths | None = None) -> Tensor:
    x, wanted = as_tensor(x), sizes_of(_shape(lengths if shape is None else (shape,)))
    own = x._current.lengths
    sizes = [own[n - len(wanted)] if size == -1 else size for n, size in enumerate(wanted)]
    return x._shown(lambda there: layouts.broadcast_to(there, sizes))


def concatenate(arrays: Sequence[Operand], axis: int | None = 0, **rest: object) -> Tensor:
    plain("concatenate", rest)
    if axis is None:
        return concatenate([ravel(a) for a in arrays])
    return made(layouts.joined([data(a) for a in arrays], axis))


def stack(arrays: Sequence[Operand], axis: int = 0, **rest: object) -> Tensor:
    plain("stack", rest)
    return made(layouts.stacked([data(a) for a in arrays], axis))


def split(x: Operand, sections: Lengths, axis: int = 0) -> list[Tensor]:
    x = as_tensor(x)
    n = layouts.axis_of(axis, x.ndim)
    if isinstance(sections, (list, tuple)):
        ends = [0, *sections, x.shape[n]]
    else:
        part = x.shape[n] // sections
        if not same(sizes_of(part)[0] * sizes_of(sections)[0], sizes_of(x.shape[n])[0]):
            raise TraceError(
                f"split of an axis of length {x._current.lengths[n]} into {sections} equal parts: declare the length as {sections}*k"
            )
        ends = [part * k for k in range(int(sections) + 1)]
    return [x[(*[slice(None)] * n, slice(a, b))] for a, b in pairwise(ends)]


def pad(x: Operand, pad_width: Lengths | Sequence[Lengths], mode: str = "constant", constant_values: Operand = 0, **rest: object) -> Tensor:
    plain("pad", rest)
    x = as_tensor(x)
    if data(constant_values).axes:
        raise TraceError("pad with several constants: one number is wanted")
    if mode != "constant":
        raise TraceError(f"pad with mode={mode!r}: only constant values")
    return made(layouts.padded(x._current, _widths(pad_width, x.ndim), data(constant_values).number))


def _widths(given: Lengths | Sequence[Lengths], rank: int) -> list[tuple[Expr, ...]]:
    """How wide a border is before and after each axis: told once for all, or for each."""
    rows: Sequence[object] = given if isinstance(given, (tuple, list)) and isinstance(given[0], (tuple, list)) else [given]
    pairs = [pair * 2 if len(pair) == 1 else pair for pair in map(sizes_of, rows)]
    if len(pairs) not in (1, rank) or any(len(pair) != 2 for pair in pairs):
        raise TraceError(f"pad by {given}: a width, a pair of them, or a pair for each of {rank} axes")
    return pairs * rank if len(pairs) == 1 else pairs


def tile(x: Operand, reps: Lengths) -> Tensor:
    x = as_tensor(x)
    times = sizes_of(reps)
    array = x._current
    while len(array.axes) < len(times):
        array = layouts.expanded(array, 0)
    for axis, t in enumerate(times, start=len(array.axes) - len(times)):
        array = layouts.repeated(array, t, axis, True)
    return made(array)


def repeat(x: Operand, repeats: Lengths, axis: int | None = None) -> Tensor:
    x = ravel(x) if axis is None else as_tensor(x)
    if len(sizes_of(repeats)) != 1:
        raise TraceError("repeat with a number for each entry: one number is wanted")
    return made(layouts.repeated(x._current, sizes_of(repeats)[0], 0 if axis is None else axis, False))


def flip(x: Operand, axis: Axes = None) -> Tensor:
    x = as_tensor(x)
    axes = layouts.axes_of(axis, x.ndim)
    return x[tuple(slice(None, None, -1) if n in axes else slice(None) for n in range(x.ndim))]


def diag(x: Operand, k: int = 0) -> Tensor:
    x = as_tensor(x)
    array = x._current
    if k != 0:
        raise TraceError("diag with an offset")
    if len(array.axes) == 2:
        return x._shown(reductions.traced_diagonal)
    if len(array.axes) != 1:
        raise TraceError("diag of an array with more than two axes")
    (group,) = array.axes
    rows = tuple(Index(f"row{n}", 1, i.upper) for n, i in enumerate(group))
    body = array.number
    for i, r in zip(group, rows, strict=True):
        body = body * Delta(i, r)
    return made(lettered([group, rows], body, array.kind))


def diagflat(x: Operand) -> Tensor:
    if as_tensor(x).ndim != 1:
        raise TraceError("diagflat of what is no vector")
    return diag(x)


def sliding_window_view(x: Operand, window_shape: Lengths, axis: Axes = None, **rest: object) -> Tensor:
    plain("sliding_window_view", rest)
    x = as_tensor(x)
    windows = sizes_of(window_shape)
    axes = range(x.ndim) if axis is None else layouts.several(axis)
    by_axis = {layouts.axis_of(a, x.ndim): w for a, w in zip(axes, windows, strict=True)}
    if list(by_axis) != sorted(by_axis):
        raise TraceError("sliding_window_view with axes out of order")
    return x._shown(lambda there: _windows(there, by_axis))


def _windows(array: Traced, by_axis: Mapping[int, Expr]) -> Traced:
    groups: list[Group] = []
    there: list[Expr] = []
    inner: list[Group] = []
    for n, group in enumerate(array.axes):
        if n not in by_axis:
            groups.append(group)
            there += group
            continue
        window, size = by_axis[n], array.lengths[n]
        outer, within = Index(f"at{n}", 1, (size - window + 1).expand()), Index(f"in{n}", 1, window)
        groups.append((outer,) if outer.upper != 1 else ())
        inner.append((within,) if window != 1 else ())
        there += [((outer if outer.upper != 1 else 1) + (within if window != 1 else 1) - 1)] if group else []
    return lettered([*groups, *inner], layouts.as_number_at(array, there), array.kind)


def view(x: Operand, *shape: Lengths) -> Tensor:
    return reshape(x, *shape) if shape else as_tensor(x)._reshaped(lambda there: there)


def expand(x: Operand, *shape: Lengths) -> Tensor:
    return broadcast_to(x, *shape)
