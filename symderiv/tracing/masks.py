"""Entries that a mask takes, `x[mask]`: as many as the values say, so that only what goes entry by entry can be done to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from symderiv.errors import TraceError
from symderiv.tracing import entrywise
from symderiv.tracing.beside import ABSENT, Watch, beside, class_of, together
from symderiv.tracing.sizes import same
from symderiv.tracing.traced import Traced

TAKEN = "a mask takes out as many entries as the values say; use np.where(mask, x, 0)"


class Masked(NDArrayOperatorsMixin):
    """The entries of an array where a mask holds. They are worked out everywhere, for they are only put back where it does, or summed.

    `whole` and `mask` are arrays of its own: what is changed later does not change what was taken.
    """

    _beside: Any = ABSENT  # the numbers that the mask takes beside

    def __init__(self, whole: Any, mask: Traced) -> None:
        self.whole, self.mask = whole, mask

    def _paired(self, name: str, real: Any, inputs: Sequence[Any], watch: Watch) -> Masked:
        if any(self is i for i in inputs):
            return self
        if not isinstance(real, np.ndarray):
            raise TraceError(f"{name} of entries that a mask takes is no array of entries when it is run")
        self._beside = real
        return self

    def applied(self, name: str, inputs: Iterable[Any]) -> Masked:
        """A function of single numbers."""
        name = entrywise.OTHER_NAMES.get(name, name)
        if name not in entrywise.FUNCTIONS and name not in entrywise.COMPARISONS:
            refuse()
        return Masked(self.whole._table[name](*map(self._everywhere, inputs)), self.mask)

    def _everywhere(self, operand: Any) -> Any:
        """An operand as it is everywhere: a number, or what the same mask takes of an array of the same shape."""
        if isinstance(operand, Masked):
            if operand.mask != self.mask:
                raise TraceError("entries that two masks take: they go together only if both are one mask")
            return operand.whole if _are_alike(operand.whole._current, self.whole._current) else refuse()
        is_number = isinstance(operand, (int, float)) or getattr(operand, "ndim", None) == 0
        return operand if is_number else refuse()

    def put_into(self, array: Traced, key: Any) -> Traced:
        """The array with these entries where they come from."""
        if getattr(key, "_current", None) != self.mask or not _are_alike(self.whole._current, array):
            raise TraceError("entries that one mask takes, put where another is: use np.where")
        return entrywise.chosen(self._there(), self.whole._current, array)

    def _there(self) -> Traced:
        """The mask with as many axes as the array."""
        return Traced((*self.mask.axes, *([()] * (self.whole.ndim - len(self.mask.axes)))), self.mask.body, self.mask.kind)

    @beside("x[mask].sum", lambda x: x.sum())
    def sum(self) -> Any:
        table = self.whole._table
        return table["sum"](table["where"](self.whole._like(self._there()), self.whole, 0))

    @beside("x[mask].mean", lambda x: x.mean())
    def mean(self) -> Any:
        return self.sum() / self.size

    @property
    @beside("x[mask].size", lambda x: x.size)
    def size(self) -> Any:
        """How many there are."""
        table = self.whole._table
        return table["sum"](table["broadcast_to"](self.whole._like(self._there()), self.whole.shape))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = (), **options: Any) -> Any:
        def traced(*inputs: Any, out: Any = None, **options: Any) -> Any:
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

    def __array_function__(self, function: Any, _types: Any, args: Any, kwargs: Any) -> Any:
        name = function.__name__
        return getattr(self, name)() if name in ("sum", "mean") and len(args) == 1 and not kwargs else refuse()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and self._beside is ABSENT:
            raise AttributeError(name)
        return refuse() if self._beside is ABSENT or hasattr(self._beside, name) else getattr(self._beside, name)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return class_of(self._beside, Masked)

    def __getitem__(self, _key: Any) -> NoReturn:
        refuse()

    def __setitem__(self, _key: Any, _value: Any) -> NoReturn:
        refuse()

    def __len__(self) -> int:
        refuse()

    def __iter__(self) -> Any:
        refuse()


def _are_alike(one: Traced, other: Traced) -> bool:
    return len(one.axes) == len(other.axes) and all(map(same, one.lengths, other.lengths))


def refuse() -> NoReturn:
    raise TraceError(TAKEN)
