"""Names, with what is below and above them: what they stand for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import exp, pi

from symderiv.documents.meaning.cases import INDICATORS, indicator
from symderiv.documents.meaning.entries import computed, entry_of
from symderiv.documents.meaning.operations import derived
from symderiv.documents.meaning.powers import TRANSPOSED, with_power
from symderiv.documents.meaning.primes import only_input, primed_as_defined
from symderiv.documents.meaning.scope import Found, Scope, Undeclared, found, name_of, positions_in, spelled, spelled_or_none
from symderiv.documents.meaning.unsized import sized, unsized
from symderiv.documents.meaning.value import number
from symderiv.documents.syntax.tree import Added, Chain, Fenced, Name, Number, Scripted, Text, Tree
from symderiv.errors import FormulaError
from symderiv.language.arrays import Array
from symderiv.language.kept import kept
from symderiv.language.terms import Delta, Index


def named(tree: Tree, scope: Scope) -> Any:
    seen = found(tree, scope)
    if seen is not None:
        if isinstance(seen.power, Fenced) and seen.power.fence == "(" and isinstance(seen.power.body, (Name, Number)):
            says = f"{seen.name} with ({spelled(seen.power.body)}) above: a name, an index or a power?"
            raise FormulaError(f"{says} Declare the name, or the index; write a power without parentheses", seen.power.span)
        if _is_array_power(seen):
            return entry_of(replace(seen, what=_turned_over(seen, tree, scope), power=None), tree, scope)
        return with_power(entry_of(seen, tree, scope), seen.power, tree, scope)
    base, sub, sup, primes = (tree.base, tree.sub, tree.sup, tree.primes) if isinstance(tree, Scripted) else (tree, None, None, 0)
    word = spelled_or_none(base) or ""
    if any(word in rows for rows in scope.bound) and sub is None and not primes:
        return with_power(scope.index(word), sup, tree, scope)
    if word in ("\\delta", *INDICATORS) and sub is not None and sup is None:
        if isinstance(sub, Chain) and word != "\\delta":
            return indicator(sub, scope)
        pair = [number(p, scope) for p in positions_in(sub, 2)]
        if len(pair) == 2 and word not in ("\\delta", "I", "\\mathbf{I}", "\\mathbb{I}"):
            raise FormulaError(f"{word} with two indices: the identity, or ones everywhere? Write \\delta_{{ij}}, or 1", tree.span)
        if len(pair) == 2:
            return Delta(*pair)
    if word == "\\pi" and not primes and sub is None:
        return with_power(pi, sup, tree, scope)
    if word == "e" and sup is not None and sub is None:
        return kept(exp, number(sup, scope))
    seen = found(base, scope) if primes and sub is None else None
    if seen is not None and seen.name in scope.applied:
        return with_power(primed_as_defined(seen, primes, seen.what, tree, scope), sup, tree, scope)
    if seen is not None and (only := only_input(seen.what, scope)) is not None:
        of = seen.what
        for _ in range(primes):
            of = derived(of, only, False, scope, tree)
        return with_power(of, sup, tree, scope)
    plain = unsized(word) if not primes else None
    if plain is not None and sub is None:
        return with_power(plain, sup, tree, scope)
    if plain is not None and isinstance(sub, (Name, Scripted)) and found(sub, scope) is not None:
        return with_power(sized(plain, [Index("i", 1, number(sub, scope))] * len(plain.array.indices)), sup, tree, scope)
    index = scope.index(name_of(word, primes=primes)) if sub is None else None
    if index is not None:
        return with_power(index, sup, tree, scope)
    if isinstance(tree, Scripted) and not isinstance(base, (Name, Text)):
        return with_power(computed(tree, scope), sup, tree, scope)
    named = replace(tree, sup=None) if isinstance(tree, Scripted) and spelled_or_none(sup) in TRANSPOSED else tree
    raise Undeclared(spelled_or_none(named) or word, tree.span, scope)


def _is_array_power(seen: Found) -> bool:
    """Whether a power above an entry can be one of the whole matrix: `A^\\top_{ij}`, `A^{-1}_{ij}`."""
    if not isinstance(seen.what, Array) or seen.positions is None:
        return False
    matrix = len(seen.what.indices) == 2 == len(positions_in(seen.positions, 2))
    return matrix and (spelled_or_none(seen.power) in TRANSPOSED or _is_minus_one(seen.power))


def _is_minus_one(power: Tree | None) -> bool:
    return isinstance(power, Added) and power.terms == ((-1, Number("1")),)


def _turned_over(seen: Found, tree: Tree, scope: Scope) -> Array:
    """A matrix transposed, of which an entry is taken. Fails on an inverse, which could be that of the entry."""
    if _is_minus_one(seen.power):
        raise FormulaError(
            f"one over the entry, or an entry of the inverse? Write \\frac{{1}}{{...}}, or ({seen.name}^{{-1}})_{{...}}", tree.span
        )
    whole: Array = seen.what.T
    return whole
