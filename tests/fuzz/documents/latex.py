"""Trees as people write them, each notation of DOCUMENTS.md chosen by chance; and a verdict's conditions read back."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

from fuzz.documents.trees import ONE, Big, Bracket, Call, Cases, Compare, Num, Over, Page, Place, Plus, Power, Ref, Size, Slope, Times, free

ADDED, MULTIPLIED, ATOM = range(3)
OPEN = "open"  # ends in a sum, which takes in what is multiplied on its right
SIGNS = {"=": ("=",), "≠": (r"\neq", r"\ne"), "<": ("<",), ">": (">",), "≤": (r"\leq", r"\le"), "≥": (r"\geq", r"\ge")}


class Pen:
    """How one person writes: some choices hold for a whole document, the others change."""

    def __init__(self, page: Page, random: Random) -> None:
        self.page, self.random = page, random
        self.limits = random.choice(("none", "upper", "mixed"))
        self.settled: frozenset[str] = frozenset()  # letters that a sum without them is not over: outside of such sums too
        self.owed: dict[str, int] = {}  # how many sums over a letter come before the one whose limits no reader could guess

    def chance(self, p: float) -> bool:
        return self.random.random() < p

    def write(self, tree: Any, least: int = ADDED) -> str:
        text, level, is_open = self.piece(tree)
        return self.fenced(text) if level < least or (is_open and least == ATOM) else text

    def fenced(self, text: str) -> str:
        return self.random.choice((r"\left({}\right)", "({})", "({})", r"\bigl({}\bigr)")).format(text)

    def piece(self, tree: Any) -> tuple[str, int, bool]:
        """The text, how tightly it holds together, and whether it ends in a sum."""
        return WRITTEN[type(tree)](tree, self)

    def owes(self, t: Big) -> bool:
        """Whether the limits of a sum are to be written, since nothing else tells them."""
        if t.low > 1 or t.but or t.letter not in self.owed:
            return False
        self.owed[t.letter] -= 1
        return self.owed[t.letter] == -1

    def compared(self, given: Compare) -> str:
        return f"{self.write(given.left)} {self.random.choice(SIGNS[given.sign])} {self.write(given.right)}"


Piece = tuple[str, int, bool]


def _num(t: Num, pen: Pen) -> Piece:
    if t.value < 0:
        return f"-{_num(Num(-t.value), pen)[0]}", ADDED, False
    if t.value.denominator == 1:
        return str(t.value.numerator), ATOM, False
    return rf"\frac{{{t.value.numerator}}}{{{t.value.denominator}}}", ATOM, False


def _ref(t: Ref, pen: Pen) -> Piece:
    below = ("," if any(isinstance(p.at, int) for p in t.at) or pen.chance(0.2) else "").join(str(p.at) for p in t.at)
    if not t.at:
        return t.name, ATOM, False
    return f"{t.name}_{below}" if len(below) == 1 and pen.chance(0.7) else f"{t.name}_{{{below}}}", ATOM, False


def negated(t: Any) -> Any:
    """The tree without its minus, if it begins with one."""
    if isinstance(t, Num) and t.value < 0:
        return Num(-t.value)
    if isinstance(t, Times) and isinstance(t.factors[0], Num) and t.factors[0].value < 0:
        first = Num(-t.factors[0].value)
        rest = t.factors[1:]
        if first.value != 1 or not rest:
            return Times((first, *rest))
        return rest[0] if len(rest) == 1 else Times(rest)
    return None


def _plus(t: Plus, pen: Pen) -> Piece:
    text, is_open = "", False
    for k, term in enumerate(t.terms):
        other = negated(term)
        piece, level, is_open = pen.piece(term if other is None else other)
        piece = pen.fenced(piece) if level == ADDED else piece
        text += (" - " if k else "-") + piece if other is not None else (" + " if k else "") + piece
    return text, ADDED, is_open


def _side_by_side(factors: tuple[Any, ...]) -> bool:
    """Whether two products are all that is left: the second ends the first, where it does not mention its letter.

    A sum does so for no reader, or for each: what is proved of it must hold of two factors.
    """
    match factors:
        case (Big("prod", letter), Big() as other):
            return letter not in free(other)
    return False


def _times(t: Times, pen: Pen) -> Piece:
    other = negated(t)
    if other is not None:
        piece, level, is_open = pen.piece(other)
        return "-" + (pen.fenced(piece) if level == ADDED else piece), ADDED, is_open
    text, is_open = "", False
    for k, factor in enumerate(t.factors):
        piece, level, is_open = pen.piece(factor)
        beside = is_open and _side_by_side(t.factors[k:]) and pen.chance(0.5)
        if (
            level == ADDED
            or (is_open and k < len(t.factors) - 1 and not beside)
            or (k and piece.startswith("-"))
            or (level == MULTIPLIED and not is_open)
        ):
            piece, is_open = pen.fenced(piece), False
        if k and (piece[0].isdigit() or (text[-1].isdigit() and piece.startswith(r"\frac")) or pen.chance(0.25)):
            text += r" \cdot " + piece
        else:
            text += (" " if k else "") + piece
    return text, MULTIPLIED, is_open


def _over(t: Over, pen: Pen) -> Piece:
    if pen.chance(0.15) and all(isinstance(x, (Ref, Num)) and pen.piece(x)[1] == ATOM for x in (t.above, t.below)):
        return f"{pen.write(t.above)} / {pen.write(t.below)}", MULTIPLIED, False
    if pen.chance(0.1) and isinstance(t.below, (Ref, Plus)):
        above = "" if isinstance(t.above, Num) and t.above.value == 1 else pen.write(t.above, ATOM) + " "
        return f"{above}{_power(Power(t.below, -1), pen)[0]}", MULTIPLIED, False
    return rf"\{pen.random.choice(('frac', 'frac', 'dfrac', 'tfrac'))}{{{pen.write(t.above)}}}{{{pen.write(t.below)}}}", ATOM, False


def _power(t: Power, pen: Pen) -> Piece:
    base = pen.write(t.base, ATOM)
    named = isinstance(t.base, (Ref, Size)) and "^" not in base
    base = base if named or (not isinstance(t.base, Power) and base.startswith(("(", r"\left(", r"\bigl("))) else pen.fenced(base)
    return f"{base}^{{{t.exponent}}}" if t.exponent < 0 or pen.chance(0.3) else f"{base}^{t.exponent}", ATOM, False


def _call(t: Call, pen: Pen) -> Piece:
    of = [pen.write(x) for x in t.of]
    listed = ", ".join(of)
    forms = {
        "exp": (r"e^{{{}}}", r"\exp({})", r"\exp\left({}\right)"),
        "log": (r"\log({})", r"\ln({})", r"\log\left({}\right)"),
        "sqrt": (r"\sqrt{{{}}}",),
        "abs": (r"|{}|", r"\left|{}\right|", r"\lvert {} \rvert"),
        "relu": (r"\max(0, {})", r"\text{{ReLU}}({})", r"\operatorname{{relu}}({})"),
    }.get(t.function, (rf"\{t.function}({{}})",))
    forms = forms[1:] if t.function == "abs" and "|" in listed else forms
    return pen.random.choice(forms).format(listed), ATOM, False


def _big(t: Big, pen: Pen) -> Piece:
    sign = {"sum": r"\sum", "prod": r"\prod"}[t.kind] + (r"\limits" if pen.chance(0.05) else "")
    owes = pen.owes(t)
    if t.but and t.kind == "sum" and t.but not in pen.settled:  # below the sign alone it would be summed over too
        head = rf"{sign}_{{{t.letter}=1}}^{{{t.high}}} \mathbf{{1}}[{t.letter} {pen.random.choice(SIGNS['≠'])} {t.but}]"
    elif t.but:
        head = rf"{sign}_{{{t.letter} {pen.random.choice(SIGNS['≠'])} {t.but}}}"
    elif t.low == 1 and (pen.limits == "none" or (pen.limits == "mixed" and pen.chance(0.5))) and not owes:
        head = rf"{sign}_{t.letter}" if pen.chance(0.7) else rf"{sign}_{{{t.letter}}}"
    else:
        above = t.high if len(t.high) == 1 and pen.chance(0.5) else f"{{{t.high}}}"
        head = rf"{sign}_{{{t.letter}={t.low}}}^{above}"
    before, pen.settled = pen.settled, pen.settled | {t.letter}
    body = pen.write(t.body, MULTIPLIED)
    pen.settled = before
    last = t.body.factors[-1] if isinstance(t.body, Times) else t.body
    if t.kind == "prod" and isinstance(last, Big):
        body = pen.fenced(body)  # side by side they would be two products
    return f"{head} {body}", MULTIPLIED, True


def _bracket(t: Bracket, pen: Pen) -> Piece:
    inside = pen.compared(t.given)
    places = isinstance(t.given.left, Place) and isinstance(t.given.right, Place) and t.given.sign == "="
    if places and pen.chance(0.7):
        return rf"\delta_{{{t.given.left.at}{pen.random.choice(('', ','))}{t.given.right.at}}}", ATOM, False
    return pen.random.choice((r"[{}]", r"\mathbb{{1}}[{}]", r"\mathbf{{1}}[{}]")).format(inside), ATOM, False


def _cases(t: Cases, pen: Pen) -> Piece:
    word = pen.random.choice(("", r"\text{if } "))
    comma = "," if pen.chance(0.2) else ""
    rows = rf"{pen.write(t.yes)}{comma} & {word}{pen.compared(t.given)} \\ {pen.write(t.no)}{comma} & \text{{otherwise}}"
    return rf"\begin{{cases}} {rows} \end{{cases}}", MULTIPLIED, True


def _slope(t: Slope, pen: Pen) -> Piece:
    if t.kind == "prime":
        return pen.random.choice(("{}'", r"{}^\prime", r"{}^{{\prime}}")).format(t.of.name), ATOM, False
    if t.kind == "bar":
        return rf"\{pen.random.choice(('bar', 'overline'))}{{{t.by.name}}}{_ref(t.by, pen)[0].removeprefix(t.by.name)}", ATOM, False
    d = r"\partial" if t.kind == "partial" else pen.random.choice(("d", r"\mathrm{d}"))
    return rf"\frac{{{d} {pen.write(t.of)}}}{{{d} {pen.write(t.by)}}}", ATOM, False


WRITTEN: dict[type, Callable[[Any, Pen], Piece]] = {
    Num: _num,
    Size: lambda t, pen: (t.name, ATOM, False),
    Place: lambda t, pen: (str(t.at), ATOM, False),
    Ref: _ref,
    Plus: _plus,
    Times: _times,
    Over: _over,
    Power: _power,
    Call: _call,
    Big: _big,
    Bracket: _bracket,
    Cases: _cases,
    Slope: _slope,
}


# Conditions of a verdict, read back: `\sum_j M_{ji} \neq 0 \text{ where } c_i \neq 0 \text{ for every } i`.

TOKEN = re.compile(r"\\text\{[^{}]*\}|\\(?:begin|end)\{\w+\}|\\operatorname\{\w+\}|\\[A-Za-z]+|\\.|\d+|[A-Za-z]|[^\sA-Za-z\d]")
RELATION = {r"\neq": "≠", r"\ne": "≠", ">": ">", "<": "<", r"\geq": "≥", r"\ge": "≥", r"\leq": "≤", r"\le": "≤", "=": "="}
SKIPPED = {r"\left", r"\right", r"\,", r"\;", r"\bigl", r"\bigr", r"\big", r"\quad", r"\ "}
ACCENTS = {r"\hat", r"\bar", r"\tilde", r"\widehat"}
STOPS = {"+", "-", ")", "}", "]", "&", r"\\", r"\end{cases}", ",", *RELATION}


class NotRead(Exception):
    """What a condition says is not understood here."""


class Reader:
    def __init__(self, latex: str, page: Page) -> None:
        self.tokens = [t for t in TOKEN.findall(latex) if t not in SKIPPED]
        self.page, self.k = page, 0
        self.letters = dict(page.letters)

    @property
    def next(self) -> str:
        return self.tokens[self.k] if self.k < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.next
        if not token or (wanted and token != wanted):
            raise NotRead
        self.k += 1
        return token

    def compare(self) -> Compare:
        left = self.sum()
        sign = RELATION.get(self.take())
        if sign is None:
            raise NotRead
        return Compare(sign, left, self.sum())

    def sum(self) -> Any:
        terms = []
        while not terms or self.next in ("+", "-"):
            sign = self.take() if self.next in ("+", "-") else "+"
            term = self.product()
            terms.append(Times((Num(Fraction(-1)), term)) if sign == "-" else term)
        return terms[0] if len(terms) == 1 else Plus(tuple(terms))

    def product(self) -> Any:
        factors = [self.factor()]
        while self.next and self.next not in STOPS and not self.next.startswith(r"\text"):
            if self.next == "/":
                self.take()
                factors[-1] = Over(factors[-1], self.factor())
                continue
            if self.next == r"\cdot":
                self.take()
            if self.next == "|" and self.bars:
                break
            factors.append(self.factor())
        return factors[0] if len(factors) == 1 else Times(tuple(factors))

    bars = 0

    def factor(self) -> Any:
        base = self.atom()
        while self.next == "^":
            self.take()
            exponent = self.argument()
            if not isinstance(exponent, (Num, Times)):
                raise NotRead
            base = self.raised(base, exponent)
        return base

    def raised(self, base: Any, exponent: Any) -> Any:
        value = (
            exponent.value if isinstance(exponent, Num) else -exponent.factors[1].value if isinstance(exponent.factors[1], Num) else None
        )
        if value is None or value.denominator != 1:
            raise NotRead
        return Power(base, int(value))

    def argument(self) -> Any:
        if self.next != "{":
            return self.atom()
        self.take()
        inner = self.sum()
        self.take("}")
        return inner

    def fenced(self, close: str) -> Any:
        inner = self.sum()
        self.take(close)
        return inner

    def atom(self) -> Any:
        token = self.take()
        if token.isdigit():
            return Num(Fraction(int(token)))
        if token in "([{":
            if token == "[":
                given = self.compare()
                self.take("]")
                return Bracket(given)
            return self.fenced({"(": ")", "{": "}"}[token])
        if token == "|":
            self.bars += 1
            inner = self.sum()
            self.bars -= 1
            self.take("|")
            return Call("abs", (inner,))
        if token in (r"\frac", r"\dfrac", r"\tfrac"):
            if self.tokens[self.k : self.k + 2] in (["{", r"\partial"], ["{", "d"], ["{", r"\mathrm"]):
                return self.derivative()
            return Over(self.argument(), self.argument())
        if token == r"\sqrt":
            return Call("sqrt", (self.argument(),))
        if token in (r"\sum", r"\prod"):
            return self.big(token[1:])
        if token in (r"\exp", r"\log", r"\tanh", r"\max", r"\min", r"\operatorname{relu}", r"\ln"):
            return self.call({"\\ln": "log", r"\operatorname{relu}": "relu"}.get(token, token[1:]))
        if token == "e" and self.next == "^":
            self.take()
            return Call("exp", (self.argument(),))
        if token == r"\delta":
            below = self.below()
            if len(below) != 2:
                raise NotRead
            return Bracket(Compare("=", *below))
        return self.name(token)

    def derivative(self) -> Slope:
        found = []
        for _ in range(2):
            self.take("{")
            sign = self.take()
            if sign not in (r"\partial", "d"):
                raise NotRead
            objective = next((n for n in self.page.objectives if n == self.next and n not in self.page.definitions), None)
            found.append(Ref(self.take()) if objective else self.name(self.take()))
            self.take("}")
        if not all(isinstance(x, Ref) for x in found):
            raise NotRead
        return Slope("partial" if sign == r"\partial" else "total", *found)

    def call(self, function: str) -> Any:
        if self.next != "(":
            return Call(function, (self.factor(),))
        self.take("(")
        of = [self.sum()]
        while self.next == ",":
            self.take()
            of.append(self.sum())
        self.take(")")
        return Call(function, tuple(of))

    def big(self, kind: str) -> Any:
        self.take("_")
        letters, low, given = self.over() if self.next == "{" else ([self.take()], 1, [])
        high = ""
        if self.next == "^":
            self.take()
            high = self.take() if self.next != "{" else (self.take("{"), self.take(), self.take("}"))[1]
        body = self.product()
        for compare in given:
            body = Times((Bracket(compare), body)) if kind == "sum" else Cases(compare, body, ONE)
        for letter in reversed(letters):
            size = high or self.letters.get(letter) or self.used(body, letter)
            body = Big(kind, letter, size, body, low)
        return body

    def over(self) -> tuple[list[str], int, list[Compare]]:
        """What stands below a sum: its letters, where they begin, and what else holds of them: `k, l`, `l = 1, l \\neq k`, `l = k`."""
        letters: list[str] = []
        low, given = 1, []
        self.take("{")
        while self.next != "}":
            letter = self.take()
            if not letter.isalpha():
                raise NotRead
            sign = RELATION.get(self.next)
            if sign is None:
                letters.append(letter)
            else:
                self.take()
                end = self.sum()
                begins = sign == "=" and letter not in letters and not (isinstance(end, Place) and end.at in letters)
                letters += [letter] if begins else []
                if begins and isinstance(end, Num) and end.value.denominator == 1:
                    low = int(end.value)
                else:
                    given.append(Compare("≥" if begins else sign, Place(letter), end))
            if self.next == ",":
                self.take()
        self.take("}")
        if not letters:  # over which of those that are compared?
            raise NotRead
        return letters, low, given

    def used(self, body: Any, letter: str) -> str:
        """The size of a dimension in which a letter is used."""
        from fuzz.documents.trees import subtrees

        for t in subtrees(body):
            if isinstance(t, Ref):
                for p, size in zip(t.at, self.page.dimensions(t.name), strict=True):
                    if p.at == letter:
                        return size
        raise NotRead

    def below(self) -> list[Place]:
        self.take("_")
        tokens = [self.take()]
        if tokens == ["{"]:
            tokens = []
            while self.next != "}":
                tokens.append(self.take())
            self.take("}")
        return [Place(int(t) if t.isdigit() else t) for t in tokens if t != ","]

    def name(self, token: str) -> Any:
        if token in ACCENTS:
            token += "{" + (self.take("{"), self.take(), self.take("}"))[1] + "}" if self.next == "{" else " " + self.take()
        name = next((n for n in self.names() if n.replace("{", "").replace("}", "").replace(" ", "") in same(token)), None)
        if name is None and f"{token}^2" in self.names():
            name = f"{token}^2"
            self.take("^")
            self.take("2")
        if name is not None:
            at = tuple(self.below()) if self.page.dimensions(name) else ()
            if len(at) != len(self.page.dimensions(name)):
                raise NotRead
            for p, size in zip(at, self.page.dimensions(name), strict=True):
                if isinstance(p.at, str):
                    self.letters.setdefault(p.at, size)
            return Ref(name, at)
        if token in self.page.sizes:
            return Size(token)
        if len(token) == 1 and token.isalpha():
            return Place(token)
        raise NotRead

    def names(self) -> list[str]:
        return [*self.page.inputs, *self.page.definitions]


def same(token: str) -> tuple[str, ...]:
    return (token.replace("{", "").replace("}", "").replace(" ", ""),)


def formula(latex: str, page: Page) -> Any:
    """A formula as a verdict shows it."""
    reader = Reader(latex, page)
    found = reader.sum()
    if reader.next:
        raise NotRead
    return found


def condition(latex: str, page: Page) -> tuple[Compare, list[Compare], tuple[str, ...], dict[str, str]]:
    """What a verdict asks for, where, for every which letters, and the sizes of the letters."""
    latex = latex.replace(r"\text{for every }", r"\text{ for every }").replace(r"\text{where }", r"\text{ where }")
    head, _, every = latex.partition(r"\text{ for every }")
    head, _, where = head.partition(r"\text{ where }")
    reader = Reader(head, page)
    asked = reader.compare()
    if reader.next:
        raise NotRead
    given = []
    for piece in re.split(r"\\text\{ and \}|,\\?(?= )", where) if where else ():
        inner = Reader(piece, page)
        inner.letters = reader.letters
        given.append(inner.compare())
        if inner.next:
            raise NotRead
    letters = tuple(re.findall(r"[a-z]", re.sub(r"\\text\{[^}]*\}", "", every)))
    return asked, given, letters, reader.letters
