"""How unequally is one indicator spread over the units of an area?

Every measure takes values and weights, lists of equal length with one entry per unit (school), and returns
one float. The weights are pupils; without them every unit counts the same. Missing values are the caller's
business and are refused here. The order of the rows and the scale of the weights never matter.

The units are a census, so a measure is exact for the year it describes; how far it might have fallen is the
question of :mod:`edustats.metrics.inequality.intervals`. Shares and percentiles are in
:mod:`edustats.metrics.inequality.quantiles`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from edustats.errors import ParameterError
from edustats.metrics.checks import (
    check_amounts,
    check_choice,
    check_confidence,
    check_values_and_weights,
    count_effective_carriers,
    effective_sample_size,
    parse_number_column,
    refuse_wrong_entries,
    require_same_length,
)
from edustats.metrics.inequality import formulas as spread
from edustats.metrics.inequality.area_limits import ALIKE, MIN_EFFECTIVE, MIN_UNITS
from edustats.metrics.inequality.arrays import arrange_one_area
from edustats.metrics.inequality.intervals import (
    Interval,
    check_values_for_formula,
    estimate_interval,
)
from edustats.typing import Floats

__all__ = [
    "ALIKE",
    "MIN_EFFECTIVE",
    "MIN_UNITS",
    "DifferenceCoefficient",
    "Floats",
    "Interval",
    "atkinson",
    "check_confidence",
    "check_values_and_weights",
    "coefficient_of_variation",
    "count_effective_carriers",
    "effective_sample_size",
    "equally_distributed_equivalent",
    "estimate_interval",
    "generalized_entropy",
    "gini",
    "hoover",
    "kolm",
    "mean_log_deviation",
    "official_cv",
    "parse_number_column",
    "refuse_wrong_entries",
    "require_same_length",
    "theil",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceCoefficient:
    """The official inter-school difference coefficient (差异系数) of one resource in one stage."""

    cv: float
    """nan when there is only one school: it has no other to differ from, so there is no verdict."""
    mean: float
    """Resource per pupil of the whole area: the sum of the resource over the sum of the pupils."""
    sd: float
    """Pupil-weighted population standard deviation, in the unit of ``mean``."""
    n: int
    """Schools."""
    weight: float
    """Pupils."""


def _measure_one_area(formula: spread.SpreadFormula, values: ArrayLike, weights: ArrayLike | None) -> float:
    """One measure of one checked area."""
    x, w = check_values_for_formula(formula, values, weights)
    return float(formula.estimate(arrange_one_area(x, w))[0])


# --- the measures -----------------------------------------------------------------------------------------


def coefficient_of_variation(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    variant: Literal["population", "sample", "weighted_sample"] = "population",
) -> float:
    """Standard deviation over mean, weighted by pupils: the form behind the official 差异系数.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit in any unit of measurement, >= 0, none missing, not all 0.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    variant : {"population", "sample", "weighted_sample"}
        ``sample`` divides by n - 1; it exists without weights only. ``weighted_sample`` divides the variance
        by ``1 - sum(p_i^2)``, which without weights is the same. For comparison with other tables: the
        official rule is the population form.

    Returns
    -------
    float
        From 0 (all alike) to ``sqrt(sum(w) / min(w) - 1)`` (everything in the smallest unit). One unit: 0;
        in both sample forms, nan.

    Raises
    ------
    DataError
        When a value is negative or missing, a weight is not above 0, all values are 0, there is no value,
        or the lengths differ.
    ParameterError
        When the variant is unknown, or weights are given for the sample form.

    Notes
    -----
    ``sqrt(sum(p_i (x_i - m)^2)) / m`` with ``p_i = w_i / sum(w)`` and ``m = sum(p_i x_i)``; the explanatory
    note (附件2) to 教督〔2012〕3号, kept by 教督〔2017〕6号. Unchanged by a change of unit. Sensitive to very
    high values: one school with many times the mean can carry it.

    Examples
    --------
    >>> round(coefficient_of_variation([2, 4, 6], [1, 2, 1]), 4)
    0.3536
    """
    check_choice("variant", variant, "population", "sample", "weighted_sample")
    if variant == "sample" and weights is not None:
        raise ParameterError("metrics.sample_weights")
    cv = _measure_one_area(spread.cv(), values, weights)
    if variant == "population":
        return cv
    _, w = check_amounts(values, weights)
    different = 1 - 1 / effective_sample_size(w / w.sum())
    return cv / math.sqrt(different) if len(w) > 1 else math.nan


def official_cv(resource: ArrayLike, pupils: ArrayLike) -> DifferenceCoefficient:
    """The official 差异系数 of one resource, from each school's totals.

    Parameters
    ----------
    resource : (n,) array_like
        Total of the resource in each school (books, square metres, teachers), >= 0, not all 0.
    pupils : (n,) array_like
        Pupils of the same stage in each school, > 0.

    Returns
    -------
    DifferenceCoefficient
        ``cv`` from 0 to ``sqrt(sum(pupils) / min(pupils) - 1)``, the same whether the resource is counted per
        pupil or per hundred pupils. One school: ``cv`` is nan.

    Raises
    ------
    DataError
        As :func:`coefficient_of_variation`, naming the school's place in the list.

    Notes
    -----
    ``mean`` is the area's ratio, the sum of the resource over the sum of the pupils, never the mean of the
    schools' ratios; ``sd`` weights every school by its pupils and divides by n, not n - 1 (教督〔2012〕3号,
    附件2). Limits: 0.50 primary and 0.45 junior for each of seven indicators (教督〔2017〕6号); 0.65 and 0.55
    for the mean of eight (教督〔2012〕3号). Which schools count is decided before, not here.

    Examples
    --------
    The ministry's worked example, books in five schools:

    >>> books = official_cv([279, 137, 935, 160, 402], [45, 37, 89, 76, 55])
    >>> round(books.mean, 2), round(books.sd, 2), round(books.cv, 4)
    (6.33, 3.26, 0.5153)
    """
    total, p = check_amounts(resource, pupils, ("resource", "pupils"))
    mean = float(total.sum() / p.sum())
    cv = float(spread.cv().estimate(arrange_one_area(total / p, p))[0])
    n = len(total)
    weight = float(p.sum())
    return DifferenceCoefficient(cv=cv if n > 1 else math.nan, mean=mean, sd=cv * mean, n=n, weight=weight)


def gini(values: ArrayLike, weights: ArrayLike | None = None, *, corrected: bool = False) -> float:
    """Gini coefficient of per-pupil values across units of unequal size.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    corrected : bool
        Divide by ``1 - sum(p_i^2)``, so that only pairs of different units are compared; without weights
        this is the usual factor n / (n - 1).

    Returns
    -------
    float
        From 0 (all alike) to ``1 - min(w) / sum(w)`` (everything in the smallest unit); corrected, below or
        equal to 1 without weights. One unit: 0, corrected nan.

    Raises
    ------
    DataError
        As :func:`coefficient_of_variation`.

    Notes
    -----
    Half the mean difference between two pupils' values, over the mean: ``sum_ij p_i p_j |x_i - x_j| / (2 m)``
    (Gini 1912; weighted as in Lerman and Yitzhaki 1989, ties at mid-rank). Most sensitive to the middle.

    Examples
    --------
    >>> gini([0, 1])
    0.5
    >>> gini([0, 1], corrected=True)
    1.0
    """
    if corrected and np.size(values) == 1:
        check_amounts(values, weights)
        return math.nan
    return _measure_one_area(spread.gini(corrected), values, weights)


def theil(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Theil's T of per-pupil values across units of unequal size.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.

    Returns
    -------
    float
        From 0 (all alike) to ``ln(sum(w) / min(w))`` (everything in the smallest unit). One unit: 0.

    Raises
    ------
    DataError
        As :func:`coefficient_of_variation`.

    Notes
    -----
    ``sum(p_i r_i ln r_i)`` with ``r_i = x_i / m`` and 0 ln 0 = 0 (Theil 1967). Natural logarithm. Unchanged
    by a change of unit. Most sensitive to high values.

    Examples
    --------
    >>> round(theil([0, 0, 10, 10]), 6)
    0.693147
    """
    return _measure_one_area(spread.theil(), values, weights)


def mean_log_deviation(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Mean log deviation, Theil's L: the mean of ``ln(mean / value)``.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, > 0, none missing.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.

    Returns
    -------
    float
        From 0 (all alike), without upper bound. One unit: 0.

    Raises
    ------
    DataError
        As :func:`coefficient_of_variation`, and when a value is 0: its logarithm would be infinite.

    Notes
    -----
    GE(0) (Theil 1967; Shorrocks 1980). Most sensitive to low values.

    Examples
    --------
    >>> round(mean_log_deviation([1, 3]), 6)
    0.143841
    """
    return _measure_one_area(spread.mean_log_deviation(), values, weights)


def generalized_entropy(values: ArrayLike, weights: ArrayLike | None = None, *, alpha: float = 2.0) -> float:
    """Generalized entropy GE(alpha), with natural logarithms.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, >= 0 (> 0 for ``alpha <= 0``), none missing, not all 0.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    alpha : float
        0 is the mean log deviation, 1 Theil's T, 2 half the square of the coefficient of variation. The
        higher, the more sensitive to high values.

    Returns
    -------
    float
        From 0 (all alike). One unit: 0.

    Raises
    ------
    DataError
        As :func:`coefficient_of_variation`, and when a value is 0 and ``alpha <= 0``.
    ParameterError
        When ``alpha`` is not finite.

    Notes
    -----
    ``(sum(p_i r_i^alpha) - 1) / (alpha (alpha - 1))`` with ``r_i`` the value over the mean (Shorrocks 1980).

    Examples
    --------
    >>> generalized_entropy([1, 3], alpha=2)
    0.125
    """
    return _measure_one_area(spread.generalized_entropy(alpha), values, weights)


def atkinson(values: ArrayLike, weights: ArrayLike | None = None, *, epsilon: float = 0.5) -> float:
    """Atkinson's index: the share of the mean one would give up for equality.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    epsilon : float
        Aversion to inequality, > 0; the higher, the more the poorest count.

    Returns
    -------
    float
        From 0 (all alike) to 1. From ``epsilon = 1`` on, a single value of 0 makes it 1.

    Raises
    ------
    DataError
        As :func:`coefficient_of_variation`.
    ParameterError
        When ``epsilon`` is not above 0.

    Notes
    -----
    ``1 - (sum(p_i r_i^(1 - epsilon)))^(1 / (1 - epsilon))``; for 1, one less the geometric over the
    arithmetic mean (Atkinson 1970).

    Examples
    --------
    >>> round(atkinson([10, 20, 30, 40, 50], epsilon=1), 6)
    0.13161
    """
    return _measure_one_area(spread.atkinson(epsilon), values, weights)


def equally_distributed_equivalent(
    values: ArrayLike, weights: ArrayLike | None = None, *, epsilon: float = 0.5
) -> float:
    """The equal value thought as good as the unequal ones: the mean times one less Atkinson's index.

    Parameters are those of :func:`atkinson`; the result is in the value's own unit, from 0 to the mean.

    Examples
    --------
    >>> round(equally_distributed_equivalent([10, 20, 30, 40, 50], epsilon=1), 4)
    26.0517
    """
    x, w = check_amounts(values, weights)
    return float(np.average(x, weights=w)) * (1 - atkinson(x, w, epsilon=epsilon))


def hoover(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Hoover (Robin Hood, Schutz) index: the share of the total that would have to move for equality.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.

    Returns
    -------
    float
        From 0 (all alike) to ``1 - min(w) / sum(w)``. One unit: 0.

    Raises
    ------
    DataError
        As :func:`coefficient_of_variation`.

    Notes
    -----
    ``sum(p_i |r_i - 1|) / 2`` (Hoover 1936; Schutz 1951), the longest vertical distance of the Lorenz curve
    from the diagonal.

    Examples
    --------
    >>> hoover([1, 3])
    0.25
    """
    return _measure_one_area(spread.hoover(), values, weights)


def kolm(values: ArrayLike, weights: ArrayLike | None = None, *, parameter: float) -> float:
    """Kolm's absolute index, in the value's own unit: unchanged when every unit gains the same amount.

    Parameters
    ----------
    values : (n,) array_like
        Value of each unit, of either sign, none missing.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    parameter : float
        Aversion to inequality per unit of the value, > 0: it has to be stated, no scale fits all.

    Returns
    -------
    float
        From 0 (all alike).

    Raises
    ------
    DataError
        When a value is missing, a weight is not above 0, there is no value, or the lengths differ.
    ParameterError
        When the parameter is not above 0.

    Notes
    -----
    ``ln(sum(p_i exp(a (mean - x_i)))) / a`` (Kolm 1976).

    Examples
    --------
    >>> round(kolm([1, 3], parameter=1), 4)
    0.4338
    """
    if not parameter > 0:
        raise ParameterError("metrics.above_zero", name="parameter", found=parameter)
    x, w = check_values_and_weights(values, weights)
    away = parameter * (np.average(x, weights=w) - x)
    top = float(away.max())  # taken out first: the exponential of a large distance would overflow
    return max(0.0, (top + math.log(np.average(np.exp(away - top), weights=w))) / parameter)
