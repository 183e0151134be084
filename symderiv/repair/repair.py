"""What was meant by a wrong step: the smallest changes that make it provable, each proved; and what a wrong step follows from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace as with_changes

from sympy import Basic, Dummy, Expr, Max, Min, Symbol

from symderiv.errors import SymderivError
from symderiv.language.claim import Claim, Step
from symderiv.language.effort import MADE, Worlds
from symderiv.language.program import Equation, Program, Variable, check_member
from symderiv.language.terms import DERIVATIVES, Element, Index, Over, free_indices, replace, subterms
from symderiv.language.verdict import Proved, Refuted, Unknown
from symderiv.proof.adjoint import Sweep, lower_definitions, lower_derivatives
from symderiv.proof.algebra import new_context
from symderiv.proof.decide import Decision, decide
from symderiv.proof.normal import index_gen, normal
from symderiv.proof.replacing import rebuild
from symderiv.proof.side import Known
from symderiv.refutation.refute import Survey, refute, survey
from symderiv.repair.mends import FIRST, FOURTH, OF_A_NAME, SECOND, THIRD, Mend, Part, Rows, mends, sight_of
from symderiv.repair.readable import readable

MOST_SHOWN = 3
MOST_DECIDED = 12  # candidates of one size that are tried in full
MOST_TRIED = 4000  # candidates of one step that are looked at
MOST_EFFORT = 300_000  # for one step: some three seconds
SHORT = 10_000  # terms evaluated in one more look

NAMING = ("name", "other name", "everywhere", "merged")
ALIKE = (  # where it is done matters less than what
    *("lost sum", "extra sum", "lost number", "lost factor", "factor of all", "extra factor", "lost delta", "lost term", "extra term"),
    *("index", "exchanged"),
)
SIZES: tuple[tuple[tuple[str, Rows], ...], ...] = (
    (("right", FIRST),),
    (("right", SECOND),),
    (("right", THIRD), ("left", OF_A_NAME)),
    (("right", FOURTH),),
)


@dataclass(frozen=True)
class Repair:
    """A change of one member of a step that makes it provable: `side` tells which member, `term` is that member, changed.

    `was` is the part that was there, `now` the part in its place; either is none where something is lost or too many.
    """

    kind: str
    side: str  # "right" or "left"
    term: Expr
    was: Part
    now: Part
    graph: Proved
    formal: Proved | Unknown


def repairs(step: Step, program: Program, formally: bool = False) -> tuple[Repair, ...]:
    """The smallest changes that make a step provable, the likeliest first; `formally`, one that fails formally only.

    Changes of the right member come before those of the left one, those that hold formally before those on the graph only.
    """
    search = _Search(step, program, formally)
    for sides in SIZES:
        found = [r for side, rows in sides for r in search.found(side, rows)]
        if found:
            return tuple(sorted(found, key=lambda r: (not holds_formally(r), r.side == "left"))[:MOST_SHOWN])
    return ()


def _says_nothing(mend: Mend, other: Expr) -> bool:
    """Whether a whole member became one name: what it is equal to is what was asked for, and that some name is 0 helps nobody."""
    return mend.term == mend.now and mend.kind in NAMING and (mend.term == other or other == 0 or mend.kind == "merged")


def holds_formally(repair: Repair) -> bool:
    """Whether the step, repaired, is an identity in the nodes."""
    return isinstance(repair.formal, Proved)


@dataclass
class _Search:
    """The changes of a step that were looked at so far: `tried` counts them."""

    step: Step
    program: Program
    formally: bool
    known: Known = field(default_factory=lambda: Known(most_work=MOST_EFFORT))
    worlds: dict[Expr, Worlds] = field(default_factory=dict)
    tried: int = 0

    def found(self, side: str, rows: Rows) -> list[Repair]:
        """The changes of one member, of one size, that are proved; of those alike the first, or the first that holds formally."""
        found: dict[object, Repair] = {}
        for mend in self._likely(side, rows):
            alike = (mend.was, mend.now) if mend.kind in ALIKE else mend.term
            if alike not in found or not holds_formally(found[alike]):
                proved = self._proved(side, mend)
                if proved is not None and (alike not in found or holds_formally(proved)):
                    found[alike] = proved
            if sum(map(holds_formally, found.values())) == MOST_SHOWN:
                break
        return list(found.values())

    def _likely(self, side: str, rows: Rows) -> Iterator[Mend]:
        """The changes under which both sides agree where a short search looks."""
        member, other = self._members(side)
        if rows is OF_A_NAME and not isinstance(member, (*DERIVATIVES, Element, Symbol)):
            return
        program, entry = (self.program, other) if self.formally else worked_out_once(other, self.program)
        agreed = 0
        for mend in mends(member, sight_of(self.program, self.step.left, self.step.right), rows):
            self.tried += 1
            self.known.effort.done += MADE * len(mend.term.atoms(Max, Min))
            if self.tried > MOST_TRIED or agreed > MOST_DECIDED or self.known.effort.done >= MOST_EFFORT:
                return
            if not _says_nothing(mend, other) and not self._differs(entry, mend.term, program):
                agreed += 1
                yield mend

    def _members(self, side: str) -> tuple[Expr, Expr]:
        left, right = self.step.left, self.step.right
        return (right, left) if side == "right" else (left, right)

    def _sides(self, side: str, term: Expr) -> tuple[Expr, Expr]:
        return (self.step.left, term) if side == "right" else (term, self.step.right)

    def _differs(self, one: Expr, other: Expr, program: Program) -> bool:
        worlds = self.worlds.setdefault(one, Worlds(self.known.effort))
        try:
            if self.formally:
                found = refute(one, other, program, formal=True, plainest=False, allowance=SHORT, worlds=worlds)
                return isinstance(found, Refuted)
            seen = survey(one, other, program, (), worlds)
        except SymderivError:
            return True
        return not isinstance(seen, Survey) or not seen.points

    def _proved(self, side: str, mend: Mend) -> Repair | None:
        left, right = self._sides(side, mend.term)
        try:
            check_member(self.program, mend.term)
        except SymderivError:
            return None
        decision = proof(left, right, self.program, self.known)
        if decision is None or not isinstance(decision.graph, Proved) or (self.formally and not isinstance(decision.formal, Proved)):
            return None
        return Repair(mend.kind, side, mend.term, mend.was, mend.now, decision.graph, decision.formal)


def worked_out_once(member: Expr, program: Program) -> tuple[Program, Expr]:
    """The program with a member as one more definition, and its entry: so brute force works out its values once at a point."""
    indices = tuple(sorted(free_indices(member), key=lambda i: (len(free_indices(i)), i.level, i.name)))
    variable = Variable(Dummy(real=True), indices)
    return program.extended(equations=(Equation(variable, member),)), variable.entry


def proof(left: Expr, right: Expr, program: Program, known: Known) -> Decision | None:
    """A proof on the graph that a counterexample does not contradict, and that says something; none if there is none."""

    def differs() -> bool:
        return isinstance(refute(left, right, program, plainest=False, allowance=SHORT, worlds=known.worlds), Refuted)

    decision = decide(left, right, program, known, differs)
    if not isinstance(decision.graph, Proved):
        return None
    seen = survey(left, right, program, decision.graph.certificate.conditions, known.worlds)
    return decision if isinstance(seen, Survey) and seen.points else None


# what a step of a page needs


@dataclass(frozen=True)
class Mended:
    """What there is to say of a wrong step: repairs, the label of the wrong step that it follows from, else the right value.

    A step whose right member is right `again`, after the wrong step of that label in its chain, has no more to say: `step` is what holds.
    """

    repairs: tuple[Repair, ...] = ()
    follows: str = ""
    value: Expr | None = None
    again: str = ""
    step: Step | None = None


def mended(claims: Sequence[Claim], n: int, k: int, program: Program, formally: bool = False) -> Mended:
    """What was meant by the k-th step of the n-th claim, which is wrong; `formally`, one that fails formally only.

    Where a step before it in its own chain is wrong, it is measured by the last member that is right.
    """
    step, wrong = claims[n].steps[k], None if formally else _first_wrong(claims[n].steps[:k], program)
    if wrong is not None:
        step = with_changes(step, left=claims[n].steps[wrong].left)
        if _holds(step.left, step.right, program, Known()):
            return Mended(again=label_of(claims[n], wrong), step=step)
    found = repairs(step, program, formally)
    value = None if found or formally else right_value(step.left, program)
    return Mended(found, "" if formally else follows_from(claims[n].steps[k], _false_before(claims, n, k, program), program), value)


def _first_wrong(steps: Sequence[Step], program: Program) -> int | None:
    return next((k for k, s in enumerate(steps) if _is_wrong(s.left, s.right, program)), None)


def _is_wrong(left: Expr, right: Expr, program: Program) -> bool:
    try:
        return isinstance(survey(left, right, program), Refuted)
    except SymderivError:
        return False


def label_of(claim: Claim, k: int) -> str:
    """How a step is called: by the label of its claim, and its number if there are several."""
    return claim.label if len(claim.steps) == 1 else f"{claim.label}.{k + 1}"


def _false_before(claims: Sequence[Claim], n: int, k: int, program: Program) -> Iterator[tuple[str, Expr, Expr]]:
    """The false equalities before a step that give a value to a derivative or a node: its label, what, the value."""
    for claim, steps in [*((c, c.steps) for c in claims[:n]), (claims[n], claims[n].steps[:k])]:
        for j, step in enumerate(steps):
            heads = [s.left for s in claim.steps[: j + 1] if is_replaceable(s.left, step.right)]
            if heads and _is_wrong(step.left, step.right, program):
                yield from ((label_of(claim, j), what, step.right) for what in heads)


# what a step follows from


def follows_from(step: Step, false: Iterable[tuple[str, Expr, Expr]], program: Program) -> str:
    """The label of the false equality `what = value` in whose light a wrong step would be true; empty if there is none.

    Of each that is (label, what, value), `what` must be a derivative or a node.
    """
    known = Known()
    for label, what, value in false:
        left, right = (with_value(member, what, value) for member in (step.left, step.right))
        if (left, right) != (step.left, step.right) and _holds(left, right, program, known):
            return label
    return ""


def _holds(left: Expr, right: Expr, program: Program, known: Known) -> bool:
    try:
        if isinstance(survey(left, right, program, (), known.worlds), Refuted):
            return False
        return proof(left, right, program, known) is not None
    except SymderivError:
        return False


def with_value(term: Basic, what: Expr, value: Expr) -> Basic:
    """The term with a false value in place of a derivative or a node, at whatever positions; not inside other derivatives."""
    at = _matched(what, term)
    if at is not None:
        return replace(value, at)
    if isinstance(term, (*DERIVATIVES, Element)) or not term.args:
        return term
    if isinstance(term, Over):
        return type(term)(with_value(term.body, what, value), term.index)
    return term.func(*(with_value(a, what, value) for a in term.args))


def is_replaceable(what: Expr, value: Expr) -> bool:
    """Whether an equality can be read as giving a value to its left side: a derivative or a node, at plain positions."""
    positions = [p for part in subterms(what) if isinstance(part, Element) for p in part.at]
    plain = all(isinstance(p, Index) for p in positions) and isinstance(what, (*DERIVATIVES, Element, Symbol))
    return plain and free_indices(value) <= free_indices(what)


def _matched(what: Basic, term: Basic) -> dict[Basic, Basic] | None:
    """The positions at which a pattern with free indices is a term; none if it is not."""
    if isinstance(what, Index):
        return {what: term}
    if type(what) is not type(term) or len(what.args) != len(term.args) or (not what.args and what != term):
        return None
    found: dict[Basic, Basic] = {}
    for a, b in zip(what.args, term.args, strict=True):
        inner = _matched(a, b)
        if inner is None or any(found.get(i, p) != p for i, p in inner.items()):
            return None
        found |= inner
    return found


# the right value


def right_value(left: Expr, program: Program) -> Expr | None:
    """What a derivative is, nodes as they are, if that is short and can be proved; else none."""
    if not isinstance(left, DERIVATIVES):
        return None
    try:
        value = _worked_out(left, program)
        return value if value is not None and proof(left, value, program, Known()) else None
    except (SymderivError, RecursionError):
        return None


def _worked_out(left: Expr, program: Program) -> Expr | None:
    sweep, algebra = Sweep(), new_context()
    lowered = lower_derivatives(left, lower_definitions(program, sweep), sweep)
    form = normal(lowered.term, algebra)
    for equation in reversed(lowered.program.equations):
        if equation.head in sweep.meant and equation.head.name in form.heads:
            formal = [index_gen(i, algebra) for i in equation.variable.indices]
            body = normal(equation.body, algebra)
            define = {equation.head.name: lambda a, at, formal=formal, body=body: rebuild(a, body, dict(zip(formal, at, strict=True)))}
            form = rebuild(algebra, form, {}, define)
    term, more = readable(form, lowered.program, sweep.meant)
    return _declared(term, left, program) if term is not None and not more else None


def _declared(term: Expr, left: Expr, program: Program) -> Expr:
    """The term with the declared symbols and the free indices of the step in place of those that only look like them."""
    heads: dict[Basic, Basic] = {Symbol(h.name): h for h in program.heads}
    free = {Index(i.name, 1, 1): i for i in free_indices(left)}
    return replace(term, heads | free)
