"""The words for what comes out of a step, and for what a page expects of one. Whoever shows them needs no SymPy."""

from __future__ import annotations

from typing import Literal

VerdictName = Literal["proved", "refuted", "unknown"]
Expected = Literal["proved", "refuted", "refuted formally"]
