"""What operators and functions do to numbers and arrays, once it is known what they are of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial, reduce
from operator import add, mul
from typing import TypeAlias

from sympy import Dummy, Eq, Expr, Ge, Gt, Integer, Le, Lt, Max, Min, Mul, Ne, Pow, Symbol, exp, log, true
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean

from symderiv.documents.meaning.scope import Scope, found, mentioned
from symderiv.documents.meaning.spelling import parts
from symderiv.documents.meaning.unsized import Entries, Meaning, Row, Shaped, Unsized, bare, fitted, product_of, sum_of
from symderiv.documents.syntax.tree import Name, Scripted, Span, Tree
from symderiv.errors import FormulaError, Misfit, ShapeError, TermError
from symderiv.language.arrays import Array, beside, determinant, diagonal, distinct, shown, trace
from symderiv.language.claim import Objective
from symderiv.language.functions import ROW_OF, WORDS, relu
from symderiv.language.kept import Held, kept, quotient, replaced, wanted_by
from symderiv.language.program import foundations, head_of
from symderiv.language.terms import Beyond, Element, Partial, Sum, Total, Where, free_indices, names
from symderiv.proof.adjoint import partial as partial_derivative

FUNCTIONS: dict[str, Callable[[Expr], Expr]] = {word: row.of for word, row in WORDS.items()}
SEVERAL: dict[str, Callable[..., Expr]] = {"max": Max, "min": Min}
FORMAL = Dummy("z", real=True)
NEVER = Held(Integer(0))  # a bracket whose condition never holds
OF_ARRAYS: dict[str, Callable[[Array], Entries]] = {
    "tr": trace, "Tr": trace, "trace": trace, "det": determinant, "logdet": lambda a: log(determinant(a)),
    "diag": lambda v: of_vector("diag", diagonal, v), "softmax": lambda v: softmax(v),
}  # fmt: skip
COMPARED = {"=": Eq, "≠": Ne, "<": Lt, ">": Gt, "≤": Le, "≥": Ge}
TAKEN: dict[type[Relational], set[str]] = {Eq: {"="}, Ne: {"<", ">"}, Lt: {"<"}, Gt: {">"}, Le: {"<", "="}, Ge: {">", "="}}


def entries_of(part: Meaning) -> Entries:
    """A number or an array; a row as the vector that it is. Fails on I, whose size nothing tells."""
    if isinstance(part, Unsized):
        raise TermError(f"{part.name} of which size? Write it below, as in I_n and \\mathbf{{1}}_n")
    return bare(part)


def added(parts: list[tuple[int, Meaning]], span: Span) -> Meaning:
    """The sum of terms with their signs. Fails where their shapes do not agree, or it is not sure what a number beside a matrix is."""
    if {type(part) for _, part in parts} >= {Row, Array} and any(isinstance(p, Array) and len(p.indices) == 1 for _, p in parts):
        raise Misfit("a row and a column in one sum", span)
    known = next((part for _, part in parts if isinstance(part, (Array, Row))), None)
    total: Entries | Unsized | None = None
    for sign, part in parts:
        term = bare(fitted(part, known) if known is not None else part)
        term = term if sign > 0 else -term
        total = term if total is None else _sum(total, term, span)
    assert total is not None
    return Row(total) if isinstance(known, Row) and isinstance(total, Array) else total


def _sum(left: Entries | Unsized, right: Entries | Unsized, span: Span) -> Entries | Unsized:
    if isinstance(left, Unsized) and isinstance(right, Unsized):
        return bare(sum_of(left, right))
    if isinstance(left, Unsized):
        raise Misfit(f"{left.name} is a matrix or a vector, and stands beside a number", span)
    if isinstance(right, Unsized):
        raise Misfit(f"{right.name} is a matrix or a vector, and stands beside a number", span)
    for one, other in ((left, right), (right, left)):
        if _is_square(one) and not isinstance(other, Array):
            says = "a number beside a square matrix: on its diagonal, or at each entry?"
            raise FormulaError(f"{says} Write the number times I, or write entries", span)
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Array) and isinstance(other, Array) and _is_column_beside(one, other):
            return other + _repeated(one, other) if one is right else _repeated(one, other) + other
    return left + right if isinstance(left, Array) or isinstance(right, Array) else kept(add, left, right)


def _is_column_beside(vector: Array, matrix: Array) -> bool:
    """Whether a vector is as long as the columns of a matrix, and not as its rows: then it is one that stands beside each."""
    if (len(vector.indices), len(matrix.indices)) != (1, 2):
        return False
    if vector.shape[0] == matrix.shape[0] == matrix.shape[1]:
        raise TermError("a vector beside a square matrix: beside each column, or each row? Write b \\mathbf{1}^\\top, or entries")
    return bool(vector.shape[0] == matrix.shape[0])


def _repeated(vector: Array, matrix: Array) -> Array:
    """A column beside each column of a matrix."""
    i, j = distinct(matrix.indices, beside(vector))
    return Array((i, j), vector.entry((i,)), vector.text)


def _is_square(what: Meaning) -> bool:
    return isinstance(what, Array) and len(what.indices) == 2 and what.shape[0] == what.shape[1]


Factor: TypeAlias = tuple[str, Meaning]  # with the sign before it


class Mixed(Exception):
    """A product entry by entry beside one of matrices, which could be read in two ways."""


def multiplied(factors: list[Factor], span: Span) -> Meaning:
    """The product of factors, from left to right, with the signs before them. Fails on what could be read in two ways."""
    kinds = [mark == "⊙" for mark, factor in factors if mark != "/" and isinstance(factor, Shaped)]
    if len(set(kinds[1:])) == 2:
        raise Mixed
    first, *others = sorted(factors, key=_turn)
    result = first[1] if first[0] != "/" else times(Integer(1), first[1], "/", span)
    for mark, factor in others:
        result = times(result, factor, mark, span)
    return result


def _turn(row: Factor) -> int:
    """When a factor is multiplied: all others are under the brackets, and of these those that could have no value under the others."""
    mark, factor = row
    return 0 if mark == "/" or not is_bracket(factor) else 1 if wanted_by(factor) else 2


def is_bracket(factor: Meaning) -> bool:
    """Whether a factor is 1 where a condition holds, and 0 elsewhere."""
    return (isinstance(factor, Held) and factor == NEVER) or (isinstance(factor, Where) and factor.args[1:] == (1, 0))


def grouped(factors: list[Factor], entrywise: bool, span: Span) -> list[Factor]:
    """The factors, with those that stand in products entry by entry multiplied already, or all others."""
    first, *others = factors
    out = [first]
    for mark, factor in others:
        if (mark == "⊙") == entrywise:
            out[-1] = (out[-1][0], times(out[-1][1], factor, mark, span))
        else:
            out.append((mark, factor))
    return out


def frobenius(left: Entries, right: Entries) -> Expr:
    """The sum of the products of the entries of two matrices. Fails on anything else, and where their shapes differ."""
    if not (isinstance(left, Array) and isinstance(right, Array) and len(left.indices) == len(right.indices) == 2):
        raise TermError("a colon stands between two matrices, for the sum of the products of their entries; write what is meant")
    if left.shape != right.shape:
        raise ShapeError(f"{left.text} : {right.text}: {shown(left)}, {shown(right)}; a colon is between matrices of one shape.")
    both = left * right
    return Sum(both.body, *both.indices)


def times(left: Meaning, right: Meaning, mark: str, span: Span) -> Meaning:
    """The product, or quotient, that a sign between two factors means. Fails where it could be several."""
    if not isinstance(left, Shaped) or not isinstance(right, Shaped) or mark in ("/", "⊙"):
        return _by_entry(left, right, mark)
    if mark in ("×", "*", "⊗"):
        raise FormulaError(f"{mark} between arrays can mean several products; write A B, or A \\odot B for entry by entry", span)
    if mark == "" and _lie_alike(left, right):
        raise FormulaError("two vectors side by side: write x^\\top y, x y^\\top or x \\odot y", span)
    return product_of(left, right)


def _lie_alike(left: Shaped, right: Shaped) -> bool:
    """Whether two factors are both columns, or both rows."""
    if isinstance(left, Row) or isinstance(right, Row):
        return isinstance(left, Row) and isinstance(right, Row)
    return all(isinstance(factor, Array) and len(factor.indices) == 1 for factor in (left, right))


def _by_entry(left: Meaning, right: Meaning, mark: str) -> Meaning:
    """A product or quotient of numbers, or entry by entry; with a number or another row a row stays one, and I stays I."""
    if isinstance(left, Unsized) and not isinstance(right, Shaped):
        return left.map(lambda entry: quotient(entry, right) if mark == "/" else kept(mul, entry, right))
    if isinstance(right, Unsized) and not isinstance(left, Shaped) and mark != "/":
        return right.map(lambda entry: kept(mul, left, entry))
    a, b = entries_of(left), entries_of(right)
    if not isinstance(a, Array) and not isinstance(b, Array):
        guarded = _under_brackets(a, b, mark)
        return guarded if guarded is not None else quotient(a, b) if mark == "/" else kept(mul, a, b)
    result = a / b if mark == "/" else a * b
    turned = all(isinstance(side, Row) for side in (left, right) if isinstance(side, Shaped))
    return Row(result) if turned else result


def _under_brackets(left: Expr, right: Expr, mark: str) -> Expr | None:
    """A product with a bracket, or a quotient with some above: where that is 0 it is 0, whatever the rest is, as `[c ≠ 0]/c` is at c = 0.

    None where there is no bracket, or the rest has a value everywhere.
    """
    if NEVER in ((left,) if mark == "/" else (left, right)):
        return NEVER
    above = Mul.make_args(left) if mark == "/" else (left, right)
    brackets = [factor for factor in above if is_bracket(factor) and factor != NEVER]  # within a product NEVER is a 0 kept by conditions
    if not brackets:
        return None
    rest = reduce(partial(kept, mul), [factor for factor in above if factor not in brackets], Integer(1))
    rest = quotient(rest, right) if mark == "/" else rest
    return reduce(lambda f, bracket: Where(bracket.args[0], f, 0), brackets, rest) if wanted_by(rest) else None


def primed(function: Callable[[Expr], Expr]) -> Callable[[Expr], Expr] | None:
    """The derivative of a function of the table; of one with a kink only that of relu, which is 0 at the kink."""
    if function is relu:
        return lambda z: Where(z > 0, 1, 0)
    slope = partial_derivative(function(FORMAL), FORMAL)
    return None if slope.has(Beyond) else lambda z: replaced(slope, {FORMAL: z})


def mapped(function: Callable[[Expr], Expr], of: Meaning, tree: Tree) -> Entries:
    """A function of a number, or of each entry of an array; fails where it may be meant as a series in a square matrix."""
    of = entries_of(of)
    if function in ROW_OF and ROW_OF[function].of_matrices and _is_square(of):
        raise FormulaError("of the matrix, or of each of its entries? Write it for the entries", tree.span)
    return of.map(function) if isinstance(of, Array) else kept(function, of)


def of_several(function: Callable[..., Expr], items: list[Entries], tree: Tree) -> Entries:
    """The largest or smallest of several numbers; entry by entry where one of them is an array."""
    arrays = [item for item in items if isinstance(item, Array)]
    if len(items) < 2:
        raise FormulaError("the largest or smallest of one thing: over which index? Only of several numbers is it read", tree.span)
    if len(arrays) > 1:
        raise FormulaError("of several arrays: write it for their entries", tree.span)
    if not arrays:
        return kept(function, *items)
    return arrays[0].map(lambda entry: kept(function, *(entry if item is arrays[0] else item for item in items)))


def of_vector(head: str, function: Callable[[Array], Entries], vector: Array) -> Entries:
    """A function of one vector. Fails on arrays with several indices."""
    if len(vector.indices) != 1:
        raise TermError(f"{head} is of a vector; {vector.text} has {len(vector.indices)} indices: take its rows or columns")
    return function(vector)


def softmax(array: Array) -> Array:
    """The exponentials of the entries, over their sum; of a matrix, row by row."""
    total = Sum(exp(array.body), array.indices[-1])
    return array.map(lambda entry: exp(entry) / total)


def derived(of: Meaning, wrt: Meaning, curly: bool, scope: Scope, tree: Tree) -> Entries:
    """The derivative of a number: of its definition alone where a `curly` ∂ of nodes is read so, else along every path."""
    of, wrt = entries_of(of), entries_of(wrt)
    if isinstance(of, Array):
        raise FormulaError("the derivative of an array: write that of an entry", tree.span)
    if isinstance(wrt, Array):
        formal = distinct(wrt.indices, beside(wrt) | {i.name for i in free_indices(of)})
        return Array(formal, derived(of, wrt.entry(formal), curly, scope, tree), f"∂{of if isinstance(of, Symbol) else ''}/∂{wrt.text}")
    if scope.held and isinstance(wrt, (Symbol, Element)):
        _check_held(of, wrt, scope, tree)
    if isinstance(wrt, Pow) and isinstance(wrt.base, (Symbol, Element)) and wrt.exp.is_Integer and wrt.exp > 1:
        return derived(of, wrt.base, curly, scope, tree) / (wrt.exp * wrt.base ** (wrt.exp - 1))
    if not isinstance(of, (Symbol, Element)):
        return Total(of, wrt)
    head, program = head_of(of), scope.derivation.program
    if program.variable(head) in program.inputs and head != head_of(wrt):
        says = f"{head} is an input and depends on nothing"
        raise FormulaError(f"{says}: define it, or declare it as an objective, objective {head}(y)", tree.span)
    equation = program.equation(head)
    mentions = equation is not None and head_of(wrt) in names(equation.body) | scope.mentions.get(head, frozenset())
    direct = curly and scope.direct and mentions and not _is_objective(head, scope)
    return (Partial if direct else Total)(of, wrt)


def _is_objective(head: Symbol, scope: Scope) -> bool:
    """Whether a name is one of what is differentiated in the end: it is said to be, or it is a number on which nothing rests."""
    program = scope.derivation.program
    equation = program.equation(head)
    final = equation is not None and not equation.variable.indices and not program.consumers(head)
    return final or head.name in scope.final or isinstance(scope.names.get(head.name), Objective)


def _check_held(of: Expr, wrt: Expr, scope: Scope, tree: Tree) -> None:
    """Refuse a derivative through a definition that was not read, if that may depend on what is varied."""
    program = scope.derivation.program
    below, variable = {head.name for head in foundations(names(of), program)}, head_of(wrt)
    varied = {variable} | {e.head for e in program.equations if variable in foundations({e.head}, program)}
    for name, (line, latex) in scope.held.items():
        if name in below and name != variable.name and any(mentioned(h.name, latex) for h in varied):
            raise FormulaError(f"{name} may depend on what is varied here: its definition in line {line} was not read", tree.span)


def heads_in(trees: Iterable[Tree], scope: Scope) -> set[Symbol]:
    """The names that formulas mention."""
    seen = [found(p, scope) for tree in trees for p in parts(tree) if isinstance(p, (Name, Scripted))]
    return {s.head for s in seen if s is not None}


def rests_on(head: Symbol, other: Symbol, scope: Scope) -> bool:
    """Whether a name is defined by another, directly or through others."""
    equation = scope.derivation.program.equation(head)
    return equation is not None and other in foundations(names(equation.body), scope.derivation.program)


def hessian(of: Entries, wrt: Entries, order: int, tree: Tree) -> Entries:
    """The matrix of second derivatives with respect to a vector; of a number with respect to a number, the second derivative."""
    if order != 2 or isinstance(of, Array) or (isinstance(wrt, Array) and len(wrt.indices) != 1):
        raise FormulaError("∇ with a power: only ∇², of a number, with respect to a vector, is read", tree.span)
    if not isinstance(wrt, Array):
        return Total(Total(of, wrt), wrt)
    i, j = distinct((*wrt.indices, *wrt.indices), beside(wrt) | {k.name for k in free_indices(of)})
    return Array((i, j), Total(Total(of, wrt.entry((i,))), wrt.entry((j,))), "∇²")


def covered(conditions: list[Boolean]) -> bool:
    """Whether one of the conditions always holds: comparisons of the same two sides that take in less, equal and greater."""
    if any(c is true for c in conditions):
        return True
    if not all(isinstance(c, Relational) for c in conditions):
        return False
    left, right = conditions[0].lhs, conditions[0].rhs
    taken: set[str] = set()
    for c in conditions:
        turned = (c.lhs, c.rhs) == (right, left)
        if not turned and (c.lhs, c.rhs) != (left, right):
            return False
        taken |= TAKEN[type(c.reversed) if turned else type(c)]
    return taken == {"<", "=", ">"}
