"""Which tables stand in a Word file? Each as a sheet, with the lines right over it as its title.

Bureaus send tables inside documents. A cell is named as the table has it: 表2, B3 is the second table's third row; the
lines over a table have no row there.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

Range = tuple[tuple[int, int], tuple[int, int]]
PART = "word/document.xml"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRUCK_OUT = {f"{W}del", f"{W}moveFrom", f"{W}txbxContent", f"{W}pPr", f"{W}rPr"}
MARKS = {"tab": "\t", "br": "\n", "noBreakHyphen": "-"}
MOST_COLUMNS = 500
"""Columns that a cell may span."""
MOST_TITLES, LONGEST = 3, 60
"""Lines over a table that may be its title, and letters of one; what is longer is running text."""


@dataclass(slots=True)
class WordTable:
    """One table: the lines over it, its rows, and the cells that are merged, counted from the first row."""

    titles: list[str] = field(default_factory=list)
    rows: list[list[object]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)


def word_tables_in(content: bytes) -> list[WordTable]:
    """Every table of a .docx with more than one row, as it is seen: what was struck out is not."""
    import docx

    found: list[WordTable] = []
    titles: list[str] = []
    for block in _list_blocks(docx.Document(io.BytesIO(content)).element.body):
        if block.tag == f"{W}tbl":
            made = _read_table(block, titles[-MOST_TITLES:])
            found += [made] if len(made.rows) > 1 else []
            titles = []
        elif words := _read_words(block).strip():
            titles = [*titles, words] if len(words) <= LONGEST else []
    return found


def _list_blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in their order, those inside fields of a form and insertions too."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            yield from _list_blocks(child)


def _read_table(table: Any, titles: list[str]) -> WordTable:
    made = WordTable(titles=titles)
    above: dict[int, Range] = {}
    rows = (
        row for row in table.iter(f"{W}tr") if _is_inside(row, table) and row.find(f"{W}trPr/{W}del") is None
    )
    for i, row in enumerate(rows):
        j = _read_number(row, "trPr", "gridBefore", 0)
        made.rows.append([""] * j)
        for cell in (one for one in row.iter(f"{W}tc") if _is_inside(one, row)):
            width, merged = _read_number(cell, "tcPr", "gridSpan", 1), cell.find(f"{W}tcPr/{W}vMerge")
            goes_on = merged is not None and merged.get(f"{W}val", "continue") == "continue" and j in above
            made.rows[-1] += [
                "" if goes_on else "\n".join(_read_paragraphs(cell)).strip(),
                *[""] * (width - 1),
            ]
            above[j] = (above[j][0] if goes_on else (i, j), (i, j + width - 1))
            if not goes_on or above[j] not in made.merged:
                made.merged = [one for one in made.merged if one[0] != above[j][0]] + [above[j]]
            j += width
    made.merged = [one for one in made.merged if one[0] != one[1]]
    return made


def _is_inside(one: Any, parent: Any) -> bool:
    """Whether a row or a cell is of this table or row, and not of a table inside it."""
    return next(one.iterancestors(f"{W}{parent.tag.removeprefix(W)}")) is parent


def _read_number(element: Any, part: str, name: str, default: int) -> int:
    found = element.find(f"{W}{part}/{W}{name}")
    told = found.get(f"{W}val", "") if found is not None else ""
    return min(int(told), MOST_COLUMNS) if told.isdigit() else default


def _read_paragraphs(cell: Any) -> Iterator[str]:
    return (_read_words(one) for one in cell.iter(f"{W}p") if next(one.iterancestors(f"{W}tc")) is cell)


def _read_words(paragraph: Any) -> str:
    """The words of a paragraph; those of tables and boxes inside it are not its own."""
    told = []
    for node in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br", f"{W}noBreakHyphen"):
        over = {one.tag for one in takewhile(lambda one: one is not paragraph, node.iterancestors())}
        if not over & STRUCK_OUT:
            told.append(node.text or "" if node.tag == f"{W}t" else MARKS[node.tag.removeprefix(W)])
    return "".join(told)
