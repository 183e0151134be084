"""A judged page as lines for a terminal, and as one JSON document."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from unicodedata import combining

from symderiv.errors import shortened
from symderiv.faces.judged import (
    Damages,
    Formula,
    JudgedClaim,
    JudgedCounterexample,
    JudgedDerivation,
    JudgedPage,
    JudgedRepair,
    JudgedStep,
    Problem,
)
from symderiv.faces.marks import MARKS, as_written, counted, look, mark_of, verdict_of, worst

LONGEST_QUOTED = 200
VERDICT_WIDTH = max(len(f"{mark.symbol} {mark.word}") for mark in MARKS)
ALIGN_UNDER_AT_MOST = 16
LABEL_AT_MOST = 10
UNWRAPPED = 1_000_000
BEFORE_A_SIGN = re.compile(r"(?<! [-+−=·/])(?<!^[-+−=·/]) ")
AFTER_A_SUM_SIGN = re.compile(r"Σ\S*$")
BETWEEN_WORDS = re.compile(r"(?<! =) (?!= )")


@dataclass(frozen=True)
class Line:
    """Text and how to show it: `good`, `bad`, `unsure`, `title`, `aside` or plain; the first `marked` characters only, if given."""

    text: str
    look: str = ""
    marked: int | None = None


def listing(page: JudgedPage, width: int, verbose: bool = False) -> Iterator[Line]:
    """One line a step with its label, verdict and formula, wrapped at a width; below it what there is to say."""
    unread = sorted(page.problems, key=lambda p: (p.line, p.column))
    for derivation in page.derivations:
        yield Line(f"{derivation.title}  ({page.file})", "title")
        if page.taken and derivation is page.derivations[0]:
            said = BETWEEN_WORDS.split(shortened(f"taken as: {'; '.join(page.taken)}"))
            yield from (Line(line, "aside") for line in filled(said, width, 0, 4))
        yield from _derivation(derivation, page.file, unread, width, verbose)
        if derivation is page.derivations[-1]:
            for problem in unread:
                yield from _problem(problem, page.file, width)
            for remark in page.remarks:
                yield from _remark(remark, page.file, width)
        yield Line("")


def _problem(problem: Problem, file: str, width: int) -> Iterator[Line]:
    """What could not be read, with its place and as written."""
    said = f"{file}:{problem.line}:{problem.column}: not read: {problem.message}"
    yield from (Line(line, "bad") for line in filled(BETWEEN_WORDS.split(shortened(said)), width, 0, 4))
    written, most = " ".join(problem.written.split()), min(width - 5, LONGEST_QUOTED)
    if written:
        yield Line(f"    {written[:most]}{'…' * (len(written) > most)}", "aside")


def _remark(remark: Problem, file: str, width: int) -> Iterator[Line]:
    """What was read and is not judged, and why."""
    said = f"{file}:{remark.line}:{remark.column}: {remark.message}: {' '.join(remark.written.split())}"
    yield from (Line(line, "aside") for line in filled(BETWEEN_WORDS.split(shortened(said)), width, 0, 4))


def _derivation(derivation: JudgedDerivation, file: str, unread: list[Problem], width: int, verbose: bool) -> Iterator[Line]:
    """Claims, and what could not be read and stands above one of them, which is taken from `unread`."""
    longest = LABEL_AT_MOST if width < UNWRAPPED else width
    labels = [cells(_label(c, len(c.steps))) for c in derivation.claims]
    column = max((w if w <= longest else w - cells(c.label) for c, w in zip(derivation.claims, labels, strict=True)), default=0)
    for claim, own in zip(derivation.claims, labels, strict=True):
        while unread and (unread[0].line, unread[0].column) < (claim.steps[0].line or claim.line, claim.steps[0].column):
            yield from _problem(unread.pop(0), file, width)
        if own > longest:
            yield Line(claim.label)
        for k in range(1, 1 + len(claim.steps)):
            label = _label(claim, k)
            head = padded(label if own <= longest else label.removeprefix(claim.label), column)
            yield from _step(claim, k, head, file, width, verbose)


def _step(claim: JudgedClaim, k: int, label: str, file: str, width: int, verbose: bool) -> Iterator[Line]:
    step = claim.steps[k - 1]
    mark = mark_of(step)
    head = f"{label}  {padded(f'{mark.symbol} {mark.word}', VERDICT_WIDTH)}  "
    margin, room = " " * cells(head), width - cells(head)
    first, *rest = _formula(claim, k, room)
    yield Line(head + first, look(step), len(head))
    yield from (Line(margin + line) for line in rest)
    place = f"{file}:{step.line}:{step.column}" if step.line else f"{file}:{claim.line}"
    for aside in details(step, place, verbose):
        yield from (Line(margin + line, aside.look) for line in filled(BETWEEN_WORDS.split(aside.text), room))


def _label(claim: JudgedClaim, k: int) -> str:
    return claim.label if len(claim.steps) == 1 else f"{claim.label}.{k}"


def _formula(claim: JudgedClaim, k: int, room: int) -> list[str]:
    """The k-th step as papers print it: `left = right`, then `= right` below the same sign."""
    step = claim.steps[k - 1]
    before = cells(claim.steps[0].left.text)
    sign = before + 1 if before <= ALIGN_UNDER_AT_MOST else 2
    right = filled(_pieces(f"= {step.right.text}", room - sign - 2), room, sign, 2)
    if k > 1:
        return right
    if before <= ALIGN_UNDER_AT_MOST:
        return [step.left.text + right[0][before:], *right[1:]]
    if cells(step.left.text) + 1 + cells(right[0].strip()) <= room and len(right) == 1:
        return [f"{step.left.text} {right[0].strip()}"]
    return [*filled(_pieces(step.left.text, room - 2), room, 0, 2), *right]


def _pieces(text: str, room: int) -> Iterator[str]:
    """A formula cut before its outermost signs, not after Σ, and a piece that is too long for a line before its inner ones."""
    for piece in _joined_while(BEFORE_A_SIGN.split(text), lambda p: _open_brackets(p) > 0 or _ends_in_sum_sign(p)):
        yield from [piece] if cells(piece) <= room else _joined_while(BEFORE_A_SIGN.split(piece), _ends_in_sum_sign)


def _joined_while(parts: Iterable[str], unfinished: Callable[[str], bool]) -> Iterator[str]:
    piece = ""
    for part in parts:
        if piece and not unfinished(piece):
            yield piece
            piece = ""
        piece += f" {part}" if piece else part
    yield piece


def _ends_in_sum_sign(text: str) -> bool:
    return AFTER_A_SUM_SIGN.search(text) is not None


def _open_brackets(text: str) -> int:
    return sum((c in "([{") - (c in ")]}") for c in text)


def details(step: JudgedStep, place: str, verbose: bool) -> Iterator[Line]:
    """What a person needs to know beyond the verdict."""
    if not step.as_expected:
        yield Line(f"{place}: {mark_of(step).sentence(step)}", look(step))
        if step.note and step.expected == "proved":
            yield Line(step.note, "aside")
    elif step.note and step.expected == "proved":
        yield Line(step.note, "aside")
    elif step.expected != "proved":
        yield Line(f"as expected, an erratum: {step.note}", "aside")
    worth_saying = verbose or step.trivial or step.expected != "proved"
    if step.verdict == "proved" and step.formal != "proved" and worth_saying:
        yield Line(f"holds on the graph only; formally {step.formal}", "aside")
    if step.side_conditions:
        yield Line("where " + _joined(step.side_conditions), "aside")
    if step.trivial:
        yield Line("trivial: both sides are always 0", "unsure")
    if step.assumptions:
        yield Line("assuming " + _joined(step.assumptions), "aside")
    if step.counterexample and (step.outcome == "refuted" or verbose):
        yield from _counterexample(step.counterexample)
    if step.holds_if:
        yield Line("it would hold if " + " and ".join(f.text for f in step.holds_if))
    if step.follows:
        yield Line(f"follows from {step.follows}, which is wrong")
    yield from _repairs(step)
    if verbose:
        yield from _grounds(step)


def _counterexample(found: JudgedCounterexample) -> Iterator[Line]:
    at = ", ".join(f"{what.text} = {value}" for what, value in found.values)
    held = "with every node taken as independent, " if found.formal else ""
    yield Line(f"{held}at {shortened(at)}:" if at else f"{held}always:")
    yield Line(f"left side {shortened(found.left)}, right side {shortened(found.right)}")


def _repairs(step: JudgedStep) -> Iterator[Line]:
    """The repairs, the likeliest one marked; the right value where there is none."""
    for n, repair in enumerate(step.repairs):
        left = " on the left side" * (repair.side == "left")
        only = ", on the graph only" * (repair.formal != "proved")
        yield Line(f"{'or' if n else 'repair'}: {repair.change.text}{left}{only}: {repair.member.text}", "" if n else "good")
    if step.value:
        yield Line(f"the left side is {step.value.text}", "good")


def _grounds(step: JudgedStep) -> Iterator[Line]:
    damages = step.damages or Damages()
    rows = (
        ("with the definitions of ", _joined(step.unfolded)),
        ("by ", ", ".join(step.laws)),
        *(("a damage proved equivalent, ", said) for said in damages.equivalent),
        *(("a damage neither proved nor refuted, ", said) for said in damages.unknown),
    )
    yield from (Line(word + text, "aside") for word, text in rows if text)


def _joined(formulas: Sequence[Formula]) -> str:
    return ", ".join(f.text for f in formulas)


def cells(text: str) -> int:
    """How many columns a text takes; a combining mark takes none."""
    return sum(not combining(c) for c in text)


def padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def filled(pieces: Iterable[str], width: int, indent: int = 0, more: int = 0) -> list[str]:
    """Lines of a width, made of pieces that are not broken; those after the first have `more` indent."""
    first, *rest = pieces
    lines = [" " * indent + first]
    for piece in rest:
        if cells(lines[-1]) + 1 + cells(piece) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(" " * (indent + more) + piece)
    return lines


def summary(pages: Iterable[JudgedPage]) -> Iterator[Line]:
    """How many steps got which verdict, and what was not as expected."""
    pages = list(pages)
    steps = [s for page in pages for s in page.steps]
    unread = sum(page.error is not None for page in pages)
    kinds = ", ".join(f"{count} {mark.name}" for mark, count in counted(steps))
    if steps:
        yield Line(f"{_plural(len(steps), 'step')}: {kinds}", worst(steps))
    if formulas := Counter(f.kind for page in pages for f in page.formulas):
        yield Line(f"{_plural(formulas['definition'], 'definition')}, {_plural(formulas['remark'], 'remark')} passed over", "aside")
    if only := sum(s.verdict == "proved" and s.formal != "proved" for s in steps):
        yield Line(f"{only} of them on the graph only", "aside")
    if damages := sum((s.damages for s in steps if s.damages), start=Damages()):
        became = f"{damages.refuted} refuted, {len(damages.equivalent)} proved equivalent, {len(damages.unknown)} neither"
        yield Line(f"{_plural(len(damages), 'damage')} of proved steps: {became}", "unsure" if damages.unknown else "good")
    if problems := sum(len(page.problems) for page in pages):
        yield Line(f"{_plural(problems, 'formula')} could not be read", "bad")
    if unread:
        yield Line(f"{_plural(unread, 'page')} could not be read", "bad")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def document(pages: Iterable[JudgedPage]) -> str:
    """All pages as one JSON document; those that could not be read are under `errors`."""
    pages = list(pages)
    data = {
        "derivations": [_page_data(p) for p in pages if p.error is None],
        "errors": [{"file": p.file, "message": p.error} for p in pages if p.error is not None],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _page_data(page: JudgedPage) -> dict[str, object]:
    claims = [_claim_data(c, d.title) for d in page.derivations for c in d.claims]
    problems = {"problems": [asdict(p) for p in page.problems]} if page.problems else {}
    kinds = Counter(f.kind for f in page.formulas)
    passed: dict[str, object] = {"definitions": kinds["definition"], "remarks": kinds["remark"]} if kinds else {}
    passed |= {"granted": [asdict(r) for r in page.remarks]} if page.remarks else {}
    passed |= {"taken": list(page.taken)} if page.taken else {}
    return {"name": page.name, "file": page.file, "verdict": page.verdict, "claims": claims, **passed, **problems}


def _claim_data(claim: JudgedClaim, title: str) -> dict[str, object]:
    steps = [_step_data(s, claim.line) for s in claim.steps]
    return {"derivation": title, "label": claim.label, "line": claim.line, "verdict": verdict_of(claim.steps), "steps": steps}


def _step_data(step: JudgedStep, line: int) -> dict[str, object]:
    damages = step.damages
    return {
        "lhs": step.left.text,
        "rhs": step.right.text,
        "verdict": as_written(step),
        "status": mark_of(step).name,
        "formal": step.formal,
        "expected": step.expected,
        "trivial": step.trivial,
        "side_conditions": [c.text for c in step.side_conditions],
        "assumptions": [a.text for a in step.assumptions],
        "holds_if": [a.text for a in step.holds_if],
        "unfolded": [u.text for u in step.unfolded],
        "laws": list(step.laws),
        "counterexample": _counterexample_data(step.counterexample) if step.counterexample else None,
        "reason": step.reason,
        "evidence": step.evidence,
        "line": step.line or line,
        **({"column": step.column} if step.line else {}),
        **({"misfit": step.misfit} if step.misfit else {}),
        **({"misread": step.misprint} if step.misprint else {}),
        **({"hidden": True} if step.hidden else {}),
        **({"follows": step.follows} if step.follows else {}),
        **({"again": step.again} if step.again else {}),
        **({"note": step.note} if step.note else {}),
        **({"given": [c.text for c in step.given]} if step.given else {}),
        **({"repairs": [_repair_data(r) for r in step.repairs]} if step.repairs else {}),
        **({"value": step.value.text} if step.value else {}),
        **({"damages": asdict(damages)} if damages is not None else {}),
    }


def _repair_data(repair: JudgedRepair) -> dict[str, object]:
    parts = {"was": repair.was, "now": repair.now}
    shown = {name: part and {"text": part.text, "latex": part.latex} for name, part in parts.items()}
    member = {"text": repair.member.text, "latex": repair.member.latex}
    edits = {"edits": [asdict(edit) for edit in repair.edits]} if repair.edits else {}
    said = {"kind": repair.kind, "change": repair.change.text, "side": repair.side, "member": member}
    return {**said, **shown, "formal": repair.formal, **edits}


def _counterexample_data(found: JudgedCounterexample) -> dict[str, object]:
    values = {what.text: value for what, value in found.values}
    return {"values": values, "lhs": found.left, "rhs": found.right, "formal": found.formal}
