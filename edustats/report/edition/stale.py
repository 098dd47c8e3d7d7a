"""Which reports must be made again, and what moved?

A report is made of its notebook's code, its parameters, the county's data and the rows it is compared
with, the catalogue and the standards, the installed libraries and this package. Each part has a digest of
its own, so that one can say which of them moved. Times play no part: a clock may jump.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from edustats.files import write_whole
from edustats.places import Place
from edustats.report.edition.manifest import PACKAGES, Result, combined, package_version
from edustats.report.edition.parameters import code_cells
from edustats.report.edition.plan import Job
from edustats.store.reading import Store, boundary_file

PACKAGE = Path(__file__).resolve().parents[2]
LOCK = "requirements.lock"
UNSETTLED = 2.0
"""Seconds within which a file can change twice and keep its time."""
Data = Callable[[str, str], dict[str, str]]
"""Digests of what the reports of an area read, by name, given its code and its scope."""


def digest(found: object) -> str:
    """A short digest of anything that JSON can hold, or of bytes."""
    raw = found if isinstance(found, bytes) else json.dumps(found, sort_keys=True).encode()
    return hashlib.sha256(raw).hexdigest()[:16]


class Inputs:
    """What each report of a run is made of."""

    def __init__(self, data: Data | None = None, template: Path | None = None) -> None:
        self._data = data
        self._common = {"package": package(), "catalogue": catalogue_files()}
        if template:
            self._common["template"] = digest(template.read_bytes())
        self._notebooks: dict[Path, dict[str, str]] = {}

    def of(self, job: Job) -> dict[str, str]:
        """Digests of one report's parts."""
        return {
            **self.beside_parameters(job.county, job.notebook, job.scope),
            "parameters": digest(job.parameters),
        }

    def now(self, county: str, notebook: Path, scope: str = "county") -> dict[str, str]:
        """What a report of the notebook would be made of at this moment, but for its parameters."""
        self._notebooks.pop(notebook, None)
        if isinstance(self._data, StoreData):
            self._data.forget()
        return self.beside_parameters(county, notebook, scope)

    def beside_parameters(self, county: str, notebook: Path, scope: str = "county") -> dict[str, str]:
        """The same without its parameters."""
        if notebook not in self._notebooks:
            self._notebooks[notebook] = {"code": code(notebook), "lock": libraries(notebook.parent)}
        held = self._data(county, scope) if self._data else {}
        return {**self._notebooks[notebook], **self._common, **held}


def code(notebook: Path) -> str:
    """Digest of a notebook's code; its prose may change."""
    return digest([source for source, _ in code_cells(notebook)])


def libraries(folder: Path) -> str:
    """Digest of the lock file above a folder and of the versions installed."""
    found = [path / LOCK for path in (folder, *folder.parents) if (path / LOCK).is_file()][:1]
    return digest([_versions(), *(digest(path.read_bytes()) for path in found)])


@cache
def _versions() -> list[str | None]:
    return [package_version(name) for name in PACKAGES]


@cache
def package() -> str:
    """Digest of this package: its version and, as a checkout changes without one, its files."""
    return digest(
        [package_version("edustats"), _files("**/*.py"), _files("words/*.toml"), _files("report/**/*.j*")]
    )


@cache
def catalogue_files() -> str:
    """Digest of the catalogue, of the standards and of the rules on disclosure."""
    return digest([_files("catalogue/**/*.toml"), _files("disclosure/*.toml")])


def _files(pattern: str) -> list[str]:
    return [digest(path.read_bytes()) for path in sorted(PACKAGE.glob(pattern))]


class StoreData:
    """Digests of what reports read of a store, area by area.

    Parameters
    ----------
    store : an open store
    memory : file in which digests of files are kept, so that an unchanged file is not read again
    """

    def __init__(self, store: Store, memory: Path | None = None) -> None:
        self._store = store
        self._files = FileDigests(memory) if isinstance(store.path, Path) else PlaceDigests(store.path)
        self._parents = dict(zip(store.areas["code"], store.areas["parent"], strict=True))
        self._groups: dict[str, dict[str, str]] = {}
        self._areas: dict[tuple[str, str], dict[str, str]] = {}
        self._about = digest({k: v for k, v in store.about.items() if k not in ("files", "version")})
        self._rows: dict[str, list[Any]] = {}
        for row in store.areas.itertuples(index=False):
            self._rows.setdefault(str(row.parent), []).append(list(row))

    def __call__(self, area: str, scope: str = "county") -> dict[str, str]:
        """Digests of a county's partition, or of those of all counties of a prefecture; of the rows they are
        compared with; and of the store's description.
        """
        if (area, scope) not in self._areas:
            whole = scope == "prefecture"
            own = self._members(area) if whole else self._partition(area)
            group = self._group(area if whole else self._parents.get(area, ""))
            self._areas[area, scope] = {"data": digest(own), "store": self._about, **group}
        return self._areas[area, scope]

    def _partition(self, county: str) -> list[str]:
        folder = self._store.path / f"county={county}"
        return [self._files.of(folder / f"{part}.parquet") for part in PARTITION]

    def _members(self, prefecture: str) -> list[Any]:
        """Digests of all counties' partitions, and of the boundaries a map is drawn from."""
        counties = self._store.members(prefecture)
        return [[self._partition(county) for county in counties], self._boundaries()]

    def _boundaries(self) -> str:
        file = boundary_file(self._store)
        if isinstance(self._files, FileDigests):
            return self._files.of(file)
        return digest(file.read_bytes()) if file.exists() else ""  # it lies beside what is listed

    def _group(self, parent: str) -> dict[str, str]:
        if parent not in self._groups:
            compared = self._files.of(self._store.path / "compare" / f"{parent}.parquet")
            self._groups[parent] = {"compare": compared, "areas": digest(self._relatives(parent))}
        return self._groups[parent]

    def _relatives(self, parent: str) -> list[Any]:
        """Names of the counties of an area and of the areas above."""
        chain, above = [self._rows.get(parent, [])], parent
        while above:
            chain.append([row for row in self._rows.get(self._parents.get(above, ""), []) if row[0] == above])
            above = self._parents.get(above, "")
        return chain

    def forget(self) -> None:
        """Look at every file anew, in case it changed while we worked."""
        self._groups.clear()
        self._areas.clear()
        self._files.forget()

    def remember(self) -> None:
        """Keep the digests of files for the next run."""
        self._files.keep()


class FileDigests:
    """Digests of files, read again only when size, times or place on the disk have changed."""

    def __init__(self, memory: Path | None) -> None:
        self._memory, self._known = memory, _remembered(memory)
        self._before = len(self._known)
        self._new: dict[str, list[Any]] = {}

    def of(self, path: Path) -> str:
        """Digest of a file's bytes; nothing if there is no file."""
        name = str(path)
        try:
            stat = os.stat(name)  # noqa: PTH116 - the same at half the cost, ten thousand times
        except FileNotFoundError:
            return ""
        mark = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        known = self._known.get(name)
        if known and known[:-1] == mark:
            return str(known[-1])
        found = digest(path.read_bytes())
        if time.time() - max(stat.st_mtime, stat.st_ctime) > UNSETTLED:
            self._known[name] = self._new[name] = [*mark, found]
        return found

    def forget(self) -> None:
        """Nothing: each file is looked at each time."""

    def keep(self) -> None:
        """Write down what was found, if anything is new."""
        if self._memory and self._new:
            with suppress(OSError):
                write_whole(self._memory, json.dumps(self._known))


class PlaceDigests:
    """Digests of what a place says of its files: one listing at first, then folder by folder."""

    def __init__(self, store: Place) -> None:
        self._marks = store.marks()
        self._looked: set[Place] | None = None  # all of it

    def of(self, path: Place) -> str:
        """Digest of a file's mark; nothing if there is no file."""
        if self._looked is not None and path.parent not in self._looked:
            self._looked.add(path.parent)
            self._marks |= path.parent.marks()
        mark = self._marks.get(str(path), "")
        return mark and digest(mark)

    def forget(self) -> None:
        """Ask the place anew from now on."""
        self._marks, self._looked = {}, set()

    def keep(self) -> None:
        """Nothing: there is nothing that took long to find."""


def _remembered(memory: Path | None) -> dict[str, list[Any]]:
    with suppress(OSError, ValueError, AttributeError):
        if memory:
            return dict(json.loads(memory.read_text("utf-8")))
    return {}


def moved(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Names of the parts that differ, in the order of the text's own list."""
    return [part for part in PARTS if part in now and before.get(part) != now[part]]


PARTITION = ("units", "observations", "findings", "origins")
PARTS = (
    "code", "parameters", "data", "compare", "areas", "store", "catalogue", "template", "lock", "package",
)  # fmt: skip


def reasons(
    job: Job, newest: Result | None, inputs: Mapping[str, str], files: Callable[[str], set[str]]
) -> list[str]:
    """Why a report must be made (keys of the texts ``report.why_…``); empty if it need not.

    ``files`` gives the names of the newest files in a county's folder.
    """
    if newest is None:
        return ["never"]
    if not newest.done:
        return ["failed"]
    if newest.digest == combined(inputs) and newest.folder == job.folder:
        return [] if {f"{job.stem}.ipynb", f"{job.stem}.html"} <= files(job.folder) else ["gone"]
    return moved(newest.inputs, inputs) or ["renamed" if newest.folder != job.folder else "unsure"]


def outdated(results: Iterable[Result], inputs: Inputs, notebooks: Mapping[str, str]) -> list[Result]:
    """Results whose parts, but for the parameters, have moved since."""
    found = []
    for result in results:
        path = Path(notebooks.get(result.notebook, ""))
        if path.is_file() and moved(
            result.inputs, inputs.beside_parameters(result.county, path, result.scope)
        ):
            found.append(result)
    return found
