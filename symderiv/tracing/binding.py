"""A pair of passes bound: what each parameter of the backward pass can stand for, and what each returned value is the gradient of."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations, product
from typing import Any

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing.contexts import Context
from symderiv.tracing.drawing import Argument
from symderiv.tracing.names import INPUT, OUTPUT, SAVED, alike, exactly, gradient_of, is_upstream
from symderiv.tracing.roles import DECLARED, LEFT, NAMED, ORDERED, POSSIBLE, RETURNED, UNLIKELY, Binding, Role, Target, read
from symderiv.tracing.running import Returned
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import FLOAT

MOST = 12  # ways to bind a pair that are tried
EMPTY = inspect.Parameter.empty


@dataclass
class Pair:
    """What is known of a pair of functions, and the roles that were found so far: for each parameter the first that fits, then others."""

    backward: str
    forward: str
    parameters: Mapping[str, Any]  # their defaults
    arguments: Mapping[str, Any]
    first: Returned
    given: Mapping[str, Any]
    variables: frozenset[str]  # of the forward pass
    found: dict[str, list[Role]] = field(default_factory=dict)

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
        return is_real(value) or (place == 0 and _has_several(self.first))


def _has_several(first: Returned) -> bool:
    """Whether what is returned first are several outputs in a tuple."""
    value = first.pieces[0][1] if first.pieces else None
    if not isinstance(value, (tuple, list)) or not value or not first.several or first.keyed:
        return False
    return all(map(is_real, value))


def unpacked(first: Returned, binding: Binding) -> Returned:
    """What is returned, with several outputs in a tuple one by one where a binding takes them so."""
    return _unpacked(first) if binding.unpacked else first


def _unpacked(first: Returned) -> Returned:
    (name, values), *rest = first.pieces
    return replace(first, pieces=(*zip(_each(name, len(values)), values, strict=True), *rest))


def _each(names: str, number: int) -> list[str]:
    """The names of what stands in a tuple, which has all of them or none."""
    found = [name.strip() for name in names.split(",") if name.strip()] if "," in names else []
    return found if len(found) == number else [""] * number


def _is_number(value: Any) -> bool:
    """Whether a value has one entry, whatever its axes."""
    return not value.data.indices if isinstance(value, Tensor) else not isinstance(value, (tuple, list))


def is_real(value: Any) -> bool:
    """Whether a value is an array of floats, or one float."""
    if isinstance(value, Tensor):
        return value.data.kind == FLOAT
    return isinstance(value, (float, np.floating)) or "float" in str(getattr(value, "dtype", ""))


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


def bindings(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    arguments: Mapping[str, Any],
    first: Returned,
    given: Mapping[str, Any],
    roles: Mapping[str, str],
) -> list[Binding]:
    """The ways in which a backward pass can be bound, the likely ones first. Fails where none is known."""
    parameters = {
        n: p.default for n, p in inspect.signature(backward).parameters.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    }
    apart = _has_several(first) and sum(map(is_upstream, parameters)) > 1
    first = _unpacked(first) if apart else first
    variables = frozenset(getattr(getattr(inspect.unwrap(forward), "__code__", None), "co_varnames", ()))
    pair = Pair(_called(backward), _called(forward), parameters, arguments, first, given, variables)
    if unknown := [name for name in roles if name not in parameters]:
        raise TraceError(f"roles names {unknown[0]}, which is no parameter of {pair.backward}: {', '.join(parameters)}")
    pair.found |= {name: [read(name, text, list(arguments), pair.outputs)] for name, text in roles.items()}
    for rule in RULES:
        for name in pair.open:
            if found := rule(pair, name):
                pair.found[name] = found
    wanted = _leave(pair)
    choices = [roles[:1] + [replace(r, how=UNLIKELY) for r in roles[1:]] if roles[0].is_sure else roles for roles in pair.found.values()]
    ways = [dict(zip(pair.found, way, strict=True)) for way in product(*choices)]
    ways = [way for way in ways if _is_possible(way, wanted)]
    if not ways or len(ways) > MOST:
        raise TraceError(_unclear(pair))
    return sorted((replace(_bound(pair, way), unpacked=apart) for way in ways), key=lambda binding: not binding.is_likely)


def _called(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "the function")


def _leave(pair: Pair) -> set[tuple[str, Any]]:
    """Find roles for the parameters whose names tell nothing; what some of them must take."""
    names, spare = pair.open, pair.spare
    if kept := [name for name in names if name in pair.variables]:
        raise TraceError(
            f"{pair.backward}: {kept[0]} is a variable of {pair.forward}, which does not return it; return it too, "
            f"or say what it stands for: {_how_to_say(kept[0])}"
        )
    lacks = not pair.taken("gradient") and not pair.is_number and bool(pair.differentiable)
    if names and not lacks and len(names) == len(spare):
        how = RETURNED if len(names) == 1 else ORDERED
        pair.found |= {
            n: [Role("output", k, how), *(Role("output", s, POSSIBLE) for s in spare if s != k)] for n, k in zip(names, spare, strict=True)
        }
        return set()
    gradient = [Role("gradient", k, POSSIBLE) for k in pair.differentiable[:1] if not pair.taken("gradient")]
    values = [Role("output", k, POSSIBLE) for k in [*spare, *pair.differentiable[:1]] if k not in pair.taken("output", "outputs")]
    values += [Role("argument", a, POSSIBLE) for a in pair.free_arguments]
    alone = len(pair.parameters) == 1
    if lacks and len(names) == 1 and not spare and not alone:
        pair.found[names[0]] = [replace(gradient[0], how=LEFT), *values]
        return set()
    pair.found |= {name: [*gradient, *values] for name in names}
    wanted = [*(gradient if lacks and not alone else []), *(Role("output", k, POSSIBLE) for k in spare)]
    return {role.key for role in wanted} if len(names) >= len(wanted) else set()


def _is_possible(way: Mapping[str, Role], wanted: set[tuple[str, Any]]) -> bool:
    """Whether no two parameters take the same for want of a name, and what must be taken is."""
    loose = [role.key for role in way.values() if role.kind in ("gradient", "output", "argument") and role.how not in (NAMED, DECLARED)]
    gradients = [role.key for role in way.values() if role.kind == "gradient"]
    named = [role.key for role in way.values() if role.how in (NAMED, DECLARED)]
    apart = len(set(loose)) == len(loose) and len(set(gradients)) == len(gradients) and not set(loose) & set(named)
    return apart and wanted <= {role.key for role in way.values()}


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


def _bound(pair: Pair, way: Mapping[str, Role]) -> Binding:
    """A binding of what each parameter is taken for, and what is differentiated: the outputs with a gradient, else the first."""
    one = replace(pair, found={name: [role] for name, role in way.items()})
    upstream = sorted(role.of for role in way.values() if role.kind == "gradient")
    differentiated = tuple(upstream) or tuple(one.differentiable[:1])
    aside = tuple(k for k in one.differentiable if k not in differentiated)
    ordered = tuple((name, way[name]) for name in pair.parameters)
    return Binding(ordered, pair.outputs, differentiated, aside, pointwise=not upstream and not one.is_number)


def applied(
    binding: Binding, arguments: Mapping[str, Any], first: Returned, upstream: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments of the backward pass. Those that keep their default are left out."""
    pieces = [value for _, value in first.pieces]
    values: dict[str, Callable[[str, Role], Any]] = {
        "argument": lambda _, role: arguments[role.of],
        "arguments": lambda _, role: tuple(arguments[a] for a in role.of),
        "output": lambda _, role: pieces[role.of],
        "outputs": lambda _, role: tuple(pieces[k] for k in role.of),
        "gradient": lambda name, _: upstream[name],
        "given": lambda name, _: given[name],
    }
    return {name: values[role.kind](name, role) for name, role in binding.parameters if role.kind != "default"}


# what is returned


def flattened(returned: Returned) -> list[tuple[str, Any]]:
    """What is returned, arrays in dicts and tuples one by one, each with its name."""
    found: list[tuple[str, Any]] = []
    for name, value in returned.pieces:
        if isinstance(value, dict):
            found += [(str(key), inner) for key, inner in value.items()]
        elif isinstance(value, (tuple, list)):
            found += zip(_each(name, len(value)), value, strict=True)
        elif value is not None:
            found.append((name, value))
    return found


def targets(returned: Returned, arguments: Mapping[str, Argument], wrt: Sequence[str]) -> tuple[Target, ...]:
    """What each returned value is the gradient of: as said, by name, by being the only one left, else in the order of the arguments."""
    pieces = flattened(returned)
    if not pieces:
        raise TraceError("no gradient is returned")
    if unknown := [name for name in wrt if name not in arguments]:
        raise TraceError(f"wrt names {unknown[0]}, which is no array among the arguments: {', '.join(arguments)}")
    if wrt:
        if len(wrt) != len(pieces):
            raise TraceError(f"{len(pieces)} gradients are returned, and wrt names {len(wrt)}: {', '.join(wrt)}")
        return tuple(Target(k, name or f"d{of}", of, DECLARED) for k, (of, (name, _)) in enumerate(zip(wrt, pieces, strict=True)))
    told = [_argument(name, arguments) for name, _ in pieces]
    real = [name for name in arguments if arguments[name].is_real]
    if all(told) and len(set(told)) == len(told):
        return tuple(Target(k, pieces[k][0], str(of), NAMED) for k, of in enumerate(told))
    missing = [name for name in real if name not in told]
    if any(told) and told.count(None) == 1 == len(missing) and len(set(told)) == len(told):
        return tuple(
            Target(k, pieces[k][0] or f"d{of or missing[0]}", of or missing[0], NAMED if of else LEFT) for k, of in enumerate(told)
        )
    values = [k for k, (_, value) in enumerate(pieces) if value is not None]
    if len(values) == len(real) and all(told[k] in (None, of) for k, of in zip(values, real, strict=True)):
        return tuple(Target(k, f"d{of}", of, NAMED if told[k] else ORDERED) for k, of in zip(values, real, strict=True))
    raise TraceError(
        f"{len(pieces)} gradient{'s are' if len(pieces) > 1 else ' is'} returned for {len(real)} arrays ({', '.join(real)}); "
        "return them by names such as dx, in a dict, or say which they are: wrt=('x', ...), on the command line --wrt x,..."
    )


def other_orders(returns: Sequence[Target]) -> Iterator[tuple[Target, ...]]:
    """The same values as gradients of the same arguments in other orders, where only the order told."""
    loose = [n for n, target in enumerate(returns) if target.how == ORDERED]
    for order in permutations(loose) if len(loose) <= 4 else ():
        if list(order) != loose:
            swap = dict(zip(loose, order, strict=True))
            yield tuple(replace(t, label=f"d{returns[swap.get(n, n)].of}", of=returns[swap.get(n, n)].of) for n, t in enumerate(returns))


def _argument(name: str, known: Iterable[str]) -> str | None:
    """The argument that a gradient's name tells of."""
    known = list(known)
    return gradient_of(name, known) or exactly(name, known) or alike(name, known)
