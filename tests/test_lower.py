"""Terms as NumPy: the code, and its value against loops over every position; what is refused, in full words."""

from __future__ import annotations

import inspect
import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
from sympy import Abs, And, Eq, Max, Min, Ne, Rational, Symbol, UnevaluatedExpr, cos, erf, exp, log, pi, sign, sin, sqrt, tanh

from symderiv.codegen.axes import align
from symderiv.codegen.expressions import bracketed, multiplied, statement
from symderiv.codegen.identifiers import adjoint_names, python_name, python_names
from symderiv.codegen.lower import kernel_function, module_source, source
from symderiv.codegen.plan import for_arrays, plan_of
from symderiv.errors import PageError, TermError
from symderiv.faces.judged import Formula, JudgedClaim, JudgedDerivation, JudgedPage, JudgedStep
from symderiv.language.claim import Derivation, erratum
from symderiv.language.functions import clamp, relu, sigmoid, softplus, stop_gradient
from symderiv.language.terms import Delta, Element, Index, Label, Product, Sum, Total, Where
from symderiv.notation.notation import text

d = Derivation("Arrays of every kind")
m, n, q = d.sizes("m n q")
i, j, k, r = d.index("i", m), d.index("j", n), d.index("k", q), d.index("r", m)
inner = d.index("u", m - 1)
A, B, C = d.input("A", i, j), d.input("B", j, k), d.input("C", i, r)
v, w, c = d.input("v", j), d.input("w", i), d.input("c")
T = d.input("T", i, j, k)
z = d.let("z", i, j, A[i, j] * v[j])
f = d.objective("f", z)
dz = f.wrt(z[i, j])

SIZES = {m: 3, n: 2, q: 4}

# term, axes, its code without features, its code with features where that differs
CODE = [
    (A[i, j], (i, j), "A", "A"),
    (A[i, j], (j, i), "A.T", "A.swapaxes(0, 1)"),
    (T[i, j, k], (k, i, j), "T.transpose(2, 0, 1)", "T.swapaxes(0, 2).swapaxes(1, 2)"),
    (w[i] + v[j], (i, j), "v + w[:, None]", None),
    (c * w[i], (i,), "c * w", None),
    (A[1, j] + v[n], (j,), "v[A.shape[1] - 1] + A[0]", None),
    (w[inner + 1] - w[inner], (inner,), "w[1:] - w[: w.shape[0] - 1]", None),
    (C[i, i], (i,), "C[np.arange(C.shape[0]), np.arange(C.shape[0])]", None),
    (w[m + 1 - i], (i,), "w[w.shape[0] - np.arange(w.shape[0]) - 1]", None),
    (Sum(w[i], i) / m, (), "np.sum(w, axis=0) / w.shape[0]", None),
    (Sum((w[i] - c) ** 2, i), (), "np.sum((w - c) ** 2, axis=0)", None),
    (Sum(A[i, j], i), (j,), "np.sum(A, axis=0)", None),
    (Sum(A[i, j], j), (i, j), "np.sum(A, axis=1)[:, None]", None),
    (Sum(A[i, j], i, j), (), "np.sum(A, axis=(0, 1))", None),
    (Sum(c * w[i], i), (), "c * np.sum(w, axis=0)", None),
    (w[r] + Sum(c, i), (r,), "w + w.shape[0] * c", None),
    (Sum(A[i, j] * B[j, k], j), (i, k), "A @ B", 'np.einsum("ij...,jk...->ik...", A, B)'),
    (Sum(A[i, j] * B[j, k], j), (k, i), "B.T @ A.T", 'np.einsum("ij...,jk...->ki...", A, B)'),
    (Sum(A[i, j] * v[j], j), (i,), "A @ v", "np.sum(v * A, axis=1)"),
    (Sum(A[i, j] * w[i], i), (j,), "w @ A", "np.sum(w[:, None] * A, axis=0)"),
    (c * Sum(A[i, j] * B[j, k], j) / w[i], (i, k), "c * (A @ B) / w[:, None]", 'c * np.einsum("ij...,jk...->ik...", A, B) / w[:, None]'),
    (Sum(exp(A[i, j]) * B[j, k], j), (i, k), "np.exp(A) @ B", 'np.einsum("ij...,ki...->kj...", B, np.exp(A))'),
    (Sum(T[i, j, k] * B[j, k], j, k), (i,), "np.sum(B * T, axis=(1, 2))", None),
    (Sum(T[i, j, k] * C[i, r], i), (r, j, k), 'np.einsum("ijk,il->ljk", T, C, optimize=True)', 'np.einsum("ijk...,il...->ljk...", T, C)'),
    (Sum(v[j] * A[i, j] * B[j, k], j), (i, k), "(v * A) @ B", 'np.einsum("ij...,jk...->ik...", v * A, B)'),
    (Sum(Delta(i, r) * A[i, j], i), (r, j), "A", None),
    (Sum(dz * v[j], j), (i,), "dz @ v", "np.sum(v * dz, axis=1)"),
    (f.wrt(z[1, j]) * v[j], (j,), "v * dz[0]", None),
    (relu(w[i]) / 3, (i,), "np.maximum(w, 0) / 3", None),
    (-(w[i] ** 3), (i,), "-(w**2) * w", None),
    ((w[i] + 1) ** 4, (i,), "((w + 1) ** 2) ** 2", None),
    ((w[i] ** 2 + 1) ** Rational(-3, 2), (i,), "1 / ((w**2 + 1) * np.sqrt(w**2 + 1))", None),
    (sqrt(m) * w[i] * sqrt(2) * pi, (i,), "math.sqrt(2) * math.pi * math.sqrt(w.shape[0]) * w", None),
    (w[i] * exp(1), (i,), "math.e * w", None),
    (Where(w[i] > 0, 1, 0), (i,), "(w > 0).astype(w.dtype)", None),
    (Where(w[i] >= c, w[i], 0), (i,), "np.where(w >= c, w, 0)", None),
    (Where(w[i] > 0, 2, -1), (i,), "np.where(w > 0, w.dtype.type(2), w.dtype.type(-1))", None),
    (Delta(i, r) * w[i], (i, r), None, None),
    (sigmoid(w[i]), (i,), "_sigmoid(w)", None),
    (softplus(-w[i]), (i,), "np.logaddexp(0, -w)", None),
    (Max(w[i], 0, c), (i,), "np.maximum(np.maximum(c, w), 0)", None),
    (UnevaluatedExpr(w[i] + c) - c, (i,), "(c + w) - c", None),
]

# further terms, whose values only are compared
VALUES = [
    (i * w[i] - m, (i,)),
    (Sum(w[i], i, Ne(i, r)), (r,)),
    (Sum(Delta(i, 1) * w[i] + Delta(i, m), i), ()),
    (Sum(i * A[i, j], i), (j,)),
    (Sum(w[i] * Where(i <= r, 1, 0), i), (r,)),
    (Sum(C[i, m + 1 - i], i), ()),
    (Sum(A[i, j] * C[i, r] * w[r], i, r), (j,)),
    (Sum(Sum(A[i, j] * B[j, k], j) * w[i], i), (k,)),
    (A[i, j] - Sum(A[r, j], r) / m, (j, i)),
    (Min(w[i], v[j]) + Abs(w[i]) * sign(v[j]) - tanh(w[i]) * sin(v[j]) * cos(c), (i, j)),
    (exp(A[i, j]) / Sum(exp(A[i, j]), j), (i, j)),
    (log(Sum(exp(A[i, j]), j)) + log(3) + exp(1), (i,)),
    ((c**2 + 1) ** w[i] + (w[i] ** 2 + 2) ** Rational(1, 3), (i,)),
    (w[i] / (c**2 + 1) / (v[j] ** 2 + 3), (i, j)),
    (w[i] - (c - v[j]) - 3 * (w[i] + c), (j, i)),
    (Sum(T[i, j, k] * B[j, k] * w[i], i, j), (k,)),
    (Sum(dz * dz * A[i, j], i), (j,)),
    (10**30 * w[i] / 10**29 + Rational(1, 3), (i,)),
    (T[r, j, q] + w[r], (j, r)),
]
CASES = [(term, axes) for term, axes, *_ in CODE] + VALUES

t, below, above = d.label("t", i, of=j), d.index("b", i), d.index("a", m, lower=i)
part = d.index("p", i - 1, lower=0)
tap = d.index("h", n)
line, image = d.input("s", d.index("r", m + n - 1)), d.input("X", d.index("r", 2 * m + n - 2), d.index("s", m + n - 1))
R = d.input("R", i, below)
phi = d.function("phi")
half = d.index("h", n)
evens = d.input("G", i, d.index("j", 2 * n))
reach, r2 = d.index("r", m + n - 1), d.index("r", 2 * m + n - 2)

# what has no feature axes, or whose positions are arrays: term, axes, code where it is compared too
PLAIN = [
    (A[i, t[i]], (i,), "A[np.arange(A.shape[0]), t]"),
    (v[t[i]] * w[i], (i,), "v[t] * w"),
    (B[t[i], k], (i, k), "B[t]"),
    (B[t[i], k], (k, i), "B[t].T"),
    (T[r, t[r], k] + w[i], (i, r, k), None),
    (Sum(Delta(j, t[i]) * A[i, j], j), (i,), "A[np.arange(A.shape[0]), t]"),
    (v[j] * Sum(Delta(j, t[i]) * w[i], i), (j,), "v * (w @ (np.arange(v.shape[0]) == t[:, None]).astype(v.dtype))"),
    (Delta(j, t[i]) - A[i, j], (i, j), None),
    (Where(Ne(t[i], j), v[j], 0), (i, j), "np.where(t[:, None] != np.arange(v.shape[0]), v, 0)"),
    (t[i] * w[i], (i,), None),
    (Sum(w[below], below), (i,), "np.sum(np.where(np.arange(w.shape[0]) <= np.arange(w.shape[0])[:, None], w, 0), axis=1)"),
    (Sum(w[above] * below, above, below), (i,), None),
    (Sum(R[i, below] * w[below], below), (i,), None),
    (R[i, below] * w[i], (i, below), None),
    (Sum(w[i - part] * R[i, part + 1], part), (i,), None),
    (Product(w[below], below), (i,), None),
    (Product(w[i] + c, i, Ne(i, r)), (r,), None),
    (Product(c, i) + Product(w[i] * v[j], i, j), (), None),
    (line[i + tap - 1] * v[tap], (i, tap), None),
    (line[i + tap - 1] * w[i], (tap, i), None),
    (Sum(line[i + tap - 1] * v[tap], tap), (i,), None),
    (image[2 * i + j - 2, i + j - 1] * A[i, j], (i, j), None),
    (image[2 * i + j - 2, r] * A[r, j], (i, j, r), None),
    (Sum(image[2 * i + j - 2, r] * A[i, j], i), (r, j), None),
    (image[2 * i + j - 2, n] * v[j], (i, j), "v * sliding_window_view(X, v.shape[0], axis=0)[::2, v.shape[0] - 1]"),
    (image[2 * i + j - 2, i] * v[j], (i, j), None),
    (evens[i, 2 * half] * v[half], (i, half), "v * G[:, 1::2]"),
    (evens[i, 2 * half - 1] * v[half], (half, i), "v[:, None] * G[:, ::2].T"),
    (image[2 * tap - 1, 1] * v[tap] * w[1], (tap,), None),
    (image[2 * i - 1, 1] * w[i] * v[1], (i,), None),
    (Sum(w[i] * v[j] * Delta(i + j - 1, reach), i, j), (reach,), None),
    (Sum(w[i] * v[j] * Delta(2 * i + j - 2, r2), i, j), (r2,), None),
    (Sum(A[i, j] * Delta(i + j - 1, reach), i, j), (reach,), None),
    (Where(i > 1, w[i - 1], 0) + Where(i < m, w[i + 1], c), (i,), None),
    (Where(And(i > 1, i < m), w[i - 1] * w[i + 1] / w[i], 0), (i,), None),
    (Sum(Where(And(i > r, Ne(t[i], j)), A[i, j] * w[i], 0), i), (j, r), None),
    (erf(w[i]) + stop_gradient(c * w[i]) + clamp(w[i], -1, c**2), (i,), "_erf(w) + c * w + np.clip(w, -1, c**2)"),
    (Sum(A[i, j] * T[i, j, k], j), (i, k), "np.sum(A[:, :, None] * T, axis=1)"),
    (Sum(T[i, j, k] * A[i, j] * B[j, k], j), (k, i), None),
    (Sum(T[i, j, k] * T[r, j, k], k), (j, i, r), None),
    (Sum(T[i, j, k] * T[r, j, k], k, j), (i, r), None),
]  # fmt: skip
LARGE = {"w": np.array([-1000.0, 0, 1000]), "A": np.array([[1000.0, 1001], [-1000, -1001], [0, 0]]), "v": np.array([-1000.0, 900])}
e_A, sum_A = exp(A[i, j]), Sum(exp(A[i, j]), j)
p_A = d.let("P", i, j, e_A / sum_A)
s_w = d.let("a", i, sigmoid(w[i]))
E = d.let("E", i, exp(w[i]))
low, high = 1 / (1 + math.e), math.e / (1 + math.e)

# term, axes, its code, and its values at the large arrays
STABLE = [
    (e_A / sum_A, (i, j), "_softmax(A, axis=1)", [[low, high], [high, low], [0.5, 0.5]]),
    (log(sum_A), (i,), "_log_sum_exp(A, axis=1)", [1001 - math.log(high), -1000 - math.log(high), math.log(2)]),
    (log(p_A[i, j]), (i, j), "A - _log_sum_exp(A, axis=1)[:, None]", None),
    (log(p_A[i, t[i]]), (i,), None, None),
    (exp(2 * A[i, j]) / sum_A**2, (i, j), None, [[low**2, high**2], [high**2, low**2], [0.25, 0.25]]),
    (Sum(e_A * v[j], j) / sum_A, (i,), None, None),
    (E[i] / Sum(E[r], r), (i,), "_softmax(w, axis=0)", [0, 0, 1]),
    (exp(w[i]) / Sum(exp(w[r]), r, Ne(r, 1)), (i,), None, [0, 0, 1]),
    (exp(w[i]) / (1 + exp(w[i])), (i,), "_sigmoid(w)", [0, 0.5, 1]),
    (c * exp(-w[i]) / (1 + exp(-w[i])), (i,), "c * _sigmoid(-w)", None),
    (c / (1 + exp(-w[i])), (i,), "c * _sigmoid(w)", None),
    (A[i, j] / (1 + exp(w[i])) ** 2, (i, j), None, [[1000, 1001], [-250, -1001 / 4], [0, 0]]),
    (exp(w[i]) / (exp(w[i]) + exp(-w[i])), (i,), "np.exp(w - np.logaddexp(-w, w))", [0, 0.5, 1]),
    ((exp(w[i]) - exp(-w[i])) / (exp(w[i]) + exp(-w[i])), (i,), None, [-1, 0, 1]),
    (exp(-w[i]) / (1 + exp(-w[i])) ** 2, (i,), None, [0, 0.25, 0]),
    (log(1 + exp(w[i])), (i,), "np.logaddexp(0, w)", [0, math.log(2), 1000]),
    (log(sigmoid(w[i])), (i,), "-np.logaddexp(0, -w)", [-1000, -math.log(2), 0]),
    (log(1 - sigmoid(w[i])), (i,), "-np.logaddexp(0, w)", [0, -math.log(2), -1000]),
    (log(s_w[i]) + log(1 - s_w[i]), (i,), None, [-1000, -2 * math.log(2), -1000]),
    (log(Product(sigmoid(w[i]) ** 2, i)), (), "-2 * np.sum(np.logaddexp(0, -w), axis=0)", -2000 - 2 * math.log(2)),
    (log(Sum(exp(w[below]), below)), (i,), None, [-1000, 0, 1000]),
    (exp(A[i, j]) / Sum(exp(A[i, j]), i, j), (i, j), "_softmax(A, axis=(0, 1))", None),
    (sigmoid(w[i]), (i,), "_sigmoid(w)", [0, 0.5, 1]),
    (softplus(w[i]), (i,), "np.logaddexp(0, w)", [0, math.log(2), 1000]),
]  # fmt: skip


def code_of(term, axes, features=False):
    return inspect.getsource(kernel_function(d.program, term, axes, features)).split("return ")[1].rstrip("\n")


@pytest.mark.parametrize(("term", "axes", "plain", "featured"), [row for row in CODE if row[2]], ids=lambda x: str(x)[:40])
def test_code(term, axes, plain, featured):
    assert code_of(term, axes) == plain
    assert code_of(term, axes, features=True) == (featured or plain)


FUNCTIONS = {
    "exp": math.exp, "log": math.log, "Abs": abs, "sign": lambda z: (z > 0) - (z < 0), "tanh": math.tanh, "sin": math.sin, "cos": math.cos,
    "Max": max, "Min": min, "relu": lambda z: max(z, 0), "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "softplus": lambda z: math.log1p(math.exp(z)), "erf": math.erf, "stop_gradient": lambda z: z,
}  # fmt: skip
RELATIONS = {">": "__gt__", ">=": "__ge__", "<": "__lt__", "<=": "__le__", "==": "__eq__", "!=": "__ne__"}


def meaning(term, arrays, at):
    """The value of a term at given positions, by the definition of each kind: no array operations."""
    go = lambda t: meaning(t, arrays, at)  # noqa: E731
    if isinstance(term, Index):
        return at[term]
    if isinstance(term, Total):
        return entry(arrays["dz"], term.args[1], arrays, at)
    if isinstance(term, Element):
        equation = d.program.equation(term.head)
        if equation is not None and term.head.name not in arrays:
            return meaning(equation.at(term.at), arrays, at)
        found = entry(arrays[term.head.name], term, arrays, at)
        return int(found) + 1 if isinstance(term.head, Label) else found
    if isinstance(term, (Sum, Product)):
        index = term.index
        places = range(go(index.lower), go(index.upper) + 1)
        return (sum if isinstance(term, Sum) else math.prod)(meaning(term.body, arrays, at | {index: p}) for p in places)
    if isinstance(term, Delta):
        return int(go(term.args[0]) == go(term.args[1]))
    if isinstance(term, Where):
        condition, then, otherwise = term.args
        return go(then) if getattr(float(go(condition.lhs)), RELATIONS[condition.rel_op])(float(go(condition.rhs))) else go(otherwise)
    if term.is_number:
        return int(term) if term.is_Integer else float(term)
    if term.is_Symbol:
        return SIZES[term] if term in SIZES else float(arrays[term.name])
    values = [go(a) for a in term.args]
    if term.is_Add:
        return sum(values)
    if term.is_Mul:
        return math.prod(values)
    return (
        values[0] ** values[1]
        if term.is_Pow
        else values[0]
        if isinstance(term, UnevaluatedExpr)
        else FUNCTIONS[type(term).__name__](*values)
    )


def entry(array, element, arrays, at):
    return float(array[tuple(meaning(p, arrays, at) - 1 for p in element.at)])


def arrays_for(features, dtype=np.float64):
    generator = np.random.default_rng(7)
    shapes = {var.head.name: tuple(int(x.upper.subs(SIZES)) for x in var.indices) for var in for_arrays(d.program).inputs}
    shapes["dz"] = (SIZES[m], SIZES[n])
    found = {name: generator.uniform(-2, 2, (*shape, *features)).astype(dtype) for name, shape in shapes.items()}
    return found | {"t": np.array([1, 0, 1])}


def run(term, axes, arrays, features):
    function = kernel_function(d.program, term, axes, bool(features))
    return function(**{name: arrays[name] for name in inspect.signature(function).parameters})


@pytest.mark.parametrize("features", [(), (2, 5)], ids=["plain", "features"])
@pytest.mark.parametrize(("term", "axes"), CASES, ids=lambda x: str(x)[:40])
def test_value_is_the_meaning_at_every_position(term, axes, features):
    arrays = arrays_for(features)
    lengths = [int(x.upper.subs(SIZES)) for x in axes]
    result = np.broadcast_to(run(term, axes, arrays, features), (*lengths, *features))
    for place in itertools.product(*map(range, lengths)):
        for feature in itertools.product(*map(range, features)):
            one = {name: array[(..., *feature)] if features and name != "t" else array for name, array in arrays.items()}
            wanted = meaning(term, one, {x: p + 1 for x, p in zip(axes, place, strict=True)})
            assert result[place + feature] == pytest.approx(wanted, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("features", [(), (2,)], ids=["plain", "features"])
@pytest.mark.parametrize(("term", "axes"), CASES, ids=lambda x: str(x)[:40])
def test_float32_stays_float32(term, axes, features):
    assert np.asarray(run(term, axes, arrays_for(features, np.float32), features)).dtype == np.float32


@pytest.mark.parametrize(("term", "axes", "code"), PLAIN, ids=lambda x: str(x)[:60])
def test_value_without_features(term, axes, code):
    arrays = arrays_for(())
    lengths = [SIZES[n] if x in (j, tap) else int(str(x.upper.subs(SIZES))) if not x.upper.has(Index) else SIZES[m] for x in axes]
    result = np.broadcast_to(run(term, axes, arrays, ()), lengths)
    for place in itertools.product(*map(range, lengths)):
        at = {x: p + 1 for x, p in zip(axes, place, strict=True)}
        ragged = any(isinstance(x.upper, Index) and at[x] > at[x.upper] for x in axes)
        assert result[place] == pytest.approx(0 if ragged else meaning(term, arrays, at), rel=1e-12, abs=1e-12)
    assert np.asarray(run(term, axes, arrays_for((), np.float32), ())).dtype == np.float32
    assert code in (None, code_of(term, axes))


@pytest.mark.parametrize(("term", "axes", "code", "values"), STABLE, ids=lambda x: str(x)[:60])
def test_no_overflow(term, axes, code, values):
    small = arrays_for(())
    result = np.broadcast_to(run(term, axes, small, ()), [SIZES[x.upper] for x in axes])
    for place in itertools.product(*(range(SIZES[x.upper]) for x in axes)):
        assert result[place] == pytest.approx(meaning(term, small, {x: p + 1 for x, p in zip(axes, place, strict=True)}), rel=1e-12)
    assert code in (None, code_of(term, axes))
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        large = run(term, axes, small | LARGE, ())
    assert np.isfinite(large).all()
    assert values is None or np.allclose(large, values, rtol=1e-12)


rows_of_data = Derivation("Rows of lengths that are data")
row = rows_of_data.index("i", rows_of_data.size("m"))
lengths = rows_of_data.input("l", row, integer=True, positive=True)
cell = rows_of_data.index("k", lengths[row])
L = rows_of_data.input("x", row, cell)

REFUSED = [
    (d, phi(w[i]), (i,), "Apply(phi, w[i], 0) cannot be turned into NumPy: phi is any smooth function."),
    (d, Sum(c, i), (), "m cannot be turned into NumPy: it is neither an argument nor a size that the shape of an argument tells."),
    (d, w[i], (j,), "i cannot be turned into NumPy: the axes are j."),
    (d, d.partial(z[i, j], v[j]), (i, j), "Partial(z[i, j], v[j]) cannot be turned into NumPy: Partial has no NumPy form."),
    (rows_of_data, Sum(L[row, cell], cell), (row,), "k cannot be turned into NumPy: its range depends on data."),
]  # fmt: skip


@pytest.mark.parametrize(("derivation", "term", "axes", "text"), REFUSED)
def test_what_has_no_numpy_form_is_refused(derivation, term, axes, text):
    with pytest.raises(TermError) as caught:
        kernel_function(derivation.program, term, axes)
    assert str(caught.value) == text


NAMES = [
    (r"\mu", "mu"),
    (r"\sigma^2", "sigma2"),
    (r"\hat{x}", "x_hat"),
    (r"\hat x", "x_hat"),
    ("varepsilon", "eps"),
    (r"\varepsilon", "eps"),
    ("W_h", "W_h"),
    (r"\bar{W}_{ih}", "W_bar_ih"),
    ("N^O", "NO"),
    ("lambda", "lambda_"),
    ("np", "np_"),
    ("1", "v1"),
    ("σ", "sigma"),
    ("x'", "xprime"),
    ("??", "v"),
]


@pytest.mark.parametrize(("name", "identifier"), NAMES)
def test_names_as_identifiers(name, identifier):
    assert python_name(name) == identifier
    assert identifier.isidentifier()


def test_no_two_names_are_alike():
    page = Derivation("Names")
    page.inputs(r"x dx \hat{x} x_hat \varepsilon epsilon")
    called = python_names(page.program)
    assert list(called.values()) == ["x", "dx", "x_hat", "x_hat_2", "eps", "eps_2"]
    assert list(adjoint_names(called).values()) == ["dx_2", "ddx", "dx_hat", "dx_hat_2", "deps", "deps_2"]


def test_text_of_expressions():
    assert [bracketed(code, 2) for code in ("a + b", "a @ b", "-a", "a * b", "a**b", "a > b")] == [
        "(a + b)", "(a @ b)", "(-a)", "a * b", "a**b", "(a > b)"
    ]  # fmt: skip
    assert [multiplied("x", e) for e in (1, 2, 3, 5)] == ["x", "x**2", "x**2 * x", "(x**2) ** 2 * x"]
    assert statement("y =", " + ".join(["f(a + b)[c - d]"] * 9)) == ["y = (", "    f(a + b)[c - d]", *["    + f(a + b)[c - d]"] * 8, ")"]
    assert align("x", (i,), (r, i, j), False) == "x[:, None]"


# modules


def page_of(derivation, *kernels, verdict="proved"):
    """A page with every step judged the same, and with the kernels that it declares."""
    derivation.kernels = [SimpleNamespace(labels=labels, features=features) for labels, features in kernels]
    draw = lambda term: Formula(text(term, {Symbol("f", real=True)}), "")  # noqa: E731
    claims = tuple(
        JudgedClaim(
            c.label, c.line, tuple(JudgedStep(draw(s.left), draw(s.right), s.expected, verdict=verdict, formal=verdict) for s in c.steps)
        )
        for c in derivation.claims
    )
    drawn = JudgedDerivation(derivation.title, derivation.source, (), (), claims)
    return SimpleNamespace(name="page", derivations=(derivation,)), JudgedPage("page", "page.py", (drawn,))


def made(derivation, *labels, features=False):
    """The functions of the module made from a derivation."""
    text = module_source(*page_of(derivation, (labels, features)))
    found: dict[str, object] = {}
    exec(compile(text, "kernel", "exec"), found)
    return SimpleNamespace(**{name: found[name] for name in ("forward", "backward")}, text=text)


def scaling(*last):
    """y = x * s, with the claim for x given and the adjoint of the node t in it."""
    page = Derivation("Scaling")
    size = page.size("m")
    index = page.index("i", size)
    x, s = page.input("x", index), page.input("s")
    t = page.let("t", index, x[index] * 2)
    y = page.let("y", index, t[index] * s)
    objective = page.objective("f", y)
    page.claim("x", objective.wrt(x[index]), 2 * objective.wrt(t[index]))
    for label, end in last:
        page.claim(label, objective.wrt(t[index]), end(objective, page, x, t, y, index, s))
    return page


GOOD = ("t", lambda f, page, x, t, y, i, s: f.wrt(y[i]) * s)
WRONG = ("t", lambda f, page, x, t, y, i, s: erratum(f.wrt(y[i]), "lost s"))
ROUND = ("t", lambda f, page, x, t, y, i, s: f.wrt(x[i]) / 2)
DERIVED = ("t", lambda f, page, x, t, y, i, s: f.wrt(y[i]) * page.partial(y[i], t[i]))


def test_a_gradient_is_computed_from_the_adjoints_that_proved_claims_give():
    kernel = made(scaling(GOOD), "x")
    assert kernel.backward([1.0, 2.0], 3.0).tolist() == [6.0, 12.0]
    assert "    dt = s * dy\n    return 2 * dt\n" in kernel.text


MISSING = "kernel: claim x ends in the gradient w.r.t. t; no proved claim begins with that one."
UNKERNELLED = [
    (scaling(), "proved", "x", MISSING),
    (scaling(WRONG), "proved", "x", MISSING),
    (scaling(GOOD), "unknown", "x", "kernel: a kernel is made of proved claims only, and in claim x ∂f/∂xᵢ = 2·∂f/∂tᵢ is unknown."),
    (scaling(GOOD), "refuted", "x", "kernel: a kernel is made of proved claims only, and in claim x ∂f/∂xᵢ = 2·∂f/∂tᵢ is refuted."),
    (scaling(WRONG), "proved", "t", "kernel: a kernel is made of proved claims only, and in claim t ∂f/∂tᵢ = ∂f/∂yᵢ is an erratum."),
    (scaling(GOOD), "proved", "3f", "kernel: no claim 3f begins with a gradient at every position, such as f.wrt(x[i])."),
    (
        scaling(ROUND),
        "proved",
        "x",
        "kernel: the claims x, t end in one another's gradients; end one in gradients nearer to the objective.",
    ),
]


@pytest.mark.parametrize(("derivation", "verdict", "label", "text"), UNKERNELLED)
def test_no_kernel_of_what_is_not_proved(derivation, verdict, label, text):
    with pytest.raises(PageError) as caught:
        module_source(*page_of(derivation, ((label,), False), verdict=verdict))
    assert str(caught.value) == text


def test_no_kernel_of_a_formula_with_a_derivative_left_in_it():
    with pytest.raises(PageError) as caught:
        made(scaling(DERIVED), "x")
    assert str(caught.value) == "kernel: claim t: Partial(y[i], t[i]) cannot be turned into NumPy: Partial has no NumPy form."


def test_a_page_declares_one_kernel_or_none():
    assert module_source(*page_of(scaling(GOOD))) is None
    with pytest.raises(PageError) as caught:
        module_source(*page_of(scaling(GOOD), (("x",), False), (("t",), False)))
    assert str(caught.value) == "page: 2 kernels are declared; a page makes one module, so declare one."


def test_the_claim_of_one_position_is_no_gradient():
    page = scaling(GOOD)
    objective, x = page.claims[0].steps[0].left.args[0], page.claims[0].steps[0].left.args[1]
    page.claim("first", Total(objective, Element(x.head, 1)), 2 * Total(objective, Element(page.program.equations[0].head, 1)))
    with pytest.raises(PageError, match=r"^kernel: no claim first begins with a gradient at every position"):
        made(page, "first")


def test_an_explicit_objective_needs_no_cotangent():
    page = Derivation("A square")
    size = page.size("m")
    index = page.index("i", size)
    x = page.input("x", index)
    J = page.objective("J", Sum(x[index] ** 2, index) / 2)
    page.claim("x", J.wrt(x[index]), x[index])
    kernel = made(page, "x", features=True)
    assert kernel.forward([3, 4]) == 12.5
    assert kernel.backward([[3.0], [4.0]]).tolist() == [[3.0], [4.0]]


def test_a_node_that_another_one_uses_has_no_free_adjoint():
    page = Derivation("Two outputs")
    size = page.size("m")
    index = page.index("i", size)
    x = page.input("x", index)
    y = page.let("y", index, 2 * x[index])
    z = page.let("z", index, y[index] ** 2)
    f = page.objective("f", y, z)
    page.claim("x", f.wrt(x[index]), 2 * f.wrt(y[index]))
    with pytest.raises(PageError, match=r"^kernel: claim x ends in the gradient w\.r\.t\. y; no proved claim begins with that one\.$"):
        made(page, "x")
    page.claim("direct", f.wrt(z[index]), f.wrt(z[index]))
    _, cotangents = (
        (plan := plan_of(*page_of(page)[0].derivations, page_of(page)[1].derivations[0], ("direct",), False)).outputs,
        plan.cotangents,
    )
    assert [v.head.name for v in cotangents] == ["z"]


def test_results_have_their_whole_shape():
    page = Derivation("A mean")
    size = page.size("m")
    index = page.index("i", size)
    x = page.input("x", index)
    y = page.let("y", Sum(x[index], index) / size)
    f = page.objective("f", y)
    page.claim("x", f.wrt(x[index]), f.wrt(y) / size)
    kernel = made(page, "x", features=True)
    x32 = np.ones((4, 3), np.float32)
    assert kernel.forward(x32).tolist() == [1, 1, 1]
    assert kernel.backward(np.array([4, 8, 0], np.float32), x32).tolist() == [[1, 2, 0]] * 4
    assert "    return np.full((m, *features), dy / m, dtype)\n" in kernel.text


NETWORK_SHAPES = [
    ({"X": (5, 2), "W": (3, 4), "b": (4,)}, "W has shape (3, 4), but X has shape (5, 2); W must be (n, p), here (2, 4)."),
    ({"X": (5, 2), "W": (2, 4), "b": (3,)}, "b has shape (3,), but W has shape (2, 4); b must be (p,), here (4,)."),
    ({"X": (5,), "W": (2, 4), "b": (4,)}, "X has shape (5,); it must be (m, n), its axes at least (1, 1) long."),
    ({"X": (5, 2, 1), "W": (2, 4), "b": (4,)}, "X has shape (5, 2, 1); it must be (m, n), its axes at least (1, 1) long."),
    ({"X": (0, 2), "W": (2, 4), "b": (4,)}, "X has shape (0, 2); it must be (m, n), its axes at least (1, 1) long."),
]


def layer():
    """A layer with several sizes, in matrix notation."""
    page = Derivation("A layer")
    rows, inside, outside = page.sizes("m n p")
    i, j, k = page.index("i", rows), page.index("j", inside), page.index("k", outside)
    X, W, b = page.input("X", i, j), page.input("W", j, k), page.input("b", k)
    Y = page.let("Y", i, k, relu(Sum(X[i, j] * W[j, k], j) + b[k]))
    f = page.objective("f", Y)
    gate = f.wrt(Y[i, k]) * Where(Y[i, k] > 0, 1, 0)
    page.claim("W", f.wrt(W[j, k]), Sum(X[i, j] * gate, i))
    page.claim("b", f.wrt(b[k]), Sum(gate, i))
    page.claim("X", f.wrt(X[i, j]), Sum(gate * W[j, k], k))
    return page


def test_a_layer_of_several_sizes():
    kernel = made(layer(), "W", "b", "X")
    rng = np.random.default_rng(0)
    X, W, b, dY = rng.normal(size=(5, 2)), rng.normal(size=(2, 4)), rng.normal(size=4), rng.normal(size=(5, 4))
    Y = np.maximum(X @ W + b, 0)
    gate = dY * (Y > 0)
    assert np.allclose(kernel.forward(X, W, b), Y, rtol=1e-14)
    for mine, wanted in zip(kernel.backward(dY, X, W, b), (X.T @ gate, gate.sum(0), gate @ W.T), strict=True):
        assert np.allclose(mine, wanted, rtol=1e-13)


@pytest.mark.parametrize(("shapes", "text"), NETWORK_SHAPES)
def test_wrong_shapes_of_a_layer(shapes, text):
    kernel = made(layer(), "b")
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        kernel.forward(*map(np.ones, shapes.values()))
    assert str(caught.value) == text


def test_the_text_does_not_depend_on_the_run():
    page, judged = page_of(layer(), (("W", "b", "X"), False))
    plan = plan_of(page.derivations[0], judged.derivations[0], ("W", "b", "X"), False)
    assert source(plan, "page") == module_source(page, judged) == module_source(*page_of(layer(), (("W", "b", "X"), False)))


def bag_of_words():
    """y[k] = Σ w over the words k, with labels of a size that no shape tells."""
    page = Derivation("Bag of words")
    many, words = page.sizes("n K")
    i, k = page.index("i", many), page.index("k", words)
    w, t = page.input("w", i, nonnegative=True), page.label("t", i, of=k)
    y = page.let("y", k, Sum(w[i] * Delta(k, t[i]), i))
    f = page.objective("f", y)
    page.claim("w", f.wrt(w[i]), f.wrt(y[t[i]]))
    return page


def test_labels_count_from_0_and_a_size_that_no_shape_tells_is_given_by_keyword():
    kernel = made(bag_of_words(), "w")
    assert kernel.forward([1.0, 2.0, 4.0], [2, 0, 2], K=4).tolist() == [2, 0, 5, 0]
    assert kernel.backward([1.0, 2.0, 3.0], np.array([2, 0], np.uint8)).tolist() == [3, 1]
    assert "def forward(w: ArrayLike, t: ArrayLike, *, K: int) -> NDArray[Any]:" in kernel.text
    assert "    Shapes: w and t (n,); y (K,). t holds whole numbers 0..K - 1.\n" in kernel.text


BAGS = [
    (([1.0], [0.0], 2), TypeError, "t has the type float64; it must hold whole numbers."),
    (([1.0], [True], 2), TypeError, "t has the type bool; it must hold whole numbers."),
    (([1.0], [2], 2), ValueError, "t holds 2; its entries must be in 0..1."),
    (([1.0, 1.0], [0, -1], 2), ValueError, "t holds -1; its entries must be in 0..1."),
    (([1.0], [0, 1], 2), ValueError, "t has shape (2,), but w has shape (1,); t must be (n,), here (1,)."),
    (([1.0], [0], 0), ValueError, "K is 0; it must be a whole number from 1 on."),
    (([1.0], [0], 2.0), ValueError, "K is 2.0; it must be a whole number from 1 on."),
    (([-1.0], [0], 2), ValueError, "w must not be negative; its least entry is -1.0."),
]


@pytest.mark.parametrize(("given", "kind", "text"), BAGS)
def test_wrong_labels_and_sizes(given, kind, text):
    w, t, size = given
    with pytest.raises(kind) as caught:
        made(bag_of_words(), "w").forward(w, t, K=size)
    assert str(caught.value) == text


def strided():
    """A convolution of stride 2 in one dimension."""
    page = Derivation("A convolution of stride 2")
    places, taps, many = page.sizes("P U N")
    n, p, u = page.index("n", many), page.index("p", places), page.index("u", taps)
    r = page.index("r", 2 * (places - 1) + taps)
    x, W = page.input("x", n, r), page.input("W", u)
    y = page.let("y", n, p, Sum(x[n, 2 * (p - 1) + u] * W[u], u))
    f = page.objective("f", y)
    page.claim("x", f.wrt(x[n, r]), Sum(f.wrt(y[n, p]) * W[u] * Delta(2 * (p - 1) + u, r), p, u))
    page.claim("W", f.wrt(W[u]), Sum(f.wrt(y[n, p]) * x[n, 2 * (p - 1) + u], n, p))
    return page


def test_a_size_is_solved_for_from_the_length_of_an_axis():
    kernel = made(strided(), "x", "W")
    x, W = np.arange(14.0).reshape(2, 7), np.array([1.0, 10, 100])
    assert kernel.forward(x, W).tolist() == [[210, 432, 654], [987, 1209, 1431]]
    dx, dW = kernel.backward(np.array([[1.0, 2, 3], [0, 0, 0]]), x, W)
    assert dx.tolist() == [[1, 10, 102, 20, 203, 30, 300], [0] * 7]
    assert dW.tolist() == [0 + 4 + 12, 1 + 6 + 15, 2 + 8 + 18]
    for shape, message in [
        ((2, 6), "x has shape (2, 6), but W has shape (3,); x must be (N, 2*P + U - 2), here (2, 5)."),
        ((2, 1), "P is 0; it must be a whole number from 1 on."),
    ]:
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            kernel.forward(np.ones(shape), W)
        assert str(caught.value) == message


def causal():
    """Each row attends to itself and the rows before it."""
    page = Derivation("Causal attention")
    rows, width = page.sizes("N D")
    i, a = page.index("i", rows), page.index("a", width)
    j, k = page.index("j", i), page.index("k", i)
    q = page.index("q", rows)
    p = page.index("p", rows, lower=q)
    Q, K, V = page.inputs("Q K V", i, a)
    S = page.let("S", i, j, Sum(Q[i, a] * K[j, a], a))
    P = page.let("P", i, j, exp(S[i, j]) / Sum(exp(S[i, k]), k))
    O = page.let("O", i, a, Sum(P[i, j] * V[j, a], j))
    f = page.objective("f", O)
    page.claim("P", f.wrt(P[i, j]), Sum(f.wrt(O[i, a]) * V[j, a], a))
    page.claim("S", f.wrt(S[i, j]), P[i, j] * (f.wrt(P[i, j]) - Sum(P[i, k] * f.wrt(P[i, k]), k)))
    page.claim("Q", f.wrt(Q[i, a]), Sum(f.wrt(S[i, j]) * K[j, a], j))
    page.claim("K", f.wrt(K[q, a]), Sum(f.wrt(S[p, q]) * Q[p, a], p))
    page.claim("V", f.wrt(V[q, a]), Sum(P[p, q] * f.wrt(O[p, a]), p))
    return page


def test_a_ragged_range_becomes_a_mask():
    kernel = made(causal(), "Q", "K", "V")
    assert (
        """
    mask = np.arange(N) <= np.arange(N)[:, None]
    S = np.where(mask, Q @ K.T, 0)
    P = _softmax(np.where(mask, S, -np.inf), axis=1)
    dP = np.where(mask, dO @ V.T, 0)
    dS = (dP - np.sum(P * dP, axis=1)[:, None]) * P
    dQ = dS @ K
    dK = dS.T @ Q
    dV = P.T @ dO
    return dQ, dK, dV
"""
        in kernel.text
    )
    rng = np.random.default_rng(0)
    Q, K, V, dO = rng.normal(size=(4, 5, 3))

    def forward(Q, K, V):
        S = Q @ K.T
        E = np.tril(np.exp(S - S.max()))
        return E / E.sum(axis=1, keepdims=True) @ V

    assert np.allclose(kernel.forward(Q, K, V), forward(Q, K, V), rtol=1e-12)
    for n, mine in enumerate(kernel.backward(dO, Q, K, V)):
        direction = rng.normal(size=mine.shape)
        ends = [forward(*(a + step * direction * (n == k) for k, a in enumerate((Q, K, V)))) for step in (1e-6, -1e-6)]
        assert np.sum(mine * direction) == pytest.approx(np.sum((ends[0] - ends[1]) / 2e-6 * dO), rel=1e-6)
    with np.errstate(all="raise", under="ignore"):
        assert all(np.isfinite(a).all() for a in kernel.backward(dO, 1000 * Q, 1000 * K, V))


def rnn():
    """A recurrent layer over time."""
    page = Derivation("A recurrent layer")
    times, hidden, width = page.sizes("T n m")
    t, k = page.index("t", times), page.index("k", width)
    i, j = page.indices("i j", hidden)
    W, U, x = page.input("W", i, j), page.input("U", i, k), page.input("x", t, k)
    drive = Sum(U[i, k] * x[t, k], k)
    h = page.let("h", t, i, lambda h: Where(Eq(t, 1), tanh(drive), tanh(Sum(W[i, j] * h[t - 1, j], j) + drive)))
    y = page.let("y", t, i, 2 * h[t, i])
    f = page.objective("f", y)
    later = Sum(W[j, i] * (1 - h[t + 1, j] ** 2) * f.wrt(h[t + 1, j]), j)
    page.claim("h", f.wrt(h[t, i]), 2 * f.wrt(y[t, i]) + Where(t < times, later, 0))
    page.claim("x", f.wrt(x[t, k]), Sum(f.wrt(h[t, i]) * (1 - h[t, i] ** 2) * U[i, k], i))
    page.claim("W", f.wrt(W[i, j]), Sum(f.wrt(h[t, i]) * (1 - h[t, i] ** 2) * h[t - 1, j], t, t > 1))
    return page


def scan():
    """A linear recurrence along the second axis."""
    page = Derivation("A scan")
    rows, length = page.sizes("N L")
    n, t = page.index("n", rows), page.index("t", length)
    a, x = page.inputs("a x", n, t)
    s = page.let("s", n, t, lambda s: Where(t <= 1, x[n, t], a[n, t] * s[n, t - 1] + x[n, t]))
    y = page.let("y", n, t, s[n, t] ** 2)
    f = page.objective("f", y)
    own = 2 * f.wrt(y[n, t]) * s[n, t]
    page.claim("s", f.wrt(s[n, t]), Where(Eq(t, length), own, own + a[n, t + 1] * f.wrt(s[n, t + 1])))
    page.claim("x", f.wrt(x[n, t]), f.wrt(s[n, t]))
    page.claim("a", f.wrt(a[n, t]), Where(t > 1, f.wrt(s[n, t]) * s[n, t - 1], 0))
    return page


RNN = """
    h = np.empty((T, n), dtype)
    for t in range(T):
        if t == 0:
            h[t] = np.tanh(U @ x[t])
        else:
            h[t] = np.tanh(U @ x[t] + W @ h[t - 1])
    dh = np.empty((T, n), dtype)
    for t in reversed(range(T)):
        dh[t] = 2 * dy[t] + (((1 - h[t + 1] ** 2) * dh[t + 1]) @ W if t + 1 < T else 0)
    dx = ((1 - h**2) * dh) @ U
    dW = ((1 - h[1:] ** 2) * dh[1:]).T @ h[: T - 1]
    return dx, dW
"""


def test_a_recurrence_becomes_a_loop():
    assert RNN in made(rnn(), "x", "W").text
    assert "        if t + 1 == L:\n            ds[:, t] = 2 * s[:, t] * dy[:, t]\n" in made(scan(), "x", "a").text


RECURRENCES = [
    (rnn, {"W": (3, 3), "U": (3, 2), "x": (5, 2)}, ("x", "W")),
    (rnn, {"W": (1, 1), "U": (1, 1), "x": (1, 1)}, ("x", "W")),
    (scan, {"a": (2, 4), "x": (2, 4)}, ("x", "a")),
    (scan, {"a": (1, 1), "x": (1, 1)}, ("x", "a")),
]


@pytest.mark.parametrize(("page", "shapes", "wanted"), RECURRENCES)
def test_gradients_through_time(page, shapes, wanted):
    kernel, rng = made(page(), *wanted), np.random.default_rng(0)
    given = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    dy = rng.normal(size=np.shape(kernel.forward(**given)))
    gradients = kernel.backward(dy, **{name: given[name] for name in inspect.signature(kernel.backward).parameters if name != "dy"})
    for name, mine in zip(wanted, gradients, strict=True):
        direction = rng.normal(size=mine.shape)
        ends = [kernel.forward(**(given | {name: given[name] + step * direction})) for step in (1e-6, -1e-6)]
        assert np.sum(mine * direction) == pytest.approx(np.sum((ends[0] - ends[1]) / 2e-6 * dy), rel=1e-6, abs=1e-9)
    single = {name: array.astype(np.float32) for name, array in given.items()}
    assert kernel.forward(**single).dtype == np.float32


def test_a_recurrence_of_an_unknown_step_is_refused():
    page = Derivation("A scan")
    length, lag = page.sizes("L q")
    t = page.index("t", length)
    x = page.input("x", t)
    s = page.let("s", t, lambda s: Where(t <= lag, x[t], s[t - lag] + x[t]))
    f = page.objective("f", page.let("y", t, s[t]))
    page.claim("y", f.wrt(page.program.equations[1].variable.entry), f.wrt(page.program.equations[1].variable.entry))
    with pytest.raises(PageError) as caught:
        made(page, "y")
    assert (
        str(caught.value) == "kernel: the definition of s: what it takes of itself is not a fixed number of positions earlier, nor later."
    )


def test_recurrences_that_use_each_other_are_refused():
    page = Derivation("A cell and its output")
    t = page.index("t", page.size("T"))
    x, v = page.input("x", t), page.input("v")
    _, h = page.lets("c h", t, lambda c, h: (Where(t > 1, h[t - 1], 0) + x[t], tanh(c[t])))
    f = page.objective("f", page.let("y", t, v * h[t]))
    page.claim("v", f.wrt(v), Sum(f.wrt(page.program.equations[2].variable.entry) * h[t], t))
    with pytest.raises(PageError) as caught:
        made(page, "v")
    said = "it uses h, which uses it; kernels of recurrences that use each other are not written."
    assert str(caught.value) == f"kernel: the definition of c: {said}"


def test_numbers_only():
    page = Derivation("Numbers")
    x, y = page.inputs("x y")
    f = page.objective("f", page.let("z", x * sin(y)))
    page.claim("x", f.wrt(x), f.wrt(page.program.equations[0].head) * sin(y))
    kernel = made(page, "x")
    assert kernel.forward(2, np.float32(0)).dtype == np.float64
    assert kernel.forward(np.float32(2), np.float32(1)).dtype == np.float32
    assert kernel.backward(3, 0.5) == 3 * np.sin(0.5)
    everywhere = made(page, "x", features=True)
    assert everywhere.forward(np.ones((2, 3)), 0.5).tolist() == [[np.sin(0.5)] * 3] * 2


def test_a_node_that_is_a_gradient_is_put_in():
    page = Derivation("A gradient with a name")
    i = page.index("i", page.size("n"))
    x = page.input("x", i)
    z = page.let("z", i, x[i] ** 2)
    J = page.objective("J", Sum(z[i] ** 2, i))
    g = page.let("g", i, J.wrt(z[i]))
    y = page.let("y", i, 2 * x[i])
    f = page.objective("f", y)
    page.claim("z", J.wrt(z[i]), 2 * z[i])
    page.claim("x", J.wrt(x[i]), 2 * g[i] * x[i])
    page.claim("another", f.wrt(x[i]), 2 * f.wrt(y[i]) + g[i] - 2 * z[i])
    assert "    dz = 2 * z\n    return 2 * x * dz\n" in made(page, "x").text
    with pytest.raises(PageError, match=r"^kernel: claim another: Total\(J, z\[i\]\) cannot be turned into NumPy: no claim gives it"):
        made(page, "another")


def test_what_no_kernel_can_take():
    page = Derivation("Labels only")
    i, k = page.index("i", page.size("n")), page.index("k", page.size("K"))
    E, t = page.input("E", k), page.label("t", i, of=k)
    y = page.let("y", i, E[t[i]])
    f = page.objective("f", y)
    page.claim("E", f.wrt(E[k]), Sum(Delta(k, t[i]) * f.wrt(y[i]), i))
    with pytest.raises(PageError) as caught:
        made(page, "E", features=True)
    assert str(caught.value) == "kernel: t holds labels, which have no feature axes; declare the kernel without features."
    page = Derivation("Unknown function")
    i = page.index("i", page.size("n"))
    x, phi = page.input("x", i), page.function("phi")
    y = page.let("y", i, phi(x[i]))
    f = page.objective("f", y)
    page.claim("x", f.wrt(x[i]), f.wrt(y[i]) * phi.derivative(x[i]))
    with pytest.raises(PageError) as caught:
        made(page, "x")
    assert str(caught.value).startswith("kernel: the definition of y: ")
    assert str(caught.value).endswith("cannot be turned into NumPy: phi is any smooth function.")


def test_long_statements_and_many_arguments():
    page = Derivation("Many")
    i = page.index("i", page.size("n"))
    inputs = page.inputs(" ".join(f"x_{k}" for k in range(12)), i)
    y = page.let("y", i, sum(Max(a[i], b[i] * Sum(c[i] * exp(a[i]), i)) for a, b, c in itertools.combinations(inputs[:5], 3)))
    f = page.objective("f", y, page.let("w", i, sum(a[i] for a in inputs)))
    for n, a in enumerate(inputs):
        page.claim(f"{n}", f.wrt(a[i]), a[i] * Max(f.wrt(y[i]), Sum(exp(y[i]) * f.wrt(y[i]), i) + exp(sum(b[i] ** 2 for b in inputs))))
    text = made(page, *(f"{n}" for n in range(12))).text
    assert max(map(len, text.split("\n"))) <= 140
    assert "    given = {\n" in text
    assert ") -> tuple[NDArray[Any], ...]:\n" in text
