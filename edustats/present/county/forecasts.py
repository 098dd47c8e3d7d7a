"""Where will the county's indicators be in some years, how sure is that, and how wrong were such forecasts?"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from edustats.analysis.forecast_panel import ForecastPanel
from edustats.catalogue import Indicator, Unit, strip_stage
from edustats.metrics.trend.forecast import BackTest
from edustats.present.drawing.figures import ACCENT, INK
from edustats.present.drawing.panels import (
    LinePanel,
    PanelBand,
    PanelLine,
    draw_line_panels,
    widen_range,
    wrap_panel_title,
)
from edustats.present.records.items import Figure, Finding, Number, Table, TableColumn
from edustats.present.records.numbers import (
    choose_decimals,
    format_amount,
    format_count,
    format_interval,
    format_number,
    format_percent,
    format_without_unit,
    format_year,
    join_sentence,
)
from edustats.present.records.row_filter import RowFilter
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.present.view.notes import select_most_telling, select_one_of_each, write_scope_note
from edustats.typing import Floats
from edustats.words import CLAUSES, DASH, NOTHING, Text, concatenate_texts, join_texts, say

SHOWN = 3
"""Years ahead in the table; the chart shows all."""
MOST_FANS = 6
WIDE, NARROW = "#e8e8e8", "#c6c6c6"
"""Greys of the intervals of 95 and of 80 %."""
PAST: dict[str, Any] = {"color": ACCENT, "lw": 1.6, "marker": "o", "ms": 3}
MIDDLE: dict[str, Any] = {"color": INK, "lw": 1.2, "ls": (0, (3, 2))}
TRIANGLE: dict[str, Any] = {"ls": "none", "ms": 6.5, "mfc": "white", "mec": INK, "mew": 1.3}
MOST_ROWS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FanChart:
    """One series on its print scale, its forecast with two intervals, and targets as marks."""

    title: str
    years: Floats
    values: Floats
    ahead: Floats
    middle: Floats
    limits_80: tuple[Floats, Floats]
    limits_95: tuple[Floats, Floats]
    marks: tuple[tuple[int, float, str], ...] = ()
    """Year, value and operator of each target."""


def build_fan_chart(
    view: View,
    found: ForecastPanel,
    indicator: Indicator,
    area: str = "",
    marks: tuple[tuple[int, float, str], ...] = (),
) -> FanChart:
    """The fan of one indicator of an area, the view's own when none is named; ``marks`` in the catalogue's unit."""
    k, unit = found.row[indicator.key, area or view.area], view.known.unit_of(indicator.key)
    held, drawn = np.isfinite(found.values[k]), found.found.drawn_leads
    limits = {
        level: tuple(side[k, :drawn] * unit.times for side in found.found.interval(level))
        for level in (0.8, 0.95)
    }
    return FanChart(
        title=wrap_panel_title(indicator.name, unit.name, view.lang),
        years=np.array(found.years, float)[held],
        values=found.values[k][held] * unit.times,
        ahead=np.array(found.found.years[:drawn], float),
        middle=found.found.middle[k, :drawn] * unit.times,
        limits_80=(limits[0.8][0], limits[0.8][1]),
        limits_95=(limits[0.95][0], limits[0.95][1]),
        marks=tuple((year, value * unit.times, sign) for year, value, sign in marks),
    )


def build_fan_panel(fan: FanChart) -> LinePanel:
    """A fan as lines and bands: past solid with points, forecast dashed, two greys, targets as triangles.

    A triangle points the way that is asked for: up for "at least", down for "at most".
    """

    def from_last(ahead: Floats) -> Floats:
        return np.concatenate([fan.values[-1:], ahead])

    bands: tuple[PanelBand, ...] = ()
    lines = []
    if np.isfinite(fan.middle).any():
        years = np.concatenate([fan.years[-1:], fan.ahead])
        bands = tuple(
            PanelBand(x=years, low=from_last(low), high=from_last(high), shade=shade)
            for (low, high), shade in ((fan.limits_95, WIDE), (fan.limits_80, NARROW))
        )
        lines.append(PanelLine(x=years, y=from_last(fan.middle), style=MIDDLE | {"zorder": 3}))
    lines.append(PanelLine(x=fan.years, y=fan.values, style=PAST | {"zorder": 4}))
    for year, value, sign in fan.marks:
        shape = {"marker": "^" if sign.startswith(">") else "v", "zorder": 5}
        lines.append(PanelLine(x=[year], y=[value], style=TRIANGLE | shape))
    return LinePanel(title=fan.title, lines=tuple(lines), bands=bands, limits=_compute_axis_limits(fan))


def _compute_axis_limits(fan: FanChart) -> tuple[float, float]:
    """Limits that hold everything but the 95 % interval, whose far end may leave the picture."""
    drawn = [fan.values, fan.middle, *fan.limits_80, np.array([mark[1] for mark in fan.marks], float)]
    held = np.concatenate(drawn)
    low, high = widen_range(float(np.nanmin(held)), float(np.nanmax(held)))
    pad = 0.12 * (high - low)
    return low - pad, high + pad


def render_fan_charts(fans: list[FanChart], lang: str) -> bytes:
    """Fans three in a row with one legend."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    keys = [
        Line2D([], [], label=say("forecast.key_past")[lang], **PAST),
        Line2D([], [], label=say("forecast.key_middle")[lang], **MIDDLE),
        Patch(color=NARROW, label=say("forecast.key_80")[lang]),
        Patch(color=WIDE, label=say("forecast.key_95")[lang]),
    ]
    asked = {sign.startswith(">") for fan in fans for _, _, sign in fan.marks}
    keys += [
        Line2D([], [], label=say(f"trends.target_{word}")[lang], marker=marker, **TRIANGLE)
        for least, word, marker in ((True, "least", "^"), (False, "most", "v")) if least in asked
    ]  # fmt: skip
    return draw_line_panels([build_fan_panel(fan) for fan in fans], keys)


def show_forecasts(view: View) -> ChapterItems:
    """How many indicators can be forecast, where those that move most are heading, and how wrong that was before."""
    found: ForecastPanel | None = view.ahead
    mine = [] if found is None else _select_panel_indicators(view, found)
    if found is None or not mine:
        return collect_items(
            view,
            Finding(key="forecasts", sentence=join_sentence(say("forecast.nothing", area=view.name))),
        )
    able = [i for i in mine if not _find_refusal_reason(view, found, i)]
    head = Finding(
        key="forecasts",
        sentence=join_sentence(_summarize_forecasts(view, found, mine, able)),
        note=say("forecast.method"),
    )
    if not able:
        return collect_items(view, head)
    told = select_most_telling(
        [i for i in able if i.den] or able, lambda i: _score_forecast_change(view, found, i), most=6
    )
    sentences = [_describe_forecast(view, found, i) for i in told]
    return collect_items(
        view, head, sentences, _tabulate_forecasts(view, found, able), tabulate_back_test(found)
    )


def _select_panel_indicators(view: View, found: ForecastPanel) -> list[Indicator]:
    return [i for i in view.indicators if (i.key, view.area) in found.row]


def _find_refusal_reason(view: View, found: ForecastPanel, indicator: Indicator) -> str:
    return found.found.reason[found.row[indicator.key, view.area]]


def _summarize_forecasts(
    view: View, found: ForecastPanel, mine: list[Indicator], able: list[Indicator]
) -> Text:
    counted = Counter(_find_refusal_reason(view, found, i) for i in mine)
    parts = [say("forecast.overview", area=view.name, total=len(mine), able=len(able))]
    why_not = [why for why in ("too_few", "ended", "missing", "outside") if counted[why]]
    parts += [say(f"forecast.not_{why}", n=counted[why]) for why in why_not]
    tests = found.found.back_test()
    if tests and able:
        first = tests[0]
        parts.append(
            say(
                "forecast.was_wrong",
                ours=format_number(first.error, 2, "coefficient"),
                naive=format_number(first.naive, 2, "coefficient"),
            )
        )
    return join_texts(parts, CLAUSES)


def _score_forecast_change(view: View, found: ForecastPanel, indicator: Indicator) -> float:
    """How far the forecast goes from where the series stands, in half-widths of its 80 % interval."""
    k = found.row[indicator.key, view.area]
    low, high = found.found.interval(0.8)
    middle, naive = found.found.middle[k, SHOWN - 1], found.found.naive[k, SHOWN - 1]
    half = (high[k, SHOWN - 1] - low[k, SHOWN - 1]) / 2
    return abs(middle - naive) / half if half > 0 else 0.0


def _describe_forecast(view: View, found: ForecastPanel, indicator: Indicator) -> Finding:
    k, unit = found.row[indicator.key, view.area], view.known.unit_of(indicator.key)
    low, high = found.found.interval(0.8)
    at, ahead = SHOWN - 1, found.found.years[SHOWN - 1]
    last, value = _find_last_value(found, k)
    places = choose_decimals(unit, value, float(found.found.middle[k, at]))
    said = say(
        "forecast.heading_for", area=view.name, indicator=indicator.name, year=last,
        value=view.format_covered(value, indicator.key, view.area, last, places), ahead_year=ahead,
        middle=format_amount(float(found.found.middle[k, at]), unit, places),
        interval=format_interval(float(low[k, at]), float(high[k, at]), unit, places),
    )  # fmt: skip
    source = view.provenance(indicator, RowFilter(areas=(view.area,), until=last))
    numbers = [(str(last), value), (str(ahead), float(found.found.middle[k, at]))]
    return Finding(
        key=f"forecast.{indicator.key}", sentence=join_sentence(said), note=write_scope_note(view, indicator, last),
        numbers=tuple(
            Number(label=Text(y, y), value=v, unit=unit.key, decimals=places, source=source) for y, v in numbers
        ),
    )  # fmt: skip


def _find_last_value(found: ForecastPanel, k: int) -> tuple[int, float]:
    at = int(np.flatnonzero(np.isfinite(found.values[k]))[-1])
    return found.years[at], float(found.values[k, at])


def _tabulate_forecasts(view: View, found: ForecastPanel, able: list[Indicator]) -> Table:
    ahead = found.found.years[:SHOWN]
    heads = [say("sentences.head_indicator"), say("forecast.head_last")]
    heads += [say("forecast.head_ahead", year=format_year(year)) for year in ahead]
    low, high = found.found.interval(0.8)
    rows = []
    for indicator in able:
        k, unit = found.row[indicator.key, view.area], view.known.unit_of(indicator.key)
        year, value = _find_last_value(found, k)
        cells = [
            indicator.name,
            say(
                "forecast.cell_last",
                year=format_year(year),
                value=view.format_covered(value, indicator.key, view.area, year),
            ),
        ]
        cells += [
            _format_forecast_cell(float(found.found.middle[k, j]), low[k, j], high[k, j], unit)
            for j in range(SHOWN)
        ]
        rows.append(tuple(cells))
    return Table(
        key="forecasts", title=say("forecast.title", area=view.name),
        columns=tuple(TableColumn(label=head) for head in heads), rows=tuple(rows), note=say("forecast.method"),
        sources=tuple(view.provenance(i, view.own_rows()) for i in able), brief=len(rows) <= MOST_ROWS,
    )  # fmt: skip


def _format_forecast_cell(middle: float, low: float, high: float, unit: Unit) -> Text:
    spread = format_interval(float(low), float(high), unit)
    value = format_amount(middle, unit)
    return say("sentences.bracketed", name=value, value=spread)


def tabulate_back_test(found: ForecastPanel) -> Table:
    """How wrong such forecasts were, by lead, beside "as last year" and a plain drift."""
    heads = ("lead", "tries", "ours", "naive", "drift", "cover_80", "cover_95")
    return Table(
        key="back_test", title=say("forecast.title_back_test"),
        columns=tuple(TableColumn(label=say(f"forecast.head_{name}")) for name in heads),
        rows=tuple(_fill_back_test_row(test) for test in found.found.back_test()), note=say("forecast.note_back_test"),
    )  # fmt: skip


def _fill_back_test_row(test: BackTest) -> tuple[Text | str, ...]:
    errors = [format_number(x, 2, "coefficient") for x in (test.error, test.naive, test.drift)]
    shares = [format_percent(x, 1) for x in (test.cover_80, test.cover_95)]
    return (say("forecast.cell_lead", lead=test.lead), format_count(test.n), *errors, *shares)


def show_forecast_chart(view: View) -> ChapterItems:
    """The indicators that are heading furthest, a fan each."""
    found: ForecastPanel | None = view.ahead
    able = (
        []
        if found is None
        else [i for i in _select_panel_indicators(view, found) if not _find_refusal_reason(view, found, i)]
    )
    if found is None or not able:
        return collect_items(view.lang)
    ratios = [i for i in able if i.den] or able
    drawn = select_one_of_each(
        ratios, lambda i: strip_stage(i.key), lambda i: _score_forecast_change(view, found, i), MOST_FANS
    )
    fans = [build_fan_chart(view, found, indicator) for indicator in drawn]
    left = len(able) - len(drawn)
    return collect_items(view, build_fan_figure(view, found, "forecast_chart", drawn, fans, left))


def build_fan_figure(
    view: View, found: ForecastPanel, key: str, drawn: list[Indicator], fans: list[FanChart], left: int
) -> Figure:
    """A figure of fans with the numbers it draws; ``left`` others stand in the chapter's table alone."""
    title = say(f"forecast.title_{key}", area=view.name)
    return Figure(
        key=key,
        title=title,
        alt=say("forecast.alt_fans", n=len(fans), area=view.name),
        data=_tabulate_drawn_values(view, found, key, title, drawn, fans),
        note=concatenate_texts(_note_fans(found), say("forecast.not_drawn", n=left) if left else NOTHING),
        png=render_fan_charts(fans, view.lang),
    )


def _note_fans(found: ForecastPanel) -> Text:
    """How fans are made, and why they stop before the last year asked for."""
    drawn = found.found.drawn_leads
    if drawn == len(found.found.years):
        return say("forecast.method")
    return concatenate_texts(say("forecast.method"), say("forecast.stops", lead=drawn))


def _tabulate_drawn_values(
    view: View, found: ForecastPanel, key: str, title: Text, drawn: list[Indicator], fans: list[FanChart]
) -> Table:
    bands = [found.found.interval(level) for level in (0.8, 0.95)]
    rows: list[tuple[Text | str, ...]] = []
    for indicator, fan in zip(drawn, fans, strict=True):
        k, unit = found.row[indicator.key, view.area], view.known.unit_of(indicator.key)
        held = [(y, v) for y, v in zip(found.years, found.values[k], strict=True) if math.isfinite(v)]
        rows += [
            (indicator.name, format_year(int(year)), format_without_unit(float(value), unit), DASH, DASH)
            for year, value in held
        ]
        for j, year in enumerate(
            found.found.years[: found.found.drawn_leads] if not found.found.reason[k] else ()
        ):
            spreads = [format_interval(float(low[k, j]), float(high[k, j]), unit) for low, high in bands]
            rows.append(
                (
                    indicator.name,
                    format_year(int(year)),
                    format_without_unit(float(found.found.middle[k, j]), unit),
                    *spreads,
                )
            )
        rows += [
            (
                indicator.name,
                format_year(year),
                format_without_unit(value / unit.times, unit),
                say("trends.target"),
                DASH,
            )
            for year, value, _ in fan.marks
        ]
    heads = [say(f"sentences.head_{name}") for name in ("indicator", "year", "value")]
    heads += [say("trends.forecast_80"), say("trends.forecast_95")]
    return Table(
        key=f"{key}_data", title=title,
        columns=tuple(TableColumn(label=head) for head in heads),
        rows=tuple(rows), sources=tuple(view.provenance(i, view.own_rows()) for i in drawn),
    )  # fmt: skip
