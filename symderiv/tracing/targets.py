"""What is returned: outputs of a forward pass one by one, and what each value that a backward pass returns is the gradient of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from symderiv.errors import TraceError
from symderiv.tracing.drawing import Argument
from symderiv.tracing.names import alike, exactly, gradient_of
from symderiv.tracing.returned import Returned
from symderiv.tracing.roles import DECLARED, LEFT, NAMED, ORDERED, Target, Way
from symderiv.tracing.tensor import Tensor
from symderiv.tracing.traced import FLOAT


def is_real(value: object) -> bool:
    """Whether a value is an array of floats, or one float."""
    if isinstance(value, Tensor):
        return value.data.kind == FLOAT
    return isinstance(value, (float, np.floating)) or "float" in str(getattr(value, "dtype", ""))


def has_several(first: Returned) -> bool:
    """Whether what is returned first are several outputs in a tuple."""
    value = first.pieces[0][1] if first.pieces else None
    if not isinstance(value, (tuple, list)) or not value or not first.several or first.keyed:
        return False
    return all(map(is_real, value))


def unpacked(first: Returned, way: Way) -> Returned:
    """What the forward pass returns, with several outputs in a tuple one by one where a way to bind takes them so."""
    return one_by_one(first) if way.unpacked else first


def one_by_one(first: Returned) -> Returned:
    """What is returned, with the outputs in the tuple that stands first one by one."""
    (name, values), *rest = first.pieces
    assert isinstance(values, (tuple, list))
    return replace(first, pieces=(*zip(_each(name, len(values)), values, strict=True), *rest))


def after_the_loss(first: Returned) -> Returned:
    """The gradients that a function returns behind its loss."""
    return replace(first, pieces=first.pieces[1:])


def _each(names: str, number: int) -> list[str]:
    """The names of what stands in a tuple, which has all of them or none."""
    found = [name.strip() for name in names.split(",") if name.strip()] if "," in names else []
    return found if len(found) == number else [""] * number


def flattened(returned: Returned) -> list[tuple[str, object]]:
    """What is returned, arrays in dicts and tuples one by one, each with its name."""
    found: list[tuple[str, object]] = []
    for name, value in returned.pieces:
        if isinstance(value, dict):
            found += [(str(key), inner) for key, inner in value.items()]
        elif isinstance(value, (tuple, list)):
            found += zip(_each(name, len(value)), value, strict=True)
        elif value is not None:
            found.append((name, value))
    return found


@dataclass(frozen=True)
class Gradients:
    """What a backward pass returned, one by one; the argument that each name tells of, if any; and the arrays that can be meant."""

    pieces: Sequence[tuple[str, object]]
    told: Sequence[str | None]
    real: Sequence[str]

    @property
    def apart(self) -> bool:
        """Whether no two names tell of the same, nor of nothing."""
        return len(set(self.told)) == len(self.told)


def targets(pieces: Sequence[tuple[str, object]], arguments: Mapping[str, Argument], wrt: Sequence[str]) -> tuple[Target, ...]:
    """What each returned value is the gradient of: as said, else by the first reader that can tell. Fails where none can."""
    if not pieces:
        raise TraceError("no gradient is returned")
    if wrt:
        return _as_said(pieces, arguments, wrt)
    real = [name for name, argument in arguments.items() if argument.is_real]
    found = Gradients(pieces, [_argument(name, arguments) for name, _ in pieces], real)
    read = next((read for reader in READERS if (read := reader(found))), None)
    if read is None:
        raise TraceError(
            f"{len(pieces)} gradient{'s are' if len(pieces) > 1 else ' is'} returned for {len(real)} arrays ({', '.join(real)}); "
            "return them by names such as dx, in a dict, or say which they are: wrt=('x', ...), on the command line --wrt x,..."
        )
    return read


def _as_said(pieces: Sequence[tuple[str, object]], arguments: Mapping[str, Argument], wrt: Sequence[str]) -> tuple[Target, ...]:
    if unknown := [name for name in wrt if name not in arguments]:
        raise TraceError(f"wrt names {unknown[0]}, which is no array among the arguments: {', '.join(arguments)}")
    if len(wrt) != len(pieces):
        raise TraceError(f"{len(pieces)} gradients are returned, and wrt names {len(wrt)}: {', '.join(wrt)}")
    return tuple(Target(k, name or f"d{of}", of, DECLARED) for k, (of, (name, _)) in enumerate(zip(wrt, pieces, strict=True)))


def _by_name(found: Gradients) -> tuple[Target, ...]:
    if None in found.told or not found.apart:
        return ()
    return tuple(Target(k, found.pieces[k][0], str(of), NAMED) for k, of in enumerate(found.told))


def _by_what_is_left(found: Gradients) -> tuple[Target, ...]:
    """By names but for one, which is of the only array that no name tells of."""
    missing = [name for name in found.real if name not in found.told]
    if not any(found.told) or found.told.count(None) != 1 or len(missing) != 1 or not found.apart:
        return ()
    return tuple(
        Target(k, found.pieces[k][0] or f"d{of or missing[0]}", of or missing[0], NAMED if of else LEFT) for k, of in enumerate(found.told)
    )


def _by_order(found: Gradients) -> tuple[Target, ...]:
    """In the order of the arguments, where no name speaks against it."""
    values = [k for k, (_, value) in enumerate(found.pieces) if value is not None]
    if len(values) != len(found.real) or any(found.told[k] not in (None, of) for k, of in zip(values, found.real, strict=True)):
        return ()
    return tuple(Target(k, f"d{of}", of, NAMED if found.told[k] else ORDERED) for k, of in zip(values, found.real, strict=True))


READERS = (_by_name, _by_what_is_left, _by_order)


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
