"""What a random page speaks of: sizes, letters, inputs, definitions and assumptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from fuzz.tree import (
    BETWEEN,
    MINUS,
    ONE,
    TWO,
    ZERO,
    Add,
    Cases,
    Definition,
    Entry,
    Input,
    Letter,
    Objective,
    Page,
    Pow,
    Size,
    Test,
    add,
    free,
    minus,
    mul,
    num,
    total,
)

N, M = Size("n"), Size("m")
FIRSTS, RESTS = Add((N, MINUS)), TWO  # up to the last but one; from the second on
NAMES = {
    (ONE, N): ["i", "j", "k", "l", "g", "h", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9"],
    (ONE, M): ["p", "q", "r", "s", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"],
    (TWO, N): ["o", "o1", "o2", "o3", "o4", "o5", "o6"],
    (ONE, Add((N, MINUS))): ["e", "e1", "e2", "e3", "e4", "e5", "e6"],
}


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
        options = NAMES.get((lower, upper)) or [f"r{upper.name}{k}" for k in ("", *range(9))]
        return Letter(next(n for n in options if n not in taken), lower, upper)

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
    signs = ("", "", "", "", "", "", "", "", "positive", "nonzero", *BETWEEN)
    scene.inputs = [Input(name, (), random.choice(signs)) for name in random.sample(("a", "b", "c"), random.randint(1, 3))]
    scene.inputs += [Input(name, (i,), random.choice(signs)) for name in random.sample(("x", "w", "y"), random.randint(1, 2))]
    if "m" in scene.sizes:
        scene.inputs.append(Input("A", (i, scene.letter(M))))
    elif scene.chance(0.15):
        scene.inputs.append(Input("B", (i, scene.letter(N, taken="i"))))
    if scene.chance(0.1):
        scene.inputs.append(Input("t", (i,), "", of=scene.letter(scene.random.choice((N, M)) if "m" in scene.sizes else N)))
    if scene.chance(0.1):
        recurrence(scene)
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
    """A vector sums to 0 or 1, or has norm 1; a matrix is symmetric."""
    k, l = scene.letter(N, taken="i"), scene.letter(N)
    if scene.matrices() and scene.matrices()[0].name == "B":
        return [(Entry("B", (l, k)), Entry("B", (k, l)))]
    name = scene.vectors()[-1].name
    x = Entry(name, (k,))
    whole = ((total(x, k), ONE), (total(x, k), ZERO), (total(Pow(x, TWO), k), ONE))
    return [] if scene.sign_of(name) else [scene.random.choice(whole)]


def assumed_square(scene: Scene) -> list[tuple[Any, Any]]:
    """Every entry of a vector, or a scalar, is -1 or 1, or 0 or 1."""
    name = scene.random.choice([*scene.vectors(), *(i for i in scene.inputs if not i.at)]).name
    x = next(Entry(i.name, (scene.letter(N),) if i.at else ()) for i in scene.inputs if i.name == name)
    return [] if scene.sign_of(name) else [(Pow(x, TWO), scene.random.choice((ONE, x)))]


def assumed_size(scene: Scene) -> list[tuple[Any, Any]]:
    return [(N, num(scene.random.choice((1, 2))))]


ASSUMED = (assumed_value, assumed_value, assumed_whole, assumed_whole, assumed_square, assumed_square, assumed_size)


def recurrence(scene: Scene) -> None:
    """A definition that rests on its own entry before."""
    i, a = scene.letter(N), scene.random.choice(scene.scalars())
    x, before = Entry(scene.random.choice(scene.vectors()).name, (i,)), Entry("u", (minus(i, ONE),))
    step = scene.random.choice((add(mul(a, before), x), mul(before, x), add(before, x), Cases(Test("Gt", x, ZERO), before, x)))
    scene.definitions.append(Definition("u", (i,), Cases(Test("Gt", i, ONE), step, scene.random.choice((ZERO, x)))))
