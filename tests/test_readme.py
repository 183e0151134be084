"""What the README tells a user to run, run."""

import re
import subprocess
import sys
from pathlib import Path

import bench
import bench_code
import pytest

README = Path("README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
SHELL = [line for language, text in BLOCKS if language == "sh" for line in text.splitlines()]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


CODE = next(text for text in PYTHON if "def batchnorm_backward" in text)
PROOFS = [text for language, text in BLOCKS if language == "sh" and "symderiv prove" in text]


def test_its_backward_pass_is_refuted_repaired_and_proved_in_three_commands(tmp_path):
    (tmp_path / "layers.py").write_text(CODE, encoding="utf-8")
    (commands,) = PROOFS
    asked, repaired, again = commands.splitlines()
    sample = next(text for language, text in BLOCKS if language == "text" and "dx[0, 0]" in text).splitlines()
    first = run("-m", *asked.split(), cwd=tmp_path)
    subprocess.run(repaired, shell=True, cwd=tmp_path, check=True)
    last = run("-m", *again.split(), cwd=tmp_path)
    assert (first.returncode, last.returncode) == (1, 0)
    assert sample[:3] == first.stdout.splitlines()[:3]
    assert sample[3:] == last.stdout.splitlines()[:1]


def test_its_page_is_proved(tmp_path):
    page = next(text for text in PYTHON if "Derivation(" in text)
    (tmp_path / "softmax.py").write_text(page, encoding="utf-8")
    assert "symderiv verify softmax.py" in SHELL
    done = run("-m", "symderiv", "verify", "softmax.py", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 steps: 2 proved\n" in done.stdout


@pytest.mark.parametrize("text", [text for text in PYTHON if "Derivation(" not in text])
def test_its_python_runs(tmp_path, text):
    done = run("-W", "error", "-c", text, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_its_program_prints_what_it_says(tmp_path):
    done = run("-W", "error", "-c", next(text for text in PYTHON if "judge(d)" in text), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"prints `{done.stdout.strip()}`" in README


def test_its_make_targets_exist():
    makefile = Path("Makefile").read_text(encoding="utf-8")
    targets = [line.split()[1] for line in SHELL if line.startswith("make ")] + re.findall(r"`make (\w+)`", README)
    assert targets[:2] == ["verify", "test"]
    assert [t for t in targets if not re.search(rf"^{t}:", makefile, re.MULTILINE)] == []


def test_its_sample_output_is_what_the_command_prints():
    sample = next(text for language, text in BLOCKS if language == "text")
    printed = run("-m", "symderiv", "verify", "derivations/batchnorm_as_printed.py", cwd=Path()).stdout
    squeezed = [re.sub(r"\s+", " ", line).strip() for line in printed.splitlines()]
    assert [line for line in sample.splitlines() if re.sub(r"\s+", " ", line).strip() not in squeezed] == []


@pytest.mark.parametrize("command", re.findall(r"^\| `symderiv (\w+)", README, re.MULTILINE))
def test_its_commands_exist(command, tmp_path):
    assert run("-m", "symderiv", command, "--help", cwd=tmp_path).returncode == 0


def test_its_times_are_written_by_the_benchmark():
    rows = [("x", "1 s", "2"), ("a \\1 y", "3 ms", "")]
    changed = bench.with_times(README, rows, "Measured.")
    assert (
        f"{bench.BEGIN}\n| what | median | ratio |\n| --- | --- | --- |\n| x | 1 s | 2 |\n| a \\1 y | 3 ms |  |\n\nMeasured.\n{bench.END}"
        in changed
    )
    assert [part.split(bench.BEGIN)[0].split(bench.END)[-1] for part in (changed, README)] == [README.split(bench.BEGIN)[0]] * 2
    assert changed.split(bench.END)[1] == README.split(bench.END)[1]
    for text in ("no place", README * 2):
        with pytest.raises(ValueError, match=r"^README\.md has [02] places for the times"):
            bench.with_times(text, rows, "")


def test_its_times_have_the_rows_of_the_benchmark():
    """What a row is called is in the table, and today's number of pages."""
    (table,) = re.findall(f"{bench.BEGIN}\n(.*?)\n\n", README, re.DOTALL)
    told = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]
    pages = list(Path("derivations").glob("*.py"))
    assert [told[0], told[1]] == ['`python -c "import sympy"`, user CPU', f"`python -m symderiv verify {bench.PAGE}`, user CPU"]
    assert f"all of `derivations/`, {len(pages)} pages with " in told[3]
    assert len(told) == 8


def test_the_benchmark_of_code_still_fits_the_code():
    name, verdicts, *_ = next(bench.code_rows(quick=True))
    assert (name, verdicts) == (next(iter(bench_code.RIGHT)), "proved")
