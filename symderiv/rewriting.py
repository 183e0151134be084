"""Assumed equations as rewriting: a pattern with indices that stand for any position, matched against what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

from symderiv.poly import Gen, Monomial, Poly, single

Binding = dict[str, Poly]
MOST_FACTORS = 4


@dataclass(frozen=True)
class Rule:
    """The sum over `index` of the pattern, or without an index the pattern itself, is the value; `free` may be any position.

    Those of `within` must be shown to be in their ranges. What the rule `rests` on is recorded with its name.
    """

    name: Any
    index: Gen | None
    pattern: Monomial
    value: Poly
    free: frozenset[str]
    within: tuple[Gen, ...] = ()
    rests: frozenset[Any] = frozenset()


@dataclass(frozen=True)
class Given:
    """What is assumed: rules, and the heads of arrays that only change by a sign when their two indices change places."""

    rules: tuple[Rule, ...] = ()
    mirrored: Mapping[str, int] = field(default_factory=dict)


def value_of(a: Any, index: Gen | None, monomial: Monomial) -> Poly | None:
    """What the rules say of a monomial, or of its sum over an index; None if they say nothing."""
    for rule in a.given.rules:
        if (rule.index is None) == (index is None) and len(rule.pattern) == len(monomial):
            for binding in _matches(a, rule, index, monomial):
                a.applied |= {rule.name} | rule.rests
                value: Poly = a.rebuild(rule.value, binding)
                return value
    return None


def _matches(a: Any, rule: Rule, index: Gen | None, monomial: Monomial) -> Iterator[Binding]:
    start: Binding = {}
    if rule.index is not None and index is not None:
        start[rule.index.key] = single(index)
    for order in permutations(monomial) if len(monomial) <= MOST_FACTORS else ():
        pairs = list(zip(rule.pattern, order, strict=True))
        if all(e == k for (_, e), (_, k) in pairs):
            binding = _all_bound(rule, start, [(g, h) for (g, _), (h, _) in pairs])
            if binding is not None and _fits(a, rule, index, binding):
                yield binding


def _fits(a: Any, rule: Rule, index: Gen | None, binding: Binding) -> bool:
    """Whether the summed index has the pattern's range, no position depends on it, and those that must be in their ranges are."""
    for v in rule.within:
        lower, upper = (a.rebuild(end, binding) for end in v.args)
        if v.key not in binding or not (a.never_negative(binding[v.key] - lower) and a.never_negative(upper - binding[v.key])):
            return False
    if rule.index is None or index is None:
        return True
    others = {key: value for key, value in binding.items() if key != rule.index.key}
    ranges = tuple(a.rebuild(end, others) for end in rule.index.args)
    return ranges == index.args and not any(index.key in value.free for value in others.values())


def _all_bound(rule: Rule, binding: Binding | None, pairs: list[tuple[Gen, Gen]]) -> Binding | None:
    for pattern, found in pairs:
        alike = (pattern.kind, pattern.head, len(pattern.args)) == (found.kind, found.head, len(found.args))
        if binding is None or not alike or pattern.vars or found.vars:
            return None
        for wanted, there in zip(pattern.args, found.args, strict=True):
            binding = None if binding is None else _bound(rule, binding, wanted, there)
    return binding


def _bound(rule: Rule, binding: Binding, pattern: Poly, found: Poly) -> Binding | None:
    """The binding under which a pattern is a polynomial, one generator at a time."""
    keys = rule.free | ({rule.index.key} if rule.index else frozenset())
    g = pattern.single[0][0][0] if pattern.single and pattern.single[0] and pattern == single(pattern.single[0][0][0]) else None
    if g is not None and g.key in keys:
        return {**binding, g.key: found} if binding.get(g.key, found) == found else None
    if pattern.free.isdisjoint(keys):
        return binding if pattern == found else None
    ours, theirs = list(pattern.terms.items()), list(found.terms.items())
    for order in permutations(theirs) if len(ours) == len(theirs) <= MOST_FACTORS else ():
        pairs = list(zip(ours, order, strict=True))
        if all(c == d and [e for _, e in m] == [e for _, e in n] for (m, c), (n, d) in pairs):
            gens = [(g, h) for (m, _), (n, _) in pairs for (g, _), (h, _) in zip(m, n, strict=True)]
            if (bound := _all_bound(rule, binding, gens)) is not None:
                return bound
    return None
