"""Damages: none may stay unknown, most are refuted, and one is proved equivalent only because it changes nothing on the graph."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import time
from itertools import count
from pathlib import Path

import pytest
from sympy import Rational, exp, log, sqrt, sympify

from symderiv import Delta, Derivation, Sum, Where, relu
from symderiv.judging import sensitivity
from symderiv.judging.sensitivity import damages_of, judge, load
from symderiv.judging.verify import judge_step
from symderiv.language.claim import Step
from symderiv.language.verdict import Proved, Refuted
from symderiv.repair.edits import EDITS, edited, scope_of

PAGES = Path(__file__).parents[1] / "derivations"

page = d = Derivation("layers")
n, C = d.sizes("n C")
b, c = d.indices("b c", n)
i, j, k = d.indices("i j k", C)
x = d.input("x", b, i)
g = d.input("gamma", i)
t = d.input("t", b, i)
eps = d.input("varepsilon", positive=True)
p = d.let("p", b, i, exp(x[b, i]) / Sum(exp(x[b, k]), k))
mu = d.let("mu", b, Sum(x[b, i], i) / C)
r = d.let("r", b, sqrt(Sum(x[b, i] ** 2, i) / C + eps))
y = d.let("y", b, i, g[i] * x[b, i] / r[b])
z = d.let("z", b, i, relu(x[b, i]))
loss = d.let("l", -Sum(t[b, i] * log(p[b, i]), b, i) / n)
f = d.objective("f", y)
q = d.objective("q", z)
e = d.objective("e", p)

STEPS = [
    # about                       left                            right
    ("softmax's Jacobian",        d.total(p[b, i], x[b, j]),      p[b, i] * (Delta(i, j) - p[b, j])),
    ("softmax, backward",         e.wrt(x[b, i]),                 p[b, i] * (e.wrt(p[b, i]) - Sum(p[b, j] * e.wrt(p[b, j]), j))),
    ("RMSNorm, dx",               f.wrt(x[b, i]),                 g[i] * f.wrt(y[b, i]) / r[b] - x[b, i] / (C * r[b] ** 3) * Sum(g[j] * f.wrt(y[b, j]) * x[b, j], j)),
    ("RMSNorm, dgamma",           f.wrt(g[i]),                    Sum(f.wrt(y[b, i]) * x[b, i] / r[b], b)),
    ("cross-entropy",             d.total(loss, x[b, i]),         (p[b, i] * Sum(t[b, j], j) - t[b, i]) / n),
    ("a mean",                    mu[b],                          Sum(x[b, i], i) / C),
]  # fmt: skip


@pytest.mark.parametrize(("about", "left", "right"), STEPS, ids=[row[0] for row in STEPS])
def test_damages_of_layers_are_decided(about, left, right):
    step = Step(sympify(left), sympify(right))
    assert isinstance(judge_step(step, d.program).graph, Proved)
    found = damages_of(step, d.program)
    assert found.unknown == ()
    assert len(found) > 8
    assert found.refuted >= 0.9 * len(found), found.equivalent


def test_damages_of_relu_are_decided():
    """A comparison is no term: its sign cannot be turned."""
    found = damages_of(Step(q.wrt(x[b, i]), q.wrt(z[b, i]) * Where(x[b, i] > 0, 1, 0)), d.program)
    assert found.unknown == ()
    assert found.refuted


EDITED = [
    # edit            term                       one of what it becomes
    ("sign",          x[b, i] * t[b, i],         -x[b, i] * t[b, i]),
    ("factor",        x[b, i] * t[b, i],         x[b, i]),
    ("factor",        x[b, i] * t[b, i],         2 * x[b, i] * t[b, i]),
    ("factor",        x[b, i] / 2,               x[b, i] * Rational(3, 2)),
    ("addend",        x[b, i] - t[b, i],         x[b, i]),
    ("exponent",      1 / mu[b],                 mu[b]),
    ("exponent",      sqrt(mu[b]),               mu[b]),
    ("exponent",      x[b, i] + 1,               x[b, i] ** 2 + 1),
    ("branches",      Where(mu[b] > 0, mu[b], 0), Where(mu[b] > 0, 0, mu[b])),
    ("dropped sum",   Sum(x[b, k], k),           x[b, k]),
    ("added sum",     x[b, i] + 1,               Sum(x[b, i], i) + 1),
    ("index",         x[b, i] * x[b, j],         x[b, j] ** 2),
    ("symbol",        x[b, i] * g[j],            t[b, i] * g[j]),
    ("symbol",        f.wrt(y[b, i]) * 3,        3 * f.wrt(x[b, i])),
    ("index",         Sum(x[b, k] * t[b, i], k), Sum(x[b, k] * t[b, k], k)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "term", "wrong"), EDITED, ids=[f"{row[0]}: {row[1]} to {row[2]}" for row in EDITED])
def test_the_edits(name, term, wrong):
    assert (name, wrong) in list(edited(term, scope_of(d.program, term)))


def test_each_edit_is_tested():
    assert {row[0] for row in EDITED} == set(EDITS)


def test_an_edit_is_never_no_edit():
    for _, left, right in STEPS:
        new = [term for _, term in edited(right, scope_of(d.program, left, right))]
        assert right not in new
        assert len(set(new)) == len(new)


def test_a_damage_that_changes_nothing_is_proved_equivalent():
    """Deviations sum to nothing, so they do with the other sign."""
    left, right = Sum(x[b, i] - mu[b], i), mu[b] - Sum(x[b, i], i) / C
    found = damages_of(Step(left, right), d.program)
    assert any(said.startswith("sign: ") for said in found.equivalent)
    assert found.unknown == ()


@pytest.mark.parametrize("most", [0, 300])
def test_what_is_not_tried_is_said(monkeypatch, most):
    """A budget of work, whatever the clock says: what comes after it is not left out in silence."""
    monkeypatch.setattr(sensitivity, "MOST_EFFORT", most)
    monkeypatch.setattr(time, "monotonic", count(0, 1000).__next__)
    step = Step(mu[b], Sum(x[b, i], i) / C)
    found = damages_of(step, d.program)
    not_tried = [said for said in found.unknown if said.startswith("not tried, those before it took all the work that a step may take, ")]
    assert len(found) == len(damages_of(step, d.program))
    assert bool(most) == bool(found.refuted)
    assert not_tried == list(found.unknown) != []


def test_nothing_is_said_of_a_step_that_is_wrong():
    step = Step(mu[b], Sum(x[b, i], i))
    assert isinstance(judge_step(step, d.program).graph, Refuted)


def test_damages_of_the_batchnorm_page():
    batchnorm = load(str(PAGES / "batchnorm.py"))
    damages = {k: judge(batchnorm, k).damages for k in range(len(batchnorm.steps))}
    assert [said for found in damages.values() if found for said in found.unknown] == []
    total, refuted = sum(map(len, filter(None, damages.values()))), sum(found.refuted for found in damages.values() if found)
    assert total > 500
    assert refuted >= 0.8 * total
    for k, found in damages.items():
        n, step = batchnorm.steps[k]
        if found and not found.refuted:
            assert judge_step(step, batchnorm.derivations[n].program).trivial, f"every damage of {step} is equivalent"
