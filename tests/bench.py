"""How long it takes, as ratios within one run: machines are shared and noisy, so only the ratios mean something.

Run with `make bench`. Prints Markdown tables, and writes the first one into README.md; `--readme` stops after it, `--quick` goes
less far and writes nothing.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from math import log
from pathlib import Path
from statistics import linear_regression, median

import sympy
from bench_code import code_rows
from bench_families import FAMILIES, IDENTITIES, Family, Identity

from symderiv import Derivation
from symderiv.judging import verify
from symderiv.language.claim import Step
from symderiv.language.verdict import name_of
from symderiv.proof.side import Known

FOLDER = "derivations"
PAGE = f"{FOLDER}/batchnorm.py"
QUICK = "--quick" in sys.argv
README = Path("README.md")
HEADS = ("what", "median", "ratio")
BEGIN, END = "<!-- written by make bench -->", "<!-- up to here -->"
ROUNDS = 3 if QUICK else 9
SECONDS_FOR_A_MEMBER = 1 if QUICK else 5  # a family is left once one of its members has taken longer
SLOW_SECONDS = 1.0

Row = tuple[str, ...]


def main() -> None:
    times = [*process_rows(), *warm_rows(), *whole_rows(), *identity_rows()]
    table("One page, and all", HEADS, times)
    if not QUICK:
        README.write_text(with_times(README.read_text(encoding="utf-8"), times, circumstances()), encoding="utf-8")
    if "--readme" in sys.argv:
        return
    table("The whole gallery from the command line", ("what", "user CPU", "ratio", "wall", "ratio"), gallery_rows())
    table("Each page in one warm process", ("page", "steps", "time", "its slowest step", "time"), page_rows())
    table("Code, and the same by central differences", ("example", "verdicts", "proof", "differences", "ratio"), code_rows(QUICK))
    table("Growth", ("family", "seconds of CPU for k = ...", "exponent", "slowest step"), map(family_row, FAMILIES))
    table("What nerva-sympy tests", ("identities", "here, every size", "SymPy, 2 or 3 samples", "ratio"), map(nerva_row, IDENTITIES))


def table(title: str, heads: Row, rows: Iterable[Row]) -> None:
    """Prints row by row, as soon as each is there."""
    print(f"\n{title}\n")
    for line in lines(heads, rows):
        print(line, flush=True)


def lines(heads: Row, rows: Iterable[Row]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def with_times(text: str, rows: Iterable[Row], told: str) -> str:
    """The README with these times. Fails where it has no place for them, or several."""
    written = "\n".join([BEGIN, *lines(HEADS, rows), "", told, END])
    changed, count = re.subn(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: written, text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"README.md has {count} places for the times; one is wanted, from {BEGIN} to {END}")
    return changed


def circumstances() -> str:
    """Where the times were measured, and how."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = f"Python {platform.python_version()} and SymPy {sympy.__version__}"
    cores = f"{usable} shared cores under a load of {os.getloadavg()[0]:.0f}"
    return f"Measured with {versions} on {cores}: medians of {ROUNDS} runs, taken in turns; `simplify` and the whole once."


def shown(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def spent(work: Callable[[], object]) -> float:
    """The CPU seconds that some work takes in this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def run(*arguments: str) -> tuple[float, float]:
    """User CPU of a Python process and all that it started, and the time by the clock."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime, time.monotonic()
    subprocess.run([sys.executable, *arguments], check=False, stdout=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, time.monotonic() - start


def process_rows() -> list[Row]:
    """The command against the import of SymPy, in turns."""
    pairs = [(run("-c", "import sympy")[0], run("-m", "symderiv", "verify", PAGE)[0]) for _ in range(ROUNDS)]
    base, command = (median(times) for times in zip(*pairs, strict=True))
    ratio = median(b / a for a, b in pairs)
    return [
        ('`python -c "import sympy"`, user CPU', shown(base), "1"),
        (f"`python -m symderiv verify {PAGE}`, user CPU", shown(command), f"{ratio:.2f}"),
    ]


def whole_rows() -> list[Row]:
    """All pages from the command line, once, against the import of SymPy."""
    paths = sorted(map(str, Path(FOLDER).glob("*.py")))
    steps = sum(len(verify.load(path).steps) for path in paths)
    base, whole = run("-c", "import sympy")[0], run("-m", "symderiv", "verify", "--jobs", "1", FOLDER)[0]
    return [(f"all of `{FOLDER}/`, {len(paths)} pages with {steps} steps, user CPU", shown(whole), f"{whole / base:.0f}")]


def gallery_rows() -> Iterator[Row]:
    """All pages, with one process at work and with two, against the import of SymPy, in turns."""
    commands: dict[str, Row] = {
        '`python -c "import sympy"`': ("-c", "import sympy"),
        **{f"`python -m symderiv verify --jobs {n}`": ("-m", "symderiv", "verify", "--jobs", str(n)) for n in (1, 2)},
    }
    rounds = [[run(*arguments) for arguments in commands.values()] for _ in range(1 if QUICK else 3)]
    base_cpu, base_wall = map(median, zip(*(times[0] for times in rounds), strict=True))
    for what, times in zip(commands, zip(*rounds, strict=True), strict=True):
        cpu, wall = map(median, zip(*times, strict=True))
        yield what, shown(cpu), f"{cpu / base_cpu:.1f}", shown(wall), f"{wall / base_wall:.1f}"


def page_rows() -> list[Row]:
    """All steps of each page, the second time in this process, slowest page first."""
    paths = sorted(map(str, Path(FOLDER).glob("*.py")))
    for path in paths:
        page_times(path)
    found = sorted(((sum(t for t, _ in times), path, times) for path in paths if (times := page_times(path))), reverse=True)
    rows = [(Path(path).stem, str(len(times)), shown(all_), max(times)[1], shown(max(times)[0])) for all_, path, times in found]
    count, seconds = sum(len(times) for _, _, times in found), sum(all_ for all_, _, _ in found)
    slow = sum(t > SLOW_SECONDS for _, _, times in found for t, _ in times)
    return [*rows, ("all", str(count), shown(seconds), f"{slow} steps take more than {SLOW_SECONDS:g} s", "")]


def page_times(path: str) -> list[tuple[float, str]]:
    """The CPU seconds and the label of each step of a page."""
    page = verify.load(path)
    labels = [label for d in page.derivations for label in step_labels(d)]
    return [(spent(lambda k=k: verify.judge(page, k)), label) for k, label in enumerate(labels)]


def step_labels(derivation: Derivation) -> list[str]:
    return [c.label if len(c.steps) == 1 else f"{c.label}.{k}" for c in derivation.claims for k in range(1, 1 + len(c.steps))]


def family_row(family: Family) -> Row:
    """Times for k = least, least + 1, ... and the slope of their logarithms; a verdict but `proved` is said."""
    judged(family.make(family.least))
    sizes, times, slowest, notes = [], [], (0.0, ""), []
    for k in range(family.least, 1 + (family.quick if QUICK else family.most)):
        steps = judged(family.make(k))
        sizes.append(k)
        times.append(sum(seconds for seconds, _, _ in steps))
        slowest = max(slowest, *((seconds, f"{label} at k = {k}") for seconds, label, _ in steps))
        notes += [f"{label} at k = {k}: {verdict}" for _, label, verdict in steps if verdict != "proved"]
        if times[-1] > SECONDS_FOR_A_MEMBER:
            notes.append(f"left at k = {k}")
            break
    slope = linear_regression([*map(log, sizes)], [*map(log, times)]).slope
    said = ", ".join(f"{k}: {t:.3f}" for k, t in zip(sizes, times, strict=True))
    return family.title, "; ".join([said, *notes]), f"{slope:.1f}", f"{slowest[1]}, {shown(slowest[0])}"


def judged(derivation: Derivation) -> list[tuple[float, str, str]]:
    """Each step's CPU seconds, label and verdict, what is known shared as in a page."""
    known = Known()
    found = []
    for label, step in zip(step_labels(derivation), (s for c in derivation.claims for s in c.steps), strict=True):
        start = time.process_time()
        judgement = verify.judge_step(step, derivation.program, known)
        found.append((time.process_time() - start, label, name_of(judgement.graph)))
    return found


def nerva_row(identity: Identity) -> Row:
    """The proofs for every size against `diff` and `simplify` of matrices of symbols."""
    times = []
    for _ in range(ROUNDS):
        steps = judged(identity.derivation())
        assert all(verdict == "proved" for _, _, verdict in steps), steps
        times.append(sum(seconds for seconds, _, _ in steps))
    here, there = median(times), spent(lambda: check_at_one_size(identity))
    return identity.title, shown(here), shown(there), f"{there / here:.1f}"


def check_at_one_size(identity: Identity) -> None:
    for formula, derivative in identity.pairs():
        assert sympy.simplify(formula - derivative).is_zero_matrix


def warm_rows() -> list[Row]:
    """All steps of the page in one process that has judged it before."""
    times = [sum(seconds for seconds, _ in page_times(PAGE)) for _ in range(1 + ROUNDS)][1:]
    return [(f"its {len(page_times(PAGE))} steps in one warm process", shown(median(times)), "")]


def identity_rows() -> Iterator[Row]:
    """The last identity of the page, proved for every m, against `simplify` at a few."""
    proof = final_identity_seconds()
    yield "the final identity of 3f, here, for every m", shown(proof), "1"
    for m in (4, 8) if QUICK else (4, 8, 16):
        seconds = simplify_seconds(m)
        yield f"the same with SymPy's `simplify`, m = {m} only", shown(seconds), f"{seconds / proof:.0f}"


def final_identity_seconds() -> float:
    """The time to prove the last line of 3f from the definitions."""
    times = []
    for _ in range(ROUNDS):
        page = verify.load(PAGE)
        (derivation,) = page.derivations
        chain = next(claim for claim in derivation.claims if claim.label == "3f").steps
        start = time.process_time()
        verify.judge_step(Step(chain[0].left, chain[-1].right), derivation.program)
        times.append(time.process_time() - start)
    return median(times)


def simplify_seconds(m: int) -> float:
    """`simplify` on the difference between SymPy's own derivative and the last line of 3f, at one m."""
    x, dy = sympy.symbols(f"x:{m}", real=True), sympy.symbols(f"g:{m}", real=True)
    gamma, beta = sympy.symbols("gamma beta", real=True)
    eps = sympy.symbols("varepsilon", positive=True)
    mu = sum(x) / m
    var = sum((a - mu) ** 2 for a in x) / m
    xhat = [(a - mu) / sympy.sqrt(var + eps) for a in x]
    f = sum(g * (gamma * h + beta) for g, h in zip(dy, xhat, strict=True))
    claimed = (m * gamma * dy[0] - gamma * sum(dy) - xhat[0] * gamma * sum(g * h for g, h in zip(dy, xhat, strict=True))) / (
        m * sympy.sqrt(var + eps)
    )
    start = time.process_time()
    result = sympy.simplify(sympy.diff(f, x[0]) - claimed)
    assert result == 0, result
    return time.process_time() - start


if __name__ == "__main__":
    main()
