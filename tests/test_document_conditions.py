"""Where an equation of a document holds: every condition of its line counts, no other does, and what is not understood is refused."""

# ruff: noqa: E501 (tables are read across)

from __future__ import annotations

import re

import pytest
from documents_read import read

from symderiv.documents.marking.pages import judge, load
from symderiv.faces.report import html, tex

P, R, M, U = "proved", "refuted", "misfit", "unknown"
NUMBERS = "index i, j, k = 1..n\ninput x_i, z_i, a, b, c, \\sigma > 0"
MATRICES = "input A: n \\times n, B: n \\times n, C: n \\times m, u: n"
WORDS = "a condition in words is not understood; write it as a formula, \\text{for } x > 0"
BESIDE = "what is this beside a condition? Write i = 1, \\dots, n, or all cases with \\begin{cases}"
BETWEEN = "a condition between two equations: of the one before it, or after it? Write them in rows of their own"
OWN_ROW = "a condition in a row of its own: of the equation above, or of those below? Write it beside them"
COLON = "a colon: a product of matrices, a ratio, or a condition? Write \\operatorname{tr}(A^\\top B), \\frac{a}{b} or \\text{if}"
SLASH = "what is below the slash? Write \\frac{...}{...}, or parentheses"
CASES = "another case: write all of them in one, \\begin{cases} ... \\end{cases}"
DEFINED = "a definition under a condition: write all cases in one, \\begin{cases} ... \\end{cases}"


def judged(tmp_path, declared, text, suffix=".md"):
    """The verdicts of a document's steps, and what was told of what was not read."""
    draft, found = read(tmp_path, declared, text, suffix)
    return found, [p.message for p in draft.problems]


def display(formula):
    return f"$$\n{formula}\n$$"


HOLDS = {
    # what is said                       formula                                                            verdicts
    "for a, for b":                      (r"\sqrt{a^2 b^2} = a b \quad \text{for } a > 0, b > 0",             [P]),
    "behind two commas":                 (r"\sqrt{a^2 b^2} = a b, \quad a > 0, \quad b > 0",                   [P]),
    "one of two is not enough":          (r"\sqrt{a^2 b^2} = a b, \quad a > 0",                                [R]),
    "of several at once":                (r"\sqrt{a^2 b^2} = a b \quad \text{if } a, b > 0",                   [P]),
    "of three at once":                  (r"|abc| = abc, \quad a, b, c > 0",                                  [P]),
    "a chain of comparisons":            (r"|a| = a, \quad 0 < a < 1",                                        [P]),
    "from which it follows":             (r"a > 0 \Rightarrow |a| = a",                                       [P]),
    "from which two follow":             (r"a > 0 \implies |a| = a \implies |a|^3 = a^3",                     [P, P]),
    "from an input's value":             (r"b = 0 \Rightarrow ab = 0",                                        [P]),
    "from another, and wrong":           (r"a < 0 \Rightarrow |a| = a",                                       [R]),
    "which follows from it":             (r"|a| = a \Leftarrow a > 0",                                        [P]),
    "in parentheses":                    (r"|a| = a \quad (a > 0)",                                           [P]),
    "in words and dollars":              (r"|a| = a \text{ if $a > 0$ and $b > 0$}",                          [P]),
    "for all of two":                    (r"|ab| = ab \quad \forall a, b > 0",                                [P]),
    "for all, which says nothing":       (r"ab = ba \quad \text{for all } a, b",                              [P]),
    "for all, and wrong":                (r"|a| = a \quad \text{for all } a",                                 [R]),
    "with and":                          (r"\text{If } a > 0 \text{ and } b > 0 \text{ then } |ab| = ab.",    [P]),
    "an open interval":                  (r"|a| = a, \quad a \in (0, 1)",                                     [P]),
    "the wrong interval":                (r"|a| = a, \quad a \in [-1, 1]",                                    [R]),
    "an interval without end":           (r"|a| = a, \quad a \in [0, \infty)",                                [P]),
    "all numbers":                       (r"|a| = a, \quad a \in \mathbb{R}",                                 [R]),
    "positions that are the same":       (r"x_i z_j = x_j z_i, \quad i = j",                                  [P]),
    "the same, in parentheses":          (r"x_i z_j = x_j z_i \quad (i = j)",                                 [P]),
    "three positions":                   (r"x_i z_j = x_k z_i \quad \text{for } i = j = k",                    [P]),
    "a range that says nothing":         (r"2 x_i = x_i + x_i, \quad i = 1, 2, \dots, n",                      [P]),
    "the same for several":              (r"x_i z_j = z_j x_i, \quad i, j = 1, \dots, n",                      [P]),
    "a range from 2":                    (r"\delta_{i1} x_i = 0, \quad i = 2, 3, \dots, n",                    [P]),
    "a set from 2":                      (r"\delta_{i1} x_i = 0, \quad i \in \{2, \dots, n\}",                 [P]),
    "a set by its size":                 (r"2 x_i = x_i + x_i \quad \forall i \in [n]",                        [P]),
    "a range without commas":            (r"\delta_{i1} x_i = 0, \quad i = 2 \ldots n",                          [P]),
    "a letter described":                (r"2a = a + a \text{ where } n \text{ is the batch size}",             [P]),
    "words that begin like others":      (r"2a = a + a \quad \text{total loss}",                             [P]),
    "a set from 1":                      (r"\delta_{i1} x_i = 0, \quad i \in \{1, \dots, n\}",                 [R]),
    "two equations, one condition":      (r"|a| = a, \ |a|^3 = a^3, \quad a > 0",                             [P, P]),
    "two equations, each with its own":  (r"|a| = a, \quad a > 0, \quad |a| = -a, \quad a < 0",               [P, P]),
    "no condition after `so`":           (r"a^2 = |a|^2 \text{, so } a^2 \geq 0",                             [P]),
    "between inequalities":              (r"a \leq |a| = 2|a|",                                               [R]),
    "leading, in a row of an align":     (r"\begin{align} |a| &= a \\ \text{For } a > 0, |a| &= a \\ \text{for } a < 0, |a| &= -a \end{align}", [R, P, P]),
    "leading, in the last row":          (r"\begin{align} |a| &= a \\ \text{If } a > 0, b &= b \end{align}",   [R, P]),
    "trailing, in a column":             (r"\begin{align} |a| &= a && a > 0 \\ |a| &= a && a < 0 \end{align}", [P, R]),
    "in a row of its own, above":        (r"\begin{align} \text{For } a > 0: \\ |a| &= a \\ |a|^3 &= a^3 \end{align}", [P, P]),
    "in a row of its own, last":         (r"\begin{align} |b| &= b \\ |a| &= a \\ \text{for } a &> 0 \end{align}", [R, P]),
    "a row that goes on under one":      (r"\begin{align} |a| &= a, \quad a > 0 \\ &= \frac{a^2}{a} \end{align}", [P, P]),
    "that begins with a minus":          (r"|a| = -a \quad \text{if } -a > 0",                                [P]),
    "with a minus, in a column":         (r"\begin{align} |a| &= -a && \text{for } -a > 0 \end{align}",       [P]),
    "a sum compared":                    (r"|a| = a, \quad \text{for } a - 1 > 0",                            [P]),
    "cases: a minus first":              (r"|a| = \begin{cases} -a & \text{if } -a > 0 \\ a & \text{otherwise} \end{cases}", [P]),
    "cases: a minus first, and wrong":   (r"|a| = \begin{cases} a & \text{if } -a > 0 \\ -a & \text{otherwise} \end{cases}", [R]),
    "cases: a sum compared":             (r"|a| = \begin{cases} a & \text{if } a + 1 > 1 \\ -a & \text{otherwise} \end{cases}", [P]),
    "cases: an interval about 0":        (r"\begin{cases} a & \text{for } -1 \leq a \leq 1 \\ a & \text{otherwise} \end{cases} = a", [P]),
    "cases: behind a gap":               (r"\begin{cases} a & \quad \text{if } 2 a - 1 > 0 \\ a & \text{otherwise.} \end{cases} = a", [P]),
    "cases: in dollars":                 (r"\begin{cases} a & \text{if $-a > 0$} \\ a & \text{otherwise} \end{cases} = a", [P]),
    "cases: in an array":                (r"\left\{ \begin{array}{ll} a & \mbox{if } |a| - 1 > 0 \\ a & \mbox{otherwise} \end{array} \right. = a", [P]),
    "a row that goes on, then one":      (r"\begin{align} a &= \frac{a^2}{a} \\ &= |a|, \quad a > 0 \end{align}", [P, P]),
}  # fmt: skip


@pytest.mark.parametrize("name", HOLDS)
def test_where_an_equation_holds(tmp_path, name):
    formula, wanted = HOLDS[name]
    assert judged(tmp_path, NUMBERS, display(formula)) == (wanted, [])


BY_USE = "size m, n\ninput x: n, z: n, w: m, a, b"  # where i is known by its use alone
LETTERS = {
    # what is said                       formula                                                            verdicts
    "the first position":                (r"a x_i = x_1 a \text{ for } i = 1",                                  [P]),
    "the first position, and wrong":     (r"a x_i = 2 x_1 a \text{ for } i = 1",                                [R]),
    "no position":                       (r"a x_i = x_1 a",                                                    [R]),
    "a position where":                  (r"a x_i = x_1 a \quad \text{where } i = 1",                           [P]),
    "a position behind a comma":         (r"a x_i = x_1 a, \quad i = 1",                                       [P]),
    "a position in parentheses":         (r"a x_i = x_1 a \quad (i = 1)",                                      [P]),
    "a position before":                 (r"\text{For } i = 1, a x_i = x_1 a",                                 [P]),
    "from which it follows":             (r"i = j \Rightarrow a x_i = x_j a",                                  [P]),
    "positions that are the same":       (r"a x_i = x_j a \text{ if } i = j",                                  [P]),
    "a range from 2":                    (r"[i = 1] x_i = 0, \quad i = 2, \dots, n",                           [P]),
    "a range that says nothing":         (r"[i = 1] x_i = 0, \quad i = 1, \dots, n",                           [R]),
    "a range each":                      (r"\begin{align} [i = 1] x_i &= 0, \quad i = 2, \dots, n \\ [i = 1] w_i &= 0, \quad i = 2, \dots, m \end{align}", [P, P]),
    "a position each":                   (r"\begin{align} a x_i &= x_1 a && \text{for } i = 1 \\ a w_i &= w_1 a && \text{for } i = 1 \end{align}", [P, P]),
    "a row that goes on":                (r"\begin{align} a x_i &= x_i a \\ &= x_1 a, \quad i = 1 \end{align}", [P, P]),
    "after another range":               ("a w_i = w_i a $$\n\n$$ a x_i = x_1 a \\text{ for } i = 1",           [P, P]),
    "a range after another":             ("a w_i = w_i a $$\n\n$$ [i = 1] x_i = 0, \\quad i = 2, \\dots, n",     [P, P]),
    "in the prose before":               ("$$\nIf $i = j$, then $a x_i = x_j a$. $$ 2 a = a + a",                [P, P]),
    "in the prose after":                ("$$\nWe have $a x_i = x_j a$ for $i = j$. $$ 2 a = a + a",             [P, P]),
    "in the prose after, and wrong":     ("$$\nWe have $a x_i = 2 x_j a$ for $i = j$. $$ 2 a = a + a",           [R, P]),
    "supposed":                          ("$$\nSuppose $i = 1$. $$ a x_i = x_1 a",                              [P]),
    "a range in the prose":              ("$$\nFor $i = 2, \\dots, n$, $$ [i = 1] x_i = 0",                      [P]),
}  # fmt: skip


@pytest.mark.parametrize("name", LETTERS)
def test_letters_of_conditions_are_known_by_their_use(tmp_path, name):
    formula, wanted = LETTERS[name]
    assert judged(tmp_path, BY_USE, display(formula).replace("$$\n$$", "")) == (wanted, [])


REFUSED = {
    # what is said                       formula                                                            verdicts  what is told
    "for small numbers":                 (r"|a| = a \quad \text{for small } a",                               [],     [f"for small: {WORDS}"]),
    "for positive numbers":              (r"|a| = a \quad \text{for } a \text{ positive}",                    [],     [BESIDE]),
    "if it is large":                    (r"|a| = a \quad \text{if the batch is large}",                      [],     [f"if the batch is large: {WORDS}"]),
    "words behind a condition":          (r"|a| = a \quad \text{for } a > 0 \text{ mostly}",                  [],     [BESIDE]),
    "a formula behind a condition":      (r"|a| = a \quad \text{for } a > 0, \ b",                            [],     [BESIDE]),
    "unless":                            (r"|a| = a \text{ unless } a < 0",                                   [],     ["unless: write where it holds, \\text{for } i \\neq j"]),
    "or":                                (r"|a| = a \text{ if } a > 0 \text{ or } b > 0",                     [],     ["one or the other: write each as a formula of its own, with its condition"]),
    "else":                              (r"|a| = a \text{ if } a > 0 \text{, otherwise } 0",                 [],     [CASES]),
    "a set":                             (r"|a| = a, \quad a \in S",                                          [],     ["which values are these? Write comparisons, \\text{for } x > 0, or a range"]),
    "positive numbers as a set":         (r"|a| = a, \quad a \in \mathbb{R}_+",                               [],     ["which values are these? Write comparisons, \\text{for } x > 0, or a range"]),
    "a condition above the sign":        (r"|a| \overset{a > 0}{=} a",                                        [],     ["a condition above a sign: write it beside the equation, \\text{for } x > 0"]),
    "a condition in a tag":              (r"|a| = a \tag{for $a > 0$}",                                       [],     ["a condition in a tag: write it beside the equation, \\text{for } x > 0"]),
    "a condition below a bar":           (r"\left. |a| = a \right|_{a > 0}",                                [],     ["an equation with something below or above it: a condition? Write it beside it, \\text{for } x > 0"]),
    "a letter described as positive":    (r"|a| = a \text{ where } a \text{ is positive}",                   [],     [BESIDE]),
    "almost surely":                     (r"|a| = a \quad \text{almost surely}",                            [],     ["almost surely: write where it holds, \\text{for } i \\neq j"]),
    "a limit":                           (r"|a| = a, \quad b \to 0",                                          [],     ["what does this say of the equation beside it? Only comparisons are conditions"]),
    "every other position":              (r"\delta_{i1} x_i = 0, \quad i = 2, 4, \dots, n",                   [],     ["positions that are not one after another: write i = 1, \\dots, n"]),
    "between two equations":             (r"|a| = a, \quad a > 0, \quad |b| = b",                             [],     [BETWEEN]),
    "in a row of its own, between":      (r"\begin{align} |a| &= a \\ \text{for } a &> 0 \\ |b| &= b \end{align}", [], [OWN_ROW]),
    "in words, above all rows":          (r"\begin{align} \text{For small } a: \\ |a| &= a \\ b &= b \end{align}", [], [f"for small: {WORDS}"]),
    "in words, below the last row":      (r"\begin{align} b &= b \\ |a| &= a \\ \text{for small } a \end{align}", [P], [f"for small: {WORDS}"]),
    "in words, in one row":              (r"\begin{align} b &= b \\ |a| &= a, \text{ for small } a \\ a &= 2a \end{align}", [P, R], [f"for small: {WORDS}"]),
    "two values":                        (r"a^2 = 2a \text{ for } a = 0 \text{ and } a = 2",                  [],     ["two values for one thing: write each case as a formula of its own"]),
    "conditions that hold nowhere":      (r"|a| = 2a, \quad a > 0, \quad a < 0",                              [],     ["these conditions hold nowhere together: which is meant? Write it beside the equation"]),
    "a definition":                      (r"q = a^2 \quad \text{if } a > 0",                                  [],     [DEFINED]),
    "nothing after if":                  (r"|a| = a \quad \text{if}",                                         [],     ["a condition is missing after if"]),
    "a condition and what is equivalent":  (r"a > 0 \iff |a| = a",                                            [],     ["⇔ between equations: write each as a formula of its own"]),
    "equivalences":                      (r"|a| = a \iff a > 0",                                              [],     ["⇔ between equations: write each as a formula of its own"]),
    "a bar":                             (r"|a| = a \mid a > 0",                                              [],     ["| between equations: write each as a formula of its own"]),
    "for some":                          (r"|a| = a \quad \text{for some } a > 0",                              [],     [f"for some: {WORDS}"]),
    "not for":                           (r"|a| = a \quad \text{not for } a > 0",                               [],     [f"not for: {WORDS}"]),
    "without":                           (r"|a| = a \quad \text{without } a > 0",                               [],     [f"without: {WORDS}"]),
    "regardless of":                     (r"|a| = a \quad \text{regardless of } a > 0",                         [],     [f"regardless of: {WORDS}"]),
    "even for":                          (r"|a| = a \quad \text{even for } a > 0",                              [],     [f"even for: {WORDS}"]),
    "iff":                               (r"|a| = a \quad \text{iff } a > 0",                                   [],     [f"iff: {WORDS}"]),
    "a comma between digits":            (r"0,5 a = \frac{a}{2}",                                               [],     ["a comma between digits: 0.5, or two things? Write a point, or a blank behind the comma"]),
    "from what?":                        (r"|a| = a \Leftarrow |b| = 3",                                      [],     ["what does this follow from? A comparison stands after \\Leftarrow, or each is a formula of its own"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_said_of_an_equation_and_not_understood_is_refused(tmp_path, name):
    formula, verdicts, told = REFUSED[name]
    assert judged(tmp_path, NUMBERS, display(formula)) == (verdicts, told)


PROSE = {
    # what is said                        the text                                                          verdicts  what is told
    "if, before a display":               ("If $a > 0$,\n\n$$|a| = a$$",                                     [P],     []),
    "for, and words between":             ("For $a > 0$ the absolute value is known:\n$$|a| = a$$",          [P],     []),
    "two, joined by and":                 ("If $a > 0$ and $b > 0$, $$|ab| = ab$$",                          [P],     []),
    "two at once":                        ("If $a, b > 0$, $$|ab| = ab$$",                                   [P],     []),
    "of positions":                       ("When $i = j$, $$x_i z_j = x_j z_i$$",                            [P],     []),
    "for all positions":                  ("For all $i$, $$2 x_i = 3 x_i$$",                                 [R],     []),
    "of displays in the same sentence":   ("If $a > 0$,\n\n$$|a| = a$$\n\n$$|a|^3 = a^3$$",                 [P, P],  []),
    "not of cases of their own":          ("If $i \\ne j$,\n\n$$\\delta_{ij} x_i = 0$$\n\n$$\\delta_{ij} = \\begin{cases} 2 & i = j \\\\ 0 & i \\ne j \\end{cases}$$", [P, R], []),
    "of cases of something else":         ("If $i \\ne j$,\n\n$$\\delta_{ij} x_i = 0$$\n\n$$|a| + \\delta_{ij} = \\begin{cases} a & a > 0 \\\\ -a & a \\le 0 \\end{cases}$$", [P, P], []),
    "not in general":                     ("If $i \\ne j$,\n$$\\delta_{ij} x_i = 0$$\nand in general\n$$\\delta_{ij} x_i = 0$$", [P, R],  []),
    "not when combined":                  ("Let $i \\ne j$. Then $$\\delta_{ij} x_i = 0.$$ Combining both cases, $$\\delta_{ij} x_i = 0$$", [P, R],  []),
    "not in general, in rows":            ("$$\\begin{aligned} \\text{when } i \\ne j \\\\ \\delta_{ij} x_i &= 0 \\\\ \\text{in general} \\\\ \\delta_{ij} x_i &= 7 \\delta_{ij} \\end{aligned}$$", [P, R], []),
    "of formulas in the same sentence":   ("If $a > 0$, then $|a| = a$ and $|a|^3 = a^3$.",                  [P, P],  []),
    "not of the next sentence":           ("If $a > 0$, then $|a| = a$. Now $|a| = a$.",                     [P, R],  []),
    "not after a display's full stop":    ("If $a > 0$, $$|a| = a.$$ and $$|a| = a$$",                       [P, R],  []),
    "not after an environment's":         ("If $a > 0$,\n\\begin{equation}\n\\begin{aligned} |a| &= a. \\end{aligned}\n\\end{equation}\n\n$$|a| = a$$", [P, R],  []),
    "not below a heading":                ("If $a > 0$\n\n# Signs\n\n$$|a| = a$$",                           [R],     []),
    "after a display":                    ("$$|a| = a$$ for $a > 0$.",                                       [P],     []),
    "after a display, in two":            ("$$|ab| = ab$$\n\nif $a > 0$ and $b > 0$.",                       [P],     []),
    "after one, before another":          ("$$|a| = a$$ for $a > 0$, and $$|a| = -a$$ for $a < 0$.",         [P, P],  []),
    "each before its own":                ("For $a < 0$, $$|a| = -a$$ and for $a > 0$, $$|a| = a.$$",        [P, P],  []),
    "after an inline formula":            ("So $|a| = a$ if $a > 0$.",                                       [P],     []),
    "a new sentence is not of the last":  ("$$|a| = a$$ If $b > 0$, $$|b| = b$$",                            [R, P],  []),
    "after a formula that is no equation": ("The slope of $|a|$ for $a > 0$ is $$\\frac{|a|}{a} = 1$$",       [P],     []),
    "after a display, and it leads":      ("$$a = a$$ for $a > 0$ we find $$|a| = a$$",                      [P, P],  []),
    "of all items of a list":             ("For $a > 0$:\n\n1. $|a| = a$\n2. $|a|^3 = a^3$",                 [P, P],  []),
    "not of the next item":               ("- If $a > 0$, $|a| = a$\n- $|a| = a$",                           [P, R],  []),
    "what is assumed, to the next heading": ("Let $a > 0$ and $b > 0$. Then $$|ab| = ab.$$\n\nSo $$|a| = a$$\n\n# Signs\n\n$$|a| = a$$", [P, P, R], []),
    "of positions, to the next paragraph": ("Suppose $i = j$. Then $$x_i z_j = x_j z_i.$$\n\nIn all, $$x_i z_j = x_j z_i$$", [P, R], []),
    "what is assumed of another":         ("Let $b > 0$. Then $$|a| = a$$",                                  [R],     []),
    "what is assumed, and its opposite":  ("Let $a > 0$. For $a < 0$, $$|a| = -a$$",                         [P],     []),
    "what is assumed, until it is dropped": ("Let $a > 0$. Then $$|a| = a.$$ Without this assumption, $$|a| = a$$", [P, R],    []),
    "an equation, until it is dropped":   ("Assume $a = 2b$. Then $$a + b = 3b.$$\n\nWe now drop this assumption: $$a + b = 3b$$ Assume $c = 2b$. $$c = 2b$$", [P, R, P], []),
    "an equation, past a heading":        ("Assume $a = 2b$. Then $$a + b = 3b.$$\n\n# Signs\n\n$$a + b = 3b$$",                [P, P],  []),
    "a size, until it is general":        ("Suppose that $n = 2$. Then $$\\sum_i 1 = 2.$$ For general $n$, $$\\sum_i 1 = 2$$",     [P, R],  []),
    "a size, and an equation of others":  ("Assume $a = 2b$. Then $$a + b = 3b.$$ For general $n$, $$a + b = 3b$$",                 [P, P],  []),
    "what is general in something else":  ("Let $i \\ne j$. For arbitrary $a$, $$a \\delta_{ij} = 0$$",                           [P],     []),
    "either":                             ("If either $a > 0$ or $b > 0$, $$|a| = a$$",                      [],      ["one or the other: write each as a formula of its own, with its condition"]),
    "but not":                            ("If $a > 0$ but not $b > 0$, $$|a| = a$$",                        [],      [f"If ... but not: {WORDS}"]),
    "or":                                 ("If $a > 0$ or $b > 0$, $$|a| = a$$",                             [],      ["one or the other: write each as a formula of its own, with its condition"]),
    "unless":                             ("Unless $a < 0$, $$|a| = a$$",                                    [],      ["unless: write where it holds, \\text{for } i \\neq j"]),
    "otherwise, before":                  ("Otherwise, $$|a| = a$$",                                         [],      [CASES]),
    "otherwise, after":                   ("$$|a| = a$$ otherwise.",                                         [],      [f"otherwise: {WORDS}"]),
    "in words, after":                    ("$$|a| = a$$ if the input is positive.",                          [],      [f"if the input is positive: {WORDS}"]),
    "what defines is no condition":       ("With $q = 2a$, $$q = 2a$$",                                      [P],     []),
    "a definition under one":             ("If $a > 0$, $$q = a$$",                                          [],      [DEFINED]),
}  # fmt: skip


@pytest.mark.parametrize("suffix", [".md", ".tex"])
@pytest.mark.parametrize("name", PROSE)
def test_what_the_prose_says_of_a_formula(tmp_path, name, suffix):
    text, verdicts, told = PROSE[name]
    if suffix == ".tex":
        text = re.sub(r"\n(?:-|\d\.) |^- ", r"\n\\item ", text.replace("# Signs", r"\section{Signs}"))
    assert judged(tmp_path, NUMBERS, text, suffix) == (verdicts, told)


UNCLEAR = "a condition in the heading that is not understood: write ### Case $i = j$, or the condition beside each formula"
SAME, TWICE = "$$x_i z_j = x_j z_i$$", "$$x_i z_j = 2 x_j z_i$$"
HEADINGS = {
    # the text, its first sections and sections below them                                     verdicts  what is told
    f"# When $i = j$\n\n{SAME}\n\nMore words. {SAME}":                                       ([P, P], []),
    f"# When $i = j$\n\n{TWICE}":                                                              ([R],    []),
    f"# Case 1: $i = j$\n\n{SAME}\n\n# Case 2: $i \\neq j$\n\n{SAME}":                      ([P, R], []),
    f"# Case $i = j$\n\n{SAME}\n\n# Signs\n\n{SAME}":                                        ([P, R], []),
    f"# Case $i = j$\n\n{SAME}\n\n## More\n\n{SAME}\n\n## Still\n\n{SAME}":                ([P, P, P], []),
    f"# All\n\n## Case $i = j$\n\n{SAME}\n\n# Signs\n\n{SAME}":                             ([P, R], []),
    f"# $i = j$\n\n{SAME}":                                                                    ([P],    []),
    f"# 1. $i = j$\n\n{SAME}":                                                                 ([P],    []),
    f"# Diagonal entries ($i = j$)\n\n{SAME}":                                                 ([P],    []),
    f"# Entries with $i = j$:\n\n{SAME}":                                                      ([P],    []),
    f"# The case where $i = j$ .\n\n{SAME}\n\n{TWICE}":                                       ([P, R], []),
    "# Case $a > 0$\n\n$$|a| = a$$\n\nSo $$|a| = -a$$":                                       ([P, R], []),
    "# Case $a > 0$\n\n$$|b| = b$$":                                                            ([R],    []),
    "# If $a > 0$ and $b > 0$\n\n$$|ab| = ab$$\n\n$$|ac| = ac$$":                              ([P, R], []),
    "# Case $a > 0$\n\n$$|a| = a$$\n\nCombining both cases, $$|a| = a$$":                     ([P, R], []),
    "# Case $a > 0$\n\nFor $a < 0$, $$|a| = -a$$ and so on.\n\n$$|a| = a$$":                    ([P, P], []),
    "# Case $a > 0$\n\nText. $$|a| = a$$\n\nLet $b > 0$. $$|ab| = ab$$\n\n$$|ab| = 2ab$$":    ([P, P, R], []),
    "# Gradient of $a$\n\n$$|a| = a$$":                                                         ([R],    []),
    "# Case $a = 2$\n\n$$ab = 2b$$\n\n$$ab = 3b$$":                                              ([P, R], []),
    "# $a = 2a$\n\n$$ab = 2ab$$":                                                               ([R, R], []),
    f"# Not $i = j$\n\n{SAME}":                                                                ([],     [UNCLEAR]),
    f"# Why not only $i = j$\n\n{SAME}":                                                       ([],     [UNCLEAR]),
    f"# Unless $i = j$\n\n{SAME}":                                                             ([],     [UNCLEAR]),
    f"# If $i = j$ fails\n\n{SAME}":                                                           ([],     [UNCLEAR]),
    "# Why $a > 0$ matters\n\n$$|a| = a$$ and $$2b = b + b$$":                                  ([P],    [UNCLEAR]),
    "# Proof of $a > 0$\n\n$$|a| = a$$":                                                        ([],     [UNCLEAR]),
    "# If $a > 0$ or $b > 0$\n\n$$|a| = a$$":                                                   ([],     [UNCLEAR]),
}  # fmt: skip


@pytest.mark.parametrize("suffix", [".md", ".tex"])
@pytest.mark.parametrize("text", HEADINGS)
def test_what_a_heading_says_of_its_section(tmp_path, text, suffix):
    verdicts, told = HEADINGS[text]
    if suffix == ".tex":
        text = re.sub(r"(?m)^(##?) (.*)$", lambda m: f"\\{'sub' * (len(m[1]) - 1)}section{{{m[2]}}}", text)
    assert judged(tmp_path, NUMBERS, text, suffix) == (verdicts, told)


OR = "one or the other: write each as a formula of its own, with its condition"
RESTRICTED = "what is assumed of this under a condition is not understood: write the condition beside each formula"
TURNED = {
    # the text                                                                    verdicts  what is told
    # lost in silence: what holds under a condition was taken for one more
    "If $a > 0$, $a = |a|$.":                                                     ([P],     []),
    "If $a > 0$, $a = 2a$.":                                                      ([R],     []),
    "If $a > 0$ then $a = 2a$.":                                                  ([R],     []),
    "If $a > 0$, we have $a = 2a$.":                                              ([R],     []),
    "If $a > 0$: $a = 2a$.":                                                      ([R],     []),
    "If $a > 0$ and $b > 0$, $a = b$.":                                           ([R],     []),
    "If $i = j$, $x_i = x_j$. Moreover $x_i = x_j$ for all $i, j$.":              ([P, R],  []),
    "If $i = j$, $\\delta_{ij} = 1$, and if $i \\neq j$, $\\delta_{ij} = 1$.":      ([P, R],  []),
    "Since $a > 0$, $a = 2a$":                                                    ([R],     []),
    "For $i = 1$, $j = 1$, $x_i z_j = x_1 z_1$.":                                 ([P],     []),
    "This holds for $a > 0$ and $b = 2$. Now $2a = a + a$.":                      ([P],     []),
    "We have $|a| = a$ for $a > 0$, $b = 2b$.":                                   ([],      ['another condition, or a claim? Write "and" between conditions, and a sentence for each claim']),
    "If $a > 0$ resp. the rest, $b > 0$.":                                        ([],      ["resp. the rest,: what is this beside a condition? Write both in the formula"]),
    # proved: what the words around a condition make of it was passed over
    "If $x_i > 0$ for some $i$, then $|x_i| = x_i$.":                             ([],      [f"for some: {WORDS}"]),
    "$|x_i| = x_i$ if $x_i > 0$ for at least one $i$.":                           ([],      [f"for at least one: {WORDS}"]),
    "If there is an $i$ with $x_i > 0$, $|x_i| = x_i$.":                          ([],      [f"If there is an ... with: {WORDS}"]),
    "If $a > 0$ does not hold, $|a| = a$.":                                       ([],      [f"does not hold: {WORDS}"]),
    "If $a > 0$ is violated, $|a| = a$.":                                         ([],      [f"is violated: {WORDS}"]),
    "If $a > 0$, or if $b > 0$, $|a| = a$.":                                      ([],      [OR]),
    "If $a > 0$ or the input is large, $|a| = a$.":                               ([],      [OR]),
    "We have $|a| = a$ for $a > 0$ or $b > 0$.":                                  ([],      [OR]),
    "Assume $a > 0$ or $b > 0$. $|a| = a$.":                                      ([],      [OR]),
    "Let $a \\neq 0$ or let $a > 0$. $|a| = a$.":                                 ([],      [OR]),
    "Assume $a > 0$ (alternatively $b > 0$). $|a| = a$ and $2c = c + c$.":        ([P],     [OR]),
    "Assume $a > 0$ if $b > 0$. $|a| = a$.":                                      ([],      [RESTRICTED]),
    "Assume $x_i > 0$ for $i = 2, \\dots, n$. $|x_i| = x_i$.":                    ([],      [RESTRICTED]),
    "Assume $a > 0$ where $b > 0$. $|a| = a$.":                                   ([P],     []),
    "Do not assume $a > 0$. $|a| = a$.":                                          ([R],     []),
    "We need not assume that $a > 0$: $|a| = a$.":                                ([R],     []),
    "Without assuming $a > 0$, $|a| = a$.":                                       ([R],     []),
    "Without loss of generality, assume $a > 0$. Then $|a| = a$.":                ([P],     []),
    "Should we assume $a > 0$? $|a| = a$.":                                       ([],      [f"?: {WORDS}"]),
    # marked wrong: what the prose says was not taken in
    "If not $a > 0$, $|a| = -a$.":                                                ([],      [f"If not: {WORDS}"]),
    "If $a$ is positive, $|a| = a$.":                                             ([P],     []),
    "If $a > 0$ and $b$ is positive, $|ab| = ab$.":                               ([P],     []),
    "Let $a$ be negative. Then $|a| = -a$.":                                      ([P],     []),
    "Let $a$ be a positive integer. Then $2a = a + a$.":                          ([P],     []),
    "For non-negative $a$ we have $|a| = a$.":                                    ([P],     []),
    "$|a| = a$ for positive $a$.":                                                ([P],     []),
    "As $a > 0$, $|a| = a$.":                                                     ([P],     []),
    "$|a| = a$ only if $a \\geq 0$.":                                             ([P],     []),
    "$|a| = a$ if and only if $a \\geq 0$.":                                      ([],      ["if and only if: write each direction as a formula of its own, with its condition"]),
    "Let $a > 0$. Let $b > 0$. $|ab| = ab$.":                                     ([P],     []),
    "Let $a > 0$. Then $|a| = a$. Now let $a < 0$. Then $|a| = -a$.":             ([P, P],  []),
    "Let $a > 0$ and $b = 3$. Then $ab = 3a$.":                                   ([P],     []),
    "Suppose $a > 0$ and let $b = -a$. Then $|b| = a$.":                          ([P],     []),
    "If $|a| = a$, then $a = |a|$.":                                              ([P],     []),
    "We have, for $a > 0$, $|a| = a$; for $a < 0$, $|a| = -a$.":                  ([P, P],  []),
    "If $x_i > 0$ for all $i$, then $\\sum_i |x_i| = \\sum_i x_i$.":              ([U],     []),
    "If $x_i > 0$ for all $i$, then $\\sum_i x_i = \\sum_j x_j$.":                ([P],     []),
    "If $n = 1$, $\\sum_i x_i = x_1$. If $n = 2$, $n a = 2a$. $n a = 2a$.":       ([P, P, R], []),
    "$$n a = 2a, \\quad n = 2$$ $$n a = 2a$$":                                    ([P, R],  []),
    "Set $a = 1$; then $ab = b$.":                                               ([P],     []),
    "Putting $a = 1$ gives $ab = b$. Now $ab = b$.":                             ([P, R],  []),
    "At $a = 1$ we have $ab = b$. But $ab = 2b$.":                                ([P, R],  []),
    "We put $a = 1$ and $b = 2$, so $ab = 2$.":                                 ([P],     []),
    "Choose $b = 2a$. Then $b + a = 3a$.":                                        ([P],     []),
    "Substituting $b = 2a$ gives $b + a = 4a$.":                                  ([R],     []),
    "For $n = 2$ we get $\\sum_i a = 2a$.":                                       ([P],     []),
}  # fmt: skip


@pytest.mark.parametrize("text", TURNED)
def test_what_the_words_of_a_sentence_make_of_its_conditions(tmp_path, text):
    assert judged(tmp_path, NUMBERS, text) == TURNED[text]


ASKED = {
    # formula                                    under what
    r"\sum_i \frac{x_i}{x_i} = n":              ["xᵢ ≠ 0 for every i"],
    r"\sum_i \frac{x_i}{n x_i - a} = 1 + \frac{a}{n} \sum_i \frac{1}{n x_i - a}": ["n·xᵢ − a ≠ 0 for every i"],
    r"[c \neq 0] \frac{a}{c} c = [c \neq 0] a":  [],
    r"\frac{[c \neq 0] a}{c} = \frac{a}{c} [c \neq 0]": [],
    r"a [a > 0] [c > 0] \frac{1}{a c} = \frac{[a > 0] [c > 0]}{c}": [],
    r"[c \neq 0] \log(a) = \log(a) [c \neq 0]":  ["a > 0 where c ≠ 0"],
    r"(\sum_k (a - a) x_k) \mathbb{1}[\sum_k (a - a) x_k > 0] \frac{b}{\sum_k (a x_k - a x_k)} = b [\sum_k (a - a) x_k > 0]": [],
    r"[\sqrt{a}^2 < 4] [c \geq 1] b = b [c \geq 1] [\sqrt{a}^2 < 4]": ["a ≥ 0 where c ≥ 1"],
    r"\frac{(a - a) (b + 0 \cdot \ln(c))}{b} = a - a": ["b ≠ 0", "c > 0"],
    r"(a - a) [a - a > 0] \frac{b}{x_i - x_i \frac{c}{c}} = b [a - a > 0]": [],
    r"\sqrt{a}^2 = a":                          ["a ≥ 0"],
    r"\sqrt{a} \sqrt{a} = a":                   ["a ≥ 0"],
    r"\exp(\log a) = a":                        ["a > 0"],
    r"e^{\ln a} = a":                           ["a > 0"],
    r"\frac{a}{b} b = a":                       ["b ≠ 0"],
    r"a/a = 1":                                 ["a ≠ 0"],
    r"\frac{a(a - b)}{a - b} = a":              ["a − b ≠ 0"],
    r"0 \cdot \log a = 0":                      ["a > 0"],
    r"\log a - \log a = 0":                     ["a > 0"],
    r"\frac{1}{\frac{1}{a}} = a":               ["a ≠ 0"],
    r"(a^{-1})^{-1} = a":                       ["a ≠ 0"],
    r"[\exp(\log a) \neq 0] = 1":               ["a > 0"],
    r"b [e^{\log a} > 0] = b":                   ["a > 0"],
    r"b [a \frac{\exp(\log a)}{a} \neq 0] = b": ["a > 0"],
    r"\begin{cases} b & e^{1/a} \geq 0 \\ 0 & \text{otherwise} \end{cases} = b": ["a ≠ 0"],
    r"[\frac{\sigma}{a} > \frac{\sigma}{a}] = 0": ["a ≠ 0"],
    r"a[\frac{\sigma}{a} \neq 0] = a[a \neq 0]": ["a ≠ 0"],
    r"\log \prod_i x_i^2 \prod_j e^{x_j} = \sum_i \log x_i^2 + \sum_j x_j": ["xᵢ ≠ 0 for every i"],
    r"\log |a \prod_i x_i| = \log |a| + \sum_i \log |x_i|": ["a ≠ 0", "xᵢ ≠ 0 for every i"],
    r"\frac{\sigma}{\sigma} = 1":               [],
    r"[e^a > 0] = 1":                           [],
    r"\frac{e^a}{e^a} = 1":                     [],
    r"\log e^a = a":                            [],
    r"\sqrt{a^2} = |a|":                        [],
}  # fmt: skip


@pytest.mark.parametrize("formula", ASKED)
def test_what_an_author_writes_asks_for_its_condition(tmp_path, formula):
    page = _page(tmp_path, NUMBERS, display(formula))
    (step,) = [judge(page, k) for k in range(len(page.draft.steps))]
    assert (step.verdict, [c.text for c in step.side_conditions]) == (P, ASKED[formula])


def _page(tmp_path, declared, text):
    (tmp_path / "page.md").write_text(f"```symderiv\n{declared}\n```\n\n{text}\n")
    return load(str(tmp_path / "page.md"))


def test_what_a_definition_asks_for_is_asked_for_where_it_is_used(tmp_path):
    page = _page(tmp_path, NUMBERS, "$$y_i = \\frac{x_i}{x_i}$$\n\n$$g(t) = \\frac{t}{c}$$\n\n$$\\sum_i y_i = n$$\n\n$$g(c) = 1$$")
    steps = [judge(page, k) for k in range(2)]
    assert [[c.text for c in step.side_conditions] for step in steps] == [["xᵢ ≠ 0 for every i"], ["c ≠ 0"]]


CANCELLED = {
    # what is claimed, of x = Σ 1/yᵢ and zᵢ = 1/yᵢ         under what
    r"x - x = 0":                                            ["yᵢ ≠ 0 for every i"],
    r"0 \cdot x = b - b":                                   ["yᵢ ≠ 0 for every i"],
    r"x^2 (b - b) = 0":                                      ["yᵢ ≠ 0 for every i"],
    r"x^0 = 1":                                              ["yᵢ ≠ 0 for every i"],
    r"\sum_i (z_i - z_i) = 0":                              ["yᵢ ≠ 0 for every i"],
    r"\sum_i z_i (b - b) = 0":                              ["yᵢ ≠ 0 for every i"],
    r"s = 0":                                                ["yᵢ ≠ 0 for every i"],
    r"u - u = 0":                                            [],
    r"\begin{cases} x & b - b > 1 \\ 0 & \text{otherwise} \end{cases} = 0": [],
}  # fmt: skip


@pytest.mark.parametrize("formula", CANCELLED)
def test_a_name_that_is_cancelled_asks_for_what_its_definition_asks_for(tmp_path, formula):
    defined = r"$$x = \sum_i \frac{1}{y_i}$$ $$z_i = \frac{1}{y_i}$$ $$s = x (b - b)$$ $$u = b^2$$"
    page = _page(tmp_path, "index i = 1..n\ninput y_i, b", f"{defined}\n\n$${formula}$$")
    step = judge(page, 0)
    assert (step.verdict, [c.text for c in step.side_conditions]) == (P, CANCELLED[formula])


TOO = "true if k is summed over too"
BOTH = {
    # formula, with a sum that could be over l alone                                      verdicts     what is said of each
    r"\sum_{l \ne k} x_k^2 x_l = \sum_{l \ne k} x_l^2 x_k":                                ([P],       [TOO]),
    r"\sum_{l \ne k} x_k x_l = \sum_l x_l \sum_l x_l - \sum_l x_l^2":                      ([P],       [""]),
    r"\sum_k \sum_{l \ne k} x_k x_l = \sum_{l \ne k} x_k x_l":                             ([P],       [""]),
    r"2 \sum_{l < k} x_k x_l = \sum_{l \ne k} x_k x_l":                                     ([P],       [TOO]),
    r"\sum_{l \ne k} x_l - x_k = \sum_l x_l - 2 x_k":                                       ([P],       [""]),
    r"0 \cdot x_k + S = \sum_{l \ne k} x_k^2 x_l = \sum_{l \ne k} x_l^2 x_k":               ([R, R],    ["", ""]),
    r"s_k = \sum_{l \ne k} x_k^2 x_l = \sum_{l \ne k} x_l^2 x_k":                           ([R],       [""]),
    r"s_k = \sum_{l \ne k} x_k^2 x_l \\ &= \sum_{l \ne k} x_l^2 x_k":                      ([R],       [""]),
    r"s_k &= \sum_{l \ne k} x_k x_l \\ &= x_k \sum_{l \ne k} x_l":                          ([P],       [""]),
}  # fmt: skip


@pytest.mark.parametrize("formula", BOTH)
def test_a_sum_over_two_letters_is_told_of_where_it_could_be_over_one(tmp_path, formula):
    page = _page(tmp_path, "index k, l = 1..n\ninput x_k, S", f"\\begin{{align}}\n{formula}\n\\end{{align}}")
    steps = [judge(page, k) for k in range(len(page.draft.steps))]
    assert ([s.verdict for s in steps], [s.note for s in steps]) == BOTH[formula]


READ = {
    # what is written                    formula                                                            verdicts  what is told
    "a product of matrices by a colon":  (r"A : B = \operatorname{tr}(A^\top B)",                             [P],     []),
    "another trace":                     (r"A : B = \operatorname{tr}(A B)",                                  [R],     []),
    "a factor before it":                (r"2 A : B = 2 \sum_{ij} A_{ij} B_{ij}",                             [P],     []),
    "in parentheses":                    (r"(A : B) = (B : A)",                                               [P],     []),
    "in a chain":                        (r"\operatorname{tr}(A^\top B) = A : B = 5",                         [P, R],  []),
    "of another shape":                  (r"\operatorname{tr}(A) = B : A",                                    [R],     []),
    "an array is no number":             (r"A = B : A",                                                       [M],     []),
    "of shapes that differ":             (r"A : C = 3",                                                       [M],     []),
    "of vectors":                        (r"u : u = u^\top u",                                                [],      ["a colon stands between two matrices, for the sum of the products of their entries; write what is meant"]),
    "beside a sum":                      (r"A + B : A = 3",                                                   [],      ["a colon between sums: write parentheses around what it multiplies"]),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_colon_between_matrices(tmp_path, name):
    formula, verdicts, told = READ[name]
    assert judged(tmp_path, MATRICES, display(formula)) == (verdicts, told)


SCOPES = {
    # what is written                    formula                                                            verdicts  what is told
    "two products side by side":         (r"\prod_i x_i \prod_j z_j = \prod_i x_i z_i",                       [P],     []),
    "not one in the other":              (r"\prod_i x_i \prod_j z_j = \left(\prod_i x_i\right)\left(\prod_j z_j\right)^n", [R], []),
    "three":                             (r"\prod_i x_i \prod_j x_j \prod_k z_k = \prod_i x_i^2 z_i",         [P],     []),
    "one letter for both":               (r"\prod_i x_i \prod_i z_i = \prod_i x_i z_i",                         [P],     []),
    "that mentions it below":            (r"\prod_i x_i \prod_{j \neq i} z_j = \prod_i x_i z_i",              [R],     []),
    "with a dot":                        (r"\prod_i x_i \cdot \prod_j z_j = \prod_i x_i z_i",                 [P],     []),
    "inside where it mentions i":        (r"\prod_i 2 \prod_j x_{i}^{z_j} = 2^n \prod_i \prod_j x_i^{z_j}",   [P],     []),
    "nothing between: one in the other": (r"\prod_i \prod_j x_j = \left(\prod_j x_j\right)^n",                [P],     []),
    "below a logarithm":                 (r"\log \prod_i e^{x_i} \prod_j e^{z_j} = \sum_i (x_i + z_i)",       [P],     []),
    "below a logarithm, wrong":          (r"\log \prod_i e^{x_i} \prod_j e^{z_j} = \sum_i x_i + n \sum_j z_j", [R],    []),
    "a sum under a product":             (r"\prod_i x_i \sum_j z_j = 1",                                      [],      ["does the product go over this sum too? Write parentheses"]),
    "up to a size":                      (r"\sum_{i < n} x_i = \sum_i x_i - x_n",                              [P],     []),
    "up to a size, and wrong":           (r"\sum_{i < n} x_i = \sum_i x_i",                                    [R],     []),
    "from a number on":                  (r"\sum_{i \geq 2} x_i = \sum_i x_i - x_1",                           [P],     []),
    "one below another":                 (r"2 \sum_{i < j} x_i x_j = \sum_i x_i \sum_j x_j - \sum_i x_i^2",     [P],     []),
    "a slash, and two names":            (r"a/bc = \frac{a}{b} c",                                            [],      [SLASH]),
    "a slash, and a command":            (r"a/\sigma b = \frac{a}{\sigma} b",                                 [],      [SLASH]),
    "a slash, and a parenthesis":        (r"a/b(c + 1) = \frac{a}{b} (c+1)",                                  [],      [SLASH]),
    "a slash, and a power":              (r"a/b^2c = \frac{a}{b^2} c",                                        [],      [SLASH]),
    "a slash, and a blank":              (r"a/b c = \frac{a}{b} c",                                           [P],     []),
    "a colon between numbers":           (r"a : b = c",                                                       [],      [COLON]),
    "a label and a colon":               (r"\text{Loss}: 2a = 3a",                                            [R],     []),
}  # fmt: skip


@pytest.mark.parametrize("name", SCOPES)
def test_what_goes_over_what(tmp_path, name):
    formula, verdicts, told = SCOPES[name]
    assert judged(tmp_path, NUMBERS, display(formula)) == (verdicts, told)


@pytest.mark.parametrize("formula", ["a/a = 1, \\quad a > 0", "a > 0 \\Rightarrow \\frac{a}{a} = 1".replace("\\frac{a}{a}", "|a| / a")])
def test_a_condition_is_told_where_the_formula_is_shown_as_written(tmp_path, formula):
    page, verdicts = read(tmp_path, NUMBERS, display(formula))
    assert verdicts == [P]
    assert [c.latex for c in page.steps[0].given] == ["a > 0"]
    assert "claimed where" in html(page, None)
    assert "claimed where $a > 0$" in tex(page, None)


def test_without_a_condition_none_is_told(tmp_path):
    page, _ = read(tmp_path, NUMBERS, display("a + a = 2a"))
    assert page.steps[0].given == ()
    assert "claimed where" not in html(page, None) + tex(page, None)


def test_what_is_left_of_a_root_of_what_is_negative_can_be_written(tmp_path):
    """It was a multiple of i, which has no notation: the step ended as a failure of the engine."""
    page = _page(tmp_path, "index i = 1..n\ninput v_i, c \\geq 0", r"$$v_i + \sqrt{c} = v_i + \sqrt{-c}$$")
    step = judge(page, 0)
    assert (step.verdict, step.reason) == ("unknown", "the normal form of the difference is not zero")


def test_a_slope_at_the_end_of_a_range_is_not_held_against_a_formula(tmp_path):
    """Where λ ≥ 0, max(0, λ) is λ; at λ = 0 the formula as written has a kink, and λ moves to one side only."""
    declared = "input \\lambda \\geq 0\nobjective L(z)\nz = \\max(0, \\lambda)"
    found, told = judged(
        tmp_path, declared, "\n".join(map(display, [r"z' = \mathbf{1}[2\lambda > 0]", r"z' = 1", r"z' = \mathbf{1}[\lambda > 1]"]))
    )
    assert (found, told) == ([U, P, R], [])
