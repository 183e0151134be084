"""Arguments of functions, and arrays of numbers drawn for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sympy import Expr, Symbol

from symderiv.language.program import Variable
from symderiv.language.terms import Label
from symderiv.tracing.traced import FLOAT, INT, Group, Traced, length
from symderiv.tracing.values import Numbers


@dataclass(frozen=True)
class Argument:
    """An input array: its name in the code, its axes, its entries as the derivation has them.

    Where an axis has a few positions only, each has a name of its own, so that the entry is one of several by cases.
    """

    name: str
    axes: tuple[Group, ...]
    entry: Expr
    variables: tuple[Variable, ...]

    @property
    def is_real(self) -> bool:
        return not isinstance(self.variables[0].head, Label)

    @property
    def traced(self) -> Traced:
        return Traced(self.axes, self.entry if self.is_real else self.entry - 1, FLOAT if self.is_real else INT)


def at_sizes(size: Expr, sizes: Mapping[Symbol, int]) -> int:
    """A size in numbers; 1 for those of which a counterexample says nothing."""
    return int(size.subs({s: sizes.get(s, 1) for s in size.free_symbols}))


def shape_at(argument: Argument, sizes: Mapping[Symbol, int]) -> tuple[int, ...]:
    return tuple(at_sizes(length(g), sizes) for g in argument.axes)


def drawn(argument: Argument, sizes: Mapping[Symbol, int], rng: np.random.Generator, scale: float = 1.0) -> Numbers:
    """An array of numbers of both signs, if they may have; of labels, as many of their range as there is room for."""
    shape, head = shape_at(argument, sizes), argument.variables[0].head
    if isinstance(head, Label):
        return np.resize(rng.permutation(at_sizes(head.upper, sizes)), shape)
    drawn = scale * rng.normal(size=shape)
    return np.asarray(np.abs(drawn) + 0.1 if head.is_positive or head.is_nonnegative else drawn)
