"""How do the figures of many tables become one row per unit and year?

Rows of one item each (long tables) are put side by side; two counties that became one are added up; a row that is the
sum of all the others is a total. Whatever else stands twice is refused with both places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Catalogue
from edustats.errors import DataError
from edustats.load.files.values import plain, text
from edustats.load.loaded import Filling, TableMapping
from edustats.load.reading.stages import stage_word
from edustats.load.reading.totals import is_total_word, sums_of_runs, sums_of_the_others
from edustats.load.tables.findings import Doubt
from edustats.load.tables.layout import Layout
from edustats.load.tables.rows import Rows
from edustats.load.tables.values import ABSENT, Figures, figures_of, sources_of
from edustats.schema import KINDS
from edustats.words import say

KEYS = ["county", "unit", "year"]
NOT_COLLECTED = KINDS.index("not_collected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """One row per unit and year, the kind of every value, and the cells each was read from."""

    tidy: pd.DataFrame
    kinds: pd.DataFrame
    sources: pd.DataFrame


# --- long tables ---


def by_stage(
    mapping: TableMapping, figures: Sequence[Figures], known: Catalogue
) -> tuple[TableMapping, list[Figures]]:
    """A table with a row per stage fills each stage's own columns; any other comes back as it is.

    Raises
    ------
    DataError
        A column of the mapping of which the catalogue has no version for a stage that the table names.
    """
    stages = _stage_column(mapping, figures)
    if stages is None:
        return mapping, list(figures)
    heading, words = stages
    fillings = []
    for stage in dict.fromkeys(words.values()):
        chosen = {heading: tuple(word for word, of in words.items() if of == stage)}
        fillings += [
            _stage_filling(mapping, f, stage, chosen, figures[0].rows.layout, known) for f in mapping.fillings
        ]
    wider = replace(mapping, fillings=tuple(fillings))
    parts = [_with_column(part, heading, words) for part in figures]
    return wider, [figures_of(wider, part, known) for part in parts]


def _stage_column(mapping: TableMapping, figures: Sequence[Figures]) -> tuple[str, dict[str, str]] | None:
    """The heading whose cells tell rows of one unit and year apart by their stage, and the stage of every word."""
    areas_alone = not mapping.area.unit and all("_" not in f.column for f in mapping.fillings)
    if any(f.where for f in mapping.fillings):
        return None
    if not areas_alone and not any(_find_twice(part).any() for part in figures):
        return None
    for j, path in enumerate(figures[0].rows.layout.headings):
        name = "/".join(path)
        if not name or j in figures[0].rows.columns.values():
            continue
        words = _words_of(figures, name)
        told = {word: stage_word(word) for word in words if not is_total_word(word)}
        if told and len(set(told.values())) == len(told) and "" not in told.values():
            return name, told
    return None


def _words_of(figures: Sequence[Figures], heading: str) -> list[str]:
    """The words of a column in the rows of data, each once and in their order."""
    found: dict[str, None] = {}
    for part in figures:
        layout = part.rows.layout
        at = next((j for j in range(len(layout.headings)) if layout.heading(j) == heading), None)
        if at is None:
            return [""]
        data = (part.rows.keys["reason"] == "").to_numpy()
        cells = compress(layout.values(at, down=True), data)
        found |= dict.fromkeys(plain(text(cell)) for cell in cells)
    return [*found]


def _find_twice(part: Figures) -> pd.Series:
    keys = part.rows.keys
    return keys[keys["reason"] == ""].duplicated([*KEYS, "origin"])


def _stage_filling(
    mapping: TableMapping, filling: Filling, stage: str, chosen: Mapping[str, tuple[str, ...]], layout: Layout,
    known: Catalogue,
) -> Filling:  # fmt: skip
    column = f"{filling.column}_{stage}"
    if column not in known.columns:
        raise DataError(
            "load.no_stage_column", file=layout.sheet.file, heading=next(iter(chosen)), column=filling.column,
            stage=say(f"rules.stage_{stage}") if stage in ("primary", "junior", "senior", "preschool") else stage,
        )  # fmt: skip
    of, divides = (f"{base}_{stage}" if base else "" for base in (filling.of, filling.divides))
    return replace(filling, column=column, where=chosen, of=of, divides=divides)


def _with_column(part: Figures, heading: str, words: Mapping[str, str]) -> Rows:
    layout = part.rows.layout
    at = next(j for j in range(len(layout.headings)) if layout.heading(j) == heading)
    keys = part.rows.keys.copy()
    cells = [plain(text(cell)) for cell in layout.values(at, down=True)]
    total = [not why and cell not in words for why, cell in zip(keys["reason"], cells, strict=True)]
    keys.loc[total, "reason"] = "total"
    return replace(part.rows, columns={**part.rows.columns, heading: at}, keys=keys)


# --- totals that nothing calls so ---


def without_sums(mapping: TableMapping, figures: Sequence[Figures]) -> list[Figures]:
    """Tables without the rows that others add up to: neighbours of a subtotal, or all of them."""
    counts = [f.column for f in mapping.fillings if not f.of and not f.divides and not f.where]
    figures = [_without_sum(part, _find_sums(part, counts)) for part in figures]
    if mapping.area.unit:  # a school that its sites stand under is no total
        return figures
    figures = [_without_sum(part, _find_runs(part, counts)) for part in figures]
    return [
        _without_sum(part, _find_sums(part, counts)) for part in figures
    ]  # of a table with its subtotals too


def _years_of_counts(
    part: Figures, counts: Sequence[str]
) -> Iterator[tuple[pd.Index, npt.NDArray[np.float64]]]:
    """The rows of each year that are not set aside, with their counts; not those in which a unit stands twice."""
    data = part.rows.keys.loc[(part.rows.keys["reason"] == "").to_numpy()]
    for _, own in data.groupby("year"):
        if counts and not own.duplicated(["county", "unit"]).any():
            yield own.index, np.column_stack([part.values[name][own.index] for name in counts])


def _find_sums(part: Figures, counts: Sequence[str]) -> dict[int, str]:
    """Rows that all others of their year add up to."""
    return {
        int(rows[k]): "" for rows, table in _years_of_counts(part, counts) for k in sums_of_the_others(table)
    }


def _find_runs(part: Figures, counts: Sequence[str]) -> dict[int, str]:
    """Rows that the rows under or over them add up to, with the numbers of those rows as a person sees them."""
    layout, found = part.rows.layout, {}
    for rows, table in _years_of_counts(part, counts):
        for row, run in sums_of_runs(table).items():
            first, last = (layout.sheet.row(layout.rows[int(rows[k])]) for k in run)
            found[int(rows[row])] = f"{first}–{last}"
    return found


def _without_sum(part: Figures, sums: Mapping[int, str]) -> Figures:
    """The table with such rows set aside, and a doubt for each.

    Parameters
    ----------
    sums : rows, with the rows that add up to them; empty where all others do
    """
    keys = part.rows.keys
    found = {at: of for at, of in sums.items() if not keys["own"].iloc[at]}
    if not found:
        return part
    made = keys.copy()
    made.loc[list(found), "reason"] = "total"
    doubts = [
        Doubt(rule="adds_up_rows" if of else "adds_up", severity="warning", layout=part.rows.layout, at=at, expected=of,
              value=str(keys["name"].iloc[at] or keys["code"].iloc[at]), year=int(keys["year"].iloc[at]))
        for at, of in found.items()
    ]  # fmt: skip
    rows = replace(part.rows, keys=made)
    return Figures(rows=rows, values=part.values, kinds=part.kinds, doubts=[*part.doubts, *doubts])


# --- one row per unit and year ---


def assemble_figures(mapping: TableMapping, figures: Sequence[Figures]) -> Assembled:
    """One row per unit and year.

    Raises
    ------
    DataError
        A unit that stands twice in a year, with both places and, where one column differs, its words.
    """
    keys, values, kinds = _stack_figures(mapping, figures)
    keys, values, kinds = _side_by_side(mapping, figures, keys, values, kinds)
    keys, values, kinds = _added_up(keys, values, kinds)
    used = [name for name in values if (kinds[name] != ABSENT).any()]
    kind = kinds[used].replace(ABSENT, NOT_COLLECTED).astype("uint8")
    tidy = pd.concat([keys.drop(columns="origin").astype({"year": "int16"}), values[used]], axis=1)
    cells = pd.concat([sources_of(mapping, part) for part in figures if part.values], ignore_index=True)
    return Assembled(tidy=tidy, kinds=kind, sources=cells)


def _stack_figures(
    mapping: TableMapping, figures: Sequence[Figures]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The rows of data of all tables, one under the other."""
    names = [f.column for f in mapping.fillings]
    keep = [np.flatnonzero((part.rows.keys["reason"] == "").to_numpy()) for part in figures]
    keys = pd.concat(
        [
            p.rows.keys.iloc[at][[*KEYS, "origin", "file", "sheet", "row", *mapping.attributes]]
            for p, at in zip(figures, keep, strict=True)
        ],
        ignore_index=True,
    )
    pairs = list(zip(figures, keep, strict=True))
    values = pd.DataFrame({name: np.concatenate([p.values[name][at] for p, at in pairs]) for name in names})
    kinds = pd.DataFrame({name: np.concatenate([p.kinds[name][at] for p, at in pairs]) for name in names})
    return keys, values, kinds


def _side_by_side(
    mapping: TableMapping,
    figures: Sequence[Figures],
    keys: pd.DataFrame,
    values: pd.DataFrame,
    kinds: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rows of one unit and year that give different columns, as one row; a column given twice is refused."""
    position, _ = pd.factorize(pd.MultiIndex.from_frame(keys[[*KEYS, "origin"]]))
    if len(position) == 0 or position.max() + 1 == len(position):
        return keys, values, kinds
    given = (kinds != ABSENT).to_numpy()
    counts = np.zeros((position.max() + 1, given.shape[1]), int)
    np.add.at(counts, position, given)
    if (counts > 1).any():
        _refuse_twice(mapping, figures, keys, position, given, counts)
    first = pd.Series(position).drop_duplicates().index.to_numpy()
    merged_values = values.where(given).groupby(position).first().reset_index(drop=True)
    merged_kinds = kinds.where(given).groupby(position).first().fillna(ABSENT).reset_index(drop=True)
    return keys.iloc[first].reset_index(drop=True), merged_values, merged_kinds.astype("uint8")


def _refuse_twice(
    mapping: TableMapping, figures: Sequence[Figures], keys: pd.DataFrame, position: np.ndarray, given: np.ndarray,
    counts: np.ndarray,
) -> None:  # fmt: skip
    group, column = (int(axis[0]) for axis in np.nonzero(counts > 1))
    same = keys[(position == group) & given[:, column]]
    places = [f"{row.file}:{row.row}" for row in same.itertuples()]
    one = same.iloc[0]
    facts = {
        "first": places[0],
        "second": places[1],
        "unit": one["unit"],
        "county": one["county"],
        "year": one["year"],
    }
    if (differing := _find_differing(figures, same)) is not None:
        raise DataError("load.needs_where", **facts, heading=differing[0], values=differing[1])
    raise DataError("load.duplicate_key", **facts)


def _find_differing(figures: Sequence[Figures], same: pd.DataFrame) -> tuple[str, str] | None:
    """The column of words in which two rows of one unit and year differ, such as the item or the sex."""
    for part in figures:
        layout = part.rows.layout
        at = [i for i in layout.rows if layout.sheet.row(i) in set(same["row"])]
        if (
            layout.sheet.file != same["file"].iloc[0]
            or layout.sheet.name != same["sheet"].iloc[0]
            or len(at) < 2
        ):
            continue
        for j in range(len(layout.headings)):
            cells = [text(layout.sheet.rows[i][j]) if j < len(layout.sheet.rows[i]) else "" for i in at[:2]]
            words = all(cell and not cell.replace(".", "").isdigit() for cell in cells)
            if j not in layout.columns.values() and words and cells[0] != cells[1]:
                return layout.heading(j), " / ".join(cells)
    return None


def _added_up(
    keys: pd.DataFrame, values: pd.DataFrame, kinds: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Counties that one code stands for now, added up year by year; where one lacks a figure the sum is missing."""
    position, _ = pd.factorize(pd.MultiIndex.from_frame(keys[KEYS]))
    if len(position) == 0 or position.max() + 1 == len(position):
        return keys, values, kinds
    first = pd.Series(position).drop_duplicates().index.to_numpy()
    absent = (kinds == ABSENT).to_numpy()
    sums = values.groupby(position).sum(min_count=1)
    gaps = pd.DataFrame(values.isna().to_numpy() & ~absent, columns=values.columns).groupby(position).any()
    worst = kinds.where(~absent, 0).groupby(position).max()
    nowhere = pd.DataFrame(absent, columns=values.columns).groupby(position).all()
    added = sums.where(~gaps).reset_index(drop=True)
    kind = worst.where(~nowhere, ABSENT).astype("uint8").reset_index(drop=True)
    return keys.iloc[first].reset_index(drop=True), added, kind
