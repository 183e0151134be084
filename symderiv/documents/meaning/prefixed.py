"""Names of several letters, `HH`, and names with Δ, δ or d before them, `\\Delta W_{ij}`, `dX`, where they are declared or defined so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from symderiv.documents.meaning.scope import TRANSPOSED, Scope, found
from symderiv.documents.meaning.spelling import name_of, remade, spelled_or_none
from symderiv.documents.syntax.tree import Big, Chain, Differential, Fraction, Multiplied, Name, Scripted, Tree
from symderiv.errors import FormulaError
from symderiv.language.claim import Objective

VARIATIONS = ("\\Delta", "\\delta")


def prefixed(tree: Tree | None) -> Name | Scripted | None:
    """What is written with Δ, δ or d before a name as one name, with all that is around it; None for anything else."""
    if isinstance(tree, Differential):
        return _joined("d", tree.of, tree) if tree.sign == "d" and tree.order == 1 else None
    if isinstance(tree, Multiplied) and len(tree.factors) == 2 and tree.factors[1][0] == "":
        (_, first), (_, second) = tree.factors
        return _joined(f"{first.text} ", second, tree) if isinstance(first, Name) and first.text in VARIATIONS else None
    return None


def _joined(sign: str, of: Tree | None, tree: Tree) -> Name | Scripted | None:
    base = of.base if isinstance(of, Scripted) else of
    if not isinstance(base, Name):
        return None
    name = Name(f"{sign}{base.text}", span=tree.span)
    return replace(of, base=name, span=tree.span) if isinstance(of, Scripted) else name


def take_for_name(tree: Tree, scope: Scope) -> Tree:
    """What is declared or defined, as one name from here on if Δ, δ or d stands before it."""
    name = prefixed(tree)
    if name is None:
        return tree
    scope.prefixed.add(_key(name))
    return name


def _key(name: Name | Scripted) -> str:
    return name.text if isinstance(name, Name) else name_of(spelled_or_none(name.base) or "", primes=name.primes)


def has_objective(scope: Scope) -> bool:
    """Whether the page has an objective by now: then dX is its derivative."""
    return bool(scope.objectives or scope.final) or any(isinstance(what, Objective) for what in scope.names.values())


def joined(tree: Tree, scope: Scope) -> Tree:
    """A tree with each such name as one. Fails where it could be a product, a derivative, or of a power."""
    return remade(tree, lambda part: _changed(part, scope))


def with_joined(chain: Chain, scope: Scope) -> Chain:
    """A chain with each such name as one in all of its members."""
    return replace(chain, members=tuple((sign, None if tree is None else joined(tree, scope)) for sign, tree in chain.members))


def _changed(tree: Tree, scope: Scope) -> Tree | None:
    if isinstance(tree, Big) and tree.kind == "int":
        return tree  # the dx of an integral is none of these
    if isinstance(tree, Fraction) and _is_derivative((tree.above,), _factors(tree.below)):
        return _derivative(tree, scope)
    if isinstance(tree, Multiplied):
        return _product(tree, scope)
    return _named(tree, scope) if isinstance(tree, Differential) else None


def _factors(tree: Tree) -> tuple[Tree, ...]:
    return tuple(f for _, f in tree.factors) if isinstance(tree, Multiplied) else (tree,)


def _is_derivative(above: Iterable[Tree], below: Iterable[Tree]) -> bool:
    return all(isinstance(part, Differential) for part in (*above, *below))


def _derivative(tree: Fraction, scope: Scope) -> Tree:
    """A derivative, `\\frac{dy}{dx}`. Fails where dy and dx are names too."""
    if all(_is_known(prefixed(part), scope) for part in (tree.above, *_factors(tree.below))):
        raise FormulaError(
            "a derivative, or a quotient of names? All of them are declared; write \\cdot \\frac{1}{...} for the quotient", tree.span
        )
    return replace(tree, above=_inside(tree.above, scope), below=_inside(tree.below, scope))


def _inside(tree: Tree, scope: Scope) -> Tree:
    """Differentials with what they are of, whose own sign stays."""
    if isinstance(tree, Multiplied):
        return replace(tree, factors=tuple((mark, _inside(f, scope)) for mark, f in tree.factors))
    return replace(tree, of=joined(tree.of, scope)) if isinstance(tree, Differential) and tree.of is not None else tree


def _product(tree: Multiplied, scope: Scope) -> Tree:
    """A product with each such name as one factor; differentials with a slash between them stay."""
    factors: list[tuple[str, Tree]] = []
    left = list(tree.factors)
    while left:
        mark, factor = left.pop(0)
        count, word = _letters(factor, left, scope)
        if word is not None:
            del left[:count]
            factors.append((mark, word))
            continue
        if left and left[0][0] == "/" and _is_derivative((factor,), (left[0][1],)):
            factors += [(mark, _inside(factor, scope)), (left[0][0], _inside(left.pop(0)[1], scope))]
            continue
        pair = prefixed(Multiplied((("", factor), left[0]), span=(factor.span[0], left[0][1].span[1]))) if left else None
        if pair is not None and isinstance(factor, Name) and _is_known(pair, scope):
            left.pop(0)
            factors.append((mark, _checked(pair, factor, scope)))
        else:
            factors.append((mark, joined(factor, scope)))
    return factors[0][1] if len(factors) == 1 and not factors[0][0] else replace(tree, factors=tuple(factors))


def _letters(first: Tree, after: Sequence[tuple[str, Tree]], scope: Scope) -> tuple[int, Tree | None]:
    """A declared name whose letters stand close together from a factor on, the longest one, and how many more factors belong to it.

    Fails where its letters are all names too.
    """
    run = [first]
    for mark, factor in after if isinstance(first, Name) and len(first.text) == 1 else ():
        base = factor.base if isinstance(factor, Scripted) else factor
        letter = mark == "" and isinstance(base, Name) and len(base.text) == 1 and run[-1].span[1] == base.span[0]
        if not letter or isinstance(run[-1], Scripted):
            break
        run.append(factor)
    for count in range(len(run), 1, -1):
        bases = [part.base if isinstance(part, Scripted) else part for part in run[:count]]
        word = "".join(base.text for base in bases if isinstance(base, Name))
        span = (run[0].span[0], run[count - 1].span[1])
        if word not in scope.names:
            continue
        if all(isinstance(base, Name) and _means(base, scope) for base in bases):
            raise FormulaError(f"{word}: the name, or the product of its letters? Write \\text{{{word}}}, or \\cdot between them", span)
        last = run[count - 1]
        name = Name(word, span=span)
        return count - 1, replace(last, base=name, span=span) if isinstance(last, Scripted) else name
    return 0, None


def _named(tree: Differential, scope: Scope) -> Tree | None:
    """`dX` where that is a name, also before what a fraction takes for a part of it."""
    if isinstance(tree.of, Multiplied):
        (_, first), *others = tree.of.factors
        name = _named(replace(tree, of=first, span=(tree.span[0], first.span[1])), scope)
        more = [(mark, joined(f, scope)) for mark, f in others]
        return Multiplied((("", name), *more), span=tree.span) if name is not None else None
    name = prefixed(tree)
    return _checked(name, Name("d", span=tree.span), scope) if name is not None and _is_known(name, scope) else None


def _is_known(name: Name | Scripted | None, scope: Scope) -> bool:
    return name is not None and _key(name) in scope.prefixed


def _means(sign: Name, scope: Scope) -> bool:
    return sign.text in scope.names or scope.index(sign.text) is not None


def _checked(name: Name | Scripted, sign: Name, scope: Scope) -> Name | Scripted:
    """The name, if it is no product as well, no derivative of an objective, and what is above it belongs to all of it."""
    text = spelled_or_none(name) or _key(name)
    if _means(sign, scope):
        raise FormulaError(f"{text}: the name, or {sign.text} times what follows? Write \\cdot for the product", name.span)
    if sign.text == "d" and has_objective(scope):
        raise FormulaError(f"{text}: as it is declared, or the derivative of the objective? Declare one of the two", name.span)
    seen = found(name, scope)
    if seen is not None and seen.power is not None and spelled_or_none(seen.power) not in TRANSPOSED:
        raise FormulaError(f"{text}: a power of all of {_key(name)}, or of what follows {sign.text}? Write parentheses", name.span)
    return name
