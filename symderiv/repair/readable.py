"""Normal forms as terms again, for readers: what is left of a difference that could not be shown to be zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from sympy import Add, Eq, Expr, Ge, Gt, I, Integer, Mul, Rational, Symbol, log, pi

from symderiv.language.functions import KINDS as OF_ONE
from symderiv.language.program import Program
from symderiv.language.terms import Apply, Delta, Determinant, Element, Index, Inverse, Product, Sum, Where, free_letter
from symderiv.proof.adjoint import spelled
from symderiv.proof.monomials import indices_in
from symderiv.proof.poly import Gen, Kind, Poly

MOST_TERMS = 3
MOST_PARTS = 500

Letters = Mapping[Gen, Index]


def readable(poly: Poly, program: Program, meant: Mapping[Symbol, Expr]) -> tuple[Expr | None, int]:
    """The first few terms of a polynomial as a term, and how many more there are. Nodes that stand for derivatives are written as these.

    None for what nobody could read: too deep in itself, or with the root or the log of a negative number, a multiple of i to SymPy.
    """
    monomials = sorted(poly.terms.items(), key=lambda term: (len(Poly(dict([term])).key), Poly(dict([term])).key))
    shown = Poly(dict(monomials[:MOST_TERMS]))
    if sum(1 for _ in islice(_parts(shown), MOST_PARTS)) == MOST_PARTS:
        return None, 0
    free = {g: Index(g.head.split("@")[0], 1, 1) for g in indices_in(shown) if g in shown.free}
    term = spelled(_term(shown, free, {head.name: head for head in meant}), program, meant)
    return (None, 0) if term.has(I) else (term, max(0, len(monomials) - MOST_TERMS))


def _parts(poly: Poly) -> Iterator[Gen]:
    """Every generator, however deep, as often as it would be written."""
    for g, _ in (factor for m in poly.terms for factor in m):
        yield g
        for inner in (*g.args, *(a for v in g.vars for a in v.args)):
            yield from _parts(inner)


def _term(poly: Poly, letters: Letters, meant: Mapping[str, Symbol]) -> Expr:
    parts = []
    for m, c in poly.terms.items():
        factors = [_generator(g, letters, meant) ** Rational(e.numerator, e.denominator) for g, e in m]
        parts.append(Mul(Rational(int(c.p), int(c.q)), *factors))
    return sum(parts, start=Integer(0))


def _generator(g: Gen, letters: Letters, meant: Mapping[str, Symbol]) -> Expr:
    if g.vars:
        inside = dict(letters)
        indices = []
        for v in g.vars:
            taken = {i.name for i in inside.values()}
            inside[v] = Index(free_letter(taken), *(_term(a, inside, meant) for a in v.args))
            indices.append(inside[v])
        return (Sum if g.kind is Kind.SUM else Product)(_term(g.args[0], inside, meant), *indices)
    if g.kind is Kind.INDEX:
        return letters[g]
    args = [_term(a, letters, meant) for a in g.args]
    if g.kind in (Kind.SCALAR, Kind.ELEMENT) and g.head in meant:
        return Element(meant[g.head], *args) if args else meant[g.head]
    return KINDS[g.kind](g, *args) if g.kind in KINDS else Symbol(g.key)


def _sides(z: Expr) -> tuple[Expr, Expr]:
    """A comparison of z with 0 as one of two sums without signs."""
    below = [t for t in Add.make_args(z) if t.could_extract_minus_sign()]
    return z - Add(*below), -Add(*below)


def _applied(g: Gen, z: Expr) -> Expr:
    order, name, _ = g.head.split(":")
    return Apply(Symbol(name.strip("'")), z, int(order))


NAMED = {kind.__name__: kind for kind in OF_ONE}
FUNCTIONS = (Kind.EXP, Kind.LOG, Kind.SIN, Kind.COS, Kind.RELU)
KINDS: dict[Kind, Callable[..., Expr]] = {
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
