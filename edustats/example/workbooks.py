"""How is a workbook written as a bureau's export would write it, small and the same every time?

A plain .xlsx with merged cells, and the older binary .xls that some offices still send. Written here
because the .xls writers that existed are no longer kept, and a thousand small .xlsx must take seconds.
"""

from __future__ import annotations

import math
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

Cell = str | float | int | None
DAY = (2024, 9, 20, 0, 0, 0)
_ERRORS = {"#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#N/A": 0x2A}
_SECTOR, _FREE, _END, _FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


@dataclass(slots=True, kw_only=True)
class Page:
    """One sheet: its rows from A1 on, and the ranges merged as (row, column, row, column) from 0."""

    name: str
    rows: list[list[Cell]]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def format_column_letters(column: int) -> str:
    """Column letters of a position from 0.

    Examples
    --------
    >>> format_column_letters(0), format_column_letters(25), format_column_letters(26)
    ('A', 'Z', 'AA')
    """
    name = ""
    while column >= 0:
        column, rest = divmod(column, 26)
        name, column = chr(65 + rest) + name, column - 1
    return name


_LETTERS = [format_column_letters(j) for j in range(400)]


def write_xlsx(path: Path, pages: Sequence[Page]) -> None:
    """Write a workbook; the same pages give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in _build_xlsx_parts(pages).items():
            archive.writestr(zipfile.ZipInfo(name, DAY), text, zipfile.ZIP_DEFLATED)


def _build_xlsx_parts(pages: Sequence[Page]) -> dict[str, str]:
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    schema = "http://schemas.openxmlformats.org"
    package, document = f"{schema}/package/2006", f"{schema}/officeDocument/2006"
    base = "application/vnd.openxmlformats-package.relationships+xml"
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{office}.worksheet+xml"/>'
        for i, _ in enumerate(pages, 1)
    )
    sheets = "".join(
        f'<sheet name="{escape(p.name)}" sheetId="{i}" r:id="rId{i}"/>' for i, p in enumerate(pages, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{document}/relationships/worksheet" '
        f'Target="worksheets/sheet{i}.xml"/>'
        for i, _ in enumerate(pages, 1)
    )
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{package}/content-types"><Default Extension="rels" '
        f'ContentType="{base}"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{office}.sheet.main+xml"/>'
        f"{types}</Types>",
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{document}/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook xmlns="{schema}/spreadsheetml/2006/main" '
        f'xmlns:r="{document}/relationships"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}/relationships">{links}'
        "</Relationships>",
    }
    opening = f'{head}<worksheet xmlns="{schema}/spreadsheetml/2006/main"><sheetData>'
    return parts | {
        f"xl/worksheets/sheet{i}.xml": opening + _build_sheet_xml(p) for i, p in enumerate(pages, 1)
    }


def _build_sheet_xml(page: Page) -> str:
    rows = "".join(
        f'<row r="{i}">{"".join(_build_cell_xml(i, j, v) for j, v in enumerate(row) if v is not None)}</row>'
        for i, row in enumerate(page.rows, 1)
    )
    ranges = [f"{_LETTERS[b]}{a + 1}:{_LETTERS[d]}{c + 1}" for a, b, c, d in page.merged]
    merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in ranges)
    return f"{rows}</sheetData>" + (f"<mergeCells>{merged}</mergeCells>" if merged else "") + "</worksheet>"


def _build_cell_xml(row: int, column: int, value: Cell) -> str:
    place = f"{_LETTERS[column]}{row}"
    if isinstance(value, str):
        if value.startswith("#") and value.endswith(("!", "?", "/A")):
            return f'<c r="{place}" t="e"><f>1/0</f><v>{value}</v></c>'
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def write_xls(path: Path, page: Page) -> None:
    """Write one sheet as a BIFF8 workbook: numbers, texts and errors, nothing else."""
    path.write_bytes(_build_compound_file(_build_biff_stream(page)))


def _pack_biff_record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _build_biff_stream(page: Page) -> bytes:
    name = page.name.encode("utf-16-le")
    bound = struct.pack("<HBB", 0, len(page.name), 1) + name
    opening = _pack_biff_record(0x809, struct.pack("<HHHHII", 0x600, 5, 0x0DBB, 0x07CC, 0, 6))
    offset = len(opening) + 4 + 4 + len(bound) + 4
    head = opening + _pack_biff_record(0x85, struct.pack("<I", offset) + bound) + _pack_biff_record(0x0A, b"")
    width = max(len(row) for row in page.rows)
    cells = [_pack_biff_record(0x809, struct.pack("<HHHHII", 0x600, 16, 0x0DBB, 0x07CC, 0, 6))]
    cells.append(_pack_biff_record(0x200, struct.pack("<IIHHH", 0, len(page.rows), 0, width, 0)))
    cells += [
        _pack_cell_record(i, j, v)
        for i, row in enumerate(page.rows)
        for j, v in enumerate(row)
        if v is not None
    ]
    spans = b"".join(struct.pack("<HHHH", a, c, b, d) for a, b, c, d in page.merged)
    cells.append(_pack_biff_record(0xE5, struct.pack("<H", len(page.merged)) + spans))
    return head + b"".join(cells) + _pack_biff_record(0x0A, b"")


def _pack_cell_record(row: int, column: int, value: Cell) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str) and value in _ERRORS:
        return _pack_biff_record(0x205, place + bytes([_ERRORS[value], 1]))
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _pack_biff_record(0x204, place + struct.pack("<HB", len(text) // 2, 1) + text)
    return _pack_biff_record(0x203, place + struct.pack("<d", float(value or 0)))


def _build_compound_file(stream: bytes) -> bytes:
    """A compound file with one stream, ``Workbook``; at least 4096 bytes, so that no mini stream is
    needed.
    """
    stream = stream.ljust(4096, b"\0")
    size = math.ceil(len(stream) / _SECTOR)
    tables = next(n for n in range(1, 110) if n * 128 >= size + 1 + n)
    chain = [*range(1, size), _END, _END, *[_FAT] * tables]  # stream, directory, tables
    chain += [_FREE] * (tables * 128 - len(chain))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, tables, size, 0, 4096, _END, 0, _END, 0)
    places = [*range(size + 1, size + 1 + tables), *[_FREE] * (109 - tables)]
    directory = (
        _pack_directory_entry("Root Entry", 5, 1, _END, 0)
        + _pack_directory_entry("Workbook", 2, _FREE, 0, len(stream))
        + bytes(256)
    )
    body = stream.ljust(size * _SECTOR, b"\0") + directory + struct.pack(f"<{len(chain)}I", *chain)
    return header + struct.pack("<109I", *places) + body


def _pack_directory_entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    head = (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + struct.pack("<III", _FREE, _FREE, child)
    )
    return head + bytes(36) + struct.pack("<IQ", start, size)
