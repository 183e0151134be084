"""How a step can be read: as it stands; ∂ along every path; a name taken for another; a factor turned, where shapes do not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice, pairwise, product, zip_longest
from typing import Any

from sympy import Integer

from symderiv.documents.meaning.asides import conditioned
from symderiv.documents.meaning.einstein import contracted, joins_deltas, repeated
from symderiv.documents.meaning.listed import listed
from symderiv.documents.meaning.operations import entries_of
from symderiv.documents.meaning.ranges import among, range_by_use
from symderiv.documents.meaning.scope import Scope, apart, attempt, found, parts, positions_in
from symderiv.documents.meaning.unsized import Entries, Meaning, Row, Shaped, fitted
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import Applied, Big, Chain, Differential, Fenced, Fraction, Listed, Multiplied, Name, Scripted, Tree
from symderiv.documents.syntax.written import written
from symderiv.documents.text.source import Snippet
from symderiv.errors import Misfit, ShapeError, SymderivError
from symderiv.faces.judged import Formula
from symderiv.language.arrays import Array
from symderiv.language.claim import Erratum, Step, entries
from symderiv.language.kept import kept
from symderiv.language.names import text_name
from symderiv.language.program import Program, check_member
from symderiv.language.terms import Index, Partial, Total, rewritten

MOST_READINGS = 12
MOST_TURNED = 200

# Letters that are taken for one another, by hand and by machine.
ALIKE = (
    "y \\gamma", "v \\nu", "w \\omega", "u \\mu", "p \\rho", "x \\chi", "k \\kappa", "n \\eta", "a \\alpha", "B \\beta",
    "\\epsilon \\varepsilon", "i j l", "m n", "\\phi \\varphi", "o \\sigma", "t \\tau",
)  # fmt: skip

Sides = tuple[Tree, Tree]

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
    renaming: tuple[str, int, str] | None = None  # a name with so many indices, and the name in its place
    sense: str = AS_IT_STANDS
    meaning: Callable[[Any], Any] = lambda term: term  # what becomes of a term that is read so
    program: Program | None = None  # in which it is judged, if that is not the document's own
    judged: Step | None = None  # what is judged in its place, since the difference is zero by what the text states
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
    formula: tuple[Tree, ...] = ()  # all that belongs to its formula


def readings(left: Tree, right: Tree, scope: Scope) -> tuple[list[Reading], str]:
    """How a step can be read, the likeliest first, and why it has no meaning as it is written, if it has none.

    Fails when it cannot be read at all.
    """
    try:
        return list(_senses(left, right, scope)), ""
    except Misfit as error:
        return list(islice(_of_a_misfit(left, right, scope), MOST_READINGS)), str(error).rstrip(".")


def _of_a_misfit(left: Tree, right: Tree, scope: Scope) -> Iterator[Reading]:
    for entrywise in _by_entry(left, right, scope):
        yield replace(entrywise, note="products of arrays read entry by entry", misprint=True, guess=True)
    for change, sides, likely, renaming in (*_misread(left, right, scope), *_turned(left, right, scope)):
        said = Reading(NOTHING, sides, change.text, change, True, not likely, renaming)
        try:
            with apart(scope):
                senses = list(_senses(*sides, scope))
        except SymderivError:
            continue
        yield from (replace(said, step=r.step, sense=r.sense, meaning=r.meaning) for r in senses)


def _senses(left: Tree, right: Tree, scope: Scope) -> Iterator[Reading]:
    """The step as it stands, and with every partial derivative along every path."""
    step = step_of(left, right, scope)
    note = f"{', '.join(scope.both)} {'is' if len(scope.both) == 1 else 'are'} summed over too" if scope.both else ""
    yield Reading(step, (left, right), note)
    total = replace(step, left=as_total(step.left), right=as_total(step.right))
    if total != step:
        yield Reading(total, (left, right), " and ".join(filter(None, (note, PATHS))), sense=PATHS, meaning=as_total)


def with_sums(said: Sequence[AsWritten], writes_sums: bool) -> list[AsWritten]:
    """The steps of a chain, with readings in which an index that occurs twice in a product is summed over.

    Not where a Σ stands in the chain, and not over a letter of which a condition speaks, which is any one position. In a document
    that writes its sums it is not sure that one is meant.
    """
    members = [said[0].readings[0].step.left, *(s.readings[0].step.right for s in said)]
    given = {p.text for s in said for c in (*s.left.given, *s.right.given) for p in parts(c) if isinstance(p, Name)}
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
            meaning=lambda term: contracted(r.meaning(term), over),
            doubt="" if sure else missing,
        )

    summed = [tuple(map(read, s.readings)) for s in said]
    return [replace(s, readings=(*more, *s.readings) if sure else (*s.readings, *more)) for s, more in zip(said, summed, strict=True)]


def renamed(said: AsWritten, renaming: tuple[str, int, str], scope: Scope) -> Reading | None:
    """A step with a name read as another, as in the step beside it; None if that changes nothing or fits no more."""
    wrong, given, name = renaming
    a, b = (_renamed(member.meant, wrong, given, name, scope) for member in (said.left, said.right))
    if (a, b) == (said.left.meant, said.right.meant):
        return None
    try:
        with among(said.formula, scope):
            step = step_of(a, b, scope)
    except SymderivError:
        return None
    return Reading(step, (a, b), _reading_of(wrong, name).text, _reading_of(wrong, name), True, True, renaming)


def _reading_of(wrong: str, name: str) -> Formula:
    return Formula(f"{text_name(wrong)} read as {text_name(name)}", rf"{wrong} \text{{ read as }} {name}")


def as_total(term: Any) -> Any:
    """A term with each partial derivative along every path."""
    return rewritten(term, lambda part: Total(*map(as_total, part.args)) if isinstance(part, Partial) else None, kept)


def step_of(left: Tree, right: Tree, scope: Scope) -> Step:
    """The step that two members are. Fails where one of them has no meaning, or they do not fit; then the scope is as it was."""
    with attempt(scope):
        return _step_of(left, right, scope)


def _step_of(left: Tree, right: Tree, scope: Scope) -> Step:
    scope.defining, scope.both = outside((left, right, *scope.formula)), ()
    try:
        a = _side(left, scope)
        of_left: tuple[str, ...] = scope.both
        scope.both = ()
        b = _side(right, scope)
        scope.both = tuple(letter for letter in dict.fromkeys(of_left) if letter in scope.both)
        a = listed(left, scope, (), b.shape) or a if isinstance(b, Array) and not isinstance(a, Shaped) else a
        b = listed(right, scope, (), a.shape) or b if isinstance(a, Array) and not isinstance(b, Shaped) else b
    finally:
        scope.defining = None
    a, b = fitted(_zeros(a, b), b), fitted(_zeros(b, a), a)
    if {type(a), type(b)} == {Row, Array} and not any(map(_is_derivative, (left, right))):
        raise Misfit("one side is a row, the other a column", right.span)
    a, b = entries_of(a), entries_of(b)
    if isinstance(a, Array) != isinstance(b, Array) or (isinstance(a, Array) and a.shape != b.shape):
        raise Misfit(f"the left side is {_shape(a)}, the right side {_shape(b)}", (left.span[0], right.span[1]))
    terms = [side.term for side in entries("", [Erratum(side, "") for side in (a, b)])]
    for term, tree in zip(terms, (left, right), strict=True):
        try:
            check_member(scope.derivation.program, term)
        except ShapeError as error:
            raise Misfit(str(error), tree.span) from error
    left_term, right_term = terms
    return Step(left_term, right_term)


def _side(tree: Tree, scope: Scope) -> Meaning:
    """What a member stands for; with letters below brackets, the array that has such entries."""
    below = isinstance(tree, Scripted) and tree.sub is not None and isinstance(tree.base, Fenced)
    return (listed(tree, scope) if below else None) or value(tree, scope)


def outside(trees: Iterable[Tree]) -> frozenset[str]:
    """The letters that occur outside of the sums with these below: no such sum is over one of them."""
    return frozenset().union(*map(_free_letters, trees))


def _free_letters(tree: Any) -> set[str]:
    if isinstance(tree, Name):
        return {tree.text}
    inner: list[Any] = list(vars(tree).values()) if isinstance(tree, Tree) else list(tree) if isinstance(tree, tuple) else []
    letters = set().union(*map(_free_letters, inner))
    return letters - _free_letters(tree.sub) if isinstance(tree, Big) and tree.sub is not None else letters


def _is_derivative(tree: Tree) -> bool:
    """Whether a side is a derivative: one with respect to a vector is a column to some, and to others a row."""
    return isinstance(tree, Differential) or (isinstance(tree, Fraction) and isinstance(tree.above, Differential))


def _zeros(side: Meaning, other: Meaning) -> Meaning:
    """The side; beside an array, 0 is the array of zeros."""
    if isinstance(side, Shaped) or side != 0:
        return side
    if isinstance(other, Row):
        return Row(replace(other.vector, body=Integer(0)))
    return replace(other, body=Integer(0)) if isinstance(other, Array) else side


def _shape(side: Entries) -> str:
    return " × ".join(map(str, side.shape)) + (" (a vector)" if len(side.shape) == 1 else "") if isinstance(side, Array) else "one number"


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


# a name for another


Change = tuple[Formula, Sides, bool, tuple[str, int, str] | None]


def _misread(left: Tree, right: Tree, scope: Scope) -> Iterator[Change]:
    """Both sides with another name for one that does not fit; letters that look alike first, and others are a guess."""
    for wrong, given in _misused(left, right, scope) or _arrays(left, right, scope):
        for name, alike in _fitting(wrong, given, scope):
            a, b = (_renamed(side, wrong, given, name, scope) for side in (left, right))
            if (a, b) != (left, right) and a != b:  # that something is itself was not meant
                yield _reading_of(wrong, name), (a, b), alike, (wrong, given, name)


def _misused(left: Tree, right: Tree, scope: Scope) -> list[tuple[str, int]]:
    """Names that are used with a number of indices that they do not have, with that number."""
    uses: dict[tuple[str, int], None] = {}
    for tree in (left, right):
        inside_scripted = {id(p.base) for p in parts(tree) if isinstance(p, Scripted)}
        for part in parts(tree):
            seen = found(part, scope) if isinstance(part, (Name, Scripted)) and id(part) not in inside_scripted else None
            if seen is None:
                continue
            given = 0 if seen.positions is None else count(seen.positions)
            wanted = len(seen.what.indices) if isinstance(seen.what, Array) else 0
            if given != wanted:
                uses[seen.name, given] = None
    return list(uses)


def _arrays(left: Tree, right: Tree, scope: Scope) -> list[tuple[str, int]]:
    """The arrays of which entries are taken, with the number of indices."""
    seen = [found(part, scope) for tree in (right, left) for part in parts(tree) if isinstance(part, Scripted)]
    return list(dict.fromkeys((s.name, len(s.what.indices)) for s in seen if s is not None and isinstance(s.what, Array)))


def count(positions: Tree) -> int:
    """How many indices a subscript holds."""
    return len(positions.items) if isinstance(positions, Listed) else len(positions.factors) if isinstance(positions, Multiplied) else 1


def _fitting(wrong: str, given: int, scope: Scope) -> list[tuple[str, bool]]:
    """The names that have so many indices, and whether they look like the wrong one; these first."""
    fits = [n for n, what in scope.names.items() if (len(what.indices) if isinstance(what, Array) else 0) == given and n != wrong]
    alike = [n for n in fits if any({wrong, n} <= set(row.split()) for row in ALIKE)]
    sizes = {size.name for size in scope.derivation.program.sizes}
    return [(n, True) for n in alike] + [(n, False) for n in fits if n not in alike and n not in sizes]


def _renamed(tree: Any, wrong: str, given: int, name: str, scope: Scope) -> Any:
    """A tree with a name in place of another where that has so many indices."""
    if isinstance(tree, (Name, Scripted)):
        seen = found(tree, scope)
        has = 0 if seen is None or seen.positions is None else count(seen.positions)
        if seen is not None and (seen.name, has) == (wrong, given):
            base = Name(name, span=tree.span)
            if isinstance(tree, Scripted) and (seen.positions is not None or seen.power is not None):
                return Scripted(base, seen.positions, seen.power, span=tree.span)
            return base
    if isinstance(tree, Tree):
        own = ("span", "base") if isinstance(tree, Scripted) and found(tree, scope) is not None else ("span",)
        changes = {k: _renamed(v, wrong, given, name, scope) for k, v in vars(tree).items() if k not in own}
        return replace(tree, **changes)
    if isinstance(tree, tuple):
        return tuple(_renamed(inner, wrong, given, name, scope) for inner in tree)
    return tree


# a factor turned, an index put right


def _turned(left: Tree, right: Tree, scope: Scope) -> Iterator[Change]:
    """Both sides with a small change of the right one: matrices transposed, neighbours exchanged, an index added or put right."""
    turns = [*_indexed(right, left, scope), *_turns(right, scope)]
    for old, new, _ in sorted(turns[:MOST_TURNED], key=lambda turn: turn[2]):
        a, b = written(new), written(old)
        yield Formula(f"{a} for {b}", rf"{a} \text{{ for }} {b}"), (left, _with_change(right, old, new)), False, None


Turn = tuple[Tree, Tree, int]  # a part, what stands in its place, how much is changed


def _turns(tree: Tree, scope: Scope) -> Iterator[Turn]:
    """Each matrix with its transpose, and each product with neighbours exchanged and factors transposed, two changes in all."""
    yield tree, _transposed(tree), 2
    for part in _factors(tree):
        if isinstance(part, Multiplied):
            yield from ((part, new, cost) for new, cost in _arranged(part, [_rank(f, scope) for _, f in part.factors]))
        elif _rank(part, scope) == 2:
            yield part, _transposed(part), 1


def _arranged(tree: Multiplied, ranks: list[int]) -> Iterator[tuple[Multiplied, int]]:
    matrices = [n for n, rank in enumerate(ranks) if rank == 2]
    for n in (None, *(n for n, pair in enumerate(pairwise(ranks)) if all(pair))):
        for changed in (1, 2):
            for flipped in combinations(matrices, changed - (n is not None)):
                factors = [(mark, _transposed(f)) if k in flipped else (mark, f) for k, (mark, f) in enumerate(tree.factors)]
                if n is not None:
                    (mark, a), (_, b) = factors[n : n + 2]
                    factors[n : n + 2] = [(mark, b), ("", a)]
                yield replace(tree, factors=tuple(factors)), changed


def _indexed(tree: Tree, other: Tree, scope: Scope) -> Iterator[Turn]:
    """Each name that lacks indices with letters of the step that have the ranges; each that has one beyond a letter with that letter."""
    names = dict.fromkeys(p.text for side in (tree, other) for p in parts(side) if isinstance(p, Name) and p.text not in scope.names)
    ranges = {n: scope.letters.get(n) or range_by_use(n, other, scope) or range_by_use(n, tree, scope) for n in names}
    letters = {name: index for name, index in ranges.items() if index is not None}
    bases = {id(p.base) for p in parts(tree) if isinstance(p, Scripted)}
    for part in parts(tree):
        seen = found(part, scope) if isinstance(part, (Name, Scripted)) and id(part) not in bases else None
        if seen is None or not isinstance(seen.what, Array) or seen.power is not None:
            continue
        given = () if seen.positions is None else positions_in(seen.positions, len(seen.what.indices))
        choices = [_letters_for(at, dimension, letters) for at, dimension in zip_longest(given, seen.what.indices)]
        for at in product(*choices):
            if at != given:
                yield part, Scripted(Name(seen.name), _below(at), span=part.span), sum(a != b for a, b in zip_longest(at, given))


def _below(at: tuple[Tree, ...]) -> Tree:
    """Positions as they are written below a name: letters side by side, anything else with commas between."""
    letters = all(isinstance(p, Name) and len(p.text) == 1 for p in at)
    return at[0] if len(at) == 1 else Multiplied(tuple(("", p) for p in at)) if letters else Listed(at)


def _letters_for(given: Tree | None, dimension: Index | None, letters: Mapping[str, Index]) -> list[Tree]:
    """What can stand at a position: what does; a letter that runs over the dimension, where nothing does, or more than a letter."""
    if dimension is None:
        return []
    fits = [name for name, index in letters.items() if (index.lower, index.upper) == (dimension.lower, dimension.upper)]
    if given is None or (isinstance(given, Name) and given.text in letters):
        return [given] if isinstance(given, Name) and given.text in fits else [Name(i) for i in fits]
    inside = {p.text for p in parts(given) if isinstance(p, Name)}
    return [given, *(Name(i) for i in fits if i in inside and given != Name(i))]


def _factors(tree: Any) -> Iterator[Tree]:
    """The products of a member and what they are of; nothing that stands inside a name, an index or a derivative."""
    if isinstance(tree, Tree):
        yield tree
        if not isinstance(tree, (Name, Scripted, Fraction, Differential, Applied, Chain)):
            for inner in vars(tree).values():
                yield from _factors(inner)
    elif isinstance(tree, tuple):
        for inner in tree:
            yield from _factors(inner)


def _rank(tree: Tree, scope: Scope) -> int:
    try:
        with attempt(scope, keep=False):
            what = value(tree, scope)
    except SymderivError:
        return 0
    return len(what.indices) if isinstance(what, Array) else 1 if isinstance(what, Row) else 0


def _transposed(tree: Tree) -> Tree:
    if isinstance(tree, Scripted) and tree.sub is None and tree.sup in (Name("\\top"), Name("T"), Name("\\intercal")):
        return tree.base
    base = (
        tree if isinstance(tree, (Name, Fenced)) or (isinstance(tree, Scripted) and tree.sup is None) else Fenced("(", tree, span=tree.span)
    )
    if isinstance(base, Scripted):
        return replace(base, sup=Name("\\top"))
    return Scripted(base, None, Name("\\top"), span=tree.span)


def _with_change(tree: Any, old: Tree, new: Tree) -> Any:
    """A tree with one of its parts replaced, found by identity."""
    if tree is old:
        return new
    if isinstance(tree, Tree):
        return replace(tree, **{k: _with_change(v, old, new) for k, v in vars(tree).items() if k != "span"})
    return tuple(_with_change(t, old, new) for t in tree) if isinstance(tree, tuple) else tree
