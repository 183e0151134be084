"""What can go wrong: one tree, each leaf with a text that names the place and the way out."""

from __future__ import annotations

import os
from contextvars import ContextVar
from traceback import walk_tb

PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
LONGEST = 1000  # characters that somebody reads of what an input says


class SymderivError(Exception):
    """Whatever this package raises on purpose; its text is meant for the author of a page."""


class PageError(SymderivError):
    """A page that cannot be read: it raises, is missing, or declares something twice."""


class TermError(SymderivError):
    """An expression outside the language: an unknown function, a float, an undeclared symbol."""


class ShapeError(SymderivError):
    """An index outside its dimension, a wrong number of indices, operands that do not fit."""


class Outside(ShapeError):
    """A position that is a number, or made of others, and does not lie in its dimension for every size."""


class FormulaError(SymderivError):
    """A formula that cannot be read: `at` is the span of characters that is in the way."""

    def __init__(self, message: str, at: tuple[int, int] = (0, 0)) -> None:
        super().__init__(message)
        self.at = at


class Misfit(FormulaError):
    """A formula that says nothing as it is written: its shapes, or its numbers of indices, do not fit."""


class Misplaced(Misfit):
    """An index that may leave the range of the dimension for which it stands."""


class TooLarge(SymderivError):
    """A computation stopped at a cap on terms, exponents or nesting: a reason for Unknown."""


class Spent(TooLarge):
    """Raised where all the work is done that a step may take."""


class Undefined(SymderivError):
    """A value that does not exist: a division by zero, the root of a negative number."""


REFUSALS: ContextVar[list[TraceError] | None] = ContextVar("REFUSALS", default=None)


class TraceError(SymderivError):
    """Code that cannot be traced: a loop over a symbolic size, a branch on data, an unknown function, shapes that do not fit.

    While somebody's code runs, each is written down when it is made, for that code may swallow it.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        if (made := REFUSALS.get()) is not None:
            made.append(self)


class MergedAxis(TraceError):
    """An axis that is a product of others is taken apart where these do not end."""


def shortened(said: str, most: int = LONGEST) -> str:
    """What an input says, cut where nobody would read on."""
    return said if len(said) <= most else f"{said[:most]}… ({len(said) - most} characters more)"


def explained(error: BaseException, file: str) -> str:
    """An error that was not raised on purpose: of the page in that file, or a bug of ours, which is said."""
    said = shortened(f"{type(error).__name__}: {error}")
    return f"{said}; this came from inside symderiv, which is a bug: please report it with the page" if _is_ours(error, file) else said


def _is_ours(error: BaseException, file: str) -> bool:
    """Whether the error comes from our code, called by the page or after it."""
    files = [os.path.abspath(frame.f_code.co_filename) for frame, _ in walk_tb(error.__traceback__)]
    own = [k for k, name in enumerate(files) if name == os.path.abspath(file)]
    return any(name.startswith(PACKAGE) for name in files[own[-1] + 1 if own else 0 :])
