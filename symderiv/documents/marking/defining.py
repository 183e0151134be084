"""What equations define: names that are new, functions of one number, and what is held in place of a definition that is not read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from sympy import Expr, Symbol

from symderiv.documents.meaning.listed import listed
from symderiv.documents.meaning.operations import FUNCTIONS, heads_in
from symderiv.documents.meaning.prefixed import has_objective, joined, prefixed, take_for_name, with_joined
from symderiv.documents.meaning.ranges import range_by_use
from symderiv.documents.meaning.scope import Found, Named, Scope, Undeclared, attempt, found, mentioned, with_letters_below
from symderiv.documents.meaning.spelling import called, count, name_of, parts, positions_in, spelled, spelled_or_none
from symderiv.documents.meaning.unsized import Meaning, Row, Unsized
from symderiv.documents.meaning.value import value
from symderiv.documents.syntax.grammar import read
from symderiv.documents.syntax.tokens import Macro, expand
from symderiv.documents.syntax.tree import Chain, Differential, Fenced, Listed, Multiplied, Name, Scripted, Tree
from symderiv.errors import FormulaError, SymderivError
from symderiv.language.arrays import Array, beside, distinct
from symderiv.language.claim import Objective, Smooth
from symderiv.language.functions import KINDS
from symderiv.language.terms import Index, names, replace as substitute

ACCENT = re.compile(r"\\(bar|dot|ddot)\{(.+)\}")
ENTRY = re.compile(r"_\{?\d+\}?|\^\{[(\[<]\d+[)\]>]\}")  # below a name or above it, of one that is an entry of it
LOSS = re.compile(r"(?:L|J|E|C|\\ell|\\mathcal\{[LJEC]\}|(?i:loss|cost))(?:_.*)?")


def without_arguments(tree: Tree, scope: Scope) -> Name | Scripted | None:
    """The name in `J(w) = ...`, where that defines J; from then on J(w) is J."""
    if not isinstance(tree, Multiplied) or len(tree.factors) != 2 or tree.factors[1][0] != "":
        return None
    (_, head), (_, fence) = tree.factors
    if not isinstance(head, (Name, Scripted)) or not isinstance(fence, Fenced) or fence.fence != "(" or found(head, scope) is not None:
        return None
    if spelled_or_none(_base(head)) in scope.functions:
        return None
    try:
        with attempt(scope, keep=False):
            value(tree, scope)
    except Undeclared:
        pass
    except SymderivError:
        return None
    else:
        return None
    scope.applied.add(spelled(head))
    scope.arguments[spelled(head)] = fence.body
    return head


def name_defined(tree: Tree) -> str:
    return spelled_or_none(_base(tree)) or ""


def defines_function(left: Tree, right: Tree, scope: Scope) -> bool:
    """Whether an equation defines a function of one number, `g(z) = ...` with a letter z that stands for nothing yet."""
    head, fence = called(left)
    if head is None or not isinstance(fence, Fenced) or fence.fence != "(" or not isinstance(fence.body, Name):
        return False
    name, letter = spelled(head), fence.body.text
    if spelled_or_none(_base(head)) in scope.functions or any(isinstance(p, Differential) for p in parts(right)):
        return False
    inside = any(isinstance(part, Name) and part.text == letter for part in parts(right))
    if not inside or any(found(t, scope) is not None for t in (head, fence.body)) or scope.index(letter) is not None or _is_settled(name):
        return False
    scope.functions[name] = (letter, right)
    return True


def _is_part(seen: Found, right: Tree, scope: Scope) -> bool:
    """Whether an equation defines the parts of a number that is known by their name: J_i beside J."""
    if not isinstance(seen.what, Symbol) or seen.positions is None or seen.power is not None or seen.name in scope.whole:
        return False
    letters = [p.text if isinstance(p, Name) else "" for p in positions_in(seen.positions, 2)]
    known = all((range_by_use(letter, right, scope) or scope.index(letter)) is not None for letter in letters)
    return known and scope.derivation.program.equation(seen.what) is not None


def _is_settled(name: str) -> bool:
    """Whether a word has one meaning in all texts; silu and its like are what a text says that they are, if it does."""
    return name in FUNCTIONS and FUNCTIONS[name] in KINDS


def defines(left: Tree, relation: str, right: Tree, scope: Scope) -> bool:
    """Whether an equation defines its left side: a plain name that is new."""
    tree = left
    if not isinstance(tree, (Name, Scripted)):
        return False
    seen = found(tree, scope)
    plain = isinstance(tree.base if isinstance(tree, Scripted) else tree, Name)
    if isinstance(tree, Name) and seen is not None and isinstance(seen.what, Array) and tree.text not in scope.whole:
        return _sums_up(tree.text, right, scope)
    if seen is not None and relation == "=" and _is_part(seen, right, scope):
        return True
    if not plain or (seen is not None and relation != ":=") or is_delta(tree):
        return False
    if relation == ":=":
        return True
    try:
        with attempt(scope, keep=False):
            value(tree, scope)
    except Undeclared:
        _check_no_derivative(tree, right, scope)
        return not any(scope.index(p.text) is not None and p.text == spelled(_base(tree)) for p in parts(tree) if isinstance(p, Name))
    except SymderivError:
        return False
    return False  # it has a meaning already


def with_names(chain: Chain, scope: Scope) -> Chain:
    """A chain with each name that has Δ, δ or d before it as one; the first member is a new one if the chain defines it."""
    if len(chain.members) > 1 and chain.members[0][0] == "" and (first := chain.members[0][1]) is not None:
        (relation, right), *_ = chain.members[1:]
        if right is not None and relation in ("=", ":=") and _defines_prefixed(first, relation, right, scope):
            first = take_for_name(first, scope)
            chain = replace(chain, members=(("", first), *chain.members[1:]))
    return with_joined(chain, scope)


def _defines_prefixed(left: Tree, relation: str, right: Tree, scope: Scope) -> bool:
    """Whether an equation defines a new name with Δ, δ or d before it. Fails where that may be a derivative."""
    name, sign, of = prefixed(left), "d" if isinstance(left, Differential) else "", _of(left)
    sign = sign or (left.factors[0][1].text if isinstance(left, Multiplied) and isinstance(left.factors[0][1], Name) else "")
    if name is None or of is None or found(name, scope) is not None or sign in scope.names or scope.index(sign) is not None:
        return False
    right = joined(right, scope)
    differentials = any(isinstance(p, Differential) and (p.sign == "d" or sign == "d") for p in parts(right))
    if relation == "=" and sign == "d" and (has_objective(scope) or differentials):
        return False
    seen = found(of, scope)
    if relation == "=" and sign != "\\Delta" and seen is not None and not any(isinstance(p, Differential) for p in parts(right)):
        others = [v for v in (found(other, scope) for other in _varied(sign, scope)) if v is not None]
        rests = any(v.head in _written_in(seen.head, scope) or seen.head in _written_in(v.head, scope) for v in others)
        if rests or _is_differentiated(seen.head, scope):
            raise FormulaError(f"{spelled_or_none(name) or sign}: a derivative, or a new name? {WAY_OUT}", left.span)
    return True


def _of(tree: Tree) -> Name | Scripted | None:
    """What stands after the sign."""
    of = tree.of if isinstance(tree, Differential) else tree.factors[-1][1] if isinstance(tree, Multiplied) else None
    return of if isinstance(of, (Name, Scripted)) else None


def _varied(sign: str, scope: Scope) -> list[Name]:
    """The names that stand after the same sign in others."""
    return [Name(name.removeprefix(sign).strip()) for name in scope.prefixed if name.startswith(sign)]


WAY_OUT = "Write \\frac{\\partial v}{\\partial u}, or define it with :="


def _check_no_derivative(tree: Name | Scripted, right: Tree, scope: Scope) -> None:
    """Refuse to take for a new name what may be a derivative: y' of a node y, ȳ of something that the objective rests on.

    As a definition it would make itself true. A bar over an array that has fewer indices than this is a mean.
    """
    base, primes = (tree.base, tree.primes) if isinstance(tree, Scripted) else (tree, 0)
    accent = ACCENT.fullmatch(base.text) if isinstance(base, Name) and not primes else None  # without its primes it is a name by itself
    plain = Name(accent[2], span=base.span) if accent is not None else base
    of: Tree = replace(tree, base=plain, primes=0) if isinstance(tree, Scripted) else plain
    if not (primes or accent) or (seen := found(of, scope) or found(plain, scope)) is None or isinstance(seen.what, (Objective, Smooth)):
        return
    node = scope.derivation.program.equation(seen.head) is not None
    bar = accent is not None and accent[1] == "bar"
    adjoint = any(isinstance(p, Differential) for p in parts(right)) or _is_differentiated(seen.head, scope)
    if (adjoint and _is_alike(tree, right, seen, scope)) if bar else node:
        raise FormulaError(f"{spelled(tree)}: a derivative, or a new name? {WAY_OUT}", tree.span)


def _is_differentiated(head: Symbol, scope: Scope) -> bool:
    """Whether there is something to differentiate, an objective or what is called like a loss, that rests on a name."""
    program = scope.derivation.program
    ends = [e.head for e in program.equations if e.head in program.opaque or e.head.name in scope.final or LOSS.fullmatch(e.head.name)]
    nodes = [found(tree, scope) for trees in scope.objectives.values() for tree in trees]
    ends += [node.head for node in nodes if node is not None]
    return any(end == head or head in _written_in(end, scope) for end in ends)


def _written_in(head: Symbol, scope: Scope) -> set[Symbol]:
    """The names in the definition of a name as it is written, and in theirs, whatever cancels."""
    found, left = {head}, [head]
    while left:
        name = left.pop()
        equation = scope.derivation.program.equation(name)
        more = (scope.mentions.get(name, frozenset()) | (names(equation.body) if equation is not None else frozenset())) - found
        found |= more
        left += more
    return found - {head}


def _is_alike(tree: Name | Scripted, right: Tree, seen: Found, scope: Scope) -> bool:
    """Whether an equation gives what has a bar as many indices as what is below the bar."""
    try:
        with attempt(scope, keep=False):
            meant = value(right, scope)
    except SymderivError:
        return True
    given = count(tree.sub) if isinstance(tree, Scripted) and tree.sub is not None else 0
    return given + _rank(meant) == _rank(seen.what)


def _rank(what: Meaning | Named) -> int:
    return len(what.indices) if isinstance(what, Array) else len(what.vector.indices) if isinstance(what, Row) else 0


def _sums_up(name: str, tree: Tree, scope: Scope) -> bool:
    """Whether a formula is one number made of the entries of an array: L = Σ L_i defines L beside L_i."""
    entries = [found(part, scope) for part in parts(tree) if isinstance(part, Scripted)]
    if not any(seen is not None and seen.name == name and seen.positions is not None for seen in entries) or listed(tree, scope):
        return False
    try:
        with attempt(scope, keep=False):
            return not isinstance(value(tree, scope), (Array, Row, Unsized))
    except SymderivError:
        return False


def _base(tree: Tree) -> Tree:
    return tree.base if isinstance(tree, Scripted) else tree


def is_delta(tree: Tree) -> bool:
    return isinstance(tree, Scripted) and tree.base == Name("\\delta") and tree.sub is not None and count(tree.sub) == 2


def define(left: Tree, right: Tree, scope: Scope) -> None:
    """Take a definition in. Fails, and changes nothing, where it cannot be read."""
    with attempt(scope):
        _define(left, right, scope)


def _define(tree: Tree, right: Tree, scope: Scope) -> None:
    tree = with_letters_below(tree, scope) if isinstance(tree, Scripted) else tree
    name, letters = _head(tree, right, scope)
    entry = next((n for n in scope.names if letters and ENTRY.fullmatch(n.removeprefix(name)) and n.startswith(name)), None)
    if entry is not None:
        raise FormulaError(f"{entry} was defined on its own, and here all of {name}: write one of them otherwise", tree.span)
    scope.direct = True
    if name in scope.applied:  # what is defined with its arguments has an entry for each of these
        inside = [p.text for p in parts(scope.arguments[name]) if isinstance(p, Name)]
        scope.parameters[name] = tuple(dict.fromkeys(letter for letter in inside if scope.index(letter) is not None))
        letters = [*letters, *scope.parameters[name]]
    scope.defining = frozenset(letters)
    dimensions = _dimensions(letters, tree, right, len(letters) == 1 and name not in scope.applied, scope)
    name = name if len(dimensions) == len(letters) else spelled(tree)
    try:
        body = listed(right, scope, letters) or value(right, scope)
    finally:
        scope.defining = None
    if isinstance(body, Row):
        raise FormulaError("this is a row: define the column, and write ^\\top where the row is meant", right.span)
    if dimensions and isinstance(body, Array):
        body, dimensions = _of_each_position(body, dimensions)
    if isinstance(body, Unsized):
        raise FormulaError(f"{body.name} of which size? Write it below, as in {body.name}_n", right.span)
    if isinstance(scope.names.get(name), Array):  # one number beside an array of the same name, as L beside L_i
        scope.whole[name] = scope.derivation.let(f"{name}_{{total}}", body)
        return
    word, number = name, scope.names.get(name)
    if dimensions and isinstance(number, Symbol):  # the parts of a number, as L_i of L, are an array beside it
        scope.whole[name], word = number, f"{name}_{{part}}"
    scope.names[name] = scope.derivation.let(word, *dimensions, body)
    scope.mentions[scope.derivation.program.equations[-1].head] = frozenset(heads_in((right,), scope))


def _dimensions(letters: list[str], tree: Tree, right: Tree, single: bool, scope: Scope) -> tuple[Index, ...]:
    """The indices that letters below a name stand for; none for one step in time, h_t: there the letter is a part of the name.

    Where it is an index after all, that is an error when it is used.
    """
    dimensions: list[Index] = []
    for letter in letters:
        index = scope.letters.get(letter) or range_by_use(letter, right, scope) or scope.before(letter)
        if index is None and single:
            return ()
        if index is None:
            raise FormulaError(f"the range of {letter} is not known; declare it: index {letter} = 1..m", tree.span)
        dimensions.append(index)
        scope.infer(letter, index)
    return tuple(dimensions)


def _of_each_position(body: Array, dimensions: tuple[Index, ...]) -> tuple[Expr, tuple[Index, ...]]:
    """An array for each position as the entry of one array, and all its indices."""
    whole = distinct((*dimensions, *body.indices), beside(body) - {i.name for i in dimensions})
    swap = dict(zip(dimensions, whole, strict=False))
    return substitute(body.entry(whole[len(dimensions) :]), swap), whole


def _head(tree: Tree, body: Tree, scope: Scope) -> tuple[str, list[str]]:
    """The name that an equation defines, and the letters of its indices; letters of which one is no index are a word."""
    if not isinstance(tree, Scripted):
        return spelled(tree), []
    if tree.sub is None:
        return spelled(tree), []
    items = tree.sub.items if isinstance(tree.sub, Listed) else None
    if items is None:
        items = tuple(f for _, f in tree.sub.factors) if isinstance(tree.sub, Multiplied) else (tree.sub,)
    letters = [item.text for item in items if isinstance(item, Name) and len(item.text) == 1 and item.text.islower()]
    known = [scope.index(letter) is not None or range_by_use(letter, body, scope) is not None for letter in letters]
    if len(letters) < len(items) or (len(items) > 1 and isinstance(tree.sub, Multiplied) and not all(known)):
        return spelled(tree), []
    return name_of(spelled(tree.base), "", spelled(tree.sup), tree.primes), letters


# what is held in place of a definition

SIDES = re.compile(r"(.*?)(?::=|=|\\equiv(?![A-Za-z])|\\triangleq(?![A-Za-z])|\\leftarrow(?![A-Za-z]))(.*)", re.DOTALL)


def held_by_text(latex: str, line: int, scope: Scope, macros: Mapping[str, Macro]) -> None:
    """Hold the name that a formula defines which cannot even be parsed, if its left side can be."""
    sides = SIDES.match(latex.replace("&", ""))
    try:
        chains = read(sides[1], macros).chains if sides is not None else ()
    except FormulaError:
        return
    if sides is not None and len(chains) == 1 and len(chains[0].members) == 1 and chains[0].members[0][1] is not None:
        hold(chains[0].members[0][1], sides[2], line, scope, macros)


def hold(tree: Tree, right: str, line: int, scope: Scope, macros: Mapping[str, Macro]) -> None:
    """Take for a free input what a definition would define that is not read, so that what rests on it is judged all the same.

    Only where its indices tell its shape: with none of its own, where no array is on the right side.
    """
    plain = tree.base if isinstance(tree, Scripted) else tree
    if not isinstance(plain, Name) or not isinstance(tree, (Name, Scripted)) or is_delta(tree) or (name := spelled_or_none(tree)) is None:
        return
    scope.failed.setdefault(spelled_or_none(plain) or name, line)
    if found(tree, scope) is not None or scope.index(name) is not None or ACCENT.fullmatch(plain.text) or "'" in name:
        return
    try:
        with attempt(scope):
            right = expand(right, macros).text
            tree = with_letters_below(tree, scope) if isinstance(tree, Scripted) else tree
            name, letters = _head(tree, tree, scope)
            arrays = [n for n, what in scope.names.items() if isinstance(what, Array) and mentioned(n, right)]
            dimensions = [index for letter in letters if (index := scope.index(letter)) is not None]
            if len(dimensions) == len(letters) and (letters or not arrays):
                scope.names[name] = scope.derivation.input(name, *dimensions)
                scope.held[name] = (line, right)
    except SymderivError:
        return
