"""What a page says once Python and SymPy have made terms of it, as formulas: what is judged is what is printed."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy

from fuzz.meaning import Defined, NoValue, Point, plainest
from fuzz.tree import ZERO, Add, Call, Cases, Diff, Entry, Kron, Letter, Mul, Num, Over, Pow, Size, Test
from symderiv import Delta, Element, Index, Partial, Product, Sum, Total, Where

RELATIONS = {
    "Equality": "Eq",
    "Unequality": "Ne",
    "StrictGreaterThan": "Gt",
    "GreaterThan": "Ge",
    "StrictLessThan": "Lt",
    "LessThan": "Le",
}


def read(term: Any, sizes: frozenset[str]) -> Any:
    """The formula that a term is."""

    def of(part: Any) -> Any:
        return read(part, sizes)

    match term:
        case Index():
            return letter(term, sizes)
        case sympy.Rational():
            return Num(plainest(Fraction(int(term.p), int(term.q))))
        case sympy.Symbol():
            return Size(term.name) if term.name in sizes else Entry(term.name)
        case Element():
            return Entry(term.head.name, tuple(map(of, term.at)))
        case sympy.Add():
            return Add(tuple(map(of, term.args)))
        case sympy.Mul():
            return Mul(tuple(map(of, term.args)))
        case sympy.Pow():
            return Pow(*map(of, term.args))
        case Sum() | Product():
            return Over(type(term).__name__, of(term.body), letter(term.index, sizes))
        case Delta():
            return Kron(*map(of, term.args))
        case Where():
            return Cases(*map(of, term.args))
        case Total() | Partial():
            return Diff(type(term).__name__.lower(), *map(of, term.args))
        case sympy.core.relational.Relational():
            return Test(RELATIONS[type(term).__name__], of(term.lhs), of(term.rhs))
    return Call(type(term).__name__, tuple(map(of, term.args)))


def letter(index: Index, sizes: frozenset[str]) -> Letter:
    return Letter(f"{index.name}~{index.level}", read(index.lower, sizes), read(index.upper, sizes))


def definitions(program: Any) -> Defined:
    """The definitions of a page."""
    sizes = frozenset(s.name for s in program.sizes)
    return {e.head.name: (tuple(letter(i, sizes) for i in e.variable.indices), read(e.body, sizes)) for e in program.equations}


def allowed(conditions: Any, sizes: frozenset[str]) -> Callable[[Point, dict[Letter, int]], bool]:
    """Whether all side conditions of a proof hold at a point, with the step's own letters at given positions."""
    rows = [(read(c.term, sizes), c.relation, [read(w, sizes) for w in c.where], [letter(i, sizes) for i in c.every]) for c in conditions]
    relations = {"!=": "Ne", ">": "Gt", ">=": "Ge", "=": "Eq"}

    def row_holds(row: Any, point: Point, at: dict[Letter, int]) -> bool:
        term, relation, where, every = row
        if every:
            first, *others = sorted(every, key=lambda l: isinstance(l.upper, Letter))
            return all(row_holds((term, relation, where, others), point, {**at, first: k}) for k in point.range(first, at))
        if not all(point.holds(w, at) for w in where):
            return True
        return point.holds(Test(relations[relation], term, ZERO), at)

    def hold(point: Point, at: dict[Letter, int]) -> bool:
        try:
            return all(row_holds(row, point, at) for row in rows)
        except NoValue:
            return False

    return hold
