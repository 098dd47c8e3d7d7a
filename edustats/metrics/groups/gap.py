"""How far apart are two groups, and how sure is that?

Town against village, public against private: the difference of two weighted means with an interval that
does not ask the two groups to be equally spread or the schools to be equally large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from edustats.metrics.checks import (
    check_confidence,
    check_values_and_weights,
    count_effective_carriers,
    effective_sample_size,
)
from edustats.typing import Floats

MIN_GROUP = 8
"""Below this many units in either group the interval misses its 93-97 % in simulation and is refused."""
MIN_EFFECTIVE = 5
"""A group may weigh as little as this many equal units; below, its mean is that of one or two of them."""
MIN_EXPECTED = 4
"""And as this many with weights as unequal as those of both groups: nine schools out of large and small ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupGap:
    """Difference of two weighted means; nan limits when ``method`` names a reason."""

    estimate: float
    """``mean_a - mean_b``, in the value's own unit."""
    lower: float
    upper: float
    se: float
    confidence: float
    n_a: int
    n_b: int
    mean_a: float
    mean_b: float
    method: str
    """``hc3_welch``; or why there is no interval: ``too_few``, ``no_variation``."""
    covers: str
    """What is covered: ``superpopulation``, the gap of the process these units came from."""
    p: float = math.nan
    """Two-sided p of no gap in that process; nan where there is no interval."""


def measure_group_gap(
    values_a: ArrayLike,
    weights_a: ArrayLike | None,
    values_b: ArrayLike,
    weights_b: ArrayLike | None,
    confidence: float = 0.95,
) -> GroupGap:
    """Gap between two groups of units, a minus b, with its interval.

    Parameters
    ----------
    values_a, values_b : (n_a,), (n_b,) array_like
        Value of each unit, of either sign, in one unit of measurement, none missing.
    weights_a, weights_b : (n_a,), (n_b,) array_like or None
        Pupils in each unit, > 0; None: every unit of the group counts the same.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Gap
        In the value's unit; for a share, 0.05 is five percentage points. Limits and ``se`` are nan when a
        group has fewer than eight units (``too_few``), when a group weighs as much as fewer than five equal
        units, or than four with weights as unequal as those of both groups (``few_by_weight``), or
        when all units of both groups are alike within their group (``no_variation``).

    Raises
    ------
    DataError
        When a group is empty, a value is missing, a weight is not above 0, or lengths differ within a group.
    ParameterError
        When the confidence is not between 0 and 1.

    Notes
    -----
    Each mean is a weighted least squares fit of a constant; its variance is HC3,
    ``sum((p_i e_i / (1 - p_i))^2)`` with ``p_i`` a unit's share of the weights and ``e_i`` its distance from
    the mean (MacKinnon and White 1985). The degrees of freedom are Welch's (1947) from each group's own: the
    smaller of the effective number of units by weight less one (Kish 1965) and Satterthwaite's (1946)
    ``2 / (1/c - 1/n)``, where c is the effective number of units that carry the variance.

    The units are a census, so the interval is a *superpopulation* interval: it takes them as one draw from
    the process that makes such schools. A group whose units are all alike adds no uncertainty at all, which
    a process with rare exceptions would contradict. Simulated coverage is tabled in ``docs/methods.md``.

    Examples
    --------
    >>> town, village = [9, 8, 7, 9, 10, 8, 9, 7, 8], [6, 7, 5, 8, 6, 7, 6, 5]
    >>> found = measure_group_gap(town, None, village, None)
    >>> round(found.estimate, 2), round(found.lower, 2), round(found.upper, 2)
    (2.08, 0.96, 3.21)
    """
    check_confidence(confidence)
    a, b = check_values_and_weights(values_a, weights_a), check_values_and_weights(values_b, weights_b)
    (mean_a, variance_a, df_a), (mean_b, variance_b, df_b) = (
        _estimate_group_mean(*a),
        _estimate_group_mean(*b),
    )
    variance = variance_a + variance_b
    se, half, p, method = math.nan, math.nan, math.nan, "no_variation"
    if min(len(a[0]), len(b[0])) < MIN_GROUP:
        method = "too_few"
    elif _is_carried_by_few(a[1], b[1]):
        method = "few_by_weight"
    elif variance > 0:
        df = variance**2 / (variance_a**2 / df_a + variance_b**2 / df_b)
        se, method = math.sqrt(variance), "hc3_welch"
        half = float(stdtrit(df, (1 + confidence) / 2)) * se
        p = 2 * float(stdtr(df, -abs(mean_a - mean_b) / se))
    return GroupGap(
        estimate=mean_a - mean_b,
        lower=mean_a - mean_b - half,
        upper=mean_a - mean_b + half,
        se=se,
        confidence=confidence,
        n_a=len(a[0]),
        n_b=len(b[0]),
        mean_a=mean_a,
        mean_b=mean_b,
        method=method,
        covers="superpopulation",
        p=p,
    )


def _is_carried_by_few(a: Floats, b: Floats) -> bool:
    """Whether a group weighs as few equal units: by its own weights, or as unequal as those of both groups are.

    A small group of units as unequal as these mostly holds a large one; where it happens to hold none, its own
    weights look even, and its mean is that of the small ones only.
    """
    both = np.concatenate([a / a.mean(), b / b.mean()])
    usual = effective_sample_size(both / both.sum()) / len(both)
    own = min(effective_sample_size(w / w.sum()) for w in (a, b))
    return own < MIN_EFFECTIVE or usual * min(len(a), len(b)) < MIN_EXPECTED


def _estimate_group_mean(values: Floats, weights: Floats) -> tuple[float, float, float]:
    """Weighted mean, its variance and its degrees of freedom; 0 and infinity when all units are alike."""
    share = weights / weights.sum()
    mean = float(share @ values)
    if len(values) < MIN_GROUP or np.ptp(values) == 0:
        return mean, 0.0, math.inf
    parts = share * (values - mean) / (1 - share)
    by_weight = effective_sample_size(share) - 1
    return mean, float(parts @ parts), min(by_weight, _compute_satterthwaite_df(parts))


def _compute_satterthwaite_df(parts: Floats) -> float:
    spread = 1 / count_effective_carriers(parts) - 1 / len(parts)
    return 2 / spread if spread > 0 else math.inf
