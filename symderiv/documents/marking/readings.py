"""How a step can be read: as it stands; ∂ along every path; summed over what occurs twice; as it fits, where its shapes do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sympy import Expr, Integer

from symderiv.documents.marking.misfits import Renaming, Sides, misread, read_as, turned, with_name
from symderiv.documents.marking.steps import step_of
from symderiv.documents.meaning.asides import conditioned
from symderiv.documents.meaning.einstein import contracted, joins_deltas, repeated
from symderiv.documents.meaning.ranges import among
from symderiv.documents.meaning.scope import Scope, apart, attempt
from symderiv.documents.meaning.spelling import names_in, parts
from symderiv.documents.meaning.unsized import bare
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import Big, Chain, Fenced, Listed, Name, Scripted, Tree
from symderiv.documents.syntax.written import written
from symderiv.documents.text.source import Snippet
from symderiv.errors import Misfit, SymderivError
from symderiv.faces.judged import Formula
from symderiv.language.arrays import Array
from symderiv.language.claim import Step
from symderiv.language.kept import kept
from symderiv.language.program import Program
from symderiv.language.terms import Partial, Total, free_indices, rewritten

MOST_READINGS = 12

NOTHING = Step(Integer(0), Integer(0))  # in the place of a step that has no meaning

# Senses of a step: what is said of each.
AS_IT_STANDS = ""
PATHS = "∂ is read as the derivative along every path"


@dataclass(frozen=True)
class Member:
    """One side of an equals sign: its tree, where it stands, and the conditions under which the equation holds."""

    tree: Tree
    snippet: Snippet
    given: tuple[Chain, ...] = ()

    @property
    def meant(self) -> Tree:
        """The tree with the conditions: zero where they do not hold."""
        return conditioned(self.tree, self.given)

    @property
    def latex(self) -> str:
        """The author's formula, written anew: the author's macros are open, and nothing is in it that the reader does not know."""
        return written(self.tree)

    @property
    def place(self) -> tuple[int, int]:
        return self.snippet.place(self.tree.span[0])


@dataclass(frozen=True)
class Reading:
    """One way to read a step, both sides as read, and what must be said of it: a sense of ∂ or of a product, or the slip of a pen.

    A reading that is a guess says something only if it is proved.
    """

    step: Step
    sides: Sides
    note: str = ""
    change: Formula | None = None
    misprint: bool = False
    guess: bool = False
    renaming: Renaming | None = None
    sense: str = AS_IT_STANDS
    rewrite: Callable[[Expr], Expr] = lambda term: term  # what becomes of a term that is read so
    program: Program | None = None  # in which it is judged, if that is not the document's own
    asked: Step | None = None  # what is judged in its place, since the difference is zero by what the text states
    single: bool = False  # whether it is looked at where every size is 1, which can only show that it is wrong
    doubt: str = ""  # why it is not said to hold, though it is proved
    short: str = ""  # what the text states and could not be used: without that the step is not called wrong


@dataclass(frozen=True)
class AsWritten:
    """A step as written: both members, and its readings, the likeliest first."""

    left: Member
    right: Member
    readings: tuple[Reading, ...]
    misfit: str = ""  # why it has no meaning as it stands
    misplaced: bool = False  # whether that is for an index in the place of another
    formula: tuple[Tree, ...] = ()  # all that belongs to its formula


def readings(left: Tree, right: Tree, scope: Scope) -> tuple[list[Reading], Misfit | None]:
    """How a step can be read, the likeliest first, and why it has no meaning as it is written, if it has none.

    Fails when it cannot be read at all.
    """
    try:
        return list(_senses(left, right, scope)), None
    except Misfit as error:
        entry = _of_an_entry(left, right, scope)
        if entry is not None:
            return entry, None
        return list(islice(_of_a_misfit(left, right, scope), MOST_READINGS)), error


def _of_an_entry(left: Tree, right: Tree, scope: Scope) -> list[Reading] | None:
    """The step with an entry of one side, where that is an array and the other side one number at as many free positions.

    The letters are those of the positions, in the order of the alphabet.
    """
    for side, other, word in ((left, right, "left"), (right, left, "right")):
        try:
            with attempt(scope, keep=False):
                array, one = bare(value(side, scope)), value(other, scope)
            if not isinstance(array, Array) or not isinstance(one, Expr):
                continue
            summed = {i.name for i in repeated([one, Integer(0)])}  # by a sum that is not written, perhaps
            free = sorted(i.name for i in free_indices(one))
            letters = free if len(free) == len(array.indices) else [letter for letter in free if letter not in summed]
            if len(letters) != len(array.indices):
                continue
            sub = Name(letters[0]) if len(letters) == 1 else Listed(tuple(map(Name, letters)))
            entry = Scripted(Fenced("(", side, span=side.span), sub, span=side.span)
            a, b = (entry, other) if word == "left" else (other, entry)
            said = f"the entry {', '.join(letters)} of the {word} side is meant"
            return [replace(r, note=" and ".join(filter(None, (said, r.note)))) for r in _senses(a, b, scope)]
        except SymderivError:
            continue
    return None


def _of_a_misfit(left: Tree, right: Tree, scope: Scope) -> Iterator[Reading]:
    for entrywise in _by_entry(left, right, scope):
        yield replace(entrywise, note="products of arrays read entry by entry", misprint=True, guess=True)
    for change, sides, likely, renaming in (*misread(left, right, scope), *turned(left, right, scope)):
        said = Reading(NOTHING, sides, change.text, change, True, not likely, renaming)
        try:
            with apart(scope):
                senses = list(_senses(*sides, scope))
        except SymderivError:
            continue
        yield from (replace(said, step=r.step, sense=r.sense, rewrite=r.rewrite) for r in senses)


def _senses(left: Tree, right: Tree, scope: Scope) -> Iterator[Reading]:
    """The step as it stands, and with every partial derivative along every path."""
    step = step_of(left, right, scope)
    note = f"{', '.join(scope.both)} {'is' if len(scope.both) == 1 else 'are'} summed over too" if scope.both else ""
    yield Reading(step, (left, right), note)
    total = replace(step, left=as_total(step.left), right=as_total(step.right))
    if total != step:
        yield Reading(total, (left, right), " and ".join(filter(None, (note, PATHS))), sense=PATHS, rewrite=as_total)


def with_sums(said: Sequence[AsWritten], writes_sums: bool) -> list[AsWritten]:
    """The steps of a chain, with readings in which an index that occurs twice in a product is summed over.

    Not where a Σ stands in the chain, and not over a letter of which a condition speaks, which is any one position. In a document
    that writes its sums it is not sure that one is meant.
    """
    members = [said[0].readings[0].step.left, *(s.readings[0].step.right for s in said)]
    given = names_in(tuple(member.given for s in said for member in (s.left, s.right)))
    sums = any(isinstance(p, Big) for s in said for m in (s.left, s.right) for p in parts(m.tree))
    over = () if sums else tuple(i for i in repeated(members) if i.name not in given)
    if not over:
        return list(said)
    letters = ", ".join(i.name for i in over)
    note = f"{letters} {'is' if len(over) == 1 else 'are each'} summed over, without Σ"
    sure = not writes_sums or joins_deltas(members, over)
    missing = f"no Σ is over {letters}, twice in a product: with Σ the step holds; write it"

    def read(r: Reading) -> Reading:
        step = replace(r.step, left=contracted(r.step.left, over), right=contracted(r.step.right, over))
        said_of_it = " and ".join(filter(None, (r.note, note)))
        return replace(
            r,
            step=step,
            note=said_of_it,
            sense=said_of_it,
            rewrite=lambda term: contracted(r.rewrite(term), over),
            doubt="" if sure else missing,
        )

    summed = [tuple(map(read, s.readings)) for s in said]
    return [replace(s, readings=(*more, *s.readings) if sure else (*s.readings, *more)) for s, more in zip(said, summed, strict=True)]


def renamed(said: AsWritten, renaming: Renaming, scope: Scope) -> Reading | None:
    """A step with a name read as another, as in the step beside it; None if that changes nothing or fits no more."""
    wrong, many, name = renaming
    a, b = (with_name(member.meant, wrong, many, name, scope) for member in (said.left, said.right))
    if (a, b) == (said.left.meant, said.right.meant):
        return None
    try:
        with among(said.formula, scope):
            step = step_of(a, b, scope)
    except SymderivError:
        return None
    return Reading(step, (a, b), read_as(wrong, name).text, read_as(wrong, name), True, True, renaming)


def as_total(term: Expr) -> Expr:
    """A term with each partial derivative along every path."""
    return rewritten(term, lambda part: Total(*map(as_total, part.args)) if isinstance(part, Partial) else None, kept)


def _by_entry(left: Tree, right: Tree, scope: Scope) -> list[Reading]:
    """The step with products of arrays taken entry by entry, where that makes its sides fit."""
    before, scope.by_entry = scope.by_entry, True
    try:
        with apart(scope):
            return [] if before else list(_senses(left, right, scope))
    except SymderivError:
        return []
    finally:
        scope.by_entry = before
