"""Do the ratios, shares and growth rates of a table follow from its other columns?

A column is understood by its heading (生师比, 平均班额, 占比%, 增长%) and by its other rows: a cell is condemned
only when the same sum holds in another row of the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from edustats.briefing.interval import Interval
from edustats.briefing.readings import Reading
from edustats.briefing.tables import TOTAL, Cell

_LEARNERS: Final = re.compile(r"在校生|学生|在园|幼儿")
_DONE: Final = re.compile(r"实际|完成数|已完成|建成|执行数|支出|执行(?!率)")
_RATIOS: Final = (
    (re.compile(r"生师比|师生比|师幼比"), _LEARNERS, re.compile(r"专任教师|教师|教职工|保教"), 1.0),
    (re.compile(r"班额|班均"), _LEARNERS, re.compile(r"班数|教学班|班级"), 1.0),
    (re.compile(r"校均|园均"), _LEARNERS, re.compile(r"学校数|校数|所数|园数|学校|幼儿园"), 1.0),
    (re.compile(r"完成率|完成比例|执行率"), _DONE, re.compile(r"计划|目标|任务|预算"), 100.0),
    (re.compile(r"合格率"), re.compile(r"合格(?:人数|数)"), re.compile(r"参加|参测|应测|总人数|人数"), 100.0),
)  # fmt: skip
_GROWTH: Final = re.compile(r"增长率?|增幅|增速|同比|增减")
_ADDED: Final = re.compile(r"增减(?:数|量|额|值)?(?:[((][^)）]{1,3}[)）])?$")
_SHARE: Final = re.compile(r"占比|比重|比例|占[^，。]*%|所占")
_PERCENT: Final = re.compile(r"%|率|幅|速|占比|比重|比例")
_NOW: Final = re.compile(r"本年|今年|本期|本学年|当年")
_THEN: Final = re.compile(r"上年|去年|上期|上学年|同期")
_YEAR: Final = re.compile(r"(20\d{2})(?:年度?|学年|$)")
ROOM: Final = 0.006
"""A ratio may have been reckoned from figures not rounded."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A cell that follows from two others: numerator over denominator, less one for a growth; per 0 a difference."""

    cell: Cell
    top: Cell
    bottom: Cell
    per: float
    less: float
    row: str
    column: str

    @property
    def expected(self) -> Interval:
        """The values it may have."""
        a, b = (Interval((c.number or 0) - c.half, (c.number or 0) + c.half) for c in (self.top, self.bottom))
        return (a / b).plus(-self.less).times(self.per) if self.per else a - b

    @property
    def value(self) -> float:
        """The value it should show, by the numbers as they are printed."""
        a, b = self.top.number or 0.0, self.bottom.number or 0.0
        return self.per * (a / (b or 1) - self.less) if self.per else a - b

    @property
    def holds(self) -> bool:
        """Does the cell show one of them?"""
        value, half = self.cell.number or 0.0, self.cell.half or (0.5 if self.per else 0.0)
        expected = self.expected
        room = ROOM * max(abs(expected.lo), abs(expected.hi)) if self.per else 0.0
        return Interval(value - half, value + half).meets(Interval(expected.lo - room, expected.hi + room))


def column_readings(rows: list[list[Cell]]) -> Iterator[Reading]:
    """Readings of every cell of one table that follows from two others."""
    head, body = rows[0], rows[1:]
    if sum(cell.number is None for cell in head) * 2 < len(head):
        return
    for k, title in enumerate(head):
        for rule in _RULES:
            cells = list(rule(k, title.text, head, body))
            if cells:
                yield from _judge_cells(cells)
                break


def _judge_cells(cells: list[Derived]) -> Iterator[Reading]:
    holding = sum(cell.holds for cell in cells)
    for one in cells:
        if one.holds or holding * 2 >= len(cells):
            yield _make_reading(one)


def _make_reading(one: Derived) -> Reading:
    start = one.cell.start
    return Reading(
        kind="growth_rate" if one.less else "ratio_share" if one.per else "difference",
        relation="cell == column / column" if one.per else "cell == column - column",
        start=start,
        end=start + len(one.cell.text),
        numbers={"part": one.top.number, "whole": one.bottom.number, "stated": one.cell.number},
        printed=one.cell.number,
        value=round(one.value, 2),
        verdict="consistent" if one.holds else "inconsistent",
        error="table_ratio",
        facts={"row": one.row, "column": one.column, "said": one.cell.text},
    )


def _numbers(*cells: Cell) -> bool:
    return all(cell.number is not None and cell.text not in ("", "-", "—", "/") for cell in cells)


def _check_ratio_column(k: int, title: str, head: list[Cell], body: list[list[Cell]]) -> Iterator[Derived]:
    for name, top, bottom, per in _RATIOS:
        if not name.search(title):
            continue
        tops = [i for i, cell in enumerate(head) if i != k and top.search(cell.text)]
        bottoms = [i for i, cell in enumerate(head) if i != k and i not in tops and bottom.search(cell.text)]
        if len(tops) != 1 or len(bottoms) != 1:
            return
        for row in body:
            cell, a, b = row[k], row[tops[0]], row[bottoms[0]]
            if _numbers(cell, a, b) and b.number:
                yield Derived(cell, a, b, per, 0.0, _label_row(row), title)


def _check_growth_column(k: int, title: str, head: list[Cell], body: list[list[Cell]]) -> Iterator[Derived]:
    """增长% or 增减 after the columns of two years."""
    by_rate = bool(_PERCENT.search(title))
    if not _GROWTH.search(title) or (not by_rate and not _ADDED.search(title)):
        return
    years = [(int(match[1]), i) for i, cell in enumerate(head[:k]) if (match := _YEAR.search(cell.text))]
    named = (
        [i for i, c in enumerate(head[:k]) if _THEN.search(c.text)],
        [i for i, c in enumerate(head[:k]) if _NOW.search(c.text)],
    )
    if len(years) == 2 and years[0][0] != years[1][0]:
        (_, then), (_, now) = sorted(years)
    elif len(named[0]) == len(named[1]) == 1 and named[0] != named[1]:
        then, now = named[0][0], named[1][0]
    else:
        return
    if _PERCENT.search(head[then].text) or _PERCENT.search(head[now].text):
        return
    for row in body:
        rate = _PERCENT.search(_label_row(row))
        if _numbers(row[k], row[then], row[now]) and row[then].number and not rate:
            yield Derived(
                row[k], row[now], row[then], 100.0 if by_rate else 0.0, float(by_rate), _label_row(row), title
            )


def _check_growth_rows(k: int, title: str, head: list[Cell], body: list[list[Cell]]) -> Iterator[Derived]:
    """比上年增长% where each row is a year."""
    if not re.search(r"增长|增幅|增速|增减", title) or not _PERCENT.search(title) or k < 2:
        return
    amount = next((i for i in range(k - 1, 0, -1) if not _PERCENT.search(head[i].text)), 0)
    dated = [(int(match[1]), row) for row in body if (match := _YEAR.match(row[0].text))]
    rows = dict(dated)
    if not amount or len(rows) != len(body) or len(dated) != len(rows):
        return
    for year, row in dated:
        before = rows.get(year - 1)
        if before and _numbers(row[k], row[amount], before[amount]) and before[amount].number:
            yield Derived(row[k], row[amount], before[amount], 100.0, 1.0, row[0].text, title)


def _check_share_column(k: int, title: str, head: list[Cell], body: list[list[Cell]]) -> Iterator[Derived]:
    """占比% after an amount, with a total row."""
    if not _SHARE.search(title) or k < 2:
        return
    amount = next((i for i in range(k - 1, 0, -1) if not _PERCENT.search(head[i].text)), 0)
    totals = [row for row in body if TOTAL.match(_label_row(row))]
    if not amount or len(totals) != 1 or not _numbers(totals[0][amount]) or not totals[0][amount].number:
        return
    for row in body:
        if row is not totals[0] and _numbers(row[k], row[amount]):
            yield Derived(row[k], row[amount], totals[0][amount], 100.0, 0.0, _label_row(row), title)


def _label_row(row: list[Cell]) -> str:
    """The first cell that is no number."""
    return next((cell.text for cell in row if cell.text and cell.number is None), row[0].text)


_RULES: Final[tuple[Callable[[int, str, list[Cell], list[list[Cell]]], Iterator[Derived]], ...]] = (
    _check_ratio_column,
    _check_growth_column,
    _check_growth_rows,
    _check_share_column,
)
