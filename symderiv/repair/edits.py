"""Small edits of a term, one row a kind: how hand derivations go wrong, and so also how they are repaired."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace as with_changes

from sympy import Add, Expr, Mul, Pow, Rational, Symbol

from symderiv.language.program import Program
from symderiv.language.terms import Apply, Element, Index, Over, Partial, Sum, Total, Where, free_indices, replace


@dataclass(frozen=True)
class Scope:
    """What an edit may put in: the names of a program, and the indices that are in sight."""

    program: Program
    indices: tuple[Index, ...]


def scope_of(program: Program, *terms: Expr) -> Scope:
    """The scope of a step: the program, and the indices that its members use free."""
    free = frozenset().union(*(free_indices(t) for t in terms))
    return Scope(program, tuple(sorted(free, key=lambda i: (i.level, i.name))))


def edited(term: Expr, scope: Scope) -> Iterator[tuple[str, Expr]]:
    """Every term that is one edit away, with the name of the edit; each once."""
    seen = {term}
    for name, new in _edited(term, scope):
        if new not in seen:
            seen.add(new)
            yield name, new


def _edited(term: Expr, scope: Scope) -> Iterator[tuple[str, Expr]]:
    for name, row in EDITS.items():
        for new in row(term, scope):
            yield name, new
    inside = with_changes(scope, indices=(*scope.indices, term.index)) if isinstance(term, Over) else scope
    for n in open_arguments(term):
        for name, new in _edited(term.args[n], inside):
            args = (*term.args[:n], new, *term.args[n + 1 :])
            yield name, type(term)(*args) if isinstance(term, Over) else term.func(*args)


def open_arguments(term: Expr) -> range:
    """The arguments that are terms of their own: not a sum's index, not what a derivative or an element is of."""
    if isinstance(term, (Total, Partial, Element)):
        return range(0)
    if isinstance(term, Apply):
        return range(1, 2)
    if isinstance(term, Where):
        return range(1, 3)
    return range(1) if isinstance(term, (Over, Pow)) else range(len(term.args))


def _sign(term: Expr, scope: Scope) -> Iterator[Expr]:
    if not isinstance(term, (Index, Rational)):
        yield -term


def _factor(term: Expr, scope: Scope) -> Iterator[Expr]:
    if isinstance(term, Mul):
        yield from (Mul(*term.args[:n], *term.args[n + 1 :]) for n in range(len(term.args)))
        yield 2 * term
    elif isinstance(term, Rational) and term not in (0, 1, -1):
        yield term + 1


def _addend(term: Expr, scope: Scope) -> Iterator[Expr]:
    if isinstance(term, Add):
        yield from (Add(*term.args[:n], *term.args[n + 1 :]) for n in range(len(term.args)))


def _exponent(term: Expr, scope: Scope) -> Iterator[Expr]:
    if isinstance(term, Pow):
        base, exponent = term.args
        yield from (Pow(base, exponent + 1), Pow(base, -exponent), base)
    elif isinstance(term, Element):
        yield term**2


def _branches(term: Expr, scope: Scope) -> Iterator[Expr]:
    if isinstance(term, Where):
        condition, then, otherwise = term.args
        yield Where(condition, otherwise, then)


def _dropped_sum(term: Expr, scope: Scope) -> Iterator[Expr]:
    if isinstance(term, Over):
        yield replace(term.body, {term.index: term.index.at(0)})


def _added_sum(term: Expr, scope: Scope) -> Iterator[Expr]:
    if isinstance(term, (Mul, Element, Total, Partial)):
        yield from (Sum(term, i) for i in sorted(free_indices(term), key=lambda i: (i.level, i.name)))


def _index(term: Expr, scope: Scope) -> Iterator[Expr]:
    if isinstance(term, (Element, Total, Partial)):
        for index in sorted(free_indices(term), key=lambda i: (i.level, i.name)):
            for other in scope.indices:
                if other != index and (other.lower, other.upper) == (index.lower, index.upper):
                    yield replace(term, {index: other})


def _symbol(term: Expr, scope: Scope) -> Iterator[Expr]:
    """A scalar or an element for another of the same shape; a derivative w.r.t. one for that w.r.t. another."""
    if isinstance(term, Total):
        yield from (Total(term.args[0], other) for other in _alike(term.args[1], scope))
    elif isinstance(term, (Symbol, Element)):
        yield from _alike(term, scope)


def _alike(term: Expr, scope: Scope) -> Iterator[Expr]:
    head = term.head if isinstance(term, Element) else term
    variable = scope.program.variable(head)
    variables = (*scope.program.inputs, *(e.variable for e in scope.program.equations if e.head not in scope.program.opaque))
    for other in variables:
        if variable is not None and other.head != head and _ranges(other.indices) == _ranges(variable.indices):
            yield Element(other.head, *term.at) if isinstance(term, Element) else other.head


def _ranges(indices: tuple[Index, ...]) -> list[tuple[Expr, Expr]]:
    return [(i.lower, i.upper) for i in indices]


EDITS: dict[str, Callable[[Expr, Scope], Iterator[Expr]]] = {
    "sign":        _sign,
    "factor":      _factor,
    "addend":      _addend,
    "exponent":    _exponent,
    "branches":    _branches,
    "dropped sum": _dropped_sum,
    "added sum":   _added_sum,
    "index":       _index,
    "symbol":      _symbol,
}  # fmt: skip
