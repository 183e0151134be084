"""Random pages and claims, against values worked out from what README.md says a page means.

So far: polynomials in three numbers, with a guard.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

from sympy import Integer, Ne

from fuzz.outcome import Outcome
from symderiv import Derivation, Where
from symderiv.verify import judge_step

NAMES = "abc"
Tree = tuple[Any, ...]


def trial(seed: int) -> Outcome:
    random = Random(seed)
    left, right = tree(random, 3), tree(random, 3)
    d = Derivation("random")
    inputs = dict(zip(NAMES, d.inputs(" ".join(NAMES)), strict=True))
    d.claim("1", written(left, inputs), written(right, inputs))
    verdict = type(judge_step(d.claims[0].steps[0], d.program).graph).__name__.lower()
    points = ({name: Fraction(random.randint(-2, 2)) for name in NAMES} for _ in range(60))
    differs = next((at for at in points if value(left, at) != value(right, at)), None)
    if verdict == "proved" and differs:
        return Outcome("wrong proved", f"{d.claims[0].steps[0]} at {differs}", verdict)
    return Outcome("unknown" if verdict == "unknown" else "agrees", verdict=verdict)


def tree(random: Random, depth: int) -> Tree:
    kind = random.choice(("number", "name", "add", "mul", "guard") if depth else ("number", "name"))
    if kind == "number":
        return (kind, random.randint(-2, 2))
    if kind == "name":
        return (kind, random.choice(NAMES))
    return (kind, tree(random, depth - 1), tree(random, depth - 1))


def written(t: Tree, inputs: dict[str, Any]) -> Any:
    match t:
        case ("number", n):
            return Integer(n)
        case ("name", name):
            return inputs[name]
        case ("add", a, b):
            return written(a, inputs) + written(b, inputs)
        case ("mul", a, b):
            return written(a, inputs) * written(b, inputs)
        case (_, a, b):
            return Where(Ne(written(a, inputs), 0), written(b, inputs), 0)


def value(t: Tree, at: dict[str, Fraction]) -> Fraction:
    match t:
        case ("number", n):
            return Fraction(n)
        case ("name", name):
            return at[name]
        case ("add", a, b):
            return value(a, at) + value(b, at)
        case ("mul", a, b):
            return value(a, at) * value(b, at)
        case (_, a, b):
            return value(b, at) if value(a, at) else Fraction(0)
