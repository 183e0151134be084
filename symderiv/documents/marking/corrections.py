"""Repairs in the author's own LaTeX: the smallest change of what is written that means what was proved.

A change is tried on the text, read again, and kept if its meaning is the repaired member; so nothing here has to be believed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from sympy import Expr

from symderiv.documents.marking.readings import AsWritten, Reading
from symderiv.documents.marking.steps import step_of
from symderiv.documents.meaning.ranges import among
from symderiv.documents.meaning.scope import Scope
from symderiv.documents.meaning.spelling import parts, remade
from symderiv.documents.syntax.grammar import read
from symderiv.documents.syntax.tokens import Macro
from symderiv.documents.syntax.tree import Added, Big, Chain, Multiplied, Name, Number, Scripted, Tree
from symderiv.documents.syntax.written import written
from symderiv.errors import FormulaError, SymderivError
from symderiv.faces.judged import Edit, JudgedPage, JudgedRepair
from symderiv.repair.repair import Repair

MOST_TRIED = 600
COMMAND = re.compile(r"\\[A-Za-z]+$")


@dataclass(frozen=True)
class Notation:
    """What formulas are read with: what the names of a document stand for, and its macros."""

    scope: Scope
    macros: Mapping[str, Macro]


@dataclass(frozen=True)
class Change:
    """New text in place of a slice of the old one."""

    start: int
    end: int
    new: str

    def of(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.end :]

    def within(self, text: str) -> Change:
        """The change with spaces where a command would run into the letter after it."""
        before = " " * bool(COMMAND.search(text[: self.start]) and self.new[:1].isalpha())
        after = " " * bool(COMMAND.search(self.new) and text[self.end : self.end + 1].isalpha())
        return replace(self, new=f"{before}{self.new}{after}")

    def moved(self, by: int) -> Change:
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True)
class Wanted:
    """What a repair does: its kind, the parts that it takes out and puts in, and the whole member, all as LaTeX; and what it means."""

    kind: str
    was: str
    now: str
    whole: str
    term: Expr


def corrected(repair: JudgedRepair, reading: Reading, said: AsWritten, notation: Notation, found: Repair | None = None) -> JudgedRepair:
    """A repair with the edits that write it into the document, and the author's own LaTeX; as it was, where that cannot be done.

    Without terms, `found`, the repair is that the step is to be written as it was read.
    """
    sides = {"left": (said.left, reading.sides[0]), "right": (said.right, reading.sides[1])}
    edits: list[Edit] = []
    for side, (old, tree) in sides.items():
        text, place = old.snippet.latex[slice(*old.tree.span)], old.snippet.place
        changes = _as_read(text, old.tree, tree, notation.macros)
        if changes is not None and found is not None and side == repair.side:
            means = partial(_term_of, side, reading, said, notation.scope)
            changes = _repaired(_changed(text, changes), changes, repair, found, means, notation.macros)
        new = None if changes is None else member(_changed(text, changes), notation.macros)
        if changes is None or new is None:
            return repair
        edits += [Edit(place(c.start + old.tree.span[0]), place(c.end + old.tree.span[0]), c.new) for c in changes]
        if changes and (side == repair.side or found is None):
            repair = replace(repair, side=side, member=replace(repair.member, latex=written(new)), marked=boxed(new, _as_made(changes)))
    return replace(repair, edits=tuple(edits))


def mended(text: str, page: JudgedPage) -> str:
    """A document with the first repair of every wrong step written into it; where two touch, the first."""
    begins = [0]
    for line in text.splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    edits = [edit for step in page.steps if not step.as_expected for repair in step.repairs[:1] for edit in repair.edits]
    changes: list[Change] = []
    at = {place: begins[place[0] - 1] + place[1] - 1 for edit in edits for place in (edit.start, edit.end)}
    for change in (Change(at[e.start], at[e.end], e.text) for e in dict.fromkeys(edits)):
        if not any(change.start < made.end and made.start < change.end for made in changes):
            changes.append(change)
    return _changed(text, sorted(changes, key=lambda c: c.start))


def _as_read(text: str, old: Tree, new: Tree, macros: Mapping[str, Macro]) -> list[Change] | None:
    """The changes that make what is written what was read; none if these cannot be found."""
    if member(text, macros) != old:
        return None
    plain = sorted({c.moved(-old.span[0]).within(text) for c in renamings(old, new)}, key=lambda c: c.start)
    braced = [replace(c, new=f"{{{c.new}}}") for c in plain]
    return next((changes for changes in (plain, braced) if member(_changed(text, changes), macros) == new), None)


def _term_of(side: str, reading: Reading, said: AsWritten, scope: Scope, tree: Tree) -> Expr:
    """What another tree on one side of a step would stand for there."""
    left, right = (tree if side == s else known for s, known in zip(("left", "right"), reading.sides, strict=True))
    with among(said.formula, scope):
        step = step_of(left, right, scope)
    return reading.rewrite(step.right if side == "right" else step.left)


def _repaired(
    text: str, before: list[Change], repair: JudgedRepair, found: Repair, means: Callable[[Tree], Expr], macros: Mapping[str, Macro]
) -> list[Change] | None:
    """The changes before and the one that repairs; all as one, where there are several."""
    was, now = (part.latex if part else "" for part in (repair.was, repair.now))
    change = correction(text, Wanted(repair.kind, was, now, repair.member.latex, found.term), means, macros)
    if change is None or not before:
        return None if change is None else [change]
    length = len(text) - sum(len(c.new) - (c.end - c.start) for c in before)
    return [Change(0, length, change.of(text))]


def _changed(text: str, changes: list[Change]) -> str:
    for change in reversed(changes):
        text = change.of(text)
    return text


def _as_made(changes: list[Change]) -> Iterator[Change]:
    """The changes of a text, each where it stands once those before it are made."""
    shift = 0
    for change in changes:
        yield change.moved(shift)
        shift += len(change.new) - (change.end - change.start)


def correction(text: str, wanted: Wanted, means: Callable[[Tree], Expr], macros: Mapping[str, Macro]) -> Change | None:
    """The smallest change of a member's text that means what is wanted; none if none is found."""
    tree = member(text, macros)
    if tree is None:
        return None
    tried = set()
    for change in islice((c.within(text) for c in _likely(text, tree, wanted)), MOST_TRIED):
        if change in tried:
            continue
        tried.add(change)
        new = member(change.of(text), macros)
        try:
            if new is not None and means(new) == wanted.term:
                return change
        except SymderivError:
            continue
    return None


def member(text: str, macros: Mapping[str, Macro]) -> Tree | None:
    """The one formula without relations that a text is; none for any other."""
    try:
        formula = read(text, macros)
    except FormulaError:
        return None
    chain = formula.chains[0] if len(formula.chains) == 1 and not formula.label else Chain(())
    return chain.members[0][1] if len(chain.members) == 1 else None


def renamings(old: object, new: object) -> Iterator[Change]:
    """The changes that make one tree of another, where these differ in some of their parts only."""
    if isinstance(old, Tree):
        own = {k for k in vars(old) if k != "span"}
        if type(old) is type(new) and all(_alike(vars(old)[k], vars(new)[k]) for k in own):
            for k in own:
                yield from renamings(vars(old)[k], vars(new)[k])
        elif old != new and isinstance(new, Tree):
            yield Change(*old.span, written(new))
    elif isinstance(old, tuple) and isinstance(new, tuple):
        for a, b in zip(old, new, strict=True):
            yield from renamings(a, b)


def _alike(old: object, new: object) -> bool:
    """Whether two fields are equal, or trees in which differences can be looked for."""
    if isinstance(old, tuple) and isinstance(new, tuple):
        return len(old) == len(new) and all(map(_alike, old, new))
    return old == new or (isinstance(old, Tree) and isinstance(new, Tree))


def boxed(tree: Tree, changes: Iterable[Change]) -> str:
    """A member as LaTeX, with boxes around what changes put into its text; around the part they stand in where they are no part."""
    spans = [(c.start, c.start + len(c.new)) for c in changes if c.new]
    return written(_with_boxes(tree, [_part_of(tree, span) for span in spans]))


def _part_of(tree: Tree, span: tuple[int, int]) -> tuple[int, int]:
    """The span itself if it has parts of a tree in it; else the smallest part that it stands in."""
    around = [p.span for p in parts(tree) if p.span[0] <= span[0] and span[1] <= p.span[1]]
    begins = any(p.span[0] == span[0] and p.span[1] <= span[1] for p in parts(tree))
    return span if begins or not around else min(around, key=lambda s: s[1] - s[0])


def _with_boxes(tree: Tree, spans: list[tuple[int, int]]) -> Tree:
    def box(part: Tree) -> Tree | None:
        inside = part.span[0] < part.span[1] and any(start <= part.span[0] and part.span[1] <= end for start, end in spans)
        return Name(f"\\boxed{{{written(part)}}}") if inside else None

    return remade(tree, box)


# what can be tried


def _likely(text: str, tree: Tree, wanted: Wanted) -> Iterator[Change]:
    """The changes that fit a kind of repair, the smallest first; the whole member last."""
    nodes = sorted({part.span for part in parts(tree) if part.span[1] > part.span[0]}, key=lambda s: (s[1] - s[0], s))
    row = KINDS.get(wanted.kind)
    if row is not None:
        yield from row(text, tree, wanted, nodes)
    elif not wanted.was:
        yield from _put_in(text, tree, wanted, nodes)
    elif not wanted.now:
        yield from _taken_out(text, tree)
    else:
        yield from _replaced(text, tree, wanted, nodes)
    yield Change(*tree.span, wanted.whole)


Nodes = list[tuple[int, int]]


def _replaced(text: str, tree: Tree, wanted: Wanted, nodes: Nodes) -> Iterator[Change]:
    """A part, or two factors that are neighbours, and what stands in its place, in parentheses where that is needed."""
    pairs = [(a.span[0], b.span[1]) for _, a, b in _neighbours(tree)]
    for start, end in sorted({*nodes, *pairs}, key=lambda s: (s[1] - s[0], s)):
        yield Change(start, end, wanted.now)
    for start, end in nodes:
        yield Change(start, end, f"\\left({wanted.now}\\right)")


def _put_in(text: str, tree: Tree, wanted: Wanted, nodes: Nodes) -> Iterator[Change]:
    """A factor or a Σ before a part, the largest first, with parentheses where these are needed."""
    new = [f"\\sum_{{{wanted.now}}} "] if wanted.kind == "lost sum" else [f"{wanted.now} ", f"{wanted.now} \\cdot "]
    for start, _ in reversed(nodes):
        yield from (Change(start, start, n) for n in new)
    for start, end in reversed(nodes):
        yield from (Change(start, end, f"{n}\\left({text[start:end]}\\right)") for n in new)


def _term_put_in(text: str, tree: Tree, wanted: Wanted, nodes: Nodes) -> Iterator[Change]:
    """A term after a part."""
    signed = f" - {wanted.now[1:].lstrip()}" if wanted.now.startswith("-") else f" + {wanted.now}"
    for _, end in nodes:
        yield Change(end, end, signed)
    for start, end in nodes:
        yield Change(start, end, f"\\left({text[start:end]}{signed}\\right)")


def _taken_out(text: str, tree: Tree) -> Iterator[Change]:
    """A factor or a term with the sign before it, or after it where it is the first; a Σ without what it is over."""
    for part in parts(tree):
        if isinstance(part, Big):
            yield Change(*part.span, text[slice(*part.body.span)])
        items = (
            [i for _, i in part.terms] if isinstance(part, Added) else [f for _, f in part.factors] if isinstance(part, Multiplied) else []
        )
        for n, item in enumerate(items):
            if n:
                yield Change(items[n - 1].span[1], item.span[1], "")
            elif len(items) > 1:
                yield Change(item.span[0], items[1].span[0], "")


def _neighbours(tree: Tree) -> Iterator[tuple[Multiplied, Tree, Tree]]:
    for part in parts(tree):
        if isinstance(part, Multiplied):
            yield from ((part, a, b) for (_, a), (_, b) in zip(part.factors, part.factors[1:], strict=False))


def _signs(text: str, tree: Tree, wanted: Wanted, nodes: Nodes) -> Iterator[Change]:
    """The other sign, before a term or before a part that has none; before the whole member first, where all of it changes."""
    if wanted.kind == "sign of all":
        yield Change(tree.span[0], tree.span[0], "-")
    for part in parts(tree):
        if isinstance(part, Added):
            ends = [part.span[0], *(term.span[1] for _, term in part.terms)]
            for before, (_, term) in zip(ends, part.terms, strict=False):
                gap = text[before : term.span[0]]
                for old, new in (("-", "+"), ("+", "-"), ("-", "")):
                    if gap.count(old) == 1:
                        at = before + gap.index(old)
                        yield Change(at, at + 1, new)
    for start, _ in nodes:
        yield Change(start, start, "-")
    for start, end in nodes:
        yield Change(start, end, f"-\\left({text[start:end]}\\right)")


def _letters(text: str, tree: Tree, wanted: Wanted, nodes: Nodes) -> Iterator[Change]:
    """One letter for another throughout a part; both ways where two are exchanged."""
    swap = {wanted.was: wanted.now} | ({wanted.now: wanted.was} if wanted.kind == "exchanged" else {})
    leaves = sorted({p.span for p in parts(tree) if isinstance(p, Name) and text[slice(*p.span)] in swap})
    for start, end in nodes:
        inside = [s for s in leaves if start <= s[0] and s[1] <= end]
        pieces, at = [], start
        for a, b in inside:
            pieces += [text[at:a], swap[text[a:b]]]
            at = b
        if inside:
            yield Change(start, end, "".join(pieces) + text[at:end])


def _everywhere(text: str, tree: Tree, wanted: Wanted, nodes: Nodes) -> Iterator[Change]:
    """What a name is read as, wherever it stands with the same decoration."""
    for name in dict.fromkeys(p for p in parts(tree) if isinstance(p, (Name, Scripted)) and not isinstance(p, Number)):
        spans = sorted({p.span for p in parts(tree) if p == name})
        pieces, at = [], spans[0][0]
        for a, b in spans:
            pieces += [text[at:a], wanted.now]
            at = b
        yield Change(spans[0][0], spans[-1][1], "".join(pieces))


KINDS: Mapping[str, Callable[[str, Tree, Wanted, Nodes], Iterator[Change]]] = {
    "sign": _signs,
    "sign of all": _signs,
    "index": _letters,
    "exchanged": _letters,
    "everywhere": _everywhere,
    "lost term": _term_put_in,
}
