"""The normal form: laws that hold for every size, applied until nothing changes.

Each law is an equality of values wherever both sides have one. Where they might not (a division by zero, the root
of a negative number), `conditions` says so from the terms themselves, and the certificate carries it.
"""

from __future__ import annotations

from collections.abc import Callable

from symderiv.language.effort import Effort
from symderiv.language.functions import PARITIES
from symderiv.proof.context import MOST_WORK, Context, Laws, Patience
from symderiv.proof.flags import atleast, case_of, delta, positive_part, step, zero
from symderiv.proof.functions import cosine_of, exp_of, inverse, log_of, odd, over, product_over, sine_of, unknown, whole_power
from symderiv.proof.poly import Kind, Poly, number
from symderiv.proof.relations import RELATIONS
from symderiv.proof.summing import everywhere, sigma
from symderiv.proof.sums import LAWS_OF_SUMS

MAKERS: dict[Kind, Callable[..., Poly]] = {
    # a kind     takes the head if it has one, then the arguments; the indices and the body of what is over a range
    Kind.SUM:             sigma,
    Kind.PRODUCT:         product_over,
    Kind.APPLY:           unknown,
    Kind.EVERYWHERE:      everywhere,
    Kind.CLOSED_INVERSE:  lambda a, head, *at: inverse(a.case, head, *at),
    Kind.CASE:            lambda a, relation, z, value: case_of(a, relation, z, value, number(0)),
    Kind.POWER:           whole_power,
    Kind.EXP:             exp_of,
    Kind.LOG:             log_of,
    Kind.CLOSED_LOG:      lambda a, z: log_of(a.case, z),
    Kind.DELTA:           delta,
    Kind.STEP:            step,
    Kind.ZERO:            zero,
    Kind.ATLEAST:         atleast,
    Kind.BASE:            lambda a, p: p,
    Kind.ROOT:            lambda a, p: p,
    Kind.OVER:            over,
    Kind.RELU:            positive_part,
    Kind.SIN:             sine_of,
    Kind.COS:             cosine_of,
    Kind.FUNCTION:        lambda a, name, p: odd(a, Kind.FUNCTION, p, PARITIES[name], name),
}  # fmt: skip
ALL_LAWS = Laws(RELATIONS, LAWS_OF_SUMS, MAKERS)


def new_context(
    closed: bool = False, patience: Patience | None = None, effort: Effort | None = None, most_work: int = MOST_WORK
) -> Context:
    """A computation by all laws, in which nothing is known but these."""
    return Context(ALL_LAWS, closed=closed, patience=patience or Patience(), effort=effort or Effort(), most_work=most_work)
