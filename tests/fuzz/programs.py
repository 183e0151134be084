"""Random pages and claims, judged, against values worked out from what README.md says a page means."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from mpmath import mp

from fuzz import recipes, several
from fuzz.meaning import MANY, NoValue, Point, Unclear, apart, decimal, plainest, primal
from fuzz.outcome import Outcome, OutOfTime
from fuzz.points import breaks, keeps, points
from fuzz.reading import allowed, definitions, letter, read
from fuzz.tree import (
    ONE,
    ZERO,
    Add,
    Definition,
    Diff,
    Entry,
    Input,
    Joined,
    Mul,
    Objective,
    Page,
    Size,
    Test,
    below,
    free,
    mul,
    names,
    parts_of,
    places,
    put,
    source,
    total,
    with_parts,
    written,
)
from symderiv.errors import SymderivError
from symderiv.judging.verify import judge_step
from symderiv.language.claim import Step
from symderiv.language.program import Program
from symderiv.language.terms import Element
from symderiv.language.verdict import Proved, Refuted, Verdict, name_of
from symderiv.proof.side import Known
from symderiv.repair.repair import repairs

POINTS = 120  # tried for a proof
READ = 5  # tried for what a page says
REPAIRED = 0.1  # of what is refuted
REPEATED = 0.1  # of all
SEVERAL = 0.03  # of all pages make several derivations
STEPS = (Fraction(1, 10**8), Fraction(1, 10**11))  # to both sides, to see a kink


@dataclass(frozen=True)
class Found:
    """What is said of a page, and what is so."""

    kind: str
    verdict: str = ""
    why: str = ""


def trial(seed: int) -> Outcome:
    if Random(f"several {seed}").random() < SEVERAL:
        return several.trial(seed)
    page = recipes.page(Random(seed))
    try:
        found = judged(page)
    except OutOfTime:
        return Outcome("slow", source(page))
    if found.kind in ("agrees", "unknown", "refused"):
        return Outcome(found.kind, verdict=found.verdict)
    return Outcome(found.kind, told(page, found), found.verdict, lambda: told(*smaller(page, found)))


def told(page: Page, found: Found) -> str:
    return f"{source(page)}{found.verdict}: {found.why}"


def judged(page: Page) -> Found:
    """The page put to the judges, and their verdict to the test."""
    space: dict[str, Any] = {}
    try:
        exec(source(page), space)
    except SymderivError as error:
        return Found("refused", why=str(error))
    except (TypeError, ValueError, ZeroDivisionError) as error:  # of SymPy's own
        told = any(words in str(error) for words in ("NaN", "not comparable", "non-real", "raised to a negative power"))
        return Found("refused" if told else "crash", why=f"{type(error).__name__}: {error}")
    program, step = space["d"].program, space["d"].claims[0].steps[0]
    try:
        known = Known()
        verdict = judge_step(step, program, known).graph
        if Random(source(page)).random() < REPEATED and (other := turned(step, program, known, verdict)):
            return other
        if isinstance(verdict, Refuted) and Random(source(page)).random() < REPAIRED:
            wrong = [f for r in repairs(step, program) if (f := repair_checked(page, step, program, r)).kind == "wrong proved"]
            if wrong:
                return wrong[0]
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Found("crash", why=f"{type(error).__name__}: {error} ({where.filename.rpartition('/')[2]}, {where.name})")
    return checked(page, step, program, verdict)


def checked(page: Page, step: Any, program: Any, verdict: Any) -> Found:
    meant = Meant(page, program, step.left, step.right)
    if said := misread(meant):
        return Found("crash", name_of(verdict), said)
    if isinstance(verdict, Proved):
        return proof_checked(meant, verdict)
    if isinstance(verdict, Refuted):
        return refutation_checked(meant, verdict.counterexample)
    return Found("crash" if "bug" in verdict.reason else "unknown", "unknown", verdict.reason)


def repair_checked(page: Page, step: Any, program: Any, repair: Any) -> Found:
    """A repair is proved before it is offered, and its proof can be wrong as any."""
    left, right = (repair.term, step.right) if repair.side == "left" else (step.left, repair.term)
    found = proof_checked(Meant(page, program, left, right), repair.graph)
    return replace(found, why=f"repaired as {left} = {right}: {found.why}")


def turned(step: Step, program: Program, known: Known, verdict: Verdict) -> Found | None:
    """The step once more, with its sides exchanged, by judges that know what they learnt from it."""
    again = judge_step(replace(step, left=step.right, right=step.left), program, known)
    names = name_of(verdict), name_of(again.graph), name_of(again.formal)
    if {"proved", "refuted"} <= set(names[:2]):
        return Found("crash", names[0], f"with its sides exchanged the step is {names[1]}")
    if names[2] == "proved" and names[1] != "proved":
        return Found("crash", names[1], "proved formally, and not on the graph")
    return None


class Meant:
    """What the terms of a step say, as formulas."""

    def __init__(self, page: Page, program: Any, left: Any, right: Any) -> None:
        self.page, self.sizes = page, frozenset(page.sizes)
        self.left, self.right = read(left, self.sizes), read(right, self.sizes)
        self.defined = definitions(program)

    def points(self, number: int) -> Iterator[tuple[Point, Any]]:
        page = with_cotangents(self.page)
        for point, at in points(page, self.defined, self.left, self.right, Random(source(page)), number):
            if keeps(page, point):
                yield point, at

    def has_none(self, point: Point, at: Any) -> bool:
        """Whether a side has no value, as far as is told here: some bends that do not show count too."""
        return any(no_value(point, side, at) for side in (self.left, self.right))

    def is_bent(self, point: Point, at: Any) -> bool:
        """Whether a derivative is surely taken where there is none: from both sides, quotients of differences are not alike."""
        return any(bent(point, side, at) for side in (self.left, self.right))

    def sides(self, point: Point, at: Any) -> tuple[Any, Any]:
        return value(point, self.left, at), value(point, self.right, at)

    def sides_at_length(self, point: Point, at: Any) -> tuple[Any, Any]:
        """The same with digits enough for what is very large or very small."""
        with mp.workdps(MANY):
            return self.sides(Point(point.sizes, point.inputs, point.defined), at)


def misread(meant: Meant) -> str:
    """Where the terms that Python and SymPy made of a page mean something else than what was written; empty if nowhere."""
    page = meant.page
    own = {d.name: (d.at, d.body) for d in page.definitions if isinstance(d, Definition)}
    own |= {d.name: ((), opaque(page, d)) for d in page.definitions if isinstance(d, Objective)}
    for point, at in meant.points(READ):
        mine = Point(point.sizes, point.inputs, own)
        here = {l: k for l in free(page.left) | free(page.right) for m, k in at.items() if m.name.partition("~")[0] == l.name}
        for node, is_ in zip((page.left, page.right), meant.sides(point, at), strict=True):
            said = value(mine, node, here)
            if said is not None and is_ is not None and apart(said, is_):
                return f"{written(node)} is {said} and was read as {is_} at {shown(point, at)}"
    return ""


def opaque(page: Page, objective: Objective) -> Any:
    """What an objective is taken for: the sum of its node's entries, each with a free factor."""
    at = next(d.at for d in page.definitions if isinstance(d, Definition) and d.name == objective.node)
    body = mul(Entry(cotangent(objective), at), Entry(objective.node, at))
    for l in at:
        body = total(body, l)
    return body


def cotangent(objective: Objective) -> str:
    return rf"\partial {objective.name}/\partial {objective.node}"


def proof_checked(meant: Meant, verdict: Any) -> Found:
    """A proof, put to many points: where both sides have values and the conditions hold, they must agree."""
    conditions = verdict.certificate.conditions
    allows = allowed(conditions, meant.sizes)
    compared, none, unsaid = 0, 0, ""
    needed = "; ".join(map(condition_shown, conditions)) or "none"
    for point, at in meant.points(POINTS):
        a, b = meant.sides(point, at)
        if a is None or b is None:
            if meant.is_bent(point, at) and allows(point, at):
                return Found("condition lost", "proved", f"a derivative at a kink, {shown(point, at)}; conditions: {needed}")
            missing = meant.has_none(point, at)
            none += missing
            if not unsaid and missing and allows(point, at):
                unsaid = f"no value at {shown(point, at)}, and no condition says so"
            continue
        if not apart(a, b):
            compared += 1
        elif allows(point, at):
            return Found("wrong proved", "proved", f"{a} is not {b} at {shown(point, at)}; conditions: {needed}")
    if not compared and none:
        return Found("vacuous", "proved", "at no point do both sides have a value")
    if not compared:
        return Found("untold", "proved", "all is too large or too small for decimals")
    return Found("unsaid" if unsaid else "agrees", "proved", unsaid)


def condition_shown(c: Any) -> str:
    where = f" where {' and '.join(map(str, c.where))}" if c.where else ""
    return f"{c.term} {c.relation} 0{where}{f' for every {c.every}' if c.every else ''}"


def with_cotangents(page: Page) -> Page:
    """The page with the free derivatives of its objectives as inputs."""
    arrays = {d.name: d.at for d in page.definitions if isinstance(d, Definition)}
    more = [Input(cotangent(d), arrays[d.node]) for d in page.definitions if isinstance(d, Objective)]
    return replace(page, inputs=(*page.inputs, *more))


def refutation_checked(meant: Meant, found: Any) -> Found:
    """A counterexample, put to the test: the sides must differ there."""
    inputs = {}
    for what, text in found.values:
        place = (what.head.name, tuple(map(int, what.at))) if isinstance(what, Element) else (what.name, ())
        inputs[place] = number(text)
    at = {letter(i, meant.sizes): k for i, k in found.positions}
    point = Point({s.name: n for s, n in found.sizes}, inputs, meant.defined)
    a, b = meant.sides(point, at)
    if a is None or b is None:
        a, b = meant.sides_at_length(point, at)
    said = f"{found.left} is not {found.right} at {shown(point, at)}"
    if breaks(meant.page, point):
        return Found("wrong refuted", "refuted", f"{said}: that breaks an assumption")
    if a is None or b is None:
        told = "no value" in (found.left, found.right) and (a, b) != (None, None)
        return Found("agrees", "refuted") if told else Found("no value", "refuted", f"{said}: these are {a} and {b}")
    return Found("agrees", "refuted") if apart(a, b) else Found("wrong refuted", "refuted", f"{said}: both are {a}")


def value(point: Point, node: Any, at: Any) -> Any:
    try:
        return point.value(node, at)
    except NoValue:
        return None


def bent(point: Point, node: Any, at: Any) -> bool:
    if isinstance(node, (Add, Mul)):
        return any(bent(point, part, at) for part in node.parts)
    if not isinstance(node, Diff) or node.kind != "total":
        return False
    place = point.place(node.wrt, at)
    if place not in point.inputs:
        return False

    def there(step: Fraction) -> Any:
        moved = {**point.inputs, place: point.inputs[place] + step}
        return decimal(primal(Point(point.sizes, moved, point.defined).value(node.of, at)))

    try:
        slopes = [[(there(way * h) - there(Fraction(0))) / decimal(way * h) for way in (1, -1)] for h in STEPS]
    except NoValue:
        return False
    return all(abs(a - b) > (1 + abs(a) + abs(b)) / 1000 for a, b in slopes)


def no_value(point: Point, node: Any, at: Any) -> bool:
    try:
        point.value(node, at)
    except Unclear:
        return False
    except NoValue:
        return True
    return False


def number(text: str) -> int | Fraction:
    """A value as a counterexample writes it."""
    return plainest(Fraction(re.sub(r" to \d+ digits", "", text)))


def shown(point: Point, at: Any) -> str:
    rows = [f"{s} = {n}" for s, n in point.sizes.items()]
    rows += [f"{l.name.split('~')[0]} = {k}" for l, k in at.items()]
    rows += [f"{name}{[int(k) for k in place] if place else ''} = {v}" for (name, place), v in sorted(point.inputs.items())]
    return ", ".join(rows)


# smaller


def smaller(page: Page, found: Found) -> tuple[Page, Found]:
    """The page, made smaller as long as the same is wrong with it."""
    while True:
        for less in lesser(page):
            again = judged(less)
            if again.kind == found.kind:
                page, found = less, again
                break
        else:
            return page, found


def lesser(page: Page) -> Iterator[Page]:
    """The page with one thing less."""
    used = names_used(page)
    for field in ("inputs", "definitions", "assumptions"):
        items = getattr(page, field)
        for k, item in enumerate(items):
            if field == "assumptions" or item.name not in used:
                yield replace(page, **{field: (*items[:k], *items[k + 1 :])})
    yield from everywhere(page)
    for side in ("left", "right"):
        yield from (replace(page, **{side: new}) for new in simpler(getattr(page, side)))
    for k, d in enumerate(page.definitions):
        if isinstance(d, Definition):
            for new in simpler(d.body):
                if free(new) <= set(d.at):
                    yield replace(page, definitions=(*page.definitions[:k], replace(d, body=new), *page.definitions[k + 1 :]))
    for k, i in enumerate(page.inputs):
        if i.sign:
            yield replace(page, inputs=(*page.inputs[:k], replace(i, sign=""), *page.inputs[k + 1 :]))


def everywhere(page: Page) -> Iterator[Page]:
    """The page with one formula, wherever it stands, replaced by what is simpler; or with one definition put in."""
    seen = Counter(p for f in (page.left, page.right, *(d.body for d in page.definitions if isinstance(d, Definition))) for p in below(f))
    for part in sorted((p for p, k in seen.items() if k > 1 and parts_of(p)), key=lambda p: -len(written(p))):
        if not isinstance(part, (Joined, Test)):
            for new in (ONE, ZERO, *(p for p in parts_of(part) if not isinstance(p, (Joined, Test)))):
                yield mapped(page, lambda f, part=part, new=new: put(f, {part: new}))
    for d in page.definitions:
        if isinstance(d, Definition) and not d.at:
            yield mapped(page, lambda f, d=d: put(f, {Entry(d.name): d.body}))


def mapped(page: Page, change: Callable[[Any], Any]) -> Page:
    definitions = tuple(replace(d, body=change(d.body)) if isinstance(d, Definition) else d for d in page.definitions)
    return replace(page, left=change(page.left), right=change(page.right), definitions=definitions)


def names_used(page: Page) -> frozenset[str]:
    return frozenset().union(*map(names, page.formulas), *({d.node} for d in page.definitions if isinstance(d, Objective)))


def simpler(node: Any) -> Iterator[Any]:
    """The formula with a part of it taken away, the largest first."""
    found = []
    for part, fill in places(node):
        inner = parts_of(part)
        candidates = [ZERO, ONE] if inner else []
        if not isinstance(part, Size):
            candidates += [p for p in inner if not isinstance(p, (Joined, Test))]
        if type(part).__name__ in ("Add", "Mul") and len(inner) > 2:
            candidates += [with_parts(part, (*inner[:k], *inner[k + 1 :])) for k in range(len(inner))]
        if not isinstance(part, (Joined, Test)):
            found += [fill(c) for c in candidates]
    return iter(sorted(set(found) - {node}, key=lambda e: len(written(e))))
