"""Python expressions as text: parentheses, powers, long lines."""

from __future__ import annotations

import ast
import re
from itertools import pairwise

WIDTH = 140

# How tightly an expression binds; @ as loosely as +, since `c * A @ B` is not c * (A @ B).
COMPARE, ADD, MULTIPLY, SIGN, ATOM = range(5)
LEVELS = {ast.Add: ADD, ast.Sub: ADD, ast.MatMult: ADD, ast.Mult: MULTIPLY, ast.Div: MULTIPLY, ast.FloorDiv: MULTIPLY, ast.Pow: SIGN}


def level(code: str) -> int:
    """How tightly the outermost operator of an expression binds."""
    tree = ast.parse(code, mode="eval").body
    if isinstance(tree, ast.BinOp):
        return LEVELS[type(tree.op)]
    return COMPARE if isinstance(tree, ast.Compare) else ADD if isinstance(tree, ast.UnaryOp) else ATOM


def bracketed(code: str, least: int) -> str:
    """The code, in parentheses if its outermost operator binds less tightly than `least`."""
    return code if level(code) >= least else f"({code})"


def quotient(above: str, below: str) -> str:
    """above / below, where either may be empty for 1."""
    return f"{above or '1'} / {bracketed(below, SIGN)}" if below else above


def is_simple(code: str) -> bool:
    """Whether the code is one name or number."""
    return re.fullmatch(r"[\w.]+", code) is not None


def to_the(base: str, exponent: str) -> str:
    """A power, spaced as the usual style has it."""
    base, exponent = bracketed(base, ATOM), bracketed(exponent, ATOM)
    return f"{base}**{exponent}" if is_simple(base) and is_simple(exponent) else f"{base} ** {exponent}"


def multiplied(base: str, exponent: int) -> str:
    """A whole power >= 1 by squaring and multiplying: NumPy's own is a hundred times slower above 2."""
    if exponent == 1:
        return base
    if exponent % 2:
        return f"{bracketed(multiplied(base, exponent - 1), MULTIPLY)} * {bracketed(base, SIGN)}"
    return to_the(multiplied(base, exponent // 2), "2")


def statement(start: str, code: str) -> list[str]:
    """The lines of `name = code` or `return code` inside a function; a long one goes on at its loosest operators."""
    parts = operands(code)
    if len(parts) == 1 or len(f"    {start} {code}") <= WIDTH:
        return [f"{start} {code}"]
    return [f"{start} (", *(f"    {part}" for part in parts), ")"]


def operands(code: str) -> list[str]:
    """An expression cut in front of each of its loosest operators."""
    outside = [m.start() for m in re.finditer(r" [-+*/@] ", code) if not _open_before(code[: m.start()])]
    loose = [at for at in outside if code[at + 1] in "+-"] or outside
    cuts = [0, *(at + 1 for at in loose), len(code) + 1]
    return [code[a : b - 1] for a, b in pairwise(cuts)]


def _open_before(code: str) -> int:
    return sum((c in "([") - (c in ")]") for c in code)
