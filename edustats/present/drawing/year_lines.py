"""How do a few series run over the years? One figure for a chapter: picture, Word chart, table of what is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from edustats.catalogue import Unit
from edustats.present.drawing.lines import Line, draw_labelled_lines
from edustats.present.records.chart import Chart, Series, explain_open_points, round_values, tabulate_years
from edustats.present.records.items import Figure, Provenance, Table, TableColumn
from edustats.present.records.numbers import format_amount, format_year
from edustats.words import NOTHING, Text, join_texts, say

FEWEST_POINTS = 2


def build_year_figure(
    key: str, title: Text, lines: Sequence[Line], unit: Unit, lang: str, sources: tuple[Provenance, ...],
    note: Text = NOTHING,
) -> list[Figure]:  # fmt: skip
    """A figure of lines with at least two points; nothing where there is none.

    Parameters
    ----------
    key, title : of the figure
    lines : values in the catalogue's unit; nan is left out
    unit : of all lines
    lang : of the picture
    sources : of the figures drawn: one a line in their order, or those of all
    note : what stands below it
    """
    drawn = [line for one in lines if len((line := _drop_missing(one)).years) >= FEWEST_POINTS]
    if not drawn:
        return []
    years = sorted({year for line in drawn for year in line.years})
    times, axis, places, printed = _choose_scale(drawn, unit)
    series = tuple(
        Series(name=line.label, role=line.role, values=round_values(_fill(line, years, times), places),
               open=tuple(i for i, year in enumerate(years) if year in line.open_years))
        for line in drawn
    )  # fmt: skip
    order = {line.label: (k,) if len(sources) == len(lines) else () for k, line in enumerate(lines)}
    columns = (
        TableColumn(label=say("sentences.head_year")),
        *(
            TableColumn(label=line.label, decimals=places, unit=printed, rests=order[line.label])
            for line in drawn
        ),
    )
    rows = tabulate_years(years, [_fill(line, years, times) for line in drawn])
    data = Table(key=f"{key}.data", title=title, columns=columns, rows=rows, brief=False, sources=sources)
    chart = Chart(kind="line", categories=tuple(map(str, years)), series=series, unit=axis, decimals=places)
    alt = join_texts([_describe_ends(line, unit) for line in drawn], Text("；", "; "))
    png = draw_labelled_lines(drawn, axis[lang], lang, times, places)
    title = explain_open_points(title, series)
    return [Figure(key=key, title=title, alt=alt, data=data, charts=(chart,), png=png, note=note)]


def _choose_scale(lines: Sequence[Line], unit: Unit) -> tuple[float, Text, int, str]:
    """What values are multiplied by, the axis, the decimals and the unit printed: of money 亿元 or 万元."""
    if unit.key != "yuan":
        places = 0 if unit.key.startswith(("yuan", "person")) else unit.decimals
        return unit.times, unit.name, places, unit.key
    most = max(abs(value) for line in lines for value in line.values)
    large = most >= 1e8
    if large:
        return 1e-8, say("finance.axis_100_million"), 2, "hundred_million_yuan"
    return 1e-4, say("finance.axis_10_000"), 0, "ten_thousand_yuan"


def _drop_missing(line: Line) -> Line:
    held = [(y, v) for y, v in zip(line.years, line.values, strict=True) if math.isfinite(v)]
    return replace(line, years=tuple(y for y, _ in held), values=tuple(v for _, v in held))


def _fill(line: Line, years: Sequence[int], times: float) -> list[float]:
    held = dict(zip(line.years, line.values, strict=True))
    return [held.get(year, math.nan) * times for year in years]


def _describe_ends(line: Line, unit: Unit) -> Text:
    return say(
        "brief.alt_line", name=line.label, first_year=format_year(line.years[0]), last_year=format_year(line.years[-1]),
        first=format_amount(line.values[0], unit), last=format_amount(line.values[-1], unit),
    )  # fmt: skip
