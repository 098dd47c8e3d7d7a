"""Is teachers' pay no lower than civil servants' (不低于), since when not, and does town still pay more than county?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from edustats.metrics.checks import parse_number_column, require_same_length
from edustats.metrics.finance.growth import MET, NOT_MET, UNKNOWN
from edustats.typing import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class PayParity:
    """Teachers' mean pay against civil servants' over the years."""

    years: tuple[int, ...]
    gap: Floats
    """(t,) yuan, teachers minus civil servants; nan where a side is not known."""
    verdicts: tuple[str, ...]
    """(t,) of each year."""
    verdict: str
    """Of the last year: ``met`` where not below."""
    lost: int
    """First year of the spell below in which the last year stands, if a year at parity was just before; else 0."""
    since: int
    """First year of the spell, below or not, in which the last year stands; known years without a hole; 0: none."""
    lost_before: tuple[int, ...]
    """Years in which parity was lost in earlier spells."""


def compare_pay(years: Sequence[int], teachers: ArrayLike, servants: ArrayLike) -> PayParity:
    """Parity year by year, 不低于: equal is met.

    Parameters
    ----------
    years : (t,) ascending
    teachers, servants : (t,) mean yearly pay, yuan; nan: not known

    Examples
    --------
    >>> found = compare_pay([2021, 2022, 2023, 2024], [90, 101, 100, 98], [95, 100, 100, 99])
    >>> found.verdict, found.lost, found.since, found.gap.tolist()
    ('not_met', 2024, 2024, [-5.0, 1.0, 0.0, -1.0])
    """
    a, b = parse_number_column("values", teachers), parse_number_column("values", servants)
    require_same_length("values", a, "values", b)
    order = [int(year) for year in years]
    gap = np.where((a > 0) & (b > 0), a - b, np.nan)
    states = [UNKNOWN if math.isnan(g) else MET if g >= -1e-9 * b[k] else NOT_MET for k, g in enumerate(gap)]
    losses = [
        order[k] for k in range(1, len(order))
        if order[k] == order[k - 1] + 1 and (states[k - 1], states[k]) == (MET, NOT_MET)
    ]  # fmt: skip
    start = _find_start_of_spell(order, states)
    now = states[-1] if states else UNKNOWN
    return PayParity(
        years=tuple(order), gap=gap, verdicts=tuple(states), verdict=now, since=start,
        lost=start if now == NOT_MET and start in losses else 0,
        lost_before=tuple(year for year in losses if year != start),
    )  # fmt: skip


def _find_start_of_spell(years: list[int], states: list[str]) -> int:
    if not states or states[-1] == UNKNOWN:
        return 0
    k = len(states) - 1
    while k and states[k - 1] == states[-1] and years[k - 1] == years[k] - 1:
        k -= 1
    return years[k]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayGap:
    """Mean pay of two groups over the years: how far apart, as a ratio and in yuan."""

    years: tuple[int, ...]
    high: Floats
    low: Floats

    @property
    def ratio(self) -> Floats:
        """(t,) the first group over the second."""
        return np.asarray(self.high / np.where(self.low > 0, self.low, np.nan))

    @property
    def gap(self) -> Floats:
        """(t,) yuan, the first minus the second."""
        return np.asarray(self.high - self.low)


def compute_pay_gaps(
    years: Sequence[int], town_pay: ArrayLike, town_teachers: ArrayLike, county_pay: ArrayLike,
    county_teachers: ArrayLike,
) -> PayGap:  # fmt: skip
    """Mean pay of the city's districts beside that of its counties, each the sum of pay over the sum of teachers.

    Parameters
    ----------
    years : (t,)
    town_pay, county_pay : (t,) yuan paid, sums of the areas
    town_teachers, county_teachers : (t,) persons paid, > 0

    Examples
    --------
    A ratio of 1.71 that falls to 1.25, and a gap of 8500 yuan to 6100:

    >>> found = compute_pay_gaps([2010, 2015], [20500, 30100], [1, 1], [12000, 24000], [1, 1])
    >>> found.ratio.round(2).tolist(), found.gap.tolist()
    ([1.71, 1.25], [8500.0, 6100.0])
    """
    columns = [
        parse_number_column("values", c) for c in (town_pay, town_teachers, county_pay, county_teachers)
    ]
    for column in columns:
        require_same_length("values", column, "years", np.asarray(years))
    pay, heads, other, others = columns
    with np.errstate(invalid="ignore", divide="ignore"):
        high, low = np.where(heads > 0, pay / heads, np.nan), np.where(others > 0, other / others, np.nan)
    return PayGap(years=tuple(int(y) for y in years), high=high, low=low)
