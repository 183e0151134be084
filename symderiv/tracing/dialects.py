"""How PyTorch and JAX call what NumPy has, where they differ: names of arguments, defaults, what is returned."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

from symderiv.errors import TraceError
from symderiv.tracing.functions import TABLE
from symderiv.tracing.given import sizes_of
from symderiv.tracing.reducing import tensordot
from symderiv.tracing.shaping import split, swapaxes, tile
from symderiv.tracing.sizes import same
from symderiv.tracing.table import as_tensor
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.values import Axes, Function, Lengths, Operand, Size, Table

# Of PyTorch, the names of arguments that NumPy calls otherwise.
ARGUMENTS = {"dim": "axis", "keepdim": "keepdims", "unbiased": "ddof", "input": "x"}


class Largest(NamedTuple):
    """What PyTorch returns of max and min along an axis."""

    values: Tensor
    indices: Tensor


def _spread(name: str) -> Function:
    def spread(x: Operand, axis: Axes = None, correction: Size = 1, ddof: int | None = None, keepdims: bool = False) -> Tensor:
        return TABLE[name](x, axis=axis, ddof=correction if ddof is None else int(ddof), keepdims=keepdims)

    return spread


def _extreme(name: str) -> Function:
    def extreme(x: Operand, axis: int | Tensor | None = None, keepdims: bool = False) -> Tensor | Largest:
        if axis is None or isinstance(axis, Tensor):
            return TABLE[name](x) if axis is None else TABLE[f"{name}imum"](x, axis)
        return Largest(TABLE[name](x, axis=axis, keepdims=keepdims), TABLE[f"arg{name}"](x, axis=axis, keepdims=keepdims))

    return extreme


def _kept(name: str) -> Function:
    """A function that takes an axis away, and keeps it by its third argument."""
    return lambda x, axis=None, keepdims=False, **rest: TABLE[name](x, axis=axis, keepdims=keepdims, **rest)


def _padded(x: Operand, pad: Sequence[Size], mode: str = "constant", value: float | None = None) -> Tensor:
    """A border: a pair of widths for each of some axes, the last axis first."""
    pairs = list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    untouched = [(0, 0)] * (as_tensor(x).ndim - len(pairs))
    return TABLE["pad"](x, [*untouched, *pairs], mode, constant_values=value or 0)


def transpose(x: Operand, dim0: int, dim1: int) -> Tensor:
    return swapaxes(x, dim0, dim1)


def _chunks(x: Operand, size: Lengths, axis: int = 0) -> list[Tensor]:
    """Parts of one size, or of those listed."""
    whole = as_tensor(x).shape[axis]
    if not isinstance(size, (tuple, list)):
        return split(x, whole // size, axis)
    *ends, end = accumulate(size)
    if not same(*sizes_of((end, whole))):
        raise TraceError(f"split of an axis into parts that are {end} long together, and not {whole}")
    return split(x, ends, axis)


def _along(name: str) -> Function:
    def along(x: Operand, axis: Axes = None, dtype: object = None) -> Tensor:
        if axis is None:
            raise TraceError(f"{name} along which axis? Write dim=")
        return TABLE[name](x, axis)

    return along


def _gelu(default: str | bool) -> Function:
    """The activation with erf, or with tanh where it is approximate."""

    def gelu(x: Operand, approximate: str | bool = default) -> Tensor:
        if approximate in ("none", False):
            return TABLE["gelu"](x)
        x = as_tensor(x)
        return 0.5 * x * (1 + TABLE["tanh"](math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))

    return gelu


def _last(name: str) -> Function:
    return lambda x, axis=-1: TABLE[name](x, axis)


TORCH: Table = {
    **{name: _kept(name) for name in ("sum", "mean", "prod", "argmax", "argmin", "all", "any", "logsumexp")},
    "pad": _padded,
    "var": _spread("var"),
    "std": _spread("std"),
    "max": _extreme("max"),
    "min": _extreme("min"),
    "transpose": transpose,
    "split": _chunks,
    "tensordot": lambda a, b, dims=2: tensordot(a, b, dims),
    "repeat": lambda x, *times: tile(x, times),
    "softmax": _along("softmax"),
    "log_softmax": _along("log_softmax"),
    "gelu": _gelu("none"),
    "size": lambda x, axis=None: as_tensor(x).shape if axis is None else as_tensor(x).shape[axis],
}
JAX: Table = {"softmax": _last("softmax"), "log_softmax": _last("log_softmax"), "gelu": _gelu(True)}


@dataclass(frozen=True)
class Dialect:
    """A library: its functions, how arrays of numbers become its own, and whether these are NumPy's."""

    table: Table
    convert: Callable[[Any], Any]
    is_numpy: bool = True


def _in(table: Table, function: Function) -> Function:
    """A function whose arrays, given and returned, have the methods of a table."""

    def called(*args: object, **kwargs: object) -> object:
        result = function(*args, **{ARGUMENTS.get(k, k): v for k, v in kwargs.items()})
        _dress(result, table)
        return result

    called.__dict__.update(vars(function))
    return called


def _dress(result: object, table: Table) -> None:
    if isinstance(result, Tensor):
        result._table = table
    elif isinstance(result, (list, tuple)):
        for part in result:
            _dress(part, table)


def _torch_table() -> Table:
    table: Table = {}
    table.update({name: _in(table, f) for name, f in {**TABLE, **TORCH}.items() if callable(f)})
    return table


TABLES: dict[str, Table] = {"torch": _torch_table(), "jax": {**TABLE, **JAX}}


def table_of(module: str) -> Table:
    """The functions of a module, by the library that it is of."""
    return TABLES.get(module.split(".")[0], TABLE)


def dialect_of(function: object) -> Dialect:
    """The library that a function is written for, by the modules behind the names in its code."""
    libraries = {module.__name__.split(".")[0] for module in _modules(function, set())}
    if "torch" in libraries:
        convert = getattr(sys.modules.get("torch"), "as_tensor", None)
        return Dialect(TABLES["torch"], convert or (lambda array: array), False)
    return Dialect(TABLE, lambda array: array, not libraries & {"jax", "cupy"})


def _modules(function: object, seen: set[int]) -> Iterator[ModuleType]:
    """The modules that a function uses, and the functions that it calls."""
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    code, names = [function.__code__], set[str]()
    while code:
        one = code.pop()
        names.update(one.co_names)
        code += [c for c in one.co_consts if isinstance(c, CodeType)]
    cells = [c.cell_contents for c in function.__closure__ or () if c.cell_contents is not None]
    for value in (*(function.__globals__.get(name) for name in names), *cells):
        if isinstance(value, ModuleType):
            yield value
        yield from _modules(value, seen)
