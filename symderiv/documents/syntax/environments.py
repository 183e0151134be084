"""Environments, rows and columns, and what stands around formulas."""

from __future__ import annotations

import re

from symderiv.documents.syntax.scan import Scan
from symderiv.documents.syntax.tokens import Token, group_end
from symderiv.notation.commands import CASES, KINDS, MATRICES, ROWS, WITH_ARGUMENT, WITH_OPTION

ENVIRONMENT = re.compile(r"\s*\{([A-Za-z]+)\*?\}")
OPTION = re.compile(r"\s*\[[tbc]\]")
COLUMNS = re.compile(r"\s*\{[^{}]*\}")
DIMENSION = re.compile(r"\*?\s*(?:\[[^\]{}]*\])?\s*\{[^{}]*\}")
ROW_GAP = re.compile(r"\*?(?:\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu)\s*\])?")
NEGATED = re.compile(r"\s*(=|\\[A-Za-z]+)")
NEGATIONS = {"=": "≠", "\\in": "∉", "\\equiv": "≠"}
RELATION = re.compile(r"\s*(?:\{\s*)?(=|<|>|\\[A-Za-z]+)\s*\}?")
WANTED = re.compile(r"!|\bset\b")  # above = it asks for what makes both sides equal
DEFINES = re.compile(r"def|riangle|Delta|:")
ALIGNED = re.compile(
    r"(?:(?!\\\\|\\end\b).){0,2000}?(?:&\s*=|=\s*&)", re.DOTALL
)  # a first row of equations, with = in a column, or beside one
TWO_GO_ON = "columns side by side, of which one goes on in the next row: write them one below the other"
COMPARES = re.compile(r"[<>]|\\(?:[gl]eq?(?:slant)?|[gl]t|neq?|in)(?![A-Za-z])")  # a note that says where something holds
ONE = re.compile(r"\\[A-Za-z]+|.", re.DOTALL)


def begin(scan: Scan, name: str, text: str) -> None:
    found = scan.take(ENVIRONMENT)
    kind = found[1] if found is not None else ""
    if kind in WITH_OPTION:
        scan.take(OPTION)
    if kind in WITH_ARGUMENT:
        scan.take(COLUMNS)
    opened = Token("TABLE", f"\\begin{{{kind}}}", scan.span())
    if kind in ROWS or (kind == "array" and scan.frame.mode == "row" and scan.peek(ALIGNED) is not None):
        if scan.frame.mode != "row":
            raise scan.fail(f"{kind} inside of a formula: write each of its rows as a formula")
        scan.open("environment", "row", opened)
    elif kind in MATRICES or kind in CASES:
        if MATRICES.get(kind):
            scan.add("OPEN", MATRICES[kind])
        opened.place = len(scan.tokens)
        scan.tokens.append(opened)
        scan.open("environment", "cells", opened)
    else:
        raise scan.fail(f"the environment {kind} is not known: write align, cases or a matrix")


def end(scan: Scan, name: str, text: str) -> None:
    found = scan.take(ENVIRONMENT)
    kind = found[1] if found is not None else ""
    rows = scan.frame.mode == "row"
    opened = scan.close("environment")
    if opened.text != f"\\begin{{{kind}}}":
        raise scan.fail(f"\\end{{{kind}}} does not close {opened.text}")
    if rows:
        scan.add("SEP", "row")
        return
    if scan.last == "ROW":
        scan.tokens.pop()
    opened.text = "cases" if kind in CASES else "matrix"
    scan.pair(opened, "ENDTABLE", kind)
    if MATRICES.get(kind):
        scan.add("CLOSE", MATRICES[kind])


def row(scan: Scan, name: str, text: str) -> None:
    """A line break: of rows of formulas, of cells, or for the eye inside of parentheses."""
    scan.settle()
    scan.take(ROW_GAP)
    mode = scan.frame.mode
    scan.frame.cells = 0
    if mode != "list":
        scan.add({"row": "SEP", "cells": "ROW", "stack": "COMMA"}[mode], "row")
    elif scan.frame.kind != "fence":
        raise scan.fail("a line break inside of braces: close them before it")


def ampersand(scan: Scan) -> None:
    """Between cells a separator; where rows are aligned, nothing."""
    scan.settle()
    if scan.frame.mode == "row" and scan.text[scan.at :].lstrip().startswith("&"):  # what stands in a column of its own
        scan.at = scan.text.index("&", scan.at) + 1
        scan.add("SEP", "column")
    elif scan.frame.mode == "row":
        scan.frame.cells += scan.last != "REL"  # in eqnarray the sign stands in a column of its own
        if scan.last != "REL" and scan.frame.cells % 2 == 0:
            scan.frame.columns = max(scan.frame.columns, 1 + scan.frame.cells // 2)
            scan.add("SEP", "column")
        elif scan.last == "SEP" and scan.tokens[-1].text == "row":
            scan.tokens[-1].text = "aligned"  # what follows goes on, whatever sign it begins with
    elif scan.frame.mode == "cells":
        scan.add("AMP", "&")
    elif scan.frame.mode == "list" and scan.frame.kind != "fence":
        raise scan.fail("& stands between columns: of align, cases and matrices")


def comma(scan: Scan) -> None:
    scan.settle()
    scan.add("SEP" if scan.frame.mode == "row" else "COMMA", scan.here())


def period(scan: Scan) -> None:
    scan.settle()
    if scan.frame.mode == "list":
        raise scan.fail("a full stop inside of a formula: leave it out")
    comma(scan)


def colon(scan: Scan) -> None:
    scan.add("REL" if scan.frame.mode == "row" else "MID", ":")


def middle(scan: Scan, name: str, text: str) -> None:
    scan.add("REL" if scan.frame.mode == "row" else "MID", text)


def wide(scan: Scan, name: str, text: str) -> None:
    if scan.frame.mode == "row":
        scan.add("WIDE", "")


def relation(scan: Scan, name: str, text: str) -> None:
    scan.settle()
    if scan.frame.columns > 1 and scan.last == "SEP" and scan.tokens[-1].text in ("row", "aligned", "column"):
        raise scan.fail(TWO_GO_ON)
    scan.add("REL", text)


def negated(scan: Scan, name: str, text: str) -> None:
    found = scan.take(NEGATED)
    if found is None or found[1] not in NEGATIONS:
        raise scan.fail("\\not stands before = or \\in: write \\ne or \\notin")
    relation(scan, name, NEGATIONS[found[1]])


def noted(scan: Scan, name: str, text: str) -> None:
    """A note above a relation may say that it defines; what is above anything else is left to the grammar."""
    after = scan.at + len(scan.text[scan.at : scan.at + 80]) - len(scan.text[scan.at : scan.at + 80].lstrip())
    one = ONE.match(scan.text, after)
    last = group_end(scan.text, after) if one is not None and one[0] == "{" else one.end() if one is not None else None
    base = RELATION.match(scan.text, last) if last is not None else None
    if base is not None:
        kind, sign = ("REL", base[1]) if base[1] in "=<>" else KINDS.get(base[1], ("", ""))
        if kind == "REL":
            note = scan.text[after:last]
            if sign in ("=", ":=") and COMPARES.search(note):
                raise scan.fail("a condition above a sign: write it beside the equation, \\text{for } x > 0")
            scan.at = base.end()
            relation(scan, name, ":=" if DEFINES.search(note) else "∼" if sign == "=" and WANTED.search(note) else sign)
            return
    scan.add("OVERSET", name)


def dropped(scan: Scan, name: str, text: str) -> None:
    if scan.take(DIMENSION) is None:
        raise scan.fail(f"{name} wants something in braces after it: {name}{{...}}")


def tag(scan: Scan, name: str, text: str) -> None:
    scan.take(re.compile(r"\*"))
    content = scan.content(name)
    if COMPARES.search(content):
        raise scan.fail("a condition in a tag: write it beside the equation, \\text{for } x > 0")
    scan.label = scan.label or ("" if "\\" in content else re.sub(r"\W", "", content))  # a box at the end of a proof is no label


def forbidden(scan: Scan, name: str, text: str) -> None:
    raise scan.fail(f"{name} is never carried out: write the formula that it stands for")
