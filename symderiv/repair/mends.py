"""Small changes that can mend a wrong member of a step, one row a kind, the likeliest kinds first.

A row takes a term and what is in sight, and gives (what was there, what stands there now, the new term). Either of the
first two is none where something is lost or too many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace as with_changes
from functools import lru_cache
from itertools import combinations, islice, product
from typing import TypeAlias

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, cos, exp, sin, sqrt, tanh

from symderiv.language.functions import sigmoid
from symderiv.language.program import Program, Variable, head_of
from symderiv.language.terms import (
    Delta,
    Determinant,
    Element,
    Index,
    Inverse,
    Label,
    Over,
    Partial,
    Sum,
    Total,
    Where,
    free_indices,
    replace,
    subterms,
)
from symderiv.repair.edits import open_arguments

MOST_PLACES = 12  # at which one name is tried
MOST_PARTS = 40

Part: TypeAlias = Expr | None
Changed = tuple[Part, Part, Expr]


@dataclass(frozen=True)
class Sight:
    """What a change may put in: the names of a program at the indices in sight, derivatives of objectives, and parts of the step."""

    program: Program
    indices: tuple[Index, ...]
    objectives: tuple[Symbol, ...] = ()
    parts: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class Mend:
    """A whole member, changed: the kind of change, the part that was there, the part that stands there now, how deep that is."""

    kind: str
    term: Expr
    was: Part
    now: Part
    depth: int


Row = Callable[[Expr, Sight], Iterable[Changed]]
Rows = dict[str, Row]


def sight_of(program: Program, *members: Expr) -> Sight:
    """What is in sight in a step."""
    free = frozenset().union(*map(free_indices, members))
    all_parts = [part for member in members for part in subterms(member)]
    objectives = dict.fromkeys(p.args[0] for p in all_parts if isinstance(p, Total) and isinstance(p.args[0], Symbol))
    factors = dict.fromkeys(f for p in all_parts if isinstance(p, Mul) for f in p.args if not f.is_number)
    return Sight(program, _in_order(free), tuple(objectives), tuple(factors)[:MOST_PARTS])


def mends(term: Expr, sight: Sight, rows: Rows) -> Iterator[Mend]:
    """Every term that is one change of the given kinds away, the likeliest kind first, each once."""
    seen = {term}
    for kind, row in rows.items():
        for mend in _within(kind, row, term, sight, 0):
            if mend.term not in seen:
                seen.add(mend.term)
                yield mend


def _within(kind: str, row: Row, term: Expr, sight: Sight, depth: int) -> Iterator[Mend]:
    for was, now, new in row(term, sight) if depth == 0 or row not in WHOLE else ():
        yield Mend(kind, new, was, now, depth)
    inside = with_changes(sight, indices=(*sight.indices, term.index)) if isinstance(term, Over) else sight
    for n in _open_arguments(term):
        for mend in _within(kind, row, term.args[n], inside, depth + 1):
            if isinstance(term, Over) and any(term.index in free_indices(i) for i in free_indices(mend.term) - {term.index}):
                continue  # a sum that was lost inside left an index whose range depends on this one
            args = (*term.args[:n], mend.term, *term.args[n + 1 :])
            yield with_changes(mend, term=type(term)(*args) if isinstance(term, Over) else term.func(*args))


def _open_arguments(term: Expr) -> range:
    """The arguments that can be changed on their own: no positions, not what a derivative or an entry is of."""
    return range(0) if isinstance(term, (Inverse, Determinant, Delta)) else open_arguments(term)


def _in_order(indices: Iterable[Index]) -> tuple[Index, ...]:
    return tuple(sorted(indices, key=lambda i: (i.level, i.name)))


def _summable(term: Expr) -> tuple[Index, ...]:
    """The free indices that a sum over a term can bind: no other range depends on them."""
    free = free_indices(term)
    return tuple(i for i in _in_order(free) if not any(i in free_indices(other) for other in free - {i}))


def _range(index: Index) -> tuple[Expr, Expr]:
    return index.lower, index.upper


@lru_cache(maxsize=1000)
def names_in_sight(sight: Sight) -> tuple[Expr, ...]:
    """Each name of the program at each choice of indices in sight, then the derivatives of the objectives w.r.t. these."""
    program = sight.program
    defined = (e.variable for e in program.equations if e.head not in program.opaque)
    variables = [v for v in (*program.inputs, *defined) if not isinstance(v.head, Label)]
    entries = [entry for v in variables for entry in islice(_entries(v, sight.indices), MOST_PLACES)]
    return (*entries, *(Total(f, e) for f in sight.objectives for e in entries if e != f))


def _entries(variable: Variable, indices: tuple[Index, ...]) -> Iterator[Expr]:
    if not variable.indices:
        yield variable.head
        return
    for at in product(*([i for i in indices if _range(i) == _range(own)] for own in variable.indices)):
        yield Element(variable.head, *at)


def _is_name(term: Expr) -> bool:
    return isinstance(term, (Element, Total, Partial, Delta)) or (isinstance(term, Symbol) and not term.is_number)


def _signs(term: Expr, sight: Sight) -> Iterator[Changed]:
    """One addend with the other sign; what a function is of too."""
    if isinstance(term, Add):
        yield from ((a, -a, term - 2 * a) for a in term.args)
    elif len(term.args) == 1 and not term.args[0].is_number and not isinstance(term.args[0], Index):
        (z,) = term.args
        yield z, -z, term.func(-z)


def _whole_sign(term: Expr, sight: Sight) -> Iterator[Changed]:
    yield term, -term, _negated(term)


def _negated(term: Expr) -> Expr:
    """The term with the other sign; what a Σ is over, where that has a minus sign."""
    inside = isinstance(term, Sum) and _has_minus(term.body)
    return Sum(_negated(term.body), term.index) if inside else -term


def _has_minus(term: Expr) -> bool:
    return _has_minus(term.body) if isinstance(term, Sum) else bool(term.could_extract_minus_sign())


def _name(term: Expr, sight: Sight) -> Iterator[Changed]:
    """A quantity for another, or a derivative for another; those of the same kind first."""
    yield from (changed for changed in _any_name(term, sight) if isinstance(changed[1], Total) == isinstance(term, (Total, Partial)))


def _any_name(term: Expr, sight: Sight) -> Iterator[Changed]:
    if _is_name(term):
        others = [o for o in names_in_sight(sight) if o != term]
        yield from ((term, o, o) for o in sorted(others, key=lambda o: _unlike(term, o)))
        if isinstance(term, Symbol) and term in sight.program.sizes:
            yield from ((term, s, s) for s in sight.program.sizes if s != term)


def _same_kind(term: Expr, sight: Sight) -> Iterator[Changed]:
    yield from (changed for changed in _any_name(term, sight) if type(changed[1]) is type(term))


def _unlike(one: Expr, other: Expr) -> tuple[bool, ...]:
    head, second = (t.args[1] if isinstance(t, (Total, Partial)) else t for t in (one, other))
    return (type(one) is not type(other), head_of(head) != head_of(second), free_indices(one) != free_indices(other))


def _everywhere(term: Expr, sight: Sight) -> Iterator[Changed]:
    """A name read for another wherever it occurs."""
    parts = [p for p in _open_subterms(term) if isinstance(p, (Element, Symbol)) and sight.program.variable(head_of(p))]
    program = sight.program
    variables = [v for v in (*program.inputs, *(e.variable for e in program.equations)) if v.head not in program.opaque]
    for head in dict.fromkeys(map(head_of, parts)):
        own = program.variable(head)
        places = list(dict.fromkeys(p for p in parts if head_of(p) == head))
        for other in variables:
            fits = not other.indices or list(map(_range, other.indices)) == list(map(_range, own.indices if own else ()))
            if sum(p in places for p in parts) > 1 and other.head != head and fits:
                swap = [(p, Element(other.head, *p.at) if other.indices else other.head) for p in places]
                yield places[0], swap[0][1], _swapped(term, dict(swap))


def _open_subterms(term: Expr) -> Iterator[Expr]:
    yield term
    for n in _open_arguments(term):
        yield from _open_subterms(term.args[n])


def _swapped(term: Expr, swap: dict[Expr, Expr]) -> Expr:
    """The term with parts replaced, bound indices as they are, and derivatives left alone."""
    if term in swap:
        return swap[term]
    places = _open_arguments(term)
    args = [_swapped(a, swap) if n in places else a for n, a in enumerate(term.args)]
    return type(term)(*args) if isinstance(term, Over) else term.func(*args) if args else term


def _renamed(term: Expr, sight: Sight) -> Iterator[Changed]:
    """Another index throughout."""
    if not isinstance(term, (Index, Symbol)):
        for i in _in_order(free_indices(term)):
            yield from ((i, j, replace(term, {i: j})) for j in sight.indices if j != i and _range(i) == _range(j))


def _exchanged(term: Expr, sight: Sight) -> Iterator[Changed]:
    """Two indices exchanged throughout."""
    for i, j in combinations(_in_order(free_indices(term)), 2):
        if _range(i) == _range(j):
            yield i, j, replace(term, {i: j, j: i})


def _turned(term: Expr, sight: Sight) -> Iterator[Changed]:
    """An entry of the transposed matrix, where the other kind of index fits; a delta or a matrix with its indices exchanged."""
    if isinstance(term, Element) and len(term.at) == 2:
        new = Element(term.head, *reversed(term.at))
        yield term, new, new


def _lost_sum(term: Expr, sight: Sight) -> Iterator[Changed]:
    if not isinstance(term, (Rational, Index, Delta)):
        number, rest = term.as_coeff_Mul() if isinstance(term, Mul) else (Integer(1), term)
        yield from ((None, i, number * Sum(rest, i)) for i in _summable(term))


def _extra_sum(term: Expr, sight: Sight) -> Iterator[Changed]:
    if isinstance(term, Over):
        at = dict.fromkeys([term.index.at(0), *(j for j in sight.indices if _range(j) == _range(term.index))])
        yield from ((term.index, None, replace(term.body, {term.index: j})) for j in at)


def _extra_factor(term: Expr, sight: Sight) -> Iterator[Changed]:
    if isinstance(term, Mul):
        yield from ((f, None, Mul(*term.args[:n], *term.args[n + 1 :])) for n, f in enumerate(term.args) if f != -1)


def _numbers(sight: Sight) -> list[Expr]:
    sizes = sight.program.sizes
    return [Integer(2), Rational(1, 2), *(1 / s for s in sizes), *sizes, *(n for k in SMALL[2:] for n in (k, 1 / k))]


def _lost_number(term: Expr, sight: Sight) -> Iterator[Changed]:
    """A lost 2, 1/2, 1/m or m."""
    if not isinstance(term, (Index, Rational)):
        yield from ((None, c, c * term) for c in _numbers(sight))


def _lost_factor(term: Expr, sight: Sight) -> Iterator[Changed]:
    """A lost name, or a lost factor that the step has elsewhere."""
    places = term.args if isinstance(term, Add) else ()
    for n, addend in enumerate(places):
        for factor in _factors(sight):
            yield None, factor, Add(*places[:n], factor * addend, *places[n + 1 :])
    if isinstance(term, Over):
        inside = with_changes(sight, indices=(*sight.indices, term.index))
        yield from ((None, f, type(term)(f * term.body, term.index)) for f in _factors(inside))


def _whole_factor(term: Expr, sight: Sight) -> Iterator[Changed]:
    yield from ((None, f, f * term) for f in _factors(sight))


def _factors(sight: Sight) -> list[Expr]:
    known = [p for p in sight.parts if free_indices(p) <= set(sight.indices)]
    found = [f for f in dict.fromkeys((*names_in_sight(sight), *known)) if not isinstance(f, Sum)]
    return [*found, *(1 / f for f in found if not isinstance(f, Total))]


def _number(term: Expr, sight: Sight) -> Iterator[Changed]:
    """A number for another."""
    if isinstance(term, Rational) and abs(term) not in (0, 1):
        small = [n if term > 0 else -n for n in SMALL]
        others = dict.fromkeys((*small, term + 1, term - 1, 2 * term, term / 2, 1 / term, term**2))
        yield from ((term, o, o) for o in others if o not in (0, term))


def _delta(term: Expr, sight: Sight) -> Iterator[Changed]:
    """A delta read as 1, or lost."""
    if isinstance(term, (Rational, Element, Total)) and term not in (0, -1):
        pairs = combinations(_in_order(sight.indices), 2)
        yield from ((None, Delta(i, j), term * Delta(i, j)) for i, j in pairs if _range(i) == _range(j))


def _exponent(term: Expr, sight: Sight) -> Iterator[Changed]:
    if isinstance(term, Pow):
        base, e = term.args
        half = Rational(1, 2)
        for new in dict.fromkeys((-e, e + 1, e - 1, 2 * e, e / 2, e + half, e - half)) if e.is_Rational else (-e, e + 1, e - 1):
            if new != e:
                yield term, Pow(base, new), Pow(base, new)
    elif not isinstance(term, (Rational, Mul, Index)) and not (isinstance(term, Symbol) and term.is_integer):
        yield from ((term, new, new) for new in (term**2, 1 / term, sqrt(term)))


def _branches(term: Expr, sight: Sight) -> Iterator[Changed]:
    if isinstance(term, Where):
        new = Where(term.args[0], term.args[2], term.args[1])
        yield term, new, new


def _merged(term: Expr, sight: Sight) -> Iterator[Changed]:
    """A name, or a part of the step, in place of two factors, or of one factor that is no name."""
    if isinstance(term, Mul):
        places = [n for n, f in enumerate(term.args) if f != -1]
        for chosen in (*combinations(places, 2), *((n,) for n in places if not _is_name(term.args[n]))):
            was = Mul(*(term.args[n] for n in chosen))
            rest = Mul(*(f for n, f in enumerate(term.args) if n not in chosen))
            yield from ((was, new, new * rest) for new in names_in_sight(sight) if new != was)


def _square(term: Expr, sight: Sight) -> Iterator[Changed]:
    """A square in place of a product with another name."""
    if isinstance(term, Pow) and term.args[1] == 2:
        base = term.args[0]
        yield from ((base, other, base * other) for other in names_in_sight(sight) if other != base)


def _extra_term(term: Expr, sight: Sight) -> Iterator[Changed]:
    if isinstance(term, Add):
        yield from ((a, None, term - a) for a in term.args)


def _is_below(factor: Expr) -> bool:
    """Whether a factor stands below the line of a fraction."""
    return isinstance(factor, Pow) and bool(factor.args[1].could_extract_minus_sign())


def _lost_term(term: Expr, sight: Sight) -> Iterator[Changed]:
    """A lost name or 1, with either sign; above a line, what is there with the sign it has."""
    if not isinstance(term, (Rational, Index, Pow)):
        outside = Mul(*(f for f in term.args if f.is_Rational or _is_below(f))) if isinstance(term, Mul) else Integer(1)
        signed = [s * new for new in (Integer(1), *names_in_sight(sight)) for s in (1, -1)]
        yield from ((None, new, outside * (term / outside + new)) for new in signed)


def _function(term: Expr, sight: Sight) -> Iterator[Changed]:
    if type(term) in SAME_SHAPE:
        yield from ((term, new, new) for kind in SAME_SHAPE if kind is not type(term) for new in [kind(term.args[0])])


def _reach(term: Expr, sight: Sight) -> Iterator[Changed]:
    """A Σ that takes in less than it should, or some factors of a product inside a Σ that was lost."""
    if isinstance(term, Mul):
        for s in (f for f in term.args if isinstance(f, Sum)):
            rest = Mul(*(f for f in term.args if f is not s))
            for i in _summable(rest):
                if _range(i) == _range(s.index):
                    new = Sum(replace(s.body, {s.index: i}) * rest, i)
                    yield term, new, new
        for i in _summable(term):
            inside = [f for f in term.args if i in free_indices(f)]
            for count in range(1, len(inside)):
                for chosen in combinations(inside, count):
                    new = Sum(Mul(*chosen), i)
                    yield Mul(*chosen), new, new * Mul(*(f for f in term.args if f not in chosen))


SMALL = (Integer(1), Integer(2), Integer(3), Integer(4))
SAME_SHAPE = (exp, sin, cos, tanh, sigmoid)
WHOLE = (_whole_sign, _everywhere, _whole_factor)  # for a whole member only

FIRST: Rows = {
    "sign of all":    _whole_sign,
    "sign":           _signs,
    "name":           _name,
    "everywhere":     _everywhere,
    "transposed":     _turned,
    "index":          _renamed,
    "exchanged":      _exchanged,
    "lost sum":       _lost_sum,
    "extra sum":      _extra_sum,
    "extra factor":   _extra_factor,
    "number":         _number,
    "lost number":    _lost_number,
    "lost delta":     _delta,
    "exponent":       _exponent,
    "branches":       _branches,
}  # fmt: skip
SECOND: Rows = {
    "extra term":     _extra_term,
    "merged":         _merged,
    "square":         _square,
}  # fmt: skip
THIRD: Rows = {
    "lost factor":    _lost_factor,
    "factor of all":  _whole_factor,
    "function":       _function,
    "reach":          _reach,
}  # fmt: skip
FOURTH: Rows = {
    "other name":     _any_name,
    "lost term":      _lost_term,
}  # fmt: skip
OF_A_NAME: Rows = {"name": _same_kind, "index": _renamed, "exchanged": _exchanged}
