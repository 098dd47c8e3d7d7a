"""Where do loaded tables live? A folder of Parquet files, one partition per county.

A report opens its own county's partition and the one comparison file of its neighbours, so time and
memory do not grow with other people's counties.

    STORE/store.json                          layout, source, file digests, catalogue digest
    STORE/areas.parquet                       code, level, parent, zh, en
    STORE/ledger.parquet  set_aside.parquet   what became of every row
    STORE/county=82/units.parquet             tidy rows (a value column and a kind column each)
    STORE/county=82/observations.parquet      observations of the units (no file where a county is one row)
    STORE/county=82/findings.parquet          doubtful values (no file where there are none)
    STORE/county=82/origins.parquet           file, sheet and rows of every column and year (returns only)
    STORE/compare/26.parquet                  observations of all counties of an area and the areas above
    STORE/registers/projects.parquet          lists of things that are no schools, as text (returns only)
    STORE/history/                            every file ever given, its figures and its state (returns only)
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import io
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats import __version__
from edustats.catalogue import Catalogue, catalogue
from edustats.errors import DataError, MissingFileError, ParameterError, UnknownNameError
from edustats.indicators import OBSERVATION_COLUMNS, mark_breaks, observe
from edustats.load import ledger
from edustats.load.cells import Cells
from edustats.load.history import FILES, History, begun, merged, read_history, without, write_history
from edustats.load.origins import ORIGINS, origins
from edustats.load.returns import join_up, profile_of, read_all, reader
from edustats.load.rules import FINDING_COLUMNS
from edustats.load.tables import Loaded
from edustats.places import Place, place
from edustats.words import Text

LAYOUT = 1
BLOCK = 50_000
MOST_FILES = 30
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

    path: Any
    """A Path, or a Place where it is no folder of this machine."""
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

    @property
    def prefectures(self) -> list[str]:
        """Codes of the areas that counties belong to directly, ascending."""
        return sorted({code for code in self.areas.loc[self.areas["level"] == "county", "parent"] if code})

    def members(self, area: str) -> list[str]:
        """Codes of the counties that belong to an area directly, ascending."""
        own = (self.areas["level"] == "county") & (self.areas["parent"] == area)
        return sorted(self.areas.loc[own, "code"])

    def name(self, code: str) -> Text:
        """Both names of an area."""
        row = self.areas[self.areas["code"] == code]
        if row.empty:
            self._unknown(code)
        return Text(row["zh"].iloc[0], row["en"].iloc[0])

    def ledger(self) -> pd.DataFrame:
        """One row per file: read, loaded, set aside."""
        return _read(self.path / "ledger.parquet")

    def set_aside(self) -> pd.DataFrame:
        """One row per row set aside: file, row, reason, raw; the sheet where it came from a workbook of
        several.
        """
        return _read(self.path / "set_aside.parquet")

    def history(self) -> pd.DataFrame:
        """Every file ever given: file, digest, number of the load, current or superseded."""
        return _read_or_empty(self.path / "history" / "files.parquet", FILES)

    def register(self, name: str) -> pd.DataFrame:
        """A list of things that are no schools (programmes, projects, targets), all text; empty if not
        given.
        """
        return _read_or_empty(self.path / "registers" / f"{name}.parquet", ())

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
            units=_read(folder / "units.parquet"),
            observations=_read_or_empty(folder / "observations.parquet", OBSERVATION_COLUMNS),
            findings=_read_or_empty(folder / "findings.parquet", FINDING_COLUMNS),
            compare=self.comparison(parent),
            areas=self.areas,
        )

    def rows(self, part: str, counties: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of one part (``units``, ``findings``) of several counties, one below the other.

        A column that a county's part does not hold is missing in its rows; so are counties without the part.
        """
        held = [self.path / f"county={county}" / f"{part}.parquet" for county in counties]
        frames = [_columns(path, columns) for path in held if path.exists()]
        found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
        return found.reindex(columns=list(columns))

    def origins(self, code: str) -> pd.DataFrame:
        """File, sheet and rows of each column and year of a county; empty where tables were loaded whole."""
        return _read_or_empty(self.path / f"county={self.county_code(code)}" / "origins.parquet", ORIGINS)

    def has_comparison(self, area: str) -> bool:
        """Whether counties belong to this area directly."""
        return (self.path / "compare" / f"{area}.parquet").is_file()

    def comparison(self, area: str) -> pd.DataFrame:
        """Observations of all counties of an area and of the areas above them."""
        return _read(self.path / "compare" / f"{area}.parquet")

    def _unknown(self, code: str) -> None:
        padded = [c for c in self.counties if c.lstrip("0") == code.lstrip("0")]
        near = padded or difflib.get_close_matches(code, self.counties, n=3, cutoff=0.3) or self.counties[:3]
        raise UnknownNameError(
            "errors.unknown_county", store=self.path.name, county=code, near=", ".join(near)
        )


def boundary_file(store: Store) -> Any:
    """Where a bureau puts the boundaries of its counties: ``NAME.map.geojson`` beside the store ``NAME``."""
    return store.path.with_name(f"{store.path.name}.map.geojson")


def _columns(path: Path | Place, columns: Sequence[str]) -> pd.DataFrame:
    import pyarrow.parquet as pq

    with pq.ParquetFile(_opened(path)) as file:
        held = [name for name in columns if name in file.schema_arrow.names]
        return file.read(columns=held).to_pandas()


def _opened(path: Path | Place) -> Any:
    return path if isinstance(path, Path) else io.BytesIO(path.read_bytes())


def _read(path: Path | Place) -> pd.DataFrame:
    return pd.read_parquet(_opened(path))


def _read_or_empty(path: Path | Place, columns: Sequence[str]) -> pd.DataFrame:
    return _read(path) if path.exists() else pd.DataFrame(columns=list(columns))


def open_store(path: str | Path | Place, known: Catalogue | None = None) -> Store:
    """Open a store.

    Parameters
    ----------
    path : its folder, or an address such as ``s3://bucket/store``; of that, only the files that are asked
        for are read

    Raises
    ------
    MissingFileError
        No store there.
    DataError
        Written in another layout, or before the catalogue changed.
    """
    where = place(path)
    about_file = where / "store.json"
    if not about_file.is_file():
        raise MissingFileError("errors.no_store", store=where.name)
    about = json.loads(about_file.read_text("utf-8"))
    if about["layout"] != LAYOUT:
        raise DataError("errors.old_store", store=where.name, found=about["layout"], expected=LAYOUT)
    if about["catalogue"] != (known or catalogue()).digest:
        raise DataError("errors.stale_store", store=where.name)
    return Store(path=where, about=about, areas=_read(where / "areas.parquet"))


def write_store(loaded: Loaded, path: Path, known: Catalogue | None = None) -> Store:
    """Write a store whole: it is built beside its place and moved there when complete.

    The same tables give the same files. A second writer is refused while the first is at work.
    """
    known = known or catalogue()
    _refuse_address(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _only_writer(path):
        _write(loaded, path, known)
    return open_store(path, known)


def update_store(sources: Sequence[Path], path: Path, known: Catalogue | None = None) -> tuple[Loaded, bool]:
    """Load returns into a store, beside what it already holds.

    Parameters
    ----------
    sources : folders and files of returns
    path : the store; made if it is not there

    Returns
    -------
    loaded : everything the store now holds
    changed : False where every file was already there as it is

    Raises
    ------
    MissingFileError, DataError
        See :func:`edustats.load.returns.load_returns`; a store that was built from a mapping; a busy store.
    """
    known = known or catalogue()
    _refuse_address(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _only_writer(path):
        _restore(path)
        held = read_history(path / "history")
        if held is None and (path / "store.json").is_file():
            raise DataError("errors.other_store", store=path.name)
        profile = profile_of(sources, known)
        reading = read_all(sources, profile, known)
        read_by = reader(profile)
        if held is not None and _about(path).get("reader") != read_by:
            held = without(held, reading.files)
        history = begun(reading) if held is None else merged(held, reading)
        today = history.reading()
        loaded = join_up(today, profile, known)
        changed = history is not held or _stale(path, known)
        if changed:
            _write(loaded, path, known, history, read_by, today.cells)
    return loaded, changed


def _refuse_address(path: Path) -> None:
    if not isinstance(path, Path):
        raise ParameterError("remote.no_writing", where=path)


def _stale(path: Path, known: Catalogue) -> bool:
    about = _about(path)
    return bool(about["catalogue"] != known.digest or about["layout"] != LAYOUT)


def _about(path: Path) -> dict[str, Any]:
    about: dict[str, Any] = json.loads((path / "store.json").read_text("utf-8"))
    return about


def _write(
    loaded: Loaded,
    path: Path,
    known: Catalogue,
    history: History | None = None,
    read_by: str = "",
    cells: Cells | None = None,
) -> None:
    building = path.with_name(f".{path.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    (building / "compare").mkdir(parents=True)
    _write_counties(loaded, building, known)
    _write_comparisons(loaded, building, known)
    _write_accounts(loaded, building, known, read_by)
    if history is not None:
        write_history(history, building / "history")
    for county, lines in origins(cells) if cells is not None else ():
        if (folder := building / f"county={county}").is_dir():
            lines.to_parquet(folder / "origins.parquet", index=False)
    _exchange(building, path)


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


def _restore(path: Path) -> None:
    """Put the old store back where a crash left it moved aside and nothing in its place."""
    old = path.with_name(f".{path.name}.old")
    if old.exists() and not path.exists():
        old.rename(path)


def _exchange(building: Path, path: Path) -> None:
    _restore(path)
    old = path.with_name(f".{path.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if path.exists():
        path.rename(old)
    building.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def _write_counties(loaded: Loaded, building: Path, known: Catalogue) -> None:
    own_units = (loaded.tidy["unit"] != loaded.tidy["county"]).any()
    found = {str(code): own for code, own in loaded.findings.groupby("county")}
    for rows in _blocks(loaded.tidy["county"]):
        tidy, kinds = loaded.tidy.iloc[rows], loaded.kinds.iloc[rows]
        units = pd.concat([tidy, kinds.add_suffix(KIND)], axis=1)
        observed = _unit_observations(loaded, tidy, kinds, known) if own_units else {}
        for county, own in units.groupby("county"):
            code = str(county)
            folder = building / f"county={code}"
            folder.mkdir()
            own.to_parquet(folder / "units.parquet", index=False)
            if code in observed:
                observed[code].to_parquet(folder / "observations.parquet", index=False)
            if code in found:
                _texts(found[code]).to_parquet(folder / "findings.parquet", index=False)


def _blocks(county: pd.Series) -> Iterator[npt.NDArray[np.intp]]:
    """Positions of whole counties, some :data:`BLOCK` rows at a time, so that memory does not grow with
    the nation.
    """
    codes, _ = pd.factorize(county, sort=True)
    order = np.argsort(codes, kind="stable")
    ends = np.flatnonzero(np.diff(codes[order], append=-1)) + 1
    start = 0
    for end in ends:
        if end - start >= BLOCK or end == len(order):
            yield np.sort(order[start:end])
            start = int(end)


def _unit_observations(
    loaded: Loaded, tidy: pd.DataFrame, kinds: pd.DataFrame, known: Catalogue
) -> dict[str, pd.DataFrame]:
    observed = mark_breaks(observe(tidy, kinds, tidy["unit"], "school", known), loaded.mapping.breaks)
    county_of = tidy.drop_duplicates("unit").set_index("unit")["county"]
    return dict(list(observed.groupby(observed["area"].map(county_of), sort=False)))


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


def _files(digests: dict[str, str]) -> dict[str, str]:
    """Files with their digests; of very many, the folders with a digest of digests: a note cannot name a
    thousand.
    """
    if len(digests) <= MOST_FILES:
        return digests
    folders: dict[str, list[str]] = {}
    for file, digest in sorted(digests.items()):
        folders.setdefault(file.rpartition("/")[0].split("/", 1)[0] + "/", []).append(digest)
    return {name: hashlib.sha256("".join(own).encode()).hexdigest() for name, own in folders.items()}


def _write_accounts(loaded: Loaded, building: Path, known: Catalogue, read_by: str) -> None:
    mapping = loaded.mapping
    loaded.areas.to_parquet(building / "areas.parquet", index=False)
    ledger.balance(loaded.ledger).to_parquet(building / "ledger.parquet", index=False)
    ledger.set_aside(loaded.ledger).to_parquet(building / "set_aside.parquet", index=False)
    for name, frame in loaded.registers.items():
        (building / "registers").mkdir(exist_ok=True)
        frame.to_parquet(building / "registers" / f"{name}.parquet", index=False)
    about = {
        "layout": LAYOUT,
        "version": __version__,
        "catalogue": known.digest,
        "reader": read_by,
        "title": asdict(mapping.title),
        "cite": asdict(mapping.cite),
        "lang": mapping.lang,
        "unit_name": asdict(mapping.area.unit_name),
        "groups": [asdict(group) for group in mapping.groups],
        "breaks": [dict(b) for b in mapping.breaks],
        "files": _files({e.file: e.digest for e in loaded.ledger}),
        "years": sorted({int(year) for year in loaded.tidy["year"]}),
    }
    (building / "store.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), "utf-8")
