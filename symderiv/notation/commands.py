"""The commands of LaTeX that formulas are written with, in tables: what each is to the reader."""

from __future__ import annotations

import unicodedata

from symderiv.language.functions import WORDS


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


LETTERS = (
    *_words("alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi pi varpi rho"),
    *_words("varrho sigma varsigma tau upsilon phi varphi chi psi omega digamma"),
    *_words("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"),
    *_words("ell hbar imath jmath infty top bot intercal dagger star emptyset varnothing Re Im wp aleph"),
)
FUNCTIONS = (
    *_words("exp log ln lg sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth"),
    *_words("det dim ker deg gcd Pr hom tr"),
)
LIMITED = ("max", "min", "sup", "inf", "lim", "argmax", "argmin")  # with something below them they are big, before a fence functions
BIG = {"sum": "sum", "prod": "prod", "int": "int", "iint": "int", "bigcup": "cup", "bigcap": "cap", "bigoplus": "oplus"}
DOTS = ("dots", "ldots", "cdots", "vdots", "ddots", "dotsc", "dotsb", "dotsm", "dotso")
RELATIONS = {
    "=": ("=", "eq"),
    ":=": ("leftarrow", "gets", "triangleq", "equiv", "coloneqq", "coloneq", "doteq", "longleftarrow"),
    "≠": ("neq", "ne"),
    "≤": ("le", "leq", "leqslant"),
    "≥": ("ge", "geq", "geqslant"),
    "<": ("<", "lt"),
    ">": (">", "gt"),
    "∈": ("in",),
    "∉": ("notin",),
    "⊂": ("subset", "subseteq"),
    "∼": ("sim",),
    "≈": ("approx", "simeq", "cong"),
    "→": ("to", "rightarrow", "longrightarrow", "mapsto"),
    "∝": ("propto",),
    "⇒": ("Rightarrow", "implies", "Longrightarrow", "therefore", "leadsto"),
    "⇐": ("Leftarrow", "impliedby", "Longleftarrow"),
    "⇔": ("iff", "Leftrightarrow", "Longleftrightarrow"),
}
OPERATORS = {
    "·": ("cdot", "bullet"),
    "×": ("times",),
    "*": ("*", "ast"),
    "/": ("/", "div", "slash"),
    "⊙": ("odot", "circ"),
    "⊗": ("otimes",),
}
ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde", "vec": "vec",
    "overrightarrow": "vec", "dot": "dot", "ddot": "ddot", "breve": "breve", "check": "check", "acute": "acute", "grave": "grave",
    "mathring": "mathring", "underline": "underline",
}  # fmt: skip
KEPT_FACES = {"mathcal": "mathcal", "mathscr": "mathscr", "mathbb": "mathbb", "mathfrak": "mathfrak", "cal": "mathcal"}
BLACKBOARD = {"R": "R", "Reals": "R", "reals": "R", "N": "N", "Z": "Z", "E": "E"}  # as MathJax has them, and most preambles
BOLD_FACES = ("mathbf", "bold", "boldsymbol", "bm", "pmb", "mathbfit", "symbf", "mathbfsf")
WORD_FACES = ("mathrm", "mathsf", "mathit", "mathtt", "mathnormal", "symrm", "symup")
TEXTS = ("text", "textrm", "textsf", "textit", "texttt", "textbf", "textnormal", "textup", "mbox", "intertext", "shortintertext")
FACE_SWITCHES = ("bf", "rm", "it", "sf", "tt", "boldmath", "em", "normalfont")

SPACES = (",", ";", "!", ":", ">", " ", "/", "thinspace", "negthinspace", "enspace", "medspace", "thickspace", "nobreakspace", "space", "-")
WIDE_SPACES = ("quad", "qquad", "hfill")
SILENT = (
    *_words("limits nolimits displaystyle textstyle scriptstyle scriptscriptstyle nonumber notag hline strut mathstrut null"),
    *_words("bigl bigr bigm big Bigl Bigr Bigm Big biggl biggr biggm bigg Biggl Biggr Biggm Bigg allowbreak noindent relax"),
    *_words("allowdisplaybreaks small large Large normalsize footnotesize scriptsize tiny centering protect"),
)
DROPPED = ("label", "hspace", "vspace", "phantom", "hphantom", "vphantom", "require")  # with what stands in braces after them
CLEAR = (
    "boxed",
    "fbox",
    "mathop",
    "mathrel",
    "mathbin",
    "mathord",
    "mathopen",
    "mathclose",
    "smash",
    "ensuremath",
    "bbox",
    "cancel",
    "bcancel",
    "xcancel",
    "eqalign",
    "displaylines",
)  # boxes around formulas, also around rows of them

OPENING = {
    "(": "(",
    "[": "[",
    "{": "{",
    "lbrace": "{",
    "lbrack": "[",
    "lvert": "|",
    "lVert": "‖",
    "lfloor": "⌊",
    "lceil": "⌈",
    "langle": "⟨",
}
CLOSING = {
    ")": "(",
    "]": "[",
    "}": "{",
    "rbrace": "{",
    "rbrack": "[",
    "rvert": "|",
    "rVert": "‖",
    "rfloor": "⌊",
    "rceil": "⌈",
    "rangle": "⟨",
}
BARS = {"|": "‖", "Vert": "‖", "vert": "|"}

ROWS = ("align", "aligned", "alignat", "alignedat", "equation", "gather", "gathered", "eqnarray", "split", "multline", "flalign", "math",
        "displaymath", "dmath", "subequations", "IEEEeqnarray")  # fmt: skip
MATRICES = {"matrix": "", "smallmatrix": "", "array": "", "pmatrix": "(", "bmatrix": "[", "Bmatrix": "{", "vmatrix": "|", "Vmatrix": "‖"}
CASES = ("cases", "dcases", "rcases")
WITH_OPTION = ("array", "aligned", "alignedat", "gathered")
WITH_ARGUMENT = ("array", "alignat", "alignedat", "IEEEeqnarray")

DANGEROUS = ("input", "include", "write", "openin", "openout", "read", "immediate", "catcode", "csname", "usepackage", "def", "newcommand",
             "let", "renewcommand", "includegraphics", "special", "directlua", "ShellEscape", "expandafter", "loop")  # fmt: skip

SPOKEN = (
    "if", "for", "where", "and", "or", "otherwise", "else", "with", "when", "since", "so", "thus", "hence", "then", "let", "because", "by",
    "as", "is", "are", "all", "iff", "any", "such", "that", "using", "from", "we", "have", "therefore", "which", "while",
)  # fmt: skip
FUNCTION_WORDS = (
    *(word.lower() for word in WORDS if word.isalpha()), "gelu",
    *_words("max min argmax argmin softmax mean var det diag trace"),
)  # fmt: skip

NAME_WORDS = ("KL", "MSE", "RMSE", "ELBO", "NLL", "BCE", "RSS", "SSE")  # names of quantities, not products of letters

COMBINING = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot", "\u0308": "ddot", "\u20d7": "vec", "\u030c": "check"}
SIGNS = {
    "∂": "\\partial", "∇": "\\nabla", "∑": "\\sum", "Σ": "\\Sigma", "∏": "\\prod", "√": "\\sqrt", "∞": "\\infty", "⋅": "\\cdot",
    "·": "\\cdot", "×": "\\times", "⊙": "\\odot", "∘": "\\circ", "⊗": "\\otimes", "÷": "\\div", "−": "-", "–": "-", "∗": "*", "≤": "\\le",
    "≥": "\\ge", "≠": "\\ne", "≈": "\\approx", "∼": "\\sim", "∈": "\\in", "∉": "\\notin", "→": "\\to", "←": "\\leftarrow",
    "⇒": "\\Rightarrow", "⇔": "\\iff", "∝": "\\propto", "≡": "\\equiv", "≜": "\\triangleq", "…": "\\dots", "⋯": "\\dots", "′": "'",
    "’": "'", "∣": "|", "‖": "\\|", "∥": "\\|", "⟨": "\\langle", "⟩": "\\rangle", "⌊": "\\lfloor", "⌋": "\\rfloor", "⌈": "\\lceil",
    "⌉": "\\rceil", "⊤": "\\top", "ℓ": "\\ell", "ℝ": "\\mathbb{R}", "ϵ": "\\epsilon", "ε": "\\varepsilon", "ϕ": "\\phi", "φ": "\\varphi",
    "ϑ": "\\vartheta", "ς": "\\varsigma", "\u00a0": " ", "↑": "\\uparrow", "↓": "\\downarrow", "≔": "\\leftarrow",
}  # fmt: skip


def _kinds() -> dict[str, tuple[str, str]]:
    """Each command as the kind of its token, and the text that the token carries."""
    rows = [
        *((name, "NAME", f"\\{name}") for name in LETTERS),
        *((name, "FUNC", name) for name in FUNCTIONS),
        *((name, "LIMITED", name) for name in LIMITED),
        *((name, "BIG", kind) for name, kind in BIG.items()),
        *((name, "DOTS", "\\dots") for name in DOTS),
        *((name, "REL", sign) for sign, names in RELATIONS.items() for name in names if len(name) > 1),
        *((name, "TIMES", sign) for sign, names in OPERATORS.items() for name in names if len(name) > 1),
        *((name, "ACCENT", accent) for name, accent in ACCENTS.items()),
        *((name, "SPACE", "") for name in (*SPACES, *SILENT)),
        *((name, "WIDE", "") for name in WIDE_SPACES),
        *((name, "DROPPED", "") for name in DROPPED),
        *((name, "CLEAR", "") for name in CLEAR),
        *((name, "NAME", f"\\mathbb{{{letter}}}") for name, letter in BLACKBOARD.items()),
        *((name, "OPEN", fence) for name, fence in OPENING.items() if name not in "(["),
        *((name, "CLOSE", fence) for name, fence in CLOSING.items() if name not in ")]"),
        *((name, "BAR", fence) for name, fence in BARS.items()),
        *((name, "FRAC", "") for name in ("frac", "dfrac", "tfrac", "cfrac", "sfrac", "nicefrac")),
        *((name, "BINOM", "") for name in ("binom", "dbinom", "tbinom")),
        *((name, "UNDER", "") for name in ("underbrace", "overbrace", "underbracket")),
        *((name, "OVERSET", "") for name in ("overset", "stackrel", "underset")),
        *((name, "REMARK", sign) for name, sign in (("uparrow", "↑"), ("downarrow", "↓"), ("blacksquare", "∎"), ("square", "∎"))),
        ("forall", "REMARK", "∀"), ("parallel", "MID", "‖"),
        ("tag", "TAG", ""),
        *((name, name.upper(), "") for name in _words("sqrt choose over textcolor color left right begin end not operatorname")),
        ("partial", "DIFF", "∂"), ("nabla", "DIFF", "∇"), ("mid", "MID", "|"), ("colon", "MID", ":"),
        *((name, "ROW", "") for name in ("\\", "cr", "crcr")),
        ("prime", "PRIMES", "'"), ("middle", "SPACE", ""), ("substack", "SUBSTACK", ""), ("arg", "ARGUMENT", ""),
        *((name, "FACE", face) for name, face in KEPT_FACES.items()),
        *((name, "FACE", "bold") for name in BOLD_FACES),
        *((name, "FACE", "word") for name in WORD_FACES),
        *((name, "SWITCH", "bold" if name in ("bf", "boldmath") else "word") for name in FACE_SWITCHES),
        *((name, "WORDS", "") for name in TEXTS),
        *((name, "FORBIDDEN", "") for name in DANGEROUS),
    ]  # fmt: skip
    return {f"\\{name}": (kind, text) for name, kind, text in rows}


def _signs() -> dict[str, str]:
    """What letters and signs beyond ASCII are in LaTeX."""
    names = {c: unicodedata.name(c).split()[-1].replace("LAMDA", "LAMBDA") for c in "αβγδζηθικλμνξπρστυχψωΓΔΘΛΞΠΥΦΨΩ"}
    return {c: f"\\{name.lower() if c.islower() else name.capitalize()}" for c, name in names.items()} | SIGNS


KINDS = _kinds()
HARMLESS = frozenset(name for name, (kind, _) in KINDS.items() if kind not in ("FORBIDDEN", "BEGIN", "END"))  # to TeX, wherever they stand
UNICODE = _signs()


def in_ascii(character: str) -> str:
    """A character beyond ASCII as it is written in LaTeX, or itself if there is no such way."""
    plain = unicodedata.normalize("NFKC", character)
    if unicodedata.decomposition(character).startswith(("<super>", "<sub>")) and character not in UNICODE:
        return character
    if character in UNICODE or plain in UNICODE:
        return UNICODE.get(character) or UNICODE[plain]
    if plain.isascii() and plain.isalpha():
        return plain
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in COMBINING:
        return f"\\{COMBINING[parts[1]]}{{{parts[0]}}}"
    return character
