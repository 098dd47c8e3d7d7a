"""How unequal are the units of a county, and can one be sure?"""

from __future__ import annotations

import math

import numpy as np

from edustats.metrics.inequality.decomposition import compute_unit_contributions
from edustats.metrics.inequality.measures import Interval, estimate_interval, gini
from edustats.present.drawing import figures
from edustats.present.records.items import Figure, Finding, Number, Table, TableColumn
from edustats.present.records.numbers import (
    format_amount,
    format_count,
    format_percent,
    format_without_unit,
    format_year,
    join_sentence,
)
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.present.view.notes import select_most_telling, settle_weight, write_scope_note
from edustats.present.view.schools import (
    UnitValues,
    count_units,
    describe_comparison_field,
    format_coefficient,
    format_with_interval,
    get_unit_values,
    is_narrow_interval,
    is_thin,
    list_compared_indicators,
    list_measured_years,
    name_unit,
    name_weight,
    name_weight_within,
    trace_units,
)
from edustats.typing import Floats
from edustats.words import CLAUSES, Text, join_texts, say

MOST_ROWS = 12
MOST_SAID = 3
MOST_THIN = 5
RARE = 0.1
FEW_NAMES = 15


def show_inequality(view: View) -> ChapterItems:
    """Coefficient of variation, Gini and Theil between units, in the last year."""
    latest = [
        get_unit_values(view, i, years[-1])
        for i in list_compared_indicators(view)
        if (years := list_measured_years(view, i))
    ]
    # where every unit has none of a thing (no large classes anywhere) there is no spread to speak of
    told = [u for u in latest if len(u.values) > 1 and u.values.any()]
    if not told:
        return collect_items(
            view, [_report_single_unit(view, max(latest, key=lambda u: len(u.values)))] if latest else []
        )
    findings = [_describe_inequality(view, u) for u in select_most_telling(told, score_inequality, MOST_SAID)]
    findings += _report_thin_indicators(view)
    return collect_items(view, findings, _tabulate_inequality(view, told))


def _report_thin_indicators(view: View) -> list[Finding]:
    """Indicators of which too few schools have a value in the last year for a spread: said, not left out."""
    if not view.has_units:
        return []
    thin = [
        i for i in list_compared_indicators(view)
        if count_units(view, i, view.last_year)[0] and is_thin(view, i, view.last_year)
    ]  # fmt: skip
    if not thin:
        return []
    place = describe_comparison_field(view)
    counts = [count_units(view, i, view.last_year) for i in thin]
    named = [
        say("equity.thin_one", name=i.name, held=format_count(held), asked=format_count(asked))
        for i, (held, asked) in zip(thin[:MOST_THIN], counts, strict=False)
    ]
    said = say(
        "equity.thin", year=view.last_year, area=place.area, unit=place.unit_name, n=format_count(len(thin)),
        names=join_texts(named),
    )  # fmt: skip
    return [Finding(key="spread.thin", sentence=join_sentence(said), verdict="none")]


def score_inequality(u: UnitValues) -> tuple[bool, float]:
    """How unequal the units are; whatever many of them have none of comes last, being rare and not unequal."""
    return not is_rare(u), gini(u.values, u.weights)


def is_rare(u: UnitValues) -> bool:
    """Whether many units have nothing of it."""
    return bool(u.weights[u.values <= 0].sum() > RARE * u.weights.sum())


def _report_single_unit(view: View, u: UnitValues) -> Finding:
    place = describe_comparison_field(view)
    said = say("sentences.spread_one", year=u.year, area=place.area, n=len(u.values), unit=place.unit_name)
    return Finding(key="spread", sentence=join_sentence(said), verdict="cannot_tell")


def _estimate_cv(u: UnitValues) -> Interval:
    return estimate_interval("cv", u.values, u.weights)


def _describe_inequality(view: View, u: UnitValues) -> Finding:
    place, cv = describe_comparison_field(view), _estimate_cv(u)
    said = say(
        "sentences.spread",
        year=u.year,
        area=place.area,
        n=len(u.values),
        unit=place.unit_name,
        indicator=u.indicator.name,
        weight=name_weight_within(view, u.indicator),
        cv=format_coefficient(cv.estimate),
        interval=_format_interval_note(cv),
        gini=format_coefficient(gini(u.values, u.weights)),
    )
    extra = [say("sentences.note_weights")]
    extra += [say("sentences.note_superpopulation", unit=place.unit_name)] if is_narrow_interval(cv) else []
    number = Number(
        label=say("sentences.head_cv"),
        value=cv.estimate,
        unit="coefficient",
        decimals=3,
        source=trace_units(view, u),
    )
    return Finding(
        key=f"spread.{u.indicator.key}", sentence=join_sentence(said), numbers=(number,),
        note=write_scope_note(view, u.indicator, u.year, extra),
    )  # fmt: skip


def _format_interval_note(found: Interval) -> Text:
    if not is_narrow_interval(found):
        return say("sentences.spread_too_wide") if math.isfinite(found.lower) else Text("", "")
    low, high = format_coefficient(found.lower), format_coefficient(found.upper)
    return say("sentences.gap_interval", low=low, high=high)


def _fill_inequality_row(u: UnitValues) -> tuple[Text | str, ...]:
    found = (estimate_interval(measure, u.values, u.weights) for measure in ("cv", "gini", "theil"))
    cells = (format_with_interval(one.estimate, one.lower, one.upper) for one in found)
    return (u.indicator.name, format_year(u.year), format_count(len(u.values)), *cells)


def _tabulate_inequality(view: View, shown: list[UnitValues]) -> Table:
    place = describe_comparison_field(view)
    heads = ("indicator", "year", "n", "cv", "gini", "theil")
    facts = {"n": {"unit": place.unit_name}}
    return Table(
        key="spread",
        title=say("sentences.title_spread", area=place.area, unit=place.unit_name),
        columns=tuple(TableColumn(label=say(f"sentences.head_{h}", **facts.get(h, {}))) for h in heads),
        rows=tuple(_fill_inequality_row(u) for u in shown),
        note=say("equity.table_intervals", unit=place.unit_name),
        sources=tuple(trace_units(view, u) for u in shown),
        brief=len(shown) <= MOST_ROWS,
    )


def find_most_unequal(view: View) -> UnitValues | None:
    """The indicator whose units are most unequal in its last year."""
    latest = [
        get_unit_values(view, i, years[-1])
        for i in list_compared_indicators(view)
        if (years := list_measured_years(view, i))
    ]
    told = [u for u in latest if len(u.values) > 1 and u.values.any()]
    return max(told, key=lambda u: settle_weight(score_inequality(u))) if told else None


def show_pen_parade(view: View) -> ChapterItems:
    """Pen's parade of the most unequal indicator in its last year: units from low to high."""
    u = find_most_unequal(view)
    return collect_items(view, _build_parade_figure(view, u)) if u is not None else collect_items(view.lang)


def show_lorenz_curves(view: View) -> ChapterItems:
    """Lorenz curve of the most unequal indicator, in its first and its last year."""
    u = find_most_unequal(view)
    if u is None:
        return collect_items(view.lang)
    first = get_unit_values(view, u.indicator, list_measured_years(view, u.indicator)[0])
    shown = [first, u] if first.year < u.year and len(first.values) > 1 and first.values.any() else [u]
    return collect_items(view, _build_lorenz_figure(view, shown))


def find_top_contributors(u: UnitValues, most: int) -> list[int]:
    """The units that push the spread most, the first one first."""
    return [
        int(i)
        for i in np.argsort(-compute_unit_contributions(u.values, u.weights, "cv2"), kind="stable")[:most]
    ]


def _build_lorenz_figure(view: View, shown: list[UnitValues]) -> Figure:
    place, u, lang = describe_comparison_field(view), shown[-1], view.lang
    curves = [_compute_lorenz_curve(one) for one in shown]
    labels = [
        say("equity.lorenz_line", year=one.year, gini=format_coefficient(gini(one.values, one.weights)))
        for one in shown
    ]
    lower = format_percent(float(np.interp(50, *curves[-1])) / 100)
    facts = {
        "area": place.area,
        "unit": place.unit_name,
        "indicator": u.indicator.name,
        "weight": name_weight_within(view, u.indicator),
    }
    axes = say("equity.lorenz_x", weight=facts["weight"]), say("equity.lorenz_y")
    share = view.known.units["share"]
    rows = tuple(
        (label, *(format_without_unit(one / 100, share, 1) for one in point))
        for label, curve in zip(labels, curves, strict=True) for point in zip(*curve, strict=True)
    )  # fmt: skip
    return Figure(
        key=f"lorenz.{u.indicator.key}",
        title=say("equity.title_lorenz", **facts),
        alt=say(
            "equity.alt_lorenz",
            lines=_join_labels(labels),
            half=lower,
            indicator=u.indicator.name,
            unit=place.unit_name,
        ),
        data=Table(
            key="lorenz_data",
            title=say("equity.title_lorenz", **facts),
            columns=tuple(TableColumn(label=label) for label in (say("sentences.head_year"), *axes)),
            rows=rows,
            sources=tuple(trace_units(view, one) for one in shown),
        ),
        png=figures.draw_lorenz_curves(
            curves, [label[lang] for label in labels], axes[0][lang], axes[1][lang], say("equity.equal")[lang]
        ),
    )


def _join_labels(texts: list[Text]) -> Text:
    return join_texts(texts, CLAUSES)


def _compute_lorenz_curve(u: UnitValues) -> tuple[Floats, Floats]:
    """Per cent of the weight, poorest units first, and of the whole that they hold."""
    order = np.argsort(u.values, kind="stable")
    weight, held = u.weights[order], (u.weights * u.values)[order]
    return tuple(np.r_[0.0, np.cumsum(part) / part.sum() * 100] for part in (weight, held))


def _build_parade_figure(view: View, u: UnitValues) -> Figure:
    place, lang = describe_comparison_field(view), view.lang
    facts = {
        "area": place.area,
        "unit": place.unit_name,
        "indicator": u.indicator.name,
        "weight": name_weight_within(view, u.indicator),
    }
    mean, unit = format_amount(u.mean, u.unit), u.unit.name[lang]
    names = [name_unit(view, u, i) for i in range(len(u.values))]
    codes = u.codes.tolist()
    told = range(len(names)) if len(names) <= FEW_NAMES else find_top_contributors(u, 3)
    bars = figures.ParadeBars(
        values=u.values * u.unit.times, widths=u.weights,
        names=[
            name[lang].removeprefix(view.name[lang]).lstrip() or name[lang] if i in told else ""
            for i, name in enumerate(names)
        ],
        own=codes.index(view.area) if view.area in codes else None, mean=u.mean * u.unit.times,
    )  # fmt: skip
    weight, weight_unit = name_weight(view, u.indicator)
    png = figures.draw_pen_parade(bars, unit, f"{weight[lang]} (%)", mean[lang])
    order = np.argsort(u.values, kind="stable")
    return Figure(
        key=f"parade.{u.indicator.key}",
        title=say("sentences.title_parade", **facts),
        alt=say(
            "sentences.alt_parade", n=len(u.values), low=format_amount(u.values.min(), u.unit),
            high=format_amount(u.values.max(), u.unit), mean=mean, unit=place.unit_name, indicator=u.indicator.name,
        ),
        data=Table(
            key="parade_data",
            title=say("sentences.title_parade", **facts),
            columns=(
                TableColumn(label=say("sentences.head_unit", unit=place.unit_name), quoted=True),
                TableColumn(label=u.indicator.name, decimals=u.unit.decimals, unit=u.unit.key),
                TableColumn(label=weight, decimals=0, persons=place.own and weight_unit == "person", unit=weight_unit),
            ),
            rows=tuple(
                (names[i], float(u.values[i] * u.unit.times), float(u.weights[i]))
                for i in order
            ),
            sources=(trace_units(view, u),),
        ),
        png=png,
    )  # fmt: skip
