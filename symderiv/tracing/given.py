"""What code has for arrays, numbers, sizes and keys, as this package has it."""

from __future__ import annotations

from collections.abc import Callable
from types import EllipsisType
from typing import Any

import numpy as np
from sympy import Expr, Integer, S

from symderiv.errors import TraceError
from symderiv.tracing.along import Slice
from symderiv.tracing.beside import is_paired
from symderiv.tracing.constants import exact
from symderiv.tracing.indexing import Item, Key
from symderiv.tracing.layouts import stacked
from symderiv.tracing.masks import Masked, refuse
from symderiv.tracing.traced import BOOL, FLOAT, INT, Traced, scalar
from symderiv.tracing.values import Array, Numbers


def traced_of(value: object) -> Traced:
    """What code has for an array or a number, by the first row of READ that is for its type."""
    for kinds, read_as in READ:
        if isinstance(value, kinds):
            return read_as(value)
    raise TraceError(f"{type(value).__name__} {str(value)[:40]!r} where an array or a number is wanted")


def _listed(values: list[object] | tuple[object, ...] | Numbers) -> Traced:
    if len(values) > MOST_LISTED:
        raise TraceError(f"an array of {len(values)} given numbers; make it an argument")
    if not len(values):
        raise TraceError("an empty array")
    return stacked([traced_of(v) for v in values])


READ: tuple[tuple[type | tuple[type, ...], Callable[[Any], Traced]], ...] = (
    (Array, lambda value: value._current),
    (Masked, lambda _: refuse()),
    ((bool, np.bool_), lambda value: scalar(S.true if value else S.false, BOOL)),
    ((int, np.integer), lambda value: scalar(Integer(int(value)), INT)),
    (np.floating, lambda value: scalar(exact(float(str(value))))),
    (float, lambda value: scalar(exact(value))),
    (Expr, scalar),
    ((list, tuple), _listed),
    (np.ndarray, lambda value: _listed(value) if value.ndim else traced_of(value.item())),
)
MOST_LISTED = 64


def plain_key(key: object) -> Key:
    return tuple(map(_plain_item, key)) if isinstance(key, tuple) else _plain_item(key)


def _plain_item(item: object) -> Item | EllipsisType:
    item = item if is_paired(item) else getattr(item, "positions", item)
    if item is None or item is Ellipsis:
        return item
    if isinstance(item, slice):
        return Slice(*(None if end is None else _size(end) for end in (item.start, item.stop, item.step)))
    data = traced_of(item)
    if data.kind == FLOAT:
        raise TraceError(f"the position {item}: a whole number is wanted; declare labels with their range: y: N in C")
    return data.number if not data.axes and data.kind == INT else data


def _size(value: object) -> Expr:
    data = traced_of(value)
    if data.axes or data.kind != INT:
        raise TraceError(f"{value!r} where a size is wanted")
    return data.number


def sizes_of(shape: object) -> tuple[Expr, ...]:
    """A shape, or one length, as terms."""
    return tuple(map(_size, shape)) if isinstance(shape, (tuple, list)) else (_size(shape),)


def items_of(key: object) -> tuple[object, ...]:
    return key if isinstance(key, tuple) else (key,)


def copies(key: object) -> bool:
    """Whether a key has arrays of positions, so that what it takes is a copy."""
    return any(isinstance(i, (list, np.ndarray, bool)) or (isinstance(i, Array) and i._is_array()) for i in items_of(key))


def are_one_key(one: object, other: object) -> bool:
    """Whether two keys of positions, slices and new axes are the same."""
    ones, others = items_of(one), items_of(other)
    plain = all(not isinstance(i, Traced) for i in (*ones, *others))
    return one is not None and plain and len(ones) == len(others) and all(a is b or a == b for a, b in zip(ones, others, strict=True))
