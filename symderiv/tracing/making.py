"""NumPy's functions that make arrays, and copies of them."""

from __future__ import annotations

from typing import TypeGuard

from sympy import Integer, S

from symderiv.language.terms import Term
from symderiv.tracing import entrywise, indexing, layouts
from symderiv.tracing.beside import ABSENT
from symderiv.tracing.given import sizes_of
from symderiv.tracing.layouts import constant
from symderiv.tracing.table import as_tensor, data, kind_of, made, plain
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import BOOL, INT, Traced, scalar
from symderiv.tracing.values import Function, Lengths, Operand, Size


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


def filled_with(value: int | None) -> Function:
    def function(shape: Lengths, *more: object, dtype: object = None, **rest: object) -> Tensor:
        plain("zeros", rest)
        if more and dtype is None and not is_size(more[0]):
            dtype, more = more[0], ()
        kind = kind_of(dtype)
        return made(constant(_constant(value, kind), sizes_of((shape, *more) if more else shape), kind))

    return function


def _constant(value: int | None, kind: str) -> Term:
    """A number of a kind; NaN for None, which no proof can use: what nobody wrote yet."""
    if value is None:
        return S.NaN
    return (S.true if value else S.false) if kind == BOOL else Integer(value)


def is_size(value: object) -> TypeGuard[Size]:
    return isinstance(value, (int, Tensor)) and not isinstance(value, bool)


def filled_like_with(value: int | None) -> Function:
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
