"""A document as a page: its formulas in order, what they define and what they claim, and how each step can be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from sympy import Integer, Symbol

from symderiv.documents.inferring.taken import Taken, block, inferred
from symderiv.documents.marking.accepting import Accepting, accepted, as_read
from symderiv.documents.marking.corrections import Notation, corrected
from symderiv.documents.marking.declarations import declare, signs_in
from symderiv.documents.marking.making import gathered, never_made, take, turn
from symderiv.documents.marking.readings import PATHS, AsWritten, Reading, renamed
from symderiv.documents.marking.understood import Making
from symderiv.documents.meaning.differentials import differentials_in, whole
from symderiv.documents.meaning.meaning import scope_of
from symderiv.documents.meaning.operations import heads_in
from symderiv.documents.meaning.scope import Undeclared
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import Name, Number, Tree
from symderiv.documents.syntax.written import written
from symderiv.documents.text.source import Block, Snippet, Source, read_source
from symderiv.errors import PageError, SymderivError
from symderiv.faces.judged import Edit, Formula, JudgedPage, JudgedRepair, JudgedStep, Problem
from symderiv.judging.verify import Page, drawn, judged as judge_with_repairs, undecided
from symderiv.language.claim import Derivation
from symderiv.language.program import Program, foundations, head_of
from symderiv.language.terms import Partial, names, subterms
from symderiv.language.verdict import name_of
from symderiv.notation.notation import text
from symderiv.paths.kinds import is_latex
from symderiv.proof.side import Known


@dataclass(frozen=True)
class Document(Page):
    """A page made from a document; `said` has a row a step, and `notation` tells what its formulas mean."""

    said: tuple[AsWritten, ...] = ()
    notation: Notation = field(default_factory=lambda: Notation(scope_of(Derivation("")), {}))
    accepting: Accepting = field(default_factory=lambda: Accepting(Derivation(""), (), ()), compare=False)
    taken: tuple[Taken, ...] = ()


def load(path: str, text: str | None = None) -> Document:
    """Read a document and take its formulas in, in order. What cannot be understood is a problem of its own; the rest goes on.

    With a `text` the file is not looked at. Fails when the file cannot be read at all.
    """
    source = read_source(path, text)
    derivation = Derivation(source.title)
    taken = [] if _is_declared(source) else _inferred(source)
    making = _made(source, derivation, frozenset(), taken)
    if making.waiting:  # for what is never defined: these are held as given, so that what rests on them is judged
        lost = frozenset(left.place for left, _, _ in making.waiting)
        derivation = Derivation(source.title)
        making = _made(source, derivation, lost, taken)
    making.problems += never_made(making)
    problems = gathered(sorted(making.problems, key=lambda p: (p.line, p.column)))
    if not derivation.claims and not problems and not making.remarks and not any(f.kind == "definition" for f in making.formulas):
        wanted = "lines that begin with `% symderiv:`" if is_latex(path) else "a block that is called symderiv"
        raise PageError(f"{path}: nothing to judge; write an equation in a formula, and declare its names in {wanted}.")
    draft = JudgedPage(
        Path(path).stem,
        path,
        (drawn(derivation),),
        problems=problems,
        formulas=tuple(making.formulas),
        remarks=tuple(making.remarks),
        taken=block(making.took),
    )
    draft = draft.with_steps({k: _as_written(step, making.said[k]) for k, step in enumerate(draft.steps)})
    said, notation = tuple(making.said), Notation(making.scope, making.macros)
    known = Known()
    page = Document(draft.name, path, (derivation,), (known,), draft, said, notation)
    return replace(page, accepting=Accepting(derivation, said, page.places, {derivation.program: known}, making.stated), taken=tuple(taken))


def declarations(path: str) -> str:
    """The block that declares what a document leaves open and its formulas tell, in the syntax of the file; nothing if that is nothing."""
    source = read_source(path, None)
    making = _made(source, Derivation(source.title), frozenset(), _inferred(source))
    lines = block(making.took)
    if not lines:
        return ""
    return "\n".join([f"% {line}" for line in ("symderiv:", *lines)] if is_latex(path) else ["```symderiv", *lines, "```"]) + "\n"


def _is_declared(source: Source) -> bool:
    """Whether a document declares its inputs: then they are all that there are, and a name that is missing is a slip."""
    blocks = [text.strip() for part in source.parts if isinstance(part, Block) for _, text in part.lines]
    return any(text.startswith(("input", "use")) for text in blocks)


def _inferred(source: Source) -> list[Taken]:
    """What a document says of its own names that no block declares."""
    blocks = [text.strip() for part in source.parts if isinstance(part, Block) for _, text in part.lines]
    scope = scope_of(Derivation(""))
    for line in sorted(blocks, key=turn):
        with suppress(SymderivError):
            declare(line, scope, dict(source.macros), Path(source.file).parent)

    def known(tree: Tree) -> bool:
        try:
            value(tree, scope)
        except SymderivError as error:
            return not isinstance(error, Undeclared)
        return True

    from_one = {letter: index.upper for letter, index in scope.letters.items() if index.lower == 1}
    letters: dict[str, Tree] = {letter: Name(end.name) for letter, end in from_one.items() if isinstance(end, Symbol)}
    letters |= {letter: Number(str(end)) for letter, end in from_one.items() if isinstance(end, Integer)}
    return inferred(source.parts, dict(source.macros), known, letters)


def _made(source: Source, derivation: Derivation, lost: frozenset[tuple[int, int]], taken: list[Taken]) -> Making:
    """The formulas of a document taken in; definitions that stand in `lost` places wait for nothing."""
    making = Making(scope_of(derivation), dict(source.macros), Path(source.file).parent, lost=lost, taken=taken)
    blocks = [text for part in source.parts if isinstance(part, Block) for _, text in part.lines]
    making.scope.signs = signs_in(blocks, making.macros)
    making.problems += [Problem(line, 1, message, "") for line, message in source.problems]
    making.writes_sums = any(isinstance(part, Snippet) and "\\sum" in part.latex for part in source.parts)
    snippets = [part for part in source.parts if isinstance(part, Snippet)]
    making.scope.written = tuple(d for part in snippets for chain in making.chains_of(part) for d in differentials_in(whole(chain)))
    take(source.parts, making)
    making.problems += [problem for _, _, problem in making.waiting]
    making.scope.differentials = bool(making.scope.tangents)
    making.scope.begin()
    return making


def judge(page: Document, k: int) -> JudgedStep:
    """The k-th step in the reading that is accepted; all that is said of it is said of that one."""
    reading = accepted(page.accepting, k)
    if page.taken and page.said[k].misfit and (reading is None or (reading.misprint and not page.said[k].misplaced)):
        return _perhaps(page.draft.steps[k], page.said[k])
    if reading is None:
        return _unless_held(_misfit(page.draft.steps[k], page.said[k]), page, k)
    judged = _judged(page, k, reading)
    if judged.verdict != "proved":
        return _unless_held(judged, page, k)
    judged = replace(judged, note="; ".join(filter(None, (judged.note, _held_constant(page, k, reading)))))
    return _read_as_beside(page, k) or _unless_held(_unless_hidden(judged, page, k, reading), page, k)


def _held_constant(page: Document, k: int, reading: Reading) -> str:
    """What a step that is proved holds constant, where it is false of derivatives along every path; nothing anywhere else."""
    other = next((r for r in page.said[k].readings if r.sense == PATHS), None)
    if other is None or reading.sense == PATHS or page.accepting.verdict(other) != "refuted":
        return ""
    program = reading.program or page.derivations[0].program
    slopes = [part for side in (reading.step.left, reading.step.right) for part in subterms(side) if isinstance(part, Partial)]
    held = {name for slope in slopes for name in _held_in(slope, program)}
    said = ", ".join(sorted(text(name) for name in held))
    return f"with {said} held constant: false where {said} varies too" if held else ""


def _held_in(slope: Partial, program: Program) -> Iterator[Symbol]:
    """The nodes in a definition that rest on what a derivative of it varies."""
    of, wrt = map(head_of, slope.args)
    equation = program.equation(of)
    for name in names(equation.body) - {of, wrt} if equation is not None else ():
        if program.equation(name) is not None and wrt in foundations({name}, program):
            yield name


def _unless_held(judged: JudgedStep, page: Document, k: int) -> JudgedStep:
    """A step that is wrong for some value of what stands in for a definition that was not read: that says nothing of the author's."""
    scope, said = page.notation.scope, page.said[k]
    if not scope.held or (judged.verdict == "proved" and not judged.slip) or judged.verdict == "unknown":
        return judged
    heads = heads_in((said.left.meant, said.right.meant), scope)
    rests_on = {head.name for head in foundations(heads, page.derivations[0].program)}
    name = next((name for name in scope.held if name in rests_on), None)
    if name is None:
        return judged
    reason = f"it rests on {name}, whose definition in line {scope.held[name][0]} was not read; as it stands here {name} can have any value"
    return _as_written(replace(page.draft.steps[k], verdict="unknown", formal="unknown", reason=reason), said)


def _read_as_beside(page: Document, k: int) -> JudgedStep | None:
    """A step in which a name is misread as in the next step of its chain, if it holds with the name put right too."""
    if page.said[k].misfit:
        return None
    after = page.said[k + 1] if k + 1 < len(page.said) and page.places[k + 1][0] == page.places[k][0] else None
    for other in after.readings if after is not None and after.misfit else ():
        if other.renaming is None or other.guess:
            continue
        reading = renamed(page.said[k], other.renaming, page.notation.scope)
        if reading is not None and page.accepting.verdict(other) == page.accepting.verdict(reading) == "proved":
            return replace(_judged(page, k, reading), misfit=after.misfit if after else "")
    return None


def _judged(page: Document, k: int, reading: Reading) -> JudgedStep:
    """A step in one of its readings, with its repairs in the author's own notation."""
    said = page.said[k]
    judged, found = judge_with_repairs(_as_read(page, k, reading), k, page.accepting.judgement(reading))
    if reading.single:
        judged, found = replace(judged, repairs=(), value=None, holds_if=()), ()
    first = not page.places[k][1]
    terms = [repair if first or repair.side == "right" else None for repair in found]
    repairs = [corrected(r, reading, said, page.notation, term) for r, term in zip(judged.repairs, terms, strict=True)]
    if reading.misprint:
        change = reading.change or Formula(reading.note, rf"\text{{{reading.note}}}")
        itself = JudgedRepair("misread", change, judged.right, formal=judged.formal)
        repairs = [corrected(itself, reading, said, page.notation), *repairs] if judged.verdict == "proved" else repairs
        judged = replace(judged, misfit=said.misfit, misprint=reading.note)
    elif reading.note:
        said_of_it = f"true if {reading.note}" if judged.verdict == "proved" else f"here {reading.note}"
        judged = replace(judged, note="; ".join(filter(None, (said_of_it, judged.note))))
    return _as_written(replace(judged, repairs=tuple(repairs)), said)


def _perhaps(step: JudgedStep, said: AsWritten) -> JudgedStep:
    """A step that has no meaning for the shapes that are taken from the text: others may be meant, which nobody declared."""
    reason = f"as it is read, {said.misfit}; shapes are taken from the text here: declare those that are meant"
    left, right = (Formula(m.latex, m.latex) for m in (said.left, said.right))
    return _as_written(replace(step, left=left, right=right, verdict="unknown", formal="unknown", reason=reason), said)


def _misfit(step: JudgedStep, said: AsWritten) -> JudgedStep:
    """A step that has no meaning as it is written, and none in any other reading."""
    left, right = (Formula(m.latex, m.latex) for m in (said.left, said.right))
    return replace(
        _as_written(replace(step, left=left, right=right), said),
        verdict="refuted",
        formal="refuted",
        misfit=said.misfit,
        reason=said.misfit,
    )


def _unless_hidden(judged: JudgedStep, page: Document, k: int, reading: Reading) -> JudgedStep:
    """A step that is true because both sides are zero, looked at formally: one edit from what holds formally, it is a slip."""
    if not judged.trivial or judged.formal != "refuted":
        return judged
    formally = _judged(page, k, replace(reading, step=replace(reading.step, expected="refuted formally")))
    if not any(repair.formal == "proved" for repair in formally.repairs):
        return judged
    repairs = tuple(replace(r, edits=(*r.edits, *_signs_after(page, k, r))) for r in formally.repairs)
    return replace(judged, hidden=True, repairs=repairs, counterexample=formally.counterexample)


def _signs_after(page: Document, k: int, repair: JudgedRepair) -> Iterator[Edit]:
    """Where a sign is put before a member, the same for those after it in the chain that are equal to it term by term."""
    place = page.said[k].right.place
    if repair.side != "right" or repair.edits != (Edit(place, place, "-"),):
        return
    for n in range(k + 1, len(page.said)):
        if page.places[n][0] != page.places[k][0] or not page.said[n].readings:
            return
        if page.said[n].right.tree == Number("0") or name_of(page.accepting.judgement(page.said[n].readings[0]).formal) != "proved":
            return
        yield Edit(page.said[n].right.place, page.said[n].right.place, "-")


def _as_read(page: Document, k: int, reading: Reading) -> Document:
    """The page with its steps as they were read, up to the k-th one, which is read as is said here."""
    derivation = as_read(page.accepting, k, reading)
    draft = page.draft.with_steps({k: undecided(reading.step, derivation.program)})
    return replace(page, derivations=(derivation,), draft=draft)


def _as_written(step: JudgedStep, said: AsWritten) -> JudgedStep:
    """A step with the author's own formulas, and the place of its right member."""
    line, column = said.right.place
    return replace(
        step,
        line=line,
        column=column,
        left=step.left if step.again else replace(step.left, latex=said.left.latex),
        right=replace(step.right, latex=said.right.latex),
        given=tuple(Formula(written(c), written(c)) for c in said.right.given),
    )
