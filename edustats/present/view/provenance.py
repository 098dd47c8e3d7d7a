"""Which files, sheets and rows hold the figures behind a number of this county?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from edustats.load.returns.origins import digest_of, rows_text

Files = tuple[tuple[str, str], ...]
Places = tuple[tuple[str, str, str], ...]
MOST_PLACES = 12
"""Places named one by one; of more, those of a folder are named together."""


@dataclass(frozen=True, slots=True)
class ColumnOrigins:
    """A county's origins, found by year and column."""

    lines: dict[tuple[int, str], list[tuple[str, str, str, str]]]
    """(file, sheet, rows, digest) of each year and column."""

    def of(self, years: Iterable[int], columns: Sequence[str]) -> tuple[Files, Places]:
        """Files and places of some columns in some years; every column where none of them is known."""
        years = list(years)
        wanted = [(year, column) for year in years for column in columns]
        found = dict.fromkeys(line for key in wanted for line in self.lines.get(key, ()))
        if not found:
            chosen = [lines for (year, _), lines in self.lines.items() if year in years]
            found = dict.fromkeys(line for lines in chosen for line in lines)
        return _name_places(list(found))


def _name_places(lines: list[tuple[str, str, str, str]]) -> tuple[Files, Places]:
    if len(lines) <= MOST_PLACES:
        files = dict.fromkeys((file, digest) for file, _, _, digest in lines)
        return tuple(files), tuple((file, sheet, rows) for file, sheet, rows, _ in lines)
    folders: dict[str, dict[str, str]] = {}
    for file, _, _, digest in lines:
        folders.setdefault(file.rpartition("/")[0], {})[file] = digest
    named = [
        (f"{folder}/*" if folder else "*", digest_of([held[file] for file in sorted(held)]))
        for folder, held in sorted(folders.items())
    ]
    return tuple(named), ()


def index_origins(frame: pd.DataFrame) -> ColumnOrigins:
    """The lines of a county's ``origins.parquet``."""
    lines: dict[tuple[int, str], list[tuple[str, str, str, str]]] = {}
    columns = (frame[name].tolist() for name in ("year", "column", "file", "sheet", "rows", "digest"))
    for year, column, file, sheet, rows, digest in zip(*columns, strict=True):
        lines.setdefault((int(year), str(column)), []).append((file, sheet, rows, digest))
    return ColumnOrigins(lines)


def index_unit_origins(units: pd.DataFrame, digests: dict[str, str], columns: Sequence[str]) -> ColumnOrigins:
    """The same from tidy rows, for tables that were loaded whole: every column stands in the unit's own row."""
    lines: dict[tuple[int, str], list[tuple[str, str, str, str]]] = {}
    for (year, file), own in units.groupby(["year", "file"], observed=True):
        for column in columns:
            rows = own.loc[own[column].notna(), "row"]
            if len(rows):
                text = rows_text(int(rows.min()), int(rows.max()), int(rows.nunique()))
                line = (str(file), "", text, digests.get(str(file), ""))
                lines.setdefault((int(str(year)), column), []).append(line)
    return ColumnOrigins(lines)
