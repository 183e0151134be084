"""Files are put down whole or not at all, and no report takes the place of what somebody else wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from symderiv.errors import SymderivError
from symderiv.paths.saved import names_of_reports, report_of, save_report, sealed, write_whole


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def saved(name: str, of: str = "a.md", text: str = "text") -> list[Path]:
    return list(save_report(Path("out"), name, of, dict.fromkeys((".html", ".tex"), text.encode)))


def test_a_file_is_there_whole_or_not_at_all(monkeypatch):
    write_whole(Path("a/b"), b"first")

    def fails(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(SymderivError, match=r"^a/b: cannot be written \(No space left on device\); name another place with --output\.$"):
        write_whole(Path("a/b"), b"second")
    assert (Path("a/b").read_bytes(), os.listdir("a")) == (b"first", ["b"])


def test_a_file_keeps_its_rights_and_a_new_one_has_the_usual_ones():
    Path("usual").touch()
    write_whole(Path("new"), b"")
    assert Path("new").stat().st_mode == Path("usual").stat().st_mode
    Path("new").chmod(0o640)
    write_whole(Path("new"), b"more")
    assert (Path("new").stat().st_mode & 0o777, Path("new").read_bytes()) == (0o640, b"more")


def test_a_link_is_followed_and_a_device_is_written_to():
    Path("real").touch()
    Path("link").symlink_to("real")
    write_whole(Path("link"), b"text")
    assert (Path("link").is_symlink(), Path("real").read_bytes()) == (True, b"text")
    write_whole(Path("/dev/null"), b"text")
    assert not Path("/dev/null").is_file()


def test_a_report_takes_the_place_of_an_earlier_one_of_the_same_input():
    for text in ("one", "two\n"):
        assert saved("a", text=text) == [Path("out/a.html"), Path("out/a.tex")]
        assert Path("out/a.tex").read_text().splitlines()[0] == text.strip()
    assert [report_of(path) for path in (Path("out/a.html"), Path("out/a.tex"))] == ["../a.md"] * 2


FOREIGN = [
    # what stands in the place of the second form
    lambda path: path.write_text("a paper"),
    lambda path: path.write_bytes(path.read_bytes().replace(b"text", b"mine")),
    lambda path: path.write_bytes(path.read_bytes() + b"\n"),
    lambda path: path.write_bytes(path.read_bytes() * 2),
    lambda path: path.rename("kept") and path.symlink_to("../kept"),
    lambda path: path.unlink() or path.symlink_to("nowhere"),
    lambda path: path.unlink() or path.mkdir(),
]


@pytest.mark.parametrize("put", FOREIGN)
def test_what_is_no_report_or_was_changed_is_not_overwritten(put):
    saved("a")
    put(Path("out/a.tex"))
    before = Path("out/a.html").read_bytes()
    with pytest.raises(
        SymderivError, match=r"^out/a\.tex: is not overwritten, since it is no report of symderiv, or was changed by hand; "
    ):
        saved("a", text="new")
    assert Path("out/a.html").read_bytes() == before


def test_nothing_is_drawn_that_cannot_be_written():
    Path("out").mkdir()
    Path("out/a.html").touch()
    with pytest.raises(SymderivError):
        list(save_report(Path("out"), "a", "a.md", {".html": lambda: pytest.fail("drawn")}))


def test_a_seal_is_one_comment_whatever_the_input_is_called():
    evil = "a -->\n\\end{document} é%\udcff.md"
    for suffix, end in ((".html", b" -->\n"), (".tex", b"\n")):
        line = sealed(b"text", suffix, evil).removeprefix(b"text\n")
        assert line.endswith(end)
        assert (line.count(b"-->"), line.count(b"\n"), b"\\" in line) == (suffix == ".html", 1, False)


NAMES = [
    # inputs, and the names of their reports
    (["a.md", "b.tex"], ["a", "b"]),
    (["a.md", "sub/a.md", "a.tex"], ["a.md", "sub-a.md", "a.tex"]),
    (["sub/a.md", "sub-a.md", "sub-a.tex"], ["a", "sub-a.md", "sub-a.tex"]),
    (["x/a.md", "x-a.md", "a.md"], ["x-a.md", "x-a", "a.md"]),
    (["x/a.py", "y/a.py", "x-a.py.md"], ["x-a.py", "y-a.py", "x-a.py.md"]),
    (["A.md", "a.md"], ["A.md", "a.md-2"]),
    (["../o/a.md", "o/a.md"], ["o-a.md", "o-a.md-2"]),
    (["caf\u00e9.md", "cafe\u0301.md"], ["caf\u00e9.md", "cafe\u0301.md-2"]),
]


@pytest.mark.parametrize(("inputs", "names"), NAMES)
def test_each_input_has_a_name_of_its_own(inputs, names):
    assert list(names_of_reports(inputs, Path("out")).values()) == names


def test_a_report_of_another_input_stays():
    saved("a", of="a.md")
    assert names_of_reports(["a.md"], Path("out")) == {"a.md": "a"}
    assert names_of_reports(["sub/a.md"], Path("out")) == {"sub/a.md": "sub-a.md"}


def test_long_names_are_cut_and_stay_apart():
    inputs = [f"{'é' * 120}{k}.md" for k in range(3)]
    names = list(names_of_reports(inputs, Path("out")).values())
    assert len(set(names)) == 3
    assert all(len(name.encode()) <= 200 for name in names)
