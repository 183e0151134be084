"""Paths: where pages and reports lie.

In come paths as people write them; out go files to judge, and files put down whole. Begin with `inputs`.

    kinds                                   the kind of file that a name is of
    gallery, saved                          the pages that come with the package, files put down whole and reports that are sealed
    inputs                                  the files that paths stand for
"""
