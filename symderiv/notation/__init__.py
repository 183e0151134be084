"""Notation: terms as text and as LaTeX, and what is made safe for paper.

In come terms and names; out go lines of unicode and LaTeX. Begin with `notation`: one walk over a term, with the two tables of `styles`.

    commands, names                         the commands of LaTeX, names and entries of arrays
    escapes                                 plain text made safe for paper
    styles                                  how formulas are put on paper
    notation                                terms as text and as LaTeX
"""
