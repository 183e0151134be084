"""SymPy's `Max` and `Min`, made without a comparison that takes exponentially long where they are nested.

SymPy compares the arguments of each two by two, to leave out one that cannot count. For that it takes the difference apart and makes
each `Max` and `Min` inside anew, which compares, and so on: eight in each other take minutes. Here two arguments with several of them
inside are both kept, which says the same.
"""

from __future__ import annotations

from itertools import islice

from sympy import Expr, Max, Min, preorder_traversal
from sympy.functions.elementary.miscellaneous import MinMaxBase

MOST_INSIDE = 2
MOST_PARTS = 500

_compared = MinMaxBase._is_connected.__func__


def _connected(cls: type[MinMaxBase], one: Expr, other: Expr) -> type[MinMaxBase] | bool:
    """Which of two arguments counts, as SymPy has it: True if they are equal, `Max` or `Min` if that is the first; False is 'not shown'."""
    return _compared(cls, one, other) if _is_plain(one, other) else one == other


def _is_plain(*terms: Expr) -> bool:
    """Whether terms are small, and together have few `Max` and `Min` inside."""
    parts = [part for term in terms for part in islice(preorder_traversal(term), MOST_PARTS)]
    return len(parts) < MOST_PARTS and sum(isinstance(part, (Max, Min)) for part in parts) <= MOST_INSIDE


MinMaxBase._is_connected = classmethod(_connected)
