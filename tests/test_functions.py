"""Each function of one number, through all that is said of it in its row: by both judges, on paper, in documents, kernels and code."""

from __future__ import annotations

import numpy as np
import pytest
from flint import fmpq
from mpmath import mp
from sympy import Rational

import symderiv
from symderiv import Derivation, Total, Where, judge, judge_text
from symderiv.codegen.lower import kernel_function
from symderiv.errors import Undefined
from symderiv.language.functions import BY_VALUE, KINDS, KINKED, OWN, ROW_OF, ROWS, Elementwise
from symderiv.language.kept import needs
from symderiv.language.vocabulary import check_term
from symderiv.notation.notation import latex, text
from symderiv.proof.adjoint import partial
from symderiv.proof.signs import signs
from symderiv.refutation.interpret import World
from symderiv.tracing.dialects import TABLES
from symderiv.tracing.entrywise import FUNCTIONS, OTHER_NAMES
from symderiv.tracing.functions import TABLE

EXACT = {
    "exp":        mp.exp,
    "log":        mp.log,
    "sin":        mp.sin,
    "cos":        mp.cos,
    "tanh":       mp.tanh,
    "erf":        mp.erf,
    "expit":      lambda z: 1 / (1 + mp.exp(-z)),
    "softplus":   lambda z: mp.log(1 + mp.exp(z)),
    "relu":       lambda z: max(z, 0),
    "abs":        abs,
    "sign":       mp.sign,
    "stop":       lambda z: z,
    "sqrt":       mp.sqrt,
    "tan":        mp.tan,
    "sinh":       mp.sinh,
    "cosh":       mp.cosh,
    "exp2":       lambda z: mp.mpf(2) ** z,
    "expm1":      mp.expm1,
    "log2":       lambda z: mp.log(z, 2),
    "log10":      mp.log10,
    "log1p":      mp.log1p,
    "silu":       lambda z: z / (1 + mp.exp(-z)),
    "gelu":       lambda z: z * mp.ncdf(z),
    "deg2rad":    mp.radians,
}  # fmt: skip

d = Derivation("functions")
n = d.size("n")
i = d.index("i", n)
x = d.input("x", i)
X = x[i]
POINTS = (fmpq(-23, 10), fmpq(-7, 10), fmpq(2, 5), fmpq(19, 10))

named = pytest.mark.parametrize("row", ROWS, ids=[row.code[0] for row in ROWS])
of_kind = pytest.mark.parametrize("row", [ROW_OF[kind] for kind in KINDS], ids=[kind.__name__ for kind in KINDS])


def brute(term, point):
    """The value of a term of x by the judge that refutes."""
    return float(World(d.program, {n: 1}, lambda head, at: point, formal=False).evaluate(term, {i: 1}))


def points_of(row):
    return POINTS[2:] if needs(row.of(X)) else POINTS


def proves(left, right):
    page = Derivation("claims")
    page.program = d.program
    page.claim("1", left, right)
    (claim,) = judge(page).claims
    return claim.steps[0].verdict


@named
def test_its_value(row):
    for point in points_of(row):
        wanted = float(EXACT[row.code[0]](mp.mpf(int(point.p)) / int(point.q)))
        assert brute(row.of(X), point) == pytest.approx(wanted, rel=1e-12)
        if row.value is not None:
            assert brute(row.value(X), point) == pytest.approx(wanted, rel=1e-12)


@of_kind
def test_its_value_in_other_functions_is_proved(row):
    if row.value is not None:
        assert proves(row.of(X), row.value(X)) == "proved"
        assert proves(row.of(X), row.value(X) + Rational(1, 100)) == "refuted"


@named
def test_its_slope(row):
    if row.of is OWN["stop_gradient"]:
        return
    slope = row.slope(X) if row.slope is not None else partial(row.of(X), X)
    for point in points_of(row):
        assert brute(Total(row.of(X), X), point) == pytest.approx(brute(slope, point), rel=1e-12)
    if row.of in KINKED:
        slope = Where(X > 0, round(brute(slope, fmpq(1))), round(brute(slope, fmpq(-1))))
    assert proves(Total(row.of(X), X), slope) == "proved"
    assert proves(Total(row.of(X), X), slope + Rational(1, 100)) == "refuted"


@of_kind
def test_what_is_said_of_its_values(row):
    values = [brute(row.of(X), point) for point in points_of(row)]
    lower, upper = row.between
    assert all(v > 0 for v in values) or row.sign != "+"
    assert all(v >= 0 for v in values) or row.sign != "0+"
    assert all((lower is None or v > lower) and (upper is None or v < upper) for v in values)
    if row.parity:
        assert proves(row.of(-X), row.parity * row.of(X)) == "proved"
    if row.of in BY_VALUE:
        assert proves(BY_VALUE[row.of](row.of(X)), row.slope(X)) == "proved"
    sign = signs(d.program, lambda head: True)
    assert sign(row.of(X)) == row.sign
    assert lower is None or sign(row.of(X) - lower) == "+"
    assert upper is None or sign(upper - row.of(X)) == "+"


@of_kind
def test_where_it_has_a_value(row):
    assert needs(row.of(X)) == ({(X, row.asks, frozenset())} if row.asks else set())
    if row.asks:
        with pytest.raises(Undefined):
            brute(row.of(X), fmpq(-1))
    check_term(row.of(X), lambda symbol: True)


def test_documents_know_its_words_and_how_it_is_printed():
    """Each word is read, and what is printed is read as the same."""
    lines = []
    for row in ROWS:
        for word in row.words:
            called = f"{word}(x_i)" if word.startswith("\\") else rf"\operatorname{{{word}}}(x_i)"
            lines += [rf"${called} = {latex(row.of(X))}$", f"${word}(x_i) = {called}$"]
    page = judge_text("```symderiv\nindex i = 1..n\ninput x_i\n```\n" + "\n\n".join(lines))
    assert page.problems == ()
    steps = [step for derivation in page.derivations for claim in derivation.claims for step in claim.steps]
    assert [step.verdict for step in steps] == ["proved"] * len(lines)


@of_kind
def test_its_name_on_paper(row):
    shown = row.shown or row.of.__name__
    assert (shown in text(row.of(X))) == (shown != "Abs")
    assert (f"{shown}" in latex(row.of(X))) == (shown not in ("Abs", "exp"))


@named
def test_its_kernel(row):
    points = np.array([float(point) for point in points_of(row)])
    wanted = [float(EXACT[row.code[0]](point)) for point in points]
    run = kernel_function(d.program, row.of(X), (i,))
    assert run(x=points) == pytest.approx(wanted, rel=1e-12)
    assert np.asarray(run(x=points.astype(np.float32))).dtype == np.float32
    constant = kernel_function(d.program, X + row.of(n - Rational(3, 2)), (i,))
    assert constant(x=np.zeros(2)) == pytest.approx([float(EXACT[row.code[0]](mp.mpf(1) / 2))] * 2, rel=1e-12)
    assert constant(x=np.zeros(2, np.float32)).dtype == np.float32


@named
def test_code_knows_its_names(row):
    for name in row.code:
        key = OTHER_NAMES.get(name, name)
        assert FUNCTIONS[key].of is row.of
        assert all(callable(table[key]) for table in (TABLE, *TABLES.values()))


def test_ours_are_there_for_pages():
    for name in OWN:
        assert getattr(symderiv, name) is OWN[name]
        assert name in symderiv.__all__
    assert {row.of for row in ROWS if isinstance(row.of, type) and issubclass(row.of, Elementwise)} <= set(OWN.values())


def test_no_two_have_a_name():
    for names in ([word for row in ROWS for word in row.words], [name for row in ROWS for name in row.code]):
        assert len(names) == len(set(names))


IN_TEXTS = [
    # about                                      text                                                                            verdict
    ("silu has a meaning",                       r"$\operatorname{silu}(x) = x \sigma(x)$",                                      "proved"),
    ("it has a slope",                           r"$\operatorname{SiLU}'(x) = \sigma(x) (1 + x (1 - \sigma(x)))$",               "proved"),
    ("the slope of tan is 1/cos²",               r"$\tan'(x) = \frac{1}{\cos^2 x}$",                                             "proved"),
    ("and 1 + tan²",                             r"$\tan'(x) = 1 + \tan^2 x$",                                                   "proved"),
    ("so has tan, without parentheses too",      r"$\tan x \cos x = \sin x$",                                                    "proved"),
    ("a word without a typeface",                r"$tan(x) cosh(x) = cosh(x) sin(x) / cos(x)$",                                  "proved"),
    ("a definition of the text goes before",     r"$\operatorname{silu}(u) = 2 u$ $\operatorname{silu}(x) = 2 x$",               "proved"),
    ("of what has one meaning it is a claim",    r"$\operatorname{sigmoid}(x) = 2 x$",                                           "refuted"),
    ("two functions are called gelu",            r"$\operatorname{gelu}(x) = x (1 + \tanh(\sqrt{2/\pi} (x + 0.044715 x^3)))/2$", None),
    ("and the text may say which",               r"$\operatorname{gelu}(u) = u \tanh(u)$ $\operatorname{gelu}(x) = x \tanh(x)$", "proved"),
]  # fmt: skip


def test_what_texts_call_so():
    page = judge_text("\n\n".join(("```symderiv\ninput x\n```", *(lines for _, lines, _ in IN_TEXTS))))
    found = [step.verdict for derivation in page.derivations for claim in derivation.claims for step in claim.steps]
    assert found == [verdict for *_, verdict in IN_TEXTS if verdict]


def test_a_declared_function_goes_before():
    page = judge_text("```symderiv\ninput x\nfunction silu\n```\n$\\operatorname{silu}(x) = x \\sigma(x)$")
    assert [s.verdict for d in page.derivations for claim in d.claims for s in claim.steps] == ["refuted"]
