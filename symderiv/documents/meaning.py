"""What formulas mean: syntax trees as terms, with the names that a document declares. Shapes are checked on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sympy import Abs, And, Eq, Ge, Gt, Integer, Le, Lt, Max, Min, Ne, Rational, cos, erf, exp, log, pi, sign, sin, sqrt, tanh

from symderiv.arrays import Array, beside, determinant, distinct, inverse, norm, outer, part_of, trace
from symderiv.claim import Derivation, Objective, Smooth
from symderiv.documents.tree import (
    Added,
    Applied,
    Big,
    Cases,
    Chain,
    Differential,
    Fenced,
    Fraction,
    Listed,
    Multiplied,
    Name,
    Noted,
    Number,
    Root,
    Scripted,
    Span,
    Text,
    Tree,
)
from symderiv.errors import FormulaError, ShapeError, SymderivError
from symderiv.program import head_of
from symderiv.terms import Delta, Index, Partial, Product, Sum, Total, Where, free_indices, names, relu, sigmoid, softplus

TRANSPOSED = ("T", "\\top", "\\intercal", "\\mathsf{T}", "t")
MOST_POWER = 64

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": exp, "log": log, "ln": log, "sin": sin, "cos": cos, "tanh": tanh, "erf": erf, "sqrt": sqrt, "sign": sign, "sgn": sign,
    "relu": relu, "ReLU": relu, "ReLu": relu, "Relu": relu, "sigmoid": sigmoid, "softplus": softplus, "abs": Abs,
}  # fmt: skip
SEVERAL: dict[str, Callable[..., Any]] = {"max": Max, "min": Min}
OF_MATRICES: dict[str, Callable[[Any], Any]] = {
    "tr": trace, "Tr": trace, "trace": trace, "det": lambda a: determinant(a), "logdet": lambda a: log(determinant(a)),
}  # fmt: skip
COMPARED = {"=": Eq, "≠": Ne, "<": Lt, ">": Gt, "≤": Le, "≥": Ge}


@dataclass(frozen=True)
class Row:
    """A vector turned on its side."""

    vector: Array


@dataclass
class Scope:
    """What the names of a document stand for: faces of the derivation, letters of indices, objectives yet to be made.

    `final` names the scalars whose derivatives are meant along every path, `signs` what is assumed of inputs; `direct` tells whether
    ∂v/∂u of a node is read as the derivative of its definition alone, `by_entry` whether arrays are multiplied entry by entry.
    """

    derivation: Derivation
    names: dict[str, Any] = field(default_factory=dict)
    letters: dict[str, Index] = field(default_factory=dict)
    objectives: dict[str, tuple[Tree, ...]] = field(default_factory=dict)
    final: set[str] = field(default_factory=set)
    signs: dict[str, dict[str, bool]] = field(default_factory=dict)
    direct: bool = True
    by_entry: bool = False
    bound: list[dict[str, Index]] = field(default_factory=list)

    def index(self, letter: str) -> Index | None:
        """The index that a letter stands for: the innermost sum's, else the one declared."""
        return next((rows[letter] for rows in reversed(self.bound) if letter in rows), self.letters.get(letter))


def spelled(tree: Tree | None) -> str:
    """A name with all that is around it, as one word; fails on what can be no part of a name."""
    if tree is None:
        return ""
    if isinstance(tree, (Name, Number)):
        return tree.text
    if isinstance(tree, Text):
        return tree.words.strip()
    if isinstance(tree, Fenced):
        return f"{tree.fence}{spelled(tree.body)}"
    if isinstance(tree, Listed):
        return ",".join(map(spelled, tree.items))
    if isinstance(tree, Multiplied) and not any(sign for sign, _ in tree.factors):
        return "".join(spelled(f) for _, f in tree.factors)
    if isinstance(tree, Scripted):
        return name_of(spelled(tree.base), spelled(tree.sub), spelled(tree.sup), tree.primes)
    raise FormulaError("this can be no part of a name", tree.span)


def name_of(base: str, sub: str = "", sup: str = "", primes: int = 0) -> str:
    """A name as the derivation has it: `W_h`, `\\sigma^2`, `N^O`."""
    below = f"_{sub}" if len(sub) == 1 else f"_{{{sub}}}" if sub else ""
    above = f"^{sup}" if len(sup) == 1 else f"^{{{sup}}}" if sup else ""
    return base + "'" * primes + below + above


def _spelled(tree: Tree | None) -> str | None:
    try:
        return spelled(tree)
    except FormulaError:
        return None


@dataclass(frozen=True)
class Found:
    """A declared name in a formula, what stands below it as positions, and above it as a power."""

    what: Any
    name: str
    positions: Tree | None
    power: Tree | None


def found(tree: Tree, scope: Scope) -> Found | None:
    """The declared name with the most of the decoration that is written: what is left is positions and a power."""
    base, sub, sup, primes = (tree.base, tree.sub, tree.sup, tree.primes) if isinstance(tree, Scripted) else (tree, None, None, 0)
    word, below, above = _spelled(base), _spelled(sub), _spelled(sup)
    if word is None:
        return None
    ways = [(below, above, None, None), ("", above, sub, None), (below, "", None, sup), ("", "", sub, sup)]
    for below_, above_, positions, power in ways:
        if below_ is not None and above_ is not None:
            name = name_of(word, below_, above_, primes)
            what = scope.names.get(name, _objective(name, scope))
            if what is not None:
                return Found(what, name, positions, power)
    return None


def _objective(name: str, scope: Scope) -> Objective | None:
    """An objective that was announced, made when it is first used: by then the nodes that it is of are defined."""
    if name not in scope.objectives:
        return None
    nodes = [found(tree, scope) for tree in scope.objectives[name]]
    if any(node is None for node in nodes):
        return None
    del scope.objectives[name]
    made = scope.derivation.objective(name, *(node.what for node in nodes if node is not None))
    scope.names[name] = made
    return made


def value(tree: Tree, scope: Scope) -> Any:
    """What a tree stands for: a term, an array, or a vector turned on its side. Fails with the place of what has no meaning."""
    try:
        return MEANINGS[type(tree)](tree, scope)
    except FormulaError:
        raise
    except KeyError:
        raise FormulaError("this has no meaning here", tree.span) from None
    except SymderivError as error:
        raise FormulaError(str(error), tree.span) from error


def number(tree: Tree, scope: Scope) -> Any:
    """What a tree stands for, if that is one number; an array needs indices."""
    result = value(tree, scope)
    if isinstance(result, (Array, Row)):
        text = (result.vector if isinstance(result, Row) else result).text
        raise FormulaError(f"{text} is an array; one number is wanted here: which entry is meant?", tree.span)
    return result


def _number(tree: Number, scope: Scope) -> Any:
    return Rational(tree.text)


def _name(tree: Tree, scope: Scope) -> Any:
    seen = found(tree, scope)
    if seen is not None:
        return _with_power(_entry(seen, tree, scope), seen.power, tree, scope)
    base, sub, sup, primes = (tree.base, tree.sub, tree.sup, tree.primes) if isinstance(tree, Scripted) else (tree, None, None, 0)
    word = _spelled(base) or ""
    if word in ("\\delta", "\\mathbb{1}", "\\mathbf{1}", "\\mathbb{I}") and sub is not None and sup is None:
        pair = [number(p, scope) for p in _positions(sub, 2)]
        if len(pair) == 2:
            return Delta(*pair)
    if word == "\\pi" and not primes and sub is None:
        return _with_power(pi, sup, tree, scope)
    if word == "e" and sup is not None and sub is None:
        return exp(number(sup, scope))
    index = scope.index(word) if sub is None and not primes else None
    if index is not None:
        return _with_power(index, sup, tree, scope)
    if isinstance(tree, Scripted) and not isinstance(base, (Name, Text)):
        if sub is not None or primes:
            raise FormulaError("only names have subscripts and primes", tree.span)
        return _with_power(value(base, scope), sup, tree, scope)
    raise Undeclared(_spelled(tree) or word, tree.span, scope)


class Undeclared(FormulaError):
    """A name that nobody declared."""

    def __init__(self, name: str, span: Span, scope: Scope) -> None:
        alike = [n for n in scope.names if n.split("_")[0].split("^")[0] == name.split("_")[0].split("^")[0]]
        hint = f"did you mean {' or '.join(alike)}?" if alike else f"declare it in a block: input {name}"
        super().__init__(f"{name} is not declared; {hint}", span)
        self.name = name


class Misindexed(FormulaError):
    """A declared name with too many or too few indices."""

    def __init__(self, name: str, wanted: int, given: int, span: Span) -> None:
        says = "no index" if not wanted else "one index" if wanted == 1 else f"{wanted} indices"
        has = "none" if not given else str(given)
        super().__init__(f"{name} has {says}, and here {has}", span)
        self.name, self.given = name, given


def _entry(seen: Found, tree: Tree, scope: Scope) -> Any:
    what = seen.what
    if isinstance(what, Objective):
        what = what.head
    if isinstance(what, Array) and seen.positions is not None:
        at = _positions(seen.positions, len(what.indices))
        if len(at) > len(what.indices):
            raise Misindexed(seen.name, len(what.indices), len(at), tree.span)
        places = [_position(p, i, scope) for p, i in zip(at, what.indices, strict=False)]
        if len(places) < len(what.indices):
            return part_of(what, (*places, *[slice(None)] * (len(what.indices) - len(places))))
        return what[tuple(places)]
    if seen.positions is not None:
        raise Misindexed(seen.name, 0, len(_positions(seen.positions, 2)), tree.span)
    return what


def _positions(sub: Tree, wanted: int) -> tuple[Tree, ...]:
    """The positions in a subscript: those between commas, else letters side by side where several are wanted."""
    if isinstance(sub, Listed):
        return sub.items
    if isinstance(sub, Multiplied) and wanted != 1 and not any(mark for mark, _ in sub.factors):
        return tuple(f for _, f in sub.factors)
    if isinstance(sub, Number) and wanted == len(sub.text) > 1:
        return tuple(Number(digit, span=sub.span) for digit in sub.text)
    return (sub,)


def _position(tree: Tree, dimension: Index, scope: Scope) -> Any:
    """A position; a letter of which nothing is known yet runs over the dimension that it is used for."""
    letter = tree.text if isinstance(tree, Name) else None
    if letter is not None and scope.index(letter) is None and letter not in scope.names:
        scope.letters[letter] = Index(letter, dimension.lower, dimension.upper)
    return number(tree, scope)


def _with_power(base: Any, power: Tree | None, tree: Tree, scope: Scope) -> Any:
    if power is None:
        return base
    if _spelled(power) in TRANSPOSED:
        if isinstance(base, Array):
            return Row(base) if len(base.indices) == 1 else base.T
        if isinstance(base, Row):
            return base.vector
        return base
    exponent = number(power, scope)
    if isinstance(base, Array) and exponent == -1 and len(base.indices) == 2:
        return inverse(base)
    if isinstance(base, Array) and len(base.indices) == 2 and exponent.is_Integer and base.shape[0] == base.shape[1]:
        raise FormulaError("a power of a square matrix: of its entries, or its product with itself? Write one or the other", power.span)
    if exponent.is_Rational and abs(exponent) > MOST_POWER:
        raise FormulaError(f"an exponent beyond {MOST_POWER}", power.span)
    return base**exponent


def _added(tree: Added, scope: Scope) -> Any:
    total: Any = None
    for sign_, term in tree.terms:
        part = _loose(value(term, scope))
        part = part if sign_ > 0 else -part
        total = part if total is None else total + part
    return total


def _loose(part: Any) -> Any:
    return part.vector if isinstance(part, Row) else part


def _multiplied(tree: Multiplied, scope: Scope) -> Any:
    factors = list(_applications(tree.factors, scope))
    result = value(factors[0][1], scope) if not callable(factors[0][1]) else factors[0][1]()
    for mark, factor in factors[1:]:
        right = factor() if callable(factor) else value(factor, scope)
        result = _times(result, right, "⊙" if scope.by_entry and mark != "/" else mark)
    return result


def _applications(factors: Sequence[tuple[str, Tree]], scope: Scope) -> Iterator[tuple[str, Any]]:
    """Factors, a function or an objective with its fenced argument being one."""
    left = list(factors)
    while left:
        mark, factor = left.pop(0)
        if (
            left
            and left[0][0] == ""
            and isinstance(left[0][1], Fenced)
            and left[0][1].fence == "("
            and isinstance(factor, (Name, Scripted))
        ):
            applied = _applied_to(factor, left[0][1], scope)
            if applied is not None:
                left.pop(0)
                yield mark, applied
                continue
        yield mark, factor


def _applied_to(head: Name | Scripted, fence: Fenced, scope: Scope) -> Callable[[], Any] | None:
    seen = found(head, scope)
    word = _spelled(head) or ""
    if seen is not None and isinstance(seen.what, Objective):
        return lambda: seen.what.head
    if seen is not None and isinstance(seen.what, Smooth):
        of = head.primes if isinstance(head, Scripted) else 0
        return lambda: seen.what.derivative(_loose(value(fence.body, scope)), of)
    if isinstance(head, Scripted) and head.primes and head.sub is None and head.sup is None:
        plain = found(head.base, scope)
        if plain is not None and isinstance(plain.what, Smooth):
            return lambda: plain.what.derivative(_loose(value(fence.body, scope)), head.primes)
    if seen is None and word == "\\sigma":
        return lambda: _mapped(sigmoid, _loose(value(fence.body, scope)))
    if seen is None and word in FUNCTIONS:
        return lambda: _mapped(FUNCTIONS[word], _loose(value(fence.body, scope)))
    return None


def _mapped(function: Callable[[Any], Any], of: Any) -> Any:
    return of.map(function) if isinstance(of, Array) else function(of)


def _times(left: Any, right: Any, mark: str) -> Any:
    if mark == "/":
        return _loose(left) / _loose(right)
    if mark == "⊙" or not (isinstance(left, (Array, Row)) and isinstance(right, (Array, Row))):
        turned = isinstance(left, Row) or isinstance(right, Row)
        product = _loose(left) * _loose(right)
        return Row(product) if turned and isinstance(product, Array) and mark != "⊙" else product
    if isinstance(left, Row):
        product = left.vector @ _loose(right)
        return Row(product) if isinstance(product, Array) else product
    if isinstance(right, Row):
        return outer(left, right.vector)
    try:
        return left @ right
    except ShapeError:
        return left * right  # entry by entry, where no product of matrices fits


def _fraction(tree: Fraction, scope: Scope) -> Any:
    derivative = _derivative(tree.above, tree.below, scope, tree)
    return derivative if derivative is not None else _loose(value(tree.above, scope)) / number(tree.below, scope)


def _derivative(above: Tree, below: Tree, scope: Scope, tree: Tree) -> Any:
    """The derivative that a fraction of differentials is; None for any other fraction."""
    top = above if isinstance(above, Differential) else None
    factors = [f for _, f in below.factors] if isinstance(below, Multiplied) else [below]
    wrt = [f for f in factors if isinstance(f, Differential) and f.of is not None]
    if top is None or len(wrt) != len(factors) or top.sign == "∇":
        return None
    if top.of is None:
        raise FormulaError(
            "a derivative of what? Write it as \\frac{\\partial v}{\\partial u}, or with what follows in parentheses", tree.span
        )
    variables = [f for f in wrt for _ in range(f.order)]
    if len(variables) != top.order:
        raise FormulaError(f"a derivative of order {top.order} with respect to {len(variables)} variables", tree.span)
    result = value(top.of, scope)
    for variable in reversed(variables):
        assert variable.of is not None
        result = _derived(result, _variable(variable.of, scope), top.sign == "∂", scope, tree)
    return result


def _variable(tree: Tree, scope: Scope) -> Any:
    """What a derivative is taken with respect to: a name, maybe one that is written as a power."""
    return value(tree, scope)


def _derived(of: Any, wrt: Any, partial: bool, scope: Scope, tree: Tree) -> Any:
    of, wrt = _loose(of), _loose(wrt)
    if isinstance(of, Array):
        raise FormulaError("the derivative of an array: write that of an entry", tree.span)
    if isinstance(wrt, Array):
        formal = distinct(wrt.indices, beside(wrt) | {i.name for i in free_indices(of)})
        return Array(formal, _derived(of, wrt.entry(formal), partial, scope, tree), f"∂/∂{wrt.text}")
    head = head_of(of) if of.is_Symbol or hasattr(of, "head") else None
    equation = scope.derivation.program.equation(head) if head is not None else None
    objective = head is not None and (head.name in scope.final or isinstance(scope.names.get(head.name), Objective))
    if partial and scope.direct and equation is not None and not objective and head_of(wrt) in names(equation.body):
        return Partial(of, wrt)
    return Total(of, wrt)


def _differential(tree: Differential, scope: Scope) -> Any:
    if tree.sign == "∇" and tree.of is not None and tree.sub is not None:
        return _derived(value(tree.of, scope), _variable(tree.sub, scope), False, scope, tree)
    raise FormulaError("a differential alone; write a derivative, \\frac{\\partial v}{\\partial u}", tree.span)


def _root(tree: Root, scope: Scope) -> Any:
    degree = number(tree.degree, scope) if tree.degree is not None else Integer(2)
    return number(tree.of, scope) ** (1 / degree)


def _fenced(tree: Fenced, scope: Scope) -> Any:
    if tree.fence in ("|", "‖"):
        inside = _loose(value(tree.body, scope))
        return norm(inside) if isinstance(inside, Array) else Abs(inside)
    if tree.fence in ("(", "[", "{"):
        return value(tree.body, scope)
    raise FormulaError(f"{tree.fence} has no meaning here; write a function of one number", tree.span)


def _applied(tree: Applied, scope: Scope) -> Any:
    head = tree.head
    if head in SEVERAL:
        items = tree.of.items if isinstance(tree.of, Listed) else _inside(tree.of)
        result = SEVERAL[head](*(number(item, scope) for item in items))
    elif head in OF_MATRICES:
        result = OF_MATRICES[head](_loose(value(tree.of, scope)))
    elif head in FUNCTIONS:
        result = _mapped(FUNCTIONS[head], _loose(value(tree.of, scope)))
    else:
        seen = scope.names.get(head)
        if not isinstance(seen, Smooth):
            raise FormulaError(f"the function {head} is not known; declare it: function {head}", tree.span)
        result = seen(_loose(value(tree.of, scope)))
    return _with_power(result, tree.sup, tree, scope)


def _inside(tree: Tree) -> tuple[Tree, ...]:
    body = tree.body if isinstance(tree, Fenced) else tree
    return body.items if isinstance(body, Listed) else (body,)


def _big(tree: Big, scope: Scope) -> Any:
    if tree.kind not in ("sum", "prod"):
        raise FormulaError(f"\\{tree.kind} over a range has no meaning here", tree.span)
    if tree.sub is None:
        raise FormulaError("a sum over what? Write the index below: \\sum_i", tree.span)
    letters, condition = _letters(tree.sub, scope)
    rows: dict[str, Index] = {}
    scope.bound.append(rows)
    try:
        for letter, lower in letters:
            rows[letter] = _range(letter, lower, tree, scope)
        body = _loose(value(tree.body, scope))
        holds = condition() if condition is not None else None
        over = Sum if tree.kind == "sum" else Product
        indices = tuple(rows.values())
        conditions = () if holds is None else (holds,)
        if isinstance(body, Array):
            formal = distinct(body.indices, {i.name for i in indices} | beside(body))
            return Array(formal, over(body.entry(formal), *indices, *conditions), f"Σ {body.text}")
        return over(body, *indices, *conditions)
    finally:
        scope.bound.pop()


def _letters(sub: Tree, scope: Scope) -> tuple[list[tuple[str, Tree | None]], Callable[[], Any] | None]:
    """The letters that a sum is over, with their lower ends if these are written, and its condition if there is one."""
    if isinstance(sub, Chain) and len(sub.members) == 2 and all(m is not None for _, m in sub.members):
        (_, left), (relation, right) = sub.members
        assert left is not None
        assert right is not None
        if relation == "=":
            return [(spelled(left), right)], None
        if relation == "∈":
            return [(spelled(p), None) for p in _positions(left, 2)], None
        if relation in COMPARED:
            mine = [spelled(left)]
            other = _spelled(right)
            if relation != "≠" and other is not None and scope.index(other) is None:
                mine.append(other)
            return [(letter, None) for letter in mine], lambda: _comparison(relation, left, right, scope)
    return [(spelled(p), None) for p in _positions(sub, 2)], None


def _range(letter: str, lower: Tree | None, tree: Big, scope: Scope) -> Index:
    declared = scope.letters.get(letter)
    if lower is None and tree.sup is None:
        declared = declared or range_by_use(letter, tree.body, scope)
        if declared is None:
            raise FormulaError(f"the range of {letter} is not known; declare it: index {letter} = 1..m", tree.span)
        return declared
    low = number(lower, scope) if lower is not None else Integer(1)
    if tree.sup is None:
        return Index(letter, low, declared.upper) if declared is not None else _unknown_end(letter, tree)
    return Index(letter, low, _upper(tree.sup, scope))


def _unknown_end(letter: str, tree: Tree) -> Index:
    raise FormulaError(f"the last {letter} is not known; write it above the sum", tree.span)


def _upper(tree: Tree, scope: Scope) -> Any:
    """The upper end of a range; a name that nobody declared is a size."""
    if isinstance(tree, (Name, Scripted)) and found(tree, scope) is None and scope.index(spelled(tree)) is None:
        name = spelled(tree)
        scope.names[name] = scope.derivation.size(name)
    return number(tree, scope)


def range_by_use(letter: str, tree: Tree, scope: Scope) -> Index | None:
    """The range of the dimension for which a letter is used first."""
    for part in parts(tree):
        seen = found(part, scope) if isinstance(part, Scripted) else None
        if seen is not None and isinstance(seen.what, Array) and seen.positions is not None:
            at = _positions(seen.positions, len(seen.what.indices))
            for p, dimension in zip(at, seen.what.indices, strict=False):
                if isinstance(p, Name) and p.text == letter:
                    return Index(letter, dimension.lower, dimension.upper)
    return None


def parts(tree: Any) -> Iterator[Tree]:
    """A tree and all below it."""
    if isinstance(tree, Tree):
        yield tree
        for inner in vars(tree).values():
            yield from parts(inner)
    elif isinstance(tree, tuple):
        for inner in tree:
            yield from parts(inner)


def _comparison(relation: str, left: Tree, right: Tree, scope: Scope) -> Any:
    return COMPARED[relation](number(left, scope), number(right, scope))


def _cases(tree: Cases, scope: Scope) -> Any:
    result: Any = None
    for entry, condition in reversed(tree.rows):
        if condition is None:
            result = number(entry, scope)
        elif result is None:
            result = Where(_condition(condition, scope), number(entry, scope), _last_case(tree, scope))
        else:
            result = Where(_condition(condition, scope), number(entry, scope), result)
    return result


def _last_case(tree: Cases, scope: Scope) -> Any:
    """What holds where no case does: the last case itself, since cases written in full leave nothing out."""
    return number(tree.rows[-1][0], scope)


def _condition(tree: Tree, scope: Scope) -> Any:
    if isinstance(tree, Listed):
        return And(*(_condition(item, scope) for item in tree.items if not isinstance(item, Text)))
    if isinstance(tree, Chain):
        members = [(relation, m) for relation, m in tree.members if m is not None]
        pairs = [(relation, left, right) for (_, left), (relation, right) in pairwise(members) if relation in COMPARED]
        return And(*(_comparison(relation, left, right, scope) for relation, left, right in pairs))
    raise FormulaError("a condition that is no comparison", tree.span)


def _indicator(tree: Fenced, scope: Scope) -> Any:
    return Where(_condition(tree.body, scope), 1, 0)


MEANINGS: dict[type[Tree], Callable[[Any, Scope], Any]] = {
    Number: _number,
    Name: _name,
    Scripted: _name,
    Added: _added,
    Multiplied: _multiplied,
    Fraction: _fraction,
    Differential: _differential,
    Root: _root,
    Fenced: _fenced,
    Applied: _applied,
    Big: _big,
    Cases: _cases,
    Noted: lambda tree, scope: value(tree.body, scope),
}
