"""Random documents in the notations of DOCUMENTS.md, judged, against numbers worked out from their syntax trees.

What a trial asks: does a line that is proved hold wherever its conditions do, and does one that is marked wrong fail where it is said to;
is each formula judged, taken for a definition or a remark, or told of with its place; and does a row that cannot be read leave the others
as they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from fuzz.documents import formulas, matrices
from fuzz.documents.formulas import Author, damaged, minus, number, plus, rewritten, slope, times
from fuzz.documents.latex import NotRead, Pen, condition
from fuzz.outcome import Outcome
from fuzz.documents.trees import (
    ONE,
    ZERO,
    Big,
    Bracket,
    Call,
    Cases,
    Compare,
    Definition,
    Meaning,
    NoValue,
    Num,
    Over,
    Page,
    Place,
    Plus,
    Point,
    Power,
    Ref,
    Size,
    Slope,
    Times,
    TooClose,
    bound,
    differ,
    free,
    plain,
    subtrees,
)
from symderiv.errors import PageError
from symderiv.files import Files
from symderiv.judged import JudgedPage, JudgedStep

SCALARS = ("a", "b", "c", r"\alpha", r"\beta", r"\lambda", r"\tau")
VECTORS = ("x", "y", "w", "v", r"\gamma", "u", "g")
MATRICES = ("A", "W", "M", "X", "B")
NODES = ("s", r"\mu", r"\hat{x}", "h", r"\bar{s}", "z", "q", r"\sigma^2", "o")
ALONG = "along every path"
AGAIN = "right again"  # not the same as the member before it, but as one before that
UNREADABLE = (
    "{0} = {0} .* {0}", r"{0} = \sum_{{i \in S}} {0}", r"{0} = 3({0}", r"{0} = \frac{{{0}}}{{2", r"{0} = {0} \times", r"{0} = a/2b",
    r"{0}^2_ = {0}",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A formula of a document: members between equals signs, the conditions under which it holds, and whether it is true by construction."""

    members: tuple[Any, ...]
    given: tuple[Compare, ...] = ()
    true: bool = False
    defines: str = ""
    broken: str = ""
    texts: tuple[str, ...] = ()  # the members as they are written, in matrix notation


@dataclass
class Written:
    text: str
    lines: dict[int, Row] = field(default_factory=dict)  # where each row begins


def trial(seed: int) -> Outcome:
    random = Random(seed)
    if random.random() < 0.2:
        page, page_shapes, claims = matrices.drawn(random)
        page.shapes = page_shapes
        return settled(page, [Row(c.members, true=c.true, defines=c.defines, texts=c.texts) for c in claims], seed, random)
    page = drawn_page(random)
    rows = [Row((Ref(name, tuple(map(Place, d.letters))), d.body), defines=name) for name, d in page.definitions.items()]
    author = Author(page, random)
    rows += [claim(author) for _ in range(random.choice((1, 2, 2, 3)))]
    return settled(page, rows, seed, random)


def settled(page: Page, rows: list[Row], seed: int, random: Random) -> Outcome:
    """The outcome of a document; of a failure that of a smaller one."""
    outcome = checked(page, rows, seed)
    if outcome.failed:
        return shrunk(page, rows, seed, outcome)
    if random.random() < 0.25 and outcome.kind != "refused":
        return with_broken_row(page, rows, seed) or outcome
    return outcome


def drawn_page(random: Random) -> Page:
    page = Page(letters=dict.fromkeys(("i", "j", "k", "l"), "n") | dict.fromkeys(("p", "r"), "m"))
    if random.random() < 0.7:
        page.letters = {x: s for x, s in page.letters.items() if s == "n"}
    for name in random.sample(SCALARS, random.choice((1, 2, 3))):
        page.inputs[name] = ()
        if random.random() < 0.25:
            page.signs[name] = random.choice((">", "≠", "≥"))
    for name in random.sample(VECTORS, random.choice((1, 2, 2))):
        page.inputs[name] = (random.choice(page.sizes),)
    if random.random() < 0.35:
        page.inputs[random.choice(MATRICES)] = (random.choice(page.sizes), random.choice(page.sizes))
    author = Author(page, random)
    free_nodes = random.sample(NODES, random.choice((0, 1, 2, 3)))
    for name in free_nodes:
        letters: tuple[str, ...] = ()
        if random.random() < 0.55 and name != r"\sigma^2":
            letters = (random.choice("ij" if len(page.sizes) == 1 else "ijp"),)
        body = author.formula(random.choice((1, 2, 2)), letters)
        if letters and not set(letters) & free(body):
            body = times(body, author.ref(letters))
        page.definitions[name] = Definition(letters, body if free(body) <= set(letters) else ONE)
    if page.definitions and random.random() < 0.6:
        page.objectives["L"] = tuple(random.sample(list(page.definitions), 1))
    return page


# Claims.


def claim(a: Author) -> Row:
    maker = a.random.choice((identity, identity, derivative, derivative, adjoint, guard, conditional, path, hint, removable))
    row = maker(a)
    return row if row is not None else identity(a) or Row((ONE, ONE))


def scope_of(a: Author) -> list[str]:
    return a.random.sample(list(a.page.letters), a.random.choice((0, 1, 1, 2)))


def maybe_damaged(a: Author, left: Any, right: Any, scope: Sequence[str], given: tuple[Compare, ...] = ()) -> Row:
    members, true = [left, right], True
    if a.chance(0.3):
        members.append(rewritten(right, a, 2))
    if a.chance(0.5):
        k = a.random.randrange(1, len(members))
        members[k], true = damaged(members[k], a, scope), False
    return Row(tuple(members), given, true)


def identity(a: Author) -> Row:
    scope = scope_of(a)
    left = a.formula(a.random.choice((2, 2, 3)), scope)
    return maybe_damaged(a, left, rewritten(left, a, a.random.choice((1, 2, 3, 5))), scope)


def derivative(a: Author) -> Row | None:
    """∂v/∂u or dv/du and what it is."""
    nodes = list(a.page.definitions)
    if not nodes:
        return None
    name = a.random.choice(nodes)
    before = [*a.page.inputs, *nodes[: nodes.index(name)]]
    by_name = a.random.choice(before)
    at = drawn_places(a, a.page.dimensions(name))
    by = Ref(by_name, drawn_places(a, a.page.dimensions(by_name), at))
    along = a.chance(0.5)
    try:
        opened = next(x for x in [_definition(a, Ref(name, at), by)] if x is not None)
        right = slope(opened, by, a, along)
    except (ValueError, StopIteration):
        return None
    left = Slope("total" if along and a.chance(0.6) else "partial", Ref(name, at), by)
    scope = sorted(free(left))
    if a.chance(0.3) and scope:
        letter = a.random.choice(scope)
        weight = a.ref([letter])
        left, right = (Big("sum", letter, a.page.letters[letter], times(weight, side)) for side in (left, right))
    return maybe_damaged(a, left, rewritten(right, a, a.random.choice((0, 1, 2))), scope)


def _definition(a: Author, ref: Ref, by: Ref) -> Any:
    from fuzz.documents.formulas import _opened, apart

    opened = _opened(ref, a)
    return None if opened is None else apart(opened, set(free(by)), a)


def drawn_places(a: Author, dimensions: Sequence[str], taken: tuple[Place, ...] = ()) -> tuple[Place, ...]:
    chosen: list[Place] = []
    for d in dimensions:
        fresh = [x for x in a.page.over(d) if Place(x) not in (*chosen, *taken)]
        chosen.append(Place(a.random.choice(fresh if fresh and a.chance(0.85) else a.page.over(d))))
    return tuple(chosen)


def adjoint(a: Author) -> Row | None:
    """∂L/∂u by the chain rule, with the derivative of the node as it is, or worked out."""
    if not a.page.objectives:
        return None
    ((objective, (node,)),) = a.page.objectives.items()
    nodes = list(a.page.definitions)
    by_name = a.random.choice([*a.page.inputs, *nodes[: nodes.index(node)]])
    by = Ref(by_name, drawn_places(a, a.page.dimensions(by_name)))
    at = []
    for d in a.page.dimensions(node):
        fresh = [x for x in a.page.over(d) if x not in free(by) | set(at)]
        if not fresh:
            return None
        at.append(a.random.choice(fresh))
    of = Ref(node, tuple(map(Place, at)))
    inner: Any = Slope(a.random.choice(("partial", "total")), of, by)
    if a.chance(0.6):
        try:
            opened = _definition(a, of, by)
            if opened is None:
                return None
            inner = rewritten(slope(opened, by, a, True), a, a.random.choice((0, 1)))
        except ValueError:
            return None
    body = times(Slope("partial", Ref(objective), of), inner)
    for letter in at:
        body = Big("sum", letter, a.page.letters[letter], body)
    left = Slope("partial", Ref(objective), by)
    return maybe_damaged(a, left, body, sorted(free(left)))


def guard(a: Author) -> Row:
    """A quantity that is compared with 0, and divided by under another name."""
    scope = scope_of(a)
    quantity = a.formula(a.random.choice((0, 1, 2)), scope)
    quantity = a.ref(scope) if not any(isinstance(x, Ref) for x in subtrees(quantity)) else quantity
    other = rewritten(quantity, a, a.random.choice((1, 2)))
    above = a.formula(1, scope)
    inside = Over(above, other)
    sign = a.random.choice("≠≠≠>")
    left = times(quantity, Cases(Compare(sign, quantity, ZERO), inside, ZERO)) if a.chance(0.6) else times(quantity, Bracket(Compare(sign, quantity, ZERO)), inside)
    right = above if a.chance(0.5) else times(above, Bracket(Compare(sign, quantity, ZERO)))
    return Row((left, right), (), False)


def conditional(a: Author) -> Row | None:
    """What holds under a condition only, with it or without."""
    scope = scope_of(a)
    x, y = a.ref(scope), a.ref(scope)
    if isinstance(x, Num) or isinstance(y, Num):
        return None
    absolute = Call("abs", (x,))
    rows = [
        (absolute, x, [Compare(">", x, ZERO)]),
        (absolute, minus(x), [Compare("<", x, ZERO)]),
        (Call("sqrt", (times(Power(x, 2), Power(y, 2)),)), times(x, y), [Compare(">", x, ZERO), Compare(">", y, ZERO)]),
        (Over(times(x, y), x), y, [Compare("≠", x, ZERO)]),
        (Call("relu", (x,)), x, [Compare(a.random.choice("≥>"), x, ZERO)]),
        (Call("max", (x, y)), x, [Compare(">", x, y)]),
    ]
    same = [d for d in a.page.over("n")][:2]
    one, other = map(Place, same)
    vectors = [n for n in a.names() if a.page.dimensions(n) == ("n",)]
    if vectors:
        v, w = Ref(vectors[0], (one,)), Ref(vectors[0], (other,))
        rows += [
            (times(Bracket(Compare("=", one, other)), v), ZERO, [Compare("≠", one, other)]),
            (plus(v, minus(w)), ZERO, [Compare("=", one, other)]),
            (times(v, plus(ONE, Bracket(Compare("=", one, other)))), v, [Compare("≠", one, other)]),
        ]
    left, right, given = a.random.choice(rows)
    if a.chance(0.4):
        extra = a.formula(1, scope)
        left, right = (times(left, extra), times(right, extra)) if a.chance(0.5) else (plus(left, extra), plus(right, extra))
    if a.chance(0.3):
        given = given[: len(given) - 1]
        return Row((left, right), tuple(given), False)
    if a.chance(0.3):
        right = damaged(right, a, scope)
        return Row((left, right), tuple(given), False)
    return Row((left, right), tuple(given), True)


def path(a: Author) -> Row | None:
    """Sums of derivatives: one factor taken out of a sum, as if it were constant."""
    row = derivative(a)
    if row is None or not isinstance(row.members[0], Slope) or not free(row.members[0]):
        return None
    left: Slope = row.members[0]
    letter = a.random.choice(sorted(free(left)))
    size, weight = a.page.letters[letter], a.ref([letter])
    weight = Place(letter) if a.chance(0.3) or isinstance(weight, Num) else weight
    one = times(Size(size), Big("sum", letter, size, times(weight, left)))
    two = times(Big("sum", letter, size, weight), Big("sum", letter, size, left))
    if a.chance(0.5):
        one, two = (Big("sum", letter, size, times(weight, side)) for side in (left, row.members[1]))
        return Row((one, two), (), row.true)
    return Row((one, two), (), False)


def removable(a: Author) -> Row:
    """What is divided by and multiplied with, what a root, a logarithm or a zero is of: true where it has a value."""
    scope = scope_of(a)
    left = a.formula(a.random.choice((1, 2)), scope)
    right = left
    for law in a.random.sample((formulas._cancelled, formulas._doubled, formulas._vanishing), 2):
        right = formulas.changed_somewhere(right, lambda t, law=law: law(t, a), a.random) or right
    return maybe_damaged(a, right, left, scope) if a.chance(0.7) else maybe_damaged(a, left, right, scope)


def hint(a: Author) -> Row | None:
    """A second product under the first, side by side."""
    if len([x for x in a.page.letters]) < 4:
        return None
    vectors = [n for n in a.names() if a.page.dimensions(n) == ("n",)]
    if not vectors:
        return None
    x, y = Ref(a.random.choice(vectors), (Place("i"),)), Ref(a.random.choice(vectors), (Place("j"),))
    kinds = a.random.choice((("prod", "prod"), ("sum", "prod"), ("prod", "sum"), ("sum", "sum")))
    nested = Big(kinds[0], "i", "n", times(x, Big(kinds[1], "j", "n", y)))
    apart_ = times(Big(kinds[0], "i", "n", x), Big(kinds[1], "j", "n", y))
    powered = times(Big(kinds[0], "i", "n", x), Call("exp", (times(Size("n"), Call("log", (Big(kinds[1], "j", "n", y),))),)))
    return Row((nested, a.random.choice((apart_, powered, rewritten(nested, a, 2)))), (), False)


# The document.


def names_in(trees: Sequence[Any]) -> set[str]:
    return {t.name for tree in trees for t in subtrees(tree) if isinstance(t, (Ref, Size))}


def declared(page: Page, pen: Pen) -> list[str]:
    if page.shapes:
        given = [f"{name}: {shape}" if shape else f"input {name}" for name, shape in page.shapes.items()]
        lines = [f"input {', '.join(g for g in given if ':' in g)}", *(g for g in given if ":" not in g)]
        return lines + [f"objective {name}({', '.join(nodes)})" for name, nodes in page.objectives.items() if nodes]
    lines = []
    for size in page.sizes:
        lines.append(f"index {', '.join(page.over(size))} = 1..{size}")
    for name, dimensions in page.inputs.items():
        letters, used = [], set()
        for d in dimensions:
            letter = next(x for x in page.over(d) if x not in used)
            used.add(letter)
            letters.append(letter)
        entry = name + (f"_{{{''.join(letters)}}}" if letters else "")
        sign = {">": " > 0", "≠": r" \neq 0", "≥": r" \geq 0", "": ""}[page.signs.get(name, "")]
        lines.append(f"input {entry}{sign}")
    lines += [f"objective {name}({', '.join(nodes)})" for name, nodes in page.objectives.items()]
    return lines


def conditions_written(row: Row, pen: Pen) -> tuple[str, str, str]:
    """The conditions of a row: words before the formula, something that it begins with, something that it ends with."""
    if not row.given:
        return "", "", ""
    texts = [pen.compared(g) for g in row.given]
    joined = r", \quad ".join(texts) if pen.chance(0.5) else r" \text{ and } ".join(texts)
    forms = [
        ("", "", rf" \quad \text{{for }} {joined}"),
        ("", "", rf", \quad {joined}"),
        ("", "", rf" \quad \text{{if }} {joined}"),
        ("", "", rf" \quad ({texts[0]})" if len(texts) == 1 else rf" \quad \text{{where }} {joined}"),
        ("", rf"\text{{For }} {joined}, \quad ", ""),
        ("", rf"\text{{If }} {joined}, ", ""),
        (f"If {' and '.join(f'${t}$' for t in texts)},", "", ""),
        ("", rf"{texts[0]} \Rightarrow ", "") if len(texts) == 1 else ("", "", rf"\quad \text{{when }} {joined}"),
    ]
    return pen.random.choice(forms)


def write(page: Page, rows: Sequence[Row], seed: int) -> Written:
    """The document, in a hand of its own: the same rows are written alike whatever stands between them."""
    pen = Pen(page, Random(seed))
    out = ["```symderiv", *declared(page, pen), "```", ""]
    written = Written("")
    k = 0
    while k < len(rows):
        hand = Random(f"{seed} {rows[k]}")
        pen.random = hand
        group = [rows[k]]
        if hand.random() < 0.4 and not rows[k].defines:
            while k + len(group) < len(rows) and len(group) < 3 and not rows[k + len(group)].defines:
                group.append(rows[k + len(group)])
        texts = [row_text(row, pen, seed) for row in group]
        if len(group) > 1 and all(not words for words, _ in texts):
            out.append(r"\begin{align}")
            for n, (row, (_, text)) in enumerate(zip(group, texts, strict=True)):
                written.lines[len(out) + 1] = row
                out.append(text + (r" \\" if n < len(group) - 1 else ""))
            out += [r"\end{align}", ""]
        else:
            for row, (words, text) in zip(group, texts, strict=True):
                if words:
                    out += [words, ""] if Random(f"{text}").random() < 0.3 else [words]
                written.lines[len(out) + 1] = row
                out += [Random(f"{text}").choice(("$${}$$", "$${}$$", r"\[{}\]", "So ${}$ holds.")).format(text), ""]
        k += len(group)
    written.text = "\n".join(out) + "\n"
    return written


def row_text(row: Row, pen: Pen, seed: int) -> tuple[str, str]:
    pen.random = Random(f"{seed} {row}")
    if row.broken:
        return "", row.broken
    words, before, after = conditions_written(row, pen)
    return words, before + " = ".join(row.texts or map(pen.write, row.members)) + after


# What is found.


def judged(text: str) -> tuple[JudgedPage, list[JudgedStep]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "page.md"
        path.write_text(text)
        files = Files()
        page = files.load(str(path))
        draft = files.draft(page)
        return draft, [files.judge(page, k) for k in range(len(draft.steps))]


def checked(page: Page, rows: Sequence[Row], seed: int) -> Outcome:
    """What a document's verdicts are worth."""
    document = write(page, rows, seed)
    try:
        draft, steps = judged(document.text)
    except PageError as error:
        claims = [row for row in rows if not row.defines]
        return Outcome("formula lost", f"{error}\n{document.text}") if claims else Outcome("agrees")
    except Exception as error:
        raise AssertionError(document.text) from error
    said: list[str] = []
    kinds: list[str] = []
    for line, row in document.lines.items():
        found = at_line(draft, line)
        if isinstance(found, str):
            kind = "formula lost" if found == "nothing" else "refused"
            if kind == "formula lost":
                return Outcome(kind, f"line {line} is neither judged nor told of:\n{document.text}", "")
            if row.defines:
                return Outcome("refused", verdict=short(found))
            kinds.append(kind)
            said.append(short(found))
            continue
        if row.defines:
            continue
        if len(found) != len(row.members) - 1:
            problem = next((p.message for p in draft.problems if p.line == line), None)
            if problem is not None:
                kinds.append("refused")
                said.append(short(problem))
                continue
            return Outcome("formula lost", f"line {line} has {len(row.members) - 1} steps, and {len(found)} are judged:\n{document.text}")
        for n, ((left, right), k) in enumerate(zip(pairwise(row.members), found, strict=True)):
            before = row.members[: n + 1] if AGAIN in steps[k].note else (left,)
            every = [checked_step(page, row, member, right, steps[k], seed) for member in before]
            wrong = None if None in every else every[0]
            if wrong is not None:
                kind, why = wrong
                shown = f"line {line}: {steps[k].left.latex} = {steps[k].right.latex} is {steps[k].slip or steps[k].verdict}"
                return Outcome(kind, f"{shown}; {why}\n{told(steps[k])}\n{document.text}", steps[k].verdict)
            kinds.append("unknown" if steps[k].verdict == "unknown" else "agrees")
            said.append(steps[k].slip or steps[k].verdict)
    kind = "agrees" if "agrees" in kinds else "unknown" if "unknown" in kinds else "refused" if kinds else "agrees"
    return Outcome(kind, verdict=said[0] if said else "")


def told(step: JudgedStep) -> str:
    where = f" where {'; '.join(c.text for c in step.side_conditions)}" if step.side_conditions else ""
    shown = step.counterexample
    at = ", ".join(f"{f.text} = {v}" for f, v in shown.values) + f": {shown.left} against {shown.right}" if shown else ""
    return f"[{step.verdict}, formally {step.formal}{where}; {step.note} {step.misfit} {step.misprint} {at}]"


def short(message: str) -> str:
    return re.sub(r"[^A-Za-z ,]+", "~", message)[:60]


def at_line(draft: JudgedPage, line: int) -> list[int] | str:
    """The steps of the formula at a line, or why it is not read, or `nothing`."""
    rows = [f for f in draft.formulas if f.line == line]
    claims = [k for f in rows if f.kind == "claim" for k in f.steps]
    problem = next((p.message for p in draft.problems if p.line == line), None)
    unread = next((f.message for f in rows if f.kind == "unread"), None) or problem
    if unread is None:
        spread = [f for f in draft.formulas if f.kind == "unread" and f.line < line <= f.line + f.latex.count("\n")]
        unread = next((f"an unread environment: {f.message}" for f in spread), None)
    if claims:
        return claims
    if any(f.kind == "definition" for f in rows):
        return []
    return unread if unread is not None else "nothing"


def sides(page: Page, left: Any, right: Any, point: Point, at: dict[str, int], along: bool) -> tuple[Any, Any]:
    meaning = Meaning(page, point, along)
    return meaning.value(left, at), meaning.value(right, at)


def checked_step(page: Page, row: Row, left: Any, right: Any, step: JudgedStep, seed: int) -> tuple[str, str] | None:
    """What is wrong with a verdict, if something is."""
    random = Random(seed)
    if step.verdict == "proved" and not step.slip:
        along = ALONG in step.note
        found = difference(page, row, left, right, random, along, step)
        if found:
            return "wrong proved", f"but {found}"
        found = missing(page, row, left, right, random, along, step)
        return ("condition lost", f"but {found}") if found else None
    if step.slip == "hidden":
        return None  # true since both sides are 0; of the formulas as they stand nothing is known here
    if step.verdict == "refuted" or step.slip:
        if any(isinstance(t, Slope) and t.kind == "partial" and hidden_path(page, t) for t in (*subtrees(left), *subtrees(right))):
            return None  # of a definition that does not mention what it is differentiated by, only the path can be meant
        for along in (False, True):
            if not difference(page, row, left, right, random, along) and agreeing(page, row, left, right, random, along):
                reading = f", with ∂ {ALONG}" if along else ""
                known = "true by construction" if row.true else "the same wherever it was looked at"
                return "wrong refuted", f"but it is {known}{reading}"
    return None


def hidden_path(page: Page, t: Slope) -> bool:
    definition = page.definitions.get(t.of.name)
    return definition is not None and t.by.name not in names_in([definition.body])


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


def placed(row: Row, left: Any, right: Any, page: Page, point: Point, random: Random) -> Iterator[dict[str, int]]:
    letters = sorted(free(left) | free(right) | frozenset().union(*(free(g.left) | free(g.right) for g in row.given)))
    every = list(product(*(range(1, point.sizes[page.letters[x]] + 1) for x in letters)))
    for at in every if len(every) <= 6 else random.sample(every, 6):
        yield dict(zip(letters, at, strict=True))


def compared(page: Page, row: Row, left: Any, right: Any, random: Random, along: bool, wild: int) -> Iterator[tuple[Point, dict[str, int], Any, Any]]:
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
    for point in points(page, random, 40):
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
                    if conditions_hold(page, step, point, at, along):
                        values = ", ".join(f"{n}{list(k) if k else ''} = {v}" for (n, k), v in point.values.items())
                        return f"at {point.sizes} {at} {values} a side has no value"
                except (NoValue, OverflowError):
                    continue
            except OverflowError:
                continue
    return ""


def conditions_hold(page: Page, step: JudgedStep, point: Point, at: dict[str, int], along: bool) -> bool:
    """Whether the conditions of a proof hold at a point. One that is not understood here counts as one that doesn't."""
    meaning = Meaning(page, point, along)
    for c in step.side_conditions:
        try:
            asked, given, letters, sizes = condition(c.latex, page)
            loose = [x for x in (free(asked.left) | free(asked.right)) if x not in at and x not in letters]
            every = [x for x in (*letters, *loose) if x in sizes]
            for places in product(*(range(1, point.sizes[sizes[x]] + 1) for x in every)):
                here = {**at, **dict(zip(every, places, strict=True))}
                if all(meaning.holds(g, here) for g in given) and not meaning.holds(asked, here):
                    return False
        except (NotRead, KeyError):
            NOT_READ.append(c.latex)
            return False
    return True


NOT_READ: list[str] = []


def shrunk(page: Page, rows: Sequence[Row], seed: int, outcome: Outcome) -> Outcome:
    """The same failure in a document with fewer rows."""
    rows = list(rows)
    for row in [r for r in rows if not r.defines] + [r for r in reversed(rows) if r.defines]:
        fewer = [r for r in rows if r is not row]
        used = names_in([m for r in fewer for m in (*r.members, *(x for g in r.given for x in (g.left, g.right)))][0:]) if row.defines else set()
        needed = {n for nodes in page.objectives.values() for n in nodes}
        others = names_in([m for r in fewer for k, m in enumerate(r.members) if not (r.defines and k == 0)] + [x for r in fewer for g in r.given for x in (g.left, g.right)])
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
    random = Random(f"broken {seed}")
    claims = [k for k, r in enumerate(rows) if not r.defines]
    name = random.choice(list(page.inputs))
    broken = Row((), broken=random.choice(UNREADABLE).format(name + "".join(f"_{page.over(d)[0]}" for d in page.dimensions(name)[:1])))
    k = random.choice(claims) if claims else len(rows)
    others = [*rows[:k], broken, *rows[k:]]
    before, after = (write(page, rs, seed) for rs in (rows, others))
    (one, one_steps), (two, two_steps) = judged(before.text), judged(after.text)
    for (line, row), (other_line, _) in zip(before.lines.items(), [(n, r) for n, r in after.lines.items() if not r.broken], strict=True):
        found, other = at_line(one, line), at_line(two, other_line)
        if isinstance(found, str) and isinstance(other, str):
            continue
        verdicts = [s if isinstance(s, str) else [x[i].slip or x[i].verdict for i in s] for s, x in ((found, one_steps), (other, two_steps))]
        if verdicts[0] != verdicts[1]:
            return Outcome("changed", f"with the row {broken.broken}, line {other_line} is {verdicts[1]}, and {verdicts[0]} without it:\n{after.text}")
    return None
