"""The types of what traced code works with: symbolic arrays, numbers, sizes and axes, and functions by name."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
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


class Array(NDArrayOperatorsMixin):
    """An array, or a number, of symbolic size, as modules know it that stand above `tensor.Tensor`, the one kind that there is."""

    __slots__ = ()
    _beside: Any
    _data: Traced
    _table: Table

    @property
    @abstractmethod
    def _current(self) -> Traced: ...

    @property
    @abstractmethod
    def ndim(self) -> int: ...

    @property
    @abstractmethod
    def shape(self) -> tuple[Size, ...]: ...

    @abstractmethod
    def __getitem__(self, key: object) -> Any: ...

    @abstractmethod
    def __index__(self) -> int: ...

    @abstractmethod
    def _like(self, data: Traced) -> Array: ...

    @abstractmethod
    def _is_array(self) -> bool: ...

    @abstractmethod
    def _update(self, new: Traced, more: Traced | None = None) -> None: ...


Number: TypeAlias = int | float | np.generic
Numbers: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.generic]]
Operand: TypeAlias = Array | Number | Numbers | Expr | Sequence["Operand"]  # what a function of arrays is given for one
Size: TypeAlias = Array | int  # a length, or how often something is done
Lengths: TypeAlias = Size | tuple[Size, ...] | list[Size]  # a shape, or one length
SomeAxes: TypeAlias = int | tuple[int, ...] | list[int]  # one, or several
Axes: TypeAlias = SomeAxes | None  # or all
