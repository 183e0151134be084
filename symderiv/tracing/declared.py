"""What annotations and docstrings declare of arguments: shapes, and in precise forms signs and ranges. Prose declares nothing."""

from __future__ import annotations

import ast
import inspect
import re

from symderiv.tracing.values import Code

NAME = r"[A-Za-z_]\w*"
NAMES = rf"(?P<names>{NAME}(?:\s*,\s*{NAME})*)"
ENTRY = re.compile(rf"\s*[-*]?\s*{NAMES}\s*(?:\([^)]*\))?\s*:\s*(?P<text>.*)", re.DOTALL)
SHAPE = (
    # how a shape is introduced, the first that is found
    re.compile(r"\bshapes?\s*(?:is\s*|:\s*|=\s*)?\((?P<dims>[^()]*)\)"),
    re.compile(r"\A\((?P<dims>[^()]*)\)"),
    re.compile(r"\barray\s*\((?P<dims>[^()]*)\)"),
)
SCALAR = re.compile(r"\A(?:an?\s+)?(?:\w+\s+)?(?:scalar|number(?!\s+of))\b", re.IGNORECASE)
END = r"\s*[.;]?[^\S\n]*(?:\n|\Z)"
SIGN = r"\s*,?\s*(?:{name}(?:\[[^\]\n]*\])?[^\S\n]*)?(?P<sign>>=?|!=)\s*0\s*(?:[.;](?!\d)|\Z)"
LENGTH = r"(?P<of>[\w*+-]+(?: [*+-] [\w*+-]+)*)"
RANGES = (
    # how labels are declared: a chain of inequalities of entries, or a word with a size behind a shape
    r"(?:\A|[,;.(\n]|\band)\s*(?:(?:and|with|where)\s+)?0\s*<=\s*{name}(?:\[[^\]\n]*\])?\s*<\s*" + LENGTH + r"(?:\s*[,;.)]|" + END + ")",
    r"\blabels?\s+in\s+(?P<of>[A-Z][A-Z0-9_]*)(?:\s*[,;.)]|" + END + ")",
)
TYPES = {
    "array",
    "bool",
    "default",
    "float",
    "float32",
    "float64",
    "int",
    "list",
    "matrix",
    "ndarray",
    "optional",
    "str",
    "tensor",
    "tuple",
}
JAXTYPED = re.compile(r"(?:\w+\.)*(?:Float|Int|UInt|Real|Num|Inexact|Integer|Shaped)\d*\[[^\]]*,\s*[\"'](?P<dims>[^\"']*)[\"']\s*\]")


def documented(function: Code) -> dict[str, str]:
    """The shapes that a docstring or annotations tell: `x: data of shape (N, D)`, `s: (N,), > 0`, `y: (N,), 0 <= y[i] < C`."""
    found = {name: text for name, p in inspect.signature(function).parameters.items() if (text := _annotated(p.annotation))}
    for entry in _entries(inspect.getdoc(function) or ""):
        said = ENTRY.fullmatch(entry)
        if said:
            for name in re.split(r"\s*,\s*", said["names"]):
                if name not in found and (shape := _told(name, said["text"])) is not None:
                    found[name] = shape
    return found


def _entries(doc: str) -> list[str]:
    """The lines of a docstring, each with those that go on below it, deeper."""
    entries: list[str] = []
    start = 0
    for line in doc.splitlines():
        indent = len(line) - len(line.lstrip())
        if entries and line.strip() and indent > start and not re.match(rf"\s*[-*]?\s*{NAMES}\s*(?:\([^)]*\))?\s*:", line):
            entries[-1] += "\n" + line.strip()
        else:
            entries.append(line)
            start = indent
    return entries


def _told(name: str, text: str) -> str | None:
    """The shape in an entry, with the sign that stands right behind it and ends the entry or its sentence, or the range of labels."""
    shape = next((m for pattern in SHAPE for m in pattern.finditer(text) if _are_lengths(m["dims"])), None)
    scalar = None if shape else SCALAR.match(text)
    if shape is None and scalar is None:
        return None
    dims = shape["dims"].strip().rstrip(",") if shape else ""
    of = next((m["of"] for pattern in RANGES if shape and (m := re.search(pattern.format(name=re.escape(name)), text))), None)
    sign = re.match(SIGN.format(name=re.escape(name)), text[(shape or scalar).end() :])  # type: ignore[union-attr]
    return f"{dims} in {of}" if of else f"{dims} {sign['sign']} 0" if sign else dims


def _are_lengths(dims: str) -> bool:
    """Whether what stands in parentheses are lengths, and no types: `(N, D)`, `(n,)`, `()`, but not `(float)`, `(optional)`."""
    return not {d.strip().lower() for d in dims.split(",")} & TYPES and re.fullmatch(r"[\w\s,*+-]*", dims) is not None


def _annotated(annotation: object) -> str:
    """The shape in an annotation such as jaxtyping's `Float[Array, "N D"]`, or a plain string "(N, D)"."""
    if isinstance(annotation, str):
        annotation = str(ast.literal_eval(annotation)) if re.fullmatch(r"([\"']).*\1", annotation) else annotation
        typed = JAXTYPED.fullmatch(annotation.strip())
        return typed["dims"] if typed else annotation.strip("()") if re.fullmatch(r"\([\w\s,*+-]*\)", annotation) else ""
    dims = getattr(annotation, "dim_str", "")
    return dims if isinstance(dims, str) else ""
