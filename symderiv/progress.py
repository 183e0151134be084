"""On a terminal, a bar for each page in work."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from symderiv.notation.escapes import plain

if TYPE_CHECKING:
    import rich.live
    import rich.progress

SECONDS_BEFORE_PROGRESS = 1.0


class Progress:
    """On a terminal's stderr, a bar for each page in work, once it takes longer than a second; no thread of its own, since we fork."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.bars: rich.progress.Progress | None = None
        self.rows: dict[str, rich.progress.TaskID] = {}
        self.shown: rich.live.Live | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_error: object) -> None:
        self.clear()

    def tell(self, file: str, done: int, total: int | None) -> None:
        if not sys.stderr.isatty() or time.monotonic() - self.start < SECONDS_BEFORE_PROGRESS:
            return
        self.bars = self.bars or _bars()
        if done == total:
            if file in self.rows:
                self.bars.remove_task(self.rows.pop(file))
            return
        if file not in self.rows:
            self.rows[file] = self.bars.add_task(plain(file), total=None)
        self.bars.update(self.rows[file], completed=done, total=total)
        self.shown = self.shown or _shown(self.bars)
        self.shown.refresh()

    def clear(self) -> None:
        if self.shown is not None:
            self.shown.stop()
            self.shown = None


def _bars() -> rich.progress.Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TextColumn("steps"), TimeElapsedColumn())
    return Progress(*columns, auto_refresh=False)


def _shown(bars: rich.progress.Progress) -> rich.live.Live:
    from rich.console import Console
    from rich.live import Live

    shown = Live(bars, console=Console(stderr=True), transient=True, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
    shown.start()
    return shown
