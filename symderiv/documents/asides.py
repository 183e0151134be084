"""What stands in a formula beside its equations: conditions under which these hold, the positions they are for, distributions, words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from symderiv.arrays import Array
from symderiv.documents.meaning import value
from symderiv.documents.operations import COMPARED
from symderiv.documents.scope import Scope, attempt, found, parts, spelled_or_none
from symderiv.documents.tree import Added, Applied, Chain, Dots, Fenced, Listed, Multiplied, Name, Number, Scripted, Text, Tree
from symderiv.documents.unsized import Row
from symderiv.errors import FormulaError, SymderivError

EVERY = ("for all", "for every", "for any", "for each", "∀")
WHEN = frozenset(
    (
        *EVERY,
        *("for", "if", "when", "whenever", "where", "with", "in case", "at", "such that", "provided", "provided that", "as long as"),
        *("since", "because", "as", "given", "given that", "assuming", "assuming that", "under", "but only if", "only if", "only for"),
    )
)
OPEN = ("where", "with", "at", "as", "since", "because", "under", "given", "such that")  # these can go on in the prose below
ELSE = ("else", "otherwise", "or else", "elsewhere", "to", "through", "up to")
UNLESS = ("unless", "except", "for distinct", "if not", "whenever not", "almost everywhere", "approximately")
THEN = (
    *("then", "so", "hence", "thus", "therefore", "we have", "we get", "then we have", "it follows that", "implies"),
    *("and hence", "and so", "and thus", "and therefore", "that is", "i.e", "which is", "this is"),
)
UNREAD = re.compile(r"(?:if|when|whenever|provided|assuming|as long as|in case|only)\b.*\w")
RESTRICTED = re.compile(
    r"(?:for|where|with|at|given|under)\b.*\b(?:positive|negative|non-?zero|non-?negative|distinct|different|equal|small|large|diagonal)\b"
)
DISTRIBUTIONS = frozenset(
    ("N", "\\mathcal{N}", "U", "\\mathcal{U}", "Bernoulli", "Bern", "Normal", "Uniform", "Cat", "Categorical", "Poisson")
)
NUMBERS = ("\\mathbb{R}", "\\mathbb{N}", "\\mathbb{Z}", "\\mathbb{Q}")
EQUAL = ("=", ":=", "⇒")


@dataclass(frozen=True)
class Standing:
    """A chain of a formula with the conditions under which it holds, or one that is an aside: a condition itself, or a remark.

    `loose` conditions are those of other equations of the row too, or inequalities without a word: no definition has them.
    """

    chain: Chain
    given: tuple[Chain, ...] = ()
    loose: bool = False
    aside: bool = False
    error: FormulaError | None = None  # why it is not read


def standing(chains: Sequence[Chain], scope: Scope, around: tuple[Chain, ...] = ()) -> tuple[Standing, ...]:
    """What a formula states, row by row. A condition holds for its own row; in a row of its own above equations, for all below.

    All hold under the conditions `around`. A row with something beside a condition that is not understood has an error; so have
    those that it could be a condition of.
    """
    rows = [list(row) for _, row in groupby(chains, key=lambda chain: chain.row)]
    out: list[Standing] = []
    heading: tuple[Chain, ...] | FormulaError = around
    for n, row in enumerate(rows):
        has_equation = any(map(is_equation, row))
        last = not any(map(is_equation, (c for later in rows[n + 1 :] for c in later)))
        above = [k for k, s in enumerate(out) if not s.aside and is_equation(s.chain)]
        try:
            if isinstance(heading, FormulaError) and has_equation:
                raise heading
            read = _Row(tuple(_prepared(row, scope)), scope)
            said = read.read()
            if not read.equations and read.alone and above and not last:
                says = "a condition in a row of its own: of the equation above, or of those below? Write it beside them"
                raise FormulaError(says, row[0].span)
        except FormulaError as error:
            out += [Standing(chain, error=error) for chain in filter(is_equation, row)] or [Standing(row[0], error=error)]
            if not has_equation and above:
                out[above[-1]] = replace(out[above[-1]], error=error)
            if not has_equation and not last:
                heading = error
            continue
        if read.equations or not read.alone:
            out += [s if s.aside or not is_equation(s.chain) or isinstance(heading, FormulaError) else _under(s, heading) for s in said]
            continue
        if above:
            out[above[-1]] = _under(out[above[-1]], read.alone)
        elif not isinstance(heading, FormulaError):
            heading = with_more(heading, read.alone)
        out += said
    return tuple(out)


def conditions_of(chains: Sequence[Chain], word: str, scope: Scope) -> tuple[Chain, ...] | None:
    """The conditions that a formula of the prose is, after a word such as "if"; None if it is anything else.

    An equation is one only of a position, or of an input, which is not defined by it.
    """
    row = _Row(tuple(_prepared(chains, scope)), scope, word, begun=True)
    row.read()
    if row.equations or any("=" in [r for r, _ in c.members] and not _is_of_inputs(c, scope) for c in row.alone):
        return None
    return row.alone if row.found else None


def _under(said: Standing, given: tuple[Chain, ...]) -> Standing:
    try:
        return replace(said, given=with_more(given, said.given))
    except FormulaError as error:
        return replace(said, error=error)


@dataclass
class _Row:
    """A row on the way: its equations by their places, what was said of conditions, and what they wait for."""

    chains: tuple[Chain, ...]
    scope: Scope
    word: str = ""
    begun: bool = False  # whether the row begins with a condition
    leading: tuple[Chain, ...] = ()
    alone: tuple[Chain, ...] = ()
    found: bool = False  # whether there is a condition, even one that says nothing

    def __post_init__(self) -> None:
        self.out: list[Standing] = []
        self.equations: list[int] = []
        self.waiting: list[int] = []  # the equations that a condition which comes next is of
        self.lone: list[Chain] = []  # what stands alone before a comparison, as a in a, b > 0
        self.conditioned = False

    def read(self) -> list[Standing]:
        for chain in self.chains:
            words = _words(chain)
            if words is not None:
                self.say(words, chain)
            elif (given := self.condition(chain)) is not None:
                self.hold(given, chain)
            elif is_equation(chain):
                self.equate(chain)
            else:
                self.stand(chain)
        self.end()
        return self.out

    def say(self, words: str, chain: Chain) -> None:
        """Words: they begin a condition, go on with one, or are a remark."""
        joined = words.removeprefix("and ")
        words = "and" if self.conditioned and joined in ("every", "all", "any", "each", *WHEN) and joined != words else words
        _check_words(words, chain)
        self.out.append(Standing(chain, aside=True))
        if not words:  # a parenthesis around a condition in words
            return
        if words == "and" or (words in THEN and not self.lone):
            self.word = "and" if words == "and" and self.conditioned else "" if words == "and" else words
            self.conditioned = self.conditioned and words == "and"
            return
        if words not in WHEN and (self.conditioned or self.lone) and not words.startswith("("):
            raise _beside(chain)
        self.lone_are_settled()
        self.word, self.conditioned = (words if words in WHEN or words in THEN else ""), False

    def condition(self, chain: Chain) -> tuple[Chain, ...] | None:
        """The conditions that a chain is; none that says what holds anyway; None if it is no condition."""
        narrowed = _narrowed(chain, self.scope)
        if narrowed is None:
            narrowed = _within(chain, self.scope, bool(self.equations) or self.word in WHEN)
        if narrowed is not None:
            return narrowed
        if _is_aside(chain, self.scope):
            return ()
        inner = _inside(chain)
        if not _is_comparison(inner):
            return None
        if any(relation == "=" for relation, _ in inner.members):
            return (inner,) if self.gives_a_value(inner, chain) else None
        beside = self.begun or any(map(is_equation, self.chains))
        said = self.word in WHEN or self.conditioned or inner is not chain or _is_of_positions(inner, self.scope)
        return (inner,) if said or (beside and self.word not in THEN) else None

    def gives_a_value(self, inner: Chain, chain: Chain) -> bool:
        """Whether an equation says where another holds: after a word; else only of a position, or of an input after a condition."""
        positions = _is_of_positions(inner, self.scope)
        if self.word in WHEN and not self.conditioned:
            return positions or (self.word != "where" and not _is_new(inner, self.scope))
        if self.begun:
            return self.conditioned and positions and any(map(is_equation, self.chains[self.chains.index(chain) + 1 :]))
        if self.conditioned or (inner is not chain and self.equations):
            return positions or _is_of_inputs(inner, self.scope)
        return positions and bool(self.equations)

    def hold(self, given: tuple[Chain, ...], chain: Chain) -> None:
        """A condition: of the equations before it in the row, or of those after it."""
        given = (*(c for lone in self.lone for c in _of_each(lone, given, chain, self.scope)), *given)
        self.out += [Standing(c, aside=True) for c in (*self.lone, chain)]
        loose = self.word not in WHEN and not self.conditioned and _inside(chain) is chain and not _is_of_positions(chain, self.scope)
        self.lone, self.conditioned, self.found = [], True, True
        if self.equations and not self.begun:
            for place in self.waiting or self.equations[-1:]:
                last = place == self.equations[-1]
                was = self.out[place]
                self.out[place] = replace(was, given=with_more(was.given, given), loose=was.loose or loose or not last)
            self.waiting = []
        else:
            self.begun = True
            self.leading = with_more(self.leading, given)
        self.alone = with_more(self.alone, given) if not loose else self.alone

    def equate(self, chain: Chain) -> None:
        """An equation, under the conditions that the row began with."""
        if self.lone and self.conditioned:
            raise _beside(self.lone[0])
        self.lone_are_settled()
        if self.word == "and" and self.conditioned and len(chain.members) == 2:
            with_more(self.out[self.equations[-1]].given if self.equations else (), (chain,))  # another value of the same
        if self.equations and not self.waiting and self.out[self.equations[-1]].given and not self.begun and not self.goes_on(chain):
            says = "a condition between two equations: of the one before it, or after it? Write them in rows of their own"
            raise FormulaError(says, chain.span)
        self.equations.append(len(self.out))
        self.waiting.append(len(self.out))
        self.word, self.conditioned = "", False
        given, rest = _implied(chain, self.scope)
        self.out.append(Standing(rest, with_more(self.leading, given)))

    def goes_on(self, chain: Chain) -> bool:
        """Whether a condition follows an equation, so that those in the row all stand after theirs."""
        later = self.chains[self.chains.index(chain) + 1 :]
        after = next((c for c in later if is_equation(c) or _is_comparison(_inside(c)) or _words(c) in WHEN), None)
        return after is not None and not is_equation(after)

    def stand(self, chain: Chain) -> None:
        """What stands alone: a name before a comparison, a letter after `for all`, or a remark."""
        single = len(chain.members) == 1 and chain.members[0][1] is not None
        if single and isinstance(chain.members[0][1], (Name, Scripted, Applied, Multiplied)):
            self.lone.append(chain)
            return
        if self.conditioned or (self.word in WHEN and self.word not in OPEN):
            raise _beside(chain)
        if (self.equations or any(map(is_equation, self.chains))) and any(relation in ("→", "∉", "⇔") for relation, _ in chain.members):
            raise FormulaError("what does this say of the equation beside it? Only comparisons are conditions", chain.span)
        self.out.append(Standing(chain, aside=bool(self.equations) and not single))

    def lone_are_settled(self) -> None:
        """Names that no comparison followed: letters of positions after `for`, any names after `for all`; else remarks."""
        for chain in self.lone:
            name = chain.members[0][1]
            letter = isinstance(name, Name) and self.scope.index(name.text) is not None
            if self.conditioned or (self.word in WHEN and self.word not in (*EVERY, *OPEN) and not letter):
                raise _beside(chain)
            self.out.append(Standing(chain, aside=self.word in WHEN))
            self.found = self.found or letter
        self.lone = []

    def end(self) -> None:
        words = _words(self.chains[-1])
        if words in WHEN and words not in OPEN and words not in EVERY and self.equations:
            raise FormulaError(f"a condition is missing after {words}", self.chains[-1].span)
        self.lone_are_settled()


def _beside(chain: Chain) -> FormulaError:
    return FormulaError("what is this beside a condition? Write i = 1, \\dots, n, or all cases with \\begin{cases}", chain.span)


def _check_words(said: str, chain: Chain) -> None:
    if said == "or":
        raise FormulaError("one or the other: write each as a formula of its own, with its condition", chain.span)
    if said.startswith(ELSE):
        raise FormulaError("another case: write all of them in one, \\begin{cases} ... \\end{cases}", chain.span)
    if said.startswith(UNLESS):
        raise FormulaError(f"{said}: write where it holds, \\text{{for }} i \\neq j", chain.span)
    if said not in WHEN and not said.startswith(EVERY) and (UNREAD.match(said) or RESTRICTED.match(said)):
        raise FormulaError(f"{said}: a condition in words is not understood; write it as a formula, \\text{{for }} x > 0", chain.span)


def with_more(known: tuple[Chain, ...], more: Iterable[Chain]) -> tuple[Chain, ...]:
    """Conditions and more of them. Fails on two equations for one thing, which nothing satisfies."""
    together = tuple(dict.fromkeys((*known, *more)))
    equal = [c.members[0][1] for c in together if [relation for relation, _ in c.members[1:]] == ["="]]
    if len(set(equal)) < len(equal):
        raise FormulaError("two values for one thing: write each case as a formula of its own", together[-1].span)
    return together


def conditioned(tree: Tree, given: Sequence[Chain]) -> Tree:
    """A member of an equation that holds where conditions do: zero elsewhere, so that the equation is one for all positions."""
    brackets = tuple(("", Fenced("[", condition, span=condition.span)) for condition in given)
    return Multiplied((*brackets, ("", Fenced("(", tree, span=tree.span))), span=tree.span) if given else tree


# chains, prepared


def _prepared(chains: Sequence[Chain], scope: Scope) -> Iterator[Chain]:
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
    if before is not None and after is not None and _is_array(before, scope) and _is_array(after, scope):
        if isinstance(before, Added) or isinstance(after, Added):
            raise FormulaError("a colon between sums: write parentheses around what it multiplies", (before.span[0], after.span[1]))
        inner = Chain((("", before), (":", after)), span=(before.span[0], after.span[1]))
        members[n - 1 : n + 1] = [(sign, Fenced("(", inner, span=inner.span))]
        yield from _apart(replace(chain, members=tuple(members)), scope)
        return
    relations = [relation for relation, _ in members]
    equal = [any(r in EQUAL for r in side) for side in (relations[:n], relations[n + 1 :])]
    label = n == 1 and equal[1] and not sign and isinstance(before, (Name, Scripted)) and found(before, scope) is None
    condition = n > 1 and not all(equal) and (after is None or len(members) > n + 1)
    if not (label or condition or after is None) and (any(equal) or n > 1):
        says = "a colon: a product of matrices, a ratio, or a condition? Write \\operatorname{tr}(A^\\top B), \\frac{a}{b} or \\text{if}"
        raise FormulaError(says, chain.span)
    if not label:
        yield replace(chain, members=tuple(members[:n])) if n > 1 or after is None else chain
    if label or (n > 1 and after is not None):
        yield from _apart(replace(chain, members=(("", after), *members[n + 1 :])), scope)


def _is_array(tree: Tree, scope: Scope) -> bool:
    try:
        with attempt(scope, keep=False):
            return isinstance(value(tree, scope), (Array, Row))
    except SymderivError:
        return False


def _listed_after(chain: Chain, left: Sequence[Chain]) -> list[Chain]:
    """The pieces that end in an ellipsis and an end, after `i = 1`; none after anything else."""
    if [relation for relation, _ in chain.members] != ["", "="] or _is_range(chain.members[1][1]):
        return []
    row = [c for c in left if c.row == chain.row]
    k = next((k for k, c in enumerate(row) if len(c.members) != 1 or _is_range(c.members[0][1])), len(row))
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


def _implied(chain: Chain, scope: Scope) -> tuple[tuple[Chain, ...], Chain]:
    """The conditions from which an equation follows, `a > 0 \\Rightarrow |a| = a`, and the equation."""
    relations = [relation for relation, _ in chain.members]
    back = next((n for n, relation in enumerate(relations) if n and relation == "⇐"), 0)
    if back:
        after = replace(chain, members=(("", chain.members[back][1]), *chain.members[back + 1 :]))
        if not _is_comparison(after) or ("=" in relations[back + 1 :] and not _is_of_inputs(after, scope)):
            raise FormulaError(
                "what does this follow from? A comparison stands after \\Leftarrow, or each is a formula of its own", after.span
            )
        given, rest = _implied(replace(chain, members=chain.members[:back]), scope)
        return (*given, after), rest
    cut = next((n for n, relation in enumerate(relations) if n and relation == "⇒"), 0)
    before = replace(chain, members=chain.members[:cut])
    if cut < 2 or any(r not in COMPARED for r in relations[1:cut]) or ("=" in relations[1:cut] and not _is_of_inputs(before, scope)):
        return (), chain
    given, rest = _implied(replace(chain, members=(("", chain.members[cut][1]), *chain.members[cut + 1 :])), scope)
    return (before, *given), rest


def _is_of_inputs(chain: Chain, scope: Scope) -> bool:
    """Whether an equation says which value an input or a position has: that is no definition, and true of few."""
    tree = chain.members[0][1]
    if isinstance(tree, Name) and scope.index(tree.text) is not None:
        return True
    seen = found(tree, scope) if isinstance(tree, (Name, Scripted)) else None
    return seen is not None and seen.power is None and scope.is_input(seen.what)


# conditions


def _narrowed(chain: Chain, scope: Scope) -> tuple[Chain, ...] | None:
    """The conditions that a range such as `i = 2, \\dots, n` is, where it is not the one that is declared."""
    if len(chain.members) != 2 or chain.members[1][0] not in ("=", "∈"):
        return None
    (_, letter), (_, right) = chain.members
    listed = right.body if isinstance(right, Fenced) and right.fence == "{" and chain.members[1][0] == "∈" else right
    index = scope.index(letter.text) if isinstance(letter, Name) else None
    if index is None or not isinstance(listed, Listed) or not _is_range(listed):
        return None
    ends = (("≥", listed.items[0], index.lower), ("≤", listed.items[-1], index.upper))
    return tuple(
        replace(chain, members=(("", letter), (sign, end)))
        for sign, end, known in ends
        if spelled_or_none(end) != str(known) and spelled_or_none(end) != "\\infty"
    )


def _within(chain: Chain, scope: Scope, beside: bool) -> tuple[Chain, ...] | None:
    """The conditions that a membership beside an equation is: none for all numbers, two for an interval. Fails on other sets."""
    if not beside or len(chain.members) != 2 or chain.members[1][0] != "∈":
        return None
    (_, left), (_, right) = chain.members
    base = right.base if isinstance(right, Scripted) else right
    marked = isinstance(right, Scripted) and (right.sub is not None or (spelled_or_none(right.sup) or "") in ("+", "*", "-"))
    if spelled_or_none(base) in NUMBERS and not marked:
        return ()
    ends = right.body.items if isinstance(right, Fenced) and isinstance(right.body, Listed) and len(right.body.items) == 2 else ()
    if isinstance(right, Fenced) and right.fence in ("(", "[", "(]", "[)") and ends:
        signs = (">" if right.fence[0] == "(" else "≥", "<" if right.fence in ("(", "[)") else "≤")
        endless = [spelled_or_none(end) in ("\\infty", "-\\infty") for end in ends]
        rows = [(sign, end) for sign, end, none in zip(signs, ends, endless, strict=True) if not none]
        return tuple(replace(chain, members=(("", left), row)) for row in rows)
    raise FormulaError("which values are these? Write comparisons, \\text{for } x > 0, or a range", chain.span)


def _of_each(lone: Chain, given: tuple[Chain, ...], chain: Chain, scope: Scope) -> tuple[Chain, ...]:
    """What is said of the last of several, said of one before it: `a, b > 0`, `i, j = 1, \\dots, n`."""
    each = replace(chain, members=(("", lone.members[0][1]), *chain.members[1:]), span=lone.span)
    if (narrowed := _narrowed(each, scope)) is not None or not given:
        return narrowed or ()
    if len(chain.members) != 2 or given != (chain,):
        raise _beside(lone)
    return (each,)


def _is_comparison(chain: Chain) -> bool:
    members = [member for _, member in chain.members]
    compared = all(relation in COMPARED for relation, _ in chain.members[1:])
    return len(members) > 1 and compared and not chain.members[0][0] and None not in members and not any(map(_is_range, members))


def _is_new(chain: Chain, scope: Scope) -> bool:
    """Whether an equation could define what stands on its left."""
    tree = chain.members[0][1]
    letter = isinstance(tree, Name) and scope.index(tree.text) is not None
    return isinstance(tree, (Name, Scripted)) and not letter and found(tree, scope) is None


def _inside(chain: Chain) -> Chain:
    """A comparison without the parentheses around it."""
    (_, only), *more = chain.members
    return only.body if not more and isinstance(only, Fenced) and only.fence == "(" and isinstance(only.body, Chain) else chain


def _is_of_positions(chain: Chain, scope: Scope) -> bool:
    names = [part for part in parts(chain) if isinstance(part, Name)]
    return bool(names) and all(scope.index(name.text) is not None for name in names)


def _is_aside(chain: Chain, scope: Scope) -> bool:
    """Whether an equation only says which positions it is for, as `i = 1, \\dots, n`, or how something is distributed."""
    members = [member for _, member in chain.members if member is not None]
    return any(_is_range(m) or _is_distribution(m, scope) for m in members[1:])


def _words(chain: Chain) -> str | None:
    (_, only), *more = chain.members
    return " ".join(only.words.split()).strip(" (),.:").lower() if isinstance(only, Text) and not more else None


def is_equation(chain: Chain) -> bool:
    return any(relation in EQUAL for relation, _ in chain.members)


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
