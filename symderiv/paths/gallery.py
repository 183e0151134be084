"""The pages that travel with the package: in a folder of it once it is installed, beside it in a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

FOLDER = "derivations"


def gallery() -> Path | None:
    """Its folder, if there is one."""
    package = Path(str(files("symderiv")))
    return next((folder for folder in (package / FOLDER, package.parent / FOLDER) if folder.is_dir()), None)


def pages_folder() -> str:
    """The folder of pages that is meant where none is named: the one here, else the gallery."""
    found = None if Path(FOLDER).is_dir() else gallery()
    return FOLDER if found is None else str(found)


def page_named(name: str, *folders: Path) -> Path | None:
    """The page NAME.py in the first of the folders that has it, else in the one here, else in the gallery."""
    places = [*folders, Path(FOLDER), *filter(None, [gallery()])]
    return next((page for folder in places if (page := folder / f"{name}.py").is_file()), None)
