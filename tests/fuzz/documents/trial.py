"""Random documents in the notations of DOCUMENTS.md, judged, against numbers worked out from their syntax trees.

What a trial asks: does a line that is proved hold wherever its conditions do, and does one that is marked wrong fail where it is said to;
is each formula judged, taken for a definition or a remark, or told of with its place; and does a row that cannot be read leave the others
as they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from fuzz.documents import matrices
from fuzz.documents.claims import Row, claim, drawn_page
from fuzz.documents.formulas import Author
from fuzz.documents.latex import NotRead, condition, formula
from fuzz.documents.layout import Written, is_told, names_in, write
from fuzz.documents.trees import (
    Big,
    Compare,
    Meaning,
    NoValue,
    Page,
    Place,
    Plus,
    Point,
    Ref,
    Size,
    Slope,
    TooClose,
    differ,
    free,
    plain,
    subtrees,
)
from fuzz.outcome import Outcome
from symderiv.errors import PageError
from symderiv.faces.judged import JudgedPage, JudgedStep
from symderiv.files import Files

ALONG = "along every path"
GENERIC = 8  # points for a repair
AGAIN = "right again"  # not the same as the member before it, but as one before that
REMARKS = (r"{0} \in \mathbb{{R}}^n", "{0}", r"{0} \geq -10^9", r"\lim_{{t \to 0}} {0}", r"n \to \infty")
UNREADABLE = (
    "{0} = {0} .* {0}", r"{0} = \sum_{{i \in S}} {0}", r"{0} = 3({0}", r"{0} = \frac{{{0}}}{{2", r"{0} = \times {0}", r"{0} = a/2b",
    r"{0}^2_ = {0}",
)  # fmt: skip


UNREAD_NAMES = (  # a row that cannot be read, and one that speaks of what that row alone has
    (r"\rho = \sum_{{v=1}}^{{K}} \psi(v)", "K {0} = {0} K"), (r"\rho = \sum_{{v=1}}^K \psi(v)", "{0} + K = K + {0}"),
    (r"\rho = \psi(\omega)", r"\omega {0} = {0} \omega"), (r"\rho_K = \psi(K)", "K = K + 0 {0}"),
)  # fmt: skip


def trial(seed: int) -> Outcome:
    random = Random(seed)
    if random.random() < 0.2:
        page, page_shapes, claims = matrices.drawn(random)
        page.shapes = page_shapes
        return settled(page, [Row(c.members, true=c.true, defines=c.defines, texts=c.texts) for c in claims], seed, random)
    page = drawn_page(random)
    rows = [Row((Ref(name, tuple(map(Place, d.letters))), d.body), defines=name) for name, d in page.definitions.items()]
    author = Author(page, random)
    rows += [row for row in [claim(author) for _ in range(random.choice((1, 2, 2, 3)))] if is_told(row, page)]
    if random.random() < 0.15:
        rows.insert(random.randrange(len(rows) + 1), Row((), remark=random.choice(REMARKS).format(random.choice(list(page.inputs)))))
    return settled(page, rows, seed, random)


def settled(page: Page, rows: list[Row], seed: int, random: Random) -> Outcome:
    """The outcome of a document; of a failure that of a smaller one."""
    outcome = checked(page, rows, seed)
    if outcome.failed:
        return shrunk(page, rows, seed, outcome)
    if random.random() < 0.25 and outcome.kind != "refused":
        return with_broken_row(page, rows, seed) or outcome
    return outcome


# What is found.


def judged(document: Written) -> tuple[JudgedPage, list[JudgedStep]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"page{document.suffix}"
        path.write_text(document.text)
        files = Files()
        page = files.load(str(path))
        draft = files.draft(page)
        return draft, [files.judge(page, k) for k in range(len(draft.steps))]


def checked(page: Page, rows: Sequence[Row], seed: int) -> Outcome:
    """What a document's verdicts are worth."""
    document = write(page, rows, seed)
    try:
        draft, steps = judged(document)
    except PageError as error:
        claims = [row for row in rows if not row.defines and not row.remark]
        return Outcome("formula lost", f"{error}\n{document.text}") if claims else Outcome("agrees")
    except Exception as error:
        raise AssertionError(document.text) from error
    said: list[str] = []
    kinds: list[str] = []
    written = page
    for line in document.lines:
        page, row = document.at(line, written)
        found = at_line(draft, line, document.ends.get(line, line))
        if isinstance(found, str):
            kind = "formula lost" if found == "nothing" else "refused"
            if kind == "formula lost":
                return Outcome(kind, f"line {line} is neither judged nor told of:\n{document.text}", "")
            if row.defines:
                return Outcome("refused", verdict=short(found))
            kinds.append(kind)
            said.append(short(found))
            continue
        if row.defines or row.remark or (not found and isinstance(row.members[0], (Place, Size))):
            continue  # `l = l` says of a letter or a size what it is, and is a remark
        if len(found) < len(row.members) - 1 and isinstance(row.members[0], (Place, Size)):
            continue  # the same of its first step
        if len(found) != len(row.members) - 1:
            end = document.ends.get(line, line)
            problem = next((p.message for p in draft.problems if line <= p.line <= end), None)
            if problem is not None:
                kinds.append("refused")
                said.append(short(problem))
                continue
            return Outcome("formula lost", f"line {line} has {len(row.members) - 1} steps, and {len(found)} are judged:\n{document.text}")
        if other := read_otherwise(page, row, [steps[k] for k in found], seed):
            return Outcome("wrong proved", f"line {line}: {other}\n{document.text}", "proved")
        along = any(ALONG in steps[k].note for k in found)  # one reading from the mark to the repair
        for n, ((left, right), k) in enumerate(zip(pairwise(row.members), found, strict=True)):
            before = row.members[: n + 1] if AGAIN in steps[k].note else (left,)
            every = [checked_step(page, row, member, right, steps[k], seed) for member in before]
            wrong = None if None in every else every[0]
            if wrong is not None:
                kind, why = wrong
                shown = f"line {line}: {steps[k].left.latex} = {steps[k].right.latex} is {steps[k].slip or steps[k].verdict}"
                return Outcome(kind, f"{shown}; {why}\n{told(steps[k])}\n{document.text}", steps[k].verdict)
            wrong = repaired(page, row, (row.members[: n + 1], right), steps[k], seed, along)
            if wrong:
                return Outcome("wrong proved", f"line {line}: {wrong}\n{told(steps[k])}\n{document.text}", steps[k].verdict)
            kinds.append("unknown" if steps[k].verdict == "unknown" else "agrees")
            said.append(steps[k].slip or steps[k].verdict)
    kind = "agrees" if "agrees" in kinds else "unknown" if "unknown" in kinds else "refused" if kinds else "agrees"
    return Outcome(kind, verdict=said[0] if said else "")


def read_otherwise(page: Page, row: Row, steps: Sequence[JudgedStep], seed: int) -> str:
    """Where a derivative is read in two ways in one chain: each of its steps is proved, and not all hold in any one reading."""
    if len(steps) < 2 or any(s.verdict != "proved" or s.slip for s in steps) or not any(ALONG in s.note for s in steps):
        return ""
    pairs = list(pairwise(row.members))
    off = [
        next((k for k, p in enumerate(pairs) if difference(page, row, *p, Random(seed), along, steps[k])), None) for along in (False, True)
    ]
    return "" if None in off else f"its steps are proved, and step {off[0]} is wrong in one reading, step {off[1]} in the other"


def repaired(page: Page, row: Row, sides: tuple[tuple[Any, ...], Any], step: JudgedStep, seed: int, along: bool) -> str:
    """What is wrong with a repair: with it the step must hold, as its chain was read, at some points at least, for it may have conditions.

    After a slip a member is measured by those before the slip, so that any earlier one of the chain will do.
    Only a repair whose formula is understood here is looked at.
    """
    if AGAIN in step.note or step.slip == "hidden":
        return ""
    for r in step.repairs:
        try:
            now = formula(r.member.latex, page)
            pairs = [(now, sides[1])] if r.side == "left" else [(earlier, now) for earlier in sides[0]]
            ways = [[differ(a, b) for _, _, a, b in compared(page, row, *p, Random(seed), along, GENERIC)] for p in pairs]
        except (NotRead, KeyError, NoValue, OverflowError):
            continue
        if all(len(found) >= GENERIC and all(found) for found in ways):
            return f"repaired as {r.member.latex} ({r.change.text}), and the sides differ everywhere"
    return ""


def told(step: JudgedStep) -> str:
    where = f" where {'; '.join(c.text for c in step.side_conditions)}" if step.side_conditions else ""
    shown = step.counterexample
    at = ", ".join(f"{f.text} = {v}" for f, v in shown.values) + f": {shown.left} against {shown.right}" if shown else ""
    return f"[{step.verdict}, formally {step.formal}{where}; {step.note} {step.misfit} {step.misprint} {at}]"


def short(message: str) -> str:
    return re.sub(r"[^A-Za-z ,]+", "~", message)[:60]


def at_line(draft: JudgedPage, line: int, end: int = 0) -> list[int] | str:
    """The steps of the formula at a line, and at those after it up to its end, or why it is not read, or `nothing`."""
    rows = [f for f in draft.formulas if line <= f.line <= max(line, end)]
    claims = [k for f in rows if f.kind == "claim" for k in f.steps]
    if claims:
        return claims
    problem = next((p.message for p in draft.problems if line <= p.line <= max(line, end)), None)
    unread = next((f.message for f in rows if f.kind == "unread"), None)
    if unread is not None and not any(f.kind == "definition" for f in rows):
        return unread  # beside it may stand remarks
    unread = unread or problem
    if unread is None:
        spread = [f for f in draft.formulas if f.kind == "unread" and f.line < line <= f.line + f.latex.count("\n")]
        unread = next((f"an unread environment: {f.message}" for f in spread), None)
    if any(f.kind in ("definition", "remark") for f in rows):
        return []
    return unread if unread is not None else "nothing"


def sides(page: Page, left: Any, right: Any, point: Point, at: dict[str, int], along: bool) -> tuple[Any, Any]:
    meaning = Meaning(page, point, along)
    return meaning.value(left, at), meaning.value(right, at)


def checked_step(page: Page, row: Row, left: Any, right: Any, step: JudgedStep, seed: int) -> tuple[str, str] | None:
    """What is wrong with a verdict, if something is."""
    random = Random(seed)
    stands = left, right
    left, right = contracted(page, left, step.note), contracted(page, right, step.note)
    if step.verdict == "proved" and not step.slip:
        if (left, right) != stands and not difference(page, row, *stands, random, ALONG in step.note, step):
            return None  # true without that sum too
        along = ALONG in step.note
        found = difference(page, row, left, right, random, along, step)
        if found:
            return "wrong proved", f"but {found}"
        found = missing(page, row, left, right, random, along, step)
        return ("condition lost", f"but {found}") if found else None
    if step.slip == "hidden":
        return None  # true since both sides are 0; of the formulas as they stand nothing is known here
    if step.verdict == "refuted" or step.slip:
        if len(row.members) == 2 and not step.slip and holds_along(page, row, left, right, seed):
            return "wrong refuted", f"but it is the same wherever it was looked at, with ∂ {ALONG}"
        if step.counterexample is not None and deserved(page, row, left, right, step):
            return None
        for along in (False, True):  # at the same points
            if not difference(page, row, left, right, Random(seed), along) and agreeing(page, row, left, right, Random(seed), along):
                reading = f", with ∂ {ALONG}" if along else ""
                known = "true by construction" if row.true else "the same wherever it was looked at"
                return "wrong refuted", f"but it is {known}{reading}"
    return None


def contracted(page: Page, t: Any, note: str) -> Any:
    """A member as a verdict says that it was read, with sums that are not written."""
    said = re.search(r"((?:\w, )*\w) (?:is|are each) summed over, without Σ", note)
    if said is None:
        return t
    if isinstance(t, Plus):
        return Plus(tuple(contracted(page, x, note) for x in t.terms))
    for letter in said[1].split(", "):
        t = Big("sum", letter, page.letters[letter], t) if letter in free(t) else t
    return t


def holds_along(page: Page, row: Row, left: Any, right: Any, seed: int) -> bool:
    """Whether a step has a derivative of a node, and is true if this is one along every path. Such a step is right."""
    slopes = [t for t in (*subtrees(left), *subtrees(right)) if isinstance(t, Slope) and t.of.name not in page.objectives]
    if not slopes or difference(page, row, left, right, Random(seed), True):
        return False
    return agreeing(page, row, left, right, Random(seed), True)


def deserved(page: Page, row: Row, left: Any, right: Any, step: JudgedStep) -> bool:
    """Whether both sides differ at the point that is shown, as far as floats can tell."""
    assert step.counterexample is not None
    shown = {f.latex.replace(" ", ""): v for f, v in step.counterexample.values}
    try:
        point = Point({s: int(shown.get(s, 1)) for s in page.sizes}, {})
        for name, dimensions in page.inputs.items():
            for place in point.places(dimensions):
                point.values[name, place] = number_shown(shown, spelled(name, place))
        for objective, nodes in page.objectives.items():
            for node in nodes:
                for place in point.places(page.dimensions(node)):
                    entry = rf"\frac{{\partial{objective}}}{{\partial{spelled(node, place)[0]}}}"
                    point.upstream[objective, node, place] = number_shown(shown, (entry,))
    except ValueError:
        return False
    for along in (False, True):
        for at in placed(row, left, right, page, point, Random(0), most=10_000):
            if any(int(shown.get(x, k)) != k for x, k in at.items()):
                continue
            try:
                meaning = Meaning(page, point, along)
                if all(meaning.holds(g, at) for g in row.given) and differ(meaning.value(left, at), meaning.value(right, at)):
                    return True
            except (TooClose, OverflowError):
                return True  # floats cannot tell
            except NoValue:
                continue
    return False


def spelled(name: str, place: tuple[int, ...]) -> tuple[str, ...]:
    """The ways in which a verdict may write an entry."""
    name = name.replace(" ", "")
    if not place:
        return (name,)
    below = ",".join(map(str, place))
    return f"{name}_{below}", f"{name}_{{{below}}}"


def number_shown(shown: dict[str, str], names: tuple[str, ...]) -> Fraction:
    return next((Fraction(shown[n]) for n in names if n in shown), Fraction(1))


def points(page: Page, random: Random, wild: int) -> Iterator[Point]:
    for k in range(wild):
        sizes = {s: random.choice((1, 1, 2, 2, 3)) for s in page.sizes}
        draw = FRACTIONS if k < wild // 4 else SMALL if k < 3 * wild // 4 else BINARY
        point = Point(sizes, {})
        for name, dimensions in page.inputs.items():
            sign = page.signs.get(name, "")
            for place in point.places(dimensions):
                value = random.choice(draw)
                value = abs(value) if sign in (">", "≥") else value
                point.values[name, place] = value if value or sign not in (">", "≠") else Fraction(1)
        for objective, nodes in page.objectives.items():
            for node in nodes:
                for place in point.places(page.dimensions(node)):
                    point.upstream[objective, node, place] = random.choice(FRACTIONS)
        yield point


FRACTIONS = [Fraction(a, b) for a in (-7, -5, -3, -2, -1, 1, 2, 3, 4, 5, 7) for b in (1, 2, 3)]
SMALL = [Fraction(a) for a in (-2, -1, -1, 0, 1, 1, 2)]
BINARY = [Fraction(a) for a in (0, 1, -1)]


def placed(row: Row, left: Any, right: Any, page: Page, point: Point, random: Random, most: int = 9) -> Iterator[dict[str, int]]:
    letters = sorted(free(left) | free(right) | frozenset().union(*(free(g.left) | free(g.right) for g in row.given)))
    every = list(product(*(range(1, point.sizes[page.letters[x]] + 1) for x in letters)))
    for at in every if len(every) <= most else random.sample(every, most):
        yield dict(zip(letters, at, strict=True))


def compared(
    page: Page, row: Row, left: Any, right: Any, random: Random, along: bool, wild: int
) -> Iterator[tuple[Point, dict[str, int], Any, Any]]:
    """Both sides wherever the conditions hold and both have a value."""
    for point in points(page, random, wild):
        for at in placed(row, left, right, page, point, random):
            meaning = Meaning(page, point, along)
            try:
                if all(meaning.holds(g, at) for g in row.given):
                    a, b = meaning.value(left, at), meaning.value(right, at)
                    yield point, at, a, b
            except (NoValue, OverflowError, ZeroDivisionError):
                continue


def agreeing(page: Page, row: Row, left: Any, right: Any, random: Random, along: bool) -> bool:
    """Whether there are points at all where both sides have a value."""
    return sum(1 for _ in compared(page, row, left, right, random, along, 60)) >= 8


def difference(page: Page, row: Row, left: Any, right: Any, random: Random, along: bool, step: JudgedStep | None = None) -> str:
    """A point where both sides differ, in words; of a proof, one where its conditions hold."""
    for point, at, a, b in compared(page, row, left, right, random, along, 60):
        try:
            if differ(a, b) and (step is None or conditions_hold(page, step, point, at, along)):
                values = ", ".join(f"{n}{list(k) if k else ''} = {v}" for (n, k), v in point.values.items())
                return f"at {point.sizes} {at} {values} it is {plain(a)} against {plain(b)}"
        except (NoValue, OverflowError):
            continue
    return ""


def missing(page: Page, row: Row, left: Any, right: Any, random: Random, along: bool, step: JudgedStep) -> str:
    """A point where the conditions of a proof hold and a side has no value, in words."""
    varied = any(isinstance(p, Slope) for side in (left, right) for p in subtrees(side))
    for point in points(page, random, 40):
        if varied and any(v == 0 and page.signs.get(n) == "≥" for (n, _), v in point.values.items()):
            continue  # at the end of its range an input cannot be varied both ways
        for at in placed(row, left, right, page, point, random):
            meaning = Meaning(page, point, along)
            try:
                if not all(meaning.holds(g, at) for g in row.given):
                    continue
            except (NoValue, OverflowError):
                continue
            try:
                for side in (left, right):
                    meaning.value(side, at)
            except TooClose:
                continue
            except NoValue:
                try:
                    if step.formal == "proved" and not defined(meaning):
                        continue  # of the names it holds, whatever they stand for
                    if conditions_hold(page, step, point, at, along):
                        values = ", ".join(f"{n}{list(k) if k else ''} = {v}" for (n, k), v in point.values.items())
                        return f"at {point.sizes} {at} {values} a side has no value"
                except (NoValue, OverflowError):
                    continue
            except OverflowError:
                continue
    return ""


def defined(meaning: Meaning) -> bool:
    """Whether all definitions have values at a point."""
    try:
        for name in meaning.page.definitions:
            for place in meaning.point.places(meaning.page.dimensions(name)):
                meaning.look(name, place)
    except NoValue:
        return False
    return True


def conditions_hold(page: Page, step: JudgedStep, point: Point, at: dict[str, int], along: bool) -> bool:
    """Whether the conditions of a proof hold at a point. One that is not understood here counts as one that doesn't."""
    meaning = Meaning(page, point, along)
    for c in step.side_conditions:
        try:
            asked, given, letters, sizes = condition(c.latex, page)
            used = _sizes_by_use((asked.left, asked.right), page)
            sizes = {**sizes, **_sizes_beside(given, used), **used}  # a letter of a verdict has the range that it is used for
            loose = [x for x in (free(asked.left) | free(asked.right)) if x not in at and x not in letters]
            every = [x for x in (*letters, *loose) if x in sizes]
            for places in product(*(range(1, point.sizes[sizes[x]] + 1) for x in every)):
                here = {**at, **dict(zip(every, places, strict=True))}
                if all(meaning.holds(g, here) for g in given) and not meaning.holds(asked, here):
                    return False
        except (NotRead, KeyError):
            return False
    return True


def _sizes_by_use(sides: tuple[Any, ...], page: Page) -> dict[str, str]:
    """The sizes of letters by the dimensions that they stand in."""
    found: dict[str, str] = {}
    for r in (p for side in sides for p in subtrees(side) if isinstance(p, Ref)):
        known = r.name in page.inputs or r.name in page.definitions
        if known:
            found |= {p.at: size for p, size in zip(r.at, page.dimensions(r.name), strict=False) if isinstance(p.at, str)}
    return found


def _sizes_beside(given: Sequence[Compare], used: dict[str, str]) -> dict[str, str]:
    """The sizes of letters that are compared with others, whose sizes are known."""
    pairs = [[p.at for p in (g.left, g.right) if isinstance(p, Place) and isinstance(p.at, str)] for g in given]
    return {b: used[a] for pair in pairs if len(pair) == 2 for a, b in (pair, pair[::-1]) if a in used}


def shrunk(page: Page, rows: Sequence[Row], seed: int, outcome: Outcome) -> Outcome:
    """The same failure in a document with fewer rows."""
    rows = list(rows)
    for row in [r for r in rows if not r.defines] + [r for r in reversed(rows) if r.defines]:
        fewer = [r for r in rows if r is not row]
        (names_in([m for r in fewer for m in (*r.members, *(x for g in r.given for x in (g.left, g.right)))][0:]) if row.defines else set())
        needed = {n for nodes in page.objectives.values() for n in nodes}
        others = names_in(
            [m for r in fewer for k, m in enumerate(r.members) if not (r.defines and k == 0)]
            + [x for r in fewer for g in r.given for x in (g.left, g.right)]
        )
        if row.defines and (row.defines in others or row.defines in needed):
            continue
        smaller = replace(page, definitions={n: d for n, d in page.definitions.items() if n != row.defines})
        try:
            found = checked(smaller, fewer, seed)
        except Exception:
            continue
        if found.kind == outcome.kind:
            rows, page, outcome = fewer, smaller, found
    return outcome


def with_broken_row(page: Page, rows: Sequence[Row], seed: int) -> Outcome | None:
    """Whether a row that cannot be read leaves the verdicts of the others as they were."""
    if not rows:
        return None  # without any there is nothing to judge
    random = Random(f"broken {seed}")
    claims = [k for k, r in enumerate(rows) if not r.defines]
    name = random.choice(list(page.inputs))
    entry = name + "".join(f"_{page.over(d)[0]}" for d in page.dimensions(name)[:1])
    texts = random.choice(UNREAD_NAMES) if random.random() < 0.3 else (random.choice(UNREADABLE),)
    broken = [Row((), broken=text.format(entry)) for text in texts]
    k = random.choice(claims) if claims else len(rows)
    others = [*rows[:k], *broken, *rows[k:]]
    before, after = (write(page, rs, seed) for rs in (rows, others))
    (one, one_steps), (two, two_steps) = judged(before), judged(after)
    for (line, row), (other_line, _) in zip(before.lines.items(), [(n, r) for n, r in after.lines.items() if not r.broken], strict=True):
        found = at_line(one, line, before.ends.get(line, line))
        other = at_line(two, other_line, after.ends.get(other_line, other_line))
        if row.remark or (isinstance(found, str) and isinstance(other, str)):
            continue
        verdicts = [
            s if isinstance(s, str) else [x[i].slip or x[i].verdict for i in s] for s, x in ((found, one_steps), (other, two_steps))
        ]
        if verdicts[0] != verdicts[1]:
            return Outcome(
                "changed", f"with the row {texts[0]}, line {other_line} is {verdicts[1]}, and {verdicts[0]} without it:\n{after.text}"
            )
    for line, row in after.lines.items():
        found = at_line(two, line, after.ends.get(line, line)) if row.broken else ""
        if found == "nothing":
            return Outcome("formula lost", f"the row {row.broken} is not told of:\n{after.text}")
        if isinstance(found, list) and any(two_steps[k].verdict != "unknown" and not two_steps[k].slip for k in found):
            return Outcome("wrong proved", f"the row {row.broken} speaks of nothing that is known, and is judged:\n{after.text}")
    return None
