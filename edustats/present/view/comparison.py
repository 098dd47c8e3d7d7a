"""What is the same for every county of a prefecture, so that one process works it out once?

The observations that all its counties are compared by, what is withheld of them, the verdicts on every series, their
forecasts, the rank sets, the neighbours' readiness. A session that goes on to the next county, and the forks of
the process that makes reports, find here what the first one worked out. What is kept is kept under the state
of the files it was made from: a store that was written anew is read anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from edustats.analysis.panel import IndicatorPanel, build_panel
from edustats.analysis.prices import PriceChanges
from edustats.catalogue import Catalogue, Indicator
from edustats.disclosure.observations import WithheldObservation, withhold_small_groups
from edustats.present.view.coverage import COVER, Cover, read_cover
from edustats.store.reading import Store, find_state
from edustats.typing import Floats

MOST_KEPT = 4
"""Prefectures, or ranges of years of one, that a process remembers; a few megabytes each."""
Made = TypeVar("Made")


@dataclass(frozen=True)
class Comparison:
    """The observations of an area's counties and of the areas above, in some years."""

    data: pd.DataFrame
    store: Store
    known: Catalogue
    first_year: int
    last_year: int

    @cached_property
    def _shown(self) -> tuple[pd.DataFrame, tuple[WithheldObservation, ...]]:
        return withhold_small_groups(self.data, self.known)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The observations, without those that would tell of few persons."""
        shown = self._shown[0]
        return shown[shown["year"].between(self.first_year, self.last_year)].reset_index(drop=True)

    @cached_property
    def withheld(self) -> tuple[WithheldObservation, ...]:
        """Observations of these years that are not printed, and why."""
        return tuple(one for one in self._shown[1] if self.first_year <= one.year <= self.last_year)

    def series(self, indicator: str, area: str) -> pd.DataFrame:
        """Observations of one indicator of one area, by year."""
        rows, spans = self._ordered
        begin, end = spans.get((indicator, area), (0, 0))
        return rows.iloc[begin:end].reset_index(drop=True)

    @cached_property
    def _ordered(self) -> tuple[pd.DataFrame, dict[tuple[str, str], tuple[int, int]]]:
        """The rows series by series, of which a series is cut without a copy, and where each begins and ends."""
        rows = self.rows
        (of, keys), (at, codes) = (pd.factorize(rows[name]) for name in ("indicator", "area"))
        indicators, areas = (np.asarray(names, dtype=object) for names in (keys, codes))
        series = of.astype(np.int64) * len(areas) + at
        order = np.lexsort((rows["year"].to_numpy(), series))
        found, begin = np.unique(series[order], return_index=True)
        ends = np.append(begin[1:], len(order)).tolist() if len(order) else []
        one, other = np.divmod(found, max(len(areas), 1))
        places = zip(begin.tolist(), ends, strict=True)
        return rows.take(order), dict(
            zip(zip(indicators[one], areas[other], strict=True), places, strict=True)
        )

    @cached_property
    def _columns(self) -> dict[str, Any]:
        """The ordered rows' columns as arrays: one cell of a frame costs as much as a thousand of theirs.

        Not as lists: the collector of garbage would go through every value of every county time and again.
        """
        rows = self._ordered[0]
        return {
            str(name): column.array if isinstance(column.dtype, pd.StringDtype) else column.to_numpy()
            for name, column in rows.items()
        }

    def _cells(self, indicator: str, area: str, *names: str) -> list[list[Any]]:
        """Some columns of a series as plain values, by year."""
        begin, end = self._ordered[1].get((indicator, area), (0, 0))
        return [self._columns[name][begin:end].tolist() for name in names]

    def find_row(self, indicator: str, area: str, year: int, names: Sequence[str]) -> dict[str, Any] | None:
        """The observation of an area in a year as plain values, the columns named; None where there is none."""
        begin, end = self._ordered[1].get((indicator, area), (0, 0))
        years = self._columns["year"][begin:end].tolist()
        if year not in years:
            return None
        place = begin + years.index(year)
        columns = ((name, self._columns[name]) for name in names)
        return {
            n: column.item(place) if isinstance(column, np.ndarray) else column[place]
            for n, column in columns
        }

    def year_values(self, indicator: str, area: str) -> list[tuple[int, float]]:
        """Year and value of each observation of an area, nan where it has none."""
        return list(zip(*self._cells(indicator, area, "year", "value"), strict=True))

    def known_values(self, indicator: str, area: str) -> dict[int, float]:
        """The values of an area by year, without the years that have none."""
        return {year: value for year, value in self.year_values(indicator, area) if value == value}

    def county_values(self, indicator: str, year: int) -> Floats:
        """(n,) values of the counties in a year, without those that have none."""
        held = (self.known_values(indicator, county).get(year) for county in self.counties)
        return np.array([value for value in held if value is not None], dtype=float)

    def valued_years(self, indicator: str, area: str) -> list[int]:
        """Years in which an area has a value."""
        return sorted(self.known_values(indicator, area))

    def find_breaks(self, indicator: str, area: str) -> list[int]:
        """Years in which the definition is declared to have changed."""
        return list(self._breaks.get((indicator, area), ()))

    @cached_property
    def _breaks(self) -> dict[tuple[str, str], list[int]]:
        """The years of :meth:`find_breaks`, of the few series that have any."""
        rows = self._ordered[0]
        rows = rows[(rows["status"] == "break").to_numpy()]
        found: dict[tuple[str, str], list[int]] = {}
        for indicator, area, year in zip(
            *(rows[c].tolist() for c in ("indicator", "area", "year")), strict=True
        ):
            found.setdefault((indicator, area), []).append(year)
        return found

    def held_indicators(self, area: str) -> frozenset[str]:
        """Indicators with any observation of an area."""
        return self._held_indicators.get(area, frozenset())

    @cached_property
    def _held_indicators(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for indicator, area in self._ordered[1]:
            found.setdefault(area, set()).add(indicator)
        return {area: frozenset(keys) for area, keys in found.items()}

    def cover(self, indicator: str, area: str, year: int) -> Cover:
        """What an area's figure is made of in a year."""

        def read() -> Cover:
            held = 0 if self.store.is_whole(area) else self.store.count_counties(area)
            row = self.find_row(indicator, area, year, COVER)
            return read_cover(row, bool(self.known.indicator(indicator).den), held)

        return self.keep(("cover", indicator, area, year), read)

    def covered_series(self, indicator: str, area: str) -> pd.DataFrame:
        """Observations in the years in which they cover the area; all of them of a sum of the counties held."""
        if not self.store.is_whole(area):
            return self.series(indicator, area)
        ratio = bool(self.known.indicator(indicator).den)

        def select() -> pd.DataFrame:
            series, cells = self.series(indicator, area), self._cells(indicator, area, *COVER)
            rows = [dict(zip(COVER, row, strict=True)) for row in zip(*cells, strict=True)]
            whole = np.array([read_cover(row, ratio).is_whole for row in rows], dtype=bool)
            return series[whole].reset_index(drop=True)

        return self.keep(("covered series", indicator, area), select).copy(deep=False)

    def panel(self, own: str, indicators: tuple[Indicator, ...], prices: PriceChanges) -> IndicatorPanel:
        """All counties as arrays with the verdicts on their series, seen from one of them."""
        if own not in self.counties:
            return build_panel(self.rows, own, indicators, prices=prices)
        key = ("panel", tuple(one.key for one in indicators), tuple(sorted(prices.changes.items())))
        found = self.keep(key, lambda: build_panel(self.rows, own, indicators, prices=prices))
        return found.seen_from(own)

    @cached_property
    def counties(self) -> tuple[str, ...]:
        """Codes of the counties with any observation, ascending: the order of GB/T 2260."""
        return tuple(sorted(self.rows.loc[self.rows["level"] == "county", "area"].unique()))

    @cached_property
    def county_indicators(self) -> frozenset[str]:
        """Indicators with any observation of any county."""
        counties = (self.rows["level"] == "county").to_numpy()
        return frozenset(self.rows["indicator"][counties].astype(str))

    def forecasts(self, leads: int) -> Any:
        """Every series with its forecast so many years ahead; None where no series holds a value."""
        from edustats.analysis.forecast_panel import build_forecast_panel

        return self.keep(
            ("forecasts", leads), lambda: build_forecast_panel(self.rows, self.known, leads=leads)
        )

    def keep(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was made under a key, made now if it was not yet."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    @cached_property
    def _kept(self) -> dict[Hashable, Any]:
        return {}


_REMEMBERED: OrderedDict[Hashable, Comparison] = OrderedDict()
_LOCK = threading.Lock()


def compare_area(
    data: pd.DataFrame, store: Store, known: Catalogue, first_year: int, last_year: int
) -> Comparison:
    """The comparison of an area's counties; the one of before, where the same files and years are asked for.

    Parameters
    ----------
    data : observations as the store compares them; rows that were not read from a store are shared with nobody
    first_year, last_year : of the view
    """
    made = Comparison(data, store, known, first_year, last_year)
    state = find_state(data)
    if state is None:
        return made
    key = (state, known.digest, first_year, last_year)
    with _LOCK:
        kept = _REMEMBERED.pop(key, made)
        _REMEMBERED[key] = kept
        while len(_REMEMBERED) > MOST_KEPT:
            _REMEMBERED.popitem(last=False)
    return kept
