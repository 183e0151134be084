"""SymPy's operations on terms, without its habit to forget where a term has a value: `a/a` stays `a/a`, for it asks for a ≠ 0.

SymPy cancels at once, and what it leaves no longer says where it holds: `sqrt(a)**2` is `a`, `exp(log(a))` too, `0*log(a)` is 0. Who
makes terms from what somebody wrote makes them with `kept`: where the outcome asks for less than its parts do, one of them is held
back in a `Held`, which is its content in every other respect. Conditions are then found where all others are, in the term.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from operator import mul

from sympy import Add, Basic, Expr, I, Integer, Mul, Pow, S, Symbol, UnevaluatedExpr, false, true
from sympy.logic.boolalg import Boolean

from symderiv.language.functions import ROW_OF
from symderiv.language.terms import Beyond, Determinant, Element, Given, Inverse, Term, Where, replace


class Held(UnevaluatedExpr):
    """A term that SymPy leaves as it is.

    It commutes, which SymPy does not know of its own: a sum with what does not is not real to it. And it is not looked at as a number,
    whatever is put in it: what SymPy takes for a number and cannot work out cannot be compared.
    """

    is_commutative = True
    is_number = False


INFINITIES = (S.Infinity, S.NegativeInfinity)
Need = tuple[Expr, str]  # a term and its relation to 0: "!=", ">" or ">="; or a defined entry, and that it has a value: ""
Wanted = tuple[Expr, str, frozenset[Basic]]  # the same, where all these cases apply


def defined(name: str) -> Symbol:
    """The head of what a program defines: where it has a value, its definition says. SymPy keeps the mark among its assumptions."""
    return Symbol(name, real=True, defined=True)


def kept(make: Callable[..., Expr], *parts: Term) -> Expr:
    """What an operation makes of terms, in the first form that asks for all that the parts ask for, and is no complex number.

    `sqrt(-sqrt(a**2 + 1))` is a multiple of i for SymPy, whose square is real again: here it has no value.
    """
    if make is Where and parts[0] in (true, false):
        return make(*parts)  # a case that is not taken asks for nothing
    if any(map(_beside_infinity, parts)):
        return _of_infinity(make, parts)
    if make is Where:
        return make(*parts)  # which leaves all as it is
    wanted = wanted_by(*parts)
    made = make(*parts)
    if not wanted and not _is_complex(made):
        return made
    return next((form for form in _forms(make, parts) if _covers(form, wanted) and not _is_complex(form)), made)


def is_infinite(term: Expr) -> bool:
    """Whether a term is an infinity, or a sum with one."""
    return any(part in INFINITIES for part in Add.make_args(term))


def _beside_infinity(term: Term) -> tuple[Expr, ...]:
    """What stands in a sum with an infinity: it is nothing to the sum, but where it has no value the sum has none."""
    return tuple(part for part in term.args if part not in INFINITIES) if isinstance(term, Add) and is_infinite(term) else ()


def _of_infinity(make: Callable[..., Expr], parts: tuple[Term, ...]) -> Expr:
    """What an operation makes of infinities, beside 0 times what stood beside them. A comparison says nothing of that."""
    beside = [other for part in parts for other in _beside_infinity(part)]
    made = make(*(Add(*(a for a in part.args if a in INFINITIES)) if _beside_infinity(part) else part for part in parts))
    return made if isinstance(made, Boolean) else Add(made, *(Held(Integer(0)) * held(part) for part in beside))


def _is_complex(made: Basic) -> bool:
    """Whether an operation has just made a multiple of i, as of the root or the log of what is negative."""
    return any(part is I or (isinstance(part, Mul) and I in part.args) for part in (made, *getattr(made, "args", ())))


def quotient(above: Given, below: Given) -> Given:
    """A quotient, which has no value where its divisor is 0, whatever can be cancelled. One by 0 is left to SymPy."""
    made = above / below
    wanted = wanted_by(above, below) | frozenset((*need, frozenset[Basic]()) for need in _plain(released(below), "!="))
    return made if below == 0 or _covers(made, wanted) else kept(mul, above, 1 / held(below))


def replaced(term: Basic, swap: Mapping[Basic, Basic]) -> Basic:
    """Terms put in place of symbols, indices or elements, which could make something cancel: `x[i]/x[j]` at j = i."""
    return replace(term, swap, kept)


def held(part: Expr) -> Expr:
    """A term that SymPy leaves as it is."""
    return part if part.is_number else Held(part)


def released(term: Basic) -> Basic:
    """A term with nothing held back."""
    if not term.has(UnevaluatedExpr):
        return term
    inner = [released(a) for a in term.args]
    return inner[0] if isinstance(term, UnevaluatedExpr) else term.func(*inner)


def asked(part: Basic) -> Iterator[Need]:
    """What must hold for one operation, the outermost of a term, to have a value."""
    if isinstance(part, Pow):
        base, exponent = part.args
        if exponent.is_integer:
            if not exponent.is_nonnegative:
                yield released(base), "!="
        else:
            yield released(base), ">=" if exponent.is_Rational and exponent > 0 else ">"
    elif isinstance(part, Beyond):
        yield released(part.args[0]), "!="
    elif isinstance(part, Inverse):
        yield Determinant(part.head), "!="
    elif type(part) in ROW_OF and ROW_OF[type(part)].asks:
        yield released(part.args[0]), ROW_OF[type(part)].asks


@lru_cache(maxsize=50_000)
def needs(term: Basic) -> frozenset[Wanted]:
    """What must hold for a term to have a value, wherever in it that is asked for; what always holds is left out.

    What a branch of a case asks for is needed where that case applies, and says nothing of anywhere else.
    """
    own = frozenset((*need, frozenset[Basic]()) for found in asked(term) for need in _plain(*found))
    if isinstance(term, Where) and not isinstance(term.args[0].lhs, Beyond):
        case, then, otherwise = term.args
        return own | needs(case) | _where(case, needs(then)) | _where(case.negated, needs(otherwise))
    return own.union(*map(needs, term.args))


def _where(case: Basic, wanted: frozenset[Wanted]) -> frozenset[Wanted]:
    return frozenset((term, relation, cases | {case}) for term, relation, cases in wanted)


@lru_cache(maxsize=50_000)
def _defined(term: Basic) -> frozenset[Wanted]:
    """The entries of a term that a program defines."""
    head = term.head if isinstance(term, Element) else term
    own = [(term, "", frozenset[Basic]())] if isinstance(head, Symbol) and "defined" in head.assumptions0 else []
    return frozenset(own).union(*map(_defined, term.args))


def wanted_by(*parts: Expr) -> frozenset[Wanted]:
    """What parts ask for, and the defined entries in them."""
    return frozenset().union(*map(needs, parts), *map(_defined, parts))


def _forms(make: Callable[..., Expr], parts: tuple[Term, ...]) -> Iterator[Expr]:
    """The outcome as SymPy has it; with one part held back; with all; and, as nothing else is left, beside 0 times the parts."""
    yield (made := make(*parts))
    for k in reversed(range(len(parts))):
        yield make(*parts[:k], held(parts[k]), *parts[k + 1 :])
    yield make(*map(held, parts))
    yield Add(made, *(Held(Integer(0)) * held(part) for part in parts if wanted_by(part)))


def _covers(made: Expr, wanted: frozenset[Wanted]) -> bool:
    """Whether a term asks for all that is wanted, or for more: wherever that is wanted, or in more cases."""
    has = wanted_by(made)
    return all(need in has or _is_covered(need, has) for need in wanted)


def _is_covered(need: Wanted, has: frozenset[Wanted]) -> bool:
    term, relation, cases = need
    there = {found for other, found, where in has if other == term and where <= cases}
    return relation in there or ">" in there or {"!=", ">="} <= there


def _plain(term: Expr, relation: str) -> Iterator[Need]:
    """A need without what is settled: of a product that is not 0 no factor is; a positive factor says nothing of a sign."""
    factors = [f.args[0] if relation == "!=" and isinstance(f, Pow) else f for f in Mul.make_args(term)]
    if relation == "!=":
        yield from ((f, relation) for f in factors if not _never_zero(f))
        return
    rest = Mul(*(f for f in factors if not f.is_positive))
    if not (rest.is_positive or (rest.is_nonnegative and relation == ">=")):
        yield rest, relation


def _never_zero(term: Expr) -> bool:
    head = term.head if isinstance(term, Element) else term
    return bool(head.is_nonzero or term.is_positive or term.is_negative)
