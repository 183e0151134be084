"""What a page takes for granted, put in: values, and what holds of whole inputs as rules of the normal form; inverses too."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import partial
from itertools import product

from sympy import Expr, Integer, Symbol

from symderiv.language.constraints import EXTREMES, Constraint, values
from symderiv.language.functions import sigmoid
from symderiv.language.program import Equation, Program, foundations, head_of
from symderiv.language.terms import Delta, Element, Index, Label, Ranged, Sum, free_indices, names
from symderiv.proof.context import Context, Definitions, Given, Rule
from symderiv.proof.flags import delta
from symderiv.proof.monomials import all_gens
from symderiv.proof.normal import entry_gen, index_gen, normal
from symderiv.proof.poly import Gen, Kind, Poly, merge, single
from symderiv.proof.replacing import opened, rebuild
from symderiv.proof.side import HIDDEN, INVERSES, Side, definition_of, given_at, inverted


def takes_for_granted(side: Side) -> tuple[tuple[tuple[Expr, Expr], ...], tuple[Constraint, ...], bool]:
    """What the page assumes of what the difference mentions: values, constraints, and whether an input has a range."""
    program = side.program
    mentioned = {g.head for g in all_gens(side.left - side.right) if g.kind in (Kind.SCALAR, Kind.ELEMENT, *INVERSES, Kind.DETERMINANT)}
    for what, value in program.assumptions * len(program.assumptions):
        if head_of(what).name in mentioned:
            mentioned |= {symbol.name for symbol in names(value)}
    values = tuple((what, value) for what, value in program.assumptions if head_of(what).name in mentioned)
    mentioned |= {head.name for head in _under_inverses(side)}
    constraints = tuple(c for c in program.constraints if {h.name for h in c.heads} & mentioned)
    return values, constraints, any(isinstance(v.head, Ranged) and v.head.name in mentioned for v in program.inputs)


def mirrored_matrices(side: Side, assumed: dict[str, int]) -> dict[str, int]:
    """The matrices that change by a sign only when their indices are exchanged: as assumed; symmetric ones by definition too.

    Of the latter, those whose inverse is taken and what these are made of.
    """
    known = dict(assumed)
    wanted = _under_inverses(side)
    for equation in side.program.equations:
        if (
            equation.head in wanted
            and len({(i.lower, i.upper) for i in equation.variable.indices}) == 1 < len(equation.variable.indices) < 3
        ):
            algebra = replace(side.algebra, given=Given((), dict(known)))
            (i, j), (_, body, _) = (index_gen(i, algebra) for i in equation.variable.indices), definition_of(equation)
            if rebuild(algebra, body, {}, None, 1) == rebuild(algebra, body, {i: single(j), j: single(i)}, None, 1):
                known[equation.head.name] = 1
    return known


def _under_inverses(side: Side) -> frozenset[Symbol]:
    """The matrices whose inverse is taken and all that they rest on."""
    return foundations(inverted(side), side.program)


def inverse_rules(side: Side, mirrored: dict[str, int]) -> tuple[Rule, ...]:
    """Σ_k A[i,k] B[k,j] = δ(i,j) = Σ_k B[i,k] A[k,j] for each inverse B that is mentioned; either turned where A is symmetric."""
    heads = {g.head for poly in (side.left, side.right) for g in all_gens(poly) if g.kind in INVERSES}
    rules = []
    for variable in (v for h in side.program.heads if h.name in heads and (v := side.program.variable(h)) is not None):
        first = variable.indices[0]
        i, j, k = (index_gen(Index(name, first.lower, first.upper), side.algebra) for name in "ijk")
        name, value = variable.head.name, delta(side.algebra, single(i) - single(j))
        of = partial(entry_gen, variable.head, a=side.algebra), partial(Gen, Kind.INVERSE, name)
        for one, other in (of, of[::-1]):
            for turned in product((False, True), repeat=2) if mirrored.get(name) == 1 else ((False, False),):
                (p, q), (r, t) = ((k, i) if turned[0] else (i, k)), ((j, k) if turned[1] else (k, j))
                pattern = merge(((one((single(p), single(q))), 1),), ((other((single(r), single(t))), 1),))
                rests = frozenset({name}) if any(turned) else frozenset()
                rules.append(Rule("inverse", k, pattern, value, frozenset({i, j}), rests=rests))
        equation = side.program.equation(variable.head)
        rules += [] if equation is None else _folding(equation, side.algebra)
    return tuple(rules)


def _folding(equation: Equation, algebra: Context) -> list[Rule]:
    """The sum in a definition as what is defined less the rest of the definition: X'X is H where H = X'X."""
    formal, body, _ = definition_of(equation)
    sums = [(m[0][0], c) for m, c in body.terms.items() if len(m) == 1 and m[0][0].kind is Kind.SUM and m[0][1] == 1]
    if len(sums) != 1 or len(sums[0][0].vars) != 1:
        return []
    gen, c = sums[0]
    (index,), inside = opened(algebra, gen)
    whole = single(entry_gen(equation.head, tuple(single(index_gen(i, algebra)) for i in equation.variable.indices), algebra))
    value = (whole - (body - single(gen).scaled(c))).scaled(1 / c)
    formals = tuple(index_gen(i, algebra) for i in equation.variable.indices)
    return [Rule("inverse", index, inside.lead[0], value.scaled(1 / inside.lead[1]), frozenset(formal), within=formals)]


def given_rules(constraints: Collection[Constraint], side: Side) -> Given:
    """Constraints as rules for the normal form."""
    turned = {c.head.name: -1 if c.kind == "antisymmetric" else 1 for c in constraints if c.kind in ("symmetric", "antisymmetric")}
    mirrored = mirrored_matrices(side, turned)
    rules = tuple(_rule(c, side.algebra) for c in constraints if c.kind not in ("given", "values", "symmetric", "antisymmetric", *EXTREMES))
    return Given((*rules, *inverse_rules(side, mirrored)), mirrored)


def _rule(c: Constraint, algebra: Context) -> Rule:
    index = index_gen(c.what.index, algebra) if isinstance(c.what, Sum) else None
    pattern, scale = normal(c.what.body if isinstance(c.what, Sum) else c.what, algebra).single or ((), 1)
    free = frozenset(index_gen(i, algebra) for i in free_indices(c.what))
    return Rule(c, index, pattern, normal(c.value, algebra).scaled(1 / scale), free)


def assume(side: Side) -> None:
    """Put in the assumed values; one may rest on another, so as often as there are assumptions."""
    define = assumption_definitions(side.program, side.algebra)
    for _ in side.program.assumptions:
        side.rebuilt(define)
    for entry, value in _in_terms_of_what_is_free(side.program):
        formal = [index_gen(i, side.algebra) for i in (entry.at if isinstance(entry, Element) else ())]
        side.rebuilt({head_of(entry).name: partial(given_at, formal, normal(value, side.algebra))})
    if side.program.constraints:
        side.rebuilt(None, 1)  # once more, since the rules tell of sums that were there before


def _in_terms_of_what_is_free(program: Program) -> Iterator[tuple[Expr, Expr]]:
    """Entries of inputs, and what they are made of: given ones; of two values by a label that is 1 or 2; between two by any number."""
    for c in program.constraints:
        if c.kind == "given":
            yield c.what, c.value
        elif (found := values(c.what, c.value)) is not None:
            entry = c.what.base
            which = Label(f"{c.head.name}{HIDDEN}", Integer(1), Integer(2))
            yield entry, found[0] + (found[1] - found[0]) * Delta(_of_shape(which, entry), Integer(2))
    for variable in program.inputs:
        if isinstance(head := variable.head, Ranged):
            inside = _of_shape(Symbol(f"{head.name}{HIDDEN}", real=True), variable.entry)
            yield variable.entry, head.lower + (head.upper - head.lower) * sigmoid(inside)


def _of_shape(head: Symbol, entry: Expr) -> Expr:
    return Element(head, *entry.at) if isinstance(entry, Element) else head


def assumption_definitions(program: Program, algebra: Context) -> Definitions:
    rows: dict[str, dict[tuple[Poly, ...], Poly]] = {}
    for what, value in program.assumptions:
        positions = tuple(normal(p, algebra) for p in (what.at if isinstance(what, Element) else ()))
        rows.setdefault(head_of(what).name, {})[positions] = normal(value, algebra)
    return {name: partial(_assumed_at, row) for name, row in rows.items()}


def _assumed_at(row: dict[tuple[Poly, ...], Poly], _: Context, at: list[Poly]) -> Poly | None:
    return row.get(tuple(at))
