"""A function run in a forked process, under a cap on memory, with what it sends read under a deadline. Needs `os.fork`.

A conversation is a generator that gives a child whenever it has to wait for it; `together` has many of them at once.
"""

from __future__ import annotations

import gc
import math
import os
import pickle
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

T = TypeVar("T")
Send = Callable[[Any], None]

TICK_SECONDS = 0.1
ORPHAN_SECONDS = 5
LENGTH_BYTES = 8


class Child:
    """A process that runs `serve`, which may send messages; the end of `serve` is the end of the process."""

    def __init__(self, serve: Callable[[Send], None], memory_mib: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self.pipe, writer = os.pipe()
        self.ended: str | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _be_child(serve, writer, memory_mib)
        os.close(writer)

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

    def end(self, grace_seconds: float = 0.0) -> str:
        """How the child ended, in words; it is killed unless it ends by itself within the grace."""
        deadline = time.monotonic() + grace_seconds
        while self.ended is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ended = _ending(os.waitstatus_to_exitcode(status))
            elif time.monotonic() >= deadline:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                self.ended = "the process did not answer"
            else:
                time.sleep(TICK_SECONDS / 10)
        return self.ended

    def close(self) -> None:
        self.end()
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


def _be_child(serve: Callable[[Send], None], writer: int, memory_mib: int) -> NoReturn:
    """Serve and end: nothing on stdin, stdout to stderr, a cap on memory. Never returns into the parent's code."""
    code = 1
    try:
        gc.freeze()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _silence()
        _cap_memory(memory_mib)
        with open(writer, "wb") as pipe:
            serve(lambda message: _write(pipe, message))
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


def _write(pipe: IO[bytes], message: Any) -> None:
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


def cap_cpu(seconds: float) -> None:
    """In the child: should the parent be gone at its limit, the kernel ends the child a little later."""
    most = math.ceil(time.process_time() + seconds + ORPHAN_SECONDS)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
