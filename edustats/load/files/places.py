"""Where does a table lie? Beside its mapping, or inside an installed package that ships it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from edustats.errors import MissingFileError


def locate(file: str, folder: Path, package: str = "") -> Path:
    """Path of a table: inside an installed package that ships it, else relative to ``folder``."""
    if not package:
        return _existing(folder / file, file)
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise MissingFileError("load.no_package", package=package, file=file)
    return _existing(Path(next(iter(spec.submodule_search_locations))) / file, file)


def _existing(path: Path, file: str) -> Path:
    try:
        there = path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        there = False
    if not there:
        raise MissingFileError("load.no_table", file=file, folder=path.parent.name or ".")
    return path
