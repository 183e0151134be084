"""Names, with what is below and above them: what they stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from sympy import Symbol, exp, pi

from symderiv.documents.meaning.cases import INDICATORS, indicator
from symderiv.documents.meaning.entries import computed, entry_of
from symderiv.documents.meaning.powers import with_power
from symderiv.documents.meaning.primes import only_input, primed_as_defined, primed_by
from symderiv.documents.meaning.scope import TRANSPOSED, Found, Scope, Undeclared, found, has_index
from symderiv.documents.meaning.spelling import WHOLE, name_of, positions_in, spelled, spelled_or_none
from symderiv.documents.meaning.unsized import Meaning, Row, sized, unsized
from symderiv.documents.meaning.value import number
from symderiv.documents.syntax.tree import Added, Chain, Fenced, Name, Number, Scripted, Text, Tree
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array
from symderiv.language.kept import kept
from symderiv.language.terms import Delta, Index


@dataclass(frozen=True)
class Decorated:
    """A name as it is written: a base, `word` where that is one, with what is below and above it."""

    tree: Tree
    base: Tree
    sub: Tree | None = None
    sup: Tree | None = None
    primes: int = 0

    @property
    def word(self) -> str:
        return spelled_or_none(self.base) or ""

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing around the base but a power."""
        return self.sub is None and not self.primes


Read: TypeAlias = tuple[Meaning, Tree | None]  # what a name stands for, and what is left above it as a power


def named(tree: Tree, scope: Scope) -> Meaning:
    """What a name stands for, with what is around it: by the first reader that knows it."""
    name = Decorated(tree, tree.base, tree.sub, tree.sup, tree.primes) if isinstance(tree, Scripted) else Decorated(tree, tree)
    read = next((read for reader in CAN_BE if (read := reader(name, scope)) is not None), None)
    if read is not None:
        return with_power(*read, tree, scope)
    untransposed = replace(tree, sup=None) if isinstance(tree, Scripted) and spelled_or_none(name.sup) in TRANSPOSED else tree
    raise Undeclared(spelled_or_none(untransposed) or name.word, tree.span, scope)


def _declared(name: Decorated, scope: Scope) -> Read | None:
    seen = found(name.tree, scope)
    if seen is None:
        return None
    if isinstance(seen.power, Fenced) and seen.power.fence == "(" and isinstance(seen.power.body, (Name, Number)):
        says = f"{seen.name} with ({spelled(seen.power.body)}) above: a name, an index or a power?"
        raise FormulaError(f"{says} Declare the name, or the index; write a power without parentheses", seen.power.span)
    _check_above(seen, scope)
    whole = _turned_over(seen, name.tree)
    if whole is None:
        entry = entry_of(seen, name.tree, scope)
        return (Row(entry) if isinstance(entry, Array) and is_row(seen) else entry), seen.power
    return entry_of(whole, name.tree, scope), None


def is_row(seen: Found) -> bool:
    """Whether what is written is a row of a matrix: `X_{i:}`, `X_{i,:}`."""
    two = isinstance(seen.what, Array) and len(seen.what.indices) == 2 and seen.positions is not None
    at = positions_in(seen.positions, 2) if two and seen.positions is not None else ()
    return len(at) == 2 and at[1] == WHOLE != at[0]


def _check_above(seen: Found, scope: Scope) -> None:
    """Refuse what stands above an array that has an index left for it, where that could be a position and a power."""
    power, given = seen.power, 0 if seen.positions is None else len(positions_in(seen.positions, 2))
    if power is None or not isinstance(seen.what, Array) or isinstance(power, Fenced) or given >= len(seen.what.indices):
        return
    layer = seen.name in scope.raised and (spelled_or_none(power) or "T") not in TRANSPOSED and power != Added(((-1, Number("1")),))
    letter = has_index(power, scope) and spelled_or_none(power) not in TRANSPOSED
    if layer or (letter and given + 1 == len(seen.what.indices)):
        says = f"{spelled_or_none(power) or 'this'} above {seen.name}: a position, or a power? For a position write"
        raise FormulaError(f"{says} it below, or in parentheses, ^{{(...)}}; for a power, parentheses around the base", power.span)


def _turned_over(seen: Found, tree: Tree) -> Found | None:
    """An entry with a power of the whole matrix: `A^\\top_{ij}` of it transposed. Fails on `A^{-1}_{ij}`, which could be one over it."""
    at = positions_in(seen.positions, 2) if isinstance(seen.what, Array) and seen.positions is not None else ()
    matrix = len(at) == 2 and WHOLE not in at
    if not matrix or not isinstance(seen.what, Array) or len(seen.what.indices) != 2:
        return None
    if seen.power == Added(((-1, Number("1")),)):
        says = "one over the entry, or an entry of the inverse? Write"
        raise FormulaError(f"{says} \\frac{{1}}{{...}}, or ({seen.name}^{{-1}})_{{...}}", tree.span)
    return replace(seen, what=seen.what.T, power=None) if spelled_or_none(seen.power) in TRANSPOSED else None


def _letter_of_a_sum(name: Decorated, scope: Scope) -> Read | None:
    index = scope.index(name.word) if name.is_plain and any(name.word in rows for rows in scope.bound) else None
    return None if index is None else (index, name.sup)


def _indicator(name: Decorated, scope: Scope) -> Read | None:
    condition = name.sub if name.word in INDICATORS and name.sup is None and isinstance(name.sub, Chain) else None
    return None if condition is None else (indicator(condition, scope), None)


def _delta(name: Decorated, scope: Scope) -> Read | None:
    if name.word not in ("\\delta", *INDICATORS) or name.sub is None or name.sup is not None:
        return None
    pair = [number(p, scope) for p in positions_in(name.sub, 2)]
    if len(pair) != 2:
        return None
    if name.word not in ("\\delta", "I", "\\mathbf{I}", "\\mathbb{I}"):
        says = f"{name.word} with two indices: the identity, or ones everywhere? Write"
        raise FormulaError(f"{says} \\delta_{{ij}}, or 1", name.tree.span)
    return Delta(*pair), None


def _pi(name: Decorated, scope: Scope) -> Read | None:
    return (pi, name.sup) if name.word == "\\pi" and name.is_plain else None


def _exponential(name: Decorated, scope: Scope) -> Read | None:
    exponent = name.sup if name.word == "e" and name.sub is None else None
    return None if exponent is None else (kept(exp, number(exponent, scope)), None)


def _derivative(name: Decorated, scope: Scope) -> Read | None:
    """A number with primes: by what it was defined as a function of, or by the one input that it is computed from."""
    seen = found(name.base, scope) if name.primes and name.sub is None else None
    if seen is None:
        return None
    if seen.name in scope.applied:
        return primed_as_defined(seen, name.primes, seen.what, name.tree, scope), name.sup
    only = only_input(seen.what, scope) if isinstance(seen.what, Symbol) else None
    return None if only is None else (primed_by(only, name.primes, seen.what, name.tree, scope), name.sup)


def _unsized(name: Decorated, scope: Scope) -> Read | None:
    """I and vectors of ones, with their size below or without."""
    plain = unsized(name.word) if not name.primes else None
    if plain is not None and name.sub is None:
        return plain, name.sup
    if plain is not None and isinstance(name.sub, (Name, Scripted)) and found(name.sub, scope) is not None:
        return sized(plain, [Index("i", 1, number(name.sub, scope))] * len(plain.array.indices)), name.sup
    return None


def _index(name: Decorated, scope: Scope) -> Read | None:
    index = scope.index(name_of(name.word, primes=name.primes)) if name.sub is None else None
    return None if index is None else (index, name.sup)


def _computed(name: Decorated, scope: Scope) -> Read | None:
    formula = name.tree if not isinstance(name.base, (Name, Text)) else None
    return (computed(formula, scope), name.sup) if isinstance(formula, Scripted) else None


CAN_BE: tuple[Callable[[Decorated, Scope], Read | None], ...] = (
    _declared, _letter_of_a_sum, _indicator, _delta, _pi, _exponential, _derivative, _unsized, _index, _computed,
)  # fmt: skip
