"""Floats as exact numbers: the simplest number that rounds to each."""

from __future__ import annotations

import math
from fractions import Fraction

from sympy import Expr, Integer, Rational, S, pi, sqrt

from symderiv.errors import TraceError

LARGEST_PLAIN = 10**6  # the denominator up to which a fraction is what was meant, and not by chance
LARGEST_RADICAND = 1000
DIGITS = 12  # up to which a decimal is what was meant

# What a number can be, times a root or π: the factor as a float, and as it is.
FACTORS: tuple[tuple[float, Expr], ...] = (
    (1.0, Integer(1)),
    (math.pi, pi),
    (1 / math.pi, 1 / pi),
    (math.sqrt(math.pi), sqrt(pi)),
    (1 / math.sqrt(math.pi), 1 / sqrt(pi)),
)


def exact(value: float) -> Expr:
    """A float as the simplest fraction that rounds to it, or that times roots and π: 0.1 is 1/10, 0.3333333333333333 is 1/3.

    Infinity is itself; fails on NaN.
    """
    if math.isnan(value):
        raise TraceError("NaN is no number")
    if math.isinf(value):
        return S.Infinity if value > 0 else S.NegativeInfinity
    if value == int(value):
        return Integer(int(value))
    decimal = Fraction(repr(value))
    if not is_long(value):
        return Rational(decimal.numerator, decimal.denominator)
    if (short := _short(value)) is not None:
        return short
    for factor, meant in FACTORS:
        if (found := _plain(value / factor)) is not None and _rounds(found, factor, value):
            return Rational(found.numerator, found.denominator) * meant
        square = _plain((value / factor) ** 2)
        if square is not None and _is_root(square, factor, value):
            root = sqrt(Rational(square.numerator, square.denominator))
            return (root if value > 0 else -root) * meant
    return Rational(decimal.numerator, decimal.denominator)


def is_long(value: float) -> bool:
    """Whether a float has so many digits that it was rounded to them."""
    return math.isfinite(value) and len(repr(value).lstrip("-0.").replace(".", "").split("e")[0]) >= 15


def _short(value: float) -> Rational | None:
    """A decimal of few digits that is as near as a product of two floats: 1.7580942819999998 is 1.758094282."""
    decimal = Fraction(f"{value:.{DIGITS}g}")
    return Rational(decimal.numerator, decimal.denominator) if math.isclose(float(decimal), value, rel_tol=4e-16) else None


def _plain(value: float) -> Fraction | None:
    """A fraction of small numbers that is as near as floats can tell."""
    found = Fraction(value).limit_denominator(LARGEST_PLAIN)
    small = abs(found.numerator) * found.denominator <= 10**9
    return found if small and math.isclose(float(found), value, rel_tol=8e-16) else None


def _is_root(square: Fraction, factor: float, value: float) -> bool:
    small = max(square.numerator, square.denominator) <= LARGEST_RADICAND
    return small and math.isclose(math.sqrt(square) * factor, abs(value), rel_tol=4e-16)


def _rounds(found: Fraction, factor: float, value: float) -> bool:
    return math.isclose(float(found) * factor, value, rel_tol=4e-16)
