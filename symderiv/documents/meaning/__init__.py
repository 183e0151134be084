"""Meaning: trees as terms, with the names that a document declares.

In come trees and a scope; out go terms, or why there is none. Begin with `value`, then the readers of `meaning`, one for each kind of tree.

    unsized, spelling                       what a tree can stand for, names as they are spelled
    scope                                   what names stand for
    prefixed                                names with Δ, δ or d before them
    operations                              what operators do to numbers and arrays
    ranges                                  what a formula says of the ranges of its letters
    value                                   what a tree means, by the reader of its kind
    entries, powers                         entries of arrays, powers and inverses
    cases, primes                           conditions as terms, primes as derivatives
    names                                   names, with what is below and above them
    differentials                           differentials along a curve, in equations of them
    calls, derivatives                      functions with what they are of, fractions of differentials
    products                                products, with the functions among their factors
    sums, brackets                          sums over indices, bars and brackets
    meaning                                 the readers of all kinds of trees
    comparisons                             comparisons, ranges and memberships as conditions
    asides                                  what stands in a formula beside its equations
    listed, einstein                        arrays that are given by their entry, sums without Σ
"""
