"""What stands in a formula beside its equations: conditions under which these hold, the positions they are for, distributions, words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from symderiv.documents.meaning.comparisons import (
    implied,
    inside,
    is_aside,
    is_comparison,
    is_equation,
    is_new,
    is_of_a_size,
    is_of_inputs,
    is_of_positions,
    narrowed,
    no_condition,
    of_each,
    prepared,
    within,
    words_of,
)
from symderiv.documents.meaning.ranges import among
from symderiv.documents.meaning.scope import Scope
from symderiv.documents.meaning.spelling import parts
from symderiv.documents.syntax.tree import Applied, Chain, Fenced, Multiplied, Name, Number, Scripted, Tree
from symderiv.documents.text.prose import is_everywhere
from symderiv.errors import FormulaError

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
UNLESS = (
    *("unless", "except", "for distinct", "if not", "whenever not", "almost everywhere", "almost surely", "approximately", "w.l.o.g"),
    *("without loss", "in expectation", "on average", "asymptotically", "to first order", "to leading order"),
)
THEN = (
    *("then", "so", "hence", "thus", "therefore", "we have", "we get", "then we have", "it follows that", "implies"),
    *("and hence", "and so", "and thus", "and therefore", "that is", "i.e", "which is", "this is"),
)
UNREAD = re.compile(r"(?:if|when|whenever|provided|assuming|as long as|in case|only)\b.*\w")
ADJECTIVE = re.compile(r"\b(?:positive|negative|non-?zero|non-?negative|distinct|different|equal|small|large|diagonal)\b")
TURNED = re.compile(
    r"\b(?:not|no|never|without|some|at least|almost|neither|nor|either|even|also|independent|independently|regardless|irrespective"
    r"|whether|iff|exactly|precisely|except|unless)\b"
)
RESTRICTED = re.compile(rf"(?:for|where|with|at|given|under)\b.*{ADJECTIVE.pattern}")


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
        last = not any(map(is_equation, (c for later in rows[n + 1 :] for c in later)))
        if any(is_everywhere(words_of(chain) or "") for chain in row):
            heading = ()
        above = next((k for k, s in reversed([*enumerate(out)]) if not s.aside and is_equation(s.chain)), None)
        try:
            said, alone = _row_read(row, chains, heading, above is not None and not last, scope)
        except FormulaError as error:
            heading = heading if last or any(map(is_equation, row)) else error
            if above is not None and not any(map(is_equation, row)):
                out[above] = replace(out[above], error=error)
            out += [Standing(chain, error=error) for chain in filter(is_equation, row)] or [Standing(row[0], error=error)]
            continue
        if alone and above is not None:
            out[above] = _under(out[above], alone)
        elif alone and not isinstance(heading, FormulaError):
            heading = with_more(heading, alone)
        out += said
    return tuple(out)


def _row_read(
    row: Sequence[Chain], chains: Sequence[Chain], heading: tuple[Chain, ...] | FormulaError, between: bool, scope: Scope
) -> tuple[list[Standing], tuple[Chain, ...]]:
    """What a row under a heading states, and the conditions that are all it says. Fails on these `between` equations of other rows."""
    if isinstance(heading, FormulaError) and any(map(is_equation, row)):
        raise heading
    with among((*row, *chains), scope):
        read = _Row(tuple(prepared(row, scope)), scope)
        said = read.read()
    if read.equations or not read.alone:
        return [s if s.aside or not is_equation(s.chain) or isinstance(heading, FormulaError) else _under(s, heading) for s in said], ()
    if between:
        says = "a condition in a row of its own: of the equation above, or of those below? Write it beside them"
        raise FormulaError(says, row[0].span)
    return said, read.alone


def conditions_of(chains: Sequence[Chain], word: str, scope: Scope) -> tuple[Chain, ...] | None:
    """The conditions that a formula of the prose is, after a word such as "if"; None if it is anything else.

    An equation is one only of a position, or of an input, which is not defined by it.
    """
    row = _Row(tuple(prepared(chains, scope)), scope, word, begun=True)
    row.read()
    if row.equations or any("=" in [r for r, _ in c.members] and not is_of_inputs(c, scope) for c in row.alone):
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
        for one, other in pairwise(self.chains):
            if _is_in_a_number(one, other):
                raise FormulaError("a comma between digits: 0.5, or two things? Write a point, or a blank behind the comma", other.span)
        for chain in self.chains:
            words = words_of(chain)
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
        described = self.word in ("where", "with") and not self.conditioned and not ADJECTIVE.search(words)
        if words not in WHEN and (self.conditioned or self.lone) and not described:
            raise no_condition(chain)
        self.lone_are_settled()
        self.word, self.conditioned = words, False

    def condition(self, chain: Chain) -> tuple[Chain, ...] | None:
        """The conditions that a chain is; none that says what holds anyway; None if it is no condition."""
        given = narrowed(chain, self.scope)
        if given is None:
            given = within(chain, self.scope, bool(self.equations) or self.word in WHEN)
        if given is not None:
            return given
        if is_aside(chain, self.scope):
            return ()
        inner = inside(chain)
        if not is_comparison(inner):
            return None
        if any(relation == "=" for relation, _ in inner.members):
            return (inner,) if self.gives_a_value(inner, chain) else None
        near = self.begun or any(map(is_equation, self.chains))
        if near and TURNED.search(self.word):
            raise FormulaError(
                f"{self.word}: a condition in words is not understood; write it as a formula, \\text{{for }} x > 0", chain.span
            )
        said = self.word in WHEN or self.conditioned or inner is not chain or is_of_positions(inner, self.scope)
        return (inner,) if said or (near and self.word not in THEN) else None

    def gives_a_value(self, inner: Chain, chain: Chain) -> bool:
        """Whether an equation says where another holds: after a word; else only of a position, or of an input after a condition."""
        positions = is_of_positions(inner, self.scope)
        if self.word in WHEN and not self.conditioned:
            return positions or (self.word != "where" and not is_new(inner, self.scope))
        if self.begun:
            return self.conditioned and positions and any(map(is_equation, self.chains[self.chains.index(chain) + 1 :]))
        if self.conditioned or (inner is not chain and self.equations):
            return positions or is_of_inputs(inner, self.scope)
        if not self.equations:
            return False
        return positions or (is_of_a_size(inner, self.scope) and not is_of_inputs(self.out[self.equations[-1]].chain, self.scope))

    def hold(self, given: tuple[Chain, ...], chain: Chain) -> None:
        """A condition: of the equations before it in the row, or of those after it."""
        given = (*(c for lone in self.lone for c in of_each(lone, given, chain, self.scope)), *given)
        self.out += [Standing(c, aside=True) for c in (*self.lone, chain)]
        loose = self.word not in WHEN and not self.conditioned and inside(chain) is chain and not is_of_positions(chain, self.scope)
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
            raise no_condition(self.lone[0])
        self.lone_are_settled()
        if self.word == "and" and self.conditioned and len(chain.members) == 2:
            with_more(self.out[self.equations[-1]].given if self.equations else (), (chain,))  # another value of the same
        if self.equations and not self.waiting and self.out[self.equations[-1]].given and not self.begun and not self.goes_on(chain):
            says = "a condition between two equations: of the one before it, or after it? Write them in rows of their own"
            raise FormulaError(says, chain.span)
        self.equations.append(len(self.out))
        self.waiting.append(len(self.out))
        self.word, self.conditioned = "", False
        given, rest = implied(chain, self.scope)
        self.out.append(Standing(rest, with_more(self.leading, given)))

    def goes_on(self, chain: Chain) -> bool:
        """Whether a condition follows an equation, so that those in the row all stand after theirs."""
        later = self.chains[self.chains.index(chain) + 1 :]
        after = next((c for c in later if is_equation(c) or is_comparison(inside(c)) or words_of(c) in WHEN), None)
        return after is not None and not is_equation(after)

    def stand(self, chain: Chain) -> None:
        """What stands alone: a name before a comparison, a letter after `for all`, or a remark."""
        single = len(chain.members) == 1 and chain.members[0][1] is not None
        if single and isinstance(chain.members[0][1], (Name, Scripted, Applied, Multiplied)):
            self.lone.append(chain)
            return
        if self.conditioned or (self.word in WHEN and self.word not in OPEN):
            raise no_condition(chain)
        if (self.equations or any(map(is_equation, self.chains))) and any(relation in ("→", "∉", "⇔") for relation, _ in chain.members):
            raise FormulaError("what does this say of the equation beside it? Only comparisons are conditions", chain.span)
        self.out.append(Standing(chain, aside=bool(self.equations) and not single))

    def lone_are_settled(self) -> None:
        """Names that no comparison followed: letters of positions after `for`, any names after `for all`; else remarks."""
        for chain in self.lone:
            name = chain.members[0][1]
            letter = isinstance(name, Name) and self.scope.index(name.text) is not None
            if self.conditioned or (self.word in WHEN and self.word not in (*EVERY, *OPEN) and not letter):
                raise no_condition(chain)
            self.out.append(Standing(chain, aside=self.word in WHEN))
            self.found = self.found or letter
        self.lone = []

    def end(self) -> None:
        words = words_of(self.chains[-1])
        if words in WHEN and words not in OPEN and words not in EVERY and self.equations:
            raise FormulaError(f"a condition is missing after {words}", self.chains[-1].span)
        self.lone_are_settled()


def _is_in_a_number(one: Chain, other: Chain) -> bool:
    """Whether the comma between two chains could be one in a number: `0,5 a = b`."""
    ends = any(isinstance(part, Number) and part.span[1] == one.span[1] for part in parts(one))
    begins = any(isinstance(part, Number) and part.span[0] == other.span[0] for part in parts(other))
    return ends and begins and other.span[0] == one.span[1] + 1 and (is_equation(one) or is_equation(other))


def _begins(said: str, words: Iterable[str]) -> bool:
    return any(said == word or said.startswith((f"{word} ", f"{word},", f"{word}.")) for word in words)


def _check_words(said: str, chain: Chain) -> None:
    if said == "or":
        raise FormulaError("one or the other: write each as a formula of its own, with its condition", chain.span)
    if _begins(said, ELSE):
        raise FormulaError("another case: write all of them in one, \\begin{cases} ... \\end{cases}", chain.span)
    if _begins(said, UNLESS):
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
