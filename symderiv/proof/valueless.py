"""Whether a term has a value nowhere: whatever the point is, somewhere in it there is a division by 0, or a root or a log of what has none.

A sum has no value if one of its terms has none. So each sum is looked at where its index coincides with something: at the ends of its
range and where another index, a label or a position in it stands. `Σ_j 1/(y_j - y_l)` divides by 0 where j is l, which is in the range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from sympy import Basic, Expr, Mul, Pow, Symbol, nan, zoo
from sympy.core.relational import Relational

from symderiv.errors import SymderivError, TooLarge
from symderiv.language.functions import Sign
from symderiv.language.kept import asked, needs
from symderiv.language.positions import surely, surely_within
from symderiv.language.program import Program, head_of, size_facts
from symderiv.language.terms import DERIVATIVES, Delta, Element, Index, Over, Product, Sum, Where, free_indices, names, replace, subterms
from symderiv.proof.alike import unfolded
from symderiv.proof.signs import signs

MOST_LOOKED = 500  # parts of terms, each at some positions
At = Mapping[Index, Expr]


def has_no_value(term: Basic, program: Program, is_zero: Callable[[Basic], bool] = lambda term: False) -> bool:
    """Whether a term has a value nowhere; `is_zero` may tell more of what is 0 than is seen at once. False is 'not shown'."""
    try:
        return _Seeker(program, is_zero).never(term, {})
    except (SymderivError, RecursionError, TypeError, ValueError):  # the last two are SymPy's, of what has no value
        return False


class _Seeker:
    """A program of which terms are looked at, each with the indices that are bound around it, or that its definition has, at positions."""

    def __init__(self, program: Program, is_zero: Callable[[Basic], bool]) -> None:
        self.program, self.is_zero, self.left = program, is_zero, MOST_LOOKED
        self.sign, self.facts = signs(program, lambda head: True), size_facts(program)
        self.asking: set[Symbol] = set()
        for equation in program.equations:
            if equation.head not in program.recurrent | program.opaque and self.asks(equation.body):
                self.asking.add(equation.head)

    def asks(self, term: Basic) -> bool:
        """Whether anything is asked for in a term or in what it is made of."""
        return bool(needs(term)) or not self.asking.isdisjoint(names(term))

    def never(self, term: Basic, at: At) -> bool:
        """Whether a term has a value at no point, with indices at positions."""
        if not self.asks(term):
            return False
        self.left -= 1
        if self.left < 0:
            raise TooLarge("more parts than are looked at for a value")
        row = next((row for kind, row in ROWS.items() if isinstance(term, kind)), _never_in_parts)
        return row(self, term, at) or any(self.never_holds(put(what, at), relation) for what, relation in asked(term))

    def never_holds(self, what: Basic, relation: str) -> bool:
        """Whether what is asked for holds at no point."""
        if what.has(nan, zoo):
            return False  # what makes it so is found where it stands
        below = self.sign(_negated(what))
        if (below is Sign.POSITIVE and relation != "!=") or (below is Sign.NOT_NEGATIVE and relation == ">"):
            return True
        return relation != ">=" and self.vanishes(unfolded(what, self.program))

    def vanishes(self, term: Basic) -> bool:
        """Whether a term is 0 at every point where it has a value."""
        if isinstance(term, Product):
            return any(self.vanishes(replace(term.body, {term.index: p})) for p in self.coincidences(term, {}))
        factors = [f.base if isinstance(f, Pow) and f.exp.is_positive else f for f in Mul.make_args(term)]
        if len(factors) > 1 or factors[0] != term:
            return any(map(self.vanishes, factors))
        return bool(term == 0) or (isinstance(term, Sum) and self.vanishes(term.body)) or self.is_zero(term)

    def coincidences(self, term: Over, at: At) -> Iterator[Expr]:
        """Positions of the index of a sum at which it meets something, if these are surely in its range."""
        lower, upper = put(term.index.lower, at), put(term.index.upper, at)
        others = (put(p, at) for p in _positions(term.body, term.index) if all(i in at or not i.level for i in free_indices(p)))
        for position in dict.fromkeys((lower, upper, *others)):
            if surely_within(position, lower, upper, self.facts):
                yield position


def put(term: Basic, at: At) -> Basic:
    """A term with positions in the place of indices."""
    return replace(term, at) if at else term


@lru_cache(maxsize=10_000)
def _positions(body: Basic, index: Index) -> tuple[Expr, ...]:
    """The positions at which something is read in a term, or that are compared in it, without an index; none where that is not read."""
    if index not in free_indices(body):
        return ()
    compared = (p.args for p in subterms(body) if isinstance(p, (Element, Delta, Relational)))
    found = dict.fromkeys((*sorted(free_indices(body), key=str), *(p for parts in compared for p in parts if p.is_integer)))
    return tuple(p for p in found if index not in free_indices(p))


def _negated(term: Basic) -> Basic:
    """Minus a term, the sign inside its sum."""
    return Sum(-term.body, term.index) if isinstance(term, Sum) else -term


def _never_in_parts(seeker: _Seeker, term: Basic, at: At) -> bool:
    return any(seeker.never(part, at) for part in term.args)


def _never_in_case(seeker: _Seeker, term: Where, at: At) -> bool:
    """A case has no value if what it compares has none, or if no branch has one that may apply."""
    case, then, otherwise = term.args
    if _never_in_parts(seeker, case, at):
        return True
    applies = put(case, at)
    branches = ((then, applies), (otherwise, ~applies))
    return all(seeker.never(branch, at) for branch, here in branches if here != False and not (here != True and surely(~here)))  # noqa: E712


def _never_in_sum(seeker: _Seeker, term: Over, at: At) -> bool:
    return any(seeker.never(term.body, {**at, term.index: position}) for position in seeker.coincidences(term, at))


def _never_by_name(seeker: _Seeker, term: Basic, at: At) -> bool:
    """What is defined has the value that its definition has; what a recurrence or an objective is, is not looked at."""
    head = head_of(term)
    equation = seeker.program.equation(head) if head in seeker.asking else None
    positions = term.at if isinstance(term, Element) else ()
    if equation is None or len(positions) != len(equation.variable.indices):
        return False
    return seeker.never(equation.body, {i: put(p, at) for i, p in zip(equation.variable.indices, positions, strict=True)})


ROWS: dict[type[Basic] | tuple[type[Basic], ...], Callable[[_Seeker, Basic, At], bool]] = {
    Where:             _never_in_case,
    Over:              _never_in_sum,
    (Symbol, Element): _never_by_name,
    DERIVATIVES:       lambda seeker, term, at: seeker.never(term.args[0], at),
}  # fmt: skip
