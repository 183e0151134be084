"""The command: what it prints, how it ends, and that it says no in one line that shows the way out."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

import symderiv
from symderiv import cli, progress
from symderiv.errors import PageError
from symderiv.faces.formats import FORMATS
from symderiv.faces.judged import (
    Formula,
    JudgedClaim,
    JudgedCounterexample,
    JudgedDerivation,
    JudgedPage,
    JudgedStep,
    Problem,
    WrittenFormula,
)
from symderiv.paths.inputs import inputs_of
from symderiv.paths.saved import sealed
from symderiv.processes import worker

ROOT = Path(__file__).parent.parent


def step(left: str, right: str, verdict: str = "proved", formal: str = "proved", **rest) -> JudgedStep:
    rest = {"reason": "", **rest}
    return JudgedStep(Formula(left, left), Formula(right, right), verdict=verdict, formal=formal, **rest)


def page(*claims: JudgedClaim, title: str = "A page") -> JudgedPage:
    return JudgedPage("", "", (JudgedDerivation(title, "", (), (), claims),))


AT_TWO = JudgedCounterexample(((Formula("m", "m"), "1"), (Formula("x[1]", "x_1"), "2")), "4", "-4")
FORMALLY = replace(AT_TWO, formal=True)
REFUTED = step("x[i]·x[i]", "-x[i]·x[i]", "refuted", "refuted", counterexample=AT_TWO)

PAGES = {
    "good": page(
        JudgedClaim("1", 3, (step("∂f/∂γ", "Σ_i f[i]·x̂[i]"), step("Σ_i f[i]·x̂[i]", "Σ_k f[k]·x̂[k]"))),
        JudgedClaim("10a", 7, (step("a", "b", "proved", "refuted", counterexample=FORMALLY, side_conditions=(Formula("b != 0", "b"),)),)),
        JudgedClaim("11", 8, (step("0", "a - a", trivial=True, laws=("sum", "power"), assumptions=(Formula("ε = 0", ""),)),)),
    ),
    "plain": page(JudgedClaim("1", 1, (step("a", "b"),))),
    "wrong": page(JudgedClaim("1", 12, (step("a", "b"), REFUTED))),
    "errata": page(
        JudgedClaim("3c", 4, (replace(REFUTED, expected="refuted", note="reads x for γ"),)),
        JudgedClaim("3e", 5, (step("a", "b", "proved", "refuted", expected="refuted formally", note="the sign", counterexample=FORMALLY),)),
    ),
    "stale": page(JudgedClaim("3c", 4, (step("a", "b", expected="refuted", note="reads x for γ"),))),
    "open": page(JudgedClaim("2", 9, (step("a", "b", "unknown", "unknown", reason="too many terms", evidence="equal at 40 points"),))),
}


class FakeEngine(SimpleNamespace):
    """Stands for the module `verify`: a page is looked up by its file's name."""

    def load(self, path: str) -> JudgedPage:
        if (name := Path(path).stem) not in PAGES:
            raise PageError(f"{path}:1: NameError: name 'x' is not defined")
        return replace(PAGES[name], name=name, file=path)

    def draft(self, page: JudgedPage) -> JudgedPage:
        return page.with_steps({k: JudgedStep(s.left, s.right) for k, s in enumerate(page.steps)})

    def judge(self, page: JudgedPage, k: int) -> JudgedStep:
        return page.steps[k]


def stand_in(monkeypatch: pytest.MonkeyPatch, name: str, module: object) -> None:
    home, _, last = f"symderiv.{name}".rpartition(".")
    monkeypatch.setattr(import_module(home), last, module, raising=False)  # first: to look for what is there is to look for its spec
    monkeypatch.setitem(sys.modules, f"{home}.{last}", module)


def stand_in_kernels(monkeypatch: pytest.MonkeyPatch, source: Callable[[JudgedPage], str | None]) -> None:
    stand_in(monkeypatch, "files", SimpleNamespace(Files=lambda damaged: FakeEngine(), kernel_source=source))


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Runs the command in a folder with one file for each fake page; gives status, stdout and stderr."""
    stand_in(monkeypatch, "judging.verify", FakeEngine())
    stand_in(monkeypatch, "files", SimpleNamespace(Files=lambda damaged: FakeEngine()))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    (tmp_path / "derivations").mkdir()
    for name in PAGES:
        (tmp_path / f"{name}.py").touch()

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["symderiv", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capfd.readouterr()
        return end.value.code or 0, out, err

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_good_page(run):
    assert run("verify", "good.py") == (
        0,
        "A page  (good.py)\n"
        "1.1  ✓ proved   ∂f/∂γ = Σ_i f[i]·x̂[i]\n"
        "1.2  ✓ proved         = Σ_k f[k]·x̂[k]\n"
        "10a  ✓ proved   a = b\n"
        "                where b != 0\n"
        "11   ✓ proved   0 = a - a\n"
        "                trivial: both sides are always 0\n"
        "                assuming ε = 0\n"
        "\n"
        "4 steps: 4 proved\n"
        "1 of them on the graph only\n",
        "",
    )


def test_verbose_shows_the_grounds(run):
    _, out, _ = run("verify", "-v", "good.py")
    assert "                with every node taken as independent, at m = 1, x[1] = 2:\n" in out
    assert "                where b != 0\n" in out
    assert "                by sum, power\n" in out


def test_a_refuted_step_shows_the_place_and_the_counterexample(run):
    assert run("verify", "wrong.py") == (
        1,
        "A page  (wrong.py)\n"
        "1.1  ✓ proved   a = b\n"
        "1.2  ✗ refuted    = -x[i]·x[i]\n"
        "                wrong.py:12: refuted; the two sides differ\n"
        "                at m = 1, x[1] = 2:\n"
        "                left side 4, right side -4\n"
        "\n"
        "2 steps: 1 proved, 1 refuted\n",
        "",
    )


def test_errata_are_as_expected(run):
    assert run("verify", "errata.py") == (
        0,
        "A page  (errata.py)\n"
        "3c  ✗ refuted  x[i]·x[i] = -x[i]·x[i]\n"
        "               as expected, an erratum: reads x for γ\n"
        "               at m = 1, x[1] = 2:\n"
        "               left side 4, right side -4\n"
        "3e  ✗ refuted  a = b\n"
        "               as expected, an erratum: the sign\n"
        "               holds on the graph only; formally refuted\n"
        "               with every node taken as independent, at m = 1, x[1] = 2:\n"
        "               left side 4, right side -4\n"
        "\n"
        "2 steps: 2 refuted as expected\n"
        "1 of them on the graph only\n",
        "",
    )


def test_an_erratum_that_is_proved_is_not_as_expected(run):
    status, out, _ = run("verify", "stale.py")
    assert status == 1
    assert out.splitlines()[2:] == [
        "               stale.py:4: expected to be refuted, but it is proved; take the erratum away, or state what the source prints: "
        "reads x for γ",
        "",
        "1 step: 1 proved against expectation",
    ]


def test_an_unknown_step_says_why(run):
    status, out, _ = run("verify", "open.py")
    assert status == 3
    assert out.splitlines()[1:] == [
        "2  ? unknown  a = b",
        "              open.py:9: neither proved nor refuted: too many terms (equal at 40 points)",
        "",
        "1 step: 1 unknown",
    ]


STATUSES = [
    # pages                                  status   why
    (["good.py"], 0),
    (["good.py", "errata.py"], 0),
    (["open.py", "good.py"], 3),
    (["missing.py", "open.py", "good.py"], 2),
    (["missing.py", "open.py", "wrong.py"], 1),
    (["stale.py"], 1),
]


@pytest.mark.parametrize(("paths", "status"), STATUSES)
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_exit_status_is_the_most_serious(run, paths, status, form):
    assert run("verify", "--format", form, *paths)[0] == status


UNREADABLE = [
    # argument      the whole text on stderr
    ("missing.py", "error: missing.py: no such file or folder; name a page or a folder of pages.\n"),
    ("derivations", "error: derivations: no pages in this folder; a page is a file NAME.py that makes a Derivation.\n"),
    ("gone.py", "error: gone.py: is a link to a file that is not there.\n"),
    ("ring.py", "error: ring.py: cannot be read (Too many levels of symbolic links); see to its permissions, or name another file.\n"),
    ("good.py/x.py", "error: good.py/x.py: cannot be read (Not a directory); see to its permissions, or name another file.\n"),
    ("notes.txt", "error: notes.txt: not a page; a page is a Python file or a document: .py, .md, .markdown, .tex.\n"),
    ("raises.py", "error: raises.py:1: NameError: name 'x' is not defined\n"),
]


@pytest.mark.parametrize(("path", "error"), UNREADABLE)
def test_an_unreadable_page_is_one_line_and_the_others_are_judged(run, path, error):
    Path("notes.txt").touch()
    Path("raises.py").touch()
    Path("gone.py").symlink_to("nowhere.py")
    Path("ring.py").symlink_to("ring.py")
    status, out, err = run("verify", path, "good.py")
    assert (status, err) == (2, error)
    assert out.endswith("\n4 steps: 4 proved\n1 of them on the graph only\n1 page could not be read\n")


USAGE = [
    # arguments                               the last line on stderr
    (("verify", "--format", "xml"), f"Error: Invalid value for '--format': 'xml' is not one of {str(['text', *FORMATS])[1:-1]}."),
    (("verify", "--time-limit", "0"), "Error: Invalid value for '--time-limit': 0.0 is not in the range x>=0.1."),
    (("verify", "--jobs", "0"), "Error: Invalid value for '-j' / '--jobs': 0 is not in the range x>=1."),
    (("report", "--jobs", "many"), "Error: Invalid value for '-j' / '--jobs': 'many' is not a valid integer range."),
    (("judge",), "Error: No such command 'judge'."),
]


@pytest.mark.parametrize(("arguments", "error"), USAGE)
def test_usage_errors_end_with_2(run, arguments, error):
    status, out, err = run(*arguments)
    assert (status, out, err.splitlines()[-1]) == (2, "", error)


def test_the_default_is_the_folder_derivations(run):
    for name in ("good", "errata", "_draft"):
        Path(f"derivations/{name}.py").touch()
    status, out, _ = run("verify")
    assert status == 0
    assert [line for line in out.splitlines() if line.startswith("A page")] == [
        "A page  (derivations/errata.py)",
        "A page  (derivations/good.py)",
    ]
    assert out.endswith("\n6 steps: 4 proved, 2 refuted as expected\n2 of them on the graph only\n")


def test_json(run):
    status, out, err = run("verify", "--format", "json", "errata.py", "missing.py", "open.py")
    assert (status, err) == (2, "error: missing.py: no such file or folder; name a page or a folder of pages.\n")
    rest = {"trivial": False, "reason": "", "evidence": ""}
    rest |= {key: [] for key in ("side_conditions", "assumptions", "holds_if", "unfolded", "laws")}
    title = {"derivation": "A page"}
    at_two = {"values": {"m": "1", "x[1]": "2"}, "lhs": "4", "rhs": "-4"}
    slip = rest | {"lhs": "x[i]·x[i]", "rhs": "-x[i]·x[i]", "verdict": "refuted", "formal": "refuted", "expected": "refuted"}
    slip |= {"status": "refuted as expected", "note": "reads x for γ", "line": 4, "counterexample": at_two | {"formal": False}}
    sign = rest | {"lhs": "a", "rhs": "b", "verdict": "proved", "formal": "refuted", "expected": "refuted formally"}
    sign |= {"status": "refuted as expected", "note": "the sign", "line": 5, "counterexample": at_two | {"formal": True}}
    unknown = (
        rest
        | {"status": "unknown", "line": 9, "counterexample": None, "evidence": "equal at 40 points"}
        | {"lhs": "a", "rhs": "b", "verdict": "unknown", "formal": "unknown", "expected": "proved", "reason": "too many terms"}
    )
    assert json.loads(out) == {
        "derivations": [
            {
                "name": "errata",
                "file": "errata.py",
                "verdict": "proved",
                "claims": [
                    {**title, "label": "3c", "line": 4, "verdict": "proved", "steps": [slip]},
                    {**title, "label": "3e", "line": 5, "verdict": "proved", "steps": [sign]},
                ],
            },
            {
                "name": "open",
                "file": "open.py",
                "verdict": "unknown",
                "claims": [{**title, "label": "2", "line": 9, "verdict": "unknown", "steps": [unknown]}],
            },
        ],
        "errors": [{"file": "missing.py", "message": "missing.py: no such file or folder; name a page or a folder of pages."}],
    }


def test_json_has_all_that_the_text_has(run, monkeypatch):
    """Assumptions, what a step would hold under, places: the text told them, and JSON did not."""
    known = step("a", "b", side_conditions=(Formula("b != 0", ""),), assumptions=(Formula("ε = 0", ""),), laws=("sums",))
    wrong = replace(REFUTED, holds_if=(Formula("Σ t = 1", ""),), follows="1", unfolded=(Formula("μ", ""),), value=Formula("v", ""))
    document = replace(
        page(JudgedClaim("1", 3, (known, replace(wrong, line=7, column=9))), title="One"), problems=(Problem(5, 2, "no", "q"),)
    )
    monkeypatch.setitem(PAGES, "good", replace(document, formulas=(WrittenFormula("remark", "z", 1, 1),)))
    _, said, _ = run("verify", "-v", "good.py")
    (found,) = json.loads(run("verify", "--format", "json", "good.py")[1])["derivations"]
    (claim,) = found["claims"]
    first, second = claim["steps"]
    assert (found["definitions"], found["remarks"], claim["derivation"], claim["line"]) == (0, 1, "One", 3)
    assert (first["line"], "column" in first, second["line"], second["column"]) == (3, False, 7, 9)
    assert found["problems"] == [{"line": 5, "column": 2, "message": "no", "written": "q"}]
    for told in (*first["side_conditions"], *first["assumptions"], *first["laws"], *second["holds_if"], *second["unfolded"]):
        assert told in said
    assert [first[k] for k in ("side_conditions", "assumptions", "laws")] == [["b != 0"], ["ε = 0"], ["sums"]]
    assert [second[k] for k in ("holds_if", "unfolded", "follows", "value")] == [["Σ t = 1"], ["μ"], "1", "v"]


def test_what_could_not_be_read_is_told_once_where_it_stands(run, monkeypatch):
    """Of a page with several derivations, each told it anew."""
    one, two = (page(JudgedClaim("1", line, (step("a", "b"),)), title=f"At {line}") for line in (4, 8))
    problems = tuple(Problem(line, 3, f"problem {line}", "q" * 300) for line in (9, 2, 6))
    monkeypatch.setitem(PAGES, "good", replace(one, derivations=one.derivations + two.derivations, problems=problems))
    status, out, _ = run("verify", "good.py")
    told = [line[:31] for line in out.splitlines() if "problem" in line or "At" in line or "proved" in line]
    assert (status, told) == (
        2,
        [
            "At 4  (good.py)",
            "good.py:2:3: not read: problem 2"[:31],
            "1  ✓ proved   a = b",
            "At 8  (good.py)",
            "good.py:6:3: not read: problem 6"[:31],
            "1  ✓ proved   a = b",
            "good.py:9:3: not read: problem 9"[:31],
            "2 steps: 2 proved",
        ],
    )
    assert f"    {'q' * 200}…\n" in out


EVIL = "a\x1b[31m\x9b1m [bold]\r\u202e"
SHOWN = r"a\x1b[31m\x9b1m [bold]\r\u202e"


def test_a_terminal_finds_nothing_to_obey_in_what_an_input_says(run, monkeypatch):
    monkeypatch.setitem(PAGES, "good", page(JudgedClaim(EVIL, 1, (step(EVIL, EVIL, "unknown", reason=EVIL),)), title=EVIL))
    _, out, err = run("verify", "good.py", f"{EVIL}.py", "x\n\x1b[1A1 step: 1 proved.py")
    assert not set(out + err) & set(EVIL[1:2] + "\x9b\r\u202e")
    assert out.count(SHOWN) >= 4
    assert f"error: {SHOWN}.py: no such file" in err
    assert r"error: x" "\n" r"  \x1b[1A1 step: 1 proved.py: no such file" in err


def test_long_texts_are_cut(run, monkeypatch):
    long = "z" * 5000
    example = replace(AT_TWO, left=long, values=((Formula("m", "m"), long),))
    steps = (replace(REFUTED, counterexample=example), step("a", "b", "unknown", reason=long, evidence=long))
    monkeypatch.setitem(PAGES, "good", page(JudgedClaim("1", 1, steps)))
    _, out, err = run("verify", "good.py")
    assert max(map(len, (out + err).splitlines())) < 2500
    assert "zzz… (4000 characters more)" in out


def test_a_bug_of_ours_is_said_to_be_one(run, monkeypatch):
    def broken(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(worker, "judge_files", broken)
    status, out, err = run("verify", "good.py")
    assert (status, out) == (2, "")
    assert re.fullmatch(r"error: KeyError: 'x' \(test_cli\.py:\d+\); this is a bug of symderiv: please report it\.\n", err)


WRAPPED = [
    # the chain                                        its lines at 60 columns
    (
        ["Σ_i a[i]", " + ".join(f"x̂[{k}]" for k in range(12)), "c"],
        [
            "1.1  ✓ proved   Σ_i a[i] = x̂[0] + x̂[1] + x̂[2] + x̂[3] + x̂[4]",
            "                           + x̂[5] + x̂[6] + x̂[7] + x̂[8]",
            "                           + x̂[9] + x̂[10] + x̂[11]",
            "1.2  ✓ proved            = c",
        ],
    ),
    (
        ["f", "(a + b + c + d)·Σ_i (x[i] + y[i]) − Σ_i (x[i] − y[i])"],
        [
            "1  ✓ proved   f = (a + b + c + d)·Σ_i (x[i] + y[i])",
            "                  − Σ_i (x[i] − y[i])",
        ],
    ),
    (
        ["f", "(aaaaaaaaaaaaaaaa + bbbbbbbbbbbbbbbb + cccccccccccccccc)/d"],
        [
            "1  ✓ proved   f = (aaaaaaaaaaaaaaaa + bbbbbbbbbbbbbbbb",
            "                  + cccccccccccccccc)/d",
        ],
    ),
    (
        ["f", "(aaaaaaaaaaaaaaaa − bbbb)/d − (eeeeeeeeeee·Σ_n ffffffffffff·(xₙ − μ))/d"],
        [
            "1  ✓ proved   f = (aaaaaaaaaaaaaaaa − bbbb)/d",
            "                  − (eeeeeeeeeee·Σ_n ffffffffffff·(xₙ",
            "                  − μ))/d",
        ],
    ),
    (
        ["aaaaaaaaaaaaaaaa + bbbbbbbbbbbbbbbb + cccccccccccccccc", "d", "e"],
        [
            "1.1  ✓ proved   aaaaaaaaaaaaaaaa + bbbbbbbbbbbbbbbb",
            "                  + cccccccccccccccc",
            "                  = d",
            "1.2  ✓ proved     = e",
        ],
    ),
]


@pytest.mark.parametrize(("members", "lines"), WRAPPED)
def test_a_chain_is_printed_as_in_a_paper(run, monkeypatch, members, lines):
    steps = tuple(step(*ends) for ends in pairwise(members))
    monkeypatch.setitem(PAGES, "good", page(JudgedClaim("1", 1, steps)))
    monkeypatch.setenv("COLUMNS", "60")
    assert run("verify", "good.py")[1].splitlines()[1:-2] == lines


def test_a_short_long_left_side_stays_on_its_line(run, monkeypatch):
    monkeypatch.setitem(PAGES, "good", page(JudgedClaim("1", 1, (step("a[i]·a[i] + b[i]·b[i]", "d"), step("d", "e")))))
    assert run("verify", "good.py")[1].splitlines()[1:3] == ["1.1  ✓ proved   a[i]·a[i] + b[i]·b[i] = d", "1.2  ✓ proved     = e"]


def test_a_long_label_has_a_line_of_its_own_on_a_terminal(run, monkeypatch):
    claims = (JudgedClaim("the variance", 1, (step("a", "b"), step("b", "c"))), JudgedClaim("2", 1, (step("a", "b"),)))
    monkeypatch.setitem(PAGES, "good", page(*claims))
    assert run("verify", "good.py")[1].splitlines()[1:4] == [
        "the variance.1  ✓ proved   a = b",
        "the variance.2  ✓ proved     = c",
        "2               ✓ proved   a = b",
    ]
    monkeypatch.setenv("COLUMNS", "60")
    assert run("verify", "good.py")[1].splitlines()[1:5] == [
        "the variance",
        ".1  ✓ proved   a = b",
        ".2  ✓ proved     = c",
        "2   ✓ proved   a = b",
    ]


def test_no_colour_but_on_a_terminal(run, monkeypatch):
    assert "\x1b" not in run("verify", "wrong.py")[1]
    monkeypatch.setattr(cli, "_wants_colour", lambda: True)
    assert "\x1b[31m\x1b[1m1.2  ✗ refuted  \x1b[0m  = -x[i]·x[i]\n" in run("verify", "wrong.py")[1]


@pytest.mark.parametrize(("variable", "value", "wanted"), [("NO_COLOR", "1", False), ("NO_COLOR", "", True), ("TERM", "dumb", False)])
def test_no_color_is_respected(monkeypatch, variable, value, wanted):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert cli._wants_colour() is wanted


def test_an_interrupt_is_not_a_verdict(run, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(worker, "judge_files", interrupted)
    assert run("verify", "good.py")[0] == 130


@pytest.mark.parametrize("command", [("verify",), ("verify", "--format", "json"), ("report",)])
def test_the_number_of_jobs_changes_nothing_but_the_time(run, monkeypatch, command):
    drawn = SimpleNamespace(html=lambda page, kernel: "", tex=lambda page, kernel: "")
    stand_in(monkeypatch, "faces.report", drawn)
    stand_in_kernels(monkeypatch, lambda page: None)
    pages = ("wrong.py", "good.py", "missing.py", "errata.py", "open.py", "plain.py")
    expected = run(*command, "--jobs", "1", *pages)
    assert [run(*command, "--jobs", jobs, *pages) for jobs in ("2", "5", "100")] == [expected] * 3


@pytest.mark.parametrize(("arguments", "jobs"), [((), 7), (("--jobs", "3"), 3), (("-j", "1"), 1)])
@pytest.mark.parametrize("command", ["verify", "report"])
def test_there_are_as_many_jobs_as_usable_cores_unless_said(run, monkeypatch, command, arguments, jobs):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: range(7), raising=False)
    monkeypatch.setattr(worker, "judge_files", lambda *given: (JudgedPage("good", "good.py", error=f"{given[-1]} jobs") for _ in "1"))
    assert run(command, "good.py", *arguments)[::2] == (2, f"error: {jobs} jobs\n")


def test_without_affinity_all_cores_are_used(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert cli._usable_cores() == 5
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cli._usable_cores() == 1


def test_report_writes_the_files(run, monkeypatch):
    def source(page: JudgedPage) -> str | None:
        if page.name == "errata":
            raise PageError(f"{page.file}: its kernel has an unproved claim.")
        return None if page.name == "plain" else f"kernel of {page.name}"

    drawn = SimpleNamespace(
        html=lambda page, kernel: f"<p>{page.name} {kernel}",
        tex=lambda page, kernel: f"% {page.name} {kernel}",
        compile_pdf=lambda tex: b"%PDF of " + tex.encode(),
    )
    stand_in(monkeypatch, "faces.report", drawn)
    stand_in_kernels(monkeypatch, source)
    status, out, err = run("report", "good.py", "wrong.py", "errata.py", "missing.py", "plain.py", "--output", "a/b", "--pdf")
    assert (status, out.splitlines()) == (
        1,
        [
            "9 steps: 6 proved, 2 refuted as expected, 1 refuted",
            "2 of them on the graph only",
            "1 page could not be read",
            "1 report not made, or without the kernel",
        ],
    )
    assert err.splitlines() == [
        *(f"wrote a/b/{name}.{suffix}" for name in ("good", "wrong", "errata") for suffix in ("html", "tex", "pdf")),
        "error: errata.py: its kernel has an unproved claim.",
        "error: missing.py: no such file or folder; name a page or a folder of pages.",
        *(f"wrote a/b/plain.{suffix}" for suffix in ("html", "tex", "pdf")),
    ]
    for name, drawn in (
        ("good.html", "<p>good kernel of good"),
        ("plain.tex", "% plain None"),
        ("wrong.tex", "% wrong None"),
        ("errata.tex", "% errata None"),
        ("good.pdf", "%PDF of % good kernel of good"),
    ):
        assert Path("a/b", name).read_text().splitlines()[:-1] == [drawn]


def test_kernel_writes_the_module(run, monkeypatch):
    stand_in_kernels(monkeypatch, lambda page: f"# {page.name}, {page.verdict}\n")
    Path("derivations/good.py").touch()
    assert run("kernel", "good") == (0, "# good, proved\n", "")
    assert run("kernel", "good.py", "--output", "k.py") == (0, "", "wrote k.py\n")
    assert Path("k.py").read_text() == "# good, proved\n"


NO_KERNEL = [
    # name        status   the whole text on stderr
    ("wrong.py", 1, "error: wrong.py: no kernel, since not every step is as expected; see: symderiv verify wrong.py\n"),
    ("open.py", 3, "error: open.py: no kernel, since not every step is as expected; see: symderiv verify open.py\n"),
    ("other", 2, "error: derivations/other.py: no such file or folder; name a page or a folder of pages.\n"),
    ("good.py", 2, "error: good.py: its kernel has an unproved claim.\n"),
    ("plain.py", 2, "error: plain.py: declares no kernel; a page does with d.kernel(...).\n"),
]


@pytest.mark.parametrize(("name", "status", "error"), NO_KERNEL)
def test_no_kernel_of_what_is_not_proved(run, monkeypatch, name, status, error):
    def source(page: JudgedPage) -> str | None:
        if page.name == "plain":
            return None
        raise PageError(f"{page.file}: its kernel has an unproved claim.")

    stand_in_kernels(monkeypatch, source)
    assert run("kernel", name) == (status, "", error)


def test_a_file_that_cannot_be_written_is_one_line(run, monkeypatch):
    stand_in_kernels(monkeypatch, lambda page: "")
    Path("file").touch()
    assert run("kernel", "good.py", "--output", "file/k.py") == (
        2,
        "",
        "error: file/k.py: cannot be written (File exists); name another place with --output.\n",
    )


@pytest.mark.parametrize("command", [("verify", "good.py", "--format", "json"), ("kernel", "good.py")])
@pytest.mark.parametrize("output", ["good.py", "./good.py", "link"])
def test_what_is_read_is_not_written_over(run, monkeypatch, command, output):
    stand_in_kernels(monkeypatch, lambda page: "")
    Path("link").symlink_to("good.py")
    status, out, err = run(*command, "--output", output)
    assert (status, out, err.splitlines()[-1]) == (2, "", f"Error: --output {output} is what is read; name another file")
    assert Path("good.py").read_bytes() == b""


def test_progress_only_on_a_terminal(run, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BEFORE_PROGRESS", 0)
    assert run("verify", "good.py")[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert "good.py" in run("verify", "good.py")[2]


def test_progress_has_a_row_for_each_page_in_work_and_goes_away(monkeypatch, capsys):
    monkeypatch.setattr(progress, "SECONDS_BEFORE_PROGRESS", 0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with progress.Progress() as bars:
        for told in [("a.py", 0, None), ("b.py", 0, None), ("a.py", 1, 2), ("b.py", 3, 3)]:
            bars.tell(*told)
        assert list(bars.rows) == ["a.py"]
        bars.clear()
        assert bars.shown is None
        bars.tell("a.py", 1, 2)
        assert bars.shown is not None
    assert bars.shown is None
    assert "a.py" in capsys.readouterr().err


REALLY_BAD = [
    # page                                                      the whole text on stderr, by the real engine
    ("def f(:", "error: bad.py:1: invalid syntax\n"),
    ("x = 1", "error: bad.py: no derivation here; a page defines one: derivation = Derivation('title').\n"),
    ("x = y + 1", "error: bad.py:1: NameError: name 'y' is not defined\n"),
    ("\nx = bytearray(2**45)", "error: bad.py:2: needs more than 512 MiB of memory; raise the limit with --memory-limit.\n"),
    ("import sys\nsys.exit(0)", "error: bad.py:2: ends the program; a page only declares, defines and claims.\n"),
    (
        "while True: pass",
        "error: bad.py:1: still running after 4 s; a page only declares, defines and claims. "
        "Take the loop out, or raise the limit with --time-limit.\n",
    ),
    (
        "from symderiv import Derivation\nd = Derivation('t')\nA, B = d.input('A', 2, 3), d.input('B', 4, 5)\nd.let('C', A @ B)",
        "error: bad.py:4: A @ B: A is 2 × 3, B is 4 × 5; the inner sizes 3 and 4 differ.\n",
    ),
]
GOOD = "from symderiv import Derivation\nd = Derivation('t')\na = d.input('a')\nd.claim('1', (a + 1)**2, a**2 + 2*a + 1)\nprint('hello')"


@pytest.mark.parametrize(("source", "error"), REALLY_BAD, ids=[source.splitlines()[-1] for source, _ in REALLY_BAD])
def test_a_bad_page_is_one_line_by_the_real_engine_too(tmp_path, source, error):
    (tmp_path / "bad.py").write_text(source)
    (tmp_path / "good.py").write_text(GOOD)
    options = ["--format", "json", "--time-limit", "8" if "still running" in error else "120", "--memory-limit", "512"]
    command = [sys.executable, "-m", "symderiv", "verify", "bad.py", "good.py", *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, sorted(run.stderr.splitlines())) == (2, sorted([*error.splitlines(), "hello"]))
    found = json.loads(run.stdout)
    assert [(d["name"], d["verdict"]) for d in found["derivations"]] == [("good", "proved")]
    assert [e["file"] for e in found["errors"]] == ["bad.py"]


def test_what_sympy_imports_late_is_imported_once_and_not_for_each_page(tmp_path):
    (tmp_path / "good.py").write_text(f"import sys\nprint('READ', file=sys.stderr)\n{GOOD}")
    command = [sys.executable, "-X", "importtime", "-m", "symderiv", "verify", "good.py"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    err = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stderr
    before, after = err.split("READ\n")
    assert "sympy.combinatorics" in before
    assert "sympy" not in after


WITHOUT_SYMPY = [
    "import symderiv",
    "import symderiv.kernels",
    "import symderiv.__main__",
    "import symderiv; dir(symderiv)",
    "import sys; sys.argv = ['symderiv', '--help']; from symderiv.cli import main; main()",
    "import sys; sys.argv = ['symderiv', 'verify', '--help']; from symderiv.cli import main; main()",
    "import sys; sys.argv = ['symderiv', 'nonsense']; from symderiv.cli import main; main()",
]


@pytest.mark.parametrize("program", WITHOUT_SYMPY)
def test_help_and_kernels_do_not_import_sympy(program):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-X", "importtime", "-c", program]
    err = subprocess.run(command, capture_output=True, text=True, env=environment, check=False).stderr
    imported = {line.split("|")[-1].strip().split(".")[0] for line in err.splitlines() if line.startswith("import time:")}
    assert "symderiv" in imported
    assert not imported & {"sympy", "flint", "rich", "jinja2"}


def test_every_public_name_is_there():
    for name in symderiv._HOMES:
        assert getattr(symderiv, name).__name__ == name
        assert name in dir(symderiv)
    with pytest.raises(AttributeError, match=r"^module 'symderiv' has no attribute 'nothing'$"):
        symderiv.nothing  # noqa: B018


def inputs(*paths: object) -> list[tuple[str, str]]:
    return [(Path(file).name, problem) for file, problem in inputs_of(tuple(map(str, paths)))]


def test_a_folder_gives_its_pages_and_the_documents_that_declare(tmp_path):
    texts = {"page.py": "", "notes.md": "```symderiv\n```\n", "readme.md": "# words\n", "paper.tex": "% symderiv:\n", "_draft.py": ""}
    texts |= {"report.tex": sealed(b"symderiv", ".tex", "x").decode(), ".page.py": "", "upper.PY": ""}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "latin.md").write_bytes(b"\xe9 symderiv")
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "gone.md").symlink_to("nowhere")
    assert inputs(tmp_path) == [
        ("gone.md", "is a link to a file that is not there."),
        *((name, "") for name in ("latin.md", "notes.md", "page.py", "paper.tex", "upper.PY")),
    ]


def test_a_file_that_is_named_twice_is_read_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.py", "b.py"):
        (tmp_path / name).touch()
    assert [file for file, _ in inputs_of(("b.py", ".", "./a.py", str(tmp_path / "b.py")))] == ["b.py", "a.py"]


def test_a_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    def refuse(_path: object) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", refuse)
    assert inputs(tmp_path) == [(tmp_path.name, "cannot be read (Permission denied); see to its permissions, or name another folder.")]


RIGHT = "```symderiv\ninput x\n```\n$$y = x^2$$\n$$\\frac{\\partial y}{\\partial x} = 2x$$\n"


@pytest.fixture
def symderiv_report(tmp_path):
    """Runs `symderiv report` by the real engine; gives status, the last line on stdout, and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "symderiv", "report", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
        )
        return done.returncode, next(iter(done.stdout.splitlines()), ""), done.stderr

    return run


def test_a_document_that_is_all_right_gets_a_report_and_is_never_run(tmp_path, symderiv_report):
    """A proved document was once run as Python, to look for a kernel in it."""
    harmful = f"open('ran', 'w')\n\n{RIGHT}"
    for name in ("a.md", "sub/a.md", "a.tex", 'b "c" é.MD'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(harmful if not name.endswith("tex") else "$$1 + 1 = 2$$\n")
    status, said, err = symderiv_report("a.md", "sub/a.md", "a.tex", 'b "c" é.MD')
    assert (status, said) == (0, "4 steps: 4 proved"), err
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == sorted(
        f"{name}.{suffix}" for name in ("a.md", "sub-a.md", "a.tex", 'b "c" é') for suffix in ("html", "tex")
    )
    assert not (tmp_path / "ran").exists()


def test_a_report_that_was_changed_by_hand_stays_as_it_is(tmp_path, symderiv_report):
    (tmp_path / "a.md").write_text(RIGHT)
    assert symderiv_report("a.md")[0] == 0
    assert symderiv_report("a.md")[0] == 0
    changed = (tmp_path / "reports/a.html").read_text().replace("proved", "doubted")
    (tmp_path / "reports/a.html").write_text(changed)
    status, said, err = symderiv_report("a.md")
    assert (status, said) == (2, "1 step: 1 proved")
    assert err == (
        "error: reports/a.html: is not overwritten, since it is no report of symderiv, or was changed by hand; "
        "move it away, or name another folder with --output.\n"
    )
    assert (tmp_path / "reports/a.html").read_text() == changed
