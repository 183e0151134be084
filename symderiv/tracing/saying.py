"""Terms and conditions as they are said in errors."""

from __future__ import annotations

from sympy import Basic, Symbol
from sympy.logic.boolalg import Boolean

from symderiv.language.terms import Term, rewritten
from symderiv.tracing.sizes import decided
from symderiv.tracing.traced import Node, swapped


def deciding(condition: Boolean) -> list[Symbol]:
    """The sizes that decide a condition if they are at least 2."""
    sizes = (
        sorted((s for s in condition.free_symbols if s.is_integer and s.is_positive), key=str) if hasattr(condition, "free_symbols") else []
    )
    return [s for s in sizes if decided(condition.xreplace({s: s + 1})) is not None]


def said(body: Term) -> str:
    text = str(_spelled(body))
    return text if len(text) <= 60 else text[:57] + "..."


def _spelled(term: Basic) -> Basic:
    """A term with what its names stand for, as deep as they go."""

    def there(part: Basic) -> Basic | None:
        head = getattr(part, "head", part)
        at = getattr(part, "at", ())
        return _spelled(swapped(head.body, dict(zip(head.indices, at, strict=True)))) if isinstance(head, Node) else None

    return rewritten(term, there)
