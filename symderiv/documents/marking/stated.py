"""Equations that a document takes for granted: set to be solved, assumed, or given as a reason.

They are not judged; what follows is judged under them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sympy import Basic, Dummy, Expr, Integer, Rational, Symbol, cancel

from symderiv.documents.text import prose
from symderiv.documents.text.source import Snippet
from symderiv.errors import SymderivError
from symderiv.language.claim import Derivation, Step
from symderiv.language.kept import quotient
from symderiv.language.program import Equation, Program, foundations, head_of
from symderiv.language.terms import (
    DERIVATIVES,
    Element,
    Index,
    Inverse,
    Over,
    Sum,
    free_indices,
    free_letter,
    names,
    replace as substitute,
    rewritten,
    subterms,
)
from symderiv.language.verdict import Refuted
from symderiv.proof.adjoint import partial as partial_derivative
from symderiv.refutation.refute import refute, survey
from symderiv.repair.repair import right_value

PERHAPS = "an equation to be solved, or a claim? It does not hold everywhere; say that it is set to zero, or write \\overset{!}{=} 0"
ASIDE = "declared to be an aside, and not judged"
GRANTED = "taken for granted, and not judged"

SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z])")
SET = re.compile(
    r"\b(set|sets|setting|put|puts|putting|solv(e|es|ing)|equat(e|es|ing)|requir(e|es|ing)|impos(e|es|ing)|demand(s|ing)?)\b"
    r"|\b(to|equals?|is|be) (zero|0)\b|\bvanish|\b(minim|maxim|optim|extrem|station|critical|saddle|first.order|normal equation|KKT)",
    re.IGNORECASE,
)
TO_ZERO = re.compile(
    r"^\W*((is |are |be )?(set |put )?(equal )?to (zero|0)\b|(is|are|be|equals?) (zero|0)\b|vanish"
    r"|(put|set|equat)\w* (this|it|that|them|the (derivative|gradient)s?) (equal )?to (zero|0)\b)",
    re.IGNORECASE,
)
GRADIENT = re.compile(r"\b(set|put|equat)\w*\b[^.]*\b(gradient|derivative|slope)s?\b[^.]*\b(zero|0)\b", re.IGNORECASE)
UNWRITTEN = "the text sets a gradient to zero that it does not write, or that was not read: without that this is false; write it"
INSIDE = re.compile(r"\\(?:text|mbox|textrm|textit|intertext|tag)\s*\{([^{}]*)\}")
ASSUMED = re.compile(
    r"\b(assum|suppos|let us take|subject to|constrain|by (assumption|construction|convention|design)|such that)"
    r"|\b(let|given|if|when|whenever|set|put|choose|take|pick|fix|consider|substitute|insert|plug)(\s+(that|in|now))?$",
    re.IGNORECASE,
)
ASSUMED_AFTER = re.compile(r"^[^A-Za-z]*[a-z][^,;:]*\b(assum|by (assumption|construction|convention|design)\b)")
REASON = re.compile(r"\b(since|because|as|where|with|recall(ing)?)(\s+that)?$|\b(one.hot|sums? to|is normali[sz]ed)", re.IGNORECASE)


REASON_AFTER = re.compile(r"^\W*(since|because|as|for)\b|^[^,]*\b(one.hot|sums? to|is normali[sz]ed)", re.IGNORECASE)


@dataclass(frozen=True)
class Stated:
    """An equation that is taken for granted from the step with the number `since` on, and before `until`."""

    since: int
    step: Step
    latex: str
    line: int
    solved: bool = False  # whether it is an equation to be solved
    until: int | None = None

    @property
    def zero(self) -> Expr:
        """What the equation says to be zero."""
        return self.step.left - self.step.right

    def ended(self, k: int) -> Stated:
        """The equation, which is not taken for granted from a step on."""
        return self if self.until is not None else replace(self, until=k)

    def is_of(self, heads: frozenset[Symbol]) -> bool:
        """Whether the equation is one of these alone."""
        return names(self.step.left) | names(self.step.right) <= heads


def is_solved(step: Step, snippet: Snippet) -> bool:
    """Whether the words around a formula, or in it, set something to zero, or say that it is least there; or let a slope be 0."""
    before, after = SENTENCE.split(snippet.around[0])[-1], SENTENCE.split(snippet.around[1])[0]
    let = ASSUMED.search(SENTENCE.split(snippet.before)[-1]) and not prose.drops(snippet.before) and has_derivative(step)
    return bool(let) or any(SET.search(words) for words in (before, after, *INSIDE.findall(snippet.latex)))


def has_derivative(step: Step) -> bool:
    """Whether a step is about a derivative."""
    return any(isinstance(part, DERIVATIVES) for side in (step.left, step.right) for part in subterms(side))


def is_of_a_gradient(words: str) -> bool:
    """Whether words say that a gradient is set to zero."""
    return GRADIENT.search(words) is not None


def follows_from_a_gradient(snippet: Snippet) -> bool:
    """Whether the words before a formula say that it follows where a gradient is zero."""
    return is_of_a_gradient(SENTENCE.split(snippet.before)[-1])


def is_set_to_zero(snippet: Snippet) -> bool:
    """Whether the words after a formula set it to zero."""
    return TO_ZERO.search(snippet.after) is not None


def is_stated(step: Step, last: bool, snippet: Snippet, derivation: Derivation) -> bool:
    """Whether an equation that is not true of everything is one that the text takes for granted, and no claim."""
    before, after = SENTENCE.split(snippet.before)[-1], SENTENCE.split(snippet.after)[0]
    zero = step.right == 0 or step.left == 0
    if (zero and last and is_solved(step, snippet)) or _of_sizes(step, derivation.program):
        stated = True
    elif has_derivative(step):
        stated = False
    elif (ASSUMED.search(before) and not prose.drops(before)) or ASSUMED_AFTER.search(after):
        stated = True
    else:
        stated = bool(REASON.search(before) or REASON_AFTER.search(after)) and _of_an_input(derivation, step)
    return stated and is_no_identity(step, derivation.program)


def is_no_identity(step: Step, program: Program) -> bool:
    """Whether an equation fails somewhere; one point is not enough to tell, at which n = 2, or a is positive."""
    try:
        return isinstance(refute(step.left, step.right, program, plainest=False), Refuted)
    except SymderivError:
        return False


def _of_sizes(step: Step, program: Program) -> bool:
    """Whether an equation says what a size is: nothing that is derived can say that."""
    sizes = frozenset(program.sizes)
    ways = ((step.left, step.right), (step.right, step.left))
    return any(one in sizes and other.is_Atom | (names(other) <= sizes) and one not in names(other) for one, other in ways) and (
        names(step.left) | names(step.right) <= sizes
    )


def _of_an_input(derivation: Derivation, step: Step) -> bool:
    """Whether an equation says what inputs are often taken to be: a number, or of sum 1, of norm 1, symmetric, orthogonal."""
    made = _assumed(derivation, step)
    if made is None:
        return False
    pairs = made.program.assumptions[len(derivation.program.assumptions) :]
    return all(equal.is_number for _, equal in pairs) and all(c.kind != "given" or c.value.is_number for c in made.program.constraints)


def _assumed(derivation: Derivation, step: Step) -> Derivation | None:
    """The derivation with an equation assumed; none if it is of no form that can be."""
    for what, equal in ((step.left, step.right), (step.right, step.left)):
        changed = replace(derivation)
        try:
            changed.assume(what, equal)
        except SymderivError:
            continue
        return changed
    return None


# what follows


@dataclass(frozen=True)
class Under:
    """A step under what is stated: how it can be judged, and what is to be said.

    If it is `short` of something, only a proof counts; if it is looked at where every size is `single`, only a counterexample.
    """

    program: Program
    asked: Step
    note: str
    short: bool = False
    single: bool = False


def relevant(stated: Sequence[Stated], k: int, step: Step, program: Program) -> list[Stated]:
    """What is stated before a step of something that it rests on; a derivative is not taken at what is set to zero only."""
    differentiates = any(isinstance(part, DERIVATIVES) for side in (step.left, step.right) for part in subterms(side))
    stated = [s for s in stated if not (s.solved and differentiates)]
    rests = _rests_on(step.left, program) | _rests_on(step.right, program)
    stated = [s for s in stated if s.since <= k and (s.until is None or k < s.until)]
    return [s for s in stated if (_rests_on(s.step.left, program) | _rests_on(s.step.right, program)) & rests]


def _rests_on(term: Expr, program: Program) -> frozenset[Symbol]:
    """The inputs and sizes that a term is made of."""
    return foundations(names(term), program) & frozenset((*program.sizes, *(v.head for v in program.inputs)))


def ways_under(stated: Sequence[Stated], step: Step, derivation: Derivation) -> Iterator[Under]:
    """The ways in which a step can be judged under what is stated."""
    note = " and ".join(f"{s.latex}, as line {s.line} states" for s in stated)
    under = derivation
    left: list[Stated] = []
    for equation in stated:
        changed = _assumed(under, equation.step) or _solved(under, equation, step.left)
        under = changed or under
        left += [equation] if changed is None else []
    single = _at_size_one(left, under) if left else None
    if under is not derivation:
        yield Under(under.program, step, note, bool(left))
    somewhere = single is not None or (len(left) == 1 and under is derivation and _vanishes(left[0].zero, derivation.program))
    for equation in left if somewhere else ():  # from what holds nowhere all would follow
        for more in _multiples(equation, step, under.program):
            asked = replace(step, right=step.right + more)
            if not _differ(asked, under.program):
                yield Under(under.program, asked, note, short=True)
    if single is not None:
        yield Under(single.program, step, note, single=True)


def _differ(step: Step, program: Program) -> bool:
    try:
        return isinstance(survey(step.left, step.right, program), Refuted)
    except SymderivError:
        return True


def _multiples(equation: Stated, step: Step, program: Program) -> Iterator[Expr]:
    """What is zero by an equation: its difference, at the positions of a step, times a number, a size, or an inverse matrix of the step."""
    zero = _without_derivatives(equation.zero, program)
    own = sorted(free_indices(step.left) | free_indices(step.right), key=str)
    there = sorted(free_indices(zero), key=str)
    factors: list[Expr] = [Integer(1), Rational(1, 2), Integer(2)]
    factors += [f / s for s in program.sizes for f in factors] + [f * s for s in program.sizes for f in factors]
    if len(own) == len(there) and all(_alike(a, b) for a, b in zip(own, there, strict=True)):
        moved = substitute(zero, dict(zip(there, own, strict=True)))
        yield from (sign * factor * moved for factor in factors for sign in (1, -1))
    if len(there) == 1:
        k = Index(free_letter({i.name for i in (*own, *there)}), there[0].lower, there[0].upper)
        zero = substitute(zero, {there[0]: k})
        inverses = {p for side in (step.left, step.right) for p in subterms(side) if isinstance(p, Inverse)}
        for head in sorted({p.head for p in inverses}, key=str):
            for i in own:
                entry = Sum(Inverse(head, i, k) * zero, k)
                yield from (sign * factor * entry for factor in factors[:3] for sign in (1, -1))


def _alike(a: Index, b: Index) -> bool:
    return (a.lower, a.upper) == (b.lower, b.upper)


def _solved(derivation: Derivation, equation: Stated, wanted: Expr) -> Derivation | None:
    """The derivation with an equation solved for an input that it holds linearly, best for what is `wanted`.

    The input is a number, or stands at the equation's own positions only.
    """
    zero = _unfolded(equation.zero, derivation.program)
    if zero is None:
        return None
    asked = set(subterms(wanted))
    for part in sorted(_inputs_in(zero, derivation.program), key=lambda p: p not in asked):
        solution = _solution(part, zero)
        changed = None if solution is None else _assumed(derivation, Step(part, solution))
        if changed is not None and not _differ(Step(zero, Integer(0)), changed.program):
            return changed
    return None


def _unfolded(term: Expr, program: Program) -> Expr | None:
    """A term with the definitions of all nodes put in, and the values of derivatives; none where one is not known."""
    term = _without_derivatives(term, program)
    for equation in reversed(program.equations):
        term = rewritten(term, partial(_defined, equation))
    return None if any(isinstance(p, DERIVATIVES) for p in subterms(term)) else term


def _without_derivatives(term: Expr, program: Program) -> Expr:
    """A term with the values of its derivatives, where these can be told."""
    return rewritten(term, lambda p: right_value(p, program) if isinstance(p, DERIVATIVES) else None)


def _defined(equation: Equation, part: Basic) -> Expr | None:
    """What an entry is by its definition; none for any other part."""
    at = part.at if isinstance(part, Element) else ()
    mine = isinstance(part, (Symbol, Element)) and head_of(part) == equation.head and len(at) == len(equation.variable.indices)
    return equation.at(at) if mine else None


def _solution(part: Symbol | Element, zero: Expr) -> Expr | None:
    """The value of a part at which a term is zero, if it is linear in it, and it stands at its own positions only."""
    held = Dummy(real=True)
    bound = rewritten(zero, lambda p: held if p == part else None)
    if head_of(part) in names(bound) or not all(isinstance(i, Index) and not i.level for i in getattr(part, "at", ())):
        return None
    formula = bound if any(isinstance(p, Over) for p in subterms(bound)) else cancel(bound).as_numer_denom()[0]
    slope = partial_derivative(formula, held)
    if held in names(slope) or slope == 0:
        return None
    return quotient(-substitute(formula, {held: Integer(0)}), slope)


def _vanishes(zero: Expr, program: Program) -> bool:
    """Whether a term is zero where all inputs are."""
    parts = _inputs_in(zero, program)
    free = not any(head_of(p).is_positive or head_of(p).is_nonzero for p in parts)
    try:
        return free and rewritten(zero, lambda p: Integer(0) if p in parts else None) == 0
    except SymderivError:
        return False


def _at_size_one(stated: Sequence[Stated], derivation: Derivation) -> Derivation | None:
    """The derivation with every size 1 and the equations solved for an entry each; none if that cannot be done."""
    single = replace(derivation)
    try:
        for size in derivation.program.sizes:
            single.assume(size, Integer(1))
    except SymderivError:
        return None
    for equation in stated:
        zero = _unfolded(equation.zero, derivation.program)
        zero = None if zero is None else _of_size_one(zero, derivation.program)
        changed = None if zero is None else _solved_entry(single, zero)
        if changed is None or _differ(Step(zero, Integer(0)), changed.program):
            return None
        single = changed
    return single


def _of_size_one(term: Expr, program: Program) -> Expr:
    """A term at size 1: each sum is its only part, each position the only one."""
    term = substitute(term, dict.fromkeys(program.sizes, Integer(1)))

    def only(part: Basic) -> Basic | None:
        return rewritten(substitute(part.body, {part.index: part.index.lower}), only) if isinstance(part, Over) else None

    term = rewritten(term, only)
    return substitute(term, {i: i.lower for i in free_indices(term)})


def _solved_entry(derivation: Derivation, zero: Expr) -> Derivation | None:
    for part in _inputs_in(zero, derivation.program):
        held = Dummy(real=True)
        slope = partial_derivative(substitute(zero, {part: held}), held)
        if held not in names(slope) and slope != 0:
            changed = _assumed(derivation, Step(part, -substitute(zero, {part: Integer(0)}) / slope))
            if changed is not None:
                return changed
    return None


def _inputs_in(term: Expr, program: Program) -> list[Symbol | Element]:
    """The numbers among the inputs, and the entries of others, that a term is made of."""
    declared = {v.head: v for v in program.inputs}
    found = [p for p in dict.fromkeys(subterms(term)) if isinstance(p, (Symbol, Element)) and head_of(p) in declared]
    return [p for p in found if isinstance(p, Element) or not declared[p].indices]
