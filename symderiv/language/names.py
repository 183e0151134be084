r"""Names: what a page calls things (`\hat{x}`, `W_h`, `N^O`, `varepsilon`), read by a small grammar, and drawn for a terminal.

What is drawn is what was read, so that names that read alike are seen to be; one that does not fit the grammar is drawn as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
SIGNS = {"partial": "∂", "nabla": "∇", "ell": "ℓ", "infty": "∞", "prime": "′", "ast": "*", "star": "⋆", "top": "⊤", "dagger": "†"}
GLYPHS = GREEK | SIGNS
ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0304", "tilde": "\u0303", "dot": "\u0307",
    "ddot": "\u0308", "vec": "\u20d7", "check": "\u030c", "breve": "\u0306",
}  # fmt: skip
FONTS = frozenset({"mathrm", "mathbf", "mathcal", "mathbb", "mathsf", "mathit", "text", "operatorname"})
FROM_GLYPH = {glyph: name for name, glyph in GREEK.items()}

SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-z][A-Za-z0-9]*|[0-9]+|[{}_^',+\-*()\[\]<>]")
COTANGENT = re.compile(r"\\partial (.+?)/\\partial (.+)")


@dataclass(frozen=True)
class Mark:
    """A part of a name: a `word`, a `sign` of LaTeX, an accent or a font over `parts`, or a script `_` or `^` of `parts`."""

    kind: str
    word: str = ""
    parts: tuple[Mark, ...] = ()


class Unreadable(Exception):
    """A name outside the grammar; it is drawn as plain text."""


def cotangent(name: str) -> tuple[str, str] | None:
    """The objective and the node, for a name that stands for the derivative of one w.r.t. the other."""
    found = COTANGENT.fullmatch(name)
    return (found[1], found[2]) if found else None


@lru_cache(maxsize=10_000)
def text_name(name: str) -> str:
    """A name in unicode: μ, σ², x̂, W_h."""
    if pair := cotangent(name):
        return f"∂{text_name(pair[0])}/∂{text_name(pair[1])}"
    try:
        return _text(parse(name))
    except Unreadable:
        return "".join(c if c.isprintable() else "\ufffd" for c in name)


def parse(name: str) -> tuple[Mark, ...]:
    """A name as marks: its base, then its scripts. Fails when it is outside the grammar."""
    plain = "".join(rf"\{FROM_GLYPH[c]} " if c in FROM_GLYPH else c for c in name)
    tokens = TOKEN.findall(plain)
    if len("".join(tokens)) != len(re.sub(r"\s", "", plain)) or not tokens:
        raise Unreadable(name)
    return _sequence(tokens, closing=False)


def _sequence(tokens: list[str], closing: bool) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    while tokens and tokens[0] != "}":
        marks.append(_mark(tokens))
    if closing != bool(tokens):
        raise Unreadable
    return tuple(marks)


def _mark(tokens: list[str]) -> Mark:
    token = tokens.pop(0)
    if token in ("_", "^"):
        return Mark(token, parts=_argument(tokens))
    if token == "'":
        return Mark("^", parts=(Mark("sign", "prime"),))
    if token == "{":
        return Mark("group", parts=_closed(tokens))
    word = token.removeprefix("\\")
    if token.startswith("\\") and (word in ACCENTS or word in FONTS):
        return Mark("accent" if word in ACCENTS else "font", word, _argument(tokens))
    if token.startswith("\\") and word not in GLYPHS:
        raise Unreadable(token)
    return Mark("sign" if token.startswith("\\") or word in GREEK else "word", word)


def _argument(tokens: list[str]) -> tuple[Mark, ...]:
    if not tokens or tokens[0] in "}_^'":
        raise Unreadable
    if tokens[0] == "{":
        tokens.pop(0)
        return _closed(tokens)
    return (_mark(tokens),)


def _closed(tokens: list[str]) -> tuple[Mark, ...]:
    parts = _sequence(tokens, closing=True)
    tokens.pop(0)
    if not parts:
        raise Unreadable
    return parts


def _text(marks: tuple[Mark, ...]) -> str:
    return "".join(TEXT_OF[m.kind](m) for m in marks)


def _text_script(mark: Mark) -> str:
    inner = _text(mark.parts)
    if mark.kind == "^" and inner.removeprefix("-").isdigit():
        return inner.translate(SUPERSCRIPT)
    if inner == "′":
        return inner
    return f"{mark.kind}{inner}" if inner.isalnum() else f"{mark.kind}{{{inner}}}"


def _text_accent(mark: Mark) -> str:
    inner = _text(mark.parts)
    return inner + ACCENTS[mark.word] if len(inner) == 1 else f"{mark.word}({inner})"


TEXT_OF: dict[str, Callable[[Mark], str]] = {
    "word":   lambda m: m.word,
    "sign":   lambda m: GLYPHS[m.word],
    "accent": _text_accent,
    "font":   lambda m: _text(m.parts),
    "group":  lambda m: _text(m.parts),
    "_":      _text_script,
    "^":      _text_script,
}  # fmt: skip
