"""What does a table itself say an area has in all? Its rows of totals, held against the counties they are made of.

A census prints 2,726,181 persons for a prefecture and 2,446,234 in its counties: the rest live where it has no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd

from edustats.catalogue import Catalogue
from edustats.errors import DataError
from edustats.load.loaded import TableMapping
from edustats.load.tables.values import Figures, figures_of
from edustats.schema import FINDING_COLUMNS
from edustats.words import say

DECLARED = ("area", "year", "column", "value")
LEAST = 5e-4
"""Part of a total below which counties that lack it only round."""
RULE = "less_than_total"


def read_declared_totals(
    mapping: TableMapping, figures: Sequence[Figures], above: Sequence[str], known: Catalogue
) -> pd.DataFrame:
    """The counts that rows of totals give for areas above the counties: :data:`DECLARED`.

    Parameters
    ----------
    above : codes of those areas; where there is one only, a total without a code is its own
    """
    frames = [_read_one(mapping, part, above, known) for part in figures]
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame(columns=list(DECLARED))
    # an area that a table totals twice (a stage, a sex, a sort of school each) has no one total
    return pd.concat(frames).drop_duplicates(["area", "year", "column"], keep=False).reset_index(drop=True)


def _read_one(mapping: TableMapping, part: Figures, above: Sequence[str], known: Catalogue) -> pd.DataFrame:
    keys = part.rows.keys
    total = (keys["reason"] == "total").to_numpy()
    area = keys["county"].where(keys["county"].isin(list(above)), "")
    if len(above) == 1:
        area = area.where((area != "") | (keys["county"] != ""), above[0])
    told = total & (area != "").to_numpy()
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
    known: Catalogue,
) -> pd.DataFrame:  # fmt: skip
    """A finding for every area and year whose counties have less of a count than the table's own total.

    Parameters
    ----------
    chains : the areas above each county
    names : of the areas
    """
    worst: dict[tuple[str, int], tuple[float, str, float, float]] = {}
    own = tidy.assign(area=tidy["county"].map(lambda code: list(chains.get(str(code), ())))).explode("area")
    held = {(str(area), int(year)): rows for (area, year), rows in cast(Any, own.groupby(["area", "year"]))}
    columns = (declared[name].tolist() for name in DECLARED)
    for area, year, column, total in zip(*columns, strict=True):
        rows = held.get((area, year))
        if rows is None or column not in rows or rows[column].isna().any() or not total > 0:
            continue
        lack = 1 - float(rows[column].sum()) / total
        if lack > max(LEAST, worst.get((area, year), (0.0,))[0]):
            worst[area, year] = (lack, column, float(rows[column].sum()), total)
    made = [
        _finding(area, year, names.get(area, area), *found, known)
        for (area, year), found in sorted(worst.items())
    ]
    return (
        pd.DataFrame(made).reindex(columns=list(FINDING_COLUMNS), fill_value="") if made else pd.DataFrame()
    )


def _finding(
    area: str, year: int, name: str, lack: float, column: str, own: float, total: float, known: Catalogue
) -> dict[str, object]:
    said = say(
        "load.less_than_total", code=area, name=name, year=year, column=known.columns[column].name,
        sum=f"{own:.0f}", total=f"{total:.0f}", share=f"{lack:.1%}",
    )  # fmt: skip
    return {
        "rule": RULE, "severity": "warning", "row": 0, "county": "", "unit": area, "name": name, "year": year,
        "column": column, "value": f"{own:.0f}", "expected": f"{total:.0f}", "zh": said.zh, "en": said.en,
    }  # fmt: skip
