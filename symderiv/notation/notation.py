r"""Formulas for readers: a term as one line of unicode, or as LaTeX. Both are one walk over the term with two tables of forms.

SymPy keeps the arguments of + and · in an order of its own, so the order for readers is decided here.
In a sum: what is added before what is taken away; among those elements, scalars, numbers, functions, and sums last.
In a product: numbers, sizes, scalars, derivatives, elements, brackets and functions, and sums last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import Any

from sympy import Add, Basic, Expr, Integer, Mul, Pow, Rational, S, Symbol, Tuple, UnevaluatedExpr
from sympy.core.numbers import Pi
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from symderiv.errors import TermError
from symderiv.language.names import cotangent
from symderiv.language.terms import (
    LETTERS,
    Apply,
    Beyond,
    Delta,
    Determinant,
    Element,
    Given,
    Index,
    Inverse,
    Over,
    Partial,
    Shape,
    Total,
    Where,
    as_term,
    free_indices,
    names,
    subterms,
)
from symderiv.language.vocabulary import FUNCTIONS
from symderiv.notation.styles import LATEX, TEXT, Level, Piece, Range, Style, bracketed

Factor = tuple[Expr, Expr]  # base and exponent, the exponent positive


def text(term: Basic | Given, objectives: frozenset[Symbol] = frozenset()) -> str:
    """A term on one line of unicode. The derivative of an objective is written with ∂, a total one of a node with d."""
    return _whole(term, TEXT, objectives)


def latex(term: Basic | Given, objectives: frozenset[Symbol] = frozenset()) -> str:
    r"""A term in the LaTeX of amsmath. The derivative of an objective is written with \partial, a total one of a node with d."""
    return _whole(term, LATEX, objectives)


@dataclass(frozen=True)
class Scope:
    """What the walk carries down: the style, the objectives, the letters of the indices in sight, and what other letters mean."""

    style: Style
    objectives: frozenset[Symbol]
    letters: Mapping[Index, str]
    symbols: frozenset[str]
    authored: frozenset[str]

    def within(self, index: Index) -> Scope:
        """The scope inside a sum. The author's letter is kept unless something in sight has it."""
        sight = self.symbols | frozenset(self.letters.values())
        letter = _fresh(index.name, sight | self.authored) if index.name in sight else index.name
        return replace(self, letters={**self.letters, index: letter})


def _fresh(name: str, avoid: frozenset[str]) -> str:
    """The next letter in the alphabet of indices that means nothing yet; a prime if there is none."""
    start = LETTERS.find(name) + 1
    primes = [name + "'" * count for count in range(1, len(avoid) + 2)]
    return next(letter for letter in [*LETTERS[start:], *LETTERS[:start], *primes] if letter not in avoid)


def _whole(term: Basic | Given, style: Style, objectives: frozenset[Symbol]) -> str:
    term = as_term(term)
    symbols = frozenset(s.name for s in names(term))
    authored = frozenset(part.name for part in subterms(term) if isinstance(part, Index))
    free = sorted(free_indices(term), key=lambda i: (i.level, i.name, str(i.lower), str(i.upper)))
    letters = reduce(lambda known, index: _with_free(known, index, symbols | authored), free, dict[Index, str]())
    return _print(term, Scope(style, objectives, letters, symbols, authored)).string


def _with_free(known: dict[Index, str], index: Index, avoid: frozenset[str]) -> dict[Index, str]:
    taken = frozenset(known.values())
    return {**known, index: _fresh(index.name, taken | avoid) if index.name in taken else index.name}


def _print(term: Basic, scope: Scope) -> Piece:
    for kind in type(term).__mro__:
        if kind in FORMS:
            return FORMS[kind](term, scope)
    raise TermError(f"{type(term).__name__} in {term} has no notation; it is outside the language.")


def _at_least(term: Basic, scope: Scope, level: Level) -> Piece:
    return bracketed(scope.style, _print(term, scope), level)


def _with_sign(term: Expr, scope: Scope) -> Piece:
    negative, piece = _signed(term, scope)
    return Piece(scope.style.minus + piece.string, Level.ADD) if negative else piece


def _signed(term: Expr, scope: Scope) -> tuple[bool, Piece]:
    """Whether a term is taken away, and what is: -2x is (True, 2x)."""
    if isinstance(term, (Mul, Pow, Rational)):
        return _product(term.args if isinstance(term, Mul) else (term,), scope)
    return False, _print(term, scope)


def _sum_of_terms(term: Add, scope: Scope) -> Piece:
    signed = [(*_signed(a, scope), a) for a in term.args]
    ordered = sorted(signed, key=lambda item: (item[0], _place_in_sum(item[2])))
    first, *rest = [(negative, bracketed(scope.style, piece, Level.OPEN).string) for negative, piece, _ in ordered]
    head = (scope.style.minus if first[0] else "") + first[1]
    return Piece(head + "".join(f" {scope.style.minus if negative else '+'} {shown}" for negative, shown in rest), Level.ADD)


def _place_in_sum(term: Expr) -> int:
    """Where a reader expects a term: x̂ᵢ, then σ², a number, ε, a function, a sum, a sum with a factor."""
    factors = [f.args[0] if isinstance(f, UnevaluatedExpr) else f for f in (term.args if isinstance(term, Mul) else (term,))]
    parts = tuple(subterms(term))
    if any(isinstance(f, Over) for f in factors):
        return 7 if any(not isinstance(f, Over) and not f.is_number for f in factors) else 6
    if any(isinstance(p, (*FUNCTIONS, Apply)) for p in parts):
        return 5
    if all(f.is_number for f in factors):
        return 3
    if any(isinstance(p, (Element, Index, Delta, Where, Total, Partial)) for p in parts):
        return 0
    return 2 if isinstance(term, Symbol) and term.is_positive and not term.is_integer else 1


def _product(factors: Sequence[Expr], scope: Scope) -> tuple[bool, Piece]:
    """The sign of a product, and the product laid out: derivatives, a fraction, tall brackets, sums."""
    numbers = [f for f in factors if isinstance(f, Rational) and f < 0]
    above, below = _split([_positive(f) for f in factors if f != -1])
    above = _chained(sorted(above, key=_place_in_product))
    below.sort(key=_place_in_product)
    pieces = _beside_fraction(above, below, scope) if below else [_factor(f, scope) for f in above]
    return len(numbers) % 2 == 1, _joined(pieces or [Piece(scope.style.number(1))], scope.style)


def _positive(factor: Expr) -> Expr:
    return -factor if isinstance(factor, Rational) and factor < 0 else factor


def _split(factors: Sequence[Expr]) -> tuple[list[Factor], list[Factor]]:
    """Factors above and below the line of a fraction."""
    above: list[Factor] = []
    below: list[Factor] = []
    for factor in factors:
        base, exponent = factor.args if isinstance(factor, Pow) else (factor, S.One)
        if isinstance(factor, Rational) and factor.q != 1:
            above += [(Integer(factor.p), S.One)] * (factor.p != 1)
            below += [(Integer(factor.q), S.One)]
        elif exponent.could_extract_minus_sign() and (exponent.is_number or isinstance(exponent, Mul)):
            below += [(base, -exponent)]
        else:
            above += [(base, exponent)]
    return above, below


def _place_in_product(factor: Factor) -> int:
    """Where a reader expects a factor: a number, a size, a scalar, a derivative, an element, a bracket or function, a sum."""
    base = factor[0].args[0] if isinstance(factor[0], UnevaluatedExpr) else factor[0]
    if base.is_number:
        return 0
    if isinstance(base, (Total, Partial)) or _is_cotangent(base):
        return 4 if isinstance(base, Partial) else 3
    if isinstance(base, Symbol):
        return 1 if base.is_integer and base.is_positive else 2
    if isinstance(base, (Element, Delta, Index)):
        return 5
    return 7 if isinstance(base, Over) and factor[1] == 1 else 6


def _chained(factors: list[Factor]) -> list[Factor]:
    """Entries of matrices in the order of a matrix product, row index first: xᵢₖ·wₖⱼ."""
    matrices = [f for f in factors if isinstance(f[0], Element) and len(f[0].at) > 1 and not _is_cotangent(f[0])]
    chain: list[Factor] = []
    while rest := [f for f in matrices if f not in chain]:
        follows = [f for f in rest if chain and f[0].at[0] == chain[-1][0].at[-1]]
        starts = [f for f in rest if not any(f[0].at[0] == other[0].at[-1] for other in rest if other is not f)]
        chain.append((follows or starts or rest)[0])
    ordered = iter(chain)
    return [next(ordered) if f in matrices else f for f in factors]


def _is_cotangent(base: Basic) -> bool:
    head = base.head if isinstance(base, Element) else base
    return isinstance(head, Symbol) and cotangent(head.name) is not None


def _beside_fraction(above: list[Factor], below: list[Factor], scope: Scope) -> list[Piece]:
    derivatives = [f for f in above if _place_in_product(f) in (3, 4)]
    sums = [f for f in above if _place_in_product(f) == 7]
    tall = [f for f in above if scope.style.tall_apart and f not in sums and isinstance(f[0], Add) and _is_tall(f[0])]
    top = [f for f in above if f not in derivatives + sums + tall]
    fraction = scope.style.fraction(_line(top, scope), _line(below, scope))
    plain = all(_place_in_product(f) == 0 for f in top) and all(_place_in_product(f) <= 2 for f in below)
    around = [[_factor(f, scope) for f in group] for group in (derivatives, tall, sums)]
    return [fraction, *around[0], *around[1], *around[2]] if plain else [*around[0], fraction, *around[1], *around[2]]


def _is_tall(term: Basic) -> bool:
    return any(isinstance(p, (Over, Total, Partial)) or _is_cotangent(p) for p in subterms(term))


def _line(factors: list[Factor], scope: Scope) -> Piece:
    """One side of a fraction."""
    return _joined([_factor(f, scope) for f in factors] or [Piece("1")], scope.style)


def _factor(factor: Factor, scope: Scope) -> Piece:
    """A positive power. A square root is one; other fractions stay in the exponent."""
    base, exponent = factor
    if exponent == 1:
        return _print(base, scope)
    if exponent == Rational(1, 2):
        return scope.style.root(_print(base, scope))
    if isinstance(exponent, Rational) and exponent.q != 1:
        return scope.style.power(_print(base, scope), Piece(f"{exponent.p}/{exponent.q}", Level.QUOTIENT))
    return scope.style.power(_print(base, scope), _print(exponent, scope))


def _joined(pieces: list[Piece], style: Style) -> Piece:
    """Factors side by side, each in brackets if its neighbour on the right would be drawn into it."""
    if len(pieces) == 1:
        return pieces[0]
    *front, last = pieces
    safe = [bracketed(style, p, Level.PRODUCT) for p in front] + [bracketed(style, last, Level.OPEN)]
    shown = reduce(lambda done, pair: done + style.times(*pair) + pair[1].string, pairwise(safe), safe[0].string)
    return Piece(shown, min(Level.PRODUCT, safe[-1].level))


def _over(term: Over, scope: Scope) -> Piece:
    kind = type(term)
    ranges: list[Range] = []
    body: Expr = term
    while type(body) is kind:
        inner = scope.within(body.index)
        ranges = _with_range(ranges, body.index, scope, inner.letters[body.index])
        body, scope = body.body, inner
    conditions = []
    while isinstance(body, Where) and body.args[2] == kind.neutral:
        conditions.append(_print(body.args[0], scope).string)
        body = body.args[1]
    front = scope.style.over(kind.__name__, tuple(ranges), ", ".join(conditions))
    return Piece(front + _at_least(body, scope, Level.OPEN).string, Level.OPEN)


def _with_range(ranges: list[Range], index: Index, scope: Scope, letter: str) -> list[Range]:
    """One more index under the Σ or Π, beside the last one if that has the same bounds."""
    lower, upper = _print(index.lower, scope).string, _print(index.upper, scope).string
    plain = index.lower == 1 and not free_indices(index.upper)
    if ranges and (ranges[-1].lower, ranges[-1].upper) == (lower, upper):
        return [*ranges[:-1], replace(ranges[-1], letters=(*ranges[-1].letters, letter))]
    return [*ranges, Range((letter,), lower, upper, plain)]


def _derivative(term: Total | Partial, scope: Scope) -> Piece:
    of, wrt = term.args
    partial = isinstance(term, Partial) or _root(of) in scope.objectives
    d = scope.style.words["partial"] if partial else "d"
    return scope.style.derivative(d, _print(of, scope), _print(wrt, scope))


def _root(of: Expr) -> Expr:
    """What is differentiated first, in a derivative of a derivative."""
    return _root(of.args[0]) if isinstance(of, (Total, Partial)) else of


def _entry(head: str, at: Sequence[Expr], scope: Scope) -> Piece:
    return scope.style.entry(head, tuple(_print(p, scope).string for p in at))


def _cases(term: Where, scope: Scope) -> Piece:
    condition, then, otherwise = (_print(a, scope).string for a in term.args)
    return scope.style.cases(condition, then, otherwise)


def _relation(term: Relational, scope: Scope) -> Piece:
    left, right = (_at_least(a, scope, Level.ADD).string for a in term.args)
    return Piece(f"{left} {scope.style.relations[term.rel_op]} {right}", Level.RELATION)


def _shape(term: Tuple, scope: Scope) -> Piece:
    sizes = [_at_least(a, scope, Level.PRODUCT).string for a in term.args]
    return Piece(scope.style.shape_times.join(sizes) if sizes else "()", Level.RELATION)


def _applied(term: Apply, scope: Scope) -> Piece:
    argument = bracketed(scope.style, _print(term.args[1], scope), Level.RELATION)
    name = scope.style.entry(term.head.name + "'" * term.order, ()).string
    return Piece(name + scope.style.bracket(argument.string))


def _inverse(term: Inverse, scope: Scope) -> Piece:
    return scope.style.entry(f"{term.head.name}^{{-1}}", tuple(_print(p, scope).string for p in term.at))


def _determinant(term: Determinant, scope: Scope) -> Piece:
    return scope.style.call("det", (scope.style.entry(term.head.name, ()),))


def _call(term: Expr, scope: Scope) -> Piece:
    return scope.style.call(type(term).__name__, tuple(_print(a, scope) for a in term.args))


FORMS: dict[type, Callable[[Any, Scope], Piece]] = {
    Integer:         lambda t, s: Piece(s.style.number(int(t))) if t >= 0 else _with_sign(t, s),
    Rational:        _with_sign,
    Pi:              lambda t, s: Piece(s.style.words["pi"]),
    type(S.Exp1):    lambda t, s: s.style.call("exp", (Piece("1"),)),
    BooleanAtom:     lambda t, s: Piece(s.style.words[str(t).lower()]),
    Symbol:          lambda t, s: s.style.entry(t.name, ()),
    Index:           lambda t, s: Piece(s.letters[t]),
    Element:         lambda t, s: _entry(t.head.name, t.at, s),
    Delta:           lambda t, s: _entry(r"\delta", t.args, s),
    Add:             _sum_of_terms,
    Mul:             _with_sign,
    Pow:             _with_sign,
    Over:            _over,
    Apply:           _applied,
    Inverse:         _inverse,
    Determinant:     _determinant,
    Where:           _cases,
    Beyond:          lambda t, s: _print(Where(t.args[0] > 0, 1, 0), s),
    Total:           _derivative,
    Partial:         _derivative,
    UnevaluatedExpr: lambda t, s: _print(t.args[0], s),
    Relational:      _relation,
    Tuple:           _shape,
    Shape:           lambda t, s: s.style.call("shape", (_print(t.args[0], s),)),
    **dict.fromkeys(FUNCTIONS, _call),
}  # fmt: skip
