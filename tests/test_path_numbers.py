"""Random chain rules in documents, against central differences that are worked out here, from a syntax tree of their own.

Nothing of the engine is used but its door: a document goes in, and what is said of its steps comes out.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from symderiv.documents.marking.pages import judge, load

STEP = 1e-4
LETTERS = "ijk"

# A tree is a tuple: ("at", name, letter), ("position", letter), ("delta", letter, letter), ("sum", letter, tree), ("+", a, b),
# ("*", a, b), ("number", 2), ("square", a), ("exp", a), ("slope", name, letter, name, letter). A letter is "" where there is none.
Tree = tuple[Any, ...]


@dataclass
class World:
    """Sizes and inputs in numbers; `moved` are places that are held at another value than their definition gives."""

    size: int
    inputs: dict[tuple[str, int], float]
    nodes: dict[str, tuple[str, Tree]]
    moved: dict[tuple[str, int], float] = field(default_factory=dict)
    direct: dict[tuple[str, int], float] | None = None  # what every other name is held at, where only direct uses follow

    def look(self, name: str, position: int) -> float:
        place = (name, position)
        if place in self.moved:
            return self.moved[place]
        if place in self.inputs:
            return self.inputs[place]
        letter, body = self.nodes[name]
        if self.direct is not None:
            return World(self.size, self.inputs, self.nodes).look(name, position)
        return value(body, {letter: position}, self, "paths")


def value(tree: Tree, at: dict[str, int], world: World, sense: str) -> float:
    kind, *rest = tree
    if kind == "number":
        return float(rest[0])
    if kind == "position":
        return float(at[rest[0]])
    if kind == "delta":
        return float(at[rest[0]] == at[rest[1]])
    if kind == "at":
        return world.look(rest[0], at[rest[1]] if rest[1] else 0)
    if kind == "sum":
        return sum(value(rest[1], at | {rest[0]: k}, world, sense) for k in range(1, world.size + 1))
    if kind == "slope":
        return slope(rest[0], at.get(rest[1], 0), rest[2], at.get(rest[3], 0), world, sense)
    a, *b = (value(part, at, world, sense) for part in rest)
    return {"+": lambda: a + b[0], "*": lambda: a * b[0], "square": lambda: a * a, "exp": lambda: math.exp(a)}[kind]()


def slope(of: str, i: int, wrt: str, j: int, world: World, sense: str) -> float:
    """A central difference: along every path, or of a definition alone where that has the name, and the sense is as it stands."""
    letter, body = world.nodes[of]
    alone = sense != "paths" and wrt in names(body)
    here = world.look(wrt, j)

    def there(moved: float) -> float:
        if alone:
            return value(body, {letter: i}, World(world.size, world.inputs, world.nodes, {(wrt, j): moved}, {}), "paths")
        return World(world.size, world.inputs, world.nodes, {(wrt, j): moved}).look(of, i)

    return (there(here + STEP) - there(here - STEP)) / (2 * STEP)


def names(tree: Any) -> set[str]:
    if not isinstance(tree, tuple):
        return set()
    return {tree[1]} if tree[0] == "at" else set().union(*map(names, tree))


def latex(tree: Tree) -> str:
    kind, *rest = tree
    if kind in ("number", "position"):
        return str(rest[0])
    if kind == "delta":
        return rf"\delta_{{{rest[0]}{rest[1]}}}"
    if kind == "at":
        return entry(*rest)
    if kind == "sum":
        return rf"\left(\sum_{rest[0]} {latex(rest[1])}\right)"
    if kind == "slope":
        return rf"\frac{{\partial {entry(rest[0], rest[1])}}}{{\partial {entry(rest[2], rest[3])}}}"
    parts = [latex(part) for part in rest]
    shapes = {"+": r"\left({} + {}\right)", "*": r"{} \cdot {}", "square": r"\left({}\right)^2", "exp": "e^{{{}}}"}
    return shapes[kind].format(*parts)


def entry(name: str, letter: str) -> str:
    return f"{name}_{letter}" if letter else name


def program(rng: random.Random) -> dict[str, tuple[str, Tree]]:
    """A sum of the input, a node with it, a sum of that, a node with both."""
    x, y, s, t = ("at", "x", "i"), ("at", "y", "i"), ("at", "s", ""), ("at", "t", "")
    first = rng.choice([x, ("square", x), ("exp", x), ("*", ("position", "i"), x)])
    second = rng.choice([("*", s, x), ("+", x, s), ("+", ("square", x), ("*", s, x)), ("*", ("position", "i"), ("*", s, s))])
    third = rng.choice([y, ("square", y), ("*", y, x), ("*", y, ("*", s, x))])
    fourth = rng.choice([("*", t, y), ("+", ("*", t, x), y), ("+", ("square", y), ("*", s, t)), ("*", ("*", t, s), x)])
    return {"s": ("", ("sum", "i", first)), "y": ("i", second), "t": ("", ("sum", "i", third)), "u": ("i", fourth)}


INDEXED = {"x": True, "s": False, "y": True, "t": False, "u": True}


def term(rng: random.Random, depth: int, letters: str) -> Tree:
    """A term with slopes below sums, whose letters are bound again and again."""
    row = rng.randrange(6) if depth else 0
    if row == 0:
        of, wrt = rng.choice([("y", "x"), ("u", "x"), ("t", "x"), ("u", "y"), ("t", "y"), ("y", "s"), ("u", "s"), ("s", "x")])
        return ("slope", of, rng.choice(letters) if INDEXED[of] else "", wrt, rng.choice(letters) if INDEXED[wrt] else "")
    if row in (1, 2):
        letter = rng.choice(LETTERS)
        return ("sum", letter, term(rng, depth - 1, "".join(sorted({*letters, letter}))))
    if row == 3:
        other = rng.choice([("position", rng.choice(letters)), ("at", "x", rng.choice(letters)), ("delta", *rng.choices(letters, k=2))])
        return ("*", other, term(rng, depth - 1, letters))
    return (rng.choice("+*"), term(rng, depth - 1, letters), term(rng, depth - 1, letters))


def renamed(tree: Any, swap: dict[str, str]) -> Any:
    """The same with every sum over another letter."""
    if not isinstance(tree, tuple):
        return tree
    if tree[0] == "sum":
        free = rename_free(tree[2]) - {tree[1]}
        new = next(c for c in "klmji" if c not in {swap.get(f, f) for f in free})
        return ("sum", new, renamed(tree[2], {**swap, tree[1]: new}))
    if tree[0] in ("at", "slope"):
        return tuple(swap.get(p, p) if n % 2 == 0 and n else p for n, p in enumerate(tree))
    if tree[0] in ("position", "delta"):
        return (tree[0], *(swap.get(p, p) for p in tree[1:]))
    return tuple(renamed(p, swap) for p in tree)


def rename_free(tree: Any) -> set[str]:
    if not isinstance(tree, tuple):
        return set()
    if tree[0] in ("at", "slope"):
        return {p for n, p in enumerate(tree) if n and n % 2 == 0 and p}
    if tree[0] in ("position", "delta"):
        return set(tree[1:])
    inner = set().union(*map(rename_free, tree[1:])) if tree[0] != "number" else set()
    return inner - {tree[1]} if tree[0] == "sum" else inner


def damaged(rng: random.Random, tree: Any) -> Any:
    """The same with a letter lost to another, a factor missing, or a weight from outside of its sum."""
    if not isinstance(tree, tuple) or tree[0] == "number":
        return tree
    if tree[0] == "slope" and rng.random() < 0.5:
        return tuple(rng.choice(LETTERS) if n % 2 == 0 and n and p else p for n, p in enumerate(tree))
    if tree[0] == "*" and rng.random() < 0.3:
        return tree[2]
    return tuple(damaged(rng, p) for p in tree)


def claims(rng: random.Random) -> list[tuple[Tree, Tree]]:
    """A term and the same written otherwise, and a term and one that is likely something else."""
    out = []
    for _ in range(3):
        left = term(rng, 3, "ij")
        out.append((left, renamed(left, {}) if rng.random() < 0.5 else damaged(rng, left)))
    of, wrt = rng.choice([("u", "y"), ("t", "y"), ("y", "s"), ("u", "t")])
    inner = ("slope", of, "i" if INDEXED[of] else "", wrt, "k" if INDEXED[wrt] else "")
    chain = ("*", inner, ("slope", wrt, "k" if INDEXED[wrt] else "", "x", "j"))
    total = ("slope", of, "i" if INDEXED[of] else "", "x", "j")
    return [*out, (total, ("sum", "k", chain) if INDEXED[wrt] else chain)]


def points(rng: random.Random, nodes: dict[str, tuple[str, Tree]]) -> list[World]:
    return [World(n, {("x", k): rng.uniform(-1.5, 1.5) for k in range(1, n + 1)}, nodes) for n in (1, 2, 3, 3)]


def holds(left: Tree, right: Tree, worlds: list[World], sense: str) -> bool:
    free = sorted(rename_free(left) | rename_free(right))
    for world in worlds:
        found: list[dict[str, int]] = [{}]
        for letter in free:
            found = [{**at, letter: k} for at in found for k in range(1, world.size + 1)]
        for at in found:
            a, b = (value(side, at, world, sense) for side in (left, right))
            if abs(a - b) > 1e-4 * (1 + abs(a) + abs(b)):
                return False
    return True


def wrong_verdicts(seed: int, folder) -> tuple[list[str], list[str]]:
    """What is said of a random document, and what of it is not so by the numbers."""
    rng = random.Random(seed)
    nodes, pairs = program(rng), claims(rng)
    worlds = points(rng, nodes)
    lines = [f"{entry(name, letter)} = {latex(body)}" for name, (letter, body) in nodes.items()]
    lines += [f"{latex(a)} = {latex(b)}" for a, b in pairs]
    file = folder / f"page{seed}.md"
    file.write_text("```symderiv\nindex i, j, k, l, m = 1..n\ninput x_i\n```\n" + "\n".join(f"$$ {line} $$" for line in lines))
    page = load(str(file))
    assert (len(page.draft.steps), page.draft.problems) == (len(pairs), ())
    said, wrong = [], []
    for k, (left, right) in enumerate(pairs):
        step = judge(page, k)
        true = {sense: holds(left, right, worlds, sense) for sense in ("stands", "paths")}
        sense = "paths" if "along every path" in step.note else "stands"
        said.append(step.verdict)
        if (step.verdict == "proved" and not true[sense]) or (step.verdict == "refuted" and (true["stands"] or true["paths"])):
            wrong.append(f"seed {seed}: {step.verdict} ({sense}), {true}: {latex(left)} = {latex(right)}")
    return said, wrong


@pytest.mark.parametrize("seeds", [range(4), pytest.param(range(4, 12), marks=pytest.mark.slow)], ids=["seeds 0 to 3", "seeds 4 to 11"])
def test_random_chain_rules_against_central_differences(tmp_path, seeds):
    found = [wrong_verdicts(seed, tmp_path) for seed in seeds]
    assert [w for _, wrong in found for w in wrong] == []
    said = [verdict for verdicts, _ in found for verdict in verdicts]
    assert {"proved", "refuted"} <= set(said)
    assert said.count("unknown") <= len(said) // 4
