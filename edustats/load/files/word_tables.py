"""Which tables stand in a Word file? Each as a sheet, with the lines right over it as its title.

Bureaus send tables inside documents. A cell is named as the table has it: 表2, B3 is the second table's third row; the
lines over a table have no row there.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.table import Table

Range = tuple[tuple[int, int], tuple[int, int]]
PART = "word/document.xml"
MOST_TITLES, LONGEST = 3, 60
"""Lines over a table that may be its title, and letters of one; what is longer is running text."""


@dataclass(slots=True)
class WordTable:
    """One table: the lines over it, its rows, and the cells that are merged, counted from the first row."""

    titles: list[str] = field(default_factory=list)
    rows: list[list[object]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)


def word_tables_in(content: bytes) -> list[WordTable]:
    """Every table of a .docx with more than one row."""
    import docx
    from docx.table import Table

    found: list[WordTable] = []
    titles: list[str] = []
    for part in docx.Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(part, Table):
            made = _read_table(part, titles[-MOST_TITLES:])
            found += [made] if len(made.rows) > 1 else []
            titles = []
        elif words := part.text.strip():
            titles = [*titles, words] if len(words) <= LONGEST else []
    return found


def _read_table(table: Table, titles: list[str]) -> WordTable:
    made = WordTable(titles=titles)
    ends: dict[Any, Range] = {}  # held by the cells themselves: a number of theirs may come again
    for i, row in enumerate(table.rows):
        made.rows.append([""] * row.grid_cols_before)
        for j, cell in enumerate(row.cells, row.grid_cols_before):
            made.rows[-1].append("" if cell._tc in ends else cell.text.strip())
            ends[cell._tc] = (ends[cell._tc][0] if cell._tc in ends else (i, j), (i, j))
    made.merged = [ends_of for ends_of in ends.values() if ends_of[0] != ends_of[1]]
    return made
