"""The layers of the package, read from its docstring and enforced; each rule is also seen to say no."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import symderiv

PACKAGE = Path(symderiv.__file__).parent

OWNERS = {
    # import            the modules that may
    "numpy": ("lower", "kernels", "tracing", "outcome"),
    "jinja2": ("report",),
    "rich": ("progress",),
    "click": ("cli",),
    "pytest": ("plugin",),
}
MAKERS = {
    # call              the modules that may
    "print": ("cli",),
    "echo": ("cli",),
    "secho": ("cli",),
    "Proved": ("decide",),
    "Refuted": ("refute",),
}
MAY_IMPORT_LATE = ("cli", "progress")
FOLDERS = ("documents", "tracing")
UNLAYERED = ("__init__", "__main__")


def layers(docstring: str) -> list[list[str]]:
    """The rows `names, separated by commas    what they are for` of the docstring."""
    return [row.split(", ") for row in re.findall(r"^    (\w+(?:, \w+)*) {2,}\S", docstring, re.MULTILINE)]


def breaches(package: Path) -> Iterator[str]:
    """Every import and call in a package that its rules forbid."""
    rows = layers(ast.get_docstring(ast.parse((package / "__init__.py").read_text()), clean=False) or "")
    level = {name: k for k, row in enumerate(rows) for name in row}
    modules = {path: path.relative_to(package).parts[0].removesuffix(".py") for path in sorted(package.rglob("*.py"))}
    for folder in FOLDERS:
        yield from _inside(package / folder)
    yield from (f"{name}: is listed, but there is no such module" for name in level if name not in modules.values())
    for path, module in modules.items():
        if module not in level and module not in UNLAYERED:
            yield f"{module}: is in no layer"
        for line, breach in sorted(_breaches(ast.parse(path.read_text()), module, level)):
            yield f"{path.relative_to(package)}:{line}: {breach}"


def _inside(folder: Path) -> Iterator[str]:
    """Every import between the modules of a folder that its own rows forbid."""
    if not folder.is_dir():
        return
    rows = layers(ast.get_docstring(ast.parse((folder / "__init__.py").read_text()), clean=False) or "")
    level = {name: k for k, row in enumerate(rows) for name in row}
    for path in sorted(folder.glob("*.py")):
        if path.stem not in level and path.stem not in UNLAYERED:
            yield f"{folder.name}/{path.stem}: is in no layer"
        for node in ast.walk(ast.parse(path.read_text())):
            for name in _imported(node):
                prefix = f"symderiv.{folder.name}"
                inner = [name.removeprefix(f"{prefix}.")] if name.startswith(f"{prefix}.") else []
                inner += [a.name for a in node.names] if name == prefix and isinstance(node, ast.ImportFrom) else []
                yield from (f"{folder.name}/{path.stem}: imports {i}" for i in inner if level.get(i, -1) >= level.get(path.stem, -1))


def _breaches(tree: ast.Module, module: str, level: dict[str, int]) -> Iterator[tuple[int, str]]:
    late = {node for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) for node in ast.walk(f)}
    for node in ast.walk(tree):
        for name in _imported(node):
            top, _, inner = name.partition(".")
            if node in late and module not in MAY_IMPORT_LATE:
                yield node.lineno, f"imports {name} inside a function"
            if module not in OWNERS.get(top, (module,)):
                yield node.lineno, f"imports {name}; only {' and '.join(OWNERS[top])} may"
            used = inner.split(".")[0]
            apart = used != module or module not in FOLDERS  # modules of one folder have layers of their own
            if top == "symderiv" and used and apart and module not in UNLAYERED and level.get(used, -1) >= level.get(module, -1):
                yield node.lineno, f"imports {used}, which is not above {module}"
        if isinstance(node, ast.Call) and module not in MAKERS.get(called := _called(node), (module,)):
            yield node.lineno, f"calls {called}; only {' and '.join(MAKERS[called])} may"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level:
        return [f"symderiv.{node.module or alias.name}" for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        whole = node.module == "symderiv"
        return [f"symderiv.{a.name}" for a in node.names if a.name != "__version__"] if whole else [node.module or ""]
    return []


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""


def test_the_package_keeps_its_layers():
    assert list(breaches(PACKAGE)) == []


def test_the_docstring_is_read():
    rows = layers(symderiv.__doc__ or "")
    assert rows[0] == ["kernels"]
    assert rows[-1] == ["cli"]
    assert ["program", "verdict", "judged"] in rows


PLANTED = [
    # file              source                                            the breach
    ("terms.py", "from symderiv.verify import load", "terms.py:1: imports verify, which is not above terms"),
    ("terms.py", "import symderiv.cli", "terms.py:1: imports cli, which is not above terms"),
    ("terms.py", "from symderiv import cli", "terms.py:1: imports cli, which is not above terms"),
    ("terms.py", "from . import cli", "terms.py:1: imports cli, which is not above terms"),
    ("terms.py", "from .cli import main", "terms.py:1: imports cli, which is not above terms"),
    ("decide.py", "from symderiv.refute import refute", "decide.py:1: imports refute, which is not above decide"),
    ("terms.py", "if x:\n    from symderiv.terms import y", "terms.py:2: imports terms, which is not above terms"),
    ("cli.py", "from symderiv.nowhere import x\nfrom symderiv.errors import y", None),
    ("verify.py", "def f():\n    import json", "verify.py:2: imports json inside a function"),
    (
        "verify.py",
        "class C:\n    def f(self):\n        from symderiv.errors import x",
        "verify.py:3: imports symderiv.errors inside a function",
    ),
    ("cli.py", "def f():\n    from symderiv import verify", None),
    ("cli.py", "def f():\n    import numpy", "cli.py:2: imports numpy; only lower and kernels and tracing and outcome may"),
    ("normal.py", "import numpy.linalg", "normal.py:1: imports numpy.linalg; only lower and kernels and tracing and outcome may"),
    ("kernels/batchnorm.py", "import numpy", None),
    ("kernels/batchnorm.py", "from symderiv.terms import Sum", "kernels/batchnorm.py:1: imports terms, which is not above kernels"),
    ("verify.py", "from jinja2 import Template", "verify.py:1: imports jinja2; only report may"),
    ("verify.py", "import click", "verify.py:1: imports click; only cli may"),
    ("verify.py", "print('x')", "verify.py:1: calls print; only cli may"),
    ("verify.py", "import x\nx.echo('x')", "verify.py:2: calls echo; only cli may"),
    ("refute.py", "x = Proved(1)", "refute.py:1: calls Proved; only decide may"),
    ("verify.py", "x = verdict.Refuted(1)", "verify.py:1: calls Refuted; only refute may"),
    ("decide.py", "x = Proved(1)", None),
    ("helpers.py", "", "helpers: is in no layer"),
]


@pytest.mark.parametrize(("file", "source", "breach"), PLANTED, ids=[f"{file}: {source}" for file, source, _ in PLANTED])
def test_each_rule_can_say_no(tmp_path, file, source, breach):
    (tmp_path / "__init__.py").write_text(f'"""{symderiv.__doc__}"""')
    for name in {name for row in layers(symderiv.__doc__ or "") for name in row} - {"kernels"}:
        (tmp_path / f"{name}.py").touch()
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels/__init__.py").touch()
    (tmp_path / file).write_text(source)
    assert list(breaches(tmp_path)) == ([breach] if breach else [])


def test_a_listed_module_must_be_there(tmp_path):
    (tmp_path / "__init__.py").write_text('"""Layers.\n\n    errors   what can go wrong\n    terms    words\n"""')
    (tmp_path / "errors.py").touch()
    assert list(breaches(tmp_path)) == ["terms: is listed, but there is no such module"]
