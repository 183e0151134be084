"""The pytest plugin: derivation pages and documents as tests, off unless asked for with `-p symderiv.plugin` or `--symderiv`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from symderiv.paths.kinds import is_document, is_python

MARK = "symderiv"  # without this word in it, a file is none of ours


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("symderiv", "derivations judged line by line")
    group.addoption("--symderiv", action="store_true", help="Collect derivation pages and documents: each claim is a test.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Page | None:
    """A page or document is collected where its text says that it is one."""
    if not parent.config.getoption("--symderiv") or not _is_page(file_path):
        return None
    return Page.from_parent(parent, path=file_path)


def _is_page(path: Path) -> bool:
    if not (is_python(path) or is_document(path)):
        return False
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    declares = is_document(path) or "Derivation(" in text
    return MARK in text and declares and not path.name.startswith(("test_", "conftest"))


class Page(pytest.File):
    """A page, whose claims are tests."""

    def collect(self) -> Iterator[Claim]:
        marks, worker = import_module("symderiv.faces.marks"), import_module("symderiv.processes.worker")
        files = import_module("symderiv.files").Files()
        (page,) = worker.judge_files([str(self.path)], files, worker.Limits(), worker.no_progress)
        if page.error is not None:
            raise self.CollectError(page.error)
        for derivation, title in zip(page.derivations, import_module("symderiv.faces.formats").titles(page), strict=True):
            for claim in derivation.claims:
                off = [s for s in claim.steps if not s.as_expected]
                yield Claim.from_parent(
                    self, name=title + claim.label, told=[f"{s.left.text} = {s.right.text}: {marks.mark_of(s).word}" for s in off]
                )
        for problem in page.problems:
            yield Claim.from_parent(self, name=f"line {problem.line}", told=[problem.message])


class Claim(pytest.Item):
    """A claim, judged."""

    def __init__(self, *, told: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.told = told

    def runtest(self) -> None:
        if self.told:
            raise NotProved("\n".join(self.told))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value) if isinstance(excinfo.value, NotProved) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"claim {self.name}"


class NotProved(Exception):
    """What was found of a claim that is not as expected."""
