"""What does a table itself say an area has in all? Its rows of totals, held against the counties they are made of.

A census prints 2,726,181 persons for a prefecture and 2,446,234 in its counties: the rest live where it has no row.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue, RawColumn
from edustats.errors import DataError
from edustats.load.loaded import TableMapping
from edustats.load.reading.totals import is_statistic
from edustats.load.reading.units import RATE_UNITS, SHARE
from edustats.load.tables.values import Figures, figures_of
from edustats.schema import FINDING_COLUMNS
from edustats.words import say

DECLARED = ("area", "year", "column", "value")
LEAST = 5e-4
"""Part of a total below which counties that lack it only round."""
RULES = ("less_than_total", "more_than_total")
OUTSIDE, SLACK = "total_outside", 0.006
"""A rate of all lies between those of its counties, but for rounding: this part of itself, of a share a thousandth."""


def read_declared_totals(
    mapping: TableMapping, figures: Sequence[Figures], above: Sequence[str], known: Catalogue
) -> pd.DataFrame:
    """The counts, and rates without counts, that rows of totals give for areas above the counties: :data:`DECLARED`.

    Parameters
    ----------
    above : codes of those areas; a total without a code is that of the smallest that holds its table's counties
    """
    frames = [
        _read_one(mapping, part, above, _find_common_area(part, figures, above), known) for part in figures
    ]
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame(columns=list(DECLARED))
    # an area that a table totals twice (a stage, a sex, a sort of school each) has no one total
    return pd.concat(frames).drop_duplicates(["area", "year", "column"], keep=False).reset_index(drop=True)


def _find_common_area(part: Figures, figures: Sequence[Figures], above: Sequence[str]) -> str:
    """The smallest area above that all counties of a table lie in: 全市 and 合计 are its own."""
    if len(above) == 1:
        return above[0]
    keys = [one.rows.keys for one in figures if one.rows.layout is part.rows.layout]
    codes = {str(code) for own in keys for code in own.loc[own["reason"] == "", "county"]}
    held = [
        code
        for code in above
        if code.endswith("00")
        and code.isdigit()
        and all(one.startswith(_beginning(code)) and one != code for one in codes)
    ]
    return max(held, key=lambda code: len(_beginning(code)), default="") if codes else ""


def _beginning(code: str) -> str:
    """The digits that all counties of an area begin with: 371000 → 3710, 430000 → 43, 000000 → none."""
    return code[:4] if code[2:4] != "00" else code[:2] if code[:2] != "00" else ""


def _read_one(
    mapping: TableMapping, part: Figures, above: Sequence[str], common: str, known: Catalogue
) -> pd.DataFrame:
    keys = part.rows.keys
    total = (keys["reason"] == "total").to_numpy()
    area = keys["county"].where(keys["county"].isin(list(above)), "")
    words = keys["code"] + keys["name"]
    unnamed = (area == "") & (keys["county"] == "") & ~words.str.contains("[省国]")
    area = area.where(~unnamed, common)
    statistic = keys[["code", "name"]].map(is_statistic).to_numpy(bool).any(axis=1)
    told = total & (area != "").to_numpy() & ~statistic
    if not told.any():
        return pd.DataFrame()
    turned = replace(part.rows, keys=keys.assign(reason=np.where(told, "", "aside")))
    try:
        made = figures_of(mapping, turned, known)
    except DataError:  # words where numbers belong: no total at all
        return pd.DataFrame()
    counts = [f.column for f in mapping.fillings if not f.of and not f.divides]
    rows = [
        (area.iloc[at], int(keys["year"].iloc[at]), column, float(made.values[column][at]))
        for column in counts
        for at in np.flatnonzero(told & np.isfinite(made.values[column]))
    ]
    return pd.DataFrame(rows, columns=list(DECLARED))


def find_lacking_totals(
    declared: pd.DataFrame, tidy: pd.DataFrame, chains: dict[str, tuple[str, ...]], names: dict[str, str],
    known: Catalogue, whole: Collection[str] = (),
) -> pd.DataFrame:  # fmt: skip
    """A finding for every area and year whose counties have less or more of a count than the table's own total.

    And for every rate of an area that lies outside those of its counties, where all of them are in the table.

    Parameters
    ----------
    chains : the areas above each county
    names : of the areas
    whole : areas all of whose counties the table holds
    """
    outside = []
    worst: dict[tuple[str, int], tuple[float, str, float, float]] = {}
    own = tidy.assign(area=tidy["county"].map(lambda code: list(chains.get(str(code), ())))).explode("area")
    held = {(str(area), int(year)): rows for (area, year), rows in cast(Any, own.groupby(["area", "year"]))}
    columns = (declared[name].tolist() for name in DECLARED)
    for area, year, column, total in zip(*columns, strict=True):
        rows = held.get((area, year))
        if rows is None or column not in rows or rows[column].isna().any() or not total > 0:
            continue
        if (unit := known.columns[column].unit) in RATE_UNITS:  # a rate of the whole is no sum
            low, high = float(rows[column].min()), float(rows[column].max())
            slack = SLACK / 6 if unit == SHARE else SLACK * total
            if area in whole and unit != "coefficient" and not low - slack <= total <= high + slack:
                outside.append(
                    _tell_outside(
                        area, year, names.get(area, area), known.columns[column], (low, high), total
                    )
                )
            continue
        lack = 1 - float(rows[column].sum()) / total
        if abs(lack) > max(LEAST, abs(worst.get((area, year), (0.0,))[0])):
            worst[area, year] = (lack, column, float(rows[column].sum()), total)
    made = [
        _finding(area, year, names.get(area, area), *found, known)
        for (area, year), found in sorted(worst.items())
    ] + outside
    return (
        pd.DataFrame(made).reindex(columns=list(FINDING_COLUMNS), fill_value="") if made else pd.DataFrame()
    )


def _finding(
    area: str, year: int, name: str, lack: float, column: str, own: float, total: float, known: Catalogue
) -> dict[str, object]:
    rule = RULES[lack < 0]
    said = say(
        f"load.{rule}", code=area, name=name, year=year, column=known.columns[column].name,
        sum=f"{own:.0f}", total=f"{total:.0f}", share=f"{abs(lack):.1%}",
    )  # fmt: skip
    return {
        "rule": rule, "severity": "warning", "row": 0, "county": "", "unit": area, "name": name, "year": year,
        "column": column, "value": f"{own:.0f}", "expected": f"{total:.0f}", "zh": said.zh, "en": said.en,
    }  # fmt: skip


def _tell_outside(
    area: str, year: int, name: str, column: RawColumn, limits: tuple[float, float], total: float
) -> dict[str, object]:
    times = 100.0 if column.unit == SHARE else 1.0
    low, high, stated = (f"{value * times:.6g}{'%' if times > 1 else ''}" for value in (*limits, total))
    said = say(
        f"load.{OUTSIDE}",
        code=area,
        name=name,
        year=year,
        column=column.name,
        low=low,
        high=high,
        total=stated,
    )
    return {
        "rule": OUTSIDE, "severity": "warning", "row": 0, "county": "", "unit": area, "name": name, "year": year,
        "column": column.key, "value": stated, "expected": f"{low}–{high}", "zh": said.zh, "en": said.en,
    }  # fmt: skip
