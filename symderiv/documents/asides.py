"""What stands in a formula beside its equations: conditions under which these hold, the positions they are for, distributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symderiv.documents.operations import COMPARED
from symderiv.documents.scope import Scope, found, parts, spelled_or_none
from symderiv.documents.tree import Applied, Chain, Dots, Fenced, Listed, Multiplied, Name, Scripted, Text, Tree
from symderiv.errors import FormulaError

WHEN = frozenset(
    (
        *("for", "if", "when", "whenever", "where", "for all", "for every", "for any", "∀", "with", "in case", "at", "such that"),
        *("provided", "provided that", "as long as"),
    )
)
ELSE = ("else", "otherwise", "or else", "elsewhere", "to", "through", "up to")
UNLESS = ("unless", "except", "for distinct", "if not", "whenever not")
DISTRIBUTIONS = frozenset(
    ("N", "\\mathcal{N}", "U", "\\mathcal{U}", "Bernoulli", "Bern", "Normal", "Uniform", "Cat", "Categorical", "Poisson")
)


def apart(chains: Sequence[Chain]) -> tuple[Chain, ...]:
    """The chains, those with a colon as what stands before it and what stands after."""
    out: list[Chain] = []
    for chain in chains:
        members = list(chain.members)
        while (n := next((n for n, (relation, _) in enumerate(members) if n and relation == ":"), 0)) > 1:
            out.append(replace(chain, members=tuple(members[:n])))
            members = [("", members[n][1]), *members[n + 1 :]]
        out.append(replace(chain, members=tuple(members)))
    return tuple(out)


def conditions(chains: Sequence[Chain], scope: Scope) -> dict[int, tuple[Chain, ...]]:
    """The equations of a formula that hold under conditions, by their place: those after each, or before, as in its first row.

    Fails on words that say more than that an equation holds where a condition does, and on what is left over beside a condition.
    """
    given: dict[int, tuple[Chain, ...]] = {}
    conditions_first, waiting, word, last, before = False, (), "", -1, False  # type: bool, tuple[Chain, ...], str, int, bool
    for n, chain in enumerate(chains):
        said = _words(chain)
        if said is not None:
            _check_words(said, chain)
            word = said if said != "and" or before else ""
            waiting = waiting if said in ("and", "then") else ()
            continue
        found_ = _narrowed(chain, scope) or _condition(chain, word, scope)
        if found_ is None and word == "and" and before and last >= 0:  # and another value of the same
            _with(given.get(last, ()), (chain,))
        if found_ is not None and (last < 0 or conditions_first):
            conditions_first, waiting = True, _with(waiting, found_)
        elif found_ is not None:
            given[last] = _with(given.get(last, ()), found_)
        elif _is_equation(chain):
            given, last = (given | {n: waiting} if waiting else given), n
            waiting = waiting if conditions_first else ()
        elif before and len(chain.members) == 1:
            raise FormulaError("what is this beside a condition? Write i = 1, \\dots, n, or all cases with \\begin{cases}", chain.span)
        word, before = "", found_ is not None
    return given


def _check_words(said: str, chain: Chain) -> None:
    if said == "or":
        raise FormulaError("one or the other: write each as a formula of its own, with its condition", chain.span)
    if said.startswith(ELSE):
        raise FormulaError("another case: write all of them in one, \\begin{cases} ... \\end{cases}", chain.span)
    if said.startswith(UNLESS):
        raise FormulaError(f"{said}: write where it holds, \\text{{for }} i \\neq j", chain.span)


def _with(known: tuple[Chain, ...], more: tuple[Chain, ...]) -> tuple[Chain, ...]:
    """Conditions and more of them. Fails on two equations for one thing, which nothing satisfies."""
    equal = [c.members[0][1] for c in (*known, *more) if [relation for relation, _ in c.members[1:]] == ["="]]
    if len(set(equal)) < len(equal):
        raise FormulaError("two values for one thing: write each case as a formula of its own", more[-1].span)
    return (*known, *more)


def _narrowed(chain: Chain, scope: Scope) -> tuple[Chain, ...] | None:
    """The conditions that a range such as `i = 2, \\dots, n` is, where it is not the one that is declared."""
    if len(chain.members) != 2 or not _is_range(chain.members[1][1]):
        return None
    (_, letter), (_, listed) = chain.members
    index = scope.index(letter.text) if isinstance(letter, Name) else None
    if index is None or not isinstance(listed, Listed):
        return None
    ends = (("≥", listed.items[0], index.lower), ("≤", listed.items[-1], index.upper))
    return tuple(replace(chain, members=(("", letter), (sign, end))) for sign, end, known in ends if spelled_or_none(end) != str(known))


def conditioned(tree: Tree, given: Sequence[Chain]) -> Tree:
    """A member of an equation that holds where conditions do: zero elsewhere, so that the equation is one for all positions."""
    brackets = tuple(("", Fenced("[", condition, span=condition.span)) for condition in given)
    return Multiplied((*brackets, ("", Fenced("(", tree, span=tree.span))), span=tree.span) if given else tree


def is_aside(chain: Chain, scope: Scope) -> bool:
    """Whether an equation only says which positions it is for, as `i = 1, \\dots, n`, or how something is distributed."""
    members = [member for _, member in chain.members if member is not None]
    return any(_is_range(m) or _is_distribution(m, scope) for m in members[1:])


def _words(chain: Chain) -> str | None:
    (_, only), *more = chain.members
    return only.words.strip(" (,.:").lower() if isinstance(only, Text) and not more else None


def _condition(chain: Chain, word: str, scope: Scope) -> tuple[Chain, ...] | None:
    """A comparison after a word such as "for", in parentheses, or of positions; a bare equation only where it is no definition."""
    (_, only), *more = chain.members
    fenced = not more and isinstance(only, Fenced) and only.fence == "(" and isinstance(only.body, Chain)
    inner = only.body if fenced and isinstance(only, Fenced) and isinstance(only.body, Chain) else chain
    relations = [relation for relation, _ in inner.members[1:]]
    members = [member for _, member in inner.members]
    if not relations or None in members or any(r not in COMPARED for r in relations) or any(map(_is_range, members)):
        return None
    equal = "=" in relations
    names = [part for part in parts(inner) if isinstance(part, Name)]
    of_positions = bool(names) and all(scope.index(name.text) is not None for name in names)
    after_word = word in WHEN or word == "and"
    after_word = after_word and not (equal and (word == "where" or (word == "and" and not of_positions)))
    return (inner,) if after_word or (not equal and (fenced or of_positions)) else None


def _is_equation(chain: Chain) -> bool:
    return any(relation in ("=", ":=", "⇒") for relation, _ in chain.members)


def _is_range(tree: Tree | None) -> bool:
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
