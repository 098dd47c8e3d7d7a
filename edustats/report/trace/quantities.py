"""Which number is a cell of a table, and how is it printed?"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from edustats.catalogue import Unit, catalogue
from edustats.present.records.items import Cell
from edustats.present.records.numbers import MINUS, NumericText
from edustats.words import Text

PRINTED = re.compile(r"([+\-−])?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?([^\d\s.,:：～~→/][^\d]{0,11})?")
LONGEST_COUNT = 4
"""Digits of a whole number printed without a unit; more of them are a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellQuantity:
    """A number with its decimals and its unit: a key of the catalogue, or ``suffix`` as it stands printed.

    ``value`` is unrounded where the record holds it; of a share it is 0–1.
    """

    value: float
    decimals: int
    unit: str = ""
    suffix: str = ""


def read_quantity(cell: Cell | Text, decimals: int | None, lang: str) -> CellQuantity | None:
    """The number that a cell holds, or None for a text, a code or a missing value.

    Examples
    --------
    >>> quantity("−2.5个百分点", None, "zh")
    Quantity(value=-2.5, decimals=1, unit='', suffix='个百分点')
    >>> quantity("012", None, "zh"), quantity("3199000014", None, "zh"), quantity("—", None, "zh")
    (None, None, None)
    """
    if isinstance(cell, NumericText):
        return CellQuantity(value=cell.value, decimals=cell.decimals, unit=cell.unit)
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, (int, float)):
        return CellQuantity(value=float(cell), decimals=decimals or 0) if math.isfinite(cell) else None
    return _parse_printed_number(cell if isinstance(cell, str) else cell[lang])


def _parse_printed_number(text: str) -> CellQuantity | None:
    found = PRINTED.fullmatch(text)
    if not found:
        return None
    sign, whole, part, suffix = found[1] or "", found[2], found[3] or "", found[4] or ""
    if not (part or suffix) and (len(whole) > LONGEST_COUNT and "," not in whole):
        return None
    if len(whole) > 1 and whole[0] == "0":
        return None
    value = float(whole.replace(",", "") + part) * (-1 if sign in ("-", MINUS) and sign else 1)
    decimals = max(len(part) - 1, 0)
    if suffix == "%":
        return CellQuantity(value=value / 100, decimals=decimals, unit="share")
    return CellQuantity(value=value, decimals=decimals, suffix=suffix)


def find_unit(key: str) -> Unit | None:
    """The catalogue's unit, or None where a number has none that is known."""
    return catalogue().units.get(key)


def build_number_format(found: CellQuantity, lang: str) -> str:
    """The spreadsheet's format that prints a number as the page does.

    Examples
    --------
    >>> number_format(Quantity(value=0.125, decimals=1, unit="share"), "zh")
    '0.0%'
    >>> number_format(Quantity(value=3, decimals=0, unit="person"), "zh")
    '0"人"'
    """
    places = "0" + ("." + "0" * found.decimals if found.decimals else "")
    unit = find_unit(found.unit)
    if unit is None:
        return places + (_quote_suffix(found.suffix) if found.suffix else "")
    if unit.key == "share":
        return f"{places}%"
    before, _, after = unit.value[lang].partition("{value}")
    grouped = f"#,##{places}" if lang == "en" else places
    return _quote_suffix(before) + grouped + _quote_suffix(after)


def scale_for_cell(found: CellQuantity) -> float:
    """The number that a spreadsheet's cell is to hold under :func:`number_format`."""
    unit = find_unit(found.unit)
    return found.value if unit is None or unit.key == "share" else found.value * unit.times


def _quote_suffix(text: str) -> str:
    return f'"{text.replace(chr(34), "")}"' if text else ""
