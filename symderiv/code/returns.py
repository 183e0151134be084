"""Arrays that were traced judged: each returned array against what it should be, for every shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod

from sympy import Expr, Integer, Rational, Symbol

from symderiv.errors import SymderivError, TraceError
from symderiv.judging.verify import all_together, judge_step
from symderiv.language.claim import Derivation, Step
from symderiv.language.program import Program, foundations
from symderiv.language.terms import Index, Where, names, subterms
from symderiv.language.verdict import Judgement, Proved, Refuted, Unknown, name_of
from symderiv.language.words import VerdictName
from symderiv.proof.side import Known
from symderiv.tracing.collecting import Collected, in_words
from symderiv.tracing.dialects import dialect_of
from symderiv.tracing.drawing import Argument
from symderiv.tracing.examples import Example, Runs, example
from symderiv.tracing.rebuilding import Copies
from symderiv.tracing.roles import Binding
from symderiv.tracing.running import Inputs, assumed
from symderiv.tracing.sizes import same
from symderiv.tracing.table import data
from symderiv.tracing.traced import BOOL, MOST_APART, Traced, aligned, as_number, is_short, length, shape_text, swapped
from symderiv.tracing.trials import REMEMBERS, Found, fits, found_by_trials, remembers
from symderiv.tracing.values import Code

LEAST = -10_000  # what is less is there to leave out


@dataclass(frozen=True)
class Result:
    """One returned array judged: its name, what it should be, the judgement, and where it is wrong if it is.

    `misfit` says that its shape is not what it should be; `fixed` names the lengths that were numbers, for which alone a proof holds;
    `unnamed` what has a name of ours only; `of` what it is the gradient of; `assumptions` what was declared of the arrays that it
    rests on, and the numbers that were kept; `binding` what each parameter and each returned value was taken for.
    """

    name: str
    meaning: str
    judgement: Judgement | None
    program: Program
    example: Example | None = None
    misfit: str = ""
    fixed: tuple[str, ...] = ()
    unnamed: frozenset[Symbol] = frozenset()
    remark: str = ""  # what runs in floats tell about a proof, or that a wrong one is right in another order
    of: str = ""
    assumptions: tuple[str, ...] = ()
    binding: Binding | None = None

    @property
    def verdict(self) -> VerdictName:
        """`proved`, `refuted` or `unknown`."""
        return "refuted" if self.judgement is None else name_of(self.judgement.graph)

    @property
    def aside(self) -> tuple[str, ...]:
        """Outputs without an upstream gradient, through which nothing was differentiated."""
        return tuple(map(self.binding.way.called, self.binding.way.aside)) if self.binding is not None else ()


@dataclass
class Traces:
    """Functions traced into one derivation."""

    title: str
    derivation: Derivation = field(init=False)
    inputs: Inputs = field(init=False)
    collected: Collected = field(init=False)
    copies: Copies = field(default_factory=Copies)

    def __post_init__(self) -> None:
        self.derivation = Derivation(self.title)
        self.inputs, self.collected = Inputs(self.derivation), Collected(self.derivation)

    @classmethod
    def of(cls, function: Code, axes: str, undeclared: str = "") -> Traces:
        """For functions of the library that a function is written for."""
        made, dialect = cls(getattr(function, "__name__", "function")), dialect_of(function)
        made.inputs.undeclared = undeclared
        made.inputs.axes, made.inputs.table, made.inputs.convert = axes, dialect.table, dialect.convert
        made.inputs.sizes = {} if dialect.is_numpy else None
        return made


@dataclass(frozen=True)
class Pending:
    """A returned array and the claims that it is what it should be, before these are judged.

    Where axes have few positions there is a claim for each; `places` says which.
    """

    name: str
    meaning: str
    steps: tuple[Step, ...] = ()
    places: tuple[Mapping[Index, int], ...] = ()
    misfit: str = ""
    argument: Argument | None = None


Again = Callable[[str], tuple[Traces, Sequence[Pending]]]  # traces all once more, of one argument nothing declared


def named_objective(traces: Traces, body: Expr) -> Symbol:
    try:
        traces.derivation.let(traces.collected.free_name("J"), body)
    except SymderivError as error:
        raise TraceError(f"what is differentiated: {in_words(str(error))}") from error
    head: Symbol = traces.derivation.program.equations[-1].head
    return head


def steps_of(traces: Traces, like: Traced, wanted: Callable[[Expr], Expr] | None, value: object, name: str, other: str) -> Pending:
    """The claims that an array is what is wanted of each entry, or this itself; or that its shape is not that of the other."""
    try:
        found = data(value)
    except TraceError as error:
        raise type(error)(f"{name}, which is returned: {error}") from error
    if len(found.axes) != len(like.axes) or not all(map(same, found.lengths, like.lengths)):
        return Pending(name, "", misfit=f"{name} has shape {shape_text(found)}; {other} has {shape_text(like)}")
    axes, (entry, body) = aligned((Traced(like.axes, like.number), found))
    body = as_number(body) if found.kind == BOOL else body
    short = _apart([i for group in axes for i in group]) if entry.has(Where) or body.has(Where) else []
    places = [dict(zip(short, at, strict=True)) for at in product(*(range(1, int(i.upper) + 1) for i in short))]
    steps = []
    for place in places:
        swap = {i: Integer(k) for i, k in place.items()}
        entry_there = swapped(entry, swap)
        left = wanted(entry_there) if wanted is not None else traces.collected.term(entry_there)
        steps.append(Step(left, traces.collected.term(swapped(body, swap))))
    return Pending(name, "", tuple(steps), tuple(places))


def _apart(indices: Sequence[Index]) -> list[Index]:
    """The axes each position of which is a claim of its own: short ones, and others while there are few positions in all."""
    found = [i for i in indices if is_short(i)]
    for i in indices:
        if i not in found and i.upper.is_Integer and prod(int(j.upper) for j in (*found, i)) <= MOST_APART:
            found.append(i)
    return found


def judged(traces: Traces, pending: Sequence[Pending], runs: Runs, again: Again) -> list[Result]:
    known = Known(opened=True)
    found = [_result(traces, n, p, known, runs) for n, p in enumerate(pending)]
    proved = [n for n, result in enumerate(found) if result.verdict == "proved"]
    used = {n: _rests_on(pending[n].steps, traces.derivation.program) for n in proved}
    for n, heads in _leant_on(traces, pending, used, again).items():
        found[n] = replace(found[n], assumptions=assumed(traces.inputs, runs.arguments, heads))
    return found


def _leant_on(
    traces: Traces, pending: Sequence[Pending], used: Mapping[int, frozenset[Symbol]], again: Again
) -> dict[int, frozenset[Symbol]]:
    """The names on which proofs rest, with those of arrays of which nothing is left in what was traced but what their signs made.

    `sign(a)` of a positive a is 1 at once. So what does not mention an array is traced once more as if nothing were declared of it: if
    it is another claim then, or cannot be traced, it rests on what is declared.
    """
    found = dict(used)
    for argument in traces.inputs.declared:
        heads = frozenset(v.head for v in argument.variables)
        silent = [n for n in used if heads.isdisjoint(used[n])]
        try:
            other, claims = again(argument.name) if silent else (traces, pending)
        except SymderivError:
            other, claims = traces, ()
        for n in silent:
            if n >= len(claims) or _spelled(claims[n].steps, other) != _spelled(pending[n].steps, traces):
                found[n] |= heads
    return found


def _spelled(steps: Sequence[Step], traces: Traces) -> tuple[str, ...]:
    """Claims and the definitions that they rest on, as text."""
    program = traces.derivation.program
    rests = _rests_on(steps, program)
    return (*(f"{s.left} = {s.right}" for s in steps), *(f"{e.variable.entry} = {e.body}" for e in program.equations if e.head in rests))


def _result(traces: Traces, n: int, p: Pending, known: Known, runs: Runs) -> Result:
    program = traces.derivation.program
    result = Result(
        p.name,
        p.meaning,
        None,
        program,
        misfit=p.misfit,
        fixed=_fixed(runs),
        unnamed=frozenset(traces.collected.unnamed),
        of=p.argument.name if p.argument is not None else "",
        assumptions=assumed(traces.inputs, runs.arguments, _rests_on(p.steps, program)),
        binding=runs.binding,
    )
    if p.misfit and fits(n, p.argument, runs):
        bug = Unknown(f"{p.misfit}, as it was traced; in a run it fits, which is a bug of the trace")
        return replace(result, judgement=Judgement(bug, bug), misfit="")
    if p.misfit:
        return result
    judgement, k = judgement_of(p.steps, program, known)
    found = None
    if isinstance(judgement.graph, Refuted):
        found = example(judgement.graph.counterexample, n, p.argument, p.places[k], runs)
        if found.unseen:
            judgement, found = Judgement(Unknown(_unseen(found)), Unknown("")), None
        elif remembers(n, runs):
            judgement, found = Judgement(Unknown(REMEMBERS), Unknown("")), None
    trials = found_by_trials(n, p.argument, runs) if isinstance(judgement.graph, Proved) else Found()
    if trials.against:
        judgement = Judgement(Unknown(trials.against), Unknown(trials.against))
    if isinstance(judgement.graph, Unknown) and (constant := _standing_for_infinity(program, p.steps)) is not None:
        hint = f"{judgement.graph.reason}; if {constant} is there to leave entries out, write np.where(mask, x, -np.inf)"
        judgement = replace(judgement, graph=replace(judgement.graph, reason=hint))
    return replace(result, judgement=judgement, example=found, remark=trials.remark)


def _rests_on(steps: Sequence[Step], program: Program) -> frozenset[Symbol]:
    """The names that claims mention, and those in the definitions of these."""
    return foundations((name for step in steps for side in (step.left, step.right) for name in names(side)), program)


def _standing_for_infinity(program: Program, steps: Sequence[Step]) -> Rational | None:
    """The least number in the code, if it is so low that what it stands for is left out."""
    terms = [*(e.body for e in program.equations), *(side for step in steps for side in (step.left, step.right))]
    numbers = [part for term in terms for part in subterms(term) if isinstance(part, Rational) and part <= LEAST]
    return min(numbers, default=None)


def _unseen(found: Example) -> str:
    """Why a counterexample over the real numbers is none in floats."""
    runs = f"{found.run_returned:.6g} and {found.run_right:.6g}"
    return (
        f"over the real numbers it is {found.returned} where it should be {found.right}, but a run in floats gives {runs}, "
        "which is no difference: are constants rounded, or as large as to stand for -np.inf?"
    )


def _fixed(runs: Runs) -> tuple[str, ...]:
    """The lengths that were given as numbers."""
    found = []
    for name in (n for n in dict.fromkeys(runs.inputs.names.values()) if n not in runs.inputs.upstream):
        a = runs.inputs.arguments[name]
        numbers = [(n, length(axis)) for n, axis in enumerate(a.axes) if axis and length(axis).is_Integer]
        found += [f"{name}.shape[{n}] = {value}" for n, value in numbers]
    return tuple(found)


def judgement_of(steps: Sequence[Step], program: Program, known: Known) -> tuple[Judgement, int]:
    """The judgement of all steps together, and which step it is of: the first that is refuted, else one that is unknown."""
    found: list[Judgement] = []
    for n, step in enumerate(steps):
        found.append(judge_step(step, program, known, formally=False))
        if isinstance(found[-1].graph, Refuted):
            return found[-1], n
    unknown = next((n for n, j in enumerate(found) if not isinstance(j.graph, Proved)), None)
    return (all_together(found), 0) if unknown is None else (found[unknown], unknown)


def question(result: Result, reason: str, way_out: str) -> Result:
    asked = Unknown(f"{reason}; {way_out}")
    return replace(result, judgement=Judgement(asked, asked), example=None, misfit="")
