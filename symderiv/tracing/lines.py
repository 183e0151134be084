"""The line of traced code that runs: where it is, and what it assigns to."""

from __future__ import annotations

import ast
import linecache
import sys
from functools import lru_cache
from pathlib import Path

HERE = str(Path(__file__).parent)


@lru_cache(maxsize=1000)
def _targets(filename: str) -> dict[int, str]:
    """The name that each line of a file assigns to, if it is one."""
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except (SyntaxError, ValueError):
        return {}
    found: dict[int, str] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target = node.targets[0]
        if isinstance(target, ast.Name) and _is_one_operation(node.value):
            found |= dict.fromkeys(range(node.lineno, (node.end_lineno or node.lineno) + 1), target.id)
    return found


def _is_one_operation(value: ast.expr) -> bool:
    """Whether a line computes one thing: then that is what its name is for."""
    if isinstance(value, ast.Call):
        parts = [*value.args, *(k.value for k in value.keywords)]
        parts += [value.func.value] if isinstance(value.func, ast.Attribute) else []
    elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.MatMult):
        parts = [value.left, value.right]
    else:
        return False
    return not any(isinstance(n, (ast.Call, ast.BinOp)) for p in parts for n in ast.walk(p))


def place() -> tuple[str, int]:
    """Where the traced function is: a file and a line."""
    frame = sys._getframe(1)
    while frame is not None and (frame.f_code.co_filename.startswith(HERE) or frame.f_code.co_filename.startswith("<")):
        frame = frame.f_back  # type: ignore[assignment]
    return ("", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def assigned_name() -> str:
    """The name that the traced function's line assigns to."""
    file, line = place()
    return _targets(file).get(line, "") if file else ""


def line() -> str:
    """The traced function's line."""
    return linecache.getline(*place())
