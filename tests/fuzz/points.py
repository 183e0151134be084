"""Points at which proofs go wrong: small sizes, entries that coincide, quantities of guards and divisors at their bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

from fuzz.meaning import Defined, NoValue, Point, apart, is_exact, plainest, primal
from fuzz.tree import BETWEEN, Call, Diff, Entry, Input, Letter, Num, Over, Page, Pow, Test, below, free, minus, names

SIZES = (1, 1, 2, 2, 2, 3, 3, 4)
POOLS = (
    (-1, 0, 1, 2),
    (0, 1),
    (-2, -1, 1, 2, 3),
    (1, 2, 3, 5),
    (Fraction(1, 2), Fraction(-3, 2), 3, Fraction(2, 3), -5),
    (0, 0, 1, -1),
    (1, -1),
    (1000, Fraction(1, 1000), -1000),
)
TURNED = ((1, 0), (0, 1), (Fraction(3, 5), Fraction(4, 5)), (Fraction(-3, 5), Fraction(4, 5)), (-1, 0))
STEERED = 3  # quantities brought to their bounds at one point
Where = dict[Letter, int]
Number = int | Fraction


def points(page: Page, defined: Defined, left: Any, right: Any, random: Random, number: int) -> Iterator[tuple[Point, Where]]:
    """Points, each with positions for the free letters of the two sides."""
    critical = list(quantities(page, defined, left, right))
    loose = in_order(free(left) | free(right))
    for k in range(number):
        point = drawn(page, defined, random)
        at = positions(loose, point, random)
        if at is None:
            continue
        for _ in range(random.randint(1, STEERED) if k % 4 and critical else 0):
            quantity = random.choice(critical)
            value = random.choice((0, 0, 0, 0, 1, -1))
            steer(page, point, quantity, at, value, random)
        yield point, at


def drawn(page: Page, defined: Defined, random: Random) -> Point:
    """A point that keeps to what the page declares and assumes."""
    sizes = {s: random.choice(SIZES) for s in page.sizes}
    for what, value in page.assumptions:
        if getattr(what, "name", "") in sizes:
            sizes[what.name] = int(value.value)
    point = Point(sizes, {}, defined)
    for i in page.inputs:
        pool, same = random.choice(POOLS), random.random() < 0.2
        first = one_of(i, pool, point, random)
        places = product(*(point.range(l, {}) for l in i.at))
        point.inputs.update({(i.name, at): first if same else one_of(i, pool, point, random) for at in places})
    assume_all(page, point, random)
    return point


def one_of(i: Input, pool: tuple[Any, ...], point: Point, random: Random) -> Number:
    if i.of is not None:
        return random.choice(point.range(i.of, {}))
    value = random.choice(pool)
    if i.sign in BETWEEN:
        lower, upper = BETWEEN[i.sign]
        return Fraction(lower + upper, 2) + Fraction(upper - lower, 2) * Fraction(value) / (1 + abs(value))
    if i.sign == "integer":
        value = int(value)
    if i.sign in ("positive", "nonzero") and not value:
        value = 1
    return abs(value) if i.sign == "positive" else value


def assume_all(page: Page, point: Point, random: Random) -> None:
    """Make the assumptions hold: of an entry, of its square, of the sum of a vector, or of its norm."""
    for what, value in page.assumptions:
        assume(point, what, value, random)


def assume(point: Point, what: Any, value: Any, random: Random) -> None:
    match what:
        case Entry(name, (l, k)) if isinstance(l, Letter):
            for r, c in product(point.range(l, {}), point.range(k, {})):
                point.inputs[name, (r, c)] = point.inputs[name, (min(r, c), max(r, c))]
        case Pow(Entry(name, _), _):  # x**2 is 1, or x
            two = (1, -1) if isinstance(value, Num) else (0, 1)
            point.inputs.update({p: random.choice(two) for p in point.inputs if p[0] == name})
        case Entry():
            point.inputs[point.place(what, {})] = point.value(value, {})
        case Over("Sum", Pow(Entry(name, _), _), letter):
            places = [(name, (k,)) for k in point.range(letter, {})]
            turned = (random.choice(TURNED) if len(places) > 1 else (random.choice((1, -1)),)) + (0,) * (len(places) - 2)
            point.inputs.update(zip(places, random.sample(turned, len(turned)), strict=True))
        case Over("Sum", Entry(name, _), letter):
            places = [(name, (k,)) for k in point.range(letter, {})]
            point.inputs[places[-1]] = point.value(value, {}) - sum((point.inputs[p] for p in places[:-1]), 0)


def keeps(page: Page, point: Point) -> bool:
    """Whether the assumptions hold."""
    return not breaks(page, point)


def breaks(page: Page, point: Point) -> bool:
    """Whether an assumption surely does not hold; one on what has no value here does not count."""
    for what, is_ in page.assumptions:
        try:
            if apart(point.value(what, {}), point.value(is_, {})):
                return True
        except NoValue:
            continue
    return False


def in_order(loose: Any) -> list[Letter]:
    """Letters, each after those on which its range depends."""
    return sorted(loose, key=lambda l: (len(free(l)), l.name))


def positions(loose: list[Letter], point: Point, random: Random) -> Where | None:
    at: Where = {}
    tie = random.random() < 0.3
    for l in loose:
        among = point.range(l, at)
        if not among:
            return None
        at[l] = among[0] if tie else random.choice(among)
    return at


def quantities(page: Page, defined: Defined, left: Any, right: Any) -> Iterator[Any]:
    """What divisors, guards, logs, roots and bends look at."""
    wanted, bodies = {*names(left), *names(right)}, []
    for name in reversed(list(defined)):
        if name in wanted:
            bodies.append(defined[name][1])
            wanted |= names(defined[name][1])
    inputs = {i.name for i in page.inputs if i.of is None}
    for part in (p for f in (left, right, *bodies) for p in below(f)):
        match part:
            case Pow(base, exponent) if not (isinstance(exponent, Num) and exponent.value > 0 and exponent.value.denominator == 1):
                found = base
            case Test(_, one, other):
                found = minus(one, other)
            case Call(name, parts) if name in ("log", "sqrt", "Abs", "sign", "relu", "Beyond"):
                found = parts[0]
            case Call("Max" | "Min", (a, b, *_)):
                found = minus(a, b)
            case _:
                continue
        reached = reach(names(found), defined)
        if reached & inputs and not any(isinstance(p, Diff) for p in below(found)):
            yield found


def reach(wanted: frozenset[str], defined: Defined) -> set[str]:
    found = set(wanted)
    for name in reversed(list(defined)):
        if name in found:
            found |= names(defined[name][1])
    return found


def steer(page: Page, point: Point, quantity: Any, at: Where, target: int, random: Random) -> None:
    """Bring a quantity to a value, if one entry of an input does it; else leave the point as it was."""
    here = dict(at)
    for l in in_order(free(quantity) - at.keys()):
        among = point.range(l, here)
        if not among:
            return
        here[l] = random.choice(among)
    fixed = {n for pair in page.assumptions for n in names(pair[0]) if not isinstance(pair[0], Over) or _squares(pair[0])}
    reached = reach(names(quantity), point.defined)
    moved = [i for i in page.inputs if i.name in reached and i.of is None and i.name not in fixed]
    if not moved:
        return
    chosen = random.choice(moved)
    place = random.choice([p for p in point.inputs if p[0] == chosen.name])
    before = point.inputs[place]

    def move(value: Number) -> None:
        point.inputs[place] = value
        point.known.clear()
        for what, is_ in page.assumptions:
            if not (isinstance(what, Pow) or (isinstance(what, Over) and _squares(what))):
                assume(point, what, is_, random)

    def off(value: Number) -> Any:
        move(value)
        return primal(point.value(quantity, here)) - target

    try:
        found = _root_of(off, before)
    except (NoValue, TypeError):
        found = None
    allowed = found is not None and not (
        (chosen.sign == "positive" and found <= 0)
        or (chosen.sign == "nonzero" and found == 0)
        or (chosen.sign == "integer" and found.denominator != 1)
        or (chosen.sign in BETWEEN and not BETWEEN[chosen.sign][0] < found < BETWEEN[chosen.sign][1])
    )
    move(found if allowed and found is not None else before)


def _squares(e: Any) -> bool:
    return isinstance(e.body, Pow)


def _root_of(off: Callable[[Number], Any], start: Number) -> Number | None:
    """Where a function of one number is 0, if it is linear there or if one of the plainest numbers does it."""
    a, b = start, start + 1
    fa, fb = off(a), off(b)
    if fa == 0:
        return a
    if is_exact(fa) and is_exact(fb) and fa != fb:
        guess = plainest(a - Fraction(fa) / (fb - fa))
        if off(guess) == 0:
            return guess
    return next((v for v in (0, 1, -1, 2) if off(v) == 0), None)
