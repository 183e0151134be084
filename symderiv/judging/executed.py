"""A Python page run: the derivations that it makes, whatever becomes of their names, and the statements that fail.

A claim or a definition that fails is told, and the page goes on without it; what it would have given a name is then missing. Any other
statement that fails ends the page: who knows what the rest would mean without it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_tb
from types import CodeType, ModuleType
from typing import TypeAlias

from symderiv.errors import PageError, SymderivError, explained, shortened
from symderiv.faces.judged import Problem
from symderiv.language.claim import Derivation, Gathered, gathering
from symderiv.language.program import Program

ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # differs each time
NAME = "<run_path>"  # what __name__ is in a page, which is thus not __main__
ATTEMPT, FAILED = "__attempt__", "__failed__"
STATES = ("claim", "kernel", "let")  # the methods after whose failure a page can go on, if it is a statement that calls one


State = tuple[Program, int, int]
Statements: TypeAlias = ast.stmt | list[ast.stmt]


@dataclass
class Execution:
    """A page on its way: its derivations, what failed so far, and the names that are missing for that, with the lines."""

    path: str
    gathered: Gathered
    problems: list[Problem] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def attempt(self, *names: str) -> Iterator[list[str]]:
        """A statement that gives these names; what is yielded says afterwards whether it failed. Not swallowed if it had done something."""
        failed: list[str] = []
        before = self._state()
        try:
            yield failed
        except (MemoryError, RecursionError):
            raise
        except Exception as error:
            if not _alike(before, self._state()):
                raise
            problem = self.problem(error)
            if problem not in self.problems:
                self.problems.append(problem)
            self.missing |= dict.fromkeys(names, problem.line)
            failed.append("failed")

    def _state(self) -> list[State]:
        return [(d.program, len(d.claims), len(d.kernels)) for d in self.gathered.derivations]

    def problem(self, error: Exception) -> Problem:
        """What failed, with its place in the page."""
        frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename == self.path]
        line = frames[-1].lineno or 1 if frames else 1
        source = (frames[-1].line or "") if frames else ""
        column, written = 1, source
        if frames and frames[-1].colno is not None and (whole := _line(self.path, line)):
            column = 1 + len(whole.encode()[: frames[-1].colno].decode(errors="replace"))
            end = frames[-1].end_colno if frames[-1].end_lineno == line else None
            written = whole.encode()[frames[-1].colno : end].decode(errors="replace")
        return Problem(line, column, ADDRESS.sub("", self._what(error)), written)

    def _what(self, error: Exception) -> str:
        name = getattr(error, "name", None) if isinstance(error, NameError) else None
        if name in self.missing:
            return f"{name} is missing, since line {self.missing[name]} could not be read"
        return shortened(str(error)) if isinstance(error, SymderivError) else explained(error, self.path)


def _alike(before: list[State], now: list[State]) -> bool:
    """Whether no derivation was made or changed; when one grows, it has another program, or more claims or kernels."""
    return len(before) == len(now) and all(a[0] is b[0] and a[1:] == b[1:] for a, b in zip(before, now, strict=True))


def executed(path: str) -> tuple[tuple[Derivation, ...], tuple[Problem, ...]]:
    """The derivations of a page that claim something, else all, in the order in which they were made; and what could not be read.

    Fails when the page raises (the error names its line), makes no derivation, or has no claim that can be read.
    """
    try:
        tree = _Attempts().visit(ast.parse(Path(path).read_bytes(), path))
        code = compile(ast.fix_missing_locations(tree), path, "exec")
    except SyntaxError as error:
        raise PageError(f"{path}:{error.lineno or 1}: {shortened(error.msg)}") from error
    except OSError as error:
        raise PageError(f"{path}: cannot be read ({error.strerror}).") from error
    except ValueError as error:  # a byte that no source can have
        raise PageError(f"{path}: {shortened(str(error))}") from error
    with gathering(path) as gathered:
        execution = Execution(path, gathered)
        try:
            _run(code, path, execution)
        except MemoryError:
            raise
        except Exception as error:
            problem = execution.problem(error)
            raise PageError(f"{path}:{problem.line}: {problem.message}") from error
    claiming = tuple(d for d in gathered.derivations if d.claims)
    if not claiming and execution.problems:
        raise PageError(f"{path}:{execution.problems[0].line}: {execution.problems[0].message}")
    if not gathered.derivations:
        raise PageError(f"{path}: no derivation here; a page defines one: derivation = Derivation('title').")
    return claiming or tuple(gathered.derivations), tuple(execution.problems)


def _run(code: CodeType, path: str, execution: Execution) -> None:
    """Run the page as a module, with what lies beside it in reach."""
    module = ModuleType(NAME)
    vars(module).update({"__file__": path, ATTEMPT: execution.attempt})
    before, found = sys.modules.get(NAME), list(sys.path)
    sys.modules[NAME] = module
    sys.path.append(str(Path(path).resolve().parent))
    try:
        exec(code, vars(module))
    finally:
        sys.path[:] = found
        sys.modules.pop(NAME, None)
        if before is not None:
            sys.modules[NAME] = before


def _line(path: str, number: int) -> str:
    with suppress(OSError, UnicodeDecodeError, IndexError):
        return Path(path).read_text(encoding="utf-8").splitlines()[number - 1]
    return ""


class _Attempts(ast.NodeTransformer):
    """Puts each claim and each definition into an attempt; but not where the page itself deals with errors."""

    def visit_Try(self, node: ast.Try) -> ast.AST:
        return node if node.handlers else self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> Statements:
        called = node.value.func if isinstance(node.value, ast.Call) else None
        return _attempted(node, []) if isinstance(called, ast.Attribute) and called.attr in STATES else node

    def visit_Assign(self, node: ast.Assign) -> Statements:
        return _attempted(node, node.targets)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Statements:
        return _attempted(node, [node.target] if node.value is not None else [node])

    def visit_AugAssign(self, node: ast.AugAssign) -> Statements:
        return _attempted(node, [node.target])


def _attempted(node: ast.stmt, targets: Sequence[ast.AST]) -> Statements:
    """The statement in an attempt, after whose failure the names that it gives are taken away. Other targets than names are left alone."""
    names = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    if any(not isinstance(part, TARGETS) for target in targets for part in ast.walk(target)):
        return node
    template = f"with {ATTEMPT}({', '.join(map(repr, names))}) as {FAILED}:\n    pass\nif {FAILED}:\n    pass"
    attempt, after = ast.parse(template).body
    assert isinstance(attempt, ast.With)
    assert isinstance(after, ast.If)
    for part in (*ast.walk(attempt), *ast.walk(after)):
        ast.copy_location(part, node)
    attempt.body = [node]
    after.body = [statement for name in names for statement in _taken_away(name, node)]
    return [attempt, after] if names else attempt


TARGETS = (ast.Name, ast.Tuple, ast.List, ast.Starred, ast.Store)


def _taken_away(name: str, node: ast.stmt) -> list[ast.stmt]:
    found = ast.parse(f"try:\n    del {name}\nexcept NameError:\n    pass").body
    for statement in found:
        for part in ast.walk(statement):
            ast.copy_location(part, node)
    return found
