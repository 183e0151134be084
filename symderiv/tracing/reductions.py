"""What axes are summed, multiplied or searched away; products of arrays by the letters of their axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial, reduce
from operator import mul

from sympy import Expr, Integer, Le, Ne, S, Symbol, exp, log, sqrt

from symderiv.errors import TraceError
from symderiv.language.kept import is_infinite, kept
from symderiv.language.terms import Determinant, Element, Index, Inverse, Product, Where
from symderiv.tracing.layouts import axes_of, axis_of, joint_kind, several
from symderiv.tracing.sizes import decided
from symderiv.tracing.traced import (
    BOOL,
    FLOAT,
    INT,
    Choice,
    Group,
    Node,
    Traced,
    as_number,
    at,
    flat,
    formal,
    length,
    lettered,
    mapped,
    met,
    named,
    positions,
    regrouped,
    swapped,
    total,
)
from symderiv.tracing.values import Axes, SomeAxes

NEVER = Integer(10**9)  # stands for what is masked out when the largest is looked for


def _kept(array: Traced, gone: Sequence[int], keepdims: bool) -> list[Group]:
    return [() if n in gone else g for n, g in enumerate(array.axes) if keepdims or n not in gone]


def _removed(array: Traced, gone: Sequence[int]) -> tuple[Index, ...]:
    return tuple(i for n in gone for i in array.axes[n])


def summed(array: Traced, axis: Axes = None, keepdims: bool = False) -> Traced:
    gone = axes_of(axis, len(array.axes))
    indices = _removed(array, gone)
    body = total(array.number, indices)
    return named(lettered(_kept(array, gone, keepdims), body, INT if array.kind == BOOL else array.kind), "sum")


def multiplied(array: Traced, axis: Axes = None, keepdims: bool = False) -> Traced:
    gone = axes_of(axis, len(array.axes))
    indices = _removed(array, gone)
    body = Product(array.number, *indices) if indices else array.number
    return named(lettered(_kept(array, gone, keepdims), body, INT if array.kind == BOOL else array.kind), "product")


def count(array: Traced, axis: Axes = None) -> Expr:
    """How many entries are taken together."""
    return length(_removed(array, axes_of(axis, len(array.axes))))


def mean(array: Traced, axis: Axes = None, keepdims: bool = False) -> Traced:
    n = count(array, axis)
    whole = summed(array, axis, keepdims)
    return Traced(whole.axes, whole.body / n, FLOAT)


def variance(array: Traced, axis: Axes = None, ddof: Expr = S.Zero, keepdims: bool = False) -> Traced:
    centred = mapped(lambda x, mu: (x - mu) ** 2, FLOAT, array, mean(array, axis, True))
    whole = summed(centred, axis, keepdims)
    return named(Traced(whole.axes, whole.body / (count(array, axis) - ddof), FLOAT), "var")


def deviation(array: Traced, axis: Axes = None, ddof: Expr = S.Zero, keepdims: bool = False) -> Traced:
    return mapped(sqrt, FLOAT, variance(array, axis, ddof, keepdims))


def norm(array: Traced, axis: Axes = None, keepdims: bool = False) -> Traced:
    return mapped(sqrt, FLOAT, summed(mapped(lambda x: x**2, FLOAT, array), axis, keepdims))


def extreme(array: Traced, axis: Axes, keepdims: bool, sign: int) -> Traced:
    """The largest entry (the smallest, for the sign -1), as the entry at the position where it is."""
    gone = axes_of(axis, len(array.axes))
    body, chosen = _chosen(array, gone, sign)
    return named(lettered(_kept(array, gone, keepdims), swapped(body, chosen), array.kind), "max" if sign > 0 else "min")


def chosen_position(array: Traced, axis: int | None, keepdims: bool, sign: int) -> Traced:
    """Where the largest entry is, from 0."""
    if axis is None:
        if len(array.axes) != 1:
            raise TraceError("argmax over all axes: name one axis")
        axis = 0
    n = axis_of(axis, len(array.axes))
    group = array.axes[n]
    _, chosen = _chosen(array, (n,), sign)
    where = flat([chosen[i] for i in group], [i.upper for i in group])
    return lettered(_kept(array, (n,), keepdims), where - 1, INT)


def _chosen(array: Traced, gone: Sequence[int], sign: int) -> tuple[Expr, dict[Index, Expr]]:
    """The entries without infinite cases, and labels for the positions of the largest: the last index first, given the others."""
    array = named(array, "of") if not array.body.has(S.NegativeInfinity, S.Infinity) else array
    body, compared = _finite(array.number)
    if compared != body and sign < 0:
        raise TraceError("the smallest entry where some are -inf")
    rest = list(array.indices)
    chosen: dict[Index, Expr] = {}
    for index in reversed(_removed(array, gone)):
        rest.remove(index)
        letters = formal(i.upper for i in rest)
        along = Index("along", 1, index.upper)
        inner = swapped(compared, chosen)
        choice = Choice.of(letters, along, swapped(inner, dict(zip(rest, letters, strict=True)) | {index: along}), sign)
        where = Element(choice, *rest) if rest else choice
        chosen = {i: swapped(p, {index: where}) for i, p in chosen.items()} | {index: where}
    return body, chosen


def _finite(body: Expr) -> tuple[Expr, Expr]:
    """The entries where they are finite, and a stand-in for all of them in which what is infinite is never the largest."""
    if isinstance(body, Where) and body.has(S.NegativeInfinity, S.Infinity):
        case, then, otherwise = body.args
        for infinite, finite, mark in ((then, otherwise, True), (otherwise, then, False)):
            if is_infinite(infinite) and not infinite.has(S.Infinity) and not finite.has(S.NegativeInfinity, S.Infinity):
                return finite, Where(case, -NEVER, finite) if mark else Where(case, finite, -NEVER)
    if body.has(S.NegativeInfinity, S.Infinity):
        raise TraceError("the largest entry where some are infinite: only of np.where(mask, x, -np.inf)")
    return body, body


def truth(array: Traced, axis: Axes, keepdims: bool, every: bool) -> Traced:
    """Whether all entries are true, or any: where that is the same for every size and input."""
    condition = array.body if array.kind == BOOL else Ne(array.body, 0)
    known = decided(condition)
    if known is None:
        word = "all" if every else "any"
        raise TraceError(f"{word}() of what depends on the values; a proof needs one way for all inputs")
    gone = axes_of(axis, len(array.axes))
    return lettered(_kept(array, gone, keepdims), S.true if known else S.false, BOOL)


def cumulated(array: Traced, axis: int | None) -> Traced:
    if axis is None and len(array.axes) != 1:
        raise TraceError("cumsum over all axes: name one axis, or reshape to one")
    n = axis_of(axis or 0, len(array.axes))
    if len(array.axes[n]) != 1:
        raise TraceError("cumsum along an axis that is 1 long or was merged from others")
    (index,) = array.axes[n]
    before = Index("before", 1, index.upper)
    body = total(Where(Le(before, index), swapped(array.number, {index: before}), Integer(0)), (before,))
    return named(Traced(array.axes, body, INT if array.kind == BOOL else array.kind), "sum")


def log_sum_exp(array: Traced, axis: Axes = None, keepdims: bool = False) -> Traced:
    return mapped(log, FLOAT, summed(mapped(exp, FLOAT, array), axis, keepdims))


def softmax(array: Traced, axis: Axes = None) -> Traced:
    powers = mapped(exp, FLOAT, array)
    return mapped(lambda a, b: a / b, FLOAT, powers, summed(powers, axis, True))


def matrix(array: Traced) -> Symbol:
    """The name of a square matrix, so that it can have an inverse."""
    if len(array.axes) != 2 or any(len(g) != 1 for g in array.axes) or array.lengths[0] != array.lengths[1]:
        raise TraceError("the inverse or determinant of what is no square matrix, or is one of several")
    i, j = array.indices
    if isinstance(array.body, Element) and array.body.at == (i, j):
        return array.body.head
    return Node.of("matrix", (i, j), array.number)


def inverse(array: Traced) -> Traced:
    return Traced(array.axes, Inverse(matrix(array), *array.indices), FLOAT)


def determinant(array: Traced) -> Traced:
    return Traced((), Determinant(matrix(array)), FLOAT)


def einsum(spec: str, parts: Sequence[Traced]) -> Traced:
    """The sum of products of entries, axes named by letters: `ij,jk->ik`."""
    if not isinstance(spec, str) or "..." in spec:
        raise TraceError(f"einsum({spec!r}): write the letters of all axes")
    inputs, arrow, output = spec.replace(" ", "").partition("->")
    words = inputs.split(",")
    if len(words) != len(parts) or any(len(w) != len(p.axes) for w, p in zip(words, parts, strict=False)):
        raise TraceError(f"einsum({spec!r}) with arrays of {', '.join(str(len(p.axes)) for p in parts)} axes")
    letters = "".join(words)
    if not arrow:
        output = "".join(sorted(x for x in set(letters) if letters.count(x) == 1))
    groups: dict[str, Group] = {}
    for word, part in zip(words, parts, strict=True):
        for letter, group in zip(word, part.axes, strict=True):
            groups[letter] = met(groups.get(letter, ()), group, parts)
    if unknown := set(output) - groups.keys():
        raise TraceError(f"einsum({spec!r}): {', '.join(sorted(unknown))} is on no axis")
    return named(_contracted(words, parts, groups, output), "product")


def _contracted(words: Sequence[str], parts: Sequence[Traced], groups: dict[str, Group], output: str) -> Traced:
    kind = joint_kind(parts)
    if kind == BOOL:
        raise TraceError("a product of conditions is one again, not a count: cast them first, mask.astype(float)")
    summed = [x for x in groups if x not in output]
    olds = [groups[x] for x in (*output, *summed)]
    new = dict(zip((*output, *summed), regrouped(formal(i.upper for group in olds for i in group), olds), strict=True))
    body = reduce(partial(kept, mul), (_factor(*row, new) for row in zip(words, parts, strict=True)), Integer(1))
    return lettered([new[x] for x in output], total(body, [i for x in summed for i in new[x]]), kind)


def _factor(word: str, part: Traced, letters: Mapping[str, Group]) -> Expr:
    """The entry of a part at the indices of the letters of its axes."""
    swap: dict[Index, Expr] = {}
    for letter, group in zip(word, part.axes, strict=True):
        swap |= positions(group, letters[letter])
    entry = swapped(part.body, swap)
    return as_number(entry) if part.kind == BOOL else entry


def matmul(left: Traced, right: Traced) -> Traced:
    """The product of matrices, stacked along further axes; vectors count as one row or one column."""
    if not left.axes or not right.axes:
        raise TraceError("@ takes arrays with at least one axis; multiply by a number with *")
    letters = "abcdefgh"
    rows, columns = ("m" if len(left.axes) > 1 else ""), ("n" if len(right.axes) > 1 else "")
    stack = max(len(left.axes), len(right.axes)) - 2
    before, after = (letters[max(stack - max(len(p.axes) - 2, 0), 0) : max(stack, 0)] for p in (left, right))
    return einsum(f"{before}{rows}k,{after}k{columns}->{letters[: max(stack, 0)]}{rows}{columns}", (left, right))


def dot(left: Traced, right: Traced) -> Traced:
    if not left.axes or not right.axes:
        return mapped(lambda a, b: a * b, FLOAT, left, right)
    if len(right.axes) > 2:
        raise TraceError("np.dot with more than two axes on the right: write einsum")
    letters = "abcdefgh"[: len(left.axes) - 1]
    columns = "n" if len(right.axes) > 1 else ""
    return einsum(f"{letters}k,k{columns}->{letters}{columns}", (left, right))


def tensordot(left: Traced, right: Traced, axes: int | tuple[SomeAxes, SomeAxes] = 2) -> Traced:
    if isinstance(axes, int):
        axes = ([len(left.axes) - axes + k for k in range(axes)], list(range(axes)))
    ours, theirs = ([axis_of(a, len(part.axes)) for a in several(along)] for along, part in zip(axes, (left, right), strict=True))
    if len(ours) != len(theirs):
        raise TraceError(f"tensordot over axes {axes}: as many on the left as on the right")
    one = ["abcdefgh"[n] for n in range(len(left.axes))]
    other = ["stuvwxyz"[n] for n in range(len(right.axes))]
    for a, b in zip(ours, theirs, strict=True):
        other[b] = one[a]
    kept = [x for n, x in enumerate(one) if n not in ours] + [x for n, x in enumerate(other) if n not in theirs]
    return einsum(f"{''.join(one)},{''.join(other)}->{''.join(kept)}", (left, right))


def traced_diagonal(array: Traced) -> Traced:
    """The diagonal of a matrix."""
    if len(array.axes) != 2:
        raise TraceError("the diagonal of what is no matrix")
    group = met(*array.axes)
    return lettered([group], at(array, (*group, *group)), array.kind)
