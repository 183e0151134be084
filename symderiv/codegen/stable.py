"""Stable forms: exponentials are divided, and their logarithms taken, without overflow. One row a law, no page in mind.

`logarithm(X)` is log X where X is made of exponentials. Then log X is that, and e^a · X^(-q) is exp(a - q·logarithm(X)).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

from sympy import Add, Basic, Expr, Mul, Pow, S, Symbol, exp, log

from symderiv.codegen.axes import flattened, in_cases
from symderiv.language.functions import sigmoid, softplus
from symderiv.language.program import Program, head_of
from symderiv.language.terms import Element, Index, Over, Product, Sum, Where, free_indices, replace, subterms


class LogSumExp(Over):
    """log Σ exp over an index, made here for the printer. A condition beside the index leaves terms out."""

    neutral = S.NegativeInfinity


class LogAddExp(Expr):
    """log(exp a + exp b), made here for the printer."""

    is_commutative = True

    def _eval_is_extended_real(self) -> bool:
        return True


def stable(term: Basic, program: Program) -> Basic:
    """The term with logarithms and quotients of exponentials in their stable form."""
    if isinstance(term, Index) or not term.args or not exponential(term, program):
        return term
    if isinstance(term, log):
        found = logarithm(term.args[0], program)
        if found is not None and found != term:
            return stable(found, program)
    if isinstance(term, (Mul, Pow)):
        found = _quotient(term, program)
        if found is not None:
            return stable(found, program)
    return term.func(*(stable(a, program) for a in term.args))


def exponential(term: Basic, program: Program) -> bool:
    """Whether an exponential stands in a term, or in the definition of a node in it."""
    return any(isinstance(p, (exp, sigmoid)) or _body(p, program) is not None for p in subterms(term))


def _body(node: Basic, program: Program) -> Expr | None:
    """The definition of a node that is made of exponentials, at its position; else None."""
    equation = program.equation(head_of(node)) if isinstance(node, (Symbol, Element)) else None
    if equation is None or equation.head in program.opaque | program.recurrent:
        return None
    if equation.variable.indices and not isinstance(node, Element):
        return None
    body = equation.at(node.at if isinstance(node, Element) else ())
    return body if exponential(body, program) else None


def logarithm(term: Expr, program: Program) -> Expr | None:
    """log of a term that is made of exponentials and of what is known to be positive; None where it is not."""
    if term.is_Rational or term.is_NumberSymbol:
        return log(term) if term.is_positive else None
    body = _body(term, program)
    if body is not None:
        return logarithm(body, program)
    row = next((row for kind, row in LOGARITHMS.items() if isinstance(term, kind)), None)
    if row is not None:
        return row(term, lambda part: logarithm(part, program))
    return log(term) if term.is_positive else None


Log = Callable[[Expr], Expr | None]


def _of_sum(term: Sum, of: Log) -> Expr | None:
    body = of(term.body)
    if body is None:
        return None
    return LogSumExp(body, term.index) if term.index in free_indices(body) else body + log(term.index.upper - term.index.lower + 1)


def _of_product(term: Product, of: Log) -> Expr | None:
    body = of(term.body)
    return None if body is None else Sum(body, term.index)


def _of_cases(term: Where, of: Log) -> Expr | None:
    condition, then, otherwise = term.args
    cases = [S.NegativeInfinity if case == 0 else of(case) for case in (then, otherwise)]
    return None if None in cases else Where(condition, *cases)


def _of_terms(term: Add, of: Log) -> Expr | None:
    """log(1 + e^z), log(1 - σ(z)), log(e^a + e^b)."""
    parts = Add.make_args(term)
    if len(parts) == 2 and parts[0] == 1 and (below := of(-parts[1])) is not None and isinstance(-below, softplus):
        return -softplus(-(-below).args[0])
    found = [of(part) for part in parts]
    if None in found:
        return None
    total, *others = sorted(found, key=lambda a: (a != 0, str(a)))
    for other in others:
        total = softplus(other) if total == 0 else LogAddExp(total, other)
    return total


def _of_factors(term: Mul, of: Log) -> Expr | None:
    found = [of(factor) for factor in term.args]
    return None if None in found else Add(*found)


def _of_power(term: Pow, of: Log) -> Expr | None:
    below = of(term.base)
    return None if below is None else term.exp * below


LOGARITHMS: dict[type, Callable[[Any, Log], Expr | None]] = {
    exp:     lambda t, of: t.args[0],
    sigmoid: lambda t, of: -softplus(-t.args[0]),
    Sum:     _of_sum,
    Product: _of_product,
    Where:   _of_cases,
    Add:     _of_terms,
    Mul:     _of_factors,
    Pow:     _of_power,
}  # fmt: skip


def _quotient(term: Expr, program: Program) -> Expr | None:
    """e^a · X^(-q) as exp(a - q·logarithm(X)) where X is a sum of exponentials; None without such an X, or where nothing is large."""
    factors = Mul.make_args(term)
    below = [f for f in factors if isinstance(f, Pow) and f.exp.is_negative and _adds_exponentials(f.base, program)]
    rest, shift = _numerator(Mul(*(f for f in factors if f not in below)), program)
    logarithms = [(f.exp, logarithm(f.base, program)) for f in below]
    if not below:
        return None
    if shift != 0 or any(isinstance(f, (Add, Sum)) and exponential(f, Program()) for f in rest):
        return _scaled(rest, shift + Add(*(power * found for power, found in logarithms)), program)
    sigmoids = [sigmoid(-found.args[0]) ** -power for power, found in logarithms if isinstance(found, softplus)]
    return Mul(*rest, *sigmoids) if len(sigmoids) == len(logarithms) else None


def _scaled(factors: list[Expr], shift: Expr, program: Program) -> Expr:
    """exp(shift) times a product, put inside the first sum of exponentials in it so that these do not overflow."""
    for n, factor in enumerate(factors):
        others = [*factors[:n], *factors[n + 1 :]]
        if isinstance(factor, Add) and exponential(factor, Program()):
            parts = [_numerator(part, program) for part in factor.args]
            return Add(*(_scaled(inside + others, shift + more, program) for inside, more in parts))
        if isinstance(factor, Sum) and exponential(factor.body, Program()):
            index = factor.index.at(1 + max(factor.index.level, *(i.level for i in free_indices(shift)), 0))
            inside, more = _numerator(replace(factor.body, {factor.index: index}), program)
            return Mul(*others, Sum(_scaled(inside, shift + more, program), index))
    return Mul(*factors, _power(shift))


def _power(shift: Expr) -> Expr:
    """exp(shift), where exp(z - log(1 + e^z)) is σ(z)."""
    for part in Add.make_args(shift):
        if isinstance(-part, softplus) and shift - part in (0, (-part).args[0]):
            return sigmoid((-part).args[0] if shift != part else -(-part).args[0])
    return exp(shift)


def _numerator(term: Expr, program: Program) -> tuple[list[Expr], Expr]:
    """The factors of a term that are no exponentials, and the exponent of the others together."""
    factors = Mul.make_args(term)
    powers = [f for f in factors if _is_exponential(f, program)]
    return [f for f in factors if f not in powers], Add(*(logarithm(f, program) for f in powers))


def _unfolded(term: Expr, program: Program) -> Expr:
    body = _body(term, program)
    return term if body is None else _unfolded(body, program)


def _adds_exponentials(base: Expr, program: Program) -> bool:
    body = _unfolded(base, program)
    return isinstance(body, (Sum, Add)) and logarithm(body, program) is not None and exponential(body, program)


def _is_exponential(factor: Expr, program: Program) -> bool:
    body = _unfolded(factor.base if isinstance(factor, Pow) and factor.exp.is_Rational else factor, program)
    return isinstance(body, exp) or (isinstance(body, Mul) and all(isinstance(f, exp) for f in body.args))


def softmax_of(term: Expr) -> tuple[Expr, list[Index]] | None:
    """s and the indices i of exp(s(i) - log Σ_k exp(s(k))), in cases or not; None for any other term."""
    conditions, power = in_cases(term)
    logarithms = [-p for p in Add.make_args(power.args[0]) if isinstance(-p, LogSumExp)] if isinstance(power, exp) else []
    for total in logarithms:
        exponent = power.args[0] + total
        for condition in reversed(conditions):
            exponent = Where(condition, exponent, S.NegativeInfinity)
        body, over = flattened(total)
        free = [i for i in sorted(free_indices(exponent), key=str) if any((i.lower, i.upper) == (k.lower, k.upper) for k in over)]
        for own in permutations(free, len(over)):
            if replace(body, dict(zip(over, own, strict=True))) == exponent:
                return exponent, list(own)
    return None
