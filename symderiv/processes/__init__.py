"""Processes: pages judged where they can do no harm, under limits of time and memory that hold from outside.

In come paths and limits; out come judged pages, or what became of the process. Begin with `worker`.

    child                                   a function run in a process of its own
    worker                                  pages judged in such processes
"""
