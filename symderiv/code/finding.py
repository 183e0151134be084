"""Functions found in files."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from symderiv.errors import TraceError
from symderiv.tracing.values import Code


def function_at(place: str) -> Code:
    """The function FILE:NAME, or FILE:CLASS.NAME."""
    path, _, name = place.rpartition(":")
    if not path or not path.endswith(".py") or not Path(path).is_file():
        raise TraceError(f"{place}: a function is named FILE.py:NAME" + (f"; there is no file {path}" if path.endswith(".py") else ""))
    module = module_at(path)
    function: object = module
    for part in name.split("."):
        function = getattr(function, part, None)
    if not callable(function):
        raise TraceError(f"{path}: there is no function {name}; {_hint(name, module)}")
    return function


def module_at(path: str) -> ModuleType:
    """A file, which is run once, as a module of its name with its folder first on the path."""
    folder, stem = str(Path(path).resolve().parent), Path(path).stem
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module = sys.modules.get(stem)
    if module is None or Path(getattr(module, "__file__", "") or "").resolve() != Path(path).resolve():
        spec = spec_from_file_location(stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[stem] = module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


def _hint(name: str, module: ModuleType) -> str:
    known = [n for n, v in vars(module).items() if callable(v) and getattr(v, "__module__", "") == module.__name__]
    alike = get_close_matches(name, known, 1)
    return f"did you mean {alike[0]}?" if alike else f"it has {', '.join(known[:8]) or 'none'}"
