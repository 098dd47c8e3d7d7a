"""What number does a cell hold, and if none, what kind of nothing is it?

Nothing is invented: a text that is neither a number nor a declared mark of missingness is reported
as unreadable, never guessed, and a missing value keeps its kind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.schema import IMPOSSIBLE, KINDS, OK, UNREADABLE

__all__ = ["IMPOSSIBLE", "KINDS", "OK", "UNREADABLE", "code", "number", "numbers", "plain"]

_WELL_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}((,\d{3})+|( \d{3})+)(\.\d+)?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"(\d+)(\.0*)?", re.ASCII)
_RATIO = re.compile(r"(.+):(.+)")
TIMES = {"万": 1e4, "亿": 1e8}
SHOWN = {"×千": 1e3, "×万": 1e4, "×百万": 1e6, "×亿": 1e8}
"""What stands behind a number that its cell shows as a part of itself; nobody writes so."""
_MANY = re.compile(r"[十百千万亿]+|.*(?:000|thousand|[mb]illion).*", re.IGNORECASE)
PERCENT = ("percent", "%")
RATIOS = ("pupils_per_teacher",)
# Full width becomes half width, character by character. Not NFKC: it would make 450① the number 4501.
_HALF: dict[int, int | None] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_HALF |= dict.fromkeys([0x3000, 0xA0, 0x202F, 0x205F, *range(0x2000, 0x200B)], 0x20)
_HALF |= dict.fromkeys([0x2212, 0xFE63], 0x2D) | {0x2236: 0x3A}
_HALF |= dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0xFEFF])
_UNUSUAL = re.compile("[^ -~一-鿿]")
"""Letters of which one might change; nearly every cell has none."""


def plain(text: str) -> str:
    """Half-width, trimmed, one sort of minus, space and colon, nothing that cannot be seen.

    Examples
    --------
    >>> plain("　１２．５％ ")
    '12.5%'
    """
    if not _UNUSUAL.search(text):
        return text.strip(" ")
    half = text.translate(_HALF)
    return "".join(char for char in half if unicodedata.category(char) not in ("Cc", "Cf")).strip()


def number(text: str, unit: str = "") -> float | None:
    """The number a cell holds, or None.

    Parameters
    ----------
    text : the cell
    unit : the unit it is declared in. A per cent sign is read only where per cent is declared, 16.2:1 only
        where pupils per teacher is, and 万 or 亿 only where the unit is not itself so many.

    Examples
    --------
    >>> number("4,614.46"), number("－3"), number("1.35亿"), number("12人")
    (4614.46, -3.0, 135000000.0, None)
    >>> number("12.5%", "percent"), number("12.5%"), number("1:16.2", "pupils_per_teacher")
    (12.5, None, 16.2)
    """
    text = plain(text)
    if unit in RATIOS and (pair := _RATIO.fullmatch(text)):
        return _of_one(pair[1], pair[2])
    if unit in PERCENT:
        text = text.removesuffix("%").rstrip()
    bare, mark, part = text.partition("×")
    many = _MANY.match(unit)
    times = SHOWN.get(mark + part, 0) if mark else TIMES.get(text[-1:], 0)
    if times and many is None:
        text = bare if mark else text[:-1].rstrip()
    elif times and mark and many and many[0] == part:
        text, times = bare, 1.0
    if _WELL_GROUPED.fullmatch(text):
        text = text.replace(",", "").replace(" ", "")
    # 5210.0000000000005 is what 0.521万 times ten thousand would be without rounding
    value = float(text) if _NUMBER.fullmatch(text) else None
    return value if value is None or not times else round(value * times, 6)


def _of_one(left: str, right: str) -> float | None:
    """16.2 from 16.2:1 and from 1:16.2; a ratio without a one on either side says nothing per one."""
    a, b = number(left), number(right)
    if a is None or b is None or 1 not in (a, b):
        return None
    return a if b == 1 else b


def numbers(
    cells: pd.Series, missing: Mapping[str, str], unit: str = ""
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8]]:
    """Values and kinds of a column of raw cells.

    Parameters
    ----------
    cells : (n,) series of text
    missing : mark of missingness (as it reads after :func:`plain`) → kind
    unit : the unit declared, see :func:`number`

    Returns
    -------
    values : (n,) float array, nan wherever the kind is not ok
    kinds : (n,) array of positions in :data:`KINDS`
    """
    position, distinct = pd.factorize(cells)
    pairs = [_value_and_kind(str(text), missing, unit) for text in distinct]
    values = np.array([value for value, _ in pairs], dtype=float)
    kinds = np.array([kind for _, kind in pairs], dtype=np.uint8)
    return values[position], kinds[position]


def cells(
    column: Sequence[object], missing: Mapping[str, str], unit: str = ""
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8], dict[int, str]]:
    """Values and kinds of a column of workbook cells, where most are numbers already.

    Returns
    -------
    values, kinds : as :func:`numbers`
    odd : position → text of every cell that is neither a number nor a mark of missingness
    """
    if set(map(type, column)) == {float}:  # all numbers, as nearly every column is
        return np.array(column, dtype=float), np.zeros(len(column), np.uint8), {}
    is_number = np.fromiter((type(cell) is float for cell in column), bool, len(column))
    values, kinds = np.full(len(column), np.nan), np.zeros(len(column), np.uint8)
    values[is_number] = np.array([cell for cell in column if type(cell) is float], dtype=float)
    read: dict[str, tuple[float, int]] = {}
    odd: dict[int, str] = {}
    for i in np.flatnonzero(~is_number).tolist():
        shown = text(column[i])
        if shown not in read:
            read[shown] = _value_and_kind(shown, missing, unit)
        values[i], kinds[i] = read[shown]
        if kinds[i] == UNREADABLE:
            odd[i] = shown
    return values, kinds, odd


def text(cell: object) -> str:
    """A workbook cell as text; a whole number loses the .0 that the file format gave it."""
    if type(cell) is str:
        return cell
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _value_and_kind(text: str, missing: Mapping[str, str], unit: str = "") -> tuple[float, int]:
    if (mark := plain(text)) in missing:
        return np.nan, KINDS.index(missing[mark])
    value = number(text, unit)
    return (np.nan, UNREADABLE) if value is None or not np.isfinite(value) else (value, OK)


def code(text: str, width: int = 0, divide: int = 1) -> str:
    """An area or school code as text of the given width, or '' when it is none.

    A code that a spreadsheet turned into a float comes back whole; one it turned into 4.3E+09 cannot.

    Examples
    --------
    >>> code("1010.0", width=2, divide=1000), code("430204"), code("4.3E+09")
    ('01', '430204', '')
    """
    whole = _WHOLE.fullmatch(re.sub(r"(?<=\d) (?=\d)", "", plain(text).lstrip("'‘’`")))
    if not whole:
        return ""
    digits = whole[1] if divide == 1 else str(int(whole[1]) // divide)
    return digits.zfill(width) if len(digits) <= width or not width else ""
