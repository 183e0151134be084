"""Assumed equations as rewriting: a pattern with indices that stand for any position, matched against what is there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from itertools import permutations

from symderiv.proof.context import Context, Rule
from symderiv.proof.poly import PLACE_NAMES, Exponent, Gen, Kind, Monomial, Poly, monomial_key, single
from symderiv.proof.ranges import never_negative
from symderiv.proof.replacing import rebuild

Binding = dict[Gen, Poly]
Factor = tuple[Gen, Exponent]

MOST_FACTORS = 4
POSITIONS = (Kind.ELEMENT, Kind.INVERSE)  # the arguments of these are positions


def value_of(a: Context, index: Gen | None, monomial: Monomial) -> Poly | None:
    """What the rules say of a monomial, or of its sum over an index; None if they say nothing."""
    for rule in a.given.rules:
        if (rule.index is None) == (index is None) and len(rule.pattern) == len(monomial):
            for binding in _matches(a, rule, index, monomial):
                a.record.applied |= {rule.name} | rule.rests
                return rebuild(a, rule.value, binding)
    return None


def _matches(a: Context, rule: Rule, index: Gen | None, monomial: Monomial) -> Iterator[Binding]:
    start: Binding = {}
    if rule.index is not None and index is not None:
        start[rule.index] = single(index)
    for order in permutations(monomial) if len(monomial) <= MOST_FACTORS else ():
        binding = _all_bound(rule.free | start.keys(), start, zip(rule.pattern, order, strict=True))
        if binding is not None and _fits(a, rule, index, binding):
            yield binding


def _fits(a: Context, rule: Rule, index: Gen | None, binding: Binding) -> bool:
    """Whether the summed index has the pattern's range, no position depends on it, and those that must be in their ranges are."""
    for v in rule.within:
        lower, upper = (rebuild(a, end, binding) for end in v.args)
        if v not in binding or not (never_negative(a, binding[v] - lower) and never_negative(a, upper - binding[v])):
            return False
    if rule.index is None or index is None:
        return True
    others = {letter: value for letter, value in binding.items() if letter != rule.index}
    ranges = tuple(rebuild(a, end, others) for end in rule.index.args)
    return ranges == index.args and not any(index in value.free for value in others.values())


def bound(letters: Set[Gen], binding: Binding, pattern: Poly, found: Poly) -> Binding | None:
    """The binding of letters, which are indices or places, under which a pattern is a polynomial, one generator at a time."""
    if letters.isdisjoint(pattern.free) and pattern.heads.isdisjoint(PLACE_NAMES):
        return binding if pattern == found else None
    ours, theirs = (sorted(poly.terms.items(), key=lambda term: monomial_key(term[0])) for poly in (pattern, found))
    for order in permutations(theirs) if len(theirs) <= MOST_FACTORS else (theirs,):
        if [c for _, c in ours] == [c for _, c in order]:
            after: Binding | None = binding
            for (m, _), (n, _) in zip(ours, order, strict=True):
                after = None if len(m) != len(n) else _all_bound(letters, after, zip(m, n, strict=True))
            if after is not None:
                return after
    return None


def _all_bound(letters: Set[Gen], binding: Binding | None, pairs: Iterable[tuple[Factor, Factor]]) -> Binding | None:
    for (pattern, e), (found, k) in pairs:
        binding = None if binding is None or e != k else _bound_gen(letters, binding, pattern, found)
    return binding


def _bound_gen(letters: Set[Gen], binding: Binding | None, pattern: Gen, found: Gen) -> Binding | None:
    if pattern in letters and found.kind is Kind.INDEX:
        return _bound_letter(binding, pattern, single(found))
    if (pattern.kind, pattern.head, pattern.vars, len(pattern.args)) != (found.kind, found.head, found.vars, len(found.args)):
        return None
    for wanted, there in zip(pattern.args, found.args, strict=True):
        letter = _bare(wanted) if pattern.kind in POSITIONS else None
        if letter is not None and letter in letters:
            binding = _bound_letter(binding, letter, there)
        elif binding is not None:
            binding = bound(letters, binding, wanted, there)
    captured = binding is not None and any(v in value.free for v in found.vars for value in binding.values())
    return None if captured else binding


def _bare(position: Poly) -> Gen | None:
    """The one generator that a position is."""
    g = position.single[0][0][0] if position.single and position.single[0] else None
    return g if g is not None and position == single(g) else None


def _bound_letter(binding: Binding | None, letter: Gen, value: Poly) -> Binding | None:
    """A letter stands for one position, whatever that is."""
    return None if binding is None or binding.get(letter, value) != value else {**binding, letter: value}
