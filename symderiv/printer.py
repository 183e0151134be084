"""Terms as NumPy: a printer for which an index is an array axis and a sum is a reduction over one.

A tensor with indices (i, j) is an array whose leading axes are those. With `features`, every array may have further
axes behind them, alike for all, and a name without indices may have just these. A term is printed for a tuple of
indices, the leading axes of its value; those that it lacks in front are left to broadcasting. Constants and sizes are
Python numbers, so that float32 stays float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace as with_changes
from typing import Any

from sympy import Integer, Mul, Pow, Symbol
from sympy.printing.codeprinter import CodePrinter

from symderiv.axes import Axes, align, flattened, order_of, slices, unlowerable, variable_of, without_delta
from symderiv.expressions import ADD, ATOM, MULTIPLY, bracketed, is_simple, multiplied, quotient, to_the
from symderiv.program import Program, head_of
from symderiv.terms import Element, Index, Sum, Total, free_indices, names, subterms

# {0} is the argument, {1} its negative.
OF_ARRAYS = {
    "Abs": "np.abs({0})",
    "cos": "np.cos({0})",
    "exp": "np.exp({0})",
    "log": "np.log({0})",
    "relu": "np.maximum({0}, 0)",
    "sigmoid": "np.exp(-np.logaddexp(0, {1}))",  # without overflow
    "sign": "np.sign({0})",
    "sin": "np.sin({0})",
    "softplus": "np.logaddexp(0, {0})",  # without overflow
    "tanh": "np.tanh({0})",
}
OF_NUMBERS = {"Abs": "abs({0})"} | {name: f"math.{name}({{0}})" for name in ("cos", "erf", "exp", "log", "sin", "tanh")}

LARGEST_INTEGER = 2**53
LETTERS = "ijklmnopqrstuvwxyz"


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

    def doprint(self, expr: Any, assign_to: Any = None) -> str:
        return str(self._print(expr))

    def within(self, axes: Axes, term: Any, whole: bool = False) -> str:
        """The code of a term for other axes; `whole` prints indices as whole numbers, else they have the arrays' type."""
        outer = self.axes, self.whole
        self.axes, self.whole = axes, whole
        try:
            return str(self._print(term))
        finally:
            self.axes, self.whole = outer

    def emptyPrinter(self, expr: Any) -> str:
        raise unlowerable(expr, f"{type(expr).__name__} has no NumPy form")

    _print_Expr = emptyPrinter

    def _print_Symbol(self, symbol: Symbol) -> str:
        if symbol not in self.scope.called:
            raise unlowerable(symbol, "it is neither an argument nor a size that the shape of an argument tells")
        return self.scope.called[symbol]

    def _print_Integer(self, number: Any) -> str:
        return str(int(number)) if abs(int(number)) <= LARGEST_INTEGER else repr(float(number))

    def _print_Rational(self, number: Any) -> str:
        return f"{number.p} / {number.q}" if max(abs(number.p), number.q) <= LARGEST_INTEGER else repr(float(number))

    def _print_Pi(self, number: Any) -> str:
        return "math.pi"

    def _print_Exp1(self, number: Any) -> str:
        return "math.e"

    def _print_UnevaluatedExpr(self, term: Any) -> str:
        return f"({self._print(term.args[0])})"

    def _print_Add(self, term: Any, order: Any = None) -> str:
        parts = sorted(term.as_ordered_terms(), key=lambda part: bool(part.could_extract_minus_sign()))
        shown = [bracketed(self._print(part), ADD) for part in parts]
        return shown[0] + "".join(f" - {s[1:]}" if s.startswith("-") else f" + {s}" for s in shown[1:])

    def _print_Mul(self, term: Any) -> str:
        number, rest = term.as_coeff_Mul(rational=True)
        above = [] if abs(number.p) == 1 else [Integer(abs(number.p))]
        below = [] if number.q == 1 else [Integer(number.q)]
        for factor in sorted(rest.as_ordered_factors(), key=lambda f: (len(free_indices(f)), not self._constant(f))):  # small arrays first
            inverse = isinstance(factor, Pow) and factor.exp.could_extract_minus_sign()
            (below if inverse else above).append(Pow(factor.base, -factor.exp) if inverse else factor)
        return ("-" if number < 0 else "") + quotient(self._product(above), self._product(below))

    def _product(self, factors: list[Any]) -> str:
        return " * ".join(bracketed(self._print(f), MULTIPLY) for f in factors)

    def _print_Pow(self, power: Any, rational: bool = False) -> str:
        base, exponent = power.args
        if exponent.could_extract_minus_sign():
            return quotient("", self._product([Pow(base, -exponent)]))
        shown = self._print(base)
        if exponent.is_Integer:
            return multiplied(shown, int(exponent))
        if not (exponent.is_Rational and exponent.q == 2):
            return to_the(shown, self._print(exponent))
        root = f"{'math' if self._constant(base) else 'np'}.sqrt({shown})"
        return root if exponent.p == 1 else f"{bracketed(multiplied(shown, int(exponent.p // 2)), MULTIPLY)} * {root}"

    def _constant(self, term: Any) -> bool:
        """Whether the value is a Python number: made of numbers and sizes only."""
        return names(term) <= set(self.scope.program.sizes) and not any(isinstance(part, (Index, Sum)) for part in subterms(term))

    def _print_Function(self, call: Any) -> str:
        pattern = (OF_NUMBERS if self._constant(call) else OF_ARRAYS).get(type(call).__name__)
        if pattern is None:
            raise unlowerable(call, f"NumPy has no {type(call).__name__}")
        return pattern.format(self._print(call.args[0]), self._print(-call.args[0]))

    def _print_Max(self, term: Any) -> str:
        return self._folded("max" if self._constant(term) else "np.maximum", term)

    def _print_Min(self, term: Any) -> str:
        return self._folded("min" if self._constant(term) else "np.minimum", term)

    def _folded(self, function: str, term: Any) -> str:
        arguments = sorted(term.args, key=lambda a: (self._constant(a), self._print(a)))
        text = self._print(arguments[0])
        for argument in arguments[1:]:
            text = f"{function}({text}, {self._print(argument)})"
        return str(text)

    def _print_Relational(self, term: Any) -> str:
        positions = names(term) <= set(self.scope.program.sizes)
        left, right = (bracketed(self.within(self.axes, side, positions), ADD) for side in term.args)
        return f"{left} {term.rel_op} {right}"

    _print_Equality = _print_Unequality = _print_Relational

    def _print_Delta(self, term: Any) -> str:
        left, right = (bracketed(self.within(self.axes, side, whole=True), ADD) for side in term.args)
        return f"({left} == {right}).astype({self.scope.dtype})"

    def _print_Where(self, term: Any) -> str:
        condition, then, otherwise = term.args
        if (then, otherwise) == (1, 0) and not self._constant(condition):
            return f"({self._print(condition)}).astype({self.scope.dtype})"
        both = all(map(self._constant, (then, otherwise)))
        cases = [f"{self.scope.dtype}.type({self._print(c)})" if both else self._print(c) for c in (then, otherwise)]
        return f"np.where({self._print(condition)}, {', '.join(cases)})"

    def _print_Index(self, index: Index) -> str:
        if free_indices(index) != {index}:
            raise unlowerable(index, "its range depends on another index")
        ends = f"{self.within((), index.lower)}, {self.within((), index.upper + 1)}"
        text = f"np.arange({ends}{'' if self.whole else f', dtype={self.scope.dtype}'})"
        if not self.scope.features:
            return align(text, (index,), self.axes, features=False)
        behind = len(self.axes) - 1 - self.axes.index(index)
        return f"{text}.reshape(-1, *[1] * {f'({behind} + {self.scope.rank})' if behind else self.scope.rank})"

    def _print_Element(self, element: Element) -> str:
        return self._entry(self._print(element.head), element)

    def _print_Total(self, total: Total) -> str:
        objective, node = total.args
        if objective != self.scope.objective or head_of(node) not in self.scope.adjoints:
            raise unlowerable(total, "no claim gives it without derivatives")
        adjoint = self.scope.adjoints[head_of(node)]
        return self._entry(adjoint, node) if isinstance(node, Element) else adjoint

    def _entry(self, name: str, element: Element) -> str:
        read = slices(element, self.scope.program)
        if read is not None:
            return align(name + self._subscript(read[0]), read[1], self.axes, self.scope.features)
        bare = KernelPrinter(with_changes(self.scope, features=False))
        dimensions = variable_of(element, self.scope.program).indices
        return f"{name}[{', '.join(bare.within(self.axes, at - i.lower, True) for at, i in zip(element.at, dimensions, strict=True))}]"

    def _subscript(self, subscripts: list[Any]) -> str:
        shown = [self._slice(s) if isinstance(s, slice) else self.within((), s) for s in subscripts]
        while shown and shown[-1] == ":":
            shown.pop()
        return f"[{', '.join(shown)}]" if shown else ""

    def _slice(self, at: slice) -> str:
        start, stop = ("" if end is None else self.within((), end) for end in (at.start, at.stop))
        if all(end == "" or is_simple(end) for end in (start, stop)):
            return f"{start}:{stop}"
        return f"{start} : {stop}".strip()

    def _print_Sum(self, term: Sum) -> str:
        body, over = flattened(term)
        resolved = without_delta(body, over)
        if resolved is not None:
            return str(self._print(resolved))
        factors = Mul.make_args(body)
        inside = [f for f in factors if free_indices(f) & set(over)]
        absent = [i for i in over if not any(i in free_indices(f) for f in inside)]
        outside = Mul(*(i.upper - i.lower + 1 for i in absent), *(f for f in factors if f not in inside))
        if not inside:
            return str(self._print(outside))
        reduced = self._reduced(inside, [i for i in over if i not in absent])
        return reduced if outside == 1 else f"{self._product([outside])} * {bracketed(reduced, MULTIPLY)}"

    def _reduced(self, factors: list[Any], over: list[Index]) -> str:
        contracted = self._contracted(factors, over)
        if contracted is not None:
            return contracted
        inner = order_of(factors)
        axes = tuple(sorted(inner.index(i) for i in over))
        text = f"np.sum({self.within(inner, Mul(*factors))}, axis={axes[0] if len(axes) == 1 else axes})"
        return align(text, tuple(i for i in inner if i not in over), self.axes, self.scope.features)

    def _contracted(self, factors: list[Any], over: list[Index]) -> str | None:
        """A product of two parts as `@`, or of more as einsum unless one part has all the axes: neither makes a larger array."""
        parts = self._parts(factors)
        if len(parts) < 2:
            return None
        operands = [(self.within(own, part), own) for own, part in parts.items()]
        if not self.scope.features and len(operands) == 2 and len(over) == 1:
            product = self._matrix_product(operands, over[0])
            if product is not None:
                return product
        spanned = {i for _, own in operands for i in own}
        return None if any(set(own) == spanned for _, own in operands) else self._einsum(operands, over)

    def _parts(self, factors: list[Any]) -> dict[Axes, Any]:
        """A product by the axes of its factors; of more than two parts, one with fewer axes joins one that has these too."""
        parts: dict[Axes, Any] = {}
        for factor in sorted(factors, key=lambda f: -len(free_indices(f))):
            same = [own for own in parts if set(own) == free_indices(factor)]
            own = same[0] if same else order_of([factor])
            parts[own] = parts.get(own, Integer(1)) * factor
        for small in list(parts)[:1:-1]:
            wider = [own for own in parts if set(small) < set(own)]
            if wider:
                parts[wider[0]] *= parts.pop(small)
        return parts

    def _matrix_product(self, operands: list[tuple[str, Axes]], summed: Index) -> str | None:
        rows = [tuple(i for i in own if i != summed) for _, own in operands]
        if any(len(r) > 1 or summed not in own for r, (_, own) in zip(rows, operands, strict=True)) or (rows[0] and rows[0] == rows[1]):
            return None
        if all(rows):
            left, right = sorted(operands, key=lambda o: min(self.axes.index(i) for i in o[1] if i != summed))
        else:
            matrix, vector = operands if rows[0] else operands[::-1]
            left, right = (vector, matrix) if matrix[1][0] == summed else (matrix, vector)
        first, last = (tuple(i for i in o[1] if i != summed) for o in (left, right))
        texts = align(*left, (*first, summed), False), align(*right, (summed, *last), False)
        return align(f"{bracketed(texts[0], ATOM)} @ {bracketed(texts[1], ATOM)}", (*first, *last), self.axes, False)

    def _einsum(self, operands: list[tuple[str, Axes]], over: list[Index]) -> str:
        letters = dict(zip(dict.fromkeys(i for _, own in operands for i in own), LETTERS, strict=False))
        kept = tuple(sorted((i for i in letters if i not in over), key=self.axes.index))
        dots = "..." if self.scope.features else ""
        spelled = ["".join(letters[i] for i in own) + dots for own in (*(own for _, own in operands), kept)]
        text = f'np.einsum("{",".join(spelled[:-1])}->{spelled[-1]}", {", ".join(code for code, _ in operands)})'
        return align(text, kept, self.axes, self.scope.features)
