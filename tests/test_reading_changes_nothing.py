"""A reading that fails, or that is only tried, leaves what names and letters stand for as it was, and what is read after it too."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from fuzz.documents.claims import Row, claim, drawn_page
from fuzz.documents.formulas import Author
from fuzz.documents.layout import write
from fuzz.documents.trees import Place, Ref

from symderiv.documents.marking.pages import Document, load
from symderiv.documents.marking.readings import readings, renamed
from symderiv.documents.marking.steps import step_of
from symderiv.documents.meaning.scope import Scope, attempt
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.grammar import read
from symderiv.documents.syntax.tree import Tree
from symderiv.documents.syntax.written import written
from symderiv.errors import FormulaError, SymderivError

SEEDS = range(24)
BROKEN = 4  # mutilated formulas of each document
DECLARED = r"""```symderiv
size m, n
index k = 1..n
input x: m, a: n, z > 0, A: m \times n, B: n \times n, G^{[1]}: n
label t_k = 1..m
function \phi
objective L(y)
objective F(w)
```
$$y_i = z x_i$$
$$w = B a$$
$$g(s) = \frac{1}{1+e^{-s}}$$
$$J(z) = \sum_k a_k z$$
$$a_k = a_k$$
"""
WRITTEN = (  # notations that the generator has not, each of which may take something in when it is read
    r"\sum_{i} x_i", r"\sum_{v=1}^{q} x_v", r"\sum_{v=1}^{q} v \omega", "x_j a_l", r"x_j + \omega", r"A_{ij} x_i a_j", "(B + B)^{-1} a",
    r"\det(B B) \omega", r"\frac{\partial L}{\partial x_p}", r"\nabla_a F", r"\frac{\partial L}{\partial y_i} \omega", "dx", "dB", "g(a_j)",
    r"g(\omega)", r"\phi(x_j)", "J(z)", r"J(\omega)", "K(z)", r"\log(x_j) K(j)", "[x_i a_j]_{ij}", r"\left[x_i a_j \omega\right]",
    r"\begin{cases} x_j & \text{if } j = r \\ 0 & \text{otherwise} \end{cases}", r"[j = k] x_j a_k", r"\sum_{j \neq l} x_j x_l",
    r"\prod_j x_j \prod_l a_l", r"\mathrm{softmax}(B a)_j", "a^\\top B^{-1} a", r"\|x\|^2_r", "G^{[1]}_j", "x_{t_k}",
    r"\delta_{jl} x_j a_l", "a_1 + a_q", "x_{j+1}", "B^{n}", "x^{(j)}", r"\tanh'(x_j)", "y'_j", r"\dot{x}_j", "A_j",
)  # fmt: skip


def shown(scope: Scope) -> dict[str, Any]:
    """All that a scope holds, and what its derivation has of its own."""
    held = {name: what.copy() if isinstance(what, (dict, set, list)) else what for name, what in vars(scope).items()}
    derivation = scope.derivation
    return held | {"program": derivation.program, "claims": list(derivation.claims), "kernels": list(derivation.kernels)}


def told(seed: int, folder: Any) -> Document:
    """A document of the generator's, read."""
    random = Random(seed)
    page = drawn_page(random)
    rows = [Row((Ref(name, tuple(map(Place, d.letters))), d.body), defines=name) for name, d in page.definitions.items()]
    document = write(page, [*rows, *(claim(Author(page, random)) for _ in range(2))], seed)
    file = folder / f"page{seed}{document.suffix}"
    file.write_text(document.text)
    return load(str(file))


def mutilated(latex: str, others: list[str], random: Random) -> str:
    """A formula with a letter, a word or a brace changed, left out, or taken from another one."""
    at = random.randrange(len(latex) + 1)
    way = random.randrange(5)
    if way == 0:
        return latex[:at] + latex[at + 1 :]
    if way == 1:
        return (
            latex[:at]
            + random.choice((r" \omega ", "_j", "_{jl}", "^2", "'", r"^\top", " r ", "(s)", "+ q_p", r" \sum_v x_v"))
            + latex[at:]
        )
    if way == 2:
        letters = [n for n, c in enumerate(latex) if c.isalpha() and latex[n - 1 : n] != "\\"]
        at = random.choice(letters) if letters else 0
        return latex[:at] + random.choice("ijklmnpqrvxyza") + latex[at + 1 :]
    if way == 3:
        return rf"{latex} {random.choice(others)}"
    return rf"\sum_{{{random.choice('ijvp')}=1}}^{{{random.choice('qmn3')}}} {latex} \omega"


def trees(latexes: list[str]) -> list[Tree]:
    """The formulas that can be parsed."""
    found: list[Tree] = []
    for latex in latexes:
        try:
            found += [tree for chain in read(latex, {}).chains for _, tree in chain.members if tree is not None]
        except FormulaError:
            continue
    return found


def scene(seed: int, folder: Any) -> tuple[Document, list[Tree], Random]:
    """A document, one of the generator's or the one with the notations that it has not, with formulas of its own and mutilated ones."""
    random = Random(f"mutilated {seed}")
    if seed % 3:
        page = told(seed, folder)
        own = [written(m.tree) for said in page.said for m in (said.left, said.right)]
    else:
        file = folder / "own.md"
        file.write_text(DECLARED)
        page, own = load(str(file)), random.sample(WRITTEN, 8)
    assert own, "a seed for which the generator claims nothing tests nothing: take another"
    broken = [mutilated(random.choice(own), own, random) for _ in range(BROKEN)]
    return page, trees([*own, *broken]), random


def outcome(reading: Any) -> Any:
    """What a reading comes to, or why it fails."""
    try:
        return reading()
    except SymderivError as error:
        return type(error), str(error), getattr(error, "at", None)


def failed(what: Any) -> bool:
    return isinstance(what, tuple) and bool(what) and isinstance(what[0], type)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_reading_that_fails_changes_nothing(tmp_path, seed):
    page, formulas, random = scene(seed, tmp_path)
    scope = page.notation.scope
    for tree in formulas:
        other = random.choice(formulas)
        ways = {
            "value": lambda t=tree: value(t, scope),
            "step_of": lambda t=tree, o=other: step_of(t, o, scope),
            "readings": lambda t=tree, o=other: readings(t, o, scope),
        }
        for name, reading in random.sample(sorted(ways.items()), 2):
            before = shown(scope)
            with attempt(scope, keep=False):
                outcome(reading)
            assert shown(scope) == before, f"{name}, tried: {written(tree)}"
            if failed(outcome(reading)):
                assert shown(scope) == before, f"{name}, failed: {written(tree)} and {written(other)}"
            scope.begin()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_trying_does_not_matter(tmp_path, seed):
    page, formulas, random = scene(seed, tmp_path)
    scope = page.notation.scope
    for said in page.said:  # what is said of a step once all is read leaves no letter behind
        letters = scope.letters.copy(), scope.used.copy(), scope.earlier.copy()
        for reading in said.readings:
            if reading.renaming is not None:
                renamed(said, reading.renaming, scope)
        assert (scope.letters, scope.used, scope.earlier) == letters
    for tree in formulas:
        other, tried = random.choice(formulas), random.choice(formulas)
        alone, after = [], []
        for out, probes in ((alone, ()), (after, (tried, other))):
            with attempt(scope, keep=False):
                for probe in probes:
                    with attempt(scope, keep=False):
                        outcome(lambda p=probe: value(p, scope))
                    outcome(lambda p=probe: step_of(p, Tree(), scope))  # which fails, once the one side is read
                out.append(_said(outcome(lambda t=tree, o=other: readings(t, o, scope))))
                out.append(shown(scope))
        assert alone == after, f"{written(tree)} = {written(other)}, after {written(tried)}"


def _said(what: Any) -> Any:
    """A step's readings, without the functions that they carry."""
    return what if failed(what) else ([(r.step, r.sides, r.note, r.renaming) for r in what[0]], repr(what[1]))
