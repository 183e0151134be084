"""Every proved step of every page, damaged: each damage is refuted, proved equivalent, or listed here with the reason why it is neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from mpmath import mp, mpf
from plain import NoValue, positions, value
from sympy import Symbol

from symderiv.errors import SymderivError
from symderiv.faces.judged import Damages
from symderiv.judging.sensitivity import damage, load
from symderiv.judging.verify import judge
from symderiv.language.claim import Step, sizes_of
from symderiv.language.program import Program, Variable, check_member
from symderiv.language.terms import Label, names
from symderiv.repair.edits import edited, scope_of

pytestmark = pytest.mark.slow

PAGES = sorted(Path("derivations").glob("*.py"))
SEARCH = "false, and not found to be: with so many indices the deltas in it hit too rarely"
DRAWN = "false, and not found to be: it takes a negative advantage and a small ratio of probabilities together"
NO_VALUE = "one side asks for the log or power of what is never positive, or divides by zero: there is no point to compare at"
ZEROS = "true: what is summed is zero, but the sum is joined with the one inside before that can show"

# Page, claim, edit: how many damages are neither refuted nor proved equivalent, and why.
NEITHER: dict[tuple[str, str, str], tuple[int, str]] = {
    ("average_pooling", "one pixel", "factor"):                    (3, SEARCH),
    ("average_pooling", "one pixel", "sign"):                      (2, SEARCH),
    ("batchnorm_2d", "mean", "added sum"):                         (1, ZEROS),
    ("convolution_2d", "taps", "dropped sum"):                     (1, SEARCH),
    ("focal_loss", "logit", "sign"):                               (1, NO_VALUE),
    ("focal_loss", "probability", "sign"):                         (3, NO_VALUE),
    ("group_norm", "mean", "added sum"):                           (2, ZEROS),
    ("max_pooling", "every pixel", "factor"):                      (1, SEARCH),
    ("max_pooling", "one pixel", "addend"):                        (2, SEARCH),
    ("max_pooling", "one pixel", "factor"):                        (4, SEARCH),
    ("max_pooling", "one pixel", "sign"):                          (4, SEARCH),
    ("maximum_likelihood", "Bernoulli log-likelihood", "sign"):    (2, NO_VALUE),
    ("maximum_likelihood", "log-likelihood", "symbol"):            (1, NO_VALUE),
    ("ppo", "clipped objective", "addend"):                        (1, DRAWN),
    ("ppo", "clipped objective", "factor"):                        (1, DRAWN),
}  # fmt: skip


@pytest.fixture(scope="module")
def tally() -> Counter[str]:
    return Counter()


@pytest.mark.parametrize("path", PAGES, ids=[p.stem for p in PAGES])
def test_damages(path, tally):
    page = load(str(path))
    neither: Counter[tuple[str, str, str]] = Counter()
    for k, (n, step) in enumerate(page.steps):
        program = page.derivations[n].program
        if judge(page, k).verdict != "proved" or sizes_of(step.left):
            continue
        label = next(c.label for c in page.derivations[n].claims if step in c.steps)
        for edit, wrong in fitting(step, program):
            found: Damages = damage(step, wrong, edit, program, page.known[n])
            tally["refuted"] += found.refuted
            tally["equivalent"] += len(found.equivalent)
            neither[path.stem, label, edit] += len(found.unknown)
            if found.equivalent and not program.constraints:
                assert agree(step.left, wrong, program), f"{label}: {step.left} = {wrong} is proved"
    expected = {key: count for key, (count, _) in NEITHER.items() if key[0] == path.stem}
    assert {key: count for key, count in neither.items() if count} == expected


def test_there_were_enough(tally):
    assert tally["refuted"] > 10_000
    assert tally["equivalent"] < tally["refuted"] / 50


def fitting(step: Step, program: Program) -> Iterator[tuple[str, Any]]:
    """The damages of a step that are terms of the page."""
    for edit, wrong in edited(step.right, scope_of(program, step.left, step.right)):
        try:
            check_member(program, wrong)
        except SymderivError:
            continue
        yield edit, wrong


def agree(left: Any, right: Any, program: Program) -> bool:
    """Whether both sides are the same to many digits at a random point, by the evaluator that knows neither judge."""
    fixed = drawn(program, Random(str(right)))
    with mp.workdps(60):
        for at in islice(positions(left + right, program, fixed), 2):
            try:
                a, b = value(left, program, fixed, at), value(right, program, fixed, at)
            except NoValue:
                continue
            if abs(a - b) > mpf(10) ** -9 * (1 + abs(a)):
                return False
    return True


def drawn(program: Program, random: Random) -> dict[Any, Any]:
    """Sizes of 1 to 3, fewer of them the more there are, and values for every input."""
    assumed = dict(program.assumptions)
    few = (3, 2, 2) if len(program.sizes) < 4 else (1, 2, 1, 2)
    fixed: dict[Any, Any] = {(s,): mpf(few[n % len(few)]) for n, s in enumerate(program.sizes) if s not in assumed}
    for _ in program.sizes:
        fixed |= {(s,): value(assumed[s], program, fixed) for s in program.sizes if s in assumed and known(assumed[s], fixed)}
    for variable in (*program.inputs, *program.cotangents):
        for place in places(variable, program, fixed):
            fixed[variable.head, *place] = entry(variable.head, program, fixed, random)
    fixed |= {(head, k): mpf(random.randint(-9, 9)) / 7 for head in program.functions for k in range(8)}
    return fixed


def known(term: Any, fixed: dict[Any, Any]) -> bool:
    return all((s,) in fixed for s in names(term))


def places(variable: Variable, program: Program, fixed: dict[Any, Any]) -> Iterator[tuple[int, ...]]:
    ends = [(int(value(i.lower, program, fixed)), int(value(i.upper, program, fixed))) for i in variable.indices]
    return product(*(range(lower, upper + 1) for lower, upper in ends))


def entry(head: Symbol, program: Program, fixed: dict[Any, Any], random: Random) -> Any:
    if isinstance(head, Label):
        return mpf(random.randint(int(value(head.lower, program, fixed)), int(value(head.upper, program, fixed))))
    if head.is_integer:
        return mpf(random.randint(1 if head.is_positive else 0, 3))
    drawn = mpf(random.randint(1, 60)) / 61
    return drawn if head.is_nonnegative else drawn * random.choice((1, -1))
