"""How do the counties of a prefecture stand beside each other, and what has changed in all of them?

Most of the page reads the comparison rows alone: one observation per county, indicator and year.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from edustats import catalogue as catalogue_room
from edustats.analysis.like_for_like import LikeForLike
from edustats.catalogue import Indicator, Unit, select_spokespersons
from edustats.present.county.series import IndicatorHistory
from edustats.present.county.trends import build_history, describe_trend
from edustats.present.records.items import Finding, Item, Number, Table, TableColumn
from edustats.present.records.numbers import (
    choose_decimals,
    format_amount,
    format_difference,
    format_without_unit,
    is_printed_zero,
    join_sentence,
    round_half_up,
)
from edustats.present.records.row_filter import select_rows
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.standards.readiness import show_standards_ranking
from edustats.present.view.notes import describe_cover, describe_formula, select_most_telling
from edustats.present.view.prefecture import MOST_NAMED, PrefectureView
from edustats.present.view.revisions import show_revisions
from edustats.words import CLAUSES, NOTHING, Text, concatenate_texts, join_texts, say

MOST_INDICATORS = 8
"""Columns that fit a page of 156 mm beside the county's name."""
MOST_ROWS = 30
"""A longer table stays on the page and out of the brief."""
MOST_TOLD = 4
"""Sentences about the same thing; the table holds the rest."""
MOST_ALIKE = 3
"""More counties than this that share the first place are not marked: then nobody leads."""


# --- which indicators, and how the counties stand on one ------------------------------------------------------


@cache
def read_headline_keys() -> tuple[str, ...]:
    """Indicators that a prefecture's page puts side by side, the most telling first."""
    file = Path(catalogue_room.__file__).with_name("headline.toml")
    return tuple(tomllib.loads(file.read_text("utf-8"))["indicators"])


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyComparison:
    """All counties on one indicator in its latest year."""

    indicator: Indicator
    unit: Unit
    year: int
    values: dict[str, float]
    """By county code, in the order of the codes; counties without a value are left out."""
    reference: float
    """The prefecture's own value, the sum of numerators over the sum of denominators; nan if there is none."""

    @property
    def places(self) -> int:
        """Decimals that all values share."""
        return choose_decimals(self.unit, *self.values.values())

    def ends(self) -> tuple[list[str], list[str]]:
        """Counties with the highest and with the lowest value, as printed; none where all are alike."""
        printed = {code: round_half_up(v * self.unit.times, self.places) for code, v in self.values.items()}
        high, low = max(printed.values()), min(printed.values())
        if high == low:
            return [], []
        return [c for c, v in printed.items() if v == high], [c for c, v in printed.items() if v == low]

    def find_best_and_worst(self) -> tuple[list[str], list[str]]:
        """Counties in the first and the last place; none where neither direction is better or many share it."""
        if self.indicator.better == "none":
            return [], []
        high, low = self.ends()
        best, worst = (high, low) if self.indicator.better == "higher" else (low, high)
        return _drop_if_many(best), _drop_if_many(worst)


def _drop_if_many(codes: list[str]) -> list[str]:
    return codes if len(codes) <= MOST_ALIKE else []


def compare_counties(view: PrefectureView, indicators: Sequence[str] = ()) -> list[CountyComparison]:
    """How the counties stand on the chosen indicators, else on the most telling that they report."""
    indicators = indicators or view.chosen
    keys = indicators or read_headline_keys()
    found = [one for key in keys if (one := _compare_on_indicator(view, view.known.indicator(key)))]
    if not indicators and len(found) < MOST_INDICATORS // 2:
        others = [i for i in select_spokespersons(_list_reported(view)) if i.compare and i.key not in keys]
        found += [one for indicator in others if (one := _compare_on_indicator(view, indicator))]
    return found if indicators else found[:MOST_INDICATORS]


def _list_reported(view: PrefectureView) -> list[Indicator]:
    """What the prefecture or its counties report: of a rate without its counts the prefecture has none of its own."""
    areas = (view.area, *view.counties)
    held = frozenset().union(*(view.comparison.held_indicators(area) for area in areas))
    return [
        i
        for key, i in view.known.indicators.items()
        if key in held and (not view.chosen or key in view.chosen)
    ]


def _list_histories(view: PrefectureView, found: Sequence[CountyComparison]) -> list[IndicatorHistory]:
    """The prefecture's own series of what its counties are compared on, where it has one."""
    held = [one.indicator for one in found if one.indicator in view.held_indicators]
    return [build_history(view, indicator) for indicator in held]


def _compare_on_indicator(view: PrefectureView, indicator: Indicator) -> CountyComparison | None:
    rows = view.by_county[view.by_county["indicator"] == indicator.key].dropna(subset="value")
    if rows["area"].nunique() < 2:
        return None
    year = int(rows["year"].max())
    own = rows[rows["year"] == year].sort_values("area")
    wider = view.series(indicator.key).dropna(subset="value")
    reference = wider.loc[wider["year"] == year, "value"]
    return CountyComparison(
        indicator=indicator, unit=view.known.unit_of(indicator.key), year=year,
        values={str(code): float(value) for code, value in zip(own["area"], own["value"], strict=True)},
        reference=float(reference.iloc[0]) if len(reference) else math.nan,
    )  # fmt: skip


def join_county_names(view: PrefectureView, codes: Sequence[str]) -> Text:
    """Names of counties; of many, the first, and how many there are in all."""
    few = [view.county_name(code) for code in codes[:MOST_NAMED]]
    names = join_texts(few)
    if len(codes) <= MOST_NAMED:
        return names
    return say("prefecture.and_others", names=names, n=len(codes))


def write_county_note(view: PrefectureView, one: CountyComparison, *extra: Text) -> Text:
    """Source, formula, how many counties are compared and how many gave no value."""
    parts = [one.indicator.clause, describe_formula(view.known, one.indicator)]
    parts.append(say("prefecture.note_n", year=one.year, n=len(one.values)))
    if missing := len(view.counties) - len(one.values):
        parts.append(say("prefecture.note_missing", n=missing))
    cover = view.cover_of(one.indicator.key, view.area, one.year)
    parts += describe_cover(view, cover, view.area, one.year)
    parts += extra
    return say("sentences.note", parts=join_texts(parts, CLAUSES))


# --- findings first -------------------------------------------------------------------------------------------


def show_overview(view: PrefectureView, indicators: Sequence[str] = ()) -> ChapterItems:
    """What changed across the prefecture, who leads and who is behind, who passes the standards, what is owed.

    Sentences alone; the tables behind the last two are those of :func:`show_outstanding_items`.

    Parameters
    ----------
    view : from :func:`edustats.open_prefecture`
    indicators : keys to speak of; empty: the most telling that the counties report
    """
    found = compare_counties(view, indicators)
    if not found:
        said = say("prefecture.nothing", area=view.name)
        return collect_items(
            view, Finding(key="prefecture.nothing", sentence=join_sentence(said), verdict="cannot_tell")
        )
    last = [item for item in _collect_outstanding_items(view) if isinstance(item, Finding)]
    return collect_items(view, _summarize_changes(view, found), _describe_leaders(view, found), last)


def show_outstanding_items(view: PrefectureView) -> ChapterItems:
    """What each county still misses under the national standard, and the data it has to look at again."""
    listed = [item for item in _collect_outstanding_items(view) if not isinstance(item, Finding)]
    return collect_items(view, listed, show_revisions(view))


def _collect_outstanding_items(view: PrefectureView) -> list[Item]:
    return [*_rank_by_standard(view), *_count_data_warnings(view)]


def _rank_by_standard(view: PrefectureView) -> list[Item]:
    """How many counties meet the national standard, who is nearest, on what; nothing without schools."""
    if view.store.rows("units", view.counties[:1], ["pupils_primary"]).dropna().empty:
        return []
    found = show_standards_ranking(view.county(view.counties[0]))
    return [item for item in found if item.key != "standards.path"]


def show_prefecture_trends(view: PrefectureView, indicators: Sequence[str] = ()) -> ChapterItems:
    """A finding for each of the chosen indicators: how the whole prefecture's value has changed."""
    found = _list_histories(view, compare_counties(view, indicators))
    return collect_items(view, [_describe_own_trend(view, h) for h in found if h.years])


def _describe_own_trend(view: PrefectureView, h: IndicatorHistory) -> Finding:
    """The sentence of a trend; where it is that of some counties only, who is left out and what is published."""
    found = view.like_for_like(h.indicator.key)
    if found is None or found.is_everybody:
        return describe_trend(view, h)
    # what happened in some of the counties is a change there, and no verdict on the whole
    told = describe_trend(
        view, h if view.is_comparable(h.indicator.key) else replace(h, verdict="change_only")
    )
    series = view.series(h.indicator.key).dropna(subset="value")
    ends = {
        name: view.format_covered(float(row["value"]), h.indicator.key, view.area, int(row["year"]))
        for name, row in (("first", series.iloc[0]), ("last", series.iloc[-1]))
    }
    years = {"first_year": int(series["year"].iloc[0]), "last_year": int(series["year"].iloc[-1])}
    facts = {"n": len(found.kept), "names": _name_left_out(view, found), **years, **ends}
    more = [say("areas.like_for_like", **facts), *_describe_whole_years(view, h.indicator)]
    return replace(told, sentence=concatenate_texts(told.sentence, Text("", " "), join_sentence(*more)))


def _describe_whole_years(view: PrefectureView, indicator: Indicator) -> list[Text]:
    """From the first to the last year in which all counties are in; nothing where that is no stretch of years."""
    series = view.covered_series(indicator.key, view.area).dropna(subset="value")
    if len(series) < 2 or not view.store.is_whole(view.area):
        return []
    unit = view.known.unit_of(indicator.key)
    ends = {
        name: format_amount(float(row["value"]), unit)
        for name, row in (("first", series.iloc[0]), ("last", series.iloc[-1]))
    }
    years = {"first_year": int(series["year"].iloc[0]), "last_year": int(series["year"].iloc[-1])}
    return [say("areas.whole_years", area=view.name, **years, **ends)]


def _name_left_out(view: PrefectureView, found: LikeForLike) -> Text:
    """Counties that are not compared, with the years they lack; of many the first, and how many there are."""
    few = list(found.left.items())[:MOST_NAMED]
    names = [
        say(
            "areas.lacks", name=view.store.name(code), years=join_texts([Text(str(y), str(y)) for y in years])
        )
        for code, years in few
    ]
    more = [say("areas.and_more", n=len(found.left))] if len(found.left) > len(few) else []
    return join_texts([*names, *more])


def _summarize_changes(view: PrefectureView, found: Sequence[CountyComparison]) -> list[Finding]:
    """How many of the indicators moved the better way between their first and last year, and which the other."""
    judged = [h for h in _list_histories(view, found) if h.indicator.better != "none" and len(h.years) > 1]
    if not judged:
        return []
    kinds: dict[str, list[Text]] = {"better": [], "worse": [], "same": [], "partial": []}
    for h in judged:
        if not view.is_comparable(h.indicator.key):
            kinds["partial"].append(h.indicator.name)
            continue
        size = format_without_unit(h.change.points, h.unit, h.places)
        way = (
            0
            if is_printed_zero(size)
            else math.copysign(1, h.change.points) * (1 if h.indicator.better == "higher" else -1)
        )
        kinds["same" if not way else "better" if way > 0 else "worse"].append(h.indicator.name)
    first, last = min(h.first_year for h in judged), max(h.last_year for h in judged)
    said = say("prefecture.changed", area=view.name, first=first, last=last, n=len(judged))
    parts = [said, *(_describe_change_count(kind, names) for kind, names in kinds.items() if names)]
    return [
        Finding(key="prefecture.changed", sentence=join_sentence(*parts), note=say("prefecture.note_changed"))
    ]


def _describe_change_count(kind: str, names: Sequence[Text]) -> Text:
    told = join_texts(names)
    return say(f"prefecture.changed_{kind}", n=len(names), names=told)


def _describe_leaders(view: PrefectureView, found: Sequence[CountyComparison]) -> list[Finding]:
    """Which county is first, and which last, on most indicators."""
    judged = [one for one in found if one.indicator.better != "none"]
    places = [one.find_best_and_worst() for one in judged]
    told = []
    for kind, side in (("first", 0), ("last", 1)):
        counts = Counter(code for place in places for code in place[side])
        most = max(counts.values(), default=0)
        if most > 1:
            codes = [code for code in view.counties if counts[code] == most]
            told.append(say(f"prefecture.most_{kind}", area=join_county_names(view, codes), k=most))
    if not told:
        return []
    parts = say(
        "prefecture.leaders", n=len(judged),
        told=join_texts(told, CLAUSES),
    )  # fmt: skip
    which = [one.indicator.name for one in judged]
    names = join_texts(which)
    return [
        Finding(
            key="prefecture.leaders",
            sentence=join_sentence(parts),
            note=say("prefecture.note_leaders", names=names),
        )
    ]


def _count_data_warnings(view: PrefectureView) -> list[Item]:
    """How many doubtful values each county has to look at again."""
    found = view.store.rows("findings", view.counties, ["county", "year", "severity"]).dropna(subset="county")
    found = found[found["year"].astype(int).between(view.first_year, view.last_year)]
    if found.empty:
        return [
            Finding(
                key="prefecture.owed",
                sentence=join_sentence(say("prefecture.nothing_owed", area=view.name_whose(view.area))),
            )
        ]
    counts = (
        found.groupby(["county", "severity"])
        .size()
        .unstack(fill_value=0)
        .reindex(view.counties, fill_value=0)
    )
    counts = counts.reindex(columns=["error", "warning"], fill_value=0)
    total = counts.sum(axis=1)
    worst = total.idxmax()
    said = say(
        "prefecture.owed", area=view.name, n=int((total > 0).sum()), count=int(total.sum()),
        errors=int(counts["error"].sum()), most=view.county_name(str(worst)), most_count=int(total.max()),
    )  # fmt: skip
    return [
        Finding(key="prefecture.owed", sentence=join_sentence(said), note=say("prefecture.note_owed")),
        _tabulate_data_warnings(view, counts),
    ]


def _tabulate_data_warnings(view: PrefectureView, counts: pd.DataFrame) -> Table:
    heads = ("county", "errors", "warnings")
    listed = zip(view.counties, counts["error"], counts["warning"], strict=True)
    rows = tuple((view.county_name(code), int(bad), int(odd)) for code, bad, odd in listed if bad or odd)
    columns = tuple(
        TableColumn(label=say(f"prefecture.head_{h}"), decimals=0 if i else None, kind="count")
        for i, h in enumerate(heads)
    )
    return Table(
        key="prefecture.owed",
        title=say("prefecture.title_owed", area=view.name_whose(view.area)),
        columns=columns, rows=rows,
        brief=len(rows) <= MOST_ROWS, sortable=True,
    )  # fmt: skip


# --- side by side ---------------------------------------------------------------------------------------------


def show_county_table(view: PrefectureView, indicators: Sequence[str] = ()) -> ChapterItems:
    """All counties in one table with the first and last place marked, and a sentence on each spread.

    Parameters
    ----------
    view : from :func:`edustats.open_prefecture`
    indicators : keys of the columns; empty: the most telling that the counties report
    """
    found = compare_counties(view, indicators)
    if not found:
        return collect_items(view.lang)
    told = select_most_telling(
        [one for one in found if one.ends()[0]] or found, _score_county_spread, most=MOST_TOLD
    )
    return collect_items(
        view, _tabulate_counties(view, found), [_describe_county_spread(view, one) for one in told]
    )


def _score_county_spread(one: CountyComparison) -> float:
    """How far the counties lie apart, as a part of the prefecture's value."""
    values = list(one.values.values())
    whole = abs(one.reference)
    return (max(values) - min(values)) / whole if whole > 0 else 0.0


def _tabulate_counties(view: PrefectureView, found: Sequence[CountyComparison]) -> Table:
    """The prefecture's own row stands apart, in the note's place at the foot, so that sorting leaves it alone."""
    codes = [code for code in view.counties if any(code in one.values for one in found)]
    rows = tuple(
        (view.county_name(code), *(_scale_value(one, one.values.get(code)) for one in found))
        for code in codes
    )
    ends = [one.find_best_and_worst() for one in found]
    marks = tuple(
        (i, j, "best" if code in best else "worst")
        for i, code in enumerate(codes)
        for j, (best, worst) in enumerate(ends, 1)
        if code in best or code in worst
    )
    years = sorted({one.year for one in found})
    span = str(years[-1]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    foot = (view.name, *(_format_whole(view, one) for one in found))
    return Table(
        key="prefecture.side_by_side",
        title=say("prefecture.title_side_by_side", area=view.name_whose(view.area), years=span),
        columns=(
            TableColumn(label=say("prefecture.head_county")),
            *(_make_indicator_column(one, len(years) > 1) for one in found),
        ),
        rows=rows,
        marks=marks,
        foot=foot,
        sortable=True,
        note=say("prefecture.note_marks"),
        sources=tuple(
            view.provenance(o.indicator, select_rows("counties", view.area, o.year)) for o in found
        ),
        brief=len(rows) <= MOST_ROWS,
    )


def _scale_value(one: CountyComparison, value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value * one.unit.times


def _format_whole(view: PrefectureView, one: CountyComparison) -> float | Text | None:
    """The prefecture's own figure at the foot: a number, or with its mark where counties are missing."""
    cover = view.cover_of(one.indicator.key, view.area, one.year)
    if cover.is_whole or not math.isfinite(one.reference):
        return _scale_value(one, one.reference)
    return cover.mark(format_without_unit(one.reference, one.unit, one.places))


def _mark_reference(view: PrefectureView, one: CountyComparison) -> Text:
    return view.format_covered(one.reference, one.indicator.key, view.area, one.year, one.places)


def _make_indicator_column(one: CountyComparison, dated: bool) -> TableColumn:
    name, unit = one.indicator.name, one.unit.name
    year = Text(f"{one.year}年，", f"{one.year}, ") if dated else NOTHING
    label = Text(f"{name.zh}（{year.zh}{unit.zh}）", f"{name.en} ({year.en}{unit.en})")
    return TableColumn(label=label, decimals=one.places, unit=one.unit.key)


def _describe_county_spread(view: PrefectureView, one: CountyComparison) -> Finding:
    """Highest and lowest county, their difference, and the whole prefecture."""
    high, low = one.ends()
    facts = {"year": one.year, "indicator": one.indicator.name, "n": len(one.values), "area": view.name}
    source = view.provenance(one.indicator, select_rows("counties", view.area, one.year))
    values = np.array(list(one.values.values()))
    if not high:
        said = [
            say("prefecture.all_alike", value=format_amount(float(values[0]), one.unit, one.places), **facts)
        ]
    else:
        top, bottom = float(values.max()), float(values.min())
        said = [say(
            "prefecture.spread", high=join_county_names(view, high), low=join_county_names(view, low),
            top=format_amount(top, one.unit, one.places), bottom=format_amount(bottom, one.unit, one.places),
            gap=format_difference(top - bottom, one.unit, one.places), **facts,
        )]  # fmt: skip
    if math.isfinite(one.reference):
        said.insert(
            1,
            say("prefecture.whole", area=view.name, value=_mark_reference(view, one)),
        )
    numbers = tuple(
        Number(
            label=view.county_name(code), value=value, unit=one.unit.key, decimals=one.places, source=source
        )
        for code, value in one.values.items()
        if code in (*high[:1], *low[:1])
    )
    return Finding(
        key=f"prefecture.spread.{one.indicator.key}", sentence=join_sentence(*said), numbers=numbers,
        note=write_county_note(view, one),
    )  # fmt: skip
