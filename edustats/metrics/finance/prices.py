"""What is left of a growth once prices are taken out? Constant prices, with the index named."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from edustats.errors import DataError
from edustats.metrics.checks import parse_number_column, require_same_length
from edustats.typing import Floats


def to_constant_prices(
    years: Sequence[int], values: ArrayLike, yearly: Mapping[int, float], base_year: int
) -> Floats:
    """Sums of money at the prices of one year.

    Parameters
    ----------
    years : (t,) calendar years
    values : (t,) yuan, or yuan per pupil; nan: not known
    yearly : year → price index, the year before = 100, > 0
    base_year : whose prices are taken

    Returns
    -------
    (t,) array
        ``values`` over the price level of their year with the base year = 1; nan where the chain of the index does not
        reach from one to the other. The name of the index goes with every such figure.

    Raises
    ------
    DataError
        An index that is not above 0.

    Examples
    --------
    >>> index = {2021: 100.9, 2022: 102.0}
    >>> to_constant_prices([2020, 2021, 2022], [100.0, 100.9, 110.0], index, 2020).round(2).tolist()
    [100.0, 100.0, 106.88]
    """
    column = parse_number_column("values", values)
    require_same_length("values", column, "years", np.asarray(years))
    for year, level in yearly.items():
        if not level > 0:
            raise DataError("finance.price_not_an_index", file="—", year=year, found=f"{level:g}")
    return np.asarray(column / np.array([_chain_level(int(year), yearly, base_year) for year in years]))


def _chain_level(year: int, yearly: Mapping[int, float], base_year: int) -> float:
    """Price level of a year with the base year = 1; nan where a link is missing."""
    first, last = min(year, base_year), max(year, base_year)
    level = math.prod(yearly.get(step, math.nan) / 100 for step in range(first + 1, last + 1))
    return level if year >= base_year else 1 / level
