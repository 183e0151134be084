"""Random formulas; changes of a formula that keep its value, and slips that may not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

from fuzz.documents.trees import (
    ONE,
    ZERO,
    Big,
    Bracket,
    Call,
    Cases,
    Compare,
    Num,
    Over,
    Page,
    Place,
    Plus,
    Power,
    Ref,
    Size,
    Slope,
    Times,
    bound,
    free,
    moved,
    parts,
    subtrees,
    with_parts,
)

Scope = Sequence[str]


def number(n: int) -> Num:
    return Num(Fraction(n))


def plus(*terms: Any) -> Any:
    flat = [x for t in terms for x in (t.terms if isinstance(t, Plus) else (t,)) if x != ZERO]
    return ZERO if not flat else flat[0] if len(flat) == 1 else Plus(tuple(flat))


def times(*factors: Any) -> Any:
    flat = [x for t in factors for x in (t.factors if isinstance(t, Times) else (t,)) if x != ONE]
    if ZERO in flat:
        return ZERO
    numbers = [x for x in flat if isinstance(x, Num)]
    if len(numbers) > 1:
        first = Fraction(1)
        for x in numbers:
            first *= x.value
        flat = [Num(first), *(x for x in flat if not isinstance(x, Num))] if first != 1 else [x for x in flat if not isinstance(x, Num)]
    return ONE if not flat else flat[0] if len(flat) == 1 else Times(tuple(flat))


def minus(tree: Any) -> Any:
    return plus(*map(minus, tree.terms)) if isinstance(tree, Plus) else times(number(-1), tree)


def total(letter: str, size: str, body: Any) -> Any:
    return ZERO if body == ZERO else Big("sum", letter, size, body)


class Author:
    """Draws formulas of one page."""

    def __init__(self, page: Page, random: Random) -> None:
        self.page, self.random = page, random

    def chance(self, p: float) -> bool:
        return self.random.random() < p

    def names(self) -> list[str]:
        return [*self.page.inputs, *(d for d in self.page.definitions if d not in self.page.objectives)]

    def fresh(self, size: str, *avoid: Any) -> str | None:
        """A letter of a size that occurs nowhere in what is given."""
        taken = frozenset().union(*(x if isinstance(x, (set, frozenset)) else free(x) | bound(x) for x in avoid))
        letters = [x for x in self.page.over(size) if x not in taken]
        return self.random.choice(letters) if letters else None

    def ref(self, scope: Scope, names: Sequence[str] | None = None) -> Any:
        """A name whose dimensions the letters in scope can fill."""
        fitting = [n for n in names or self.names() if all(any(self.page.letters[x] == d for x in scope) for d in self.page.dimensions(n))]
        if not fitting:
            return number(self.random.choice((1, 2, 3)))
        arrays = [n for n in fitting if self.page.dimensions(n)]
        name = self.random.choice(arrays if arrays and self.chance(0.7) else fitting)
        at = [self.random.choice([x for x in scope if self.page.letters[x] == d]) for d in self.page.dimensions(name)]
        return Ref(name, tuple(Place(1 if self.chance(0.02) else x) for x in at))

    def leaf(self, scope: Scope) -> Any:
        roll = self.random.random()
        if roll < 0.14:
            return number(self.random.choice((2, 3, 2, 1, -1)))
        if roll < 0.18:
            return Size(self.random.choice(self.page.sizes))
        if roll < 0.2 and scope:
            return Place(self.random.choice(list(scope)))
        return self.ref(scope)

    def formula(self, depth: int, scope: Scope) -> Any:
        if depth <= 0:
            return self.leaf(scope)
        make = self.random.choices([m for m, _ in MAKERS], [w for _, w in MAKERS])[0]
        return make(self, depth - 1, scope)

    def compare(self, scope: Scope) -> Compare:
        same = [(x, y) for x in scope for y in scope if x < y and self.page.letters[x] == self.page.letters[y]]
        if same and self.chance(0.4):
            one, other = self.random.choice(same)
            return Compare(self.random.choice("=≠<≤"), Place(one), Place(other))
        what = self.ref(scope) if self.chance(0.8) else self.formula(1, scope)
        return Compare(self.random.choice("≠≠>≥<"), what, ZERO if self.chance(0.8) else number(1))


def _sum(a: Author, depth: int, scope: Scope, kind: str = "sum") -> Any:
    size = a.random.choice(a.page.sizes)
    letter = a.fresh(size, frozenset(scope))
    if letter is None:
        return a.formula(depth, scope)
    body = a.formula(depth, [*scope, letter])
    if letter not in free(body):
        body = times(body, a.ref([letter]))
    others = [x for x in scope if a.page.letters[x] == size]
    but = a.random.choice(others) if others and a.chance(0.1) else ""
    but = but if kind == "sum" or but in free(body) else ""
    return Big(kind, letter, size, body, 2 if not but and a.chance(0.06) else 1, but)


def _over(a: Author, depth: int, scope: Scope) -> Any:
    below = a.formula(depth - 1, scope)
    below = a.ref(scope) if isinstance(below, Num) else below
    return Over(a.formula(depth, scope), below)


def _call(a: Author, depth: int, scope: Scope) -> Any:
    function = a.random.choice(("exp", "exp", "log", "sqrt", "abs", "relu", "max", "tanh"))
    inner = a.formula(depth - 1, scope)
    inner = a.ref(scope) if isinstance(inner, Num) else inner
    if function in ("log", "sqrt") and a.chance(0.6):
        inner = plus(Power(inner, 2), number(1)) if a.chance(0.5) else Power(inner, 2)
    return Call(function, (inner, a.leaf(scope)) if function == "max" else (inner,))


def _cases(a: Author, depth: int, scope: Scope) -> Any:
    return Cases(a.compare(scope), a.formula(depth, scope), a.formula(0, scope) if a.chance(0.5) else ZERO)


MAKERS: list[tuple[Callable[[Author, int, Scope], Any], int]] = [
    (lambda a, d, s: plus(a.formula(d, s), minus(a.formula(d, s)) if a.chance(0.4) else a.formula(d, s)), 5),
    (lambda a, d, s: times(a.formula(d, s), a.formula(d, s)), 6),
    (lambda a, d, s: Power(a.formula(min(d, 1), s), a.random.choice((2, 2, 3))), 2),
    (_over, 3),
    (_call, 2),
    (_sum, 5),
    (lambda a, d, s: _sum(a, min(d, 1), s, "prod"), 1),
    (lambda a, d, s: times(Bracket(a.compare(s)), a.formula(d, s)), 1),
    (_cases, 1),
    (lambda a, d, s: a.leaf(s), 2),
]


# Laws: each gives a formula of the same value, wherever both have one, or None where it does not apply.


def _commute(t: Any, a: Author) -> Any:
    if not isinstance(t, (Plus, Times)):
        return None
    pieces = list(parts(t))
    a.random.shuffle(pieces)
    return plus(*pieces) if isinstance(t, Plus) else times(*pieces)


def _distribute(t: Any, a: Author) -> Any:
    where = [k for k, f in enumerate(t.factors) if isinstance(f, Plus)] if isinstance(t, Times) else []
    if not where:
        return None
    k = a.random.choice(where)
    return plus(*(times(*t.factors[:k], x, *t.factors[k + 1 :]) for x in t.factors[k].terms))


def _split_sum(t: Any, a: Author) -> Any:
    if isinstance(t, Big) and t.kind == "sum" and isinstance(t.body, Plus):
        return plus(*(replace(t, body=x) for x in t.body.terms))
    if isinstance(t, Big) and t.kind == "prod" and isinstance(t.body, Times):
        return times(*(replace(t, body=x) for x in t.body.factors))
    return None


def _factor_out(t: Any, a: Author) -> Any:
    if not (isinstance(t, Big) and t.kind == "sum" and isinstance(t.body, Times)):
        return None
    outside = [f for f in t.body.factors if t.letter not in free(f)]
    inside = [f for f in t.body.factors if t.letter in free(f)]
    if not outside:
        return None
    return times(*outside, replace(t, body=times(*inside)) if inside or t.low > 1 or t.but else Size(t.high))


def _factor_in(t: Any, a: Author) -> Any:
    where = [k for k, f in enumerate(t.factors) if isinstance(f, Big) and f.kind == "sum"] if isinstance(t, Times) else []
    if not where:
        return None
    k = a.random.choice(where)
    big, rest = t.factors[k], times(*t.factors[:k], *t.factors[k + 1 :])
    if big.letter in free(rest) | bound(rest):
        letter = a.fresh(big.high, rest, big.body, frozenset({big.but}))
        if letter is None:
            return None
        big = replace(big, letter=letter, body=moved(big.body, {big.letter: letter}))
    return replace(big, body=times(rest, big.body))


def _rename(t: Any, a: Author) -> Any:
    letter = a.fresh(t.high, t.body, frozenset({t.but})) if isinstance(t, Big) else None
    return replace(t, letter=letter, body=moved(t.body, {t.letter: letter})) if letter else None


def _swap_sums(t: Any, a: Author) -> Any:
    inner = t.body if isinstance(t, Big) else None
    if not isinstance(inner, Big) or inner.kind != t.kind or t.letter == inner.but:
        return None
    return replace(inner, body=replace(t, body=inner.body)) if inner.letter not in (t.but, t.letter) else None


def _delta(t: Any, a: Author) -> Any:
    """f_i = Σ_j δ_ij f_j."""
    letters = [x for x in free(t) if x in a.page.letters] if isinstance(t, (Ref, Times)) else []
    if not letters:
        return None
    letter = a.random.choice(sorted(letters))
    new = a.fresh(a.page.letters[letter], t)
    if new is None or letter in bound(t):
        return None
    delta = Bracket(Compare("=", Place(letter), Place(new)))
    return Big("sum", new, a.page.letters[letter], times(delta, moved(t, {letter: new})))


def _mean(t: Any, a: Author) -> Any:
    size = a.random.choice(a.page.sizes)
    letter = a.fresh(size, t)
    if letter is None or isinstance(t, (Place, Compare)):
        return None
    return Over(Big("sum", letter, size, t), Size(size))


def _fraction(t: Any, a: Author) -> Any:
    match t:
        case Over(Plus(terms), below):
            return plus(*(Over(x, below) for x in terms))
        case Over(above, below) if isinstance(below, (Ref, Plus)):
            return times(above, Power(below, -1))
        case Over(Times(factors), below):
            return times(*factors[:-1], Over(factors[-1], below))
    return None


def _cancelled(t: Any, a: Author) -> Any:
    """f = f·b/b."""
    b = a.ref(sorted(free(t)))
    if isinstance(b, Num) or not isinstance(t, (Ref, Times, Plus)):
        return None
    return Over(times(t, b), b) if a.chance(0.5) else times(t, Over(b, b))


def _vanishing(t: Any, a: Author) -> Any:
    """f = f + 0·log b."""
    b = a.ref(sorted(free(t)))
    if isinstance(b, Num) or not isinstance(t, (Ref, Times, Plus)):
        return None
    return plus(t, Times((ZERO, a.random.choice((Call("log", (b,)), Call("sqrt", (b,)), Power(b, -1))))))


def _power(t: Any, a: Author) -> Any:
    match t:
        case Power(Times(factors), n):
            return times(*(Power(f, n) for f in factors))
        case Power(base, n) if n > 1:
            return times(base, Power(base, n - 1) if n > 2 else base)
        case Times((one, other, *rest)) if one == other and not isinstance(one, Num):
            return times(Power(one, 2), *rest)
    return None


def _call_law(t: Any, a: Author) -> Any:
    match t:
        case Call("exp", (Plus(terms),)):
            return times(*(Call("exp", (x,)) for x in terms))
        case Call("log", (Times(factors),)):
            return plus(*(Call("log", (x,)) for x in factors))
        case Call("log", (Big("prod"),)):
            return replace(t.of[0], kind="sum", body=Call("log", (t.of[0].body,)))
        case Call("log", (Power(base, 2),)):
            return times(number(2), Call("log", (Call("abs", (base,)),)))
        case Call("exp", (Big("sum"),)):
            return replace(t.of[0], kind="prod", body=Call("exp", (t.of[0].body,)))
        case Call("exp", (x,)) if a.chance(0.3):
            return Power(Call("exp", (minus(x),)), -1)
        case Call("sqrt", (Power(base, 2),)):
            return Call("abs", (base,))
        case Call("abs", (base,)) if a.chance(0.5):
            return Call("sqrt", (Power(base, 2),))
        case Call("abs", (x,)):
            return Cases(Compare(">", x, ZERO), x, minus(x))
        case Call("relu", (x,)):
            return times(x, Bracket(Compare(">", x, ZERO)))
        case Call("max", (x, y)):
            return Over(plus(x, y, Call("abs", (plus(x, minus(y)),))), number(2))
    return None


def _doubled(t: Any, a: Author) -> Any:
    """Functions and their inverses."""
    if not isinstance(t, Ref):
        return None
    roll = a.random.random()
    if roll < 0.34:
        return Power(Call("sqrt", (t,)), 2)
    return Call("exp", (Call("log", (t,)),)) if roll < 0.67 else Call("log", (Call("exp", (t,)),))


def _guarded(t: Any, a: Author) -> Any:
    """c·f = c·[c ≠ 0]·f."""
    if not isinstance(t, Times):
        return None
    c = a.random.choice(t.factors)
    if isinstance(c, Num):
        return None
    return times(t, Bracket(Compare("≠", c, ZERO))) if a.chance(0.5) else Cases(Compare("≠", c, ZERO), t, ZERO)


def _opened(t: Any, a: Author) -> Any:
    """A name replaced with its definition."""
    if not isinstance(t, Ref) or t.name not in a.page.definitions:
        return None
    definition = a.page.definitions[t.name]
    swap = {x: p.at for x, p in zip(definition.letters, t.at, strict=True)}
    taken = {v for v in swap.values() if isinstance(v, str)}
    body = apart(definition.body, taken, a)
    return None if body is None else moved(body, swap)


def apart(t: Any, taken: set[str], a: Author) -> Any:
    """The tree with none of the letters bound in it; None where there are too few."""
    new = []
    for p in parts(t):
        q = apart(p, taken, a)
        if q is None:
            return None
        new.append(q)
    t = with_parts(t, tuple(new))
    if isinstance(t, Big) and t.letter in taken:
        letter = a.fresh(t.high, t.body, frozenset(taken), frozenset({t.but}))
        return None if letter is None else replace(t, letter=letter, body=moved(t.body, {t.letter: letter}))
    return t


LAWS: list[Callable[[Any, Author], Any]] = [
    _commute, _distribute, _split_sum, _factor_out, _factor_in, _rename, _swap_sums, _delta, _mean, _fraction, _cancelled, _power,
    _call_law, _call_law, _doubled, _guarded, _opened,
]  # fmt: skip


def changed_somewhere(t: Any, change: Callable[[Any], Any], random: Random) -> Any:
    """The tree with one of its parts changed; None where nothing can be."""
    order = [*range(len(parts(t))), -1]
    random.shuffle(order)
    for k in order:
        below = parts(t)
        new = change(t) if k < 0 else changed_somewhere(below[k], change, random) if not isinstance(t, Slope) else None
        if new is not None and new != (t if k < 0 else below[k]):
            return new if k < 0 else with_parts(t, (*below[:k], new, *below[k + 1 :]))
    return None


def rewritten(t: Any, a: Author, times_: int) -> Any:
    for _ in range(times_):
        law = a.random.choice(LAWS)
        new = changed_somewhere(t, lambda x, law=law: law(x, a), a.random)
        t = t if new is None or sum(1 for _ in subtrees(new)) > 70 else new
    return t


# Slips.


def _other_letter(t: Any, a: Author, scope: Scope) -> Any:
    if not isinstance(t, (Ref, Slope)) or not free(t):
        return None
    letter = a.random.choice(sorted(free(t)))
    others = [x for x in scope if x != letter and a.page.letters[x] == a.page.letters[letter]]
    return moved(t, {letter: a.random.choice(others)}) if others else None


def _other_name(t: Any, a: Author, scope: Scope) -> Any:
    if not isinstance(t, Ref):
        return None
    others = [n for n in a.names() if n != t.name and a.page.dimensions(n) == a.page.dimensions(t.name)]
    return Ref(a.random.choice(others), t.at) if others else None


def _without(t: Any, a: Author, scope: Scope) -> Any:
    if not isinstance(t, (Plus, Times)):
        return None
    k = a.random.randrange(len(parts(t)))
    rest = parts(t)[:k] + parts(t)[k + 1 :]
    return plus(*rest) if isinstance(t, Plus) else times(*rest)


def _pulled_out(t: Any, a: Author, scope: Scope) -> Any:
    """Σ f g = (Σ f)(Σ g)/n, as if one of them were constant."""
    if not (isinstance(t, Big) and t.kind == "sum" and isinstance(t.body, Times)) or t.but or t.low > 1:
        return None
    k = a.random.randrange(len(t.body.factors))
    rest = times(*t.body.factors[:k], *t.body.factors[k + 1 :])
    return Over(times(replace(t, body=t.body.factors[k]), replace(t, body=rest)), Size(t.high))


def _unsummed(t: Any, a: Author, scope: Scope) -> Any:
    others = [x for x in scope if isinstance(t, Big) and a.page.letters[x] == t.high]
    return moved(t.body, {t.letter: a.random.choice(others)}) if others and not bound(t.body) else None


def _constant(t: Any, a: Author, scope: Scope) -> Any:
    match t:
        case Num(v):
            return Num(v + 1) if v != -1 else number(2)
        case Power(base, n):
            return Power(base, n + 1) if n > 0 else Power(base, n - 1)
        case Ref():
            return times(number(a.random.choice((-1, 2))), t)
        case Big("sum", _, high, _, 1, ""):
            return replace(t, low=2) if a.chance(0.3) else times(Size(high), t)
    return None


def _unguarded(t: Any, a: Author, scope: Scope) -> Any:
    match t:
        case Cases(_, yes, _):
            return yes
        case Bracket(Compare("≠", _, _)):
            return ONE
        case Call("abs" | "relu", (x,)):
            return x
        case Call("max", (x, _)):
            return x
    return None


SLIPS = [_other_letter, _other_letter, _other_name, _without, _pulled_out, _unsummed, _constant, _constant, _unguarded, _unguarded]


def damaged(t: Any, a: Author, scope: Scope) -> Any:
    for _ in range(12):
        slip = a.random.choice(SLIPS)
        new = _damaged_somewhere(t, slip, a, list(scope))
        if new is not None and new != t:
            return new
    return t


def _damaged_somewhere(t: Any, slip: Callable[[Any, Author, Scope], Any], a: Author, scope: list[str]) -> Any:
    inner = [*scope, t.letter] if isinstance(t, Big) else scope
    order = [*range(len(parts(t))), -1]
    a.random.shuffle(order)
    for k in order:
        below = parts(t)
        if k >= 0 and isinstance(t, Slope):
            continue
        new = slip(t, a, scope) if k < 0 else _damaged_somewhere(below[k], slip, a, inner)
        if new is not None and new != (t if k < 0 else below[k]):
            return new if k < 0 else with_parts(t, (*below[:k], new, *below[k + 1 :]))
    return None


# Derivatives, by rules.


def slope(t: Any, by: Ref, a: Author, along: bool) -> Any:
    """The derivative of a formula by an entry; along every path, or of the formula alone. Fails with ValueError where there is no rule."""

    def inner(x: Any) -> Any:
        return slope(x, by, a, along)

    if isinstance(t, Big) and t.letter in free(by):
        letter = a.fresh(t.high, t.body, by, frozenset({t.but}))
        if letter is None:
            raise ValueError
        t = replace(t, letter=letter, body=moved(t.body, {t.letter: letter}))
    match t:
        case Num() | Size() | Place() | Bracket():
            if isinstance(t, Bracket) and not isinstance(t.given.left, Place):
                raise ValueError
            return ZERO
        case Ref(name, at):
            if name == by.name:
                return times(*(Bracket(Compare("=", p, q)) for p, q in zip(at, by.at, strict=True) if p != q))
            if not along or name not in a.page.definitions:
                return ZERO
            opened = _opened(t, a)
            if opened is None or bound(opened) & free(by):
                raise ValueError
            return inner(opened)
        case Plus(terms):
            return plus(*map(inner, terms))
        case Times(factors):
            return plus(*(times(*factors[:k], inner(f), *factors[k + 1 :]) for k, f in enumerate(factors)))
        case Over(above, below):
            first = inner(above)
            second = inner(below)
            return plus(
                ZERO if first == ZERO else Over(first, below),
                ZERO if second == ZERO else minus(Over(times(above, second), Power(below, 2))),
            )
        case Power(base, n):
            return times(number(n), *(() if n == 1 else (Power(base, n - 1) if n != 2 else base,)), inner(base))
        case Big("sum"):
            body = inner(t.body)
            return ZERO if body == ZERO else replace(t, body=body)
        case Call("exp", (x,)):
            return times(t, inner(x))
        case Call("log", (x,)):
            d = inner(x)
            return ZERO if d == ZERO else Over(d, x)
        case Call("sqrt", (x,)):
            d = inner(x)
            return ZERO if d == ZERO else Over(d, times(number(2), t))
        case Call("tanh", (x,)):
            return times(plus(ONE, minus(Power(t, 2))), inner(x))
        case Call("relu", (x,)):
            return times(Bracket(Compare(">", x, ZERO)), inner(x))
    raise ValueError
