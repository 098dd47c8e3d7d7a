"""Which cells of a table would tell of few persons, and how are they marked?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from edustats.disclosure import protect_counts
from edustats.disclosure.observations import joined
from edustats.disclosure.rules import rules
from edustats.words import Text, join_texts, say

if TYPE_CHECKING:
    from edustats.present.records.items import Cell, Table


def suppress_small_counts(table: Table) -> Table:
    """A table that lists single schools, without its small counts of persons.

    A column's total counts as known, for another page may print it. In the row of a withheld count no other
    number stays: it would be a rate of those few. Nothing tells a small count from one that is withheld beside it.
    """
    columns = [j for j, column in enumerate(table.columns) if column.persons]
    hidden: set[int] = set()
    for j in columns:
        cells = [row[j] if isinstance(row[j], (int, float)) else np.nan for row in table.rows]
        counts = np.array([np.nan if cell is None else cell for cell in cells], float)
        total = np.append(counts, np.nansum(counts))
        sums = [(len(counts), list(range(len(counts))))]
        why = protect_counts(total, sums, known=np.arange(len(total)) == len(counts)).why[:-1]
        hidden |= {int(i) for i in np.flatnonzero(why != "")}
    if not hidden:
        return table
    rows = tuple(_mask_cells(row, columns) if i in hidden else tuple(row) for i, row in enumerate(table.rows))
    cells_told = joined([_name_row(table.rows[i]) for i in sorted(hidden)])
    said = say("disclosure.table", cells=cells_told, threshold=rules().threshold)
    note = join_texts([one for one in (table.note, said) if one.zh], Text("", " "))
    return replace(table, rows=rows, note=note)


def _mask_cells(row: Sequence[Cell | Text], columns: Sequence[int]) -> tuple[Cell | Text, ...]:
    mark = say("disclosure.mark")
    return tuple(mark if j in columns or (j and _is_number(cell)) else cell for j, cell in enumerate(row))


def _is_number(cell: object) -> bool:
    """Whether a cell is a number or says one: the ends of an interval tell its middle."""
    return isinstance(cell, (int, float)) or bool(getattr(cell, "spans", ()))


def _name_row(row: Sequence[Cell | Text]) -> Text:
    return row[0] if isinstance(row[0], Text) else Text(str(row[0]), str(row[0]))
