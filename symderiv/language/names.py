r"""Names: what a page calls things (`\hat{x}`, `W_h`, `N^O`, `varepsilon`), drawn for a terminal and for a typesetter.

A name is read by a small grammar and drawn from what was read, never pasted: a name that does not fit the
grammar comes out as upright text with everything special escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

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
SAME = {"text": "mathrm", "operatorname": "mathrm", "widehat": "hat", "overline": "bar"}
FROM_GLYPH = {glyph: name for name, glyph in GREEK.items()}

SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
SUBSCRIPT = str.maketrans("0123456789+−aehijklmnoprstuvxβγρχ", "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵪ")

TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-z][A-Za-z0-9]*|[0-9]+|[{}_^',+\-*()\[\]]")
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


def text_name(name: str) -> str:
    """A name in unicode: μ, σ², x̂, W_h."""
    if pair := cotangent(name):
        return f"∂{text_name(pair[0])}/∂{text_name(pair[1])}"
    try:
        return _text(parse(name))
    except Unreadable:
        return "".join(c if c.isprintable() else "\ufffd" for c in name)


def latex_name(name: str) -> str:
    r"""A name in LaTeX: \mu, \sigma^2, \hat{x}, W_h, \mathit{loss}."""
    if pair := cotangent(name):
        return rf"\frac{{\partial {latex_name(pair[0])}}}{{\partial {latex_name(pair[1])}}}"
    return latex_entry(name, "")


def text_entry(name: str, at: tuple[str, ...]) -> str:
    """An entry of an array: x̂ᵢ where unicode has the letters and the name no script that could be mixed up, else W_h[i,j]."""
    shown, positions = text_name(name), tuple(p.replace(" ", "") for p in at)
    short = len(positions) == 1 or all(len(p) == 1 and p.isalpha() for p in positions)
    below = subscript("".join(positions)) if short and not set("_^") & set(shown) else None
    return shown + below if below else f"{shown}[{','.join(positions)}]"


def latex_entry(name: str, index: str) -> str:
    r"""A name with one more subscript: W_{h,ij}, \sigma^{2}_{j}."""
    try:
        marks = parse(name)
    except Unreadable:
        return rf"\mathrm{{{escaped(name)}}}" + _script("_", index)
    base = "".join(_latex(m) for m in marks if m.kind not in "_^").strip()
    above = " ".join(_inside(m.parts) for m in marks if m.kind == "^")
    below = ",".join([_inside(m.parts) for m in marks if m.kind == "_"] + [index] * bool(index))
    return base + _script("_", below) + _script("^", above)


def has_script(name: str, kind: str) -> bool:
    """Whether a name carries a script `_` or `^` of its own."""
    try:
        return any(m.kind == kind for m in parse(name))
    except Unreadable:
        return False


def subscript(letters: str) -> str | None:
    """The letters as unicode subscripts; none if unicode lacks one."""
    return letters.translate(SUBSCRIPT) if all(ord(c) in SUBSCRIPT for c in letters) else None


def escaped(name: str) -> str:
    """Plain text inside LaTeX mathematics: letters and digits as they are, all else spelled so that TeX sees no command."""
    known = {"_": r"\_", " ": r"\ ", "-": "-", ".": ".", ",": ",", ":": ":", "/": "/"}
    return "".join(c if c.isascii() and c.isalnum() else known.get(c, f"[{ord(c):X}]") for c in name)


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


def _latex(mark: Mark) -> str:
    """One part outside any script: a word of several letters is one name, so it is set as one."""
    if mark.kind == "word":
        return mark.word if len(mark.word) == 1 or mark.word.isdigit() else rf"\mathit{{{mark.word}}}"
    if mark.kind == "sign":
        return rf"\{mark.word} "
    if mark.kind == "font":
        return rf"\{SAME.get(mark.word, mark.word)}{{{''.join(m.word if m.kind == 'word' else _latex(m) for m in mark.parts).strip()}}}"
    if mark.kind == "accent":
        return rf"\{SAME.get(mark.word, mark.word)}{{{_inside(mark.parts)}}}"
    return f"{{{_inside(mark.parts)}}}" if mark.kind == "group" else _script(mark.kind, _inside(mark.parts))


def _inside(marks: tuple[Mark, ...]) -> str:
    """Parts inside a script or under an accent: one or two letters stand as they are, a longer word upright."""
    return "".join(_word_inside(m.word) if m.kind == "word" else _latex(m) for m in marks).strip()


def _word_inside(word: str) -> str:
    return word if len(word) <= 2 or word.isdigit() else rf"\mathrm{{{word}}}"


def _script(kind: str, inner: str) -> str:
    if not inner:
        return ""
    return f"{kind}{inner}" if len(inner) == 1 else f"{kind}{{{inner}}}"
