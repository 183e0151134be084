"""Sums and products over indices: which letters they are over, and from where to where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from sympy import And, Expr, Integer, Symbol
from sympy.logic.boolalg import Boolean

from symderiv.documents.meaning.cases import condition_of
from symderiv.documents.meaning.operations import COMPARED, entries_of, times
from symderiv.documents.meaning.ranges import range_by_use, ranges_in
from symderiv.documents.meaning.scope import Scope, attempt, found
from symderiv.documents.meaning.spelling import names_in, parts, positions_in, spelled, spelled_or_none
from symderiv.documents.meaning.unsized import Meaning
from symderiv.documents.meaning.value import number, value
from symderiv.documents.syntax.tree import Big, Chain, Multiplied, Name, Number, Scripted, Tree
from symderiv.errors import FormulaError, SymderivError
from symderiv.language.arrays import Array, beside, distinct
from symderiv.language.terms import Index, Product, Sum, free_indices


def big(tree: Big, scope: Scope) -> Meaning:
    """A sum or product over the letters below it, entry by entry where what it is of has entries."""
    if tree.kind not in ("sum", "prod"):
        raise FormulaError(f"\\{tree.kind} over a range has no meaning here", tree.span)
    if tree.sub is None:
        raise FormulaError("a sum over what? Write the index below: \\sum_i", tree.span)
    letters, condition = _letters(tree.sub, scope)
    if tree.kind == "prod" and (both := _big_beside(tree, letters, scope)) is not None:
        one, other = (value(part, scope) for part in both)
        return times(one, other, "", tree.span)
    rows: dict[str, Index] = {}
    scope.bound.append(rows)
    try:
        for letter, lower in letters:
            rows[letter] = _range(letter, lower, tree, scope)
        body = entries_of(value(tree.body, scope))
        holds = condition() if condition is not None else None
        over = Sum if tree.kind == "sum" else Product
        indices = tuple(rows.values())
        conditions = () if holds is None else (holds,)
        if isinstance(body, Array):
            formal = distinct(body.indices, {i.name for i in indices} | beside(body))
            return Array(formal, over(body.entry(formal), *indices, *conditions), f"Σ {body.text}")
        return over(body, *indices, *conditions)
    finally:
        scope.bound.pop()


def _big_beside(tree: Big, letters: list[tuple[str, Tree | None]], scope: Scope) -> tuple[Tree, Tree] | None:
    """A product and the one that stands beside it, `\\prod_i x_i \\prod_j y_j`, which is not inside: it does not mention i.

    Fails on a sum there, which could be either.
    """
    last = tree.body.factors[-1][1] if isinstance(tree.body, Multiplied) else None
    if not isinstance(last, Big) or any(_mentions(last, letter, scope) for letter, _ in letters):
        return None
    if last.kind != "prod":
        raise FormulaError("does the product go over this sum too? Write parentheses", last.span)
    assert isinstance(tree.body, Multiplied)
    (mark, _), *_ = tree.body.factors[-1:]
    if mark == "/":
        raise FormulaError("what is divided here? Write \\frac{...}{...}, or parentheses", last.span)
    factors = tree.body.factors[:-1]
    inner = factors[0][1] if len(factors) == 1 else replace(tree.body, factors=factors)
    return replace(tree, body=inner), last


def _mentions(tree: object, letter: str, scope: Scope) -> bool:
    """Whether a letter occurs in a tree, but for sums and products that have a letter of that name for themselves."""
    if isinstance(tree, Name):
        return tree.text == letter
    if isinstance(tree, Big) and tree.sub is not None and letter in dict(_letters(tree.sub, scope)[0]):
        return False
    inner: Iterable[object] = vars(tree).values() if isinstance(tree, Tree) else tree if isinstance(tree, tuple) else ()
    return any(_mentions(part, letter, scope) for part in inner)


def _letters(sub: Tree, scope: Scope) -> tuple[list[tuple[str, Tree | None]], Callable[[], Boolean] | None]:
    """The letters that a sum is over, with their lower ends if these are written, and its condition if there is one."""
    letters: dict[str, Tree | None] = {}
    conditions: list[Chain] = []
    for item in _below(sub):
        if not isinstance(item, Chain):
            letters.setdefault(spelled(item), None)
            continue
        (_, left), (relation, right), *more = item.members
        if left is None or right is None or more:
            raise FormulaError("a chain below a sum; write its comparisons with commas between", item.span)
        if relation == "=":
            letters[spelled(left)] = right
        elif relation == "∈":
            raise FormulaError("a sum over a set: write the range, or only the letter if its range is declared", right.span)
        elif relation in COMPARED:
            conditions.append(item)
        else:
            raise FormulaError("below a sum stand its letters, where they begin, and comparisons", item.span)
    if not letters:
        for condition in conditions:
            letters |= dict.fromkeys(_summed(condition, scope))
    begun: list[tuple[str, Tree | None]] = []
    for letter, lower in reversed(letters.items()):
        begun.insert(0, (letter, lower if lower is not None or not begun else begun[0][1]))
    return begun, (lambda: And(*(condition_of(c, scope) for c in conditions))) if conditions else None


def _below(sub: Tree) -> tuple[Tree, ...]:
    """What stands below a sum, one by one: `k, l : k ≠ l` and `k, l, k ≠ l` are three things."""
    if isinstance(sub, Chain) and len(sub.members) == 2 and sub.members[1][0] in (":", "|"):
        return tuple(item for _, member in sub.members if member is not None for item in _below(member))
    if isinstance(sub, Chain):
        return (sub,)
    return tuple(item for part in positions_in(sub, 2) for item in ((part,) if part is sub else _below(part)))


def _summed(condition: Chain, scope: Scope) -> list[str]:
    """The letters that a sum with nothing but a comparison below is over: the left one, and the right one where it is new."""
    (_, left), (relation, right) = condition.members
    other = spelled_or_none(right)
    letter = isinstance(right, Name) and found(right, scope) is None
    loose = letter and scope.defining is not None and other not in scope.defining and not any(other in rows for rows in scope.bound)
    new = loose or (letter and other is not None and relation != "≠" and scope.index(other) is None)
    if loose and other is not None:
        scope.both = (*scope.both, other)
    return [spelled(left), *([other] if new and other is not None else [])]


def _range(letter: str, lower: Tree | None, tree: Big, scope: Scope) -> Index:
    low = number(lower, scope) if lower is not None else Integer(1)
    if tree.sup is not None:
        return Index(letter, low, _upper(tree.sup, scope))
    known = _range_without_limits(letter, tree, scope)
    if known is not None:
        return known if lower is None else Index(letter, low, known.upper)
    if lower is not None:
        raise FormulaError(f"the last {letter} is not known; write it above the sum", tree.span)
    raise FormulaError(f"the range of {letter} is not known; declare it: index {letter} = 1..m", tree.span)


def _range_without_limits(letter: str, tree: Big, scope: Scope) -> Index | None:
    """The range of a sum's letter: as declared, by its use below the sum, elsewhere in the formula, or in formulas before."""
    if letter in scope.letters and letter not in scope.used:
        return scope.letters[letter]
    return range_by_use(letter, tree.body, scope) or _range_in_formula(letter, tree, scope)


def _range_in_formula(letter: str, tree: Big, scope: Scope) -> Index | None:
    """The one range that the formula gives to a letter, whether before or after; without any, the one of formulas before.

    Sums over a part of a range say no more than where it ends: `\\sum_{p=2}^m`, `\\sum_{p=1}^{m-1}`.
    """
    limits = list(dict.fromkeys(_limits(letter, scope)))
    whole = [i for i in limits if i.lower == 0 or (i.lower == 1 and i.upper.is_Atom and not free_indices(i.upper))]
    known = set(whole) | set(ranges_in(letter, scope))
    known = known or {index for index in (scope.before(letter),) if index is not None}
    if not limits and not known:
        return None
    if len(known) == 1 and all((i.upper - next(iter(known)).upper).is_Number for i in limits):
        return next(iter(known))
    said = " or ".join(sorted({f"{i.lower}..{i.upper}" for i in (*known, *limits)}))
    raise FormulaError(f"which range has {letter} here? Elsewhere it is {said}: write it below and above the sum", tree.span)


def _limits(letter: str, scope: Scope) -> Iterator[Index]:
    """The limits that sums of the formula over a letter are written with; a letter in them is an index of an unknown range."""
    sums = [part for part in parts(scope.formula) if isinstance(part, Big) and part.sub is not None]
    over = names_in(tuple(big.sub for big in sums))
    for big in sums:
        try:
            with attempt(scope, keep=False):
                begun = dict(_letters(big.sub, scope)[0]) if big.sub is not None else {}
            if letter not in begun or big.sup is None:
                continue
            with attempt(scope):
                scope.bound.append({name: Index(name, 1, Symbol("n")) for name in over})
                index = Index(letter, number(begun[letter] or Number("1"), scope), _upper(big.sup, scope))
                scope.bound.pop()
        except SymderivError:
            continue
        yield index


def _upper(tree: Tree, scope: Scope) -> Expr:
    """The upper end of a range; a name that nobody declared is a size."""
    if tree == Name("\\infty"):
        raise FormulaError("a sum without end: series are not judged", tree.span)
    if isinstance(tree, (Name, Scripted)) and found(tree, scope) is None and scope.index(spelled(tree)) is None:
        name = spelled(tree)
        scope.names[name] = scope.derivation.size(name)
    return number(tree, scope)
