"""Piecewise polynomials: one is zero if it is for every sign that the quantities in its case distinctions can have together."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

from symderiv.monomials import sign_of
from symderiv.poly import Monomial, Poly, total

REAL_FLAGS = ("step", "zero")
MOST_QUANTITIES = 5

Signs = tuple[tuple[Poly, int], ...]


def vanishes(a: Any, poly: Poly) -> bool:
    """Whether a polynomial is zero in every cell; a sum is, if what is summed is. False is 'not shown'."""
    if a.is_zero(poly):
        return True
    quantities = sorted({g.args[0] for g in poly.gens if g.kind in REAL_FLAGS}, key=lambda z: z.key)
    if not quantities:
        rest = _without_vanishing_sums(a, poly)
        return rest is not poly and bool(a.is_zero(rest))
    if len(quantities) > MOST_QUANTITIES:
        return False
    cells = product((1, 0, -1), repeat=len(quantities))
    vanished = all(_vanishes_in(a, poly, tuple(zip(quantities, signs, strict=True))) for signs in cells)
    if vanished:
        a.used.add("cells")
    return vanished


def _vanishes_in(a: Any, poly: Poly, cell: Signs) -> bool:
    if _is_empty(cell):
        return True
    there = _in_cell(poly, dict(cell))
    for z, sign in cell:
        if sign == 0 and not there.is_zero:
            there = a.mul(there, a.zero(z))
    return bool(there.is_zero or a.is_zero(there) or _without_vanishing_sums(a, there).is_zero)


def _in_cell(poly: Poly, signs: dict[Poly, int]) -> Poly:
    """The polynomial with its flags as numbers."""
    terms: dict[Monomial, Any] = {}
    for m, c in poly.terms.items():
        flags = [(g, signs[g.args[0]]) for g, _ in m if g.kind in REAL_FLAGS]
        if all(sign == (1 if g.kind == "step" else 0) for g, sign in flags):
            rest = tuple(f for f in m if f[0].kind not in REAL_FLAGS)
            terms[rest] = terms.get(rest, 0) + c
    return Poly(terms)


def _is_empty(cell: Signs) -> bool:
    """Whether two of the signs contradict each other."""
    return any(_contradict(*pair) for pair in combinations(cell, 2))


def _contradict(one: tuple[Poly, int], other: tuple[Poly, int]) -> bool:
    (y, s), (z, t) = one, other
    (m, c), (n, d) = y.lead, z.lead
    y, z = (y.scaled(1 / abs(c)), z.scaled(1 / abs(d))) if m == n else (y, z)
    for k, j in product((s,) if s else (1, -1), (t,) if t else (1, -1)):
        together = sign_of((y.scaled(k) + z.scaled(j)).scaled(-1))
        if together == "+" or (together and (s or t)):
            return True
    return False


def _without_vanishing_sums(a: Any, poly: Poly) -> Poly:
    """The polynomial less those sums over one range whose bodies together vanish."""
    groups: dict[Any, list[tuple[Monomial, Any]]] = {}
    for m, c in poly.terms.items():
        sums = [(g, e) for g, e in m if g.kind == "sum" and _has_flags(g.args[0])]
        key = (tuple(f for f in m if f not in sums), sums[0][0].vars) if len(sums) == 1 and sums[0][1] == 1 else None
        groups.setdefault(key, []).append((m, c))
    gone = [found for key, found in groups.items() if key is not None and vanishes(a, _together(found))]
    return poly - Poly({m: c for found in gone for m, c in found}) if gone else poly


def _together(found: list[tuple[Monomial, Any]]) -> Poly:
    return total(next(g for g, _ in m if g.kind == "sum" and _has_flags(g.args[0])).args[0].scaled(c) for m, c in found)


def _has_flags(poly: Poly) -> bool:
    return any(g.kind in REAL_FLAGS for g in poly.gens)
