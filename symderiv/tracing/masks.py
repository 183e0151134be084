"""Entries that a mask takes, `x[mask]`: as many as the values say, so that only what goes entry by entry can be done to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from numpy.lib.mixins import NDArrayOperatorsMixin

from symderiv.errors import TraceError
from symderiv.tracing import entrywise
from symderiv.tracing.traced import Traced

TAKEN = "a mask takes out as many entries as the values say; use np.where(mask, x, 0)"


@dataclass(frozen=True, eq=False)
class Masked(NDArrayOperatorsMixin):
    """The entries of an array where a mask holds. They are worked out everywhere, for they are only put back where it does, or summed."""

    whole: Any
    mask: Any

    def applied(self, name: str, inputs: Iterable[Any]) -> Masked:
        """A function of single numbers."""
        name = entrywise.OTHER_NAMES.get(name, name)
        if name not in entrywise.FUNCTIONS and name not in entrywise.COMPARISONS:
            refuse()
        return Masked(self.whole.table[name](*map(self._everywhere, inputs)), self.mask)

    def _everywhere(self, operand: Any) -> Any:
        if isinstance(operand, Masked):
            if operand.mask.data != self.mask.data:
                raise TraceError("entries that two masks take: they go together only if both are one mask")
            return operand.whole
        return refuse() if getattr(operand, "ndim", 0) else operand

    def put_into(self, array: Traced, key: Any) -> Traced:
        """The array with these entries where they come from."""
        if getattr(key, "data", None) != self.mask.data:
            raise TraceError("entries that one mask takes, put where another is: use np.where")
        return entrywise.chosen(self._beside(len(array.axes)), self.whole.data, array)

    def _beside(self, rank: int) -> Traced:
        mask: Traced = self.mask.data
        return Traced((*mask.axes, *([()] * (rank - len(mask.axes)))), mask.body, mask.kind)

    def sum(self) -> Any:
        table = self.whole.table
        there = self.whole.like(self._beside(self.whole.ndim))
        return table["sum"](table["where"](there, self.whole, 0))

    def mean(self) -> Any:
        return self.sum() / self.size

    @property
    def size(self) -> Any:
        """How many there are."""
        table = self.whole.table
        there = self.whole.like(self._beside(self.whole.ndim))
        return table["sum"](table["broadcast_to"](there, self.whole.shape))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        return refuse() if method != "__call__" or options else self.applied(ufunc.__name__, inputs)

    def __array_function__(self, function: Any, _types: Any, args: Any, kwargs: Any) -> Any:
        name = function.__name__
        return getattr(self, name)() if name in ("sum", "mean", "size") and len(args) == 1 and not kwargs else refuse()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return refuse()

    def __getitem__(self, _key: Any) -> NoReturn:
        refuse()

    def __len__(self) -> int:
        refuse()

    def __iter__(self) -> Any:
        refuse()


def refuse() -> NoReturn:
    raise TraceError(TAKEN)
