"""Can the judges say no? Each proved step is damaged in the standard ways, and each damage must be refuted or proved equivalent."""

from __future__ import annotations

from dataclasses import dataclass

from symderiv.claim import Step
from symderiv.decide import Known, decide
from symderiv.edits import edited, scope_of
from symderiv.errors import SymderivError
from symderiv.notation import text
from symderiv.program import Program, check_member
from symderiv.refute import refute
from symderiv.verdict import Proved, Refuted


@dataclass(frozen=True)
class Sensitivity:
    """What became of the damages of a step: how many were refuted, which were proved equivalent, which are neither."""

    refuted: int = 0
    equivalent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def __add__(self, other: Sensitivity) -> Sensitivity:
        return Sensitivity(self.refuted + other.refuted, self.equivalent + other.equivalent, self.unknown + other.unknown)

    @property
    def damages(self) -> int:
        return self.refuted + len(self.equivalent) + len(self.unknown)


def damage(step: Step, program: Program, known: Known | None = None) -> Sensitivity:
    """Judge every standard damage of a step's right member against its left one."""
    found = Sensitivity()
    for name, wrong in edited(step.right, scope_of(program, step.left, step.right)):
        try:
            check_member(program, wrong)
        except SymderivError:
            continue
        if isinstance(refute(step.left, wrong, program), Refuted):
            found += Sensitivity(refuted=1)
            continue
        said = f"{name}: {text(step.left)} = {text(wrong)}"
        proved = isinstance(decide(step.left, wrong, program, known).graph, Proved)
        found += Sensitivity(equivalent=(said,)) if proved else Sensitivity(unknown=(said,))
    return found
