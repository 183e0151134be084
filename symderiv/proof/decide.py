"""The judge that proves: two terms are equal for every size if the normal form of their difference is zero."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from math import prod

from sympy import Expr, Integer, Symbol

from symderiv.errors import Spent, TermError, TooLarge, Undefined
from symderiv.language.functions import BY_VALUE
from symderiv.language.program import Equation, Program, foundations, head_of
from symderiv.language.terms import Total, names
from symderiv.language.verdict import Certificate, Proved, Unknown
from symderiv.proof.adjoint import Sweep, lower_definitions, lower_derivatives
from symderiv.proof.alike import is_same, is_same_unfolded, nesting
from symderiv.proof.assuming import assume, given_rules, inverse_rules, mirrored_matrices, takes_for_granted
from symderiv.proof.cells import vanishes, without_uncounted
from symderiv.proof.context import Given
from symderiv.proof.facts import conditions_needed, conditions_of, rebuild_under_conditions
from symderiv.proof.laws import INVERSE, MATRIX, SAME, WINDOWS, Law
from symderiv.proof.matrices import with_small_matrices
from symderiv.proof.monomials import all_gens, indices_in
from symderiv.proof.normal import normal
from symderiv.proof.poly import Gen, Kind, number
from symderiv.proof.replacing import rebuild
from symderiv.proof.side import CAPS, INVERSES, Known, Side, inverted, told
from symderiv.proof.unfolding import SHORT_SUM, prove_by_definitions, unfold
from symderiv.proof.windows import replaced, windows

NOT_FORMALLY = Unknown("the formal difference of both sides is not zero")
CONDITIONS_WORK = 200_000  # for one attempt to use the side conditions of a step
DEEP = 3  # distinctions of cases in each other that are first tried closed
MOST_SETTLED = 1_500_000  # terms compared, where such are taken apart


@dataclass(frozen=True)
class Decision:
    """What can be proved of one step, in both senses."""

    formal: Proved | Unknown
    graph: Proved | Unknown
    left: Side | None = None  # with what is left of the difference, if that is why nothing is proved


@dataclass(frozen=True)
class Round:
    """In which sense a step is to be proved, and what may be used for it."""

    formal: bool  # nodes are atoms, and nothing is assumed
    admits: Callable[[Equation], bool]  # the definitions that may be unfolded
    depths: tuple[int, ...] = (1, 2)  # of unfolding a recurrence
    thorough: bool = True  # sums are taken apart
    windows: bool = True


@dataclass(frozen=True)
class Way:
    """One way to go on with a proof, in words and in deed."""

    name: str
    when: str
    does: str
    why: str  # it stands where it stands
    applies: Callable[[Side, Round], bool]
    closes: Callable[[Side, Round], bool]
    stays: bool = False  # what it did is a step on the way for those after it


def decide(left: Expr, right: Expr, program: Program, known: Known | None = None, hopeless: Callable[[], bool] = lambda: False) -> Decision:
    """Prove `left = right`, formally if possible, else on the graph.

    Formally: derivatives are put in, nodes are atoms. On the graph: slopes from the values of nodes, then nodes too, the
    latest first, and last what the page assumes. All this first with derivatives that are written in the step held as
    atoms, then without. Unknown if a difference is left, if a cap or an undefined value stops the way, or if it is
    `hopeless`, which is asked before the long way.
    """
    known = known or Known()
    if is_same(left, right) and isinstance((same := _tried(lambda: _alike(left, right, program, known))).graph, Proved):
        return same
    deep = nesting(left, right, program) >= DEEP
    if deep and isinstance((closed := _tried(lambda: _decided_closed(left, right, program, known))).graph, Proved):
        return closed
    known.patience.left = MOST_SETTLED if deep and not hopeless() else 0 if deep else None
    decision = _tried(lambda: _decided(left, right, program, known, hopeless))
    if isinstance(decision.graph, Proved):
        return decision
    if is_same_unfolded(left, right, program):
        other = _tried(lambda: _alike(left, right, program, known))
    elif (small := with_small_matrices(left, right, program)) is not None and not hopeless():
        other = _tried(lambda: _with_law(MATRIX, _decided(*small, Known(most_work=known.most_work, effort=known.effort), hopeless)))
    else:
        return decision
    return replace(decision, graph=other.graph) if isinstance(other.graph, Proved) else decision


def _decided_closed(left: Expr, right: Expr, program: Program, known: Known) -> Decision:
    """A proof for which no distinction of cases is taken apart: of these, deep in each other, there are too many."""
    side = _begin_closed(left, right, program, known)
    if prove_by_definitions(side, lambda e: e.head in side.meant):
        return Decision(_proved(side, formal=True), _proved(side, formal=False))
    return Decision(NOT_FORMALLY, _proved(side, formal=False) if prove_by_definitions(side, lambda e: True) else NOT_FORMALLY)


def _with_law(law: Law, decision: Decision) -> Decision:
    """A decision whose proof takes one more law."""
    if isinstance(decision.graph, Unknown):
        return decision
    certificate = decision.graph.certificate
    laws = tuple(sorted({*certificate.laws, law.name}))
    return replace(decision, graph=Proved(replace(certificate, laws=laws)))


def _alike(left: Expr, right: Expr, program: Program, known: Known) -> Decision:
    """A proof of two sides that are one formula: it has the value that it has, where it has one."""
    lowered = tuple(_lowered(member, program, known) for member in (left, right))

    def proved(formal: bool) -> Proved:
        needed = conditions_of((*lowered, left, right), known.program or program, known.sweep.meant, formal)
        return Proved(Certificate(left=str(left), right=str(right), unfolded=(), laws=(SAME.name,), conditions=needed, assumptions=()))

    return Decision(proved(formal=True), proved(formal=False))


def _decided(left: Expr, right: Expr, program: Program, known: Known, hopeless: Callable[[], bool]) -> Decision:
    side = _begin(left, right, program, known)
    held = _held(side)
    if known.opened and (found := _prove_by_value(left, right, program, known, held, depths=(1,))) is not None:
        return Decision(NOT_FORMALLY, found)  # in code a slope is most often taken from a value
    if _prove_formally(side, held, depths=(1,)):
        return Decision(_proved(side, formal=True), _proved(side, formal=False))
    if not known.opened and (found := _prove_by_value(left, right, program, known, held, depths=(1,))) is not None:
        return Decision(NOT_FORMALLY, found)
    if hopeless():
        return Decision(NOT_FORMALLY, Unknown("both sides differ"))
    if held or program.recurrent:
        if _goes(side, Round(False, lambda e: e.head not in held, depths=(1,), thorough=False, windows=False)):
            return Decision(NOT_FORMALLY, _proved(side, formal=False))
        side = _begin(left, right, program, known)
        if _prove_formally(side, frozenset()):
            return Decision(_proved(side, formal=True), _proved(side, formal=False))
        if (found := _prove_by_value(left, right, program, known, frozenset())) is not None:
            return Decision(NOT_FORMALLY, found)
    if _goes(side, ON_THE_GRAPH):
        return Decision(NOT_FORMALLY, _proved(side, formal=False))
    if known.opened and (found := _prove_by_windows_formally(left, right, program, known, held)) is not None:
        return Decision(NOT_FORMALLY, found)
    if side.cap:
        return Decision(NOT_FORMALLY, Unknown(side.cap))
    return Decision(NOT_FORMALLY, Unknown("the normal form of the difference is not zero"), side)


def decide_formally(left: Expr, right: Expr, program: Program, known: Known) -> Proved | Unknown:
    """Prove `left = right` with nodes as atoms, and no derivative held: the long way, for a step that holds on the graph."""

    def decided() -> Decision:
        side = _begin(left, right, program, known)
        formal = _proved(side, formal=True) if _held(side) and _prove_formally(side, frozenset()) else NOT_FORMALLY
        return Decision(formal, formal)

    return _tried(decided).formal


def _tried(decided: Callable[[], Decision]) -> Decision:
    try:
        return decided()
    except (TermError, *CAPS) as error:
        return Decision(NOT_FORMALLY, Unknown(told(error)))


def _goes(side: Side, tried: Round, names: Collection[str] = ()) -> bool:
    """Whether one of the ways closes the proof, in the order of their table: of all, or of those that are named."""
    side.cap = side.cap if names else ""
    ways = (way for way in WAYS if not names or way.name in names)
    return any(way.applies(side, tried) and side.attempt(partial(way.closes, side, tried), way.stays) for way in ways)


def _held(side: Side) -> frozenset[Symbol]:
    """The total derivatives that a step mentions, less the latest: an author writes a gradient in terms of the one before.

    Matrices that have their inverse taken too: what is known of the two together is known of them as they are.
    """
    mentioned = names(side.terms[0]) | names(side.terms[1])
    totals = [e.head for e in side.program.equations if e.head in mentioned and isinstance(side.meant.get(e.head), Total)]
    return frozenset(totals[:-1]) | inverted(side)


def _prove_formally(side: Side, held: frozenset[Symbol], depths: tuple[int, ...] = (1, 2)) -> bool:
    outside = _differentiated(side) if side.known.opened else None

    def admits(e: Equation) -> bool:
        return e.head not in held and (e.head in side.meant or (outside is not None and e.head not in outside))

    return _goes(side, Round(True, admits, depths, windows=outside is None))


def _prove_by_windows_formally(left: Expr, right: Expr, program: Program, known: Known, held: frozenset[Symbol]) -> Proved | None:
    """In code, where it is seldom needed, last: the windows of sums with nodes as atoms."""
    side = _begin(left, right, program, known)
    closed = _prove_formally(side, held) or _goes(side, ON_THE_GRAPH, {"windows"})
    return _proved(side, formal=False) if closed else None


def _prove_by_value(
    left: Expr, right: Expr, program: Program, known: Known, held: frozenset[Symbol], depths: tuple[int, ...] = (1, 2)
) -> Proved | None:
    """A proof with slopes from the values of nodes, where there are such nodes."""
    if not any(type(e.body) in BY_VALUE for e in program.equations):
        return None
    try:
        side = _begin_by_value(left, right, program, known)
        differentiated = _differentiated(side)
        closed = _goes(side, Round(False, lambda e: e.head not in differentiated and e.head not in held, depths), {"unfolding"})
        return _proved(side, formal=False) if closed else None
    except Spent:
        raise
    except CAPS:
        return None  # a slope from a value that has none; with nodes as atoms the step may still be proved


def _differentiated(side: Side) -> frozenset[Symbol]:
    """The nodes that a derivative in the step goes through; any other only names what it is defined as."""
    return foundations((head_of(meaning.args[0]) for meaning in side.meant.values()), side.program, side.meant)


def _begin_by_value(left: Expr, right: Expr, program: Program, known: Known) -> Side:
    if known.by_value is None:
        known.by_value = Known(sweep=Sweep(by_value=True), patience=known.patience, most_work=known.most_work, effort=known.effort)
    return _begin(left, right, program, known.by_value)


def _begin_closed(left: Expr, right: Expr, program: Program, known: Known) -> Side:
    if known.with_closed is None:
        known.with_closed = Known(closed=True, most_work=known.most_work, effort=known.effort)
    return _begin(left, right, program, known.with_closed)


def replay(certificate: Certificate, left: Expr, right: Expr, program: Program) -> bool:
    """Go through a proof again, unfolding just what the certificate names, and compare with all that it says."""
    known = Known()
    if certificate.laws == (SAME.name,):
        alike = _alike(left, right, program, known)
        return Proved(certificate) in (alike.formal, alike.graph) and (is_same(left, right) or is_same_unfolded(left, right, program))
    if MATRIX.name in certificate.laws:
        small = with_small_matrices(left, right, program)
        decision = None if small is None else _with_law(MATRIX, _decided(*small, known, lambda: False))
        return decision is not None and decision.graph == Proved(certificate)
    return any(_replayed(certificate, begin(left, right, program, known)) for begin in (_begin, _begin_by_value, _begin_closed))


def _replayed(certificate: Certificate, side: Side) -> bool:
    heads = {meaning: head for head, meaning in side.meant.items()}
    named = [side.program.equation(heads.get(meaning, meaning)) for meaning in certificate.unfolded]
    if any(e is not None and e.head in side.program.recurrent for e in named):
        return prove_by_definitions(side, lambda e: e in named) and _certifies(certificate, side)
    for equation in named:
        if equation is None or side.equal:
            return False
        unfold(side, equation)
    if certificate.assumptions and not side.equal:
        _goes(side, ON_THE_GRAPH, {"assumed"})
    rounds = (ON_THE_GRAPH, {"written out", "windows"}), (FORMALLY, {"conditions"}), (ON_THE_GRAPH, {"conditions"})
    if not (side.equal or any(_goes(side, *one) for one in rounds)):
        return False
    return _certifies(certificate, side)


def _certifies(certificate: Certificate, side: Side) -> bool:
    """Whether a certificate says of a proof what it comes to, in one sense or the other."""
    return certificate in (_proved(side, formal).certificate for formal in (True, False))


def _begin(left: Expr, right: Expr, program: Program, known: Known) -> Side:
    algebra = known.algebra()
    for member in (left, right):
        if member not in known.members:
            lowered, fresh = _lowered(member, program, known), known.algebra()
            known.members[member] = lowered, normal(lowered, fresh), frozenset(fresh.record.used)
    assert known.program is not None
    (a, left_form, left_laws), (b, right_form, right_laws) = known.members[left], known.members[right]
    algebra.record.used |= left_laws | right_laws
    return Side(algebra, known.program, known, (left, right), (a, b), left_form, right_form)


def _lowered(member: Expr, program: Program, known: Known) -> Expr:
    """A member without derivatives, over the program that defines these."""
    if known.program is None:
        known.program = lower_definitions(program, known.sweep)
    lowered = lower_derivatives(member, known.program, known.sweep)
    known.program = lowered.program
    return lowered.term


def _prove_assumed(side: Side) -> bool:
    """Put in what the page takes for granted, where the difference mentions it."""
    side.values, side.constraints, _ = takes_for_granted(side)
    side.algebra = replace(side.algebra, given=given_rules(side.constraints, side))
    assume(side)
    return side.equal


def _prove_with_inverses(side: Side) -> bool:
    """Use that a matrix times its inverse is 1."""
    side.algebra = replace(side.algebra, given=Given())
    mirrored = mirrored_matrices(side, {})
    rules = inverse_rules(side, mirrored)
    if not rules:
        return False
    side.algebra = replace(side.algebra, given=Given(rules, mirrored))
    side.rebuilt(None, 1)
    if side.equal or _goes(side, ON_THE_GRAPH, {"conditions"}):
        side.algebra.record.used.add(INVERSE)
        return True
    return False


def _has_inverses(side: Side) -> bool:
    return any(g.kind in INVERSES for poly in (side.left, side.right) for g in all_gens(poly))


def _few(side: Side) -> list[Gen]:
    """The indices of the difference that go up to a number."""
    difference = side.left - side.right
    return [g for g in indices_in(difference) if g in difference.free and _is_numeric(g)]


def _has_short_sums(side: Side) -> bool:
    return bool(_few(side)) or any(g.vars and any(map(_is_numeric, g.vars)) for g in all_gens(side.left - side.right))


def _prove_written_out(side: Side) -> bool:
    """Write out short sums over numbers, and look at each position of a few."""
    few = _few(side)
    side.rebuilt(None, SHORT_SUM)
    if side.assumed:
        assume(side)
    return side.equal or _vanishes_at_each(side, list(dict.fromkeys(few)))


def _prove_by_windows(side: Side) -> bool:
    """Write sums over ranges with guards as sums over all whole numbers."""
    difference, a = side.left - side.right, side.algebra
    found = windows(a, difference)
    if not vanishes(a, without_uncounted(a, replaced(a, difference, found))):
        return False
    side.left, side.right = (replaced(a, poly, found) for poly in (side.left, side.right))
    if found:
        a.record.used.add(WINDOWS)
    return True


def _has_conditions(side: Side) -> bool:
    """Whether something is left of which a condition could tell."""
    return any(g.kind in (Kind.ZERO, Kind.OVER, Kind.STEP, Kind.LOG, Kind.CLOSED_LOG) for g in all_gens(side.left - side.right))


def _prove_under_conditions(side: Side, formal: bool) -> bool:
    """Use the side conditions of the step itself: a kink does not count, what has a log is positive."""
    needed = conditions_needed(side, formal, settled=True)
    kinds = {g.kind for g in all_gens(side.left - side.right)}
    if kinds.isdisjoint((Kind.ZERO, Kind.OVER, Kind.LOG, Kind.CLOSED_LOG)) and all(c.relation != ">" for c in needed):
        return False
    with side.algebra.attempt(CONDITIONS_WORK) as side.algebra:
        rebuild_under_conditions(side, needed)
        return side.equal


WAYS = (
    Way(
        name="unfolding",
        when="Always.",
        does="Puts definitions in the place of nodes, the latest first, until both sides are equal or none is left.",
        why="It is what an author does, and what it leaves is what all others begin with.",
        applies=lambda side, tried: True,
        closes=lambda side, tried: prove_by_definitions(side, tried.admits, tried.depths),
        stays=True,
    ),
    Way(
        name="assumed",
        when="On the graph, where the difference mentions something of which the page assumes something.",
        does="Puts in the values that are assumed, and rewrites by constraints.",
        why="After unfolding, since a proof that needs no assumption is worth more; before the others, since these may need it.",
        applies=lambda side, tried: not tried.formal and any(takes_for_granted(side)),
        closes=lambda side, tried: _prove_assumed(side),
        stays=True,
    ),
    Way(
        name="written out",
        when="Where something goes up to a number, in a thorough round.",
        does="Writes out short sums, and looks at each position of a few.",
        why="It is short where it applies, and what is written out has no sums for windows to be laid over.",
        applies=lambda side, tried: tried.thorough and _has_short_sums(side),
        closes=lambda side, tried: _prove_written_out(side),
    ),
    Way(
        name="windows",
        when="In a round that has windows.",
        does="Writes sums over ranges with guards as sums over all whole numbers, and counts in each region.",
        why="Regions are many, so it comes after what is short; it looks at sums as they are before a rewriting changes them.",
        applies=lambda side, tried: tried.windows,
        closes=lambda side, tried: _prove_by_windows(side),
    ),
    Way(
        name="inverses",
        when="Where an inverse is left.",
        does="Rewrites a matrix times its inverse as 1, and then uses the conditions of the step.",
        why="It rewrites all that is left, which few steps need; it ends with conditions, so it comes before these alone.",
        applies=lambda side, tried: _has_inverses(side),
        closes=lambda side, tried: _prove_with_inverses(side),
    ),
    Way(
        name="conditions",
        when="Where a kink, a quotient or a log is left.",
        does="Rewrites by what the side conditions of the step say.",
        why="A proof without them is simpler, and to find out what they are takes long.",
        applies=lambda side, tried: _has_conditions(side),
        closes=lambda side, tried: _prove_under_conditions(side, tried.formal),
    ),
)
FORMALLY = Round(formal=True, admits=lambda e: False)
ON_THE_GRAPH = Round(formal=False, admits=lambda e: True)


def _is_numeric(index: Gen) -> bool:
    return index.args[1].constant is not None


def _vanishes_at_each(side: Side, few: list[Gen]) -> bool:
    """Whether both sides are equal at each position of indices that have only a few."""
    ranges = [
        range(int(a.constant), int(b.constant) + 1) for a, b in (v.args for v in few) if a.constant is not None and b.constant is not None
    ]
    if not few or len(ranges) < len(few) or prod(map(len, ranges)) > SHORT_SUM:
        return False
    swaps = ({v: number(n) for v, n in zip(few, way, strict=True)} for way in product(*ranges))
    return all(vanishes(side.algebra, rebuild(side.algebra, side.left - side.right, swap)) for swap in swaps)


def _proved(side: Side, formal: bool) -> Proved:
    meant = side.meant
    needed = conditions_needed(side, formal)
    laws = tuple(sorted({law.name for law in side.algebra.record.used} | ({INVERSE.name} & side.algebra.record.applied)))
    certificate = Certificate(side.left.key, side.right.key, tuple(meant.get(h, h) for h in side.unfolded), laws, needed, side.assumed)
    return Proved(certificate)


def conjoined(proofs: list[Proved]) -> Proved:
    """One proof of all: it needs what any of them needs."""
    parts = [p.certificate for p in proofs]
    return Proved(
        Certificate(
            left=", ".join(c.left for c in parts),
            right=", ".join(c.right for c in parts),
            unfolded=tuple(dict.fromkeys(t for c in parts for t in c.unfolded)),
            laws=tuple(sorted({law for c in parts for law in c.laws})),
            conditions=tuple(dict.fromkeys(x for c in parts for x in c.conditions)),
            assumptions=tuple(dict.fromkeys(x for c in parts for x in c.assumptions)),
        )
    )


def is_zero(term: Expr, program: Program, known: Known | None = None) -> bool:
    """Whether a term is proved to be zero on the graph. False is 'not shown'."""
    known = known or Known()
    try:
        if term not in known.zeros and prove_by_definitions(_begin(term, Integer(0), program, known), lambda e: True):
            known.zeros.add(term)
        return term in known.zeros
    except (TermError, TooLarge, Undefined, RecursionError):
        return False
