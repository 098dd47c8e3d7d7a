"""How do all counties of the area stand, indicator by indicator and year by year? One judgement for a page.

The county's verdicts are read together with those of its neighbours, so they are made once for all
indicators and kept with the view.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Indicator
from edustats.metrics.breaks import Jumps, jumps
from edustats.metrics.pooling import FEWEST_AREAS
from edustats.metrics.verdicts import Judged, LastStep, judge, last_step

if TYPE_CHECKING:
    from edustats.present.view import View

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """Indicators by counties by years; nan where missing or before the latest declared break."""

    keys: tuple[str, ...]
    areas: tuple[str, ...]
    own: int
    """Position of the view's county."""
    years: Floats
    values: Floats
    dens: Floats
    shares: npt.NDArray[np.bool_]

    @cached_property
    def judged(self) -> Judged:
        return judge(self.years, self.values, self.shares, self.dens)

    @cached_property
    def last(self) -> LastStep:
        """The last year's step of every series; (k, c) arrays."""
        return last_step(self.years, self.values)

    @cached_property
    def jumps(self) -> Jumps:
        """Undeclared jumps of the view's own county, one entry an indicator."""
        return jumps(self.years, self.values[:, self.own])

    @cached_property
    def together(self) -> npt.NDArray[np.int64]:
        """(k,) counties whose years were long enough to be read together; 0 where each stands alone."""
        found = np.isfinite(self.judged.slopes.own).sum(axis=1)
        return np.where(found >= FEWEST_AREAS, found, 0)

    def at(self, indicator: Indicator) -> int:
        return self.keys.index(indicator.key)


def make_panel(view: View, alone: bool = False) -> Panel:
    """The panel of a view, in its years: all counties of the area, or the view's own area alone."""
    rows = view.compare
    rows = rows[((rows["area"] == view.area) if alone else (rows["level"] == "county")).to_numpy()]
    keys = tuple(i.key for i in view.indicators)
    areas = tuple(sorted(set(rows["area"]) | {view.area}))
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
    broken[place] = (rows["status"] == "break").to_numpy()[known]
    # Years before the latest break: those that still have one to come.
    later = np.flip(np.logical_or.accumulate(np.flip(broken, 2), axis=2), 2)
    before = np.concatenate([later[..., 1:], np.zeros((*shape[:2], 1), bool)], axis=2)
    values[before] = np.nan
    shares = np.array([view.known.indicators[key].unit == "share" for key in keys])
    return Panel(keys, areas, areas.index(view.area), years, values, dens, shares)
