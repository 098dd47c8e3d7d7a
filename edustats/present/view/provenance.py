"""Which files, sheets and rows hold the figures behind a number of this county?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from edustats.load.returns.origins import digest_of, rows_text

Files = tuple[tuple[str, str], ...]
Places = tuple[tuple[str, str, str], ...]
Line = tuple[str, str, str, str]
"""File, sheet, rows and digest."""
MOST_PLACES = 12
"""Places named one by one; of more, those of a folder are named together."""


@dataclass(frozen=True)
class ColumnOrigins:
    """A county's origins, found by year and column."""

    lines: dict[tuple[int, str], list[Line]]
    """(file, sheet, rows, digest) of each year and column."""

    def of(self, years: Iterable[int], columns: Sequence[str]) -> tuple[Files, Places]:
        """Files and places of some columns in some years; every column where none of them is known."""
        years = list(years)
        wanted = [(year, column) for year in years for column in columns]
        found = dict.fromkeys(line for key in wanted for line in self.lines.get(key, ()))
        return _name_places(list(found) or self._list_lines(years))

    def _list_lines(self, years: Iterable[int]) -> list[Line]:
        """The lines of all columns in some years, in the order of the list."""
        first: dict[Line, int] = {}
        for year in years:
            for line, place in self._places.get(year, {}).items():
                first[line] = min(place, first.get(line, place))
        return sorted(first, key=first.__getitem__)

    @cached_property
    def _places(self) -> dict[int, dict[Line, int]]:
        """Of each year its lines, each once, and where in the list it first stands for that year."""
        found: dict[int, dict[Line, int]] = {}
        listed = ((year, line) for (year, _), lines in self.lines.items() for line in lines)
        for place, (year, line) in enumerate(listed):
            found.setdefault(year, {}).setdefault(line, place)
        return found


def _name_places(lines: list[Line]) -> tuple[Files, Places]:
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
    lines: dict[tuple[int, str], list[Line]] = {}
    columns = (frame[name].tolist() for name in ("year", "column", "file", "sheet", "rows", "digest"))
    for year, column, file, sheet, rows, digest in zip(*columns, strict=True):
        lines.setdefault((int(year), str(column)), []).append((file, sheet, rows, digest))
    return ColumnOrigins(lines)


def index_unit_origins(units: pd.DataFrame, digests: dict[str, str], columns: Sequence[str]) -> ColumnOrigins:
    """The same from tidy rows, for tables that were loaded whole: every column stands in the unit's own row."""
    lines: dict[tuple[int, str], list[Line]] = {}
    for (year, file), own in units.groupby(["year", "file"], observed=True):
        for column in columns:
            rows = own.loc[own[column].notna(), "row"]
            if len(rows):
                text = rows_text(int(rows.min()), int(rows.max()), int(rows.nunique()))
                line = (str(file), "", text, digests.get(str(file), ""))
                lines.setdefault((int(str(year)), column), []).append(line)
    return ColumnOrigins(lines)
