"""How does the county stand against the area above, in the latest year of each indicator?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from edustats.catalogue import Indicator, Unit
from edustats.present.records.items import Finding, Number, Provenance, Table, TableColumn
from edustats.present.records.numbers import (
    MINUS,
    choose_decimals,
    format_amount,
    format_difference,
    format_without_unit,
    format_year,
    is_printed_zero,
    join_sentence,
    with_sign,
)
from edustats.present.records.row_filter import RowFilter
from edustats.present.records.sheet import ChapterItems, collect_items
from edustats.present.view.county import View
from edustats.present.view.coverage import Cover
from edustats.present.view.notes import describe_cover, select_most_telling, write_scope_note
from edustats.words import DASH, NumericText, Text, say

MOST_ROWS = 30
"""A longer table stays on the page and out of the brief."""


def show_profile(view: View) -> ChapterItems:
    """The county in figures: latest values beside the area above, with the two that stand out most."""
    rows = [row for indicator in view.indicators if (row := _compare_latest_value(view, indicator))]
    title = say(
        "sentences.title_profile", area=view.name, year=max((r.year for r in rows), default=view.last_year)
    )
    table = Table(
        key="profile",
        title=title,
        columns=(
            TableColumn(label=say("sentences.head_indicator")),
            TableColumn(label=say("sentences.head_year")),
            TableColumn(label=view.name),
            TableColumn(label=view.above_name),
            TableColumn(label=say("sentences.head_difference")),
        ),
        rows=tuple(row.cells() for row in rows),
        sources=tuple(view.provenance(r.indicator, view.compared_rows(r.year)) for r in rows),
        brief=len(rows) <= MOST_ROWS,
    )
    told = select_most_telling(
        [r for r in rows if r.indicator.compare and math.isfinite(r.gap)],
        lambda row: _standardize_gap(view, row),
    )
    return collect_items(view, [_describe_comparison(view, row) for row in told], table)


def _standardize_gap(view: View, row: _LatestComparison) -> float:
    """How far the county stands from the area above, in standard deviations of the area's counties."""
    counties = view.comparison.county_values(row.indicator.key, row.year)
    spread = float(counties.std(ddof=1)) if len(counties) > 1 else math.nan
    return abs(row.gap) / spread if spread > 0 and math.isfinite(row.gap) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _LatestComparison:
    """Latest value of the county and of the area above."""

    indicator: Indicator
    unit: Unit
    year: int
    value: float
    reference: float
    cover: Cover
    """Of the county's own value."""
    cover_above: Cover

    @property
    def gap(self) -> float:
        return self.value - self.reference

    def cells(self) -> tuple[Text | str, ...]:
        alone = not self.indicator.den or math.isnan(self.gap)
        return (
            self.indicator.name,
            format_year(self.year),
            self.cover.mark(format_amount(self.value, self.unit)),
            self.cover_above.mark(format_amount(self.reference, self.unit)),
            DASH if alone else format_signed_difference(self.gap, self.unit),
        )


def format_signed_difference(gap: float, unit: Unit) -> Text:
    """A difference with its sign, as a table prints it."""
    size = format_difference(gap, unit)
    if not isinstance(size, NumericText):
        return size
    short = replace(size, en=size.en.replace("percentage points", "pp"))
    return short if is_printed_zero(size) else with_sign(short, "+" if gap > 0 else MINUS)


def _find_reference(view: View, indicator: Indicator, year: int) -> float:
    """The figure of the area above; nan where nothing is above: a county would be held against itself."""
    if view.store.count_counties(view.above) == 1:
        return math.nan
    return view.comparison.known_values(indicator.key, view.above).get(year, math.nan)


def _compare_latest_value(view: View, indicator: Indicator) -> _LatestComparison | None:
    own = view.comparison.known_values(indicator.key, view.area)
    if not own:
        return None
    year = max(own)
    return _LatestComparison(
        indicator=indicator,
        unit=view.known.unit_of(indicator.key),
        year=year,
        value=own[year],
        reference=_find_reference(view, indicator, year),
        cover=view.cover_of(indicator.key, view.area, year),
        cover_above=view.cover_of(indicator.key, view.above, year),
    )


def _describe_comparison(view: View, row: _LatestComparison) -> Finding:
    places = choose_decimals(row.unit, row.value, row.reference)
    size = format_without_unit(row.gap, row.unit, places)
    word = "same" if is_printed_zero(size) else "above" if row.gap > 0 else "below"
    sentence = say(
        f"sentences.compare_{word}",
        year=row.year,
        area=view.name,
        indicator=row.indicator.name,
        value=row.cover.mark(format_amount(row.value, row.unit, places)),
        above=view.above_name,
        reference=row.cover_above.mark(format_amount(row.reference, row.unit, places)),
        gap=format_difference(row.gap, row.unit, places),
    )
    source = view.provenance(row.indicator, RowFilter(areas=(view.area, view.above), years=(row.year,)))
    labels = (view.name, view.above_name, say("sentences.head_difference"))
    values = (row.value, row.reference, row.gap)
    return Finding(
        key=f"standing.{row.indicator.key}",
        sentence=join_sentence(sentence),
        numbers=tuple(
            make_number(label, v, row.unit, source) for label, v in zip(labels, values, strict=True)
        ),
        note=write_scope_note(
            view, row.indicator, row.year, describe_cover(view, row.cover_above, view.above, row.year)
        ),
    )


def make_number(label: Text, value: float, unit: Unit, source: Provenance) -> Number:
    """A printed number with its unit's decimals."""
    return Number(label=label, value=value, unit=unit.key, decimals=unit.decimals, source=source)
