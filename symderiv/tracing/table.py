"""The table of NumPy's functions by name, and how what they are given and give goes in and out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing.beside import KIND_OF
from symderiv.tracing.operators import fitting
from symderiv.tracing.tensor import Tensor, tensor
from symderiv.tracing.traced import BOOL, FLOAT, INT, Traced
from symderiv.tracing.values import Table

TABLE: Table = {}


def as_tensor(value: object) -> Tensor:
    return tensor(value, TABLE)


def data(value: object) -> Traced:
    return as_tensor(value)._current


def made(array: Traced) -> Tensor:
    return Tensor(array, TABLE)


def kind_of(dtype: object, default: str = FLOAT) -> str:
    """The kind of numbers that a type of any library means."""
    if dtype is None:
        return default
    name = str(getattr(dtype, "__name__", dtype)).lower()
    kind = next((kind for word, kind in WORDS.items() if word in name), None) or _kind_of_code(dtype)
    if kind is None:
        raise TraceError(f"the type {dtype}: real numbers only")
    return kind


# What the name of a type tells, by the first of these words that is in it; None for types that are refused.
WORDS = {
    **dict.fromkeys(("complex", "cdouble", "csingle", "clongdouble")),
    "bool": BOOL,
    **dict.fromkeys(("int", "long"), INT),
    **dict.fromkeys(("float", "double", "single", "half"), FLOAT),
}


def _kind_of_code(dtype: object) -> str | None:
    """What a short text such as "f8" tells."""
    try:
        return KIND_OF.get(np.dtype(dtype).kind) if isinstance(dtype, str) else None
    except TypeError:
        return None


HARMLESS = ("casting", "copy", "like", "device", "subok", "optimize", "order", "inplace", "requires_grad", "layout", "memory_format")


def plain(name: str, options: Mapping[str, object]) -> None:
    """Refuse arguments that change what a function computes and are not known here."""
    unknown = [k for k, v in options.items() if k not in HARMLESS and v is not None]
    if unknown or options.get("order") not in (None, "C", "K", "A"):
        raise TraceError(f"{name} with {', '.join(unknown) or 'order'}= is not known here")


def stored(result: Traced, out: object, where: object = True) -> Tensor:
    """The result, in the array `out` if there is one."""
    if where is not True:
        raise TraceError("where= is not known here: use np.where")
    if out is None:
        return made(result)
    target = target_of(out[0] if isinstance(out, tuple) else out)
    target._update(fitting(target, result))
    return target


def target_of(value: object) -> Tensor:
    """An array that is written to."""
    if not isinstance(value, Tensor):
        raise TraceError(f"what is written to is of type {type(value).__name__}, and no array")
    return value
