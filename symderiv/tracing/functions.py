"""NumPy's functions on symbolic arrays, by name, with NumPy's arguments; the array API's and PyTorch's names for the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial, reduce
from itertools import pairwise
from typing import Any, cast

import numpy as np
from sympy import Integer, S, exp, pi

from symderiv.errors import TraceError
from symderiv.language.terms import Delta, Index, Where
from symderiv.tracing import entrywise, indexing, layouts, reductions, writing
from symderiv.tracing.beside import ABSENT
from symderiv.tracing.compound import COMPOUND
from symderiv.tracing.layouts import constant
from symderiv.tracing.masks import Masked, refuse
from symderiv.tracing.sizes import same
from symderiv.tracing.tensor import Tensor, fitting, sizes_of, tensor
from symderiv.tracing.traced import BOOL, FLOAT, INT, Traced, lettered, scalar
from symderiv.tracing.values import Names, Table

TABLE: Table = {}


def as_tensor(value: Any) -> Any:
    return tensor(value, TABLE)


def data(value: Any) -> Traced:
    current: Traced = as_tensor(value)._current
    return current


def made(array: Traced) -> Tensor:
    return Tensor(array, TABLE)


def kind_of(dtype: Any, default: str = FLOAT) -> str:
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


def plain(name: str, options: dict[str, Any]) -> None:
    """Refuse arguments that change what a function computes and are not known here."""
    unknown = [k for k, v in options.items() if k not in HARMLESS and v is not None]
    if unknown or options.get("order") not in (None, "C", "K", "A"):
        raise TraceError(f"{name} with {', '.join(unknown) or 'order'}= is not known here")


def _stored(result: Traced, out: Any, where: Any = True) -> Any:
    """The result, in the array `out` if there is one."""
    if where is not True:
        raise TraceError("where= is not known here: use np.where")
    if out is None:
        return made(result)
    out = out[0] if isinstance(out, tuple) else out
    if not isinstance(out, Tensor):
        raise TraceError(f"out= takes an array, not {type(out).__name__}")
    out._update(fitting(out, result))
    return out


def _entrywise(name: str) -> Callable[..., Any]:
    def function(*args: Any, out: Any = None, where: Any = True, dtype: Any = None, **rest: Any) -> Any:
        plain(name, rest)
        if (masked := next((a for a in args if isinstance(a, Masked)), None)) is not None:
            return masked.applied(name, args) if out is None and where is True and dtype is None else refuse()
        takes = entrywise.FUNCTIONS[name].takes
        if len(args) == takes + 1 and out is None:
            *args, out = args  # type: ignore[assignment]
        parts = [data(a) if dtype is None else entrywise.cast(data(a), kind_of(dtype)) for a in args]
        return _stored(entrywise.applied(name, *parts), out, where)

    function.__name__ = name
    return function


def _comparison(name: str) -> Callable[..., Any]:
    def function(a: Any, b: Any, out: Any = None, where: Any = True) -> Any:
        return _stored(entrywise.compared(name, data(a), data(b)), out, where)

    return function


def _logic(name: str) -> Callable[..., Any]:
    return lambda *args, out=None, where=True: _stored(entrywise.joined(name, *map(data, args)), out, where)


# making arrays


def asarray(x: Any, dtype: Any = None, copy: Any = None, **rest: Any) -> Tensor:
    """The same array, or a view of it: it may share memory."""
    plain("asarray", rest)
    given, x = x, as_tensor(x)
    if not _is_same_type(x, dtype):
        return astype(x, dtype)
    return x if x is not given or x._is_array() or x._beside is ABSENT else copied(x)


def _is_same_type(x: Any, dtype: Any) -> bool:
    """Whether an array has a type already: then it needs no copy."""
    if dtype is None or x._beside is ABSENT:
        return dtype is None or kind_of(dtype) == x._data.kind
    return bool(np.dtype(getattr(dtype, "plain", dtype)) == x.dtype)


def array(x: Any, dtype: Any = None, copy: Any = True, **rest: Any) -> Tensor:
    plain("array", rest)
    return copied(asarray(x, dtype)) if copy else asarray(x, dtype)


def copied(x: Any, *_args: Any, **_rest: Any) -> Tensor:
    return made(data(x))


def astype(x: Any, dtype: Any = None, *_args: Any, copy: Any = True, **_rest: Any) -> Tensor:
    return x if not copy and _is_same_type(as_tensor(x), dtype) else made(entrywise.cast(data(x), kind_of(dtype)))


def full(shape: Any, fill_value: Any, dtype: Any = None, **rest: Any) -> Tensor:
    plain("full", rest)
    value = data(fill_value)
    kind = kind_of(dtype, value.kind)
    return made(layouts.broadcast_to(entrywise.cast(value, kind), sizes_of(shape)))


def _filled(value: int | None) -> Callable[..., Any]:
    def function(shape: Any, *more: Any, dtype: Any = None, **rest: Any) -> Tensor:
        plain("zeros", rest)
        dtype, lengths = (
            (more[0], shape) if more and dtype is None and not _is_size(more[0]) else (dtype, (shape, *more) if more else shape)
        )
        kind = kind_of(dtype)
        return made(constant(_constant(value, kind), sizes_of(lengths), kind))

    return function


def _constant(value: int | None, kind: str) -> Any:
    """A number of a kind; NaN for None, which no proof can use: what nobody wrote yet."""
    if value is None:
        return S.NaN
    return (S.true if value else S.false) if kind == BOOL else Integer(value)


def _is_size(value: Any) -> bool:
    return isinstance(value, (int, Tensor)) and not isinstance(value, bool)


def _filled_like(value: int | None) -> Callable[..., Any]:
    def function(x: Any, dtype: Any = None, **rest: Any) -> Tensor:
        plain("zeros_like", rest)
        x = as_tensor(x)
        kind = kind_of(dtype, x._data.kind)
        return made(Traced(x._current.axes, _constant(value, kind), kind))

    return function


def full_like(x: Any, fill_value: Any, dtype: Any = None, **rest: Any) -> Tensor:
    plain("full_like", rest)
    x = as_tensor(x)
    return full(x.shape, fill_value, kind_of(dtype, x._data.kind))


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None, **rest: Any) -> Tensor:
    plain("arange", rest)
    first, last = (0, start) if stop is None else (start, stop)
    ends = [sizes_of(v)[0] for v in (first, last, step)]
    return made(entrywise.cast(indexing.arange(*ends), kind_of(dtype, INT)))


def eye(n: Any, m: Any = None, k: Any = 0, dtype: Any = None, **rest: Any) -> Tensor:
    plain("eye", rest)
    rows, columns = arange(n)[:, None], arange(n if m is None else m)[None, :]
    return made(entrywise.cast(entrywise.compared("equal", (rows + k)._current, columns._current), kind_of(dtype)))


def tril(x: Any, k: Any = 0, diagonal: Any = None) -> Tensor:
    return _triangle(x, k if diagonal is None else diagonal, "greater_equal")


def triu(x: Any, k: Any = 0, diagonal: Any = None) -> Tensor:
    return _triangle(x, k if diagonal is None else diagonal, "less_equal")


def _triangle(x: Any, k: Any, relation: str) -> Tensor:
    x = as_tensor(x)
    rows, columns = arange(x.shape[-2])[:, None], arange(x.shape[-1])[None, :]
    mask = entrywise.compared(relation, (rows + k)._current, columns._current)
    if x._data.kind == BOOL:
        return made(entrywise.joined("logical_and", mask, x._current))
    return made(entrywise.chosen(mask, x._current, scalar(Integer(0), x._data.kind)))


# shapes


def reshape(x: Any, *shape: Any, order: str = "C", newshape: Any = None) -> Tensor:
    if order != "C":
        raise TraceError(f"reshape with order={order!r}: only rows first")
    wanted = newshape if newshape is not None else shape[0] if len(shape) == 1 else shape
    x = as_tensor(x)
    sizes = sizes_of(wanted)
    return cast(Tensor, x._reshaped(lambda there: layouts.reshaped(there, sizes)))


def ravel(x: Any, order: str = "C") -> Tensor:
    return reshape(x, -1, order=order)


def flatten(x: Any, start_dim: Any = 0, end_dim: int = -1, order: str = "C") -> Tensor:
    x = as_tensor(x)
    if isinstance(start_dim, str) or order != "C":  # NumPy's first argument
        return copied(reshape(x, -1, order=start_dim if isinstance(start_dim, str) else order))
    first, last = start_dim % x.ndim, end_dim % x.ndim
    return made(reshape(x, (*x.shape[:first], -1, *x.shape[last + 1 :]))._current)


def transpose(x: Any, *axes: Any) -> Tensor:
    x = as_tensor(x)
    order: Any = axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes or None
    return cast(Tensor, x._turned(range(x.ndim)[::-1] if order in (None, (None,)) else layouts.order_of(order, x.ndim)))


def moveaxis(x: Any, source: Any, destination: Any) -> Tensor:
    x = as_tensor(x)
    return cast(Tensor, x._turned(layouts.order_moved(x.ndim, source, destination)))


def expand_dims(x: Any, axis: Any = 0) -> Tensor:
    return cast(Tensor, as_tensor(x)._reshaped(lambda there: layouts.expanded(there, axis)))


def turned(x: Any, dim0: Any = None, dim1: Any = None) -> Tensor:
    """PyTorch's transpose of two axes, or NumPy's of all."""
    if isinstance(dim0, int) and isinstance(dim1, int):
        return swapaxes(x, dim0, dim1)
    return transpose(x) if dim0 is None else transpose(x, dim0)


def squeeze(x: Any, axis: Any = None) -> Tensor:
    return cast(Tensor, as_tensor(x)._reshaped(lambda there: layouts.squeezed(there, axis)))


def swapaxes(x: Any, axis1: int, axis2: int) -> Tensor:
    x = as_tensor(x)
    return cast(Tensor, x._turned(layouts.order_exchanged(x.ndim, axis1, axis2)))


def broadcast_to(x: Any, *shape: Any) -> Tensor:
    wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    x = as_tensor(x)
    wanted = tuple(x.shape[n - len(wanted)] if isinstance(s, int) and s == -1 else s for n, s in enumerate(wanted))
    sizes = sizes_of(wanted)
    return cast(Tensor, x._shown(lambda there: layouts.broadcast_to(there, sizes)))


def concatenate(arrays: Any, axis: Any = 0, **rest: Any) -> Tensor:
    plain("concatenate", rest)
    if axis is None:
        return concatenate([ravel(a) for a in arrays])
    return made(layouts.joined([data(a) for a in arrays], axis))


def stack(arrays: Any, axis: int = 0, **rest: Any) -> Tensor:
    plain("stack", rest)
    return made(layouts.stacked([data(a) for a in arrays], axis))


def split(x: Any, sections: Any, axis: int = 0) -> list[Any]:
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


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0, **rest: Any) -> Tensor:
    plain("pad", rest)
    x = as_tensor(x)
    if data(constant_values).axes:
        raise TraceError("pad with several constants: one number is wanted")
    if mode != "constant":
        raise TraceError(f"pad with mode={mode!r}: only constant values")
    widths = pad_width if isinstance(pad_width, (tuple, list)) else (pad_width,)
    if not isinstance(widths[0], (tuple, list)):
        widths = [tuple(widths) * (3 - len(widths)) if len(widths) < 3 else widths] * x.ndim
    widths = [tuple(w) if len(w) == 2 else (w[0], w[0]) for w in widths]
    return made(layouts.padded(x._current, [sizes_of(w) for w in widths], data(constant_values).number))


def tile(x: Any, reps: Any) -> Tensor:
    x = as_tensor(x)
    times = sizes_of(reps)
    array = x._current
    while len(array.axes) < len(times):
        array = layouts.expanded(array, 0)
    for axis, t in enumerate(times, start=len(array.axes) - len(times)):
        array = layouts.repeated(array, t, axis, True)
    return made(array)


def repeat(x: Any, repeats: Any, axis: Any = None) -> Tensor:
    x = ravel(x) if axis is None else as_tensor(x)
    if len(sizes_of(repeats)) != 1:
        raise TraceError("repeat with a number for each entry: one number is wanted")
    return made(layouts.repeated(x._current, sizes_of(repeats)[0], 0 if axis is None else axis, False))


def flip(x: Any, axis: Any = None) -> Tensor:
    x = as_tensor(x)
    axes = layouts.axes_of(axis, x.ndim)
    return x[tuple(slice(None, None, -1) if n in axes else slice(None) for n in range(x.ndim))]


def diag(x: Any, k: int = 0) -> Tensor:
    x = as_tensor(x)
    array = x._current
    if k != 0:
        raise TraceError("diag with an offset")
    if len(array.axes) == 2:
        return cast(Tensor, x._shown(reductions.traced_diagonal))
    if len(array.axes) != 1:
        raise TraceError("diag of an array with more than two axes")
    (group,) = array.axes
    rows = tuple(Index(f"row{n}", 1, i.upper) for n, i in enumerate(group))
    body = array.number
    for i, r in zip(group, rows, strict=True):
        body = body * Delta(i, r)
    return made(lettered([group, rows], body, array.kind))


def _diagflat(x: Any) -> Tensor:
    if as_tensor(x).ndim != 1:
        raise TraceError("diagflat of what is no vector")
    return diag(x)


def sliding_window_view(x: Any, window_shape: Any, axis: Any = None, **rest: Any) -> Tensor:
    plain("sliding_window_view", rest)
    x = as_tensor(x)
    windows = sizes_of(window_shape)
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    by_axis = {layouts.axis_of(a, x.ndim): w for a, w in zip(axes, windows, strict=True)}
    if list(by_axis) != sorted(by_axis):
        raise TraceError("sliding_window_view with axes out of order")
    return cast(Tensor, x._shown(lambda there: _windows(there, by_axis)))


def _windows(array: Traced, by_axis: dict[int, Any]) -> Traced:
    groups: list[Any] = []
    there: list[Any] = []
    inner: list[Any] = []
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


def _reduced(function: Callable[..., Traced]) -> Callable[..., Any]:
    def reduced(x: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False, **rest: Any) -> Any:
        if isinstance(x, Masked):
            named = {"summed": x.sum, "mean": x.mean}.get(function.__name__, refuse)
            return named() if axis is dtype is out is None and not keepdims and not rest else refuse()
        if rest.pop("where", True) is not True or rest.pop("initial", None) is not None or rest:
            raise TraceError(f"{function.__name__} with {', '.join(rest) or 'where= or initial='} is not known here: use np.where")
        array = data(x) if dtype is None else entrywise.cast(data(x), kind_of(dtype))
        return _stored(function(array, axis, keepdims=bool(keepdims)), out)

    return reduced


def _spread(function: Callable[..., Traced]) -> Callable[..., Any]:
    def spread(
        x: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: Any = None,
        keepdims: bool = False,
        correction: Any = None,
        **rest: Any,
    ) -> Any:
        if rest:
            raise TraceError(f"{function.__name__} with {', '.join(rest)} is not known here")
        less = ddof if ddof is not None else correction if correction is not None else 0
        return _stored(function(data(x), axis, sizes_of(less)[0], bool(keepdims)), out)

    return spread


def prod(x: Any, axis: Any = None, keepdims: bool = False, **rest: Any) -> Any:
    plain("prod", rest)
    if isinstance(x, (tuple, list)) and all(_is_size(v) and not (isinstance(v, Tensor) and v.ndim) for v in x):
        return reduce(lambda a, b: a * b, x, 1)
    return made(reductions.multiplied(data(x), axis, keepdims))


def _extreme(sign: int) -> Callable[..., Any]:
    def function(x: Any, axis: Any = None, out: Any = None, keepdims: bool = False, initial: Any = None, **rest: Any) -> Any:
        if initial is not None or rest:
            raise TraceError("max and min with more arguments than axis and keepdims")
        if isinstance(axis, Tensor):
            return _entrywise("maximum" if sign > 0 else "minimum")(x, axis)
        return _stored(reductions.extreme(data(x), axis, bool(keepdims), sign), out)

    return function


def _position(sign: int) -> Callable[..., Any]:
    return lambda x, axis=None, out=None, keepdims=False: _stored(reductions.chosen_position(data(x), axis, bool(keepdims), sign), out)


def _truth(every: bool) -> Callable[..., Any]:
    return lambda x, axis=None, out=None, keepdims=False: _stored(reductions.truth(data(x), axis, bool(keepdims), every), out)


def cumsum(x: Any, axis: Any = None, **rest: Any) -> Tensor:
    plain("cumsum", rest)
    return made(reductions.cumulated(data(x), axis))


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
    if ord in (1, np.inf) and (isinstance(axis, int) or as_tensor(x).ndim == 1):
        return cast(Tensor, TABLE["sum" if ord == 1 else "max"](TABLE["abs"](x), axis=axis, keepdims=keepdims))
    if ord not in (None, 2, "fro"):
        raise TraceError(f"the norm {ord} of a matrix: only the root of the sum of squares")
    if ord == 2 and as_tensor(x).ndim > 1 and (axis is None or isinstance(axis, tuple)):
        raise TraceError("the spectral norm of a matrix; ord='fro' is the root of the sum of squares")
    return made(reductions.norm(data(x), axis, keepdims))


# products


def einsum(spec: str, *arrays: Any, optimize: Any = False, out: Any = None, **rest: Any) -> Any:
    plain("einsum", rest)
    inputs, _, output = spec.partition("->") if isinstance(spec, str) else ("", "", "")
    if len(arrays) == 1 and set(inputs.strip()) <= set(output.strip()) and out is None:  # NumPy gives a view
        x = as_tensor(arrays[0])
        return x._shown(lambda there: reductions.einsum(spec, [there]))
    return _stored(reductions.einsum(spec, list(map(data, arrays))), out)


def outer(a: Any, b: Any, out: Any = None) -> Any:
    one, other = ravel(a)._current, ravel(b)._current
    return _stored(reductions.einsum("i,j->ij", (one, other)), out)


def _product(function: Callable[..., Traced]) -> Callable[..., Any]:
    return lambda a, b, out=None, **rest: _stored(function(data(a), data(b), **rest), out)


def solve(a: Any, b: Any) -> Tensor:
    return as_tensor(made(reductions.inverse(data(a)))) @ b


def slogdet(a: Any) -> tuple[Any, Any]:
    found = made(reductions.determinant(data(a)))
    return TABLE["sign"](found), TABLE["log"](TABLE["abs"](found))


# choices


def where(condition: Any, x: Any = None, y: Any = None) -> Tensor:
    if x is None or y is None:
        raise TraceError("np.where with one argument: it finds as many positions as the values say")
    return made(entrywise.chosen(data(condition), data(x), data(y)))


def clip(x: Any, min: Any = None, max: Any = None, out: Any = None, a_min: Any = None, a_max: Any = None, **rest: Any) -> Any:
    plain("clip", rest)
    low, high = (min if min is not None else a_min), (max if max is not None else a_max)
    result = data(x)
    result = result if low is None else entrywise.applied("maximum", result, data(low))
    return _stored(result if high is None else entrywise.applied("minimum", result, data(high)), out)


def take(x: Any, indices: Any, axis: Any = None, **rest: Any) -> Any:
    plain("take", rest)
    x = as_tensor(x)
    if axis is None:
        return ravel(x)[as_tensor(indices)]
    n = layouts.axis_of(axis, x.ndim)
    return x[(*[slice(None)] * n, indices if isinstance(indices, int) else as_tensor(indices))]


def add_at(x: Any, key: Any, value: Any) -> None:
    plain = tuple(_item(k) for k in (key if isinstance(key, tuple) else (key,)))
    x._update(writing.added_at(x._current, plain, data(value)))


def _item(k: Any) -> Any:
    if isinstance(k, slice):
        if k != slice(None):
            raise TraceError("np.add.at takes arrays of positions and whole slices")
        return indexing.Slice()
    found = data(k)
    return found.number if not found.axes else found


def softmax(x: Any, axis: Any = None, dtype: Any = None) -> Tensor:
    return made(reductions.softmax(data(x), axis))


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False, **rest: Any) -> Tensor:
    plain("logsumexp", rest)
    return made(reductions.log_sum_exp(data(x), axis, keepdims))


def isfinite(x: Any) -> Tensor:
    array = data(x)
    body = array.number
    finite = S.true if not body.has(S.Infinity, S.NegativeInfinity) else _finite(body)
    return made(Traced(array.axes, finite, BOOL))


def _finite(body: Any) -> Any:
    if isinstance(body, Where):
        case, then, otherwise = (body.args[0], _finite(body.args[1]), _finite(body.args[2]))
        return (case & then) | (~case & otherwise)
    return S.false if body.is_infinite else S.true


def nan_to_num(x: Any, copy: Any = True, **_for_what_is_infinite: Any) -> Tensor:
    if data(x).number.has(S.Infinity, S.NegativeInfinity):
        raise TraceError("nan_to_num of what is infinite in some cases: use np.where")
    return copied(x) if copy else asarray(x)


def shape(x: Any) -> Any:
    return as_tensor(x).shape


def size(x: Any, axis: Any = None) -> Any:
    x = as_tensor(x)
    return (x.size if axis is None else x.shape[axis]) if not isinstance(axis, tuple) else prod([x.shape[a] for a in axis])


def result_type(*_args: Any) -> Any:
    return np.dtype(np.float64)


class Nothing:
    """A context that does nothing: np.errstate."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None: ...

    def __enter__(self) -> None: ...

    def __exit__(self, *_error: object) -> None: ...

    def __call__(self, function: Any) -> Any:
        return function


def checked(*_args: Any, **_kwargs: Any) -> None:
    """np.testing and asserts of values: not part of what is computed."""


def _with_methods(name: str, function: Callable[..., Any], methods: dict[str, Callable[..., Any]]) -> Callable[..., Any]:
    def called(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    called.__name__ = name
    called.__dict__.update(methods)
    return called


def _ufunc_outer(name: str) -> Callable[..., Any]:
    def function(a: Any, b: Any) -> Any:
        a, b = as_tensor(a), as_tensor(b)
        return TABLE[name](a[(..., *[None] * b.ndim)], b)

    return function


def _view(x: Any, *shape: Any) -> Tensor:
    return reshape(x, *shape) if shape else cast(Tensor, as_tensor(x)._reshaped(lambda there: there))


def fill(x: Any, value: Any) -> None:
    x[...] = value


def copyto(x: Any, values: Any, casting: str = "same_kind", where: Any = True) -> None:
    x._update(fitting(x, data(values) if where is True else entrywise.chosen(data(where), data(values), x._current)))


def _expand(x: Any, *shape: Any) -> Tensor:
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
    "identity": eye,
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
    "sum": _reduced(reductions.summed),
    "mean": _reduced(reductions.mean),
    "var": _spread(reductions.variance),
    "std": _spread(reductions.deviation),
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
    "tensordot": _product(reductions.tensordot),
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


def _constant_of(value: Any, number: float) -> Tensor:
    found = made(scalar(value))
    found._beside = number
    return found


CONSTANTS: dict[str, Any] = {
    "pi": _constant_of(pi, math.pi),
    "e": _constant_of(exp(1), math.e),
    "inf": float("inf"),
    "newaxis": None,
    "tau": _constant_of(2 * pi, math.tau),
}
