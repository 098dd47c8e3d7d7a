"""Do the totals of a table add up?

A table is a run of lines whose cells are parted by tabs, bars or wide gaps. A row or column named 合计 is
compared with the sum of the others. Rates and means do not add up and are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from edustats.briefing.interval import Interval
from edustats.briefing.readings import Reading
from edustats.briefing.text import Cleaned

TOTAL: Final = re.compile(
    r"^(?:合计|总计|共计|总数|全市合计|全县合计|全区合计|全市总计|全县总计|全区总计|全省合计|全市|全县|全区|小计)$"
)
_RATES: Final = re.compile(
    r"率|比例|比重|占比|均|%|‰|比$|增幅|增长|年份|序号|排名|位次|名次|指数|系数|编号|代码|电话"
)
_SUBSET: Final = re.compile(r"^(?:其中|#|＃|小计|含|[一二三四五六七八九十]+(?:、|$|\s)|\()|小计")
_NUMBER: Final = re.compile(
    r"^([-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+]?\d+(?:\.\d+)?)(?:%|:1|人|所|个|万元|元|名|万人)?$"
)
_INVERSE: Final = re.compile(r"^1[:：](\d+(?:\.\d+)?)$")
_NUMBERED: Final = re.compile(r"^(?:序号|编号|序|No\.?)$")
_GAP: Final = re.compile(r"\t|\||   +")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text and where that starts in the clean text."""

    text: str
    start: int

    @property
    def number(self) -> float | None:
        """Its number, if it is one; an empty cell or a dash counts as nothing."""
        if self.text in ("", "-", "—", "——", "/", "…"):
            return 0.0
        match = _NUMBER.match(self.text) or _INVERSE.match(self.text)
        return float(match[1].replace(",", "")) if match else None

    @property
    def half(self) -> float:
        """Half a unit of its last digit; whole numbers are exact."""
        decimals = len(self.text.partition(".")[2].removesuffix(":1").rstrip("%人所个万元名"))
        return 0.5 * 10.0**-decimals if decimals else 0.0


@dataclass(frozen=True, slots=True)
class Sum:
    """A total and the cells it should be the sum of."""

    label: str
    total: Cell
    parts: list[Cell]

    @property
    def interval(self) -> Interval:
        """The sums possible."""
        value, room = self.value, sum(cell.half for cell in self.parts)
        return Interval(value - room, value + room)

    @property
    def value(self) -> float:
        """The sum of the printed numbers."""
        return sum(cell.number or 0.0 for cell in self.parts)

    @property
    def stated(self) -> Interval:
        """The values the total may stand for."""
        value = self.total.number or 0.0
        return Interval(value - self.total.half, value + self.total.half)

    @property
    def right(self) -> bool:
        """Does it add up?"""
        return self.stated.meets(self.interval)


def table_readings(cleaned: Cleaned) -> Iterator[Reading]:
    """Readings of every total in every table of a text."""
    for rows in tables_of(cleaned.text):
        sums = [*_sum_columns(rows), *_sum_rows(rows)]
        for one in sums:
            yield _judge_total(one, sums)


@dataclass(frozen=True, slots=True)
class TableLine:
    """A line of a text and its cells; none where it is no row of a table."""

    text: str
    cells: list[Cell]


def tables_of(text: str) -> Iterator[list[list[Cell]]]:
    """Runs of lines with the same number of cells, three lines or more."""
    for width, group in groupby((line.cells for line in split_lines(text)), key=len):
        rows = list(group)
        if width >= 2 and len(rows) >= 3:
            yield rows


def split_lines(text: str) -> Iterator[TableLine]:
    """The lines of a text with their cells; rules between head and body are left out."""
    start = 0
    for line in text.split("\n"):
        cells = _split_cells(line, start)
        start += len(line) + 1
        if not cells or not all(re.fullmatch(r":?-{2,}:?", cell.text) for cell in cells):
            yield TableLine(line, cells)


def _split_cells(line: str, start: int) -> list[Cell]:
    if "\t" not in line and "|" not in line and "   " not in line:
        return []
    cells, at = [], 0
    for piece in _GAP.split(line):
        at = line.index(piece, at)
        cells.append(Cell(piece.strip(), start + at + len(piece) - len(piece.lstrip())))
        at += len(piece)
    while cells and not cells[0].text and line.lstrip().startswith("|"):
        cells = cells[1:]
    while cells and not cells[-1].text and line.rstrip(" ").endswith(("\t", "|")):
        cells = cells[:-1]
    return cells


def _sum_columns(rows: list[list[Cell]]) -> Iterator[Sum]:
    """The total row against the rows around it."""
    head, body = rows[0], rows[1:]
    label = 1 if _NUMBERED.match(head[0].text) and len(head) > 2 else 0
    name = [row[label].text or row[0].text for row in body]
    if any(text == "小计" for text in name):
        yield from _sum_subtotals(head, body, name)
        return
    totals = [row for row, text in zip(body, name, strict=True) if TOTAL.match(text)]
    others = [row for row in body if row not in totals]
    if len(totals) != 1 or len(others) < 2:
        return
    if any(_SUBSET.search(text) for row, text in zip(body, name, strict=True) if row not in totals):
        return
    for k in range(label + 1, len(head)):
        parts = [row[k] for row in others]
        yield from _make_sum(head[k].text, totals[0][k], parts)


def _sum_subtotals(head: list[Cell], body: list[list[Cell]], name: list[str]) -> Iterator[Sum]:
    """Rows, their 小计, more rows, their 小计, and the 合计 of the 小计."""
    if any(re.match(r"其中|#|＃", text) for text in name):
        return
    for k in range(1, len(head)):
        block: list[Cell] = []
        subtotals: list[Cell] = []
        for row, text in zip(body, name, strict=True):
            if text == "小计":
                if len(block) >= 2:
                    yield from _make_sum(head[k].text, row[k], block)
                subtotals.append(row[k])
                block = []
            elif TOTAL.match(text):
                if len(subtotals) >= 2 and not block:
                    yield from _make_sum(head[k].text, row[k], subtotals)
            else:
                block.append(row[k])


def _sum_rows(rows: list[list[Cell]]) -> Iterator[Sum]:
    """The total column against the columns beside it."""
    head = rows[0]
    columns = [k for k, cell in enumerate(head) if k and re.match(r"合计$|总计$|小计$|共计$", cell.text)]
    if (
        len(columns) != 1
        or len(head) < 4
        or any(_SUBSET.search(c.text) for k, c in enumerate(head) if k and k != columns[0])
    ):
        return
    if any(_RATES.search(cell.text) for cell in head[1:]):
        return
    for row in rows[1:]:
        yield from _make_sum(
            row[0].text, row[columns[0]], [cell for k, cell in enumerate(row) if k and k != columns[0]]
        )


def _make_sum(label: str, total: Cell, parts: list[Cell]) -> Iterator[Sum]:
    numbers = [cell.number for cell in parts]
    if not total.text or total.number is None or None in numbers or not any(numbers) or _RATES.search(label):
        return
    yield Sum(label, total, parts)


def _judge_total(one: Sum, sums: list[Sum]) -> Reading:
    """A total that fails is an error when other totals of the table hold, or when it is close to right."""
    holding = sum(other.right for other in sums)
    total = one.total.number or 0.0
    close = abs(one.value - total) <= 0.2 * max(abs(total), abs(one.value))
    start, end = one.total.start, one.total.start + len(one.total.text)
    return Reading(
        kind="sum_of_parts",
        relation="sum(cells) == total",
        start=start,
        end=end,
        firm=holding * 2 >= len(sums) or close,
        numbers={"parts": [cell.number for cell in one.parts], "whole": total},
        stated=one.stated,
        printed=total,
        expected=one.interval,
        value=round(one.value, 6),
        error="table_total",
        facts={"column": one.label, "said": one.total.text},
    )
