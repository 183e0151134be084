"""From Python: derivations, files and texts judged, for tools that are built on symderiv. What comes back is plain, frozen data.

`import symderiv` has these functions; each is imported when it is first used.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from symderiv.errors import PageError
from symderiv.faces.judged import JudgedDerivation, JudgedPage
from symderiv.files import Files
from symderiv.judging import verify
from symderiv.language.claim import Derivation
from symderiv.processes.worker import Limits, judge_files, no_progress

Kind = Literal["markdown", "latex"]
NAMES: dict[Kind, str] = {"markdown": "text.md", "latex": "text.tex"}


def judge(derivation: Derivation) -> JudgedDerivation:
    """A derivation that was made here, each step judged by both judges, in this process and without a limit of time.

    `claims` has a claim for each `claim(...)`, in order, and each has its `steps`: `verdict` and `formal` are "proved", "refuted" or
    "unknown"; `side_conditions`, `assumptions`, `counterexample`, `repairs` and `reason` say more, as text and as LaTeX.
    """
    page = verify.page_of("", "", (derivation,))
    (found,) = page.draft.with_steps({k: verify.judge(page, k) for k in range(len(page.steps))}).derivations
    return found


def judge_file(path: str | Path, step_seconds: float = Limits.step_seconds, memory_mib: int = Limits.memory_mib) -> JudgedPage:
    """A file judged as `symderiv verify` judges it: a Python page, which is run, or a Markdown or LaTeX document, which never is.

    It is read and judged in a process of its own. `step_seconds` is how long a step may take, other limits are in proportion; a step
    that takes longer is unknown. `memory_mib` is how much memory that process may have, in MiB. A file that cannot be read at all has
    its `error` set; parts of it that cannot be read are its `problems`. Nothing is raised for what is in the file.
    """
    return _judged(str(path), Files(), Limits.scaled(step_seconds, memory_mib))


def judge_text(
    text: str, kind: Kind = "markdown", step_seconds: float = Limits.step_seconds, memory_mib: int = Limits.memory_mib
) -> JudgedPage:
    """The text of a document judged, as `judge_file` judges a file of it. Fails with a PageError for a kind that there is not."""
    if kind not in NAMES:
        raise PageError(f"judge_text: the kind {kind!r}; there are {', '.join(NAMES)}.")
    return _judged(NAMES[kind], Files(text=text), Limits.scaled(step_seconds, memory_mib))


def _judged(path: str, engine: Files, limits: Limits) -> JudgedPage:
    (page,) = judge_files([path], engine, limits, no_progress)
    return page
