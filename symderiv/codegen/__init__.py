"""Kernels: NumPy modules made from proved pages.

In comes a page with its verdicts; out goes the text of a module. Begin with `lower` (a module) and `plan` (what it computes).

    expressions                             parentheses, powers and long lines of Python
    axes, identifiers                       where entries lie in arrays, names in code
    products, ranges, stable                products of arrays, ranges as slices and masks, no overflow
    plan                                    what a kernel computes
    printer                                 terms as NumPy
    body                                    its functions
    lower                                   the module
"""
