"""How do the items of a chapter leave a notebook: as data frames, a workbook, a Word file?"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from edustats.letters import guard_formula, show_controls
from edustats.present.records.items import Figure, Finding, Item, Table
from edustats.present.records.numbers import format_digits
from edustats.words import NumericText, Text, say

SENTENCES = "sentences"
MOST_TITLE = 31
"""Letters that the name of a worksheet may have."""
WIDTH_INCHES = 6.0


def frame_items(items: Iterable[Item], lang: str) -> dict[str, pd.DataFrame]:
    """Sentences as one frame and each table, or figure's numbers, as another, by key.

    Parameters
    ----------
    items : of a chapter
    lang : language of headings and texts

    Returns
    -------
    dict
        ``sentences`` (key, sentence, verdict, note), then tables under their keys; a number that is printed rounded
        is unrounded here, in the catalogue's unit.
    """
    held, frames = list(items), {}
    told = [
        (one.key, one.sentence[lang], one.verdict, one.note[lang]) for one in held if isinstance(one, Finding)
    ]
    if told:
        frames[SENTENCES] = pd.DataFrame(told, columns=["key", "sentence", "verdict", "note"])
    for item in held:
        if isinstance(item, (Table, Figure)):
            table = item.data if isinstance(item, Figure) else item
            frames[_name_once(item.key, frames)] = _frame_table(table, lang)
    return frames


def _name_once(key: str, taken: dict[str, Any]) -> str:
    return key if key not in taken else _name_once(f"{key}+", taken)


def _frame_table(table: Table, lang: str) -> pd.DataFrame:
    heads = [column.label[lang] for column in table.columns]
    rows = [[_read_cell(cell, lang) for cell in row] for row in table.rows]
    made = pd.DataFrame(rows, columns=heads)
    made.attrs = {"title": table.title[lang], "note": table.note[lang]}
    return made


def _read_cell(cell: Any, lang: str) -> Any:
    """The number of a cell that is one and has no mark of its own, else its text."""
    if isinstance(cell, NumericText) and not cell.mark:
        return cell.value
    return cell[lang] if isinstance(cell, Text) else cell


def save_workbook(items: Iterable[Item], file: Path, lang: str) -> None:
    """Write the frames of some items, a sheet each, with what a spreadsheet would run made harmless."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for key, frame in frame_items(items, lang).items():
        page = book.create_sheet(_name_sheet(key, book.sheetnames))
        if frame.attrs.get("title"):
            page.append([_make_harmless(frame.attrs["title"])])
        page.append([_make_harmless(head) for head in frame.columns])
        for row in frame.itertuples(index=False):
            page.append([None if pd.isna(cell) else _make_harmless(cell) for cell in row])
        if frame.attrs.get("note"):
            page.append([_make_harmless(frame.attrs["note"])])
    if not book.sheetnames:
        book.create_sheet(SENTENCES)
    file.parent.mkdir(parents=True, exist_ok=True)
    book.save(file)


def _name_sheet(key: str, taken: list[str]) -> str:
    name = re.sub(r"[\[\]:*?/\\]", "_", key)[-MOST_TITLE:]
    number = 1
    while name.casefold() in {one.casefold() for one in taken}:
        number += 1
        name = f"{name[: MOST_TITLE - 4]}~{number}"
    return name


def _make_harmless(cell: Any) -> Any:
    return guard_formula(show_controls(cell)) if isinstance(cell, str) else cell


def save_document(items: Iterable[Item], file: Path, lang: str) -> None:
    """Write items into a plain Word file: sentences with their notes, tables as they are printed, figures."""
    from docx import Document
    from docx.shared import Inches

    document = Document()
    for item in items:
        if isinstance(item, Finding):
            document.add_paragraph(show_controls(item.sentence[lang]))
        else:
            document.add_paragraph(show_controls(item.title[lang])).runs[0].bold = True
        if isinstance(item, Table):
            _write_table(document, item, lang)
        if isinstance(item, Figure):
            document.add_picture(io.BytesIO(item.png), width=Inches(WIDTH_INCHES))
            document.add_paragraph(say("codebook.alt", text=item.alt)[lang])
        if item.note[lang]:
            document.add_paragraph(show_controls(item.note[lang]))
    file.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(file))


def _write_table(document: Any, table: Table, lang: str) -> None:
    rows = [*table.rows, table.foot] if table.foot else list(table.rows)
    made = document.add_table(rows=1 + len(rows), cols=len(table.columns), style="Table Grid")
    for cell, column in zip(made.rows[0].cells, table.columns, strict=True):
        cell.text = show_controls(column.label[lang])
    for line, row in zip(made.rows[1:], rows, strict=True):
        for cell, column, value in zip(line.cells, table.columns, row, strict=True):
            cell.text = show_controls(_print_cell(value, column.decimals, lang))


def _print_cell(value: Any, decimals: int | None, lang: str) -> str:
    if isinstance(value, Text):
        return value[lang]
    if value is None:
        return ""
    return (
        format_digits(value, decimals or 0, lang, grouped=True)
        if isinstance(value, int | float)
        else str(value)
    )
