"""The generated kernels: against automatic differentiation, exact values and high precision; types, shapes, messages, staleness."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
from autograd import make_vjp

from symderiv.codegen.lower import module_source, source
from symderiv.codegen.plan import plan_of
from symderiv.judging.verify import draft, judge, load
from symderiv.kernels import batchnorm
from symderiv.kernels.functions import _erf, _log_sum_exp, _sigmoid, _softmax, _taken

ROOT = Path(__file__).parent.parent
EPS = 1e-5
LABELS = ("3f", "3a", "3b")


def arguments(shape, dtype=np.float64, seed=0):
    """dy, x, gamma and beta of a shape (m, features...)."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=s).astype(dtype) for s in (shape, shape, shape[1:], shape[1:])]


def by_autograd(dy, x, gamma, beta, eps):
    """y, and dx, dgamma, dbeta, by reverse-mode differentiation of the plain forward pass."""

    def forward(args):
        x, gamma, beta = args
        centred = x - anp.mean(x, axis=0)
        return gamma * centred / anp.sqrt(anp.mean(centred**2, axis=0) + eps) + beta

    vjp, y = make_vjp(forward)((x, gamma, beta))
    return y, *vjp(dy)


def exact(dy, x, gamma, root):
    """dx, dgamma, dbeta of lists of one kind of number, from the Jacobian; `root` is √(var + eps)."""
    m = len(x) * root**0
    mean = sum(x) / m
    jacobian = [[((i == j) - 1 / m) / root - (x[j] - mean) * (x[i] - mean) / (m * root**3) for j in range(len(x))] for i in range(len(x))]
    dx = [gamma * sum(d * slope for d, slope in zip(dy, row, strict=True)) for row in jacobian]
    return dx, sum(d * (a - mean) / root for d, a in zip(dy, x, strict=True)), sum(dy)


def distance(mine, wanted):
    """The largest difference as a fraction of the largest value."""
    wanted = np.asarray(wanted, float)
    return float(np.max(np.abs(np.asarray(mine, float) - wanted)) / np.max(np.abs(wanted)))


SHAPES = [(1,), (2,), (7,), (5, 3), (4, 2, 3), (3, 0), (2, 1)]
LAYOUTS = {
    "contiguous": lambda a: np.array(a, order="C"),
    "fortran": lambda a: np.array(a, order="F"),
    "every other": lambda a: np.repeat(a, 2, axis=0)[::2] if a.ndim else a,
    "backwards": lambda a: a[::-1].copy()[::-1] if a.ndim else a,
    "list": lambda a: a.tolist(),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_against_automatic_differentiation(shape, layout):
    dy, x, gamma, beta = arguments(shape)
    wanted = by_autograd(dy, x, gamma, beta, EPS)
    dy, x, gamma, beta = map(LAYOUTS[layout], (dy, x, gamma, beta))
    mine = batchnorm.forward(x, gamma, beta, EPS), *batchnorm.backward(dy, x, gamma, EPS)
    for a, b in zip(mine, wanted, strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_float32_stays_float32(shape):
    dy, x, gamma, beta = arguments(shape, np.float32)
    wanted = by_autograd(*arguments(shape), EPS)
    for eps in (EPS, np.float64(EPS), np.float32(EPS)):
        for scale in (gamma, gamma.astype(np.float64)):
            mine = batchnorm.forward(x, scale, beta, eps), *batchnorm.backward(dy, x, scale, eps)
            assert [a.dtype for a in mine] == [np.float32] * 4
            for a, b in zip(mine, wanted, strict=True):
                assert np.allclose(a, b, rtol=1e-3, atol=1e-5)


TYPES = [
    (np.float16, np.float16, np.float16),
    (np.float32, np.float64, np.float64),
    (np.int64, np.float32, np.float64),
    (np.int32, np.int32, np.float64),
    (np.bool_, np.bool_, np.float64),
    (np.longdouble, np.float32, np.longdouble),
]


@pytest.mark.parametrize(("of_dy", "of_x", "of_result"), TYPES)
def test_types(of_dy, of_x, of_result):
    dy, x = np.array([1, 0, 1], of_dy), np.array([0, 1, 1], of_x)
    assert [a.dtype for a in batchnorm.backward(dy, x, 2, 0.25)] == [of_result] * 3


def test_the_signatures():
    names = {f: f.__code__.co_varnames[: f.__code__.co_argcount] for f in (batchnorm.forward, batchnorm.backward)}
    assert list(names.values()) == [("x", "gamma", "beta", "eps"), ("dy", "x", "gamma", "eps")]


EXACT = [
    # dy, x, gamma, eps, √(var + eps)
    ([1, 0], [1, 3], 2, Fraction(5, 4), Fraction(3, 2)),
    ([3, -7], [0, 4], -3, Fraction(9, 4), Fraction(5, 2)),
    ([1, 2, 5], [-3, 0, 3], 5, Fraction(1, 4), Fraction(5, 2)),
    ([2, 3, 5, 7], [1, 3, 1, 3], Fraction(1, 2), Fraction(5, 4), Fraction(3, 2)),
    ([4], [9], 3, Fraction(1, 4), Fraction(1, 2)),
]


@pytest.mark.parametrize(("dy", "x", "gamma", "eps", "root"), EXACT)
def test_against_exact_rationals(dy, x, gamma, eps, root):
    dy, x = [Fraction(a) for a in dy], [Fraction(a) for a in x]
    mean = sum(x) / len(x)
    assert root**2 == sum((a - mean) ** 2 for a in x) / len(x) + eps
    mine = batchnorm.backward([float(a) for a in dy], [float(a) for a in x], float(gamma), float(eps))
    for a, b in zip(mine, exact(dy, x, gamma, root), strict=True):
        assert np.allclose(a, np.array(b, float), rtol=4e-16 * len(x), atol=4e-16 * len(x))


# A mean of 1e4 deviations costs four digits of those that the type has (2e-16, 6e-8).
PRECISE = [(np.float64, 0, 1e-14), (np.float64, 1e4, 2e-11), (np.float32, 0, 5e-6), (np.float32, 1e4, 1e-2)]


@pytest.mark.parametrize("m", [16, 100])
@pytest.mark.parametrize(("dtype", "mean", "tolerance"), PRECISE)
def test_against_high_precision_far_from_zero(dtype, mean, tolerance, m):
    rng = np.random.default_rng(3)
    dy, x = rng.normal(size=m).astype(dtype), (mean + rng.normal(size=m)).astype(dtype)
    with mpmath.workdps(50):
        big = [mpmath.mpf(float(a)) for a in x]
        centre = mpmath.fsum(big) / m
        root = mpmath.sqrt(mpmath.fsum((a - centre) ** 2 for a in big) / m + mpmath.mpf(float(dtype(EPS))))
        wanted = exact([mpmath.mpf(float(a)) for a in dy], big, mpmath.mpf(2), root)
    for a, b in zip(batchnorm.backward(dy, x, 2, EPS), wanted, strict=True):
        assert distance(a, b) < tolerance


def test_a_gamma_of_zero_lets_nothing_through():
    dy, x, gamma, _ = arguments((5, 3))
    dx, dgamma, _ = batchnorm.backward(dy, x, 0 * gamma, EPS)
    assert not dx.any()
    assert np.array_equal(dgamma, batchnorm.backward(dy, x, gamma, EPS)[1])


def test_of_constant_columns_only_the_mean_is_taken_off():
    dy, _, gamma, beta = arguments((7, 3))
    x = np.full((7, 3), 0.1)
    assert np.allclose(batchnorm.forward(x, gamma, beta, EPS), beta, atol=1e-12)
    dx, dgamma, dbeta = batchnorm.backward(dy, x, gamma, EPS)
    assert np.allclose(dx, gamma * (dy - dy.mean(axis=0)) / np.sqrt(EPS), rtol=1e-12)
    assert np.allclose(dgamma, 0, atol=1e-12)
    assert np.allclose(dbeta, dy.sum(axis=0), rtol=1e-14)


def test_one_row_has_no_gradient():
    assert batchnorm.backward([5.0], [3.0], 2.0, EPS)[0].tolist() == [0.0]


def test_a_number_serves_every_feature():
    dy, x, _, _ = arguments((5, 3))
    for a, b in zip(batchnorm.backward(dy, x, 2, EPS), batchnorm.backward(dy, x, np.full(3, 2.0), np.full(3, EPS)), strict=True):
        assert np.array_equal(a, b)


def test_the_arguments_are_left_alone():
    given = arguments((5, 3))
    kept = [a.copy() for a in given]
    for a in given:
        a.setflags(write=False)
    batchnorm.backward(*given[:3], EPS)
    batchnorm.forward(*given[1:], EPS)
    assert all(np.array_equal(a, b) for a, b in zip(given, kept, strict=True))


def ones(*shapes):
    return [np.ones(s) for s in shapes]


WRONG = [
    (ones((4, 3), (5, 3), (3,)), "dy has shape (4, 3), but x has shape (5, 3); dy must be (m, features...), here (5, 3)."),
    (ones((5,), (5, 3), (3,)), "dy has shape (5,), but x has shape (5, 3); dy must be (m, features...), here (5, 3)."),
    (ones((5, 3), (5, 3), (2,)), "gamma has shape (2,), but x has shape (5, 3); gamma must be (features...) or a number, here (3,)."),
    (ones((5, 3), (5, 3), (5, 3)), "gamma has shape (5, 3), but x has shape (5, 3); gamma must be (features...) or a number, here (3,)."),
    (ones((3,), (3,), (3,)), "gamma has shape (3,), but x has shape (3,); gamma must be (features...) or a number, here ()."),
    (ones((), (), ()), "x has shape (); it must be (m, features...), its axes at least (1,) long."),
    (ones((0, 3), (0, 3), (3,)), "x has shape (0, 3); it must be (m, features...), its axes at least (1,) long."),
]


@pytest.mark.parametrize(("given", "text"), WRONG)
def test_wrong_shapes(given, text):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        batchnorm.backward(*given, EPS)
    assert str(caught.value) == text


@pytest.mark.parametrize(("eps", "least"), [(0, "0.0"), (-1e-5, "-1e-05"), (float("nan"), "nan")])
def test_eps_must_be_positive(eps, least):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        batchnorm.forward([1.0, 2.0], 1.0, 0.0, eps)
    assert str(caught.value) == f"eps must be positive; its least entry is {least}."


@pytest.mark.parametrize(
    ("x", "gamma", "text"),
    [
        ([1j, 2], 1, "x has the type complex128; it must hold real numbers."),
        (["a", "b"], 1, "x has the type <U1; it must hold real numbers."),
        ([Fraction(1), Fraction(2)], 1, "x has the type object; it must hold real numbers."),
        ([1.0, 2.0], 1j, "gamma has the type complex128; it must hold real numbers."),
        ([1.0, 2.0], None, "gamma has the type object; it must hold real numbers."),
    ],
)
def test_only_real_numbers(x, gamma, text):
    with pytest.raises(TypeError) as caught:
        batchnorm.forward(x, gamma, 0.0, EPS)
    assert str(caught.value) == text


def test_importing_a_kernel_imports_no_sympy():
    code = "import sys; from symderiv.kernels import batchnorm; print(sorted({'sympy', 'flint', 'jinja2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.fixture(scope="module")
def judged_page():
    page = load(str(ROOT / "derivations/batchnorm.py"))
    judged = draft(page)
    return page, judged.with_steps({n: judge(page, n) for n in range(len(judged.steps))})


@pytest.fixture(scope="module")
def generated(judged_page):
    page, judged = judged_page
    return source(plan_of(page.derivations[0], judged.derivations[0], LABELS, features=True), "batchnorm")


def test_the_committed_kernel_is_not_stale(generated):
    committed = Path(batchnorm.__file__).read_text(encoding="utf-8")
    assert committed == generated, "stale: python -m symderiv kernel batchnorm --output symderiv/kernels/batchnorm.py"


def test_the_page_declares_this_kernel(judged_page, generated):
    page, judged = judged_page
    declared = SimpleNamespace(name=page.name, derivations=tuple(page.derivations))
    page.derivations[0].kernels = [SimpleNamespace(labels=LABELS, features=True)]
    assert module_source(declared, judged) == generated


def test_the_generated_text_is_formatted_and_clean(generated, tmp_path):
    (tmp_path / "kernel.py").write_text(generated, encoding="utf-8")
    config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", str(tmp_path)]
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run([sys.executable, "-m", "ruff", *command, *config], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_the_docstring_has_the_formula_its_verdict_and_its_source(generated):
    for part in (
        "Source: Ioffe and Szegedy 2015",
        "ε: an input, positive",
        "σ² = (1/m)·Σᵢ (xᵢ − μ)²",
        "Gradients, each proved for every m >= 1, step by step:",
        "∂f/∂xᵢ = (m·γ·∂f/∂yᵢ − Σₖ γ·∂f/∂yₖ − x̂ᵢ·Σₙ γ·∂f/∂yₙ·x̂ₙ)/(m·√(σ² + ε))\n        claim 3f: proved",
    ):
        assert part in batchnorm.__doc__


NOTHING = float("-inf")
FUNCTIONS = [
    (_erf(np.float32([0, 1])), np.float32([0, 0.8427008])),
    (_erf(np.zeros((0, 2))), np.zeros((0, 2))),
    (_sigmoid(np.array([-800.0, 0, 800])), [0, 0.5, 1]),
    (_log_sum_exp(np.array([[1000.0, 1000], [NOTHING, 2]]), axis=1), [1000 + np.log(2), 2]),
    (_log_sum_exp(np.array([NOTHING, NOTHING]), axis=0), NOTHING),
    (_log_sum_exp(np.zeros((2, 3)), axis=(0, 1)), np.log(6)),
    (_softmax(np.array([[1000.0, 1000], [NOTHING, 2]]), axis=1), [[0.5, 0.5], [0, 1]]),
    (_softmax(np.full((2, 2), 1e300), axis=(0, 1)), np.full((2, 2), 0.25)),
    (_taken(np.array([1.0, 2, 3]), np.array([[-1, 0], [2, 3]]), axis=0), [[0, 1], [3, 0]]),
    (_taken(np.arange(6.0).reshape(3, 2), np.array([2, 5, -3]), axis=0), [[4, 5], [0, 0], [0, 0]]),
]


@pytest.mark.parametrize(("mine", "wanted"), FUNCTIONS)
def test_what_numpy_lacks(mine, wanted):
    assert np.shape(mine) == np.shape(wanted)
    assert np.allclose(mine, wanted, rtol=1e-6 if np.asarray(mine).dtype == np.float32 else 1e-15)
