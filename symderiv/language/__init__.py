"""The language: what pages say, as data, and the checks that it makes sense. Nothing here judges.

In come SymPy expressions and what a page declares; out go terms of a closed vocabulary, statements, claims and the data of verdicts.
Begin with `terms` (the kinds of terms), `program` (what is declared and defined) and `claim` (how a page says it).

    words, effort                           what verdicts are called, and work that is counted; without SymPy
    extrema                                 nested maxima and minima made in little time
    terms, names                            kinds of terms, how names are read
    functions                               the functions of one number, one row each
    vocabulary                              what terms may consist of
    positions, constraints                  what is sure of positions and ranges, and what can be assumed of inputs
    kept                                    operations on terms that forget no condition
    arrays                                  matrix notation over terms
    program, verdict                        statements, and judgements as data
    claim                                   pages: what they declare, define and claim
"""
