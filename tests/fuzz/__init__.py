"""Fuzzers: random input, judged, against numbers that are worked out without the engine.

    outcome     what one trial found
    tree        formulas and pages as data, and as the text of a page
    meaning     what a formula means at a point
    reading     what a page says once it is made
    points      points at which proofs go wrong
    scene, formulas, laws, recipes
                what a page has; random formulas; rewrites and damages; random claims
    programs    random pages and claims, judged
    several     pages that make several derivations
    documents   random documents; a folder
    snippets    random NumPy code, with `traps`: what NumPy does otherwise than one may think
    campaign    trials one after the other, each under a limit of time, and what they found in figures

A fuzzer is a module with a function `trial(seed) -> Outcome` and a row in `campaign.FUZZERS`. A trial depends on its seed only. What it
finds comes with a way to a smaller reproduction. It takes from the package what a user would: the language of pages, a document's or a
function's text, and the verdict. Values come from its own syntax tree.
"""
