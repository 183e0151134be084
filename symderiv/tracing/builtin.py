"""Python's own functions, for symbolic sizes."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sized
from typing import Any, NoReturn

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing.beside import Either, beside, is_paired, is_theirs, together
from symderiv.tracing.functions import TABLE
from symderiv.tracing.kinds import NUMPY_KINDS, Kind, kind_of
from symderiv.tracing.making import astype
from symderiv.tracing.table import as_tensor
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import FLOAT, INT
from symderiv.tracing.values import Function, Operand, Size


class SymbolicRange:
    """The positions of an axis of symbolic length: a key like any array of positions, and no loop."""

    def __init__(self, positions: Tensor, ends: tuple[Size, ...]) -> None:
        self.positions, self._ends = positions, ends

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return range if is_theirs() else SymbolicRange

    def numbers_beside(self) -> range:
        return range(*(e._beside if isinstance(e, Tensor) else e for e in self._ends))

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self.positions)

    def __len__(self) -> int:
        return len(self.positions)


def symbolic_range(*ends: Size) -> range | SymbolicRange:
    """range, which takes sizes that are symbols too."""
    if not any(isinstance(e, Tensor) and not e._current.number.is_Integer for e in ends):
        return range(*ends)
    positions: Tensor = together("range", TABLE["arange"], np.arange, ends, {})
    return SymbolicRange(positions, ends)


def _converting(kind: str, plain: Function) -> Function:
    """A type of numbers as a function, which takes symbolic sizes too."""

    def convert(value: object = 0, *rest: object) -> object:
        return together(plain.__name__, converted, plain, (value, *rest), {}) if is_paired(value) else plain(value, *rest)

    def converted(value: Operand, *_rest: object) -> Tensor:
        number = as_tensor(value)
        if number.ndim or (kind == INT and number._current.kind == FLOAT):
            raise TraceError(f"{plain.__name__}() of {value!r}, which is symbolic; {plain.__name__}() takes a size")
        return astype(number, kind)

    return convert


KINDS: dict[type, Kind] = {
    int: Kind(int, _converting(INT, int)),
    float: Kind(float, _converting(FLOAT, float)),
    range: Kind(range, symbolic_range),
}


def _type_of(*args: Any) -> type:
    if len(args) > 1:
        return type(*args)
    (value,) = args
    kind: type = value.__class__ if is_paired(value) or isinstance(value, SymbolicRange) else type(value)
    return kind_of(kind) if kind in NUMPY_KINDS else KINDS.get(kind, kind)


def _length(value: Sized) -> Size:
    return value.shape[0] if isinstance(value, Tensor) and value.ndim else len(value)


def _among(plain: Function, name: str) -> Function:
    """max or min; of floats that are symbolic what NumPy's function of this name says."""
    joint = beside(plain.__name__, lambda a, b: Either(plain(a, b)) if type(a) is not type(b) else plain(a, b))(TABLE[name])

    def choose(*values: Any, **options: object) -> object:
        several = values[0] if len(values) == 1 else values
        if is_paired(several):
            return plain(list(several), **options)
        several = list(several)
        if any(isinstance(v, Tensor) and v._current.kind == FLOAT for v in several) and not options:
            return functools.reduce(joint, several)
        return plain(several, **options)

    return choose


def _no_identity(_value: object) -> NoReturn:
    raise TraceError("id() of a value, which is another in each run")


BUILTINS: dict[str, object] = {
    "int": KINDS[int],
    "float": KINDS[float],
    "range": KINDS[range],
    "len": _length,
    "type": _type_of,
    "max": _among(max, "maximum"),
    "min": _among(min, "minimum"),
    "id": _no_identity,
}
