"""The derivative of each function of the vocabulary w.r.t. its argument, one row a function.

A row holds away from the function's kinks; the derivative's own term names the kink, by a comparison in `Where`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Abs, Integer, Rational, cos, erf, exp, log, pi, sign, sin, sqrt, tanh

from symderiv.terms import Where, relu, sigmoid, softplus

PARTIALS: dict[Any, Callable[[Any], Any]] = {
    exp:      lambda z: exp(z),
    log:      lambda z: 1 / z,
    tanh:     lambda z: 1 - tanh(z) ** 2,
    sin:      lambda z: cos(z),
    cos:      lambda z: -sin(z),
    erf:      lambda z: 2 * exp(-(z**2)) / sqrt(pi),
    sigmoid:  lambda z: sigmoid(z) * (1 - sigmoid(z)),
    softplus: lambda z: sigmoid(z),
    relu:     lambda z: Where(z > 0, 1, 0),
    Abs:      lambda z: Where(z > 0, 1, -1),
    sign:     lambda z: Where(z > 0, 0, Rational(0)),
}  # fmt: skip

KINKS = {relu: Integer(0), Abs: Integer(0), sign: Integer(0)}
