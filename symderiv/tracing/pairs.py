"""What is known of a pair of passes while the roles of the backward pass's parameters are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from symderiv.tracing.contexts import Context
from symderiv.tracing.returned import Returned
from symderiv.tracing.roles import Role
from symderiv.tracing.targets import has_several, is_real
from symderiv.tracing.tensor import Tensor


@dataclass(frozen=True)
class Pair:
    """What is known of a pair of functions, and the roles that were found so far: for each parameter the first that fits, then others.

    `changed` and `unpacked` are as in a Way.
    """

    backward: str
    forward: str
    parameters: Mapping[str, object]  # their defaults
    arguments: Mapping[str, object]
    first: Returned
    given: Mapping[str, object]
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

    def taken(self, *kinds: str) -> set[object]:
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
    def lacks_gradient(self) -> bool:
        """Whether there has to be an upstream gradient, and no parameter is known to be one."""
        return not self.taken("gradient") and not self.is_number and bool(self.differentiable)

    @property
    def is_alone(self) -> bool:
        """Whether there is one parameter only, so that it can be what a derivative is of."""
        return len(self.parameters) == 1

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

    def _is_real(self, place: int, value: object) -> bool:
        return is_real(value) or (place == 0 and has_several(self.first))


def _is_number(value: object) -> bool:
    """Whether a value has one entry, whatever its axes."""
    return not value.data.indices if isinstance(value, Tensor) else not isinstance(value, (tuple, list))
