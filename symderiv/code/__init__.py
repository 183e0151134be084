"""Code judged: a backward pass against its forward pass, two forms of one function.

In come functions; out goes what each returned array is, for every shape. Begin with `prove`.

    returns                                 arrays that functions return judged
    passes                                  a forward and a backward pass bound in one way, and judged
    prove                                   all ways to bind them, and two forms of one function
    finding                                 functions found in files
    outcome                                 what was found, in words
"""
