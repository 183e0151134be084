"""Names drawn for a typesetter, and entries of arrays: W_{h,ij}, x̂ᵢ.

They are drawn from what was read, never pasted: a name outside the grammar comes out as upright text with everything special escaped.
"""

from __future__ import annotations

from symderiv.language.names import Mark, Unreadable, cotangent, parse, text_name

SAME = {"text": "mathrm", "operatorname": "mathrm", "widehat": "hat", "overline": "bar"}
SUBSCRIPT = str.maketrans("0123456789+−aehijklmnoprstuvxβγρχ", "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵪ")


def latex_name(name: str) -> str:
    r"""A name in LaTeX: \mu, \sigma^2, \hat{x}, W_h, \mathit{loss}."""
    if pair := cotangent(name):
        return rf"\frac{{\partial {latex_name(pair[0])}}}{{\partial {latex_name(pair[1])}}}"
    return latex_entry(name, "")


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


def text_entry(name: str, at: tuple[str, ...]) -> str:
    """An entry of an array: x̂ᵢ where unicode has the letters and the name no script that could be mixed up, else W_h[i,j]."""
    shown, positions = text_name(name), tuple(p.replace(" ", "") for p in at)
    short = len(positions) == 1 or all(len(p) == 1 and p.isalpha() for p in positions)
    below = subscript("".join(positions)) if short and not set("_^") & set(shown) else None
    return shown + below if below else f"{shown}[{','.join(positions)}]"


def subscript(letters: str) -> str | None:
    """The letters as unicode subscripts; none if unicode lacks one."""
    return letters.translate(SUBSCRIPT) if all(ord(c) in SUBSCRIPT for c in letters) else None


def escaped(name: str) -> str:
    """Plain text inside LaTeX mathematics: letters and digits as they are, all else spelled so that TeX sees no command."""
    known = {"_": r"\_", " ": r"\ ", "-": "-", ".": ".", ",": ",", ":": ":", "/": "/"}
    return "".join(c if c.isascii() and c.isalnum() else known.get(c, f"[{ord(c):X}]") for c in name)


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
