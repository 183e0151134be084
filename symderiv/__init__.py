"""Derivations of gradients, judged line by line: proved for every size, refuted by example, or unknown.

Layers. A module imports only from the lines above its own, and never inside a function; the exceptions are
`cli` and `progress`, which import the engine and what draws when a command needs them, so that `--help` is instant.

    kernels                                 generated NumPy modules, which need nothing of the rest
    errors                                  what can go wrong
    gallery, saved                          the pages that come with the package, and files put down whole
    inputs                                  the files that paths stand for
    extrema                                 nested maxima and minima made in little time
    terms, names, expressions               the vocabulary of formulas, how names are read, and the precedence of Python's operators
    positions, constraints                  what is sure of positions and ranges, and what can be assumed of inputs
    kept                                    operations on terms that forget no condition
    arrays, styles, escapes                 matrix notation over terms, and how formulas and prose are put on paper
    program, verdict, judged                statements, judgements, and a judged page as plain data
    claim, axes, edits, identifiers         pages, where entries lie in arrays, how derivations go wrong, names in code
    executed                                Python pages run, and what fails in them
    partials, poly, interpret, conditions   the table of derivatives, polynomials, meaning by brute force, side conditions
    products, ranges, stable                for kernels: products of arrays, ranges as slices and masks, no overflow
    adjoint, monomials, printer             derivatives on a program, what a monomial shows, terms as NumPy
    relations, rewriting, readable          laws between the generators of the normal form, assumed laws, and the way back to terms
    sums                                    the laws of sums
    algebra                                 the laws of products, powers and functions
    alike, matrices                         whether two terms are one formula, and small matrices written out
    windows                                 sums over ranges, by those over all whole numbers
    cells                                   piecewise formulas, by the signs of what they compare
    normal, plan                            terms in normal form, and what a kernel computes
    body                                    the functions of a kernel
    lower                                   kernels from proved pages
    decide, refute                          the two judges
    mends                                   what a slip can be mended with
    usual, repair                           the usual assumptions under which a wrong step holds, and the edits that make it right
    notation                                terms as text and as LaTeX
    verify                                  a page read and judged
    sensitivity                             its proved steps damaged
    documents                               Markdown and LaTeX read into pages
    files                                   files of any kind judged
    child                                   a function run in a process of its own, under limits
    worker                                  pages judged in such processes
    report, listing                         a judged page as HTML and LaTeX, for a terminal, and as JSON
    formats                                 judged pages for machines that run checks: GitHub, JUnit, SARIF
    tracing                                 NumPy functions run on arrays of symbolic size
    returns                                 arrays that such functions return judged
    passes                                  a forward and a backward pass judged under one binding
    prove                                   all ways to bind them, and two forms of one function
    outcome                                 what was found of them, in words
    testing, plugin                         proofs in tests, pages as tests
    progress                                what is in work, on a terminal
    cli                                     the door
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_NAMES = {
    "symderiv.terms": (
        *("Apply", "Delta", "Element", "Index", "Partial", "Product", "Sum", "Total", "Where"),
        *("clamp", "relu", "sigmoid", "softplus", "stop_gradient"),
    ),
    "symderiv.arrays": ("Array", "determinant", "diagonal", "inverse", "norm", "outer", "trace"),
    "symderiv.claim": ("Derivation", "erratum"),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """What pages are written with, imported when first asked for: a kernel must not pay for SymPy."""
    if name not in _HOMES:
        raise AttributeError(f"module 'symderiv' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
