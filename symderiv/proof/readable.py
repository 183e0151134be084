"""Normal forms as terms again, for readers: what is left of a difference that could not be shown to be zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from sympy import Add, Eq, Expr, Ge, Gt, I, Integer, Mul, Rational, Symbol, log, pi

from symderiv.language.functions import KINDS as OF_ONE
from symderiv.language.program import Program
from symderiv.language.terms import Apply, Delta, Determinant, Element, Index, Inverse, Product, Sum, Where, free_letter, replace, rewritten
from symderiv.proof.monomials import indices_in
from symderiv.proof.poly import Gen, Kind, Poly

MOST_TERMS = 3
MOST_PARTS = 500

Letters = Mapping[str, Index]


def readable(poly: Poly, program: Program, meant: Mapping[Symbol, Expr]) -> tuple[Expr | None, int]:
    """The first few terms of a polynomial as a term, and how many more there are. Nodes that stand for derivatives are written as these.

    None for what nobody could read: too deep in itself, or with the root or the log of a negative number, a multiple of i to SymPy.
    """
    monomials = sorted(poly.terms.items(), key=lambda term: (len(Poly(dict([term])).key), Poly(dict([term])).key))
    shown = Poly(dict(monomials[:MOST_TERMS]))
    if sum(1 for _ in islice(_parts(shown), MOST_PARTS)) == MOST_PARTS:
        return None, 0
    free = {g.key: Index(g.head.split("@")[0], 1, 1) for g in indices_in(shown) if g.key in shown.free}
    term = _term(shown, free, {head.name: (program, head, meaning) for head, meaning in meant.items()})
    return (None, 0) if term.has(I) else (term, max(0, len(monomials) - MOST_TERMS))


def _parts(poly: Poly) -> Iterator[Gen]:
    """Every generator, however deep, as often as it would be written."""
    for g, _ in (factor for m in poly.terms for factor in m):
        yield g
        for inner in (*g.args, *(a for v in g.vars for a in v.args)):
            yield from _parts(inner)


def spelled(term: Expr, program: Program, meant: Mapping[Symbol, Expr]) -> Expr:
    """A term with each node that stands for a derivative written as this."""

    def derivative(part: Any) -> Any:
        head, at = (part.head, part.at) if isinstance(part, Element) else (part, ())
        formal = getattr(program.variable(head), "indices", ()) if head in meant else None
        meaning = formal is not None and len(formal) == len(at)
        return replace(meant[head], dict(zip(formal or (), at, strict=True))) if meaning else None

    return rewritten(term, derivative)


def _term(poly: Poly, letters: Letters, meant: Mapping[str, Any]) -> Any:
    parts = []
    for m, c in poly.terms.items():
        factors = [_generator(g, letters, meant) ** Rational(e.numerator, e.denominator) for g, e in m]
        parts.append(Mul(Rational(int(c.p), int(c.q)), *factors))
    return sum(parts, start=Integer(0))


def _generator(g: Gen, letters: Letters, meant: Mapping[str, Any]) -> Any:
    if g.vars:
        inside = dict(letters)
        indices = []
        for v in g.vars:
            taken = {i.name for i in inside.values()}
            inside[v.key] = Index(free_letter(taken), *(_term(a, inside, meant) for a in v.args))
            indices.append(inside[v.key])
        return (Sum if g.kind is Kind.SUM else Product)(_term(g.args[0], inside, meant), *indices)
    if g.kind is Kind.INDEX:
        return letters[g.key]
    args = [_term(a, letters, meant) for a in g.args]
    if g.kind in (Kind.SCALAR, Kind.ELEMENT) and g.head in meant:
        program, head, meaning = meant[g.head]
        formal = program.variable(head).indices
        return replace(meaning, dict(zip(formal, args, strict=True)))
    return KINDS[g.kind](g, *args) if g.kind in KINDS else Symbol(g.key)


def _sides(z: Any) -> tuple[Any, Any]:
    """A comparison of z with 0 as one of two sums without signs."""
    below = [t for t in Add.make_args(z) if t.could_extract_minus_sign()]
    return z - Add(*below), -Add(*below)


def _applied(g: Gen, z: Any) -> Any:
    order, name, _ = g.head.split(":")
    return Apply(Symbol(name.strip("'")), z, int(order))


NAMED = {kind.__name__: kind for kind in OF_ONE}
FUNCTIONS = (Kind.EXP, Kind.LOG, Kind.SIN, Kind.COS, Kind.RELU)
KINDS: dict[Kind, Callable[..., Any]] = {
    Kind.SCALAR:          lambda g: Symbol(g.head),
    Kind.ELEMENT:         lambda g, *at: Element(Symbol(g.head), *at),
    Kind.CONSTANT:        lambda g: pi,
    Kind.PRIME:           lambda g: Integer(g.head),
    Kind.BASE:            lambda g, z: z,
    Kind.ROOT:            lambda g, z: z,
    Kind.OVER:            lambda g, z: 1 / z,
    Kind.POWER:           lambda g, base, e: base**e,
    **dict.fromkeys((Kind.FUNCTION, *FUNCTIONS), lambda g, z: NAMED[g.head or g.kind](z)),
    Kind.CLOSED_LOG:      lambda g, z: log(z),
    Kind.APPLY:           _applied,
    Kind.INVERSE:         lambda g, *at: Inverse(Symbol(g.head), *at),
    Kind.CLOSED_INVERSE:  lambda g, *at: Inverse(Symbol(g.head), *at),
    Kind.DETERMINANT:     lambda g: Determinant(Symbol(g.head)),
    Kind.STEP:            lambda g, z: Where(Gt(*_sides(z)), 1, 0),
    Kind.ZERO:            lambda g, z: Where(Eq(*_sides(z)), 1, 0),
    Kind.DELTA:           lambda g, z: Delta(*_sides(z)),
    Kind.ATLEAST:         lambda g, z: Where(Ge(*_sides(z)), 1, 0),
}  # fmt: skip
