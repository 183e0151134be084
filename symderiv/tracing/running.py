"""Functions run on symbolic arrays: what goes in, and what comes out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from traceback import extract_tb

import numpy as np
from sympy import Expr, Integer, Symbol

from symderiv.errors import SymderivError, TraceError
from symderiv.language.claim import Derivation
from symderiv.language.program import Variable
from symderiv.language.terms import Element, Label
from symderiv.tracing.beside import watched
from symderiv.tracing.contexts import NAME, Context
from symderiv.tracing.declared import documented
from symderiv.tracing.drawing import Argument, drawn
from symderiv.tracing.functions import TABLE
from symderiv.tracing.rebuilding import Copies
from symderiv.tracing.returned import Returned, returned
from symderiv.tracing.shapes import ShapeOf, Told, shape_of
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import INT, MOST_APART, Group, by_cases, formal, is_short, regrouped, scalar
from symderiv.tracing.values import Code, Numbers, Table


@dataclass
class Inputs:
    """The arguments of functions that are traced together, declared in one derivation."""

    derivation: Derivation
    arguments: dict[str, Argument] = field(default_factory=dict)
    upstream: set[str] = field(default_factory=set)  # those that are gradients of outputs
    names: dict[int, str] = field(default_factory=dict)  # of the arrays that were handed out, by identity
    given: list[Tensor] = field(default_factory=list)  # these arrays, so that none takes another's identity
    convert: Callable[[Numbers], object] = lambda array: array  # numbers as the library's arrays that the functions work on
    table: Table = field(default_factory=lambda: TABLE)  # the functions as that library has them
    named: set[str] = field(default_factory=set)  # the parameters of the functions
    unknown: list[str] = field(default_factory=list)  # what is said of none of them
    sizes: dict[Symbol, int] | None = None  # those of the arrays of numbers that go beside; None for a library that takes others
    undeclared: str = ""  # the argument that is traced as if nothing were declared of its sign or range
    axes: str = "split"  # what becomes of an axis that is a product of sizes: split in this order, turned, or whole

    def told(self, name: str, shape: ShapeOf) -> Argument:
        """An input of a shape that was told, its axes taken apart or left whole."""
        ways: dict[str, Callable[[tuple[Expr, ...]], tuple[Expr, ...]]] = {
            "split": lambda axis: axis,
            "turned": lambda axis: axis[::-1],
            "whole": lambda axis: () if prod(axis, start=Integer(1)) == 1 else (prod(axis, start=Integer(1)),),
        }
        shape = replace(shape, sign="", labels=None) if name == self.undeclared else shape
        return self.declare(name, replace(shape, axes=tuple(map(ways[self.axes], shape.axes))))

    def handed_out(self, name: str) -> Tensor:
        """The array of an input, which functions are given, with one of numbers beside it."""
        array = Tensor(self.arguments[name].traced, self.table)
        if self.sizes is not None:
            array._beside = drawn(self.arguments[name], self.sizes, np.random.default_rng(len(name)))[()]  # a number if it has no axes
        self.given.append(array)
        self.names[id(array)] = name
        return array

    @property
    def declared(self) -> list[Argument]:
        """The arguments of whose signs or ranges something is declared."""
        heads = {name: a.variables[0].head for name, a in self.arguments.items()}
        known = {name for name, head in heads.items() if isinstance(head, Label) or _sign_of(head)}
        return [a for name, a in self.arguments.items() if name in known]

    @property
    def changed(self) -> frozenset[str]:
        """The parameters whose arrays were written to so far."""
        return frozenset(self.names[id(array)].partition(".")[0] for array in self.given if array._memory.changes)

    def declare(self, name: str, shape: ShapeOf) -> Argument:
        """An input under the name that the code gives it."""
        for factor in (f for axis in (*shape.axes, (shape.labels,)) for f in axis if f is not None):
            for symbol in sorted(factor.free_symbols, key=str):
                if not self.derivation.program.is_taken(symbol.name):
                    self.derivation.size(symbol.name)
                if self.sizes is not None and symbol not in self.sizes:
                    self.sizes[symbol] = SIZES[len(self.sizes) % len(SIZES)]
        axes = regrouped(formal(f for axis in shape.axes for f in axis), shape.axes)
        indices = tuple(i for group in axes for i in group)
        variables: list[Variable] = []
        entry = self._entry(latex_of(name), shape, indices, variables)
        self.arguments[name] = Argument(name, axes, entry, tuple(variables))
        return self.arguments[name]

    def _entry(self, name: str, shape: ShapeOf, indices: Group, variables: list[Variable]) -> Expr:
        short = next((i for i in indices if is_short(i)), None)
        if short is not None and _positions(indices) <= MOST_APART:
            rest = tuple(i for i in indices if i != short)
            ways = [self._entry(_numbered(name, k), shape, rest, variables) for k in range(1, int(short.upper) + 1)]
            return by_cases(short, ways)
        letters = formal(i.upper for i in indices)
        if shape.labels is not None:
            head: Symbol = Label(name, Integer(1), shape.labels)
        else:
            head = Symbol(name, real=True, **({shape.sign: True} if shape.sign else {}))
        self.derivation._extend(Variable(head, letters), "inputs", Variable(head, letters))
        variables.append(Variable(head, letters))
        return Element(head, *indices) if indices else head


SIZES = (3, 2, 5, 4, 7, 6)  # of the arrays beside


def _positions(indices: Group) -> int:
    return prod(int(i.upper) for i in indices if is_short(i))


def _numbered(name: str, k: int) -> str:
    """A name with one more number below."""
    base, _, below = name.partition("_")
    return f"{base}_{{{below.strip('{}')}{k}}}"


def latex_of(name: str) -> str:
    """A name of the code as one of formulas: `W_h`, `h_{prev}`, `gamma`."""
    name = name.replace(".", "_")
    first, *rest = name.strip("_").split("_") if name.strip("_") else [name.replace("_", "u")]
    return first + (f"_{{{''.join(rest)}}}" if rest else "")


def arguments_for(function: Code, shapes: Mapping[str, Told], given: Mapping[str, object], inputs: Inputs) -> dict[str, object]:
    """A value for each parameter: an array of the shape told, what is given, or the default. Fails where nothing is told."""
    told = documented(function)
    found: dict[str, object] = {}
    _check_names(function, (*shapes, *given), inputs)
    for name, parameter in _parameters(function).items():
        if name in given:
            found[name] = _plain(given[name])
        elif name in shapes:
            found[name] = _declared(name, shapes[name], inputs)
        elif name in told and parameter.default is parameter.empty:
            found[name] = _declared(name, told[name], inputs)
        elif parameter.default is not parameter.empty:
            found[name] = parameter.default
        elif name == NAME:
            found[name] = Context()
        elif parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TraceError(
                f"{function.__name__}: the shape of {name} is not known; give it as shapes={{{name!r}: ...}}, "
                f"on the command line as --shapes '{name}: N, D', or say it in the docstring: {name}: ... of shape (N, D)"
            )
    return found


def _check_names(function: Code, names: Sequence[str], inputs: Inputs) -> None:
    """Refuse shapes and values for what is no parameter: of this function, or of one before, or to come."""
    parameters = _parameters(function)
    inputs.named |= set(parameters)
    inputs.unknown = [n for n in {*inputs.unknown, *names} if n not in inputs.named]


def _plain(value: object) -> object:
    """A given argument; a size of the shapes as code has it."""
    return Tensor(scalar(value, INT), TABLE) if isinstance(value, Expr) and value.is_integer else value


def _parameters(function: Code) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function).parameters)


def _declared(name: str, shape: Told, inputs: Inputs) -> object:
    if isinstance(shape, Mapping):
        return {key: _declared(f"{name}.{key}", inner, inputs) for key, inner in shape.items()}
    if name not in inputs.arguments:
        inputs.told(name, shape_of(shape, name))
    return inputs.handed_out(name)


RELATIONS = (("is_positive", "> 0"), ("is_nonnegative", ">= 0"), ("is_nonzero", "!= 0"))


def assumed(inputs: Inputs, arguments: Mapping[str, object], used: frozenset[Symbol]) -> tuple[str, ...]:
    """What was declared of the arrays whose names are used, and the numbers that the forward pass was given or had by default."""
    heads = [(a.name, a.variables[0].head) for a in inputs.arguments.values() if any(v.head in used for v in a.variables)]
    signs = [f"{name} {sign}" for name, head in heads if (sign := _sign_of(head))]
    ranges = [f"0 <= {name} < {head.upper}" for name, head in heads if isinstance(head, Label)]
    numbers = [f"{name} = {value!r}" for name, value in arguments.items() if isinstance(value, (int, float, str))]
    return (*signs, *ranges, *numbers)


def _sign_of(head: Symbol) -> str:
    """What is declared of the sign of an array, as it is written; labels have a range instead."""
    return "" if isinstance(head, Label) else next((text for has, text in RELATIONS if getattr(head, has)), "")


def run(function: Code, copies: Copies, arguments: Mapping[str, object], inputs: Inputs) -> Returned:
    """Call the copy of a function that works on symbolic arrays.

    Fails with the line of the code at which it could not go on, also where the code swallows that: what it did instead is not what it does.
    """
    made, values = copies.of(function), {name: copies.of(_own(value)) for name, value in arguments.items()}
    failed: BaseException | None = None
    with watched(inputs.sizes) as watch:
        try:
            result = made(**values)
        except Exception as error:
            failed = error
    if watch.refused:
        failed = watch.refused[0]
    if failed is not None:
        kind = type(failed) if isinstance(failed, TraceError) else TraceError
        raise kind(f"{_place(function, failed)}{_said(failed)}") from failed
    return returned(function, result)


def _own(value: object) -> object:
    """Dicts and lists that a function may change, as its own; the arrays in them are the same."""
    if isinstance(value, dict):
        return {key: _own(inner) for key, inner in value.items()}
    return [_own(inner) for inner in value] if type(value) is list else value


def _place(function: Code, error: BaseException) -> str:
    """Where in the traced code an error arose, with the line."""
    own = inspect.getsourcefile(function) or ""
    frames = [f for f in extract_tb(error.__traceback__) if not _is_ours(f.filename)]
    frame = next((f for f in reversed(frames) if f.filename == own), frames[-1] if frames else None)
    return f"{frame.filename}:{frame.lineno}: `{(frame.line or '').strip()}`: " if frame is not None and frame.line else ""


def _is_ours(filename: str) -> bool:
    return "/symderiv/tracing/" in filename or filename.endswith(("/inspect.py", "/functools.py"))


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, SymderivError) else f"{type(error).__name__}: {error}"
