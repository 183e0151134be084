"""A document's formulas taken in, in order: what they define, what they claim, what is passed over, what could not be read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from symderiv.documents.inferring.taken import Taken
from symderiv.documents.marking.claims import set_to_zero, take_chain
from symderiv.documents.marking.declarations import declare
from symderiv.documents.marking.defining import held_by_text, hold
from symderiv.documents.marking.stated import is_set_to_zero
from symderiv.documents.marking.told import begin_sentence, is_said, said_after, tell
from symderiv.documents.marking.understood import Making, problem
from symderiv.documents.meaning.asides import Standing, standing
from symderiv.documents.meaning.comparisons import is_equation
from symderiv.documents.meaning.ranges import among, begin, go_on
from symderiv.documents.meaning.scope import attempt, found
from symderiv.documents.meaning.spelling import names_in, parts
from symderiv.documents.syntax.environments import TWO_GO_ON
from symderiv.documents.syntax.grammar import read
from symderiv.documents.syntax.tree import Cases, Chain, Formula, Tree
from symderiv.documents.syntax.written import written
from symderiv.documents.text import prose
from symderiv.documents.text.rows import rows_of
from symderiv.documents.text.source import Block, Snippet
from symderiv.errors import FormulaError, SymderivError
from symderiv.faces.judged import Problem, WrittenFormula


def never_made(making: Making) -> Iterator[Problem]:
    """Objectives of what nothing defines, and so were never made."""
    for name, (line, text) in making.announced.items():
        missing = [written(t) for t in making.scope.objectives.get(name, ()) if found(t, making.scope) is None]
        if missing:
            message = f"{missing[0]} is not defined in this document; the objective {name} is of what a formula defines, or an input"
            yield Problem(line, 1, message, text)


def gathered(problems: list[Problem]) -> tuple[Problem, ...]:
    """Problems in order; a name that is missing in many places is told once."""
    times = Counter(p.message for p in problems)
    first = {p.message: p for p in reversed(problems)}
    told = []
    for p in problems:
        again = times[p.message] - 1
        if " is not declared; " not in p.message or not again:
            told.append(p)
        elif p is first[p.message]:
            told.append(replace(p, message=f"{p.message} (it is used at {again} more place{'s' * (again > 1)})"))
    return tuple(told)


def take(pieces: Sequence[Snippet | Block], making: Making) -> None:
    """Take the parts of a document in, in order."""
    told: set[int] = set()
    for n, part in enumerate(pieces):
        making.scope.begin()
        for taken in making.taken:
            if taken.before == n:
                _infer(taken, making)
        if isinstance(part, Block):
            for line, text in sorted(part.lines, key=lambda row: turn(row[1])):
                _declare(line, text, making)
        elif n not in told:
            with among(_near(pieces[n : n + MOST_AHEAD], making), making.scope):
                following = said_after(pieces, n, making)
                remark = isinstance(part, Snippet) and _is_said(part, making)
            told.update(k for k, _ in following if k != n)
            if remark:
                making.formulas.append(WrittenFormula("remark", part.latex, *part.place(0)))
            else:
                _take_snippet(part, making, [chain for _, chain in following])
            for k in sorted({k for k, _ in following if k != n}):
                other = pieces[k]
                if isinstance(other, Snippet):
                    making.formulas.append(WrittenFormula("remark", other.latex, *other.place(0)))
    _breaks_off(making)
    tell(making)


def _near(pieces: Sequence[Snippet | Block], making: Making) -> Iterator[Tree]:
    """A formula and those after it, as far as they can be read: what the prose says with one is often a condition of the next."""
    for part in pieces:
        if isinstance(part, Snippet):
            yield from making.chains_of(part)


def _is_said(part: Snippet, making: Making) -> bool:
    """Take in what the prose says with a formula, if that is a condition or an assumption."""
    begin_sentence(part.before, making)
    if making.open is not None and part.before.strip():
        _breaks_off(making)
    return is_said(part, making)


def _take_snippet(part: Snippet, making: Making, following: Sequence[Chain | FormulaError]) -> None:
    """A formula under the conditions that the prose around it says."""
    around: tuple[Chain, ...] | FormulaError = making.sentence
    if making.spent and isinstance(around, tuple):
        around = tuple(c for c in around if not _has_cases_of(c, part, making))
    if prose.is_elsewhere(part.before):
        around = FormulaError("another case: write all of them in one, \\begin{cases} ... \\end{cases}", (0, 0))
    for chain in following:
        around = chain if isinstance(chain, FormulaError) else around if isinstance(around, FormulaError) else (*around, chain)
    part = replace(part, before=f"{part.before} let") if making.letting else part
    for snippet, formula in _formulas(part, making):
        _take_formula(formula, snippet, making, around)
    making.spent = True
    if part.display and END.sub("", part.latex).rstrip(" }").endswith("."):
        making.sentence = ()


def _has_cases_of(condition: Chain, part: Snippet, making: Making) -> bool:
    """Whether a formula has cases of its own about all that a condition of one before it is about."""
    cases = [case for chain in making.chains_of(part) for case in parts(chain) if isinstance(case, Cases)]
    about = names_in(condition)
    return any(about <= names_in(tuple(given for _, given in case.rows)) for case in cases)


def _breaks_off(making: Making) -> None:
    """Note a row that ended in = and that nothing went on from."""
    if making.open is not None:
        snippet, at = making.open
        making.problems.append(Problem(*snippet.place(at), "the formula breaks off here: something is missing after =", snippet.latex))
        making.formulas.append(WrittenFormula("unread", snippet.latex, *snippet.place(0), message=making.problems[-1].message))
    making.open, making.waits = None, False


def _formulas(part: Snippet, making: Making) -> Iterator[tuple[Snippet, Formula]]:
    """A formula, or where it cannot be read, those of its rows that can; the others are noted."""
    try:
        yield part, read(part.latex, making.macros)
    except FormulaError as error:
        rows = rows_of(part)
        if len(rows) > 1 and str(error) != TWO_GO_ON:
            for row in rows:
                yield from _formulas(row, making)
            return
        if part.display or RELATION.search(part.latex):
            _unread(part, error, making)
            held_by_text(rows[0].latex if rows else part.latex, part.line, making.scope, making.macros)
        else:
            making.formulas.append(WrittenFormula("unread", part.latex, *part.place(0), message=str(error)))


END = re.compile(r"\s*(?:\\end\s*\{\w+\*?\}\s*)+$")  # of an environment, after its last formula
MOST_AHEAD = 4
RELATION = re.compile(r"=|\\(?:equiv|triangleq|leftarrow|gets|coloneqq)(?![A-Za-z])")


def _unread(part: Snippet, error: SymderivError, making: Making, latex: str = "") -> None:
    told = problem(error, part)
    making.problems += [told] if told not in making.problems else []
    making.before, making.waits, making.open = None, False, None
    place = told.line, told.column
    making.formulas.append(WrittenFormula("unread", latex or part.latex, *(place if latex else part.place(0)), message=str(error)))


def _take_formula(formula: Formula, part: Snippet, making: Making, around: tuple[Chain, ...] | FormulaError) -> None:
    if formula.label:
        making.label = _joined(making.label, formula.label)
        making.waits = False
    given = around if isinstance(around, tuple) else ()
    rows = standing(formula.chains, making.scope, given)
    for n, said in enumerate(rows):
        if part.display or len([m for m in said.chain.members if m[1] is not None]) > 1 or any(r == "=" for r, _ in said.chain.members):
            error = around if isinstance(around, FormulaError) and is_equation(said.chain) else said.error
            if error is not None:
                making.untold = None if error is around else making.untold
                _unread(part, FormulaError(str(error), said.chain.span if error is around else error.at), making, written(said.chain))
                hold_chain(said.chain, part, making)
                continue
            before, problems = len(making.said), len(making.problems)
            kind = "remark" if said.aside else _tried(said, _together(rows[n:]), part, making)
            unread = making.problems[problems:]
            steps = tuple(range(before, len(making.said)))
            kind = "unread" if unread and not steps else "remark" if kind == "claim" and not steps else kind
            message = "; ".join(p.message for p in unread)
            making.formulas.append(WrittenFormula(kind, written(said.chain), *part.place(said.chain.span[0]), steps, message))
        elif is_set_to_zero(part):  # the words after it do that, and no formula
            set_to_zero(said.chain.members[0][1], part, making)


def hold_chain(chain: Chain, part: Snippet, making: Making) -> None:
    """Hold the name that an equation would define which is not read."""
    (_, first), *rest = chain.members
    if first is not None and rest and rest[0][1] is not None and rest[0][0] in ("=", ":="):
        hold(first, written(rest[0][1]), part.place(first.span[0])[0], making.scope, making.macros)


def _together(rows: Sequence[Standing]) -> Iterator[Tree]:
    """The first of several chains and those that go on from it, with their conditions."""
    waits = True
    for said in (said for said in rows if not said.aside):
        if not waits and said.chain.members[0][0] != "=":
            return
        yield from (said.chain, *said.given)
        waits = said.chain.members[-1][1] is None


def _tried(said: Standing, formula: Iterable[Tree], part: Snippet, making: Making) -> str:
    """A chain taken in; whatever cannot be read of it is noted with its place, and costs nothing else.

    Its letters may stand for other ranges than those of the chain before, unless it goes on from that.
    """
    goes_on = said.chain.members[0][0] == "=" or making.waits
    (go_on if goes_on else begin)(formula, making.scope)
    try:
        return take_chain(said.chain, part, making, said)
    except (SymderivError, RecursionError) as error:
        message = str(error) if isinstance(error, SymderivError) else "nested too deep: name a part of the formula, and use the name"
        making.problems.append(problem(FormulaError(message, getattr(error, "at", (0, 0))), part, said.chain.span))
        making.before, making.waits, making.open = None, False, None
        return "unread"


def turn(text: str) -> int:
    """Which statements of a block come first, wherever they stand: pages, sizes and letters, of which the others are made."""
    word = text.strip().partition(" ")[0].rstrip(":")
    return next((n for n, words in enumerate(FIRST) if word in words), len(FIRST))


FIRST = (("use",), ("size", "sizes"), ("index", "indices"))


def _joined(before: str, label: str) -> str:
    """`b` after `3a` is `3b`."""
    label = label.replace(" ", "").replace(".", "")
    digits = "".join(c for c in before if c.isdigit())
    return digits + label if label.isalpha() and before else label


def _infer(taken: Taken, making: Making) -> None:
    """Take in what the text says of its own names; what cannot be is told where the name is used."""
    with suppress(SymderivError), attempt(making.scope):
        declare(taken.statement, making.scope, making.macros, making.folder)
        making.took.append(taken.statement)


def _declare(line: int, text: str, making: Making) -> None:
    if not text.strip() or text.strip().startswith("#"):
        return
    try:
        before = set(making.scope.objectives)
        is_statement = declare(text, making.scope, making.macros, making.folder)
        making.announced |= dict.fromkeys(set(making.scope.objectives) - before, (line, text.strip()))
        if not is_statement:
            snippet = Snippet(text, True, line, 1, ((0, line, 1),))
            counted = len(making.formulas)
            _take_formula(read(text, making.macros), snippet, making, ())
            del making.formulas[counted:]  # a block declares; what it holds is no formula of the text
    except SymderivError as error:
        making.problems.append(Problem(line, 1, str(error), text.strip()))
