"""What is sure of sizes: which comparisons of whole numbers hold for every size, which for none."""

from __future__ import annotations

from sympy import And, Expr, Integer, Not, Or, S, cancel
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from symderiv.errors import TraceError
from symderiv.language.positions import follows, surely
from symderiv.language.terms import Index, Label


def decided(condition: Boolean) -> bool | None:
    """Whether a condition holds for every size and position, or for none; None where that depends, or is not known."""
    if condition in (S.true, S.false):
        return bool(condition)
    if isinstance(condition, (And, Or)):
        return _joined(condition)
    if isinstance(condition, Not):
        inner = decided(condition.args[0])
        return None if inner is None else not inner
    if not isinstance(condition, Relational) or not (condition.lhs.is_integer and condition.rhs.is_integer):
        return None
    if surely(condition):
        return True
    opposite = condition.negated
    if surely(opposite) or _never_equal(condition):
        return False
    return True if _never_equal(opposite) else None


def _never_equal(condition: Relational) -> bool:
    """Whether an equality is of two numbers of which one is greater."""
    if condition.rel_op != "==":
        return False
    difference = condition.lhs - condition.rhs
    return follows(difference - 1, ()) or follows(-difference - 1, ())


def _joined(condition: Boolean) -> bool | None:
    parts = [decided(a) for a in condition.args]
    final = isinstance(condition, Or)
    if final in parts:
        return final
    return None if None in parts else not final


def same(one: Expr, other: Expr) -> bool:
    """Whether two sizes are the same for every size of what they are made of."""
    return bool((one - other).expand() == 0)


def surely_at_most(low: Expr, high: Expr) -> bool:
    return follows(high - low, ())


def quotient(whole: Expr, part: Expr) -> Expr | None:
    """The whole number of times that one size goes into another, for every size; None if it is not whole for each."""
    found = cancel(whole / part)
    numerator, denominator = found.as_numer_denom()
    return numerator.expand() if denominator == 1 and numerator.is_integer else None


def floored(whole: Expr, part: Expr) -> Expr:
    """`whole // part`. Fails where it depends on the sizes how it is rounded."""
    if whole.is_Integer and part.is_Integer and part != 0:
        return Integer(whole // part)
    if not (surely_at_most(1, part) or surely_at_most(part, -1)):
        raise TraceError(f"a whole number divided by {part}, which may be 0")
    found = quotient(whole, part)
    if found is None:
        for rest in range(1, int(part)) if part.is_Integer and 0 < part < 64 else ():
            if (found := quotient(whole - rest, part)) is not None:
                return found
        raise TraceError(
            f"{whole} // {part} depends on how it is rounded; declare the size as a multiple, such as {part}*k, or as a number"
        )
    return found


def remainder(whole: Expr, part: Expr) -> Expr:
    return (whole - part * floored(whole, part)).expand()


def ranging(position: Expr) -> str:
    """A position with its range, for error texts."""
    bounds = position if isinstance(position, (Index, Label)) else getattr(position, "head", None)
    return f"{position} in {bounds.lower}..{bounds.upper}" if isinstance(bounds, (Index, Label)) else str(position)
