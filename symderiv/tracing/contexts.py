"""The `ctx` that both passes of a function of PyTorch's autograd are given: what the first hands on to the second."""

from __future__ import annotations

NAME = "ctx"
MOST_INPUTS = 64


class Context:
    """What was saved, and whatever is set; the gradient of each input is asked for."""

    def __init__(self) -> None:
        self.saved_tensors: tuple[object, ...] = ()
        self.needs_input_grad = (True,) * MOST_INPUTS

    def save_for_backward(self, *arrays: object) -> None:
        self.saved_tensors = arrays

    def mark_non_differentiable(self, *_arrays: object) -> None:
        """Which outputs have no gradient is told by the parameters of the backward pass."""

    def set_materialize_grads(self, _value: bool) -> None:
        """Upstream gradients are arrays here, never None."""
