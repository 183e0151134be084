"""Roles: what each parameter of a backward pass, and each value that it returns, is taken for; as data, and as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symderiv.errors import TraceError

DECLARED, NAMED, RETURNED, ORDERED, LEFT = "declared", "by name", "by what is returned", "by order", "as the only one left"
POSSIBLE, UNLIKELY = "possible", "unlikely"  # where nothing tells, and what else it could be where something does
HOW = "write gradient of y, output y, output 2, argument x"


@dataclass(frozen=True)
class Role:
    """What a parameter is taken for, and how that is known.

    `kind` is argument, arguments, output, outputs, gradient, given or default; `of` says of what: names of arguments of the forward
    pass, places among what that returns, or the value.
    """

    kind: str
    of: Any
    how: str

    @property
    def key(self) -> tuple[str, Any]:
        return self.kind, repr(self.of) if self.kind == "default" else self.of

    @property
    def is_sure(self) -> bool:
        return self.how not in (POSSIBLE, UNLIKELY)


@dataclass(frozen=True)
class Target:
    """A returned value: its place among what is returned, what it is called, the argument that it is the gradient of, how that is known."""

    place: int
    label: str
    of: str
    how: str


@dataclass(frozen=True)
class Binding:
    """What each parameter of a backward pass stands for, worked out once; what each returned value is, once it has been run.

    `outputs` has the names of what the forward pass returns, `differentiated` the places of those through which is differentiated,
    and `aside` of those through which is not, though they are arrays of floats. `pointwise` says that the backward pass takes no
    upstream gradient and returns derivatives, entry by entry; `unpacked` that outputs in a tuple are taken one by one. `changed` has
    the arguments in which the forward pass writes: the backward pass has them as that leaves them.
    """

    parameters: tuple[tuple[str, Role], ...]
    outputs: tuple[str, ...]
    differentiated: tuple[int, ...]
    aside: tuple[int, ...] = ()
    returns: tuple[Target, ...] = ()
    pointwise: bool = False
    unpacked: bool = False
    changed: frozenset[str] = frozenset()

    @property
    def is_likely(self) -> bool:
        """Whether each parameter is taken for what its name, or what is returned, says, if these say something."""
        return all(role.how != UNLIKELY for _, role in self.parameters)

    @property
    def upstream(self) -> dict[int, str]:
        """The parameter for the gradient of each output that has one."""
        return {role.of: name for name, role in self.parameters if role.kind == "gradient"}

    @property
    def as_text(self) -> dict[str, str]:
        """What each parameter is taken for, in words that can be given as roles."""
        return {name: said(role, name, self.outputs) for name, role in self.parameters}

    def called(self, place: int) -> str:
        """What an output is called in messages."""
        return self.outputs[place] if self.outputs[place].isidentifier() else (f"out{place + 1}" if len(self.outputs) > 1 else "out")


def said(role: Role, name: str, outputs: Sequence[str]) -> str:
    """A role in words."""
    if role.kind == "argument":
        return "argument" if role.of == name else f"argument {role.of}"
    if role.kind == "arguments":
        return f"arguments {', '.join(role.of)}"
    if role.kind == "output":
        return "output" if len(outputs) == 1 else f"output {_place(role.of, outputs)}"
    if role.kind == "outputs":
        return f"outputs {', '.join(_place(k, outputs) for k in role.of)}"
    if role.kind == "gradient":
        place = _place(role.of, outputs)
        return f"gradient of {place if not place.isdigit() else 'the output' if len(outputs) == 1 else f'output {place}'}"
    return "given" if role.kind == "given" else f"{role.of!r}, its default"


def _place(place: int, outputs: Sequence[str]) -> str:
    return outputs[place] if outputs[place].isidentifier() and outputs.count(outputs[place]) == 1 else str(place + 1)


def read(name: str, text: str, arguments: Sequence[str], outputs: Sequence[str]) -> Role:
    """A role as people write it. Fails on what is none, with what can be written."""
    words = text.strip()
    if found := re.fullmatch(r"arguments?(?:\s+(.+))?", words):
        named = [a.strip() for a in (found[1] or name).split(",")]
        if unknown := [a for a in named if a not in arguments]:
            raise TraceError(f"roles: {name} is said to be the argument {unknown[0]}; there are {', '.join(arguments)}")
        return Role("argument", named[0], DECLARED) if len(named) == 1 else Role("arguments", tuple(named), DECLARED)
    if found := re.fullmatch(r"(gradient)(?:\s+of)?(?:\s+the)?(?:\s+output)?(?:\s+(\w+))?|(outputs?)(?:\s+(\w+(?:\s*,\s*\w+)*))?", words):
        kind, which = found[1] or found[3], found[2] or found[4]
        places = tuple(_found(name, w.strip(), outputs) for w in which.split(",")) if which else (0,)
        kind = "output" if kind == "outputs" and len(places) == 1 else kind
        return Role(kind if len(places) == 1 else "outputs", places[0] if len(places) == 1 else places, DECLARED)
    raise TraceError(f"roles: {name}: {text!r}: {HOW}")


def _found(name: str, which: str, outputs: Sequence[str]) -> int:
    if which in outputs:
        return outputs.index(which)
    if which.isdigit() and 1 <= int(which) <= len(outputs):
        return int(which) - 1
    known = ", ".join(o or str(k + 1) for k, o in enumerate(outputs))
    raise TraceError(f"roles: {name} is said to go with the output {which}; there are {known}")


def roles_from_text(text: str) -> dict[str, str]:
    """`g: gradient of y; s: output` as a role for each name."""
    found: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(";"))):
        name, colon, role = part.partition(":")
        if not colon or not name.strip().isidentifier():
            raise TraceError(f'the roles {part!r}: write "g: gradient of y; s: output"')
        found[name.strip()] = role.strip()
    return found


def returned_text(binding: Binding) -> str:
    """What is returned, in words: `dx, gw for w`, and whether the order told."""
    names = [t.label if t.label == f"d{t.of}" else f"{t.label} for {t.of}" for t in binding.returns]
    by_order = any(t.how == ORDERED for t in binding.returns)
    return ", ".join(names) + (" by order" if by_order and len(names) > 1 else "")


def in_words(binding: Binding) -> str:
    """A binding in one line."""
    rows = [f"{name}: {said(role, name, binding.outputs)}{_as_left(role, binding)}" for name, role in binding.parameters]
    return "; ".join([*rows, *([f"returns {returned_text(binding)}"] if binding.returns else [])])


def _as_left(role: Role, binding: Binding) -> str:
    of = {"argument": (role.of,), "arguments": role.of}.get(role.kind, ())
    return "" if binding.changed.isdisjoint(of) else ", as the forward pass leaves it"


def difference(one: Binding, other: Binding) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The roles in which two bindings differ, as each has them."""
    ones, others = one.as_text, other.as_text
    names = [name for name in ones if ones[name] != others.get(name)]
    return {n: ones[n] for n in names}, {n: others[n] for n in names if n in others}
