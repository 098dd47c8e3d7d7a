"""How unequal are the groups of a population: its regions, its quintiles, its two sexes?

Each function takes the mean of each group and, where it needs them, the groups' sizes. A standard error is
the one that follows from the groups' own standard errors (their measurement), not from which groups there are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from edustats.errors import DataError, ParameterError
from edustats.metrics.checks import (
    check_amounts,
    check_choice,
    check_confidence,
    check_values_and_weights,
    parse_number_column,
    refuse_wrong_entries,
    require_same_length,
)
from edustats.typing import Floats
from edustats.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureEstimate:
    """A measure with the standard error and interval that follow from its parts' standard errors."""

    estimate: float
    se: float
    """In the measure's own unit, unless the function says: on the logarithm; nan when none was given."""
    lower: float
    upper: float
    covers: str = "measurement"
    """What is covered: the value that error-free group means would give."""


def _build_normal_interval(estimate: float, se: float, confidence: float) -> MeasureEstimate:
    reach = float(ndtri((1 + check_confidence(confidence)) / 2)) * se
    return MeasureEstimate(estimate=estimate, se=se, lower=estimate - reach, upper=estimate + reach)


def _check_standard_errors(se: ArrayLike | None, n: int) -> Floats:
    if se is None:
        return np.full(n, math.nan)
    errors = parse_number_column("errors", se)
    require_same_length("means", np.empty(n), "errors", errors)
    refuse_wrong_entries("metrics.below", "errors", errors, errors < 0)
    return errors


def _weigh_group_means(means: ArrayLike, sizes: ArrayLike | None) -> tuple[Floats, Floats]:
    y, w = check_values_and_weights(means, sizes, ("means", "sizes"))
    return y, w / w.sum()


# --- two groups --------------------------------------------------------------------------------------------


def absolute_gap(
    mean_a: float, mean_b: float, se_a: float = math.nan, se_b: float = math.nan, *, confidence: float = 0.95
) -> MeasureEstimate:
    """Mean of group a less mean of group b, in the value's own unit.

    Two independent groups: ``se = sqrt(se_a^2 + se_b^2)``. From units, use
    :func:`edustats.metrics.groups.gap.measure_group_gap`.

    Examples
    --------
    >>> absolute_gap(99.0, 75.0).estimate
    24.0
    """
    return _build_normal_interval(mean_a - mean_b, math.hypot(se_a, se_b), confidence)


def relative_gap(
    mean_a: float, mean_b: float, se_a: float = math.nan, se_b: float = math.nan, *, confidence: float = 0.95
) -> MeasureEstimate:
    """Mean of group a over mean of group b; ``se`` is that of the ratio's logarithm.

    Raises
    ------
    DataError
        When a mean is not above 0.

    Examples
    --------
    >>> relative_gap(90.0, 60.0).estimate
    1.5
    """
    refuse_wrong_entries("metrics.not_positive", "means", *_flag_not_positive(mean_a, mean_b))
    found = _build_normal_interval(
        math.log(mean_a / mean_b), math.hypot(se_a / mean_a, se_b / mean_b), confidence
    )
    return MeasureEstimate(
        estimate=mean_a / mean_b, se=found.se, lower=math.exp(found.lower), upper=math.exp(found.upper)
    )


def _flag_not_positive(*means: float) -> tuple[Floats, np.ndarray]:
    column = np.array(means, dtype=float)
    return column, ~(column > 0)


# --- many groups -------------------------------------------------------------------------------------------


def between_group_variance(
    means: ArrayLike, sizes: ArrayLike, se: ArrayLike | None = None, *, confidence: float = 0.95
) -> MeasureEstimate:
    """Variance of the group means around the overall mean, weighted by size; in the square of the unit.

    Parameters
    ----------
    means : (groups,) array_like
        None missing.
    sizes : (groups,) array_like
        Pupils in each group, > 0.
    se : (groups,) array_like, optional
        Standard error of each mean, >= 0.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Measured
        From 0 (all alike). Not corrected for the errors of the means, which push it up.

    Raises
    ------
    DataError
        When a mean or size is missing, a size is not above 0, an error is negative, or lengths differ.

    Notes
    -----
    Standard error of Ahn and others (2018), JCO Clin Cancer Inform 2.

    Examples
    --------
    >>> between_group_variance([10, 20], [100, 100]).estimate
    25.0
    """
    y, p = _weigh_group_means(means, sizes)
    v = _check_standard_errors(se, len(y)) ** 2
    away = (y - p @ y) ** 2
    second = float((p**2 @ v) ** 2 - p**4 @ v**2 + (p * (1 - p)) ** 2 @ v**2)
    variance = 4 * float((p**2 * v) @ away) + 2 * second
    return _build_normal_interval(float(p @ away), math.sqrt(variance), confidence)


def between_group_sd(means: ArrayLike, sizes: ArrayLike) -> float:
    """Square root of :func:`between_group_variance`, in the value's own unit.

    Examples
    --------
    >>> between_group_sd([10, 20], [100, 100])
    5.0
    """
    return math.sqrt(between_group_variance(means, sizes).estimate)


def between_group_cv(means: ArrayLike, sizes: ArrayLike) -> float:
    """:func:`between_group_sd` over the overall mean, as a share (times 100: per cent).

    Examples
    --------
    >>> round(between_group_cv([10, 20], [100, 100]), 4)
    0.3333
    """
    y, w = check_amounts(means, sizes, ("means", "sizes"))
    return between_group_sd(y, w) / float(np.average(y, weights=w))


def between_group_theil(
    means: ArrayLike, sizes: ArrayLike, se: ArrayLike | None = None, *, confidence: float = 0.95
) -> MeasureEstimate:
    """Theil's T of the group means, weighted by size (some tables print it times 1000).

    ``se`` by the delta method from the means' own errors. Means >= 0, not all 0.

    Examples
    --------
    >>> round(between_group_theil([1, 3], [1, 1]).estimate, 4)
    0.1308
    """
    r, p, relative_se = _scale_to_overall_mean(means, sizes, se)
    log = np.log(r, out=np.zeros_like(r), where=r > 0)
    estimate = float(p @ (r * log))
    moved = log - estimate  # the ones of 1 + ln r and of its mean cancel
    return _build_normal_interval(
        max(estimate, 0.0),
        math.sqrt(float((p * relative_se * moved) @ (p * relative_se * moved))),
        confidence,
    )


def _scale_to_overall_mean(
    means: ArrayLike, sizes: ArrayLike, se: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    y, w = check_amounts(means, sizes, ("means", "sizes"))
    p = w / w.sum()
    mean = float(p @ y)
    return y / mean, p, _check_standard_errors(se, len(y)) / mean


def mean_difference(
    means: ArrayLike,
    sizes: ArrayLike | None = None,
    *,
    reference: str | int = "mean",
    weighted: bool = False,
    higher_is_better: bool = True,
    average: float | None = None,
) -> float:
    """Mean distance of the groups from a point of reference, in the value's own unit.

    Parameters
    ----------
    means : (groups,) array_like
        None missing.
    sizes : (groups,) array_like, optional
        Pupils in each group, > 0; the overall mean and a weighted result need them, else groups are equal.
    reference : "mean", "best" or int
        The overall mean, the best group, or the group with this number (from 0).
    weighted : bool
        Weight the distances by size; else every group counts the same.
    higher_is_better : bool
        Decides which group is the best.
    average : float, optional
        The overall mean where it is known otherwise.

    Returns
    -------
    float
        From 0 (all at the reference).

    Examples
    --------
    >>> mean_difference([10, 20, 30], [2, 1, 1], reference="best"), mean_difference([10, 20, 30])
    (10.0, 6.666666666666667)
    """
    y, p = _weigh_group_means(means, sizes)
    if isinstance(reference, str):
        check_choice("reference", reference, "mean", "best")
        best = y.max() if higher_is_better else y.min()
        point = best if reference == "best" else float(p @ y) if average is None else average
    elif -len(y) <= reference < len(y):
        point = y[reference]
    else:
        raise ParameterError(
            "metrics.choice", name="reference", found=reference, expected=f"0 – {len(y) - 1}"
        )
    away = np.abs(y - point)
    return float(p @ away) if weighted else float(away.mean())


# --- what could be gained ----------------------------------------------------------------------------------


def population_attributable_risk(
    means: ArrayLike,
    sizes: ArrayLike,
    *,
    reference: int | None = None,
    higher_is_better: bool = True,
    scale: float | None = None,
    average: float | None = None,
    confidence: float = 0.95,
) -> MeasureEstimate:
    """By how much the overall mean would change if every group were where the reference group is.

    Parameters
    ----------
    means, sizes : (groups,) array_like
        Means >= 0, not all 0; sizes > 0.
    reference : int, optional
        Number of the reference group (from 0), such as the most advantaged; left out, the best group.
    higher_is_better : bool
        Where False, the measure is negative: how far the mean would fall.
    scale : float, optional
        What the means are out of, 1 or 100; declared, it gives a standard error, for means that are shares.
    average : float, optional
        The overall mean where it is known otherwise; no standard error then.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Measured
        0 where the reference group is worse than the mean.

    Raises
    ------
    DataError
        As :func:`between_group_variance`, and when a mean exceeds the scale.

    Notes
    -----
    Standard error of Walter (1978) for the fraction, times the mean.

    Examples
    --------
    >>> population_attributable_risk([60, 80], [1, 1]).estimate
    10.0
    """
    risk, centre, se = _compute_attributable_risk(means, sizes, reference, higher_is_better, scale, average)
    return _build_normal_interval(risk, se * centre, confidence)


def population_attributable_fraction(
    means: ArrayLike,
    sizes: ArrayLike,
    *,
    reference: int | None = None,
    higher_is_better: bool = True,
    scale: float | None = None,
    average: float | None = None,
    confidence: float = 0.95,
) -> MeasureEstimate:
    """:func:`population_attributable_risk` over the overall mean, as a share (times 100: per cent).

    Examples
    --------
    >>> round(population_attributable_fraction([60, 80], [1, 1]).estimate, 4)
    0.1429
    """
    risk, centre, se = _compute_attributable_risk(means, sizes, reference, higher_is_better, scale, average)
    return _build_normal_interval(risk / centre, se, confidence)


def _compute_attributable_risk(
    means: ArrayLike,
    sizes: ArrayLike,
    reference: int | None,
    up: bool,
    scale: float | None,
    average: float | None,
) -> tuple[float, float, float]:
    """Attributable risk, overall mean and standard error of the fraction."""
    y, w = check_amounts(means, sizes, ("means", "sizes"))
    best = (int(y.argmax()) if up else int(y.argmin())) if reference is None else reference
    if not -len(y) <= best < len(y):
        raise ParameterError("metrics.choice", name="reference", found=best, expected=f"0 – {len(y) - 1}")
    centre = float(np.average(y, weights=w)) if average is None else average
    risk = float(y[best]) - centre
    risk = max(risk, 0.0) if up else min(risk, 0.0)
    if scale is None or average is not None:
        return risk, centre, math.nan
    if (y > scale).any():
        place = int((y > scale).argmax())
        raise DataError(
            "metrics.beyond_scale",
            what=say("metrics.means"),
            place=place + 1,
            found=f"{y[place]:g}",
            scale=f"{scale:g}",
        )
    return (
        risk,
        centre,
        _compute_walter_error(y[best] / scale, float(w[best]), centre / scale, float(w.sum())),
    )


def _compute_walter_error(rate: float, size: float, overall: float, total: float) -> float:
    """Standard error of an attributable fraction, from the fourfold table of reference group and others."""
    c = rate * size
    d = size - c
    a = overall * total - c
    b = total - a - size
    above = c * total * (a * d * (total - c) + b * c**2)
    return math.sqrt(max(above, 0.0) / ((a + c) ** 3 * (c + d) ** 3))
