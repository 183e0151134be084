"""What each law says, read as texts are and judged, over ranges of each sort and for terms of each sort; and that law proves it."""

from __future__ import annotations

import re

from symderiv import judge_text
from symderiv.proof.laws import LAWS
from symderiv.proof.poly import RELATED
from symderiv.proof.relations import RELATIONS

PAGE = r"""
```symderiv
size m, n
index i, j, k, r, s = 1..n
index p, q = 1..2
input x, y, z, c
input u > 0
input v > 0
input A_{ij}
input B_{pq}
function f, g
```
"""
WHOLE = ("1", "n")
RANGES = (WHOLE, ("2", "n"), ("0", "n"), ("m", "(m + n)"), ("1", "5"), ("1", "k"), ("k", "n"))
TERMS = (
    r"f(@)",
    r"@ f(@)",
    r"f(@) g(n - @)",
    r"@^3 f(@)^2 g(n - @)",
    r"e^{c @}",
    r"@ e^{c @}",
    r"\frac{1}{n + m + @}",
    r"[@ \ge r] f(@)",
    r"\log(n + @)",
    r"\frac{f(@)}{1 + g(n - @)^2}",
)
ENDS = re.compile(r"(?<![A-Za-z\\])[ab](?![A-Za-z])")
CALL = re.compile(r"(?<![A-Za-z\\])f\(([^()]*)\)")


def said(equation, ends, term):
    """A law for ends of a range in the place of a and b, and a term in that of f."""
    equation = CALL.sub(lambda called: f"({term.replace('@', called[1] if len(called[1]) == 1 else f'({called[1]})')})", equation)
    return ENDS.sub(lambda end: dict(zip("ab", ends, strict=True))[end[0]], equation)


def forms(law):
    """Each form of each equation of a law."""
    for equation in law.says:
        for ends in RANGES if ENDS.search(equation) else (WHOLE,):
            every = law.name == "range" and ends in (WHOLE, ("m", "(m + n)"))
            yield from (said(equation, ends, term) for term in (TERMS if every else TERMS[:1]))
        if equation.count(" = ") == 1:
            yield " = ".join(reversed(said(equation, WHOLE, TERMS[0]).split(" = ")))


def test_each_law_is_proved_in_all_its_forms():
    written = [(law.name, form) for law in LAWS for form in forms(law)]
    page = judge_text(PAGE + "\n\n".join(f"$${form}$$" for _, form in written))
    assert page.problems == ()
    steps = [step for derivation in page.derivations for claim in derivation.claims for step in claim.steps]
    assert len(steps) == len(written)
    assert [(*row, step.reason) for row, step in zip(written, steps, strict=True) if step.verdict != "proved"] == []
    proved_by_it = {name for (name, _), step in zip(written, steps, strict=True) if name in step.laws}
    assert [law.name for law in LAWS if law.name not in proved_by_it] == []


def test_the_kinds_with_a_relation_are_asked_for_it():
    """One that is not in `RELATED` is passed over, whatever its row says."""
    assert set(RELATIONS) == RELATED


FALSE = (
    r"\sum_{i=a}^{b} f(i) = \sum_{j=1}^{b - a + 1} f(b - j + 2)",
    r"\sum_{i=a}^{b} f(i) = \sum_{j=1}^{b - a + 1} f(b - j)",
    r"\sum_{i=a}^{b} f(i) = \sum_{j=1}^{b - a} f(b - j + 1)",
    r"\sum_{i=a}^{b} f(i) = \sum_{j=1}^{b - a + 1} f(j + 1 - a)",
)


def test_a_sum_turned_round_about_another_place_is_another():
    written = [said(equation, ("2", "n"), term) for equation in FALSE for term in TERMS[::2]]
    page = judge_text(PAGE + "\n\n".join(f"$${form}$$" for form in written))
    steps = [step for derivation in page.derivations for claim in derivation.claims for step in claim.steps]
    assert [form for form, step in zip(written, steps, strict=True) if step.verdict != "refuted"] == []


IN_ARRAYS = [
    # what is summed, @ being the position and ~ that from the end        what it is
    ("x_{@} y_{~}",                      "two arrays, one from each end"),
    ("x_{@} z_{@} y_{~}",                "two upwards, one downwards"),
    ("(@) x_{~}",                        "a position as a number"),
    ("(@) x_{@} x_{~}",                  "what is the same turned round, but for the position"),
    ("(@)^3 x_{@} x_{~}",                "odd powers of it"),
    ("(@)^2 x_{@} x_{~}",                "even powers of it"),
    ("A_{@, k} A_{~, k} A_{@, j}",       "one array several times"),
    ("x_{@} \\sum_{k=1}^n A_{@, k} y_k", "a sum inside"),
    ("\\frac{x_{@}}{1 + y_{~}^2}",       "a divisor"),
    ("[@ \\ge j] x_{@}",                 "a guard"),
    ("[@ = j] x_{@}",                    "a delta"),
    ("\\sqrt{@} x_{@}",                  "a root"),
]  # fmt: skip
ARRAYS = "```symderiv\nsize n\nindex i, j, k = 1..n\ninput x_i, y_i, z_i, A_{ij}\n```\n"


def test_a_sum_over_arrays_is_the_same_turned_round():
    ways = [(term.replace("@", "i").replace("~", "n + 1 - i"), term.replace("@", "n + 1 - i").replace("~", "i")) for term, _ in IN_ARRAYS]
    page = judge_text(ARRAYS + "\n\n".join(rf"$$\sum_{{i=1}}^n {one} = \sum_{{i=1}}^n {other}$$" for one, other in ways))
    assert page.problems == ()
    steps = [step for derivation in page.derivations for claim in derivation.claims for step in claim.steps]
    assert [row for row, step in zip(IN_ARRAYS, steps, strict=True) if step.verdict != "proved"] == []
