"""What value does a school have? The observation stored for it, and no other: nothing is added up again here.

Adding up columns once more would have to know each cell's kind of missing; a stage that is not taught would
turn into a missing value. The store did that when it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from edustats.catalogue import Indicator
from edustats.store.reading import CountyData, Store
from edustats.typing import Floats

ABOUT = ("unit", "year", "unit_name", "school_type", "location", "provider")
"""What is told of a school beside its groups, whose columns begin with ``group_``."""
SUMMED = ["num", "weight"]
SPAN = 100_000
"""More than any year."""


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
    return index_school_values(data).select(indicator)


@dataclass(frozen=True, eq=False)
class SchoolIndex:
    """The schools' observations of a county, found by indicator; what is told of each school once for all."""

    area: str
    rows: pd.DataFrame
    """Observations of the schools, in the order of the store."""
    places: Mapping[str, npt.NDArray[np.intp]]
    """Of the rows of each indicator."""
    about: pd.DataFrame
    which: npt.NDArray[np.intp]
    """(n,) the row of ``about`` that is told of each observation's school; -1 where none is."""

    def select(self, indicator: Indicator) -> pd.DataFrame:
        """As :func:`select_school_values`."""
        return self.take(self.places.get(indicator.key, np.array([], dtype=np.intp)))

    def find_complete(self, indicator: Indicator, year: int) -> npt.NDArray[np.intp]:
        """Places of the schools of one year that have a value and a weight."""
        at = self.places.get(indicator.key, np.array([], dtype=np.intp))
        held = ~np.isnan(self.values[at]) & (self.weights[at] > 0)
        return at[(self._years[at] == year) & held]

    @cached_property
    def values(self) -> Floats:
        """The value of each observation."""
        return self.rows["value"].to_numpy(float)

    @cached_property
    def weights(self) -> Floats:
        """Its denominator."""
        return self.rows["weight"].to_numpy(float)

    @cached_property
    def codes(self) -> npt.NDArray[np.object_]:
        """The school's code."""
        return self.rows["unit"].to_numpy(object)

    @cached_property
    def _years(self) -> npt.NDArray[np.int64]:
        return self.rows["year"].to_numpy(np.int64)

    def take(self, at: npt.NDArray[np.intp]) -> pd.DataFrame:
        """The observations at some places, with what is told of their schools."""
        if self._joined is not None:
            return self._joined.take(at).reset_index(drop=True)
        return self._join(at)

    def tell(self, column: str, at: npt.NDArray[np.intp]) -> npt.NDArray[np.object_] | None:
        """One column of what is told of the schools at some places; None where nobody is told of in it."""
        if column not in self.about:
            return None
        if column not in self._told:
            self._told[column] = np.append(self.about[column].to_numpy(object), np.nan)  # -1: nothing is told
        return self._told[column][self.which[at]]

    @cached_property
    def _told(self) -> dict[str, npt.NDArray[np.object_]]:
        return {}

    @cached_property
    def _joined(self) -> pd.DataFrame | None:
        """All rows with what is told of their schools, where something is told of each."""
        return self._join(np.arange(len(self.rows))) if (self.which >= 0).all() else None

    def _join(self, at: npt.NDArray[np.intp]) -> pd.DataFrame:
        own, which = self.rows.take(at).reset_index(drop=True), self.which[at]
        told = self.about.take(which) if (which >= 0).all() else self.about.reindex(which)
        return pd.concat([own.assign(county=self.area), told.reset_index(drop=True)], axis=1)

    def divide_group(self, column: str, side: str, years: Floats) -> dict[str, Floats]:
        """Ratio of sums over the schools of one side that hold both, of each indicator over the years."""
        keys = np.empty(len(self.rows), dtype=object)
        for key, at in self.places.items():
            keys[at] = key
        told = (self.about[column] == side).fillna(False).to_numpy(bool)
        own = np.append(told, False)[self.which]  # -1: nothing is told of the school
        for name in SUMMED:
            own &= np.isfinite(self.rows[name].to_numpy(float))
        sums = self.rows[own].groupby([keys[own], "year"])[SUMMED].sum()
        code, found = pd.factorize(sums.index.get_level_values(0))
        at = pd.Index(years).get_indexer(sums.index.get_level_values(1))
        spread = np.full((len(found), len(years), 2), np.nan)
        spread[code[at >= 0], at[at >= 0]] = sums.to_numpy(float)[at >= 0]
        return dict(zip(map(str, found), _divide_known(spread[..., 0], spread[..., 1]), strict=True))

    @cached_property
    def counts(self) -> dict[tuple[str, int], tuple[int, int]]:
        """Schools with a value and schools asked, by indicator and year."""
        held = self.rows["value"].notna().to_numpy()
        asked = held | (self.rows["status"] != "not_applicable").to_numpy()
        keys, of = list(self.places), np.zeros(len(self.rows), dtype=np.int64)
        for k, at in enumerate(self.places.values()):
            of[at] = k
        at = of * SPAN + self._years
        pairs, place = np.unique(at, return_inverse=True)
        sums = (np.bincount(place, kind, len(pairs)).astype(int).tolist() for kind in (held, asked))
        which, years = (side.tolist() for side in np.divmod(pairs, SPAN))
        return {
            (keys[k], year): (some, every) for k, year, some, every in zip(which, years, *sums, strict=True)
        }


def index_school_values(data: CountyData) -> SchoolIndex:
    """Where the values of each indicator of a county's schools stand."""
    own = data.observations
    own = own[(own["area"] != data.area).to_numpy()]
    columns = ["area", "year", "value", "num", "den", "status"]
    rows = own[columns].rename(columns={"area": "unit", "den": "weight"}).reset_index(drop=True)
    code, keys = pd.factorize(own["indicator"])
    ends = np.cumsum(np.bincount(code, minlength=len(keys)))[:-1]
    groups = np.split(np.argsort(code, kind="stable"), ends) if len(keys) else []
    places = dict(zip(map(str, keys), groups, strict=True))
    told = [str(name) for name in data.units if name in ABOUT or str(name).startswith("group_")]
    about = data.units[told].drop_duplicates(["unit", "year"]).reset_index(drop=True)
    numbers, _ = pd.factorize(pd.concat([rows["unit"], about["unit"]]).astype(str))
    span = pd.concat([rows["year"], about["year"]]).to_numpy(int)
    pair = numbers.astype(np.int64) * SPAN + span
    which = pd.Index(pair[len(rows) :]).get_indexer(pair[: len(rows)])
    return SchoolIndex(data.area, rows, places, about.drop(columns=["unit", "year"]), which)


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
    return divide_sums(rows[pair].groupby("year")[SUMMED].sum(), years)


def divide_sums(sums: pd.DataFrame, years: Floats) -> Floats:
    """Ratio of the sums ``num`` and ``weight`` of each year; nan where there are none."""
    sums = sums.reindex(years)
    return _divide_known(sums["num"].to_numpy(float), sums["weight"].to_numpy(float))


def _divide_known(top: Floats, bottom: Floats) -> Floats:
    known = np.isfinite(bottom) & (bottom > 0)
    return np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=known)
