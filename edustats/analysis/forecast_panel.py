"""How do all counties of a prefecture go on? Forecasts for the whole panel at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from edustats.analysis.coverage import only_covered
from edustats.catalogue import Catalogue
from edustats.metrics.trend.forecast import Forecasts, forecast_series
from edustats.typing import Floats

LEADS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastPanel:
    """Every series of a comparison with its forecast, breaks left out."""

    row: dict[tuple[str, str], int]
    """Position of an indicator of an area."""
    years: tuple[int, ...]
    values: Floats
    found: Forecasts

    def series(self, indicator: str, areas: set[str]) -> dict[str, Floats]:
        """Values by area of one indicator, in the order of the codes."""
        held = [area for area in sorted(areas) if (indicator, area) in self.row]
        return {area: self.values[self.row[indicator, area]] for area in held}


def build_forecast_panel(compare: pd.DataFrame, known: Catalogue, leads: int = LEADS) -> ForecastPanel | None:
    """Forecast every series of a comparison; None where it holds no value.

    Values before a declared break are left out: they mean something else.
    """
    held = only_covered(compare, known).assign(indicator=compare["indicator"].astype(str))
    if not held["value"].notna().any():
        return None
    keys = ["indicator", "area"]
    breaks = held[held["status"] == "break"].groupby(keys)["year"].max()
    table = held.pivot(index=keys, columns="year", values="value")
    years = table.columns.to_numpy(int)
    since = breaks.reindex(table.index).fillna(years[0]).to_numpy()
    values = np.where(years[None, :] >= since[:, None], table.to_numpy(float), np.nan)
    names = [str(key) for key, _ in table.index]
    ranges = np.array([known.indicators[name].range for name in names])
    shares = np.array([known.unit_of(name).key == "share" for name in names])
    found = forecast_series(
        years, values, names, ranges[:, 0], np.where(shares, ranges[:, 1], math.inf), leads=leads
    )  # fmt: skip
    row = {(str(key), str(area)): k for k, (key, area) in enumerate(table.index)}
    return ForecastPanel(row=row, years=tuple(map(int, years)), values=values, found=found)
