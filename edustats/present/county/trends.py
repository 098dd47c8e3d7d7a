"""What changed in a county over the years, and is it a trend?"""

from __future__ import annotations

import math
from typing import Any

from edustats.analysis.prices import is_nominal_money
from edustats.catalogue import select_spokespersons
from edustats.metrics.trend.change import cagr
from edustats.metrics.trend.tiers import FIRM as SURE
from edustats.metrics.trend.tiers import LIKELY
from edustats.present.county.profile import MOST_ROWS, format_signed_difference, make_number
from edustats.present.county.series import DIRECTIONS, FIRM, JUDGED, IndicatorHistory, build_history
from edustats.present.records.items import Finding, Number, Table, TableColumn
from edustats.present.records.numbers import (
    change_matches_ends,
    format_difference,
    format_percent,
    format_year,
    is_printed_zero,
    join_sentence,
    keep_sign,
    with_sign,
)
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.area import AreaView
from edustats.present.view.county import View
from edustats.present.view.notes import select_most_telling, write_scope_note
from edustats.words import CLAUSES, DASH, NOTHING, Text, concatenate_texts, join_texts, say

MANY = 24
MOST_NAMED = 8
OVERSHOOT, HALF_A_POINT = 1.25, 0.005


def show_trends(view: View) -> ChapterItems:
    """A finding for every indicator: what changed, and whether it is a trend; then all in one table."""
    histories = [build_history(view, indicator) for indicator in view.indicators]
    held = [h for h in histories if h.years]
    findings = [describe_trend(view, h) for h in _select_speaking(histories) if len(histories) <= MANY]
    if len(histories) > MANY:  # the table holds them all; sentences are for what can be said
        moving = select_most_telling(
            [h for h in _select_speaking(held) if h.verdict in FIRM], score_movement, most=MANY
        )
        findings = [describe_trend(view, h) for h in moving]
    return collect_items(
        view, _summarize_verdicts(held), findings, _tabulate_trends(view, held) if held else []
    )


def _select_speaking(histories: list[IndicatorHistory]) -> list[IndicatorHistory]:
    """One history of each family: a fact told twice would count twice."""
    speaking = {i.key for i in select_spokespersons(h.indicator for h in histories)}
    return [h for h in histories if h.indicator.key in speaking]


def score_movement(h: IndicatorHistory) -> tuple[int, float]:
    """The firm first, then the likely, then what has changed most, as a part of where it began."""
    moved = abs(h.change.points) / abs(h.first) if h.first else 0.0
    return (h.verdict in DIRECTIONS) + (h.verdict in FIRM), moved


def _summarize_verdicts(histories: list[IndicatorHistory]) -> list[Finding]:
    """First of all: which indicators are up or down, how sure that is, and for how many it cannot be told."""
    several = _select_speaking([h for h in histories if len(h.years) > 1])
    judged = [h for h in several if h.verdict != "change_only"]
    if not judged:
        return [_report_too_few_years(several)] if several else []
    parts = [_list_by_verdict(judged, verdict) for verdict in JUDGED]
    told = [part for part in parts if part.zh]
    unsure = sum(h.verdict == "cannot_tell" for h in judged)
    if not told:
        said = join_sentence(say("sentences.verdict_none", n=len(judged)))
        return [Finding(key="verdicts", sentence=said, note=_note_tiers(judged))]
    told += [say("sentences.verdict_rest", count=unsure)] if unsure else []
    return [
        Finding(
            key="verdicts",
            sentence=join_sentence(join_texts(told, CLAUSES)),
            note=_note_tiers(judged),
        )
    ]


def _note_tiers(judged: list[IndicatorHistory]) -> Text:
    """What the words stand for, and what is done about so many indicators: told once on the page."""
    return say("trends.family", n=len(judged), firm=format_percent(SURE, 0), likely=format_percent(LIKELY, 0))


def _report_too_few_years(histories: list[IndicatorHistory]) -> Finding:
    years = [str(y) for y in sorted({y for h in histories for y in h.years})]
    listed = Text("、".join(f"{y}年" for y in years), ", ".join(years))
    said = say("sentences.few_years", years=listed, n=len(years))
    return Finding(key="verdicts", sentence=join_sentence(said), verdict="change_only")


def _list_by_verdict(histories: list[IndicatorHistory], verdict: str) -> Text:
    named = [h.indicator for h in histories if h.verdict == verdict]
    if not named:
        return Text("", "")
    more = Text("等", " and others") if len(named) > MOST_NAMED else Text("", "")
    few = named[:MOST_NAMED]
    names = Text("、".join(i.zh for i in few) + more.zh, ", ".join(i.en for i in few) + more.en)
    return say("sentences.verdict_list", verdict=say(f"sentences.{verdict}"), names=names, count=len(named))


def describe_trend(view: AreaView, h: IndicatorHistory) -> Finding:
    """The sentence of one indicator's history."""
    if not h.years:
        return _report_no_value(view, h)
    parts = [_describe_change(view, h)]
    if len(h.years) > 1:
        parts += [
            _describe_average_growth(h),
            _describe_verdict(h),
            _describe_relative(h),
            _describe_last_step(h),
            _describe_jump(h),
        ]
        parts += [say("sentences.rounding")] if _has_rounding_gap(h) else []
    return Finding(
        key=f"trend.{h.indicator.key}",
        sentence=join_sentence(*parts),
        numbers=_list_trend_numbers(view, h),
        verdict=h.verdict,
        note=write_scope_note(
            view,
            h.indicator,
            h.last_year,
            [*_note_pooled_counties(h), *_note_band(h), *_note_prices(view, h)],
        ),
    )


def _has_rounding_gap(h: IndicatorHistory) -> bool:
    """Whether the printed ends do not differ by the printed change."""
    return h.unit.change != "percent" and not change_matches_ends(h.first, h.last, h.unit, h.places)


def _report_no_value(view: AreaView, h: IndicatorHistory) -> Finding:
    kinds = view.trend_series(h.indicator.key)["status"].astype(str).unique()
    status = say(f"status.{kinds[0] if len(kinds) else 'not_collected'}")
    sentence = say("sentences.no_value", area=view.name, indicator=h.indicator.name, status=status)
    return Finding(key=f"trend.{h.indicator.key}", sentence=join_sentence(sentence), verdict="cannot_tell")


def _describe_change(view: AreaView, h: IndicatorHistory) -> Text:
    facts: dict[str, Any] = {
        "area": view.name_over_years(h.indicator.key),
        "indicator": h.indicator.name,
        "first_year": h.first_year,
        "last_year": h.last_year,
        "first": view.format_over_years(h.first, h.indicator.key, h.first_year, h.places),
        "last": view.format_over_years(h.last, h.indicator.key, h.last_year, h.places),
    }
    if len(h.years) == 1:
        return say("sentences.level_only", **facts)
    size = _format_change_size(h)
    if is_printed_zero(size):
        alike = facts["first"]["zh"] == facts["last"]["zh"]
        return say("sentences.flat" if alike else "sentences.nearly_flat", **facts)
    kind = "amount" if h.unit.change == "percent" else "level"
    way = "up" if h.change.points > 0 else "down"
    return say(f"sentences.{kind}_{way}", **facts, change=size)


def _format_change_size(h: IndicatorHistory) -> Text:
    if h.unit.change == "percent":
        return keep_sign(format_percent(abs(h.change.relative), kind="rate"), h.change.relative)
    return format_difference(h.change.points, h.unit, h.places)


def _describe_average_growth(h: IndicatorHistory) -> Text:
    """Average yearly growth of an amount, over two yearly steps or more from a positive base."""
    n = h.last_year - h.first_year
    if h.unit.change != "percent" or n < 2 or h.first <= 0 or h.last <= 0:
        return Text("", "")
    rate = cagr(h.first, h.last, n)
    shown = keep_sign(format_percent(abs(rate), kind="rate"), rate)
    if is_printed_zero(shown):
        return Text("", "")
    word = "cagr" if rate > 0 else "cagr_down"
    return say(f"sentences.{word}", rate=shown, first_year=h.first_year, n=n)


def _describe_verdict(h: IndicatorHistory) -> Text:
    """How sure it is that the level is another one than at first, how it moved, and whether it turned."""
    if h.verdict == "change_only":
        return NOTHING
    n, word = len(h.years), say(f"sentences.{h.verdict}")
    if h.reason == "constant" and h.verdict == "same":
        return say("trends.constant", n=n, verdict=word)
    if h.verdict == "cannot_tell":
        said = [say("sentences.trend_cannot_tell", n=n)]
    else:
        first, last = h.base
        key = "against_base" if last > first else "against_year"
        against = say(f"trends.{key}", first=first, last=last, verdict=word)
        said = [against, _name_prices(h), _describe_slope(h)]
    said += [say("trends.short", n=n)] if h.reason == "short" and h.verdict != "cannot_tell" else []
    said += [say(f"trends.{h.turn}", year=h.turn_year)] if h.turn else []
    return concatenate_texts(*said)


def _name_prices(h: IndicatorHistory) -> Text:
    """In which prices an amount of money is judged, beside figures printed in those of their own years."""
    return say("trends.in_prices", year=h.price_year) if h.price_year else NOTHING


def _describe_slope(h: IndicatorHistory) -> Text:
    """The mean yearly change, of a direction only and where the curve goes that way."""
    if not _has_slope(h):
        return NOTHING
    way = "up" if h.rate.per_year > 0 else "down"
    said = say(f"trends.slope_{way}", slope=h.rate.said(h.unit))
    return concatenate_texts(said, say("trends.steady")) if h.steady else said


def _has_slope(h: IndicatorHistory) -> bool:
    """Whether a yearly change may stand beside the change: a turn has none, nor a level that cannot be told."""
    agrees = h.rate.per_year * h.change.points > 0 and not _overshoots(h)
    return h.verdict in DIRECTIONS and agrees and not h.turn and not is_printed_zero(h.rate.said(h.unit))


def _overshoots(h: IndicatorHistory) -> bool:
    """Whether the curve's change exceeds the printed one by a quarter and half a point: the two would not fit."""
    if h.rate.relative:
        return False
    along = abs(h.rate.per_year) * (h.last_year - h.first_year)
    slack = HALF_A_POINT if h.unit.key == "share" else 0.0
    return along > OVERSHOOT * abs(h.change.points) + slack


def _describe_relative(h: IndicatorHistory) -> Text:
    """The same against what the counties of the area did together, where that is known."""
    return say(f"trends.relative_{h.relative}") if h.relative in JUDGED else NOTHING


def _describe_last_step(h: IndicatorHistory) -> Text:
    """The last year's step, which is no trend, where there are years before it to compare with."""
    if len(h.years) < 3 or not math.isfinite(h.last_step):
        return Text("", "")
    before = h.last - h.last_step
    relative = h.unit.change == "percent" and before > 0
    size = (
        keep_sign(format_percent(abs(h.last_step) / before, kind="rate"), h.last_step / before)
        if relative
        else format_difference(h.last_step, h.unit, h.places)
    )
    if is_printed_zero(size):
        return say("trends.last_same", year=h.last_year)
    said = say(f"trends.last_{'up' if h.last_step > 0 else 'down'}", year=h.last_year, size=size)
    more = say("trends.last_unusual") if h.last_unusual else Text("", "")
    return concatenate_texts(said, more)


def _describe_jump(h: IndicatorHistory) -> Text:
    if not h.jump_year:
        return Text("", "")
    way = "up" if h.jump_size > 0 else "down"
    return say(f"trends.jump_{way}", year=h.jump_year, size=format_difference(h.jump_size, h.unit, h.places))


def _note_pooled_counties(h: IndicatorHistory) -> list[Text]:
    """With how many counties the trend was estimated."""
    return [say("trends.together", n=h.together)] if h.together and h.verdict != "change_only" else []


def _note_band(h: IndicatorHistory) -> list[Text]:
    """The difference that matters, where it is declared: below it a level is about the same."""
    band = h.indicator.band
    if band is None or h.verdict == "change_only":
        return []
    size = format_difference(band, h.unit) if h.unit.key == "share" else format_percent(band, kind="rate")
    return [say("trends.band", size=size)]


def _note_prices(view: AreaView, h: IndicatorHistory) -> list[Text]:
    """How prices were taken out of an amount of money, or that they were not."""
    if not is_nominal_money(h.indicator) or h.verdict == "change_only":
        return []
    if h.price_year:
        return [say("trends.prices", name=view.prices.name, year=h.price_year)]
    missing = [f"{year}" for year in view.prices.missing(view.read_with.years)]
    return (
        [say("trends.prices_unknown", years=Text("、".join(missing), ", ".join(missing)))] if missing else []
    )


def _list_trend_numbers(view: AreaView, h: IndicatorHistory) -> tuple[Number, ...]:
    source = view.provenance(h.indicator, view.own_rows(h.first_year, h.last_year))
    numbers = [
        make_number(say("sentences.head_first", year=format_year(h.first_year)), h.first, h.unit, source),
        make_number(say("sentences.head_first", year=format_year(h.last_year)), h.last, h.unit, source),
        make_number(say("sentences.head_change"), h.change.points, h.unit, source),
    ]
    if _has_slope(h):
        unit = view.known.units["share"] if h.rate.relative else h.unit
        numbers.append(make_number(say("sentences.head_slope"), h.rate.per_year, unit, source))
    return tuple(numbers)


def _tabulate_trends(view: AreaView, histories: list[IndicatorHistory]) -> Table:
    """All histories in rows; no columns for slopes and neighbours where there are too few years for any."""
    heads = ["indicator", "year", "value", "change", "slope", "relative", "verdict"]
    rows = [_fill_trend_row(view, h) for h in histories]
    if all(h.verdict == "change_only" for h in histories):
        heads, rows = [*heads[:4], heads[-1]], [(*row[:4], row[-1]) for row in rows]
    return Table(
        key="trends",
        title=say("sentences.title_trends", area=view.name),
        columns=tuple(TableColumn(label=say(f"sentences.head_{name}")) for name in heads),
        rows=tuple(rows),
        sources=tuple(view.provenance(h.indicator, view.own_rows()) for h in histories),
        brief=len(rows) <= MOST_ROWS,
    )


def _fill_trend_row(view: AreaView, h: IndicatorHistory) -> tuple[Text | str, ...]:
    first = view.format_over_years(h.first, h.indicator.key, h.first_year)
    last = view.format_over_years(h.last, h.indicator.key, h.last_year)
    single = len(h.years) == 1
    values = last if single else concatenate_texts(first, " → ", last)
    return (
        h.indicator.name,
        format_year(h.last_year) if single else f"{h.first_year}–{h.last_year}",
        values,
        DASH if single else _format_change_cell(h),
        _format_slope_cell(h),
        say(f"trends.cell_{h.relative}"),
        say("sentences.one_year_only") if single else _format_verdict_cell(h),
    )


def _format_verdict_cell(h: IndicatorHistory) -> Text:
    """The verdict; of money that prices moved and no slope says so, with the prices it is judged in."""
    said = say(f"sentences.{h.verdict}")
    real = h.price_year and h.verdict not in ("cannot_tell", "change_only") and not _has_slope(h)
    return concatenate_texts(said, say("trends.cell_real")) if real else said


def _format_slope_cell(h: IndicatorHistory) -> Text:
    if not _has_slope(h):
        return DASH
    slope = h.rate.signed(h.unit)
    return concatenate_texts(slope, say("trends.cell_real")) if h.price_year else slope


def _format_change_cell(h: IndicatorHistory) -> Text:
    if h.unit.change != "percent":
        return format_signed_difference(h.change.points, h.unit)
    size = format_percent(h.change.relative, kind="rate")
    return size if is_printed_zero(size) else with_sign(size)
