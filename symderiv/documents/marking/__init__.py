"""Marking: a document as a page, formula by formula.

In come snippets; out go definitions, claims with their readings, and after judging the corrections in the author's LaTeX. Begin with
`pages`, then `making` (a formula after the other) and `accepting` (which reading counts).

    steps, misfits                          two members as a step, how one that does not fit can be meant
    readings                                how a step can be read
    stated                                  equations that the text takes for granted
    variants                                what else the names of a step can stand for
    corrections, accepting                  repairs in the author's LaTeX, which reading of a step is accepted
    declarations                            what the names of a document stand for
    defining                                what equations define
    understood, chains                      what was understood so far, chains taken apart
    claims                                  a chain of equations taken in: what it defines and claims
    told                                    what the prose says of where formulas hold
    making                                  formulas taken in, in order, under what the prose says
    pages                                   a document as a page
"""
