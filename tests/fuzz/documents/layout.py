"""A document, written: its declarations and rows, each in one of the ways in which people write them; and where each row begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from fuzz.documents.claims import Row
from fuzz.documents.latex import SIGNS, Pen
from fuzz.documents.trees import Big, Page, Ref, Size, bound, free, renamed, settled, subtrees


@dataclass
class Written:
    text: str = ""
    suffix: str = ".md"
    lines: dict[int, Row] = field(default_factory=dict)  # where each row begins
    ends: dict[int, int] = field(default_factory=dict)  # and where it ends
    letters: dict[int, Mapping[str, str]] = field(default_factory=dict)  # what its letters are called

    def at(self, line: int, page: Page) -> tuple[Page, Row]:
        """The page and a row as they are written there."""
        names = self.letters.get(line, {})
        return (page.under(names), called(self.lines[line], names)) if names else (page, self.lines[line])


def names_in(trees: Sequence[Any]) -> set[str]:
    return {t.name for tree in trees for t in subtrees(tree) if isinstance(t, (Ref, Size))}


def called(row: Row, names: Mapping[str, str]) -> Row:
    """The row with other letters."""
    given = tuple(renamed(g, names) for g in row.given)
    return replace(row, members=tuple(renamed(m, names) for m in row.members), given=given)


def letters_of(row: Row, page: Page, seed: int) -> Mapping[str, str]:
    """What the letters are called in a row, where each row gives them a range of its own."""
    if not page.loose:
        return {}
    letters = list(page.letters)
    return dict(zip(letters, Random(f"letters {seed} {row}").sample(letters, len(letters)), strict=True))


def formulas_of(row: Row) -> list[Any]:
    """All that stands in a row, but for what it defines."""
    return [*row.members[bool(row.defines) :], *row.given]


def used(trees: Sequence[Any]) -> set[str]:
    """The letters that are positions of arrays, which tells their ranges."""
    return {p.at for tree in trees for t in subtrees(tree) if isinstance(t, Ref) for p in t.at if isinstance(p.at, str)}


def is_told(row: Row, page: Page) -> bool:
    """Whether a reader can know the ranges of the letters of a row: they are declared, or used, or those of sums."""
    trees = formulas_of(row)
    return not page.loose or frozenset().union(*map(free, trees)) <= used(trees)


def wandering(page: Page, rows: Sequence[Row], seed: int) -> set[str]:
    """The letters that have one range in one row, and another one elsewhere."""
    sizes: dict[str, set[str]] = {}
    for row in rows if page.loose else ():
        names = letters_of(row, page, seed)
        for tree in (*row.members, *row.given):
            for letter in free(tree) | bound(tree):
                sizes.setdefault(names[letter], set()).add(page.letters[letter])
    return {letter for letter, found in sizes.items() if len(found) > 1}


def owed(row: Row, letters: set[str], random: Random) -> dict[str, int]:
    """For each of these letters, if its use does not tell its range, which of the sums over it has limits: any, but one of them."""
    trees = formulas_of(row)
    counts = Counter(t.letter for tree in trees for t in subtrees(tree) if isinstance(t, Big) and t.low == 1 and not t.but)
    return {x: random.randrange(counts[x]) for x in sorted(letters - used(trees)) if counts[x]}


def declared(page: Page, pen: Pen) -> list[str]:
    if page.shapes:
        given = [f"{name}: {shape}" if shape else f"input {name}" for name, shape in page.shapes.items()]
        lines = [f"input {', '.join(g for g in given if ':' in g)}", *(g for g in given if ":" not in g)]
        return lines + [f"objective {name}({', '.join(nodes)})" for name, nodes in page.objectives.items() if nodes]
    lines = []
    if page.loose:
        signs = {n: pen.random.choice(SIGNS[s]) + " 0" for n, s in page.signs.items() if s}
        shapes = {n: r" \times ".join(s) for n, s in page.inputs.items()}
        given = [f"{n}: {s}" if s else f"{n} {signs.get(n, '')}".strip() for n, s in shapes.items()]
        objectives = [f"objective {name}({', '.join(nodes)})" for name, nodes in page.objectives.items()]
        return [f"size {', '.join(page.sizes)}", *(f"input {g}" for g in given), *objectives]
    for size in page.sizes:
        lines.append(f"index {', '.join(page.over(size))} = 1..{size}")
    for name, dimensions in page.inputs.items():
        letters, used = [], set()
        for d in dimensions:
            letter = next(x for x in page.over(d) if x not in used)
            used.add(letter)
            letters.append(letter)
        entry = name + (f"_{{{''.join(letters)}}}" if letters else "")
        sign = {">": " > 0", "≠": r" \neq 0", "≥": r" \geq 0", "": ""}[page.signs.get(name, "")]
        lines.append(f"input {entry}{sign}")
    lines += [f"objective {name}({', '.join(nodes)})" for name, nodes in page.objectives.items()]
    return lines


def conditions_written(row: Row, pen: Pen) -> tuple[str, str, str]:
    """The conditions of a row: words before the formula, something that it begins with, something that it ends with."""
    if not row.given:
        return "", "", ""
    texts = [pen.compared(g) for g in row.given]
    joined = r", \quad ".join(texts) if pen.chance(0.5) else r" \text{ and } ".join(texts)
    forms = [
        ("", "", rf" \quad \text{{for }} {joined}"),
        ("", "", rf", \quad {joined}"),
        ("", "", rf" \quad \text{{if }} {joined}"),
        ("", "", rf" \quad ({texts[0]})" if len(texts) == 1 else rf" \quad \text{{where }} {joined}"),
        ("", rf"\text{{For }} {joined}, \quad ", ""),
        ("", rf"\text{{If }} {joined}, ", ""),
        (f"If {' and '.join(f'${t}$' for t in texts)},", "", ""),
        ("", rf"{texts[0]} \Rightarrow ", "") if len(texts) == 1 else ("", "", rf"\quad \text{{when }} {joined}"),
    ]
    return pen.random.choice(forms)


def write(page: Page, rows: Sequence[Row], seed: int) -> Written:
    """The document, in a hand of its own: the same rows are written alike whatever stands between them."""
    pen = Pen(page, Random(seed))
    written = Written(suffix=".tex" if pen.chance(0.25) else ".md")
    lines = declared(page, pen)
    tex = written.suffix == ".tex"
    out = (
        [r"\documentclass{article}", r"\begin{document}", "% symderiv:", *(f"% {x}" for x in lines)]
        if tex
        else ["```symderiv", *lines, "```"]
    )
    out.append("")
    several = wandering(page, rows, seed)
    for group in grouped(rows, seed):
        texts = []
        for row in group:
            names = letters_of(row, page, seed)
            pen.page = page.under(names) if names else page
            written_row = called(row, names) if names else row
            pen.owed = owed(written_row, several, Random(f"limits {seed} {row}"))
            texts.append(row_text(written_row, pen, seed))
        if len(group) > 1 and all(not words for words, _ in texts):
            _aligned(group, [members for _, members in texts], out, written)
        else:
            for row, (words, members) in zip(group, texts, strict=True):
                _alone(row, words, members, tex, out, written)
    written.letters = {line: letters_of(row, page, seed) for line, row in written.lines.items()}
    written.text = "\n".join([*out, *([r"\end{document}"] if tex else [])]) + "\n"
    return written


def grouped(rows: Sequence[Row], seed: int) -> list[list[Row]]:
    """Rows that stand in one environment, and others alone."""
    groups: list[list[Row]] = []
    for row in rows:
        joins = groups and not row.defines and not groups[-1][0].defines and len(groups[-1]) < 3
        if joins and (row.broken or Random(f"{seed} {groups[-1][0]}").random() < 0.4):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def row_text(row: Row, pen: Pen, seed: int) -> tuple[str, list[str]]:
    """The words before a row, and its members with what stands before and after them."""
    pen.random = Random(f"{seed} {row}")
    if row.broken or row.remark:
        return "", [row.broken or row.remark]
    words, before, after = conditions_written(row, pen)
    pen.settled = frozenset().union(*map(settled, row.members))
    members = list(row.texts or map(pen.write, row.members))
    if not row.defines and pen.chance(0.06):
        before = f"{pen.random.randrange(1, 9)}. {pen.random.choice('abc')}. {before}"
    if row.defines and len(row.members[0].at if hasattr(row.members[0], "at") else ()) == 1 and pen.chance(0.2):
        letter = row.members[0].at[0].at
        size = pen.page.letters[letter]
        after = pen.random.choice(
            (
                rf", \quad {letter} = 1, \dots, {size}",
                rf" \quad \text{{for }} {letter} = 1, \dots, {size}",
                rf" \quad \forall {letter}",
                rf", \qquad {letter} = 1, 2, \ldots, {size}.",
            )
        )
    elif words:
        after += "."  # what the words say holds up to the end of the sentence
    elif pen.chance(0.2):
        after += pen.random.choice(".,")
    sign = pen.random.choice((":=", r"\triangleq")) if row.defines and pen.chance(0.15) else "="
    members[0] = before + members[0] + (f" {sign} " if sign != "=" else "")
    members[-1] += after
    return words, ["".join(members)] if sign != "=" else members


def _aligned(group: Sequence[Row], texts: Sequence[list[str]], out: list[str], written: Written) -> None:
    hand = Random(f"{texts[-1]}")
    name = hand.choice(("align", "align*", "gather", "aligned"))
    out += ([r"\["] if name == "aligned" else []) + [rf"\begin{{{name}}}"]
    for n, (row, members) in enumerate(zip(group, texts, strict=True)):
        start = len(out) + 1
        written.lines[start] = row
        sign = " = " if name == "gather" else Random(f"{members}").choice((" = ", " &= "))
        broken = " \\\\\n &= " if sign == " &= " and Random(f"{members}").random() < 0.5 else " = "
        text = members[0] + (sign if len(members) > 1 else "") + broken.join(members[1:])
        out += (text + (r" \\" if n < len(group) - 1 else "")).split("\n")
        written.ends[start] = len(out)
    out += [rf"\end{{{name}}}"] + ([r"\]"] if name == "aligned" else []) + [""]


def _alone(row: Row, words: str, members: list[str], tex: bool, out: list[str], written: Written) -> None:
    text = " = ".join(members)
    hand = Random(text)
    form = hand.choice(("$${}$$", "$${}$$", r"\[{}\]", "E" if row.remark else "So ${}$ holds.", "E"))
    if words:
        out += [words, ""] if hand.random() < 0.3 and "So" not in form else [words]
        form = form.replace("So", "then we have")
    if form == "E":
        out.append(r"\begin{equation}")
    written.lines[len(out) + 1] = row
    out.append(text if form == "E" else form.replace("{}", text))
    out += [r"\end{equation}", ""] if form == "E" else [""]
