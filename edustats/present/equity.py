"""How unequal are the units of a county, between which groups, and can one be sure?

Where a county is reported as one row (a census), its prefecture's counties take the place of schools.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Gap as CatalogueGap
from edustats.catalogue import Indicator, Unit
from edustats.indicators import add_up
from edustats.metrics.gap import Gap, gap
from edustats.metrics.inequality import (
    Interval,
    coefficient_of_variation,
    gini,
    interval,
    theil,
    theil_decomposition,
)
from edustats.present import figures
from edustats.present.finding import Column, Figure, Finding, Number, Provenance, Sheet, Table, sheet
from edustats.present.scope import note, telling
from edustats.present.sentences import amount, bare, difference, digits, is_nil, joined, places_for
from edustats.present.sentences import interval as span
from edustats.present.view import View
from edustats.present.withheld import may_measure
from edustats.words import Text, say

Floats = npt.NDArray[np.float64]
BEYOND = 1e6
COEFFICIENT_DECIMALS = 3
WIDEST = 3.0
MOST_ROWS = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Units:
    """The units of one indicator and year: values, weights, group membership and names."""

    indicator: Indicator
    unit: Unit
    year: int
    values: Floats
    weights: Floats
    rows: pd.DataFrame

    @property
    def mean(self) -> float:
        return float(np.average(self.values, weights=self.weights))


@dataclass(frozen=True, slots=True)
class Field:
    """What is compared: the schools of a county, or the counties of a prefecture."""

    area: Text
    unit_name: Text
    weight: Text
    own: bool


def field_of(view: View) -> Field:
    """The county's own units where it has them, else the counties around it."""
    if view.has_units:
        return Field(view.name, view.store.unit_name, say("sentences.weight_pupils"), True)
    return Field(
        view.above_name, say("sentences.between_counties"), say("sentences.weight_population"), False
    )


def units_of(view: View, indicator: Indicator, year: int) -> Units:
    """Complete units of one indicator in one year, weighted by its denominator."""
    rows = _own_units(view, indicator, year) if view.has_units else _neighbours(view, indicator, year)
    rows = rows[(rows["value"].notna()) & (rows["weight"] > 0)].reset_index(drop=True)
    return Units(
        indicator=indicator, unit=view.known.unit_of(indicator.key), year=year,
        values=rows["value"].to_numpy(float), weights=rows["weight"].to_numpy(float), rows=rows,
    )  # fmt: skip


def _own_units(view: View, indicator: Indicator, year: int) -> pd.DataFrame:
    rows = view.units[view.units["year"] == year].reset_index(drop=True)
    num, den = add_up(rows, indicator.num), add_up(rows, indicator.den)
    if num is None or den is None:
        return rows.iloc[:0].assign(value=np.nan, weight=np.nan)
    return rows.assign(value=num / np.where(den > 0, den, np.nan), weight=den)


def _neighbours(view: View, indicator: Indicator, year: int) -> pd.DataFrame:
    rows = view.compare
    hit = (rows["level"] == "county") & (rows["indicator"] == indicator.key) & (rows["year"] == year)
    found = rows[hit].rename(columns={"area": "unit", "den": "weight"}).reset_index(drop=True)
    for group in view.store.about["groups"]:
        if group.get("codes"):
            high = found["unit"].map(lambda code, rule=group["codes"]: bool(re.fullmatch(rule, code)))
            found[f"group_{group['key']}"] = np.where(high, "high", "low")
    return found


def compared(view: View) -> list[Indicator]:
    """Indicators worth comparing between units."""
    return [i for i in view.indicators if i.compare]


def _years(view: View, indicator: Indicator) -> list[int]:
    """Years in which at least one unit holds a value."""
    all_counties = view.compare[view.compare["indicator"] == indicator.key]
    series = view.series(indicator.key) if view.has_units else all_counties
    years = sorted({int(y) for y in series.loc[series["value"].notna(), "year"]})
    return [year for year in years if not view.has_units or may_measure(view.units, indicator, year)]


def spread(view: View) -> Sheet:
    """Coefficient of variation, Gini and Theil between units, now and in the first year."""
    pairs = [_first_and_last(view, i) for i in compared(view) if _years(view, i)]
    # where every unit has none of a thing (no large classes anywhere) there is no spread to speak of
    told = [
        (then, now) for then, now in pairs if len(now.values) > 1 and now.values.any() and then.values.any()
    ]
    if not told:
        return sheet(
            view.lang, [_no_spread(view, max(pairs, key=lambda p: len(p[1].values))[1])] if pairs else []
        )
    shown = [u for pair in told for u in dict.fromkeys(pair) if len(u.values) > 1]
    widest = telling(told, lambda pair: coefficient_of_variation(pair[1].values, pair[1].weights))
    findings = [_spread_finding(view, now, then) for then, now in widest]
    return sheet(view.lang, findings, _spread_table(view, shown))


def _first_and_last(view: View, indicator: Indicator) -> tuple[Units, Units]:
    years = _years(view, indicator)
    now = units_of(view, indicator, years[-1])
    return (units_of(view, indicator, years[0]) if len(years) > 1 else now), now


def _no_spread(view: View, u: Units) -> Finding:
    place = field_of(view)
    said = say("sentences.spread_one", year=u.year, area=place.area, n=len(u.values), unit=place.unit_name)
    return Finding(key="spread", sentence=joined(said), verdict="cannot_tell")


def _cv(u: Units) -> Interval:
    return interval("cv", u.values, u.weights)


def _spread_finding(view: View, now: Units, then: Units) -> Finding:
    place = field_of(view)
    facts: dict[str, Any] = {
        "year": now.year, "area": place.area, "n": len(now.values), "unit": place.unit_name,
        "indicator": now.indicator.name, "weight": place.weight,
    }  # fmt: skip
    cv = _cv(now)
    facts |= {"cv": _coefficient(cv.estimate), "interval": _interval_note(cv), "gini": _gini(now)}
    parts, verdict = [say("sentences.spread", **facts)], "none"
    if then.year < now.year and len(then.values) > 1:
        change, verdict = _spread_change(_cv(then), cv, then.year)
        parts.append(change)
    extra = [say("sentences.note_weights")]
    extra += [say("sentences.note_superpopulation", unit=place.unit_name)] if _says_something(cv) else []
    return Finding(
        key=f"spread.{now.indicator.key}", sentence=joined(*parts), verdict=verdict,
        numbers=_spread_numbers(view, now, then), note=note(view, now.indicator, now.year, extra),
    )  # fmt: skip


def _says_something(found: Interval) -> bool:
    """Whether an interval exists and is narrow enough to print."""
    return math.isfinite(found.lower) and found.upper <= WIDEST * found.estimate


def _interval_note(found: Interval) -> Text:
    if not _says_something(found):
        return say("sentences.spread_too_wide") if math.isfinite(found.lower) else Text("", "")
    low, high = _coefficient(found.lower), _coefficient(found.upper)
    return say("sentences.gap_interval", low=low, high=high)


def _spread_change(then: Interval, now: Interval, first_year: int) -> tuple[Text, str]:
    """Wider or narrower only where the two intervals do not touch."""
    facts = {"first_year": first_year, "first": _coefficient(then.estimate)}
    if not (_says_something(then) and _says_something(now)):
        return say("sentences.spread_change_bare", **facts), "cannot_tell"
    if now.lower > then.upper:
        return say("sentences.spread_change_up", **facts), "wider"
    if now.upper < then.lower:
        return say("sentences.spread_change_down", **facts), "narrower"
    return say("sentences.spread_change_none", **facts), "cannot_tell"


def _coefficient(value: float) -> str:
    # a bound for a handful of very unequal units can run to 10^50: that is no bound
    return digits(value, COEFFICIENT_DECIMALS, "zh") if abs(value) < BEYOND else "—"


def _gini(u: Units) -> str:
    return _coefficient(gini(u.values, u.weights))


def _spread_numbers(view: View, now: Units, then: Units) -> tuple[Number, ...]:
    numbers = []
    for u in (now, then)[: 2 if then.year < now.year and len(then.values) > 1 else 1]:
        source = _source(view, u)
        head = say("sentences.head_first", year=u.year)
        cv = coefficient_of_variation(u.values, u.weights)
        label = say("sentences.head_cv")
        label = Text(f"{head.zh}{label.zh}", f"{label.en}, {head.en}")
        numbers.append(Number(label=label, value=cv, unit="coefficient", decimals=3, source=source))
    return tuple(numbers)


def _spread_row(u: Units) -> tuple[Text | str, ...]:
    cv = _cv(u)
    bounds = "—" if not _says_something(cv) else f"{_coefficient(cv.lower)}～{_coefficient(cv.upper)}"
    english = bounds.replace("～", " to ")
    return (
        u.indicator.name, str(u.year), str(len(u.values)), _coefficient(cv.estimate), Text(bounds, english),
        _gini(u), _coefficient(theil(u.values, u.weights)),
    )  # fmt: skip


def _spread_table(view: View, shown: list[Units]) -> Table:
    place = field_of(view)
    heads = ("indicator", "year", "n", "cv", "interval", "gini", "theil")
    return Table(
        key="spread",
        title=say("sentences.title_spread", area=place.area, unit=place.unit_name),
        columns=tuple(Column(label=say(f"sentences.head_{h}", **_n(h, place))) for h in heads),
        rows=tuple(_spread_row(u) for u in shown),
        sources=tuple(_source(view, u) for u in shown),
        brief=len(shown) <= MOST_ROWS,
    )


def _source(view: View, u: Units, by: str = "") -> Provenance:
    """Where the figures of these units come from."""
    whose = view.area if view.has_units else view.above
    return view.provenance(u.indicator, f"units of {whose} year={u.year} n={len(u.values)}{by}")


def _n(head: str, place: Field) -> dict[str, Text]:
    return {"unit": place.unit_name} if head == "n" else {}


def parts(view: View) -> Sheet:
    """How much of the inequality lies between two groups of units, and how much inside them."""
    findings: list[Finding] = []
    for group in view.store.about["groups"]:
        for indicator in compared(view):
            years = _years(view, indicator)
            if years and (finding := _parts_finding(view, units_of(view, indicator, years[-1]), group)):
                findings.append(finding)
    chosen = telling(findings, _share_between)
    return sheet(view.lang, chosen)


def _share_between(finding: Finding) -> float:
    return finding.numbers[1].value


def _parts_finding(view: View, u: Units, group: dict[str, Any]) -> Finding | None:
    sides = u.rows.get(f"group_{group['key']}", pd.Series(dtype=str))
    grouped = (sides != "").to_numpy() if len(sides) else np.zeros(0, bool)
    if grouped.sum() < 3 or sides[grouped].nunique() < 2 or not u.values[grouped].any():
        return None
    split = theil_decomposition(u.values[grouped], u.weights[grouped], sides[grouped].to_numpy())
    if split.total <= 0:
        return None
    place = field_of(view)
    high, low = Text(**group["high"]), Text(**group["low"])
    share = Text(
        f"{digits(split.share_between * 100, 1, 'zh')}%", f"{digits(split.share_between * 100, 1, 'en')}%"
    )
    sentence = say(
        "sentences.parts", year=u.year, area=place.area, unit=place.unit_name, indicator=u.indicator.name,
        theil=digits(split.total, 4, "zh"), share=share,
        groups=Text(f"“{high.zh}”和“{low.zh}”", f"{high.en} and {low.en}"),
    )  # fmt: skip
    source = _source(view, u, f" by {group['key']}")
    labels = (say("sentences.head_theil"), say("sentences.head_change"))
    return Finding(
        key=f"parts.{group['key']}.{u.indicator.key}",
        sentence=joined(sentence),
        numbers=(
            Number(label=labels[0], value=split.total, unit="coefficient", decimals=4, source=source),
            Number(label=share, value=split.share_between, unit="share", decimals=1, source=source),
        ),
        note=note(view, u.indicator, u.year),
    )


def gaps(view: View) -> Sheet:
    """Gaps between groups of units, and between groups of people that the sources print apart."""
    findings = [f for g in view.store.about["groups"] for f in _group_gaps(view, g)]
    findings += [f for g in view.known.gaps.values() if (f := _pair_gap(view, g))]
    return sheet(view.lang, findings)


def _group_gaps(view: View, group: dict[str, Any]) -> list[Finding]:
    """One finding per indicator; a single one where every unit is in the same group."""
    latest = [
        units_of(view, indicator, years[-1])
        for indicator in compared(view)
        if indicator.key != group["by"] and (years := _years(view, indicator))
    ]
    measured = [(units, g) for units in latest if (g := _gap_of(units, group)) is not None]
    if not measured:
        return _one_sided(view, latest[0], group) if latest else []
    return [_group_gap(view, units, group, g) for units, g in telling(measured, _tells)]


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
    source = _source(view, u, f" by {group['key']}")
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


def parade(view: View) -> Sheet:
    """Pen's parade of the first compared indicator in its last year: units from low to high."""
    for indicator in compared(view):
        years = _years(view, indicator)
        units = units_of(view, indicator, years[-1]) if years else None
        if units is not None and len(units.values) > 1:
            return sheet(view.lang, _parade_figure(view, units))
    return sheet(view.lang)


def _parade_figure(view: View, u: Units) -> Figure:
    place, lang = field_of(view), view.lang
    facts = {
        "area": place.area,
        "unit": place.unit_name,
        "indicator": u.indicator.name,
        "weight": place.weight,
    }
    mean, unit = amount(u.mean, u.unit), u.unit.name[lang]
    names = [_name(view, place, str(code)) for code in u.rows["unit"]]
    codes = list(u.rows["unit"])
    bars = figures.Bars(
        values=u.values * u.unit.times, widths=u.weights, names=[name[lang] for name in names],
        own=codes.index(view.area) if view.area in codes else None, mean=u.mean * u.unit.times,
    )  # fmt: skip
    png = figures.parade(bars, f"{u.indicator.name[lang]} ({unit})", f"{place.weight[lang]} (%)", mean[lang])
    order = np.argsort(u.values, kind="stable")
    return Figure(
        key=f"parade.{u.indicator.key}",
        title=say("sentences.title_parade", **facts),
        alt=say(
            "sentences.alt_parade", n=len(u.values), low=amount(u.values.min(), u.unit),
            high=amount(u.values.max(), u.unit), mean=mean, unit=place.unit_name, indicator=u.indicator.name,
        ),
        data=Table(
            key="parade_data",
            title=say("sentences.title_parade", **facts),
            columns=(
                Column(label=say("sentences.head_unit", unit=place.unit_name)),
                Column(label=u.indicator.name, decimals=u.unit.decimals),
                Column(label=place.weight, decimals=0, persons=place.own),
            ),
            rows=tuple(
                (names[i], float(u.values[i] * u.unit.times), float(u.weights[i]))
                for i in order
            ),
            sources=(_source(view, u),),
        ),
        png=png,
    )  # fmt: skip


def _name(view: View, place: Field, code: str) -> Text:
    """A county's name; a unit of the county goes by its code."""
    return Text(code, code) if place.own else view.store.name(code)


def gap_chart(view: View) -> Sheet:
    """The first gap that can be followed over the years, with its interval where one can be given."""
    for group in view.store.about["groups"]:
        for indicator in compared(view):
            if len(points := _gap_points(view, indicator, group)) > 1:
                names = Text(**group["high"]), Text(**group["low"])
                title = Text(
                    f"{indicator.zh}：{names[0].zh}减{names[1].zh}",
                    f"{indicator.en}: {names[0].en} minus {names[1].en}",
                )
                source = _source(view, units_of(view, indicator, points[-1][0]), f" by {group['key']}")
                unit = view.known.unit_of(indicator.key)
                return sheet(view.lang, _gap_figure(view, title, points, unit, source))
    return sheet(view.lang)


def _gap_points(view: View, indicator: Indicator, group: dict[str, Any]) -> list[tuple[int, Gap]]:
    pairs = [(year, _gap_of(units_of(view, indicator, year), group)) for year in _years(view, indicator)]
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
        png=figures.gap_over_time(years, gap_, low, high, ylabel=_axis(unit, view.lang)),
    )  # fmt: skip


def _span(g: Gap, unit: Unit) -> Text:
    return span(g.lower, g.upper, unit) if math.isfinite(g.lower) else Text("—", "—")


def _axis(unit: Unit, lang: str) -> str:
    return say("sentences.points_axis")[lang] if unit.change == "points" else unit.name[lang]
