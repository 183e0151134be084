"""The types of what traced code works with: symbolic arrays, numbers, sizes and axes, and functions by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from sympy import Expr

from symderiv.tracing.traced import Traced

Function: TypeAlias = Callable[..., Any]  # one of a library's, known by its name: what it takes and gives is the library's to say
Table: TypeAlias = dict[str, Function]
Code: TypeAlias = Callable[..., object]  # a function that is judged: what it takes is told, what it gives can be anything


class Names:
    """Functions by their names, as NumPy has them."""

    def __init__(self, table: Table) -> None:
        self.__dict__ = table

    def __getattr__(self, name: str) -> Function:
        raise AttributeError(name)


class Array(Protocol):
    """An array, or a number, of symbolic size; `tensor.Tensor` is the one kind that there is."""

    _table: Table

    @property
    def _current(self) -> Traced: ...

    @property
    def ndim(self) -> int: ...

    @property
    def shape(self) -> tuple[Size, ...]: ...

    def _like(self, data: Traced) -> Array: ...

    def __getitem__(self, key: object) -> Array: ...

    def __add__(self, other: Operand) -> Array: ...
    def __sub__(self, other: Operand) -> Array: ...
    def __mul__(self, other: Operand) -> Array: ...
    def __truediv__(self, other: Operand) -> Array: ...
    def __floordiv__(self, other: Operand) -> Array: ...
    def __mod__(self, other: Operand) -> Array: ...
    def __pow__(self, other: Operand) -> Array: ...
    def __matmul__(self, other: Operand) -> Array: ...
    def __radd__(self, other: Operand) -> Array: ...
    def __rsub__(self, other: Operand) -> Array: ...
    def __rmul__(self, other: Operand) -> Array: ...
    def __rfloordiv__(self, other: Operand) -> Array: ...
    def __rtruediv__(self, other: Operand) -> Array: ...
    def __neg__(self) -> Array: ...
    def __index__(self) -> int: ...


Number: TypeAlias = int | float | np.generic
Numbers: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.generic]]
Operand: TypeAlias = Array | Number | Numbers | Expr | Sequence["Operand"]  # what a function of arrays is given for one
Size: TypeAlias = Array | int  # a length, or how often something is done
Lengths: TypeAlias = Size | tuple[Size, ...] | list[Size]  # a shape, or one length
SomeAxes: TypeAlias = int | tuple[int, ...] | list[int]  # one, or several
Axes: TypeAlias = SomeAxes | None  # or all
