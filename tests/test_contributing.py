"""CONTRIBUTING.md names what is there: rooms, modules and functions."""

from __future__ import annotations

import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

TEXT = Path("CONTRIBUTING.md").read_text("utf-8")
ROOMS = [p.parent.name for p in Path("symderiv").glob("*/__init__.py") if p.parent.name not in ("kernels", "paths")]
DOTTED = sorted(set(re.findall(r"`((?:\w+\.)+\w+)`", TEXT)) - set(re.findall(r"`(tests/\S+)`", TEXT)))


def test_every_room_is_told_of():
    assert [room for room in sorted(ROOMS) if f"| `{room}` |" not in TEXT] == []


@pytest.mark.parametrize("name", [n for n in DOTTED if not n.endswith(".md")])
def test_what_it_names_is_there(name):
    """`processes.worker` is a module; `normal.normal`, said of the room `proof`, a function of one."""
    for room in ("", "documents.", "proof."):
        try:
            resolve_name(f"symderiv.{room}{name}")
        except (ImportError, AttributeError):
            continue
        return
    pytest.fail(f"{name} is nowhere")


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:\w+/)+\w+\.\w+)`", TEXT))))
def test_the_files_that_it_names_are_there(path):
    assert Path(path).exists() or Path("symderiv", path).exists() or Path("symderiv", path.rsplit(".", 1)[0] + ".py").exists()
