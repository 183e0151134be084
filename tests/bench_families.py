"""Derivations made in code, for `bench`: families that grow, and the identities that nerva-sympy tests at fixed sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import sympy
from sympy import Expr, Matrix, exp, log, sqrt, tanh
from sympy.matrices.dense import matrix_multiply_elementwise as hadamard

from symderiv import Derivation, Sum


@dataclass(frozen=True)
class Family:
    """Derivations that grow with a number; `most` is as far as a bench goes, `quick` as far as one in a hurry."""

    title: str
    make: Callable[[int], Derivation]
    most: int
    quick: int
    least: int = 1


def product_of_sums(k: int) -> Derivation:
    """P = Π_r Σ_i w_r[i] x[i], and its gradient."""
    d = Derivation(f"A product of {k} sums")
    n = d.size("n")
    i, j = d.indices("i j", n)
    x = d.input("x", i)
    weights = [d.input(f"w_{r}", i) for r in range(1, k + 1)]
    factors = [Sum(w[i] * x[i], i) for w in weights]
    P = d.objective("P", prod(factors))
    d.claim("gradient", P.wrt(x[j]), sum(w[j] * prod(factors[:r] + factors[r + 1 :]) for r, w in enumerate(weights)))
    return d


def stacked_layer_norms(k: int, between: Callable[[Any], Any] | None = None) -> Derivation:
    """k layers x -> γ (x-μ)/sqrt(σ²+ε) + β, with a function after each or none; each layer's backward pass."""
    d = Derivation(f"{k} LayerNorms")
    n = d.size("n")
    i, j, l = d.indices("i j l", n)
    eps = d.input("varepsilon", positive=True)
    layers = [d.input("x_0", i)]
    norms = []
    for r in range(1, k + 1):
        x = layers[-1]
        gamma, beta = d.input(f"gamma_{r}", i), d.input(f"beta_{r}", i)
        mu = d.let(rf"\mu_{r}", Sum(x[j], j) / n)
        var = d.let(rf"\sigma^2_{r}", Sum((x[j] - mu) ** 2, j) / n)
        xhat = d.let(rf"\hat{{x}}_{r}", i, (x[i] - mu) / sqrt(var + eps))
        y = d.let(f"y_{r}", i, gamma[i] * xhat[i] + beta[i])
        layers.append(d.let(f"x_{r}", i, between(y[i])) if between else y)
        norms.append((x, gamma, var, xhat, y))
    f = d.objective("f", layers[-1])

    def backward(gamma: Any, std: Any, xhat: Callable[[Any], Any], y: Any) -> Any:
        g = {a: gamma[a] * f.wrt(y[a]) for a in (i, j)}
        return (g[i] - Sum(g[j], j) / n - xhat(i) * Sum(g[j] * xhat(j), j) / n) / std

    for r, (x, gamma, var, xhat, y) in enumerate(norms, 1):
        d.claim(f"layer {r}", f.wrt(x[i]), backward(gamma, sqrt(var + eps), lambda a, xhat=xhat: xhat[a], y))
        if between is tanh:
            d.claim(f"tanh {r}", f.wrt(y[i]), f.wrt(layers[r][i]) * (1 - layers[r][i] ** 2))
    x, gamma, _, _, y = norms[0]
    mean = Sum(x[l], l) / n
    std = sqrt(Sum((x[l] - mean) ** 2, l) / n + eps)
    d.claim("written out", f.wrt(x[i]), backward(gamma, std, lambda a: (x[a] - mean) / std, y))
    return d


def unrolled_rnn(t: int) -> Derivation:
    """h_s = tanh(W h_{s-1} + U x_s + c) for s = 1..t: backward through time, and the gradient of W."""
    d = Derivation(f"An RNN of {t} steps")
    H, D = d.sizes("H D")
    a, b = d.indices("a b", H)
    j = d.index("j", D)
    W, U, c = d.input("W", a, b), d.input("U", a, j), d.input("c", a)
    hidden = [d.input("h_0", a)]
    for s in range(1, t + 1):
        x, before = d.input(f"x_{s}", j), hidden[-1]
        hidden.append(d.let(f"h_{s}", a, tanh(Sum(W[a, b] * before[b], b) + Sum(U[a, j] * x[j], j) + c[a])))
    L = d.objective("L", hidden[-1])
    for s, (before, h) in enumerate(zip(hidden, hidden[1:], strict=False)):
        d.claim(f"dL/dh_{s}", L.wrt(before[b]), Sum(L.wrt(h[a]) * (1 - h[a] ** 2) * W[a, b], a))
    steps = list(zip(hidden, hidden[1:], strict=False))
    d.claim("dL/dW", L.wrt(W[a, b]), sum(L.wrt(h[a]) * (1 - h[a] ** 2) * before[b] for before, h in steps))
    return d


FAMILIES = (
    Family("the gradient of a product of k sums", product_of_sums, 8, 4, least=2),
    Family("k stacked LayerNorms", stacked_layer_norms, 6, 3),
    Family("k LayerNorms with tanh between", lambda k: stacked_layer_norms(k, tanh), 6, 3),
    Family("an RNN unrolled k steps", unrolled_rnn, 8, 4),
)


