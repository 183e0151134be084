"""The ways to a proof: one that fails leaves all as it was, and a cap in one leaves the others their chance."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from copy import copy
from dataclasses import replace

import pytest
from sympy import Abs, Eq, Ne, log, sympify

from symderiv import Derivation, Sum, Where, inverse
from symderiv.errors import Spent, TooLarge, Undefined
from symderiv.language.effort import PAIR
from symderiv.language.verdict import Proved
from symderiv.proof import decide as deciding, side as sides, unfolding
from symderiv.proof.decide import ON_THE_GRAPH, WAYS, decide, replay
from symderiv.proof.laws import Law
from symderiv.proof.monomials import all_gens
from symderiv.proof.powers import settled
from symderiv.proof.replacing import MADE_AGAIN, rebuild
from symderiv.proof.side import Known, Side

page = Derivation("attempts")
n, T = page.sizes("n T")
i, j, k = page.indices("i j k", n)
d, t = page.index("d", 12), page.index("t", T)
a, b, e = page.inputs("a b e")
x, y, z = page.input("x", i), page.input("y", d), page.input("z", t)
M = page.input("M", i, j)
A = page.let("A", i, j, M[i, j] + M[j, i])
h = page.let("h", t, lambda h: a * Where(Eq(t, 1), b, h[t - 1]) + z[t])
p = page.let("p", (a + b + e + x[1] + x[n]) ** 60)
q = page.let("q", a * b)
slope = page.total(p, a)
page.assume(e, a)
page.assume(Sum(x[i], i), 1)
power = Sum(y[d], d) ** 8  # which is more than may be written out

LATER = [
    # a cap in                          leaves its chance to   left                                        right                                     assumptions used
    ("written out",                     "conditions",          power * log(a * b),                         power * (log(a) + log(b)),                0),
    ("written out",                     "conditions",          power * a * Where(Ne(b, 0), a / b, 0) * b / b, power * a**2 / b,                         0),
    ("written out",                     "inverses",            power * Sum(A[i, k] * inverse(A)[k, j], k), power * Sum(inverse(A)[i, k] * A[k, j], k), 0),
    ("unfolding",                       "conditions",          slope * log(a * b),                         slope * (log(a) + log(b)),                0),
    ("written out",                     "assumed",             power * e,                                  power * a,                                1),
    ("written out",                     "conditions",          power * log(a * b) * Sum(x[i], i),          power * (log(a) + log(b)),                1),
]  # fmt: skip

WORKED_ON = {
    # way: both sides of a step on which it has something to do
    "unfolding": (q * x[i], a + x[i]),
    "assumed": (e + Sum(x[i], i), a),
    "written out": (Sum(y[d], d), a),
    "windows": (Sum(Where(i >= 2, x[i], 0), i), a),
    "inverses": (Sum(A[i, k] * inverse(A)[k, j], k), a),
    "conditions": (log(a * b), a),
}

INNER = {
    # a way within unfolding
    "a recurrence unfolded": lambda side: unfolding._prove_unfolding(side, recurrence(side), shape(side), lambda e: True, 1),
    "a recurrence downwards": lambda side: unfolding._prove_downwards(side, lambda e: True, lambda side, e: frozenset({shape(side)})),
}

CAPS = [TooLarge("so it is said"), Undefined("so it is said"), RecursionError()]


def begun(left, right) -> Side:
    return deciding._begin(sympify(left), sympify(right), page.program, Known())


def recurrence(side):
    return next(one for one in side.program.equations if one.head.name == "h")


def shape(side):
    return unfolding._shapes(side, recurrence(side))[0]


def held(side: Side) -> dict[str, object]:
    """All that there is in a side and its computation, but for the count of work and what is true whatever is known."""
    counted = {"algebra", "known", "work", "effort", "patience", "met", "names", "cap", "record", "laws"}
    return {
        name: copy(value)
        for owner in (side, side.algebra, side.algebra.record)
        for name, value in vars(owner).items()
        if name not in counted
    }


def watched(monkeypatch, side: Side, answer) -> list[dict[str, object]]:
    """What is in a side each time that a way asks whether it closed the proof; then comes the answer: no, or a cap."""
    seen: list[dict[str, object]] = []

    def vanishes(*_):
        seen.append(held(side))
        if isinstance(answer, Exception):
            raise answer
        return answer

    for module in (deciding, sides):
        monkeypatch.setattr(module, "vanishes", vanishes)
    return seen


def test_what_was_known_for_a_way_that_closed_the_proof_is_forgotten():
    side = begun(Sum(A[i, k] * inverse(A)[k, j], k), Sum(inverse(A)[i, k] * A[k, j], k))
    before = copy(side.algebra.given)
    assert deciding._goes(side, ON_THE_GRAPH, {"inverses"})
    assert side.equal
    assert side.algebra.given == before


def test_each_way_has_a_step_and_its_sentences():
    assert [way.name for way in WAYS] == list(WORKED_ON)
    for way in WAYS:
        assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in (way.when, way.does, way.why))


@pytest.mark.parametrize("answer", [False, *CAPS], ids=lambda answer: type(answer).__name__)
@pytest.mark.parametrize("way", WAYS, ids=[way.name for way in WAYS])
def test_a_way_that_fails_restores_what_it_found(way, answer, monkeypatch):
    side = begun(*WORKED_ON[way.name])
    assert way.applies(side, ON_THE_GRAPH)
    before, seen = held(side), watched(monkeypatch, side, answer)
    assert not side.attempt(lambda: way.closes(side, ON_THE_GRAPH), way.stays)
    assert seen
    if answer or not way.stays:
        assert held(side) == before
    else:
        assert held(side) != before, "what stays is there for the ways after it"


@pytest.mark.parametrize("answer", [False, *CAPS], ids=lambda answer: type(answer).__name__)
@pytest.mark.parametrize("name", INNER)
def test_a_way_within_another_restores_what_it_found(name, answer, monkeypatch):
    side = begun(h[t], a)
    before, seen = held(side), watched(monkeypatch, side, answer)
    assert not INNER[name](side)
    assert seen
    assert seen[-1] != before
    assert held(side) == before


@pytest.mark.parametrize("cap", CAPS, ids=lambda cap: type(cap).__name__)
def test_what_a_way_sets_is_gone_after_a_cap(cap):
    side = begun(log(a * b), a)
    before = held(side)

    def way():
        unfolding.unfold(side, side.program.equation(q))
        side.values, side.constraints = ((e, a),), tuple(page.program.constraints)
        side.algebra = replace(side.algebra, given="given", never_zero=("never zero",), positive=("positive",), within_case=True)
        side.algebra.record.used.add(Law("a law", ()))
        side.algebra.record.applied.add("a rule")
        side.algebra.record.forms["a term"] = side.left
        raise cap

    assert not side.attempt(way, stays=True)
    assert held(side) == before
    assert side.cap == (str(cap) or sides.TOO_DEEP)


def test_where_all_work_is_spent_no_other_way_is_tried():
    side = begun(q, a)
    side.algebra = replace(side.algebra, most_work=-1)
    before = held(side)

    with pytest.raises(Spent):
        side.attempt(lambda: settled(side.algebra, next(iter(side.left.terms))).is_zero)
    assert held(side) == before


def test_what_is_made_again_is_counted_by_step_and_by_page():
    side = begun(q, a)
    rebuild(side.algebra, side.left, {}, None, 1)
    generators = len(all_gens(side.left))
    assert side.algebra.record.work >= generators * MADE_AGAIN > 0
    assert side.known.effort.done == PAIR * side.algebra.record.work
    with pytest.raises(Spent):
        rebuild(replace(side.algebra, most_work=side.algebra.record.work), side.left, {}, None, 1)


@pytest.mark.parametrize(("capped", "later", "left", "right", "used"), LATER)
def test_a_cap_in_an_early_way_leaves_a_later_one_its_chance(capped, later, left, right, used):
    left, right = sympify(left), sympify(right)
    found = decide(left, right, page.program).graph
    assert isinstance(found, Proved), found
    assert len(found.certificate.assumptions) == used
    assert later == "inverses" or replay(found.certificate, left, right, page.program)


@pytest.mark.parametrize("cap", CAPS, ids=lambda cap: type(cap).__name__)
@pytest.mark.parametrize("name", ["_prove_written_out", "_prove_by_windows", "_prove_with_inverses"])
def test_a_cap_that_is_put_into_a_way_leaves_the_last_its_chance(name, cap, monkeypatch):
    def capped(side):
        raise cap

    monkeypatch.setattr(deciding, name, capped)
    left = Sum(y[d], d) * log(a * b) + Sum(A[i, k] * inverse(A)[k, j], k)
    right = Sum(y[d], d) * (log(a) + log(b)) + Sum(A[i, k] * inverse(A)[k, j], k)
    assert isinstance(decide(sympify(left), sympify(right), page.program).graph, Proved)


def test_the_reason_is_the_cap_where_unfolding_did_not_end():
    found = decide(sympify(p), sympify(Abs(a)), page.program).graph
    assert found.reason.startswith("a power 60 of")
