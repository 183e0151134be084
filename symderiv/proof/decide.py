"""The judge that proves: two terms are equal for every size if the normal form of their difference is zero."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace as replace_fields
from functools import lru_cache, partial
from itertools import product
from math import prod
from typing import Any

from sympy import Expr, Integer, Symbol, Tuple

from symderiv.errors import Spent, TermError, TooLarge, Undefined
from symderiv.language.constraints import EXTREMES, Constraint, values
from symderiv.language.program import Equation, Program, foundations, founded, head_of
from symderiv.language.terms import (
    Delta,
    Determinant,
    Element,
    Index,
    Inverse,
    Label,
    Ranged,
    Sum,
    Total,
    free_indices,
    names,
    sigmoid,
    subterms,
)
from symderiv.language.verdict import Certificate, Condition, Proved, Unknown
from symderiv.proof.adjoint import Sweep, lower_definitions, lower_derivatives
from symderiv.proof.algebra import MOST_WORK, Algebra, Definitions, Patience, Positive
from symderiv.proof.alike import is_same, is_same_unfolded, nesting
from symderiv.proof.cells import vanishes, without_uncounted
from symderiv.proof.conditions import conditions
from symderiv.proof.matrices import with_small_matrices
from symderiv.proof.monomials import FLAGS, all_gens, indices_in, is_odd, pattern, solved
from symderiv.proof.normal import index_gen, indicator, normal
from symderiv.proof.partials import BY_VALUE
from symderiv.proof.poly import MOST_PLACES, PLACES, Gen, Poly, merge, number, place, single
from symderiv.proof.readable import readable, spelled
from symderiv.proof.rewriting import Given, NeverZero, Rule
from symderiv.proof.windows import PLAIN, read_at, replaced, windows

SHORT_SUM = 12
CAPS = (TooLarge, Undefined, RecursionError)  # what ends one way to a proof, and not the others
TOO_DEEP = "the terms are nested too deep"
NOT_FORMALLY = Unknown("the formal difference of both sides is not zero")

INVERSES = ("inverse", "closed inverse")
CONDITIONS_WORK = 200_000  # for one attempt to use the side conditions of a step
DEEP = 3  # distinctions of cases in each other that are first tried closed
MOST_SETTLED = 1_500_000  # terms compared, where such are taken apart
MOST_WAYS = 6  # of unfolding a recurrence once; fewer for more
MOST_STEPS = 32  # from a number down to where a recurrence begins
MOST_DEEP = 4  # from the latest position on
HIDDEN = "\N{ZERO WIDTH SPACE}"  # in names that no page can declare

Shape = tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """What can be proved of one step, in both senses."""

    formal: Proved | Unknown
    graph: Proved | Unknown


@dataclass
class Known:
    """What the steps of one page share: the derivative equations met so far, and normal forms with the laws they took.

    With `opened`, definitions that no derivative goes through are put in from the first: in code these are no steps of a derivation.
    `closed`: distinctions of cases are not taken apart. `most_work`: for each computation, as `Algebra` counts it.
    """

    program: Program | None = None
    sweep: Sweep = field(default_factory=Sweep)
    by_value: Known | None = None
    members: dict[Expr, tuple[Expr, Poly, frozenset[str]]] = field(default_factory=dict)
    bodies: dict[Symbol, tuple[list[str], Poly, frozenset[str]]] = field(default_factory=dict)
    zeros: set[Expr] = field(default_factory=set)
    worlds: dict[Any, Any] = field(default_factory=dict)
    opened: bool = False
    closed: bool = False
    with_closed: Known | None = None
    patience: Patience = field(default_factory=Patience)
    most_work: int = MOST_WORK

    def algebra(self) -> Algebra:
        """A computation as these steps need it."""
        return Algebra(closed=self.closed, patience=self.patience, most_work=self.most_work)


@dataclass
class Side:
    """Both members of a step on their way to a proof: their normal forms, and what was unfolded so far."""

    algebra: Algebra
    program: Program
    known: Known
    members: tuple[Expr, Expr]
    terms: tuple[Expr, Expr]
    left: Poly
    right: Poly
    unfolded: tuple[Symbol, ...] = ()
    values: tuple[tuple[Expr, Expr], ...] = ()  # that the page assumes, and that were put in
    constraints: tuple[Constraint, ...] = ()  # that a rewriting may use
    cap: str = ""  # why a way that stays could not go to its end, in the round that goes on

    @property
    def meant(self) -> dict[Symbol, Expr]:
        """What the derivatives stand for that have nodes."""
        return self.known.sweep.meant

    @property
    def assumed(self) -> tuple[tuple[Expr, Expr], ...]:
        """What of all that the page takes for granted was used by now."""
        used = self.algebra.applied
        return *self.values, *((c.what, c.value) for c in self.constraints if c.kind in ("given", "values") or {c, c.head.name} & used)

    @property
    def equal(self) -> bool:
        return vanishes(self.algebra, self.left - self.right)

    def rebuilt(self, define: Definitions | None, up_to: int = 0) -> None:
        self.left = self.algebra.rebuild(self.left, {}, define, up_to)
        self.right = self.algebra.rebuild(self.right, {}, define, up_to)

    def attempt(self, way: Callable[[], bool], stays: bool = False) -> bool:
        """Go one way: if it does not close the proof, or meets a cap, all is as it was before.

        What `stays` is kept where it ends without a cap; of any other that closes the proof, what was known only for it is
        forgotten. Where all work is spent that a step may take, no other way is tried.
        """
        before, there = (self.left, self.right, self.unfolded, self.values, self.constraints), self.algebra.state()
        kept = False
        try:
            closed = way()
            kept = closed or stays
            return closed
        except Spent:
            raise
        except CAPS as error:
            self.cap = self.cap or (_said(error) if stays else "")
            return False
        finally:
            if not kept:
                self.left, self.right, self.unfolded, self.values, self.constraints = before
                self.algebra.restore(there)
            elif not stays:
                self.algebra.forget(there)


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
        other = _tried(lambda: _with_law("matrix", _decided(*small, Known(most_work=known.most_work), hopeless)))
    else:
        return decision
    return replace_fields(decision, graph=other.graph) if isinstance(other.graph, Proved) else decision


def _decided_closed(left: Expr, right: Expr, program: Program, known: Known) -> Decision:
    """A proof for which no distinction of cases is taken apart: of these, deep in each other, there are too many."""
    side = _begin_closed(left, right, program, known)
    if _prove(side, lambda e: e.head in side.meant):
        return Decision(_proved(side, formal=True), _proved(side, formal=False))
    return Decision(NOT_FORMALLY, _proved(side, formal=False) if _prove(side, lambda e: True) else NOT_FORMALLY)


def _with_law(law: str, decision: Decision) -> Decision:
    """A decision whose proof takes one more law."""
    if isinstance(decision.graph, Unknown):
        return decision
    certificate = decision.graph.certificate
    laws = tuple(sorted({*certificate.laws, law}))
    return replace_fields(decision, graph=Proved(replace_fields(certificate, laws=laws)))


def _alike(left: Expr, right: Expr, program: Program, known: Known) -> Decision:
    """A proof of two sides that are one formula: it has the value that it has, where it has one."""
    lowered = tuple(_lowered(member, program, known) for member in (left, right))

    def proved(formal: bool) -> Proved:
        needed = _conditions_of((*lowered, left, right), known.program or program, known.sweep.meant, formal)
        return Proved(Certificate(left=str(left), right=str(right), unfolded=(), laws=("same",), conditions=needed, assumptions=()))

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
    left_over, more = readable(side.left - side.right, side.program, side.meant)
    return Decision(NOT_FORMALLY, Unknown("the normal form of the difference is not zero", "", left_over, more))


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
        return Decision(NOT_FORMALLY, Unknown(_said(error)))


def _said(error: Exception) -> str:
    return TOO_DEEP if isinstance(error, RecursionError) else str(error)


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
    return frozenset(totals[:-1]) | _inverted(side)


def _inverted(side: Side) -> frozenset[Symbol]:
    """The matrices whose inverse or determinant a step or its program takes."""
    return frozenset().union(*map(_inverted_in, side.terms), *(_inverted_in(e.body) for e in side.program.equations))


@lru_cache(maxsize=10_000)
def _inverted_in(term: Any) -> frozenset[Symbol]:
    return frozenset(part.head for part in subterms(term) if isinstance(part, (Inverse, Determinant)))


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
        known.by_value = Known(sweep=Sweep(by_value=True), patience=known.patience, most_work=known.most_work)
    return _begin(left, right, program, known.by_value)


def _begin_closed(left: Expr, right: Expr, program: Program, known: Known) -> Side:
    if known.with_closed is None:
        known.with_closed = Known(closed=True, most_work=known.most_work)
    return _begin(left, right, program, known.with_closed)


def replay(certificate: Certificate, left: Expr, right: Expr, program: Program) -> bool:
    """Go through a proof again, unfolding just what the certificate names, and compare with all that it says."""
    known = Known()
    if certificate.laws == ("same",):
        alike = _alike(left, right, program, known)
        return Proved(certificate) in (alike.formal, alike.graph) and (is_same(left, right) or is_same_unfolded(left, right, program))
    if "matrix" in certificate.laws:
        small = with_small_matrices(left, right, program)
        decision = None if small is None else _with_law("matrix", _decided(*small, known, lambda: False))
        return decision is not None and decision.graph == Proved(certificate)
    return any(_replayed(certificate, begin(left, right, program, known)) for begin in (_begin, _begin_by_value, _begin_closed))


def _replayed(certificate: Certificate, side: Side) -> bool:
    heads = {meaning: head for head, meaning in side.meant.items()}
    named = [side.program.equation(heads.get(meaning, meaning)) for meaning in certificate.unfolded]
    if any(e is not None and e.head in side.program.recurrent for e in named):
        return _prove(side, lambda e: e in named) and certificate in (_proved(side, formal).certificate for formal in (True, False))
    for equation in named:
        if equation is None or side.equal:
            return False
        _unfold(side, equation)
    if certificate.assumptions and not side.equal:
        _goes(side, ON_THE_GRAPH, {"assumed"})
    rounds = (ON_THE_GRAPH, {"written out", "windows"}), (FORMALLY, {"conditions"}), (ON_THE_GRAPH, {"conditions"})
    if not (side.equal or any(_goes(side, *one) for one in rounds)):
        return False
    return certificate in (_proved(side, formal).certificate for formal in (True, False))


def _begin(left: Expr, right: Expr, program: Program, known: Known) -> Side:
    algebra = known.algebra()
    for member in (left, right):
        if member not in known.members:
            lowered, fresh = _lowered(member, program, known), known.algebra()
            known.members[member] = lowered, normal(lowered, fresh), frozenset(fresh.used)
    assert known.program is not None
    (a, left_form, left_laws), (b, right_form, right_laws) = known.members[left], known.members[right]
    algebra.used |= left_laws | right_laws
    return Side(algebra, known.program, known, (left, right), (a, b), left_form, right_form)


def _lowered(member: Expr, program: Program, known: Known) -> Expr:
    """A member without derivatives, over the program that defines these."""
    if known.program is None:
        known.program = lower_definitions(program, known.sweep)
    lowered = lower_derivatives(member, known.program, known.sweep)
    known.program = lowered.program
    return lowered.term


def _prove(side: Side, admits: Callable[[Equation], bool], depths: tuple[int, ...] = (1, 2)) -> bool:
    """Unfold the latest definition that is still mentioned, until both sides are equal or none is left; then recurrences."""
    while not side.equal:
        mentioned = (side.left - side.right).heads
        left = [e for e in reversed(side.program.equations) if e.head.name in mentioned and admits(e)]
        plain = next((e for e in left if e.head not in side.program.recurrent), None)
        if plain is None:
            side.rebuilt(_causality(side))
            if left and any(g.kind == "over" for g in all_gens(side.left - side.right)):
                _rebuild_under_conditions(side, _conditions(side, formal=True, settled=True))  # a recurrence is unfolded beside these
            if side.equal:
                return True
            ways = [(e, shape) for e in left for shape in _shapes(side, e)]
            one = any(_prove_unfolding(side, *way, admits, depth) for depth in depths for way in ways[: MOST_WAYS // depth])
            return one or _prove_downwards(side, admits, _at_numbers) or (len(depths) > 1 and _prove_downwards(side, admits, _latest))
        _unfold(side, plain)
    return True


def _prove_unfolding(side: Side, equation: Equation, shape: Shape, admits: Callable[[Equation], bool], depth: int) -> bool:
    """Go on with a recurrence unfolded at positions of one shape, and `depth` - 1 times more."""

    def way() -> bool:
        _unfold(side, equation, (shape,))
        return _prove(side, admits, (depth - 1,) if depth > 1 else ())

    return side.attempt(way)


def _prove_downwards(side: Side, admits: Callable[[Equation], bool], chosen: Callable[[Side, Equation], frozenset[Shape]]) -> bool:
    """Unfold recurrences at the chosen positions, again and again until nothing changes."""
    if not any(chosen(side, e) for e in side.program.equations if e.head in side.program.recurrent and admits(e)):
        return False

    def way() -> bool:
        for _ in range(MOST_STEPS if chosen is _at_numbers else MOST_DEEP):
            side.rebuilt(None, SHORT_SUM)
            mentioned, then = (side.left - side.right).heads, (side.left, side.right)
            for equation in [e for e in reversed(side.program.equations) if e.head.name in mentioned and admits(e)]:
                _unfold(side, equation, chosen(side, equation) if equation.head in side.program.recurrent else None)
                side.rebuilt(_causality(side))
            if side.equal:
                return True
            if (side.left, side.right) == then:
                break
        return False

    return side.attempt(way)


def _at_numbers(side: Side, equation: Equation) -> frozenset[Shape]:
    """The numbers at which a recurrence is mentioned."""
    return frozenset(shape for shape, at in _mentioned(side, equation) if all(p.constant is not None for p in at))


def _latest(side: Side, equation: Equation) -> frozenset[Shape]:
    """The positions at which a recurrence is mentioned and than which no other is later."""
    axis, sign = founded(side.program, equation) or (0, 0)
    found = [(shape, at[axis].scaled(sign)) for shape, at in _mentioned(side, equation)] if sign else []
    return frozenset(shape for shape, p in found if not any(side.algebra.never_negative(q - p - number(1)) for _, q in found))


def _mentioned(side: Side, equation: Equation) -> list[tuple[Shape, tuple[Poly, ...]]]:
    """The positions at which a recurrence is mentioned, by their shapes."""
    gens = (g for g in all_gens(side.left - side.right) if g.head == equation.head.name and g.kind == "element")
    return list({_shape(g.args): g.args for g in gens}.items())


def _causality(side: Side) -> Definitions:
    """What a recurrence has at one position does not depend on what it has at a later one."""
    found: dict[str, Callable[[Algebra, list[Poly]], Poly | None]] = {}
    for head, meaning in side.meant.items():
        of, wrt = meaning.args
        equation, node = side.program.equation(head_of(of)), side.program.equation(head)
        if equation is None or node is None or head_of(wrt) not in side.program.circle(head_of(of)):
            continue
        axis, sign = founded(side.program, equation) or (0, 0)
        if sign:
            later = normal(sign * (wrt.at[axis] - of.at[axis]) - 1, side.algebra)
            formal = [index_gen(i, side.algebra).key for i in node.variable.indices]
            found[head.name] = partial(_zero_if_later, later, formal)
    return found


def _zero_if_later(later: Poly, formal: list[str], algebra: Algebra, at: list[Poly]) -> Poly | None:
    return number(0) if algebra.never_negative(algebra.rebuild(later, dict(zip(formal, at, strict=True)))) else None


def _shapes(side: Side, equation: Equation) -> list[Shape]:
    """The shapes of the positions at which a recurrence is mentioned, such as t and t - 1; numbers last."""
    found = {(all(not p.free for p in at), shape) for shape, at in _mentioned(side, equation)}
    return [shape for _, shape in sorted(found)]


def _shape(at: Iterable[Poly]) -> Shape:
    return tuple(pattern(position) for position in at)


def _unfold(side: Side, equation: Equation, shapes: Collection[Shape] | None = None) -> None:
    """Put a definition in the place of a node: everywhere, or at positions of some shapes."""
    side.unfolded += () if equation.head in side.unfolded else (equation.head,)
    formal, body, laws = side.known.bodies.get(equation.head) or _definition(equation, side.known.algebra())
    side.known.bodies[equation.head] = formal, body, laws
    side.algebra.used |= laws

    def defined(a: Algebra, at: list[Poly]) -> Poly | None:
        if shapes is not None and _shape(at) not in shapes:
            return None
        value = a.rebuild(body, dict(zip(formal, at, strict=True)))
        return value if shapes is None else _inside(a, equation, at, value)

    side.rebuilt({equation.head.name: defined})


def _inside(a: Algebra, equation: Equation, at: list[Poly], value: Poly) -> Poly:
    """The value where a position is in the range of a recurrence; outside its definition need not hold of anything."""
    indices = [index_gen(i, a) for i in equation.variable.indices]
    swap = {i.key: position for i, position in zip(indices, at, strict=True)}
    ranges = [tuple(a.rebuild(end, swap) for end in i.args) for i in indices]
    inside = a.product(a.mul(a.atleast(p - lower), a.atleast(upper - p)) for p, (lower, upper) in zip(at, ranges, strict=True))
    outside = single(Gen("element", equation.head.name, tuple(at)))
    return a.mul(inside, value - outside) + outside


def _definition(equation: Equation, algebra: Algebra | None = None) -> tuple[list[str], Poly, frozenset[str]]:
    """The keys of an equation's indices, the normal form of its body, and the laws that this took."""
    algebra = algebra or Algebra()
    formal = [index_gen(i, algebra).key for i in equation.variable.indices]
    return formal, normal(equation.body, algebra), frozenset(algebra.used)


def _takes_for_granted(side: Side) -> tuple[tuple[tuple[Expr, Expr], ...], tuple[Constraint, ...], bool]:
    """What the page assumes of what the difference mentions: values, constraints, and whether an input has a range."""
    program = side.program
    mentioned = {g.head for g in all_gens(side.left - side.right) if g.kind in ("scalar", "element", *INVERSES, "determinant")}
    for what, value in program.assumptions * len(program.assumptions):
        if head_of(what).name in mentioned:
            mentioned |= {symbol.name for symbol in names(value)}
    values = tuple((what, value) for what, value in program.assumptions if head_of(what).name in mentioned)
    mentioned |= {head.name for head in _under_inverses(side)}
    constraints = tuple(c for c in program.constraints if {h.name for h in c.heads} & mentioned)
    return values, constraints, any(isinstance(v.head, Ranged) and v.head.name in mentioned for v in program.inputs)


def _prove_assumed(side: Side) -> bool:
    """Put in what the page takes for granted, where the difference mentions it."""
    side.values, side.constraints, _ = _takes_for_granted(side)
    side.algebra.given = _given(side.constraints, side)
    _assume(side)
    return side.equal


def _prove_with_inverses(side: Side) -> bool:
    """Use that a matrix times its inverse is 1."""
    side.algebra.given = Given()
    mirrored = _mirrored(side, {})
    rules = _inverse_rules(side, mirrored)
    if not rules:
        return False
    side.algebra.given = Given(rules, mirrored)
    side.rebuilt(None, 1)
    if side.equal or _goes(side, ON_THE_GRAPH, {"conditions"}):
        side.algebra.used.add("inverse")
        return True
    return False


def _mirrored(side: Side, assumed: dict[str, int]) -> dict[str, int]:
    """The matrices that change by a sign only when their indices are exchanged: as assumed; symmetric ones by definition too.

    Of the latter, those whose inverse is taken and what these are made of.
    """
    known, algebra = dict(assumed), side.algebra
    wanted = _under_inverses(side)
    for equation in side.program.equations:
        if (
            equation.head in wanted
            and len({(i.lower, i.upper) for i in equation.variable.indices}) == 1 < len(equation.variable.indices) < 3
        ):
            before, algebra.given = algebra.given, Given((), known)
            (i, j), (_, body, _) = (index_gen(i, algebra) for i in equation.variable.indices), _definition(equation)
            if algebra.rebuild(body, {}, None, 1) == algebra.rebuild(body, {i.key: single(j), j.key: single(i)}, None, 1):
                known[equation.head.name] = 1
            algebra.given = before
    return known


def _under_inverses(side: Side) -> frozenset[Symbol]:
    """The matrices whose inverse is taken and all that they rest on."""
    return foundations(_inverted(side), side.program)


def _has_inverses(side: Side) -> bool:
    return any(g.kind in INVERSES for poly in (side.left, side.right) for g in all_gens(poly))


def _inverse_rules(side: Side, mirrored: dict[str, int]) -> tuple[Rule, ...]:
    """Σ_k A[i,k] B[k,j] = δ(i,j) = Σ_k B[i,k] A[k,j] for each inverse B that is mentioned; either turned where A is symmetric."""
    heads = {g.head for poly in (side.left, side.right) for g in all_gens(poly) if g.kind in INVERSES}
    rules = []
    for variable in (v for h in side.program.heads if h.name in heads and (v := side.program.variable(h)) is not None):
        first = variable.indices[0]
        i, j, k = (index_gen(Index(name, first.lower, first.upper), side.algebra) for name in "ijk")
        name, value = variable.head.name, side.algebra.delta(single(i) - single(j))
        for one, other in (("element", "inverse"), ("inverse", "element")):
            for turned in product((False, True), repeat=2) if mirrored.get(name) == 1 else ((False, False),):
                (p, q), (r, t) = ((k, i) if turned[0] else (i, k)), ((j, k) if turned[1] else (k, j))
                pattern = merge(((Gen(one, name, (single(p), single(q))), 1),), ((Gen(other, name, (single(r), single(t))), 1),))
                rests = frozenset({name}) if any(turned) else frozenset()
                rules.append(Rule("inverse", k, pattern, value, frozenset({i.key, j.key}), rests=rests))
        equation = side.program.equation(variable.head)
        rules += [] if equation is None else _folding(equation, side.algebra)
    return tuple(rules)


def _folding(equation: Equation, algebra: Algebra) -> list[Rule]:
    """The sum in a definition as what is defined less the rest of the definition: X'X is H where H = X'X."""
    formal, body, _ = _definition(equation)
    sums = [(m[0][0], c) for m, c in body.terms.items() if len(m) == 1 and m[0][0].kind == "sum" and m[0][1] == 1]
    if len(sums) != 1 or len(sums[0][0].vars) != 1:
        return []
    (gen, c), head = sums[0], equation.head.name
    (index,), inside = algebra.opened(gen)
    whole = single(Gen("element", head, tuple(single(index_gen(i, algebra)) for i in equation.variable.indices)))
    value = (whole - (body - single(gen).scaled(c))).scaled(1 / c)
    formals = tuple(index_gen(i, algebra) for i in equation.variable.indices)
    return [Rule("inverse", index, inside.lead[0], value.scaled(1 / inside.lead[1]), frozenset(formal), within=formals)]


def _given(constraints: Collection[Constraint], side: Side) -> Given:
    """Constraints as rules for the normal form."""
    turned = {c.head.name: -1 if c.kind == "antisymmetric" else 1 for c in constraints if c.kind in ("symmetric", "antisymmetric")}
    mirrored = _mirrored(side, turned)
    rules = tuple(_rule(c, side.algebra) for c in constraints if c.kind not in ("given", "values", "symmetric", "antisymmetric", *EXTREMES))
    return Given((*rules, *_inverse_rules(side, mirrored)), mirrored)


def _rule(c: Constraint, algebra: Algebra) -> Rule:
    index = index_gen(c.what.index, algebra) if isinstance(c.what, Sum) else None
    pattern, scale = normal(c.what.body if isinstance(c.what, Sum) else c.what, algebra).single or ((), 1)
    free = frozenset(index_gen(i, algebra).key for i in free_indices(c.what))
    return Rule(c, index, pattern, normal(c.value, algebra).scaled(1 / scale), free)


def _assume(side: Side) -> None:
    """Put in the assumed values; one may rest on another, so as often as there are assumptions."""
    define = _assumption_definitions(side.program, side.algebra)
    for _ in side.program.assumptions:
        side.rebuilt(define)
    for entry, value in _in_terms_of_what_is_free(side.program):
        keys = [index_gen(i, side.algebra).key for i in (entry.at if isinstance(entry, Element) else ())]
        side.rebuilt({head_of(entry).name: partial(_given_at, keys, normal(value, side.algebra))})
    if side.program.constraints:
        side.rebuilt(None, 1)  # once more, since the rules tell of sums that were there before


def _in_terms_of_what_is_free(program: Program) -> Iterator[tuple[Expr, Expr]]:
    """Entries of inputs, and what they are made of: given ones; of two values by a label that is 1 or 2; between two by any number."""
    for c in program.constraints:
        if c.kind == "given":
            yield c.what, c.value
        elif (found := values(c.what, c.value)) is not None:
            entry = c.what.base
            which = Label(f"{c.head.name}{HIDDEN}", Integer(1), Integer(2))
            yield entry, found[0] + (found[1] - found[0]) * Delta(_of_shape(which, entry), Integer(2))
    for variable in program.inputs:
        if isinstance(head := variable.head, Ranged):
            inside = _of_shape(Symbol(f"{head.name}{HIDDEN}", real=True), variable.entry)
            yield variable.entry, head.lower + (head.upper - head.lower) * sigmoid(inside)


def _of_shape(head: Symbol, entry: Expr) -> Expr:
    return Element(head, *entry.at) if isinstance(entry, Element) else head


def _assumption_definitions(program: Program, algebra: Algebra) -> Definitions:
    rows: dict[str, dict[tuple[str, ...], Poly]] = {}
    for what, value in program.assumptions:
        positions = tuple(normal(p, algebra).key for p in (what.at if isinstance(what, Element) else ()))
        rows.setdefault(head_of(what).name, {})[positions] = normal(value, algebra)
    return {name: partial(_assumed_at, row) for name, row in rows.items()}


def _given_at(keys: list[str], value: Poly, algebra: Algebra, at: list[Poly]) -> Poly:
    return algebra.rebuild(value, dict(zip(keys, at, strict=True)))


def _assumed_at(row: dict[tuple[str, ...], Poly], _: Algebra, at: list[Poly]) -> Poly | None:
    return row.get(tuple(p.key for p in at))


def _few(side: Side) -> list[Gen]:
    """The indices of the difference that go up to a number."""
    difference = side.left - side.right
    return [g for g in indices_in(difference) if g.key in difference.free and _is_numeric(g)]


def _has_short_sums(side: Side) -> bool:
    return bool(_few(side)) or any(g.vars and any(map(_is_numeric, g.vars)) for g in all_gens(side.left - side.right))


def _prove_written_out(side: Side) -> bool:
    """Write out short sums over numbers, and look at each position of a few."""
    few = _few(side)
    side.rebuilt(None, SHORT_SUM)
    if side.assumed:
        _assume(side)
    return side.equal or _vanishes_at_each(side, list(dict.fromkeys(few)))


def _prove_by_windows(side: Side) -> bool:
    """Write sums over ranges with guards as sums over all whole numbers."""
    difference, a = side.left - side.right, side.algebra
    found = windows(a, difference)
    if not vanishes(a, without_uncounted(a, replaced(a, difference, found))):
        return False
    side.left, side.right = (replaced(a, poly, found) for poly in (side.left, side.right))
    if found:
        a.used.add("windows")
    return True


def _has_conditions(side: Side) -> bool:
    """Whether something is left of which a condition could tell."""
    return any(g.kind in ("zero", "over", "step", "log", "closed log") for g in all_gens(side.left - side.right))


def _prove_under_conditions(side: Side, formal: bool) -> bool:
    """Use the side conditions of the step itself: a kink does not count, what has a log is positive."""
    needed = _conditions(side, formal, settled=True)
    kinds = {g.kind for g in all_gens(side.left - side.right)}
    if kinds.isdisjoint(("zero", "over", "log", "closed log")) and all(c.relation != ">" for c in needed):
        return False
    with side.algebra.attempt(CONDITIONS_WORK):
        _rebuild_under_conditions(side, needed)
        return side.equal


WAYS = (
    Way(
        name="unfolding",
        when="Always.",
        does="Puts definitions in the place of nodes, the latest first, until both sides are equal or none is left.",
        why="It is what an author does, and what it leaves is what all others begin with.",
        applies=lambda side, tried: True,
        closes=lambda side, tried: _prove(side, tried.admits, tried.depths),
        stays=True,
    ),
    Way(
        name="assumed",
        when="On the graph, where the difference mentions something of which the page assumes something.",
        does="Puts in the values that are assumed, and rewrites by constraints.",
        why="After unfolding, since a proof that needs no assumption is worth more; before the others, since these may need it.",
        applies=lambda side, tried: not tried.formal and any(_takes_for_granted(side)),
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


def _rebuild_under_conditions(side: Side, needed: tuple[Condition, ...]) -> None:
    algebra = side.algebra
    before = algebra.never_zero, algebra.positive
    try:
        algebra.never_zero = tuple(known for c in needed if c.relation in ("!=", ">") for known in _never_zero(c, side))
        algebra.never_zero += tuple(_in_light_of_others(algebra))
        positive = [(normal(c.term, algebra), _kept(c)) for c in needed if c.relation == ">" and not c.where]
        algebra.positive = tuple(Positive(pattern(z, kept), kept) for t, kept in positive for z in _positive_factor(t, algebra))
        side.rebuilt(None, 1)
    finally:
        algebra.never_zero, algebra.positive = before


def _positive_factor(term: Poly, algebra: Algebra) -> list[Poly]:
    """What of a positive polynomial is positive itself: its only factor of unknown sign."""
    c, factors = algebra.factors(term) if term.constant is None else (0, [])
    return [z for z, e in factors if len(factors) == 1 and c > 0 and is_odd(e)]


def _never_zero(c: Condition, side: Side) -> Iterator[NeverZero]:
    """What is not zero if the condition holds: its factors, and what its being zero comes down to; by each position that is read."""
    algebra = side.algebra
    plain = normal(c.term, algebra), algebra.product(indicator(case, algebra) for case in c.where)
    for term, where in dict.fromkeys((plain, tuple(_put_in(side, poly) for poly in plain))):
        yield from _factors_never_zero(c, term, where, algebra)


def _in_light_of_others(algebra: Algebra) -> Iterator[NeverZero]:
    """What is known not to be zero that divides by something of which that is known too."""
    for known in algebra.never_zero:
        again = algebra.rebuild(known.poly, {}, None, 1) if "over(" in known.poly.key else known.poly
        if again != known.poly and (factors := [z for z, _ in algebra.factors(again)[1]]):
            yield from (replace_fields(known, poly=z) for z in factors)


def _put_in(side: Side, poly: Poly) -> Poly:
    """A polynomial with all that is unfolded by now, and assumed, put in."""
    for head in side.unfolded:
        equation = side.program.equation(head)
        if equation is not None and head not in side.program.recurrent:
            formal, body, _ = side.known.bodies.get(head) or _definition(equation)
            poly = side.algebra.rebuild(poly, {}, {head.name: partial(_given_at, formal, body)})
    if side.assumed:
        poly = side.algebra.rebuild(poly, {}, _assumption_definitions(side.program, side.algebra))
    return poly


def _factors_never_zero(c: Condition, term: Poly, where: Poly, algebra: Algebra) -> Iterator[NeverZero]:
    if term.constant is None:
        comes_down = algebra.zero(term)
        zeros = [z for z, _ in algebra.factors(term)[1]]
        zeros += [g.args[0] for g in comes_down.gens if comes_down == single(g) and g.kind == "zero"]
        every = [index_gen(v, algebra) for v in c.every]
        for z in zeros:
            read, unread = ([v for v in every if (v.key in z.free) == wanted] for wanted in (True, False))
            for there in _somewhere(where, unread, algebra):
                yield NeverZero(z, there, frozenset(v.key for v in read), tuple((single(v), *v.args) for v in read))
                if len(read) <= MOST_PLACES:
                    yield from _by_positions(z, there, read, algebra)


def _somewhere(where: Poly, unread: list[Gen], algebra: Algebra) -> Iterator[Poly]:
    """A case with positions in the place of indices that what it guards does not read: at any of them the case is enough."""
    if not unread:
        yield where
        return
    v, *others = unread
    ends = (*v.args, *(at for g in where.gens if g.kind in FLAGS and (at := solved(g.args[0], v)) is not None))
    for at in dict.fromkeys(ends):
        if at.free.isdisjoint(w.key for w in unread):
            inside = algebra.mul(algebra.atleast(at - v.args[0]), algebra.atleast(v.args[1] - at))
            yield from _somewhere(algebra.mul(algebra.rebuild(where, {v.key: at}), inside), others, algebra)


def _by_positions(poly: Poly, where: Poly, every: list[Gen], algebra: Algebra) -> Iterator[NeverZero]:
    """What is known by any position at which an entry is read: that x[j + 1] is not 0 for j >= 1 is that x[k] is not for k >= 2."""
    keys = [v.key for v in every]
    anchors = [{PLAIN, *(x for x in read_at(v, poly) if x.offset.free.isdisjoint(keys))} for v in every]
    for way in product(*anchors):
        swap = {v.key: anchor.index_at(place(n)) for n, (v, anchor) in enumerate(zip(every, way, strict=True))}
        ranges = tuple((swap[v.key], *(algebra.rebuild(end, swap) for end in v.args)) for v in every)
        yield NeverZero(algebra.rebuild(poly, swap), algebra.rebuild(where, swap), frozenset(PLACES), ranges)


def _kept(c: Condition) -> frozenset[str]:
    """The names of the step's own indices in a condition."""
    return frozenset(i.name for i in free_indices(Tuple(c.term, *c.where)) - {*c.every})


def _is_numeric(index: Gen) -> bool:
    return index.args[1].constant is not None


def _vanishes_at_each(side: Side, few: list[Gen]) -> bool:
    """Whether both sides are equal at each position of indices that have only a few."""
    ranges = [
        range(int(a.constant), int(b.constant) + 1) for a, b in (v.args for v in few) if a.constant is not None and b.constant is not None
    ]
    if not few or len(ranges) < len(few) or prod(map(len, ranges)) > SHORT_SUM:
        return False
    swaps = ({v.key: number(n) for v, n in zip(few, way, strict=True)} for way in product(*ranges))
    return all(vanishes(side.algebra, side.algebra.rebuild(side.left - side.right, swap)) for swap in swaps)


def _proved(side: Side, formal: bool) -> Proved:
    meant = side.meant
    needed = _conditions(side, formal)
    laws = tuple(sorted(side.algebra.used | ({"inverse"} & side.algebra.applied)))
    certificate = Certificate(side.left.key, side.right.key, tuple(meant.get(h, h) for h in side.unfolded), laws, needed, side.assumed)
    return Proved(certificate)


def _conditions(side: Side, formal: bool, settled: bool = False) -> tuple[Condition, ...]:
    values = () if formal else tuple(_at_every_position(value) for _, value in side.assumed)
    return _conditions_of((*side.terms, *side.members, *values), side.program, side.meant, formal, settled)


def _at_every_position(value: Any) -> Any:
    """What is assumed of an entry must have a value at all positions."""
    free = sorted(free_indices(value), key=lambda i: (len(free_indices(i)), i.name))
    return Sum(value, *free) if free else value


def _conditions_of(
    terms: tuple[Expr, ...], program: Program, meant: dict[Symbol, Expr], formal: bool, settled: bool = False
) -> tuple[Condition, ...]:
    found = conditions(terms, program, (lambda h: h in meant) if formal else (lambda h: True), settled, meant)
    spelled_out = (replace_fields(c, term=spelled(c.term, program, meant)) for c in found)
    return tuple(dict.fromkeys(spelled_out))


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
        if term not in known.zeros and _prove(_begin(term, Integer(0), program, known), lambda e: True):
            known.zeros.add(term)
        return term in known.zeros
    except (TermError, TooLarge, Undefined, RecursionError):
        return False
