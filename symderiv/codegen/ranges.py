"""Ranges: terms made fit for arrays. A ragged range becomes a whole one with a mask, and deltas are summed away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Add, Basic, Expr, Ge, Le, Mul, Pow, Symbol
from sympy.core.relational import Relational

from symderiv.codegen.axes import Axes, in_cases, unlowerable
from symderiv.language.positions import facts_of, follows, surely, surely_within
from symderiv.language.terms import Delta, Element, Given, Index, Over, Sum, Total, Where, free_indices, replace, subterms

Zeros = Mapping[tuple[type, Symbol], tuple[Axes, list[Relational]]]  # of nodes and of adjoints: the conditions outside of which they are 0


def rectangular(term: Basic) -> Basic:
    """The same value, with every bound index in a range that depends on sizes only. Fails when a range depends on data."""
    if isinstance(term, Index) or not term.args:
        return term
    if isinstance(term, Over):
        return _rectangular_over(term)
    arguments = [rectangular(a) for a in term.args]
    return term if arguments == list(term.args) else term.func(*arguments)


def _rectangular_over(term: Over) -> Expr:
    """A nest of sums, or of products: each range made whole, the deltas in it summed away, then what is inside likewise."""
    kind, over = type(term), []
    while isinstance(term, kind):
        index, conditions = widened(term.index)
        body = masked(replace(term.body, {term.index: index}), conditions, kind.neutral)
        tight = _tightened(index, body) if kind is Sum else index
        over.append(tight)
        term = body if tight == index else _settled(replace(body, {index: tight}))
    resolved = without_delta(term, over) if kind is Sum else None
    if resolved is not None:
        return rectangular(resolved)
    return kind(rectangular(term), *over)


def _tightened(index: Index, body: Expr) -> Index:
    """The index without the positions at an end of its range that a condition on it alone leaves out; these ends stay in order."""
    lower, upper = index.lower, index.upper
    for fact in (fact.expand() for condition in in_cases(body)[0] for fact in facts_of(condition)[:1] if len(facts_of(condition)) == 1):
        slope = fact.coeff(index)
        rest = (fact - slope * index).expand()
        if abs(slope) != 1 or free_indices(rest) or _data(rest):
            continue
        ends = (-rest, upper) if slope == 1 else (lower, rest)
        if follows(ends[1] - ends[0] + 1, ()) and surely_within(ends[0], lower, upper + 1) and surely_within(ends[1], lower - 1, upper):
            lower, upper = ends
    return Index(index.name, lower, upper, index.level)


def _settled(term: Expr) -> Expr:
    """A case without the conditions that surely hold."""
    conditions, inside = in_cases(term)
    return masked(inside, (c for c in conditions if not surely(c)), 0)


def drawn_out(term: Basic) -> Basic:
    """The same value, with numbers and common signs in front of sums."""
    if isinstance(term, Index) or not term.args:
        return term
    arguments = [drawn_out(a) for a in term.args]
    if not isinstance(term, Sum):
        return term if arguments == list(term.args) else term.func(*arguments)
    number, body = arguments[0].as_coeff_Mul(rational=True)
    if isinstance(body, Add) and all(part.could_extract_minus_sign() for part in body.args):
        number, body = -number, -body
    return number * Sum(body, term.index)


def rectangular_axes(axes: Axes) -> tuple[dict[Index, Index], list[Relational]]:
    """Whole ranges for the indices of an array, and the conditions that tell its own entries from the rest."""
    swap: dict[Index, Index] = {}
    masks: list[Relational] = []
    for index in axes:
        swap[index], conditions = widened(replace(index, swap))
        masks += conditions
    return swap, masks


def masked(term: Expr, conditions: Iterable[Relational], neutral: Given) -> Expr:
    """The term where all conditions hold, and elsewhere what changes nothing."""
    for condition in reversed(list(conditions)):
        term = Where(condition, term, neutral)
    return term


def unmasked(term: Basic, zeros: Zeros) -> Basic:
    """The same value, without the conditions outside of which an array in the product under them is 0 anyway."""
    if isinstance(term, Index) or not term.args:
        return term
    arguments = [unmasked(a, zeros) for a in term.args]
    term = term if arguments == list(term.args) else term.func(*arguments)
    conditions, inside = in_cases(term)
    if not conditions or not all(map(_stays_finite, Mul.make_args(inside))):
        return term
    known = {fact.expand() for factor in Mul.make_args(inside) for fact in _facts_outside(factor, zeros)}
    return masked(inside, (c for c in conditions if not facts_of(c) or {f.expand() for f in facts_of(c)} - known), 0)


def _facts_outside(factor: Expr, zeros: Zeros) -> list[Expr]:
    """What holds wherever an entry is not 0."""
    key, node = (Total, factor.args[1]) if isinstance(factor, Total) else (Element, factor)
    if not isinstance(node, Element) or (key, node.head) not in zeros:
        return []
    axes, conditions = zeros[key, node.head]
    return [fact for c in conditions for fact in facts_of(replace(c, dict(zip(axes, node.at, strict=True))))]


def _stays_finite(factor: Basic) -> bool:
    """Whether a factor is made of entries by sums and products only."""
    if isinstance(factor, (Element, Total, Index)) or not factor.args:
        return True
    is_power = isinstance(factor, Pow) and factor.exp.is_Integer and factor.exp > 0
    return (is_power or isinstance(factor, (Add, Mul, Sum, Where, Relational))) and all(map(_stays_finite, factor.args))


def widened(index: Index) -> tuple[Index, list[Relational]]:
    """The index over the union of its ranges, and the conditions under which it is in its own."""
    if free_indices(index) == {index} and not _data(index.lower) | _data(index.upper):
        return index, []
    whole = Index(index.name, _end(index, index.lower, False), _end(index, index.upper, True), index.level)
    below = [Ge(whole, index.lower)] if whole.lower != index.lower else []
    above = [Le(whole, index.upper)] if whole.upper != index.upper else []
    return whole, below + above


def _end(index: Index, bound: Expr, upper: bool) -> Expr:
    """The largest value that a bound takes, or the least."""
    if _data(bound):
        raise unlowerable(index, "its range depends on data")
    while free := sorted(free_indices(bound), key=lambda i: -len(free_indices(i))):
        slope = bound.expand().coeff(free[0])
        if not slope.is_number or not slope or free[0] in free_indices((bound - slope * free[0]).expand()) - free_indices(free[0]):
            raise unlowerable(index, "its range depends on another index in other than a linear way")
        bound = replace(bound, {free[0]: free[0].upper if (slope > 0) == upper else free[0].lower}).expand()
    return bound


def _data(bound: Expr) -> set[Element]:
    return {part for part in subterms(bound) if isinstance(part, Element)}


def without_delta(body: Expr, over: list[Index]) -> Expr | None:
    """Σ_i δ(i, p) e(i) = e(p), under what is left of the sums; None where no delta does that.

    Where p may leave the range of i, e(p) counts inside it only.
    """
    conditions, inside = in_cases(body)
    factors = Mul.make_args(inside)
    found = [(d, i, p) for d in factors if isinstance(d, Delta) for i in over if (p := _fixed_at(d, i)) is not None]
    for delta, index, position in sorted(found, key=lambda row: not surely_within(row[2], row[1].lower, row[1].upper)):
        rest = replace(Mul(*(f for f in factors if f is not delta)), {index: position})
        held = [replace(c, {index: position}) for c in conditions]
        if not surely_within(position, index.lower, index.upper):
            held += [Ge(position, index.lower), Le(position, index.upper)]
        left = [i for i in over if i != index]
        return Sum(masked(rest, held, 0), *left) if left else masked(rest, held, 0)
    return None


def _fixed_at(delta: Delta, index: Index) -> Expr | None:
    """The position of an index at which a delta is 1, if that is one whole number whatever the rest is; else None."""
    difference = (delta.args[0] - delta.args[1]).expand()
    slope = difference.coeff(index)
    rest = (difference - slope * index).expand()
    return -rest * slope if abs(slope) == 1 and index not in free_indices(rest) else None
