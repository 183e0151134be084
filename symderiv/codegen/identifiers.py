"""Identifiers: what generated code calls the names of a page, no two alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from keyword import iskeyword

from sympy import Symbol

from symderiv.language.names import Mark, Unreadable, parse
from symderiv.language.program import Program

USUAL = {"varepsilon": "eps", "epsilon": "eps"}
LOCAL = {"np", "math", "dtype", "features", "given", "mask", "cases", "total", "product", "windows", "entries", "part"}
RESERVED = frozenset(LOCAL | {"abs", "max", "min", "len", "sliding_window_view"})


def python_name(name: str) -> str:
    r"""A name as a Python identifier: `\mu` is mu, `\sigma^2` sigma2, `\hat{x}` x_hat, `\varepsilon` eps."""
    try:
        text = "".join(map(_spelled, parse(name)))
    except Unreadable:
        text = name
    text = "".join(c if c.isascii() and c.isalnum() else "_" for c in text).strip("_")
    text = USUAL.get(text, text)
    text = text if text[:1].isalpha() else f"v{text}"
    return f"{text}_" if iskeyword(text) or text in RESERVED else text


def _spelled(mark: Mark) -> str:
    inner = "".join(map(_spelled, mark.parts))
    return {"_": f"_{inner}", "accent": f"{inner}_{mark.word}", "word": mark.word, "sign": mark.word}.get(mark.kind, inner)


def heads(program: Program) -> tuple[Symbol, ...]:
    """Sizes, inputs and nodes in the order of the page."""
    return (*program.sizes, *(v.head for v in program.inputs), *(e.head for e in program.equations))


def python_names(program: Program) -> dict[Symbol, str]:
    """The identifiers of sizes, inputs and nodes, no two alike."""
    found: dict[Symbol, str] = {}
    for head in heads(program):
        found[head] = _untaken(python_name(head.name), found.values())
    return found


def adjoint_names(called: Mapping[Symbol, str]) -> dict[Symbol, str]:
    """The identifiers of adjoints: `dx` for that of x."""
    found: dict[Symbol, str] = {}
    for head, name in called.items():
        found[head] = _untaken(f"d{name}", [*called.values(), *found.values()])
    return found


def _untaken(name: str, taken: Iterable[str]) -> str:
    """The name, or if it is taken the name with a number."""
    tried = (name if k == 1 else f"{name}_{k}" for k in count(1))
    return next(t for t in tried if t not in taken)
