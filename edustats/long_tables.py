"""What does a store hold, as one long table that other people and programs can hold against the original?

``columns``: every figure as it was loaded, with the cell it was read from. ``observations``: every indicator of
every area and school. Both are protected as publications are unless the file is for use inside the bureau.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue
from edustats.disclosure.observations import SUPPRESSED, withhold_small_groups
from edustats.disclosure.schools import find_withheld_counts
from edustats.errors import DataError, ParameterError
from edustats.letters import guard_formula, show_controls
from edustats.schema import KINDS, cell_names
from edustats.store.reading import KIND, Store
from edustats.words import say

What = Literal["columns", "observations"]
COLUMNS = ("area", "area_name", "unit", "year", "column", "value", "kind", "source")
OBSERVATIONS = (
    "area", "area_name", "level", "year", "stage", "indicator", "indicator_name", "value", "num", "den", "n",
    "coverage", "status",
)  # fmt: skip
MARK = "mark"
"""A column more, in files for use inside: every line says so, however the file is cut."""
MOST_XLSX = 1_048_575
GAPS = ("not_collected", "not_applicable")
"""Kinds that say nothing where no form asked."""


def write_store_table(
    store: Store, file: Path, what: str = "observations", *, inside: bool = False, lang: str = "zh"
) -> int:
    """Write one long table of a store; the number of its rows.

    Parameters
    ----------
    store : an open store
    file : .csv (UTF-8 with a mark that Excel understands), .xlsx, .parquet or .dta
    what : ``columns`` or ``observations``
    inside : without protection; every line then carries the mark 内部
    lang : language of the names

    Raises
    ------
    ParameterError
        Another ending or another ``what``; more rows than a worksheet has.

    Examples
    --------
    >>> write_store_table(open_store("data/store/example"), Path("figures.csv"), "columns") > 1000
    True
    """
    if (write := WRITERS.get(file.suffix.lower())) is None:
        raise ParameterError("export.format", file=file.name, known=", ".join(WRITERS))
    makers = {"columns": figures, "observations": observations}
    if what not in makers:
        raise ParameterError("export.what", what=what, known=", ".join(makers))
    made = makers[what](store, inside=inside, lang=lang)
    if inside:
        made = mark_inside(made, lang)
    file.parent.mkdir(parents=True, exist_ok=True)
    write(made, file)
    return len(made)


def mark_inside(made: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The table with a column that says on every line that it is for use inside."""
    return made.assign(**{MARK: say("export.inside")[lang]})


# --- figures as they were loaded ---


def figures(
    store: Store, *, inside: bool = False, lang: str = "zh", known: Catalogue | None = None
) -> pd.DataFrame:
    """Every figure of every school and county, in the catalogue's unit, with its cell.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`. ``unit`` is the school's code, '' where the figure is the county's own;
        ``kind`` is ok or the kind of gap; ``source`` names every cell the figure was read from, as
        ``file, sheet, cell``, several parted by ``; ``.
    """
    known = known or store.known
    sources = _sources(store)
    frames = [_county_figures(store, code, known, sources, inside) for code in store.counties]
    frames = [frame for frame in frames if len(frame)]
    made = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
    names = dict(zip(store.areas["code"], store.areas[lang], strict=True))
    made["area_name"] = made["area"].map(names)
    return made[list(COLUMNS)]


def _county_figures(
    store: Store,
    code: str,
    known: Catalogue,
    sources: Mapping[tuple[str, str, int], dict[str, str]],
    inside: bool,
) -> pd.DataFrame:
    units = store.county(code).units
    names = [str(name) for name in units if name in known.columns and f"{name}{KIND}" in units]
    values = units[names].to_numpy(float)
    kinds = units[[f"{name}{KIND}" for name in names]].to_numpy(np.uint8)
    held = list(zip(units["county"], units["unit"], units["year"].astype(int), strict=True))
    told = [[_address(sources.get(key, {}), name) for name in names] for key in held]
    source = np.array(told, dtype=object).reshape(values.shape)
    silent = np.isin(kinds, [KINDS.index(kind) for kind in GAPS]) & (source == "")
    row, column = np.nonzero(~silent)
    hidden = (
        np.zeros(values.shape, bool)
        if inside
        else find_withheld_counts(units, names, store.read_withheld(), known)
    )
    kind = np.where(hidden[row, column], SUPPRESSED, np.array(KINDS, object)[kinds[row, column]])
    unit = units["unit"].to_numpy(object)
    return pd.DataFrame(
        {
            "area": code,
            "unit": np.where(unit == code, "", unit)[row],
            "year": units["year"].to_numpy(int)[row],
            "column": np.array(names, object)[column],
            "value": np.where(hidden[row, column], np.nan, values[row, column]),
            "kind": kind,
            "source": source[row, column],
        }
    )


# --- where a figure was read ---


def _address(own: Mapping[str, str], name: str) -> str:
    """The address of a figure; a stage's share of a school's rooms was read where the whole was."""
    return own.get(name) or own.get(name.rpartition("_")[0], "")


def _sources(store: Store) -> dict[tuple[str, str, int], dict[str, str]]:
    """The cells of every figure: (county, unit, year) → column → address."""
    held = store.sources()
    found: dict[tuple[str, str, int], dict[str, str]] = {}
    lines: Any = held.itertuples(index=False)
    for line in lines:
        address = ", ".join(
            part for part in (line.file, line.sheet, cell_names(line.letter, line.row)) if part
        )
        own = found.setdefault((line.county, line.unit, int(line.year)), {})
        own[line.column] = f"{own[line.column]}; {address}" if line.column in own else address
    return found


# --- indicators ---


def observations(
    store: Store, *, inside: bool = False, lang: str = "zh", known: Catalogue | None = None
) -> pd.DataFrame:
    """Every indicator of every school, county and area above.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`OBSERVATIONS`; values in the catalogue's unit, shares 0 to 1.
    """
    known = known or store.known
    frames = [*_areas(store, known, inside), *_schools(store, known, inside)]
    if not frames:
        return pd.DataFrame(columns=list(OBSERVATIONS))
    texts = ("area", "level", "stage", "indicator", "status")
    made = pd.concat([f.astype(dict.fromkeys(texts, "str")) for f in frames], ignore_index=True)
    made = made.drop_duplicates(["area", "level", "year", "indicator"], ignore_index=True)
    names = dict(zip(store.areas["code"], store.areas[lang], strict=True)) | _school_names(store)
    made["area_name"] = made["area"].map(names).fillna("")
    made["indicator_name"] = made["indicator"].map({k: one.name[lang] for k, one in known.indicators.items()})
    return made[list(OBSERVATIONS)]


def _areas(store: Store, known: Catalogue, inside: bool) -> Iterator[pd.DataFrame]:
    for code in store.prefectures:
        if store.has_comparison(code):
            rows = store.comparison(code)
            yield rows if inside else withhold_small_groups(rows, known)[0]


def _schools(store: Store, known: Catalogue, inside: bool) -> Iterator[pd.DataFrame]:
    for code in store.counties:
        held = store.county(code)
        if len(held.observations):
            yield held.observations if inside else _without_few(store, held.observations, held.units, known)


def _without_few(store: Store, rows: pd.DataFrame, units: pd.DataFrame, known: Catalogue) -> pd.DataFrame:
    """Observations of schools without those made of a count that is withheld."""
    names = [str(name) for name in units if name in known.columns]
    hidden = find_withheld_counts(units, names, store.read_withheld(), known)
    which = pd.DataFrame(hidden, columns=names, index=pd.MultiIndex.from_frame(units[["unit", "year"]]))
    at = which.index.get_indexer(pd.MultiIndex.from_frame(rows[["area", "year"]]))
    gone = np.zeros(len(rows), bool)
    for key, own in rows.groupby("indicator", observed=True).indices.items():
        inputs = [name for name in known.indicator(str(key)).inputs if name in which]
        found = np.asarray(which[inputs].to_numpy(bool).any(axis=1))
        gone[own] = (at[own] >= 0) & found[at[own]]
    shown = rows.copy()
    shown.loc[gone, ["value", "num", "den"]] = np.nan
    shown["status"] = shown["status"].astype("str").where(~gone, SUPPRESSED)
    return shown


def _school_names(store: Store) -> dict[str, str]:
    rows = store.rows("units", store.counties, ["unit", "unit_name"])
    named = rows.dropna().drop_duplicates("unit", keep="last")
    return dict(zip(named["unit"], named["unit_name"], strict=True))


# --- files ---


def _guarded(made: pd.DataFrame) -> pd.DataFrame:
    """Texts that a spreadsheet would run get a mark before them."""
    texts = [
        str(name) for name in made if made[name].dtype == object or str(made[name].dtype) in ("str", "string")
    ]
    return made.assign(**{name: _harmless(made[name]) for name in texts})


def _harmless(column: pd.Series) -> pd.Series:
    return column.map(lambda cell: guard_formula(show_controls(cell)) if isinstance(cell, str) else cell)


def _csv(made: pd.DataFrame, file: Path) -> None:
    _guarded(made).to_csv(file, index=False, encoding="utf-8-sig", lineterminator="\n")


def _xlsx(made: pd.DataFrame, file: Path, codebook: pd.DataFrame | None = None) -> None:
    from openpyxl import Workbook

    if len(made) > MOST_XLSX:
        raise ParameterError("export.too_long", file=file.name, rows=len(made), most=MOST_XLSX)
    book = Workbook(write_only=True)
    pages = {say("export.inside").zh if MARK in made else "edustats": made}
    for title, table in (pages if codebook is None else pages | {"codebook": codebook}).items():
        page = book.create_sheet(title)
        page.append(list(table.columns))
        for line in _guarded(table).itertuples(index=False):
            page.append([None if pd.isna(cell) else cell for cell in line])
    book.save(file)


def _parquet(made: pd.DataFrame, file: Path) -> None:
    made.to_parquet(file, index=False)


def _dta(made: pd.DataFrame, file: Path) -> None:
    try:
        made.to_stata(file, write_index=False, version=118)
    except ValueError as error:
        raise DataError("export.dta", file=file.name, detail=str(error)) from error


WRITERS: Mapping[str, Callable[..., None]] = {
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".parquet": _parquet,
    ".dta": _dta,
}
