"""Repairs of wrong steps: the likeliest small change first, each proved; and what a wrong step follows from."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import time
from itertools import count
from pathlib import Path

import pytest
from sympy import exp, log, sqrt, sympify

from symderiv import Delta, Derivation, Sum, Where, erratum, sigmoid
from symderiv.judging.verify import drawn_repair, formula, judge, judge_step, load
from symderiv.language.claim import Step
from symderiv.language.terms import free_indices
from symderiv.language.verdict import Proved, Refuted
from symderiv.refutation.refute import survey
from symderiv.repair import repair
from symderiv.repair.repair import follows_from, repairs, right_value

PAGES = Path(__file__).parents[1] / "derivations"

page = d = Derivation("layers")
N, C, K = d.sizes("N C K")
a, b, c = d.indices("a b c", N)
i, j, k = d.indices("i j k", C)
q = d.index("q", K)
x = d.input("x", b, i)
t = d.input("t", b, i)
W = d.input("W", i, q)
v = d.input("v", q)
gamma, beta = d.inputs("gamma beta", i)
Q = d.input("Q", b, i)
B = d.input("B", b, i)
u = d.input("u", i)
w0 = d.input("w_0")
label = d.input("l", b)
eps = d.input("varepsilon", positive=True)
scale = d.input("s", positive=True)

p = d.let("p", b, i, exp(x[b, i]) / Sum(exp(x[b, k]), k))
mu = d.let(r"\mu", b, Sum(x[b, i], i) / C)
var = d.let(r"\sigma^2", b, Sum((x[b, i] - mu[b]) ** 2, i) / C)
xhat = d.let(r"\hat{x}", b, i, (x[b, i] - mu[b]) / sqrt(var[b] + eps))
y = d.let("y", b, i, gamma[i] * xhat[b, i] + beta[i])
Y = d.let("Y", b, q, Sum(x[b, i] * W[i, q], i) + v[q])
S = d.let("S", a, b, Sum(Q[a, i] * B[b, i], i) / scale)
P = d.let("P", a, b, exp(S[a, b]) / Sum(exp(S[a, c]), c))
z = d.let("z", b, Sum(x[b, i] * u[i], i) + w0)
h = d.let("h", b, sigmoid(z[b]))
J = d.let("J", -Sum(label[b] * log(h[b]) + (1 - label[b]) * log(1 - h[b]), b) / N)
E = d.let("E", -Sum(t[b, i] * log(p[b, i]), b, i) / N)
f, g, o, e = d.objective("f", y), d.objective("g", Y), d.objective("o", P), d.objective("e", p)
std = sqrt(var[b] + eps)

SLIPS = [
    # about                          left                 wrong                                                                       what it was                                                                  said
    ("softmax: another index",       e.wrt(x[b, i]),      p[b, i] * (e.wrt(p[b, i]) - Sum(e.wrt(p[b, j]) * p[b, i], j)),              p[b, i] * (e.wrt(p[b, i]) - Sum(e.wrt(p[b, j]) * p[b, j], j)),               "p[b,j] for p[b,i]"),
    ("softmax: sign",                e.wrt(x[b, i]),      p[b, i] * (e.wrt(p[b, i]) + Sum(e.wrt(p[b, j]) * p[b, j], j)),              p[b, i] * (e.wrt(p[b, i]) - Sum(e.wrt(p[b, j]) * p[b, j], j)),               "− for +"),
    ("softmax: lost delta",          d.total(p[b, i], x[b, j]), p[b, i] * (1 - p[b, j]),                                              p[b, i] * (Delta(i, j) - p[b, j]),                                           None),
    ("softmax: a Σ lost",            e.wrt(x[b, i]),      p[b, i] * (e.wrt(p[b, i]) - e.wrt(p[b, i]) * p[b, i]),                      p[b, i] * (e.wrt(p[b, i]) - Sum(e.wrt(p[b, j]) * p[b, j], j)),               "Σ over i lost"),
    ("cross entropy: 1/N",           d.total(E, x[b, i]), p[b, i] * Sum(t[b, j], j) - t[b, i],                                        (p[b, i] * Sum(t[b, j], j) - t[b, i]) / N,                                   "factor 1/N lost"),
    ("cross entropy: sign",          d.total(E, x[b, i]), (t[b, i] - p[b, i] * Sum(t[b, j], j)) / N,                                  (p[b, i] * Sum(t[b, j], j) - t[b, i]) / N,                                   None),
    ("cross entropy: a lost term",   d.total(E, x[b, i]), p[b, i] * Sum(t[b, j], j) / N,                                              (p[b, i] * Sum(t[b, j], j) - t[b, i]) / N,                                   None),
    ("layer norm: γ for β",          f.wrt(xhat[b, i]),   f.wrt(y[b, i]) * beta[i],                                                   f.wrt(y[b, i]) * gamma[i],                                                   "γᵢ for βᵢ"),
    ("layer norm: y for x̂",          f.wrt(gamma[i]),     Sum(f.wrt(y[b, i]) * y[b, i], b),                                           Sum(f.wrt(y[b, i]) * xhat[b, i], b),                                         "x̂[b,i] for y[b,i]"),
    ("layer norm: Σ over features",  f.wrt(gamma[i]),     Sum(f.wrt(y[b, j]) * xhat[b, j], b, j),                                     Sum(f.wrt(y[b, i]) * xhat[b, i], b),                                         "Σ over j too many"),
    ("layer norm: Σ lost",           f.wrt(beta[i]),      f.wrt(y[b, i]),                                                             Sum(f.wrt(y[b, i]), b),                                                      "Σ over b lost"),
    ("layer norm: exponent",         f.wrt(var[b]),       -Sum(f.wrt(xhat[b, i]) * (x[b, i] - mu[b]) / std, i) / 2,                   -Sum(f.wrt(xhat[b, i]) * (x[b, i] - mu[b]) / std**3, i) / 2,                 None),
    ("layer norm: 1/2",              f.wrt(var[b]),       -Sum(f.wrt(xhat[b, i]) * (x[b, i] - mu[b]) / std**3, i),                    -Sum(f.wrt(xhat[b, i]) * (x[b, i] - mu[b]) / std**3, i) / 2,                 "factor 1/2 lost"),
    ("layer norm: dx, x̂ lost",       f.wrt(x[b, i]),      (f.wrt(xhat[b, i]) - Sum(f.wrt(xhat[b, j]), j) / C - Sum(f.wrt(xhat[b, j]) * xhat[b, j], j) / C) / std, (f.wrt(xhat[b, i]) - Sum(f.wrt(xhat[b, j]), j) / C - xhat[b, i] * Sum(f.wrt(xhat[b, j]) * xhat[b, j], j) / C) / std, "factor x̂[b,i] lost"),
    ("layer norm: dx, N for C",      f.wrt(x[b, i]),      (f.wrt(xhat[b, i]) - Sum(f.wrt(xhat[b, j]), j) / N - xhat[b, i] * Sum(f.wrt(xhat[b, j]) * xhat[b, j], j) / C) / std, (f.wrt(xhat[b, i]) - Sum(f.wrt(xhat[b, j]), j) / C - xhat[b, i] * Sum(f.wrt(xhat[b, j]) * xhat[b, j], j) / C) / std, "C for N"),
    ("linear layer: dW",             g.wrt(W[i, q]),      Sum(g.wrt(Y[b, q]) * W[i, q], b),                                           Sum(g.wrt(Y[b, q]) * x[b, i], b),                                            "x[b,i] for W[i,q]"),
    ("linear layer: Σ lost",         g.wrt(W[i, q]),      g.wrt(Y[b, q]) * x[b, i],                                                   Sum(g.wrt(Y[b, q]) * x[b, i], b),                                            "Σ over b lost"),
    ("linear layer: bias",           g.wrt(v[q]),         Sum(g.wrt(Y[b, q]) * v[q], b),                                              Sum(g.wrt(Y[b, q]), b),                                                      None),
    ("linear layer: dX",             g.wrt(x[b, i]),      Sum(g.wrt(Y[b, q]) * W[i, q], b, q),                                        Sum(g.wrt(Y[b, q]) * W[i, q], q),                                            "Σ over b too many"),
    ("attention: transposed",        o.wrt(B[b, i]),      Sum(o.wrt(S[b, a]) * Q[a, i], a) / scale,                                   Sum(o.wrt(S[a, b]) * Q[a, i], a) / scale,                                    None),
    ("attention: scale lost",        o.wrt(Q[a, i]),      Sum(o.wrt(S[a, b]) * B[b, i], b),                                           Sum(o.wrt(S[a, b]) * B[b, i], b) / scale,                                    "factor 1/s lost"),
    ("attention: softmax",           o.wrt(S[a, b]),      P[a, b] * (o.wrt(P[a, b]) - Sum(o.wrt(P[a, c]) * P[b, c], c)),              P[a, b] * (o.wrt(P[a, b]) - Sum(o.wrt(P[a, c]) * P[a, c], c)),               None),
    ("logistic regression: y − h",   d.total(J, u[i]),    Sum((label[b] - h[b]) * x[b, i], b) / N,                                 Sum((h[b] - label[b]) * x[b, i], b) / N,                                     None),
    ("logistic regression: z for h", d.total(J, u[i]),    Sum((z[b] - label[b]) * x[b, i], b) / N,                                    Sum((h[b] - label[b]) * x[b, i], b) / N,                                     "h[b] for z[b]"),
    ("logistic regression: x lost",  d.total(J, u[i]),    Sum(h[b] - label[b], b) / N,                                                Sum((h[b] - label[b]) * x[b, i], b) / N,                                     None),
    ("logistic regression: slope",   d.total(h[b], w0),   h[b] * (1 - z[b]),                                                          h[b] * (1 - h[b]),                                                           "h[b] for z[b]"),
    ("logistic regression: h²",      d.total(h[b], w0),   1 - h[b] ** 2,                                                              h[b] - h[b] ** 2,                                                            None),
]  # fmt: skip


def shown(term):
    return formula(term, d.program.opaque)


@pytest.mark.parametrize(("about", "left", "wrong", "meant", "said"), SLIPS, ids=[row[0] for row in SLIPS])
def test_slips_are_repaired(about, left, wrong, meant, said):
    step = Step(sympify(left), sympify(wrong))
    assert isinstance(judge_step(step, d.program).graph, Refuted)
    first, *others = repairs(step, d.program)
    assert said in (None, drawn_repair(first, shown).change.text)
    assert len(others) < 3
    for found in (first, *others):
        sides = (left, found.term) if found.side == "right" else (found.term, wrong)
        assert isinstance(judge_step(Step(*sides), d.program).graph, Proved)
    assert first.side == "right"
    assert isinstance(judge_step(Step(first.term, meant), d.program).graph, Proved)


def a_slip():
    _, left, wrong, *_ = next(row for row in SLIPS if row[0] == "softmax: sign")
    return Step(sympify(left), sympify(wrong))


def test_what_is_found_does_not_depend_on_the_machine(monkeypatch):
    """The search was given three seconds of the processor: a slow machine found less."""
    found = repairs(a_slip(), d.program)
    for clock in ("time", "monotonic", "process_time", "perf_counter"):
        monkeypatch.setattr(time, clock, count(0, 1000).__next__)
    assert repairs(a_slip(), d.program) == found != ()


@pytest.mark.parametrize("most", [0, 1])
def test_a_search_ends_with_its_budget(monkeypatch, most):
    """Of what is looked at nothing is left out but what comes after the budget is spent."""
    looked = []
    monkeypatch.setattr(repair, "survey", lambda *a: looked.append(a) or survey(*a))
    repairs(a_slip(), d.program)
    in_full = len(looked)
    looked.clear()
    monkeypatch.setattr(repair, "MOST_EFFORT", most)
    assert repairs(a_slip(), d.program) == ()
    assert bool(most) == bool(looked)
    assert len(looked) < in_full


def of_the_seed():
    """The errata of the exercise as printed, as (the position of the step, what is said of its first repair)."""
    return [(5, "γ for yᵢ"), (8, "γ for yᵢ"), (10, "Σ over i lost"), (11, "− for +"), (22, "x̂ᵢ for γ·∂f/∂yᵢ")]


@pytest.fixture(scope="module")
def printed():
    return load(str(PAGES / "batchnorm_as_printed.py"))


@pytest.mark.parametrize(("n", "said"), of_the_seed())
def test_the_errata_of_the_exercise(printed, n, said):
    judged = judge(printed, n)
    assert judged.repairs[0].change.text == said
    assert judged.repairs[0].formal == "proved"
    assert judged.follows == ("3c.2" if n == 8 else "")
    _, step = printed.steps[n]
    program = printed.derivations[0].program
    found = repairs(step, program, formally=step.expected == "refuted formally")[0]
    assert found.side == "right"
    mended = judge_step(Step(step.left, found.term), program)
    assert isinstance(mended.graph, Proved)
    assert isinstance(mended.formal, Proved)


def test_the_errata_are_all_there_is(printed):
    assert [n for n, (_, s) in enumerate(printed.steps) if s.expected != "proved"] == [n for n, _ in of_the_seed()]
    assert judge(printed, 0).repairs == judge(printed, 13).repairs == ()


LEFT = [
    # wrong left       right                                                       what it was
    (f.wrt(y[b, i]),   Sum(f.wrt(y[b, i]) * d.partial(y[b, i], gamma[i]), b),      f.wrt(gamma[i])),
    (g.wrt(W[i, q]),   Sum(g.wrt(Y[b, q]) * W[i, q], q),                           g.wrt(x[b, i])),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "right", "meant"), LEFT, ids=[str(row[2]) for row in LEFT])
def test_a_left_side_that_was_misread(wrong, right, meant):
    found = repairs(Step(wrong, right), d.program)
    assert ("left", meant) in [(r.side, r.term) for r in found]


def test_a_step_that_is_far_off_gets_the_right_value():
    step = Step(f.wrt(gamma[i]), x[b, i] + eps / mu[b] - 7)
    assert repairs(step, d.program) == ()
    assert shown(right_value(step.left, d.program)).text == "Σⱼ ∂f/∂yⱼᵢ·x̂ⱼᵢ"


@pytest.mark.parametrize("left", [x[b, i] + 1, f.wrt(x[b, i])], ids=["no derivative", "a long one"])
def test_no_right_value(left):
    assert right_value(left, d.program) is None


FALSE = ("3c", f.wrt(xhat[b, i]), f.wrt(y[b, i]) * y[b, i])
FOLLOWING = [
    # about                 left                                            right                                              follows
    ("another position",    f.wrt(xhat[b, j]) * 2,                          2 * f.wrt(y[b, j]) * y[b, j],                      True),
    ("under a Σ",           Sum(f.wrt(xhat[b, k]) * x[b, k], k),            Sum(f.wrt(y[b, k]) * y[b, k] * x[b, k], k),        True),
    ("two of them",         f.wrt(xhat[b, i]) * Sum(f.wrt(xhat[b, k]), k),  f.wrt(y[b, i]) * y[b, i] * Sum(f.wrt(y[b, k]) * y[b, k], k), True),
    ("wrong anyhow",        f.wrt(xhat[b, j]) * 2,                          3 * f.wrt(y[b, j]) * y[b, j],                      False),
    ("not used",            f.wrt(beta[i]),                                 f.wrt(y[b, i]) * y[b, i],                          False),
]  # fmt: skip


@pytest.mark.parametrize(("about", "left", "right", "follows"), FOLLOWING, ids=[row[0] for row in FOLLOWING])
def test_what_follows_from_a_false_equality(about, left, right, follows):
    step = Step(left, right)
    assert isinstance(judge_step(step, d.program).graph, Refuted)
    assert follows_from(step, [FALSE], d.program) == ("3c" if follows else "")


def test_a_chain_that_comes_back_to_what_is_right(tmp_path):
    """The member after a wrong one is measured by the last right one: it is right again, and not blamed for that."""
    source = tmp_path / "chain.py"
    source.write_text(
        "from symderiv import Derivation, Sum\n"
        "derivation = d = Derivation('a chain')\n"
        "i = d.index('i', d.size('n'))\n"
        "x = d.input('x', i)\n"
        "L = d.objective('L', Sum(x[i]**2, i)/2)\n"
        "d.claim('1', L.wrt(x[i]), 2*x[i], x[i])\n"
        "d.claim('2', L.wrt(x[i]), 3*x[i])\n"
        "d.claim('3', 2*L.wrt(x[i]), 6*x[i])\n"
    )
    first, second, third, fourth = (judge(load(str(source)), n) for n in range(4))
    assert (first.follows, first.repairs[0].member.text) == ("", "xᵢ")
    assert (second.verdict, second.again, second.repairs, second.left.text) == ("proved", "1.1", (), "∂L/∂xᵢ")
    assert second.note == "right again after 1.1: the same as ∂L/∂xᵢ"
    assert (third.follows, third.repairs[0].member.text) == ("", "xᵢ")
    assert (fourth.follows, fourth.repairs[0].change.text) == ("2", "2 for 6")


def test_an_erratum_is_repaired_too():
    page = Derivation("one line")
    n = page.index("n", page.size("N"))
    v = page.input("v", n)
    page.claim("1", Sum(v[n], n), erratum(-Sum(v[n], n), "the sign"))
    (step,) = page.claims[0].steps
    assert [(r.kind, r.term) for r in repairs(step, page.program)] == [("sign of all", Sum(v[n], n))]


def test_no_sum_is_lost_over_what_another_range_depends_on():
    """It ended the search for repairs with an error."""
    page = Derivation("positions up to another")
    i = page.index("i", page.size("n"))
    j = page.index("j", i)
    v = page.input("v", i)
    page.claim("1", v[i] * Sum(v[j], j), 2 * v[i] * v[j])
    page.claim("2", v[j], -v[j])
    first, second = (repairs(claim.steps[0], page.program) for claim in page.claims)
    assert first == ()
    assert [r.term for r in second][:1] == [v[j]]


def test_no_name_is_put_for_a_sum_that_others_range_depends_on_further_out():
    """The index that is left when a sum within a sum is lost has a range of its own, which depends on the outer one."""
    page = Derivation("positions up to another")
    i = page.index("i", page.size("n"))
    j = page.index("j", i)
    c = page.input("c")
    v = page.input("v", i)
    page.claim("1", Sum(Where(c < 0, Sum(v[j], j) / c, 0) * c, i), Sum(Where(c > 0, Sum(v[j], j), 0), i))
    assert all(not free_indices(r.term) for r in repairs(page.claims[0].steps[0], page.program))
