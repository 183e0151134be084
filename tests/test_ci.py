"""What must pass before a change lands: each step of `.ci/run` is done, and its no is the last word."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAKE = '#!/bin/sh\necho "make $*" >> log\ncase "$*" in "$FAILS"*) exit 1;; esac\n'
PYTHON = """#!/bin/sh
case "$*" in
  "-c import sys; print"*) echo 11 ;;
  *--collect-only*) exit "$COLLECTED" ;;
  "-c import ensurepip, sys, venv"*) case "$*" in *"(3, VERSION)"*) exit 0;; esac; exit 1 ;;
  *) echo "python $*" >> log ;;
esac
"""
SLOW = "python -m pytest -m slow --numprocesses auto --dist loadfile"


@pytest.fixture
def run(tmp_path):
    """Runs a copy of `.ci/run` in which `make` and the Pythons only say what they were asked; gives status, that, and the output."""

    def program(path: str, text: str) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
        (tmp_path / path).chmod(0o755)

    def run(pythons: dict[str, str], collected: int = 0, fails: str = "nothing") -> tuple[int, list[str], str]:
        program(".ci/run", (ROOT / ".ci/run").read_text())
        program("bin/make", MAKE)
        for path, version in {".venv/bin/python": "11", **pythons}.items():
            program(path, PYTHON.replace("VERSION", version))
        tools = {name: shutil.which(name) for name in ("bash", "sh", "dirname", "env")}
        for name, path in tools.items():
            assert path is not None
            (tmp_path / "bin" / name).symlink_to(path)
        environment = {"PATH": str(tmp_path / "bin"), "PYENV_ROOT": str(tmp_path / "pyenv"), "HOME": str(tmp_path)}
        environment |= {"COLLECTED": str(collected), "FAILS": fails}
        done = subprocess.run([".ci/run"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return done.returncode, (tmp_path / "log").read_text().replace(f"{tmp_path}/", "").splitlines(), done.stdout

    return run


def test_all_is_tried_that_the_machine_has(run):
    """A Python on the path, one of pyenv's that is not chosen, and one that is another than it is called."""
    pythons = {"bin/python3.12": "11", "pyenv/versions/3.12.7/bin/python": "12", "bin/python3.13": "13"}
    status, asked, _ = run(pythons)
    assert (status, asked) == (
        0,
        [
            "make check",
            SLOW,
            "make verify",
            "make test PYTHON=pyenv/versions/3.12.7/bin/python VENV=.venv-3.12",
            "make test PYTHON=python3.13 VENV=.venv-3.13",
        ],
    )


def test_what_the_machine_lacks_is_said(run):
    status, asked, said = run({}, collected=5)
    assert (status, asked) == (0, ["make check", "make verify"])
    assert said.splitlines() == ["no slow tests", *(f"Python 3.{k} is not on this machine: not tried" for k in (12, 13))]


@pytest.mark.parametrize(
    ("fails", "collected", "last"),
    [
        ("check", 0, "make check"),
        ("nothing", 2, "make check"),
        ("verify", 0, "make verify"),
        ("test", 0, "make test PYTHON=python3.12 VENV=.venv-3.12"),
    ],
)
def test_a_step_that_fails_is_the_last(run, fails, collected, last):
    status, asked, _ = run({"bin/python3.12": "12", "bin/python3.13": "13"}, collected, fails)
    assert (status != 0, asked[-1]) == (True, last)


def test_the_pythons_that_are_promised_are_tried():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    promised = [c.rpartition(".")[2] for c in project["classifiers"] if re.search(r":: 3\.\d+$", c)]
    (tried,) = re.findall(r"^for minor in ([\d ]+); do$", (ROOT / ".ci/run").read_text(), re.MULTILINE)
    assert promised == tried.split()
    assert project["requires-python"] == f">=3.{promised[0]}"
    assert os.access(ROOT / ".ci/run", os.X_OK)
