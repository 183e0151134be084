"""What every way to a proof works on: both members of a step as normal forms, and what the steps of one page share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from sympy import Basic, Expr, Symbol

from symderiv.errors import Spent, TooLarge, Undefined
from symderiv.language.constraints import Constraint
from symderiv.language.effort import Effort, Worlds
from symderiv.language.program import Equation, Program
from symderiv.language.terms import Determinant, Inverse, subterms
from symderiv.proof.adjoint import Sweep
from symderiv.proof.algebra import new_context
from symderiv.proof.cells import vanishes
from symderiv.proof.context import MOST_WORK, Context, Definitions, Patience
from symderiv.proof.laws import Law
from symderiv.proof.normal import index_gen, normal
from symderiv.proof.poly import Gen, Kind, Poly
from symderiv.proof.replacing import rebuild

CAPS = (TooLarge, Undefined, RecursionError)  # what ends one way to a proof, and not the others
TOO_DEEP = "the terms are nested too deep"
INVERSES = (Kind.INVERSE, Kind.CLOSED_INVERSE)
HIDDEN = "\N{ZERO WIDTH SPACE}"  # in names that no page can declare
Shape = tuple[str, ...]


@dataclass
class Known:
    """What the steps of one page share: the derivative equations met so far, and normal forms with the laws they took.

    With `opened`, definitions that no derivative goes through are put in from the first: in code these are no steps of a derivation.
    `closed`: distinctions of cases are not taken apart. `most_work`: for each computation, as `Context` counts it.
    """

    program: Program | None = None
    sweep: Sweep = field(default_factory=Sweep)
    by_value: Known | None = None
    members: dict[Expr, tuple[Expr, Poly, frozenset[Law]]] = field(default_factory=dict)
    bodies: dict[Symbol, tuple[list[Gen], Poly, frozenset[Law]]] = field(default_factory=dict)
    zeros: set[Expr] = field(default_factory=set)
    effort: Effort = field(default_factory=Effort)
    worlds: Worlds = field(init=False)
    opened: bool = False
    closed: bool = False
    with_closed: Known | None = None
    patience: Patience = field(default_factory=Patience)
    most_work: int = MOST_WORK

    def __post_init__(self) -> None:
        self.worlds = Worlds(self.effort)

    def algebra(self) -> Context:
        """A computation as these steps need it."""
        return new_context(self.closed, self.patience, self.effort, self.most_work)


@dataclass
class Side:
    """Both members of a step on their way to a proof: their normal forms, and what was unfolded so far."""

    algebra: Context
    program: Program
    known: Known
    members: tuple[Expr, Expr]
    terms: tuple[Expr, Expr]
    left: Poly
    right: Poly
    unfolded: tuple[Symbol, ...] = ()
    values: tuple[tuple[Expr, Expr], ...] = ()  # that the page assumes, and that were put in
    constraints: tuple[Constraint, ...] = ()  # that a rewriting may use
    cap: str = ""  # why a way that stays could not go to its end, in the round that goes on

    @property
    def meant(self) -> dict[Symbol, Expr]:
        """What the derivatives stand for that have nodes."""
        return self.known.sweep.meant

    @property
    def assumed(self) -> tuple[tuple[Expr, Expr], ...]:
        """What of all that the page takes for granted was used by now."""
        used = self.algebra.record.applied
        return *self.values, *((c.what, c.value) for c in self.constraints if c.kind in ("given", "values") or {c, c.head.name} & used)

    @property
    def equal(self) -> bool:
        return vanishes(self.algebra, self.left - self.right)

    def rebuilt(self, define: Definitions | None, up_to: int = 0, algebra: Context | None = None) -> None:
        """Rebuild both members by what is known, or by what one of the algebras knows that were made of it."""
        algebra = algebra or self.algebra
        self.left, self.right = (rebuild(algebra, poly, {}, define, up_to) for poly in (self.left, self.right))

    def attempt(self, way: Callable[[], bool], stays: bool = False) -> bool:
        """Go one way: if it does not close the proof, or meets a cap, all is as it was before.

        What `stays` is kept where it ends without a cap; of any other that closes the proof, what was known only for it is
        forgotten. Where all work is spent that a step may take, no other way is tried.
        """
        before, there = (self.left, self.right, self.unfolded, self.values, self.constraints), self.algebra
        record = there.record.state()
        kept = False
        try:
            closed = way()
            kept = closed or stays
            return closed
        except Spent:
            raise
        except CAPS as error:
            self.cap = self.cap or (told(error) if stays else "")
            return False
        finally:
            if not kept:
                self.left, self.right, self.unfolded, self.values, self.constraints = before
                there.record.restore(record)
            if not (kept and stays):
                self.algebra = there


def told(error: Exception) -> str:
    return TOO_DEEP if isinstance(error, RecursionError) else str(error)


def inverted(side: Side) -> frozenset[Symbol]:
    """The matrices whose inverse or determinant a step or its program takes."""
    return frozenset().union(*map(_inverted_in, side.terms), *(_inverted_in(e.body) for e in side.program.equations))


@lru_cache(maxsize=10_000)
def _inverted_in(term: Basic) -> frozenset[Symbol]:
    return frozenset(part.head for part in subterms(term) if isinstance(part, (Inverse, Determinant)))


def definition_of(equation: Equation, algebra: Context | None = None) -> tuple[list[Gen], Poly, frozenset[Law]]:
    """An equation's indices, the normal form of its body, and the laws that this took."""
    algebra = algebra or new_context()
    formal = [index_gen(i, algebra) for i in equation.variable.indices]
    return formal, normal(equation.body, algebra), frozenset(algebra.record.used)


def given_at(formal: list[Gen], value: Poly, algebra: Context, at: list[Poly]) -> Poly:
    return rebuild(algebra, value, dict(zip(formal, at, strict=True)))
