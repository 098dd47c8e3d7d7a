"""Between which groups of units does the inequality lie, and is the gap between two of them real?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Indicator, Unit
from edustats.catalogue import IndicatorGap as CatalogueGap
from edustats.metrics.groups.gap import GroupGap, measure_group_gap
from edustats.metrics.inequality.decomposition import list_inequality_parts
from edustats.metrics.trend.verdicts import DISCOVERY, adjust_p_values
from edustats.present.drawing import figures
from edustats.present.records.chart import Chart, Series, round_values
from edustats.present.records.items import Figure, Finding, Number, Provenance, Table, TableColumn
from edustats.present.records.numbers import (
    MINUS,
    choose_decimals,
    format_amount,
    format_difference,
    format_number,
    format_percent,
    format_without_unit,
    format_year,
    is_printed_zero,
    join_sentence,
    with_sign,
)
from edustats.present.records.numbers import format_interval as span
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.present.view.notes import select_most_telling, settle_weight, write_scope_note
from edustats.present.view.schools import (
    ComparisonField,
    UnitValues,
    describe_comparison_field,
    get_unit_values,
    list_compared_indicators,
    list_measured_years,
    trace_units,
)
from edustats.typing import Floats
from edustats.words import DASH, Text, say

MOST_SAID = 2
PRINTED = 5e-5
"""Half of the last digit that is printed: a part below reads 0."""


def show_decomposition(view: View) -> ChapterItems:
    """How much of the inequality lies between two groups of units, and how much inside them."""
    asked = [
        (get_unit_values(view, indicator, years[-1]), group)
        for group in view.store.about["groups"]
        for indicator in list_compared_indicators(view)
        if (years := list_measured_years(view, indicator))
    ]
    parts = [one for units, group in asked if (one := _split_by_group(units, group, len(asked)))]
    return collect_items(view, [_describe_decomposition(view, one) for one in _select_told(parts)])


@dataclass(frozen=True, kw_only=True, eq=False)
class _SplitByGroup:
    """One indicator's inequality between the sides of a group and within them."""

    units: UnitValues
    group: dict[str, Any]
    sides: npt.NDArray[np.object_]
    """Of the units that are in the group."""
    held: npt.NDArray[np.bool_]
    between: dict[str, Any]
    total: float
    compared: int
    """How many such splits a chapter looks at."""

    @property
    def is_apart(self) -> bool:
        """Whether the part between is above 0 by its own interval."""
        return math.isfinite(self.between["lower"]) and self.between["lower"] >= PRINTED

    @cached_property
    def survives(self) -> bool:
        """Whether it stays above 0 when each of so many comparisons gets its part of the doubt."""
        rows = list_inequality_parts(
            self.units.values[self.held], self.units.weights[self.held], [self.sides], [self.group["key"]],
            confidence=1 - DISCOVERY / self.compared,
        )  # fmt: skip
        return bool(rows[0]["lower"] >= PRINTED)

    @property
    def score(self) -> float:
        """What it tells, at most: who survives is dear to find out, and asked of those alone that might be told."""
        return float(self.between["share"]) + (self.is_apart and self.__dict__.get("survives", True))


def _select_told(parts: list[_SplitByGroup]) -> list[_SplitByGroup]:
    told: list[_SplitByGroup] = []
    while told != (told := select_most_telling(parts, lambda one: one.score, MOST_SAID)):
        _ = [one.survives for one in told if one.is_apart]
    return told


def _find_group_sides(u: UnitValues, group: dict[str, Any]) -> npt.NDArray[np.object_] | None:
    """The side of each unit, nothing for one in neither; None where there are not two sides with figures."""
    sides = u.sides(group["key"])
    held = (sides == "high") | (sides == "low")
    if held.sum() < 3 or len(set(sides[held])) < 2 or not u.values[held].any():
        return None
    return np.where(held, sides, "")


def select_grouped_units(
    u: UnitValues, group: dict[str, Any]
) -> tuple[UnitValues, npt.NDArray[np.object_]] | None:
    """The units that are in a group, and the group of each; None where there are not two with figures."""
    if (sides := _find_group_sides(u, group)) is None:
        return None
    held = sides != ""
    return u.select(held), sides[held]


def _split_by_group(u: UnitValues, group: dict[str, Any], compared: int) -> _SplitByGroup | None:
    if (sides := _find_group_sides(u, group)) is None:
        return None
    held = sides != ""
    rows = list_inequality_parts(u.values[held], u.weights[held], [sides[held]], [group["key"]])
    between, total = rows[0], float(rows[-1]["estimate"])
    if not (total > 0 and math.isfinite(between["share"])):
        return None
    return _SplitByGroup(
        units=u, group=group, sides=sides[held], held=held, between=between, total=total, compared=compared
    )


def _describe_decomposition(view: View, one: _SplitByGroup) -> Finding:
    u, between, place, share = (
        one.units,
        one.between,
        describe_comparison_field(view),
        float(one.between["share"]),
    )
    sentence = say(
        "equity.parts", year=u.year, area=place.area, unit=place.unit_name, indicator=u.indicator.name,
        theil=format_number(one.total, 4, "coefficient"),
        between=format_number(float(between["estimate"]), 4, "coefficient"),
        share=format_percent(share, 1), groups=name_group_sides(one.group),
    )  # fmt: skip
    certainty, verdict = _describe_between_certainty(between, place)
    if verdict == "gap_real" and not one.survives:
        certainty, verdict = say("equity.parts_among_many"), "cannot_tell"
    source = trace_units(view, u, one.group["key"])
    labels = (say("sentences.head_theil"), say("equity.share_between"))
    extra = [say("equity.note_parts", unit=place.unit_name)] if math.isfinite(between["lower"]) else []
    return Finding(
        key=f"parts.{one.group['key']}.{u.indicator.key}",
        sentence=join_sentence(sentence, certainty),
        numbers=(
            Number(label=labels[0], value=one.total, unit="coefficient", decimals=4, source=source),
            Number(label=labels[1], value=share, unit="share", decimals=1, source=source),
        ),
        verdict=verdict,
        note=write_scope_note(view, u.indicator, u.year, extra),
    )


def name_group_sides(group: dict[str, Any]) -> Text:
    """“town” and “village”, as a sentence names the two."""
    high, low = Text(**group["high"]), Text(**group["low"])
    return Text(f"“{high.zh}”和“{low.zh}”", f"{high.en} and {low.en}")


def _describe_between_certainty(between: dict[str, Any], place: ComparisonField) -> tuple[Text, str]:
    if not math.isfinite(between["lower"]):
        heavy = between["note"] == "few_by_weight"
        return say(f"equity.parts_{'heavy' if heavy else 'few'}", unit=place.unit_name), "cannot_tell"
    low, high = (
        format_number(float(between[limit]), 4, "coefficient", "interval_end") for limit in ("lower", "upper")
    )
    if between["lower"] < PRINTED:
        return say("equity.parts_nought", low=low, high=high), "cannot_tell"
    return say("equity.parts_interval", low=low, high=high), "gap_real"


def show_gaps(view: View) -> ChapterItems:
    """Gaps between groups of units, and between groups of people that the sources print apart."""
    groups = view.store.about["groups"]
    compared = [_measure_gaps(view, group) for group in groups]
    compared = _keep_surviving(compared)
    findings = [
        f
        for group, gaps in zip(groups, compared, strict=True)
        for f in _describe_group_gaps(view, group, gaps)
    ]
    findings += [f for g in view.known.gaps.values() if (f := _describe_indicator_gap(view, g))]
    return collect_items(view, findings)


Compared = list[tuple[UnitValues, GroupGap]]


def _measure_gaps(view: View, group: dict[str, Any]) -> Compared:
    latest = _select_latest_units(view, group)
    return [(units, g) for units in latest if (g := _measure_gap(units, group)) is not None]


def _keep_surviving(compared: list[Compared]) -> list[Compared]:
    """Gaps with p-values that allow for every gap of the chapter, the two told being picked among them all."""
    found = [g.p for gaps in compared for _, g in gaps]
    if not found:
        return compared
    adjusted = iter(adjust_p_values(np.array(found).reshape(-1, 1))[:, 0])
    return [[(units, replace(g, p=float(next(adjusted)))) for units, g in gaps] for gaps in compared]


def _is_beyond_chance(g: GroupGap) -> bool:
    return math.isfinite(g.lower) and not g.lower <= 0 <= g.upper and g.p <= DISCOVERY


def _describe_group_gaps(view: View, group: dict[str, Any], measured: Compared) -> list[Finding]:
    """One finding per indicator; a single one where every unit is in the same group."""
    if not measured:
        latest = _select_latest_units(view, group)
        return _report_single_group(view, latest[0], group) if latest else []
    return [
        _describe_group_gap(view, units, group, g)
        for units, g in select_most_telling(measured, _score_gap, MOST_SAID)
    ]


def _select_latest_units(view: View, group: dict[str, Any]) -> list[UnitValues]:
    """The last year's units of every indicator but the one that makes the groups."""
    return [
        get_unit_values(view, indicator, years[-1])
        for indicator in list_compared_indicators(view)
        if indicator.key != group["by"] and (years := list_measured_years(view, indicator))
    ]


def _score_gap(measured: tuple[UnitValues, GroupGap]) -> tuple[bool, float]:
    """Gaps beyond doubt first, then the largest as a part of the mean."""
    units, g = measured
    return _is_beyond_chance(g), abs(g.estimate) / units.mean if units.mean else 0.0


def _report_single_group(view: View, u: UnitValues, group: dict[str, Any]) -> list[Finding]:
    high, low = _flag_group_sides(u, group)
    if not (high.any() or low.any()):
        return []
    side, place = Text(**group["high" if high.any() else "low"]), describe_comparison_field(view)
    said = say("sentences.gap_one_side", year=u.year, area=place.area, unit=place.unit_name, side=side)
    return [Finding(key=f"gap.{group['key']}", sentence=join_sentence(said), verdict="cannot_tell")]


def _flag_group_sides(
    u: UnitValues, group: dict[str, Any]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    sides = u.sides(group["key"])
    return sides == "high", sides == "low"


def _measure_gap(u: UnitValues, group: dict[str, Any]) -> GroupGap | None:
    high, low = _flag_group_sides(u, group)
    if not (high.any() and low.any()):
        return None
    return measure_group_gap(u.values[high], u.weights[high], u.values[low], u.weights[low])


def _describe_group_gap(view: View, u: UnitValues, group: dict[str, Any], measured: GroupGap) -> Finding:
    place = describe_comparison_field(view)
    names = Text(**group["high"]), Text(**group["low"])
    sentence = _write_gap_sentence(place.area, u.year, u.indicator.name, names, measured, u.unit)
    certainty, verdict = _describe_gap_certainty(measured, u.unit, place)
    extra = (
        [say("sentences.note_superpopulation", unit=place.unit_name)] if math.isfinite(measured.lower) else []
    )
    return Finding(
        key=f"gap.{group['key']}.{u.indicator.key}",
        sentence=join_sentence(sentence, certainty),
        verdict=verdict,
        numbers=_list_gap_numbers(view, u, names, measured, group),
        note=write_scope_note(view, u.indicator, u.year, extra),
    )


def _write_gap_sentence(
    area: Text, year: int, indicator: Text, names: tuple[Text, Text], g: GroupGap, unit: Unit
) -> Text:
    places = choose_decimals(unit, g.mean_a, g.mean_b)
    word = (
        "none"
        if is_printed_zero(format_without_unit(g.estimate, unit, places))
        else "higher"
        if g.estimate > 0
        else "lower"
    )
    return say(
        f"sentences.gap_{word}", year=year, area=area, indicator=indicator, a=names[0], b=names[1],
        value_a=format_amount(g.mean_a, unit, places), value_b=format_amount(g.mean_b, unit, places),
        gap=format_difference(g.estimate, unit, places),
    )  # fmt: skip


def _describe_gap_certainty(g: GroupGap, unit: Unit, place: ComparisonField) -> tuple[Text, str]:
    if g.method == "few_by_weight":
        return say("sentences.gap_dominated", unit=place.unit_name), "cannot_tell"
    if not math.isfinite(g.lower):
        return say("sentences.gap_too_few", n_a=g.n_a, n_b=g.n_b), "cannot_tell"
    low, high = sorted((abs(g.lower), abs(g.upper)))
    if g.lower <= 0 <= g.upper:
        return say(
            "sentences.gap_uncertain",
            low=format_without_unit(g.lower, unit, kind="interval_end"),
            high=format_without_unit(g.upper, unit, kind="interval_end"),
        ), "cannot_tell"
    limits = {
        "low": format_without_unit(low, unit, kind="interval_end"),
        "high": format_without_unit(high, unit, kind="interval_end"),
    }
    if not _is_beyond_chance(g):
        return say("sentences.gap_among_many", **limits), "cannot_tell"
    return say("sentences.gap_interval", **limits), "gap_real"


def _list_gap_numbers(
    view: View, u: UnitValues, names: tuple[Text, Text], g: GroupGap, group: dict[str, Any]
) -> tuple[Number, ...]:
    source = trace_units(view, u, group["key"])
    labels = (*names, say("sentences.head_gap"))
    return tuple(
        Number(label=label, value=value, unit=u.unit.key, decimals=u.unit.decimals, source=source)
        for label, value in zip(labels, (g.mean_a, g.mean_b, g.estimate), strict=True)
    )


def _describe_indicator_gap(view: View, pair: CatalogueGap) -> Finding | None:
    """A gap between two indicators of the county itself, such as men and women."""
    frame = _join_indicator_pair(view, pair)
    if frame.empty:
        return None
    unit, last, first = view.known.unit_of(pair.a), frame.iloc[-1], frame.iloc[0]
    indicator = view.known.indicator(pair.a)
    said = _write_gap_sentence(
        view.name, int(last["year"]), pair.what, (pair.a_name, pair.b_name), _make_census_gap(last), unit
    )
    change, verdict = _describe_gap_change(first, last, unit) if len(frame) > 1 else (Text("", ""), "none")
    source = view.provenance(indicator, replace(view.own_rows(), group=f"{pair.a}−{pair.b}"))
    values = (last["a"], last["b"], last["gap"])
    labels = (pair.a_name, pair.b_name, say("sentences.head_gap"))
    return Finding(
        key=f"gap.{pair.key}", sentence=join_sentence(said, change), verdict=verdict,
        numbers=tuple(
            Number(label=label, value=float(v), unit=unit.key, decimals=unit.decimals, source=source)
            for label, v in zip(labels, values, strict=True)
        ),
        note=write_scope_note(view, indicator, int(last["year"]), [say("sentences.note_census")]),
    )  # fmt: skip


def _join_indicator_pair(view: View, pair: CatalogueGap) -> pd.DataFrame:
    a, b = view.comparable_series(pair.a), view.comparable_series(pair.b)
    both = a[["year", "value"]].merge(b[["year", "value"]], on="year", suffixes=("_a", "_b")).dropna()
    both = both.rename(columns={"value_a": "a", "value_b": "b"})
    return both.assign(gap=both["a"] - both["b"]).reset_index(drop=True)


def _make_census_gap(row: pd.Series) -> GroupGap:
    return GroupGap(
        estimate=float(row["gap"]), lower=math.nan, upper=math.nan, se=math.nan, confidence=0.95, n_a=1,
        n_b=1,
        mean_a=float(row["a"]), mean_b=float(row["b"]), method="census", covers="nothing",
    )  # fmt: skip


def _describe_gap_change(first: pd.Series, last: pd.Series, unit: Unit) -> tuple[Text, str]:
    then, now = format_without_unit(abs(first["gap"]), unit), format_without_unit(abs(last["gap"]), unit)
    facts = {"first_year": int(first["year"]), "first": format_difference(first["gap"], unit)}
    if then == now:
        return say("sentences.gap_change_none", **facts), "stable"
    if abs(last["gap"]) > abs(first["gap"]):
        return say("sentences.gap_change_up", **facts), "wider"
    return say("sentences.gap_change_down", **facts), "narrower"


def show_gap_chart(view: View) -> ChapterItems:
    """The gap that is surest and largest, over the years, with its interval where one can be given."""
    groups = view.store.about["groups"]
    compared = _keep_surviving([_measure_gaps(view, group) for group in groups])
    measured = [(units, g, group) for group, gaps in zip(groups, compared, strict=True) for units, g in gaps]
    for units, _, group in sorted(
        measured, key=lambda found: settle_weight(_score_gap(found[:2])), reverse=True
    ):
        if len(points := _measure_gap_by_year(view, units.indicator, group)) > 1:
            return collect_items(view, _draw_group_gap(view, units, group, points))
    return collect_items(view.lang)


def _draw_group_gap(
    view: View, u: UnitValues, group: dict[str, Any], points: list[tuple[int, GroupGap]]
) -> Figure:
    names, indicator = (Text(**group["high"]), Text(**group["low"])), u.indicator
    title = Text(
        f"{indicator.zh}：{names[0].zh}减{names[1].zh}", f"{indicator.en}: {names[0].en} minus {names[1].en}"
    )
    return _build_gap_figure(
        view,
        title,
        points,
        u.unit,
        tuple(trace_units(view, get_unit_values(view, indicator, year), group["key"]) for year, _ in points),
    )


def _measure_gap_by_year(
    view: View, indicator: Indicator, group: dict[str, Any]
) -> list[tuple[int, GroupGap]]:
    pairs = [
        (year, _measure_gap(get_unit_values(view, indicator, year), group))
        for year in list_measured_years(view, indicator)
    ]
    return [(year, g) for year, g in pairs if g is not None]


def _build_gap_figure(
    view: View, title: Text, points: list[tuple[int, GroupGap]], unit: Unit, sources: tuple[Provenance, ...]
) -> Figure:
    years = np.array([year for year, _ in points], float)
    gap_, low, high = (
        np.array([getattr(g, name) for _, g in points]) * unit.times
        for name in ("estimate", "lower", "upper")
    )
    first, last = points[0], points[-1]
    place = describe_comparison_field(view)
    return Figure(
        key="gap_chart",
        title=say("sentences.title_gap_chart", area=place.area, gap=title),
        alt=say(
            f"sentences.alt_gap_chart{'' if np.isfinite(low).any() else '_bare'}",
            first_year=first[0],
            first=_format_signed_gap(first[1].estimate, unit),
            last_year=last[0],
            last=_format_signed_gap(last[1].estimate, unit),
        ),
        data=Table(
            key="gap_chart_data",
            title=title,
            columns=tuple(TableColumn(label=say(f"sentences.head_{h}")) for h in ("year", "gap", "interval")),
            rows=tuple(
                (format_year(y), format_without_unit(g.estimate, unit), _format_gap_interval(g, unit))
                for y, g in points
            ),
            sources=sources,
        ),
        charts=(_build_line_chart(title, unit, years, (gap_, low, high)),),
        png=figures.draw_gap_over_time(years, gap_, low, high, ylabel=_name_gap_axis(unit, view.lang)),
    )


def _build_line_chart(title: Text, unit: Unit, years: Floats, drawn: tuple[Floats, Floats, Floats]) -> Chart:
    gap_, low, high = (round_values(part, unit.decimals) for part in drawn)
    return Chart(
        kind="line",
        categories=tuple(f"{year:.0f}" for year in years),
        series=(Series(name=title, role="own", values=gap_, low=low, high=high),),
        unit=say("sentences.points_axis") if unit.change == "points" else unit.name,
        decimals=unit.decimals,
    )


def _format_signed_gap(gap: float, unit: Unit) -> Text:
    return with_sign(format_difference(gap, unit), MINUS if gap < 0 else "+")


def _format_gap_interval(g: GroupGap, unit: Unit) -> Text:
    return span(g.lower, g.upper, unit) if math.isfinite(g.lower) else DASH


def _name_gap_axis(unit: Unit, lang: str) -> str:
    return say("sentences.points_axis")[lang] if unit.change == "points" else unit.name[lang]
