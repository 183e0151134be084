"""Pages judged in processes of their own: one that hangs, crashes or eats memory takes nothing else with it.

The limits are enforced from outside, since no signal handler can interrupt C code.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from traceback import walk_stack, walk_tb
from types import FrameType
from typing import Any, NoReturn, Protocol, TypeVar

from symderiv.errors import PageError, SymderivError, explained, shortened
from symderiv.faces.judged import JudgedPage, JudgedStep
from symderiv.processes.child import Child, Send, together, uncap_memory

P = TypeVar("P")
T = TypeVar("T")
Progress = Callable[[str, int, int | None], None]

FAREWELL_SECONDS = 3.0
ONLY = "a page only declares, defines and claims."
NO_CHANCE = "a page must not depend on chance or time."


@dataclass(frozen=True)
class Limits:
    """How long a page may take to be read, a step to be judged, and all of it together; and its memory."""

    load_seconds: float = 30
    step_seconds: float = 60
    page_seconds: float = 300
    memory_mib: int = 4096

    @classmethod
    def scaled(cls, step_seconds: float, memory_mib: int) -> Limits:
        """The same proportions for another time a step."""
        return cls(step_seconds / 2, step_seconds, 5 * step_seconds, memory_mib)


class Engine(Protocol[P]):
    """What judges: `files.Files`, or a stand-in."""

    def load(self, path: str) -> P: ...
    def draft(self, page: P) -> JudgedPage: ...
    def judge(self, page: P, k: int) -> JudgedStep: ...


@dataclass(frozen=True)
class Trouble:
    """Why there is no verdict: a child's last message, or what the parent says of its end."""

    reason: str


@dataclass(frozen=True)
class Done:
    """A child's last message when all went well; an end without a last message is a death."""


def no_progress(_file: str, _done: int, _total: int | None) -> None:
    """For those who do not wait."""


def judge_files(paths: Iterable[str], engine: Engine[P], limits: Limits, progress: Progress, jobs: int = 1) -> Generator[JudgedPage]:
    """Pages judged, each in a child process, at most `jobs` of them at once; given in the order of their paths.

    `progress(file, steps judged, steps)` is called several times a second for each page in work, with None for the
    number of steps until it is known, and a last time with two equal numbers.
    """
    return together((_judge_file(path, engine, limits, progress) for path in paths), jobs)


def _judge_file(path: str, engine: Engine[P], limits: Limits, progress: Progress) -> Generator[Child, None, JudgedPage]:
    """One page judged; a step that ends its child is unknown, with the reason, and a new child goes on after it."""
    end = time.monotonic() + limits.page_seconds
    page = JudgedPage(Path(path).stem, path)
    steps: list[JudgedStep] = []
    loaded = False

    def serve(send: Send) -> None:
        _serve(path, engine, len(steps), limits, send)

    while page.error is None and (not loaded or len(steps) < len(page.steps)):
        with closing(_messages(path, serve, limits, end)) as messages:
            for message in messages:
                if isinstance(message, Child):
                    progress(path, len(steps), len(page.steps) or None)
                    yield message
                elif isinstance(message, JudgedStep):
                    steps.append(message)
                elif isinstance(message, JudgedPage) and loaded and message != page:
                    page = JudgedPage(page.name, path, error=f"{path}: reads differently each time; {NO_CHANCE}")
                    break
                elif isinstance(message, JudgedPage):
                    page, loaded = message, True
                elif loaded and len(steps) < len(page.steps):
                    steps.append(replace(page.steps[len(steps)], verdict="unknown", formal="unknown", reason=message.reason))
                else:
                    page = replace(page, error=message.reason)
    progress(path, len(page.steps), len(page.steps))
    return page.with_steps(dict(enumerate(steps)))


def call(path: str, work: Callable[[], T], limits: Limits) -> T:
    """What `work()` makes of a page, run in a child process. Fails with a PageError that says why."""
    (message,) = together([_first_message(path, lambda send: _answer(path, work, limits, send), limits)], 1)
    if isinstance(message, Trouble):
        raise PageError(message.reason)
    return message


def _first_message(path: str, serve: Callable[[Send], None], limits: Limits) -> Generator[Child, None, Any]:
    with closing(_messages(path, serve, limits, time.monotonic() + limits.page_seconds)) as messages:
        while isinstance(message := next(messages), Child):
            yield message
    return message


def _messages(path: str, serve: Callable[[Send], None], limits: Limits, end: float) -> Generator[Any, None, None]:
    """What a child that runs `serve` sends, without its `Done`, and the child itself whenever it has to be waited for.

    If it has to be stopped or dies, the trouble is last.
    """
    if time.monotonic() >= end:
        yield Trouble(f"not reached: {_page_late(limits)}")
        return
    loading, seconds = True, limits.load_seconds
    with closing(Child(serve, limits.memory_mib)) as child:
        try:
            while not isinstance(message := (yield from child.receive(min(time.monotonic() + seconds, end))), Done):
                yield message
                if isinstance(message, Trouble):
                    return
                loading, seconds = False, limits.step_seconds
        except TimeoutError:
            yield (yield from _late(child, path, limits, loading)) if time.monotonic() < end else Trouble(_page_late(limits))
        except EOFError:
            death = child.end(FAREWELL_SECONDS)
            yield Trouble(f"{path}: {death} while the page was read; {ONLY}" if loading else death)


def _late(child: Child, path: str, limits: Limits, loading: bool) -> Generator[Child, None, Trouble]:
    """A step without a verdict; or a page that never ends, asked at which line it is: C code will not answer."""
    if not loading:
        return Trouble(f"no verdict within {limits.step_seconds:g} s; raise the limit with --time-limit")
    child.ask()
    try:
        message = yield from child.receive(time.monotonic() + FAREWELL_SECONDS)
    except (TimeoutError, EOFError):
        message = None
    return message if isinstance(message, Trouble) else Trouble(_endless(path, None, limits))


def _page_late(limits: Limits) -> str:
    return f"the page took more than {limits.page_seconds:g} s; raise the limit with --time-limit"


def _serve(path: str, engine: Engine[P], first: int, limits: Limits, send: Send) -> None:
    """In the child: read the page, send it as it stands, then its steps from the `first` on."""

    def tell_line(_signal: int, frame: FrameType | None) -> NoReturn:
        send(Trouble(_endless(path, _line(path, walk_stack(frame)), limits)))
        os._exit(0)

    signal.signal(signal.SIGTERM, tell_line)
    try:
        page = engine.load(path)
        draft = engine.draft(page)
        if not draft.steps and not draft.problems and not draft.remarks and not draft.formulas:
            raise PageError(f"{path}: nothing to judge; state a claim: d.claim('1', left, right).")
    except BaseException as error:
        send(Trouble(_why_unread(path, error, limits)))
        return
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    send(draft)
    for k in range(first, len(draft.steps)):
        try:
            step = engine.judge(page, k)
        except BaseException as error:
            send(Trouble(_why_unjudged(error, limits)))
            return
        send(step)
    send(Done())


def _answer(path: str, work: Callable[[], object], limits: Limits, send: Send) -> None:
    try:
        answer = work()
    except BaseException as error:
        send(Trouble(_why_unread(path, error, limits)))
    else:
        send(answer)


def _why_unread(path: str, error: BaseException, limits: Limits) -> str:
    uncap_memory()
    place = _place(path, _line(path, walk_tb(_root(error).__traceback__)))
    if isinstance(_root(error), MemoryError):
        return f"{place}: needs more than {limits.memory_mib} MiB of memory; raise the limit with --memory-limit."
    if isinstance(error, SymderivError):
        return shortened(str(error))
    if isinstance(error, SystemExit):
        return f"{place}: ends the program; {ONLY}"
    return f"{place}: {explained(error, path)}"


def _why_unjudged(error: BaseException, limits: Limits) -> str:
    uncap_memory()
    if isinstance(_root(error), MemoryError):
        return f"no verdict within {limits.memory_mib} MiB of memory; raise the limit with --memory-limit"
    return f"the engine failed, which is a bug: {shortened(f'{type(error).__name__}: {error}')}; please report it with the page"


def _root(error: BaseException) -> BaseException:
    return _root(error.__cause__) if error.__cause__ else error


def _endless(path: str, line: int | None, limits: Limits) -> str:
    what = f"{_place(path, line)}: still running after {limits.load_seconds:g} s; {ONLY}"
    return f"{what} Take the loop out, or raise the limit with --time-limit."


def _place(path: str, line: int | None) -> str:
    return path if line is None else f"{path}:{line}"


def _line(path: str, frames: Iterable[tuple[FrameType, int]]) -> int | None:
    """The first of the frames' lines that lies in the page."""
    return next((line for frame, line in frames if os.path.abspath(frame.f_code.co_filename) == os.path.abspath(path)), None)
