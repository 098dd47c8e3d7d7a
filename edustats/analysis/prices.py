"""What would an amount of an earlier year be in this year's prices? Money is compared over years only so.

The price index is the bureau's own where it keeps one: ``NAME.prices.csv`` beside the store ``NAME``, with the headings
年份, 指数, 来源 or year, index, source; the index is that of consumer prices, the year before being 100. Else it is the
nation's, which travels with the package.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from edustats.analysis.references import decode_table
from edustats.catalogue import Indicator
from edustats.errors import DataError
from edustats.shipped import shipped
from edustats.store.reading import Store
from edustats.typing import Flags, Floats
from edustats.words import NOTHING, Text, say

HEADINGS = {"年份": "year", "指数": "index", "来源": "source"}
LEAST, MOST = 50.0, 300.0
"""A yearly index outside is a level, a rate or a slip: prices have neither halved nor trebled in a year."""
MONEY = ("yuan", "yuan_per_pupil", "yuan_per_person")


def is_nominal_money(indicator: Indicator) -> bool:
    """Whether an indicator is money spent, whose rise is no news while prices rise.

    What a standard asks in yuan (equipment a pupil) is held against its limit as it stands: limits are not raised
    with prices, and equipment stands in the books at what it once cost.
    """
    return indicator.unit in MONEY and indicator.better == "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceIndex:
    """Yearly changes of prices: the year before is 1."""

    changes: Mapping[int, float]
    own: bool = False
    """Whether it is the bureau's own, not the nation's."""
    source: Text = NOTHING
    """Who publishes it."""

    @property
    def name(self) -> Text:
        return say(f"finance.index_{'own' if self.own else 'national'}")

    def levels(self, years: Floats) -> Floats | None:
        """What one yuan of each year is worth in the last of them; None where a year between is not known.

        Parameters
        ----------
        years : (n,) ascending

        Examples
        --------
        >>> PriceIndex(changes={2023: 1.02, 2024: 1.05}).levels(np.array([2022.0, 2024.0])).round(4).tolist()
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


def hold_prices(values: Floats, money: Flags, years: Floats, prices: PriceIndex) -> tuple[Floats, Flags]:
    """The values with amounts of money in prices of the last year, and of which indicators they are.

    Parameters
    ----------
    values : (k, c, n) indicators by counties by years
    money : (k,) which indicators are amounts of yuan
    years : (n,) ascending
    prices : yearly changes

    Examples
    --------
    >>> prices = PriceIndex(changes={2024: 1.25})
    >>> held, which = hold_prices(np.array([[[80.0, 100.0]]]), np.array([True]), np.array([2023.0, 2024.0]), prices)
    >>> held.tolist(), which.tolist()
    ([[[100.0, 100.0]]], [True])
    """
    levels = prices.levels(years)
    if levels is None:
        return values, np.zeros(len(values), bool)
    return np.where(money[:, None, None], values * levels, values), money.copy()


def prices_file(store: Store) -> Any:
    """Where a bureau puts the price index of its own place."""
    return store.path.with_name(f"{store.path.name}.prices.csv")


def read_prices(store: Store) -> PriceIndex:
    """The bureau's own index where it keeps one, else the nation's.

    Raises
    ------
    DataError
        A heading that is missing, a year or an index that is none, one without its source; names file and row.
    """
    file = prices_file(store)
    if not file.is_file():
        return read_national_prices()
    changes, sources = _parse(decode_table(file.read_bytes(), file.name), file.name)
    told = "、".join(dict.fromkeys(sources))
    return PriceIndex(changes=changes, own=True, source=Text(told, told))


@cache
def read_national_prices() -> PriceIndex:
    """Consumer prices of the nation, as the yearly statistical communiqués print them."""
    file = shipped("data/reference/consumer_prices.csv")
    changes, _ = _parse(file.read_text("utf-8"), file.name)
    return PriceIndex(changes=changes, source=say("finance.index_source"))


def _parse(text: str, name: str) -> tuple[dict[int, float], list[str]]:
    """Each year's change, and who says so."""
    table = csv.reader(io.StringIO(text))
    heads = [HEADINGS.get(cell.strip(), cell.strip()) for cell in next(table, [])]
    if lacking := [head for head in HEADINGS.values() if head not in heads]:
        raise DataError("trends.prices_heading", file=name, lacking=", ".join(lacking))
    found: dict[int, float] = {}
    sources = []
    for number, cells in enumerate(table, 2):
        row = {head: cell.strip() for head, cell in zip(heads, cells, strict=False)}
        if any(row.values()):
            year, change = _parse_row(row, name, number)
            found[year] = change
            sources.append(row["source"][:40])
    return found, sources


def _parse_row(row: Mapping[str, str], name: str, number: int) -> tuple[int, float]:
    year, index = row.get("year", "").removesuffix("年"), row.get("index", "")
    fine = bool(re.fullmatch(r"\d{2,3}(\.\d+)?", index)) and LEAST <= float(index) <= MOST
    right = {
        "year": bool(re.fullmatch(r"(19|20)\d\d", year)),
        "index": fine,
        "source": bool(row.get("source")),
    }
    for column, good in right.items():
        if not good:
            raise DataError(
                "trends.prices_cell", file=name, row=number, column=column, value=row.get(column, "")[:40]
            )
    return int(year), float(index) / 100
