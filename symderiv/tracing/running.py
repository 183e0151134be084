"""Functions run on symbolic arrays: what goes in, what comes out, and which gradient is of which argument."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import prod
from traceback import extract_tb
from typing import Any

import numpy as np
from sympy import Expr, Integer, Symbol

from symderiv.claim import Derivation
from symderiv.errors import SymderivError, TraceError
from symderiv.program import Variable
from symderiv.terms import Element, Label
from symderiv.tracing.functions import TABLE
from symderiv.tracing.rebuilding import Copies
from symderiv.tracing.shapes import ShapeOf, documented, shape_of
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import FLOAT, INT, Group, Traced, by_cases, formal, is_short, regrouped, scalar

Table = dict[str, Callable[..., Any]]
UPSTREAM = re.compile(r"d(?:_?out|_?y|upstream)?|g|grad(?:_?out(?:put)?|_?y)?|upstream\w*|dout\w*|cotangent\w*|delta", re.IGNORECASE)


@dataclass(frozen=True)
class Argument:
    """An input array: its name in the code, its axes, its entries as the derivation has them.

    Where an axis has a few positions only, each has a name of its own, so that the entry is one of several by cases.
    """

    name: str
    axes: tuple[Group, ...]
    entry: Any
    variables: tuple[Variable, ...]

    @property
    def is_real(self) -> bool:
        return not isinstance(self.variables[0].head, Label)

    @property
    def traced(self) -> Traced:
        return Traced(self.axes, self.entry if self.is_real else self.entry - 1, FLOAT if self.is_real else INT)

    def tensor(self, table: Table) -> Tensor:
        return Tensor(self.traced, table)


@dataclass
class Inputs:
    """The arguments of functions that are traced together, declared in one derivation."""

    derivation: Derivation
    arguments: dict[str, Argument] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)  # of the arrays that were handed out, by identity
    given: list[Tensor] = field(default_factory=list)  # these arrays, so that none takes another's identity
    convert: Callable[[Any], Any] = lambda array: array  # numbers as the library's arrays that the functions work on
    table: Table = field(default_factory=lambda: TABLE)  # the functions as that library has them
    named: set[str] = field(default_factory=set)  # the parameters of the functions
    unknown: list[str] = field(default_factory=list)  # what is said of none of them
    axes: str = "split"  # what becomes of an axis that is a product of sizes: split in this order, turned, or whole

    def told(self, name: str, shape: ShapeOf) -> Argument:
        """An input of a shape that was told, its axes taken apart or left whole."""
        ways: dict[str, Callable[[tuple[Any, ...]], tuple[Any, ...]]] = {
            "split": lambda axis: axis,
            "turned": lambda axis: axis[::-1],
            "whole": lambda axis: () if prod(axis, start=Integer(1)) == 1 else (prod(axis, start=Integer(1)),),
        }
        return self.declare(name, replace(shape, axes=tuple(map(ways[self.axes], shape.axes))))

    def declare(self, name: str, shape: ShapeOf) -> Argument:
        """An input under the name that the code gives it."""
        for factor in (f for axis in (*shape.axes, (shape.labels,)) for f in axis if f is not None):
            for symbol in sorted(factor.free_symbols, key=str):
                if not self.derivation.program.is_taken(symbol.name):
                    self.derivation.size(symbol.name)
        axes = regrouped(formal(f for axis in shape.axes for f in axis), shape.axes)
        indices = tuple(i for group in axes for i in group)
        variables: list[Variable] = []
        entry = self._entry(latex_of(name), shape, indices, variables)
        self.arguments[name] = Argument(name, axes, entry, tuple(variables))
        return self.arguments[name]

    def _entry(self, name: str, shape: ShapeOf, indices: Group, variables: list[Variable]) -> Any:
        short = next((i for i in indices if is_short(i)), None)
        if short is not None and _positions(indices) <= MOST_APART:
            rest = tuple(i for i in indices if i != short)
            ways = [self._entry(_numbered(name, k), shape, rest, variables) for k in range(1, int(short.upper) + 1)]
            return by_cases(short, ways)
        letters = formal(i.upper for i in indices)
        if shape.labels is not None:
            head: Any = Label(name, Integer(1), shape.labels)
        else:
            head = Symbol(name, real=True, **({shape.sign: True} if shape.sign else {}))
        self.derivation._extend(Variable(head, letters), "inputs", Variable(head, letters))
        variables.append(Variable(head, letters))
        return Element(head, *indices) if indices else head


MOST_APART = 32  # positions along short axes that each have a name of their own


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


@dataclass(frozen=True)
class Returned:
    """What a function returned, piece by piece, with the names that its return statement gives them; and whether it was several."""

    pieces: tuple[tuple[str, Any], ...]
    several: bool
    keyed: bool = False  # whether it was a dict


def arguments_for(function: Callable[..., Any], shapes: Mapping[str, Any], given: Mapping[str, Any], inputs: Inputs) -> dict[str, Any]:
    """A value for each parameter: an array of the shape told, what is given, or the default. Fails where nothing is told."""
    told = documented(function)
    found: dict[str, Any] = {}
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
        elif parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TraceError(
                f"{function.__name__}: the shape of {name} is not known; give it as shapes={{{name!r}: ...}}, "
                f"on the command line as --shapes '{name}: N, D', or say it in the docstring: {name}: ... of shape (N, D)"
            )
    return found


def _check_names(function: Callable[..., Any], names: Sequence[str], inputs: Inputs) -> None:
    """Refuse shapes and values for what is no parameter: of this function, or of one before, or to come."""
    parameters = _parameters(function)
    inputs.named |= set(parameters)
    inputs.unknown = [n for n in {*inputs.unknown, *names} if n not in inputs.named]


def _plain(value: Any) -> Any:
    """A given argument; a size of the shapes as code has it."""
    return Tensor(scalar(value, INT), TABLE) if isinstance(value, Expr) and value.is_integer else value


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function).parameters)


def _declared(name: str, shape: Any, inputs: Inputs) -> Any:
    if isinstance(shape, Mapping):
        return {key: _declared(f"{name}.{key}", inner, inputs) for key, inner in shape.items()}
    argument = inputs.arguments.get(name) or inputs.told(name, shape_of(shape, name))
    inputs.given.append(argument.tensor(inputs.table))
    inputs.names[id(inputs.given[-1])] = name
    return inputs.given[-1]


def run(function: Callable[..., Any], copies: Copies, arguments: Mapping[str, Any]) -> Returned:
    """Call the copy of a function that works on symbolic arrays. Fails with the line of the code at which it could not go on."""
    try:
        result = copies.of(function)(**{name: copies.of(_own(value)) for name, value in arguments.items()})
    except Exception as error:
        kind = type(error) if isinstance(error, TraceError) else TraceError
        raise kind(f"{_place(function, error)}{_said(error)}") from error
    return returned(function, result)


def returned(function: Callable[..., Any], result: Any) -> Returned:
    """What a call returned, piece by piece."""
    names = _returned_names(inspect.unwrap(function))
    if isinstance(result, dict):
        return Returned(tuple(sorted(((str(k), v) for k, v in result.items()), key=lambda row: row[0])), True, True)
    if isinstance(result, (tuple, list)):
        fields = getattr(result, "_fields", None) or (names if len(names) == len(result) else [""] * len(result))
        return Returned(tuple(zip(fields, result, strict=True)), True)
    return Returned(((names[0] if len(names) == 1 else "", result),), False)


def _own(value: Any) -> Any:
    """Dicts and lists that a function may change, as its own; the arrays in them are the same."""
    if isinstance(value, dict):
        return {key: _own(inner) for key, inner in value.items()}
    return [_own(inner) for inner in value] if type(value) is list else value


def _place(function: Callable[..., Any], error: BaseException) -> str:
    """Where in the traced code an error arose, with the line."""
    own = inspect.getsourcefile(function) or ""
    frames = [f for f in extract_tb(error.__traceback__) if not _is_ours(f.filename)]
    frame = next((f for f in reversed(frames) if f.filename == own), frames[-1] if frames else None)
    return f"{frame.filename}:{frame.lineno}: `{(frame.line or '').strip()}`: " if frame is not None and frame.line else ""


def _is_ours(filename: str) -> bool:
    return "/symderiv/tracing/" in filename or filename.endswith(("/inspect.py", "/functools.py"))


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, SymderivError) else f"{type(error).__name__}: {error}"


@lru_cache(maxsize=1000)
def _returned_names(function: Callable[..., Any]) -> list[str]:
    """The names in the last return statement of a function; empty where something has none."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return []
    body = tree.body[0]
    if isinstance(body, ast.FunctionDef):
        returns = [n for n in _own_nodes(body) if isinstance(n, ast.Return) and n.value is not None]
        values: list[Any] = [r.value for r in returns]
    else:
        values = [n.body for n in ast.walk(tree) if isinstance(n, ast.Lambda)][:1]
    lists = [[p.id if isinstance(p, ast.Name) else "" for p in _elements(v)] for v in values] or [[]]
    if len({len(names) for names in lists}) > 1:
        return []
    return [names[0] if len(set(names)) == 1 else "" for names in zip(*lists, strict=True)]  # where all returns agree


def _elements(value: Any) -> list[Any]:
    return list(value.elts) if isinstance(value, (ast.Tuple, ast.List)) else [value]


def _own_nodes(function: ast.FunctionDef) -> list[ast.AST]:
    """What stands in a function, and in no function inside it."""
    found: list[ast.AST] = []
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        found.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            stack += ast.iter_child_nodes(node)
    return sorted(found, key=lambda n: getattr(n, "lineno", 0))


@dataclass(frozen=True)
class Bound:
    """The arguments of a backward pass, and the outputs whose upstream gradients are among them, in order."""

    arguments: dict[str, Any]
    outputs: tuple[tuple[str, Any, str], ...]  # what the output is called, its value, the parameter for its upstream gradient


def bind(backward: Callable[..., Any], forwards: Mapping[str, Any], first: Returned, given: Mapping[str, Any]) -> Bound:
    """What each parameter of a backward pass stands for.

    Parameters are told by name: those of the forward pass, what it returns, `cache`. What remains takes the upstream
    gradients of the outputs, in order, then what is returned and no array. Fails where something remains.
    """
    parameters = _parameters(backward)
    values: dict[str, Any] = {}
    saved = {name: value for name, value in first.pieces if name}
    open_: list[str] = []
    for name, parameter in parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if name in given:
            values[name] = given[name]
        elif name in forwards:
            _check_default(name, parameter.default, forwards[name], backward)
            if name in saved and saved[name] is not forwards[name]:
                raise TraceError(
                    f"{backward.__name__}: {name} is an argument of the forward pass, and what that returns by this name is another"
                )
            values[name] = forwards[name]
        elif name in saved:
            values[name] = saved[name]
        else:
            open_.append(name)
    cached = next((name for name in open_ if CACHE.fullmatch(name)), None)
    if cached is not None and len(first.pieces) > 1 and first.pieces[-1][0] not in values:
        values[cached] = first.pieces[-1][1]
        open_.remove(cached)
        saved[cached] = values[cached]
    asked = {_gradient_of(name) for name in open_}
    caches = [values[cached]] if cached is not None and cached in values else []
    pieces = [(name, v) for n, (name, v) in enumerate(first.pieces) if not name or all(v is not other for _, other in first.pieces[:n])]
    spare = [(name, v) for name, v in pieces if (name not in values or name in asked) and not any(v is c for c in caches)]
    outputs = [(name, value) for name, value in spare if _is_real(value)]
    kept = [(name, value) for name, value in spare if not _is_real(value)]
    if not outputs and saved:
        outputs = [(name, value) for name, value in first.pieces if _is_real(value)][:1]
    named = _upstream_by_name(open_, [name for name, _ in outputs])
    upstream: list[tuple[str, Any, str]] = []
    rest = [name for name in open_ if name not in named.values()]
    for n, (name, value) in enumerate(outputs):
        if n and rest and n not in named and not _is_gradient_name(rest[0]) and name not in asked:
            values[rest.pop(0)] = value  # a parameter that is not called like a gradient takes the value itself
            continue
        parameter_name = named.get(n) or (rest.pop(0) if rest and _takes_gradient(rest, kept, parameters) else "")
        upstream.append((name or f"out{n + 1}" if len(outputs) > 1 else name or "out", value, parameter_name))
    for _name, value in kept:
        if rest:
            values[rest.pop(0)] = value
    missing = [name for name in rest if parameters[name].default is inspect.Parameter.empty]
    if missing:
        raise TraceError(
            f"{backward.__name__}: what {missing[0]} stands for is not known; name it like an argument of the forward pass, "
            "like what that returns, or like an upstream gradient (dout, dy); or give it as given={...}"
        )
    return Bound(values, tuple(upstream))


CACHE = re.compile(r"cache\w*|saved\w*|ctx|memory|tape", re.IGNORECASE)


def _check_default(name: str, default: Any, value: Any, backward: Callable[..., Any]) -> None:
    """Refuse a default of the backward pass that is not what the forward pass had."""
    plain = (int, float, str, bool, type(None), tuple)
    if default is not inspect.Parameter.empty and isinstance(value, plain) and isinstance(default, plain) and default != value:
        raise TraceError(
            f"{backward.__name__}: {name} is {default!r} by default, and {value!r} in the forward pass; give one: given={{{name!r}: ...}}"
        )


def _is_gradient_name(name: str) -> bool:
    return UPSTREAM.fullmatch(name) is not None or _gradient_of(name) != name


def _takes_gradient(rest: Sequence[str], kept: Sequence[Any], parameters: Mapping[str, inspect.Parameter]) -> bool:
    """Whether the next open parameter is for an upstream gradient, and not for what the forward pass kept."""
    wanted = [name for name in rest if parameters[name].default is inspect.Parameter.empty or UPSTREAM.fullmatch(name)]
    return bool(wanted) and (len(wanted) > len(kept) or UPSTREAM.fullmatch(rest[0]) is not None) and rest[0] in wanted


def _upstream_by_name(open_: Sequence[str], outputs: Sequence[str]) -> dict[int, str]:
    """The parameters that are called like the gradient of an output."""
    found = {}
    for n, output in enumerate(outputs):
        match = next((name for name in open_ if output and _gradient_of(name) == output), None)
        if match is not None:
            found[n] = match
    return found


def _gradient_of(name: str) -> str:
    """What a name such as `dx`, `d_x`, `grad_x`, `x_grad`, `x_bar` is the gradient of; itself if it says nothing."""
    found = re.fullmatch(r"(?:d_?|grad_?|g_)(?P<a>\w+)|(?P<b>\w+?)_(?:grad|bar|cotangent)", name)
    return (found["a"] or found["b"]) if found else name


def _is_real(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.data.kind == FLOAT
    return isinstance(value, (float, np.floating)) or "float" in str(getattr(value, "dtype", ""))


def gradients(returned: Returned, arguments: Mapping[str, Argument], wrt: Sequence[str]) -> list[tuple[str, str, Any]]:
    """What is returned, as (label, name of the argument, value): told by name, else in the order of the arguments.

    Fails where neither tells.
    """
    pieces = flattened(returned)
    if not pieces:
        raise TraceError("no gradient is returned")
    if unknown := [name for name in wrt if name not in arguments]:
        raise TraceError(f"wrt names {unknown[0]}, which is no array among the arguments: {', '.join(arguments)}")
    if wrt:
        if len(wrt) != len(pieces):
            raise TraceError(f"{len(pieces)} gradients are returned, and wrt names {len(wrt)}: {', '.join(wrt)}")
        return [(name or f"d{target}", target, value) for target, (name, value) in zip(wrt, pieces, strict=True)]
    known = list(arguments)
    told = [_argument(name, known) for name, _ in pieces]
    real = [name for name in known if arguments[name].is_real]
    if all(told) and len(set(told)) == len(told):
        return [(name or f"d{target}", str(target), value) for (name, value), target in zip(pieces, told, strict=True)]
    values = [(name, value) for name, value in pieces if value is not None]
    missing = [name for name in real if name not in told]
    if any(told) and told.count(None) == 1 == len(missing) and len(set(told)) == len(told):
        return [(name or f"d{t}", t, value) for (name, value), t in zip(pieces, (t or missing[0] for t in told), strict=True)]
    in_order = [_argument(name, known) for name, _ in values]
    if len(values) == len(real) and all(t in (None, r) for t, r in zip(in_order, real, strict=True)):
        return [(f"d{target}", target, value) for target, (_, value) in zip(real, values, strict=True)]
    raise TraceError(
        f"{len(pieces)} gradient{'s are' if len(pieces) > 1 else ' is'} returned for {len(real)} arrays ({', '.join(real)}); "
        "return them by names such as dx, in a dict, or say which they are: wrt=('x', ...), on the command line --wrt x,..."
    )


def flattened(returned: Returned) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in returned.pieces:
        if isinstance(value, dict):
            found += [(str(key), inner) for key, inner in value.items()]
        elif isinstance(value, (tuple, list)):
            found += [(f"{name}{n}" if name else "", inner) for n, inner in enumerate(value)]
        elif value is not None:
            found.append((name, value))
    return found


def _argument(name: str, known: Sequence[str]) -> str | None:
    """The argument that a gradient's name tells of."""
    for candidate in (_gradient_of(name), name, name[1:] if name.startswith("d") else name):
        if candidate in known:
            return candidate
        inner = [k for k in known if k.rpartition(".")[2] == candidate]
        if len(inner) == 1:
            return inner[0]
        alike = [k for k in known if k.replace("_", "").lower() == candidate.replace("_", "").lower()]
        if len(alike) == 1:
            return alike[0]
    return None
