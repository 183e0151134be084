"""Entries that a mask takes, `x[mask]`: as many as the values say, so that only what goes entry by entry can be done to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from symderiv.errors import TraceError
from symderiv.tracing import entrywise
from symderiv.tracing.beside import ABSENT, Watch, beside, class_of, together
from symderiv.tracing.sizes import same
from symderiv.tracing.traced import Traced
from symderiv.tracing.values import Array, Function, Operand

TAKEN = "a mask takes out as many entries as the values say; use np.where(mask, x, 0)"


class Masked(NDArrayOperatorsMixin):
    """The entries of an array where a mask holds. They are worked out everywhere, for they are only put back where it does, or summed.

    `whole` and `mask` are arrays of its own: what is changed later does not change what was taken.
    """

    _beside: Any = ABSENT  # the numbers that the mask takes beside

    def __init__(self, whole: Array, mask: Traced) -> None:
        self.whole, self.mask = whole, mask

    def _paired(self, name: str, real: object, inputs: Sequence[object], watch: Watch) -> Masked:
        if any(self is i for i in inputs):
            return self
        if not isinstance(real, np.ndarray):
            raise TraceError(f"{name} of entries that a mask takes is no array of entries when it is run")
        self._beside = real
        return self

    def applied(self, name: str, inputs: Iterable[object]) -> Masked:
        """A function of single numbers."""
        name = entrywise.OTHER_NAMES.get(name, name)
        if name not in entrywise.FUNCTIONS and name not in entrywise.COMPARISONS:
            refuse()
        return Masked(self.whole._table[name](*map(self._everywhere, inputs)), self.mask)

    def _everywhere(self, operand: object) -> Operand:
        """An operand as it is everywhere: a number, or what the same mask takes of an array of the same shape."""
        if isinstance(operand, Masked):
            if operand.mask != self.mask:
                raise TraceError("entries that two masks take: they go together only if both are one mask")
            return operand.whole if _are_alike(operand.whole._current, self.whole._current) else refuse()
        is_number = isinstance(operand, (int, float)) or getattr(operand, "ndim", None) == 0
        return operand if is_number else refuse()

    def put_into(self, array: Traced, key: object) -> Traced:
        """The array with these entries where they come from."""
        if getattr(key, "_current", None) != self.mask or not _are_alike(self.whole._current, array):
            raise TraceError("entries that one mask takes, put where another is: use np.where")
        return entrywise.chosen(self._there(), self.whole._current, array)

    def _there(self) -> Traced:
        """The mask with as many axes as the array."""
        return Traced((*self.mask.axes, *([()] * (self.whole.ndim - len(self.mask.axes)))), self.mask.body, self.mask.kind)

    @beside("x[mask].sum", lambda x: x.sum())
    def sum(self) -> Array:
        table = self.whole._table
        return table["sum"](table["where"](self.whole._like(self._there()), self.whole, 0))

    @beside("x[mask].mean", lambda x: x.mean())
    def mean(self) -> Array:
        return self.sum() / self.size

    @property
    @beside("x[mask].size", lambda x: x.size)
    def size(self) -> Array:
        """How many there are."""
        table = self.whole._table
        return table["sum"](table["broadcast_to"](self.whole._like(self._there()), self.whole.shape))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: object, out: tuple[object, ...] = (), **options: object) -> Masked:
        def traced(*inputs: object, out: object = None, **options: object) -> Masked:
            if method != "__call__" or options:
                refuse()
            found = self.applied(ufunc.__name__, inputs)
            if out is None:
                return found
            if not isinstance(out, Masked) or out.mask != self.mask:
                refuse()
            out.whole = found.whole  # changed in place, under each of its names
            return out

        options |= {"out": out[0]} if out else {}
        return together(f"np.{ufunc.__name__}", traced, ufunc if method == "__call__" else ABSENT, inputs, options)

    def __array_function__(self, function: Function, _types: object, args: Sequence[object], kwargs: Mapping[str, object]) -> Array:
        name = function.__name__
        return getattr(self, name)() if name in ("sum", "mean") and len(args) == 1 and not kwargs else refuse()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__") and self._beside is ABSENT:
            raise AttributeError(name)
        if self._beside is not ABSENT:
            getattr(self._beside, name)  # fails as NumPy does where it has none
        refuse()

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return class_of(self._beside, Masked)

    def __getitem__(self, _key: object) -> NoReturn:
        refuse()

    def __setitem__(self, _key: object, _value: object) -> NoReturn:
        refuse()

    def __len__(self) -> int:
        refuse()

    def __iter__(self) -> Iterator[NoReturn]:
        refuse()


def _are_alike(one: Traced, other: Traced) -> bool:
    return len(one.axes) == len(other.axes) and all(map(same, one.lengths, other.lengths))


def refuse() -> NoReturn:
    raise TraceError(TAKEN)
