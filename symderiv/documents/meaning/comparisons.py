"""Comparisons, ranges and memberships as conditions, and the chains of a formula made ready to be told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from symderiv.documents.meaning.operations import COMPARED
from symderiv.documents.meaning.scope import Scope, attempt, found
from symderiv.documents.meaning.spelling import parts, spelled_or_none
from symderiv.documents.meaning.unsized import Row
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.tree import Added, Applied, Chain, Dots, Fenced, Listed, Multiplied, Name, Number, Scripted, Text, Tree
from symderiv.errors import FormulaError, SymderivError
from symderiv.language.arrays import Array

DISTRIBUTIONS = frozenset(
    ("N", "\\mathcal{N}", "U", "\\mathcal{U}", "Bernoulli", "Bern", "Normal", "Uniform", "Cat", "Categorical", "Poisson")
)
NUMBERS = ("\\mathbb{R}", "\\mathbb{N}", "\\mathbb{Z}", "\\mathbb{Q}")
INTERVALS = {"(": (">", "<"), "[": ("≥", "≤"), "(]": (">", "≤"), "[)": ("≥", "<")}  # what each end says
EQUAL = ("=", ":=", "⇒")


def no_condition(chain: Chain) -> FormulaError:
    return FormulaError("what is this beside a condition? Write i = 1, \\dots, n, or all cases with \\begin{cases}", chain.span)


def prepared(chains: Sequence[Chain], scope: Scope) -> Iterator[Chain]:
    """The chains, ranges such as `i = 1, 2, \\dots, n` in one piece, and those with a colon as what stands before and after it."""
    left = [part for chain in chains for part in _apart(chain, scope)]
    while left:
        chain = left.pop(0)
        listed = _listed_after(chain, left)
        if listed:
            chain = _in_one(chain, listed)
            del left[: len(listed)]
        yield chain


def _apart(chain: Chain, scope: Scope) -> Iterator[Chain]:
    """A chain at its colons: between arrays these are products, else they part what holds from where it does."""
    members = list(chain.members)
    n = next((n for n, (relation, _) in enumerate(members) if n and relation == ":"), 0)
    if not n or any(relation == "→" for relation, _ in members):
        yield chain
        return
    (sign, before), (_, after) = members[n - 1], members[n]
    if (product := _product(before, after, scope)) is not None:
        members[n - 1 : n + 1] = [(sign, product)]
        yield from _apart(replace(chain, members=tuple(members)), scope)
        return
    label = _is_label(chain, n, scope)
    if not label:
        _check_condition(chain, n)
        yield replace(chain, members=tuple(members[:n])) if n > 1 or after is None else chain
    if label or (n > 1 and after is not None):
        yield from _apart(replace(chain, members=(("", after), *members[n + 1 :])), scope)


def _product(before: Tree | None, after: Tree | None, scope: Scope) -> Fenced | None:
    """Two arrays with a colon between as one member; None for anything else. Fails where they are sums."""
    if before is None or after is None or not _is_array(before, scope) or not _is_array(after, scope):
        return None
    span = (before.span[0], after.span[1])
    if isinstance(before, Added) or isinstance(after, Added):
        raise FormulaError("a colon between sums: write parentheses around what it multiplies", span)
    return Fenced("(", Chain((("", before), (":", after)), span=span), span=span)


def _are_equations(chain: Chain, n: int) -> tuple[bool, bool]:
    """Whether there is an equals sign before the n-th member, and after it."""
    relations = [relation for relation, _ in chain.members]
    return any(r in EQUAL for r in relations[:n]), any(r in EQUAL for r in relations[n + 1 :])


def _is_label(chain: Chain, n: int, scope: Scope) -> bool:
    """Whether what stands before a colon is a new name, and an equation after it: that names the equation."""
    sign, before = chain.members[n - 1]
    names = n == 1 and not sign and _are_equations(chain, n)[1]
    return names and isinstance(before, (Name, Scripted)) and found(before, scope) is None


def _check_condition(chain: Chain, n: int) -> None:
    """Fails where it is not sure what the colon before the n-th member is; a condition beside an equation is one."""
    equal, after = _are_equations(chain, n), chain.members[n][1]
    condition = n > 1 and not all(equal) and len(chain.members) > n + 1
    if after is not None and not condition and (any(equal) or n > 1):
        says = "a colon: a product of matrices, a ratio, or a condition? Write \\operatorname{tr}(A^\\top B), \\frac{a}{b} or \\text{if}"
        raise FormulaError(says, chain.span)


def _is_array(tree: Tree, scope: Scope) -> bool:
    try:
        with attempt(scope, keep=False):
            return isinstance(value(tree, scope), (Array, Row))
    except SymderivError:
        return False


def _listed_after(chain: Chain, left: Sequence[Chain]) -> list[Chain]:
    """The pieces that end in an ellipsis and an end, after `i = 1`; none after anything else."""
    if [relation for relation, _ in chain.members] != ["", "="] or is_range(chain.members[1][1]):
        return []
    row = [c for c in left if c.row == chain.row]
    k = next((k for k, c in enumerate(row) if len(c.members) != 1 or is_range(c.members[0][1])), len(row))
    return list(row[: k + 1]) if k < len(row) and len(row[k].members) == 1 else []


def _in_one(chain: Chain, listed: Sequence[Chain]) -> Chain:
    """`i = 1`, `2`, `\\dots, n` as one range. Fails where its positions are not one after another."""
    (_, letter), (_, first) = chain.members
    items = [first, *(c.members[0][1] for c in listed[:-1])]
    last = listed[-1].members[0][1]
    assert isinstance(last, Listed)
    items += [last.items[0]]
    numbers = [int(item.text) if isinstance(item, Number) and item.text.isdigit() else None for item in items]
    span = (chain.span[0], listed[-1].span[1])
    if None in numbers or any(b != a + 1 for a, b in pairwise(numbers) if a is not None):
        raise FormulaError("positions that are not one after another: write i = 1, \\dots, n", span)
    whole = Listed((first, *last.items[1:]) if first is not None else last.items, span=last.span)
    return replace(chain, members=(("", letter), ("=", whole)), span=span)


def implied(chain: Chain, scope: Scope) -> tuple[tuple[Chain, ...], Chain]:
    """The conditions from which an equation follows, `a > 0 \\Rightarrow |a| = a`, and the equation."""
    relations = [relation for relation, _ in chain.members]
    back = next((n for n, relation in enumerate(relations) if n and relation == "⇐"), 0)
    if back:
        after = replace(chain, members=(("", chain.members[back][1]), *chain.members[back + 1 :]))
        if not is_comparison(after) or ("=" in relations[back + 1 :] and not is_of_inputs(after, scope)):
            raise FormulaError(
                "what does this follow from? A comparison stands after \\Leftarrow, or each is a formula of its own", after.span
            )
        given, rest = implied(replace(chain, members=chain.members[:back]), scope)
        return (*given, after), rest
    cut = next((n for n, relation in enumerate(relations) if n and relation == "⇒"), 0)
    before = replace(chain, members=chain.members[:cut])
    if cut < 2 or any(r not in COMPARED for r in relations[1:cut]) or ("=" in relations[1:cut] and not is_of_inputs(before, scope)):
        return (), chain
    given, rest = implied(replace(chain, members=(("", chain.members[cut][1]), *chain.members[cut + 1 :])), scope)
    return (before, *given), rest


def is_of_inputs(chain: Chain, scope: Scope) -> bool:
    """Whether an equation says which value an input, a size or a position has: that is no definition, and true of few."""
    tree = chain.members[0][1]
    if isinstance(tree, Name) and scope.index(tree.text) is not None:
        return True
    seen = found(tree, scope) if isinstance(tree, (Name, Scripted)) else None
    return seen is not None and seen.power is None and (scope.is_input(seen.what) or is_of_a_size(chain, scope))


def is_of_a_size(chain: Chain, scope: Scope) -> bool:
    """Whether an equation says what a size is."""
    seen = found(tree, scope) if isinstance(tree := chain.members[0][1], (Name, Scripted)) else None
    return seen is not None and seen.head in scope.derivation.program.sizes


def narrowed(chain: Chain, scope: Scope) -> tuple[Chain, ...] | None:
    """The conditions that a range such as `i = 2, \\dots, n` is, where it is not the one that is declared."""
    if len(chain.members) != 2 or chain.members[1][0] not in ("=", "∈"):
        return None
    (_, letter), (_, right) = chain.members
    listed = _range(right, chain.members[1][0] == "∈")
    index = scope.index(letter.text) if isinstance(letter, Name) else None
    if index is None or not isinstance(listed, Listed) or not is_range(listed):
        return None
    ends = (("≥", listed.items[0], index.lower), ("≤", listed.items[-1], index.upper))
    return tuple(
        replace(chain, members=(("", letter), (sign, end)))
        for sign, end, known in ends
        if spelled_or_none(end) != str(known) and spelled_or_none(end) != "\\infty"
    )


def _range(tree: Tree | None, member: bool) -> Tree | None:
    """What a letter runs over, as a list from here to there: `1 \\ldots n`, and of a set `\\{1, \\dots, n\\}` and `[n]`."""
    if member and isinstance(tree, Fenced) and tree.fence == "{":
        tree = tree.body
    elif member and isinstance(tree, Fenced) and tree.fence == "[" and isinstance(tree.body, (Name, Number)):
        return Listed((Number("1", span=tree.span), Dots(span=tree.span), tree.body), span=tree.span)
    if isinstance(tree, Multiplied) and len(tree.factors) == 3 and isinstance(tree.factors[1][1], Dots):
        return Listed(tuple(factor for _, factor in tree.factors), span=tree.span)
    return tree


def within(chain: Chain, scope: Scope, at_equation: bool) -> tuple[Chain, ...] | None:
    """The conditions that a membership beside an equation is: none for all numbers, two for an interval. Fails on other sets."""
    if not at_equation or len(chain.members) != 2 or chain.members[1][0] != "∈":
        return None
    (_, left), (_, right) = chain.members
    if _are_all_numbers(right):
        return ()
    if isinstance(right, Fenced) and right.fence in INTERVALS and isinstance(right.body, Listed) and len(right.body.items) == 2:
        ends = zip(INTERVALS[right.fence], right.body.items, strict=True)
        rows = [(sign, end) for sign, end in ends if spelled_or_none(end) not in ("\\infty", "-\\infty")]
        return tuple(replace(chain, members=(("", left), row)) for row in rows)
    raise FormulaError("which values are these? Write comparisons, \\text{for } x > 0, or a range", chain.span)


def _are_all_numbers(tree: Tree | None) -> bool:
    """Whether a set is that of all numbers, or of vectors of them; `\\mathbb{R}_+` is a part of it."""
    if not isinstance(tree, Scripted):
        return spelled_or_none(tree) in NUMBERS
    marked = tree.sub is not None or spelled_or_none(tree.sup) in ("+", "*", "-")
    return spelled_or_none(tree.base) in NUMBERS and not marked


def of_each(lone: Chain, given: tuple[Chain, ...], chain: Chain, scope: Scope) -> tuple[Chain, ...]:
    """What is said of the last of several, said of one before it: `a, b > 0`, `i, j = 1, \\dots, n`."""
    each = replace(chain, members=(("", lone.members[0][1]), *chain.members[1:]), span=lone.span)
    if (ends := narrowed(each, scope)) is not None or not given:
        return ends or ()
    if len(chain.members) != 2 or given != (chain,):
        raise no_condition(lone)
    return (each,)


def is_comparison(chain: Chain) -> bool:
    members = [member for _, member in chain.members]
    compared = all(relation in COMPARED for relation, _ in chain.members[1:])
    return len(members) > 1 and compared and not chain.members[0][0] and None not in members and not any(map(is_range, members))


def is_new(chain: Chain, scope: Scope) -> bool:
    """Whether an equation could define what stands on its left."""
    tree = chain.members[0][1]
    letter = isinstance(tree, Name) and scope.index(tree.text) is not None
    return isinstance(tree, (Name, Scripted)) and not letter and found(tree, scope) is None


def inside(chain: Chain) -> Chain:
    """A comparison without the parentheses around it."""
    (_, only), *more = chain.members
    return only.body if not more and isinstance(only, Fenced) and only.fence == "(" and isinstance(only.body, Chain) else chain


def is_of_positions(chain: Chain, scope: Scope) -> bool:
    names = [part for part in parts(chain) if isinstance(part, Name)]
    return bool(names) and all(scope.index(name.text) is not None for name in names)


def is_aside(chain: Chain, scope: Scope) -> bool:
    """Whether an equation only says which positions it is for, as `i = 1, \\dots, n`, or how something is distributed."""
    members = [member for _, member in chain.members if member is not None]
    return any(is_range(m) or _is_distribution(m, scope) for m in members[1:])


def words_of(chain: Chain) -> str | None:
    (_, only), *more = chain.members
    return " ".join(only.words.split()).strip(" (),.:").lower() if isinstance(only, Text) and not more else None


def is_equation(chain: Chain) -> bool:
    return any(relation in EQUAL for relation, _ in chain.members)


def is_range(tree: Tree | None) -> bool:
    return isinstance(tree, Listed) and any(isinstance(item, Dots) for item in tree.items)


def _is_distribution(tree: Tree, scope: Scope) -> bool:
    if isinstance(tree, Applied):
        return tree.head in DISTRIBUTIONS and tree.head not in scope.names
    if not isinstance(tree, Multiplied) or len(tree.factors) != 2:
        return False
    (_, head), (mark, fence) = tree.factors
    named = isinstance(head, Name) and head.text in DISTRIBUTIONS and found(head, scope) is None
    listed = isinstance(fence, Fenced) and fence.fence == "(" and isinstance(fence.body, (Listed, Chain, Name, Scripted))
    return named and listed and mark == ""
