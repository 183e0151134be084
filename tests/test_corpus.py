"""Public claims: right ones are proved, wrong ones refuted, the right formula beside a wrong one proved."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from corpus import NOT_YET, ROWS, VARIANTS, Row
from plain import confirms
from sympy import sympify

from symderiv import Derivation
from symderiv.judging.verify import judge_step
from symderiv.language.claim import Step
from symderiv.language.terms import free_indices
from symderiv.language.verdict import Judgement, Proved, Refuted

ALL_TRUE = 41


@cache
def built(name: str) -> Row:
    return (ROWS | VARIANTS)[name]()


@cache
def judged_row(name: str) -> Judgement:
    row = built(name)
    return judged(row.d, row.left, row.right)


def named(*expected: str) -> list[str]:
    return [name for name in ROWS if built(name).expected in expected]


def judged(d: Derivation, left: Any, right: Any) -> Judgement:
    step = Step(sympify(left), sympify(right))
    judgement = judge_step(step, d.program)
    if isinstance(judgement.graph, Refuted):
        assert confirms(step, d.program, judgement.graph.counterexample), judgement.graph
    return judgement


def right_formulas() -> list[str]:
    return [name for name in ROWS if built(name).correct is not None]


def test_every_claim_has_its_place():
    assert len(ROWS) + len(NOT_YET) == 74
    assert {row.expected for row in map(built, ROWS)} == {"true", "false", "graph", "conditional"}
    assert all(build.__doc__ for build in (ROWS | VARIANTS).values())


@pytest.mark.parametrize("name", named("true"))
def test_true_ones_are_proved(name):
    assert isinstance(judged_row(name).graph, Proved)


def test_nearly_all_true_ones_are_proved():
    proved = [name for name in named("true") if isinstance(judged_row(name).graph, Proved)]
    assert len(named("true")) + len(NOT_YET) == ALL_TRUE
    assert len(proved) >= 0.95 * ALL_TRUE


@pytest.mark.parametrize("name", named("false"))
def test_false_ones_are_refuted(name):
    assert isinstance(judged_row(name).graph, Refuted)
    assert built(name).correct is not None


@pytest.mark.parametrize("name", named("graph"))
def test_some_hold_on_the_graph_only(name):
    judgement = judged_row(name)
    assert (type(judgement.graph), type(judgement.formal)) == (Proved, Refuted)


@pytest.mark.parametrize("name", named("conditional"))
def test_conditional_ones_hold_in_the_special_case_only(name):
    row = built(name)
    assert isinstance(judged_row(name).graph, Refuted)
    assert isinstance(judged(row.special.d, row.special.left, row.special.right).graph, Proved)


@pytest.mark.parametrize("name", right_formulas())
def test_the_right_formula_is_proved(name):
    row = built(name)
    judgement = judged(row.d, row.left, row.correct)
    assert isinstance(judgement.graph, Proved)
    assert isinstance(judgement.formal, Proved) or row.expected != "graph"


@pytest.mark.parametrize("name", [name for name in named("true") + right_formulas() if name not in named("graph")])
def test_a_double_of_what_is_proved_is_refuted(name):
    """So that none is proved because it says nothing; where both sides are zero on the graph, the formal sense tells."""
    row = built(name)
    judgement = judged(row.d, row.left, 2 * (row.right if row.expected == "true" else row.correct))
    assert judgement.trivial == (name == "bn_sum_split")
    assert isinstance(judgement.formal if judgement.trivial else judgement.graph, Refuted)


def test_a_sum_of_differences_needs_no_mean():
    assert isinstance(judged_row("bn_sum_split").formal, Proved)


@pytest.mark.parametrize("name", ["bn_mean_lost_sum", "ln_centred_wrong_index", "words_observed_loose_index"])
def test_an_index_on_one_side_only_is_no_excuse(name):
    row = built(name)
    assert free_indices(row.left) != free_indices(row.right)
    assert isinstance(judged_row(name).graph, Refuted)


@pytest.mark.parametrize("name", VARIANTS)
def test_other_forms_of_true_ones_are_proved(name):
    assert isinstance(judged_row(name).graph, Proved)
