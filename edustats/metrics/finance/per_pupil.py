"""How much is spent per pupil, when money runs by calendar and pupils by school years? In which unit is the money?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from edustats.catalogue import catalogue
from edustats.errors import DataError
from edustats.metrics.checks import parse_number_column, refuse_wrong_entries
from edustats.typing import Floats

MONTHS_BEFORE, MONTHS_AFTER = 8, 4
"""January to August belong to the school year that began in the year before, September to December to this one's."""
PER_PUPIL_RANGE = (200.0, 400_000.0)
"""Yuan per pupil and year between which spending of a Chinese county lies; outside it the unit is not believed."""
LEAST_FALL = 0.001
"""A smaller fall of a stock is the rounding of its schools."""
LEAP = 6.0
"""A sum that is more than so many times last year's, or less than that part of it, is in another unit."""


def average_pupils(years: Sequence[int], pupils: Mapping[int, float]) -> Floats:
    """Average pupils of calendar years: 8/12 of the school year before and 4/12 of the one that begins.

    Parameters
    ----------
    years : (t,) calendar years
    pupils : calendar year in which a school year begins → pupils on 1 September, >= 0

    Returns
    -------
    (t,) array
        Pupils; nan where either school year is missing. The pupils of one school year never stand in for the average.

    Raises
    ------
    DataError
        Pupils below 0.

    Examples
    --------
    >>> average_pupils([2021, 2022], {2020: 1200, 2021: 1500}).tolist()
    [1300.0, nan]
    """
    for year, count in pupils.items():
        if count < 0:
            raise DataError("finance.negative_pupils", year=year, found=f"{count:g}")
    before = np.array([pupils.get(int(year) - 1, math.nan) for year in years], float)
    after = np.array([pupils.get(int(year), math.nan) for year in years], float)
    return (MONTHS_BEFORE * before + MONTHS_AFTER * after) / (MONTHS_BEFORE + MONTHS_AFTER)


def compute_per_pupil(money: Mapping[int, float], pupils: Mapping[int, float]) -> dict[int, float]:
    """Money over average pupils of the same calendar year.

    Parameters
    ----------
    money : calendar year → yuan, >= 0
    pupils : calendar year → average pupils of that year

    Returns
    -------
    dict
        Year → yuan per pupil; nan where a side is missing or there are no pupils.

    Raises
    ------
    DataError
        Money below 0, or money and pupils that share no year: a year is not divided by another's pupils.

    Examples
    --------
    >>> compute_per_pupil({2021: 13_000_000.0}, {2021: 1300.0})
    {2021: 10000.0}
    """
    for year, amount in money.items():
        if amount < 0:
            raise DataError("finance.negative_money", year=year, found=f"{amount:g}")
    if money and pupils and not set(money) & set(pupils):
        raise DataError("finance.pupils_of_other_year", money=_list_years(money), pupils=_list_years(pupils))
    return {
        year: amount / pupils[year] if pupils.get(year, 0) > 0 else math.nan for year, amount in money.items()
    }


def _list_years(held: Mapping[int, float]) -> str:
    return "、".join(map(str, sorted(held)))


def convert_money(values: ArrayLike, unit: str) -> Floats:
    """Money in yuan, from a declared unit; without one nothing is guessed.

    Parameters
    ----------
    values : (n,) >= 0; nan: missing
    unit : 元, 千元, 万元, 亿元 or what else the catalogue knows of yuan

    Raises
    ------
    DataError
        No unit, an unknown one, or a negative sum, with its place.

    Examples
    --------
    >>> convert_money([3.94], "亿元").tolist()
    [394000000.0]
    """
    scales = catalogue().units["yuan"].scales
    if unit not in scales:
        address = "finance.unknown_money_unit" if unit.strip() else "finance.no_money_unit"
        raise DataError(address, unit=unit, known="、".join(scales))
    column = parse_number_column("values", values)
    refuse_wrong_entries("metrics.below", "values", column, column < 0)
    return column * scales[unit]


def find_doubtful_money(
    years: Sequence[int], values: ArrayLike, *, per_pupil: bool = False
) -> dict[int, str]:
    """Years whose figure is not to be judged with, and why: a unit that cannot be, or a sum below 0.

    Parameters
    ----------
    years, values : (t,) ascending; nan: not known
    per_pupil : values are yuan per pupil and lie within :data:`PER_PUPIL_RANGE`

    Returns
    -------
    dict
        Year → ``negative``, ``outside`` (of what a pupil may cost) or ``leap`` (against the year before).

    Examples
    --------
    >>> find_doubtful_money([2019, 2020, 2021], [1.0e8, 1.1e4, 1.2e8])
    {2020: 'leap', 2021: 'leap'}
    """
    column = parse_number_column("values", values)
    held = {int(y): float(v) for y, v in zip(years, column, strict=True) if math.isfinite(v)}
    found: dict[int, str] = {}
    for year, value in held.items():
        before = held.get(year - 1, math.nan)
        if value < 0:
            found[year] = "negative"
        elif per_pupil and not PER_PUPIL_RANGE[0] <= value <= PER_PUPIL_RANGE[1]:
            found[year] = "outside"
        elif before > 0 and not 1 / LEAP <= value / before <= LEAP:
            found[year] = "leap"
    return found


def find_falling_stock(years: Sequence[int], values: ArrayLike) -> dict[int, tuple[float, float]]:
    """Years in which a stock of assets is less than the year before: a stock grows, or something was written off.

    Parameters
    ----------
    years, values : (t,) ascending, yuan at purchase price; nan: not known

    Returns
    -------
    dict
        Year → the year before's value and its own. Nothing is judged: it is to be looked at.

    Raises
    ------
    DataError
        A stock below 0.

    Examples
    --------
    >>> find_falling_stock([2020, 2021, 2022], [100.0, 120.0, 90.0])
    {2022: (120.0, 90.0)}
    """
    column = parse_number_column("values", values)
    refuse_wrong_entries("metrics.below", "values", column, column < 0)
    held = {int(y): float(v) for y, v in zip(years, column, strict=True) if math.isfinite(v)}
    return {
        year: (held[year - 1], value)
        for year, value in held.items()
        if year - 1 in held and value < held[year - 1] * (1 - LEAST_FALL)
    }
