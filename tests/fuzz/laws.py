"""Rewrites of formulas that change no value, and damages that may. Each takes a formula and gives another, or nothing.

A rewrite may change where a formula has a value; what is true at a point is looked up there, never taken from here.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from fuzz.formulas import RELATIONS, quantity, taken_in, test
from fuzz.scene import FIRSTS, M, N, Scene
from fuzz.tree import (
    MINUS,
    ONE,
    TWO,
    ZERO,
    Add,
    Call,
    Cases,
    Definition,
    Diff,
    Entry,
    Joined,
    Kron,
    Letter,
    Mul,
    Num,
    Over,
    Pow,
    Size,
    Test,
    Unfit,
    add,
    below,
    call,
    free,
    minus,
    mul,
    names,
    num,
    over,
    places,
    put,
    total,
)

Law = Callable[[Scene, Any], Any]


def sum_law(rule: Callable[[Scene, Any, Letter], Any]) -> Law:
    return lambda scene, e: rule(scene, e.body, e.letter) if isinstance(e, Over) and e.kind == "Sum" else None


def of_call(name: str, rule: Callable[..., Any]) -> Law:
    return lambda scene, e: (
        rule(*e.parts) if isinstance(e, Call) and e.function == name and (name not in ("Max", "Min") or len(e.parts) == 2) else None
    )


def split_first(scene: Scene, body: Any, l: Letter) -> Any:
    if (l.lower, l.upper) != (ONE, N):
        return None
    o = scene.letter(N, TWO, taken=taken_in(body))
    return add(put(body, {l: ONE}), total(put(body, {l: o}), o))


def split_last(scene: Scene, body: Any, l: Letter) -> Any:
    if (l.lower, l.upper) != (ONE, N):
        return None
    e = scene.letter(FIRSTS, taken=taken_in(body))
    return add(total(put(body, {l: e}), e), put(body, {l: N}))


def other_letter(scene: Scene, body: Any, l: Letter) -> Any:
    k = scene.letter(l.upper, l.lower, taken=taken_in(body) | {l.name})
    return total(put(body, {l: k}), k)


def backwards(scene: Scene, body: Any, l: Letter) -> Any:
    return total(put(body, {l: minus(add(l.upper, ONE), l)}), l) if l.lower == ONE and not _elsewhere(body, l) else None


def _elsewhere(body: Any, l: Letter) -> bool:
    """Whether a letter stands in a place that takes no arithmetic: a label's, or a node's."""
    return any(isinstance(p, (Kron, Diff)) or (isinstance(p, Entry) and any(isinstance(q, Entry) for q in p.at)) for p in below(body))


def over_addition(scene: Scene, body: Any, l: Letter) -> Any:
    return add(*(total(p, l) for p in body.parts)) if isinstance(body, Add) else None


def factor_out(scene: Scene, body: Any, l: Letter) -> Any:
    if not isinstance(body, Mul):
        return None
    outside = [p for p in body.parts if l not in free(p)]
    inside = [p for p in body.parts if l in free(p)]
    return mul(*outside, total(mul(*inside), l)) if outside else None


def factor_in(scene: Scene, e: Any) -> Any:
    if not isinstance(e, Mul):
        return None
    k = next((k for k, p in enumerate(e.parts) if isinstance(p, Over) and p.kind == "Sum"), None)
    if k is None:
        return None
    others = (*e.parts[:k], *e.parts[k + 1 :])
    renamed = other_letter(scene, mul(e.parts[k].body, *others), e.parts[k].letter) if e.parts[k].letter.name in taken_in(*others) else None
    if renamed is not None:
        return None
    return total(mul(e.parts[k].body, *others), e.parts[k].letter)


def exchange(scene: Scene, body: Any, l: Letter) -> Any:
    if isinstance(body, Over) and body.kind == "Sum":
        return total(total(body.body, l), body.letter)
    return None


def as_delta(scene: Scene, e: Any) -> Any:
    here = [l for l in free(e) if (l.lower, l.upper) in ((ONE, N), (ONE, M))]
    if not here:
        return None
    l = scene.random.choice(sorted(here, key=lambda l: l.name))
    k = scene.letter(l.upper, taken=taken_in(e))
    if scene.chance(0.3):
        return total(Cases(Test("Eq", k, l), put(e, {l: k}), ZERO), k)
    return total(mul(Kron(k, l), put(e, {l: k})), k)


def by_delta(scene: Scene, body: Any, l: Letter) -> Any:
    for p in body.parts if isinstance(body, Mul) else ():
        if isinstance(p, Kron) and l in (p.left, p.right) and (p.left == l) != (p.right == l):
            other = p.right if p.left == l else p.left
            rest = mul(*(q for q in body.parts if q is not p))
            if (
                isinstance(other, Letter)
                and (other.lower, other.upper) == (l.lower, l.upper)
                and other.name not in taken_in(rest) - {other.name}
            ):
                return put(rest, {l: other}) if not _binds(rest, other) else None
    return None


def _binds(e: Any, l: Letter) -> bool:
    return any(isinstance(p, Over) and p.letter.name == l.name for p in below(e))


def square_of_sum(scene: Scene, e: Any) -> Any:
    if not (isinstance(e, Pow) and e.exponent == TWO):
        return None
    if isinstance(e.base, Over) and e.base.kind == "Sum":
        k = scene.letter(e.base.letter.upper, e.base.letter.lower, taken=taken_in(e) | {e.base.letter.name})
        return total(total(mul(e.base.body, put(e.base.body, {e.base.letter: k})), k), e.base.letter)
    if isinstance(e.base, Add) and len(e.base.parts) == 2:
        a, b = e.base.parts
        return add(Pow(a, TWO), mul(TWO, a, b), Pow(b, TWO))
    return None


def distribute(scene: Scene, e: Any) -> Any:
    for k, p in enumerate(e.parts if isinstance(e, Mul) else ()):
        if isinstance(p, Add):
            return add(*(mul(*e.parts[:k], q, *e.parts[k + 1 :]) for q in p.parts))
    return None


def swap_cases(scene: Scene, e: Any) -> Any:
    if not plain_cases(e):
        return None
    return Cases(Test(OPPOSITE[e.test.relation], e.test.left, e.test.right), e.otherwise, e.then)


def plain_cases(e: Any) -> bool:
    return isinstance(e, Cases) and isinstance(e.test, Test)


def turned_test(scene: Scene, e: Any) -> Any:
    """The same comparison the other way round, or of the difference with 0, or of a multiple."""
    if not plain_cases(e):
        return None
    t = e.test
    seen = scene.random.choice(
        (
            Test(TURNED[t.relation], t.right, t.left),
            Test(t.relation, minus(t.left, t.right), ZERO),
            Test(t.relation, mul(TWO, t.left), mul(TWO, t.right)),
        )
    )
    return Cases(seen, e.then, e.otherwise)


def in_two_cases(scene: Scene, e: Any) -> Any:
    return Cases(test(scene, sorted(free(e), key=lambda l: l.name)), e, e)


def as_indicator(scene: Scene, e: Any) -> Any:
    return add(mul(Cases(e.test, ONE, ZERO), e.then), mul(Cases(e.test, ZERO, ONE), e.otherwise)) if isinstance(e, Cases) else None


def into_cases(scene: Scene, e: Any) -> Any:
    for k, p in enumerate(e.parts if isinstance(e, (Mul, Add)) else ()):
        if isinstance(p, Cases):
            make = mul if isinstance(e, Mul) else add
            others = (*e.parts[:k], *e.parts[k + 1 :])
            return Cases(p.test, make(*others, p.then), make(*others, p.otherwise))
    return None


def under_equality(scene: Scene, e: Any) -> Any:
    """What is equal where a case applies is put in."""
    if not plain_cases(e) or e.test.relation not in ("Eq", "Ne"):
        return None
    left, right = e.test.left, e.test.right
    if not isinstance(left, (Entry, Letter)) or (isinstance(left, Letter) and not isinstance(right, Letter)):
        return None
    swap = {left: right}
    if any(isinstance(p, (Diff, Over)) for p in below(e)):
        return None
    if e.test.relation == "Eq":
        return Cases(e.test, put(e.then, swap), e.otherwise)
    return Cases(e.test, e.then, put(e.otherwise, swap))


def guarded(scene: Scene, e: Any) -> Any:
    """A division under the guard that it asks for."""
    for p in e.parts if isinstance(e, Mul) else ():
        if isinstance(p, Pow) and p.exponent == MINUS:
            return Cases(Test("Ne", p.base, ZERO), e, scene.random.choice((ZERO, ONE)))
    return None


def times_one(scene: Scene, e: Any) -> Any:
    q = quantity(scene, sorted(free(e), key=lambda l: l.name))
    return mul(e, q, Pow(another(scene, q), MINUS))


def plus_nothing(scene: Scene, e: Any) -> Any:
    q = quantity(scene, sorted(free(e), key=lambda l: l.name))
    return minus(add(e, q), another(scene, q))


def named(scene: Scene, e: Any) -> Any:
    """The formula as a definition."""
    plain = all((l.lower, l.upper) in ((ONE, N), (ONE, M)) for l in free(e))
    return scene.define(e) if plain and not isinstance(e, (Num, Size, Letter)) and len(scene.definitions) < 4 else None


def unfolded(scene: Scene, e: Any) -> Any:
    if not isinstance(e, Entry):
        return None
    found = next((d for d in scene.definitions if isinstance(d, Definition) and d.name == e.name), None)
    if found is None or found.name in names(found.body) or any(_binds(found.body, l) for p in e.at for l in free(p)):
        return None
    return put(found.body, dict(zip(found.at, e.at, strict=True)))


def assumed(scene: Scene, e: Any) -> Any:
    """A value under the name that is assumed to have it, or a name's value."""
    for what, value in scene.assumptions:
        if e == what:
            return value
        if e == value:
            return what
    return None


def commuted(scene: Scene, e: Any) -> Any:
    return type(e)(tuple(scene.random.sample(e.parts, len(e.parts)))) if isinstance(e, (Add, Mul)) else None


def with_its_inverse(scene: Scene, e: Any) -> Any:
    """Two divisions as one by the product, or the other way round."""
    match e:
        case Pow(Mul(parts), exponent) if exponent == MINUS:
            return mul(*(Pow(p, MINUS) for p in parts))
        case Mul(parts) if sum(isinstance(p, Pow) and p.exponent == MINUS for p in parts) > 1:
            below_line = [p.base for p in parts if isinstance(p, Pow) and p.exponent == MINUS]
            return mul(*(p for p in parts if not (isinstance(p, Pow) and p.exponent == MINUS)), Pow(mul(*below_line), MINUS))
    return None


def flag(scene: Scene, e: Any) -> Any:
    """A case of positions as a power with a flag for an exponent."""
    if plain_cases(e) and e.test.relation == "Eq" and isinstance(e.test.left, Letter) and isinstance(e.test.right, Letter):
        delta = Kron(e.test.left, e.test.right)
        return mul(Pow(e.then, delta), Pow(e.otherwise, minus(ONE, delta)))
    return None


OPPOSITE = {"Eq": "Ne", "Ne": "Eq", "Gt": "Le", "Le": "Gt", "Ge": "Lt", "Lt": "Ge"}
TURNED = {"Eq": "Eq", "Ne": "Ne", "Gt": "Lt", "Lt": "Gt", "Ge": "Le", "Le": "Ge"}

RENAMES: tuple[Law, ...] = (
    *(sum_law(rule) for rule in (split_first, split_last, other_letter, backwards, over_addition, factor_out, exchange, by_delta)),
    factor_in, as_delta, square_of_sum, distribute, named, named, named, unfolded, assumed, commuted, with_its_inverse,
)  # fmt: skip
LAWS: tuple[Law, ...] = (
    *RENAMES,
    swap_cases, turned_test, in_two_cases, as_indicator, into_cases, into_cases, under_equality, under_equality, guarded, times_one,
    plus_nothing, flag,
    of_call("Abs", lambda z: Cases(Test("Gt", z, ZERO), z, mul(MINUS, z))),
    of_call("Abs", lambda z: mul(z, call("sign", z))),
    of_call("Abs", lambda z: call("sqrt", Pow(z, TWO))),
    of_call("relu", lambda z: Cases(Test("Ge", z, ZERO), z, ZERO)),
    of_call("relu", lambda z: mul(Num(Fraction(1, 2)), add(z, call("Abs", z)))),
    of_call("relu", lambda z: call("Max", z, ZERO)),
    of_call("sign", lambda z: Cases(Test("Gt", z, ZERO), ONE, Cases(Test("Lt", z, ZERO), MINUS, ZERO))),
    of_call("sign", lambda z: mul(z, Pow(call("Abs", z), MINUS))),
    of_call("Max", lambda y, z: Cases(Test("Gt", y, z), y, z)),
    of_call("Min", lambda y, z: Cases(Test("Lt", y, z), y, z)),
    of_call("Max", lambda y, z: add(z, call("relu", minus(y, z)))),
    of_call("sigmoid", lambda z: Pow(add(ONE, call("exp", mul(MINUS, z))), MINUS)),
    of_call("softplus", lambda z: call("log", add(ONE, call("exp", z)))),
    of_call("tanh", lambda z: minus(mul(TWO, call("sigmoid", mul(TWO, z))), ONE)),
    of_call("sqrt", lambda z: mul(z, Pow(call("sqrt", z), MINUS))),
    of_call("exp", lambda z: Pow(call("exp", mul(MINUS, z)), MINUS)),
)  # fmt: skip


def another(scene: Scene, e: Any) -> Any:
    """The same quantity under another name, or under the same."""
    if scene.chance(0.2):
        return e
    return rewritten(scene, e, RENAMES, scene.random.randint(1, 2))


def _by_law(scene: Scene, law: Law, part: Any) -> Any:
    try:
        return law(scene, part)
    except Unfit:
        return None


def rewritten(scene: Scene, e: Any, laws: tuple[Law, ...], times: int) -> Any:
    """Some laws used somewhere in a formula."""
    for _ in range(times):
        for _ in range(12):
            part, fill = scene.random.choice(list(places(e)))
            if isinstance(part, (Joined, Test)):
                continue
            if laws is RENAMES and scene.chance(0.5):
                part, fill = e, lambda new: new
            new = _by_law(scene, scene.random.choice(laws), part)
            if new is not None and new != part:
                e = fill(new)
                break
    return e


# damages


def flip(scene: Scene, e: Any) -> Any:
    return mul(MINUS, e)


def other_number(scene: Scene, e: Any) -> Any:
    return num(e.value + scene.random.choice((1, -1))) if isinstance(e, Num) else None


def other_entry(scene: Scene, e: Any) -> Any:
    if isinstance(e, Entry) and len(e.at) == 1 and any(v.name == e.name for v in scene.vectors()):
        return Entry(scene.random.choice(scene.vectors()).name, (scene.random.choice((*e.at, ONE, N)),))
    return scene.random.choice(scene.scalars()) if e in scene.scalars() else None


def other_relation(scene: Scene, e: Any) -> Any:
    return Cases(Test(scene.random.choice(RELATIONS), e.test.left, e.test.right), e.then, e.otherwise) if plain_cases(e) else None


def no_guard(scene: Scene, e: Any) -> Any:
    return e.then if isinstance(e, Cases) else None


def other_fallback(scene: Scene, e: Any) -> Any:
    return Cases(e.test, e.then, scene.random.choice((ZERO, ONE, e.then))) if isinstance(e, Cases) else None


def cancelled(scene: Scene, e: Any) -> Any:
    """q·[q ≠ 0]·A/q as A."""
    for p in e.parts if isinstance(e, Mul) else ():
        if isinstance(p, Cases) and isinstance(p.then, Mul):
            return mul(*(q for q in p.then.parts if not isinstance(q, Pow)))
    return None


def lost_part(scene: Scene, e: Any) -> Any:
    return type(e)(e.parts[1:]) if isinstance(e, (Add, Mul)) and len(e.parts) > 1 else None


DAMAGES: tuple[Law, ...] = (
    flip, other_number, other_entry, other_relation, other_relation, no_guard, no_guard, other_fallback, other_fallback, cancelled,
    lost_part,
)  # fmt: skip


# derivatives by rule


def slope(scene: Scene, e: Any, wrt: Entry) -> Any:
    """The derivative of a formula along every path, by the rules of a textbook."""

    def of(part: Any) -> Any:
        return slope(scene, part, wrt)

    match e:
        case Num() | Size() | Letter() | Kron() | Call("stop_gradient"):
            return ZERO
        case Entry(name, at):
            if name == wrt.name:
                return mul(*(ONE if a == b else Kron(a, b) for a, b in zip(at, wrt.at, strict=True)))
            if any(isinstance(d, Definition) and d.name == name and name in names(d.body) for d in scene.definitions):
                raise NotImplementedError
            body = unfolded(scene, e)
            return ZERO if body is None else of(body)
        case Add(parts):
            return add(*map(of, parts))
        case Mul(parts):
            return add(*(mul(*parts[:k], of(p), *parts[k + 1 :]) for k, p in enumerate(parts)))
        case Pow(base, exponent):
            return mul(exponent, Pow(base, minus(exponent, ONE)) if exponent != TWO else base, of(base))
        case Over("Sum", body, letter):
            inner = of(body)
            return total(inner, letter) if inner != ZERO else ZERO
        case Cases(t, then, otherwise):
            a, b = of(then), of(otherwise)
            return ZERO if a == b == ZERO else Cases(t, a, b)
        case Call(name, (z,)) if name in SLOPES:
            return mul(SLOPES[name](z), of(z))
        case Call("Max", (y, z)):
            return Cases(Test("Gt", y, z), of(y), of(z))
        case Call("Min", (y, z)):
            return Cases(Test("Lt", y, z), of(y), of(z))
    raise NotImplementedError


SLOPES: dict[str, Callable[[Any], Any]] = {
    "exp": lambda z: call("exp", z),
    "tanh": lambda z: minus(ONE, Pow(call("tanh", z), TWO)),
    "sigmoid": lambda z: mul(call("sigmoid", z), minus(ONE, call("sigmoid", z))),
    "softplus": lambda z: call("sigmoid", z),
    "sin": lambda z: call("cos", z),
    "cos": lambda z: mul(MINUS, call("sin", z)),
    "log": lambda z: Pow(z, MINUS),
    "sqrt": lambda z: over(Num(Fraction(1, 2)), call("sqrt", z)),
    "Abs": lambda z: call("sign", z),
    "sign": lambda z: ZERO,
    "relu": lambda z: Cases(Test("Gt", z, ZERO), ONE, ZERO),
}  # fmt: skip
