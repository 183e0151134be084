"""Documents: Markdown and LaTeX with formulas as people write them, read into the same derivations that Python pages make.

In comes a file; out goes a page as `judging` has them, with the place of each formula. Begin with `marking.pages`.

    syntax                                  LaTeX to trees and back
    text                                    where formulas and declarations stand, and what the prose says
    meaning                                 trees to terms
    inferring                               what a document without declarations says of its own names
    marking                                 declarations, readings, claims, corrections: a document as a page
"""
