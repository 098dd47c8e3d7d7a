"""Which of the catalogue's columns is each column of a stranger's table, and what is asked about it?"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from edustats.catalogue import Catalogue, RawColumn
from edustats.load.files.values import number, plain, text
from edustats.load.files.workbook import Sheet
from edustats.load.reading import evidence, years
from edustats.load.reading.column_roles import Column, find_city, find_names_of_codes, find_places, find_role
from edustats.load.reading.headers import bare_label
from edustats.load.reading.matching import SURE, Match, find_named_in, matched
from edustats.load.reading.stages import stage_alone
from edustats.load.reading.totals import is_total_word
from edustats.load.reading.units import RATE_UNITS, SHARE, Unit, fits, is_figure
from edustats.load.tables.layout import is_area
from edustats.load.tables.sections import split_section
from edustats.load.tables.stated_rates import are_below_one, choose_scale
from edustats.load.tables.table_read import ColumnRead
from edustats.load.tables.values import COUNTS
from edustats.words import say

Heading = tuple[str, ...]
MOST_PERCENT = 200
"""Gross enrolment ratios go beyond a hundred."""
TEN_THOUSAND, MOST_PERSONS = 1e4, 1e7
"""Of a line over the whole table; what no county has."""
MOST_ITEMS = 120
"""Different words that a column of items may have."""
ITEMS = (
    "指标",
    "指标名称",
    "项目",
    "统计指标",
    "item",
    "indicator",
    "indicatorname",
    "measure",
    "series",
    "variable",
)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a table stands, as the search for units needs it."""

    sheet: Sheet
    first: int
    depth: int
    unit_row: int
    notes: tuple[int, ...]
    of_rows: tuple[Unit | None, ...]
    """The units that a column of units names."""

    def units(self, column: int, item: str = "") -> list[evidence.UnitSaid]:
        """Every unit printed for a column, or for an item in it."""
        said = evidence.unit_evidence(
            self.sheet, (self.first, self.depth), column, unit_row=self.unit_row, notes=self.notes, item=item
        )
        alone = [unit for unit in self.of_rows if unit is not None and len(self.of_rows) == 1]
        return [*(evidence.UnitSaid(unit, evidence.OWN, "row", "", unit.words) for unit in alone), *said]

    def shows_percent(self, column: int) -> bool:
        """Whether the workbook shows cells of a column as per cents."""
        return any(at == column + self.sheet.left for _, at in self.sheet.percent)


def lies_on_side(paths: Sequence[Heading]) -> bool:
    """Whether the headings name areas: a column per area, a row per item."""
    words = {word for path in paths for word in path}
    return sum(is_area(word) and not is_total_word(word) for word in words) > 1


def inspect_columns(
    where: Where,
    paths: Sequence[Heading],
    data: Sequence[Sequence[object]],
    known: Catalogue,
    stage: str,
    titles: Sequence[str],
) -> tuple[ColumnRead, ...]:
    judged = [
        Column(j, path[-1], tuple(plain(text(row[j])) if j < len(row) else "" for row in data))
        for j, path in enumerate(paths) if path
    ]  # fmt: skip
    roles: dict[int, str] = {}
    for column in judged:
        if (role := find_role(column, {*roles.values()})) == "year":
            roles[column.at] = role
    year = next((column.cells for column in judged if roles.get(column.at) == "year"), ())
    roles |= {at: role for at, role in find_places(judged, year).items() if at not in roles}
    for column in judged:
        if column.at not in roles and (role := find_role(column, {*roles.values()})):
            roles[column.at] = role
    roles |= find_names_of_codes(judged, roles)
    roles |= find_city(judged, roles)
    found: list[ColumnRead] = []
    on_side = lies_on_side(paths)
    exact = {
        match.column
        for column in judged
        if column.at not in roles and (match := matched(paths[column.at], known, stage, near=False))
    }
    for column in judged:
        taken = {*roles.values(), *(one.role for one in found), *(one.column for one in found)}
        cells = [row[column.at] for row in data if column.at < len(row) and row[column.at] not in ("", None)]
        one = _inspect_column(
            where,
            column.at,
            paths[column.at],
            cells,
            known,
            stage,
            taken,
            exact,
            roles.get(column.at, ""),
            titles,
            sideways=on_side and any(map(is_area, paths[column.at])),
        )
        found.append(replace(one, figures=column.figures and not one.role.endswith(("code", "unit", "year"))))
    lines = {one.unit_from for one in found if one.too_many}
    return tuple(
        _doubt_beside(one, lines, column.cells, known) for one, column in zip(found, judged, strict=True)
    )


def _doubt_beside(
    read: ColumnRead, lines: Collection[str], cells: Sequence[str], known: Catalogue
) -> ColumnRead:
    """A column of persons, asked about where its line of units makes too many of another: it is wrong of both.

    Parameters
    ----------
    lines : cells with the units of columns that would hold more persons than there are
    """
    if read.role != "column" or read.question or read.unit_from not in lines:
        return read
    whole = all(value == int(value) for cell in cells if (value := number(cell)) is not None)
    return _ask_many(read) if whole and known.columns[read.column].unit == "person" else read


def _ask_many(read: ColumnRead) -> ColumnRead:
    facts = {"heading": read.heading, "letter": read.letter, "unit": read.unit, "value": read.example}
    return replace(read, question=say("load.ask_many", **facts, cell=read.unit_from))


def _inspect_column(
    where: Where,
    j: int,
    path: Heading,
    cells: Sequence[object],
    known: Catalogue,
    stage: str,
    taken: set[str],
    exact: set[str],
    role: str,
    titles: Sequence[str],
    *,
    sideways: bool,
) -> ColumnRead:
    heading = "/".join(word.replace("\n", "") for word in path)
    read = ColumnRead(letter=where.sheet.letter(j), heading=heading, role=role, sure=1.0,
                      example=text(cells[0]) if cells else "")  # fmt: skip
    if role:
        return read
    if any(map(says_year, path)) or (sideways and taken & {"item", "year"}):
        said = where.units(j)
        unit, cell = (said[0].unit.words, said[0].cell) if said else ("", "")
        return replace(read, role="wide", unit=unit, unit_from=cell)
    if "item" not in taken and _are_items(path[-1], cells, known):
        return replace(read, role="item")
    # 小学 is near 小学班数, and says nothing of classes
    alone = len(path) == 1 and bool(stage_alone(path[0]))
    match = _find_in_title(path, known, stage, titles) or matched(tuple(path), known, stage, near=not alone)
    said = where.units(j)
    figures = any(type(c) is float or is_figure(text(c)) for c in cells[:50])
    if (
        match is None
        or (not match.sure and match.column in exact)  # another heading says just that
        or not figures
        or any(one.unit.is_other_money(known.columns[match.column].unit) for one in said)
    ):
        return replace(read, role="nothing", sure=0.0)
    read = replace(read, column=match.column, sure=match.likeness)
    return _matched_column(read, said, cells, known, taken, as_percent=where.shows_percent(j))


def _find_in_title(path: Heading, known: Catalogue, stage: str, titles: Sequence[str]) -> Match | None:
    """What the title counts, of a column that says a stage alone, or that it is all: 小学, 合计 under 在校生数."""
    alone = stage_alone(path[-1])
    if len(path) > 1 or not (alone or is_total_word(path[-1])):
        return None
    found = (find_named_in(title, known, alone or stage) for title in titles)
    return next((match for match in found if match is not None), None)


def says_year(word: str) -> bool:
    """Whether a heading is that of one year: 2023年, or 本年 and 上年 under a title that says which."""
    return years.label(word) is not None or years.years_from_this(bare_label(word)) is not None


def _matched_column(
    read: ColumnRead,
    said: Sequence[evidence.UnitSaid],
    cells: Sequence[object],
    known: Catalogue,
    taken: set[str],
    *,
    as_percent: bool,
) -> ColumnRead:
    """A column that is one of the catalogue's, or a rate of it, with the question that remains."""
    column = known.columns[read.column]
    own = [one for one in said if fits(one.unit, column.unit)]
    if column.unit in RATE_UNITS:
        scale = choose_scale(column.unit, said, cells, as_percent=as_percent)
        return _rate_column(
            replace(read, below_one=not as_percent and are_below_one(scale, cells)), scale, column, taken
        )
    share = any(one.unit.kind == SHARE for one in said) and column.unit != SHARE and not own
    scaled = any(one.unit.size > 1 for one in own)  # 1.2 of 万册 is broken and a count all the same
    broken = not scaled and _look_like_shares(cells, column.unit, read.column)
    if share or "率" in read.heading.rpartition("/")[2] or broken:
        return replace(read, role="rate", unit="percent", question=say("load.ask_rate", heading=read.heading))
    unit = own[0].unit.words if own else next(iter(known.units[column.unit].scales))
    read = replace(read, role="column" if read.column not in taken else "nothing", unit=unit,
                   unit_from=own[0].cell if own else "")  # fmt: skip
    doubted = _is_unit_in_doubt(own, cells, column.unit, read.column)
    if doubted and own:
        return replace(_ask_many(read), too_many=True)
    question = None
    if doubted:
        question = say("load.ask_unit", heading=read.heading, letter=read.letter)
    elif read.sure < SURE:
        question = say("load.ask_column", heading=read.heading, letter=read.letter, what=column.name,
                       column=read.column, sure=f"{read.sure:.0%}")  # fmt: skip
    elif read.column in taken:
        question = say("load.ask_twice", heading=read.heading, column=read.column)
    return replace(read, question=question)


def _is_unit_in_doubt(
    own: Sequence[evidence.UnitSaid], cells: Sequence[object], unit: str, column: str
) -> bool:
    """Whether the unit of a column is to be asked for: money and areas without one, 1.2345 pupils, 678万 teachers."""
    if not own and unit in ("yuan", "square_metre", "dollar"):
        return True
    values = [value for cell in cells if (value := number(text(cell))) is not None]
    if unit != "person" or not values:
        return False
    broken = sum(value != int(value) for value in values)
    if not own:  # teachers may be counted in full-time equivalents; one broken number alone is a slip
        return broken > len(values) / 2 and not column.startswith(("teachers", "staff"))
    general = own[0].near >= evidence.GENERAL and own[0].unit.size >= TEN_THOUSAND
    return general and not broken and max(values) * own[0].unit.size > MOST_PERSONS


def _rate_column(read: ColumnRead, scale: str | None, column: RawColumn, taken: set[str]) -> ColumnRead:
    """A rate that has a column of its own, in its scale where that leaves no doubt."""
    question = None
    if read.below_one:
        question = say("load.ask_below_one", heading=read.heading, letter=read.letter, value=read.example)
    elif scale is None:
        question = say("load.ask_unit", heading=read.heading, letter=read.letter)
    elif read.column in taken:
        question = say("load.ask_twice", heading=read.heading, column=read.column)
    elif read.sure < SURE:
        question = say("load.ask_column", heading=read.heading, letter=read.letter, what=column.name,
                       column=read.column, sure=f"{read.sure:.0%}")  # fmt: skip
    return replace(read, role="column" if read.column not in taken else "nothing",
                   unit="?" if scale is None else scale or column.unit, question=question)  # fmt: skip


def _look_like_shares(cells: Sequence[object], unit: str, column: str) -> bool:
    """Whether a column that ought to be a count holds per cents: broken numbers, none far above a hundred."""
    values = [value for cell in cells if (value := number(text(cell))) is not None]
    broken = sum(value != int(value) for value in values)
    counted = unit in COUNTS and not column.startswith(("teachers", "staff"))
    many = len(values) > 4 and broken > 0.3 * len(values)
    # Pupils may well be in ten thousands; schools are not.
    many |= unit == "school" and len(values) == broken > 2
    return counted and many and max(values) <= MOST_PERCENT


def is_heading_of_items(heading: str) -> bool:
    """Whether a heading says that each row is an item: 指标, 项目 Item.

    Examples
    --------
    >>> is_heading_of_items("指标 Item"), is_heading_of_items("Indicator"), is_heading_of_items("地区")
    (True, True, False)
    """
    words = re.sub(r"\W", "", heading).lower()
    return words in ITEMS or re.sub(r"[a-z]+", "", words) in ITEMS


def _are_items(heading: str, cells: Sequence[object], known: Catalogue) -> bool:
    """Whether most different words of a column name what is counted; one is enough under 指标."""
    words = {plain(text(cell)) for cell in cells}
    said = is_heading_of_items(heading)
    if (
        not words
        or len(words) > MOST_ITEMS * (1 + 9 * said)
        or any(number(word) is not None for word in words)
    ):
        return False
    named = sum(
        any(matched(split_section(word), known, s, near=False) for s in ("", "primary", "preschool"))
        for word in words
    )
    return named > 0.5 * len(words) or (said and named > 0)
