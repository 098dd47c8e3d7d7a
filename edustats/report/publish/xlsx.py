"""How do a county's tables become one workbook? A sheet per table, with what a reader must know above it.

Numbers are unrounded numbers under a format that shows what the report prints. Nothing that a return
holds can run: a text that begins like a formula stays a text, and says so to the spreadsheet.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from edustats import __version__
from edustats.files import write_whole
from edustats.letters import FORMULA
from edustats.present.records.html import format_cell
from edustats.present.records.items import Figure, Finding, Item, Provenance, Table
from edustats.report.trace.embedded import embed_in_package
from edustats.report.trace.notebook import Heading, read_blocks
from edustats.report.trace.quantities import (
    CellQuantity,
    build_number_format,
    find_unit,
    read_quantity,
    scale_for_cell,
)
from edustats.report.trace.sources import (
    UNFIT,
    NumberSources,
    assign_row_sources,
    format_number_ranges,
    list_sources,
    name_source_columns,
    tabulate_sources,
)
from edustats.words import say

SIGNS = tuple("0123456789+−—")
"""What a text begins with that stands among numbers: an interval, a dash."""
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
LONGEST_NAME, LONGEST_CELL = 31, 32_000
WIDEST, NARROWEST = 60.0, 9.0
WIDEST_SHARED = 36.0
"""How wide a column gets that several tables of a sheet share: a long text of one wraps, and the others stay narrow."""
LINE, TALLEST = 13.5, 400.0
"""Points of a line and of the tallest row."""
MOST_SHEETS = 12
"""With more tables a sheet holds all those of a chapter."""
ROOM_BETWEEN = 9
"""Rows of title, scope, units, source, legend, note and heading that a table takes besides its own, and a gap."""
LANDSCAPE_FROM = 90.0
"""Width in characters from which a sheet is printed on its side."""


LETTERS = "@"
"""The format of a code or a quotation: a spreadsheet reads no number out of it."""
Look = tuple[str, str, str, str]
"""Font, alignment, border and fill."""
PLAIN: Look = ("plain", "", "", "")
TITLE: Look = ("title", "", "", "")
SMALL: Look = ("small", "across", "", "")
HEAD: Look = ("head", "centre", "ruled", "shaded")
TEXT: Look = ("plain", "wrapped", "under", "")
NUMBER: Look = ("plain", "right", "under", "")
LINK: Look = ("link", "wrapped", "under", "")
ORIGIN: Look = ("small", "right", "under", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _TableSheet:
    """One table with its surroundings."""

    table: Table
    title: str
    name: str
    chapter: str
    scope: str
    row: int = 1
    """Where it begins on its sheet."""


def write_data_workbook(
    executed: Sequence[Path], target: Path, *, title: str, lang: str, found: NumberSources | None = None
) -> None:
    """Write the data workbook of one county.

    Parameters
    ----------
    executed : executed notebooks, in reading order
    target : the .xlsx, written whole or not at all
    title : the county's name
    lang : zh or en
    found : the sources of these notebooks, if they are listed already
    """
    from xlsxwriter import Workbook

    made = io.BytesIO()
    # A text stays a text whatever it begins with.
    plain = dict.fromkeys(("strings_to_formulas", "strings_to_numbers", "strings_to_urls"), False)
    book = Workbook(made, {"in_memory": True, **plain})
    found = found or list_sources(executed, lang)
    sheets, notes = _collect_tables(executed, lang)
    maker = _WorkbookWriter(book, lang)
    maker.write_contents(title, sheets)
    places = found.places()
    for _, group in groupby(sheets, key=lambda sheet: sheet.name):
        maker.write_sheet(list(group), places)
    maker.list(say("trace.sheet_scope")[lang], (maker.said("head_about"), maker.said("head_note")), notes)
    rows = tabulate_sources(found)
    maker.list(say("trace.sheet_sources")[lang], name_source_columns(lang), rows)
    about = _strip_unfit_characters(maker.said("workbook_title", area=title))
    book.set_properties({"author": "edustats", "title": about})
    book.close()
    write_whole(target, embed_in_package(made.getvalue(), found))


def _collect_tables(executed: Sequence[Path], lang: str) -> tuple[list[_TableSheet], list[tuple[str, str]]]:
    """Every table once, in reading order, and every note on scope with what it belongs to."""
    sheets: dict[Table, _TableSheet] = {}
    notes: dict[tuple[str, str], None] = {}
    for notebook in executed:
        chapter, scope = notebook.stem, ""
        for block in read_blocks(notebook, lang):
            match block:
                case Heading(1, text):
                    chapter = text
                case Finding(key="cover"):
                    scope = block.sentence[lang]
            if not isinstance(block, (Finding, Table, Figure)):
                continue
            table = _get_table(block)
            if table is not None and table not in sheets:
                about = block.title[lang] if isinstance(block, (Table, Figure)) else ""
                name = _name_sheet(len(sheets) + 1, about, lang)
                sheets[table] = _TableSheet(table=table, title=about, name=name, chapter=chapter, scope=scope)
            if block.note[lang]:
                named = block.sentence if isinstance(block, Finding) else block.title
                notes[named[lang], block.note[lang]] = None
    return _arrange_sheets(list(sheets.values()), lang), list(notes)


def _arrange_sheets(sheets: list[_TableSheet], lang: str) -> list[_TableSheet]:
    """One sheet a table where they are few; else one a chapter, its tables one below the other, the ledgers last."""
    if len(sheets) <= MOST_SHEETS:
        return sheets
    chapters = dict.fromkeys(sheet.chapter for sheet in sheets)
    last = [name for name in chapters if name == _find_ledger_chapter(sheets)]
    order = [name for name in chapters if name not in last] + last
    arranged, row = [], dict.fromkeys(chapters, 1)
    for number, chapter in enumerate(order, 1):
        name = f"{number} {FORBIDDEN.sub(' ', _strip_unfit_characters(chapter))}"[:LONGEST_NAME].strip()
        for sheet in sheets:
            if sheet.chapter == chapter:
                arranged.append(replace(sheet, name=name, row=row[chapter]))
                row[chapter] += len(sheet.table.rows) + bool(sheet.table.foot) + ROOM_BETWEEN
    return arranged


def _find_ledger_chapter(sheets: Sequence[_TableSheet]) -> str:
    return next((sheet.chapter for sheet in sheets if sheet.table.key == "ledger"), "")


def _get_table(item: Item) -> Table | None:
    if isinstance(item, Finding):
        return None
    return item.data if isinstance(item, Figure) else item


def _name_sheet(number: int, title: str, lang: str) -> str:
    """A sheet's name: its number and as much of the title as a spreadsheet allows."""
    whole = (
        f"{say('trace.table_name', number=number)[lang]} {FORBIDDEN.sub(' ', _strip_unfit_characters(title))}"
    )
    return re.sub(r"\s+", " ", whole)[:LONGEST_NAME].strip()


def _strip_unfit_characters(text: str) -> str:
    return UNFIT.sub("", text)[:LONGEST_CELL]


PARTS: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 14}, "head": {"bold": True, "font_size": 10}, "plain": {"font_size": 10},
    "small": {"font_size": 9, "font_color": "#595959"},
    "link": {"font_size": 10, "font_color": "#1F4E79", "underline": 1},
    "centre": {"text_wrap": True, "valign": "vcenter", "align": "center"},
    "wrapped": {"text_wrap": True, "valign": "top", "align": "left", "indent": 1},
    "across": {"text_wrap": True, "valign": "top"}, "right": {"align": "right", "valign": "top"},
    "under": {"bottom": 7, "bottom_color": "#A6A6A6"}, "ruled": {"top": 2, "bottom": 1},
    "shaded": {"pattern": 1, "bg_color": "#E9EEF4"},
}  # fmt: skip
"""What the parts of a look are to XlsxWriter."""
PADDING, UNSET = 5 / 7, 13.0
"""What a column is wider than its letters, and how wide one is of which nothing was said, in letters."""


@dataclass(slots=True)
class _Page:
    """A sheet, its columns' widths so far, and whether it is printed on its side."""

    sheet: Any
    widths: dict[int, float] = field(default_factory=dict)
    across: bool = False


class _WorkbookWriter:
    """Writes sheets in the house's style; styles are made once and shared. Rows and columns count from 1."""

    def __init__(self, book: Any, lang: str) -> None:
        self.book, self.lang = book, lang
        self.styles: dict[tuple[object, ...], Any] = {}

    def said(self, key: str, **facts: object) -> str:
        return say(f"trace.{key}", **facts)[self.lang]

    def put(self, page: _Page, row: int, column: int, value: Any, look: Look = PLAIN, form: str = "") -> None:
        """Write one cell."""
        quoted = isinstance(value, str) and value.startswith(FORMULA)
        style = self.style(look, form, quoted)
        at = row - 1, column - 1
        if not isinstance(value, str):
            page.sheet.write_number(*at, value, style)
        elif text := _strip_unfit_characters(value):
            page.sheet.write_string(*at, text, style)
        else:
            page.sheet.write_blank(*at, None, style)

    def style(self, look: Look, form: str = "", quoted: bool = False) -> Any:
        """The format of cells that look alike; ``quoted`` where a text begins as a formula does."""
        key = (look, form, quoted)
        if key not in self.styles:
            face = "Calibri" if self.lang != "zh" else "黑体" if look[0] == "title" else "宋体"
            made: dict[str, object] = {"font_name": face, "quote_prefix": quoted}
            for part in filter(None, look):
                made |= PARTS[part]
            self.styles[key] = self.book.add_format(made | ({"num_format": form} if form else {}))
        return self.styles[key]

    def write_contents(self, title: str, sheets: Sequence[_TableSheet]) -> None:
        page = _Page(self.book.add_worksheet(self.said("sheet_contents")))
        self.put(page, 1, 1, self.said("workbook_title", area=title), TITLE)
        self.put(page, 2, 1, self.said("made_by", version=__version__), PLAIN)
        self.put(page, 3, 1, self.said("legend"))
        heads = [self.said(f"head_{name}") for name in ("table", "title", "chapter", "rows")]
        self.write_headings(page, 5, heads)
        for row, sheet in enumerate(sheets, 6):
            cells = (sheet.name.split(" ")[0] if self.lang == "zh" else sheet.name[:9].strip(), sheet.title)
            there = f"internal:'{sheet.name}'!A{sheet.row}"
            page.sheet.write_url(row - 1, 0, there, self.style(LINK), cells[0])
            for column, value in enumerate((*cells[1:], sheet.chapter, len(sheet.table.rows)), 2):
                self.put(page, row, column, value, TEXT)
        if not sheets:
            self.put(page, 6, 1, self.said("nothing"))
        texts = [["", sheet.title, sheet.chapter, ""] for sheet in sheets] or [[""] * 4]
        self.set_layout(page, heads, texts, 5)

    def write_headings(self, page: _Page, row: int, names: Sequence[str]) -> None:
        for column, name in enumerate(names, 1):
            self.put(page, row, column, name, HEAD)

    def write_sheet(self, sheets: Sequence[_TableSheet], found: Mapping[Provenance, int]) -> None:
        """A sheet with one table, or with all of a chapter one below the other."""
        page = _Page(self.book.add_worksheet(sheets[0].name))
        for sheet in sheets:
            self.table(page, sheet, found, alone=len(sheets) == 1)

    def table(self, page: _Page, sheet: _TableSheet, found: Mapping[Provenance, int], *, alone: bool) -> None:
        table, start = sheet.table, sheet.row
        numbers = [format_number_ranges(found[one] for one in row) for row in assign_row_sources(table)]
        by_row = len(set(numbers)) > 1
        self.put(page, start, 1, sheet.title, TITLE)
        rows = [*table.rows, table.foot] if table.foot else list(table.rows)
        marks = {(i, j): say(f"prefecture.mark_{mark}")[self.lang] for i, j, mark in table.marks}
        cells = [
            [read_quantity(value, column) for value, column in zip(row, table.columns, strict=True)]
            for row in rows
        ]  # fmt: skip
        lines = self.lines(sheet, self.units(cells), numbers, by_row)
        top = start + len(lines) + 2
        names = [column.label[self.lang] for column in table.columns]
        counted = [any(row[j] for row in cells) for j in range(len(names))]
        texts = [
            [format_cell(value, table.columns[j].decimals, self.lang) for j, value in enumerate(row)]
            for row in rows
        ]
        for i, row_cells in enumerate(rows):
            for j in range(len(row_cells)):
                place = (top + 1 + i, j + 1)
                if number := cells[i][j]:
                    mark = marks.get((i, j), "")
                    form = (f'"{mark}"' if mark else "") + build_number_format(number, self.lang)
                    self.put(page, *place, _drop_zero_decimals(scale_for_cell(number)), NUMBER, form)
                else:
                    look = NUMBER if j and (counted[j] or texts[i][j][:1] in SIGNS) else TEXT
                    form = LETTERS if table.columns[j].quotes(row_cells[j]) else ""
                    self.put(page, *place, texts[i][j], look, form)
            if by_row and i < len(numbers):
                self.put(page, top + 1 + i, len(names) + 1, numbers[i], ORIGIN)
        if by_row:
            names, texts = [*names, self.said("head_source")], [[*row, ""] for row in texts]
        self.write_headings(page, top, names)
        width = self.set_layout(page, names, texts, top, alone=alone)
        for row, text in enumerate(lines, start + 1):  # across the table, so that no line runs off the paper
            if len(names) > 1:
                page.sheet.merge_range(row - 1, 0, row - 1, len(names) - 1, "", self.style(SMALL))
            self.put(page, row, 1, text, SMALL)
            page.sheet.set_row(row - 1, LINE * -(-_measure_text_width(text) // (width - 2)))
        if alone:
            page.sheet.autofilter(top - 1, 0, top + len(table.rows) - 1, len(names) - 1)

    def lines(self, sheet: _TableSheet, units: str, numbers: Sequence[str], by_row: bool) -> list[str]:
        """What stands above a table: scope, units, source, legend and, if it has one, its note."""
        if by_row:
            origin = self.said("see_rows")
        else:
            origin = self.said("see_sources", numbers=numbers[0]) if any(numbers) else self.said("no_source")
        told = {
            "scope": " · ".join(part for part in (sheet.scope, sheet.chapter) if part),
            "units": units, "source": origin, "legend": self.said("legend"),
        }  # fmt: skip
        colon = "：" if self.lang == "zh" else ": "
        lines = [f"{self.said(f'line_{name}')}{colon}{text}" for name, text in told.items() if text]
        return [*lines, sheet.table.note[self.lang]] if sheet.table.note[self.lang] else lines

    def units(self, cells: Sequence[Sequence[CellQuantity | None]]) -> str:
        """Names of the units of a table's numbers, or a word that the columns say them."""
        keys = {one.unit: None for row in cells for one in row if one and one.unit}
        names = dict.fromkeys(unit.name[self.lang] for key in keys if (unit := find_unit(key)))
        return ("、" if self.lang == "zh" else ", ").join(names) or self.said("units_in_columns")

    def list(self, name: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A sheet of texts under headings."""
        page = _Page(self.book.add_worksheet(name))
        self.put(page, 1, 1, name, TITLE)
        self.write_headings(page, 3, heads)
        for i, texts in enumerate(rows, 4):
            for column, text in enumerate(texts, 1):
                value = int(text) if column == 1 and text.isdecimal() else text
                self.put(page, i, column, value, TEXT)
        self.set_layout(page, heads, rows, 3)

    def set_layout(
        self,
        page: _Page,
        heads: Sequence[str],
        texts: Sequence[Sequence[str]],
        top: int,
        *,
        alone: bool = True,
    ) -> float:
        """Wide and tall enough to be read; the headings of a table ``alone`` frozen and repeated on paper.

        Returns the width of the columns together.
        """
        sizes = [[_measure_text_width(text) for text in row] for row in texts]
        longest = [max(column) for column in zip(*sizes, strict=True)] if sizes else [0.0] * len(heads)
        pairs = zip(heads, longest, strict=True)
        most = WIDEST if alone else WIDEST_SHARED
        widths = [
            min(max(one + 2, _measure_text_width(head) / 2 + 2, NARROWEST), most) for head, one in pairs
        ]
        for column, width in enumerate(widths):  # below another table a column is as wide as the wider needs
            before = 0.0 if alone or top <= ROOM_BETWEEN else page.widths.get(column, UNSET)
            page.widths[column] = round(max(before, width), 1)
            page.sheet.set_column(column, column, page.widths[column] - PADDING)
        rows = [[_measure_text_width(head) for head in heads], *sizes]
        for row, needed in enumerate(rows, top):
            lines = max(-(-size // (width - 1)) for size, width in zip(needed, widths, strict=True))
            if lines > 1:  # a spreadsheet does not measure a row before it is edited
                page.sheet.set_row(row - 1, min(LINE * lines + 2, TALLEST))
        if alone:
            page.sheet.freeze_panes(top, 0)
            page.sheet.repeat_rows(top - 1)
        page.across = page.across or sum(widths) > LANDSCAPE_FROM
        page.sheet.set_landscape() if page.across else page.sheet.set_portrait()
        page.sheet.set_paper(9)
        page.sheet.fit_to_pages(1, 0)
        page.sheet.set_footer("&C&P / &N")
        page.sheet.hide_gridlines(2)
        return sum(widths)


def _drop_zero_decimals(value: float) -> float | int:
    return int(value) if value == int(value) and abs(value) < 1e15 else value


@lru_cache(maxsize=8192)
def _measure_text_width(text: str) -> float:
    """Width of the longest line in characters; a Chinese one counts twice."""
    return max((float(len(line) + len(WIDE.findall(line))) for line in text.splitlines()), default=0.0)


WIDE = re.compile("[\u2e80-\U0010ffff]")
