"""Whether two terms are one formula: the same but for names, the letters of bound indices and how a comparison is turned.

A formula is equal to itself wherever it has a value, whatever it is made of; no normal form is asked.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import Abs, Basic, Eq, Expr, Gt, Max, Min, Symbol, false, sign, true
from sympy.logic.boolalg import Boolean

from symderiv.errors import SymderivError, TooLarge
from symderiv.language.functions import relu
from symderiv.language.program import Program, head_of
from symderiv.language.terms import DERIVATIVES, Beyond, Delta, Determinant, Element, Index, Inverse, Over, Where, depth, names, replace

MOST_PARTS = 2_000


def is_same(left: Basic, right: Basic) -> bool:
    """Whether two terms are the same as they are written."""
    return bool(left == right or turned(left) == turned(right))


def is_same_unfolded(left: Basic, right: Basic, program: Program) -> bool:
    """Whether two terms are the same once names are put in, derivatives apart. False is 'not shown'."""
    try:
        budget = [MOST_PARTS]
        return is_same(unfolded(left, program, budget), unfolded(right, program, budget))
    except (SymderivError, RecursionError, TypeError, ValueError, ZeroDivisionError):  # the last three are SymPy's, of what has no value
        return False


def unfolded(term: Basic, program: Program, budget: list[int] | None = None) -> Basic:
    """A term with names put in, those of recurrences, objectives and what is differentiated apart. Fails when it is too large."""
    budget = budget or [MOST_PARTS]
    budget[0] -= 1
    if budget[0] < 0:
        raise TooLarge(f"more than {MOST_PARTS} parts when names are put in")
    if isinstance(term, (Symbol, Element)):
        equation = program.equation(head_of(term))
        if equation is None or equation.head in program.recurrent or equation.head in program.opaque:
            return term
        return unfolded(equation.at(term.at if isinstance(term, Element) else ()), program, budget)
    if isinstance(term, (Index, Inverse, Determinant, *DERIVATIVES)) or not any(program.equation(name) for name in names(term)):
        return term
    if isinstance(term, Over):
        return type(term)(unfolded(term.body, program, budget), term.index)
    return term.func(*(unfolded(a, program, budget) for a in term.args))


def nesting(left: Basic, right: Basic, program: Program) -> int:
    """How many distinctions of cases between real numbers stand in each other, once names are put in."""
    known: dict[Basic, int] = {}
    for equation in program.equations:
        known[equation.head] = _nesting(equation.body, known)
    return max(_nesting(left, known), _nesting(right, known))


def _nesting(term: Basic, known: dict[Basic, int]) -> int:
    """The same of one term; of parts and names that were met before it is known."""
    if isinstance(term, (Symbol, Element)):
        return known.get(head_of(term), 0)
    if term not in known:
        case = isinstance(term, Where) and not (term.args[0].lhs.is_integer and term.args[0].rhs.is_integer)
        own = len(term.args) - 1 if isinstance(term, (Max, Min)) else case or isinstance(term, (Abs, relu, sign))
        known[term] = own + max((_nesting(a, known) for a in term.args), default=0)
    return known[term]


@lru_cache(maxsize=10_000)
def turned(term: Basic) -> Basic:
    """The term with one letter for all bound indices, and each comparison as `z > 0`, `z >= 0` or `z = 0`."""
    return _turned(term, {}, {})


def _turned(term: Basic, letters: dict[Basic, Basic], made: dict[Basic, Basic]) -> Basic:
    """The same inside sums: their indices have other letters. `made` has what became of parts so far."""
    if term in letters:
        return letters[term]
    if term not in made:
        made[term] = _turned_over(term, letters) if isinstance(term, Over) else _turned_parts(term, letters, made)
    return made[term]


def _turned_over(term: Over, letters: dict[Basic, Basic]) -> Basic:
    """A sum with another letter. Each level of sums has its own indices, so that no two are taken for one."""
    plain = replace(Index("i", term.index.lower, term.index.upper, term.index.level), letters)
    body = _turned(term.body, letters | {term.index: plain}, {})
    return Expr.__new__(type(term), body, plain) if depth(body) == depth(term.body) else type(term)(body, plain)


def _turned_parts(term: Basic, letters: dict[Basic, Basic], made: dict[Basic, Basic]) -> Basic:
    if isinstance(term, Index):
        return replace(term, letters) if letters else term
    new = [_turned(a, letters, made) for a in term.args]
    if isinstance(term, Where) and not isinstance(term.args[0].lhs, Beyond):
        return _turned_case(*new)
    if isinstance(term, Delta):
        return Delta(*sorted(new, key=str))
    return term if all(a is b for a, b in zip(new, term.args, strict=False)) else term.func(*new)


def _turned_case(condition: Boolean, then: Expr, otherwise: Expr) -> Expr:
    """A case by a comparison with 0, its branches exchanged where that says the opposite."""
    if condition in (true, false):
        return Where(condition, then, otherwise)
    z = condition.lhs - condition.rhs
    relation = condition.rel_op
    if relation in ("==", "!="):
        equal, other = (then, otherwise) if relation == "==" else (otherwise, then)
        return Where(Eq(min(z, -z, key=str), 0), equal, other)
    if condition.lhs.is_integer and condition.rhs.is_integer:
        above = {">": z, ">=": z + 1, "<": -z, "<=": 1 - z}[relation]
        return Where(Gt(above, 0), then, otherwise) if str(above) <= str(1 - above) else Where(Gt(1 - above, 0), otherwise, then)
    if relation in (">", "<"):
        return Where(Gt(z if relation == ">" else -z, 0), then, otherwise)
    return Where(Gt(-z if relation == ">=" else z, 0), otherwise, then)
