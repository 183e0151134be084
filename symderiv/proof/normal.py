"""From terms to the normal form: one row a kind of term."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from flint import fmpq
from sympy import Abs, Add, Basic, Expr, Integer, Max, Min, Mul, Pow, Rational, S, Symbol, UnevaluatedExpr, cos, exp, log, pi, sign, sin
from sympy.core.relational import Relational

from symderiv.errors import TermError
from symderiv.language.functions import KINDS, ROW_OF, Sign, relu
from symderiv.language.terms import Apply, Beyond, Delta, Determinant, Element, Index, Inverse, Label, Product, Sum, Where
from symderiv.proof.context import Context
from symderiv.proof.flags import atleast, case_of, delta, positive_part, signum, step, zero
from symderiv.proof.functions import cosine_of, exp_of, inverse, log_of, log_of_absolute, odd, product_over, sine_of, unknown, whole_power
from symderiv.proof.poly import Gen, Kind, Poly, number, single, total
from symderiv.proof.powers import absolute, by_cases, mul, power, product_of
from symderiv.proof.replacing import position
from symderiv.proof.summing import sigma


def normal(term: Expr, algebra: Context) -> Poly:
    """The normal form of a term without derivatives.

    Fails when the term has a kind that has no row here, or leaves the caps of the algebra.
    """
    known = algebra.record.forms if term.args and algebra.is_plain else {}
    if term in known:
        return known[term]
    for kind in type(term).__mro__:
        if kind in ROWS:
            known[term] = ROWS[kind](term, algebra)
            return known[term]
    raise TermError(f"{type(term).__name__} has no normal form: {term}")


def index_gen(index: Index, a: Context) -> Gen:
    """An index as a generator; a bound one carries its level, so that it differs from a free one of the same name."""
    name = f"{index.name}@{index.level}" if index.level else index.name
    return Gen(Kind.INDEX, name, (normal(index.lower, a), normal(index.upper, a)))


def entry_gen(head: Symbol, at: tuple[Poly, ...], a: Context) -> Gen:
    """An entry of an array."""
    return Gen(Kind.ELEMENT, head.name, at, sign=_sign(head), bounds=_bounds(head, a))


def _sign(symbol: Symbol) -> Sign:
    if symbol.is_integer and symbol.is_positive:
        return Sign.COUNT
    return Sign.POSITIVE if symbol.is_positive else Sign.NOT_NEGATIVE if symbol.is_nonnegative else Sign.UNKNOWN


def _bounds(symbol: Symbol, a: Context) -> tuple[Poly, ...]:
    return (normal(symbol.lower, a), normal(symbol.upper, a)) if isinstance(symbol, Label) else ()


def _number(term: Expr, a: Context) -> Poly:
    return number(fmpq(int(term.p), int(term.q)))


def _symbol(term: Symbol, a: Context) -> Poly:
    return single(Gen(Kind.SCALAR, term.name, sign=_sign(term), bounds=_bounds(term, a)))


def _element(term: Element, a: Context) -> Poly:
    return single(entry_gen(term.head, tuple(normal(p, a) for p in term.at), a))


def _apply(term: Apply, a: Context) -> Poly:
    return unknown(a, f"{term.order}:{term.head.name!r}:", normal(term.args[1], a))


def _power(term: Pow, a: Context) -> Poly:
    base, exponent = term.args
    if exponent.is_Rational:
        return power(a, normal(base, a), Fraction(int(exponent.p), int(exponent.q)))
    if exponent.is_integer:
        return whole_power(a, normal(base, a), normal(exponent, a))
    return exp_of(a, mul(a, normal(exponent, a), log_of(a, normal(base, a))))


def _sum(term: Sum, a: Context) -> Poly:
    indices = [index_gen(term.index, a)]
    while isinstance(term.body, Sum):
        term = term.body
        indices.append(index_gen(term.index, a))
    return sigma(a, tuple(indices), normal(term.body, a))


def _where(term: Where, a: Context) -> Poly:
    condition, then, otherwise = term.args
    beyond = isinstance(condition.lhs, Beyond)  # of a slope, both sides are asked to have a value
    inside = a if beyond else a.case
    on, off = normal(then, inside), normal(otherwise, inside)
    if a.closed and beyond:
        return case_of(a, "beyond", normal(condition.lhs.args[0], a), on, off)
    if a.closed and not _is_whole(condition):
        z = normal(condition.lhs, a) - normal(condition.rhs, a)
        relation, sign, negated = COMPARISONS[type(condition).__name__]
        return case_of(a, relation, z.scaled(sign), *((off, on) if negated else (on, off)))
    holds = indicator(condition, a)
    return mul(a, holds, on) + mul(a, number(1) - holds, off)


COMPARISONS = {
    # by the sign of a difference, times what; whether it is the opposite
    "Equality": ("=", 1, False),
    "Unequality": ("=", 1, True),
    "StrictGreaterThan": (">", 1, False),
    "StrictLessThan": (">", -1, False),
    "GreaterThan": (">", -1, True),
    "LessThan": (">", 1, True),
}


def _is_whole(condition: Relational) -> bool:
    return bool(condition.lhs.is_integer and condition.rhs.is_integer)


def indicator(condition: Relational, a: Context) -> Poly:
    """[condition], as 0 or 1."""
    if isinstance(condition.lhs, Beyond):
        return normal(condition.lhs, a)
    relation, sign, negated = COMPARISONS[type(condition).__name__]
    z = (normal(condition.lhs, a) - normal(condition.rhs, a)).scaled(sign)
    if relation == ">" and _is_whole(condition):
        return by_cases(a, z.scaled(-1) if negated else z - number(1), atleast)
    holds = step(a, z) if relation == ">" else by_cases(a, z, delta) if _is_whole(condition) else zero(a, z)
    return number(1) - holds if negated else holds


def _log(term: Expr, a: Context) -> Poly:
    inside = term.args[0]
    return log_of_absolute(a, normal(inside.args[0], a)) if isinstance(inside, Abs) else log_of(a, normal(inside, a))


def _beyond(z: Poly, a: Context) -> Poly:
    return case_of(a, "beyond", z, number(1), number(0)) if a.closed else step(a, z)


def applied(kind: type[Basic], z: Poly, a: Context) -> Poly:
    """A function of what is in normal form: by laws of its own, by its value in other functions, or as one thing."""
    if kind in WITH_LAWS:
        return WITH_LAWS[kind](a, z)
    if kind in VALUES:
        return _valued(VALUES[kind], z, a)
    return odd(a, Kind.FUNCTION, z, ROW_OF[kind].parity, kind.__name__)


def _valued(value: Expr, z: Poly, a: Context) -> Poly:
    """A function's value in others, with a normal form in the place of its argument: so no law of SymPy looks into that."""
    if value == ARGUMENT:
        return z
    if value.is_Rational:
        return number(fmpq(int(value.p), int(value.q)))
    first, *others = (_valued(part, z, a) for part in value.args)
    if isinstance(value, Pow):
        return power(a, first, Fraction(int(value.exp.p), int(value.exp.q)))
    if isinstance(value, (Add, Mul)):
        return total((first, *others)) if isinstance(value, Add) else product_of(a, (first, *others))
    return applied(type(value), first, a)


def _extremum(term: Expr, a: Context, flip: int) -> Poly:
    first, *rest = (normal(arg, a) for arg in term.args)
    for other in rest:
        first = first + positive_part(a, (other - first).scaled(flip)).scaled(flip)
    return first


ARGUMENT = Symbol("z", real=True)
VALUES: dict[type[Basic], Expr] = {kind: value(ARGUMENT) for kind in KINDS if (value := ROW_OF[kind].value) is not None}
WITH_LAWS: dict[type[Basic], Callable[[Context, Poly], Poly]] = {
    exp:  exp_of,
    log:  log_of,
    sin:  sine_of,
    cos:  cosine_of,
    relu: positive_part,
    Abs:  absolute,
    sign: signum,
}  # fmt: skip
ROWS: dict[type[Basic], Callable[[Expr, Context], Poly]] = {
    Rational:        _number,
    Integer:         _number,
    type(pi):        lambda t, a: single(Gen(Kind.CONSTANT, "π")),
    type(S.Exp1):    lambda t, a: exp_of(a, number(1)),
    Symbol:          _symbol,
    Index:           lambda t, a: position(index_gen(t, a)),
    Element:         _element,
    Add:             lambda t, a: total(normal(x, a) for x in t.args),
    Mul:             lambda t, a: product_of(a, (normal(x, a) for x in t.args)),
    Pow:             _power,
    UnevaluatedExpr: lambda t, a: normal(t.args[0], a),
    Sum:             _sum,
    Product:         lambda t, a: product_over(a, index_gen(t.index, a), normal(t.body, a)),
    Apply:           _apply,
    Delta:           lambda t, a: by_cases(a, normal(t.args[0], a) - normal(t.args[1], a), delta),
    Where:           _where,
    Inverse:         lambda t, a: inverse(a, t.head.name, *(normal(p, a) for p in t.at)),
    Determinant:     lambda t, a: single(Gen(Kind.DETERMINANT, t.head.name)),
    Beyond:          lambda t, a: _beyond(normal(t.args[0], a), a),
    Max:             lambda t, a: _extremum(t, a, 1),
    Min:             lambda t, a: _extremum(t, a, -1),
    **{kind: lambda t, a: applied(type(t), normal(t.args[0], a), a) for kind in KINDS},
    log:             _log,
}  # fmt: skip
