"""What does each extra bring, and how many megabytes is it on the disk?

Counts the files that the installed packages of this environment say are theirs, without bytecode:

    python benchmarks/installed_size.py

Prints the table of CONTRIBUTING.md. What is not installed here is named and not counted.
"""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).resolve().parent.parent / "pyproject.toml").read_text("utf-8"))[
    "project"
]


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def brought(lines: list[str], known: set[str]) -> set[str]:
    """Packages that requirements bring here, beyond those known; with what these require in turn."""
    found: set[str] = set()
    todo = [Requirement(line) for line in lines]
    while todo:
        one = todo.pop()
        name = normal(one.name)
        if name in found | known or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        try:
            todo += map(Requirement, metadata.requires(name) or [])
        except metadata.PackageNotFoundError:
            continue
    return found


def megabytes(name: str) -> float | None:
    """Size of a package's own files; None where it is not installed."""
    try:
        files = metadata.files(name) or []
    except metadata.PackageNotFoundError:
        return None
    held = (Path(str(file.locate())) for file in files if file.suffix != ".pyc")
    return sum(path.stat().st_size for path in held if path.is_file()) / 1e6


def main() -> None:
    """Print a row for the daily core and one for each extra."""
    core = brought(PROJECT["dependencies"], set())
    rows = {"(daily core)": core}
    rows |= {name: brought(lines, core) for name, lines in PROJECT["optional-dependencies"].items()}
    print("| extra | packages | MB | largest |")
    print("| --- | --- | --- | --- |")
    for extra, names in rows.items():
        sizes = {name: size for name in names if (size := megabytes(name)) is not None}
        largest = sorted(sizes, key=lambda name: -sizes[name])[:4]
        missing = sorted(names - set(sizes))
        note = f"; not installed here: {', '.join(missing)}" if missing else ""
        print(f"| {extra} | {len(names)} | {sum(sizes.values()):.0f} | {', '.join(largest)}{note} |")


if __name__ == "__main__":
    main()
