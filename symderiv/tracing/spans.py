"""Between which numbers a term lies, for all sizes and inputs."""

from __future__ import annotations

from math import inf

from sympy import Add, Expr, Mul

from symderiv.language.terms import Delta, Element, Index, Label, Sum, Where
from symderiv.tracing.traced import Node

Span = tuple[float | None, float | None]


def span(term: Expr) -> Span:
    """The least and the greatest number that a term is sure to lie between; None where none is known."""
    low, high = _span(term)
    return (None if low == -inf else low), (None if high == inf else high)


def _span(term: Expr) -> tuple[float, float]:
    if term.is_Integer:
        return int(term), int(term)
    if isinstance(term, Where):
        (a, b), (c, d) = map(_span, term.args[1:])
        return min(a, c), max(b, d)
    if isinstance(term, Delta):
        return 0, 1
    if isinstance(term, Add):
        spans = list(map(_span, term.args))
        return sum(a for a, _ in spans), sum(b for _, b in spans)
    if isinstance(term, Mul):
        low, high = _span(term.args[0])
        for factor in term.args[1:]:
            ends = [_times(a, b) for a in (low, high) for b in _span(factor)]
            low, high = min(ends), max(ends)
        return low, high
    if isinstance(term, Sum):
        low, high = _span(term.args[0])
        return (0 if low >= 0 else -inf), (0 if high <= 0 else inf)
    return _of_name(term)


def _of_name(term: Expr) -> tuple[float, float]:
    head = getattr(term, "head", term)
    if isinstance(head, Node):
        return _span(head.body)
    if isinstance(head, (Index, Label)):
        return _span(head.lower)[0], _span(head.upper)[1]
    if isinstance(term, Element) or not getattr(term, "is_integer", None):
        return -inf, inf
    return (1, inf) if term.is_positive else (0, inf) if term.is_nonnegative else (-inf, inf)


def _times(a: float, b: float) -> float:
    return 0 if 0 in (a, b) else a * b
