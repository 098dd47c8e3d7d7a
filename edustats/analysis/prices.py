"""What would an amount of an earlier year be in this year's prices? Money is compared over years only so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edustats.catalogue import Indicator
from edustats.catalogue.prices import read_price_index
from edustats.store.reading import Store
from edustats.typing import Flags, Floats
from edustats.words import NOTHING, Text

MONEY = ("yuan", "yuan_per_pupil", "yuan_per_person")


def is_nominal_money(indicator: Indicator) -> bool:
    """Whether an indicator is money spent, whose rise is no news while prices rise.

    What a standard asks in yuan (equipment a pupil) is held against its limit as it stands: limits are not raised
    with prices, and equipment stands in the books at what it once cost.
    """
    return indicator.unit in MONEY and indicator.better == "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChanges:
    """Yearly changes of prices: the year before is 1."""

    changes: Mapping[int, float]
    name: Text = NOTHING
    """What the index is called."""

    def levels(self, years: Floats) -> Floats | None:
        """What one yuan of each year is worth in the last of them; None where a year between is not known.

        Parameters
        ----------
        years : (n,) ascending

        Examples
        --------
        >>> PriceChanges(changes={2023: 1.02, 2024: 1.05}).levels(np.array([2022.0, 2024.0])).round(4).tolist()
        [1.071, 1.0]
        """
        if not len(years):
            return None
        between = range(int(years[0]) + 1, int(years[-1]) + 1)
        if any(year not in self.changes for year in between):
            return None
        grown = np.cumprod([1.0, *(self.changes[year] for year in between)])
        return np.asarray(grown[-1] / grown[(years - years[0]).astype(int)])

    def missing(self, years: Floats) -> list[int]:
        """Years whose change is not known, the first one aside."""
        return (
            [y for y in range(int(years[0]) + 1, int(years[-1]) + 1) if y not in self.changes]
            if len(years)
            else []
        )


def hold_prices(values: Floats, money: Flags, years: Floats, prices: PriceChanges) -> tuple[Floats, Flags]:
    """The values with amounts of money in prices of the last year, and of which indicators they are.

    Parameters
    ----------
    values : (k, c, n) indicators by counties by years
    money : (k,) which indicators are amounts of yuan
    years : (n,) ascending
    prices : yearly changes

    Examples
    --------
    >>> prices = PriceChanges(changes={2024: 1.25})
    >>> held, which = hold_prices(np.array([[[80.0, 100.0]]]), np.array([True]), np.array([2023.0, 2024.0]), prices)
    >>> held.tolist(), which.tolist()
    ([[[100.0, 100.0]]], [True])
    """
    levels = prices.levels(years)
    if levels is None:
        return values, np.zeros(len(values), bool)
    return np.where(money[:, None, None], values * levels, values), money.copy()


def read_prices(store: Store) -> PriceChanges:
    """The bureau's own index where it keeps one beside its store, else the nation's.

    Raises
    ------
    DataError
        As :func:`edustats.catalogue.prices.read_price_index`.
    """
    path = store.path.with_name(f"{store.path.name}.prices.toml")
    index = read_price_index(path if isinstance(path, Path) and path.is_file() else None)
    return PriceChanges(changes={year: level / 100 for year, level in index.yearly.items()}, name=index.name)
