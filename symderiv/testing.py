"""For tests: a backward pass, or a rewrite of a function, proved right for every shape in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from symderiv.code.outcome import lines
from symderiv.code.prove import prove_equivalent, prove_gradient
from symderiv.code.returns import Result
from symderiv.errors import TraceError
from symderiv.tracing.shapes import Told
from symderiv.tracing.values import Code


def assert_gradient(
    forward: Code,
    backward: Code | None = None,
    shapes: Mapping[str, Told] | None = None,
    given: Mapping[str, object] | None = None,
    wrt: Sequence[str] = (),
    roles: Mapping[str, str] | None = None,
) -> list[Result]:
    """Prove each gradient that `backward` returns for every shape, or fail with arrays at which it is wrong.

    `shapes` has the shape of each array, such as {"x": ("N", "D"), "gamma": ("D",), "y": "N in C"}: names are sizes from 1 on,
    "N in C" holds labels 0..C-1, "" is a number, "> 0" one that is positive; what a docstring tells may be left out.
    `backward` takes upstream gradients, what `forward` returns beside its outputs, and arguments of `forward`, told by name.
    Without it `forward` returns a loss and its gradients. `given` has arguments that are no arrays; `wrt` says what the returned
    gradients are of, where names such as dx do not tell; `roles` says what parameters of `backward` stand for: {"g": "gradient of y"}.

    Returns what was proved, each with the assumptions that were declared and with what each parameter was taken for (`binding`).
    Fails with AssertionError where a gradient is refuted or not proved, with TraceError where the code cannot be traced.
    """
    __tracebackhide__ = True
    return _check(
        lambda: prove_gradient(forward, backward, shapes, given, wrt, roles), getattr(backward or forward, "__name__", "backward")
    )


def assert_equivalent(
    one: Code,
    other: Code,
    shapes: Mapping[str, Told] | None = None,
    given: Mapping[str, object] | None = None,
) -> list[Result]:
    """Prove that two functions return the same arrays for every shape, or fail with arrays at which they differ.

    `shapes` and `given` as for `assert_gradient`. Numbers count as real numbers: how floats are rounded is not compared.
    Returns what was proved, with the assumptions.
    """
    __tracebackhide__ = True
    return _check(lambda: prove_equivalent(one, other, shapes, given), getattr(other, "__name__", "other"))


def _check(proved: Callable[[], list[Result]], name: str) -> list[Result]:
    __tracebackhide__ = True
    try:
        results = proved()
    except TraceError as error:
        raise type(error)(str(error)) from None
    if not results or any(r.verdict != "proved" for r in results):
        told = "\n".join(line for line, _ in lines(results))
        raise AssertionError(f"{name} is not proved:\n{told}")
    return results
