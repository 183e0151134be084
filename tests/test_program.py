"""Programs: definitions in order, each name once, used after it is declared, each index bound."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import pytest
from sympy import Integer, Symbol, exp

from symderiv import Delta, Derivation, Element, Index, Partial, Sum, Total
from symderiv.errors import ShapeError, TermError
from symderiv.language.program import Equation, Program, Variable, check_equations, check_member, head_of
from symderiv.language.terms import subterms
from symderiv.proof.adjoint import Sweep, lower_derivatives

n = Symbol("n", integer=True, positive=True)
i, j = Index("i", 1, n), Index("j", 1, n)
a, b = Symbol("a", real=True), Symbol("b", real=True)
x = Variable(Symbol("x", real=True), (i,))
y = Variable(Symbol("y", real=True), (i,))
f = Symbol("f", real=True)
c = Variable(Symbol("c", real=True), (i,))
PROGRAM = Program(
    sizes=(n,),
    inputs=(x, Variable(a)),
    cotangents=(c,),
    equations=(Equation(Variable(b), Sum(x.entry, i)), Equation(y, x.entry * b), Equation(Variable(f), Sum(c.entry * y.entry, i))),
    opaque=frozenset({f}),
)


def at(variable, *positions):
    return Element(variable.head, *positions)


REFUSED = [
    # about                             the equation                                             error       the whole text
    ("a name that is taken",            Equation(Variable(a), a**2),                             TermError,  "a is already declared; each name is declared once."),
    ("a node's name",                   Equation(Variable(b), a**2),                             TermError,  "b is already declared; each name is declared once."),
    ("an undeclared name",              Equation(Variable(Symbol("z")), Symbol("q") + a),        TermError,  "q in a + q is not declared on this page; declare it with size, input or let, and use what that returns."),
    ("itself",                          Equation(Variable(Symbol("z")), Symbol("z") + a),        TermError,  "z = a + z: z rests on itself; in a recurrence one index must be surely less, or surely more."),
    ("an unbound index",                Equation(Variable(Symbol("z")), x.entry),                TermError,  "z = x[i]: the index i is unbound; sum over it, or define z with it: let('z', i, ...)."),
    ("two unbound indices",             Equation(Variable(Symbol("z")), at(x, i) * at(x, j)),    TermError,  "z = x[i]*x[j]: the index i, j is unbound; sum over it, or define z with it: let('z', i, j, ...)."),
    ("one of two unbound",              Equation(Variable(Symbol("z"), (i,)), at(x, i) * at(x, j)), TermError, "z = x[i]*x[j]: the index j is unbound; sum over it, or define z with it: let('z', j, ...)."),
    ("an index outside a sum over it",  Equation(Variable(Symbol("z")), at(x, i) * Sum(at(x, i), i)), TermError, "z = x[i]*Sum(x[i_1], i_1): the index i is unbound; sum over it, or define z with it: let('z', i, ...)."),
    ("no index",                        Equation(Variable(Symbol("z")), x.head + a),             TermError,  "x in a + x has no index; write x[i]."),
    ("one index too many",              Equation(Variable(Symbol("z"), (i, j)), at(x, i, j)),    ShapeError, "x[i, j] has 2 index(es); x has 1: x[i]."),
    ("an index out of range",           Equation(Variable(Symbol("z"), (i,)), at(x, i + 1)),     ShapeError, "x[i + 1]: i + 1 may leave the range 1..n of that dimension of x."),
    ("an opaque objective's value",     Equation(Variable(Symbol("z")), f * a),                  TermError,  "the objective f is opaque: only its derivatives have values, not a*f."),
]  # fmt: skip


@pytest.mark.parametrize(("about", "equation", "error", "text"), REFUSED, ids=[row[0] for row in REFUSED])
def test_equations_that_are_refused(about, equation, error, text):
    with pytest.raises(error) as raised:
        check_equations(PROGRAM, (equation,))
    assert str(raised.value) == text


MEMBERS = [
    # about                                          term                                         admitted
    ("a node",                                       b,                                           True),
    ("a free index",                                 at(y, i) * at(x, j),                         True),
    ("a derivative of an opaque objective",          Total(f, at(x, i)),                          True),
    ("in a sum",                                     Sum(Total(f, at(x, i)) * at(x, i), i),       True),
    ("an opaque objective's value",                  f,                                           False),
    ("in a sum of terms",                            f + a,                                       False),
    ("its derivative and its value",                 f * Total(f, at(x, i)),                      False),
    ("its second derivative",                        Total(Total(f, at(x, i)), at(x, j)),         False),
    ("a derivative of a product with one",           Total(at(x, i) * Total(f, at(x, i)), a),     False),
    ("a derivative w.r.t. it",                       Total(a, f),                                 False),
    ("a derivative of its square",                   Total(f**2, at(x, i)),                       False),
]  # fmt: skip


@pytest.mark.parametrize(("about", "term", "admitted"), MEMBERS, ids=[row[0] for row in MEMBERS])
def test_members(about, term, admitted):
    if admitted:
        check_member(PROGRAM, term)
        return
    with pytest.raises(TermError) as raised:
        check_member(PROGRAM, term)
    assert str(raised.value) in (
        f"the objective f is opaque: only its derivatives have values, not {term}.",
        f"{term} is a second derivative of an opaque objective, of which nothing is known; define the objective by a term.",
    )


def test_what_is_declared():
    assert PROGRAM.variable(x.head) == x
    assert PROGRAM.variable(n) == Variable(n)
    assert PROGRAM.variable(c.head) == c
    assert PROGRAM.variable(Symbol("x")) is None
    assert PROGRAM.equation(x.head) is None
    assert [e.head for e in PROGRAM.consumers(x.head)] == [b, y.head]
    assert [e.head for e in PROGRAM.consumers(n)] == [b, y.head, f], "sizes are used by ranges"
    assert head_of(at(x, j)) == x.head


def test_a_definition_at_other_positions():
    equation = PROGRAM.equation(y.head)
    assert equation.at((j,)) == at(x, j) * b
    assert PROGRAM.equation(b).at(()) == Sum(x.entry, i)


def test_programs_are_extended_not_changed():
    longer = PROGRAM.extended(equations=(Equation(Variable(Symbol("z")), a),))
    assert len(longer.equations) == len(PROGRAM.equations) + 1
    assert longer.variable(Symbol("z")) is not None
    assert PROGRAM.variable(Symbol("z")) is None


# derivatives as equations

d = Derivation("derivatives")
m = d.size("m")
p, q = d.indices("p q", m)
r = d.index("r", p)
u = d.input("u", p)
w = d.let("w", p, exp(u[p]))
v = d.let("v", Sum(w[p] * u[p], p))


def test_derivatives_become_equations_once():
    sweep = Sweep()
    lowered = lower_derivatives(d.total(v, u[p]) + d.total(v, w[p]), d.program, sweep)
    assert len(lowered.program.equations) == len(d.program.equations) + 2
    assert {(derivative.args[0], head_of(derivative.args[1])) for derivative in sweep.meant.values()} == {
        (v, u.body.head),
        (v, w.body.head),
    }
    assert not any(isinstance(part, (Total, Partial)) for part in subterms(lowered.term))
    again = lower_derivatives(d.total(v, u[q]), lowered.program, sweep)
    assert again.program.equations == lowered.program.equations
    assert again.term.at == (q,)


def test_derivatives_that_print_alike_are_kept_apart():
    s, t = Symbol("s", real=True), Index("p", 1, m - 1)
    program = d.program.extended(inputs=(Variable(s),))
    sweep = Sweep()
    first = lower_derivatives(Total(Sum(s, p), s), program, sweep)
    second = lower_derivatives(Total(Sum(s, t), s), first.program, sweep)
    assert first.term != second.term


def test_a_derivative_w_r_t_what_is_not_declared():
    with pytest.raises(TermError) as raised:
        lower_derivatives(Total(v, Symbol("q")), d.program, Sweep())
    assert str(raised.value) == "a derivative w.r.t. q, which this page does not declare"


def test_a_partial_of_what_has_no_definition():
    with pytest.raises(TermError) as raised:
        lower_derivatives(Partial(u[p], u[p]), d.program, Sweep())
    assert str(raised.value).endswith(" has no definition to take a partial derivative of")


def test_deltas_and_indices_have_no_derivative():
    lowered = lower_derivatives(d.total(Sum(Delta(p, q) * p, p), u[p]), d.program, Sweep())
    assert lowered.program.equations[-1].body == Integer(0)
