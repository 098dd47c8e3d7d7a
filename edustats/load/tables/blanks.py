"""Whose rows are those that leave the area blank? Those of the area above, where every area has the same rows.

What a workbook merges a .csv leaves blank: 建邺区 stands beside 小学, and nothing beside the 初中 beneath. Rows that do
not say that by themselves are set aside, and told.
"""

from __future__ import annotations

from collections.abc import Sequence

from edustats.load.files.values import number, plain, text
from edustats.load.tables.layout import Layout


def fill_down(layout: Layout, cells: Sequence[str], key: int) -> list[str]:
    """The areas of a table's rows, blanks filled where another column has the same words under every area.

    Parameters
    ----------
    layout : the table
    cells : the areas as they stand, '' where a row has none
    key : their column
    """
    starts = [i for i, cell in enumerate(cells) if plain(cell)]
    if len(starts) < 2 or len(starts) == len(cells) or starts[0] > 0:
        return list(cells)
    ends = [*starts[1:], len(cells)]
    if not any(_says_same(layout, j, starts, ends) for j in range(len(layout.headings)) if j != key):
        return list(cells)
    return [cells[a] for a, b in zip(starts, ends, strict=True) for _ in range(a, b)]


def _says_same(layout: Layout, column: int, starts: Sequence[int], ends: Sequence[int]) -> bool:
    """Whether a column's words differ within every area, and begin alike under all."""
    words = [plain(text(cell)) for cell in layout.values(column, down=True)]
    if not all(words) or any(number(word) is not None for word in words):
        return False
    groups = [words[a:b] for a, b in zip(starts, ends, strict=True)]
    return len({group[0] for group in groups}) == 1 and all(len({*group}) == len(group) for group in groups)
