"""Functions of a kernel as lines of Python: arguments, their checks, the nodes and gradients in order, a docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from textwrap import wrap

from sympy import Basic, Expr, Integer, Symbol

from symderiv.codegen.axes import Axes, Turn
from symderiv.codegen.expressions import WIDTH, statement
from symderiv.codegen.identifiers import adjoint_names, python_name
from symderiv.codegen.plan import Gradient, Plan, Told, closure, sizes_in_shapes, used
from symderiv.codegen.printer import KernelPrinter, Scope, is_turn, told_code
from symderiv.errors import PageError, TermError
from symderiv.language.program import Variable
from symderiv.language.terms import Element, Label, Total, Where, free_indices, replace, subterms

SIGNS = ("positive", "nonzero", "nonnegative")
CALLED = {"np.where": "cases", "np.sum": "total", "np.einsum": "product", "sliding_window_view": "windows", "_taken": "entries"}
POWER = re.compile(r"(?<![\w.)\]])([\w.]+) \*\* ([\w.]+)(?![\w.(\[])")  # of two names: written without spaces
UNLIKE = {"positive": "not positive", "nonzero": "zero", "nonnegative": "negative"}


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
        told = sizes_in_shapes(self.plan.program.sizes, every)
        more: set[str] = set()
        waiting = set(sizes) - set(sizes_in_shapes(sizes, read | self.cotangents))
        while waiting:
            teller = told.get(waiting.pop())
            if teller is not None and teller.name not in more:
                more.add(teller.name)
                waiting |= teller.rest.free_symbols
        return {name: v for name, v in every.items() if name in read or name in more}

    @cached_property
    def cotangents(self) -> dict[str, Variable]:
        needed = {head for g in self.gradients for head in g.needs}
        return {self.adjoints[v.head]: v for v in self.plan.cotangents if v.head in needed}

    @cached_property
    def arguments(self) -> dict[str, Variable]:
        """Inputs first, as they tell sizes, features and type."""
        return self.inputs | self.cotangents

    @cached_property
    def labels(self) -> dict[str, Label]:
        found = {name: v.head for name, v in self.arguments.items() if isinstance(v.head, Label)}
        if found and self.plan.features:
            raise PageError(f"kernel: {_listed(found)} holds labels, which have no feature axes; declare the kernel without features.")
        return found

    @cached_property
    def deciding(self) -> list[str]:
        """The arguments that decide the floating type: those with an index, or all where none has."""
        real = [name for name in self.arguments if name not in self.labels]
        if not real:
            raise PageError("kernel: no argument holds real numbers.")
        return [name for name in real if self.arguments[name].indices] or real

    @cached_property
    def shaped(self) -> dict[str, Variable]:
        """The arguments whose shapes tell something."""
        found = {name: v for name, v in self.arguments.items() if v.indices}
        return found or ({name: self.arguments[name] for name in self.deciding[:1]} if self.plan.features else {})

    @cached_property
    def sizes(self) -> dict[Symbol, Told]:
        """Where the shapes tell the sizes."""
        return sizes_in_shapes([s for s in self.plan.program.sizes if s in self.read], self.shaped)

    @cached_property
    def untold(self) -> list[str]:
        """The sizes that no shape tells: they are given by keyword."""
        return [self.names[s] for s in self.plan.program.sizes if s in self.read and s not in self.sizes]

    @cached_property
    def printer(self) -> KernelPrinter:
        called = {h: name for h, name in self.names.items() if h not in self.plan.program.sizes or h in self.read}
        return KernelPrinter(Scope(self.plan.program, called, self.adjoints, self.plan.objective, self.plan.features))

    def function(self, name: str, results: dict[str, Variable], law: str) -> list[str]:
        """The lines of the function."""
        computed = self._with_masks(list(self._statements(results)))
        typed = [f"dtype = {self.deciding[0]}.dtype"] if "dtype" in " ".join(computed) else []
        lines = [*self._docstring(law, results), *self._checks([*typed, *computed]), *typed, *computed]
        first = _signature(name, [*self.cotangents, *self.inputs], self.untold, len(results))
        return [*first, *(f"    {line}" if line else "" for line in lines)]

    def _with_masks(self, lines: list[str]) -> list[str]:
        """The lines with a name for each comparison of positions that occurs more than once."""
        text = "\n".join(lines)
        named: list[str] = []
        for code in sorted(self.printer.masks, key=len, reverse=True):
            bare = re.escape(code)
            pattern = rf"(?<![\w.])\({bare}\)|(?<=\(){bare}(?=,)"
            if len(re.findall(pattern, text)) > 1:
                name = "mask" if not named else f"mask_{len(named) + 1}"
                text = re.sub(pattern, name, text)
                named.append(f"{name} = {code}")
        return [*named, *text.split("\n")]

    def _docstring(self, law: str, results: dict[str, Variable]) -> Iterator[str]:
        shapes: dict[str, list[str]] = {}
        for name, variable in (self.cotangents | self.inputs | results).items():
            shapes.setdefault(self._spelled(variable, name in self.inputs and name not in results), []).append(name)
        shown = "; ".join(f"{_listed(names)} {shape}" for shape, names in shapes.items())
        whole = "".join(f" {_listed(names)} {'hold' if len(names) > 1 else 'holds'} whole numbers {ends}." for ends, names in self._ends())
        signs = "".join(f" or {name} is {UNLIKE[sign]}" for name, sign in self._signs())
        signs += "".join(f" or an entry of {_listed(names)} is not in {ends}" for ends, names in self._ends())
        signs += "".join(f" or {name} is less than 1" for name in self.untold)
        yield from wrap(f'"""{law}', WIDTH - 4, break_long_words=False, break_on_hyphens=False)
        yield ""
        for paragraph in (
            f"Shapes: {shown}.{whole}",
            f"Types: the results have the floating type of {_listed(self.deciding)};"
            " float32 stays float32, whole numbers count as float64.",
            f"Fails with ValueError if shapes do not fit{signs}, with TypeError if an argument does not hold"
            f" {'numbers of its kind' if self.labels else 'real numbers'}.",
        ):
            yield from wrap(paragraph, WIDTH - 4, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
        yield '"""'

    def _ends(self) -> list[tuple[str, list[str]]]:
        """The ranges of labels, with the arguments that hold such."""
        found: dict[str, list[str]] = {}
        for name, head in self.labels.items():
            found.setdefault(f"0..{head.upper - head.lower}", []).append(name)
        return list(found.items())

    def _signs(self) -> list[tuple[str, str]]:
        """What the page takes for granted of the signs of arguments."""
        kinds = {n: next((s for s in SIGNS if getattr(v.head, f"is_{s}")), "") for n, v in self.inputs.items() if n not in self.labels}
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

    def _checks(self, computed: list[str]) -> Iterator[str]:
        """Conversion, then the sizes that are used read off shapes, then the other shapes, then labels and signs."""
        given = [*self.cotangents, *self.inputs]
        deciding = [name for name in given if name in self.deciding]
        others = [name for name in given if name not in self.deciding and name not in self.labels]
        unpacked = [*deciding, *others]
        targets = ", ".join(unpacked) if len(unpacked) > 1 else _tuple(unpacked)
        line = f"{targets} = _arrays({_dictionary(deciding)}, {_dictionary(others)})"
        if len(line) <= WIDTH - 4:
            yield line
        else:
            yield from ("given = {", *(f'    "{name}": {name},' for name in deciding), "}")
            yield f"{targets} = _arrays(given, {_dictionary(others)})"
        yield from (f'{name} = _whole("{name}", {name})' for name in self.labels)
        telling = dict.fromkeys([*list(self.shaped)[:1], *(told.name for told in self.sizes.values())])
        for name in telling:
            ones = dict.fromkeys(self.plan.program.sizes, Integer(1))
            least = _tuple([str(replace(length, ones)) for length in _lengths(self.shaped[name].indices)])
            yield f'_check_axes("{name}", {name}, {least}, {self.plan.features}, "{self._spelled(self.shaped[name])}")'
        compared = list(self._comparisons())
        yield from self._reading("\n".join([*compared, *computed]))
        yield from compared

    def _comparisons(self) -> Iterator[str]:
        yield from (f'_check_size("{name}", {name})' for name in self.untold)
        for name, variable in self.arguments.items():
            if not self._is_settled(name, variable):
                yield f'_check_shape("{name}", {name}, {self._shape(variable.indices)}, {self._reason(name, variable)})'
        for name, head in self.labels.items():
            yield f'_check_labels("{name}", {name}, {self.printer.within((), head.upper - head.lower + 1)})'
        yield from (f'_check_{sign}("{name}", {name})' for name, sign in self._signs())

    def _reading(self, below: str) -> Iterator[str]:
        """The sizes that are used below, and those that may come out too small."""
        derived = []
        for size, told in self.sizes.items():
            if not told.is_direct:
                derived += [f"{self.names[size]} = {told_code(told, self.names)}", f'_check_size("{self.names[size]}", {self.names[size]})']
        words = set(re.findall(r"\w+", "\n".join([below, *derived])))
        direct = {self.names[size]: told.length for size, told in self.sizes.items() if told.is_direct}
        targets = {name: code for name, code in direct.items() if name in words}
        if self.plan.features:
            reference = next(iter(self.shaped))
            axes = len(self.shaped[reference].indices)
            targets["features"] = f"{reference}.shape[{axes}:]" if axes else f"{reference}.shape"
        if targets:
            yield f"{', '.join(targets)} = {', '.join(targets.values())}"
        yield from derived

    def _reason(self, name: str, variable: Variable) -> str:
        """For the text of an error: the shape in words, and another array with its shape."""
        spelled = f'"{self._spelled(variable, name in self.inputs)}"'
        other = self._teller(name, variable) or next(iter(self.shaped), name)
        return f'{spelled}, "{other}", {other}.shape'

    def _teller(self, name: str, variable: Variable) -> str | None:
        """Another array, whose shape told a size of this one."""
        told = {size: source.name for size, source in self.sizes.items()}
        tellers = [told[part] for length in _lengths(variable.indices) for part in sorted(used(length), key=str) if part in told]
        return next((t for t in tellers if t != name), None)

    def _is_settled(self, name: str, variable: Variable) -> bool:
        """Whether an array's shape is what the sizes and features were read from, so that it cannot be wrong."""
        told = {(t.name, t.axis) for t in self.sizes.values() if t.slope == 1}
        own = [(name, axis) in told for axis in range(len(variable.indices))]
        reference = name == next(iter(self.shaped), None)
        return (bool(own) or (reference and self.plan.features)) and all(own) and (reference or not self.plan.features)

    def _statements(self, results: dict[str, Variable]) -> Iterator[str]:
        """Nodes, then adjoints, each computed once."""
        equations = [e for e in self.plan.program.equations if e.head in self.read]
        computed = [(self.names[e.head], e.body, e.variable.indices, f"the definition of {e.head}") for e in equations]
        computed += [(self.adjoints[g.head], g.formula, g.axes, f"claim {g.claim.label}") for g in self.gradients]
        looped: set[str] = set()
        waiting = [name for name, *_ in computed]
        for name, term, axes, where in computed:
            waiting.remove(name)
            try:
                self._check_computed(term, waiting)
                loop = list(self._loop(name, term, axes))
                code = "" if loop else self.printer.within(axes, term)
            except TermError as error:
                raise PageError(f"kernel: {where}: {error}") from error
            if loop:
                looped.add(name)
                yield from loop
                continue
            if not set(axes) <= free_indices(term) or (name in results and self.plan.features and not self._has_features(term)):
                code = f"np.full({self._shape(axes)}, {code}, dtype)"
            yield from _lines("return" if [name] == list(results) and name == computed[-1][0] else f"{name} =", code)
        if [computed[-1][0]] != list(results) or looped & {computed[-1][0]}:
            yield f"return {', '.join(results)}"

    def _loop(self, name: str, term: Expr, axes: Axes) -> Iterator[str]:
        """A node or adjoint that rests on entries of its own, one position of an index after another; nothing if it does not."""
        uses = [at for part in used_entries(term) if (at := self._own(name, part)) is not None]
        if not uses:
            return
        axis, step = _direction(axes, uses)
        index = axes[axis]
        turn = Turn(python_name(index.name) if python_name(index.name) not in self.taken else f"{python_name(index.name)}_at")
        rest = tuple(i for i in axes if i != index)
        length = self.printer.within((), index.upper - index.lower + 1)
        target = f"{name}[{', '.join([*[':'] * axis, turn.name])}] ="
        yield f"{name} = np.empty({self._shape(axes)}, dtype)"
        yield f"for {turn.name} in {f'range({length})' if step > 0 else f'reversed(range({length}))'}:"
        yield from (f"    {line}" for line in self._turns(target, replace(term, {index: turn + index.lower}), rest))

    def _check_computed(self, term: Expr, waiting: list[str]) -> None:
        """Refuse to read what is computed later: of several recurrences that use each other none can be computed alone."""
        found = next((name for part in used_entries(term) for name in waiting if self._own(name, part) is not None), None)
        if found is not None:
            raise TermError(f"it uses {found}, which uses it; kernels of recurrences that use each other are not written.")

    def _turns(self, target: str, term: Expr, axes: Axes) -> Iterator[str]:
        """What a loop does at each position; cases of the position are Python's own."""
        if not (isinstance(term, Where) and is_turn(term.args[0])):
            yield from _lines(target, self.printer.within(axes, term))
            return
        condition, then, otherwise = term.args
        yield f"if {self.printer.within((), condition)}:"
        yield from (f"    {line}" for line in self._turns(target, then, axes))
        yield "else:"
        yield from (f"    {line}" for line in self._turns(target, otherwise, axes))

    def _own(self, name: str, part: Element | Total) -> tuple[Expr, ...] | None:
        """The positions of an entry of the node or adjoint called so; None for what is not one."""
        node, called = (part.args[1], self.adjoints) if isinstance(part, Total) else (part, self.names)
        return tuple(node.at) if isinstance(node, Element) and called.get(node.head) == name else None

    @cached_property
    def taken(self) -> set[str]:
        return {*self.names.values(), *self.adjoints.values()}

    def _has_features(self, term: Expr) -> bool:
        """Whether a value is sure to have the feature axes: it comes from an argument with an index, or from a cotangent."""
        if any(isinstance(part, Total) for part in used(term)):
            return True
        read = closure(self.plan.program, [part for part in used(term) if isinstance(part, Symbol)])
        return any(v.head in read for v in self.shaped.values())


def _direction(axes: Axes, uses: list[tuple[Expr, ...]]) -> tuple[int, int]:
    """The axis along which all uses are earlier (1) or all later (-1), by a number of positions each."""
    for axis, index in enumerate(axes):
        steps = [(index - at[axis]).expand() for at in uses]
        for sign in (1, -1):
            if all(step.is_Integer and sign * step > 0 for step in steps):
                return axis, sign
    raise TermError("what it takes of itself is not a fixed number of positions earlier, nor later.")


def used_entries(term: Basic) -> Iterator[Element | Total]:
    """The entries and the adjoints that a term reads."""
    return (part for part in subterms(term) if isinstance(part, (Element, Total)))


def _lengths(axes: Axes) -> list[Expr]:
    return [i.upper - i.lower + 1 for i in axes]


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _tuple(parts: list[str]) -> str:
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _dictionary(names: list[str]) -> str:
    return "{" + ", ".join(f'"{name}": {name}' for name in names) + "}"


def _signature(name: str, arguments: list[str], sizes: list[str], results: int) -> list[str]:
    returned = "NDArray[Any]" if results == 1 else f"tuple[{', '.join(['NDArray[Any]'] * results)}]"
    typed = [f"{argument}: ArrayLike" for argument in arguments]
    typed += ["*", *(f"{size}: int" for size in sizes)] if sizes else []
    line = f"def {name}({', '.join(typed)}) -> {returned}:"
    if len(line) <= WIDTH:
        return [line]
    returned = returned if len(returned) < WIDTH - 6 else "tuple[NDArray[Any], ...]"
    return [f"def {name}(", *(f"    {argument}," for argument in typed), f") -> {returned}:"]


def _lines(start: str, code: str) -> Iterator[str]:
    """The lines of a statement; while one is too long, or there are but two, the longest part that fits gets a line and a name."""
    taken: set[str] = set()
    while any(len(f"    {line}") > WIDTH for line in statement(start, code)) or len(statement(start, code)) == 4:
        part = _longest_part(code)
        if part is None:
            break
        inner = code[part]
        word = CALLED.get(inner.split("(")[0], "part")
        name = next(n for k in count(1) if (n := word if k == 1 else f"{word}_{k}") not in taken)
        taken.add(name)
        yield f"{name} = {inner}"
        code = POWER.sub(r"\1**\2", f"{code[: part.start]}{name}{code[part.stop :]}")
    yield from statement(start, code)


def _longest_part(code: str) -> slice | None:
    """Where the longest call is that fits on a line with room to spare, or the longest operation if there is none."""
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, (ast.Call, ast.BinOp))]
    places = [(isinstance(n, ast.Call), slice(n.col_offset, n.end_col_offset)) for n in nodes]
    fitting = [(is_call, at) for is_call, at in places if 20 < at.stop - at.start < min(len(code), WIDTH - 20)]
    return max(fitting, key=lambda row: (row[0], row[1].stop - row[1].start), default=(False, None))[1]
