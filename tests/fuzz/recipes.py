"""Random claims: guards beside divisions, formulas rewritten, derivatives. Some are true; which, is looked up at points."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from fuzz.formulas import formula, leaf, quantity, taken_in, test
from fuzz.laws import DAMAGES, LAWS, another, rewritten, slope
from fuzz.scene import N, Scene, drawn
from fuzz.tree import (
    MINUS,
    ONE,
    TWO,
    ZERO,
    Cases,
    Definition,
    Diff,
    Entry,
    Kron,
    Letter,
    Objective,
    Over,
    Page,
    Pow,
    Test,
    add,
    call,
    free,
    minus,
    mul,
    over,
    total,
)

Sides = tuple[Any, Any]


def page(random: Random) -> Page:
    """A page with one claim."""
    scene = drawn(random)
    recipe = random.choices(*zip(*RECIPES.items(), strict=True))[0]
    left, right = recipe(scene)
    if scene.chance(0.35):
        left, right = wrapped(scene, left, right)
    left = rewritten(scene, left, LAWS, random.choice((0, 0, 1, 2)))
    right = rewritten(scene, right, LAWS, random.choice((0, 0, 1)))
    if scene.chance(0.3):
        right = rewritten(scene, right, DAMAGES, 1)
    return scene.page(left, right)


def scope(scene: Scene) -> list[Letter]:
    """Free letters for a claim."""
    return [scene.letter(N, taken="ik"), scene.letter(N, taken="ijk")][: scene.random.choice((0, 1, 1, 2))]


def wrapped(scene: Scene, left: Any, right: Any) -> Sides:
    """Both sides in the same surroundings."""
    loose = sorted((l for l in free(left) & free(right)), key=lambda l: l.name)
    factor = leaf(scene, loose)
    ways: list[Callable[[Any], Any]] = [lambda e: mul(factor, e), lambda e: add(e, factor), lambda e: call("exp", e), lambda e: Pow(e, TWO)]
    ways += [lambda e: Cases(Test("Ne", factor, ZERO), e, factor)]
    if loose:
        l = scene.random.choice(loose)
        ways += [lambda e: total(e, l), lambda e: total(mul(factor, e), l)] * 2 + [lambda e: Over("Product", e, l)]
    way = scene.random.choice(ways)
    return way(left), way(right)


Named = Callable[[], Any]  # one quantity, each time under another name


def guard(scene: Scene) -> Sides:
    """A division, a root or a log under a guard, and the same quantity outside of it."""
    inside = scope(scene)
    quantities = quantity(scene, inside)
    names: list[Any] = []

    def q() -> Any:
        if not names or scene.chance(0.5):
            names.append(another(scene, quantities))
        return scene.random.choice(names)

    a = scene.random.choice((formula(scene, inside, 1), formula(scene, inside, 1), ONE, q()))
    b = scene.random.choice((ZERO, ZERO, ONE, leaf(scene, inside)))
    return scene.random.choice(GUARDS)(scene, q, a, b)


def test_of(relation: str, q: Any) -> Test:
    return Test(relation, q, ZERO)


def product(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    whole = mul(q(), Cases(test_of("Ne", q()), over(a, q()), b))
    return whole, scene.random.choice((a, a, Cases(test_of("Ne", q()), a, ZERO)))


def product_on_one_side(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    relation = scene.random.choice(("Gt", "Ge", "Lt"))
    whole = mul(Cases(test_of(relation, q()), over(a, q()), b), q())
    return whole, scene.random.choice((a, Cases(test_of(relation, q()), a, mul(b, q()))))


def product_by_equality(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    return mul(Cases(test_of("Eq", q()), b, over(a, q())), q()), Cases(test_of("Eq", q()), ZERO, a)


def removable(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    whole = Cases(test_of("Ne", q()), over(q(), q()), b)
    return whole, scene.random.choice((ONE, Cases(test_of("Ne", q()), ONE, b)))


def root(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    whole = Cases(test_of("Ge", q()), Pow(call("sqrt", q()), TWO), b)
    return whole, scene.random.choice((q(), Cases(test_of("Ge", q()), q(), b)))


def logarithm(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    whole = call("exp", Cases(test_of("Gt", q()), call("log", q()), ZERO))
    return whole, scene.random.choice((q(), Cases(test_of("Gt", q()), q(), ONE)))


def entropy(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    whole = Cases(test_of("Gt", q()), mul(q(), call("log", q())), b)
    return whole, mul(q(), Cases(test_of("Gt", q()), call("log", q()), b))


def unguarded(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    whole = over(mul(a, q()), q())
    sees = test(scene, sorted(free(a), key=lambda l: l.name))
    return scene.random.choice((whole, Cases(sees, whole, a))), a


def guarded_outside(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    return mul(over(a, q()), Cases(test_of("Ne", q()), q(), b)), a


def nested(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    inner = quantity(scene, sorted(free(a), key=lambda l: l.name))
    division = over(over(a, q()), another(scene, inner))
    whole = Cases(test_of("Ne", q()), Cases(test_of("Ne", inner), division, b), ZERO)
    result = scene.random.choice((a, Cases(test_of("Ne", inner), a, ZERO), Cases(test_of("Ne", mul(q(), inner)), a, ZERO)))
    return mul(q(), another(scene, inner), whole), result


def defined(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    """The guard in a definition, the division in the claim."""
    node = scene.define(Cases(test_of(scene.random.choice(("Ne", "Ne", "Gt", "Eq")), q()), a, b))
    return over(mul(node, q()), q()), node


def indicator(scene: Scene, q: Named, a: Any, b: Any) -> Sides:
    """[q = 0]·q is 0, and may meet no 1/q under another name."""
    sees = test_of("Eq", q())
    flag = Cases(sees, ONE, ZERO)
    return scene.random.choice(
        (
            (mul(Cases(sees, a, ZERO), q()), ZERO),
            (mul(flag, over(q(), q())), ZERO),
            (mul(Cases(sees, q(), ONE), q()), q()),
            (Cases(sees, b, over(q(), q())), ONE),
            (mul(flag, over(a, add(q(), ONE))), mul(flag, a)),
        )
    )


GUARDS: tuple[Callable[[Scene, Named, Any, Any], Sides], ...] = (
    *(
        product,
        product,
        product,
        product_on_one_side,
        product_on_one_side,
        product_by_equality,
        removable,
        removable,
        root,
        logarithm,
        entropy,
    ),
    *(unguarded, unguarded, guarded_outside, nested, nested, defined, defined, indicator, indicator, indicator),
)


def exponent(scene: Scene) -> Sides:
    """Flags in exponents."""
    i, j = scene.letter(N), scene.letter(N, taken="i")
    name, other, third = (another(scene, e) for e in [quantity(scene, [i, j])] * 3)
    delta, same = Kron(i, j), Test("Eq", i, j)
    along = i if i not in free(other) else j
    return scene.random.choice(
        (
            (Pow(name, delta), Cases(same, other, ONE)),
            (mul(Pow(name, minus(ONE, delta)), other), Cases(same, third, Pow(name, TWO))),
            (mul(Pow(name, mul(MINUS, delta)), other), Cases(same, ONE, third)),
            (mul(Pow(name, minus(delta, ONE)), other), Cases(same, third, ONE)),
            (Over("Product", Pow(name, delta), along), Over("Product", Cases(same, other, ONE), along)),
        )
    )


def plain(scene: Scene) -> Sides:
    """A formula, and what some laws make of it."""
    e = formula(scene, scope(scene), 3)
    for _ in range(scene.random.choice((0, 0, 1, 2))):
        e = rewritten(scene, e, LAWS, 1)
    return e, rewritten(scene, e, LAWS, scene.random.randint(1, 3))


def derivative(scene: Scene) -> Sides:
    """A total derivative, and the same by rule."""
    inside = scope(scene)
    e = formula(scene, inside, 2)
    if scene.chance(0.5):
        e = rewritten(scene, e, LAWS, 1)
    if scene.chance(0.4):
        e = call(scene.random.choice(("Abs", "relu", "sign", "exp", "tanh")), e)
    wrt = varied(scene, e)
    try:
        return Diff("total", e, wrt), slope(scene, e, wrt)
    except NotImplementedError:
        return e, rewritten(scene, e, LAWS, 1)


def kink(scene: Scene) -> Sides:
    """The derivative of what bends or jumps where a quantity, or its sign, is 0."""
    inside = scope(scene)
    q = quantity(scene, inside)
    name = another(scene, q)
    hidden = scene.random.choice((q, call("sign", q), call("sign", q), mul(TWO, call("sign", q)), call("sign", mul(MINUS, q))))
    sees = Test(scene.random.choice(("Gt", "Ge", "Lt", "Ne")), hidden, ZERO)
    then, otherwise = scene.random.choice(
        ((name, mul(MINUS, name)), (ONE, ZERO), (name, ZERO), (ONE, MINUS), (formula(scene, inside, 1), name))
    )
    e = Cases(sees, then, otherwise)
    wrt = varied(scene, e)
    try:
        return Diff("total", e, wrt), slope(scene, e, wrt)
    except NotImplementedError:
        return e, rewritten(scene, e, LAWS, 1)


def second(scene: Scene) -> Sides:
    """A second derivative."""
    left, right = derivative(scene)
    if not isinstance(left, Diff) or scene.labels():
        return left, right
    wrt = varied(scene, add(left.of, right, left.wrt))
    try:
        return Diff("total", left, wrt), slope(scene, right, wrt)
    except NotImplementedError:
        return left, right


def varied(scene: Scene, e: Any) -> Entry:
    """What to differentiate by: a letter of its own, where it needs one."""
    options = [i for i in scene.inputs if i.of is None]
    chosen = scene.random.choice(options)
    taken = taken_in(e, *(d.body for d in scene.definitions if isinstance(d, Definition))) | {"k"}
    at: list[Any] = []
    for l in chosen.at:
        at.append(scene.letter(l.upper, taken=taken | {p.name for p in at}))
    return Entry(chosen.name, tuple(at))


def adjoint(scene: Scene) -> Sides:
    """The gradient of any smooth function of a definition."""
    j = scene.letter(N, taken="ik")
    body = scene.random.choice((formula(scene, [j], 2), guard_body(scene, j)))
    node = scene.define(body)
    f = Objective("f", node.name)
    wrt = varied(scene, add(body, *node.at))
    try:
        by_rule = slope(scene, body, wrt)
    except NotImplementedError:
        return body, rewritten(scene, body, LAWS, 1)
    scene.definitions.append(f)
    term = mul(Diff("total", Entry("f"), node), by_rule)
    for l in node.at:
        term = total(term, l)
    return Diff("total", Entry("f"), wrt), term


def guard_body(scene: Scene, j: Letter) -> Any:
    q = quantity(scene, [j])
    return Cases(Test(scene.random.choice(("Ne", "Gt", "Ge")), q, ZERO), over(formula(scene, [j], 1), another(scene, q)), ZERO)


def partial(scene: Scene) -> Sides:
    """The derivative of one definition by what it is made of."""
    inner = scene.define(formula(scene, scope(scene)[:1], 1))
    body = mul(inner, formula(scene, list(free(inner)), 1))
    node = scene.define(body)
    known = scene.definitions
    wrt = varied(scene, add(body, *node.at)) if scene.chance(0.5) else inner
    try:
        scene.definitions = []
        by_rule = slope(scene, body, wrt)
    except NotImplementedError:
        by_rule = None
    scene.definitions = known
    return (node, body) if by_rule is None else (Diff("partial", node, wrt), by_rule)


RECIPES: dict[Callable[[Scene], Sides], float] = {
    guard: 10,
    plain: 4,
    derivative: 3,
    kink: 1,
    second: 0.5,
    adjoint: 2,
    partial: 1,
    exponent: 1,
}
