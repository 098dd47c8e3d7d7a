"""What did one indicator of the county do over the years? Its series, its change, its trend, its last step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from edustats.catalogue import Indicator, Unit
from edustats.metrics.trend.change import ValueChange, measure_change
from edustats.metrics.trend.tiers import BASE_YEARS, name_tier
from edustats.present.records.numbers import (
    choose_decimals,
    format_difference,
    format_percent,
    format_without_unit,
    is_printed_zero,
    keep_sign,
    with_sign,
)
from edustats.present.view.area import AreaView
from edustats.words import Text

FIRM = ("improving", "worsening", "rising", "falling")
LIKELY = tuple(f"likely_{word}" for word in FIRM)
DIRECTIONS = (*FIRM, *LIKELY)
JUDGED = (*DIRECTIONS, "same")
"""What is said of an indicator whose level is known well enough; else it cannot be told."""
TWO_YEARS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyRate:
    """Mean yearly change of the fitted curve: in the value's own unit, or relative where amounts are meant."""

    per_year: float
    relative: bool
    """True: shares of the value, 0.02 is two per cent a year."""

    def said(self, unit: Unit) -> Text:
        """Its size with unit, a decimal more than the level has."""
        if self.relative:
            return keep_sign(format_percent(abs(self.per_year), kind="rate"), self.per_year)
        return format_difference(self.per_year, unit, _choose_rate_decimals(unit), kind="slope")

    def signed(self, unit: Unit) -> Text:
        """Its size with its sign, without unit; per cent keep theirs."""
        size = (
            self.said(unit)
            if self.relative
            else format_without_unit(abs(self.per_year), unit, _choose_rate_decimals(unit), "slope")
        )
        return size if is_printed_zero(size) else with_sign(size, "−" if self.per_year < 0 else "+")


def _choose_rate_decimals(unit: Unit) -> int:
    return unit.decimals + 1 if unit.decimals else 0


@dataclass(frozen=True, kw_only=True)
class IndicatorHistory:
    """One indicator of the county: its values, its change and its trend. What its rows say is read once."""

    indicator: Indicator
    unit: Unit
    years: tuple[int, ...]
    """The years that hold a value and belong to the present definition."""
    values: tuple[float, ...]
    verdict: str
    """improving, worsening, rising, falling, the same with ``likely_``, same, cannot_tell; change_only with two
    years."""
    reason: str
    """constant where nothing ever moved, short with three or four years …; else empty."""
    relative: str
    """As ``verdict``, against what the counties did together; alone where they are fewer than four."""
    turn: str
    """peak where a rise became a fall, trough where a fall became a rise; else empty."""
    turn_year: int
    steady: bool
    """Whether the years also lie along a line beyond doubt: the strict verdict."""
    base: tuple[int, int]
    """First and last of the years whose mean level the verdict is against."""
    rate: YearlyRate
    price_year: int
    """Year whose prices an amount of money is judged in; 0 where it is no money or no index is known."""
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
        return self.years[0]

    @property
    def last_year(self) -> int:
        return self.years[-1]

    @property
    def first(self) -> float:
        return self.values[0]

    @property
    def last(self) -> float:
        return self.values[-1]

    @cached_property
    def change(self) -> ValueChange:
        return measure_change(self.first, self.last)

    @cached_property
    def places(self) -> int:
        """Decimals shared by both ends and their difference; one where persons are counted in parts of posts."""
        parts = self.unit.key == "person" and not (self.first.is_integer() and self.last.is_integer())
        return choose_decimals(self.unit, self.first, self.last) or int(parts)


def build_history(view: AreaView, indicator: Indicator) -> IndicatorHistory:
    """The series of one indicator with its trend; years before a declared break take no part. Kept with the view."""
    prices = tuple(sorted(view.prices.changes.items()))
    key = ("history", indicator.key, view.first_year, view.last_year, prices)
    return view.remember(key, lambda: _build_history(view, indicator))


def _build_history(view: AreaView, indicator: Indicator) -> IndicatorHistory:
    panel = view.read_with
    k, a = panel.at(indicator), panel.own
    held = set(panel.years[np.isfinite(panel.values[k, a])].astype(int).tolist())
    known = [
        (year, value)
        for year, value in view.trend_values(indicator.key)
        if year in held and math.isfinite(value)
    ]
    years = tuple(year for year, _ in known)
    judged, tiers, unit = panel.judged, panel.tiers, view.known.unit_of(indicator.key)
    base = years[: min(max(len(years) - 2, 1), BASE_YEARS)] or (0,)
    turn_year = float(tiers.turn_year[k, a])
    verdict = name_tier(str(tiers.tier[k, a]), indicator.better)
    return IndicatorHistory(
        indicator=indicator,
        unit=unit,
        years=years,
        values=tuple(value for _, value in known),
        verdict=verdict,
        reason=str(tiers.reason[k, a]),
        relative=name_tier(str(tiers.relative[k, a]), indicator.better),
        turn=str(tiers.turn[k, a]),
        turn_year=0 if math.isnan(turn_year) else int(turn_year),
        steady=verdict in FIRM and str(tiers.tier[k, a]) == f"firm_{judged.verdict[k, a]}",
        base=(base[0], base[-1]),
        rate=_scale_rate(view, k, unit),
        price_year=int(panel.years[-1]) if panel.deflated[k] else 0,
        together=int(panel.together[k]) if tiers.relative[k, a] != "alone" else 0,
        last_step=float(panel.last.step[k, a]),
        last_unusual=bool(panel.last.unusual[k, a]),
        jump_year=int(panel.jumps.year[k]),
        jump_size=float(panel.jumps.size[k]),
    )


def _scale_rate(view: AreaView, k: int, unit: Unit) -> YearlyRate:
    """The rate as it is said: per cent a year for amounts, else units of the value."""
    tiers, a = view.read_with.tiers, view.read_with.own
    if unit.change != "percent" or tiers.scale[k] != "log":
        return YearlyRate(per_year=float(tiers.per_year[k, a]), relative=False)
    curve = tiers.curve[k, a][np.isfinite(tiers.curve[k, a])]
    years = view.read_with.years[np.isfinite(tiers.curve[k, a])]
    if len(curve) < 2:
        return YearlyRate(per_year=math.nan, relative=True)
    return YearlyRate(
        per_year=float((curve[-1] / curve[0]) ** (1 / (years[-1] - years[0])) - 1), relative=True
    )
