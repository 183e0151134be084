"""Types that stand in for Python's and NumPy's, and also take symbolic arrays."""

from __future__ import annotations

import functools

import numpy as np

from symderiv.tracing.beside import is_paired, together
from symderiv.tracing.functions import TABLE
from symderiv.tracing.values import Function

CASTS = ("float32", "float64", "double", "single", "int32", "int64", "intp", "int_", "bool_")  # types that are called on arrays and numbers
NUMPY_KINDS = frozenset(getattr(np, name) for name in CASTS)


@functools.cache
def kind_of(plain: type) -> Kind:
    """A type of NumPy's that also takes symbolic arrays, the same each time."""
    return Kind(plain, _cast(f"np.{plain.__name__}", plain))


def _cast(name: str, plain: type) -> Function:
    """A type as a function."""

    def convert(*values: object) -> object:
        return (
            together(name, lambda value: TABLE["astype"](value, plain), plain, values, {})
            if any(map(is_paired, values))
            else plain(*values)
        )

    return convert


class Kind(type):
    """A type of Python's that also takes symbolic numbers; it stands for the type wherever one is asked for."""

    plain: type
    convert: Function

    def __new__(cls, plain: type, convert: Function) -> Kind:
        more = {"dtype": np.dtype(plain)} if plain is not range else {}
        return super().__new__(cls, plain.__name__, (), {"plain": plain, "convert": staticmethod(convert), **more})

    def __init__(cls, plain: type, _convert: Function) -> None:
        super().__init__(plain.__name__, (), {})

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.plain

    def __hash__(cls) -> int:
        return hash(cls.plain)

    def __call__(cls, *args: object) -> object:
        return cls.convert(*args)

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.plain)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, cls.plain)

    def __getattr__(cls, name: str) -> object:
        return getattr(cls.plain, name)
