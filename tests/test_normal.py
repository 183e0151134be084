"""Random terms: how one is written changes neither its normal form nor its meaning, and the judges never contradict each other.

Every law-preserving rewrite of a random term must be proved, and every damage refuted, or proved equivalent
with the third opinion of `plain` agreeing.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from flint import arb, ctx, fmpq
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from mpmath import mpf
from plain import CLOSE, NoValue, positions, value
from sympy import Abs, Add, Mul, Ne, Pow, Rational, Symbol, UnevaluatedExpr, cos, erf, exp, sin, tanh
from sympy.core.relational import Relational

from symderiv import Delta, Derivation, Element, Index, Sum, Total, Where, relu, sigmoid, softplus
from symderiv.errors import SymderivError, TooLarge, Undefined
from symderiv.language.program import check_member
from symderiv.language.terms import free_indices, replace, subterms
from symderiv.language.verdict import Proved, Refuted
from symderiv.proof.adjoint import Sweep, lower_derivatives
from symderiv.proof.algebra import new_context
from symderiv.proof.decide import decide
from symderiv.proof.normal import normal
from symderiv.proof.replacing import rebuild
from symderiv.refutation.interpret import World
from symderiv.refutation.refute import refute
from symderiv.repair.edits import edited, scope_of

bounded = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), print_blob=False, max_examples=200)

page = Derivation("random terms")
m, n = page.sizes("m n")
i, j, k = page.indices("i j k", n)
p, q = page.indices("p q", m)
a, b = page.inputs("a b")
u = page.input("u", positive=True)
x, y = page.inputs("x y", i)
z = page.input("z", i, positive=True)
A = page.input("A", i, p)
PROGRAM = page.program

RANGES = {n: (i, j, k), m: (p, q)}
SMOOTH = (exp, sigmoid, softplus, tanh, sin, cos, erf)
KINKED = (Abs, relu)


def terms(depth: int, scope: tuple[Index, ...]) -> st.SearchStrategy[Any]:
    """A term whose free indices are those of the scope, at most so deep."""
    leaves = [st.sampled_from((a, b, u, n, m)), st.builds(Rational, st.integers(-3, 3), st.sampled_from((1, 1, 2, 3)))]
    rows, columns = [s for s in scope if s.upper == n], [s for s in scope if s.upper == m]
    if rows:
        leaves.append(st.builds(lambda t, at: t[at], st.sampled_from((x, y, z)), st.sampled_from(rows)))
        leaves.append(st.builds(Delta, st.sampled_from(rows), st.sampled_from(rows)))
    if rows and columns:
        leaves.append(st.builds(lambda r, c: A[r, c], st.sampled_from(rows), st.sampled_from(columns)))
    if not depth:
        return st.one_of(leaves)
    below = terms(depth - 1, scope)
    return st.one_of(
        *leaves,
        st.builds(lambda s, t: s + t, below, below),
        st.builds(lambda s, t: s * t, below, below),
        st.builds(lambda s, t: s * t, below, below),
        summed(depth, scope),
        summed(depth, scope),
        st.builds(Pow, below, st.integers(1, 3)),
        st.builds(
            lambda t, e: (t**2 + u) ** e, terms(0, scope), st.sampled_from((-2, -1, Rational(-3, 2), Rational(-1, 2), Rational(1, 2)))
        ),
        st.builds(lambda f, t: f(t), st.sampled_from((*SMOOTH, *KINKED)), terms(0, scope)),
        st.builds(lambda s, t, c: Where(c, s, t), below, below, comparisons(scope)),
    )


def comparisons(scope: tuple[Index, ...]) -> st.SearchStrategy[Any]:
    """A condition on positions, or one on real numbers."""
    rows = [s for s in scope if s.upper == n]
    real = st.sampled_from((a > 0, a < b, b > a * u))
    return (
        st.one_of(real, st.builds(lambda s, t, c: c(s, t), *[st.sampled_from(rows)] * 2, st.sampled_from((Ne, lambda s, t: s <= t))))
        if rows
        else real
    )


@st.composite
def summed(draw: Any, depth: int, scope: tuple[Index, ...]) -> Any:
    """A sum over one more index."""
    family = draw(st.sampled_from(list(RANGES.values())))
    index = draw(st.sampled_from(family))
    return Sum(draw(terms(depth - 1, (*scope, index))), index)


def of_language(term: Any) -> bool:
    """Whether SymPy left a term that the language admits."""
    try:
        check_member(PROGRAM, term)
    except SymderivError:
        return False
    return len(list(subterms(term))) < 120


members = st.one_of(terms(3, ()), terms(3, (i,)), terms(2, (i, j)), terms(2, (i, p))).filter(of_language)


# rewriting: each row changes how a term is written and not what it means


def _everywhere(term: Any, change: Any) -> Any:
    """A change at every place at which it applies, bottom up."""
    if isinstance(term, (Index, Element, Relational)) or not term.args:
        return change(term)
    if isinstance(term, Sum):
        return change(Sum(_everywhere(term.body, change), term.index))
    return change(term.func(*(_everywhere(part, change) for part in term.args)))


def _split(term: Any) -> Any:
    """Σ(s + t) = Σs + Σt."""
    return Add(*(Sum(part, term.index) for part in term.body.args)) if isinstance(term, Sum) and isinstance(term.body, Add) else term


def _pulled(term: Any) -> Any:
    """Σ c t = c Σ t."""
    if not (isinstance(term, Sum) and isinstance(term.body, Mul)):
        return term
    inside = [f for f in term.body.args if term.index in free_indices(f)]
    outside = [f for f in term.body.args if term.index not in free_indices(f)]
    return Mul(*outside, Sum(Mul(*inside), term.index))


def _distributed(term: Any) -> Any:
    """(s + t) r = s r + t r."""
    if not isinstance(term, Mul) or not any(isinstance(f, Add) for f in term.args):
        return term
    at = next(n for n, f in enumerate(term.args) if isinstance(f, Add))
    rest = [*term.args[:at], *term.args[at + 1 :]]
    return Add(*(Mul(part, *rest) for part in term.args[at].args))


def _multiplied_out(term: Any) -> Any:
    """t^3 = t t t, kept apart."""
    if isinstance(term, Pow) and term.exp.is_Integer and term.exp > 1:
        return Mul(UnevaluatedExpr(term.base), Pow(term.base, term.exp - 1))
    return term


def _through_a_delta(term: Any) -> Any:
    """x[i] = Σ_k δ(i,k) x[k]."""
    if not isinstance(term, Element) or term.head not in (x.body.head, y.body.head) or not isinstance(term.at[0], Index):
        return term
    other = Index(f"{term.at[0].name}'", 1, n)
    return Sum(Delta(term.at[0], other) * Element(term.head, other), other)


def _exp_split(term: Any) -> Any:
    """exp(s + t) = exp(s) exp(t)."""
    if not (isinstance(term, exp) and isinstance(term.args[0], Add)):
        return term
    first, *rest = term.args[0].args
    return Mul(exp(first), UnevaluatedExpr(exp(Add(*rest))))


def _half_and_half(term: Any) -> Any:
    """t = t/2 + t/2."""
    return term / 2 + UnevaluatedExpr(term) / 2 if isinstance(term, (Mul, Sum)) else term


def _over_itself(term: Any) -> Any:
    """x = x (u + x²)/(u + x²)."""
    return Mul(term, UnevaluatedExpr(u + term**2), Pow(u + term**2, -1)) if isinstance(term, Element) else term


def _as_logistic(term: Any) -> Any:
    """Functions by way of others."""
    if not isinstance(term, (sigmoid, softplus, tanh, relu, Abs)):
        return term
    t = term.args[0]
    return {
        sigmoid:  lambda: exp(t) / (1 + exp(t)),
        softplus: lambda: t + softplus(-t),
        tanh:     lambda: (exp(t) - exp(-t)) / (exp(t) + exp(-t)),
        relu:     lambda: (t + Abs(t)) / 2,
        Abs:      lambda: relu(t) + relu(-t),
    }[type(term)]()  # fmt: skip


def _swapped(term: Any) -> Any:
    """[c] s + [not c] t, the other way round."""
    if not isinstance(term, Where):
        return term
    condition, then, otherwise = term.args
    return Where(condition.negated, otherwise, then)


def _product_of_sums(term: Any) -> Any:
    """Σ_i s · Σ_i t = Σ_i Σ_k s t."""
    if not isinstance(term, Mul):
        return term
    sums = [f for f in term.args if isinstance(f, Sum)]
    if len(sums) < 2:
        return term
    first, second = sums[:2]
    rest = [f for f in term.args if f not in (first, second)]
    fresh = Index(f"{second.index.name}'{second.index.level}", second.index.lower, second.index.upper)
    return Mul(*rest, Sum(first.body * Sum(replace(second.body, {second.index: fresh}), fresh), first.index))


REWRITES = (
    _split, _pulled, _distributed, _multiplied_out, _through_a_delta, _exp_split, _half_and_half, _over_itself, _as_logistic, _swapped,
    _product_of_sums,
)  # fmt: skip


def rewritten(term: Any, change: Any) -> Any:
    """Sums get their indices anew, so that none is mistaken for another."""
    return _everywhere(term, change)


SIZES = ({n: 1, m: 1}, {n: 2, m: 3}, {n: 3, m: 2})


def points(signs: int) -> list[dict[Any, Any]]:
    """Values for the inputs at three sizes: whole numbers and fractions of both signs, all different."""
    out = []
    for round_, sizes in enumerate(SIZES):
        fixed = {(s,): mpf(v) for s, v in sizes.items()}
        places = [(a,), (b,), (u,), *((t.body.head, at) for t in (x, y, z) for at in range(1, 4))]
        places += [(A.body.head, r, c) for r in range(1, 4) for c in range(1, 4)]
        for count, place in enumerate(places):
            size = mpf(2 * count + 3) / (5 + (count + round_) % 4)
            negative = (signs >> count) & 1 and not place[0].is_positive
            fixed[place] = -size if negative else size
        out.append(fixed)
    return out


def agree(left: Any, right: Any, signs: int) -> bool | None:
    """Whether both terms have the same values by the third opinion; None if they have none to compare."""
    compared = False
    for fixed in points(signs):
        for at in positions(Add(left, UnevaluatedExpr(right)), PROGRAM, fixed):
            try:
                s, t = value(left, PROGRAM, fixed, at), value(right, PROGRAM, fixed, at)
            except NoValue:
                continue
            compared = True
            if abs(s - t) > CLOSE * (1 + abs(s)):
                return False
    return True if compared else None


def key(term: Any) -> str:
    return normal(term, new_context()).key


def calm(term: Any) -> bool:
    """Whether a term stays within the caps and divides by nothing that is zero everywhere."""
    try:
        normal(term, new_context())
    except (TooLarge, Undefined):
        return False
    return True


@bounded
@given(members)
def test_rebuilding_changes_nothing(term):
    assume(calm(term))
    algebra = new_context()
    poly = normal(term, algebra)
    assert rebuild(algebra, poly, {}, up_to=1).key == poly.key, "written out down to the bottom, though no range is short"


@bounded
@given(members)
def test_renaming_bound_indices_changes_nothing(term):
    assume(calm(term))

    def renamed(part):
        fresh = Index(f"{'zyx'['ijk'.find(part.index.name)]}{part.index.level}", part.index.lower, part.index.upper)
        return Sum(replace(part.body, {part.index: fresh}), fresh)

    other = _everywhere(term, lambda part: renamed(part) if isinstance(part, Sum) else part)
    assert key(other) == key(term)


@bounded
@given(members)
def test_the_order_of_arguments_changes_nothing(term):
    assume(calm(term))

    def turned(part):
        return part.func(*part.args[::-1], evaluate=False) if isinstance(part, (Add, Mul)) else part

    assert key(_everywhere(term, turned)) == key(term)


@settings(bounded, max_examples=400)
@given(members, st.lists(st.sampled_from(REWRITES), min_size=1, max_size=3), st.integers(0, 2**18))
def test_rewrites_are_never_refuted_and_mean_the_same(term, changes, signs):
    other = reduce(rewritten, changes, term)
    assume(of_language(other))
    assert agree(term, other, signs) is not False, "the rewrite itself is wrong"
    assert not isinstance(refute(term, other, PROGRAM), Refuted)


@settings(bounded, max_examples=400)
@given(members, st.sampled_from(REWRITES))
def test_rewrites_are_proved(term, change):
    other = rewritten(term, change)
    assume(of_language(other) and calm(term) and calm(other))
    decision = decide(term, other, PROGRAM)
    assert isinstance(decision.graph, Proved), decision.graph


@settings(bounded, max_examples=400)
@given(members, st.integers(0, 10**6), st.integers(0, 2**18))
def test_what_is_proved_is_true(term, which, signs):
    """A damage that is proved equal must be equal in the third opinion, and must not be refuted."""
    damages = [wrong for _, wrong in edited(term, scope_of(PROGRAM, term)) if of_language(wrong)]
    assume(damages)
    wrong = damages[which % len(damages)]
    if isinstance(decide(term, wrong, PROGRAM).graph, Proved):
        assert agree(term, wrong, signs) is not False
        assert not isinstance(refute(term, wrong, PROGRAM), Refuted)


@settings(bounded, max_examples=200)
@given(members.filter(lambda term: smooth(term) and not term.has(*SMOOTH)), st.integers(0, 10**6))
def test_damages_of_algebraic_terms_are_decided(term, which):
    """Where sums, products, powers and deltas are all there is, a damage is refuted or proved to be none."""
    damages = [wrong for _, wrong in edited(term, scope_of(PROGRAM, term)) if of_language(wrong)]
    assume(damages)
    wrong = damages[which % len(damages)]
    assume(calm(wrong))
    assert isinstance(refute(term, wrong, PROGRAM), Refuted) != isinstance(decide(term, wrong, PROGRAM).graph, Proved)


# the reverse sweep, against dual numbers


@st.composite
def programs(draw: Any) -> Derivation:
    """x and A, then a vector of them, then a scalar, then a vector or a matrix of all; and any objective of the last."""
    d = Derivation("a random program")
    d.program = PROGRAM
    h = d.let("h", i, draw(terms(2, (i,)).filter(smooth)))
    g = d.let("g", draw(terms(2, ()).filter(smooth)) + Sum(h[i] * draw(st.sampled_from((1, x[i], h[i]))), i))
    last = draw(terms(1, (i, p)).filter(smooth))
    out = d.let("out", i, p, last * g + h[i] * draw(st.sampled_from((A[i, p], x[i], g, 1))))
    d.objective("f", out)
    return d


def smooth(term: Any) -> bool:
    return of_language(term) and not term.has(Where, relu, Abs)


def drawn(head: Symbol, at: tuple[int, ...]) -> Any:
    """A value for each place: a small fraction, of either sign where that is allowed."""
    spread = sum(ord(letter) for letter in head.name) + sum((7 * r + 3) * place for r, place in enumerate(at))
    size = fmpq(spread % 11 + 1, 6)
    return size if spread % 3 or head.is_positive else -size


@settings(bounded, max_examples=40)
@given(programs(), st.sampled_from(SIZES))
def test_the_reverse_sweep_is_the_transpose_of_dual_numbers(d, sizes):
    """⟨ȳ, J v⟩ = ⟨Jᵀ ȳ, v⟩, the left by dual numbers, the right by the equations of the reverse sweep."""
    f, out = (next(h for h in d.program.heads if h.name == name) for name in ("f", "out"))
    rows, columns = range(1, sizes[n] + 1), range(1, sizes[m] + 1)
    sweep = Sweep()
    lowered = lower_derivatives(Total(f, x[i]), d.program, sweep)
    with ctx.workprec(200):
        forward = World(d.program, sizes, drawn, formal=False)
        backward = World(lowered.program, sizes, drawn, formal=False)
        (cotangent,) = d.program.cotangents
        y_bar = {(r, c): drawn(cotangent.head, (r, c)) for r in rows for c in columns}
        v = {r: fmpq(2 * r - 3, r) for r in rows}
        try:
            left = sum(
                (
                    y_bar[r, c] * v[s] * forward.evaluate(Total(Element(out, i, p), x[k]), {i: r, p: c, k: s})
                    for r, c in y_bar
                    for s in rows
                ),
                start=fmpq(0),
            )
        except (Undefined, ZeroDivisionError):
            assume(False)
        right = sum((v[s] * backward.evaluate(lowered.term, {i: s}) for s in rows), start=fmpq(0))
        assert close(left, right), (left, right)


def close(left: Any, right: Any) -> bool:
    difference = arb(left) - arb(right)
    return bool(difference.contains(0)) and bool(difference.rad() < 1e-20 * (1 + abs(arb(left).mid())))


def test_close_can_say_no():
    assert not close(fmpq(1), fmpq(2))
    assert not close(arb(1, 1), arb(1))
