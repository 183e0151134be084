"""What terms may consist of: every kind with its caps, and the check that refuses everything else."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Add, Basic, Expr, Integer, Max, Min, Mul, Pow, Rational, S, Symbol, UnevaluatedExpr, pi
from sympy.core.relational import Relational

from symderiv.errors import TermError
from symderiv.language.functions import KINDS as OF_ONE_NUMBER
from symderiv.language.terms import DERIVATIVES, Apply, Delta, Determinant, Element, Index, Inverse, Product, Sum, Where

FUNCTIONS = (*OF_ONE_NUMBER, Max, Min)
KINDS = (
    *(Integer, Rational, Symbol, Index, Element, Add, Mul, Pow, Sum, Product, Delta, Where, Apply, Inverse, Determinant, UnevaluatedExpr),
    *DERIVATIVES,
    *FUNCTIONS,
)

LARGEST_EXPONENT = 64
LARGEST_DIGITS = 2000
DEEPEST = 200
MOST_PARTS = 20_000  # of a term that is written out


def check_term(term: Basic, known: Callable[[Symbol], bool]) -> None:
    """Refuse a term outside the language.

    Fails when: it has a float, a kind or function not in `KINDS`, an undeclared symbol, an exponent, a number,
    a nesting or a length over the caps, or a derivative w.r.t. something that is neither a symbol nor an element.
    """
    if not isinstance(term, Expr):
        raise TermError(f"{term} is not a formula with a value; compare inside Where(condition, a, b).")
    measured = _measured(term)
    deep, length = measured[id(term)][1:]
    if deep > DEEPEST:
        raise TermError(f"the term is nested more than {DEEPEST} deep; give parts of it names with let.")
    if length > MOST_PARTS:
        raise TermError(f"the term has more than {MOST_PARTS:,} parts, written out; give parts of it names with let.")
    for part, _, _ in reversed(measured.values()):
        _check_kind(part, term)
        if isinstance(part, Symbol) and not known(part):
            raise TermError(
                f"{part} in {term} is not declared on this page; declare it with size, input or let, and use what that returns."
            )


def _measured(term: Basic) -> dict[int, tuple[Basic, int, int]]:
    """Each part of a term by its identity, with how deep it is and of how many parts it consists, written out; a part after its own.

    One that stands in many places is measured once: `f(f(f(x)))`, made by functions of Python, is short as it is kept and very long as
    it is written.
    """
    found: dict[int, tuple[Basic, int, int]] = {}
    stack = [term]
    while stack:
        part = stack[-1]
        inside = (part.lower, part.upper) if isinstance(part, Index) else part.args
        if waiting := [a for a in inside if id(a) not in found]:
            stack += waiting
            continue
        stack.pop()
        rows = [found[id(a)] for a in inside]
        found[id(part)] = part, 1 + max((deep for _, deep, _ in rows), default=-1), 1 + sum(length for _, _, length in rows)
    return found


def _check_kind(part: Basic, term: Basic) -> None:
    if isinstance(part, Relational) or part in (pi, S.Exp1):
        return
    if part.is_Float:
        raise TermError(f"{term} has the float {part}; write an exact number, such as Rational(1, 3) or Rational('0.1').")
    if part in (S.Infinity, S.NegativeInfinity, S.ComplexInfinity, S.NaN):
        raise TermError(f"{term} divides by zero, or is infinite.")
    if not isinstance(part, KINDS):
        raise TermError(f"{type(part).__name__} in {term} is outside the language; it has {', '.join(k.__name__ for k in KINDS)}.")
    if isinstance(part, Rational) and max(abs(part.p), part.q).bit_length() > 3 * LARGEST_DIGITS:
        raise TermError(f"a number with more than {LARGEST_DIGITS} digits is outside the language.")
    if isinstance(part, Pow) and part.exp.is_Rational and abs(part.exp) > LARGEST_EXPONENT:
        raise TermError(f"the exponent {part.exp} is over {LARGEST_EXPONENT}; give the power a name with let.")
    if isinstance(part, Index) and not part.name.replace("'", "").isalnum():
        raise TermError(f"the index {part.name!r}: an index is named with letters and digits.")
    if isinstance(part, Delta) and not all(a.is_integer for a in part.args):
        raise TermError(f"{part}: a delta compares positions, which are whole numbers.")
    if isinstance(part, DERIVATIVES) and part.args[1].is_integer:
        raise TermError(f"a derivative w.r.t. {part.args[1]}, which is a whole number.")
    if isinstance(part, DERIVATIVES) and not isinstance(part.args[1], (Symbol, Element)):
        raise TermError(f"a derivative w.r.t. {part.args[1]}: only w.r.t. a declared symbol or an element.")
