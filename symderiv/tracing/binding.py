"""The ways to bind a pair of passes: what each parameter of the backward pass can stand for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

from symderiv.errors import TraceError
from symderiv.tracing.names import INPUT, OUTPUT, SAVED, alike, gradient_of, is_upstream
from symderiv.tracing.pairs import Pair
from symderiv.tracing.returned import Returned
from symderiv.tracing.roles import DECLARED, LEFT, NAMED, ORDERED, POSSIBLE, RETURNED, UNLIKELY, Role, Way, read
from symderiv.tracing.targets import has_several, is_real, one_by_one
from symderiv.tracing.values import Code

MOST = 12  # ways to bind a pair that are tried
EMPTY = inspect.Parameter.empty


# how parameters are told, each for a pair and a name; the first that has roles for it tells


def _as_given(pair: Pair, name: str) -> list[Role]:
    return [Role("given", None, DECLARED)] if name in pair.given else []


def _as_argument(pair: Pair, name: str) -> list[Role]:
    """An argument by its name; it may be what is returned by this name, or by the only name there is."""
    if name not in pair.arguments:
        return []
    if name in pair.outputs and pair.first.pieces[pair.outputs.index(name)][1] is not pair.arguments[name]:
        return [Role("argument", name, POSSIBLE), Role("output", pair.outputs.index(name), POSSIBLE)]
    _check_default(pair, name)
    if pair.is_alone and not pair.is_number:  # x * (1 - x) is of what the forward pass returned
        return [Role("argument", name, NAMED), *(Role("output", k, NAMED) for k in pair.differentiable[:1])]
    return _or_upstream(pair, name)


def _or_upstream(pair: Pair, name: str) -> list[Role]:
    """An argument, which may be an upstream gradient where it is called like one and no other is."""
    rest = [n for n in pair.parameters if n not in pair.arguments]
    argument = [Role("argument", name, NAMED)]
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
    forward: Code,
    backward: Code,
    arguments: Mapping[str, object],
    first: Returned,
    given: Mapping[str, object],
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
    chosen = [dict(zip(pair.found, roles, strict=True)) for roles in product(*map(_weighed, pair.found.values()))]
    chosen = [roles for roles in chosen if _is_possible(roles, wanted)]
    if not chosen or len(chosen) > MOST:
        raise TraceError(_unclear(pair))
    return sorted((_way(pair, roles) for roles in chosen), key=lambda way: not way.is_likely)


def _weighed(roles: list[Role]) -> list[Role]:
    """The roles that a parameter can have; where something tells the first, the others are unlikely."""
    return [*roles[:1], *(replace(r, how=UNLIKELY) for r in roles[1:])] if roles and roles[0].is_sure else roles


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


def _called(function: Code) -> str:
    return getattr(function, "__name__", "the function")


# what the parameters can be whose names tell nothing


def _leave(pair: Pair) -> tuple[Pair, set[tuple[str, object]]]:
    """The pair with roles for the parameters whose names tell nothing; and what some of them must take."""
    _check_kept(pair)
    told = next((found for rule in (_as_spare, _as_lacking) if (found := rule(pair))), None)
    return (
        (pair.with_roles(told), set()) if told is not None else (pair.with_roles(dict.fromkeys(pair.open, _anything(pair))), _wanted(pair))
    )


def _check_kept(pair: Pair) -> None:
    """Refuse the name of a variable that the forward pass keeps to itself."""
    if kept := [name for name in pair.open if name in pair.variables]:
        raise TraceError(
            f"{pair.backward}: {kept[0]} is a variable of {pair.forward}, which does not return it; return it too, "
            f"or say what it stands for: {_how_to_say(kept[0])}"
        )


def _as_spare(pair: Pair) -> dict[str, list[Role]]:
    """As many as are returned beside the output, in this order."""
    names, spare = pair.open, pair.spare
    if pair.lacks_gradient or len(names) != len(spare):
        return {}
    how = RETURNED if len(names) == 1 else ORDERED
    others = {k: [Role("output", other, POSSIBLE) for other in spare if other != k] for k in spare}
    return {name: [Role("output", k, how), *others[k]] for name, k in zip(names, spare, strict=True)}


def _as_lacking(pair: Pair) -> dict[str, list[Role]]:
    """The only one left, where the upstream gradient is all that has no parameter."""
    if not pair.lacks_gradient or len(pair.open) != 1 or pair.spare or pair.is_alone:
        return {}
    first, *others = _anything(pair)
    return {pair.open[0]: [replace(first, how=LEFT), *others]}


def _anything(pair: Pair) -> list[Role]:
    """The upstream gradient, an output, or an argument, of those that no parameter takes."""
    outputs = [k for k in [*pair.spare, *pair.differentiable[:1]] if k not in pair.taken("output", "outputs")]
    return [
        *_gradient(pair),
        *(Role("output", k, POSSIBLE) for k in outputs),
        *(Role("argument", a, POSSIBLE) for a in pair.free_arguments),
    ]


def _gradient(pair: Pair) -> list[Role]:
    return [Role("gradient", k, POSSIBLE) for k in pair.differentiable[:1]] if not pair.taken("gradient") else []


def _wanted(pair: Pair) -> set[tuple[str, object]]:
    """What has to have a parameter, if there are enough: an upstream gradient, and what is returned beside the output."""
    gradient = _gradient(pair) if pair.lacks_gradient and not pair.is_alone else []
    wanted = [*gradient, *(Role("output", k, POSSIBLE) for k in pair.spare)]
    return {role.key for role in wanted} if len(pair.open) >= len(wanted) else set()


def _is_possible(chosen: Mapping[str, Role], wanted: set[tuple[str, object]]) -> bool:
    """Whether no two parameters take the same for want of a name, and what must be taken is."""
    loose = [role.key for role in chosen.values() if role.kind in ("gradient", "output", "argument") and role.how not in (NAMED, DECLARED)]
    gradients = [role.key for role in chosen.values() if role.kind == "gradient"]
    named = [role.key for role in chosen.values() if role.how in (NAMED, DECLARED)]
    apart = len(set(loose)) == len(loose) and len(set(gradients)) == len(gradients) and not set(loose) & set(named)
    return apart and wanted <= {role.key for role in chosen.values()}


def _unclear(pair: Pair) -> str:
    first = [n for n, roles in pair.found.items() if not roles] + [n for n, roles in pair.found.items() if roles and not roles[0].is_sure]
    name = next(iter(first or pair.found), "")
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
