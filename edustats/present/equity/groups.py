"""Between which groups of units does the inequality lie, and is the gap between two of them real?"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Gap as CatalogueGap
from edustats.catalogue import Indicator, Unit
from edustats.metrics.groups.gap import Gap, gap
from edustats.metrics.inequality.decomposition import nested
from edustats.present.drawing import figures
from edustats.present.records.chart import Chart, Series, values
from edustats.present.records.items import Column, Figure, Finding, Number, Provenance, Table
from edustats.present.records.numbers import amount, bare, difference, digits, is_nil, joined, places_for
from edustats.present.records.numbers import interval as span
from edustats.present.records.sheet import Sheet, sheet
from edustats.present.view.county import View
from edustats.present.view.notes import note, telling
from edustats.present.view.schools import Field, Units, compared, field_of, source_of, units_of, years_of
from edustats.typing import Floats
from edustats.words import Text, say

MOST_SAID = 2


def parts(view: View) -> Sheet:
    """How much of the inequality lies between two groups of units, and how much inside them."""
    findings: list[Finding] = [
        finding
        for group in view.store.about["groups"]
        for indicator in compared(view)
        if (years := years_of(view, indicator))
        and (finding := _parts_finding(view, units_of(view, indicator, years[-1]), group))
    ]
    told = telling(findings, _share_between, MOST_SAID)
    return sheet(view.lang, told)


def _share_between(finding: Finding) -> float:
    return finding.numbers[1].value + (finding.verdict == "gap_real")


def grouped(u: Units, group: dict[str, Any]) -> tuple[Units, npt.NDArray[np.object_]] | None:
    """The units that are in a group, and the group of each; None where there are not two with figures."""
    sides = u.rows.get(f"group_{group['key']}", pd.Series("", index=u.rows.index)).to_numpy(dtype=object)
    held = (sides == "high") | (sides == "low")
    if held.sum() < 3 or len(set(sides[held])) < 2 or not u.values[held].any():
        return None
    kept = replace(
        u, values=u.values[held], weights=u.weights[held], rows=u.rows[held].reset_index(drop=True)
    )
    return kept, sides[held]


def _parts_finding(view: View, u: Units, group: dict[str, Any]) -> Finding | None:
    if (found := grouped(u, group)) is None:
        return None
    kept, sides = found
    rows = nested(kept.values, kept.weights, [sides], [group["key"]]).to_dict("records")
    between, total = rows[0], rows[-1]["estimate"]
    if not (total > 0 and math.isfinite(between["share"])):
        return None
    place, share = field_of(view), float(between["share"])
    sentence = say(
        "equity.parts", year=u.year, area=place.area, unit=place.unit_name, indicator=u.indicator.name,
        theil=digits(total, 4, "zh"), between=digits(float(between["estimate"]), 4, "zh"),
        share=f"{digits(share * 100, 1, 'zh')}%", groups=group_names(group),
    )  # fmt: skip
    certainty, verdict = _parts_certainty(between, place)
    source = source_of(view, u, f" by {group['key']}")
    labels = (say("sentences.head_theil"), say("equity.share_between"))
    extra = [say("equity.note_parts", unit=place.unit_name)] if math.isfinite(between["lower"]) else []
    return Finding(
        key=f"parts.{group['key']}.{u.indicator.key}",
        sentence=joined(sentence, certainty),
        numbers=(
            Number(label=labels[0], value=total, unit="coefficient", decimals=4, source=source),
            Number(label=labels[1], value=share, unit="share", decimals=1, source=source),
        ),
        verdict=verdict,
        note=note(view, u.indicator, u.year, extra),
    )


def group_names(group: dict[str, Any]) -> Text:
    """“town” and “village”, as a sentence names the two."""
    high, low = Text(**group["high"]), Text(**group["low"])
    return Text(f"“{high.zh}”和“{low.zh}”", f"{high.en} and {low.en}")


def _parts_certainty(between: dict[Hashable, Any], place: Field) -> tuple[Text, str]:
    if not math.isfinite(between["lower"]):
        heavy = between["note"] == "few_by_weight"
        return say(f"equity.parts_{'heavy' if heavy else 'few'}", unit=place.unit_name), "cannot_tell"
    low, high = (digits(float(between[limit]), 4, "zh") for limit in ("lower", "upper"))
    if between["lower"] < 5e-5:
        return say("equity.parts_nought", low=low, high=high), "cannot_tell"
    return say("equity.parts_interval", low=low, high=high), "gap_real"


def gaps(view: View) -> Sheet:
    """Gaps between groups of units, and between groups of people that the sources print apart."""
    findings = [f for g in view.store.about["groups"] for f in _group_gaps(view, g)]
    findings += [f for g in view.known.gaps.values() if (f := _pair_gap(view, g))]
    return sheet(view.lang, findings)


def _group_gaps(view: View, group: dict[str, Any]) -> list[Finding]:
    """One finding per indicator; a single one where every unit is in the same group."""
    latest = _latest(view, group)
    measured = [(units, g) for units in latest if (g := _gap_of(units, group)) is not None]
    if not measured:
        return _one_sided(view, latest[0], group) if latest else []
    return [_group_gap(view, units, group, g) for units, g in telling(measured, _tells, MOST_SAID)]


def _latest(view: View, group: dict[str, Any]) -> list[Units]:
    """The last year's units of every indicator but the one that makes the groups."""
    return [
        units_of(view, indicator, years[-1])
        for indicator in compared(view)
        if indicator.key != group["by"] and (years := years_of(view, indicator))
    ]


def _tells(measured: tuple[Units, Gap]) -> float:
    """Gaps beyond doubt first, then the largest as a part of the mean."""
    units, g = measured
    sure = math.isfinite(g.lower) and not g.lower <= 0 <= g.upper
    return 1e9 * sure + (abs(g.estimate) / units.mean if units.mean else 0.0)


def _one_sided(view: View, u: Units, group: dict[str, Any]) -> list[Finding]:
    high, low = _two_sides(u, group)
    if not (high.any() or low.any()):
        return []
    side, place = Text(**group["high" if high.any() else "low"]), field_of(view)
    said = say("sentences.gap_one_side", year=u.year, area=place.area, unit=place.unit_name, side=side)
    return [Finding(key=f"gap.{group['key']}", sentence=joined(said), verdict="cannot_tell")]


def _two_sides(u: Units, group: dict[str, Any]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    sides = u.rows.get(f"group_{group['key']}", pd.Series("", index=u.rows.index)).to_numpy(dtype=object)
    return sides == "high", sides == "low"


def _gap_of(u: Units, group: dict[str, Any]) -> Gap | None:
    high, low = _two_sides(u, group)
    if not (high.any() and low.any()):
        return None
    return gap(u.values[high], u.weights[high], u.values[low], u.weights[low])


def _group_gap(view: View, u: Units, group: dict[str, Any], measured: Gap) -> Finding:
    place = field_of(view)
    names = Text(**group["high"]), Text(**group["low"])
    sentence = _gap_sentence(place.area, u.year, u.indicator.name, names, measured, u.unit)
    certainty, verdict = _gap_certainty(measured, u.unit, place)
    extra = (
        [say("sentences.note_superpopulation", unit=place.unit_name)] if math.isfinite(measured.lower) else []
    )
    return Finding(
        key=f"gap.{group['key']}.{u.indicator.key}", sentence=joined(sentence, certainty), verdict=verdict,
        numbers=_gap_numbers(view, u, names, measured, group), note=note(view, u.indicator, u.year, extra),
    )  # fmt: skip


def _gap_sentence(
    area: Text, year: int, indicator: Text, names: tuple[Text, Text], g: Gap, unit: Unit
) -> Text:
    places = places_for(unit, g.mean_a, g.mean_b)
    word = "none" if is_nil(bare(g.estimate, unit, places)) else "higher" if g.estimate > 0 else "lower"
    return say(
        f"sentences.gap_{word}", year=year, area=area, indicator=indicator, a=names[0], b=names[1],
        value_a=amount(g.mean_a, unit, places), value_b=amount(g.mean_b, unit, places),
        gap=difference(g.estimate, unit, places),
    )  # fmt: skip


def _gap_certainty(g: Gap, unit: Unit, place: Field) -> tuple[Text, str]:
    if g.method == "few_by_weight":
        return say("sentences.gap_dominated", unit=place.unit_name), "cannot_tell"
    if not math.isfinite(g.lower):
        return say("sentences.gap_too_few", n_a=g.n_a, n_b=g.n_b), "cannot_tell"
    low, high = sorted((abs(g.lower), abs(g.upper)))
    if g.lower <= 0 <= g.upper:
        return say(
            "sentences.gap_uncertain", low=bare(g.lower, unit), high=bare(g.upper, unit)
        ), "cannot_tell"
    return say("sentences.gap_interval", low=bare(low, unit), high=bare(high, unit)), "gap_real"


def _gap_numbers(
    view: View, u: Units, names: tuple[Text, Text], g: Gap, group: dict[str, Any]
) -> tuple[Number, ...]:
    source = source_of(view, u, f" by {group['key']}")
    labels = (*names, say("sentences.head_gap"))
    return tuple(
        Number(label=label, value=value, unit=u.unit.key, decimals=u.unit.decimals, source=source)
        for label, value in zip(labels, (g.mean_a, g.mean_b, g.estimate), strict=True)
    )


def _pair_gap(view: View, pair: CatalogueGap) -> Finding | None:
    """A gap between two indicators of the county itself, such as men and women."""
    frame = _pair_series(view, pair)
    if frame.empty:
        return None
    unit, last, first = view.known.unit_of(pair.a), frame.iloc[-1], frame.iloc[0]
    indicator = view.known.indicator(pair.a)
    said = _gap_sentence(
        view.name, int(last["year"]), pair.what, (pair.a_name, pair.b_name), _exact(last), unit
    )
    change, verdict = _pair_change(first, last, unit) if len(frame) > 1 else (Text("", ""), "none")
    source = view.provenance(indicator, f"area={view.area} {pair.a}−{pair.b}")
    values = (last["a"], last["b"], last["gap"])
    labels = (pair.a_name, pair.b_name, say("sentences.head_gap"))
    return Finding(
        key=f"gap.{pair.key}", sentence=joined(said, change), verdict=verdict,
        numbers=tuple(
            Number(label=label, value=float(v), unit=unit.key, decimals=unit.decimals, source=source)
            for label, v in zip(labels, values, strict=True)
        ),
        note=note(view, indicator, int(last["year"]), [say("sentences.note_census")]),
    )  # fmt: skip


def _pair_series(view: View, pair: CatalogueGap) -> pd.DataFrame:
    a, b = view.comparable(pair.a), view.comparable(pair.b)
    both = a[["year", "value"]].merge(b[["year", "value"]], on="year", suffixes=("_a", "_b")).dropna()
    both = both.rename(columns={"value_a": "a", "value_b": "b"})
    return both.assign(gap=both["a"] - both["b"]).reset_index(drop=True)


def _exact(row: pd.Series) -> Gap:
    return Gap(
        estimate=float(row["gap"]), lower=math.nan, upper=math.nan, se=math.nan, confidence=0.95, n_a=1,
        n_b=1,
        mean_a=float(row["a"]), mean_b=float(row["b"]), method="census", covers="nothing",
    )  # fmt: skip


def _pair_change(first: pd.Series, last: pd.Series, unit: Unit) -> tuple[Text, str]:
    then, now = bare(abs(first["gap"]), unit), bare(abs(last["gap"]), unit)
    facts = {"first_year": int(first["year"]), "first": difference(first["gap"], unit)}
    if then == now:
        return say("sentences.gap_change_none", **facts), "stable"
    if abs(last["gap"]) > abs(first["gap"]):
        return say("sentences.gap_change_up", **facts), "wider"
    return say("sentences.gap_change_down", **facts), "narrower"


def gap_chart(view: View) -> Sheet:
    """The gap that is surest and largest, over the years, with its interval where one can be given."""
    measured = [
        (units, g, group)
        for group in view.store.about["groups"]
        for units in _latest(view, group)
        if (g := _gap_of(units, group)) is not None
    ]
    for units, _, group in sorted(measured, key=lambda found: -_tells(found[:2])):
        if len(points := _gap_points(view, units.indicator, group)) > 1:
            return sheet(view.lang, _followed_gap(view, units, group, points))
    return sheet(view.lang)


def _followed_gap(view: View, u: Units, group: dict[str, Any], points: list[tuple[int, Gap]]) -> Figure:
    names, indicator = (Text(**group["high"]), Text(**group["low"])), u.indicator
    title = Text(
        f"{indicator.zh}：{names[0].zh}减{names[1].zh}", f"{indicator.en}: {names[0].en} minus {names[1].en}"
    )
    return _gap_figure(view, title, points, u.unit, source_of(view, u, f" by {group['key']}"))


def _gap_points(view: View, indicator: Indicator, group: dict[str, Any]) -> list[tuple[int, Gap]]:
    pairs = [(year, _gap_of(units_of(view, indicator, year), group)) for year in years_of(view, indicator)]
    return [(year, g) for year, g in pairs if g is not None]


def _gap_figure(
    view: View, title: Text, points: list[tuple[int, Gap]], unit: Unit, source: Provenance
) -> Figure:
    years = np.array([year for year, _ in points], float)
    gap_, low, high = (
        np.array([getattr(g, name) for _, g in points]) * unit.times
        for name in ("estimate", "lower", "upper")
    )
    first, last = points[0], points[-1]
    place = field_of(view)
    return Figure(
        key="gap_chart",
        title=say("sentences.title_gap_chart", area=place.area, gap=title),
        alt=say(
            f"sentences.alt_gap_chart{'' if np.isfinite(low).any() else '_bare'}", first_year=first[0],
            first=difference(first[1].estimate, unit),
            last_year=last[0], last=difference(last[1].estimate, unit),
        ),
        data=Table(
            key="gap_chart_data",
            title=title,
            columns=tuple(Column(label=say(f"sentences.head_{h}")) for h in ("year", "gap", "interval")),
            rows=tuple((str(y), bare(g.estimate, unit), _span(g, unit)) for y, g in points),
            sources=(source,),
        ),
        charts=(_gap_lines(title, unit, years, (gap_, low, high)),),
        png=figures.gap_over_time(years, gap_, low, high, ylabel=_axis(unit, view.lang)),
    )  # fmt: skip


def _gap_lines(title: Text, unit: Unit, years: Floats, drawn: tuple[Floats, Floats, Floats]) -> Chart:
    gap_, low, high = (values(part, unit.decimals) for part in drawn)
    return Chart(
        kind="line",
        categories=tuple(f"{year:.0f}" for year in years),
        series=(Series(name=title, role="own", values=gap_, low=low, high=high),),
        unit=say("sentences.points_axis") if unit.change == "points" else unit.name,
        decimals=unit.decimals,
    )


def _span(g: Gap, unit: Unit) -> Text:
    return span(g.lower, g.upper, unit) if math.isfinite(g.lower) else Text("—", "—")


def _axis(unit: Unit, lang: str) -> str:
    return say("sentences.points_axis")[lang] if unit.change == "points" else unit.name[lang]
