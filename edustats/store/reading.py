"""Where do loaded tables live? A folder of Parquet files, one partition per county.

A report opens its own county's partition and the one comparison file of its neighbours, so time and
memory do not grow with other people's counties.

    STORE/store.json                          layout, source, file digests, catalogue digest
    STORE/areas.parquet                       code, level, parent, zh, en
    STORE/members.parquet                     counties that there ought to be, and in which years
    STORE/former.parquet                      what counties were called in other years (no file where none was)
    STORE/absent.parquet                      findings: counties that sent nothing for a year
    STORE/ledger.parquet  set_aside.parquet   what became of every row
    STORE/withheld.parquet                    counts of few persons, and those from which they would follow
    STORE/county=82/units.parquet             tidy rows (a value column and a kind column each)
    STORE/county=82/observations.parquet      observations of the units (no file where a county is one row)
    STORE/county=82/findings.parquet          doubtful values (no file where there are none)
    STORE/county=82/origins.parquet           file, sheet and rows of every column and year (returns only)
    STORE/county=82/sources.parquet           every cell a figure was read from
    STORE/compare/26.parquet                  observations of all counties of an area and the areas above
    STORE/registers/projects.parquet          lists of things that are no schools, as text (returns only)
    STORE/history/                            every file ever given, its figures and its state (returns only)
"""

from __future__ import annotations

import difflib
import io
import json
import threading
import weakref
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from edustats.areas import AreaTree, Membership, read_events
from edustats.catalogue import Catalogue
from edustats.catalogue.own import extend_catalogue
from edustats.errors import DamagedFileError, DataError, MissingFileError, UnknownNameError
from edustats.files import BusyError, hold_lock, restore_folder
from edustats.places import RemotePlace, resolve_place
from edustats.schema import FILES, FINDING_COLUMNS, OBSERVATION_COLUMNS, ORIGINS, SOURCES
from edustats.words import Text, join_names

LAYOUT = 2
KIND = "__kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaData:
    """An area and the rows it is compared with."""

    area: str
    name: Text
    parent: str
    compare: pd.DataFrame
    areas: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyData(AreaData):
    """Everything a county's report reads: its partition and its comparison rows."""

    units: pd.DataFrame
    observations: pd.DataFrame
    findings: pd.DataFrame


@dataclass(frozen=True, kw_only=True, repr=False)
class Store:
    """An open store."""

    path: Any
    """A Path, or a Place where it is no folder of this machine."""
    about: dict[str, Any]
    areas: pd.DataFrame

    def __repr__(self) -> str:
        years = self.about["years"]
        return f"<store {self.path.name}: {len(self.counties)} counties, {years[0]}–{years[-1]}>"

    @property
    def lang(self) -> str:
        return str(self.about["lang"])

    @property
    def known(self) -> Catalogue:
        """The catalogue that the store was made with: the suite's and the bureau's own, with whose figures they are."""
        source = self.about.get("source", {})
        source = source if source.get("zh") else self.about["cite"]
        return extend_catalogue(self.about.get("own", ""), source["zh"], source["en"])

    @property
    def unit_name(self) -> Text:
        return Text(**self.about["unit_name"])

    @property
    def counties(self) -> list[str]:
        """Codes of all counties, ascending."""
        return list(self._county_codes)

    @property
    def prefectures(self) -> list[str]:
        """Codes of the areas that counties belong to directly, ascending."""
        return list(self._prefecture_codes)

    @cached_property
    def _county_codes(self) -> tuple[str, ...]:
        return tuple(sorted(self.areas.loc[self.areas["level"] == "county", "code"]))

    @cached_property
    def _prefecture_codes(self) -> tuple[str, ...]:
        return tuple(sorted({self.parents[code] for code in self._county_codes} - {""}))

    @cached_property
    def parents(self) -> dict[str, str]:
        """Every area's code and that of the area above it."""
        return dict(zip(self.areas["code"], self.areas["parent"], strict=True))

    def is_whole(self, area: str) -> bool:
        """Whether the store is about the area at all, or only holds some of its counties."""
        return area in self._whole_areas

    @cached_property
    def _whole_areas(self) -> frozenset[str]:
        return frozenset(self.areas.loc[self.areas["whole"].astype(bool), "code"])

    def count_counties(self, area: str) -> int:
        """How many counties of the store belong to an area, at whatever distance."""
        return self._counted_counties.get(area, 0)

    @cached_property
    def _counted_counties(self) -> Counter[str]:
        return Counter(area for code in self.counties for area in set(self.tree.chain(code)))

    @cached_property
    def tree(self) -> AreaTree:
        """Which counties belong to which area, and in which years; without the years of the rows."""
        spans = _read_parquet(self.path / "members.parquet")
        parents = dict(zip(self.areas["code"], self.areas["parent"], strict=True))
        counties = tuple(
            Membership(code=str(c), first=int(a), last=int(b), listed=bool(known))
            for c, a, b, known in zip(
                spans["code"], spans["first"], spans["last"], spans["listed"], strict=True
            )
        )
        return AreaTree(
            levels=dict(zip(self.areas["code"], self.areas["level"], strict=True)),
            parents=parents | dict(zip(spans["code"], spans["parent"], strict=True)), counties=counties, held={},
            events=read_events(self.about.get("events", ())),
        )  # fmt: skip

    def in_year(self, year: int) -> Store:
        """The same store with the names that counties had in a year."""
        former = self.former_names
        own = former[former["year"] == year].set_index("code")
        if own.empty:
            return self
        areas, at = self.areas.copy(), self.areas["code"].isin(own.index)
        for lang in ("zh", "en"):
            areas.loc[at, lang] = areas.loc[at, "code"].map(own[lang])
        return replace(self, areas=areas)

    @cached_property
    def former_names(self) -> pd.DataFrame:
        """Counties with the years in which they were called otherwise: code, year, zh, en."""
        return _read_parquet_or_empty(self.path / "former.parquet", ("code", "year", "zh", "en"))

    def absent(self) -> pd.DataFrame:
        """Findings on counties that ought to have sent figures for a year and sent none."""
        return _read_parquet_or_empty(self.path / "absent.parquet", FINDING_COLUMNS)

    def members(self, area: str) -> list[str]:
        """Codes of the counties that belong to an area directly, ascending."""
        return [code for code in self._county_codes if self.parents[code] == area]

    def name(self, code: str) -> Text:
        """Both names of an area."""
        if code not in self._names:
            self._raise_unknown_county(code)
        return self._names[code]

    @cached_property
    def _names(self) -> dict[str, Text]:
        rows = self.areas.drop_duplicates("code")
        return {code: Text(zh, en) for code, zh, en in zip(rows["code"], rows["zh"], rows["en"], strict=True)}

    def ledger(self) -> pd.DataFrame:
        """One row per file: read, loaded, set aside."""
        return _read_parquet(self.path / "ledger.parquet")

    def set_aside(self) -> pd.DataFrame:
        """One row per row set aside: file, row, reason, raw; the sheet where it came from a workbook of
        several.
        """
        return _read_parquet(self.path / "set_aside.parquet")

    def read_withheld(self) -> frozenset[tuple[str, int, str]]:
        """Area, year and column of the counts of areas that no publication prints."""
        held = _read_parquet_or_empty(self.path / "withheld.parquet", ("area", "year", "column"))
        return frozenset(zip(held["area"], held["year"].astype(int), held["column"], strict=True))

    def history(self) -> pd.DataFrame:
        """Every file ever given: file, digest, number of the load, current or superseded."""
        return _read_parquet_or_empty(self.path / "history" / "files.parquet", FILES)

    def register(self, name: str) -> pd.DataFrame:
        """A list of things that are no schools (programmes, projects, targets), all text; empty if not
        given.
        """
        return _read_parquet_or_empty(self.path / "registers" / f"{name}.parquet", ())

    def register_state(self, name: str) -> FileStates | None:
        """What changes when a list is written anew; None where the store is no folder here."""
        return read_file_states([self.path / "registers" / f"{name}.parquet"])

    def county_code(self, code: str) -> str:
        """The code, if it is a county's; else :class:`UnknownNameError` names the nearest."""
        if code not in set(self.counties):
            self._raise_unknown_county(code)
        return code

    def county(self, code: str) -> CountyData:
        """Read one county; :class:`UnknownNameError` names the nearest codes."""
        folder = self.path / f"county={self.county_code(code)}"
        parent = self.county_parent(code)
        return CountyData(
            area=code,
            name=self.name(code),
            parent=parent,
            units=_read_parquet(folder / "units.parquet"),
            observations=_read_parquet_or_empty(folder / "observations.parquet", OBSERVATION_COLUMNS),
            findings=_read_parquet_or_empty(folder / "findings.parquet", FINDING_COLUMNS),
            compare=self.comparison(parent),
            areas=self.areas,
        )

    def county_parent(self, code: str) -> str:
        """Code of the area a county belongs to directly; :class:`UnknownNameError` names the nearest codes."""
        return str(self.areas.loc[self.areas["code"] == self.county_code(code), "parent"].iloc[0])

    def rows(self, part: str, counties: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
        """Some columns of one part (``units``, ``findings``) of several counties, one below the other.

        A column that a county's part does not hold is missing in its rows; so are counties without the part.
        """
        held = [self.path / f"county={county}" / f"{part}.parquet" for county in counties]
        frames = [_read_columns(path, columns) for path in held if path.exists()]
        found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
        return found.reindex(columns=list(columns))

    def find_damaged(self, counties: Sequence[str]) -> list[str]:
        """Those of some counties whose rows are there and cannot be read: nobody else's report may stop for them."""
        import pyarrow.parquet as pq

        found: list[str] = []
        if not isinstance(self.path, Path):
            return found  # elsewhere, to look would be to fetch
        for county in counties:
            parts = [self.path / f"county={county}" / f"{part}.parquet" for part in ("units", "observations")]
            try:
                for path in parts:
                    if path.exists():
                        with _refuse_damage(path):
                            pq.ParquetFile(_open_for_parquet(path)).close()
            except DamagedFileError:
                found.append(county)
        return found

    def unit_observations(self, counties: Sequence[str], indicators: Sequence[str]) -> pd.DataFrame:
        """Observations of the units of several counties: county, area, year, indicator, value, den."""
        held = {c: self.path / f"county={c}" / "observations.parquet" for c in counties}
        frames = [
            _read_observations(path, indicators).assign(county=c) for c, path in held.items() if path.exists()
        ]
        columns = ["county", "area", "year", "indicator", "value", "den"]
        return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)

    def list_fed(self, indicators: Sequence[str]) -> list[tuple[str, str]]:
        """Pairs of area and indicator, of those named, that hold a value in any year."""
        pairs: set[tuple[str, str]] = set()
        for prefecture in self.prefectures:
            rows = _read_observations(self.path / "compare" / f"{prefecture}.parquet", indicators)
            rows = rows[rows["value"].notna()]
            pairs |= set(zip(rows["area"].astype(str), rows["indicator"].astype(str), strict=True))
        return sorted(pairs)

    def origins(self, code: str) -> pd.DataFrame:
        """File, sheet and rows of each column and year of a county; empty where tables were loaded whole."""
        return _read_parquet_or_empty(
            self.path / f"county={self.county_code(code)}" / "origins.parquet", ORIGINS
        )

    def sources(self, counties: Sequence[str] = ()) -> pd.DataFrame:
        """Every cell that a figure of these counties (of all, if none is named) was read from."""
        return self.rows("sources", counties or self.counties, SOURCES)

    def has_comparison(self, area: str) -> bool:
        """Whether counties belong to this area directly."""
        return (self.path / "compare" / f"{area}.parquet").is_file()

    def comparison(self, area: str) -> pd.DataFrame:
        """Observations of all counties of an area and of the areas above them."""
        state = self.comparison_state(area)
        rows = _read_parquet(self.path / "compare" / f"{area}.parquet")
        if state is not None:
            _STATES[id(rows)] = weakref.ref(rows), state
            weakref.finalize(rows, _STATES.pop, id(rows), None)
        return rows

    def read_comparison_once(self, area: str) -> pd.DataFrame:
        """As :meth:`comparison`, for who goes through all areas: this process remembers none of it."""
        return _read_parquet_anew(self.path / "compare" / f"{area}.parquet")

    def comparison_state(self, area: str) -> FileStates | None:
        """What changes when the rows of :meth:`comparison` do; None in a store that is no folder of this machine."""
        names = ("store.json", "areas.parquet", "members.parquet", f"compare/{area}.parquet")
        return read_file_states([self.path / name for name in names])

    def county_state(self, code: str) -> FileStates | None:
        """What changes when a county's rows are written anew; None where the store is no folder here."""
        names = ("units.parquet", "observations.parquet", "findings.parquet", "origins.parquet")
        return read_file_states([self.path / f"county={code}" / name for name in names])

    def find_area(self, given: str) -> str:
        """The code of an area given by code or by name, in either language; 柏溪 will do for 柏溪县.

        Raises
        ------
        UnknownNameError
            None is called so, or several are; the message names them or the nearest.
        """
        areas = self.areas
        if given in self.parents:
            return given
        once = set(self.former_names.loc[self.former_names["zh"] == given, "code"])
        hits = areas[(areas["zh"] == given) | (areas["en"].str.casefold() == given.casefold())]
        hits = areas[areas["code"].isin(once)] if hits.empty else hits
        if hits.empty and len(given) > 1 and not given.isascii():
            hits = areas[areas["zh"].str.startswith(given)]
        if len(hits) == 1:
            return str(hits["code"].iloc[0])
        if len(hits) > 1:
            told = join_names(f"{code} {zh}" for code, zh in zip(hits["code"], hits["zh"], strict=True))
            raise UnknownNameError("analysis.several_areas", given=given, found=told)
        if given.isdecimal():
            self._raise_unknown_county(given)
        names = list(areas["en" if given.isascii() and any(map(str.isascii, areas["en"])) else "zh"])
        near = difflib.get_close_matches(given, names, n=3, cutoff=0.3) or names[:6]
        raise UnknownNameError("analysis.unknown_area", given=given, near=join_names(near))

    def _raise_unknown_county(self, code: str) -> None:
        padded = [c for c in self.counties if c.lstrip("0") == code.lstrip("0")]
        near = padded or difflib.get_close_matches(code, self.counties, n=3, cutoff=0.3) or self.counties[:3]
        raise UnknownNameError(
            "errors.unknown_county", store=self.path.name, county=code, near=", ".join(near)
        )


def find_state(rows: pd.DataFrame) -> FileStates | None:
    """The state of the files that :meth:`Store.comparison` read these very rows from; None of any other rows."""
    held, state = _STATES.get(id(rows), (None, None))
    return state if held is not None and held() is rows else None


FileStates = tuple[tuple[str, int, int, int], ...]
"""Of some files: path, time of writing in nanoseconds, bytes, number in the file system."""


_STATES: dict[int, tuple[weakref.ref[pd.DataFrame], FileStates]] = {}


def read_file_states(paths: Sequence[Any]) -> FileStates | None:
    """What changes when one of some files is written anew; None where one is no file of this machine."""
    if not all(isinstance(path, Path) for path in paths):
        return None
    return tuple((str(path), *_read_state(path)) for path in paths)


def _read_state(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_mtime_ns, found.st_size, found.st_ino


REVISION_COLUMNS = ("area", "year", "indicator", "old", "new", "edition", "why_zh", "why_en")


def revisions_file(store: Store) -> Any:
    """Where a run notes what differs from the last edition: ``NAME.revisions.parquet`` beside the store ``NAME``."""
    return store.path.with_name(f"{store.path.name}.revisions.parquet")


def read_revisions(store: Store, area: str) -> pd.DataFrame:
    """Figures of an area that the last edition published otherwise: :data:`REVISION_COLUMNS`."""
    found = _read_parquet_or_empty(revisions_file(store), REVISION_COLUMNS)
    return found[found["area"] == area].reset_index(drop=True)


def locate_boundary_file(store: Store) -> Any:
    """Where a bureau puts the boundaries of its counties: ``NAME.map.geojson`` beside the store ``NAME``."""
    return store.path.with_name(f"{store.path.name}.map.geojson")


BRIEF_SETTINGS = "{}.brief.toml"


def find_settings_file(store: Store) -> Path | None:
    """A bureau's own settings of the brief, beside its store; None where there are none."""
    path = store.path.with_name(BRIEF_SETTINGS.format(store.path.name))
    return path if isinstance(path, Path) and path.is_file() else None


def _read_columns(path: Path | RemotePlace, columns: Sequence[str]) -> pd.DataFrame:
    import pyarrow.parquet as pq

    with _refuse_damage(path), pq.ParquetFile(_open_for_parquet(path)) as file:
        there = set(file.schema_arrow.names)  # asked once: it is made anew each time
        held = [name for name in columns if name in there]
        return file.read(columns=held).to_pandas()


def _read_observations(path: Path | RemotePlace, indicators: Sequence[str]) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    wanted = pc.field("indicator").isin(pa.array(list(indicators), pa.string()))  # of none, no row
    columns = ["area", "year", "indicator", "value", "den"]
    with _refuse_damage(path):
        return pq.read_table(_open_for_parquet(path), columns=columns, filters=wanted).to_pandas()


def _open_for_parquet(path: Path | RemotePlace) -> Any:
    return path if isinstance(path, Path) else io.BytesIO(path.read_bytes())


MOST_HELD = 8 << 20
"""Bytes of files whose tables a process remembers."""
_TABLES: OrderedDict[FileStates, pd.DataFrame] = OrderedDict()
_LOCK = threading.Lock()


def _read_parquet(path: Path | RemotePlace) -> pd.DataFrame:
    """The table of a file: the one of before while the file is the same; each caller has its own frame of it."""
    state = read_file_states([path])
    if state is None:
        return _read_parquet_anew(path)
    with _LOCK:
        table = _TABLES.pop(state, None)
    if table is None:
        table = _read_parquet_anew(path)
    with _LOCK:
        _TABLES[state] = table
        while sum(size for ((_, _, size, _),) in _TABLES) > MOST_HELD:
            _TABLES.popitem(last=False)
    return table.copy(deep=False)


def _read_parquet_anew(path: Path | RemotePlace) -> pd.DataFrame:
    # Without threads: they cost these small files more than they save, and a process that has them must not fork.
    alone: dict[str, Any] = {
        "use_threads": False,
        "pre_buffer": False,
        "to_pandas_kwargs": {"use_threads": False},
    }
    with _refuse_damage(path):
        return pd.read_parquet(io.BytesIO(path.read_bytes()), **alone)


@contextmanager
def _refuse_damage(path: Path | RemotePlace) -> Iterator[None]:
    """Say which file it is that holds no table any more."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # it is not there, or may not be read
        file = f"{path.parent.name}/{path.name}"
        raise DamagedFileError("errors.damaged_part", store=path.parent.parent.name, file=file) from error


def _read_parquet_or_empty(path: Path | RemotePlace, columns: Sequence[str]) -> pd.DataFrame:
    return _read_parquet(path) if path.exists() else pd.DataFrame(columns=list(columns))


def _whole(where: Path | RemotePlace) -> Path | RemotePlace:
    """The store, or the one before it where a death between two renames left nothing in its place."""
    if not isinstance(where, Path) or where.exists():
        return where
    old = where.with_name(f".{where.name}.old")
    if not (old / "store.json").is_file():
        return where
    with suppress(OSError, BusyError), hold_lock(where.with_name(f".{where.name}.writing")):
        restore_folder(where, old)
    return where if where.exists() else old  # a reader who may not rename reads it where it lies


def open_store(path: str | Path | RemotePlace, known: Catalogue | None = None) -> Store:
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
    where = _whole(resolve_place(path))
    about_file = where / "store.json"
    if not about_file.is_file():
        raise MissingFileError("errors.no_store", store=where.name)
    about = json.loads(about_file.read_text("utf-8"))
    if about["layout"] != LAYOUT:
        raise DataError("errors.old_store", store=where.name, found=about["layout"], expected=LAYOUT)
    if about["catalogue"] != (known or extend_catalogue(about.get("own", ""))).digest:
        raise DataError("errors.stale_store", store=where.name)
    return Store(path=where, about=about, areas=_read_parquet(where / "areas.parquet"))
