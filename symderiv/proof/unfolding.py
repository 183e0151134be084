"""Definitions put in, the latest first; then recurrences, at a few positions or step by step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import partial

from symderiv.language.program import Equation, founded, head_of
from symderiv.proof.context import Context, Definitions
from symderiv.proof.facts import conditions_needed, rebuild_under_conditions
from symderiv.proof.flags import within
from symderiv.proof.monomials import all_gens, pattern
from symderiv.proof.normal import entry_gen, index_gen, normal
from symderiv.proof.poly import Gen, Kind, Poly, number, single
from symderiv.proof.powers import mul
from symderiv.proof.ranges import never_negative
from symderiv.proof.replacing import rebuild
from symderiv.proof.side import Shape, Side, definition_of

SHORT_SUM = 12
MOST_WAYS = 6  # of unfolding a recurrence once; fewer for more
MOST_STEPS = 32  # from a number down to where a recurrence begins
MOST_DEEP = 4  # from the latest position on


def prove_by_definitions(side: Side, admits: Callable[[Equation], bool], depths: tuple[int, ...] = (1, 2)) -> bool:
    """Unfold the latest definition that is still mentioned, until both sides are equal or none is left; then recurrences."""
    while not side.equal:
        mentioned = (side.left - side.right).heads
        left = [e for e in reversed(side.program.equations) if e.head.name in mentioned and admits(e)]
        plain = next((e for e in left if e.head not in side.program.recurrent), None)
        if plain is None:
            side.rebuilt(_causality(side))
            if left and any(g.kind is Kind.OVER for g in all_gens(side.left - side.right)):
                rebuild_under_conditions(side, conditions_needed(side, formal=True, settled=True))  # a recurrence is unfolded beside these
            if side.equal:
                return True
            ways = [(e, shape) for e in left for shape in _shapes(side, e)]
            one = any(_prove_unfolding(side, *way, admits, depth) for depth in depths for way in ways[: MOST_WAYS // depth])
            return one or _prove_downwards(side, admits, _at_numbers) or (len(depths) > 1 and _prove_downwards(side, admits, _latest))
        unfold(side, plain)
    return True


def _prove_unfolding(side: Side, equation: Equation, shape: Shape, admits: Callable[[Equation], bool], depth: int) -> bool:
    """Go on with a recurrence unfolded at positions of one shape, and `depth` - 1 times more."""

    def way() -> bool:
        unfold(side, equation, (shape,))
        return prove_by_definitions(side, admits, (depth - 1,) if depth > 1 else ())

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
                unfold(side, equation, chosen(side, equation) if equation.head in side.program.recurrent else None)
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
    return frozenset(shape for shape, p in found if not any(never_negative(side.algebra, q - p - number(1)) for _, q in found))


def _mentioned(side: Side, equation: Equation) -> list[tuple[Shape, tuple[Poly, ...]]]:
    """The positions at which a recurrence is mentioned, by their shapes."""
    gens = (g for g in all_gens(side.left - side.right) if g.head == equation.head.name and g.kind is Kind.ELEMENT)
    return list({_shape(g.args): g.args for g in gens}.items())


def _causality(side: Side) -> Definitions:
    """What a recurrence has at one position does not depend on what it has at a later one."""
    found: dict[str, Callable[[Context, list[Poly]], Poly | None]] = {}
    for head, meaning in side.meant.items():
        of, wrt = meaning.args
        equation, node = side.program.equation(head_of(of)), side.program.equation(head)
        if equation is None or node is None or head_of(wrt) not in side.program.circle(head_of(of)):
            continue
        axis, sign = founded(side.program, equation) or (0, 0)
        if sign:
            later = normal(sign * (wrt.at[axis] - of.at[axis]) - 1, side.algebra)
            formal = [index_gen(i, side.algebra) for i in node.variable.indices]
            found[head.name] = partial(_zero_if_later, later, formal)
    return found


def _zero_if_later(later: Poly, formal: list[Gen], algebra: Context, at: list[Poly]) -> Poly | None:
    return number(0) if never_negative(algebra, rebuild(algebra, later, dict(zip(formal, at, strict=True)))) else None


def _shapes(side: Side, equation: Equation) -> list[Shape]:
    """The shapes of the positions at which a recurrence is mentioned, such as t and t - 1; numbers last."""
    found = {(all(not p.free for p in at), shape) for shape, at in _mentioned(side, equation)}
    return [shape for _, shape in sorted(found)]


def _shape(at: Iterable[Poly]) -> Shape:
    return tuple(pattern(position) for position in at)


def unfold(side: Side, equation: Equation, shapes: Collection[Shape] | None = None) -> None:
    """Put a definition in the place of a node: everywhere, or at positions of some shapes."""
    side.unfolded += () if equation.head in side.unfolded else (equation.head,)
    formal, body, laws = side.known.bodies.get(equation.head) or definition_of(equation, side.known.algebra())
    side.known.bodies[equation.head] = formal, body, laws
    side.algebra.record.used |= laws

    def defined(a: Context, at: list[Poly]) -> Poly | None:
        if shapes is not None and _shape(at) not in shapes:
            return None
        value = rebuild(a, body, dict(zip(formal, at, strict=True)))
        return value if shapes is None else _inside(a, equation, at, value)

    side.rebuilt({equation.head.name: defined})


def _inside(a: Context, equation: Equation, at: list[Poly], value: Poly) -> Poly:
    """The value where a position is in the range of a recurrence; outside its definition need not hold of anything."""
    indices = [index_gen(i, a) for i in equation.variable.indices]
    swap = dict(zip(indices, at, strict=True))
    ranges = [tuple(rebuild(a, end, swap) for end in i.args) for i in indices]
    inside = within(a, ((p, *ends) for p, ends in zip(at, ranges, strict=True)))
    outside = single(entry_gen(equation.head, tuple(at), a))
    return mul(a, inside, value - outside) + outside
