"""Functions in NumPy run on arrays of symbolic size: what they compute as terms, entry by entry.

In come functions and the shapes of their arguments; out goes what each returned entry is, or why it cannot be told. Begin with `tensor`
(the array that stands in for NumPy's), `functions` (what is known by name) and `running`.

    traced, constants, shapes               arrays of symbolic size as data, floats as exact numbers, shapes as people write them
    values                                  the types of what traced code works with
    declared                                shapes, signs and ranges that functions declare
    sizes, spans, drawing                   which comparisons of sizes are sure, bounds of terms, arguments and numbers for them
    beside                                  a run beside the trace
    entrywise, layouts                      functions of single numbers, and axes merged, split, joined
    reductions, along                       sums, products and largest entries; where positions and slices lie along an axis
    indexing                                parts read
    writing                                 parts written
    masks                                   entries that a mask takes
    lines, saying                           the line of code that runs, and terms as they are said in errors
    given                                   what code has for arrays, numbers, sizes and keys
    memory, operators                       memory that several arrays show, and the operators of arrays
    tensor                                  the array that functions are given, with NumPy's operators and protocols
    compound                                NumPy's functions that are made of others
    table                                   how what functions by name are given and give goes in and out
    making                                  arrays made
    shaping                                 arrays laid out anew
    reducing                                axes taken away
    functions                               NumPy's functions by name
    dialects, collecting                    the ways of PyTorch and JAX, and what was traced as a derivation
    kinds                                   types that also take symbolic arrays
    builtin, libraries                      Python's own functions, and modules of libraries, for symbolic arrays
    rebuilding                              functions with other modules behind their names
    contexts                                what passes of PyTorch's autograd hand on
    names, roles                            what names in code say, and what parameters and returned values are taken for
    returned                                what a call returned, with its names
    running                                 functions run: what goes in, what comes out
    targets                                 what each returned value is the gradient of
    pairs                                   what is known of a pair of passes
    binding, pointwise                      the ways to bind a pair of passes, and which arrays depend on others entry by entry
    examples                                counterexamples as arrays
    trials                                  runs after a proof
"""
