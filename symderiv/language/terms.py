"""The vocabulary of formulas: SymPy expressions of a closed set of kinds, and substitution that cannot capture.

A term is built from numbers, symbols, elements `x[i, j]`, sums over an index, Kronecker deltas, case
distinctions, derivatives and the functions of `functions`. `vocabulary` refuses everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, count
from typing import TypeAlias

from sympy import Basic, Expr, Integer, Rational, S, Symbol, SympifyError, sympify
from sympy.core.expr import AtomicExpr
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, Not, Or
from sympy.printing.str import StrPrinter

from symderiv.errors import TermError
from symderiv.language import extrema as extrema

LETTERS = "ijklnpqrstuvw"  # for indices that need a name

Given: TypeAlias = Expr | int | float  # a number or an expression, as a page writes it
Term: TypeAlias = Expr | Boolean  # a term has a number for its value, or is a condition
Build: TypeAlias = Callable[..., Basic]  # makes a term of a kind from its parts


def as_term(value: object) -> Term:
    """A number or an expression as SymPy's own object. Fails on text, which would have to be evaluated, and on what is no formula."""
    if type(value).__name__ == "Objective":
        head = vars(value)["head"]
        raise TermError(f"{head} is an objective; its derivatives are terms: {head}.wrt(x[i]). Name its value with let.")
    try:
        return sympify(value, strict=True)
    except SympifyError:
        raise TermError(f"{value!r} is not a formula; build one from declared names, numbers and functions.") from None


class Index(AtomicExpr):
    """A position that runs over `lower..upper`, both included.

    Level 0 is an index that a page declared; a sum's own index has the level of the sum. So an index
    that is free can never be mistaken for one that is bound.
    """

    __slots__ = ("level", "lower", "name", "upper")
    is_integer = True
    is_commutative = True
    name: str
    lower: Expr
    upper: Expr
    level: int

    def __new__(cls, name: str, lower: Given, upper: Given, level: int = 0) -> Index:
        return cls._made(name, as_term(lower), as_term(upper), level)

    @classmethod
    @lru_cache(maxsize=50_000)  # one object for each, so that comparing two is quick
    def _made(cls, name: str, lower: Expr, upper: Expr, level: int) -> Index:
        self = super().__new__(cls)
        self.name, self.lower, self.upper, self.level = name, lower, upper, level
        return self

    def _hashable_content(self) -> tuple[str | Expr | int | bool, ...]:
        return (self.name, self.lower, self.upper, self.level)

    def _sympystr(self, printer: StrPrinter) -> str:
        return self.name if not self.level else f"{self.name}_{self.level}"

    def at(self, level: int) -> Index:
        """The same index as the bound one of a sum of that level."""
        return Index(self.name, self.lower, self.upper, level)


def free_letter(taken: Container[str]) -> str:
    """A name for an index that is not taken."""
    return next(name for name in chain(LETTERS, (f"i{n}" for n in count())) if name not in taken)


class Label(Symbol):
    """The head of an array of positions: each entry is a whole number in `lower..upper`."""

    __slots__ = ("lower", "upper")
    lower: Expr
    upper: Expr

    def __new__(cls, name: str, lower: Expr, upper: Expr) -> Label:
        self: Label = Symbol.__xnew__(cls, name, integer=True, **({"positive": True} if lower.is_positive else {}))
        self.lower, self.upper = lower, upper
        return self

    def _hashable_content(self) -> tuple[str | Expr | int | bool, ...]:
        return (*super()._hashable_content(), self.lower, self.upper)


class Ranged(Symbol):
    """The head of an input whose entries are real numbers between two numbers, which they do not reach."""

    __slots__ = ("lower", "upper")
    lower: Expr
    upper: Expr

    def __new__(cls, name: str, lower: Given, upper: Given) -> Ranged:
        sign = {"positive": True} if lower >= 0 else {"negative": True} if upper <= 0 else {"real": True}
        self: Ranged = Symbol.__xnew__(cls, name, **sign)
        self.lower, self.upper = lower, upper
        return self

    def _hashable_content(self) -> tuple[str | Expr | int | bool, ...]:
        return (*super()._hashable_content(), self.lower, self.upper)


class Element(Expr):
    """An entry `x[i, j]` of an input or a node; `head` is the symbol that carries its name and its sign."""

    is_commutative = True

    def __new__(cls, head: Symbol, *at: Given) -> Element:
        return super().__new__(cls, head, *map(as_term, at))

    @property
    def head(self) -> Symbol:
        return self.args[0]

    @property
    def at(self) -> tuple[Expr, ...]:
        return self.args[1:]

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_is_finite(self) -> bool:
        return True

    def _eval_is_integer(self) -> bool | None:
        return self.head.is_integer

    def _eval_is_extended_positive(self) -> bool | None:
        return self.head.is_positive

    def _sympystr(self, printer: StrPrinter) -> str:
        return f"{self.head.name}[{', '.join(map(str, self.at))}]"


class Over(Expr):
    """What binds an index: inside, it runs over its whole range. A condition beside it keeps the positions at which it holds."""

    is_commutative = True
    neutral = S.Zero

    def __new__(cls, body: Given, *over: Index | Boolean) -> Expr:
        body, name = as_term(body), cls.__name__
        if not over:
            raise TermError(f"{name} needs an index: {name}(x[i], i).")
        for item in over:
            if isinstance(item, bool):
                raise TermError(f"a condition of {name} became a plain True or False: write Ne(i, j) or Eq(i, j), not i != j.")
            if isinstance(item, tuple):
                raise TermError(
                    f"{name} over {item}: an index brings its own range; declare it, i = d.index('i', n), and write {name}(x[i], i)."
                )
        for condition in (c for c in over if not isinstance(c, Index)):
            body = Where(condition, body, cls.neutral)
        indices = [i for i in over if isinstance(i, Index)]
        if len(set(indices)) < len(indices):
            raise TermError(f"{name} over {', '.join(i.name for i in indices)}: each index is bound once.")
        _check_order(indices, body)
        for index in reversed(indices):
            level = 1 + max(depth(body), max((i.level for i in free_indices(body) - {index}), default=0))
            bound = index.at(level)
            body = super().__new__(cls, body if bound == index else replace(body, {index: bound}), bound)
        return body

    @property
    def body(self) -> Expr:
        return self.args[0]

    @property
    def index(self) -> Index:
        return self.args[1]

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_is_finite(self) -> bool:
        return True

    def _sympystr(self, printer: StrPrinter) -> str:
        return f"{type(self).__name__}({self.body}, {self.index})"


class Sum(Over):
    """The sum of a term over each index given: `Sum(e, i, j)`; `Sum(e, i, Ne(i, j))` where the condition holds."""


class Product(Over):
    """The product of a term over each index given; where a condition beside them does not hold the factor is 1."""

    neutral = S.One


def _check_order(indices: list[Index], body: Expr) -> None:
    """Refuse an index with a range that depends on one bound further inside."""
    outside = [i for i in free_indices(body) if i not in indices]
    for n, inner in enumerate(indices):
        for other in (*indices[:n], *outside):
            if inner in free_indices(other):
                raise TermError(
                    f"the range of {other.name} depends on {inner.name}: "
                    f"bind {inner.name} further out: Sum(..., {inner.name}, {other.name})."
                )


class Delta(Expr):
    """Kronecker's delta: 1 where both sides are the same position, else 0."""

    is_commutative = True
    is_integer = True

    def __new__(cls, left: Given, right: Given) -> Expr:
        left, right = as_term(left), as_term(right)
        if left == right:
            return S.One
        if left.is_number and right.is_number:
            return S.Zero
        return super().__new__(cls, left, right)


class Where(Expr):
    """`Where(condition, a, b)`: a where the condition holds, else b. Conditions are comparisons, joined by And, Or and Not."""

    is_commutative = True

    def __new__(cls, condition: Boolean, then: Given, otherwise: Given) -> Expr:
        if isinstance(condition, bool):
            raise TermError("a condition of Where became a plain True or False: write Ne(i, j) or Eq(i, j), not i != j.")
        condition, then, otherwise = as_term(condition), as_term(then), as_term(otherwise)
        if condition in (S.true, S.false):
            return then if condition is S.true else otherwise
        if isinstance(condition, (And, Or, Not)):
            return _joined_cases(condition, then, otherwise)
        if not isinstance(condition, Relational):
            raise TermError(f"Where needs one comparison such as x[i] > 0, not {condition}.")
        return super().__new__(cls, condition, then, otherwise)

    def _eval_is_extended_real(self) -> bool:
        return True


def _joined_cases(condition: Boolean, then: Expr, otherwise: Expr) -> Expr:
    """A case under And, Or or Not as cases under single comparisons."""
    first, *others = sorted(condition.args, key=str)
    if isinstance(condition, Not):
        return Where(first, otherwise, then)
    rest = type(condition)(*others)
    if isinstance(condition, And):
        return Where(first, Where(rest, then, otherwise), otherwise)
    return Where(first, then, Where(rest, then, otherwise))


class Total(Expr):
    """The derivative of a term w.r.t. a node or input along every path of the program (the adjoint, for an objective)."""

    is_commutative = True

    def __new__(cls, of: Expr, wrt: Expr) -> Total:
        return super().__new__(cls, as_term(of), as_term(wrt))

    def _eval_is_extended_real(self) -> bool:
        return True


class Partial(Expr):
    """The derivative of one definition w.r.t. one of its operands, every other name held."""

    is_commutative = True

    def __new__(cls, of: Expr, wrt: Expr) -> Partial:
        return super().__new__(cls, as_term(of), as_term(wrt))

    def _eval_is_extended_real(self) -> bool:
        return True


DERIVATIVES = (Total, Partial)


class Shape(Expr):
    """The sizes of an array, which the first argument names or gives an entry of; only ever a whole member of a claim."""

    is_commutative = True

    @property
    def sizes(self) -> tuple[Expr, ...]:
        return self.args[1:]


class Beyond(Expr):
    """1 for z > 0, 0 for z < 0, and no value at z = 0: the slope of relu. Made by differentiation, not by pages."""

    is_commutative = True

    def _eval_is_extended_real(self) -> bool:
        return True


def beyond(z: Given, above: Given, below: Given) -> Expr:
    """One slope for z > 0 and another for z < 0. Kept even if they are equal: at z = 0 there may be a jump."""
    return Where(Beyond(z) > Rational(1, 2), above, below)


class Apply(Expr):
    """The derivative of the given order (0: the value) of a smooth function of one number of which nothing else is known."""

    is_commutative = True

    def __new__(cls, head: Symbol, argument: Given, order: int = 0) -> Apply:
        return super().__new__(cls, head, as_term(argument), Integer(order))

    @property
    def head(self) -> Symbol:
        return self.args[0]

    @property
    def order(self) -> int:
        return int(self.args[2])

    def _eval_is_extended_real(self) -> bool:
        return True


class Inverse(Expr):
    """An entry of the inverse of a square matrix, which the first argument names."""

    is_commutative = True

    def __new__(cls, head: Symbol, row: Given, column: Given) -> Inverse:
        return super().__new__(cls, head, as_term(row), as_term(column))

    @property
    def head(self) -> Symbol:
        return self.args[0]

    @property
    def at(self) -> tuple[Expr, ...]:
        return self.args[1:]

    def _eval_is_extended_real(self) -> bool:
        return True

    def _sympystr(self, printer: StrPrinter) -> str:
        return f"inverse({self.head.name})[{', '.join(map(str, self.at))}]"


class Determinant(Expr):
    """The determinant of a square matrix, which the argument names."""

    is_commutative = True

    @property
    def head(self) -> Symbol:
        return self.args[0]

    def _eval_is_extended_real(self) -> bool:
        return True

    def _sympystr(self, printer: StrPrinter) -> str:
        return f"determinant({self.head.name})"


@lru_cache(maxsize=50_000)
def depth(term: Expr) -> int:
    """The level of the outermost bound index inside a term; 0 without one."""
    if isinstance(term, Over):
        return max(term.index.level, depth(term.body))
    return max((depth(a) for a in term.args), default=0)


def _built(make: Build, *parts: Basic) -> Basic:
    return make(*parts)


def replace(term: Basic, swap: Mapping[Basic, Basic], build: Build = _built) -> Basic:
    """Put terms in place of symbols, indices or elements. Never captures, and none gets out: a bound index is its own.

    `build` makes what has new parts. What stands below a sum with the sum's own index in it is no key's: `rewritten` is for that.
    An absent key changes nothing.
    """
    result = _put(term, swap, build, {})
    if not free_indices(result) <= free_indices(term):
        check_free(term, result, (*swap.values(), *(_put(i, swap, build, {}) for i in free_indices(term))))
    return result


def _put(term: Basic, swap: Mapping[Basic, Basic], build: Build, made: dict[Basic, Basic]) -> Basic:
    """The same; `made` has what became of parts so far, since one may stand in many places."""
    if term in swap:
        return swap[term]
    if isinstance(term, Index):
        lower, upper = _put(term.lower, swap, build, made), _put(term.upper, swap, build, made)
        return term if (lower, upper) == (term.lower, term.upper) else Index(term.name, lower, upper, term.level)
    if not term.args:
        return term
    if term not in made:
        made[term] = _put_inside(term, swap, build) if isinstance(term, Over) else _put_in_parts(term, swap, build, made)
    return made[term]


def _put_in_parts(term: Basic, swap: Mapping[Basic, Basic], build: Build, made: dict[Basic, Basic]) -> Basic:
    new = [_put(a, swap, build, made) for a in term.args]
    return term if all(a is b for a, b in zip(new, term.args, strict=True)) else build(term.func, *new)


def _put_inside(term: Over, swap: Mapping[Basic, Basic], build: Build) -> Basic:
    outer = {old: new for old, new in swap.items() if term.index not in free_indices(old)}
    if not any(part in outer for part in subterms(term)):
        return term
    highest = max((depth_of_free(new) for new in outer.values()), default=0)
    fresh = term.index.at(1 + max(highest, depth(term.body), *(depth(new) for new in outer.values()), 0))
    index = _put(fresh, outer, build, {})
    body = _put(term.body, outer | {term.index: index}, build, {})
    return type(term)(body, index)


def rewritten(term: Basic, change: Callable[[Basic], Basic | None], build: Build = _built) -> Basic:
    """A term with what `change` makes of its parts in their place, the outermost first; where that is none, a part stays.

    What stands below a sum may mention the sum's index, and so may what comes in its place; `build` makes what has new parts.
    Fails where an index comes from nowhere.
    """
    new = change(term)
    if new is not None:
        check_free(term, new)
        return new
    if isinstance(term, Over):
        body = rewritten(term.body, change, build)
        same_levels = depth(body) == depth(term.body)
        return term if body is term.body else Expr.__new__(type(term), body, term.index) if same_levels else type(term)(body, term.index)
    parts = [rewritten(a, change, build) for a in term.args]
    return term if all(a is b for a, b in zip(parts, term.args, strict=True)) else build(term.func, *parts)


def check_free(before: Basic, after: Basic, more: Iterable[Basic] = ()) -> None:
    """Refuse a change of a term that lets an index out of its sum: what is free afterwards was free before, or came with `more`."""
    escaped = free_indices(after) - free_indices(before)
    escaped = escaped.difference(*map(free_indices, more)) if escaped else escaped
    if escaped:
        shown = ", ".join(sorted(map(str, escaped)))
        raise TermError(f"{before} became {after}, where {shown} is bound by nothing; this is a bug of symderiv, please report it.")


def depth_of_free(term: Basic) -> int:
    """The highest level among the indices that occur free."""
    return max((i.level for i in free_indices(term)), default=0)


@lru_cache(maxsize=50_000)
def free_indices(term: Basic) -> frozenset[Index]:
    """The indices that a term depends on, those in the bounds of its indices included."""
    if isinstance(term, Index):
        return frozenset({term}) | free_indices(term.lower) | free_indices(term.upper)
    inner: frozenset[Index] = frozenset().union(*(free_indices(a) for a in term.args))
    return inner - {term.index} if isinstance(term, Over) else inner


def subterms(term: Basic) -> Iterator[Basic]:
    """A term and all below it, parents first, the bounds of indices and labels included."""
    yield term
    for argument in (term.lower, term.upper) if isinstance(term, (Index, Label)) else term.args:
        yield from subterms(argument)


@lru_cache(maxsize=50_000)
def names(term: Basic) -> frozenset[Symbol]:
    """The symbols that occur: sizes, scalars, and the heads of elements, in bounds too."""
    own: frozenset[Symbol] = frozenset({term} if isinstance(term, Symbol) else ())
    return own.union(*map(names, (term.lower, term.upper) if isinstance(term, (Index, Label)) else term.args))
