"""How do the top, the bottom and the middle of the units compare?

Shares of the total, percentiles and what lies beside the median. Every function takes values and weights as
those of :mod:`edustats.metrics.inequality` do and returns one float; where the denominator is 0 the measure
is not defined and is refused.
"""

from __future__ import annotations

import math

from numpy.typing import ArrayLike

from edustats.errors import DataError, ParameterError
from edustats.metrics.checks import check_amounts
from edustats.metrics.inequality import formulas as spread
from edustats.metrics.inequality.arrays import arrange_one_area


def _measure_defined_ratio(
    formula: spread.SpreadFormula, values: ArrayLike, weights: ArrayLike | None
) -> float:
    found = float(formula.estimate(arrange_one_area(*check_amounts(values, weights)))[0])
    if not math.isfinite(found):
        raise DataError("metrics.zero_base")
    return found


def quantile(
    values: ArrayLike, share: float, weights: ArrayLike | None = None, *, rule: str = "average"
) -> float:
    """Weighted quantile by a named rule.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0.
    share : float
        Between 0 and 1; 0.5 is the median.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    rule : str
        ``average`` (the value at which the cumulated weight passes the share, the mean of two where it ends
        exactly there; R's type 2, Eurostat's rule for weighted data), ``inverse`` (type 1, never a mean), or
        a rule that interpolates: ``interpolated`` (4), ``hazen`` (5), ``weibull`` (6), ``linear`` (7),
        ``median_unbiased`` (8), ``normal_unbiased`` (9). To those, weights are counts of equal units (Harrell's
        weighted quantile), so that **their scale matters**; to the first two it does not.

    Returns
    -------
    float
        In the value's own unit.

    Raises
    ------
    DataError
        As :func:`edustats.metrics.inequality.coefficient_of_variation`.
    ParameterError
        When the share is not between 0 and 1 or the rule is unknown.

    Notes
    -----
    The types are those of Hyndman and Fan (1996).

    Examples
    --------
    >>> quantile([1, 2, 3, 10], 0.5), quantile([1, 2, 3, 10], 0.9, rule="linear")
    (2.5, 7.9)
    """
    if not 0 < share < 1:
        raise ParameterError("metrics.share", name="share", found=share)
    area = arrange_one_area(*check_amounts(values, weights))
    return float(spread.quantile(area, share, rule)[0] * area.mean[0])


def percentile_ratio(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    upper: float = 0.9,
    lower: float = 0.1,
    rule: str = "average",
) -> float:
    """One percentile over another, P90/P10 unless asked otherwise; ``rule`` as in :func:`quantile`.

    Returns
    -------
    float
        From 1 (all alike).

    Raises
    ------
    DataError
        As :func:`quantile`, and when the lower percentile is 0.

    Examples
    --------
    >>> round(percentile_ratio([10, 20, 30, 40, 50], rule="linear"), 4)
    3.2857
    """
    return _measure_defined_ratio(spread.percentile_ratio(upper, lower, rule), values, weights)


def federal_range_ratio(
    values: ArrayLike, weights: ArrayLike | None = None, *, rule: str = "average"
) -> float:
    """Distance between the 95th and the 5th percentile over the 5th; ``rule`` as in :func:`quantile`.

    From 0 (all alike). Refused where the 5th percentile is 0. United States, 34 CFR 222.162: above 0.25 the
    districts of a state do not count as equalised.

    Examples
    --------
    >>> round(federal_range_ratio([10, 20, 30, 40, 50], rule="linear"), 4)
    3.0
    """
    return _measure_defined_ratio(spread.federal_range_ratio(rule), values, weights)


def palma(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Palma ratio: the share of the total held by the richest tenth over that of the poorest four tenths.

    Returns
    -------
    float
        From 0.25 (all alike). The Lorenz curve is interpolated, so that a unit may lie on both sides of a
        limit.

    Raises
    ------
    DataError
        As :func:`quantile`, and when the poorest four tenths hold nothing.

    Notes
    -----
    Palma (2011). A ratio of shares, not of the means of the two groups, which is four times as large.

    Examples
    --------
    >>> round(palma([1] * 10), 9)
    0.25
    """
    return _measure_defined_ratio(spread.palma(), values, weights)


def s80_s20(values: ArrayLike, weights: ArrayLike | None = None, *, variant: str = "lorenz") -> float:
    """Share of the total held by the richest fifth over that of the poorest fifth.

    Parameters
    ----------
    values, weights : (n,) array_like
        As in :func:`quantile`.
    variant : {"lorenz", "quantile"}
        ``lorenz`` interpolates the Lorenz curve; ``quantile`` adds up whole units, those above the 80th and
        those up to the 20th percentile (Eurostat's income quintile share ratio).

    Returns
    -------
    float
        From 1 (all alike; by whole units, units all alike leave none above, and 0 is found).

    Raises
    ------
    DataError
        As :func:`quantile`, and when the poorest fifth holds nothing.

    Examples
    --------
    >>> round(s80_s20([1, 1, 1, 1, 3]), 9)
    3.0
    """
    return _measure_defined_ratio(spread.s80_s20(variant), values, weights)


def mcloone(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """McLoone index: what the units up to the median have, over what they would have at the median.

    Returns
    -------
    float
        From 0 to 1 (nobody is below the median). The median by the rule ``average``; units at it count.

    Raises
    ------
    DataError
        As :func:`quantile`, and when the median is 0.

    Notes
    -----
    Berne and Stiefel (1984).

    Examples
    --------
    >>> round(mcloone([100, 100, 110, 120, 130, 250, 300, 310]), 4)
    0.86
    """
    return _measure_defined_ratio(spread.mcloone(), values, weights)


def verstegen(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Verstegen index: what the units from the median up have, over what they would have at the median.

    From 1 (nobody is above the median). Refused where the median is 0. Verstegen (1996).

    Examples
    --------
    >>> verstegen([1, 2, 3])
    1.25
    """
    return _measure_defined_ratio(spread.verstegen(), values, weights)


def wolfson(values: ArrayLike, weights: ArrayLike | None = None, *, variant: str = "doubled") -> float:
    """Wolfson's index of bipolarisation: how far the units have left the middle for two poles.

    Parameters
    ----------
    values, weights : (n,) array_like
        As in :func:`quantile`.
    variant : {"doubled", "interpolated", "whole_units"}
        ``doubled`` is Wolfson's scale, 0 to 1; ``interpolated`` is half of it, as some packages print it.
        Both interpolate the Lorenz curve at one half. ``whole_units`` is on Wolfson's scale with the share
        held by the units up to the median, which is wrong where many are tied there (all alike: -2).

    Returns
    -------
    float
        0 where all are alike; the higher, the more two poles; 1 (``interpolated``: 0.5) in the limit.

    Raises
    ------
    DataError
        As :func:`quantile`, and when the median is 0.

    Notes
    -----
    ``2 (2 (0.5 - L(0.5)) - Gini) mean / median`` (Wolfson 1994).

    Examples
    --------
    >>> round(wolfson([6, 6, 8, 8, 10, 10, 12, 12], variant="interpolated"), 6)
    0.083333
    """
    return _measure_defined_ratio(spread.wolfson(variant), values, weights)
