"""Text: where formulas, declarations and macros stand in a document, and what the prose between them says of where formulas hold.

In comes a file; out go snippets with their places. Begin with `source`.

    delimiters                              where formulas begin and end
    markdown                                Markdown with formulas
    source                                  a document as it was written
    rows, prose                             the rows of a formula that cannot be read as one, conditions in prose
"""
