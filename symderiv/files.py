"""Files judged, whatever they are: Python pages, Markdown and LaTeX documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from symderiv.codegen import lower
from symderiv.documents.marking import pages
from symderiv.errors import PageError
from symderiv.faces.judged import JudgedPage, JudgedStep
from symderiv.judging import sensitivity, verify
from symderiv.paths.kinds import is_document


@dataclass(frozen=True)
class Files:
    """An engine for all kinds of files; if `damaged`, proved steps of Python pages are damaged too.

    A document with a `text` is that text, whether or not there is a file of its name.
    """

    damaged: bool = False
    text: str | None = None

    def load(self, path: str) -> Any:
        return pages.load(path, self.text) if is_document(path) else verify.load(path)

    def draft(self, page: Any) -> JudgedPage:
        return verify.draft(page)

    def judge(self, page: Any, k: int) -> JudgedStep:
        if isinstance(page, pages.Document):
            return pages.judge(page, k)
        return sensitivity.judge(page, k) if self.damaged else verify.judge(page, k)


def declarations(path: str) -> str:
    """The block that declares what a document leaves open. Fails on a file that is none."""
    if not is_document(path):
        raise PageError(f"{path}: is no Markdown or LaTeX document; only these are declared by their formulas.")
    return pages.declarations(path)


def kernel_source(page: JudgedPage) -> str | None:
    """The module for the kernel that a Python page declares; a document declares none."""
    return None if is_document(page.file) else lower.module_source(verify.load(page.file), page)
