"""Documents: Markdown and LaTeX with formulas as people write them, read into the same derivations that Python pages make."""
