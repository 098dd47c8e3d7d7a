"""How unequal are the units of a county, and can one be sure?"""

from __future__ import annotations

import math

import numpy as np

from edustats.metrics.inequality.decomposition import contributions
from edustats.metrics.inequality.measures import Interval, gini, interval
from edustats.present.drawing import figures
from edustats.present.drawing import figures as equity_figures
from edustats.present.records.items import Column, Figure, Finding, Number, Table
from edustats.present.records.numbers import amount, joined
from edustats.present.records.sheet import Sheet, sheet
from edustats.present.view.county import View
from edustats.present.view.notes import note, telling
from edustats.present.view.schools import (
    Units,
    coefficient,
    compared,
    field_of,
    name_of,
    says_something,
    source_of,
    units_of,
    with_interval,
    years_of,
)
from edustats.typing import Floats
from edustats.words import Text, say

MOST_ROWS = 12
MOST_SAID = 3
RARE = 0.1
FEW_NAMES = 15


def spread(view: View) -> Sheet:
    """Coefficient of variation, Gini and Theil between units, in the last year."""
    latest = [units_of(view, i, years[-1]) for i in compared(view) if (years := years_of(view, i))]
    # where every unit has none of a thing (no large classes anywhere) there is no spread to speak of
    told = [u for u in latest if len(u.values) > 1 and u.values.any()]
    if not told:
        return sheet(
            view.lang, [_no_spread(view, max(latest, key=lambda u: len(u.values)))] if latest else []
        )
    findings = [_spread_finding(view, u) for u in telling(told, unequal, MOST_SAID)]
    return sheet(view.lang, findings, _spread_table(view, told))


def unequal(u: Units) -> float:
    """How unequal the units are; whatever many of them have none of comes last, being rare and not unequal."""
    none = u.weights[u.values <= 0].sum() > RARE * u.weights.sum()
    return gini(u.values, u.weights) - 1e6 * none


def _no_spread(view: View, u: Units) -> Finding:
    place = field_of(view)
    said = say("sentences.spread_one", year=u.year, area=place.area, n=len(u.values), unit=place.unit_name)
    return Finding(key="spread", sentence=joined(said), verdict="cannot_tell")


def _cv(u: Units) -> Interval:
    return interval("cv", u.values, u.weights)


def _spread_finding(view: View, u: Units) -> Finding:
    place, cv = field_of(view), _cv(u)
    said = say(
        "sentences.spread", year=u.year, area=place.area, n=len(u.values), unit=place.unit_name,
        indicator=u.indicator.name, weight=place.weight, cv=coefficient(cv.estimate), interval=_interval_note(cv),
        gini=coefficient(gini(u.values, u.weights)),
    )  # fmt: skip
    extra = [say("sentences.note_weights")]
    extra += [say("sentences.note_superpopulation", unit=place.unit_name)] if says_something(cv) else []
    number = Number(
        label=say("sentences.head_cv"),
        value=cv.estimate,
        unit="coefficient",
        decimals=3,
        source=source_of(view, u),
    )
    return Finding(
        key=f"spread.{u.indicator.key}", sentence=joined(said), numbers=(number,),
        note=note(view, u.indicator, u.year, extra),
    )  # fmt: skip


def _interval_note(found: Interval) -> Text:
    if not says_something(found):
        return say("sentences.spread_too_wide") if math.isfinite(found.lower) else Text("", "")
    low, high = coefficient(found.lower), coefficient(found.upper)
    return say("sentences.gap_interval", low=low, high=high)


def _spread_row(u: Units) -> tuple[Text | str, ...]:
    found = (interval(measure, u.values, u.weights) for measure in ("cv", "gini", "theil"))
    cells = (with_interval(one.estimate, one.lower, one.upper) for one in found)
    return (u.indicator.name, str(u.year), str(len(u.values)), *cells)


def _spread_table(view: View, shown: list[Units]) -> Table:
    place = field_of(view)
    heads = ("indicator", "year", "n", "cv", "gini", "theil")
    facts = {"n": {"unit": place.unit_name}}
    return Table(
        key="spread",
        title=say("sentences.title_spread", area=place.area, unit=place.unit_name),
        columns=tuple(Column(label=say(f"sentences.head_{h}", **facts.get(h, {}))) for h in heads),
        rows=tuple(_spread_row(u) for u in shown),
        note=say("equity.table_intervals", unit=place.unit_name),
        sources=tuple(source_of(view, u) for u in shown),
        brief=len(shown) <= MOST_ROWS,
    )


def most_unequal(view: View) -> Units | None:
    """The indicator whose units are most unequal in its last year."""
    latest = [units_of(view, i, years[-1]) for i in compared(view) if (years := years_of(view, i))]
    told = [u for u in latest if len(u.values) > 1 and u.values.any()]
    return max(told, key=unequal) if told else None


def parade(view: View) -> Sheet:
    """Pen's parade of the most unequal indicator in its last year: units from low to high."""
    u = most_unequal(view)
    return sheet(view.lang, _parade_figure(view, u)) if u is not None else sheet(view.lang)


def lorenz(view: View) -> Sheet:
    """Lorenz curve of the most unequal indicator, in its first and its last year."""
    u = most_unequal(view)
    if u is None:
        return sheet(view.lang)
    first = units_of(view, u.indicator, years_of(view, u.indicator)[0])
    shown = [first, u] if first.year < u.year and len(first.values) > 1 and first.values.any() else [u]
    return sheet(view.lang, _lorenz_figure(view, shown))


def outstanding(u: Units, most: int) -> list[int]:
    """The units that push the spread most, the first one first."""
    return [int(i) for i in np.argsort(-contributions(u.values, u.weights, "cv2"), kind="stable")[:most]]


def _lorenz_figure(view: View, shown: list[Units]) -> Figure:
    place, u, lang = field_of(view), shown[-1], view.lang
    curves = [_curve(one) for one in shown]
    labels = [
        say("equity.lorenz_line", year=one.year, gini=coefficient(gini(one.values, one.weights)))
        for one in shown
    ]
    lower = Text(*(f"{float(np.interp(50, *curves[-1])):.1f}%" for _ in range(2)))
    facts = {
        "area": place.area,
        "unit": place.unit_name,
        "indicator": u.indicator.name,
        "weight": place.weight,
    }
    axes = say("equity.lorenz_x", weight=place.weight), say("equity.lorenz_y")
    rows = tuple((label, f"{x:.1f}", f"{y:.1f}") for label, curve in zip(labels, curves, strict=True)
                 for x, y in zip(*curve, strict=True))  # fmt: skip
    return Figure(
        key=f"lorenz.{u.indicator.key}",
        title=say("equity.title_lorenz", **facts),
        alt=say(
            "equity.alt_lorenz",
            lines=_listed(labels),
            half=lower,
            indicator=u.indicator.name,
            unit=place.unit_name,
        ),
        data=Table(
            key="lorenz_data",
            title=say("equity.title_lorenz", **facts),
            columns=tuple(Column(label=label) for label in (say("sentences.head_year"), *axes)),
            rows=rows,
            sources=tuple(source_of(view, one) for one in shown),
        ),
        png=equity_figures.lorenz(
            curves, [label[lang] for label in labels], axes[0][lang], axes[1][lang], say("equity.equal")[lang]
        ),
    )


def _listed(texts: list[Text]) -> Text:
    return Text("；".join(t.zh for t in texts), "; ".join(t.en for t in texts))


def _curve(u: Units) -> tuple[Floats, Floats]:
    """Per cent of the weight, poorest units first, and of the whole that they hold."""
    order = np.argsort(u.values, kind="stable")
    weight, held = u.weights[order], (u.weights * u.values)[order]
    return tuple(np.r_[0.0, np.cumsum(part) / part.sum() * 100] for part in (weight, held))


def _parade_figure(view: View, u: Units) -> Figure:
    place, lang = field_of(view), view.lang
    facts = {
        "area": place.area,
        "unit": place.unit_name,
        "indicator": u.indicator.name,
        "weight": place.weight,
    }
    mean, unit = amount(u.mean, u.unit), u.unit.name[lang]
    names = [name_of(view, u, i) for i in range(len(u.values))]
    codes = list(u.rows["unit"])
    told = range(len(names)) if len(names) <= FEW_NAMES else outstanding(u, 3)
    bars = figures.Bars(
        values=u.values * u.unit.times, widths=u.weights,
        names=[name[lang] if i in told else "" for i, name in enumerate(names)],
        own=codes.index(view.area) if view.area in codes else None, mean=u.mean * u.unit.times,
    )  # fmt: skip
    png = figures.parade(bars, unit, f"{place.weight[lang]} (%)", mean[lang])
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
            sources=(source_of(view, u),),
        ),
        png=png,
    )  # fmt: skip
