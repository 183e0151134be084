"""What pages can say beyond sums of elements: labels, unknown functions, products, cases, recurrences, constraints.

Each feature has right claims that are proved, natural wrong ones that are refuted, and misuses that are refused.
"""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from plain import confirms, keeps_to
from sympy import Abs, And, Eq, Min, Ne, Not, Or, Rational, exp, log, pi, sqrt, sympify, tanh

from symderiv import Delta, Derivation, Product, Sum, Where, clamp, relu, sigmoid, stop_gradient
from symderiv.errors import ShapeError, TermError
from symderiv.judging.verify import judge, judge_step, load
from symderiv.language.claim import Step
from symderiv.language.constraints import KINDS
from symderiv.language.program import check_member
from symderiv.language.verdict import Counterexample, Proved, Refuted, name_of
from symderiv.notation.notation import text
from symderiv.repair.usual import usual_assumption

# The pages


@cache
def labelled() -> SimpleNamespace:
    """Cross-entropy with labels, and the logits' softmax."""
    d = Derivation("cross-entropy")
    B, C = d.sizes("B C")
    i, r = d.indices("i r", B)
    j, k = d.indices("j k", C)
    z, t = d.input("z", i, k), d.label("t", i, of=k)
    p = d.let("p", i, k, exp(z[i, k]) / Sum(exp(z[i, j]), j))
    L = d.objective("L", -Sum(log(p[i, t[i]]), i) / B)
    return SimpleNamespace(**locals())


@cache
def embedded(distinct: bool = False) -> SimpleNamespace:
    """An embedding lookup."""
    d = Derivation("embedding")
    B, V, D = d.sizes("B V D")
    i, r = d.indices("i r", B)
    v, a = d.index("v", V), d.index("a", D)
    E, w = d.input("E", v, a), d.label("w", i, of=v)
    if distinct:
        d.assume(Delta(w[i], w[r]), Delta(i, r))
    e = d.let("e", i, a, E[w[i], a])
    f = d.objective("f", e)
    return SimpleNamespace(**locals())


@cache
def pooled() -> SimpleNamespace:
    """Max pooling over windows that do not overlap, the winners as labels."""
    d = Derivation("pooling")
    P, S = d.sizes("P S")
    p, u, q = d.index("p", P), d.index("u", S), d.index("q", S * P)
    x, m = d.input("x", S * P), d.label("m", p, of=u)
    y = d.let("y", p, x[S * (p - 1) + m[p]])
    f = d.objective("f", y)
    return SimpleNamespace(**locals())


@cache
def network() -> SimpleNamespace:
    """Two layers with unknown functions; a generalized linear model."""
    d = Derivation("a network")
    N, n, h = d.sizes("N n H")
    s, (j, k), i = d.index("s", N), d.indices("j k", n), d.index("i", h)
    x, X, W, v, w, y = d.input("x", j), d.input("X", s, j), d.input("W", i, j), d.input("v", i), d.input("w", j), d.input("y", s)
    a, b = d.inputs("a b")
    phi, psi = d.function("phi"), d.function("psi")
    z = d.let("z", i, Sum(W[i, j] * x[j], j))
    u = d.let("u", i, phi(z[i]))
    o = d.let("o", Sum(v[i] * u[i], i))
    f = d.objective("f", psi(o))
    eta = d.let("eta", s, Sum(X[s, j] * w[j], j))
    glm = d.let("l", Sum(phi(eta[s]) - y[s] * eta[s], s))
    return SimpleNamespace(**locals())


@cache
def likelihood() -> SimpleNamespace:
    """Products: a normal and a Bernoulli likelihood, a product of inputs."""
    d = Derivation("likelihoods")
    n, K = d.sizes("n K")
    i, j, r = d.indices("i j r", n)
    k = d.index("k", K)
    later = d.index("i", n, lower=2)
    x, t, g = d.input("x", i), d.input("t", i), d.input("g", i, positive=True)
    w, X, mu, c = d.input("w", k), d.input("X", i, k), d.input("mu"), d.input("c")
    q, y, sigma = d.input("q", k, positive=True), d.label("y", i, of=k), d.input("sigma", positive=True)
    G = d.let("G", Product(x[i], i))
    normal = d.let("N", Product(exp(-((x[i] - mu) ** 2) / (2 * sigma**2)) / (sqrt(2 * pi) * sigma), i))
    p = d.let("p", i, sigmoid(Sum(w[k] * X[i, k], k)))
    bernoulli = d.let("B", Product(p[i] ** t[i] * (1 - p[i]) ** (1 - t[i]), i))
    return SimpleNamespace(**locals())


@cache
def stopped() -> SimpleNamespace:
    """Values held constant."""
    d = Derivation("held constant")
    m = d.size("m")
    i, j = d.indices("i j", m)
    x, q, a, r = d.input("x", i), d.input("q", i), d.input("a"), d.input("r")
    phi = d.function("phi")
    mu = d.let("mu", Sum(x[i], i) / m)
    y = d.let("y", i, x[i] - stop_gradient(mu))
    f = d.objective("f", y)
    through = d.let("s", i, x[i] + stop_gradient(q[i] - x[i]))
    g = d.objective("g", through)
    return SimpleNamespace(**locals())


@cache
def cased() -> SimpleNamespace:
    """Cases of values and of positions."""
    d = Derivation("cases")
    n = d.size("n")
    i, j, k = d.indices("i j k", n)
    x, y, a, b, c = d.input("x", i), d.input("y", i), *d.inputs("a b c")
    e = d.input("epsilon", positive=True)
    z = d.let("z", i, clamp(x[i], -1, 1))
    f = d.objective("f", z)
    run = d.let("s", i, Sum(Where(k <= i, x[k], 0), k))
    g = d.objective("g", run)
    return SimpleNamespace(**locals())


@cache
def shifted() -> SimpleNamespace:
    """Differences with nothing before the first, a circular shift, padding on both sides."""
    d = Derivation("shifts")
    n, K = d.sizes("n K")
    pad = d.size("Q") - 1
    d.assume(K, 2 * pad + 1)
    i, j, k = d.indices("i j k", n)
    u = d.index("u", K)
    a = d.index("a", n + 2 * pad)
    x, w = d.input("x", i), d.input("w", u)
    y = d.let("y", i, x[i] - Where(i > 1, x[i - 1], 0))
    f = d.objective("f", y)
    c = d.let("c", i, Where(Eq(i, n), x[1], x[i + 1]))
    g = d.objective("g", c)
    padded = d.let("p", a, Where(And(a > pad, a <= n + pad), x[a - pad], 0))
    same = d.let("s", i, Sum(padded[i + u - 1] * w[u], u))
    h = d.objective("h", same)
    return SimpleNamespace(**locals())


@cache
def strided() -> SimpleNamespace:
    """A convolution without padding, with a symbolic stride and an input of assumed size."""
    d = Derivation("strides")
    S, K, A, U = d.sizes("S K A U")
    d.assume(U, S * (K - 1) + A)
    k, l, p, q = d.index("k", K), d.index("l", K), d.index("p", A), d.index("q", U)
    x, w = d.input("x", q), d.input("w", p)
    y = d.let("y", k, Sum(x[S * (k - 1) + p] * w[p], p))
    f = d.objective("f", y)
    return SimpleNamespace(**locals())


@cache
def recurrent() -> SimpleNamespace:
    """A recurrent network with tanh; the discounted return, backwards in time; a moving average."""
    d = Derivation("recurrences")
    T, H, D = d.sizes("T H D")
    t, s = d.indices("t s", T)
    a, b = d.indices("a b", H)
    i = d.index("i", D)
    x, U, W, h0 = d.input("x", t, i), d.input("U", a, i), d.input("W", a, b), d.input("h_0", a)
    rate, r = d.input("gamma"), d.input("r", t)
    h = d.let("h", t, a, lambda h: tanh(Sum(U[a, i] * x[t, i], i) + Sum(W[a, b] * Where(Eq(t, 1), h0[b], h[t - 1, b]), b)))
    f = d.objective("f", h)
    before = Where(Eq(t, 1), h0[b], h[t - 1, b])
    slope = 1 - h[t, a] ** 2
    G = d.let("G", t, lambda G: r[t] + rate * Where(t < T, G[t + 1], 0))
    g = d.objective("g", G)
    m = d.let("m", t, lambda m: (1 - rate) * r[t] + Where(t >= 2, rate * m[t - 1], 0))
    e = d.objective("e", m)
    return SimpleNamespace(**locals())


@cache
def hidden_states() -> SimpleNamespace:
    """The forward pass of a hidden Markov model: a recurrence and labels."""
    d = Derivation("a hidden Markov model")
    T, S, M = d.sizes("T S M")
    t, o = d.index("t", T), d.index("o", M)
    a, b = d.indices("a b", S)
    A, B, start = d.input("A", a, b), d.input("B", a, o, positive=True), d.input("pi", a)
    x = d.label("x", t, of=o)
    h = d.let("h", t, a, lambda h: B[a, x[t]] * Where(t > 1, Sum(h[t - 1, b] * A[b, a], b), start[a]))
    p = d.let("p", Sum(h[T, a], a))
    f = d.objective("f", log(p))
    return SimpleNamespace(**locals())


@cache
def advantages() -> SimpleNamespace:
    """Generalized advantages: a recurrence backwards in time, on values at one time more."""
    d = Derivation("advantages")
    T = d.size("T")
    t = d.index("t", T)
    r, v = d.input("r", t), d.input("V", T + 1)
    rate, decay = d.inputs("gamma lambda")
    delta = d.let("delta", t, r[t] + rate * v[t + 1] - v[t])
    A = d.let("A", t, lambda A: delta[t] + rate * decay * Where(t < T, A[t + 1], 0))
    f = d.objective("f", A)
    return SimpleNamespace(**locals())


@cache
def causal() -> SimpleNamespace:
    """Attention to what is not later."""
    d = Derivation("causal attention")
    n, width = d.sizes("n d")
    i, j, l = d.indices("i j l", n)
    a, b = d.indices("a b", width)
    q, k, v = d.inputs("Q K V", i, a)
    s = d.let("S", i, j, Sum(q[i, a] * k[j, a], a) / sqrt(width))
    p = d.let("P", i, j, Where(j <= i, exp(s[i, j]), 0) / Sum(Where(l <= i, exp(s[i, l]), 0), l))
    o = d.let("O", i, a, Sum(p[i, j] * v[j, a], j))
    f = d.objective("f", o)
    above = Sum(f.wrt(o[i, a]) * v[j, a], a) - Sum(f.wrt(o[i, a]) * o[i, a], a)
    return SimpleNamespace(**locals())


@cache
def transposed() -> SimpleNamespace:
    """A transposed convolution: each input spread over a window."""
    d = Derivation("transposed convolution")
    S, K, A, U = d.sizes("S K A U")
    d.assume(U, S * (K - 1) + A)
    k, p, q = d.index("k", K), d.index("p", A), d.index("q", U)
    x, w = d.input("x", k), d.input("w", p)
    y = d.let("y", q, Sum(x[k] * w[p] * Delta(q, S * (k - 1) + p), k, p))
    f = d.objective("f", y)
    return SimpleNamespace(**locals())


@cache
def sampled() -> SimpleNamespace:
    """Negative sampling: the word seen is none of those drawn."""
    d = Derivation("negative sampling")
    v, k = d.index("v", d.size("V")), d.index("k", d.size("K"))
    u, seen, drawn = d.input("u", v), d.label("s", of=v), d.label("j", k, of=v)
    d.assume(Delta(seen, drawn[k]), 0)
    f = d.objective("E", -log(sigmoid(u[seen])) - Sum(log(sigmoid(-u[drawn[k]])), k))
    return SimpleNamespace(**locals())


def soft_targets(assumed: str) -> SimpleNamespace:
    """Cross-entropy with soft targets, of which something, or nothing, is assumed."""
    d = Derivation("soft targets")
    B, C = d.sizes("B C")
    i = d.index("i", B)
    j, k = d.indices("j k", C)
    z, t = d.input("z", i, k), d.input("t", i, k)
    forms = {"sum": (Sum(t[i, k], k), 1), "twice": (Sum(t[i, k], k), 2), "norm": (Sum(t[i, k] ** 2, k), 1), "columns": (Sum(t[i, k], i), 1)}
    if assumed in forms:
        d.assume(*forms[assumed])
    p = d.let("p", i, k, exp(z[i, k]) / Sum(exp(z[i, j]), j))
    L = d.objective("L", -Sum(t[i, k] * log(p[i, k]), i, k))
    return SimpleNamespace(**locals())


@cache
def constrained() -> SimpleNamespace:
    """A probability vector, a unit vector, a symmetric, an antisymmetric and an orthogonal matrix, a zero vector."""
    d = Derivation("constraints")
    n = d.size("n")
    i, j, k, l = d.indices("i j k l", n)
    x, y, c = d.input("x", i), d.input("y", i), d.input("c")
    p, w, A, S, Q, e = (
        d.input("p", i, positive=True),
        d.input("w", i),
        d.input("A", i, j),
        d.input("S", i, j),
        d.input("Q", i, j),
        d.input("e", i),
    )
    d.assume(Sum(p[k], k), 1)
    d.assume(Sum(w[k] ** 2, k), 1)
    d.assume(A[i, j], A[j, i])
    d.assume(S[i, j], -S[j, i])
    d.assume(Sum(Q[k, i] * Q[k, j], k), Delta(i, j))
    d.assume(e[i], 0)
    M = d.input("M", i, j)
    norm = d.let("N", sqrt(Sum(w[k] ** 2, k)))
    turned = d.let("z", i, Sum(Q[i, j] * x[j], j))
    turned_y = d.let("v", i, Sum(Q[i, j] * y[j], j))
    return SimpleNamespace(**locals())


P, R, U = "proved", "refuted", "unknown"

CLAIMS = [
    # about                                    page           left and right                                                                                                                                  on the graph, formally
    # labels
    ("softmax less the label",                 labelled,      lambda p: (p.L.wrt(p.z[p.i, p.k]), (p.p[p.i, p.k] - Delta(p.k, p.t[p.i])) / p.B),                                                               P, R),
    ("the label as a case",                    labelled,      lambda p: (p.L.wrt(p.z[p.i, p.k]), (p.p[p.i, p.k] - Where(Eq(p.k, p.t[p.i]), 1, 0)) / p.B),                                                     P, R),
    ("no label",                               labelled,      lambda p: (p.L.wrt(p.z[p.i, p.k]), (p.p[p.i, p.k] - 1) / p.B),                                                                                  R, R),
    ("another sample's label",                 labelled,      lambda p: (p.L.wrt(p.z[p.i, p.k]), (p.p[p.i, p.k] - Delta(p.k, p.t[p.r])) / p.B),                                                               R, R),
    ("the mean is lost",                       labelled,      lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - Delta(p.k, p.t[p.i])),                                                                       R, R),
    ("the wrong way round",                    labelled,      lambda p: (p.L.wrt(p.z[p.i, p.k]), (Delta(p.k, p.t[p.i]) - p.p[p.i, p.k]) / p.B),                                                               R, R),
    ("at the label itself",                    labelled,      lambda p: (p.L.wrt(p.z[p.i, p.t[p.i]]), (p.p[p.i, p.t[p.i]] - 1) / p.B),                                                                        P, R),
    ("at the label, no minus one",             labelled,      lambda p: (p.L.wrt(p.z[p.i, p.t[p.i]]), p.p[p.i, p.t[p.i]] / p.B),                                                                              R, R),
    ("log-sum-exp less the label's logit",     labelled,      lambda p: (p.L.head, Sum(log(Sum(exp(p.z[p.i, p.k]), p.k)) - p.z[p.i, p.t[p.i]], p.i) / p.B),                                                   P, R),
    ("a one-hot row sums to one",              labelled,      lambda p: (Sum(Delta(p.k, p.t[p.i]), p.k), 1),                                                                                                  P, P),
    ("a column does not",                      labelled,      lambda p: (Sum(Delta(p.k, p.t[p.i]), p.i), 1),                                                                                                  R, R),
    ("the counts sum to the samples",          labelled,      lambda p: (Sum(Delta(p.k, p.t[p.i]), p.i, p.k), p.B),                                                                                           P, P),
    ("a one-hot product picks",                labelled,      lambda p: (Sum(Delta(p.k, p.t[p.i]) * p.z[p.i, p.k], p.k), p.z[p.i, p.t[p.i]]),                                                                 P, P),
    ("two one-hot rows",                       labelled,      lambda p: (Sum(Delta(p.k, p.t[p.i]) * Delta(p.k, p.t[p.r]), p.k), Delta(p.t[p.i], p.t[p.r])),                                                   P, P),
    ("labels may be alike",                    labelled,      lambda p: (Delta(p.t[p.i], p.t[p.r]), Delta(p.i, p.r)),                                                                                         R, R),
    ("a one-hot square is itself",             labelled,      lambda p: (Sum(Delta(p.k, p.t[p.i]) ** 2 * p.z[p.i, p.k], p.k), p.z[p.i, p.t[p.i]]),                                                            P, P),
    ("the others' probability",                labelled,      lambda p: (Sum(p.p[p.i, p.k], p.k, Ne(p.k, p.t[p.i])), 1 - p.p[p.i, p.t[p.i]]),                                                                 P, R),
    ("softmax Jacobian at the label",          labelled,      lambda p: (p.d.total(p.p[p.i, p.t[p.i]], p.z[p.i, p.k]), p.p[p.i, p.t[p.i]] * (Delta(p.k, p.t[p.i]) - p.p[p.i, p.k])),                          P, R),
    ("Jacobian, the sample's delta lost",      labelled,      lambda p: (p.d.total(p.p[p.r, p.t[p.r]], p.z[p.i, p.k]), p.p[p.r, p.t[p.r]] * (Delta(p.k, p.t[p.r]) - p.p[p.r, p.k])),                          R, R),
    ("rows of an embedding",                   embedded,      lambda p: (p.f.wrt(p.E[p.v, p.a]), Sum(p.f.wrt(p.e[p.i, p.a]) * Delta(p.v, p.w[p.i]), p.i)),                                                    P, P),
    ("rows by a case",                         embedded,      lambda p: (p.f.wrt(p.E[p.v, p.a]), Sum(Where(Eq(p.w[p.i], p.v), p.f.wrt(p.e[p.i, p.a]), 0), p.i)),                                              P, P),
    ("rows by a condition",                    embedded,      lambda p: (p.f.wrt(p.E[p.v, p.a]), Sum(p.f.wrt(p.e[p.i, p.a]), p.i, Eq(p.w[p.i], p.v))),                                                        P, P),
    ("every row gets all",                     embedded,      lambda p: (p.f.wrt(p.E[p.v, p.a]), Sum(p.f.wrt(p.e[p.i, p.a]), p.i)),                                                                           R, R),
    ("the last of a word's places only",       embedded,      lambda p: (p.f.wrt(p.E[p.w[p.i], p.a]), p.f.wrt(p.e[p.i, p.a])),                                                                                R, R),
    ("all of a word's places",                 embedded,      lambda p: (p.f.wrt(p.E[p.w[p.i], p.a]), Sum(p.f.wrt(p.e[p.r, p.a]) * Delta(p.w[p.i], p.w[p.r]), p.r)),                                          P, P),
    ("distinct words",                         lambda: embedded(True), lambda p: (p.f.wrt(p.E[p.w[p.i], p.a]), p.f.wrt(p.e[p.i, p.a])),                                                                                P, R),
    ("an entry of the embedding",              embedded,      lambda p: (p.d.total(p.e[p.i, p.a], p.E[p.v, p.a]), Delta(p.v, p.w[p.i])),                                                                      P, P),
    ("max pooling, in its window",             pooled,        lambda p: (p.f.wrt(p.x[p.S * (p.p - 1) + p.u]), Where(Eq(p.u, p.m[p.p]), p.f.wrt(p.y[p.p]), 0)),                                                P, P),
    ("max pooling, any position",              pooled,        lambda p: (p.f.wrt(p.x[p.q]), Sum(p.f.wrt(p.y[p.p]) * Delta(p.q, p.S * (p.p - 1) + p.m[p.p]), p.p)),                                            P, P),
    ("every position wins",                    pooled,        lambda p: (p.f.wrt(p.x[p.S * (p.p - 1) + p.u]), p.f.wrt(p.y[p.p])),                                                                             R, R),
    ("the winner a window late",               pooled,        lambda p: (p.f.wrt(p.x[p.q]), Sum(p.f.wrt(p.y[p.p]) * Delta(p.q, p.S * p.p + p.m[p.p]), p.p)),                                                  R, R),
    # unknown functions
    ("inner weights",                          network,       lambda p: (p.f.wrt(p.W[p.i, p.j]), p.psi.derivative(p.o) * p.v[p.i] * p.phi.derivative(p.z[p.i]) * p.x[p.j]),                                   P, P),
    ("inner weights, lost index",              network,       lambda p: (p.f.wrt(p.W[p.i, p.j]), p.psi.derivative(p.o) * p.v[p.i] * p.phi.derivative(p.z[p.i]) * Sum(p.x[p.j], p.j)),                         R, R),
    ("the activation in place of its slope",   network,       lambda p: (p.f.wrt(p.W[p.i, p.j]), p.f.wrt(p.u[p.i]) * p.phi(p.z[p.i]) * p.x[p.j]),                                                             R, R),
    ("the slope at the activation",            network,       lambda p: (p.f.wrt(p.z[p.i]), p.f.wrt(p.u[p.i]) * p.phi.derivative(p.u[p.i])),                                                                  R, R),
    ("the slope's sign",                       network,       lambda p: (p.f.wrt(p.z[p.i]), -p.f.wrt(p.u[p.i]) * p.phi.derivative(p.z[p.i])),                                                                 R, R),
    ("the second derivative for the first",    network,       lambda p: (p.f.wrt(p.z[p.i]), p.f.wrt(p.u[p.i]) * p.phi.derivative(p.z[p.i], 2)),                                                               R, R),
    ("input",                                  network,       lambda p: (p.f.wrt(p.x[p.j]), Sum(p.f.wrt(p.z[p.i]) * p.W[p.i, p.j], p.i)),                                                                     P, P),
    ("input, not transposed",                  network,       lambda p: (p.f.wrt(p.x[p.j]), Sum(p.f.wrt(p.z[p.i]), p.i) * Sum(p.W[p.i, p.j], p.i)),                                                           R, R),
    ("a partial derivative",                   network,       lambda p: (p.d.partial(p.u[p.i], p.z[p.i]), p.phi.derivative(p.z[p.i])),                                                                        P, P),
    ("another unit's",                         network,       lambda p: (p.d.total(p.u[p.i], p.W[p.i, p.j]), p.phi.derivative(p.z[p.i]) * p.x[p.j]),                                                          P, P),
    ("a mirrored argument",                    network,       lambda p: (p.d.total(p.phi(-p.a), p.a), -p.phi.derivative(-p.a)),                                                                               P, P),
    ("mirrored, the minus lost",               network,       lambda p: (p.d.total(p.phi(-p.a), p.a), p.phi.derivative(-p.a)),                                                                                R, R),
    ("a function of a function",               network,       lambda p: (p.d.total(p.psi(p.phi(p.a)), p.a), p.psi.derivative(p.phi(p.a)) * p.phi.derivative(p.a)),                                            P, P),
    ("twice, both terms",                      network,       lambda p: (p.d.total(p.d.total(p.psi(p.phi(p.a)), p.a), p.a), p.psi.derivative(p.phi(p.a), 2) * p.phi.derivative(p.a) ** 2 + p.psi.derivative(p.phi(p.a)) * p.phi.derivative(p.a, 2)), P, P),
    ("twice, one term",                        network,       lambda p: (p.d.total(p.d.total(p.psi(p.phi(p.a)), p.a), p.a), p.psi.derivative(p.phi(p.a), 2) * p.phi.derivative(p.a) ** 2),                    R, R),
    ("a square inside",                        network,       lambda p: (p.d.total(p.phi(p.a**2), p.a), 2 * p.a * p.phi.derivative(p.a**2)),                                                                  P, P),
    ("the inner derivative is lost",           network,       lambda p: (p.d.total(p.phi(p.a**2), p.a), p.phi.derivative(p.a**2)),                                                                            R, R),
    ("a product of two",                       network,       lambda p: (p.d.total(p.phi(p.a) * p.psi(p.a), p.a), p.phi.derivative(p.a) * p.psi(p.a) + p.phi(p.a) * p.psi.derivative(p.a)),                   P, P),
    ("a product of the slopes",                network,       lambda p: (p.d.total(p.phi(p.a) * p.psi(p.a), p.a), p.phi.derivative(p.a) * p.psi.derivative(p.a)),                                             R, R),
    ("the log of one",                         network,       lambda p: (p.d.total(log(p.phi(p.a) ** 2 + 1), p.a), 2 * p.phi(p.a) * p.phi.derivative(p.a) / (p.phi(p.a) ** 2 + 1)),                           P, P),
    ("equal arguments",                        network,       lambda p: (p.phi((p.a + p.b) ** 2), p.phi(p.a**2 + 2 * p.a * p.b + p.b**2)),                                                                    P, P),
    ("it is not linear",                       network,       lambda p: (p.phi(p.a + p.b), p.phi(p.a) + p.phi(p.b)),                                                                                          R, R),
    ("it is not even",                         network,       lambda p: (p.phi(-p.a), p.phi(p.a)),                                                                                                            R, R),
    ("it is not another",                      network,       lambda p: (p.phi(p.a), p.psi(p.a)),                                                                                                             R, R),
    ("its third derivative",                   network,       lambda p: (p.d.total(p.phi.derivative(p.a, 2), p.a), p.phi.derivative(p.a, 3)),                                                                 P, P),
    ("of order off by one",                    network,       lambda p: (p.d.total(p.phi.derivative(p.a, 2), p.a), p.phi.derivative(p.a, 2)),                                                                 R, R),
    ("a linear model's score",                 network,       lambda p: (p.d.total(p.glm, p.w[p.j]), Sum((p.phi.derivative(p.eta[p.s]) - p.y[p.s]) * p.X[p.s, p.j], p.s)),                                    P, P),
    ("its Hessian",                            network,       lambda p: (p.d.total(p.d.total(p.glm, p.w[p.j]), p.w[p.k]), Sum(p.phi.derivative(p.eta[p.s], 2) * p.X[p.s, p.j] * p.X[p.s, p.k], p.s)),         P, P),
    ("its Hessian, order off by one",          network,       lambda p: (p.d.total(p.d.total(p.glm, p.w[p.j]), p.w[p.k]), Sum(p.phi.derivative(p.eta[p.s]) * p.X[p.s, p.j] * p.X[p.s, p.k], p.s)),            R, R),
    # products
    ("a product over the one",                 likelihood,    lambda p: (p.d.total(p.G, p.x[p.j]), p.G / p.x[p.j]),                                                                                           P, R),
    ("the others are lost",                    likelihood,    lambda p: (p.d.total(p.G, p.x[p.j]), 1),                                                                                                        R, R),
    ("the one remains",                        likelihood,    lambda p: (p.d.total(p.G, p.x[p.j]), p.G),                                                                                                      R, R),
    ("a shared term over each",                likelihood,    lambda p: (p.d.total(Product(p.g[p.i] + p.c**2, p.i), p.c), Product(p.g[p.i] + p.c**2, p.i) * Sum(2 * p.c / (p.g[p.i] + p.c**2), p.i)),         P, P),
    ("a shared term, others lost",             likelihood,    lambda p: (p.d.total(Product(p.x[p.i] + p.c, p.i), p.c), Sum(p.x[p.i] + p.c, p.i)),                                                             R, R),
    ("a factor comes out n times",             likelihood,    lambda p: (Product(2 * p.x[p.i], p.i), 2**p.n * p.G),                                                                                           P, R),
    ("a factor comes out once",                likelihood,    lambda p: (Product(2 * p.x[p.i], p.i), 2 * p.G),                                                                                                R, R),
    ("a factor n times as much",               likelihood,    lambda p: (Product(p.c * p.x[p.i], p.i), p.n * p.c * p.G),                                                                                      R, R),
    ("a constant",                             likelihood,    lambda p: (Product(p.c, p.i), p.c**p.n),                                                                                                        P, P),
    ("a product of products",                  likelihood,    lambda p: (Product(p.x[p.i] * p.t[p.i], p.i), Product(p.x[p.i], p.i) * Product(p.t[p.i], p.i)),                                                 P, P),
    ("a product of sums",                      likelihood,    lambda p: (Product(p.x[p.i] + p.t[p.i], p.i), Product(p.x[p.i], p.i) + Product(p.t[p.i], p.i)),                                                 R, R),
    ("the exponential of a sum",               likelihood,    lambda p: (Product(exp(p.x[p.i]), p.i), exp(Sum(p.x[p.i], p.i))),                                                                               P, P),
    ("the exponential of a product",           likelihood,    lambda p: (Product(exp(p.x[p.i]), p.i), exp(Product(p.x[p.i], p.i))),                                                                           R, R),
    ("the log of a product",                   likelihood,    lambda p: (log(Product(p.g[p.i], p.i)), Sum(log(p.g[p.i]), p.i)),                                                                               P, P),
    ("the log of each factor",                 likelihood,    lambda p: (log(Product(p.g[p.i], p.i)), Product(log(p.g[p.i]), p.i)),                                                                           R, R),
    ("powers",                                 likelihood,    lambda p: (Product(p.x[p.i] ** 2 * p.t[p.i], p.i), p.G**2 * Product(p.t[p.i], p.i)),                                                            P, R),
    ("powers, one lost",                       likelihood,    lambda p: (Product(p.x[p.i] ** 2 * p.t[p.i], p.i), p.G * Product(p.t[p.i], p.i)),                                                               R, R),
    ("normal: the log",                        likelihood,    lambda p: (log(p.normal), -Sum((p.x[p.i] - p.mu) ** 2, p.i) / (2 * p.sigma**2) - p.n * log(p.sigma) - p.n * log(2 * pi) / 2),                   P, R),
    ("normal: the log, n lost",                likelihood,    lambda p: (log(p.normal), -Sum((p.x[p.i] - p.mu) ** 2, p.i) / (2 * p.sigma**2) - log(p.sigma) - log(2 * pi) / 2),                               R, R),
    ("normal: the mean's score",               likelihood,    lambda p: (p.d.total(log(p.normal), p.mu), Sum(p.x[p.i] - p.mu, p.i) / p.sigma**2),                                                             P, R),
    ("normal: the likelihood's derivative",    likelihood,    lambda p: (p.d.total(p.normal, p.mu), p.normal * Sum(p.x[p.i] - p.mu, p.i) / p.sigma**2),                                                       P, R),
    ("normal: the likelihood is lost",         likelihood,    lambda p: (p.d.total(p.normal, p.mu), Sum(p.x[p.i] - p.mu, p.i) / p.sigma**2),                                                                  R, R),
    ("normal: the deviation's score",          likelihood,    lambda p: (p.d.total(log(p.normal), p.sigma), Sum((p.x[p.i] - p.mu) ** 2, p.i) / p.sigma**3 - p.n / p.sigma),                                   P, R),
    ("normal: the variance for it",            likelihood,    lambda p: (p.d.total(log(p.normal), p.sigma), Sum((p.x[p.i] - p.mu) ** 2, p.i) / p.sigma**2 - p.n / p.sigma),                                   R, R),
    ("Bernoulli: the log",                     likelihood,    lambda p: (log(p.bernoulli), Sum(p.t[p.i] * log(p.p[p.i]) + (1 - p.t[p.i]) * log(1 - p.p[p.i]), p.i)),                                          P, R),
    ("Bernoulli: the score",                   likelihood,    lambda p: (p.d.total(log(p.bernoulli), p.w[p.k]), Sum((p.t[p.i] - p.p[p.i]) * p.X[p.i, p.k], p.i)),                                             P, R),
    ("Bernoulli: the sign",                    likelihood,    lambda p: (p.d.total(log(p.bernoulli), p.w[p.k]), Sum((p.p[p.i] - p.t[p.i]) * p.X[p.i, p.k], p.i)),                                             R, R),
    ("categorical: the log-likelihood",        likelihood,    lambda p: (log(Product(p.q[p.y[p.i]], p.i)), Sum(log(p.q[p.y[p.i]]), p.i)),                                                                     P, P),
    ("categorical: counts",                    likelihood,    lambda p: (p.d.total(log(Product(p.q[p.y[p.i]], p.i)), p.q[p.k]), Sum(Delta(p.k, p.y[p.i]), p.i) / p.q[p.k]),                                   P, P),
    ("categorical: counts lost",               likelihood,    lambda p: (p.d.total(log(Product(p.q[p.y[p.i]], p.i)), p.q[p.k]), 1 / p.q[p.k]),                                                                R, R),
    # values held constant
    ("the mean held",                          stopped,       lambda p: (p.f.wrt(p.x[p.i]), p.f.wrt(p.y[p.i])),                                                                                               P, P),
    ("the mean not held",                      stopped,       lambda p: (p.f.wrt(p.x[p.i]), p.f.wrt(p.y[p.i]) - Sum(p.f.wrt(p.y[p.j]), p.j) / p.m),                                                           R, R),
    ("its value stays",                        stopped,       lambda p: (p.y[p.i], p.x[p.i] - p.mu),                                                                                                          P, R),
    ("nothing reaches the mean",               stopped,       lambda p: (p.f.wrt(p.mu), 0),                                                                                                                   P, P),
    ("something does",                         stopped,       lambda p: (p.f.wrt(p.mu), -Sum(p.f.wrt(p.y[p.i]), p.i)),                                                                                        R, R),
    ("straight through",                       stopped,       lambda p: (p.g.wrt(p.x[p.i]), p.g.wrt(p.through[p.i])),                                                                                         P, P),
    ("straight through: the value",            stopped,       lambda p: (p.through[p.i], p.q[p.i]),                                                                                                           P, R),
    ("straight through: nothing",              stopped,       lambda p: (p.g.wrt(p.x[p.i]), 0),                                                                                                               R, R),
    ("one factor of a square held",            stopped,       lambda p: (p.d.total(p.a * stop_gradient(p.a), p.a), p.a),                                                                                      P, P),
    ("neither held",                           stopped,       lambda p: (p.d.total(p.a * stop_gradient(p.a), p.a), 2 * p.a),                                                                                  R, R),
    ("held twice",                             stopped,       lambda p: (stop_gradient(stop_gradient(p.a)), stop_gradient(p.a)),                                                                              P, P),
    ("held inside a function",                 stopped,       lambda p: (p.d.total(p.phi(p.a * stop_gradient(p.a)), p.a), p.a * p.phi.derivative(p.a**2)),                                                    P, P),
    ("a second derivative",                    stopped,       lambda p: (p.d.total(p.d.total(p.a**2 * stop_gradient(p.a), p.a), p.a), 2 * p.a),                                                               P, P),
    ("a reward that is held",                  stopped,       lambda p: (p.d.total(stop_gradient(p.a**2) * log(sigmoid(p.a)), p.a), p.a**2 * (1 - sigmoid(p.a))),                                             P, P),
    ("held in a sum",                          stopped,       lambda p: (p.d.total(Sum(p.x[p.i] * stop_gradient(p.x[p.i]), p.i), p.x[p.j]), p.x[p.j]),                                                        P, P),
    # cases
    ("within the bounds",                      cased,         lambda p: (p.f.wrt(p.x[p.i]), Where(And(p.x[p.i] > -1, p.x[p.i] < 1), p.f.wrt(p.z[p.i]), 0)),                                                   P, P),
    ("within half of them",                    cased,         lambda p: (p.f.wrt(p.x[p.i]), Where(And(p.x[p.i] > 0, p.x[p.i] < 1), p.f.wrt(p.z[p.i]), 0)),                                                    R, R),
    ("beyond them",                            cased,         lambda p: (p.f.wrt(p.x[p.i]), Where(Or(p.x[p.i] < -1, p.x[p.i] > 1), p.f.wrt(p.z[p.i]), 0)),                                                    R, R),
    ("either bound",                           cased,         lambda p: (p.f.wrt(p.x[p.i]), Where(Or(p.x[p.i] > -1, p.x[p.i] < 1), p.f.wrt(p.z[p.i]), 0)),                                                    R, R),
    ("not beyond them",                        cased,         lambda p: (p.f.wrt(p.x[p.i]), Where(Not(Or(p.x[p.i] <= -1, p.x[p.i] >= 1)), p.f.wrt(p.z[p.i]), 0)),                                             P, P),
    ("the value by cases",                     cased,         lambda p: (clamp(p.a, -1, 1), Where(p.a < -1, -1, Where(p.a > 1, 1, p.a))),                                                                     P, P),
    ("the value, bounds changed over",         cased,         lambda p: (clamp(p.a, -1, 1), Where(p.a < -1, 1, Where(p.a > 1, -1, p.a))),                                                                     R, R),
    ("bounds from below and above",            cased,         lambda p: (clamp(p.a, 0, 6), Min(relu(p.a), 6)),                                                                                                P, P),
    ("bounds that are terms",                  cased,         lambda p: (p.d.total(clamp(p.a, 1 - p.e, 1 + p.e), p.a), Where(And(p.a > 1 - p.e, p.a < 1 + p.e), 1, 0)),                                       P, P),
    ("a clipped ratio",                        cased,         lambda p: (p.d.total(Min(p.a * p.b**2, clamp(p.a, 1 - p.e, 1 + p.e) * p.b**2), p.a), Where(p.a < 1 + p.e, p.b**2, 0)),                          P, P),
    ("a clipped ratio, the other bound",       cased,         lambda p: (p.d.total(Min(p.a * p.b**2, clamp(p.a, 1 - p.e, 1 + p.e) * p.b**2), p.a), Where(p.a > 1 - p.e, p.b**2, 0)),                          R, R),
    ("de Morgan",                              cased,         lambda p: (Where(Not(And(p.a > 0, p.b > 0)), 1, 0), Where(Or(p.a <= 0, p.b <= 0), 1, 0)),                                                       P, P),
    ("not and for not or",                     cased,         lambda p: (Where(Not(And(p.a > 0, p.b > 0)), 1, 0), Where(And(p.a <= 0, p.b <= 0), 1, 0)),                                                      R, R),
    ("two that exclude each other",            cased,         lambda p: (Where(And(p.i < p.j, p.j < p.i), 1, 0), 0),                                                                                          P, P),
    ("one or the other or equal",              cased,         lambda p: (Where(p.i < p.j, 1, 0) + Where(p.j < p.i, 1, 0) + Delta(p.i, p.j), 1),                                                               P, P),
    ("a running sum, backwards",               cased,         lambda p: (p.g.wrt(p.x[p.k]), Sum(Where(p.i >= p.k, p.g.wrt(p.run[p.i]), 0), p.i)),                                                             P, P),
    ("a running sum, forwards",                cased,         lambda p: (p.g.wrt(p.x[p.k]), Sum(Where(p.i <= p.k, p.g.wrt(p.run[p.i]), 0), p.i)),                                                             R, R),
    ("a running sum, without the last",        cased,         lambda p: (p.g.wrt(p.x[p.k]), Sum(Where(p.i > p.k, p.g.wrt(p.run[p.i]), 0), p.i)),                                                              R, R),
    ("between two positions",                  cased,         lambda p: (Sum(p.x[p.k], p.k, And(p.i <= p.k, p.k <= p.i)), p.x[p.i]),                                                                          P, P),
    ("either of two positions",                cased,         lambda p: (Sum(p.x[p.k], p.k, Or(Eq(p.k, p.i), Eq(p.k, p.j))), p.x[p.i] + p.x[p.j] - Delta(p.i, p.j) * p.x[p.i]),                               P, P),
    ("either of two, both counted",            cased,         lambda p: (Sum(p.x[p.k], p.k, Or(Eq(p.k, p.i), Eq(p.k, p.j))), p.x[p.i] + p.x[p.j]),                                                            R, R),
    # positions under a guard
    ("differences",                            shifted,       lambda p: (p.f.wrt(p.x[p.i]), p.f.wrt(p.y[p.i]) - Where(p.i < p.n, p.f.wrt(p.y[p.i + 1]), 0)),                                                  P, P),
    ("differences, the wrong shift",           shifted,       lambda p: (p.f.wrt(p.x[p.i]), p.f.wrt(p.y[p.i]) - Where(p.i > 1, p.f.wrt(p.y[p.i - 1]), 0)),                                                    R, R),
    ("differences, off by one at the end",     shifted,       lambda p: (p.f.wrt(p.x[p.i]), p.f.wrt(p.y[p.i]) - Where(p.i < p.n - 1, p.f.wrt(p.y[p.i + 1]), 0)),                                              R, R),
    ("differences, the border forgotten",      shifted,       lambda p: (p.f.wrt(p.x[p.i]), Where(p.i < p.n, p.f.wrt(p.y[p.i]) - p.f.wrt(p.y[p.i + 1]), 0)),                                                  R, R),
    ("differences, at the end",                shifted,       lambda p: (p.f.wrt(p.x[p.n]), p.f.wrt(p.y[p.n])),                                                                                               P, P),
    ("round in a circle",                      shifted,       lambda p: (p.g.wrt(p.x[p.i]), Where(Eq(p.i, 1), p.g.wrt(p.c[p.n]), p.g.wrt(p.c[p.i - 1]))),                                                     P, P),
    ("round, the wrong way",                   shifted,       lambda p: (p.g.wrt(p.x[p.i]), Where(Eq(p.i, p.n), p.g.wrt(p.c[1]), p.g.wrt(p.c[p.i + 1]))),                                                     R, R),
    ("round, the ends not joined",             shifted,       lambda p: (p.g.wrt(p.x[p.i]), Where(p.i > 1, p.g.wrt(p.c[p.i - 1]), 0)),                                                                        R, R),
    ("padded: the weights",                    shifted,       lambda p: (p.h.wrt(p.w[p.u]), Sum(p.h.wrt(p.same[p.i]) * p.padded[p.i + p.u - 1], p.i)),                                                        P, P),
    ("padded: the weights, a step off",        shifted,       lambda p: (p.h.wrt(p.w[p.u]), Sum(p.h.wrt(p.same[p.i]) * Where(p.i + p.u <= p.n, p.x[p.i], 0), p.i)),                                           R, R),
    ("padded: the input",                      shifted,       lambda p: (p.h.wrt(p.x[p.j]), Sum(p.h.wrt(p.same[p.i]) * p.w[p.u] * Delta(p.i + p.u - 1, p.j + p.pad), p.i, p.u)),                              P, P),
    ("padded: the input, the pad lost",        shifted,       lambda p: (p.h.wrt(p.x[p.j]), Sum(p.h.wrt(p.same[p.i]) * p.w[p.u] * Delta(p.i + p.u - 1, p.j), p.i, p.u)),                                      R, R),
    ("padded: the input, by a case",           shifted,       lambda p: (p.h.wrt(p.x[p.j]), Sum(Where(And(p.j + p.pad - p.i + 1 >= 1, p.j + p.pad - p.i + 1 <= p.K), p.h.wrt(p.same[p.i]) * p.w[p.j + p.pad - p.i + 1], 0), p.i)), P, P),
    ("strided: the weights",                   strided,       lambda p: (p.f.wrt(p.w[p.p]), Sum(p.f.wrt(p.y[p.k]) * p.x[p.S * (p.k - 1) + p.p], p.k)),                                                        P, P),
    ("strided: the stride lost",               strided,       lambda p: (p.f.wrt(p.w[p.p]), Sum(p.f.wrt(p.y[p.k]) * p.x[p.k - 1 + p.p], p.k)),                                                                R, R),
    ("strided: the input",                     strided,       lambda p: (p.f.wrt(p.x[p.q]), Sum(p.f.wrt(p.y[p.k]) * p.w[p.p] * Delta(p.q, p.S * (p.k - 1) + p.p), p.k, p.p)),                                 P, P),
    ("strided: a tap late",                    strided,       lambda p: (p.f.wrt(p.x[p.q]), Sum(p.f.wrt(p.y[p.k]) * p.w[p.p] * Delta(p.q + 1, p.S * (p.k - 1) + p.p), p.k, p.p)),                             R, R),
    ("strided: windows taken as apart",        strided,       lambda p: (p.f.wrt(p.x[p.S * (p.k - 1) + p.p]), p.f.wrt(p.y[p.k]) * p.w[p.p]),                                                                  R, R),
    ("strided: an entry",                      strided,       lambda p: (p.d.total(p.y[p.k], p.x[p.S * (p.l - 1) + p.p]), Sum(p.w[p.p], p.p)),                                                                R, R),
    # recurrences
    ("recurrent weights",                      recurrent,     lambda p: (p.f.wrt(p.W[p.a, p.b]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.slope * p.before, p.t)),                                                      P, R),
    ("recurrent weights, no slope",            recurrent,     lambda p: (p.f.wrt(p.W[p.a, p.b]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.before, p.t)),                                                                R, R),
    ("recurrent weights, the state after",     recurrent,     lambda p: (p.f.wrt(p.W[p.a, p.b]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.slope * p.h[p.t, p.b], p.t)),                                                 R, R),
    ("recurrent weights, the first step lost", recurrent,     lambda p: (p.f.wrt(p.W[p.a, p.b]), Sum(Where(p.t > 1, p.f.wrt(p.h[p.t, p.a]) * p.slope * p.h[p.t - 1, p.b], 0), p.t)),                          R, R),
    ("input weights",                          recurrent,     lambda p: (p.f.wrt(p.U[p.a, p.i]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.slope * p.x[p.t, p.i], p.t)),                                                 P, R),
    ("inputs",                                 recurrent,     lambda p: (p.f.wrt(p.x[p.t, p.i]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.slope * p.U[p.a, p.i], p.a)),                                                 P, R),
    ("the first state",                        recurrent,     lambda p: (p.f.wrt(p.h0[p.b]), Sum(p.f.wrt(p.h[1, p.a]) * (1 - p.h[1, p.a] ** 2) * p.W[p.a, p.b], p.a)),                                        P, R),
    ("the first state, a step late",           recurrent,     lambda p: (p.f.wrt(p.h0[p.b]), Sum(p.f.wrt(p.h[p.T, p.a]) * (1 - p.h[p.T, p.a] ** 2) * p.W[p.a, p.b], p.a)),                                    R, R),
    ("the return, step by step",               recurrent,     lambda p: (p.g.wrt(p.G[p.t]), p.g.wrt(p.r[p.t])),                                                                                               P, P),
    ("rewards reach all returns before",       recurrent,     lambda p: (p.g.wrt(p.r[1]), p.g.wrt(p.G[1])),                                                                                                   P, P),
    ("the last return",                        recurrent,     lambda p: (p.G[p.T], p.r[p.T]),                                                                                                                 P, R),
    ("the last return, discounted",            recurrent,     lambda p: (p.G[p.T], p.rate * p.r[p.T]),                                                                                                        R, R),
    ("returns, the recursion",                 recurrent,     lambda p: (Where(p.t < p.T, p.G[p.t] - p.rate * p.G[p.t + 1], p.G[p.t]), p.r[p.t]),                                                             P, R),
    ("the rate",                               recurrent,     lambda p: (p.g.wrt(p.rate), Sum(Where(p.t < p.T, p.g.wrt(p.G[p.t]) * p.G[p.t + 1], 0), p.t)),                                                   P, P),
    ("the rate, its own return",               recurrent,     lambda p: (p.g.wrt(p.rate), Sum(p.g.wrt(p.G[p.t]) * p.G[p.t], p.t)),                                                                            R, R),
    ("a moving average's inputs",              recurrent,     lambda p: (p.e.wrt(p.r[p.t]), (1 - p.rate) * p.e.wrt(p.m[p.t])),                                                                                P, P),
    ("a moving average, at the end",           recurrent,     lambda p: (p.e.wrt(p.m[p.t]) - Where(p.t < p.T, p.rate * p.e.wrt(p.m[p.t + 1]), 0), p.e.wrt(p.m[p.t])),                                         R, R),
    ("the first value",                        recurrent,     lambda p: (p.m[1], (1 - p.rate) * p.r[1]),                                                                                                      P, R),
    ("hidden states: backwards",               hidden_states, lambda p: (p.f.wrt(p.h[p.t, p.a]), Where(p.t < p.T, Sum(p.A[p.a, p.b] * p.B[p.b, p.x[p.t + 1]] * p.f.wrt(p.h[p.t + 1, p.b]), p.b), 1 / p.p)),   P, P),
    ("hidden states: transitions",             hidden_states, lambda p: (p.f.wrt(p.A[p.a, p.b]), Sum(Where(p.t > 1, p.h[p.t - 1, p.a] * p.B[p.b, p.x[p.t]] * p.f.wrt(p.h[p.t, p.b]), 0), p.t)),               P, P),
    ("hidden states: the label before",        hidden_states, lambda p: (p.f.wrt(p.A[p.a, p.b]), Sum(Where(p.t > 1, p.h[p.t - 1, p.a] * p.B[p.b, p.x[p.t - 1]] * p.f.wrt(p.h[p.t, p.b]), 0), p.t)),           R, R),
    ("hidden states: emissions",               hidden_states, lambda p: (p.f.wrt(p.B[p.a, p.o]), Sum(Delta(p.o, p.x[p.t]) * p.f.wrt(p.h[p.t, p.a]) * p.h[p.t, p.a], p.t) / p.B[p.a, p.o]),                    P, R),
    ("hidden states: every label",             hidden_states, lambda p: (p.f.wrt(p.B[p.a, p.o]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.h[p.t, p.a], p.t) / p.B[p.a, p.o]),                                           R, R),
    ("advantages: the values",                 advantages,    lambda p: (p.f.wrt(p.v[p.t]), Where(p.t > 1, p.rate * p.f.wrt(p.delta[p.t - 1]), 0) - p.f.wrt(p.delta[p.t])),                                   P, P),
    ("advantages: no time passes",             advantages,    lambda p: (p.f.wrt(p.v[p.t]), p.rate * p.f.wrt(p.delta[p.t]) - p.f.wrt(p.delta[p.t])),                                                          R, R),
    ("advantages: the value at the end",       advantages,    lambda p: (p.f.wrt(p.v[p.T + 1]), p.rate * p.f.wrt(p.delta[p.T])),                                                                              P, P),
    ("advantages: the decay",                  advantages,    lambda p: (p.f.wrt(p.decay), Sum(Where(p.t < p.T, p.f.wrt(p.A[p.t]) * p.rate * p.A[p.t + 1], 0), p.t)),                                         P, P),
    # masks
    ("causal attention: the scores",           causal,        lambda p: (p.f.wrt(p.s[p.i, p.j]), p.p[p.i, p.j] * p.above),                                                                                    P, R),
    ("causal attention: the queries",          causal,        lambda p: (p.f.wrt(p.q[p.i, p.b]), Sum(p.p[p.i, p.j] * p.above * p.k[p.j, p.b], p.j) / sqrt(p.width)),                                          P, R),
    ("causal attention: the values",           causal,        lambda p: (p.f.wrt(p.v[p.j, p.a]), Sum(Where(p.i >= p.j, p.p[p.i, p.j] * p.f.wrt(p.o[p.i, p.a]), 0), p.i)),                                     P, R),
    ("causal attention: strictly later",       causal,        lambda p: (p.f.wrt(p.v[p.j, p.a]), Sum(Where(p.i > p.j, p.p[p.i, p.j] * p.f.wrt(p.o[p.i, p.a]), 0), p.i)),                                      R, R),
    # constraints
    ("targets that sum to one",                lambda: soft_targets("sum"), lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                                                                              P, R),
    ("soft targets, the wrong way round",      lambda: soft_targets("sum"), lambda p: (p.L.wrt(p.z[p.i, p.k]), p.t[p.i, p.k] - p.p[p.i, p.k]),                                                                              R, R),
    ("targets of any sum",                     lambda: soft_targets("nothing"), lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                                                                              R, R),
    ("any sum, written out",                   lambda: soft_targets("nothing"), lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] * Sum(p.t[p.i, p.j], p.j) - p.t[p.i, p.k]),                                                    P, R),
    ("targets that sum to two",                lambda: soft_targets("twice"), lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                                                                              R, R),
    ("to two, taken into account",             lambda: soft_targets("twice"), lambda p: (p.L.wrt(p.z[p.i, p.k]), 2 * p.p[p.i, p.k] - p.t[p.i, p.k]),                                                                          P, R),
    ("targets of norm one",                    lambda: soft_targets("norm"), lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                                                                              R, R),
    ("columns that sum to one",                lambda: soft_targets("columns"), lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                                                                              R, R),
    ("a variance of probabilities",            constrained,   lambda p: (Sum(p.p[p.k] * (1 - p.p[p.k]), p.k), 1 - Sum(p.p[p.k] ** 2, p.k)),                                                                   P, R),
    ("the others",                             constrained,   lambda p: (Sum(p.p[p.k], p.k, Ne(p.k, p.j)), 1 - p.p[p.j]),                                                                                     P, R),
    ("a mean of shifted values",               constrained,   lambda p: (Sum(p.p[p.k] * (p.x[p.k] + p.c), p.k), Sum(p.p[p.k] * p.x[p.k], p.k) + p.c),                                                         P, R),
    ("the variance by moments",                constrained,   lambda p: (Sum(p.p[p.k] * (p.x[p.k] - Sum(p.p[p.l] * p.x[p.l], p.l)) ** 2, p.k), Sum(p.p[p.k] * p.x[p.k] ** 2, p.k) - Sum(p.p[p.k] * p.x[p.k], p.k) ** 2), P, R),
    ("the mean is no sum",                     constrained,   lambda p: (Sum(p.p[p.k] * p.x[p.k], p.k), Sum(p.x[p.k], p.k)),                                                                                  R, R),
    ("free in derivatives",                    constrained,   lambda p: (p.d.total(Sum(p.p[p.k], p.k), p.p[p.j]), 1),                                                                                         P, P),
    ("tied in derivatives",                    constrained,   lambda p: (p.d.total(Sum(p.p[p.k], p.k), p.p[p.j]), 0),                                                                                         R, R),
    ("the norm",                               constrained,   lambda p: (p.norm, 1),                                                                                                                          P, R),
    ("a projection",                           constrained,   lambda p: (p.d.total(p.w[p.k] / p.norm, p.w[p.j]), Delta(p.j, p.k) - p.w[p.j] * p.w[p.k]),                                                      P, R),
    ("a projection, the delta lost",           constrained,   lambda p: (p.d.total(p.w[p.k] / p.norm, p.w[p.j]), 1 - p.w[p.j] * p.w[p.k]),                                                                    R, R),
    ("projected twice",                        constrained,   lambda p: (Sum((Delta(p.i, p.k) - p.w[p.i] * p.w[p.k]) * (Delta(p.k, p.j) - p.w[p.k] * p.w[p.j]), p.k), Delta(p.i, p.j) - p.w[p.i] * p.w[p.j]), P, R),
    ("a symmetric form",                       constrained,   lambda p: (p.d.total(Sum(p.x[p.i] * p.A[p.i, p.j] * p.x[p.j], p.i, p.j), p.x[p.k]), 2 * Sum(p.A[p.k, p.j] * p.x[p.j], p.j)),                    P, R),
    ("a form that is not symmetric",           constrained,   lambda p: (p.d.total(Sum(p.x[p.i] * p.M[p.i, p.j] * p.x[p.j], p.i, p.j), p.x[p.k]), 2 * Sum(p.M[p.k, p.j] * p.x[p.j], p.j)),                    R, R),
    ("a trace of squares",                     constrained,   lambda p: (Sum(p.A[p.i, p.j] * p.A[p.j, p.i], p.i, p.j), Sum(p.A[p.i, p.j] ** 2, p.i, p.j)),                                                    P, R),
    ("half of a form vanishes",                constrained,   lambda p: (Sum(p.x[p.i] * p.S[p.i, p.j] * p.x[p.j], p.i, p.j), 0),                                                                              P, R),
    ("its diagonal",                           constrained,   lambda p: (p.S[p.i, p.i], 0),                                                                                                                   P, R),
    ("not all of it",                          constrained,   lambda p: (p.S[p.i, p.j], 0),                                                                                                                   R, R),
    ("symmetric against antisymmetric",        constrained,   lambda p: (Sum(p.A[p.i, p.j] * p.S[p.i, p.j], p.i, p.j), 0),                                                                                    P, R),
    ("lengths are kept",                       constrained,   lambda p: (Sum(p.turned[p.i] ** 2, p.i), Sum(p.x[p.i] ** 2, p.i)),                                                                              P, R),
    ("angles are kept",                        constrained,   lambda p: (Sum(p.turned[p.i] * p.turned_y[p.i], p.i), Sum(p.x[p.i] * p.y[p.i], p.i)),                                                           P, R),
    ("entries are not",                        constrained,   lambda p: (p.turned[p.i] ** 2, p.x[p.i] ** 2),                                                                                                  R, R),
    ("turned back",                            constrained,   lambda p: (Sum(p.Q[p.i, p.j] * p.turned[p.i], p.i), p.x[p.j]),                                                                                  P, R),
    ("a gradient turned",                      constrained,   lambda p: (p.d.total(Sum(p.turned[p.i] ** 2, p.i), p.x[p.j]), 2 * p.x[p.j]),                                                                    P, R),
    ("a vector of zeros",                      constrained,   lambda p: (Sum(p.e[p.i] * p.x[p.i] + p.x[p.i], p.i), Sum(p.x[p.i], p.i)),                                                                       P, R),
    ("a function of a case",            network,     lambda p: (p.phi(Abs(p.a)), Where(p.a > 0, p.phi(p.a), p.phi(-p.a))),  "proved",  "proved"),
    ("turned again",             constrained, lambda p: (Sum(p.Q[p.j, p.i] * p.turned[p.i], p.i), p.x[p.j]),  "refuted", "refuted"),
    ("each word is drawn",       sampled,     lambda p: (p.f.wrt(p.u[p.v]), Where(Eq(p.v, p.seen), sigmoid(p.u[p.v]) - 1, sigmoid(p.u[p.v]))),  "refuted", "refuted"),
    ("an orthogonal Q = Q'",     constrained, lambda p: (p.Q[p.i, p.j], p.Q[p.j, p.i]),  "refuted", "refuted"),
    ("differences sum to the last",     shifted,     lambda p: (Sum(p.y[p.i], p.i), p.x[p.n]), "proved", "refuted"),
    ("round, nothing is lost",          shifted,     lambda p: (Sum(p.c[p.i], p.i), Sum(p.x[p.i], p.i)), "proved", "refuted"),
    ("the last of a running sum",       cased,       lambda p: (p.run[p.n], Sum(p.x[p.k], p.k)), "proved", "refuted"),
    ("transposed: the input",           transposed,  lambda p: (p.f.wrt(p.x[p.k]), Sum(p.f.wrt(p.y[p.S * (p.k - 1) + p.p]) * p.w[p.p], p.p)), "proved", "unknown"),
    ("transposed: the weights",         transposed,  lambda p: (p.f.wrt(p.w[p.p]), Sum(p.f.wrt(p.y[p.S * (p.k - 1) + p.p]) * p.x[p.k], p.k)), "proved", "unknown"),
]  # fmt: skip


UNKNOWN = [
    # about                             page         left and right                                                                                                  why
    ("a product, all others but one",   likelihood,  lambda p: (p.d.total(p.G, p.x[p.j]), Product(p.x[p.i], p.i, Ne(p.i, p.j))),                                     "no law takes one position out of a product"),
    ("a shared term, a product each",   likelihood,  lambda p: (p.d.total(Product(p.x[p.i] + p.c, p.i), p.c), Sum(Product(p.x[p.r] + p.c, p.r, Ne(p.r, p.i)), p.i)), "the same"),
    ("the first factor apart",          likelihood,  lambda p: (p.G, p.x[1] * Product(p.x[p.later], p.later)),                                                       "ranges are not split"),
    ("one-hot exponents",               likelihood,  lambda p: (Product(p.q[p.k] ** Delta(p.k, p.y[p.i]), p.k), p.q[p.y[p.i]]),                                      "no law takes one position out of a product"),
    ("padding adds nothing",            shifted,     lambda p: (Sum(p.padded[p.a], p.a), Sum(p.x[p.i], p.i)),                                                        "the same"),
    ("strided: the last position",      strided,     lambda p: (p.f.wrt(p.x[p.U]), p.f.wrt(p.y[p.K]) * p.w[p.A]),                                                    "the sum over a delta at the end of a range stays"),
    ("the running sum of a recurrence", recurrent,   lambda p: (p.G[1], Sum(p.rate ** (p.t - 1) * p.r[p.t], p.t)),                                                   "needs induction"),
    ("rows are orthogonal too",         constrained, lambda p: (Sum(p.Q[p.i, p.k] * p.Q[p.j, p.k], p.k), Delta(p.i, p.j)),                                           "that a left inverse of a square matrix is a right one is no law"),
]  # fmt: skip


def judged(page, members):
    p = page()
    left, right = map(sympify, members(p))
    check_member(p.d.program, left)
    check_member(p.d.program, right)
    return Step(left, right), p.d.program, judge_step(Step(left, right), p.d.program)


@pytest.mark.parametrize(("about", "page", "members", "graph", "formal"), CLAIMS, ids=[row[0] for row in CLAIMS])
def test_claims(about, page, members, graph, formal):
    step, program, judgement = judged(page, members)
    assert (name_of(judgement.graph), name_of(judgement.formal)) == (graph, formal)
    assert step.right == 0 or not judgement.trivial
    if isinstance(judgement.graph, Refuted):
        assert confirms(step, program, judgement.graph.counterexample), judgement.graph
        assert keeps_to(program, judgement.graph.counterexample), judgement.graph


@pytest.mark.parametrize(("about", "page", "members", "why"), UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_what_is_unknown(about, page, members, why):
    assert name_of(judged(page, members)[2].graph) == "unknown", f"no more: {why}"


def test_each_claim_has_a_name_of_its_own():
    assert len({row[0] for row in (*CLAIMS, *UNKNOWN)}) == len(CLAIMS) + len(UNKNOWN)


def test_an_assumed_size_is_what_it_is_assumed_to_be():
    d = Derivation("an assumed size")
    m, n = d.sizes("m n")
    d.assume(m, n - 1)
    assert isinstance(judge_step(Step(m, n - 1), d.program).graph, Proved)
    assert isinstance(judge_step(Step(m, n), d.program).graph, Refuted)


KEPT_TO = [
    # about                      size   values                                              kept to
    ("all of it",                "2",   {"p[1]": "1/3", "p[2]": "2/3", "t": "2", "a": "3"}, True),
    ("not named",                "2",   {"p[1]": "1/3"},                                    True),
    ("a sum that is not one",    "2",   {"p[1]": "1/3", "p[2]": "1/3"},                     False),
    ("a share that is negative", "2",   {"p[1]": "-1", "p[2]": "2"},                        False),
    ("a value that is assumed",  "2",   {"a": "2"},                                         False),
    ("a position out of range",  "2",   {"t": "3"},                                         False),
    ("half a position",          "2",   {"t": "3/2"},                                       False),
    ("half a size",              "3/2", {},                                                 False),
]  # fmt: skip


@pytest.mark.parametrize(("about", "size", "values", "kept"), KEPT_TO, ids=[row[0] for row in KEPT_TO])
def test_what_a_counterexample_must_keep_to(about, size, values, kept):
    d = Derivation("shares")
    n = d.size("n")
    i = d.index("i", n)
    p, t, a = d.input("p", i, positive=True), d.label("t", of=i), d.input("a")
    d.assume(Sum(p[i], i), 1)
    d.assume(a, 3)
    named = {"p[1]": p[1], "p[2]": p[2], "t": t, "a": a}
    found = Counterexample(((n, size),), (), tuple((named[name], number) for name, number in values.items()), "", "")
    assert keeps_to(d.program, found) == kept


# Misuse


def names_on(d: Derivation) -> dict[str, Any]:
    """A page's names: sizes, indices, inputs, labels, a function, a node, an objective."""
    m, n = d.sizes("m n")
    i, k = d.indices("i k", m)
    j, low = d.index("j", n), d.index("l", i)
    a, b = d.inputs("a b")
    x, A, M = d.input("x", i), d.input("A", i, j), d.input("M", i, k)
    t, s = d.label("t", i, of=j), d.label("s", of=j)
    phi = d.function("phi")
    y = d.let("y", i, a * x[i])
    f = d.objective("f", y)
    return dict(locals())


def no_form(what: str) -> str:
    return f"assume: {what} is of no known form. Inputs can be assumed to be: {'; '.join(f'assume({row.form})' for row in KINDS.values())}."


def beyond(position: str, array: str = "x") -> str:
    return f"{array}[{position}]: {position} may leave the range 1..m of that dimension of {array}."


REFUSED = [
    # about                               what a page writes                                                                              error       the whole text
    ("labels in a range of an index",     lambda d, low, **_: d.label("u", of=low),                                                       TermError,  "u: the range 1..i of its entries depends on an index."),
    ("a label's name twice",              lambda d, i, j, **_: d.label("t", i, of=j),                                                     TermError,  "t is already declared; each name is declared once."),
    ("labels without an index",           lambda t, A, i, **_: A[i, t],                                                                   TermError,  "t is an array; write its entry t[i]."),
    ("a label of another range",          lambda d, t, x, i, **_: d.claim("c", x[t[i]], 0),                                               ShapeError, "claim c: " + beyond("t[i]")),
    ("a label and one more",              lambda d, t, A, i, **_: d.claim("c", A[i, t[i] + 1], 0),                                        ShapeError, "claim c: A[i, t[i] + 1]: t[i] + 1 may leave the range 1..n of that dimension of A."),
    ("a label of a label",                lambda d, t, i, **_: d.claim("c", t[t[i]], 0),                                                  ShapeError, "claim c: " + beyond("t[i]", "t")),
    ("a derivative w.r.t. a label",       lambda d, t, i, f, **_: d.claim("c", f.wrt(t[i]), 0),                                           TermError,  "claim c: a derivative w.r.t. t[i], which is a whole number."),
    ("a delta of a value and a label",    lambda d, t, x, i, **_: d.claim("c", Delta(x[i], t[i]), 0),                                     TermError,  "claim c: Delta(x[i], t[i]): a delta compares positions, which are whole numbers."),
    ("a label that is out of range",      lambda d, s, **_: d.assume(s, 0),                                                               TermError,  "assume: s cannot be 0; it was declared positive."),
    ("a function's name twice",           lambda d, **_: d.function("a"),                                                                 TermError,  "a is already declared; each name is declared once."),
    ("a function without an argument",    lambda d, phi, a, **_: d.claim("c", phi.head + a, 0),                                           TermError,  "claim c: phi in a + phi is a function; write phi(z) for its value at z."),
    ("a derivative w.r.t. a function",    lambda d, phi, f, **_: d.claim("c", f.wrt(phi.head), 0),                                        TermError,  "claim c: phi in Total(f, phi) is a function; write phi(z) for its value at z."),
    ("a function of an objective",        lambda phi, f, **_: phi(f),                                                                     TermError,  "f is an objective; its derivatives are terms: f.wrt(x[i]). Name its value with let."),
    ("before the first",                  lambda d, x, i, **_: d.claim("c", x[i - 1], 0),                                                 ShapeError, "claim c: " + beyond("i - 1")),
    ("a guard at the other end",          lambda d, x, i, m, **_: d.claim("c", Where(i < m, x[i - 1], 0), 0),                             ShapeError, "claim c: " + beyond("i - 1")),
    ("a guard that says nothing",         lambda d, x, i, **_: d.claim("c", Where(i >= 1, x[i - 1], 0), 0),                               ShapeError, "claim c: " + beyond("i - 1")),
    ("a guard off by one",                lambda d, x, i, **_: d.claim("c", Where(i > 1, x[i - 2], 0), 0),                                ShapeError, "claim c: " + beyond("i - 2")),
    ("the branch that is not guarded",    lambda d, x, i, **_: d.claim("c", Where(i > 1, 0, x[i - 1]), 0),                                ShapeError, "claim c: " + beyond("i - 1")),
    ("a guard of another index",          lambda d, x, i, k, **_: d.claim("c", Where(k > 1, x[i - 1], 0), 0),                             ShapeError, "claim c: " + beyond("i - 1")),
    ("a guard under Or",                  lambda d, x, i, a, **_: d.claim("c", Where(Or(i > 1, a > 0), x[i - 1], 0), 0),                  ShapeError, "claim c: " + beyond("i - 1")),
    ("a guard beside it, not around",     lambda d, x, i, **_: d.claim("c", Where(i > 1, 1, 0) * x[i - 1], 0),                            ShapeError, "claim c: " + beyond("i - 1")),
    ("a stride that is too long",         lambda d, x, i, **_: d.claim("c", x[2 * i], 0),                                                 ShapeError, "claim c: " + beyond("2*i")),
    ("half a position",                   lambda x, i, **_: x[i / 2],                                                                     ShapeError, "x[i/2]: i/2 is not a whole number for every position."),
    ("beyond an assumed size",            lambda d, m, n, x, j, **_: (d.assume(m, n + 1), d.claim("c", x[j + 2], 0)),                     ShapeError, "claim c: " + beyond("j + 2")),
    ("a case of a value",                 lambda x, i, **_: Where(x[i], 1, 0),                                                            TermError,  "Where needs one comparison such as x[i] > 0, not x[i]."),
    ("two conditions as a tuple",         lambda i, m, **_: Where((i > 1, i < m), 1, 0),                                                  TermError,  "Where needs one comparison such as x[i] > 0, not (i > 1, i < m)."),
    ("a product over nothing",            lambda x, i, **_: Product(x[i]),                                                                TermError,  "Product needs an index: Product(x[i], i)."),
    ("a product of an array",             lambda x, i, **_: Product(x, i),                                                                TermError,  "x is an array; write its entry x[i]."),
    ("a product over a range",            lambda x, i, m, **_: Product(x[i], (i, 1, m)),                                                  TermError,  "Product over (i, 1, m): an index brings its own range; declare it, i = d.index('i', n), and write Product(x[i], i)."),
    ("a condition that Python decided",   lambda x, i, k, **_: Product(x[i], i, i != k),                                                  TermError,  "a condition of Product became a plain True or False: write Ne(i, j) or Eq(i, j), not i != j."),
    ("a derivative w.r.t. what is held",  lambda d, x, i, f, **_: d.claim("c", f.wrt(stop_gradient(x[i])), 0),                            TermError,  "claim c: a derivative w.r.t. stop_gradient(x[i]): only w.r.t. a declared symbol or an element."),
    ("a bound that is a float",           lambda d, x, i, **_: d.claim("c", clamp(x[i], 0, 1.5), 0),                                      TermError,  "claim c: Min(1.5, Max(0, x[i])) has the float 1.50000000000000; write an exact number, such as Rational(1, 3) or Rational('0.1')."),
    ("a recurrence on itself",            lambda d, i, **_: d.let("h", i, lambda h: h[i] + 1),                                            TermError,  "h = h[i] + 1: h rests on itself; in a recurrence one index must be surely less, or surely more."),
    ("a recurrence without a start",      lambda d, i, **_: d.let("h", i, lambda h: h[i - 1] + 1),                                        ShapeError, beyond("i - 1", "h")),
    ("a recurrence both ways",            lambda d, i, m, **_: d.let("h", i, lambda h: Where(And(i > 1, i < m), h[i - 1] + h[i + 1], 0)), TermError,  "h = Where(i < m, Where(i > 1, h[i - 1] + h[i + 1], 0), 0): h rests on itself; in a recurrence one index must be surely less, or surely more."),
    ("a recurrence on all of itself",     lambda d, x, i, k, **_: d.let("h", i, lambda h: x[i] + Sum(h[k], k)),                           TermError,  "h = x[i] + Sum(h[k_1], k_1): h rests on itself; in a recurrence one index must be surely less, or surely more."),
    ("a recurrence along two dimensions", lambda d, i, k, **_: d.let("h", i, k, lambda h: Where(i > 1, h[i - 1, k], 0) + Where(k > 1, h[i, k - 1], 0)), TermError,  "h = Where(i > 1, h[i - 1, k], 0) + Where(k > 1, h[i, k - 1], 0): h rests on itself; in a recurrence one index must be surely less, or surely more."),
    ("a recurrence of a number",          lambda d, **_: d.let("h", lambda h: h + 1),                                                     TermError,  "h = h + 1: h rests on itself; in a recurrence one index must be surely less, or surely more."),
    ("a definition over a size",          lambda d, x, m, **_: d.let("h", m, x[1]),                                                       TermError,  "h: a definition runs over indices, i = d.index('i', n), not over m."),
    ("a definition over a number",        lambda d, x, **_: d.let("h", 3, x[1]),                                                          TermError,  "h: a definition runs over indices, i = d.index('i', n), not over 3."),
    ("two definitions over a size",       lambda d, m, **_: d.lets("h q", m, lambda h, q: (1, 2)),                                        TermError,  "h: a definition runs over indices, i = d.index('i', n), not over m."),
    ("an assumption on a node",           lambda d, y, **_: d.assume(y[1], 0),                                                            TermError,  "assume: y[1] must be an input, a size or one element of an input."),
    ("on a node's sum",                   lambda d, y, i, **_: d.assume(Sum(y[i], i), 0),                                                 TermError,  "assume: y is defined on this page; assume something of the inputs that it is made of."),
    ("on a gradient",                     lambda d, f, y, **_: d.assume(f.wrt(y[1]), 1),                                                  TermError,  "assume: Total(f, y[1]) must be an input, a size or one element of an input."),
    ("on a function",                     lambda d, phi, **_: d.assume(phi.head, 0),                                                      TermError,  "phi in phi is a function; write phi(z) for its value at z."),
    ("a number as an entry",              lambda d, a, x, i, **_: d.assume(a, x[i]),                                                      TermError,  "assume: a is one number at every i, and x[i] is not; assume it of an entry at i."),
    ("a sum as an entry",                 lambda d, x, y, i, k, **_: d.assume(Sum(x[i], i), x[k]),                                        TermError,  "assume: Sum(x[i_1], i_1) is one number at every k, and x[k] is not; assume it of an entry at k."),
    ("of no known form",                  lambda d, x, i, **_: d.assume(Sum(x[i] ** 3, i), 1),                                            TermError,  no_form("Sum(x[i_1]**3, i_1) = 1")),
    ("a norm other than one",             lambda d, x, i, **_: d.assume(Sum(x[i] ** 2, i), 2),                                            TermError,  no_form("Sum(x[i_1]**2, i_1) = 2")),
    ("a sum with a condition",            lambda d, x, i, **_: d.assume(Sum(x[i], i, i > 1), 1),                                          TermError,  no_form("Sum(Where(i_1 > 1, x[i_1], 0), i_1) = 1")),
    ("a sum over part of a dimension",    lambda d, x, m, **_: d.assume(Sum(x[(q := d.index("q", m, lower=2))], q), 1),                   TermError,  "assume: Sum(x[q_1], q_1) = 1 must hold of the whole of x: use indices with its ranges."),
    ("a sum over a changing part",        lambda d, x, low, **_: d.assume(Sum(x[low], low), 1),                                           TermError,  "assume: Sum(x[l_1], l_1) = 1 must hold of the whole of x: use indices with its ranges."),
    ("a diagonal",                        lambda d, M, i, **_: d.assume(M[i, i], 1),                                                      TermError,  no_form("M[i, i] = 1")),
    ("the sum of labels",                 lambda d, t, i, **_: d.assume(Sum(t[i], i), 1),                                                 TermError,  no_form("Sum(t[i_1], i_1) = 1")),
    ("a comparison",                      lambda d, x, i, **_: d.assume(x[i] > 0, 1),                                                     TermError,  "x[i] > 0 is not a formula with a value; compare inside Where(condition, a, b)."),
    ("symmetry of what is not square",    lambda d, A, i, j, **_: d.assume(A[i, j], A[j, i]),                                             ShapeError, "A[j, i]: j (in 1..n) may leave the range 1..m of that dimension of A."),
    ("two on one input",                  lambda d, x, i, **_: (d.assume(Sum(x[i], i), 1), d.assume(Sum(x[i] ** 2, i), 1)),               TermError,  "assume: Sum(x[i_1]**2, i_1) = 1: one assumption for an input, and none that rests on another."),
    ("an element's and its input's",      lambda d, x, i, **_: (d.assume(x[1], 1), d.assume(Sum(x[i], i), 1)),                            TermError,  "assume: Sum(x[i_1], i_1) = 1: one assumption for an input, and none that rests on another."),
    ("an input's and its element's",      lambda d, x, i, **_: (d.assume(Sum(x[i], i), 1), d.assume(x[1], 1)),                            TermError,  "assume: x[1] is assumed twice, or rests on itself."),
    ("one that rests on another",         lambda d, x, i, a, **_: (d.assume(a, 1), d.assume(Sum(x[i], i), a)),                            TermError,  "assume: Sum(x[i_1], i_1) = a: one assumption for an input, and none that rests on another."),
]  # fmt: skip


@pytest.mark.parametrize(("about", "write", "error", "text"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_refused(about, write, error, text):
    with pytest.raises(error) as raised:
        write(**names_on(Derivation("a page")))
    assert str(raised.value) == text


# The usual assumption under which a wrong step holds


@cache
def normalized() -> SimpleNamespace:
    d = Derivation("normalization")
    m = d.size("m")
    i, j = d.indices("i j", m)
    x, eps = d.input("x", i), d.input("varepsilon", positive=True)
    mu = d.let("mu", Sum(x[i], i) / m)
    var = d.let("v", Sum((x[i] - mu) ** 2, i) / m)
    h = d.let("h", i, (x[i] - mu) / sqrt(var + eps))
    f = d.objective("f", h)
    root, up = sqrt(var + eps), f.wrt(h[i])
    mean, spread = Sum(f.wrt(h[j]), j) / m, h[i] * Sum(f.wrt(h[j]) * h[j], j) / m
    return SimpleNamespace(**locals())


@cache
def attended() -> SimpleNamespace:
    d = Derivation("attention weights")
    n = d.size("n")
    i, j, k = d.indices("i j k", n)
    s, v = d.input("s", i, j), d.input("V", j)
    total = d.let("Z", i, Sum(exp(s[i, k]), k))
    weight = d.let("A", i, j, exp(s[i, j]) / total[i])
    o = d.let("o", i, Sum(weight[i, j] * v[j], j))
    f = d.objective("f", o)
    return SimpleNamespace(**locals())


@cache
def weighted() -> SimpleNamespace:
    """A policy's return with a baseline, one weight under mean squared error, and a quadratic form."""
    d = Derivation("one weight")
    n = d.size("n")
    i, j, k = d.indices("i j k", n)
    x, y, w, M = d.input("x", i), d.input("y", i), d.input("w"), d.input("M", i, j)
    slack = d.input(r"\rho", nonnegative=True)
    loss = d.objective("J", Sum((w * x[i] - y[i]) ** 2, i) / n)
    baseline = d.let("b", w**2)
    score = d.let("l", log(sigmoid(w)))
    ret = d.objective("R", baseline * score)
    square = Sum(x[i] ** 2, i)
    return SimpleNamespace(**locals())


def nothing_assumed() -> SimpleNamespace:
    return soft_targets("nothing")


USUAL = [
    # about                         page                             left and right                                                                                                               what is assumed
    ("targets that sum to one",     nothing_assumed,                 lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                                                           ["Σₖ tᵢₖ = 1"]),
    ("wrong all the same",          nothing_assumed,                 lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - 3 * p.t[p.i, p.k]),                                                       []),
    ("the wrong way round",         nothing_assumed,                 lambda p: (p.L.wrt(p.z[p.i, p.k]), p.t[p.i, p.k] - p.p[p.i, p.k]),                                                           []),
    ("another one is given",        lambda: soft_targets("columns"), lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                                                           []),
    ("mean and variance held",      normalized,                      lambda p: (p.f.wrt(p.x[p.i]), p.up / p.root),                                                                                ["μ = sg(μ)", "v = sg(v)"]),
    ("the variance held",           normalized,                      lambda p: (p.f.wrt(p.x[p.i]), (p.up - p.mean) / p.root),                                                                     ["v = sg(v)"]),
    ("the mean held",               normalized,                      lambda p: (p.f.wrt(p.x[p.i]), (p.up - p.spread) / p.root),                                                                   ["μ = sg(μ)"]),
    ("held, and a factor too much", normalized,                      lambda p: (p.f.wrt(p.x[p.i]), 2 * p.up / p.root),                                                                            []),
    ("nothing but zero is left",    normalized,                      lambda p: (p.d.total(p.mu, p.x[p.i]), 0),                                                                                    []),
    ("no slack: the norm",          normalized,                      lambda p: (Sum(p.h[p.i] ** 2, p.i), p.m),                                                                                    ["ε = 0"]),
    ("no slack: in a gradient",     normalized,                      lambda p: (p.f.wrt(p.var), -Sum(p.up * (p.x[p.i] - p.mu), p.i) / (2 * p.var ** Rational(3, 2))),                             ["ε = 0"]),
    ("a normalizer held",           attended,                        lambda p: (p.f.wrt(p.s[p.i, p.j]), p.f.wrt(p.o[p.i]) * p.weight[p.i, p.j] * p.v[p.j]),                                       ["Zᵢ = sg(Zᵢ)"]),
    ("a baseline held",             weighted,                        lambda p: (p.ret.wrt(p.w), p.baseline * p.d.total(p.score, p.w)),                                                            ["b = sg(b)"]),
    ("one sample for the mean",     weighted,                        lambda p: (p.loss.wrt(p.w), 2 * (p.w * p.x[1] - p.y[1]) * p.x[1]),                                                           ["n = 1"]),
    ("any sample for the mean",     weighted,                        lambda p: (p.loss.wrt(p.w), 2 * (p.w * p.x[p.i] - p.y[p.i]) * p.x[p.i]),                                                     ["n = 1"]),
    ("a symmetric form",            weighted,                        lambda p: (p.d.total(Sum(p.x[p.i] * p.M[p.i, p.j] * p.x[p.j], p.i, p.j), p.x[p.i]), 2 * Sum(p.M[p.i, p.j] * p.x[p.j], p.j)), ["Mᵢⱼ = Mⱼᵢ"]),
    ("that vanishes at size 2",     weighted,                        lambda p: ((p.n - 2) * Sum(p.M[p.i, p.j] * p.x[p.j], p.j), (p.n - 2) * Sum(p.M[p.j, p.i] * p.x[p.j], p.j)),                  ["Mᵢⱼ = Mⱼᵢ"]),
    ("a slack that may be 0",       weighted,                        lambda p: (p.square / (sqrt(p.square) + p.slack), sqrt(p.square)),                                                           ["ρ = 0"]),
    ("lengths are kept",            weighted,                        lambda p: (Sum(Sum(p.M[p.i, p.j] * p.x[p.j], p.j) ** 2, p.i), p.square),                                                     ["Σₖ Mₖᵢ·Mₖⱼ = δᵢⱼ"]),
    ("a unit vector",               weighted,                        lambda p: (p.d.total(p.x[p.k] / sqrt(p.square), p.x[p.j]), Delta(p.j, p.k) - p.x[p.j] * p.x[p.k]),                           ["Σᵢ xᵢ² = 1"]),
    ("shares of one",               weighted,                        lambda p: (Sum(p.x[p.k] * (1 - p.x[p.k]), p.k), 1 - p.square),                                                               ["Σᵢ xᵢ = 1"]),
    ("a slope is lost",             network,                         lambda p: (p.f.wrt(p.z[p.i]), p.f.wrt(p.u[p.i])),                                                                            []),
    ("a recurrence, slopes lost",   recurrent,                       lambda p: (p.f.wrt(p.W[p.a, p.b]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.before, p.t)),                                             []),
]  # fmt: skip


@pytest.mark.parametrize(("about", "page", "members", "assumed"), USUAL, ids=[row[0] for row in USUAL])
def test_the_usual_assumption(about, page, members, assumed):
    step, program, judgement = judged(page, members)
    assert isinstance(judgement.graph, Refuted)
    assert [f"{text(what)} = {text(value)}" for what, value in usual_assumption(step.left, step.right, program)] == assumed


PAGE = """
from sympy import sqrt
from symderiv import Derivation, Sum
d = Derivation("a mean that is held")
i = d.index("i", d.size("m"))
x = d.input("x", i)
mu = d.let("mu", Sum(x[i], i) / d.program.sizes[0])
y = d.let("y", i, x[i] - mu)
f = d.objective("f", y)
d.claim("held", f.wrt(x[i]), f.wrt(y[i]))
d.claim("wrong", f.wrt(x[i]), 2 * f.wrt(y[i]))
"""


def test_a_page_says_what_a_wrong_step_holds_under(tmp_path):
    (tmp_path / "page.py").write_text(PAGE)
    page = load(str(tmp_path / "page.py"))
    assert [[f.text for f in judge(page, k).holds_if] for k in (0, 1)] == [["μ is held constant"], []]
