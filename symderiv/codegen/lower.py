"""Kernels: NumPy functions made from terms, and modules made from the definitions and the proved claims of a page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from inspect import getsource
from textwrap import wrap
from typing import Any, Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from sympy import Expr, Symbol, lambdify

from symderiv.codegen.axes import Axes
from symderiv.codegen.body import Body
from symderiv.codegen.expressions import WIDTH
from symderiv.codegen.identifiers import adjoint_names, python_names
from symderiv.codegen.plan import Gradient, Plan, for_arrays, plan_of, sizes_in_shapes, term_for_arrays, used
from symderiv.codegen.printer import KernelPrinter, Scope, told_code
from symderiv.errors import PageError, TermError
from symderiv.faces.judged import Formula, JudgedPage, JudgedStep
from symderiv.kernels.checks import CHECKS
from symderiv.kernels.functions import FUNCTIONS
from symderiv.language.claim import Derivation
from symderiv.language.program import Program, Variable, head_of
from symderiv.language.terms import Label, Total

IMPORTS = """from __future__ import annotations

{math}from typing import Any

import numpy as np
{sliding}from numpy.typing import ArrayLike, NDArray
"""
SLIDING = "from numpy.lib.stride_tricks import sliding_window_view\n"


def kernel_function(program: Program, term: Expr, axes: Axes = (), features: bool = False) -> Callable[..., Any]:
    """A term as a function of the arrays that it reads, by keyword: a name of the page as `python_names` has it, `dy` for the adjoint of y.

    Fails when the term has no NumPy form, or has a size that none of the arrays' shapes tells.
    """
    program = for_arrays(program)
    term, axes = term_for_arrays(term, axes, program)
    called = python_names(program)
    adjoints = adjoint_names(called)
    parts = set(used(term))
    totals = [p for p in parts if isinstance(p, Total)]
    variables = {name: program.variable(h) for h, name in called.items() if h in parts - set(program.sizes)}
    variables |= {adjoints[head_of(t.args[1])]: program.variable(head_of(t.args[1])) for t in sorted(totals, key=str)}
    arrays = {name: v for name, v in variables.items() if v is not None}
    most = max((n for n, v in arrays.items() if not isinstance(v.head, Label)), key=lambda name: len(arrays[name].indices), default="")
    known = {h: n for h, n in called.items() if h not in program.sizes}
    for size, told in sizes_in_shapes(program.sizes, arrays).items():
        known[size] = told.length if told.is_direct else f"int({told_code(told, known)})"
    rank = f"({most}.ndim - {len(arrays[most].indices)})" if most else "0"
    scope = Scope(program, known, adjoints, totals[0].args[0] if totals else None, features, f"{most}.dtype", rank)
    names = {"np": np, "math": math, "sliding_window_view": sliding_window_view} | {f.__name__: f for f in FUNCTIONS}
    return lambdify(list(arrays), term, modules=[names], printer=KernelPrinter(scope, axes))


class Page(Protocol):
    """What is asked of a page here."""

    @property
    def name(self) -> str: ...

    @property
    def derivations(self) -> tuple[Derivation, ...]: ...


def module_source(page: Page, judged: JudgedPage) -> str | None:
    """The module for the kernel that a page declares; None if it declares none.

    Fails when it declares several, or its kernel is not made of proved claims.
    """
    if judged.error is not None:
        raise PageError(judged.error)
    declared = [(d, j, k) for d, j in zip(page.derivations, judged.derivations, strict=True) for k in d.kernels]
    if len(declared) > 1:
        raise PageError(f"{page.name}: {len(declared)} kernels are declared; a page makes one module, so declare one.")
    for derivation, drawn, kernel in declared:
        try:
            return source(plan_of(derivation, drawn, kernel.labels, kernel.features), judged.name)
        except TermError as error:
            raise PageError(f"kernel: {error}") from error
    return None


def source(plan: Plan, name: str) -> str:
    """The text of a module with `forward` and `backward`; `name` is the page's."""
    names = python_names(plan.program)
    functions = [_forward(plan, names), _backward(plan, names)]
    text = "\n\n\n".join("\n".join(lines) for lines in functions)
    helpers = [getsource(f) for f in (*CHECKS, *FUNCTIONS) if f"{f.__name__}(" in text]
    has_math = "math." in "".join((text, *helpers))
    imports = IMPORTS.format(math="import math\n" if has_math else "", sliding=SLIDING if "sliding_window_view(" in text else "")
    return "\n\n".join(["\n".join(_heading(plan, name)) + f"\n\n{imports}", f"{text}\n", *helpers])


def _heading(plan: Plan, name: str) -> Iterator[str]:
    """The module's docstring: definitions, formulas with their verdicts, the source of the derivation."""
    judged = plan.judged
    yield f'"""{_plain(judged.title)}: a kernel in NumPy.'
    yield ""
    yield f"Written by `python -m symderiv kernel {name}`; change derivations/{name}.py, not this file."
    yield from _wrapped(f"Source: {judged.source}." if judged.source else "", "")
    yield ""
    yield "Given:"
    for what, kind in judged.declarations:
        yield from _wrapped(f"{what.text}: {kind}", "    ")
    yield ""
    yield "Definitions:"
    for definition in judged.definitions:
        yield from _wrapped(definition.text, "    ")
    yield ""
    yield f"Gradients, each proved {_for_every(plan.program)}, step by step:"
    for gradient in plan.order:
        yield from _statement(gradient)
    yield '"""'


def _statement(gradient: Gradient) -> Iterator[str]:
    """A proved formula with what its proof needed."""
    steps = gradient.judged.steps
    yield from _wrapped(f"{steps[0].left.text} = {steps[-1].right.text}", "    ")
    formally = all(s.formal == "proved" for s in steps)
    yield from _wrapped(f"claim {gradient.claim.label}: proved{'' if formally else ' after the definitions are put in'}", "        ")
    for word, parts in (("where", _once(steps, "side_conditions")), ("assuming", _once(steps, "assumptions"))):
        yield from _wrapped(f"{word} {', '.join(p.text for p in parts)}" if parts else "", "        ")


def _once(steps: Iterable[JudgedStep], what: str) -> list[Formula]:
    return list(dict.fromkeys(part for step in steps for part in getattr(step, what)))


def _for_every(program: Program) -> str:
    return f"for every {', '.join(s.name for s in program.sizes)} >= 1" if program.sizes else "for the sizes given"


def _plain(text: str) -> str:
    """Text fit for a docstring."""
    return text.replace("\\", "\\\\").replace('"', "'")


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(
        _plain(text), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ", break_long_words=False, break_on_hyphens=False
    )


def _forward(plan: Plan, names: dict[Symbol, str]) -> list[str]:
    results = {names[v.head]: v for v in plan.outputs}
    body = Body(plan, names, tuple(v.head for v in plan.outputs), ())
    return body.function("forward", results, f"The {_listed(results)} of the definitions above.")


def _backward(plan: Plan, names: dict[Symbol, str]) -> list[str]:
    body = Body(plan, names, (), plan.order)
    results = {body.adjoints[g.head]: g.variable for g in plan.gradients}
    given = f", given its {_named(body.cotangents)}" if body.cotangents else ""
    return body.function("backward", results, f"The {_named(results)} of an objective{given}.")


def _named(gradients: dict[str, Variable]) -> str:
    return f"gradient{'s' * (len(gradients) > 1)} {_listed(gradients)}"


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
