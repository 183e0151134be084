"""Derivatives as more equations: the reverse sweep, on index notation.

`∂f/∂v` on a program is the sum, over the equations c that use v directly, of `∂f/∂c · ∂c/∂v`. Each such derivative
becomes a node of its own, so that a step can be judged with derivatives as atoms and unfolded where it must be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace as with_changes
from functools import lru_cache

from sympy import Add, Basic, Expr, Integer, Max, Min, Mul, Ne, Pow, Symbol, UnevaluatedExpr, log, sign
from sympy.core.relational import Relational

from symderiv.errors import TermError
from symderiv.language.functions import BY_VALUE, KINKED, SLOPES, stop_gradient
from symderiv.language.kept import Held, kept
from symderiv.language.positions import surely_within
from symderiv.language.program import Equation, Program, Variable, foundations, head_of
from symderiv.language.terms import (
    Apply,
    Beyond,
    Delta,
    Determinant,
    Element,
    Index,
    Inverse,
    Over,
    Partial,
    Product,
    Sum,
    Total,
    Where,
    beyond,
    check_free,
    free_indices,
    names,
    replace,
    rewritten,
    subterms,
)

LETTERS = "ijklnpqrst"

Derivative = type[Total] | type[Partial]
Kinds = type[Basic] | tuple[type[Basic], ...]


@dataclass(frozen=True)
class Sweep:
    """What each derivative that has a node stands for. `by_value`: the slope of a node v = tanh(z) is 1 - v², not 1 - tanh(z)²."""

    meant: dict[Symbol, Expr] = field(default_factory=dict)
    by_value: bool = False


@dataclass(frozen=True)
class Lowered:
    """A term without derivatives, over a program that defines each derivative."""

    term: Expr
    program: Program


def lower_derivatives(term: Expr, program: Program, sweep: Sweep) -> Lowered:
    """Replace each derivative in a term by an element of a node that is defined at the program's end.

    The sweep tells of such nodes that the program has already, and learns of new ones.
    Fails when a derivative is w.r.t. something that the program does not know, or of a function without a slope.
    """
    lowered, program = _lowered(term, program, sweep)
    check_free(term, lowered)
    return Lowered(lowered, program)


def spelled(term: Expr, program: Program, meant: Mapping[Symbol, Expr]) -> Expr:
    """A term with each node that stands for a derivative written as this."""

    def derivative(part: Basic) -> Basic | None:
        head, at = (part.head, part.at) if isinstance(part, Element) else (part, ())
        variable = program.variable(head) if head in meant else None
        fits = variable is not None and len(variable.indices) == len(at)
        return replace(meant[head], dict(zip(variable.indices, at, strict=True))) if variable is not None and fits else None

    return rewritten(term, derivative)


def lower_definitions(program: Program, sweep: Sweep) -> Program:
    """The same program with derivatives in its definitions replaced too."""
    for equation in program.equations:
        body, program = _lowered(equation.body, program, sweep)
        if body != equation.body:
            swapped = tuple(Equation(e.variable, body) if e.head == equation.head else e for e in program.equations)
            program = with_changes(program, equations=swapped)
    return program


def _lowered(term: Expr, program: Program, sweep: Sweep) -> tuple[Expr, Program]:
    if not _has_derivatives(term):
        return term, program
    if isinstance(term, (Total, Partial)):
        of, program = _lowered(term.args[0], program, sweep)
        return _node_for(type(term), of, term.args[1], program, sweep)
    args = []
    for argument in term.args:
        lowered, program = _lowered(argument, program, sweep)
        args.append(lowered)
    return (type(term)(*args) if isinstance(term, Over) else term.func(*args)), program


@lru_cache(maxsize=50_000)
def _has_derivatives(term: Basic) -> bool:
    return isinstance(term, (Total, Partial)) or any(map(_has_derivatives, term.args))


def _node_for(kind: Derivative, of: Expr, wrt: Expr, program: Program, sweep: Sweep) -> tuple[Expr, Program]:
    """The element that stands for a derivative, and the program in which it has an equation."""
    variable = program.variable(head_of(wrt))
    if variable is None:
        raise TermError(f"a derivative w.r.t. {wrt}, which this page does not declare")
    positions = wrt.at if isinstance(wrt, Element) else ()
    free = sorted(free_indices(of), key=lambda i: (i.level, i.name))
    formal = _formal_indices(free, "'")
    general = replace(of, dict(zip(free, formal, strict=True)))
    behind = _formal_indices(variable.indices, '"')
    target = Element(variable.head, *behind) if behind else variable.head
    head = _name_for(kind(general, target), program, sweep)
    if head not in sweep.meant:
        sweep.meant[head] = kind(general, target)  # from here on, since in a recurrence the body refers to it
        try:
            body, program = _body(kind, general, target, program, sweep)
        except TermError:
            del sweep.meant[head]
            raise
        program = program.extended(equations=(Equation(Variable(head, (*formal, *behind)), body),))
    return (Element(head, *free, *positions) if free or positions else head), program


def _name_for(derivative: Expr, program: Program, sweep: Sweep) -> Symbol:
    """The symbol that stands for a derivative, a new one if it has none."""
    of, wrt = derivative.args
    head = Symbol(f"{'d' if isinstance(derivative, Total) else 'p'}({of}; {wrt})", real=True)
    while sweep.meant.get(head) != derivative and (
        head in sweep.meant or program.is_taken(head.name)
    ):  # another derivative, or an input, is called so
        head = Symbol(head.name + "'", real=True)
    return head


def _formal_indices(indices: Iterable[Index], mark: str) -> tuple[Index, ...]:
    """The same ranges under names that no page can use."""
    formal: list[Index] = []
    swap: dict[Basic, Basic] = {}
    for n, index in enumerate(indices):
        formal.append(Index(f"{LETTERS[n % len(LETTERS)]}{mark}{n}", replace(index.lower, swap), replace(index.upper, swap)))
        swap[index] = formal[-1]
    return tuple(formal)


def _body(kind: Derivative, of: Expr, wrt: Expr, program: Program, sweep: Sweep) -> tuple[Expr, Program]:
    if kind is Partial:
        equation = program.equation(head_of(of))
        if equation is None:
            raise TermError(f"{of} has no definition to take a partial derivative of")
        return _slope(equation, of.at if isinstance(of, Element) else (), wrt, sweep), program
    parts = [partial(of, wrt)]
    wanted = _ancestors(of, program, sweep)
    for equation in program.equations:
        if equation.head not in wanted or head_of(wrt) not in _rests_on(equation, sweep):
            continue
        if head_of(of) == equation.head and equation.head not in program.recurrent:
            parts.append(_slope(equation, of.at if isinstance(of, Element) else (), wrt, sweep))
            continue
        indices = _formal_indices(equation.variable.indices, "~")
        at = Element(equation.head, *indices) if indices else equation.head
        inner = _slope(equation, indices, wrt, sweep)
        outer, program = _node_for(Total, of, at, program, sweep)
        parts.append(_chained(outer, inner, indices, program))
    return kept(Add, *parts), program


def _chained(outer: Expr, inner: Expr, indices: tuple[Index, ...], program: Program) -> Expr:
    """The product of two derivatives, summed over the entries between them, or at the one entry that the first derivative reads."""
    equation = program.equation(head_of(outer))
    read = equation.at(outer.at) if equation is not None and isinstance(outer, Element) else Integer(1)
    swap = {i: at for i in indices if (at := _only_at(read, i)) is not None}
    left = [i for i in indices if i not in swap]
    if any(free_indices(i) & swap.keys() for i in left) or any(free_indices(at) & {*indices} for at in swap.values()):
        swap, left = {}, list(indices)
    found = replace(outer * inner, swap)
    return Sum(found, *left) if left else found


def _only_at(term: Expr, index: Index) -> Expr | None:
    """The position of an index at which a product with a delta is not 0; none where no delta tells."""
    return next((part.args[0] for part in Mul.make_args(term) if isinstance(part, Delta) and part.args[1] == index), None)


def _sum(term: Expr, wrt: Expr) -> Expr:
    """The derivative of a sum: at the one position that reads the operand, where it is sure that the sum has that."""
    index, parts = term.index, []
    for part in Add.make_args(partial(term.body, wrt)):
        at = next((p.args[1] for p in Mul.make_args(part) if isinstance(p, Delta) and p.args[0] == index and p.args[1] in wrt.args), None)
        there = at is not None and surely_within(at, index.lower, index.upper)
        parts.append(replace(part, {index: at}) if there else Sum(part, index))
    return kept(Add, *parts)


def _slope(equation: Equation, at: tuple[Expr, ...], wrt: Expr, sweep: Sweep) -> Expr:
    """The derivative of a definition w.r.t. an operand.

    A derivative has a value where what is differentiated has one, so it varies as if 0 times that stood beside it.
    """
    body = equation.at(at)
    if sweep.by_value and type(body) in BY_VALUE:
        slope = BY_VALUE[type(body)](Element(equation.head, *at) if at else equation.head) * partial(body.args[0], wrt)
    else:
        slope = partial(body, wrt)
    if equation.head not in sweep.meant:
        return slope
    of = replace(sweep.meant[equation.head].args[0], dict(zip(equation.variable.indices, at, strict=True)))
    return slope + Held(Integer(0)) * partial(of, wrt)


def _rests_on(equation: Equation, sweep: Sweep) -> frozenset[Symbol]:
    """The names in a definition; of a derivative, those in what is differentiated too."""
    found = names(equation.body)
    return found | names(sweep.meant[equation.head].args[0]) if equation.head in sweep.meant else found


def _ancestors(term: Expr, program: Program, sweep: Sweep) -> frozenset[Symbol]:
    """The nodes that a term depends on; through derivatives, on those that what is differentiated depends on."""
    found: frozenset[Symbol] = frozenset()
    new = names(term)
    while not new <= found:
        found = foundations(found | new, program)
        new = frozenset().union(*(names(sweep.meant[head].args[0]) for head in found & sweep.meant.keys()))
    return found


@lru_cache(maxsize=20_000)
def partial(term: Expr, wrt: Expr) -> Expr:
    """The derivative of a term w.r.t. a symbol or an element, every other name held; deltas tell positions apart."""
    if head_of(wrt) not in names(term):
        return Integer(0)
    if isinstance(term, Element):
        pairs = zip(term.at, wrt.at, strict=True)
        return Mul(*(Delta(a, b) for a, b in pairs)) if term.head == wrt.head else Integer(0)
    for kind, row in STRUCTURE.items():
        if isinstance(term, kind):
            return row(term, wrt)
    if type(term) in SLOPES:
        return SLOPES[type(term)](term.args[0]) * partial(term.args[0], wrt)  # it asks for no more than the function does
    raise TermError(f"{type(term).__name__} has no slope in the table of functions")


def _product(term: Expr, wrt: Expr) -> Expr:
    parts = []
    for n, factor in enumerate(term.args):
        rest = [*term.args[:n], *term.args[n + 1 :]]
        parts.append(Mul(*rest, partial(factor, wrt)))
    return kept(Add, *parts)


def _power(term: Expr, wrt: Expr) -> Expr:
    base, exponent = term.args
    slope, inner = exponent * base ** (exponent - 1), partial(base, wrt)
    of_base = slope * inner if exponent.is_integer else kept(Mul, slope, inner)  # a root has a value at 0, and its slope has none
    return kept(Add, of_base, log(base) * term * partial(exponent, wrt)) if head_of(wrt) in names(exponent) else of_base


def _extremum(term: Expr, wrt: Expr) -> Expr:
    first, *rest = term.args
    if _is_stepwise(term, wrt):
        return _jumps(term, wrt)
    other, jumps = type(term)(*rest), _jumps(term, wrt)
    ahead = first - other if isinstance(term, Max) else other - first
    above, below = (Integer(0) if _is_stepwise(part, wrt) else partial(part, wrt) for part in (first, other))
    slope = beyond(-ahead, below, above) if ahead.could_extract_minus_sign() else beyond(ahead, above, below)
    plain = 0 not in (above, below) and not any(isinstance(p, Delta) for side in (above, below) for p in subterms(side))
    return (Where(Ne(above, below), slope, above) if plain else slope) + jumps  # with one slope a tie is no kink


def _kinked(term: Expr, wrt: Expr) -> Expr:
    """A function with a kink or a jump at 0; of what is constant but for jumps only these are left."""
    (z,) = term.args
    return _jumps(term, wrt) if _is_stepwise(z, wrt) else kept(Mul, SLOPES[type(term)](z), partial(z, wrt))


def _delta(term: Expr, wrt: Expr) -> Expr:
    if not _is_stepwise(term, wrt):
        raise TermError(f"Delta has no row in the table of partial derivatives w.r.t. {wrt}, which it compares")
    return _jumps(term, wrt)


def _cases(term: Expr, wrt: Expr) -> Expr:
    condition, then, otherwise = term.args
    return _cased(condition, partial(then, wrt), partial(otherwise, wrt), wrt)


def _cased(condition: Relational, then: Expr, otherwise: Expr, wrt: Expr) -> Expr:
    """One value where a condition holds, else another, and none where the condition may change when an operand is varied."""
    jumps = kept(Add, *(_jumps(side, wrt) for side in condition.args))
    if all(_is_stepwise(side, wrt) for side in condition.args):
        return jumps + (Where(condition, then, otherwise) if (then, otherwise) != (0, 0) else 0)
    if condition.rel_op in ("==", "!="):
        away = otherwise if condition.rel_op == "==" else then
        return jumps + beyond(condition.lhs - condition.rhs, away, away)
    return jumps + beyond(condition.gts - condition.lts, then, otherwise)


@lru_cache(maxsize=20_000)
def _is_stepwise(term: Expr, wrt: Expr) -> bool:
    """Whether a term is constant but for jumps when an operand is varied. False is 'not shown'."""
    if head_of(wrt) not in names(term) or isinstance(term, (sign, Beyond, stop_gradient)):
        return True
    if isinstance(term, (Symbol, Element)):
        return False
    parts = term.args[1:] if isinstance(term, Where) else term.args[:1] if isinstance(term, Over) else term.args
    return all(_is_stepwise(part, wrt) for part in parts)


@lru_cache(maxsize=20_000)
def _jumps(term: Expr, wrt: Expr) -> Expr:
    """0, without a value where a term may jump when an operand is varied: where what a sign or a case looks at is 0."""
    if head_of(wrt) not in names(term) or isinstance(term, (Symbol, Element, stop_gradient)):
        return Integer(0)
    if isinstance(term, Over):
        inside = _jumps(term.body, wrt)
        return Sum(inside, term.index) if inside != 0 else inside
    if isinstance(term, Where):
        condition, then, otherwise = term.args
        return _cased(condition, _jumps(then, wrt), _jumps(otherwise, wrt), wrt)
    inside = kept(Add, *(_jumps(part, wrt) for part in term.args))
    if isinstance(term, sign) and not _is_stepwise(term.args[0], wrt):
        return inside + SLOPES[sign](term.args[0]) * partial(term.args[0], wrt)  # what is looked at may have kinks of its own
    return inside + beyond(term.args[0], 0, 0) if isinstance(term, Beyond) else inside


STRUCTURE: dict[Kinds, Callable[[Expr, Expr], Expr]] = {
    Symbol:          lambda t, v: Integer(1) if t == v else Integer(0),
    Index:           lambda t, v: Integer(0),
    Add:             lambda t, v: kept(Add, *(partial(a, v) for a in t.args)),
    Mul:             _product,
    Pow:             _power,
    UnevaluatedExpr: lambda t, v: partial(t.args[0], v),
    Sum:             _sum,
    Product:         lambda t, v: t * Sum(partial(t.body, v) / t.body, t.index),
    Apply:           lambda t, v: Apply(t.head, t.args[1], t.order + 1) * partial(t.args[1], v),
    Inverse:         lambda t, v: -Inverse(t.head, t.at[0], v.at[0]) * Inverse(t.head, v.at[1], t.at[1]),
    Determinant:     lambda t, v: t * Inverse(t.head, v.at[1], v.at[0]),
    stop_gradient:   lambda t, v: Integer(0),
    Delta:           _delta,
    Where:           _cases,
    (Max, Min):      _extremum,
    KINKED: _kinked,
}  # fmt: skip
