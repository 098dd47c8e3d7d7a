"""How much of economic growth is education said to have made? By two declared models, with what they depend on.

No statistic measures this share. Both models take the part of labour in output, the growth of output and of schooling;
they differ in what a year of schooling is held to be worth. A share that neither can reach is a claim whose definition
has to be asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edustats.errors import ParameterError

LABOUR_SHARE = (0.5, 0.6, 0.7)
"""Labour's part of output: lowest, declared and highest; the national accounts of most years lie between."""
RETURN_PER_YEAR = (0.05, 0.08, 0.11)
"""What a year of schooling adds to earnings, as logarithm: lowest, declared, highest of the usual estimates."""
DUE_TO_SCHOOLING = 0.6
"""Denison's part of the difference in earnings that schooling itself makes."""


@dataclass(frozen=True, slots=True)
class GrowthShare:
    """The share of growth that one model gives to education."""

    model: str
    value: float
    low: float
    high: float
    """Over the declared ranges."""


def growth_shares(
    first_years: float, last_years: float, first_output: float, last_output: float, n: int,
    labour: tuple[float, float, float] = LABOUR_SHARE, returns: tuple[float, float, float] = RETURN_PER_YEAR,
) -> list[GrowthShare]:  # fmt: skip
    """Education's share in growth by two models.

    Parameters
    ----------
    first_years, last_years : mean years of schooling of those at work, at both ends
    first_output, last_output : output at constant prices, above 0
    n : years between
    labour : labour's part of output: low, declared, high
    returns : earnings per year of schooling, logarithm: low, declared, high

    Returns
    -------
    list of GrowthShare
        ``denison``: quality of labour grows with earnings, of whose differences 0.6 are due to schooling;
        ``cobb_douglas``: the stock of schooling is the mean years themselves. Shares: 0.192 is 19.2 %.

    Raises
    ------
    ParameterError
        Output that does not grow, schooling that is not above 0, ranges out of order.

    Notes
    -----
    Denison (1962), The Sources of Economic Growth in the United States; the second is
    ``Y = A K^a (L E)^b`` with E the mean years, share ``b (ln E1 - ln E0) / (ln Y1 - ln Y0)``.

    Examples
    --------
    >>> [round(s.value, 3) for s in growth_shares(9.0, 9.6, 100.0, 115.7625, 3)]
    [0.118, 0.265]
    """
    if n < 1 or min(first_years, last_years, first_output) <= 0 or last_output <= first_output:
        raise ParameterError("index.no_growth")
    for three in (labour, returns):
        if not 0 < three[0] <= three[1] <= three[2] or labour[2] > 1:
            raise ParameterError("index.ranges", found=", ".join(f"{v:g}" for v in three))
    growth = float(np.log(last_output / first_output))
    more, stock = last_years - first_years, float(np.log(last_years / first_years))
    by_returns = sorted(b * DUE_TO_SCHOOLING * r * more / growth for b in labour for r in returns)
    by_stock = sorted(b * stock / growth for b in labour)
    return [
        GrowthShare(
            "denison",
            labour[1] * DUE_TO_SCHOOLING * returns[1] * more / growth,
            by_returns[0],
            by_returns[-1],
        ),
        GrowthShare("cobb_douglas", labour[1] * stock / growth, by_stock[0], by_stock[-1]),
    ]
