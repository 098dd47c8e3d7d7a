"""Whose work does edustats stand on? Writes docs/dependencies.md from what is installed and docs/dependencies.toml.

Run it with the Python of the checkout after the locks have changed: ``.venv/bin/python docs/make_dependencies.py``.
Names, versions and licences are what the packages say themselves; who keeps them, and what would take their place, is
judged by people and stands in the TOML.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent / "pyproject.toml"
LICENCES = {
    "apache": "Apache-2.0", "mit license": "MIT", "bsd": "BSD", "mozilla": "MPL-2.0", "python software": "PSF",
    "isc": "ISC", "lgpl": "LGPL",
}  # fmt: skip
HEAD = """# Whose work this stands on

Printed by `docs/make_dependencies.py` from the installed packages; who keeps each, and the notes, stand in
`docs/dependencies.toml`. Every package is pinned with its digests in the locks; none is fetched while edustats runs.

"""


def main() -> None:
    """Write the page."""
    (HERE / "dependencies.md").write_text(page(), "utf-8")


def page() -> str:
    """The page as it ought to be today."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    judged = tomllib.loads((HERE / "dependencies.toml").read_text("utf-8"))
    groups = {"core": project["dependencies"], **project["optional-dependencies"]}
    direct = {
        normal(Requirement(text).name): group for group, texts in reversed(groups.items()) for text in texts
    }
    needed = closure(project["dependencies"])
    names = sorted({*direct, *needed})
    lone = [name for name in names if judged.get(name, {}).get("alone")]
    return HEAD + table(names, direct, judged) + "\n## Kept by one person\n\n" + notes(lone, judged)


def table(names: list[str], direct: dict[str, str], judged: dict[str, Any]) -> str:
    """A line for each package."""
    lines = ["| Package | Needed by | Licence | Kept by |", "|---|---|---|---|"]
    for name in names:
        keeper = judged.get(name, {}).get("kept_by") or people(name)
        under = judged.get(name, {}).get("licence") or licence(name)
        lines.append(f"| {name} | {direct.get(name, 'others')} | {under} | {keeper} |")
    return "\n".join(lines) + "\n"


def notes(names: list[str], judged: dict[str, Any]) -> str:
    """What would take the place of each package that hangs on one person."""
    return "".join(f"- **{name}**: {judged[name]['alone']}\n" for name in names)


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(texts: list[str]) -> set[str]:
    """The packages that are installed with these, as far as they are here."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in texts]
    while waiting:
        one = waiting.pop()
        name = normal(one.name)
        if name in found or (one.marker and not one.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        waiting += list(_needs(name, one.extras))
    return found


def _needs(name: str, extras: set[str]) -> Iterator[Requirement]:
    try:
        texts = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return
    for text in texts:
        one = Requirement(text)
        if not one.marker or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield one


def licence(name: str) -> str:
    """The licence a package states; a dash where it is not installed here."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return "—"
    told = about.get("License-Expression") or ""
    named = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or [] if c.startswith("License")]
    told = told or "; ".join(n for n in named if n != "OSI Approved") or (about.get("License") or "")
    first = told.strip().splitlines()[0] if told.strip() else "—"
    short = next((said for word, said in LICENCES.items() if word in first.lower()), first)
    return (first if about.get("License-Expression") else short)[:60].replace("|", "/")


def people(name: str) -> str:
    """Author or maintainer as a package states it."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return "—"
    fields = ("Maintainer", "Author", "Maintainer-email", "Author-email")
    told = next((about[field] for field in fields if about.get(field)), "—")
    return re.sub(r"\s*<[^>]*>", "", told).strip('" ')[:60].replace("|", "/") or "—"


if __name__ == "__main__":
    sys.exit(main())
