"""How do the doubtful values go back to those who reported them? A list and its workbook, without data frames.

The batch writes one for every county; it has no use for the libraries of a notebook and does not load them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from edustats.errors import ParameterError
from edustats.letters import guard_formula, show_controls
from edustats.words import say

COLUMNS = (
    "file", "sheet", "cell", "name", "unit", "year", "rule", "severity", "value", "expected", "tolerance",
    "sentence",
)  # fmt: skip
ANSWER = ("answer", "who", "when")
"""Columns for the school to fill in; :mod:`edustats.load.returns.answers` reads them when the list comes back."""
OPTIONAL = ("sheet", "cell", "name", "tolerance")
"""Columns that findings of a store made from a mapping do not have."""
Row = Mapping[str, Any]


def sort_corrections(found: Iterable[Row], first_year: int = 0, last_year: int = 0) -> list[dict[str, Any]]:
    """Findings of the years asked for, 0 for no limit, in the order in which a school would work through them."""
    listed = [
        {**dict.fromkeys(OPTIONAL, ""), **row}
        for row in found
        if first_year <= int(row["year"]) <= (last_year or int(row["year"]))
    ]
    return sorted(
        listed, key=lambda row: (row["unit"], row["year"], row["severity"], row["file"], row["row"])
    )


def build_correction_workbook(listed: Sequence[Row], lang: str) -> bytes:
    """The list as a workbook with a column for the answer; equal lists are equal bytes.

    Raises
    ------
    ParameterError
        openpyxl, which writes workbooks, is not installed.
    """
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise ParameterError("quality.no_writer") from error
    book = Workbook()
    page = book.active
    page.title = say("quality.title_return_inside")[lang][:31]
    page.append([say(f"quality.head_{name}")[lang] for name in (*COLUMNS, *ANSWER)])
    for row in listed:
        page.append([_escape_cell_text({**row, "sentence": row[lang]}[name], name, lang) for name in COLUMNS])
    for cell in (cell for row in page.iter_rows(min_row=2, max_col=len(COLUMNS)) for cell in row):
        cell.number_format = "@"  # what the files hold, letter by letter: no spreadsheet turns 3/4 into a day
    for letter, name in zip("ABCDEFGHIJKLMNOP", [*COLUMNS, *ANSWER], strict=False):
        page.column_dimensions[letter].width = 70 if name == "sentence" else 16
    page.freeze_panes = "A2"
    page.auto_filter.ref = page.dimensions
    return _strip_timestamps(book)


def _escape_cell_text(value: object, name: str, lang: str) -> str:
    """A cell as text that a spreadsheet will not run: a value that begins like a formula gets a mark
    before it.
    """
    if name == "rule":
        return say(f"quality.rule_{value}")[lang]
    if name == "severity":
        return say(f"quality.{value}")[lang]
    text = "" if value is None else str(value)
    return guard_formula(show_controls(text))


def _strip_timestamps(book: Any) -> bytes:
    """The saved workbook without the moment it was made."""
    saved, made = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in parts.namelist():
            body = parts.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"<dcterms:(created|modified).*?</dcterms:\1>", b"", body)
            kept.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return made.getvalue()
