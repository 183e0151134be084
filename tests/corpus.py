"""Claims that papers, course notes, issues and code make in public, restated in the language: a table of right and wrong ones.

Each row is a function that builds its page and says what to expect; its name is the row's name, its docstring what it is.
A label (a class, a chosen word) is a free index: what is claimed then holds whichever it is.
"""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sympy import Abs, Add, And, Eq, Max, Mul, Ne, Rational, erf, exp, log, pi, sqrt, tanh

from symderiv import Delta, Derivation, Sum, Where, relu, sigmoid

HALF = Rational(1, 2)


@dataclass(frozen=True)
class Row:
    """A claim on a page: `true`, `false`, `graph` (on the forward graph only) or `conditional` (then `special` is the case in which it holds)."""

    d: Derivation
    left: Any
    right: Any
    expected: str = "true"
    correct: Any = None
    special: Row | None = None


ROWS: dict[str, Callable[[], Row]] = {}
VARIANTS: dict[str, Callable[[], Row]] = {}  # other ways to write a claim of the table


def row(build: Callable[[], Row]) -> Callable[[], Row]:
    ROWS[build.__name__] = build
    return build


def variant(build: Callable[[], Row]) -> Callable[[], Row]:
    VARIANTS[build.__name__] = build
    return build


NOT_YET = {
    "focal loss as a series": "binomial coefficients, and the binomial theorem for a symbolic whole exponent, are outside the language",
}


# Batch normalization


def batch_norm() -> SimpleNamespace:
    d = Derivation("batch normalization")
    m = d.size("m")
    i, j, k = d.indices("i j k", m)
    x = d.input("x", i)
    gamma, beta = d.inputs("gamma beta")
    eps = d.input("varepsilon", positive=True)
    mu = d.let("mu", Sum(x[i], i) / m)
    var = d.let("v", Sum((x[i] - mu) ** 2, i) / m)
    xhat = d.let(r"\hat{x}", i, (x[i] - mu) / sqrt(var + eps))
    y = d.let("y", i, gamma * xhat[i] + beta)
    f = d.objective("f", y)
    return SimpleNamespace(**locals(), root=sqrt(var + eps))


@row
def bn_scale() -> Row:
    """The gradient of the scale."""
    p = batch_norm()
    return Row(p.d, p.f.wrt(p.gamma), Sum(p.f.wrt(p.y[p.i]) * p.xhat[p.i], p.i))


@row
def bn_shift() -> Row:
    """The gradient of the shift."""
    p = batch_norm()
    return Row(p.d, p.f.wrt(p.beta), Sum(p.f.wrt(p.y[p.i]), p.i))


@row
def bn_normalized_by_output() -> Row:
    """The output y in place of the scale."""
    p = batch_norm()
    return Row(p.d, p.f.wrt(p.xhat[p.i]), p.f.wrt(p.y[p.i]) * p.y[p.i], "false", p.f.wrt(p.y[p.i]) * p.gamma)


def bn_on_variance(p: SimpleNamespace, upstream: Any) -> Any:
    return -Sum(upstream * (p.x[p.i] - p.mu) / (p.var + p.eps) ** Rational(3, 2), p.i) / 2


@row
def bn_variance() -> Row:
    """The gradient of the variance."""
    p = batch_norm()
    return Row(p.d, p.f.wrt(p.var), bn_on_variance(p, p.f.wrt(p.xhat[p.i])))


@row
def bn_variance_by_output() -> Row:
    """The same slip carried on into the variance."""
    p = batch_norm()
    up = p.f.wrt(p.y[p.i])
    return Row(p.d, p.f.wrt(p.var), bn_on_variance(p, up * p.y[p.i]), "false", bn_on_variance(p, up * p.gamma))


@row
def bn_mean_lost_sum() -> Row:
    """The sum over the batch is lost: an index on one side only, hidden for a batch of one."""
    p = batch_norm()
    own, rest = p.f.wrt(p.xhat[p.i]) / p.root, p.f.wrt(p.var) * p.d.partial(p.var, p.mu)
    return Row(p.d, p.f.wrt(p.mu), -own + rest, "false", -Sum(own, p.i) + rest)


@row
def bn_variance_on_mean_sign() -> Row:
    """A sign that only the forward graph hides: both sides are zero there."""
    p = batch_norm()
    right = 2 * Sum(p.x[p.i] - p.mu, p.i) / p.m
    return Row(p.d, p.d.partial(p.var, p.mu), right, "graph", -right)


@row
def bn_sum_split() -> Row:
    """A sum of differences, for any number in place of the mean."""
    p = batch_norm()
    return Row(p.d, 2 * Sum(p.x[p.i] - p.mu, p.i) / p.m, 2 * (Sum(p.x[p.i], p.i) - p.m * p.mu) / p.m)


@row
def bn_mean_is_mean() -> Row:
    """Zero, since the mean is the mean."""
    p = batch_norm()
    return Row(p.d, 2 * (Sum(p.x[p.i], p.i) - p.m * p.mu) / p.m, 0, "graph")


@row
def bn_mean() -> Row:
    """The gradient of the mean, without the path through the variance."""
    p = batch_norm()
    return Row(p.d, p.f.wrt(p.mu), Sum(-p.f.wrt(p.xhat[p.i]) / p.root, p.i), "graph")


@row
def bn_three_paths() -> Row:
    """The three paths into an input, with partial derivatives."""
    p = batch_norm()
    at, f, partial = p.x[p.i], p.f, p.d.partial
    paths = f.wrt(p.xhat[p.i]) * partial(p.xhat[p.i], at) + f.wrt(p.mu) * partial(p.mu, at) + f.wrt(p.var) * partial(p.var, at)
    return Row(p.d, f.wrt(at), paths)


@row
def bn_three_paths_written_out() -> Row:
    """The three paths with every derivative put in."""
    p = batch_norm()
    own = p.f.wrt(p.xhat[p.i]) / p.root
    mean = Sum(-p.f.wrt(p.xhat[p.k]) / p.root, p.k) / p.m
    spread = -Sum(p.f.wrt(p.xhat[p.j]) * (p.x[p.j] - p.mu) / (p.var + p.eps) ** Rational(3, 2) * 2 * (p.x[p.i] - p.mu) / p.m, p.j) / 2
    return Row(p.d, p.f.wrt(p.x[p.i]), own + mean + spread)


@row
def bn_factored() -> Row:
    """The same with the roots drawn out."""
    p = batch_norm()
    spread = (p.x[p.i] - p.mu) / (p.m * p.root) * Sum(p.f.wrt(p.xhat[p.j]) * (p.x[p.j] - p.mu) / (p.var + p.eps), p.j)
    return Row(p.d, p.f.wrt(p.x[p.i]), p.f.wrt(p.xhat[p.i]) / p.root - Sum(p.f.wrt(p.xhat[p.k]), p.k) / (p.m * p.root) - spread)


@row
def bn_compact() -> Row:
    """The form that libraries compute."""
    p = batch_norm()
    up = p.f.wrt
    top = p.m * up(p.xhat[p.i]) - Sum(up(p.xhat[p.k]), p.k) - p.xhat[p.i] * Sum(up(p.xhat[p.j]) * p.xhat[p.j], p.j)
    return Row(p.d, p.f.wrt(p.x[p.i]), top / (p.m * p.root))


@row
def bn_compact_lost_factor() -> Row:
    """The normalized input outside the last sum became an upstream gradient."""
    p = batch_norm()
    up = p.f.wrt

    def compact(last: Any) -> Any:
        spread = last * Sum(p.gamma * up(p.y[p.j]) * p.xhat[p.j], p.j)
        return (p.m * p.gamma * up(p.y[p.i]) - Sum(p.gamma * up(p.y[p.k]), p.k) - spread) / (p.m * p.root)

    return Row(p.d, up(p.x[p.i]), compact(up(p.y[p.i]) * p.gamma), "false", compact(p.xhat[p.i]))


@row
def conv_parameters() -> Row:
    """The parameters of three convolutional layers, as numbers that are kept apart."""

    def layer(out: int, into: int) -> Any:
        return Mul(out, Add(Mul(3, 3, into, evaluate=False), 1, evaluate=False), evaluate=False)

    return Row(
        Derivation("numbers"),
        Add(layer(100, 3), layer(200, 100), layer(400, 200), evaluate=False),
        Add(2800, 180200, 720400, evaluate=False),
    )


def plain_norm() -> SimpleNamespace:
    d = Derivation("batch normalization without scale and shift")
    m = d.size("m")
    i, j = d.indices("i j", m)
    x, eps = d.input("x", i), d.input("varepsilon", positive=True)
    mu = d.let("mu", Sum(x[i], i) / m)
    var = d.let("v", Sum((x[i] - mu) ** 2, i) / m)
    y = d.let("Y", i, (x[i] - mu) / sqrt(var + eps))
    e = d.objective("E", y)
    root, up = sqrt(var + eps), e.wrt(y[i])
    spread = Sum(e.wrt(y[j]) * y[j], j) / m * y[i]
    whole = (up - Sum(e.wrt(y[j]), j) / m - spread) / root
    return SimpleNamespace(**locals())


@row
def plain_norm_input() -> Row:
    """The gradient in a code comment: less its mean, less its projection."""
    p = plain_norm()
    return Row(p.d, p.e.wrt(p.x[p.i]), p.whole)


@row
def plain_norm_two_steps() -> Row:
    """Project, then subtract the mean of that: the same, since the outputs have mean zero."""
    p = plain_norm()
    t = p.d.let("t", p.i, (p.up - p.spread) / p.root)
    return Row(p.d, p.whole, t[p.i] - Sum(t[p.j], p.j) / p.m, "graph")


# Layer and RMS normalization


def layer_norm() -> SimpleNamespace:
    d = Derivation("layer normalization")
    n = d.size("d")
    i, j, k = d.indices("i j k", n)
    x, gamma, beta = d.inputs("x gamma beta", i)
    eps = d.input("varepsilon", positive=True)
    mu = d.let("mu", Sum(x[i], i) / n)
    var = d.let("v", Sum((x[i] - mu) ** 2, i) / n)
    xhat = d.let(r"\hat{x}", i, (x[i] - mu) / sqrt(var + eps))
    y = d.let("y", i, gamma[i] * xhat[i] + beta[i])
    f = d.objective("L", y)
    return SimpleNamespace(**locals())


@row
def ln_input_no_sums() -> Row:
    """All products read entry by entry: both means are lost."""
    p = layer_norm()
    i, j, up, root = p.i, p.j, p.f.wrt(p.xhat[p.i]), sqrt(p.var + p.eps)
    wrong = (up / root - p.xhat[i] / (p.var + p.eps) * up * p.xhat[i]) / p.n
    inner = p.gamma[j] * p.f.wrt(p.y[j])
    right = (p.gamma[i] * p.f.wrt(p.y[i]) - Sum(inner, j) / p.n - p.xhat[i] * Sum(p.xhat[j] * inner, j) / p.n) / root
    return Row(p.d, p.f.wrt(p.x[i]), wrong, "false", right)


@row
def ln_centred_wrong_index() -> Row:
    """A delta with an index that the left side does not have."""
    p = layer_norm()
    return Row(p.d, p.d.total(p.x[p.k] - p.mu, p.x[p.j]), Delta(p.i, p.j) - 1 / p.n, "false", Delta(p.k, p.j) - 1 / p.n)


@row
def ln_inverse_root() -> Row:
    """The derivative of the inverse of the root, through the variance."""
    p = layer_norm()
    r = p.d.let("r", (p.var + p.eps) ** -HALF)
    return Row(p.d, p.d.total(r, p.x[p.j]), -HALF * r**3 * p.d.total(p.var, p.x[p.j]))


def rms_norm(one_weight: bool) -> tuple[Derivation, Any, Any, Any]:
    d = Derivation("RMS normalization")
    n = d.size("n")
    i, j = d.indices("i j", n)
    x, eps = d.input("x", i), d.input("varepsilon", positive=True)
    weight = d.input("w") if one_weight else d.input("w", i)
    w = (lambda at: weight) if one_weight else (lambda at: weight[at])
    r = d.let("r", sqrt(Sum(x[j] ** 2, j) / n + eps))
    xhat = d.let(r"\hat{x}", i, x[i] / r)
    y = d.let("y", i, w(i) * xhat[i])
    f = d.objective("L", y)
    outside = w(i) / r * (f.wrt(y[i]) - x[i] / (n * r**2) * Sum(x[j] * f.wrt(y[j]), j))
    inside = f.wrt(y[i]) * w(i) / r - x[i] / (n * r**3) * Sum(f.wrt(y[j]) * w(j) * x[j], j)
    return d, f.wrt(x[i]), outside, inside


@row
def rms_weight_outside() -> Row:
    """The weight drawn out of the sum, which needs all weights to be equal."""
    d, left, outside, inside = rms_norm(one_weight=False)
    return Row(d, left, outside, "conditional", inside, Row(*rms_norm(one_weight=True)[:3]))


# Convolution


def padded_convolution() -> SimpleNamespace:
    """Two dimensions, any stride; the padding is any width from 0 on, and the windows end where the padded input ends."""
    d = Derivation("padded, strided convolution")
    batch, channels, filters, height, width, rows, columns, stride = d.sizes("N C F H W K L S")
    n, c, f = d.index("n", batch), d.index("c", channels), d.index("f", filters)
    p, q, k, l = d.index("p", height), d.index("q", width), d.index("k", rows), d.index("l", columns)
    inner, across, padding = d.size("U"), d.size("V"), d.size("Q") - 1
    d.assume(inner, stride * (rows - 1) + height - 2 * padding)
    d.assume(across, stride * (columns - 1) + width - 2 * padding)
    i, j = d.index("i", inner), d.index("j", across)
    a, e = d.index("a", inner + 2 * padding), d.index("e", across + 2 * padding)
    x, w, b = d.input("x", n, c, i, j), d.input("w", f, c, p, q), d.input("b", f)
    inside = And(a > padding, a <= inner + padding, e > padding, e <= across + padding)
    padded = d.let(r"\tilde{x}", n, c, a, e, Where(inside, x[n, c, a - padding, e - padding], 0))
    window = padded[n, c, p + stride * (k - 1), q + stride * (l - 1)]
    y = d.let("y", n, f, k, l, Sum(window * w[f, c, p, q], c, p, q) + b[f])
    loss = d.objective("J", y)
    up = loss.wrt(y[n, f, k, l])
    return SimpleNamespace(**locals())


@row
def conv_weights() -> Row:
    """The gradient of the weights: each window, weighted by what comes from above."""
    t = padded_convolution()
    return Row(t.d, t.loss.wrt(t.w[t.f, t.c, t.p, t.q]), Sum(t.up * t.window, t.n, t.k, t.l))


@row
def conv_bias() -> Row:
    """The gradient of the bias."""
    t = padded_convolution()
    return Row(t.d, t.loss.wrt(t.b[t.f]), Sum(t.up, t.n, t.k, t.l))


@row
def conv_input() -> Row:
    """The gradient of the input: deltas pick the taps that met a pixel."""
    t = padded_convolution()
    met = Delta(t.p + t.stride * (t.k - 1), t.i + t.padding) * Delta(t.q + t.stride * (t.l - 1), t.j + t.padding)
    right = Sum(t.up * met * t.w[t.f, t.c, t.p, t.q], t.f, t.k, t.l, t.p, t.q)
    return Row(t.d, t.loss.wrt(t.x[t.n, t.c, t.i, t.j]), right)


# Softmax, cross-entropy, word vectors


@row
def softmax_any_loss() -> Row:
    """Softmax under an arbitrary loss."""
    d = Derivation("softmax")
    i, j, k = d.indices("i j k", d.size("C"))
    z = d.input("z", i)
    y = d.let("y", i, exp(z[i]) / Sum(exp(z[k]), k))
    e = d.objective("E", y)
    return Row(d, e.wrt(z[i]), Sum(e.wrt(y[j]) * y[i] * (Delta(i, j) - y[j]), j))


@row
def focal_product_rule() -> Row:
    """The focal loss from the cross-entropy, with a symbolic exponent."""
    d = Derivation("focal loss")
    t, g = d.inputs("t g")
    p = d.let("p", sigmoid(t))
    focal = d.let("F", -((1 - p) ** g) * log(p))
    ce = d.let("C", -log(p))
    return Row(d, d.total(focal, t), (1 - p) ** g * d.total(ce, t) + g * d.total(p, t) * (1 - p) ** (g - 1) * log(p))


def word_vectors() -> SimpleNamespace:
    d = Derivation("word vectors")
    v, n = d.sizes("V d")
    w, a, b, o = d.indices("w a b o", v)
    i, k = d.indices("i k", n)
    u, c = d.input("u", w, i), d.input("c", i)

    def score(at: Any) -> Any:
        return Sum(u[at, k] * c[k], k)

    p = d.let("p", w, exp(score(w)) / Sum(exp(score(a)), a))
    loss = d.let("J", o, -score(o) + log(Sum(exp(score(w)), w)))
    return SimpleNamespace(**locals())


@row
def words_centre() -> Row:
    """The centre vector's gradient: the expected vector less the observed one."""
    q = word_vectors()
    return Row(q.d, q.d.total(q.loss[q.o], q.c[q.i]), -q.u[q.o, q.i] + Sum(q.p[q.w] * q.u[q.w, q.i], q.w))


@row
def words_observed_loose_index() -> Row:
    """The observed word's vector, with a probability whose index is bound nowhere."""
    q = word_vectors()
    return Row(q.d, q.d.total(q.loss[q.o], q.u[q.o, q.i]), (q.p[q.w] - 1) * q.c[q.i], "false", (q.p[q.o] - 1) * q.c[q.i])


@row
def words_log_likelihood() -> Row:
    """The centre vector's gradient of the log-likelihood."""
    q = word_vectors()
    return Row(q.d, q.d.total(-q.loss[q.o], q.c[q.i]), q.u[q.o, q.i] - Sum(q.p[q.b] * q.u[q.b, q.i], q.b))


@row
def words_bag() -> Row:
    """A bag of words: each context vector has its share of the mean."""
    d = Derivation("bag of words")
    v, n, m = d.sizes("V d M")
    c, j, k = d.indices("c j k", v)
    i, a = d.indices("i a", n)
    t, s = d.indices("t s", m)
    u, context = d.input("u", j, i), d.input("v", t, i)
    mean = d.let("b", i, Sum(context[s, i], s) / m)
    p = d.let("P", j, exp(Sum(u[j, a] * mean[a], a)) / Sum(exp(Sum(u[k, a] * mean[a], a)), k))
    lp = d.let("l", c, log(p[c]))
    return Row(d, d.total(lp[c], context[t, i]), (u[c, i] - Sum(p[j] * u[j, i], j)) / m)


def negative_sampling() -> SimpleNamespace:
    """The word that is seen is none of those drawn."""
    d = Derivation("negative sampling")
    v, k = d.index("v", d.size("V")), d.index("k", d.size("K"))
    u, seen, drawn = d.input("u", v), d.label("s", of=v), d.label("j", k, of=v)
    d.assume(Delta(seen, drawn[k]), 0)
    loss = d.objective("E", -log(sigmoid(u[seen])) - Sum(log(sigmoid(-u[drawn[k]])), k))
    times_drawn = Sum(Delta(v, drawn[k]), k)
    return SimpleNamespace(**locals())


@row
def words_negative_samples() -> Row:
    """The scores under negative sampling; how often a word is drawn is 1 or 0 where those drawn are distinct."""
    t = negative_sampling()
    return Row(t.d, t.loss.wrt(t.u[t.v]), Where(Eq(t.v, t.seen), sigmoid(t.u[t.v]) - 1, sigmoid(t.u[t.v]) * t.times_drawn))


@variant
def words_negative_samples_by_cases() -> Row:
    """The same with the third case, of a word that is not drawn, written out."""
    t = negative_sampling()
    others = Where(t.times_drawn > 0, sigmoid(t.u[t.v]) * t.times_drawn, 0)
    return Row(t.d, t.loss.wrt(t.u[t.v]), Where(Eq(t.v, t.seen), sigmoid(t.u[t.v]) - 1, others))


# Logistic regression and least squares


def logistic() -> SimpleNamespace:
    d = Derivation("logistic regression")
    m, n = d.sizes("m d")
    i = d.index("i", m)
    j, k, a = d.indices("j k a", n)
    theta, x, y = d.input("theta", j), d.input("X", i, j), d.input("y", i)
    h = d.let("h", i, sigmoid(Sum(theta[a] * x[i, a], a)))
    loglik = d.let("l", Sum(y[i] * log(h[i]) + (1 - y[i]) * log(1 - h[i]), i))
    curvature = Sum(x[i, j] * h[i] * (1 - h[i]) * x[i, k], i)
    return SimpleNamespace(**locals())


@row
def logistic_hessian_no_sign() -> Row:
    """The Hessian of the log-likelihood without its minus."""
    p = logistic()
    return Row(p.d, p.d.total(p.d.total(p.loglik, p.theta[p.j]), p.theta[p.k]), p.curvature, "false", -p.curvature)


@row
def logistic_hessian() -> Row:
    """The Hessian of the negative log-likelihood."""
    p = logistic()
    return Row(p.d, p.d.total(p.d.total(-p.loglik, p.theta[p.j]), p.theta[p.k]), p.curvature)


def logistic_mean() -> SimpleNamespace:
    d = Derivation("logistic regression, mean loss, intercept")
    n, p = d.sizes("n d")
    i = d.index("i", n)
    j, k = d.indices("j k", p)
    x, y, w, b = d.input("x", i, j), d.input("y", i), d.input("w", j), d.input("b")
    z = d.let("z", i, Sum(x[i, k] * w[k], k) + b)
    a = d.let("a", i, sigmoid(z[i]))
    loss = d.objective("J", -Sum(y[i] * log(a[i]) + (1 - y[i]) * log(1 - a[i]), i) / n)
    right = Sum(x[i, j] * (sigmoid(z[i]) - y[i]), i) / n
    return SimpleNamespace(**locals())


@row
def logistic_bracket() -> Row:
    """The bracket around the residual is lost."""
    p = logistic_mean()
    return Row(p.d, p.loss.wrt(p.w[p.j]), Sum(p.x[p.i, p.j] * sigmoid(p.z[p.i]) - p.y[p.i], p.i) / p.n, "false", p.right)


@row
def logistic_no_input() -> Row:
    """The input is lost, and the sigmoid is taken twice."""
    p = logistic_mean()
    return Row(p.d, p.loss.wrt(p.w[p.j]), Sum(sigmoid(p.a[p.i]) - p.y[p.i], p.i) / p.n, "false", p.right)


def neuron() -> SimpleNamespace:
    d = Derivation("one neuron")
    w, b, x, y = d.inputs("w b x y")
    z = d.let("z", w * x + b)
    a = d.let("a", sigmoid(z))
    loss = d.objective("J", (y - a) ** 2 / 2)
    return SimpleNamespace(**locals())


@row
def neuron_sign() -> Row:
    """The residual the wrong way round."""
    p = neuron()
    slope = p.d.total(p.a, p.z) * p.x
    return Row(p.d, p.loss.wrt(p.w), (p.y - p.a) * slope, "false", (p.a - p.y) * slope)


@row
def neuron_weight() -> Row:
    """The weight of one sigmoid neuron under squared loss."""
    p = neuron()
    return Row(p.d, p.loss.wrt(p.w), (p.a - p.y) * p.d.total(p.a, p.z) * p.x)


@row
def gradient_is_the_loss() -> Row:
    """The loss itself offered as its gradient."""
    d = Derivation("linear regression")
    m, n = d.sizes("m n")
    j = d.index("j", m)
    i, k = d.indices("i k", n)
    x, y, theta = d.input("x", j, i), d.input("y", j), d.input("theta", i)
    h = d.let("h", j, Sum(theta[k] * x[j, k], k))
    loss = Sum((h[j] - y[j]) ** 2, j) / (2 * m)
    return Row(d, d.objective("J", loss).wrt(theta[i]), loss, "false", Sum((h[j] - y[j]) * x[j, i], j) / m)


def least_squares(square: bool = False) -> SimpleNamespace:
    d = Derivation("least squares")
    n = d.size("n")
    p = n if square else d.size("p")
    i, (j, k) = d.index("i", n), d.indices("j k", p)
    x, y, w = d.input("X", i, j), d.input("y", i), d.input("w", j)
    r = d.let("r", i, y[i] - Sum(x[i, k] * w[k], k))
    loss = d.objective("L", Sum(r[i] ** 2, i))
    right = 2 * Sum(x[i, j] * (Sum(x[i, k] * w[k], k) - y[i]), i)
    return SimpleNamespace(**locals())


@row
def least_squares_scalar_and_vector() -> Row:
    """A number, from which w was not removed, plus a vector."""
    p = least_squares()
    i, j, k = p.i, p.j, p.k
    wrong = -2 * Sum(p.y[i] * p.x[i, k] * p.w[k], i, k) + 2 * Sum(p.x[i, j] * p.x[i, k] * p.w[k], i, k)
    return Row(p.d, p.loss.wrt(p.w[j]), wrong, "false", p.right)


@row
def least_squares_no_transpose() -> Row:
    """X times the residual, for a square X."""
    p = least_squares(square=True)
    return Row(p.d, p.loss.wrt(p.w[p.j]), -2 * Sum(p.x[p.j, p.i] * p.r[p.i], p.i), "false", p.right)


@row
def least_squares_gradient() -> Row:
    """The transpose of X times the residual."""
    p = least_squares()
    return Row(p.d, p.loss.wrt(p.w[p.j]), -2 * Sum(p.x[p.i, p.j] * p.r[p.i], p.i))


@row
def line_slope() -> Row:
    """The slope of a line under mean squared error."""
    d = Derivation("a line")
    n = d.size("N")
    i = d.index("i", n)
    x, y = d.inputs("x y", i)
    m, b = d.inputs("m b")
    f = d.objective("f", Sum((y[i] - (m * x[i] + b)) ** 2, i) / n)
    return Row(d, f.wrt(m), Sum(-2 * x[i] * (y[i] - (m * x[i] + b)), i) / n)


def three_weights(one_sample: bool, first: bool = True) -> tuple[Derivation, Any, Any, Any]:
    d = Derivation("three weights")
    n = d.size("N")
    i, (k, a) = d.index("i", n), d.indices("k a", 3)
    x, y, w = d.input("x", i, k), d.input("y", i), d.input("W", k)
    f = d.objective("f", Sum((y[i] - Sum(w[a] * x[i, a], a)) ** 2, i) / (2 * n))
    if one_sample:
        d.assume(n, 1)

    def of(at: Any) -> Any:
        return x[at, k] * (y[at] - Sum(w[a] * x[at, a], a))

    return d, f.wrt(w[k]), -of(1 if one_sample and first else i), -Sum(of(i), i) / n


@row
def one_sample_for_all() -> Row:
    """One sample's gradient for that of the mean: right for a single sample."""
    d, left, one, mean = three_weights(one_sample=False)
    return Row(d, left, one, "conditional", mean, Row(*three_weights(one_sample=True)[:3]))


@variant
def one_sample_any_index() -> Row:
    """Under N = 1, with the sample's index left free."""
    return Row(*three_weights(one_sample=True, first=False)[:3])


@row
def error_times_inputs_no_transpose() -> Row:
    """X times the error where its transpose is meant, for a square X."""
    d = Derivation("linear regression, matrix form")
    i, j, k = d.indices("i j k", d.size("n"))
    x, t, w = d.input("X", i, j), d.input("t", i), d.input("W", j)
    y = d.let("y", i, Sum(x[i, k] * w[k], k))
    f = d.objective("f", Sum((t[i] - y[i]) ** 2, i) / 2)
    return Row(d, f.wrt(w[j]), -Sum(x[j, i] * (t[i] - y[i]), i), "false", -Sum(x[i, j] * (t[i] - y[i]), i))


@row
def trace_of_quadratic_form() -> Row:
    """The trace of W' A W B with respect to W."""
    d = Derivation("a trace")
    m, n = d.sizes("m n")
    (a, b), (i, j) = d.indices("a b", m), d.indices("i j", n)
    w, p, q = d.input("W", a, i), d.input("A", m, m), d.input("B", n, n)
    f = d.objective("f", Sum(w[a, i] * p[a, b] * w[b, j] * q[j, i], i, j, a, b))
    return Row(d, f.wrt(w[a, i]), Sum(p[a, b] * w[b, j] * q[j, i], b, j) + Sum(p[b, a] * w[b, j] * q[i, j], b, j))


@row
def quadratic_form_wrong_entry() -> Row:
    """A quadratic form in two variables, with a wrong entry in the mixed term."""
    d = Derivation("a quadratic form")
    a, b, c, e, x, y = d.inputs("a b c e x y")
    q = d.let("q", (a * x + c * y) * x + (b * x + e * y) * y)
    return Row(d, q, a * x**2 + (c + e) * x * y + e * y**2, "false", a * x**2 + (b + c) * x * y + e * y**2)


# Networks


@row
def two_linear_units_sign() -> Row:
    """The inner derivative's minus is lost."""
    d = Derivation("two linear units")
    w1, w2, x, y = d.inputs("w_1 w_2 x y")
    loss = d.objective("L", (y - w1 * w2 * x) ** 2)
    right = -2 * w2 * x * (y - w1 * w2 * x)
    return Row(d, loss.wrt(w1), -right, "false", right)


@row
def layer_weights_not_outer() -> Row:
    """Column times column, read entry by entry, where an outer product is meant."""
    d = Derivation("one layer")
    i, j, k = d.indices("i j k", d.size("n"))
    w, a, b, y = d.input("W", i, j), *d.inputs("a b y", i)
    z = d.let("z", i, Sum(w[i, k] * a[k], k) + b[i])
    out = d.let("A", i, sigmoid(z[i]))
    cost = d.objective("C", Sum((y[i] - out[i]) ** 2, i))
    return Row(d, cost.wrt(w[i, j]), cost.wrt(z[i]) * a[i], "false", cost.wrt(z[i]) * a[j])


def two_layers() -> SimpleNamespace:
    """An unknown activation; the loss is an unknown function along an unknown direction, so its gradient may be any."""
    d = Derivation("two layers, weight decay")
    width, hidden, out = d.sizes("d H q")
    j, i, k = d.index("j", width), d.index("i", hidden), d.index("k", out)
    x, g, w1, w2, decay = d.input("x", j), d.input("g", k), d.input("W_1", i, j), d.input("W_2", k, i), d.input("lambda")
    phi, ell = d.function("phi"), d.function("ell")
    z = d.let("z", i, Sum(w1[i, j] * x[j], j))
    h = d.let("h", i, phi(z[i]))
    o = d.let("o", k, Sum(w2[k, i] * h[i], i))
    loss = d.let("L", ell(Sum(g[k] * o[k], k)))
    penalty = d.let("s", decay / 2 * (Sum(w1[i, j] ** 2, i, j) + Sum(w2[k, i] ** 2, k, i)))
    f = d.objective("J", loss + penalty)
    return SimpleNamespace(**locals())


@row
def two_layers_outer() -> Row:
    """The outer weights."""
    t = two_layers()
    at = t.w2[t.k, t.i]
    return Row(t.d, t.f.wrt(at), t.f.wrt(t.o[t.k]) * t.h[t.i] + t.decay * at)


@row
def two_layers_hidden() -> Row:
    """The hidden units before the activation: entry by entry, the activation's slope."""
    t = two_layers()
    return Row(t.d, t.f.wrt(t.z[t.i]), t.f.wrt(t.h[t.i]) * t.phi.derivative(t.z[t.i]))


@row
def two_layers_inner() -> Row:
    """The inner weights."""
    t = two_layers()
    at = t.w1[t.i, t.j]
    return Row(t.d, t.f.wrt(at), t.f.wrt(t.z[t.i]) * t.x[t.j] + t.decay * at)


@row
def recurrent_weights() -> Row:
    """The recurrent weights of a linear network: at each step, what comes from above times the state before."""
    d = Derivation("a linear recurrent network")
    steps, width, hidden, out = d.sizes("T d H q")
    t, j, a = d.index("t", steps), d.index("j", width), d.index("a", out)
    i, k = d.indices("i k", hidden)
    x, start = d.input("x", t, j), d.input("h_0", i)
    into, over, outward = d.input("U", i, j), d.input("W", i, k), d.input("V", a, i)

    def before(h: Any) -> Any:
        return Where(Eq(t, 1), start[k], h[t - 1, k])

    h = d.let("h", t, i, lambda h: Sum(into[i, j] * x[t, j], j) + Sum(over[i, k] * before(h), k))
    o = d.let("o", t, a, Sum(outward[a, i] * h[t, i], i))
    loss = d.objective("L", o)
    return Row(d, loss.wrt(over[i, k]), Sum(loss.wrt(h[t, i]) * before(h), t))


def multiclass_hinge(positive_part: Callable[[Any], Any]) -> Row:
    d = Derivation("multiclass hinge")
    c, n = d.sizes("C d")
    (j, other, t), (k, a) = d.indices("j l t", c), d.indices("k a", n)
    w, x, margin = d.input("w", j, k), d.input("x", k), d.input("D")
    s = d.let("s", j, Sum(w[j, a] * x[a], a))
    loss = d.let("L", t, Sum(positive_part(s[other] - s[t] + margin), other, Ne(other, t)))
    right = Where(s[j] - s[t] + margin > 0, 1, 0) * x[k]
    return Row(d, Where(Ne(j, t), d.total(loss[t], w[j, k]), 0), Where(Ne(j, t), right, 0))


@row
def hinge_other_class() -> Row:
    """The multiclass hinge loss, for the weights of every class but the right one."""
    return multiclass_hinge(relu)


@variant
def hinge_as_printed() -> Row:
    """The same with max(0, z) in place of relu."""
    return multiclass_hinge(lambda z: Max(0, z))


@row
def relu_neuron() -> Row:
    """One ReLU neuron under mean squared error."""
    d = Derivation("a ReLU neuron")
    m, n = d.sizes("N d")
    i, (j, k) = d.index("i", m), d.indices("j k", n)
    w, b, x, y = d.input("w", j), d.input("b"), d.input("X", i, j), d.input("y", i)
    a = d.let("a", i, Max(0, Sum(w[k] * x[i, k], k) + b))
    cost = d.objective("C", Sum((y[i] - a[i]) ** 2, i) / m)
    return Row(d, cost.wrt(w[j]), Sum(Where(Sum(w[k] * x[i, k], k) + b > 0, -2 * (y[i] - a[i]) * x[i, j], 0), i) / m)


def attention() -> SimpleNamespace:
    d = Derivation("attention")
    n, m, width = d.sizes("N M d")
    i, (j, l), (a, b) = d.index("i", n), d.indices("j l", m), d.indices("a b", width)
    q, k, v = d.input("Q", i, a), d.input("K", j, a), d.input("V", j, a)
    s = d.let("S", i, j, Sum(q[i, a] * k[j, a], a) / sqrt(width))
    total = d.let("Z", i, log(Sum(exp(s[i, j]), j)))
    p = d.let("P", i, j, exp(s[i, j] - total[i]))
    o = d.let("O", i, a, Sum(p[i, j] * v[j, a], j))
    f = d.objective("f", o)
    return SimpleNamespace(**locals())


@row
def attention_values() -> Row:
    """The gradient of the values."""
    t = attention()
    return Row(t.d, t.f.wrt(t.v[t.j, t.a]), Sum(t.p[t.i, t.j] * t.f.wrt(t.o[t.i, t.a]), t.i))


@row
def attention_queries() -> Row:
    """The gradient of the queries, with the row sum of the output times its gradient."""
    t = attention()
    i, j, a = t.i, t.j, t.a
    up = t.f.wrt(t.o[i, a])
    inner = t.p[i, j] * (Sum(up * t.v[j, a], a) - Sum(up * t.o[i, a], a))
    return Row(t.d, t.f.wrt(t.q[i, t.b]), Sum(inner * t.k[j, t.b], j) / sqrt(t.width))


@row
def gelu_exact() -> Row:
    """GELU in its exact form."""
    d = Derivation("GELU")
    x = d.input("x")
    cdf = d.let("Phi", (1 + erf(x / sqrt(2))) / 2)
    u = d.let("u", sqrt(2 / pi) * (x + Rational("0.044715") * x**3))
    d.let("h", x * (1 + tanh(u)) / 2)
    return Row(d, d.total(d.let("g", x * cdf), x), cdf + x * exp(-(x**2) / 2) / sqrt(2 * pi))


@row
def huber_bracket() -> Row:
    """The linear branch of the Huber loss: the bracket misplaced, the absolute value lost."""
    d = Derivation("Huber loss")
    y, guess = d.inputs("y g")
    delta = d.input("delta", positive=True)
    r = d.let("r", y - guess)
    d.let("H", Where(Abs(r) <= delta, r**2 / 2, delta * Abs(r) - delta**2 / 2))
    return Row(d, delta * Abs(r) - delta**2 / 2, delta * r - delta / 2, "false", delta * (Abs(r) - delta / 2))


# Divergences of Gaussians


@row
def kl_code_square_for_twice() -> Row:
    """A square of the log in code where twice the log is meant."""
    d = Derivation("KL of Gaussians, in logs")
    i = d.index("i", d.size("n"))
    mu, sigma = d.input("mu", i), d.input("sigma", i, positive=True)
    s = d.let("s", i, log(sigma[i]))
    kl = d.let("K", Sum(-log(sigma[i]) + (sigma[i] ** 2 + mu[i] ** 2) / 2 - HALF, i))
    shared = exp(2 * s[i]) + mu[i] ** 2 - 1
    return Row(d, kl, Sum(shared + s[i] ** 2, i) / 2, "false", Sum(shared - 2 * s[i], i) / 2)


def kl_gaussian() -> tuple[Derivation, Any, Any, Any]:
    d = Derivation("KL of Gaussians")
    mu, sigma = d.input("mu"), d.input("sigma", positive=True)
    return d, mu, sigma, d.let("K", -log(sigma) + (sigma**2 + mu**2) / 2 - HALF)


@row
def kl_mean_nonsense() -> Row:
    """The derivative for the mean, with a fraction that belongs nowhere."""
    d, mu, sigma, kl = kl_gaussian()
    return Row(d, d.total(kl, mu), mu - sigma**2 / (1 + sigma**2), "false", mu)


@row
def kl_deviation_nonsense() -> Row:
    """The derivative for the deviation, unrelated to the right one."""
    d, mu, sigma, kl = kl_gaussian()
    return Row(d, d.total(kl, sigma), mu * sigma / (1 + sigma**2) - sigma / 2, "false", sigma - 1 / sigma)


@row
def kl_bracket() -> Row:
    """The half reaches one square only, and the constant is lost."""
    d, mu, sigma, kl = kl_gaussian()
    return Row(d, kl, -log(sigma) + sigma**2 / 2 + mu**2, "false", -log(sigma) + sigma**2 / 2 + mu**2 / 2 - HALF)


# Policies


def gaussian_policy_mean() -> SimpleNamespace:
    d = Derivation("a Gaussian policy, linear mean")
    i, j = d.indices("i j", d.size("d"))
    theta, x = d.inputs("theta x", i)
    a, sigma = d.input("a"), d.input("sigma", positive=True)
    mu = d.let("mu", Sum(theta[j] * x[j], j))
    lp = d.let("l", -log(sqrt(2 * pi)) - log(sigma) - (a - mu) ** 2 / (2 * sigma**2))
    return SimpleNamespace(**locals())


@row
def policy_mean() -> Row:
    """The score of the mean's parameters."""
    p = gaussian_policy_mean()
    return Row(p.d, p.d.total(p.lp, p.theta[p.i]), (p.a - p.mu) / p.sigma**2 * p.x[p.i])


@row
def policy_mean_wrong_power() -> Row:
    """A correction that was none: the cube of the deviation."""
    p = gaussian_policy_mean()
    up = (p.a - p.mu) * p.x[p.i]
    return Row(p.d, p.d.total(p.lp, p.theta[p.i]), up / p.sigma**3, "false", up / p.sigma**2)


@row
def policy_deviation() -> Row:
    """The score of the deviation's parameters, the deviation an exponential."""
    d = Derivation("a Gaussian policy, log-linear deviation")
    i, j = d.indices("i j", d.size("d"))
    theta, x = d.inputs("theta x", i)
    a, mu = d.inputs("a mu")
    sigma = d.let("sigma", exp(Sum(theta[j] * x[j], j)))
    lp = d.let("l", -log(sqrt(2 * pi)) - log(sigma) - (a - mu) ** 2 / (2 * sigma**2))
    return Row(d, d.total(lp, theta[i]), ((a - mu) ** 2 / sigma**2 - 1) * x[i])


def softmax_policy() -> SimpleNamespace:
    d = Derivation("a softmax policy")
    a, b, c = d.indices("a b c", d.size("A"))
    i, j = d.indices("i j", d.size("d"))
    theta, x = d.input("theta", i), d.input("x", b, i)
    h = d.let("h", b, Sum(theta[j] * x[b, j], j))
    p = d.let("p", b, exp(h[b]) / Sum(exp(h[c]), c))
    return SimpleNamespace(**locals())


@row
def policy_softmax() -> Row:
    """The score: the features less their expectation."""
    q = softmax_policy()
    return Row(q.d, q.d.total(log(q.p[q.a]), q.theta[q.i]), q.x[q.a, q.i] - Sum(q.x[q.b, q.i] * q.p[q.b], q.b))


@row
def policy_softmax_wrong_index() -> Row:
    """A definition in whose sum nothing depends on the index."""
    q = softmax_policy()
    top = exp(q.h[q.a])
    return Row(q.d, q.p[q.a], top / Sum(top, q.b), "false", top / Sum(exp(q.h[q.b]), q.b))


@row
def log_sigmoid() -> Row:
    """The derivative of the log of a sigmoid."""
    d = Derivation("log of a sigmoid")
    t = d.input("t")
    g = d.let("g", sigmoid(t))
    return Row(d, d.total(log(g), t), 1 - g)


def bernoulli_policy() -> SimpleNamespace:
    d = Derivation("a Bernoulli policy")
    i, j = d.indices("i j", d.size("d"))
    theta, x = d.inputs("theta x", i)
    a = d.input("a", integer=True, nonnegative=True)
    z = d.let("z", Sum(theta[j] * x[j], j))
    p = d.let("p", sigmoid((-1) ** a * z))
    return SimpleNamespace(**locals())


@row
def policy_bernoulli_no_log() -> Row:
    """The gradient of the log offered as that of the probability."""
    q = bernoulli_policy()
    score = (-1) ** q.a * q.x[q.i] * (1 - q.p)
    return Row(q.d, q.d.total(q.p, q.theta[q.i]), score, "false", score * q.p)


@row
def policy_bernoulli() -> Row:
    """The score of a Bernoulli policy."""
    q = bernoulli_policy()
    return Row(q.d, q.d.total(log(q.p), q.theta[q.i]), (-1) ** q.a * q.x[q.i] * (1 - q.p))


@row
def policy_bernoulli_contradiction() -> Row:
    """Two parts of one text that give an action opposite signs."""
    q = bernoulli_policy()
    return Row(q.d, 1 / (1 + exp(-q.z)), sigmoid((-1) ** 1 * q.z), "false", sigmoid(-((-1) ** 1) * q.z))


@row
def tsne_distances() -> Row:
    """The t-SNE cost, each ordered distance taken for itself: the gradient off the diagonal."""
    d = Derivation("t-SNE")
    i, j, k, m = d.indices("i j k m", d.size("n"))
    dist, p = d.input("d", i, j), d.input("p", i, j, positive=True)
    e = d.let("E", k, m, 1 / (1 + dist[k, m] ** 2))
    z = d.let("Z", Sum(e[k, m], k, m, Ne(k, m)))
    q = d.let("q", k, m, e[k, m] / z)
    cost = d.objective("C", Sum(p[k, m] * log(p[k, m] / q[k, m]), k, m, Ne(k, m)))
    own = (1 + dist[i, j] ** 2) ** -2 * dist[i, j]
    right = 2 * p[i, j] / (q[i, j] * z) * own - 2 * Sum(p[k, m], k, m, Ne(k, m)) * own / z
    return Row(d, Where(Ne(i, j), cost.wrt(dist[i, j]), 0), Where(Ne(i, j), right, 0))
