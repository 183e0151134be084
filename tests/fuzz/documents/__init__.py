"""Random documents in the notations of DOCUMENTS.md, judged, against numbers worked out from their syntax trees.

trees       formulas as trees, and what they come to at a point
latex       trees as people write them, and a verdict's conditions read back
formulas    random formulas, changes of them that keep their value, and slips
trial       a document with its claims, and what its verdicts are worth
"""
