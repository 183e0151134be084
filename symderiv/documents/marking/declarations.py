"""Declaration blocks: what the names of a document stand for, one statement a line, in the notation of the document.

size m                         index i, k = 1..m             input x_i, W_{ij}, \\gamma > 0, X: m \\times 10
label t_i = 1..K               function \\phi                 objective f(y, z)      objective L
assume \\varepsilon > 0         assume \\sum_k t_{ik} = 1      use batchnorm
products entry by entry        aside \\hat{x}_i = x_i - \\mu        write x for X
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path

from sympy import Expr, Pow, Rational

from symderiv.documents.marking.steps import step_of
from symderiv.documents.meaning.prefixed import take_for_name
from symderiv.documents.meaning.scope import Scope, Signed, found, with_letters_below
from symderiv.documents.meaning.spelling import name_of, spelled, spelled_or_none
from symderiv.documents.meaning.value import number
from symderiv.documents.syntax.grammar import read
from symderiv.documents.syntax.tokens import Macro
from symderiv.documents.syntax.tree import Added, Chain, Fenced, Fraction, Listed, Multiplied, Name, Number, Scripted, Tree
from symderiv.errors import FormulaError
from symderiv.judging.verify import load
from symderiv.language.arrays import Array
from symderiv.language.claim import Dimension, Face, Objective, Step
from symderiv.language.constraints import constraint_of
from symderiv.language.names import GREEK
from symderiv.language.terms import Index, Sum, free_indices
from symderiv.notation.commands import FUNCTION_WORDS
from symderiv.paths.gallery import FOLDER, page_named

RANGE = re.compile(r"(?P<names>.+?)(?:=|\\in\b)(?P<low>.+?)(?:\.\.+|,?\s*\\[lc]?dots\s*,?|…)(?P<high>.+)")
SIGNED: Mapping[str, Signed] = {">": {"positive": True}, "≥": {"nonnegative": True}, "≠": {"nonzero": True}}

Macros = Mapping[str, Macro]


def declare(line: str, scope: Scope, macros: Macros, folder: Path) -> bool:
    """Take a line of a block in; False if it begins with no keyword and so is a formula. Fails with what is wrong in it."""
    word, _, rest = line.strip().partition(" ")
    if word.rstrip(":") not in STATEMENTS:
        if re.fullmatch(r"[A-Za-z]{4,}:?", word) and word not in FUNCTION_WORDS:
            alike = get_close_matches(word.rstrip(":").lower(), STATEMENTS, 1)
            hint = f"did you mean {alike[0]}?" if alike else f"a line begins with {', '.join(STATEMENTS)}, or is a formula"
            raise FormulaError(f"{word} is no statement; {hint}")
        return False
    STATEMENTS[word.rstrip(":")](rest.strip(), scope, macros, folder)
    return True


def one(latex: str, macros: Macros) -> Tree:
    """The one formula without relations that a text is."""
    chain, *more = _chains(latex, macros)
    if more or len(chain.members) != 1 or chain.members[0][1] is None:
        raise FormulaError(f"{latex}: one name or formula is wanted here")
    return chain.members[0][1]


def _chains(latex: str, macros: Macros) -> tuple[Chain, ...]:
    return read(latex, macros).chains


def _names(latex: str, macros: Macros) -> list[Tree]:
    """Names between commas."""
    trees: list[Tree] = []
    for chain in _chains(latex, macros):
        for _, member in chain.members:
            trees += list(member.items) if isinstance(member, Listed) else [member] if member is not None else []
    return trees


def _size(rest: str, scope: Scope, macros: Macros, folder: Path) -> None:
    for tree in _names(rest, macros):
        scope.names[spelled(tree)] = scope.derivation.size(spelled(tree))


def _end(latex: str, scope: Scope, macros: Macros) -> Expr:
    """The end of a range; a new name in it is a size."""
    tree = one(latex, macros)
    if isinstance(tree, (Name, Scripted)) and found(tree, scope) is None:
        scope.names[spelled(tree)] = scope.derivation.size(spelled(tree))
    return number(tree, scope)


def _range(rest: str, scope: Scope, macros: Macros) -> tuple[list[Tree], Expr, Expr]:
    parts = RANGE.fullmatch(rest)
    if parts is None:
        raise FormulaError(f"{rest}: a range is wanted, such as i, k = 1..m")
    return _names(parts["names"], macros), _end(parts["low"], scope, macros), _end(parts["high"], scope, macros)


def _index(rest: str, scope: Scope, macros: Macros, folder: Path) -> None:
    letters, lower, upper = _range(rest, scope, macros)
    for tree in letters:
        scope.letters[spelled(tree)] = scope.derivation.index(spelled(tree), upper, lower)


def _label(rest: str, scope: Scope, macros: Macros, folder: Path) -> None:
    entries, lower, upper = _range(rest, scope, macros)
    for tree in entries:
        name, dimensions = _declared(tree, scope)
        scope.names[name] = scope.derivation.label(name, *dimensions, of=Index("k", lower, upper))


def _declared(tree: Tree, scope: Scope) -> tuple[str, tuple[Index, ...]]:
    """A name that is to be declared, and its dimensions: letters below it that are indices; anything else is part of the name."""
    tree = take_for_name(tree, scope)
    if not isinstance(tree, Scripted):
        return spelled(tree), ()
    given, tree = tree, with_letters_below(tree, scope)
    letters = _letters(tree.sub) if tree.sub is not None else []
    dimensions = [scope.letters.get(letter) for letter in letters]
    if letters and all(d is not None for d in dimensions):
        return name_of(spelled(tree.base), "", spelled(tree.sup), tree.primes), tuple(d for d in dimensions if d is not None)
    if tree is not given:
        none = next((p for p, d in zip(letters, dimensions, strict=True) if d is None), "")
        raise FormulaError(f"{none or 'this'} is no index, and stands beside one: declare it, index {none or 'i'} = 1..m", given.span)
    return spelled(tree), ()


def _letters(sub: Tree) -> list[str]:
    items = sub.items if isinstance(sub, Listed) else [f for _, f in sub.factors] if isinstance(sub, Multiplied) else [sub]
    return [item.text if isinstance(item, Name) else "" for item in items]


def _input(rest: str, scope: Scope, macros: Macros, folder: Path) -> None:
    if ":" in rest:
        for names, shape in _each_with_its_shape(rest):
            sizes = [_end(part, scope, macros) for part in re.split(r"\\times\b|×|,", shape.strip().strip("()"))] if shape else []
            for tree in _names(names, macros):
                name, dimensions = _declared(tree, scope)
                _make(name, (*dimensions, *sizes), {}, scope)
        return
    for chain in _chains(rest, macros):
        said = _said(chain)
        first = said[0] if said else chain.members[0][1]
        if first is None or (said is None and len(chain.members) > 1):
            raise FormulaError(f"{rest}: names between commas are wanted, each maybe with > 0, or 0 < p < 1", chain.span)
        items = first.items if isinstance(first, Listed) else (first,)
        for n, item in enumerate(items):
            sign: Signed = said[1] if said and n == len(items) - 1 else {}
            name, dimensions = _declared(item, scope)
            _make(name, dimensions, sign, scope)


def _each_with_its_shape(rest: str) -> list[tuple[str, str]]:
    """`A, B: m \\times n, C: n, w` as `A, B` with `m \\times n`, `C` with `n`, and `w` with nothing."""
    pairs: list[tuple[str, str]] = []
    names: list[str] = []
    for part in re.split(r"[,;](?![^({]*[)}])", rest):
        name, colon, shape = part.partition(":")
        names.append(name)
        if colon:
            pairs.append((", ".join(names), shape))
            names = []
    return [*pairs, (", ".join(names), "")] if names else pairs


def _make(name: str, dimensions: tuple[Dimension, ...], sign: Signed, scope: Scope) -> None:
    scope.names[name] = scope.derivation.input(name, *dimensions, **(sign | scope.signs.get(name, {})))


def _function(rest: str, scope: Scope, macros: Macros, folder: Path) -> None:
    for tree in _names(rest, macros):
        scope.names[spelled(tree)] = scope.derivation.function(spelled(tree))


def _objective(rest: str, scope: Scope, macros: Macros, folder: Path) -> None:
    tree = one(rest, macros)
    fence = tree.factors[-1][1] if isinstance(tree, Multiplied) and len(tree.factors) == 2 else None
    if isinstance(tree, Multiplied) and isinstance(fence, Fenced):
        (_, head), body = tree.factors[0], fence.body
        nodes = body.items if isinstance(body, Listed) else (body,)
        scope.objectives[spelled(head)] = tuple(_bare(node, scope) for node in nodes)
    else:
        scope.final.add(spelled(tree))


def _bare(tree: Tree, scope: Scope) -> Tree:
    """A node without the letters below it: f(y_i) is an objective of all of y."""
    if isinstance(tree, Scripted) and tree.sub is not None and all(x in scope.letters for x in _letters(tree.sub)):
        return Scripted(tree.base, None, tree.sup, tree.primes, span=tree.span) if tree.sup or tree.primes else tree.base
    return tree


def _said(chain: Chain) -> tuple[Tree, Signed] | None:
    """What a chain says of the range of a name, as `Derivation.input` takes it: x > 0, x ≠ 0, 0 < p < 1; none if it says something else."""
    trees = [member for _, member in chain.members]
    relations = [relation for relation, _ in chain.members[1:]]
    if len(trees) == 2 and trees[0] is not None and relations[0] in SIGNED and trees[1] == Number("0"):
        return trees[0], SIGNED[relations[0]]
    if len(trees) == 3 and trees[1] is not None and relations in (["<", "<"], [">", ">"]):
        lower, upper = (_number(tree) for tree in (trees if relations[0] == "<" else trees[::-1])[::2])
        if lower is not None and upper is not None:
            return trees[1], {"between": (lower, upper)}
    return None


def _number(tree: Tree | None) -> Rational | None:
    """A number as it is written: 1, 0.5, -1, 1/2 as a fraction."""
    if isinstance(tree, Number):
        return Rational(tree.text)
    if isinstance(tree, Added) and len(tree.terms) == 1:
        whole = _number(tree.terms[0][1])
        return None if whole is None else tree.terms[0][0] * whole
    if isinstance(tree, Fraction):
        above, below = _number(tree.above), _number(tree.below)
        return None if above is None or not below else above / below
    return None


def _assume(rest: str, scope: Scope, macros: Macros, folder: Path) -> None:
    for chain in _chains(rest, macros):
        left, right = chain.members[0][1], chain.members[-1][1]
        if said := _said(chain):
            tree, sign = said
            name, dimensions = _declared(tree, scope)
            if name not in scope.names:
                scope.names[name] = scope.derivation.input(name, *dimensions, **sign)
            elif name not in scope.signs:
                raise FormulaError(f"say where {name} is declared what it can be: input {rest}", tree.span)
        elif len(chain.members) == 2 and chain.members[1][0] == "=" and left is not None and right is not None:
            _take_for_granted(step_of(left, right, scope), chain, scope)
        else:
            raise FormulaError(f"{rest}: an equation is wanted, or a name with > 0, or 0 < p < 1", chain.span)


def _take_for_granted(step: Step, chain: Chain, scope: Scope) -> None:
    """Assume an equation, whichever way round it is written; that a norm is one number says what its square is."""
    backwards = step.left.is_number or (constraint_of(step.left, step.right) is None and constraint_of(step.right, step.left) is not None)
    what, equal = (step.right, step.left) if backwards else (step.left, step.right)
    if isinstance(what, Pow) and what.exp == Rational(1, 2) and equal.is_nonnegative:
        what, equal = what.base, equal**2
    if (free_indices(what) or isinstance(what, (Sum, Pow))) and constraint_of(what, equal) is None:
        raise FormulaError(f"this is of no known form; what can be assumed of an input: {ASSUMED}", chain.span)
    scope.derivation.assume(what, equal)


ASSUMED = (
    "\\sum_k t_k = 1, \\|w\\| = 1, A^\\top = A, A^\\top = -A, Q^\\top Q = I, x_i = 0, y_i^2 = 1; "
    "of labels, that they differ: \\delta_{t_i t_j} = \\delta_{ij}"
)


def signs_in(lines: list[str], macros: Macros) -> dict[str, Signed]:
    """What the assumptions of a block say of the signs of names, so that these can be declared with them."""
    signs: dict[str, Signed] = {}
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        for chain in _readable(rest, macros) if word.rstrip(":") == "assume" else ():
            if said := _said(chain):
                left, sign = said
                whole = spelled_or_none(left)
                base = spelled_or_none(left.base) if isinstance(left, Scripted) and left.sup is None else None
                for name in filter(None, (whole, base)):
                    signs[name] = sign
    return signs


def _readable(latex: str, macros: Macros) -> tuple[Chain, ...]:
    try:
        return _chains(latex, macros)
    except FormulaError:
        return ()


def _use(rest: str, scope: Scope, macros: Macros, folder: Path) -> None:
    """Take in what a Python page declares and defines: its names, its objectives, the letters of its indices."""
    name = rest.strip().removesuffix(".py")
    path = page_named(name, folder, folder / FOLDER)
    if path is None:
        raise FormulaError(f"use {name}: there is no page {name}.py beside the document, under {FOLDER}/ or among those of symderiv")
    page = load(str(path))
    if page.draft.problems:
        raise FormulaError(f"use {name}: {path}:{page.draft.problems[0].line}: {page.draft.problems[0].message}")
    program = page.derivations[0].program
    scope.derivation.program = program
    for variable in (*program.inputs, *(e.variable for e in program.equations)):
        face: Face = Array(variable.indices, variable.entry, variable.head.name) if variable.indices else variable.head
        scope.names[variable.head.name] = Objective(variable.head) if variable.head in program.opaque else face
        for index in variable.indices:
            scope.letters.setdefault(index.name, index)
    scope.names |= {size.name: size for size in program.sizes}
    scope.names |= {f"\\{name}": what for name, what in scope.names.items() if name in GREEK}


def _write(rest: str, scope: Scope, macros: Macros, folder: Path) -> None:
    """Another name for what has one, `write x for X`: x_i is a row of X, and x_{ij} an entry."""
    names = rest.split(" for ")
    if len(names) != 2:
        raise FormulaError(f"write {rest}: two names are wanted, `write x for X`, of which the second is declared")
    new, known = (one(name, macros) for name in names)
    seen = found(known, scope)
    if seen is None or seen.positions is not None or seen.power is not None:
        raise FormulaError(f"write {rest}: {names[1].strip()} is not declared", known.span)
    if found(new, scope) is not None:
        raise FormulaError(f"write {rest}: {names[0].strip()} stands for something already", new.span)
    scope.names[spelled(new)] = seen.what


def _products(rest: str, scope: Scope, macros: Macros, folder: Path) -> None:
    if rest not in ("entry by entry", "of matrices"):
        raise FormulaError(f"products {rest}: `products entry by entry` is wanted, or `products of matrices`, which they are unless said")
    scope.by_entry = rest == "entry by entry"


def _aside(rest: str, scope: Scope, macros: Macros, folder: Path) -> None:
    """Formulas that the text states and does not mean, such as a simplification: from here on they are remarks."""
    scope.aside.update(_chains(rest, macros))


STATEMENTS: dict[str, Callable[[str, Scope, Macros, Path], None]] = {
    "size": _size,
    "sizes": _size,
    "index": _index,
    "indices": _index,
    "input": _input,
    "inputs": _input,
    "label": _label,
    "labels": _label,
    "function": _function,
    "objective": _objective,
    "assume": _assume,
    "products": _products,
    "aside": _aside,
    "use": _use,
    "write": _write,
}
