"""The kernels of all pages: against automatic differentiation at several sizes; layouts, types, large inputs.

That the claims are proved is for test_pages; here each counts as proved.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from dataclasses import dataclass, replace as with_changes
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import forwards
import numpy as np
import pytest
from autograd import make_vjp

from symderiv.codegen.identifiers import adjoint_names, python_names
from symderiv.codegen.lower import source
from symderiv.codegen.plan import plan_of
from symderiv.judging.verify import draft, load
from symderiv.language.terms import Total, subterms

ROOT = Path(__file__).parent.parent
PAGES = sorted(path.stem for path in (ROOT / "derivations").glob("*.py"))

NO_KERNEL = {
    "batchnorm_as_printed": "the errata of a source, line by line; the page batchnorm has the kernel",
    "conv_parameters": "counts numbers, differentiates nothing",
    "mlp_any_activation": "its activation is any smooth function, so nothing can be computed",
}


@cache
def forward_table() -> dict[str, forwards.Forward]:
    """The entries of all tables beside this file."""
    found: dict[str, forwards.Forward] = {}
    for module in pkgutil.iter_modules(forwards.__path__):
        table = importlib.import_module(f"forwards.{module.name}").FORWARDS
        assert not found.keys() & table.keys()
        found |= table
    return found


@cache
def page_of(name: str) -> Any:
    return load(str(ROOT / f"derivations/{name}.py"))


WITH_KERNEL = [name for name in PAGES if any(d.kernels for d in page_of(name).derivations)]


@dataclass(frozen=True)
class Generated:
    """A module made from a page, and what its names stand for."""

    text: str
    functions: Any
    outputs: tuple[str, ...]
    cotangents: dict[str, str]
    gradients: tuple[str, ...]


@cache
def generated(name: str) -> Generated:
    page = page_of(name)
    (n,) = [n for n, d in enumerate(page.derivations) if d.kernels]
    judged = draft(page).derivations[n]
    claims = tuple(
        with_changes(c, steps=tuple(with_changes(s, verdict=s.expected.split()[0], formal="proved") for s in c.steps))
        for c in judged.claims
    )
    derivation = page.derivations[n]
    (kernel,) = derivation.kernels
    plan = plan_of(derivation, with_changes(judged, claims=claims), kernel.labels, kernel.features)
    names = python_names(plan.program)
    adjoints = adjoint_names(names)
    text = source(plan, name)
    found: dict[str, Any] = {}
    exec(compile(text, f"kernel of {name}", "exec"), found)
    functions = SimpleNamespace(forward=found["forward"], backward=found["backward"])
    outputs = tuple(names[v.head] for v in plan.outputs)
    cotangents = {adjoints[v.head]: names[v.head] for v in plan.cotangents}
    return Generated(text, functions, outputs, cotangents, tuple(names[g.head] for g in plan.gradients))


CASES = [
    pytest.param(name, at, id=f"{name}-{n}")
    for name in WITH_KERNEL
    if name in forward_table()
    for n, at in enumerate(forward_table()[name].at)
]


def drawn(name: str, at: dict[str, int], seed: int = 0) -> dict[str, np.ndarray]:
    """Random inputs of a page at some sizes."""
    rng = np.random.default_rng(seed)
    entry = forward_table()[name]
    found = {}
    for argument, shape in entry.shapes.items():
        sizes = tuple(at[s] if s in at else int(s) for s in shape.split())
        if argument in entry.labels:
            found[argument] = rng.integers(0, at[entry.labels[argument]], size=sizes)
        elif argument in entry.positive:
            found[argument] = rng.uniform(0.5, 2, size=sizes)
        else:
            found[argument] = rng.normal(size=sizes)
        found[argument] = entry.prepared.get(argument, np.asarray)(found[argument])
    return found


def as_tuple(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


def call(function: Any, given: dict[str, Any], at: dict[str, int]) -> tuple[Any, ...]:
    """The results of a generated function, from all that it might take by name."""
    return as_tuple(function(**{name: given[name] if name in given else at[name] for name in inspect.signature(function).parameters}))


def cotangents_of(made: Generated, outputs: tuple[Any, ...], seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {name: np.shape(value) for name, value in zip(made.outputs, outputs, strict=True)}
    return {name: rng.normal(size=shapes[output]) for name, output in made.cotangents.items()}


def by_autograd(name: str, inputs: dict[str, np.ndarray], upstream: dict[str, np.ndarray]) -> tuple[Any, ...]:
    """The gradients by reverse-mode differentiation of the hand-written forward pass."""
    made, entry = generated(name), forward_table()[name]
    weights = {output: upstream[name] for name, output in made.cotangents.items()}

    def weighted(values: tuple[Any, ...]) -> Any:
        results = as_tuple(entry.run(**(inputs | dict(zip(made.gradients, values, strict=True)))))
        pairs = zip(made.outputs, results, strict=True)
        return sum(
            (result * weights[output]).sum() if np.ndim(weights.get(output, 0)) else result * weights.get(output, 1)
            for output, result in pairs
        )

    vjp, _ = make_vjp(weighted)(tuple(inputs[g] for g in made.gradients))
    return vjp(1.0)


def assert_close(mine: Any, wanted: Any, tolerance: float) -> None:
    assert np.shape(mine) == np.shape(wanted)
    assert np.allclose(mine, wanted, rtol=tolerance, atol=tolerance * max(1.0, float(np.max(np.abs(wanted), initial=0))))


def test_every_page_with_derivatives_has_a_kernel():
    differentiating = [
        name
        for name in PAGES
        if any(isinstance(p, Total) for d in page_of(name).derivations for c in d.claims for s in c.steps for p in subterms(s.left))
    ]
    assert sorted({*differentiating} - {*WITH_KERNEL} - {*NO_KERNEL}) == []
    assert {*NO_KERNEL} <= {*PAGES} - {*WITH_KERNEL}


def test_every_kernel_is_tested():
    assert sorted({*WITH_KERNEL} - forward_table().keys()) == []


NOT_OF_SIZE_ONE = {"tsne": "one point has no distances"}


@pytest.mark.parametrize("name", [name for name in WITH_KERNEL if name in forward_table() and name not in NOT_OF_SIZE_ONE])
def test_size_one_is_among_the_sizes(name):
    assert any(set(at.values()) == {1} for at in forward_table()[name].at)


@pytest.mark.parametrize(("name", "at"), CASES)
def test_against_automatic_differentiation(name, at):
    compare(name, at, generated(name).functions)


def compare(name: str, at: dict[str, int], functions: Any) -> None:
    """Assert that functions give what the hand-written forward pass and its derivatives do."""
    inputs = drawn(name, at)
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        outputs = call(functions.forward, inputs, at)
        upstream = cotangents_of(generated(name), outputs)
        gradients = call(functions.backward, inputs | upstream, at)
    for mine, wanted in zip(outputs, as_tuple(forward_table()[name].run(**inputs)), strict=True):
        assert_close(mine, wanted, 1e-9)
    for mine, wanted in zip(gradients, by_autograd(name, inputs, upstream), strict=True):
        assert_close(mine, wanted, 1e-9)


DAMAGES = [
    ("softmax", "(dp - np.sum(", "(dp + np.sum("),
    ("attention", "dK = dS.T @ Q", "dK = dP.T @ Q"),
    ("layer_norm", "axis=1) / D", "axis=1)"),
    ("gelu", "2 * math.sqrt(math.pi)", "math.sqrt(math.pi)"),
    ("logistic_regression", "_sigmoid(z)", "_sigmoid(-z)"),
]


@pytest.mark.parametrize(("name", "right", "wrong"), DAMAGES)
def test_a_damaged_kernel_is_noticed(name, right, wrong):
    text = generated(name).text
    found: dict[str, Any] = {}
    assert right in text
    exec(text.replace(right, wrong), found)
    with pytest.raises(AssertionError):
        compare(name, forward_table()[name].at[1], SimpleNamespace(**{f: found[f] for f in ("forward", "backward")}))


LAYOUTS = {
    "fortran": lambda a: np.array(a, order="F"),
    "every other": lambda a: np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a,
    "backwards": lambda a: a[::-1].copy()[::-1] if a.ndim else a,
}


@pytest.mark.parametrize(("name", "at"), CASES)
def test_the_layout_does_not_matter(name, at):
    made, inputs = generated(name), drawn(name, at)
    outputs = call(made.functions.forward, inputs, at)
    given = inputs | cotangents_of(made, outputs)
    wanted = outputs + call(made.functions.backward, given, at)
    for layout in LAYOUTS.values():
        strided = {key: layout(np.asarray(value)) for key, value in given.items()}
        for value in strided.values():
            value.setflags(write=False)
        mine = call(made.functions.forward, strided, at) + call(made.functions.backward, strided, at)
        for a, b in zip(mine, wanted, strict=True):
            assert_close(a, b, 1e-12)


@pytest.mark.parametrize(("name", "at"), CASES)
def test_float32_stays_float32(name, at):
    made, inputs = generated(name), drawn(name, at)
    outputs = call(made.functions.forward, inputs, at)
    given = inputs | cotangents_of(made, outputs)
    wanted = outputs + call(made.functions.backward, given, at)
    single = {key: value.astype(np.float32) if np.asarray(value).dtype == np.float64 else value for key, value in given.items()}
    mine = call(made.functions.forward, single, at) + call(made.functions.backward, single, at)
    for a, b in zip(mine, wanted, strict=True):
        assert a.dtype == np.float32
        assert_close(a, b, 2e-3)


# Inputs that exponentials and their quotients must stand, a thousand times the usual.
LARGE = {
    "attention": ("Q", "K"),
    "causal_attention": ("Q", "K"),
    "cross_entropy": ("z",),
    "cross_entropy_labels": ("z",),
    "entropy_of_softmax": ("z",),
    "focal_loss": ("x",),
    "gelu": ("x",),
    "gru_cell": ("x",),
    "info_nce": ("q", "k"),
    "log_sum_exp": ("x",),
    "logistic_regression": ("w",),
    "lstm_cell": ("x",),
    "policy_gradient": ("theta",),
    "ppo": ("z",),
    "rnn": ("x",),
    "silu": ("a",),
    "softmax": ("z",),
    "swiglu": ("x",),
    "word2vec": ("v",),
}


@pytest.mark.parametrize("name", [name for name in LARGE if name in forward_table()])
def test_large_inputs_give_finite_results(name):
    made, at = generated(name), forward_table()[name].at[-1]
    inputs = drawn(name, at)
    inputs |= {argument: 1000 * inputs[argument] for argument in LARGE[name]}
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        outputs = call(made.functions.forward, inputs, at)
        gradients = call(made.functions.backward, inputs | cotangents_of(made, outputs), at)
    assert all(np.isfinite(a).all() for a in outputs + gradients)


def test_the_generated_texts_are_formatted_and_clean(tmp_path):
    for name in WITH_KERNEL:
        (tmp_path / f"{name}.py").write_text(generated(name).text, encoding="utf-8")
    config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", str(tmp_path)]
    for command in (["format", "--check"], ["check", "--ignore", "E741"]):  # one-letter names are the page's own
        done = subprocess.run([sys.executable, "-m", "ruff", *command, *config], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", [name for name in WITH_KERNEL if name in forward_table() and forward_table()[name].labels])
def test_labels_are_checked(name):
    made, at = generated(name), forward_table()[name].at[-1]
    inputs = drawn(name, at)
    for argument, size in forward_table()[name].labels.items():
        with pytest.raises(ValueError, match=f"^{argument} holds .*; its entries must be in 0..{at[size] - 1}"):
            call(made.functions.forward, inputs | {argument: inputs[argument] + at[size]}, at)
        with pytest.raises(TypeError, match=f"^{argument} has the type float64; it must hold whole numbers"):
            call(made.functions.forward, inputs | {argument: inputs[argument] + 0.5}, at)
