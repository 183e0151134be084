"""The laws by which proofs go, one row each: what a certificate calls it, what it says, and where that holds.

The engine records each law where it applies it, as a row of these. What a law says is written as documents write it, so that it can be
read and judged as any other claim: `tests/test_laws.py` does so, in every form, and holds that the proof names the law.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Law:
    """A law: its name, the equations that it is, and what they hold for. In these f and g are any terms, a and b the ends of any range."""

    name: str
    says: tuple[str, ...]
    guard: str = ""


SAME = Law("same", (r"f(x) = f(x)",), "what has a value")
SUM_OF_A_PRODUCT = Law(
    "sum of a product",
    (
        r"\sum_{i=a}^{b} c f(i) = c \sum_{i=a}^{b} f(i)",
        r"\sum_{i=a}^{b} \sum_{j=1}^n f(i) g(j) = (\sum_{i=a}^{b} f(i)) \sum_{j=1}^n g(j)",
    ),
    "c free of i, sums that share no index",
)
SUM_OF_ONES = Law("sum of ones", (r"\sum_{i=a}^{b} 1 = b - a + 1",))
SUM_OF_POWERS = Law(
    "sum of powers",
    (
        r"\sum_{i=1}^n i = \frac{n (n + 1)}{2}",
        r"\sum_{i=1}^n i^2 = \frac{n (n + 1) (2 n + 1)}{6}",
        r"\sum_{i=1}^n i^3 = (\frac{n (n + 1)}{2})^2",
    ),
)
SUM_OF_A_DELTA = Law("sum of a delta", (r"\sum_{i=a}^{b} [i = j] f(i) = [j \ge a] [b \ge j] f(j)",))
NESTED_SUMS = Law("nested sums", (r"\sum_{i=a}^{b} f(i) \sum_{j=1}^i g(j) = \sum_{i=a}^{b} \sum_{j=1}^i f(i) g(j)",))
HALF = Law("half", (r"\sum_{i=1}^n \sum_{j=1}^n [i \ge j] f(i) f(j) = \frac{(\sum_{i=1}^n f(i))^2 + \sum_{i=1}^n f(i)^2}{2}",))
RANGE = Law(
    "range",
    (
        r"\sum_{i=a}^{b} f(i) = \sum_{j=1}^{b - a + 1} f(a + j - 1)",
        r"\sum_{i=a}^{b} f(i) = \sum_{j=1}^{b - a + 1} f(b - j + 1)",
    ),
    "for the second, an f(b - j + 1) of one term for an f(i) of one, not sin; under a guard, an f used one way only",
)
WINDOWS = Law(
    "windows",
    (
        r"\sum_{i=1}^n [i \ge j] [i \ge k] f(i)"
        r" = [j \ge k] \sum_{i=1}^n [i \ge j] f(i) + [k \ge j + 1] \sum_{i=1}^n [i \ge k] f(i)",
    ),
    "sums over ranges as sums over all whole numbers, whose summand is 0 outside of these",
)
DIGITS = Law("digits", (r"[n (i - 1) + r = n (j - 1) + s] = [i = j] [r = s]",), "1 <= r, s <= n")
INVERSE = Law("inverse", (r"\sum_{k=1}^n A_{ik} (A^{-1})_{kj} = [i = j]", r"\sum_{k=1}^n (A^{-1})_{ik} A_{kj} = [i = j]"))
MATRIX = Law(
    "matrix",
    (r"\det(B) = B_{11} B_{22} - B_{12} B_{21}", r"(B^{-1})_{12} = -\frac{B_{12}}{B_{11} B_{22} - B_{12} B_{21}}"),
    "so few rows that the sum over permutations can be written out",
)
CASES = Law("cases", (r"f(x + [z > 0] y) = (1 - [z > 0]) f(x) + [z > 0] f(x + y)",))
CELLS = Law("cells", (r"[x = y] f(x) = [x = y] f(y)",), "what is zero for each sign of the quantities that its cases compare with 0")
REGIONS = Law(
    "regions",
    (r"[i \ge j] [i \ge k] = [i \ge j] [j \ge k] + [i \ge k] [k \ge j + 1]",),
    "what is zero in every region that the positions in its guards cut out",
)
CLOSED = Law(
    "closed",
    (
        r"\max(0, \max(0, \max(0, \max(0, \max(0, -z) - x) - y) - c) - u)"
        r" = \max(0, \max(0, \max(0, \max(0, \max(0, z) - z - x) - y) - c) - u)",
    ),
    "max(0, -z) = max(0, z) - z where cases stand so deep in each other that each is one thing",
)
DELTA = Law("delta", (r"[i = j]^2 = [i = j]", r"[i = j] f(j) = [i = j] f(i)"))
STEP = Law("step", (r"[z > 0]^2 = [z > 0]", r"[-z > 0] = 1 - [z > 0] - [z = 0]", r"z [z = 0] = 0"))
POWER = Law(
    "power", (r"\sqrt{u + u v} = \sqrt{u} \sqrt{1 + v}", r"\frac{x^2}{x y + x z} = \frac{x}{y + z}"), "for a root, what is positive"
)
BASE = Law("base", (r"(x + y) (x + y)^{-1} = 1",))
GUARDED = Law(
    "guarded",
    (r"(x + y) \begin{cases} \frac{z}{x + y} & x + y \ne 0 \\ 0 & \text{otherwise} \end{cases} = z [x + y \ne 0]",),
    "in a case",
)
ROOT = Law("root", (r"(\sqrt{x + y})^2 = x + y",))
PARTIAL_FRACTIONS = Law("partial fractions", (r"\frac{1}{x (2 + 3 x)} = \frac{1}{2} (\frac{1}{x} - \frac{3}{2 + 3 x})",))
PRODUCT = Law(
    "product",
    (
        r"\prod_{i=a}^{b} f(i) g(i) = (\prod_{i=a}^{b} f(i)) \prod_{i=a}^{b} g(i)",
        r"\prod_{i=a}^{b} c = c^{b - a + 1}",
        r"\prod_{i=a}^{b} e^{f(i)} = e^{\sum_{i=a}^{b} f(i)}",
    ),
)
EXP = Law("exp", (r"e^{x + y} = e^x e^y", r"e^{c \log u} = u^c"))
LOG = Law("log", (r"\log(u v) = \log u + \log v", r"\log(e^x u) = x + \log u"), "factors that are positive")
SINE = Law(
    "sine",
    (
        r"\cos^2 x = 1 - \sin^2 x",
        r"\frac{\sin^2 x}{\cos^2 x} = \frac{1}{\cos^2 x} - 1",
        r"\sin(x + y) = \sin x \cos y + \cos x \sin y",
        r"\cos(x + y) = \cos x \cos y - \sin x \sin y",
    ),
)

LAWS = tuple(row for row in globals().values() if isinstance(row, Law))
