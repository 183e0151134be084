"""Copies of functions with other modules behind their names: symbolic arrays in place of NumPy. The originals stay as they are."""

from __future__ import annotations

import builtins
import copy
import dis
import functools
import sys
import sysconfig
from collections import deque
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Protocol, TypeVar

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing.beside import is_paired
from symderiv.tracing.builtin import BUILTINS
from symderiv.tracing.constants import is_long
from symderiv.tracing.functions import TABLE
from symderiv.tracing.kinds import CASTS
from symderiv.tracing.libraries import DRAWING, RANDOM, Namespace, Refused, is_numerical
from symderiv.tracing.tensor import Tensor, tensor
from symderiv.tracing.traced import INT
from symderiv.tracing.values import Function, Numbers

T = TypeVar("T")


class Keeping(Protocol):
    """A function under functools.cache."""

    __wrapped__: Function


class Copies:
    """The copies of functions made so far, and the modules behind their names: those of symbolic arrays, or the same.

    What the functions share and can write to is copied too, so that the originals stay as they are.
    """

    def __init__(self, symbolic: bool = True) -> None:
        self.symbolic = symbolic
        self.functions: dict[int, tuple[object, object]] = {}
        self.globals: dict[int, dict[str, object]] = {}
        self.cells: dict[int, tuple[CellType, CellType]] = {}
        self.classes: dict[int, tuple[type, type]] = {}
        self.state: dict[int, tuple[object, object]] = {}  # instances, dicts and lists of the user's, which stay as they are
        self.made: dict[int, object] = {}  # the copies of classes and of state
        self.builtins = {**vars(builtins), **(BUILTINS if symbolic else {}), "__import__": _imported(self)}

    def of(self, value: object) -> Any:
        """What a name stands for while a function is traced, or run."""
        if type(value) in PLAIN or is_paired(value) or id(value) in self.made or id(type(value)) in self.made:
            return value
        return next((copied(self, value) for applies, copied in COPIED if applies(value)), value)

    def _keep(self, store: dict[int, tuple[T, T]], value: T, made: T) -> None:
        store[id(value)] = (made, value)  # the original too, so that its id stays its own
        self.made[id(made)] = made

    def _array(self, value: Numbers) -> object:
        if id(value) not in self.state:
            self._keep(self.state, value, value.copy())
        return self.state[id(value)][0]

    def _keeping(self, value: Keeping) -> object:
        """A function that keeps what it returned: the same array for the same arguments."""
        if id(value) not in self.functions:
            function = self.of(value.__wrapped__)
            self.functions[id(value)] = (Kept(function) if self.symbolic else functools.cache(function), value)
        return self.functions[id(value)][0]

    def _tuple(self, value: tuple[object, ...]) -> object:
        made = [self.of(v) for v in value]
        kind: Function = type(value)
        unchanged = all(a is b for a, b in zip(made, value, strict=True))
        return value if unchanged else kind(*made) if hasattr(value, "_fields") else tuple(made)

    def _partial(self, value: functools.partial[object]) -> functools.partial[object]:
        return functools.partial(self.of(value.func), *map(self.of, value.args), **{k: self.of(v) for k, v in value.keywords.items()})

    def _cached_property(self, value: functools.cached_property[object]) -> functools.cached_property[object]:
        made = functools.cached_property(self.of(value.func))
        made.attrname = value.attrname
        return made

    def _state(self, value: object) -> object:
        """What functions share and may write to, in a copy that all of them share."""
        if id(value) not in self.state:
            made: object = object.__new__(self._class(type(value))) if _is_own_class(type(value)) else copy.copy(value)
            self._keep(self.state, value, made)
            if isinstance(value, (list, deque)) and isinstance(made, (list, deque)):
                for n, entry in enumerate(value):
                    made[n] = self.of(entry)
            if isinstance(value, dict) and isinstance(made, dict):
                for key, entry in value.items():
                    made[key] = self.of(entry)
            for name, entry in _attributes(value):
                object.__setattr__(made, name, self.of(entry))
        return self.state[id(value)][0]

    def _class(self, plain: type) -> type:
        """A class of the user's own, with copies of its methods."""
        if id(plain) not in self.classes:
            made = type(plain.__name__, tuple(map(self.of, plain.__bases__)), {"__module__": plain.__module__})
            self._keep(self.classes, plain, made)
            for name, value in vars(plain).items():
                if name not in ("__dict__", "__weakref__", "__module__", "__init_subclass__"):
                    setattr(made, name, self.of(value))
        return self.classes[id(plain)][0]

    def _module(self, module: ModuleType) -> ModuleType | Namespace | ModuleCopy:
        if not self.symbolic and not _is_own(getattr(module, "__file__", None)):
            return module
        if is_numerical(module.__name__) or module.__name__ in RANDOM:
            return Namespace(module.__name__, module)
        return ModuleCopy(module, self) if _is_own(getattr(module, "__file__", None)) else module

    def _numerical(self, value: object) -> object:
        name = getattr(value, "__name__", "")
        module = getattr(value, "__module__", None) or ("numpy" if isinstance(value, np.ufunc) else "")
        if isinstance(value, type) or not is_numerical(module):
            return value
        root = module.split(".")[0]
        namespace = Namespace(root, sys.modules.get(root))
        return getattr(namespace, name) if hasattr(sys.modules.get(root), name) else namespace.function(name, value)

    def _function(self, function: FunctionType) -> object:
        if is_numerical(function.__module__ or ""):
            return self._numerical(function) if self.symbolic else function
        if not _is_own(function.__code__.co_filename):
            return function
        if id(function) not in self.functions:
            self._copy(function)
        return self.functions[id(function)][0]

    def _copy(self, function: FunctionType) -> None:
        """A function of the user's own, with what stands for them behind its names; its own name first, since it may mention that."""
        if self.symbolic:
            _check_identities(function.__code__)
        known = self.globals.setdefault(id(function.__globals__), {"__builtins__": self.builtins, "__name__": function.__module__})
        made = FunctionType(self._code(function.__code__), known, function.__name__, None, _cells(function, self))
        self.functions[id(function)] = (made, function)  # the original too, so that its id stays its own
        made.__defaults__ = None if function.__defaults__ is None else tuple(map(self.of, function.__defaults__))
        made.__kwdefaults__ = function.__kwdefaults__ and {k: self.of(v) for k, v in function.__kwdefaults__.items()}
        made.__dict__ = {name: self.of(value) for name, value in function.__dict__.items()}
        for name in _names(function.__code__):
            if name in function.__globals__ and name not in known:
                known[name] = self.of(function.__globals__[name])

    def _code(self, code: CodeType) -> CodeType:
        return code.replace(co_consts=tuple(self.of(c) if type(c) is float else c for c in code.co_consts))


def _one_of(*kinds: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kinds)


def _keeps_results(value: object) -> bool:
    """Whether a value is a function under functools.cache."""
    return hasattr(value, "cache_parameters") and hasattr(value, "__wrapped__")


def _draws(value: object) -> bool:
    return isinstance(value, DRAWING) or isinstance(getattr(value, "__self__", None), DRAWING)


def _is_of_library(value: object) -> bool:
    return isinstance(value, (np.ufunc, BuiltinFunctionType)) or is_numerical(getattr(value, "__module__", "") or "")


def _is_own_class(value: object) -> bool:
    """Whether a value is a plain class of the user's own, made of such only."""
    if type(value) is not type or value is object or "__slots__" in vars(value) or "__new__" in vars(value):
        return False
    own = _is_own(getattr(sys.modules.get(value.__module__), "__file__", None)) and not value.__module__.startswith("symderiv.")
    return own and all(base is object or _is_own_class(base) for base in value.__bases__)


def _is_state(value: object) -> bool:
    """Whether a value can be written to: a container of Python's, or an instance of somebody's own class."""
    return isinstance(value, (dict, list, set, deque, bytearray)) or _is_own(_file_of(type(value)))


def _is_compiled(value: object) -> bool:
    """Whether numba compiles a function of the user's."""
    return isinstance(getattr(value, "py_func", None), FunctionType)


DRAWN = Refused("what is drawn is another in each run; make it an argument")
USED_UP = Refused("an iterator from outside of the function, which a run uses up: make a list of it")
PLAIN = frozenset({int, bool, str, bytes, type(None)})  # which stand for themselves

# What stands for a value, by the first row that applies. What no row is for stands for itself.
COPIED: tuple[tuple[Callable[[object], bool], Callable[[Copies, Any], object]], ...] = (
    (lambda value: type(value) is float, lambda copies, value: _exact(value) if copies.symbolic and is_long(value) else value),
    (_one_of(ModuleType), Copies._module),
    (_one_of(FunctionType), Copies._function),
    (_one_of(MethodType), lambda copies, value: MethodType(copies.of(value.__func__), copies.of(value.__self__))),
    (_one_of(functools.partial), Copies._partial),
    (_one_of(functools.cached_property), Copies._cached_property),
    (_keeps_results, Copies._keeping),
    (_draws, lambda copies, value: DRAWN if copies.symbolic else value),
    (_one_of(np.ndarray), Copies._array),
    (_one_of(Iterator), lambda copies, value: USED_UP if copies.symbolic else value),
    (_is_of_library, lambda copies, value: copies._numerical(value) if copies.symbolic else value),
    (_one_of(staticmethod, classmethod), lambda copies, value: type(value)(copies.of(value.__func__))),
    (_one_of(property), lambda copies, value: property(*(f and copies.of(f) for f in (value.fget, value.fset, value.fdel)))),
    (_is_own_class, Copies._class),
    (_one_of(type), lambda _, value: value),
    (_is_state, Copies._state),
    (_one_of(tuple), Copies._tuple),
    (_is_compiled, lambda copies, value: copies.of(value.py_func)),
)


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


class ModuleCopy:
    """A module of the user's own, its functions traced."""

    def __init__(self, module: ModuleType, copies: Copies) -> None:
        self._module, self._copies = module, copies

    def __getattr__(self, name: str) -> object:
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


def _file_of(kind: type) -> str | None:
    """The file that a class of somebody's own is in."""
    inside = kind.__module__.split(".")[0] in ("symderiv", "sympy", "builtins")
    return None if inside else getattr(sys.modules.get(kind.__module__), "__file__", None)


def _attributes(value: object) -> Iterator[tuple[str, object]]:
    """What an instance holds, in its dict or in slots."""
    yield from getattr(value, "__dict__", {}).items()
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                yield name, getattr(value, name)


class Kept:
    """functools.cache for symbolic sizes. What it returned for sizes that may be the same may be one array."""

    def __init__(self, function: Function) -> None:
        self._function, self._found = function, dict[object, object]()

    def __call__(self, *args: object, **kwargs: object) -> object:
        key = tuple(map(_key_of, args)), tuple((name, _key_of(value)) for name, value in kwargs.items())
        if key not in self._found:
            made = self._function(*args, **kwargs)
            if isinstance(made, Tensor):
                for other in (o for o in self._found.values() if isinstance(o, Tensor)):
                    made._may_be(other)
            self._found[key] = made
        return self._found[key]

    def __get__(self, instance: object, _owner: object = None) -> Function:
        return self if instance is None else functools.partial(self, instance)


def _key_of(value: object) -> object:
    """What a value is looked up by. Fails on what depends on values."""
    if not is_paired(value):
        return type(value), value
    if not isinstance(value, Tensor) or value._current.axes or value._current.kind != INT:
        raise TraceError("a function that keeps what it returned (functools.cache), by values that are symbolic: by sizes only")
    return value._current.number


LIBRARIES = tuple(sysconfig.get_paths()[k] for k in ("stdlib", "platstdlib", "purelib", "platlib"))


def _is_own(filename: str | None) -> bool:
    """Whether code is the user's own, and no library's."""
    return filename is not None and not filename.startswith(LIBRARIES) and not filename.startswith("<frozen")


def _imported(copies: Copies) -> Function:
    return lambda name, *args, **kwargs: copies.of(builtins.__import__(name, *args, **kwargs))
