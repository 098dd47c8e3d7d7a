"""What changed in a county, is it a trend, and how does it stand against the area above?"""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

import pandas as pd

from edustats.catalogue import Indicator, Unit
from edustats.metrics.change import Change, cagr, change
from edustats.metrics.trend import Trend, trend
from edustats.present import figures
from edustats.present.chart import Chart, Series, values
from edustats.present.finding import Column, Figure, Finding, Number, Sheet, Table, sheet
from edustats.present.scope import note, telling
from edustats.present.sentences import (
    adds_up,
    amount,
    bare,
    difference,
    digits,
    interval,
    is_nil,
    joined,
    limit,
    places_for,
)
from edustats.present.view import View
from edustats.words import Text, say

DIRECTIONS = ("improving", "worsening", "rising", "falling")
FEW_YEARS = 3
MANY = 24
PANELS = 12
MOST_NAMED = 8
MOST_ROWS = 30
"""A longer table stays on the page and out of the brief."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One indicator of the county: its series, its change and its trend."""

    indicator: Indicator
    unit: Unit
    series: pd.DataFrame
    known: pd.DataFrame
    """The years that hold a value and belong to the present definition."""
    trend: Trend

    @property
    def first_year(self) -> int:
        return int(self.known["year"].iloc[0])

    @property
    def last_year(self) -> int:
        return int(self.known["year"].iloc[-1])

    @property
    def first(self) -> float:
        return float(self.known["value"].iloc[0])

    @property
    def last(self) -> float:
        return float(self.known["value"].iloc[-1])

    @property
    def change(self) -> Change:
        return change(self.first, self.last)

    @property
    def places(self) -> int:
        """Decimals shared by both ends and their difference."""
        return places_for(self.unit, self.first, self.last)

    @property
    def verdict(self) -> str:
        """The trend's verdict; a change between two or three years is never called a trend."""
        return "change_only" if len(self.known) <= FEW_YEARS else self.trend.verdict


def history(view: View, indicator: Indicator) -> History:
    """The series of one indicator with its trend, breaks excluded."""
    series = view.series(indicator.key)
    breaks = tuple(int(year) for year in series.loc[series["status"] == "break", "year"])
    found = trend(
        series["year"].to_numpy(float),
        series["value"].to_numpy(float),
        better=indicator.better,
        breaks=breaks,
    )
    known = series[series["value"].notna() & (series["year"] >= found.first_year)]
    return History(
        indicator=indicator, unit=view.known.unit_of(indicator.key), series=series, known=known, trend=found
    )  # fmt: skip


def profile(view: View) -> Sheet:
    """The county in figures: latest values beside the area above, with the two that stand out most."""
    rows = [row for indicator in view.indicators if (row := _standing(view, indicator))]
    title = say(
        "sentences.title_profile", area=view.name, year=max((r.year for r in rows), default=view.last_year)
    )
    table = Table(
        key="profile",
        title=title,
        columns=(
            Column(label=say("sentences.head_indicator")),
            Column(label=say("sentences.head_year")),
            Column(label=view.name),
            Column(label=view.above_name),
            Column(label=say("sentences.head_difference")),
        ),
        rows=tuple(row.cells() for row in rows),
        sources=tuple(view.provenance(r.indicator, f"area={view.area} year={r.year}") for r in rows),
        brief=len(rows) <= MOST_ROWS,
    )
    told = telling([r for r in rows if r.indicator.compare], lambda row: _standing_apart(view, row))
    return sheet(view.lang, [_comparison(view, row) for row in told], table)


def _standing_apart(view: View, row: _Standing) -> float:
    """How far the county stands from the area above, in standard deviations of the area's counties."""
    rows = view.compare
    hit = (rows["level"] == "county") & (rows["indicator"] == row.indicator.key) & (rows["year"] == row.year)
    spread = float(rows.loc[hit, "value"].std())
    return abs(row.gap) / spread if spread > 0 and math.isfinite(row.gap) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """Latest value of the county and of the area above."""

    indicator: Indicator
    unit: Unit
    year: int
    value: float
    reference: float

    @property
    def gap(self) -> float:
        return self.value - self.reference

    def cells(self) -> tuple[Text | str, ...]:
        total = not self.indicator.den
        return (
            self.indicator.name,
            str(self.year),
            amount(self.value, self.unit),
            amount(self.reference, self.unit),
            Text("—", "—") if total else _signed(self.gap, self.unit),
        )


def _signed(gap: float, unit: Unit) -> Text:
    sign = "+" if gap > 0 else "−" if gap < 0 else ""
    size = difference(gap, unit)
    return Text(sign + size.zh, sign + size.en.replace("percentage points", "pp"))


def _standing(view: View, indicator: Indicator) -> _Standing | None:
    own = view.series(indicator.key).dropna(subset="value")
    if own.empty:
        return None
    year = int(own["year"].iloc[-1])
    wider = view.series(indicator.key, view.above)
    reference = wider.loc[wider["year"] == year, "value"]
    return _Standing(
        indicator=indicator,
        unit=view.known.unit_of(indicator.key),
        year=year,
        value=float(own["value"].iloc[-1]),
        reference=float(reference.iloc[0]) if len(reference) else math.nan,
    )


def _comparison(view: View, row: _Standing) -> Finding:
    places = places_for(row.unit, row.value, row.reference)
    size = bare(row.gap, row.unit, places)
    word = "same" if is_nil(size) else "above" if row.gap > 0 else "below"
    sentence = say(
        f"sentences.compare_{word}",
        year=row.year,
        area=view.name,
        indicator=row.indicator.name,
        value=amount(row.value, row.unit, places),
        above=view.above_name,
        reference=amount(row.reference, row.unit, places),
        gap=difference(row.gap, row.unit, places),
    )
    source = view.provenance(row.indicator, f"area={view.area},{view.above} year={row.year}")
    labels = (view.name, view.above_name, say("sentences.head_difference"))
    values = (row.value, row.reference, row.gap)
    return Finding(
        key=f"standing.{row.indicator.key}",
        sentence=joined(sentence),
        numbers=tuple(_number(label, v, row.unit, source) for label, v in zip(labels, values, strict=True)),
        note=note(view, row.indicator, row.year),
    )


def trends(view: View) -> Sheet:
    """A finding for every indicator: what changed, and whether it is a trend; then all in one table."""
    histories = [history(view, indicator) for indicator in view.indicators]
    held = [h for h in histories if not h.known.empty]
    findings = [trend_finding(view, h) for h in histories if len(histories) <= MANY]
    if len(histories) > MANY:  # the table holds them all; sentences are for what can be said
        moving = telling([h for h in held if h.verdict in DIRECTIONS], _movement, most=MANY)
        findings = [trend_finding(view, h) for h in moving]
    return sheet(view.lang, _verdicts(held), findings, _trend_table(view, held) if held else [])


def _verdicts(histories: list[History]) -> list[Finding]:
    """First of all: which indicators have a trend, and for how many it cannot be told."""
    several = [h for h in histories if len(h.known) > 1]
    judged = [h for h in several if h.verdict != "change_only"]
    if not judged:
        return [_few_years(several)] if several else []
    parts = [_verdict_list(judged, verdict) for verdict in (*DIRECTIONS, "stable")]
    told = [part for part in parts if part.zh]
    unsure = sum(h.verdict == "cannot_tell" for h in judged)
    if not told:
        return [Finding(key="verdicts", sentence=joined(say("sentences.verdict_none", n=len(judged))))]
    told += [say("sentences.verdict_rest", count=unsure)] if unsure else []
    return [
        Finding(
            key="verdicts",
            sentence=joined(Text("；".join(t.zh for t in told), "; ".join(t.en for t in told))),
        )
    ]


def _few_years(histories: list[History]) -> Finding:
    years = [str(y) for y in sorted({y for h in histories for y in h.known["year"]})]
    listed = Text("、".join(f"{y}年" for y in years), ", ".join(years))
    said = say("sentences.few_years", years=listed, n=len(years))
    return Finding(key="verdicts", sentence=joined(said), verdict="change_only")


def _verdict_list(histories: list[History], verdict: str) -> Text:
    named = [h.indicator for h in histories if h.verdict == verdict]
    if not named:
        return Text("", "")
    more = Text("等", " and others") if len(named) > MOST_NAMED else Text("", "")
    few = named[:MOST_NAMED]
    names = Text("、".join(i.zh for i in few) + more.zh, ", ".join(i.en for i in few) + more.en)
    return say("sentences.verdict_list", verdict=say(f"sentences.{verdict}"), names=names, count=len(named))


def trend_finding(view: View, h: History) -> Finding:
    """The sentence of one indicator's history."""
    if h.known.empty:
        return _nothing(view, h)
    parts = [_changed(view, h)]
    if len(h.known) > 1:
        parts += [_averaged(h), _judged(h)]
        parts += [say("sentences.rounding")] if _loose(h) else []
    return Finding(
        key=f"trend.{h.indicator.key}",
        sentence=joined(*parts),
        numbers=_numbers(view, h),
        verdict=h.verdict,
        note=note(view, h.indicator, h.last_year),
    )


def _loose(h: History) -> bool:
    """Whether the printed ends do not differ by the printed change."""
    return h.unit.change != "percent" and not adds_up(h.first, h.last, h.unit, h.places)


def _nothing(view: View, h: History) -> Finding:
    kinds = h.series["status"].astype(str).unique()
    status = say(f"status.{kinds[0] if len(kinds) else 'not_collected'}")
    sentence = say("sentences.no_value", area=view.name, indicator=h.indicator.name, status=status)
    return Finding(key=f"trend.{h.indicator.key}", sentence=joined(sentence), verdict="cannot_tell")


def _changed(view: View, h: History) -> Text:
    facts = {
        "area": view.name,
        "indicator": h.indicator.name,
        "first_year": h.first_year,
        "last_year": h.last_year,
        "first": amount(h.first, h.unit, h.places),
        "last": amount(h.last, h.unit, h.places),
    }
    if len(h.known) == 1:
        return say("sentences.level_only", **facts)
    size = _size(h)
    if is_nil(size):
        return say("sentences.flat", **facts)
    kind = "amount" if h.unit.change == "percent" else "level"
    way = "up" if h.change.points > 0 else "down"
    return say(f"sentences.{kind}_{way}", **facts, change=size)


def _size(h: History) -> Text:
    if h.unit.change == "percent":
        relative = abs(h.change.relative) * 100
        return Text(f"{digits(relative, 1, 'zh')}%", f"{digits(relative, 1, 'en', grouped=True)}%")
    return difference(h.change.points, h.unit, h.places)


def _averaged(h: History) -> Text:
    """Average yearly growth of an amount, over two yearly steps or more from a positive base."""
    n = h.last_year - h.first_year
    if h.unit.change != "percent" or n < 2 or h.first <= 0 or h.last <= 0:
        return Text("", "")
    rate = cagr(h.first, h.last, n)
    shown = Text(digits(abs(rate) * 100, 1, "zh"), digits(abs(rate) * 100, 1, "en"))
    if is_nil(shown):
        return Text("", "")
    word = "cagr" if rate > 0 else "cagr_down"
    return say(f"sentences.{word}", rate=shown, first_year=h.first_year, n=n)


def _judged(h: History) -> Text:
    n = len(h.known)
    if h.verdict == "change_only":
        return Text("", "")
    if h.verdict not in DIRECTIONS:
        return say(f"sentences.trend_{h.verdict}", n=n)
    slope = h.trend.slope
    low, high = sorted((abs(slope.lower), abs(slope.upper)))
    return say(
        f"sentences.trend_{'up' if slope.per_year > 0 else 'down'}",
        n=n,
        slope=difference(slope.per_year, h.unit, _rate_places(h.unit)),
        low=limit(low, h.unit, slope.per_year, _rate_places(h.unit)),
        high=limit(high, h.unit, slope.per_year, _rate_places(h.unit)),
        verdict=say(f"sentences.{h.verdict}"),
    )


def _rate(value: float, unit: Unit) -> Text:
    """A yearly rate carries one decimal more than its level."""
    return bare(value, unit, _rate_places(unit))


def _rate_places(unit: Unit) -> int:
    return unit.decimals + 1 if unit.decimals else 0


def _numbers(view: View, h: History) -> tuple[Number, ...]:
    source = view.provenance(h.indicator, f"area={view.area} year={h.first_year},{h.last_year}")
    numbers = [
        _number(say("sentences.head_first", year=h.first_year), h.first, h.unit, source),
        _number(say("sentences.head_first", year=h.last_year), h.last, h.unit, source),
        _number(say("sentences.head_change"), h.change.points, h.unit, source),
    ]
    if h.verdict in DIRECTIONS:
        numbers.append(_number(say("sentences.head_slope"), h.trend.slope.per_year, h.unit, source))
    return tuple(numbers)


def _number(label: Text, value: float, unit: Unit, source: object) -> Number:
    return Number(label=label, value=value, unit=unit.key, decimals=unit.decimals, source=source)  # type: ignore[arg-type]


def _trend_table(view: View, histories: list[History]) -> Table:
    """All histories in rows; no column for slopes where there are too few years for any."""
    heads = ["indicator", "year", "value", "change", "slope", "verdict"]
    rows = [_trend_row(h) for h in histories]
    if all(h.verdict == "change_only" for h in histories):
        slope = heads.index("slope")
        heads, rows = [*heads[:slope], *heads[slope + 1 :]], [(*r[:slope], *r[slope + 1 :]) for r in rows]
    return Table(
        key="trends",
        title=say("sentences.title_trends", area=view.name),
        columns=tuple(Column(label=say(f"sentences.head_{name}")) for name in heads),
        rows=tuple(rows),
        sources=tuple(view.provenance(h.indicator, f"area={view.area}") for h in histories),
        brief=len(rows) <= MOST_ROWS,
    )


def _trend_row(h: History) -> tuple[Text | str, ...]:
    first, last = amount(h.first, h.unit), amount(h.last, h.unit)
    single = len(h.known) == 1
    values = last if single else Text(f"{first.zh} → {last.zh}", f"{first.en} → {last.en}")
    return (
        h.indicator.name,
        str(h.last_year) if single else f"{h.first_year}–{h.last_year}",
        values,
        Text("—", "—") if single else _change_cell(h),
        _slope_cell(h),
        say(f"sentences.{h.verdict}"),
    )


def _change_cell(h: History) -> Text:
    if h.unit.change != "percent":
        return _signed(h.change.points, h.unit)
    percent = digits(h.change.relative * 100, 1, "zh")
    signed = percent if h.change.relative < 0 else f"+{percent}"
    return Text(f"{signed}%", f"{signed}%")


def _slope_cell(h: History) -> Text:
    slope = h.trend.slope
    if h.verdict == "change_only" or not math.isfinite(slope.per_year):
        return Text("—", "—")
    middle = _rate_signed(slope.per_year, h.unit)
    if not (math.isfinite(slope.lower) and math.isfinite(slope.upper)):
        return middle
    span = interval(slope.lower, slope.upper, h.unit, _rate_places(h.unit))
    return Text(f"{middle.zh}（{span.zh}）", f"{middle.en} ({span.en})")


def _rate_signed(value: float, unit: Unit) -> Text:
    size = _rate(abs(value), unit)
    sign = "−" if value < 0 else "+"
    return Text(sign + size.zh, sign + size.en)


def trend_chart(view: View) -> Sheet:
    """Every indicator over the years, the county beside the area above, a panel each."""
    histories = [h for i in view.indicators if len((h := history(view, i)).known)]
    drawn = telling([h for h in histories if h.indicator.den] or histories, _movement, most=PANELS)
    panels = [_panel(view, h) for h in drawn]
    if not panels:
        return sheet(view.lang)
    png = figures.small_multiples(panels, view.name[view.lang], view.above_name[view.lang])
    names = {"area": view.name, "above": view.above_name}
    figure = Figure(
        key="trend_chart",
        title=say("sentences.title_trend_chart", **names),
        alt=say("sentences.alt_trend_chart", n=len(panels), **names),
        data=_chart_data(view, drawn),
        charts=tuple(_chart(view, h) for h in drawn),
        png=png,
    )
    return sheet(view.lang, figure)


def _chart(view: View, h: History) -> Chart:
    """One panel as Word draws it: the years the county has a value in, and the area above in the same."""
    own = h.series.dropna(subset="value")
    wider = view.series(h.indicator.key, view.above).set_index("year")["value"].reindex(own["year"])
    name, unit, places = h.indicator.name, h.unit.name, h.places
    lines = ((view.name, "own", own["value"]), (view.above_name, "reference", wider))
    return Chart(
        kind="line",
        title=Text(f"{name.zh}（{unit.zh}）", f"{name.en} ({unit.en})"),
        categories=tuple(str(year) for year in own["year"]),
        series=tuple(
            Series(name=n, role=role, values=values(held * h.unit.times, places)) for n, role, held in lines
        ),
        unit=unit,
        decimals=places,
    )


def _movement(h: History) -> float:
    """Trends first, then what has changed most, as a part of where it began."""
    moved = abs(h.change.points) / abs(h.first) if h.first else 0.0
    return 1e9 * (h.verdict in DIRECTIONS) + moved


def _panel(view: View, h: History) -> figures.Line:
    wider = view.series(h.indicator.key, view.above).dropna(subset="value")
    own = h.series.dropna(subset="value")
    title, unit = h.indicator.name[view.lang], h.unit.name[view.lang]
    return figures.Line(
        title=_wrapped(f"{title}（{unit}）" if view.lang == "zh" else f"{title} ({unit})", view.lang),
        years=own["year"].to_numpy(float),
        values=own["value"].to_numpy(float) * h.unit.times,
        reference_years=wider["year"].to_numpy(float),
        reference=wider["value"].to_numpy(float) * h.unit.times,
    )


def _wrapped(title: str, lang: str) -> str:
    """A panel title in lines short enough for a third of the page."""
    return "\n".join(textwrap.wrap(title, 14 if lang == "zh" else 26))


def _chart_data(view: View, histories: list[History]) -> Table:
    rows = tuple(
        (h.indicator.name, str(year), bare(value, h.unit))
        for h in histories
        for year, value in zip(h.known["year"], h.known["value"], strict=True)
    )
    return Table(
        key="trend_chart_data",
        title=say("sentences.title_trend_chart", area=view.name, above=view.above_name),
        columns=tuple(Column(label=say(f"sentences.head_{name}")) for name in ("indicator", "year", "value")),
        rows=rows,
        sources=tuple(view.provenance(h.indicator, f"area={view.area}") for h in histories),
    )
