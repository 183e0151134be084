"""Python's own functions, for symbolic sizes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing.beside import Either, beside, is_paired, is_theirs, together
from symderiv.tracing.functions import TABLE
from symderiv.tracing.kinds import NUMPY_KINDS, Kind, kind_of
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import FLOAT, INT


class SymbolicRange:
    """The positions of an axis of symbolic length: a key like any array of positions, and no loop."""

    def __init__(self, positions: Tensor, ends: tuple[Any, ...]) -> None:
        self.positions, self._ends = positions, ends

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return range if is_theirs() else SymbolicRange

    def numbers_beside(self) -> range:
        return range(*(e._beside if is_paired(e) else e for e in self._ends))

    def __iter__(self) -> Any:
        return iter(self.positions)

    def __len__(self) -> int:
        return len(self.positions)


def symbolic_range(*ends: Any) -> Any:
    """range, which takes sizes that are symbols too."""
    if not any(isinstance(e, Tensor) and not e._current.number.is_Integer for e in ends):
        return range(*ends)
    positions: Any = together("range", TABLE["arange"], np.arange, ends, {})
    return SymbolicRange(positions, ends)


def _converting(kind: str, plain: Any) -> Callable[..., Any]:
    """A type of numbers as a function, which takes symbolic sizes too."""

    def convert(value: Any = 0, *rest: Any) -> Any:
        return together(plain.__name__, converted, plain, (value, *rest), {}) if is_paired(value) else plain(value, *rest)

    def converted(value: Any, *_rest: Any) -> Any:
        if value._data.axes or (kind == INT and value._current.kind == FLOAT):
            raise TraceError(f"{plain.__name__}() of {value!r}, which is symbolic; {plain.__name__}() takes a size")
        return TABLE["astype"](value, kind)

    return convert


KINDS: dict[Any, Any] = {
    int: Kind(int, _converting(INT, int)),
    float: Kind(float, _converting(FLOAT, float)),
    range: Kind(range, symbolic_range),
}


def _type_of(*args: Any) -> Any:
    if len(args) > 1:
        return type(*args)
    (value,) = args
    kind: Any = value.__class__ if is_paired(value) or isinstance(value, SymbolicRange) else type(value)
    return kind_of(kind) if kind in NUMPY_KINDS else KINDS.get(kind, kind)


def _length(value: Any) -> Any:
    return value.shape[0] if isinstance(value, Tensor) and value._data.axes else len(value)


def _among(plain: Callable[..., Any], name: str) -> Callable[..., Any]:
    """max or min; of floats that are symbolic what NumPy's function of this name says."""
    joint = beside(plain.__name__, lambda a, b: Either(plain(a, b)) if type(a) is not type(b) else plain(a, b))(TABLE[name])

    def choose(*values: Any, **options: Any) -> Any:
        several = values[0] if len(values) == 1 else values
        if is_paired(several):
            return plain(list(several), **options)
        several = list(several)
        if any(isinstance(v, Tensor) and v._current.kind == FLOAT for v in several) and not options:
            return functools.reduce(joint, several)
        return plain(several, **options)

    return choose


def _no_identity(_value: Any) -> NoReturn:
    raise TraceError("id() of a value, which is another in each run")


BUILTINS: dict[str, Any] = {
    "int": KINDS[int],
    "float": KINDS[float],
    "range": KINDS[range],
    "len": _length,
    "type": _type_of,
    "max": _among(max, "maximum"),
    "min": _among(min, "minimum"),
    "id": _no_identity,
}
