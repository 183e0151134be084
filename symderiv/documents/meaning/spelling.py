"""Names, positions and arguments as they are spelled, before anything has a meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from symderiv.documents.syntax.tree import (
    Added,
    Applied,
    Fenced,
    Listed,
    Multiplied,
    Name,
    Number,
    Scripted,
    Text,
    Tree,
)
from symderiv.errors import FormulaError

CLOSED = {"(": ("(", ")"), "[": ("[", "]"), "⟨": ("<", ">")}  # fences that may stand in a name, as it is spelled


def spelled(tree: Tree | None) -> str:
    """A name with all that is around it, as one word; fails on what can be no part of a name."""
    if tree is None:
        return ""
    if isinstance(tree, (Name, Number)):
        return tree.text
    if isinstance(tree, Text):
        return tree.words.strip()
    if isinstance(tree, Fenced) and tree.fence in CLOSED:
        left, right = CLOSED[tree.fence]
        return f"{left}{spelled(tree.body)}{right}"
    if isinstance(tree, Added) and all(isinstance(term, (Name, Number)) for _, term in tree.terms):
        return "".join(("-" if sign < 0 else "+" * bool(n)) + spelled(term) for n, (sign, term) in enumerate(tree.terms))
    if isinstance(tree, Listed):
        return ",".join(map(spelled, tree.items))
    if isinstance(tree, Multiplied) and not any(sign for sign, _ in tree.factors):
        return "".join(spelled(f) for _, f in tree.factors)
    if isinstance(tree, Scripted) and not isinstance(tree.base, Fenced):
        return name_of(spelled(tree.base), spelled(tree.sub), spelled(tree.sup), tree.primes)
    raise FormulaError("this can be no part of a name", tree.span)


def spelled_or_none(tree: Tree | None) -> str | None:
    try:
        return spelled(tree)
    except FormulaError:
        return None


def name_of(base: str, sub: str = "", sup: str = "", primes: int = 0) -> str:
    """A name as the derivation has it: `W_h`, `\\sigma^2`, `N^O`."""
    below = f"_{sub}" if len(sub) == 1 else f"_{{{sub}}}" if sub else ""
    above = f"^{sup}" if len(sup) == 1 else f"^{{{sup}}}" if sup else ""
    return base + "'" * primes + below + above


def lowered(below: Tree | None, above: Tree) -> Listed:
    """What stands above, in a fence or without, and then what stands below."""
    return Listed((*positions_above(above), *(() if below is None else positions_in(below, 2))), span=above.span)


def positions_above(above: Tree) -> tuple[Tree, ...]:
    """What stands above a name as positions: between commas, or letters side by side."""
    return positions_in(above.body if is_closed(above) and isinstance(above, Fenced) else above, 2)


def is_closed(above: Tree | None) -> bool:
    """Whether what stands above a name is in a fence: `x^{(i)}`, `a^{[l]}`, `a^{<t>}`."""
    return isinstance(above, Fenced) and above.fence in CLOSED


def called(tree: Tree) -> tuple[Tree | None, Tree | None]:
    """The head and the parentheses of what looks like a function of something, `J(w)`; nothing for anything else."""
    if isinstance(tree, Applied) and tree.sub is None and tree.sup is None and not tree.primes:
        return Name(tree.head, span=tree.span), tree.of
    if not isinstance(tree, Multiplied) or len(tree.factors) != 2 or tree.factors[1][0] != "":
        return None, None
    (_, head), (_, fence) = tree.factors
    return (head, fence) if spelled_or_none(head) is not None else (None, None)


def matched(pattern: object, given: object, letters: tuple[str, ...]) -> dict[str, Tree] | None:
    """What stands in one tree where another has letters, if they are alike else."""
    if isinstance(pattern, Name) and pattern.text in letters:
        return {pattern.text: given} if isinstance(given, Tree) else None
    if type(pattern) is not type(given):
        return None
    if isinstance(pattern, Tree):
        pairs = [(v, vars(given)[k]) for k, v in vars(pattern).items() if k != "span"]
    elif isinstance(pattern, tuple) and isinstance(given, tuple) and len(pattern) == len(given):
        pairs = list(zip(pattern, given, strict=True))
    else:
        return {} if pattern == given else None
    out: dict[str, Tree] = {}
    for a, b in pairs:
        inner = matched(a, b, letters)
        if inner is None or any(out.get(k, v) != v for k, v in inner.items()):
            return None
        out |= inner
    return out


def positions_in(sub: Tree, wanted: int) -> tuple[Tree, ...]:
    """The positions in a subscript: those between commas, else letters side by side where several are wanted."""
    if isinstance(sub, Listed):
        return sub.items
    if isinstance(sub, Multiplied) and wanted != 1 and not any(mark for mark, _ in sub.factors):
        return tuple(f for _, f in sub.factors)
    if isinstance(sub, Number) and wanted == len(sub.text) > 1:
        return tuple(Number(digit, span=sub.span) for digit in sub.text)
    return (sub,)


def parts(tree: object) -> Iterator[Tree]:
    """A tree and all below it."""
    if isinstance(tree, Tree):
        yield tree
        for inner in vars(tree).values():
            yield from parts(inner)
    elif isinstance(tree, tuple):
        for inner in tree:
            yield from parts(inner)


WHOLE = Name(":")  # all positions of a dimension
UNLETTERED = frozenset((":", "\\cdot", "\\bullet", "*", "+", "-"))  # at a position, no letter of an index


def letter_of(tree: Tree) -> str | None:
    """The letter that stands at a position, with its primes: `i`, `i'`; None for anything else."""
    primed = isinstance(tree, Scripted) and tree.primes and tree.sub is None and tree.sup is None
    base = tree.base if primed and isinstance(tree, Scripted) else tree
    return spelled(tree) if isinstance(base, Name) and base.text not in UNLETTERED else None


def names_in(tree: object) -> frozenset[str]:
    """The plain names in a tree, or in several, wherever they stand."""
    return frozenset(part.text for part in parts(tree) if isinstance(part, Name))


def remade(tree: Tree, change: Callable[[Tree], Tree | None]) -> Tree:
    """A tree with what `change` has in the place of its parts, looked at from the whole on; it has None for what stays."""
    changed = change(tree)
    if changed is not None:
        return changed
    fields: dict[str, Any] = {field: _remade_part(part, change) for field, part in vars(tree).items() if field != "span"}
    return replace(tree, **fields)


def _remade_part(part: object, change: Callable[[Tree], Tree | None]) -> object:
    if isinstance(part, Tree):
        return remade(part, change)
    return tuple(_remade_part(inner, change) for inner in part) if isinstance(part, tuple) else part


def count(positions: Tree) -> int:
    """How many indices a subscript holds."""
    return len(positions.items) if isinstance(positions, Listed) else len(positions.factors) if isinstance(positions, Multiplied) else 1
