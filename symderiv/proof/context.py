"""What a computation goes by: its laws, what is known, its caps, and a record of what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count

from sympy import Expr

from symderiv.errors import Spent, TooLarge
from symderiv.language.constraints import Constraint
from symderiv.language.effort import PAIR, Effort
from symderiv.proof.laws import Law
from symderiv.proof.poly import Exponent, Gen, Kind, Monomial, Poly

MOST_TERMS = 20_000
MOST_WORK = 1_000_000  # pairs of factors looked at in products, and eight for a generator made again: some twenty seconds


@dataclass(frozen=True)
class Rule:
    """The sum over `index` of the pattern, or without an index the pattern itself, is the value; `free` may be any position.

    Those of `within` must be shown to be in their ranges. What the rule `rests` on is recorded with its name.
    """

    name: str | Constraint
    index: Gen | None
    pattern: Monomial
    value: Poly
    free: frozenset[Gen]
    within: tuple[Gen, ...] = ()
    rests: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Given:
    """What is assumed: rules, and the heads of arrays that only change by a sign when their two indices change places."""

    rules: tuple[Rule, ...] = ()
    mirrored: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class NeverZero:
    """A real polynomial that is not zero where a flag is 1, whatever its letters are: positions within (position, first, last)."""

    poly: Poly
    where: Poly
    letters: frozenset[Gen] = frozenset()
    ranges: tuple[tuple[Poly, ...], ...] = ()


@dataclass(frozen=True)
class Positive:
    """What is positive for every position of its indices but those `kept`, by its pattern."""

    shape: str
    kept: frozenset[str]


@dataclass
class Patience:
    """How much may still be done with flags, by all that share this, counted in terms that these compare; None is as much as it takes."""

    left: int | None = None

    def spend(self, terms: int) -> None:
        self.left = None if self.left is None else self.left - terms
        if self.left is not None and self.left < 0:
            raise TooLarge("cases in cases in cases, too many to tell apart; give parts of them names with let")


@dataclass
class Record:
    """What a computation leaves behind: the one part of it that changes.

    Forms are kept for terms of which nothing is known but the laws. What was `met` is true of generators whatever is known.
    """

    used: set[Law] = field(default_factory=set)  # the laws that were taken
    applied: set[str | Constraint] = field(default_factory=set)  # what of the given was
    forms: dict[Expr, Poly] = field(default_factory=dict)
    met: dict[tuple[Gen, Gen], tuple[bool, Gen | None]] = field(default_factory=dict)
    work: int = 0
    names: Iterator[int] = field(default_factory=count)  # for indices that are open

    def state(self) -> tuple[set[Law], set[str | Constraint], dict[Expr, Poly]]:
        """All that an attempt may change, but for the work that it took and what is true whatever is known."""
        return set(self.used), set(self.applied), dict(self.forms)

    def restore(self, state: tuple[set[Law], set[str | Constraint], dict[Expr, Poly]]) -> None:
        """Put back what was there when the state was taken."""
        self.used, self.applied, self.forms = state


@dataclass(frozen=True, eq=False)
class Laws:
    """The laws in tables. A context has them, since laws rest on each other: one that is below another asks for it by its kind."""

    relations: Mapping[Kind, Callable[[Context, Gen, Exponent, Monomial], Poly | None]]  # by kind, what becomes of a monomial
    sums: tuple[Callable[[Context, tuple[Gen, ...], Monomial], Poly | None], ...]
    makers: Mapping[Kind, Callable[..., Poly]]  # by kind, what a generator becomes on other arguments


@dataclass(frozen=True, eq=False)
class Context:
    """What a computation goes by: what is known, its caps, and a record of what it did; to know more is to go on with another.

    Where it is `closed`, a case distinction between real numbers is one thing, which is not taken apart. Within a case what is
    divided by may be zero: where it is, the case does not apply, and the quotient counts as 0.
    """

    laws: Laws
    given: Given = field(default_factory=Given)
    never_zero: tuple[NeverZero, ...] = ()
    positive: tuple[Positive, ...] = ()
    within_case: bool = False
    closed: bool = False
    most_terms: int = MOST_TERMS
    most_work: int = MOST_WORK
    patience: Patience = field(default_factory=Patience)
    effort: Effort = field(default_factory=Effort)
    record: Record = field(default_factory=Record)

    @property
    def is_plain(self) -> bool:
        """Whether nothing is known but the laws, so that a term has one normal form here."""
        return not (self.within_case or self.never_zero or self.positive or self.given.rules or self.given.mirrored)

    def spend(self, work: int) -> None:
        """Count work that is about to be done. Fails when it is more than there is."""
        self.record.work += work
        self.effort.done += PAIR * work
        if self.record.work > self.most_work:
            raise Spent("more work than a step may take; a name for a part of it, or a step between, may help")

    @contextmanager
    def attempt(self, work: int) -> Iterator[Context]:
        """With what comes no more than so much work is done. Fails when it is, as when a cap is met."""
        try:
            yield replace(self, most_work=min(self.most_work, self.record.work + work))
        except Spent as error:
            raise TooLarge(*error.args) from error  # there may be work left for the rest

    @property
    def case(self) -> Context:
        return self if self.within_case else replace(self, within_case=True)


Definitions = Mapping[str, Callable[[Context, list[Poly]], Poly | None]]
