"""What tables stand in a page that was saved under the name of a workbook? HTML, and Excel's XML of 2003.

Systems that export "to Excel" write such pages and call them .xls; spreadsheet programs open them all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from edustats.load.files.formats import is_percent
from edustats.load.files.plain_text import decoded

Range = tuple[tuple[int, int], tuple[int, int]]
OPENINGS = (
    b"<!doctype html",
    b"<html",
    b"<table",
    b"<meta",
    b"<style",
    b"<head",
    b"<div",
    b"<body",
    b"<?xml",
)
CLOSES = ("td", "th", "tr", "tbody", "cell")
"""Where a cell ends, whether it says so or not."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
STYLES = ("style", "ss:style", "numberformat", "ss:numberformat")
COMMENTS = ("comment", "ss:comment")
WIDEST = 2_000
"""Columns, and rows, that one cell may span."""


@dataclass(slots=True)
class Page:
    """One table of a page."""

    name: str = ""
    rows: list[list[object]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)
    percent: set[tuple[int, int]] = field(default_factory=set)
    """Numbers that Excel's XML shows as per cent, by row and column."""


def is_markup(content: bytes) -> bool:
    """Whether a file begins like a page.

    Examples
    --------
    >>> is_markup(b"  <TABLE border=1>"), is_markup(b"a,b")
    (True, False)
    """
    start = content[:400].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith(OPENINGS) or b"<table" in content[:4000].lower()


def tables_in(content: bytes, name: str) -> list[Page]:
    """Every table of a page that has more than one cell."""
    reader = _Reader()
    reader.feed(decoded(content, name))
    reader.close()
    return [page for page in reader.pages if sum(map(len, page.rows)) > 1]


class _Reader(HTMLParser):
    """Collects the cells of tables, and which of them span several places."""

    CDATA_CONTENT_ELEMENTS = ("script",)  # type: ignore[misc]  # a style of Excel's XML holds others

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[Page] = []
        self.open: list[Page] = []
        self.sheet = ""
        self.taken: dict[int, set[int]] = {}
        self.text: list[str] | None = None
        self.span = (1, 1)
        self.column = 0
        self.style = ""
        self.percent: set[str] = set()
        self.comment = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key.rpartition(":")[2]: value or "" for key, value in attrs}
        if tag in CLOSES:  # a page may leave the end of a cell out
            self._end_cell()
        if tag.rpartition(":")[2] == "worksheet":
            self.sheet = given.get("name", "")
        elif tag in STYLES:
            self._style(given)
        elif tag in COMMENTS:
            self.comment = True
        elif tag.rpartition(":")[2] == "table":
            self.pages.append(Page(name=self.sheet))
            self.open.append(self.pages[-1])
            self.taken, self.text = {}, None
        elif self.open:
            self._open_inside(tag, given)

    def _open_inside(self, tag: str, given: dict[str, str]) -> None:
        """A row or a cell of the open table."""
        if tag in ("tr", "row", "ss:row"):
            self._row(_whole(given.get("index", "")))
        elif tag in ("td", "th"):
            self._cell(_whole(given.get("rowspan", "1")) or 1, _whole(given.get("colspan", "1")) or 1, 0)
        elif tag in ("cell", "ss:cell"):
            down, across = _whole(given.get("mergedown", "0")), _whole(given.get("mergeacross", "0"))
            self._cell(down + 1, across + 1, _whole(given.get("index", "")), given.get("styleid", ""))
        elif tag == "br" and self.text is not None:
            self.text.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def _row(self, index: int) -> None:
        rows = self.open[-1].rows
        while index > len(rows) + 1 and len(rows) < WIDEST:
            rows.append([])
        rows.append([])
        self.column = 0

    def _style(self, given: dict[str, str]) -> None:
        """Which styles of Excel's XML show a number as per cent."""
        self.style = given.get("id", self.style)
        code = given.get("format", "")
        if code == "Percent" or is_percent(code):
            self.percent.add(self.style)

    def _cell(self, down: int, across: int, index: int, style: str = "") -> None:
        if not self.open[-1].rows:
            self.open[-1].rows.append([])
        row = len(self.open[-1].rows) - 1
        self.column = index - 1 if index else self.column
        while self.column in self.taken.get(row, ()):
            self.column += 1
        self.span = (min(down, WIDEST), min(across, WIDEST))
        self.text = []
        if style in self.percent:
            self.open[-1].percent.add((row, self.column))

    def handle_data(self, data: str) -> None:
        if self.text is not None and not self.comment:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in COMMENTS:
            self.comment = False
        elif tag in CLOSES or tag in ("ss:cell", "table"):
            self._end_cell()
        if tag.rpartition(":")[2] == "table" and self.open:
            self.open.pop()

    def _end_cell(self) -> None:
        if self.text is not None:
            self._put("".join(self.text).strip())
            self.text = None

    def _put(self, text: str) -> None:
        page = self.open[-1]
        row, (down, across) = len(page.rows) - 1, self.span
        line = page.rows[row]
        line.extend([""] * (self.column + across - len(line)))
        known = (row, self.column) in page.percent and _NUMBER.fullmatch(text)
        line[self.column] = float(text) if known else text
        for i in range(row, row + down):
            self.taken.setdefault(i, set()).update(range(self.column, self.column + across))
        if down > 1 or across > 1:
            page.merged.append(((row, self.column), (row + down - 1, self.column + across - 1)))
        self.column += across


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
