"""Plain text made safe for LaTeX, any unicode included: what TeX would take for a command, or has no glyph for, is spelled out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from symderiv.language.names import GREEK, SIGNS, SUPERSCRIPT
from symderiv.notation.names import SUBSCRIPT

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    '"': r"\textquotedbl{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
}  # fmt: skip
LITERAL = {"'": r"\textquotesingle{}", "`": r"\textasciigrave{}", "-": "-{}", " ": "~", ",": ",{}"}
GLYPH = {
    "−": r"\ensuremath{-}", "·": r"\ensuremath{\cdot}", "×": r"\ensuremath{\times}", "√": r"\ensuremath{\surd}",
    "Σ": r"\ensuremath{\Sigma}", "∑": r"\ensuremath{\Sigma}", "≠": r"\ensuremath{\neq}",
    "≤": r"\ensuremath{\leq}", "≥": r"\ensuremath{\geq}", "±": r"\ensuremath{\pm}",
    "≈": r"\ensuremath{\approx}", "→": r"\ensuremath{\to}", "⇒": r"\ensuremath{\Rightarrow}", "∈": r"\ensuremath{\in}",
    "⟨": r"\ensuremath{\langle}", "⟩": r"\ensuremath{\rangle}", "‖": r"\ensuremath{\|}", "ᵀ": r"\ensuremath{^{\top}}",
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\ldots{}", "§": r"\S{}", "°": r"\ensuremath{^{\circ}}",
    "½": r"\ensuremath{\frac12}", "ß": r"\ss{}", "ø": r"\o{}", "Ø": r"\O{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}",
    "ł": r"\l{}", "Ł": r"\L{}", "\u00a0": "~", "\u202f": r"\,",
}  # fmt: skip
GLYPH |= {glyph: rf"\ensuremath{{\{name}}}" for name, glyph in (SIGNS | GREEK).items() if not glyph.isascii() and glyph not in GLYPH}
GLYPH |= {chr(raised): f"\\ensuremath{{^{{{chr(plain)}}}}}" for plain, raised in SUPERSCRIPT.items()}
GLYPH |= {chr(low): f"\\ensuremath{{_{{{GLYPH.get(chr(plain), chr(plain))}}}}}" for plain, low in SUBSCRIPT.items()}
ACCENT = {
    "\u0300": r"\`", "\u0301": r"\'", "\u0302": r"\^", "\u0303": r"\~", "\u0304": r"\=", "\u0306": r"\u", "\u0307": r"\.", "\u0308": r"\"",
    "\u030a": r"\r", "\u030b": r"\H", "\u030c": r"\v", "\u0327": r"\c", "\u0328": r"\k",
}  # fmt: skip

PIECE = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL)
OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class Tex(str):
    """LaTeX that is meant as LaTeX; any other string is plain text and gets escaped."""

    __slots__ = ()


def prose(plain: str) -> Tex:
    """Plain text inside a paragraph."""
    return _escaped(plain, SPECIAL)


def code(line: str) -> Tex:
    """One line of code: every space, quote and hyphen as it is typed; it may be broken after a space."""
    indent = len(line) - len(line.lstrip(" "))
    return Tex("~" * indent + _escaped(line[indent:], SPECIAL | LITERAL).replace("~", r"~\allowbreak{}"))


def _escaped(plain: str, special: dict[str, str]) -> Tex:
    done: list[str] = []
    for char in unicodedata.normalize("NFC", plain):
        if char in ACCENT and done:
            done[-1] = f"{ACCENT[char]}{{{done[-1]}}}"
        else:
            done.append(special.get(char) or GLYPH.get(char) or _letter(char))
    return Tex("".join(done))


def _letter(char: str) -> str:
    if char.isascii():
        return char if char.isprintable() else " "
    base, *marks = list(unicodedata.normalize("NFD", char))
    if not base.isascii() or not marks or any(m not in ACCENT for m in marks):
        return f"[U+{ord(char):04X}]"
    for mark in marks:
        base = f"{ACCENT[mark]}{{{base}}}"
    return base


def tamed(formula: str, known: Container[str]) -> Tex:
    r"""A formula in which the author's words, `\text{...}`, run no command that is not known; it is spelled out instead."""
    done: list[str] = []
    depth = 0
    for part in PIECE.findall(formula):
        begins = not depth and part == "{" and done[-1:] == [r"\text"]
        done.append(_word(part, known) if depth else part)
        depth += (part == "{" and (begins or depth > 0)) - (part == "}" and depth > 0)
    return Tex("".join(done))


def _word(part: str, known: Container[str]) -> str:
    if part[0] == "\\" and part[1].isalpha():
        return part if part in known else rf"\textbackslash{{}}{part[1:]}"
    if part in ("%", "#", "&"):
        return SPECIAL[part]
    return part if part.isascii() else _escaped(part, {})


def plain(said: str) -> str:
    """One line of text in which a terminal finds nothing to obey: control characters are spelled out."""
    return OBEYED.sub(lambda m: m[0].encode("unicode_escape").decode(), said)
