"""A chain of equations taken in: what it defines and what it claims, and what is not read of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

from symderiv.documents.marking.chains import enclosed, equal_runs, notes_under, without_remark
from symderiv.documents.marking.defining import (
    define,
    defines,
    defines_function,
    hold,
    is_delta,
    name_defined,
    with_names,
    without_arguments,
)
from symderiv.documents.marking.readings import NOTHING, AsWritten, Member, readings, with_sums
from symderiv.documents.marking.stated import (
    ASIDE,
    GRANTED,
    PERHAPS,
    UNWRITTEN,
    Stated,
    follows_from_a_gradient,
    has_derivative,
    is_no_identity,
    is_of_a_gradient,
    is_set_to_zero,
    is_solved,
    is_stated,
)
from symderiv.documents.marking.steps import step_of
from symderiv.documents.marking.understood import Making, problem
from symderiv.documents.meaning.asides import Standing, conditioned, with_more
from symderiv.documents.meaning.derivatives import DOUBTFUL, is_in_doubt
from symderiv.documents.meaning.differentials import begin_differentials, is_of_differentials, whole
from symderiv.documents.meaning.operations import heads_in
from symderiv.documents.meaning.prefixed import joined, with_joined
from symderiv.documents.meaning.ranges import among, is_for_every
from symderiv.documents.meaning.scope import Scope, Undeclared, attempt
from symderiv.documents.meaning.spelling import names_in, parts
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import (
    Chain,
    Differential,
    Fraction,
    Name,
    Number,
    Text,
    Tree,
)
from symderiv.documents.syntax.written import written
from symderiv.documents.text.prose import assumes
from symderiv.documents.text.source import Snippet
from symderiv.errors import FormulaError, Misplaced, SymderivError
from symderiv.faces.judged import Problem
from symderiv.language.claim import Claim, Step
from symderiv.language.program import Program, foundations
from symderiv.proof.decide import is_zero


def take_chain(chain: Chain, snippet: Snippet, making: Making, said: Standing) -> str:
    """A chain's equations, one after another, and its kind; a row that begins with =, or follows one that ended in =, goes on."""
    if chain in making.scope.aside:
        return _pass_over(chain, snippet, making)
    chain = with_names(chain, making.scope)
    said = replace(said, given=tuple(with_joined(given, making.scope) for given in said.given))
    cut = next((n for n in range(1, len(chain.members)) if _leads_on(chain, n)), 0)
    if cut:  # what follows from an equation is another one
        solved = replace(snippet, around=(f"{snippet.around[0]} solving", snippet.around[1]))  # from what is set to zero something follows
        take_chain(replace(chain, members=chain.members[:cut]), solved, making, said)
        return take_chain(replace(chain, members=chain.members[cut:]), snippet, making, said)
    chain = replace(chain, members=tuple((relation, None if tree is None else without_remark(tree)) for relation, tree in chain.members))
    alone = chain.members[0][1] if len(chain.members) == 1 else None
    if isinstance(alone, Text):
        return "remark"  # beside a row, which goes on in the next
    if (inner := enclosed(alone)) is not None:
        return take_chain(inner, snippet, making, said)
    before = len(making.said)
    kinds = [_take_equal(replace(chain, members=members), snippet, making, said) for members in equal_runs(chain)]
    if chain.members[0][0] == "⇔":
        making.said[before:] = [_one_way(step) for step in making.said[before:]]
    wanted = next((n for n, (sign, tree) in enumerate(chain.members) if n and sign == "∼" and tree == Number("0")), 0)
    if wanted or is_set_to_zero(snippet):
        set_to_zero(chain.members[wanted - 1 if wanted else 0][1], snippet, making)
    return next((kind for kind in kinds if kind != "remark"), "remark")


def _leads_on(chain: Chain, n: int) -> bool:
    """Whether another equation begins at a member: what follows from the one before, or is equivalent to it, neither being a condition."""
    relations = [relation for relation, _ in chain.members]
    return relations[n] == "⇒" or (relations[n] == "⇔" and "=" in relations[1:n] and relations[n + 1 : n + 2] == ["="])


def _one_way(step: AsWritten) -> AsWritten:
    """A step that is said to be equivalent to what stands before it: only that it follows is judged."""
    return replace(step, readings=tuple(replace(r, note=" and ".join(filter(None, (r.note, ONE_WAY)))) for r in step.readings))


ONE_WAY = "⇔ is read as ⇒"


def _pass_over(chain: Chain, snippet: Snippet, making: Making) -> str:
    """An aside: nothing is judged of it, but what it sets to zero is noted."""
    making.before, making.waits = None, False
    making.remarks.append(Problem(*snippet.place(chain.span[0]), ASIDE, written(chain)))
    if len(chain.members) > 1 and chain.members[-1][1] == Number("0"):
        set_to_zero(chain.members[-2][1], snippet, making)
    return "remark"


Related: TypeAlias = list[tuple[str, Member]]  # members of a chain, each with the relation before it


def _take_equal(chain: Chain, snippet: Snippet, making: Making, said: Standing) -> str:
    """The members between two inequalities: a definition, with what it is equal to, or a claim; or a remark, and no claim."""
    scope, relation = making.scope, chain.members[0][0]
    given = _conditions_on(chain, snippet, said, making)
    members: Related = [(sign, Member(tree, snippet, given)) for sign, tree in chain.members if tree is not None]
    if len(members) > 1 and (doubtful := next((m.tree for _, m in members if is_in_doubt(m.tree, scope)), None)) is not None:
        raise FormulaError(DOUBTFUL, doubtful.span)
    members = _of_differentials(members, chain, making)
    if relation == "" and len(members) == 2 and defines_function(members[0][1].tree, members[1][1].tree, scope):
        making.before, making.waits = None, False
        return "definition"
    members = _without_arguments(members, scope)
    if len(members) == 2 and all(isinstance(m.tree, Name) and scope.index(m.tree.text) is not None for _, m in members):
        return "remark"  # where two positions are the same
    before = making.before if chain.members[0][1] is not None and (relation == "=" or (relation == "" and making.waits)) else None
    if before is not None:
        members = _gone_on(before, members, given)
    elif relation == "=":
        making.before, making.waits, making.open = None, False, None
        raise FormulaError("a row that begins with = follows nothing that was read", chain.span)
    elif len(chain.members) == 1:
        making.before, making.waits = (members[0][1] if members else None), False
        return "remark"
    _leave_open(chain, members, snippet, making)
    if _says_what_a_delta_is(members):
        making.before = None
        return "remark"
    return _take_members(members, chain, making, said, before is not None)


def _of_differentials(members: Related, chain: Chain, making: Making) -> Related:
    """The members, with what each d is of if the equation is one of differentials; each input that it rests on has its own from here on."""
    scope, goes_on = making.scope, chain.members[0][0] == "="
    above = [making.before.tree] if making.before is not None and (goes_on or making.waits) else []
    trees = [*above, *(m.tree for _, m in members)]
    scope.differentials = len(trees) > 1 and is_of_differentials(trees, scope)
    if not scope.differentials:
        return members
    members = [(sign, replace(m, tree=whole(m.tree))) for sign, m in members]
    begin_differentials([*above, *(m.tree for _, m in members)], scope)
    return members


def _conditions_on(chain: Chain, snippet: Snippet, said: Standing, making: Making) -> tuple[Chain, ...]:
    """The conditions under which equations hold: their own, and what the prose assumes of what they mention."""
    for doubted, message in (*making.doubts, *((chains, message) for _, chains, message in making.headed if message)):
        if any(_concerns(c, chain, making.scope) for c in doubted):
            raise FormulaError(message, chain.span)
    own = names_in(said.given)
    headed = [chain for _, chains, message in making.headed if not message for chain in chains]
    assumed = () if assumes(snippet.before) else (*headed, *making.assumed)
    free = [c for c in assumed if not own & names_in(c)]
    given = with_more(said.given, [c for c in free if _concerns(c, chain, making.scope)])
    if len(given) > 1 and _hold_nowhere(given, making):
        raise FormulaError("these conditions hold nowhere together: which is meant? Write it beside the equation", given[-1].span)
    return given


def _without_arguments(members: Related, scope: Scope) -> Related:
    """The members, the first without its arguments if it is defined with some."""
    if len(members) < 2:
        return members
    (relation, first), *rest = members
    named = without_arguments(first.tree, scope)
    return members if named is None else [(relation, replace(first, tree=named)), *rest]


def _gone_on(before: Member, members: Related, given: tuple[Chain, ...]) -> Related:
    """The members of a row that goes on from the one above, under what both are said to hold for."""
    given = with_more(before.given, given)
    (_, first), *rest = members
    return [(relation, replace(member, given=given)) for relation, member in [("", before), ("=", first), *rest]]


def _leave_open(chain: Chain, members: Related, snippet: Snippet, making: Making) -> None:
    """Note what the next row can go on from, and whether it has to."""
    making.waits = chain.members[-1][1] is None
    making.open = (snippet, chain.span[1]) if making.waits else None
    making.before = members[-1][1] if members else None


def _says_what_a_delta_is(members: Related) -> bool:
    """Whether an equation says what a Kronecker delta is, under no condition."""
    values = (Number("0"), Number("1"))
    return len(members) == 2 and not members[0][1].given and is_delta(members[0][1].tree) and members[1][1].tree in values


def _take_members(members: Related, chain: Chain, making: Making, said: Standing, goes_on: bool) -> str:
    """A definition if the first member is new, claims of the others, and of what stands under their braces."""
    notes = [note for _, member in members for note in notes_under(member)]
    is_definition = not goes_on and len(members) > 1 and defines(members[0][1].tree, members[1][0], members[1][1].tree, making.scope)
    if is_definition:
        _take_definition(members[0][1], members[1][1], making, said, chain)
    _claim([m for _, m in (members[1:] if is_definition else members)], making, goes_on)
    for body, note in notes:
        _claim([body, note], making)
    return "definition" if is_definition else "claim"


def _concerns(condition: Chain, chain: Chain, scope: Scope) -> bool:
    """Whether an assumption is one on something that an equation mentions, or rests on."""
    letters = any(scope.index(name) is not None for name in names_in(condition) & names_in(chain))
    return letters or bool(heads_in((condition,), scope) & foundations(heads_in((chain,), scope), scope.derivation.program))


def _hold_nowhere(given: tuple[Chain, ...], making: Making) -> bool:
    """Whether no position and no number satisfies all of several conditions: under these anything would hold."""
    try:
        with attempt(making.scope, keep=False):
            return is_zero(value(conditioned(Number("1"), given), making.scope), making.scope.derivation.program)
    except SymderivError:
        return False


def _take_definition(left: Member, right: Member, making: Making, said: Standing, chain: Chain) -> None:
    """A definition; one that cannot be read is held as given, unless what it lacks may be defined below: "where ..."."""
    scope = making.scope
    try:
        if said.given and not said.loose:
            raise FormulaError("a definition under a condition: write all cases in one, \\begin{cases} ... \\end{cases}", chain.span)
        define(left.tree, right.tree, scope)
        _define_waiting(making)
    except SymderivError as error:
        scope.failed[name_defined(left.tree)] = left.place[0]
        if isinstance(error, Undeclared) and left.place not in making.lost:
            making.waiting.append((left, right, problem(error, left.snippet, left.tree.span)))
        else:
            making.problems.append(problem(error, left.snippet, left.tree.span))
            hold(left.tree, written(right.tree), left.place[0], scope, making.macros)


def _claim(members: list[Member], making: Making, goes_on: bool = False) -> None:
    """The steps of a chain; one that cannot be read is a problem, and those beside it are still judged.

    A chain that goes on from the row above belongs to its claim, unless something else was claimed since.
    """
    derivation = making.scope.derivation
    said: list[AsWritten] = []
    chain = [*_above(members[0], making), *members] if goes_on else members
    for left, right in pairwise(members):
        step = _step(left, right, chain, len(said), making)
        said += [] if step is None else [step]
    if said and not any(s.misfit or not s.readings for s in said):
        said = with_sums(said, making.writes_sums)
    steps = tuple(s.readings[0].step if s.readings else NOTHING for s in said)
    making.said += said
    last = derivation.claims[-1] if derivation.claims else None
    if steps and goes_on and last is not None and making.said[-len(steps) - 1].right.tree is members[0].tree:
        derivation.claims[-1] = replace(last, steps=(*last.steps, *steps))
    elif steps:
        label = _label(making)
        derivation.claims.append(Claim(label, steps, members[0].place[0]))


def _step(left: Member, right: Member, chain: list[Member], before: int, making: Making) -> AsWritten | None:
    """A step of a chain, with so many before it in its row, in all its readings; None if it cannot be read, or is taken for granted."""
    derivation = making.scope.derivation
    try:
        with attempt(making.scope):
            ways, misfit = readings(left.meant, right.meant, making.scope)
    except SymderivError as error:
        culprit = right if _fails(right, making) else left
        told = problem(error, culprit.snippet, culprit.tree.span)
        making.problems += [told] if told not in making.problems else []
        making.zero_unread = making.zero_unread or _sets_a_slope_to_zero(left, right)
        return None
    ends, step = right is chain[-1], ways[0].step if ways and not misfit else None
    if step is not None and not right.given and is_stated(step, ends, right.snippet, derivation):
        _state(left, right, step, making, before, is_solved(step, right.snippet))
        making.remarks.append(Problem(*right.place, GRANTED, f"{left.latex} = {right.latex}"))
        return None
    if step is not None and ends and _is_perhaps_solved(chain, step, derivation.program):
        _state(left, right, step, making, before + 1, solved=True)
        ways = [replace(r, short=PERHAPS) for r in ways]
    follows = follows_from_a_gradient(right.snippet) or (making.zero_unread and not (step is not None and has_derivative(step)))
    if follows and not any(s.solved for s in making.stated):
        ways = [replace(r, short=r.short or UNWRITTEN) for r in ways]
    if any(is_for_every(c, (left.tree, right.tree), making.scope) for c in right.given):
        ways = [replace(r, short=r.short or EVERY) for r in ways]
    why = str(misfit).rstrip(".") if misfit is not None else ""
    return AsWritten(left, right, tuple(ways), why, isinstance(misfit, Misplaced), making.scope.formula)


def _sets_a_slope_to_zero(left: Member, right: Member) -> bool:
    return right.tree == Number("0") and any(isinstance(p, Differential) for p in parts(left.tree))


EVERY = "a condition for every position could not be used, as the formula has none of its own; declare it: assume x_i > 0"


def _state(left: Member, right: Member, step: Step, making: Making, more: int = 0, solved: bool = False) -> None:
    """Note what the text takes for granted, from the step on that comes after so many more; `solved`, an equation for that."""
    making.stated.append(Stated(len(making.said) + more, step, f"{left.latex} = {right.latex}", right.place[0], solved))


def _above(member: Member, making: Making) -> list[Member]:
    """The members of a chain in the rows above the one that goes on with its last, as far as they were read."""
    above: list[Member] = []
    for step in reversed(making.said):
        if step.right.tree is not (above[0] if above else member).tree:
            break
        above.insert(0, step.left)
    return above


def _is_perhaps_solved(members: list[Member], step: Step, program: Program) -> bool:
    """Whether a chain goes from a derivative to what it is, and on to 0 though that is not so everywhere."""
    top = members[0].tree.above if isinstance(members[0].tree, Fraction) else members[0].tree
    return step.right == 0 and len(members) > 2 and isinstance(top, Differential) and is_no_identity(step, program)


def set_to_zero(tree: Tree | None, snippet: Snippet, making: Making) -> None:
    """Note that the text sets something to zero, unless it is zero anyway."""
    if tree is None or (is_of_a_gradient(snippet.after) and not any(isinstance(p, Differential) for p in parts(tree))):
        return  # of what has that gradient nothing is said
    left, right = Member(tree, snippet), Member(Number("0", span=tree.span), snippet)
    try:
        with attempt(making.scope):
            ways, misfit = readings(left.tree, right.tree, making.scope)
    except SymderivError:
        making.zero_unread = True
        return
    if ways and not misfit and is_no_identity(ways[0].step, making.scope.derivation.program):
        _state(left, right, ways[0].step, making, solved=True)


def _define_waiting(making: Making) -> None:
    """Make the definitions that waited for a name which is defined by now."""
    for row in list(making.waiting):
        try:
            with among((row[0].tree, row[1].tree), making.scope):
                define(joined(row[0].tree, making.scope), joined(row[1].tree, making.scope), making.scope)
        except SymderivError:
            continue
        making.waiting.remove(row)
        making.scope.failed.pop(name_defined(row[0].tree), None)
        return _define_waiting(making)
    return None


def _label(making: Making) -> str:
    base = making.label or str(1 + len(making.scope.derivation.claims))
    label = next(x for x in (base, *(f"{base} ({n})" for n in range(2, 1000))) if x not in making.used)
    making.used.add(label)
    return label


def _fails(member: Member, making: Making) -> bool:
    try:
        with attempt(making.scope, keep=False):
            step_of(member.tree, member.tree, making.scope)
    except SymderivError:
        return True
    return False
