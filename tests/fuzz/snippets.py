"""Random NumPy code, traced and judged, against runs of it.

A forward pass is put together from operations whose derivatives are known and from what NumPy does otherwise than one may think; its
backward pass is right, or damaged, or right for what one may think. Two ways to write one thing are asked to be equivalent. Shapes are
said beside the functions, or in a docstring with words that declare nothing; parameters and gradients have the names that people give
them. The judge is plain NumPy: runs at sizes up to 7 and scales up to 1000, central differences.
"""

from __future__ import annotations

import importlib.util
import itertools
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import numpy as np

from fuzz import traps
from fuzz.outcome import Outcome
from symderiv.code.outcome import lines
from symderiv.code.prove import prove_equivalent, prove_gradient
from symderiv.code.returns import Result
from symderiv.errors import SymderivError, TraceError

NUMBERS = itertools.count()
SIZES = ((1, 1, 1, 5), (2, 3, 2, 5), (3, 2, 4, 5), (5, 4, 1, 9), (7, 6, 2, 13))  # N, D, M, C
WHOLE = 2  # in place of a sign: -1, 0 and 1 only
VALUELESS = ("ZeroDivisionError", "OverflowError")  # of Python's own numbers, where NumPy has infinity
SCALES = (1.0, 10.0, 1000.0)
A_BIT = 0.03  # of what a sine is taken of
UNARY = (
    (("np.exp({a})",), "{t}"),
    (("np.tanh({a})",), "(1 - {t} ** 2)"),
    (("{a} ** 2", "{a} * {a}", "np.square({a})", "np.power({a}, 2)"), "2 * {a}"),
    (("np.sqrt({a} ** 2 + 1)", "({a} * {a} + 1) ** 0.5"), "{a} / {t}"),
    (("np.log({a} ** 2 + 1)", "np.log1p({a} ** 2)"), "2 * {a} / ({a} ** 2 + 1)"),
    (("1 / (1 + np.exp(-{a}))",), "{t} * (1 - {t})"),
    (("np.maximum({a}, 0)", "{a} * ({a} > 0)", "np.where({a} > 0, {a}, 0)", "np.clip({a}, 0, None)"), "({a} > 0)"),
    (("np.abs({a})", "abs({a})", "np.where({a} > 0, {a}, -{a})", "np.maximum({a}, -{a})", "np.sqrt({a} ** 2)"), "np.sign({a})"),
    (("-{a}", "np.negative({a})", "0 - {a}"), "-1"),
    (("3 * {a}", "{a} * 3", "{a} + 2 * {a}"), "3"),
    (("{a} - 1", "{a} + -1"), "1"),
    (("np.sin({a})",), "np.cos({a})"),
    (("np.where({a} > 9, 9, {a})", "np.minimum({a}, 9)", "np.clip({a}, None, 9)"), "({a} <= 9)"),
    (("np.log({a})",), "1 / {a}"),
    (("1 / {a}", "{a} ** -1", "np.reciprocal({a})"), "-(1 / {a} ** 2)"),
    (("np.sqrt({a}) ** 2", "np.exp(np.log({a}))", "{a} / {a} * {a}", "{a} ** 2 / {a}"), "1"),
)  # fmt: skip
BINARY = (
    (("{a} + {b}", "np.add({a}, {b})", "{b} + {a}"), "1", "1"),
    (("{a} - {b}", "np.subtract({a}, {b})"), "1", "-1"),
    (("{a} * {b}", "np.multiply({a}, {b})", "{b} * {a}"), "{b}", "{a}"),
    (("{a} / ({b} ** 2 + 1)",), "1 / ({b} ** 2 + 1)", "-(2 * {b} * {a} / ({b} ** 2 + 1) ** 2)"),
    (("np.maximum({a}, {b})", "np.where({a} > {b}, {a}, {b})"), "({a} > {b})", "({b} > {a})"),
    (("{a} / {b}", "np.divide({a}, {b})"), "1 / {b}", "-({a} / {b} ** 2)"),
)  # fmt: skip
MATRIX_PRODUCTS = ("{a} @ W", "np.dot({a}, W)", "np.einsum('ij,jk->ik', {a}, W)", "(W.T @ {a}.T).T")
SHAPED = (  # of an array with one dimension or more: ways to write it, the new axes, the gradient
    (("{a}.sum()", "np.sum({a})", "np.add.reduce({a}, axis=None)"), (), "np.ones({a}.shape) * {d}"),
    (("{a}.mean()", "np.mean({a})", "{a}.sum() / {a}.size"), (), "np.ones({a}.shape) * {d} / {a}.size"),
    (("{a} - {a}.mean(0)", "{a} - np.mean({a}, axis=0)"), None, "{d} - {d}.mean(0)"),
    (("{a}[::-1]", "np.flip({a}, 0)"), None, "{d}[::-1]"),
    (("np.roll({a}, 1, axis=0)",), None, "np.roll({d}, -1, axis=0)"),
    (("{a} / {a}.sum(0)", "{a} / np.sum({a}, axis=0)"), None, "{d} / {a}.sum(0) - ({d} * {a}).sum(0) / {a}.sum(0) ** 2"),
    (("np.cumsum({a}, axis=0)", "{a}.cumsum(0)"), None, "np.cumsum({d}[::-1], axis=0)[::-1]"),
    (("{a} * np.arange({a}.shape[0]).sum()", "{a} * ({a}.shape[0] * ({a}.shape[0] - 1) / 2)"), None, "{d} * np.arange({a}.shape[0]).sum()"),
)  # fmt: skip

WORDS = (  # said of a parameter; nothing but the shape is declared
    "{n}: inputs of shape {s}, positive or negative", "{n}: scores of shape {s}; nonpositive and positive ones", "{n}: {s}",
    "{n}: data of shape {s}, with N > 0", "{n}: scores of shape {s}, positive for the first class", "{n}: positive, of shape {s}",
    "{n} (np.ndarray): array of shape {s}. Positive entries pass, the others are set to 0.", "{n}: nonnegative data of shape {s}",
    "{n}: of shape {s}, where entries with {n} > 0 count", "{n}: shape {s}, nonzero in general", "{n}: a positive array of shape {s}",
)  # fmt: skip
WORDS_OF_NUMBERS = ("{n}: a positive number", "{n}: a number, nonzero", "{n}: a number")
WORDS_OF_LABELS = ("{n}: labels of shape {s}, 0 <= {n}[i] < C",)
GRADIENTS = (
    "d{n}", "g{n}", "grad_{n}", "{n}_grad", "dLd{n}", "D{n}", "delta_{n}", "grad_wrt_{n}", "{n}_gradient", "{n}_bar", "d{n}_",
)  # fmt: skip
UPSTREAM = ("dout", "g", "gy", "grad_output", "delta", "upstream", "dLdy")
CACHES = ("cache", "res", "residuals", "saved")
OUTPUTS = ("s", "y", "out", "p")

SWAPS = (
    ("+", "-"), ("* 2", "* 3"), ("sum(0)", "mean(0)"), ("> 9", "> 8"), ("> 0", ">= 1"), (".T", ""), ("2 *", "1 *"), ("9", "99"),
    (" - ", " + "), ("** 2", "** 3"),
)  # fmt: skip


@dataclass
class Code:
    """Functions on the way: forward lines, and for each the lines that go back through it."""

    random: Random
    shapes: dict[str, str]
    axes: dict[str, tuple[str, ...]]
    forward: list[str] = field(default_factory=list)
    back: list[list[str]] = field(default_factory=list)
    other: list[str] = field(default_factory=list)  # the forward lines, written otherwise
    count: int = 0
    spoken: bool = False  # whether words stand beside the shapes, from which one may take a sign
    right: bool = True
    entrywise: bool = True  # whether each entry of the result is a function of the same entry of x

    def new(self, letter: str = "t") -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def step(self, forms: Sequence[str], axes: tuple[str, ...], names: Mapping[str, str], back: Sequence[str]) -> str:
        t = self.new()
        names = {**names, "t": t, "d": f"d_{t}"}
        self.axes[t] = axes
        self.forward.append(f"{t} = {self.random.choice(forms).format(**names)}")
        self.other.append(f"{t} = {self.random.choice(forms).format(**names)}")
        self.back.insert(0, [row.format(**names) for row in back])
        return t


def added(code: Code, a: str) -> str:
    """One more operation on an array; the name of its value."""
    random, axes = code.random, code.axes[a]
    roll = random.random()
    others = [n for n, s in code.axes.items() if n != a and (s == axes or s == axes[-1:] or not s) and not n.startswith("l")]
    code.entrywise &= roll >= 0.55 or not (axes or others)
    if len(axes) == 2 and "W" in code.axes and roll < 0.2 and code.axes["W"][0] == axes[1]:
        back = ("d_{a} = d_{a} + {d} @ W.T", "d_W = d_W + {a}.T @ {d}")
        return code.step(MATRIX_PRODUCTS, (axes[0], code.axes["W"][1]), {"a": a}, back)
    if others and roll < 0.4:
        b = random.choice(others)
        forms, da, db = random.choice(BINARY)
        reduce = {2: {1: ".sum(0)", 0: ".sum()", 2: ""}, 1: {1: "", 0: ".sum()"}, 0: {0: ""}}[len(axes)][len(code.axes[b])]
        zeros = f" + np.zeros({a}.shape)" if len(axes) else ""
        return code.step(
            forms, axes, {"a": a, "b": b}, (f"d_{{a}} = d_{{a}} + {{d}} * ({da})", f"d_{{b}} = d_{{b}} + ({{d}} * ({db}){zeros}){reduce}")
        )
    if axes and roll < 0.55:
        forms, new, d = random.choice(SHAPED)
        return code.step(forms, axes if new is None else new, {"a": a}, (f"d_{{a}} = d_{{a}} + {d}",))
    forms, d = random.choice(UNARY)
    if code.spoken and d in ("({a} > 0)", "np.sign({a})") and random.random() < 0.6:
        code.right = False
        t = code.step(forms, axes, {"a": a}, ("d_{a} = d_{a} + {d}",))
        code.other[-1] = f"{t} = {a} * 1"
        return t
    return code.step(forms, axes, {"a": a}, (f"d_{{a}} = d_{{a}} + {{d}} * ({d})",))


def trapped(code: Code, a: str, table: Callable[[traps.Hand], traps.Trap]) -> str:
    """A trap; its gradient is that of what one may think that it is, of itself written otherwise, or of the array itself."""
    hand = traps.Hand(code.random)
    trap, alike = table(hand), table(hand.otherwise())
    names = {"a": a, "t": code.new(), "v": code.new("v"), "m": code.new("m"), "s": code.new("s")}
    others = names | {"m": f"o_{names['m']}", "t": f"o_{names['t']}", "v": f"o_{names['v']}", "s": f"o_{names['s']}"}
    names, others = names | {"l": "labels"}, others | {"l": "labels"}
    t = names["t"]
    code.forward += [row.format(**names) for row in trap.rows]
    thought = code.random.choice(alike.thoughts[: None if alike.factor else 3]).format(**names)
    code.other += [row.format(**names) for row in alike.rows] if code.random.random() < 0.6 else [f"{t} = {a} * {thought}"]
    code.axes[t] = code.axes[a]
    if alike.factor and code.random.random() < 0.6:
        code.back.insert(0, [row.format(**others) for row in alike.rows] + [f"d_{a} = d_{a} + d_{t} * {alike.factor.format(**others)}"])
    else:
        factor = code.random.choice(alike.thoughts).format(**names)
        code.back.insert(0, [f"d_{a} = d_{a} + d_{t} * {factor} + np.zeros({a}.shape)"])
    return t


@dataclass(frozen=True)
class Snippet:
    source: str
    shapes: Mapping[str, str]
    inputs: tuple[str, ...]
    equivalent: bool
    right: bool  # whether it is right by construction
    spoken: bool = False  # whether the shapes stand in a docstring
    gradients: Mapping[str, str] = field(default_factory=dict)  # by its name, the input that each returned gradient is of
    upstream: str = "dout"  # empty if there is none
    cache: str = ""  # what the forward pass returns beside its value is called so by the backward pass
    output: str = ""  # so is the value, where it is all that the backward pass has


def drawn(seed: int) -> Snippet:
    random = Random(seed)
    shapes = {"x": random.choice(("N", "N", "N, D"))}
    if random.random() < 0.4:
        shapes["w"] = {"N": "N", "N, D": random.choice(("D", "N, D"))}[shapes["x"]]
    if shapes["x"] == "N, D" and random.random() < 0.5:
        shapes["W"] = "D, M"
    if random.random() < 0.2:
        shapes["c"] = ""
    axes = {n: tuple(s.replace(",", " ").split()) for n, s in shapes.items()}
    code = Code(random, shapes, axes, spoken=random.random() < 0.2)
    a, trap = "x", random.random() < 0.6
    length, place = random.choice((1, 1, 2, 3) if trap else (1, 2, 3, 4)), random.randrange(3)
    used_state = False
    for k in range(length):
        if trap and k == min(place, length - 1) and code.axes[a]:
            table = random.choice((*traps.TRAPS, traps.labels)) if code.axes[a] == ("N",) else random.choice(traps.TRAPS)
            used_state |= table is traps.state
            if table is traps.labels:
                shapes["labels"] = "N in C"
            a, code.entrywise = trapped(code, a, table), False
        else:
            a = added(code, a)
    inputs = tuple(n for n in shapes if n != "labels")
    equivalent = random.random() < 0.5
    state = "\n".join(traps.STATE) if used_state else ""
    head = f"import numpy as np\n\n{state}\n\n"
    said = documented(shapes, random) if code.spoken else ()
    if equivalent:
        other, right = list(code.other), not trap and code.right
        if random.random() < 0.3:
            other, right = slipped(other, random), False
        pair = (function(name, shapes, rows, a, said) for name, rows in (("f", code.forward), ("g", other)))
        return Snippet(head + "".join(pair), shapes, inputs, True, right, code.spoken)
    return differentiated(code, Snippet(head, shapes, inputs, False, not trap and code.right, code.spoken), a, said)


def documented(shapes: Mapping[str, str], random: Random) -> tuple[str, ...]:
    """A docstring that says the shapes, and more."""
    rows = []
    for name, shape in shapes.items():
        words = WORDS_OF_LABELS if name == "labels" else WORDS if shape else WORDS_OF_NUMBERS
        sizes = shape.partition(" in ")[0]
        rows.append(random.choice(words).format(n=name, s=f"({sizes})" if "," in sizes else f"({sizes},)"))
    return ('"""', *rows, '"""')


def differentiated(code: Code, snippet: Snippet, a: str, said: Sequence[str]) -> Snippet:
    """The forward pass, and a backward pass that has what it needs in one of the ways in which people hand it over."""
    random, shapes, inputs = code.random, snippet.shapes, snippet.inputs
    back, right = [row for rows in code.back for row in rows], snippet.right
    if random.random() < 0.35:
        back, right = slipped(back, random), False
    names = [n for n in code.axes if f"d_{n}" in " ".join(back)]
    zeros = [f"d_{n} = np.zeros({n}.shape)" if n in inputs and code.axes[n] else f"d_{n} = 0" for n in names if n != a]
    zeros += [f"d_{n} = np.zeros({n}.shape)" if code.axes[n] else f"d_{n} = 0 * {n}" for n in inputs if n not in names]
    styled = random.random() < 0.4
    style, upstream = (random.choice(GRADIENTS), random.choice(UPSTREAM)) if styled else ("d{n}", "dout")
    gradients = {style.format(n=n): n for n in (random.sample(inputs, len(inputs)) if styled else inputs)}
    parameters, forward, returned = [upstream, *shapes], code.forward, a
    cache = output = ""
    way = random.random() if styled else 1.0
    if way < 0.4:
        cache = random.choice(CACHES)
        kept = ", ".join(shapes)
        returned = f"{a}, {kept}" if len(shapes) == 1 else f"{a}, ({kept})"
        forward, parameters = [f"{kept} = {cache}", *forward], random.sample([upstream, cache], 2)
    elif way < 0.6 and snippet.inputs == tuple(shapes) == ("x",) and code.entrywise:
        if len(code.forward) == 1 and "x" not in " ".join(back).replace("d_x", ""):
            output = random.choice(OUTPUTS)
            parameters, forward, zeros = [upstream, output], [f"{a} = {output}"], ["d_x = 0"]
        if random.random() < 0.5:
            upstream, parameters = "", parameters[1:]
    elif way < 0.8:
        parameters = [upstream, *random.sample(list(shapes), len(shapes))]
    body = [*forward, *zeros, f"d_{a} = {upstream or 1}", *back, *(f"{g} = d_{n}" for g, n in gradients.items())]
    source = snippet.source + function("f", shapes, code.forward, returned, said) + function("b", parameters, body, ", ".join(gradients))
    return replace(snippet, source=source, right=right, gradients=gradients, upstream=upstream, cache=cache, output=output)


def slipped(rows: list[str], random: Random) -> list[str]:
    """One change of a character or a line."""
    for _ in range(20):
        k, (old, new) = random.randrange(len(rows)), random.choice(SWAPS)
        head, sign, tail = rows[k].partition(" = ")
        changed = tail.replace(old, new, 1)
        if changed != tail:
            return [*rows[:k], head + sign + changed, *rows[k + 1 :]]
    return rows


def function(name: str, parameters: Iterable[str], rows: Sequence[str], returned: str, said: Sequence[str] = ()) -> str:
    body = "\n".join(f"    {row}" for row in (*said, *rows))
    return f"def {name}({', '.join(parameters)}):\n{body}\n    return {returned}\n\n\n"


def loaded(source: str, folder: str) -> ModuleType:
    name = f"fuzzed_{next(NUMBERS)}"
    path = Path(folder) / f"{name}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


# Runs.


@dataclass(frozen=True)
class Run:
    """Arrays, and what the functions make of them: `found` against `wanted`, each by the name of what is returned."""

    arrays: Mapping[str, Any]
    scale: float
    sign: int
    found: Mapping[str, Any]
    wanted: Mapping[str, Any]
    failed: str = ""
    first: Any = None  # what the forward pass returns
    rough: float = 0.0  # what rounding may make of nothing


def arrays(snippet: Snippet, sizes: Mapping[str, int], scale: float, sign: int, rng: np.random.Generator) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, shape in snippet.shapes.items():
        if name == "labels":
            made[name] = rng.integers(0, sizes["C"], sizes["N"])
            continue
        dimensions = [sizes[s] for s in shape.replace(",", " ").split()]
        values = rng.normal(size=dimensions) * scale if sign != WHOLE else rng.integers(-1, 2, dimensions) * scale
        made[name] = values if sign in (0, WHOLE) else sign * np.abs(values)
        made[name] = made[name] if shape else float(made[name])
    return made


def called(module: ModuleType, name: str, arguments: Mapping[str, Any]) -> Any:
    """What a function of the module returns; it may write to the arrays that it is given."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(module, name)(**arguments)


def copied(arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {n: np.array(a) if isinstance(a, np.ndarray) else a for n, a in arrays.items()}


def ran(snippet: Snippet, module: ModuleType, given: Mapping[str, Any], dout: Any, scale: float, sign: int) -> Run:
    """Both functions run, the backward pass after the forward pass and with the same arrays, which that may have changed."""
    try:
        own = copied(given)
        output, kept = passed_on(snippet, called(module, "f", own))
        first = np.array(output)
        if snippet.equivalent:
            other = np.asarray(called(module, "g", copied(given)))
            rough = 1e-13 * max(largest_on_the_way(module, given, name) for name in "fg")
            return Run(given, scale, sign, {"the result": other}, {"the result": first}, first=first, rough=rough)
        dout = np.asarray(dout(first.shape))
        if not snippet.upstream:
            dout = np.ones(first.shape)
        upstream = {snippet.upstream: dout if first.shape else float(dout)} if snippet.upstream else {}
        rest = {snippet.cache: kept} if snippet.cache else {snippet.output: output} if snippet.output else own
        back = called(module, "b", copied(upstream) | rest)
        back = back if isinstance(back, tuple) else (back,)
        found = {g: np.asarray(v) for g, v in zip(snippet.gradients, back, strict=True)}
        wanted = {g: differences(snippet, module, given, n, dout, scale) for g, n in snippet.gradients.items()}
        return Run(upstream | given, scale, sign, found, wanted, first=first)
    except Exception as error:
        return Run(given, scale, sign, {}, {}, f"{type(error).__name__}: {error}")


class Watched(np.ndarray):
    """An array that notes the largest number that its functions made: what is subtracted from it may be lost in rounding."""

    largest = 0.0

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        plain = [np.asarray(x) if isinstance(x, Watched) else x for x in inputs]
        into = {} if out is None else {"out": tuple(np.asarray(x) for x in out)}
        made = getattr(ufunc, method)(*plain, **into, **options)
        if made is None or isinstance(made, tuple):
            return made
        numbers = np.abs(np.asarray(made, dtype=float))
        Watched.largest = max(Watched.largest, float(np.max(numbers[np.isfinite(numbers)], initial=0)))
        return out[0] if out is not None else np.asarray(made).view(Watched)


def largest_on_the_way(module: ModuleType, given: Mapping[str, Any], name: str = "f") -> float:
    """The largest number that a function makes of floats, as far as NumPy's functions tell; 0 where it does not take such arrays."""
    Watched.largest = 0.0
    watched = {n: np.array(a).view(Watched) if np.asarray(a).dtype.kind == "f" else a for n, a in given.items()}
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(module, name)(**watched)
    except Exception:
        return 0.0
    return Watched.largest


def passed_on(snippet: Snippet, result: Any) -> tuple[Any, Any]:
    """The value that a forward pass returns, and what it keeps for the backward pass."""
    first, kept = result if snippet.cache else (result, None)
    return np.asarray(first), kept


def steady(snippet: Snippet, module: ModuleType, given: Mapping[str, Any], dout: Any) -> bool:
    """Whether what a forward pass gives does not jump where rounding decides: which of two entries that are equal is the largest."""
    noise = np.random.default_rng(0)

    def nudged(a: Any) -> Any:
        return a * (1 + 1e-12 * noise.normal(size=np.shape(a))) if np.asarray(a).dtype.kind == "f" else a

    def value(arrays: Mapping[str, Any]) -> Any:
        return np.sum(passed_on(snippet, called(module, "f", copied(arrays)))[0] * dout)

    here, grain = value(given), 1e-6 * largest_on_the_way(module, given)
    there = [value({n: nudged(a) for n, a in given.items()}) for _ in range(8)]
    return all(not abs(v - here) > 1e-6 * abs(here) + grain for v in there)


def differences(snippet: Snippet, module: ModuleType, given: Mapping[str, Any], name: str, dout: Any, scale: float) -> Any:
    """Central differences; not a number where those at two steps are not alike."""
    base = np.asarray(given[name], dtype=float)
    out = np.full(base.shape, np.nan)
    grain = 1e-15 if not any(word in snippet.source for word in ("float32", "f4")) else 1e-7
    if not steady(snippet, module, given, dout):
        return out
    largest, step = largest_on_the_way(module, given), 1e-6 * scale
    if "sin(" in snippet.source and largest * step > A_BIT:
        step = A_BIT / largest  # a longer one goes over whole waves, which two differences may do alike
    lost = grain * largest * float(np.max(np.abs(dout), initial=0)) / step
    for k in np.ndindex(*base.shape):
        slopes = []
        for h in (step, 0.3 * step):
            sides = []
            for way in (h, -h):
                moved = base.copy()
                moved[k] += way
                there = called(module, "f", copied({**given, name: moved if base.shape else float(moved)}))
                sides.append(np.sum(passed_on(snippet, there)[0] * dout))
            slopes.append((sides[0] - sides[1]) / (2 * h))
        rounding = grain * np.sum(np.abs(passed_on(snippet, called(module, "f", copied(given)))[0] * dout)) / step
        alike = abs(slopes[0] - slopes[1]) <= 2e-4 * (abs(slopes[0]) + abs(slopes[1])) + 1e-6
        out[k] = slopes[0] if alike and max(rounding, lost) <= 1e-3 * (1e-3 + abs(slopes[0])) else np.nan
    return out


def apart(found: Any, wanted: Any, rough: float = 0.0) -> bool:
    """Whether two arrays differ by more than floats err, somewhere where both are numbers; or are of other shapes."""
    if found.shape != wanted.shape:
        return True
    found, wanted = found.astype(float), wanted.astype(float)
    both = np.isfinite(found) & np.isfinite(wanted)
    gap = np.abs(found - wanted)
    largest = np.max(np.abs(wanted[both]), initial=0) + np.max(np.abs(found[both]), initial=0)
    return bool(np.any(gap[both] > 3e-3 * (1e-3 + largest) + rough))


def runs(snippet: Snippet, source: str, folder: str, seed: int) -> Iterator[Run]:
    rng = np.random.default_rng(seed)
    module = loaded(source, folder)
    for numbers, scale, sign in itertools.product(SIZES, SCALES, (0, 1, -1, WHOLE)):
        sizes = dict(zip("NDMC", numbers, strict=True))
        yield ran(snippet, module, arrays(snippet, sizes, scale, sign, rng), lambda shape: rng.normal(size=shape), scale, sign)


# Verdicts.


def trial(seed: int) -> Outcome:
    snippet = drawn(seed)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = loaded(snippet.source, folder)
        try:
            with np.errstate(all="ignore"):
                shapes = {} if snippet.spoken else snippet.shapes
                results = prove_equivalent(module.f, module.g, shapes) if snippet.equivalent else prove_gradient(module.f, module.b, shapes)
        except TraceError as error:
            return Outcome("refused", verdict=first_words(str(error)))
        except SymderivError as error:
            return Outcome("refused", verdict="not a TraceError: " + first_words(str(error)))
        told = "\n".join(line for line, _ in lines(results))
        if all(r.verdict == "unknown" for r in results):
            return Outcome("unknown", verdict=first_words(told))
        seen = list(runs(snippet, snippet.source, folder, seed))
        for result in results:
            kind = wrong(snippet, result, seen, module)
            if kind:
                return Outcome(kind[0], f"{kind[1]}\n{told}\n{dict(snippet.shapes)}\n{snippet.source.strip()}", result.verdict)
    return Outcome("agrees", verdict=" ".join(sorted({r.verdict for r in results})))


def first_words(message: str) -> str:
    return message.split("\n")[0].split(": ", 1)[-1][:70]


def without_value(run: Run, name: str) -> bool:
    """Whether a run has no number at some entry of what is wanted, or of what was found."""
    return not all(np.isfinite(values[name].astype(float)).all() for values in (run.found, run.wanted))


def wrong(snippet: Snippet, result: Result, seen: Sequence[Run], module: ModuleType) -> tuple[str, str] | None:
    """What is wrong with a verdict, if something is."""
    name = "the result" if snippet.equivalent else result.name  # which is called like what is returned
    compared = [run for run in seen if name in run.found]
    off = [run for run in compared if apart(run.found[name], run.wanted[name], run.rough)]
    if result.verdict == "proved":
        bare = not conditions(result)
        for scale in SCALES:
            here = [run for run in off if run.scale == scale and run.sign != WHOLE]
            if here and (bare or {run.sign for run in here} == {0, 1, -1}):
                return "wrong proved", f"{name}: {shown(here[0], name)}"
        if bare:
            lost = [run for run in compared if run.scale == 1 and valueless(run, name) and not overflows(snippet, run, module)]
            if lost:
                return "condition lost", f"{name}: {shown(lost[0], name)}"
        failures = [run.failed for run in seen if run.failed and (run.scale == 1 or not compared)]
        failures = [why for why in failures if not why.startswith(VALUELESS)]
        if failures and (bare or not compared):
            return "wrong proved", f"a run fails: {failures[0]}"
    if result.verdict == "refuted" and not off and (compared or snippet.right):
        example = result.example
        if example is not None:
            given = {n: np.asarray(a) if np.shape(a) else a for n, a in example.arrays.items()}
            dout = given.pop(snippet.upstream, None)
            run = ran(snippet, module, {n: given[n] for n in snippet.shapes if n in given}, lambda shape: dout, 1.0, 0)
            if run.failed or (name in run.found and (apart(run.found[name], run.wanted[name], run.rough) or without_value(run, name))):
                return None
        return "wrong refuted", f"{name}: no run differs"
    return None


def valueless(run: Run, name: str) -> bool:
    """Whether what was run has no value somewhere: not a number, or infinite."""
    return not all(np.isfinite(v.astype(float)).all() for v in (run.found[name], run.first))


def overflows(snippet: Snippet, run: Run, module: ModuleType) -> bool:
    """Whether the forward pass makes a number that floats do not have, which says nothing of real numbers."""
    try:
        with np.errstate(all="ignore", over="raise"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module.f(**copied({n: run.arrays[n] for n in snippet.shapes}))
    except FloatingPointError:
        return True
    return False


def conditions(result: Result) -> bool:
    told = "\n".join(line for line, _ in lines([result]))
    return "    where " in told


def shown(run: Run, name: str) -> str:
    values = {n: np.array2string(np.asarray(a), precision=4, threshold=20).replace("\n", "") for n, a in run.arrays.items()}
    return f"{run.found[name]} against {run.wanted[name]} at {values}"
