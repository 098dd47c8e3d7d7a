"""What figures does the form of one school hold? A grid of items by headings, a school a sheet."""

from __future__ import annotations

import re

import numpy as np

from edustats.errors import DataError
from edustats.load.files import values as clean
from edustats.load.reading.headers import find, label, paths_of, words_in
from edustats.load.returns.forms import FACT, Figure, Form
from edustats.load.returns.lists import Work
from edustats.load.returns.records import Block, Filled, Taken, add_filled, cell_at, is_empty, map_yes_no
from edustats.words import join_names

MOST_HEADER_ROWS = 8
HEADER_WITHIN = 40
_ITEM = re.compile(r"^(\d{2,3})\s+(.+)$")


def take_grid(work: Work, form: Form) -> Taken:
    """The figures of one school's form."""
    work.account.form = form.key
    grid = _Grid(work)
    if grid.items is None:
        return work.nothing()
    sheet = work.sheet
    block = Block(
        form=form.key, kind="grid", file=sheet.file, sheet=sheet.name, year=0, units=[""],
        rows=np.zeros(1, np.int32), names=[""], counties=[""],
    )  # fmt: skip
    for key, paths in form.texts.items():
        if (found := grid.at("|".join(paths))) is not None:
            block.texts[key] = [clean.plain(clean.text(grid.value(found)))]
    for figure in form.figures:
        if (filled := _read_figure(work, grid, figure)) is not None:
            block.columns[figure.column] = filled
    grid.settle()
    return work.taken([block])


def _read_figure(work: Work, grid: _Grid, figure: Figure) -> Filled | None:
    places = [grid.at(path) for path in figure.paths]
    parts = []
    for place in places:
        if place is None:
            return None
        i, j = place
        row = np.array([work.sheet.row(i)], np.int32)
        cells, letter = [grid.value((i, j))], work.sheet.letter(j)
        if figure.values:
            parts.append(map_yes_no(figure, cells, row, letter, work.layouts.missing))
            continue
        unit = grid.unit(i) or figure.unit
        values, kinds, raw = clean.cells(cells, work.layouts.missing, unit)
        work.unreadable(figure.column, raw, row, letter, [""])
        values = values * _find_scale(work, figure.column, unit if figure.unit else "")
        parts.append(Filled(values=values, kinds=kinds, rows=row, letter=letter, words="", raw=raw))
    return add_filled(parts, figure.paths[0])


def _find_scale(work: Work, column: str, unit: str) -> float:
    if column.startswith(FACT) or not unit:
        return 1.0
    scales = work.known.units[work.known.columns[column].unit].scales
    if unit not in scales:
        raise DataError(
            "load.unit_of_form",
            file=work.sheet.file,
            column=column,
            unit=unit,
            known=join_names(sorted(scales)),
        )
    return float(scales[unit])


class _Grid:
    """A form of items by headers: its stub, its header and the cells between them."""

    def __init__(self, work: Work) -> None:
        self.work, self.sheet = work, work.sheet
        self.used: set[int] = set()
        self.items: dict[str, list[tuple[str, int]]] | None = None
        first = self.stub()
        if first is None:
            return
        start, left = first
        self.body = self.first_item(start)
        numbered = next(
            (i for i in range(start + 1, self.body) if "甲" in map(label, self.texts(i))), self.body
        )
        self.paths = [
            tuple(label(word) for word in path)
            for path in paths_of(words_in(self.sheet, start, numbered - start))
        ]
        self.first, self.left = start, left
        self.items = {}
        self.measure = next((j for j, path in enumerate(self.paths) if path == ("计量单位",)), None)
        for i in range(self.body, len(self.sheet.rows)):
            row = self.sheet.rows[i]
            number = clean.text(cell_at(row, left + 1)).strip()
            if number.isdigit() and len(number) <= 3:
                item = label(clean.text(row[left]))
                self.items.setdefault(item, []).append((number.zfill(2), i))

    def stub(self) -> tuple[int, int] | None:
        """Where 甲 (or 指标名称) stands first: the corner of the table, whatever frame is around it."""
        for i, row in enumerate(self.sheet.rows[:HEADER_WITHIN]):
            for j, cell in enumerate(row[:4]):
                if type(cell) is str and label(cell) in ("甲", "指标名称"):
                    return i, j
        return None

    def texts(self, i: int) -> list[str]:
        return [clean.text(cell).strip() for cell in self.sheet.rows[i][:5]]

    def first_item(self, start: int) -> int:
        """The first row with a printed number (乙) beside its item; above it stand 甲 and 乙 and the
        header.
        """
        for i in range(start + 1, min(start + MOST_HEADER_ROWS, len(self.sheet.rows))):
            texts = self.texts(i)
            if "甲" not in texts and any(text.isdigit() for text in texts[1:3]):
                return i
        return start + 1

    def at(self, path: str) -> tuple[int, int] | None:
        """Row and column of ``item @ header``; None where either is missing or fits twice."""
        for one in path.split("|"):
            item, _, words = one.partition("@")
            rows = self.rows(item.strip())
            columns = find(self.paths, words.strip())
            if len(rows) == 1 and len(columns) == 1:
                self.used.add(rows[0])
                return rows[0], columns[0]
        return None

    def rows(self, item: str) -> list[int]:
        numbered = _ITEM.match(item)
        number, words = (numbered[1], label(numbered[2])) if numbered else ("", label(item))
        found = (self.items or {}).get(words, [])
        return [i for have, i in found if not number or have == number.zfill(2)]

    def value(self, place: tuple[int, int]) -> object:
        return cell_at(self.sheet.rows[place[0]], place[1])

    def unit(self, i: int) -> str:
        """The unit printed beside an item, where the form has a column for it and the unit is one we know."""
        if self.measure is None:
            return ""
        printed = clean.plain(clean.text(self.value((i, self.measure)))).strip("()")
        return printed if any(printed in u.scales for u in self.work.known.units.values()) else ""

    def settle(self) -> None:
        """Every row of the sheet: loaded if a figure was read from it, else set aside."""
        for i, row in enumerate(self.sheet.rows):
            if is_empty(row):
                continue
            if i in self.used:
                self.work.account.read += 1
                self.work.account.loaded += 1
            else:
                self.work.aside(i, "title" if i < self.first else "heading" if i < self.body else "not_asked")
