"""The normal form: laws that hold for every size, applied until nothing changes.

Each law is an equality of values wherever both sides have one. Where they might not (a division by zero, the root
of a negative number), `conditions` says so from the terms themselves, and the certificate carries it.
"""

from __future__ import annotations

from collections.abc import Callable

from symderiv.language.functions import PARITIES
from symderiv.proof.context import MOST_WORK, Context, Laws, Patience
from symderiv.proof.flags import atleast, case_of, delta, positive_part, step, zero
from symderiv.proof.functions import closed_log, cosine_of, exp_of, log_of, odd, product_over, sine_of, unknown_of, whole_power
from symderiv.proof.inverses import closed_inverse, over
from symderiv.proof.poly import Kind, Poly, number
from symderiv.proof.relations import RELATIONS
from symderiv.proof.summing import everywhere, sigma
from symderiv.proof.sums import LAWS_OF_SUMS

LAWS = {
    "same":             "f = f wherever it has a value",
    "sum of a product": "Σ_i c f(i) = c Σ_i f(i) for c free of i",
    "sum of ones":      "Σ_{i=a..b} 1 = b - a + 1",
    "sum of powers":    "Σ_{i=1..n} i = n (n + 1)/2,  Σ i² = n (n + 1) (2 n + 1)/6,  Σ i³ = (n (n + 1)/2)²",
    "sum of a delta":   "Σ_i δ(i,j) f(i) = f(j) for j in the range of i",
    "nested sums":      "f(i) Σ_j g(i,j) inside Σ_i is one sum over i and j; sums that share no index are a product",
    "inverse":          "Σ_k A(i,k) A⁻¹(k,j) = Σ_k A⁻¹(i,k) A(k,j) = δ(i,j),  dA⁻¹ = -A⁻¹ dA A⁻¹,  d det A = det A tr(A⁻¹ dA)",
    "matrix":           "det A = Σ_σ sign(σ) Π_i A(i,σ(i)),  A⁻¹(i,j) = cofactor(j,i)/det A",
    "cells":            "a piecewise formula is zero if it is for every sign of the quantities that its cases compare with 0",
    "half":             "Σ_{i,j} [i >= j] f(i,j) = (Σ_{i,j} f(i,j) + Σ_i f(i,i))/2 for f(i,j) = f(j,i)",
    "range":            "Σ_{i=a..b} f(i) = Σ_{j=1..b-a+1} f(a + j - 1) = Σ_{j=1..b-a+1} f(b - j + 1)",
    "windows":          "Σ_{i=a..b} f(i) = Σ_i [i >= a] [b >= i] f(i) over all whole numbers i",
    "regions":          "Σ_k c_k [p_k >= 0] = 0 if it is in every region that the p_k cut out",
    "digits":           "δ(n i + r, n j + s) = δ(i,j) δ(r,s) for |r - s| < n,  [n i + r >= 0] = [i >= 0] for 0 <= r < n",
    "cases":            "f(a + s b) = (1 - s) f(a) + s f(a + b) for s = 0 or 1",
    "closed":           "max(0, -z) = max(0, z) - z, |z| = 2 max(0, z) - z,  [z > 0] z = max(0, z); a case is one thing",
    "delta":            "δ(i,j)² = δ(i,j),  δ(i,j) f(j) = δ(i,j) f(i)",
    "power":            "(c g^a h^b)^e = c^e g^(ae) h^(be); for a root, factors known to be positive only",
    "base":             "b · b^(-1) = 1 for a base b of several terms",
    "guarded":          "b · over(b) = 1 - [b = 0],  [b = 0] over(b) = 0: in a case, over(b) is 1/b, and 0 where the case rules b = 0 out",
    "root":             "(b^(1/q))^q = b",
    "partial fractions": "1/(g (r + g q)) = (1/g - q/(r + g q))/r for a number r",
    "product":          "Π_i a(i) b(i) = Π_i a(i) Π_i b(i),  Π_{i=a..b} c = c^(b - a + 1),  Π_i exp(a(i)) = exp(Σ_i a(i))",
    "exp":              "exp(a + b) = exp(a) exp(b),  exp(c log a) = a^c",
    "log":              "log(a b) = log a + log b for factors known to be positive,  log(exp a) = a",
    "step":             "[z > 0]² = [z > 0],  [-z > 0] = 1 - [z > 0] - [z = 0],  z [z = 0] = 0",
    "sine":             "cos² = 1 - sin²,  sin(a + b) = sin a cos b + cos a sin b,  cos(a + b) = cos a cos b - sin a sin b",
}  # fmt: skip

MAKERS: dict[Kind, Callable[..., Poly]] = {
    # a kind     takes the head if it has one, then the arguments; the indices and the body of what is over a range
    Kind.SUM:             sigma,
    Kind.PRODUCT:         product_over,
    Kind.APPLY:           unknown_of,
    Kind.EVERYWHERE:      everywhere,
    Kind.CLOSED_INVERSE:  closed_inverse,
    Kind.CASE:            lambda a, relation, z, value: case_of(a, relation, z, value, number(0)),
    Kind.POWER:           whole_power,
    Kind.EXP:             exp_of,
    Kind.LOG:             log_of,
    Kind.CLOSED_LOG:      closed_log,
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


def new_context(closed: bool = False, patience: Patience | None = None, most_work: int = MOST_WORK) -> Context:
    """A computation by all laws, in which nothing is known but these."""
    return Context(ALL_LAWS, closed=closed, patience=patience or Patience(), most_work=most_work)
