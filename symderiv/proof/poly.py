"""Polynomials over generators: the data of the normal form, without its laws.

A generator is an atom of the algebra (a size, an element, a root, a connected sum, ...). A monomial is a sorted
tuple of (generator, exponent) with rational exponents, a polynomial a map from monomial to rational coefficient.
Two are equal where their data are. Each has a key, a string that spells it out, by which generators are in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from hashlib import blake2b
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from flint import fmpq

from symderiv.language.functions import Sign

Exponent = int | Fraction
Data = tuple["Kind", str, tuple["Poly", ...], "Sign", tuple["Gen", ...], tuple["Poly", ...]]
T = TypeVar("T")


class Kind(StrEnum):
    """What a generator is: what it is of, and which laws there are for it."""

    SCALAR = "scalar"  # a size, a number, the place of a sum over all whole numbers
    ELEMENT = "element"
    INDEX = "index"  # over first..last
    CONSTANT = "constant"
    PRIME = "prime"  # under a root
    DELTA = "delta"  # [p = 0] for a whole-numbered p
    ATLEAST = "atleast"  # [p >= 0] for a whole-numbered p
    STEP = "step"  # [z > 0]
    ZERO = "zero"  # [z = 0]
    CASE = "case"  # a value where z > 0, or z = 0, and 0 elsewhere, as one thing
    BASE = "base"  # several terms, to a negative whole power
    ROOT = "root"  # to a power between 0 and 1
    OVER = "over"  # 1/b, and 0 where b is 0: a division in a case
    POWER = "power"  # to an exponent that is a polynomial
    EXP = "exp"
    LOG = "log"
    CLOSED_LOG = "closed log"  # in a case, where what it is of may not be positive
    SIN = "sin"
    COS = "cos"
    RELU = "relu"
    FUNCTION = "function"  # any other, by its name
    APPLY = "apply"  # an unknown function
    SUM = "sum"
    PRODUCT = "product"
    EVERYWHERE = "everywhere"  # a sum over all whole numbers
    INVERSE = "inverse"
    CLOSED_INVERSE = "closed inverse"  # in a case, where there may be none
    DETERMINANT = "determinant"


Monomial = tuple[tuple["Gen", Exponent], ...]

ONE: Monomial = ()
NONE = fmpq(0)
UNIT = fmpq(1)
PLAIN_NAME = re.compile(r"(?:[^\W\d]|[\\{])[\w\\^{}/ ]*", re.ASCII)  # none of the signs that keys are made of: no name looks like a term
NESTED = (Kind.STEP, Kind.ZERO, Kind.OVER, Kind.RELU, Kind.CASE)  # flags in flags in flags: spelled out, their keys would double with each
LONGEST_INSIDE = 1_000
FLAGS = (Kind.DELTA, Kind.STEP, Kind.ZERO, Kind.ATLEAST)  # generators whose value is 0 or 1
SIGNED: Mapping[Kind, Sign] = {  # whatever they are of
    **dict.fromkeys((*FLAGS, Kind.RELU, Kind.ROOT), Sign.NOT_NEGATIVE),
    **dict.fromkeys((Kind.CONSTANT, Kind.PRIME, Kind.EXP), Sign.POSITIVE),
}
RELATED = frozenset(
    {Kind.DELTA, Kind.STEP, Kind.ZERO, Kind.ATLEAST, Kind.ROOT, Kind.BASE, Kind.OVER, Kind.PRIME, Kind.POWER, Kind.COS, Kind.CASE}
)


class kept(Generic[T]):
    """What is worked out when it is first asked for, and then is an attribute like any other."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self.work, self.name = work, work.__name__

    def __get__(self, made: object, owner: type) -> T:
        value = self.work(made)
        setattr(made, self.name, value)
        return value


class Gen:
    """A generator: its kind, its name, and its arguments, which are polynomials (for a sum or a product: its indices and its body).

    An index and the entries of a label have `bounds`. There is one object for each data, as long as anybody holds it: two generators
    are equal where they are one object. Their keys only put them in order, and print them.
    """

    kind: Kind
    head: str
    args: tuple[Poly, ...]
    sign: Sign
    vars: tuple[Gen, ...]
    bounds: tuple[Poly, ...]
    data: Data
    key: str
    related: bool
    level: int

    def __new__(
        cls,
        kind: Kind,
        head: str,
        args: tuple[Poly, ...] = (),
        sign: Sign = Sign.UNKNOWN,
        vars: tuple[Gen, ...] = (),
        bounds: tuple[Poly, ...] = (),
    ) -> Gen:
        data = kind, head, args, sign or SIGNED.get(kind, sign), vars, bounds
        return GENERATORS.get(data) or cls._made(data)

    @classmethod
    def _made(cls, data: Data) -> Gen:
        self = super().__new__(cls)
        self.kind, self.head, self.args, self.sign, self.vars, bounds = self.data = data
        self.bounds = self.args if self.kind is Kind.INDEX else bounds
        self.related = self.kind in RELATED
        self.key = _spelled(self, {})
        depth = max((a.level for a in self.args), default=0)
        self.level = depth + 1 if self.vars else depth
        with MAKING:  # of two threads that make one at once, both have the first
            return GENERATORS.setdefault(data, self)

    def __reduce__(self) -> tuple[type[Gen], Data]:
        return Gen, self.data

    @kept
    def free(self) -> frozenset[Gen]:
        """The indices on which it depends."""
        own = (self,) if self.kind is Kind.INDEX else ()
        inside = frozenset(own).union(*(a.free for a in self.args), *(v.free for v in self.vars))
        return inside.difference(self.vars)

    @kept
    def heads(self) -> frozenset[str]:
        """The names of the scalars and elements that occur, however deep."""
        named = (self.head,) if self.kind in (Kind.SCALAR, Kind.ELEMENT) else ()
        return frozenset(named).union(*(a.heads for a in self.args), *(v.heads for v in self.vars))

    def __repr__(self) -> str:
        return self.key


GENERATORS: WeakValueDictionary[Data, Gen] = WeakValueDictionary()
MAKING = Lock()


def written(gen: Gen, names: Mapping[Gen, str]) -> str:
    """The key of a generator, under other names for some indices."""
    if gen in names:
        return names[gen]
    return _spelled(gen, names) if names.keys() & gen.free else gen.key


def _spelled(gen: Gen, names: Mapping[Gen, str]) -> str:
    args = [_spelled_poly(a, names) for a in gen.args]
    if gen.vars:
        return f"{'Σ' if gen.kind is Kind.SUM else 'Π'}{{{','.join(written(v, names) for v in gen.vars)}}}({args[0]})"
    if gen.kind is Kind.INDEX:
        return "∈".join((gen.head, "..".join(end if _is_atom(a) else f"({end})" for a, end in zip(gen.args, args, strict=True))))
    name = gen.head if PLAIN_NAME.fullmatch(gen.head) else repr(gen.head) if gen.head else ""
    if gen.kind in (Kind.SCALAR, Kind.ELEMENT):
        return f"{name}[{','.join(args)}]" if args else name
    inside = ",".join(args)
    if gen.kind in NESTED and len(inside) > LONGEST_INSIDE:
        inside = f"#{blake2b(inside.encode(), digest_size=16).hexdigest()}"
    return f"{name}({inside})" if gen.kind is Kind.FUNCTION else f"{gen.kind}({name}{';' if name else ''}{inside})"


class Poly:
    """A polynomial; never changed once made. What is worked out of one is kept."""

    def __init__(self, terms: Mapping[Monomial, fmpq]) -> None:
        self.terms = {m: c for m, c in terms.items() if c}

    @kept
    def key(self) -> str:
        return _spelled_poly(self, {})

    @kept
    def free(self) -> frozenset[Gen]:
        return frozenset().union(*(g.free for g in self.gens))

    @kept
    def heads(self) -> frozenset[str]:
        """The names of the scalars and elements that occur, however deep."""
        return frozenset().union(*(g.heads for g in self.gens))

    @kept
    def level(self) -> int:
        return max((g.level for g in self.gens), default=0)

    @kept
    def gens(self) -> frozenset[Gen]:
        return frozenset([g for m in self.terms for g, _ in m])

    @kept
    def lead(self) -> tuple[Monomial, fmpq]:
        """The greatest term: by degree, then by the exponents of the generators in order of their keys."""
        gens = sorted(self.gens, key=lambda g: g.key)

        def order(term: tuple[Monomial, fmpq]) -> tuple[Exponent, list[Exponent]]:
            exponents = dict(term[0])
            return (sum(exponents.values()), [exponents.get(g, 0) for g in gens])

        return max(self.terms.items(), key=order)

    @property
    def is_zero(self) -> bool:
        return not self.terms

    @property
    def constant(self) -> fmpq | None:
        """The number that the polynomial is; None if it is not one."""
        if not self.terms:
            return NONE
        return self.terms.get(ONE) if len(self.terms) == 1 else None

    def coefficient(self, monomial: Monomial) -> fmpq:
        return self.terms.get(monomial, NONE)

    @property
    def single(self) -> tuple[Monomial, fmpq] | None:
        """Its only term, if it has one."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None

    def __add__(self, other: Poly) -> Poly:
        if not other.terms or not self.terms:
            return self if self.terms else other
        out = dict(self.terms)
        for m, c in other.terms.items():
            out[m] = out[m] + c if m in out else c
        return Poly(out)

    def __sub__(self, other: Poly) -> Poly:
        return self + other.scaled(-1)

    def scaled(self, c: fmpq | int) -> Poly:
        if c == 1 or not self.terms:
            return self
        return _without_zeros({m: k * c for m, k in self.terms.items()}) if c else Poly({})

    @kept
    def hashed(self) -> int:
        """By its monomials and what stands alone: to look at each coefficient takes long."""
        return hash((frozenset(self.terms), str(self.terms.get(ONE))))

    def __hash__(self) -> int:
        return self.hashed

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Poly) and self.terms == other.terms)

    def __repr__(self) -> str:
        return self.key


def _without_zeros(terms: dict[Monomial, fmpq]) -> Poly:
    """A polynomial of terms none of which is zero, without a look at each."""
    poly = Poly.__new__(Poly)
    poly.terms = terms
    return poly


def _spelled_poly(poly: Poly, names: Mapping[Gen, str]) -> str:
    if names and not names.keys() & poly.free:
        return poly.key
    return " + ".join(sorted(_spelled_term(m, c, names) for m, c in poly.terms.items())) or "0"


def _spelled_term(monomial: Monomial, c: fmpq, names: Mapping[Gen, str]) -> str:
    if not monomial:
        return str(c)
    factors = "·".join((written(g, names) if names else g.key) + ("" if e == 1 else f"↑{e}") for g, e in monomial)
    return factors if c == 1 else f"{c}·{factors}"


def _is_atom(poly: Poly) -> bool:
    """Whether a key is read as one thing wherever it stands: of a number, or one generator."""
    return len(poly.terms) < 2 and all(not m or (c == 1 and len(m) == 1 and m[0][1] == 1) for m, c in poly.terms.items())


def monomial_key(monomial: Monomial) -> str:
    return _spelled_term(monomial, UNIT, {})


@lru_cache(maxsize=5000)
def number(value: fmpq | int | Fraction) -> Poly:
    return Poly({ONE: fmpq(value.numerator, value.denominator) if isinstance(value, Fraction) else fmpq(value)})


def term(monomial: Monomial, c: fmpq = UNIT) -> Poly:
    """A monomial times a number that is not zero."""
    return _without_zeros({monomial: c})


def single(gen: Gen, exponent: Exponent = 1) -> Poly:
    return term(((gen, plain(exponent)),)) if exponent else number(1)


def reciprocal(monomial: Monomial) -> Poly:
    return term(tuple((g, plain(-e)) for g, e in monomial))


def plain(exponent: Exponent) -> Exponent:
    """A whole exponent as int, so that equal exponents are the same object kind."""
    return exponent.numerator if isinstance(exponent, Fraction) and exponent.denominator == 1 else exponent


def total(polys: Iterable[Poly]) -> Poly:
    polys = list(polys)
    first, *others = polys or (Poly({}),)
    if not others:
        return first
    out: dict[Monomial, fmpq] = dict(first.terms)
    for poly in others:
        for m, c in poly.terms.items():
            out[m] = out[m] + c if m in out else c
    return Poly(out)


def merge(a: Monomial, b: Monomial) -> Monomial:
    """The product of two monomials, exponents added, before any law."""
    if not a or not b:
        return a or b
    exponents = dict(a)
    for g, e in b:
        exponents[g] = plain(exponents.get(g, 0) + e)
    return tuple(sorted(((g, e) for g, e in exponents.items() if e), key=_by_key))


def _by_key(factor: tuple[Gen, Exponent]) -> str:
    return factor[0].key


def without(monomial: Monomial, gen: Gen) -> Monomial:
    return tuple((g, e) for g, e in monomial if g is not gen and g != gen)


MOST_PLACES = 4


PLACES = tuple(Gen(Kind.SCALAR, f"~\t{n}") for n in range(MOST_PLACES))  # by names that no page can give
PLACE_NAMES = tuple(g.head for g in PLACES)


def place(n: int) -> Poly:
    """The n-th position in a summand: any whole number."""
    return single(PLACES[n])
