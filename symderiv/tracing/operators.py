"""The operators of symbolic arrays."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable
from typing import NoReturn, TypeAlias, TypeGuard

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing import entrywise
from symderiv.tracing.beside import ABSENT, beside
from symderiv.tracing.given import traced_of
from symderiv.tracing.layouts import broadcast_to
from symderiv.tracing.masks import Masked
from symderiv.tracing.traced import FLOAT, KINDS, Traced
from symderiv.tracing.values import Array, Function, Operand

Operator: TypeAlias = Callable[[Array, object], object]
BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide", "mod": "remainder", "pow": "power",
    "matmul": "matmul", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "lshift": "left_shift", "rshift": "right_shift",
}  # fmt: skip
COMPARED = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}
UNARY = {"neg": "negative", "pos": "positive", "abs": "abs", "invert": "invert"}


def _is_operand(value: object) -> TypeGuard[Operand]:
    return isinstance(value, (Array, int, float, np.ndarray, np.generic, list, tuple))


def _operand(value: object) -> Operand:
    """What an operator takes. Fails on what NumPy may take otherwise."""
    if not _is_operand(value):
        raise TraceError(f"{type(value).__name__} {str(value)[:40]!r} where an array or a number is wanted")
    return value


def _binary(name: str, reflected: bool) -> Operator:
    def operator(self: Array, other: object) -> object:
        if isinstance(other, Masked) or _knows_better(other):
            return NotImplemented
        other = _operand(other)
        return self._table[name](other, self) if reflected else self._table[name](self, other)

    return operator


def _unary(name: str) -> Callable[[Array], Array]:
    return lambda self: self._table[name](self)


def _knows_better(other: object) -> bool:
    """Whether an operand of another class takes the operator upon itself."""
    return not _is_operand(other) and getattr(other, "__array_ufunc__", ABSENT) is None


def _compared(name: str) -> Operator:
    def operator(self: Array, other: object) -> object:
        return NotImplemented if isinstance(other, Masked) else self._table[name](self, _operand(other))

    return operator


def _in_place(name: str) -> Operator:
    def operator(self: Array, other: object) -> object:
        result = self._table[name](self, _operand(other))
        if not self._is_array():
            return result
        more = None
        if name in ("add", "subtract") and self._data.kind == FLOAT:
            added = entrywise.cast(traced_of(other), FLOAT)
            more = broadcast_to(added if name == "add" else entrywise.applied("negative", added), self._current.lengths)
        self._update(fitting(self, result._current), more)
        return self

    return operator


def fitting(target: Array, new: Traced) -> Traced:
    """A value for a place: of its shape and kind."""
    new = broadcast_to(new, target._current.lengths)
    if KINDS.index(new.kind) > KINDS.index(target._data.kind):
        raise TraceError(f"{new.kind}s put in place of {target._data.kind}s: NumPy refuses; make the array with dtype={new.kind}")
    return entrywise.cast(new, target._data.kind)


def _reflected(real: Function) -> Function:
    return lambda one, other: real(other, one)


def _refused(name: str) -> Callable[..., NoReturn]:
    def refuse(self: Array, *_args: object) -> NoReturn:
        raise TraceError(f"{name}() of {self!r} is not known here")

    return refuse


class Operators(Array):
    """An array with the operators of NumPy's arrays, which are set here from the tables above."""

    __slots__ = ()


for _method, _name in BINARY.items():
    _real = getattr(operators, f"__{_method}__")
    setattr(Operators, f"__{_method}__", beside(_name, _real)(_binary(_name, False)))
    setattr(Operators, f"__r{_method}__", beside(_name, _reflected(_real))(_binary(_name, True)))
    setattr(Operators, f"__i{_method}__", beside(_name, getattr(operators, f"__i{_method}__"))(_in_place(_name)))
for _method, _name in COMPARED.items():
    setattr(Operators, f"__{_method}__", beside(_name, getattr(operators, f"__{_method}__"))(_compared(_name)))
for _method, _name in UNARY.items():
    setattr(Operators, f"__{_method}__", beside(_name, getattr(operators, f"__{_method}__"))(_unary(_name)))
for _method in ("divmod", "rdivmod", "round", "trunc", "floor", "ceil", "complex"):
    setattr(Operators, f"__{_method}__", _refused(_method))
