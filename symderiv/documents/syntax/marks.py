"""Tokens as the grammar wants them: which words are functions, which d is a differential, where formulas part."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from symderiv.documents.syntax.tokens import Token

SCRIPTS = ("SUB", "SUP")
IF = ("if", "for", "when", "where")
CONDITIONAL = (*IF, "whenever", "with", "that", "provided", "case", "at")  # the last word before a condition
JOINS = ("REL", "GOES_ON", "SIGN", "TIMES")  # a formula goes on after and before these
NAMES = ("NAME", "NUMBER", "WORD", "FUNC", "LIMITED", "BIG", "D", "LOOSE_D", "DIFF")
BEGINS = frozenset((*NAMES, "LB", "OPEN", "FRAC", "BINOM", "SQRT", "ROOT", "ACCENT", "UNDER"))
DONE = Token("DONE", "", (0, 0))

LIKE_SIGNS = {"\\Sigma": "sum", "\\Pi": "prod"}
Rule = Callable[[list[Token], int, list[Token]], Token | None]


def marked(tokens: list[Token]) -> list[Token]:
    """The tokens with their last kinds, separators put in between remarks and dropped where a formula goes on."""
    out: list[Token] = []
    tokens = [*tokens, DONE, DONE]
    for k, token in enumerate(tokens[:-2]):
        rule = RULES.get(token.kind)
        kept = rule(tokens, k, out) if rule is not None else token
        if kept is not None:
            out.append(kept)
    if any(token.kind == "NAME" and token.text == "d" for token in out):
        _settle(out)
    return out


def _settle(out: list[Token]) -> None:
    """Where d stands alone it is a name, and so it is where it is close before another name; dX, of a capital, is the differential."""
    for token, after in pairwise(out):
        if token.kind == "LOOSE_D" and not (after.kind == "NAME" and after.text.isupper() and token.span[1] == after.span[0]):
            token.kind = "NAME"
            after.kind = "LB" if after.kind == "ARG" else after.kind


def _after_argument(tokens: list[Token], k: int) -> int:
    """The place after an argument that begins at k."""
    mate = tokens[k].mate
    return mate.place + 1 if tokens[k].kind == "LB" and mate is not None else k + 1


def _after_scripts(tokens: list[Token], k: int) -> int:
    """The place after what stands below and above something that ends before k."""
    while tokens[k].kind in (*SCRIPTS, "PRIMES"):
        k = k + 1 if tokens[k].kind == "PRIMES" else _after_argument(tokens, k + 1)
        k = min(k, len(tokens) - 1)
    return k


def _is_alone(tokens: list[Token], k: int) -> bool:
    """Is a word or sign all that stands below or above something?"""
    before = tokens[k - 1].kind if k else ""
    return before in SCRIPTS or (before == "LB" and k > 1 and tokens[k - 2].kind in SCRIPTS and tokens[k + 1].kind == "RB")


def _group_is_argument(tokens: list[Token], k: int) -> None:
    """Braces after a function hold its argument, unless something is above or below them."""
    if tokens[k].kind == "LB" and tokens[_after_argument(tokens, k)].kind not in (*SCRIPTS, "PRIMES"):
        tokens[k].kind = "ARG"


def _function(tokens: list[Token], k: int, out: list[Token]) -> Token:
    token = tokens[k]
    if _is_alone(tokens, k):
        token.kind = "NAME"
        return token
    token.kind = "FUNC"
    _group_is_argument(tokens, _after_scripts(tokens, k + 1))
    return token


def _limited(tokens: list[Token], k: int, out: list[Token]) -> Token:
    """With something below it an operator over what follows, before a fence a function."""
    token = tokens[k]
    after = k + 1 + (tokens[k + 1].kind == "LB")
    fenced = tokens[after].kind == "OPEN" and (after == k + 1 or tokens[_after_fence(tokens, after) + 1].kind == "RB")
    if not _is_alone(tokens, k) and not fenced:
        token.kind = "BIG"
        return token
    return _function(tokens, k, out)


def _word(tokens: list[Token], k: int, out: list[Token]) -> Token:
    token = tokens[k]
    is_function = tokens[_after_scripts(tokens, k + 1)].kind == "OPEN" and not (k and tokens[k - 1].kind in SCRIPTS)
    if is_function:
        return _function(tokens, k, out)
    token.kind = "NAME"
    return token


def _sign(tokens: list[Token], k: int, out: list[Token]) -> Token:
    """A sign of operation that stands alone above or below something, or at the edge of it, is a mark."""
    token = tokens[k]
    before, after = (tokens[k - 1] if k else DONE), tokens[k + 1]
    alone = _is_alone(tokens, k) or (before.kind == "OPEN" and after.kind == "CLOSE")
    if token.kind == "TIMES":
        script = before.kind == "LB" and k > 1 and tokens[k - 2].kind in SCRIPTS
        alone = alone or script or (after.kind == "RB" and after.mate is not None and tokens[after.mate.place - 1].kind in SCRIPTS)
        alone = alone and token.text != "/"
    if alone and before.kind != "ACCENT":
        token.kind, token.text = "NAME", {"·": "\\cdot", "×": "\\times", "⊙": "\\circ", "⊗": "\\otimes"}.get(token.text, token.text)
    return token


def _differential(tokens: list[Token], k: int, out: list[Token]) -> Token:
    token = tokens[k]
    if token.kind == "D" and tokens[k + 1].kind == "RB" and _is_alone(tokens, k):
        token.kind = "NAME"
    else:
        _group_is_argument(tokens, _after_scripts(tokens, k + 1))
    return token


def _fraction(tokens: list[Token], k: int, out: list[Token]) -> Token:
    """Plain letters d that begin both parts of a fraction are differentials."""
    above, below = k + 1, _after_argument(tokens, k + 1)
    if _begins_with_d(tokens, above, True) and _begins_with_d(tokens, below, False):
        tokens[above + 1].kind = "D"
        place, end = below + 1, _after_argument(tokens, below) - 1
        while place < end:
            if _is_d(tokens[place]) and tokens[place + 1].kind in BEGINS and tokens[place - 1].kind not in SCRIPTS:
                tokens[place].kind = "D"
            place = _after_fence(tokens, place)
    return tokens[k]


def _is_d(token: Token) -> bool:
    return token.kind in ("D", "LOOSE_D") or (token.kind == "NAME" and token.text == "d")


def _begins_with_d(tokens: list[Token], k: int, alone: bool) -> bool:
    if tokens[k].kind != "LB" or not _is_d(tokens[k + 1]):
        return False
    after = tokens[k + 2]
    if alone and after.kind == "SUP":
        after = tokens[_after_argument(tokens, k + 3)]
    return after.kind in BEGINS or (alone and after.kind == "RB")


def _name(tokens: list[Token], k: int, out: list[Token]) -> Token:
    """The d of d/dx; a capital sigma or pi with a range below it, `\\Sigma_{i=1}^n`, is a sum or a product."""
    token = tokens[k]
    if token.text in LIKE_SIGNS and _has_range_below(tokens, k + 1):
        return Token("BIG", LIKE_SIGNS[token.text], token.span)
    if token.text == "d" and tokens[k + 1].text == "/" and tokens[k + 2].kind in ("D", "LOOSE_D"):
        token.kind = tokens[k + 2].kind = "D"
    return token


def _has_range_below(tokens: list[Token], k: int) -> bool:
    """Whether `i = 1` stands below something that ends before k."""
    while tokens[k].kind in SCRIPTS:
        end = _after_argument(tokens, k + 1)
        if tokens[k].kind == "SUB" and any(t.kind == "REL" and t.text == "=" for t in tokens[k + 1 : end]):
            return True
        k = min(end, len(tokens) - 1)
    return False


def _above(tokens: list[Token], k: int, out: list[Token]) -> Token | None:
    """Primes that are written above are primes."""
    inner = tokens[k + 1]
    if inner.kind == "PRIMES":
        return None
    if inner.kind == "LB" and inner.mate is not None and inner.mate.place > k + 2:
        within = tokens[k + 2 : inner.mate.place] if inner.mate.place - k < 8 else []
        if within and all(t.kind == "PRIMES" for t in within):
            inner.kind = inner.mate.kind = "NOTHING"
            return None
    return tokens[k]


def _remark(tokens: list[Token], k: int, out: list[Token]) -> Token:
    token = tokens[k]
    token.kind = "TEXT"
    if out and out[-1].kind not in ("SEP", *JOINS):
        out.append(Token("SEP", "", token.span))
    signed = tokens[k + 1].kind == "SIGN" and token.text.split()[-1].lower() in CONDITIONAL
    if signed or tokens[k + 1].kind not in ("SEP", "WIDE", *JOINS, *SCRIPTS, "PRIMES", "DONE", "REMARK"):
        out.append(token)
        return Token("SEP", "", token.span)
    return token


def _text(tokens: list[Token], k: int, out: list[Token]) -> Token | None:
    """The word "and" between conditions is a comma; "if" before a condition in a table says no more than its place."""
    token = tokens[k]
    if out and out[-1].kind == "AMP" and token.text.strip() in IF:
        return None
    if token.text.strip() == "and":
        token.kind = "COMMA"
    return token


def _wide(tokens: list[Token], k: int, out: list[Token]) -> Token | None:
    """A wide space parts formulas, unless the formula goes on."""
    if not out or out[-1].kind in ("SEP", *JOINS) or tokens[k + 1].kind in JOINS:
        return None
    return Token("SEP", "", tokens[k].span)


def _separator(tokens: list[Token], k: int, out: list[Token]) -> Token | None:
    """A comma before or after an ellipsis goes on; so does a row before one that begins with + or ·."""
    token = tokens[k]
    if token.text == ",":
        return _comma(tokens, k, out)
    if token.text in ("row", "aligned"):
        if out and out[-1].kind in ("SIGN", "TIMES"):
            return None
        after = k + 1
        while tokens[after].kind == "WIDE":
            after += 1
        if (
            out
            and out[-1].kind != "GOES_ON"
            and tokens[after].kind in ("SIGN", "TIMES")
            and (token.text == "aligned" or not _is_new(tokens, after))
        ):
            while out and out[-1].kind == "SEP" and out[-1].text in ("row", "aligned"):
                out.pop()
            return None
    return token


def _is_new(tokens: list[Token], k: int) -> bool:
    """Does a row that begins with a minus have a relation of its own later on?"""
    if tokens[k].text != "-":
        return False
    while tokens[k].kind not in ("SEP", "DONE", "REL"):
        k = _after_fence(tokens, k)
    return tokens[k].kind == "REL"


def _after_fence(tokens: list[Token], k: int) -> int:
    mate = tokens[k].mate
    return mate.place if tokens[k].kind in ("LB", "OPEN") and mate is not None and mate.place > k else k + 1


def _comma(tokens: list[Token], k: int, out: list[Token]) -> Token | None:
    """With an ellipsis and another comma after it, one sign: from here to there."""
    one, two = tokens[k + 1], tokens[k + 2]
    if one.kind in ("AMP", "ROW", "ENDTABLE"):
        return None
    if one.kind == "DOTS" and two.text == "," and two.kind == tokens[k].kind:
        one.kind, two.kind = "THROUGH", "NOTHING"
        return None
    return tokens[k]


def _relation(tokens: list[Token], k: int, out: list[Token]) -> Token:
    """A relation that ends a row."""
    after = k + 1
    while tokens[after].kind == "WIDE":
        after += 1
    if tokens[after].kind in ("SEP", "DONE"):
        tokens[k].kind = "GOES_ON"
    return tokens[k]


def _middle(tokens: list[Token], k: int, out: list[Token]) -> Token:
    """A colon alone between commas stands for all positions, and so does one at the edge of what is below a name: `X_{i:}`, `X_{:j}`."""
    token = tokens[k]
    before = tokens[k - 1].kind if k else ""
    opens = before in ("OPEN", "COMMA") or (before == "LB" and k > 1 and tokens[k - 2].kind in SCRIPTS)
    after = tokens[k + 1]
    begins = before == "LB" and k > 1 and tokens[k - 2].kind == "SUB" and after.kind == "NAME"
    ends = before == "NAME" and after.kind == "RB" and after.mate is not None and tokens[after.mate.place - 1].kind == "SUB"
    if token.text == ":" and (begins or ends or (opens and after.kind in ("RB", "CLOSE", "COMMA"))):
        token.kind = "NAME"
    return token


def _over(tokens: list[Token], k: int, out: list[Token]) -> Token | None:
    """What stands below an operator such as max is below it."""
    note = k + 1
    base = _after_argument(tokens, note)
    braced = tokens[base].kind == "LB"
    operator = tokens[base + braced]
    single = not braced or tokens[base].mate is tokens[min(base + 2, len(tokens) - 1)]
    if tokens[k].text != "\\underset" or operator.kind not in ("LIMITED", "BIG") or not single:
        return tokens[k]
    out.append(Token("BIG", operator.text, operator.span))
    for token in tokens[base : base + 1 + 2 * braced]:
        token.kind = "NOTHING"
    return Token("SUB", "_", tokens[k].span)


RULES: dict[str, Rule] = {
    "FUNC": _function,
    "LIMITED": _limited,
    "WORD": _word,
    "SIGN": _sign,
    "TIMES": _sign,
    "D": _differential,
    "LOOSE_D": _differential,
    "DIFF": _differential,
    "FRAC": _fraction,
    "NAME": _name,
    "SUP": _above,
    "REL": _relation,
    "REMARK": _remark,
    "WIDE": _wide,
    "SEP": _separator,
    "COMMA": _comma,
    "MID": _middle,
    "TEXT": _text,
    "OVERSET": _over,
    "NOTHING": lambda tokens, k, out: None,
}
