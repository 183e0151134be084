"""Files put down whole or not at all; and reports, which are sealed, so that none takes the place of what somebody else wrote.

The seal is the last line of a report, a comment: of which input it is, and the digest of all that stands above.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import chain, count
from pathlib import Path
from secrets import token_hex
from unicodedata import normalize
from urllib.parse import quote

from symderiv.errors import SymderivError

COMMENTS = {".html": "<!-- {} -->", ".tex": "% {}", ".pdf": "% {}"}
SEAL = re.compile(rb"^(?:<!--|%) report of (\S+), sha256 ([0-9a-f]{64})(?: -->)?\n\Z", re.MULTILINE)
LONGEST_NAME = 200  # bytes; file systems take 255, with the suffix


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in its place in one move, through links; a device or a pipe is written to as it is. Makes the folder."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            target.write_bytes(content)
        else:
            _replace(target, content)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SymderivError(f"{path}: cannot be written ({error.strerror}); name another place with --output.") from error


def _replace(target: Path, content: bytes) -> None:
    draft = target.parent / f".symderiv-{token_hex(8)}"
    try:
        with open(draft, "xb") as file:
            file.write(content)
        if target.exists():
            draft.chmod(target.stat().st_mode & 0o7777)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def sealed(content: bytes, suffix: str, of: str) -> bytes:
    """A report with its seal."""
    above = content if content.endswith(b"\n") else content + b"\n"
    said = f"report of {_quoted(of)}, sha256 {sha256(above).hexdigest()}"
    return above + COMMENTS[suffix].format(said).encode() + b"\n"


def report_of(path: Path) -> str | None:
    """Of which input, quoted, a file is the report, as it was written; none if it is no report of ours, or was changed since."""
    if path.is_symlink() or not path.is_file():
        return None
    content = path.read_bytes()
    seal = SEAL.search(content)
    intact = seal is not None and sha256(content[: seal.start()]).hexdigest().encode() == seal[2]
    return seal[1].decode() if seal is not None and intact else None


def save_report(folder: Path, name: str, of: str, drawn: Mapping[str, Callable[[], bytes]]) -> Iterable[Path]:
    """Write a report in several forms, by their suffixes, and give the paths.

    Fails, before anything is written or drawn, where a file stands that is no report, or one that was changed by hand.
    """
    paths = {suffix: folder / f"{name}{suffix}" for suffix in drawn}
    for path in paths.values():
        if os.path.lexists(path) and report_of(path) is None:
            raise SymderivError(
                f"{path}: is not overwritten, since it is no report of symderiv, or was changed by hand; "
                "move it away, or name another folder with --output."
            )
    for suffix, path in paths.items():
        write_whole(path, sealed(drawn[suffix](), suffix, _seen_from(folder, of)))
        yield path


def names_of_reports(inputs: Sequence[str], folder: Path) -> dict[str, str]:
    """A name for each input's report that is no other's: NAME, or the whole path where NAME is another input's too.

    So is that of an input of which a report stands in the folder already.
    """
    stems = Counter(_folded(Path(file).stem) for file in inputs)
    names: dict[str, str] = {}
    taken: set[str] = set()
    for file in inputs:
        whole = "-".join(part for part in Path(os.path.relpath(file)).parts if part not in ("..", os.sep))
        first = [Path(file).stem] * (stems[_folded(Path(file).stem)] == 1)
        numbered = (f"{whole}-{n}" for n in count(2))
        names[file] = next(n for n in map(_short, chain(first, [whole], numbered)) if _folded(n) not in taken and _is_free(folder, n, file))
        taken.add(_folded(names[file]))
    return names


def _is_free(folder: Path, name: str, file: str) -> bool:
    """Whether no report of another input has that name; what is no report at all is left to be told."""
    found = {report_of(folder / f"{name}{suffix}") for suffix in COMMENTS}
    return found <= {None, _quoted(_seen_from(folder, file))}


def _seen_from(folder: Path, file: str) -> str:
    return os.path.relpath(file, folder)


def _quoted(path: str) -> str:
    """A path without spaces, without what ends a comment."""
    return quote(path, errors="surrogateescape").replace("--", "%2D%2D")


def _folded(name: str) -> str:
    """The same for names that some file system takes for one."""
    return normalize("NFC", name).casefold()


def _short(name: str) -> str:
    data = os.fsencode(name)
    return name if len(data) <= LONGEST_NAME else f"{data[: LONGEST_NAME - 9].decode(errors='ignore')}-{sha256(data).hexdigest()[:8]}"
