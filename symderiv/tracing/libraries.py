"""What stands behind the names of libraries: their modules and functions, for symbolic arrays, with the real ones beside."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing import entrywise
from symderiv.tracing.beside import ABSENT, is_paired, together, told
from symderiv.tracing.dialects import table_of
from symderiv.tracing.functions import CONSTANTS, TABLE
from symderiv.tracing.kinds import CASTS, kind_of
from symderiv.tracing.tensor import Tensor

# Modules whose functions are traced by name.
NUMERICAL = ("numpy", "scipy", "jax", "torch", "array_api_compat", "array_api_strict", "autograd", "cupy", "math")
NUMPY = ("numpy", "scipy", "autograd", "math")  # what works on arrays of NumPy, so that it can be run beside the trace
ARRAYS = {"Tensor": Tensor, "Array": Tensor}  # the arrays of other libraries
BY_TYPES = (
    *("isscalar", "ndim", "iscomplexobj", "isrealobj", "result_type", "can_cast", "issubdtype", "shares_memory", "may_share_memory"),
    *("promote_types", "iterable", "isfortran"),
)
TYPES = ("float32", "float64", "int64", "int32", "bool", "dtype", "finfo")  # of libraries that have them as something else
RANDOM = ("random", "secrets", "uuid")  # modules whose functions give other values in each run
DRAWING = (np.random.Generator, np.random.RandomState, random.Random)


def is_numerical(module: str) -> bool:
    return module.split(".")[0] in NUMERICAL


class Namespace:
    """A module of numerical functions, for symbolic arrays. Parts of it, such as `np.linalg`, are the same."""

    def __init__(self, name: str, module: object = None) -> None:
        self._name, self._module = name, module

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") and name not in ("__version__", "__name__"):
            raise AttributeError(name)
        if name == "e":
            raise TraceError(f"{self._short}.e: write {self._short}.exp(x) for {self._short}.e ** x")
        if name in CONSTANTS:
            return CONSTANTS[name]
        real = getattr(self._module, name) if self._is_numpy else getattr(self._module, name, ABSENT)  # fails as it does where it has none
        return next(row.stands(self, name, real) for row in STANDS if row.applies(self, name, real))

    def function(self, name: str, real: object) -> Function | Refused:
        """A function, by its name and as it is."""
        if not self._is_known(name) and hasattr(real, "__getitem__"):  # np.c_ and its like
            return Refused(f"{self._short}.{name} is {UNKNOWN}")
        return _function_of(self._name, self._short, name, real)

    def _is_known(self, name: str) -> bool:
        return entrywise.OTHER_NAMES.get(name, name) in table_of(self._name)

    @property
    def _is_numpy(self) -> bool:
        return self._name.split(".")[0] in NUMPY and isinstance(self._module, ModuleType)

    @property
    def _is_random(self) -> bool:
        return self._name.split(".")[-1] in RANDOM

    @property
    def _short(self) -> str:
        return {"numpy": "np", "jax.numpy": "jnp"}.get(self._name, self._name)


class Refused:
    """What is not known, whatever it is asked."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def __getitem__(self, _key: object) -> NoReturn:
        raise TraceError(self._reason)

    def __call__(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TraceError(self._reason)

    def __next__(self) -> NoReturn:
        raise TraceError(self._reason)

    def __iter__(self) -> NoReturn:
        raise TraceError(self._reason)

    def __getattr__(self, _name: str) -> NoReturn:
        raise TraceError(self._reason)


UNKNOWN = "not known here; write it with operations that are, or as a function of your own"


class Function:
    """A function of a library, for symbolic arrays, with the real one beside. What is not known here still works on plain numbers."""

    def __init__(self, name: str, traced: Callable[[], Callable[..., object] | None], real: Any, is_math: bool = False) -> None:
        self._name, self._traced, self._real, self._is_math = name, traced, real, is_math

    def __call__(self, *args: object, **kwargs: object) -> object:
        traced = self._traced()
        if (traced is None or self._is_math) and callable(self._real) and args and all(map(_is_number, (*args, *kwargs.values()))):
            return self._real(*args, **kwargs)
        return together(self._name, traced or Refused(f"{self._name} is {UNKNOWN}"), self._real, args, kwargs)

    def __getattr__(self, name: str) -> object:
        """A method, such as that of `np.add.at`; other things that are known of the real one, such as its name."""
        real = getattr(self._real, name) if self._real is not ABSENT else ABSENT
        if real is not ABSENT and not callable(real):
            return real
        return Function(f"{self._name}.{name}", lambda: getattr(self._traced(), "__dict__", {}).get(name), real)


@functools.cache
def _function_of(module: str, short: str, name: str, real: object) -> Function:
    """One function, the same each time, since code asks which it is: `activation is np.tanh`."""
    key = entrywise.OTHER_NAMES.get(name, name)
    is_numpy = module.split(".")[0] in NUMPY
    return Function(f"{short}.{name}", lambda: table_of(module).get(key), real if is_numpy else ABSENT, module == "math")


def vectorized(function: object, **options: Any) -> Function:
    """np.vectorize of a function of a library, which goes number by number anyhow."""
    if not isinstance(function, Function) or function._name.rpartition(".")[2] not in entrywise.FUNCTIONS:
        raise TraceError("np.vectorize calls a function for one number after the other: call it with the whole array")
    return Function(f"np.vectorize({function._name})", function._traced, np.vectorize(function._real, **options))


@dataclass(frozen=True)
class Row:
    """When something stands for what a module has under a name, and what does: each for the module, the name and what it has."""

    applies: Callable[[Namespace, str, Any], bool]
    stands: Callable[[Namespace, str, Any], object]


def _is_plain(module: Namespace, name: str, real: object) -> bool:
    """Whether something is no function to be traced, but a number, a word or a type."""
    return not module._is_known(name) and (isinstance(real, (int, float, str, type)) or name in TYPES)


def _refused_draw(module: Namespace, name: str, _: object) -> Refused:
    return Refused(f"{module._short}.{name}: what is drawn is another in each run; make it an argument")


# What stands for what a module has, by the first row that applies.
STANDS = (
    Row(lambda _module, name, _real: name in ARRAYS, lambda _module, name, _real: ARRAYS[name]),
    Row(lambda _module, _name, real: isinstance(real, ModuleType), lambda module, name, real: Namespace(f"{module._name}.{name}", real)),
    Row(lambda module, _name, _real: module._is_random, _refused_draw),
    Row(lambda module, name, _real: module._is_numpy and name in BY_TYPES, lambda _module, name, real: told(name, real)),
    Row(lambda _module, name, _real: name == "vectorize", lambda *_: vectorized),
    Row(lambda module, name, _real: module._is_numpy and name in CASTS, lambda _module, _name, real: kind_of(real)),
    Row(_is_plain, lambda _module, _name, real: real),
    Row(lambda *_: True, Namespace.function),
)


def _is_number(value: object) -> bool:
    return not is_paired(value) and isinstance(value, (int, float, np.generic, str))


TABLE["__namespace__"] = Namespace("numpy", np)  # type: ignore[assignment]
