"""Documents cut into formulas, declarations and macros: what is a formula, where it stands, and what is no document."""

from __future__ import annotations

from contextlib import suppress

import pytest
from counted import calls
from hypothesis import given, strategies as st

from symderiv.documents.syntax.tokens import Macro
from symderiv.documents.text.source import FORMULAS, Block, Snippet, Source, read_source
from symderiv.errors import PageError, SymderivError


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("documents")


def read(folder, text: str | bytes, name: str = "notes.md") -> Source:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_source(str(path))


def shown(source: Source) -> list[tuple[int, int, str]]:
    """Line, column and text of each formula."""
    return [(part.line, part.column, part.latex) for part in source.parts if isinstance(part, Snippet)]


MARKDOWN = {
    # what                        the document, and (line, column, formula) of each formula
    "one line": ("$$a=b$$", [(1, 3, "a=b")]),
    "blanks inside": ("The shape of  $ X $ : $m \\times 10$ .", [(1, 17, "X"), (1, 24, "m \\times 10")]),
    "several lines": ("$$\n\na\n  = b\n\n$$", [(3, 1, "a\n= b")]),
    "display in a paragraph": ("so $$a$$ and $$b$$, $c$", [(1, 6, "a"), (1, 16, "b"), (1, 22, "c")]),
    "two displays on a line": ("$$a$$ and $$b$$", [(1, 3, "a"), (1, 13, "b")]),
    "display right below words": ("words:\n$$\n- a\n+ b\n= c\n---\n$$\nmore $d$", [(3, 1, "- a\n+ b\n= c\n---"), (8, 7, "d")]),
    "display opened after words": ("words: $$\n> a\n# b\n$$ more", [(2, 1, "> a\n# b")]),
    "blank line in a display": ("$$\na = b\n\nc = softmax(d) \\text{ if any}\n$$", [(2, 1, "a = b\n\nc = softmax(d) \\text{ if any}")]),
    "list": ("1. a. $x$\n\n   $$\n   y\n   $$\n- $z$", [(1, 8, "x"), (4, 4, "y"), (6, 4, "z")]),
    "indented in a list": ("- words\n\n      code $x$\n  $y$", [(4, 4, "y")]),
    "quote": ("> $$\n> a\n>   b\n> $$", [(2, 3, "a\nb")]),
    "blanks at the end of lines": ("$$\n> a  \n  b \n$$", [(2, 1, "> a\nb")]),
    "quote in a list": ("- > $a\n  > b$", [(1, 6, "a\nb")]),
    "heading": ("## On $x$ ##", [(1, 8, "x")]),
    "setext heading": ("On $x$\n===", [(1, 5, "x")]),
    "table": ("| a | b |\n|---|---|\n| $x$ | $x$ |\n| `$` | $\\|y\\|$ |", [(3, 4, "x"), (3, 10, "x"), (4, 11, "|y|")]),
    "emphasis": ("**$a_1 * b_2$** and _$c_1$_", [(1, 4, "a_1 * b_2"), (1, 23, "c_1")]),
    "link": ("[see $x$](http://a.b/$c$) $y$", [(1, 7, "x"), (1, 28, "y")]),
    "html": ("<p>\n$$a$$\n</p>\n\n<!-- $b$ --> $c$\n\n<script>$d$</script>", [(2, 3, "a")]),
    "a script of maths": ('<script type="math/tex; mode=display">\na = b\n</script>\n\n$c$', [(2, 1, "a = b"), (5, 2, "c")]),
    "= between dollars": ("so $a$ = $b$ =\n$c$, and $d$ == $e$", [(1, 5, "a = b = c"), (2, 11, "d"), (2, 18, "e")]),
    "= between brackets": ("so \\(a\\) = \\(b\\)", [(1, 6, "a = b")]),
    "= beside a display": ("so $a$ = $$b$$", [(1, 5, "a"), (1, 12, "b")]),
    "comment in a line": ("a <!-- $b$ --> $c$", [(1, 17, "c")]),
    "code": ("`$a$` ``$b`$`` $c$\n\n    $d$\n\n```\n$e$\n$$\n```\n~~~ tex\n$$f$$\n~~~", [(1, 17, "c")]),
    "unclosed in code": ("so `$$` is\n\n$$a$$", [(3, 3, "a")]),
    "fence of maths": ("```math\na\n = b\n```", [(2, 1, "a\n= b")]),
    "dollar and backtick": ("$`a_1`$", [(1, 3, "a_1")]),
    "money": ("$5 and $10, \\$3, but $5 + 5$. 100$ and 200$.", [(1, 23, "5 + 5")]),
    "digits beside": ("3$\\times$3 and $2$", [(1, 3, "\\times"), (1, 17, "2")]),
    "escaped": ("\\$a\\$ $b\\$c$", [(1, 8, "b\\$c")]),
    "words in a formula": ("$a \\text{ for $i$ in } b$", [(1, 2, "a \\text{ for $i$ in } b")]),
    "brackets": ("\\(a\\) and\n\n\\[\nb = c \\\\[2pt]\n\\]", [(1, 3, "a"), (4, 1, "b = c \\\\[2pt]")]),
    "doubled brackets": ("\\\\(a\\\\) and\n\n\\\\[\nb\\_1\n\\\\]", [(1, 4, "a"), (4, 1, "b\\_1")]),
    "brackets of prose": ("see \\[12\\] and \\[b = c\\]", [(1, 18, "b = c")]),
    "environment": ("words\n\\begin{align}\n+ a\n\\end{align} $b$", [(2, 1, "\\begin{align}\n+ a\n\\end{align}"), (4, 14, "b")]),
    "environment in dollars": ("$$\n\\begin{align*}a\\end{align*}\n$$", [(2, 1, "\\begin{align*}a\\end{align*}")]),
    "front matter": ("---\nprice: $5$\n---\n$a$", [(4, 2, "a")]),
    "tabs": ("-\t$a$\n\n\t$$b$$", [(1, 4, "a"), (3, 4, "b")]),
    "line ends": ("$$\r\na\r\n$$\r\n$b$", [(2, 1, "a"), (4, 2, "b")]),
    "comment": ("$$\na % words\n% more\n+ b 5%\n$$", [(2, 1, "a \n\n+ b 5%")]),
    "nothing inside": ("$$ $$ and $ $", []),
    "byte order mark": ("\ufeff$a$", [(1, 2, "a")]),
}


@pytest.mark.parametrize(("text", "formulas"), MARKDOWN.values(), ids=MARKDOWN)
def test_markdown(folder, text, formulas):
    source = read(folder, text)
    assert (shown(source), source.problems) == (formulas, ())


LATEX = {
    "dollars": ("a $x$ and $$y$$ \\$5 $z$$w$", [(1, 4, "x"), (1, 13, "y"), (1, 22, "z"), (1, 25, "w")]),
    "brackets": ("\\(x\\)\n\\[\n  y \\\\[2pt]\n  z\n\\]", [(1, 3, "x"), (3, 3, "y \\\\[2pt]\n  z")]),
    "environments": (
        "\\begin{align*}\na\n\\end{align*}\\begin{math}b\\end{math}",
        [(1, 1, "\\begin{align*}\na\n\\end{align*}"), (3, 13, "\\begin{math}b\\end{math}")],
    ),
    "comments": ("% $a$\n$b$ 50\\% $c % d$\n e$", [(2, 2, "b"), (2, 11, "c \n e")]),
    "verbatim": (
        "\\begin{verbatim}\n$a$ \\end{x}\n\\end{verbatim}\n\\verb|$b$| $c$\n\\begin{lstlisting}[x]\n$\n\\end{lstlisting}$d$",
        [(4, 13, "c"), (7, 18, "d")],
    ),
    "words": ("\\[ a \\text{ for $i$} \\]$b$", [(1, 4, "a \\text{ for $i$}"), (1, 25, "b")]),
    "after the end": ("$a$\n\\end{document}\n$b$", [(1, 2, "a")]),
    "not followed": ("\\input{secret}\\include{$a$}\\write18{rm -r x}\\usepackage{b}$c$", [(1, 25, "a"), (1, 60, "c")]),
    "in a definition": ("\\newcommand{\\x}{$y$}$\\x$", [(1, 22, "\\x")]),
    "abbreviated": ("\\def\\be{\\begin{equation}}\\def\\ee{\\end{equation}}\n\\be a \\ee $b$", [(2, 1, "\\be a \\ee"), (2, 12, "b")]),
}


@pytest.mark.parametrize(("text", "formulas"), LATEX.values(), ids=LATEX)
def test_latex(folder, text, formulas):
    source = read(folder, text, "paper.tex")
    assert (shown(source), source.problems) == (formulas, ())


def test_inline_and_display(folder):
    displays = [
        part.display for part in read(folder, "$a$ \\(b\\) $$c$$ \\[d=e\\] \\begin{align}f\\end{align} \\begin{math}g\\end{math}").parts
    ]
    assert displays == [False, False, True, True, True, False]


BLOCKS = {
    "fence": ("n.md", "$a$\n```symderiv\nsize m\n\nindex i = 1..m\n```\n", Block(((3, "size m"), (4, ""), (5, "index i = 1..m")))),
    "fence in a quote": ("n.md", "> ~~~symderiv\n>   size m\n> ~~~\n", Block(((2, "  size m"),))),
    "comments": ("n.tex", "$a$\n% symderiv:\n%  size m\n  % index i\nno", Block(((3, " size m"), (4, "index i")))),
    "each line": ("n.tex", "% symderiv: size m\n%symderiv: index i\n", Block(((1, "size m"), (2, "index i")))),
}


@pytest.mark.parametrize(("name", "text", "block"), BLOCKS.values(), ids=BLOCKS)
def test_declarations(folder, name, text, block):
    assert [part for part in read(folder, text, name).parts if isinstance(part, Block)] == [block]


TITLES = [
    # file      text                                    title
    ("n.md", "words\n\n## Batch *norm*\n\n# More", "Batch *norm*"),
    ("n.md", "---\ntitle: 'Batch norm'\n---\n# More", "Batch norm"),
    ("n.md", "$a$", "n"),
    ("n.tex", "%\\title{Old}\n\\title[Short]{Batch\n  {\\bf norm}}\\section{A}", "Batch {\\bf norm}"),
    ("n.tex", "\\section*{A}", "A"),
    ("n.tex", "$a$ \\title{", "n"),
]


@pytest.mark.parametrize(("name", "text", "title"), TITLES)
def test_titles(folder, name, text, title):
    assert read(folder, text, name).title == title


MACROS = [
    # definition                                    name        what it stands for
    (r"\newcommand{\x}{\mathbf{x}}", r"\x", Macro(0, r"\mathbf{x}")),
    (r"\newcommand*\x[2]{#1_{#2}}", r"\x", Macro(2, "#1_{#2}")),
    (r"\renewcommand { \vec } [1] {\mathbf{#1}}", r"\vec", Macro(1, r"\mathbf{#1}")),
    (r"\providecommand\R{\mathbb R}", r"\R", Macro(0, r"\mathbb R")),
    (r"\def\d#1#2{\frac{\partial #1}{\partial #2}}", r"\d", Macro(2, r"\frac{\partial #1}{\partial #2}")),
    (r"\DeclareMathOperator{\tr}{tr}", r"\tr", Macro(0, r"\operatorname{tr}")),
    (r"\DeclareMathOperator*{\argmax}{arg\,max}", r"\argmax", Macro(0, r"\operatorname*{arg\,max}")),
    ("\\newcommand{\\x}{% a } \n  y}", r"\x", Macro(0, "y")),
]


@pytest.mark.parametrize(("text", "name", "macro"), MACROS)
def test_macros(folder, text, name, macro):
    in_latex = read(folder, f"{text} $a$", "n.tex")
    inside = read(folder, f"$${text} a$$")
    outside = read(folder, f"words {text} $a$ `\\def\\no{{}}`")
    for source in (in_latex, inside, outside):
        assert (dict(source.macros), source.problems, [latex for _, _, latex in shown(source)]) == ({name: macro}, (), ["a"])


def test_a_formula_goes_on_after_a_definition(folder):
    (snippet,) = read(folder, r"$a + \def\x{y} \x$").parts
    assert isinstance(snippet, Snippet)
    assert (snippet.latex, snippet.place(0), snippet.place(4), snippet.place(5), snippet.place(7)) == (
        r"a +  \x",
        (1, 2),
        (1, 15),
        (1, 16),
        (1, 18),
    )


PROBLEMS = {
    "dollars": ("n.md", "$a$\n\n$$b\n\nwords\n\n$$c$$", [(1, 2, "a"), (7, 3, "c")], [(3, "`$$` is never closed")]),
    "words with a formula": ("n.md", "$$b\n\nwhere x_i is\n\n$$c$$", [(5, 3, "c")], [(1, "`$$` is never closed")]),
    "bracket": ("n.md", "\\[ a\n\n$b$", [(3, 2, "b")], [(1, "`\\[` is never closed")]),
    "environment": (
        "n.md",
        "\\begin{align} a\n\n\\begin{align} b\\end{align}",
        [(3, 1, "\\begin{align} b\\end{align}")],
        [(1, "`\\begin{align}` is never closed")],
    ),
    "fence": ("n.md", "```\n$a$", [], [(1, "the block ````` is never closed")]),
    "dollar": ("n.tex", "it is $5 a\n\n$b$", [(3, 2, "b")], [(1, "`$` is never closed")]),
    "dollars in LaTeX": ("n.tex", "$$ a\n\nb $c$ $$d$$", [(3, 4, "c"), (3, 9, "d")], [(1, "`$$` is never closed")]),
    "brackets in LaTeX": ("n.tex", "\\[ a \\[ b \\] \\( c", [(1, 9, "b")], [(1, "`\\[` is never closed"), (1, "`\\(` is never closed")]),
    "verbatim": ("n.tex", "$a$\n\\begin{verbatim} $b$", [(1, 2, "a")], [(2, "`\\begin{verbatim}` is never closed")]),
    "definition": (
        "n.tex",
        "\\def\\x(#1){a} $b$\n\\newcommand{\\x}",
        [(1, 16, "b")],
        [
            (1, "the definition `\\def\\x(#1){a} $b$` is not read: write \\newcommand{\\name}[number]{...}"),
            (2, "the definition `\\newcommand{\\x}` is not read: write \\newcommand{\\name}[number]{...}"),
        ],
    ),
    "default": (
        "n.tex",
        "\\newcommand{\\x}[1][2]{a}",
        [],
        [(1, "the definition `\\newcommand{\\x}[1][2]{a}` is not read: write \\newcommand{\\name}[number]{...}")],
    ),
    "twice": (
        "n.tex",
        "\\def\\x{a}\n\\def\\x{a}\n\\def\\x{b}",
        [],
        [(3, "`\\x` is defined again, as something else; the last definition counts everywhere")],
    ),
}


@pytest.mark.parametrize(("name", "text", "formulas", "problems"), PROBLEMS.values(), ids=PROBLEMS)
def test_one_slip_does_not_hide_the_rest(folder, name, text, formulas, problems):
    source = read(folder, text, name)
    assert (shown(source), list(source.problems)) == (formulas, problems)


BAD = {
    "empty": (b" \n", "n.md: is empty."),
    "UTF-16": ("$a$".encode("utf-16"), "n.md:1: is UTF-16, not UTF-8; save it as UTF-8."),
    "UTF-16 without a mark": ("$a$".encode("utf-16-le"), "n.md:1: has a NUL byte, so it is no text in UTF-8."),
    "binary": (b"\x89PNG\r\n\x1a\n\0", "n.md:3: has a NUL byte, so it is no text in UTF-8."),
    "Latin-1": ("a\n$é$".encode("latin-1"), "n.md:2: the byte 0xe9 is not UTF-8, perhaps Latin-1; save the file as UTF-8."),
    "too large": (b"a" * (1 << 20) + b"a", "n.md: is larger than 1 MiB; split the document."),
    "formulas": (b"$a$ " * (2 * FORMULAS), "n.md:1: more than 10000 formulas; split the document."),
    "marks": (b"$" * 200_000, "n.md: has more than 40000 marks of formulas; split the document."),
    "definitions": (b"\\def\\a{" * 3000, "n.md: has more than 2000 macro definitions; split the document."),
    "problems": (b"\\begin{align}\n" * 200, "n.md:101: `\\begin{align}` is never closed; and 100 such problems before it."),
}


@pytest.mark.parametrize(("data", "message"), BAD.values(), ids=BAD)
def test_what_is_no_document(folder, data, message):
    with pytest.raises(PageError) as raised:
        read(folder, data, "n.md")
    assert str(raised.value) == f"{folder}/{message}"


def test_what_is_no_file(folder):
    with pytest.raises(PageError, match=r"is a folder; name a Markdown or LaTeX file in it\.$"):
        read_source(str(folder))
    with pytest.raises(PageError, match=r"nowhere\.md: there is no such file\.$"):
        read_source(str(folder / "nowhere.md"))


HEAVY = ["\\\\[ ", "\\(", "$\\text{", "> ", "- ", "[", "`a ", "<!--", "\\begin{align}\n\n", "\\verb|", "% symderiv:\n", "$5 "]


@pytest.mark.parametrize("name", ["n.md", "n.tex"])
@pytest.mark.parametrize("unit", HEAVY)
def test_bad_documents_take_bounded_work(folder, name, unit):
    def work() -> None:
        with suppress(SymderivError):
            read(folder, unit * (50_000 // len(unit)), name)

    assert calls(work) < 200 * 50_000


PIECES = st.sampled_from(
    [
        *("$", "$$", "\\[", "\\]", "\\(", "\\)", "\\begin{align}", "\\end{align}", "\\text{", "{", "}", "\\\\", "\\$"),
        *("\n", "\n\n", "\n> ", "\n- ", "\n1. ", "\n    ", "\t", " ", "# ", "---\n", "===\n", "|", "\\|", "\n|-|-|\n"),
        *("%", "<p>", "<!--", "-->", "`", "```", "~~~\n", "% symderiv: ", "```symderiv\n", "```math\n", "\r\n", "\f", "\u2028"),
        *("a", "=", "5", "x_i", "é", "[", "](", ")", "\\def\\x{", "\\def\\x{\\begin{align}}", "\\x ", "\\newcommand{\\y}[1]{", "#1"),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from(["n.md", "n.tex"]))
def test_every_character_of_a_formula_stands_where_it_says(folder, text, name):
    try:
        source = read(folder, text, name)
    except PageError:
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for part in source.parts:
        if isinstance(part, Block):
            assert all(said.strip() in lines[line - 1] for line, said in part.lines)
            continue
        assert part.latex == part.latex.strip() != ""
        assert part.place(0) == (part.line, part.column)
        for offset, character in enumerate(part.latex):
            line, column = part.place(offset)
            assert f"{lines[line - 1]}\n"[column - 1] == character
