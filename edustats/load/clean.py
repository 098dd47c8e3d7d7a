"""What number does a cell hold, and if none, what kind of nothing is it?

Nothing is invented: a text that is neither a number nor a declared mark of missingness is reported
as unreadable, never guessed, and a missing value keeps its kind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue.kinds import IMPOSSIBLE, KINDS, OK, UNREADABLE

__all__ = ["IMPOSSIBLE", "KINDS", "OK", "UNREADABLE", "code", "number", "numbers", "plain"]

_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_WELL_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_WHOLE = re.compile(r"(\d+)(\.0*)?")


def plain(text: str) -> str:
    """Half-width, trimmed, one sort of minus, nothing that cannot be seen.

    Examples
    --------
    >>> plain("　１２．５％ ")
    '12.5%'
    """
    half = unicodedata.normalize("NFKC", text).replace("−", "-")
    return "".join(char for char in half if unicodedata.category(char) not in ("Cc", "Cf")).strip()


def number(text: str) -> float | None:
    """The number a cell holds, or None.

    Examples
    --------
    >>> number("4,614.46"), number("－3"), number("12人")
    (4614.46, -3.0, None)
    """
    text = plain(text)
    if _WELL_GROUPED.fullmatch(text):
        text = _THOUSANDS.sub("", text)
    return float(text) if _NUMBER.fullmatch(text) else None


def numbers(
    cells: pd.Series, missing: Mapping[str, str]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8]]:
    """Values and kinds of a column of raw cells.

    Parameters
    ----------
    cells : (n,) series of text
    missing : mark of missingness (as it reads after :func:`plain`) → kind

    Returns
    -------
    values : (n,) float array, nan wherever the kind is not ok
    kinds : (n,) array of positions in :data:`KINDS`
    """
    position, distinct = pd.factorize(cells)
    pairs = [_value_and_kind(str(text), missing) for text in distinct]
    values = np.array([value for value, _ in pairs], dtype=float)
    kinds = np.array([kind for _, kind in pairs], dtype=np.uint8)
    return values[position], kinds[position]


def _value_and_kind(text: str, missing: Mapping[str, str]) -> tuple[float, int]:
    if (mark := plain(text)) in missing:
        return np.nan, KINDS.index(missing[mark])
    value = number(text)
    return (np.nan, UNREADABLE) if value is None or not np.isfinite(value) else (value, OK)


def code(text: str, width: int = 0, divide: int = 1) -> str:
    """An area or school code as text of the given width, or '' when it is none.

    A code that a spreadsheet turned into a float comes back whole; one it turned into 4.3E+09 cannot.

    Examples
    --------
    >>> code("1010.0", width=2, divide=1000), code("430204"), code("4.3E+09")
    ('01', '430204', '')
    """
    whole = _WHOLE.fullmatch(plain(text))
    if not whole:
        return ""
    digits = whole[1] if divide == 1 else str(int(whole[1]) // divide)
    return digits.zfill(width) if len(digits) <= width or not width else ""
