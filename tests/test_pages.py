"""The pages: every step as expected, in both senses, and the reports made from the exercise's pages not stale."""

from collections import Counter
from pathlib import Path

import pytest

from symderiv.codegen import lower
from symderiv.faces import report
from symderiv.faces.judged import JudgedPage, JudgedStep
from symderiv.judging import verify
from symderiv.paths.saved import sealed

PAGES = sorted(path.stem for path in Path("derivations").glob("*.py"))
EXERCISE = ("batchnorm", "batchnorm_as_printed", "conv_parameters", "mlp")


@pytest.fixture(scope="module")
def judged() -> dict[str, tuple[verify.Page, JudgedPage]]:
    found = {}
    for name in PAGES:
        page = verify.load(f"derivations/{name}.py")
        steps = {k: verify.judge(page, k) for k in range(len(page.steps))}
        found[name] = (page, verify.draft(page).with_steps(steps))
    return found


def steps_of(judged, name: str) -> dict[str, JudgedStep]:
    return {f"{c.label}.{k}": s for d in judged[name][1].derivations for c in d.claims for k, s in enumerate(c.steps, start=1)}


@pytest.mark.parametrize("name", PAGES)
def test_every_step_is_as_expected(judged, name):
    page = judged[name][1]
    assert [s for s in page.steps if not s.as_expected] == []
    assert page.verdict == "proved"


@pytest.mark.parametrize(
    ("name", "steps", "on_the_graph_only"),
    [("batchnorm", 27, 5), ("batchnorm_as_printed", 23, 5), ("conv_parameters", 6, 1), ("mlp", 33, 1)],
)
def test_how_many_steps_in_which_sense(judged, name, steps, on_the_graph_only):
    senses = Counter((s.verdict, s.formal) for s in judged[name][1].steps)
    assert senses.total() == steps
    assert senses["proved", "refuted"] == on_the_graph_only
    assert "unknown" not in {word for pair in senses for word in pair}


# Label, graph, formal: what is wrong in the source, and the step beside it that hides or shows it.
SLIPS = [
    ("3c.2", "refuted", "refuted"),  # y for gamma
    ("3d.3", "refuted", "refuted"),  # the same, carried on
    ("3e.2", "refuted", "refuted"),  # the lost sum: i on one side only
    ("3e, the variance.1", "proved", "refuted"),  # a sign hidden by a zero
    ("3e, the variance.3", "proved", "refuted"),  # the mean is the mean
    ("3f.6", "refuted", "refuted"),  # the third term lost its x-hat
    ("3f.1", "proved", "proved"),
]


@pytest.mark.parametrize(("label", "graph", "formal"), SLIPS)
def test_each_slip_is_found_in_its_sense(judged, label, graph, formal):
    step = steps_of(judged, "batchnorm_as_printed")[label]
    assert (step.verdict, step.formal) == (graph, formal)


def test_only_zeros_are_trivial(judged):
    trivial = [label for label, s in steps_of(judged, "batchnorm").items() if s.trivial]
    assert trivial == [f"3e, the variance.{k}" for k in (1, 2, 3, 4)]


def test_nothing_on_the_batchnorm_page_needs_a_condition(judged):
    """varepsilon > 0 and the variance is a mean of squares: every division is settled."""
    assert {c for s in judged["batchnorm"][1].steps for c in s.side_conditions} == set()


def test_kinks_are_conditions(judged):
    step = steps_of(judged, "mlp")["hidden, any size.1"]
    assert [c.text for c in step.side_conditions] == ["Zⱼₖ ≠ 0 for every j, k", "Aⱼₖ ≠ 0 for every j, k"]


def test_numbers_are_proved_from_what_is_assumed(judged):
    step = steps_of(judged, "conv_parameters")["2.3"]
    assert len(step.assumptions) == 6


def test_the_count_needs_no_numbers(judged):
    steps = steps_of(judged, "conv_parameters")
    assert [steps[f"2.{k}"].assumptions for k in (1, 2)] == [(), ()]


@pytest.mark.parametrize("name", EXERCISE)
def test_the_committed_reports_are_not_stale(judged, name):
    page, drawn = judged[name]
    kernel = lower.module_source(page, drawn)
    for suffix, draw in ((".html", report.html), (".tex", report.tex)):
        fresh = sealed(draw(drawn, kernel).encode(), suffix, f"../{page.file}")
        assert Path(f"reports/{name}{suffix}").read_bytes() == fresh, f"rm reports/{name}.*; symderiv report {page.file}"
