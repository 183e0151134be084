"""The formats for machines: every finding is there, nothing else is, and no text of a page breaks out of its place."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from dataclasses import replace
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from symderiv import cli
from symderiv.faces.formats import FORMATS, github, junit, sarif
from symderiv.faces.judged import Formula, JudgedClaim, JudgedCounterexample, JudgedDerivation, JudgedPage, JudgedStep, Problem
from symderiv.faces.marks import RULES

FOLDER = "/home/ada/notes"


def step(left: str = "a", right: str = "b", verdict: str = "proved", formal: str = "", **rest: Any) -> JudgedStep:
    sides = Formula(left, left), Formula(right, right)
    return JudgedStep(*sides, verdict=verdict, formal=formal or verdict, **{"reason": "", **rest})


AT_TWO = JudgedCounterexample(((Formula("m", "m"), "1"), (Formula("x₁", "x_1"), "2")), "4", "-4")
PROVED = step()
WRONG = step("x·x", "-x·x", "refuted", counterexample=AT_TWO)
ERRATUM = replace(WRONG, expected="refuted", note="reads x for γ")
FORMALLY = step("a", "b", "proved", "refuted", expected="refuted formally", note="the sign", counterexample=replace(AT_TWO, formal=True))
STALE = step(expected="refuted", note="reads x for γ")
STALE_FORMALLY = step(expected="refuted formally", note="the sign")
OPEN = step(verdict="unknown", reason="too many terms", evidence="equal at 40 points")
ON_GRAPH = step("a", "b", "proved", "refuted")


def page(*steps: JudgedStep, file: str = "derivations/bn.py", label: str = "3c", line: int = 12, title: str = "BN") -> JudgedPage:
    return JudgedPage(Path(file).stem, file, (JudgedDerivation(title, "", (), (), (JudgedClaim(label, line, steps),)),))


def unread(error: str, file: str = "notes.md") -> JudgedPage:
    return JudgedPage("notes", file, error=error)


def commands(*pages: JudgedPage) -> list[str]:
    return [line for line in github(pages, FOLDER).splitlines() if line.startswith("::")]


def suites(*pages: JudgedPage) -> ElementTree.Element:
    return ElementTree.fromstring(junit(pages, FOLDER).encode(errors="replace"))


def run_of(*pages: JudgedPage) -> dict[str, Any]:
    return json.loads(sarif(pages, FOLDER))["runs"][0]


def results(*pages: JudgedPage) -> list[dict[str, Any]]:
    return run_of(*pages)["results"]


OUTCOMES = [
    # step            rule                     GitHub and SARIF   JUnit
    (PROVED, None, None, None),
    (ON_GRAPH, None, None, None),
    (ERRATUM, None, None, None),
    (FORMALLY, None, None, None),
    (WRONG, "refuted", "error", "failure"),
    (STALE, "unexpectedly-proved", "error", "failure"),
    (STALE_FORMALLY, "unexpectedly-proved", "error", "failure"),
    (OPEN, "unknown", "warning", "error"),
    (replace(OPEN, expected="refuted"), "unknown", "warning", "error"),
    (replace(FORMALLY, formal="unknown"), "unknown", "warning", "error"),
    (replace(PROVED, misfit="γ has no index", misprint="y is γ"), "misread", "error", "failure"),
    (replace(OPEN, misfit="γ has no index", misprint="y is γ"), "misread", "error", "failure"),
    (replace(WRONG, misfit="γ has no index"), "misfit", "error", "failure"),
    (replace(ON_GRAPH, hidden=True), "hidden", "error", "failure"),
    (replace(ERRATUM, misfit="γ has no index", misprint="y is γ"), None, None, None),
]


@pytest.mark.parametrize(("judged", "rule", "level", "element"), OUTCOMES)
def test_what_is_not_as_expected_is_found_by_all_and_nothing_else(judged, rule, level, element):
    assert [c.split()[0] for c in commands(page(judged))] == [f"::{level}"] * (rule is not None)
    assert [(r["ruleId"], r["level"]) for r in results(page(judged))] == [(rule, level)] * (rule is not None)
    (case,) = suites(page(judged)).iter("testcase")
    assert [(found.tag, found.get("type")) for found in case] == [(element, rule)] * (rule is not None)
    assert (rule is None) == judged.as_expected


# GitHub


def test_annotations():
    assert github([page(PROVED, WRONG), page(STALE, OPEN, file=f"{FOLDER}/b.py", label="2", line=3), page(ERRATUM)], FOLDER) == (
        "::error file=derivations/bn.py,line=12,title=3c.2 refuted::3c.2: refuted; the two sides differ%0Ax·x = -x·x%0A"
        "at m = 1, x₁ = 2:%0Aleft side 4, right side -4\n"
        "::error file=b.py,line=3,title=2.1 unexpectedly proved::2.1: expected to be refuted, but it is proved; "
        "take the erratum away, or state what the source prints: reads x for γ%0Aa = b\n"
        "::warning file=b.py,line=3,title=2.2 unknown::2.2: neither proved nor refuted: too many terms (equal at 40 points)%0Aa = b\n"
        "5 steps: 1 proved, 1 refuted as expected, 1 refuted, 1 proved against expectation, 1 unknown\n"
    )


ERRORS = [
    # the page's error                              the annotation
    ("notes.md:7:5: no \\foo", "::error file=notes.md,line=7,col=5,title=page unreadable::no \\foo"),
    ("notes.md:7: no: 5:6", "::error file=notes.md,line=7,title=page unreadable::no: 5:6"),
    ("notes.md: no such file", "::error file=notes.md,title=page unreadable::no such file"),
    ("the page took more than 3 s", "::error file=notes.md,title=page unreadable::the page took more than 3 s"),
    ("notes.md:7: \\foo\n  ^", "::error file=notes.md,line=7,title=page unreadable::\\foo%0A  ^"),
    ("notes.md:7: ", "::error file=notes.md,line=7,title=page unreadable::"),
    ("other.md:7: no", "::error file=notes.md,title=page unreadable::other.md:7: no"),
]


@pytest.mark.parametrize(("error", "command"), ERRORS)
def test_the_place_of_a_page_error_is_read_from_its_text(error, command):
    assert commands(unread(error)) == [command]
    assert [c.tag for c in next(suites(unread(error)).iter("testcase"))] == ["error"]
    assert [r["ruleId"] for r in results(unread(error))] == ["unreadable"]


def test_formulas_that_could_not_be_read_come_first_and_the_steps_are_still_there():
    judged = replace(page(replace(WRONG, line=20, column=4), PROVED, file="notes.md"), problems=(Problem(7, 5, "no \\foo", "x = \\foo"),))
    assert [c.split("::")[1] for c in commands(judged)] == [
        "error file=notes.md,line=7,col=5,title=line 7%2C column 5 unreadable",
        "error file=notes.md,line=20,col=4,title=3c.1 refuted",
    ]
    assert commands(judged)[0].endswith("::no \\foo%0Ax = \\foo")
    assert [c.get("name") for c in suites(judged).iter("testcase")] == ["line 7, column 5", "3c.1", "3c.2"]
    regions = [r["locations"][0]["physicalLocation"]["region"] for r in results(judged)]
    assert regions == [{"startLine": 7, "startColumn": 5}, {"startLine": 20, "startColumn": 4}]
    moved = replace(judged, problems=(replace(judged.problems[0], line=9),))
    assert prints(moved) == prints(judged)


def test_no_text_of_a_page_is_a_command():
    evil = "100%\r\n::stop-commands::x, y: \x1b[31m"
    (command,) = commands(page(step(evil, evil, "refuted"), label=evil, file="a,b:c%\n.py"))
    assert command.startswith("::error file=a%2Cb%3Ac%25%0A.py,line=12,title=100%25%0D%0A%3A%3Astop-commands%3A%3Ax%2C y%3A ")
    assert "100%25%0D%0A::stop-commands::x, y: \ufffd[31m = 100%25%0D%0A" in command
    assert github([page(step(evil, evil, "refuted"), label=evil)], FOLDER).count("\n::") == 0


PLACES = [
    # the page's path                     from the folder
    ("a.py", "a.py"),
    ("./d/../a.py", "a.py"),
    (f"{FOLDER}/d/a.py", "d/a.py"),
    ("../notes/a.py", "a.py"),
    ("../b/a.py", "../b/a.py"),
    (f"{FOLDER}2/a.py", "../notes2/a.py"),
]


@pytest.mark.parametrize(("file", "named"), PLACES)
def test_files_are_named_from_the_folder(file, named):
    assert commands(page(WRONG, file=file))[0].startswith(f"::error file={named},")
    assert suites(page(WRONG, file=file))[0].get("file") == named
    assert results(page(WRONG, file=file))[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == named


# JUnit

JUNIT_10 = {  # Jenkins' schema: element -> attributes it must have, attributes it may have, elements in it
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": ({"name"}, {"time", "classname", "group"}, {"skipped", "error", "failure", "system-out", "system-err"}),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
}


def breaches(element: ElementTree.Element) -> list[str]:
    """What the schema forbids."""
    must, may, inside = JUNIT_10[element.tag]
    names = set(element.keys())
    here = [f"{element.tag} lacks {name}" for name in sorted(must - names)] + [f"{element.tag} has {n}" for n in names - must - may]
    return here + [b for c in element for b in (breaches(c) if c.tag in inside else [f"{c.tag} in {element.tag}"])]


ALL = (page(PROVED, WRONG, OPEN, STALE), page(ERRATUM, file="d/e.py"), unread("notes.md:7: no \\foo"))


def test_junit_keeps_to_the_schema_and_the_check_can_say_no():
    assert breaches(suites(*ALL)) == []
    assert breaches(suites()) == []
    assert breaches(ElementTree.fromstring('<testsuites><failure/><testsuite name="" line="1" tests="" errors=""/></testsuites>')) == [
        "failure in testsuites",
        "testsuite lacks failures",
        "testsuite has line",
    ]


def test_junit_counts():
    counts = [[e.get(n) for n in ("name", "tests", "failures", "errors")] for e in suites(*ALL).iter() if e.tag.startswith("testsuite")]
    assert counts == [
        ["symderiv", "6", "2", "2"],
        ["derivations/bn.py", "4", "2", "1"],
        ["d/e.py", "1", "0", "0"],
        ["notes.md", "1", "0", "1"],
    ]
    for suite in suites(*ALL):
        found = Counter(e.tag for e in suite.iter())
        assert [suite.get(n) for n in ("tests", "failures", "errors")] == [str(found[t]) for t in ("testcase", "failure", "error")]


def test_junit_names_and_texts():
    cases = list(suites(*ALL).iter("testcase"))
    assert [(c.get("classname"), c.get("name")) for c in cases] == [
        *(("derivations.bn", f"3c.{k}") for k in (1, 2, 3, 4)),
        ("d.e", "3c"),
        ("notes", "page"),
    ]
    failure = cases[1][0]
    assert failure.get("message") == "3c.2: refuted; the two sides differ"
    assert failure.text == (
        "derivations/bn.py:12\n3c.2: refuted; the two sides differ\nx·x = -x·x\nat m = 1, x₁ = 2:\nleft side 4, right side -4"
    )
    assert cases[5][0].text == "notes.md:7\nno \\foo"


def test_tests_of_two_derivations_have_different_names():
    one, two = page(PROVED, title="Mean"), page(WRONG, title="Spread")
    both = replace(one, derivations=one.derivations + two.derivations)
    assert [c.get("name") for c in suites(both).iter("testcase")] == ["Mean: 3c", "Spread: 3c"]
    twice = replace(one, derivations=one.derivations * 2)
    assert [c.get("name") for c in suites(twice).iter("testcase")] == ["Mean: 3c", "Mean (2): 3c"]


def test_junit_takes_any_text():
    evil = "\x00\x9b]]>&<b>\"'\ud800\ufffe\r\n\t中𝔸"
    plain = "\ufffd\ufffd]]>&<b>\"'\ufffd\ufffd\r\n\t中𝔸"
    root = suites(page(step(evil, "", "refuted"), label=evil, file="d/\x07\udcff&.py"))
    (case,) = root.iter("testcase")
    assert case.get("name") == plain
    assert plain.replace("\r\n", "\n") in (case[0].text or "")
    assert root[0].get("name") == "d/\ufffd\ufffd&.py"


# SARIF


def test_sarif_has_what_the_schema_requires():
    log = json.loads(sarif(ALL, FOLDER))
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    assert set(run) == {"tool", "columnKind", "results"}
    assert run["columnKind"] == "unicodeCodePoints"
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("symderiv", cli.__version__)
    assert [rule["id"] for rule in driver["rules"]] == [rule.name for rule in RULES]
    for k, rule in enumerate(driver["rules"]):
        texts = [rule[name]["text"] for name in ("shortDescription", "fullDescription", "help")]
        assert all(text.endswith(".") and not re.search(r"[{}]|\]\(", text) for text in texts)
        assert rule["defaultConfiguration"] == {"level": RULES[k].level}
    assert len(run["results"]) == 4
    for result in run["results"]:
        assert set(result) == {"ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"}
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"none", "note", "warning", "error"}
        assert result["message"]["text"]
        assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
        ((name, place),) = result["locations"][0].items()
        assert name == "physicalLocation"
        assert set(place) == {"artifactLocation", "region"}
        assert min(place["region"].values()) >= 1
        assert re.fullmatch(r"[\w./~%-]+", place["artifactLocation"]["uri"], re.ASCII)


def test_a_sarif_result():
    (result,) = results(page(PROVED, WRONG))
    fingerprint = result.pop("partialFingerprints")
    assert re.fullmatch("[0-9a-f]{32}:1", fingerprint.pop("symderivStep/v1"))
    assert fingerprint == {}
    assert result == {
        "ruleId": "refuted",
        "ruleIndex": [rule.name for rule in RULES].index("refuted"),
        "level": "error",
        "message": {"text": "3c.2: refuted; the two sides differ\nx·x = -x·x\nat m = 1, x₁ = 2:\nleft side 4, right side -4"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "derivations/bn.py"}, "region": {"startLine": 12}}}],
    }
    (result,) = results(unread("notes.md:7:5: no"))
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 7, "startColumn": 5}
    (result,) = results(unread("notes.md: no"))
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


@pytest.mark.parametrize("file", ["a b.py", "é#?.py", "a:b%20.py", "d/[x].py"])
def test_uris_are_percent_encoded(file):
    uri = results(page(WRONG, file=file))[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert re.fullmatch(r"[\w./%-]+", uri, re.ASCII)
    assert unquote(uri) == file


def test_sarif_sees_no_placeholder_and_no_link_in_a_formula():
    text = results(page(step(r"\frac{0}{1}", "x[i](y)", "refuted")))[0]["message"]["text"]
    assert r"\frac{{0}}{{1}} = x[i] (y)" in text


def prints(*pages: JudgedPage) -> list[str]:
    return [r["partialFingerprints"]["symderivStep/v1"] for r in results(*pages)]


def test_fingerprints_stay_when_lines_move_and_tell_steps_apart():
    other = replace(WRONG, right=Formula("x", "x"))
    assert prints(page(WRONG, other)) == prints(page(PROVED, WRONG, PROVED, other, line=99))
    assert prints(page(replace(WRONG, counterexample=None))) == prints(page(WRONG))
    different = prints(page(WRONG), page(other), page(WRONG, label="3d"), page(WRONG, title="LN"), page(WRONG, WRONG, file="d/e.py"))
    assert len(set(different)) == 5  # the first of a page is as in another page; the file tells those apart
    assert [f[-2:] for f in different] == [":1", ":1", ":1", ":1", ":1", ":2"]


# the command


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Runs `verify` on fake pages; gives status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, pages: tuple[JudgedPage, ...] = ALL) -> tuple[int, str, str]:
        monkeypatch.setattr(cli, "_judged", lambda *_: (p for p in pages))
        monkeypatch.setattr(sys, "argv", ["symderiv", "verify", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capfd.readouterr()
        return end.value.code or 0, out, err

    return run


@pytest.mark.parametrize("form", FORMATS)
def test_the_command_prints_the_format_and_nothing_else(run, tmp_path, form, monkeypatch):
    monkeypatch.setattr(cli, "_wants_colour", lambda: True)
    complaint = "" if form == "github" else "error: notes.md:7: no \\foo\n"
    assert run("--format", form) == (1, FORMATS[form].draw(ALL, str(tmp_path)), complaint)


@pytest.mark.parametrize(("pages", "status"), [(ALL[1:2], 0), (ALL[:1], 1), (ALL[1:], 2), ((page(OPEN),), 3)])
@pytest.mark.parametrize("form", ["text", *FORMATS])
def test_the_exit_status_does_not_depend_on_the_format(run, form, pages, status):
    assert run("--format", form, pages=pages)[0] == status


@pytest.mark.parametrize("form", FORMATS)
def test_output_goes_to_a_file(run, tmp_path, form):
    status, out, err = run("--format", form, "--output", "made/checks", pages=ALL[:1])
    assert (status, out, err) == (1, "4 steps: 1 proved, 1 refuted, 1 proved against expectation, 1 unknown\n", "wrote made/checks\n")
    assert Path("made/checks").read_text(encoding="utf-8") == FORMATS[form].draw(ALL[:1], str(tmp_path))


def test_text_is_not_written_to_a_file(run):
    status, out, err = run("--output", "checks.txt")
    assert (status, out) == (2, "")
    assert err.endswith("Error: --output is for the other formats; for text, write: symderiv verify > FILE\n")


def test_any_encoding_of_stdout_gets_utf_8(run, monkeypatch):
    stdout = TextIOWrapper(BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stdout)
    run("--format", "junit")
    assert "x₁ = 2".encode() in stdout.buffer.getvalue()
