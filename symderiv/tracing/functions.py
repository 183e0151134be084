"""NumPy's functions on symbolic arrays, by name, with NumPy's arguments; the array API's and PyTorch's names for the same."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from sympy import Expr, S, exp, pi
from sympy.logic.boolalg import Boolean

from symderiv.errors import TraceError
from symderiv.language.kept import is_infinite
from symderiv.language.terms import Where
from symderiv.tracing import entrywise, layouts, reductions, writing
from symderiv.tracing.compound import COMPOUND
from symderiv.tracing.given import plain_key
from symderiv.tracing.making import arange, array, asarray, astype, copied, eye, filled_like_with, filled_with, full, full_like, tril, triu
from symderiv.tracing.masks import Masked, refuse
from symderiv.tracing.operators import fitting
from symderiv.tracing.reducing import (
    cumsum,
    einsum,
    extreme_of,
    logsumexp,
    norm,
    outer,
    position_of,
    prod,
    product_by,
    reduced_by,
    slogdet,
    softmax,
    solve,
    spread_by,
    tensordot,
    truth_of,
)
from symderiv.tracing.shaping import (
    broadcast_to,
    concatenate,
    diag,
    diagflat,
    expand,
    expand_dims,
    flatten,
    flip,
    moveaxis,
    pad,
    ravel,
    repeat,
    reshape,
    sliding_window_view,
    split,
    squeeze,
    stack,
    swapaxes,
    tile,
    transpose,
    view,
)
from symderiv.tracing.table import TABLE as TABLE, as_tensor, data, kind_of, made, plain, stored, target_of
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import BOOL, Traced, scalar
from symderiv.tracing.values import Array, Axes, Function, Names, Operand, Size, Table


def _entrywise(name: str) -> Function:
    def function(*args: Operand, out: object = None, where: object = True, dtype: object = None, **rest: object) -> Tensor | Masked:
        plain(name, rest)
        if (masked := next((a for a in args if isinstance(a, Masked)), None)) is not None:
            return masked.applied(name, args) if out is None and where is True and dtype is None else refuse()
        takes = entrywise.FUNCTIONS[name].takes
        if len(args) == takes + 1 and out is None:
            args, out = args[:-1], args[-1]
        parts = [data(a) if dtype is None else entrywise.cast(data(a), kind_of(dtype)) for a in args]
        return stored(entrywise.applied(name, *parts), out, where)

    function.__name__ = name
    return function


def _comparison(name: str) -> Function:
    def function(a: Operand, b: Operand, out: object = None, where: object = True) -> Tensor:
        return stored(entrywise.compared(name, data(a), data(b)), out, where)

    return function


def _logic(name: str) -> Function:
    return lambda *args, out=None, where=True: stored(entrywise.joined(name, *map(data, args)), out, where)


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
    return stored(result if high is None else entrywise.applied("minimum", result, data(high)), out)


def take(x: Operand, indices: Operand, axis: int | None = None, **rest: object) -> Tensor:
    plain("take", rest)
    x = as_tensor(x)
    if axis is None:
        return ravel(x)[as_tensor(indices)]
    n = layouts.axis_of(axis, x.ndim)
    return x[(*[slice(None)] * n, indices if isinstance(indices, int) else as_tensor(indices))]


def add_at(x: Operand, key: object, value: Operand) -> None:
    target = target_of(x)
    target._update(writing.added_at(target._current, plain_key(key), data(value)))


def isfinite(x: Operand) -> Tensor:
    array = data(x)
    body = array.number
    finite = S.true if not body.has(S.Infinity, S.NegativeInfinity) else _finite(body)
    return made(Traced(array.axes, finite, BOOL))


def _finite(body: Expr) -> Boolean:
    if isinstance(body, Where):
        case, then, otherwise = (body.args[0], _finite(body.args[1]), _finite(body.args[2]))
        return (case & then) | (~case & otherwise)
    return S.false if is_infinite(body) else S.true


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


class Held(Nothing):
    """A context in which PyTorch holds what is computed constant, so that it is no part of a derivative."""

    def __enter__(self) -> None:
        raise TraceError(
            "what is computed under no_grad is held constant: hand it in as an argument; around a backward pass it says nothing"
        )


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


def fill(x: Operand, value: Operand) -> None:
    target_of(x)[...] = value


def copyto(x: Operand, values: Operand, casting: str = "same_kind", where: Operand = True) -> None:
    target = target_of(x)
    target._update(fitting(target, data(values) if where is True else entrywise.chosen(data(where), data(values), target._current)))


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
    "zeros": filled_with(0),
    "ones": filled_with(1),
    "empty": filled_with(None),
    "zeros_like": filled_like_with(0),
    "ones_like": filled_like_with(1),
    "empty_like": filled_like_with(None),
    "full_like": full_like,
    "arange": arange,
    "eye": eye,
    "identity": lambda n, dtype=None: eye(n, dtype=dtype),
    "tril": tril,
    "triu": triu,
    "reshape": reshape,
    "view": view,
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
    "expand": expand,
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
    "diagflat": diagflat,
    "sliding_window_view": sliding_window_view,
    "sum": reduced_by("sum", reductions.summed),
    "mean": reduced_by("mean", reductions.mean),
    "var": spread_by("var", reductions.variance),
    "std": spread_by("std", reductions.deviation),
    "prod": prod,
    "max": extreme_of(1),
    "amax": extreme_of(1),
    "min": extreme_of(-1),
    "amin": extreme_of(-1),
    "argmax": position_of(1),
    "argmin": position_of(-1),
    "all": truth_of(True),
    "any": truth_of(False),
    "cumsum": cumsum,
    "norm": norm,
    "einsum": einsum,
    "outer": outer,
    "dot": product_by(reductions.dot),
    "matmul": product_by(reductions.matmul),
    "mm": product_by(reductions.matmul),
    "bmm": product_by(reductions.matmul),
    "mv": product_by(reductions.matmul),
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
    "no_grad": Held,
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
