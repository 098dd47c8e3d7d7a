"""Which cells of an older binary workbook (.xls, .et) hold an error?

The reader shows them as empty. An empty cell was not collected; #DIV/0! is something that somebody must look at.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from edustats.load.files.formats import Place, format_codes_of_xls, styled_cells_of_xls

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
STREAMS = ("Workbook", "Book")
_FORMULA, _EOF, _BOUNDSHEET, _BOOLERR = 0x06, 0x0A, 0x85, 0x205
_OPENS = b"\x09\x08"
"""First bytes of a sheet's first record."""

Found = dict[tuple[str, int, int], str]


def errors_in(content: bytes) -> Found:
    """The error cells of a compound file by (sheet, row, column), from 0; none where it is no workbook.

    Examples
    --------
    >>> errors_in(b"not a workbook")
    {}
    """
    stream = _stream(content)
    # Most files have neither formulas nor errors, and need no walk through their records.
    if b"\x06\x00" not in stream and b"\x05\x02\x08\x00" not in stream:
        return {}
    return {
        (sheet, row, column): text
        for offset, sheet in _sheets(stream)
        for row, column, text in _cells(stream, offset)
    }


def styles_in(content: bytes) -> list[str]:
    """The number format of every cell style of a compound file."""
    stream = _stream(content)
    return format_codes_of_xls(_records(stream, 0)) if stream else []


def styled_in(content: bytes, styles: set[int]) -> dict[str, frozenset[Place]]:
    """The cells of a compound file that have one of the styles, by the name of their sheet."""
    stream = _stream(content)
    return {name: styled_cells_of_xls(_records(stream, offset), styles) for offset, name in _sheets(stream)}


def _stream(content: bytes) -> bytes:
    import olefile  # type: ignore[import-untyped]

    if not olefile.isOleFile(io.BytesIO(content)):
        return b""
    with olefile.OleFileIO(io.BytesIO(content)) as file:
        name = next((name for name in STREAMS if file.exists(name)), "")
        return bytes(file.openstream(name).read()) if name else b""


def _records(stream: bytes, offset: int) -> Iterator[tuple[int, bytes]]:
    while offset + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, offset)
        yield kind, stream[offset + 4 : offset + 4 + size]
        if kind == _EOF:
            return
        offset += 4 + size


def _sheets(stream: bytes) -> Iterator[tuple[int, str]]:
    """Where each sheet begins, and its name."""
    for kind, body in _records(stream, 0):
        if kind == _BOUNDSHEET and len(body) > 8:
            offset = struct.unpack_from("<I", body)[0]
            wide = body[7] & 1
            text = body[8 : 8 + body[6] * (2 if wide else 1)].decode(
                "utf-16-le" if wide else "latin-1", "replace"
            )
            if stream[offset : offset + 2] == _OPENS:
                yield offset, text


def _cells(stream: bytes, offset: int) -> Iterator[tuple[int, int, str]]:
    for kind, body in _records(stream, offset):
        error = _error(kind, body)
        if error is not None:
            row, column = struct.unpack_from("<HH", body)
            yield row, column, ERRORS.get(error, "#?")


def _error(kind: int, body: bytes) -> int | None:
    """The number of the error that a record holds."""
    if kind == _BOOLERR and len(body) >= 8 and body[7] == 1:
        return body[6]
    # a formula whose last result is no number ends in FFFF; 2 in front says it is an error
    if kind == _FORMULA and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:
        return body[8]
    return None
