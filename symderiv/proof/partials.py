"""The derivative of each function of the vocabulary w.r.t. its argument, one row a function.

A row holds away from the function's kinks; `Beyond` in it names the kink, where there is no derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Abs, Rational, cos, erf, exp, log, pi, sign, sin, sqrt, tanh

from symderiv.language.terms import Beyond, Where, relu, sigmoid, softplus


def beyond(z: Any, above: Any, below: Any) -> Any:
    """One slope for z > 0 and another for z < 0. Kept even if they are equal: at z = 0 there may be a jump."""
    return Where(Beyond(z) > Rational(1, 2), above, below)


PARTIALS: dict[Any, Callable[[Any], Any]] = {
    exp:      lambda z: exp(z),
    log:      lambda z: 1 / z,
    tanh:     lambda z: 1 - tanh(z) ** 2,
    sin:      lambda z: cos(z),
    cos:      lambda z: -sin(z),
    erf:      lambda z: 2 * exp(-(z**2)) / sqrt(pi),
    sigmoid:  lambda z: sigmoid(z) * (1 - sigmoid(z)),
    softplus: lambda z: sigmoid(z),
    relu:     lambda z: Beyond(z),
    Abs:      lambda z: 2 * Beyond(z) - 1,
    sign:     lambda z: beyond(z, 0, 0),
    Beyond:   lambda z: beyond(z, 0, 0),
}  # fmt: skip

# The same from the function's value.
BY_VALUE: dict[Any, Callable[[Any], Any]] = {
    exp:      lambda v: v,
    tanh:     lambda v: 1 - v**2,
    sigmoid:  lambda v: v * (1 - v),
}  # fmt: skip
