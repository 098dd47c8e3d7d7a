"""Which cells does a workbook show as per cent, and which formulas were saved without a value?

0.985 shown as 98.5 % is the number 98.5 to the person who wrote it. The reader of cells knows neither number formats
nor formulas, so both are looked up in the file itself.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Iterable

Place = tuple[int, int]
PERCENT_IDS = (9, 10)
_XF = re.compile(rb"<xf\b[^>]*?numFmtId=\"(\d+)\"[^>]*>")
_FORMAT = re.compile(rb"<numFmt\b[^>]*?>")
_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_EMPTY_FORMULA = re.compile(
    rb'<c r="([A-Z]+)(\d+)"(?![^>]*\bt="str")[^>]*>\s*<f\b[^>]*?(?:/>|>([^<]*)</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_FORMAT_RECORD, _XF_RECORD, _NUMBER, _RK, _MULTIPLE, _FORMULA = 0x041E, 0xE0, 0x203, 0x27E, 0xBD, 0x06


def is_percent(code: str) -> bool:
    """Whether a number format shows per cent.

    Examples
    --------
    >>> is_percent("0.0%"), is_percent('0.0"%"'), is_percent("General")
    (True, False, False)
    """
    return "%" in _LITERAL.sub("", code)


def percent_styles(styles: bytes) -> list[int]:
    """Positions of the cell styles of an .xlsx that show per cent, from its ``xl/styles.xml``."""
    percent = set(PERCENT_IDS)
    for entry in _FORMAT.findall(styles):
        given = {k.decode(): v.decode("utf-8", "replace") for k, v in _ATTRIBUTE.findall(entry)}
        if is_percent(given.get("formatCode", "")) and given.get("numFmtId", "").isdigit():
            percent.add(int(given["numFmtId"]))
    start = styles.find(b"<cellXfs")
    body = styles[start : styles.find(b"</cellXfs>", start)] if start >= 0 else b""
    return [k for k, number in enumerate(_XF.findall(body)) if int(number) in percent]


def percent_cells(body: bytes, styles: list[int]) -> frozenset[Place]:
    """Cells of one sheet of an .xlsx (row, column from 0) that have one of the styles."""
    if not styles:
        return frozenset()
    one = b"|".join(str(k).encode() for k in styles)
    pattern = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*? s="(?:' + one + rb')"')
    return frozenset((int(row) - 1, position(letters)) for letters, row in pattern.findall(body))


def empty_formulas(body: bytes) -> dict[Place, str]:
    """Formulas of one sheet of an .xlsx whose value was never worked out, by (row, column) from 0."""
    if b"<f" not in body:
        return {}
    return {
        (int(row) - 1, position(letters)): f"={text.decode('utf-8', 'replace')}"
        for letters, row, text in _EMPTY_FORMULA.findall(body)
    }


def position(letters: bytes) -> int:
    """A column's position from 0.

    Examples
    --------
    >>> position(b"A"), position(b"AB")
    (0, 27)
    """
    found = 0
    for letter in letters:
        found = found * 26 + letter - 64
    return found - 1


# --- open documents ---


_PIECE = re.compile(rb"<table:(table|table-row|table-cell|covered-table-cell)\b([^>]*)>")
_TIMES = re.compile(rb'number-(?:columns|rows)-repeated="(\d+)"')


def percent_cells_of_ods(content: bytes) -> dict[int, frozenset[Place]]:
    """Cells of every sheet of an .ods that hold a percentage, by the sheet's position."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        body = archive.read("content.xml") if "content.xml" in archive.namelist() else b""
    if b'value-type="percentage"' not in body:
        return {}
    found: dict[int, set[Place]] = {}
    sheet, row, column, again = -1, -1, 0, 1
    for tag, given in _PIECE.findall(body):
        times = int(repeat[1]) if (repeat := _TIMES.search(given)) else 1
        if tag == b"table":
            sheet, row, column, again = sheet + 1, -1, 0, 1
        elif tag == b"table-row":
            row, column, again = row + again, 0, times
        else:
            if b'value-type="percentage"' in given:
                found.setdefault(sheet, set()).update((row, column + k) for k in range(min(times, 500)))
            column += times
    return {k: frozenset(places) for k, places in found.items()}


# --- older binary workbooks ---


def percent_styles_of_xls(records: Iterable[tuple[int, bytes]]) -> set[int]:
    """Positions of the cell styles of an .xls that show per cent.

    Parameters
    ----------
    records : the workbook's own records before the first sheet, kind and body
    """
    percent, styles = set(PERCENT_IDS), []
    for kind, body in records:
        if kind == _FORMAT_RECORD and len(body) > 5:
            wide = body[4] & 1
            if is_percent(body[5:].decode("utf-16-le" if wide else "latin-1", "replace")):
                percent.add(struct.unpack_from("<H", body)[0])
        elif kind == _XF_RECORD and len(body) >= 6:
            styles.append(struct.unpack_from("<HHH", body)[1:])
    return {k for k, (number, kind) in enumerate(styles) if number in percent and not kind & 4}


def percent_cells_of_xls(records: Iterable[tuple[int, bytes]], styles: set[int]) -> frozenset[Place]:
    """Cells of one sheet of an .xls (its records, kind and body) that have one of the styles."""
    return frozenset(place for kind, body in records for place in _styled(kind, body, styles))


def _styled(kind: int, body: bytes, ours: set[int]) -> list[Place]:
    if kind in (_NUMBER, _RK, _FORMULA) and len(body) >= 6:
        row, column, style = struct.unpack_from("<HHH", body)
        return [(row, column)] if style in ours else []
    if kind == _MULTIPLE and len(body) >= 6:
        row, first = struct.unpack_from("<HH", body)
        cells = range((len(body) - 6) // 6)
        return [(row, first + k) for k in cells if struct.unpack_from("<H", body, 4 + 6 * k)[0] in ours]
    return []
