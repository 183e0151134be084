"""What a document without declarations is taken to say of its own names, as statements of a block."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property

from symderiv.documents.inferring.dimensions import Dimensions
from symderiv.documents.inferring.occurrences import TURNED, Letter, Seen, chains_in, seen_in
from symderiv.documents.inferring.shapes import Named, Shape, fits, ranks, speaks_in_matrices
from symderiv.documents.inferring.uses import Use, index_letters, uses_in
from symderiv.documents.meaning.operations import FUNCTIONS as WELL_KNOWN
from symderiv.documents.meaning.spelling import positions_in, spelled_or_none
from symderiv.documents.syntax.tokens import Macro
from symderiv.documents.syntax.tree import Listed, Name, Number, Scripted, Tree
from symderiv.documents.syntax.written import written

FUNCTIONS = frozenset(("f", "g", "h", "F", "G", "H", "\\phi", "\\varphi", "\\psi", "\\rho", "\\Phi", "\\Psi"))
PREFIXES = ("\\Delta", "\\delta")  # which may be a part of the name that follows
FRESH = ("n", "m", "N", "M", "K", "D", "d", "p", "q", "r", "T", "S", "P", "Q", "R")  # names for sizes that the text has no name for


@dataclass(frozen=True)
class Taken:
    """A statement that is taken in before a part of a document."""

    before: int
    statement: str


WHOLE = ("objective", "aside", "write", "assume")  # statements of which each has a line of its own


def block(statements: Sequence[str]) -> tuple[str, ...]:
    """Statements as the lines of a block, those of a kind in one."""
    lines: dict[str, list[str]] = defaultdict(list)
    for statement in statements:
        word, _, rest = statement.partition(" ")
        names, _, shape = rest.partition(" = ") if word == "index" else rest.partition(": ")
        whole = word in WHOLE
        lines[statement if whole else f"{word} = {shape}" if word == "index" else word if not shape else f"{word}: {shape}"].append(
            rest if whole else names
        )
    return tuple(_line(head, names) for head, names in lines.items())


def _line(head: str, names: Sequence[str]) -> str:
    word, mark, shape = next((parted for mark in (" = ", ": ") if (parted := head.partition(mark))[1]), (head, "", ""))
    if word.split()[0] in WHOLE:
        return head
    return f"{word} {', '.join(names)}{mark}{shape}"


@dataclass(frozen=True)
class Space:
    """What a text says that a name is in: `x \\in \\mathbb{R}^d`, or `x_i \\in \\mathbb{R}^d` for each of so many positions."""

    below: int
    sizes: tuple[str, ...]

    @property
    def rank(self) -> int:
        return self.below + len(self.sizes)


@dataclass(frozen=True)
class Text:
    """What is known of the names of a document: their uses, what they are in, which of them equations define."""

    seen: Seen
    uses: Mapping[str, list[Use]]
    spaces: Mapping[str, Space]
    defined: Mapping[str, int]
    in_matrices: bool
    known: Callable[[Tree], bool]

    @cached_property
    def functions(self) -> dict[tuple[int, str], str]:
        """What is on the left side of equations with one letter in parentheses, by the equation and the letter."""
        heads = [(key, use.at) for key, found in self.uses.items() for use in found if use.at.defines and isinstance(use.at.argument, Name)]
        return {(at.equation, at.argument.text): key for key, at in heads if isinstance(at.argument, Name)}


def inferred(
    pieces: Sequence[object], macros: Mapping[str, Macro], known: Callable[[Tree], bool], letters: Mapping[str, Tree]
) -> list[Taken]:
    """The declarations that follow from the formulas themselves, of all names that nothing defines and that are not `known`.

    `letters` are those of indices that are declared, with the end of the range of each.
    """
    seen = seen_in(pieces, macros)
    seen.said |= letters
    uses = uses_in(seen)
    spaces = dict(_spaces(seen, index_letters(seen)))
    in_matrices = speaks_in_matrices(seen.chains) or any(space.sizes for space in spaces.values())
    text = Text(seen, uses, spaces, _defined(seen, uses), in_matrices, known)
    chosen = _ranks(text)
    ranges = _ranges(text, chosen)
    sizes = {size for size in ranges.sizes.values() if not size.isdigit()}
    inputs = _earliest(_inputs(text, chosen, ranges, sizes | index_letters(seen)))
    rest = [*(s for s in _indices(text, ranges) if s.split()[1] not in letters), *_functions(text), *_objectives(text), *_asides(text)]
    said = {part for statement in (*rest, *(taken.statement for taken in inputs)) for part in re.split(r"\.\.|: | \\times ", statement)[1:]}
    used = [f"size {size}" for size in sorted(sizes & (said | set(uses))) if not known(Name(size))]
    return [*(Taken(0, statement) for statement in (*used, *rest)), *inputs, *_symmetric(text, macros, inputs)]


def _symmetric(text: Text, macros: Mapping[str, Macro], inputs: Sequence[Taken]) -> Iterator[Taken]:
    """What the prose says to be symmetric is so from where it is taken in."""
    shapes = {name: (t.before, shape) for t in inputs for name, _, shape in [t.statement.removeprefix("input ").partition(": ")]}
    for latex in dict.fromkeys(text.seen.symmetric):
        key = next((spelled_or_none(tree) for chain in chains_in(latex, macros) for _, tree in chain.members[:1]), None)
        before, shape = shapes.get(key or "", (0, ""))
        rows, times, columns = shape.partition(" \\times ")
        if times and rows == columns:
            yield Taken(before, f"assume {key}^\\top = {key}")


def _earliest(statements: Iterable[Taken]) -> list[Taken]:
    """Statements, of which a matrix counts from where its rows are used on."""
    found = list(statements)
    first = {taken.statement.split()[-1]: taken.before for taken in found if taken.statement.startswith("write ")}
    return [replace(t, before=min(t.before, first.get(t.statement.split()[1].rstrip(":"), t.before))) for t in found]


def _asides(text: Text) -> Iterator[str]:
    """Definitions of whole arrays where others say what their entries are: `y = a x + b`, and `y_i = a x_i + b` elsewhere."""
    yield from (f"aside {written(chain)}" for chain in text.seen.listings)
    for key in text.defined if not text.in_matrices else ():
        definitions = [use for use in text.uses[key] if use.is_definition]
        if any(use.positions for use in definitions):
            yield from (f"aside {written(text.seen.chains[use.at.equation])}" for use in definitions if not use.positions)


# ranks


def _ranks(text: Text) -> dict[str, int]:
    """How many indices each name has."""
    choices = {key: _choices(key, found, text) for key, found in text.uses.items()}
    if not text.in_matrices:
        return {key: _below(text.uses[key]) if key not in text.spaces else choices[key][0] for key in text.uses}
    mentions = {key: {use.at.equation for use in found} for key, found in text.uses.items()}
    return ranks(text.seen.chains, mentions, choices, lambda chosen: _shapes(text, chosen))


def _shapes(text: Text, chosen: Mapping[str, int]) -> Named:
    """The shape of each name where it stands, with so many indices each."""
    where = {use.at.tree: (key, len(use.positions)) for key, found in text.uses.items() for use in found if not _is_function(key, found)}

    def shape(tree: Tree) -> Shape | None:
        key, below = where.get(tree, ("", 0))
        return Shape(tuple((key, n) for n in range(below, chosen[key]))) if key in chosen else None

    applied = {key for key, found in text.uses.items() if any(use.is_definition and use.at.argument is not None for use in found)}
    return Named(shape, frozenset(tree for tree, (key, _) in where.items() if key in applied))


def _below(found: Sequence[Use]) -> int:
    return max((len(use.positions) for use in found), default=0)


def _choices(key: str, found: Sequence[Use], text: Text) -> tuple[int, ...]:
    """How many indices a name may have, the likeliest first: by what the text says, by its positions, else by custom."""
    below = _below(found)
    if key in text.spaces:
        return (max(below, text.spaces[key].rank),)
    turned = any(spelled_or_none(use.at.above) in TURNED for use in found)
    if below:
        plain = any(not use.positions for use in found)
        return (below, below + 1) if plain or not turned else (below + 1, below)
    if any(use.at.differentiated for use in found) and key not in text.defined:
        return (0,)
    inside = ACCENTED.match(key)
    letter = inside[1] if inside is not None else LETTER.findall(key)[0]
    if letter in MATRICES or letter.isupper():
        return (2, 1, 0)
    if len(letter) == 1 or letter in VECTORS:
        return (1, 2) if turned else (1, 0, 2)
    return (1, 2) if turned else (0, 1)


ACCENTED = re.compile(r"\\[A-Za-z]+\{(\\?[A-Za-z]+)")
LETTER = re.compile(r"\\[A-Za-z]+|.")
MATRICES = ("\\Sigma", "\\Lambda", "\\Omega", "\\Phi", "\\Theta")
VECTORS = ("\\theta", "\\beta", "\\mu", "\\omega")


# ranges


def _spaces(seen: Seen, indices: frozenset[str]) -> Iterator[tuple[str, Space]]:
    """What the text says that names are in."""
    for m in seen.memberships:
        below = positions_in(m.name.sub, 2) if isinstance(m.name, Scripted) and m.name.sub is not None else ()
        are_positions = all(isinstance(p, Name) and p.text in indices for p in below)
        key = spelled_or_none(m.name.base if isinstance(m.name, Scripted) and are_positions else m.name)
        sizes = [spelled_or_none(size) for size in m.sizes]
        if key is not None and None not in sizes:
            yield key, Space(len(below) if are_positions else 0, tuple(filter(None, sizes)))


def _ranges(text: Text, chosen: Mapping[str, int]) -> Dimensions:
    """Which letters and dimensions have one range: by limits first, then by definitions, which claims may not change.

    Where each x_i of i = 1..m is said to be in \\mathbb{R}^d, what is written of its entries is written of one of them at a time.
    """
    ranges, seen = Dimensions(), text.seen
    for limits in seen.limits:
        if end := spelled_or_none(limits.upper):
            ranges.give(limits.letter, end)
    _unite(text, ranges, lambda equation, letter: ranges.size(letter) is not None)
    for key, space in text.spaces.items():
        for n, size in enumerate(space.sizes):
            ranges.give((key, space.below + n), size)
    defining = {use.at.equation for key in text.defined for use in text.uses[key] if use.is_definition}
    _unite(text, ranges, lambda equation, letter: equation in defining)
    _give_what_is_said(seen, ranges)
    for _ in range(2):  # what is compared with a letter of a known range, and what that stands for
        _unite(text, ranges, lambda equation, letter: ranges.size(letter) is not None)
    for small, large in _rows(text, chosen):
        for n in range(2):
            ranges.unite((small, n), (large, n))
    _fit(text, chosen, ranges, lambda equation: equation in defining)
    _name_the_rest(text, ranges)
    _unite(text, ranges, lambda equation, letter: True)
    _fit(text, chosen, ranges, lambda equation: True)
    _name_the_rest(text, ranges)
    return ranges


def _rows(text: Text, chosen: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Names for the rows or entries of a matrix, `x_i` or `a_{ij}`, each with the name of the matrix."""
    for small, found in text.uses.items():
        large = small.upper()
        other = small != large and len(small) == 1 and large in text.uses and not {small, large} & set(text.defined)
        if other and chosen[small] == chosen[large] == 2 and all(use.positions for use in found):
            yield small, large


def _unite(text: Text, ranges: Dimensions, counts: Callable[[int, Letter], bool]) -> None:
    """Letters have the ranges of the dimensions that they stand for, and of the letters that they are compared with."""
    for key, found in text.uses.items():
        for use in found:
            for n, letter in use.at.letters.items() if use.positions else ():
                if counts(use.at.equation, letter):
                    ranges.unite((key, n), letter)
    for a, b in text.seen.alike:
        if counts(a[1], a) or counts(b[1], b):
            ranges.unite(a, b)


def _give_what_is_said(seen: Seen, ranges: Dimensions) -> None:
    """`i = 1, \\dots, n` gives every i its range that has none, and 1/m before a sum the sum its size."""
    places = [*(at for o in seen.occurrences for at in o.letters.values()), *(limits.letter for limits in seen.limits)]
    for place in places:
        said = spelled_or_none(seen.said.get(place[0]))
        if said and ranges.size(place) is None:
            ranges.give(place, said)
    for below, letter in seen.means:
        if ranges.size(letter) is None and isinstance(below, Name):
            ranges.give(letter, below.text)


def _fit(text: Text, chosen: Mapping[str, int], ranges: Dimensions, counts: Callable[[int], bool]) -> None:
    """What equations of matrices say of their ranges."""
    named = _shapes(text, chosen)
    for equation, chain in enumerate(text.seen.chains) if text.in_matrices else ():
        if counts(equation) and fits(chain, named, lambda a, b: None):
            fits(chain, named, ranges.unite)


def _name_the_rest(text: Text, ranges: Dimensions) -> None:
    """Ranges for which the text has no size get one that nothing else has."""
    taken = {*text.uses, *(o.word for o in text.seen.occurrences), *ranges.sizes.values()}
    unnamed = {ranges.root(node) for node in ranges.nodes() if ranges.size(node) is None}
    counts = [name for name in FRESH if name in text.uses and name not in ranges.sizes.values() and name not in text.defined]
    if len(unnamed) == len(counts) == 1:
        ranges.give(unnamed.pop(), counts[0])  # a number that is called like a size, beside one range
    free = iter([name for name in FRESH if name not in taken])
    for node in ranges.nodes():
        if ranges.size(node) is None:
            name = next(free, f"n_{{{len(ranges.sizes)}}}")
            ranges.fresh.add(name)
            ranges.give(node, name)


def _indices(text: Text, ranges: Dimensions) -> Iterator[str]:
    """The letters that have one range throughout."""
    for letter in sorted(index_letters(text.seen)):
        sizes = {ranges.size(node) for node in ranges.nodes() if isinstance(node, tuple) and len(node) == 3 and node[0] == letter}
        if len(sizes) == 1:
            yield f"index {letter} = 1..{sizes.pop()}"


# what is defined


def _defined(seen: Seen, uses: Mapping[str, list[Use]]) -> dict[str, int]:
    """The names that equations define, with the first part in which one does; not what is solved for."""
    defined: dict[str, int] = {}
    for key, found in uses.items():
        first = next((use for use in found if use.is_definition), None)
        if first is not None and not _is_solved_for(first, found, seen):
            defined[key] = first.at.part
    return defined


def _is_solved_for(first: Use, found: Sequence[Use], seen: Seen) -> bool:
    """Whether an equation that looks like a definition is a solution, of what was differentiated by before; or a value of what was used."""
    before = [use for use in found if use.at.equation < first.at.equation]
    value = seen.chains[first.at.equation].members[1][1]
    if isinstance(value, Number):  # "if λ = 0, ...", of what was used before
        return bool(before)
    return any(use.at.by for use in before) and any(equation < first.at.equation for equation in seen.zero)


def _functions(text: Text) -> Iterator[str]:
    """Names that are always a function of something: those with primes, and those that are called as functions are."""
    for key, found in text.uses.items():
        if _is_function(key, found) and key not in WELL_KNOWN and key not in text.defined and not text.known(found[0].at.tree):
            yield f"function {key}"


def _is_function(key: str, found: Sequence[Use]) -> bool:
    """Whether a name is always a function of something, and called like one, or differentiated as one."""
    called = [use for use in found if use.at.argument is not None and not isinstance(use.at.argument, Listed)]
    return len(called) == len(found) and (key in FUNCTIONS or key in WELL_KNOWN or any(use.at.primes for use in called))


def _objectives(text: Text) -> Iterator[str]:
    """Numbers that are differentiated and have no definition, of the last of the defined names by which they are."""
    rests = _rests_on(text)
    for key, found in text.uses.items():
        of = [use for use in found if use.at.differentiated and use.at.argument is None]
        if not of or key in text.defined or any(use.positions for use in found) or text.known(found[0].at.tree):
            continue
        equations = {use.at.equation for use in of}
        by = [k for k, other in text.uses.items() if any(use.at.by and use.at.equation in equations for use in other)]
        by = [k for k in by if k in text.defined]
        last = [k for k in by if not any(k in rests.get(other, set()) for other in by if other != k)]
        if last:
            yield f"objective {key}({', '.join(last)})"


def _rests_on(text: Text) -> dict[str, set[str]]:
    """The names that a definition uses, also through others."""
    defining = {use.at.equation: key for key, found in text.uses.items() if key in text.defined for use in found if use.is_definition}
    rests: dict[str, set[str]] = {key: set() for key in text.defined}
    for key, found in text.uses.items():
        for use in found:
            if (of := defining.get(use.at.equation)) is not None and not use.at.defines:
                rests[of].add(key)
    for _ in rests:
        for below in rests.values():
            below |= {more for key in below for more in rests.get(key, ())}
    return rests


def _inputs(text: Text, chosen: Mapping[str, int], ranges: Dimensions, others: Set[str]) -> Iterator[Taken]:
    """All other names, each before the first equation in which it is more than the letter of a function's definition."""
    rows = dict(_rows(text, chosen))
    for key, found in sorted(text.uses.items(), key=lambda row: row[0] in rows):
        perhaps = _is_perhaps_an_entry(found, text) or (key in FRESH and ranges.fresh)  # the entry of an array, or one of several sizes
        if (
            key in text.defined
            or key in others
            or key in PREFIXES
            or perhaps
            or any(use.at.differentiated or use.at.primes for use in found)
        ):
            continue
        first = next((use for use in found if not _is_letter_of_a_function(key, use, text)), None)
        if first is None or text.known(first.at.tree) or _is_function(key, found):
            continue
        shape = [ranges.size((key, n)) for n in range(chosen[key])]
        if (large := rows.get(key)) is not None and shape == [ranges.size((large, n)) for n in range(2)]:
            yield Taken(first.at.part, f"write {key} for {large}")
        elif None not in shape:
            yield Taken(first.at.part, f"input {key}: " + " \\times ".join(map(str, shape)) if shape else f"input {key}")


def _is_perhaps_an_entry(found: Sequence[Use], text: Text) -> bool:
    """Whether a name with a letter below it may be an entry of an array all the same, which has other letters there: h_r beside h_i."""
    at = found[0].at
    below = {len(use.positions) for use in text.uses.get(at.word, ())}
    return bool(at.letters) and not found[0].positions and len(at.letters) == len(at.positions) and len(at.positions) in below


def _is_letter_of_a_function(key: str, use: Use, text: Text) -> bool:
    """Whether a name only stands for what a function is of, where that is defined: z in g(z) = ..."""
    name = text.functions.get((use.at.equation, key))
    return name is not None and any(o.at.argument not in (None, Name(key)) or o.at.primes for o in text.uses[name])
