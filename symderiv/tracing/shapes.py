"""Shapes as people write them: `("N", "D")`, `"N, C*H*W"`, `"N in C"` for labels."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sympy import Expr, Integer, Symbol

from symderiv.errors import TraceError
from symderiv.language.positions import follows

SIGNS = {">0": "positive", ">=0": "nonnegative", "!=0": "nonzero"}
FORM = re.compile(r"(?P<dims>[^<>=!]*?)\s*(?:\bin\s+(?P<of>[^<>=!]+?))?\s*(?P<sign>(?:>=?|!=)\s*0)?\s*")
HOW = 'write "N, D" or ("N", "D"); "" for a number; "N in C" for labels 0..C-1; "> 0" for what is positive'
NAME = r"[A-Za-z_]\w*"
DOTTED = rf"{NAME}(?:\.{NAME})*"


Told: TypeAlias = str | int | Sequence[str | int] | Mapping[str, "Told"]  # a shape as people write it, or one for each key of a dict


@dataclass(frozen=True)
class ShapeOf:
    """The axes of an argument, each as the factors of its length; the number of classes, if it holds labels; its sign."""

    axes: tuple[tuple[Expr, ...], ...] = ()
    labels: Expr | None = None
    sign: str = ""


def size(name: str) -> Symbol:
    return Symbol(name, integer=True, positive=True)


def shape_of(given: Told, who: str) -> ShapeOf:
    """A shape, read. Fails on what is none."""
    if isinstance(given, (tuple, list)):
        return ShapeOf(tuple(_factors(d, who) for d in given))
    if isinstance(given, int):
        return ShapeOf((_factors(given, who),))
    if not isinstance(given, str):
        raise TraceError(f"the shape {given!r} of {who}: {HOW}")
    found = FORM.fullmatch(given.strip())
    if found is None:
        raise TraceError(f"the shape {given!r} of {who}: {HOW}")
    dims = [d for d in re.split(r"\s*,\s*|(?<![-+*\s])\s+(?![-+*\s])", found["dims"].strip().strip("()")) if d]
    labels = None if found["of"] is None else _length(found["of"], who)
    return ShapeOf(tuple(_factors(d, who) for d in dims), labels, SIGNS[(found["sign"] or ">0").replace(" ", "")] if found["sign"] else "")


def _factors(given: str | int, who: str) -> tuple[Expr, ...]:
    """A length as its factors, in the order in which they are written; none for 1."""
    tree = ast.parse(str(given).strip(), mode="eval").body if _is_plain(str(given)) else None
    if tree is None:
        raise TraceError(f"the length {given!r} of an axis of {who}: names, whole numbers, +, - and *")
    parts = _multiplied(tree) if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult) else [tree]
    found = tuple(f for part in parts if (f := _value(part, given, who)) != 1)
    for f in found:
        if not f.is_integer or not follows(f - 1, ()):
            raise TraceError(f"the length {given!r} of an axis of {who}: at least 1 for every size")
    return found


def _is_plain(text: str) -> bool:
    return re.fullmatch(r"[\w\s+*()-]{1,200}", text) is not None and _parses(text)


def _parses(text: str) -> bool:
    try:
        ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return False
    return True


def _multiplied(tree: ast.expr) -> list[ast.expr]:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult):
        return [*_multiplied(tree.left), *_multiplied(tree.right)]
    return [tree]


def _length(text: str, who: str) -> Expr:
    product: Expr = Integer(1)
    for f in _factors(text, who):
        product = product * f
    return product


def _value(tree: ast.expr, given: str | int, who: str) -> Expr:
    if isinstance(tree, ast.Name):
        return size(tree.id)
    if isinstance(tree, ast.Constant) and isinstance(tree.value, int):
        return Integer(tree.value)
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub, ast.Mult)):
        left, right = _value(tree.left, given, who), _value(tree.right, given, who)
        return left + right if isinstance(tree.op, ast.Add) else left - right if isinstance(tree.op, ast.Sub) else left * right
    raise TraceError(f"the length {given!r} of an axis of {who}: names, whole numbers, +, - and *")


def shapes_from_text(text: str) -> dict[str, Told]:
    """`x: N, D; y: N in C; params.W: D, H` as a shape for each name, of dicts inside."""
    found: dict[str, Told] = {}
    for part in filter(None, (p.strip() for p in text.split(";"))):
        names, colon, shape = part.partition(":")
        if not colon or not re.fullmatch(rf"{DOTTED}(?:\s*,\s*{DOTTED})*", names.strip()):
            raise TraceError(f'the shapes {part!r}: write "x: N, D; gamma, beta: D; y: N in C"')
        for name in names.split(","):
            *outer, last = name.strip().split(".")
            inner = found
            for key in outer:
                deeper = inner.setdefault(key, {})
                if not isinstance(deeper, dict):
                    raise TraceError(f"the shapes {part!r}: {key} is an array, for which a shape is told, and no dict")
                inner = deeper
            inner[last] = shape.strip()
    return found
