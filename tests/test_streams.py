"""Where the output goes may be closed, full or gone: no traceback, and no status that says something of a page."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = "from symderiv import Derivation\nd = Derivation('t')\nx = d.input('x')\nd.claim('1', x + x, 2*x)\nd.claim('2', x, 2*x)\n"

COMMANDS = [
    ("verify", "page.py"),
    ("verify", "page.py", "--format", "json"),
    ("verify", "no.py", "page.py"),
    ("report", "page.py"),
    ("--help",),
]


@pytest.fixture
def run(tmp_path):
    """The command in a shell, with what is written after it; gives its status and what the shell says on stderr."""

    def run(redirected: str, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        (tmp_path / "page.py").write_text(PAGE)
        shell = ["sh", "-c", f'"$@" {redirected}', "sh", sys.executable, "-m", "symderiv", *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(shell, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True, check=False, **options)

    return run


@pytest.mark.parametrize("arguments", COMMANDS)
def test_where_nobody_reads_the_command_ends_in_silence(run, arguments):
    """It ended with 1, as if a step were refuted, or with a complaint about the pipe."""
    reader, writer = os.pipe()
    os.close(reader)
    done = run("", *arguments, stdout=writer)
    os.close(writer)
    told = [line for line in done.stderr.splitlines() if not line.startswith(("wrote ", "error: no.py: no such file"))]
    assert (done.returncode, told) == (141, [])


@pytest.mark.parametrize("arguments", COMMANDS[1:4])
@pytest.mark.parametrize("redirected", [">&-", "<&- >&- 2>&-"])
def test_closed_streams_change_no_verdict(run, arguments, redirected):
    done = run(redirected, *arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("arguments", COMMANDS[:2])
def test_output_that_finds_no_room_is_one_line(run, arguments):
    done = run("> /dev/full", *arguments)
    assert (done.returncode, done.stderr) == (2, "error: the output cannot be written (No space left on device)\n")


def test_what_a_page_writes_to_a_closed_stream_lands_in_no_file(run, tmp_path):
    (tmp_path / "loud.py").write_text(f"{PAGE}print('x' * 100000)\n")
    assert run(">&- 2>&-", "verify", "loud.py", "--format", "json", "--output", "out.json").returncode == 1
    assert "xxx" not in (tmp_path / "out.json").read_text()
