"""Refutation: the judge that refutes, by brute force, and the only room in which a `Refuted` is made.

In come two terms and a program; out goes a counterexample with both values, or how far both sides agreed. It shares nothing with the
normal form, so that each judge checks the other. Begin with `interpret` (what a term is worth at a point) and `refute` (which points).

    interpret                               the meaning of terms by brute force
    refute                                  the judge
"""
