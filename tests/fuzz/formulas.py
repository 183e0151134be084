"""Random formulas of what a page has, and the quantities that guards and divisors look at."""

from __future__ import annotations

from typing import Any

from fuzz.scene import FIRSTS, M, N, Scene
from fuzz.tree import (
    MINUS,
    ONE,
    TWO,
    ZERO,
    Cases,
    Definition,
    Entry,
    Joined,
    Kron,
    Letter,
    Over,
    Pow,
    Test,
    add,
    call,
    letters,
    minus,
    mul,
    num,
    over,
    put,
    total,
)

SMOOTH = ("exp", "tanh", "sigmoid", "softplus", "sin", "cos", "erf")
BENT = ("Abs", "relu", "sign")
RELATIONS = ("Eq", "Ne", "Gt", "Ge", "Lt", "Le")


def position(scene: Scene, scope: list[Letter], upper: Any) -> Any:
    """A position in 1..upper: a letter in scope or the one beside it, a label's, the first or the last."""
    fits = [
        l
        for l in scope
        if l.upper == upper or (l.upper == FIRSTS and upper == N) or (isinstance(l.upper, Letter) and l.upper.upper == upper)
    ]
    labels = [t for t in scene.labels() if t.of and t.of.upper == upper and whole_letters(scope)]
    if labels and scene.chance(0.3):
        return Entry(labels[0].name, (scene.random.choice(whole_letters(scope)),))
    if not fits or scene.chance(0.08):
        return scene.random.choice((ONE, upper))
    l = scene.random.choice(fits)
    beside = add(l, ONE) if l.upper == FIRSTS else minus(l, ONE) if l.lower == TWO else l
    return scene.random.choice((l, beside))


def whole_letters(scope: list[Letter]) -> list[Letter]:
    """The letters that go from 1 to n."""
    return [l for l in scope if (l.lower, l.upper) == (ONE, N)]


def leaf(scene: Scene, scope: list[Letter]) -> Any:
    kinds = ["number", "scalar", "scalar", "vector", "vector", "vector", "size"]
    kinds += ["matrix"] * bool(scene.matrices()) + ["node"] * bool(scene.definitions)
    match scene.random.choice(kinds):
        case "scalar":
            return scene.random.choice(scene.scalars())
        case "vector":
            return Entry(scene.random.choice(scene.vectors()).name, (position(scene, scope, N),))
        case "matrix":
            chosen = scene.random.choice(scene.matrices())
            return Entry(chosen.name, tuple(position(scene, scope, l.upper) for l in chosen.at))
        case "size":
            return scene.random.choice([N, *scope])
        case "node":
            node = scene.random.choice(scene.definitions)
            if isinstance(node, Definition):
                return Entry(
                    node.name,
                    tuple(position(scene, scope, l.upper) if l.lower == ONE and l.upper in (N, M) else l.upper for l in node.at),
                )
    return num(scene.random.choice((1, 2, -1, 3)))


def formula(scene: Scene, scope: list[Letter], depth: int) -> Any:
    """A random formula whose free letters are in scope."""
    if depth <= 0:
        return leaf(scene, scope)

    def inner(more: tuple[Letter, ...] = ()) -> Any:
        return formula(scene, [*scope, *more], depth - 1 - scene.random.randint(0, 1))

    match scene.random.choices(*zip(*SHAPES.items(), strict=True))[0]:
        case "add":
            return add(inner(), inner())
        case "mul":
            return mul(inner(), inner())
        case "over":
            return over(inner(), quantity(scene, scope))
        case "square":
            return Pow(inner(), TWO)
        case "sum":
            k = scene.random.choice(bound(scene, scope))
            return Over("Product" if scene.chance(0.1) else "Sum", inner((k,)), k)
        case "beside" if whole_letters(scope):
            l = scene.random.choice(whole_letters(scope))
            x = scene.random.choice(scene.vectors()).name
            return scene.random.choice(
                (Cases(Test("Gt", l, ONE), Entry(x, (minus(l, ONE),)), ZERO), Cases(Test("Lt", l, N), Entry(x, (add(l, ONE),)), ZERO))
            )
        case "power":
            return Pow(inner(), scene.random.choice((N, num(3), *whole_letters(scope))))
        case "still":
            return call("stop_gradient", inner())
        case "cases":
            sees: Test | Joined = test(scene, scope)
            if scene.chance(0.15):
                sees = Joined(scene.random.choice(("And", "Or")), (sees, test(scene, scope)))
            return Cases(sees, inner(), inner())
        case "delta" if len(whole_letters(scope)) > 1:
            return mul(Kron(*scene.random.sample(whole_letters(scope), 2)), inner())
        case "smooth":
            return call(scene.random.choice(SMOOTH), inner())
        case "bent":
            return call(scene.random.choice(BENT), inner())
        case "extreme":
            return call(scene.random.choice(("Max", "Min")), inner(), inner())
        case "root":
            return call("sqrt", positive(scene, scope, inner()))
    return leaf(scene, scope)


SHAPES = {
    "add": 5,
    "mul": 5,
    "over": 2,
    "square": 1,
    "sum": 3,
    "cases": 2,
    "delta": 2,
    "smooth": 1,
    "bent": 1,
    "leaf": 2,
    "extreme": 0.5,
    "root": 0.5,
    "beside": 0.7,
    "power": 0.4,
    "still": 0.3,
}


def bound(scene: Scene, scope: list[Letter]) -> list[Letter]:
    """Letters to sum over."""
    taken = {l.name for l in scope}
    plain = [scene.letter(N, taken=taken)] * 6 + [scene.letter(M, taken=taken)] * (3 * bool("m" in scene.sizes))
    parts = [scene.letter(N, TWO, taken), scene.letter(FIRSTS, ONE, taken)]
    ragged = [r for l in whole_letters(scope) if (r := Letter(f"r{l.name}", ONE, l)).name not in taken]
    return plain + parts + ragged


def positive(scene: Scene, scope: list[Letter], e: Any) -> Any:
    return scene.random.choice((e, Pow(e, TWO), add(Pow(e, TWO), ONE), call("exp", e)))


def quantity(scene: Scene, scope: list[Letter]) -> Any:
    """What a guard looks at and a division divides by: it is 0 somewhere."""

    def vector(k: Any) -> Entry:
        return Entry(scene.random.choice(scene.vectors()).name, (k,))

    a = scene.random.choice(scene.scalars())
    k = scene.letter(N, taken={l.name for l in scope})
    inside = whole_letters(scope)
    options = [
        a, a,
        total(vector(k), k),
        total(mul(vector(k), vector(k)), k),
        total(mul(vector(k), a), k),
        minus(a, ONE),
        minus(a, scene.random.choice(scene.scalars())) if len(scene.scalars()) > 1 else a,
        minus(N, ONE),
        minus(vector(ONE), vector(N)),
        minus(total(vector(k), k), a),
        add(Pow(a, TWO), mul(scene.random.choice((ONE, MINUS)), Pow(scene.random.choice(scene.scalars()), TWO))),
        mul(a, vector(ONE)),
        call("Abs", a), call("relu", a), call("Max", a, ZERO), call("sign", a), call("sqrt", Pow(a, TWO)), call("tanh", a),
        minus(call("exp", a), ONE), Cases(Test("Gt", a, ZERO), a, ZERO), Cases(Test("Ne", a, ONE), a, ZERO),
        Over("Product", vector(k), k),
    ]  # fmt: skip
    options += of_sizes(scene, a, {l.name for l in scope})
    for t in scene.labels() if inside else ():
        options += [minus(vector(l), vector(Entry(t.name, (l,)))) for l in inside if t.of and t.of.upper == N]
    for what, value in scene.assumptions:
        options += [what, what, minus(what, ONE), minus(what, value), minus(what, mul(MINUS, value)), minus(what, a)]
    for l in inside:
        options += [
            vector(l),
            vector(l),
            minus(vector(l), a),
            minus(l, ONE),
            minus(total(vector(k), k), vector(l)),
            total(part_of_sum(scene, k, l, vector), k),
        ]
    if len(inside) > 1:
        l, r = scene.random.sample(inside, 2)
        same = vector(l)
        options += [minus(same, put(same, {l: r})), minus(l, r), minus(same, put(same, {l: r})), minus(vector(l), vector(r))]
    return scene.random.choice(options)


def of_sizes(scene: Scene, a: Any, taken: set[str]) -> list[Any]:
    """Quantities in which a size has a part: they are 0 where sizes coincide, or at the smallest size."""
    o = scene.letter(N, TWO, taken)
    first = scene.random.choice(
        (minus(a, N), mul(N, a), mul(minus(N, ONE), a), total(a, o), total(Entry(scene.vectors()[0].name, (o,)), o))
    )
    return [first, minus(N, M)] if "m" in scene.sizes else [first]


def part_of_sum(scene: Scene, k: Letter, l: Letter, vector: Any) -> Any:
    """A sum that is one entry, or all but one."""
    return scene.random.choice(
        (mul(Kron(k, l), vector(k)), Cases(Test("Ne", k, l), vector(k), ZERO), Cases(Test("Le", k, l), vector(k), ZERO))
    )


def test(scene: Scene, scope: list[Letter]) -> Test:
    inside = whole_letters(scope)
    if len(inside) > 1 and scene.chance(0.4):
        return Test(scene.random.choice(RELATIONS), *scene.random.sample(inside, 2))
    fitting = [(t, l) for t in scene.labels() for l in scope if t.of and l.upper == t.of.upper and l.lower == ONE]
    if fitting and inside and scene.chance(0.5):
        t, l = scene.random.choice(fitting)
        return Test(scene.random.choice(("Eq", "Ne")), Entry(t.name, (scene.random.choice(inside),)), l)
    seen = quantity(scene, scope)
    if scene.chance(0.15):
        seen = call("sign", seen)
    return Test(scene.random.choice(RELATIONS), seen, scene.random.choice((ZERO, ZERO, ZERO, ONE)))


def taken_in(*nodes: Any) -> set[str]:
    return set().union(*map(letters, nodes))
