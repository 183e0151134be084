"""Trees as LaTeX; what is written is read as the same tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from symderiv.documents.syntax.tree import (
    Added,
    Applied,
    Big,
    Cases,
    Chain,
    Differential,
    Dots,
    Fenced,
    Formula,
    Fraction,
    Listed,
    Matrix,
    Multiplied,
    Name,
    Noted,
    Number,
    Root,
    Scripted,
    Text,
    Tree,
)
from symderiv.notation.commands import BIG, FUNCTIONS, LIMITED, OPERATORS, RELATIONS

RELATION = {sign: f"\\{names[0]}" for sign, names in RELATIONS.items()}
RELATION |= {sign: sign for sign in ("=", ":=", "<", ">", ":")} | {"|": "\\mid", "‖": "\\parallel"}
STANDARD = frozenset((*FUNCTIONS, *LIMITED)) - {"tr", "argmax", "argmin"}  # functions that LaTeX has commands for
TIMES = {"": "", "*": "*", "/": "/"} | {sign: f"\\{names[0]}" for sign, names in OPERATORS.items() if sign not in "*/"}
SIGN = {"∂": "\\partial", "d": "\\mathrm{d}", "∇": "\\nabla"}
OPERATOR = {kind: f"\\{name}" for name, kind in reversed(BIG.items())} | {
    name: f"\\{name}" if name in STANDARD else f"\\operatorname{{{name}}}" for name in LIMITED
}
FENCES = {
    "(": "()", "[": "[]", "{": ("\\{", "\\}"), "|": ("\\left|", "\\right|"), "‖": ("\\left\\|", "\\right\\|"),
    "⌊": ("\\lfloor", "\\rfloor"), "⌈": ("\\lceil", "\\rceil"), "⟨": ("\\langle", "\\rangle"),
    "(]": "(]", "[)": "[)", ".|": ("\\left.", "\\right|"),
}  # fmt: skip
REMARKS = {"∀": "\\forall", "↑": "\\uparrow", "↓": "\\downarrow", "∎": "\\square"}
TALL = ("\\frac", "\\sum", "\\prod", "\\int", "\\begin", "\\underbrace")
ATOMS = (Name, Number, Fraction, Root, Matrix, Cases, Noted, Dots, Text, Fenced)  # may have something below and above
LIKE_A_LABEL = re.compile(r"\(\w+\) ")
SUMS = (Added, Chain, Listed)  # wants parentheses as a factor


def written(tree: Tree) -> str:
    """A tree as LaTeX. Trees that no formula reads as get parentheses where these are needed."""
    return WRITTEN[type(tree)](tree)


def _name(tree: Name) -> str:
    return f"\\mathrm{{{tree.text}}}" if len(tree.text) > 1 and "\\" not in tree.text[:2] else tree.text


def _scripts(tree: Any) -> str:
    below = f"_{_argument(tree.sub)}" if tree.sub is not None else ""
    above = f"^{_argument(tree.sup)}" if tree.sup is not None else ""
    return "'" * getattr(tree, "primes", 0) + below + above


def _argument(tree: Tree) -> str:
    if isinstance(tree, Multiplied) and all(not sign and isinstance(f, Name) and len(f.text) == 1 for sign, f in tree.factors):
        return f"{{{''.join(f.text for _, f in tree.factors if isinstance(f, Name))}}}"
    text = written(tree)
    alone = isinstance(tree, Differential) and tree.of is None
    return text if len(text) == 1 and text != ":" else f"{{{{{text}}}}}" if alone else f"{{{text}}}"


def _scripted(tree: Scripted) -> str:
    fenced = isinstance(tree.base, Applied) and isinstance(tree.base.of, Fenced)
    base = written(tree.base) if fenced or isinstance(tree.base, ATOMS) else _parenthesized(tree.base)
    return base + _scripts(tree)


def _parenthesized(tree: Tree) -> str:
    return _fenced(Fenced("(", tree))


def _listed(tree: Listed) -> str:
    return ", ".join(map(written, tree.items))


def _added(tree: Added) -> str:
    first, *others = tree.terms
    terms = ["-" + _term(first[1]) if first[0] < 0 else _term(first[1])]
    return " ".join([*terms, *(f"{'-' if sign < 0 else '+'} {_term(term)}" for sign, term in others)])


def _term(tree: Tree) -> str:
    """A term, or what a sum is over: a remark is in braces, which make it one."""
    if isinstance(tree, Text):
        return f"{{{written(tree)}}}"
    return _parenthesized(tree) if isinstance(tree, SUMS) else written(tree)


def _multiplied(tree: Multiplied) -> str:
    parts = []
    last = len(tree.factors) - 1
    for k, (sign, factor) in enumerate(tree.factors):
        after = tree.factors[k + 1] if k < last else None
        close = not sign and isinstance(factor, Fenced) and factor.fence == "(" and isinstance(tree.factors[k - 1][1], (Name, Scripted))
        before = "" if close or not k else f" {TIMES[sign]} " if sign else " "
        parts.append(before + _factor(sign, factor, after))
    return "".join(parts)


def _factor(sign: str, tree: Tree, after: tuple[str, Tree] | None) -> str:
    """A factor, in braces where what is beside it would else be taken for a part of it."""
    beside = after[1] if after is not None and not after[0] else None
    if isinstance(tree, Added) and sign and len(tree.terms) == 1 and not isinstance(tree.terms[0][1], (*SUMS, Multiplied, Big)):
        return f"-{_factor('', tree.terms[0][1], after)}"
    if isinstance(tree, (*SUMS, Multiplied)) or (isinstance(tree, Big) and after is not None):
        return _parenthesized(tree)
    divided = after is not None and after[0] == "/" and isinstance(after[1], Differential)
    if (tree == Name("d") and divided) or (isinstance(_base(beside), Fenced) and _is_word(tree)):
        return f"{{{written(tree)}}}"
    if after is not None and isinstance(tree, Applied) and _ends_in_big(tree.of):
        return _applied(tree, braced=True)
    if beside is not None and isinstance(tree, Applied):
        return _applied(tree, braced=True)
    if beside is not None and isinstance(tree, Differential):
        return _differential(tree, braced=True)
    return _term(tree)


def _base(tree: Tree | None) -> Tree | None:
    return tree.base if isinstance(tree, Scripted) else tree


def _is_word(tree: Tree) -> bool:
    base = _base(tree)
    return isinstance(base, Name) and len(base.text) > 1 and base.text[0] != "\\"


def _ends_in_big(tree: Tree) -> bool:
    while isinstance(tree, Applied):
        tree = tree.of
    return isinstance(tree, Big)


def _fraction(tree: Fraction) -> str:
    return f"\\frac{{{_part(tree.above)}}}{{{_part(tree.below)}}}"


def _part(tree: Tree) -> str:
    """Above or below a line differentials are of all that stands beside them; a name d at the beginning is in braces."""
    factors = tree.factors if isinstance(tree, Multiplied) else (("", tree),)
    if all(isinstance(f, Differential) and not sign for sign, f in factors):
        return " ".join(_differential(f, beside=f.of is not None) for _, f in factors if isinstance(f, Differential))
    text = written(tree)
    return f"{{d}}{text[1:]}" if text[0] == "d" else text


def _root(tree: Root) -> str:
    degree = f"[{written(tree.degree)}]" if tree.degree is not None else ""
    return f"\\sqrt{degree}{{{written(tree.of)}}}"


def _big(tree: Big) -> str:
    body = tree.body
    single = isinstance(body, Added) and len(body.terms) == 1
    text = written(body) if single else _term(body)
    return f"{OPERATOR[tree.kind]}{_scripts(tree)} {text}"


def _fenced(tree: Fenced) -> str:
    left, right = FENCES[tree.fence]
    inner = written(tree.body)
    if left[:5] != "\\left" and any(command in inner for command in TALL):
        left, right = f"\\left{left}", f"\\right{right}"
    return f"{left}{inner}{right}" if left in "([" else f"{left} {inner} {right}"


def _applied(tree: Applied, braced: bool = False) -> str:
    if tree.head == "binom" and isinstance(tree.of, Listed):
        return f"\\binom{{{written(tree.of.items[0])}}}{{{written(tree.of.items[1])}}}"
    head = f"\\{tree.head}" if tree.head in STANDARD else f"\\operatorname{{{tree.head}}}"
    return f"{head}{_scripts(tree)}{_operand(tree.of, braced or tree.head in LIMITED, fenced=True, beside=True)}"


def _operand(tree: Tree, braced: bool, fenced: bool, beside: bool) -> str:
    """What a function or differential is of: a fence, a name, another of the kind, what stands beside each other, or in braces."""
    if isinstance(tree, Fenced) and fenced:
        return written(tree)
    plain = _is_plain(tree) or (fenced and isinstance(tree, (Applied, Big)))
    if isinstance(tree, Multiplied) and not any(sign for sign, _ in tree.factors):
        (_, first), *others = tree.factors
        plain = _is_plain(first) and all(isinstance(f, Fenced) or (beside and _is_side(f)) for _, f in others)
    text = written(tree)
    return f" {text}" if plain and not braced and text[0] != "{" else f"{{{text}}}"


def _is_plain(tree: Tree) -> bool:
    base = _base(tree)
    return isinstance(base, (Name, Number, Fraction, Root)) and base != Name("d")


def _is_side(tree: Tree) -> bool:
    return _is_plain(tree) or isinstance(_base(tree), Fenced)


def _differential(tree: Differential, braced: bool = False, beside: bool = False) -> str:
    head = SIGN[tree.sign]
    above = f"^{_argument(Number(str(tree.order)))}" if tree.order != 1 else ""
    below = f"_{_argument(tree.sub)}" if tree.sub is not None else ""
    if tree.of is None:
        return f"{{{head}{below}{above}}}" if braced else f"{head}{below}{above}"
    several = tree.sign != "d" or beside
    braced = braced or (not several and isinstance(tree.of, Multiplied))
    return f"{head}{below}{above}{_operand(tree.of, braced, several and not isinstance(tree.of, Fenced), beside)}"


def _matrix(tree: Matrix) -> str:
    return _table("matrix", [" & ".join(map(written, row)) for row in tree.rows])


def _cases(tree: Cases) -> str:
    return _table("cases", [f"{written(entry)} & {written(condition or Text('otherwise'))}" for entry, condition in tree.rows])


def _table(kind: str, rows: list[str]) -> str:
    inner = " \\\\ ".join(rows)
    return f"\\begin{{{kind}}} {inner} \\end{{{kind}}}"


def _noted(tree: Noted) -> str:
    return f"\\underbrace{{{written(tree.body)}}}" + (f"_{_argument(tree.note)}" if tree.note is not None else "")


def _chain(tree: Chain) -> str:
    parts = [(RELATION.get(relation, ""), written(member) if member is not None else "") for relation, member in tree.members]
    return " ".join(part for pair in parts for part in pair if part)


def _formula(tree: Formula) -> str:
    """Chains, and the label; empty braces tell a parenthesis at the beginning from a label."""
    text = "; ".join(map(written, tree.chains))
    return ("{}" if LIKE_A_LABEL.match(text) else "") + text + (f" \\tag{{{tree.label}}}" if tree.label else "")


WRITTEN: dict[type[Tree], Callable[[Any], str]] = {
    Number: lambda tree: tree.text,
    Name: _name,
    Scripted: _scripted,
    Listed: _listed,
    Added: _added,
    Multiplied: _multiplied,
    Fraction: _fraction,
    Root: _root,
    Big: _big,
    Fenced: _fenced,
    Applied: _applied,
    Differential: _differential,
    Matrix: _matrix,
    Cases: _cases,
    Noted: _noted,
    Text: lambda tree: REMARKS.get(tree.words, f"\\text{{{tree.words}}}"),
    Dots: lambda tree: "\\dots",
    Chain: _chain,
    Formula: _formula,
}
