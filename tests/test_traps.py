"""Where others go wrong: what SymPy answers wrongly in silence, and mistakes that real code and real papers made.

Each trap is either answered rightly or refused with a clear error; each mistake is refuted, the right formula beside it proved.
"""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from plain import confirms
from sympy import Add, Rational, Symbol, exp, log, pi, sqrt, sympify

from symderiv import Delta, Derivation, Sum, Where, relu, sigmoid
from symderiv.errors import SymderivError, TermError
from symderiv.judging.verify import judge_step
from symderiv.language.claim import Step
from symderiv.language.terms import free_indices, replace
from symderiv.language.verdict import Proved, Refuted


def judged(d: Derivation, left: Any, right: Any) -> Any:
    step = Step(sympify(left), sympify(right))
    judgement = judge_step(step, d.program)
    if isinstance(judgement.graph, Refuted):
        assert confirms(step, d.program, judgement.graph.counterexample), judgement.graph
    return judgement


def proved(d: Derivation, left: Any, right: Any) -> bool:
    return isinstance(judged(d, left, right).graph, Proved)


def refuted(d: Derivation, left: Any, right: Any) -> bool:
    return isinstance(judged(d, left, right).graph, Refuted)


# SymPy 1.14, silently wrong

page = d = Derivation("traps")
n = d.size("n")
i, j, k = d.indices("i j k", n)
even = d.index("i", n)
x, y, z = d.inputs("x y z", i)
w = d.input("w", 2 * n)
c, e = d.inputs("c e")


def test_the_bound_index_does_not_capture_the_free_one():
    """sympy#21891: `Sum(x[i]*y[i], (i, 1, n)).diff(x[i])` is `Sum(y[i])`."""
    derivative = page.total(Sum(x[i] * y[i], i), x[i])
    assert proved(page, derivative, y[i])
    assert refuted(page, derivative, Sum(y[i], i))


def test_substitution_does_not_capture():
    """`Sum(x[i]*c, (i, 1, n)).subs(c, x[i])` is `Sum(x[i]**2)`."""
    put_in = replace(Sum(x[i] * c, i), {c: x[i]})
    assert free_indices(put_in) == {i}
    assert proved(page, put_in, x[i] * Sum(x[k], k))
    assert refuted(page, put_in, Sum(x[i] ** 2, i))


def test_substitution_does_not_capture_two_deep():
    put_in = replace(Sum(x[i] * Sum(y[j] * c, j), i), {c: x[i] * y[j]})
    assert proved(page, put_in, x[i] * y[j] * Sum(x[k], k) * Sum(y[k], k))


def test_substitution_goes_into_ranges():
    r = page.index("r", i)
    assert proved(page, replace(Sum(1, r), {i: k}), k)
    assert proved(page, Sum(replace(Sum(x[r], r), {i: k}), k), Sum(Sum(x[r], r), i))


def test_putting_the_mean_in_does_not_capture():
    """`Put μ in` does exactly this."""
    d = Derivation("put the mean in")
    m = d.size("m")
    i, _k = d.indices("i k", m)
    x = d.input("x", i)
    mu = d.let("mu", Sum(x[i], i) / m)
    assert proved(d, Sum((x[i] - mu) * x[i], i), Sum(x[i] ** 2, i) - Sum(x[i], i) ** 2 / m)
    assert refuted(d, Sum((x[i] - mu) * x[i], i), Sum(x[i] ** 2, i) - Sum(x[i] ** 2, i) / m)


def test_every_second_entry():
    """`Sum(x[2*i], ..).diff(x[j]).doit()` forgets that j must be even."""
    j = page.index("j", 2 * n)
    derivative = page.total(Sum(w[2 * i], i), w[j])
    assert proved(page, derivative, Sum(Delta(2 * i, j), i))
    assert refuted(page, derivative, 1)
    assert proved(page, page.total(Sum(w[2 * i], i), w[2 * k]), 1)
    assert not refuted(page, page.total(Sum(w[2 * i], i), w[2 * k - 1]), 0)


def test_gradients_of_traces_keep_every_term():
    """sympy#26561: matrix gradients through `Trace` drop terms."""
    d = Derivation("trace")
    i, j, _k = d.indices("i j k", d.size("n"))
    M = d.input("M", i, j)
    square = (M @ M)[i, i]
    assert proved(d, d.total(Sum(square, i), M[i, j]), 2 * M[j, i])
    assert refuted(d, d.total(Sum(square, i), M[i, j]), M[j, i])
    assert refuted(d, d.total(Sum(square, i), M[i, j]), 2 * M[i, j])
    assert proved(d, d.total(Sum((M @ M @ M)[i, i], i), M[i, j]), 3 * (M @ M)[j, i])


def test_a_quadratic_form_has_two_terms():
    """sympy#26561: a gradient through `[0, 0]` is 0."""
    d = Derivation("quadratic form")
    i, j = d.indices("i j", d.size("n"))
    M, v = d.input("M", i, j), d.input("v", i)
    form = Sum(v[i] * M[i, j] * v[j], i, j)
    assert proved(d, d.total(form, v[i]), Sum((M[i, j] + M[j, i]) * v[j], j))
    assert refuted(d, d.total(form, v[i]), 2 * Sum(M[i, j] * v[j], j))
    assert refuted(d, d.total(form, v[i]), 0)


def test_a_delta_in_a_sum_leaves_a_vector():
    """sympy#28950: `Sum(KroneckerDelta(i, j)*A[j]*B[j])` becomes a scalar."""
    assert proved(page, Sum(Delta(i, j) * x[j] * y[j], j), x[i] * y[i])
    assert refuted(page, Sum(Delta(i, j) * x[j] * y[j], j), Sum(x[j] * y[j], j))


def test_a_bound_index_does_not_leak():
    """sympy#27359: `simplify(Sum(Piecewise((KroneckerDelta..` leaks one."""
    term = Sum(Where(c > 0, Delta(i, j) * x[j], y[j]), j)
    assert free_indices(term) == {i}
    assert proved(page, term, Where(c > 0, x[i], Sum(y[j], j)))


def test_zero_times_a_root_is_zero():
    """`factor(...)` may return `0*sqrt(2)`, of which `== 0` is False."""
    unfinished = Add(sqrt(2) * c, -sqrt(2) * c, evaluate=False)
    assert judged(page, unfinished, 0).trivial


def test_a_symbol_of_the_same_name_is_not_the_declared_one():
    """`Symbol('m') - Symbol('m', positive=True)` prints `-m + m` and is not 0."""
    with pytest.raises(TermError) as raised:
        page.claim("size", Sum(c, i), Symbol("n") * c)
    assert (
        str(raised.value)
        == "claim size: n in c*n is not declared on this page; declare it with size, input or let, and use what that returns."
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("size", "let"),
        ("input", "let"),
        ("positive input", "let"),
        ("let", "positive input"),
        ("positive input", "size"),
        ("objective", "input"),
    ],
)
def test_a_name_is_declared_once_whatever_is_assumed_of_it(first, second):
    declare: dict[str, Callable[[Derivation], Any]] = {
        "size": lambda d: d.size("v"),
        "input": lambda d: d.input("v"),
        "positive input": lambda d: d.input("v", positive=True),
        "let": lambda d: d.let("v", sympify(1)),
        "objective": lambda d: d.objective("v", sympify(1)),
    }
    d = Derivation("twice")
    declare[first](d)
    with pytest.raises(TermError) as raised:
        declare[second](d)
    assert str(raised.value) == "v is already declared; each name is declared once."


def test_a_range_that_runs_backwards_is_refused():
    """`Sum(i, (i, 5, 1)).doit()` is -9."""
    with pytest.raises(TermError) as raised:
        page.index("b", 1, lower=5)
    assert str(raised.value) == "the index b over 5..1: the range may run backwards."
    with pytest.raises(TermError, match=r"over 1\.\.n - 2: the range may run backwards"):
        page.index("b", n - 2)


def test_an_empty_range_sums_to_nothing():
    s = page.index("s", n - 1)
    assert proved(page, Sum(c, s), (n - 1) * c)
    assert refuted(page, Sum(x[s] ** 2, s) + 1, Sum(x[s] ** 2, s))


def test_relu_at_its_kink_is_a_condition_not_a_half():
    """`lambdify` makes Heaviside(0) = 1/2."""
    judgement = judged(page, page.total(relu(c), c), Where(c > 0, 1, 0))
    assert [(str(q.term), q.relation) for q in judgement.graph.certificate.conditions] == [("c", "!=")]
    assert refuted(page, page.total(relu(c), c), Rational(1, 2))


# mistakes that were made


def batchnorm() -> dict[str, Any]:
    d = Derivation("batchnorm")
    m = d.size("m")
    i, k = d.indices("i k", m)
    x = d.input("x", i)
    g, b = d.inputs("gamma beta")
    eps = d.input("varepsilon", positive=True)
    mu = d.let("mu", Sum(x[i], i) / m)
    var = d.let("var", Sum((x[i] - mu) ** 2, i) / m)
    xh = d.let("xh", i, (x[i] - mu) / sqrt(var + eps))
    y = d.let("y", i, g * xh[i] + b)
    f = d.objective("f", y)
    return locals()


def layernorm() -> dict[str, Any]:
    d = Derivation("layernorm")
    n, D = d.sizes("n D")
    b = d.index("b", n)
    i, j = d.indices("i j", D)
    x = d.input("x", b, i)
    g = d.input("gamma", i)
    eps = d.input("varepsilon", positive=True)
    mu = d.let("mu", b, Sum(x[b, i], i) / D)
    var = d.let("var", b, Sum((x[b, i] - mu[b]) ** 2, i) / D)
    xh = d.let("xh", b, i, (x[b, i] - mu[b]) / sqrt(var[b] + eps))
    y = d.let("y", b, i, g[i] * xh[b, i])
    f = d.objective("f", y)
    std = sqrt(var[b] + eps)
    return locals()


def softmax() -> dict[str, Any]:
    d = Derivation("softmax")
    C = d.size("C")
    i, j, k = d.indices("i j k", C)
    z = d.input("z", i)
    lse = d.let("lse", log(Sum(exp(z[k]), k)))
    p = d.let("p", i, exp(z[i]) / Sum(exp(z[k]), k))
    return locals()


def logistic() -> dict[str, Any]:
    d = Derivation("binary cross-entropy")
    n, D = d.sizes("n D")
    i = d.index("i", n)
    j, l = d.indices("j l", D)
    X, y, th = d.input("X", i, j), d.input("y", i), d.input("theta", j)
    h = d.let("h", i, sigmoid(Sum(X[i, l] * th[l], l)))
    J = d.objective("J", -Sum(y[i] * log(h[i]) + (1 - y[i]) * log(1 - h[i]), i) / n)
    return locals()


def affine() -> dict[str, Any]:
    d = Derivation("affine")
    n, D, K = d.sizes("n D K")
    i, a, o = d.index("i", n), d.index("a", D), d.index("o", K)
    x, W, b = d.input("x", i, a), d.input("W", a, o), d.input("b", o)
    y = d.let("y", i, o, Sum(x[i, a] * W[a, o], a) + b[o])
    f = d.objective("f", y)
    return locals()


def with_names(template: Callable[..., Any], setting: dict[str, Any]) -> Any:
    wanted = template.__code__.co_varnames[: template.__code__.co_argcount]
    return template(**{name: setting[name] for name in wanted})


def _bn(m, f, y, xh, g, var, eps, i, k):
    """The whole of dx, as it is right."""
    dy = f.wrt(y[i])
    return g / (m * sqrt(var + eps)) * (m * dy - Sum(f.wrt(y[k]), k) - xh[i] * Sum(f.wrt(y[k]) * xh[k], k))


def _ln(D, f, y, xh, g, std, b, i, j):
    return (g[i] * f.wrt(y[b, i]) - Sum(g[j] * f.wrt(y[b, j]), j) / D - xh[b, i] * Sum(g[j] * f.wrt(y[b, j]) * xh[b, j], j) / D) / std


MISTAKES = [
    # where it was made                                    setting      the derivative                                    right                                                         wrong
    ("mean and variance held constant (CrypTen#143)",      batchnorm,   lambda f, x, i: f.wrt(x[i]),                      _bn,                                                          lambda f, y, g, var, eps, i: f.wrt(y[i]) * g / sqrt(var + eps)),
    ("a term divided by m twice (mxnet#1053)",             batchnorm,   lambda f, x, i: f.wrt(x[i]),                      _bn,                                                          lambda m, f, y, xh, g, var, eps, i, k: g / sqrt(var + eps) * (f.wrt(y[i]) - Sum(f.wrt(y[k]), k) / m - xh[i] * Sum(f.wrt(y[k]) * xh[k], k) / m**2)),
    ("an extra term, divided by m twice",                  batchnorm,   lambda f, x, i: f.wrt(x[i]),                      _bn,                                                          lambda m, f, y, xh, g, var, eps, i, k: g / sqrt(var + eps) * (f.wrt(y[i]) - Sum(f.wrt(y[k]), k) / m - xh[i] * Sum(f.wrt(y[k]) * xh[k], k) / m) + Sum(f.wrt(y[k]), k) / m**2),
    ("dy before it is multiplied by γ (Knet#288)",         batchnorm,   lambda f, x, i: f.wrt(x[i]),                      _bn,                                                          lambda m, f, y, xh, g, var, eps, i, k: (g * f.wrt(y[i]) - Sum(f.wrt(y[k]), k) / m - g * xh[i] * Sum(f.wrt(y[k]) * xh[k], k) / m) / sqrt(var + eps)),
    ("γ forgotten, which γ = 1 hides",                     batchnorm,   lambda f, xh, i: f.wrt(xh[i]),                    lambda f, y, g, i: g * f.wrt(y[i]),                           lambda f, y, i: f.wrt(y[i])),
    ("dy forgotten, which dy = 1 hides",                   batchnorm,   lambda f, g: f.wrt(g),                            lambda f, y, xh, i: Sum(f.wrt(y[i]) * xh[i], i),              lambda xh, i: Sum(xh[i], i)),
    ("dγ without its sum, which size 1 hides",             batchnorm,   lambda f, b: f.wrt(b),                            lambda f, y, i: Sum(f.wrt(y[i]), i),                          lambda m, f, y, i: m * f.wrt(y[i])),
    ("a term of dx missing (mlpack#1923)",                 batchnorm,   lambda f, x, i: f.wrt(x[i]),                      _bn,                                                          lambda m, f, y, xh, g, var, eps, i, k: g / sqrt(var + eps) * (f.wrt(y[i]) - xh[i] * Sum(f.wrt(y[k]) * xh[k], k) / m)),
    ("the variance for the deviation (nerva's yeh)",       batchnorm,   lambda f, x, i: f.wrt(x[i]),                      _bn,                                                          lambda m, f, y, xh, g, var, eps, i, k: g / (m * (var + eps)) * (m * f.wrt(y[i]) - Sum(f.wrt(y[k]), k) - xh[i] * Sum(f.wrt(y[k]) * xh[k], k))),
    ("1/m forgotten, which size 1 hides",                  batchnorm,   lambda d, mu, x, i: d.total(mu, x[i]),            lambda m: 1 / m,                                              lambda: 1),
    ("the zero matrix",                                    batchnorm,   lambda f, x, i: f.wrt(x[i]),                      _bn,                                                          lambda: 0),
    ("LayerNorm, dx",                                      layernorm,   lambda f, x, b, i: f.wrt(x[b, i]),                _ln,                                                          lambda D, f, y, xh, g, std, b, i, j: g[i] * (f.wrt(y[b, i]) - Sum(f.wrt(y[b, j]), j) / D - xh[b, i] * Sum(f.wrt(y[b, j]) * xh[b, j], j) / D) / std),
    ("LayerNorm's Jacobian without 1/d",                   layernorm,   lambda d, x, xh, b, i, j: d.total(xh[b, i], x[b, j]), lambda D, xh, std, b, i, j: (Delta(i, j) - 1 / D - xh[b, i] * xh[b, j] / D) / std, lambda D, xh, std, b, i, j: (Delta(i, j) - 1 / D - xh[b, i] * xh[b, j]) / std),
    ("LayerNorm's Jacobian without the other 1/d",         layernorm,   lambda d, x, xh, b, i, j: d.total(xh[b, i], x[b, j]), lambda D, xh, std, b, i, j: (Delta(i, j) - 1 / D - xh[b, i] * xh[b, j] / D) / std, lambda D, xh, std, b, i, j: (Delta(i, j) - 1 - xh[b, i] * xh[b, j] / D) / std),
    ("dγ summed over the wrong dimension",                 layernorm,   lambda f, g, i: f.wrt(g[i]),                      lambda f, y, xh, b, i: Sum(f.wrt(y[b, i]) * xh[b, i], b),     lambda D, n, f, y, xh, b, i, j: Sum(f.wrt(y[b, j]) * xh[b, j], b, j) / D),
    ("the softmax diagonal everywhere",                    softmax,     lambda d, p, z, i, j: d.total(p[i], z[j]),        lambda p, i, j: p[i] * (Delta(i, j) - p[j]),                  lambda p, i, j: p[i] * (1 - p[j])),
    ("softmax, the diagonal only",                         softmax,     lambda d, p, z, i, j: d.total(p[i], z[j]),        lambda p, i, j: Delta(i, j) * p[i] - p[i] * p[j],             lambda p, i, j: Delta(i, j) * p[i] * (1 - p[i])),
    ("log-sum-exp's Hessian with diag(z)^-1",              softmax,     lambda d, lse, z, i, j: d.total(d.total(lse, z[i]), z[j]), lambda p, i, j: Delta(i, j) * p[i] - p[i] * p[j],    lambda p, z, i, j: Delta(i, j) / z[i] - p[i] * p[j]),
    ("cross-entropy's gradient without 1/n",               logistic,    lambda J, th, j: J.wrt(th[j]),                    lambda n, X, h, y, i, j: Sum((h[i] - y[i]) * X[i, j], i) / n, lambda X, h, y, i, j: Sum((h[i] - y[i]) * X[i, j], i)),
    ("cross-entropy's gradient, its sign",                 logistic,    lambda J, th, j: J.wrt(th[j]),                    lambda n, X, h, y, i, j: Sum((h[i] - y[i]) * X[i, j], i) / n, lambda n, X, h, y, i, j: Sum((y[i] - h[i]) * X[i, j], i) / n),
    ("bias gradients without the sum over the batch",      affine,      lambda f, b, o: f.wrt(b[o]),                      lambda f, y, i, o: Sum(f.wrt(y[i, o]), i),                    lambda n, f, y, i, o: n * f.wrt(y[i, o])),
    ("weights' gradient from another row",                 affine,      lambda f, W, a, o: f.wrt(W[a, o]),                lambda f, x, y, i, a, o: Sum(x[i, a] * f.wrt(y[i, o]), i),    lambda f, x, y, i, a, o: Sum(x[i, a], i) * Sum(f.wrt(y[i, o]), i)),
]  # fmt: skip


@pytest.mark.parametrize(("where", "setting", "derivative", "right", "wrong"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_mistakes_are_refuted(where, setting, derivative, right, wrong):
    names = setting()
    left = with_names(derivative, names)
    judgement = judged(names["d"], left, with_names(right, names))
    assert isinstance(judgement.graph, Proved), judgement.graph
    assert not judgement.trivial
    assert refuted(names["d"], left, with_names(wrong, names))


def test_a_vector_does_not_come_out_of_a_sum():
    """γ[i] was pulled out of the sum over i."""
    names = layernorm()
    d, f, g, xh, y, b, i, j = (names[name] for name in ["d", "f", "g", "xh", "y", "b", "i", "j"])
    assert refuted(d, Sum(g[i] * f.wrt(y[b, i]) * xh[b, i], i), g[j] * Sum(f.wrt(y[b, i]) * xh[b, i], i))
    with pytest.raises(SymderivError):
        d.let("pulled", b, g[i] * Sum(f.wrt(y[b, i]) * xh[b, i], i))


def test_a_partial_of_the_mean_is_not_its_adjoint():
    """∂f/∂μ has two paths; one of them was forgotten."""
    names = batchnorm()
    d, f, mu, xh, var, _eps, i, _x = (names[name] for name in ["d", "f", "mu", "xh", "var", "eps", "i", "x"])
    right = Sum(f.wrt(xh[i]) * d.partial(xh[i], mu), i) + f.wrt(var) * d.partial(var, mu)
    judgement = judged(d, f.wrt(mu), right)
    assert isinstance(judgement.formal, Proved)
    forgotten = judged(d, f.wrt(mu), Sum(f.wrt(xh[i]) * d.partial(xh[i], mu), i))
    assert isinstance(forgotten.graph, Proved), "what was forgotten vanishes on the graph"
    assert isinstance(forgotten.formal, Refuted), "but not formally"


# vacuity


def vacuous() -> dict[str, Any]:
    names = batchnorm()
    names["J"] = names["d"].objective("J", Sum(names["y"][names["i"]], names["i"]))
    return names


def test_a_check_that_cannot_fail_is_called_trivial():
    """f = sum(y): the true dx is 0, so the right formula, a wrong one and the zero matrix all pass."""
    names = vacuous()
    d, J, x, y, g, m, mu, xh, i, k = (names[name] for name in ["d", "J", "x", "y", "g", "m", "mu", "xh", "i", "k"])
    for claimed in (
        0,
        g * (J.wrt(y[i]) - Sum(J.wrt(y[k]), k) / m - xh[i] * Sum(J.wrt(y[k]) * xh[k], k) / m),
        2 * g * (J.wrt(y[i]) - Sum(J.wrt(y[k]), k) / m) - xh[i] * Sum(xh[k], k),
    ):
        judgement = judged(d, J.wrt(x[i]), claimed)
        assert isinstance(judgement.graph, Proved)
        assert judgement.trivial
    assert refuted(d, J.wrt(x[i]), x[i] - mu)


def test_what_is_nothing_to_one_objective_is_refuted_for_any():
    names = vacuous()
    d, f, x, y, g, m, xh, i, k = (names[name] for name in ["d", "f", "x", "y", "g", "m", "xh", "i", "k"])
    assert refuted(d, f.wrt(x[i]), 0)
    assert refuted(d, f.wrt(x[i]), 2 * g * (f.wrt(y[i]) - Sum(f.wrt(y[k]), k) / m) - xh[i] * Sum(xh[k], k))


def test_an_objective_has_no_second_derivative_that_is_known():
    """The linear form that stands for an objective would make its Hessian zero."""
    d = Derivation("second derivatives")
    i, j = d.indices("i j", d.size("n"))
    x = d.input("x", i)
    y = d.let("y", i, x[i] ** 2)
    f = d.objective("f", y)
    for hessian in (d.total(f.wrt(x[i]), x[j]), d.total(x[i] * f.wrt(y[i]), x[j])):
        with pytest.raises(TermError, match="second derivative of an opaque objective"):
            d.claim("hessian", hessian, 0)


def test_an_objectives_second_derivative_is_not_reached_through_a_name():
    d = Derivation("second derivatives, by a name")
    i, j = d.indices("i j", d.size("n"))
    x = d.input("x", i)
    y = d.let("y", i, x[i])
    f = d.objective("f", y)
    try:
        gradient = d.let("g", i, f.wrt(x[i]))
        d.claim("hessian", d.total(gradient[i], x[j]), Delta(i, j))
    except TermError:
        return
    step = d.claims[-1].steps[0]
    judgement = judge_step(step, d.program)
    assert not isinstance(judgement.graph, (Proved, Refuted)), "nothing is known of it"


def test_an_input_cannot_take_the_name_of_a_cotangent():
    """Else `∂f/∂y` would be proved to be an input."""
    d = Derivation("cotangents")
    i = d.index("i", d.size("n"))
    x = d.input("x", i)
    y = d.let("y", i, x[i])
    try:
        g = d.input(r"\partial f/\partial y", i)
        f = d.objective("f", y)
    except TermError:
        return
    assert not proved(d, f.wrt(y[i]), g[i])


COINCIDENCES = [
    # about                                             a page on which two things have one name, and a claim that holds at few points
    ("a positive input and a node",                     lambda d: (d.input("v", positive=True), lambda v: d.let("v", v**2 - 2))),
    ("a size and a node",                               lambda d: (d.size("v"), lambda v: d.let("v", v**2 - 2))),
]  # fmt: skip


@pytest.mark.parametrize(("about", "make"), COINCIDENCES, ids=[row[0] for row in COINCIDENCES])
def test_two_things_of_one_name_are_not_equal(about, make):
    """They were proved equal, as the point that a proof is compared at was one at which they are."""
    d = Derivation("one name")
    first, second = make(d)
    try:
        node = second(first)
    except TermError:
        return
    assert not proved(d, node, first)


def test_an_input_named_pi_is_not_pi():
    """It was proved to be, where both sides vanish at the point that a proof is compared at."""
    d = Derivation("π")
    try:
        g = d.input("π")
    except TermError:
        return
    assert refuted(d, (g - 2) * g, (g - 2) * pi)
