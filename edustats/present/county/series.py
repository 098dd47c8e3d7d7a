"""What did one indicator of the county do over the years? Its series, its change, its trend, its last step."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from edustats.catalogue import Indicator, Unit
from edustats.metrics.trend.change import ValueChange, measure_change
from edustats.metrics.trend.estimators import NAMES
from edustats.present.records.numbers import (
    choose_decimals,
    format_difference,
    format_percent,
    format_without_unit,
    is_printed_zero,
    with_sign,
)
from edustats.present.view.area import AreaView
from edustats.words import Text

DIRECTIONS = ("improving", "worsening", "rising", "falling")
FEW_YEARS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyRate:
    """A yearly rate with its 95 % interval: in the value's own unit, or relative where amounts are meant."""

    per_year: float
    lower: float
    upper: float
    relative: bool
    """True: shares of the value, 0.02 is two per cent a year."""

    def said(self, value: float, unit: Unit) -> Text:
        """Its size with unit, a decimal more than the level has."""
        if self.relative:
            return format_percent(abs(value), kind="slope")
        return format_difference(value, unit, _choose_rate_decimals(unit), kind="slope")

    def limit(self, value: float, unit: Unit) -> Text:
        """Its size as an end of an interval: without unit, but per cent keep theirs."""
        return (
            self.said(value, unit)
            if self.relative
            else format_without_unit(abs(value), unit, _choose_rate_decimals(unit), "interval_end")
        )

    def signed(self, value: float, unit: Unit) -> Text:
        """As :meth:`limit`, with its sign."""
        sign, size = "−" if value < 0 else "+", self.limit(value, unit)
        return size if is_printed_zero(size) else with_sign(size, sign)


def _choose_rate_decimals(unit: Unit) -> int:
    return unit.decimals + 1 if unit.decimals else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorHistory:
    """One indicator of the county: its series, its change and its trend."""

    indicator: Indicator
    unit: Unit
    series: pd.DataFrame
    known: pd.DataFrame
    """The years that hold a value and belong to the present definition."""
    verdict: str
    """improving, worsening, rising, falling, stable, cannot_tell; change_only up to three years."""
    reason: str
    """constant where nothing ever moved, few_years …; else empty."""
    rate: YearlyRate
    band: float
    """Change a year that counts as standing still, as the rate is given."""
    together: int
    """Counties read together; 0 where the county stands alone."""
    last_step: float
    """Last value less that of the year before, nan where either is missing."""
    last_unusual: bool
    jump_year: int
    """Year of a jump that nobody declared; 0 for none."""
    jump_size: float

    @property
    def first_year(self) -> int:
        return int(self.known["year"].iloc[0])

    @property
    def last_year(self) -> int:
        return int(self.known["year"].iloc[-1])

    @property
    def first(self) -> float:
        return float(self.known["value"].iloc[0])

    @property
    def last(self) -> float:
        return float(self.known["value"].iloc[-1])

    @property
    def change(self) -> ValueChange:
        return measure_change(self.first, self.last)

    @property
    def places(self) -> int:
        """Decimals shared by both ends and their difference; one where persons are counted in parts of posts."""
        parts = self.unit.key == "person" and not (self.first.is_integer() and self.last.is_integer())
        return choose_decimals(self.unit, self.first, self.last) or int(parts)


def build_history(view: AreaView, indicator: Indicator) -> IndicatorHistory:
    """The series of one indicator with its trend; years before a declared break take no part."""
    panel = view.read_with
    series = view.trend_series(indicator.key)
    k, a = panel.at(indicator), panel.own
    held = set(panel.years[np.isfinite(panel.values[k, a])].astype(int))
    known = series[series["year"].isin(held) & series["value"].notna()]
    judged, unit = panel.judged, view.known.unit_of(indicator.key)
    word = {"up": NAMES[indicator.better][1], "down": NAMES[indicator.better][-1]}
    verdict = word.get(str(judged.verdict[k, a]), str(judged.verdict[k, a]))
    rate, band = _scale_rate(view, k, unit)
    return IndicatorHistory(
        indicator=indicator,
        unit=unit,
        series=series,
        known=known,
        verdict="change_only" if len(known) <= FEW_YEARS else verdict,
        reason=str(judged.reason[k, a]),
        rate=rate,
        band=band,
        together=int(panel.together[k]) if judged.slopes.weight[k, a] < 1 else 0,
        last_step=float(panel.last.step[k, a]),
        last_unusual=bool(panel.last.unusual[k, a]),
        jump_year=int(panel.undeclared_jumps.year[k]),
        jump_size=float(panel.undeclared_jumps.size[k]),
    )


def _scale_rate(view: AreaView, k: int, unit: Unit) -> tuple[YearlyRate, float]:
    """The rate as it is said: per cent a year for amounts, else units of the value at the county's mean."""
    panel = view.read_with
    judged, a = panel.judged, panel.own
    slope, low, high = (
        float(x[k, a]) for x in (judged.per_year, judged.per_year_lower, judged.per_year_upper)
    )
    held = panel.values[k, a][np.isfinite(panel.values[k, a])]
    mean = float(held.mean()) if len(held) else math.nan
    band = float(judged.band[k, a])
    if judged.scale[k] != "log":
        return YearlyRate(per_year=slope, lower=low, upper=high, relative=False), band
    if unit.change == "percent":
        slope, low, high, band = (math.expm1(x) if x < 50 else math.inf for x in (slope, low, high, band))
        return YearlyRate(per_year=slope, lower=low, upper=high, relative=True), band
    return YearlyRate(per_year=slope * mean, lower=low * mean, upper=high * mean, relative=False), band * mean
