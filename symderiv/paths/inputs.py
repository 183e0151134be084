"""The files that are to be judged: what paths stand for, and what keeps a file from being read."""

from __future__ import annotations

import os
from pathlib import Path

from symderiv.paths.gallery import pages_folder
from symderiv.paths.kinds import SUFFIXES, is_document, is_python
from symderiv.paths.saved import report_of


def inputs_of(paths: tuple[str, ...]) -> list[tuple[str, str]]:
    """The files that the paths stand for, each once, with what keeps it from being read, if anything does."""
    found: dict[str, tuple[str, str]] = {}
    for path in paths or (pages_folder(),):
        for file, problem in _pages(path) if os.path.isdir(path) else [(path, _problem(path))]:
            found.setdefault(os.path.abspath(file), (file, problem))
    return list(found.values())


def _pages(folder: str) -> list[tuple[str, str]]:
    """The pages and documents in a folder."""
    try:
        files = sorted(Path(folder) / name for name in os.listdir(folder))
    except OSError as error:
        return [(folder, f"cannot be read ({error.strerror}); see to its permissions, or name another folder.")]
    found = [(str(p), _problem(str(p))) for p in files if not p.name.startswith(("_", ".")) and _is_page(p)]
    return found or [(folder, "no pages in this folder; a page is a file NAME.py that makes a Derivation.")]


def _is_page(path: Path) -> bool:
    """Whether what is in a folder is a page: a Python file, or a document with a declaration block that is no report of ours."""
    if os.path.exists(path) and not os.path.isfile(path):
        return False
    if not is_document(path):
        return is_python(path)
    try:
        return b"symderiv" in path.read_bytes() and report_of(path) is None
    except OSError:
        return True  # what keeps it from being read is told


def _problem(path: str) -> str:
    try:
        os.stat(path)
    except FileNotFoundError:
        linked = os.path.islink(path)
        return "is a link to a file that is not there." if linked else "no such file or folder; name a page or a folder of pages."
    except OSError as error:
        return f"cannot be read ({error.strerror}); see to its permissions, or name another file."
    return "" if is_document(path) or is_python(path) else f"not a page; a page is a Python file or a document: {', '.join(SUFFIXES)}."
