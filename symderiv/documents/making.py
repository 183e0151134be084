"""A document's formulas taken in, in order: what they define, what they claim, what is passed over, what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from symderiv.arrays import Array, beside, distinct
from symderiv.claim import Claim, Step
from symderiv.documents.asides import apart, conditions, is_aside
from symderiv.documents.declarations import declare
from symderiv.documents.grammar import read
from symderiv.documents.listed import listed
from symderiv.documents.meaning import value
from symderiv.documents.operations import FUNCTIONS
from symderiv.documents.readings import NOTHING, AsWritten, Member, count, readings, with_sums
from symderiv.documents.scope import (
    Scope,
    Undeclared,
    called,
    found,
    name_of,
    parts,
    range_by_use,
    spelled,
    spelled_or_none,
    with_letters_below,
)
from symderiv.documents.source import Block, Snippet
from symderiv.documents.stated import GRANTED, Stated, is_stated
from symderiv.documents.tokens import Macro
from symderiv.documents.tree import Added, Big, Chain, Differential, Fenced, Listed, Multiplied, Name, Noted, Number, Scripted, Text, Tree
from symderiv.documents.unsized import Row, Unsized
from symderiv.documents.written import written
from symderiv.errors import FormulaError, SymderivError
from symderiv.judged import Problem, WrittenFormula
from symderiv.terms import Index, replace as substitute


@dataclass
class Making:
    """A document on its way: what was understood so far."""

    scope: Scope
    macros: dict[str, Macro]
    folder: Path
    problems: list[Problem] = field(default_factory=list)
    said: list[AsWritten] = field(default_factory=list)
    before: Member | None = None  # what a row that begins with = goes on from
    waits: bool = False  # whether the last row ended in =
    formulas: list[WrittenFormula] = field(default_factory=list)
    label: str = ""
    used: set[str] = field(default_factory=set)
    announced: dict[str, tuple[int, str]] = field(default_factory=dict)  # where objectives were declared
    waiting: list[tuple[Member, Member, Problem]] = field(default_factory=list)  # definitions that use what is defined only later
    writes_sums: bool = False  # whether the text has a Σ
    stated: list[Stated] = field(default_factory=list)  # equations that the text takes for granted
    remarks: list[Problem] = field(default_factory=list)  # what there is to say of what is passed over


def never_made(making: Making) -> Iterator[Problem]:
    """Objectives of what nothing defines, and so were never made."""
    for name, (line, text) in making.announced.items():
        missing = [spelled(t) for t in making.scope.objectives.get(name, ()) if found(t, making.scope) is None]
        if missing:
            message = f"{missing[0]} is not defined in this document; the objective {name} is of what a formula defines, or an input"
            yield Problem(line, 1, message, text)


def gathered(problems: list[Problem]) -> tuple[Problem, ...]:
    """Problems in order; a name that is missing in many places is told once."""
    times = Counter(p.message for p in problems)
    first = {p.message: p for p in reversed(problems)}
    found_ = []
    for p in problems:
        again = times[p.message] - 1
        if " is not declared; " not in p.message or not again:
            found_.append(p)
        elif p is first[p.message]:
            found_.append(replace(p, message=f"{p.message} (it is used at {again} more place{'s' * (again > 1)})"))
    return tuple(found_)


def take(part: Snippet | Block, making: Making) -> None:
    if isinstance(part, Block):
        for line, text in sorted(part.lines, key=lambda row: _turn(row[1])):
            _declare(line, text, making)
        return
    try:
        formula = read(part.latex, making.macros)
    except FormulaError as error:
        if part.display:
            making.problems.append(_problem(error, part))
            making.before, making.waits = None, False
            making.formulas.append(WrittenFormula("unread", part.latex, *part.place(0), message=str(error)))
        return
    if formula.label:
        making.label = _joined(making.label, formula.label)
        making.waits = False
    chains = apart(formula.chains)
    try:
        given = conditions(chains, making.scope)
    except FormulaError as error:
        making.problems.append(_problem(error, part))
        making.formulas.append(WrittenFormula("unread", part.latex, *part.place(0), message=str(error)))
        return
    beside = [id(c) for found_ in given.values() for c in found_]
    for n, chain in enumerate(chains):
        if part.display or len([m for m in chain.members if m[1] is not None]) > 1:
            before, problems = len(making.said), len(making.problems)
            aside = id(chain) in beside or is_aside(chain, making.scope)
            kind = "remark" if aside else _take_chain(chain, part, making, given.get(n, ()))
            unread = making.problems[problems:]
            steps = tuple(range(before, len(making.said)))
            kind = "unread" if unread and not steps else "remark" if kind == "claim" and not steps else kind
            message = "; ".join(p.message for p in unread)
            making.formulas.append(WrittenFormula(kind, written(chain), *part.place(chain.span[0]), steps, message))


def _turn(text: str) -> int:
    """Which statements of a block come first, wherever they stand: pages, sizes and letters, of which the others are made."""
    word = text.strip().partition(" ")[0].rstrip(":")
    return next((n for n, words in enumerate(FIRST) if word in words), len(FIRST))


FIRST = (("use",), ("size", "sizes"), ("index", "indices"))


def _joined(before: str, label: str) -> str:
    """`b` after `3a` is `3b`."""
    label = label.replace(" ", "").replace(".", "")
    digits = "".join(c for c in before if c.isdigit())
    return digits + label if label.isalpha() and before else label


def _declare(line: int, text: str, making: Making) -> None:
    if not text.strip() or text.strip().startswith("#"):
        return
    try:
        before = set(making.scope.objectives)
        is_statement = declare(text, making.scope, making.macros, making.folder)
        making.announced |= dict.fromkeys(set(making.scope.objectives) - before, (line, text.strip()))
        if not is_statement:
            snippet = Snippet(text, True, line, 1, ((0, line, 1),))
            for chain in read(text, making.macros).chains:
                _take_chain(chain, snippet, making)
    except SymderivError as error:
        making.problems.append(Problem(line, 1, str(error), text.strip()))


def _problem(error: SymderivError, snippet: Snippet) -> Problem:
    at = getattr(error, "at", (0, 0))
    line, column = snippet.place(at[0])
    return Problem(line, column, str(error), snippet.latex[slice(*at)] or snippet.latex)


def _take_chain(chain: Chain, snippet: Snippet, making: Making, given: tuple[Chain, ...] = ()) -> str:
    """A chain's equations, one after another, and its kind; a row that begins with =, or follows one that ended in =, goes on.

    They hold under the conditions `given`.
    """
    if chain in making.scope.aside:
        making.before, making.waits = None, False
        return "remark"
    cut = next((n for n, (relation, _) in enumerate(chain.members) if n and relation == "⇒"), 0)
    if cut:  # what follows from an equation is another one
        _take_chain(replace(chain, members=chain.members[:cut]), snippet, making, given)
        return _take_chain(replace(chain, members=chain.members[cut:]), snippet, making, given)
    chain = replace(chain, members=tuple((relation, _without_remark(tree)) for relation, tree in chain.members))
    if len(chain.members) == 1 and isinstance(chain.members[0][1], Text):
        return "remark"  # beside a row, which goes on in the next
    wanted = next((n for n, (relation, _) in enumerate(chain.members) if n and relation not in ("=", ":=")), 0)
    if wanted > 1 and all(tree is not None for _, tree in chain.members[:wanted]):
        chain = replace(chain, members=chain.members[:wanted])  # what is about equal, or wanted to be, is no claim
    (first, opening), *rest = chain.members
    members = [(rel, Member(tree, snippet, given)) for rel, tree in chain.members if tree is not None]
    if first == "" and len(members) == 2 and _defines_function(members[0][1].tree, members[1][1].tree, making.scope):
        making.before, making.waits = None, False
        return "definition"
    if members and (named := _without_arguments(members[0][1].tree, making.scope)) is not None:
        members[0] = (members[0][0], Member(named, snippet))
    ends = bool(chain.members) and chain.members[-1][1] is None and chain.members[-1][0] in ("=", ":=")
    if len(members) == 2 and all(isinstance(m.tree, Name) and making.scope.index(m.tree.text) is not None for _, m in members):
        return "remark"  # where two positions are the same
    goes_on = making.before is not None and opening is not None and (first == "=" or (first == "" and making.waits))
    if goes_on and making.before is not None:
        members = [("", making.before), ("=", members[0][1]), *members[1:]]
    elif first == "=":
        making.problems.append(Problem(*snippet.place(chain.span[0]), "a row that begins with = follows nothing", snippet.latex))
        return "claim"
    elif not rest:
        making.before, making.waits = (members[0][1] if members else None), False
        return "remark"
    making.waits = ends
    making.before = members[-1][1] if members else None
    says_what_delta_is = len(members) == 2 and _is_delta(members[0][1].tree) and members[1][1].tree in (Number("0"), Number("1"))
    if says_what_delta_is or any(relation not in ("", "=", ":=", "⇒") for relation, _ in members[1:]):
        making.before = None
        return "remark"
    notes = [note for _, member in members for note in _notes(member)]
    kind = "claim"
    if not goes_on and len(members) > 1 and _defines(members[0][1], members[1][0], members[1][1], making):
        kind = "definition"
        try:
            if given:
                raise FormulaError("a definition under a condition: write all cases in one, \\begin{cases} ... \\end{cases}", chain.span)
            _define(members[0][1], members[1][1], making)
            _define_waiting(making)
        except SymderivError as error:
            making.scope.failed[_name_defined(members[0][1].tree)] = members[0][1].place[0]
            if isinstance(error, Undeclared):  # it may be defined below: "where ..."
                making.waiting.append((members[0][1], members[1][1], _problem(error, snippet)))
            else:
                making.problems.append(_problem(error, snippet))
        members = members[1:]
    _claim([m for _, m in members], making, goes_on)
    for body, note in notes:
        _claim([body, note], making)
    return kind


def _without_arguments(tree: Tree, scope: Scope) -> Name | Scripted | None:
    """The name in `J(w) = ...`, where that defines J; from then on J(w) is J."""
    if not isinstance(tree, Multiplied) or len(tree.factors) != 2 or tree.factors[1][0] != "":
        return None
    (_, head), (_, fence) = tree.factors
    if not isinstance(head, (Name, Scripted)) or not isinstance(fence, Fenced) or fence.fence != "(" or found(head, scope) is not None:
        return None
    if spelled_or_none(_base(head)) in scope.functions:
        return None
    try:
        value(tree, scope)
    except Undeclared:
        pass
    except SymderivError:
        return None
    else:
        return None
    scope.applied.add(spelled(head))
    return head


def _name_defined(tree: Tree) -> str:
    return spelled_or_none(_base(tree)) or ""


def _without_remark(tree: Tree | None) -> Any:
    """A member without the words that stand after it."""
    if isinstance(tree, Multiplied) and len(tree.factors) > 1:
        *factors, (mark, last) = tree.factors
        if isinstance(last, Text) and not mark:
            return _without_remark(factors[0][1] if len(factors) == 1 else replace(tree, factors=tuple(factors)))
        return replace(tree, factors=(*factors, (mark, _without_remark(last))))
    if isinstance(tree, Added):
        *terms, (sign, term) = tree.terms
        return replace(tree, terms=(*terms, (sign, _without_remark(term))))
    return replace(tree, body=_without_remark(tree.body)) if isinstance(tree, Big) else tree


def _defines_function(left: Tree, right: Tree, scope: Scope) -> bool:
    """Whether an equation defines a function of one number, `g(z) = ...` with a letter z that stands for nothing yet."""
    head, fence = called(left)
    if head is None or not isinstance(fence, Fenced) or fence.fence != "(" or not isinstance(fence.body, Name):
        return False
    name, letter = spelled(head), fence.body.text
    if spelled_or_none(_base(head)) in scope.functions or any(isinstance(p, Differential) for p in parts(right)):
        return False
    inside = any(isinstance(part, Name) and part.text == letter for part in parts(right))
    if not inside or any(found(t, scope) is not None for t in (head, fence.body)) or scope.index(letter) is not None or name in FUNCTIONS:
        return False
    scope.functions[name] = (letter, right)
    return True


def _notes(member: Member) -> Iterator[tuple[Member, Member]]:
    """What stands under the braces of a member, where that is a formula."""
    for part in parts(member.tree):
        if (
            isinstance(part, Noted)
            and part.note is not None
            and isinstance(part.note, (Name, Scripted, Multiplied))
            and _is_formula(part.note)
        ):
            yield Member(part.body, member.snippet), Member(part.note, member.snippet)
        elif isinstance(part, Noted) and type(part.note).__name__ in ("Fraction", "Added", "Big"):
            assert part.note is not None
            yield Member(part.body, member.snippet), Member(part.note, member.snippet)


def _is_formula(tree: Tree) -> bool:
    return not any(type(part).__name__ == "Text" for part in parts(tree))


def _defines(left: Member, relation: str, right: Member, making: Making) -> bool:
    """Whether an equation defines its left side: a plain name that is new."""
    tree, scope = left.tree, making.scope
    if not isinstance(tree, (Name, Scripted)):
        return False
    seen = found(tree, scope)
    plain = isinstance(tree.base if isinstance(tree, Scripted) else tree, Name)
    if isinstance(tree, Name) and seen is not None and isinstance(seen.what, Array) and tree.text not in scope.whole:
        return _sums_up(tree.text, right.tree, scope)
    if not plain or (seen is not None and relation != ":=") or _is_delta(tree):
        return False
    if relation == ":=":
        return True
    try:
        value(tree, scope)
    except Undeclared:
        return not any(scope.index(p.text) is not None and p.text == spelled(_base(tree)) for p in parts(tree) if isinstance(p, Name))
    except SymderivError:
        return False
    return False  # it has a meaning already


def _sums_up(name: str, tree: Tree, scope: Scope) -> bool:
    """Whether a formula is one number made of the entries of an array: L = Σ L_i defines L beside L_i."""
    entries = [found(part, scope) for part in parts(tree) if isinstance(part, Scripted)]
    if not any(seen is not None and seen.name == name and seen.positions is not None for seen in entries) or listed(tree, scope):
        return False
    try:
        return not isinstance(value(tree, scope), (Array, Row, Unsized))
    except SymderivError:
        return False


def _base(tree: Tree) -> Tree:
    return tree.base if isinstance(tree, Scripted) else tree


def _is_delta(tree: Tree) -> bool:
    return isinstance(tree, Scripted) and tree.base == Name("\\delta") and tree.sub is not None and count(tree.sub) == 2


def _define(left: Member, right: Member, making: Making) -> None:
    scope, tree = making.scope, left.tree
    tree = with_letters_below(tree, scope) if isinstance(tree, Scripted) else tree
    name, letters = _head(tree, right.tree, scope)
    entry = next((n for n in scope.names if letters and n.startswith(f"{name}_") and n.removeprefix(f"{name}_").isdigit()), None)
    if entry is not None:
        raise FormulaError(f"{entry} was defined on its own, and here all of {name}: write one of them otherwise", tree.span)
    scope.direct = True
    dimensions: list[Index] = []
    if name in scope.applied:  # what is defined with its arguments has an entry for each of these
        inside = [p.text for p in parts(scope.arguments[name]) if isinstance(p, Name)]
        scope.parameters[name] = tuple(dict.fromkeys(letter for letter in inside if letter in scope.letters))
        letters = [*letters, *scope.parameters[name]]
    scope.defining = frozenset(letters)
    for letter in letters:
        index = scope.letters.get(letter) or range_by_use(letter, right.tree, scope)
        if index is None and len(letters) == 1 and name not in scope.applied:
            name = spelled(tree)  # one time step, h_t: the letter is part of the name, and an error where it is an index
            break
        if index is None:
            raise FormulaError(f"the range of {letter} is not known; declare it: index {letter} = 1..m", tree.span)
        dimensions.append(index)
        scope.letters.setdefault(letter, index)
    try:
        body = listed(right.tree, scope, letters) or value(right.tree, scope)
    finally:
        scope.defining = None
    if dimensions and isinstance(body, Array):  # a vector for each position
        whole = distinct((*dimensions, *body.indices), beside(body) - {i.name for i in dimensions})
        swap = dict(zip(dimensions, whole, strict=False))
        body, dimensions = substitute(body.entry(whole[len(dimensions) :]), swap), list(whole)
    if isinstance(body, Unsized):
        raise FormulaError(f"{body.name} of which size? Write it below, as in {body.name}_n", right.tree.span)
    if isinstance(scope.names.get(name), Array):  # one number beside an array of the same name, as L beside L_i
        scope.whole[name] = scope.derivation.let(f"{name}_{{total}}", body)
        return
    scope.names[name] = scope.derivation.let(name, *dimensions, body)


def _head(tree: Tree, body: Tree, scope: Scope) -> tuple[str, list[str]]:
    """The name that an equation defines, and the letters of its indices; letters of which one is no index are a word."""
    if not isinstance(tree, Scripted):
        return spelled(tree), []
    if tree.sub is None:
        return spelled(tree), []
    items = tree.sub.items if isinstance(tree.sub, Listed) else None
    if items is None:
        items = tuple(f for _, f in tree.sub.factors) if isinstance(tree.sub, Multiplied) else (tree.sub,)
    letters = [item.text for item in items if isinstance(item, Name) and len(item.text) == 1 and item.text.islower()]
    known = [letter in scope.letters or range_by_use(letter, body, scope) is not None for letter in letters]
    if len(letters) < len(items) or (len(items) > 1 and isinstance(tree.sub, Multiplied) and not all(known)):
        return spelled(tree), []
    return name_of(spelled(tree.base), "", spelled(tree.sup), tree.primes), letters


def _claim(members: list[Member], making: Making, goes_on: bool = False) -> None:
    """The steps of a chain; one that cannot be read is a problem, and those beside it are still judged.

    A chain that goes on from the row above belongs to its claim, unless something else was claimed since.
    """
    derivation = making.scope.derivation
    steps: list[Step] = []
    said: list[AsWritten] = []
    for left, right in pairwise(members):
        try:
            found_, misfit = readings(left.meant, right.meant, making.scope)
        except SymderivError as error:
            culprit = right if _fails(right, making) else left
            problem = _problem(error, culprit.snippet)
            if problem not in making.problems:
                making.problems.append(problem)
            continue
        ends = right is members[-1]
        if found_ and not misfit and not right.given and is_stated(found_[0].step, ends, right.snippet, derivation):
            latex = f"{left.latex} = {right.latex}"
            making.stated.append(Stated(len(making.said) + len(said), found_[0].step, latex, right.place[0]))
            making.remarks.append(Problem(*right.place, GRANTED, latex))
            continue
        steps.append(found_[0].step if found_ else NOTHING)
        said.append(AsWritten(left, right, tuple(found_), misfit))
    if said and not any(s.misfit or not s.readings for s in said):
        said = with_sums(said, making.writes_sums)
        steps = [s.readings[0].step for s in said]
    making.said += said
    last = derivation.claims[-1] if derivation.claims else None
    if steps and goes_on and last is not None and making.said[-len(steps) - 1].right is members[0]:
        derivation.claims[-1] = replace(last, steps=(*last.steps, *steps))
    elif steps:
        label = _label(making)
        derivation.claims.append(Claim(label, tuple(steps), members[0].place[0]))


def _define_waiting(making: Making) -> None:
    """Make the definitions that waited for a name which is defined by now."""
    for row in list(making.waiting):
        try:
            _define(row[0], row[1], making)
        except SymderivError:
            continue
        making.waiting.remove(row)
        making.scope.failed.pop(_name_defined(row[0].tree), None)
        return _define_waiting(making)
    return None


def _label(making: Making) -> str:
    base = making.label or str(1 + len(making.scope.derivation.claims))
    label = next(x for x in (base, *(f"{base} ({n})" for n in range(2, 1000))) if x not in making.used)
    making.used.add(label)
    return label


def _fails(member: Member, making: Making) -> bool:
    try:
        value(member.tree, making.scope)
    except SymderivError:
        return True
    return False
