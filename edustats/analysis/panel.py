"""How do all counties of the area stand, indicator by indicator and year by year? One judgement for a page.

The county's verdicts are read together with those of its neighbours, so they are made once for all
indicators and kept with the view.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.analysis.prices import PriceChanges, hold_prices, is_nominal_money
from edustats.catalogue import Indicator
from edustats.metrics.trend.breaks import Jumps, detect_jumps
from edustats.metrics.trend.pooling import FEWEST_AREAS
from edustats.metrics.trend.tiers import Tiers, grade
from edustats.metrics.trend.verdicts import LastStep, TrendVerdicts, judge_trends, measure_last_step
from edustats.typing import Floats


@dataclass(frozen=True)
class IndicatorPanel:
    """Indicators by counties by years; nan where missing or before the latest declared break."""

    keys: tuple[str, ...]
    areas: tuple[str, ...]
    own: int
    """Position of the view's county."""
    years: Floats
    values: Floats
    dens: Floats
    shares: npt.NDArray[np.bool_]
    bands: Floats
    """(k,) difference between years that matters, as the catalogue declares it; nan where it does not."""
    real: Floats
    """The values, amounts of money in prices of the last year: what is compared over years."""
    deflated: npt.NDArray[np.bool_]
    """(k,) which indicators are so held."""
    judged_in: IndicatorPanel | None = None
    """The panel of the same series that was judged; this one looks at it from another county."""

    def seen_from(self, area: str) -> IndicatorPanel:
        """The same panel from another county's place; what was judged for all counties is judged once."""
        return replace(self, own=self.areas.index(area), judged_in=self.judged_in or self)

    @cached_property
    def tiers(self) -> Tiers:
        """Whether each series is higher or lower than it was, and how sure that is."""
        if self.judged_in:
            return self.judged_in.tiers
        return grade(self.years, self.real, self.shares, self.dens, self.bands)

    @cached_property
    def judged(self) -> TrendVerdicts:
        if self.judged_in:
            return self.judged_in.judged
        return judge_trends(self.years, self.real, self.shares, self.dens)

    @cached_property
    def last(self) -> LastStep:
        """The last year's step of every series; (k, c) arrays."""
        if self.judged_in:
            return self.judged_in.last
        return measure_last_step(self.years, self.values)

    @cached_property
    def jumps(self) -> Jumps:
        """Undeclared jumps of the view's own county, one entry an indicator."""
        return detect_jumps(self.years, self.values[:, self.own])

    @cached_property
    def together(self) -> npt.NDArray[np.int64]:
        """(k,) counties whose years were long enough to be read together; 0 where each stands alone."""
        found = np.isfinite(self.judged.slopes.own).sum(axis=1)
        return np.where(found >= FEWEST_AREAS, found, 0)

    def at(self, indicator: Indicator) -> int:
        return self.keys.index(indicator.key)


def build_panel(
    rows: pd.DataFrame,
    own: str,
    indicators: Sequence[Indicator],
    alone: bool = False,
    prices: PriceChanges | None = None,
) -> IndicatorPanel:
    """All counties of the rows, or one area alone, in the rows' years.

    Parameters
    ----------
    rows : observations of an area and its neighbours
    own : code of the area whose place the panel remembers
    indicators : which indicators, in the panel's order
    alone : the own area only, as for a prefecture's own series
    prices : what money of other years is worth; None: it is compared as it was
    """
    rows = rows[((rows["area"] == own) if alone else (rows["level"] == "county")).to_numpy()]
    keys = tuple(i.key for i in indicators)
    areas = tuple(sorted(set(rows["area"]) | {own}))
    years = np.unique(rows["year"].to_numpy(float))
    shape = (len(keys), len(areas), len(years))
    k = pd.Categorical(rows["indicator"].astype(str), categories=keys).codes
    a = pd.Categorical(rows["area"].astype(str), categories=areas).codes
    t = np.searchsorted(years, rows["year"].to_numpy(float))
    known = k >= 0
    place = (k[known], a[known], t[known])
    values, dens, broken = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, bool)
    values[place] = rows["value"].to_numpy(float)[known]
    dens[place] = rows["den"].to_numpy(float)[known]
    dens[[not i.has_base for i in indicators]] = np.nan
    broken[place] = (rows["status"] == "break").to_numpy()[known]
    # Years before the latest break: those that still have one to come.
    later = np.flip(np.logical_or.accumulate(np.flip(broken, 2), axis=2), 2)
    before = np.zeros(shape, bool)
    before[..., :-1] = later[..., 1:]
    values[before] = np.nan
    shares = np.array([i.unit == "share" for i in indicators])
    bands = np.array([np.nan if i.band is None else i.band for i in indicators])
    money = np.array([is_nominal_money(i) for i in indicators], bool)
    real, deflated = hold_prices(values, money, years, prices or PriceChanges(changes={}))
    return IndicatorPanel(keys, areas, areas.index(own), years, values, dens, shares, bands, real, deflated)
