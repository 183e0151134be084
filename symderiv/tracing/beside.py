"""A run beside the trace: with each symbolic array goes one of numbers, on which NumPy itself does what the code does.

What a value's type is, whether an array shows the memory of another, what NumPy refuses: that is seen there and not guessed. A step in
which the trace and the run beside it differ is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from io import StringIO
from typing import Any, ParamSpec, Protocol, TypeGuard, TypeVar
from warnings import catch_warnings, simplefilter

import numpy as np
from sympy import Expr, Integer, Symbol

from symderiv.errors import REFUSALS, SymderivError, TraceError
from symderiv.language.terms import as_term
from symderiv.tracing.spans import span
from symderiv.tracing.traced import BOOL, FLOAT, INT, Traced, shape_text
from symderiv.tracing.values import Function

P = ParamSpec("P")
T = TypeVar("T")

KIND_OF = {"b": BOOL, "i": INT, "u": INT, "f": FLOAT}
FEW_BITS = 16  # whole numbers of so many bits wrap around in practice
UNSURE = "whether this shows the memory of an array that was changed{} is not known for every size; take a copy first: x.copy()"


class Absent:
    """Stands where no numbers go beside, as for other libraries' arrays."""

    def __repr__(self) -> str:
        return "no number"


ABSENT = Absent()


class Either(float):
    """One of several numbers of different types: which of them depends on the values, and with it the type."""


@dataclass
class Watch:
    """One run of somebody's code: the sizes of the arrays beside, and what was refused."""

    sizes: Mapping[Symbol, int] | None  # None where nothing can go beside
    refused: list[TraceError] = field(default_factory=list)


class Paired(Protocol):
    """What is symbolic, with what goes beside it."""

    _beside: object

    def __iter__(self) -> Iterator[object]: ...

    def _paired(self, name: str, real: object, inputs: Sequence[Paired], watch: Watch) -> Paired: ...


class Counted(Protocol):
    """What is made of symbolic values, and can be made of numbers."""

    def numbers_beside(self) -> object: ...


_WATCH: ContextVar[Watch | None] = ContextVar("_WATCH", default=None)


@contextmanager
def watched(sizes: Mapping[Symbol, int] | None) -> Iterator[Watch]:
    """While somebody's code runs. What was refused in it is to be raised at its end, for the code may have swallowed it."""
    with _unwarned(), _as(Watch(sizes)) as watch:
        assert watch is not None
        yield watch


@contextmanager
def quietly() -> Iterator[None]:
    """While functions run on numbers drawn at will: what they print or warn of is about these."""
    with _unwarned(), redirect_stdout(StringIO()):
        yield


@contextmanager
def _unwarned() -> Iterator[None]:
    with np.errstate(all="ignore"), catch_warnings():
        simplefilter("ignore")
        yield


@contextmanager
def _as(watch: Watch | None) -> Iterator[Watch | None]:
    tokens = _WATCH.set(watch), REFUSALS.set(watch.refused if watch is not None else None)
    try:
        yield watch
    finally:
        _WATCH.reset(tokens[0])
        REFUSALS.reset(tokens[1])


def class_of(number: object, own: type) -> type:
    """What somebody's code sees as the type of a symbolic value: that of the number beside."""
    if not is_theirs() or number is ABSENT:
        return own
    if isinstance(number, Either):
        raise TraceError("the type of a value, which depends on the values: max() or min() of numbers of different types")
    return type(number)


def is_theirs() -> bool:
    """Whether it is somebody's code that runs, and not ours on its behalf."""
    return _WATCH.get() is not None


def together(name: str, traced: Function, real: Function | Absent, args: Sequence[object], kwargs: Mapping[str, object]) -> Any:
    """What a function makes of symbolic arrays, with what NumPy makes of the numbers beside them.

    Fails where one of the two fails, or they differ in what they are.
    """
    watch = _WATCH.get()
    if watch is None:
        return traced(*args, **kwargs)
    try:
        with _as(None):
            inputs, numbers, options = _all_beside(args, kwargs)
            found = traced(*args, **kwargs)
            if found is NotImplemented or watch.sizes is None:
                return found
            if isinstance(real, Absent) or any(i._beside is ABSENT for i in inputs):
                raise TraceError(f"{name} mixes NumPy with what is none of it")
            return _paired(name, found, _run(name, real, numbers, options), inputs, watch)
    except Exception as error:
        kind = type(error) if isinstance(error, TraceError) else TraceError
        raise kind(str(error) if isinstance(error, SymderivError) else f"{type(error).__name__}: {error}") from error


def beside(name: str, real: Function | Absent) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Makes of a function for symbolic arrays one that is checked by a run beside it."""

    def decorate(traced: Callable[P, T]) -> Callable[P, T]:
        @wraps(traced)
        def called(*args: P.args, **kwargs: P.kwargs) -> T:
            return together(name, traced, real, args, kwargs)

        return called

    return decorate


def told(name: str, real: Function) -> Function:
    """A function whose result rests on types alone: what it says of the numbers beside."""

    def called(*args: object, **kwargs: object) -> object:
        inputs, numbers, options = _all_beside(args, kwargs)
        if any(i._beside is ABSENT for i in inputs):
            raise TraceError(f"np.{name} is not known here")
        return real(*numbers, **options)

    return called


def _run(name: str, real: Function, args: Sequence[object], kwargs: Mapping[str, object]) -> object:
    try:
        return real(*args, **kwargs)
    except Exception as error:
        raise TraceError(f"{name} fails when it is run: {type(error).__name__}: {error}") from error


def is_paired(value: object) -> TypeGuard[Paired]:
    """Whether a value is symbolic, so that numbers can go beside it."""
    return hasattr(type(value), "_beside")


def _is_counted(value: object) -> TypeGuard[Counted]:
    return hasattr(type(value), "numbers_beside")


def _all_beside(args: Sequence[object], kwargs: Mapping[str, object]) -> tuple[list[Paired], list[object], dict[str, object]]:
    """The symbolic values in arguments, and these arguments in numbers."""
    inputs: list[Paired] = []
    return inputs, [_beside(a, inputs) for a in args], {name: _beside(a, inputs) for name, a in kwargs.items()}


def _beside(value: object, inputs: list[Paired]) -> object:
    """The numbers beside a value and what is in it; the symbolic values in it are noted."""
    if is_paired(value):
        inputs.append(value)
        return value._beside
    if isinstance(value, (list, tuple)):
        return (list if isinstance(value, list) else tuple)(_beside(v, inputs) for v in value)
    if _is_counted(value):
        return value.numbers_beside()
    if type(value) is dict:
        return {k: _beside(v, inputs) for k, v in value.items()}
    if type(value) is slice:
        return slice(*(_beside(v, inputs) for v in (value.start, value.stop, value.step)))
    return value


def _paired(name: str, found: object, real: object, inputs: Sequence[Paired], watch: Watch) -> object:
    """What was traced, with what was run beside it. Fails where they are not alike."""
    if is_paired(found):
        return found._paired(name, real, inputs, watch)
    if isinstance(found, (list, tuple)):
        if not isinstance(real, (list, tuple)) or len(real) != len(found):
            raise TraceError(f"{name} gives {_kind_text(real)} when it is run, which was not expected here")
        pairs = [_paired(name, f, r, inputs, watch) for f, r in zip(found, real, strict=True)]
        return found if all(a is b for a, b in zip(pairs, found, strict=True)) else type(found)(pairs)
    if isinstance(found, (bool, int, float, str)) and not (type(real) is type(found) and real == found):
        raise TraceError(f"{name} gives {real!r} when it is run, and not {found!r}")
    return found


def _kind_text(real: object) -> str:
    if isinstance(real, np.ndarray):
        return f"an array of type {real.dtype} and shape {real.shape}"
    return f"a number of type {type(real).__name__}" if isinstance(real, (int, float, np.generic)) else f"a {type(real).__name__}"


def check_alike(name: str, data: Traced, real: object, sizes: Mapping[Symbol, int] | None) -> None:
    """Fails where what was traced and what was run are not of one kind and shape, or whole numbers wrap around."""
    assert sizes is not None
    dtype = _checked_type(name, data, real)
    _check_shape(name, data, real, sizes)
    if data.kind == INT and not data.axes:
        _check_value(name, data, real, sizes)
    if data.kind == INT and not isinstance(real, int):
        _check_range(name, data.body, dtype)


def _checked_type(name: str, data: Traced, real: object) -> np.dtype[np.generic]:
    """The type of what was run. Fails where that is not of the kind that was traced, or too short."""
    dtype = _type_of(real)
    if dtype is None or KIND_OF.get(dtype.kind) != data.kind:
        raise TraceError(
            f"{name} gives {_kind_text(real)} when it is run, and was traced as {data.kind}s; cast its arguments first, with astype"
        )
    if dtype == np.float16:
        raise TraceError(f"{name} gives float16, which is rounded to three digits; use float32 or float64")
    return dtype


def _type_of(real: object) -> np.dtype[np.generic] | None:
    """The type of an array of numbers, or of a number of NumPy's or of Python's."""
    if isinstance(real, (np.ndarray, np.generic)):
        return real.dtype
    return next((np.dtype(kind) for kind in (bool, int, float) if isinstance(real, kind)), None)


def _check_shape(name: str, data: Traced, real: object, sizes: Mapping[Symbol, int]) -> None:
    shape, found = tuple(_number(n, sizes) for n in data.lengths), real.shape if isinstance(real, np.ndarray) else ()
    if None not in shape and shape != found:
        raise TraceError(f"{name} was traced with the shape {shape_text(data)}, and has {found} for the sizes {_said(sizes)}")


def _check_value(name: str, data: Traced, real: object, sizes: Mapping[Symbol, int]) -> None:
    value = _number(data.body, sizes)
    if value is not None and value != real:
        raise TraceError(f"{name} was traced as {data.body}, and is {real} for the sizes {_said(sizes)}")


def _number(term: Expr, sizes: Mapping[Symbol, int]) -> int | None:
    """A size in numbers; None if it is made of more than sizes."""
    value = as_term(term).xreplace({name: Integer(n) for name, n in sizes.items()})
    return int(value) if value.is_Integer else None


def _said(sizes: Mapping[Symbol, int]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in sizes.items())


def _check_range(name: str, body: Expr, dtype: np.dtype[np.generic]) -> None:
    """Fails where whole numbers of a type leave its range, and wrap around; those of many bits may do so at a lower end of 0 only."""
    least, most = np.iinfo(dtype.name).min, np.iinfo(dtype.name).max
    few, (low, high) = dtype.itemsize * 8 <= FEW_BITS, span(body)
    known = (low is None or low >= least) and (high is None or high <= most)
    if not known or (low is None and least == 0) or (few and None in (low, high)):
        raise TraceError(
            f"{name} gives whole numbers of type {dtype}, which wrap around below {least} or above {most}: use astype(int) first"
        )
