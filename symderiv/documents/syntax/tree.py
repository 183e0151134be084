"""What a formula says, before any name has a meaning: a small syntax tree with positions."""

from __future__ import annotations

from dataclasses import dataclass, field

Span = tuple[int, int]  # first and one past the last character, in the formula as written


@dataclass(frozen=True)
class Tree:
    """A part of a formula. Where it stands is no part of what it is: equal trees may have different spans."""

    span: Span = field(default=(0, 0), compare=False, kw_only=True)


@dataclass(frozen=True)
class Number(Tree):
    """A whole or decimal number, thousands separators removed: `1`, `0.5`, `180200`."""

    text: str


@dataclass(frozen=True)
class Name(Tree):
    """A letter, a command or a word that stands for something, with an accent if there is one: `x`, `\\gamma`, `\\hat{x}`, `ReLU`.

    Typefaces that only make bold or upright are dropped but for words of several letters; accents stay.
    """

    text: str


@dataclass(frozen=True)
class Scripted(Tree):
    """A base with what is below and above it; `primes` counts the primes."""

    base: Tree
    sub: Tree | None = None
    sup: Tree | None = None
    primes: int = 0


@dataclass(frozen=True)
class Listed(Tree):
    """What stands side by side with commas between, or without, in subscripts and arguments: `i, j`, `k = 1..m`."""

    items: tuple[Tree, ...]


@dataclass(frozen=True)
class Added(Tree):
    """Terms with their signs, the first one's being 1 if none is written."""

    terms: tuple[tuple[int, Tree], ...]


@dataclass(frozen=True)
class Multiplied(Tree):
    """Factors in order; each with the sign before it: "" for side by side, "·", "×", "*", "/", "⊙"."""

    factors: tuple[tuple[str, Tree], ...]


@dataclass(frozen=True)
class Fraction(Tree):
    """`\\frac{a}{b}`."""

    above: Tree
    below: Tree


@dataclass(frozen=True)
class Root(Tree):
    """`\\sqrt[degree]{of}`."""

    of: Tree
    degree: Tree | None = None


@dataclass(frozen=True)
class Big(Tree):
    """A sum, product or other big operator over what follows it: `kind` is `sum`, `prod`, `max`, `min`, `argmax`, `int`."""

    kind: str
    body: Tree
    sub: Tree | None = None
    sup: Tree | None = None


@dataclass(frozen=True)
class Fenced(Tree):
    """What stands between delimiters: `(`, `[`, `{`, `|`, `‖`, `⌊`, `⌈`, `⟨`."""

    fence: str
    body: Tree


@dataclass(frozen=True)
class Applied(Tree):
    """A named function of what follows it: `\\exp(z)`, `\\log x`, `\\max(0, z)`, `\\text{ReLU}(z)`; `head` is its plain name."""

    head: str
    of: Tree
    sup: Tree | None = None
    sub: Tree | None = None
    primes: int = 0


@dataclass(frozen=True)
class Differential(Tree):
    """`\\partial` or an upright or plain `d` that makes a differential of what it stands before; `\\partial^2` has `order` 2.

    Alone (in `\\frac{\\partial}{\\partial x}`) it is of nothing.
    """

    sign: str  # "∂", "d" or "∇"
    of: Tree | None
    order: int = 1
    sub: Tree | None = None  # of ∇ and ∂


@dataclass(frozen=True)
class Matrix(Tree):
    """The rows of a matrix environment."""

    rows: tuple[tuple[Tree, ...], ...]


@dataclass(frozen=True)
class Cases(Tree):
    """The rows of `cases`: a value, and its condition (None for otherwise)."""

    rows: tuple[tuple[Tree, Tree | None], ...]


@dataclass(frozen=True)
class Noted(Tree):
    """`\\underbrace{body}_{note}`, `\\overset{note}{body}`: the body is what counts, the note is a formula or a remark."""

    body: Tree
    note: Tree | None


@dataclass(frozen=True)
class Text(Tree):
    """Words between formulas, or in one."""

    words: str


@dataclass(frozen=True)
class Dots(Tree):
    """An ellipsis."""


@dataclass(frozen=True)
class Chain(Tree):
    """Members with a relation before each; before the first, "" or what a row that goes on begins with ("=", "⇒").

    Relations: `=`, `:=` (also ←, ≜, ≡), `≠`, `<`, `>`, `≤`, `≥`, `∈`, `∼`, `≈`, `→`, `∝`, `⇒`. A chain that ends in a relation has
    None last. `row` counts the lines of an environment, which like its place is no part of what it says.
    """

    members: tuple[tuple[str, Tree | None], ...]
    row: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True)
class Formula(Tree):
    """What stands between dollars, or in an environment: its label if it has one (`3a`), and its chains."""

    label: str
    chains: tuple[Chain, ...]
