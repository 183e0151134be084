"""Sums over windows: the same over another index, turned round, over two axes; and windows that are off by one."""

from __future__ import annotations

from random import Random

import pytest
from sympy import And
from test_adversary import A, i, j, k, l, m, n, value_of, worlds, x

from symderiv import Derivation, Sum, Where
from symderiv.algebra import Algebra
from symderiv.decide import decide
from symderiv.errors import TooLarge, Undefined
from symderiv.normal import index_gen, normal
from symderiv.poly import Gen, number, place, single
from symderiv.verdict import Proved
from symderiv.windows import put, replaced, windows

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
            poly = normal(Sum(Where(case, body, 0), k, j) if case != True else Sum(body, k, j), Algebra())  # noqa: E712 (SymPy's own truth)
            moved = replaced(Algebra(), poly, windows(Algebra(), poly))
        except (TooLarge, Undefined):
            continue
        found += sum(g.head == "2" for g in moved.gens if g.kind == "everywhere")
        for world, at in worlds(random):
            here = {index_gen(v, Algebra()).key: position for v, position in (at | {l: 1}).items()}
            assert value_of(poly, world, here) == value_of(moved, world, here), (case, body)
    assert found > 15


def test_a_sum_over_all_numbers_stays_one_for_each_term():
    """With U = 2 the flag of this sum is a difference of two; the second was lost when regions were compared."""
    a, at, size = Algebra(), place(0), normal(U, Algebra())
    summand = a.mul(a.atleast(at - size), single(Gen("element", "y", (at,))))
    moved = put(a, a.everywhere("1", summand), {"U": number(2)})
    assert len(moved.terms) == 3
    assert all(len(g.args[0].terms) == 1 for g in moved.gens)
