"""What value does a school have? The observation stored for it, and no other: nothing is added up again here.

Adding up columns once more would have to know each cell's kind of missing; a stage that is not taught would
turn into a missing value. The store did that when it was written.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from edustats.catalogue import Indicator
from edustats.store.reading import CountyData, Store
from edustats.typing import Floats

ABOUT = ("unit", "year", "unit_name", "school_type", "location", "provider")
"""What is told of a school beside its groups, whose columns begin with ``group_``."""


def select_school_values(data: CountyData, indicator: Indicator) -> pd.DataFrame:
    """Every school of a county with its value of one indicator in every year.

    Parameters
    ----------
    data : a county that is reported by schools
    indicator : of the catalogue

    Returns
    -------
    DataFrame
        ``county``, ``unit``, ``year``, ``value`` in the catalogue's unit (nan where ``status`` says why),
        ``num``, ``weight`` (the denominator; nan for a count), ``status``, the school's name and its groups.
    """
    own = data.observations
    own = own[(own["indicator"] == indicator.key) & (own["area"] != data.area)]
    rows = own.rename(columns={"area": "unit", "den": "weight"})
    rows = rows[["unit", "year", "value", "num", "weight", "status"]].assign(county=data.area)
    told = [str(name) for name in data.units if name in ABOUT or str(name).startswith("group_")]
    about = data.units[told].drop_duplicates(["unit", "year"])
    return rows.merge(about, on=["unit", "year"], how="left", validate="one_to_one")


def read_school_values(store: Store, counties: tuple[str, ...], indicators: tuple[str, ...]) -> pd.DataFrame:
    """Values of schools of several counties: ``county``, ``unit``, ``year``, ``indicator``, ``value``, ``weight``.

    Only these columns and indicators are read, so that memory does not grow with what is not asked for.
    """
    rows = store.unit_observations(counties, indicators)
    return rows.rename(columns={"area": "unit", "den": "weight"})


def compute_group_ratio(rows: pd.DataFrame, years: Floats) -> Floats:
    """Ratio of sums of some schools in each year, over those that hold both sides; nan where none does.

    Parameters
    ----------
    rows : of :func:`select_school_values`
    years : (t,) ascending

    Returns
    -------
    (t,) array
    """
    pair = np.isfinite(rows["num"].to_numpy(float)) & np.isfinite(rows["weight"].to_numpy(float))
    sums = rows[pair].groupby("year")[["num", "weight"]].sum().reindex(years)
    bottom = sums["weight"].to_numpy(float)
    known = np.isfinite(bottom) & (bottom > 0)
    return np.divide(sums["num"].to_numpy(float), bottom, out=np.full(len(years), np.nan), where=known)
