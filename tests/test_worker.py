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
from symderiv.faces.judged import Formula, JudgedClaim, JudgedDerivation, JudgedPage, JudgedStep
from symderiv.processes.worker import Limits, call, judge_files, no_progress

LIMITS = Limits(load_seconds=20, step_seconds=20, page_seconds=60, memory_mib=64)
SHORT = replace(LIMITS, load_seconds=2, step_seconds=2)  # for what never ends; all else must be done within that, on any machine


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
        (page,) = judge_files(["page.py"], FakeEngine(), limits, no_progress)
        return page

    return judge


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes pages 0.py, 1.py, ...; gives their names."""
    monkeypatch.chdir(tmp_path)

    def write(*sources: str) -> list[str]:
        for k, source in enumerate(sources):
            (tmp_path / f"{k}.py").write_text(source)
        return [f"{k}.py" for k in range(len(sources))]

    return write


def test_every_step_of_a_good_page_is_judged(judged):
    page = judged("steps = ['1', '2', '3']")
    assert [(s.left.text, s.verdict, s.reason) for s in page.steps] == [("1", "proved", ""), ("2", "proved", ""), ("3", "proved", "")]
    assert page.error is None


ONLY = "a page only declares, defines and claims."
UNREADABLE = [
    # what the page does            what is said of it
    ("while True: pass", f"page.py:1: still running after 2 s; {ONLY} Take the loop out, or raise the limit with --time-limit."),
    (
        "import time\n\ntime.sleep(60)",
        f"page.py:3: still running after 2 s; {ONLY} Take the loop out, or raise the limit with --time-limit.",
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
    (
        "from symderiv import Derivation\n\nDerivation('t').input(5)",
        "page.py:3: TypeError: name should be a string, not <class 'int'>; "
        "this came from inside symderiv, which is a bug: please report it with the page",
    ),
    ("raise ValueError('a' * 2000)", f"page.py:1: ValueError: {'a' * 988}… (1012 characters more)"),
    ("input('name? ')", "page.py:1: EOFError: EOF when reading a line"),
    ("steps = []", "page.py: nothing to judge; state a claim: d.claim('1', left, right)."),
    (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)",
        f"page.py: still running after 2 s; {ONLY} Take the loop out, or raise the limit with --time-limit.",
    ),
]


@pytest.mark.parametrize(("source", "error"), UNREADABLE, ids=[source.splitlines()[-1] for source, _ in UNREADABLE])
def test_a_page_that_cannot_be_read_gets_one_clear_error(judged, source, error):
    assert judged(source, SHORT if "2 s" in error else LIMITS) == JudgedPage("page", "page.py", error=error)


UNJUDGED = [
    # what judging the step does            the reason for unknown
    ("while True: pass", "no verdict within 2 s; raise the limit with --time-limit"),
    ("import re; re.match('(a*)*b', 'a' * 99)", "no verdict within 2 s; raise the limit with --time-limit"),
    ("bytearray(2**40)", "no verdict within 64 MiB of memory; raise the limit with --memory-limit"),
    ("x = []\nwhile True: x.append(bytearray(2**20))", "no verdict within 64 MiB of memory; raise the limit with --memory-limit"),
    (
        "import faulthandler, os; faulthandler.disable(); os.kill(os.getpid(), 11)",
        "the process died of SIGSEGV, a crash in C code or want of memory,",
    ),
    ("import os; os._exit(3)", "the process ended itself with exit status 3"),
    ("raise SystemExit", "the engine failed, which is a bug: SystemExit: ; please report it with the page"),
    ("{}['key']", "the engine failed, which is a bug: KeyError: 'key'; please report it with the page"),
]


@pytest.mark.parametrize(("source", "reason"), UNJUDGED, ids=[source.splitlines()[-1] for source, _ in UNJUDGED])
def test_a_step_that_cannot_be_judged_is_unknown_and_the_others_are_judged(judged, source, reason):
    page = judged(f"steps = ['1', {source!r}, '3', {source!r}]", SHORT if "2 s" in reason else LIMITS)
    assert [s.verdict for s in page.steps] == ["proved", "unknown", "proved", "unknown"]
    assert [s.formal for s in page.steps] == ["proved", "unknown", "proved", "unknown"]
    assert page.steps[1].reason == page.steps[3].reason == reason
    assert page.verdict == "unknown"


def test_the_time_of_a_whole_page_is_limited(judged):
    page = judged("steps = ['1', 'import time; time.sleep(60)', '3']", replace(LIMITS, step_seconds=30, page_seconds=3))
    assert [s.verdict for s in page.steps] == ["proved", "unknown", "unknown"]
    assert page.steps[1].reason == "the page took more than 3 s; raise the limit with --time-limit"
    assert page.steps[2].reason == "not reached: the page took more than 3 s; raise the limit with --time-limit"


def test_a_page_that_reads_differently_the_second_time_is_refused(judged):
    source = "import os\nn = os.path.exists('seen')\nopen('seen', 'w').close()\nsteps = ['import os; os._exit(1)'] * (2 - n)"
    assert judged(source).error == "page.py: reads differently each time; a page must not depend on chance or time."


@pytest.mark.parametrize("jobs", [1, 2, 4, 9])
def test_other_pages_are_judged_beside_and_after_bad_ones(written, jobs):
    sources = (
        "while True: pass",
        "steps = ['1']",
        "1/0",
        "steps = ['import os; os._exit(3)', 'x = bytearray(2**40)', '3']",
        "steps = ['2', 'import time; time.sleep(0.1)', '3']",
    )
    pages = list(judge_files(written(*sources), FakeEngine(), SHORT, no_progress, jobs))
    assert [page.verdict for page in pages] == ["error", "proved", "error", "unknown", "proved"]
    assert [step.verdict for page in pages for step in page.steps] == ["proved", "unknown", "unknown", "proved", *["proved"] * 3]


UNTIL = "import os, time\nwhile not os.path.exists({!r}): time.sleep(0.01)\n"
MARK = "open({!r}, 'w')\n"


@pytest.mark.parametrize(
    ("jobs", "steps"),
    [
        (3, [MARK.format(f"begun{k}") + UNTIL.format(f"begun{(k + 1) % 3}") for k in range(3)]),
        (2, [UNTIL.format("last"), "1", "2", MARK.format("last")]),
    ],
)
def test_pages_are_judged_at_once_and_given_in_their_order(written, jobs, steps):
    pages = list(judge_files(written(*[f"steps = [{step!r}]" for step in steps]), FakeEngine(), LIMITS, no_progress, jobs))
    assert [(page.steps[0].left.text, page.verdict) for page in pages] == [(step, "proved") for step in steps]


@pytest.mark.parametrize(("jobs", "most"), [(1, 1), (2, 2), (3, 3)])
def test_no_more_pages_are_in_work_than_jobs(written, jobs, most):
    count = (
        "import glob, os, time\nopen(f'at_work{os.getpid()}', 'w')\ntime.sleep(0.1)\n"
        "open('seen', 'a').write(f\"{len(glob.glob('at_work*'))}\\n\")\ntime.sleep(0.1)\nos.remove(f'at_work{os.getpid()}')"
    )
    list(judge_files(written(*[f"steps = [{count!r}]"] * 5), FakeEngine(), LIMITS, no_progress, jobs))
    assert max(map(int, Path("seen").read_text().split())) <= most


def test_the_next_page_begins_before_the_last_one_is_looked_at(written):
    pages = written("steps = ['1']", "open('begun', 'w')\nsteps = ['2']")
    judged = judge_files(pages, FakeEngine(), LIMITS, no_progress)
    assert next(judged).verdict == "proved"
    end = time.monotonic() + LIMITS.load_seconds
    while not Path("begun").exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert Path("begun").exists()
    assert next(judged).verdict == "proved"


def test_progress_is_told_while_a_step_takes_long(written):
    told: list[tuple[int, int | None]] = []
    list(judge_files(written("steps = ['1', 'while True: pass']"), FakeEngine(), SHORT, lambda _file, *numbers: told.append(numbers)))
    assert told[0] == (0, None)
    assert told.count((1, 2)) >= 2
    assert told[-1] == (2, 2)


def test_the_end_of_every_page_is_told(written):
    told: dict[str, tuple[int, int | None]] = {}
    list(judge_files(written("1/0", "steps = ['1']"), FakeEngine(), LIMITS, lambda file, *numbers: told.update({file: numbers}), 2))
    assert told == {"0.py": (0, 0), "1.py": (1, 1)}


def test_limits_keep_their_proportions():
    assert Limits.scaled(60, 4096) == Limits()


def test_what_a_page_prints_goes_to_stderr_and_what_the_parent_has_printed_is_not_printed_twice(tmp_path):
    (tmp_path / "page.py").write_text("import os, sys\nprint('by print')\nos.system('echo by a program')\nsteps = ['1']")
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from test_worker import FakeEngine, LIMITS, judge_files, no_progress\n"
        "print('before'); (page,) = judge_files(['page.py'], FakeEngine(), LIMITS, no_progress); print(page.verdict)"
    )
    here = Path(__file__).parent
    command = [sys.executable, "-c", program, str(here), str(here.parent)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout == "before\nproved\n"
    assert sorted(run.stderr.splitlines()) == ["by a program", "by print"]


TELLS_PID = "import os\nopen(f'pid{os.getpid()}', 'w')\n"
ENDLESS = f"{TELLS_PID}while True: pass"


def pids() -> list[int]:
    return [int(path.name.removeprefix("pid")) for path in Path().glob("pid*")]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("jobs", [1, 3])
def test_an_interrupt_leaves_no_child_behind(written, jobs):
    def interrupt(_file: str, _done: int, _total: int | None) -> None:
        if len(pids()) == jobs:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(judge_files(written(*[ENDLESS] * jobs), FakeEngine(), Limits(), interrupt, jobs))
    assert len(pids()) == jobs
    assert not any(map(alive, pids()))


def test_who_stops_asking_leaves_no_child_behind(written):
    judged = judge_files(
        written(f"{UNTIL.format('both')}steps = ['1']", f"{TELLS_PID}open('both', 'w')\nwhile True: pass"),
        FakeEngine(),
        Limits(),
        no_progress,
        2,
    )
    assert next(judged).verdict == "proved"
    assert all(map(alive, pids()))
    judged.close()
    assert [alive(pid) for pid in pids()] == [False]


def test_no_file_is_left_open(judged):
    before = len(os.listdir("/dev/fd"))
    judged("steps = ['1', 'import os; os._exit(3)', '3']")
    judged("while True: pass", SHORT)
    list(judge_files(["page.py"] * 3, FakeEngine(), SHORT, no_progress, 2))
    assert len(os.listdir("/dev/fd")) == before


def test_call_gives_what_the_work_gives(tmp_path):
    assert call("page.py", lambda: {"a": [1, 2]}, LIMITS) == {"a": [1, 2]}


def test_call_fails_with_the_reason():
    def refuse() -> str:
        raise PageError("page.py: no kernel can be made of it.")

    with pytest.raises(PageError, match=r"^page\.py: no kernel can be made of it\.$"):
        call("page.py", refuse, LIMITS)
    with pytest.raises(PageError, match=r"^page\.py: still running after 2 s; "):
        call("page.py", lambda: time.sleep(60), SHORT)
    with pytest.raises(PageError, match=r"^page\.py: the process ended itself with exit status 4 "):
        call("page.py", lambda: os._exit(4), LIMITS)
