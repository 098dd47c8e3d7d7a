"""How do figures from many sheets become one table, a row per school and year?

A figure keeps its address all the way. Where two files give one school different numbers for the same thing
neither is used: which is right only the school knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.load.files.values import IMPOSSIBLE, KINDS, OK
from edustats.load.returns.forms import FACT
from edustats.load.returns.records import Block, Filled

NOT_COLLECTED = KINDS.index("not_collected")
ROW_TEXTS = (
    "school_type", "location", "owner", "counted", "grade", "inclusive", "main_unit", "network", "length",
)  # fmt: skip
ROWS = ("unit", "county", "year", "name", "kind", "file", "sheet", "digest", "row", *ROW_TEXTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Figures, long form.

    ``rows`` has one row per unit and sheet (columns :data:`ROWS`); ``cells`` one per figure: at (its row in
    ``rows``), column, value, kind, row, letter, words.
    """

    rows: pd.DataFrame
    cells: pd.DataFrame

    def of(self, digests: Sequence[str]) -> Cells:
        """Only what came from files with these digests."""
        keep = self.rows["digest"].isin(digests).to_numpy()
        place = np.cumsum(keep) - 1
        mine = keep[self.cells["at"].to_numpy()]
        cells = self.cells[mine].reset_index(drop=True)
        return Cells(
            rows=self.rows[keep].reset_index(drop=True), cells=cells.assign(at=place[cells["at"].to_numpy()])
        )


def collect_cells(blocks: Sequence[Block], digests: Mapping[str, str]) -> Cells:
    """Put the figures of blocks one under the other."""
    rows: list[dict[str, list[Any]]] = []
    pieces: list[tuple[int, str, Filled]] = []
    start = 0
    for block in blocks:
        n = len(block.units)
        rows.append(_block_rows(block, digests, n))
        pieces += [(start, column, filled) for column, filled in block.columns.items()]
        start += n
    return Cells(rows=_stack_rows(rows), cells=_join_pieces(pieces))


def _block_rows(block: Block, digests: Mapping[str, str], n: int) -> dict[str, list[Any]]:
    def one(value: object) -> list[Any]:
        return [value] * n

    return {
        "unit": list(block.units), "county": list(block.counties), "year": one(block.year),
        "name": list(block.names),
        "kind": one(block.kind), "file": one(block.file), "sheet": one(block.sheet),
        "digest": one(digests[block.file]), "row": block.rows.tolist(),
        **{key: list(block.texts.get(key, one(""))) for key in ROW_TEXTS},
    }  # fmt: skip


def _stack_rows(rows: Sequence[dict[str, list[Any]]]) -> pd.DataFrame:
    made = {name: [value for part in rows for value in part[name]] for name in ROWS}
    texts = {
        name: pd.Series(values, dtype="str") for name, values in made.items() if name not in ("year", "row")
    }
    return pd.DataFrame(texts | {name: pd.Series(made[name], dtype="int32") for name in ("year", "row")})[
        list(ROWS)
    ]


def _join_pieces(pieces: Sequence[tuple[int, str, Filled]]) -> pd.DataFrame:
    lengths = [len(filled.values) for _, _, filled in pieces]

    def joined(parts: list[npt.NDArray[np.generic]], dtype: str) -> npt.NDArray[np.generic]:
        return np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype)

    def named(of: Sequence[str]) -> pd.Categorical:
        names: Any = list(dict.fromkeys(of))
        place = {name: k for k, name in enumerate(names)}
        codes: Any = np.repeat([place[name] for name in of], lengths).astype("int32")
        return pd.Categorical.from_codes(codes, categories=names)

    filled = [f for _, _, f in pieces]
    return pd.DataFrame(
        {
            "at": joined(
                [np.arange(s, s + k) for (s, _, _), k in zip(pieces, lengths, strict=True)], "int64"
            ),
            "column": named([column for _, column, _ in pieces]),
            "value": joined([f.values for f in filled], "float64"),
            "kind": joined([f.kinds for f in filled], "uint8"),
            "row": joined([f.rows for f in filled], "int32"),
            "letter": named([f.letter for f in filled]),
            "words": named([f.words for f in filled]),
            "scale": np.repeat([f.scale for f in filled], lengths).astype("float64"),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wide:
    """One row per unit and year: keys, and for every column value, kind and the figure it came from (−1:
    none).
    """

    keys: pd.DataFrame
    columns: tuple[str, ...]
    values: npt.NDArray[np.float64]
    kinds: npt.NDArray[np.uint8]
    source: npt.NDArray[np.int64]
    conflicts: pd.DataFrame

    def values_of(self, column: str) -> npt.NDArray[np.float64]:
        """A column's values, all missing where no form gave it."""
        if column not in self.columns:
            return np.full(len(self.keys), np.nan)
        return self.values[:, self.columns.index(column)]


def widen_cells(found: Cells) -> Wide:
    """One row per unit and year; figures given twice must agree, else neither is used."""
    rows, cells = found.rows, found.cells
    keyed = pd.MultiIndex.from_frame(rows[["unit", "year"]])
    position, keys = pd.factorize(keyed, sort=True)
    columns = tuple(map(str, cells["column"].cat.categories))
    flat = position[cells["at"].to_numpy()] * max(len(columns), 1) + cells["column"].cat.codes.to_numpy()
    # the best first: a number before any gap, and among equals the file that came first
    rank = np.lexsort((np.arange(len(flat)), np.where(cells["kind"] == OK, 0, 1), flat))
    ordered = flat[rank]
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    shape = (len(keys), len(columns))
    values, kinds = np.full(shape, np.nan), np.full(shape, 255, np.uint8)
    source = np.full(shape, -1, np.int64)
    best = rank[first]
    for target, taken in ((values, cells["value"]), (kinds, cells["kind"])):
        target.ravel()[ordered[first]] = taken.to_numpy()[best]
    source.ravel()[ordered[first]] = best
    conflicts = _find_conflicts(cells, rank, ordered, first)
    values.ravel()[conflicts["flat"]], kinds.ravel()[conflicts["flat"]] = np.nan, IMPOSSIBLE
    return Wide(
        keys=_key_rows(rows, position, len(keys)), columns=columns, values=values, kinds=kinds, source=source,
        conflicts=conflicts,
    )  # fmt: skip


def _find_conflicts(
    cells: pd.DataFrame,
    rank: npt.NDArray[np.intp],
    ordered: npt.NDArray[np.intp],
    first: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    """Pairs of figures of one unit, year and column that differ: flat place, first and second figure."""
    leader = np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))
    value, kind = cells["value"].to_numpy()[rank], cells["kind"].to_numpy()[rank]
    both = ~first & (kind == OK) & (kind[leader] == OK)
    differ = both & ~np.isclose(value, value[leader], rtol=1e-9, atol=1e-9)
    return pd.DataFrame({"flat": ordered[differ], "first": rank[leader[differ]], "second": rank[differ]})


def _key_rows(rows: pd.DataFrame, position: npt.NDArray[np.intp], n: int) -> pd.DataFrame:
    """Keys and texts of every unit and year: the first text given, the county the first sheet names."""
    texts = ["unit", "county", "year", "name", "kind", "file", "sheet", "row", *ROW_TEXTS]
    frame = rows[texts].assign(position=position)
    given = frame.replace("", None).groupby("position", sort=True)[texts].first()
    return given.fillna("").reset_index(drop=True).astype({"year": "int16", "row": "int32"})


def is_fact(column: str) -> bool:
    """Whether a column is for the rules alone and stays out of the tables."""
    return column.startswith(FACT)


def fill_gaps(wide: Wide, applies: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Kinds with the holes filled: a figure nobody gave was not collected, or does not apply to the unit.

    Parameters
    ----------
    applies : (rows, columns) whether the column applies to the unit
    """
    absent = np.where(applies, NOT_COLLECTED, KINDS.index("not_applicable")).astype(np.uint8)
    return np.where(wide.kinds == 255, absent, wide.kinds)
