"""NumPy's functions on symbolic arrays, by name, with NumPy's arguments; the array API's and PyTorch's names for the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from itertools import pairwise
from typing import TypeGuard

import numpy as np
from sympy import Expr, Integer, S, exp, pi
from sympy.logic.boolalg import Boolean

from symderiv.errors import TraceError
from symderiv.language.terms import Delta, Index, Term, Where
from symderiv.tracing import entrywise, indexing, layouts, reductions, writing
from symderiv.tracing.beside import ABSENT
from symderiv.tracing.compound import COMPOUND
from symderiv.tracing.layouts import constant
from symderiv.tracing.masks import Masked, refuse
from symderiv.tracing.sizes import same
from symderiv.tracing.tensor import Tensor, fitting, sizes_of, tensor
from symderiv.tracing.traced import BOOL, FLOAT, INT, Group, Traced, lettered, scalar
from symderiv.tracing.values import Array, Axes, Function, Lengths, Names, Operand, Size, SomeAxes, Table

TABLE: Table = {}


def as_tensor(value: Operand) -> Tensor:
    return tensor(value, TABLE)


def data(value: Operand) -> Traced:
    return as_tensor(value)._current


def made(array: Traced) -> Tensor:
    return Tensor(array, TABLE)


def kind_of(dtype: object, default: str = FLOAT) -> str:
    """The kind of numbers that a type of any library means."""
    if dtype is None:
        return default
    if isinstance(dtype, str) and dtype in (FLOAT, INT, BOOL):
        return dtype
    name = str(getattr(dtype, "__name__", dtype)).lower()
    for word, kind in (
        ("complex", ""),
        ("bool", BOOL),
        ("uint", INT),
        ("int", INT),
        ("long", INT),
        ("float", FLOAT),
        ("double", FLOAT),
        ("half", FLOAT),
    ):
        if word in name and kind:
            return kind
    raise TraceError(f"the type {dtype}: real numbers only")


HARMLESS = ("casting", "copy", "like", "device", "subok", "optimize", "order", "inplace", "requires_grad", "layout", "memory_format")


def plain(name: str, options: Mapping[str, object]) -> None:
    """Refuse arguments that change what a function computes and are not known here."""
    unknown = [k for k, v in options.items() if k not in HARMLESS and v is not None]
    if unknown or options.get("order") not in (None, "C", "K", "A"):
        raise TraceError(f"{name} with {', '.join(unknown) or 'order'}= is not known here")


def _stored(result: Traced, out: object, where: object = True) -> Tensor:
    """The result, in the array `out` if there is one."""
    if where is not True:
        raise TraceError("where= is not known here: use np.where")
    if out is None:
        return made(result)
    target = _target(out[0] if isinstance(out, tuple) else out)
    target._update(fitting(target, result))
    return target


def _target(value: object) -> Tensor:
    """An array that is written to."""
    if not isinstance(value, Tensor):
        raise TraceError(f"what is written to is of type {type(value).__name__}, and no array")
    return value


def _entrywise(name: str) -> Function:
    def function(*args: Operand, out: object = None, where: object = True, dtype: object = None, **rest: object) -> Tensor | Masked:
        plain(name, rest)
        if (masked := next((a for a in args if isinstance(a, Masked)), None)) is not None:
            return masked.applied(name, args) if out is None and where is True and dtype is None else refuse()
        takes = entrywise.FUNCTIONS[name].takes
        if len(args) == takes + 1 and out is None:
            args, out = args[:-1], args[-1]
        parts = [data(a) if dtype is None else entrywise.cast(data(a), kind_of(dtype)) for a in args]
        return _stored(entrywise.applied(name, *parts), out, where)

    function.__name__ = name
    return function


def _comparison(name: str) -> Function:
    def function(a: Operand, b: Operand, out: object = None, where: object = True) -> Tensor:
        return _stored(entrywise.compared(name, data(a), data(b)), out, where)

    return function


def _logic(name: str) -> Function:
    return lambda *args, out=None, where=True: _stored(entrywise.joined(name, *map(data, args)), out, where)


# making arrays


def asarray(x: Operand, dtype: object = None, copy: object = None, **rest: object) -> Tensor:
    """The same array, or a view of it: it may share memory."""
    plain("asarray", rest)
    found = as_tensor(x)
    if not _is_same_type(found, dtype):
        return astype(found, dtype)
    return found if found is not x or found._is_array() or found._beside is ABSENT else copied(found)


def _is_same_type(x: Tensor, dtype: object) -> bool:
    """Whether an array has a type already: then it needs no copy."""
    if dtype is None or x._beside is ABSENT:
        return dtype is None or kind_of(dtype) == x._data.kind
    return bool(x.dtype == getattr(dtype, "plain", dtype))


def array(x: Operand, dtype: object = None, copy: object = True, **rest: object) -> Tensor:
    plain("array", rest)
    return copied(asarray(x, dtype)) if copy else asarray(x, dtype)


def copied(x: Operand, *_args: object, **_rest: object) -> Tensor:
    return made(data(x))


def astype(x: Operand, dtype: object = None, *_args: object, copy: object = True, **_rest: object) -> Tensor:
    found = as_tensor(x)
    return found if not copy and _is_same_type(found, dtype) else made(entrywise.cast(found._current, kind_of(dtype)))


def full(shape: Lengths, fill_value: Operand, dtype: object = None, **rest: object) -> Tensor:
    plain("full", rest)
    value = data(fill_value)
    kind = kind_of(dtype, value.kind)
    return made(layouts.broadcast_to(entrywise.cast(value, kind), sizes_of(shape)))


def _filled(value: int | None) -> Function:
    def function(shape: Lengths, *more: object, dtype: object = None, **rest: object) -> Tensor:
        plain("zeros", rest)
        if more and dtype is None and not _is_size(more[0]):
            dtype, more = more[0], ()
        kind = kind_of(dtype)
        return made(constant(_constant(value, kind), sizes_of((shape, *more) if more else shape), kind))

    return function


def _constant(value: int | None, kind: str) -> Term:
    """A number of a kind; NaN for None, which no proof can use: what nobody wrote yet."""
    if value is None:
        return S.NaN
    return (S.true if value else S.false) if kind == BOOL else Integer(value)


def _is_size(value: object) -> TypeGuard[Size]:
    return isinstance(value, (int, Tensor)) and not isinstance(value, bool)


def _filled_like(value: int | None) -> Function:
    def function(x: Operand, dtype: object = None, **rest: object) -> Tensor:
        plain("zeros_like", rest)
        x = as_tensor(x)
        kind = kind_of(dtype, x._data.kind)
        return made(Traced(x._current.axes, _constant(value, kind), kind))

    return function


def full_like(x: Operand, fill_value: Operand, dtype: object = None, **rest: object) -> Tensor:
    plain("full_like", rest)
    like = as_tensor(x)
    return full(like.shape, fill_value, kind_of(dtype, like._data.kind))


def arange(start: Size, stop: Size | None = None, step: Size = 1, dtype: object = None, **rest: object) -> Tensor:
    plain("arange", rest)
    first, last = (0, start) if stop is None else (start, stop)
    ends = [sizes_of(v)[0] for v in (first, last, step)]
    return made(entrywise.cast(indexing.arange(*ends), kind_of(dtype, INT)))


def eye(n: Size, m: Size | None = None, k: Size = 0, dtype: object = None, **rest: object) -> Tensor:
    plain("eye", rest)
    rows, columns = arange(n)[:, None], arange(n if m is None else m)[None, :]
    return made(entrywise.cast(entrywise.compared("equal", (rows + k)._current, columns._current), kind_of(dtype)))


def tril(x: Operand, k: Size = 0, diagonal: Size | None = None) -> Tensor:
    return _triangle(x, k if diagonal is None else diagonal, "greater_equal")


def triu(x: Operand, k: Size = 0, diagonal: Size | None = None) -> Tensor:
    return _triangle(x, k if diagonal is None else diagonal, "less_equal")


def _triangle(x: Operand, k: Size, relation: str) -> Tensor:
    x = as_tensor(x)
    rows, columns = arange(x.shape[-2])[:, None], arange(x.shape[-1])[None, :]
    mask = entrywise.compared(relation, (rows + k)._current, columns._current)
    if x._data.kind == BOOL:
        return made(entrywise.joined("logical_and", mask, x._current))
    return made(entrywise.chosen(mask, x._current, scalar(Integer(0), x._data.kind)))


# shapes


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


def _diagflat(x: Operand) -> Tensor:
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


# sums and the like


def _reduced(name: str, function: Callable[..., Traced]) -> Function:
    def reduced(x: Operand, axis: Axes = None, dtype: object = None, out: object = None, keepdims: bool = False, **rest: object) -> Array:
        if isinstance(x, Masked):
            plainly = axis is dtype is out is None and not keepdims and not rest
            return x.sum() if plainly and name == "sum" else x.mean() if plainly and name == "mean" else refuse()
        if rest.pop("where", True) is not True or rest.pop("initial", None) is not None or rest:
            raise TraceError(f"{name} with {', '.join(rest) or 'where= or initial='} is not known here: use np.where")
        array = data(x) if dtype is None else entrywise.cast(data(x), kind_of(dtype))
        return _stored(function(array, axis, keepdims=bool(keepdims)), out)

    return reduced


def _spread(name: str, function: Callable[..., Traced]) -> Function:
    def spread(
        x: Operand,
        axis: Axes = None,
        dtype: object = None,
        out: object = None,
        ddof: Size | None = None,
        keepdims: bool = False,
        correction: Size | None = None,
        **rest: object,
    ) -> Tensor:
        if rest:
            raise TraceError(f"{name} with {', '.join(rest)} is not known here")
        less = ddof if ddof is not None else correction if correction is not None else 0
        return _stored(function(data(x), axis, sizes_of(less)[0], bool(keepdims)), out)

    return spread


def prod(x: Operand, axis: Axes = None, dtype: object = None, out: object = None, keepdims: bool = False, **rest: object) -> Size:
    if isinstance(x, (tuple, list)) and all(_is_size(v) and not (isinstance(v, Tensor) and v.ndim) for v in x):
        return reduce(lambda a, b: a * b, x, 1)
    return _reduced("prod", reductions.multiplied)(x, axis, dtype, out, keepdims, **rest)


def _extreme(sign: int) -> Function:
    def function(
        x: Operand, axis: Axes = None, out: object = None, keepdims: bool = False, initial: object = None, **rest: object
    ) -> Array:
        if initial is not None or rest:
            raise TraceError("max and min with more arguments than axis and keepdims")
        if isinstance(axis, Tensor):
            return _entrywise("maximum" if sign > 0 else "minimum")(x, axis)
        return _stored(reductions.extreme(data(x), axis, bool(keepdims), sign), out)

    return function


def _position(sign: int) -> Function:
    return lambda x, axis=None, out=None, keepdims=False: _stored(reductions.chosen_position(data(x), axis, bool(keepdims), sign), out)


def _truth(every: bool) -> Function:
    return lambda x, axis=None, out=None, keepdims=False: _stored(reductions.truth(data(x), axis, bool(keepdims), every), out)


def cumsum(x: Operand, axis: int | None = None, **rest: object) -> Tensor:
    plain("cumsum", rest)
    return made(reductions.cumulated(data(x), axis))


def norm(x: Operand, ord: object = None, axis: Axes = None, keepdims: bool = False) -> Tensor:
    if ord in (1, np.inf) and (isinstance(axis, int) or as_tensor(x).ndim == 1):
        return TABLE["sum" if ord == 1 else "max"](TABLE["abs"](x), axis=axis, keepdims=keepdims)
    if ord not in (None, 2, "fro"):
        raise TraceError(f"the norm {ord} of a matrix: only the root of the sum of squares")
    if ord == 2 and as_tensor(x).ndim > 1 and (axis is None or isinstance(axis, tuple)):
        raise TraceError("the spectral norm of a matrix; ord='fro' is the root of the sum of squares")
    return made(reductions.norm(data(x), axis, keepdims))


# products


def einsum(spec: str, *arrays: Operand, optimize: object = False, out: object = None, **rest: object) -> Tensor:
    plain("einsum", rest)
    inputs, _, output = spec.partition("->") if isinstance(spec, str) else ("", "", "")
    if len(arrays) == 1 and set(inputs.strip()) <= set(output.strip()) and out is None:  # NumPy gives a view
        x = as_tensor(arrays[0])
        return x._shown(lambda there: reductions.einsum(spec, [there]))
    return _stored(reductions.einsum(spec, list(map(data, arrays))), out)


def outer(a: Operand, b: Operand, out: object = None) -> Tensor:
    one, other = ravel(a)._current, ravel(b)._current
    return _stored(reductions.einsum("i,j->ij", (one, other)), out)


def _product(function: Callable[..., Traced]) -> Function:
    return lambda a, b, out=None, **rest: _stored(function(data(a), data(b), **rest), out)


def tensordot(a: Operand, b: Operand, axes: int | tuple[SomeAxes, SomeAxes] = 2) -> Tensor:
    return made(reductions.tensordot(data(a), data(b), axes))


def solve(a: Operand, b: Operand) -> Tensor:
    return as_tensor(made(reductions.inverse(data(a)))) @ b


def slogdet(a: Operand) -> tuple[Array, Array]:
    found = made(reductions.determinant(data(a)))
    return TABLE["sign"](found), TABLE["log"](TABLE["abs"](found))


# choices


def where(condition: Operand, x: Operand | None = None, y: Operand | None = None) -> Tensor:
    if x is None or y is None:
        raise TraceError("np.where with one argument: it finds as many positions as the values say")
    return made(entrywise.chosen(data(condition), data(x), data(y)))


def clip(
    x: Operand,
    min: Operand | None = None,
    max: Operand | None = None,
    out: object = None,
    a_min: Operand | None = None,
    a_max: Operand | None = None,
    **rest: object,
) -> Tensor:
    plain("clip", rest)
    low, high = (min if min is not None else a_min), (max if max is not None else a_max)
    result = data(x)
    result = result if low is None else entrywise.applied("maximum", result, data(low))
    return _stored(result if high is None else entrywise.applied("minimum", result, data(high)), out)


def take(x: Operand, indices: Operand, axis: int | None = None, **rest: object) -> Tensor:
    plain("take", rest)
    x = as_tensor(x)
    if axis is None:
        return ravel(x)[as_tensor(indices)]
    n = layouts.axis_of(axis, x.ndim)
    return x[(*[slice(None)] * n, indices if isinstance(indices, int) else as_tensor(indices))]


def add_at(x: Operand, key: object, value: Operand) -> None:
    plain = tuple(_item(k) for k in (key if isinstance(key, tuple) else (key,)))
    target = _target(x)
    target._update(writing.added_at(target._current, plain, data(value)))


def _item(k: object) -> indexing.Slice | Traced | Expr:
    if isinstance(k, slice):
        if k != slice(None):
            raise TraceError("np.add.at takes arrays of positions and whole slices")
        return indexing.Slice()
    found = data(k)
    return found.number if not found.axes else found


def softmax(x: Operand, axis: Axes = None, dtype: object = None) -> Tensor:
    return made(reductions.softmax(data(x), axis))


def logsumexp(x: Operand, axis: Axes = None, keepdims: bool = False, **rest: object) -> Tensor:
    plain("logsumexp", rest)
    return made(reductions.log_sum_exp(data(x), axis, keepdims))


def isfinite(x: Operand) -> Tensor:
    array = data(x)
    body = array.number
    finite = S.true if not body.has(S.Infinity, S.NegativeInfinity) else _finite(body)
    return made(Traced(array.axes, finite, BOOL))


def _finite(body: Expr) -> Boolean:
    if isinstance(body, Where):
        case, then, otherwise = (body.args[0], _finite(body.args[1]), _finite(body.args[2]))
        return (case & then) | (~case & otherwise)
    return S.false if body.is_infinite else S.true


def nan_to_num(x: Operand, copy: object = True, **_for_what_is_infinite: object) -> Tensor:
    if data(x).number.has(S.Infinity, S.NegativeInfinity):
        raise TraceError("nan_to_num of what is infinite in some cases: use np.where")
    return copied(x) if copy else asarray(x)


def shape(x: Operand) -> tuple[Size, ...]:
    return as_tensor(x).shape


def size(x: Operand, axis: Axes = None) -> Size:
    x = as_tensor(x)
    return x.size if axis is None else prod([x.shape[n] for n in layouts.axes_of(axis, x.ndim)])


def result_type(*_args: object) -> np.dtype[np.generic]:
    return np.dtype(np.float64)


class Nothing:
    """A context that does nothing: np.errstate."""

    def __init__(self, *_args: object, **_kwargs: object) -> None: ...

    def __enter__(self) -> None: ...

    def __exit__(self, *_error: object) -> None: ...

    def __call__(self, function: Function) -> Function:
        return function


def checked(*_args: object, **_kwargs: object) -> None:
    """np.testing and asserts of values: not part of what is computed."""


def _with_methods(name: str, function: Function, methods: Table) -> Function:
    def called(*args: object, **kwargs: object) -> object:
        return function(*args, **kwargs)

    called.__name__ = name
    called.__dict__.update(methods)
    return called


def _ufunc_outer(name: str) -> Function:
    def function(a: Operand, b: Operand) -> Array:
        a, b = as_tensor(a), as_tensor(b)
        return TABLE[name](a[(..., *[None] * b.ndim)], b)

    return function


def _view(x: Operand, *shape: Lengths) -> Tensor:
    return reshape(x, *shape) if shape else as_tensor(x)._reshaped(lambda there: there)


def fill(x: Operand, value: Operand) -> None:
    _target(x)[...] = value


def copyto(x: Operand, values: Operand, casting: str = "same_kind", where: Operand = True) -> None:
    target = _target(x)
    target._update(fitting(target, data(values) if where is True else entrywise.chosen(data(where), data(values), target._current)))


def _expand(x: Operand, *shape: Lengths) -> Tensor:
    return broadcast_to(x, *shape)


TABLE |= {name: _entrywise(name) for name in entrywise.FUNCTIONS}
TABLE |= {name: _comparison(name) for name in entrywise.COMPARISONS}
TABLE |= {name: _logic(name) for name in (*entrywise.LOGIC, *entrywise.BITS)}
TABLE |= {
    "asarray": asarray,
    "array": array,
    "asanyarray": asarray,
    "ascontiguousarray": asarray,
    "as_tensor": asarray,
    "contiguous": asarray,
    "tensor": array,
    "copy": copied,
    "clone": copied,
    "astype": astype,
    "to": astype,
    "type": astype,
    "float": lambda x: astype(x, float),
    "double": lambda x: astype(x, float),
    "long": lambda x: astype(x, int),
    "bool": lambda x: astype(x, bool),
    "full": full,
    "zeros": _filled(0),
    "ones": _filled(1),
    "empty": _filled(None),
    "zeros_like": _filled_like(0),
    "ones_like": _filled_like(1),
    "empty_like": _filled_like(None),
    "full_like": full_like,
    "arange": arange,
    "eye": eye,
    "identity": lambda n, dtype=None: eye(n, dtype=dtype),
    "tril": tril,
    "triu": triu,
    "reshape": reshape,
    "view": _view,
    "fill": fill,
    "copyto": copyto,
    "ravel": ravel,
    "flatten": flatten,
    "transpose": transpose,
    "permute_dims": transpose,
    "permute": transpose,
    "t": transpose,
    "matrix_transpose": lambda x: swapaxes(x, -1, -2),
    "expand_dims": expand_dims,
    "unsqueeze": expand_dims,
    "squeeze": squeeze,
    "swapaxes": swapaxes,
    "moveaxis": moveaxis,
    "movedim": moveaxis,
    "broadcast_to": broadcast_to,
    "expand": _expand,
    "concatenate": concatenate,
    "cat": concatenate,
    "stack": stack,
    "split": split,
    "array_split": split,
    "pad": pad,
    "tile": tile,
    "repeat": repeat,
    "flip": flip,
    "diag": diag,
    "diagonal": diag,
    "diagflat": _diagflat,
    "sliding_window_view": sliding_window_view,
    "sum": _reduced("sum", reductions.summed),
    "mean": _reduced("mean", reductions.mean),
    "var": _spread("var", reductions.variance),
    "std": _spread("std", reductions.deviation),
    "prod": prod,
    "max": _extreme(1),
    "amax": _extreme(1),
    "min": _extreme(-1),
    "amin": _extreme(-1),
    "argmax": _position(1),
    "argmin": _position(-1),
    "all": _truth(True),
    "any": _truth(False),
    "cumsum": cumsum,
    "norm": norm,
    "einsum": einsum,
    "outer": outer,
    "dot": _product(reductions.dot),
    "matmul": _product(reductions.matmul),
    "mm": _product(reductions.matmul),
    "bmm": _product(reductions.matmul),
    "mv": _product(reductions.matmul),
    "tensordot": tensordot,
    "where": where,
    "clip": clip,
    "take": take,
    "softmax": softmax,
    "logsumexp": logsumexp,
    "isfinite": isfinite,
    "nan_to_num": nan_to_num,
    "shape": shape,
    "size": size,
    "result_type": result_type,
    "inv": lambda a: made(reductions.inverse(data(a))),
    "det": lambda a: made(reductions.determinant(data(a))),
    "solve": solve,
    "slogdet": slogdet,
    "errstate": Nothing,
    "seterr": checked,
    "requires_grad_": asarray,
    "cpu": asarray,
    "numpy": asarray,
    "no_grad": Nothing,
}
TABLE |= {name: partial(function, Names(TABLE)) for name, function in COMPOUND.items()}
TABLE["row_stack"], TABLE["cumulative_sum"] = TABLE["vstack"], TABLE["cumsum"]
TABLE["add"] = _with_methods("add", TABLE["add"], {"at": add_at, "reduce": lambda x, axis=0, **k: TABLE["sum"](x, axis=axis, **k)})
TABLE["subtract"] = _with_methods("subtract", TABLE["subtract"], {"at": lambda x, key, value: add_at(x, key, -as_tensor(value))})
TABLE["maximum"] = _with_methods("maximum", TABLE["maximum"], {"reduce": lambda x, axis=0, **k: TABLE["max"](x, axis=axis, **k)})
TABLE["multiply"] = _with_methods(
    "multiply", TABLE["multiply"], {"outer": _ufunc_outer("multiply"), "reduce": lambda x, axis=0: prod(x, axis)}
)
for _name in ("add", "subtract", "equal"):
    TABLE[_name].__dict__.setdefault("outer", _ufunc_outer(_name))


def _constant_of(value: Expr, number: float) -> Tensor:
    found = made(scalar(value))
    found._beside = number
    return found


CONSTANTS: dict[str, Tensor | float | None] = {
    "pi": _constant_of(pi, math.pi),
    "e": _constant_of(exp(1), math.e),
    "inf": float("inf"),
    "newaxis": None,
    "tau": _constant_of(2 * pi, math.tau),
}
