"""In which cells do the figures stand that a rule holds against each other?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.load.returns.cells import Cells, Wide
from edustats.words import NOTHING, Text, say


def find_places(found: Cells, at: npt.NDArray[np.int64]) -> pd.DataFrame:
    """File, sheet, row, cell, column and value of some figures."""
    cells = found.cells.iloc[at].reset_index(drop=True)
    rows = found.rows.iloc[cells["at"]].reset_index(drop=True)
    cell = [f"{letter}{row}" for letter, row in zip(cells["letter"], cells["row"], strict=True)]
    return pd.DataFrame(
        {
            "file": rows["file"], "sheet": rows["sheet"], "row": cells["row"], "cell": cell,
            "column": cells["column"].astype("str"), "value": cells["value"],
        }
    )  # fmt: skip


def name_sides(
    wide: Wide,
    found: Cells,
    at: npt.NDArray[np.intp],
    left: Sequence[str],
    right: Sequence[str],
    year_before: bool,
) -> list[Text]:
    """The cells of both sides of an identity, of every row; nothing where a rule has one side."""
    if not right:
        return [NOTHING] * len(at)
    units, years = wide.keys["unit"].tolist(), wide.keys["year"].tolist()
    place = {key: k for k, key in enumerate(zip(units, years, strict=True))}
    told = []
    for i in at.tolist():
        beside = place.get((units[i], years[i] - 1), -1) if year_before else i
        sides = _cells_of(wide, found, i, left), _cells_of(wide, found, beside, right) if beside >= 0 else []
        both = [_list_cells(side, sides[0][0][:2]) for side in sides] if all(sides) else []
        told.append(say("rules.cells", left=both[0], right=both[1]) if both else NOTHING)
    return told


Place = tuple[str, str, str]
"""File, sheet and cell."""


def _cells_of(wide: Wide, found: Cells, row: int, columns: Sequence[str]) -> list[Place]:
    """Where the figures of a row's columns were read, each cell once."""
    held = [wide.columns.index(name) for name in columns if name in wide.columns]
    source = np.array([wide.source[row, j] for j in held if wide.source[row, j] >= 0], np.int64)
    places = find_places(found, source)
    return list(dict.fromkeys(zip(places["file"], places["sheet"], places["cell"], strict=True)))


def _list_cells(places: Sequence[Place], own: tuple[str, str]) -> str:
    """Cells as they are printed; those of another sheet with its name."""
    return ", ".join(
        cell if (file, sheet) == own else " ".join(one for one in (file, sheet, cell) if one)
        for file, sheet, cell in places
    )
