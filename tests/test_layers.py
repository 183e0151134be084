"""The rooms and layers of the package, read from the docstrings of its folders and enforced; each rule is also seen to say no."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import symderiv

PACKAGE = Path(symderiv.__file__).parent

OWNERS = {
    # import            the modules, or all of a room, that may
    "numpy": ("codegen.lower", "kernels", "tracing", "code.outcome"),
    "jinja2": ("faces.report",),
    "rich": ("progress",),
    "click": ("cli",),
    "pytest": ("plugin",),
    "time": ("progress", "processes"),  # what is said of a page is the same on every machine
}
MAKERS = {
    # call              the modules, or all of a room, that may
    "print": ("cli",),
    "echo": ("cli",),
    "secho": ("cli",),
    "Proved": ("proof",),
    "Refuted": ("refutation",),
}
MAY_IMPORT_LATE = ("cli", "progress")
UNLAYERED = ("__init__", "__main__")
WITHOUT_ROWS = ("kernels",)  # generated modules, which use each other at will

Place = tuple[str, ...]  # documents, syntax, tree


def rows_of(docstring: str) -> list[list[str]]:
    """The rows `names, separated by commas    what they are for` of the docstring of a folder."""
    return [row.split(", ") for row in re.findall(r"^    (\w+(?:, \w+)*) {2,}\S", docstring, re.MULTILINE)]


def folders(package: Path) -> dict[Place, dict[str, int]]:
    """Each folder of the package, and the row in which its docstring has each name."""
    found = {}
    for init in sorted(package.rglob("__init__.py")):
        rows = rows_of(ast.get_docstring(ast.parse(init.read_text()), clean=False) or "")
        found[init.parent.relative_to(package).parts] = {name: k for k, row in enumerate(rows) for name in row}
    return found


def breaches(package: Path) -> Iterator[str]:
    """Every import and call in a package that its rules forbid."""
    rooms = folders(package)
    for room, level in rooms.items():
        there = {p.stem for p in package.joinpath(*room).iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
        name = ".".join(room) or "the package"
        yield from (f"{name}: lists {listed}, and there is no such module" for listed in sorted(level.keys() - there))
        if room[-1:] != WITHOUT_ROWS:
            yield from (f"{'.'.join((*room, m))}: is in no layer" for m in sorted(there - level.keys() - {*UNLAYERED}))
    for path in sorted(package.rglob("*.py")):
        module = path.relative_to(package).with_suffix("").parts
        for line, breach in sorted(_breaches(ast.parse(path.read_text()), module, rooms)):
            yield f"{path.relative_to(package)}:{line}: {breach}"


def _breaches(tree: ast.Module, module: Place, rooms: dict[Place, dict[str, int]]) -> Iterator[tuple[int, str]]:
    late = {node for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) for node in ast.walk(f)}
    for node in ast.walk(tree):
        for name in _imported(node, module, rooms):
            top, *inner = name.split(".")
            if node in late and module[0] not in MAY_IMPORT_LATE:
                yield node.lineno, f"imports {name} inside a function"
            if top in OWNERS and not _is_one_of(module, OWNERS[top]):
                yield node.lineno, f"imports {name}; only {' and '.join(OWNERS[top])} may"
            if top == "symderiv" and module[-1] not in UNLAYERED and _is_upwards(module, tuple(inner), rooms):
                yield node.lineno, f"imports {'.'.join(inner)}, which is not above {'.'.join(module)}"
        if isinstance(node, ast.Call) and (called := _called(node)) in MAKERS and not _is_one_of(module, MAKERS[called]):
            yield node.lineno, f"calls {called}; only {' and '.join(MAKERS[called])} may"


def _is_one_of(module: Place, named: tuple[str, ...]) -> bool:
    return any(module[: len(n.split("."))] == tuple(n.split(".")) for n in named)


def _is_upwards(module: Place, imported: Place, rooms: dict[Place, dict[str, int]]) -> bool:
    """Whether what is imported stands below the importing module, or beside it: in the folder in which their ways part."""
    apart = next((k for k, (a, b) in enumerate(zip(module, imported, strict=False)) if a != b), None)
    if apart is None:
        return imported == module
    level = rooms.get(module[:apart], {})
    known = imported[apart] in level or not level
    return known and bool(level) and level[imported[apart]] >= level.get(module[apart], -1)


def _imported(node: ast.AST, module: Place, rooms: dict[Place, dict[str, int]]) -> list[str]:
    """The modules that a statement imports; for names out of a folder, which may be modules of it, the folder with each name."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = (*module[: len(module) - node.level], *(node.module or "").split(".")) if node.level else ()
    name = ".".join(("symderiv", *(part for part in base if part))) if node.level else node.module or ""
    is_folder = name.split(".")[0] == "symderiv" and tuple(name.split(".")[1:]) in rooms
    return [f"{name}.{alias.name}" for alias in node.names if alias.name != "__version__"] if is_folder else [name]


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""


def test_the_package_keeps_its_layers():
    assert list(breaches(PACKAGE)) == []


def test_the_judge_that_refutes_knows_no_normal_form():
    """Of the room that proves it has what asks where terms have a value, and nothing that this has is made of polynomials."""
    asked, found = {PACKAGE / "refutation" / "refute.py", PACKAGE / "refutation" / "interpret.py"}, set()
    while asked:
        names = set(re.findall(r"^from symderiv\.proof\.(\w+) import", asked.pop().read_text(), re.MULTILINE))
        asked |= {PACKAGE / "proof" / f"{name}.py" for name in names - found}
        found |= names
    assert found == {"valueless", "alike", "signs"}


def test_the_docstrings_are_read():
    rows = rows_of(symderiv.__doc__ or "")
    assert rows[0] == ["kernels"]
    assert rows[-1] == ["cli"]
    assert list(folders(PACKAGE)["documents",]) == ["syntax", "text", "meaning", "inferring", "marking"]


def test_each_room_says_what_goes_in_and_out():
    for room in folders(PACKAGE):
        said = ast.get_docstring(ast.parse(PACKAGE.joinpath(*room, "__init__.py").read_text())) or ""
        if room and room[0] not in WITHOUT_ROWS:
            assert re.search(r"In come", said), room
            assert re.search(r"Begin\s+with", said), room


NUMPY = "only codegen.lower and kernels and tracing and code.outcome may"
PLANTED = [
    # file                           source                                                the breach
    ("repair/repair.py",             "import time",                                        "imports time; only progress and processes may"),
    ("language/terms.py",            "from symderiv.judging.verify import load",           "imports judging.verify, which is not above language.terms"),
    ("language/terms.py",            "import symderiv.cli",                                "imports cli, which is not above language.terms"),
    ("language/terms.py",            "from symderiv import cli",                           "imports cli, which is not above language.terms"),
    ("language/terms.py",            "from symderiv.language import claim",                "imports language.claim, which is not above language.terms"),
    ("language/terms.py",            "from . import claim",                                "imports language.claim, which is not above language.terms"),
    ("language/terms.py",            "from .claim import Claim",                           "imports language.claim, which is not above language.terms"),
    ("language/terms.py",            "from ..cli import main",                             "imports cli, which is not above language.terms"),
    ("language/claim.py",            "from symderiv.language.terms import x",              None),
    ("proof/decide.py",              "from symderiv.refutation.refute import refute",      "imports refutation.refute, which is not above proof.decide"),
    ("proof/normal.py",              "from symderiv.proof.decide import decide",           "imports proof.decide, which is not above proof.normal"),
    ("documents/syntax/tree.py",     "from symderiv.documents.meaning.scope import x",     "imports documents.meaning.scope, which is not above documents.syntax.tree"),
    ("documents/syntax/tree.py",     "from symderiv.documents import marking",             "imports documents.marking, which is not above documents.syntax.tree"),
    ("documents/meaning/scope.py",   "from symderiv.documents.syntax.tree import x",       None),
    ("language/terms.py",            "if x:\n    from symderiv.language.terms import y",   "imports language.terms, which is not above language.terms"),
    ("cli.py",                       "from symderiv.nowhere import x",                     None),
    ("judging/verify.py",            "def f():\n    import json",                          "imports json inside a function"),
    ("judging/verify.py",            "class C:\n    def f(self):\n        import json",    "imports json inside a function"),
    ("cli.py",                       "def f():\n    from symderiv.judging import verify",  None),
    ("cli.py",                       "def f():\n    import numpy",                         f"imports numpy; {NUMPY}"),
    ("proof/normal.py",              "import numpy.linalg",                                f"imports numpy.linalg; {NUMPY}"),
    ("kernels/batchnorm.py",         "import numpy",                                       None),
    ("kernels/batchnorm.py",         "from symderiv.language.terms import Sum",            "imports language.terms, which is not above kernels.batchnorm"),
    ("judging/verify.py",            "from jinja2 import Template",                        "imports jinja2; only faces.report may"),
    ("judging/verify.py",            "import click",                                       "imports click; only cli may"),
    ("judging/verify.py",            "print('x')",                                         "calls print; only cli may"),
    ("judging/verify.py",            "x.echo('x')",                                        "calls echo; only cli may"),
    ("refutation/refute.py",         "x = Proved(1)",                                      "calls Proved; only proof may"),
    ("judging/verify.py",            "x = verdict.Refuted(1)",                             "calls Refuted; only refutation may"),
    ("proof/decide.py",              "x = Proved(1)",                                      None),
]  # fmt: skip


@pytest.mark.parametrize(("file", "source", "breach"), PLANTED, ids=[f"{file}: {source}" for file, source, _ in PLANTED])
def test_each_rule_can_say_no(tmp_path, file, source, breach):
    copied(tmp_path)
    (tmp_path / file).write_text(source)
    assert list(breaches(tmp_path)) == ([f"{file}:{source.count(chr(10)) + 1}: {breach}"] if breach else [])


def test_every_module_is_in_a_layer_and_every_listed_one_is_there(tmp_path):
    copied(tmp_path)
    (tmp_path / "helpers.py").touch()
    (tmp_path / "proof" / "tricks.py").touch()
    (tmp_path / "documents" / "more").mkdir()
    (tmp_path / "documents" / "more" / "__init__.py").touch()
    (tmp_path / "proof" / "sums.py").unlink()
    assert list(breaches(tmp_path)) == [
        "helpers: is in no layer",
        "documents.more: is in no layer",
        "proof: lists sums, and there is no such module",
        "proof.tricks: is in no layer",
    ]


def copied(to: Path) -> None:
    """The folders of the package with their docstrings, and empty modules."""
    for path in PACKAGE.rglob("*.py"):
        copy = to / path.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(f'"""{ast.get_docstring(ast.parse(path.read_text()), clean=False)}"""' if path.name == "__init__.py" else "")
