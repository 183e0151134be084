"""Pages that make several derivations, under one name, in lists, by functions: each claim of each must be judged."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from fuzz.outcome import Outcome
from symderiv.errors import PageError
from symderiv.files import Files

CLAIMS = (("x", "x + 1", "refuted"), ("x + x", "2*x", "proved"), ("x**2", "x", "refuted"), ("Sum(y[i], i)", "Sum(y[j], j)", "proved"))
BODY = """\
    d = Derivation({title!r})
    n = d.size("n"); i, j = d.indices("i j", n); x = d.input("x"); y = d.input("y", i)
{claims}"""
WAYS = (  # each makes a derivation by a function `{make}`
    "d = {make}()", "{make}()", "derivations = [{make}() for k in range(1)]", "d = ({make}(), 1)[0]", "kept = {{'first': {make}()}}",
    "for k in range(1):\n    last = {make}()", "_hidden = {make}()", "d = {make}()\ndel d", "class Pages:\n    one = {make}()",
    "if True:\n    derivation = {make}()", "derivation = {make}()", "x, *rest = [{make}(), 2]",
    "later = lambda: 0\nlater.of = {make}()",
)  # fmt: skip


def source(random: Random) -> tuple[str, Counter[str]]:
    """A page, and how often each verdict must come out."""
    rows, wanted = ["from symderiv import Derivation, Sum", ""], Counter[str]()
    for k in range(random.choice((2, 2, 3, 4))):
        chosen = random.choices(CLAIMS, k=random.choice((1, 1, 2)))
        wanted.update(verdict for _, _, verdict in chosen)
        claims = "".join(f'    d.claim("{n}", {left}, {right})\n' for n, (left, right, _) in enumerate(chosen))
        title = random.choice(("first", "second", "the same"))
        if random.random() < 0.3:
            rows.append(BODY.format(title=title, claims=claims).replace("    ", ""))
            continue
        make = f"make_{k}"
        rows += [f"def {make}():", BODY.format(title=title, claims=claims) + "    return d\n", random.choice(WAYS).format(make=make), ""]
    return "\n".join(rows), wanted


def trial(seed: int) -> Outcome:
    text, wanted = source(Random(seed))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "several.py"
        path.write_text(text)
        files = Files()
        try:
            page = files.load(str(path))
            found = Counter(files.judge(page, k).verdict for k in range(len(files.draft(page).steps)))
        except PageError as error:
            return Outcome("formula lost", f"{text}\n{error}")
    if found == wanted:
        return Outcome("agrees", verdict="several")
    kind = "formula lost" if found.total() < wanted.total() else "wrong proved"
    return Outcome(kind, f"{text}\nof {dict(wanted)} there are {dict(found)}")
