"""Repair: what was meant by a wrong step.

In come a refuted step and its page; out go the smallest changes that make it provable, each proved, and the assumption under which it
holds. Begin with `repair`; the rows of `edits` and `mends` are the slips that people make.

    edits                                   how derivations go wrong
    mends                                   what a slip can be mended with
    readable                                normal forms as terms again
    usual, repair                           the usual assumptions under which a wrong step holds, and the changes that make it right
"""
