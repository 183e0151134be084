"""A function run in a forked process, under a cap on memory, with what it sends read under a deadline. Needs `os.fork`.

Between us and the process stands its guard, another process, which ends it and all that it started, as soon as it is over or we
are gone, in whichever way: the guard holds one end of a pipe, the leash, whose other end closes with us.

A conversation is a generator that gives a child whenever it has to wait for it; `together` has many of them at once.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

T = TypeVar("T")
Send = Callable[[object], None]

TICK_SECONDS = 0.1
GUARD_SECONDS = 5.0  # that a guard may take to end what it guards
LENGTH_BYTES = 8
SET_DEATH_SIGNAL, SET_SUBREAPER = 1, 36  # of Linux's prctl


class Child:
    """A process that runs `serve`, which may send messages; the end of `serve` is the end of the process."""

    def __init__(self, serve: Callable[[Send], None], memory_mib: int) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self.pipe, writer = os.pipe()
        held, self.leash = os.pipe()
        self.ended: str | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _be_guard(serve, writer, held, memory_mib)
        os.close(writer)
        os.close(held)

    def receive(self, deadline: float) -> Generator[Child, None, Any]:
        """The next message. Fails with TimeoutError at the deadline, with EOFError when the child is gone."""
        length = int.from_bytes((yield from self._read(LENGTH_BYTES, deadline)), "big")
        return pickle.loads((yield from self._read(length, deadline)))

    def _read(self, count: int, deadline: float) -> Generator[Child, None, bytes]:
        data = b""
        while len(data) < count:
            if select.select([self.pipe], [], [], 0)[0]:
                chunk = os.read(self.pipe, count - len(data))
                if not chunk:
                    raise EOFError
                data += chunk
            elif time.monotonic() >= deadline:
                raise TimeoutError
            else:
                yield self
        return data

    def ask(self) -> None:
        """Send the process a SIGTERM, which it may answer."""
        os.kill(self.pid, signal.SIGTERM)

    def end(self, grace_seconds: float = 0.0) -> str:
        """How the child ended, in words; it is killed unless it ends by itself within the grace."""
        if self.ended is None and (status := self._status(grace_seconds)) is not None:
            self.ended = _ending(os.waitstatus_to_exitcode(status))
        if self.ended is None:
            self._let_go()
            self.ended = "the process did not answer"
            if self._status(GUARD_SECONDS) is None:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        return self.ended

    def _status(self, seconds: float) -> int | None:
        """The status of the guard, which has that of the child, if it ends within so many seconds."""
        deadline, pause = time.monotonic() + seconds, TICK_SECONDS / 100
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return status
            if time.monotonic() >= deadline:
                return None
            time.sleep(pause)
            pause = min(2 * pause, TICK_SECONDS)

    def _let_go(self) -> None:
        if self.leash >= 0:
            os.close(self.leash)
            self.leash = -1

    def close(self) -> None:
        self.end()
        self._let_go()
        os.close(self.pipe)


def together(conversations: Iterable[Generator[Child, None, T]], most: int) -> Generator[T]:
    """What conversations return, in their order, with at most so many of them at once; those that nobody waits for any more are closed."""
    queue = enumerate(conversations)
    running: dict[int, Generator[Child, None, T]] = {}
    returned: dict[int, T] = {}
    due = 0
    try:
        while True:
            running.update(islice(queue, most - len(running)))
            waiting, ended = _advanced(running)
            if ended:
                running = {k: c for k, c in running.items() if k not in ended}
                returned.update(ended)
                continue
            while due in returned:
                yield returned.pop(due)
                due += 1
            if not running:
                return
            select.select([child.pipe for child in waiting], [], [], TICK_SECONDS)
    finally:
        for conversation in running.values():
            conversation.close()


def _advanced(running: dict[int, Generator[Child, None, T]]) -> tuple[list[Child], dict[int, T]]:
    """Each conversation brought to where it waits or ends: the children, and what was returned."""
    waiting, ended = [], {}
    for k, conversation in running.items():
        try:
            waiting.append(next(conversation))
        except StopIteration as end:
            ended[k] = end.value
    return waiting, ended


def _ending(code: int) -> str:
    if code >= 0:
        return f"the process ended itself with exit status {code}"
    return f"the process died of {signal.Signals(-code).name}, a crash in C code or want of memory,"


def _be_guard(serve: Callable[[Send], None], writer: int, held: int, memory_mib: int) -> NoReturn:
    """In the child: have the work done by a process of its own, and leave nothing of it when it is over or nobody waits for it.

    Ends as that process did. Never returns into the parent's code.
    """
    try:
        gc.freeze()
        os.setsid()
        _prctl(SET_SUBREAPER, 1)  # what a page leaves behind becomes the guard's
        _forget_files(writer, held)
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        stirred = _stirred_by_the_end_of_children()
        guard, worker = os.getpid(), os.fork()
        if worker == 0:
            os.close(held)
            _be_child(serve, writer, memory_mib, guard)
        os.close(writer)
        signal.signal(signal.SIGTERM, lambda *_: _kill(worker, signal.SIGTERM))
        status = _watched(worker, held, stirred)
        _end_all(worker)
        _end_alike(os.waitstatus_to_exitcode(status))
    finally:
        os._exit(1)


def _prctl(what: int, value: int) -> None:
    """On Linux, an attribute of this process; no other system has these."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(what, value, 0, 0, 0)


def _forget_files(*kept: int) -> None:
    """Let go of the parent's files, among them the leashes of others; their numbers stay taken, for those who believe to have them."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number in map(int, os.listdir("/dev/fd") if os.path.isdir("/dev/fd") else range(1024)):
        if number > 2 and number not in kept:
            with suppress(OSError):
                os.fstat(number)
                os.dup2(nothing, number, inheritable=False)


def _stirred_by_the_end_of_children() -> int:
    """A pipe in which there is something to read whenever a child has ended."""
    stirred, stirs = os.pipe()
    os.set_blocking(stirs, False)
    os.set_blocking(stirred, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(stirs, warn_on_full_buffer=False)
    return stirred


def _watched(worker: int, held: int, stirred: int) -> int:
    """The status with which the worker ended; 0 if it is nobody's business any more."""
    while True:
        ready, _, _ = select.select([held, stirred], [], [])
        if held in ready:
            return 0
        with suppress(BlockingIOError):
            os.read(stirred, 4096)
        for pid, status in _ended():
            if pid == worker:
                return status


def _ended() -> Iterator[tuple[int, int]]:
    """The children that have ended, with their status."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            yield ended


def _end_all(worker: int) -> None:
    """Kill the worker's group and, where the orphans of orphans become ours, everything that comes from it."""
    for kill in (os.kill, os.killpg):
        with suppress(OSError):
            kill(worker, signal.SIGKILL)
    with suppress(ChildProcessError):
        while True:
            list(_ended())
            for pid in _children():
                _kill(pid, signal.SIGKILL)
            os.waitpid(-1, 0)


def _kill(pid: int, number: int) -> None:
    with suppress(OSError):
        os.kill(pid, number)


def _children() -> Iterator[int]:
    """The processes whose parent this one is, as far as the system tells."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
            if parent == os.getpid():
                yield int(stat.parent.name)


def _end_alike(code: int) -> NoReturn:
    """End with an exit status, or of a signal."""
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    os._exit(code & 0xFF)


def _be_child(serve: Callable[[Send], None], writer: int, memory_mib: int, guard: int) -> NoReturn:
    """Serve and end: nothing on stdin, stdout to stderr, a cap on memory. Never returns into the parent's code."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        _prctl(SET_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != guard:
            os._exit(1)
        _silence()
        _cap_memory(memory_mib)
        own = os.getpid()
        with open(writer, "wb") as pipe:
            serve(lambda message: _write(pipe, message) if os.getpid() == own else os._exit(0))  # a copy of it has nothing to say
        code = 0
    finally:
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(code)


def _silence() -> None:
    """What a page prints must not mix with the results, and comes line by line; what it asks for gets no answer."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = sys.stderr
    with suppress(OSError):
        os.dup2(2, 1)
        sys.stdout = sys.stderr = os.fdopen(2, "w", buffering=1, errors="replace", closefd=False)


def _write(pipe: IO[bytes], message: object) -> None:
    data = pickle.dumps(message)
    pipe.write(len(data).to_bytes(LENGTH_BYTES, "big") + data)
    pipe.flush()


def _cap_memory(mib: int) -> None:
    """Let the address space grow by so much; what the parent had mapped does not count."""
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + mib * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


def uncap_memory() -> None:
    """In the child: make room to say that the memory is used up."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
