"""Copies of functions with other modules behind their names: symbolic arrays in place of NumPy. The originals stay as they are."""

from __future__ import annotations

import builtins
import functools
import sys
import sysconfig
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing import entrywise
from symderiv.tracing.constants import is_long
from symderiv.tracing.dialects import table_of
from symderiv.tracing.functions import CONSTANTS, TABLE
from symderiv.tracing.tensor import Tensor, tensor
from symderiv.tracing.traced import FLOAT, INT

# Modules whose functions are traced by name.
NUMERICAL = ("numpy", "scipy", "jax", "torch", "array_api_compat", "array_api_strict", "autograd", "cupy", "math")
PLAIN = {"ndarray": Tensor, "Tensor": Tensor, "Array": Tensor, "generic": np.generic, "number": np.number, "floating": np.floating}


class Namespace:
    """A module of numerical functions, for symbolic arrays. Parts of it, such as `np.linalg`, are the same."""

    def __init__(self, name: str, module: Any = None) -> None:
        self._name, self._module = name, module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in ("__version__", "__name__"):
            raise AttributeError(name)
        if name == "e":
            raise TraceError(f"{self._short}.e: write {self._short}.exp(x) for {self._short}.e ** x")
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in PLAIN:
            return PLAIN[name]
        real = getattr(self._module, name, None)
        found = table_of(self._name).get(entrywise.OTHER_NAMES.get(name, name))
        if found is not None and not name.startswith("__"):
            return found if self._name != "math" else _with_numbers(found, real)
        if isinstance(real, ModuleType):
            return Namespace(f"{self._name}.{name}", real)
        if isinstance(real, (int, float, str)):
            return real
        if isinstance(real, type) or name in ("float32", "float64", "int64", "int32", "bool", "dtype", "finfo"):
            return real
        if hasattr(real, "__getitem__"):  # np.c_ and its like
            return Refused(self._unknown(name))
        return _with_numbers(self._unknown(name), real)

    def _unknown(self, name: str) -> Callable[..., Any]:
        def refuse(*_args: Any, **_kwargs: Any) -> Any:
            raise TraceError(f"{self._short}.{name} is not known here; write it with operations that are, or as a function of your own")

        return refuse

    @property
    def _short(self) -> str:
        return {"numpy": "np", "jax.numpy": "jnp"}.get(self._name, self._name)


class Refused:
    """What takes a key and is not known."""

    def __init__(self, refuse: Callable[..., Any]) -> None:
        self._refuse = refuse

    def __getitem__(self, key: Any) -> Any:
        return self._refuse(key)


def _with_numbers(function: Callable[..., Any], real: Any) -> Callable[..., Any]:
    """A function for symbolic arrays; the real one where all that it is given are plain numbers."""

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        plain = bool(args) and all(isinstance(a, (int, float, np.generic, str)) for a in (*args, *kwargs.values()))
        return real(*args, **kwargs) if plain and callable(real) else function(*args, **kwargs)

    return called


TABLE["__namespace__"] = Namespace("numpy", np)  # type: ignore[assignment]


class Copies:
    """The copies of functions made so far, and the modules behind their names."""

    def __init__(self) -> None:
        self.functions: dict[int, Any] = {}
        self.globals: dict[int, dict[str, Any]] = {}
        self.cells: dict[int, tuple[CellType, CellType]] = {}
        self.classes: dict[int, tuple[type, type]] = {}
        self.state: dict[int, tuple[Any, Any]] = {}  # instances, dicts and lists of the user's, which stay as they are
        self.builtins = {**vars(builtins), **_builtins(self)}

    def of(self, value: Any) -> Any:
        """What a name stands for while a function is traced."""
        if type(value) is float and is_long(value):
            return tensor(value, TABLE)  # so that products of such constants are not rounded
        if isinstance(value, ModuleType):
            return self._module(value)
        if isinstance(value, FunctionType):
            return self._function(value)
        if isinstance(value, functools.partial):
            return functools.partial(self.of(value.func), *value.args, **value.keywords)
        if isinstance(value, (np.ufunc, BuiltinFunctionType)) or _is_numerical(getattr(value, "__module__", "") or ""):
            return self._numerical(value)
        if isinstance(value, (staticmethod, classmethod)):
            return type(value)(self.of(value.__func__))
        if isinstance(value, property):
            return property(*(f and self.of(f) for f in (value.fget, value.fset, value.fdel)))
        if self._is_made(value) or self._is_made(type(value)):
            return value
        if _is_own_class(value):
            return self._class(value)
        if type(value) in (dict, list) or _is_own_class(type(value)):
            return self._state(value)
        inner = getattr(value, "py_func", None)  # what numba compiles
        return self.of(inner) if isinstance(inner, FunctionType) else value

    def _is_made(self, value: Any) -> bool:
        """Whether a value is a copy already."""
        return any(value is made for made, _ in (*self.classes.values(), *self.state.values()))

    def _state(self, value: Any) -> Any:
        """What functions share and may write to, in a copy that all of them share."""
        if id(value) not in self.state:
            made: Any = [] if type(value) is list else {} if type(value) is dict else object.__new__(self._class(type(value)))
            self.state[id(value)] = (made, value)
            if isinstance(made, list):
                made += map(self.of, value)
            else:
                target, source = (made, value) if isinstance(made, dict) else (made.__dict__, value.__dict__)
                target.update({key: self.of(entry) for key, entry in source.items()})
        return self.state[id(value)][0]

    def _class(self, plain: type) -> type:
        """A class of the user's own, with copies of its methods."""
        if id(plain) not in self.classes:
            made = type(plain.__name__, tuple(map(self.of, plain.__bases__)), {"__module__": plain.__module__})
            self.classes[id(plain)] = (made, plain)
            for name, value in vars(plain).items():
                if name not in ("__dict__", "__weakref__", "__module__", "__init_subclass__"):
                    setattr(made, name, self.of(value))
        return self.classes[id(plain)][0]

    def _module(self, module: ModuleType) -> Any:
        if _is_numerical(module.__name__):
            return Namespace(module.__name__, module)
        return ModuleCopy(module, self) if _is_own(getattr(module, "__file__", None)) else module

    def _numerical(self, value: Any) -> Any:
        name = getattr(value, "__name__", "")
        module = getattr(value, "__module__", None) or ("numpy" if isinstance(value, np.ufunc) else "")
        if isinstance(value, type) or not _is_numerical(module):
            return value
        return getattr(Namespace(module.split(".")[0], sys.modules.get(module.split(".")[0])), name)

    def _function(self, function: FunctionType) -> Any:
        if _is_numerical(function.__module__ or ""):
            return self._numerical(function)
        if not _is_own(function.__code__.co_filename):
            return function
        if id(function) not in self.functions:
            known = self.globals.setdefault(id(function.__globals__), {"__builtins__": self.builtins, "__name__": function.__module__})
            code = function.__code__.replace(co_consts=tuple(self.of(c) if type(c) is float else c for c in function.__code__.co_consts))
            made = FunctionType(code, known, function.__name__, None, _cells(function, self))
            self.functions[id(function)] = (made, function)  # the original too, so that its id stays its own
            made.__defaults__ = None if function.__defaults__ is None else tuple(map(self.of, function.__defaults__))
            made.__kwdefaults__ = function.__kwdefaults__ and {k: self.of(v) for k, v in function.__kwdefaults__.items()}
            made.__dict__ = dict(function.__dict__)
            for name in _names(function.__code__):
                if name in function.__globals__ and name not in known:
                    known[name] = self.of(function.__globals__[name])
        return self.functions[id(function)][0]


def _is_own_class(value: Any) -> bool:
    """Whether a value is a plain class of the user's own, made of such only."""
    if type(value) is not type or value is object or "__slots__" in vars(value) or "__new__" in vars(value):
        return False
    own = _is_own(getattr(sys.modules.get(value.__module__), "__file__", None)) and not value.__module__.startswith("symderiv.")
    return own and all(base is object or _is_own_class(base) for base in value.__bases__)


class ModuleCopy:
    """A module of the user's own, its functions traced."""

    def __init__(self, module: ModuleType, copies: Copies) -> None:
        self._module, self._copies = module, copies

    def __getattr__(self, name: str) -> Any:
        return self._copies.of(getattr(self._module, name))


def _cells(function: FunctionType, copies: Copies) -> tuple[CellType, ...] | None:
    if function.__closure__ is None:
        return None
    for c in function.__closure__:
        if id(c) not in copies.cells:
            copies.cells[id(c)] = (CellType(copies.of(c.cell_contents)) if _is_filled(c) else CellType(), c)
    return tuple(copies.cells[id(c)][0] for c in function.__closure__)


def _is_filled(cell: CellType) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_numerical(module: str) -> bool:
    return module.split(".")[0] in NUMERICAL


LIBRARIES = tuple(sysconfig.get_paths()[k] for k in ("stdlib", "platstdlib", "purelib", "platlib"))


def _is_own(filename: str | None) -> bool:
    """Whether code is the user's own, and no library's."""
    return filename is not None and not filename.startswith(LIBRARIES) and not filename.startswith("<frozen")


def _builtins(copies: Copies) -> dict[str, Any]:
    """Python's own functions, for symbolic sizes."""

    def imported(name: str, *args: Any, **kwargs: Any) -> Any:
        return copies.of(builtins.__import__(name, *args, **kwargs))

    def number(kind: str, plain: Any) -> Any:
        def convert(value: Any = 0, *rest: Any) -> Any:
            if not isinstance(value, Tensor):
                return plain(value, *rest)
            if value.ndim or (kind == INT and value.data.kind == FLOAT):
                raise TraceError(f"{plain.__name__}() of {value!r}, which is symbolic; {plain.__name__}() takes a size")
            return TABLE["astype"](value, kind) if kind == FLOAT else value

        return convert

    def length(value: Any) -> Any:
        return value.shape[0] if isinstance(value, Tensor) and value.ndim else len(value)

    def among(plain: Any) -> Any:
        def choose(*values: Any, **options: Any) -> Any:
            several = values[0] if len(values) == 1 else values
            if isinstance(several, Tensor):
                return plain(list(several), **options)
            several = list(several)
            if any(isinstance(v, Tensor) and v.data.kind == FLOAT for v in several) and not options:
                name = "maximum" if plain is max else "minimum"
                return functools.reduce(lambda a, b: TABLE[name](a, b), several)
            return plain(several, **options)

        return choose

    kinds = {int: Kind(int, number(INT, int)), float: Kind(float, number(FLOAT, float))}

    def type_of(*args: Any) -> Any:
        if len(args) > 1:
            return type(*args)
        (value,) = args
        if isinstance(value, Tensor) and not value.ndim:
            return kinds[int] if value.data.kind == INT else np.float64
        return kinds.get(type(value), type(value))

    return {
        "__import__": imported, "int": kinds[int], "float": kinds[float], "len": length, "type": type_of,
        "range": symbolic_range, "max": among(max), "min": among(min), "isinstance": is_instance,
    }  # fmt: skip


class SymbolicRange:
    """The positions of an axis of symbolic length: a key like any array of positions, and no loop."""

    def __init__(self, positions: Tensor) -> None:
        self.positions = positions

    def __iter__(self) -> Any:
        return iter(self.positions)

    def __len__(self) -> int:
        return len(self.positions)


def symbolic_range(*ends: Any) -> Any:
    """range, which takes sizes that are symbols too."""
    if not any(isinstance(e, Tensor) and not e.data.number.is_Integer for e in ends):
        return range(*ends)
    return SymbolicRange(TABLE["arange"](*ends))


class Kind:
    """A type of numbers that also takes symbolic ones; it stands for the type wherever one is asked for."""

    def __init__(self, plain: type, convert: Callable[..., Any]) -> None:
        self.plain, self.convert, self.__name__, self.dtype = plain, convert, plain.__name__, np.dtype(plain)

    def __eq__(self, other: object) -> bool:
        return other is self or other is self.plain

    def __hash__(self) -> int:
        return hash(self.plain)

    def __call__(self, *args: Any) -> Any:
        return self.convert(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)


def is_instance(value: Any, kinds: Any) -> bool:
    kinds = tuple(k.plain if isinstance(k, Kind) else k for k in (kinds if isinstance(kinds, tuple) else (kinds,)))
    if isinstance(value, Tensor) and value.ndim == 0:
        return any(k in (int, np.integer) if value.data.kind == INT else k in (float, np.floating, np.float64) for k in kinds)
    return isinstance(value, kinds)
