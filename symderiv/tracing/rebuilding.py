"""Copies of functions with other modules behind their names: symbolic arrays in place of NumPy. The originals stay as they are."""

from __future__ import annotations

import builtins
import copy
import dis
import functools
import random
import sys
import sysconfig
from collections import deque
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NoReturn

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing import entrywise
from symderiv.tracing.beside import ABSENT, Either, beside, is_paired, is_theirs, together, told
from symderiv.tracing.constants import is_long
from symderiv.tracing.dialects import table_of
from symderiv.tracing.functions import CONSTANTS, TABLE
from symderiv.tracing.tensor import Tensor, tensor
from symderiv.tracing.traced import FLOAT, INT

# Modules whose functions are traced by name.
NUMERICAL = ("numpy", "scipy", "jax", "torch", "array_api_compat", "array_api_strict", "autograd", "cupy", "math")
NUMPY = ("numpy", "scipy", "autograd", "math")  # what works on arrays of NumPy, so that it can be run beside the trace
ARRAYS = {"Tensor": Tensor, "Array": Tensor}  # the arrays of other libraries
BY_TYPES = (
    *("isscalar", "ndim", "iscomplexobj", "isrealobj", "result_type", "can_cast", "issubdtype", "shares_memory", "may_share_memory"),
    *("promote_types", "iterable", "isfortran"),
)
CASTS = ("float32", "float64", "double", "single", "int32", "int64", "intp", "int_", "bool_")  # types that are called on arrays and numbers
RANDOM = ("random", "secrets", "uuid")  # modules whose functions give other values in each run
DRAWING = (np.random.Generator, np.random.RandomState, random.Random)


NUMPY_KINDS = frozenset(getattr(np, name) for name in CASTS)


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
        is_numpy = self._name.split(".")[0] in NUMPY and isinstance(self._module, ModuleType)
        real = getattr(self._module, name) if is_numpy else getattr(self._module, name, ABSENT)  # fails as it does where it has none
        if name in ARRAYS:
            return ARRAYS[name]
        if isinstance(real, ModuleType):
            return Namespace(f"{self._name}.{name}", real)
        if self._name.split(".")[-1] in RANDOM:
            return Refused(f"{self._short}.{name}: what is drawn is another in each run; make it an argument")
        if is_numpy and name in BY_TYPES:
            return told(name, real)
        if name == "vectorize":
            return vectorized
        is_known = entrywise.OTHER_NAMES.get(name, name) in table_of(self._name)
        is_plain = isinstance(real, (int, float, str, type)) or name in ("float32", "float64", "int64", "int32", "bool", "dtype", "finfo")
        if is_numpy and name in CASTS:
            return _kind_of(real)
        return real if is_plain and not is_known else self.function(name, real)

    def function(self, name: str, real: Any) -> Any:
        """A function, by its name and as it is."""
        is_known = entrywise.OTHER_NAMES.get(name, name) in table_of(self._name)
        if not is_known and hasattr(real, "__getitem__"):  # np.c_ and its like
            return Refused(f"{self._short}.{name} is {UNKNOWN}")
        return _function_of(self._name, self._short, name, real)

    @property
    def _short(self) -> str:
        return {"numpy": "np", "jax.numpy": "jnp"}.get(self._name, self._name)


class Refused:
    """What is not known, whatever it is asked."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def __getitem__(self, _key: Any) -> NoReturn:
        raise TraceError(self._reason)

    def __call__(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise TraceError(self._reason)

    def __next__(self) -> NoReturn:
        raise TraceError(self._reason)

    def __iter__(self) -> Any:
        raise TraceError(self._reason)

    def __getattr__(self, _name: str) -> Any:
        raise TraceError(self._reason)


UNKNOWN = "not known here; write it with operations that are, or as a function of your own"


class Function:
    """A function of a library, for symbolic arrays, with the real one beside. What is not known here still works on plain numbers."""

    def __init__(self, name: str, traced: Callable[[], Any], real: Any, is_math: bool = False) -> None:
        self._name, self._traced, self._real, self._is_math = name, traced, real, is_math

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        traced = self._traced()
        if (traced is None or self._is_math) and callable(self._real) and args and all(map(_is_number, (*args, *kwargs.values()))):
            return self._real(*args, **kwargs)
        return together(self._name, traced or Refused(f"{self._name} is {UNKNOWN}"), self._real, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        """A method, such as that of `np.add.at`; other things that are known of the real one, such as its name."""
        real = getattr(self._real, name) if self._real is not ABSENT else ABSENT
        if real is not ABSENT and not callable(real):
            return real
        return Function(f"{self._name}.{name}", lambda: vars(self._traced()).get(name), real)


@functools.cache
def _function_of(module: str, short: str, name: str, real: Any) -> Function:
    """One function, the same each time, since code asks which it is: `activation is np.tanh`."""
    key = entrywise.OTHER_NAMES.get(name, name)
    is_numpy = module.split(".")[0] in NUMPY
    return Function(f"{short}.{name}", lambda: table_of(module).get(key), real if is_numpy else ABSENT, module == "math")


def vectorized(function: Any, **options: Any) -> Function:
    """np.vectorize of a function of a library, which goes number by number anyhow."""
    if not isinstance(function, Function) or function._name.rpartition(".")[2] not in entrywise.FUNCTIONS:
        raise TraceError("np.vectorize calls a function for one number after the other: call it with the whole array")
    return Function(f"np.vectorize({function._name})", function._traced, np.vectorize(function._real, **options))


def _is_number(value: Any) -> bool:
    return not is_paired(value) and isinstance(value, (int, float, np.generic, str))


TABLE["__namespace__"] = Namespace("numpy", np)  # type: ignore[assignment]


class Copies:
    """The copies of functions made so far, and the modules behind their names: those of symbolic arrays, or the same.

    What the functions share and can write to is copied too, so that the originals stay as they are.
    """

    def __init__(self, symbolic: bool = True) -> None:
        self.symbolic = symbolic
        self.functions: dict[int, Any] = {}
        self.globals: dict[int, dict[str, Any]] = {}
        self.cells: dict[int, tuple[CellType, CellType]] = {}
        self.classes: dict[int, tuple[type, type]] = {}
        self.state: dict[int, tuple[Any, Any]] = {}  # instances, dicts and lists of the user's, which stay as they are
        self.builtins = {**vars(builtins), **(_builtins(self) if symbolic else {"__import__": _imported(self)})}

    def of(self, value: Any) -> Any:
        """What a name stands for while a function is traced, or run."""
        if is_paired(value) or self._is_made(value) or self._is_made(type(value)):
            return value
        if type(value) is float and is_long(value):
            return _exact(value) if self.symbolic else value
        if isinstance(value, ModuleType):
            return self._module(value)
        if isinstance(value, FunctionType):
            return self._function(value)
        if isinstance(value, MethodType):
            return MethodType(self.of(value.__func__), self.of(value.__self__))
        if isinstance(value, functools.partial):
            return functools.partial(self.of(value.func), *map(self.of, value.args), **{k: self.of(v) for k, v in value.keywords.items()})
        if isinstance(value, functools.cached_property):
            return _kept_property(value, self.of(value.func))
        if hasattr(value, "cache_parameters") and hasattr(value, "__wrapped__"):
            return self._once("functions", value, lambda: _kept(self.of(value.__wrapped__), self.symbolic))
        if isinstance(value, DRAWING) or isinstance(getattr(value, "__self__", None), DRAWING):
            return Refused("what is drawn is another in each run; make it an argument") if self.symbolic else value
        if isinstance(value, np.ndarray):
            return self._once("state", value, value.copy)
        if isinstance(value, Iterator):
            return Refused("an iterator from outside of the function, which a run uses up: make a list of it") if self.symbolic else value
        if isinstance(value, (np.ufunc, BuiltinFunctionType)) or _is_numerical(getattr(value, "__module__", "") or ""):
            return self._numerical(value) if self.symbolic else value
        if isinstance(value, (staticmethod, classmethod)):
            return type(value)(self.of(value.__func__))
        if isinstance(value, property):
            return property(*(f and self.of(f) for f in (value.fget, value.fset, value.fdel)))
        if _is_own_class(value):
            return self._class(value)
        if isinstance(value, type):
            return value
        if isinstance(value, (dict, list, set, deque, bytearray)) or _is_own(_file_of(type(value))):
            return self._state(value)
        if isinstance(value, tuple):
            made = [self.of(v) for v in value]
            unchanged = all(a is b for a, b in zip(made, value, strict=True))
            return value if unchanged else type(value)(*made) if hasattr(value, "_fields") else tuple(made)
        inner = getattr(value, "py_func", None)  # what numba compiles
        return self.of(inner) if isinstance(inner, FunctionType) else value

    def _once(self, kind: str, value: Any, make: Callable[[], Any]) -> Any:
        """The copy of a value, the same each time."""
        made: dict[int, tuple[Any, Any]] = getattr(self, kind)
        if id(value) not in made:
            made[id(value)] = (make(), value)  # the original too, so that its id stays its own
        return made[id(value)][0]

    def _is_made(self, value: Any) -> bool:
        """Whether a value is a copy already."""
        return any(value is made for made, _ in (*self.classes.values(), *self.state.values()))

    def _state(self, value: Any) -> Any:
        """What functions share and may write to, in a copy that all of them share."""
        if id(value) not in self.state:
            made: Any = object.__new__(self._class(type(value))) if _is_own_class(type(value)) else copy.copy(value)
            self.state[id(value)] = (made, value)
            if isinstance(made, (list, deque)):
                for n, entry in enumerate(value):
                    made[n] = self.of(entry)
            if isinstance(made, dict):
                for key, entry in value.items():
                    made[key] = self.of(entry)
            for name, entry in _attributes(value):
                object.__setattr__(made, name, self.of(entry))
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
        if not self.symbolic and not _is_own(getattr(module, "__file__", None)):
            return module
        if _is_numerical(module.__name__) or module.__name__ in RANDOM:
            return Namespace(module.__name__, module)
        return ModuleCopy(module, self) if _is_own(getattr(module, "__file__", None)) else module

    def _numerical(self, value: Any) -> Any:
        name = getattr(value, "__name__", "")
        module = getattr(value, "__module__", None) or ("numpy" if isinstance(value, np.ufunc) else "")
        if isinstance(value, type) or not _is_numerical(module):
            return value
        root = module.split(".")[0]
        namespace = Namespace(root, sys.modules.get(root))
        return getattr(namespace, name) if hasattr(sys.modules.get(root), name) else namespace.function(name, value)

    def _function(self, function: FunctionType) -> Any:
        if _is_numerical(function.__module__ or ""):
            return self._numerical(function) if self.symbolic else function
        if not _is_own(function.__code__.co_filename):
            return function
        if id(function) not in self.functions:
            if self.symbolic:
                _check_identities(function.__code__)
            known = self.globals.setdefault(id(function.__globals__), {"__builtins__": self.builtins, "__name__": function.__module__})
            code = function.__code__.replace(co_consts=tuple(self.of(c) if type(c) is float else c for c in function.__code__.co_consts))
            made = FunctionType(code, known, function.__name__, None, _cells(function, self))
            self.functions[id(function)] = (made, function)  # the original too, so that its id stays its own
            made.__defaults__ = None if function.__defaults__ is None else tuple(map(self.of, function.__defaults__))
            made.__kwdefaults__ = function.__kwdefaults__ and {k: self.of(v) for k, v in function.__kwdefaults__.items()}
            made.__dict__ = {name: self.of(value) for name, value in function.__dict__.items()}
            for name in _names(function.__code__):
                if name in function.__globals__ and name not in known:
                    known[name] = self.of(function.__globals__[name])
        return self.functions[id(function)][0]


def _check_identities(code: CodeType) -> None:
    """Refuse code that may ask whether the type in a dtype, or `__class__`, *is* one of NumPy's: these stand for themselves."""
    used = set(code.co_names)
    asks = used & set(CASTS) and ({"dtype", "type"} <= used or "__class__" in used)
    if asks and any(i.opname == "IS_OP" for i in dis.get_instructions(code)):
        raise TraceError(f"{code.co_name} compares types by `is`: write ==, or isinstance")


def _exact(value: float) -> Tensor:
    """A long float as what it stands for, so that products of such constants are not rounded."""
    found = tensor(value, TABLE)
    found._beside = value
    return found


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


def _file_of(kind: type) -> str | None:
    """The file that a class of somebody's own is in."""
    inside = kind.__module__.split(".")[0] in ("symderiv", "sympy", "builtins")
    return None if inside else getattr(sys.modules.get(kind.__module__), "__file__", None)


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """What an instance holds, in its dict or in slots."""
    yield from getattr(value, "__dict__", {}).items()
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                yield name, getattr(value, name)


def _kept_property(plain: Any, function: Any) -> Any:
    made = functools.cached_property(function)
    made.attrname = plain.attrname
    return made


def _kept(function: Callable[..., Any], symbolic: bool) -> Any:
    """A function that keeps what it returned: the same array for the same arguments."""
    return Kept(function) if symbolic else functools.cache(function)


class Kept:
    """functools.cache for symbolic sizes. What it returned for sizes that may be the same may be one array."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function, self._found = function, dict[Any, Any]()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        key = tuple(map(_key_of, args)), tuple((name, _key_of(value)) for name, value in kwargs.items())
        if key not in self._found:
            made = self._function(*args, **kwargs)
            for other in self._found.values() if isinstance(made, Tensor) else ():
                if isinstance(other, Tensor):
                    made._may_be(other)
            self._found[key] = made
        return self._found[key]

    def __get__(self, instance: Any, _owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)


def _key_of(value: Any) -> Any:
    """What a value is looked up by. Fails on what depends on values."""
    if not is_paired(value):
        return type(value), value
    if value._data.axes or value._current.kind != INT:
        raise TraceError("a function that keeps what it returned (functools.cache), by values that are symbolic: by sizes only")
    return value._current.number


LIBRARIES = tuple(sysconfig.get_paths()[k] for k in ("stdlib", "platstdlib", "purelib", "platlib"))


def _is_own(filename: str | None) -> bool:
    """Whether code is the user's own, and no library's."""
    return filename is not None and not filename.startswith(LIBRARIES) and not filename.startswith("<frozen")


def _imported(copies: Copies) -> Callable[..., Any]:
    return lambda name, *args, **kwargs: copies.of(builtins.__import__(name, *args, **kwargs))


def _builtins(copies: Copies) -> dict[str, Any]:
    """Python's own functions, for symbolic sizes."""

    def number(kind: str, plain: Any) -> Any:
        def convert(value: Any = 0, *rest: Any) -> Any:
            return together(plain.__name__, converted, plain, (value, *rest), {}) if is_paired(value) else plain(value, *rest)

        def converted(value: Any, *_rest: Any) -> Any:
            if value._data.axes or (kind == INT and value._current.kind == FLOAT):
                raise TraceError(f"{plain.__name__}() of {value!r}, which is symbolic; {plain.__name__}() takes a size")
            return TABLE["astype"](value, kind)

        return convert

    def length(value: Any) -> Any:
        return value.shape[0] if isinstance(value, Tensor) and value._data.axes else len(value)

    def among(plain: Any) -> Any:
        def choose(*values: Any, **options: Any) -> Any:
            several = values[0] if len(values) == 1 else values
            if is_paired(several):
                return plain(list(several), **options)
            several = list(several)
            if any(isinstance(v, Tensor) and v._current.kind == FLOAT for v in several) and not options:
                name = "maximum" if plain is max else "minimum"
                joint = beside(plain.__name__, lambda a, b: Either(plain(a, b)) if type(a) is not type(b) else plain(a, b))(TABLE[name])
                return functools.reduce(joint, several)
            return plain(several, **options)

        return choose

    kinds = {int: Kind(int, number(INT, int)), float: Kind(float, number(FLOAT, float)), range: Kind(range, symbolic_range)}

    def type_of(*args: Any) -> Any:
        if len(args) > 1:
            return type(*args)
        (value,) = args
        kind: Any = value.__class__ if is_paired(value) or isinstance(value, SymbolicRange) else type(value)
        return _kind_of(kind) if kind in NUMPY_KINDS else kinds.get(kind, kind)

    return {
        "__import__": _imported(copies), "int": kinds[int], "float": kinds[float], "len": length, "type": type_of,
        "range": kinds[range], "max": among(max), "min": among(min), "id": no_identity,
    }  # fmt: skip


def no_identity(_value: Any) -> NoReturn:
    raise TraceError("id() of a value, which is another in each run")


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


@functools.cache
def _kind_of(plain: type) -> Kind:
    """A type of NumPy's that also takes symbolic arrays, the same each time."""
    return Kind(plain, _cast(f"np.{plain.__name__}", plain))


def _cast(name: str, plain: Any) -> Callable[..., Any]:
    """A type as a function."""

    def convert(*values: Any) -> Any:
        return (
            together(name, lambda value: TABLE["astype"](value, plain), plain, values, {})
            if any(map(is_paired, values))
            else plain(*values)
        )

    return convert


class Kind(type):
    """A type of Python's that also takes symbolic numbers; it stands for the type wherever one is asked for."""

    plain: type
    convert: Callable[..., Any]

    def __new__(cls, plain: type, convert: Callable[..., Any]) -> Kind:
        more = {"dtype": np.dtype(plain)} if plain is not range else {}
        return super().__new__(cls, plain.__name__, (), {"plain": plain, "convert": staticmethod(convert), **more})

    def __init__(cls, plain: type, _convert: Callable[..., Any]) -> None:
        super().__init__(plain.__name__, (), {})

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.plain

    def __hash__(cls) -> int:
        return hash(cls.plain)

    def __call__(cls, *args: Any) -> Any:
        return cls.convert(*args)

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, cls.plain)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, cls.plain)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.plain, name)
