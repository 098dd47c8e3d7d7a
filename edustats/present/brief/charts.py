"""How do a few figures run over the years? One frame a chart, with the numbers it draws and their sources."""

from __future__ import annotations

import math
from collections.abc import Sequence

from edustats.catalogue import Unit
from edustats.present.brief.facts import Fact, FactBook
from edustats.present.brief.phrasing import list_years_told, sentences
from edustats.present.drawing.lines import Line, draw_labelled_lines
from edustats.present.records.chart import Chart, Series, explain_open_points, round_values, tabulate_years
from edustats.present.records.items import Figure, Provenance, Table, TableColumn
from edustats.present.records.numbers import format_amount, format_year
from edustats.present.view.coverage import find_open_years
from edustats.words import Text, say

FEWEST_POINTS = 3


def trace_facts(book: FactBook, facts: Sequence[Fact]) -> tuple[Provenance, ...]:
    """Sources of a table's figures, each once."""
    view = book.view
    found = [view.provenance(f.indicator, view.compared_rows(*list_years_told(f))) for f in facts]
    return tuple(dict.fromkeys(found))


def read_line(book: FactBook, key: str, label: Text, area: str = "", role: str = "") -> Line | None:
    """One indicator of the area, or of another, over its years; None where they are too few for a line."""
    series = book.view.series(key, area).dropna(subset="value")
    if len(series) < FEWEST_POINTS:
        return None
    return Line(
        label, tuple(int(y) for y in series["year"]), tuple(float(v) for v in series["value"]), role,
        find_open_years(series),
    )  # fmt: skip


def draw_lines(
    book: FactBook, key: str, title: Text, lines: Sequence[Line], unit: Unit | None, facts: Sequence[Fact]
) -> list[Figure]:
    """A chart of lines: for Word to draw, as a picture, and as a table; nothing where there is no line."""
    if not lines or unit is None:
        return []
    view = book.view
    years = sorted({year for line in lines for year in line.years})
    places = 0 if unit.key in ("person", "yuan_per_person") else unit.decimals
    series = tuple(
        Series(
            name=line.label, role=line.role, values=round_values(_fill_years(line, years, unit.times), places),
            open=tuple(i for i, year in enumerate(years) if year in line.open_years),
        )
        for line in lines
    )  # fmt: skip
    chart = Chart(
        kind="line", categories=tuple(map(str, years)), series=series, unit=unit.name, decimals=places
    )
    behind = [view.provenance(f.indicator, view.compared_rows()) for f in facts]
    sources = tuple(dict.fromkeys(behind))
    each = [(sources.index(one),) for one in behind] if len(facts) == len(lines) else [()] * len(lines)
    columns = (
        TableColumn(label=say("sentences.head_year")),
        *(
            TableColumn(label=line.label, decimals=places, unit=unit.key, rests=own)
            for line, own in zip(lines, each, strict=True)
        ),
    )
    rows = tabulate_years(years, [_fill_years(line, years, unit.times) for line in lines])
    data = Table(
        key=f"{key}.data",
        title=title,
        columns=columns,
        rows=rows,
        brief=False,
        sources=sources,
    )
    ends = [_describe_ends(line, unit, places) for line in lines]
    png = draw_labelled_lines(lines, unit.name[book.view.lang], book.view.lang, unit.times, places)
    return [
        Figure(
            key=key, title=explain_open_points(title, series), alt=sentences(*ends), data=data, charts=(chart,),
            png=png,
        )
    ]  # fmt: skip


def _fill_years(line: Line, years: Sequence[int], times: float) -> list[float]:
    held = dict(zip(line.years, line.values, strict=True))
    return [held.get(year, math.nan) * times for year in years]


def _describe_ends(line: Line, unit: Unit, places: int) -> Text:
    return say(
        "brief.alt_line", name=line.label, first_year=format_year(line.years[0]),
        last_year=format_year(line.years[-1]), first=format_amount(line.values[0], unit, places),
        last=format_amount(line.values[-1], unit, places),
    )  # fmt: skip


def trace_rows(book: FactBook, facts: Sequence[Fact]) -> tuple[Provenance, ...]:
    """Sources of a table with one fact a row."""
    view = book.view
    return tuple(view.provenance(f.indicator, view.compared_rows(*list_years_told(f))) for f in facts)
