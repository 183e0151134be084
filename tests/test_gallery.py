"""The gallery travels with the package: what is installed from the wheel finds its pages in any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from symderiv.paths import gallery

ROOT = Path(__file__).parent.parent
PAGES = sorted(path.name for path in (ROOT / "derivations").glob("*.py"))
DOCUMENT = "```symderiv\nuse batchnorm\n```\n$$\\frac{\\partial f}{\\partial \\beta} = \\sum_i \\frac{\\partial f}{\\partial y_i}$$\n"


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The wheel, unpacked as pip does it."""
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    folder = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


@pytest.fixture
def run(installed, tmp_path):
    """The command as it is installed, in an empty folder."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(installed)}
        command = [sys.executable, "-m", "symderiv", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


def test_the_wheel_has_all_pages_and_no_other(installed):
    assert sorted(path.name for path in (installed / "symderiv/derivations").iterdir()) == PAGES


def test_a_kernel_is_made_of_a_page_of_the_gallery(run):
    done = run("kernel", "softmax")
    assert (done.returncode, done.stderr) == (0, "")
    assert "def backward(" in done.stdout


def test_a_document_uses_a_page_of_the_gallery(run, tmp_path):
    (tmp_path / "notes.md").write_text(DOCUMENT, encoding="utf-8")
    done = run("verify", "notes.md")
    assert (done.returncode, done.stdout.splitlines()[-2:]) == (0, ["1 step: 1 proved", "0 definitions, 0 remarks passed over"])


def test_a_page_here_comes_before_one_of_the_gallery(run, tmp_path):
    (tmp_path / "derivations").mkdir()
    (tmp_path / "derivations/softmax.py").write_text("1/0")
    done = run("kernel", "softmax")
    assert (done.returncode, done.stderr) == (2, "error: derivations/softmax.py:1: ZeroDivisionError: division by zero\n")
    assert "def backward(" in run("kernel", "rms_norm").stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", ["verify", "report"])
def test_all_pages_of_the_gallery_are_meant_where_none_is_named(run, tmp_path, command):
    done = run(command)
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout if command == "verify" else "\n".join(path.read_text() for path in tmp_path.glob("reports/*.html"))
    assert [name for name in PAGES if f"/symderiv/derivations/{name}" not in told] == []


def test_in_a_checkout_the_gallery_lies_beside_the_package(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert gallery.pages_folder() == str(ROOT / "derivations")
    (tmp_path / "derivations").mkdir()
    assert gallery.pages_folder() == "derivations"


def test_without_a_gallery_the_folder_here_is_meant(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gallery, "files", lambda _package: tmp_path / "symderiv")
    assert (gallery.pages_folder(), gallery.page_named("softmax")) == ("derivations", None)
