"""Judged pages for machines that run checks, a row of `FORMATS` each. All but JSON draw the same cases and rules.

What is as expected, errata included, is no finding. In JUnit a `failure` is a judged no, and an `error` is that there is no
verdict: GitLab and Jenkins show both as red and count them apart, while `skipped` would show a step that nobody proved as fine.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from urllib.parse import quote
from xml.etree import ElementTree

from symderiv import __version__
from symderiv.errors import shortened
from symderiv.faces.judged import JudgedClaim, JudgedDerivation, JudgedPage, JudgedRepair, JudgedStep, Problem
from symderiv.faces.listing import LONGEST_QUOTED, details, document, summary
from symderiv.faces.marks import RULES, UNREADABLE, Rule, rule_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "symderivStep/v1"
NOT_IN_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Case:
    """A step, or what could not be read: its place, its rule if it is a finding, and what there is to say then.

    `identity` stays as it is when lines move.
    """

    file: str
    name: str
    rule: Rule | None = None
    line: int | None = None
    column: int | None = None
    said: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    repairs: tuple[JudgedRepair, ...] = ()


def cases(page: JudgedPage, folder: str) -> Iterator[Case]:
    """What could not be read of a page, then its steps in order; files are named from the folder."""
    file = named_from(folder, page.file)
    if page.error is not None:
        yield _unread(page.file, page.error, file)
    for problem in page.problems:
        yield _unread_formula(problem, file)
    for derivation, title in zip(page.derivations, titles(page), strict=True):
        for claim in derivation.claims:
            for k, step in enumerate(claim.steps, 1):
                name = title + (claim.label if len(claim.steps) == 1 else f"{claim.label}.{k}")
                yield _step(derivation, claim, step, name, file)


def titles(page: JudgedPage) -> Iterator[str]:
    """What tells the claims of each derivation from those of others: nothing if there is one only."""
    seen: Counter[str] = Counter()
    for derivation in page.derivations:
        seen[derivation.title] += 1
        again = f" ({seen[derivation.title]})" * (seen[derivation.title] > 1)
        yield f"{derivation.title}{again}: " if len(page.derivations) > 1 else ""


def named_from(folder: str, file: str) -> str:
    """A file's path relative to a folder, which is absolute."""
    return os.path.relpath(os.path.join(folder, file), folder)


def _step(derivation: JudgedDerivation, claim: JudgedClaim, step: JudgedStep, name: str, file: str) -> Case:
    left, right = step.left.text, step.right.text
    identity = (derivation.title, claim.label, left, right)
    case = Case(file, _printable(shortened(name, LONGEST_QUOTED)), None, step.line or claim.line, step.column or None, identity=identity)
    if step.as_expected:
        return case
    complaint, *rest = (line.text for line in details(step, name, verbose=False))
    said = tuple(map(_printable, (complaint, f"{left} = {right}", *rest)))
    return replace(case, rule=rule_of(step), said=said, repairs=tuple(r for r in step.repairs if r.edits))


def _unread(path: str, error: str, file: str) -> Case:
    """The page's error, with the line and column that its text begins with: `path:line:column: what`."""
    found = re.fullmatch(rf"{re.escape(path)}(?::(\d+))?(?::(\d+))?: (.*)", error, re.DOTALL)
    line, column, what = found.groups() if found else (None, None, error)
    said = tuple(_printable(what).split("\n"))
    return Case(file, "page", UNREADABLE, int(line) if line else None, int(column) if column else None, said)


def _unread_formula(problem: Problem, file: str) -> Case:
    said = tuple(_printable(f"{shortened(problem.message)}\n{shortened(problem.written, LONGEST_QUOTED)}").rstrip().split("\n"))
    name = f"line {problem.line}, column {problem.column}"
    return Case(file, name, UNREADABLE, problem.line, problem.column or None, said, (problem.message, problem.written))


def _findings(pages: Sequence[JudgedPage], folder: str) -> list[tuple[Case, Rule]]:
    return [(case, case.rule) for page in pages for case in cases(page, folder) if case.rule is not None]


def _printable(text: str) -> str:
    """Without the characters that XML forbids and terminals obey."""
    return NOT_IN_XML.sub("\ufffd", text)


# annotations on GitHub


def github(pages: Sequence[JudgedPage], folder: str) -> str:
    """A workflow command for each finding, then the summary, which GitHub shows in the log only."""
    lines = [_command(case, rule) for case, rule in _findings(pages, folder)] + [line.text for line in summary(pages)]
    return "".join(f"{line}\n" for line in lines)


def _command(case: Case, rule: Rule) -> str:
    title = f"{case.name} {rule.name.replace('-', ' ')}"
    properties = {"file": case.file, "line": case.line, "col": case.column, "title": title}
    listed = ",".join(f"{key}={_escaped_property(str(value))}" for key, value in properties.items() if value is not None)
    message = _escaped("\n".join(case.said))
    return f"::{rule.level} {listed}::{message}"


def _escaped(data: str) -> str:
    return data.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")


# JUnit


def junit(pages: Sequence[JudgedPage], folder: str) -> str:
    """A test suite for each page and a test for each step, with the elements and attributes of Jenkins' schema junit-10."""
    root = ElementTree.Element("testsuites", name="symderiv")
    for page in pages:
        root.append(_suite(named_from(folder, page.file), list(cases(page, folder))))
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _suite(path: str, tests: Sequence[Case]) -> ElementTree.Element:
    """The tests of one page; `classname` is its path with dots, which Jenkins groups by folder."""
    file = _printable(path)
    counts = Counter(case.rule.element for case in tests if case.rule is not None)
    totals = {"tests": str(len(tests)), "failures": str(counts["failure"]), "errors": str(counts["error"])}
    suite = ElementTree.Element("testsuite", {"name": file, "file": file, **totals})
    classname = os.path.splitext(file)[0].replace("/", ".").lstrip(".")
    for case in tests:
        test = ElementTree.SubElement(suite, "testcase", name=case.name, classname=classname)
        if case.rule is not None:
            place = file if case.line is None else f"{file}:{case.line}"
            found = ElementTree.SubElement(test, case.rule.element, type=case.rule.name, message=case.said[0])
            found.text = "\n".join((place, *case.said))
    return suite


# SARIF


def sarif(pages: Sequence[JudgedPage], folder: str) -> str:
    """A SARIF 2.1.0 log of one run, with a result for each finding."""
    seen: Counter[tuple[str, ...]] = Counter()
    results = [_result(case, rule, seen) for case, rule in _findings(pages, folder)]
    driver = {"name": "symderiv", "version": __version__, "rules": [_rule_data(rule) for rule in RULES]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule_data(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.short},
        "fullDescription": {"text": rule.full},
        "help": {"text": rule.help},
        "defaultConfiguration": {"level": rule.level},
    }


def _result(case: Case, rule: Rule, seen: Counter[tuple[str, ...]]) -> dict[str, object]:
    """A finding; its fingerprint is of what the step says, and which of those that say the same it is."""
    said = (case.file, rule.name, *case.identity)
    seen[said] += 1
    digest = sha256("\0".join(case.identity).encode(errors="replace")).hexdigest()[:32]
    region = {"startLine": case.line or 1} | ({"startColumn": case.column} if case.column else {})
    location: dict[str, object] = {"uri": quote(case.file, errors="surrogateescape")}
    return {
        "ruleId": rule.name,
        "ruleIndex": RULES.index(rule),
        "level": rule.level,
        "message": {"text": _message("\n".join(case.said))},
        "locations": [{"physicalLocation": {"artifactLocation": location, "region": region}}],
        "partialFingerprints": {FINGERPRINT: f"{digest}:{seen[said]}"},
        **({"fixes": [_fix(repair, location) for repair in case.repairs]} if case.repairs else {}),
    }


def _fix(repair: JudgedRepair, file: dict[str, object]) -> dict[str, object]:
    """A repair as the replacements that write it into the document."""
    replacements = [
        {
            "deletedRegion": {"startLine": e.start[0], "startColumn": e.start[1], "endLine": e.end[0], "endColumn": e.end[1]},
            "insertedContent": {"text": e.text},
        }
        for e in repair.edits
    ]
    change = {"artifactLocation": file, "replacements": replacements}
    return {"description": {"text": _message(repair.change.text)}, "artifactChanges": [change]}


def _message(text: str) -> str:
    """Text in which SARIF sees neither a placeholder, `{0}`, nor a link, `[text](target)`."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


# all of them


def _json(pages: Sequence[JudgedPage], _folder: str) -> str:
    return document(pages) + "\n"


@dataclass(frozen=True)
class Format:
    """What the command writes: the function that draws pages, with files named from a folder, and what that makes, in words."""

    draw: Callable[[Sequence[JudgedPage], str], str]
    said: str


FORMATS = {
    "json": Format(_json, "a JSON document"),
    "github": Format(github, "annotations on GitHub"),
    "junit": Format(junit, "JUnit XML"),
    "sarif": Format(sarif, "SARIF 2.1.0"),
}
