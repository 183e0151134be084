"""The ways to bind a pair of passes: what each parameter of the backward pass can stand for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from symderiv.errors import TraceError
from symderiv.tracing.contexts import Context
from symderiv.tracing.names import INPUT, OUTPUT, SAVED, alike, gradient_of, is_upstream
from symderiv.tracing.roles import DECLARED, LEFT, NAMED, ORDERED, POSSIBLE, RETURNED, UNLIKELY, Role, Way, read
from symderiv.tracing.running import Returned
from symderiv.tracing.targets import has_several, is_real, one_by_one
from symderiv.tracing.tensor import Tensor

MOST = 12  # ways to bind a pair that are tried
EMPTY = inspect.Parameter.empty


@dataclass(frozen=True)
class Pair:
    """What is known of a pair of functions, and the roles that were found so far: for each parameter the first that fits, then others.

    `changed` and `unpacked` are as in a Way.
    """

    backward: str
    forward: str
    parameters: Mapping[str, Any]  # their defaults
    arguments: Mapping[str, Any]
    first: Returned
    given: Mapping[str, Any]
    changed: frozenset[str]
    unpacked: bool
    variables: frozenset[str]  # of the forward pass
    found: Mapping[str, list[Role]] = field(default_factory=dict)

    def with_roles(self, found: Mapping[str, list[Role]]) -> Pair:
        return replace(self, found={**self.found, **found})

    @property
    def outputs(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.first.pieces)

    @property
    def open(self) -> list[str]:
        return [name for name in self.parameters if name not in self.found]

    def taken(self, *kinds: str) -> set[Any]:
        """What the first role of some parameter of these kinds is of."""
        firsts = [roles[0] for roles in self.found.values() if roles[0].kind in kinds]
        return {of for role in firsts for of in (role.of if isinstance(role.of, tuple) else (role.of,))}

    @property
    def differentiable(self) -> list[int]:
        """The places of outputs: arrays of floats, each once, no constants, no arguments, that no parameter takes; else the first."""
        places = [k for k, (_, v) in enumerate(self.first.pieces) if self._is_real(k, v) and not self._is_repeated(k)]
        own = [k for k in places if k == 0 or not self._is_known(k)]
        return [k for k in own if k not in self.taken("output", "outputs")] or own[:1] or places[:1]

    @property
    def is_number(self) -> bool:
        """Whether what would be differentiated without an upstream gradient is one number."""
        return all(_is_number(self.first.pieces[k][1]) for k in self.differentiable[:1])

    @property
    def spare(self) -> list[int]:
        """The places of what is returned beside the first output and has no parameter yet."""
        used = self.taken("output", "outputs", "gradient") | set(self.differentiable[:1])
        return [k for k in range(len(self.outputs)) if k not in used and not self._is_repeated(k)]

    @property
    def arrays(self) -> list[str]:
        """The arguments of the forward pass that are no plain values."""
        return [name for name, value in self.arguments.items() if not isinstance(value, (int, float, str, bool, type(None), Context))]

    @property
    def free_arguments(self) -> list[str]:
        """Those that no parameter takes."""
        return [name for name in self.arrays if name not in self.taken("argument", "arguments")]

    def _is_repeated(self, place: int) -> bool:
        value = self.first.pieces[place][1]
        return any(value is other for _, other in self.first.pieces[:place])

    def _is_known(self, place: int) -> bool:
        """Whether what is returned there is an argument as it was, or a constant."""
        value = self.first.pieces[place][1]
        return isinstance(value, (int, float)) or any(value is a for a in self.arguments.values())

    def _is_real(self, place: int, value: Any) -> bool:
        return is_real(value) or (place == 0 and has_several(self.first))


def _is_number(value: Any) -> bool:
    """Whether a value has one entry, whatever its axes."""
    return not value.data.indices if isinstance(value, Tensor) else not isinstance(value, (tuple, list))


# how parameters are told, each for a pair and a name; the first that has roles for it tells


def _as_given(pair: Pair, name: str) -> list[Role]:
    return [Role("given", None, DECLARED)] if name in pair.given else []


def _as_argument(pair: Pair, name: str) -> list[Role]:
    """An argument by its name; it may be what is returned by this name, or an upstream gradient where no other is called like one."""
    if name not in pair.arguments:
        return []
    if name in pair.outputs and pair.first.pieces[pair.outputs.index(name)][1] is not pair.arguments[name]:
        return [Role("argument", name, POSSIBLE), Role("output", pair.outputs.index(name), POSSIBLE)]
    _check_default(pair, name)
    rest = [n for n in pair.parameters if n not in pair.arguments]
    argument = [Role("argument", name, NAMED)]
    if len(pair.parameters) == 1 and not pair.is_number:
        return [*argument, *(Role("output", k, NAMED) for k in pair.differentiable[:1])]  # x * (1 - x) is of what the forward pass returned
    if not is_upstream(name) or any(is_upstream(n) or gradient_of(n, filter(None, pair.outputs)) for n in rest):
        return argument
    upstream = [Role("gradient", k, NAMED) for k in pair.differentiable[:1]]
    return upstream + argument if any(SAVED.fullmatch(n) for n in rest) else argument + upstream


def _as_returned(pair: Pair, name: str) -> list[Role]:
    return [Role("output", pair.outputs.index(name), NAMED)] if name in pair.outputs else []


def _as_gradient_of(pair: Pair, name: str) -> list[Role]:
    named = gradient_of(name, filter(None, pair.outputs))
    place = pair.outputs.index(named) if named is not None else None
    return [Role("gradient", place, NAMED)] if place in pair.differentiable and place not in pair.taken("gradient") else []


def _as_upstream(pair: Pair, name: str) -> list[Role]:
    """The gradient of an output that its name does not tell: of the next one."""
    free = [k for k in pair.differentiable if k not in pair.taken("gradient")]
    if not free or not is_upstream(name) or (free == pair.differentiable[1:] and pair.parameters[name] is not EMPTY):
        return []
    how = NAMED if len(pair.differentiable) == 1 else ORDERED
    return [Role("gradient", free[0], how), *(Role("gradient", k, POSSIBLE) for k in free[1:])]


def _as_saved(pair: Pair, name: str) -> list[Role]:
    """What is returned last, beside the outputs; where nothing is, what there is."""
    if SAVED.fullmatch(name) is None or pair.parameters[name] is not EMPTY:
        return []
    last, beside = len(pair.outputs) - 1, tuple(pair.spare)
    if last > 0 and last not in pair.taken("output", "outputs", "gradient") and not pair.first.keyed:
        several = len(beside) > 1 and is_real(pair.first.pieces[last][1])
        return [Role("output", last, POSSIBLE if several else RETURNED), *([Role("outputs", beside, POSSIBLE)] if several else [])]
    if len(beside) == 1:
        return [Role("output", beside[0], RETURNED)]
    together = [Role("arguments", tuple(pair.arrays), POSSIBLE)] if len(pair.arrays) > 1 else []
    return [*together, *(Role("argument", a, POSSIBLE) for a in pair.free_arguments), Role("output", 0, POSSIBLE)]


def _as_default(pair: Pair, name: str) -> list[Role]:
    return [Role("default", pair.parameters[name], NAMED)] if pair.parameters[name] is not EMPTY else []


def _as_spelled(pair: Pair, name: str) -> list[Role]:
    """An argument or an output that is spelled otherwise: X for x, x_ for x, saved_x for x."""
    words = name.lower().split("_")
    short = "_".join(w for w in words if w not in ("saved", "cached", "cache", "old")) if len(words) > 1 else name
    arguments = [a for a in pair.arguments if a not in pair.taken("argument")]
    outputs = [o for k, o in enumerate(pair.outputs) if o and k not in pair.taken("output")]
    for spelled in (name, short):
        if (argument := alike(spelled, arguments)) is not None:
            return [Role("argument", argument, NAMED)]
        if (output := alike(spelled, outputs)) is not None:
            return [Role("output", pair.outputs.index(output), NAMED)]
    return []


def _as_companion(pair: Pair, name: str) -> list[Role]:
    """The output whose gradient another parameter is called: b beside gb."""
    if name in pair.variables:
        return []
    beside = [roles[0] for other, roles in pair.found.items() if roles[0].kind == "gradient" and gradient_of(other, [name]) == name]
    inputs = [Role("argument", a, POSSIBLE) for a in pair.free_arguments]
    return [Role("output", beside[0].of, NAMED), *inputs] if len(beside) == 1 else []


def _as_value(pair: Pair, name: str) -> list[Role]:
    """The output, or the input, by a name that is usual for it. Fails on a variable that the forward pass keeps to itself."""
    if name in pair.variables:
        return []
    output = [Role("output", k, NAMED) for k in pair.differentiable[:1] if not pair.is_number and k not in pair.taken("output", "outputs")]
    inputs = [Role("argument", a, NAMED) for a in pair.free_arguments]
    if OUTPUT.fullmatch(name) and output and not pair.spare:
        return [*output, *(replace(i, how=POSSIBLE) for i in inputs)]
    if INPUT.fullmatch(name) and len(inputs) == 1:
        return [*inputs, *(replace(o, how=POSSIBLE) for o in output)]
    return []


RULES: tuple[Callable[[Pair, str], list[Role]], ...] = (
    _as_given, _as_argument, _as_returned, _as_gradient_of, _as_upstream, _as_default, _as_spelled, _as_saved, _as_companion, _as_value
)  # fmt: skip


def ways_to_bind(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    arguments: Mapping[str, Any],
    first: Returned,
    given: Mapping[str, Any],
    roles: Mapping[str, str],
    changed: frozenset[str],
) -> list[Way]:
    """The ways in which a backward pass can be bound, the likely ones first. Fails where none is known."""
    parameters = {
        n: p.default for n, p in inspect.signature(backward).parameters.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    }
    apart = has_several(first) and sum(map(is_upstream, parameters)) > 1
    first = one_by_one(first) if apart else first
    variables = frozenset(getattr(getattr(inspect.unwrap(forward), "__code__", None), "co_varnames", ()))
    pair = Pair(_called(backward), _called(forward), parameters, arguments, first, given, changed, apart, variables)
    pair, wanted = _leave(_told(_declared(pair, roles)))
    choices = [roles[:1] + [replace(r, how=UNLIKELY) for r in roles[1:]] if roles[0].is_sure else roles for roles in pair.found.values()]
    chosen = [dict(zip(pair.found, roles, strict=True)) for roles in product(*choices)]
    chosen = [roles for roles in chosen if _is_possible(roles, wanted)]
    if not chosen or len(chosen) > MOST:
        raise TraceError(_unclear(pair))
    return sorted((_way(pair, roles) for roles in chosen), key=lambda way: not way.is_likely)


def _declared(pair: Pair, roles: Mapping[str, str]) -> Pair:
    if unknown := [name for name in roles if name not in pair.parameters]:
        raise TraceError(f"roles names {unknown[0]}, which is no parameter of {pair.backward}: {', '.join(pair.parameters)}")
    return pair.with_roles({name: [read(name, text, list(pair.arguments), pair.outputs)] for name, text in roles.items()})


def _told(pair: Pair) -> Pair:
    """The pair with the roles that rules tell, each from what those before it found."""
    for rule, name in product(RULES, pair.open):
        if name not in pair.found and (roles := rule(pair, name)):
            pair = pair.with_roles({name: roles})
    return pair


def _called(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "the function")


def _leave(pair: Pair) -> tuple[Pair, set[tuple[str, Any]]]:
    """The pair with roles for the parameters whose names tell nothing; and what some of them must take."""
    names, spare = pair.open, pair.spare
    if kept := [name for name in names if name in pair.variables]:
        raise TraceError(
            f"{pair.backward}: {kept[0]} is a variable of {pair.forward}, which does not return it; return it too, "
            f"or say what it stands for: {_how_to_say(kept[0])}"
        )
    lacks = not pair.taken("gradient") and not pair.is_number and bool(pair.differentiable)
    if names and not lacks and len(names) == len(spare):
        how = RETURNED if len(names) == 1 else ORDERED
        found = {
            n: [Role("output", k, how), *(Role("output", s, POSSIBLE) for s in spare if s != k)] for n, k in zip(names, spare, strict=True)
        }
        return pair.with_roles(found), set()
    gradient = [Role("gradient", k, POSSIBLE) for k in pair.differentiable[:1] if not pair.taken("gradient")]
    values = [Role("output", k, POSSIBLE) for k in [*spare, *pair.differentiable[:1]] if k not in pair.taken("output", "outputs")]
    values += [Role("argument", a, POSSIBLE) for a in pair.free_arguments]
    alone = len(pair.parameters) == 1
    if lacks and len(names) == 1 and not spare and not alone:
        return pair.with_roles({names[0]: [replace(gradient[0], how=LEFT), *values]}), set()
    wanted = [*(gradient if lacks and not alone else []), *(Role("output", k, POSSIBLE) for k in spare)]
    must = {role.key for role in wanted} if len(names) >= len(wanted) else set()
    return pair.with_roles({name: [*gradient, *values] for name in names}), must


def _is_possible(chosen: Mapping[str, Role], wanted: set[tuple[str, Any]]) -> bool:
    """Whether no two parameters take the same for want of a name, and what must be taken is."""
    loose = [role.key for role in chosen.values() if role.kind in ("gradient", "output", "argument") and role.how not in (NAMED, DECLARED)]
    gradients = [role.key for role in chosen.values() if role.kind == "gradient"]
    named = [role.key for role in chosen.values() if role.how in (NAMED, DECLARED)]
    apart = len(set(loose)) == len(loose) and len(set(gradients)) == len(gradients) and not set(loose) & set(named)
    return apart and wanted <= {role.key for role in chosen.values()}


def _unclear(pair: Pair) -> str:
    name = next((n for n, roles in pair.found.items() if not roles or not roles[0].is_sure), next(iter(pair.found), ""))
    return (
        f"{pair.backward}: what {name} stands for is not known; name it like an argument of the forward pass, "
        f"like what that returns, or like an upstream gradient (dout, dy); or say it: {_how_to_say(name)}"
    )


def _how_to_say(name: str) -> str:
    return (
        f"roles={{{name!r}: 'output'}}, or 'gradient of y', or 'argument x'; on the command line --roles '{name}: output'; "
        f"or give it as given={{{name!r}: ...}}"
    )


def _check_default(pair: Pair, name: str) -> None:
    """Refuse a default of the backward pass that is not what the forward pass had."""
    plain = (int, float, str, bool, type(None), tuple)
    default, value = pair.parameters[name], pair.arguments[name]
    if default is not EMPTY and isinstance(value, plain) and isinstance(default, plain) and default != value:
        raise TraceError(
            f"{pair.backward}: {name} is {default!r} by default, and {value!r} in the forward pass; give one: given={{{name!r}: ...}}"
        )


def _way(pair: Pair, chosen: Mapping[str, Role]) -> Way:
    """What each parameter is taken for, and what is differentiated: the outputs with a gradient, else the first."""
    one = replace(pair, found={name: [role] for name, role in chosen.items()})
    upstream = sorted(role.of for role in chosen.values() if role.kind == "gradient")
    differentiated = tuple(upstream) or tuple(one.differentiable[:1])
    aside = tuple(k for k in one.differentiable if k not in differentiated)
    ordered = tuple((name, chosen[name]) for name in pair.parameters)
    pointwise = not upstream and not one.is_number
    return Way(ordered, pair.outputs, differentiated, aside, pointwise, pair.unpacked, pair.changed)
