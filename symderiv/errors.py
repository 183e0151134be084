"""What can go wrong: one tree, each leaf with a text that names the place and the way out."""

from __future__ import annotations

from contextvars import ContextVar


class SymderivError(Exception):
    """Whatever this package raises on purpose; its text is meant for the author of a page."""


class PageError(SymderivError):
    """A page that cannot be read: it raises, is missing, or declares something twice."""


class TermError(SymderivError):
    """An expression outside the language: an unknown function, a float, an undeclared symbol."""


class ShapeError(SymderivError):
    """An index outside its dimension, a wrong number of indices, operands that do not fit."""


class FormulaError(SymderivError):
    """A formula that cannot be read: `at` is the span of characters that is in the way."""

    def __init__(self, message: str, at: tuple[int, int] = (0, 0)) -> None:
        super().__init__(message)
        self.at = at


class Misfit(FormulaError):
    """A formula that says nothing as it is written: its shapes, or its numbers of indices, do not fit."""


class TooLarge(SymderivError):
    """A computation stopped at a cap on terms, exponents or nesting: a reason for Unknown."""


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
