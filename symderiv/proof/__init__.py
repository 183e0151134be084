"""Proof: the judge that proves, and the only room in which a `Proved` is made.

In come two terms and a program; out goes a `Decision`, with a certificate that can be gone through again. Begin with `normal` (a term
becomes a polynomial), `algebra` (the laws that make it the only one of its class) and `decide` (the ways to a proof).

    poly, conditions                        polynomials as data, side conditions
    adjoint, monomials                      derivatives on a program, what a monomial shows
    relations, rewriting, readable          laws between generators, assumed laws, the way back to terms
    sums                                    the laws of sums
    algebra                                 the laws of products, powers and functions
    alike, matrices                         whether two terms are one formula, and small matrices written out
    valueless                               what has a value nowhere
    windows                                 sums over ranges, by those over all whole numbers
    cells                                   piecewise formulas, by the signs of what they compare
    normal                                  terms in normal form
    side                                    what every way to a proof works on
    assuming                                what is taken for granted, put in
    facts                                   what side conditions say, used
    unfolding                               definitions and recurrences put in
    decide                                  the judge: the ways to a proof, in a table
"""
