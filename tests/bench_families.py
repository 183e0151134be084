"""Derivations made in code, for `bench`: families that grow, and the identities that nerva-sympy tests at fixed sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
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
    for s, (before, h) in enumerate(pairwise(hidden)):
        d.claim(f"dL/dh_{s}", L.wrt(before[b]), Sum(L.wrt(h[a]) * (1 - h[a] ** 2) * W[a, b], a))
    d.claim("dL/dW", L.wrt(W[a, b]), sum(L.wrt(h[a]) * (1 - h[a] ** 2) * before[b] for before, h in pairwise(hidden)))
    return d


FAMILIES = (
    Family("the gradient of a product of k sums", product_of_sums, 8, 4, least=2),
    Family("k stacked LayerNorms", stacked_layer_norms, 6, 3),
    Family("k LayerNorms with tanh between", lambda k: stacked_layer_norms(k, tanh), 6, 3),
    Family("an RNN unrolled k steps", unrolled_rnn, 8, 4),
)


# Layers whose backward passes nerva-sympy tests with matrices of symbols of one size; here for every size too.


@dataclass(frozen=True)
class Identity:
    """A layer's backward pass, as claims for every size, and as pairs of matrices at one size that SymPy has to find equal."""

    title: str
    derivation: Callable[[], Derivation]
    pairs: Callable[[], Iterator[tuple[Matrix, Matrix]]]


def dense_layer(title: str, activation: str) -> Derivation:
    """Z = X Wᵀ + 1 b, Y = activation(Z) row by row, and DZ, DW, Db, DX in terms of DY."""
    d = Derivation(title)
    N, D, K = d.sizes("N D K")
    n, j, k, l = d.index("n", N), d.index("j", D), *d.indices("k l", K)
    x, w, b = d.input("x", n, j), d.input("w", k, j), d.input("b", k)
    z = d.let("z", n, k, Sum(x[n, j] * w[k, j], j) + b[k])
    p = exp(z[n, k]) / Sum(exp(z[n, l]), l)
    y = d.let("y", n, k, {"none": z[n, k], "softmax": p, "log-softmax": z[n, k] - log(Sum(exp(z[n, l]), l))}[activation])
    f = d.objective("f", y)
    dy, dz = (lambda n, k: f.wrt(y[n, k])), (lambda n, k: f.wrt(z[n, k]))
    rows = {
        "none": dy(n, k),
        "softmax": y[n, k] * (dy(n, k) - Sum(dy(n, l) * y[n, l], l)),
        "log-softmax": dy(n, k) - p * Sum(dy(n, l), l),
    }
    d.claim("DZ", dz(n, k), rows[activation])
    d.claim("DW", f.wrt(w[k, j]), Sum(dz(n, k) * x[n, j], n))
    d.claim("Db", f.wrt(b[k]), Sum(dz(n, k), n))
    d.claim("DX", f.wrt(x[n, j]), Sum(dz(n, k) * w[k, j], k))
    return d


def batch_normalization_layer() -> Derivation:
    """Z = standardized columns of X, Y = γ Z + β, and DZ, Dβ, Dγ, DX in terms of DY."""
    d = Derivation("batch normalization")
    N, D = d.sizes("N D")
    n, m, j = *d.indices("n m", N), d.index("j", D)
    x, gamma, beta = d.input("x", n, j), d.input("gamma", j), d.input("beta", j)
    mu = d.let(r"\mu", j, Sum(x[n, j], n) / N)
    var = d.let(r"\sigma^2", j, Sum((x[n, j] - mu[j]) ** 2, n) / N)
    z = d.let("z", n, j, (x[n, j] - mu[j]) / sqrt(var[j]))
    y = d.let("y", n, j, gamma[j] * z[n, j] + beta[j])
    f = d.objective("f", y)
    d.claim("DZ", f.wrt(z[n, j]), gamma[j] * f.wrt(y[n, j]))
    d.claim("Dβ", f.wrt(beta[j]), Sum(f.wrt(y[n, j]), n))
    d.claim("Dγ", f.wrt(gamma[j]), Sum(f.wrt(y[n, j]) * z[n, j], n))
    dz = {a: f.wrt(z[a, j]) for a in (n, m)}
    d.claim("DX", f.wrt(x[n, j]), (N * dz[n] - Sum(dz[m], m) - z[n, j] * Sum(dz[m] * z[m, j], m)) / (N * sqrt(var[j])))
    return d


def matrix(name: str, rows: int, columns: int) -> Matrix:
    return Matrix(rows, columns, lambda i, j: sympy.Symbol(f"{name}{i}{j}", real=True))


def gradient(loss: Expr, of: Matrix) -> Matrix:
    return of.applyfunc(lambda entry: sympy.diff(loss, entry))


def repeated(row: Matrix, times: int) -> Matrix:
    return Matrix.vstack(*[row] * times)


def summed(m: Matrix, axis: int) -> Matrix:
    """The sums of the columns as a row (axis 0), or of the rows as a column (axis 1)."""
    return sympy.ones(1, m.rows) * m if axis == 0 else m * sympy.ones(m.cols, 1)


def widened(column: Matrix, times: int) -> Matrix:
    return Matrix.hstack(*[column] * times)


def dense_pairs(activation: str, N: int = 2, D: int = 3, K: int = 2) -> Iterator[tuple[Matrix, Matrix]]:
    """Gradients by formula and by `diff`; the loss is Σ g·y, so that DY = g is a matrix of free symbols."""
    X, W, b, DY, free = matrix("x", N, D), matrix("w", K, D), matrix("b", 1, K), matrix("g", N, K), matrix("z", N, K)

    def softmax(Z: Matrix) -> Matrix:
        powers = Z.applyfunc(exp)
        return hadamard(powers, widened(summed(powers, 1).applyfunc(lambda s: 1 / s), K))

    def output(Z: Matrix) -> Matrix:
        return {"none": lambda: Z, "softmax": lambda: softmax(Z), "log-softmax": lambda: softmax(Z).applyfunc(log)}[activation]()

    def dz(Z: Matrix) -> Matrix:
        rows = {
            "none": lambda: DY,
            "softmax": lambda: hadamard(softmax(Z), DY - widened(summed(hadamard(DY, softmax(Z)), 1), K)),
            "log-softmax": lambda: DY - hadamard(softmax(Z), widened(summed(DY, 1), K)),
        }
        return rows[activation]()

    Z = X * W.T + repeated(b, N)
    loss = sum(hadamard(DY, output(Z)))
    yield dz(free), gradient(sum(hadamard(DY, output(free))), free)
    yield dz(Z).T * X, gradient(loss, W)
    yield summed(dz(Z), 0), gradient(loss, b)
    yield dz(Z) * W, gradient(loss, X)


def batch_normalization_pairs(N: int = 3, D: int = 2) -> Iterator[tuple[Matrix, Matrix]]:
    X, gamma, beta, DY, free = matrix("x", N, D), matrix("c", 1, D), matrix("b", 1, D), matrix("g", N, D), matrix("z", N, D)
    R = X - repeated(summed(X, 0) / N, N)
    inverse = (summed(hadamard(R, R), 0) / N).applyfunc(lambda v: 1 / sqrt(v))
    Z = hadamard(repeated(inverse, N), R)
    DZ = hadamard(repeated(gamma, N), DY)

    def loss(Z: Matrix) -> Expr:
        return sum(hadamard(DY, hadamard(repeated(gamma, N), Z) + repeated(beta, N)))

    yield DZ, gradient(loss(free), free)
    yield summed(DY, 0), gradient(loss(Z), beta)
    yield summed(hadamard(DY, Z), 0), gradient(loss(Z), gamma)
    through = hadamard(Z, repeated(summed(hadamard(DZ, Z), 0), N))
    yield hadamard(repeated(inverse / N, N), N * DZ - repeated(summed(DZ, 0), N) - through), gradient(loss(Z), X)


IDENTITIES = (
    Identity("linear layer", lambda: dense_layer("linear", "none"), lambda: dense_pairs("none")),
    Identity("softmax layer", lambda: dense_layer("softmax", "softmax"), lambda: dense_pairs("softmax")),
    Identity("log-softmax layer", lambda: dense_layer("log-softmax", "log-softmax"), lambda: dense_pairs("log-softmax")),
    Identity("batch normalization layer", batch_normalization_layer, batch_normalization_pairs),
)
