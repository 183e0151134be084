"""Judging: a page judged by both judges, step by step.

In comes a page in Python, or a derivation; out go verdicts as plain data. Begin with `verify`.

    executed                                Python pages run, and what fails in them
    verify                                  a page read and judged
    sensitivity                             its proved steps damaged
"""
