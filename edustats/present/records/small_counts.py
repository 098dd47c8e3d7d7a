"""Which cells of a table would tell of few persons, and how are they marked?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from edustats.disclosure import COMPLEMENTARY, PRIMARY, protect
from edustats.disclosure.observations import _cell, _joined
from edustats.words import Text, say

if TYPE_CHECKING:
    from edustats.present.records.items import Cell, Table


def suppress_small_counts(table: Table) -> Table:
    """A table that lists single schools, without its small counts of persons.

    A column's total counts as known, for another page may print it. In the row of a small count no other
    number stays either: it would be a rate of those few.
    """
    columns = [j for j, column in enumerate(table.columns) if column.persons]
    grid = [list(row) for row in table.rows]
    reasons: dict[int, str] = {}
    for j in columns:
        cells = [row[j] if isinstance(row[j], (int, float)) else np.nan for row in table.rows]
        counts = np.array([np.nan if cell is None else cell for cell in cells], float)
        total = np.append(counts, np.nansum(counts))
        sums = [(len(counts), list(range(len(counts))))]
        why = protect(total, sums, known=np.arange(len(total)) == len(counts)).why[:-1]
        for i in np.flatnonzero(why != ""):
            reasons[int(i)] = str(why[i]) if reasons.get(int(i)) != PRIMARY else PRIMARY
            grid[i] = _mask_cells(grid[i], j, everything=why[i] == PRIMARY)
    if not reasons:
        return table
    order = sorted(reasons, key=lambda i: (reasons[i] == COMPLEMENTARY, i))
    cells_told = [_cell(_name_row(table.rows[i]), reasons[i]) for i in order]
    said = say("disclosure.table", cells=_joined(cells_told))
    note = Text(f"{table.note.zh}{said.zh}", f"{table.note.en} {said.en}".strip())
    return replace(table, rows=tuple(tuple(row) for row in grid), note=note)


def _mask_cells(row: list[Cell | Text], at: int, everything: bool) -> list[Cell | Text]:
    mark = say("disclosure.mark")
    return [
        mark if j == at or (everything and j and _is_number(cell)) else cell for j, cell in enumerate(row)
    ]


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) or hasattr(cell, "value")


def _name_row(row: Sequence[Cell | Text]) -> Text:
    return row[0] if isinstance(row[0], Text) else Text(str(row[0]), str(row[0]))
