"""Every mark on every face: the same word, the same shade and the same finding for a terminal, reports, JSON and machines."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from itertools import product
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest

from symderiv.faces import report
from symderiv.faces.formats import github, junit, sarif
from symderiv.faces.judged import Formula, JudgedClaim, JudgedDerivation, JudgedPage, JudgedStep
from symderiv.faces.listing import document, listing, summary
from symderiv.faces.marks import LOOKS, MARKS, RULES, SYMBOLS, UNREADABLE, as_written, look, mark_of, rule_of, verdict_of, words
from symderiv.language.words import Expected, VerdictName
from symderiv.notation.escapes import prose

STEP = JudgedStep(Formula("a", "a"), Formula("b", "b"), note="a note", verdict="proved", formal="proved", reason="too many terms")
WRONG = replace(STEP, verdict="refuted", formal="refuted")
OPEN = replace(STEP, verdict="unknown", formal="unknown")
ON_GRAPH = replace(STEP, formal="refuted")
MISFIT = "y has no index"

ROWS = [
    # step                                                   name                         beside it  symbol  in words                               rule                   page
    (STEP,                                                   "proved",                    "proved",  "✓",    "proved",                              None,                  "proved"),
    (ON_GRAPH,                                               "proved",                    "proved",  "✓",    "proved",                              None,                  "proved"),
    (replace(WRONG, expected="refuted"),                     "refuted as expected",       "refuted", "✗",    "refuted, as expected",                None,                  "proved"),
    (replace(ON_GRAPH, expected="refuted formally"),         "refuted as expected",       "refuted", "✗",    "formally refuted, as expected",       None,                  "proved"),
    (replace(STEP, misfit=MISFIT, misprint="y read as γ"),   "misread",                   "misread", "✗",    "misread",                             "misread",             "refuted"),
    (replace(OPEN, misfit=MISFIT, misprint="y read as γ"),   "misread",                   "misread", "✗",    "misread",                             "misread",             "refuted"),
    (replace(WRONG, misfit=MISFIT),                          "misfit",                    "misfit",  "✗",    "misfit",                              "misfit",              "refuted"),
    (replace(ON_GRAPH, hidden=True, trivial=True),           "hidden",                    "hidden",  "✗",    "hidden",                              "hidden",              "refuted"),
    (WRONG,                                                  "refuted",                   "refuted", "✗",    "refuted",                             "refuted",             "refuted"),
    (replace(STEP, expected="refuted"),                      "proved against expectation", "proved", "✓",    "proved, refutation expected",         "unexpectedly-proved", "refuted"),
    (replace(STEP, expected="refuted formally"),             "proved against expectation", "proved", "✓",    "formally proved, refutation expected", "unexpectedly-proved", "refuted"),
    (OPEN,                                                   "unknown",                   "unknown", "?",    "unknown",                             "unknown",             "unknown"),
    (replace(OPEN, expected="refuted"),                      "unknown",                   "unknown", "?",    "unknown, refutation expected",        "unknown",             "unknown"),
    (replace(STEP, formal="unknown", expected="refuted formally"), "unknown",             "unknown", "?",    "formally unknown, refutation expected", "unknown",           "unknown"),
]  # fmt: skip


def page(*steps: JudgedStep) -> JudgedPage:
    return JudgedPage("notes", "notes.md", (JudgedDerivation("BN", "", (), (), (JudgedClaim("3c", 12, steps),)),))


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize(("step", "name", "word", "symbol", "said", "rule", "verdict"), ROWS)
def test_all_faces_say_the_same(step, name, word, symbol, said, rule, verdict):
    """A hidden slip was hidden, refuted or proved, and a misread one a misfit, as the face had it."""
    judged = page(step)
    mark, sentence = mark_of(step), mark_of(step).sentence(step)
    assert (mark.name, mark.word, mark.symbol, words(step)) == (name, word, symbol, said)

    lines = list(listing(judged, 1000))
    head = next(line for line in lines if line.text.startswith("3c"))
    assert re.split(r"\s{2,}", head.text)[1] == f"{symbol} {word}"
    assert head.look == look(step) == LOOKS[verdict]
    assert [line.text.strip() for line in lines if "notes.md:12" in line.text] == [f"notes.md:12: {sentence}"] * (rule is not None)
    assert next(summary([judged])).text == f"1 step: 1 {name}"

    (found,) = json.loads(document([judged]))["derivations"]
    (claim,) = found["claims"]
    assert (found["verdict"], claim["verdict"], verdict_of([step])) == (verdict,) * 3
    assert claim["steps"][0]["status"] == name
    assert claim["steps"][0]["verdict"] == as_written(step)

    drawing, source = report.html(judged, None), report.tex(judged, None)
    assert re.search(r'<div id="step-0" class="mark (\w+)', drawing)[1] == mark.shade
    assert plain(re.search(r'<div id="step-0".*?</div>', drawing)[0]) == f"{symbol} {said}"
    contents = re.search(r'<a href="#claim-1-1">3c\s*<span class="(\w+)" title="([^"]*)">(.)</span>', drawing)
    assert contents.groups() == (mark.shade, said, symbol)
    bold = said if step.as_expected else rf"\textbf{{{said}}}"
    assert rf"{{\color{{{mark.shade}}}\makebox[1.2em][l]{{\symbol{mark.shade}}}{bold}}}" in source
    whole = f"{sentence[:1].upper()}{sentence[1:]}."
    notes = [whole] * bool(step.slip) + [f"{'Erratum: ' * (step.expected != 'proved')}a note"]
    assert [unescape(note) for note in re.findall(r'<p class="note">(.*?)</p>', drawing)] == notes
    assert ("Fails on the graph" in drawing) == ("Fails on the graph" in source) == (step.verdict == "refuted" and name != "misfit")
    assert re.findall(r"\\itshape (.*)}", source) == list(map(prose, notes))
    proved = int(name == "proved")
    assert report.summary(judged).startswith(f"1 step: {proved} proved for every size" + f", 1 {name}." * (not proved))

    for ids in (
        [r["ruleId"] for r in json.loads(sarif([judged], "/"))["runs"][0]["results"]],
        [found.get("type") for case in ElementTree.fromstring(junit([judged], "/").encode()).iter("testcase") for found in case],
        [line.split("title=3c ")[1].split("::")[0].replace(" ", "-") for line in github([judged], "/").splitlines() if "::" in line],
    ):
        assert ids == [rule] * (rule is not None)
    if rule is not None:
        assert all(sentence in drawn_as([judged], "/") for drawn_as in (github, junit, sarif))


def test_every_mark_and_every_rule_is_in_the_rows():
    assert {name for _, name, *_ in ROWS} == {mark.name for mark in MARKS}
    assert {rule for *_, rule, _ in ROWS if rule} | {UNREADABLE.name} == {rule.name for rule in RULES}
    assert len({rule.name for rule in RULES}) == len(RULES)


SLIPS = ({}, {"hidden": True}, {"misfit": MISFIT}, {"misfit": MISFIT, "misprint": "y read as γ"})


@pytest.mark.parametrize(("expected", "slip"), list(product(get_args(Expected), SLIPS)))
def test_every_step_has_a_mark(expected, slip):
    """Each combination has one; what is said of a slip goes before what it comes to, and only what is as expected is no finding."""
    for verdict, formal in product(get_args(VerdictName), repeat=2):
        step = replace(STEP, expected=expected, verdict=verdict, formal=formal, **slip)
        assert mark_of(step).name == step.slip or not step.slip
        assert (look(step) == "good") == step.as_expected == (rule_of(step) is None)
        assert page(step).verdict == verdict_of([step])


def test_verdicts_are_drawn_in_one_way():
    assert set(SYMBOLS) == set(LOOKS) == set(get_args(VerdictName))
    assert len({mark.name for mark in MARKS}) == len(MARKS)
    for mark in MARKS:
        assert (mark.rule is None) == (mark.look == "good")


def test_the_documents_page_tells_of_the_marks_of_documents():
    told = (Path(__file__).parent.parent / "DOCUMENTS.md").read_text(encoding="utf-8").split("## What the marks say")[1]
    words_told = {word for row in re.findall(r"^\| ([a-z, ]+) \|", told, re.MULTILINE) for word in row.split(", ")}
    assert {mark.word for mark in MARKS} <= words_told
