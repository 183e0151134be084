"""Sums of products as matrix products: `@`, or einsum where more axes are in play. Neither makes an array larger than its operands."""

from __future__ import annotations

from sympy import Expr, Integer

from symderiv.codegen.axes import Axes, align, order_of
from symderiv.codegen.expressions import ATOM, bracketed
from symderiv.language.terms import Index, free_indices

LETTERS = "ijklmnopqrstuvwxyz"

Operand = tuple[str, Axes]


def parts_by_axes(factors: list[Expr]) -> dict[Axes, Expr]:
    """A product by the axes of its factors; of more than two parts, one with fewer axes joins one that has these too."""
    parts: dict[Axes, Expr] = {}
    for factor in sorted(factors, key=lambda f: -len(free_indices(f))):
        same = [own for own in parts if set(own) == free_indices(factor)]
        own = same[0] if same else order_of([factor])
        parts[own] = parts.get(own, Integer(1)) * factor
    for small in list(parts)[:1:-1]:
        wider = [own for own in parts if set(small) < set(own)]
        if wider:
            parts[wider[0]] *= parts.pop(small)
    return parts


def contracted(operands: list[Operand], over: list[Index], axes: Axes, features: bool) -> str | None:
    """A product of two parts as `@`, or of more as einsum; None if one part has all the axes, so that multiplying costs nothing."""
    if len(operands) < 2:
        return None
    if not features and len(operands) == 2 and len(over) == 1:
        product = _matrix_product(operands, over[0], axes)
        if product is not None:
            return product
    spanned = {i for _, own in operands for i in own}
    return None if any(set(own) == spanned for _, own in operands) else _einsum(operands, over, axes, features)


def _matrix_product(operands: list[Operand], summed: Index, axes: Axes) -> str | None:
    """Axes that both parts have stand in front; behind these a matrix and a matrix or vector, or many rows and a matrix."""
    if any(summed not in own for _, own in operands):
        return None
    shared = tuple(i for i in axes if all(i in own for _, own in operands))
    rows = [tuple(i for i in own if i != summed and i not in shared) for _, own in operands]
    if all(rows):
        order = sorted((0, 1), key=lambda n: min(axes.index(i) for i in rows[n]))
        if len(rows[order[1]]) > 1:
            order = order[::-1]
        if len(rows[order[1]]) > 1 or (len(rows[order[0]]) > 1 and shared):
            return None
        left, right = (operands[n] for n in order)
        first, last = (rows[n] for n in order)
        if len(first) > 1 and (left[1] != (*first, summed) or sorted((*first, *last), key=axes.index) != [*first, *last]):
            return None
    elif shared or not any(rows) or len(rows[0] + rows[1]) > 1:
        return None
    else:
        matrix, vector = operands if rows[0] else operands[::-1]
        left, right = (vector, matrix) if matrix[1][0] == summed else (matrix, vector)
        first, last = (tuple(i for i in own if i != summed) for _, own in (left, right))
    texts = align(*left, (*shared, *first, summed), False), align(*right, (*shared, summed, *last), False)
    return align(f"{bracketed(texts[0], ATOM)} @ {bracketed(texts[1], ATOM)}", (*shared, *first, *last), axes, False)


def _einsum(operands: list[Operand], over: list[Index], axes: Axes, features: bool) -> str:
    letters = dict(zip(dict.fromkeys(i for _, own in operands for i in own), LETTERS, strict=False))
    kept = tuple(sorted((i for i in letters if i not in over), key=axes.index))
    dots = "..." if features else ""
    spelled = ["".join(letters[i] for i in own) + dots for own in (*(own for _, own in operands), kept)]
    has_shared = features or any(all(i in own for _, own in operands) for i in kept)
    order = "" if has_shared and len(operands) == 2 else ", optimize=True"
    text = f'np.einsum("{",".join(spelled[:-1])}->{spelled[-1]}", {", ".join(code for code, _ in operands)}{order})'
    return align(text, kept, axes, features)
