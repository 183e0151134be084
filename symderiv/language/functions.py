"""The functions of one number, one row each: what everybody has to know of one, but for its meaning by brute force.

That stands apart, in `refutation.interpret`, so that each judge can check the other. A row holds away from the function's kinks;
`Beyond` in a slope names the kink, where there is no derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sympy import Abs, Basic, Expr, Function as Named, Max, Min, Symbol, cos, erf, exp, log, pi, sign, sin, sqrt, tanh

from symderiv.language.terms import Beyond, beyond


class Sign(StrEnum):
    """What is known of a sign; what is unknown is false."""

    UNKNOWN = ""
    NOT_NEGATIVE = "0+"
    POSITIVE = "+"
    COUNT = "1+"  # a whole number >= 1


class Elementwise(Named):
    """A function of one real number; given an array, it works on each entry."""

    nargs = (1,)

    def __new__(cls, argument: object, **options: object) -> Expr:
        if hasattr(argument, "map"):
            return argument.map(cls)
        return super().__new__(cls, argument, **options)

    def _eval_is_extended_real(self) -> bool:
        return True


class relu(Elementwise):
    """max(0, z)."""


class sigmoid(Elementwise):
    """1/(1 + exp(-z))."""


class softplus(Elementwise):
    """log(1 + exp(z))."""


class stop_gradient(Elementwise):
    """The value of its argument, held constant in every derivative."""


def clamp(z: Any, low: Any, high: Any) -> Any:
    """z kept within low..high."""
    return Min(Max(z, low), high) if not hasattr(z, "map") else z.map(lambda entry: clamp(entry, low, high))


Of = Callable[[Expr], Expr]


@dataclass(frozen=True)
class Function:
    """A function of one number; a name for other functions has only `of` and how it is called."""

    of: Of  # its kind of term, or the others that it stands for
    words: tuple[str, ...] = ()  # in documents
    code: tuple[str, ...] = ()  # in NumPy, SciPy, PyTorch and JAX
    shown: str = ""  # on paper, if not under its kind's name
    slope: Of | None = None
    by_value: Of | None = None  # the slope, from the value
    value: Of | None = None  # in other functions, by which it is proved; without it and laws of its own in `proof.normal`, only by:
    parity: int = 0  # 1 where f(-z) = f(z), -1 where f(-z) = -f(z)
    sign: Sign = Sign.UNKNOWN  # of all its values
    between: tuple[int | None, int | None] = (None, None)  # bounds that it does not reach
    asks: str = ""  # how its argument must compare with 0
    array: str = ""  # in generated code; where there is none, by its value
    number: str = ""  # the same of a Python number
    keeps_kind: bool = False  # in code, whether it is whole of whole numbers
    of_matrices: bool = False  # whether of a square matrix it can be meant as a series


ROWS = (
    Function(
        exp, words=("exp",), code=("exp",), slope=exp, by_value=lambda v: v, sign=Sign.POSITIVE, array="np.exp({0})",
        number="math.exp({0})", of_matrices=True,
    ),
    Function(
        log, words=("log", "ln"), code=("log",), slope=lambda z: 1 / z, asks=">", array="np.log({0})", number="math.log({0})",
        of_matrices=True,
    ),
    Function(
        sin, words=("sin",), code=("sin",), slope=cos, parity=-1, array="np.sin({0})", number="math.sin({0})", of_matrices=True,
    ),
    Function(
        cos, words=("cos",), code=("cos",), slope=lambda z: -sin(z), parity=1, array="np.cos({0})", number="math.cos({0})",
        of_matrices=True,
    ),
    Function(
        tanh, words=("tanh",), code=("tanh",), slope=lambda z: 1 - tanh(z) ** 2, by_value=lambda v: 1 - v**2,
        value=lambda z: 2 * sigmoid(2 * z) - 1, parity=-1, between=(-1, 1), array="np.tanh({0})", number="math.tanh({0})",
    ),
    Function(
        erf, words=("erf",), code=("erf",), slope=lambda z: 2 * exp(-(z**2)) / sqrt(pi), parity=-1, between=(-1, 1), array="_erf({0})",
        number="math.erf({0})",
    ),
    Function(
        sigmoid, words=("sigmoid", "\\sigma"), code=("expit", "sigmoid"), slope=lambda z: sigmoid(z) * (1 - sigmoid(z)),
        by_value=lambda v: v * (1 - v), value=lambda z: 1 / (1 + exp(-z)), sign=Sign.POSITIVE, between=(0, 1), array="_sigmoid({0})",
    ),
    Function(
        softplus, words=("softplus",), code=("softplus",), slope=sigmoid, value=lambda z: log(1 + exp(z)), sign=Sign.POSITIVE,
        array="np.logaddexp(0, {0})",  # without overflow
    ),
    Function(
        relu, words=("relu", "ReLU", "ReLu", "Relu"), code=("relu",), shown="ReLU", slope=Beyond, sign=Sign.NOT_NEGATIVE,
        array="np.maximum({0}, 0)", number="max({0}, 0)",
    ),
    Function(
        Abs, words=("abs",), code=("abs", "absolute", "fabs"), slope=lambda z: 2 * Beyond(z) - 1, parity=1, sign=Sign.NOT_NEGATIVE,
        array="np.abs({0})", number="abs({0})", keeps_kind=True,
    ),
    Function(
        sign, words=("sign", "sgn"), code=("sign",), slope=lambda z: beyond(z, 0, 0), parity=-1, array="np.sign({0})",
        number="float(np.sign({0}))", keeps_kind=True,
    ),
    Function(
        stop_gradient, code=("stop", "stop_gradient", "detach"), shown="sg", value=lambda z: z, keeps_kind=True,
    ),
    Function(sqrt, words=("sqrt",), code=("sqrt",), of_matrices=True),
    Function(lambda z: sin(z) / cos(z), words=("tan",), code=("tan",), of_matrices=True),
    Function(lambda z: (exp(z) - exp(-z)) / 2, words=("sinh",), code=("sinh",), of_matrices=True),
    Function(lambda z: (exp(z) + exp(-z)) / 2, words=("cosh",), code=("cosh",), of_matrices=True),
    Function(lambda z: exp(z * log(2)), code=("exp2",)),
    Function(lambda z: exp(z) - 1, code=("expm1",)),
    Function(lambda z: log(z) / log(2), code=("log2",)),
    Function(lambda z: log(z) / log(10), code=("log10",)),
    Function(lambda z: log(1 + z), code=("log1p",)),
    Function(lambda z: z * sigmoid(z), words=("silu", "SiLU"), code=("silu", "swish")),
    Function(lambda z: z * (1 + erf(z / sqrt(2))) / 2, code=("gelu",)),  # in documents also what is near it
    Function(lambda z: z * pi / 180, code=("deg2rad",)),
)  # fmt: skip

KINDS = tuple(row.of for row in ROWS if isinstance(row.of, type))
ROW_OF = {row.of: row for row in ROWS}
WORDS = {word: row for row in ROWS for word in row.words}
OWN = {kind.__name__: kind for kind in KINDS if issubclass(kind, Elementwise)} | {"clamp": clamp}  # that SymPy lacks
PARITIES = {kind.__name__: ROW_OF[kind].parity for kind in KINDS if ROW_OF[kind].value is None}  # of what proofs do not write in others
OF_ALL_NUMBERS = tuple(kind.__name__ for kind in KINDS if not ROW_OF[kind].asks)

SLOPES: dict[type[Basic], Of] = {kind: slope for kind in KINDS if (slope := ROW_OF[kind].slope) is not None}
SLOPES[Beyond] = lambda z: beyond(z, 0, 0)
BY_VALUE: dict[type[Basic], Of] = {kind: slope for kind in KINDS if (slope := ROW_OF[kind].by_value) is not None}
KINKED = tuple(kind for kind, slope in SLOPES.items() if slope(Symbol("z", real=True)).has(Beyond))  # that have a kink or a jump at 0
