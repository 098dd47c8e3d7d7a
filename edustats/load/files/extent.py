"""Is a sheet's area a table's, or is there a cell far outside? A far cell makes readers lay out millions of empty ones.

An area is far too large where hardly any cell of it holds something: the cell that stretches it is named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST_CELLS = 12_000_000
"""Cells of all sheets of a file, empty ones among them; 3,000 schools by 400 columns have 1.2 million."""
WIDE_AREA = 2_000_000
"""Cells of an area from which on it is asked how many of them are empty."""
LEAST_FILLED = 0.01
_FAR = re.compile(rb"""\br\s*=\s*["'](?:[A-Z]{3,}\d+|[A-Z]+\d{5,})["']""")
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]+)(\d+)["']""")


def far_cell_of_xlsx(body: bytes) -> str:
    """The address of a cell of a sheet's XML that stretches it over a nearly empty area; '' where there is none.

    Examples
    --------
    >>> far_cell_of_xlsx(b'<c t="n" r="A1"/><c s="1" r="ZZ999999"/>'), far_cell_of_xlsx(b'<c r="XFD9"/>')
    ('ZZ999999', '')
    """
    if not _FAR.search(body):
        return ""
    places = [(int(row), _position(letters), letters) for letters, row in _PLACE.findall(body)]
    last_row, last_column = max(places), max(places, key=lambda place: place[1])
    if not _is_far(last_row[0] * (last_column[1] + 1), len(places)):
        return ""
    row, _, letters = max(places, key=lambda place: place[0] * (place[1] + 1))
    return f"{letters.decode()}{row}"


def farthest(rows: Sequence[Sequence[object]]) -> tuple[int, int] | None:
    """Row and column, from 0, of the cell that stretches a sheet over a nearly empty area; None where there is none.

    Examples
    --------
    >>> farthest([["", 1], [2, ""]]) is None
    True
    """
    if len(rows) * max(map(len, rows[:1]), default=0) < WIDE_AREA:
        return None
    filled = [(i, j) for i, row in enumerate(rows) for j, cell in enumerate(row) if cell not in ("", None)]
    if not filled or not _is_far(len(rows) * len(rows[0]), len(filled)):
        return None
    return max(filled, key=lambda place: (place[0] + 1) * (place[1] + 1))


def _is_far(area: int, filled: int) -> bool:
    return area >= WIDE_AREA and filled < LEAST_FILLED * area


def _position(letters: bytes) -> int:
    position = 0
    for letter in letters[:8]:  # longer ones are no column of any program
        position = position * 26 + letter - 64
    return position - 1
