"""How do the indicators that matter most run over the years? Six small panels that survive black-and-white print.

They are chosen by the weights of page one, one of a family, so that the pages and the brief point at the same things.

The county is a solid line with points, the area above dashed, its peers' mean dotted; the verdict stands in
words in each panel. A forecast is a fan of two greys, a target an open triangle: neither needs colour to be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edustats.analysis.forecast_panel import ForecastPanel
from edustats.catalogue import select_spokespersons
from edustats.present.brief.choosing import find_family, read_rules, weigh_facts
from edustats.present.brief.facts import collect_facts
from edustats.present.county.forecasts import NARROW, WIDE
from edustats.present.county.peers import compute_peer_mean
from edustats.present.county.series import IndicatorHistory, build_history
from edustats.present.county.targets import read_target_plan
from edustats.present.county.trends import score_movement
from edustats.present.drawing import figures
from edustats.present.drawing.panels import (
    LinePanel,
    PanelBand,
    PanelLine,
    draw_line_panels,
    fit_limits,
    wrap_panel_title,
)
from edustats.present.records.chart import Chart, Series, explain_open_points, round_values
from edustats.present.records.items import Figure, Table, TableColumn
from edustats.present.records.numbers import format_interval, format_without_unit, format_year
from edustats.present.records.row_filter import RowFilter
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.present.view.coverage import find_open_years
from edustats.present.view.notes import select_one_of_each
from edustats.typing import Floats
from edustats.words import DASH, NOTHING, Text, say

PANELS = 6
SIGNS = {"improving": "▲", "worsening": "▼", "rising": "▲", "falling": "▼", "same": "＝"}
TURNED = {"lower": {"improving": "▼", "worsening": "▲"}}
"""The sign shows which way the line goes; the word says whether that is good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastFan:
    """A forecast of one indicator in the catalogue's unit: (n,) arrays, a year each after the last one held."""

    years: Floats
    middle: Floats
    lower: Floats
    upper: Floats
    """Limits of the 95 % interval; the inner ones are those of 80 %."""
    inner_lower: Floats | None = None
    inner_upper: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetMark:
    """A target of one indicator in the catalogue's unit; its triangle points the way that is asked for."""

    year: int
    value: float
    operator: str = ">="


@dataclass(frozen=True, slots=True, kw_only=True)
class _DrawnIndicator:
    """What one panel draws, in the catalogue's unit: read once for the picture, for Word and for the table."""

    history: IndicatorHistory
    years: tuple[int, ...]
    """All years with a value, those too that no longer compare."""
    values: Floats
    open: tuple[int, ...]
    """Positions of those that cover less than all of the county, or nobody knows how much."""
    wider: Mapping[int, float]
    """The area above by year; nothing for a count, which is held against nobody."""
    peers: Mapping[int, float]
    """The peers' mean by year, nan where none has a value; nothing where it is known of one year alone."""


def _read_drawn(view: View, h: IndicatorHistory) -> _DrawnIndicator:
    key = h.indicator.key
    own = view.series(key)
    own = own[own["value"].notna().to_numpy()]
    open_years, years = set(find_open_years(own)), tuple(own["year"].astype(int).tolist())
    wider: dict[int, float] = {}
    peers: dict[int, float] = {}
    if h.indicator.den:
        above = view.covered_series(key, view.above)
        pairs = zip(above["year"].tolist(), above["value"].tolist(), strict=True)
        wider = {year: value for year, value in pairs if value == value}
        at, mean = compute_peer_mean(view, h.indicator)
        if np.isfinite(mean).sum() > 1:
            peers = dict(zip(at.astype(int).tolist(), mean.tolist(), strict=True))
    return _DrawnIndicator(
        history=h, years=years, values=own["value"].to_numpy(float),
        open=tuple(k for k, year in enumerate(years) if year in open_years),
        wider=wider, peers=peers,
    )  # fmt: skip


def draw_trend_panels(
    view: View,
    fans: Mapping[str, ForecastFan] | None = None,
    marks: Mapping[str, Sequence[TargetMark]] | None = None,
) -> ChapterItems:
    """The telling indicators over the years, a panel each.

    Parameters
    ----------
    fans : forecasts by indicator key, drawn from the last year on
    marks : targets by indicator key
    """
    histories = [h for i in select_spokespersons(view.indicators) if (h := build_history(view, i)).years]
    drawn = [_read_drawn(view, h) for h in _choose_drawn(view, histories)]
    if not drawn:
        return collect_items(view.lang)
    fans, marks = fans or {}, marks or {}
    names = {"area": view.name, "above": view.above_name}
    charts = tuple(_build_word_chart(view, one) for one in drawn)
    title = say("sentences.title_trend_chart", **names)
    figure = Figure(
        key="trend_chart",
        title=explain_open_points(title, [series for chart in charts for series in chart.series]),
        alt=say("trends.alt_chart", n=len(drawn), **names),
        data=_tabulate_chart_data(view, drawn, fans, marks),
        note=_note_not_drawn(view, len(histories) - len(drawn)),
        charts=charts,
        png=_render_trend_panels(view, drawn, fans, marks),
    )
    return collect_items(view, figure)


def _choose_drawn(view: View, histories: list[IndicatorHistory]) -> list[IndicatorHistory]:
    """The weightiest of each family, in the catalogue's order; one year alone is no course and waits for room."""
    rules = read_rules(view.store)
    weighed = weigh_facts(collect_facts(view), rules)
    families = {h.indicator.key: find_family(h.indicator.key, rules) for h in histories}

    def rank(h: IndicatorHistory) -> tuple[bool, bool, float, tuple[int, float]]:
        key = h.indicator.key
        weight = weighed[key].weight if key in weighed else 0.0
        return len(h.years) > 1, families[key] in rules["pin"], weight, score_movement(h)

    return select_one_of_each(histories, lambda h: families[h.indicator.key], rank, PANELS)


def _note_not_drawn(view: View, left: int) -> Text:
    """How many indicators are in no panel, and where they are; nothing where all are drawn."""
    return (
        say("trends.not_drawn", n=left, table=say("sentences.title_trends", area=view.name))
        if left
        else NOTHING
    )


def _build_word_chart(view: View, drawn: _DrawnIndicator) -> Chart:
    """One panel as Word draws it: the years the county has a value in, and the area above in the same."""
    h = drawn.history
    name, unit, places = h.indicator.name, h.unit.name, h.places
    lines: list[tuple[Text, str, Floats]] = [(view.name, "own", drawn.values)]
    if h.indicator.den:
        wider = np.array([drawn.wider.get(year, np.nan) for year in drawn.years])
        lines.append((view.above_name, "reference", wider))
    return Chart(
        kind="line",
        title=Text(f"{name.zh}（{unit.zh}）", f"{name.en} ({unit.en})"),
        categories=tuple(map(str, drawn.years)),
        series=tuple(
            Series(
                name=n,
                role=role,
                open=drawn.open if role == "own" else (),
                values=round_values(held * h.unit.times, places),
            )
            for n, role, held in lines
        ),
        unit=unit,
        decimals=places,
    )


def _render_trend_panels(
    view: View,
    drawn: list[_DrawnIndicator],
    fans: Mapping[str, ForecastFan],
    marks: Mapping[str, Sequence[TargetMark]],
) -> bytes:
    keys = [one.history.indicator.key for one in drawn]
    panels = [
        _build_trend_panel(view, one, fans.get(key), marks.get(key, ()))
        for key, one in zip(keys, drawn, strict=True)
    ]
    return draw_line_panels(panels)


def _build_trend_panel(
    view: View, drawn: _DrawnIndicator, fan: ForecastFan | None, marks: Sequence[TargetMark]
) -> LinePanel:
    h = drawn.history
    lines, bands = _draw_trend_lines(view, drawn), _draw_forecast_bands(fan, h, view.lang)
    lines += _draw_middle_and_targets(fan, marks, h, view.lang)
    return LinePanel(
        title=wrap_panel_title(h.indicator.name, h.unit.name, view.lang), lines=tuple(lines), bands=tuple(bands),
        limits=fit_limits(lines, bands, above=0.22), most=100.0 if h.unit.key == "share" else np.inf,
        note=_format_verdict_label(h, view.lang),
    )  # fmt: skip


def _draw_trend_lines(view: View, drawn: _DrawnIndicator) -> list[PanelLine]:
    times, lang, lines = drawn.history.unit.times, view.lang, []
    if drawn.wider:
        style = {"color": figures.GREY, "lw": 1.2, "ls": (0, (4, 2))}
        lines.append(_draw_by_year(drawn.wider, times, style, view.above_name[lang]))
    if drawn.peers:
        style = {"color": figures.INK, "lw": 1.0, "ls": (0, (1, 1.6))}
        lines.append(_draw_by_year(drawn.peers, times, style, say("trends.peers_mean")[lang]))
    years, values = np.array(drawn.years, float), drawn.values * times
    style = {"color": figures.ACCENT, "lw": 1.6, "marker": "o", "ms": 3}
    lines.append(_draw_line(years, values, style, view.name[lang]))
    if thin := list(drawn.open):  # an open point: not all of the county
        style = {"ls": "none", "marker": "o", "ms": 4, "mfc": "white", "mec": figures.ACCENT, "mew": 1.2}
        label = say("areas.open_point")[lang]
        lines.append(_draw_line(years[thin], values[thin], style | {"zorder": 4}, label))
    return lines


def _draw_by_year(held: Mapping[int, float], times: float, style: dict[str, Any], label: str) -> PanelLine:
    return _draw_line(list(held), np.array(list(held.values())) * times, style, label)


def _draw_line(x: Any, y: Any, style: dict[str, Any], label: str = "") -> PanelLine:
    return PanelLine(x=np.asarray(x, float), y=np.asarray(y, float), style=style, label=label)


def _draw_forecast_bands(fan: ForecastFan | None, h: IndicatorHistory, lang: str) -> list[PanelBand]:
    """Two greys from the last point on."""
    if fan is None:
        return []
    sides = [(fan.lower, fan.upper, WIDE, "forecast_95")]
    if fan.inner_lower is not None and fan.inner_upper is not None:
        sides.append((fan.inner_lower, fan.inner_upper, NARROW, "forecast_80"))
    years = np.concatenate([[h.last_year], fan.years])
    return [
        PanelBand(x=years, low=_run_from_last(h, low), high=_run_from_last(h, high), shade=shade,
                  label=say(f"trends.{word}")[lang])
        for low, high, shade, word in sides
    ]  # fmt: skip


def _run_from_last(h: IndicatorHistory, ahead: Floats) -> Floats:
    return np.concatenate([[h.last], ahead]) * h.unit.times


def _draw_middle_and_targets(
    fan: ForecastFan | None, marks: Sequence[TargetMark], h: IndicatorHistory, lang: str
) -> list[PanelLine]:
    lines = []
    if fan is not None:
        style = {"color": figures.INK, "lw": 1.2, "ls": (0, (3, 2)), "zorder": 3}
        lines.append(_draw_line([h.last_year, *fan.years], _run_from_last(h, fan.middle), style))
    for mark in marks:
        shape = "^" if mark.operator.startswith(">") else "v"
        style = {
            "ls": "none",
            "ms": 6.5,
            "mfc": "white",
            "mec": figures.INK,
            "mew": 1.3,
            "marker": shape,
            "zorder": 5,
        }
        label = say("trends.target_least" if shape == "^" else "trends.target_most")[lang]
        lines.append(_draw_line([mark.year], [mark.value * h.unit.times], style, label))
    return lines


def _format_verdict_label(h: IndicatorHistory, lang: str) -> str:
    way = h.verdict.removeprefix("likely_")
    sign = TURNED.get(h.indicator.better, {}).get(way, SIGNS.get(way, ""))
    return f"{sign} {say(f'sentences.{h.verdict}')[lang]}".strip()


def _format_point(view: View, h: IndicatorHistory, year: int, value: float) -> Text:
    """A point's value with its mark, where the county's units did not all report."""
    return view.cover_of(h.indicator.key, view.area, year).mark(format_without_unit(value, h.unit))


def _tabulate_chart_data(
    view: View,
    drawn: list[_DrawnIndicator],
    fans: Mapping[str, ForecastFan],
    marks: Mapping[str, Sequence[TargetMark]],
) -> Table:
    """Every point of every line, the limits of every fan and every target."""
    heads = [say(f"sentences.head_{name}") for name in ("indicator", "year", "value")]
    heads += [view.above_name, say("trends.peers_mean"), say("trends.forecast_80"), say("trends.forecast_95")]
    areas = {True: (view.area, view.above), False: (view.area,)}
    histories = [one.history for one in drawn]
    return Table(
        key="trend_chart_data",
        title=say("sentences.title_trend_chart", area=view.name, above=view.above_name),
        columns=tuple(TableColumn(label=label) for label in heads),
        rows=tuple(
            row
            for one, h in zip(drawn, histories, strict=True)
            for row in (
                *_fill_chart_rows(view, one),
                *_fill_fan_rows(h, fans.get(h.indicator.key)),
                *_fill_target_rows(h, marks.get(h.indicator.key, ())),
            )
        ),
        sources=tuple(
            view.provenance(h.indicator, RowFilter(areas=areas[bool(h.indicator.den)])) for h in histories
        ),
    )


def _fill_chart_rows(view: View, drawn: _DrawnIndicator) -> list[tuple[Text, ...]]:
    h = drawn.history
    lines = drawn.wider, {year: mean for year, mean in drawn.peers.items() if np.isfinite(mean)}
    own = dict(zip(drawn.years, drawn.values.tolist(), strict=True))
    return [
        (
            h.indicator.name,
            format_year(year),
            _format_point(view, h, year, own[year]) if year in own else DASH,
            *(format_without_unit(line[year], h.unit, h.places) if year in line else DASH for line in lines),
            DASH,
            DASH,
        )
        for year in sorted({*own, *lines[0], *lines[1]})
    ]


def _fill_fan_rows(h: IndicatorHistory, fan: ForecastFan | None) -> list[tuple[Text, ...]]:
    if fan is None:
        return []
    inner = [(fan.inner_lower, fan.inner_upper), (fan.lower, fan.upper)]
    return [
        (
            h.indicator.name,
            format_year(int(year)),
            format_without_unit(float(fan.middle[j]), h.unit),
            DASH,
            DASH,
            *(
                DASH
                if low is None or high is None
                else format_interval(float(low[j]), float(high[j]), h.unit)
                for low, high in inner
            ),
        )
        for j, year in enumerate(fan.years)
    ]


def _fill_target_rows(h: IndicatorHistory, marks: Sequence[TargetMark]) -> list[tuple[Text, ...]]:
    return [
        (
            h.indicator.name,
            format_year(mark.year),
            format_without_unit(mark.value, h.unit),
            DASH,
            DASH,
            say("trends.target"),
            DASH,
        )
        for mark in marks
    ]


def show_trend_chart(view: View) -> ChapterItems:
    """The telling indicators over the years, a panel each: its forecast as a fan, its targets as triangles."""
    found: ForecastPanel | None = view.ahead
    fans = (
        {}
        if found is None
        else {i.key: fan for i in view.indicators if (fan := _build_forecast_fan(view, found, i.key))}
    )
    return draw_trend_panels(view, fans, _collect_target_marks(view))


def _build_forecast_fan(view: View, found: ForecastPanel, indicator: str) -> ForecastFan | None:
    """The forecast of one indicator in the catalogue's unit; None where none can be made."""
    k = found.row.get((indicator, view.area))
    if k is None or found.found.reason[k]:
        return None
    (low, high), (inner_low, inner_high) = (found.found.interval(level) for level in (0.95, 0.8))
    ahead = slice(found.found.drawn_leads)
    return ForecastFan(
        years=np.array(found.found.years[ahead], float), middle=found.found.middle[k, ahead],
        lower=low[k, ahead], upper=high[k, ahead], inner_lower=inner_low[k, ahead],
        inner_upper=inner_high[k, ahead],
    )  # fmt: skip


def _collect_target_marks(view: View) -> dict[str, list[TargetMark]]:
    """Targets that bind the county, by indicator."""
    marks: dict[str, list[TargetMark]] = {}
    for target in read_target_plan(view).targets:
        if target.area in ("", view.area) and not target.counties:
            mark = TargetMark(year=target.year, value=target.value, operator=target.operator)
            marks.setdefault(target.indicator, []).append(mark)
    return marks
