"""Faces: a judged page drawn. A face reads the plain data of `judged`, and asks no judge.

In come judged pages; out go HTML, LaTeX, lines for a terminal, JSON and what machines read. Begin with `judged`.

    judged                                  a judged page as plain data
    marks                                   what a step is marked with, a row for each mark, from which all faces are drawn
    report, listing                         HTML and LaTeX; a terminal, and JSON
    formats                                 what machines that run checks read
"""
