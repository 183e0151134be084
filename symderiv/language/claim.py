"""Pages: the declarations, definitions and claims of a derivation, in the order in which a page makes them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace as with_changes
from itertools import chain, count
from types import FunctionType
from typing import TypeAlias, TypedDict, Unpack, overload

from sympy import Add, Basic, Expr, Integer, Mul, Pow, Symbol, Tuple

from symderiv.errors import ShapeError, TermError
from symderiv.language.arrays import Array, beside, distinct, shown
from symderiv.language.constraints import KINDS, constraint_of
from symderiv.language.kept import defined
from symderiv.language.names import text_name
from symderiv.language.positions import surely_within
from symderiv.language.program import Equation, Program, Variable, check_equations, check_member, head_of
from symderiv.language.terms import (
    Apply,
    Delta,
    Element,
    Given,
    Index,
    Label,
    Partial,
    Ranged,
    Shape,
    Sum,
    Total,
    as_term,
    free_indices,
    names,
    subterms,
)
from symderiv.language.words import Expected

MOST_DERIVED = 4  # the highest derivative of an unknown function that a page can write
Face: TypeAlias = Symbol | Array  # what a page works with: the symbol of a scalar, or an array
Member: TypeAlias = Given | Array | tuple[Given, ...]  # what stands between the `=` of a claim: a tuple is a shape, size by size
Body: TypeAlias = Given | Array | Callable[[Face], Given | Array]  # what a definition says; of a recurrence, as a function of it
Dimension: TypeAlias = Index | Given  # of an array: an index that runs along it, or its size


class Signs(TypedDict, total=False):
    """What an input can be assumed to be."""

    positive: bool
    nonnegative: bool
    nonzero: bool
    integer: bool


SIGNS = tuple(Signs.__annotations__)


@dataclass(frozen=True)
class Erratum:
    """A member of a claim that is known to be wrong: the step that ends in it must be refuted."""

    term: Member
    note: str
    expected: Expected = "refuted"


@dataclass(frozen=True)
class Step:
    """One `=` of a claim."""

    left: Expr
    right: Expr
    expected: Expected = "proved"
    note: str = ""


@dataclass(frozen=True)
class Claim:
    """A chain `m0 = m1 = ... = mk` under a label, with the line of the page that states it."""

    label: str
    steps: tuple[Step, ...]
    line: int


@dataclass(frozen=True)
class Kernel:
    """A kernel that a page asks for: the labels of the claims that begin with the gradients wanted, in order.

    With `features`, any number of axes may follow the declared ones.
    """

    labels: tuple[str, ...]
    features: bool = False


@dataclass(frozen=True)
class Objective:
    """The scalar whose gradient is wanted."""

    head: Symbol

    def __add__(self, other: Given | Objective) -> Expr:
        return self.head + (other.head if isinstance(other, Objective) else as_term(other))

    def __sub__(self, other: Given | Objective) -> Expr:
        return self + (-1 * other)

    def __mul__(self, other: Given) -> Expr:
        return self.head * as_term(other)

    __radd__, __rmul__ = __add__, __mul__

    @overload
    def wrt(self, node: Array) -> Array: ...
    @overload
    def wrt(self, node: Expr) -> Total: ...
    def wrt(self, node: Expr | Array) -> Total | Array:
        """Its adjoint: the node is varied, all that depends on it follows, the rest is held. Of an array, the array of adjoints."""
        if isinstance(node, Array):
            return Array(node.indices, Total(self.head, node.body), f"{self.head}.wrt({node.text})")
        return Total(self.head, node)


@dataclass(frozen=True)
class Smooth:
    """A smooth function of one number, of which nothing else is known: `phi(z)`, `phi.derivative(z)`; an array entry by entry."""

    head: Symbol

    @overload
    def __call__(self, z: Array) -> Array: ...
    @overload
    def __call__(self, z: Given) -> Apply: ...
    def __call__(self, z: Given | Array) -> Apply | Array:
        return self.derivative(z, 0)

    @overload
    def derivative(self, z: Array, order: int = 1) -> Array: ...
    @overload
    def derivative(self, z: Given, order: int = 1) -> Apply: ...
    def derivative(self, z: Given | Array, order: int = 1) -> Apply | Array:
        """Its derivative of that order at z."""
        if not isinstance(order, int) or not 0 <= order <= MOST_DERIVED:
            raise TermError(f"{self.head}.derivative(z, {order}): the order is a whole number from 0 to {MOST_DERIVED}.")
        return z.map(lambda entry: self.derivative(entry, order)) if isinstance(z, Array) else Apply(self.head, z, order)


@dataclass
class Gathered:
    """The derivations that the page in a file makes, in order."""

    file: str
    derivations: list[Derivation] = field(default_factory=list)

    def take(self, derivation: Derivation) -> None:
        if all(derivation is not d for d in self.derivations):
            self.derivations.append(derivation)


GATHERED: ContextVar[Gathered | None] = ContextVar("GATHERED", default=None)


@contextmanager
def gathering(file: str) -> Iterator[Gathered]:
    """Gather what a page makes while it runs: named or not, by itself or by what it imports."""
    token = GATHERED.set(gathered := Gathered(file))
    try:
        yield gathered
    finally:
        GATHERED.reset(token)


@dataclass
class Derivation:
    """A derivation under construction. Each method declares, defines or claims one thing and checks it at once.

    `title` and `source` are plain text. Names are LaTeX (`r"\\mu"`, `"W_h"`) or the English names of Greek letters.
    """

    title: str
    source: str = ""
    program: Program = field(default_factory=Program)
    claims: list[Claim] = field(default_factory=list)
    kernels: list[Kernel] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tell()

    def _tell(self) -> None:
        """Let who gathers know of it: when it is made, and when it claims something, since a copy is never made."""
        if (gathered := GATHERED.get()) is not None:
            gathered.take(self)

    def size(self, name: str) -> Symbol:
        """A size: any whole number from 1 on."""
        symbol = Symbol(name, integer=True, positive=True)
        self._extend(Variable(symbol), "sizes", symbol)
        return symbol

    def sizes(self, names: str) -> tuple[Symbol, ...]:
        """Several sizes, their names separated by spaces."""
        return tuple(map(self.size, names.split()))

    def index(self, name: str, upper: Given, lower: Given = 1) -> Index:
        """An index over `lower..upper`; fails when the range may be empty by more than one."""
        lower, upper = as_term(lower), as_term(upper)
        if not (lower.is_integer and upper.is_integer):
            raise TermError(f"the index {name} over {lower}..{upper}: a range ends at whole numbers, whatever the sizes.")
        if real := sorted(s.name for s in names(lower) | names(upper) if not s.is_integer):
            raise TermError(f"the index {name} over {lower}..{upper}: a range does not depend on {real[0]}, a real number.")
        if not surely_within(upper + 1, lower, upper + 1):
            raise TermError(f"the index {name} over {lower}..{upper}: the range may run backwards.")
        return Index(name, lower, upper)

    def indices(self, names: str, upper: Given, lower: Given = 1) -> tuple[Index, ...]:
        """Several indices over one range, their names separated by spaces."""
        return tuple(self.index(name, upper, lower) for name in names.split())

    @overload
    def input(self, name: str, *, between: tuple[Given, Given] | None = None, **sign: Unpack[Signs]) -> Symbol: ...
    @overload
    def input(
        self, name: str, first: Dimension, /, *others: Dimension, between: tuple[Given, Given] | None = None, **sign: Unpack[Signs]
    ) -> Array: ...
    def input(self, name: str, *dimensions: Dimension, between: tuple[Given, Given] | None = None, **sign: Unpack[Signs]) -> Face:
        """A free quantity: a scalar, or an array over indices or sizes. `positive=True`, `nonzero=True`, `integer=True` assume so.

        `between=(0, 1)`: every entry is more than the first of these numbers and less than the second.
        """
        if unknown := sign.keys() - SIGNS:
            raise TermError(
                f"{name}: {', '.join(sorted(unknown))} cannot be assumed of an input; {', '.join(SIGNS)} can, and between=(0, 1)."
            )
        head = Symbol(name, real=True, **sign) if between is None else _between(name, between, sign)
        variable = Variable(head, _as_indices(dimensions))
        self._extend(variable, "inputs", variable)
        return _face(variable)

    @overload
    def inputs(self, names: str, *, between: tuple[Given, Given] | None = None, **sign: Unpack[Signs]) -> tuple[Symbol, ...]: ...
    @overload
    def inputs(
        self, names: str, first: Dimension, /, *others: Dimension, between: tuple[Given, Given] | None = None, **sign: Unpack[Signs]
    ) -> tuple[Array, ...]: ...
    def inputs(
        self, names: str, *dimensions: Dimension, between: tuple[Given, Given] | None = None, **sign: Unpack[Signs]
    ) -> tuple[Symbol, ...] | tuple[Array, ...]:
        """Several inputs of one shape, their names separated by spaces."""
        return tuple(self.input(name, *dimensions, between=between, **sign) for name in names.split())

    @overload
    def label(self, name: str, *, of: Index) -> Symbol: ...
    @overload
    def label(self, name: str, first: Dimension, /, *others: Dimension, of: Index) -> Array: ...
    def label(self, name: str, *dimensions: Dimension, of: Index) -> Face:
        """Positions in the range of an index, given as data: a class, a word. An entry serves as an index: `p[i, t[i]]`."""
        if not isinstance(of, Index):
            raise TermError(f"{name}: label({name!r}, ..., of=k) needs the index k in whose range its entries lie, not {of}.")
        if free_indices(of) != {of}:
            raise TermError(f"{name}: the range {of.lower}..{of.upper} of its entries depends on an index.")
        variable = Variable(Label(name, of.lower, of.upper), _as_indices(dimensions))
        self._extend(variable, "inputs", variable)
        return _face(variable)

    def function(self, name: str) -> Smooth:
        """A smooth function of one number, of which nothing else is known."""
        head = Symbol(name, real=True)
        self._extend(Variable(head), "functions", head)
        return Smooth(head)

    @overload
    def let(self, name: str, body: Array, /) -> Array: ...
    @overload
    def let(self, name: str, body: Given, /) -> Symbol: ...
    @overload
    def let(self, name: str, index: Index, /, *indices_and_body: Index | Body) -> Array: ...
    def let(self, name: str, *indices_and_body: Index | Body) -> Face:
        """A definition: `let("y", i, gamma*xhat[i] + beta)`, or `let("H", relu(X @ W + b))` for an array.

        A recurrence is given as a function of what it defines: `let("h", t, lambda h: Where(Eq(t, 1), x[1], a*h[t - 1] + x[t]))`.
        """
        *indices, body = indices_and_body
        if isinstance(body, FunctionType):
            body = body(_face(Variable(defined(name), _indices(name, indices))))
        if isinstance(body, Array):
            if indices:
                raise TermError(f"{name}: an array brings its own indices; leave out {indices}, or write its entry.")
            indices, body = list(body.indices), body.body
        return self._define([Variable(defined(name), _indices(name, indices))], [body])[0]

    def lets(self, names: str, *indices_and_bodies: Index | Callable[..., tuple[Given | Array, ...]]) -> tuple[Face, ...]:
        """Several recurrences of one shape that use each other, their names separated by spaces, given as a function of what they define.

        `lets("c h", t, lambda c, h: (Where(t > 1, h[t - 1] * c[t - 1], 0) + x[t], tanh(c[t])))`: each use of another is of an
        earlier entry (or each of a later one), or of the same position where that one does not use it there too.
        """
        *indices, bodies = indices_and_bodies
        variables = [Variable(defined(name), _indices(name, indices)) for name in names.split()]
        found = bodies(*map(_face, variables)) if isinstance(bodies, FunctionType) else bodies
        if not isinstance(found, tuple) or len(found) != len(variables):
            raise TermError(f"{names}: give as many definitions as names, as a function of what they define: lambda c, h: (..., ...).")
        return self._define(variables, list(found))

    def _define(self, variables: list[Variable], bodies: list[Given | Array]) -> tuple[Face, ...]:
        """Add definitions that may use each other to the program. An array in the place of an entry is one at its own indices."""
        for n, variable in enumerate(variables):
            self._check_name(variable.head.name)
            if any(variable.head == other.head for other in variables[:n]):
                raise TermError(f"{variable.head} is already declared; each name is declared once.")
        equations = tuple(Equation(v, as_term(body)) for v, body in zip(variables, bodies, strict=True))
        check_equations(self.program, equations)
        self.program = self.program.extended(equations=equations)
        return tuple(map(_face, variables))

    def objective(self, name: str, *of: Given | Array) -> Objective:
        """The scalar to differentiate: `objective("f", y)` any smooth function of the nodes given, `objective("J", term)` that term."""
        nodes = [self._node(item) for item in of]
        if all(n is not None for n in nodes) and nodes:
            return self._opaque(name, [n for n in nodes if n is not None])
        if len(of) != 1:
            raise TermError(f"{name}: give the nodes that the objective depends on, or one term.")
        if isinstance(of[0], Expr) and names(of[0]) & self.program.opaque:
            return self._opaque_sum(name, of[0])
        return Objective(head_of(self.let(name, of[0])))

    def _node(self, item: Given | Array) -> Variable | None:
        head = (
            item if isinstance(item, Symbol) else head_of(item.body) if isinstance(item, Array) and isinstance(item.body, Element) else None
        )
        return self.program.variable(head) if head is not None else None

    def _opaque(self, name: str, nodes: list[Variable]) -> Objective:
        self._check_name(name)
        head = Symbol(name, real=True)
        cotangents = [Variable(Symbol(rf"\partial {name}/\partial {n.head.name}", real=True), n.indices) for n in nodes]
        parts = [Sum(c.entry * n.entry, *n.indices) if n.indices else c.entry * n.entry for c, n in zip(cotangents, nodes, strict=True)]
        equation = Equation(Variable(head), sum(parts, start=Integer(0)))
        for cotangent in cotangents:
            self._extend(cotangent, "cotangents", cotangent)
        program = self.program
        check_equations(program, (equation,))
        self.program = with_changes(program, equations=(*program.equations, equation), opaque=program.opaque | {head})
        return Objective(head)

    def _opaque_sum(self, name: str, term: Expr) -> Objective:
        """An objective that is an opaque one and more: `f + penalty`. Of it too only the derivatives have values."""
        self._check_name(name)
        if free := sorted(i.name for i in free_indices(term)):
            raise TermError(f"{name}: an objective is one number; sum over {', '.join(free)}.")
        for part in Add.make_args(term):
            opaque = names(part) & self.program.opaque
            factor = part.as_independent(*opaque)[0] if opaque else part
            if opaque and (len(opaque) > 1 or part != Mul(factor, *opaque) or names(factor) - frozenset(self.program.sizes)):
                raise TermError(f"{name}: {part} in an objective; an opaque one can have a number or a size as a factor, no more.")
            check_member(self.program, factor)
        head = Symbol(name, real=True)
        program = self.program
        self.program = with_changes(program, equations=(*program.equations, Equation(Variable(head), term)), opaque=program.opaque | {head})
        return Objective(head)

    def assume(self, what: Expr, value: Given) -> None:
        """Take for granted that `what` has a value; a proof that needs it says so.

        An input, a size or one element of an input; or what holds of a whole input: `assume(Sum(t[i, k], k), 1)`,
        `assume(Sum(w[k]**2, k), 1)`, `assume(A[i, j], A[j, i])`, and the other forms in `constraints.KINDS`.
        """
        what, value = as_term(what), as_term(value)
        check_member(self.program, what)
        check_member(self.program, value)
        if alone := sorted(i.name for i in free_indices(value) - free_indices(what)):
            raise TermError(f"assume: {what} is one number at every {alone[0]}, and {value} is not; assume it of an entry at {alone[0]}.")
        if free_indices(what) or isinstance(what, (Sum, Delta, Pow)):
            self._constrain(what, value)
            return
        if not isinstance(what, (Symbol, Element)) or free_indices(what) or self.program.equation(head_of(what)):
            raise TermError(f"assume: {what} must be an input, a size or one element of an input.")
        if what in self.program.sizes and not names(value) <= frozenset(self.program.sizes):
            raise TermError(f"assume: {what} is a size; it can be a number, or made of other sizes, not {value}.")
        if what.is_integer and value.is_integer is not True:
            raise TermError(f"assume: {what} is a whole number, and {value} is not one for every size.")
        if what.is_positive and value.is_positive is False:
            raise TermError(f"assume: {what} cannot be {value}; it was declared positive.")
        if isinstance(head_of(what), Ranged) and value.is_Rational and not head_of(what).lower < value < head_of(what).upper:
            raise TermError(f"assume: {what} cannot be {value}; it was declared between {head_of(what).lower} and {head_of(what).upper}.")
        assumed = dict(self.program.assumptions)
        taken = frozenset().union(*(c.heads for c in self.program.constraints))
        if what in assumed or what in _closure(value, assumed) or head_of(what) in taken:
            raise TermError(f"assume: {what} is assumed twice, or rests on itself.")
        self.program = self.program.extended(assumptions=((what, value),))

    def _constrain(self, what: Expr, value: Expr) -> None:
        """Take for granted what holds of a whole input. Fails on forms that are not in the table."""
        constraint = constraint_of(what, value)
        inputs = {v.head: v for v in self.program.inputs}
        for head in sorted(names(what), key=str):
            if self.program.equation(head) is not None:
                raise TermError(f"assume: {head} is defined on this page; assume something of the inputs that it is made of.")
        if constraint is None or not constraint.heads <= inputs.keys():
            forms = "; ".join(f"assume({row.form})" for row in KINDS.values())
            raise TermError(f"assume: {what} = {value} is of no known form. Inputs can be assumed to be: {forms}.")
        entries = [part for part in subterms(what) if isinstance(part, Element)]
        if any(not isinstance(position, Index) for e in entries for position in e.at) or any(
            _ranges(e.at) != _ranges(inputs[e.head].indices) for e in entries
        ):
            raise TermError(f"assume: {what} = {value} must hold of the whole of {constraint.head}: use indices with its ranges.")
        others = {head_of(known) for known, _ in self.program.assumptions}.union(*(c.heads for c in self.program.constraints))
        if others & (constraint.heads | names(value)) or names(value) & constraint.heads - {constraint.head}:
            raise TermError(f"assume: {what} = {value}: one assumption for an input, and none that rests on another.")
        self.program = self.program.extended(constraints=(constraint,))

    def partial(self, node: Expr, operand: Expr) -> Partial:
        """The derivative of a node's own definition w.r.t. one operand, everything else held."""
        equation = self.program.equation(head_of(node)) if isinstance(node, (Symbol, Element)) else None
        if equation is None:
            raise TermError(f"partial: {node} is not a node that this page defines.")
        return Partial(node, operand)

    def total(self, node: Expr, operand: Expr) -> Total:
        """The derivative of a term w.r.t. an earlier node or input along every path."""
        return Total(node, operand)

    def shape(self, array: Array) -> Shape:
        """The sizes of an array, as one member of a claim; what they are follows from the definitions."""
        named = isinstance(array.body, Element) and array.body.head.name == array.text
        return Shape(array.body.head if named else array.body, *array.shape)

    def count(self, *arrays: Array) -> Expr:
        """How many numbers the arrays hold: the sum of 1 over every position of each."""
        return sum((Sum(Integer(1), *a.indices) for a in arrays), start=Integer(0))

    def claim(self, label: str, *members: Member | Erratum) -> None:
        """The claim that all members are equal, for every size and position; arrays, entry by entry.

        `erratum(...)` marks a member known to be wrong.
        """
        if any(label == claim.label for claim in self.claims):
            raise TermError(f"claim {label}: there is a claim with this label above; labels tell claims apart.")
        if len(members) < 2:
            raise TermError(f"claim {label}: a claim needs two members or more.")
        marked = entries(label, [m if isinstance(m, Erratum) else Erratum(m, "", "proved") for m in members])
        terms = [self._member(label, m.term) for m in marked]
        ends = zip(terms, terms[1:], marked[1:], strict=False)
        steps = tuple(Step(a, b, end.expected, end.note) for a, b, end in ends)
        self.claims.append(Claim(label, steps, _line_of_page()))
        self._tell()

    def kernel(self, *labels: str, features: bool = False) -> None:
        """Ask for a NumPy module whose `backward` returns the gradients with which these claims begin, in this order."""
        unknown = [label for label in labels if label not in [c.label for c in self.claims]]
        if unknown or not labels:
            raise TermError(
                f"kernel: there is no claim {unknown[0]!r} above; name claims that begin with a gradient."
                if unknown
                else "kernel: name claims."
            )
        self.kernels.append(Kernel(labels, features))

    def _member(self, label: str, term: Member) -> Expr:
        term = Tuple(*term) if isinstance(term, tuple) else as_term(term)
        for part in sizes_of(term) or (term,):
            try:
                check_member(self.program, part)
            except (TermError, ShapeError) as error:
                raise type(error)(f"claim {label}: {error}") from error
        return term

    def _check_name(self, name: str) -> None:
        """Refuse a name that cannot be read, or that reads like one that is taken."""
        if not name.strip() or not name.isprintable():
            raise TermError(f"{name!r} is no name; give one that can be printed.")
        same = next((h.name for h in self.program.heads if text_name(h.name) == text_name(name)), None)
        if same is not None:
            alike = "" if same == name else f" as {same}, which reads the same"
            raise TermError(f"{name} is already declared{alike}; each name is declared once.")

    def _extend(self, variable: Variable, field_name: str, item: Symbol | Variable) -> None:
        self._check_name(variable.head.name)
        self.program = self.program.extended(**{field_name: (item,)})


def entries(label: str, members: list[Erratum]) -> list[Erratum]:
    """Members that are arrays as their entries, at the indices of the first. Fails when their shapes differ."""
    arrays = [m.term for m in members if isinstance(m.term, Array)]
    if not arrays:
        return members
    first = arrays[0]
    for m in members:
        if not isinstance(m.term, Array) or m.term.shape != first.shape:
            other = shown(m.term) if isinstance(m.term, Array) else f"{m.term} is an entry or a number"
            raise ShapeError(f"claim {label}: {shown(first)}, {other}; the members of a claim have one shape.")
    indices = distinct(first.indices, beside(*arrays))
    return [with_changes(m, term=array.entry(indices)) for m, array in zip(members, arrays, strict=True)]


def sizes_of(member: Basic) -> tuple[Expr, ...]:
    """The sizes, if a member of a claim is a shape; else nothing."""
    return member.sizes if isinstance(member, Shape) else tuple(member) if isinstance(member, Tuple) else ()


def erratum(term: Member, note: str, formally: bool = False) -> Erratum:
    """Mark a member as wrong in the source: the step that ends in it must be refuted, at least formally."""
    return Erratum(term, note, "refuted formally" if formally else "refuted")


def _closure(value: Expr, assumed: dict[Expr, Expr]) -> set[Expr]:
    """All that a value mentions, through what is assumed already."""
    found = set(subterms(value))
    for what in assumed.keys() & found:
        found |= _closure(assumed[what], assumed)
    return found


def _between(name: str, between: tuple[Given, Given], sign: Signs) -> Ranged:
    ends = tuple(map(as_term, between)) if isinstance(between, tuple) else ()
    if sign or len(ends) != 2 or not all(end.is_Rational for end in ends) or not ends[0] < ends[1]:
        raise TermError(f"{name}: between takes two numbers, the smaller one first, such as between=(0, 1), and no sign beside it.")
    return Ranged(name, *ends)


def _ranges(indices: tuple[Index, ...]) -> list[tuple[Expr, Expr]]:
    return [(i.lower, i.upper) for i in indices]


def _as_indices(dimensions: tuple[Dimension, ...]) -> tuple[Index, ...]:
    letters = chain("ijklnpqr", (f"i{k}" for k in count(1)))
    return distinct(tuple(d if isinstance(d, Index) else Index(next(letters), 1, as_term(d)) for d in dimensions))


def _indices(name: str, items: Sequence[object]) -> tuple[Index, ...]:
    """The indices that a definition runs over. Fails on sizes and numbers, which declare an input's."""
    if wrong := [item for item in items if not isinstance(item, Index)]:
        raise TermError(f"{name}: a definition runs over indices, i = d.index('i', n), not over {wrong[0]}.")
    return tuple(item for item in items if isinstance(item, Index))


def _face(variable: Variable) -> Face:
    """What a page works with: a symbol for a scalar, an array else."""
    return Array(variable.indices, variable.entry, variable.head.name) if variable.indices else variable.head


def _line_of_page() -> int:
    """The line of the page that states a claim, by itself or through what it calls; without a page, the line of the caller."""
    caller = frame = sys._getframe(2)
    file = gathered.file if (gathered := GATHERED.get()) is not None else caller.f_code.co_filename
    while frame.f_code.co_filename != file and frame.f_back is not None:
        frame = frame.f_back
    return (frame if frame.f_code.co_filename == file else caller).f_lineno
