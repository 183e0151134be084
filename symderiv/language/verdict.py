"""Judgements: Proved with a certificate, Refuted with a counterexample, Unknown with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Symbol
from sympy.logic.boolalg import Boolean

from symderiv.language.terms import Index
from symderiv.language.words import VerdictName


@dataclass(frozen=True)
class Condition:
    """A side condition: `term relation 0` wherever the comparisons in `where` hold, for every position of the indices in `every`.

    Other free indices are those of the step itself: at these positions it is claimed, and asks for no more.
    """

    term: Expr
    relation: str  # "!=", ">" or ">="
    where: tuple[Boolean, ...] = ()
    every: tuple[Index, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """Why a step is proved; `decide.replay` goes through it again.

    `left` and `right` are the two normal forms as text, after the nodes and derivatives in `unfolded` were
    replaced by their definitions, in that order; their difference is zero by the named laws, under `conditions` and `assumptions`.
    """

    left: str
    right: str
    unfolded: tuple[Expr, ...]
    laws: tuple[str, ...]
    conditions: tuple[Condition, ...]
    assumptions: tuple[tuple[Expr, Expr], ...]


@dataclass(frozen=True)
class Counterexample:
    """Sizes, positions of the free indices and values at which the two sides differ; `left` and `right` as text."""

    sizes: tuple[tuple[Symbol, int], ...]
    positions: tuple[tuple[Index, int], ...]
    values: tuple[tuple[Expr, str], ...]
    left: str
    right: str


@dataclass(frozen=True)
class Proved:
    certificate: Certificate


@dataclass(frozen=True)
class Refuted:
    counterexample: Counterexample


@dataclass(frozen=True)
class Unknown:
    """Why a step is neither: a reason, what is left of the difference of both sides and how many terms more, points that agree."""

    reason: str
    evidence: str = ""
    left_over: Expr | None = None
    more: int = 0


Verdict = Proved | Refuted | Unknown


@dataclass(frozen=True)
class Judgement:
    """What the judges say of one step: on the graph, formally, whether both sides are zero whatever the inputs.

    Of a refuted step, `holds_if` is the usual assumption under which it is proved.
    """

    graph: Verdict
    formal: Verdict
    trivial: bool = False
    holds_if: tuple[tuple[Expr, Expr], ...] = ()


def name_of(verdict: Verdict) -> VerdictName:
    """`proved`, `refuted` or `unknown`."""
    match verdict:
        case Proved():
            return "proved"
        case Refuted():
            return "refuted"
        case Unknown():
            return "unknown"
