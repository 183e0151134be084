"""Random pages and claims: identities, derivatives, chain rules, guards, conditions; some true by construction, some with a slip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from fuzz.documents import formulas
from fuzz.documents.formulas import Author, damaged, minus, plus, rewritten, slope, times
from fuzz.documents.trees import (
    ONE,
    ZERO,
    Big,
    Bracket,
    Call,
    Cases,
    Compare,
    Definition,
    Num,
    Over,
    Page,
    Place,
    Power,
    Ref,
    Size,
    Slope,
    free,
    subtrees,
)

SCALARS = ("a", "b", "c", r"\alpha", r"\beta", r"\lambda", r"\tau")
VECTORS = ("x", "y", "w", "v", r"\gamma", "u", "g")
MATRICES = ("A", "W", "M", "X", "B")
NODES = ("s", r"\mu", r"\hat{x}", "h", r"\bar{s}", "z", "q", r"\sigma^2", "o")


@dataclass(frozen=True)
class Row:
    """A formula of a document: members between equals signs, conditions under which it holds, and whether it is true by construction."""

    members: tuple[Any, ...]
    given: tuple[Compare, ...] = ()
    true: bool = False
    defines: str = ""
    broken: str = ""
    remark: str = ""
    texts: tuple[str, ...] = ()  # the members as they are written, in matrix notation


def drawn_page(random: Random) -> Page:
    page = Page(letters=dict.fromkeys(("i", "j", "k", "l"), "n") | dict.fromkeys(("p", "r"), "m"))
    page.loose = random.random() < 0.15
    if random.random() < 0.7 and not page.loose:
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
        if page.loose and not set(letters) <= {p.at for t in subtrees(body) if isinstance(t, Ref) for p in t.at}:
            letters, body = (), ONE  # nothing tells a range
        page.definitions[name] = Definition(letters, body if free(body) <= set(letters) else ONE)
    if random.random() < 0.25:
        layer(page, random)
    elif page.definitions and random.random() < 0.6:
        page.objectives["L"] = tuple(random.sample(list(page.definitions), 1))
    return page


def layer(page: Page, random: Random) -> None:
    """A softmax, a mean taken off, a scale: each entry depends on the others through a number with a name."""
    vectors = [n for n, dimensions in page.inputs.items() if dimensions == ("n",)]
    if not vectors or {"s", "h"} & page.definitions.keys():
        return
    name = random.choice(vectors)
    x_i, x_k, s = Ref(name, (Place("i"),)), Ref(name, (Place("k"),)), Ref("s")
    whole, each = random.choice(
        (
            (Call("exp", (x_k,)), Over(Call("exp", (x_i,)), s)),
            (Over(x_k, Size("n")), plus(x_i, minus(s))),
            (x_k, times(s, x_i)),
            (Power(x_k, 2), Over(x_i, s)),
        )
    )
    page.definitions |= {"s": Definition((), Big("sum", "k", "n", whole)), "h": Definition(("i",), each)}
    page.objectives["L"] = ("h",)


def names_of(page: Page, name: str) -> set[str]:
    return {t.name for t in subtrees(page.definitions[name].body) if isinstance(t, Ref)}


def claim(a: Author) -> Row:
    row = a.random.choice(MAKERS)(a)
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
    opened = formulas._opened(ref, a)
    return None if opened is None else formulas.apart(opened, set(free(by)), a)


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
    left = (
        times(quantity, Cases(Compare(sign, quantity, ZERO), inside, ZERO))
        if a.chance(0.6)
        else times(quantity, Bracket(Compare(sign, quantity, ZERO)), inside)
    )
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
    same = list(a.page.over("n"))[:2]
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


def reread(a: Author) -> Row | None:
    """A derivative that may be one along every path, and a slip behind it: one reading goes from the mark to the repair."""
    row = next((r for r in (derivative(a) for _ in range(6)) if r is not None and _may_be_along(r, a.page)), None)
    if row is None:
        return None
    left, right, *_ = row.members
    return Row((left, right, damaged(right, a, sorted(free(left)))))


def _may_be_along(row: Row, page: Page) -> bool:
    """Whether a row is a derivative of a node that rests on another one."""
    left = row.members[0]
    return row.true and isinstance(left, Slope) and left.kind == "partial" and bool(names_of(page, left.of.name) & page.definitions.keys())


def hint(a: Author) -> Row | None:
    """A second product under the first, side by side."""
    if len(list(a.page.letters)) < 4:
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


def primed(a: Author) -> Row | None:
    """`y'` of what is made of one number: a derivative, which is no new name."""
    found = [
        (n, by) for n in a.page.definitions if "^" not in n for by in [made_of(a.page, n)] if len(by) == 1 and not a.page.dimensions(*by)
    ]
    if not found:
        return None
    name, (by,) = a.random.choice(found)
    return None if a.page.dimensions(name) else named_slope(a, "prime", Ref(name), Ref(by))


def barred(a: Author) -> Row | None:
    r"""`\bar{w}` of what an objective rests on: its derivative."""
    if not a.page.objectives:
        return None
    ((objective, (node,)),) = a.page.objectives.items()
    found = sorted(made_of(a.page, node))
    by = a.random.choice(found) if found else "\\"
    if "\\" in by or rf"\bar{{{by}}}" in a.page.definitions:
        return None
    return named_slope(a, "bar", Ref(objective), Ref(by, drawn_places(a, a.page.dimensions(by))))


def named_slope(a: Author, kind: str, of: Ref, by: Ref) -> Row | None:
    """A derivative under a name of its own, and what it is, or is not."""
    node = of if kind == "prime" else Ref(*a.page.objectives[of.name])
    letters = []
    for d in a.page.dimensions(node.name):
        letter = a.fresh(d, by, frozenset(letters))
        if letter is None:
            return None
        letters.append(letter)
    at = tuple(map(Place, letters))
    try:
        opened = _definition(a, Ref(node.name, at), by)
        right = slope(opened, by, a, True) if opened is not None else None
    except ValueError:
        return None
    if right is None:
        return None
    if kind == "bar":
        right = times(Slope("partial", of, Ref(node.name, at)), right)
        for letter in letters:
            right = Big("sum", letter, a.page.letters[letter], right)
    if a.chance(0.5):
        return Row((Slope(kind, of, by), damaged(right, a, sorted(free(by)))), (), False)
    return Row((Slope(kind, of, by), right), (), True)


def made_of(page: Page, name: str) -> set[str]:
    """The inputs on which a definition rests."""
    if name in page.inputs:
        return {name}
    return set().union(*(made_of(page, n) for n in names_of(page, name)))


MAKERS: tuple[Callable[[Author], Row | None], ...] = (
    *(identity, identity, identity, derivative, derivative, derivative, adjoint, adjoint, guard, conditional, conditional),
    *(path, path, hint, removable, primed, barred, reread),
)
