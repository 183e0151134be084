"""The grammar of formulas, and the reader: LaTeX to syntax trees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType, SimpleNamespace

from lark import Lark
from lark.exceptions import UnexpectedToken

from symderiv.documents.syntax import factors, shapes
from symderiv.documents.syntax.marks import marked
from symderiv.documents.syntax.scanner import scan
from symderiv.documents.syntax.tokens import Macro, Token, expand
from symderiv.documents.syntax.tree import Chain, Formula
from symderiv.errors import FormulaError

GRAMMAR = r"""
start: row (SEP row)*
row: item? GOES_ON?

?body: listed
    | listed (MID listed)+       -> given
?listed: item
    | item (COMMA item)+         -> listed
?item: member
    | member link+               -> chain
    | link+                      -> chain_on
link: REL member
?member: expr
    | expr THROUGH expr          -> through

?expr: term
    | SIGN term (SIGN term)*     -> added
    | term (SIGN term)+          -> added
?term: run                       -> product
    | run big                    -> product_big
    | run TIMES big              -> product_big
    | big
run: piece
    | run piece                  -> run_beside
    | run TIMES piece            -> run_times
    | run TIMES SIGN piece       -> run_signed
?piece: side | applied | open | differential
?side: scripted | fenced

big: sum term
    | sum SIGN term              -> big_signed
sum: BIG script*                 -> headed
function: FUNC script*           -> headed
applied: function fenced         -> applied_fenced
    | function (exact | applied)
open: function scripted side*    -> applied_open
    | function (open | big)      -> applied
exact: ARG expr RB               -> braced
d: D script*                     -> headed
partial: DIFF script*            -> headed
differential: d (exact | scripted)?
    | partial (exact | applied | open | big)?
    | partial scripted fenced*
    | partial fenced+

?scripted: atom | atom script+   -> scripted
?fenced: fence | fence script+   -> scripted
fence: OPEN body CLOSE
script: (SUB | SUP) arg | PRIMES
?arg: LB body RB                 -> braced
    | leaf
leaf: LEAF
?atom: leaf
    | TWO arg arg                -> command
    | ONE arg                    -> command
    | ROOT OPEN body CLOSE arg   -> root_of
    | TABLE cells (ROW cells)* ENDTABLE -> table
    | LB expr INFIX expr RB      -> infix
    | LB expr RB                 -> group
cells: body (AMP body)*

%declare LEAF SUB SUP PRIMES LB RB ARG OPEN CLOSE ONE TWO ROOT INFIX FUNC BIG DIFF D SIGN TIMES REL
%declare COMMA GOES_ON THROUGH SEP MID TABLE ENDTABLE AMP ROW
"""
IN_PARENTHESES = r"\((\d+[a-z]?|[a-h]|[iv]+)\)"
NO_OPERATOR = r"(?!(?:\s|~)*(?:[=+\-*/^_<>),]|\\(?:cdot|times|leq?|geq?|in|neq?|to|sim|Rightarrow|odot)(?![A-Za-z])|$))"
SPACE = r"(?=\s*\\q?quad)"
LABEL = re.compile(rf"\s*(?:(\d+)\s*\.?\s*([a-z])\s*[.)]|([a-z])\s*[.)]|(\d+)\s*[.)]|{IN_PARENTHESES}{SPACE})(?=\s|~|\\){NO_OPERATOR}")
LABEL_OR_FACTOR = re.compile(rf"\s*{IN_PARENTHESES}\s{NO_OPERATOR}")


TERMINALS = {
    **dict.fromkeys(("NAME", "NUMBER", "DOTS", "TEXT"), "LEAF"),
    **dict.fromkeys(("FRAC", "BINOM", "OVERSET"), "TWO"),
    **dict.fromkeys(("SQRT", "ACCENT", "UNDER"), "ONE"),
    **dict.fromkeys(("CHOOSE", "OVER"), "INFIX"),
    "LOOSE_D": "D",
}


def read(latex: str, macros: Mapping[str, Macro] = MappingProxyType({})) -> Formula:
    """The chains of a formula, and its label if it has one. Fails with the place of what is not understood, and what to write."""
    expanded = expand(latex, macros)
    label = LABEL.match(expanded.text)
    if label is None and (loose := LABEL_OR_FACTOR.match(expanded.text)):
        raise FormulaError(f"({loose[1]}): a label, or a factor? Write \\quad after a label, \\cdot after a factor", (0, loose.end()))
    tokens, tag = scan(expanded, label.end() if label is not None else 0)
    chains = _parsed(marked(tokens), latex)
    name = "".join(filter(None, label.groups())) if label is not None else tag
    return Formula(name, chains, span=(0, len(latex)))


def _parsed(tokens: list[Token], latex: str) -> tuple[Chain, ...]:
    parsing = parser().parse_interactive()
    try:
        for token in tokens:
            token.type = TERMINALS.get(token.kind, token.kind)
            parsing.feed_token(token)  # type: ignore[arg-type]
    except UnexpectedToken:
        raise FormulaError(_misplaced(token, latex), token.span) from None
    try:
        return parsing.feed_eof()  # type: ignore[no-untyped-call]
    except UnexpectedToken:
        raise FormulaError("the formula breaks off here: something is missing after this", tokens[-1].span) from None


@lru_cache(maxsize=1)
def parser() -> Lark:
    """The parser, built when first asked for."""
    rules = SimpleNamespace(**vars(factors) | vars(shapes))
    return Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=rules, maybe_placeholders=False)


MISSING = frozenset(("RB", "CLOSE", "ENDTABLE", "SEP", "AMP", "ROW", "COMMA", "MID", "REL", "GOES_ON", "TIMES", "INFIX"))
MISPLACED = {
    "SIGN": "two signs in a row: write parentheses, as in a \\cdot (-b)",
    "SUB": "_ has nothing before it that it could be below: write braces around what belongs together",
    "SUP": "^ has nothing before it that it could be above: write braces around what belongs together",
    "PRIMES": "' has nothing before it that it could belong to",
    "THROUGH": "an ellipsis between commas stands between two things: 1, \\dots, m",
}


def _misplaced(token: Token, latex: str) -> str:
    shown = latex[slice(*token.span)].strip() or token.text
    if token.kind in MISSING:
        return f"something is missing before {shown}"
    return MISPLACED.get(token.kind, f"{shown} is out of place here: is something missing before it?")
