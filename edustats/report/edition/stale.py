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

import pandas as pd

from edustats.analysis.references import references_file
from edustats.files import write_whole
from edustats.places import RemotePlace
from edustats.report.edition.manifest import PACKAGES, ReportResult, combine_digests, get_package_version
from edustats.report.edition.parameters import read_code_cells
from edustats.report.edition.plan import ReportJob
from edustats.store.reading import Store, find_settings_file, locate_boundary_file, revisions_file

PACKAGE = Path(__file__).resolve().parents[2]
LOCK = "requirements.lock"
FULL = "full"
"""The detail that adds an annex to each brief."""
STORE = "store"
"""Parameter that says where the data lie. What they are has digests of its own; where one stands plays no part."""
UNSETTLED = 2.0
"""Seconds within which a file can change twice and keep its time."""
Data = Callable[[str, str], dict[str, str]]
"""Digests of what the reports of an area read, by name, given its code and its scope."""


def compute_digest(found: object) -> str:
    """A short digest of anything that JSON can hold, or of bytes."""
    raw = found if isinstance(found, bytes) else json.dumps(found, sort_keys=True).encode()
    return hashlib.sha256(raw).hexdigest()[:16]


class ReportInputs:
    """What each report of a run is made of."""

    def __init__(self, data: Data | None = None, template: Path | None = None, detail: str = "") -> None:
        self._data = data
        self._common = {"package": digest_package(), "catalogue": digest_catalogue()}
        if template:
            self._common["template"] = compute_digest(template.read_bytes())
        if detail == FULL:
            self._common["detail"] = detail
        self._notebooks: dict[Path, dict[str, str]] = {}

    def of(self, job: ReportJob) -> dict[str, str]:
        """Digests of one report's parts."""
        return {
            **self.digest_without_parameters(job.county, job.notebook, job.scope),
            "parameters": compute_digest({k: v for k, v in job.parameters.items() if k != STORE}),
        }

    def now(self, county: str, notebook: Path, scope: str = "county") -> dict[str, str]:
        """What a report of the notebook would be made of at this moment, but for its parameters."""
        self._notebooks.pop(notebook, None)
        if isinstance(self._data, StoreDigests):
            self._data.forget()
        return self.digest_without_parameters(county, notebook, scope)

    def digest_without_parameters(self, county: str, notebook: Path, scope: str = "county") -> dict[str, str]:
        """The same without its parameters."""
        if notebook not in self._notebooks:
            self._notebooks[notebook] = {
                "code": digest_code(notebook),
                "lock": digest_libraries(notebook.parent),
            }
        held = self._data(county, scope) if self._data else {}
        return {**self._notebooks[notebook], **self._common, **held}


def digest_code(notebook: Path) -> str:
    """Digest of a notebook's code; its prose may change."""
    return compute_digest([source for source, _ in read_code_cells(notebook)])


def digest_libraries(folder: Path) -> str:
    """Digest of the lock file above a folder and of the versions installed."""
    found = [path / LOCK for path in (folder, *folder.parents) if (path / LOCK).is_file()][:1]
    return compute_digest([_list_versions(), *(compute_digest(path.read_bytes()) for path in found)])


@cache
def _list_versions() -> list[str | None]:
    return [get_package_version(name) for name in PACKAGES]


@cache
def digest_package() -> str:
    """Digest of this package: its version and, as a checkout changes without one, its files."""
    return compute_digest(
        [
            get_package_version("edustats"),
            _digest_files("**/*.py"),
            _digest_files("words/*.toml"),
            _digest_files("report/**/*.j*"),
        ]
    )


@cache
def digest_catalogue() -> str:
    """Digest of the catalogue, of the standards and of the rules on disclosure."""
    return compute_digest(
        [
            _digest_files("catalogue/**/*.toml"),
            _digest_files("disclosure/*.toml"),
            _digest_files("present/**/*.toml"),
        ]
    )


def _digest_files(pattern: str) -> list[str]:
    return [compute_digest(path.read_bytes()) for path in sorted(PACKAGE.glob(pattern))]


def _read_brief_settings(store: Store) -> str:
    """The bureau's own settings of the brief, which lie beside the store."""
    file = find_settings_file(store)
    return compute_digest(file.read_bytes()) if file else ""


class StoreDigests:
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
        told = {k: v for k, v in store.about.items() if k not in ("files", "version")}
        self._about = compute_digest([told, _read_brief_settings(store)])
        self._revised = _digest_revisions(store)
        self._rows: dict[str, list[Any]] = {}
        for row in store.areas.itertuples(index=False):
            self._rows.setdefault(str(row.parent), []).append(list(row))

    def __call__(self, area: str, scope: str = "county") -> dict[str, str]:
        """Digests of a county's partition, or of those of all counties of a prefecture; of the rows they are
        compared with; and of the store's description.
        """
        if (area, scope) not in self._areas:
            whole = scope == "prefecture"
            own = self._digest_counties(area) if whole else self._digest_partition(area)
            group = self._digest_comparison(area if whole else self._parents.get(area, ""))
            if area in self._revised:
                own = [own, self._revised[area]]
            self._areas[area, scope] = {"data": compute_digest(own), "store": self._about, **group}
        return self._areas[area, scope]

    def _digest_partition(self, county: str) -> list[str]:
        folder = self._store.path / f"county={county}"
        return [self._files.of(folder / f"{part}.parquet") for part in PARTITION]

    def _digest_counties(self, prefecture: str) -> list[Any]:
        """Digests of all counties' partitions, and of the boundaries a map is drawn from."""
        counties = self._store.members(prefecture)
        return [[self._digest_partition(county) for county in counties], self._digest_boundaries()]

    def _digest_boundaries(self) -> str:
        return self._digest_beside(locate_boundary_file(self._store))

    def _digest_beside(self, file: Any) -> str:
        """Digest of a file that lies beside the store; nothing if there is none."""
        if isinstance(self._files, FileDigests):
            return self._files.of(file)
        return compute_digest(file.read_bytes()) if file.exists() else ""  # it lies beside what is listed

    def _digest_comparison(self, parent: str) -> dict[str, str]:
        if parent not in self._groups:
            between = sorted({self._parents[code] for code in self._counties_under(parent)} - {parent})
            beside = [self._digest_beside(references_file(self._store))]
            compared = [
                self._files.of(self._store.path / "compare" / f"{code}.parquet")
                for code in (parent, *between)
            ]
            self._groups[parent] = {
                "compare": compute_digest([*compared, *beside]) if between or any(beside) else compared[0],
                "areas": compute_digest([self._list_relatives(parent), self._list_members(parent)]),
            }
        return self._groups[parent]

    def _counties_under(self, area: str) -> list[str]:
        """Counties of the store that belong to an area, at whatever distance."""
        tree = self._store.tree
        return [one.code for one in tree.own(area) if one.code in self._parents]

    def _list_members(self, area: str) -> list[Any]:
        """Counties that an area ought to have, with their years: who of them is missing stands on its pages."""
        return [[one.code, one.first, one.last] for one in self._store.tree.own(area)]

    def _list_relatives(self, parent: str) -> list[Any]:
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


def _digest_revisions(store: Store) -> dict[str, str]:
    """Digests of what the pages say on figures published otherwise before, by area."""
    file = revisions_file(store)
    if not (isinstance(file, Path) and file.is_file()):
        return {}
    return {str(area): compute_digest(own.to_csv()) for area, own in pd.read_parquet(file).groupby("area")}


class FileDigests:
    """Digests of files, read again only when size, times or place on the disk have changed."""

    def __init__(self, memory: Path | None) -> None:
        self._memory, self._known = memory, _read_remembered(memory)
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
        found = compute_digest(path.read_bytes())
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

    def __init__(self, store: RemotePlace) -> None:
        self._marks = store.marks()
        self._looked: set[RemotePlace] | None = None  # all of it

    def of(self, path: RemotePlace) -> str:
        """Digest of a file's mark; nothing if there is no file."""
        if self._looked is not None and path.parent not in self._looked:
            self._looked.add(path.parent)
            self._marks |= path.parent.marks()
        mark = self._marks.get(str(path), "")
        return mark and compute_digest(mark)

    def forget(self) -> None:
        """Ask the place anew from now on."""
        self._marks, self._looked = {}, set()

    def keep(self) -> None:
        """Nothing: there is nothing that took long to find."""


def _read_remembered(memory: Path | None) -> dict[str, list[Any]]:
    with suppress(OSError, ValueError, AttributeError):
        if memory:
            return dict(json.loads(memory.read_text("utf-8")))
    return {}


def list_changed_parts(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Names of the parts that differ, in the order of the text's own list."""
    return [part for part in PARTS if part in now and before.get(part) != now[part]]


PARTITION = ("units", "observations", "findings", "origins")
PARTS = (
    "code", "parameters", "data", "compare", "areas", "store", "catalogue", "template", "detail", "lock", "package",
)  # fmt: skip


def find_reasons(
    job: ReportJob, newest: ReportResult | None, inputs: Mapping[str, str], files: Callable[[str], set[str]]
) -> list[str]:
    """Why a report must be made (keys of the texts ``report.why_…``); empty if it need not.

    ``files`` gives the names of the newest files in a county's folder.
    """
    if newest is None:
        return ["never"]
    if not newest.done:
        return ["failed"]
    if newest.digest == combine_digests(inputs) and newest.folder == job.folder:
        return [] if {f"{job.stem}.ipynb", f"{job.stem}.html"} <= files(job.folder) else ["gone"]
    return list_changed_parts(newest.inputs, inputs) or [
        "renamed" if newest.folder != job.folder else "unsure"
    ]


def find_outdated(
    results: Iterable[ReportResult], inputs: ReportInputs, notebooks: Mapping[str, str]
) -> list[ReportResult]:
    """Results whose parts, but for the parameters, have moved since."""
    found = []
    for result in results:
        path = Path(notebooks.get(result.notebook, ""))
        if path.is_file() and list_changed_parts(
            result.inputs, inputs.digest_without_parameters(result.county, path, result.scope)
        ):
            found.append(result)
    return found
