"""Where do loaded tables live? A folder of Parquet files, one partition per county.

A report opens its own county's partition and the one comparison file of its neighbours, so time and
memory do not grow with other people's counties.

    STORE/store.json                          layout, source, file digests, catalogue digest
    STORE/areas.parquet                       code, level, parent, zh, en
    STORE/ledger.parquet  set_aside.parquet   what became of every row
    STORE/county=82/units.parquet             tidy rows (a value column and a kind column each)
    STORE/county=82/observations.parquet      observations of the units (no file where a county is one row)
    STORE/county=82/findings.parquet          doubtful values (no file where there are none)
    STORE/compare/26.parquet                  observations of all counties of an area and the areas above
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from edustats import __version__
from edustats.catalogue import Catalogue, catalogue
from edustats.errors import DataError, MissingFileError, UnknownNameError
from edustats.indicators import OBSERVATION_COLUMNS, mark_breaks, observe
from edustats.load import ledger
from edustats.load.rules import FINDING_COLUMNS
from edustats.load.tables import Loaded
from edustats.words import Text

LAYOUT = 1
KIND = "__kind"
STALE_AFTER = 3600
"""Seconds after which a writer's lock counts as left behind, where the system cannot tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyData:
    """Everything a report reads: one county's partition and its comparison rows."""

    area: str
    name: Text
    parent: str
    units: pd.DataFrame
    observations: pd.DataFrame
    findings: pd.DataFrame
    compare: pd.DataFrame
    areas: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An open store."""

    path: Path
    about: dict[str, Any]
    areas: pd.DataFrame

    @property
    def lang(self) -> str:
        return str(self.about["lang"])

    @property
    def unit_name(self) -> Text:
        return Text(**self.about["unit_name"])

    @property
    def counties(self) -> list[str]:
        """Codes of all counties, ascending."""
        return sorted(self.areas.loc[self.areas["level"] == "county", "code"])

    def name(self, code: str) -> Text:
        """Both names of an area."""
        row = self.areas[self.areas["code"] == code]
        if row.empty:
            self._unknown(code)
        return Text(row["zh"].iloc[0], row["en"].iloc[0])

    def ledger(self) -> pd.DataFrame:
        """One row per file: read, loaded, set aside."""
        return pd.read_parquet(self.path / "ledger.parquet")

    def county_code(self, code: str) -> str:
        """The code, if it is a county's; else :class:`UnknownNameError` names the nearest."""
        if code not in set(self.counties):
            self._unknown(code)
        return code

    def county(self, code: str) -> CountyData:
        """Read one county; :class:`UnknownNameError` names the nearest codes."""
        folder = self.path / f"county={self.county_code(code)}"
        parent = self.areas.loc[self.areas["code"] == code, "parent"].iloc[0]
        return CountyData(
            area=code,
            name=self.name(code),
            parent=parent,
            units=pd.read_parquet(folder / "units.parquet"),
            observations=_read_or_empty(folder / "observations.parquet", OBSERVATION_COLUMNS),
            findings=_read_or_empty(folder / "findings.parquet", FINDING_COLUMNS),
            compare=self.comparison(parent),
            areas=self.areas,
        )

    def has_comparison(self, area: str) -> bool:
        """Whether counties belong to this area directly."""
        return (self.path / "compare" / f"{area}.parquet").is_file()

    def comparison(self, area: str) -> pd.DataFrame:
        """Observations of all counties of an area and of the areas above them."""
        return pd.read_parquet(self.path / "compare" / f"{area}.parquet")

    def _unknown(self, code: str) -> None:
        padded = [c for c in self.counties if c.lstrip("0") == code.lstrip("0")]
        near = padded or difflib.get_close_matches(code, self.counties, n=3, cutoff=0.3) or self.counties[:3]
        raise UnknownNameError(
            "errors.unknown_county", store=self.path.name, county=code, near=", ".join(near)
        )


def _read_or_empty(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    return pd.read_parquet(path) if path.exists() else pd.DataFrame(columns=list(columns))


def open_store(path: Path, known: Catalogue | None = None) -> Store:
    """Open a store.

    Raises
    ------
    MissingFileError
        No store there.
    DataError
        Written in another layout, or before the catalogue changed.
    """
    about_file = path / "store.json"
    if not about_file.is_file():
        raise MissingFileError("errors.no_store", store=path.name)
    about = json.loads(about_file.read_text("utf-8"))
    if about["layout"] != LAYOUT:
        raise DataError("errors.old_store", store=path.name, found=about["layout"], expected=LAYOUT)
    if about["catalogue"] != (known or catalogue()).digest:
        raise DataError("errors.stale_store", store=path.name)
    return Store(path=path, about=about, areas=pd.read_parquet(path / "areas.parquet"))


def write_store(loaded: Loaded, path: Path, known: Catalogue | None = None) -> Store:
    """Write a store whole: it is built beside its place and moved there when complete.

    The same tables give the same files. A second writer is refused while the first is at work.
    """
    known = known or catalogue()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _only_writer(path):
        building = path.with_name(f".{path.name}.building")
        shutil.rmtree(building, ignore_errors=True)
        (building / "compare").mkdir(parents=True)
        _write_counties(loaded, building, known)
        _write_comparisons(loaded, building, known)
        _write_accounts(loaded, building, known)
        _exchange(building, path)
    return open_store(path, known)


@contextlib.contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    lock = path.with_name(f".{path.name}.writing")
    if lock.exists() and not _alive(lock):
        lock.unlink(missing_ok=True)
    try:
        handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError as error:
        raise DataError("errors.busy_store", store=path.name) from error
    try:
        os.write(handle, str(os.getpid()).encode())
        os.close(handle)
        yield
    finally:
        lock.unlink(missing_ok=True)


def _alive(lock: Path) -> bool:
    """Whether the process that left a lock still runs; a lock not yet filled in counts as alive."""
    if os.name == "nt":  # there os.kill ends a process whatever the signal; an old lock counts as dead
        return time.time() - lock.stat().st_mtime < STALE_AFTER
    try:
        os.kill(int(lock.read_text() or os.getpid()), 0)
    except (ProcessLookupError, ValueError, OverflowError, FileNotFoundError):
        return False
    except PermissionError:
        return True
    return True


def _exchange(building: Path, path: Path) -> None:
    old = path.with_name(f".{path.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if path.exists():
        path.rename(old)
    building.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _write_counties(loaded: Loaded, building: Path, known: Catalogue) -> None:
    own_units = (loaded.tidy["unit"] != loaded.tidy["county"]).any()
    units = pd.concat([loaded.tidy, loaded.kinds.add_suffix(KIND)], axis=1)
    observed = observe(loaded.tidy, loaded.kinds, loaded.tidy["unit"], "school", known)
    observed = mark_breaks(observed, loaded.mapping.breaks) if own_units else observed.iloc[:0]
    county_of = loaded.tidy.drop_duplicates("unit").set_index("unit")["county"]
    by_county = dict(list(observed.groupby(observed["area"].map(county_of), sort=False)))
    found = dict(list(loaded.findings.groupby("county")))
    for code, rows in units.groupby("county"):
        folder = building / f"county={code}"
        folder.mkdir()
        rows.to_parquet(folder / "units.parquet", index=False)
        if code in by_county:
            by_county[code].to_parquet(folder / "observations.parquet", index=False)
        if code in found:
            _texts(found[code]).to_parquet(folder / "findings.parquet", index=False)


def _texts(findings: pd.DataFrame) -> pd.DataFrame:
    return findings.astype({name: "int32" if name in ("row", "year") else "str" for name in findings})


def _write_comparisons(loaded: Loaded, building: Path, known: Catalogue) -> None:
    tidy, kinds, areas = loaded.tidy, loaded.kinds, loaded.areas.set_index("code")
    counties = observe(tidy, kinds, tidy["county"], "county", known)
    parent = tidy["county"].map(areas["parent"])
    level, above = areas["level"], {}
    while (parent != "").any():
        known_parent = (parent != "").to_numpy()
        name = str(level[parent[known_parent].iloc[0]])
        above[name] = observe(tidy[known_parent], kinds[known_parent], parent[known_parent], name, known)
        parent = parent.map(areas["parent"]).fillna("")
    counties = mark_breaks(counties, loaded.mapping.breaks)
    group = counties["area"].map(areas["parent"])
    for code, rows in counties.groupby(group):
        chain = _chain(str(code), areas["parent"])
        wider = [frame[frame["area"].isin(chain)] for frame in above.values()]
        pd.concat([rows, *wider], ignore_index=True).to_parquet(
            building / "compare" / f"{code}.parquet", index=False
        )


def _chain(code: str, parents: pd.Series) -> list[str]:
    chain = []
    while code:
        chain.append(code)
        code = str(parents.get(code, ""))
    return chain


def _write_accounts(loaded: Loaded, building: Path, known: Catalogue) -> None:
    mapping = loaded.mapping
    loaded.areas.to_parquet(building / "areas.parquet", index=False)
    ledger.balance(loaded.ledger).to_parquet(building / "ledger.parquet", index=False)
    pd.concat([e.set_aside for e in loaded.ledger]).to_parquet(building / "set_aside.parquet", index=False)
    about = {
        "layout": LAYOUT,
        "version": __version__,
        "catalogue": known.digest,
        "title": asdict(mapping.title),
        "cite": asdict(mapping.cite),
        "lang": mapping.lang,
        "unit_name": asdict(mapping.area.unit_name),
        "groups": [asdict(group) for group in mapping.groups],
        "breaks": [dict(b) for b in mapping.breaks],
        "files": {e.file: e.digest for e in loaded.ledger},
        "years": sorted({int(year) for year in loaded.tidy["year"]}),
    }
    (building / "store.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), "utf-8")
