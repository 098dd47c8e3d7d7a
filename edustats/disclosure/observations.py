"""Which figures of this page are withheld, and how does the page say so?

The last numeric step before anything is said, drawn or tabulated. Observations of sensitive groups lose
their value and have the status ``suppressed``; tables that list single schools lose their small counts of
persons. Nothing is added up again afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Catalogue, Indicator
from edustats.disclosure import (
    COMPLEMENTARY,
    LINKED,
    PRIMARY,
    SHOWN,
    find_small_counts,
    may_show_measure,
    protect_table,
)
from edustats.disclosure.cells import NONE, SAME, CellTable, cells_of, sensitive_sides, small_cells
from edustats.disclosure.rules import list_sensitive, rules
from edustats.schema import LEVELS
from edustats.typing import Flags
from edustats.words import Text, concatenate_texts, join_texts, say

SUPPRESSED = "suppressed"
WITHHELD = "withheld"
"""The column in which a store notes why an observation is not printed."""
MOST_NAMED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldObservation:
    """One observation that is not printed."""

    area: str
    year: int
    indicator: str
    why: str


def withhold_small_groups(
    rows: pd.DataFrame, known: Catalogue
) -> tuple[pd.DataFrame, tuple[WithheldObservation, ...]]:
    """Observations of an area's counties and of the areas above, without those that would tell too much.

    Parameters
    ----------
    rows : observations, as a store compares them; a store has noted in ``withheld`` which to withhold, from all its
        areas and from what it showed before, and only rows without that column are looked at here
    known : the catalogue

    Returns
    -------
    rows, withheld
        The same rows, value, num and den missing and the status ``suppressed`` where few persons of a
        sensitive group stand behind them, or where another figure would follow; and the list of these.
    """
    why = rows[WITHHELD] if WITHHELD in rows else withhold(rows, _levels(rows), known).why
    at = rows.index[(why != SHOWN).to_numpy()]
    if not len(at):
        return rows, ()
    shown = rows.copy()
    shown.loc[at, ["value", "num", "den"]] = np.nan
    shown["status"] = shown["status"].astype(str)
    shown.loc[at, "status"] = SUPPRESSED
    columns = [rows.loc[at, name] for name in ("area", "year", "indicator")]
    told = zip(*columns, why.loc[at], strict=True)
    return shown, tuple(
        WithheldObservation(area=str(area), year=int(year), indicator=str(key), why=str(reason))
        for area, year, key, reason in told
    )


def _levels(rows: pd.DataFrame) -> dict[str, str]:
    """The area right above each, where nobody says it: by their levels."""
    areas = rows.drop_duplicates("area")
    level = dict(zip(areas["area"].astype(str), areas["level"].astype(str), strict=True))
    above = sorted((area for area in level if level[area] != "county"), key=lambda a: (_rank(level[a]), a))
    chain = dict(pairwise(above))
    return chain | {area: above[0] for area in level if above and level[area] == "county"}


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is withheld of some observations."""

    why: pd.Series
    """Reason of each row, '' where it is shown; same labels."""
    columns: pd.DataFrame
    """area, year, column: counts of single columns that are withheld."""


def withhold(
    rows: pd.DataFrame, parents: Mapping[str, str], known: Catalogue, before: pd.DataFrame | None = None
) -> Decision:
    """Decide what is withheld, over all indicators, levels and years, and with what was shown before.

    Parameters
    ----------
    rows : observations of all areas, each once; unique labels
    parents : the area right above each area
    known : the catalogue
    before : observations that were shown before, with their column ``withheld``. What was withheld and has not
        changed stays withheld; what was shown and has not changed is known to the reader, and to withhold it now
        would protect nothing.
    """
    why = pd.Series(SHOWN, index=rows.index, dtype="str")
    memory = _memory(before, known)
    columns: list[tuple[str, int, str]] = []
    last: tuple[CellTable, npt.NDArray[np.str_]] | None = None
    for year, table in cells_of(rows, parents, known).items():
        decided = _decide(table, year, memory, last)
        last = table, decided
        for label, cells in table.sides.items():
            reasons = [str(decided[cell]) for cell in cells if cell != NONE and decided[cell] != SHOWN]
            if reasons:
                why.at[label] = PRIMARY if PRIMARY in reasons else reasons[0]
        hidden = [table.keys[cell] for cell in np.flatnonzero(decided != SHOWN)]
        columns += [(area, year, form[1:]) for area, form, _ in hidden if form[1:] in known.columns]
    return Decision(
        why=why, columns=pd.DataFrame(columns, columns=["area", "year", "column"]).drop_duplicates()
    )


Memory = dict[tuple[str, int, str], list[tuple[float, bool]]]
"""Counts by area, year and sum that were in print before, and whether each was withheld."""


def _memory(before: pd.DataFrame | None, known: Catalogue) -> Memory:
    held: Memory = {}
    if before is None or WITHHELD not in before:
        return held
    sides = sensitive_sides(known)
    own = before[before["indicator"].isin(list(sides))]
    for area, year, key, num, den, why in zip(
        *(own[name] for name in ("area", "year", "indicator", "num", "den", WITHHELD)), strict=True
    ):
        for side, form in sides[str(key)].items():
            count = float(num if side == "num" else den)
            held.setdefault((str(area), int(year), form), []).append((count, why != SHOWN))
    return held


def _decide(
    table: CellTable, year: int, memory: Memory, last: tuple[CellTable, npt.NDArray[np.str_]] | None
) -> npt.NDArray[np.str_]:
    """(n,): why each cell of a year is withheld."""
    rule = rules()
    unseen, counts = np.asarray(table.unseen, bool), np.asarray(table.counts, float)
    few = small_cells(table, rule)
    linked = _linked(table, last) & ~unseen & ~few
    again = linked.copy()
    fixed = np.zeros(len(counts), bool)
    for cell, (area, form, _) in enumerate(table.keys):
        seen = [
            gone for count, gone in memory.get((area, year, form), ()) if abs(count - counts[cell]) < SAME
        ]
        again[cell] |= bool(seen) and all(seen)
        fixed[cell] = bool(seen) and not all(seen) and not few[cell]
    again &= ~unseen & ~fixed
    first = (few & ~unseen) | again
    why = np.full(len(counts), SHOWN, dtype="<U13")
    while True:
        for cells in table.components():
            if (first | few)[cells].any():
                why[cells] = protect_table(
                    counts[cells], table.matrix(cells), first[cells], rule, fixed=fixed[cells],
                    unseen=unseen[cells], printed=np.asarray(table.printed, float)[cells],
                ).why  # fmt: skip
        lost = _printed_no_more(table, why != SHOWN) & ~fixed
        if not lost.any():
            break
        first |= lost | (why != SHOWN)
    return np.where(~few & (why != SHOWN), np.where(linked, LINKED, COMPLEMENTARY), why)


def _printed_no_more(table: CellTable, hidden: Flags) -> Flags:
    """Cells that are shown and that no observation prints, for the other side of each is withheld."""
    left = np.asarray(table.unseen, bool) | hidden
    for sides in table.sides.values():
        cells = [cell for cell in sides if cell != NONE]
        if not hidden[cells].any():
            left[cells] = True
    return ~left


def _linked(table: CellTable, last: tuple[CellTable, npt.NDArray[np.str_]] | None) -> Flags:
    """Cells that would tell today what last year's table withheld.

    Where neither a total nor any shown part of it moved, a reader concludes that the withheld parts did not move.
    """
    again = np.zeros(len(table.keys), bool)
    if last is None:
        return again
    before, decided = last
    sums = {frozenset(before.keys[cell] for cell in row): row for row in before.sums}
    for row in table.sums:
        old = sums.get(frozenset(table.keys[cell] for cell in row))
        if old is None or any(table.unseen[cell] for cell in row):
            continue
        was = {before.keys[cell]: cell for cell in old}
        gone = [cell for cell in row if decided[was[table.keys[cell]]] != SHOWN]
        still = [cell for cell in row if cell not in gone]
        if all(abs(table.counts[cell] - before.counts[was[table.keys[cell]]]) < SAME for cell in still):
            again[gone] = True
    return again


def may_measure_schools(
    units: pd.DataFrame, indicator: Indicator, year: int, known: Catalogue | None = None
) -> bool:
    """Whether an index over a county's schools may be printed.

    One over a sensitive group may not where it stands on too few schools (it gives them back) or where one
    of them counts few persons; no index is made of the schools that remain.

    Parameters
    ----------
    units : tidy rows of the county's schools
    indicator, year : what the index is of
    known : for the sensitive groups of a bureau's own page
    """
    sensitive = list_sensitive(known) if known else rules().sensitive
    columns = [name for name in indicator.inputs if name in sensitive and name in units]
    if not columns:
        return True
    counts = units.loc[units["year"] == year, columns].dropna().to_numpy(float)
    return may_show_measure(len(counts), inputs_hidden=bool(find_small_counts(counts).any()))


def describe_withheld(found: Sequence[WithheldObservation], names: dict[str, Text], known: Catalogue) -> Text:
    """What is withheld, in one sentence; why is the same for all, for the reason of one would bound its figure."""
    cells = [
        say("disclosure.observation", area=names[one.area], year=one.year,
            indicator=known.indicator(one.indicator).name)
        for one in found
    ]  # fmt: skip
    return say("disclosure.cover", cells=joined(cells), threshold=rules().threshold)


def joined(cells: Sequence[Text]) -> Text:
    """Names of what is withheld, the first few of many."""
    shown = join_texts(cells[:MOST_NAMED], Text("、", "; "))
    more = say("disclosure.more", count=len(cells)) if len(cells) > MOST_NAMED else Text("", "")
    return concatenate_texts(shown, more)
