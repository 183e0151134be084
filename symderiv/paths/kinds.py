"""What kind of file a name is of: a page in Python, which is run, or a document, which is read and never run."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

PYTHON = ".py"
MARKDOWN = (".md", ".markdown")
LATEX = (".tex",)
SUFFIXES = (PYTHON, *MARKDOWN, *LATEX)

Named = str | PathLike[str]


def is_python(path: Named) -> bool:
    """Whether a file is Python code."""
    return _suffix(path) == PYTHON


def is_document(path: Named) -> bool:
    """Whether a file is a text with formulas, which is read and never run."""
    return _suffix(path) in (*MARKDOWN, *LATEX)


def is_latex(path: Named) -> bool:
    """Whether a document is LaTeX throughout."""
    return _suffix(path) in LATEX


def _suffix(path: Named) -> str:
    return Path(fspath(path)).suffix.lower()
