"""The symbolic array that functions are given in place of NumPy's: it takes the same operators, methods and functions."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from sympy import Expr, Integer, S

from symderiv.errors import TraceError
from symderiv.terms import Element, rewritten, subterms
from symderiv.tracing import entrywise
from symderiv.tracing.constants import exact
from symderiv.tracing.indexing import Slice, read
from symderiv.tracing.layouts import broadcast_to, reshaped, stacked, transposed
from symderiv.tracing.masks import Masked, refuse
from symderiv.tracing.sizes import decided, same
from symderiv.tracing.traced import BOOL, FLOAT, INT, Node, Traced, scalar, shape_text, swapped
from symderiv.tracing.writing import written

HERE = str(Path(__file__).parent)
FIX = "fix that size by a number in the shapes, or use an operation on whole arrays"
DTYPES = {FLOAT: np.dtype(np.float64), INT: np.dtype(np.intp), BOOL: np.dtype(np.bool_)}
Function = Callable[..., Any]


@dataclass
class Views:
    """What a piece of memory knows of the arrays that show it: how often it was changed, and a change on its way to it."""

    changes: int = 0
    pending: Any = None


class Tensor:
    """An array, or a number, of symbolic size. `table` has the functions that its methods and NumPy's protocols are looked up in."""

    __slots__ = ("_data", "_key", "_more", "_owner", "_seen", "_views", "table")
    __array_priority__ = 1000.0

    def __init__(self, data: Traced, table: dict[str, Function], views: Views | None = None, key: Any = None) -> None:
        self._data, self.table, self._views, self._key, self._owner = data, table, views or Views(), key, views is None
        self._seen = self._views.changes
        self._more: Traced | None = None
        if isinstance(node := getattr(data.body, "head", data.body), Node) and not node.hint:
            node.hint = _assigned_name()

    @property
    def data(self) -> Traced:
        if self._views.pending is not None:
            raise TraceError("an array was changed through a part of it that has a name; write to the array itself: x[...] += ...")
        if self._seen != self._views.changes:
            raise TraceError("this shows a part of an array that was changed since; take a copy: x[...].copy()")
        return self._data

    def like(self, data: Traced) -> Tensor:
        """A new array."""
        return Tensor(data, self.table)

    def view(self, data: Traced, key: Any = None) -> Tensor:
        """The same memory, shown otherwise."""
        return Tensor(data, self.table, self._views, key)

    def update(self, data: Traced) -> None:
        """Changed in place."""
        self._views.changes += 1
        self._data, self._seen = data, self._views.changes

    # what NumPy and the language ask for

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        name = ufunc.__name__
        if method == "__call__":
            return self._call(name, *inputs, **({"out": out[0]} if out else {}), **options)
        return getattr(self._function(name), method, self._unknown(f"np.{name}.{method}"))(*inputs, **options)

    def __array_function__(self, function: Any, _types: Any, args: Any, kwargs: Any) -> Any:
        return self._call(function.__name__, *args, **kwargs)

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        return self.table["__namespace__"]

    def _function(self, name: str) -> Function:
        name = entrywise.OTHER_NAMES.get(name, name)
        return self.table.get(name) or self._unknown(f"np.{name}")

    def _unknown(self, name: str) -> Any:
        def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
            raise TraceError(f"{name} is not known here; write it with operations that are: see the table in CODE.md")

        return refuse

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._function(name)(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        method = entrywise.OTHER_NAMES.get(name, name)
        if method not in self.table:
            raise AttributeError(f"a symbolic array has no method {name}")
        return lambda *args, **kwargs: self.table[method](self, *args, **kwargs)

    # shapes

    @property
    def shape(self) -> Any:
        return Shape(int(n) if n.is_Integer else self.like(scalar(n, INT)) for n in self.data.lengths)

    @property
    def ndim(self) -> int:
        return len(self._data.axes)

    @property
    def size(self) -> Any:
        return self.table["prod"](self.shape) if self._data.axes else 1

    @property
    def dtype(self) -> Any:
        return DTYPES[self._data.kind]

    @property
    def T(self) -> Tensor:
        return self.view(transposed(self.data))

    @property
    def mT(self) -> Tensor:
        return self.view(transposed(self.data, [*range(self.ndim - 2), self.ndim - 1, self.ndim - 2]))

    @property
    def flat(self) -> Any:
        raise TraceError("x.flat: write x.reshape(-1)")

    @property
    def at(self) -> At:
        return At(self)

    device = "cpu"

    # parts

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, Tensor) and key._data.kind == BOOL and decided(key.data.body) is None:
            if key.ndim > self.ndim or not all(map(same, key.data.lengths, self.data.lengths)):
                raise TraceError(f"a mask of shape {shape_text(key.data)} for an array of shape {shape_text(self.data)}")
            return Masked(self.like(self.data), key.data)
        found = read(self.data, _plain_key(key))
        return self.like(found) if not found.axes or _copies(key) else self.view(found, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        if not self._owner:
            raise TraceError("writing to a part of an array that has a name: write to the array itself, x[i, j] = ...")
        if isinstance(value, Masked):
            self.update(fitting(self, value.put_into(self.data, key)))
            return
        if self._views.pending is not None and value is self._views.pending and key is value._key:
            self._views.pending = None
            if value._more is not None:  # x[key] += more: what is there, and more where the key says
                there = written(Traced(self.data.axes, Integer(0), self.data.kind), _plain_key(key), value._more)
                self.update(entrywise.applied("add", self.data, there))
                value._becomes_view(self)
                return
            data = value._data
        else:
            data = tensor(value, self.table).data
        self.update(written(self.data, _plain_key(key), data))
        if isinstance(value, Tensor) and value._key is key and value._owner and key is not None:
            value._becomes_view(self)

    def _becomes_view(self, whole: Tensor) -> None:
        """What was changed in place and written back shows a part of the whole, as it did before."""
        self._views, self._seen, self._owner, self._more = whole._views, whole._views.changes, False, None

    def __iter__(self) -> Iterator[Any]:
        if not self._data.axes:
            raise TypeError("iteration over a number")
        first = self.data.lengths[0]
        if not first.is_Integer:
            raise TraceError(f"a loop over the symbolic length {first}; {FIX}")
        return iter([self[k] for k in range(int(first))])

    def __len__(self) -> int:
        if not self._data.axes:
            raise TypeError("len() of a number")
        first = self.data.lengths[0]
        if not first.is_Integer:
            raise TraceError(f"len() of an axis of symbolic length {first}: write x.shape[0]")
        return int(first)

    # what needs one value

    def __bool__(self) -> bool:
        condition = self.data.body if self._data.kind == BOOL else entrywise.cast(self.data, BOOL).body
        if self._data.axes and not all(n == 1 for n in self.data.lengths):
            raise TraceError("a branch on a whole array: use .all(), .any() or np.where")
        known = decided(condition)
        if known is None:
            of = "the values" if any(isinstance(p, (Element, Node)) for p in subterms(condition)) else "the size"
            raise TraceError(f"a branch on whether {_said(condition)}, which depends on {of}: use np.where, or {FIX}")
        return known

    def __index__(self) -> int:
        body = self.data.number
        if body.is_Integer and not self._data.axes:
            return int(body)
        raise TraceError(f"a loop or position that needs the number {_said(body)}, which is symbolic; {FIX}")

    __int__ = __index__

    def __float__(self) -> float:
        raise TraceError(f"float() or a function of the module math of {_said(self.data.number)}, which is symbolic: use np.")

    def __hash__(self) -> int:
        if self._data.kind == INT and not self._data.axes and not self._data.number.is_Integer:
            raise TraceError(f"a dict or set with the size {_said(self._data.number)}, which is symbolic")
        return hash((self._data.axes, self._data.body))

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __repr__(self) -> str:
        return f"<{_said(self._data.body)}>" if not self._data.axes else f"<array of shape {shape_text(self._data)}>"

    def item(self) -> Tensor:
        return self.like(reshaped(self.data, ()))

    def __contains__(self, _value: Any) -> bool:
        raise TraceError("`in` an array depends on its values")


@dataclass(frozen=True)
class At:
    """JAX's way to write: `x.at[key].set(value)` is a new array."""

    of: Tensor
    key: Any = None

    def __getitem__(self, key: Any) -> At:
        return At(self.of, key)

    def set(self, value: Any) -> Tensor:
        new = self.of.like(self.of.data)
        new[self.key] = value
        return new

    def add(self, value: Any) -> Tensor:
        new = self.of.like(self.of.data)
        if _copies(self.key):
            self.of.table["add"].at(new, self.key, value)  # type: ignore[attr-defined]
        else:
            new[self.key] += value
        return new

    def multiply(self, value: Any) -> Tensor:
        new = self.of.like(self.of.data)
        new[self.key] *= value
        return new


class Shape(tuple):  # type: ignore[type-arg]
    """The lengths of the axes; a method call in PyTorch's way gives one of them."""

    def numel(self) -> Any:
        product: Any = 1
        for n in self:
            product = product * n
        return product


def tensor(value: Any, table: dict[str, Function]) -> Tensor:
    """A number, a list or an array as a symbolic array. Fails on what holds no real numbers."""
    return value if isinstance(value, Tensor) else Tensor(_traced(value), table)


def _traced(value: Any) -> Traced:
    if isinstance(value, Tensor):
        return value.data
    if isinstance(value, Masked):
        refuse()
    if isinstance(value, (bool, np.bool_)):
        return scalar(S.true if value else S.false, BOOL)
    if isinstance(value, (int, np.integer)):
        return scalar(Integer(int(value)), INT)
    if isinstance(value, np.floating):
        return scalar(exact(float(str(value))))
    if isinstance(value, float):
        return scalar(exact(value))
    if isinstance(value, Expr):
        return scalar(value)
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim):
        if len(value) > MOST_LISTED:
            raise TraceError(f"an array of {len(value)} given numbers; make it an argument")
        if not len(value):
            raise TraceError("an empty array")
        return stacked([_traced(v) for v in value])
    if isinstance(value, np.ndarray):
        return _traced(value.item())
    raise TraceError(f"{type(value).__name__} {str(value)[:40]!r} where an array or a number is wanted")


MOST_LISTED = 64


def _plain_key(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(map(_plain_item, key))
    if isinstance(key, list):
        return _plain_item(key)
    return _plain_item(key)


def _plain_item(item: Any) -> Any:
    item = getattr(item, "positions", item)
    if item is None or item is Ellipsis:
        return item
    if isinstance(item, slice):
        return Slice(*(None if end is None else _size(end) for end in (item.start, item.stop, item.step)))
    data = _traced(item)
    if data.kind == FLOAT:
        raise TraceError(f"the position {item}: a whole number is wanted; declare labels with their range: y: N in C")
    return data.number if not data.axes and data.kind == INT else data


def _size(value: Any) -> Any:
    data = _traced(value)
    if data.axes or data.kind != INT:
        raise TraceError(f"{value!r} where a size is wanted")
    return data.number


def sizes_of(shape: Any) -> tuple[Any, ...]:
    """A shape, or one length, as terms."""
    return tuple(map(_size, shape)) if isinstance(shape, (tuple, list)) else (_size(shape),)


def _copies(key: Any) -> bool:
    items = key if isinstance(key, tuple) else (key,)
    return any(isinstance(i, (list, np.ndarray)) or (isinstance(i, Tensor) and i.ndim > 0) for i in items)


def _said(body: Any) -> str:
    text = str(_spelled(body))
    return text if len(text) <= 60 else text[:57] + "..."


def _spelled(term: Any) -> Any:
    """A term with what its names stand for, as deep as they go."""

    def there(part: Any) -> Any:
        head = getattr(part, "head", part)
        at = getattr(part, "at", ())
        return _spelled(swapped(head.body, dict(zip(head.indices, at, strict=True)))) if isinstance(head, Node) else None

    return rewritten(term, there)


# operators

BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide", "mod": "remainder", "pow": "power",
    "matmul": "matmul", "and": "bitwise_and", "or": "bitwise_or", "xor": "logical_xor",
}  # fmt: skip
COMPARED = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}
UNARY = {"neg": "negative", "pos": "positive", "abs": "abs", "invert": "invert"}


def _is_operand(value: Any) -> bool:
    return isinstance(value, (Tensor, int, float, np.ndarray, np.generic, list, tuple))


def _binary(name: str, reflected: bool) -> Any:
    def operator(self: Tensor, other: Any) -> Any:
        if not _is_operand(other):
            return NotImplemented
        return self.table[name](other, self) if reflected else self.table[name](self, other)

    return operator


def _comparison(name: str) -> Any:
    def operator(self: Tensor, other: Any) -> Any:
        if not _is_operand(other):
            return name == "not_equal" if name in ("equal", "not_equal") else NotImplemented
        return self.table[name](self, other)

    return operator


def _in_place(name: str) -> Any:
    def operator(self: Tensor, other: Any) -> Any:
        if not self._data.axes:
            return self.table[name](self, other)
        new = fitting(self, self.table[name](self, other).data)
        if self._owner:
            self.update(new)
            return self
        if self._key is None:
            raise TraceError("an array changed in place through another that shows it (.T, reshape): change the array itself, or a copy")
        changed = Tensor(new, self.table, key=self._key)
        if name in ("add", "subtract"):
            changed._more = broadcast_to(self.table["positive" if name == "add" else "negative"](other).data, self.data.lengths)
        self._views.pending = changed
        return changed

    return operator


def fitting(target: Tensor, new: Traced) -> Traced:
    """A value for a place: of its shape and kind."""
    new = broadcast_to(new, target.data.lengths)
    if target.data.kind != FLOAT and new.kind == FLOAT:
        raise TraceError("floats put in place of whole numbers: NumPy refuses; make the array with dtype=float")
    return entrywise.cast(new, target.data.kind) if target.data.kind == FLOAT else new


for _method, _name in BINARY.items():
    setattr(Tensor, f"__{_method}__", _binary(_name, False))
    setattr(Tensor, f"__r{_method}__", _binary(_name, True))
    setattr(Tensor, f"__i{_method}__", _in_place(_name))
for _method, _name in COMPARED.items():
    setattr(Tensor, f"__{_method}__", _comparison(_name))
for _method, _name in UNARY.items():
    setattr(Tensor, f"__{_method}__", lambda self, _name=_name: self.table[_name](self))


@lru_cache(maxsize=1000)
def _targets(filename: str) -> dict[int, str]:
    """The name that each line of a file assigns to, if it is one."""
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except (SyntaxError, ValueError):
        return {}
    found: dict[int, str] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target = node.targets[0]
        if isinstance(target, ast.Name) and _is_one_operation(node.value):
            found |= dict.fromkeys(range(node.lineno, (node.end_lineno or node.lineno) + 1), target.id)
    return found


def _is_one_operation(value: ast.expr) -> bool:
    """Whether a line computes one thing: then that is what its name is for."""
    if isinstance(value, ast.Call):
        parts = [*value.args, *(k.value for k in value.keywords)]
        parts += [value.func.value] if isinstance(value.func, ast.Attribute) else []
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.MatMult):
        parts = [value.left, value.right]
    else:
        return False
    return not any(isinstance(n, (ast.Call, ast.BinOp)) for p in parts for n in ast.walk(p))


def _assigned_name() -> str:
    """The name that the traced function's line assigns to."""
    frame = sys._getframe(1)
    while frame is not None and (frame.f_code.co_filename.startswith(HERE) or frame.f_code.co_filename.startswith("<")):
        frame = frame.f_back  # type: ignore[assignment]
    return "" if frame is None else _targets(frame.f_code.co_filename).get(frame.f_lineno, "")
