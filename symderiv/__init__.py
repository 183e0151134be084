"""Derivations of gradients, judged line by line: proved for every size, refuted by example, or unknown.

Rooms. Each folder has a docstring that says what comes in, what goes out, where to begin, and lists what it holds. A module imports
only from the rows above its own, here and in its folder, and never inside a function; the exceptions are `cli` and `progress`, which
import the engine and what draws when a command needs them, so that `--help` is instant.

    kernels                                 generated NumPy modules, which need nothing of the rest
    errors                                  what can go wrong
    paths                                   where pages and reports lie
    language                                what pages say, as data
    notation                                terms as text and as LaTeX
    proof                                   the judge that proves
    refutation                              the judge that refutes
    repair                                  what was meant by a wrong step
    faces                                   judged pages drawn
    codegen                                 kernels from proved pages
    judging                                 a page judged
    processes                               pages judged in processes of their own
    documents                               Markdown and LaTeX read into pages
    tracing                                 NumPy functions run on arrays of symbolic size
    code                                    such functions judged
    files                                   files of any kind judged
    door                                    derivations, files and texts judged, from Python
    testing, plugin                         proofs in tests, pages as tests
    progress                                what is in work, on a terminal
    cli                                     the door
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__version__ = "0.1.0"

_NAMES = {
    "symderiv.language.terms": ("Apply", "Delta", "Element", "Index", "Partial", "Product", "Sum", "Total", "Where"),
    "symderiv.language.arrays": ("Array", "determinant", "diagonal", "inverse", "norm", "outer", "trace"),
    "symderiv.language.claim": ("Derivation", "erratum"),
    "symderiv.door": ("judge", "judge_file", "judge_text"),
    "symderiv.code.prove": ("prove_equivalent", "prove_gradient"),
    "symderiv.code.returns": ("Result",),
    "symderiv.faces.judged": ("JudgedClaim", "JudgedDerivation", "JudgedPage", "JudgedStep"),
    "symderiv.errors": ("SymderivError",),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}
_FUNCTIONS = "symderiv.language.functions"  # whose table names relu and its like


def __getattr__(name: str) -> Any:
    """What pages are written with and what tools ask for, imported when first asked for: a kernel must not pay for SymPy."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    is_module = name.startswith("_") or find_spec(f"{__name__}.{name}") is not None
    own = {} if is_module and name != "__all__" else import_module(_FUNCTIONS).OWN
    if name == "__all__":
        return [*_HOMES, *own]
    if name not in own:
        raise AttributeError(f"module 'symderiv' has no attribute {name!r}")
    return own[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *getattr(sys.modules.get(_FUNCTIONS), "OWN", ())})
