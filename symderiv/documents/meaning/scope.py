"""What the names of a document stand for, and how a name with what is below and above it is found among them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from sympy import Expr, Rational, Symbol

from symderiv.documents.meaning.spelling import (
    is_closed,
    lowered,
    name_of,
    parts,
    positions_above,
    spelled,
    spelled_or_none,
)
from symderiv.documents.meaning.unsized import Meaning
from symderiv.documents.syntax.tree import Chain, Differential, Fenced, Multiplied, Name, Number, Scripted, Span, Text, Tree
from symderiv.errors import FormulaError, Misfit
from symderiv.language.arrays import Array
from symderiv.language.claim import Derivation, Face, Objective, Signs, Smooth
from symderiv.language.program import Variable, head_of
from symderiv.language.terms import Index

Named: TypeAlias = Face | Objective | Smooth  # what a name can stand for
TRANSPOSED = ("T", "\\top", "\\intercal", "\\mathsf{T}", "t")  # above an array, of it transposed
MARKS = frozenset(("*", "\\star", "\\dagger", "+", "-", "\\circ"))  # above a name, a part of it and never a power


class Signed(Signs, total=False):
    """What is said of an input where it is declared, as `Derivation.input` takes it."""

    between: tuple[Rational, Rational]


@dataclass
class Scope:
    """What the names of a document stand for: faces of the derivation, letters of indices, objectives yet to be made.

    `readers` has what each kind of tree is read by: readers rest on each other in circles, and ask for each other by the kind.
    `final` names the scalars whose derivatives are meant along every path, `signs` what is assumed of inputs, `applied` what was
    defined with its arguments, as in J(w), `arguments` what stood in parentheses after a new name, `matrices` those that have an
    inverse and no name of their own, `aside` what the text says and does not mean; `direct` tells whether ∂v/∂u of a node is read
    as the derivative of its definition alone, `by_entry` whether arrays are multiplied entry by entry. `functions` has the functions
    of one number that the text defines, each with the letter of the number and what it is; `whole` the numbers that share the name of
    an array, as L beside L_i; `defining` the letters of what is being defined, if something is; `both` the letters beside the first
    that each side has sums over i ≠ j over, though one of them could be any position; `parameters` the letters of indices
    among the arguments of what was defined with some; `mentions` the names in each definition as it is written, whatever cancels;
    `failed` the lines of definitions that could not be read, `held` the names of those that are free inputs since, each with its line
    and what was written; `raised` the arrays that have positions above, as they were declared or defined,
    `prefixed` the names with Δ, δ or d before them, `\\Delta W`, `dX`.

    `written` has the differentials of the document, `tangents` those that inputs have, `constant` the inputs whose differential is
    taken for zero; `differentials` tells whether the equation that is read is one of differentials.

    `letters` are those of declarations, and those whose range follows from their use in the formula that is being read, which `used`
    names; `earlier` has what followed from the use in formulas before, for want of anything better, and `several` the letters that had
    more than one range in these; `formula` is all that belongs to the formula that is being read, and `ahead` has the ranges of
    letters that are used further on in it.
    """

    derivation: Derivation
    readers: Mapping[type[Tree], Callable[[Any, Scope], Meaning]]
    names: dict[str, Named] = field(default_factory=dict)
    letters: dict[str, Index] = field(default_factory=dict)
    objectives: dict[str, tuple[Tree, ...]] = field(default_factory=dict)
    final: set[str] = field(default_factory=set)
    signs: dict[str, Signed] = field(default_factory=dict)
    direct: bool = True
    applied: set[str] = field(default_factory=set)
    arguments: dict[str, Tree] = field(default_factory=dict)
    matrices: dict[tuple[tuple[Index, ...], Expr], Array] = field(default_factory=dict)
    by_entry: bool = False
    functions: dict[str, tuple[str, Tree]] = field(default_factory=dict)
    whole: dict[str, Face] = field(default_factory=dict)
    defining: frozenset[str] | None = None
    both: tuple[str, ...] = ()
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mentions: dict[Symbol, frozenset[Symbol]] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    aside: set[Chain] = field(default_factory=set)
    bound: list[dict[str, Index]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    earlier: dict[str, Index] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    formula: tuple[Tree, ...] = ()
    ahead: dict[str, Index] = field(default_factory=dict)
    held: dict[str, tuple[int, str]] = field(default_factory=dict)
    raised: set[str] = field(default_factory=set)
    prefixed: set[str] = field(default_factory=set)
    written: tuple[Differential, ...] = ()
    tangents: dict[Symbol, Variable] = field(default_factory=dict)
    constant: set[Symbol] = field(default_factory=set)
    differentials: bool = False

    def index(self, letter: str) -> Index | None:
        """The index that a letter stands for: the innermost sum's, else the one declared, else as it was used before."""
        known = self.letters.get(letter) or self.ahead.get(letter) or self.before(letter)
        return next((rows[letter] for rows in reversed(self.bound) if letter in rows), known)

    def settles(self, letter: str) -> bool:
        """Whether the range of a letter is known for sure: by a sum, by a declaration, or by its use in this formula."""
        return letter in self.letters or any(letter in rows for rows in self.bound)

    def infer(self, letter: str, index: Index) -> None:
        """Take the range of a letter from its use, for the formula that is being read."""
        if letter not in self.letters:
            self.letters[letter] = index
            self.used.add(letter)

    def before(self, letter: str) -> Index | None:
        """The range of a letter by its use in the formulas before, if it is one."""
        return None if letter in self.several else self.earlier.get(letter)

    def begin(self) -> None:
        """Forget what the formula before says of its letters, but for want of anything better."""
        for letter in self.used:
            index = self.letters.pop(letter)
            self.several |= {letter} if self.earlier.get(letter, index) != index else set()
            self.earlier[letter] = index
        self.used.clear()
        self.formula, self.ahead = (), {}

    def is_input(self, what: Named) -> bool:
        """Whether a name stands for a free quantity."""
        head = head_of(what.body) if isinstance(what, Array) else what
        return any(variable.head == head for variable in self.derivation.program.inputs)


@contextmanager
def attempt(scope: Scope, keep: bool = True) -> Iterator[None]:
    """What is tried leaves everything as it was, if it fails or is not to be kept."""
    before = {name: value.copy() if isinstance(value, (dict, set, list)) else value for name, value in vars(scope).items()}
    program = scope.derivation.program
    done = False
    try:
        yield
        done = keep
    finally:
        if not done:
            vars(scope).update(before)
            scope.derivation.program = program


@contextmanager
def apart(scope: Scope) -> Iterator[None]:
    """Letters whose ranges follow from their use in what is read here say nothing of what is read elsewhere."""
    letters, used, formula, ahead = scope.letters.copy(), scope.used.copy(), scope.formula, scope.ahead.copy()
    try:
        yield
    finally:
        scope.letters, scope.used, scope.formula, scope.ahead = letters, used, formula, ahead


@dataclass(frozen=True)
class Found:
    """A declared name in a formula, what stands below it as positions, and above it as a power."""

    what: Named
    name: str
    positions: Tree | None
    power: Tree | None

    @property
    def head(self) -> Symbol:
        """The symbol of what the name stands for."""
        return head_of(self.what.body) if isinstance(self.what, Array) else getattr(self.what, "head", self.what)


def found(tree: Tree, scope: Scope) -> Found | None:
    """The declared name with the most of the decoration that is written: what is left is positions and a power."""
    base, sub, sup, primes = (tree.base, tree.sub, tree.sup, tree.primes) if isinstance(tree, Scripted) else (tree, None, None, 0)
    word = spelled_or_none(base)
    if word is None or (not primes and any(word in rows for rows in scope.bound)):
        return None  # no name, or the letter of a sum
    for below, above, positions, power in _ways(sub, sup):
        name = name_of(word, below, above, primes)
        what = scope.names.get(name, announced(name, scope))
        what = scope.whole[name] if name in scope.whole and positions is None else what
        if what is not None and not _is_word(positions, what, scope):
            _check_letters(name, None if positions is not None else sub, None if power is not None else sup, scope)
            return _lowered(Found(what, name, positions, power), scope)
    return None


def _ways(sub: Tree | None, sup: Tree | None) -> Iterator[tuple[str, str, Tree | None, Tree | None]]:
    """What is below and above a name as parts of it, as words, with what is left as positions and as a power; the most of it first."""
    below, above = spelled_or_none(sub), spelled_or_none(sup)
    parted: list[tuple[str | None, Tree | None]] = [(above, None)]
    if isinstance(sup, Multiplied) and len(sup.factors) == 2 and all(mark == "" for mark, _ in sup.factors):
        (_, inner), (_, last) = sup.factors  # W^{[2]T}: a name with a power
        if isinstance(inner, (Fenced, Name, Number)) and isinstance(last, (Name, Number)):
            parted += [(spelled_or_none(inner), last)]
    if above not in MARKS:
        parted += [("", sup)]
    for of_name, power in parted:
        if of_name is not None and below is not None:
            yield below, of_name, None, power
        if of_name is not None:
            yield "", of_name, sub, power


def _check_letters(name: str, below: Tree | None, above: Tree | None, scope: Scope) -> None:
    """Fails where a part of a name is the letter of an index: x_n, declared as a name, in a sum over n."""
    for tree in (t for t in (below, above) if t is not None):
        letters = [part for part in parts(tree) if isinstance(part, Name) and part.text.isalpha()]
        of_indices = [part for part in letters if scope.index(part.text) is not None]
        word = isinstance(tree, Multiplied) and len(of_indices) < len(letters)  # the letters of "pad"
        if of_indices and not word and tree != Name("T"):
            says = f"{of_indices[0].text} is the letter of an index, and here a part of the name {name}"
            raise FormulaError(f"{says}: declare the index before the name, or call it otherwise", of_indices[0].span)


def _is_word(below: Tree | None, what: Named, scope: Scope) -> bool:
    """Whether what stands below a name is a part of it: a word, or letters, not all indices or declared, not as many as it has indices."""
    if isinstance(below, (Name, Text)):
        word = spelled(below)
        return len(word) > 1 and word[0] != "\\" and word not in scope.names and scope.index(word) is None
    letters = [f for _, f in below.factors] if isinstance(below, Multiplied) else []
    if not all(isinstance(f, Name) for f in letters) or len(letters) in (0, len(what.indices) if isinstance(what, Array) else 0):
        return False
    return any(scope.index(f.text) is None and f.text not in scope.names for f in letters if isinstance(f, Name))


def _lowered(seen: Found, scope: Scope) -> Found:
    """`x^{(i)}_j` as `x_{i,j}`: where an array has as many indices, those that stand above are its first.

    So are those in brackets, `a^{[l]}` and `a^{<t>}`, and without any, `W^l_{jk}`, where the array was declared or defined with
    such, or only that order of its indices fits.
    """
    if not isinstance(seen.what, Array) or seen.power is None:
        return seen
    above, power = _turned(seen.power, scope)
    if not _is_raised(above, seen, scope):
        return seen
    if power is not None and seen.positions is not None:
        raise FormulaError(f"{seen.name} transposed, with what is below it: write the entry with its indices turned round", seen.power.span)
    positions = lowered(seen.positions, above)
    return replace(seen, positions=positions, power=power) if len(positions.items) <= len(seen.what.indices) else seen


def _turned(above: Tree, scope: Scope) -> tuple[Tree, Tree | None]:
    """What stands above without the sign that it is transposed, and that: `W^{[l]\\top}`."""
    if isinstance(above, Multiplied) and len(above.factors) == 2 and all(mark == "" for mark, _ in above.factors):
        (_, inner), (_, last) = above.factors
        if spelled_or_none(last) in TRANSPOSED and not (isinstance(last, Name) and scope.index(last.text) is not None):
            return inner, last
    return above, None


def _is_raised(above: Tree, seen: Found, scope: Scope) -> bool:
    """Whether what stands above an array are positions."""
    if isinstance(above, Fenced) and above.fence == "(":
        return True
    if is_closed(above):
        return seen.name in scope.raised or has_index(above, scope)
    return has_index(above, scope) and (seen.name in scope.raised or only_above_first(seen, above, scope))


def has_index(tree: Tree, scope: Scope) -> bool:
    """Whether the letter of an index stands in a tree."""
    return any(isinstance(part, Name) and scope.index(part.text) is not None for part in parts(tree))


def only_above_first(seen: Found, above: Tree, scope: Scope) -> bool:
    """Whether `x^i_j` can only be `x_{ij}`, by the ranges of its letters."""
    if seen.positions is None or not isinstance(seen.what, Array):
        return False
    first = lowered(seen.positions, above).items
    last = (*first[len(positions_above(above)) :], *positions_above(above))
    return len(first) == len(seen.what.indices) and _fits(first, seen.what, scope) and not _fits(last, seen.what, scope)


def _fits(positions: tuple[Tree, ...], what: Array, scope: Scope) -> bool:
    """Whether letters have the ranges of the dimensions that they stand for."""
    ranges = [scope.index(p.text) if isinstance(p, Name) else None for p in positions]
    return all(i is not None and (i.lower, i.upper) == (d.lower, d.upper) for i, d in zip(ranges, what.indices, strict=True))


def with_letters_below(tree: Scripted, scope: Scope) -> Scripted:
    """`x^{(i)}_j` as `x_{i,j}` where i is the letter of an index; so that it can be declared or defined."""
    above = positions_above(tree.sup) if tree.sup is not None and tree.sup != Name("T") else ()
    if tree.sup is None or not above or not all(isinstance(p, Name) and scope.index(p.text) is not None for p in above):
        return tree
    scope.raised.add(name_of(spelled(tree.base), primes=tree.primes))
    return Scripted(tree.base, lowered(tree.sub, tree.sup), None, tree.primes, span=tree.span)


def announced(name: str, scope: Scope) -> Objective | None:
    """An objective that was announced, made when it is first used: by then the nodes that it is of are defined."""
    if name not in scope.objectives:
        return None
    trees = scope.objectives.pop(name)  # so that one of itself, also through others, is found to be of nothing
    nodes = [found(tree, scope) for tree in trees]
    if any(node is None for node in nodes):
        scope.objectives[name] = trees
        return None
    made = scope.derivation.objective(name, *(node.what for node in nodes if node is not None))
    scope.names[name] = made
    return made


class Undeclared(FormulaError):
    """A name that nobody declared."""

    def __init__(self, name: str, span: Span, scope: Scope, hint: str = "") -> None:
        alike = [n for n in scope.names if n.split("_")[0].split("^")[0] == name.split("_")[0].split("^")[0]]
        if (failed := next((scope.failed[n] for n in (name, name.split("_")[0]) if n in scope.failed), None)) is not None:
            hint = f"its definition in line {failed} was not understood"
        else:
            hint = f"did you mean {' or '.join(alike)}?" if alike else hint or _declaration(name, scope)
        super().__init__(f"{name} is not declared; {hint}", span)
        self.name = name


def _declaration(name: str, scope: Scope) -> str:
    """What a name is likely to be declared as."""
    base, _, below = name.partition("_")
    matrix = base.upper() if base.islower() else base.lower()
    if below and base.isalpha() and isinstance(what := scope.names.get(matrix), Array) and len(what.indices) == 2:
        rows = f"{base}_{{ij}} = {matrix}_{{ij}}"
        return f"declare it in a block: input {name}; or, as the rows of {matrix}, with a line in the block: {rows}"
    more = f", or with what it stands before: input {name} x" if name in ("\\Delta", "\\delta") else ""
    return f"declare it in a block: input {name}{more}"


def mentioned(name: str, latex: str) -> bool:
    """Whether a text that could not be read may mention a name: its letter or its command stands somewhere in it."""
    base = re.split(r"[_^']", name, maxsplit=1)[0]
    inner = re.sub(r"\\[A-Za-z]+", "", base).strip("{}")
    command = "" if inner else base
    return bool(re.search(re.escape(command) + r"(?![A-Za-z])", latex)) if command else inner in re.sub(r"\\[A-Za-z]+", " ", latex)


class Misindexed(Misfit):
    """A declared name with too many or too few indices."""

    def __init__(self, name: str, wanted: int, given: int, span: Span) -> None:
        says = "no index" if not wanted else "one index" if wanted == 1 else f"{wanted} indices"
        has = "none" if not given else str(given)
        super().__init__(f"{name} has {says}, and here {has}", span)
        self.name, self.given = name, given
