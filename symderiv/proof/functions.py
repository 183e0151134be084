"""Functions: exp, log, sine and cosine, odd and unknown ones."""

from __future__ import annotations

from flint import fmpq

from symderiv.errors import Undefined
from symderiv.proof.context import Context
from symderiv.proof.flags import is_positive
from symderiv.proof.monomials import FLAGS, exponent_of, is_odd, number_of, pattern, sign_of
from symderiv.proof.poly import ONE, Gen, Poly, number, plain, single, total
from symderiv.proof.powers import absolute, content_of, power, primes_of, root_of_square
from symderiv.proof.products import MOST_CASES, by_cases, mul, product_of
from symderiv.proof.replacing import opened
from symderiv.proof.summing import sigma

MOST_ANGLES = 4


def exp_of(a: Context, poly: Poly) -> Poly:
    a.record.used.add("exp")
    factors = []
    for m, c in poly.terms.items():
        flags = tuple(f for f in m if f[0].kind in FLAGS)
        if flags and len(poly.terms) <= MOST_CASES and not a.closed:
            a.record.used.add("cases")
            case = Poly({flags: fmpq(1)})
            inside = exp_of(a, Poly({tuple(f for f in m if f not in flags): c}))
            factors.append(number(1) - case + mul(a, case, inside))
        elif len(m) == 1 and m[0][0].kind == "log" and m[0][1] == 1:
            factors.append(power(a, m[0][0].args[0], exponent_of(c)))
        else:
            factors.append(single(Gen("exp", "", (Poly({m: fmpq(1)}),), sign="+"), plain(exponent_of(c))))
    return product_of(a, factors)


def log_of(a: Context, poly: Poly) -> Poly:
    return by_cases(a, poly, _log_of)


def _log_of(a: Context, poly: Poly) -> Poly:
    if poly.is_zero:
        raise Undefined("the log of zero")
    a.record.used.add("log")
    content, base = content_of(a, poly, only_positive=True) if not poly.single else (poly, number(1))
    if base.single and base.constant is None:
        return log_of(a, content) + log_of(a, base)
    m, c = content.single or (ONE, fmpq(1))
    known = tuple((g, e) for g, e in m if is_positive(a, g) or g.kind == "root" or not isinstance(e, int))
    squares = tuple((g, e) for g, e in m if (g, e) not in known and not is_odd(e))
    rest = tuple(f for f in m if f not in known and f not in squares)
    parts = [_log_of_gen(a, g).scaled(number_of(e)) for g, e in known]
    parts += [log_of_absolute(a, single(g)).scaled(number_of(e)) for g, e in squares]
    if c > 0:
        parts += [single(Gen("log", "", (number(p),))).scaled(k) for p, k in primes_of(c)]
    if c > 0 and len(rest) == 1 and is_odd(rest[0][1]):
        parts.append(_log_of_gen(a, rest[0][0]).scaled(number_of(rest[0][1])))
    elif rest or c < 0:
        parts.append(_log_gen(a, Poly({rest: fmpq(1) if c > 0 else c})))
    if (q := root_of_square(a, base)) is not None:
        parts.append(log_of_absolute(a, q).scaled(2))
    elif base.constant != 1:
        parts.append(_log_gen(a, base))
    return total(parts)


def _log_gen(a: Context, poly: Poly) -> Poly:
    """The log of what no law takes apart; in a case, where that may be no positive number, closed: exp does not undo it."""
    known = sign_of(poly) == "+" or any(pattern(poly, known.kept) == known.shape for known in a.positive)
    return single(Gen("closed log" if a.within_case and not known else "log", "", (poly,)))


def closed_log(a: Context, poly: Poly) -> Poly:
    return log_of(a.case, poly)


def log_of_absolute(a: Context, poly: Poly) -> Poly:
    """log |poly|, factor by factor; of a product over a range, the sum over it."""
    if poly.single is None or (len(poly.single[0]) == 1 and poly.single[0][0][0].kind != "product"):
        return log_of(a, absolute(a, poly))
    a.record.used.add("log")
    m, c = poly.single
    if len(m) == 1 and m[0][1] == c == 1:
        a.record.used.add("product")
        indices, body = opened(a, m[0][0])
        return sigma(a, indices, log_of_absolute(a, body))
    parts = (log_of_absolute(a, single(g)).scaled(number_of(e)) for g, e in m)
    return total([log_of(a, number(abs(c))), *parts])


def _log_of_gen(a: Context, g: Gen) -> Poly:
    if g.kind == "exp":
        return g.args[0]
    if g.kind == "prime":
        return single(Gen("log", "", (number(int(g.head)),)))
    if g.kind == "product" and is_positive(a, g):
        a.record.used.add("product")
        indices, body = opened(a, g)
        return sigma(a, indices, log_of(a, body))
    return log_of(a, g.args[0]) if g.kind in ("base", "root") and not g.args[0].single else _log_gen(a, single(g))


def sine_of(a: Context, poly: Poly) -> Poly:
    return by_cases(a, poly, lambda a, case: _of_angle(a, case)[0])


def cosine_of(a: Context, poly: Poly) -> Poly:
    return by_cases(a, poly, lambda a, case: _of_angle(a, case)[1])


def _of_angle(a: Context, poly: Poly) -> tuple[Poly, Poly]:
    """The sine and the cosine of a sum of few angles, each a small multiple, by those of the angles."""
    if sum(abs(int(c.p)) for c in poly.terms.values()) > MOST_ANGLES:
        return _odd(a, "sin", poly, -1), _odd(a, "cos", poly, 1)
    a.record.used.add("sine")
    sine, cosine = number(0), number(1)
    for m, c in poly.terms.items():
        angle, turn = Poly({m: fmpq(1, c.q)}), fmpq(1 if c > 0 else -1)
        s, k = single(Gen("sin", "", (angle,))).scaled(turn), single(Gen("cos", "", (angle,)))
        for _ in range(abs(int(c.p))):
            sine, cosine = mul(a, sine, k) + mul(a, cosine, s), mul(a, cosine, k) - mul(a, sine, s)
    return sine, cosine


def odd(a: Context, kind: str, poly: Poly, parity: int) -> Poly:
    """A function of a polynomial, the sign of its argument made canonical if it is odd (parity -1) or even (parity 1)."""
    return by_cases(a, poly, lambda a, case: _odd(a, kind, case, parity))


def _odd(a: Context, kind: str, poly: Poly, parity: int) -> Poly:
    if poly.is_zero and parity < 0:
        return number(0)
    flip = parity != 0 and not poly.is_zero and poly.lead[1] < 0
    gen = single(Gen(kind, "", (poly.scaled(-1) if flip else poly,)))
    return gen.scaled(parity) if flip else gen


def unknown_of(a: Context, head: str, poly: Poly) -> Poly:
    """An unknown function of a polynomial."""
    return by_cases(a, poly, lambda _, case: single(Gen("apply", head, (case,))))
