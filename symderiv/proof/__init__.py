"""Proof: the judge that proves, and the only room in which a `Proved` is made.

In come two terms and a program; out goes a `Decision`, with a certificate that can be gone through again. Begin with `normal` (a term
becomes a polynomial), `algebra` (the laws that make it the only one of its class) and `decide` (the ways to a proof).

Laws rest on each other, and imports point down: each module uses those above it, and asks for what stands below by its kind, from the
tables of laws in the context that all are passed. What a context knows is frozen; only its record of what was done changes.

    laws                                    what each law is called, and what it says
    poly, signs                             polynomials as data, what is shown of the sign of a term
    conditions                              side conditions
    adjoint, monomials                      derivatives on a program, what a monomial shows
    context                                 what a computation goes by
    powers                                  products and powers, functions by cases
    ranges                                  what is never negative
    replacing                               polynomials put in, and what is above them made again
    rewriting                               assumed laws
    directions                              which way a sum goes
    flags                                   deltas, steps, zeros and cases
    summing                                 sums over open indices
    functions                               exp, log, sine and others, symbolic exponents, products over a range, 1/b in a case
    relations, sums                         the laws between generators, and those of sums
    algebra                                 all laws in tables
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
