"""Which cells does a workbook show as another number than it holds, and which formulas were saved without a value?

0.985 shown as 98.5 % is the number 98.5 to the person who wrote it, 30000 shown as 30000千元 is money in thousands. The
reader of cells knows neither number formats nor formulas, so both are looked up in the file itself.
"""

from __future__ import annotations

import html
import io
import re
import struct
import zipfile
from collections.abc import Iterable

Place = tuple[int, int]
Amount = tuple[float, str]
"""How much of a number one of those shown is, and the unit shown beside it."""
PERCENT_IDS = (9, 10)
_XF = re.compile(rb"<xf\b[^>]*?numFmtId=\"(\d+)\"[^>]*>")
_FORMAT = re.compile(rb"<numFmt\b[^>]*?>")
_ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_SHOWN_UNIT = re.compile(r"[十百千万亿]+(?:元|人|名|册|平方米|公顷)?|元")
_SCALED = re.compile(r"[0#?](,+)(?=[^0#?,]|$)")
_SHIFTED = re.compile(r"[\\!]\.(0+)")
_MANY = {1e3: "千", 1e4: "万", 1e6: "百万", 1e8: "亿"}
_EMPTY_FORMULA = re.compile(
    rb'<c\b(?![^>]*\bt="str")[^>]*?\sr="([A-Z]+)(\d+)"[^>]*>\s*<f\b[^>]*?(?:/>|>([^<]*)</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
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


def amount_shown(code: str) -> Amount | None:
    """What a number format makes of a number, where that changes how much it is; None where it does not.

    Examples
    --------
    >>> amount_shown('0.0"千元"'), amount_shown("#,##0,"), amount_shown("0!.0,")
    ((1.0, '千元'), (1000.0, ''), (10000.0, ''))
    >>> amount_shown("#,##0.00"), amount_shown('0"人"'), amount_shown("yyyy年m月")
    (None, None, None)
    """
    section = re.sub(r"\[[^\]]*\]", "", code.partition(";")[0])
    unit = "".join(re.findall("[一-鿿]+", section))
    if unit and not _SHOWN_UNIT.fullmatch(unit):
        return None
    shifted = _SHIFTED.search(section)
    scaled = _SCALED.search(_LITERAL.sub("", section.replace("!", "\\")))
    size = 10.0 ** (len(shifted[1]) if shifted else 0) * 1000.0 ** (len(scaled[1]) if scaled else 0)
    return (size, unit) if size > 1 or unit else None


def show_amount(value: float, amount: Amount) -> str:
    """A number as a person sees it, with all its digits; one shown as a part of itself bears the word for it.

    Examples
    --------
    >>> show_amount(30000.0, (1.0, "千元")), show_amount(3e8, (1000.0, "")), show_amount(3e8, (1000.0, "元"))
    ('30000千元', '300000×千', '300000元(1000)')
    """
    size, unit = amount
    shown = f"{value / size:.15g}"
    if size == 1 or unit not in ("", "元"):
        return shown + unit
    return shown + (f"×{_MANY.get(size, f'{size:g}')}" if not unit else f"{unit}({size:g})")


def format_codes(styles: bytes) -> list[str]:
    """The number format of every cell style of an .xlsx, from its ``xl/styles.xml``."""
    codes = {number: "0%" for number in PERCENT_IDS}
    for entry in _FORMAT.findall(styles):
        given = {k.decode(): v.decode("utf-8", "replace") for k, v in _ATTRIBUTE.findall(entry)}
        if given.get("numFmtId", "").isdigit():
            codes[int(given["numFmtId"])] = html.unescape(given.get("formatCode", ""))
    start = styles.find(b"<cellXfs")
    body = styles[start : styles.find(b"</cellXfs>", start)] if start >= 0 else b""
    return [codes.get(int(number), "") for number in _XF.findall(body)]


def amounts_among(codes: Iterable[str]) -> dict[int, Amount]:
    """The styles that show another amount than their cells hold."""
    shown = ((k, amount_shown(code)) for k, code in enumerate(codes))
    return {k: amount for k, amount in shown if amount is not None}


def styled_cells(body: bytes, styles: Iterable[int]) -> frozenset[Place]:
    """Cells of one sheet of an .xlsx (row, column from 0) that have one of the styles."""
    if not styles:
        return frozenset()
    one = b"|".join(str(k).encode() for k in styles)
    pattern = re.compile(rb'<c\b(?=[^>]*\ss="(?:' + one + rb')")[^>]*?\sr="([A-Z]+)(\d+)"')
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


_PIECE = re.compile(rb"<table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^>]*)>")
MOST_REPEATED = 500
"""Rows, and columns, that one percentage is told for; the rest of a sheet is filled with empty ones."""
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
                down, across = range(min(again, MOST_REPEATED)), range(min(times, MOST_REPEATED))
                found.setdefault(sheet, set()).update((row + i, column + k) for i in down for k in across)
            column += times
    return {k: frozenset(places) for k, places in found.items()}


# --- older binary workbooks ---


def format_codes_of_xls(records: Iterable[tuple[int, bytes]]) -> list[str]:
    """The number format of every cell style of an .xls.

    Parameters
    ----------
    records : the workbook's own records before the first sheet, kind and body
    """
    codes, styles = {number: "0%" for number in PERCENT_IDS}, []
    for kind, body in records:
        if kind == _FORMAT_RECORD and len(body) > 5:
            wide = body[4] & 1
            code = body[5:].decode("utf-16-le" if wide else "latin-1", "replace")
            codes[struct.unpack_from("<H", body)[0]] = code
        elif kind == _XF_RECORD and len(body) >= 6:
            styles.append(struct.unpack_from("<HHH", body)[1:])
    return ["" if kind & 4 else codes.get(number, "") for number, kind in styles]


def styled_cells_of_xls(records: Iterable[tuple[int, bytes]], styles: set[int]) -> frozenset[Place]:
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
