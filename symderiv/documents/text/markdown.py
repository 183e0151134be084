"""Markdown in which formulas and macro definitions are tokens that know their places."""

from __future__ import annotations

import re
from bisect import bisect_right

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.utils import is_code_block

from symderiv.documents.text.delimiters import DEFINITION, MARKDOWN, OPENER, find, group_end


def _formula(state: StateInline, silent: bool) -> bool:
    """The rule of a formula or a macro definition in a paragraph."""
    if state.src[state.pos] not in "$\\":
        return False
    if definition := DEFINITION.match(state.src, state.pos):
        return _definition(state, definition, silent)
    found = find(state.src, state.pos, MARKDOWN)
    if found is None or found.after > state.posMax:
        return False
    if not silent:
        state.push("formula", "math", 0).meta = {"found": found}
    state.pos = found.after
    return True


def _definition(state: StateInline, head: re.Match[str], silent: bool) -> bool:
    end = group_end(state.src, head.end())
    if end is None:
        return False
    if not silent:
        state.push("definition", "math", 0).meta = {"at": state.pos}
    state.pos = end
    return True


def _display(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The rule of lines that a display formula makes one paragraph, whatever they begin with."""
    if is_code_block(state, start):
        return False
    at, last = state.bMarks[start] + state.tShift[start], start
    while opening := LINE.search(state.src, at, state.eMarks[last]):
        at = opening.end()
        found = find(state.src, opening.start(), MARKDOWN) if opening["open"] else None
        if found and found.closed:
            at = found.after
            last = max(last, bisect_right(state.eMarks, at - 1))
            if last >= end:
                return False
    if last == start:
        return False
    if not silent:
        token = state.push("inline", "", 0)
        token.map = [start, last + 1]
        token.content = state.getLines(start, last + 1, state.blkIndent, False)
        token.children = []
        state.line = last + 1
    return True


def _destination(state: StateInline, silent: bool) -> bool:
    """The rule of the address in `[words](address "title")`, in which nothing is a formula; the words are like any others."""
    found = DESTINATION.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.pending += found[0]
    state.pos = found.end()
    return True


DESTINATION = re.compile(r"""\]\(\s*+(?:<[^<>\n]*+>|[^\s()<]*+(?:\([^\s()]*+\)[^\s()]*+)*+)(?:\s++(?:"[^"]*+"|'[^']*+'))?+\s*+\)""")
LINE = re.compile(rf"(?P<ticks>`+)[^`\n]++(?P=ticks)|(?P<open>{OPENER.pattern})|\\.")


def _reader() -> MarkdownIt:
    """A reader of blocks and paragraphs that knows formulas by place."""
    reader = MarkdownIt("commonmark").enable("table").use(front_matter_plugin)
    reader.disable(["emphasis", "balance_pairs", "fragments_join", "entity", "link", "image"])
    reader.core.ruler.disable(["inline", "text_join"])
    reader.block.ruler.before("lheading", "display", _display, {"alt": ["paragraph"]})
    reader.inline.ruler.before("escape", "formula", _formula)
    reader.inline.ruler.after("backticks", "destination", _destination)
    return reader


READER = _reader()
