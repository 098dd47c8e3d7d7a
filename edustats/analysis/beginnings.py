"""Who took part in a measure, and from which year? Whatever a stranger hands over: a list, a file, a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from edustats.errors import DataError, EdustatsError, MissingFileError
from edustats.load.files.workbook import read_sheets
from edustats.load.reading.years import label
from edustats.typing import Floats

Beginnings = Mapping[str, int] | pd.Series | pd.DataFrame | str | Path
HEADINGS = {
    "unit": ("学校代码", "学校标识码", "学校（机构）标识码", "代码", "地区代码", "school", "area"),
    "first": ("起始年份", "开始年份", "实行年份", "加入年份"),
    "last": ("终止年份", "结束年份", "退出年份"),
}
"""Other headings under which a list's columns are known."""
Row = tuple[int, str, str, str]
"""Number as a person sees it, unit, first, last."""


def align_units(frame: pd.DataFrame) -> tuple[list[str], np.ndarray, Floats]:
    """Units, years and values (units, years) of a long frame, checked; nan where missing.

    Raises
    ------
    DataError
        A column is missing; a row has no unit, no year or a value that is no number; a unit stands twice in a year.
    """
    by = find_unit_column(frame)
    if missing := [name for name in (by, "year", "value") if name not in frame]:
        raise DataError("evaluation.no_column", column=missing[0], found=", ".join(map(str, frame)))
    if frame.empty:
        raise DataError("evaluation.empty")
    if "indicator" in frame and frame["indicator"].nunique() > 1:
        raise DataError("evaluation.several_indicators", n=int(frame["indicator"].nunique()))
    rows = pd.DataFrame(
        {
            "unit": name_units(frame[by], by), "year": read_years(frame["year"]),
            "value": read_numbers(frame["value"], "value"),
        }
    )  # fmt: skip
    twice = rows.duplicated(["unit", "year"])
    if twice.any():
        one = rows[twice].iloc[0]
        raise DataError("evaluation.twice", unit=one["unit"], year=int(one["year"]))
    wide = rows.pivot(index="unit", columns="year", values="value").sort_index()
    wide = wide.loc[:, wide.notna().any()]
    if wide.shape[1] < 2:
        raise DataError("evaluation.one_year", n=wide.shape[1])
    return list(wide.index), wide.columns.to_numpy(np.int64), wide.to_numpy(float)


def find_unit_column(frame: pd.DataFrame) -> str:
    """The column of a frame that says whose value a row holds."""
    return next((name for name in ("school", "unit", "area") if name in frame), "area")


def name_units(column: pd.Series, name: str) -> np.ndarray:
    """Codes as text: 101, 101.0 and "101 " are the same unit.

    Raises
    ------
    DataError
        A row without one.
    """
    told = column.map(_name_unit).to_numpy()
    if (told == "").any():
        raise DataError("evaluation.row_no_unit", row=int(np.argmax(told == "")) + 1, column=name)
    return np.asarray(told)


def _name_unit(cell: object) -> str:
    if cell is None or cell is pd.NA or cell != cell:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def read_years(column: pd.Series) -> np.ndarray:
    """Years of a column, however written: 2021, "2021年", "2021-2022学年", dates.

    Raises
    ------
    DataError
        A row that names no year.
    """
    known = {cell: found.year if (found := label(cell)) else 0 for cell in column.dropna().unique()}
    years = column.map(known).fillna(0).to_numpy(np.int64)
    if (years == 0).any():
        at = int(np.argmax(years == 0))
        raise DataError("evaluation.row_year", row=at + 1, found=_name_unit(column.iloc[at])[:40] or "—")
    return np.asarray(years)


def read_numbers(column: pd.Series, name: str) -> Floats:
    """Numbers of a column, nan where nothing stands.

    Raises
    ------
    DataError
        A cell that is no number.
    """
    blank = column.map(lambda cell: isinstance(cell, str) and not cell.strip())
    bare = column.mask(blank.to_numpy(bool))
    made = pd.to_numeric(bare, errors="coerce")
    wrong = made.isna() & bare.notna()
    if wrong.any():
        raise DataError("evaluation.no_number", column=name, found=str(bare[wrong].iloc[0])[:40])
    values = made.to_numpy(float)
    return np.where(np.isfinite(values), values, np.nan)


def read_beginnings(began: Beginnings, last_year: int, frame: pd.DataFrame | None = None) -> dict[str, int]:
    """Unit and the year in which it began, 0: never.

    Parameters
    ----------
    began : a mapping, a frame or a file with ``unit``, ``first`` and perhaps ``last``; or a column of ``frame``
    last_year : of the values; who stopped before it is refused
    frame : whose column ``began`` may name: 0 and 1 by row, or the unit's first year and 0

    Raises
    ------
    MissingFileError, DataError
        Naming the file, the row, the column and what stands there.
    """
    if frame is not None and isinstance(began, str) and began in frame:
        return _read_column(frame, began)
    name, rows = _list_rows(began)
    found: dict[str, int] = {}
    for number, unit, first, last in rows:
        if not (unit or first or last):
            continue
        where: dict[str, object] = {"file": name, "row": number}
        if not unit:
            raise DataError("evaluation.list_no_unit", **where)
        if unit in found:
            raise DataError("evaluation.list_twice", unit=unit, **where)
        found[unit] = 0 if first == "0" else _read_year(first, "first", where)
        if last and _read_year(last, "last", where) < last_year:
            raise DataError("evaluation.switched_off", unit=unit, last=last, **where)
    return found


def _list_rows(began: Beginnings) -> tuple[str, Iterable[Row]]:
    if isinstance(began, pd.DataFrame):
        return "—", _pick_columns("—", [list(began.columns), *began.to_numpy(object).tolist()], 0)
    if isinstance(began, Mapping | pd.Series):
        return "—", [(k, _name_unit(u), _name_unit(y), "") for k, (u, y) in enumerate(began.items(), start=1)]
    if not isinstance(began, str | Path):
        raise DataError("evaluation.list_kind", found=type(began).__name__)
    path = Path(began)
    if not path.is_file():
        raise MissingFileError("evaluation.no_list", file=path.name)
    try:
        sheet = read_sheets(path)[0]
    except EdustatsError:
        raise DataError("evaluation.list_unreadable", file=path.name) from None
    return path.name, _pick_columns(path.name, sheet.rows, sheet.top)


def _pick_columns(file: str, rows: list[list[object]], top: int) -> list[Row]:
    """The columns wanted, under whichever of their headings; the first row that is not blank holds those."""
    start = next((k for k, row in enumerate(rows) if any(map(_name_unit, row))), 0)
    heads = [_name_unit(cell) for cell in rows[start]] if rows else []
    place = {
        key: next((heads.index(one) for one in (key, *others) if one in heads), -1)
        for key, others in HEADINGS.items()
    }
    for key in ("unit", "first"):
        if place[key] < 0:
            raise DataError(
                "evaluation.list_column", file=file, row=top + start + 1, column=key, found=", ".join(heads)
            )
    told = []
    for number, row in enumerate(rows[start + 1 :], start=top + start + 2):
        cells = [_name_unit(row[at]) if 0 <= at < len(row) else "" for at in place.values()]
        told.append((number, cells[0], cells[1], cells[2]))
    return told


def _read_year(text: str, column: str, where: Mapping[str, object]) -> int:
    found = label(text)
    if not text or not found or not 1900 <= found.year <= 2200:
        raise DataError("evaluation.list_year", column=column, found=text or "—", **where)
    return found.year


def _read_column(frame: pd.DataFrame, column: str) -> dict[str, int]:
    """Beginnings from a column of the values' own frame."""
    by = find_unit_column(frame)
    rows = pd.DataFrame(
        {
            "unit": name_units(frame[by], by), "year": read_years(frame["year"]),
            "told": np.nan_to_num(read_numbers(frame[column], column)),
        }
    ).sort_values(["unit", "year"])  # fmt: skip
    if not rows["told"].isin([0, 1]).all():
        odd = rows.groupby("unit")["told"].nunique()
        if (odd > 1).any() or not rows["told"].between(1900, 2200).where(rows["told"] != 0, True).all():
            raise DataError("evaluation.column_kind", column=column, unit=odd.idxmax())
        return {str(unit): int(year) for unit, year in rows.groupby("unit")["told"].first().items()}
    on = rows[rows["told"] == 1]
    found = on.groupby("unit")["year"].min()
    since = rows["unit"].map(found)
    off = rows[(rows["told"] == 0) & (rows["year"] > since)]
    if len(off):
        one = off.iloc[0]
        stopped = on.loc[(on["unit"] == one["unit"]) & (on["year"] < one["year"]), "year"].max()
        raise DataError("evaluation.column_off", column=column, unit=one["unit"], last=int(stopped))
    return {unit: int(found.get(unit, 0)) for unit in rows["unit"].unique()}
