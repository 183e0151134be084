"""Terms as NumPy: a printer for which an index is an array axis and a sum is a reduction over one.

A tensor with indices (i, j) is an array whose leading axes are those. With `features`, every array may have further
axes behind them, alike for all, and a name without indices may have just these. A term is printed for a tuple of
indices, the leading axes of its value; those that it lacks in front are left to broadcasting. Constants and sizes are
Python numbers, so that float32 stays float32.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace as with_changes

from sympy import Add, Basic, Expr, Integer, Max, Min, Mul, Pow, Rational, Symbol, UnevaluatedExpr, exp, log
from sympy.core.relational import Relational
from sympy.printing.codeprinter import CodePrinter

from symderiv.codegen.axes import (
    Axes,
    Turn,
    align,
    flattened,
    in_cases,
    is_inside,
    loosened,
    order_of,
    padded,
    reading,
    unlowerable,
    variable_of,
)
from symderiv.codegen.expressions import ADD, ATOM, MULTIPLY, bracketed, is_simple, multiplied, quotient, to_the
from symderiv.codegen.plan import Told
from symderiv.codegen.products import contracted, parts_by_axes
from symderiv.codegen.stable import softmax_of
from symderiv.language.functions import ROW_OF
from symderiv.language.program import Program, head_of
from symderiv.language.terms import (
    Apply,
    Delta,
    Determinant,
    Element,
    Index,
    Inverse,
    Label,
    Over,
    Product,
    Sum,
    Total,
    Where,
    free_indices,
    names,
    replace,
    subterms,
)

LARGEST_INTEGER = 2**53


class FromZero(Expr):
    """An entry of an array of labels as the array holds it, counted from 0."""

    is_integer = True


@dataclass(frozen=True)
class Scope:
    """What the code calls the names of a program: heads and sizes, the adjoints of nodes, the dtype, the number of feature axes."""

    program: Program
    called: Mapping[Symbol, str]
    adjoints: Mapping[Symbol, str]
    objective: Symbol | None = None
    features: bool = False
    dtype: str = "dtype"
    rank: str = "len(features)"


class KernelPrinter(CodePrinter):
    """Prints a term for the leading axes `axes`. Fails when the term has no NumPy form."""

    printmethod = "_kernelcode"
    language = "Python"

    def __init__(self, scope: Scope, axes: Axes = ()) -> None:
        super().__init__()
        self.scope, self.axes, self.whole = scope, axes, False
        self.masks: dict[str, None] = {}

    def doprint(self, expr: Basic, assign_to: None = None) -> str:
        return str(self._print(expr))

    def within(self, axes: Axes, term: Basic, whole: bool = False) -> str:
        """The code of a term for other axes; `whole` prints indices as whole numbers, else they have the arrays' type."""
        outer = self.axes, self.whole
        self.axes, self.whole = axes, whole
        try:
            return str(self._print(term))
        finally:
            self.axes, self.whole = outer

    def emptyPrinter(self, expr: Basic) -> str:
        raise unlowerable(expr, f"{type(expr).__name__} has no NumPy form")

    _print_Expr = emptyPrinter

    def _print_Symbol(self, symbol: Symbol) -> str:
        if symbol not in self.scope.called:
            raise unlowerable(symbol, "it is neither an argument nor a size that the shape of an argument tells")
        return self.scope.called[symbol]

    def _print_Turn(self, turn: Turn) -> str:
        return str(turn.name)

    def _print_Integer(self, number: Integer) -> str:
        return str(int(number)) if abs(int(number)) <= LARGEST_INTEGER else repr(float(number))

    def _print_Rational(self, number: Rational) -> str:
        return f"{number.p} / {number.q}" if max(abs(number.p), number.q) <= LARGEST_INTEGER else repr(float(number))

    def _print_Pi(self, number: Expr) -> str:
        return "math.pi"

    def _print_Exp1(self, number: Expr) -> str:
        return "math.e"

    def _print_UnevaluatedExpr(self, term: UnevaluatedExpr) -> str:
        return f"({self._print(term.args[0])})"

    def _print_Add(self, term: Add, order: str | None = None) -> str:
        parts = sorted(term.as_ordered_terms(), key=lambda part: bool(part.could_extract_minus_sign()))
        text = bracketed(self._print(parts[0]), ADD)
        for part in parts[1:]:
            minus = self._print(part).startswith("-")
            text += f" - {bracketed(self._print(-part), MULTIPLY)}" if minus else f" + {bracketed(self._print(part), ADD)}"
        return text

    def _print_Mul(self, term: Mul) -> str:
        number, rest = term.as_coeff_Mul(rational=True)
        above = [] if abs(number.p) == 1 else [Integer(abs(number.p))]
        below = [] if number.q == 1 else [Integer(number.q)]
        for factor in sorted(rest.as_ordered_factors(), key=lambda f: (len(free_indices(f)), not self._constant(f))):  # small arrays first
            inverse = isinstance(factor, Pow) and factor.exp.could_extract_minus_sign()
            (below if inverse else above).append(Pow(factor.base, -factor.exp) if inverse else factor)
        shown = quotient(self._product(above, is_first=number > 0), self._product(below, is_last=True))
        return shown if number > 0 else negative(shown)

    def _product(self, factors: list[Expr], is_first: bool = False, is_last: bool = False) -> str:
        """A product; alone as the last, or as a matrix product the first, of a quotient a factor needs no parentheses from here."""
        shown = [self._print(f) for f in factors]
        if len(shown) == 1 and (is_last or (is_first and isinstance(operator_of(shown[0]), ast.MatMult))):
            return shown[0]
        return " * ".join(bracketed(code, MULTIPLY) for code in shown)

    def _print_Pow(self, power: Pow, rational: bool = False) -> str:
        base, exponent = power.args
        if exponent.could_extract_minus_sign():
            return quotient("", self._print(Pow(base, -exponent)))
        shown = self._print(base)
        if exponent.is_Integer:
            return multiplied(shown, int(exponent))
        if not (exponent.is_Rational and exponent.q == 2):
            return to_the(shown, self._print(exponent))
        root = f"{'math' if self._constant(base) else 'np'}.sqrt({shown})"
        return root if exponent.p == 1 else f"{bracketed(multiplied(shown, int(exponent.p // 2)), MULTIPLY)} * {root}"

    def _constant(self, term: Basic) -> bool:
        """Whether the value is a Python number: made of numbers and sizes only."""
        return names(term) <= set(self.scope.program.sizes) and not any(isinstance(part, (Index, Over)) for part in subterms(term))

    def _print_Function(self, call: Expr) -> str:
        row, (inside,) = ROW_OF[type(call)], call.args
        pattern = row.number if self._constant(call) else row.array
        if pattern:
            return pattern.format(self._print(inside))
        if row.value is None:
            raise unlowerable(call, f"NumPy has no {type(call).__name__}")
        return self._print(row.value(inside))

    def _print_Max(self, term: Max) -> str:
        return self._folded("max" if self._constant(term) else "np.maximum", term)

    def _print_Min(self, term: Min) -> str:
        within = next((a for a in term.args if type(a).__name__ == "Max" and len(a.args) == 2), None)
        if len(term.args) == 2 and within is not None and not self._constant(term):
            clamped, low = sorted(within.args, key=lambda a: -len(free_indices(a)))
            (high,) = (a for a in term.args if a != within)
            return f"np.clip({', '.join(map(self._print, (clamped, low, high)))})"
        return self._folded("min" if self._constant(term) else "np.minimum", term)

    def _folded(self, function: str, term: Max | Min) -> str:
        arguments = sorted(term.args, key=lambda a: (self._constant(a), self._print(a)))
        text = self._print(arguments[0])
        for argument in arguments[1:]:
            text = f"{function}({text}, {self._print(argument)})"
        return str(text)

    def _print_LogAddExp(self, term: Expr) -> str:
        return f"np.logaddexp({', '.join(map(self._print, term.args))})"

    def _print_Relational(self, term: Relational) -> str:
        if all(side.is_integer for side in term.args):
            return self._compared(term.rel_op, *term.args)
        left, right = (bracketed(self._print(side), ADD) for side in term.args)
        return f"{left} {term.rel_op} {right}"

    _print_Equality = _print_Unequality = _print_Relational

    def _compared(self, sign: str, left: Expr, right: Expr) -> str:
        """A comparison of positions, each counted from 0."""
        zero, swap = _from_zero(left, right)
        left, right = (replace(side, swap).expand() for side in (left, right))
        shift = left.as_coeff_Add()[0] if free_indices(left) else right.as_coeff_Add()[0]
        axes = tuple(zero.get(i, i) for i in self.axes)
        sides = [bracketed(self.within(axes, side - shift, whole=True), ADD) for side in (left, right)]
        code = f" {sign} ".join(sides)
        if not (left.atoms(Turn) | right.atoms(Turn)):
            self.masks[code] = None
        return code

    def _print_Delta(self, term: Delta) -> str:
        return f"({self._compared('==', *term.args)}).astype({self.scope.dtype})"

    def _print_Where(self, term: Where) -> str:
        condition, then, otherwise = term.args
        if is_turn(condition):
            return f"({self._print(then)} if {self._print(condition)} else {self._print(otherwise)})"
        whole = self._zero_outside(term) or self._softmax(term)
        if whole is not None:
            return whole
        conditions, then = in_cases(term)
        conditions, then, otherwise = (conditions, then, Integer(0)) if len(conditions) > 1 else ([term.args[0]], *term.args[1:])
        shown = [self._print(c) for c in conditions]
        condition = shown[0] if len(shown) == 1 else " & ".join(f"({c})" for c in shown)
        if (then, otherwise) == (1, 0) and not self._constant(term.args[0]):
            return f"({condition}).astype({self.scope.dtype})"
        both = all(map(self._constant, (then, otherwise)))
        cases = [f"{self.scope.dtype}.type({self._print(c)})" if both else self._print(c) for c in (then, otherwise)]
        return f"np.where({condition}, {', '.join(cases)})"

    def _zero_outside(self, term: Where) -> str | None:
        """An entry under just the conditions that keep it in its array as taken by positions, 0 outside; else None."""
        found = padded(term, self.scope.program, self.axes)
        if found is None:
            return None
        node, places, own = found
        code = self.scope.adjoints[head_of(node.args[1])] if isinstance(node, Total) else self._print(node.head)
        for axis, at, gathered in reversed(places):
            code = f"_taken({code}, {self._positions(at, gathered)}, axis={axis})"
        return align(code, own, self.axes, self.scope.features)

    def _print_NegativeInfinity(self, term: Expr) -> str:
        return "-np.inf"

    def _print_Index(self, index: Index) -> str:
        if free_indices(index) != {index}:
            raise unlowerable(index, "its range depends on another index")
        ends = f"{self.within((), index.lower)}, {self.within((), index.upper + 1)}" if index.lower else self.within((), index.upper + 1)
        text = f"np.arange({ends}{'' if self.whole else f', dtype={self.scope.dtype}'})"
        if not self.scope.features:
            return align(text, (index,), self.axes, features=False)
        behind = len(self.axes) - 1 - self.axes.index(index)
        return f"{text}.reshape(-1, *[1] * {f'({behind} + {self.scope.rank})' if behind else self.scope.rank})"

    def _print_Inverse(self, term: Inverse) -> str:
        return self._entry(f"np.linalg.inv({self._print(term.head)})", Element(term.head, *term.at))

    def _print_Determinant(self, term: Determinant) -> str:
        return f"np.linalg.det({self._print(term.head)})"

    def _print_log(self, term: log) -> str:
        (of,) = term.args  # a determinant overflows where its logarithm does not; it is positive where the claim holds
        return f"np.linalg.slogdet({self._print(of.head)})[1]" if isinstance(of, Determinant) else self._print_Function(term)

    def _print_Element(self, element: Element) -> str:
        if isinstance(element.head, Label):
            return (
                f"{bracketed(self._print_FromZero(FromZero(element)), ATOM)}.astype({self.scope.dtype}) + {self._print(element.head.lower)}"
            )
        return self._entry(self._print(element.head), element)

    def _print_FromZero(self, term: FromZero) -> str:
        (element,) = term.args
        if self.scope.features:
            raise unlowerable(element, "labels have no feature axes")
        return self._entry(self._print(element.head), element) if isinstance(element, Element) else self._print(element)

    def _print_Total(self, total: Total) -> str:
        objective, node = total.args
        if objective != self.scope.objective or head_of(node) not in self.scope.adjoints:
            raise unlowerable(total, "no claim gives it without derivatives")
        adjoint = self.scope.adjoints[head_of(node)]
        return self._entry(adjoint, node) if isinstance(node, Element) else adjoint

    def _print_Apply(self, term: Apply) -> str:
        raise unlowerable(term, f"{term.head} is any smooth function")

    def _entry(self, name: str, element: Element) -> str:
        read = reading(element, self.scope.program, self.axes, sliding=not self.scope.features)
        dimensions = variable_of(element, self.scope.program).indices
        if read.windows:
            axes, lengths = zip(*read.windows, strict=True)
            shown = [self.within((), length) for length in lengths]
            single = len(shown) == 1
            name = f"sliding_window_view({name}, {shown[0] if single else _joined(shown)}, axis={axes[0] if single else axes})"
        shown = [self._place(s, read.gathered, d) for s, d in zip(read.subscripts, dimensions, strict=True)]
        while shown and shown[-1] == ":":
            shown.pop()
        return align(name + (f"[{', '.join(shown)}]" if shown else ""), read.axes, self.axes, self.scope.features)

    def _place(self, at: Expr | slice, gathered: Axes, dimension: Index) -> str:
        """One subscript: a slice, or positions for the axes that are gathered, kept in the array's range if a case sees to the rest."""
        if isinstance(at, slice):
            return self._slice(at)
        code = self._positions(at, gathered)
        if is_inside(at + dimension.lower, dimension):
            return code
        return f"np.clip({code}, 0, {self.within((), dimension.upper - dimension.lower)})"

    def _positions(self, at: Expr, gathered: Axes) -> str:
        """Positions counted from 0, as whole numbers over some axes."""
        zero, swap = _from_zero(at)
        bare = KernelPrinter(with_changes(self.scope, features=False))
        return bare.within(tuple(zero.get(i, i) for i in gathered), replace(at, swap).expand(), whole=True)

    def _slice(self, at: slice) -> str:
        ends = ["" if end is None else self.within((), end) for end in (at.start, at.stop)]
        ends += [] if at.step is None else [self.within((), at.step)]
        if all(end == "" or is_simple(end) for end in ends):
            return ":".join(ends)
        return " : ".join(ends).strip()

    def _print_Sum(self, term: Sum) -> str:
        body, over = flattened(term)
        factors = [part for f in Mul.make_args(body) for part in loosened(f, self.scope.program)]
        inside = [f for f in factors if free_indices(f) & set(over)]
        absent = [i for i in over if not any(i in free_indices(f) for f in inside)]
        outside = Mul(*(i.upper - i.lower + 1 for i in absent), *(f for f in factors if f not in inside))
        if not inside:
            return str(self._print(outside))
        reduced = self._summed(inside, [i for i in over if i not in absent])
        return reduced if outside == 1 else f"{self._product([outside])} * {bracketed(reduced, MULTIPLY)}"

    def _summed(self, factors: list[Expr], over: list[Index]) -> str:
        operands = [(self.within(own, part), own) for own, part in parts_by_axes(factors).items()]
        product = contracted(operands, over, self.axes, self.scope.features)
        return self._reduced("np.sum({0}, axis={1})", Mul(*factors), over) if product is None else product

    def _reduced(self, pattern: str, body: Expr, over: list[Index]) -> str:
        """A function that takes axes away, on an array that has them."""
        inner = order_of(Mul.make_args(body), (*self.axes, *over))
        return align(pattern.format(self.within(inner, body), _axis(inner, over)), _without(inner, over), self.axes, self.scope.features)

    def _print_Product(self, term: Product) -> str:
        body, over = flattened(term)
        absent = [i for i in over if i not in free_indices(body)]
        body = body ** Mul(*(i.upper - i.lower + 1 for i in absent))
        over = [i for i in over if i not in absent]
        return self._reduced("np.prod({0}, axis={1})", body, over) if over else str(self._print(body))

    def _print_LogSumExp(self, term: Expr) -> str:
        return self._reduced("_log_sum_exp({0}, axis={1})", *flattened(term))

    def _print_exp(self, term: exp) -> str:
        return self._softmax(term) or self._print_Function(term)

    def _softmax(self, term: Expr) -> str | None:
        found = softmax_of(term)
        if found is None:
            return None
        exponent, over = found
        inner = order_of(Mul.make_args(exponent), self.axes)
        return align(f"_softmax({self.within(inner, exponent)}, axis={_axis(inner, over)})", inner, self.axes, self.scope.features)


def is_turn(condition: Basic) -> bool:
    """Whether a condition is one for Python's own `if`: about the position of a loop alone."""
    return bool(condition.atoms(Turn)) and not free_indices(condition) and all(side.is_integer for side in condition.args)


def operator_of(code: str) -> ast.operator | None:
    """The outermost operator of an expression, if that is a binary one."""
    return getattr(ast.parse(code, mode="eval").body, "op", None)


def negative(code: str) -> str:
    """Minus a product or quotient; a power in front gets parentheses, as the usual style has it."""
    first = ast.parse(code, mode="eval").body
    while isinstance(first, ast.BinOp) and not isinstance(first.op, ast.Pow):
        first = first.left
    power = ast.get_source_segment(code, first) if isinstance(first, ast.BinOp) else None
    return f"-({power}){code[len(power) :]}" if power and code.startswith(power) else f"-{code}"


def _joined(parts: list[str]) -> str:
    return f"({', '.join(parts)})"


def _axis(inner: Axes, over: list[Index]) -> str:
    axes = tuple(sorted(inner.index(i) for i in over))
    return str(axes[0] if len(axes) == 1 else axes)


def _without(inner: Axes, over: list[Index]) -> Axes:
    return tuple(i for i in inner if i not in over)


def _from_zero(*terms: Expr) -> tuple[dict[Index, Index], dict[Basic, Expr]]:
    """For each index one that counts from 0; and each index and label in terms of what counts so."""
    indices = sorted(frozenset().union(*map(free_indices, terms)), key=str)
    zero = {i: Index(f"{n}", 0, i.upper - i.lower, i.level) for n, i in enumerate(indices)}
    shifted: dict[Basic, Expr] = {i: z + i.lower for i, z in zero.items()}
    labels = {p for t in terms for p in subterms(t) if isinstance(head_of(p), Label)}
    labels -= {p.head for p in labels if isinstance(p, Element)}
    return zero, shifted | {p: FromZero(replace(p, shifted)) + head_of(p).lower for p in labels}


def told_code(told: Told, called: Mapping[Symbol, str]) -> str:
    """The code that reads a size off a shape, with the sizes that it takes called so."""
    shape = Symbol(told.length)
    scope = Scope(Program(sizes=(shape, *called)), {shape: told.length, **called}, {})
    length = KernelPrinter(scope).doprint(shape - told.rest)
    return length if told.slope == 1 else f"{bracketed(length, ATOM)} // {told.slope}"
