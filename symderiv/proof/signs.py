"""What is shown of the sign of a term, wherever it has a value: a row a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sympy import Add, Basic, Expr, Mul, Pow, Rational, S, Symbol, UnevaluatedExpr, pi
from sympy.core.relational import Relational

from symderiv.language.functions import KINDS, ROW_OF, Sign, stop_gradient
from symderiv.language.positions import surely, surely_within
from symderiv.language.program import Program, head_of
from symderiv.language.terms import Delta, Element, Index, Product, Ranged, Sum, Where, free_indices, replace

SignOf = Callable[[Expr], Sign]
Kinds = type[Basic] | tuple[type[Basic], ...]


def never_zero(term: Basic, sign: SignOf) -> bool:
    """Whether a term is not 0 wherever it has a value. False is 'not shown'."""
    if isinstance(term, Pow) and term.exp.is_negative:
        return True  # where it has a value
    if term.is_number:
        return bool(term.is_nonzero)
    if isinstance(term, (Mul, Pow)):
        bases = term.args if isinstance(term, Mul) else term.args[:1]
        return all(never_zero(b, sign) for b in bases)
    head = head_of(term) if isinstance(term, (Symbol, Element)) else None
    return bool(head is not None and head.is_nonzero) or Sign.POSITIVE in (sign(-term), sign(term))


def signs(program: Program, unfold: Callable[[Symbol], bool]) -> SignOf:
    """What is shown of a term's sign, wherever it has a value."""
    known: dict[Symbol, Sign] = {}

    def of(term: Expr) -> Sign:
        if isinstance(term, (Symbol, Element)):
            head = head_of(term)
            if head not in known:
                known[head] = Sign.UNKNOWN  # what a recurrence may take of itself
                known[head] = of_name(head)
            return known[head]
        return next((row(term, of) for kind, row in SIGNS.items() if isinstance(term, kind)), Sign.UNKNOWN)

    def of_name(head: Symbol) -> Sign:
        if head.is_positive or head.is_nonnegative:
            return Sign.POSITIVE if head.is_positive else Sign.NOT_NEGATIVE
        equation = program.equation(head)
        return of(equation.body) if equation is not None and unfold(head) and head not in program.opaque else Sign.UNKNOWN

    return of


def _least(found: Iterable[Sign]) -> Sign:
    found = list(found)
    return Sign.UNKNOWN if Sign.UNKNOWN in found else Sign.NOT_NEGATIVE if Sign.NOT_NEGATIVE in found else Sign.POSITIVE


def _of_sum(term: Expr, of: SignOf) -> Sign:
    found = of(term.body)
    if isinstance(term.body, Where) and of(term.body.args[1]) is Sign.POSITIVE and _holds_somewhere(term.body.args[0], term.index):
        return Sign.POSITIVE if of(term.body.args[2]) else Sign.UNKNOWN
    return found if surely_within(term.index.lower, term.index.lower, term.index.upper) else found and Sign.NOT_NEGATIVE


def _holds_somewhere(case: Relational, index: Index) -> bool:
    """Whether a comparison of positions holds for at least one position of an index."""
    for position in (index.lower, index.upper, case.lhs, case.rhs):
        if index not in free_indices(position) and surely_within(position, index.lower, index.upper):
            there = replace(case, {index: position})
            if there == True or (there != False and surely(there)):  # noqa: E712 (SymPy's own truth)
                return True
    return False


def _of_power(term: Expr, of: SignOf) -> Sign:
    base, exponent = term.args
    found = of(base)
    if found is Sign.POSITIVE:
        return Sign.POSITIVE
    return Sign.NOT_NEGATIVE if exponent.is_Rational and (not exponent.is_integer or exponent.p % 2 == 0 or found) else Sign.UNKNOWN


def _of_addition(term: Basic, of: SignOf) -> Sign:
    found = [of(a) for a in term.args]
    return _of_what_is_left(term, of) if Sign.UNKNOWN in found else Sign.POSITIVE if Sign.POSITIVE in found else Sign.NOT_NEGATIVE


def _of_what_is_left(term: Expr, of: SignOf) -> Sign:
    """The sign of a number and so many times what has bounds that it does not reach: 1 - sigmoid(z) and 1 + tanh(z) are positive."""
    left, rest = term.as_coeff_Add()
    for coefficient, part in (a.as_coeff_Mul() for a in Add.make_args(rest) if not of(a)):
        bound = _bounds(part, of)[0 if coefficient > 0 else 1]
        if bound is None:
            return Sign.UNKNOWN
        left += coefficient * bound
    return Sign.POSITIVE if left >= 0 else Sign.UNKNOWN


def _bounds(term: Expr, of: SignOf) -> tuple[Expr | None, Expr | None]:
    """Two numbers between which a term is: a function with bounds, an input so declared, a part over a sum with more in it."""
    head = head_of(term) if isinstance(term, (Symbol, Element)) else None
    if isinstance(head, Ranged):
        return head.lower, head.upper
    if type(term) in ROW_OF:
        return ROW_OF[type(term)].between
    if isinstance(term, Pow) and term.exp.is_Integer and term.exp.is_even and term.exp > 0:
        low, high = _bounds(term.base, of)
        return (None, None) if low is None or high is None else (None, max(-low, high) ** term.exp)
    below = [f.base for f in Mul.make_args(term) if isinstance(f, Pow) and f.exp == -1]
    above = Mul(*(f for f in Mul.make_args(term) if not (isinstance(f, Pow) and f.exp == -1)))
    is_part = len(below) == 1 and of(above) is Sign.POSITIVE and of(below[0] - above) is Sign.POSITIVE
    return (0, 1) if is_part else (None, None)


SIGNS: dict[Kinds, Callable[[Expr, SignOf], Sign]] = {
    Rational:        lambda t, of: Sign.POSITIVE if t > 0 else Sign.NOT_NEGATIVE if t == 0 else Sign.UNKNOWN,
    Index:           lambda t, of: Sign.POSITIVE if surely_within(t.lower, 1, t.lower) else Sign.UNKNOWN,
    Add:             _of_addition,
    Mul:             lambda t, of: _least(of(a) for a in t.args),
    Pow:             _of_power,
    Sum:             _of_sum,
    Where:           lambda t, of: _least(of(a) for a in t.args[1:]),
    Product:         lambda t, of: of(t.body),
    (UnevaluatedExpr, stop_gradient): lambda t, of: of(t.args[0]),
    (type(pi), type(S.Exp1)): lambda t, of: Sign.POSITIVE,
    Delta:           lambda t, of: Sign.NOT_NEGATIVE,
    **{kind: lambda t, of: ROW_OF[type(t)].sign for kind in KINDS if ROW_OF[kind].sign},
}  # fmt: skip
