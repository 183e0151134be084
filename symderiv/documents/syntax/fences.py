"""Parentheses, braces and bars: what closes what."""

from __future__ import annotations

import re

from symderiv.documents.syntax.scan import BLANK, ENDS_OPERAND, Scan
from symderiv.documents.syntax.tokens import Token
from symderiv.notation.commands import BARS, CLOSING, OPENING

DELIMITER = re.compile(r"\s*(\\[A-Za-z]+|\\.|[^\s\\])")
COLORED = re.compile(r"\{\s*\\color\s*(?:\[[^\]{}]*\])?\s*\{[^{}]*\}")
COLOR = re.compile(r"\s*(?:\[[^\]{}]*\])?\s*\{[^{}]*\}")
OPTIONS = re.compile(r"\s*\[[^\]{}]*\]")
BRACE = re.compile(r"\s*\{")
SCRIPT = re.compile(r"\s*[\^_']")
EMPTY = re.compile(r"\s*\}")
SYSTEM = re.compile(r"\s*\\\{\s*\\begin\s*\{(?:aligned|align|split|gathered|alignedat)\*?\}")
HALF_OPEN = {"([": "(]", "[(": "[)", ".|": ".|"}
WANTS_ARGUMENT = frozenset(("SUB", "SUP", "FRAC", "BINOM", "SQRT", "ACCENT", "UNDER", "OVERSET"))


def open_fence(scan: Scan, name: str, fence: str) -> None:
    if fence == "[" and scan.last == "SQRT":
        scan.tokens[-1].kind = "ROOT"
    scan.open("fence", "list", scan.add("OPEN", fence))


def close_fence(scan: Scan, name: str, fence: str) -> None:
    opened = scan.close("fence")
    match(scan, opened, fence)
    scan.pair(opened, "CLOSE", opened.text)


def match(scan: Scan, opened: Token, fence: str) -> None:
    """Half-open intervals have two kinds of fences, and so has what is evaluated; nothing else has."""
    if opened.text != fence:
        mixed = HALF_OPEN.get(opened.text + fence)
        if mixed is None:
            raise scan.fail(f"{scan.here()} does not close {opened.text}: write the fences so that they agree")
        opened.text = mixed


def bar(scan: Scan, name: str, fence: str) -> None:
    """A bar closes one that is open, opens, or stands in the middle if nothing closes it."""
    frame = scan.frame
    after = scan.last in ENDS_OPERAND and scan.tokens[-1] is not frame.opened
    if after and frame.kind in ("bar", "maybe") and frame.opened.text == fence:
        scan.frames.pop()
        scan.pair(frame.opened, "CLOSE", fence)
    elif after and fence == "|" and scan.peek(SCRIPT) is not None:
        raise scan.fail("the value at a point has fences: write \\left. f \\right|_{x = a}")
    elif after and (fence == "|" or frame.opened.text == "("):
        scan.open("maybe", frame.mode, scan.add("OPEN", fence))
    else:
        scan.open("bar", "list", scan.add("OPEN", fence))


def pipe(scan: Scan) -> None:
    """Two bars close together are one sign, unless the first closes one that is open."""
    if scan.text[scan.at : scan.at + 1] == "|" and not (scan.frame.kind in ("bar", "maybe") and scan.frame.opened.text == "|"):
        scan.at += 1
        bar(scan, "\\|", "‖")
    else:
        bar(scan, "|", "|")


def brace(scan: Scan) -> None:
    """Braces hold arguments, or what belongs together; those with a color, and empty ones, are left out."""
    colored = COLORED.match(scan.text, scan.start)
    if colored is not None:
        scan.at = colored.end()
        scan.open("clear", scan.frame.mode, Token("CLEAR", "{", scan.span(), place=len(scan.tokens)))
    elif scan.last in ("SUB", "SUP") and scan.take(EMPTY) is not None:
        scan.tokens.pop()  # L^{} is L
    elif scan.last in WANTS_ARGUMENT or scan.take(EMPTY) is None:
        script = scan.last in ("SUB", "SUP")
        scan.open("brace", "list", scan.add("LB", "{"), script)


def unbrace(scan: Scan) -> None:
    cleared = scan.frame.kind == "clear"
    opened = scan.close("brace", "clear")
    if not cleared:
        scan.pair(opened, "RB", "}")
    elif scan.peek(SCRIPT) is not None and len(scan.tokens) > opened.place + 1:
        raise scan.fail("braces print nothing: write parentheses around what something is above or below")


def clear(scan: Scan, name: str, text: str) -> None:
    """A box or a color: what is in it counts as if it stood alone."""
    if name == "\\textcolor":
        scan.take(COLOR)
    if name == "\\bbox":
        scan.take(OPTIONS)
    scan.take(BLANK)
    if scan.text[scan.at : scan.at + 1] != "{":
        raise scan.fail(f"{name} wants something in braces after it: {name}{{...}}")
    scan.at += 1
    mode = "stack" if name == "\\substack" else scan.frame.mode
    scan.open("clear", mode, Token("CLEAR", f"{name}{{", scan.span(), place=len(scan.tokens)))


def color(scan: Scan, name: str, text: str) -> None:
    """A color, of what follows in braces, or of all that follows."""
    if scan.take(COLOR) is None:
        raise scan.fail(f"{name} wants something in braces after it: {name}{{...}}")
    if scan.peek(BRACE) is not None:
        clear(scan, name, text)


def left(scan: Scan, name: str, text: str) -> None:
    system = scan.peek(SYSTEM)
    fence = _fence(scan)
    if system is not None and scan.frame.mode == "row":
        scan.open("system", "row", Token("CLEAR", "\\left\\{", scan.span()))
    else:
        scan.open("left", "list", scan.add("OPEN", fence))


def right(scan: Scan, name: str, text: str) -> None:
    fence = _fence(scan)
    scan.settle()
    system = scan.frame.kind == "system"
    opened = scan.close("left", "system")
    if system or (opened.text + fence == "{." and _is_one_table(scan, opened)):
        return
    if opened.text + fence == "..":
        opened.kind = "LB"
        scan.pair(opened, "RB", "}")
        return
    match(scan, opened, fence)
    scan.pair(opened, "CLOSE", opened.text)


def _is_one_table(scan: Scan, opened: Token) -> bool:
    """Is one array all that a left brace encloses? Then its rows are cases."""
    table = scan.tokens[-1].mate
    if scan.last != "ENDTABLE" or table is None:
        return False
    if table.place != opened.place + 1:
        return False
    table.text, opened.kind = "cases", "NOTHING"
    return True


def _fence(scan: Scan) -> str:
    """The fence after `\\left` or `\\right`."""
    found = scan.take(DELIMITER)
    name = found[1] if found is not None else ""
    if name in ("|", "."):
        return name
    if name == "\\|":
        return "‖"
    short = name.removeprefix("\\")
    fence = OPENING.get(short) or CLOSING.get(short) or BARS.get(short)
    if fence is None or (len(short) == 1 and (name[0] == "\\") != (short in "{}")):
        raise scan.fail(f"{scan.here()} has no fence: write \\left( and \\right), or \\left. and \\right. for none")
    return fence
