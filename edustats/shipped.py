"""Where does what travels with the package lie: notebooks, mappings, published figures? And which version is it?

In a checkout they stand at the top, where people read and edit them; a wheel carries copies inside the package,
made when it is built (``setup.py``). Everything that needs one of them asks here.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path

PACKAGE = Path(str(files("edustats")))
INSIDE = "shipped_files"
"""Folder of the package in which a wheel keeps its copies; a checkout has none."""


def shipped(name: str) -> Path:
    """A file or folder that travels with the package, by its place in the repository.

    Parameters
    ----------
    name : ``notebooks``, ``data/mappings/michigan.toml``, ``data/reference/national_education.csv`` …

    Returns
    -------
    pathlib.Path
        The copy of an installed package, else the checkout's own.

    Raises
    ------
    FileNotFoundError
        Neither is there: the package was taken out of its repository or built without ``setup.py``.

    Examples
    --------
    >>> shipped("data/reference/national_education.csv").name
    'national_education.csv'
    """
    for home in (PACKAGE / INSIDE, PACKAGE.parent):
        if (home / name).exists():
            return home / name
    raise FileNotFoundError(f"edustats was installed without {name}")


@cache
def version() -> str:
    """The package's version: of the checkout's pyproject.toml, else of what is installed.

    A checkout may be newer than what its environment remembers of it, so its own word goes first.
    """
    project = PACKAGE.parent / "pyproject.toml"
    if project.is_file():
        about = tomllib.loads(project.read_text("utf-8")).get("project", {})
        if about.get("name") == "edustats":
            return str(about["version"])
    from importlib import metadata

    return metadata.version("edustats")
