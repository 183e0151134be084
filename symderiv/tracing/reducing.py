"""NumPy's functions that take axes away: sums and the like, products of arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing import entrywise, reductions
from symderiv.tracing.given import sizes_of
from symderiv.tracing.making import is_size
from symderiv.tracing.masks import Masked, refuse
from symderiv.tracing.shaping import ravel
from symderiv.tracing.table import TABLE, as_tensor, data, kind_of, made, plain, stored
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import Traced
from symderiv.tracing.values import Array, Axes, Function, Operand, Size, SomeAxes


def reduced_by(name: str, function: Callable[..., Traced]) -> Function:
    def reduced(x: Operand, axis: Axes = None, dtype: object = None, out: object = None, keepdims: bool = False, **rest: object) -> Array:
        if isinstance(x, Masked):
            plainly = axis is dtype is out is None and not keepdims and not rest
            return x.sum() if plainly and name == "sum" else x.mean() if plainly and name == "mean" else refuse()
        if rest.pop("where", True) is not True or rest.pop("initial", None) is not None or rest:
            raise TraceError(f"{name} with {', '.join(rest) or 'where= or initial='} is not known here: use np.where")
        array = data(x) if dtype is None else entrywise.cast(data(x), kind_of(dtype))
        return stored(function(array, axis, keepdims=bool(keepdims)), out)

    return reduced


def spread_by(name: str, function: Callable[..., Traced]) -> Function:
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
        return stored(function(data(x), axis, sizes_of(less)[0], bool(keepdims)), out)

    return spread


def prod(x: Operand, axis: Axes = None, dtype: object = None, out: object = None, keepdims: bool = False, **rest: object) -> Size:
    if isinstance(x, (tuple, list)) and all(is_size(v) and not (isinstance(v, Tensor) and v.ndim) for v in x):
        return reduce(lambda a, b: a * b, x, 1)
    return reduced_by("prod", reductions.multiplied)(x, axis, dtype, out, keepdims, **rest)


def extreme_of(sign: int) -> Function:
    def function(
        x: Operand, axis: Axes = None, out: object = None, keepdims: bool = False, initial: object = None, **rest: object
    ) -> Array:
        if initial is not None or rest:
            raise TraceError("max and min with more arguments than axis and keepdims")
        if isinstance(axis, Tensor):
            return TABLE["maximum" if sign > 0 else "minimum"](x, axis)
        return stored(reductions.extreme(data(x), axis, bool(keepdims), sign), out)

    return function


def position_of(sign: int) -> Function:
    return lambda x, axis=None, out=None, keepdims=False: stored(reductions.chosen_position(data(x), axis, bool(keepdims), sign), out)


def truth_of(every: bool) -> Function:
    return lambda x, axis=None, out=None, keepdims=False: stored(reductions.truth(data(x), axis, bool(keepdims), every), out)


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


def einsum(spec: str, *arrays: Operand, optimize: object = False, out: object = None, **rest: object) -> Tensor:
    plain("einsum", rest)
    inputs, _, output = spec.partition("->") if isinstance(spec, str) else ("", "", "")
    if len(arrays) == 1 and set(inputs.strip()) <= set(output.strip()) and out is None:  # NumPy gives a view
        x = as_tensor(arrays[0])
        return x._shown(lambda there: reductions.einsum(spec, [there]))
    return stored(reductions.einsum(spec, list(map(data, arrays))), out)


def outer(a: Operand, b: Operand, out: object = None) -> Tensor:
    one, other = ravel(a)._current, ravel(b)._current
    return stored(reductions.einsum("i,j->ij", (one, other)), out)


def product_by(function: Callable[..., Traced]) -> Function:
    return lambda a, b, out=None, **rest: stored(function(data(a), data(b), **rest), out)


def tensordot(a: Operand, b: Operand, axes: int | tuple[SomeAxes, SomeAxes] = 2) -> Tensor:
    return made(reductions.tensordot(data(a), data(b), axes))


def solve(a: Operand, b: Operand) -> Tensor:
    return as_tensor(made(reductions.inverse(data(a)))) @ b


def slogdet(a: Operand) -> tuple[Array, Array]:
    found = made(reductions.determinant(data(a)))
    return TABLE["sign"](found), TABLE["log"](TABLE["abs"](found))


def softmax(x: Operand, axis: Axes = None, dtype: object = None) -> Tensor:
    return made(reductions.softmax(data(x), axis))


def logsumexp(x: Operand, axis: Axes = None, b: object = None, keepdims: bool = False, **rest: object) -> Tensor:
    plain("logsumexp", {"b": b, **rest})
    return made(reductions.log_sum_exp(data(x), axis, keepdims))
