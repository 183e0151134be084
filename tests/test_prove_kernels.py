"""Each generated `backward` proved against its generated `forward`, for every shape, through the same door as any other code."""

from __future__ import annotations

import pytest
from test_gallery_kernels import WITH_KERNEL, forward_table, generated

from symderiv.code.prove import prove_gradient
from symderiv.errors import TraceError

SHAPES = {  # where the table of forward passes names lengths that others bind
    "convolution_1d": {"x": "N, C, P+U-1", "W": "O, C, U", "beta": "O"},
    "convolution_2d": {"x": "N, C, P+U-1, Q+V-1", "W": "O, C, U, V", "b": "O"},
}
OTHERWISE = {
    "gaussian_likelihood": ("dmu dSigma", "right where Sigma is symmetric, which the page assumes and the code does not"),
    "straight_through":    ("dz de", "what the page holds constant is computed in the code"),
}  # fmt: skip
LOOPS = {"rnn": "T"}  # over this length, which is fixed here
SLOW = ("rnn", "lstm_cell", "gru_cell", "mlp", "causal_attention", "convolution_2d")


def shapes_of(name):
    entry = forward_table()[name]
    told = {}
    for argument, shape in entry.shapes.items():
        told[argument] = ", ".join(shape.split()) + (f" in {entry.labels[argument]}" if argument in entry.labels else "")
        told[argument] += " > 0" if argument in entry.positive else ""
    return told | SHAPES.get(name, {})


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in SLOW else []) for n in WITH_KERNEL])
def test_a_generated_backward_is_proved_against_its_forward(name):
    made, shapes = generated(name), shapes_of(name)
    wrt = [g if g in shapes else g.removeprefix("d") for g in made.gradients]
    if name in LOOPS:
        with pytest.raises(TraceError, match="a loop over the symbolic length"):
            prove_gradient(made.functions.forward, made.functions.backward, shapes, wrt=wrt)
        shapes = {argument: shape.replace(LOOPS[name], "3") for argument, shape in shapes.items()}
    verdicts = {r.name: r.verdict for r in prove_gradient(made.functions.forward, made.functions.backward, shapes, wrt=wrt)}
    refuted = OTHERWISE.get(name, ("",))[0].split()
    assert verdicts == {g: "refuted" if g in refuted else "proved" for g in verdicts}
