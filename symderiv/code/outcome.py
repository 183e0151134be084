"""What was found of functions, in words: lines for a terminal and for the message of a failing test."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np
from sympy import Basic, Expr

from symderiv.code.finding import function_at
from symderiv.code.prove import prove_equivalent, prove_gradient
from symderiv.code.returns import Result
from symderiv.errors import TraceError
from symderiv.faces.marks import LOOKS, SYMBOLS
from symderiv.language.program import Equation
from symderiv.language.terms import Element, rewritten
from symderiv.language.verdict import Condition, Proved, Refuted, Unknown
from symderiv.notation.notation import text
from symderiv.notation.styles import RELATIONS
from symderiv.proof.conditions import at_all_positions
from symderiv.tracing.examples import Example
from symderiv.tracing.roles import in_words, roles_from_text
from symderiv.tracing.shapes import shapes_from_text

MOST_CONDITIONS = 6
LONGEST_CONDITION = 100


def lines(results: Iterable[Result]) -> Iterator[tuple[str, str]]:
    """Each returned array on a line, with what is to be said of it below; then what parameters were taken for. With each line its look."""
    results = list(results)
    width = max((len(r.name) for r in results), default=0)
    for result in results:
        first, *rest = _told(result)
        yield f"{result.name:<{width}}  {SYMBOLS[result.verdict]} {first}", LOOKS[result.verdict]
        yield from ((f"{'':<{width}}    {line}", "") for line in rest)
    yield from ((f"taken as  {text}", "") for text in dict.fromkeys(in_words(r.binding) for r in results if r.binding is not None))


def proved(
    forward: str, backward: str | None, shapes: str, given: Sequence[str], wrt: str, roles: str, equivalent: bool
) -> tuple[list[str], list[tuple[str, str]]]:
    """The functions named FILE:NAME judged: their verdicts, and the lines that tell of them. Fails with what cannot be found or traced."""
    one, other = function_at(forward), function_at(backward) if backward is not None else None
    told, values = shapes_from_text(shapes), dict(map(_given, given))
    if equivalent and other is not None:
        results = prove_equivalent(one, other, told, values)
    else:
        results = prove_gradient(one, other, told, values, wrt.replace(",", " ").split(), roles_from_text(roles))
    return [r.verdict for r in results], list(lines(results))


def _given(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), ast.literal_eval(value.strip())
    except (ValueError, SyntaxError):
        raise TraceError(f"--given {text}: write NAME=VALUE, the value as Python writes it") from None


def _told(result: Result) -> Iterator[str]:
    if result.misfit:
        yield f"refuted: {result.misfit}"
        return
    graph = result.judgement.graph if result.judgement is not None else None
    if isinstance(graph, Proved):
        yield f"proved: {result.meaning}, {_range(result)}"
        if result.assumptions:
            yield f"assuming {', '.join(result.assumptions)}"
        yield from _aside(result)
        yield from _conditions(graph, result)
        yield from [result.remark] if result.remark else ()
    elif isinstance(graph, Refuted):
        yield f"refuted: not {result.meaning}"
        yield from _shown(result, result.example) if result.example is not None else ()
        yield from [result.remark] if result.remark else ()
        yield from _aside(result)
    elif isinstance(graph, Unknown):
        yield f"unknown whether {result.meaning}: {graph.reason}"
        if graph.evidence:
            yield graph.evidence


def _aside(result: Result) -> Iterator[str]:
    if result.aside:
        yield f"nothing is differentiated through {', '.join(result.aside)}"


def _range(result: Result) -> str:
    """For which sizes a proof holds."""
    sizes = ", ".join(text(s) for s in result.program.sizes)
    every = f"for every {sizes} >= 1" if sizes else "for these shapes"
    return every + (f", with {', '.join(result.fixed)}" if result.fixed else "")


def _conditions(graph: Proved, result: Result) -> Iterator[str]:
    """What the proof needed: divisions, roots and logarithms, kinks."""
    found = list(dict.fromkeys(_condition(c, result) for c in at_all_positions(graph.certificate.conditions)))
    yield from (f"where {c}" for c in found[:MOST_CONDITIONS])
    if len(found) > MOST_CONDITIONS:
        yield f"and {len(found) - MOST_CONDITIONS} conditions more"


def _condition(c: Condition, result: Result) -> str:
    cases = f" where {' and '.join(map(text, c.where))}" if c.where else ""
    terms = [-t if c.relation == "!=" and t.could_extract_minus_sign() else t for t in (_written_out(c.term, result), c.term)]
    ways = [f"{text(term)} {RELATIONS[c.relation]} 0{cases}" for term in terms]
    return ways[0] if len(ways[0]) <= LONGEST_CONDITION else ways[1]


def _written_out(term: Expr, result: Result) -> Expr:
    """A term with the definitions of what the code has no name for."""
    for equation in reversed(result.program.equations):
        if equation.head in result.unnamed:
            term = rewritten(term, partial(_defined, equation))
    return term


def _defined(equation: Equation, part: Basic) -> Expr | None:
    """What an entry is by its definition; none for any other part."""
    at = part.at if isinstance(part, Element) and part.head == equation.head else ()
    return equation.at(at) if at or part == equation.variable.entry else None


def _shown(result: Result, found: Example) -> Iterator[str]:
    arrays = ", ".join(f"{name} = {_array(array)}" for name, array in found.arrays.items())
    yield f"at {arrays}:"
    at = f"[{', '.join(map(str, found.at))}]" if found.at else ""
    run = f" (a run gives {found.run_returned:.6g} and {found.run_right:.6g})" if found.confirmed else ""
    yield f"{result.name}{at} is {found.returned}, and should be {found.right}{run}"


def _array(array: object) -> str:
    return " ".join(np.array2string(np.asarray(array), separator=", ", precision=6).split())
