"""Pages run: every derivation that a page makes is judged, and what fails costs itself and what needs it, no more."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from symderiv import Derivation
from symderiv.errors import PageError
from symderiv.files import Files
from symderiv.judging import verify
from symderiv.judging.executed import executed
from symderiv.language.claim import gathering
from symderiv.processes.worker import Limits, judge_files, no_progress

HEAD = "from symderiv import Derivation\n"
BEGIN = f"{HEAD}d = Derivation('t')\nx = d.input('x')\nA, B = d.input('A', 2, 3), d.input('B', 4, 5)\n"
UNBOUND = "UnboundLocalError: cannot access local variable 'C' where it is not associated with a value"
MISFIT = "A @ B: A is 2 × 3, B is 4 × 5; the inner sizes 3 and 4 differ."


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Writes a page and runs it; gives the labels of its claims, by derivation, and its problems."""
    monkeypatch.chdir(tmp_path)

    def run(source: str) -> tuple[list[list[str]], list[tuple[int, int, str, str]]]:
        Path("page.py").write_text(source, encoding="utf-8")
        derivations, problems = executed("page.py")
        return [[c.label for c in d.claims] for d in derivations], [(p.line, p.column, p.message, p.written) for p in problems]

    return run


MAKE = f"{HEAD}def make(k):\n    d = Derivation(f'{{k}}')\n    x = d.input('x')\n    d.claim(f'{{k}}', x, x + k)\n    return d\n"
MADE = [
    # what a page does with its derivations                       the labels of what is judged
    ("d = make(1)\nd = make(2)\n", [["1"], ["2"]]),
    ("pages = [make(1), make(2)]\nlast = make(3)\n", [["1"], ["2"], ["3"]]),
    ("make(1)\n", [["1"]]),
    ("pages = {k: make(k) for k in (1, 2)}\ndel pages\n", [["1"], ["2"]]),
    ("class C:\n    d = make(1)\n", [["1"]]),
    ("def main():\n    a = make(1)\n    b = (make(2), [make(3)])\nmain()\n", [["1"], ["2"], ["3"]]),
    ("try:\n    d = make(1)\n    1/0\nexcept ZeroDivisionError:\n    d = None\n", [["1"]]),
    ("a = b = make(1)\n", [["1"]]),
    ("Derivation('scratch')\nd = make(1)\n", [["1"]]),
    ("import copy\nd = make(1)\ne = copy.copy(d)\ne.claims = []\ne.claim('2', 1, 1)\n", [["1"], ["2"]]),
    ("import dataclasses\nd = make(1)\ne = dataclasses.replace(d, claims=[])\ne.claim('2', 1, 1)\n", [["1"], ["2"]]),
    ("import other\nother.make(2)\nmake(1)\n", [["imported"], ["2"], ["1"]]),
]


@pytest.mark.parametrize(("rest", "labels"), MADE)
def test_every_derivation_that_a_page_makes_is_judged(run, rest, labels):
    """Those without a name of their own were passed over in silence."""
    Path("other.py").write_text(f"{MAKE}d = Derivation('i')\nd.claim('imported', 1, 1)\n")
    assert run(MAKE + rest) == (labels, [])


def test_what_is_made_elsewhere_is_none_of_the_page(run):
    before = Derivation("before")
    assert run(f"{MAKE}make(1)\n")[0] == [["1"]]
    assert copy.copy(before).claims == []
    with gathering("page.py") as gathered:
        Derivation("inside")
    Derivation("after")
    assert [d.title for d in gathered.derivations] == ["inside"]


def test_a_claim_has_the_line_of_the_page_whatever_file_states_it(run):
    Path("stating.py").write_text(f"{HEAD}\n\n\n\ndef state(d):\n    d.claim('1', 1, 1)\n")
    run(f"{HEAD}import stating\nd = Derivation('t')\nstating.state(d)\nd.claim(\n    '2', 1, 1)\n")
    (derivation,), _ = executed("page.py")
    assert [c.line for c in derivation.claims] == [4, 5]


FAILING = [
    # what the page says                       the labels of what is judged    line, column, message, what is written there
    ("d.claim('1', A @ B, A)\nd.claim('2', x, x)\n", ["2"], [(5, 14, MISFIT, "A @ B")]),
    (
        "d.claim('1', A, B)\nd.claim('2', x, x)\n",
        ["2"],
        [(5, 1, "claim 1: A is 2 × 3, B is 4 × 5; the members of a claim have one shape.", "d.claim('1', A, B)")],
    ),
    (
        "C = d.let('C', A @ B)\nd.claim('1', C, C)\nd.claim('2', x, x)\n",
        ["2"],
        [(5, 16, MISFIT, "A @ B"), (6, 14, "C is missing, since line 5 could not be read", "C")],
    ),
    (
        "C, y = A @ B, d.input('y')\nd.claim('1', y, x)\nd.claim('2', x, x)\n",
        ["2"],
        [(5, 8, MISFIT, "A @ B"), (6, 14, "y is missing, since line 5 could not be read", "y")],
    ),
    (
        "y = x\ny = A @ B\nd.claim('1', y, x)\nd.claim('2', x, x)\n",
        ["2"],
        [(6, 5, MISFIT, "A @ B"), (7, 14, "y is missing, since line 6 could not be read", "y")],
    ),
    (
        "y = x\ny += A @ B\nd.claim('1', y, x)\nd.claim('2', x, x)\n",
        ["2"],
        [(6, 6, MISFIT, "A @ B"), (7, 14, "y is missing, since line 6 could not be read", "y")],
    ),
    ("for k in range(3):\n    d.claim(f'{k}', x, x)\n    d.claim('m', A @ B, x)\n", ["0", "1", "2"], [(7, 18, MISFIT, "A @ B")]),
    ("def f():\n    d.claim('1', A @ B, x)\n    d.claim('2', x, x)\nf()\n", ["2"], [(6, 18, MISFIT, "A @ B")]),
    (
        "def f():\n    C = A @ B\n    d.claim('1', C, x)\n    d.claim('2', x, x)\nf()\n",
        ["2"],
        [(6, 9, MISFIT, "A @ B"), (7, 18, UNBOUND, "C")],
    ),
    ("if True:\n    with open('page.py'):\n        d.claim('1', A @ B, x)\nd.claim('2', x, x)\n", ["2"], [(7, 22, MISFIT, "A @ B")]),
    (
        "d.claim('1', x, x)\nd.claim('1', x, x)\n",
        ["1"],
        [(6, 1, "claim 1: there is a claim with this label above; labels tell claims apart.", "d.claim('1', x, x)")],
    ),
    ("d.claim('1', nothing, x)\nd.claim('2', x, x)\n", ["2"], [(5, 14, "NameError: name 'nothing' is not defined", "nothing")]),
    ("d.claim('1', x[1], x)\nd.claim('2', x, x)\n", ["2"], [(5, 14, "TypeError: 'Symbol' object is not subscriptable", "x[1]")]),
    (
        "d.claim('1',\n    x,\n    A @ B)\nd.claim('2', x, x)\nd.kernel('1')\n",
        ["2"],
        [
            (7, 5, MISFIT, "A @ B"),
            (9, 1, "kernel: there is no claim '1' above; name claims that begin with a gradient.", "d.kernel('1')"),
        ],
    ),
    ("try:\n    d.claim('1', A @ B, x)\nexcept Exception:\n    d.claim('3', x, x)\n", ["3"], []),
    ("try:\n    d.claim('1', A @ B, x)\nfinally:\n    d.claim('3', x, x)\n", ["3"], [(6, 18, MISFIT, "A @ B")]),
    (
        "d.claim('1', object(), x)\nd.claim('2', x, x)\n",
        ["2"],
        [(5, 1, "<object object> is not a formula; build one from declared names, numbers and functions.", "d.claim('1', object(), x)")],
    ),
]


@pytest.mark.parametrize(("rest", "labels", "problems"), FAILING)
def test_what_fails_leaves_the_others_judged(run, rest, labels, problems):
    assert run(BEGIN + rest) == ([labels], problems)


FATAL = [
    # a statement after which nobody knows what the rest means           the error
    ("d.claim('1', x, x)\nd.assume(x, A @ B)\n", f"page.py:6: {MISFIT}"),
    ("d.claim('1', x, x)\nd.assume(q, 1)\n", "page.py:6: NameError: name 'q' is not defined"),
    ("d.claim('1', x, x)\nprint(A @ B)\n", f"page.py:6: {MISFIT}"),
    ("y, C = d.input('y'), A @ B\nd.claim('1', x, x)\n", f"page.py:5: {MISFIT}"),
    ("names = {}\nnames['C'] = A @ B\nd.claim('1', x, x)\n", f"page.py:6: {MISFIT}"),
    ("def f():\n    d.assume(x, 1)\n    return A @ B\nd.claim('1', f(), x)\nd.claim('2', x, x)\n", f"page.py:7: {MISFIT}"),
    ("C = A @ B\nd.claim('1', x, x)\nfor e in (C, x): pass\n", "page.py:7: C is missing, since line 5 could not be read"),
    ("C = A @ B\nd.claim('1', C, x)\n", f"page.py:5: {MISFIT}"),
    ("import nowhere_at_all\nd.claim('1', x, x)\n", "page.py:5: ModuleNotFoundError: No module named 'nowhere_at_all'"),
    ("d.claim('1', x, x)\nraise ValueError('a' * 3000)\n", f"page.py:6: ValueError: {'a' * 988}… (2012 characters more)"),
]


@pytest.mark.parametrize(("rest", "error"), FATAL)
def test_what_may_change_the_sense_of_the_rest_ends_the_page(run, rest, error):
    with pytest.raises(PageError) as raised:
        run(BEGIN + rest)
    assert str(raised.value) == error


def test_an_error_in_our_code_is_not_blamed_on_the_page(run, monkeypatch):
    monkeypatch.setattr(Derivation, "count", lambda self: {}["key"])
    problems = run(f"{BEGIN}d.claim('1', d.count(), x)\nd.claim('2', x, {{}}['key'])\nd.claim('3', x, x)\n")[1]
    assert [p[2] for p in problems] == ["KeyError: 'key'", "KeyError: 'key'"]  # that of a test is not ours
    problems = run(f"{BEGIN}d.claim('1', d.input(5), x)\nd.claim('3', x, x)\n")[1]
    assert [p[2].partition(";")[2] for p in problems] == [" this came from inside symderiv, which is a bug: please report it with the page"]


def test_a_page_that_cannot_be_opened_is_one_clear_error(tmp_path):
    with pytest.raises(PageError, match=r": cannot be read \(Is a directory\)\.$"):
        executed(str(tmp_path))
    (tmp_path / "page.py").write_bytes(b"x = 1\0")
    with pytest.raises(PageError, match=r"page\.py(:1)?: source code (string )?cannot contain null bytes"):
        executed(str(tmp_path / "page.py"))


def test_a_page_is_no_main_program_and_finds_what_lies_beside_it(run):
    Path("sub").mkdir()
    Path("sub/beside.py").write_text("value = 1")
    Path("sub/page.py").write_text(f"{BEGIN}import beside, dataclasses\nassert __name__ != '__main__' and __file__ == 'sub/page.py'\n"
                                   "@dataclasses.dataclass\nclass C:\n    a: 'int' = 1\nd.claim('1', x, x)\n")  # fmt: skip
    assert [[c.label for c in d.claims] for d in executed("sub/page.py")[0]] == [["1"]]


def test_a_page_with_what_failed_is_judged_and_is_no_success(run):
    run(f"{BEGIN}d.claim('1', A @ B, x)\nd.claim('2', x, x)\n")
    (page,) = judge_files(["page.py"], Files(), Limits(), no_progress)
    assert (page.verdict, [s.verdict for s in page.steps], [p.message for p in page.problems]) == ("error", ["proved"], [MISFIT])
    assert verify.load("page.py").draft.problems == page.problems
