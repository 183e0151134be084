"""A display formula that cannot be read as one, row by row: a bad row costs no other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from symderiv.documents.syntax.environments import ROW_GAP
from symderiv.documents.text.delimiters import ENVIRONMENT
from symderiv.documents.text.source import Snippet

AROUND = re.compile(
    rf"\s*\\begin\s*\{{(?:alignat\*?\}}\s*\{{[^{{}}]*\}}|{ENVIRONMENT}\}}|alignedat\}}\s*\{{[^{{}}]*\}}|(?:aligned|split|gathered)\}}(?:\[[tbc]\])?)"
)
END = re.compile(r"\\end\s*\{\w+\*?\}\s*$")
MARK = re.compile(rf"\\begin\s*\{{\w+\*?\}}|\\end\s*\{{\w+\*?\}}|\\\\{ROW_GAP.pattern}|\\.|[{{}}]", re.DOTALL)


def rows_of(snippet: Snippet) -> list[Snippet]:
    """The rows between line breaks that stand in no braces; if one still holds breaks, as after a brace too few, those of these too."""
    first, last = 0, len(snippet.latex)
    while (around := AROUND.match(snippet.latex, first, last)) and (end := END.search(snippet.latex[first:last])):
        first, last = around.end(), first + end.start()
    cuts = list(_cuts(snippet.latex, first, last, braces=True)) or list(_cuts(snippet.latex, first, last, braces=False))
    ends = [first, *(end for _, end in cuts)]
    return [snippet.part(a, b) for a, b in zip(ends, [*(start for start, _ in cuts), last], strict=True) if snippet.latex[a:b].strip()]


def _cuts(latex: str, first: int, last: int, braces: bool) -> Iterator[tuple[int, int]]:
    """Where line breaks stand outside of inner environments, and of braces if these count."""
    deep = inside = 0
    for mark in MARK.finditer(latex, first, last):
        if mark[0].startswith(("\\begin", "\\end")):
            inside += 1 if mark[0].startswith("\\begin") else -1
        elif mark[0] in ("{", "}"):
            deep += 1 if mark[0] == "{" else -1
        elif mark[0].startswith("\\\\") and not inside and not (braces and deep):
            yield mark.span()
