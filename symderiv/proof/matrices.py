"""Determinants and inverses of matrices whose size is a small number, written out over the entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as with_changes
from itertools import permutations

from sympy import Add, Expr, Integer, Mul, Symbol
from sympy.combinatorics.permutations import Permutation

from symderiv.language.program import Equation, Program
from symderiv.language.terms import Delta, Determinant, Element, Inverse, replace, subterms

LARGEST = 3


def with_small_matrices(left: Expr, right: Expr, program: Program) -> tuple[Expr, Expr, Program] | None:
    """A step and its program with such determinants and inverses written out; None if there are none."""
    terms = [left, right, *(e.body for e in program.equations)]
    found = {part for term in terms for part in subterms(term) if isinstance(part, (Determinant, Inverse))}
    swap = {part: value for part in found if (value := _written_out(part, program)) is not None}
    if not swap:
        return None
    equations = tuple(Equation(e.variable, replace(e.body, swap)) for e in program.equations)
    return replace(left, swap), replace(right, swap), with_changes(program, equations=equations)


def _written_out(part: Determinant | Inverse, program: Program) -> Expr | None:
    """Leibniz' formula, or Cramer's rule at whatever positions."""
    variable = program.variable(part.head)
    ends = [] if variable is None else [end for i in variable.indices for end in (i.lower, i.upper)]
    if not ends or not all(end.is_Integer for end in ends) or ends[1] - ends[0] >= LARGEST:
        return None
    places = range(int(ends[0]), int(ends[1]) + 1)
    whole = _determinant(part.head, places, places)
    if isinstance(part, Determinant):
        return whole
    entries = ((r, c, _cofactor(part.head, places, c, r)) for r in places for c in places)
    return Add(*(Delta(part.at[0], r) * Delta(part.at[1], c) * value for r, c, value in entries)) / whole


def _cofactor(head: Symbol, places: range, row: int, column: int) -> Expr:
    rows, columns = ([p for p in places if p != gone] for gone in (row, column))
    return (-1) ** (row + column) * _determinant(head, rows, columns)


def _determinant(head: Symbol, rows: Sequence[int], columns: Sequence[int]) -> Expr:
    orders = permutations(range(len(rows)))
    return Add(
        *(
            Integer(Permutation(list(o)).signature()) * Mul(*(Element(head, r, columns[n]) for r, n in zip(rows, o, strict=False)))
            for o in orders
        )
    )
