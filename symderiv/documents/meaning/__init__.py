"""Meaning: trees as terms, with the names that a document declares.

In come trees and a scope; out go terms, or why there is none. Begin with `meaning`.

    scope, unsized                          what names stand for, I and vectors of ones
    operations                              what operators do to numbers and arrays
    ranges                                  what a formula says of the ranges of its letters
    meaning                                 trees as terms
    comparisons                             comparisons, ranges and memberships as conditions
    asides                                  what stands in a formula beside its equations
    listed, einstein                        arrays that are given by their entry, sums without Σ
"""
