"""Letters in typefaces, upright words and remarks."""

from __future__ import annotations

import re

from symderiv.documents.syntax.scan import BLANK, Scan
from symderiv.notation.commands import FUNCTION_WORDS, FUNCTIONS, LIMITED, SPOKEN

WORD = re.compile(r"\s*\{\s*([A-Za-z][A-Za-z0-9]*(?:[ -][A-Za-z0-9]+)*)\s*\}|\s*([A-Za-z])")
LETTERS = re.compile(r"\s*\{\s*([A-Za-z0-9]+)\s*\}|\s*([A-Za-z0-9])")
SWITCHED = re.compile(r"\s+([A-Za-z]+)\s*(?=\})")
UPRIGHT = re.compile(r"\{\s*\\(?:rm|sf|it|tt)\s+([A-Za-z]{2,})\s*\}")
STAR = re.compile(r"\*?\s*(?=\{)")
OPERATOR = re.compile(r"(?:\\(?:text|mathrm|rm|mathbf|mathsf|boldsymbol))?\{?([A-Za-z][A-Za-z0-9-]*)\}?")
ARGUMENT = re.compile(r"\s*(?:\\[,;!])?\s*\\(max|min)(?![A-Za-z])")
IN_TEXT = re.compile(r"(?:\\.|[^{}$\\])+", re.DOTALL)
SWITCHES = re.compile(r"\\(?:sf|rm|bf|it|tt|em|small|large|normalsize)(?![A-Za-z])\s*")
GAPS = re.compile(r"(?:\s|~|\\\\|\\[,;!: ]|\\q?quad(?![A-Za-z]))+")


def face(scan: Scan, name: str, kind: str) -> None:
    """A typeface: script and blackboard letters keep it, a bold letter is that letter, upright letters are a word."""
    if kind == "word":
        found = scan.take(WORD)
        if found is not None:
            word(scan, found[1] or found[2])
        return
    found = scan.peek(LETTERS)
    letters = (found[1] or found[2]) if found is not None else ""
    if kind == "bold" and not (len(letters) == 1 or letters.lower() in FUNCTION_WORDS):
        return
    if found is None:
        raise scan.fail(f"{name} wants letters: write {name}{{L}}, and what is above or below after it")
    scan.at = found.end()
    if kind != "bold":
        scan.add("NAME", f"\\{kind}{{{letters}}}")
    elif letters.isdigit():
        scan.add("NAME", f"\\mathbf{{{letters}}}")
    elif len(letters) == 1:
        scan.add("NAME", letters)
    else:
        word(scan, letters)


def upright(scan: Scan) -> bool:
    """Is what begins here an upright word in braces, `{\\rm softmax}`? Then it is read."""
    found = UPRIGHT.match(scan.text, scan.start) if scan.last not in ("SUB", "SUP") else None
    if found is not None:
        scan.at = found.end()
        word(scan, found[1])
    return found is not None


def switch(scan: Scan, name: str, kind: str) -> None:
    """A typeface up to the next brace."""
    if kind == "word" and (found := scan.take(SWITCHED)) is not None:
        word(scan, found[1])


def word(scan: Scan, letters: str) -> None:
    """An upright word: d is that of differentials, T above something that of transposes."""
    if " " in letters:
        remark(scan, "", letters)
    elif len(letters) > 1:
        scan.add("LIMITED" if letters in LIMITED else "FUNC" if letters in FUNCTIONS else "WORD", letters)
    elif letters == "T" and (scan.last == "SUP" or [t.kind for t in scan.tokens[-2:]] == ["SUP", "LB"]):
        scan.add("NAME", "\\top")
    else:
        scan.add("D" if letters == "d" else "NAME", letters)


def operator(scan: Scan, name: str, kind: str) -> None:
    """A function by its name, as `\\operatorname{softmax}`."""
    scan.take(STAR)
    found = OPERATOR.fullmatch(re.sub(r"\\[,;!: ]|\s", "", scan.content(name)))
    if found is None:
        raise scan.fail(f"{name} wants a word: {name}{{softmax}}")
    scan.add("LIMITED" if found[1] in LIMITED else "FUNC" if len(found[1]) > 1 else "NAME", found[1])


def argument(scan: Scan, name: str, kind: str) -> None:
    """`\\arg\\max` is one function."""
    found = scan.take(ARGUMENT)
    if found is None:
        raise scan.fail("\\arg wants \\max or \\min after it")
    scan.add("LIMITED", f"arg{found[1]}")


def text(scan: Scan, name: str, kind: str) -> None:
    """Words in braces: one is a name, several are a remark; between dollars in them stand formulas."""
    scan.take(BLANK)
    if scan.text[scan.at : scan.at + 1] != "{":
        raise scan.fail(f"{name} wants something in braces after it: {name}{{...}}")
    if "$" not in scan.content(name):
        words(scan, scan.text[scan.text.index("{", scan.start) + 1 : scan.at - 1])
        return
    scan.at = scan.text.index("{", scan.start) + 1
    scan.open("text", scan.frame.mode, scan.tokens[-1] if scan.tokens else scan.frame.opened)
    text_goes_on(scan)


def text_goes_on(scan: Scan) -> None:
    """Words up to the next dollar or the end of the text."""
    scan.start = scan.at
    found = scan.take(IN_TEXT)
    words(scan, found[0] if found is not None else "")
    sign = scan.text[scan.at : scan.at + 1]
    scan.start, scan.at = scan.at, scan.at + 1
    if sign == "$":
        scan.open("dollar", scan.frame.mode, scan.frame.opened)
    elif sign == "}":
        scan.close("text")
    else:
        raise scan.fail("braces inside of words: leave them out")


def dollar(scan: Scan) -> None:
    if scan.frame.kind not in ("dollar", "maybe"):
        raise scan.fail("'$' cannot be in a formula")
    scan.close("dollar")
    text_goes_on(scan)


def words(scan: Scan, written: str) -> None:
    bare = GAPS.sub(" ", SWITCHES.sub("", written))
    plain = bare.strip()
    if plain and plain.strip(".,;:") == "":
        scan.add("SEP" if scan.frame.mode == "row" else "COMMA", plain)
    elif (
        re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*", plain)
        and plain.lower() not in SPOKEN
        and (bare == plain or len(plain) == 1)
    ):
        word(scan, plain)
    elif plain:
        remark(scan, "", bare)


def remark(scan: Scan, name: str, words: str) -> None:
    scan.add("REMARK" if scan.frame.mode == "row" else "TEXT", words)
