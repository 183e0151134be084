"""Can the judges say no? Each proved step is damaged in the standard ways, and each damage must be refuted or proved equivalent.

`load`, `draft` and `judge` stand in for those of `verify` where damages are wanted too.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from symderiv.errors import SymderivError
from symderiv.faces.judged import Damages, JudgedStep
from symderiv.judging.verify import Page, draft, judge as judge_alone, load
from symderiv.language.claim import Step, sizes_of
from symderiv.language.program import Program, check_member
from symderiv.language.verdict import Proved, Refuted
from symderiv.notation.notation import text
from symderiv.proof.decide import decide
from symderiv.proof.side import Known
from symderiv.refutation.refute import Survey, refute, survey
from symderiv.repair.edits import edited, scope_of

SHORT = 30_000  # terms evaluated in a short search
MOST_EFFORT = 3_000_000  # for the damages of one step, so that its own verdict is never lost to them
NOT_TRIED = "not tried, those before it took all the work that a step may take"

__all__ = ["damage", "damages_of", "draft", "judge", "load"]


def judge(page: Page, k: int) -> JudgedStep:
    """The k-th step of the page, counted through all of its derivations, with its verdict and its damages."""
    step = judge_alone(page, k)
    n, claimed = page.steps[k]
    if step.verdict != "proved" or step.again or sizes_of(claimed.left):
        return step
    return replace(step, damages=damages_of(claimed, page.derivations[n].program, page.known[n]))


def damages_of(step: Step, program: Program, known: Known | None = None) -> Damages:
    """Judge every standard damage of a step's right member against its left one."""
    found = Damages()
    known = known or Known()
    most = known.effort.done + MOST_EFFORT
    for name, wrong in edited(step.right, scope_of(program, step.left, step.right)):
        try:
            check_member(program, wrong)
        except SymderivError:
            continue
        said = f"{name}: {text(step.left, program.opaque)} = {text(wrong, program.opaque)}"
        tried = known.effort.done < most
        found += damage(step, wrong, said, program, known) if tried else Damages(unknown=(f"{NOT_TRIED}, {said}",))
    return found


def damage(step: Step, wrong: Expr, said: str, program: Program, known: Known) -> Damages:
    """What becomes of one damage, a member in place of the right one; `said` is how it is called.

    A few looks refute most; what they do not refute is tried by both judges in full.
    """
    worlds = known.worlds
    if isinstance(survey(step.left, wrong, program, (), worlds), Refuted):
        return Damages(refuted=1)
    if isinstance(refute(step.left, wrong, program, plainest=False, allowance=SHORT, worlds=worlds), Refuted):
        return Damages(refuted=1)
    graph = decide(step.left, wrong, program, known).graph
    if isinstance(graph, Proved):
        seen = survey(step.left, wrong, program, graph.certificate.conditions, worlds)
        return Damages(equivalent=(said,)) if isinstance(seen, Survey) and seen.points else Damages(unknown=(said,))
    if isinstance(refute(step.left, wrong, program, plainest=False, worlds=worlds), Refuted):
        return Damages(refuted=1)
    return Damages(unknown=(said,))
