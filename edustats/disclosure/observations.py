"""Which figures of this page are withheld, and how does the page say so?

The last numeric step before anything is said, drawn or tabulated. Observations of sensitive groups lose
their value and have the status ``suppressed``; tables that list single schools lose their small counts of
persons. Nothing is added up again afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Catalogue, Indicator, terms
from edustats.disclosure import LINKED, PRIMARY, linked, may_show, protect, rules, small
from edustats.words import Text, say

if TYPE_CHECKING:
    pass

SUPPRESSED = "suppressed"
MOST_NAMED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """One observation that is not printed."""

    area: str
    year: int
    indicator: str
    why: str


def without_small_groups(rows: pd.DataFrame, known: Catalogue) -> tuple[pd.DataFrame, tuple[Withheld, ...]]:
    """Observations of an area's counties and of the areas above, without those that would tell too much.

    Parameters
    ----------
    rows : observations, as a store compares them
    known : the catalogue

    Returns
    -------
    rows, withheld
        The same rows, value, num and den missing and the status ``suppressed`` where few persons of a
        sensitive group stand behind them, or where another county's would follow; and the list of these.
    """
    sides = _sensitive(known, set(rows["indicator"].unique()))
    found: dict[int, str] = {}
    for key, side in sides:
        own = rows[rows["indicator"] == key]
        found |= {at: why for at, why in _over_years(own, side) if at not in found or why == PRIMARY}
    if not found:
        return rows, ()
    at = list(found)
    shown = rows.copy()
    shown.loc[at, ["value", "num", "den"]] = np.nan
    shown["status"] = shown["status"].astype(str)
    shown.loc[at, "status"] = SUPPRESSED
    told: list[Withheld] = []
    for area, year, key, why in zip(
        rows.loc[at, "area"], rows.loc[at, "year"], rows.loc[at, "indicator"], found.values(), strict=True
    ):
        told.append(Withheld(area=str(area), year=int(year), indicator=str(key), why=why))
    return shown, tuple(told)


def _sensitive(known: Catalogue, held: set[str]) -> list[tuple[str, str]]:
    """Indicators and which of their sums counts persons of a sensitive group."""

    def sides(one: Indicator) -> Iterator[str]:
        for side, expression in (("num", one.num), ("den", one.den)):
            if set(terms(expression)) & rules().sensitive:
                yield side

    return [(key, side) for key, one in known.indicators.items() if key in held for side in sides(one)]


def _over_years(own: pd.DataFrame, side: str) -> Iterator[tuple[int, str]]:
    """Row labels and reasons of what is withheld of one indicator, year after year."""
    before: tuple[list[str], npt.NDArray[np.float64], npt.NDArray[np.bool_]] | None = None
    for _, year in own.sort_values(["year", "level", "area"], kind="stable").groupby("year"):
        cells = year[side].to_numpy(float)
        areas, levels = year["area"].tolist(), year["level"].astype(str).to_numpy(object)
        sums = _sums(cells, levels)
        again = np.zeros(len(cells), bool)
        if before is not None and before[0] == areas and before[2].any():
            again = linked(before[1], cells, sums, before[2])
        why = protect(cells, sums, primary=again).why
        why = np.where(again & ~small(cells), LINKED, why)
        before = areas, cells, np.asarray(why != "")
        yield from ((int(at), str(reason)) for at, reason in zip(year.index, why, strict=True) if reason)


def _sums(cells: npt.NDArray[np.float64], levels: npt.NDArray[np.object_]) -> list[tuple[int, list[int]]]:
    """That the counties make the area right above them, where they do."""
    counties, above = np.flatnonzero(levels == "county"), np.flatnonzero(levels != "county")
    total = np.nansum(cells[counties])
    return [
        (int(k), counties.tolist()) for k in above if np.isfinite(cells[k]) and abs(cells[k] - total) < 0.5
    ]


def may_measure(units: pd.DataFrame, indicator: Indicator, year: int) -> bool:
    """Whether an index over a county's schools may be printed.

    One over a sensitive group may not where it stands on too few schools (it gives them back) or where one
    of them counts few persons; no index is made of the schools that remain.

    Parameters
    ----------
    units : tidy rows of the county's schools
    indicator, year : what the index is of
    """
    columns = [name for name in indicator.inputs if name in rules().sensitive and name in units]
    if not columns:
        return True
    counts = units.loc[units["year"] == year, columns].dropna().to_numpy(float)
    return may_show(len(counts), inputs_hidden=bool(small(counts).any()))


def told(found: Sequence[Withheld], names: dict[str, Text], known: Catalogue) -> Text:
    """What is withheld and why, in one sentence."""
    cells = [
        _cell(
            say("disclosure.observation", area=names[one.area], year=one.year,
                indicator=known.indicator(one.indicator).name), one.why,
        )
        for one in found
    ]  # fmt: skip
    return say("disclosure.cover", cells=_joined(cells))


def _cell(what: Text, why: str) -> Text:
    return say("disclosure.cell", what=what, why=say(f"disclosure.{why}", threshold=rules().threshold))


def _joined(cells: Sequence[Text]) -> Text:
    shown = cells[:MOST_NAMED]
    zh, en = "、".join(one.zh for one in shown), "; ".join(one.en for one in shown)
    more = say("disclosure.more", count=len(cells)) if len(cells) > len(shown) else Text("", "")
    return Text(zh + more.zh, en + more.en)
