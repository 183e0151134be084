"""Documents of tests: a block of declarations and a text, read and judged."""

from __future__ import annotations

from symderiv.documents.marking.pages import judge, load


def read(tmp_path, declared, text, suffix=".md"):
    """A document judged, and the verdicts of its steps, a slip before a verdict."""
    file = tmp_path / f"page{suffix}"
    lines = ["symderiv:", *declared.splitlines()]
    block = "".join(f"% {line}\n" for line in lines) if suffix == ".tex" else f"```symderiv\n{declared}\n```\n"
    file.write_text(f"{block}\n{text}\n")
    page = load(str(file))
    steps = [judge(page, k) for k in range(len(page.draft.steps))]
    return page.draft.with_steps(dict(enumerate(steps))), [step.slip or step.verdict for step in steps]
