"""Sums over windows: the same over another index, turned round, over two axes; and windows that are off by one."""

from __future__ import annotations

from random import Random

import pytest
from sympy import And, Eq
from test_adversary import A, i, j, k, l, m, n, value_of, worlds, x

from symderiv import Derivation, Sum, Where
from symderiv.errors import TooLarge, Undefined
from symderiv.language.verdict import Proved
from symderiv.proof.algebra import new_context
from symderiv.proof.decide import decide
from symderiv.proof.flags import atleast
from symderiv.proof.normal import index_gen, normal
from symderiv.proof.poly import Gen, Kind, number, place, single
from symderiv.proof.powers import mul
from symderiv.proof.replacing import put
from symderiv.proof.summing import everywhere
from symderiv.proof.windows import replaced, windows

page = Derivation("windows")
U, V, O, Q = page.sizes("U V O Q")
u, v = page.index("u", U), page.index("v", V)
o, q = page.index("o", O), page.index("q", Q)
r, s = page.index("r", O + U - 1), page.index("s", Q + V - 1)
w, y = page.input("w", u), page.input("y", o)
W, Y = page.input("W", u, v), page.input("Y", o, q)
Z = page.input("Z", r, s)

BY_TAP = Sum(Where(And(u <= r, r <= u + O - 1), w[u] * y[r - u + 1], 0), u)
BY_PLACE = Sum(w[r - o + 1] * y[o], o, o <= r, r <= o + U - 1)
TURNED = Sum(Where(And(U + 1 - u <= r, r <= U - u + O), w[U + 1 - u] * y[r - U + u], 0), u)
TAPS = And(u <= r, r <= u + O - 1, v <= s, s <= v + Q - 1)
LATE = And(o <= r, r <= o + U - 1, q <= s - 1, s <= q + V - 1)
OUTPUTS = And(o <= r, r <= o + U - 1, q <= s, s <= q + V - 1)
BY_TAPS = Sum(Where(TAPS, W[u, v] * Y[r - u + 1, s - v + 1], 0), u, v)
BY_PLACES = Sum(Where(OUTPUTS, W[r - o + 1, s - q + 1] * Y[o, q], 0), q, o)
MIXED = Sum(Where(And(u <= r, r <= u + O - 1, q <= s, s <= q + V - 1), W[u, s - q + 1] * Y[r - u + 1, q], 0), q, u)

SAME = [
    # one window                          another way of saying it
    (BY_TAP,                              BY_PLACE),
    (BY_TAP,                              TURNED),
    (BY_PLACE * Z[1, 1],                  Sum(Where(And(u <= r, r <= u + O - 1), Z[1, 1] * w[u] * y[r - u + 1], 0), u)),
    (BY_TAPS,                             BY_PLACES),
    (BY_TAPS,                             MIXED),
    (2 * BY_PLACES,                       BY_TAPS + MIXED),
    (Sum(BY_TAP * Z[r, 1], r),            Sum(BY_PLACE * Z[r, 1], r)),
    (Sum(BY_TAP * Z[r, 1], r),            Sum(w[u] * y[o] * Z[o + u - 1, 1], u, o)),
    (Sum(y[o], o, o <= r, o <= s),        Where(r <= s, Sum(y[o], o, o <= r), Sum(y[o], o, o <= s))),
]  # fmt: skip

OTHER = [
    # one window                          not the same for every size
    (BY_TAP,                              Sum(w[r - o + 1] * y[o], o, o <= r, r <= o + U - 2)),
    (BY_TAP,                              Sum(w[r - o + 1] * y[o], o, o <= r - 1, r <= o + U - 1)),
    (BY_TAP,                              Sum(Where(And(u <= r, r <= u + O - 1), w[U + 1 - u] * y[r - u + 1], 0), u)),
    (BY_TAPS,                             Sum(Where(LATE, W[r - o + 1, s - q + 1] * Y[o, q], 0), o, q)),
    (2 * BY_TAPS,                         3 * BY_PLACES),
    (Sum(BY_TAP * Z[r, 1], r),            Sum(w[u] * y[o] * Z[o + u - 1, 1], u, o, o >= 2)),
    (Sum(y[o], o, o <= r, o <= s),        Where(r <= s, Sum(y[o], o, o <= s), Sum(y[o], o, o <= r))),
    (BY_TAPS,                             Sum(Where(OUTPUTS, W[r - o + 1, V - s + q] * Y[o, q], 0), q, o)),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_windows_that_are_one(one, other):
    assert isinstance(decide(one, other, page.program).graph, Proved)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_windows_that_are_not(one, other):
    assert not isinstance(decide(one, other, page.program).graph, Proved)


def test_sums_over_all_numbers_mean_what_the_sums_mean():
    random, found = Random(3), 0

    def place(at):
        return random.choice([at, at, at + 1, at - 2, i - at, at - i, m + 1 - at, at + n, n - at])

    def guard(at):
        return random.choice([at <= i, at >= i - 1, at + i <= m, at <= n, i - at <= 2, at <= m - 1, at + n >= i])

    for _ in range(20):
        case = And(*{guard(at) for at in (k, k, j) if random.random() < 0.8})
        body = A[place(k), place(j)] * random.choice([x[place(k)], x[place(j)], A[place(k), place(j)], A[l, place(k)]])
        try:
            poly = normal(Sum(Where(case, body, 0), k, j) if case != True else Sum(body, k, j), new_context())  # noqa: E712 (SymPy's own truth)
            moved = replaced(new_context(), poly, windows(new_context(), poly))
        except (TooLarge, Undefined):
            continue
        found += sum(g.head == "2" for g in moved.gens if g.kind == "everywhere")
        for world, at in worlds(random):
            here = {index_gen(v, new_context()): position for v, position in (at | {l: 1}).items()}
            assert value_of(poly, world, here) == value_of(moved, world, here), (case, body)
    assert found > 15


def test_a_sum_over_all_numbers_stays_one_for_each_term():
    """With U = 2 the flag of this sum is a difference of two; the second was lost when regions were compared."""
    a, at, size = new_context(), place(0), normal(U, new_context())
    summand = mul(a, atleast(a, at - size), single(Gen(Kind.ELEMENT, "y", (at,))))
    moved = put(a, everywhere(a, "1", summand), {"U": number(2)})
    assert len(moved.terms) == 3
    assert all(len(g.args[0].terms) == 1 for g in moved.gens)


def capture():
    """A sum of what is read at k + s, s summed inside: no position of k alone says where that is."""
    d = Derivation("capture")
    L, q = d.sizes("L q")
    k, j = d.indices("k j", L)
    s, t = d.indices("s t", q)
    Y, M = d.input("Y", d.index("K", L + q)), d.input("M", s, t, j)
    one, other = (Sum(1 / (1 + Sum(part * Y[k + s], s, t) ** 2), k, j) for part in (M[s, t, j], M[t, s, j]))
    return one, other, d.program


def substituted():
    """With m put for n + 1 a flag is a difference; once its second part was lost."""
    d = Derivation("sizes put in")
    a, b, L = d.sizes("a b L")
    k = d.index("k", L)
    z = d.input("z", k)
    first, second = (Sum(Where(k <= end, z[k], 0), k) for end in (a, b))
    more = Sum(Where(Eq(k, b + 1), z[k], 0), k) - Where(b + 1 <= L, Sum(Where(Eq(k, b), z[k], 0), k), 0)
    return Where(Eq(a, b + 1), a * first, 0), Where(Eq(a, b + 1), a * (second + more), 0), d.program


def kink():
    """That z_j is not 0 for every j says nothing of another sum over s, in which s is not what is read."""
    d = Derivation("a kink")
    length, q = d.sizes("r q")
    s, j, at = d.index("s", q), d.index("j", q + length), d.index("k", length + 1)
    Y, w, a = d.input("Y", d.index("K", 2 * q + length)), d.input("u", s), d.input("a")
    one = Sum(1 / (1 + w[s] ** 2 * Y[j + s] ** 2), s) - a
    other = Sum(1 / (1 + w[s] ** 2 * Y[at + q] ** 2), s) - a
    return Sum(1 / one, j) + Where(Eq(other, 0), 1, 0), Sum(1 / one, j), d.program


FALSE = {
    "a bound index leaves its sum": capture,
    "a flag with a size put in": substituted,
    "a kink matched by a bound index": kink,
}


@pytest.mark.parametrize("name", FALSE)
def test_what_was_proved_and_is_false(name):
    one, other, program = FALSE[name]()
    assert not isinstance(decide(one, other, program).graph, Proved)


def test_what_is_sure_in_one_derivation_is_not_in_another():
    """Answers were kept by the name of a label, whose range is another on another page."""
    for first, wanted in ((2, True), (1, False)):
        d = Derivation("labels")
        size = d.size("m")
        at = d.index("k", size + first - 1, first)
        X, T = d.input("X", at), d.label("T", of=at)
        assert isinstance(decide(Where(T >= 2, X[T], 0), X[T], d.program).graph, Proved) == wanted
