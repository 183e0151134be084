"""Sums and products, from what stands side by side and between signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from symderiv.documents.syntax.tokens import Token
from symderiv.documents.syntax.tree import Added, Big, Dots, Multiplied, Span, Tree
from symderiv.errors import FormulaError

Children = list[Any]


def spanned(parts: Sequence[Any]) -> Span:
    """From where the first part begins to where the last one ends; macros may have turned them round."""
    (a, b), (c, d) = parts[0].span, parts[-1].span
    return min(a, c), max(b, d)


def added(parts: Children) -> Tree:
    signed = parts if isinstance(parts[0], Token) else [None, *parts]
    terms: list[tuple[int, Tree]] = []
    for sign, term in zip(signed[::2], signed[1::2], strict=True):
        minus = sign is not None and sign.text == "-"
        if isinstance(term, Added):
            if minus or sign is not None:
                raise braces(term)
            terms += term.terms
        else:
            terms.append((-1 if minus else 1, term))
    if len(terms) == 1 and terms[0][0] == 1:
        if isinstance(terms[0][1], Dots):
            raise FormulaError("a sign before an ellipsis: leave it out", spanned(parts))
        return terms[0][1]
    return Added(tuple(terms), span=spanned(parts))


def braces(tree: Tree) -> FormulaError:
    return FormulaError("braces print nothing: write parentheses around this", tree.span)


class Factors(list[tuple[str, Any]]):
    """Factors on the way to a product."""

    span: Span = (0, 0)


def run(parts: Children) -> Factors:
    factors = Factors([("", parts[0])])
    factors.span = parts[0].span
    return factors


def run_beside(parts: Children) -> Factors:
    return _longer(parts, "", parts[1])


def run_times(parts: Children) -> Factors:
    return _longer(parts, parts[1].text, parts[2])


def run_signed(parts: Children) -> Factors:
    sign = -1 if parts[2].text == "-" else 1
    factor = parts[3]
    if isinstance(factor, (Added, Multiplied, Big)):
        raise braces(factor)
    signed = Added(((sign, factor),), span=spanned(parts[2:])) if sign < 0 else factor
    return _longer(parts, parts[1].text, signed)


def _longer(parts: Children, sign: str, factor: Tree) -> Factors:
    factors: Factors = parts[0]
    factors.append((sign, factor))
    factors.span = spanned(parts)
    return factors


def product_big(parts: Children) -> Tree:
    return product([_longer(parts, parts[1].text if len(parts) == 3 else "", parts[-1])])


def product(parts: Children) -> Tree:
    factors: Factors = parts[0]
    if len(factors) == 1:
        return factors[0][1]
    flat: list[tuple[str, Tree]] = []
    last = len(factors) - 1
    for k, (sign, factor) in enumerate(factors):
        inner = factor.factors if isinstance(factor, Multiplied) else (("", factor),)
        if (
            (isinstance(factor, Added) and not _is_negative(sign, factor))
            or (isinstance(inner[-1][1], Big) and k < last)
            or (sign == "/" and len(inner) > 1)
        ):
            raise braces(factor)
        flat += [(sign, inner[0][1]), *inner[1:]]
    return Multiplied(tuple(flat), span=factors.span)


def _is_negative(sign: str, factor: Added) -> bool:
    """A factor with a minus, as in a · -b."""
    return sign != "" and len(factor.terms) == 1 and not isinstance(factor.terms[0][1], (Multiplied, Big))


def side_by_side(factors: Children) -> Tree:
    joined = Factors([("", f) for f in factors])
    joined.span = spanned(factors)
    return product([joined])
