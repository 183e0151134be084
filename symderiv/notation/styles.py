"""How formulas are put on paper: one table of forms for a terminal, one for a typesetter.

A form takes printed pieces and gives a piece: a string, and how tightly it holds together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import groupby

from symderiv.language.functions import ROWS
from symderiv.language.names import SUPERSCRIPT, cotangent, text_name
from symderiv.notation.commands import FUNCTIONS, LIMITED
from symderiv.notation.names import has_script, latex_entry, latex_name, subscript, text_entry


class Level(IntEnum):
    """How tightly a piece holds together: which neighbours need brackets around it."""

    RELATION = 0
    ADD = 1  # a sum of terms, or a sign in front
    OPEN = 2  # ends in a Σ, which takes in whatever is multiplied on its right
    QUOTIENT = 3  # ends in an unbracketed a/b
    PRODUCT = 4
    FRACTION = 5  # stands as a factor, not as a base
    DERIVATIVE = 6
    POWER = 7
    ATOM = 8


@dataclass(frozen=True)
class Piece:
    """A printed formula."""

    string: str
    level: Level = Level.ATOM


@dataclass(frozen=True)
class Range:
    """What a Σ runs over: letters that share their bounds. `plain`: from 1, the upper bound free of other indices."""

    letters: tuple[str, ...]
    lower: str
    upper: str
    plain: bool


@dataclass(frozen=True)
class Style:
    """The forms in which formulas are written."""

    minus: str
    relations: dict[str, str]
    shape_times: str
    words: dict[str, str]
    number: Callable[[int], str]
    entry: Callable[[str, tuple[str, ...]], Piece]
    bracket: Callable[[str], str]
    times: Callable[[Piece, Piece], str]
    fraction: Callable[[Piece, Piece], Piece]
    tall_apart: bool  # whether a factor with derivatives or sums of its own stands beside a fraction, not on it
    power: Callable[[Piece, Piece], Piece]
    root: Callable[[Piece], Piece]
    over: Callable[[str, tuple[Range, ...], str], str]
    derivative: Callable[[str, Piece, Piece], Piece]
    call: Callable[[str, tuple[Piece, ...]], Piece]
    cases: Callable[[str, str, str], Piece]


def bracketed(style: Style, piece: Piece, least: Level) -> Piece:
    """The piece, in brackets if it holds together less tightly than asked for."""
    return piece if piece.level >= least else Piece(style.bracket(piece.string))


RELATIONS = {"=": "=", "==": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


def _text_entry(name: str, at: tuple[str, ...]) -> Piece:
    if pair := cotangent(name):
        return _text_derivative("∂", _text_entry(pair[0], ()), _text_entry(pair[1], at))
    shown = text_entry(name, at) if at else text_name(name)
    scripted = has_script(name, "^") or (has_script(name, "_") and not at)
    return Piece(shown, Level.POWER if scripted else Level.ATOM)


def _text_fraction(above: Piece, below: Piece) -> Piece:
    top = bracketed(TEXT, above, Level.QUOTIENT)
    bottom = bracketed(TEXT, below, Level.POWER)
    return Piece(f"{top.string}/{bottom.string}", Level.PRODUCT if bottom.string.startswith("(") else Level.QUOTIENT)


def _text_power(base: Piece, exponent: Piece) -> Piece:
    shown = bracketed(TEXT, base, Level.ATOM).string
    if exponent.string.isdigit():
        return Piece(shown + exponent.string.translate(SUPERSCRIPT), Level.POWER)
    return Piece(f"{shown}^{bracketed(TEXT, exponent, Level.ATOM).string}", Level.POWER)


def _text_over(kind: str, ranges: tuple[Range, ...], condition: str) -> str:
    groups = [tuple(group) for _, group in groupby(ranges, key=lambda r: r.plain)]
    return "".join(_text_group(TEXT.words[kind], g, condition if g is groups[-1] else "") for g in groups)


def _text_group(sign: str, ranges: tuple[Range, ...], condition: str) -> str:
    letters = [letter for r in ranges for letter in r.letters]
    joined = subscript("".join(letters)) if all(len(letter) == 1 for letter in letters) else None
    if ranges[0].plain and joined and not condition:
        return f"{sign}{joined} "
    shown = ", ".join(",".join(r.letters) + ("" if r.plain else f"={r.lower}..{r.upper}") for r in ranges)
    if len(shown) == 1 and not condition:
        return f"{sign}_{shown} "
    return f"{sign}_{{{shown}: {condition}}} " if condition else f"{sign}_{{{shown}}} "


def _text_derivative(d: str, of: Piece, wrt: Piece) -> Piece:
    below = bracketed(TEXT, wrt, Level.POWER).string
    if of.level >= Level.POWER:
        return Piece(f"{d}{of.string}/{d}{below}", Level.DERIVATIVE)
    return Piece(f"{d}/{d}{below} ({of.string})", Level.DERIVATIVE)


def _text_call(name: str, arguments: tuple[Piece, ...]) -> Piece:
    inner = ", ".join(a.string for a in arguments)
    return Piece(f"|{inner}|" if name == "Abs" else f"{SHOWN.get(name, name)}({inner})")


def _text_cases(condition: str, then: str, otherwise: str) -> Piece:
    if (then, otherwise) == ("1", "0"):
        return Piece(f"[{condition}]")
    return Piece(f"{{{then} if {condition}, else {otherwise}}}")


SHOWN = {row.of.__name__: row.shown for row in ROWS if row.shown} | {"Max": "max", "Min": "min"}

TEXT: Style = Style(
    minus="−",
    relations=RELATIONS,
    shape_times=" × ",
    words={"partial": "∂", "pi": "π", "true": "true", "false": "false", "Sum": "Σ", "Product": "Π"},
    number=str,
    entry=_text_entry,
    bracket=lambda inner: f"({inner})",
    times=lambda left, right: "·",
    fraction=_text_fraction,
    tall_apart=False,
    power=_text_power,
    root=lambda inner: Piece(f"√{bracketed(TEXT, inner, Level.ATOM).string}", Level.POWER),
    over=_text_over,
    derivative=_text_derivative,
    call=_text_call,
    cases=_text_cases,
)


def _latex_entry(name: str, at: tuple[str, ...]) -> Piece:
    if pair := cotangent(name):
        return _latex_derivative(r"\partial", _latex_entry(pair[0], ()), _latex_entry(pair[1], at))
    tight = all(len(p) == 1 or p.endswith("'") for p in at) and not all(p.isdigit() for p in at[1:])
    shown = latex_entry(name, ("" if tight else ",").join(at)) if at else latex_name(name)
    return Piece(shown.strip(), Level.POWER if has_script(name, "^") else Level.ATOM)


def _latex_bracket(inner: str) -> str:
    tall = any(mark in inner for mark in (r"\frac", r"\sum", r"\prod", r"\begin"))
    return rf"\left({inner}\right)" if tall else f"({inner})"


def _latex_times(left: Piece, right: Piece) -> str:
    """A dot where juxtaposition would be misread: before a digit, next to a derivative, between two fractions; a gap beside a word."""
    fractions = left.level == right.level == Level.FRACTION
    if right.string[0].isdigit() or Level.DERIVATIVE in (left.level, right.level) or fractions:
        return r" \cdot "
    return r" \, " if any(p.string.startswith(r"\math") for p in (left, right)) else " "


def _latex_power(base: Piece, exponent: Piece) -> Piece:
    shown = bracketed(LATEX, base, Level.ATOM).string
    return Piece(f"{shown}^{{{exponent.string}}}", Level.POWER)


def _latex_range(kind: str, r: Range, condition: str) -> str:
    side = rf",\, {condition}" if condition else ""
    return rf"{LATEX.words[kind]}_{{{','.join(r.letters)}={r.lower}{side}}}^{{{r.upper}}} "


def _latex_over(kind: str, ranges: tuple[Range, ...], condition: str) -> str:
    return "".join(_latex_range(kind, r, condition if r is ranges[-1] else "") for r in ranges)


def _latex_derivative(d: str, of: Piece, wrt: Piece) -> Piece:
    below = bracketed(LATEX, wrt, Level.POWER).string
    if of.level >= Level.POWER:
        return Piece(rf"\frac{{{d} {of.string}}}{{{d} {below}}}", Level.DERIVATIVE)
    beside = of.string if of.level == Level.DERIVATIVE else _latex_bracket(of.string)
    return Piece(rf"\frac{{{d}}}{{{d} {below}}} {beside}", Level.DERIVATIVE)


def _latex_call(name: str, arguments: tuple[Piece, ...]) -> Piece:
    inner = ", ".join(a.string for a in arguments)
    if name == "Abs":
        return Piece(rf"\left|{inner}\right|")
    if name == "exp" and not any(mark in inner for mark in (r"\frac", r"\sum", r"\begin", "^")):
        return Piece(f"e^{{{inner}}}", Level.POWER)
    shown = SHOWN.get(name, name)
    return Piece((rf"\{shown}" if shown in FUNCTIONS + LIMITED else rf"\operatorname{{{shown}}}") + _latex_bracket(inner))


def _latex_cases(condition: str, then: str, otherwise: str) -> Piece:
    if (then, otherwise) == ("1", "0"):
        return Piece(rf"\left[{condition}\right]")
    return Piece(rf"\begin{{cases}} {then} & \text{{if }} {condition} \\ {otherwise} & \text{{otherwise}} \end{{cases}}", Level.FRACTION)


def _latex_number(number: int) -> str:
    """Digits in groups of three, from five digits on."""
    return str(number) if number < 10000 else f"{number:,}".replace(",", r"\,")


LATEX: Style = replace(
    TEXT,
    minus="-",
    relations=RELATIONS | {"!=": r"\ne", "<=": r"\le", ">=": r"\ge"},
    shape_times=r" \times ",
    words={"partial": r"\partial", "pi": r"\pi", "true": r"\text{true}", "false": r"\text{false}", "Sum": r"\sum", "Product": r"\prod"},
    number=_latex_number,
    entry=_latex_entry,
    bracket=_latex_bracket,
    times=_latex_times,
    fraction=lambda above, below: Piece(rf"\frac{{{above.string}}}{{{below.string}}}", Level.FRACTION),
    tall_apart=True,
    power=_latex_power,
    root=lambda inner: Piece(rf"\sqrt{{{inner.string}}}", Level.POWER),
    over=_latex_over,
    derivative=_latex_derivative,
    call=_latex_call,
    cases=_latex_cases,
)
