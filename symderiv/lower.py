"""Kernels: NumPy functions made from terms, and modules made from the definitions and the proved claims of a page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from inspect import getsource
from textwrap import wrap
from typing import Any

import numpy as np
from sympy import Expr, Integer, Symbol, lambdify

from symderiv.axes import Axes
from symderiv.errors import PageError
from symderiv.expressions import WIDTH, statement
from symderiv.judged import Formula, JudgedPage, JudgedStep
from symderiv.kernels.checks import CHECKS
from symderiv.plan import Gradient, Plan, adjoint_names, closure, plan_of, python_names, sizes_in_shapes, used
from symderiv.printer import KernelPrinter, Scope
from symderiv.program import Program, Variable, head_of
from symderiv.terms import Total, free_indices, replace

IMPORTS = """from __future__ import annotations

{math}from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
"""


def kernel_function(program: Program, term: Expr, axes: Axes = (), features: bool = False) -> Callable[..., Any]:
    """A term as a function of the arrays that it reads, by keyword: a name of the page as `python_names` has it, `dy` for the adjoint of y.

    Fails when the term has no NumPy form, or has a size that none of the arrays' shapes tells.
    """
    called = python_names(program)
    adjoints = adjoint_names(called)
    parts = set(used(term))
    totals = [p for p in parts if isinstance(p, Total)]
    variables = {name: program.variable(h) for h, name in called.items() if h in parts - set(program.sizes)}
    variables |= {adjoints[head_of(t.args[1])]: program.variable(head_of(t.args[1])) for t in sorted(totals, key=str)}
    arrays = {name: v for name, v in variables.items() if v is not None}
    most = max(arrays, key=lambda name: len(arrays[name].indices), default="")
    known = {h: n for h, n in called.items() if h not in program.sizes} | sizes_in_shapes(program.sizes, arrays)
    rank = f"({most}.ndim - {len(arrays[most].indices)})" if arrays else "0"
    scope = Scope(program, known, adjoints, totals[0].args[0] if totals else None, features, f"{most}.dtype", rank)
    return lambdify(list(arrays), term, modules=[{"np": np, "math": math}], printer=KernelPrinter(scope, axes))


def module_source(page: Any, judged: JudgedPage) -> str | None:
    """The module for the kernel that a page declares; None if it declares none.

    Fails when it declares several, or its kernel is not made of proved claims.
    """
    if judged.error is not None:
        raise PageError(judged.error)
    declared = [(d, j, k) for d, j in zip(page.derivations, judged.derivations, strict=True) for k in d.kernels]
    if len(declared) > 1:
        raise PageError(f"{page.name}: {len(declared)} kernels are declared; a page makes one module, so declare one.")
    for derivation, drawn, kernel in declared:
        return source(plan_of(derivation, drawn, kernel.labels, kernel.features), judged.name)
    return None


def source(plan: Plan, name: str) -> str:
    """The text of a module with `forward` and `backward`; `name` is the page's."""
    names = python_names(plan.program)
    functions = [_forward(plan, names), _backward(plan, names)]
    text = "\n\n\n".join("\n".join(lines) for lines in functions)
    helpers = [getsource(check) for check in CHECKS if f"{check.__name__}(" in text]
    imports = IMPORTS.format(math="import math\n" if "math." in text else "")
    return "\n\n".join(["\n".join(_heading(plan, name)) + f"\n\n{imports}", f"{text}\n", *helpers])


def _heading(plan: Plan, name: str) -> Iterator[str]:
    """The module's docstring: definitions, formulas with their verdicts, the source of the derivation."""
    judged = plan.judged
    yield f'"""{_plain(judged.title)}: a kernel in NumPy.'
    yield ""
    yield f"Written by `python -m symderiv kernel {name}`; change derivations/{name}.py, not this file."
    yield from _wrapped(f"Source: {judged.source}." if judged.source else "", "")
    yield ""
    yield "Given:"
    for what, kind in judged.declarations:
        yield from _wrapped(f"{what.text}: {kind}", "    ")
    yield ""
    yield "Definitions:"
    for definition in judged.definitions:
        yield from _wrapped(definition.text, "    ")
    yield ""
    yield f"Gradients, each proved {_for_every(plan.program)}, step by step:"
    for gradient in plan.order:
        yield from _statement(gradient)
    yield '"""'


def _statement(gradient: Gradient) -> Iterator[str]:
    """A proved formula with what its proof needed."""
    steps = gradient.judged.steps
    yield from _wrapped(f"{steps[0].left.text} = {steps[-1].right.text}", "    ")
    formally = all(s.formal == "proved" for s in steps)
    yield from _wrapped(f"claim {gradient.claim.label}: proved{'' if formally else ' after the definitions are put in'}", "        ")
    for word, parts in (("where", _once(steps, "side_conditions")), ("assuming", _once(steps, "assumptions"))):
        yield from _wrapped(f"{word} {', '.join(p.text for p in parts)}" if parts else "", "        ")


def _once(steps: Iterable[JudgedStep], what: str) -> list[Formula]:
    return list(dict.fromkeys(part for step in steps for part in getattr(step, what)))


def _for_every(program: Program) -> str:
    return f"for every {', '.join(s.name for s in program.sizes)} >= 1" if program.sizes else "for the sizes given"


def _plain(text: str) -> str:
    """Text fit for a docstring."""
    return text.replace("\\", "\\\\").replace('"', "'")


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(
        _plain(text), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ", break_long_words=False, break_on_hyphens=False
    )


def _forward(plan: Plan, names: dict[Symbol, str]) -> list[str]:
    results = {names[v.head]: v for v in plan.outputs}
    body = Body(plan, names, tuple(v.head for v in plan.outputs), ())
    return body.function("forward", results, f"The {_listed(results)} of the definitions above.")


def _backward(plan: Plan, names: dict[Symbol, str]) -> list[str]:
    body = Body(plan, names, (), plan.order)
    results = {body.adjoints[g.head]: g.variable for g in plan.gradients}
    given = f", given its {_named(body.cotangents)}" if body.cotangents else ""
    return body.function("backward", results, f"The {_named(results)} of an objective{given}.")


def _named(gradients: dict[str, Variable]) -> str:
    return f"gradient{'s' * (len(gradients) > 1)} {_listed(gradients)}"


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


@dataclass(frozen=True)
class Body:
    """A function of a kernel: it computes the nodes that `roots` and the formulas of `gradients` need, and these gradients."""

    plan: Plan
    names: dict[Symbol, str]
    roots: tuple[Symbol, ...]
    gradients: tuple[Gradient, ...]

    @cached_property
    def adjoints(self) -> dict[Symbol, str]:
        return adjoint_names(self.names)

    @cached_property
    def read(self) -> frozenset[Symbol]:
        """Every name that is needed, the arguments and sizes included."""
        formulas = [part for g in self.gradients for part in used(g.formula) if isinstance(part, Symbol)]
        filled = [i for g in self.gradients if not set(g.axes) <= free_indices(g.formula) for i in g.axes]
        shapes = [size for i in (*filled, *(i for v in self.cotangents.values() for i in v.indices)) for size in used(i)]
        return closure(self.plan.program, [*self.roots, *formulas, *shapes])

    @cached_property
    def inputs(self) -> dict[str, Variable]:
        """The inputs that are read, and for a size that none of these and no cotangent tells, one that does."""
        every = {self.names[v.head]: v for v in self.plan.program.inputs}
        read = {name: v for name, v in every.items() if v.head in self.read}
        sizes = [s for s in self.plan.program.sizes if s in self.read]
        untold = set(sizes) - set(sizes_in_shapes(sizes, read | self.cotangents))
        more = {source.split(".")[0] for source in sizes_in_shapes(untold, every).values()}
        return {name: v for name, v in every.items() if name in read or name in more}

    @cached_property
    def cotangents(self) -> dict[str, Variable]:
        needed = {head for g in self.gradients for head in g.needs}
        return {self.adjoints[v.head]: v for v in self.plan.cotangents if v.head in needed}

    @cached_property
    def indexed(self) -> dict[str, Variable]:
        """The arguments with an index, inputs first: they tell sizes, features and type."""
        found = {name: v for name, v in (self.inputs | self.cotangents).items() if v.indices}
        if not found:
            raise PageError("kernel: no argument has an index; a kernel works on arrays.")
        return found

    @cached_property
    def sizes(self) -> dict[Symbol, str]:
        """Where the shapes tell the sizes."""
        return sizes_in_shapes([s for s in self.plan.program.sizes if s in self.read], self.indexed)

    @cached_property
    def printer(self) -> KernelPrinter:
        called = {h: name for h, name in self.names.items() if h not in self.plan.program.sizes or h in self.sizes}
        return KernelPrinter(Scope(self.plan.program, called, self.adjoints, self.plan.objective, self.plan.features))

    def function(self, name: str, results: dict[str, Variable], law: str) -> list[str]:
        """The lines of the function."""
        arguments = self.cotangents | self.inputs
        computed = list(self._statements(results))
        typed = [f"dtype = {next(iter(self.indexed))}.dtype"] if "dtype" in " ".join(computed) else []
        lines = [*self._docstring(law, arguments, results), *self._checks(arguments), *typed, *computed]
        return [*_signature(name, list(arguments), len(results)), *(f"    {line}" if line else "" for line in lines)]

    def _docstring(self, law: str, arguments: dict[str, Variable], results: dict[str, Variable]) -> Iterator[str]:
        shapes: dict[str, list[str]] = {}
        for name, variable in (arguments | results).items():
            shapes.setdefault(self._spelled(variable, name in self.inputs and name not in results), []).append(name)
        signs = "".join(f" or {name} is {'not positive' if sign == 'positive' else 'zero'}" for name, sign in self._signs())
        yield f'"""{law}'
        yield ""
        for paragraph in (
            f"Shapes: {'; '.join(f'{_listed(names)} {shape}' for shape, names in shapes.items())}.",
            f"Types: the results have the floating type of {_listed(self.indexed)}; float32 stays float32, whole numbers count as float64.",
            f"Fails with ValueError if shapes do not fit{signs}, with TypeError if an argument does not hold real numbers.",
        ):
            yield from wrap(paragraph, WIDTH - 4, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
        yield '"""'

    def _signs(self) -> list[tuple[str, str]]:
        """What the page takes for granted of the signs of arguments."""
        kinds = {n: "positive" if v.head.is_positive else "nonzero" if v.head.is_nonzero else "" for n, v in self.inputs.items()}
        return [(name, kind) for name, kind in kinds.items() if kind]

    def _spelled(self, variable: Variable, or_number: bool = False) -> str:
        """A shape in words: `(m, features...)`."""
        lengths = [str(length) for length in _lengths(variable.indices)]
        if not lengths and not self.plan.features:
            return "a number"
        text = _tuple([*lengths, "features..."]) if lengths and self.plan.features else _tuple(lengths) if lengths else "(features...)"
        return f"{text} or a number" if or_number and not lengths else text

    def _shape(self, axes: Axes) -> str:
        """A shape as code."""
        lengths = [self.printer.within((), length) for length in _lengths(axes)]
        if not self.plan.features:
            return _tuple(lengths)
        return _tuple([*lengths, "*features"]) if lengths else "features"

    def _checks(self, arguments: dict[str, Variable]) -> Iterator[str]:
        """Conversion, then sizes read off shapes, then the other shapes, then signs."""
        deciding = [name for name in arguments if name in self.indexed]
        others = [name for name in arguments if name not in self.indexed]
        unpacked = ", ".join([*deciding, *others]) + ("," if len(arguments) == 1 else "")
        yield f"{unpacked} = _arrays({_dictionary(deciding)}, {_dictionary(others)})"
        reference = next(iter(self.indexed))
        telling = dict.fromkeys([reference, *(source.split(".")[0] for source in self.sizes.values())])
        for name in telling:
            ones = dict.fromkeys(self.plan.program.sizes, Integer(1))
            least = _tuple([str(replace(length, ones)) for length in _lengths(self.indexed[name].indices)])
            yield f'_check_axes("{name}", {name}, {least}, {self.plan.features}, "{self._spelled(self.indexed[name])}")'
        yield from self._reading(reference)
        for name, variable in (self.inputs | self.cotangents).items():
            if not self._is_settled(name, variable, reference):
                shape = f'{self._shape(variable.indices)}, "{self._spelled(variable, name in self.inputs)}"'
                other = self._teller(name, variable) or reference
                yield f'_check_shape("{name}", {name}, {shape}, "{other}", {other}.shape)'
        yield from (f'_check_{sign}("{name}", {name})' for name, sign in self._signs())

    def _reading(self, reference: str) -> Iterator[str]:
        targets = {self.names[size]: source for size, source in self.sizes.items()}
        if self.plan.features:
            targets["features"] = f"{reference}.shape[{len(self.indexed[reference].indices)}:]"
        if targets:
            yield f"{', '.join(targets)} = {', '.join(targets.values())}"

    def _teller(self, name: str, variable: Variable) -> str | None:
        """Another array, whose shape told a size of this one."""
        told = {size: source.split(".")[0] for size, source in self.sizes.items()}
        tellers = [told[part] for length in _lengths(variable.indices) for part in sorted(used(length), key=str) if part in told]
        return next((t for t in tellers if t != name), None)

    def _is_settled(self, name: str, variable: Variable, reference: str) -> bool:
        """Whether an array's shape is what the sizes and features were read from, so that it cannot be wrong."""
        told = {source: size for size, source in self.sizes.items()}
        own = [told.get(f"{name}.shape[{axis}]") == length for axis, length in enumerate(_lengths(variable.indices))]
        return bool(own) and all(own) and (name == reference or not self.plan.features)

    def _statements(self, results: dict[str, Variable]) -> Iterator[str]:
        """Nodes, then adjoints, each computed once."""
        computed: list[tuple[str, Any, Axes]]
        computed = [(self.names[e.head], e.body, e.variable.indices) for e in self.plan.program.equations if e.head in self.read]
        computed += [(self.adjoints[g.head], g.formula, g.axes) for g in self.gradients]
        for name, term, axes in computed:
            code = self.printer.within(axes, term)
            if not set(axes) <= free_indices(term) or (name in results and self.plan.features and not self._has_features(term)):
                code = f"np.full({self._shape(axes)}, {code}, dtype)"
            yield from statement("return" if [name] == list(results) and name == computed[-1][0] else f"{name} =", code)
        if [computed[-1][0]] != list(results):
            yield f"return {', '.join(results)}"

    def _has_features(self, term: Any) -> bool:
        """Whether a value is sure to have the feature axes: it comes from an argument with an index, or from a cotangent."""
        if any(isinstance(part, Total) for part in used(term)):
            return True
        read = closure(self.plan.program, [part for part in used(term) if isinstance(part, Symbol)])
        return any(v.head in read for v in self.indexed.values())


def _lengths(axes: Axes) -> list[Any]:
    return [i.upper - i.lower + 1 for i in axes]


def _tuple(parts: list[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _dictionary(names: list[str]) -> str:
    return "{" + ", ".join(f'"{name}": {name}' for name in names) + "}"


def _signature(name: str, arguments: list[str], results: int) -> list[str]:
    returned = "NDArray[Any]" if results == 1 else f"tuple[{', '.join(['NDArray[Any]'] * results)}]"
    typed = [f"{argument}: ArrayLike" for argument in arguments]
    line = f"def {name}({', '.join(typed)}) -> {returned}:"
    return [line] if len(line) <= WIDTH else [f"def {name}(", *(f"    {argument}," for argument in typed), f") -> {returned}:"]
