"""Which numbers does a cell of a table hold, and how does a spreadsheet print them?

A cell knows its numbers: it is one, or a text that remembers those it says. Nothing is read out of letters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edustats.catalogue import Unit, catalogue
from edustats.present.records.items import Cell, TableColumn
from edustats.present.records.numbers import format_digits
from edustats.words import NOTHING, NumericText, Text, fill_english

POINTS = ("difference", "slope")
"""Kinds in which a share is printed in points and not in per cent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellQuantity:
    """A number with its decimals, its kind and its unit, a key of the catalogue or nothing.

    ``value`` is unrounded and in the catalogue's unit: a share and a difference of shares are 0–1.
    """

    value: float
    decimals: int
    shown: Text
    unit: str = ""
    kind: str = "level"
    mark: Text = NOTHING
    """What is printed behind the unit where the number covers less than it ought to."""

    @property
    def signed(self) -> bool:
        """Whether it is printed with its plus."""
        return self.shown.en.startswith("+")


def list_quantities(cell: Cell | Text, column: TableColumn, lang: str = "") -> list[CellQuantity]:
    """Every number that a cell says, in one language where one is named; none for a text or a missing value.

    A bare number stands on the print scale of its column's unit: 12.5 in a column of shares is 0.125.

    Examples
    --------
    >>> share = TableColumn(label=Text("占比", "share"), decimals=1, unit="share")
    >>> [one.value for one in list_quantities(2.5, share)], list_quantities("3199000014", share)
    ([0.025], [])
    """
    if isinstance(cell, Text):
        said = [one for one in cell.spans if not lang or len(set(getattr(one, lang))) == 2]
        return [describe_number(span.number) for span in said]
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and math.isfinite(cell):
        places, unit = column.decimals or 0, find_unit(column.unit)
        shown = Text(*(format_digits(cell, places, lang, grouped=True) for lang in ("zh", "en")))
        value = float(cell) / (unit.times if unit else 1.0)
        return [CellQuantity(value=value, decimals=places, shown=shown, unit=column.unit, kind=column.kind)]
    return []


def read_quantity(cell: Cell | Text, column: TableColumn) -> CellQuantity | None:
    """The number that a cell is, or None where it is a text, even one with numbers in it."""
    if isinstance(cell, Text) and not isinstance(cell, NumericText):
        return None
    found = list_quantities(cell, column)
    return found[0] if found else None


def describe_number(said: NumericText) -> CellQuantity:
    """The number that a text is."""
    shown = Text(said.zh, said.en)
    return CellQuantity(
        value=said.value,
        decimals=said.decimals,
        shown=shown,
        unit=said.unit,
        kind=said.kind,
        mark=Text(said.mark, said.mark_en),
    )


def find_unit(key: str) -> Unit | None:
    """The catalogue's unit, or None where a number has none that is known."""
    return catalogue().units.get(key)


def build_number_format(found: CellQuantity, lang: str) -> str:
    """The spreadsheet's format that prints a number as the page does.

    Examples
    --------
    >>> half = CellQuantity(value=0.125, decimals=1, shown=Text("12.5%", "12.5%"), unit="share")
    >>> build_number_format(half, "zh")
    '0.0%'
    """
    places = "0" + ("." + "0" * found.decimals if found.decimals else "")
    unit = find_unit(found.unit)
    if unit is None:
        form = f"#,##{places}" if lang == "en" and found.kind == "count" else places
    elif unit.key == "share" and found.kind not in POINTS:
        form = f"{places}%"
    else:
        told = unit.gap[lang] if found.kind in POINTS else unit.value[lang]
        before, _, after = told.partition("{value}")
        if lang == "en":  # 1 seat, 2 seats
            after = fill_english(after, value=format_digits(found.value * unit.times, found.decimals, lang))
        form = _quote_text(before) + (f"#,##{places}" if lang == "en" else places) + _quote_text(after)
    form += _quote_text(found.mark[lang])
    return f"+{form};\u2212{form};{form}" if found.signed else form


def scale_for_cell(found: CellQuantity) -> float:
    """The number that a spreadsheet's cell is to hold under :func:`build_number_format`."""
    unit = find_unit(found.unit)
    if unit is None or (unit.key == "share" and found.kind not in POINTS):
        return found.value
    return found.value * unit.times


def _quote_text(text: str) -> str:
    return f'"{text.replace(chr(34), "")}"' if text else ""
