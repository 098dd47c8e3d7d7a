"""Are the counties of the area growing alike, all schools together and town and village apart?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from edustats.analysis.schools import SchoolIndex, index_school_values
from edustats.catalogue import Indicator, Unit, catalogue
from edustats.metrics.comparison.convergence import FEWEST, Convergence, measure_convergence
from edustats.metrics.trend.verdicts import DISCOVERY, adjust_p_values
from edustats.present.county.profile import MOST_ROWS
from edustats.present.records.items import Cell, Finding, Number, Table, TableColumn
from edustats.present.records.numbers import format_number, format_percent, format_without_unit, join_sentence
from edustats.present.records.row_filter import join_group, select_rows
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.area import AreaView
from edustats.present.view.notes import select_most_telling, write_scope_note
from edustats.typing import Floats
from edustats.words import CLAUSES, DASH, NOTHING, Text, join_texts, say

Row = tuple[Indicator, Text, Convergence]
MOST_TOLD = 6
SAID = ("closer", "apart")
AT_BOUND = 0.05
"""A share nearer to 0 or 1 than this, and nearer than at first: what is left of the spread is no equality."""


def show_convergence(view: AreaView) -> ChapterItems:
    """Spread between the counties of the area over the years: what is surely closer or further apart."""
    panel = view.panel
    asked = tuple(i.key for i in view.indicators), panel.areas, tuple(panel.years), view.damaged
    given = repr(view.store.about["groups"]), tuple(sorted(view.prices.changes.items()))
    # It is the same for every county of the area, and takes as long as all else that is said of one.
    rows = view.comparison.keep(("convergence", *asked, *given), lambda: _measure_all(view))
    if not rows:
        return collect_items(
            view, Finding(key="convergence", sentence=join_sentence(say("trends.no_convergence")))
        )
    sure = select_most_telling(
        [r for r in rows if r[2].verdict in SAID], _measure_spread_change, most=MOST_TOLD
    )
    return collect_items(
        view,
        _summarize_convergence(view, rows),
        [_describe_convergence(view, *r) for r in sure],
        _tabulate_convergence(view, rows),
    )


def _measure_all(view: AreaView) -> list[Row]:
    """Every indicator, all schools together and each side of a group apart."""
    rows = [row for i in view.indicators if i.compare and i.den for row in _measure_all_schools(view, i)]
    if sides := _name_group_sides(view):
        schools = _index_schools(view)
        for (key, side), name in sides.items():
            rows += _measure_one_side(view, schools, f"group_{key}", side, name)
    return _keep_surviving(rows)


def _keep_surviving(rows: list[Row]) -> list[Row]:
    """What is called narrower or wider must survive the number of comparisons of the chapter."""
    if not rows:
        return rows
    adjusted = adjust_p_values(np.array([[found.p] for _, _, found in rows]))[:, 0]
    return [
        (
            i,
            group,
            found if found.verdict not in SAID or p <= DISCOVERY else replace(found, verdict="among_many"),
        )
        for (i, group, found), p in zip(rows, adjusted, strict=True)
    ]


def _measure_spread_change(row: Row) -> float:
    return abs(math.log(row[2].sigma)) if row[2].sigma > 0 else 0.0


def _measure_all_schools(view: AreaView, indicator: Indicator) -> Iterator[Row]:
    panel = view.panel
    yield from _measure_convergence(indicator, NOTHING, panel.years, panel.values[panel.at(indicator)])


def _measure_convergence(indicator: Indicator, group: Text, years: Floats, values: Floats) -> Iterator[Row]:
    """The indicator between the first and last year that enough counties have; nothing where there are none."""
    held = np.flatnonzero(np.isfinite(values).sum(axis=0) >= FEWEST)
    if len(held) < 2:
        return
    between = slice(held[0], held[-1] + 1)
    # Amounts are alike when their ratio is 1, shares when their difference is nought.
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = values if indicator.unit == "share" else np.where(values > 0, np.log(values), np.nan)
    found = measure_convergence(years[between], scaled[:, between])
    if indicator.unit == "share" and found.verdict == "closer" and _has_reached_bound(values[:, between]):
        found = replace(found, verdict="at_bound")
    if math.isfinite(found.sigma_lower):
        yield indicator, group, found


def _has_reached_bound(shares: Floats) -> bool:
    """Whether the counties' shares have run against 0 or 1, where all must be alike."""
    both = shares[np.isfinite(shares[:, 0]) & np.isfinite(shares[:, -1])]
    first, last = (float(min(level, 1 - level)) for level in both[:, [0, -1]].mean(axis=0))
    return last < AT_BOUND and last < first


def _name_group_sides(view: AreaView) -> dict[tuple[str, str], Text]:
    """The groups of units the store knows, with the name of each side."""
    return {
        (group["key"], side): Text(**group[side])
        for group in view.store.about["groups"]
        if group["key"] == "location"
        for side in ("high", "low")
    }


def _index_schools(view: AreaView) -> list[SchoolIndex]:
    """The schools of every county; a prefecture stands in its own panel and has no schools of its own."""
    counties = [area for area in view.panel.areas if area in view.store.counties]
    return [index_school_values(view.store.county(area)) for area in counties]


def _measure_one_side(
    view: AreaView, schools: list[SchoolIndex], column: str, side: str, name: Text
) -> Iterator[Row]:
    """The same for the units of one side only, summed county by county."""
    years = view.panel.years
    ratios = [own.divide_group(column, side, years) for own in schools if column in own.about]
    nothing = np.full(len(years), np.nan)
    for indicator in view.indicators:
        if (
            not (indicator.compare and indicator.den)
            or view.known.levels(indicator) != {"school"}
            or indicator.across
        ):
            continue
        values = np.array([held.get(indicator.key, nothing) for held in ratios])
        yield from _measure_convergence(indicator, name, years, values)


def _summarize_convergence(view: AreaView, rows: list[Row]) -> Finding:
    """Per group: how many indicators have come closer, moved apart, or cannot be told."""
    parts = []
    for group in dict.fromkeys(group for _, group, _ in rows):
        verdicts = [c.verdict for _, g, c in rows if g == group]
        count = {word: verdicts.count(word) for word in SAID}
        count["cannot_tell"] = len(verdicts) - sum(count.values())
        which = group if group.zh else say("trends.all_schools")
        parts.append(say("trends.convergence_group", group=which, n=len(verdicts), **count))
    told = join_texts(parts, CLAUSES)
    said = join_sentence(say("trends.convergence", above=view.compared_area_name, parts=told))
    return Finding(key="convergence", sentence=said, note=_note_policy(rows))


def _note_policy(rows: list[Row]) -> Text:
    return say("trends.convergence_note", n=len(rows), false=f"{DISCOVERY:.0%}", bound=f"{AT_BOUND:.0%}")


def _describe_convergence(view: AreaView, indicator: Indicator, group: Text, found: Convergence) -> Finding:
    unit = view.known.unit_of(indicator.key)
    first, last = (_format_spread(s, unit) for s in (found.first_spread, found.last_spread))
    said = say(
        f"trends.{found.verdict}", above=view.compared_area_name, n=found.n, indicator=indicator.name,
        group=Text(group.zh, f"{group.en} " if group.en else ""),
        first_year=found.first_year, last_year=found.last_year, first=first, last=last,
        sigma=format_number(found.sigma, 2, "coefficient"),
        low=format_number(found.sigma_lower, 2, "coefficient", "interval_end"),
        high=format_number(found.sigma_upper, 2, "coefficient", "interval_end"),
    )  # fmt: skip
    rows = select_rows(
        "counties", view.compared_area, found.first_year, found.last_year, group=join_group(group)
    )
    source = view.provenance(indicator, rows)
    number = Number(
        label=say("trends.head_sigma"), value=found.sigma, unit="times", decimals=2, source=source
    )  # fmt: skip
    return Finding(
        key=f"convergence.{indicator.key}{'.' + group.en if group.en else ''}",
        sentence=join_sentence(said),
        numbers=(number,),
        verdict="narrower" if found.verdict == "closer" else "wider",
        note=write_scope_note(view, indicator, found.last_year),
    )


def _format_spread(value: float, unit: Unit) -> Text:
    """A standard deviation: points of a share, or per cent where it is one of logarithms."""
    if unit.key == "share":
        points = format_without_unit(value, unit)
        return say("trends.points", value=points)
    return format_percent(value, 1)


def _tabulate_convergence(view: AreaView, rows: list[Row]) -> Table:
    heads = ("sigma", "beta")
    labels = [say("sentences.head_indicator"), say("trends.head_group"), say("sentences.head_years")]
    labels += [say(f"trends.head_{name}") for name in heads] + [say("sentences.head_verdict")]
    return Table(
        key="convergence",
        title=say("trends.title_convergence", above=view.compared_area_name),
        columns=tuple(TableColumn(label=label) for label in labels),
        rows=tuple(_fill_convergence_row(*row) for row in rows),
        note=_note_policy(rows),
        sources=tuple(
            view.provenance(i, select_rows("counties", view.compared_area, group=join_group(g)))
            for i, g, _ in rows
        ),
        brief=len(rows) <= MOST_ROWS,
    )


def _fill_convergence_row(indicator: Indicator, group: Text, found: Convergence) -> tuple[Cell | Text, ...]:
    words = {
        "closer": "sentences.narrower",
        "apart": "sentences.wider",
        "cannot_tell": "sentences.cannot_tell",
        "among_many": "trends.among_many",
        "at_bound": "trends.at_bound",
    }
    return (
        indicator.name,
        group if group.zh else say("trends.all_schools"),
        f"{found.first_year}–{found.last_year}",
        _format_with_limits(found.sigma, found.sigma_lower, found.sigma_upper, "coefficient", 2),
        _format_with_limits(found.beta, found.beta_lower, found.beta_upper, "share", 1),
        say(words[found.verdict]),
    )


def _format_with_limits(value: float, low: float, high: float, unit: str, places: int) -> Text:
    if not math.isfinite(value):
        return DASH
    shown, lower, upper = (
        format_without_unit(x, catalogue().units[unit], places, kind)
        for x, kind in ((value, "level"), (low, "interval_end"), (high, "interval_end"))
    )
    return say("sentences.with_interval", value=shown, low=lower, high=upper)
