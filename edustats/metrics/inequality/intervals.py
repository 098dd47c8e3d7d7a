"""How far might a measure of spread have fallen, had chance drawn another set of units of the same kind?

The units are a census, so a measure is exact for the year it describes. The interval is a *superpopulation*
interval: it takes the units as one draw from the process that makes such units, and covers the process's
value. It serves to compare years or areas, not to doubt this year's figure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from edustats.errors import DataError, ParameterError
from edustats.metrics.checks import check_amounts, check_confidence, refuse_wrong_entries
from edustats.metrics.inequality.area_limits import NAMES, estimate_area_limits
from edustats.metrics.inequality.arrays import arrange_one_area
from edustats.metrics.inequality.formulas import FORMULAS, SpreadFormula
from edustats.typing import Floats

CLOSED = ("cv", "gini", "theil", "mean_log_deviation", "generalized_entropy", "atkinson", "hoover")
"""Measures whose interval needs no resampling and no more units than ``MIN_UNITS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A measure with its interval; nan limits when ``method`` names a reason instead of a method."""

    estimate: float
    """The measure itself, without correction."""
    lower: float
    upper: float
    se: float
    """Standard error in the measure's own unit, by the method named."""
    confidence: float
    n: int
    """Units."""
    method: str
    """``jackknife_log`` or ``linearised_log``; or why there is no interval: ``too_few``, ``few_by_weight``,
    ``no_variation``, ``one_unit_decides``."""
    covers: str
    """What is covered: ``superpopulation``, the value of the process these units came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearisedEstimate:
    """A measure with its standard error by influence function."""

    estimate: float
    se: float
    n: int
    clusters: int
    """As many as units where none were given."""


def estimate_linearised_se(
    measure: str,
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    cluster: ArrayLike | None = None,
    **options: Any,
) -> LinearisedEstimate:
    """Standard error of a measure by influence function, as survey software finds it.

    Parameters
    ----------
    measure : str
        A name in :data:`edustats.metrics.inequality.formulas.FORMULAS` with an influence function.
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0; > 0 where the measure asks for it.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    cluster : (n,) array_like, optional
        Cluster of each unit, at least two: units of one cluster were drawn together.
    **options
        Those of the measure: ``alpha``, ``epsilon``, ``corrected``, ``variant``, ``upper``, ``rule`` ...

    Returns
    -------
    Linearised
        With units (or clusters) taken as drawn with replacement; the factor is n / (n - 1).

    Raises
    ------
    DataError
        As :func:`estimate_interval`, and with fewer than two units or clusters.
    ParameterError
        When the measure is unknown or has no influence function.

    Notes
    -----
    Deville (1999); Biewen and Jenkins (2006). It is a little short in small samples; the intervals of
    :func:`estimate_interval` are built otherwise and hold.

    Examples
    --------
    >>> found = estimate_linearised_se("theil", [2, 3, 4, 5, 7])
    >>> round(found.estimate, 4), round(found.se, 4)
    (0.0838, 0.0402)
    """
    known = {name for name, make in FORMULAS.items() if make().influence is not None}
    if measure not in known:
        raise ParameterError(
            "metrics.choice", name="measure", found=measure, expected=", ".join(sorted(known))
        )
    formula = FORMULAS[measure](**options)
    x, w = check_values_for_formula(formula, values, weights)
    order = np.argsort(x, kind="stable")
    area = arrange_one_area(x[order], w[order])
    estimate = formula.estimate(area)
    assert formula.influence is not None  # noqa: S101
    parts = (area.p * formula.influence(area, estimate))[0]
    if cluster is not None:
        code = np.unique(np.asarray(cluster)[order], return_inverse=True)[1]
        parts = np.bincount(code, parts)
    if len(parts) < 2:
        raise DataError("metrics.one_unit", n=len(parts))
    factor = len(parts) / (len(parts) - 1)
    se = math.sqrt(factor * float(np.sum((parts - parts.mean()) ** 2)))
    return LinearisedEstimate(estimate=float(estimate[0]), se=se, n=len(x), clusters=len(parts))


def check_values_for_formula(
    formula: SpreadFormula, values: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats]:
    """Columns fit for a measure: amounts, and above 0 where it asks for that.

    Examples
    --------
    >>> check_values_for_formula(FORMULAS["gini"](), [0, 1], None)
    (array([0., 1.]), array([1., 1.]))
    """
    x, w = check_amounts(values, weights)
    if formula.above_zero:
        refuse_wrong_entries("metrics.not_positive", "values", x, x <= 0)
    return x, w


def estimate_interval(
    measure: str, values: ArrayLike, weights: ArrayLike | None = None, confidence: float = 0.95
) -> Interval:
    """Interval of a measure as the outcome of the process that produced these units.

    Parameters
    ----------
    measure : str
        A name in :data:`edustats.metrics.inequality.formulas.FORMULAS` that has a closed form: ``cv`` (the official
        population form), ``gini``, ``theil``, ``atkinson`` and others.
    values : (n,) array_like
        Value of each unit, >= 0, none missing, not all 0; > 0 for the mean log deviation.
    weights : (n,) array_like, optional
        Pupils in each unit, > 0; left out, every unit counts the same.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Interval
        ``0 < lower <= estimate``, ``lower < upper``; Gini's upper limit is at most 1. Limits and ``se`` are
        nan, and ``method`` names the reason: fewer than 20 units (``too_few``), units that weigh as much as
        fewer than 10 equal ones (``few_by_weight``), all units alike (``no_variation``), or one unit without
        which the measure would be 0 or undefined (``one_unit_decides``).

    Raises
    ------
    DataError
        As :func:`edustats.metrics.inequality.measures.coefficient_of_variation`.
    ParameterError
        When the measure is unknown or the confidence is not between 0 and 1.

    Notes
    -----
    The units are all there are, so there is no sampling error. The interval is a *superpopulation* interval:
    it takes the units as one draw from the process that makes such schools, and covers that process's value.
    Use it to compare years or areas, not to doubt this year's official figure.

    Delete-one jackknife of the logarithm, centred at the bias-corrected value (Efron and Tibshirani 1993,
    ch. 11). The t quantile below has the effective number of units by weight less one as its degrees of
    freedom, ``1 / sum(p_i^2) - 1`` (Kish 1965). The one above has the effective number of units behind the
    variance less one, ``sum(u_i^2)^2 / sum(u_i^4) - 1`` with ``u_i`` the centred pseudo-values, at least 1:
    in skewed data the measure and its standard error fall short together, when the few schools that carry
    the inequality were not drawn. Where one school carries the variance, the upper limit is therefore far
    off. Simulated coverage, and the data in which it falls short, are tabled in ``docs/methods.md``.

    Examples
    --------
    >>> found = estimate_interval("gini", [2, 3, 4, 5, 7] * 8)
    >>> found.lower < found.estimate < found.upper, found.method
    (True, 'jackknife_log')
    >>> estimate_interval("cv", [1, 2, 3]).method
    'too_few'
    """
    if measure not in CLOSED:
        raise ParameterError("metrics.choice", name="measure", found=measure, expected=", ".join(CLOSED))
    check_confidence(confidence)
    formula = FORMULAS[measure]()
    x, w = check_values_for_formula(formula, values, weights)
    found = estimate_area_limits(arrange_one_area(x, w), formula, confidence)
    return Interval(
        estimate=float(found.estimate[0]),
        lower=float(found.lower[0]),
        upper=float(found.upper[0]),
        se=float(found.se[0]),
        confidence=confidence,
        n=len(x),
        method=str(NAMES[found.method[0]]),
        covers="superpopulation",
    )
