"""What stands on every sheet of a file? All cells with their true addresses, and nothing that could hurt.

A file is looked at before it is opened: one that is locked, cut short, empty, or would unpack to more than a
return can be is refused in a sentence. Error cells, which the reader shows as empty, are found and kept.
"""

from __future__ import annotations

import bz2
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edustats.errors import DataError, MissingFileError
from edustats.letters import show_controls
from edustats.load.files import formats
from edustats.load.files.apart import read_apart
from edustats.load.files.extent import MOST_CELLS, find_far_cell, find_farthest_cell
from edustats.load.files.frames import frame_rows
from edustats.load.files.markup import is_markup, tables_in
from edustats.load.files.plain_text import rows_of
from edustats.load.files.word_tables import PART, word_tables_in
from edustats.words import say

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et")
TABLES = (".csv", ".txt", ".tsv", ".html", ".htm", ".dta", ".parquet")
READABLE = (*WORKBOOKS, *TABLES)
Range = tuple[tuple[int, int], tuple[int, int]]

COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
"""First bytes of the older binary workbooks, and of a locked newer one."""
UTF16 = (b"\xff\xfe", b"\xfe\xff")
OTHER_KINDS = {
    b"%PDF": "pdf", b"\x89PNG": "picture", b"\xff\xd8\xff": "picture", b"Rar!": "archive", b"7z\xbc\xaf": "archive",
    b"\x1f\x8b": "archive", b"$FL": "spss", b"[{": "json", b'{"': "json",
}  # fmt: skip
MOST_BYTES = 600_000_000
MOST_TIMES = 400
SMALL = 16_000_000
_ERROR = re.compile(rb'<c\b(?=[^>]*\st="e")[^>]*?\sr="([A-Z]+)(\d+)"[^>]*>.*?<v>([^<]*)</v>', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: rows of cells as the reader gives them, from row ``top`` and column ``left`` (from 0)."""

    file: str
    digest: str
    name: str
    rows: list[list[object]]
    top: int = 0
    left: int = 0
    merged: tuple[Range, ...] = ()
    percent: frozenset[tuple[int, int]] = frozenset()
    """Cells shown as per cent, by row and column of the sheet from 0: 0.985 there is 98.5 %."""

    def row(self, position: int) -> int:
        """Number of a row as a person sees it."""
        return position + self.top + 1

    def letter(self, position: int) -> str:
        """Letters of a column as a person sees it."""
        return column_letter(position + self.left)


def column_letter(position: int) -> str:
    """Letters of a column counted from 0.

    Examples
    --------
    >>> column_letter(0), column_letter(27)
    ('A', 'AB')
    """
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_sheets(path: Path, name: str = "") -> list[Sheet]:
    """Every sheet of a workbook (.xlsx, .xls, .et …) or the one table of a .csv.

    Parameters
    ----------
    path : the file
    name : what the ledger calls it; the file's own name if not given

    Raises
    ------
    MissingFileError, DataError
        Not a file, empty, locked with a password, damaged, or too large once unpacked; or a file that takes its
        reader with it, which is a process of its own (see :mod:`edustats.load.files.apart`).
    """
    name = name or path.name
    if not path.is_file():
        raise MissingFileError("load.not_a_file", file=name)
    sheets: list[Sheet] = read_apart(path, name)
    return sheets


def read_sheets_here(path: Path, name: str) -> list[Sheet]:
    """Every sheet of a file, read in this very process: :func:`read_sheets` without its protection."""
    sheets = _sheets_of(path, name)
    for sheet in sheets:  # whatever goes on from here, to pages, workbooks and logs, can be shown there
        for i, row in enumerate(sheet.rows):
            told = "".join([cell for cell in row if type(cell) is str])
            if show_controls(told) != told:
                sheet.rows[i] = [show_controls(cell) if type(cell) is str else cell for cell in row]
    return [replace(sheet, name=show_controls(sheet.name)) for sheet in sheets]


def _sheets_of(path: Path, name: str) -> list[Sheet]:
    content = path.read_bytes()
    if not content.strip(b"\0"):
        raise DataError("load.empty_file", file=name)
    digest = hashlib.sha256(content).hexdigest()
    if path.suffix.lower() == ".bz2":
        content = _unpacked(content, name)
    if kind := _name_other_kind(content):
        raise DataError("load.other_kind", file=name, kind=say(f"load.kind_{kind}"))
    if content[:2] == b"PK" or content[:8] == COMPOUND:
        return _workbook(content, name, digest)
    if (rows := _read_frame(content, name)) is not None:
        return [Sheet(file=name, digest=digest, name="", rows=rows, top=-1)]
    if is_markup(content):
        return _pages(content, name, digest)
    if path.suffix.lower() in WORKBOOKS and b"\0" in content[:4000] and content[:2] not in UTF16:
        raise DataError("load.damaged", file=name, detail=_short(repr(content[:8])))
    return [Sheet(file=name, digest=digest, name="", rows=rows_of(content, name))]


def _read_frame(content: bytes, name: str) -> list[list[object]] | None:
    try:
        return frame_rows(content, name)
    except DataError:
        raise
    except Exception as error:  # a damaged table fails in a dozen ways
        raise DataError("load.damaged", file=name, detail=_short(str(error))) from error


def _name_other_kind(content: bytes) -> str:
    """What a file is that people send for a table and that is none; '' for any other."""
    if content[:8] == COMPOUND:
        streams = [
            name for name in ("WordDocument", "Workbook", "Book") if name.encode("utf-16-le") in content
        ]
        return "doc" if streams == ["WordDocument"] else ""  # a workbook may hold a document
    opening = content[:200].lstrip()
    return next((kind for start, kind in OTHER_KINDS.items() if opening.startswith(start)), "")


def _unpacked(content: bytes, name: str) -> bytes:
    try:
        return bz2.decompress(content)
    except (OSError, ValueError) as error:
        raise DataError("load.damaged", file=name, detail=_short(str(error))) from error


def _pages(content: bytes, name: str, digest: str) -> list[Sheet]:
    found = tables_in(content, name)
    if not found:
        raise DataError("load.empty_table", file=name)
    return [
        Sheet(file=name, digest=digest, name=page.name or (f"{k + 1}" if len(found) > 1 else ""), rows=page.rows,
              merged=tuple(page.merged), percent=frozenset(page.percent))
        for k, page in enumerate(found)
    ]  # fmt: skip


def _workbook(content: bytes, name: str, digest: str) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    errors, large = _looked_through(content, name)
    if content[:2] == b"PK" and (tables := _word_tables(content, name, digest)) is not None:
        return tables
    with ThreadPoolExecutor(
        1
    ) as aside:  # a large file is unpacked for its error cells while it is being read
        waiting = [aside.submit(_errors_in, content, part, i) for i, part in large]
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            found = _sheets(book, name, digest)
        except PasswordError as error:
            raise DataError("load.locked", file=name) from error
        except DataError:
            raise
        except (CalamineError, OSError, ValueError) as error:
            key = "load.locked" if _is_locked(content) else "load.damaged"
            raise DataError(key, file=name, detail=_short(str(error))) from error
        for late in waiting:
            errors |= late.result()
    for (position, row, column), text in errors.items():
        _put_back(found, position, row, column, text)
    if content[:8] == COMPOUND:
        _old_errors(content, name, found)
    return _as_shown(content, name, found)


def _word_tables(content: bytes, name: str, digest: str) -> list[Sheet] | None:
    """The tables of a Word file as sheets; None where it is none."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = set(archive.namelist())
    if PART not in parts:
        if not parts & {"[Content_Types].xml", "content.xml", "mimetype"}:
            raise DataError("load.other_kind", file=name, kind=say("load.kind_archive"))
        return None
    try:
        found = word_tables_in(content)
    except Exception as error:  # a damaged document fails in a dozen ways
        raise DataError("load.damaged", file=name, detail=_short(str(error))) from error
    if not found:
        raise DataError("load.empty_table", file=name)
    made = []
    for k, table in enumerate(found, 1):
        titles: list[list[object]] = [[words] for words in table.titles]
        made.append(Sheet(file=name, digest=digest, name=f"表{k}", rows=[*titles, *table.rows], top=-len(titles),
                          merged=tuple(table.merged)))  # fmt: skip
    return made


def _as_shown(content: bytes, name: str, found: list[Sheet]) -> list[Sheet]:
    """The sheets with the cells that are shown as per cent, and with those shown in thousands as they are shown."""
    try:
        percent = _shown_in_xls(content, found) if content[:8] == COMPOUND else _shown_in_new(content, found)
    except (
        Exception
    ) as error:  # what could be read as cells has damaged formats: they decide what a cell means
        raise DataError("load.damaged", file=name, detail=_short(str(error))) from error
    return [replace(sheet, percent=percent.get(k, frozenset())) for k, sheet in enumerate(found)]


Percent = dict[int, frozenset[formats.Place]]


def _shown_in_xls(content: bytes, found: Sequence[Sheet]) -> Percent:
    from edustats.load.files.biff import styled_in, styles_in

    codes = styles_in(content)
    percent = {k for k, code in enumerate(codes) if formats.is_percent(code)}
    for style, amount in formats.amounts_among(codes).items():
        places = styled_in(content, {style})
        for sheet in found:
            _show(sheet, places.get(sheet.name, ()), amount)
    named = styled_in(content, percent) if percent else {}
    return {k: named.get(sheet.name, frozenset()) for k, sheet in enumerate(found)}


def _shown_in_new(content: bytes, found: Sequence[Sheet]) -> Percent:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        if "content.xml" in names:
            return formats.percent_cells_of_ods(content)
        codes = formats.format_codes(archive.read("xl/styles.xml")) if "xl/styles.xml" in names else []
        percent = [k for k, code in enumerate(codes) if formats.is_percent(code)]
        amounts = formats.amounts_among(codes)
        if not percent and not amounts:
            return {}
        held: Percent = {}
        for k, part in enumerate(_sheet_parts(archive)):
            body = archive.read(part)
            held[k] = formats.styled_cells(body, percent)
            for style, amount in amounts.items() if k < len(found) else ():
                _show(found[k], formats.styled_cells(body, [style]), amount)
        return held


def _show(sheet: Sheet, places: Iterable[formats.Place], amount: formats.Amount) -> None:
    """Numbers as a person sees them: 30000千元, not 30000."""
    for row, column in places:
        i, j = row - sheet.top, column - sheet.left
        if (
            0 <= i < len(sheet.rows)
            and 0 <= j < len(sheet.rows[i])
            and type(cell := sheet.rows[i][j]) is float
        ):
            sheet.rows[i][j] = formats.show_amount(cell, amount)


def _old_errors(content: bytes, name: str, found: list[Sheet]) -> None:
    from edustats.load.files.biff import errors_in

    try:
        errors = errors_in(content)
    except Exception as error:  # a damaged directory of a file whose sheets could still be read
        raise DataError("load.damaged", file=name, detail=_short(str(error))) from error
    position = {sheet.name: i for i, sheet in enumerate(found)}
    for (sheet, row, column), text in errors.items():
        _put_back(found, position.get(sheet, len(found)), row, column, text)


def _short(detail: str) -> str:
    return " ".join(detail.split())[:120]


def _is_locked(content: bytes) -> bool:
    return content[:8] == COMPOUND and "EncryptedPackage".encode("utf-16-le") in content


def _sheets(book: Any, name: str, digest: str) -> list[Sheet]:
    left, found = MOST_CELLS, []
    for position, sheet in enumerate(book.sheet_names):
        opened = book.get_sheet_by_index(position)  # by name, a second sheet of the same name would be lost
        left -= opened.height * opened.width
        if left < 0:
            raise DataError("load.too_many_cells", file=name, sheet=sheet, most=MOST_CELLS // 10_000)
        found.append(_sheet(opened, sheet, name, digest))
    return found


def _sheet(opened: Any, sheet: str, name: str, digest: str) -> Sheet:
    rows = opened.to_python(skip_empty_area=True)
    start = opened.start or (0, 0)
    if far := find_farthest_cell(rows):
        cell = f"{column_letter(far[1] + start[1])}{far[0] + start[0] + 1}"
        raise DataError("load.far_cell", file=name, cell=cell)
    merged = tuple(opened.merged_cell_ranges or ())
    return Sheet(
        file=name, digest=digest, name=sheet, rows=rows, top=start[0], left=start[1], merged=merged
    )  # fmt: skip


Errors = dict[tuple[int, int, int], str]


def _looked_through(content: bytes, name: str) -> tuple[Errors, list[tuple[int, str]]]:
    """The error cells of an .xlsx by (sheet, row, column), and the sheets too large to look through first.

    An error cell, and a formula without a value, comes out of the reader as an empty one; here it gets its text.
    """
    if content[:2] != b"PK":
        return {}, []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(part.file_size for part in archive.infolist())
            if size > MOST_BYTES or (size > SMALL and size > MOST_TIMES * len(content)):
                raise DataError("load.too_large", file=name, size=size // 1_000_000)
            return _look(archive, name)
    except DataError:
        raise
    except Exception as error:  # a damaged archive fails in a dozen ways, zlib's own error among them
        raise DataError("load.damaged", file=name, detail=_short(str(error))) from error


def _look(archive: zipfile.ZipFile, name: str) -> tuple[Errors, list[tuple[int, str]]]:
    errors: Errors = {}
    large = []
    for i, part in enumerate(_sheet_parts(archive)):
        if archive.getinfo(part).file_size > SMALL:
            large.append((i, part))
            continue
        body = archive.read(part)
        if far := find_far_cell(body):
            raise DataError("load.far_cell", file=name, cell=far)
        errors |= _errors(body, i)
    return errors, large


def _errors_in(content: bytes, part: str, position: int) -> Errors:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return _errors(archive.read(part), position)


def _errors(body: bytes, position: int) -> Errors:
    found = {(position, *place): text for place, text in formats.empty_formulas(body).items()}
    if b' t="e"' in body:
        found |= {
            (position, int(row) - 1, formats.position(letters)): text.decode("utf-8", "replace")
            for letters, row, text in _ERROR.findall(body)
        }
    return found


def _sheet_parts(archive: zipfile.ZipFile) -> list[str]:
    """Parts of the sheets in the order of the tabs."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return []
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    target = {}
    for link in re.findall(r"<Relationship\b[^>]*>", links):
        key, where = re.search(r'\bId="([^"]*)"', link), re.search(r'\bTarget="([^"]*)"', link)
        if key and where:
            target[key[1]] = where[1].lstrip("/").removeprefix("xl/")
    order = re.findall(r'<sheet\b[^>]*\br:id="([^"]*)"', book)
    parts = [f"xl/{target.get(key, '')}" for key in order]
    return [part for part in parts if part in names]


def _put_back(found: list[Sheet], position: int, row: int, column: int, text: str) -> None:
    sheet = found[position] if position < len(found) else None
    if sheet is None:
        return
    i, j = row - sheet.top, column - sheet.left
    if 0 <= i < len(sheet.rows) and 0 <= j < len(sheet.rows[i]) and sheet.rows[i][j] in ("", None):
        sheet.rows[i][j] = text


def returns_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a folder that can be a return, with its name below the folder; drafts of Excel are
    not.
    """
    for path in sorted(folder.rglob("*")):
        hidden = path.name.startswith((".", "~$"))
        if path.suffix.lower() in READABLE and path.is_file() and not hidden:
            yield path, path.relative_to(folder).as_posix()
