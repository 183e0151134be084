"""What pages can say beyond sums of elements: labels, unknown functions, products, cases, recurrences, constraints.

Each feature has right claims that are proved, natural wrong ones that are refuted, and misuses that are refused.
"""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from functools import cache
from types import SimpleNamespace

import pytest
from plain import confirms
from sympy import Abs, And, Eq, Max, Min, Ne, Not, Or, Rational, exp, log, pi, sqrt, sympify, tanh

from symderiv import Delta, Derivation, Product, Sum, Where, clamp, relu, sigmoid, softplus, stop_gradient
from symderiv.claim import Step
from symderiv.errors import ShapeError, SymderivError, TermError
from symderiv.notation import text
from symderiv.usual import usual_assumption
from symderiv.verdict import Refuted, name_of
from symderiv.verify import judge_step

HALF = Rational(1, 2)


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
    p, w, A, S, Q, e = d.input("p", i, positive=True), d.input("w", i), d.input("A", i, j), d.input("S", i, j), d.input("Q", i, j), d.input("e", i)
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
    # about                                  page       left and right                                                                                          on the graph, formally
    # labels
    ("softmax less the label",               labelled,  lambda p: (p.L.wrt(p.z[p.i, p.k]), (p.p[p.i, p.k] - Delta(p.k, p.t[p.i])) / p.B),                              P, R),
    ("the label as a case",                  labelled,  lambda p: (p.L.wrt(p.z[p.i, p.k]), (p.p[p.i, p.k] - Where(Eq(p.k, p.t[p.i]), 1, 0)) / p.B),                    P, R),
    ("no label",                             labelled,  lambda p: (p.L.wrt(p.z[p.i, p.k]), (p.p[p.i, p.k] - 1) / p.B),                                                 R, R),
    ("another sample's label",               labelled,  lambda p: (p.L.wrt(p.z[p.i, p.k]), (p.p[p.i, p.k] - Delta(p.k, p.t[p.r])) / p.B),                              R, R),
    ("the mean is lost",                     labelled,  lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - Delta(p.k, p.t[p.i])),                                      R, R),
    ("the wrong way round",                  labelled,  lambda p: (p.L.wrt(p.z[p.i, p.k]), (Delta(p.k, p.t[p.i]) - p.p[p.i, p.k]) / p.B),                              R, R),
    ("at the label itself",                  labelled,  lambda p: (p.L.wrt(p.z[p.i, p.t[p.i]]), (p.p[p.i, p.t[p.i]] - 1) / p.B),                                       P, R),
    ("at the label, no minus one",           labelled,  lambda p: (p.L.wrt(p.z[p.i, p.t[p.i]]), p.p[p.i, p.t[p.i]] / p.B),                                             R, R),
    ("log-sum-exp less the label's logit",   labelled,  lambda p: (p.L.head, Sum(log(Sum(exp(p.z[p.i, p.k]), p.k)) - p.z[p.i, p.t[p.i]], p.i) / p.B),                  P, R),
    ("a one-hot row sums to one",            labelled,  lambda p: (Sum(Delta(p.k, p.t[p.i]), p.k), 1),                                                                 P, P),
    ("a column does not",                    labelled,  lambda p: (Sum(Delta(p.k, p.t[p.i]), p.i), 1),                                                                 R, R),
    ("the counts sum to the samples",        labelled,  lambda p: (Sum(Delta(p.k, p.t[p.i]), p.i, p.k), p.B),                                                          P, P),
    ("a one-hot product picks",              labelled,  lambda p: (Sum(Delta(p.k, p.t[p.i]) * p.z[p.i, p.k], p.k), p.z[p.i, p.t[p.i]]),                                P, P),
    ("two one-hot rows",                     labelled,  lambda p: (Sum(Delta(p.k, p.t[p.i]) * Delta(p.k, p.t[p.r]), p.k), Delta(p.t[p.i], p.t[p.r])),                  P, P),
    ("labels may be alike",                  labelled,  lambda p: (Delta(p.t[p.i], p.t[p.r]), Delta(p.i, p.r)),                                                        R, R),
    ("a one-hot square is itself",           labelled,  lambda p: (Sum(Delta(p.k, p.t[p.i]) ** 2 * p.z[p.i, p.k], p.k), p.z[p.i, p.t[p.i]]),                           P, P),
    ("the others' probability",              labelled,  lambda p: (Sum(p.p[p.i, p.k], p.k, Ne(p.k, p.t[p.i])), 1 - p.p[p.i, p.t[p.i]]),                                P, R),
    ("softmax Jacobian at the label",        labelled,  lambda p: (p.d.total(p.p[p.i, p.t[p.i]], p.z[p.i, p.k]), p.p[p.i, p.t[p.i]] * (Delta(p.k, p.t[p.i]) - p.p[p.i, p.k])), P, R),
    ("Jacobian, the sample's delta lost",    labelled,  lambda p: (p.d.total(p.p[p.r, p.t[p.r]], p.z[p.i, p.k]), p.p[p.r, p.t[p.r]] * (Delta(p.k, p.t[p.r]) - p.p[p.r, p.k])), R, R),
    ("rows of an embedding",                 embedded,  lambda p: (p.f.wrt(p.E[p.v, p.a]), Sum(p.f.wrt(p.e[p.i, p.a]) * Delta(p.v, p.w[p.i]), p.i)),                   P, P),
    ("rows by a case",                       embedded,  lambda p: (p.f.wrt(p.E[p.v, p.a]), Sum(Where(Eq(p.w[p.i], p.v), p.f.wrt(p.e[p.i, p.a]), 0), p.i)),             P, P),
    ("rows by a condition",                  embedded,  lambda p: (p.f.wrt(p.E[p.v, p.a]), Sum(p.f.wrt(p.e[p.i, p.a]), p.i, Eq(p.w[p.i], p.v))),                       P, P),
    ("every row gets all",                   embedded,  lambda p: (p.f.wrt(p.E[p.v, p.a]), Sum(p.f.wrt(p.e[p.i, p.a]), p.i)),                                          R, R),
    ("the last of a word's places only",     embedded,  lambda p: (p.f.wrt(p.E[p.w[p.i], p.a]), p.f.wrt(p.e[p.i, p.a])),                                               R, R),
    ("all of a word's places",               embedded,  lambda p: (p.f.wrt(p.E[p.w[p.i], p.a]), Sum(p.f.wrt(p.e[p.r, p.a]) * Delta(p.w[p.i], p.w[p.r]), p.r)),         P, P),
    ("distinct words",                       lambda: embedded(True), lambda p: (p.f.wrt(p.E[p.w[p.i], p.a]), p.f.wrt(p.e[p.i, p.a])),                                  P, R),
    ("an entry of the embedding",            embedded,  lambda p: (p.d.total(p.e[p.i, p.a], p.E[p.v, p.a]), Delta(p.v, p.w[p.i])),                                     P, P),
    ("max pooling, in its window",           pooled,    lambda p: (p.f.wrt(p.x[p.S * (p.p - 1) + p.u]), Where(Eq(p.u, p.m[p.p]), p.f.wrt(p.y[p.p]), 0)),                P, P),
    ("max pooling, any position",            pooled,    lambda p: (p.f.wrt(p.x[p.q]), Sum(p.f.wrt(p.y[p.p]) * Delta(p.q, p.S * (p.p - 1) + p.m[p.p]), p.p)),           P, P),
    ("every position wins",                  pooled,    lambda p: (p.f.wrt(p.x[p.S * (p.p - 1) + p.u]), p.f.wrt(p.y[p.p])),                                            R, R),
    ("the winner a window late",             pooled,    lambda p: (p.f.wrt(p.x[p.q]), Sum(p.f.wrt(p.y[p.p]) * Delta(p.q, p.S * p.p + p.m[p.p]), p.p)),                 R, R),
    # unknown functions
    ("inner weights",                        network,   lambda p: (p.f.wrt(p.W[p.i, p.j]), p.psi.derivative(p.o) * p.v[p.i] * p.phi.derivative(p.z[p.i]) * p.x[p.j]),   P, P),
    ("inner weights, lost index",            network,   lambda p: (p.f.wrt(p.W[p.i, p.j]), p.psi.derivative(p.o) * p.v[p.i] * p.phi.derivative(p.z[p.i]) * Sum(p.x[p.j], p.j)), R, R),
    ("the activation in place of its slope", network,   lambda p: (p.f.wrt(p.W[p.i, p.j]), p.f.wrt(p.u[p.i]) * p.phi(p.z[p.i]) * p.x[p.j]),                            R, R),
    ("the slope at the activation",          network,   lambda p: (p.f.wrt(p.z[p.i]), p.f.wrt(p.u[p.i]) * p.phi.derivative(p.u[p.i])),                                 R, R),
    ("the slope's sign",                     network,   lambda p: (p.f.wrt(p.z[p.i]), -p.f.wrt(p.u[p.i]) * p.phi.derivative(p.z[p.i])),                                R, R),
    ("the second derivative for the first",  network,   lambda p: (p.f.wrt(p.z[p.i]), p.f.wrt(p.u[p.i]) * p.phi.derivative(p.z[p.i], 2)),                              R, R),
    ("input",                                network,   lambda p: (p.f.wrt(p.x[p.j]), Sum(p.f.wrt(p.z[p.i]) * p.W[p.i, p.j], p.i)),                                    P, P),
    ("input, not transposed",                network,   lambda p: (p.f.wrt(p.x[p.j]), Sum(p.f.wrt(p.z[p.i]), p.i) * Sum(p.W[p.i, p.j], p.i)),                          R, R),
    ("a partial derivative",                 network,   lambda p: (p.d.partial(p.u[p.i], p.z[p.i]), p.phi.derivative(p.z[p.i])),                                       P, P),
    ("another unit's",                       network,   lambda p: (p.d.total(p.u[p.i], p.W[p.i, p.j]), p.phi.derivative(p.z[p.i]) * p.x[p.j]),                         P, P),
    ("a mirrored argument",                  network,   lambda p: (p.d.total(p.phi(-p.a), p.a), -p.phi.derivative(-p.a)),                                              P, P),
    ("mirrored, the minus lost",             network,   lambda p: (p.d.total(p.phi(-p.a), p.a), p.phi.derivative(-p.a)),                                               R, R),
    ("a function of a function",             network,   lambda p: (p.d.total(p.psi(p.phi(p.a)), p.a), p.psi.derivative(p.phi(p.a)) * p.phi.derivative(p.a)),           P, P),
    ("twice, both terms",                    network,   lambda p: (p.d.total(p.d.total(p.psi(p.phi(p.a)), p.a), p.a), p.psi.derivative(p.phi(p.a), 2) * p.phi.derivative(p.a) ** 2 + p.psi.derivative(p.phi(p.a)) * p.phi.derivative(p.a, 2)), P, P),
    ("twice, one term",                      network,   lambda p: (p.d.total(p.d.total(p.psi(p.phi(p.a)), p.a), p.a), p.psi.derivative(p.phi(p.a), 2) * p.phi.derivative(p.a) ** 2), R, R),
    ("a square inside",                      network,   lambda p: (p.d.total(p.phi(p.a**2), p.a), 2 * p.a * p.phi.derivative(p.a**2)),                                 P, P),
    ("the inner derivative is lost",         network,   lambda p: (p.d.total(p.phi(p.a**2), p.a), p.phi.derivative(p.a**2)),                                           R, R),
    ("a product of two",                     network,   lambda p: (p.d.total(p.phi(p.a) * p.psi(p.a), p.a), p.phi.derivative(p.a) * p.psi(p.a) + p.phi(p.a) * p.psi.derivative(p.a)), P, P),
    ("a product of the slopes",              network,   lambda p: (p.d.total(p.phi(p.a) * p.psi(p.a), p.a), p.phi.derivative(p.a) * p.psi.derivative(p.a)),            R, R),
    ("the log of one",                       network,   lambda p: (p.d.total(log(p.phi(p.a) ** 2 + 1), p.a), 2 * p.phi(p.a) * p.phi.derivative(p.a) / (p.phi(p.a) ** 2 + 1)), P, P),
    ("equal arguments",                      network,   lambda p: (p.phi((p.a + p.b) ** 2), p.phi(p.a**2 + 2 * p.a * p.b + p.b**2)),                                   P, P),
    ("it is not linear",                     network,   lambda p: (p.phi(p.a + p.b), p.phi(p.a) + p.phi(p.b)),                                                         R, R),
    ("it is not even",                       network,   lambda p: (p.phi(-p.a), p.phi(p.a)),                                                                           R, R),
    ("it is not another",                    network,   lambda p: (p.phi(p.a), p.psi(p.a)),                                                                            R, R),
    ("its third derivative",                 network,   lambda p: (p.d.total(p.phi.derivative(p.a, 2), p.a), p.phi.derivative(p.a, 3)),                                P, P),
    ("of order off by one",                  network,   lambda p: (p.d.total(p.phi.derivative(p.a, 2), p.a), p.phi.derivative(p.a, 2)),                                R, R),
    ("a linear model's score",               network,   lambda p: (p.d.total(p.glm, p.w[p.j]), Sum((p.phi.derivative(p.eta[p.s]) - p.y[p.s]) * p.X[p.s, p.j], p.s)),   P, P),
    ("its Hessian",                          network,   lambda p: (p.d.total(p.d.total(p.glm, p.w[p.j]), p.w[p.k]), Sum(p.phi.derivative(p.eta[p.s], 2) * p.X[p.s, p.j] * p.X[p.s, p.k], p.s)), P, P),
    ("its Hessian, order off by one",        network,   lambda p: (p.d.total(p.d.total(p.glm, p.w[p.j]), p.w[p.k]), Sum(p.phi.derivative(p.eta[p.s]) * p.X[p.s, p.j] * p.X[p.s, p.k], p.s)), R, R),
    # products
    ("a product over the one",               likelihood, lambda p: (p.d.total(p.G, p.x[p.j]), p.G / p.x[p.j]),                                                         P, R),
    ("the others are lost",                  likelihood, lambda p: (p.d.total(p.G, p.x[p.j]), 1),                                                                      R, R),
    ("the one remains",                      likelihood, lambda p: (p.d.total(p.G, p.x[p.j]), p.G),                                                                    R, R),
    ("a shared term over each",              likelihood, lambda p: (p.d.total(Product(p.g[p.i] + p.c**2, p.i), p.c), Product(p.g[p.i] + p.c**2, p.i) * Sum(2 * p.c / (p.g[p.i] + p.c**2), p.i)), P, P),
    ("a shared term, others lost",           likelihood, lambda p: (p.d.total(Product(p.x[p.i] + p.c, p.i), p.c), Sum(p.x[p.i] + p.c, p.i)),                           R, R),
    ("a factor comes out n times",           likelihood, lambda p: (Product(2 * p.x[p.i], p.i), 2**p.n * p.G),                                                         P, R),
    ("a factor comes out once",              likelihood, lambda p: (Product(2 * p.x[p.i], p.i), 2 * p.G),                                                              R, R),
    ("a factor n times as much",             likelihood, lambda p: (Product(p.c * p.x[p.i], p.i), p.n * p.c * p.G),                                                    R, R),
    ("a constant",                           likelihood, lambda p: (Product(p.c, p.i), p.c**p.n),                                                                      P, P),
    ("a product of products",                likelihood, lambda p: (Product(p.x[p.i] * p.t[p.i], p.i), Product(p.x[p.i], p.i) * Product(p.t[p.i], p.i)),               P, P),
    ("a product of sums",                    likelihood, lambda p: (Product(p.x[p.i] + p.t[p.i], p.i), Product(p.x[p.i], p.i) + Product(p.t[p.i], p.i)),               R, R),
    ("the exponential of a sum",             likelihood, lambda p: (Product(exp(p.x[p.i]), p.i), exp(Sum(p.x[p.i], p.i))),                                             P, P),
    ("the exponential of a product",         likelihood, lambda p: (Product(exp(p.x[p.i]), p.i), exp(Product(p.x[p.i], p.i))),                                         R, R),
    ("the log of a product",                 likelihood, lambda p: (log(Product(p.g[p.i], p.i)), Sum(log(p.g[p.i]), p.i)),                                             P, P),
    ("the log of each factor",               likelihood, lambda p: (log(Product(p.g[p.i], p.i)), Product(log(p.g[p.i]), p.i)),                                         R, R),
    ("powers",                               likelihood, lambda p: (Product(p.x[p.i] ** 2 * p.t[p.i], p.i), p.G**2 * Product(p.t[p.i], p.i)),                          P, R),
    ("powers, one lost",                     likelihood, lambda p: (Product(p.x[p.i] ** 2 * p.t[p.i], p.i), p.G * Product(p.t[p.i], p.i)),                             R, R),
    ("normal: the log",                      likelihood, lambda p: (log(p.normal), -Sum((p.x[p.i] - p.mu) ** 2, p.i) / (2 * p.sigma**2) - p.n * log(p.sigma) - p.n * log(2 * pi) / 2), P, R),
    ("normal: the log, n lost",              likelihood, lambda p: (log(p.normal), -Sum((p.x[p.i] - p.mu) ** 2, p.i) / (2 * p.sigma**2) - log(p.sigma) - log(2 * pi) / 2), R, R),
    ("normal: the mean's score",             likelihood, lambda p: (p.d.total(log(p.normal), p.mu), Sum(p.x[p.i] - p.mu, p.i) / p.sigma**2),                           P, R),
    ("normal: the likelihood's derivative",  likelihood, lambda p: (p.d.total(p.normal, p.mu), p.normal * Sum(p.x[p.i] - p.mu, p.i) / p.sigma**2),                     P, R),
    ("normal: the likelihood is lost",       likelihood, lambda p: (p.d.total(p.normal, p.mu), Sum(p.x[p.i] - p.mu, p.i) / p.sigma**2),                                R, R),
    ("normal: the deviation's score",        likelihood, lambda p: (p.d.total(log(p.normal), p.sigma), Sum((p.x[p.i] - p.mu) ** 2, p.i) / p.sigma**3 - p.n / p.sigma), P, R),
    ("normal: the variance for it",          likelihood, lambda p: (p.d.total(log(p.normal), p.sigma), Sum((p.x[p.i] - p.mu) ** 2, p.i) / p.sigma**2 - p.n / p.sigma), R, R),
    ("Bernoulli: the log",                   likelihood, lambda p: (log(p.bernoulli), Sum(p.t[p.i] * log(p.p[p.i]) + (1 - p.t[p.i]) * log(1 - p.p[p.i]), p.i)),        P, R),
    ("Bernoulli: the score",                 likelihood, lambda p: (p.d.total(log(p.bernoulli), p.w[p.k]), Sum((p.t[p.i] - p.p[p.i]) * p.X[p.i, p.k], p.i)),           P, R),
    ("Bernoulli: the sign",                  likelihood, lambda p: (p.d.total(log(p.bernoulli), p.w[p.k]), Sum((p.p[p.i] - p.t[p.i]) * p.X[p.i, p.k], p.i)),           R, R),
    ("categorical: the log-likelihood",      likelihood, lambda p: (log(Product(p.q[p.y[p.i]], p.i)), Sum(log(p.q[p.y[p.i]]), p.i)),                                   P, P),
    ("categorical: counts",                  likelihood, lambda p: (p.d.total(log(Product(p.q[p.y[p.i]], p.i)), p.q[p.k]), Sum(Delta(p.k, p.y[p.i]), p.i) / p.q[p.k]), P, P),
    ("categorical: counts lost",             likelihood, lambda p: (p.d.total(log(Product(p.q[p.y[p.i]], p.i)), p.q[p.k]), 1 / p.q[p.k]),                              R, R),
    # values held constant
    ("the mean held",                        stopped,   lambda p: (p.f.wrt(p.x[p.i]), p.f.wrt(p.y[p.i])),                                                              P, P),
    ("the mean not held",                    stopped,   lambda p: (p.f.wrt(p.x[p.i]), p.f.wrt(p.y[p.i]) - Sum(p.f.wrt(p.y[p.j]), p.j) / p.m),                          R, R),
    ("its value stays",                      stopped,   lambda p: (p.y[p.i], p.x[p.i] - p.mu),                                                                         P, R),
    ("nothing reaches the mean",             stopped,   lambda p: (p.f.wrt(p.mu), 0),                                                                                  P, P),
    ("something does",                       stopped,   lambda p: (p.f.wrt(p.mu), -Sum(p.f.wrt(p.y[p.i]), p.i)),                                                       R, R),
    ("straight through",                     stopped,   lambda p: (p.g.wrt(p.x[p.i]), p.g.wrt(p.through[p.i])),                                                        P, P),
    ("straight through: the value",          stopped,   lambda p: (p.through[p.i], p.q[p.i]),                                                                          P, R),
    ("straight through: nothing",            stopped,   lambda p: (p.g.wrt(p.x[p.i]), 0),                                                                              R, R),
    ("one factor of a square held",          stopped,   lambda p: (p.d.total(p.a * stop_gradient(p.a), p.a), p.a),                                                     P, P),
    ("neither held",                         stopped,   lambda p: (p.d.total(p.a * stop_gradient(p.a), p.a), 2 * p.a),                                                 R, R),
    ("held twice",                           stopped,   lambda p: (stop_gradient(stop_gradient(p.a)), stop_gradient(p.a)),                                             P, P),
    ("held inside a function",               stopped,   lambda p: (p.d.total(p.phi(p.a * stop_gradient(p.a)), p.a), p.a * p.phi.derivative(p.a**2)),                   P, P),
    ("a second derivative",                  stopped,   lambda p: (p.d.total(p.d.total(p.a**2 * stop_gradient(p.a), p.a), p.a), 2 * p.a),                              P, P),
    ("a reward that is held",                stopped,   lambda p: (p.d.total(stop_gradient(p.a**2) * log(sigmoid(p.a)), p.a), p.a**2 * (1 - sigmoid(p.a))),            P, P),
    ("held in a sum",                        stopped,   lambda p: (p.d.total(Sum(p.x[p.i] * stop_gradient(p.x[p.i]), p.i), p.x[p.j]), p.x[p.j]),                       P, P),
    # cases
    ("within the bounds",                    cased,     lambda p: (p.f.wrt(p.x[p.i]), Where(And(p.x[p.i] > -1, p.x[p.i] < 1), p.f.wrt(p.z[p.i]), 0)),                  P, P),
    ("within half of them",                  cased,     lambda p: (p.f.wrt(p.x[p.i]), Where(And(p.x[p.i] > 0, p.x[p.i] < 1), p.f.wrt(p.z[p.i]), 0)),                   R, R),
    ("beyond them",                          cased,     lambda p: (p.f.wrt(p.x[p.i]), Where(Or(p.x[p.i] < -1, p.x[p.i] > 1), p.f.wrt(p.z[p.i]), 0)),                   R, R),
    ("either bound",                         cased,     lambda p: (p.f.wrt(p.x[p.i]), Where(Or(p.x[p.i] > -1, p.x[p.i] < 1), p.f.wrt(p.z[p.i]), 0)),                   R, R),
    ("not beyond them",                      cased,     lambda p: (p.f.wrt(p.x[p.i]), Where(Not(Or(p.x[p.i] <= -1, p.x[p.i] >= 1)), p.f.wrt(p.z[p.i]), 0)),            P, P),
    ("the value by cases",                   cased,     lambda p: (clamp(p.a, -1, 1), Where(p.a < -1, -1, Where(p.a > 1, 1, p.a))),                                    P, P),
    ("the value, bounds changed over",       cased,     lambda p: (clamp(p.a, -1, 1), Where(p.a < -1, 1, Where(p.a > 1, -1, p.a))),                                    R, R),
    ("bounds from below and above",          cased,     lambda p: (clamp(p.a, 0, 6), Min(relu(p.a), 6)),                                                               P, P),
    ("bounds that are terms",                cased,     lambda p: (p.d.total(clamp(p.a, 1 - p.e, 1 + p.e), p.a), Where(And(p.a > 1 - p.e, p.a < 1 + p.e), 1, 0)),      P, P),
    ("a clipped ratio",                      cased,     lambda p: (p.d.total(Min(p.a * p.b**2, clamp(p.a, 1 - p.e, 1 + p.e) * p.b**2), p.a), Where(p.a < 1 + p.e, p.b**2, 0)), P, P),
    ("a clipped ratio, the other bound",     cased,     lambda p: (p.d.total(Min(p.a * p.b**2, clamp(p.a, 1 - p.e, 1 + p.e) * p.b**2), p.a), Where(p.a > 1 - p.e, p.b**2, 0)), R, R),
    ("de Morgan",                            cased,     lambda p: (Where(Not(And(p.a > 0, p.b > 0)), 1, 0), Where(Or(p.a <= 0, p.b <= 0), 1, 0)),                      P, P),
    ("not and for not or",                   cased,     lambda p: (Where(Not(And(p.a > 0, p.b > 0)), 1, 0), Where(And(p.a <= 0, p.b <= 0), 1, 0)),                     R, R),
    ("two that exclude each other",          cased,     lambda p: (Where(And(p.i < p.j, p.j < p.i), 1, 0), 0),                                                         P, P),
    ("one or the other or equal",            cased,     lambda p: (Where(p.i < p.j, 1, 0) + Where(p.j < p.i, 1, 0) + Delta(p.i, p.j), 1),                              P, P),
    ("a running sum, backwards",             cased,     lambda p: (p.g.wrt(p.x[p.k]), Sum(Where(p.i >= p.k, p.g.wrt(p.run[p.i]), 0), p.i)),                            P, P),
    ("a running sum, forwards",              cased,     lambda p: (p.g.wrt(p.x[p.k]), Sum(Where(p.i <= p.k, p.g.wrt(p.run[p.i]), 0), p.i)),                            R, R),
    ("a running sum, without the last",      cased,     lambda p: (p.g.wrt(p.x[p.k]), Sum(Where(p.i > p.k, p.g.wrt(p.run[p.i]), 0), p.i)),                             R, R),
    ("between two positions",                cased,     lambda p: (Sum(p.x[p.k], p.k, And(p.i <= p.k, p.k <= p.i)), p.x[p.i]),                                         P, P),
    ("either of two positions",              cased,     lambda p: (Sum(p.x[p.k], p.k, Or(Eq(p.k, p.i), Eq(p.k, p.j))), p.x[p.i] + p.x[p.j] - Delta(p.i, p.j) * p.x[p.i]), P, P),
    ("either of two, both counted",          cased,     lambda p: (Sum(p.x[p.k], p.k, Or(Eq(p.k, p.i), Eq(p.k, p.j))), p.x[p.i] + p.x[p.j]),                           R, R),
    # positions under a guard
    ("differences",                          shifted,   lambda p: (p.f.wrt(p.x[p.i]), p.f.wrt(p.y[p.i]) - Where(p.i < p.n, p.f.wrt(p.y[p.i + 1]), 0)),                 P, P),
    ("differences, the wrong shift",         shifted,   lambda p: (p.f.wrt(p.x[p.i]), p.f.wrt(p.y[p.i]) - Where(p.i > 1, p.f.wrt(p.y[p.i - 1]), 0)),                   R, R),
    ("differences, off by one at the end",   shifted,   lambda p: (p.f.wrt(p.x[p.i]), p.f.wrt(p.y[p.i]) - Where(p.i < p.n - 1, p.f.wrt(p.y[p.i + 1]), 0)),             R, R),
    ("differences, the border forgotten",    shifted,   lambda p: (p.f.wrt(p.x[p.i]), Where(p.i < p.n, p.f.wrt(p.y[p.i]) - p.f.wrt(p.y[p.i + 1]), 0)),                 R, R),
    ("differences, at the end",              shifted,   lambda p: (p.f.wrt(p.x[p.n]), p.f.wrt(p.y[p.n])),                                                              P, P),
    ("round in a circle",                    shifted,   lambda p: (p.g.wrt(p.x[p.i]), Where(Eq(p.i, 1), p.g.wrt(p.c[p.n]), p.g.wrt(p.c[p.i - 1]))),                    P, P),
    ("round, the wrong way",                 shifted,   lambda p: (p.g.wrt(p.x[p.i]), Where(Eq(p.i, p.n), p.g.wrt(p.c[1]), p.g.wrt(p.c[p.i + 1]))),                    R, R),
    ("round, the ends not joined",           shifted,   lambda p: (p.g.wrt(p.x[p.i]), Where(p.i > 1, p.g.wrt(p.c[p.i - 1]), 0)),                                       R, R),
    ("padded: the weights",                  shifted,   lambda p: (p.h.wrt(p.w[p.u]), Sum(p.h.wrt(p.same[p.i]) * p.padded[p.i + p.u - 1], p.i)),                       P, P),
    ("padded: the weights, a step off",      shifted,   lambda p: (p.h.wrt(p.w[p.u]), Sum(p.h.wrt(p.same[p.i]) * Where(p.i + p.u <= p.n, p.x[p.i], 0), p.i)),          R, R),
    ("padded: the input",                    shifted,   lambda p: (p.h.wrt(p.x[p.j]), Sum(p.h.wrt(p.same[p.i]) * p.w[p.u] * Delta(p.i + p.u - 1, p.j + p.pad), p.i, p.u)), P, P),
    ("padded: the input, the pad lost",      shifted,   lambda p: (p.h.wrt(p.x[p.j]), Sum(p.h.wrt(p.same[p.i]) * p.w[p.u] * Delta(p.i + p.u - 1, p.j), p.i, p.u)),     R, R),
    ("padded: the input, by a case",         shifted,   lambda p: (p.h.wrt(p.x[p.j]), Sum(Where(And(p.j + p.pad - p.i + 1 >= 1, p.j + p.pad - p.i + 1 <= p.K), p.h.wrt(p.same[p.i]) * p.w[p.j + p.pad - p.i + 1], 0), p.i)), P, P),
    ("strided: the weights",                 strided,   lambda p: (p.f.wrt(p.w[p.p]), Sum(p.f.wrt(p.y[p.k]) * p.x[p.S * (p.k - 1) + p.p], p.k)),                       P, P),
    ("strided: the stride lost",             strided,   lambda p: (p.f.wrt(p.w[p.p]), Sum(p.f.wrt(p.y[p.k]) * p.x[p.k - 1 + p.p], p.k)),                               R, R),
    ("strided: the input",                   strided,   lambda p: (p.f.wrt(p.x[p.q]), Sum(p.f.wrt(p.y[p.k]) * p.w[p.p] * Delta(p.q, p.S * (p.k - 1) + p.p), p.k, p.p)), P, P),
    ("strided: a tap late",                  strided,   lambda p: (p.f.wrt(p.x[p.q]), Sum(p.f.wrt(p.y[p.k]) * p.w[p.p] * Delta(p.q + 1, p.S * (p.k - 1) + p.p), p.k, p.p)), R, R),
    ("strided: windows taken as apart",      strided,   lambda p: (p.f.wrt(p.x[p.S * (p.k - 1) + p.p]), p.f.wrt(p.y[p.k]) * p.w[p.p]),                                 R, R),
    ("strided: an entry",                    strided,   lambda p: (p.d.total(p.y[p.k], p.x[p.S * (p.l - 1) + p.p]), Sum(p.w[p.p], p.p)),                               R, R),
    # recurrences
    ("recurrent weights",                    recurrent, lambda p: (p.f.wrt(p.W[p.a, p.b]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.slope * p.before, p.t)),                     P, R),
    ("recurrent weights, no slope",          recurrent, lambda p: (p.f.wrt(p.W[p.a, p.b]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.before, p.t)),                               R, R),
    ("recurrent weights, the state after",   recurrent, lambda p: (p.f.wrt(p.W[p.a, p.b]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.slope * p.h[p.t, p.b], p.t)),                R, R),
    ("recurrent weights, the first step lost", recurrent, lambda p: (p.f.wrt(p.W[p.a, p.b]), Sum(Where(p.t > 1, p.f.wrt(p.h[p.t, p.a]) * p.slope * p.h[p.t - 1, p.b], 0), p.t)), R, R),
    ("input weights",                        recurrent, lambda p: (p.f.wrt(p.U[p.a, p.i]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.slope * p.x[p.t, p.i], p.t)),                P, R),
    ("inputs",                               recurrent, lambda p: (p.f.wrt(p.x[p.t, p.i]), Sum(p.f.wrt(p.h[p.t, p.a]) * p.slope * p.U[p.a, p.i], p.a)),                P, R),
    ("the first state",                      recurrent, lambda p: (p.f.wrt(p.h0[p.b]), Sum(p.f.wrt(p.h[1, p.a]) * (1 - p.h[1, p.a] ** 2) * p.W[p.a, p.b], p.a)),       P, R),
    ("the first state, a step late",         recurrent, lambda p: (p.f.wrt(p.h0[p.b]), Sum(p.f.wrt(p.h[p.T, p.a]) * (1 - p.h[p.T, p.a] ** 2) * p.W[p.a, p.b], p.a)),   R, R),
    ("the return, step by step",             recurrent, lambda p: (p.g.wrt(p.G[p.t]), p.g.wrt(p.r[p.t])),                                                              P, P),
    ("rewards reach all returns before",     recurrent, lambda p: (p.g.wrt(p.r[1]), p.g.wrt(p.G[1])),                                                                  P, P),
    ("the last return",                      recurrent, lambda p: (p.G[p.T], p.r[p.T]),                                                                                P, R),
    ("the last return, discounted",          recurrent, lambda p: (p.G[p.T], p.rate * p.r[p.T]),                                                                       R, R),
    ("returns, the recursion",               recurrent, lambda p: (Where(p.t < p.T, p.G[p.t] - p.rate * p.G[p.t + 1], p.G[p.t]), p.r[p.t]),                            P, R),
    ("the rate",                             recurrent, lambda p: (p.g.wrt(p.rate), Sum(Where(p.t < p.T, p.g.wrt(p.G[p.t]) * p.G[p.t + 1], 0), p.t)),                  P, P),
    ("the rate, its own return",             recurrent, lambda p: (p.g.wrt(p.rate), Sum(p.g.wrt(p.G[p.t]) * p.G[p.t], p.t)),                                           R, R),
    ("a moving average's inputs",            recurrent, lambda p: (p.e.wrt(p.r[p.t]), (1 - p.rate) * p.e.wrt(p.m[p.t])),                                               P, P),
    ("a moving average, at the end",         recurrent, lambda p: (p.e.wrt(p.m[p.t]) - Where(p.t < p.T, p.rate * p.e.wrt(p.m[p.t + 1]), 0), p.e.wrt(p.m[p.t])),       R, R),
    ("the first value",                      recurrent, lambda p: (p.m[1], (1 - p.rate) * p.r[1]),                                                                      P, R),
    # constraints
    ("targets that sum to one",              lambda: soft_targets("sum"),     lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                       P, R),
    ("soft targets, the wrong way round",    lambda: soft_targets("sum"),     lambda p: (p.L.wrt(p.z[p.i, p.k]), p.t[p.i, p.k] - p.p[p.i, p.k]),                       R, R),
    ("targets of any sum",                   lambda: soft_targets("nothing"), lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                       R, R),
    ("any sum, written out",                 lambda: soft_targets("nothing"), lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] * Sum(p.t[p.i, p.j], p.j) - p.t[p.i, p.k]), P, R),
    ("targets that sum to two",              lambda: soft_targets("twice"),   lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                       R, R),
    ("to two, taken into account",           lambda: soft_targets("twice"),   lambda p: (p.L.wrt(p.z[p.i, p.k]), 2 * p.p[p.i, p.k] - p.t[p.i, p.k]),                   P, R),
    ("targets of norm one",                  lambda: soft_targets("norm"),    lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                       R, R),
    ("columns that sum to one",              lambda: soft_targets("columns"), lambda p: (p.L.wrt(p.z[p.i, p.k]), p.p[p.i, p.k] - p.t[p.i, p.k]),                       R, R),
    ("a variance of probabilities",          constrained, lambda p: (Sum(p.p[p.k] * (1 - p.p[p.k]), p.k), 1 - Sum(p.p[p.k] ** 2, p.k)),                                P, R),
    ("the others",                           constrained, lambda p: (Sum(p.p[p.k], p.k, Ne(p.k, p.j)), 1 - p.p[p.j]),                                                  P, R),
    ("a mean of shifted values",             constrained, lambda p: (Sum(p.p[p.k] * (p.x[p.k] + p.c), p.k), Sum(p.p[p.k] * p.x[p.k], p.k) + p.c),                      P, R),
    ("the variance by moments",              constrained, lambda p: (Sum(p.p[p.k] * (p.x[p.k] - Sum(p.p[p.l] * p.x[p.l], p.l)) ** 2, p.k), Sum(p.p[p.k] * p.x[p.k] ** 2, p.k) - Sum(p.p[p.k] * p.x[p.k], p.k) ** 2), P, R),
    ("the mean is no sum",                   constrained, lambda p: (Sum(p.p[p.k] * p.x[p.k], p.k), Sum(p.x[p.k], p.k)),                                               R, R),
    ("free in derivatives",                  constrained, lambda p: (p.d.total(Sum(p.p[p.k], p.k), p.p[p.j]), 1),                                                      P, P),
    ("tied in derivatives",                  constrained, lambda p: (p.d.total(Sum(p.p[p.k], p.k), p.p[p.j]), 0),                                                      R, R),
    ("the norm",                             constrained, lambda p: (p.norm, 1),                                                                                       P, R),
    ("a projection",                         constrained, lambda p: (p.d.total(p.w[p.k] / p.norm, p.w[p.j]), Delta(p.j, p.k) - p.w[p.j] * p.w[p.k]),                   P, R),
    ("a projection, the delta lost",         constrained, lambda p: (p.d.total(p.w[p.k] / p.norm, p.w[p.j]), 1 - p.w[p.j] * p.w[p.k]),                                 R, R),
    ("projected twice",                      constrained, lambda p: (Sum((Delta(p.i, p.k) - p.w[p.i] * p.w[p.k]) * (Delta(p.k, p.j) - p.w[p.k] * p.w[p.j]), p.k), Delta(p.i, p.j) - p.w[p.i] * p.w[p.j]), P, R),
    ("a symmetric form",                     constrained, lambda p: (p.d.total(Sum(p.x[p.i] * p.A[p.i, p.j] * p.x[p.j], p.i, p.j), p.x[p.k]), 2 * Sum(p.A[p.k, p.j] * p.x[p.j], p.j)), P, R),
    ("a form that is not symmetric",         constrained, lambda p: (p.d.total(Sum(p.x[p.i] * p.M[p.i, p.j] * p.x[p.j], p.i, p.j), p.x[p.k]), 2 * Sum(p.M[p.k, p.j] * p.x[p.j], p.j)), R, R),
    ("a trace of squares",                   constrained, lambda p: (Sum(p.A[p.i, p.j] * p.A[p.j, p.i], p.i, p.j), Sum(p.A[p.i, p.j] ** 2, p.i, p.j)),                 P, R),
    ("half of a form vanishes",              constrained, lambda p: (Sum(p.x[p.i] * p.S[p.i, p.j] * p.x[p.j], p.i, p.j), 0),                                           P, R),
    ("its diagonal",                         constrained, lambda p: (p.S[p.i, p.i], 0),                                                                                P, R),
    ("not all of it",                        constrained, lambda p: (p.S[p.i, p.j], 0),                                                                                R, R),
    ("symmetric against antisymmetric",      constrained, lambda p: (Sum(p.A[p.i, p.j] * p.S[p.i, p.j], p.i, p.j), 0),                                                 P, R),
    ("lengths are kept",                     constrained, lambda p: (Sum(p.turned[p.i] ** 2, p.i), Sum(p.x[p.i] ** 2, p.i)),                                           P, R),
    ("angles are kept",                      constrained, lambda p: (Sum(p.turned[p.i] * p.turned_y[p.i], p.i), Sum(p.x[p.i] * p.y[p.i], p.i)),                        P, R),
    ("entries are not",                      constrained, lambda p: (p.turned[p.i] ** 2, p.x[p.i] ** 2),                                                               R, R),
    ("turned back",                          constrained, lambda p: (Sum(p.Q[p.i, p.j] * p.turned[p.i], p.i), p.x[p.j]),                                               P, R),
    ("a gradient turned",                    constrained, lambda p: (p.d.total(Sum(p.turned[p.i] ** 2, p.i), p.x[p.j]), 2 * p.x[p.j]),                                 P, R),
    ("a vector of zeros",                    constrained, lambda p: (Sum(p.e[p.i] * p.x[p.i] + p.x[p.i], p.i), Sum(p.x[p.i], p.i)),                                    P, R),
]  # fmt: skip
