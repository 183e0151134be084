"""Whatever ends a run, nothing of it is left: not the processes that judge, nor what a page started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PATIENCE = 120  # seconds until a test gives up; nothing waits so long on an idle machine

STARTS = """
import os, signal, subprocess, sys, time

SLEEP = [sys.executable, "-c", "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
         "open(f'pid{os.getpid()}', 'w'); time.sleep(1000)"]
STARTED = 5
subprocess.Popen(SLEEP)
subprocess.Popen(SLEEP, start_new_session=True)
subprocess.Popen(["nohup", "sh", "-c", '"$@" & "$@"', "sh", *SLEEP], stdin=subprocess.DEVNULL, start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open(f"pid{os.getpid()}", "w")
        time.sleep(1000)
    os._exit(0)
while len([name for name in os.listdir() if name.startswith("pid")]) < STARTED:
    time.sleep(0.01)
open("begun", "w").close()
"""
HANGS = f"{STARTS}\ntime.sleep(1000)\n"
CLAIMS = "\nfrom symderiv import Derivation\nd = Derivation('t')\nx = d.input('x')\nd.claim('1', x + x, 2*x)\n"


def wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def running(folder: Path) -> list[str]:
    """The processes that name the folder, or whose number a page has put into it; the dead whom nobody has buried do not count."""
    listed = subprocess.run(["ps", "axwwo", "pid=,stat=,args="], capture_output=True, text=True, check=True).stdout.splitlines()
    told = {path.name.removeprefix("pid") for path in folder.glob("pid*")}
    found = [line.split(None, 2) for line in listed]
    return [" ".join(row) for row in found if row[1][0] != "Z" and (row[0] in told or str(folder) in row[-1])]


def as_in_a_terminal() -> None:
    """What ends a command is not ignored, as it is where the tests run in the background."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def start(tmp_path):
    """Starts the command on a page, which is told by its path; what is left at the end is killed."""

    def start(source: str, *arguments: str, before: tuple[str, ...] = (), **options: object) -> subprocess.Popen[str]:
        (tmp_path / "page.py").write_text(source)
        command = [*before, sys.executable, "-m", "symderiv", *(a.replace("PAGE", str(tmp_path / "page.py")) for a in arguments)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, text=True, preexec_fn=as_in_a_terminal, **pipes, **options)
        begun.append(process)
        return begun[-1]

    begun: list[subprocess.Popen[str]] = []
    yield start
    for process in begun:
        process.kill()
        process.communicate()
    for line in running(tmp_path):
        os.kill(int(line.split()[0]), signal.SIGKILL)


def kill_group(process: subprocess.Popen[str], number: int) -> None:
    os.killpg(process.pid, number)


ENDS = [
    # what is run                         the signal        to whom                               status
    (("verify", "PAGE"),                  signal.SIGINT,    subprocess.Popen.send_signal,         130),
    (("verify", "PAGE"),                  signal.SIGKILL,   subprocess.Popen.send_signal,         -9),
    (("kernel", "PAGE"),                  signal.SIGKILL,   kill_group,                           -9),
    (("prove", "PAGE:f"),                 signal.SIGTERM,   kill_group,                           143),
]  # fmt: skip

MORE_ENDS = [
    (("verify", "PAGE"),                  signal.SIGHUP,    subprocess.Popen.send_signal,         129),
    (("verify", "PAGE"),                  signal.SIGTERM,   subprocess.Popen.send_signal,         143),
    (("report", "PAGE"),                  signal.SIGQUIT,   kill_group,                           -3),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "number", "send", "status"), [*ENDS, *(pytest.param(*row, marks=pytest.mark.slow) for row in MORE_ENDS)]
)
def test_a_killed_run_leaves_nothing_behind(start, tmp_path, arguments, number, send, status):
    process = start(HANGS, *arguments, start_new_session=True)
    wait_until((tmp_path / "begun").exists, "the page has begun")
    assert len(running(tmp_path)) >= 5 + 3
    send(process, number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (status, "", "")
    wait_until(lambda: not running(tmp_path), f"left: {running(tmp_path)}")


@pytest.mark.parametrize(
    ("source", "limit", "status"),
    [
        (f"{STARTS}{CLAIMS}", "60", 0),
        (f"{STARTS}\n1/0", "60", 2),
        (f"{STARTS}\nos._exit(0)", "60", 2),
        (f"{STARTS}\nos.kill(os.getpid(), 9)", "60", 2),
        (f"import time\ntime.sleep(1000)\n{STARTS}", "0.2", 2),
    ],
)
def test_what_a_page_started_ends_with_it(start, tmp_path, source, limit, status):
    process = start(source, "verify", "PAGE", "--time-limit", limit)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == status
    assert running(tmp_path) == []


def test_under_nohup_a_hangup_changes_nothing(start, tmp_path):
    process = start(f"{STARTS}while not os.path.exists('go'): time.sleep(0.01)\n{CLAIMS}", "verify", "PAGE", before=("nohup",))
    wait_until((tmp_path / "begun").exists, "the page has begun")
    process.send_signal(signal.SIGHUP)
    (tmp_path / "go").touch()
    assert process.communicate(timeout=PATIENCE)[0].endswith("1 step: 1 proved\n")
    assert (process.returncode, running(tmp_path)) == (0, [])


def test_a_page_that_forks_itself_is_judged_once(start):
    process = start(f"import os\nos.fork()\n{CLAIMS}", "verify", "PAGE")
    assert process.communicate(timeout=PATIENCE)[0].endswith("1 step: 1 proved\n")


def test_a_page_that_kills_its_parent_costs_its_own_verdict_only(start, tmp_path):
    (tmp_path / "good.py").write_text(CLAIMS)
    process = start("import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(1000)", "verify", "PAGE", "good.py")
    out, err = process.communicate(timeout=PATIENCE)
    assert out.endswith("1 step: 1 proved\n1 page could not be read\n")
    assert "the process died of SIGKILL" in err
    wait_until(lambda: not running(tmp_path), f"left: {running(tmp_path)}")
