"""From which file, sheet and rows did each figure of a county come?

One line for every year, column, file and sheet. Where a county's schools send a workbook each, the files of a
folder stand in one line together: nobody reads a list of a hundred names under a number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import pandas as pd

from edustats.load.returns.cells import Cells
from edustats.schema import ORIGINS

MOST_FILES = 6
"""Files of one folder that give a figure before they are named together."""
_KEYS = ["county", "year", "column", "sheet"]


def describe_origins(cells: Cells) -> Iterator[tuple[str, pd.DataFrame]]:
    """The origins of every county's figures.

    Parameters
    ----------
    cells : every figure that counts today, with its address

    Yields
    ------
    (str, DataFrame)
        A county's code and its lines, with the columns :data:`ORIGINS`. ``rows`` is ``6–131`` where a figure
        was taken from each of them and ``6–131 (103)`` where from 103 of them; it is empty where files stand
        together, whose ``file`` then is ``folder/* (98)`` and whose digest is that of their digests.
    """
    held = cells.cells[["at", "column", "row"]].reset_index(drop=True)
    if held.empty:
        return
    homes = cells.rows.iloc[held["at"].to_numpy()][["county", "year", "file", "sheet", "digest"]]
    told = pd.concat([held[["column", "row"]], homes.reset_index(drop=True)], axis=1)
    told["column"] = told["column"].astype(str)
    by = [*_KEYS, "file", "digest"]
    lines = told.groupby(by, sort=True, observed=True)["row"].agg(["min", "max", "nunique"]).reset_index()
    lines["rows"] = [
        rows_text(first, last, n)
        for first, last, n in zip(lines["min"], lines["max"], lines["nunique"], strict=True)
    ]
    for county, own in _join_lines(lines).groupby("county", sort=True):
        yield str(county), own[list(ORIGINS)].reset_index(drop=True)


def rows_text(first: int, last: int, count: int) -> str:
    """Rows as they are printed.

    Examples
    --------
    >>> rows_text(6, 8, 3), rows_text(6, 131, 103), rows_text(4, 4, 1)
    ('6–8', '6–131 (103)', '4')
    """
    if first == last:
        return str(first)
    return f"{first}–{last}" if last - first + 1 == count else f"{first}–{last} ({count})"


def _join_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """Many files of one folder in one line."""
    folder = lines["file"].str.rpartition("/")[0]
    keys = [*_KEYS, "folder"]
    lines = lines.assign(folder=folder)
    many = lines.groupby(keys, observed=True)["file"].transform("size") > MOST_FILES
    if not many.any():
        return lines
    folded = lines[many].groupby(keys, sort=True, observed=True)
    made = folded["digest"].agg(digest_of).reset_index()
    made["file"] = made["folder"] + "/* (" + folded.size().to_numpy().astype(str) + ")"
    return pd.concat([lines[~many], made.assign(rows="")], ignore_index=True).sort_values(
        by=["county", "year", "column", "file", "sheet"], kind="stable"
    )


def digest_of(digests: Iterable[str]) -> str:
    """The digest of several digests, in order."""
    return hashlib.sha256("".join(digests).encode()).hexdigest()
