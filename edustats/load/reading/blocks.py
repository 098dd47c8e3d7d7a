"""Which tables stand on a sheet? Blocks beside each other, and blocks beneath with headings of their own.

Yearbooks print their counties in two or three blocks side by side, and go on beneath (续表) with other columns. Each
block becomes a sheet that holds its own cells alone, where they stood: every cell keeps its address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise, takewhile

from edustats.load.files.values import number, plain, text
from edustats.load.files.workbook import Sheet
from edustats.load.reading import years
from edustats.load.reading.headers import HEADER_WITHIN, is_empty, is_numbering, label
from edustats.load.reading.stages import stages_said
from edustats.load.reading.units import is_line

Row = Sequence[object]
FEWEST = 2
"""Blocks of a sheet that has any, columns of a block, words of a row of headings."""
MOST_TRIED = 8
"""Rows of words at the top that may be the headings; a list of words alone would be gone through for each."""
_COUNTED = re.compile(r"[数率比]|经费|支出|收入|面积|number of|pupils|students|teachers", re.IGNORECASE)
LONGEST = 24
"""Letters of a first heading."""


def part_tables(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Every sheet, or its blocks where it holds several; blocks beneath first, then those beside each other."""
    return [block for sheet in sheets for part in _part_beneath(sheet) for block in _part_beside(part)]


# --- beneath ---


def _part_beneath(sheet: Sheet) -> list[Sheet]:
    """The blocks of a sheet whose headings begin with the same word and go on with others."""
    found = (_find_heads(sheet, first) for first in _candidates(sheet))
    heads = next((heads for heads in found if len(heads) >= FEWEST), ())
    if not heads:
        return [sheet]
    pairs = pairwise(heads)
    starts = [0, *(_start_of_block(sheet, above, head) for above, head in pairs)]
    places = zip(starts, [*starts[1:], len(sheet.rows)], strict=True)
    return [_take_rows(sheet, heads, k, start, end) for k, (start, end) in enumerate(places)]


def _candidates(sheet: Sheet) -> Iterator[int]:
    """Rows of words over the first row with figures."""
    found = takewhile(lambda one: not _has_figures(one[1]), enumerate(sheet.rows[:HEADER_WITHIN]))
    return islice((i for i, row in found if _is_heading(row)), MOST_TRIED)


def _find_heads(sheet: Sheet, first: int) -> list[int]:
    """A row of headings, and every one beneath it that has the same first word and other words after it."""
    at = _first_filled(sheet.rows[first])
    key, heads = label(text(sheet.rows[first][at])), [first]
    known = [(_words(sheet.rows[first]), _stages_over(sheet, first), _counted_over(sheet, first))]
    for i in range(first + 1, len(sheet.rows)):
        row = sheet.rows[i]
        cell = row[at] if at < len(row) else ""
        if type(cell) is not str or len(cell) > LONGEST or label(cell) != key or not _is_heading(row):
            continue
        words, stages, counted = _words(row), _stages_over(sheet, i), _counted_over(sheet, i)
        if not any(
            set(words) <= set(other) and stages in ([], of) and counted in ("", what)
            for other, of, what in known
        ):
            heads.append(i)
            known.append((words, stages, counted))
    return heads


def _counted_over(sheet: Sheet, head: int) -> str:
    """The title right over a row of headings where it says what is counted: 二、专任教师数（人）."""
    told = [text(cell) for cell in sheet.rows[head - 1] if cell not in ("", None)] if head else []
    return label(told[0]) if len(told) == 1 and _COUNTED.search(told[0]) and not is_line(told[0]) else ""


def _stages_over(sheet: Sheet, head: int) -> list[str]:
    """The stages that the title right over a row of headings names: 初中情况 over the same headings as 小学情况."""
    told = [text(cell) for cell in sheet.rows[head - 1] if cell not in ("", None)] if head else []
    return stages_said(told[0]) if len(told) == 1 else []


def _start_of_block(sheet: Sheet, above: int, head: int) -> int:
    """The first row of a block: its title, over its headings."""
    start = head
    while start - 1 > above and _count_filled(sheet.rows[start - 1]) <= 1:
        start -= 1
    return start


def _take_rows(sheet: Sheet, heads: Sequence[int], k: int, start: int, end: int) -> Sheet:
    """One block; where its own title says no year, the title of the first block stands over it too."""
    if k == 0:
        return replace(sheet, rows=sheet.rows[:end])
    own = [text(cell) for row in sheet.rows[start : heads[k]] for cell in row if cell not in ("", None)]
    if heads[k] < HEADER_WITHIN and not any(years.years_said(words) for words in own):
        between: list[list[object]] = [[] for _ in range(start - heads[0])]
        return replace(sheet, rows=[*sheet.rows[: heads[0]], *between, *sheet.rows[start:end]])
    return replace(sheet, rows=sheet.rows[start:end], top=sheet.top + start)


# --- beside each other ---


def _part_beside(sheet: Sheet) -> list[Sheet]:
    """The blocks of a sheet that stand beside each other: rows of other areas under the same first heading."""
    for head in _candidates(sheet):
        row = sheet.rows[head]
        key = label(text(row[_first_filled(row)]))
        starts = [j for j, cell in enumerate(row) if type(cell) is str and label(cell) == key]
        if len(starts) < FEWEST:  # none, where a number stands first
            continue
        places = list(zip(starts, [*starts[1:], max(map(len, sheet.rows))], strict=True))
        if any(_count_filled(row[start:end]) < FEWEST for start, end in places):
            continue
        if not years.is_heading(key) and any(
            _holds_figures(sheet.rows[head + 1 :], start) for start in starts
        ):
            continue  # an inner heading: 在校生 under 小学 and under 初中
        if all(_are_alike(sheet.rows[head + 1 :], starts[0], other) for other in starts[1:]):
            continue  # the names of the same areas, printed again
        return [_take_columns(sheet, head, *place) for place in places]
    return [sheet]


def _are_alike(rows: Sequence[Row], left: int, right: int) -> bool:
    """Whether two columns name the same in every row that has both."""
    pairs = [(plain(text(row[left])), plain(text(row[right]))) for row in rows if right < len(row)]
    return all(one == other for one, other in pairs if one and other)


def _holds_figures(rows: Sequence[Row], column: int) -> bool:
    return any(column < len(row) and number(text(row[column])) is not None for row in rows)


def _take_columns(sheet: Sheet, head: int, start: int, end: int) -> Sheet:
    """One block: the other columns are blank from the headings on, and in outer headings over them."""
    rows = [
        list(row)
        if i < head and not _spans_blocks(row, start, end)
        else [cell if start <= j < end else "" for j, cell in enumerate(row)]
        for i, row in enumerate(sheet.rows)
    ]
    merged = tuple(
        ((top, left), (bottom, right)) for (top, left), (bottom, right) in sheet.merged
        if bottom - sheet.top < head or start <= left - sheet.left < end
    )  # fmt: skip
    return replace(sheet, rows=rows, merged=merged)


def _spans_blocks(row: Row, start: int, end: int) -> bool:
    """Whether a row over the headings has words for a block alone: an outer heading, no title, no line of units."""
    told = [(j, text(cell)) for j, cell in enumerate(row) if cell not in ("", None)]
    inside = [start <= j < end for j, words in told if not is_line(words)]
    return len(inside) > 1 and any(inside) and not all(inside)


# --- rows ---


def _is_heading(row: Row) -> bool:
    """Whether a row holds words alone, several of them, and no numbers of columns."""
    return (
        _count_filled(row) >= FEWEST and not _has_figures(row) and not is_numbering(row) and not is_empty(row)
    )


def _has_figures(row: Row) -> bool:
    return any(
        number(text(cell)) is not None and years.label(cell) is None for cell in row if cell not in ("", None)
    )


def _count_filled(row: Row) -> int:
    return sum(cell not in ("", None) for cell in row)


def _first_filled(row: Row) -> int:
    return next(j for j, cell in enumerate(row) if cell not in ("", None))


def _words(row: Row) -> list[str]:
    return [label(text(cell)) for cell in row if cell not in ("", None)]
