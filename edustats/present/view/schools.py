"""What is compared: the schools of a county, or the counties of a prefecture, with values and weights.

Where a county is reported as one row (a census), its prefecture's counties take the place of schools.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.analysis.between_schools import WIDEST
from edustats.analysis.schools import SchoolIndex, index_school_values
from edustats.catalogue import Indicator, Unit, parse_terms
from edustats.disclosure.observations import may_measure_schools
from edustats.metrics.inequality.measures import Interval
from edustats.present.records.items import Provenance
from edustats.present.records.numbers import format_number
from edustats.present.records.row_filter import RowFilter
from edustats.present.view.county import View
from edustats.typing import Flags, Floats
from edustats.words import DASH, Text, say

BEYOND = 1e6
COEFFICIENT_DECIMALS = 3
LEAST_HELD = 0.5
"""Share of the units asked that must have a value, for a spread over them to be printed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitValues:
    """The units of one indicator and year: values, weights, group membership and names."""

    indicator: Indicator
    unit: Unit
    year: int
    values: Floats
    weights: Floats
    codes: npt.NDArray[np.object_]
    read_rows: Callable[[], pd.DataFrame]
    read_sides: Callable[[str], npt.NDArray[np.object_] | None]
    """Of a column of a group, the side of each unit; None where there is no such column."""

    @cached_property
    def rows(self) -> pd.DataFrame:
        """What is told of each unit: put together where it is asked for, which is of few indicators."""
        return self.read_rows()

    def select(self, held: Flags) -> UnitValues:
        """Some of the units."""
        return replace(
            self, values=self.values[held], weights=self.weights[held], codes=self.codes[held],
            read_rows=lambda: self.rows[held].reset_index(drop=True),
            read_sides=lambda column: None if (told := self.read_sides(column)) is None else told[held],
        )  # fmt: skip

    def sides(self, group: str) -> npt.NDArray[np.object_]:
        """The side of each unit in a group; nothing where nobody told it."""
        told = self.read_sides(f"group_{group}")
        return np.full(len(self.values), "", dtype=object) if told is None else told

    @property
    def mean(self) -> float:
        return float(np.average(self.values, weights=self.weights))


@dataclass(frozen=True, slots=True)
class ComparisonField:
    """What is compared: the schools of a county, or the counties of a prefecture."""

    area: Text
    unit_name: Text
    weight: Text
    own: bool


def describe_comparison_field(view: View) -> ComparisonField:
    """The county's own units where it has them, else the counties around it."""
    if view.has_units:
        return ComparisonField(view.name, view.store.unit_name, say("sentences.weight_pupils"), True)
    people = all(i.den.startswith("population") for i in list_compared_indicators(view) if i.den)
    weight = say(f"sentences.weight_{'population' if people else 'denominator'}")
    return ComparisonField(view.compared_area_name, say("sentences.between_counties"), weight, False)


def name_weight(view: View, indicator: Indicator) -> tuple[Text, str]:
    """What units are weighted by for one indicator, and its unit: pupils, or its own denominator by name."""
    place = describe_comparison_field(view)
    held = [view.known.columns[key] for key in indicator.den.split(" + ") if key in view.known.columns]
    units = {column.unit for column in held}
    unit = units.pop() if len(units) == 1 else ""
    pupils = all(column.key.startswith(("pupils", "children")) for column in held)
    named = place.weight if len(held) != 1 or (pupils and place.own) else held[0].name
    return named, unit


def name_weight_within(view: View, indicator: Indicator) -> Text:
    """What units are weighted by for one indicator, as a sentence goes on with it: teachers, primary."""
    named, _ = name_weight(view, indicator)
    return Text(named.zh, named.en[:1].lower() + named.en[1:] if named.en[1:2].islower() else named.en)


def get_unit_values(view: View, indicator: Indicator, year: int) -> UnitValues:
    """Complete units of one indicator in one year, weighted by its denominator; kept with the view."""
    # The groups of a neighbour are those of the view, which may look at one grouping only.
    groups = "" if view.has_units else repr(view.store.about["groups"])
    key = ("unit values", indicator.key, year, view.first_year, view.last_year, groups)
    return view.remember(key, lambda: _compute_unit_values(view, indicator, year))


def _compute_unit_values(view: View, indicator: Indicator, year: int) -> UnitValues:
    unit = view.known.unit_of(indicator.key)
    if view.has_units:
        schools = _index_schools(view)
        at = schools.find_complete(indicator, year)
        return UnitValues(
            indicator=indicator, unit=unit, year=year, values=schools.values[at], weights=schools.weights[at],
            codes=schools.codes[at], read_rows=lambda: schools.take(at),
            read_sides=lambda column: schools.tell(column, at),
        )  # fmt: skip
    rows = _measure_neighbours(view, indicator, year)
    values, weights = (rows[name].to_numpy(float) for name in ("value", "weight"))
    all_of_them = UnitValues(
        indicator=indicator, unit=unit, year=year, values=values, weights=weights,
        codes=rows["unit"].to_numpy(object), read_rows=lambda: rows,
        read_sides=lambda column: rows[column].to_numpy(object) if column in rows else None,
    )  # fmt: skip
    return all_of_them.select(~np.isnan(values) & (weights > 0))


def _index_schools(view: View) -> SchoolIndex:
    return view.remember("schools", lambda: index_school_values(view.data))


def _measure_neighbours(view: View, indicator: Indicator, year: int) -> pd.DataFrame:
    rows = view.compare
    hit = (rows["level"] == "county") & (rows["indicator"] == indicator.key) & (rows["year"] == year)
    found = rows[hit].rename(columns={"area": "unit", "den": "weight"}).reset_index(drop=True)
    for group in view.store.about["groups"]:
        if group.get("codes"):
            high = found["unit"].map(lambda code, rule=group["codes"]: bool(re.fullmatch(rule, code)))
            found[f"group_{group['key']}"] = np.where(high, "high", "low")
    return found


def list_compared_indicators(view: View) -> list[Indicator]:
    """Indicators worth comparing between units."""
    return [i for i in view.indicators if i.compare and i.has_base]


def list_measured_years(view: View, indicator: Indicator) -> list[int]:
    """Years in which at least one unit holds a value, and an index over the units may be printed."""
    key = ("measured years", indicator.key, view.first_year, view.last_year)
    return list(view.remember(key, lambda: _find_measured_years(view, indicator)))


def _find_measured_years(view: View, indicator: Indicator) -> list[int]:
    if view.has_units:
        years = view.comparison.valued_years(indicator.key, view.area)
    else:
        rows = view.compare[(view.compare["indicator"] == indicator.key).to_numpy()]
        years = sorted({int(y) for y in rows.loc[rows["value"].notna(), "year"]})
    return [
        year for year in years
        if not view.has_units
        or (may_measure_schools(view.units, indicator, year, view.known) and not is_thin(view, indicator, year))
    ]  # fmt: skip


def is_thin(view: View, indicator: Indicator, year: int) -> bool:
    """Whether fewer than half of the schools asked have a value: a spread over the others is not the county's."""
    held, asked = count_units(view, indicator, year)
    return held < LEAST_HELD * asked


def count_units(view: View, indicator: Indicator, year: int) -> tuple[int, int]:
    """Units with a value, and units asked: a kindergarten is not missing from primary schools."""
    return _index_schools(view).counts.get((indicator.key, year), (0, 0))


def trace_units(view: View, u: UnitValues, group: str = "") -> Provenance:
    """Where the figures of these units come from."""
    whose = view.area if view.has_units else view.above
    rows = RowFilter(whose="units", areas=(whose,), years=(u.year,), group=group, units=len(u.values))
    return view.provenance(u.indicator, rows)


def name_unit(view: View, u: UnitValues, index: int) -> Text:
    """A county's name; a school goes by its name in Chinese and by its code in English."""
    code = str(u.codes[index])
    if not view.has_units:
        return view.store.name(code)
    named = str(u.rows["unit_name"].iloc[index]) if "unit_name" in u.rows else ""
    return Text(named if named and named != "nan" else code, code)


def is_narrow_interval(found: Interval) -> bool:
    """Whether an interval exists and is narrow enough to print."""
    return math.isfinite(found.lower) and found.upper <= WIDEST * found.estimate


def format_coefficient(value: float, kind: str = "level") -> Text:
    # a bound for a handful of very unequal units can run to 10^50: that is no bound
    return format_number(value, COEFFICIENT_DECIMALS, "coefficient", kind) if abs(value) < BEYOND else DASH


def format_with_interval(estimate: float, lower: float, upper: float) -> Text:
    """``0.213（0.180～0.260）``; the estimate alone where no interval exists or it says nothing."""
    if not (math.isfinite(lower) and upper <= WIDEST * estimate):
        return format_coefficient(estimate)
    low, high = (format_coefficient(limit, "interval_end") for limit in (lower, upper))
    return say("sentences.with_interval", value=format_coefficient(estimate), low=low, high=high)


def is_per_pupil(indicator: Indicator) -> bool:
    """Whether the indicator is a resource over pupils, so that pupils and resource can move apart."""
    return (
        indicator.unit != "share"
        and bool(indicator.den)
        and all(name.startswith(("pupils", "children")) for name in parse_terms(indicator.den))
    )
