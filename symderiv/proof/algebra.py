"""The normal form: laws that hold for every size, applied until nothing changes.

Each law is an equality of values wherever both sides have one. Where they might not (a division by zero, the root
of a negative number), `conditions` says so from the terms themselves, and the certificate carries it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import count
from math import comb, floor
from typing import Any

from flint import fmpq

from symderiv.errors import Spent, TooLarge, Undefined
from symderiv.language.functions import PARITIES
from symderiv.proof.monomials import (
    FLAGS,
    POSITIVE,
    components,
    exponent_of,
    has_even_root,
    is_odd,
    number_of,
    orders,
    pattern,
    rational_content,
    sign_of,
    sign_of_monomial,
    square_root,
)
from symderiv.proof.poly import ONE, PLACES, Exponent, Gen, Monomial, Poly, merge, number, plain, single, total, without
from symderiv.proof.relations import RELATIONS
from symderiv.proof.rewriting import Given, NeverZero, bound, value_of
from symderiv.proof.sums import LAWS_OF_SUMS, MOST_SHIFT

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

MOST_TERMS = 20_000
MOST_WORK = 1_000_000  # pairs of factors looked at in products: some twenty seconds
MOST_EXPONENT = 64
MOST_ANGLES = 4
MOST_CASES = 5  # flags inside a function
LARGEST_BITS = 100_000
LARGEST_FACTORED = 120


Definitions = Mapping[str, Callable[["Algebra", list[Poly]], Poly | None]]


@dataclass(frozen=True)
class Change:
    """What one rebuild puts in the place of what, and what has become of generators so far: one may stand in many places."""

    swap: Mapping[str, Poly]
    define: Definitions | None
    up_to: int
    made: dict[Gen, Poly] = field(default_factory=dict)


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

    used: set[str] = field(default_factory=set)  # the laws that were taken
    applied: set[Any] = field(default_factory=set)  # what of the given was
    forms: dict[Any, Poly] = field(default_factory=dict)
    met: dict[Any, Any] = field(default_factory=dict)
    work: int = 0
    names: Iterator[int] = field(default_factory=count)  # for indices that are open

    def state(self) -> tuple[set[str], set[Any], dict[Any, Poly]]:
        """All that an attempt may change, but for the work that it took and what is true whatever is known."""
        return set(self.used), set(self.applied), dict(self.forms)

    def restore(self, state: tuple[set[str], set[Any], dict[Any, Poly]]) -> None:
        """Put back what was there when the state was taken."""
        self.used, self.applied, self.forms = state


@dataclass(frozen=True, eq=False)
class Algebra:
    """What a computation goes by: what is known, its caps, and a record of what it did; to know more is to go on with another.

    Where it is `closed`, a case distinction between real numbers is one thing, which is not taken apart. Within a case what is
    divided by may be zero: where it is, the case does not apply, and the quotient counts as 0.
    """

    given: Given = field(default_factory=Given)
    never_zero: tuple[NeverZero, ...] = ()
    positive: tuple[Positive, ...] = ()
    within_case: bool = False
    closed: bool = False
    most_terms: int = MOST_TERMS
    most_work: int = MOST_WORK
    patience: Patience = field(default_factory=Patience)
    record: Record = field(default_factory=Record)

    @property
    def is_plain(self) -> bool:
        """Whether nothing is known but the laws, so that a term has one normal form here."""
        return not (self.within_case or self.never_zero or self.positive or self.given.rules or self.given.mirrored)

    @contextmanager
    def attempt(self, work: int) -> Iterator[Algebra]:
        """With what comes no more than so much work is done. Fails when it is, as when a cap is met."""
        try:
            yield replace(self, most_work=min(self.most_work, self.record.work + work))
        except Spent as error:
            raise TooLarge(*error.args) from error  # there may be work left for the rest

    @property
    def case(self) -> Algebra:
        return self if self.within_case else replace(self, within_case=True)

    # products

    def mul(self, a: Poly, b: Poly) -> Poly:
        """The product, with every relation between generators applied."""
        if a.constant is not None:
            return b.scaled(a.constant)
        if b.constant is not None:
            return a.scaled(b.constant)
        out: dict[Monomial, Any] = {}
        for m1, c1 in a.terms.items():
            for m2, c2 in b.terms.items():
                self._add_product(out, merge(m1, m2), c1 * c2)
            if len(out) > self.most_terms:
                raise TooLarge(f"more than {self.most_terms} terms in a product")
        return Poly(out)

    def _add_product(self, out: dict[Monomial, Any], monomial: Monomial, c: Any) -> None:
        if any(g.related for g, _ in monomial):
            for m, k in self.settled(monomial).terms.items():
                out[m] = out.get(m, 0) + c * k
        else:
            out[monomial] = out.get(monomial, 0) + c

    def product(self, polys: Iterable[Poly]) -> Poly:
        result: Poly | None = None
        for poly in polys:
            result = poly if result is None else self.mul(result, poly)
        return number(1) if result is None else result

    def settled(self, monomial: Monomial) -> Poly:
        """A monomial whose exponents were added up, with the relations of its generators applied."""
        self.record.work += len(monomial) ** 2
        if self.record.work > self.most_work:
            raise Spent("more work than a step may take; a name for a part of it, or a step between, may help")
        if self.patience.left is not None:
            self.patience.spend(sum(1 + len(g.args[0].terms) for g, _ in monomial if g.kind in FLAGS))
        for g, e in monomial:
            if g.related and (settle := RELATIONS[g.kind](self, g, e, monomial)) is not None:
                return settle
        return Poly({monomial: fmpq(1)})

    def by_cases(self, poly: Poly, function: Callable[[Algebra, Poly], Poly]) -> Poly:
        """function(a + s b) for a flag s as function(a) or function(a + b); as it is where one of these has no value."""
        flags = sorted((g for g in poly.gens if g.kind in FLAGS), key=lambda g: g.key)
        if not flags or len(flags) > MOST_CASES or self.closed:
            return function(self, poly)
        flag = flags[0]
        off = Poly({m: c for m, c in poly.terms.items() if (flag, 1) not in m})
        on = off + Poly({without(m, flag): c for m, c in poly.terms.items() if (flag, 1) in m})
        try:
            one, other = self.case.by_cases(on, function), self.case.by_cases(off, function)
        except Undefined:
            return function(self, poly)
        self.record.used.add("cases")
        return other + self.mul(single(flag), one - other)

    # powers

    def power(self, poly: Poly, e: Exponent) -> Poly:
        """poly^e; a fractional power is the real root, of a base that is not negative."""
        e = plain(e)
        if e == 1:
            return poly
        if e == 0:
            return number(1)
        if e < 0 and self.within_case and sign_of(poly) != "+":
            n = -floor(e)
            return self.mul(self.power(self.over(poly), n), self.power(poly, e + n))
        if poly.is_zero:
            if e < 0:
                raise Undefined("a division by zero")
            return poly
        if poly.single:
            return self._power_of_one(*poly.single, e)
        if isinstance(e, int) and e > 0:
            return self._expanded(poly, e)
        if not any(g.kind in FLAGS for g in poly.gens):
            return self._power_of_base(poly, e)
        content, base = self.content(poly, only_positive=not isinstance(e, int))  # before the cases, in each of which it may be zero
        return self.mul(self.power(content, e), self.by_cases(base, lambda a, case: a._power_of_case(case, e)))

    def over(self, poly: Poly) -> Poly:
        """1/poly, and 0 where poly is 0: what a division in a case is, where nothing but the case says that it has a value."""
        if poly.single or poly.is_zero:
            return self._over(poly)
        content, base = self.content(poly, only_positive=False)
        return self.mul(self._over(content), self.by_cases(base, Algebra._over))

    def _over(self, poly: Poly) -> Poly:
        if poly.is_zero:
            return poly
        self.record.used.add("guarded")
        content, base = self.content(poly, only_positive=False) if not poly.single else (poly, number(1))
        if base.single:
            content, base = self.mul(content, base), number(1)
        monomial, c = content.single or (ONE, fmpq(1))
        factors = [self._over_gen(g, e) for g, e in monomial]
        return self.product([number(1 / c), *factors, *([] if base.constant is not None else [self._over_base(base)])])

    def _over_gen(self, g: Gen, e: Exponent) -> Poly:
        if g.sign in POSITIVE or g.kind == "base" or e < 0:
            return self._gen_power(g, -e)
        if g.kind in FLAGS:
            return single(g)
        if g.kind == "over":
            return self.power(g.args[0], e)
        if self._is_never_zero(single(g)):
            return self._gen_power(g, -e)
        n = -floor(-e)
        once = self.over(g.args[0]) if g.kind == "root" else single(Gen("over", "", (single(g),), sign=g.sign))
        return self.mul(self.power(once, n), self._gen_power(g, n - e))

    def _over_base(self, base: Poly) -> Poly:
        sign = sign_of(base)
        if sign == "+" or self._is_never_zero(base):
            return single(Gen("base", "", (base,), sign=sign), -1)
        return single(Gen("over", "", (base,), sign=sign))

    def _is_never_zero(self, poly: Poly) -> bool:
        return any(self._holds(known, poly).constant == 1 for known in self.never_zero)

    def _expanded(self, poly: Poly, e: int) -> Poly:
        if e > MOST_EXPONENT or comb(len(poly.terms) + e - 1, e) > self.most_terms:
            raise TooLarge(f"a power {e} of {len(poly.terms)} terms")
        half = self._expanded(poly, e // 2) if e > 1 else number(1)
        square = self.mul(half, half)
        return self.mul(square, poly) if e % 2 else square

    def _power_of_one(self, monomial: Monomial, c: Any, e: Exponent) -> Poly:
        if isinstance(e, int):
            if max(int(c.p).bit_length(), int(c.q).bit_length()) * abs(e) > LARGEST_BITS:
                raise TooLarge(f"a number with more than {LARGEST_BITS} bits")
            return self.product([number(c**e), *(self._gen_power(g, k * e) for g, k in monomial)])
        self.record.used.add("power")
        parts = [self._gen_power(g, k * e) for g, k in monomial if g.sign or not isinstance(k, int)]
        parts += [self._even_root(g, plain(k * e)) for g, k in monomial if has_even_root(g, k, e)]
        rest = tuple((g, k) for g, k in monomial if not g.sign and isinstance(k, int) and not has_even_root(g, k, e))
        if len(rest) == 1 and is_odd(rest[0][1]) and c > 0:
            parts.append(self._gen_power(rest[0][0], rest[0][1] * e))
            rest = ()
        if not rest and c > 0:
            return self.product([*parts, self._root_of_number(c, e)])
        if c > 0:
            parts.append(self._root_of_number(c, e))
        return self.product([*parts, self._root(Poly({rest: fmpq(1) if c > 0 else c}), e)])

    def _even_root(self, g: Gen, e: Exponent) -> Poly:
        """(g^k)^(e/k) for an even k and a whole e: |g|^e."""
        power = self._gen_power(g, e)
        return power if e % 2 == 0 else self.mul(power, self.step(single(g)).scaled(2) - number(1))

    def _gen_power(self, g: Gen, e: Exponent) -> Poly:
        e = plain(e)
        return self.settled(((g, e),)) if g.related else single(g, e)

    def _root_of_number(self, c: Any, e: Exponent) -> Poly:
        """c^e for a rational c > 0, over the primes in it."""
        return self.product(self._gen_power(Gen("prime", str(p), sign="+"), k * e) for p, k in _primes(c))

    def _power_of_case(self, poly: Poly, e: Exponent) -> Poly:
        return self.power(poly, e) if poly.single or poly.is_zero else self._power_of_base(poly, e)

    def _power_of_base(self, poly: Poly, e: Exponent) -> Poly:
        whole = isinstance(e, int)
        content, base = self.content(poly, only_positive=not whole)
        outside = self.power(content, e)
        if base.single:
            return self.mul(outside, self.power(base, e))
        if whole:
            return self.mul(outside, single(Gen("base", "", (base,), sign=sign_of(base)), e))
        return self.mul(outside, self._root(base, e))

    def absolute(self, poly: Poly) -> Poly:
        """|poly| = 2 max(0, poly) - poly."""
        return self.positive_part(poly).scaled(2) - poly

    def positive_part(self, poly: Poly) -> Poly:
        """max(0, poly): by its sign, or as one thing, of which max(0, -z) = max(0, z) - z is known."""
        if poly.is_zero or not self.closed:
            return poly if poly.is_zero else self.mul(poly, self.step(poly))
        if sign_of(poly) or sign_of(poly.scaled(-1)):
            return poly if sign_of(poly) else Poly({})
        self.record.used.add("closed")
        c = rational_content(poly) * (1 if poly.lead[1] > 0 else -1)
        part = single(Gen("relu", "", (poly.scaled(1 / c),), sign="0+"))
        return part.scaled(c) if c > 0 else part.scaled(-c) + poly

    def case_of(self, relation: str, poly: Poly, then: Poly, otherwise: Poly) -> Poly:
        """One value where poly > 0, poly = 0, or poly > 0 and not 0 ("beyond"), else another: as one thing."""
        difference = then - otherwise
        if poly.constant is not None or difference.is_zero:
            holds = poly.constant is not None and (poly.is_zero if relation == "=" else poly.constant > 0)
            return then if holds else otherwise
        c, k = poly.lead[1], difference.terms.get(poly.lead[0], fmpq(0))
        if relation != "=" and difference == poly.scaled(k / c):
            return otherwise + self.positive_part(poly).scaled(k / c)
        if c < 0 and relation == "beyond":
            return self.case_of(relation, poly.scaled(-1), otherwise, then)
        self.record.used.add("closed")
        scale = rational_content(difference) * (1 if difference.lead[1] > 0 else -1)
        compared = poly.scaled(1 / (rational_content(poly) * (-1 if c < 0 and relation == "=" else 1)))
        gen = Gen("case", relation, (compared, difference.scaled(1 / scale)), sign="0+" if sign_of(difference.scaled(1 / scale)) else "")
        return otherwise + single(gen).scaled(scale)

    def square_root(self, poly: Poly) -> Poly | None:
        """A polynomial of several terms whose square this is."""
        q = square_root(poly)
        return q if q is not None and self.power(q, 2) == poly else None

    def _root(self, base: Poly, e: Exponent) -> Poly:
        """base^e as a whole power times a root with an exponent between 0 and 1; of a square, a power of what is squared."""
        if isinstance(plain(2 * e), int) and (q := self.square_root(base)) is not None:
            return self.power(self.absolute(q), plain(2 * e))
        n = floor(e)
        root = single(Gen("root", "", (base,), sign="0+"), plain(e - n))
        return self.mul(root, self.power(base, n)) if n else root

    def content(self, poly: Poly, only_positive: bool) -> tuple[Poly, Poly]:
        """(content, base) with poly = content * base: the number and the generators common to all terms come out.

        For roots and logs only what is known to be positive comes out.
        """
        self.record.used.add("power")
        c = rational_content(poly)
        if not only_positive and poly.lead[1] < 0:
            c = -c
        common: dict[Gen, Exponent] = {}
        for g in poly.gens:
            least = min(dict(m).get(g, 0) for m in poly.terms)
            if least and g.kind not in FLAGS and (g.sign in POSITIVE or not only_positive):
                common[g] = least
        inverse = tuple(sorted(((g, plain(-e)) for g, e in common.items()), key=lambda f: f[0].key))
        base = self.mul(poly.scaled(1 / c), Poly({inverse: fmpq(1)}))
        return self.product([number(c), *(self._gen_power(g, e) for g, e in common.items())]), base

    # functions

    def exp(self, poly: Poly) -> Poly:
        self.record.used.add("exp")
        factors = []
        for m, c in poly.terms.items():
            flags = tuple(f for f in m if f[0].kind in FLAGS)
            if flags and len(poly.terms) <= MOST_CASES and not self.closed:
                self.record.used.add("cases")
                case = Poly({flags: fmpq(1)})
                inside = self.exp(Poly({tuple(f for f in m if f not in flags): c}))
                factors.append(number(1) - case + self.mul(case, inside))
            elif len(m) == 1 and m[0][0].kind == "log" and m[0][1] == 1:
                factors.append(self.power(m[0][0].args[0], exponent_of(c)))
            else:
                factors.append(single(Gen("exp", "", (Poly({m: fmpq(1)}),), sign="+"), plain(exponent_of(c))))
        return self.product(factors)

    def log(self, poly: Poly) -> Poly:
        return self.by_cases(poly, Algebra._log)

    def _log(self, poly: Poly) -> Poly:
        if poly.is_zero:
            raise Undefined("the log of zero")
        self.record.used.add("log")
        content, base = self.content(poly, only_positive=True) if not poly.single else (poly, number(1))
        if base.single and base.constant is None:
            return self.log(content) + self.log(base)
        m, c = content.single or (ONE, fmpq(1))
        known = tuple((g, e) for g, e in m if self._is_positive(g) or g.kind == "root" or not isinstance(e, int))
        squares = tuple((g, e) for g, e in m if (g, e) not in known and not is_odd(e))
        rest = tuple(f for f in m if f not in known and f not in squares)
        parts = [self._log_of_gen(g).scaled(number_of(e)) for g, e in known]
        parts += [self.log_of_absolute(single(g)).scaled(number_of(e)) for g, e in squares]
        if c > 0:
            parts += [single(Gen("log", "", (number(p),))).scaled(k) for p, k in _primes(c)]
        if c > 0 and len(rest) == 1 and is_odd(rest[0][1]):
            parts.append(self._log_of_gen(rest[0][0]).scaled(number_of(rest[0][1])))
        elif rest or c < 0:
            parts.append(self._log_gen(Poly({rest: fmpq(1) if c > 0 else c})))
        if (q := self.square_root(base)) is not None:
            parts.append(self.log_of_absolute(q).scaled(2))
        elif base.constant != 1:
            parts.append(self._log_gen(base))
        return total(parts)

    def _log_gen(self, poly: Poly) -> Poly:
        """The log of what no law takes apart; in a case, where that may be no positive number, closed: exp does not undo it."""
        known = sign_of(poly) == "+" or any(pattern(poly, known.kept) == known.shape for known in self.positive)
        return single(Gen("closed log" if self.within_case and not known else "log", "", (poly,)))

    def closed_log(self, poly: Poly) -> Poly:
        return self.case.log(poly)

    def log_of_absolute(self, poly: Poly) -> Poly:
        """log |poly|, factor by factor; of a product over a range, the sum over it."""
        if poly.single is None or (len(poly.single[0]) == 1 and poly.single[0][0][0].kind != "product"):
            return self.log(self.absolute(poly))
        self.record.used.add("log")
        m, c = poly.single
        if len(m) == 1 and m[0][1] == c == 1:
            self.record.used.add("product")
            indices, body = self.opened(m[0][0])
            return self.sigma(indices, self.log_of_absolute(body))
        parts = (self.log_of_absolute(single(g)).scaled(number_of(e)) for g, e in m)
        return total([self.log(number(abs(c))), *parts])

    def _is_positive(self, g: Gen) -> bool:
        if g.kind == "product" and g.sign != "+":
            body = g.args[0].single
            return bool(self.positive and body and body[1] > 0 and all(self._is_positive(f) for f, _ in body[0]))
        return g.sign in POSITIVE or any(pattern(single(g), known.kept) == known.shape for known in self.positive)

    def _log_of_gen(self, g: Gen) -> Poly:
        if g.kind == "exp":
            return g.args[0]
        if g.kind == "prime":
            return single(Gen("log", "", (number(int(g.head)),)))
        if g.kind == "product" and self._is_positive(g):
            self.record.used.add("product")
            indices, body = self.opened(g)
            return self.sigma(indices, self.log(body))
        return self.log(g.args[0]) if g.kind in ("base", "root") and not g.args[0].single else self._log_gen(single(g))

    def whole_power(self, base: Poly, e: Poly) -> Poly:
        """base^e for a symbolic whole e, by factors: through exp and log for a positive one, else as `_whole_power` says."""
        if sign_of(base) == "+":
            return self.exp(self.mul(e, self.log(base)))
        if (c := e.constant) is not None:
            return self.power(base, exponent_of(c))
        if base.is_zero and not self.never_negative(e):
            raise TooLarge("a power of 0 with an exponent that may be negative")
        if base.is_zero:
            return self.delta(e)
        content, rest = (base, number(1)) if base.single else self.content(base, only_positive=False)
        factors = _factors(content) if content.single else []
        if rest.constant != 1 and factors:
            factors.append((rest, 1))
        if len(factors) < 2:
            return self._whole_power(base, e)
        self.record.used.add("power")
        return self.product(self.power(self.whole_power(factor, e), k) for factor, k in factors)

    def _whole_power(self, base: Poly, e: Poly) -> Poly:
        """base^k base^(e - k), where e - k is as small as it can be and never negative: a^n is a a^(n-1), so that a division is only
        where one is asked for.
        """
        c = e.terms.get(ONE, fmpq(0))
        rest = e - number(c)
        if rest.is_zero:
            return self.power(base, exponent_of(c)) if c else number(1)
        turn = -1 if rest.lead[1] < 0 else 1
        rest = rest.scaled(turn)
        least = next((k for k in range(MOST_SHIFT, -MOST_SHIFT, -1) if self.never_negative(rest - number(k))), 0)
        known = exponent_of(c + turn * least)
        gen = single(Gen("power", "", (base, rest - number(least))))
        return self.mul(self.power(base, known) if known else number(1), self.power(gen, -1) if turn < 0 else gen)

    def inverse(self, head: str, *at: Poly) -> Poly:
        """An entry of an inverse; in a case, where the matrix may have none, closed to the laws of inverses."""
        plain = Gen("inverse", head, at)
        determinant = single(Gen("determinant", head))
        return single(Gen("closed inverse", head, at) if self.within_case and not self._is_never_zero(determinant) else plain)

    def closed_inverse(self, head: str, *at: Poly) -> Poly:
        return self.case.inverse(head, *at)

    def sine(self, poly: Poly) -> Poly:
        return self.by_cases(poly, lambda a, case: a._of_angle(case)[0])

    def cosine(self, poly: Poly) -> Poly:
        return self.by_cases(poly, lambda a, case: a._of_angle(case)[1])

    def _of_angle(self, poly: Poly) -> tuple[Poly, Poly]:
        """The sine and the cosine of a sum of few angles, each a small multiple, by those of the angles."""
        if sum(abs(int(c.p)) for c in poly.terms.values()) > MOST_ANGLES:
            return self._odd("sin", poly, -1), self._odd("cos", poly, 1)
        self.record.used.add("sine")
        sine, cosine = number(0), number(1)
        for m, c in poly.terms.items():
            angle, turn = Poly({m: fmpq(1, c.q)}), fmpq(1 if c > 0 else -1)
            s, k = single(Gen("sin", "", (angle,))).scaled(turn), single(Gen("cos", "", (angle,)))
            for _ in range(abs(int(c.p))):
                sine, cosine = self.mul(sine, k) + self.mul(cosine, s), self.mul(cosine, k) - self.mul(sine, s)
        return sine, cosine

    def odd(self, kind: str, poly: Poly, parity: int) -> Poly:
        """A function of a polynomial, the sign of its argument made canonical if it is odd (parity -1) or even (parity 1)."""
        return self.by_cases(poly, lambda a, case: a._odd(kind, case, parity))

    def _odd(self, kind: str, poly: Poly, parity: int) -> Poly:
        if poly.is_zero and parity < 0:
            return number(0)
        flip = parity != 0 and not poly.is_zero and poly.lead[1] < 0
        gen = single(Gen(kind, "", (poly.scaled(-1) if flip else poly,)))
        return gen.scaled(parity) if flip else gen

    def apply(self, head: str, poly: Poly) -> Poly:
        """An unknown function of a polynomial."""
        return self.by_cases(poly, lambda _, case: single(Gen("apply", head, (case,))))

    def delta(self, poly: Poly) -> Poly:
        """[poly = 0] for a whole-numbered poly."""
        if poly.constant is not None:
            return number(0 if poly.constant else 1)
        poly = poly.scaled(1 / (rational_content(poly) * (-1 if poly.lead[1] < 0 else 1)))
        if self.never_negative(poly - number(1)) or self.never_negative((poly + number(1)).scaled(-1)):
            return number(0)
        if (others := _complement(poly)) is not None:
            return number(1) - total(self.delta(p) for p in others)
        for size, high, low in _digits(poly):
            if self.never_negative(size - number(1) - low) and self.never_negative(size - number(1) + low):
                self.record.used.add("digits")
                return self.mul(self.delta(high), self.delta(low))
        gen = Gen("delta", "", (poly,), sign="0+")
        known = value_of(self, None, ((gen, 1),)) if self.given.rules else None
        return single(gen) if known is None else known

    def step(self, poly: Poly) -> Poly:
        """[poly > 0] for a real poly, by the signs of its factors: (sign² + sign)/2."""
        if poly.constant is not None:
            return number(1 if poly.constant > 0 else 0)
        sign = self.sign(poly)
        return (self.mul(sign, sign) + sign).scaled(fmpq(1, 2))

    def sign(self, poly: Poly) -> Poly:
        """-1, 0 or 1, as poly is negative, zero or positive."""
        return self.by_cases(poly, Algebra._sign)

    def _sign(self, poly: Poly) -> Poly:
        if poly.constant is not None:
            return number((poly.constant > 0) - (poly.constant < 0))
        self.record.used.add("step")
        c, factors = self.factors(poly)
        signs = (self._sign_of_factor(z, e) for z, e in factors)
        return self.product([number(1 if c > 0 else -1), *signs])

    def _sign_of_factor(self, z: Poly, e: Exponent) -> Poly:
        (g, _), *more = z.single[0] if z.single else ((None, 0),)
        if g is not None and not more and g.kind in FLAGS:
            return z
        if not isinstance(e, int) or e % 2 == 0 or sign_of(z) or any(pattern(z, known.kept) == known.shape for known in self.positive):
            return number(1) - self._zero_of_factor(z, e)
        return single(Gen("step", "", (z,), sign="0+")).scaled(2) - number(1) + self._zero_of_factor(z, e)

    def zero(self, poly: Poly) -> Poly:
        """[poly = 0] for a real poly: one of its factors is zero."""
        return self.by_cases(poly, Algebra._zero)

    def _zero(self, poly: Poly) -> Poly:
        if poly.constant is not None:
            return number(0 if poly.constant else 1)
        self.record.used.add("step")
        _, factors = self.factors(poly)
        return number(1) - self.product(number(1) - self._zero_of_factor(z, e) for z, e in factors)

    def _zero_of_factor(self, z: Poly, e: Exponent) -> Poly:
        if e < 0 or sign_of(z) == "+":
            return number(0)
        g = z.single[0][0][0] if z.single else None
        if g is not None and g.kind in FLAGS:
            return number(1) - z
        if g is not None and g.kind == "root":
            return self.zero(g.args[0])
        if g is not None and g.kind == "power" and self.never_negative(g.args[1]):
            return self.mul(self.zero(g.args[0]), number(1) - self.delta(g.args[1]))
        gen = single(Gen("zero", "", (z,), sign="0+"))
        for known in self.never_zero:
            gen = self.mul(gen, number(1) - self._holds(known, z))
        return gen

    def _holds(self, known: NeverZero, z: Poly) -> Poly:
        """Where it is known that z is not zero, as a flag."""
        for found in (z, z.scaled(-1)):
            if (at := bound(known.letters, {}, known.poly, found)) is not None:
                places = {name: partial(_constantly, value) for name, value in at.items() if name in PLACES}
                ends = (tuple(self.rebuild(end, at, places) for end in ends) for ends in known.ranges)
                return self.mul(self.rebuild(known.where, at, places), self.inside(ends))
        return number(0)

    def inside(self, ranges: Iterable[tuple[Poly, ...]]) -> Poly:
        """Where positions lie in their ranges, as a flag: of (position, first, last) each."""
        return self.product(self.mul(self.atleast(at - low), self.atleast(high - at)) for at, low, high in ranges)

    def factors(self, poly: Poly) -> tuple[Any, list[tuple[Poly, Exponent]]]:
        """(c, factors with their exponents): generators, and what is left when they are taken out."""
        content, base = self.content(poly, only_positive=False) if not poly.single else (poly, number(1))
        m, c = content.single or (ONE, fmpq(1))
        if base.single:
            (more, d), base = base.single, number(1)
            m, c = merge(m, more), c * d
        factors = [(single(g), e) for g, e in m if not self._is_positive(g)]
        if base.constant is None and sign_of(base) != "+":
            factors.append((base, 1))
        return c, factors

    def atleast(self, poly: Poly) -> Poly:
        """[poly >= 0] for a whole-numbered poly, decided where its range decides it."""
        if self.never_negative(poly):
            return number(1)
        if self.never_negative((poly + number(1)).scaled(-1)):
            return number(0)
        for k in range(MOST_SHIFT):
            if self.never_negative(number(k) - poly):
                return total(self.delta(poly - number(j)) for j in range(k + 1))
            if k and self.never_negative(poly + number(k)):
                return number(1) - total(self.delta(poly + number(j)) for j in range(1, k + 1))
        for size, high, low in _digits(poly):
            if self.never_negative(low) and self.never_negative(size - number(1) - low):
                self.record.used.add("digits")
                return self.atleast(high)
        shift = poly.terms.get(ONE, fmpq(0))
        if shift and shift.q == 1 and abs(shift) <= MOST_SHIFT:
            return self._shifted(poly - number(shift), int(shift))
        if poly.lead[1] < 0:
            return number(1) - self.atleast((poly + number(1)).scaled(-1))
        return single(Gen("atleast", "", (poly,), sign="0+"))

    def _shifted(self, poly: Poly, shift: int) -> Poly:
        """[poly + shift >= 0] by [poly >= 0] and the positions between."""
        between = (poly + number(k) for k in (range(1, shift + 1) if shift > 0 else range(0, shift, -1)))
        deltas = total(self.delta(p) for p in between)
        return self.atleast(poly) + (deltas if shift > 0 else deltas.scaled(-1))

    # sums

    def sigma(self, indices: tuple[Gen, ...], poly: Poly) -> Poly:
        """The sum of a polynomial over the ranges of open indices."""
        return total(self._sum_of(indices, m).scaled(c) for m, c in poly.terms.items())

    def _sum_of(self, indices: tuple[Gen, ...], monomial: Monomial) -> Poly:
        """Try each law of sums in turn; when none applies any more, what is left is a product of connected sums."""
        if not indices:
            return Poly({monomial: fmpq(1)})
        for law in LAWS_OF_SUMS:
            if (result := law(self, indices, monomial)) is not None:
                return result
        self.record.used.add("sum of a product")
        keys = frozenset(v.key for v in indices)
        outside = tuple((g, e) for g, e in monomial if not g.free & keys)
        inside = tuple((g, e) for g, e in monomial if g.free & keys)
        return self.product([Poly({outside: fmpq(1)}), *(self._connected(v, m) for v, m in components(indices, inside))])

    def everywhere(self, count: str, summand: Poly) -> Poly:
        """The sum over all whole numbers at so many places, term by term, what is free of the places in front."""
        parts = []
        for m, c in summand.terms.items():
            inside = tuple((g, e) for g, e in m if not g.heads.isdisjoint(PLACES))
            outside = Poly({tuple(f for f in m if f not in inside): c})
            parts.append(self.mul(outside, single(Gen("everywhere", count, (Poly({inside: fmpq(1)}),)))))
        return total(parts)

    def fresh(self, lower: Poly, upper: Poly) -> Gen:
        """An open index with a name of its own."""
        return Gen("index", f"?{next(self.record.names)}", (lower, upper))

    def renamed(self, index: Gen, swap: Mapping[str, Poly], define: Definitions | None = None) -> Gen:
        """The same index, its range rebuilt."""
        lower, upper = (self.rebuild(a, swap, define) for a in index.args)
        return index if (lower, upper) == index.args else Gen("index", index.head, (lower, upper))

    def _connected(self, indices: tuple[Gen, ...], monomial: Monomial) -> Poly:
        """One connected sum, its indices renamed to the order that gives the least key."""
        level = 1 + max(g.level for g, _ in monomial)
        found: dict[str, tuple[Gen, Any]] = {}
        for order in orders(indices, monomial):
            named = self._named(order, level)
            swap = {v.key: single(n) for v, n in zip(order, named, strict=True)}
            renamed = self.rebuild(Poly({monomial: fmpq(1)}), swap)
            if renamed.single is None:
                continue  # under these names a flag is turned round, or the leading term of a base changes
            body, c = renamed.single
            gen = Gen("sum", "", (Poly({body: fmpq(1)}),), sign=self._sign_of_sum(named, body), vars=named)
            if found.setdefault(gen.key, (gen, c))[1] != c:
                return number(0)  # the same sum with both signs
        if not found:
            return self.sigma(named, renamed)  # so under any: laws apply anew
        gen, c = found[min(found)]
        return single(gen).scaled(c)

    def _named(self, order: tuple[Gen, ...], level: int) -> tuple[Gen, ...]:
        named: list[Gen] = []
        swap: dict[str, Poly] = {}
        for position, v in enumerate(order):
            renamed = self.renamed(v, swap)
            named.append(Gen("index", f"b{level}.{position}", renamed.args))
            swap[v.key] = single(named[-1])
        return tuple(named)

    def opened(self, gen: Gen) -> tuple[tuple[Gen, ...], Poly]:
        """A sum's indices under fresh names, and its body with them."""
        swap: dict[str, Poly] = {}
        fresh: list[Gen] = []
        for v in gen.vars:
            renamed = self.renamed(v, swap)
            fresh.append(self.fresh(*renamed.args))
            swap[v.key] = single(fresh[-1])
        return tuple(fresh), self.rebuild(gen.args[0], swap)

    def length(self, v: Gen) -> Poly:
        """How many positions an index has; none where its range runs backwards, as out of a guard it may."""
        length = v.args[1] - v.args[0] + number(1)
        return length if self.never_negative(length) else self.mul(length, self.atleast(length))

    # products

    def product_over(self, v: Gen, poly: Poly) -> Poly:
        """The product of a polynomial over the range of an open index."""
        self.record.used.add("product")
        length = self.length(v)
        if poly.is_zero:
            raise TooLarge("a product of zeros, which is 1 over an empty range")
        content, base = (poly, number(1)) if poly.single else self.content(poly, only_positive=False)
        monomial, c = content.single or (ONE, fmpq(1))
        factors = [self.exp(self.sigma((v,), g.args[0].scaled(number_of(e)))) for g, e in monomial if g.kind == "exp"]
        factors += [self._product_of_one(v, single(g), e, length) for g, e in monomial if g.kind != "exp"]
        return self.product([*factors, self._product_of_one(v, number(c), 1, length), self._product_of_one(v, base, 1, length)])

    def _product_of_one(self, v: Gen, factor: Poly, e: Exponent, length: Poly) -> Poly:
        """The product over v of a number, a generator or a base to a power."""
        if factor.constant == 1:
            return factor
        if not isinstance(e, int) and sign_of(factor) != "+":
            raise TooLarge("a product of roots")
        if v.key not in factor.free:
            return self.power(self.whole_power(factor, length), e)
        (named,) = self._named((v,), 1 + factor.level)
        body = self.rebuild(factor, {v.key: single(named)})
        return self.power(single(Gen("product", "", (body,), sign="+" if sign_of(body) == "+" else "", vars=(named,))), e)

    # replacing

    def rebuild(self, poly: Poly, swap: Mapping[str, Poly], define: Definitions | None = None, up_to: int = 0) -> Poly:
        """Put polynomials in place of indices, definitions in place of nodes, and write out sums of up to `up_to` terms.

        `define` maps a name to a function from positions to the definition there, or to None for "stays as it is".
        Everything above a change is normalised again.
        """
        return self._changed(poly, Change(swap, define, up_to))

    def _changed(self, poly: Poly, change: Change) -> Poly:
        swap, define = change.swap, change.define
        if not change.up_to and poly.free.isdisjoint(swap) and not (define and not poly.heads.isdisjoint(define)):
            return poly
        changed: dict[Gen, Poly] = {}
        for g in poly.gens:
            if change.up_to or not g.free.isdisjoint(swap) or (define and not g.heads.isdisjoint(define)):
                if g not in change.made:
                    change.made[g] = self._rebuilt(g, change)
                changed[g] = change.made[g]
        if not changed:
            return poly
        parts = []
        for m, c in poly.terms.items():
            same = tuple([f for f in m if f[0] not in changed])
            powers = [self.power(changed[g], e) for g, e in m if g in changed] if len(same) < len(m) else ()
            parts.append(self.product([Poly({same: c}), *powers]))
        return total(parts)

    def put(self, poly: Poly, values: Mapping[str, Poly]) -> Poly:
        """A polynomial with others in place of scalars."""
        return self.rebuild(poly, {}, {name: partial(_constantly, value) for name, value in values.items()})

    def _rebuilt(self, g: Gen, change: Change) -> Poly:
        swap, define = change.swap, change.define
        if g.kind == "index":
            return swap.get(g.key) or position(self.renamed(g, swap, define))
        if g.vars:
            return self._rebuilt_over(g, swap, define, change.up_to)
        args = [self._changed(a, change) for a in g.args]
        if define and g.kind in ("scalar", "element") and g.head in define and (value := define[g.head](self, args)) is not None:
            return value
        return self.made(g, tuple(args))

    def made(self, g: Gen, args: tuple[Poly, ...]) -> Poly:
        """A generator of the same kind on other arguments."""
        if g.head in self.given.mirrored and g.kind in ("element", "inverse") and args[0].key >= args[1].key:
            self.record.applied.add(g.head)
            if args[0] == args[1] and self.given.mirrored[g.head] < 0:
                return number(0)
            return single(Gen(g.kind, g.head, args[::-1], sign=g.sign)).scaled(self.given.mirrored[g.head])
        if g.kind in HEADED:
            return HEADED[g.kind](self, g.head, *args)
        if g.kind in MAKERS:
            return MAKERS[g.kind](self, *args)
        return single(Gen(g.kind, g.head, args, sign=g.sign, bounds=g.bounds))

    def _rebuilt_over(self, g: Gen, swap: Mapping[str, Poly], define: Definitions | None, up_to: int) -> Poly:
        opened, body = self.opened(g)
        inside = dict(swap)
        indices = []
        for v in opened:
            indices.append(self.renamed(v, inside, define))
            if indices[-1] is not v:
                inside[v.key] = single(indices[-1])
        body = self.rebuild(body, inside, define, up_to)
        return self.product_over(indices[0], body) if g.kind == "product" else self._written_out(tuple(indices), body, up_to)

    def _written_out(self, indices: tuple[Gen, ...], body: Poly, up_to: int) -> Poly:
        for v in indices:
            lower, upper = (a.constant for a in v.args)
            if up_to and lower is not None and upper is not None and upper - lower < up_to:
                others = tuple(w for w in indices if w is not v)
                values = [{v.key: number(x)} for x in range(int(lower), int(upper) + 1)]
                return total(self._written_out(tuple(self.renamed(w, at) for w in others), self.rebuild(body, at), up_to) for at in values)
        return self.sigma(indices, body)

    def _sign_of_sum(self, indices: tuple[Gen, ...], body: Monomial) -> str:
        sign = sign_of_monomial(body)
        never_empty = all(self.atleast(v.args[1] - v.args[0]).constant == 1 for v in indices)
        return sign if never_empty or not sign else "0+"

    # ranges

    def never_negative(self, poly: Poly) -> bool:
        """Whether a whole-numbered poly is >= 0 at every position and size. False is 'not shown'.

        Linear reasoning: each index and label is put at its worse end, then each size is 1 + something >= 0.
        """
        return _never_negative(poly, poly.scope)

    def _is_never_negative(self, poly: Poly) -> bool:
        while ranging := sorted((g for g in poly.gens if g.bounds), key=lambda g: (g.kind != "index", -len(g.free), g.key)):
            v = ranging[0]
            if any(g == v and e != 1 for m in poly.terms for g, e in m):
                return False
            slope = Poly({without(m, v): c for m, c in poly.terms.items() if (v, 1) in m})
            rest = Poly({m: c for m, c in poly.terms.items() if (v, 1) not in m})
            if v.kind == "index" and v.key in slope.free | rest.free:
                return False
            rising = self.never_negative(slope)
            if not rising and not self.never_negative(slope.scaled(-1)):
                return False
            poly = rest + self.mul(slope, v.bounds[0 if rising else 1])
        if any(g.sign != "1+" or not isinstance(e, int) or e < 0 for m in poly.terms for g, e in m):
            return False
        shifted = total(self.product([number(c), *(self.power(single(g) + number(1), e) for g, e in m)]) for m, c in poly.terms.items())
        return all(c >= 0 for c in shifted.terms.values())

    # comparing

    def is_zero(self, poly: Poly) -> bool:
        """Whether the polynomial is zero once every denominator of several terms is cleared, for each factor beside these alone."""
        return all(map(self._is_zero, _apart(poly)))

    def _is_zero(self, poly: Poly) -> bool:
        while not poly.is_zero and (least := _least_exponents(poly)):
            flags = Poly({tuple(f for f in next(iter(poly.terms)) if f[0].kind in FLAGS): fmpq(1)})
            if flags.constant is None and any(self.mul(flags, g.args[0]).is_zero for g in least):
                return False  # where the flags are 1 it is zero, so that clearing it would hide the rest
            poly = total(self._cleared(m, c, least) for m, c in poly.terms.items())
        return poly.is_zero

    def _cleared(self, monomial: Monomial, c: Any, least: Mapping[Gen, int]) -> Poly:
        exponents = dict(monomial)
        rest = tuple((g, e) for g, e in monomial if g not in least)
        return self.product([Poly({rest: c}), *(self.power(g.args[0], exponents.get(g, 0) - e) for g, e in least.items())])


@lru_cache(maxsize=50_000)
def _never_negative(poly: Poly, scope: str) -> bool:
    """Kept for the polynomial and the scope: in another derivation the same names may be of another kind."""
    return Algebra()._is_never_negative(poly)


def _constantly(value: Poly, a: Algebra, at: list[Poly]) -> Poly:
    return value


def _primes(c: Any) -> list[tuple[Any, int]]:
    """The primes in a positive rational, with their exponents."""
    if max(int(c.p).bit_length(), int(c.q).bit_length()) > LARGEST_FACTORED:
        raise TooLarge(f"the root or log of a number with more than {LARGEST_FACTORED} bits")
    return [*c.p.factor(), *((p, -k) for p, k in c.q.factor())]


def _factors(poly: Poly) -> list[tuple[Poly, int]]:
    """The factors of a single term that are to whole powers, the number by its size and its sign; the others together."""
    m, c = poly.single or (ONE, fmpq(0))
    whole = [(g, e) for g, e in m if isinstance(e, int)]
    others = tuple(f for f in m if f not in whole)
    numbers = [number(x) for x in ((abs(c), fmpq(-1)) if c < 0 else (c,)) if x != 1]
    parts = [*((x, 1) for x in numbers), *((g.args[0] if g.kind == "base" else single(g), e) for g, e in whole)]
    return [*parts, (Poly({others: fmpq(1)}), 1)] if others else parts


def _complement(poly: Poly) -> list[Poly] | None:
    """For v - b with an index v over a few numbers a..b, the v - k for all others."""
    v = next((g for g in poly.gens if g.kind == "index"), None)
    if v is None or len(poly.terms) > 2 or abs(poly.terms.get(((v, 1),), 0)) != 1 or poly.gens != {v}:
        return None
    lower, upper = (end.constant for end in v.args)
    if lower is None or upper is None or upper - lower >= MOST_SHIFT or (poly != single(v) - v.args[1] and poly != v.args[1] - single(v)):
        return None
    return [single(v) - number(k) for k in range(int(lower), int(upper))]


def position(index: Gen) -> Poly:
    """An index as a position: a number if its range has one."""
    return index.args[0] if index.args[0] == index.args[1] else single(index)


def _digits(poly: Poly) -> Iterator[tuple[Poly, Poly, Poly]]:
    """(size, high, low) with poly = size * high + low, for the sizes and numbers that are factors of a part of a whole-numbered poly."""
    for c in sorted({abs(c) for m, c in poly.terms.items() if m and abs(c) > 1}):
        high = Poly({m: k / c for m, k in poly.terms.items() if m and (k / c).q == 1})
        yield from _carried(number(c), high, poly - high.scaled(c))
    for g in sorted({g for m in poly.terms if len(m) > 1 for g, e in m if g.sign == "1+" and e == 1 and not g.bounds}, key=lambda g: g.key):
        terms = {m: k for m, k in poly.terms.items() if (g, 1) in m}
        yield from _carried(single(g), Poly({without(m, g): k for m, k in terms.items()}), poly - Poly(terms))


def _carried(size: Poly, high: Poly, low: Poly) -> Iterator[tuple[Poly, Poly, Poly]]:
    """The same with the size carried over to the low part a few times, or a part of its constant to the high one."""
    c, k = size.constant, low.terms.get(ONE, fmpq(0))
    if c is not None and k:
        whole = fmpq((k / c).floor())
        high, low = high + number(whole), low - number(whole * c)
    for carry in (0, 1, -1):
        shifted = low + size.scaled(carry)
        if not shifted.is_zero and not high.is_zero:
            yield size, high - number(carry), shifted


def _least_exponents(poly: Poly) -> dict[Gen, int]:
    bases = {g for g in poly.gens if g.kind == "base"}
    return {g: min(int(dict(m).get(g, 0)) for m in poly.terms) for g in bases}


def _apart(poly: Poly) -> Iterator[Poly]:
    """The terms by their flags and by what else is no denominator or root nor in one: if each group is zero, all is.

    Clearing a denominator multiplies by it, and beside a flag that would hide what is claimed where the denominator is zero.
    """
    within = frozenset().union(*(a.gens for g in poly.gens if g.related and g.kind not in FLAGS for a in g.args))
    groups: dict[Monomial, dict[Monomial, Any]] = {}
    for m, c in poly.terms.items():
        beside = tuple(f for f in m if f[0].kind in FLAGS or not (f[0].related or f[0] in within))
        groups.setdefault(beside, {})[m] = c
    return (Poly(terms) for terms in groups.values())


def _of_parity(name: str, parity: int, a: Algebra, poly: Poly) -> Poly:
    return a.odd(name, poly, parity)


HEADED: dict[str, Callable[..., Poly]] = {
    "apply":          Algebra.apply,
    "everywhere":     Algebra.everywhere,
    "closed inverse": Algebra.closed_inverse,
    "case":           lambda a, relation, z, value: a.case_of(relation, z, value, number(0)),
}  # fmt: skip
MAKERS: dict[str, Callable[..., Poly]] = {
    **{name: partial(_of_parity, name, parity) for name, parity in PARITIES.items()},
    "power":   Algebra.whole_power,
    "exp":     Algebra.exp,
    "log":     Algebra.log,
    "closed log": Algebra.closed_log,
    "delta":   Algebra.delta,
    "step":    Algebra.step,
    "zero":    Algebra.zero,
    "atleast": Algebra.atleast,
    "base":    lambda a, p: p,
    "root":    lambda a, p: p,
    "over":    Algebra.over,
    "relu":    Algebra.positive_part,
    "sin":     Algebra.sine,
    "cos":     Algebra.cosine,
}  # fmt: skip
