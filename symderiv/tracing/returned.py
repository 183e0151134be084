"""What a call returned, piece by piece, with the names that the function's return statements give."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from symderiv.tracing.values import Code


@dataclass(frozen=True)
class Returned:
    """What a function returned, piece by piece, with the names that its return statement gives them; and whether it was several."""

    pieces: tuple[tuple[str, object], ...]
    several: bool
    keyed: bool = False  # whether it was a dict


def returned(function: Code, result: object) -> Returned:
    """What a call returned, piece by piece."""
    names = _returned_names(inspect.unwrap(function))
    if isinstance(result, dict):
        return Returned(tuple(sorted(((str(k), v) for k, v in result.items()), key=lambda row: row[0])), True, True)
    if isinstance(result, (tuple, list)):
        fields = getattr(result, "_fields", None) or (names if len(names) == len(result) else [""] * len(result))
        return Returned(tuple(zip(fields, result, strict=True)), True)
    return Returned(((names[0] if len(names) == 1 else "", result),), False)


@lru_cache(maxsize=1000)
def _returned_names(function: Code) -> list[str]:
    """The names in the return statements of a function, where all agree; empty where something has none."""
    lists = [[_named(part) for part in _elements(value)] for value in _returned_values(function)]
    if not lists or len(set(map(len, lists))) > 1:
        return []
    return [names[0] if len(set(names)) == 1 else "" for names in zip(*lists, strict=True)]


def _returned_values(function: Code) -> Sequence[ast.expr]:
    """What stands behind `return` in a function, or is a lambda's body; of several on a line it is not known which is meant."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return ()
    body = tree.body[0]
    if isinstance(body, ast.FunctionDef):
        return [n.value for n in _own_nodes(body) if isinstance(n, ast.Return) and n.value is not None]
    values = [n.body for n in ast.walk(tree) if isinstance(n, ast.Lambda)]
    return values if len(values) == 1 else ()


def _named(value: ast.expr) -> str:
    """The name that a returned value has; of a tuple of names all of them."""
    if isinstance(value, ast.Tuple) and all(isinstance(e, ast.Name) for e in value.elts):
        return ", ".join(map(_named, value.elts)) + ("," if len(value.elts) == 1 else "")
    return value.id if isinstance(value, ast.Name) else ""


def _elements(value: ast.expr) -> list[ast.expr]:
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
