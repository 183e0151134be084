"""Inferring: what a document without declarations says of its own names.

In come the parts of a document; out go statements of a declaration block, each with the part before which it counts. They are taken in
like any block, so that nothing is read in another way because it was inferred. Begin with `taken`.

    dimensions                              which positions have the same range
    occurrences                             names where they stand, with the letters below them and how they are used
    uses                                    what belongs to a name, and what is a position
    shapes                                  shapes under which products and sums have a meaning
    taken                                   statements, in the order in which they are needed
"""
