"""What is a finding, a table, a figure: the records that leave a notebook?

Each record shows itself in JupyterLab and rides in the cell's output as JSON, so that the publishers
read executed notebooks and nothing else. The JSON holds both languages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from edustats.present.records.chart import Chart
from edustats.present.records.chart import revive_chart as _chart
from edustats.present.records.numbers import NumericText
from edustats.words import NOTHING, Text

Cell = str | float | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a number comes from: enough to find it again in three months."""

    files: tuple[tuple[str, str], ...]
    """(name, sha-256) of each source file."""
    filter: str
    """Which rows of the store, e.g. ``area=01 year=1998 indicator=pass_rate_math4``."""
    formula: str
    """The catalogue's sums, e.g. ``pupils_passing_math4 / pupils``."""
    clause: Text
    """The official clause or source of the definition."""
    version: str
    """Version of this package."""
    places: tuple[tuple[str, str, str], ...] = ()
    """(file, sheet, rows) of the figures themselves, as far as the store knows; rows as ``6–131``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One printed number, unrounded, with the way it is printed."""

    label: Text
    value: float
    unit: str
    decimals: int
    source: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A sentence with its numbers, its verdict and its note on scope (口径)."""

    key: str
    sentence: Text
    numbers: tuple[Number, ...] = ()
    verdict: str = "none"
    note: Text = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A table column: its heading, and for numbers the decimals printed.

    ``persons`` marks counts of persons in single schools, of which the small are withheld.
    """

    label: Text
    decimals: int | None = None
    persons: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headings. A cell is a text, a number, or a Text in both languages.

    A table that is not ``brief`` stays on the page and out of the Word brief. ``marks`` single out cells as
    (row, column, ``best`` or ``worst``), ``foot`` is a last row that stands apart (a total), and a ``sortable``
    table can be put in another order on the page.
    """

    key: str
    title: Text
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Cell | Text, ...], ...]
    note: Text = NOTHING
    sources: tuple[Provenance, ...] = ()
    brief: bool = True
    marks: tuple[tuple[int, int, str], ...] = ()
    foot: tuple[Cell | Text, ...] = ()
    sortable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture with its title, its alternative text and the numbers it draws.

    ``charts`` holds what Word needs to draw it again: one chart, or one for each panel; none where only the
    picture can show it.
    """

    key: str
    title: Text
    alt: Text
    data: Table
    note: Text = NOTHING
    charts: tuple[Chart, ...] = ()
    png: bytes = field(repr=False, default=b"")


Item = Finding | Table | Figure


def serialize_item(item: Item) -> dict[str, Any]:
    """The JSON record of an item, both languages, without the picture's bytes."""
    body = asdict(item)
    body.pop("png", None)
    return body


def revive_item(kind: str, body: dict[str, Any], png: bytes = b"") -> Item:
    """The item a JSON record was made of.

    Parameters
    ----------
    kind : finding, table or figure
    body : as :func:`record` made it
    png : the picture, for a figure
    """
    makers: dict[str, Callable[[dict[str, Any]], Item]] = {
        "finding": _revive_finding,
        "table": _revive_table,
        "figure": lambda raw: _revive_figure(raw, png),
    }
    return makers[kind](body)


def _revive_finding(body: dict[str, Any]) -> Finding:
    numbers = tuple(
        Number(**n | {"label": Text(**n["label"]), "source": _revive_provenance(n["source"])})
        for n in body["numbers"]
    )
    texts = {name: Text(**body[name]) for name in ("sentence", "note")}
    return Finding(**body | texts | {"numbers": numbers})


def _revive_provenance(body: dict[str, Any]) -> Provenance:
    files = tuple((str(name), str(digest)) for name, digest in body["files"])
    places = tuple((str(file), str(sheet), str(rows)) for file, sheet, rows in body.get("places", ()))
    return Provenance(**body | {"files": files, "places": places, "clause": Text(**body["clause"])})


def _revive_table(body: dict[str, Any]) -> Table:
    texts = {name: Text(**body[name]) for name in ("title", "note")}
    columns = tuple(TableColumn(**c | {"label": Text(**c["label"])}) for c in body["columns"])
    rows, foot = tuple(_revive_row(row) for row in body["rows"]), _revive_row(body.get("foot", ()))
    marks = tuple((int(i), int(j), str(mark)) for i, j, mark in body.get("marks", ()))
    sources = tuple(_revive_provenance(source) for source in body["sources"])
    more = {"columns": columns, "rows": rows, "sources": sources, "foot": foot, "marks": marks}
    return Table(**body | texts | more)


def _revive_row(cells: Sequence[Any]) -> tuple[Cell | Text, ...]:
    return tuple(_revive_cell(cell) if isinstance(cell, dict) else cell for cell in cells)


def _revive_cell(body: dict[str, Any]) -> Text:
    return NumericText(**body) if "value" in body else Text(**body)


def _revive_figure(body: dict[str, Any], png: bytes) -> Figure:
    texts = {name: Text(**body[name]) for name in ("title", "alt", "note")}
    charts = tuple(_chart(chart) for chart in body.get("charts", ()))
    return Figure(**body | texts | {"data": _revive_table(body["data"]), "charts": charts, "png": png})
