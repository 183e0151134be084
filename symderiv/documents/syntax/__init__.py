"""Syntax: the LaTeX of a formula as a tree, and trees as LaTeX.

In comes the text of a formula; out goes a tree whose parts know their places. Begin with `grammar` and `tree`.

    tree                                    what a formula says
    tokens                                  the tokens of a formula, and macros
    scan, written                           the state of a scan, trees as LaTeX
    factors, marks                          sums and products from what stands side by side, tokens as the grammar wants them
    environments, fences, typefaces         what stands around formulas, what closes what, letters and upright words
    shapes, scanner                         what each rule of the grammar makes, characters to tokens
    grammar                                 LaTeX to trees
"""
