"""Characters to tokens: letters, numbers and signs, and what each command is."""

from __future__ import annotations

import re
from collections.abc import Callable

from symderiv.documents.syntax import environments, fences, typefaces
from symderiv.documents.syntax.scan import Scan
from symderiv.documents.syntax.tokens import DIGITS, Expanded, Token
from symderiv.errors import FormulaError
from symderiv.notation.commands import FUNCTION_WORDS, KINDS, LIMITED, NAME_WORDS, in_ascii

PIECE = re.compile(
    r"""(?P<space>(?:\s|~|%[^\n]*)+)
      | (?P<letter>[A-Za-z])
      | (?P<command>\\(?:[A-Za-z]+|.))
      | (?P<number>\d+(?:\.\d+)?|\.\d+)
      | (?P<dots>\.{2,})
      | (?P<primes>'+)
      | (?P<relation>:=|<=|>=|!=|->|=>|[=<>])
      | (?P<sign>.)""",
    re.DOTALL | re.VERBOSE | re.ASCII,
)
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:(?:,|\{,\}|\\,)\d{3})+(?!\d)(?:\.\d+)?", re.ASCII)
CALLED = re.compile(r"[A-Za-z]{2,}(?=\s*(?:\\left\s*)?\()")
WORD = re.compile(r"[A-Za-z]+")
NAMED = re.compile(r"[A-Za-z]|(\\[A-Za-z]+)")
RELATIONS = {":=": ":=", "<=": "≤", ">=": "≥", "!=": "≠", "->": "→", "=>": "⇒"}
ANGLE = re.compile(r"[^<>{}=]*>\s*(?:T|\\top|\\intercal)?\s*\}")
OPERATIONS = {"+": "SIGN", "-": "SIGN", "*": "TIMES", "/": "TIMES", "^": "SUP", "_": "SUB"}
ACCENTED = re.compile(r"\\\w+\{\w\}")


def scan(expanded: Expanded, start: int) -> tuple[list[Token], str]:
    """The tokens of a formula and its tag. Fails on unknown commands, and on what is not closed."""
    state = Scan(expanded, start)
    while state.at < len(state.text):
        found = PIECE.match(state.text, state.at)
        assert found is not None
        state.start, state.at = found.span()
        READERS[found.lastgroup or ""](state, found[0])
    state.settle()
    if len(state.frames) > 1:
        opened = state.frame.opened
        raise FormulaError(f"{opened.text} is not closed: write what closes it, or leave it out", opened.span)
    return state.tokens, state.label


def letter(scan: Scan, sign: str) -> None:
    """A name; a well-known word before a parenthesis is a function, and d close before a name that of differentials."""
    before = scan.text[scan.start - 1 : scan.start]
    if not (before.isascii() and before.isalpha()):
        called = CALLED.match(scan.text, scan.start)
        if called is not None and called[0].lower() in FUNCTION_WORDS:
            scan.at = called.end()
            scan.add("LIMITED" if called[0] in LIMITED else "FUNC", called[0])
            return
        named = WORD.match(scan.text, scan.start)
        if named is not None and named[0] in NAME_WORDS:
            scan.at = named.end()
            scan.add("NAME", named[0])
            return
        if sign == "d" and not scan.frame.script and scan.last not in ("SUB", "SUP") and _is_named(scan):
            scan.add("LOOSE_D", "d")
            return
    scan.add("NAME", sign)


def _is_named(scan: Scan) -> bool:
    found = scan.peek(NAMED)
    return found is not None and (not found[1] or KINDS.get(found[1], ("", ""))[0] in ("NAME", "ACCENT", "FACE"))


def number(scan: Scan, digits: str) -> None:
    """A number: its first digit only where that is an argument without braces, as in `x^12` and `\\frac12`."""
    if len(digits) > 1 and scan.last in ("SUB", "SUP"):
        raise scan.fail(f"of this only the first digit is printed {'below' if scan.last == 'SUB' else 'above'}: write {{{digits}}}")
    if _is_argument(scan):
        if digits[0] == ".":
            raise scan.fail(f"a number that is an argument wants braces: write {{{digits}}}")
        scan.at = scan.start + 1
        scan.add("NUMBER", scan.here())
        return
    found = None if scan.frame.script else THOUSANDS.match(scan.text, scan.start)
    if found is not None and scan.frame.mode != "row" and re.search(r"\d,\d", found[0]):
        found = None  # in parentheses a comma is between arguments
    if found is not None:
        scan.at = found.end()
        digits = re.sub(r"[^\d.]", "", found[0])
    if len(digits) > DIGITS:
        raise scan.fail(f"a number of {len(digits)} digits; at most {DIGITS} are read")
    scan.add("NUMBER", f"0{digits}" if digits[0] == "." else digits)


def _is_argument(scan: Scan) -> bool:
    if scan.last in fences.WANTS_ARGUMENT:
        return True
    opened = scan.tokens[-1].mate if scan.last == "RB" else None
    if opened is not None:
        return opened.place > 0 and scan.tokens[opened.place - 1].kind in ("FRAC", "BINOM")
    return len(scan.tokens) > 1 and scan.tokens[-2].kind in ("FRAC", "BINOM") and scan.last in ("NUMBER", "NAME")


def command(scan: Scan, name: str) -> None:
    kind, text = KINDS.get(name, ("", ""))
    handler = HANDLERS.get(kind)
    if not kind:
        raise scan.fail(f"the command {name} is not known: define it with \\newcommand, or write what it stands for")
    if handler is not None:
        handler(scan, name, text)
    else:
        scan.add(kind, text)


def relation(scan: Scan, text: str) -> None:
    """A relation; `^{<t>}` has a fence in it."""
    if text == "<" and scan.last == "LB" and scan.peek(ANGLE) is not None:
        fences.open_fence(scan, text, "⟨")
    elif text == ">" and scan.frame.kind == "fence" and scan.frame.opened.text == "⟨":
        fences.close_fence(scan, text, "⟨")
    else:
        environments.relation(scan, text, RELATIONS.get(text, text))


def sign(scan: Scan, sign: str) -> None:
    if sign in OPERATIONS:
        scan.add(OPERATIONS[sign], sign)
    elif sign in SIGNS:
        SIGNS[sign](scan)
    elif not sign.isascii():
        foreign(scan, in_ascii(sign))
    else:
        raise scan.fail("a backslash at the end" if sign == "\\" else f"{sign!r} cannot be in a formula")


def foreign(scan: Scan, latex: str) -> None:
    """A sign beyond ASCII, by what it is in LaTeX."""
    if latex in KINDS:
        command(scan, latex)
    elif ACCENTED.fullmatch(latex) or (latex.isascii() and latex.isalpha()):
        scan.add("NAME", latex)
    elif latex == "'":
        scan.add("PRIMES", latex)
    elif latex in OPERATIONS or latex in SIGNS:
        sign(scan, latex)
    elif not latex.isspace():
        raise scan.fail(f"the sign {scan.here()!r} is not known: write it in LaTeX")


def _add(scan: Scan, kind: str, text: str) -> None:
    scan.add(kind, text)


def _nothing(scan: Scan, name: str, text: str) -> None:
    pass


READERS: dict[str, Callable[[Scan, str], None]] = {
    "space": lambda scan, text: None,
    "letter": letter,
    "command": command,
    "number": number,
    "dots": lambda scan, text: _add(scan, "DOTS", "\\dots"),
    "primes": lambda scan, text: _add(scan, "PRIMES", text),
    "relation": relation,
    "sign": sign,
}
SIGNS: dict[str, Callable[[Scan], None]] = {
    "{": lambda scan: None if typefaces.upright(scan) else fences.brace(scan),
    "}": fences.unbrace,
    "(": lambda scan: fences.open_fence(scan, "(", "("),
    "[": lambda scan: fences.open_fence(scan, "[", "["),
    ")": lambda scan: fences.close_fence(scan, ")", "("),
    "]": lambda scan: fences.close_fence(scan, "]", "["),
    "|": fences.pipe,
    ",": environments.comma,
    ";": environments.comma,
    ".": environments.period,
    ":": environments.colon,
    "&": environments.ampersand,
    "$": typefaces.dollar,
}
HANDLERS: dict[str, Callable[[Scan, str, str], None]] = {
    "SPACE": _nothing,
    "FACE": typefaces.face,
    "SWITCH": typefaces.switch,
    "OPERATORNAME": typefaces.operator,
    "ARGUMENT": typefaces.argument,
    "WORDS": typefaces.text,
    "REMARK": typefaces.remark,
    "OPEN": fences.open_fence,
    "CLOSE": fences.close_fence,
    "BAR": fences.bar,
    "LEFT": fences.left,
    "RIGHT": fences.right,
    "CLEAR": fences.clear,
    "TEXTCOLOR": fences.clear,
    "COLOR": fences.color,
    "SUBSTACK": fences.clear,
    "BEGIN": environments.begin,
    "END": environments.end,
    "ROW": environments.row,
    "WIDE": environments.wide,
    "REL": environments.relation,
    "MID": environments.middle,
    "NOT": environments.negated,
    "OVERSET": environments.noted,
    "DROPPED": environments.dropped,
    "TAG": environments.tag,
    "FORBIDDEN": environments.forbidden,
}
