"""Pages judged in child processes: what hangs, crashes or eats memory costs its own verdict and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from symderiv.errors import PageError
from symderiv.judged import Formula, JudgedClaim, JudgedDerivation, JudgedPage, JudgedStep
from symderiv.worker import Limits, call, judge_file, no_progress

LIMITS = Limits(load_seconds=20, step_seconds=20, page_seconds=60, memory_mib=64)
SHORT = replace(LIMITS, load_seconds=0.5, step_seconds=0.5)


class FakeEngine:
    """Runs a page as a list of sources: step k is proved once `steps[k]` has run without harm."""

    def load(self, path: str) -> list[str]:
        names: dict[str, list[str]] = {}
        exec(compile(Path(path).read_text(), path, "exec"), names)
        return names["steps"]

    def draft(self, page: list[str]) -> JudgedPage:
        steps = tuple(JudgedStep(Formula(s, s), Formula("0", "0")) for s in page)
        return JudgedPage("page", "page.py", (JudgedDerivation("T", "", (), (), (JudgedClaim("1", 3, steps),)),))

    def judge(self, page: list[str], k: int) -> JudgedStep:
        exec(page[k], {})
        return replace(self.draft(page).steps[k], verdict="proved", formal="proved", reason="")


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def judge(source: str, limits: Limits = LIMITS) -> JudgedPage:
        (tmp_path / "page.py").write_text(source)
        return judge_file("page.py", FakeEngine(), limits, no_progress)

    return judge


def test_every_step_of_a_good_page_is_judged(judged):
    page = judged("steps = ['1', '2', '3']")
    assert [(s.left.text, s.verdict, s.reason) for s in page.steps] == [("1", "proved", ""), ("2", "proved", ""), ("3", "proved", "")]
    assert page.error is None


ONLY = "a page only declares, defines and claims."
UNREADABLE = [
    # what the page does            what is said of it
    ("while True: pass", f"page.py:1: still running after 0.5 s; {ONLY} Take the loop out, or raise the limit with --time-limit."),
    (
        "import time\n\ntime.sleep(60)",
        f"page.py:3: still running after 0.5 s; {ONLY} Take the loop out, or raise the limit with --time-limit.",
    ),
    ("import sys\nsys.exit(0)", f"page.py:2: ends the program; {ONLY}"),
    ("raise SystemExit", f"page.py:1: ends the program; {ONLY}"),
    ("raise KeyboardInterrupt", "page.py:1: KeyboardInterrupt: "),
    ("x = 1\n1/0", "page.py:2: ZeroDivisionError: division by zero"),
    ("import os\nos._exit(0)", f"page.py: the process ended itself with exit status 0 while the page was read; {ONLY}"),
    ("import os\nos._exit(7)", f"page.py: the process ended itself with exit status 7 while the page was read; {ONLY}"),
    (
        "import faulthandler, os\nfaulthandler.disable()\nos.kill(os.getpid(), 11)",
        f"page.py: the process died of SIGSEGV, a crash in C code or want of memory, while the page was read; {ONLY}",
    ),
    ("\nx = bytearray(2**40)", "page.py:2: needs more than 64 MiB of memory; raise the limit with --memory-limit."),
    ("input('name? ')", "page.py:1: EOFError: EOF when reading a line"),
    ("steps = []", "page.py: nothing to judge; state a claim: d.claim('1', left, right)."),
    (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)",
        f"page.py: still running after 0.5 s; {ONLY} Take the loop out, or raise the limit with --time-limit.",
    ),
]


@pytest.mark.parametrize(("source", "error"), UNREADABLE, ids=[source.splitlines()[-1] for source, _ in UNREADABLE])
def test_a_page_that_cannot_be_read_gets_one_clear_error(judged, source, error):
    assert judged(source, SHORT if "0.5 s" in error else LIMITS) == JudgedPage("page", "page.py", error=error)


UNJUDGED = [
    # what judging the step does            the reason for unknown
    ("while True: pass", "no verdict within 0.5 s; raise the limit with --time-limit"),
    ("import re; re.match('(a*)*b', 'a' * 99)", "no verdict within 0.5 s; raise the limit with --time-limit"),
    ("bytearray(2**40)", "no verdict within 64 MiB of memory; raise the limit with --memory-limit"),
    ("x = []\nwhile True: x.append(bytearray(2**20))", "no verdict within 64 MiB of memory; raise the limit with --memory-limit"),
    (
        "import faulthandler, os; faulthandler.disable(); os.kill(os.getpid(), 11)",
        "the process died of SIGSEGV, a crash in C code or want of memory,",
    ),
    ("import os; os._exit(3)", "the process ended itself with exit status 3"),
    ("raise SystemExit", "the engine failed, which is a bug: SystemExit: "),
    ("{}['key']", "the engine failed, which is a bug: KeyError: 'key'"),
]


@pytest.mark.parametrize(("source", "reason"), UNJUDGED, ids=[source.splitlines()[-1] for source, _ in UNJUDGED])
def test_a_step_that_cannot_be_judged_is_unknown_and_the_others_are_judged(judged, source, reason):
    page = judged(f"steps = ['1', {source!r}, '3', {source!r}]", SHORT if "0.5 s" in reason else LIMITS)
    assert [s.verdict for s in page.steps] == ["proved", "unknown", "proved", "unknown"]
    assert [s.formal for s in page.steps] == ["proved", "unknown", "proved", "unknown"]
    assert page.steps[1].reason == page.steps[3].reason == reason
    assert page.verdict == "unknown"


def test_the_time_of_a_whole_page_is_limited(judged):
    page = judged("steps = ['1', 'import time; time.sleep(60)', '3']", replace(LIMITS, step_seconds=30, page_seconds=0.4))
    assert [s.verdict for s in page.steps] == ["proved", "unknown", "unknown"]
    assert page.steps[1].reason == "the page took more than 0.4 s; raise the limit with --time-limit"
    assert page.steps[2].reason == "not reached: the page took more than 0.4 s; raise the limit with --time-limit"


def test_a_page_that_reads_differently_the_second_time_is_refused(judged):
    source = "import os\nn = os.path.exists('seen')\nopen('seen', 'w').close()\nsteps = ['import os; os._exit(1)'] * (2 - n)"
    assert judged(source).error == "page.py: reads differently each time; a page must not depend on chance or time."


def test_other_pages_are_judged_after_a_bad_one(tmp_path):
    sources = ["while True: pass", "steps = ['1']", "1/0", "steps = ['2', '3']"]
    paths = [tmp_path / f"{k}.py" for k in range(4)]
    for path, source in zip(paths, sources, strict=True):
        path.write_text(source)
    pages = [judge_file(str(path), FakeEngine(), SHORT, no_progress) for path in paths]
    assert [page.verdict for page in pages] == ["error", "proved", "error", "proved"]


def test_progress_is_told_while_a_step_takes_long(tmp_path):
    (tmp_path / "page.py").write_text("steps = ['1', 'while True: pass']")
    told: list[tuple[int, int]] = []
    judge_file(str(tmp_path / "page.py"), FakeEngine(), SHORT, lambda _file, done, total: told.append((done, total)))
    assert told[0] == (0, 0)
    assert told.count((1, 2)) >= 3


def test_limits_keep_their_proportions():
    assert Limits.scaled(60, 4096) == Limits()


def test_what_a_page_prints_goes_to_stderr_and_what_the_parent_has_printed_is_not_printed_twice(tmp_path):
    (tmp_path / "page.py").write_text("import os, sys\nprint('by print')\nos.system('echo by a program')\nsteps = ['1']")
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from test_worker import FakeEngine, LIMITS, judge_file, no_progress\n"
        "print('before'); page = judge_file('page.py', FakeEngine(), LIMITS, no_progress); print(page.verdict)"
    )
    here = Path(__file__).parent
    command = [sys.executable, "-c", program, str(here), str(here.parent)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout == "before\nproved\n"
    assert sorted(run.stderr.splitlines()) == ["by a program", "by print"]


def test_an_interrupt_leaves_no_child_behind(tmp_path, monkeypatch):
    (tmp_path / "page.py").write_text("import os\nopen('pid', 'w').write(str(os.getpid()))\nwhile True: pass")
    monkeypatch.chdir(tmp_path)

    def interrupt(_file: str, _done: int, _total: int) -> None:
        if Path("pid").exists() and Path("pid").read_text():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge_file("page.py", FakeEngine(), Limits(), interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("pid").read_text()), 0)


def test_no_file_is_left_open(judged):
    before = len(os.listdir("/dev/fd"))
    judged("steps = ['1', 'import os; os._exit(3)', '3']")
    judged("while True: pass", SHORT)
    assert len(os.listdir("/dev/fd")) == before


def test_call_gives_what_the_work_gives(tmp_path):
    assert call("page.py", lambda: {"a": [1, 2]}, LIMITS) == {"a": [1, 2]}


def test_call_fails_with_the_reason():
    def refuse() -> str:
        raise PageError("page.py: no kernel can be made of it.")

    with pytest.raises(PageError, match=r"^page\.py: no kernel can be made of it\.$"):
        call("page.py", refuse, LIMITS)
    with pytest.raises(PageError, match=r"^page\.py: still running after 0\.5 s; "):
        call("page.py", lambda: time.sleep(60), SHORT)
    with pytest.raises(PageError, match=r"^page\.py: the process ended itself with exit status 4 "):
        call("page.py", lambda: os._exit(4), LIMITS)
