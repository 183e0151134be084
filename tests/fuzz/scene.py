"""What a random page speaks of: sizes, letters, inputs, definitions; and random formulas made of these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from fuzz.tree import (
    MINUS,
    ONE,
    TWO,
    ZERO,
    Add,
    Cases,
    Definition,
    Entry,
    Input,
    Kron,
    Letter,
    Objective,
    Over,
    Page,
    Pow,
    Size,
    Test,
    add,
    call,
    free,
    letters,
    minus,
    mul,
    num,
    over,
    put,
    total,
)

N, M = Size("n"), Size("m")
NAMES = {
    (ONE, N): ["i", "j", "k", "l", "g", "h", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9"],
    (ONE, M): ["p", "q", "r", "s", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"],
    (TWO, N): ["o", "o1", "o2", "o3", "o4", "o5", "o6"],
    (ONE, Add((N, MINUS))): ["e", "e1", "e2", "e3", "e4", "e5", "e6"],
}
SMOOTH = ("exp", "tanh", "sigmoid", "softplus", "sin", "cos")
BENT = ("Abs", "relu", "sign")
RELATIONS = ("Eq", "Ne", "Gt", "Ge", "Lt", "Le")


@dataclass
class Scene:
    """A page that is being made up."""

    random: Random
    sizes: list[str] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)
    definitions: list[Definition | Objective] = field(default_factory=list)
    assumptions: list[tuple[Any, Any]] = field(default_factory=list)

    def page(self, left: Any, right: Any) -> Page:
        return Page(tuple(self.sizes), tuple(self.inputs), tuple(self.definitions), tuple(self.assumptions), left, right)

    def chance(self, p: float) -> bool:
        return self.random.random() < p

    def letter(self, upper: Any = N, lower: Any = ONE, taken: Iterable[str] = ()) -> Letter:
        """A letter with a name that is not taken."""
        taken = set(taken)
        return Letter(next(n for n in NAMES[lower, upper] if n not in taken), lower, upper)

    def define(self, body: Any) -> Entry:
        """A definition with this body, over its free letters, and its entry."""
        at = tuple(sorted(free(body), key=lambda l: l.name))
        name = f"v{len(self.definitions)}"
        self.definitions.append(Definition(name, at, body))
        return Entry(name, at)

    def sign_of(self, name: str) -> str:
        return next(i.sign for i in self.inputs if i.name == name)

    def scalars(self) -> list[Entry]:
        return [Entry(i.name) for i in self.inputs if not i.at and not i.of]

    def vectors(self) -> list[Input]:
        return [i for i in self.inputs if len(i.at) == 1 and not i.of]

    def matrices(self) -> list[Input]:
        return [i for i in self.inputs if len(i.at) == 2]

    def labels(self) -> list[Input]:
        return [i for i in self.inputs if i.of]


def drawn(random: Random) -> Scene:
    """Sizes, inputs and, now and then, an assumption."""
    scene = Scene(random)
    scene.sizes = ["n", "m"] if scene.chance(0.25) else ["n"]
    i = scene.letter(N)
    sign = lambda: random.choice(("", "", "", "", "", "", "positive", "nonzero"))  # noqa: E731
    scene.inputs = [Input(name, (), sign()) for name in random.sample(("a", "b", "c"), random.randint(1, 3))]
    scene.inputs += [Input(name, (i,), sign()) for name in random.sample(("x", "w", "y"), random.randint(1, 2))]
    if "m" in scene.sizes:
        scene.inputs.append(Input("A", (i, scene.letter(M)), ""))
    if scene.chance(0.1):
        scene.inputs.append(Input("t", (i,), "", of=scene.letter(scene.random.choice((N, M)) if "m" in scene.sizes else N)))
    if scene.chance(0.25):
        scene.assumptions += scene.random.choice(ASSUMED)(scene)
    return scene


def assumed_value(scene: Scene) -> list[tuple[Any, Any]]:
    """A scalar has a value, or is made of another."""
    *others, last = scene.scalars()
    if scene.sign_of(last.name):
        return []
    made = [minus(others[0], ONE), mul(TWO, others[0]), others[0]] if others else []
    return [(last, scene.random.choice((ZERO, ONE, TWO, MINUS, *made)))]


def assumed_whole(scene: Scene) -> list[tuple[Any, Any]]:
    """A vector sums to 0 or 1, or has norm 1."""
    name = scene.vectors()[-1].name
    k = scene.letter(N, taken="i")
    entry = Entry(name, (k,))
    return (
        []
        if scene.sign_of(name)
        else [scene.random.choice(((total(entry, k), ONE), (total(entry, k), ZERO), (total(Pow(entry, TWO), k), ONE)))]
    )


ASSUMED = (assumed_value, assumed_value, assumed_whole, assumed_whole, lambda scene: [(N, num(scene.random.choice((1, 2))))])

# formulas


def position(scene: Scene, scope: list[Letter], upper: Any) -> Any:
    """A position in 1..upper: a letter in scope, a label's, the first or the last."""
    fits = [l for l in scope if l.upper == upper or (l.upper == NAMES_LAST and upper == N)]
    labels = [t for t in scene.labels() if t.of and t.of.upper == upper and any(l.upper == N for l in scope)]
    if labels and scene.chance(0.3):
        return Entry(labels[0].name, (scene.random.choice([l for l in scope if l.upper == N]),))
    if fits and scene.chance(0.92):
        return scene.random.choice(fits)
    return scene.random.choice((ONE, upper))


NAMES_LAST = Add((N, MINUS))


def leaf(scene: Scene, scope: list[Letter]) -> Any:
    kinds = (
        ["number", "scalar", "scalar", "vector", "vector", "vector"]
        + ["matrix"] * bool(scene.matrices())
        + ["size"]
        + ["node"] * bool(scene.definitions)
    )
    match scene.random.choice(kinds):
        case "scalar":
            return scene.random.choice(scene.scalars())
        case "vector":
            return Entry(scene.random.choice(scene.vectors()).name, (position(scene, scope, N),))
        case "matrix":
            return Entry(scene.random.choice(scene.matrices()).name, (position(scene, scope, N), position(scene, scope, M)))
        case "size":
            return scene.random.choice([N, *scope])
        case "node":
            chosen = scene.random.choice(scene.definitions)
            if isinstance(chosen, Definition):
                return Entry(
                    chosen.name,
                    tuple(position(scene, scope, l.upper) if l.lower == ONE and l.upper in (N, M) else l.upper for l in chosen.at),
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
            upper = M if scene.matrices() and scene.chance(0.3) else N
            k = scene.letter(upper, taken={l.name for l in scope})
            return total(inner((k,)), k)
        case "cases":
            return Cases(test(scene, scope), inner(), inner())
        case "delta" if len([l for l in scope if l.upper == N]) > 1:
            return mul(Kron(*scene.random.sample([l for l in scope if l.upper == N], 2)), inner())
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
    "extreme": 0.5,
    "root": 0.5,
    "leaf": 2,
}


def positive(scene: Scene, scope: list[Letter], e: Any) -> Any:
    return scene.random.choice((e, Pow(e, TWO), add(Pow(e, TWO), ONE), call("exp", e)))


def quantity(scene: Scene, scope: list[Letter]) -> Any:
    """What a guard looks at and a division divides by: it is 0 somewhere."""

    def vector(k: Any) -> Entry:
        return Entry(scene.random.choice(scene.vectors()).name, (k,))

    a = scene.random.choice(scene.scalars())
    k = scene.letter(N, taken={l.name for l in scope})
    inside = [l for l in scope if l.upper == N and l.lower == ONE]
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
        call("Abs", a), call("relu", a),
        Over("Product", vector(k), k),
    ]  # fmt: skip
    for what, value in scene.assumptions:
        options += [what, what, minus(what, ONE), minus(what, value), minus(what, mul(MINUS, value)), minus(what, a)]
    for l in inside:
        options += [
            vector(l),
            vector(l),
            minus(vector(l), a),
            minus(l, ONE),
            minus(total(vector(k), k), vector(l)),
            total(Kron_sum(scene, k, l, vector), k),
        ]
    if len(inside) > 1:
        l, r = scene.random.sample(inside, 2)
        same = vector(l)
        options += [minus(same, put(same, {l: r})), minus(l, r), minus(same, put(same, {l: r})), minus(vector(l), vector(r))]
    return scene.random.choice(options)


def Kron_sum(scene: Scene, k: Letter, l: Letter, vector: Any) -> Any:
    """A sum that is one entry, or all but one."""
    return scene.random.choice(
        (mul(Kron(k, l), vector(k)), Cases(Test("Ne", k, l), vector(k), ZERO), Cases(Test("Le", k, l), vector(k), ZERO))
    )


def test(scene: Scene, scope: list[Letter]) -> Test:
    inside = [l for l in scope if l.upper == N]
    if len(inside) > 1 and scene.chance(0.4):
        return Test(scene.random.choice(RELATIONS), *scene.random.sample(inside, 2))
    seen = quantity(scene, scope)
    if scene.chance(0.15):
        seen = call("sign", seen)
    return Test(scene.random.choice(RELATIONS), seen, scene.random.choice((ZERO, ZERO, ZERO, ONE)))


def taken_in(*nodes: Any) -> set[str]:
    return set().union(*map(letters, nodes))
