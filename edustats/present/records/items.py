"""What is a finding, a table, a figure: the records that leave a notebook?

Each record shows itself in JupyterLab and rides in the cell's output as JSON, so that the publishers
read executed notebooks and nothing else. The JSON holds both languages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Any

from edustats.present.records.chart import Cell, Chart
from edustats.present.records.chart import revive_chart as _chart
from edustats.present.records.row_filter import ALL_ROWS, RowFilter
from edustats.words import NOTHING, NumericText, Span, SpokenText, Text, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a number comes from: enough to find it again in three months."""

    files: tuple[tuple[str, str], ...]
    """(name, sha-256) of each source file."""
    filter: RowFilter
    """Which rows of the store."""
    formula: str
    """The catalogue's sums, e.g. ``pupils_passing_math4 / pupils``."""
    clause: Text
    """The official clause or source of the definition."""
    version: str
    """Version of this package."""
    places: tuple[tuple[str, str, str], ...] = ()
    """(file, sheet, rows) of the figures themselves, as far as the store knows; rows as ``6–131``."""


NO_SOURCE = Provenance(files=(), filter=ALL_ROWS, formula="", clause=NOTHING, version="")
"""Of a number that counts what stands on the page itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One printed number, unrounded, with the way it is printed and the place where it stands.

    ``kind`` is one of :data:`edustats.words.NUMBER_KINDS`; ``zh`` and ``en`` are the first letter and the one
    after the last in the sentence of either language, (0, 0) where that language does not say it. ``also`` is what
    else it rests on: of a number that is no single figure of the sentence, all that its figures rest on.
    """

    label: Text
    value: float
    unit: str
    decimals: int
    source: Provenance
    kind: str = "level"
    shown: Text = NOTHING
    zh: tuple[int, int] = (0, 0)
    en: tuple[int, int] = (0, 0)
    also: tuple[Provenance, ...] = ()

    @property
    def sources(self) -> tuple[Provenance, ...]:
        """All that it rests on, each once."""
        return tuple(dict.fromkeys((self.source, *self.also)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A sentence with its numbers, its verdict and its note on scope (口径)."""

    key: str
    sentence: Text
    numbers: tuple[Number, ...] = ()
    verdict: str = "none"
    note: Text = NOTHING

    def __post_init__(self) -> None:
        """Keep the numbers that the sentence says, and all of them; those declared lend label and source."""
        if self.sentence.spans:
            object.__setattr__(self, "numbers", tuple(_match_numbers(self.sentence.spans, self.numbers)))


def _match_numbers(spans: Sequence[Span], declared: Sequence[Number]) -> Iterator[Number]:
    """Every number of a sentence once, those declared first and in their order.

    What nobody declared rests on what the declared ones do; a first one without a value lends its source alone.
    """
    free, used = list(spans), list[Provenance]()
    lent = [one.source for one in declared[:1] if not math.isfinite(one.value)]
    for one in declared:
        mates = [k for k, span in enumerate(free) if _is_same_number(span.number, one)]
        if mates:
            used += one.sources
            yield _place_number(free.pop(mates[0]), one.label, one.value, one.source, one.also)
    first, *more = list(dict.fromkeys(lent or used or [one.source for one in declared[:1]])) or [NO_SOURCE]
    for span in free:
        label = say(f"trace.kind_{span.number.kind}")
        yield _place_number(span, label, span.number.value, first, tuple(more))


def _is_same_number(said: NumericText, one: Number) -> bool:
    return math.isclose(abs(said.value), abs(one.value), rel_tol=1e-9, abs_tol=1e-12) and (
        said.unit == one.unit or (said.kind != "count" and not (said.unit and one.unit))
    )


def _place_number(
    span: Span, label: Text, value: float, source: Provenance, also: tuple[Provenance, ...]
) -> Number:
    said: NumericText = span.number
    return Number(
        label=label, value=value, unit=said.unit, decimals=said.decimals, source=source, kind=said.kind,
        shown=Text(said.zh, said.en), zh=span.zh, en=span.en, also=also,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A table column: its heading, and for bare numbers, on their print scale, decimals, unit and kind.

    ``persons`` marks counts of persons in single schools, of which the small are withheld. ``quoted`` is a column of
    what others wrote, letter by letter: a code, a row of a file, an answer. Digits of its texts are no numbers of ours.
    ``rests`` are the places of its sources among the table's, where columns and not rows differ in them.
    """

    label: Text
    decimals: int | None = None
    persons: bool = False
    unit: str = ""
    kind: str = "level"
    quoted: bool = False
    rests: tuple[int, ...] = ()

    def quotes(self, cell: Cell | Text) -> bool:
        """Whether a cell is a text of others: a number of ours is none, nor a text that says one.

        Examples
        --------
        >>> rows = TableColumn(label=Text("行", "Row"), quoted=True)
        >>> rows.quotes("18"), rows.quotes(18)
        (True, False)
        """
        return self.quoted and (isinstance(cell, str) or (isinstance(cell, Text) and not cell.spans))


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
    body: dict[str, Any] = _serialize(item, {})
    body.pop("png", None)
    return body


def _serialize(value: Any, done: dict[int, Any]) -> Any:
    """What ``dataclasses.asdict`` makes; a source that many numbers name is made once."""
    kind: Any = type(value)
    if kind in PLAIN:
        return value
    if kind is tuple or kind is list:
        return kind([one if type(one) in PLAIN else _serialize(one, done) for one in value])
    if kind is dict:
        return {key: _serialize(one, done) for key, one in value.items()}
    names: tuple[str, ...] = _name_fields(kind)
    if not names:
        return deepcopy(value)
    if kind is Provenance and id(value) in done:
        return done[id(value)]
    made: dict[str, Any] = {}
    for name in names:  # most of what is asked for is plain, and a call costs more than all else here
        held = getattr(value, name)
        made[name] = held if type(held) in PLAIN else _serialize(held, done)
    if kind is Provenance:
        done[id(value)] = made
    return made


PLAIN = frozenset((str, float, int, bool, bytes, type(None)))


@cache
def _name_fields(kind: Any) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()


def revive_item(kind: str, body: dict[str, Any], png: bytes = b"") -> Item:
    """The item a JSON record was made of.

    Parameters
    ----------
    kind : finding, table or figure
    body : as :func:`serialize_item` made it
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
        Number(
            **n
            | {
                "label": revive_text(n["label"]),
                "source": _revive_provenance(n["source"]),
                "shown": revive_text(n["shown"]),
                "zh": tuple(n["zh"]),
                "en": tuple(n["en"]),
                "also": tuple(_revive_provenance(one) for one in n.get("also", ())),
            }
        )
        for n in body["numbers"]
    )
    texts = {name: revive_text(body[name]) for name in ("sentence", "note")}
    return Finding(**body | texts | {"numbers": numbers})


def _revive_provenance(body: dict[str, Any]) -> Provenance:
    files = tuple((str(name), str(digest)) for name, digest in body["files"])
    places = tuple((str(file), str(sheet), str(rows)) for file, sheet, rows in body.get("places", ()))
    rows = RowFilter(**body["filter"] | {name: tuple(body["filter"][name]) for name in ("areas", "years")})
    told = {"files": files, "places": places, "clause": revive_text(body["clause"]), "filter": rows}
    return Provenance(**body | told)


def _revive_table(body: dict[str, Any]) -> Table:
    texts = {name: revive_text(body[name]) for name in ("title", "note")}
    columns = tuple(
        TableColumn(**c | {"label": revive_text(c["label"]), "rests": tuple(c.get("rests", ()))})
        for c in body["columns"]
    )
    rows, foot = tuple(_revive_row(row) for row in body["rows"]), _revive_row(body.get("foot", ()))
    marks = tuple((int(i), int(j), str(mark)) for i, j, mark in body.get("marks", ()))
    sources = tuple(_revive_provenance(source) for source in body["sources"])
    more = {"columns": columns, "rows": rows, "sources": sources, "foot": foot, "marks": marks}
    return Table(**body | texts | more)


def _revive_row(cells: Sequence[Any]) -> tuple[Cell | Text, ...]:
    return tuple(revive_text(cell) if isinstance(cell, dict) else cell for cell in cells)


def revive_text(body: dict[str, Any]) -> Text:
    """The text a JSON record was made of, with the numbers it says."""
    if "value" in body:
        return NumericText(**body)
    if "spoken" not in body:
        return Text(**body)
    spoken = tuple(
        Span(NumericText(**span["number"]), (span["zh"][0], span["zh"][1]), (span["en"][0], span["en"][1]))
        for span in body["spoken"]
    )
    return SpokenText(body["zh"], body["en"], spoken)


def _revive_figure(body: dict[str, Any], png: bytes) -> Figure:
    texts = {name: revive_text(body[name]) for name in ("title", "alt", "note")}
    charts = tuple(_chart(chart) for chart in body.get("charts", ()))
    return Figure(**body | texts | {"data": _revive_table(body["data"]), "charts": charts, "png": png})
