"""Roles: what each parameter of a backward pass, and each value that it returns, is taken for; as data, and as people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from symderiv.errors import TraceError

DECLARED, NAMED, RETURNED, ORDERED, LEFT = "declared", "by name", "by what is returned", "by order", "as the only one left"
POSSIBLE, UNLIKELY = "possible", "unlikely"  # where nothing tells, and what else it could be where something does
HOW = "write gradient of y, output y, output 2, argument x"


@dataclass(frozen=True)
class Role:
    """What a parameter is taken for, and how that is known.

    `kind` is a row of KINDS; `of` says of what: names of arguments of the forward pass, places among what that returns, or the value.
    """

    kind: str
    of: Any
    how: str

    @property
    def key(self) -> tuple[str, object]:
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
class Values:
    """What there is to give a backward pass, symbolic or as numbers: outputs by their places, upstream gradients by their parameters."""

    arguments: Mapping[str, object]
    outputs: Sequence[object]
    upstream: Mapping[str, object]
    given: Mapping[str, object]


@dataclass(frozen=True)
class Way:
    """A way to bind a backward pass: what each of its parameters stands for, and what is differentiated.

    `outputs` has the names of what the forward pass returns, `differentiated` the places of those through which is differentiated,
    and `aside` of those through which is not, though they are arrays of floats. `pointwise` says that the backward pass takes no
    upstream gradient and returns derivatives, entry by entry; `unpacked` that outputs in a tuple are taken one by one. `changed` has
    the arguments in which the forward pass writes: the backward pass has them as that leaves them.
    """

    parameters: tuple[tuple[str, Role], ...]
    outputs: tuple[str, ...]
    differentiated: tuple[int, ...]
    aside: tuple[int, ...] = ()
    pointwise: bool = False
    unpacked: bool = False
    changed: frozenset[str] = frozenset()

    @property
    def is_likely(self) -> bool:
        """Whether each parameter is taken for what its name, or what is returned, says, if these say something."""
        return all(role.how != UNLIKELY for _, role in self.parameters)

    @cached_property
    def upstream(self) -> Mapping[int, str]:
        """The parameter for the gradient of each output that has one."""
        return {role.of: name for name, role in self.parameters if role.kind == "gradient"}

    @cached_property
    def handed(self) -> tuple[tuple[str, Taken, object], ...]:
        """Each parameter that is given a value, how that is taken and from what; those that keep their default are left out."""
        found = [(name, KINDS[role.kind].taken, role.of) for name, role in self.parameters]
        return tuple((name, taken, of) for name, taken, of in found if taken is not None)

    @property
    def as_text(self) -> dict[str, str]:
        """What each parameter is taken for, in words that can be given as roles."""
        return {name: said(role, name, self.outputs) for name, role in self.parameters}

    def called(self, place: int) -> str:
        """What an output is called in messages."""
        return self.outputs[place] if self.outputs[place].isidentifier() else (f"out{place + 1}" if len(self.outputs) > 1 else "out")


@dataclass(frozen=True)
class Binding:
    """What each parameter of a backward pass stands for, and what each value is that it returned: complete, and made once for a reading.

    The claims that are proved, the runs in floats and the messages have this one.
    """

    way: Way
    returns: tuple[Target, ...]

    @property
    def as_text(self) -> dict[str, str]:
        return self.way.as_text


def applied(way: Way, values: Values) -> dict[str, object]:
    """The arguments of the backward pass."""
    return {name: taken(values, name, of) for name, taken, of in way.handed}


def said(role: Role, name: str, outputs: Sequence[str]) -> str:
    """A role in words."""
    return KINDS[role.kind].said(role.of, name, outputs)


def _said_argument(of: str, name: str, _: Sequence[str]) -> str:
    return "argument" if of == name else f"argument {of}"


def _said_output(of: int, _: str, outputs: Sequence[str]) -> str:
    return "output" if len(outputs) == 1 else f"output {_place(of, outputs)}"


def _said_gradient(of: int, _: str, outputs: Sequence[str]) -> str:
    place = _place(of, outputs)
    return f"gradient of {place if not place.isdigit() else 'the output' if len(outputs) == 1 else f'output {place}'}"


Taken = Callable[[Values, str, Any], object]  # for a parameter's name and what its role is of


@dataclass(frozen=True)
class Kind:
    """A kind of role: how it is said, for what it is of, the parameter's name and the names of outputs; which value it takes, if any."""

    said: Callable[[Any, str, Sequence[str]], str]
    taken: Taken | None = None


KINDS = {
    "argument": Kind(_said_argument, lambda values, _, of: values.arguments[of]),
    "arguments": Kind(lambda of, *_: f"arguments {', '.join(of)}", lambda values, _, of: tuple(values.arguments[a] for a in of)),
    "output": Kind(_said_output, lambda values, _, of: values.outputs[of]),
    "outputs": Kind(
        lambda of, _, outputs: f"outputs {', '.join(_place(k, outputs) for k in of)}",
        lambda values, _, of: tuple(values.outputs[k] for k in of),
    ),
    "gradient": Kind(_said_gradient, lambda values, name, _: values.upstream[name]),
    "given": Kind(lambda *_: "given", lambda values, name, _: values.given[name]),
    "default": Kind(lambda of, *_: f"{of!r}, its default"),
}


def _place(place: int, outputs: Sequence[str]) -> str:
    return outputs[place] if outputs[place].isidentifier() and outputs.count(outputs[place]) == 1 else str(place + 1)


def read(name: str, text: str, arguments: Sequence[str], outputs: Sequence[str]) -> Role:
    """A role as people write it. Fails on what is none, with what can be written."""
    for pattern, reader in READERS:
        if found := pattern.fullmatch(text.strip()):
            return reader(name, found[1] or "", arguments, outputs)
    raise TraceError(f"roles: {name}: {text!r}: {HOW}")


def _read_argument(name: str, which: str, arguments: Sequence[str], _: Sequence[str]) -> Role:
    named = [a.strip() for a in (which or name).split(",")]
    if unknown := [a for a in named if a not in arguments]:
        raise TraceError(f"roles: {name} is said to be the argument {unknown[0]}; there are {', '.join(arguments)}")
    return Role("argument", named[0], DECLARED) if len(named) == 1 else Role("arguments", tuple(named), DECLARED)


def _read_gradient(name: str, which: str, _: Sequence[str], outputs: Sequence[str]) -> Role:
    return Role("gradient", _found(name, which, outputs) if which else 0, DECLARED)


def _read_output(name: str, which: str, _: Sequence[str], outputs: Sequence[str]) -> Role:
    places = tuple(_found(name, w.strip(), outputs) for w in which.split(",")) if which else (0,)
    return Role("output", places[0], DECLARED) if len(places) == 1 else Role("outputs", places, DECLARED)


READERS: tuple[tuple[re.Pattern[str], Callable[[str, str, Sequence[str], Sequence[str]], Role]], ...] = (
    (re.compile(r"arguments?(?:\s+(.+))?"), _read_argument),
    (re.compile(r"gradient(?:\s+of)?(?:\s+the)?(?:\s+output)?(?:\s+(\w+))?"), _read_gradient),
    (re.compile(r"outputs?(?:\s+(\w+(?:\s*,\s*\w+)*))?"), _read_output),
)


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
    rows = [
        f"{name}: {text}{_as_left(role, binding.way)}"
        for (name, role), text in zip(binding.way.parameters, binding.as_text.values(), strict=True)
    ]
    return "; ".join([*rows, *([f"returns {returned_text(binding)}"] if binding.returns else [])])


def _as_left(role: Role, way: Way) -> str:
    of = {"argument": (role.of,), "arguments": role.of}.get(role.kind, ())
    return "" if way.changed.isdisjoint(of) else ", as the forward pass leaves it"


def difference(one: Way, other: Way) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The roles in which two ways differ, as each has them."""
    ones, others = one.as_text, other.as_text
    names = [name for name in ones if ones[name] != others.get(name)]
    return {n: ones[n] for n in names}, {n: others[n] for n in names if n in others}
