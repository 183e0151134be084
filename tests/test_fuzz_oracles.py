"""What the fuzzers of documents and of code know without the engine: values, what is written, and that wrong verdicts are seen."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from fuzz import snippets
from fuzz.documents import layout, trial as documents
from fuzz.documents.claims import Row
from fuzz.documents.formulas import Author, number, plus, rewritten, slope, times
from fuzz.documents.latex import Pen, condition
from fuzz.documents.trees import (
    ONE,
    ZERO,
    Big,
    Bracket,
    Call,
    Cases,
    Compare,
    Definition,
    Meaning,
    NoValue,
    Over,
    Page,
    Place,
    Point,
    Power,
    Ref,
    Size,
    Slope,
    differ,
)

from symderiv.faces.judged import Formula, JudgedStep

a, b = Ref("a"), Ref("b")
i, j, k = map(Place, "ijk")
x_i, x_j, y_i = Ref("x", (i,)), Ref("x", (j,)), Ref("y", (i,))
s = Ref("s")
PAGE = Page(
    letters=dict.fromkeys("ijkl", "n"),
    inputs={"a": (), "b": (), "x": ("n",)},
    definitions={"s": Definition((), Big("sum", "i", "n", x_i)), "y": Definition(("i",), times(s, x_i))},
    objectives={"L": ("y",)},
)
POINT = Point(
    {"n": 2},
    {("a", ()): Fraction(3), ("b", ()): Fraction(0), ("x", (1,)): Fraction(2), ("x", (2,)): Fraction(-1)},
    {("L", "y", (1,)): Fraction(5), ("L", "y", (2,)): Fraction(7)},
)

VALUES = [  # at n = 2, a = 3, b = 0, x = (2, -1), i = 1, j = 2; s = 1, y = (2, -1); ∂L/∂y = (5, 7)
    ("a sum under its letter",       times(x_i, Big("sum", "i", "n", x_i)),                                       2),
    ("a product without a position", Big("prod", "k", "n", Ref("x", (k,)), 1, "i"),                               -1),
    ("an empty sum",                 Big("sum", "k", "n", ONE, 3),                                                0),
    ("a bracket guards",             times(Bracket(Compare("≠", b, ZERO)), Power(b, -1)),                         0),
    ("and a sum of such products",   times(Over(plus(Bracket(Compare("≠", b, ZERO)), Bracket(Compare("≠", b, ZERO))), b)), 0),
    ("a sum without a position",     Big("sum", "k", "n", Ref("x", (k,)), 1, 1),                                  -1),
    ("so does a case",               Cases(Compare("≠", b, ZERO), Over(ONE, b), a),                               3),
    ("of the definition alone",      Slope("partial", y_i, x_j),                                                  0),
    ("along every path",             Slope("total", y_i, x_j),                                                    2),
    ("both",                         Slope("total", y_i, x_i),                                                    3),
    ("of an objective",              Slope("partial", Ref("L"), x_i),                                             5 * 3 + 7 * -1),
    ("an adjoint",                   Slope("partial", Ref("L"), s),                                               5 * 2 + 7 * -1),
    ("a size and a place",           plus(Size("n"), j),                                                          4),
    ("a root of a square",           Call("sqrt", (Power(x_j, 2),)),                                              1),
]  # fmt: skip
NONE = [
    ("a division by zero", Over(b, b)),
    ("a logarithm of what is negative", Call("log", (x_j,))),
    ("zero times a logarithm", times(number(2), plus(a, times(b, Call("log", (b,)))))),
]


@pytest.mark.parametrize(("what", "tree", "wanted"), VALUES, ids=[row[0] for row in VALUES])
def test_values(what, tree, wanted):
    assert Meaning(PAGE, POINT).value(tree, {"i": 1, "j": 2}) == wanted


@pytest.mark.parametrize(("what", "tree"), NONE, ids=[row[0] for row in NONE])
def test_what_has_no_value(what, tree):
    with pytest.raises(NoValue):
        Meaning(PAGE, POINT).value(tree, {"i": 1, "j": 2})


@pytest.mark.parametrize("seed", range(40))
def test_laws_keep_values_and_rules_of_derivatives_agree_with_dual_numbers(seed):
    random = Random(seed)
    author, by = Author(PAGE, random), Ref("x", (Place("l"),))
    tree = author.formula(3, "i")
    meaning, at = Meaning(PAGE, POINT), {"i": 1, "l": 2}
    other = rewritten(tree, author, 4)
    page = replace(PAGE, definitions=PAGE.definitions | {"v": Definition(("i",), tree)})
    pairs = [(tree, other)]
    with suppress(ValueError):  # there is no rule for all
        pairs.append((Slope("total", Ref("v", (i,)), by), slope(tree, by, author, True)))
    for left, right in pairs:
        try:
            values = [Meaning(page, POINT).value(side, at) for side in (left, right)]
        except (NoValue, OverflowError):
            continue
        assert not differ(*values), (left, right, meaning)


CONDITIONS = [
    (r"x_j \neq 0 \text{ for every } j", True),
    (r"x_i + x_j > 0", True),
    (r"x_j > 0", False),
    (r"\sum_k x_k - 1 \neq 0", False),
    (r"x_j > 0 \text{ where } \sum_{k} x_k < 0 \text{ for every } j", True),
    (r"\frac{a}{2} - \left| x_2 \right| \geq 0", True),
    (r"\sum_{k = 1, k = j}^n x_k + 1 = 0", True),
    (r"\sum_{k = 1, k \neq j}^n x_k - 2 = 0", True),
    (r"\sum_{k = 1, j = k}^n x_k + 1 = 0", True),
    (r"\sum_{k = j}^n x_k - 1 = 0", False),
    (r"\prod_{k = 1, k < j}^n x_k - 2 = 0", True),
]


@pytest.mark.parametrize(("latex", "holds"), CONDITIONS)
def test_conditions_are_read_back(latex, holds):
    assert condition(latex, PAGE)
    step = JudgedStep(shown("a"), shown("a"), side_conditions=(shown(latex),))
    assert documents.conditions_hold(PAGE, step, POINT, {"i": 1, "j": 2}, along=False) == holds


def shown(latex):
    return Formula(latex, latex)


def test_sums_are_written_so_that_they_take_in_no_more_than_their_body():
    pen = Pen(PAGE, Random(0))
    pen.limits = "none"
    pen.random.random = lambda: 0.5  # type: ignore[method-assign]
    pen.random.choice = lambda options: options[0]  # type: ignore[method-assign]
    assert pen.write(times(Big("sum", "i", "n", x_i), a)) == r"\left(\sum_i x_i\right) a"
    assert pen.write(times(a, Big("sum", "i", "n", plus(x_i, b)))) == r"a \sum_i \left(x_i + b\right)"


LOOSE = replace(
    PAGE, letters={"i": "n", "j": "n", "p": "m", "r": "m"}, inputs={"a": (), "x": ("n",), "w": ("m",)}, definitions={}, loose=True
)
ALONE = Row((Big("sum", "p", "m", a), times(Size("m"), a)))
TWICE = Row((Big("sum", "p", "m", a), Big("sum", "p", "m", a)))
SHOWN = Row((Big("sum", "p", "m", a), Big("sum", "p", "m", Ref("w", (Place("p"),)))))


@pytest.mark.parametrize(("row", "told"), [(ALONE, {"p": {0}}), (TWICE, {"p": {0, 1}}), (SHOWN, {})])
def test_limits_are_written_where_nothing_else_tells_them(row, told):
    found = {}
    for seed in range(20):
        for letter, which in layout.owed(row, {"p", "r"}, Random(seed)).items():
            found.setdefault(letter, set()).add(which)
    assert found == told
    pen = Pen(LOOSE, Random(0))
    pen.limits, pen.owed = "none", {letter: max(which) for letter, which in told.items()}
    assert sum("^" in pen.write(member) for member in row.members) == len(told)


def test_a_sum_that_a_verdict_adds_is_one_here():
    note = "true if i, j are each summed over, without Σ"
    product = times(x_i, y_i)
    assert documents.contracted(PAGE, plus(product, a), note) == plus(Big("sum", "i", "n", product), a)
    assert documents.contracted(PAGE, product, "") == product


def test_letters_that_no_reader_can_know_are_none_of_a_row():
    assert layout.is_told(Row((times(i, x_i), times(x_i, i))), LOOSE)
    assert not layout.is_told(Row((times(i, a), times(a, i))), LOOSE)
    assert layout.is_told(Row((times(i, a), times(a, i))), PAGE)


def test_a_letter_wanders_if_rows_give_it_several_ranges():
    other = Row((Big("sum", "i", "n", a), times(Size("n"), a)))
    seen = set()
    for seed in range(30):
        one, two = layout.letters_of(ALONE, LOOSE, seed)["p"], layout.letters_of(other, LOOSE, seed)["i"]
        assert layout.wandering(LOOSE, [ALONE, other], seed) == ({one} if one == two else set())
        seen.add(one == two)
    assert seen == {True, False}
    assert layout.wandering(PAGE, [ALONE, other], 0) == set()


FORGED = [
    ("wrong proved",   Row((a, times(number(2), a))),               {"verdict": "proved", "counterexample": None}),
    ("condition lost", Row((Over(times(a, b), b), a)),              {"verdict": "proved", "side_conditions": ()}),
    ("wrong refuted",  Row((plus(a, b), plus(b, a)), (), True),     {"verdict": "refuted"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "row", "changed"), FORGED, ids=[row[0] for row in FORGED])
def test_a_wrong_verdict_on_a_document_is_seen(kind, row, changed, monkeypatch):
    judged = documents.judged

    def forged(document):
        draft, steps = judged(document)
        return draft, [replace(step, **changed) for step in steps]

    assert documents.checked(PAGE, [row], 1).kind == "agrees"
    monkeypatch.setattr(documents, "judged", forged)
    assert documents.checked(PAGE, [row], 1).kind == kind


def test_a_lost_formula_is_seen(monkeypatch):
    judged = documents.judged
    monkeypatch.setattr(documents, "judged", lambda document: (replace(judged(document)[0], formulas=()), []))
    assert documents.checked(PAGE, [Row((a, a))], 1).kind == "formula lost"


def test_a_wrong_verdict_on_code_is_seen(monkeypatch):
    """What proves that a function is itself is taken for a proof that it is the other one."""
    prove = snippets.prove_equivalent
    seeds = [seed for seed in range(40) if snippets.drawn(seed).equivalent and not snippets.drawn(seed).right]
    monkeypatch.setattr(snippets, "prove_equivalent", lambda one, other, shapes: prove(one, one, shapes))
    assert "wrong proved" in {snippets.trial(seed).kind for seed in seeds}


WRITTEN = snippets.Snippet(
    "def f(x):\n    y = x * x\n    x *= 2\n    return y\n\n\ndef b(dout, x):\n    dout *= x\n    return dout\n",
    {"x": "N"},
    ("x",),
    equivalent=False,
    right=True,
    gradients={"dx": "x"},
)
WAVES = replace(WRITTEN, source="import numpy as np\n\n\ndef f(x):\n    return np.sin(np.exp(x)) - np.exp(x)\n")


def test_a_backward_pass_has_what_the_forward_pass_left(tmp_path):
    """And neither changes what the differences are taken at."""
    given = {"x": np.array([1.0, 3.0])}
    run = snippets.ran(WRITTEN, snippets.loaded(WRITTEN.source, str(tmp_path)), given, np.ones, 1.0, 0)
    assert given["x"].tolist() == [1, 3]
    assert run.found["dx"].tolist() == [2, 6]
    assert np.allclose(run.wanted["dx"], [2, 6], atol=1e-4)


def test_differences_do_not_go_over_whole_waves(tmp_path):
    """Two of them, over many waves of a sine of 5e8, were alike by chance, and were taken for its derivative."""
    module, given = snippets.loaded(WAVES.source, str(tmp_path)), {"x": np.array([12.0, 20.0932])}
    found = snippets.differences(WAVES, module, given, "x", np.ones(2), 10.0)
    wrong = found / (np.exp(given["x"]) * (np.cos(np.exp(given["x"])) - 1)) - 1
    assert np.all(np.isnan(wrong) | (np.abs(wrong) < 1e-3))
    alone = snippets.differences(WAVES, module, {"x": given["x"][:1]}, "x", np.ones(1), 10.0)
    assert abs(alone[0] / (np.exp(12.0) * (np.cos(np.exp(12.0)) - 1)) - 1) < 1e-3


@pytest.mark.parametrize(("x", "more"), [(1.0, False), (0.0, False), (7.0, True)])
def test_an_overflow_is_no_lack_of_a_value(x, more, tmp_path):
    """1/0 is one, which is said by a condition; exp(7**4) is only too large for a float."""
    code = replace(WRITTEN, source="import numpy as np\n\n\ndef f(x):\n    return np.exp(x**4) / x\n")
    run = snippets.Run({"x": np.array([x]), "dout": np.ones(1)}, 1.0, 0, {}, {})
    assert snippets.overflows(code, run, snippets.loaded(code.source, str(tmp_path))) == more
