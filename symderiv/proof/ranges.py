"""Whether a whole-numbered polynomial is never negative, by the ranges of its indices."""

from __future__ import annotations

from functools import lru_cache

from symderiv.language.functions import Sign
from symderiv.proof.context import Context, Laws
from symderiv.proof.poly import Kind, Poly, number, single, total, without
from symderiv.proof.powers import expanded, mul, product_of


def never_negative(a: Context, poly: Poly) -> bool:
    """Whether a whole-numbered poly is >= 0 at every position and size. False is 'not shown'."""
    return _never_negative(a.laws, poly)


@lru_cache(maxsize=50_000)
def _never_negative(laws: Laws, poly: Poly) -> bool:
    """Linear reasoning: each index and label is put at its worse end, then each size is 1 + something >= 0."""
    a = Context(laws)
    while ranging := sorted((g for g in poly.gens if g.bounds), key=lambda g: (g.kind is not Kind.INDEX, -len(g.free), g.key)):
        v = ranging[0]
        if any(g == v and e != 1 for m in poly.terms for g, e in m):
            return False
        slope = Poly({without(m, v): c for m, c in poly.terms.items() if (v, 1) in m})
        rest = Poly({m: c for m, c in poly.terms.items() if (v, 1) not in m})
        if v.kind is Kind.INDEX and v in slope.free | rest.free:
            return False
        rising = never_negative(a, slope)
        if not rising and not never_negative(a, slope.scaled(-1)):
            return False
        poly = rest + mul(a, slope, v.bounds[0 if rising else 1])
    if any(g.sign is not Sign.COUNT or not isinstance(e, int) or e < 0 for m in poly.terms for g, e in m):
        return False
    shifted = total(product_of(a, [number(c), *(expanded(a, single(g) + number(1), int(e)) for g, e in m)]) for m, c in poly.terms.items())
    return all(c >= 0 for c in shifted.terms.values())
