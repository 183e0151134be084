"""A function run in a forked process, under a cap on memory, with what it sends read under a deadline. Needs `os.fork`."""

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
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn

Send = Callable[[Any], None]
Tick = Callable[[], None]

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

    def receive(self, deadline: float, tick: Tick) -> Any:
        """The next message. Fails with TimeoutError at the deadline, with EOFError when the child is gone."""
        length = int.from_bytes(self._read(LENGTH_BYTES, deadline, tick), "big")
        return pickle.loads(self._read(length, deadline, tick))

    def _read(self, count: int, deadline: float, tick: Tick) -> bytes:
        data = b""
        while len(data) < count:
            tick()
            wait = min(TICK_SECONDS, max(0.0, deadline - time.monotonic()))
            if select.select([self.pipe], [], [], wait)[0]:
                chunk = os.read(self.pipe, count - len(data))
                if not chunk:
                    raise EOFError
                data += chunk
            elif time.monotonic() >= deadline:
                raise TimeoutError
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
    """What a page prints must not mix with the results, and what it asks for gets no answer."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with suppress(OSError):
        os.dup2(2, 1)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = sys.stderr


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
