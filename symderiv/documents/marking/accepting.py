"""Which of its readings a step is judged in: one for all that is said of it, and one for all steps that share a derivative."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from symderiv.documents.marking.readings import NOTHING, AsWritten, Reading
from symderiv.documents.marking.stated import Stated, relevant, ways_under
from symderiv.documents.marking.variants import Variant, differentiates, variants
from symderiv.judging.verify import judge_step
from symderiv.language.claim import Claim, Derivation, Step
from symderiv.language.program import Program
from symderiv.language.terms import DERIVATIVES, subterms
from symderiv.language.verdict import Judgement, Proved, Refuted, Unknown, name_of
from symderiv.proof.side import Known


@dataclass
class Accepting:
    """The steps of a document in all their readings, and what was found out: the readings accepted so far, and what was judged."""

    derivation: Derivation
    said: Sequence[AsWritten]
    places: Sequence[tuple[int, int]]  # of every step, the claim and its place there
    known: dict[Program, Known] = field(default_factory=dict)
    stated: Sequence[Stated] = ()
    accepted: dict[int, Reading | None] = field(default_factory=dict)
    judgements: dict[tuple[Program, Step], Judgement] = field(default_factory=dict)

    def judgement(self, reading: Reading) -> Judgement:
        """What both judges say of a step in one of its readings."""
        program = reading.program or self.derivation.program
        key = (program, reading.asked or reading.step)
        if key not in self.judgements:
            self.judgements[key] = judge_step(key[1], program, self.known.setdefault(program, Known()))
        found = self.judgements[key]
        if reading.short and isinstance(found.graph, Refuted):
            return replace(found, graph=Unknown(reading.short))
        return replace(found, graph=Unknown(reading.doubt)) if reading.doubt and isinstance(found.graph, Proved) else found

    def verdict(self, reading: Reading) -> str:
        return name_of(self.judgement(reading).graph)


def accepted(state: Accepting, k: int) -> Reading | None:
    """The reading in which a step is judged: one in which it is proved, the likeliest first, else the likeliest; none if it has none.

    Steps of a chain that share a member with a derivative in it are read alike, so that it has one meaning.
    """
    if k not in state.accepted:
        run = _alike(state, k)
        found = (
            _misfit(state, k) if state.said[k].misfit else [_under(state, n, r) for n, r in zip(run, _together(state, run), strict=True)]
        )
        state.accepted |= dict(zip(run, found, strict=True))
    return state.accepted[k]


def as_read(state: Accepting, k: int, reading: Reading) -> Derivation:
    """The derivation with its k-th step in a reading, and others as they were accepted; what is not accepted yet says nothing."""
    steps = iter(range(len(state.said)))
    claims: list[Claim] = []
    for claim in state.derivation.claims:
        own = [(next(steps), step) for step in claim.steps]
        claims.append(replace(claim, steps=tuple(reading.step if n == k else _step_read(state, n, step) for n, step in own)))
    return replace(state.derivation, claims=claims, program=reading.program or state.derivation.program)


def _step_read(state: Accepting, n: int, step: Step) -> Step:
    reading = state.accepted.get(n)
    return reading.step if reading is not None else step if len(state.said[n].readings) == 1 else NOTHING


def _misfit(state: Accepting, k: int) -> list[Reading | None]:
    """Of the readings of what has no meaning as it is written, one that is proved, else the first that is no guess."""
    likely = next((r for r in state.said[k].readings if not r.guess), None)
    return [next((r for r in state.said[k].readings if state.verdict(r) == "proved"), likely)]


def _alike(state: Accepting, k: int) -> list[int]:
    """The steps of a chain around a step that must be read as it is."""
    first, last = k, k
    while _joined(state, first - 1):
        first -= 1
    while _joined(state, last):
        last += 1
    return list(range(first, last + 1))


def _joined(state: Accepting, k: int) -> bool:
    """Whether a step and the next one share a member that could be read in two ways."""
    if k < 0 or k + 1 >= len(state.said) or state.places[k][0] != state.places[k + 1][0]:
        return False
    one, other = state.said[k], state.said[k + 1]
    if one.misfit or other.misfit or one.right.tree is not other.left.tree:
        return False
    shared = {r.step.right for r in one.readings}
    return len(shared) > 1 or any(isinstance(part, DERIVATIVES) for term in shared for part in subterms(term))


def _under(state: Accepting, k: int, reading: Reading) -> Reading:
    """A step that does not hold by itself, under what the text takes for granted; if that cannot be used, it is not wrong."""
    stated = relevant(state.stated, k, reading.step, state.derivation.program) if state.verdict(reading) != "proved" else []
    if not stated:
        return reading
    short = "; ".join(f"the text states {s.latex} in line {s.line}" for s in stated)
    best = replace(reading, short=f"{short}: without that it is false, and under that it could not be judged")
    for way in ways_under(stated, reading.step, state.derivation):
        note = " and ".join(filter(None, (reading.note, way.note)))
        under = replace(reading, program=way.program, asked=way.asked, note=note, single=way.single)
        if state.verdict(under) in (() if way.single else ("proved",)) + (() if way.short else ("refuted",)):
            return under
    return best


def _together(state: Accepting, run: list[int]) -> list[Reading]:
    """The readings of steps that are read alike under which the least of them is wrong."""
    best: list[Reading] = []
    for readings in _ways(state, run):
        if not best or _worth(state, readings) > _worth(state, best):
            best = readings
        if _worth(state, best) == (0, len(run)):
            break
    return best


def _worth(state: Accepting, readings: list[Reading]) -> tuple[int, int]:
    """The fewer are refuted the better; then, the more are proved."""
    verdicts = [state.verdict(r) for r in readings]
    return -verdicts.count("refuted"), verdicts.count("proved")


def _ways(state: Accepting, run: list[int]) -> Iterator[list[Reading]]:
    """The steps in each sense that one of them has, and with their names taken in each way."""
    senses = list(dict.fromkeys(r.sense for k in run for r in state.said[k].readings))
    seen: list[list[tuple[Step, Program | None]]] = []
    for variant in variants(state.derivation.program, _proved_before(state, run[0])):
        for sense in senses:
            readings = [_varied(_in_sense(state.said[k].readings, sense), variant, state.derivation.program) for k in run]
            if [(r.step, r.program) for r in readings] not in seen:
                seen.append([(r.step, r.program) for r in readings])
                yield readings


def _in_sense(readings: Sequence[Reading], sense: str) -> Reading:
    return next((r for r in readings if r.sense == sense), readings[0])


def _varied(reading: Reading, variant: Variant, program: Program) -> Reading:
    """A reading with its names taken in another way; as it was, where that makes no difference."""
    step = variant.of(reading.step)
    if not differentiates(reading.step) or not variant.fits(reading.step) or (step == reading.step and variant.program == program):
        return reading
    return replace(
        reading,
        step=step,
        program=variant.program,
        rewrite=lambda term: variant.rewrite(reading.rewrite(term)),
        note=" and ".join(filter(None, (reading.note, variant.note))),
    )


def _proved_before(state: Accepting, k: int) -> Iterator[Step]:
    """The steps above that are proved without a condition."""
    for n, reading in sorted(state.accepted.items()):
        judgement = state.judgement(reading).graph if reading is not None and n < k else None
        if reading is not None and isinstance(judgement, Proved) and not judgement.certificate.conditions:
            yield reading.step
