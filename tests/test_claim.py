"""Pages: what each declaration makes, and the whole text of each refusal."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import pytest
from sympy import Integer, Rational, Symbol, cos, exp, sqrt, sympify

from symderiv import Derivation, Element, Partial, Sum, Total, Where, erratum, relu
from symderiv.errors import ShapeError, SymderivError, TermError
from symderiv.judging.verify import judge_step
from symderiv.language.claim import Objective, Step
from symderiv.language.verdict import Proved, Refuted
from symderiv.language.vocabulary import DEEPEST


@pytest.fixture
def d():
    return Derivation("a page")


def names_on(d):
    """A page's names: sizes, indices, inputs, nodes, an objective that is opaque."""
    m, n = d.sizes("m n")
    i, k = d.indices("i k", m)
    j = d.index("j", n)
    a, b = d.inputs("a b")
    x, A, B = d.input("x", i), d.input("A", i, j), d.input("B", i, j)
    g = d.input("g", n)
    y = d.let("y", i, a * x[i])
    f = d.objective("f", y)
    return {"m": m, "n": n, "i": i, "k": k, "j": j, "a": a, "b": b, "x": x, "A": A, "B": B, "g": g, "y": y, "f": f, "d": d}


REFUSED = [
    # about                              what a page writes                                                error        the whole text
    ("a size twice",                     lambda d, **_: d.size("m"),                                       TermError,   "m is already declared; each name is declared once."),
    ("a size as an input",               lambda d, **_: d.input("m"),                                      TermError,   "m is already declared; each name is declared once."),
    ("an input twice",                   lambda d, **_: d.input("x", positive=True),                       TermError,   "x is already declared; each name is declared once."),
    ("a node twice",                     lambda d, **_: d.let("y", sympify(1)),                            TermError,   "y is already declared; each name is declared once."),
    ("a size as a node",                 lambda d, **_: d.let("m", sympify(1)),                            TermError,   "m is already declared; each name is declared once."),
    ("an objective as an input",         lambda d, **_: d.input("f"),                                      TermError,   "f is already declared; each name is declared once."),
    ("an objective twice",               lambda d, y, **_: d.objective("f", y),                            TermError,   "f is already declared; each name is declared once."),
    ("an input of an unknown sign",      lambda d, **_: d.input("q", negative=True),                       TermError,   None),
    ("a range backwards",                lambda d, **_: d.index("q", 0, lower=2),                          TermError,   "the index q over 2..0: the range may run backwards."),
    ("a range that may run backwards",   lambda d, m, n, **_: d.index("q", m - n),                         TermError,   "the index q over 1..m - n: the range may run backwards."),
    ("an unbound index",                 lambda d, x, k, **_: d.let("z", x[k]),                            TermError,   "z = x[k]: the index k is unbound; sum over it, or define z with it: let('z', k, ...)."),
    ("an objective with an index",       lambda d, x, k, **_: d.objective("h", x[k] ** 2),                 TermError,   "h = x[k]**2: the index k is unbound; sum over it, or define h with it: let('h', k, ...)."),
    ("an objective of two terms",        lambda d, a, b, **_: d.objective("h", a + b, b),                  TermError,   "h: give the nodes that the objective depends on, or one term."),
    ("an objective of nothing",          lambda d, **_: d.objective("h"),                                  TermError,   "h: give the nodes that the objective depends on, or one term."),
    ("an array with indices",            lambda d, x, i, **_: d.let("z", i, relu(x)),                      TermError,   "z: an array brings its own indices; leave out [i], or write its entry."),
    ("an undeclared symbol",             lambda d, a, **_: d.claim("1", a + Symbol("q"), a),               TermError,   "claim 1: q in a + q is not declared on this page; declare it with size, input or let, and use what that returns."),
    ("a float",                          lambda d, a, **_: d.claim("1", a, 0.5 * a),                       TermError,   "claim 1: 0.5*a has the float 0.500000000000000; write an exact number, such as Rational(1, 3) or Rational('0.1')."),
    ("a division by zero",               lambda d, a, **_: d.claim("1", a / Integer(0), a),                TermError,   "claim 1: zoo*a divides by zero, or is infinite."),
    ("the root of a negative number",    lambda d, **_: d.claim("1", sqrt(Integer(-1)), 0),                TermError,   None),
    ("an exponent over the cap",         lambda d, a, **_: d.claim("1", a**1000, a),                       TermError,   "claim 1: the exponent 1000 is over 64; give the power a name with let."),
    ("a number over the cap",            lambda d, a, **_: d.claim("1", a, Integer(7) ** 10000),           TermError,   "claim 1: a number with more than 2000 digits is outside the language."),
    ("a term too deep",                  lambda d, a, **_: d.claim("1", deep(a), a),                       TermError,   f"claim 1: the term is nested more than {DEEPEST} deep; give parts of it names with let."),
    ("one member",                       lambda d, a, **_: d.claim("1", a),                                TermError,   "claim 1: a claim needs two members or more."),
    ("no member",                        lambda d, **_: d.claim("1"),                                      TermError,   "claim 1: a claim needs two members or more."),
    ("an array beside a number",         lambda d, A, B, **_: d.claim("1", A @ B.T, 0),                    ShapeError,  "claim 1: (A @ B.T) is m × m, 0 is an entry or a number; the members of a claim have one shape."),
    ("an array beside its transpose",    lambda d, A, **_: d.claim("1", A, A.T),                           ShapeError,  "claim 1: A is m × n, A.T is n × m; the members of a claim have one shape."),
    ("a vector without its index",       lambda d, x, **_: d.claim("1", x.body.head * 2, 0),               TermError,   "claim 1: x in 2*x has no index; write x[i]."),
    ("an opaque objective's value",      lambda d, f, a, **_: d.claim("1", f.head, a),                     TermError,   "claim 1: the objective f is opaque: only its derivatives have values, not f."),
    ("an opaque objective in a term",    lambda d, f, a, **_: d.claim("1", a * f.head + 1, a),             TermError,   "claim 1: the objective f is opaque: only its derivatives have values, not a*f + 1."),
    ("too many indices",                 lambda x, i, k, **_: x[i, k],                                     ShapeError,  "x[i, k] has 2 index(es); x has 1: x[i]."),
    ("too few indices",                  lambda A, i, **_: A[i],                                           ShapeError,  "A[i] has 1 index(es); A has 2: A[i, j]."),
    ("an index of another dimension",    lambda d, A, i, j, **_: d.claim("c", A[j, i], 0),                                     ShapeError,  "claim c: A[j, i]: j (in 1..n) may leave the range 1..m of that dimension of A."),
    ("an index that leaves its range",   lambda d, x, i, **_: d.claim("c", x[i + 1], 0),                                       ShapeError,  "claim c: x[i + 1]: i + 1 may leave the range 1..m of that dimension of x."),
    ("@ of sizes that differ",           lambda A, B, **_: A @ B,                                          ShapeError,  "A @ B: A is m × n, B is m × n; the inner sizes n and m differ."),
    ("@ of a vector, the wrong way",     lambda A, x, **_: A @ x,                                          ShapeError,  "A @ x: A is m × n, x is m; the inner sizes n and m differ."),
    ("@ of products",                    lambda A, B, **_: (A @ B.T) @ B.T,                                ShapeError,  "(A @ B.T) @ B.T: (A @ B.T) is m × m, B.T is n × m; the inner sizes m and n differ."),
    ("@ of three dimensions",            lambda d, m, A, **_: d.input("T", m, m, m) @ A,                   ShapeError,  "T @ A: T is m × m × m, A is m × n; @ takes vectors and matrices."),
    ("+ of sizes that differ",           lambda A, x, **_: A + x,                                          ShapeError,  "A + x: A is m × n, x is m; n and m differ and neither is 1."),
    ("- of a transposed one",            lambda A, **_: A - A.T,                                           ShapeError,  "A - A.T: A is m × n, A.T is n × m; m and n differ and neither is 1."),
    ("* of two vectors",                 lambda x, g, **_: x * g,                                          ShapeError,  "x * g: x is m, g is n; m and n differ and neither is 1."),
    ("/ of functions of arrays",         lambda A, x, **_: relu(A) / x,                                    ShapeError,  "relu(A) / x: relu(A) is m × n, x is m; n and m differ and neither is 1."),
    ("a partial of an input",            lambda d, a, x, i, **_: d.partial(x[i], a),                       TermError,   "partial: x[i] is not a node that this page defines."),
    ("a partial of a term",              lambda d, a, y, i, **_: d.partial(2 * y[i], a),                   TermError,   "partial: 2*y[i] is not a node that this page defines."),
    ("a derivative w.r.t. a term",       lambda d, a, y, i, **_: d.claim("1", d.total(y[i], a + 1), 0),    TermError,   "claim 1: a derivative w.r.t. a + 1: only w.r.t. a declared symbol or an element."),
    ("an assumption on a node",          lambda d, y, i, **_: d.assume(y[i], 0),                           TermError,   "assume: y is defined on this page; assume something of the inputs that it is made of."),
    ("an assumption on an expression",   lambda d, x, i, **_: d.assume(x[i] + 1, 0),                       TermError,   "assume: x[i] + 1 = 0 is of no known form. Inputs can be assumed to be: assume(Sum(t[k], k), 1); assume(Sum(w[k]**2, k), 1); assume(Sum(Q[k, i]*Q[k, j], k), Delta(i, j)); assume(A[i, j], A[j, i]); assume(A[i, j], -A[j, i]); assume(y[i]**2, 1); assume(x[i], 0); assume(Delta(t[i], t[j]), Delta(i, j))."),
    ("an assumption on a term",          lambda d, a, b, **_: d.assume(a + b, 0),                          TermError,   "assume: a + b must be an input, a size or one element of an input."),
    ("an assumption on what is not there", lambda d, **_: d.assume(Symbol("q"), 0),                        TermError,   "q in q is not declared on this page; declare it with size, input or let, and use what that returns."),
    ("a size of no length",              lambda d, m, **_: d.assume(m, 0),                                 TermError,   "assume: m cannot be 0; it was declared positive."),
    ("a size of half a length",          lambda d, m, **_: d.assume(m, Rational(3, 2)),                    TermError,   "assume: m is a whole number, and 3/2 is not one for every size."),
    ("an assumption that rests on itself", lambda d, a, **_: d.assume(a, a + 1),                           TermError,   "assume: a is assumed twice, or rests on itself."),
    ("two assumptions that do",          lambda d, a, b, **_: (d.assume(a, b), d.assume(b, a + 1)),        TermError,   "assume: b is assumed twice, or rests on itself."),
    ("an assumption twice",              lambda d, a, **_: (d.assume(a, 1), d.assume(a, 2)),               TermError,   "assume: a is assumed twice, or rests on itself."),
]  # fmt: skip


def deep(term):
    for _ in range(DEEPEST + 1):
        term = cos(term)
    return term


@pytest.mark.parametrize(("about", "write", "error", "text"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_refused(d, about, write, error, text):
    with pytest.raises(error) as raised:
        write(**names_on(d))
    assert text is None or str(raised.value) == text
    assert issubclass(error, SymderivError)


def test_a_refusal_leaves_no_trace(d):
    names = names_on(d)
    before = d.program
    for write in (lambda: d.let("z", names["x"][names["k"]]), lambda: d.claim("1", names["a"]), lambda: d.size("m")):
        with pytest.raises(TermError):
            write()
    assert d.program is before
    assert d.claims == []


def test_what_is_declared(d):
    names = names_on(d)
    assert d.program.sizes == (names["m"], names["n"])
    assert [v.head.name for v in d.program.inputs] == ["a", "b", "x", "A", "B", "g"]
    assert [e.head.name for e in d.program.equations] == ["y", "f"]
    assert {h.name for h in d.program.opaque} == {"f"}
    assert [v.head.name for v in d.program.cotangents] == [r"\partial f/\partial y"]


def test_faces(d):
    names = names_on(d)
    assert isinstance(names["a"], Symbol)
    assert isinstance(names["x"][names["i"]], Element)
    assert names["A"].T[names["j"], names["i"]] == names["A"][names["i"], names["j"]]
    assert names["g"].shape == (names["n"],)
    assert isinstance(names["f"], Objective)
    assert names["f"].wrt(names["a"]) == Total(names["f"].head, names["a"])
    assert d.partial(names["y"][names["i"]], names["a"]) == Partial(names["y"][names["i"]], names["a"])


def test_an_explicit_objective_is_a_node(d):
    a = d.input("a")
    J = d.objective("J", a**2)
    assert d.program.opaque == frozenset()
    assert isinstance(judge_step(Step(J.wrt(a), 2 * a), d.program).graph, Proved)
    assert isinstance(judge_step(Step(J.head, a**2), d.program).graph, Proved)


def test_an_objective_of_several_nodes(d):
    a, b = d.inputs("a b")
    y, z = d.let("y", a * b), d.let("z", exp(a))
    f = d.objective("f", y, z)
    assert isinstance(judge_step(Step(f.wrt(a), b * f.wrt(y) + z * f.wrt(z)), d.program).graph, Proved)
    assert isinstance(judge_step(Step(f.wrt(a), b * f.wrt(y)), d.program).graph, Refuted)


def test_a_chain_is_a_step_between_neighbours(d):
    a = d.input("a")
    d.claim("chain", 2 * a, a + a + 0, erratum(3 * a, "a slip"), erratum(a, "hidden", formally=True))
    (claim,) = d.claims
    assert [(s.left, s.right, s.expected, s.note) for s in claim.steps] == [
        (2 * a, 2 * a, "proved", ""),
        (2 * a, 3 * a, "refuted", "a slip"),
        (3 * a, a, "refuted formally", "hidden"),
    ]
    assert claim.label == "chain"


def test_a_claim_knows_its_line(d):
    a = d.input("a")
    d.claim("here", a, a)
    first = d.claims[-1].line
    d.claim("there", a, a)
    assert d.claims[-1].line == first + 2


def test_matrices_are_index_notation(d):
    names = names_on(d)
    A, B, x, i, k, j = (names[name] for name in ["A", "B", "x", "i", "k", "j"])
    assert isinstance(judge_step(Step((A @ B.T)[i, k], Sum(A[i, j] * B[k, j], j)), d.program).graph, Proved)
    assert (x @ A)[j] == Sum(x[i] * A[i, j], i)
    assert x @ x == Sum(x[i] * x[i], i)
    assert (A + 1)[i, j] == A[i, j] + 1
    assert (2 * A - B)[i, j] == 2 * A[i, j] - B[i, j]
    assert (A * names["g"])[i, j] == A[i, j] * names["g"][j]
    assert (1 - A)[i, j] == 1 - A[i, j]
    assert (-A)[i, j] == -A[i, j]


def test_a_dimension_of_one_is_repeated(d):
    m, n = d.sizes("m n")
    X, row, column = d.input("X", m, n), d.input("r", 1, n), d.input("c", m, 1)
    i, j = d.index("i", m), d.index("j", n)
    assert (X + row)[i, j] == X[i, j] + row[1, j]
    assert (column * X)[i, j] == column[i, 1] * X[i, j]
    assert (column + row).shape == (m, n)
    assert (X - X.T.T)[i, j] == 0


def test_an_array_of_many_sizes(d):
    """There were eight letters for them."""
    n = d.size("n")
    x = d.input("x", *[n] * 12)
    assert len({index.name for index in x.indices}) == 12


def test_shapes_are_claimed(d):
    m, n = d.sizes("m n")
    X, W = d.input("X", m, n), d.input("W", n, 3)
    d.claim("shape", d.shape(X @ W), (m, 3))
    d.claim("another", d.shape(X @ W), (n, 3))
    d.claim("a third", d.shape(X @ W), (m, 3, 1))
    judged = [judge_step(c.steps[0], d.program).graph for c in d.claims]
    assert isinstance(judged[0], Proved)
    assert isinstance(judged[1], Refuted)
    assert isinstance(judged[2], Refuted)


def test_entries_are_counted(d):
    m, n = d.sizes("m n")
    W, b = d.input("W", m, n), d.input("b", n)
    assert isinstance(judge_step(Step(d.count(W, b), (m + 1) * n), d.program).graph, Proved)
    assert isinstance(judge_step(Step(d.count(W, b), m * n), d.program).graph, Refuted)


def test_a_definition_with_a_ragged_sum(d):
    """A running sum; its gradient is how many of the sums have an entry in them."""
    i = d.index("i", d.size("n"))
    k, r = d.index("k", i.upper), d.index("r", i)
    x = d.input("x", i)
    y = d.let("y", i, Sum(x[r], r))
    gradient = d.total(Sum(y[i], i), x[k])
    assert isinstance(judge_step(Step(gradient, Sum(Where(k <= i, 1, 0), i)), d.program).graph, Proved)
    assert isinstance(judge_step(Step(gradient, k), d.program).graph, Refuted)
    assert not isinstance(judge_step(Step(gradient, i.upper + 1 - k), d.program).graph, Refuted)
