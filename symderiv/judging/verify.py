"""A page read and judged: each step by both judges, and the result as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from sympy import Basic, Expr, Integer, Symbol

from symderiv.errors import SymderivError
from symderiv.faces.judged import (
    Formula,
    JudgedClaim,
    JudgedCounterexample,
    JudgedDerivation,
    JudgedPage,
    JudgedRepair,
    JudgedStep,
    Problem,
)
from symderiv.judging.executed import executed
from symderiv.language.claim import Derivation, Step, sizes_of
from symderiv.language.effort import Worlds
from symderiv.language.functions import stop_gradient
from symderiv.language.kept import needs
from symderiv.language.program import Equation, Program, Variable
from symderiv.language.terms import Label, Ranged, names
from symderiv.language.verdict import Condition, Counterexample, Judgement, Proved, Refuted, Unknown, Verdict, name_of
from symderiv.notation.notation import latex, text
from symderiv.notation.styles import LATEX, TEXT
from symderiv.proof.alike import is_same
from symderiv.proof.conditions import tidied
from symderiv.proof.decide import Decision, conjoined, decide, decide_formally, is_zero
from symderiv.proof.side import Known, Side
from symderiv.proof.valueless import has_no_value
from symderiv.refutation.refute import refute, strained, survey
from symderiv.repair.readable import readable
from symderiv.repair.repair import Mended, Repair, mended
from symderiv.repair.usual import usual_assumption

SHORT_SEARCH = 10_000  # terms evaluated

NOTHING_COMPARED = "the side conditions hold at no point that was tried, so there is nothing that the step says"
CONTRADICTION = "the judges disagree, which is a bug: a proof and a counterexample"


@dataclass(frozen=True)
class Page:
    """A file's derivations, and what judging one step worked out that others can use."""

    name: str
    file: str
    derivations: tuple[Derivation, ...]
    known: tuple[Known, ...]
    draft: JudgedPage

    @property
    def steps(self) -> tuple[tuple[int, Step], ...]:
        """Every step, with the position of its derivation."""
        return tuple((n, s) for n, d in enumerate(self.derivations) for c in d.claims for s in c.steps)

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """Of every step, the position of its claim in its derivation, and its own position there."""
        return tuple((c, k) for d in self.derivations for c, claim in enumerate(d.claims) for k in range(len(claim.steps)))


def load(path: str) -> Page:
    """Run a page and collect its derivations, in the order in which the page made them.

    Fails when the page raises (the error names its line), or makes no `Derivation`.
    """
    derivations, problems = executed(path)
    return page_of(Path(path).stem, path, derivations, problems)


def page_of(name: str, path: str, derivations: tuple[Derivation, ...], problems: tuple[Problem, ...] = ()) -> Page:
    """Derivations as a page, no step judged yet."""
    drafted = JudgedPage(name, path, tuple(map(drawn, derivations)), problems=problems)
    return Page(name, path, derivations, tuple(Known() for _ in derivations), drafted)


def draft(page: Page) -> JudgedPage:
    """The page as plain data, no step judged yet."""
    return page.draft


def judge(page: Page, k: int) -> JudgedStep:
    """The k-th step of the page, counted through all of its derivations, with its verdict."""
    return judged(page, k)[0]


def judged(page: Page, k: int, judgement: Judgement | None = None) -> tuple[JudgedStep, tuple[Repair, ...]]:
    """A step with its verdict, which may be known already, and its repairs as terms."""
    n, step = page.steps[k]
    program = page.derivations[n].program
    judgement = judgement or judge_step(step, program, page.known[n])
    if isinstance(judgement.graph, Refuted) and not sizes_of(step.left):
        judgement = replace(judgement, holds_if=usual_assumption(step.left, step.right, program))
    words = _Words(program)
    said = _with_judgement(page.draft.steps[k], judgement, words)
    formally = isinstance(judgement.graph, Proved)
    if sizes_of(step.left) or not isinstance(judgement.formal if step.expected == "refuted formally" else judgement.graph, Refuted):
        return said, ()
    found = mended(page.derivations[n].claims, *page.places[k], program, formally)
    if found.step is not None:
        return _right_again(page, k, found.step, found.again, words), ()
    if found.repairs and any(what in program.sizes for what, _ in judgement.holds_if):
        said = replace(said, holds_if=())  # that it holds at one size says little beside a repair
    return _with_mended(said, found, words), found.repairs


def _right_again(page: Page, k: int, step: Step, after: str, words: _Words) -> JudgedStep:
    """A step that comes back to what is right after a slip in its chain: it is measured by the last member that was right."""
    again = replace(page.draft.steps[k], left=words(step.left), note=f"right again after {after}: the same as {words(step.left).text}")
    judgement = judge_step(step, page.derivations[page.steps[k][0]].program, page.known[page.steps[k][0]])
    return _with_judgement(replace(again, again=after), judgement, words)


def judge_step(step: Step, program: Program, known: Known | None = None, formally: bool = True) -> Judgement:
    """What both judges say of a step, on the graph and, unless that is not wanted, formally.

    A step between shapes is judged size by size.
    """
    if sizes_of(step.left) or sizes_of(step.right):
        return _judge_shapes(step, program, known)
    known = known or Known()
    worlds = known.worlds

    def differs() -> bool:
        return isinstance(survey(step.left, step.right, program, (), worlds), Refuted)

    decision = decide(step.left, step.right, program, known, differs)
    if isinstance(decision.graph, Unknown):
        found = refute(step.left, step.right, program, worlds=worlds)
        graph = found if isinstance(found, Refuted) else _with_left_over(replace(decision.graph, evidence=found.evidence), decision.left)
        return Judgement(graph, _formally(step, program, decision, graph, known) if formally else graph)
    seen = survey(step.left, step.right, program, decision.graph.certificate.conditions, worlds)
    if isinstance(seen, Refuted) or strained(step.left, step.right, program, decision.graph.certificate.conditions, worlds):
        return Judgement(Unknown(CONTRADICTION), Unknown(CONTRADICTION))
    if not seen.points and not seen.spent and not _is_one_formula(step, program, known):
        return Judgement(Unknown(NOTHING_COMPARED), Unknown(NOTHING_COMPARED))
    if not formally:
        return Judgement(decision.graph, decision.graph)
    trivial = seen.zero and _seems_zero(step.left, program, worlds) and is_zero(step.left, program, known)
    if trivial:
        known.zeros.add(step.right)
    return Judgement(decision.graph, _formally(step, program, decision, decision.graph, known), trivial)


def _with_left_over(found: Unknown, side: Side | None) -> Unknown:
    """Why a step is not proved, with what is left of the difference of both sides where that is why, for readers."""
    try:
        left_over, more = readable(side.left - side.right, side.program, side.meant) if side is not None else (None, 0)
    except (SymderivError, RecursionError):
        return found
    return replace(found, left_over=left_over, more=more)


def _is_one_formula(step: Step, program: Program, known: Known) -> bool:
    """Whether both sides are written alike, and what is written may have a value: then no point is needed to see that they are equal."""

    def vanishes(part: Expr) -> bool:
        differs = isinstance(survey(part, Integer(0), program, (), known.worlds), Refuted)
        return not differs and isinstance(decide(part, Integer(0), program, known).graph, Proved)

    alike = is_same(step.left, step.right) and bool(needs(step.left)) == bool(needs(step.right))
    return alike and not any(has_no_value(side, program, vanishes) for side in dict.fromkeys((step.left, step.right)))


def _seems_zero(term: Expr, program: Program, worlds: Worlds) -> bool:
    """Whether a term is zero wherever a short search looks."""
    return not isinstance(refute(term, Integer(0), program, plainest=False, allowance=SHORT_SEARCH, worlds=worlds), Refuted)


def _formally(step: Step, program: Program, decision: Decision, graph: Verdict, known: Known) -> Verdict:
    if isinstance(graph, Refuted):
        return graph
    if isinstance(decision.formal, Proved):
        return decision.formal
    found = refute(step.left, step.right, program, formal=True, worlds=known.worlds)
    if isinstance(found, Refuted):
        return found
    long_way = decide_formally(step.left, step.right, program, known)
    return long_way if isinstance(long_way, Proved) else Unknown(decision.formal.reason, found.evidence)


def _judge_shapes(step: Step, program: Program, known: Known | None) -> Judgement:
    left, right = (sizes_of(side) or (side,) for side in (step.left, step.right))
    if len(left) != len(right):
        return judge_step(replace(step, left=Integer(len(left)), right=Integer(len(right))), program, known)
    parts = [judge_step(replace(step, left=a, right=b), program, known) for a, b in zip(left, right, strict=True)]
    return next((p for p in parts if not isinstance(p.graph, Proved)), all_together(parts))


def all_together(parts: list[Judgement]) -> Judgement:
    """The judgement of a step whose parts are all proved: what any of them needs, it needs."""
    together = conjoined([p.graph for p in parts if isinstance(p.graph, Proved)])
    formal = next((p.formal for p in parts if not isinstance(p.formal, Proved)), together)
    return Judgement(together, formal, all(p.trivial for p in parts))


# drawing


@lru_cache(maxsize=10_000)
def formula(term: Basic | int, objectives: frozenset[Symbol]) -> Formula:
    """A term as text and as LaTeX."""
    return Formula(text(term, objectives), latex(term, objectives))


class _Words:
    """The notation of one program."""

    def __init__(self, program: Program) -> None:
        last = _objective_names(program)
        self.objectives = program.opaque | {e.head for e in program.equations if e.head.name in last}

    def __call__(self, term: Basic | int) -> Formula:
        return formula(term, self.objectives)

    def relation(self, left: Basic, sign: str, right: Basic) -> Formula:
        a, b = self(left), self(right)
        return Formula(*(f"{x} {style.relations[sign]} {y}" for style, x, y in ((TEXT, a.text, b.text), (LATEX, a.latex, b.latex))))


def _objective_names(program: Program) -> frozenset[str]:
    return frozenset(e.head.name for e in program.equations if not e.variable.indices and not program.consumers(e.head))


def drawn(derivation: Derivation) -> JudgedDerivation:
    program = derivation.program
    words = _Words(program)
    definitions = tuple(_definition(e, program, words) for e in program.equations)
    claims = tuple(JudgedClaim(str(c.label), c.line, tuple(undecided(s, program) for s in c.steps)) for c in derivation.claims)
    return JudgedDerivation(str(derivation.title), str(derivation.source), tuple(_declarations(program, words)), definitions, claims)


def _definition(equation: Equation, program: Program, words: _Words) -> Formula:
    cotangents = [c.head for c in program.cotangents if c.head in names(equation.body)]
    if not cotangents:
        return words.relation(equation.variable.entry, "=", equation.body)
    of = [words(head) for c in cotangents for head in program.heads if head.name == c.name.split("/\\partial ")[1]]
    head = words(equation.head)
    return Formula(
        f"{head.text} = {head.text}({', '.join(o.text for o in of)})", f"{head.latex} = {head.latex}({', '.join(o.latex for o in of)})"
    )


def _declarations(program: Program, words: _Words) -> Iterator[tuple[Formula, str]]:
    for size in program.sizes:
        yield words(size), "a size"
    for variable in program.inputs:
        yield words(variable.entry), ", ".join(_kind_of(variable))
    for head in program.functions:
        yield words(head), "a smooth function of one number"
    for what, value in (*program.assumptions, *((c.what, c.value) for c in program.constraints)):
        yield words.relation(what, "=", value), "assumed"


def _kind_of(variable: Variable) -> Iterator[str]:
    head = variable.head
    if isinstance(head, Label):
        yield f"a label, a position in {text(head.lower)}..{text(head.upper)}"
        return
    yield "an input"
    if head.is_integer:
        yield "a whole number"
    if isinstance(head, Ranged):
        yield f"between {text(head.lower)} and {text(head.upper)}"
    elif head.is_positive:
        yield "positive"
    elif head.is_nonzero:
        yield "not zero"


def undecided(step: Step, program: Program) -> JudgedStep:
    words = _Words(program)
    return JudgedStep(words(step.left), words(step.right), step.expected, str(step.note))


def _with_judgement(step: JudgedStep, judgement: Judgement, words: _Words) -> JudgedStep:
    step = replace(step, verdict=name_of(judgement.graph), formal=name_of(judgement.formal), trivial=judgement.trivial, reason="")
    row: Callable[[JudgedStep, Any, _Words], JudgedStep] = DRAW[type(judgement.graph)]
    step = row(step, judgement.graph, words)
    if isinstance(judgement.formal, Refuted) and not isinstance(judgement.graph, Refuted):
        step = replace(step, counterexample=_counterexample(judgement.formal.counterexample, words, formal=True))
    if judgement.holds_if:
        step = replace(step, holds_if=tuple(_assumed(what, value, words) for what, value in judgement.holds_if))
    return step


def _with_mended(step: JudgedStep, found: Mended, words: _Words) -> JudgedStep:
    value = None if found.value is None else words(found.value)
    return replace(step, repairs=tuple(drawn_repair(r, words) for r in found.repairs), follows=found.follows, value=value)


def drawn_repair(found: Repair, words: Callable[[Basic], Formula]) -> JudgedRepair:
    """A repair as plain data, in the notation of a program."""
    was, now = (None if part is None else words(part) for part in (found.was, found.now))
    return JudgedRepair(found.kind, _change(found, was, now), words(found.term), found.side, was, now, name_of(found.formal))


def _change(found: Repair, was: Formula | None, now: Formula | None) -> Formula:
    """A change in words, as a teacher writes it in the margin: γ for yᵢ."""
    if found.was is not None and found.now is not None and found.kind.startswith("sign"):
        minus, plus = Formula("−", "-"), Formula("+", "+")
        was, now = (minus, plus) if found.was.could_extract_minus_sign() else (plus, minus)
    if was and now and found.kind == "exchanged":
        return _said(("", was), (" and ", now), (" exchanged", None))
    if was and now:
        return _said(("", now), (" for ", was), (" everywhere" * (found.kind == "everywhere"), None))
    noun = "Σ over " if found.kind.endswith("sum") else "term " if found.kind.endswith("term") else "factor "
    return _said((noun, now or was), (" lost" if now else " too many", None))


def _said(*parts: tuple[str, Formula | None]) -> Formula:
    """Words and formulas in turn."""
    plain = "".join(words + (shown.text if shown else "") for words, shown in parts)
    words_in_latex = [(rf"\text{{{words}}}" if words else "").replace("Σ", "sum") for words, _ in parts]
    return Formula(plain, "".join(w + (shown.latex if shown else "") for w, (_, shown) in zip(words_in_latex, parts, strict=True)))


def _draw_proved(step: JudgedStep, verdict: Proved, words: _Words) -> JudgedStep:
    certificate = verdict.certificate
    return replace(
        step,
        side_conditions=tuple(_condition(c, words) for c in certificate.conditions),
        assumptions=tuple(_assumed(a, b, words) for a, b in certificate.assumptions),
        unfolded=tuple(words(tidied(t)) for t in certificate.unfolded),
        laws=certificate.laws,
    )


def _assumed(what: Expr, value: Expr, words: _Words) -> Formula:
    """What is taken for granted, as a reader would say it."""
    if isinstance(value, stop_gradient):
        held = words(what)
        return Formula(f"{held.text} is held constant", rf"{held.latex} \text{{ is held constant}}")
    return words.relation(what, "=", value)


def _condition(condition: Condition, words: _Words) -> Formula:
    found = words.relation(condition.term, condition.relation, Integer(0))
    cases = [words(c) for c in condition.where]
    letters = [words(i) for i in condition.every]
    for joined, more, separator in ((" where ", cases, " and "), (" for every ", letters, ", ")):
        if more:
            latex = rf" \text{{{separator}}} ".join(c.latex for c in more) if separator != ", " else ", ".join(c.latex for c in more)
            found = Formula(found.text + joined + separator.join(c.text for c in more), rf"{found.latex} \text{{{joined}}} {latex}")
    return found


def _draw_refuted(step: JudgedStep, verdict: Refuted, words: _Words) -> JudgedStep:
    return replace(step, counterexample=_counterexample(verdict.counterexample, words, formal=False))


def _draw_unknown(step: JudgedStep, verdict: Unknown, words: _Words) -> JudgedStep:
    left_over = ""
    if verdict.left_over is not None:
        left_over = f"; what is left of it is {words(verdict.left_over).text}" + (f" and {verdict.more} terms more" if verdict.more else "")
    return replace(step, reason=verdict.reason + left_over, evidence=verdict.evidence)


DRAW: dict[Any, Callable[[JudgedStep, Any, _Words], JudgedStep]] = {Proved: _draw_proved, Refuted: _draw_refuted, Unknown: _draw_unknown}


def _counterexample(found: Counterexample, words: _Words, formal: bool) -> JudgedCounterexample:
    values = [(words(size), str(n)) for size, n in found.sizes]
    values += [(words(index), str(n)) for index, n in found.positions]
    values += [(words(what), value) for what, value in found.values]
    return JudgedCounterexample(tuple(values), found.left, found.right, formal)
