"""Documents: Markdown and LaTeX with formulas as people write them, read into the same derivations that Python pages make.

Layers, as in the package: a module imports only from the lines above its own.

    tree, commands, delimiters              what a formula says, the commands of LaTeX, where formulas begin and end
    tokens, markdown                        the tokens of a formula and macros, and Markdown with formulas
    scan, source, written                   the state of a scan, a document as it was written, trees as LaTeX
    rows                                    the rows of a formula that cannot be read as one
    factors, marks                          sums and products from what stands side by side, tokens as the grammar wants them
    environments, fences, typefaces         what stands around formulas, what closes what, letters and upright words
    shapes, scanner                         what each rule of the grammar makes, characters to tokens
    grammar                                 LaTeX to trees
    scope, unsized                          what names stand for, I and vectors of ones
    operations                              what operators do to numbers and arrays
    meaning, prose                          trees as terms, what the text around a formula says of where it holds
    comparisons                             comparisons, ranges and memberships as conditions
    asides                                  what stands in a formula beside its equations
    listed, einstein                        arrays that are given by their entry, sums without Σ
    readings                                how a step can be read
    stated                                  equations that the text takes for granted
    variants                                what else the names of a step can stand for
    corrections, accepting                  repairs in the author's LaTeX, which reading of a step is accepted
    declarations                            what the names of a document stand for
    defining                                what equations define
    claims                                  a chain of equations taken in: what it defines and claims
    making                                  formulas taken in, in order, under what the prose says
    pages                                   a document as a page
"""
