"""The symbolic array that functions are given in place of NumPy's: it takes the same operators, methods and functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter, getitem, setitem
from typing import Any, NoReturn, TypeVar

import numpy as np
from sympy import Integer

from symderiv.errors import TraceError
from symderiv.language.terms import Element, subterms
from symderiv.tracing import entrywise
from symderiv.tracing.beside import ABSENT, Watch, beside, check_alike, class_of, is_theirs, together
from symderiv.tracing.given import are_one_key, copies, items_of, plain_key, traced_of
from symderiv.tracing.indexing import read
from symderiv.tracing.layouts import reshaped, transposed
from symderiv.tracing.lines import assigned_name, line, place
from symderiv.tracing.masks import Masked
from symderiv.tracing.memory import Memory, is_empty, share
from symderiv.tracing.operators import Operators, fitting
from symderiv.tracing.saying import deciding, said
from symderiv.tracing.sizes import decided, same
from symderiv.tracing.traced import BOOL, FLOAT, INT, Node, Traced, scalar, shape_text
from symderiv.tracing.values import Function, Size, Table
from symderiv.tracing.writing import written

FIX = "fix that size by a number in the shapes, or use an operation on whole arrays"
DTYPES = {FLOAT: np.dtype(np.float64), INT: np.dtype(np.intp), BOOL: np.dtype(np.bool_)}
Told = TypeVar("Told")
# In a line with such a word texts are for people, and are not worked with.
TELLING = re.compile(r"\b(print|log\w*|warn\w*|raise|assert|debug|info|\w*Error)\b")


@dataclass(frozen=True)
class Part:
    """How an array shows another: how it is read from that one's entries, and how these are when it was written to."""

    of: Tensor
    read: Callable[[Traced], Traced]
    write: Callable[[Traced, Traced], Traced] | None = None
    key: object = None


class Tensor(Operators):
    """An array, or a number, of symbolic size. `_table` has the functions that its methods and NumPy's protocols are looked up in.

    An array that shows a part of another is read from that one anew when its memory was changed, and what is written to it is
    written there. `_beside` is the array of numbers that goes beside.
    """

    __slots__ = ("_beside", "_data", "_memory", "_part", "_seen", "_table")
    __array_priority__ = 1000.0

    def __init__(self, data: Traced, table: Table, part: Part | None = None) -> None:
        self._data, self._table, self._part = data, table, part
        self._memory: Memory = part.of._memory if part is not None else Memory()
        self._seen = self._memory.changes
        self._beside: Any = ABSENT
        if isinstance(node := getattr(data.body, "head", data.body), Node) and not node.hint:
            node.hint = assigned_name()

    @property
    def _current(self) -> Traced:
        self._memory.check()
        if self._part is not None and self._seen != self._memory.changes:
            self._data, self._seen = self._part.read(self._part.of._current), self._memory.changes
        return self._data

    @property
    def data(self) -> Traced:
        if is_theirs():
            raise TraceError("x.data, the memory of an array: use the array itself, or a copy")
        return self._current

    def _like(self, data: Traced) -> Tensor:
        """A new array."""
        return Tensor(data, self._table)

    def _shown(
        self, read: Callable[[Traced], Traced], write: Callable[[Traced, Traced], Traced] | None = None, key: object = None
    ) -> Tensor:
        """The same memory, shown otherwise."""
        return Tensor(read(self._current), self._table, Part(self, read, write, key))

    def _update(self, new: Traced, more: Traced | None = None) -> None:
        """Changed in place, and with it what it shows a part of; `more` is what was added to each entry, if that is all."""
        self._memory.check()
        if self._part is None:
            self._memory.changes += 1
            for other in self._memory.doubts:
                other.stale = " at {}:{}".format(*place())
        else:
            self._write_through(self._part, new, more)
        self._data, self._seen = new, self._memory.changes

    def _write_through(self, part: Part, new: Traced, more: Traced | None) -> None:
        if part.write is None:
            raise TraceError("an array that shows another was written to, and how it shows that is not known here: write to that one")
        there = part.of._current
        if more is None:
            part.of._update(part.write(there, new))
        else:  # what is there, and more where the part lies, so that parts that overlap are added up
            more = part.write(Traced(there.axes, Integer(0), there.kind), more)
            part.of._update(entrywise.applied("add", there, more), more)

    def _may_be(self, other: Tensor) -> None:
        """Note that two arrays may be one piece of memory."""
        self._memory.doubts.append(other._memory)
        other._memory.doubts.append(self._memory)

    def _is_array(self) -> bool:
        """Whether it is an array, of any number of axes, that can be changed in place, and no number."""
        return bool(self._data.axes) if self._beside is ABSENT else isinstance(self._beside, np.ndarray)

    def _paired(self, name: str, real: object, inputs: Sequence[Tensor], watch: Watch) -> Tensor:
        """This array with the numbers beside it. Memory that it shares in one of the two only is a doubt."""
        check_alike(name, self._current, real, watch.sizes)
        made = self
        if any(self is i for i in inputs):
            if real is self._beside or not isinstance(real, np.ndarray) or share(real, self._beside):
                return self
            made = self._like(self._current)
            made._may_be(self)
        for i in (i for i in inputs if isinstance(i, Tensor)):
            shares = share(real, i._beside)
            if shares == (made._memory is i._memory) or is_empty(real) or is_empty(i._beside):
                continue
            made = made if shares else self._like(self._current)
            if isinstance(real, np.ndarray):
                made._may_be(i)
        made._beside = real
        return made

    # what NumPy and the language ask for

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return class_of(self._beside, Tensor)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: object, out: tuple[object, ...] = (), **options: object) -> object:
        name = ufunc.__name__
        if out:
            options["out"] = out[0]
        if method == "__call__":
            return together(f"np.{name}", self._function(name), ufunc, inputs, options)
        traced = getattr(self._function(name), method, self._unknown(f"np.{name}.{method}"))
        return together(f"np.{name}.{method}", traced, getattr(ufunc, method), inputs, options)

    def __array_function__(self, function: Function, _types: object, args: Sequence[object], kwargs: Mapping[str, object]) -> object:
        return together(f"np.{function.__name__}", self._function(function.__name__), function, args, kwargs)

    def __array_namespace__(self, api_version: str | None = None) -> object:
        return self._table["__namespace__"]

    def _function(self, name: str) -> Function:
        name = entrywise.OTHER_NAMES.get(name, name)
        return self._table.get(name) or self._unknown(f"np.{name}")

    def _unknown(self, name: str) -> Callable[..., NoReturn]:
        def refuse(*_args: object, **_kwargs: object) -> NoReturn:
            raise TraceError(f"{name} is not known here; write it with operations that are: see the table in CODE.md")

        return refuse

    def __getattribute__(self, name: str) -> Any:
        """Fails as NumPy does where that has no such attribute, say a length of a number."""
        is_private = name.startswith("_") and not name.startswith("__")
        if not is_private and name != "__class__" and is_theirs() and (real := object.__getattribute__(self, "_beside")) is not ABSENT:
            getattr(real, name)
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        if is_theirs() and not name.startswith("_"):
            raise TraceError(f"x.{name} = ...: make a new array")
        object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Function:
        method = entrywise.OTHER_NAMES.get(name, name)
        real = getattr(self._beside, name) if self._beside is not ABSENT else ABSENT  # fails as NumPy does where it has none
        if name.startswith("__") and real is ABSENT:
            raise AttributeError(name)
        if name.startswith("__") or method not in self._table or not (real is ABSENT or callable(real)):
            raise TraceError(f"a symbolic array has no method {name}")
        return partial(beside(f"x.{name}", methodcaller_of(name))(self._table[method]), self)

    # shapes

    @property
    def shape(self) -> tuple[Size, ...]:
        lengths = self._current.lengths
        found = Shape(int(n) if n.is_Integer else self._like(scalar(n, INT)) for n in lengths)
        for n, size in enumerate(found):
            if isinstance(size, Tensor) and self._beside is not ABSENT:
                size._beside = self._beside.shape[n]
        return found if self._beside is ABSENT else tuple(found)

    @property
    def ndim(self) -> int:
        return len(self._data.axes)

    @property
    def size(self) -> Size:
        return self._told("size", lambda: self._table["prod"](self.shape) if self._data.axes else 1)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return DTYPES[self._data.kind] if self._beside is ABSENT else self._beside.dtype

    @property
    def T(self) -> Tensor:
        return self._told("T", lambda: self._turned(range(self.ndim)[::-1]))

    @property
    def mT(self) -> Tensor:
        return self._told("mT", lambda: self._turned([*range(self.ndim - 2), self.ndim - 1, self.ndim - 2]))

    def _told(self, name: str, traced: Callable[[], Told]) -> Told:
        """An attribute, as it is traced, and as it is beside."""
        return together(f"x.{name}", lambda _: traced(), attrgetter(name), [self], {})

    def _turned(self, order: Sequence[int]) -> Tensor:
        """The axes in another order."""
        back = sorted(range(len(order)), key=lambda n: order[n])
        return self._shown(lambda data: transposed(data, order), lambda _, new: transposed(new, back))

    def _reshaped(self, read: Callable[[Traced], Traced]) -> Tensor:
        """The same entries in the same order, along other axes."""
        return self._shown(read, lambda there, new: reshaped(new, there.lengths))

    @property
    def flat(self) -> NoReturn:
        raise TraceError("x.flat: write x.reshape(-1)")

    @property
    def at(self) -> At:
        return At(self)

    device = "cpu"

    # parts

    @beside("x[...]", getitem)
    def __getitem__(self, key: object) -> Any:
        data = self._current
        if isinstance(key, Tensor) and key._data.kind == BOOL and decided(key._current.body) is None:
            if key.ndim > self.ndim or not all(map(same, key._current.lengths, data.lengths)):
                raise TraceError(f"a mask of shape {shape_text(key._current)} for an array of shape {shape_text(data)}")
            return Masked(self._like(data), key._current)
        plain = plain_key(key)
        found = read(data, plain)
        if copies(key) or not (found.axes or Ellipsis in items_of(plain)):
            return self._like(found)
        return self._shown(lambda there: read(there, plain), lambda there, new: written(there, plain, new), plain)

    @beside("x[...] = ...", setitem)
    def __setitem__(self, key: object, value: object) -> None:
        if isinstance(value, Masked):
            self._update(fitting(self, value.put_into(self._current, key)))
            return
        plain = plain_key(key)
        if isinstance(value, Tensor) and value._part is not None and value._part.of is self and are_one_key(value._part.key, plain):
            return  # x[key] += ... puts back what it shows
        self._update(written(self._current, plain, tensor(value, self._table)._current))

    def __iter__(self) -> Iterator[Tensor]:
        if not self._data.axes:
            raise TypeError("iteration over a number")
        first = self._current.lengths[0]
        if not first.is_Integer:
            raise TraceError(f"a loop over the symbolic length {first}; {FIX}")
        return iter([self[k] for k in range(int(first))])

    def __len__(self) -> int:
        if not self._data.axes:
            raise TypeError("len() of a number")
        first = self._current.lengths[0]
        if not first.is_Integer:
            raise TraceError(f"len() of an axis of symbolic length {first}: write x.shape[0]")
        return int(first)

    # what needs one value

    def __bool__(self) -> bool:
        condition = self._current.body if self._data.kind == BOOL else entrywise.cast(self._current, BOOL).body
        if self._data.axes and not all(n == 1 for n in self._current.lengths):
            raise TraceError("a branch on a whole array: use .all(), .any() or np.where")
        known = decided(condition)
        if known is None:
            of = "the values" if any(isinstance(p, (Element, Node)) for p in subterms(condition)) else "the size"
            longer = "".join(f"; or write {size} as {size}+1, for what is at least 2" for size in deciding(condition)[:1])
            raise TraceError(f"a branch on whether {said(condition)}, which depends on {of}: use np.where, or {FIX}{longer}")
        if self._beside is not ABSENT and bool(self._beside) is not known:
            raise TraceError(f"a branch on whether {said(condition)}, which is otherwise when it is run")
        return known

    def __index__(self) -> int:
        body = self._current.number
        if body.is_Integer and not self._data.axes:
            return int(body)
        raise TraceError(f"a loop or position that needs the number {said(body)}, which is symbolic; {FIX}")

    __int__ = __index__

    def __float__(self) -> float:
        raise TraceError(f"float() or a function of the module math of {said(self._current.number)}, which is symbolic: use np.")

    def __hash__(self) -> int:
        if self._beside is not ABSENT:
            hash(self._beside)  # fails as NumPy does
        if is_theirs() and not (self._current.number.is_Number and not self._data.axes):
            raise TraceError(f"a dict or set with {said(self._current.number)}, which is symbolic")
        return hash((self._data.axes, self._data.body))

    def __format__(self, _spec: str) -> str:
        return str(self)

    def __str__(self) -> str:
        if is_theirs() and not TELLING.search(line()):
            raise TraceError(f"the text of {self!r}, which is symbolic; it can be printed, or stand in an error")
        return repr(self)

    def __repr__(self) -> str:
        return f"<{said(self._data.body)}>" if not self._data.axes else f"<array of shape {shape_text(self._data)}>"

    @beside("x.item", lambda x: x.item())
    def item(self) -> Tensor:
        return self._like(reshaped(self._current, ()))

    def __copy__(self) -> Tensor:
        return beside("copy", lambda x: x.copy())(self._table["copy"])(self)

    def __deepcopy__(self, _memo: object) -> Tensor:
        return self.__copy__()

    def __contains__(self, _value: object) -> bool:
        raise TraceError("`in` an array depends on its values")


@dataclass(frozen=True)
class At:
    """JAX's way to write: `x.at[key].set(value)` is a new array."""

    of: Tensor
    key: object = None

    def __getitem__(self, key: object) -> At:
        return At(self.of, key)

    def set(self, value: object) -> Tensor:
        new = self.of._like(self.of._current)
        new[self.key] = value
        return new

    def add(self, value: object) -> Tensor:
        new = self.of._like(self.of._current)
        if copies(self.key):
            self.of._table["add"].at(new, self.key, value)  # type: ignore[attr-defined]
        else:
            new[self.key] += value
        return new

    def multiply(self, value: object) -> Tensor:
        new = self.of._like(self.of._current)
        new[self.key] *= value
        return new


class Shape(tuple[Size, ...]):
    """The lengths of the axes; a method call in PyTorch's way gives one of them."""

    def numel(self) -> Size:
        product: Size = 1
        for n in self:
            product = product * n
        return product


def tensor(value: object, table: Table) -> Tensor:
    """A number, a list or an array as a symbolic array. Fails on what holds no real numbers."""
    return value if isinstance(value, Tensor) else Tensor(traced_of(value), table)


def methodcaller_of(name: str) -> Function:
    """The method of any array by its name."""
    return lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs)
