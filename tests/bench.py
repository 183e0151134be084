"""How long it takes, as ratios within one run: machines are shared and noisy, so only the ratios mean something.

Run with `make bench`. Prints a Markdown table; `--quick` leaves out SymPy at m = 16.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from statistics import median

import sympy

from symderiv import verify

PAGE = "derivations/batchnorm.py"
ROUNDS = 9


def main() -> None:
    sizes = (4, 8) if "--quick" in sys.argv else (4, 8, 16)
    rows = [*process_rows(), *warm_rows()]
    proof = final_identity_seconds()
    rows.append(("the final identity of 3f, here, for every m", f"{1000 * proof:.1f} ms", "1"))
    for m in sizes:
        seconds = simplify_seconds(m)
        rows.append((f"the same with SymPy's `simplify`, m = {m} only", f"{seconds:.2f} s", f"{seconds / proof:.0f}"))
    print("| what | median | ratio |")
    print("| --- | --- | --- |")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def user_seconds(*arguments: str) -> float:
    """User CPU of a Python process and all that it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def process_rows() -> list[tuple[str, str, str]]:
    """The command against the import of SymPy, in turns."""
    pairs = [(user_seconds("-c", "import sympy"), user_seconds("-m", "symderiv", "verify", PAGE)) for _ in range(ROUNDS)]
    base, command = (median(times) for times in zip(*pairs, strict=True))
    ratio = median(b / a for a, b in pairs)
    return [
        ('`python -c "import sympy"`, user CPU', f"{base:.2f} s", "1"),
        (f"`python -m symderiv verify {PAGE}`, user CPU", f"{command:.2f} s", f"{ratio:.2f}"),
    ]


def warm_rows() -> list[tuple[str, str, str]]:
    """All steps of the page in one process that has judged it before."""
    times = []
    for _ in range(ROUNDS):
        page = verify.load(PAGE)
        start = time.process_time()
        for k in range(len(page.steps)):
            verify.judge(page, k)
        times.append(time.process_time() - start)
    return [(f"its {len(page.steps)} steps in one warm process", f"{median(times[1:]):.3f} s", "")]


def final_identity_seconds() -> float:
    """The time to prove the last line of 3f from the definitions."""
    times = []
    for _ in range(ROUNDS):
        page = verify.load(PAGE)
        (derivation,) = page.derivations
        chain = next(claim for claim in derivation.claims if claim.label == "3f").steps
        start = time.process_time()
        verify.judge_step(verify.Step(chain[0].left, chain[-1].right), derivation.program)
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
